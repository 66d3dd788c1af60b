/** What views refuse, in PyTorch's words. */
import { tensorType } from '../../check/words'
import { IndexError, ShapeError } from '../../errors'
import { Category, type DTypeInfo } from '../../runtime/dtype'
import { countOf, type Shape, showShape, wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'

// ---- shapes -------------------------------------------------------------------------------------------------------

export const noView = (x: Tensor, sizes: Shape): ShapeError =>
  new ShapeError(
    "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
    { shape: [...sizes], sizes: [...x.sizes], strides: [...x.strides] },
  )
/** Of bytes seen as a dtype of another size. @returns how many new elements lie in an old one */
export function checkItemSize(x: Tensor, info: DTypeInfo): number {
  const nd = x.sizes.length
  if (nd === 0) throw new ShapeError('self.dim() cannot be 0 to view Float as Double (different element sizes)')
  if (x.strides[nd - 1] !== 1) throw new ShapeError('self.stride(-1) must be 1 to view it as a dtype of another size')
  const ratio = x.itemsize / info.itemsize
  const whole = [x.sizes[nd - 1], x.offset, ...x.strides.slice(0, -1)].every((n) => Number.isInteger(n * ratio))
  if (!whole)
    throw new ShapeError(
      `self.size(-1) must be divisible by ${1 / ratio} to view ${x.info.scalarType} as ${info.scalarType} (different element sizes)`,
    )
  return ratio
}
/** Of the i-th dim of the new shape. */
export function notExpandable(sizes: Shape, size: Shape, i: number): ShapeError {
  const at = i - (size.length - sizes.length)
  if (at < 0 && size[i] === -1)
    return new ShapeError(
      `The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${i}`,
      { size: [...size] },
    )
  return new ShapeError(
    `The expanded size of the tensor (${size[i]}) must match the existing size (${sizes[at] ?? 1}) at non-singleton dimension ${i}.  Target sizes: ${showShape(size)}.  Tensor sizes: ${showShape(sizes)}`,
    { size: [...size], sizes: [...sizes] },
  )
}
export const tooFewSizes = (x: Tensor, size: Shape): ShapeError =>
  new ShapeError(
    `expand(${tensorType(x.info)}{${showShape(x.sizes)}}, size=${showShape(size)}): the number of sizes provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${x.sizes.length})`,
    { size: [...size], sizes: [...x.sizes] },
  )
/** @returns the dim that becomes several */
export function checkUnflatten(own: Shape, dim: number, sizes: Shape): number {
  const unexpected = (text: string): ShapeError =>
    new ShapeError(`unflatten got an unexpected error:\n${text}`, { shape: [...own], dim, sizes: [...sizes] })
  const d = wrapDim(dim, own.length)
  if (sizes.length === 0) throw new ShapeError('unflatten: sizes must be non-empty')
  if (own.length === 0) throw unexpected(`Dimension specified as ${dim} but tensor has no dimensions`)
  const size = own[d]
  const known = sizes.filter((s) => s !== -1)
  const product = countOf(known)
  const wrong = sizes.findIndex((s) => s < -1)
  if (wrong >= 0)
    throw unexpected(`invalid shape dimension ${sizes[wrong]} at index ${wrong} of shape ${showShape(sizes)}`)
  if (known.length < sizes.length - 1) throw unexpected('only one dimension can be inferred')
  const open = known.length < sizes.length
  if (open && size === 0 && product === 0)
    throw unexpected(
      `cannot reshape tensor of 0 elements into shape ${showShape(sizes)} because the unspecified dimension size -1 can be any value and is ambiguous`,
    )
  if (open ? product === 0 || size % product !== 0 : product !== size)
    throw new ShapeError(
      `unflatten: Provided sizes ${showShape(sizes)} don't multiply up to the size of dim ${d} (${size}) in the input tensor`,
      { sizes: [...sizes], size },
    )
  return d
}
/** @returns the first and the last dim of those that become one */
export function checkFlatten(ndim: number, startDim: number, endDim: number): [number, number] {
  const from = wrapDim(startDim, ndim)
  const to = wrapDim(endDim, ndim)
  if (from > to)
    throw new ShapeError('flatten() has invalid args: start_dim cannot come after end_dim', {
      startDim: from,
      endDim: to,
    })
  return [from, to]
}

// ---- order of dims ------------------------------------------------------------------------------------------------

/** @returns the dims, not negative */
export function checkPermutation(ndim: number, dims: Shape): number[] {
  if (dims.length !== ndim)
    throw new ShapeError(
      `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${ndim} is not equal to len(dims) = ${dims.length}`,
      { dims: [...dims], ndim },
    )
  const seen = new Set<number>()
  return dims.map((d) => {
    const w = wrapDim(d, ndim)
    if (seen.has(w)) throw new ShapeError('permute(): duplicate dims are not allowed.', { dims: [...dims] })
    seen.add(w)
    return w
  })
}
/** @returns where from and where to each dim moves */
export function checkMoves(ndim: number, source: Shape, destination: Shape): [number[], number[]] {
  if (source.length !== destination.length)
    throw new ShapeError(
      `movedim: Invalid source or destination dims: source (${showShape(source)} dims) should contain the same number of dims as destination (${showShape(destination)} dims)`,
    )
  return [distinct('source', source, ndim), distinct('destination', destination, ndim)]
}
function distinct(which: string, dims: Shape, ndim: number): number[] {
  const wrapped = dims.map((d) => wrapDim(d, ndim))
  if (new Set(wrapped).size !== wrapped.length)
    throw new ShapeError(`movedim: repeated dim in \`${which}\` (${showShape(dims)})`)
  return wrapped
}
export function checkAtMostMatrix(sizes: Shape): void {
  if (sizes.length > 2)
    throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${sizes.length}D`, {
      sizes: [...sizes],
    })
}

// ---- parts --------------------------------------------------------------------------------------------------------

export function checkStart(start: Tensor): void {
  if (start.sizes.length > 0 || start.info.category !== Category.Int)
    throw new ShapeError('start must be an 0-dim integral Tensor.')
}
/** @returns the dim, and where in it the part begins */
export function checkNarrow(sizes: Shape, dim: number, start: number, length: number): [number, number] {
  if (sizes.length === 0) throw new ShapeError('narrow() cannot be applied to a 0-dim tensor.')
  if (length < 0) throw new ShapeError('narrow(): length must be non-negative.', { length })
  const d = wrapDim(dim, sizes.length)
  const size = sizes[d]
  if (start < -size || start > size)
    throw new IndexError(`start out of range (expected to be in range of [${-size}, ${size}], but got ${start})`, {
      start,
      size,
    })
  const from = start < 0 ? start + size : start
  if (from + length > size)
    throw new ShapeError(`start (${from}) + length (${length}) exceeds dimension size (${size}).`, {
      start: from,
      length,
      size,
    })
  return [d, from]
}
export const selectedFromScalar = (): IndexError => new IndexError('select() cannot be applied to a 0-dim tensor.')
export const noSuchIndex = (sizes: Shape, dim: number, index: number): IndexError =>
  new IndexError(`select(): index ${index} out of range for tensor of size ${showShape(sizes)} at dimension ${dim}`, {
    index,
    dim,
    size: sizes[dim],
  })

// ---- geometry -----------------------------------------------------------------------------------------------------

export function checkStrided(x: Tensor, size: Shape, stride: Shape, storageOffset: number): void {
  if (size.length !== stride.length)
    throw new ShapeError('mismatch in length of strides and shape', { size: [...size], stride: [...stride] })
  if (size.some((s) => s < 0))
    throw new ShapeError(
      `Storage size calculation overflowed with sizes=${showShape(size)} and strides=${showShape(stride)}`,
    )
  if (stride.some((s) => s < 0))
    throw new ShapeError(
      `as_strided: Negative strides are not supported at the moment, got strides: ${showShape(stride)}`,
    )
  if (storageOffset < 0) throw new ShapeError(`Tensor: invalid storage offset ${storageOffset}`)
  let last = storageOffset
  for (let i = 0; i < size.length; i++) last += (size[i] - 1) * stride[i]
  const needed = countOf(size) === 0 ? 0 : (last + 1) * x.itemsize
  if (needed > x.storage.byteLength)
    throw new ShapeError(
      `setStorage: sizes ${showShape(size)}, strides ${showShape(stride)}, storage offset ${storageOffset}, and itemsize ${x.itemsize} requiring a storage size of ${needed} are out of bounds for storage of size ${x.storage.byteLength}`,
    )
}
/** @param length of the dim */
export function checkWindows(d: number, length: number, size: number, step: number): void {
  if (size > length) throw new ShapeError(`maximum size for tensor at dimension ${d} is ${length} but size is ${size}`)
  if (size < 0) throw new ShapeError(`size is ${size} but must be >= 0`)
  if (step <= 0) throw new ShapeError(`step is ${step} but must be > 0`)
}
