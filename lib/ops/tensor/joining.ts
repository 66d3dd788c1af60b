/** Taking tensors apart and putting them together. */
import { attach, attachAll, type Rule, tracks, tracksAny } from '../../autograd/node'
import { map, run } from '../../runtime/commands'
import { type DTypeInfo, DTYPES, promoteTypes } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { type Shape, wrapDim } from '../../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../../tensor/tensor'
import { expectInt, expectInts } from '../../check/arguments'
import { checkOut, written } from '../define/out'
import { hostReadAll } from '../define/host-read'
import { emptyOf, expectRoom, filled } from '../define/results'
import { trackView } from '../define/view'
import { aliasOf, define } from '../define/define'
import { int, own, spreadInts, type Sizes, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { sliceDim } from './geometry'
import { withNodeName } from '../define/node-name'
import {
  checkChunks,
  checkCuts,
  checkFew,
  checkJoin,
  checkNoScalars,
  checkRepeats,
  checkSections,
  checkSplitDim,
  checkSplitSize,
  checkSplitSizes,
  checkStack,
  checkTensors,
} from './checks'
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
  const d = checkSplitDim('split expects at least a 1-dimensional tensor', x.sizes.length, d0)
  const sizes = Array.isArray(splitSize)
    ? givenSizes(splitSize, x.sizes[d], d0)
    : equalSizes(splitSize as number, x.sizes[d])
  let at = 0
  const parts = sizes.map((s) => {
    const part = plain(() => sliceDim(x, d, at, at + s, 1))
    at += s
    return part
  })
  const name = split.op.nodes[Array.isArray(splitSize) ? 1 : 0] as string
  return views(x, name, parts, joinGrads(d, parts))
}
function givenSizes(sizes: readonly number[], size: number, dim: number): readonly number[] {
  expectInts('split', 'split_sizes', sizes)
  checkSplitSizes(sizes, size, dim)
  return sizes
}
function equalSizes(each: number, size: number): number[] {
  expectInt('split', 'split_size', each)
  checkSplitSize(each, size)
  const n = each === 0 ? 1 : Math.max(1, Math.ceil(size / each))
  checkFew('split', n)
  return Array.from({ length: n }, (_, i) => (i < n - 1 ? each : size - each * (n - 1)))
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
    checkChunks(x.sizes.length, chunks)
    const d = wrapDim(dim, x.sizes.length)
    const each = Math.ceil(x.sizes[d] / chunks)
    if (each === 0) checkFew('chunk', chunks)
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
  const words = 'tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims'
  const d = checkSplitDim(words, x.sizes.length, dim)
  const size = x.sizes[d]
  const indicesOrSections = isTensor(given) ? cutsOf(given) : given
  let cuts: number[]
  if (typeof indicesOrSections === 'number') {
    const n = indicesOrSections
    expectInt('tensorSplit', 'indices_or_sections', n)
    checkSections(n)
    const [each, more] = [Math.floor(size / n), size % n]
    cuts = Array.from({ length: n - 1 }, (_, i) => (i + 1) * each + Math.min(i + 1, more))
  } else {
    expectInts('tensorSplit', 'indices_or_sections', indicesOrSections)
    cuts = indicesOrSections.map((i) => Math.min(Math.max(i < 0 ? i + size : i, 0), size))
  }
  checkFew('tensorSplit', cuts.length)
  const edges = [0, ...cuts, size]
  return edges.slice(1).map((end, i) => sliceDim(x, d, Math.min(edges[i], end), end, 1))
}
/** The cuts that an integer tensor names. */
function cutsOf(t: Tensor): number | number[] {
  checkCuts(t)
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
  const n = x.size(d)
  checkFew('unbind', n)
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
  checkTensors('cat', tensors)
  checkNoScalars(tensors)
  const first = tensors.find((x) => !isNothing(x)) ?? (tensors[0] as Tensor)
  const skipped = (x: Tensor): boolean => isNothing(x) && first.sizes.length !== 1
  // Of nothing but such vectors the dim is not looked at.
  const d = isNothing(first) ? 0 : wrapDim(dim, first.sizes.length)
  const ends = tensors.map((x, i) => {
    if (skipped(x)) return null
    checkJoin(first.sizes, x.sizes, d, i)
    return x.sizes[d]
  })
  const info = DTYPES[tensors.reduce((dtype, x) => promoteTypes(dtype, x.dtype), (tensors[0] as Tensor).dtype)]
  const sizes = [...first.sizes]
  sizes[d] = ends.reduce((total: number, s) => total + (s ?? 0), 0)
  const out = emptyOf(sizes, info)
  lineUp(out, tensors, d)
  if (target) {
    checkOut('cat', target, sizes, info, tensors, 'apart')
    return written(target, out)
  }
  if (tracksAny(tensors)) attach(out, cat.op.node, catBack, tensors).meta = { dim: d, sizes: ends }
  return out
}
/** An empty vector joins with anything, as PyTorch has kept it for old code. */
const isNothing = (x: Tensor): boolean => x.sizes.length === 1 && x.sizes[0] === 0
/** Writes tensors one after the other along a dim. */
function lineUp(out: Tensor, tensors: readonly Tensor[], d: number): void {
  let at = 0
  for (const x of tensors) {
    // Where one is empty along another dim, all are.
    if (x.count === 0) continue
    const place = reinterpret(out, x.sizes, out.strides, out.offset + at * out.strides[d])
    map(OP.cast, x.info.code, out.info.code, place, x)
    at += x.sizes[d]
  }
  run()
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
  checkTensors('stack', tensors)
  const first = tensors[0] as Tensor
  const d = wrapDim(dim, first.sizes.length + 1)
  checkStack(tensors)
  const out = cat(
    tensors.map((x) => unsqueeze(x, d)),
    d,
  )
  return withNodeName(out, stack.op.node)
}
type Join = Op<(tensors: readonly Tensor[]) => Tensor>
/** Columns side by side (vectors: end to end). @throws ShapeError where they differ in rows */
export const hstack: Join = define('hstack', {
  params: [list],
  method: false,
  run(tensors) {
    checkTensors('hstack', tensors)
    const all = tensors.map((x) => (x.sizes.length === 0 ? reshape(x, [1]) : x))
    return cat(all, (all[0] as Tensor).sizes.length === 1 ? 0 : 1)
  },
})
/** Rows below one another; a vector is a row. @throws ShapeError where they differ in columns */
export const vstack: Join = define('vstack', {
  params: [list],
  method: false,
  run(tensors) {
    checkTensors('vstack', tensors)
    return cat(
      tensors.map((x) => (x.sizes.length < 2 ? reshape(x, [1, x.sizes.length === 0 ? 1 : -1]) : x)),
      0,
    )
  },
})

/**
 * The tensor repeated along each dim; a copy.
 * @param repeats how often along each dim, an array or the ints themselves; there may be more dims in front
 * @throws ShapeError for fewer counts than dims
 */
export const repeat: Op<(x: Tensor, ...repeats: Sizes) => Tensor> = define('repeat', {
  params: [tensor('input'), spreadInts('repeats')],
  node: 'RepeatBackward0',
  run: repeated,
})
function repeated(x: Tensor, repeats: readonly number[]): Tensor {
  const sizes = checkRepeats(x.sizes, repeats)
  expectRoom(sizes, x.info)
  const missing = repeats.length - x.sizes.length
  const padded = [...new Array<number>(missing).fill(1), ...x.sizes]
  const spread = padded.flatMap((s, i) => [Math.max(repeats[i], 0), s])
  const out = expand(
    reshape(
      x,
      padded.flatMap((s) => [1, s]),
    ),
    spread,
  ).clone({ memoryFormat: 'contiguous_format' })
  const result = withNodeName(view(out, sizes), repeat.op.node)
  result.viewInfo = null
  return result
}
/** As `repeat`, with missing leading counts taken as 1. @param dims how often along each dim, an array or the ints themselves */
export const tile: Op<(x: Tensor, ...dims: Sizes) => Tensor> = define('tile', {
  params: [tensor('input'), spreadInts('dims')],
  run(x, dims) {
    const missing = x.sizes.length - dims.length
    return repeat(x, missing > 0 ? [...new Array<number>(missing).fill(1), ...dims] : dims)
  },
})
