/** Sums, means and maxima of rows that are looked up by index, bag by bag. */
import { attach, type Rule, tracks, tracksAny } from '../../autograd/node'
import { type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { repeatInterleave } from '../indexing/repeat-interleave'
import { hostRead } from '../define/host-read'
import { pointwise } from '../define/kernel'
import {
  checkBagMode,
  checkBags,
  checkBagShapes,
  checkBegins,
  checkIndices,
  checkOffsets,
  checkRows,
} from './embedding-checks'
import { emptyOf, filled } from '../define/results'
import { arange } from '../tensor/create'
import { cat } from '../tensor/joining'
import { define } from '../define/define'
import { bool, float, int, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { renormRows } from './embedding'
import { searchsorted } from '../indexing/counting'
import { where } from '../elementwise/ternary'

/** What becomes of the rows of a bag. */
export type EmbeddingBagMode = 'sum' | 'mean' | 'max'
/** Options of `embeddingBag`. */
export interface EmbeddingBagOptions {
  /** Where each bag begins in 1-d indices: [B] integers that start at 0 and do not decrease. */
  offsets?: Tensor | null
  /** Rows that are looked up and longer than this are shortened to it, in place. */
  maxNorm?: number | null
  /** The exponent of that norm. Default 2. */
  normType?: number
  /** Divide the gradient of a row by how often it was looked up. Default false. */
  scaleGradByFreq?: boolean
  /** Default `mean`. */
  mode?: EmbeddingBagMode
  /** Factors of the rows, in the shape of the indices; for `sum` only. */
  perSampleWeights?: Tensor | null
  /** The last offset is where the last bag ends, and begins none. Default false. */
  includeLastOffset?: boolean
  /** This row counts in no bag and gets no gradient. */
  paddingIdx?: number | null
}

/** Flat indices, those of one bag after the other, and how many each has: int64 [bags]. */
interface Bags {
  readonly index: Tensor
  readonly factors: Tensor | null
  readonly lengths: Tensor
}
function bagsOf(
  x: Tensor,
  factors: Tensor | null,
  offsets: Tensor | null,
  includeLastOffset: boolean,
  mode: EmbeddingBagMode,
  fast: boolean,
): Bags {
  if (x.sizes.length === 2) {
    checkRows(x, offsets)
    const [rows, width] = x.sizes as [number, number]
    return {
      index: x.reshape([-1]),
      factors: factors && factors.reshape([-1]),
      lengths: filled([rows], width, DTYPES.int64),
    }
  }
  const begins = checkOffsets(x, offsets, includeLastOffset).detach().to('int64')
  const n = begins.count
  if (n === 0) return { index: x.narrow(0, 0, 0), factors: factors && factors.narrow(0, 0, 0), lengths: begins }
  const last = begins.narrow(0, n - 1, 1)
  const between = begins.narrow(0, 1, n - 1).sub(begins.narrow(0, 0, n - 1))
  checkBegins(begins, last, between, x.count)
  if (includeLastOffset && (n === 1 || (fast && mode !== 'max'))) {
    // What lies behind the end counts in no bag on PyTorch's fast path, and in the last one on the others. How large the parts are.
    const end = n === 1 ? 0 : Number(hostRead(last))
    const part = (t: Tensor): Tensor => (end === x.count ? t : t.narrow(0, 0, end))
    return { index: part(x), factors: factors && part(factors), lengths: between }
  }
  const rest = includeLastOffset ? begins.narrow(0, n - 2, 1) : last
  const lengths = cat([includeLastOffset ? between.narrow(0, 0, n - 2) : between, rest.neg().add(x.count)])
  return { index: x, factors, lengths }
}

interface State {
  readonly rows: number
}
/** The gradient that each looked-up row gets from its bag, before its factor. */
function spread(g: Tensor, bag: Tensor, share: Tensor | null): Tensor {
  const rows = g.indexSelect(0, bag)
  return share ? rows.mul(share) : rows
}
const sumRule: Rule = (n, g) => {
  const { rows } = n.meta as State
  const [index, bag] = [n.tensor(0), n.tensor(1)]
  const share = n.optional(2)
  const factors = n.optional(3)
  const weight = n.optional(4)
  const divisors = n.optional(5)
  const width = g.sizes[1]
  const each = spread(g, bag, share)
  let toWeight: Tensor | null = null
  if (n.needs(0)) {
    let own = factors ? each.mul(factors.unsqueeze(1)) : each
    if (divisors) own = own.div(divisors.to(g.dtype).unsqueeze(1))
    toWeight = filled([rows, width], 0, g.info).indexAdd(0, index, own)
  }
  const toFactors = n.needs(1) && weight ? each.mul(weight.indexSelect(0, index)).sum(1) : null
  return [toWeight, toFactors]
}
/** Each largest element came from one row. */
const maxRule: Rule = (n, g) => {
  const { rows } = n.meta as State
  const [row, empty] = [n.tensor(0), n.tensor(1)]
  return [filled([rows, g.sizes[1]], 0, g.info).scatterAdd(0, row, g.maskedFill(empty, 0)), null]
}

/**
 * By what the gradients of the rows are divided: how often each is looked up. PyTorch's CPU kernel, which walks the
 * distinct rows in order, reads the count of the k-th of them at the k-th of the sorted indices; so does this.
 */
function frequencies(all: Tensor, index: Tensor): Tensor | null {
  if (index.count === 0) return null
  const sorted = all.detach().sort().values
  const distinct = sorted.uniqueConsecutive() as Tensor
  const counts = sorted.bincount().indexSelect(0, sorted.narrow(0, 0, distinct.count))
  return counts.indexSelect(0, searchsorted(distinct, index))
}

/** The largest elements of each bag, and from which row of the table each is. */
function largest(table: Tensor, index: Tensor, bag: Tensor, bags: number, info: DTypeInfo): [Tensor, Tensor, Tensor] {
  const width = table.sizes[1]
  let v = table.indexSelect(0, index)
  const n = index.count
  const places = arange(n)
  const place = places.unsqueeze(1).expand([n, width])
  const bagOf = bag.unsqueeze(1).expand([n, width])
  // Every comparison with NaN fails: it stays where it comes first, and is passed over elsewhere.
  const first = filled([bags], n, DTYPES.int64).scatterReduce(0, bag, places, 'amin').indexSelect(0, bag)
  v = v.maskedFill(v.isnan().logicalAnd(first.ne(places).unsqueeze(1)), Number.NEGATIVE_INFINITY)
  const top = filled([bags, width], Number.NEGATIVE_INFINITY, info).scatterReduce(0, bagOf, v, 'amax')
  const best = top.indexSelect(0, bag)
  const hit = pointwise(OP.eq_nan, info, DTYPES.bool, null, v, best)
  const none = filled([bags, width], n, DTYPES.int64)
  const at = none.scatterReduce(0, bagOf, where(hit, place, n), 'amin')
  const empty = at.eq(n)
  const row = n === 0 ? at : index.to('int64').take(at.maskedFill(empty, 0))
  return [top.maskedFill(empty, 0), row, empty]
}

/**
 * Looks up rows of a table and gives the sum, mean or largest values of each bag of them; an empty bag gives zeros.
 * @param x integer indices: [B, L], each row a bag, or [N] with `offsets`
 * @param weight [rows, width]
 * @returns [B, width]
 * @throws IndexError for an index that is no row of the table
 */
export const embeddingBag: Op<
  (x: Tensor, weight: Tensor, offsets?: Tensor | null | EmbeddingBagOptions, options?: EmbeddingBagOptions) => Tensor
> = define('embeddingBag', {
  params: [
    tensor('input'),
    tensor('weight'),
    tensor('offsets').optional(),
    float('maxNorm').optional(),
    float('normType').default(2),
    bool('scaleGradByFreq').default(false),
    own<EmbeddingBagMode>('str')('mode').default('mean'),
    tensor('perSampleWeights').optional(),
    bool('includeLastOffset').default(false),
    int('paddingIdx').optional(),
  ],
  namespace: 'nn.functional',
  node: 'EmbeddingBagBackward0',
  run(x, weight, o) {
    const { maxNorm, normType, scaleGradByFreq, mode, includeLastOffset, paddingIdx } = o
    const factors = o.perSampleWeights ?? null
    checkBagShapes(x, weight, factors)
    const info = weight.info
    const fast = info.name !== 'float64' && paddingIdx === undefined
    const { index, factors: flat, lengths } = bagsOf(x, factors, o.offsets ?? null, includeLastOffset, mode, fast)
    checkBagMode(mode, scaleGradByFreq)
    if (maxNorm !== undefined) {
      checkIndices(x, weight, fast && mode !== 'max')
      renormRows(weight, x, maxNorm, normType)
    }
    const padding = checkBags(x, weight, factors, mode, paddingIdx)
    checkIndices(index, weight, fast && mode !== 'max')
    return bagged(weight, index, flat, lengths, padding, mode, scaleGradByFreq)
  },
})

function largestOf(weight: Tensor, index: Tensor, bag: Tensor, bags: number): Tensor {
  const [top, row, empty] = largest(weight.detach(), index, bag, bags, weight.info)
  if (tracks(weight)) {
    const n = attach(top, embeddingBag.op.node, maxRule, [weight, null])
    n.save(row, empty)
    n.meta = { rows: weight.sizes[0] } satisfies State
  }
  return top
}
function bagged(
  weight: Tensor,
  given: Tensor,
  factors: Tensor | null,
  lengths: Tensor,
  padding: number | null,
  mode: EmbeddingBagMode,
  scale: boolean,
): Tensor {
  const bags = lengths.count
  const [rows, width] = weight.sizes as [number, number]
  let bag = repeatInterleave(lengths, { outputSize: given.count })
  let index = given.detach()
  // Factors take part in the graph, so what is left of them is selected by a differentiable operation.
  let kept = factors
  if (padding !== null && index.count > 0) {
    const counts = index.ne(padding).nonzero().squeeze(1)
    bag = bag.indexSelect(0, counts)
    index = index.indexSelect(0, counts)
    if (kept) kept = kept.indexSelect(0, counts)
  }
  const table = weight.detach()
  const compute = DTYPES[weight.info.compute]
  const info = weight.info
  if (mode === 'max') return largestOf(weight, index, bag, bags)
  // The half types are summed in float32 and rounded once.
  let each = table.indexSelect(0, index).to(compute.name)
  if (kept) each = each.mul(kept.detach().to(compute.name).unsqueeze(1))
  let out = filled([bags, width], 0, compute).indexAdd(0, bag, each)
  let share: Tensor | null = null
  if (mode === 'mean' && bags > 0) {
    const counts = filled([bags], 0, compute)
      .indexAdd(0, bag, filled([bag.count], 1, compute))
      .clampMin(1)
      .unsqueeze(1)
    out = out.div(counts)
    share = counts.reciprocal().indexSelect(0, bag)
  }
  const y = out.to(info.name)
  if (tracksAny([weight, kept])) {
    const n = attach(y, embeddingBag.op.node, sumRule, [weight, kept])
    n.save(
      index,
      bag,
      share && share.to(info.name),
      kept,
      kept?.requiresGrad ? weight : null,
      scale ? frequencies(given, index) : null,
    )
    n.meta = { rows } satisfies State
  }
  return bags === 0 ? (y.requiresGrad ? y : emptyOf([0, width], info)) : y
}
