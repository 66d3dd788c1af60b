/** Medians, quantiles and modes. */
import { attach, tracks } from '../../autograd/node'
import { expectBool, expectInt, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { run } from '../../runtime/commands'
import { Category, DTYPES } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import { contiguousStrides, wrapDim } from '../../tensor/shape'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define, defineAs } from '../define/define'
import { withNodeName } from '../define/node-name'
import { int, own, tensor, word } from '../define/params'
import type { Op } from '../define/registry'
import { emptyOf, filled, ordered } from '../define/results'
import { where } from '../elementwise/ternary'
import { checkExtremeDim } from '../reduce/checks'
import type { ValuesIndices } from '../reduce/reduce'
import { keepdim, shareEvenly } from '../reduce/reduction'
import { tensor as tensorOf } from '../tensor/create'
import { gather } from './gather'
import { checkNoBool, checkQuantile, checkRanks } from './order-checks'
import { along, labelled, pickSorted, pickedAt, sort } from './order'
import type { AlongOptions } from '../reduce/extremes'

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
  checkNoBool('median_cpu', x.info)
  const o = medianOptions('median', dim, options)
  const [whole, along] = median.op.nodes as [string, string]
  if (o.dim === undefined) {
    if (x.count === 0) return ofAll(x, filled([], x.info.category === Category.Float ? Number.NaN : 0, x.info), whole)
    return ofAll(x, medianOf(x.detach().reshape([-1]), 0, false).values, whole)
  }
  const d = checkExtremeDim('median', x.sizes, o.dim)
  return labelled(medianOf(x, d, o.keepdim ?? false), along)
}
/** The value among all elements that an order gives; those equal to it share its gradient. */
function ofAll(x: Tensor, value: Tensor, label: string): Tensor {
  const y = value.clone()
  if (tracks(x)) attach(y, label, shareEvenly, [x]).save(x, y)
  return y
}
function medianOf(x: Tensor, d: number, keepdim: boolean): ValuesIndices {
  const size = x.sizes.length === 0 ? 1 : x.sizes[d]
  const middle = (size - 1) >> 1
  if (x.info.category !== Category.Float || x.sizes.length === 0) return pickSorted(x, d, middle, keepdim)
  // Any NaN makes the median NaN, the first one, as it makes the maximum.
  const top = x.detach().max(d, { keepdim: true })
  const indices = sort(x.detach(), d).indices.narrow(d, middle, 1)
  return pickedAt(x, d, where(top.values.isnan(), top.indices, indices), keepdim)
}
/** The most frequent value along a dim (the smallest of equals) and where it is. */
export const mode: Op<(x: Tensor, dim?: number | AlongOptions, options?: AlongOptions) => ValuesIndices> = define(
  'mode',
  {
    params: [tensor('input'), ...along],
    node: 'ModeBackward0',
    run(x, { dim, keepdim }) {
      const d = checkExtremeDim('mode', x.sizes, dim)
      if (x.sizes.length === 0)
        return { values: withNodeName(x.clone(), mode.op.node), indices: filled([], 0, DTYPES.int64) }
      const at = emptyOf(
        x.sizes.map((n, i) => (i === d ? 1 : n)),
        DTYPES.int64,
      )
      if (x.count > 0) {
        const [a, outStrides] = [ordered(x), contiguousStrides(at.sizes)]
        outStrides[d] = 0
        encode.mode(OP.mode, x.info, { indices: at, a, dim: d, sizes: x.sizes, outStrides, strides: a.strides })
        run()
      }
      return labelled(pickedAt(x, d, at, keepdim), mode.op.node)
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
    if (x.count === 0) return withNodeName(median(x), whole)
    return ofAll(x, nanmedian(x.detach().reshape([-1]), 0).values, whole)
  }
  const d = checkExtremeDim('nanmedian', x.sizes, o.dim)
  if (x.sizes.length === 0) return { values: withNodeName(x.clone(), along), indices: filled([], 0, DTYPES.int64) }
  // NaN sorts last, so the middle of the rest is at (count - 1) / 2.
  const middle = x
    .detach()
    .isnan()
    .logicalNot()
    .sum(d, { keepdim: true })
    .sub(1)
    .clampMin(0)
    .div(2, { roundingMode: 'floor' })
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
  checkQuantile(x, given, interpolation)
  const q = isTensor(given) ? given : tensorOf(given, { dtype: x.dtype })
  checkRanks(given, q)
  const all = dim === undefined
  const d = all ? 0 : wrapDim(dim, x.sizes.length)
  const v = (all || x.sizes.length === 0 ? x.reshape([-1]) : x.movedim(d, -1)).contiguous()
  const { values } = sort(v, -1)
  const size = v.sizes[v.sizes.length - 1]
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
  return withNodeName(q.sizes.length === 0 ? result.squeeze(0) : result, node)
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
