/** Distances and angles between vectors, and losses of them. */
import { expectFunction, expectTensor } from '../../check/arguments'
import { Category, DTYPES } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { resultType } from '../../tensor/result-type'
import { define } from '../define/define'
import { bool, float, int, own, tensor } from '../define/params'
import { floating } from '../define/results'
import type { Op } from '../define/registry'
import { reduced, type ReductionOption, reductionParam } from './losses'
import { minimum, sub } from '../elementwise/binary'
import { where } from '../elementwise/ternary'
import { withNodeName } from '../define/node-name'
import { checkCosine, checkCosineEmbedding, checkRanking, checkReduction, checkTriplet } from './loss-checks'

/** Options of `cosineSimilarity`. */
export interface CosineSimilarityOptions {
  /** Along which the vectors lie. Default 1. */
  dim?: number
  /** Norms count as no less than this. Default 1e-8. */
  eps?: number
}
/**
 * The cosine of the angle between vectors along a dim: x1 · x2 / (max(‖x1‖, eps) max(‖x2‖, eps)).
 * @param x1 of a floating dtype together with `x2`, with which it broadcasts
 * @param dim of the common shape
 */
export const cosineSimilarity: Op<
  (x1: Tensor, x2: Tensor, dim?: number | CosineSimilarityOptions, options?: CosineSimilarityOptions) => Tensor
> = define('cosineSimilarity', {
  params: [tensor('x1'), tensor('x2'), int('dim').default(1), float('eps').default(1e-8)],
  namespace: 'nn.functional',
  run: (x1, x2, { dim, eps }) => cosineOf(x1, x2, dim, eps),
})
function cosineOf(x1: Tensor, x2: Tensor, d: number, eps: number): Tensor {
  const info = DTYPES[resultType(x1, x2)]
  checkCosine(eps, info)
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
  /** Keep the last dim, with size 1. Default false. */
  keepdim?: boolean
}
/** The p-norm of the differences along the last dim: ‖x1 - x2 + eps‖ₚ. @param x1 broadcasts with `x2` */
export const pairwiseDistance: Op<
  (x1: Tensor, x2: Tensor, p?: number | PairwiseDistanceOptions, options?: PairwiseDistanceOptions) => Tensor
> = define('pairwiseDistance', {
  params: [
    tensor('x1'),
    tensor('x2'),
    float('p').default(2),
    float('eps').default(1e-6),
    bool('keepdim').default(false),
  ],
  namespace: 'nn.functional',
  node: 'NormBackward1',
  run: (x1, x2, { p, eps, keepdim }) =>
    withNodeName(floating(x1.sub(x2)).add(eps).norm(p, { dim: -1, keepdim }), pairwiseDistance.op.node),
})

/** Options of losses with a margin. */
export interface MarginOptions extends ReductionOption {
  /** Default 1, of `marginRankingLoss` and `cosineEmbeddingLoss` 0. */
  margin?: number
}
/**
 * The distance itself for targets 1, what is missing to `margin` (default 1) for targets -1.
 * @param x distances
 * @param target 1 or -1; broadcasts
 */
export const hingeEmbeddingLoss: Op<
  (x: Tensor, target: Tensor, margin?: number | MarginOptions, options?: MarginOptions) => Tensor
> = define('hingeEmbeddingLoss', {
  params: [tensor('input'), tensor('target'), float('margin').default(1), reductionParam],
  namespace: 'nn.functional',
  run(x, target, { margin, reduction }) {
    const code = checkReduction(reduction)
    // Beside integers the margin is one, too.
    const whole = x.info.category !== Category.Float
    const room = x.dtype === 'bool' ? margin !== 0 : whole ? Math.trunc(margin) : margin
    const far = where(target.ne(1), sub(room, x).clampMin(0), 0)
    return reduced(far.add(where(target.ne(-1), x, 0)), code)
  },
})
/**
 * Whether the first is ranked higher (target 1) or lower (target -1), by `margin` (default 0): max(0, margin - target (x1 - x2)).
 * @param x1 of as many dims as `x2` and `target`; they broadcast
 */
export const marginRankingLoss: Op<
  (x1: Tensor, x2: Tensor, target: Tensor, margin?: number | MarginOptions, options?: MarginOptions) => Tensor
> = define('marginRankingLoss', {
  params: [tensor('input1'), tensor('input2'), tensor('target'), float('margin').default(0), reductionParam],
  namespace: 'nn.functional',
  run: (x1, x2, target, { margin, reduction }) => rankingOf(x1, x2, target, margin, checkReduction(reduction)),
})
function rankingOf(x1: Tensor, x2: Tensor, target: Tensor, m: number, code: number): Tensor {
  checkRanking(x1, x2, target)
  const difference = x1.sub(x2)
  const short = floating(target.neg().mul(difference))
  return reduced(short.add(m).clampMin(0), code)
}
/**
 * 1 - cosine for targets 1, the cosine above `margin` (default 0) for targets -1.
 * @param x1 [N, D] or [D]
 * @param x2 as `x1`
 * @param target 1 or -1, [N] or []
 */
export const cosineEmbeddingLoss: Op<
  (x1: Tensor, x2: Tensor, target: Tensor, margin?: number | MarginOptions, options?: MarginOptions) => Tensor
> = define('cosineEmbeddingLoss', {
  params: [tensor('input1'), tensor('input2'), tensor('target'), float('margin').default(0), reductionParam],
  namespace: 'nn.functional',
  run: (x1, x2, target, { margin, reduction }) => cosineEmbeddingOf(x1, x2, target, margin, checkReduction(reduction)),
})
function cosineEmbeddingOf(x1: Tensor, x2: Tensor, target: Tensor, m: number, code: number): Tensor {
  const d = checkCosineEmbedding(x1, x2, target)
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
function triplet(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  margin: number,
  code: number,
  swap: boolean,
  distance: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  checkTriplet(anchor, positive, negative, margin)
  const near = distance(anchor, positive)
  let far = distance(anchor, negative)
  if (swap) far = minimum(far, distance(positive, negative))
  return reduced(floating(near).add(margin).sub(far).clampMin(0), code)
}
/**
 * By how much the anchor is not nearer to the positive than to the negative, by `margin` (default 1):
 * max(0, ‖anchor - positive‖ₚ - ‖anchor - negative‖ₚ + margin).
 * @param anchor [N, D] or [D], as the others
 * @throws ValueError for a margin that is not above 0
 */
export const tripletMarginLoss: Op<
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin?: number | TripletMarginLossOptions,
    options?: TripletMarginLossOptions,
  ) => Tensor
> = define('tripletMarginLoss', {
  params: [
    tensor('anchor'),
    tensor('positive'),
    tensor('negative'),
    float('margin').default(1),
    float('p').default(2),
    float('eps').default(1e-6),
    bool('swap').default(false),
    reductionParam,
  ],
  namespace: 'nn.functional',
  run: (anchor, positive, negative, { margin, p, eps, swap, reduction }) =>
    triplet(anchor, positive, negative, margin, checkReduction(reduction), swap, (a, b) =>
      pairwiseDistance(a, b, p, { eps }),
    ),
})
/** Options of `tripletMarginWithDistanceLoss`. */
export interface TripletMarginWithDistanceLossOptions extends MarginOptions {
  /** Default `pairwiseDistance`. */
  distanceFunction?: ((a: Tensor, b: Tensor) => Tensor) | null
  /** Also look at the distance of positive and negative. Default false. */
  swap?: boolean
}
type Distance = (a: Tensor, b: Tensor) => Tensor
function distanceBy(f: Distance): Distance {
  expectFunction('tripletMarginWithDistanceLoss', 'distance_function', f)
  return (a, b) => {
    const d: unknown = f(a, b)
    expectTensor('tripletMarginWithDistanceLoss', 'the result of distance_function', d)
    return d
  }
}
/** `tripletMarginLoss` with a distance of one's own. @throws ValueError for a margin that is not above 0 */
export const tripletMarginWithDistanceLoss: Op<
  (anchor: Tensor, positive: Tensor, negative: Tensor, options?: TripletMarginWithDistanceLossOptions) => Tensor
> = define('tripletMarginWithDistanceLoss', {
  params: [
    tensor('anchor'),
    tensor('positive'),
    tensor('negative'),
    own<Distance>('Callable')('distanceFunction').optional(),
    float('margin').default(1),
    bool('swap').default(false),
    reductionParam,
  ],
  namespace: 'nn.functional',
  run: (anchor, positive, negative, { distanceFunction, margin, swap, reduction }) =>
    triplet(
      anchor,
      positive,
      negative,
      margin,
      checkReduction(reduction),
      swap,
      distanceFunction ? distanceBy(distanceFunction) : (a, b) => pairwiseDistance(a, b),
    ),
})
