/** Views: what changes shape and strides and, where it can, no memory. */
import { attach, type Rule, tracks } from '../autograd/node'
import { IndexError, ShapeError } from '../errors'
import { Category, type DType, DTYPES } from '../runtime/dtype'
import {
  contiguousStrides,
  countOf,
  inferSize,
  type Shape,
  showShape,
  viewStrides,
  wrapDim,
  wrapDims,
} from '../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../tensor/tensor'
import {
  copyInto,
  expectDType,
  expectInt,
  expectInts,
  expectTensor,
  filled,
  isMatrix,
  optionsOf,
  tensorType,
  viewOf,
} from './core'
import { geometryIndex, sliceDim } from './geometry'
import { named } from './named'

/** Sizes given as one array or as separate numbers. */
function sizesOf(op: string, first: unknown, rest: readonly unknown[]): readonly number[] {
  const list = Array.isArray(first) ? first : [first, ...rest]
  expectInts(op, 'size', list)
  return list
}

// ---- geometry -----------------------------------------------------------------------------------------------------

const reshapeBack: Rule = (n, g) => g.reshape(n.meta as number[])

/**
 * The same memory in another shape; one size may be -1.
 * @throws ShapeError where the strides do not allow it; `reshape` copies then
 */
export function view(x: Tensor, shape: readonly number[] | DType): Tensor {
  expectTensor('view', 'input', x)
  if (typeof shape === 'string') return viewDtype(x, shape)
  expectInts('view', 'size', shape)
  const sizes = inferSize(shape, x.count)
  const strides = x.rowMajor ? contiguousStrides(sizes) : viewStrides(x.sizes, x.strides, sizes)
  if (strides === null)
    throw new ShapeError(
      "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
      { shape: [...sizes], sizes: [...x.sizes], strides: [...x.strides] },
    )
  return viewOf(x, sizes, strides, x.offset, 'ViewBackward0', reshapeBack, x.sizes)
}

/** The bytes seen as another dtype; the last dim grows or shrinks with the item size. */
function viewDtype(x: Tensor, dtype: DType): Tensor {
  expectDType('view', dtype)
  const info = DTYPES[dtype]
  if (info.itemsize === x.itemsize) {
    const out = reinterpret(x, x.sizes, x.strides, x.offset)
    out.info = info
    return out
  }
  const nd = x.sizes.length
  if (nd === 0) throw new ShapeError('self.dim() cannot be 0 to view Float as Double (different element sizes)')
  if (x.strides[nd - 1] !== 1) throw new ShapeError('self.stride(-1) must be 1 to view it as a dtype of another size')
  const ratio = x.itemsize / info.itemsize
  const last = (x.sizes[nd - 1] as number) * ratio
  const fits =
    Number.isInteger(last) &&
    Number.isInteger(x.offset * ratio) &&
    x.strides.every((s, i) => i === nd - 1 || Number.isInteger(s * ratio))
  if (!fits)
    throw new ShapeError(
      `self.size(-1) must be divisible by ${1 / ratio} to view ${x.info.scalarType} as ${info.scalarType} (different element sizes)`,
    )
  const sizes = [...x.sizes.slice(0, -1), last]
  const strides = x.strides.map((s, i) => (i === nd - 1 ? 1 : s * ratio))
  const out = reinterpret(x, sizes, strides, x.offset * ratio)
  out.info = info
  return out
}

/** The same elements in another shape, as a view where that is possible and as a copy otherwise. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  expectTensor('reshape', 'input', x)
  expectInts('reshape', 'shape', shape)
  const sizes = inferSize(shape, x.count)
  const strides = x.rowMajor ? contiguousStrides(sizes) : viewStrides(x.sizes, x.strides, sizes)
  if (strides !== null)
    return viewOf(
      x,
      sizes,
      strides,
      x.offset,
      x.rowMajor ? 'ViewBackward0' : 'ReshapeAliasBackward0',
      reshapeBack,
      x.sizes,
    )
  const copy = x.clone({ memoryFormat: 'contiguous' })
  const out = view(copy, sizes)
  if (out.fn) out.fn.label = 'UnsafeViewBackward0'
  out.viewInfo = null
  return out
}
export const viewAs = (x: Tensor, other: Tensor): Tensor => {
  expectTensor('viewAs', 'input', x)
  expectTensor('viewAs', 'other', other)
  return view(x, other.sizes)
}
export const reshapeAs = (x: Tensor, other: Tensor): Tensor => {
  expectTensor('reshapeAs', 'input', x)
  expectTensor('reshapeAs', 'other', other)
  return reshape(x, other.sizes)
}

const permuteBack: Rule = (n, g) => permute(g, n.meta as number[])

/** The dims in another order. */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  expectTensor('permute', 'input', x)
  expectInts('permute', 'dims', dims)
  const nd = x.sizes.length
  if (dims.length !== nd)
    throw new ShapeError(
      `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${nd} is not equal to len(dims) = ${dims.length}`,
      { dims: [...dims], ndim: nd },
    )
  const seen = new Set<number>()
  const order = dims.map((d) => {
    const w = wrapDim(d, nd)
    if (seen.has(w)) throw new ShapeError('permute(): duplicate dims are not allowed.', { dims: [...dims] })
    seen.add(w)
    return w
  })
  const inverse = new Array<number>(nd)
  order.forEach((d, i) => {
    inverse[d] = i
  })
  return viewOf(
    x,
    order.map((d) => x.sizes[d] as number),
    order.map((d) => x.strides[d] as number),
    x.offset,
    'PermuteBackward0',
    permuteBack,
    inverse,
  )
}

const transposeBack: Rule = (n, g) => {
  const [a, b] = n.meta as [number, number]
  return transpose(g, a, b)
}
function swapped(x: Tensor, a: number, b: number, name: string): Tensor {
  const sizes = [...x.sizes]
  const strides = [...x.strides]
  if (sizes.length > 0) {
    sizes[a] = x.sizes[b] as number
    sizes[b] = x.sizes[a] as number
    strides[a] = x.strides[b] as number
    strides[b] = x.strides[a] as number
  }
  return viewOf(x, sizes, strides, x.offset, name, transposeBack, [a, b])
}
/** Two dims exchanged. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  expectTensor('transpose', 'input', x)
  expectInt('transpose', 'dim0', dim0)
  expectInt('transpose', 'dim1', dim1)
  return swapped(x, wrapDim(dim0, x.sizes.length), wrapDim(dim1, x.sizes.length), 'TransposeBackward0')
}
/** The transpose of a matrix; a vector or 0-d tensor as it is. */
export function t(x: Tensor): Tensor {
  expectTensor('t', 'input', x)
  if (x.sizes.length > 2)
    throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${x.sizes.length}D`, {
      sizes: [...x.sizes],
    })
  if (x.sizes.length < 2) return viewOf(x, x.sizes, x.strides, x.offset, 'TBackward0', (_n, g) => t(g), null)
  return swapped(x, 0, 1, 'TBackward0')
}
export { transpose as swapaxes, transpose as swapdims }
/** The last two dims exchanged. */
export function adjoint(x: Tensor): Tensor {
  expectTensor('adjoint', 'input', x)
  return isMatrix('adjoint()', x) ? transpose(x, -2, -1) : x
}

/** Dims moved to new places, the others keeping their order. */
export function movedim(
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  expectTensor('movedim', 'input', x)
  const from = typeof source === 'number' ? [source] : source
  const to = typeof destination === 'number' ? [destination] : destination
  expectInts('movedim', 'source', from)
  expectInts('movedim', 'destination', to)
  const nd = x.sizes.length
  if (from.length !== to.length)
    throw new ShapeError(
      `movedim: Invalid source or destination dims: source (${showShape(from)} dims) should contain the same number of dims as destination (${showShape(to)} dims)`,
    )
  const normal = (dims: readonly number[], which: string): number[] => {
    const w = dims.map((d) => wrapDim(d, nd))
    if (new Set(w).size !== w.length) throw new ShapeError(`movedim: repeated dim in \`${which}\` (${showShape(dims)})`)
    return w
  }
  const src = normal(from, 'source')
  const dst = normal(to, 'destination')
  if (nd === 0) return named(permute(x, []), 'AliasBackward0')
  const order = new Array<number>(nd).fill(-1)
  src.forEach((s, i) => {
    order[dst[i] as number] = s
  })
  const rest = x.sizes.map((_, i) => i).filter((i) => !src.includes(i))
  for (let i = 0, k = 0; i < nd; i++) if (order[i] === -1) order[i] = rest[k++] as number
  return permute(x, order)
}
export { movedim as moveaxis }

const squeezeBack: Rule = (n, g) => g.reshape(n.meta as number[])
/** Without the dims of size 1: all, or those named. */
export function squeeze(x: Tensor, dim?: number | readonly number[] | { dim?: number | readonly number[] }): Tensor {
  expectTensor('squeeze', 'input', x)
  const o = optionsOf<{ dim?: number | readonly number[] }>('squeeze', ['dim'], dim)
  const nd = x.sizes.length
  let drop: Set<number>
  if (o.dim === undefined) drop = new Set(x.sizes.map((_, i) => i))
  else {
    const dims = typeof o.dim === 'number' ? [o.dim] : o.dim
    expectInts('squeeze', 'dim', dims)
    drop = new Set(wrapDims(dims, nd))
  }
  const keep = x.sizes.map((_, i) => i).filter((i) => !(drop.has(i) && x.sizes[i] === 1))
  return viewOf(
    x,
    keep.map((i) => x.sizes[i] as number),
    keep.map((i) => x.strides[i] as number),
    x.offset,
    o.dim === undefined ? 'SqueezeBackward0' : typeof o.dim === 'number' ? 'SqueezeBackward1' : 'SqueezeBackward2',
    squeezeBack,
    x.sizes,
  )
}
/** With a dim of size 1 put in at `dim`. */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  expectTensor('unsqueeze', 'input', x)
  expectInt('unsqueeze', 'dim', dim)
  const at = wrapDim(dim, x.sizes.length + 1)
  const stride = at < x.sizes.length ? (x.sizes[at] as number) * (x.strides[at] as number) : 1
  return viewOf(
    x,
    [...x.sizes.slice(0, at), 1, ...x.sizes.slice(at)],
    [...x.strides.slice(0, at), stride, ...x.strides.slice(at)],
    x.offset,
    'UnsqueezeBackward0',
    (n, g) => squeeze(g, n.meta as number),
    at,
  )
}

/** Broadcast to a larger shape without a copy; -1 keeps a size. */
export function expand(x: Tensor, first: readonly number[]): Tensor {
  expectTensor('expand', 'input', x)
  const size = sizesOf('expand', first, [])
  const nd = x.sizes.length
  if (size.length < nd)
    throw new ShapeError(
      `expand(${tensorType(x.info)}{${showShape(x.sizes)}}, size=${showShape(size)}): the number of sizes provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${nd})`,
      { size: [...size], sizes: [...x.sizes] },
    )
  const missing = size.length - nd
  const sizes = new Array<number>(size.length)
  const strides = new Array<number>(size.length)
  for (let i = size.length - 1; i >= 0; i--) {
    const own = i >= missing ? (x.sizes[i - missing] as number) : 1
    const stride =
      i >= missing
        ? (x.strides[i - missing] as number)
        : i < size.length - 1
          ? (sizes[i + 1] as number) * (strides[i + 1] as number)
          : 1
    let want = size[i] as number
    if (want === -1) {
      if (i < missing)
        throw new ShapeError(
          `The expanded size of the tensor (${want}) isn't allowed in a leading, non-existing dimension ${i}`,
          { size: [...size] },
        )
      want = own
    } else if (want < 0)
      throw new ShapeError(
        `The expanded size of the tensor (${want}) must match the existing size (${x.sizes[i - (size.length - x.sizes.length)] ?? 1}) at non-singleton dimension ${i}.  Target sizes: ${showShape(size)}.  Tensor sizes: ${showShape(x.sizes)}`,
        { size: [...size] },
      )
    if (own !== want && own !== 1)
      throw new ShapeError(
        `The expanded size of the tensor (${want}) must match the existing size (${own}) at non-singleton dimension ${i}.  Target sizes: ${showShape(size)}.  Tensor sizes: ${showShape(x.sizes)}`,
        { size: [...size], sizes: [...x.sizes] },
      )
    sizes[i] = want
    strides[i] = own === 1 && want !== 1 ? 0 : stride
  }
  return viewOf(x, sizes, strides, x.offset, 'ExpandBackward0', (_n, g) => g, null)
}
export const expandAs = (x: Tensor, other: Tensor): Tensor => {
  expectTensor('expandAs', 'input', x)
  expectTensor('expandAs', 'other', other)
  return expand(x, other.sizes)
}
export function broadcastTo(x: Tensor, size: readonly number[]): Tensor {
  return expand(x, size)
}

/** A part of one dim: `length` elements from `start` on. */
export function narrow(x: Tensor, dim: number, start: number | Tensor, length: number): Tensor {
  expectTensor('narrow', 'input', x)
  expectInt('narrow', 'dim', dim)
  if (isTensor(start)) {
    if (start.sizes.length > 0 || start.info.category !== Category.Int)
      throw new ShapeError('start must be an 0-dim integral Tensor.')
    start = Number(start.item())
  }
  expectInt('narrow', 'start', start)
  expectInt('narrow', 'length', length)
  if (x.sizes.length === 0) throw new ShapeError('narrow() cannot be applied to a 0-dim tensor.')
  if (length < 0) throw new ShapeError('narrow(): length must be non-negative.', { length })
  const d = wrapDim(dim, x.sizes.length)
  const size = x.sizes[d] as number
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
  return sliceDim(x, d, from, from + length, 1)
}

const selectBack: Rule = (n, g) => selectScatterZeros(g, n.meta as { sizes: Shape; dim: number; index: number })
function selectScatterZeros(g: Tensor, m: { sizes: Shape; dim: number; index: number }): Tensor {
  const out = filled(m.sizes, 0, g.info)
  copyInto(select(out, m.dim, m.index), g)
  if (tracks(g)) attach(out, 'SelectBackwardBackward0', (_n, h) => select(h, m.dim, m.index), [g])
  return out
}
/** One index of one dim; that dim is gone. */
export function select(x: Tensor, dim: number, index: number): Tensor {
  expectTensor('select', 'input', x)
  expectInt('select', 'dim', dim)
  expectInt('select', 'index', index)
  if (x.sizes.length === 0) throw new IndexError('select() cannot be applied to a 0-dim tensor.')
  const d = wrapDim(dim, x.sizes.length)
  const size = x.sizes[d] as number
  if (index < -size || index >= size)
    throw new IndexError(
      `select(): index ${index} out of range for tensor of size ${showShape(x.sizes)} at dimension ${d}`,
      { index, dim: d, size },
    )
  const at = index < 0 ? index + size : index
  const sizes = x.sizes.filter((_, i) => i !== d)
  const strides = x.strides.filter((_, i) => i !== d)
  return viewOf(x, sizes, strides, x.offset + at * (x.strides[d] as number), 'SelectBackward0', selectBack, {
    sizes: x.sizes,
    dim: d,
    index: at,
  })
}

/** Dims `startDim` to `endDim` as one. */
export function flatten(
  x: Tensor,
  startDim?: number | { startDim?: number; endDim?: number },
  rest?: { endDim?: number } | number,
): Tensor {
  expectTensor('flatten', 'input', x)
  const o =
    typeof rest === 'number'
      ? { startDim: startDim as number, endDim: rest }
      : optionsOf<{ startDim?: number; endDim?: number }>('flatten', ['startDim', 'endDim'], startDim, rest)
  const nd = x.sizes.length
  const from = wrapDim(o.startDim ?? 0, nd)
  const to = wrapDim(o.endDim ?? -1, nd)
  if (from > to)
    throw new ShapeError('flatten() has invalid args: start_dim cannot come after end_dim', {
      startDim: from,
      endDim: to,
    })
  if (nd === 0) return reshape(x, [1])
  if (from === to) return x
  return reshape(x, [...x.sizes.slice(0, from), countOf(x.sizes.slice(from, to + 1)), ...x.sizes.slice(to + 1)])
}
/** One dim as several; one of their sizes may be -1. */
export function unflatten(x: Tensor, dim: number, sizes: readonly number[]): Tensor {
  expectTensor('unflatten', 'input', x)
  expectInt('unflatten', 'dim', dim)
  expectInts('unflatten', 'sizes', sizes)
  const unexpected = (text: string): ShapeError =>
    new ShapeError(`unflatten got an unexpected error:\n${text}`, { shape: [...x.sizes], dim, sizes: [...sizes] })
  const d = wrapDim(dim, x.sizes.length)
  if (sizes.length === 0) throw new ShapeError('unflatten: sizes must be non-empty')
  if (x.sizes.length === 0) throw unexpected(`Dimension specified as ${dim} but tensor has no dimensions`)
  const size = x.sizes[d] as number
  const known = sizes.filter((s) => s !== -1)
  const wrong = sizes.findIndex((s) => s < -1)
  if (wrong >= 0)
    throw unexpected(`invalid shape dimension ${sizes[wrong]} at index ${wrong} of shape ${showShape(sizes)}`)
  if (known.length < sizes.length - 1) throw unexpected('only one dimension can be inferred')
  if (known.length < sizes.length && size === 0 && countOf(known) === 0)
    throw unexpected(
      `cannot reshape tensor of 0 elements into shape ${showShape(sizes)} because the unspecified dimension size -1 can be any value and is ambiguous`,
    )
  const fits = sizes.includes(-1) ? countOf(known) !== 0 && size % countOf(known) === 0 : countOf(known) === size
  if (!fits)
    throw new ShapeError(
      `unflatten: Provided sizes ${showShape(sizes)} don't multiply up to the size of dim ${d} (${size}) in the input tensor`,
      { sizes: [...sizes], size },
    )
  return view(x, [...x.sizes.slice(0, d), ...inferSize(sizes, size), ...x.sizes.slice(d + 1)])
}
/** All elements as a vector; a view where possible. */
export function ravel(x: Tensor): Tensor {
  expectTensor('ravel', 'input', x)
  return view(x.contiguous(), [-1])
}

/** Zeros with `g` written through the geometry of a view; overlapping elements add up. */
const asStridedBack: Rule = (n, g) => {
  const m = n.meta as {
    sizes: Shape
    strides: Shape
    offset: number
    base: Shape
    baseStrides: Shape
    baseOffset: number
  }
  if (countOf(m.sizes) === 0 || countOf(m.base) === 0) return filled(m.base, 0, g.info)
  // A view may begin before its base does.
  const first = Math.min(m.offset, m.baseOffset)
  let last = m.baseOffset - first
  for (let i = 0; i < m.base.length; i++) last += ((m.base[i] as number) - 1) * (m.baseStrides[i] as number)
  let lastView = m.offset - first
  for (let i = 0; i < m.sizes.length; i++) lastView += ((m.sizes[i] as number) - 1) * (m.strides[i] as number)
  const flat = filled([Math.max(last, lastView) + 1], 0, g.info)
  const index = geometryIndex(m.sizes, m.strides, m.offset - first)
  const sums = flat.indexAdd(0, index, g.reshape([-1]))
  const source = geometryIndex(m.base, m.baseStrides, m.baseOffset - first)
  const spread = sums.indexSelect(0, source)
  if (!mayMeet(m.base, m.baseStrides)) return spread.reshape(m.base)
  // Elements of the base that are one place in memory share its gradient.
  const ones = filled([source.count], 1, g.info)
  const sharers = filled([flat.count], 0, g.info).indexAdd(0, source, ones).indexSelect(0, source)
  return spread.div(sharers).reshape(m.base)
}
/** Whether two indices of a geometry may lead to one place in memory; false where they certainly do not. */
function mayMeet(sizes: Shape, strides: Shape): boolean {
  const dims = sizes.map((_, i) => i).filter((i) => (sizes[i] as number) > 1)
  dims.sort((a, b) => (strides[a] as number) - (strides[b] as number))
  let reach = 0
  for (const i of dims) {
    const stride = strides[i] as number
    if (stride <= reach) return true
    reach += stride * ((sizes[i] as number) - 1)
  }
  return false
}
/** A view with any geometry inside the storage. */
export function asStrided(
  x: Tensor,
  size: readonly number[],
  stride: readonly number[],
  options?: number | { storageOffset?: number },
): Tensor {
  expectTensor('asStrided', 'input', x)
  expectInts('asStrided', 'size', size)
  expectInts('asStrided', 'stride', stride)
  const { storageOffset = x.offset } = optionsOf<{ storageOffset?: number }>('asStrided', ['storageOffset'], options)
  expectInt('asStrided', 'storageOffset', storageOffset)
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
  for (let i = 0; i < size.length; i++) last += ((size[i] as number) - 1) * (stride[i] as number)
  const needed = countOf(size) === 0 ? 0 : (last + 1) * x.itemsize
  if (needed > x.storage.byteLength)
    throw new ShapeError(
      `setStorage: sizes ${showShape(size)}, strides ${showShape(stride)}, storage offset ${storageOffset}, and itemsize ${x.itemsize} requiring a storage size of ${needed} are out of bounds for storage of size ${x.storage.byteLength}`,
    )
  const meta = {
    sizes: [...size],
    strides: [...stride],
    offset: storageOffset,
    base: x.sizes,
    baseStrides: x.strides,
    baseOffset: x.offset,
  }
  return viewOf(x, [...size], [...stride], storageOffset, 'AsStridedBackward0', asStridedBack, meta)
}

/** The diagonal of two dims, as the last dim. */
export function diagonal(
  x: Tensor,
  options?: number | { offset?: number; dim1?: number; dim2?: number },
  rest?: { dim1?: number; dim2?: number },
): Tensor {
  expectTensor('diagonal', 'input', x)
  const o = optionsOf<{ offset?: number; dim1?: number; dim2?: number }>(
    'diagonal',
    ['offset', 'dim1', 'dim2'],
    options,
    rest,
  )
  const { offset = 0, dim1 = 0, dim2 = 1 } = o
  expectInt('diagonal', 'offset', offset)
  const nd = x.sizes.length
  const a = wrapDim(dim1, nd)
  const b = wrapDim(dim2, nd)
  if (a === b) throw new ShapeError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`)
  const [na, nb] = [x.sizes[a] as number, x.sizes[b] as number]
  const length = Math.max(0, offset >= 0 ? Math.min(na, nb - offset) : Math.min(na + offset, nb))
  const start = length === 0 ? 0 : offset >= 0 ? offset * (x.strides[b] as number) : -offset * (x.strides[a] as number)
  const keep = x.sizes.map((_, i) => i).filter((i) => i !== a && i !== b)
  const meta = { sizes: x.sizes, o }
  return viewOf(
    x,
    [...keep.map((i) => x.sizes[i] as number), length],
    [...keep.map((i) => x.strides[i] as number), (x.strides[a] as number) + (x.strides[b] as number)],
    x.offset + start,
    'DiagonalBackward0',
    diagonalBack,
    meta,
  )
}
const diagonalBack: Rule = (n, g) => {
  const m = n.meta as { sizes: Shape; o: object }
  const out = filled(m.sizes, 0, g.info)
  copyInto(diagonal(out, m.o), g)
  if (tracks(g)) attach(out, 'DiagonalBackwardBackward0', (_n, h) => diagonal(h, m.o), [g])
  return out
}

/** Every window of `size` elements along a dim, `step` apart, as a new last dim. */
export function unfold(x: Tensor, dimension: number, size: number, step: number): Tensor {
  expectTensor('unfold', 'input', x)
  expectInt('unfold', 'size', size)
  expectInt('unfold', 'step', step)
  const d = wrapDim(dimension, x.sizes.length)
  const length = x.sizes.length === 0 ? 1 : (x.sizes[d] as number)
  if (size > length) throw new ShapeError(`maximum size for tensor at dimension ${d} is ${length} but size is ${size}`)
  if (size < 0) throw new ShapeError(`size is ${size} but must be >= 0`)
  if (step <= 0) throw new ShapeError(`step is ${step} but must be > 0`)
  const stride = x.sizes.length === 0 ? 1 : (x.strides[d] as number)
  const sizes = [...x.sizes, size]
  const strides = [...x.strides, stride]
  if (x.sizes.length > 0) {
    sizes[d] = Math.floor((length - size) / step) + 1
    strides[d] = stride * step
  }
  // The gradient is of the windows, wherever the elements lie: as if they lay in order.
  const baseStrides = contiguousStrides(x.sizes)
  const across = x.sizes.length === 0 ? 1 : (baseStrides[d] as number)
  const windows = [...baseStrides.map((s, i) => (i === d ? s * step : s)), across]
  const meta = { sizes, strides: windows, offset: 0, base: x.sizes, baseStrides, baseOffset: 0 }
  return viewOf(x, sizes, strides, x.offset, 'UnfoldBackward0', asStridedBack, meta)
}
