import { optionsOf } from '../check/options'
import { zerosLike } from '../ops/tensor/create'
import type { Tensor } from '../tensor/tensor'
import { checkEps, checkFlags, checkLearningRate, checkNotNegative, checkWeightDecay } from './checks'
import type { Given, Params } from './optimizer'
import { penalized, type StepState, Stepwise, type StepwiseOptions } from './stepwise'

/** Options of `RMSprop`. */
export interface RMSpropOptions extends StepwiseOptions {
  /** The learning rate. Default 1e-2. */
  lr: number
  /** Decay of the running mean of the squared gradient. Default 0.99. */
  alpha: number
  /** Added to the denominator. Default 1e-8. */
  eps: number
  /** L2 penalty. Default 0. */
  weightDecay: number
  /** Default 0. */
  momentum: number
  /** Divide by an estimate of the variance instead of the second moment. Default false. */
  centered: boolean
}
const DEFAULTS: RMSpropOptions = {
  lr: 1e-2,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  maximize: false,
}
const NAMES = Object.keys(DEFAULTS) as (keyof RMSpropOptions)[]

interface State {
  squareAvg: Tensor
  momentumBuffer?: Tensor
  gradAvg?: Tensor
}

/** Divides the gradient by a running root mean square of it (Hinton's lecture notes; centered: Graves 2013). */
export class RMSprop extends Stepwise<RMSpropOptions, State> {
  constructor(
    params: Params<RMSpropOptions>,
    options?: number | Tensor | Given<RMSpropOptions>,
    rest?: Given<RMSpropOptions>,
  ) {
    super(params, {
      ...DEFAULTS,
      ...optionsOf<Partial<RMSpropOptions>>('RMSprop', NAMES, options, rest),
    })
  }

  protected override get fixedOptions() {
    return { capturable: false, differentiable: false, foreach: null }
  }

  protected validate(o: RMSpropOptions): void {
    checkLearningRate(o.lr)
    checkEps(o.eps)
    checkNotNegative('momentum value', o.momentum)
    checkWeightDecay(o.weightDecay)
    checkNotNegative('alpha value', o.alpha)
    checkFlags('RMSprop', { centered: o.centered, maximize: o.maximize })
  }

  protected begin(p: Tensor, { momentum, centered }: RMSpropOptions): State {
    return {
      squareAvg: zerosLike(p),
      ...(momentum > 0 && { momentumBuffer: zerosLike(p) }),
      ...(centered && { gradAvg: zerosLike(p) }),
    }
  }

  protected advance(p: Tensor, given: Tensor, state: StepState<State>, group: RMSpropOptions): void {
    const { lr, alpha, eps, momentum, centered } = group
    const grad = penalized(given, p, group.weightDecay)
    const { squareAvg } = state
    squareAvg.mul_(alpha).addcmul_(grad, grad, { value: 1 - alpha })
    let scale: Tensor
    if (centered) {
      state.gradAvg ??= zerosLike(p)
      state.gradAvg.lerp_(grad, 1 - alpha)
      scale = squareAvg.addcmul(state.gradAvg, state.gradAvg, { value: -1 }).sqrt_()
    } else scale = squareAvg.sqrt()
    scale.add_(eps)
    if (momentum > 0) {
      state.momentumBuffer ??= zerosLike(p)
      state.momentumBuffer.mul_(momentum).addcdiv_(grad, scale)
      p.add_(state.momentumBuffer, { alpha: -lr })
    } else p.addcdiv_(grad, scale, { value: -lr })
  }
}
