/** Transformers: encoders, decoders and the two together (Vaswani et al. 2017). */
import { tracksAny } from '../../autograd/node'
import { ArgumentError, ShapeError } from '../../errors'
import { shown } from '../../runtime/given'
import { describe, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { expectRoom, filled } from '../../ops/define/results'
import { additiveMask } from '../../ops/nn/multi-head-attention'
import { type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { sameShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { ModuleList } from '../containers'
import { deepCopy } from '../copy'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import * as F from '../functional'
import { xavierUniform_ } from '../init'
import { Module } from '../module'
import { GELU, ReLU } from './activation'
import { MultiheadAttention } from './attention'
import { flag, positiveInt, real } from './common'
import { Dropout } from './dropout'
import { Linear } from './linear'
import { LayerNorm } from './norm'

/** What stands between the two linear layers: a name, a function of `nn.functional`, or a module. */
export type TransformerActivation = 'relu' | 'gelu' | ((x: Tensor) => Tensor)

/** Options of `TransformerEncoderLayer` and `TransformerDecoderLayer`. */
export interface TransformerLayerOptions extends FactoryOptions {
  /** Features between the two linear layers. Default 2048. */
  dimFeedforward?: number
  /** Default 0.1. */
  dropout?: number
  /** Default 'relu'. */
  activation?: TransformerActivation
  /** Added to the variance in the normalisations. Default 1e-5. */
  layerNormEps?: number
  /** [batch, time, features] instead of [time, batch, features]. Default false. */
  batchFirst?: boolean
  /** Normalise before attention and the linear layers instead of after. Default false. */
  normFirst?: boolean
  /** Biases in the linear layers and normalisations. Default true. */
  bias?: boolean
}
const LAYER_NAMES = [
  'dimFeedforward',
  'dropout',
  'activation',
  'layerNormEps',
  'batchFirst',
  'normFirst',
  'bias',
  ...FACTORY,
] as const

function activationOf(activation: unknown): (x: Tensor) => Tensor {
  if (typeof activation === 'function') return activation as (x: Tensor) => Tensor
  if (activation === 'relu') return F.relu
  if (activation === 'gelu') return F.gelu
  throw new ArgumentError(`activation should be relu/gelu, not ${shown(activation)}`, { activation })
}

/** -Infinity above the diagonal and 0 elsewhere. */
function squareSubsequentMask(size: number, info: DTypeInfo): Tensor {
  return filled([size, size], -Infinity, info).triu(1)
}
/** Whether a mask is the causal one; asked only where the caller did not say. */
function isCausalMask(mask: Tensor | null, said: boolean | null, size: number): boolean {
  if (mask !== null) expectTensor('Transformer', 'mask', mask)
  if (said !== null || mask === null) return said === true
  return mask.equal(squareSubsequentMask(size, mask.info))
}
/** [time, features], [time, batch, features] or batch first: how much time. */
const timeOf = (x: Tensor, batchFirst: boolean): number => x.size(x.ndim === 2 ? 0 : batchFirst ? 1 : 0)

/** What both kinds of layer hold. Their fields bear the names that PyTorch registers. */
abstract class TransformerLayer extends Module {
  readonly normFirst: boolean
  // Registered under PyTorch's own names, which are those of its files and printouts.
  declare private self_attn: MultiheadAttention
  declare linear1: Linear
  declare dropout: Dropout
  declare linear2: Linear
  declare norm1: LayerNorm
  declare norm2: LayerNorm
  declare dropout1: Dropout
  declare dropout2: Dropout
  declare activation: (x: Tensor) => Tensor
  /**
   * Computes relu whatever `activation` is. PyTorch's copies of a decoder layer do so where that is a module (their
   * `__setstate__` does not find it), and so weights trained there expect it.
   * @internal
   */
  rectifies = false

  protected constructor(name: string, dModel: number, nhead: number, o: TransformerLayerOptions, decoder: boolean) {
    super()
    const bias = flag(name, 'bias', o.bias, true)
    const { options: made } = factoryOf(name, o)
    const attention = {
      dropout: real(name, 'dropout', o.dropout, 0.1),
      bias,
      batchFirst: flag(name, 'batchFirst', o.batchFirst, false),
      ...made,
    }
    const { dropout } = attention
    const norm = (): LayerNorm =>
      new LayerNorm(dModel, { eps: real(name, 'layerNormEps', o.layerNormEps, 1e-5), bias, ...made })
    const hidden = o.dimFeedforward ?? 2048
    this.addModule('self_attn', new MultiheadAttention(dModel, nhead, attention))
    if (decoder) this.addModule('multihead_attn', new MultiheadAttention(dModel, nhead, attention))
    this.linear1 = new Linear(dModel, hidden, { bias, ...made })
    this.dropout = new Dropout(dropout)
    this.linear2 = new Linear(hidden, dModel, { bias, ...made })
    this.normFirst = flag(name, 'normFirst', o.normFirst, false)
    this.norm1 = norm()
    this.norm2 = norm()
    if (decoder) this.addModule('norm3', norm())
    this.dropout1 = new Dropout(dropout)
    this.dropout2 = new Dropout(dropout)
    if (decoder) this.addModule('dropout3', new Dropout(dropout))
    this.activation = activationOf(o.activation ?? 'relu')
  }
  /** Attention of the sequence to itself; the child `self_attn`. */
  get selfAttn(): MultiheadAttention {
    return this.self_attn
  }
  set selfAttn(value: MultiheadAttention) {
    this.self_attn = value
  }
  /** @internal */
  protected feedForward(x: Tensor, last: Dropout): Tensor {
    const activation = this.rectifies ? F.relu : this.activation
    return last(this.linear2(this.dropout(activation(this.linear1(x)))))
  }
  /** One step with its shortcut, normalised before or after. @internal */
  protected residual(x: Tensor, norm: LayerNorm, step: (x: Tensor) => Tensor): Tensor {
    return this.normFirst ? x.add(step(norm(x))) : norm(x.add(step(x)))
  }
}

/** Options of a call of `TransformerEncoderLayer`. */
export interface EncoderLayerCall {
  /** [T, T] or [N · heads, T, T]: true leaves a pair of positions out; floats are added to the scores. */
  srcMask?: Tensor | null
  /** [N, T] or [T]: true leaves a position out. */
  srcKeyPaddingMask?: Tensor | null
  /** A hint that `srcMask` is the causal mask. Default false. */
  isCausal?: boolean | null
}
/**
 * Attention of a sequence to itself and two linear layers, each with a shortcut and a normalisation (Vaswani et al. 2017).
 * Takes and gives [time, batch, dModel] ([batch, time, dModel] with `batchFirst`) or [time, dModel].
 */
export class TransformerEncoderLayer extends TransformerLayer {
  constructor(
    dModel: number,
    nhead: number,
    dimFeedforward?: number | TransformerLayerOptions,
    options?: TransformerLayerOptions,
  ) {
    const name = 'TransformerEncoderLayer'
    super(name, dModel, nhead, optionsOf<TransformerLayerOptions>(name, LAYER_NAMES, dimFeedforward, options), false)
  }
  override forward(src: Tensor, srcMask?: Tensor | null | EncoderLayerCall, options?: EncoderLayerCall): Tensor {
    const name = 'TransformerEncoderLayer'
    const o = optionsOf<EncoderLayerCall>(
      name,
      ['srcMask', 'srcKeyPaddingMask', 'isCausal'],
      srcMask ?? undefined,
      options,
    )
    expectTensor(name, 'src', src)
    const call = {
      keyPaddingMask: additiveMask(o.srcKeyPaddingMask ?? null, 'src_key_padding_mask', src.info),
      attnMask: additiveMask(o.srcMask ?? null, 'src_mask', src.info),
      isCausal: o.isCausal ?? false,
      // In inference a position that may look at nothing gives NaN, as it does where weights are asked for.
      needWeights: this.isInference(src),
    }
    const attended = this.residual(src, this.norm1, (x) => this.dropout1(this.selfAttn(x, x, x, call)[0]))
    return this.residual(attended, this.norm2, (x) => this.feedForward(x, this.dropout2))
  }
  /** Where PyTorch takes its kernel for inference. @internal */
  isInference(src: Tensor): boolean {
    const { selfAttn, activation } = this
    return (
      src.ndim === 3 &&
      !this.training &&
      selfAttn.batchFirst &&
      selfAttn.inProjBias !== null &&
      selfAttn.numHeads % 2 === 0 &&
      isPlain(activation) &&
      this.norm1.eps === this.norm2.eps &&
      !tracksAny([src, ...this.parameters()])
    )
  }
}
const isPlain = (activation: unknown): boolean =>
  activation === F.relu || activation === F.gelu || activation instanceof ReLU || activation instanceof GELU

/** Options of a call of `TransformerDecoderLayer` and of `TransformerDecoder`. */
export interface DecoderLayerCall {
  /** [T, T] or [N · heads, T, T]: true leaves a pair of target positions out; floats are added to the scores. */
  tgtMask?: Tensor | null
  /** [T, S] or [N · heads, T, S]: the same for pairs of a target position and one of the memory. */
  memoryMask?: Tensor | null
  /** [N, T] or [T]: true leaves a target position out. */
  tgtKeyPaddingMask?: Tensor | null
  /** [N, S] or [S]: true leaves a position of the memory out. */
  memoryKeyPaddingMask?: Tensor | null
  /** A hint that `tgtMask` is the causal mask. Default false; of a decoder, found out by default. */
  tgtIsCausal?: boolean | null
  /** A hint that `memoryMask` is the causal mask. Default false. */
  memoryIsCausal?: boolean | null
}
const DECODER_CALL = [
  'tgtMask',
  'memoryMask',
  'tgtKeyPaddingMask',
  'memoryKeyPaddingMask',
  'tgtIsCausal',
  'memoryIsCausal',
] as const
/**
 * Attention of a sequence to itself, then to a memory, and two linear layers, each with a shortcut and a normalisation
 * (Vaswani et al. 2017). Takes a target [time, batch, dModel] and a memory [source time, batch, dModel] (batch first with
 * `batchFirst`, or both without the batch dim), and gives what is shaped as the target.
 */
export class TransformerDecoderLayer extends TransformerLayer {
  // Registered under PyTorch's own names, which are those of its files and printouts.
  declare private multihead_attn: MultiheadAttention
  declare norm3: LayerNorm
  declare dropout3: Dropout
  constructor(
    dModel: number,
    nhead: number,
    dimFeedforward?: number | TransformerLayerOptions,
    options?: TransformerLayerOptions,
  ) {
    const name = 'TransformerDecoderLayer'
    super(name, dModel, nhead, optionsOf<TransformerLayerOptions>(name, LAYER_NAMES, dimFeedforward, options), true)
  }
  /** Attention to the memory; the child `multihead_attn`. */
  get multiheadAttn(): MultiheadAttention {
    return this.multihead_attn
  }
  set multiheadAttn(value: MultiheadAttention) {
    this.multihead_attn = value
  }
  override forward(
    tgt: Tensor,
    memory: Tensor,
    tgtMask?: Tensor | null | DecoderLayerCall,
    options?: DecoderLayerCall,
  ): Tensor {
    const name = 'TransformerDecoderLayer'
    const o = optionsOf<DecoderLayerCall>(name, DECODER_CALL, tgtMask ?? undefined, options)
    expectTensor(name, 'tgt', tgt)
    expectTensor(name, 'memory', memory)
    const own = {
      attnMask: o.tgtMask ?? null,
      keyPaddingMask: o.tgtKeyPaddingMask ?? null,
      isCausal: o.tgtIsCausal ?? false,
      needWeights: false,
    }
    const across = {
      attnMask: o.memoryMask ?? null,
      keyPaddingMask: o.memoryKeyPaddingMask ?? null,
      isCausal: o.memoryIsCausal ?? false,
      needWeights: false,
    }
    const first = this.residual(tgt, this.norm1, (x) => this.dropout1(this.selfAttn(x, x, x, own)[0]))
    const second = this.residual(first, this.norm2, (x) =>
      this.dropout2(this.multiheadAttn(x, memory, memory, across)[0]),
    )
    return this.residual(second, this.norm3, (x) => this.feedForward(x, this.dropout3))
  }
}

/** A layer that a `TransformerEncoder` can repeat: `TransformerEncoderLayer`, or one that is called as it. */
export type EncoderBlock = Module & {
  forward(src: Tensor, options?: EncoderLayerCall): Tensor
  (src: Tensor, options?: EncoderLayerCall): Tensor
}
/** A layer that a `TransformerDecoder` can repeat: `TransformerDecoderLayer`, or one that is called as it. */
export type DecoderBlock = Module & {
  forward(tgt: Tensor, memory: Tensor, options?: DecoderLayerCall): Tensor
  (tgt: Tensor, memory: Tensor, options?: DecoderLayerCall): Tensor
}
/** A normalisation behind the last layer. */
export type NormBlock = Module & { forward(x: Tensor): Tensor; (x: Tensor): Tensor }

function copies<M extends Module>(name: string, layer: M, count: number): ModuleList<M> {
  if (!(layer instanceof Module)) throw new ArgumentError(`${name}: ${describe(layer)} is not a Module subclass`)
  positiveInt(name, 'numLayers', count)
  // Said before the first of too many is made.
  expectRoom([count, [...layer.parameters()].reduce((n, p) => n + p.numel(), 1)], DTYPES.float32)
  return new ModuleList(Array.from({ length: count }, () => deepCopy(layer)))
}
const batchFirstOf = (layer: Module): boolean => (layer instanceof TransformerLayer ? layer.selfAttn.batchFirst : false)

/** Options of `TransformerEncoder`. */
export interface TransformerEncoderOptions {
  /** A normalisation behind the last layer. */
  norm?: NormBlock | null
  /**
   * While nothing is trained or recorded, give 0 for positions that `srcKeyPaddingMask` leaves out at the end of a sequence, as
   * PyTorch does by computing on sequences of different lengths. Default true.
   */
  enableNestedTensor?: boolean
  /** Do so only where all that is left out stands at the end. Default true. */
  maskCheck?: boolean
}
/** Options of a call of `TransformerEncoder`. */
export interface EncoderCall {
  /** [T, T] or [N · heads, T, T]: true leaves a pair of positions out; floats are added to the scores. */
  mask?: Tensor | null
  /** [N, T] or [T]: true leaves a position out. */
  srcKeyPaddingMask?: Tensor | null
  /** A hint that `mask` is the causal mask; found out by default. */
  isCausal?: boolean | null
}
/** Copies of an encoder layer, one on another. */
export class TransformerEncoder extends Module {
  readonly layers: ModuleList<EncoderBlock>
  readonly numLayers: number
  readonly norm: NormBlock | null
  readonly enableNestedTensor: boolean
  readonly maskCheck: boolean
  /** @param encoderLayer is copied `numLayers` times, its values too, and is not part of the encoder */
  constructor(
    encoderLayer: EncoderBlock,
    numLayers: number,
    norm?: NormBlock | null | TransformerEncoderOptions,
    options?: TransformerEncoderOptions,
  ) {
    super()
    const name = 'TransformerEncoder'
    const o = optionsOf<TransformerEncoderOptions>(
      name,
      ['norm', 'enableNestedTensor', 'maskCheck'],
      norm ?? undefined,
      options,
    )
    this.layers = copies(name, encoderLayer, numLayers)
    this.numLayers = numLayers
    this.norm = o.norm ?? null
    this.enableNestedTensor = flag(name, 'enableNestedTensor', o.enableNestedTensor, true)
    this.maskCheck = flag(name, 'maskCheck', o.maskCheck, true)
  }
  /** @param src [time, batch, features], batch first where the layers are, or [time, features] */
  override forward(src: Tensor, mask?: Tensor | null | EncoderCall, options?: EncoderCall): Tensor {
    const name = 'TransformerEncoder'
    const o = optionsOf<EncoderCall>(name, ['mask', 'srcKeyPaddingMask', 'isCausal'], mask ?? undefined, options)
    expectTensor(name, 'src', src)
    const srcMask = additiveMask(o.mask ?? null, 'mask', src.info)
    const padding = additiveMask(o.srcKeyPaddingMask ?? null, 'src_key_padding_mask', src.info)
    const ended = padding && srcMask === null ? this.endedBy(src, padding) : null
    const first = this.layers[0]
    const call = {
      srcMask,
      srcKeyPaddingMask: ended ? additiveMask(ended, 'src_key_padding_mask', src.info) : padding,
      isCausal: isCausalMask(srcMask, o.isCausal ?? null, timeOf(src, first !== undefined && batchFirstOf(first))),
    }
    let x = src
    for (const layer of this.layers) x = layer(x, call)
    if (ended) x = x.maskedFill(ended.unsqueeze(2), 0)
    return this.norm ? this.norm(x) : x
  }
  /** In inference, which positions lie past the end of their sequence; null where that is not how they are left out. */
  private endedBy(src: Tensor, padding: Tensor): Tensor | null {
    const [first] = this.layers
    if (!this.enableNestedTensor || !(first instanceof TransformerEncoderLayer) || first.normFirst) return null
    if (!first.isInference(src) || !sameShape(padding.sizes, src.sizes.slice(0, 2))) return null
    const inside = padding.eq(0)
    const ended = inside.logicalNot()
    // The lengths, compared with each position, say the same only where nothing is left out before an end.
    const lengths = inside.sum(1, { keepdim: true })
    const past = ended.logicalOr(true).cumsum(1).gt(lengths)
    return !this.maskCheck || past.equal(ended) ? past : null
  }
}

/** Copies of a decoder layer, one on another. */
export class TransformerDecoder extends Module {
  readonly layers: ModuleList<DecoderBlock>
  readonly numLayers: number
  readonly norm: NormBlock | null
  /**
   * @param decoderLayer is copied `numLayers` times, its values too, and is not part of the decoder. As in PyTorch 2.13 the copies
   * of a `TransformerDecoderLayer` compute relu where its activation is a module; give a name or a function instead.
   */
  constructor(decoderLayer: DecoderBlock, numLayers: number, norm?: NormBlock | null | { norm?: NormBlock | null }) {
    super()
    const name = 'TransformerDecoder'
    const o = optionsOf<{ norm?: NormBlock | null }>(name, ['norm'], norm ?? undefined)
    this.layers = copies(name, decoderLayer, numLayers)
    for (const layer of this.layers)
      if (layer instanceof TransformerDecoderLayer) layer.rectifies = (layer.activation as unknown) instanceof Module
    this.numLayers = numLayers
    this.norm = o.norm ?? null
  }
  /** @param tgt [time, batch, features], batch first where the layers are, or [time, features]; the memory likewise */
  override forward(
    tgt: Tensor,
    memory: Tensor,
    tgtMask?: Tensor | null | DecoderLayerCall,
    options?: DecoderLayerCall,
  ): Tensor {
    const name = 'TransformerDecoder'
    const o = optionsOf<DecoderLayerCall>(name, DECODER_CALL, tgtMask ?? undefined, options)
    expectTensor(name, 'tgt', tgt)
    const first = this.layers[0]
    const time = timeOf(tgt, first !== undefined && batchFirstOf(first))
    const call = { ...o, tgtIsCausal: isCausalMask(o.tgtMask ?? null, o.tgtIsCausal ?? null, time) }
    let x = tgt
    for (const layer of this.layers) x = layer(x, memory, call)
    return this.norm ? this.norm(x) : x
  }
}

/** Options of `Transformer`. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Features of each position. Default 512. */
  dModel?: number
  /** Heads of each attention. Default 8. */
  nhead?: number
  /** Default 6. */
  numEncoderLayers?: number
  /** Default 6. */
  numDecoderLayers?: number
  /** Takes the place of the encoder. */
  customEncoder?: (Module & { forward(src: Tensor, options?: EncoderCall): Tensor }) | null
  /** Takes the place of the decoder. */
  customDecoder?: DecoderBlock | null
}
/** Options of a call of `Transformer`. */
export interface TransformerCall extends DecoderLayerCall {
  /** [S, S] or [N · heads, S, S]: the mask of pairs of source positions. */
  srcMask?: Tensor | null
  /** [N, S] or [S]: true leaves a source position out. */
  srcKeyPaddingMask?: Tensor | null
  /** A hint that `srcMask` is the causal mask; found out by default. */
  srcIsCausal?: boolean | null
}
/**
 * An encoder and a decoder (Vaswani et al. 2017). Takes a source [source time, batch, dModel] and a target
 * [time, batch, dModel] (batch first with `batchFirst`, or both without the batch dim), and gives what is shaped as the target.
 */
export class Transformer extends Module {
  readonly encoder: Module & { forward(src: Tensor, options?: EncoderCall): Tensor }
  readonly decoder: DecoderBlock
  readonly dModel: number
  readonly nhead: number
  readonly batchFirst: boolean
  constructor(dModel?: number | TransformerOptions, options?: TransformerOptions) {
    super()
    const name = 'Transformer'
    const o = optionsOf<TransformerOptions>(
      name,
      [
        'dModel',
        'nhead',
        'numEncoderLayers',
        'numDecoderLayers',
        ...LAYER_NAMES.slice(0, 3),
        'customEncoder',
        'customDecoder',
        ...LAYER_NAMES.slice(3),
      ],
      dModel,
      options,
    )
    const { dModel: d = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6 } = o
    const layerOptions = Object.fromEntries(
      LAYER_NAMES.flatMap((k) => (o[k] === undefined ? [] : [[k, o[k]]])),
    ) as TransformerLayerOptions
    const { options: made } = factoryOf(name, o)
    const norm = (): LayerNorm =>
      new LayerNorm(d, {
        eps: real(name, 'layerNormEps', o.layerNormEps, 1e-5),
        bias: flag(name, 'bias', o.bias, true),
        ...made,
      })
    this.encoder =
      o.customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(d, nhead, layerOptions), numEncoderLayers, norm())
    this.decoder =
      o.customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(d, nhead, layerOptions), numDecoderLayers, norm())
    this.dModel = d
    this.nhead = nhead
    this.batchFirst = flag(name, 'batchFirst', o.batchFirst, false)
    this.resetParameters()
  }
  /** Draws all matrices anew (Glorot). */
  resetParameters(): void {
    for (const p of this.parameters()) if (p.ndim > 1) xavierUniform_(p)
  }
  override forward(
    src: Tensor,
    tgt: Tensor,
    srcMask?: Tensor | null | TransformerCall,
    options?: TransformerCall,
  ): Tensor {
    const name = 'Transformer'
    const o = optionsOf<TransformerCall>(
      name,
      ['srcMask', 'tgtMask', 'memoryMask', 'srcKeyPaddingMask', ...DECODER_CALL.slice(2), 'srcIsCausal'],
      srcMask ?? undefined,
      options,
    )
    expectTensor(name, 'src', src)
    expectTensor(name, 'tgt', tgt)
    const batchDim = this.batchFirst ? 0 : 1
    if (src.ndim === 3 && src.size(batchDim) !== tgt.size(batchDim))
      throw new ShapeError('the batch number of src and tgt must be equal', {
        src: [...src.shape],
        tgt: [...tgt.shape],
      })
    if (src.size(-1) !== this.dModel || tgt.size(-1) !== this.dModel)
      throw new ShapeError('the feature number of src and tgt must be equal to d_model', {
        src: [...src.shape],
        tgt: [...tgt.shape],
        dModel: this.dModel,
      })
    const { srcMask: mask = null, srcKeyPaddingMask = null, srcIsCausal = null, ...rest } = o
    const memory = (this.encoder as TransformerEncoder)(src, { mask, srcKeyPaddingMask, isCausal: srcIsCausal })
    return this.decoder(tgt, memory, rest)
  }
  /** The mask of a sequence in which each position looks only at itself and what came before: -Infinity above the diagonal, else 0. */
  static generateSquareSubsequentMask(
    sz: number,
    device?: FactoryOptions['device'] | FactoryOptions,
    options?: FactoryOptions,
  ): Tensor {
    const o = optionsOf<FactoryOptions>('generateSquareSubsequentMask', FACTORY, device ?? undefined, options)
    positiveInt('generateSquareSubsequentMask', 'sz', sz)
    return squareSubsequentMask(sz, factoryOf('generateSquareSubsequentMask', o).info)
  }
}
