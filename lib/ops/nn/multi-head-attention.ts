/** Attention by several heads, with the projections around it (Vaswani et al. 2017). */
import { Category, type DTypeInfo } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { scaledDotProductAttention } from './attention'
import { filled } from '../define/results'
import { define } from '../define/define'
import { bool, int, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import {
  checkBatched,
  checkBias,
  checkCausalHint,
  checkFixed,
  checkHeads,
  checkKeyPadding,
  checkMaskType,
  checkPairs,
  checkProjected,
  checkProjections,
  checkScores,
} from './attention-checks'
import { dropped } from './dropout'
import { checkProbability } from './dropout-checks'
import { cat } from '../tensor/joining'
import { linear } from '../linalg/matmul'
import { pad } from './pad'
import { where } from '../elementwise/ternary'

/** Options of `multiHeadAttentionForward`. */
export interface MultiHeadAttentionOptions {
  /** Drop attention weights. Default true. */
  training?: boolean
  /** Keys to leave out, [N, S] or [S]: true (or -Infinity, added to the scores) leaves out. */
  keyPaddingMask?: Tensor | null
  /** Give the attention weights too. Default true. */
  needWeights?: boolean
  /** [L, S] or [N · heads, L, S]: true leaves a pair of positions out; floats are added to the scores. */
  attnMask?: Tensor | null
  /** Project query, key and value by matrices of their own instead of by parts of `inProjWeight`. Default false. */
  useSeparateProjWeight?: boolean
  /** The query's own matrix, [E, E]. */
  qProjWeight?: Tensor | null
  /** The key's own matrix, [E, Ek]. */
  kProjWeight?: Tensor | null
  /** The value's own matrix, [E, Ev]. */
  vProjWeight?: Tensor | null
  /** Used as they are instead of projected keys and values, [N · heads, S, E / heads]. */
  staticK?: Tensor | null
  /** As `staticK`, of the values. */
  staticV?: Tensor | null
  /** Average the weights over the heads. Default true. */
  averageAttnWeights?: boolean
  /** A hint that `attnMask` is the causal mask. Default false. */
  isCausal?: boolean
}

/** A mask as numbers to add to scores: where it was true, -Infinity. @internal */
export function additiveMask(mask: Tensor | null, name: string, info: DTypeInfo): Tensor | null {
  if (mask === null) return null
  checkMaskType(name, mask)
  if (mask.info.category === Category.Float) return mask
  return where(mask, filled([], -Infinity, info), filled([], 0, info))
}

/** Query, key and value times the parts of one matrix [3E, E]; inputs that are one tensor are multiplied at once. */
function projectPacked(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  w: Tensor,
  b: Tensor | null,
): [Tensor, Tensor, Tensor] {
  const e = query.size(-1)
  if (key === value && query === key) return linear(query, w, b).chunk(3, -1) as [Tensor, Tensor, Tensor]
  if (key === value) {
    const [wq, wkv] = w.split([e, 2 * e]) as [Tensor, Tensor]
    const [bq, bkv] = (b?.split([e, 2 * e]) ?? [null, null]) as [Tensor | null, Tensor | null]
    const q = linear(query, wq, bq)
    return [q, ...(linear(key, wkv, bkv).chunk(2, -1) as [Tensor, Tensor])]
  }
  const ws = w.chunk(3)
  const bs = b?.chunk(3)
  return [query, key, value].map((x, i) => linear(x, ws[i] as Tensor, bs?.[i] ?? null)) as [Tensor, Tensor, Tensor]
}
function projectSeparately(
  inputs: readonly [Tensor, Tensor, Tensor],
  weights: readonly (Tensor | null)[],
  b: Tensor | null,
): [Tensor, Tensor, Tensor] {
  checkProjections(inputs, weights)
  const bs = b?.chunk(3)
  return inputs.map((x, i) => linear(x, weights[i] as Tensor, bs?.[i] ?? null)) as [Tensor, Tensor, Tensor]
}

/** The mask of pairs, [1 or N, 1 or heads, L, S]. */
function pairsOf(mask: Tensor, batch: number, heads: number, length: number, sources: number): Tensor {
  checkPairs(mask, batch * heads, length, sources)
  return mask.ndim === 2 ? mask.view([1, 1, length, sources]) : mask.reshape([batch, heads, length, sources])
}

/** The masks as numbers to add to scores, and whether the attention may count on the first being the causal one. */
function additiveMasks(
  { attnMask, isCausal, needWeights }: MultiHeadAttentionOptions,
  keyPaddingMask: Tensor | null,
  info: DTypeInfo,
): { mask: Tensor | null; padding: Tensor | null; isCausal: boolean } {
  const padding = additiveMask(keyPaddingMask, 'key_padding_mask', info)
  const mask = attnMask ?? null
  checkCausalHint(isCausal, mask)
  if (isCausal && padding === null && !needWeights) return { mask: null, padding, isCausal }
  return { mask: additiveMask(mask, 'attn_mask', info), padding, isCausal: padding === null && isCausal === true }
}

/** Query, key and value times their matrices, which are parts of one or apart. */
function project(
  [query, key, value]: readonly [Tensor, Tensor, Tensor],
  inProjWeight: Tensor | null,
  inProjBias: Tensor | null,
  o: MultiHeadAttentionOptions,
): [Tensor, Tensor, Tensor] {
  checkProjected(key, value, inProjWeight, o.useSeparateProjWeight === true)
  if (o.useSeparateProjWeight) {
    const weights = [o.qProjWeight ?? null, o.kProjWeight ?? null, o.vProjWeight ?? null]
    return projectSeparately([query, key, value], weights, inProjBias)
  }
  return projectPacked(query, key, value, inProjWeight as Tensor, inProjBias)
}

/** What is attended to, and the masks over it. */
interface Keys {
  readonly k: Tensor
  readonly v: Tensor
  readonly mask: Tensor | null
  readonly padding: Tensor | null
}
/** One more key behind the others, along a dim; it may always be looked at. */
function withKey({ k, v, mask, padding }: Keys, key: Tensor, value: Tensor, dim: number): Keys {
  const widen = (m: Tensor | null): Tensor | null => m && pad(m, [0, 1])
  return { k: cat([k, key], dim), v: cat([v, value], dim), mask: widen(mask), padding: widen(padding) }
}
/** The learned key and its value behind the others, where there are. */
function withBias(
  keys: Keys,
  biasK: Tensor | null,
  biasV: Tensor | null,
  batch: number,
  o: MultiHeadAttentionOptions,
): Keys {
  checkBias(biasK, biasV, o.staticK, o.staticV)
  if (biasK === null || biasV === null) return keys
  return withKey(keys, biasK.repeat([1, batch, 1]), biasV.repeat([1, batch, 1]), 0)
}

/** [T, N, E] as [N, heads, T, E / heads]. */
const byHead = (x: Tensor, batch: number, heads: number, size: number): Tensor =>
  x.reshape([x.sizes[0], batch, heads, size]).permute([1, 2, 0, 3])
/** Keys or values that were given by head: [N · heads, S, E / heads] as [N, heads, S, E / heads]. */
function fixedByHead(x: Tensor, name: string, batch: number, heads: number, size: number): Tensor {
  checkFixed(x, name, batch * heads, size)
  return x.reshape([batch, heads, x.size(1), size])
}

/** Both masks as one. */
function mergedMask({ k, mask, padding }: Keys): Tensor | null {
  if (padding === null) return mask
  const [batch, , sources] = k.sizes as [number, number, number, number]
  checkKeyPadding(padding, batch, sources)
  const everyHead = padding.view([batch, 1, 1, sources])
  return mask === null ? everyHead : mask.add(everyHead)
}

/** The attention weights of every head, dropped with probability `p`. */
function attentionWeights(q: Tensor, k: Tensor, mask: Tensor | null, p: number): Tensor {
  checkScores(q, k, mask)
  const products = q.mul(Math.sqrt(1 / q.sizes[3])).matmul(k.transpose(-2, -1))
  return dropped((mask === null ? products : products.add(mask)).softmax(-1), p, true, false)
}

/**
 * Projects query, key and value, attends by heads, and projects the result (`nn.MultiheadAttention`).
 * @param query [L, N, E] or [L, E]; time comes first
 * @param key [S, N, Ek] or [S, Ek]
 * @param value [S, N, Ev] or [S, Ev]
 * @param embedDimToCheck E
 * @param inProjWeight [3E, E], or null with matrices of their own
 * @param inProjBias [3E]
 * @param biasK a learned key put behind the others, [1, 1, E]
 * @param biasV and its value, [1, 1, E]
 * @param addZeroAttn put a key and a value of zeros behind the others
 * @param dropoutP the probability of an attention weight to be dropped
 * @param outProjWeight [E, E]
 * @param outProjBias [E]
 * @returns [L, N, E] (or [L, E]), and the weights [N, L, S] ([N, heads, L, S] where not averaged) if asked for, else null
 */
export const multiHeadAttentionForward: Op<
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embedDimToCheck: number,
    numHeads: number,
    inProjWeight: Tensor | null,
    inProjBias: Tensor | null,
    biasK: Tensor | null,
    biasV: Tensor | null,
    addZeroAttn: boolean,
    dropoutP: number,
    outProjWeight: Tensor,
    outProjBias: Tensor | null,
    training?: boolean | MultiHeadAttentionOptions,
    options?: MultiHeadAttentionOptions,
  ) => [Tensor, Tensor | null]
> = define('multiHeadAttentionForward', {
  params: [
    tensor('query'),
    tensor('key'),
    tensor('value'),
    int('embedDimToCheck'),
    int('numHeads'),
    tensor('inProjWeight').orNull(),
    tensor('inProjBias').orNull(),
    tensor('biasK').orNull(),
    tensor('biasV').orNull(),
    bool('addZeroAttn'),
    own<number>('float')('dropoutP'),
    tensor('outProjWeight'),
    tensor('outProjBias').orNull(),
    bool('training').default(true),
    tensor('keyPaddingMask').optional(),
    bool('needWeights').default(true),
    tensor('attnMask').optional(),
    bool('useSeparateProjWeight').default(false),
    tensor('qProjWeight').optional(),
    tensor('kProjWeight').optional(),
    tensor('vProjWeight').optional(),
    tensor('staticK').optional(),
    tensor('staticV').optional(),
    bool('averageAttnWeights').default(true),
    bool('isCausal').default(false),
  ],
  namespace: 'nn.functional',
  run(
    query,
    key,
    value,
    embedDimToCheck,
    numHeads,
    inProjWeight,
    inProjBias,
    biasK,
    biasV,
    addZeroAttn,
    dropoutP,
    outProjWeight,
    outProjBias,
    o,
  ) {
    checkProbability(dropoutP)
    let keyPaddingMask = o.keyPaddingMask ?? null
    const batched = checkBatched([query, key, value], keyPaddingMask, o.attnMask ?? null, numHeads)
    if (!batched) {
      // One tensor stays one tensor, so that it is projected once.
      const inputs = new Map([query, key, value].map((x) => [x, x.unsqueeze(1)]))
      ;[query, key, value] = [query, key, value].map((x) => inputs.get(x)) as [Tensor, Tensor, Tensor]
      keyPaddingMask = keyPaddingMask?.unsqueeze(0) ?? null
    }
    const [length, batch, embed] = query.sizes as [number, number, number]
    const { mask, padding, isCausal } = additiveMasks(o, keyPaddingMask, query.info)
    const size = checkHeads(query, embedDimToCheck, numHeads)
    const [allQ, allK, allV] = project([query, key, value], inProjWeight, inProjBias, o)
    const pairs = mask && pairsOf(mask, batch, numHeads, length, key.sizes[0])
    const biased = withBias({ k: allK, v: allV, mask: pairs, padding }, biasK, biasV, batch, o)
    const q = byHead(allQ, batch, numHeads, size)
    const headsOf = (given: Tensor | null | undefined, name: string, own: Tensor): Tensor =>
      given ? fixedByHead(given, name, batch, numHeads, size) : byHead(own, batch, numHeads, size)
    let keys: Keys = {
      k: headsOf(o.staticK, 'static_k', biased.k),
      v: headsOf(o.staticV, 'static_v', biased.v),
      mask: biased.mask,
      padding: biased.padding,
    }
    if (addZeroAttn) {
      const zero = filled([batch, numHeads, 1, size], 0, keys.k.info)
      keys = withKey(keys, zero, zero, 2)
    }
    const attnMask = mergedMask(keys)
    const dropout = o.training ? dropoutP : 0
    const joined = (heads: Tensor): Tensor => {
      const y = linear(heads.permute([2, 0, 1, 3]).reshape([length * batch, embed]), outProjWeight, outProjBias)
      const shaped = y.view([length, batch, y.size(1)])
      return batched ? shaped : shaped.squeeze(1)
    }
    if (!o.needWeights)
      return [joined(scaledDotProductAttention(q, keys.k, keys.v, { attnMask, dropoutP: dropout, isCausal })), null]
    const weights = attentionWeights(q, keys.k, attnMask, dropout)
    const output = joined(weights.matmul(keys.v))
    const shown = o.averageAttnWeights ? weights.mean(1) : weights.view(weights.sizes)
    return [output, batched ? shown : shown.squeeze(0)]
  },
})
