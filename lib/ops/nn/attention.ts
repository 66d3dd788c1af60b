/** Scaled dot-product attention and the bilinear form. */
import { DTypeError, ShapeError, ValueError } from '../../errors'
import { Category, DTYPES } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { filled } from '../define/results'
import { maskedSoftmax } from '../reduce/softmax'
import { define } from '../define/define'
import { bool, float, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { checkProbability, dropped } from './dropout'
import { einsum } from '../linalg/products'
import { where } from '../elementwise/ternary'
import { withNodeName } from '../define/node-name'
import { wrongType } from '../../check/dtypes'

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
    if (query.info !== key.info || key.info !== value.info)
      throw new DTypeError(
        `Expected query, key, and value to have the same dtype, but got query.dtype: ${query.info.cppName} key.dtype: ${key.info.cppName} and value.dtype: ${value.info.cppName} instead.`,
        { query: query.dtype, key: key.dtype, value: value.dtype },
      )
    const dims = [query, key, value].map((t) => t.sizes.length)
    if (dims.some((n) => n < 2))
      throw new ShapeError(
        `Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: ${dims[0]} key.dim: ${dims[1]} and value.dim: ${dims[2]} instead.`,
        { query: [...query.sizes], key: [...key.sizes], value: [...value.sizes] },
      )
    if (mask !== null && mask.dtype !== 'bool' && mask.dtype !== 'float32' && mask.info !== query.info)
      throw new DTypeError(
        `Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: ${mask.info.cppName} and  query.dtype: ${query.info.cppName} instead.`,
        { mask: mask.dtype, query: query.dtype },
      )
    if (mask !== null && isCausal)
      throw new ValueError('_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True')
    if (query.info.category !== Category.Float) throw wrongType(DTYPES.float32, query.info, { dtype: query.dtype })
    checkProbability(dropoutP)
    if (query.info.compute !== query.dtype) {
      // Half types are attended in float32 throughout and rounded once.
      const [q, k, v] = [query, key, value].map((t) => t.to(query.info.compute)) as [Tensor, Tensor, Tensor]
      const wide = mask !== null && mask.dtype !== 'bool' ? mask.to(query.info.compute) : mask
      return scaledDotProductAttention(q, k, v, { ...o, attnMask: wide }).to(query.dtype)
    }
    let [k, v] = [key, value]
    if (enableGqa) {
      const heads = query.sizes[query.sizes.length - 3]
      const repeated = (t: Tensor): Tensor => {
        const own = t.sizes[t.sizes.length - 3]
        if (heads % own !== 0)
          throw new ShapeError('Number of heads in key and value must divide the number of heads in query', {
            heads,
            own,
          })
        return t.repeatInterleave(heads / own, { dim: -3 })
      }
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
  const given = [x1, x2, weight, ...(b ? [b] : [])]
  if (given.some((t) => t.info !== x1.info)) {
    const names = ['input1', 'input2', 'weight', 'bias']
    throw new DTypeError(
      `All tensors must have the same dtype, got ${given.map((t, i) => `${names[i]}: ${t.info.cppName}`).join(', ')}`,
      { dtypes: given.map((t) => t.dtype) },
    )
  }
  if (x1.sizes.length !== x2.sizes.length)
    throw new ShapeError(`bilinear(): input dimensions do not match: got ${x1.sizes.length} and ${x2.sizes.length}`)
  x1.sizes.slice(0, -1).forEach((s, i) => {
    if (s !== x2.sizes[i])
      throw new ShapeError(`bilinear(): input batch dimensions do not match at dim ${i}: got ${s} and ${x2.sizes[i]}`)
  })
  const [in1, in2] = [x1.size(-1), x2.size(-1)]
  if (in1 !== weight.size(1))
    throw new ShapeError(
      `bilinear(): input1 size does not match weight size: got ${in1} but expected ${weight.sizes[1]}`,
    )
  if (in2 !== weight.size(2))
    throw new ShapeError(
      `bilinear(): input2 size does not match weight size: got ${in2} but expected ${weight.sizes[2]}`,
    )
  if (b !== null && b.size(0) !== weight.sizes[0])
    throw new ShapeError(
      `bilinear(): bias size does not match weight size: got ${b.sizes[0]} but expected ${weight.sizes[0]}`,
    )
  if (x1.dtype === 'bool') throw notImplemented('bmm', x1.info)
  const y = einsum('...i,kij,...j->...k', [x1, weight, x2])
  return b ? y.add(b) : withNodeName(y, bilinear.op.node)
}
