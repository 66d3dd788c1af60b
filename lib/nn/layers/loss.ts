/** Losses as layers. */
import { publicName } from '../../check/class-names'
import { expectNumber, expectTensor } from '../../check/arguments'
import { ShapeError, ValueError } from '../../errors'
import { optionsOf } from '../../check/options'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { Module } from '../module'
import { PairwiseDistance } from './distance'

/** How the losses of the elements are combined: not, to their mean (default), or to their sum. */
export type Reduction = 'none' | 'mean' | 'sum'
/** Options that every loss has. */
export interface LossOptions {
  reduction?: Reduction
}

/** Options of `CrossEntropyLoss`. */
export interface CrossEntropyLossOptions extends LossOptions {
  /** A weight a class. */
  weight?: Tensor | null
  /** Targets of this class do not count. Default -100. */
  ignoreIndex?: number
  /** Share of the target spread over all classes. Default 0. */
  labelSmoothing?: number
}
/** The cross entropy of logits [batch, classes, …] with classes or their probabilities. */
export class CrossEntropyLoss extends Module {
  declare weight: Tensor | null
  readonly ignoreIndex: number
  readonly reduction: Reduction
  readonly labelSmoothing: number
  constructor(weight?: Tensor | null | CrossEntropyLossOptions, options?: CrossEntropyLossOptions) {
    super()
    const o = optionsOf<CrossEntropyLossOptions>(
      'CrossEntropyLoss',
      ['weight', 'ignoreIndex', 'reduction', 'labelSmoothing'],
      weight ?? undefined,
      options,
    )
    this.registerBuffer('weight', o.weight ?? null)
    this.ignoreIndex = o.ignoreIndex ?? -100
    this.reduction = o.reduction ?? 'mean'
    this.labelSmoothing = o.labelSmoothing ?? 0
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.crossEntropy(input, target, {
      weight: this.weight,
      ignoreIndex: this.ignoreIndex,
      reduction: this.reduction,
      labelSmoothing: this.labelSmoothing,
    })
  }
}
/** Options of `NLLLoss`. */
export interface NLLLossOptions extends LossOptions {
  weight?: Tensor | null
  ignoreIndex?: number
}
/** The negative log likelihood of classes, from log-probabilities [batch, classes, …]. */
export class NLLLoss extends Module {
  declare weight: Tensor | null
  readonly ignoreIndex: number
  readonly reduction: Reduction
  constructor(weight?: Tensor | null | NLLLossOptions, options?: NLLLossOptions) {
    super()
    const o = optionsOf<NLLLossOptions>('NLLLoss', ['weight', 'ignoreIndex', 'reduction'], weight ?? undefined, options)
    this.registerBuffer('weight', o.weight ?? null)
    this.ignoreIndex = o.ignoreIndex ?? -100
    this.reduction = o.reduction ?? 'mean'
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.nllLoss(input, target, { weight: this.weight, ignoreIndex: this.ignoreIndex, reduction: this.reduction })
  }
}

abstract class Reduced extends Module {
  readonly reduction: Reduction
  protected constructor(reduction: Reduction | null | undefined) {
    super()
    this.reduction = reduction ?? 'mean'
  }
}
abstract class Loss extends Reduced {
  constructor(reduction?: Reduction | LossOptions, options?: LossOptions) {
    super(optionsOf<LossOptions>(publicName(new.target), ['reduction'], reduction, options).reduction)
  }
}
/** (input - target)². */
export class MSELoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.mseLoss(input, target, { reduction: this.reduction })
  }
}
/** |input - target|. */
export class L1Loss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.l1Loss(input, target, { reduction: this.reduction })
  }
}
/** log(1 + e^(-target · input)), targets ±1. */
export class SoftMarginLoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.softMarginLoss(input, target, { reduction: this.reduction })
  }
}
/** Options of `SmoothL1Loss`. */
export interface SmoothL1LossOptions extends LossOptions {
  /** Where the square turns into the line. Default 1. */
  beta?: number
}
/** Square below beta, absolute value above. */
export class SmoothL1Loss extends Reduced {
  readonly beta: number
  constructor(reduction?: Reduction | SmoothL1LossOptions, options?: SmoothL1LossOptions) {
    const o = optionsOf<SmoothL1LossOptions>('SmoothL1Loss', ['reduction', 'beta'], reduction, options)
    super(o.reduction)
    this.beta = o.beta ?? 1
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.smoothL1Loss(input, target, { reduction: this.reduction, beta: this.beta })
  }
}
/** Options of `HuberLoss`. */
export interface HuberLossOptions extends LossOptions {
  /** Where the square turns into the line. Default 1. */
  delta?: number
}
/** Half the square below delta, delta times the absolute value less half delta above. */
export class HuberLoss extends Reduced {
  readonly delta: number
  constructor(reduction?: Reduction | HuberLossOptions, options?: HuberLossOptions) {
    const o = optionsOf<HuberLossOptions>('HuberLoss', ['reduction', 'delta'], reduction, options)
    super(o.reduction)
    this.delta = o.delta ?? 1
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.huberLoss(input, target, { reduction: this.reduction, delta: this.delta })
  }
}
/** Options of `BCELoss`. */
export interface BCELossOptions extends LossOptions {
  /** A weight an element. */
  weight?: Tensor | null
}
abstract class Weighted extends Reduced {
  declare weight: Tensor | null
  protected constructor(o: BCELossOptions) {
    super(o.reduction)
    this.registerBuffer('weight', o.weight ?? null)
  }
}
/** Binary cross entropy of probabilities. */
export class BCELoss extends Weighted {
  constructor(weight?: Tensor | null | BCELossOptions, options?: BCELossOptions) {
    super(optionsOf<BCELossOptions>('BCELoss', ['weight', 'reduction'], weight ?? undefined, options))
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.binaryCrossEntropy(input, target, { weight: this.weight, reduction: this.reduction })
  }
}
/** Options of `BCEWithLogitsLoss`. */
export interface BCEWithLogitsLossOptions extends BCELossOptions {
  /** A weight of the positive targets, a class. */
  posWeight?: Tensor | null
}
/** Binary cross entropy of logits. */
export class BCEWithLogitsLoss extends Weighted {
  declare posWeight: Tensor | null
  constructor(weight?: Tensor | null | BCEWithLogitsLossOptions, options?: BCEWithLogitsLossOptions) {
    const names = ['weight', 'reduction', 'posWeight'] as const
    const o = optionsOf<BCEWithLogitsLossOptions>('BCEWithLogitsLoss', names, weight ?? undefined, options)
    super(o)
    this.registerBuffer('posWeight', o.posWeight ?? null)
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.binaryCrossEntropyWithLogits(input, target, {
      weight: this.weight,
      posWeight: this.posWeight,
      reduction: this.reduction,
    })
  }
}
/** Options of `KLDivLoss`. */
export interface KLDivLossOptions {
  /** `batchmean` is the mathematical one. Default `mean`. */
  reduction?: Reduction | 'batchmean'
  /** The target is given as logarithms too. Default false. */
  logTarget?: boolean
}
/** The Kullback-Leibler divergence of a target from log-probabilities. */
export class KLDivLoss extends Module {
  readonly reduction: Reduction | 'batchmean'
  readonly logTarget: boolean
  constructor(reduction?: Reduction | 'batchmean' | KLDivLossOptions, options?: KLDivLossOptions) {
    super()
    const o = optionsOf<KLDivLossOptions>('KLDivLoss', ['reduction', 'logTarget'], reduction, options)
    this.reduction = o.reduction ?? 'mean'
    this.logTarget = o.logTarget ?? false
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget })
  }
}
/** Options of `PoissonNLLLoss`. */
export interface PoissonNLLLossOptions extends LossOptions {
  /** The input is a logarithm. Default true. */
  logInput?: boolean
  /** Add Stirling's term. Default false. */
  full?: boolean
  /** Default 1e-8. */
  eps?: number
}
/** The negative log likelihood of the Poisson distribution. */
export class PoissonNLLLoss extends Module {
  readonly logInput: boolean
  readonly full: boolean
  readonly eps: number
  readonly reduction: Reduction
  constructor(logInput?: boolean | PoissonNLLLossOptions, options?: PoissonNLLLossOptions) {
    super()
    const o = optionsOf<PoissonNLLLossOptions>(
      'PoissonNLLLoss',
      ['logInput', 'full', 'eps', 'reduction'],
      logInput,
      options,
    )
    this.logInput = o.logInput ?? true
    this.full = o.full ?? false
    this.eps = o.eps ?? 1e-8
    this.reduction = o.reduction ?? 'mean'
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.poissonNllLoss(input, target, {
      logInput: this.logInput,
      full: this.full,
      eps: this.eps,
      reduction: this.reduction,
    })
  }
}
/** Options of `GaussianNLLLoss`. */
export interface GaussianNLLLossOptions extends LossOptions {
  /** Add the constant term. Default false. */
  full?: boolean
  /** The least variance. Default 1e-6. */
  eps?: number
}
/** The negative log likelihood of the normal distribution. */
export class GaussianNLLLoss extends Module {
  readonly full: boolean
  readonly eps: number
  readonly reduction: Reduction
  constructor(full?: boolean | GaussianNLLLossOptions, options?: GaussianNLLLossOptions) {
    super()
    const o = optionsOf<GaussianNLLLossOptions>('GaussianNLLLoss', ['full', 'eps', 'reduction'], full, options)
    this.full = o.full ?? false
    this.eps = o.eps ?? 1e-6
    this.reduction = o.reduction ?? 'mean'
  }
  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return F.gaussianNllLoss(input, target, variance, { full: this.full, eps: this.eps, reduction: this.reduction })
  }
}
/** Options of margin losses. */
export interface MarginLossOptions extends LossOptions {
  margin?: number
}
abstract class MarginLoss extends Module {
  readonly margin: number
  readonly reduction: Reduction
  protected constructor(
    name: string,
    fallback: number,
    margin: number | MarginLossOptions | undefined,
    options?: MarginLossOptions,
  ) {
    super()
    const o = optionsOf<MarginLossOptions>(name, ['margin', 'reduction'], margin, options)
    this.margin = o.margin ?? fallback
    this.reduction = o.reduction ?? 'mean'
  }
}
/** max(0, -target · (a - b) + margin), margin 0 by default. */
export class MarginRankingLoss extends MarginLoss {
  constructor(margin?: number | MarginLossOptions, options?: MarginLossOptions) {
    super('MarginRankingLoss', 0, margin, options)
  }
  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.marginRankingLoss(input1, input2, target, { margin: this.margin, reduction: this.reduction })
  }
}
/** x for targets 1, max(0, margin - x) for targets -1; margin 1 by default. */
export class HingeEmbeddingLoss extends MarginLoss {
  constructor(margin?: number | MarginLossOptions, options?: MarginLossOptions) {
    super('HingeEmbeddingLoss', 1, margin, options)
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.hingeEmbeddingLoss(input, target, { margin: this.margin, reduction: this.reduction })
  }
}
/** 1 - cos for targets 1, max(0, cos - margin) for targets -1; margin 0 by default. */
export class CosineEmbeddingLoss extends MarginLoss {
  constructor(margin?: number | MarginLossOptions, options?: MarginLossOptions) {
    super('CosineEmbeddingLoss', 0, margin, options)
  }
  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.cosineEmbeddingLoss(input1, input2, target, { margin: this.margin, reduction: this.reduction })
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
    if (o.weight != null) expectTensor('MultiMarginLoss', 'weight', o.weight)
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
export class MultiLabelMarginLoss extends Reduced {
  constructor(reduction?: F.Reduction | F.ReductionOption, options?: F.ReductionOption) {
    super(optionsOf<F.ReductionOption>('MultiLabelMarginLoss', ['reduction'], reduction, options).reduction)
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelMarginLoss(input, target, { reduction: this.reduction })
  }
}
/** The binary cross entropy of each class, averaged over classes. */
export class MultiLabelSoftMarginLoss extends Weighted {
  constructor(weight?: Tensor | null | F.MultilabelSoftMarginLossOptions, options?: F.MultilabelSoftMarginLossOptions) {
    const names = ['weight', 'reduction'] as const
    super(optionsOf<BCELossOptions>('MultiLabelSoftMarginLoss', names, weight ?? undefined, options))
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelSoftMarginLoss(input, target, { weight: this.weight, reduction: this.reduction })
  }
}
const checkMargin = (name: string, margin: number): void => {
  expectNumber(name, 'margin', margin)
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
    checkMargin(publicName(new.target), this.margin)
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
    checkMargin(publicName(new.target), this.margin)
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
