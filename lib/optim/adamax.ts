import { optionsOf } from '../check/options'
import { zerosLike } from '../ops/tensor/create'
import type { Tensor } from '../tensor/tensor'
import { checkBetas, checkEps, checkFlags, checkLearningRate, checkWeightDecay } from './checks'
import type { Given, Params } from './optimizer'
import { penalized, type StepState, Stepwise, type StepwiseOptions } from './stepwise'

/** Options of `Adamax`. */
export interface AdamaxOptions extends StepwiseOptions {
  /** The learning rate. Default 2e-3. */
  lr: number
  /** Decay of the running mean of the gradient and of its largest size. Default [0.9, 0.999]. */
  betas: readonly [number, number]
  /** Added to the size of the gradient. Default 1e-8. */
  eps: number
  /** L2 penalty. Default 0. */
  weightDecay: number
}
const DEFAULTS: AdamaxOptions = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false }
const NAMES = Object.keys(DEFAULTS) as (keyof AdamaxOptions)[]

interface State {
  expAvg: Tensor
  expInf: Tensor
}

/** Adam with the infinity norm in place of the second moment (Kingma and Ba 2015). */
export class Adamax extends Stepwise<AdamaxOptions, State> {
  constructor(
    params: Params<AdamaxOptions>,
    options?: number | Tensor | Given<AdamaxOptions>,
    rest?: Given<AdamaxOptions>,
  ) {
    super(params, {
      ...DEFAULTS,
      ...optionsOf<Partial<AdamaxOptions>>('Adamax', NAMES, options, rest),
    })
  }

  protected override get fixedOptions() {
    return { capturable: false, differentiable: false, foreach: null }
  }

  protected validate(o: AdamaxOptions): void {
    checkLearningRate(o.lr)
    checkEps(o.eps)
    checkBetas('Adamax', o.betas)
    checkWeightDecay(o.weightDecay)
    checkFlags('Adamax', { maximize: o.maximize })
  }

  protected begin(p: Tensor): State {
    return { expAvg: zerosLike(p), expInf: zerosLike(p) }
  }

  protected advance(p: Tensor, given: Tensor, state: StepState<State>, group: AdamaxOptions): void {
    const [beta1, beta2] = group.betas
    const { expAvg, expInf, step } = state
    const grad = penalized(given, p, group.weightDecay)
    expAvg.lerp_(grad, 1 - beta1)
    expInf.copy_(expInf.mul_(beta2).maximum(grad.abs().add_(group.eps)))
    p.addcdiv_(expAvg, expInf, { value: -group.lr / (1 - beta1 ** step) })
  }
}
