/** Tables of vectors. */
import { noGrad } from '../../autograd/mode'
import { ShapeError, ValueError } from '../../errors'
import { expectInt, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import type { Tensor } from '../../tensor/tensor'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import * as F from '../functional'
import { normal_ } from '../init'
import { Module, noteParameters } from '../module'
import { Parameter } from '../parameter'
import { forkRng } from '../../ops/random/fork'
import { float, positiveInt } from './common'
import { negativeSize } from '../../check/shapes'

/** Options of `Embedding`. */
export interface EmbeddingOptions extends FactoryOptions {
  /** The row that is 0 and stays so. */
  paddingIdx?: number | null
  /** Rows looked up are scaled down to at most this norm. */
  maxNorm?: number | null
  /** Of which order. Default 2. */
  normType?: number
  /** Divide gradients by how often a row was looked up. Default false. */
  scaleGradByFreq?: boolean
}
/** Options of `Embedding.fromPretrained`: the table says of what dtype the layer is. */
export interface PretrainedEmbeddingOptions extends Omit<EmbeddingOptions, keyof FactoryOptions> {
  /** Do not train the table. Default true. */
  freeze?: boolean
}
const NAMES = ['paddingIdx', 'maxNorm', 'normType', 'scaleGradByFreq'] as const

/** Rows of a learned table, by integers: [...] giving [..., embeddingDim]. */
export class Embedding extends Module {
  readonly numEmbeddings: number
  readonly embeddingDim: number
  readonly paddingIdx: number | null
  readonly maxNorm: number | null
  readonly normType: number
  readonly scaleGradByFreq: boolean
  /** [numEmbeddings, embeddingDim] */
  weight: Parameter
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    paddingIdx?: number | null | EmbeddingOptions,
    options?: EmbeddingOptions,
  ) {
    super()
    const o = optionsOf<EmbeddingOptions>('Embedding', [...NAMES, ...FACTORY], paddingIdx ?? undefined, options)
    if (typeof numEmbeddings === 'number' && numEmbeddings < 0)
      throw negativeSize(numEmbeddings, [numEmbeddings, embeddingDim])
    positiveInt('Embedding', 'numEmbeddings', numEmbeddings)
    positiveInt('Embedding', 'embeddingDim', embeddingDim)
    let padding = o.paddingIdx ?? null
    if (padding !== null) {
      expectInt('Embedding', 'padding_idx', padding)
      if (padding > 0 && padding >= numEmbeddings)
        throw new ValueError('Padding_idx must be within num_embeddings', { paddingIdx: padding })
      if (padding < 0) {
        if (padding < -numEmbeddings)
          throw new ValueError('Padding_idx must be within num_embeddings', { paddingIdx: padding })
        padding += numEmbeddings
      }
    }
    this.numEmbeddings = numEmbeddings
    this.embeddingDim = embeddingDim
    this.paddingIdx = padding
    this.maxNorm = o.maxNorm ?? null
    this.normType = o.normType ?? 2
    this.scaleGradByFreq = o.scaleGradByFreq ?? false
    this.weight = factoryOf('Embedding', o).parameter(numEmbeddings, embeddingDim)
    this.resetParameters()
    noteParameters(this)
  }
  /** Draws the table anew from the normal distribution. */
  resetParameters(): void {
    normal_(this.weight)
    const { paddingIdx } = this
    if (paddingIdx !== null) noGrad(() => this.weight.select(0, paddingIdx).fill_(0))
  }
  /** An embedding over a given table, in its dtype. @param freeze do not train it. Default true */
  static fromPretrained(
    embeddings: Tensor,
    freeze?: boolean | PretrainedEmbeddingOptions,
    options?: PretrainedEmbeddingOptions,
  ): Embedding {
    const op = 'Embedding.fromPretrained'
    expectTensor(op, 'embeddings', embeddings)
    const { freeze: frozen = true, ...o } = optionsOf<PretrainedEmbeddingOptions>(
      op,
      ['freeze', ...NAMES],
      freeze,
      options,
    )
    if (embeddings.ndim !== 2)
      throw new ShapeError('Embeddings parameter is expected to be 2-dimensional', { shape: [...embeddings.shape] })
    const [rows, columns] = embeddings.shape as [number, number]
    const layer = forkRng(() => new Embedding(rows, columns, o))
    layer.weight = new Parameter(embeddings.detach(), { requiresGrad: !frozen })
    return layer
  }
  override forward(x: Tensor): Tensor {
    return F.embedding(x, this.weight, {
      paddingIdx: this.paddingIdx,
      maxNorm: this.maxNorm,
      normType: this.normType,
      scaleGradByFreq: this.scaleGradByFreq,
    })
  }
  override extraRepr(): string {
    let s = `${this.numEmbeddings}, ${this.embeddingDim}`
    if (this.paddingIdx !== null) s += `, padding_idx=${this.paddingIdx}`
    if (this.maxNorm !== null) s += `, max_norm=${float(this.maxNorm)}`
    if (this.normType !== 2) s += `, norm_type=${float(this.normType)}`
    if (this.scaleGradByFreq) s += ', scale_grad_by_freq=True'
    return s
  }
}
