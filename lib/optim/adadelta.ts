import { ValueError } from '../errors'
import { optionsOf } from '../check/options'
import { zerosLike } from '../ops/tensor/create'
import type { Tensor } from '../tensor/tensor'
import { checkEps, checkFlags, checkLearningRate, checkNumbers, checkWeightDecay } from './checks'
import type { Given, Params } from './optimizer'
import { penalized, type StepState, Stepwise, type StepwiseOptions } from './stepwise'

/** Options of `Adadelta`. */
export interface AdadeltaOptions extends StepwiseOptions {
  /** What each update is multiplied by. Default 1. */
  lr: number
  /** Decay of the running means. Default 0.9. */
  rho: number
  /** Added under the roots. Default 1e-6. */
  eps: number
  /** L2 penalty. Default 0. */
  weightDecay: number
}
const DEFAULTS: AdadeltaOptions = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false }
const NAMES = Object.keys(DEFAULTS) as (keyof AdadeltaOptions)[]

interface State {
  squareAvg: Tensor
  accDelta: Tensor
}

/** Scales the gradient by the ratio of two running root mean squares, of the updates and of itself (Zeiler 2012). */
export class Adadelta extends Stepwise<AdadeltaOptions, State> {
  constructor(
    params: Params<AdadeltaOptions>,
    options?: number | Tensor | Given<AdadeltaOptions>,
    rest?: Given<AdadeltaOptions>,
  ) {
    super(params, {
      ...DEFAULTS,
      ...optionsOf<Partial<AdadeltaOptions>>('Adadelta', NAMES, options, rest),
    })
  }

  protected override get fixedOptions() {
    return { capturable: false, differentiable: false, foreach: null }
  }
  protected override get floatDefaults() {
    return { lr: 1 }
  }

  protected validate(o: AdadeltaOptions): void {
    checkLearningRate(o.lr)
    checkNumbers('Adadelta', { rho: o.rho })
    if (!(o.rho >= 0 && o.rho <= 1)) throw new ValueError(`Invalid rho value: ${o.rho}`)
    checkEps(o.eps)
    checkWeightDecay(o.weightDecay)
    checkFlags('Adadelta', { maximize: o.maximize })
  }

  protected begin(p: Tensor): State {
    return { squareAvg: zerosLike(p), accDelta: zerosLike(p) }
  }

  protected advance(p: Tensor, given: Tensor, state: StepState<State>, group: AdadeltaOptions): void {
    const { rho, eps } = group
    const { squareAvg, accDelta } = state
    const grad = penalized(given, p, group.weightDecay)
    squareAvg.mul_(rho).addcmul_(grad, grad, { value: 1 - rho })
    const std = squareAvg.add(eps).sqrt_()
    const delta = accDelta.add(eps).sqrt_().div_(std).mul_(grad)
    accDelta.mul_(rho).addcmul_(delta, delta, { value: 1 - rho })
    p.add_(delta, { alpha: -group.lr })
  }
}
