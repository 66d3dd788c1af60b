/** Views and other rearrangements: what changes shape and strides and, where it can, no memory. */
import { attach, attachAll, type Grad, Node, type Rule, tracks, tracksAny } from '../autograd/node'
import { ArgumentError, DTypeError, IndexError, ShapeError } from '../errors'
import { map, run } from '../runtime/commands'
import { Category, type DType, type DTypeInfo, DTYPES, promoteTypes } from '../runtime/dtype'
import { OP } from '../runtime/opcodes'
import {
  contiguousStrides,
  countOf,
  inferSize,
  isExpandable,
  sameShape,
  type Shape,
  showShape,
  viewStrides,
  wrapDim,
  wrapDims,
} from '../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../tensor/tensor'
import {
  castRaw,
  checkInPlace,
  checkOverlap,
  checkWritable,
  copyInto,
  emptyLike,
  emptyOf,
  expectDType,
  expectInt,
  expectInts,
  expectTensor,
  finishInPlace,
  optionsOf,
  startInPlace,
  storable,
  trackView,
  viewOf,
} from './core'
import { checkInPlaceShape } from './define'

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
      'view size is not compatible with input tensor\'s size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.',
      { shape: [...sizes], sizes: [...x.sizes], strides: [...x.strides] },
    )
  return viewOf(x, sizes, strides, x.offset, 'ViewBackward0', reshapeBack, x.sizes, (b) => view(b, sizes))
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
  const fits = Number.isInteger(last) && Number.isInteger(x.offset * ratio) && x.strides.every((s, i) => i === nd - 1 || Number.isInteger(s * ratio))
  if (!fits) throw new ShapeError(`self.size(-1) must be divisible by ${1 / ratio} to view ${x.info.scalarType} as ${info.scalarType} (different element sizes)`)
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
    return viewOf(x, sizes, strides, x.offset, 'ViewBackward0', reshapeBack, x.sizes, (b) => view(b, sizes))
  const copy = x.clone({ memoryFormat: 'contiguous' })
  const out = view(copy, sizes)
  if (out.fn) (out.fn as { name: string }).name = 'UnsafeViewBackward0'
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
    (b) => permute(b, order),
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
  return viewOf(x, sizes, strides, x.offset, name, transposeBack, [a, b], (base) => transpose(base, a, b))
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
    throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${x.sizes.length}D`, { sizes: [...x.sizes] })
  if (x.sizes.length < 2) return viewOf(x, x.sizes, x.strides, x.offset, 'TBackward0', (_n, g) => t(g), null, t)
  return swapped(x, 0, 1, 'TBackward0')
}
export { transpose as swapaxes, transpose as swapdims }
/** The last two dims exchanged. */
export const adjoint = (x: Tensor): Tensor => transpose(x, -2, -1)

/** Dims moved to new places, the others keeping their order. */
export function movedim(x: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor {
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
  if (nd === 0) return permute(x, [])
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
    (b) => squeeze(b, o),
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
    (b) => unsqueeze(b, at),
  )
}

/** Broadcast to a larger shape without a copy; -1 keeps a size. */
export function expand(x: Tensor, first: readonly number[]): Tensor {
  expectTensor('expand', 'input', x)
  const size = sizesOf('expand', first, [])
  const nd = x.sizes.length
  if (size.length < nd)
    throw new ShapeError(
      `expand(torch.${x.info.scalarType}Tensor{${showShape(x.sizes)}}, size=${showShape(size)}): the number of sizes provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${nd})`,
      { size: [...size], sizes: [...x.sizes] },
    )
  const missing = size.length - nd
  const sizes = new Array<number>(size.length)
  const strides = new Array<number>(size.length)
  for (let i = size.length - 1; i >= 0; i--) {
    const own = i >= missing ? (x.sizes[i - missing] as number) : 1
    const stride = i >= missing ? (x.strides[i - missing] as number) : i < size.length - 1 ? (sizes[i + 1] as number) * (strides[i + 1] as number) : 1
    let want = size[i] as number
    if (want === -1) {
      if (i < missing)
        throw new ShapeError(
          `The expanded size of the tensor (${want}) isn't allowed in a leading, non-existing dimension ${i}`,
          { size: [...size] },
        )
      want = own
    } else if (want < 0) throw new ShapeError(`expand(): invalid size ${want} at dimension ${i}`, { size: [...size] })
    if (own !== want && own !== 1)
      throw new ShapeError(
        `The expanded size of the tensor (${want}) must match the existing size (${own}) at non-singleton dimension ${i}.  Target sizes: ${showShape(size)}.  Tensor sizes: ${showShape(x.sizes)}`,
        { size: [...size], sizes: [...x.sizes] },
      )
    sizes[i] = want
    strides[i] = own === 1 && want !== 1 ? 0 : stride
  }
  return viewOf(x, sizes, strides, x.offset, 'ExpandBackward0', (_n, g) => g, null, (b) =>
    expand(b, sizes),
  )
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
    if (start.sizes.length > 0 || start.info.category !== Category.Int) throw new ShapeError('start must be an 0-dim integral Tensor.')
    start = Number(start.item())
  }
  expectInt('narrow', 'start', start)
  expectInt('narrow', 'length', length)
  if (x.sizes.length === 0) throw new ShapeError('narrow() cannot be applied to a 0-dim tensor.')
  if (length < 0) throw new ShapeError('narrow(): length must be non-negative.', { length })
  const d = wrapDim(dim, x.sizes.length)
  const size = x.sizes[d] as number
  if (start < -size || start > size)
    throw new IndexError(`start out of range (expected to be in range of [${-size}, ${size}], but got ${start})`, { start, size })
  const from = start < 0 ? start + size : start
  if (from + length > size)
    throw new ShapeError(`start (${from}) + length (${length}) exceeds dimension size (${size}).`, { start: from, length, size })
  return sliceDim(x, d, from, from + length, 1)
}

const sliceBack: Rule = (n, g) => {
  const m = n.meta as { sizes: Shape; dim: number; start: number; stop: number; step: number }
  return sliceScatterZeros(g, m)
}
/** Zeros with the gradient of a slice in its place; differentiable. */
function sliceScatterZeros(g: Tensor, m: { sizes: Shape; dim: number; start: number; stop: number; step: number }): Tensor {
  const out = zerosOf(m.sizes, g.info)
  copyInto(sliceDim(out, m.dim, m.start, m.stop, m.step), g)
  if (tracks(g)) attach(out, 'SliceBackwardBackward0', (_n, h) => sliceDim(h, m.dim, m.start, m.stop, m.step), [g])
  return out
}
const zerosOf = (sizes: Shape, info: DTypeInfo): Tensor => {
  const out = emptyOf(sizes, info)
  copyInto(out, 0)
  return out
}

/** x[..., start:stop:step, ...] at dim `d`; bounds already within the size. */
export function sliceDim(x: Tensor, d: number, start: number, stop: number, step: number): Tensor {
  const sizes = [...x.sizes]
  const strides = [...x.strides]
  sizes[d] = Math.max(0, Math.ceil((stop - start) / step))
  strides[d] = (strides[d] as number) * step
  const offset = x.offset + start * (x.strides[d] as number)
  return viewOf(x, sizes, strides, offset, 'SliceBackward0', sliceBack, { sizes: x.sizes, dim: d, start, stop, step }, (b) =>
    sliceDim(b, d, start, stop, step),
  )
}

const selectBack: Rule = (n, g) => selectScatterZeros(g, n.meta as { sizes: Shape; dim: number; index: number })
function selectScatterZeros(g: Tensor, m: { sizes: Shape; dim: number; index: number }): Tensor {
  const out = zerosOf(m.sizes, g.info)
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
  return viewOf(x, sizes, strides, x.offset + at * (x.strides[d] as number), 'SelectBackward0', selectBack, { sizes: x.sizes, dim: d, index: at }, (b) =>
    select(b, d, at),
  )
}

/** Dims `startDim` to `endDim` as one. */
export function flatten(x: Tensor, startDim?: number | { startDim?: number; endDim?: number }, rest?: { endDim?: number } | number): Tensor {
  expectTensor('flatten', 'input', x)
  const o =
    typeof rest === 'number'
      ? { startDim: startDim as number, endDim: rest }
      : optionsOf<{ startDim?: number; endDim?: number }>('flatten', ['startDim', 'endDim'], startDim, rest)
  const nd = x.sizes.length
  const from = wrapDim(o.startDim ?? 0, nd)
  const to = wrapDim(o.endDim ?? -1, nd)
  if (from > to) throw new ShapeError('flatten() has invalid args: start_dim cannot come after end_dim', { startDim: from, endDim: to })
  if (nd === 0) return reshape(x, [1])
  if (from === to) return x
  return reshape(x, [...x.sizes.slice(0, from), countOf(x.sizes.slice(from, to + 1)), ...x.sizes.slice(to + 1)])
}
/** One dim as several; one of their sizes may be -1. */
export function unflatten(x: Tensor, dim: number, sizes: readonly number[]): Tensor {
  expectTensor('unflatten', 'input', x)
  expectInt('unflatten', 'dim', dim)
  expectInts('unflatten', 'sizes', sizes)
  const d = wrapDim(dim, x.sizes.length)
  if (sizes.length === 0) throw new ShapeError('unflatten: sizes must be non-empty')
  const size = x.sizes[d] as number
  const known = sizes.filter((s) => s !== -1)
  if (sizes.filter((s) => s === -1).length > 1) throw new ShapeError('unflatten got an unexpected error:\nonly one dimension can be inferred')
  const fits = sizes.includes(-1) ? countOf(known) !== 0 && size % countOf(known) === 0 : countOf(known) === size
  if (!fits)
    throw new ShapeError(
      `unflatten: Provided sizes ${showShape(sizes)} don't multiply up to the size of dim ${d} (${size}) in the input tensor`,
      { sizes: [...sizes], size },
    )
  return view(x, [...x.sizes.slice(0, d), ...inferSize(sizes, size), ...x.sizes.slice(d + 1)])
}
/** All elements as a vector; a view where possible. */
export const ravel = (x: Tensor): Tensor => reshape(x, [-1])

/** Zeros with `g` written through the geometry of a view; overlapping elements add up. */
const asStridedBack: Rule = (n, g) => {
  const m = n.meta as { sizes: Shape; strides: Shape; offset: number; base: Shape; baseStrides: Shape; baseOffset: number }
  let last = 0
  for (let i = 0; i < m.base.length; i++) last += ((m.base[i] as number) - 1) * (m.baseStrides[i] as number)
  let lastView = m.offset - m.baseOffset
  for (let i = 0; i < m.sizes.length; i++) lastView += ((m.sizes[i] as number) - 1) * (m.strides[i] as number)
  const flat = zerosOf([Math.max(last, lastView) + 1], g.info)
  const index = geometryIndex(m.sizes, m.strides, m.offset - m.baseOffset)
  const filled = flat.indexAdd(0, index, g.reshape([-1]))
  const source = geometryIndex(m.base, m.baseStrides, 0)
  return filled.indexSelect(0, source).reshape(m.base)
}
/** The flat positions of every element of a geometry, as int64. */
function geometryIndex(sizes: Shape, strides: Shape, offset: number): Tensor {
  const count = countOf(sizes)
  const positions = new BigInt64Array(count)
  const index = new Array<number>(sizes.length).fill(0)
  let at = offset
  for (let i = 0; i < count; i++) {
    positions[i] = BigInt(at)
    for (let d = sizes.length - 1; d >= 0; d--) {
      index[d] = (index[d] as number) + 1
      at += strides[d] as number
      if ((index[d] as number) < (sizes[d] as number)) break
      at -= (index[d] as number) * (strides[d] as number)
      index[d] = 0
    }
  }
  const out = emptyOf([count], DTYPES.int64)
  out.storage.bytes().set(new Uint8Array(positions.buffer))
  return out
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
  if (size.length !== stride.length) throw new ShapeError('mismatch in length of strides and shape', { size: [...size], stride: [...stride] })
  if (size.some((s) => s < 0)) throw new ShapeError(`Storage size calculation overflowed with sizes=${showShape(size)} and strides=${showShape(stride)}`)
  if (stride.some((s) => s < 0)) throw new ShapeError(`as_strided: Negative strides are not supported at the moment, got strides: ${showShape(stride)}`)
  if (storageOffset < 0) throw new ShapeError(`Tensor: invalid storage offset ${storageOffset}`)
  let last = storageOffset
  for (let i = 0; i < size.length; i++) last += ((size[i] as number) - 1) * (stride[i] as number)
  const needed = countOf(size) === 0 ? 0 : (last + 1) * x.itemsize
  if (needed > x.storage.byteLength)
    throw new ShapeError(
      `setStorage: sizes ${showShape(size)}, strides ${showShape(stride)}, storage offset ${storageOffset}, and itemsize ${x.itemsize} requiring a storage size of ${needed} are out of bounds for storage of size ${x.storage.byteLength}`,
    )
  const meta = { sizes: [...size], strides: [...stride], offset: storageOffset, base: x.sizes, baseStrides: x.strides, baseOffset: x.offset }
  const distance = storageOffset - x.offset
  return viewOf(x, [...size], [...stride], storageOffset, 'AsStridedBackward0', asStridedBack, meta, (b) =>
    asStrided(b, size, stride, b.offset + distance),
  )
}

/** The diagonal of two dims, as the last dim. */
export function diagonal(x: Tensor, options?: number | { offset?: number; dim1?: number; dim2?: number }, rest?: { dim1?: number; dim2?: number }): Tensor {
  expectTensor('diagonal', 'input', x)
  const o = optionsOf<{ offset?: number; dim1?: number; dim2?: number }>('diagonal', ['offset', 'dim1', 'dim2'], options, rest)
  const { offset = 0, dim1 = 0, dim2 = 1 } = o
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
    (base) => diagonal(base, o),
  )
}
const diagonalBack: Rule = (n, g) => {
  const m = n.meta as { sizes: Shape; o: object }
  const out = zerosOf(m.sizes, g.info)
  copyInto(diagonal(out, m.o), g)
  if (tracks(g)) attach(out, 'DiagonalBackwardBackward0', (_n, h) => diagonal(h, m.o), [g])
  return out
}

/** Every window of `size` elements along a dim, `step` apart, as a new last dim. */
export function unfold(x: Tensor, dimension: number, size: number, step: number): Tensor {
  expectTensor('unfold', 'input', x)
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
  const meta = { sizes, strides, offset: x.offset, base: x.sizes, baseStrides: x.strides, baseOffset: x.offset }
  return viewOf(x, sizes, strides, x.offset, 'UnfoldBackward0', asStridedBack, meta, (b) => unfold(b, dimension, size, step))
}

// ---- several views ------------------------------------------------------------------------------------------------

/** Views of one tensor that share one node, as PyTorch's multi-view functions. */
function views(x: Tensor, name: string, parts: readonly Tensor[], replay: (x: Tensor) => readonly Tensor[], back: Rule): Tensor[] {
  parts.forEach((p, i) => {
    p.fn = null
    p.viewInfo = null
    trackView(p, x, (b) => replay(b)[i] as Tensor, 'multi')
  })
  if (tracks(x)) attachAll(parts, name, back, [x])
  return [...parts]
}
const joinGrads = (dim: number, parts: readonly Tensor[]): Rule => {
  const metas = parts.map((p) => ({ sizes: p.sizes, info: p.info }))
  return (_n, _g, grads) => cat(grads.map((g, i) => g ?? zerosOf((metas[i] as { sizes: Shape }).sizes, (metas[i] as { info: DTypeInfo }).info)), dim)
}

/** Parts of `size` along a dim (the last may be smaller), or of the given sizes. */
export function split(x: Tensor, splitSize: number | readonly number[], dim?: number | { dim?: number }): Tensor[] {
  expectTensor('split', 'input', x)
  const d0 = optionsOf<{ dim?: number }>('split', ['dim'], dim).dim ?? 0
  if (x.sizes.length === 0) throw new ShapeError('split expects at least a 1-dimensional tensor')
  const d = wrapDim(d0, x.sizes.length)
  const size = x.sizes[d] as number
  let sizes: number[]
  if (Array.isArray(splitSize)) {
    expectInts('split', 'split_sizes', splitSize)
    sizes = [...splitSize]
    const total = sizes.reduce((a, b) => a + b, 0)
    if (sizes.some((s) => s < 0)) throw new ShapeError(`split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${showShape(sizes)}`)
    if (total !== size)
      throw new ShapeError(
        `split_with_sizes expects split_sizes to sum exactly to ${size} (input tensor's size at dimension ${d}), but got split_sizes=${showShape(sizes)}`,
        { sizes, size },
      )
  } else {
    expectInt('split', 'split_size', splitSize)
    if ((splitSize as number) < 0) throw new ShapeError(`split expects split_size be non-negative, but got split_size=${splitSize}`)
    if (splitSize === 0 && size !== 0) throw new ShapeError(`split_size can only be 0 if dimension size is 0, but got dimension size of ${size}`)
    const n = splitSize === 0 ? 1 : Math.max(1, Math.ceil(size / (splitSize as number)))
    sizes = Array.from({ length: n }, (_, i) => (i < n - 1 ? (splitSize as number) : size - (splitSize as number) * (n - 1)))
  }
  let at = 0
  const parts = sizes.map((s) => {
    const part = plain(() => sliceDim(x, d, at, at + s, 1))
    at += s
    return part
  })
  const name = Array.isArray(splitSize) ? 'SplitWithSizesBackward0' : 'SplitBackward0'
  return views(x, name, parts, (b) => split(b, sizes, d), joinGrads(d, parts))
}
/** A view made without a node of its own. */
function plain(make: () => Tensor): Tensor {
  const out = make()
  out.fn = null
  return out
}

/** At most `chunks` parts of equal size along a dim (the last may be smaller). */
export function chunk(x: Tensor, chunks: number, dim?: number | { dim?: number }): Tensor[] {
  expectTensor('chunk', 'input', x)
  expectInt('chunk', 'chunks', chunks)
  const d0 = optionsOf<{ dim?: number }>('chunk', ['dim'], dim).dim ?? 0
  if (x.sizes.length === 0) throw new ShapeError('chunk expects at least a 1-dimensional tensor')
  if (chunks <= 0) throw new ShapeError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`)
  const d = wrapDim(d0, x.sizes.length)
  const size = x.sizes[d] as number
  const each = Math.ceil(size / chunks)
  if (each === 0) return split(x, new Array<number>(chunks).fill(0), d)
  return split(x, each, d)
}
/** As `chunk`, but as even as possible; or split before the given indices. */
export function tensorSplit(x: Tensor, given: number | readonly number[] | Tensor, dim?: number | { dim?: number }): Tensor[] {
  expectTensor('tensorSplit', 'input', x)
  const d = wrapDim(optionsOf<{ dim?: number }>('tensorSplit', ['dim'], dim).dim ?? 0, x.sizes.length)
  const size = x.sizes[d] as number
  const indicesOrSections = isTensor(given) ? cutsOf(given) : given
  let cuts: number[]
  if (typeof indicesOrSections === 'number') {
    const n = indicesOrSections
    if (n <= 0) throw new ShapeError(`number of sections must be larger than 0, got ${n}`)
    const [each, more] = [Math.floor(size / n), size % n]
    cuts = Array.from({ length: n - 1 }, (_, i) => (i + 1) * each + Math.min(i + 1, more))
  } else cuts = indicesOrSections.map((i) => Math.min(Math.max(i < 0 ? i + size : i, 0), size))
  const edges = [0, ...cuts, size]
  return edges.slice(1).map((end, i) => sliceDim(x, d, Math.min(edges[i] as number, end), end, 1))
}
/** The cuts that an integer tensor names. */
function cutsOf(t: Tensor): number | number[] {
  if (t.dtype !== 'int64' || t.sizes.length > 1)
    throw new ShapeError(
      t.sizes.length > 1
        ? `tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${t.sizes.length} dims`
        : `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${t.info.scalarType}`,
    )
  const list = Array.from({ length: t.count }, (_, i) => Number(t.reshape([-1]).select(0, i).item()))
  return t.sizes.length === 0 ? (list[0] as number) : list
}
/** One view for each index of a dim, that dim gone. */
export function unbind(x: Tensor, dim?: number | { dim?: number }): Tensor[] {
  expectTensor('unbind', 'input', x)
  const d = wrapDim(optionsOf<{ dim?: number }>('unbind', ['dim'], dim).dim ?? 0, x.sizes.length)
  if (x.sizes.length === 0) throw new IndexError('Dimension specified as 0 but tensor has no dimensions')
  const n = x.sizes[d] as number
  const parts = Array.from({ length: n }, (_, i) => plain(() => select(x, d, i)))
  const metas = parts.map((p) => p.meta())
  return views(
    x,
    'UnbindBackward0',
    parts,
    (b) => unbind(b, d),
    (_n, _g, grads) => stack(grads.map((g, i) => g ?? zerosOf((metas[i] as { sizes: Shape }).sizes, x.info)), d),
  )
}

// ---- joining ------------------------------------------------------------------------------------------------------

function expectTensors(op: string, tensors: unknown): asserts tensors is readonly Tensor[] {
  if (!Array.isArray(tensors)) throw new ArgumentError(`${op}(): argument 'tensors' must be an array of Tensors, not ${typeof tensors}`)
  tensors.forEach((x, i) => {
    if (!isTensor(x)) throw new ArgumentError(`expected Tensor as element ${i} in argument 0, but got ${x === null ? 'null' : typeof x}`)
  })
  if (tensors.length === 0) throw new ArgumentError(`${op}(): expected a non-empty list of Tensors`)
}

const catBack: Rule = (n, g) => {
  const { dim, sizes } = n.meta as { dim: number; sizes: (number | null)[] }
  let at = 0
  return sizes.map((s, i) => {
    if (s === null) return n.needs(i) ? zerosOf([0], g.info) : null
    const part = n.needs(i) ? narrow(g, dim, at, s) : null
    at += s
    return part
  })
}
/** Joins tensors along a dim; all other sizes must agree. Dtypes are promoted. */
export function cat(tensors: readonly Tensor[], dim?: number | { dim?: number; out?: Tensor }, rest?: { out?: Tensor }): Tensor {
  expectTensors('cat', tensors)
  const o = optionsOf<{ dim?: number; out?: Tensor }>('cat', ['dim', 'out'], dim, rest)
  // An empty vector joins with anything, as PyTorch has kept it for old code.
  const skipped = (x: Tensor): boolean => x.sizes.length === 1 && x.sizes[0] === 0
  tensors.forEach((x, i) => {
    if (x.sizes.length === 0) throw new ShapeError(`zero-dimensional tensor (at position ${i}) cannot be concatenated`)
  })
  const first = tensors.find((x) => !skipped(x)) ?? (tensors[0] as Tensor)
  const d = wrapDim(o.dim ?? 0, first.sizes.length)
  let total = 0
  let dtype = (tensors[0] as Tensor).dtype
  tensors.forEach((x, i) => {
    dtype = promoteTypes(dtype, x.dtype)
    if (skipped(x) && first.sizes.length !== 1) return
    if (x.sizes.length !== first.sizes.length)
      throw new ShapeError(`Tensors must have same number of dimensions: got ${first.sizes.length} and ${x.sizes.length}`, {
        position: i,
      })
    x.sizes.forEach((s, k) => {
      if (k !== d && s !== first.sizes[k])
        throw new ShapeError(
          `Sizes of tensors must match except in dimension ${d}. Expected size ${first.sizes[k]} but got size ${s} for tensor number ${i} in the list.`,
          { position: i, expected: first.sizes[k], got: s },
        )
    })
    total += x.sizes[d] as number
  })
  const info = DTYPES[dtype]
  const sizes = [...first.sizes]
  sizes[d] = total
  const out = emptyOf(sizes, info)
  let at = 0
  for (const x of tensors) {
    if (x.count === 0) {
      if (!(skipped(x) && first.sizes.length !== 1)) at += x.sizes[d] as number
      continue
    }
    const partSizes = x.sizes
    const part = reinterpret(out, partSizes, out.strides, out.offset + at * (out.strides[d] as number))
    map(OP.cast, x.info.code, info.code, part, x)
    at += x.sizes[d] as number
  }
  run()
  if (o.out) {
    o.out.copy_(out)
    return o.out
  }
  if (tracksAny(tensors)) {
    const n = attach(out, 'CatBackward0', catBack, tensors)
    n.meta = { dim: d, sizes: tensors.map((x) => (skipped(x) && first.sizes.length !== 1 ? null : (x.sizes[d] as number))) }
  }
  return out
}
export { cat as concat, cat as concatenate }
/** Joins tensors of one shape along a new dim. */
export function stack(tensors: readonly Tensor[], dim?: number | { dim?: number }): Tensor {
  expectTensors('stack', tensors)
  const first = tensors[0] as Tensor
  const d = wrapDim(optionsOf<{ dim?: number }>('stack', ['dim'], dim).dim ?? 0, first.sizes.length + 1)
  tensors.forEach((x, i) => {
    if (!sameShape(x.sizes, first.sizes))
      throw new ShapeError(
        `stack expects each tensor to be equal size, but got ${showShape(first.sizes)} at entry 0 and ${showShape(x.sizes)} at entry ${i}`,
        { position: i },
      )
  })
  const out = cat(
    tensors.map((x) => unsqueeze(x, d)),
    d,
  )
  if (out.fn) (out.fn as { name: string }).name = 'StackBackward0'
  return out
}
/** Columns side by side (vectors: end to end). */
export const hstack = (tensors: readonly Tensor[]): Tensor => {
  expectTensors('hstack', tensors)
  const all = tensors.map((x) => (x.sizes.length === 0 ? reshape(x, [1]) : x))
  return cat(all, (all[0] as Tensor).sizes.length === 1 ? 0 : 1)
}
/** Rows below one another. */
export const vstack = (tensors: readonly Tensor[]): Tensor => {
  expectTensors('vstack', tensors)
  return cat(tensors.map((x) => (x.sizes.length < 2 ? reshape(x, [1, x.sizes.length === 0 ? 1 : -1]) : x)), 0)
}

/** The tensor repeated along each dim; a copy. */
export function repeat(x: Tensor, repeats: readonly number[]): Tensor {
  expectTensor('repeat', 'input', x)
  expectInts('repeat', 'repeats', repeats)
  const nd = x.sizes.length
  if (repeats.length < nd)
    throw new ShapeError('Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor', { repeats: [...repeats] })
  if (repeats.some((r) => r < 0)) throw new ShapeError(`Trying to create tensor with negative dimension ${Math.min(...repeats)}: ${showShape(repeats)}`)
  const missing = repeats.length - nd
  const own = [...new Array<number>(missing).fill(1), ...x.sizes]
  const spread = own.flatMap((s, i) => [repeats[i] as number, s])
  const out = expand(reshape(x, own.flatMap((s) => [1, s])), spread).clone({ memoryFormat: 'contiguous' })
  const result = view(out, own.map((s, i) => s * (repeats[i] as number)))
  if (result.fn) (result.fn as { name: string }).name = 'RepeatBackward0'
  result.viewInfo = null
  return result
}
/** As `repeat`, with missing leading counts taken as 1. */
export function tile(x: Tensor, dims: readonly number[]): Tensor {
  expectTensor('tile', 'input', x)
  expectInts('tile', 'dims', dims)
  const missing = x.sizes.length - dims.length
  return repeat(x, missing > 0 ? [...new Array<number>(missing).fill(1), ...dims] : dims)
}

// ---- copies -------------------------------------------------------------------------------------------------------

/** Options of `clone`. */
export interface CloneOptions {
  /** `preserve` (default) keeps dense strides; `contiguous` gives row-major ones. */
  memoryFormat?: 'preserve' | 'contiguous'
}
const cloneBack: Rule = (_n, g) => g
/** A copy in fresh memory; gradients flow through. */
export function clone(x: Tensor, options?: CloneOptions): Tensor {
  expectTensor('clone', 'input', x)
  const { memoryFormat = 'preserve' } = options ?? {}
  const out = memoryFormat === 'preserve' ? emptyLike(x, x.info) : emptyOf(x.sizes, x.info)
  copyInto(out, x)
  if (tracks(x)) attach(out, 'CloneBackward0', cloneBack, [x])
  return out
}
/** The tensor itself where it is row-major, else a row-major copy. */
export function contiguous(x: Tensor): Tensor {
  expectTensor('contiguous', 'input', x)
  return x.rowMajor ? x : clone(x, { memoryFormat: 'contiguous' })
}
/** The same values, cut off from the graph; shares memory and versions. */
export function detach(x: Tensor): Tensor {
  expectTensor('detach', 'input', x)
  return reinterpret(x, x.sizes, x.strides, x.offset)
}
/** Cuts this tensor itself off from the graph. */
export function detach_(x: Tensor): Tensor {
  expectTensor('detach_', 'input', x)
  if (x.viewInfo)
    throw new ShapeError("Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as a reference.")
  x.setGradFn(null, 0)
  x.needsGrad = false
  return x
}

/** Options of `to`. */
export interface ToOptions {
  dtype?: DType
  /** Copy even where nothing changes. Default false. */
  copy?: boolean
}
const castBack: Rule = (n, g) => to(g, n.meta as DType)
/** The values in another dtype; the tensor itself where it has it already. */
export function to(x: Tensor, dtype: DType | Tensor | ToOptions | 'cpu', options?: Omit<ToOptions, 'dtype'>): Tensor {
  expectTensor('to', 'input', x)
  if (dtype === 'cpu') return x
  const o = isTensor(dtype) ? { dtype: dtype.dtype, ...options } : optionsOf<ToOptions>('to', ['dtype', 'copy'], dtype, options)
  const want = o.dtype ?? x.dtype
  expectDType('to', want)
  const info = DTYPES[want]
  if (info === x.info) return o.copy ? clone(x) : x
  const out = castRaw(x, info)
  if (info.category === 2 && tracks(x)) attach(out, 'ToCopyBackward0', castBack, [x]).meta = x.dtype
  return out
}
export { to as type }
export const typeAs = (x: Tensor, other: Tensor): Tensor => {
  expectTensor('typeAs', 'input', x)
  expectTensor('typeAs', 'other', other)
  return to(x, other.dtype)
}
export const float = (x: Tensor): Tensor => to(x, 'float32')
export const double = (x: Tensor): Tensor => to(x, 'float64')
export const half = (x: Tensor): Tensor => to(x, 'float16')
export const bfloat16 = (x: Tensor): Tensor => to(x, 'bfloat16')
export const long = (x: Tensor): Tensor => to(x, 'int64')
export const int = (x: Tensor): Tensor => to(x, 'int32')
export const short = (x: Tensor): Tensor => to(x, 'int16')
export const char = (x: Tensor): Tensor => to(x, 'int8')
export const byte = (x: Tensor): Tensor => to(x, 'uint8')
export const bool = (x: Tensor): Tensor => to(x, 'bool')

const copyBack: Rule = (n, g) => [n.needs(0) ? g.mul(0) : null, g]
/** Writes the values of `source` (broadcast, cast) into this tensor. */
export function copy_(x: Tensor, source: Tensor | number | bigint | boolean): Tensor {
  expectTensor('copy_', 'input', x)
  if (!isTensor(source)) return fill_(x, source)
  checkInPlaceShape(x, source)
  const n = startInPlace(x, 'CopyBackwards', copyBack, [x, source])
  if (source.storage === x.storage && source.offset === x.offset && sameShape(source.sizes, x.sizes) && sameShape(source.strides, x.strides)) {
    finishInPlace(x, n)
    return x
  }
  checkWritable(x)
  let from = source
  try {
    checkOverlap(x, source)
  } catch {
    from = source.detach().clone()
  }
  copyInto(x, from)
  finishInPlace(x, n)
  return x
}
/** Sets every element to one value. */
export function fill_(x: Tensor, value: number | bigint | boolean | Tensor): Tensor {
  expectTensor('fill_', 'input', x)
  if (isTensor(value) && value.sizes.length > 0)
    throw new ShapeError(`fill_ only supports 0-dimension value tensor but got tensor with ${value.sizes.length} dimensions.`)
  if (!isTensor(value) && typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean')
    throw new ArgumentError(`fill_(): argument 'value' must be Number, not ${typeof value}`)
  const v = isTensor(value) ? value : null
  if (!isTensor(value)) value = storable(value, x.info)
  const n = startInPlace(x, v ? 'FillBackward1' : 'FillBackward0', (m, g) => [g.mul(0), m.needs(1) ? g.sum() : null], [x, v])
  copyInto(x, value)
  finishInPlace(x, n)
  return x
}
/** Sets every element to 0. */
export function zero_(x: Tensor): Tensor {
  expectTensor('zero_', 'input', x)
  const n = startInPlace(x, 'ZeroBackward0', (_m, g) => g.mul(0), [x])
  copyInto(x, 0)
  finishInPlace(x, n)
  return x
}

const flipBack: Rule = (n, g) => flip(g, n.meta as number[])
/** The order of elements turned along the given dims; a copy. */
export function flip(x: Tensor, dims: readonly number[]): Tensor {
  expectTensor('flip', 'input', x)
  const list = typeof dims === 'number' ? [dims] : dims
  expectInts('flip', 'dims', list)
  const ds = wrapDims(list, x.sizes.length).filter((d) => d < x.sizes.length)
  let out: Tensor = x.detach()
  for (const d of ds) out = out.indexSelect(d, reversed(out.sizes[d] as number))
  if (ds.length === 0) out = clone(out)
  if (tracks(x)) attach(out, 'FlipBackward0', flipBack, [x]).meta = ds
  return out
}
/** Columns in reverse. */
export function fliplr(x: Tensor): Tensor {
  expectTensor('fliplr', 'input', x)
  if (x.sizes.length < 2) throw new ShapeError('Input must be >= 2-d.')
  return flip(x, [1])
}
/** Rows in reverse. */
export function flipud(x: Tensor): Tensor {
  expectTensor('flipud', 'input', x)
  if (x.sizes.length < 1) throw new ShapeError('Input must be >= 1-d.')
  return flip(x, [0])
}
function reversed(n: number): Tensor {
  return geometryIndex([n], [-1], n - 1)
}
/** Elements moved round along dims, those pushed out coming in on the other side; a copy. */
export function roll(x: Tensor, shifts: number | readonly number[], options?: number | readonly number[] | { dims?: number | readonly number[] }): Tensor {
  expectTensor('roll', 'input', x)
  const by = typeof shifts === 'number' ? [shifts] : shifts
  expectInts('roll', 'shifts', by)
  const o = optionsOf<{ dims?: number | readonly number[] }>('roll', ['dims'], options)
  const dims = o.dims === undefined ? [] : typeof o.dims === 'number' ? [o.dims] : o.dims
  if (by.length === 0) throw new ShapeError('`shifts` required')
  if (dims.length === 0) {
    if (by.length !== 1) throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${dims.length}`)
    return reshape(roll(reshape(x, [-1]), by, 0), x.sizes)
  }
  if (dims.length !== by.length) throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${dims.length}`)
  let out = x
  dims.forEach((dim, i) => {
    const d = wrapDim(dim, x.sizes.length)
    if (x.sizes.length === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`)
    const n = x.sizes[d] as number
    if (n === 0) return
    const k = (((by[i] as number) % n) + n) % n
    if (k !== 0) out = cat([narrow(out, d, n - k, k), narrow(out, d, 0, n - k)], d)
  })
  return out === x ? clone(x) : out
}
/** A quarter turn, `k` times, in the plane of two dims. */
export function rot90(x: Tensor, turns?: number | { k?: number; dims?: readonly number[] }, options?: { dims?: readonly number[] }): Tensor {
  expectTensor('rot90', 'input', x)
  const { k = 1, dims = [0, 1] } = optionsOf<{ k?: number; dims?: readonly number[] }>('rot90', ['k', 'dims'], turns, options)
  expectInt('rot90', 'k', k)
  expectInts('rot90', 'dims', dims)
  const nd = x.sizes.length
  if (dims.length !== 2) throw new ShapeError(`expected total rotation dims == 2, but got dims = ${dims.length}`)
  if (nd < 2) throw new ShapeError(`expected total dims >= 2, but got total dims = ${nd}`)
  const [a, b] = dims as [number, number]
  if (a === b || Math.abs(a - b) === nd)
    throw new ShapeError(`expected rotation dims to be different, but got dim0 = ${a} and dim1 = ${b}`)
  for (const [i, d] of [a, b].entries()) if (d >= nd || d < -nd) throw new IndexError(`Rotation dim${i} out of range, dim${i} = ${d}`)
  switch (((k % 4) + 4) % 4) {
    case 1:
      return transpose(flip(x, [b]), a, b)
    case 2:
      return flip(x, [a, b])
    case 3:
      return flip(transpose(x, a, b), [b])
    default:
      return clone(x)
  }
}
