/** What values, sizes and ranges of new tensors are refused, in PyTorch's words where it has any. */
import { describe, isScalar } from '../../check/arguments'
import { negativeSize } from '../../check/shapes'
import { notImplemented } from '../../check/words'
import { ArgumentError, AutogradError, DTypeError, ShapeError, ValueError } from '../../errors'
import { Category, type DTypeInfo, type Scalar } from '../../runtime/dtype'
import type { Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'

// ---- sizes and options --------------------------------------------------------------------------------------------

/** @throws ShapeError for a negative size */
export function checkSize(op: string, size: Shape): void {
  for (const s of size)
    if (s < 0)
      throw op === 'zeros'
        ? new ShapeError('zeros: Dimension size must be non-negative.', { size: [...size] })
        : negativeSize(s, size, { size: [...size] })
}
export function checkDifferentiable(x: Tensor): void {
  if (x.info.category !== Category.Float)
    throw new AutogradError('Only Tensors of floating point and complex dtype can require gradients', {
      dtype: x.dtype,
    })
}
export function checkMatrixSize(n: number, m: number): void {
  if (n < 0) throw new ShapeError(`n must be greater or equal to 0, got ${n}`)
  if (m < 0) throw new ShapeError(`m must be greater or equal to 0, got ${m}`)
}
export function checkFillScalar(op: string, value: unknown): asserts value is Scalar {
  if (!isScalar(value)) throw new ArgumentError(`${op}(): argument 'fill_value' must be Number, not ${describe(value)}`)
}

// ---- values -------------------------------------------------------------------------------------------------------

/** Of a list at some depth of the nesting: those before it tell how long it has to be. */
export function checkRow(shape: Shape, depth: number, length: number): void {
  if (shape[depth] !== length)
    throw new ValueError(`expected sequence of length ${shape[depth]} at dim ${depth} (got ${length})`, { dim: depth })
}
export const unevenRow = (depth: number): ValueError =>
  new ValueError(`tensor(): a plain value was expected at dim ${depth}, got an array`)
export const unevenValue = (shape: Shape, depth: number): ValueError =>
  new ValueError(
    `expected sequence of length ${shape[depth]} at dim ${depth}, but got a plain value (nesting is uneven)`,
  )
export function checkElement(v: unknown): asserts v is Scalar {
  if (!isScalar(v)) throw new ArgumentError(`tensor(): could not infer dtype of ${describe(v)}`)
}
export function checkArray(data: unknown): asserts data is readonly unknown[] {
  if (!Array.isArray(data))
    throw new ArgumentError(`tensor(): expected a number, an array, a typed array or a Tensor, not ${describe(data)}`)
}
export const unknownArray = (name: string, known: readonly string[]): DTypeError =>
  new DTypeError(`tensor(): cannot take a ${name}; the typed arrays it takes are ${known.join(', ')}`)
/** What an integer tensor cannot hold. */
export function checkFinite(v: Scalar): void {
  if (typeof v === 'number' && !Number.isFinite(v)) throw new ValueError(`cannot convert float ${v} to integer`)
}

// ---- ranges -------------------------------------------------------------------------------------------------------

export function checkRangeCall(numbers: readonly unknown[], rest: readonly unknown[]): void {
  if (numbers.length === 0 || numbers.length > 3 || rest.length > 1)
    throw new ArgumentError(
      'arange(): expected (end), (start, end) or (start, end, step), each a number, and one options object',
    )
}
export function checkRange(start: number, end: number, step: number, info: DTypeInfo): void {
  if (step === 0) throw new ValueError('step must be nonzero')
  if (!Number.isFinite(start) || !Number.isFinite(end)) throw new ValueError(`unsupported range: ${start} -> ${end}`)
  if ((step > 0 && start > end) || (step < 0 && start < end))
    throw new ValueError('upper bound and lower bound inconsistent with step sign')
  if (info.category === Category.Bool) throw notImplemented('arange_cpu', info)
  if (info.category === Category.Int && Math.trunc(step) === 0) throw new ValueError('step must be nonzero')
}
export function checkBoundDims(name: string, bound: Tensor): void {
  if (bound.sizes.length > 0)
    throw new ShapeError(
      `linspace only supports 0-dimensional start and end tensors, but got ${name} with ${bound.sizes.length} dimension(s).`,
    )
}
export function checkBound(bound: unknown): asserts bound is number | bigint {
  if (typeof bound !== 'number' && typeof bound !== 'bigint')
    throw new ArgumentError('linspace(): start and end must be numbers')
}
