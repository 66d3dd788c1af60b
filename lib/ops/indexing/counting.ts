/** Counting and searching. */
import { run } from '../../runtime/commands'
import { DTYPES } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import { resultType } from '../../tensor/result-type'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { bool, float, int, own, tensor, word } from '../define/params'
import type { Op } from '../define/registry'
import { hostRead } from '../define/host-read'
import { contiguousRaw, emptyOf, filled } from '../define/results'
import { tensor as tensorOf } from '../tensor/create'
import { gather, scatterAdd_, scatter_ } from './gather'
import { sort } from './order'
import {
  checkBincount,
  checkBuckets,
  checkHistc,
  checkHistcRange,
  checkIsin,
  checkNoBool,
  checkOneHot,
  checkSearch,
  unsorted,
} from './order-checks'

/** Rows of zeros with a one at each class. @param numClasses -1 (default): one more than the largest */
export const oneHot: Op<(x: Tensor, numClasses?: number | { numClasses?: number }) => Tensor> = define('oneHot', {
  namespace: 'nn.functional',
  params: [tensor('input'), int('numClasses').default(-1)],
  differentiable: false,
  run(x, { numClasses }) {
    checkOneHot(x, numClasses)
    // How large the result is.
    const n = numClasses === -1 ? Number(hostRead(x.max())) + 1 : numClasses
    if (x.count === 0) return filled([...x.sizes, n], 0, x.info)
    return scatter_(filled([...x.sizes, n], 0, x.info), -1, x.unsqueeze(-1), 1)
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
      checkBincount(x, weights, minlength)
      const w = weights ?? null
      // How large the result is.
      const n = Math.max(minlength, x.count > 0 ? Number(hostRead(x.max())) + 1 : 0)
      const values = w ? (w.dtype === 'float32' ? w.detach() : w.detach().to('float64')) : x.to('int64').mul(0).add(1)
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
  checkSearch(sortedSequence, v0, o)
  const common = resultType(sortedSequence, v0)
  const [b, v] = [wide(sortedSequence.to(common)), wide(v0.to(common))]
  const one = b.sizes.length === 1
  if (v.count > 0) checkNoBool('searchsorted_out_cpu', b.info)
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
    run(unsorted)
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
    checkBuckets(boundaries)
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
    checkHistc(x.info, bins)
    const flat = x.detach().reshape([-1])
    let [low, high] = [min, max]
    if (low === high && flat.count > 0) {
      // The steps are taken in double, and an error names the range.
      low = Number(hostRead(flat.min()))
      high = Number(hostRead(flat.max()))
    }
    if (low === high) [low, high] = [low - 1, high + 1]
    checkHistcRange(low, high)
    const inside = flat.ge(low).logicalAnd(flat.le(high))
    const place = flat
      .sub(low)
      .mul(bins / (high - low))
      .floor()
      .to('int64')
      .clamp(0, bins - 1)
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
    checkIsin(e, t)
    const none = e.eq(e).logicalAnd(false)
    const info = resultType(e, t)
    let found = none
    if (t.count > 0 && e.count > 0) {
      const list = sort(t.to(info)).values
      const v = e.to(info)
      const at = searchsorted(list, v).clampMax(t.count - 1)
      found = gather(list, 0, at.reshape([-1]))
        .view(v.sizes as number[])
        .eq(v)
    }
    return invert ? found.logicalNot() : found
  },
})
