/** Counting and searching. */
import { DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import { run } from '../../runtime/commands'
import { Category, DTYPES } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP, STATUS } from '../../runtime/opcodes'
import { resultType } from '../../tensor/result-type'
import { sameShape, showShape } from '../../tensor/shape'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { bool, float, int, own, tensor, word } from '../define/params'
import type { Op } from '../define/registry'
import { hostRead } from '../define/host-read'
import { expectRange } from '../define/expect-range'
import { contiguousRaw, emptyOf, filled } from '../define/results'
import { tensor as tensorOf } from '../tensor/create'
import { gather, scatterAdd_, scatter_ } from './gather'
import { sort } from './order'

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
      return filled([...x.sizes, n], 0, x.info)
    }
    expectRange(x, 0, Infinity, () => new ValueError('Class values must be non-negative.'))
    // How large the result is.
    if (n === -1) n = Number(hostRead(x.max())) + 1
    else if (n < 1) throw new ValueError('num_classes should be positive')
    else expectRange(x, 0, n - 1, () => new ValueError('Class values must be smaller than num_classes.'))
    return scatter_(filled([...x.sizes, n], 0, x.info), -1, x.unsqueeze(-1), 1n)
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
      const refused = (): ShapeError => new ShapeError('bincount only supports 1-d non-negative integral inputs.')
      if (x.sizes.length !== 1 || x.info.category !== Category.Int) throw refused()
      if (minlength < 0) throw new ValueError('minlength should be >= 0')
      expectRange(x, 0, Infinity, refused)
      const w = weights ?? null
      if (w && w.count !== x.count) throw new ShapeError('weights should be 1-d and have the same length as input')
      // How large the result is.
      const n = Math.max(minlength, x.count > 0 ? Number(hostRead(x.max())) + 1 : 0)
      const values = w ? (w.dtype === 'float32' ? w.detach() : w.detach().to('float64')) : x.to('int64').mul(0n).add(1n)
      return scatterAdd_(filled([n], 0, values.info), 0, x.to('int64'), values)
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
  const v0 = isTensor(values) ? values : filled([], 0, sortedSequence.info).fill_(values)
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
  const n = b.sizes[b.sizes.length - 1]
  const each = one ? v.count : v.sizes[v.sizes.length - 1]
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
    if (low === high && flat.count > 0) {
      // The steps are taken in double, and an error names the range.
      low = Number(hostRead(flat.min()))
      high = Number(hostRead(flat.max()))
    }
    if (low === high) [low, high] = [low - 1, high + 1]
    if (!Number.isFinite(low) || !Number.isFinite(high))
      throw new ValueError(`range of [${low}, ${high}] is not finite`)
    if (low > high) throw new ValueError('torch.histc: max must be larger than min')
    const inside = flat.ge(low).logicalAnd(flat.le(high))
    const place = flat
      .sub(low)
      .mul(bins / (high - low))
      .floor()
      .to('int64')
      .clamp(0n, BigInt(bins - 1))
    // What is outside, NaN too, has some place, and counts nothing there.
    return scatterAdd_(filled([bins], 0, flat.info), 0, place, inside.to(flat.dtype))
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
