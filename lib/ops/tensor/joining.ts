/** Taking tensors apart and putting them together. */
import { attach, attachAll, type Rule, tracks, tracksAny } from '../../autograd/node'
import { ArgumentError, IndexError, MemoryError, ShapeError } from '../../errors'
import { map, run } from '../../runtime/commands'
import { type DTypeInfo, DTYPES, promoteTypes } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { sameShape, type Shape, showShape, wrapDim } from '../../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../../tensor/tensor'
import { expectInt, expectInts } from '../../check/arguments'
import { checkOut, written } from '../define/out'
import { hostReadAll } from '../define/host-read'
import { emptyOf, expectRoom, filled } from '../define/results'
import { trackView } from '../define/view'
import { aliasOf, define } from '../define/define'
import { int, ints, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { sliceDim } from './geometry'
import { named } from '../define/named'
import { expand, narrow, reshape, select, unsqueeze, view } from './views'

// ---- several views ------------------------------------------------------------------------------------------------

/** Views of one tensor that share one node, as PyTorch's multi-view functions. */
function views(x: Tensor, name: string, parts: readonly Tensor[], back: Rule): Tensor[] {
  parts.forEach((p) => {
    p.fn = null
    p.viewInfo = null
    trackView(p, x, 'multi')
  })
  if (tracks(x)) attachAll(parts, name, back, [x])
  return [...parts]
}
/** Refuses to make more views than there is memory for. */
function expectFew(op: string, views: number): void {
  if (views > MOST_VIEWS) throw new MemoryError(`${op}(): there is no memory for ${views} tensors`, { op, views })
}
const MOST_VIEWS = 2 ** 22
const joinGrads = (dim: number, parts: readonly Tensor[]): Rule => {
  const metas = parts.map((p) => ({ sizes: p.sizes, info: p.info }))
  return (_n, _g, grads) =>
    cat(
      grads.map((g, i) => g ?? filled((metas[i] as { sizes: Shape }).sizes, 0, (metas[i] as { info: DTypeInfo }).info)),
      dim,
    )
}

/** Options of what splits along a dim, or joins. */
export interface DimOption {
  /** Along which dim. Default 0. */
  dim?: number
}
type SplitSize = number | readonly number[]
/**
 * Parts along a dim, as views.
 * @param splitSize the size of each (the last may be smaller), or of every one
 * @throws ShapeError where given sizes do not sum to that of the dim
 */
export const split: Op<(x: Tensor, splitSize: SplitSize, dim?: number | DimOption) => Tensor[]> = define('split', {
  params: [tensor('input'), own<SplitSize>('int or int[]')('splitSize'), int('dim').default(0)],
  node: ['SplitBackward0', 'SplitWithSizesBackward0'],
  run: (x, splitSize, { dim }) => splitAt(x, splitSize, dim),
})
function splitAt(x: Tensor, splitSize: SplitSize, d0: number): Tensor[] {
  if (x.sizes.length === 0) throw new ShapeError('split expects at least a 1-dimensional tensor')
  const d = wrapDim(d0, x.sizes.length)
  const size = x.sizes[d]
  let sizes: number[]
  if (Array.isArray(splitSize)) {
    expectInts('split', 'split_sizes', splitSize)
    sizes = [...splitSize]
    const total = sizes.reduce((a, b) => a + b, 0)
    if (sizes.some((s) => s < 0))
      throw new ShapeError(
        `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${showShape(sizes)}`,
      )
    if (total !== size)
      throw new ShapeError(
        `split_with_sizes expects split_sizes to sum exactly to ${size} (input tensor's size at dimension ${d0}), but got split_sizes=${showShape(sizes)}`,
        { sizes, size },
      )
  } else {
    expectInt('split', 'split_size', splitSize)
    if ((splitSize as number) < 0)
      throw new ShapeError(`split expects split_size be non-negative, but got split_size=${splitSize}`)
    if (splitSize === 0 && size !== 0)
      throw new ShapeError(`split_size can only be 0 if dimension size is 0, but got dimension size of ${size}`)
    const n = splitSize === 0 ? 1 : Math.max(1, Math.ceil(size / (splitSize as number)))
    expectFew('split', n)
    sizes = Array.from({ length: n }, (_, i) =>
      i < n - 1 ? (splitSize as number) : size - (splitSize as number) * (n - 1),
    )
  }
  let at = 0
  const parts = sizes.map((s) => {
    const part = plain(() => sliceDim(x, d, at, at + s, 1))
    at += s
    return part
  })
  const name = split.op.nodes[Array.isArray(splitSize) ? 1 : 0] as string
  return views(x, name, parts, joinGrads(d, parts))
}
/** A view made without a node of its own. */
function plain(make: () => Tensor): Tensor {
  const out = make()
  out.fn = null
  return out
}

/**
 * At most so many parts of equal size along a dim (the last may be smaller), as views.
 * @throws ShapeError for a number of parts that is not above 0
 */
export const chunk: Op<(x: Tensor, chunks: number, dim?: number | DimOption) => Tensor[]> = define('chunk', {
  params: [tensor('input'), int('chunks'), int('dim').default(0)],
  run(x, chunks, { dim }) {
    if (x.sizes.length === 0) throw new ShapeError('chunk expects at least a 1-dimensional tensor')
    if (chunks <= 0) throw new ShapeError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`)
    const d = wrapDim(dim, x.sizes.length)
    const each = Math.ceil(x.sizes[d] / chunks)
    if (each === 0) expectFew('chunk', chunks)
    return split(x, each === 0 ? new Array<number>(chunks).fill(0) : each, d)
  },
})
type Cuts = number | readonly number[] | Tensor
/**
 * As `chunk`, but as even as possible; or split before the given indices.
 * @param indicesOrSections how many parts, or where each but the first begins; an int64 tensor may hold either
 */
export const tensorSplit: Op<(x: Tensor, indicesOrSections: Cuts, dim?: number | DimOption) => Tensor[]> = define(
  'tensorSplit',
  {
    params: [tensor('input'), own<Cuts>('int, int[] or Tensor')('indicesOrSections'), int('dim').default(0)],
    run: (x, indicesOrSections, { dim }) => splitBefore(x, indicesOrSections, dim),
  },
)
function splitBefore(x: Tensor, given: Cuts, dim: number): Tensor[] {
  if (x.sizes.length === 0)
    throw new ShapeError('tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims')
  const d = wrapDim(dim, x.sizes.length)
  const size = x.sizes[d]
  const indicesOrSections = isTensor(given) ? cutsOf(given) : given
  let cuts: number[]
  if (typeof indicesOrSections === 'number') {
    const n = indicesOrSections
    expectInt('tensorSplit', 'indices_or_sections', n)
    if (n <= 0) throw new ShapeError(`number of sections must be larger than 0, got ${n}`)
    expectFew('tensorSplit', n)
    const [each, more] = [Math.floor(size / n), size % n]
    cuts = Array.from({ length: n - 1 }, (_, i) => (i + 1) * each + Math.min(i + 1, more))
  } else {
    expectInts('tensorSplit', 'indices_or_sections', indicesOrSections)
    cuts = indicesOrSections.map((i) => Math.min(Math.max(i < 0 ? i + size : i, 0), size))
  }
  expectFew('tensorSplit', cuts.length)
  const edges = [0, ...cuts, size]
  return edges.slice(1).map((end, i) => sliceDim(x, d, Math.min(edges[i], end), end, 1))
}
/** The cuts that an integer tensor names. */
function cutsOf(t: Tensor): number | number[] {
  if (t.dtype !== 'int64' || t.sizes.length > 1)
    throw new ShapeError(
      t.sizes.length > 1
        ? `tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${t.sizes.length} dims`
        : `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${t.info.scalarType}`,
    )
  // Where views begin, and how many there are.
  const list = hostReadAll(t)
  return t.sizes.length === 0 ? list[0] : list
}
/** One view for each index of a dim, that dim gone. @throws IndexError for a dim that is not there */
export const unbind: Op<(x: Tensor, dim?: number | DimOption) => Tensor[]> = define('unbind', {
  params: [tensor('input'), int('dim').default(0)],
  node: 'UnbindBackward0',
  run: (x, { dim }) => unbound(x, dim),
})
function unbound(x: Tensor, dim: number): Tensor[] {
  const d = wrapDim(dim, x.sizes.length)
  if (x.sizes.length === 0) throw new IndexError('Dimension specified as 0 but tensor has no dimensions')
  const n = x.sizes[d]
  expectFew('unbind', n)
  const parts = Array.from({ length: n }, (_, i) => plain(() => select(x, d, i)))
  const metas = parts.map((p) => p.meta())
  return views(x, unbind.op.node, parts, (_n, _g, grads) =>
    stack(
      grads.map((g, i) => g ?? filled((metas[i] as { sizes: Shape }).sizes, 0, x.info)),
      d,
    ),
  )
}

// ---- joining ------------------------------------------------------------------------------------------------------

function expectTensors(op: string, tensors: unknown): asserts tensors is readonly Tensor[] {
  if (!Array.isArray(tensors))
    throw new ArgumentError(`${op}(): argument 'tensors' must be an array of Tensors, not ${typeof tensors}`)
  tensors.forEach((x, i) => {
    if (!isTensor(x))
      throw new ArgumentError(
        `expected Tensor as element ${i} in argument 0, but got ${x === null ? 'null' : typeof x}`,
      )
  })
  if (tensors.length === 0)
    throw new ShapeError(
      op === 'cat' ? 'cat(): expected a non-empty list of Tensors' : `${op} expects a non-empty TensorList`,
    )
}

const catBack: Rule = (n, g) => {
  const { dim, sizes } = n.meta as { dim: number; sizes: (number | null)[] }
  let at = 0
  return sizes.map((s, i) => {
    if (s === null) return n.needs(i) ? filled([0], 0, g.info) : null
    const part = n.needs(i) ? narrow(g, dim, at, s) : null
    at += s
    return part
  })
}
/** Options of `cat`. */
export interface CatOptions extends DimOption {
  /** Write the result into this tensor, which is returned. */
  out?: Tensor
}
const list = own<readonly Tensor[]>('tuple of Tensors')('tensors')
/**
 * Joins tensors along a dim. Dtypes are promoted; a vector without elements joins with anything.
 * @throws ShapeError where sizes of other dims differ
 */
export const cat: Op<
  (tensors: readonly Tensor[], dim?: number | CatOptions, options?: Omit<CatOptions, 'dim'>) => Tensor
> = define('cat', {
  params: [list, int('dim').default(0), tensor('out').optional()],
  node: 'CatBackward0',
  method: false,
  run: (tensors, { dim, out }) => joined(tensors, dim, out),
})
function joined(tensors: readonly Tensor[], dim: number, target: Tensor | undefined): Tensor {
  expectTensors('cat', tensors)
  // An empty vector joins with anything, as PyTorch has kept it for old code.
  const skipped = (x: Tensor): boolean => x.sizes.length === 1 && x.sizes[0] === 0
  tensors.forEach((x, i) => {
    if (x.sizes.length === 0) throw new ShapeError(`zero-dimensional tensor (at position ${i}) cannot be concatenated`)
  })
  const first = tensors.find((x) => !skipped(x)) ?? (tensors[0] as Tensor)
  // Of nothing but such vectors the dim is not looked at.
  const d = skipped(first) ? 0 : wrapDim(dim, first.sizes.length)
  let total = 0
  let dtype = (tensors[0] as Tensor).dtype
  tensors.forEach((x, i) => {
    dtype = promoteTypes(dtype, x.dtype)
    if (skipped(x) && first.sizes.length !== 1) return
    if (x.sizes.length !== first.sizes.length)
      throw new ShapeError(
        `Tensors must have same number of dimensions: got ${first.sizes.length} and ${x.sizes.length}`,
        {
          position: i,
        },
      )
    x.sizes.forEach((s, k) => {
      if (k !== d && s !== first.sizes[k])
        throw new ShapeError(
          `Sizes of tensors must match except in dimension ${d}. Expected size ${first.sizes[k]} but got size ${s} for tensor number ${i} in the list.`,
          { position: i, expected: first.sizes[k], got: s },
        )
    })
    total += x.sizes[d]
  })
  const info = DTYPES[dtype]
  const sizes = [...first.sizes]
  sizes[d] = total
  const out = emptyOf(sizes, info)
  let at = 0
  for (const x of tensors) {
    if (x.count === 0) {
      if (!(skipped(x) && first.sizes.length !== 1)) at += x.sizes[d]
      continue
    }
    const partSizes = x.sizes
    const part = reinterpret(out, partSizes, out.strides, out.offset + at * out.strides[d])
    map(OP.cast, x.info.code, info.code, part, x)
    at += x.sizes[d]
  }
  run()
  if (target) {
    checkOut('cat', target, sizes, info, tensors, 'apart')
    return written(target, out)
  }
  if (tracksAny(tensors)) {
    const n = attach(out, cat.op.node, catBack, tensors)
    n.meta = {
      dim: d,
      sizes: tensors.map((x) => (skipped(x) && first.sizes.length !== 1 ? null : x.sizes[d])),
    }
  }
  return out
}
/** Joins tensors along a dim: another name of `cat`. */
export const concat = aliasOf(cat, 'concat')
/** Joins tensors along a dim: another name of `cat`. */
export const concatenate = aliasOf(cat, 'concatenate')
/** Joins tensors along a new dim. @throws ShapeError where their shapes differ */
export const stack: Op<(tensors: readonly Tensor[], dim?: number | DimOption) => Tensor> = define('stack', {
  params: [list, int('dim').default(0)],
  node: 'StackBackward0',
  method: false,
  run: (tensors, { dim }) => stacked(tensors, dim),
})
function stacked(tensors: readonly Tensor[], dim: number): Tensor {
  expectTensors('stack', tensors)
  const first = tensors[0] as Tensor
  const d = wrapDim(dim, first.sizes.length + 1)
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
  return named(out, stack.op.node)
}
type Join = Op<(tensors: readonly Tensor[]) => Tensor>
/** Columns side by side (vectors: end to end). @throws ShapeError where they differ in rows */
export const hstack: Join = define('hstack', {
  params: [list],
  method: false,
  run(tensors) {
    expectTensors('hstack', tensors)
    const all = tensors.map((x) => (x.sizes.length === 0 ? reshape(x, [1]) : x))
    return cat(all, (all[0] as Tensor).sizes.length === 1 ? 0 : 1)
  },
})
/** Rows below one another; a vector is a row. @throws ShapeError where they differ in columns */
export const vstack: Join = define('vstack', {
  params: [list],
  method: false,
  run(tensors) {
    expectTensors('vstack', tensors)
    return cat(
      tensors.map((x) => (x.sizes.length < 2 ? reshape(x, [1, x.sizes.length === 0 ? 1 : -1]) : x)),
      0,
    )
  },
})

/**
 * The tensor repeated along each dim; a copy.
 * @param repeats how often along each dim; there may be more dims in front
 * @throws ShapeError for fewer counts than dims
 */
export const repeat: Op<(x: Tensor, repeats: readonly number[]) => Tensor> = define('repeat', {
  params: [tensor('input'), ints('repeats')],
  node: 'RepeatBackward0',
  run: repeated,
})
function repeated(x: Tensor, repeats: readonly number[]): Tensor {
  const nd = x.sizes.length
  if (repeats.length < nd)
    throw new ShapeError('Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor', {
      repeats: [...repeats],
    })
  // Of nothing there may be less than no copies.
  const sizes = repeats.map((r, i) => r * (x.sizes[i - (repeats.length - nd)] ?? 1) || 0)
  const negative = sizes.find((s) => s < 0)
  if (negative !== undefined)
    throw new ShapeError(`Trying to create tensor with negative dimension ${negative}: ${showShape(sizes)}`)
  expectRoom(sizes, x.info)
  const missing = repeats.length - nd
  const padded = [...new Array<number>(missing).fill(1), ...x.sizes]
  const spread = padded.flatMap((s, i) => [Math.max(repeats[i], 0), s])
  const out = expand(
    reshape(
      x,
      padded.flatMap((s) => [1, s]),
    ),
    spread,
  ).clone({ memoryFormat: 'contiguous' })
  const result = named(view(out, sizes), repeat.op.node)
  result.viewInfo = null
  return result
}
/** As `repeat`, with missing leading counts taken as 1. @param dims how often along each dim */
export const tile: Op<(x: Tensor, dims: readonly number[]) => Tensor> = define('tile', {
  params: [tensor('input'), ints('dims')],
  run(x, dims) {
    const missing = x.sizes.length - dims.length
    return repeat(x, missing > 0 ? [...new Array<number>(missing).fill(1), ...dims] : dims)
  },
})
