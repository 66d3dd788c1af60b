/** Tables of vectors that are looked up by the bag. */
import { noGrad } from '../../autograd/mode'
import { ShapeError, ValueError } from '../../errors'
import { expectTensor, expectInt } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import type { EmbeddingBagMode } from '../../ops/nn/embedding-bag'
import type { Tensor } from '../../tensor/tensor'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import * as F from '../functional'
import { normal_ } from '../init'
import { Module, noteParameters } from '../module'
import { Parameter } from '../parameter'
import { forkRng } from '../../ops/random/fork'
import { bool, float, positiveInt } from './common'
import { negativeSize } from '../../check/shapes'

/** Options of `EmbeddingBag`. */
export interface EmbeddingBagOptions extends FactoryOptions {
  /** Rows looked up are scaled down to at most this norm. */
  maxNorm?: number | null
  /** Of which order. Default 2. */
  normType?: number
  /** Divide gradients by how often a row was looked up. Default false. */
  scaleGradByFreq?: boolean
  /** What becomes of the rows of a bag. Default `mean`. */
  mode?: EmbeddingBagMode
  /** The last offset is where the last bag ends. Default false. */
  includeLastOffset?: boolean
  /** The row that is 0 at first, counts in no bag and stays as it is. */
  paddingIdx?: number | null
}
/** Options of `EmbeddingBag.fromPretrained`: the table says of what dtype the layer is. */
export interface PretrainedEmbeddingBagOptions extends Omit<EmbeddingBagOptions, keyof FactoryOptions> {
  /** Do not train the table. Default true. */
  freeze?: boolean
}
const NAMES = ['maxNorm', 'normType', 'scaleGradByFreq', 'mode', 'includeLastOffset', 'paddingIdx'] as const

/** What `EmbeddingBag` takes beside the indices. */
export interface EmbeddingBagInputs {
  /** Where each bag begins in 1-d indices, [B]. */
  offsets?: Tensor | null
  /** Factors of the rows, in the shape of the indices; for `sum` only. */
  perSampleWeights?: Tensor | null
}

/** Sums, means or maxima of rows of a learned table: indices [B, L], or [N] with offsets [B], giving [B, embeddingDim]. */
export class EmbeddingBag extends Module {
  readonly numEmbeddings: number
  readonly embeddingDim: number
  readonly maxNorm: number | null
  readonly normType: number
  readonly scaleGradByFreq: boolean
  readonly mode: EmbeddingBagMode
  readonly includeLastOffset: boolean
  readonly paddingIdx: number | null
  /** [numEmbeddings, embeddingDim] */
  weight: Parameter
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    maxNorm?: number | null | EmbeddingBagOptions,
    options?: EmbeddingBagOptions,
  ) {
    super()
    const o = optionsOf<EmbeddingBagOptions>('EmbeddingBag', [...NAMES, ...FACTORY], maxNorm ?? undefined, options)
    if (typeof numEmbeddings === 'number' && numEmbeddings < 0)
      throw negativeSize(numEmbeddings, [numEmbeddings, embeddingDim])
    positiveInt('EmbeddingBag', 'numEmbeddings', numEmbeddings)
    positiveInt('EmbeddingBag', 'embeddingDim', embeddingDim)
    let padding = o.paddingIdx ?? null
    if (padding !== null) {
      expectInt('EmbeddingBag', 'padding_idx', padding)
      if ((padding > 0 && padding >= numEmbeddings) || padding < -numEmbeddings)
        throw new ValueError('padding_idx must be within num_embeddings', { paddingIdx: padding })
      if (padding < 0) padding += numEmbeddings
    }
    this.numEmbeddings = numEmbeddings
    this.embeddingDim = embeddingDim
    this.maxNorm = o.maxNorm ?? null
    this.normType = o.normType ?? 2
    this.scaleGradByFreq = o.scaleGradByFreq ?? false
    this.mode = o.mode ?? 'mean'
    this.includeLastOffset = o.includeLastOffset ?? false
    this.paddingIdx = padding
    this.weight = factoryOf('EmbeddingBag', o).parameter(numEmbeddings, embeddingDim)
    this.resetParameters()
    noteParameters(this)
  }
  /** Draws the table anew from the normal distribution. */
  resetParameters(): void {
    normal_(this.weight)
    const { paddingIdx } = this
    if (paddingIdx !== null) noGrad(() => this.weight.select(0, paddingIdx).fill_(0))
  }
  /** A layer over a given table. @param freeze do not train it. Default true */
  static fromPretrained(
    embeddings: Tensor,
    freeze?: boolean | PretrainedEmbeddingBagOptions,
    options?: PretrainedEmbeddingBagOptions,
  ): EmbeddingBag {
    expectTensor('EmbeddingBag.fromPretrained', 'embeddings', embeddings)
    const { freeze: frozen = true, ...o } = optionsOf<PretrainedEmbeddingBagOptions>(
      'EmbeddingBag.fromPretrained',
      ['freeze', ...NAMES],
      freeze,
      options,
    )
    if (embeddings.ndim !== 2)
      throw new ShapeError('Embeddings parameter is expected to be 2-dimensional', { shape: [...embeddings.shape] })
    const [rows, columns] = embeddings.shape as [number, number]
    const layer = forkRng(() => new EmbeddingBag(rows, columns, o))
    layer.weight = new Parameter(embeddings.detach(), { requiresGrad: !frozen })
    return layer
  }
  /** @param offsets where each bag begins, for 1-d indices */
  override forward(x: Tensor, offsets?: Tensor | null | EmbeddingBagInputs, options?: EmbeddingBagInputs): Tensor {
    const o = optionsOf<EmbeddingBagInputs>(
      'EmbeddingBag.forward',
      ['offsets', 'perSampleWeights'],
      offsets ?? undefined,
      options,
    )
    return F.embeddingBag(x, this.weight, {
      offsets: o.offsets ?? null,
      maxNorm: this.maxNorm,
      normType: this.normType,
      scaleGradByFreq: this.scaleGradByFreq,
      mode: this.mode,
      perSampleWeights: o.perSampleWeights ?? null,
      includeLastOffset: this.includeLastOffset,
      paddingIdx: this.paddingIdx,
    })
  }
  override extraRepr(): string {
    let s = `${this.numEmbeddings}, ${this.embeddingDim}`
    if (this.maxNorm !== null) s += `, max_norm=${float(this.maxNorm)}`
    if (this.normType !== 2) s += `, norm_type=${float(this.normType)}`
    if (this.scaleGradByFreq) s += `, scale_grad_by_freq=${bool(true)}`
    s += `, mode='${this.mode}'`
    if (this.paddingIdx !== null) s += `, padding_idx=${this.paddingIdx}`
    return s
  }
}
