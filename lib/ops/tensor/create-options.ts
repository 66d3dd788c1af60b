/** What every function that makes a tensor shares. */
import { AutogradError, ShapeError } from '../../errors'
import { Category, type DType } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { expectBool, expectDType, expectInts } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { bool, dtype } from '../define/params'

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
export function finished(x: Tensor, o: AnyCreateOptions): Tensor {
  if (!o.requiresGrad) return x
  if (x.info.category !== Category.Float)
    throw new AutogradError('Only Tensors of floating point and complex dtype can require gradients', {
      dtype: x.dtype,
    })
  return x.requiresGrad_()
}

export function expectSize(op: string, size: unknown): asserts size is readonly number[] {
  expectInts(op, 'size', size)
  checkSize(op, size)
}
/** @throws ShapeError for a negative size */
export function checkSize(op: string, size: readonly number[]): void {
  for (const s of size)
    if (s < 0)
      throw new ShapeError(
        op === 'zeros'
          ? 'zeros: Dimension size must be non-negative.'
          : `Trying to create tensor with negative dimension ${s}: [${size.join(', ')}]`,
        { size: [...size] },
      )
}
