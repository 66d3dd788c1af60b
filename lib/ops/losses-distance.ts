/** Distances and angles between vectors, and losses of them. */
import { DTypeError, ShapeError, ValueError } from '../errors'
import { Category, DTYPES } from '../runtime/dtype'
import { showShape } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import { expectInt, expectNumber, expectTensor, optionsOf, resultType } from './core'
import { type Reduction, reduced, reductionCode, type ReductionOption } from './losses'
import { minimum, sub } from './binary'
import { where } from './ternary'
import { named } from './named'

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** Default 1. */
  dim?: number
  /** Norms count as no less than this. Default 1e-8. */
  eps?: number
}
/** The cosine of the angle between vectors along a dim. */
export function cosineSimilarity(
  x1: Tensor,
  x2: Tensor,
  dim?: number | CosineSimilarityOptions,
  options?: CosineSimilarityOptions,
): Tensor {
  expectTensor('cosineSimilarity', 'x1', x1)
  expectTensor('cosineSimilarity', 'x2', x2)
  const o = optionsOf<CosineSimilarityOptions>('cosineSimilarity', ['dim', 'eps'], dim, options)
  const { eps = 1e-8 } = o
  const d = o.dim ?? 1
  expectInt('cosineSimilarity', 'dim', d)
  expectNumber('cosineSimilarity', 'eps', eps)
  if (eps < 0) throw new ValueError(`eps must be non-negative, got: ${eps}`, { eps })
  const info = DTYPES[resultType(x1, x2)]
  if (info.category !== Category.Float)
    throw new DTypeError(`expected common dtype to be floating point, yet common dtype is ${info.scalarType}`, {
      dtype: info.name,
    })
  const [a, b] = [x1.info === info ? x1 : x1.to(info.name), x2.info === info ? x2 : x2.to(info.name)]
  const product = a.mul(b)
  // Each vector by its own norm, so that the product of two small norms cannot vanish. The dim is that of the common shape.
  const at = d < 0 ? d : d - product.sizes.length
  if (d >= Math.max(1, product.sizes.length)) product.sum(d)
  const unit = (v: Tensor): Tensor => {
    const wide = v.expand(product.sizes)
    const norm = wide.norm(2, { dim: at, keepdim: true })
    // The floor does not change the gradient.
    return wide.div(norm.add(norm.detach().clampMin(eps).sub(norm.detach())))
  }
  return unit(a).mul(unit(b)).sum(at)
}
/** Options of `pairwiseDistance`. */
export interface PairwiseDistanceOptions {
  /** The exponent of the norm. Default 2. */
  p?: number
  /** Added to every difference. Default 1e-6. */
  eps?: number
  keepdim?: boolean
}
/** The norm of the differences along the last dim. */
export function pairwiseDistance(
  x1: Tensor,
  x2: Tensor,
  p?: number | PairwiseDistanceOptions,
  options?: PairwiseDistanceOptions,
): Tensor {
  expectTensor('pairwiseDistance', 'x1', x1)
  expectTensor('pairwiseDistance', 'x2', x2)
  const o = optionsOf<PairwiseDistanceOptions>('pairwiseDistance', ['p', 'eps', 'keepdim'], p, options)
  const difference = x1.sub(x2).add(o.eps ?? 1e-6)
  return named(difference.norm(o.p ?? 2, { dim: -1, keepdim: o.keepdim ?? false }), 'NormBackward1')
}

/** Options of losses with a margin. */
export interface MarginOptions extends ReductionOption {
  margin?: number
}
function marginOf(
  op: string,
  fallback: number,
  first: number | MarginOptions | undefined,
  rest: MarginOptions | undefined,
): [number, number] {
  const o = optionsOf<MarginOptions>(op, ['margin', 'reduction'], first, rest)
  const margin = o.margin ?? fallback
  expectNumber(op, 'margin', margin)
  return [margin, reductionCode(o.reduction ?? 'mean')]
}
/** The distance itself for targets 1, what is missing to `margin` (default 1) for targets -1. */
export function hingeEmbeddingLoss(
  x: Tensor,
  target: Tensor,
  margin?: number | MarginOptions,
  options?: MarginOptions,
): Tensor {
  expectTensor('hingeEmbeddingLoss', 'input', x)
  expectTensor('hingeEmbeddingLoss', 'target', target)
  const [m, code] = marginOf('hingeEmbeddingLoss', 1, margin, options)
  // Beside integers the margin is one, too.
  const whole = x.info.category !== Category.Float
  const room = x.dtype === 'bool' ? m !== 0 : whole ? BigInt(Math.trunc(m)) : m
  const nothing = whole ? 0n : 0
  const far = where(target.ne(1), sub(room, x).clampMin(nothing), nothing)
  return reduced(far.add(where(target.ne(-1), x, nothing)), code)
}
/** Whether the first is ranked higher (target 1) or lower (target -1), by `margin` (default 0). */
export function marginRankingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  margin?: number | MarginOptions,
  options?: MarginOptions,
): Tensor {
  expectTensor('marginRankingLoss', 'input1', x1)
  expectTensor('marginRankingLoss', 'input2', x2)
  expectTensor('marginRankingLoss', 'target', target)
  const [m, code] = marginOf('marginRankingLoss', 0, margin, options)
  if (x1.sizes.length !== x2.sizes.length || x1.sizes.length !== target.sizes.length)
    throw new ShapeError(
      `margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: ${showShape(x1.sizes)}, input2: ${showShape(x2.sizes)}, target: ${showShape(target.sizes)} `,
      { input1: [...x1.sizes], input2: [...x2.sizes], target: [...target.sizes] },
    )
  const difference = x1.sub(x2)
  return reduced(
    target
      .neg()
      .mul(difference)
      .add(
        Number.isInteger(m) && target.info.category !== Category.Float && x1.info.category !== Category.Float
          ? BigInt(m)
          : m,
      )
      .clampMin(0),
    code,
  )
}
/** 1 - cosine for targets 1, the cosine above `margin` (default 0) for targets -1. @param x1 [N, D] or [D]; @param target [N] or [] */
export function cosineEmbeddingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  margin?: number | MarginOptions,
  options?: MarginOptions,
): Tensor {
  expectTensor('cosineEmbeddingLoss', 'input1', x1)
  expectTensor('cosineEmbeddingLoss', 'input2', x2)
  expectTensor('cosineEmbeddingLoss', 'target', target)
  const [m, code] = marginOf('cosineEmbeddingLoss', 0, margin, options)
  const d = target.sizes.length
  const data = { input1: [...x1.sizes], input2: [...x2.sizes], target: [...target.sizes] }
  if (d > 1) throw new ShapeError('0D or 1D target tensor expected, multi-target not supported', data)
  if (x1.sizes.length !== d + 1 || x2.sizes.length !== d + 1)
    throw new ShapeError(
      `${d}D target tensor expects ${d + 1}D input tensors, but found inputs with sizes ${showShape(x1.sizes)} and ${showShape(x2.sizes)}.`,
      data,
    )
  const dot = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum(d)
  const cosine = dot(x1, x2).div(dot(x1, x1).add(1e-12).mul(dot(x2, x2).add(1e-12)).sqrt())
  const near = where(target.eq(1), cosine.neg().add(1), 0)
  return reduced(near.add(where(target.eq(-1), cosine.sub(m).clampMin(0), 0)), code)
}

/** Options of `tripletMarginLoss`. */
export interface TripletMarginLossOptions extends MarginOptions {
  /** The exponent of the norm. Default 2. */
  p?: number
  /** Added to every difference. Default 1e-6. */
  eps?: number
  /** Also look at the distance of positive and negative (Balntas et al. 2016). Default false. */
  swap?: boolean
}
const asFloat = (v: number): string => (Number.isInteger(v) ? `${v}.0` : String(v))
function triplet(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  margin: number,
  code: number,
  swap: boolean,
  distance: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  const [a, p, n] = [anchor, positive, negative].map((t) => t.sizes.length) as [number, number, number]
  if (!(margin > 0)) throw new ValueError(`margin must be greater than 0, got ${asFloat(margin)}`, { margin })
  if (a !== p || p !== n)
    throw new ShapeError(
      `The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor ${a}D, positive ${p}D, and negative ${n}D inputs`,
      {
        anchor: [...anchor.sizes],
        positive: [...positive.sizes],
        negative: [...negative.sizes],
      },
    )
  const near = distance(anchor, positive)
  let far = distance(anchor, negative)
  if (swap) far = minimum(far, distance(positive, negative))
  return reduced(near.add(margin).sub(far).clampMin(0), code)
}
/** How much nearer the anchor is to the negative than to the positive, plus `margin` (default 1). */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  margin?: number | TripletMarginLossOptions,
  options?: TripletMarginLossOptions,
): Tensor {
  for (const [name, t] of [
    ['anchor', anchor],
    ['positive', positive],
    ['negative', negative],
  ] as const)
    expectTensor('tripletMarginLoss', name, t)
  const o = optionsOf<TripletMarginLossOptions>(
    'tripletMarginLoss',
    ['margin', 'p', 'eps', 'swap', 'reduction'],
    margin,
    options,
  )
  const code = reductionCode(o.reduction ?? 'mean')
  const { p = 2, eps = 1e-6 } = o
  return triplet(anchor, positive, negative, o.margin ?? 1, code, o.swap ?? false, (a, b) =>
    pairwiseDistance(a, b, p, { eps }),
  )
}
/** Options of `tripletMarginWithDistanceLoss`. */
export interface TripletMarginWithDistanceLossOptions extends MarginOptions {
  /** Default `pairwiseDistance`. */
  distanceFunction?: ((a: Tensor, b: Tensor) => Tensor) | null
  swap?: boolean
}
/** `tripletMarginLoss` with a distance of one's own. */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginWithDistanceLossOptions = {},
): Tensor {
  const o = optionsOf<TripletMarginWithDistanceLossOptions>(
    'tripletMarginWithDistanceLoss',
    ['distanceFunction', 'margin', 'swap', 'reduction'],
    options,
  )
  expectTensor('tripletMarginWithDistanceLoss', 'anchor', anchor)
  expectTensor('tripletMarginWithDistanceLoss', 'positive', positive)
  expectTensor('tripletMarginWithDistanceLoss', 'negative', negative)
  const code = reductionCode((o.reduction ?? 'mean') as Reduction)
  return triplet(
    anchor,
    positive,
    negative,
    o.margin ?? 1,
    code,
    o.swap ?? false,
    o.distanceFunction ?? ((a, b) => pairwiseDistance(a, b)),
  )
}
