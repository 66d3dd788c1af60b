/** Splitting, joining and laying out by name: everything here is made of views, `cat` and index lists. */
import { ArgumentError, DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import { run } from '../../runtime/commands'
import { DTYPES, type DType } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP, STATUS } from '../../runtime/opcodes'
import { broadcastShapes, wrapDim } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { expectInt, expectInts, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { hostRead } from '../define/host-read'
import { emptyOf, expectRoom } from '../define/results'
import { arange, zeros } from '../tensor/create'
import { indexSelect } from './index-select'
import { sliceDim } from '../tensor/geometry'
import { cat, type DimOption, split, stack, tensorSplit } from '../tensor/joining'
import { type DiagonalOptions, expand, reshape, unsqueeze, view } from '../tensor/views'
import { define, defineAs } from '../define/define'
import { bool, dtype, int, intOrTensor, ints, own, tensor, word } from '../define/params'
import type { Op } from '../define/registry'
import { named } from '../define/named'

const list = own<readonly Tensor[]>('tuple of Tensors')('tensors')

function expectTensors(op: string, v: unknown): asserts v is readonly Tensor[] {
  if (!Array.isArray(v))
    throw new ArgumentError(`${op}(): argument 'tensors' must be an array of Tensors, not ${typeof v}`)
  v.forEach((t, i) => {
    if (!isTensor(t))
      throw new ArgumentError(`${op}(): expected Tensor as element ${i} in argument 'tensors', but got ${typeof t}`)
  })
}

// ---- to at least so many dims -------------------------------------------------------------------------------------

interface AtLeast {
  (x: Tensor): Tensor
  (x: readonly Tensor[]): Tensor[]
}
function atLeast(op: string, raise: (x: Tensor) => Tensor): Op<AtLeast> {
  function raised(x: Tensor): Tensor
  function raised(x: readonly Tensor[]): Tensor[]
  function raised(x: Tensor | readonly Tensor[]): Tensor | Tensor[] {
    if (isTensor(x)) return raise(x)
    expectTensors(op, x)
    return x.map(raise)
  }
  return defineAs<AtLeast>(op, { params: [ONE_OR_MORE], method: false, run: raised })
}
const ONE_OR_MORE = own<Tensor | readonly Tensor[]>('Tensor or tuple of Tensors')('tensors')
const raise1 = (x: Tensor): Tensor => (x.sizes.length === 0 ? reshape(x, [1]) : x)
const raise2 = (x: Tensor): Tensor =>
  x.sizes.length === 0 ? reshape(x, [1, 1]) : x.sizes.length === 1 ? unsqueeze(x, 0) : x
const raise3 = (x: Tensor): Tensor =>
  x.sizes.length === 0 ? reshape(x, [1, 1, 1]) : x.sizes.length < 3 ? unsqueeze(raise2(x), -1) : x
/** The tensor, or each of a list, with at least one dim. */
export const atleast1d = atLeast('atleast1d', raise1)
/** With at least two dims; a vector becomes a row. */
export const atleast2d = atLeast('atleast2d', raise2)
/** With at least three dims. */
export const atleast3d = atLeast('atleast3d', raise3)

// ---- joining ------------------------------------------------------------------------------------------------------

type Join = Op<(tensors: readonly Tensor[]) => Tensor>
/** Joined along the third dim. @throws ShapeError where other sizes differ, or the list is empty */
export const dstack: Join = define('dstack', {
  params: [list],
  method: false,
  run(tensors) {
    expectTensors('dstack', tensors)
    if (tensors.length === 0) throw new ShapeError('dstack expects a non-empty TensorList')
    return cat(tensors.map(raise3), 2)
  },
})
/** Columns side by side; vectors are columns. @throws ShapeError where they differ in rows, or the list is empty */
export const columnStack: Join = define('columnStack', {
  params: [list],
  method: false,
  run(tensors) {
    expectTensors('columnStack', tensors)
    if (tensors.length === 0) throw new ShapeError('column_stack expects a non-empty TensorList')
    return cat(
      tensors.map((t) => (t.sizes.length < 2 ? reshape(t, [t.count, 1]) : t)),
      1,
    )
  },
})
/** Matrices along the diagonal of a larger one, zeros elsewhere. @throws ShapeError for more than two dims */
export const blockDiag: Join = define('blockDiag', {
  params: [list],
  node: 'BlockDiagBackward0',
  method: false,
  run: blocksOf,
})
function blocksOf(tensors: readonly Tensor[]): Tensor {
  expectTensors('blockDiag', tensors)
  if (tensors.length === 0) return zeros([1, 0])
  const blocks = tensors.map((t, i) => {
    if (t.sizes.length > 2)
      throw new ShapeError(
        `torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${t.sizes.length} dimensions`,
      )
    return raise2(t)
  })
  const width = blocks.reduce((n, b) => n + b.sizes[1], 0)
  let at = 0
  const out = cat(
    blocks.map((b) => {
      const [rows, columns] = b.sizes as [number, number]
      const row = cat([b.newZeros([rows, at]), b, b.newZeros([rows, width - at - columns])], 1)
      at += columns
      return row
    }),
    0,
  )
  return named(out, blockDiag.op.node)
}
/** All tensors expanded to their common shape. @throws ShapeError where there is none */
export const broadcastTensors: Op<(tensors: readonly Tensor[]) => Tensor[]> = define('broadcastTensors', {
  params: [list],
  method: false,
  run(tensors) {
    expectTensors('broadcastTensors', tensors)
    const shape = tensors.reduce<readonly number[]>((s, t) => broadcastShapes(s, t.sizes), [])
    return tensors.map((t) => expand(t, shape))
  },
})
type Indexing = 'ij' | 'xy'
/** Options of `meshgrid`. */
export interface MeshgridOptions {
  /** `ij` (default), or `xy`, which swaps the first two dims. */
  indexing?: Indexing
}
/**
 * One coordinate tensor for each vector, all in the shape of the grid that the vectors span.
 * @throws ShapeError for tensors of more than one dim, or none at all; ArgumentError for several dtypes
 */
export const meshgrid: Op<(tensors: readonly Tensor[], indexing?: Indexing | MeshgridOptions) => Tensor[]> = define(
  'meshgrid',
  {
    params: [list, word<Indexing>()('indexing').default('ij')],
    method: false,
    run: (tensors, { indexing }) => grid(tensors, indexing),
  },
)
function grid(tensors: readonly Tensor[], indexing: Indexing): Tensor[] {
  expectTensors('meshgrid', tensors)
  if (tensors.length === 0) throw new ShapeError('meshgrid expects a non-empty TensorList')
  for (const t of tensors) {
    if (t.sizes.length > 1)
      throw new ShapeError(`torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${t.toString()}`)
    if (t.info !== (tensors[0] as Tensor).info)
      throw new ArgumentError('torch.meshgrid expects all tensors to have the same dtype')
  }
  if (indexing !== 'ij' && indexing !== 'xy')
    throw new ValueError(`torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${String(indexing)}`)
  const swapped = indexing === 'xy' && tensors.length >= 2
  const vectors = swapped ? [tensors[1] as Tensor, tensors[0] as Tensor, ...tensors.slice(2)] : tensors
  const shape = vectors.map((t) => t.count)
  const grids = vectors.map((t, i) =>
    expand(
      view(
        reshape(t, [-1]),
        shape.map((_, d) => (d === i ? t.count : 1)),
      ),
      shape,
    ),
  )
  return swapped ? [grids[1] as Tensor, grids[0] as Tensor, ...grids.slice(2)] : grids
}
/** Every choice of one element from each vector, a row each. @throws ShapeError for what is no vector */
export const cartesianProd: Join = define('cartesianProd', {
  params: [list],
  method: false,
  run(tensors) {
    expectTensors('cartesianProd', tensors)
    for (const t of tensors)
      if (t.sizes.length !== 1) throw new ShapeError(`Expect a 1D vector, but got shape [${t.sizes.join(', ')}]`)
    if (tensors.length === 1) return tensors[0] as Tensor
    return stack(
      meshgrid(tensors).map((g) => reshape(g, [-1])),
      1,
    )
  },
})
/** Options of `combinations`. */
export interface CombinationsOptions {
  /** How many elements are chosen. Default 2. */
  r?: number
  /** Whether an element may be chosen again. Default false. */
  withReplacement?: boolean
}
/** Every choice of `r` elements of a vector in order, a row each. @throws ShapeError for what is no vector */
export const combinations: Op<
  (x: Tensor, r?: number | CombinationsOptions, options?: Omit<CombinationsOptions, 'r'>) => Tensor
> = define('combinations', {
  params: [tensor('input'), int('r').default(2), bool('withReplacement').default(false)],
  node: 'StackBackward0',
  method: false,
  run: (x, { r, withReplacement }) => chosenFrom(x, r, withReplacement),
})
function chosenFrom(x: Tensor, length: number, withReplacement: boolean): Tensor {
  if (x.sizes.length !== 1) throw new ShapeError(`Expect a 1D vector, but got shape [${x.sizes.join(', ')}]`)
  if (length < 0) throw new ValueError(`Expect a non-negative number, but got ${length}`)
  if (length === 0) return x.newEmpty([0])
  const n = x.count
  const rows = choices(withReplacement ? n + length - 1 : n, length)
  expectRoom([rows, length], DTYPES.int64)
  // The places of one column after the other: behind a place come, for each beginning of a row, all that leave room for the rest.
  const below = (column: number): number => (withReplacement ? n : n - length + column + 1)
  let columns = [arange(Math.max(0, below(0)))]
  for (let k = 1; k < length; k++) {
    const last = columns[k - 1] as Tensor
    const first = withReplacement ? last : last.add(1n)
    const counts = first.neg().add(BigInt(below(k)))
    const [beginning, place] = counted(counts, counts.count, choices(withReplacement ? n + k : below(k), k + 1))
    columns = columns.map((c) => indexSelect(c, 0, beginning))
    columns.push(indexSelect(first, 0, beginning).add(place))
  }
  const at = stack(columns, 1)
  return named(reshape(indexSelect(x, 0, reshape(at, [-1])), [rows, length]), combinations.op.node)
}
/** How many ways there are to choose r of n. */
function choices(n: number, r: number): number {
  let count = n >= r && n > 0 ? 1 : 0
  const k = Math.min(r, n - r)
  for (let i = 1; i <= k && Number.isFinite(count); i++) count = Math.round((count * (n - k + i)) / i)
  return count
}

/** Options of `repeatInterleave`. */
export interface RepeatInterleaveOptions {
  /** Along which dim. Default: of the flattened tensor. */
  dim?: number | null
  /** How many there will be, where that is known: a check. */
  outputSize?: number | null
}
type RepeatInterleave = (
  x: Tensor,
  repeats?: number | Tensor | { outputSize?: number | null },
  dim?: number | RepeatInterleaveOptions,
  options?: { outputSize?: number | null },
) => Tensor
/**
 * Every element several times in a row; or, of counts alone, each index as often as it counts.
 * @param repeats how often: a number, or a tensor with one count for each
 * @throws ShapeError for another number of counts than of elements; ValueError for a negative one
 */
export const repeatInterleave: Op<RepeatInterleave> = defineAs<RepeatInterleave>('repeatInterleave', {
  params: [tensor('input'), intOrTensor('repeats').optional(), int('dim').optional(), int('outputSize').optional()],
  run: interleaved,
})
function interleaved(
  x: Tensor,
  repeats?: number | Tensor | { outputSize?: number | null },
  options?: number | RepeatInterleaveOptions,
  more?: { outputSize?: number | null },
): Tensor {
  expectTensor('repeatInterleave', 'input', x)
  if (repeats === undefined || (typeof repeats === 'object' && !isTensor(repeats))) {
    if (x.sizes.length !== 1) throw new ShapeError('repeat_interleave only accept 1D vector as repeat')
    const { outputSize: size = null } = optionsOf<{ outputSize?: number | null }>(
      'repeatInterleave',
      ['outputSize'],
      repeats,
    )
    return repeated(x, x.count, size)
  }
  const { dim = null, outputSize = null } = optionsOf<RepeatInterleaveOptions>(
    'repeatInterleave',
    ['dim', 'outputSize'],
    options,
    more,
  )
  const v = dim === null ? reshape(x, [-1]) : x
  if (isTensor(repeats)) {
    if (repeats.sizes.length > 1) throw new ShapeError('repeats must be 0-dim or 1-dim tensor')
    if (v.sizes.length === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`)
    const d = wrapDim(dim ?? 0, v.sizes.length)
    const size = v.sizes[d]
    if (repeats.count !== 1 && repeats.count !== size)
      throw new ShapeError(
        `repeats must have the same size as input along dim, but got repeats.size(0) = ${repeats.count} and input.size(${dim ?? 0}) = ${size}`,
      )
    return indexSelect(v, d, repeated(repeats, size, outputSize))
  }
  const d = wrapDim(dim ?? 0, v.sizes.length)
  expectInt('repeatInterleave', 'repeats', repeats)
  if (repeats < 0) throw new ValueError('Repeats must be non-negative')
  const spread = unsqueeze(v, d + 1)
  const size = v.sizes[d]
  if (outputSize !== null && outputSize !== repeats * size)
    throw new ShapeError(`repeat_interleave: Invalid output_size, expected ${repeats * size} but got ${outputSize}`)
  return reshape(
    expand(spread, [...v.sizes.slice(0, d + 1), repeats, ...v.sizes.slice(d + 1)]).clone({
      memoryFormat: 'contiguous',
    }),
    [...v.sizes.slice(0, d), size * repeats, ...v.sizes.slice(d + 1)],
  )
}
/** Each of `size` indices as often as `repeats` says: one number for all, or one each. */
function repeated(repeats: Tensor, size: number, outputSize: number | null): Tensor {
  if (outputSize !== null) expectInt('repeatInterleave', 'output_size', outputSize)
  if (repeats.dtype !== 'int64' && repeats.dtype !== 'int32')
    throw new DTypeError(`"repeat_interleave_cpu" not implemented for '${repeats.info.scalarType}'`, {
      dtype: repeats.dtype,
    })
  if (repeats.count === 0 || size === 0) return emptyOf([0], DTYPES.int64)
  if (outputSize !== null && outputSize < 0)
    throw new ShapeError(`Trying to create tensor with negative dimension ${outputSize}: [${outputSize}]`)
  const negative = (): ValueError => new ValueError('repeats can not be negative')
  const each = repeats.count > 1
  // How large the result is.
  const total = outputSize ?? Number(hostRead(repeats.detach().sum())) * (each ? 1 : size)
  if (total < 0) throw negative()
  const out = emptyOf([total], DTYPES.int64)
  const step = each ? repeats.strides[0] : 0
  encode.repeatInterleave(OP.repeat_interleave, repeats.info, { out, counts: repeats, n: size, step, total })
  run((status, d) => {
    if (status !== STATUS.INDEX_OUT_OF_RANGE) return undefined
    return d[0] === 0 ? new ShapeError('allocated size does not match required size') : negative()
  })
  return out
}
/** Each of `size` indices as often as it counts, and which of its own each is. */
function counted(counts: Tensor, size: number, total: number): [Tensor, Tensor] {
  const owner = repeated(counts, size, total)
  const start = counts.cumsum(0).sub(counts)
  return [owner, arange(total).sub(indexSelect(start, 0, owner))]
}

// ---- splitting ----------------------------------------------------------------------------------------------------

/** Views of the given sizes along a dim. @throws ShapeError where they do not sum to that of the dim */
export const splitWithSizes: Op<(x: Tensor, splitSizes: readonly number[], dim?: number | DimOption) => Tensor[]> =
  define('splitWithSizes', {
    params: [tensor('input'), ints('splitSizes'), int('dim').default(0)],
    node: 'SplitWithSizesBackward0',
    run: (x, splitSizes, { dim }) => split(x, splitSizes, dim),
  })
function splitAlong(op: string, x: Tensor, given: number | readonly number[], least: number, d: number): Tensor[] {
  if (typeof given !== 'number') expectInts(op, 'indices', given)
  else expectInt(op, 'sections', given)
  const nd = x.sizes.length
  if (nd < least)
    throw new ShapeError(
      `torch.${op} requires a tensor with at least ${least} dimension, but got a tensor with ${nd} dimensions!`,
    )
  if (typeof given === 'number' && (given === 0 || x.sizes[d] % given !== 0))
    throw new ShapeError(
      `torch.${op} attempted to split along dimension ${d}, but the size of the dimension ${x.sizes[d]} is not divisible by the split_size ${given}!`,
    )
  return tensorSplit(x, given, d)
}
type SplitAlong = Op<(x: Tensor, indicesOrSections: number | readonly number[]) => Tensor[]>
const where = own<number | readonly number[]>('int or int[]')('indicesOrSections')
/**
 * Parts side by side: along dim 1, or dim 0 of a vector.
 * @param indicesOrSections how many, or where each but the first begins
 * @throws ShapeError where the size is no multiple of the number
 */
export const hsplit: SplitAlong = define('hsplit', {
  params: [tensor('input'), where],
  run: (x, indicesOrSections) => splitAlong('hsplit', x, indicesOrSections, 1, x.sizes.length === 1 ? 0 : 1),
})
/** Parts one below the other: along dim 0. @param indicesOrSections as of `hsplit` */
export const vsplit: SplitAlong = define('vsplit', {
  params: [tensor('input'), where],
  run: (x, indicesOrSections) => splitAlong('vsplit', x, indicesOrSections, 2, 0),
})
/** Parts along dim 2. @param indicesOrSections as of `hsplit` */
export const dsplit: SplitAlong = define('dsplit', {
  params: [tensor('input'), where],
  run: (x, indicesOrSections) => splitAlong('dsplit', x, indicesOrSections, 3, 2),
})

// ---- a copy with one part replaced --------------------------------------------------------------------------------

function embedded(
  op: { readonly op: { readonly node: string } },
  x: Tensor,
  src: Tensor,
  part: (x: Tensor) => Tensor,
): Tensor {
  const out = x.clone()
  const hole = part(out)
  if (hole.sizes.join() !== src.sizes.join())
    throw new ShapeError(
      `expected src to have a size equal to the slice of self. src size = [${src.sizes.join(', ')}], slice size = [${hole.sizes.join(', ')}]`,
    )
  hole.copy_(src)
  return named(out, op.op.node)
}
/** A copy in which `select(dim, index)` is `src`. @throws ShapeError where `src` has another shape */
export const selectScatter: Op<(x: Tensor, src: Tensor, dim: number, index: number) => Tensor> = define(
  'selectScatter',
  {
    params: [tensor('input'), tensor('src'), int('dim'), int('index')],
    node: 'SelectScatterBackward0',
    run: (x, src, dim, index) => embedded(selectScatter, x, src, (t) => t.select(dim, index)),
  },
)
/** Options of `sliceScatter`. */
export interface SliceScatterOptions {
  /** Along which dim. Default 0. */
  dim?: number
  /** The first index; below 0 it counts from the end. Default 0. */
  start?: number | null
  /** The index behind the last. Default: the size. */
  end?: number | null
  /** Default 1. */
  step?: number
}
/** A copy in which a slice of a dim is `src`. @throws ShapeError where `src` has another shape */
export const sliceScatter: Op<
  (x: Tensor, src: Tensor, dim?: number | SliceScatterOptions, options?: Omit<SliceScatterOptions, 'dim'>) => Tensor
> = define('sliceScatter', {
  params: [
    tensor('input'),
    tensor('src'),
    int('dim').default(0),
    int('start').default(0),
    int('end').optional(),
    int('step').default(1),
  ],
  node: 'SliceScatterBackward0',
  run(x, src, { dim, start, end, step }) {
    const d = wrapDim(dim, x.sizes.length)
    const size = x.sizes[d]
    if (step <= 0) throw new ValueError('slice step must be positive', { step })
    const bound = (v: number): number => Math.min(Math.max(v < 0 ? v + size : v, 0), size)
    const from = bound(start)
    const to = Math.max(from, bound(end ?? size))
    return embedded(sliceScatter, x, src, (t) => sliceDim(t, d, from, to, step))
  },
})
/** A copy in which a diagonal is `src`. @throws ShapeError where `src` has another shape */
export const diagonalScatter: Op<
  (x: Tensor, src: Tensor, offset?: number | DiagonalOptions, options?: Omit<DiagonalOptions, 'offset'>) => Tensor
> = define('diagonalScatter', {
  params: [tensor('input'), tensor('src'), int('offset').default(0), int('dim1').default(0), int('dim2').default(1)],
  node: 'DiagonalScatterBackward0',
  run: (x, src, options) => embedded(diagonalScatter, x, src, (t) => t.diagonal(options)),
})
/** All elements on the diagonal of a square matrix. @param offset how far above the main diagonal; default 0 */
export const diagflat: Op<(x: Tensor, offset?: number | { offset?: number }) => Tensor> = define('diagflat', {
  params: [tensor('input'), int('offset').default(0)],
  run: (x, { offset }) => reshape(x, [-1]).diag(offset),
})

// ---- index lists --------------------------------------------------------------------------------------------------

/** Options of `trilIndices` and `triuIndices`. */
export interface TriangleIndicesOptions {
  /** Which diagonal: 0 the main one, above 0 over it, below 0 under it. Default 0. */
  offset?: number
  /** Default int64; or int32. */
  dtype?: DType
}
function triangleIndices(row: number, col: number, lower: boolean, offset: number, dtype: DType): Tensor {
  if (row < 0) throw new ShapeError(`row must be non-negative, got${row}`)
  if (col < 0) throw new ShapeError(`col must be non-negative, got${col}`)
  if (dtype !== 'int64' && dtype !== 'int32')
    throw new DTypeError(`"${lower ? 'tril' : 'triu'}_indices" not implemented for '${DTYPES[dtype].scalarType}'`)
  offset = Math.min(Math.max(offset, -row), col)
  // Only rows that have cells are gone through, and only cells of the triangle: a row, or all of them, may be very long.
  const first = lower ? Math.min(row, Math.max(0, -offset)) : 0
  const last = col === 0 ? first : Math.max(first, lower ? row : Math.min(row, col - offset))
  // The rows that have all `col` cells are one stretch, at the end or at the beginning.
  const whole = Math.min(last, Math.max(first, lower ? col - offset - 1 : -offset))
  const [sliced, full] = lower ? [[first, whole] as const, last - whole] : [[whole, last] as const, whole - first]
  const [a, b] = sliced
  const cellsOf = (i: number): number => (lower ? Math.min(col, i + offset + 1) : col - Math.max(0, i + offset))
  const cells = full * col + (b > a ? ((cellsOf(a) + cellsOf(b - 1)) * (b - a)) / 2 : 0)
  expectRoom([2, cells], DTYPES.int64)
  const rows = arange(first, last)
  const edge = rows.add(BigInt(lower ? offset + 1 : offset))
  const counts = lower ? edge.clampMax(BigInt(col)) : edge.clampMin(0n).neg().add(BigInt(col))
  const [owner, place] = counted(counts, last - first, cells)
  const column = lower ? place : place.add(indexSelect(edge.clampMin(0n), 0, owner))
  return stack([owner.add(BigInt(first)), column]).to(dtype)
}
type TriangleIndices = Op<
  (
    row: number,
    col: number,
    offset?: number | TriangleIndicesOptions,
    options?: Omit<TriangleIndicesOptions, 'offset'>,
  ) => Tensor
>
/** Where the lower triangle of a row × col matrix is: [2, count]. @throws ShapeError for a negative size */
export const trilIndices: TriangleIndices = define('trilIndices', {
  params: [int('row'), int('col'), int('offset').default(0), dtype('dtype').default('int64')],
  differentiable: false,
  run: (row, col, { offset, dtype: kind }) => triangleIndices(row, col, true, offset, kind),
})
/** Where the upper triangle of a row × col matrix is: [2, count]. @throws ShapeError for a negative size */
export const triuIndices: TriangleIndices = define('triuIndices', {
  params: [int('row'), int('col'), int('offset').default(0), dtype('dtype').default('int64')],
  differentiable: false,
  run: (row, col, { offset, dtype: kind }) => triangleIndices(row, col, false, offset, kind),
})
