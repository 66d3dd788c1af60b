/** Scaled dot-product attention and the bilinear form. */
import { DTYPES } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { filled } from '../define/results'
import { maskedSoftmax } from '../reduce/softmax'
import { define } from '../define/define'
import { bool, float, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { checkAttention, checkBilinear, checkSharedHeads } from './attention-checks'
import { dropped } from './dropout'
import { checkProbability } from './dropout-checks'
import { einsum } from '../linalg/products'
import { where } from '../elementwise/ternary'
import { withNodeName } from '../define/node-name'

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions {
  /** Added to the scores, or a mask of what may be looked at; broadcasts to [*, L, S]. */
  attnMask?: Tensor | null
  /** The probability of a weight to be dropped. Default 0. */
  dropoutP?: number
  /** Each position looks only at itself and what came before. Default false. */
  isCausal?: boolean
  /** What scores are multiplied by; default 1 / √E. */
  scale?: number | null
  /** Several query heads share one head of keys and values (dim -3). Default false. */
  enableGqa?: boolean
}
/** PyTorch's kernel for plain attention of several heads. */
const FUSED = 'ScaledDotProductFlashAttentionForCpuBackward0'
/** The last product, where it has a batch. */
const PRODUCT = 'UnsafeViewBackward0'
/**
 * softmax(query @ keyᵀ · scale + mask) @ value (Vaswani et al. 2017). All of one floating dtype; batch dims broadcast.
 * @param query [*, L, E]
 * @param key [*, S, E]
 * @param value [*, S, Ev]
 * @returns [*, L, Ev]; zeros where a position may look at nothing
 * @throws ValueError for a mask together with `isCausal`
 */
export const scaledDotProductAttention: Op<
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attnMask?: Tensor | null | AttentionOptions,
    options?: AttentionOptions,
  ) => Tensor
> = define('scaledDotProductAttention', {
  params: [
    tensor('query'),
    tensor('key'),
    tensor('value'),
    tensor('attnMask').optional(),
    own<number>('float')('dropoutP').default(0),
    bool('isCausal').default(false),
    float('scale').optional(),
    bool('enableGqa').default(false),
  ],
  namespace: 'nn.functional',
  node: [FUSED, PRODUCT],
  run(query, key, value, o) {
    const { dropoutP, isCausal, enableGqa } = o
    const mask = o.attnMask ?? null
    checkAttention([query, key, value], mask, isCausal)
    checkProbability(dropoutP)
    if (query.info.compute !== query.dtype) {
      // Half types are attended in float32 throughout and rounded once.
      const [q, k, v] = [query, key, value].map((t) => t.to(query.info.compute)) as [Tensor, Tensor, Tensor]
      const wide = mask !== null && mask.dtype !== 'bool' ? mask.to(query.info.compute) : mask
      return scaledDotProductAttention(q, k, v, { ...o, attnMask: wide }).to(query.dtype)
    }
    let [k, v] = [key, value]
    if (enableGqa) {
      const repeated = (t: Tensor): Tensor => t.repeatInterleave(checkSharedHeads(query, t), { dim: -3 })
      ;[k, v] = [repeated(k), repeated(v)]
    }
    const [length, features] = query.sizes.slice(-2) as [number, number]
    const sources = k.sizes[k.sizes.length - 2]
    const scale = o.scale ?? 1 / Math.sqrt(features)
    // Half the scale on either side keeps the scores of half precision in range.
    const half = Math.sqrt(Math.abs(scale))
    let scores = query.mul(scale < 0 ? -half : half).matmul(k.transpose(-2, -1).mul(half))
    if (isCausal)
      scores = scores.maskedFill(filled([length, sources], true, DTYPES.bool).tril().logicalNot(), -Infinity)
    else if (mask !== null) scores = mask.dtype === 'bool' ? where(mask, scores, -Infinity) : scores.add(mask)
    // A row that may look at nothing gives zeros, and takes no part in the gradient.
    const weights = mask === null ? scores.softmax(-1) : maskedSoftmax(scores, -1)
    const y = dropped(weights, dropoutP, true, false).matmul(v)
    if (y.sizes.length === 2) return y
    return withNodeName(y, !enableGqa && dropoutP === 0 && fused(query, key, value, mask) ? FUSED : PRODUCT)
  },
})
const fused = (query: Tensor, key: Tensor, value: Tensor, mask: Tensor | null): boolean =>
  [query, key, value].every(
    (t) =>
      t.sizes.length === 4 &&
      t.count > 0 &&
      [0, 1, 3].every((d) => t.sizes[d] === query.sizes[d]) &&
      t.strides[3] === 1,
  ) && !mask?.requiresGrad

/**
 * x1ᵀ A x2 + b for each matrix A of the weight; all of one dtype.
 * @param x1 [*, in1]
 * @param x2 [*, in2]
 * @param weight [out, in1, in2]
 * @param bias [out]; default none
 * @returns [*, out]
 */
export const bilinear: Op<
  (x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor | null | { bias?: Tensor | null }) => Tensor
> = define('bilinear', {
  params: [tensor('input1'), tensor('input2'), tensor('weight'), tensor('bias').optional()],
  namespace: 'nn.functional',
  node: ['ViewBackward0', 'AddBackward0'],
  run: (x1, x2, weight, { bias }) => bilinearOf(x1, x2, weight, bias ?? null),
})
function bilinearOf(x1: Tensor, x2: Tensor, weight: Tensor, b: Tensor | null): Tensor {
  checkBilinear(x1, x2, weight, b)
  const y = einsum('...i,kij,...j->...k', [x1, weight, x2])
  return b ? y.add(b) : withNodeName(y, bilinear.op.node)
}
