/** Views: what changes shape and strides and, where it can, no memory. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { type DType, DTYPES } from '../../runtime/dtype'
import { contiguousStrides, countOf, inferSize, type Shape, viewStrides, wrapDim, wrapDims } from '../../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../../tensor/tensor'
import { expectTensor, isMatrix } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { checkDiagonalDims } from '../../check/shapes'
import { hostRead } from '../define/host-read'
import { copyInto, filled } from '../define/results'
import { viewOf } from '../define/view'
import { aliasOf, define, defineAs } from '../define/define'
import { viewInPlace } from '../define/in-place'
import {
  spreadDims,
  type DimsWith,
  int,
  intOrInts,
  intOrTensor,
  ints,
  spreadInts,
  type Sizes,
  sizesOrDtype,
  tensor,
} from '../define/params'
import type { InPlaceOp, Op } from '../define/registry'
import { geometryIndex, sliceDim } from './geometry'
import { withNodeName } from '../define/node-name'
import {
  checkAtMostMatrix,
  checkFlatten,
  checkItemSize,
  checkMoves,
  checkNarrow,
  checkPermutation,
  checkStart,
  checkStrided,
  checkUnflatten,
  checkWindows,
  noSuchIndex,
  notExpandable,
  noView,
  selectedFromScalar,
  tooFewSizes,
} from './view-checks'

// ---- geometry -----------------------------------------------------------------------------------------------------

const reshapeBack: Rule = (n, g) => g.reshape(n.meta as number[])

/**
 * The same memory in another shape, or its bytes in another dtype.
 * @param shape sizes, an array or the ints themselves, of which one may be -1; or a dtype, whose item size the last dim grows or shrinks with
 * @throws ShapeError where the strides do not allow it; `reshape` copies then
 */
export const view: Op<(x: Tensor, ...shape: Sizes | [dtype: DType]) => Tensor> = define('view', {
  params: [tensor('input'), sizesOrDtype('size')],
  node: 'ViewBackward0',
  run: (x, shape) => (typeof shape === 'string' ? viewDtype(x, shape) : viewSizes(x, shape)),
})
function viewSizes(x: Tensor, shape: readonly number[]): Tensor {
  const sizes = inferSize(shape, x.count)
  const strides = x.rowMajor ? contiguousStrides(sizes) : viewStrides(x.sizes, x.strides, sizes)
  if (strides === null) throw noView(x, sizes)
  return viewOf(x, sizes, strides, x.offset, view.op.node, reshapeBack, x.sizes)
}

/** The bytes seen as another dtype; the last dim grows or shrinks with the item size. */
function viewDtype(x: Tensor, dtype: DType): Tensor {
  const info = DTYPES[dtype]
  if (info.itemsize === x.itemsize) {
    const out = reinterpret(x, x.sizes, x.strides, x.offset)
    out.info = info
    return out
  }
  const ratio = checkItemSize(x, info)
  const last = x.sizes.length - 1
  const sizes = x.sizes.map((s, i) => (i === last ? s * ratio : s))
  const strides = x.strides.map((s, i) => (i === last ? 1 : s * ratio))
  const out = reinterpret(x, sizes, strides, x.offset * ratio)
  out.info = info
  return out
}

/**
 * The same elements in another shape, as a view where that is possible and as a copy otherwise.
 * @param shape an array, or the ints themselves; one size may be -1
 * @throws ShapeError where the sizes hold another number of elements
 */
export const reshape: Op<(x: Tensor, ...shape: Sizes) => Tensor> = define('reshape', {
  params: [tensor('input'), spreadInts('shape')],
  node: ['ViewBackward0', 'ReshapeAliasBackward0', 'UnsafeViewBackward0'],
  run: reshaped,
})
function reshaped(x: Tensor, shape: readonly number[]): Tensor {
  const sizes = inferSize(shape, x.count)
  const strides = x.rowMajor ? contiguousStrides(sizes) : viewStrides(x.sizes, x.strides, sizes)
  if (strides !== null)
    return viewOf(
      x,
      sizes,
      strides,
      x.offset,
      x.rowMajor ? reshape.op.node : (reshape.op.nodes[1] as string),
      reshapeBack,
      x.sizes,
    )
  const copy = x.clone({ memoryFormat: 'contiguous_format' })
  const out = withNodeName(viewSizes(copy, sizes), reshape.op.nodes[2] as string)
  out.viewInfo = null
  return out
}
type As = Op<(x: Tensor, other: Tensor) => Tensor>
/** As `view`, in the shape of another tensor. */
export const viewAs: As = define('viewAs', {
  params: [tensor('input'), tensor('other')],
  run: (x, other) => view(x, other.sizes),
})
/** As `reshape`, in the shape of another tensor. */
export const reshapeAs: As = define('reshapeAs', {
  params: [tensor('input'), tensor('other')],
  run: (x, other) => reshape(x, other.sizes),
})

const permuteBack: Rule = (n, g) => permute(g, n.meta as number[])

/** The dims in another order. @param dims every dim once, an array or the ints themselves @throws ShapeError where they are not that */
export const permute: Op<(x: Tensor, ...dims: Sizes) => Tensor> = define('permute', {
  params: [tensor('input'), spreadInts('dims')],
  node: 'PermuteBackward0',
  run: permuted,
})
function permuted(x: Tensor, dims: readonly number[]): Tensor {
  const order = checkPermutation(x.sizes.length, dims)
  const inverse = new Array<number>(order.length)
  order.forEach((d, i) => {
    inverse[d] = i
  })
  return viewOf(
    x,
    order.map((d) => x.sizes[d]),
    order.map((d) => x.strides[d]),
    x.offset,
    permute.op.node,
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
    sizes[a] = x.sizes[b]
    sizes[b] = x.sizes[a]
    strides[a] = x.strides[b]
    strides[b] = x.strides[a]
  }
  return viewOf(x, sizes, strides, x.offset, name, transposeBack, [a, b])
}
type Transpose = (x: Tensor, dim0: number, dim1: number) => Tensor
const dimsSwapped: Transpose = (x, dim0, dim1) =>
  swapped(x, wrapDim(dim0, x.sizes.length), wrapDim(dim1, x.sizes.length), transpose.op.node)
/** Two dims exchanged. @throws IndexError for a dim that is not there */
export const transpose: InPlaceOp<Transpose, Transpose> = define('transpose', {
  params: [tensor('input'), int('dim0'), int('dim1')],
  node: 'TransposeBackward0',
  inPlace: viewInPlace(dimsSwapped),
  run: dimsSwapped,
})
/** Two dims exchanged: another name of `transpose`. */
export const swapaxes = aliasOf(transpose, 'swapaxes')
/** Two dims exchanged: another name of `transpose`. */
export const swapdims = aliasOf(transpose, 'swapdims')
/** The transpose of a matrix; a vector or 0-d tensor as it is. @throws ShapeError for more than two dims */
export const t: InPlaceOp<(x: Tensor) => Tensor, (x: Tensor) => Tensor> = define('t', {
  params: [tensor('input')],
  node: 'TBackward0',
  inPlace: viewInPlace(matrixTransposed),
  run: matrixTransposed,
})
function matrixTransposed(x: Tensor): Tensor {
  checkAtMostMatrix(x.sizes)
  if (x.sizes.length < 2) return viewOf(x, x.sizes, x.strides, x.offset, t.op.node, (_n, g) => t(g), null)
  return swapped(x, 0, 1, t.op.node)
}
/** The last two dims exchanged: real numbers have no conjugate. @throws ShapeError for a vector */
export const adjoint: Op<(x: Tensor) => Tensor> = define('adjoint', {
  params: [tensor('input')],
  run: (x) => (isMatrix('adjoint()', x) ? transpose(x, -2, -1) : x),
})

type Movedim = (x: Tensor, source: number | readonly number[], destination: number | readonly number[]) => Tensor
/**
 * Dims moved to new places, the others keeping their order.
 * @param source which dims
 * @param destination where each of them goes
 * @throws ShapeError where the two differ in length, or a dim comes twice
 */
export const movedim: Op<Movedim> = define('movedim', {
  params: [tensor('input'), intOrInts('source'), intOrInts('destination')],
  run: moved,
})
function moved(x: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor {
  const from = typeof source === 'number' ? [source] : source
  const to = typeof destination === 'number' ? [destination] : destination
  const nd = x.sizes.length
  const [src, dst] = checkMoves(nd, from, to)
  if (nd === 0) return withNodeName(permute(x, []), 'AliasBackward0')
  const order = new Array<number>(nd).fill(-1)
  src.forEach((s, i) => {
    order[dst[i]] = s
  })
  const others = x.sizes.map((_, i) => i).filter((i) => !src.includes(i))
  for (let i = 0, k = 0; i < nd; i++) if (order[i] === -1) order[i] = others[k++]
  return permute(x, order)
}
/** Dims moved to new places: another name of `movedim`. */
export const moveaxis = aliasOf(movedim, 'moveaxis')

const squeezeBack: Rule = (n, g) => g.reshape(n.meta as number[])
/** Options of `squeeze`. */
export interface SqueezeOptions {
  /** Which dims, if their size is 1. Default: all such. */
  dim?: number | readonly number[]
}
type Squeeze = (x: Tensor, ...dim: DimsWith<SqueezeOptions>) => Tensor
/** Without the dims of size 1: all, or those named, as an array or one by one. @throws IndexError for a dim that is not there */
export const squeeze: InPlaceOp<Squeeze, Squeeze> = define('squeeze', {
  params: [tensor('input'), spreadDims('dim').optional()],
  node: ['SqueezeBackward0', 'SqueezeBackward1', 'SqueezeBackward2'],
  inPlace: viewInPlace(squeezed, 3),
  run: squeezed,
})
function squeezed(x: Tensor, { dim }: { readonly dim: number | readonly number[] | undefined }): Tensor {
  const drop = dim === undefined ? null : wrapDims(typeof dim === 'number' ? [dim] : dim, x.sizes.length)
  const keep: number[] = []
  for (let i = 0; i < x.sizes.length; i++) if (x.sizes[i] !== 1 || (drop && !drop.includes(i))) keep.push(i)
  return viewOf(
    x,
    keep.map((i) => x.sizes[i]),
    keep.map((i) => x.strides[i]),
    x.offset,
    squeeze.op.nodes[dim === undefined ? 0 : typeof dim === 'number' ? 1 : 2] as string,
    squeezeBack,
    x.sizes,
  )
}
type Unsqueeze = (x: Tensor, dim: number) => Tensor
/** With a dim of size 1 put in. @param dim before which; -1 puts it last @throws IndexError out of range */
export const unsqueeze: InPlaceOp<Unsqueeze, Unsqueeze> = define('unsqueeze', {
  params: [tensor('input'), int('dim')],
  node: 'UnsqueezeBackward0',
  inPlace: viewInPlace(unsqueezed),
  run: unsqueezed,
})
function unsqueezed(x: Tensor, dim: number): Tensor {
  const at = wrapDim(dim, x.sizes.length + 1)
  const stride = at < x.sizes.length ? x.sizes[at] * x.strides[at] : 1
  return viewOf(
    x,
    [...x.sizes.slice(0, at), 1, ...x.sizes.slice(at)],
    [...x.strides.slice(0, at), stride, ...x.strides.slice(at)],
    x.offset,
    unsqueeze.op.node,
    (n, g) => squeeze(g, n.meta as number),
    at,
  )
}

/**
 * Broadcast to a larger shape without a copy.
 * @param size an array, or the ints themselves; -1 keeps a size; there may be more dims in front
 * @throws ShapeError where a size other than 1 would change
 */
export const expand: Op<(x: Tensor, ...size: Sizes) => Tensor> = define('expand', {
  params: [tensor('input'), spreadInts('size')],
  node: 'ExpandBackward0',
  run: expanded,
})
function expanded(x: Tensor, size: readonly number[]): Tensor {
  const missing = size.length - x.sizes.length
  if (missing < 0) throw tooFewSizes(x, size)
  const sizes = new Array<number>(size.length)
  const strides = new Array<number>(size.length)
  for (let i = size.length - 1; i >= 0; i--) {
    const own = i >= missing ? x.sizes[i - missing] : 1
    const stride = i >= missing ? x.strides[i - missing] : i < size.length - 1 ? sizes[i + 1] * strides[i + 1] : 1
    const want = size[i] === -1 && i >= missing ? own : size[i]
    if (want < 0 || (own !== want && own !== 1)) throw notExpandable(x.sizes, size, i)
    sizes[i] = want
    strides[i] = own === 1 && want !== 1 ? 0 : stride
  }
  return viewOf(x, sizes, strides, x.offset, expand.op.node, (_n, g) => g, null)
}
/** As `expand`, to the shape of another tensor. */
export const expandAs: As = define('expandAs', {
  params: [tensor('input'), tensor('other')],
  run: (x, other) => expand(x, other.sizes),
})
/** Broadcast to a larger shape without a copy: another name of `expand`. */
export const broadcastTo = aliasOf(expand, 'broadcastTo')

type Narrow = (x: Tensor, dim: number, start: number | Tensor, length: number) => Tensor
/**
 * A part of one dim.
 * @param start the first index; below 0 it counts from the end; a 0-d integer tensor may hold it
 * @param length how many
 * @throws IndexError for a start out of range; ShapeError where there are not so many
 */
export const narrow: Op<Narrow> = define('narrow', {
  params: [tensor('input'), int('dim'), intOrTensor('start'), int('length')],
  run: narrowed,
})
function narrowed(x: Tensor, dim: number, start: number | Tensor, length: number): Tensor {
  if (isTensor(start)) {
    checkStart(start)
    // Where a view begins is not a value but metadata.
    start = Number(hostRead(start))
  }
  const [d, from] = checkNarrow(x.sizes, dim, start, length)
  return sliceDim(x, d, from, from + length, 1)
}

const selectBack: Rule = (n, g) => selectScatterZeros(g, n.meta as { sizes: Shape; dim: number; index: number })
function selectScatterZeros(g: Tensor, m: { sizes: Shape; dim: number; index: number }): Tensor {
  const out = filled(m.sizes, 0, g.info)
  copyInto(select(out, m.dim, m.index), g)
  if (tracks(g)) attach(out, 'SelectBackwardBackward0', (_n, h) => select(h, m.dim, m.index), [g])
  return out
}
/**
 * One index of one dim; that dim is gone.
 * @param index below 0 it counts from the end
 * @throws IndexError out of range
 */
export const select: Op<(x: Tensor, dim: number, index: number) => Tensor> = define('select', {
  params: [tensor('input'), int('dim'), int('index')],
  node: 'SelectBackward0',
  run: selected,
})
function selected(x: Tensor, dim: number, index: number): Tensor {
  if (x.sizes.length === 0) throw selectedFromScalar()
  const d = wrapDim(dim, x.sizes.length)
  const size = x.sizes[d]
  if (index < -size || index >= size) throw noSuchIndex(x.sizes, d, index)
  const at = index < 0 ? index + size : index
  const sizes = x.sizes.filter((_, i) => i !== d)
  const strides = x.strides.filter((_, i) => i !== d)
  return viewOf(x, sizes, strides, x.offset + at * x.strides[d], select.op.node, selectBack, {
    sizes: x.sizes,
    dim: d,
    index: at,
  })
}

/** Options of `flatten`. */
export interface FlattenOptions {
  /** The first dim of those that become one. Default 0. */
  startDim?: number
  /** The last of them. Default -1. */
  endDim?: number
}
type Flatten = (x: Tensor, startDim?: number | FlattenOptions, endDim?: number | { endDim?: number }) => Tensor
/**
 * Several dims as one, as a view where that is possible; a 0-d tensor as a vector.
 * @throws ShapeError where `startDim` comes after `endDim`
 */
export const flatten: Op<Flatten> = defineAs<Flatten>('flatten', {
  params: [tensor('input'), int('startDim').default(0), int('endDim').default(-1)],
  run: flattened,
})
function flattened(x: Tensor, startDim?: number | FlattenOptions, endDim?: number | { endDim?: number }): Tensor {
  expectTensor('flatten', 'input', x)
  const o =
    typeof endDim === 'number'
      ? { startDim: startDim as number, endDim }
      : optionsOf<FlattenOptions>('flatten', ['startDim', 'endDim'], startDim, endDim)
  const nd = x.sizes.length
  const [from, to] = checkFlatten(nd, o.startDim ?? 0, o.endDim ?? -1)
  if (nd === 0) return reshape(x, [1])
  if (from === to) return x
  return reshape(x, [...x.sizes.slice(0, from), countOf(x.sizes.slice(from, to + 1)), ...x.sizes.slice(to + 1)])
}
/**
 * One dim as several.
 * @param sizes one of them may be -1
 * @throws ShapeError where they do not multiply up to the size of the dim
 */
export const unflatten: Op<(x: Tensor, dim: number, sizes: readonly number[]) => Tensor> = define('unflatten', {
  params: [tensor('input'), int('dim'), ints('sizes')],
  run: unflattened,
})
function unflattened(x: Tensor, dim: number, sizes: readonly number[]): Tensor {
  const d = checkUnflatten(x.sizes, dim, sizes)
  return view(x, [...x.sizes.slice(0, d), ...inferSize(sizes, x.sizes[d]), ...x.sizes.slice(d + 1)])
}
/** All elements as a vector; a view where possible. */
export const ravel: Op<(x: Tensor) => Tensor> = define('ravel', {
  params: [tensor('input')],
  run: (x) => view(x.contiguous(), [-1]),
})

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
  for (let i = 0; i < m.base.length; i++) last += (m.base[i] - 1) * m.baseStrides[i]
  let lastView = m.offset - first
  for (let i = 0; i < m.sizes.length; i++) lastView += (m.sizes[i] - 1) * m.strides[i]
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
  const dims = sizes.map((_, i) => i).filter((i) => sizes[i] > 1)
  dims.sort((a, b) => strides[a] - strides[b])
  let reach = 0
  for (const i of dims) {
    const stride = strides[i]
    if (stride <= reach) return true
    reach += stride * (sizes[i] - 1)
  }
  return false
}
/** Options of `asStrided`. */
export interface AsStridedOptions {
  /** Where it begins, in elements of the storage. Default: where the tensor does. */
  storageOffset?: number
}
type AsStrided = (
  x: Tensor,
  size: readonly number[],
  stride: readonly number[],
  storageOffset?: number | AsStridedOptions,
) => Tensor
/**
 * A view with any geometry inside the storage.
 * @param stride how many elements of the storage lie between neighbours of a dim; not negative
 * @throws ShapeError where it would lead out of the storage
 */
export const asStrided: InPlaceOp<AsStrided, AsStrided> = define('asStrided', {
  params: [tensor('input'), ints('size'), ints('stride'), int('storageOffset').optional()],
  node: 'AsStridedBackward0',
  inPlace: viewInPlace(strided),
  run: strided,
})
function strided(
  x: Tensor,
  size: readonly number[],
  stride: readonly number[],
  options: { readonly storageOffset: number | undefined },
): Tensor {
  const { storageOffset = x.offset } = options
  checkStrided(x, size, stride, storageOffset)
  const meta = {
    sizes: [...size],
    strides: [...stride],
    offset: storageOffset,
    base: x.sizes,
    baseStrides: x.strides,
    baseOffset: x.offset,
  }
  return viewOf(x, [...size], [...stride], storageOffset, asStrided.op.node, asStridedBack, meta)
}

/** Options of `diagonal`, `diagEmbed` and `diagonalScatter`. */
export interface DiagonalOptions {
  /** How far above the main diagonal; below 0 under it. Default 0. */
  offset?: number
  /** The dim of the rows. Default 0; of `diagEmbed` -2. */
  dim1?: number
  /** The dim of the columns. Default 1; of `diagEmbed` -1. */
  dim2?: number
}
/** The diagonal of two dims, as the last dim. @throws ShapeError where the two are one */
export const diagonal: Op<
  (x: Tensor, offset?: number | DiagonalOptions, options?: Omit<DiagonalOptions, 'offset'>) => Tensor
> = define('diagonal', {
  params: [tensor('input'), int('offset').default(0), int('dim1').default(0), int('dim2').default(1)],
  node: 'DiagonalBackward0',
  run: diagonalOf,
})
function diagonalOf(x: Tensor, o: { readonly offset: number; readonly dim1: number; readonly dim2: number }): Tensor {
  const { offset, dim1, dim2 } = o
  const [a, b] = checkDiagonalDims(x.sizes.length, dim1, dim2)
  const [na, nb] = [x.sizes[a], x.sizes[b]]
  const length = Math.max(0, offset >= 0 ? Math.min(na, nb - offset) : Math.min(na + offset, nb))
  const start = length === 0 ? 0 : offset >= 0 ? offset * x.strides[b] : -offset * x.strides[a]
  const keep = x.sizes.map((_, i) => i).filter((i) => i !== a && i !== b)
  const meta = { sizes: x.sizes, o }
  return viewOf(
    x,
    [...keep.map((i) => x.sizes[i]), length],
    [...keep.map((i) => x.strides[i]), x.strides[a] + x.strides[b]],
    x.offset + start,
    diagonal.op.node,
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

type Unfold = (x: Tensor, dimension: number, size: number, step: number) => Tensor
/**
 * Every window of a dim, as a new last dim.
 * @param size how many elements a window has
 * @param step how far apart windows begin
 * @throws ShapeError where no window fits
 */
export const unfold: Op<Unfold> = define('unfold', {
  params: [tensor('input'), int('dimension'), int('size'), int('step')],
  node: 'UnfoldBackward0',
  run: windows,
})
function windows(x: Tensor, dimension: number, size: number, step: number): Tensor {
  const d = wrapDim(dimension, x.sizes.length)
  const length = x.sizes.length === 0 ? 1 : x.sizes[d]
  checkWindows(d, length, size, step)
  const stride = x.sizes.length === 0 ? 1 : x.strides[d]
  const sizes = [...x.sizes, size]
  const strides = [...x.strides, stride]
  if (x.sizes.length > 0) {
    sizes[d] = Math.floor((length - size) / step) + 1
    strides[d] = stride * step
  }
  // The gradient is of the windows, wherever the elements lie: as if they lay in order.
  const baseStrides = contiguousStrides(x.sizes)
  const across = x.sizes.length === 0 ? 1 : baseStrides[d]
  const apart = [...baseStrides.map((s, i) => (i === d ? s * step : s)), across]
  const meta = { sizes, strides: apart, offset: 0, base: x.sizes, baseStrides, baseOffset: 0 }
  return viewOf(x, sizes, strides, x.offset, unfold.op.node, asStridedBack, meta)
}
