/** Normalisations. */
import { publicName } from '../../check/class-names'
import { ShapeError } from '../../errors'
import { expectInts, expectNumbers } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { filled } from '../../ops/define/results'
import { tensor } from '../../ops/tensor/create'
import type { Tensor } from '../../tensor/tensor'
import { noGrad } from '../../autograd/mode'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import * as F from '../functional'
import { ones_, zeros_ } from '../init'
import { Module, noteParameters } from '../module'
import type { Parameter } from '../parameter'
import { bool, float, literal, positiveInt, size } from './common'

/** Options of batch and instance normalisation. */
export interface BatchNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number
  /** Share of the newest batch in the running statistics; null averages all equally. Default 0.1. */
  momentum?: number | null
  /** Learn a scale and, with `bias`, an offset. */
  affine?: boolean
  /** Default true. */
  bias?: boolean
  /** Keep running statistics for evaluation. */
  trackRunningStats?: boolean
}
type LoadArguments = Parameters<Module['_loadFromStateDict']>
const NAMES = ['eps', 'momentum', 'affine', 'trackRunningStats', 'bias', ...FACTORY] as const

/** What batch and instance normalisation share. */
abstract class StatisticsNorm extends Module {
  // Since version 2 the count of batches is part of the state.
  override readonly _version: number = 2
  readonly numFeatures: number
  readonly eps: number
  readonly momentum: number | null
  readonly affine: boolean
  readonly trackRunningStats: boolean
  readonly hasBias: boolean
  weight: Parameter | null
  bias: Parameter | null
  // Registered under PyTorch's own names, which are those of its files and printouts.
  declare private running_mean: Tensor | null
  declare private running_var: Tensor | null
  declare private num_batches_tracked: Tensor | null

  protected constructor(numFeatures: number, o: BatchNormOptions, defaults: boolean) {
    super()
    const name = publicName(new.target)
    positiveInt(name, 'numFeatures', numFeatures)
    this.numFeatures = numFeatures
    this.eps = o.eps ?? 1e-5
    this.momentum = o.momentum === undefined ? 0.1 : o.momentum
    this.affine = o.affine ?? defaults
    this.trackRunningStats = o.trackRunningStats ?? defaults
    this.hasBias = this.affine && (o.bias ?? true)
    const make = factoryOf(name, o)
    this.weight = this.affine ? make.parameter(numFeatures) : null
    this.bias = this.hasBias ? make.parameter(numFeatures) : null
    const track = this.trackRunningStats
    this.registerBuffer('running_mean', track ? filled([numFeatures], 0, make.info) : null)
    this.registerBuffer('running_var', track ? filled([numFeatures], 1, make.info) : null)
    this.registerBuffer('num_batches_tracked', track ? tensor(0n) : null)
    this.resetParameters()
    noteParameters(this)
  }
  /** The mean of each feature over the batches seen, [numFeatures]; the buffer `running_mean` of the state dict. */
  get runningMean(): Tensor | null {
    return this.running_mean
  }
  set runningMean(value: Tensor | null) {
    this.running_mean = value
  }
  /** The unbiased variance of each feature, [numFeatures]; the buffer `running_var`. */
  get runningVar(): Tensor | null {
    return this.running_var
  }
  set runningVar(value: Tensor | null) {
    this.running_var = value
  }
  /** How many batches were seen, int64; the buffer `num_batches_tracked`. */
  get numBatchesTracked(): Tensor | null {
    return this.num_batches_tracked
  }
  set numBatchesTracked(value: Tensor | null) {
    this.num_batches_tracked = value
  }
  resetRunningStats(): void {
    noGrad(() => {
      this.runningMean?.zero_()
      this.runningVar?.fill_(1)
      this.numBatchesTracked?.zero_()
    })
  }
  /** Scale 1, offset 0, running statistics of nothing seen. */
  resetParameters(): void {
    this.resetRunningStats()
    if (this.weight) ones_(this.weight)
    if (this.bias) zeros_(this.bias)
  }
  /** A state from before the count of batches was kept has none: it stays as it is. */
  override _loadFromStateDict(...[stateDict, prefix, local, ...rest]: LoadArguments): void {
    const key = `${prefix}num_batches_tracked`
    if ((local.version ?? 1) < 2 && this.trackRunningStats && !stateDict.has(key))
      stateDict.set(key, this.numBatchesTracked ?? tensor(0n))
    super._loadFromStateDict(stateDict, prefix, local, ...rest)
  }
  protected abstract checkInput(x: Tensor): void
  override extraRepr(): string {
    return `${this.numFeatures}, eps=${float(this.eps)}, momentum=${float(this.momentum)}, affine=${bool(this.affine)}, bias=${bool(this.hasBias)}, track_running_stats=${bool(this.trackRunningStats)}`
  }
}

abstract class BatchNorm extends StatisticsNorm {
  constructor(numFeatures: number, eps?: number | BatchNormOptions, options?: BatchNormOptions) {
    super(numFeatures, optionsOf<BatchNormOptions>(publicName(new.target), NAMES, eps, options), true)
  }
  override forward(x: Tensor): Tensor {
    this.checkInput(x)
    let factor = this.momentum ?? 0
    if (this.training && this.trackRunningStats && this.numBatchesTracked) {
      noGrad(() => this.numBatchesTracked?.add_(1))
      if (this.momentum === null) factor = 1 / this.numBatchesTracked.item()
    }
    const useBatch = this.training || (this.runningMean === null && this.runningVar === null)
    const keep = !this.training || this.trackRunningStats
    return F.batchNorm(x, keep ? this.runningMean : null, keep ? this.runningVar : null, {
      weight: this.weight,
      bias: this.bias,
      training: useBatch,
      momentum: factor,
      eps: this.eps,
    })
  }
}
/** Normalises each feature over the batch, on [batch, features] or [batch, features, length] (Ioffe and Szegedy 2015). */
export class BatchNorm1d extends BatchNorm {
  protected checkInput(x: Tensor): void {
    if (x.ndim !== 2 && x.ndim !== 3)
      throw new ShapeError(`expected 2D or 3D input (got ${x.ndim}D input)`, { shape: [...x.shape] })
  }
}
/** Normalises each channel over the batch, on [batch, channels, height, width]. */
export class BatchNorm2d extends BatchNorm {
  protected checkInput(x: Tensor): void {
    if (x.ndim !== 4) throw new ShapeError(`expected 4D input (got ${x.ndim}D input)`, { shape: [...x.shape] })
  }
}
/** Normalises each channel over the batch, on [batch, channels, depth, height, width]. */
export class BatchNorm3d extends BatchNorm {
  protected checkInput(x: Tensor): void {
    if (x.ndim !== 5) throw new ShapeError(`expected 5D input (got ${x.ndim}D input)`, { shape: [...x.shape] })
  }
}

abstract class InstanceNorm extends StatisticsNorm {
  protected abstract readonly dims: number
  /** Before version 2 running statistics were kept by default. */
  override _loadFromStateDict(...args: LoadArguments): void {
    const [stateDict, prefix, local, , , , errorMsgs] = args
    if (local.version === undefined && !this.trackRunningStats) {
      const found = ['running_mean', 'running_var'].map((name) => prefix + name).filter((key) => stateDict.has(key))
      if (found.length > 0) {
        const name = this.constructor.name
        errorMsgs.push(
          `Unexpected running stats buffer(s) ${found.map((key) => `"${key}"`).join(' and ')} for ${name} with track_running_stats=False. If state_dict is a checkpoint saved before 0.4.0, this may be expected because ${name} does not track running stats by default since 0.4.0. Please remove these keys from state_dict. If the running stats are actually needed, instead set track_running_stats=True in ${name} to enable them. See the documentation of ${name} for details.`,
        )
        for (const key of found) stateDict.delete(key)
      }
    }
    super._loadFromStateDict(...args)
  }
  constructor(numFeatures: number, eps?: number | BatchNormOptions, options?: BatchNormOptions) {
    super(numFeatures, optionsOf<BatchNormOptions>(publicName(new.target), NAMES, eps, options), false)
  }
  protected checkInput(x: Tensor): void {
    if (x.ndim !== this.dims + 1 && x.ndim !== this.dims + 2)
      throw new ShapeError(`expected ${this.dims + 1}D or ${this.dims + 2}D input (got ${x.ndim}D input)`, {
        shape: [...x.shape],
      })
  }
  override forward(x: Tensor): Tensor {
    this.checkInput(x)
    const single = x.ndim === this.dims + 1
    const y = F.instanceNorm(single ? x.unsqueeze(0) : x, {
      runningMean: this.runningMean,
      runningVar: this.runningVar,
      weight: this.weight,
      bias: this.bias,
      useInputStats: this.training || !this.trackRunningStats,
      momentum: this.momentum ?? 0,
      eps: this.eps,
    })
    return single ? y.squeeze(0) : y
  }
}
/** Normalises each channel of each sample, on [batch, channels, length] (Ulyanov et al. 2016). */
export class InstanceNorm1d extends InstanceNorm {
  protected get dims(): number {
    return 1
  }
}
/** Normalises each channel of each sample, on [batch, channels, height, width]. */
export class InstanceNorm2d extends InstanceNorm {
  protected get dims(): number {
    return 2
  }
}
/** Normalises each channel of each example, on [batch, channels, depth, height, width]. */
export class InstanceNorm3d extends InstanceNorm {
  protected get dims(): number {
    return 3
  }
}

/** Options of `LayerNorm`. */
export interface LayerNormOptions extends FactoryOptions {
  /** Default 1e-5. */
  eps?: number
  /** Learn a scale and, with `bias`, an offset for each element. Default true. */
  elementwiseAffine?: boolean
  /** Default true. */
  bias?: boolean
}
/** Normalises over the last dims (Ba, Kiros and Hinton 2016). */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[]
  readonly eps: number
  readonly elementwiseAffine: boolean
  weight: Parameter | null
  bias: Parameter | null
  constructor(
    normalizedShape: number | readonly number[],
    eps?: number | LayerNormOptions,
    options?: LayerNormOptions,
  ) {
    super()
    const o = optionsOf<LayerNormOptions>('LayerNorm', ['eps', 'elementwiseAffine', 'bias', ...FACTORY], eps, options)
    const shape: unknown = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape
    expectInts('LayerNorm', 'normalizedShape', shape)
    this.normalizedShape = [...shape]
    for (const n of this.normalizedShape) positiveInt('LayerNorm', 'normalizedShape', n)
    this.eps = o.eps ?? 1e-5
    this.elementwiseAffine = o.elementwiseAffine ?? true
    const make = factoryOf('LayerNorm', o)
    this.weight = this.elementwiseAffine ? make.parameter(...this.normalizedShape) : null
    this.bias = this.elementwiseAffine && (o.bias ?? true) ? make.parameter(...this.normalizedShape) : null
    this.resetParameters()
    noteParameters(this)
  }
  resetParameters(): void {
    if (this.weight) ones_(this.weight)
    if (this.bias) zeros_(this.bias)
  }
  override forward(x: Tensor): Tensor {
    return F.layerNorm(x, this.normalizedShape, { weight: this.weight, bias: this.bias, eps: this.eps })
  }
  override extraRepr(): string {
    return `${size(this.normalizedShape)}, eps=${float(this.eps)}, elementwise_affine=${bool(this.elementwiseAffine)}, bias=${bool(this.bias !== null)}`
  }
}

/** Options of `GroupNorm`. */
export interface GroupNormOptions extends FactoryOptions {
  /** Default 1e-5. */
  eps?: number
  /** Default true. */
  affine?: boolean
  /** Default true. */
  bias?: boolean
}
/** Normalises groups of channels of each sample (Wu and He 2018). */
export class GroupNorm extends Module {
  readonly numGroups: number
  readonly numChannels: number
  readonly eps: number
  readonly affine: boolean
  weight: Parameter | null
  bias: Parameter | null
  constructor(numGroups: number, numChannels: number, eps?: number | GroupNormOptions, options?: GroupNormOptions) {
    super()
    const o = optionsOf<GroupNormOptions>('GroupNorm', ['eps', 'affine', 'bias', ...FACTORY], eps, options)
    positiveInt('GroupNorm', 'numGroups', numGroups)
    positiveInt('GroupNorm', 'numChannels', numChannels)
    if (numChannels % numGroups !== 0)
      throw new ShapeError(`num_channels (${numChannels}) must be divisible by num_groups (${numGroups})`, {
        numGroups,
        numChannels,
      })
    this.numGroups = numGroups
    this.numChannels = numChannels
    this.eps = o.eps ?? 1e-5
    this.affine = o.affine ?? true
    const make = factoryOf('GroupNorm', o)
    this.weight = this.affine ? make.parameter(numChannels) : null
    this.bias = this.affine && (o.bias ?? true) ? make.parameter(numChannels) : null
    this.resetParameters()
    noteParameters(this)
  }
  resetParameters(): void {
    if (this.weight) ones_(this.weight)
    if (this.bias) zeros_(this.bias)
  }
  override forward(x: Tensor): Tensor {
    return F.groupNorm(x, this.numGroups, { weight: this.weight, bias: this.bias, eps: this.eps })
  }
  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${float(this.eps)}, affine=${bool(this.affine)}, bias=${bool(this.bias !== null)}`
  }
}

/** Options of `RMSNorm`. */
export interface RMSNormOptions extends FactoryOptions {
  /** Default: the machine epsilon of the dtype. */
  eps?: number | null
  /** Default true. */
  elementwiseAffine?: boolean
}
/** Divides by the root mean square over the last dims (Zhang and Sennrich 2019). */
export class RMSNorm extends Module {
  readonly normalizedShape: readonly number[]
  readonly eps: number | null
  readonly elementwiseAffine: boolean
  weight: Parameter | null
  constructor(
    normalizedShape: number | readonly number[],
    eps?: number | null | RMSNormOptions,
    options?: RMSNormOptions,
  ) {
    super()
    const o = optionsOf<RMSNormOptions>('RMSNorm', ['eps', 'elementwiseAffine', ...FACTORY], eps ?? undefined, options)
    const shape: unknown = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape
    expectInts('RMSNorm', 'normalizedShape', shape)
    this.normalizedShape = [...shape]
    this.eps = o.eps ?? null
    this.elementwiseAffine = o.elementwiseAffine ?? true
    const make = factoryOf('RMSNorm', o)
    this.weight = this.elementwiseAffine ? make.parameter(...this.normalizedShape) : null
    this.resetParameters()
    noteParameters(this)
  }
  resetParameters(): void {
    if (this.weight) ones_(this.weight)
  }
  override forward(x: Tensor): Tensor {
    return F.rmsNorm(x, this.normalizedShape, { weight: this.weight, ...(this.eps === null ? {} : { eps: this.eps }) })
  }
  override extraRepr(): string {
    return `${size(this.normalizedShape)}, eps=${float(this.eps)}, elementwise_affine=${bool(this.elementwiseAffine)}`
  }
}
/** Options of `LocalResponseNorm`. */
export interface LocalResponseNormOptions {
  /** Default 1e-4. */
  alpha?: number
  /** Default 0.75. */
  beta?: number
  /** Default 1. */
  k?: number
}
/** Divides by the energy of neighbouring channels (Krizhevsky 2012). */
export class LocalResponseNorm extends Module {
  readonly size: number
  readonly alpha: number
  readonly beta: number
  readonly k: number
  private readonly shownK: string
  constructor(size: number, alpha?: number | LocalResponseNormOptions, options?: LocalResponseNormOptions) {
    super()
    const o = optionsOf<LocalResponseNormOptions>('LocalResponseNorm', ['alpha', 'beta', 'k'], alpha, options)
    positiveInt('LocalResponseNorm', 'size', size)
    this.size = size
    expectNumbers('LocalResponseNorm', { ...o })
    this.alpha = o.alpha ?? 1e-4
    this.beta = o.beta ?? 0.75
    this.k = o.k ?? 1
    this.shownK = literal(o.k, 1)
  }
  override forward(x: Tensor): Tensor {
    return F.localResponseNorm(x, this.size, { alpha: this.alpha, beta: this.beta, k: this.k })
  }
  override extraRepr(): string {
    return `${this.size}, alpha=${float(this.alpha)}, beta=${float(this.beta)}, k=${this.shownK}`
  }
}
