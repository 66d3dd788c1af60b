/** Distances and angles, the bilinear form, and losses with margins. */
import { ShapeError, ValueError } from '../../errors'
import { optionsOf } from '../../check/options'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { uniform_ } from '../init'
import { Module, noteParameters } from '../module'
import type { Parameter } from '../parameter'
import { bool, positiveInt } from './common'
import { type LinearOptions, parameterOf } from './linear'

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
    const { bias: withBias = true } = optionsOf<LinearOptions>('Bilinear', ['bias'], bias, options)
    positiveInt('Bilinear', 'in1Features', in1Features)
    positiveInt('Bilinear', 'in2Features', in2Features)
    positiveInt('Bilinear', 'outFeatures', outFeatures)
    this.in1Features = in1Features
    this.in2Features = in2Features
    this.outFeatures = outFeatures
    this.weight = parameterOf(outFeatures, in1Features, in2Features)
    this.bias = withBias ? parameterOf(outFeatures) : null
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

/** Every class but the right one may come as near as the margin. */
export class MultiMarginLoss extends Module {
  declare weight: Tensor | null
  readonly p: number
  readonly margin: number
  readonly reduction: F.Reduction
  constructor(p?: number | F.MultiMarginLossOptions, options?: F.MultiMarginLossOptions) {
    super()
    const o = optionsOf<F.MultiMarginLossOptions>('MultiMarginLoss', ['p', 'margin', 'weight', 'reduction'], p, options)
    this.p = o.p ?? 1
    this.margin = o.margin ?? 1
    if (this.p !== 1 && this.p !== 2) throw new ValueError('only p == 1 and p == 2 supported', { p: this.p })
    if (o.weight && o.weight.ndim !== 1)
      throw new ShapeError('weight must be one-dimensional', { weight: [...o.weight.shape] })
    this.registerBuffer('weight', o.weight ?? null)
    this.reduction = o.reduction ?? 'mean'
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multiMarginLoss(input, target, {
      p: this.p,
      margin: this.margin,
      weight: this.weight,
      reduction: this.reduction,
    })
  }
}
/** Every class outside the target set may come as near as 1 to each class in it. */
export class MultiLabelMarginLoss extends Module {
  readonly reduction: F.Reduction
  constructor(reduction?: F.Reduction | F.ReductionOption, options?: F.ReductionOption) {
    super()
    this.reduction =
      optionsOf<F.ReductionOption>('MultiLabelMarginLoss', ['reduction'], reduction, options).reduction ?? 'mean'
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelMarginLoss(input, target, { reduction: this.reduction })
  }
}
/** The binary cross entropy of each class, averaged over classes. */
export class MultiLabelSoftMarginLoss extends Module {
  declare weight: Tensor | null
  readonly reduction: F.Reduction
  constructor(weight?: Tensor | null | F.MultilabelSoftMarginLossOptions, options?: F.MultilabelSoftMarginLossOptions) {
    super()
    const o = optionsOf<F.MultilabelSoftMarginLossOptions>(
      'MultiLabelSoftMarginLoss',
      ['weight', 'reduction'],
      weight ?? undefined,
      options,
    )
    this.registerBuffer('weight', o.weight ?? null)
    this.reduction = o.reduction ?? 'mean'
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelSoftMarginLoss(input, target, { weight: this.weight, reduction: this.reduction })
  }
}
const checkMargin = (name: string, margin: number): void => {
  if (!(margin > 0))
    throw new ValueError(`${name}: expected margin to be greater than 0, got ${margin} instead`, { margin })
}
/** How much nearer the anchor is to the negative than to the positive, plus the margin. */
export class TripletMarginLoss extends Module {
  readonly margin: number
  readonly p: number
  readonly eps: number
  readonly swap: boolean
  readonly reduction: F.Reduction
  constructor(margin?: number | F.TripletMarginLossOptions, options?: F.TripletMarginLossOptions) {
    super()
    const o = optionsOf<F.TripletMarginLossOptions>(
      'TripletMarginLoss',
      ['margin', 'p', 'eps', 'swap', 'reduction'],
      margin,
      options,
    )
    this.margin = o.margin ?? 1
    this.p = o.p ?? 2
    this.eps = o.eps ?? 1e-6
    this.swap = o.swap ?? false
    this.reduction = o.reduction ?? 'mean'
    checkMargin(new.target.name, this.margin)
  }
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return F.tripletMarginLoss(anchor, positive, negative, {
      margin: this.margin,
      p: this.p,
      eps: this.eps,
      swap: this.swap,
      reduction: this.reduction,
    })
  }
}
/** `TripletMarginLoss` with a distance of one's own. */
export class TripletMarginWithDistanceLoss extends Module {
  readonly margin: number
  readonly swap: boolean
  readonly reduction: F.Reduction
  // A module that measures is a child, under PyTorch's own name.
  private distance_function: (a: Tensor, b: Tensor) => Tensor
  constructor(options: F.TripletMarginWithDistanceLossOptions = {}) {
    super()
    const o = optionsOf<F.TripletMarginWithDistanceLossOptions>(
      'TripletMarginWithDistanceLoss',
      ['distanceFunction', 'margin', 'swap', 'reduction'],
      options,
    )
    this.margin = o.margin ?? 1
    this.swap = o.swap ?? false
    this.reduction = o.reduction ?? 'mean'
    this.distance_function = o.distanceFunction ?? new PairwiseDistance()
    checkMargin(new.target.name, this.margin)
  }
  /** The distance of two tensors. Default `PairwiseDistance`. */
  get distanceFunction(): (a: Tensor, b: Tensor) => Tensor {
    return this.distance_function
  }
  set distanceFunction(value: (a: Tensor, b: Tensor) => Tensor) {
    this.distance_function = value
  }
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return F.tripletMarginWithDistanceLoss(anchor, positive, negative, {
      distanceFunction: this.distanceFunction,
      margin: this.margin,
      swap: this.swap,
      reduction: this.reduction,
    })
  }
}
