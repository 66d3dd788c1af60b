/** Schedulers of the learning rate: `torch.optim.lr_scheduler`. */
export { ChainedScheduler, type ChainedSchedulerOptions, SequentialLR } from './combined'
export { CyclicLR, type CyclicLROptions, OneCycleLR, type OneCycleLROptions } from './cyclic'
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './plateau'
export { type AnyOptimizer, type LastEpochOption, LRScheduler, type SchedulerStateDict } from './scheduler'
export {
  ConstantLR,
  type ConstantLROptions,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  type EtaMinOptions,
  ExponentialLR,
  type GammaOptions,
  LambdaLR,
  LinearLR,
  type LinearLROptions,
  MultiplicativeLR,
  MultiStepLR,
  PolynomialLR,
  type PolynomialLROptions,
  type RateFunction,
  StepLR,
  type WarmRestartsOptions,
} from './simple'
