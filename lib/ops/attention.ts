/** Scaled dot-product attention and the bilinear form. */
import { DTypeError, NotImplementedError, ShapeError } from '../errors'
import { Category } from '../runtime/dtype'
import { isTensor, type Tensor } from '../tensor/tensor'
import { expectTensor, notImplemented, optionsOf } from './core'
import { full } from './create'
import { dropout } from './dropout'
import { einsum } from './products'

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions {
  /** Added to the scores, or a mask of what may be looked at; broadcasts to [*, L, S]. */
  attnMask?: Tensor | null
  dropoutP?: number
  /** Each position looks only at itself and what came before. Default false. */
  isCausal?: boolean
  /** What scores are multiplied by; default 1 / √E. */
  scale?: number | null
  /** Several query heads share one head of keys and values (dim -3). Default false. */
  enableGqa?: boolean
}
/** softmax(query @ keyᵀ · scale + mask) @ value, of [*, L, E], [*, S, E] and [*, S, Ev] (Vaswani et al. 2017). */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  attnMask?: Tensor | null | AttentionOptions,
  options?: AttentionOptions,
): Tensor {
  const op = 'scaledDotProductAttention'
  expectTensor(op, 'query', query)
  expectTensor(op, 'key', key)
  expectTensor(op, 'value', value)
  const o = optionsOf<AttentionOptions>(op, ['attnMask', 'dropoutP', 'isCausal', 'scale', 'enableGqa'], attnMask ?? undefined, options)
  const { dropoutP = 0, isCausal = false, enableGqa = false } = o
  const mask = o.attnMask ?? null
  for (const t of [query, key, value]) {
    if (t.sizes.length < 2)
      throw new ShapeError(
        `scaled_dot_product_attention: Expected query, key, and value to all be  at least 2 dimensional, but got query.dim(): ${query.sizes.length}, key.dim(): ${key.sizes.length} and value.dim(): ${value.sizes.length} instead.`,
      )
    if (t.info !== query.info)
      throw new DTypeError(
        `Expected query, key, and value to have the same dtype, but got query.dtype: ${query.dtype} key.dtype: ${key.dtype} and value.dtype: ${value.dtype} instead.`,
      )
  }
  if (query.info.category !== Category.Float) throw new DTypeError(`expected scalar type Float but found ${query.info.scalarType}`, { dtype: query.dtype })
  if (mask !== null && isCausal)
    throw new NotImplementedError('_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True')
  if (query.info.compute !== query.dtype) {
    // Half types are attended in float32 throughout and rounded once.
    const [q, k, v, m] = [query, key, value, mask && mask.dtype !== 'bool' ? mask : null].map((t) => t && t.to(query.info.compute)) as [Tensor, Tensor, Tensor, Tensor | null]
    return scaledDotProductAttention(q, k, v, { ...o, attnMask: m ?? mask }).to(query.dtype)
  }
  let [k, v] = [key, value]
  if (enableGqa) {
    const heads = query.sizes[query.sizes.length - 3] as number
    const repeated = (t: Tensor): Tensor => t.repeatInterleave(heads / (t.sizes[t.sizes.length - 3] as number), { dim: -3 })
    ;[k, v] = [repeated(k), repeated(v)]
  }
  const [length, features] = query.sizes.slice(-2) as [number, number]
  const sources = k.sizes[k.sizes.length - 2] as number
  // Half the scale on either side keeps the scores of half precision in range.
  const half = Math.sqrt(o.scale ?? 1 / Math.sqrt(features))
  let scores = query.mul(half).matmul(k.transpose(-2, -1).mul(half))
  const allowed = isCausal ? full([length, sources], 1, { dtype: 'bool' }).tril() : mask !== null && mask.dtype === 'bool' ? mask : null
  if (allowed !== null) scores = scores.add(full([], 0, { dtype: scores.dtype as 'float32' }).expand(allowed.sizes).maskedFill(allowed.logicalNot(), -Infinity))
  else if (mask !== null) scores = scores.add(mask)
  let weights = scores.softmax(-1)
  // A row that may look at nothing gives zeros.
  if (allowed !== null) weights = weights.maskedFill(allowed.any(-1, { keepdim: true }).logicalNot(), 0)
  if (dropoutP > 0) weights = dropout(weights, { p: dropoutP })
  return weights.matmul(v)
}

/** x1ᵀ A x2 + b for each matrix A of `weight` [out, in1, in2]. */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor | null | { bias?: Tensor | null }): Tensor {
  expectTensor('bilinear', 'input1', x1)
  expectTensor('bilinear', 'input2', x2)
  expectTensor('bilinear', 'weight', weight)
  const b = isTensor(bias) ? bias : (optionsOf<{ bias?: Tensor | null }>('bilinear', ['bias'], bias ?? undefined).bias ?? null)
  if (x1.sizes.length !== x2.sizes.length)
    throw new ShapeError(`bilinear(): input dimensions do not match: got ${x1.sizes.length} and ${x2.sizes.length}`)
  x1.sizes.slice(0, -1).forEach((s, i) => {
    if (s !== x2.sizes[i]) throw new ShapeError(`bilinear(): input batch dimensions do not match at dim ${i}: got ${s} and ${x2.sizes[i]}`)
  })
  const [in1, in2] = [x1.sizes[x1.sizes.length - 1], x2.sizes[x2.sizes.length - 1]]
  if (in1 !== weight.sizes[1]) throw new ShapeError(`bilinear(): input1 size does not match weight size: got ${in1} but expected ${weight.sizes[1]}`)
  if (in2 !== weight.sizes[2]) throw new ShapeError(`bilinear(): input2 size does not match weight size: got ${in2} but expected ${weight.sizes[2]}`)
  if (b !== null && b.sizes[0] !== weight.sizes[0])
    throw new ShapeError(`bilinear(): bias size does not match weight size: got ${b.sizes[0]} but expected ${weight.sizes[0]}`)
  if (x1.dtype === 'bool') throw notImplemented('bmm', x1.info)
  const y = einsum('...i,kij,...j->...k', [x1, weight, x2])
  return b ? y.add(b) : y
}
