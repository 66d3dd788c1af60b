import { optionsOf } from '../check/options'
import { fullLike } from '../ops/tensor/create'
import type { Tensor } from '../tensor/tensor'
import { checkEps, checkFlags, checkLearningRate, checkNotNegative, checkWeightDecay } from './checks'
import type { Given, Params } from './optimizer'
import { penalized, type StepState, Stepwise, type StepwiseOptions } from './stepwise'

/** Options of `Adagrad`. */
export interface AdagradOptions extends StepwiseOptions {
  /** The learning rate. Default 1e-2. */
  lr: number
  /** How fast the learning rate falls: after `n` steps it is `lr / (1 + n * lrDecay)`. Default 0. */
  lrDecay: number
  /** L2 penalty. Default 0. */
  weightDecay: number
  /** What the sum of squared gradients begins with. Default 0. */
  initialAccumulatorValue: number
  /** Added to the denominator. Default 1e-10. */
  eps: number
}
const DEFAULTS: AdagradOptions = {
  lr: 1e-2,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  maximize: false,
}
const NAMES = Object.keys(DEFAULTS) as (keyof AdagradOptions)[]

interface State {
  sum: Tensor
}

/** Divides the gradient by the root of the sum of all its squares so far (Duchi, Hazan and Singer 2011). */
export class Adagrad extends Stepwise<AdagradOptions, State> {
  constructor(
    params: Params<AdagradOptions>,
    options?: number | Tensor | Given<AdagradOptions>,
    rest?: Given<AdagradOptions>,
  ) {
    super(params, {
      ...DEFAULTS,
      ...optionsOf<Partial<AdagradOptions>>('Adagrad', NAMES, options, rest),
    })
    // The sums are there from the start, as in PyTorch: they are in the state dict before the first step.
    for (const group of this.paramGroups) for (const p of group.params) this.stateOf(p, group)
  }

  protected override get fixedOptions() {
    return { differentiable: false, foreach: null, fused: null }
  }

  protected validate(o: AdagradOptions): void {
    checkLearningRate(o.lr)
    checkNotNegative('lr_decay value', o.lrDecay)
    checkWeightDecay(o.weightDecay)
    checkNotNegative('initial_accumulator_value value', o.initialAccumulatorValue)
    checkEps(o.eps)
    checkFlags('Adagrad', { maximize: o.maximize })
  }

  // PyTorch takes the optimizer's value, also for a group that has one of its own.
  protected begin(p: Tensor): State {
    return { sum: fullLike(p, this.defaults.initialAccumulatorValue) }
  }

  protected advance(p: Tensor, given: Tensor, { sum, step }: StepState<State>, group: AdagradOptions): void {
    const grad = penalized(given, p, group.weightDecay)
    const lr = group.lr / (1 + (step - 1) * group.lrDecay)
    sum.addcmul_(grad, grad)
    p.addcdiv_(grad, sum.sqrt().add_(group.eps), { value: -lr })
  }
}
