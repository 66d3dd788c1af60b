/** What copies, joining, splitting and triangles refuse, in PyTorch's words. */
import { describe } from '../../check/arguments'
import { negativeSize } from '../../check/shapes'
import { notImplemented } from '../../check/words'
import { int64Hint } from '../../check/dtypes'
import { ArgumentError, MemoryError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import type { Scalar } from '../../runtime/dtype'
import { sameShape, type Shape, showShape, wrapDim, wrapDims } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'

// ---- copies -------------------------------------------------------------------------------------------------------

export function checkMemoryFormat(format: string): void {
  if (format !== 'preserve_format' && format !== 'contiguous_format')
    throw new ArgumentError(
      `clone(): argument 'memoryFormat' must be 'preserve_format' or 'contiguous_format', not ${shown(format)}`,
    )
}
export function checkNoView(x: Tensor): void {
  if (x.viewInfo)
    throw new ShapeError(
      "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
    )
}
export function checkFillValue(value: unknown): asserts value is Scalar | Tensor {
  if (isTensor(value)) {
    if (value.sizes.length > 0)
      throw new ShapeError(
        `fill_ only supports 0-dimension value tensor but got tensor with ${value.sizes.length} dimensions.`,
      )
  } else if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean')
    throw new ArgumentError(`fill_(): argument 'value' must be Number, not ${typeof value}`)
}
export function checkDimCount(sizes: Shape, least: 1 | 2): void {
  if (sizes.length < least) throw new ShapeError(`Input must be >= ${least}-d.`)
}
export function checkShifts(shifts: Shape, dims: Shape): void {
  if (shifts.length === 0) throw new ShapeError('`shifts` required')
  if (shifts.length !== (dims.length || 1))
    throw new ShapeError(`shifts and dimensions must align. shifts: ${shifts.length}, dims:${dims.length}`)
}
/** @returns the two dims of the plane */
export function checkPlane(ndim: number, dims: Shape): [number, number] {
  if (dims.length !== 2) throw new ShapeError(`expected total rotation dims == 2, but got dims = ${dims.length}`)
  if (ndim < 2) throw new ShapeError(`expected total dims >= 2, but got total dims = ${ndim}`)
  const [a, b] = dims as [number, number]
  if (a === b || Math.abs(a - b) === ndim)
    throw new ShapeError(`expected rotation dims to be different, but got dim0 = ${a} and dim1 = ${b}`)
  wrapDims(dims, ndim)
  return [a, b]
}

// ---- splitting ----------------------------------------------------------------------------------------------------

/** @returns the dim to split along */
export function checkSplitDim(words: string, ndim: number, dim: number): number {
  if (ndim === 0) throw new ShapeError(words)
  return wrapDim(dim, ndim)
}
export function checkSplitSizes(sizes: Shape, size: number, dim: number): void {
  if (sizes.some((s) => s < 0))
    throw new ShapeError(
      `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${showShape(sizes)}`,
    )
  if (sizes.reduce((a, b) => a + b, 0) !== size)
    throw new ShapeError(
      `split_with_sizes expects split_sizes to sum exactly to ${size} (input tensor's size at dimension ${dim}), but got split_sizes=${showShape(sizes)}`,
      { sizes: [...sizes], size },
    )
}
export function checkSplitSize(splitSize: number, size: number): void {
  if (splitSize < 0) throw new ShapeError(`split expects split_size be non-negative, but got split_size=${splitSize}`)
  if (splitSize === 0 && size !== 0)
    throw new ShapeError(`split_size can only be 0 if dimension size is 0, but got dimension size of ${size}`)
}
export function checkChunks(ndim: number, chunks: number): void {
  if (ndim === 0) throw new ShapeError('chunk expects at least a 1-dimensional tensor')
  if (chunks <= 0) throw new ShapeError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`)
}
export function checkSections(n: number): void {
  if (n <= 0) throw new ShapeError(`number of sections must be larger than 0, got ${n}`)
  checkFew('tensorSplit', n)
}
export function checkCuts(cuts: Tensor): void {
  if (cuts.sizes.length > 1)
    throw new ShapeError(
      `tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${cuts.sizes.length} dims`,
    )
  if (cuts.dtype !== 'int64')
    throw new ShapeError(
      `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${cuts.info.scalarType}${int64Hint(cuts.info)}`,
    )
}
/** Refuses to make more views than there is memory for. */
export function checkFew(op: string, views: number): void {
  if (views > MOST_VIEWS) throw new MemoryError(`${op}(): there is no memory for ${views} tensors`, { op, views })
}
const MOST_VIEWS = 2 ** 22

// ---- joining ------------------------------------------------------------------------------------------------------

export function checkTensors(op: string, tensors: unknown): asserts tensors is readonly Tensor[] {
  if (!Array.isArray(tensors))
    throw new ArgumentError(`${op}(): argument 'tensors' must be an array of Tensors, not ${typeof tensors}`)
  // (`forEach` passes over holes.)
  for (const [i, x] of tensors.entries())
    if (!isTensor(x)) throw new ArgumentError(`expected Tensor as element ${i} in argument 0, but got ${describe(x)}`)
  if (tensors.length === 0)
    throw new ShapeError(
      op === 'cat' ? 'cat(): expected a non-empty list of Tensors' : `${op} expects a non-empty TensorList`,
    )
}
export function checkNoScalars(tensors: readonly Tensor[]): void {
  tensors.forEach((x, i) => {
    if (x.sizes.length === 0) throw new ShapeError(`zero-dimensional tensor (at position ${i}) cannot be concatenated`)
  })
}
/** @param position of `sizes` in the list, whose first shape is `first` */
export function checkJoin(first: Shape, sizes: Shape, d: number, position: number): void {
  if (sizes.length !== first.length)
    throw new ShapeError(`Tensors must have same number of dimensions: got ${first.length} and ${sizes.length}`, {
      position,
    })
  for (let k = 0; k < sizes.length; k++)
    if (k !== d && sizes[k] !== first[k])
      throw new ShapeError(
        `Sizes of tensors must match except in dimension ${d}. Expected size ${first[k]} but got size ${sizes[k]} for tensor number ${position} in the list.`,
        { position, expected: first[k], got: sizes[k] },
      )
}
export function checkStack(tensors: readonly Tensor[]): void {
  const first = (tensors[0] as Tensor).sizes
  tensors.forEach((x, position) => {
    if (!sameShape(x.sizes, first))
      throw new ShapeError(
        `stack expects each tensor to be equal size, but got ${showShape(first)} at entry 0 and ${showShape(x.sizes)} at entry ${position}`,
        { position },
      )
  })
}
/** @returns the shape of the copies */
export function checkRepeats(own: Shape, repeats: Shape): number[] {
  const missing = repeats.length - own.length
  if (missing < 0)
    throw new ShapeError('Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor', {
      repeats: [...repeats],
    })
  // Of nothing there may be less than no copies.
  const sizes = repeats.map((r, i) => r * (own[i - missing] ?? 1) || 0)
  const negative = sizes.find((s) => s < 0)
  if (negative !== undefined) throw negativeSize(negative, sizes)
  return sizes
}

// ---- triangles and diagonals --------------------------------------------------------------------------------------

export function checkTriangle(op: 'tril' | 'triu', sizes: Shape): void {
  if (sizes.length < 2)
    throw new ShapeError(`${op}: input tensor must have at least 2 dimensions`, { sizes: [...sizes] })
}
export function checkTrace(x: Tensor): void {
  if (x.dtype === 'bool') throw notImplemented('trace', x.info)
  if (x.sizes.length !== 2)
    throw new ShapeError(`trace: expected a matrix, but got tensor with dim ${x.sizes.length}`, {
      sizes: [...x.sizes],
    })
}
export function checkFilledDiagonal(sizes: Shape): void {
  if (sizes.length < 2) throw new ShapeError('dimensions must larger than 1', { shape: [...sizes] })
  if (sizes.length > 2 && sizes.some((s) => s !== sizes[0]))
    throw new ShapeError('all dimensions of input must be of equal length', { shape: [...sizes] })
}

// ---- values -------------------------------------------------------------------------------------------------------

/** Of what is asked for one truth. @returns the error */
export const ambiguous = (sizes: Shape, count: number): ValueError =>
  new ValueError(`Boolean value of Tensor with ${count === 0 ? 'no values' : 'more than one value'} is ambiguous`, {
    shape: [...sizes],
  })
export function checkClose(x: Tensor, other: Tensor, rtol: number, atol: number): void {
  if (x.dtype !== other.dtype) throw new ValueError(`${x.info.scalarType} did not match ${other.info.scalarType}`)
  if (rtol < 0) throw new ValueError(`rtol must be greater than or equal to zero, but got ${rtol}`)
  if (atol < 0) throw new ValueError(`atol must be greater than or equal to zero, but got ${atol}`)
}
