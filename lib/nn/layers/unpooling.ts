/** What undoes max pooling, pools by other norms, or with windows of random places. */
import { publicName } from '../../check/class-names'
import { describe, isArrayOf } from '../../check/arguments'
import { ArgumentError, ValueError } from '../../errors'
import { optionsOf } from '../../check/options'
import type { FractionalMaxPoolOptions as FunctionalOptions } from '../../ops/nn/fractional-max-pool'
import { expectSizes, perDim, type Size } from '../../ops/nn/window'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { Module } from '../module'
import { bool, flag, type OutputSizeOption, outputSizeOf, size } from './common'

// ---- max unpooling ----------------------------------------------------------------------------------------------------

/** Options of `MaxUnpool`. */
export interface MaxUnpoolOptions {
  /** Of the pooling that is undone; default its kernel size. */
  stride?: Size | null
  /** Of the pooling that is undone. Default 0. */
  padding?: Size
}
type MaxUnpoolSize = readonly number[] | null | OutputSizeOption | undefined

abstract class MaxUnpool extends Module {
  readonly kernelSize: readonly number[]
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  protected abstract readonly dims: number
  constructor(kernelSize: Size, stride?: Size | null | MaxUnpoolOptions, options?: MaxUnpoolOptions) {
    super()
    const op = publicName(new.target)
    const o = optionsOf<MaxUnpoolOptions>(op, ['stride', 'padding'], stride ?? undefined, options)
    const each = (name: string, v: Size): readonly number[] => {
      expectSizes(op, name, v)
      return perDim(v, this.dims)
    }
    this.kernelSize = each('kernelSize', kernelSize)
    this.stride = each('stride', o.stride ?? kernelSize)
    this.padding = each('padding', o.padding ?? 0)
  }
  protected options(outputSize: MaxUnpoolSize): F.MaxUnpoolOptions {
    const { stride, padding } = this
    return { stride, padding, outputSize: outputSizeOf(this.constructor.name, outputSize) }
  }
  override extraRepr(): string {
    return `kernel_size=${size(this.kernelSize)}, stride=${size(this.stride)}, padding=${size(this.padding)}`
  }
}
/** Puts the maxima of `MaxPool1d` back where they were, among zeros; takes them and their indices. */
export class MaxUnpool1d extends MaxUnpool {
  protected get dims(): number {
    return 1
  }
  /** @param outputSize the size to reach, where several lead to this pooled one */
  override forward(x: Tensor, indices: Tensor, outputSize?: MaxUnpoolSize): Tensor {
    return F.maxUnpool1d(x, indices, this.kernelSize, this.options(outputSize))
  }
}
/** Puts the maxima of `MaxPool2d` back where they were, among zeros; takes them and their indices. */
export class MaxUnpool2d extends MaxUnpool {
  protected get dims(): number {
    return 2
  }
  /** @param outputSize the size to reach, where several lead to this pooled one */
  override forward(x: Tensor, indices: Tensor, outputSize?: MaxUnpoolSize): Tensor {
    return F.maxUnpool2d(x, indices, this.kernelSize, this.options(outputSize))
  }
}
/** Puts the maxima of `MaxPool3d` back where they were, among zeros; takes them and their indices. */
export class MaxUnpool3d extends MaxUnpool {
  protected get dims(): number {
    return 3
  }
  /** @param outputSize the size to reach, where several lead to this pooled one */
  override forward(x: Tensor, indices: Tensor, outputSize?: MaxUnpoolSize): Tensor {
    return F.maxUnpool3d(x, indices, this.kernelSize, this.options(outputSize))
  }
}

// ---- pooling by a norm ------------------------------------------------------------------------------------------------

/** Options of `LPPool`. */
export interface LPPoolOptions {
  /** How far the window moves; default its own size. */
  stride?: Size | null
  /** Round the output size up. Default false. */
  ceilMode?: boolean
}
abstract class LPPool extends Module {
  readonly stride: Size | null
  readonly ceilMode: boolean
  /** @param normType the exponent p of (Σ xᵖ)^(1/p); Infinity for the largest amount */
  constructor(
    readonly normType: number,
    readonly kernelSize: Size,
    stride?: Size | null | LPPoolOptions,
    options?: LPPoolOptions,
  ) {
    super()
    const op = publicName(new.target)
    const o = optionsOf<LPPoolOptions>(op, ['stride', 'ceilMode'], stride ?? undefined, options)
    if (typeof normType !== 'number') throw new ArgumentError(`${op}: normType must be a number`, { normType })
    expectSizes(op, 'kernelSize', kernelSize)
    this.stride = o.stride ?? null
    if (this.stride !== null) expectSizes(op, 'stride', this.stride)
    this.ceilMode = flag(op, 'ceilMode', o.ceilMode, false)
  }
  protected get options(): LPPoolOptions {
    return { stride: this.stride, ceilMode: this.ceilMode }
  }
  override extraRepr(): string {
    return `norm_type=${this.normType}, kernel_size=${size(this.kernelSize)}, stride=${size(this.stride)}, ceil_mode=${bool(this.ceilMode)}`
  }
}
/** (Σ xᵖ)^(1/p) of each window, on [batch, channels, length]. */
export class LPPool1d extends LPPool {
  override forward(x: Tensor): Tensor {
    return F.lpPool1d(x, this.normType, this.kernelSize, this.options)
  }
}
/** (Σ xᵖ)^(1/p) of each window, on [batch, channels, height, width]. */
export class LPPool2d extends LPPool {
  override forward(x: Tensor): Tensor {
    return F.lpPool2d(x, this.normType, this.kernelSize, this.options)
  }
}
/** (Σ xᵖ)^(1/p) of each window, on [batch, channels, depth, height, width]. */
export class LPPool3d extends LPPool {
  override forward(x: Tensor): Tensor {
    return F.lpPool3d(x, this.normType, this.kernelSize, this.options)
  }
}

// ---- windows of random places -----------------------------------------------------------------------------------------

/** Options of `FractionalMaxPool`: one of `outputSize` and `outputRatio` must be given. */
export interface FractionalMaxPoolOptions<R extends boolean = boolean> {
  /** The size to reach. */
  outputSize?: Size | null
  /** Or that size as a share of the input's, in (0, 1). */
  outputRatio?: number | readonly number[] | null
  /** Give the indices of the maxima beside them. Default false. */
  returnIndices?: R
  /** What decides where the windows are, instead of drawing it: [N, C, dims]. */
  _randomSamples?: Tensor | null
}
type Pooled<R extends boolean> = R extends true ? [Tensor, Tensor] : Tensor

abstract class FractionalMaxPool<R extends boolean> extends Module {
  readonly kernelSize: readonly number[]
  readonly outputSize: readonly number[] | null
  readonly outputRatio: readonly number[] | null
  readonly returnIndices: boolean
  declare private _random_samples: Tensor | null
  protected abstract readonly dims: number
  constructor(
    kernelSize: Size,
    stride?: Size | null | FractionalMaxPoolOptions<R>,
    options?: FractionalMaxPoolOptions<R>,
  ) {
    super()
    const op = publicName(new.target)
    const o = optionsOf<FractionalMaxPoolOptions<R>>(
      op,
      ['outputSize', 'outputRatio', 'returnIndices', '_randomSamples'],
      stride ?? undefined,
      options,
    )
    const each = (v: number | readonly number[]): readonly number[] => perDim(v, this.dims)
    expectSizes(op, 'kernelSize', kernelSize)
    this.kernelSize = each(kernelSize)
    this.returnIndices = flag(op, 'returnIndices', o.returnIndices, false)
    this.registerBuffer('_random_samples', o._randomSamples ?? null)
    if (o.outputSize != null) expectSizes(op, 'outputSize', o.outputSize)
    this.outputSize = o.outputSize == null ? null : each(o.outputSize)
    if (o.outputRatio != null && !isArrayOf([o.outputRatio].flat(), (r): r is number => typeof r === 'number'))
      throw new ArgumentError(`${op}: outputRatio must be a number or an array of them, not ${describe(o.outputRatio)}`)
    this.outputRatio = o.outputRatio == null ? null : each(o.outputRatio)
    if (this.outputSize === null && this.outputRatio === null)
      throw new ValueError(`${op} requires specifying either an output size, or a pooling ratio`)
    if (this.outputSize !== null && this.outputRatio !== null)
      throw new ValueError('only one of output_size and output_ratio may be specified')
    if (this.outputRatio !== null && !this.outputRatio.every((r) => 0 < r && r < 1))
      throw new ValueError(
        `output_ratio must be between 0 and 1 (got ${typeof o.outputRatio === 'number' ? o.outputRatio : `(${this.outputRatio.join(', ')})`})`,
        { outputRatio: [...this.outputRatio] },
      )
  }
  /** Where the windows begin, [batch, channels, dims], instead of drawn places; the buffer `_random_samples` of the state dict. */
  get _randomSamples(): Tensor | null {
    return this._random_samples
  }
  set _randomSamples(value: Tensor | null) {
    this._random_samples = value
  }
  protected get options(): FunctionalOptions & { returnIndices: true } {
    return {
      outputSize: this.outputSize,
      outputRatio: this.outputRatio,
      returnIndices: true,
      _randomSamples: this._random_samples,
    }
  }
  protected given(result: [Tensor, Tensor]): Pooled<R> {
    return (this.returnIndices ? result : result[0]) as Pooled<R>
  }
}
/** The largest values of windows whose places are drawn, on [batch, channels, height, width] (Graham 2014). */
export class FractionalMaxPool2d<R extends boolean = false> extends FractionalMaxPool<R> {
  protected get dims(): number {
    return 2
  }
  override forward(x: Tensor): Pooled<R> {
    return this.given(F.fractionalMaxPool2d(x, this.kernelSize, this.options))
  }
}
/** The largest values of windows whose places are drawn, on [batch, channels, depth, height, width] (Graham 2014). */
export class FractionalMaxPool3d<R extends boolean = false> extends FractionalMaxPool<R> {
  protected get dims(): number {
    return 3
  }
  override forward(x: Tensor): Pooled<R> {
    return this.given(F.fractionalMaxPool3d(x, this.kernelSize, this.options))
  }
}
