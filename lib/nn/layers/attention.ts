/** Attention by several heads. */
import { tracksAny } from '../../autograd/node'
import { ArgumentError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { expectTensor, isInt } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { additiveMask, multiHeadAttentionForward } from '../../ops/nn/multi-head-attention'
import type { Tensor } from '../../tensor/tensor'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import { constant_, xavierNormal_, xavierUniform_ } from '../init'
import { Module } from '../module'
import type { Parameter } from '../parameter'
import { flag, real } from './common'
import { Linear } from './linear'

/** Options of `MultiheadAttention`. */
export interface MultiheadAttentionOptions extends FactoryOptions {
  /** While training, the probability of an attention weight to become zero. Default 0. */
  dropout?: number
  /** Biases in all projections. Default true. */
  bias?: boolean
  /** Put a learned key and value behind the others. Default false. */
  addBiasKv?: boolean
  /** Put a key and a value of zeros behind the others. Default false. */
  addZeroAttn?: boolean
  /** Features of keys. Default `embedDim`. */
  kdim?: number | null
  /** Features of values. Default `embedDim`. */
  vdim?: number | null
  /** [batch, time, features] instead of [time, batch, features]. Default false. */
  batchFirst?: boolean
}
/** Options of a call of `MultiheadAttention`. */
export interface MultiheadAttentionCall {
  /** Keys to leave out, [N, S] or [S]: true, or a number to add to the scores. */
  keyPaddingMask?: Tensor | null
  /** Give the attention weights too. Default true. */
  needWeights?: boolean | null
  /** [L, S] or [N · numHeads, L, S]: true leaves a pair of positions out; floats are added to the scores. */
  attnMask?: Tensor | null
  /** Average the weights over the heads. Default true. */
  averageAttnWeights?: boolean | null
  /** A hint that `attnMask` is the causal mask. Default false. */
  isCausal?: boolean | null
}

/** The Linear behind attention, under the name that PyTorch prints. */
class OutProjection extends Linear {}
Object.defineProperty(OutProjection, 'name', { value: 'NonDynamicallyQuantizableLinear' })

/**
 * Attention by `numHeads` heads of `embedDim / numHeads` features each (Vaswani et al. 2017).
 *
 * Takes query [L, N, E], key [S, N, kdim] and value [S, N, vdim] (batch first with `batchFirst`; without the batch dim where
 * there is none). Gives [output, weights]: the output shaped as the query, and the weights, [N, L, S] averaged over the heads
 * or [N, numHeads, L, S], or null with `needWeights: false`.
 */
export class MultiheadAttention extends Module {
  readonly embedDim: number
  readonly kdim: number
  readonly vdim: number
  readonly numHeads: number
  readonly headDim: number
  readonly dropout: number
  readonly batchFirst: boolean
  readonly addZeroAttn: boolean
  // Registered under PyTorch's own names, which are those of its files and printouts.
  declare private q_proj_weight: Parameter | null
  declare private k_proj_weight: Parameter | null
  declare private v_proj_weight: Parameter | null
  declare private in_proj_weight: Parameter | null
  declare private in_proj_bias: Parameter | null
  declare private out_proj: Linear
  declare private bias_k: Parameter | null
  declare private bias_v: Parameter | null

  /** @throws ValueError where a size is not positive or `numHeads` does not divide `embedDim` */
  constructor(
    embedDim: number,
    numHeads: number,
    dropout?: number | MultiheadAttentionOptions,
    options?: MultiheadAttentionOptions,
  ) {
    super()
    const name = 'MultiheadAttention'
    const o = optionsOf<MultiheadAttentionOptions>(
      name,
      ['dropout', 'bias', 'addBiasKv', 'addZeroAttn', 'kdim', 'vdim', 'batchFirst', ...FACTORY],
      dropout,
      options,
    )
    for (const [argument, v] of Object.entries({
      embedDim,
      numHeads,
      kdim: o.kdim ?? embedDim,
      vdim: o.vdim ?? embedDim,
    }))
      if (!isInt(v)) throw new ArgumentError(`${name}: ${argument} must be an integer, got ${shown(v)}`)
    if (embedDim <= 0 || numHeads <= 0)
      throw new ValueError(
        `embed_dim and num_heads must be greater than 0, got embed_dim=${embedDim} and num_heads=${numHeads} instead`,
        { embedDim, numHeads },
      )
    if (embedDim % numHeads !== 0)
      throw new ValueError('embed_dim must be divisible by num_heads', { embedDim, numHeads })
    this.embedDim = embedDim
    this.kdim = o.kdim ?? embedDim
    this.vdim = o.vdim ?? embedDim
    this.numHeads = numHeads
    this.headDim = embedDim / numHeads
    this.dropout = real(name, 'dropout', o.dropout, 0)
    this.batchFirst = flag(name, 'batchFirst', o.batchFirst, false)
    this.addZeroAttn = flag(name, 'addZeroAttn', o.addZeroAttn, false)
    const bias = flag(name, 'bias', o.bias, true)
    const learned = flag(name, 'addBiasKv', o.addBiasKv, false)
    const separate = this.kdim !== embedDim || this.vdim !== embedDim
    const make = factoryOf(name, o)
    const only = (there: boolean, ...sizes: number[]): Parameter | null => (there ? make.parameter(...sizes) : null)
    this.registerParameter('q_proj_weight', only(separate, embedDim, embedDim))
    this.registerParameter('k_proj_weight', only(separate, embedDim, this.kdim))
    this.registerParameter('v_proj_weight', only(separate, embedDim, this.vdim))
    this.registerParameter('in_proj_weight', only(!separate, 3 * embedDim, embedDim))
    this.registerParameter('in_proj_bias', only(bias, 3 * embedDim))
    this.addModule('out_proj', new OutProjection(embedDim, embedDim, { bias, ...make.options }))
    this.registerParameter('bias_k', only(learned, 1, 1, embedDim))
    this.registerParameter('bias_v', only(learned, 1, 1, embedDim))
    this.resetParameters()
  }
  /** What multiplies query, key and value, one matrix under another, [3 · embedDim, embedDim]; null where they have different sizes. The parameter `in_proj_weight` of the state dict. */
  get inProjWeight(): Parameter | null {
    return this.in_proj_weight
  }
  set inProjWeight(value: Parameter | null) {
    this.in_proj_weight = value
  }
  /** [3 · embedDim], or null without bias; `in_proj_bias`. */
  get inProjBias(): Parameter | null {
    return this.in_proj_bias
  }
  set inProjBias(value: Parameter | null) {
    this.in_proj_bias = value
  }
  /** What multiplies the query where key or value have another size, [embedDim, embedDim]; `q_proj_weight`. */
  get qProjWeight(): Parameter | null {
    return this.q_proj_weight
  }
  set qProjWeight(value: Parameter | null) {
    this.q_proj_weight = value
  }
  /** [embedDim, kdim]; `k_proj_weight`. */
  get kProjWeight(): Parameter | null {
    return this.k_proj_weight
  }
  set kProjWeight(value: Parameter | null) {
    this.k_proj_weight = value
  }
  /** [embedDim, vdim]; `v_proj_weight`. */
  get vProjWeight(): Parameter | null {
    return this.v_proj_weight
  }
  set vProjWeight(value: Parameter | null) {
    this.v_proj_weight = value
  }
  /** The layer behind attention; the child `out_proj`. */
  get outProj(): Linear {
    return this.out_proj
  }
  set outProj(value: Linear) {
    this.out_proj = value
  }
  /** The learned key, [1, 1, embedDim]; `bias_k`. */
  get biasK(): Parameter | null {
    return this.bias_k
  }
  set biasK(value: Parameter | null) {
    this.bias_k = value
  }
  /** The learned value, [1, 1, embedDim]; `bias_v`. */
  get biasV(): Parameter | null {
    return this.bias_v
  }
  set biasV(value: Parameter | null) {
    this.bias_v = value
  }
  /** Draws the weights before attention anew (Glorot), and sets the biases of the projections to 0. */
  resetParameters(): void {
    for (const w of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight]) if (w) xavierUniform_(w)
    if (this.inProjBias) constant_(this.inProjBias, 0)
    if (this.inProjBias && this.outProj.bias) constant_(this.outProj.bias, 0)
    for (const b of [this.biasK, this.biasV]) if (b) xavierNormal_(b)
  }

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    keyPaddingMask?: Tensor | null | MultiheadAttentionCall,
    options?: MultiheadAttentionCall,
  ): [Tensor, Tensor | null] {
    const name = 'MultiheadAttention'
    const o = optionsOf<MultiheadAttentionCall>(
      name,
      ['keyPaddingMask', 'needWeights', 'attnMask', 'averageAttnWeights', 'isCausal'],
      keyPaddingMask ?? undefined,
      options,
    )
    for (const [argument, t] of Object.entries({ query, key, value })) expectTensor(name, argument, t)
    const needWeights = o.needWeights ?? true
    const turn = this.batchFirst && query.ndim === 3
    const masks = {
      keyPaddingMask: additiveMask(o.keyPaddingMask ?? null, 'key_padding_mask', query.info),
      attnMask: additiveMask(o.attnMask ?? null, 'attn_mask', query.info),
    }
    // One tensor stays one tensor, so that it is projected once.
    const inputs = new Map([query, key, value].map((x) => [x, turn ? x.transpose(0, 1) : x]))
    const inference = this.isInference(query, key, value, o)
    const [output, weights] = multiHeadAttentionForward(
      inputs.get(query) as Tensor,
      inputs.get(key) as Tensor,
      inputs.get(value) as Tensor,
      this.embedDim,
      this.numHeads,
      this.inProjWeight,
      this.inProjBias,
      this.biasK,
      this.biasV,
      this.addZeroAttn,
      this.dropout,
      this.outProj.weight,
      this.outProj.bias,
      {
        training: this.training,
        ...masks,
        needWeights: needWeights || inference,
        useSeparateProjWeight: this.inProjWeight === null,
        qProjWeight: this.qProjWeight,
        kProjWeight: this.kProjWeight,
        vProjWeight: this.vProjWeight,
        averageAttnWeights: o.averageAttnWeights ?? true,
        isCausal: o.isCausal ?? false,
      },
    )
    const back = turn ? output.transpose(0, 1) : output
    return [inference ? back.contiguous() : back, needWeights ? weights : null]
  }
  /**
   * Where PyTorch takes its kernel for inference. It differs in what a query that may look at nothing gives, NaN instead
   * of the output's bias, and in the layout of the output.
   * @internal
   */
  isInference(query: Tensor, key: Tensor, value: Tensor, o: MultiheadAttentionCall): boolean {
    const floating = [o.attnMask, o.keyPaddingMask].some((m) => m?.isFloatingPoint())
    const { inProjWeight, inProjBias, outProj, numHeads } = this
    return (
      !floating &&
      query.ndim === 3 &&
      query === key &&
      key === value &&
      inProjWeight !== null &&
      inProjBias !== null &&
      !this.training &&
      numHeads % 2 === 0 &&
      this.batchFirst &&
      this.biasK === null &&
      this.biasV === null &&
      !this.addZeroAttn &&
      !tracksAny([query, inProjWeight, inProjBias, outProj.weight, outProj.bias])
    )
  }
}
