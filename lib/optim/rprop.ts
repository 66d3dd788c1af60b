import { ValueError } from '../errors'
import { optionsOf } from '../check/options'
import { fullLike, zerosLike } from '../ops/tensor/create'
import type { Tensor } from '../tensor/tensor'
import { checkFlags, checkLearningRate, checkPair } from './checks'
import type { Given, Params } from './optimizer'
import { type StepState, Stepwise, type StepwiseOptions } from './stepwise'

/** Options of `Rprop`. */
export interface RpropOptions extends StepwiseOptions {
  /** The first step size. Default 1e-2. */
  lr: number
  /** What a step size is multiplied by when the gradient changes its sign, and when it keeps it. Default [0.5, 1.2]. */
  etas: readonly [number, number]
  /** The smallest and the largest step size. Default [1e-6, 50]. */
  stepSizes: readonly [number, number]
}
const DEFAULTS: RpropOptions = { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false }
const NAMES = Object.keys(DEFAULTS) as (keyof RpropOptions)[]

interface State {
  /** The gradient of the last step. */
  prev: Tensor
  stepSize: Tensor
}

/** Resilient backpropagation: only the signs of the gradients count (Riedmiller and Braun 1993). */
export class Rprop extends Stepwise<RpropOptions, State> {
  constructor(
    params: Params<RpropOptions>,
    options?: number | Tensor | Given<RpropOptions>,
    rest?: Given<RpropOptions>,
  ) {
    super(params, {
      ...DEFAULTS,
      ...optionsOf<Partial<RpropOptions>>('Rprop', NAMES, options, rest),
    })
  }

  protected override get fixedOptions() {
    return { capturable: false, differentiable: false, foreach: null }
  }

  protected validate(o: RpropOptions): void {
    checkLearningRate(o.lr)
    checkPair('Rprop', 'etas', o.etas)
    checkPair('Rprop', 'stepSizes', o.stepSizes)
    if (!(0 < o.etas[0] && o.etas[0] < 1 && 1 < o.etas[1]))
      throw new ValueError(`Invalid eta values: ${o.etas[0]}, ${o.etas[1]}`)
    checkFlags('Rprop', { maximize: o.maximize })
  }

  protected begin(p: Tensor, { lr }: RpropOptions): State {
    return { prev: zerosLike(p), stepSize: fullLike(p, lr) }
  }

  protected advance(p: Tensor, grad: Tensor, { prev, stepSize }: StepState<State>, group: RpropOptions): void {
    const [shrink, grow] = group.etas
    const [min, max] = group.stepSizes
    const sign = grad.mul(prev).sign()
    const turned = sign.lt(0)
    const factor = sign.maskedFill(sign.eq(0), 1).maskedFill(sign.gt(0), grow).maskedFill(turned, shrink)
    stepSize.mul_(factor).clamp_({ min, max })
    // Where the sign turned, the parameter waits a step, and the next one is taken as the first.
    prev.copy_(grad.maskedFill(turned, 0))
    p.addcmul_(prev.sign(), stepSize, { value: -1 })
  }
}
