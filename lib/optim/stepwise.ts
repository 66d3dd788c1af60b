/** What the optimizers share whose step is written in tensor operations, one parameter at a time. */
import type { Tensor } from '../tensor/tensor'
import { Optimizer, type ParamGroup, type ParamState } from './optimizer'

/** What every such optimizer can be told. */
export interface StepwiseOptions {
  /** The learning rate. */
  lr: number
  /** Go up the gradient instead of down. Default false. */
  maximize: boolean
}

/** The state of one parameter; `step` counts its steps from 1. */
export type StepState<S> = S & { step: number }

export abstract class Stepwise<O extends StepwiseOptions, S extends object> extends Optimizer<O> {
  /** The state a parameter begins with. */
  protected abstract begin(p: Tensor, group: O): S
  /** Updates one parameter and its state in place. `grad` has its sign turned where the loss is maximised. */
  protected abstract advance(p: Tensor, grad: Tensor, state: StepState<S>, group: O): void

  protected update(group: ParamGroup<O>): void {
    for (const p of group.params) {
      const grad = p.gradient
      if (grad === null) continue
      const state = this.stateOf(p, group)
      state.step++
      this.advance(p, group.maximize ? grad.neg() : grad, state, group)
    }
  }

  protected stateOf(p: Tensor, group: O): StepState<S> {
    let state = this.state.get(p) as StepState<S> | undefined
    if (state === undefined) {
      state = { step: 0, ...this.begin(p, group) }
      this.state.set(p, state as ParamState)
    }
    return state
  }
}

/** The gradient with an L2 penalty of `weightDecay` on `p`. */
export const penalized = (grad: Tensor, p: Tensor, weightDecay: number): Tensor =>
  weightDecay === 0 ? grad : grad.add(p, { alpha: weightDecay })
