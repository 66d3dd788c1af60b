/** What every function that makes a tensor shares. */
import type { DType } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { expectBool, expectDType } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { bool, dtype } from '../define/params'
import { checkDifferentiable } from './create-checks'

/** Element types that can require gradients. */
export type FloatDType = 'float32' | 'float64' | 'float16' | 'bfloat16'
/** Element types that cannot. */
export type IntegralDType = Exclude<DType, FloatDType>

/** Options of every function that makes a tensor. A tensor of integers or bools cannot require gradients. */
export type CreateOptions =
  | {
      /** The element type; what it is by default each function says. */
      dtype?: FloatDType
      /** Whether operations on the new tensor are recorded. Default false. */
      requiresGrad?: boolean
    }
  | { dtype: IntegralDType; requiresGrad?: false }

export interface AnyCreateOptions {
  dtype?: DType
  requiresGrad?: boolean
}
export const CREATE_OPTIONS = ['dtype', 'requiresGrad'] as const
/** The same, as the parameters of a definition. */
export const creation = [dtype('dtype').optional(), bool('requiresGrad').default(false)] as const

/** The options, checked: for operations that read their arguments themselves. */
export function createOptions(op: string, options: unknown): AnyCreateOptions {
  const o = optionsOf<AnyCreateOptions>(op, CREATE_OPTIONS, options)
  if (o.dtype !== undefined) expectDType(op, o.dtype)
  if (o.requiresGrad !== undefined) expectBool(op, 'requires_grad', o.requiresGrad)
  return o
}
/** The new tensor, as the options want it. */
export function withRequiresGrad(x: Tensor, o: AnyCreateOptions): Tensor {
  if (!o.requiresGrad) return x
  checkDifferentiable(x)
  return x.requiresGrad_()
}
