import { optionsOf } from '../check/options'
import { scalarTensor, zerosLike } from '../ops/tensor/create'
import type { Tensor } from '../tensor/tensor'
import { checkFlags, checkLearningRate, checkNumbers, checkWeightDecay } from './checks'
import type { Given, Params } from './optimizer'
import { penalized, type StepState, Stepwise, type StepwiseOptions } from './stepwise'

/** Options of `ASGD`. */
export interface ASGDOptions extends StepwiseOptions {
  /** The learning rate. Default 1e-2. */
  lr: number
  /** Decay of the weights. Default 1e-4. */
  lambd: number
  /** The power with which the learning rate falls. Default 0.75. */
  alpha: number
  /** The step after which the averaging begins. Default 1e6. */
  t0: number
  /** L2 penalty. Default 0. */
  weightDecay: number
}
const DEFAULTS: ASGDOptions = { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false }
const NAMES = Object.keys(DEFAULTS) as (keyof ASGDOptions)[]

interface State {
  /** The learning rate of the next step and the weight of the next average, 0-d tensors of the default dtype. */
  eta: Tensor
  mu: Tensor
  /** The averaged parameter. */
  ax: Tensor
}

/** Averaged stochastic gradient descent (Polyak and Juditsky 1992); the averages are in `state.get(p).ax`. */
export class ASGD extends Stepwise<ASGDOptions, State> {
  constructor(params: Params<ASGDOptions>, options?: number | Tensor | Given<ASGDOptions>, rest?: Given<ASGDOptions>) {
    super(params, {
      ...DEFAULTS,
      ...optionsOf<Partial<ASGDOptions>>('ASGD', NAMES, options, rest),
    })
  }

  protected override get fixedOptions() {
    return { capturable: false, differentiable: false, foreach: null }
  }
  protected override get floatDefaults() {
    return { t0: 1e6 }
  }

  protected validate(o: ASGDOptions): void {
    checkLearningRate(o.lr)
    checkWeightDecay(o.weightDecay)
    checkNumbers('ASGD', { lambd: o.lambd, alpha: o.alpha, t0: o.t0 })
    checkFlags('ASGD', { maximize: o.maximize })
  }

  protected begin(p: Tensor, { lr }: ASGDOptions): State {
    return { eta: scalarTensor(lr), mu: scalarTensor(1), ax: zerosLike(p) }
  }

  protected advance(p: Tensor, given: Tensor, state: StepState<State>, group: ASGDOptions): void {
    const { lr, lambd, alpha, t0 } = group
    const { eta, mu, ax, step } = state
    const rate = eta.item()
    const grad = penalized(given, p, group.weightDecay)
    p.mul_(1 - lambd * rate)
    p.add_(grad, { alpha: -rate })
    const weight = mu.item()
    if (weight === 1) ax.copy_(p)
    else ax.add_(p.sub(ax).mul_(weight))
    eta.fill_(lr / (1 + lambd * lr * step) ** alpha)
    mu.fill_(1 / Math.max(1, step - t0))
  }
}
