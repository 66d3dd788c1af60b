/** Sorting, selecting by rank, counting and searching. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category, DTYPES } from '../../runtime/dtype'
import { OP, STATUS } from '../../runtime/opcodes'
import { contiguousStrides, type Shape, sameShape, showShape, wrapDim } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { expectBool, expectInt, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { contiguousRaw, copyInto, emptyOf, filled, ordered } from '../define/results'
import { resultType } from '../../tensor/result-type'
import { tensor as tensorOf } from '../tensor/create'
import { define, defineAs } from '../define/define'
import { bool, float, int, own, tensor, word } from '../define/params'
import type { Op } from '../define/registry'
import { gather, scatter_, scatterAdd, scatterAdd_ } from './gather'
import { maskedSelect } from './masks'
import type { ValuesIndices } from '../reduce/reduce'
import { keepdim, shareEvenly } from '../reduce/reduction'
import { where } from '../elementwise/ternary'
import { named } from '../define/named'

const zerosOf = (sizes: Shape, like: Tensor): Tensor => {
  const out = emptyOf(sizes, like.info)
  copyInto(out, 0)
  return out
}

// ---- order --------------------------------------------------------------------------------------------------------

const orderRule: Rule = (n, g) => {
  const { sizes, dim } = n.meta as { sizes: Shape; dim: number }
  return sizes.length === 0 ? g : scatterAdd(zerosOf(sizes, g), dim, n.tensor(0), g)
}
/** Options of `sort`. */
export interface SortOptions {
  /** Default -1. */
  dim?: number
  descending?: boolean
  /** Equal elements keep their order; always so here. */
  stable?: boolean
}
type Sorting<R> = (x: Tensor, dim?: number | SortOptions, options?: SortOptions) => R
const sorting = [
  tensor('input'),
  int('dim').default(-1),
  bool('descending').default(false),
  bool('stable').optional(),
] as const
/** The values of a dim in order (NaN last), and where they were. */
export const sort: Op<Sorting<ValuesIndices>> = define('sort', {
  params: sorting,
  node: ['SortBackward0', 'SortBackward1'],
  run: sortOf,
})
function sortOf(
  x: Tensor,
  { dim, descending, stable }: { dim: number; descending: boolean; stable: boolean | undefined },
): ValuesIndices {
  const d = wrapDim(dim, x.sizes.length)
  const values = emptyOf(x.sizes, x.info)
  const indices = emptyOf(x.sizes, DTYPES.int64)
  if (x.count > 0) {
    const scalar = x.sizes.length === 0
    const sizes = scalar ? [1] : x.sizes
    const from = ordered(x)
    encode.sort(OP.sort, x.info, {
      values,
      indices,
      a: from,
      dim: d,
      descending,
      sizes,
      outStrides: contiguousStrides(sizes),
      strides: scalar ? [1] : from.strides,
    })
    run()
  }
  if (tracks(x)) {
    const n = attach(values, sort.op.nodes[stable === undefined ? 0 : 1] as string, orderRule, [x])
    n.save(indices)
    n.meta = { sizes: x.sizes, dim: d }
  }
  return { values, indices }
}
/** Where the values in order were, int64. */
export const argsort: Op<Sorting<Tensor>> = define('argsort', {
  params: sorting,
  differentiable: false,
  run: (x, o) => sortOf(x.detach(), o).indices,
})
/** Sorted along the first dim. */
export const msort: Op<(x: Tensor) => Tensor> = define('msort', {
  params: [tensor('input')],
  node: 'SortBackward0',
  run: (x) => sort(x, 0).values,
})
/** Options of `topk`. */
export interface TopkOptions {
  /** Default -1. */
  dim?: number
  /** The smallest instead where false. Default true. */
  largest?: boolean
  /** In order; always so here. */
  sorted?: boolean
}
/** The `k` largest values of a dim, in order, and where they were. */
export const topk: Op<(x: Tensor, k: number, dim?: number | TopkOptions, options?: TopkOptions) => ValuesIndices> =
  define('topk', {
    params: [
      tensor('input'),
      int('k'),
      int('dim').default(-1),
      bool('largest').default(true),
      bool('sorted').default(true),
    ],
    node: 'TopkBackward0',
    run(x, k, { dim, largest }) {
      if (x.dtype === 'bool') throw new DTypeError('topk does not support bool dtypes on CPU')
      const d = wrapDim(dim, x.sizes.length)
      const scalar = x.sizes.length === 0
      const sizes = scalar ? [1] : x.sizes
      if (k < 0 || k > (sizes[d] as number))
        throw new ValueError('selected index k out of range', { k, size: sizes[d] })
      // Of a 0-d tensor PyTorch gives the one value whatever k is.
      const outSizes = scalar ? [] : sizes.map((s, i) => (i === d ? k : s))
      const values = emptyOf(outSizes, x.info)
      const indices = emptyOf(outSizes, DTYPES.int64)
      if (values.count > 0) {
        encode.topk(OP.topk, x.info, {
          values,
          indices,
          a: x,
          dim: d,
          k: scalar ? 1 : k,
          largest,
          sizes,
          outStrides: scalar ? [1] : values.strides,
          strides: scalar ? [1] : x.strides,
        })
        run()
      }
      if (tracks(x)) {
        const n = attach(values, topk.op.node, orderRule, [x])
        n.save(indices)
        n.meta = { sizes: x.sizes, dim: d }
      }
      return { values, indices }
    },
  })
/** Options of operations that reduce one dim. */
interface AlongOptions {
  /** Default -1. */
  dim?: number
  /** Keep the dim with size 1. Default false. */
  keepdim?: boolean
}
const along = [int('dim').default(-1), keepdim] as const
/** The k-th smallest value of a dim (k from 1) and where it was. */
export const kthvalue: Op<
  (x: Tensor, k: number, dim?: number | AlongOptions, options?: AlongOptions) => ValuesIndices
> = define('kthvalue', {
  params: [tensor('input'), int('k'), ...along],
  node: 'KthvalueBackward0',
  run(x, k, { dim, keepdim }) {
    if (x.dtype === 'bool') throw new DTypeError('"kthvalue_cpu" not implemented for \'Bool\'')
    const d = wrapDim(dim, x.sizes.length)
    if (k < 1 || k > (x.sizes.length === 0 ? 1 : (x.sizes[d] as number)))
      throw new ValueError(`kthvalue(): selected number k out of range for dimension ${d}`)
    return labelled(pickSorted(x, d, k - 1, keepdim), kthvalue.op.node)
  },
})
const labelled = (o: ValuesIndices, label: string): ValuesIndices => {
  named(o.values, label)
  return o
}
function pickSorted(x: Tensor, d: number, at: number, keepdim: boolean): ValuesIndices {
  const { indices } = sort(x.detach(), d)
  if (x.sizes.length === 0) return { values: x.clone(), indices }
  return pickedAt(x, d, indices.narrow(d, at, 1), keepdim)
}
/** The values at indices along a dim, one each. */
function pickedAt(x: Tensor, d: number, indices: Tensor, keepdim: boolean): ValuesIndices {
  const values = gather(x, d, indices)
  return keepdim ? { values, indices } : { values: values.squeeze(d), indices: indices.squeeze(d) }
}
/** What `median` and `nanmedian` take. */
export interface Median {
  /** Of all elements. */
  (x: Tensor): Tensor
  /** Of a dim, and where it was. */
  (x: Tensor, dim: number | { dim: number; keepdim?: boolean }, options?: { keepdim?: boolean }): ValuesIndices
}
const medianParams = [tensor('input'), int('dim').optional(), keepdim] as const
const medianOptions = (op: string, dim: unknown, options: unknown): { dim?: number; keepdim?: boolean } => {
  const o = optionsOf<{ dim?: number; keepdim?: boolean }>(op, ['dim', 'keepdim'], dim, options)
  if (o.dim !== undefined) expectInt(op, 'dim', o.dim)
  if (o.keepdim !== undefined) expectBool(op, 'keepdim', o.keepdim)
  return o
}
/** The lower median of all, or of a dim with its index; NaN where one of the values is. */
export const median: Op<Median> = defineAs<Median>('median', {
  params: medianParams,
  node: ['MedianBackward0', 'MedianBackward1'],
  run: medianFrom as Median,
})
function medianFrom(x: Tensor, dim?: unknown, options?: unknown): Tensor | ValuesIndices {
  expectTensor('median', 'input', x)
  if (x.dtype === 'bool') throw new DTypeError('"median_cpu" not implemented for \'Bool\'')
  const o = medianOptions('median', dim, options)
  const [whole, along] = median.op.nodes as [string, string]
  if (o.dim === undefined) {
    if (x.count === 0) return ofAll(x, filled([], x.info.category === Category.Float ? Number.NaN : 0, x.info), whole)
    return ofAll(x, medianOf(x.detach().reshape([-1]), 0, false).values, whole)
  }
  const d = wrapDim(o.dim, x.sizes.length)
  if (x.sizes.length > 0 && x.sizes[d] === 0)
    throw new IndexError(`median(): Expected reduction dim ${d} to have non-zero size.`)
  return labelled(medianOf(x, d, o.keepdim ?? false), along)
}
/** The value among all elements that an order gives; those equal to it share its gradient. */
function ofAll(x: Tensor, value: Tensor, label: string): Tensor {
  const y = value.clone()
  if (tracks(x)) attach(y, label, shareEvenly, [x]).save(x, y)
  return y
}
function medianOf(x: Tensor, d: number, keepdim: boolean): ValuesIndices {
  const size = x.sizes.length === 0 ? 1 : (x.sizes[d] as number)
  const middle = pickSorted(x, d, (size - 1) >> 1, keepdim)
  if (x.info.category !== Category.Float) return middle
  // Any NaN makes the median NaN: the first one.
  const isNan = x.detach().isnan()
  const nan = isNan.any(d, { keepdim })
  if (x.sizes.length === 0 || !nan.any().item()) return middle
  const indices = where(nan, isNan.to('int64').argmax(d, { keepdim }), middle.indices)
  return pickedAt(x, d, keepdim ? indices : indices.unsqueeze(d), keepdim)
}

// ---- counting and searching ---------------------------------------------------------------------------------------

/** Rows of zeros with a one at each class. @param numClasses -1 (default): one more than the largest */
export const oneHot: Op<(x: Tensor, numClasses?: number | { numClasses?: number }) => Tensor> = define('oneHot', {
  namespace: 'nn.functional',
  params: [tensor('input'), int('numClasses').default(-1)],
  differentiable: false,
  run(x, { numClasses }) {
    if (x.dtype !== 'int64')
      throw new DTypeError(`one_hot is only applicable to index tensor of type LongTensor.`, { dtype: x.dtype })
    let n = numClasses
    if (x.count === 0) {
      if (n <= 0) throw new ValueError('Can not infer total number of classes from empty tensor.')
      return zerosOf([...x.sizes, n], x)
    }
    if (Number(x.min().item()) < 0) throw new ValueError('Class values must be non-negative.')
    const top = Number(x.max().item())
    if (n === -1) n = top + 1
    else if (n < 1) throw new ValueError('num_classes should be positive')
    else if (n <= top) throw new ValueError('Class values must be smaller than num_classes.')
    return scatter_(zerosOf([...x.sizes, n], x), -1, x.unsqueeze(-1), 1n)
  },
})
/** Options of `bincount`. */
export interface BincountOptions {
  /** A weight an element. Default: each counts 1. */
  weights?: Tensor | null
  /** The result has no fewer elements. Default 0. */
  minlength?: number
}
/** How often each integer from 0 on occurs, or the sum of its weights. @param x a vector of integers, none negative */
export const bincount: Op<(x: Tensor, weights?: Tensor | null | BincountOptions, options?: BincountOptions) => Tensor> =
  define('bincount', {
    params: [tensor('input'), tensor('weights').optional(), int('minlength').default(0)],
    differentiable: false,
    run(x, { weights, minlength }) {
      if (x.sizes.length !== 1 || x.info.category !== Category.Int)
        throw new ShapeError('bincount only supports 1-d non-negative integral inputs.')
      if (minlength < 0) throw new ValueError('minlength should be >= 0')
      if (x.count > 0 && Number(x.min().item()) < 0)
        throw new ShapeError('bincount only supports 1-d non-negative integral inputs.')
      const w = weights ?? null
      if (w && w.count !== x.count) throw new ShapeError('weights should be 1-d and have the same length as input')
      const n = Math.max(minlength, x.count > 0 ? Number(x.max().item()) + 1 : 0)
      const values = w ? (w.dtype === 'float32' ? w.detach() : w.detach().to('float64')) : x.to('int64').mul(0n).add(1n)
      return scatterAdd_(zerosOf([n], values), 0, x.to('int64'), values)
    },
  })
/** Options of `searchsorted`. */
export interface SearchOptions {
  /** The result is int32 and not int64. Default false. */
  outInt32?: boolean
  /** Find the place after equal values. Default false. */
  right?: boolean
  /** `right` is `right: true`, `left` the default. */
  side?: 'left' | 'right'
  /** Where the boundaries are in order: their `argsort`. */
  sorter?: Tensor | null
}
/**
 * Where values would go into sorted boundaries.
 * @param sortedSequence one row of boundaries for all values, or as many rows as the values have
 */
export const searchsorted: Op<(sortedSequence: Tensor, values: Tensor | number, options?: SearchOptions) => Tensor> =
  define('searchsorted', {
    params: [
      tensor('sortedSequence'),
      own<Tensor | number>('Tensor or Number')('self'),
      bool('outInt32').default(false),
      bool('right').default(false),
      word<'left' | 'right'>()('side').optional(),
      tensor('sorter').optional(),
    ],
    method: false,
    differentiable: false,
    run: placesOf,
  })
interface FilledSearch {
  readonly outInt32: boolean
  readonly right: boolean
  readonly side?: 'left' | 'right' | undefined
  readonly sorter?: Tensor | undefined
}
function placesOf(sortedSequence: Tensor, values: Tensor | number, o: FilledSearch): Tensor {
  const v0 = isTensor(values) ? values : zerosOf([], sortedSequence).fill_(values)
  const wide = (t: Tensor): Tensor => contiguousRaw(t.info.compute === t.dtype ? t.detach() : t.detach().to('float32'))
  if (o.side !== undefined && o.side !== 'left' && o.side !== 'right')
    throw new ValueError(`torch.searchsorted(): side can only be 'left' or 'right' but got ${String(o.side)}`)
  if (o.side === 'left' && o.right)
    throw new ValueError(
      "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True",
    )
  if (o.sorter) {
    if (!sameShape(o.sorter.sizes, sortedSequence.sizes))
      throw new ShapeError(
        `torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor ${showShape(sortedSequence.sizes)}and got sorter tensor ${showShape(o.sorter.sizes)}`,
        { boundaries: [...sortedSequence.sizes], sorter: [...o.sorter.sizes] },
      )
    if (o.sorter.dtype !== 'int64')
      throw new DTypeError(
        `torch.searchsorted(): sorter must be a tensor of long dtype but got dtype ${o.sorter.info.scalarType}`,
        { sorter: o.sorter.dtype },
      )
  }
  if (v0.sizes.length === 0 && sortedSequence.sizes.length !== 1)
    throw new ShapeError(
      `torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(${sortedSequence.sizes.length}) and input value's dim(0) numel(1)`,
    )
  if (sortedSequence.sizes.length === 0)
    throw new ShapeError('torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension')
  const common = resultType(sortedSequence, v0)
  const [b, v] = [wide(sortedSequence.to(common)), wide(v0.to(common))]
  const one = b.sizes.length === 1
  if (!one && !sameShape(b.sizes.slice(0, -1), v.sizes.slice(0, -1)))
    throw new ShapeError(
      `torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor ${showShape(b.sizes)} and input value tensor ${showShape(v.sizes)}`,
    )
  if (common === 'bool' && v.count > 0) throw new DTypeError('"searchsorted_out_cpu" not implemented for \'Bool\'')
  const info = o.outInt32 ? DTYPES.int32 : DTYPES.int64
  const out = emptyOf(v.sizes, info)
  const n = b.sizes[b.sizes.length - 1] as number
  const each = one ? v.count : (v.sizes[v.sizes.length - 1] as number)
  const rows = one ? 1 : each === 0 ? 0 : v.count / each
  const sorter = o.sorter ? contiguousRaw(o.sorter) : null
  if (v.count > 0) {
    encode.searchsorted(OP.searchsorted, b.info, info, {
      out,
      values: v,
      boundaries: b,
      sorter,
      rows,
      n: each,
      m: n,
      rowStep: one ? 0 : n,
      right: o.right || o.side === 'right',
    })
    run((status) =>
      status === STATUS.INDEX_OUT_OF_RANGE
        ? new IndexError('torch.searchsorted(): sorter index out of range')
        : undefined,
    )
  }
  return out
}
/** The bucket of each value between sorted boundaries. @param boundaries a vector */
export const bucketize: Op<
  (x: Tensor | number, boundaries: Tensor, options?: Pick<SearchOptions, 'outInt32' | 'right'>) => Tensor
> = define('bucketize', {
  params: [
    own<Tensor | number>('Tensor or Number')('input'),
    tensor('boundaries'),
    bool('outInt32').default(false),
    bool('right').default(false),
  ],
  method: false,
  differentiable: false,
  run(x, boundaries, o) {
    if (boundaries.sizes.length !== 1)
      throw new ShapeError(`boundaries tensor must be 1 dimension, but got dim(${boundaries.sizes.length})`)
    return placesOf(boundaries, x, o)
  },
})
/** Options of `unique`. */
export interface UniqueOptions {
  /** In order; always so here. */
  sorted?: boolean
  /** Also where each element went. */
  returnInverse?: boolean
  /** Also how often each value occurs. */
  returnCounts?: boolean
  /** Compare whole slices of this dim instead of elements. */
  dim?: number | null
}
/** Options of `uniqueConsecutive`. */
export type UniqueConsecutiveOptions = Omit<UniqueOptions, 'sorted'>
const grouping = [
  bool('returnInverse').default(false),
  bool('returnCounts').default(false),
  int('dim').optional(),
] as const
/** The different values (or slices of `dim`) in order; with the options, where each went and how often each occurs. */
export const unique: Op<(x: Tensor, sorted?: boolean | UniqueOptions, options?: UniqueOptions) => Tensor | Tensor[]> =
  define('unique', {
    params: [tensor('input'), bool('sorted').default(true), ...grouping],
    differentiable: false,
    run: (x, o) => distinct(x, o, true),
  })
/** As `unique`, of runs: a value that comes again later counts again. */
export const uniqueConsecutive: Op<
  (
    x: Tensor,
    returnInverse?: boolean | UniqueConsecutiveOptions,
    options?: UniqueConsecutiveOptions,
  ) => Tensor | Tensor[]
> = define('uniqueConsecutive', {
  params: [tensor('input'), ...grouping],
  differentiable: false,
  run: (x, o) => distinct(x, o, false),
})
/** Values or slices put into groups of equal ones: in sorted order, or in the order of their runs. */
function distinct(given: Tensor, o: UniqueOptions, sorted: boolean): Tensor | Tensor[] {
  const x = given.detach()
  const whole = o.dim === undefined || o.dim === null
  if (!whole && x.sizes.length === 0)
    throw new IndexError(`Dimension specified as ${o.dim} but tensor has no dimensions`, { dim: o.dim })
  const d = whole ? 0 : wrapDim(o.dim as number, x.sizes.length)
  const rows = whole ? x.reshape([-1]) : x.sizes.length === 0 ? x.reshape([1]) : x
  const n = rows.sizes[d] as number
  if (!whole && n > 0 && rows.count === 0)
    throw new ShapeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
  const width = n === 0 ? 0 : rows.count / n
  const data = rows.movedim(d, 0).contiguous().toTypedArray() as ArrayLike<number | bigint>
  const values =
    x.dtype === 'float16' || x.dtype === 'bfloat16'
      ? (rows.movedim(d, 0).to('float32').toTypedArray() as ArrayLike<number>)
      : data
  const compare = (a: number, b: number): number => {
    for (let k = 0; k < width; k++) {
      const [p, q] = [values[a * width + k] as number, values[b * width + k] as number]
      if (p < q) return -1
      if (p > q) return 1
      // NaN comes last, and no NaN equals another.
      if (p !== q) return Number.isNaN(p) && Number.isNaN(q) ? a - b : Number.isNaN(p) ? 1 : -1
    }
    return 0
  }
  const order = Array.from({ length: n }, (_, i) => i)
  if (sorted) order.sort((a, b) => compare(a, b) || a - b)
  const firsts: number[] = []
  const counts: bigint[] = []
  const inverse = new BigInt64Array(n)
  order.forEach((row, i) => {
    if (i === 0 || compare(order[i - 1] as number, row) !== 0) {
      firsts.push(row)
      counts.push(0n)
    }
    counts[counts.length - 1] = (counts[counts.length - 1] as bigint) + 1n
    inverse[row] = BigInt(firsts.length - 1)
  })
  const result: Tensor[] = [rows.indexSelect(d, tensorOf(BigInt64Array.from(firsts, BigInt)))]
  if (o.returnInverse) result.push(whole ? tensorOf(inverse).view(x.sizes as number[]) : tensorOf(inverse))
  if (o.returnCounts) result.push(tensorOf(BigInt64Array.from(counts)))
  return result.length === 1 ? (result[0] as Tensor) : result
}
/** Options of `histc`. */
export interface HistcOptions {
  /** Default 100. */
  bins?: number
  /** Where the range begins; where both ends are equal (default 0), it is that of the values. */
  min?: number
  /** Where it ends. */
  max?: number
}
/** How many values fall into each of `bins` equal parts of a range. @param x floating */
export const histc: Op<(x: Tensor, bins?: number | HistcOptions, options?: HistcOptions) => Tensor> = define('histc', {
  params: [tensor('input'), int('bins').default(100), float('min').default(0), float('max').default(0)],
  differentiable: false,
  run(x, { bins, min, max }) {
    if (x.info.category !== Category.Float)
      throw new DTypeError(`"histogram_cpu" not implemented for '${x.info.scalarType}'`)
    if (bins <= 0) throw new ValueError('bins must be > 0')
    const flat = x.detach().reshape([-1])
    let [low, high] = [min, max]
    if (low === high && flat.count > 0) [low, high] = [Number(flat.min().item()), Number(flat.max().item())]
    if (low === high) [low, high] = [low - 1, high + 1]
    if (!Number.isFinite(low) || !Number.isFinite(high))
      throw new ValueError(`range of [${low}, ${high}] is not finite`)
    if (low > high) throw new ValueError('torch.histc: max must be larger than min')
    const inside = maskedSelect(flat, flat.ge(low).logicalAnd(flat.le(high)))
    const place = inside
      .sub(low)
      .mul(bins / (high - low))
      .floor()
      .to('int64')
      .clampMax(BigInt(bins - 1))
    return scatterAdd_(zerosOf([bins], flat), 0, place, inside.mul(0).add(1))
  },
})
/** Options of `isin`. */
export interface IsinOptions {
  /** No value comes twice in either; of no use here. */
  assumeUnique?: boolean
  /** Whether each element is not among them. Default false. */
  invert?: boolean
}
/** Whether each element is among `testElements`; one of the two may be a number. */
export const isin: Op<
  (elements: Tensor | number | bigint, testElements: Tensor | number | bigint, options?: IsinOptions) => Tensor
> = define('isin', {
  params: [
    own<Tensor | number | bigint>('Tensor or Number')('elements'),
    own<Tensor | number | bigint>('Tensor or Number')('testElements'),
    bool('assumeUnique').default(false),
    bool('invert').default(false),
  ],
  method: false,
  differentiable: false,
  run(elements, testElements, { invert }) {
    const asTensor = (v: Tensor | number | bigint): Tensor => (isTensor(v) ? v.detach() : tensorOf(v))
    const [e, t] = [asTensor(elements), asTensor(testElements).reshape([-1])]
    if (e.dtype === 'bool' || t.dtype === 'bool')
      throw new DTypeError(`Unsupported input type encountered for isin(): Bool`)
    const none = e.eq(e).logicalAnd(false)
    const info = resultType(e, t)
    let found = none
    if (t.count > 0 && e.count > 0) {
      const list = sort(t.to(info)).values
      const v = e.to(info)
      const at = searchsorted(list, v).clampMax(BigInt(t.count - 1))
      found = gather(list, 0, at.reshape([-1]))
        .view(v.sizes as number[])
        .eq(v)
    }
    return invert ? found.logicalNot() : found
  },
})
/** The most frequent value along a dim (the smallest of equals) and where it is. */
export const mode: Op<(x: Tensor, dim?: number | AlongOptions, options?: AlongOptions) => ValuesIndices> = define(
  'mode',
  {
    params: [tensor('input'), ...along],
    node: 'ModeBackward0',
    run(x, { dim, keepdim }) {
      const d = wrapDim(dim, x.sizes.length)
      if (x.sizes.length === 0) return { values: named(x.clone(), mode.op.node), indices: zerosOf([], tensorOf(0n)) }
      const size = x.sizes[d] as number
      if (size === 0) throw new IndexError(`mode(): Expected reduction dim ${d} to have non-zero size.`)
      const s = sort(x.detach(), d)
      const rows = s.values.movedim(d, -1).contiguous()
      const data = (rows.info.compute === rows.dtype ? rows : rows.to('float32')).toTypedArray() as ArrayLike<
        number | bigint
      >
      const last = new BigInt64Array(size === 0 ? 0 : rows.count / size)
      for (let r = 0; r < last.length; r++) {
        let [best, run] = [0, 0]
        for (let i = 0; i < size; i++) {
          run = i > 0 && data[r * size + i] === data[r * size + i - 1] ? run + 1 : 1
          if (run > best) {
            best = run
            last[r] = BigInt(i)
          }
        }
      }
      const at = tensorOf(last)
        .view(rows.sizes.slice(0, -1) as number[])
        .unsqueeze(-1)
        .movedim(-1, d)
      return labelled(pickedAt(x, d, gather(s.indices, d, at), keepdim), mode.op.node)
    },
  },
)
/** The lower median of the elements that are not NaN, of all or of a dim with its index. */
export const nanmedian: Op<Median> = defineAs<Median>('nanmedian', {
  params: medianParams,
  node: ['NanmedianBackward0', 'NanmedianBackward1'],
  run: nanmedianFrom as Median,
})
function nanmedianFrom(x: Tensor, dim?: unknown, options?: unknown): Tensor | ValuesIndices {
  expectTensor('nanmedian', 'input', x)
  const o = medianOptions('nanmedian', dim, options)
  const [whole, along] = nanmedian.op.nodes as [string, string]
  if (x.info.category !== Category.Float) return o.dim === undefined ? median(x) : median(x, o as { dim: number })
  if (o.dim === undefined) {
    if (x.count === 0) return named(median(x), whole)
    return ofAll(x, nanmedian(x.detach().reshape([-1]), 0).values, whole)
  }
  const d = wrapDim(o.dim, x.sizes.length)
  if (x.sizes.length === 0) return { values: named(x.clone(), along), indices: zerosOf([], tensorOf(0n)) }
  if (x.sizes[d] === 0) throw new IndexError(`nanmedian(): Expected reduction dim ${d} to have non-zero size.`)
  // NaN sorts last, so the middle of the rest is at (count - 1) / 2.
  const middle = x
    .detach()
    .isnan()
    .logicalNot()
    .sum(d, { keepdim: true })
    .sub(1n)
    .clampMin(0n)
    .div(2n, { roundingMode: 'floor' })
  const picked = pickedAt(x, d, gather(sort(x.detach(), d).indices, d, middle), o.keepdim ?? false)
  return labelled(picked, along)
}
/** Options of `quantile`. */
export interface QuantileOptions {
  /** Default: of the flattened tensor. */
  dim?: number | null
  /** Keep the dim with size 1. Default false. */
  keepdim?: boolean
  /** Between two values; default `linear`. */
  interpolation?: 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest'
}
type Interpolation = NonNullable<QuantileOptions['interpolation']>
interface FilledQuantile {
  readonly dim: number | undefined
  readonly keepdim: boolean
  readonly interpolation: Interpolation
}
function quantileOf(
  x: Tensor,
  given: Tensor | number,
  { dim, keepdim, interpolation }: FilledQuantile,
  ignoreNan: boolean,
  node: string,
): Tensor {
  if (x.dtype !== 'float32' && x.dtype !== 'float64')
    throw new DTypeError('quantile() input tensor must be either float or double dtype')
  if (x.count === 0) throw new ShapeError('quantile() input tensor must be non-empty')
  if (isTensor(given) && given.sizes.length > 1) throw new ShapeError('quantile() q must be a scalar or 1D tensor')
  if (isTensor(given) && given.info !== x.info)
    throw new DTypeError('quantile() q tensor must be same dtype as the input tensor')
  if (!['linear', 'lower', 'higher', 'midpoint', 'nearest'].includes(interpolation))
    throw new ValueError(
      `quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${String(interpolation)}`,
    )
  const q = isTensor(given) ? given : tensorOf(given, { dtype: x.dtype })
  const listed = q.detach().to('float64').reshape([-1])
  if (Array.from(listed.toTypedArray() as Float64Array).some((v) => !(v >= 0 && v <= 1)))
    throw new ValueError(
      isTensor(given)
        ? 'quantile() q values must be in the range [0, 1]'
        : `quantile() q must be in the range [0, 1] but got ${given}`,
    )
  const all = dim === undefined
  const d = all ? 0 : wrapDim(dim, x.sizes.length)
  const v = (all || x.sizes.length === 0 ? x.reshape([-1]) : x.movedim(d, -1)).contiguous()
  const { values } = sort(v, -1)
  const size = v.sizes[v.sizes.length - 1] as number
  const isNan = v.detach().isnan()
  // How many values count, by row; a NaN among them makes the whole row NaN.
  const count = ignoreNan
    ? isNan.logicalNot().sum(-1, { keepdim: true }).to(x.dtype)
    : isNan.any(-1, { keepdim: true }).logicalNot().mul(size).to(x.dtype)
  let rank = q.reshape([-1]).mul(count.sub(1))
  if (ignoreNan) rank = rank.maskedFill(rank.lt(0), 0)
  else rank = where(isNan.any(-1, { keepdim: true }), size - 1, rank)
  if (interpolation === 'lower') rank = rank.floor()
  else if (interpolation === 'higher') rank = rank.ceil()
  else if (interpolation === 'nearest') rank = rank.round()
  const below = rank.detach().floor()
  const lower = gather(values, v.sizes.length - 1, below.to('int64'))
  let out = lower
  if (interpolation === 'linear' || interpolation === 'midpoint') {
    const weight = interpolation === 'midpoint' ? below.mul(0).add(0.5) : rank.sub(below)
    out = lower.lerp(gather(values, v.sizes.length - 1, rank.detach().ceil().to('int64')), weight)
  }
  // The list of quantiles comes first.
  let result = out.movedim(-1, 0)
  if (keepdim && x.sizes.length > 0) {
    if (all) result = result.reshape([-1, ...x.sizes.map(() => 1)])
    else result = result.unsqueeze(d + 1)
  }
  return named(q.sizes.length === 0 ? result.squeeze(0) : result, node)
}
type Quantile = Op<
  (x: Tensor, q: Tensor | number, dim?: number | null | QuantileOptions, options?: QuantileOptions) => Tensor
>
const quantileParams = [
  tensor('input'),
  own<Tensor | number>('Tensor or float')('q'),
  int('dim').optional(),
  keepdim,
  word<Interpolation>()('interpolation').default('linear'),
] as const
/** The values below which given parts (a number, or a vector of them) of the elements lie. @param x float32 or float64 */
export const quantile: Quantile = define('quantile', {
  params: quantileParams,
  node: 'SqueezeBackward4',
  run: (x, q, o) => quantileOf(x, q, o, false, quantile.op.node),
})
/** As `quantile`, of the elements that are not NaN. @param x float32 or float64 */
export const nanquantile: Quantile = define('nanquantile', {
  params: quantileParams,
  node: 'SqueezeBackward4',
  run: (x, q, o) => quantileOf(x, q, o, true, nanquantile.op.node),
})
