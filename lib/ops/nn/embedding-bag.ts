/** Sums, means and maxima of rows that are looked up by index, bag by bag. */
import { attach, type Rule, tracks, tracksAny } from '../../autograd/node'
import { ArgumentError, DTypeError, IndexError, NotImplementedError, ShapeError, ValueError } from '../../errors'
import { Category, type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { sameShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { repeatInterleave } from '../indexing/repeat-interleave'
import { tensorType, torchSize } from '../../check/words'
import { hostRead, hostReadAll } from '../define/host-read'
import { pointwise } from '../define/kernel'
import { expectRange } from '../define/expect-range'
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
const integral = (x: Tensor): boolean => x.dtype === 'int64' || x.dtype === 'int32'
function checkIntegral(x: Tensor): void {
  if (!integral(x))
    throw new DTypeError(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ${tensorType(x.info)} instead (while checking arguments for embedding_bag)`,
      { dtype: x.dtype },
    )
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
    if (offsets !== null)
      throw new ValueError(
        'if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type Tensor',
      )
    const [rows, width] = x.sizes as [number, number]
    if (width === 0) throw new ShapeError('step must be nonzero', { input: [...x.sizes] })
    return {
      index: x.reshape([-1]),
      factors: factors && factors.reshape([-1]),
      lengths: filled([rows], width, DTYPES.int64),
    }
  }
  if (x.sizes.length !== 1)
    throw new ValueError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${x.sizes.length}`, {
      input: [...x.sizes],
    })
  if (offsets === null) throw new ValueError('offsets has to be a 1D Tensor but got None')
  if (offsets.sizes.length !== 1) throw new ValueError('offsets has to be a 1D Tensor', { offsets: [...offsets.sizes] })
  checkIntegral(x)
  checkIntegral(offsets)
  const begins = offsets.detach().to('int64')
  const n = begins.count
  if (includeLastOffset && n === 0) throw new ShapeError('include_last_offset: number of offset should be at least 1')
  if (n === 0) return { index: x.narrow(0, 0, 0), factors: factors && factors.narrow(0, 0, 0), lengths: begins }
  const badFirst = (first: number): ValueError =>
    new ValueError(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${first}`,
      { first },
    )
  expectRange(begins.narrow(0, 0, 1), 0, 0, badFirst)
  const badLast = (last: number): ValueError =>
    new ValueError(`offsets[-1] can not be greater than input's length ${x.count} but got offsets[-1] of ${last}`, {
      length: x.count,
      last,
    })
  const last = begins.narrow(0, n - 1, 1)
  expectRange(last, -Infinity, x.count, badLast)
  const between = begins.narrow(0, 1, n - 1).sub(begins.narrow(0, 0, n - 1))
  expectRange(between, 0, Infinity, (_step, at) => {
    // An error names them.
    const [before, after] = hostReadAll(begins.narrow(0, at, 2))
    return new ValueError(
      `embedding_bag: offsets must not decrease, but offsets[${at + 1}] is ${after} after ${before}`,
      { position: at + 1 },
    )
  })
  if (includeLastOffset && (n === 1 || (fast && mode !== 'max'))) {
    // What lies behind the end counts in no bag on PyTorch's fast path, and in the last one on the others. How large the parts are.
    const end = n === 1 ? 0 : Number(hostRead(last))
    const part = (t: Tensor): Tensor => (end === x.count ? t : t.narrow(0, 0, end))
    return { index: part(x), factors: factors && part(factors), lengths: between }
  }
  const rest = includeLastOffset ? begins.narrow(0, n - 2, 1) : last
  const lengths = cat([includeLastOffset ? between.narrow(0, 0, n - 2) : between, rest.neg().add(BigInt(x.count))])
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
  const first = filled([bags], BigInt(n), DTYPES.int64).scatterReduce(0, bag, places, 'amin').indexSelect(0, bag)
  v = v.maskedFill(v.isnan().logicalAnd(first.ne(places).unsqueeze(1)), Number.NEGATIVE_INFINITY)
  const top = filled([bags, width], Number.NEGATIVE_INFINITY, info).scatterReduce(0, bagOf, v, 'amax')
  const best = top.indexSelect(0, bag)
  const hit = pointwise(OP.eq_nan, info, DTYPES.bool, null, v, best)
  const none = filled([bags, width], BigInt(n), DTYPES.int64)
  const at = none.scatterReduce(0, bagOf, where(hit, place, BigInt(n)), 'amin')
  const empty = at.eq(BigInt(n))
  const row = n === 0 ? at : index.to('int64').take(at.maskedFill(empty, 0n))
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
    if (factors !== null && !sameShape(factors.sizes, x.sizes))
      throw new ValueError(
        `embedding_bag: If per_sample_weights (${torchSize(factors.sizes)}) is not None, then it must have the same shape as the input (${torchSize(x.sizes)})`,
        { input: [...x.sizes], perSampleWeights: [...factors.sizes] },
      )
    if (weight.sizes.length !== 2)
      throw new ValueError(`weight has to be a 2D Tensor, but got Tensor of dimension ${weight.sizes.length}`, {
        weight: [...weight.sizes],
      })
    const info = weight.info
    const fast = info.name !== 'float64' && paddingIdx === undefined
    const { index, factors: flat, lengths } = bagsOf(x, factors, o.offsets ?? null, includeLastOffset, mode, fast)
    if (mode !== 'sum' && mode !== 'mean' && mode !== 'max')
      throw new ValueError('mode has to be one of sum, mean or max', { mode: String(mode) })
    if (mode === 'max' && scaleGradByFreq)
      throw new ValueError('max mode does not support scaling the gradient by the frequency')
    if (maxNorm !== undefined) {
      checkIndices(x, weight, fast && mode !== 'max')
      renormRows(weight, x, maxNorm, normType)
    }
    if (factors !== null && mode !== 'sum')
      throw new NotImplementedError(
        `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}'). Please open a feature request on GitHub.`,
        { mode },
      )
    checkIntegral(x)
    const rows = weight.sizes[0]
    let padding: number | null = null
    if (paddingIdx !== undefined) {
      if (paddingIdx < -rows || paddingIdx >= rows)
        throw new ArgumentError(
          `padding_idx must be within the number of embeddings, -${rows} through ${rows - 1}, but got ${paddingIdx}`,
          { paddingIdx, rows },
        )
      padding = paddingIdx < 0 ? paddingIdx + rows : paddingIdx
    }
    if (info.category !== Category.Float)
      throw new DTypeError(
        `Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, BFloat16, Float, Double; but got ${tensorType(info)} instead (while checking arguments for embedding_bag)`,
        { dtype: weight.dtype },
      )
    if (factors !== null && factors.info !== info)
      throw new DTypeError(
        `Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 'per_sample_weights'; but type ${tensorType(info)} does not equal ${tensorType(factors.info)} (while checking arguments for embedding_bag)`,
        { weight: weight.dtype, perSampleWeights: factors.dtype },
      )
    checkIndices(index, weight, fast && mode !== 'max')
    return bagged(weight, index, flat, lengths, padding, mode, scaleGradByFreq)
  },
})

/** As PyTorch, whose two paths word it each in its way. */
function checkIndices(index: Tensor, weight: Tensor, fast: boolean): void {
  if (index.count === 0 || !integral(index)) return
  const rows = weight.sizes[0]
  const flat = index.detach().reshape([-1])
  const wrong = (value: number, place: number): IndexError =>
    new IndexError(
      fast
        ? `Index ${place} of input takes value ${value} which is not in the valid range [0, ${rows})`
        : `embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be ${value}`,
      { index: value, position: place, rows },
    )
  expectRange(flat, 0, rows - 1, wrong)
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
    const counts = index.ne(BigInt(padding)).nonzero().squeeze(1)
    bag = bag.indexSelect(0, counts)
    index = index.indexSelect(0, counts)
    if (kept) kept = kept.indexSelect(0, counts)
  }
  const table = weight.detach()
  const compute = DTYPES[weight.info.compute]
  const info = weight.info
  const meta: State = { rows }
  if (mode === 'max') {
    const [top, row, empty] = largest(table, index, bag, bags, info)
    if (tracks(weight)) {
      const n = attach(top, embeddingBag.op.node, maxRule, [weight, null])
      n.save(row, empty)
      n.meta = meta
    }
    return top
  }
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
    n.meta = meta
  }
  return bags === 0 ? (y.requiresGrad ? y : emptyOf([0, width], info)) : y
}
