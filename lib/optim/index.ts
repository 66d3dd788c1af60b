/** Optimizers. */
export { Adadelta, type AdadeltaOptions } from './adadelta'
export { Adagrad, type AdagradOptions } from './adagrad'
export { Adam, type AdamOptions, AdamW, type AdamWOptions } from './adam'
export { Adamax, type AdamaxOptions } from './adamax'
export { ASGD, type ASGDOptions } from './asgd'
export { LBFGS, type LBFGSOptions } from './lbfgs'
export * as lrScheduler from './lr-scheduler'
export { NAdam, type NAdamOptions } from './nadam'
export {
  type Given,
  Optimizer,
  type OptimizerStateDict,
  type ParamGroup,
  type ParamGroupInput,
  type ParamState,
  type Params,
} from './optimizer'
export { RAdam, type RAdamOptions } from './radam'
export { RMSprop, type RMSpropOptions } from './rmsprop'
export { Rprop, type RpropOptions } from './rprop'
export { SGD, type SGDOptions } from './sgd'
export type { StepwiseOptions } from './stepwise'
