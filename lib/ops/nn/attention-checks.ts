/** What attention and the bilinear form refuse, in PyTorch's words. */
import { expectTensor } from '../../check/arguments'
import { wrongType } from '../../check/dtypes'
import { notImplemented, torchSize } from '../../check/words'
import { ArgumentError, DTypeError, ShapeError, ValueError } from '../../errors'
import { Category, DTYPES } from '../../runtime/dtype'
import { formatTuple } from '../../tensor/format'
import { sameShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'

type Triple = readonly [query: Tensor, key: Tensor, value: Tensor]
export function checkAttention([query, key, value]: Triple, mask: Tensor | null, isCausal: boolean): void {
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
}
/** @returns how many heads of queries share one of the others */
export function checkSharedHeads(query: Tensor, other: Tensor): number {
  const [heads, own] = [query, other].map((t) => t.sizes[t.sizes.length - 3]) as [number, number]
  if (heads % own !== 0)
    throw new ShapeError('Number of heads in key and value must divide the number of heads in query', {
      heads,
      own,
    })
  return heads / own
}
export function checkBilinear(x1: Tensor, x2: Tensor, weight: Tensor, b: Tensor | null): void {
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
}

// ---- several heads ----------------------------------------------------------------------------------------------------

export function checkMaskType(name: string, mask: Tensor): void {
  expectTensor('multiHeadAttentionForward', name, mask)
  if (mask.info.category !== Category.Float && mask.dtype !== 'bool')
    throw new DTypeError(`only bool and floating types of ${name} are supported`, { dtype: mask.dtype })
}
/** @returns whether the inputs have a batch dim */
export function checkBatched(
  [query, key, value]: Triple,
  padding: Tensor | null,
  mask: Tensor | null,
  heads: number,
): boolean {
  const dims = query.ndim
  if (dims !== 3 && dims !== 2)
    throw new ShapeError(`query should be unbatched 2D or batched 3D tensor but received ${dims}-D query tensor`, {
      query: [...query.sizes],
    })
  const kind = dims === 3 ? 'For batched (3-D) `query`, expected ' : 'For unbatched (2-D) `query`, expected '
  if (key.ndim !== dims || value.ndim !== dims)
    throw new ShapeError(
      `${kind}\`key\` and \`value\` to be ${dims}-D but found ${key.ndim}-D and ${value.ndim}-D tensors respectively`,
      { query: [...query.sizes], key: [...key.sizes], value: [...value.sizes] },
    )
  if (padding !== null && padding.ndim !== dims - 1)
    throw new ShapeError(
      `${kind}\`key_padding_mask\` to be \`None\` or ${dims - 1}-D but found ${padding.ndim}-D tensor instead`,
      { keyPaddingMask: [...padding.sizes] },
    )
  if (mask === null) return dims === 3
  if (mask.ndim !== 2 && mask.ndim !== 3)
    throw new ShapeError(`${kind}\`attn_mask\` to be \`None\`, 2-D or 3-D but found ${mask.ndim}-D tensor instead`, {
      attnMask: [...mask.sizes],
    })
  const unbatched = [heads, query.sizes[0], key.sizes[0]]
  if (dims === 2 && mask.ndim === 3 && !sameShape(mask.sizes, unbatched))
    throw new ShapeError(
      `Expected \`attn_mask\` shape to be ${formatTuple(unbatched)} but got ${torchSize(mask.sizes)}`,
      { attnMask: [...mask.sizes] },
    )
  return dims === 3
}
export function checkCausalHint(isCausal: boolean | undefined, mask: Tensor | null): void {
  if (isCausal && mask === null)
    throw new ArgumentError(
      'Need attn_mask if specifying the is_causal hint. You may use the Transformer module method `generate_square_subsequent_mask` to create this mask.',
    )
}
/** @returns the size of a head */
export function checkHeads(query: Tensor, embedDimToCheck: number, heads: number): number {
  const embed = query.sizes[2]
  if (embed !== embedDimToCheck)
    throw new ShapeError(`was expecting embedding dimension of ${embedDimToCheck}, but got ${embed}`, {
      query: [...query.sizes],
    })
  const size = Math.floor(embed / heads)
  if (size * heads !== embed)
    throw new ShapeError(`embed_dim ${embed} not divisible by num_heads ${heads}`, { embed, numHeads: heads })
  return size
}
/** @param separate whether each has a matrix of its own */
export function checkProjected(key: Tensor, value: Tensor, weight: Tensor | null, separate: boolean): void {
  const data = { key: [...key.sizes], value: [...value.sizes] }
  if (separate) {
    const [ofKey, ofValue] = [key.sizes.slice(0, 2), value.sizes.slice(0, 2)]
    if (!sameShape(ofKey, ofValue))
      throw new ShapeError(
        `key's sequence and batch dims ${torchSize(ofKey)} do not match value's ${torchSize(ofValue)}`,
        data,
      )
    return
  }
  if (!sameShape(key.sizes, value.sizes))
    throw new ShapeError(`key shape ${torchSize(key.sizes)} does not match value shape ${torchSize(value.sizes)}`, data)
  if (weight === null) throw new ArgumentError('use_separate_proj_weight is False but in_proj_weight is None')
}
export function checkProjections(inputs: Triple, weights: readonly (Tensor | null)[]): void {
  const e = inputs[0].size(-1)
  const names = ['query', 'key', 'value']
  weights.forEach((w, i) => {
    if (w === null) throw new ArgumentError(`use_separate_proj_weight is True but ${'qkv'[i]}_proj_weight is None`)
    const want = [e, (inputs[i] as Tensor).size(-1)]
    if (!sameShape(w.sizes, want))
      throw new ShapeError(
        `expecting ${names[i]} weights shape of ${formatTuple(want)}, but got ${torchSize(w.sizes)}`,
        { weight: [...w.sizes], expected: want },
      )
  })
}
/** A mask of pairs, of all rows or of each row and head. */
export function checkPairs(mask: Tensor, rows: number, length: number, sources: number): void {
  const want = mask.ndim === 2 ? [length, sources] : [rows, length, sources]
  if (!sameShape(mask.sizes, want))
    throw new ShapeError(
      `The shape of the ${mask.ndim}D attn_mask is ${torchSize(mask.sizes)}, but should be ${formatTuple(want)}.`,
      { attnMask: [...mask.sizes], expected: want },
    )
}
/** A learned key and its value. */
export function checkBias(
  biasK: Tensor | null,
  biasV: Tensor | null,
  staticK: Tensor | null | undefined,
  staticV: Tensor | null | undefined,
): void {
  if (biasK !== null && biasV !== null) {
    if (staticK) throw new ArgumentError('bias cannot be added to static key.')
    if (staticV) throw new ArgumentError('bias cannot be added to static value.')
    return
  }
  if (biasK !== null) throw new ArgumentError('bias_k is set but bias_v is None')
  if (biasV !== null) throw new ArgumentError('bias_v is set but bias_k is None')
}
/** Keys or values given by head. */
export function checkFixed(x: Tensor, name: string, rows: number, size: number): void {
  if (x.size(0) !== rows) throw new ShapeError(`expecting ${name}.size(0) of ${rows}, but got ${x.size(0)}`)
  if (x.size(2) !== size) throw new ShapeError(`expecting ${name}.size(2) of ${size}, but got ${x.size(2)}`)
}
export function checkKeyPadding(padding: Tensor, batch: number, sources: number): void {
  ;[batch, sources].forEach((want, i) => {
    if (padding.sizes[i] !== want)
      throw new ShapeError(`Expected key_padded_mask.shape[${i}] to be ${want}, but got ${padding.sizes[i]}`, {
        keyPaddingMask: [...padding.sizes],
      })
  })
}
export function checkScores(q: Tensor, k: Tensor, mask: Tensor | null): void {
  if (mask !== null && mask.info !== q.info)
    throw new DTypeError(
      `Input dtypes must be the same, got: input ${mask.info.cppName}, batch1: ${q.info.cppName}, batch2: ${k.info.cppName}`,
      { attnMask: mask.dtype, query: q.dtype },
    )
}
