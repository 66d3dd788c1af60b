/** Sorting, selecting by rank, counting and searching. */
import { attach, type Rule, tracks } from '../autograd/node'
import { DTypeError, IndexError, ShapeError, ValueError } from '../errors'
import { command, run } from '../runtime/commands'
import { Category, DTYPES } from '../runtime/dtype'
import { OP, STATUS } from '../runtime/opcodes'
import { contiguousStrides, type Shape, sameShape, showShape, wrapDim } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import { contiguousRaw, copyInto, emptyOf, expectInt, expectTensor, optionsOf, ordered, resultType } from './core'
import { tensor } from './create'
import { gather, scatter_, scatterAdd, scatterAdd_ } from './gather'
import { maskedSelect } from './masks'
import type { ValuesIndices } from './reduce'
import { where } from './ternary'
import { named } from './named'

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
/** The values of a dim in order (NaN last), and where they were. */
export function sort(x: Tensor, options?: number | SortOptions, rest?: SortOptions): ValuesIndices {
  expectTensor('sort', 'input', x)
  const o = optionsOf<SortOptions>('sort', ['dim', 'descending', 'stable'], options, rest)
  const d = wrapDim(o.dim ?? -1, x.sizes.length)
  const values = emptyOf(x.sizes, x.info)
  const indices = emptyOf(x.sizes, DTYPES.int64)
  if (x.count > 0) {
    const scalar = x.sizes.length === 0
    const sizes = scalar ? [1] : x.sizes
    const from = ordered(x)
    command(OP.sort, x.info, x.info, [
      values.address,
      indices.address,
      from.address,
      sizes.length,
      d,
      o.descending ? 1 : 0,
      ...sizes,
      ...contiguousStrides(sizes),
      ...(scalar ? [1] : from.strides),
    ])
    run()
  }
  if (tracks(x)) {
    const n = attach(values, o.stable === undefined ? 'SortBackward0' : 'SortBackward1', orderRule, [x])
    n.save(indices)
    n.meta = { sizes: x.sizes, dim: d }
  }
  return { values, indices }
}
/** Where the values in order were. */
export const argsort = (x: Tensor, options?: number | SortOptions, rest?: SortOptions): Tensor => {
  expectTensor('argsort', 'input', x)
  return sort(x.detach(), options, rest).indices
}
/** Sorted along the first dim. */
export const msort = (x: Tensor): Tensor => sort(x, 0).values
/** Options of `topk`. */
export interface TopkOptions {
  /** Default -1. */
  dim?: number
  /** The smallest instead where false. Default true. */
  largest?: boolean
  /** In order; always so here. */
  sorted?: boolean
}
/** The `k` largest values of a dim and where they were. */
export function topk(x: Tensor, k: number, options?: number | TopkOptions, rest?: TopkOptions): ValuesIndices {
  expectTensor('topk', 'input', x)
  expectInt('topk', 'k', k)
  if (x.dtype === 'bool') throw new DTypeError('topk does not support bool dtypes on CPU')
  const o = optionsOf<TopkOptions>('topk', ['dim', 'largest', 'sorted'], options, rest)
  const d = wrapDim(o.dim ?? -1, x.sizes.length)
  const scalar = x.sizes.length === 0
  const sizes = scalar ? [1] : x.sizes
  if (k < 0 || k > (sizes[d] as number)) throw new ValueError('selected index k out of range', { k, size: sizes[d] })
  const outSizes = scalar ? (k === 0 ? [0] : []) : sizes.map((s, i) => (i === d ? k : s))
  const values = emptyOf(outSizes, x.info)
  const indices = emptyOf(outSizes, DTYPES.int64)
  if (values.count > 0) {
    command(OP.topk, x.info, x.info, [
      values.address,
      indices.address,
      x.address,
      sizes.length,
      d,
      k,
      (o.largest ?? true) ? 1 : 0,
      ...sizes,
      ...(scalar ? [1] : values.strides),
      ...(scalar ? [1] : x.strides),
    ])
    run()
  }
  if (tracks(x)) {
    const n = attach(values, 'TopkBackward0', orderRule, [x])
    n.save(indices)
    n.meta = { sizes: x.sizes, dim: d }
  }
  return { values, indices }
}
/** The k-th smallest value of a dim (k from 1) and where it was. */
export function kthvalue(
  x: Tensor,
  k: number,
  options?: number | { dim?: number; keepdim?: boolean },
  rest?: { keepdim?: boolean },
): ValuesIndices {
  expectTensor('kthvalue', 'input', x)
  expectInt('kthvalue', 'k', k)
  if (x.dtype === 'bool') throw new DTypeError('"kthvalue_cpu" not implemented for \'Bool\'')
  const o = optionsOf<{ dim?: number; keepdim?: boolean }>('kthvalue', ['dim', 'keepdim'], options, rest)
  const d = wrapDim(o.dim ?? -1, x.sizes.length)
  if (k < 1 || k > (x.sizes.length === 0 ? 1 : (x.sizes[d] as number)))
    throw new ValueError(`kthvalue(): selected number k out of range for dimension ${d}`)
  return labelled(pickSorted(x, d, k - 1, o.keepdim ?? false), 'KthvalueBackward0')
}
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
/** The lower median of all, or of a dim with its index. */
export function median(x: Tensor): Tensor
export function median(
  x: Tensor,
  dim: number | { dim: number; keepdim?: boolean },
  options?: { keepdim?: boolean },
): ValuesIndices
export function median(
  x: Tensor,
  dim?: number | { dim?: number; keepdim?: boolean },
  rest?: { keepdim?: boolean },
): Tensor | ValuesIndices {
  expectTensor('median', 'input', x)
  if (x.dtype === 'bool') throw new DTypeError('"median_cpu" not implemented for \'Bool\'')
  const o = optionsOf<{ dim?: number; keepdim?: boolean }>('median', ['dim', 'keepdim'], dim, rest)
  if (o.dim === undefined) {
    if (x.count === 0) return zerosOf([], x).fill_(x.info.category === Category.Float ? Number.NaN : 0)
    return named(medianOf(x.reshape([-1]), 0, false).values, 'MedianBackward0')
  }
  const d = wrapDim(o.dim, x.sizes.length)
  if (x.sizes.length > 0 && x.sizes[d] === 0)
    throw new IndexError(`median(): Expected reduction dim ${d} to have non-zero size.`)
  return labelled(medianOf(x, d, o.keepdim ?? false), 'MedianBackward1')
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
export function oneHot(x: Tensor, numClasses: number | { numClasses?: number } = -1): Tensor {
  expectTensor('oneHot', 'input', x)
  if (x.dtype !== 'int64')
    throw new DTypeError(`one_hot is only applicable to index tensor of type LongTensor.`, { dtype: x.dtype })
  let n = typeof numClasses === 'number' ? numClasses : (numClasses.numClasses ?? -1)
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
}
/** How often each integer from 0 on occurs, or the sum of its weights. */
export function bincount(
  x: Tensor,
  options?: Tensor | { weights?: Tensor | null; minlength?: number },
  rest?: { minlength?: number },
): Tensor {
  expectTensor('bincount', 'input', x)
  const o = isTensor(options)
    ? { weights: options, ...rest }
    : optionsOf<{ weights?: Tensor | null; minlength?: number }>('bincount', ['weights', 'minlength'], options, rest)
  if (x.sizes.length !== 1 || x.info.category !== Category.Int)
    throw new ShapeError('bincount only supports 1-d non-negative integral inputs.')
  const { minlength = 0 } = o
  if (minlength < 0) throw new ValueError('minlength should be >= 0')
  if (x.count > 0 && Number(x.min().item()) < 0)
    throw new ShapeError('bincount only supports 1-d non-negative integral inputs.')
  const w = o.weights ?? null
  if (w && w.count !== x.count) throw new ShapeError('weights should be 1-d and have the same length as input')
  const n = Math.max(minlength, x.count > 0 ? Number(x.max().item()) + 1 : 0)
  const values = w ? (w.dtype === 'float32' ? w.detach() : w.detach().to('float64')) : x.to('int64').mul(0n).add(1n)
  return scatterAdd_(zerosOf([n], values), 0, x.to('int64'), values)
}
/** Options of `searchsorted`. */
export interface SearchOptions {
  outInt32?: boolean
  /** Find the place after equal values. Default false. */
  right?: boolean
  side?: 'left' | 'right'
  sorter?: Tensor | null
}
/** Where values would go into sorted boundaries. */
export function searchsorted(sortedSequence: Tensor, values: Tensor | number, options?: SearchOptions): Tensor {
  expectTensor('searchsorted', 'sorted_sequence', sortedSequence)
  const o = optionsOf<SearchOptions>('searchsorted', ['outInt32', 'right', 'side', 'sorter'], options)
  const v0 = isTensor(values) ? values : zerosOf([], sortedSequence).fill_(values)
  const wide = (t: Tensor): Tensor => contiguousRaw(t.info.compute === t.dtype ? t.detach() : t.detach().to('float32'))
  if (o.side !== undefined && o.side !== 'left' && o.side !== 'right')
    throw new ValueError(`torch.searchsorted(): side can only be 'left' or 'right' but got ${String(o.side)}`)
  if (o.side === 'left' && o.right)
    throw new ValueError(
      "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True",
    )
  if (o.sorter != null) {
    expectTensor('searchsorted', 'sorter', o.sorter)
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
    command(OP.searchsorted, b.info, info, [
      out.address,
      v.address,
      b.count > 0 ? b.address : 0,
      rows,
      each,
      n,
      one ? 0 : n,
      o.right || o.side === 'right' ? 1 : 0,
      sorter ? sorter.address : 0,
    ])
    run((status) =>
      status === STATUS.INDEX_OUT_OF_RANGE
        ? new IndexError('torch.searchsorted(): sorter index out of range')
        : undefined,
    )
  }
  return out
}
/** The bucket of each value between sorted boundaries. */
export function bucketize(
  x: Tensor | number,
  boundaries: Tensor,
  options?: { outInt32?: boolean; right?: boolean },
): Tensor {
  expectTensor('bucketize', 'boundaries', boundaries)
  if (boundaries.sizes.length !== 1)
    throw new ShapeError(`boundaries tensor must be 1 dimension, but got dim(${boundaries.sizes.length})`)
  return searchsorted(boundaries, x, options)
}
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
const UNIQUE = ['sorted', 'returnInverse', 'returnCounts', 'dim'] as const
/** The different values (or slices of `dim`) in order; with the options, where each went and how often each occurs. */
export function unique(x: Tensor, options?: boolean | UniqueOptions, rest?: UniqueOptions): Tensor | Tensor[] {
  expectTensor('unique', 'input', x)
  const o = optionsOf<UniqueOptions>('unique', UNIQUE, options, rest)
  return distinct(x, o, true)
}
/** As `unique`, of runs: a value that comes again later counts again. */
export function uniqueConsecutive(
  x: Tensor,
  options?: boolean | Omit<UniqueOptions, 'sorted'>,
  rest?: Omit<UniqueOptions, 'sorted'>,
): Tensor | Tensor[] {
  expectTensor('uniqueConsecutive', 'input', x)
  const o = optionsOf<Omit<UniqueOptions, 'sorted'>>(
    'uniqueConsecutive',
    ['returnInverse', 'returnCounts', 'dim'],
    options,
    rest,
  )
  return distinct(x, o, false)
}
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
  const result: Tensor[] = [rows.indexSelect(d, tensor(BigInt64Array.from(firsts, BigInt)))]
  if (o.returnInverse) result.push(whole ? tensor(inverse).view(x.sizes as number[]) : tensor(inverse))
  if (o.returnCounts) result.push(tensor(BigInt64Array.from(counts)))
  return result.length === 1 ? (result[0] as Tensor) : result
}
/** Options of `histc`. */
export interface HistcOptions {
  /** Default 100. */
  bins?: number
  /** The range; where both are equal (default 0), that of the values. */
  min?: number
  max?: number
}
/** How many values fall into each of `bins` equal parts of a range. */
export function histc(x: Tensor, options?: number | HistcOptions, rest?: HistcOptions): Tensor {
  expectTensor('histc', 'input', x)
  const { bins = 100, min = 0, max = 0 } = optionsOf<HistcOptions>('histc', ['bins', 'min', 'max'], options, rest)
  if (x.info.category !== Category.Float)
    throw new DTypeError(`"histogram_cpu" not implemented for '${x.info.scalarType}'`)
  if (bins <= 0) throw new ValueError('bins must be > 0')
  const flat = x.detach().reshape([-1])
  let [low, high] = [Number(min), Number(max)]
  if (low === high && flat.count > 0) [low, high] = [Number(flat.min().item()), Number(flat.max().item())]
  if (low === high) [low, high] = [low - 1, high + 1]
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw new ValueError(`range of [${low}, ${high}] is not finite`)
  if (low > high) throw new ValueError('torch.histc: max must be larger than min')
  const inside = maskedSelect(flat, flat.ge(low).logicalAnd(flat.le(high)))
  const place = inside
    .sub(low)
    .mul(bins / (high - low))
    .floor()
    .to('int64')
    .clampMax(BigInt(bins - 1))
  return scatterAdd_(zerosOf([bins], flat), 0, place, inside.mul(0).add(1))
}
/** Whether each element is among `testElements`. @param options `invert`: whether it is not */
export function isin(
  elements: Tensor | number | bigint,
  testElements: Tensor | number | bigint,
  options?: { assumeUnique?: boolean; invert?: boolean },
): Tensor {
  const { invert = false } = optionsOf<{ assumeUnique?: boolean; invert?: boolean }>(
    'isin',
    ['assumeUnique', 'invert'],
    options,
  )
  const asTensor = (v: Tensor | number | bigint): Tensor => (isTensor(v) ? v.detach() : tensor(v))
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
}
/** The most frequent value along a dim (the smallest of equals) and where it is. */
export function mode(
  x: Tensor,
  dim?: number | { dim?: number; keepdim?: boolean },
  rest?: { keepdim?: boolean },
): ValuesIndices {
  expectTensor('mode', 'input', x)
  const o = optionsOf<{ dim?: number; keepdim?: boolean }>('mode', ['dim', 'keepdim'], dim, rest)
  const d = wrapDim(o.dim ?? -1, x.sizes.length)
  if (x.sizes.length === 0) return { values: named(x.clone(), 'ModeBackward0'), indices: zerosOf([], tensor(0n)) }
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
  const at = tensor(last)
    .view(rows.sizes.slice(0, -1) as number[])
    .unsqueeze(-1)
    .movedim(-1, d)
  return labelled(pickedAt(x, d, gather(s.indices, d, at), o.keepdim ?? false), 'ModeBackward0')
}
/** The lower median of the elements that are not NaN, of all or of a dim with its index. */
export function nanmedian(x: Tensor): Tensor
export function nanmedian(
  x: Tensor,
  dim: number | { dim: number; keepdim?: boolean },
  options?: { keepdim?: boolean },
): ValuesIndices
export function nanmedian(
  x: Tensor,
  dim?: number | { dim?: number; keepdim?: boolean },
  rest?: { keepdim?: boolean },
): Tensor | ValuesIndices {
  expectTensor('nanmedian', 'input', x)
  const o = optionsOf<{ dim?: number; keepdim?: boolean }>('nanmedian', ['dim', 'keepdim'], dim, rest)
  if (x.info.category !== Category.Float) return o.dim === undefined ? median(x) : median(x, o as { dim: number })
  if (o.dim === undefined) {
    if (x.count === 0) return median(x)
    return named(nanmedian(x.reshape([-1]), 0).values, 'NanmedianBackward0')
  }
  const d = wrapDim(o.dim, x.sizes.length)
  if (x.sizes.length === 0) return { values: named(x.clone(), 'NanmedianBackward1'), indices: zerosOf([], tensor(0n)) }
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
  return labelled(picked, 'NanmedianBackward1')
}
/** Options of `quantile`. */
export interface QuantileOptions {
  dim?: number | null
  keepdim?: boolean
  /** Between two values; default `linear`. */
  interpolation?: 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest'
}
function quantileOf(
  op: string,
  x: Tensor,
  given: Tensor | number,
  dim: unknown,
  rest: unknown,
  ignoreNan: boolean,
): Tensor {
  expectTensor(op, 'input', x)
  const o = optionsOf<QuantileOptions>(op, ['dim', 'keepdim', 'interpolation'], dim, rest)
  const { interpolation = 'linear', keepdim = false } = o
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
  const q = isTensor(given) ? given : tensor(given, { dtype: x.dtype })
  const listed = q.detach().to('float64').reshape([-1])
  if (Array.from(listed.toTypedArray() as Float64Array).some((v) => !(v >= 0 && v <= 1)))
    throw new ValueError(
      isTensor(given)
        ? 'quantile() q values must be in the range [0, 1]'
        : `quantile() q must be in the range [0, 1] but got ${given}`,
    )
  const all = o.dim === undefined || o.dim === null
  const d = all ? 0 : wrapDim(o.dim as number, x.sizes.length)
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
  return named(q.sizes.length === 0 ? result.squeeze(0) : result, 'SqueezeBackward4')
}
/** The values below which given parts (a number, or a vector of them) of the elements lie. */
export function quantile(
  x: Tensor,
  q: Tensor | number,
  dim?: number | null | QuantileOptions,
  options?: QuantileOptions,
): Tensor {
  return quantileOf('quantile', x, q, dim, options, false)
}
/** As `quantile`, of the elements that are not NaN. */
export function nanquantile(
  x: Tensor,
  q: Tensor | number,
  dim?: number | null | QuantileOptions,
  options?: QuantileOptions,
): Tensor {
  return quantileOf('nanquantile', x, q, dim, options, true)
}
