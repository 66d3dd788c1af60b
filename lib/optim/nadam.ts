import { optionsOf } from '../check/options'
import { scalarTensor, zerosLike } from '../ops/tensor/create'
import type { Tensor } from '../tensor/tensor'
import { checkBetas, checkEps, checkFlags, checkLearningRate, checkNotNegative, checkWeightDecay } from './checks'
import type { Given, Params } from './optimizer'
import { penalized, type StepState, Stepwise, type StepwiseOptions } from './stepwise'

/** Options of `NAdam`. */
export interface NAdamOptions extends StepwiseOptions {
  /** The learning rate. Default 2e-3. */
  lr: number
  /** Decay of the running means of the gradient and of its square. Default [0.9, 0.999]. */
  betas: readonly [number, number]
  /** Added to the denominator. Default 1e-8. */
  eps: number
  /** L2 penalty, or with `decoupledWeightDecay` decay of the weights themselves. Default 0. */
  weightDecay: number
  /** How the momentum grows. Default 4e-3. */
  momentumDecay: number
  /** Let the decay act on the weights themselves, as AdamW does. Default false. */
  decoupledWeightDecay: boolean
}
const DEFAULTS: NAdamOptions = {
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  momentumDecay: 4e-3,
  decoupledWeightDecay: false,
  maximize: false,
}
const NAMES = Object.keys(DEFAULTS) as (keyof NAdamOptions)[]

interface State {
  /** The product of all momenta so far, a 0-d tensor of the default dtype. */
  muProduct: Tensor
  expAvg: Tensor
  expAvgSq: Tensor
}

/** Adam with Nesterov momentum (Dozat 2016). */
export class NAdam extends Stepwise<NAdamOptions, State> {
  constructor(
    params: Params<NAdamOptions>,
    options?: number | Tensor | Given<NAdamOptions>,
    rest?: Given<NAdamOptions>,
  ) {
    super(params, {
      ...DEFAULTS,
      ...optionsOf<Partial<NAdamOptions>>('NAdam', NAMES, options, rest),
    })
  }

  protected override get fixedOptions() {
    return { capturable: false, differentiable: false, foreach: null }
  }

  protected validate(o: NAdamOptions): void {
    checkLearningRate(o.lr)
    checkEps(o.eps)
    checkBetas('NAdam', o.betas)
    checkWeightDecay(o.weightDecay)
    checkNotNegative('momentum_decay value', o.momentumDecay)
    checkFlags('NAdam', { decoupledWeightDecay: o.decoupledWeightDecay, maximize: o.maximize })
  }

  protected begin(p: Tensor): State {
    return { muProduct: scalarTensor(1), expAvg: zerosLike(p), expAvgSq: zerosLike(p) }
  }

  protected advance(p: Tensor, given: Tensor, state: StepState<State>, group: NAdamOptions): void {
    const { lr, weightDecay, momentumDecay, decoupledWeightDecay } = group
    const [beta1, beta2] = group.betas
    const { muProduct, expAvg, expAvgSq, step } = state
    if (decoupledWeightDecay && weightDecay !== 0) p.mul_(1 - lr * weightDecay)
    const grad = decoupledWeightDecay ? given : penalized(given, p, weightDecay)

    const mu = beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay))
    const muNext = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * momentumDecay))
    const product = muProduct.mul_(mu).item()

    expAvg.lerp_(grad, 1 - beta1)
    expAvgSq.mul_(beta2).addcmul_(grad, grad, { value: 1 - beta2 })
    const scale = expAvgSq
      .div(1 - beta2 ** step)
      .sqrt()
      .add_(group.eps)
    p.addcdiv_(grad, scale, { value: (-lr * (1 - mu)) / (1 - product) })
    p.addcdiv_(expAvg, scale, { value: (-lr * muNext) / (1 - product * muNext) })
  }
}
