import { optionsOf } from '../check/options'
import { zerosLike } from '../ops/tensor/create'
import type { Tensor } from '../tensor/tensor'
import { checkBetas, checkEps, checkFlags, checkLearningRate, checkWeightDecay } from './checks'
import type { Given, Params } from './optimizer'
import { penalized, type StepState, Stepwise, type StepwiseOptions } from './stepwise'

/** Options of `RAdam`. */
export interface RAdamOptions extends StepwiseOptions {
  /** The learning rate. Default 1e-3. */
  lr: number
  /** Decay of the running means of the gradient and of its square. Default [0.9, 0.999]. */
  betas: readonly [number, number]
  /** Added to the denominator. Default 1e-8. */
  eps: number
  /** L2 penalty, or with `decoupledWeightDecay` decay of the weights themselves. Default 0. */
  weightDecay: number
  /** Let the decay act on the weights themselves, as AdamW does. Default false. */
  decoupledWeightDecay: boolean
}
const DEFAULTS: RAdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  decoupledWeightDecay: false,
  maximize: false,
}
const NAMES = Object.keys(DEFAULTS) as (keyof RAdamOptions)[]

interface State {
  expAvg: Tensor
  expAvgSq: Tensor
}

/** Adam that adapts only once its estimate of the variance is sound (Liu et al. 2020). */
export class RAdam extends Stepwise<RAdamOptions, State> {
  constructor(
    params: Params<RAdamOptions>,
    options?: number | Tensor | Given<RAdamOptions>,
    rest?: Given<RAdamOptions>,
  ) {
    super(params, {
      ...DEFAULTS,
      ...optionsOf<Partial<RAdamOptions>>('RAdam', NAMES, options, rest),
    })
  }

  protected override get fixedOptions() {
    return { capturable: false, differentiable: false, foreach: null }
  }

  protected validate(o: RAdamOptions): void {
    checkLearningRate(o.lr)
    checkEps(o.eps)
    checkBetas('RAdam', o.betas)
    checkWeightDecay(o.weightDecay)
    checkFlags('RAdam', { decoupledWeightDecay: o.decoupledWeightDecay, maximize: o.maximize })
  }

  protected begin(p: Tensor): State {
    return { expAvg: zerosLike(p), expAvgSq: zerosLike(p) }
  }

  protected advance(p: Tensor, given: Tensor, state: StepState<State>, group: RAdamOptions): void {
    const { lr, weightDecay, decoupledWeightDecay } = group
    const [beta1, beta2] = group.betas
    const { expAvg, expAvgSq, step } = state
    if (decoupledWeightDecay && weightDecay !== 0) p.mul_(1 - lr * weightDecay)
    const grad = decoupledWeightDecay ? given : penalized(given, p, weightDecay)

    expAvg.lerp_(grad, 1 - beta1)
    expAvgSq.mul_(beta2).addcmul_(grad, grad, { value: 1 - beta2 })
    const correction = 1 - beta2 ** step
    const update = expAvg.div(1 - beta1 ** step).mul_(lr)

    // The length of the simple moving average that the second moment amounts to, in the limit and now.
    const limit = 2 / (1 - beta2) - 1
    const length = limit - (2 * step * beta2 ** step) / correction
    if (length > 5) {
      const rectified = Math.sqrt(((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length))
      update.mul_(expAvgSq.sqrt().add_(group.eps).reciprocal().mul_(Math.sqrt(correction))).mul_(rectified)
    }
    p.sub_(update)
  }
}
