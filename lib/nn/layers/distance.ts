/** Distances and angles, and the bilinear form. */
import { optionsOf } from '../../check/options'
import type { Tensor } from '../../tensor/tensor'
import { FACTORY, factoryOf } from '../factory'
import * as F from '../functional'
import { uniform_ } from '../init'
import { Module, noteParameters } from '../module'
import type { Parameter } from '../parameter'
import { bool, positiveInt } from './common'
import type { LinearOptions } from './linear'

/** The cosine of the angle between vectors. */
export class CosineSimilarity extends Module {
  readonly dim: number
  readonly eps: number
  constructor(dim?: number | F.CosineSimilarityOptions, options?: F.CosineSimilarityOptions) {
    super()
    const o = optionsOf<F.CosineSimilarityOptions>('CosineSimilarity', ['dim', 'eps'], dim, options)
    this.dim = o.dim ?? 1
    this.eps = o.eps ?? 1e-8
  }
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.cosineSimilarity(x1, x2, { dim: this.dim, eps: this.eps })
  }
}
/** The norm of the differences of vectors. */
export class PairwiseDistance extends Module {
  readonly norm: number
  readonly eps: number
  readonly keepdim: boolean
  constructor(p?: number | F.PairwiseDistanceOptions, options?: F.PairwiseDistanceOptions) {
    super()
    const o = optionsOf<F.PairwiseDistanceOptions>('PairwiseDistance', ['p', 'eps', 'keepdim'], p, options)
    this.norm = o.p ?? 2
    this.eps = o.eps ?? 1e-6
    this.keepdim = o.keepdim ?? false
  }
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.pairwiseDistance(x1, x2, { p: this.norm, eps: this.eps, keepdim: this.keepdim })
  }
}
/** x1ᵀ W x2 + bias for each output. */
export class Bilinear extends Module {
  readonly in1Features: number
  readonly in2Features: number
  readonly outFeatures: number
  /** [outFeatures, in1Features, in2Features] */
  weight: Parameter
  /** [outFeatures], or null without bias. */
  bias: Parameter | null
  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    bias?: boolean | LinearOptions,
    options?: LinearOptions,
  ) {
    super()
    const o = optionsOf<LinearOptions>('Bilinear', ['bias', ...FACTORY], bias, options)
    const make = factoryOf('Bilinear', o)
    positiveInt('Bilinear', 'in1Features', in1Features)
    positiveInt('Bilinear', 'in2Features', in2Features)
    positiveInt('Bilinear', 'outFeatures', outFeatures)
    this.in1Features = in1Features
    this.in2Features = in2Features
    this.outFeatures = outFeatures
    this.weight = make.parameter(outFeatures, in1Features, in2Features)
    this.bias = (o.bias ?? true) ? make.parameter(outFeatures) : null
    this.resetParameters()
    noteParameters(this)
  }
  /** Draws weight and bias anew, uniform on ±1/√in1Features. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features)
    uniform_(this.weight, { a: -bound, b: bound })
    if (this.bias) uniform_(this.bias, { a: -bound, b: bound })
  }
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.bilinear(x1, x2, this.weight, this.bias)
  }
  override extraRepr(): string {
    return `in1_features=${this.in1Features}, in2_features=${this.in2Features}, out_features=${this.outFeatures}, bias=${bool(this.bias !== null)}`
  }
}
