/** Pooling. */
import { publicName } from '../../check/class-names'
import { optionsOf } from '../../check/options'
import { expectSizes, type Size } from '../../ops/nn/window'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { Module } from '../module'
import { bool, flag, type NoOptions, noOptions, size } from './common'

/** Options of max pooling. */
export interface MaxPoolOptions<R extends boolean = boolean> {
  /** Default: the kernel size. */
  stride?: Size | null
  /** Default 0. */
  padding?: Size
  /** Default 1. */
  dilation?: Size
  /** Round the output size up. Default false. */
  ceilMode?: boolean
  /** Give the indices of the maxima beside them, for `MaxUnpool`. Default false. */
  returnIndices?: R
}
/** Windows and what their printouts say. */
abstract class Windowed extends Module {
  readonly kernelSize: Size
  readonly stride: Size
  readonly padding: Size
  protected constructor(kernelSize: Size, o: { stride?: Size | null; padding?: Size }) {
    super()
    this.kernelSize = kernelSize
    this.stride = o.stride ?? kernelSize
    this.padding = o.padding ?? 0
  }
  override extraRepr(): string {
    return `kernel_size=${size(this.kernelSize)}, stride=${size(this.stride)}, padding=${size(this.padding)}`
  }
}
/** What a max pooling gives: the maxima, or them and their indices. */
type Pooled<R extends boolean> = R extends true ? [Tensor, Tensor] : Tensor
abstract class MaxPool<R extends boolean> extends Windowed {
  readonly dilation: Size
  readonly ceilMode: boolean
  readonly returnIndices: boolean
  constructor(kernelSize: Size, stride?: Size | null | MaxPoolOptions<R>, options?: MaxPoolOptions<R>) {
    const name = publicName(new.target)
    const names = ['stride', 'padding', 'dilation', 'ceilMode', 'returnIndices'] as const
    const o = optionsOf<MaxPoolOptions<R>>(name, names, stride ?? undefined, options)
    super(kernelSize, o)
    expectSizes(name, 'kernelSize', this.kernelSize)
    expectSizes(name, 'stride', this.stride)
    this.dilation = o.dilation ?? 1
    this.ceilMode = o.ceilMode ?? false
    this.returnIndices = flag(name, 'returnIndices', o.returnIndices, false)
  }
  protected get options(): { stride: Size; padding: Size; dilation: Size; ceilMode: boolean; returnIndices: boolean } {
    const { stride, padding, dilation, ceilMode, returnIndices } = this
    return { stride, padding, dilation, ceilMode, returnIndices }
  }
  override extraRepr(): string {
    return `${super.extraRepr()}, dilation=${size(this.dilation)}, ceil_mode=${bool(this.ceilMode)}`
  }
}
/** The largest value of each window, on [batch, channels, length]. */
export class MaxPool1d<R extends boolean = false> extends MaxPool<R> {
  override forward(x: Tensor): Pooled<R> {
    return F.maxPool1d(x, this.kernelSize, this.options) as Pooled<R>
  }
}
/** The largest value of each window, on [batch, channels, height, width]. */
export class MaxPool2d<R extends boolean = false> extends MaxPool<R> {
  override forward(x: Tensor): Pooled<R> {
    return F.maxPool2d(x, this.kernelSize, this.options) as Pooled<R>
  }
}
/** The largest value of each window, on [batch, channels, depth, height, width]. */
export class MaxPool3d<R extends boolean = false> extends MaxPool<R> {
  override forward(x: Tensor): Pooled<R> {
    return F.maxPool3d(x, this.kernelSize, this.options) as Pooled<R>
  }
}

/** Options of average pooling. */
export interface AvgPoolOptions {
  /** Default: the kernel size. */
  stride?: Size | null
  /** Default 0. */
  padding?: Size
  /** Default false. */
  ceilMode?: boolean
  /** Count the padding in the divisor. Default true. */
  countIncludePad?: boolean
}
/** The mean of each window, on [batch, channels, length]. */
export class AvgPool1d extends Windowed {
  readonly ceilMode: boolean
  readonly countIncludePad: boolean
  constructor(kernelSize: Size, stride?: Size | null | AvgPoolOptions, options?: AvgPoolOptions) {
    const names = ['stride', 'padding', 'ceilMode', 'countIncludePad'] as const
    const o = optionsOf<AvgPoolOptions>('AvgPool1d', names, stride ?? undefined, options)
    expectSizes('AvgPool1d', 'kernelSize', kernelSize)
    const one = (v: Size): Size => (typeof v === 'number' ? [v] : v)
    super(one(kernelSize), { stride: one(o.stride ?? kernelSize), padding: one(o.padding ?? 0) })
    this.ceilMode = o.ceilMode ?? false
    this.countIncludePad = o.countIncludePad ?? true
  }
  override forward(x: Tensor): Tensor {
    return F.avgPool1d(x, this.kernelSize, {
      stride: this.stride,
      padding: this.padding,
      ceilMode: this.ceilMode,
      countIncludePad: this.countIncludePad,
    })
  }
}
/** Options of `AvgPool2d`. */
export interface AvgPool2dOptions extends AvgPoolOptions {
  /** Divide by this instead of the size of the window. */
  divisorOverride?: number | null
}
abstract class AvgPoolOverridable extends Windowed {
  readonly ceilMode: boolean
  readonly countIncludePad: boolean
  readonly divisorOverride: number | null
  protected constructor(
    name: string,
    kernelSize: Size,
    stride?: Size | null | AvgPool2dOptions,
    options?: AvgPool2dOptions,
  ) {
    const names = ['stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride'] as const
    const o = optionsOf<AvgPool2dOptions>(name, names, stride ?? undefined, options)
    super(kernelSize, o)
    expectSizes(publicName(new.target), 'kernelSize', this.kernelSize)
    expectSizes(publicName(new.target), 'stride', this.stride)
    this.ceilMode = o.ceilMode ?? false
    this.countIncludePad = o.countIncludePad ?? true
    this.divisorOverride = o.divisorOverride ?? null
  }
  protected get options(): AvgPool2dOptions {
    const { stride, padding, ceilMode, countIncludePad, divisorOverride } = this
    return { stride, padding, ceilMode, countIncludePad, divisorOverride }
  }
}
/** The mean of each window, on [batch, channels, height, width]. */
export class AvgPool2d extends AvgPoolOverridable {
  constructor(kernelSize: Size, stride?: Size | null | AvgPool2dOptions, options?: AvgPool2dOptions) {
    super('AvgPool2d', kernelSize, stride, options)
  }
  override forward(x: Tensor): Tensor {
    return F.avgPool2d(x, this.kernelSize, this.options)
  }
}
/** The mean of each window, on [batch, channels, depth, height, width]. */
export class AvgPool3d extends AvgPoolOverridable {
  constructor(kernelSize: Size, stride?: Size | null | AvgPool2dOptions, options?: AvgPool2dOptions) {
    super('AvgPool3d', kernelSize, stride, options)
  }
  override forward(x: Tensor): Tensor {
    return F.avgPool3d(x, this.kernelSize, this.options)
  }
}

type OutputSize = number | null | readonly (number | null)[]
const outputRepr = (v: OutputSize): string =>
  typeof v === 'number' || v === null
    ? String(v ?? 'None')
    : v.length === 1
      ? `(${v[0] ?? 'None'},)`
      : `(${v.map((n) => n ?? 'None').join(', ')})`
abstract class Adaptive extends Module {
  readonly outputSize: OutputSize
  /** @param outputSize the size to reach; null keeps that of the input */
  constructor(outputSize: OutputSize) {
    super()
    // null keeps a size, so that only the numbers are looked at.
    if (outputSize !== null)
      expectSizes(
        publicName(new.target),
        'outputSize',
        Array.isArray(outputSize) ? outputSize.filter((n) => n !== null) : outputSize,
      )
    this.outputSize = outputSize
  }
  override extraRepr(): string {
    return `output_size=${outputRepr(this.outputSize)}`
  }
}
abstract class AdaptiveAvg extends Adaptive {
  /** @param outputSize the size to reach; null keeps that of the input */
  constructor(outputSize: OutputSize, options?: NoOptions) {
    super(outputSize)
    noOptions(publicName(new.target), options)
  }
}
/** Options of adaptive max pooling. */
export interface AdaptiveMaxPoolOptions<R extends boolean = boolean> {
  /** Give the indices of the maxima beside them. Default false. */
  returnIndices?: R
}
abstract class AdaptiveMax<R extends boolean> extends Adaptive {
  readonly returnIndices: boolean
  /** @param outputSize the size to reach; null keeps that of the input */
  constructor(outputSize: OutputSize, options?: R | AdaptiveMaxPoolOptions<R>) {
    super(outputSize)
    const o = optionsOf<AdaptiveMaxPoolOptions<R>>(publicName(new.target), ['returnIndices'], options)
    this.returnIndices = flag(publicName(new.target), 'returnIndices', o.returnIndices, false)
  }
}
/** Means of windows that give a wanted length. */
export class AdaptiveAvgPool1d extends AdaptiveAvg {
  override forward(x: Tensor): Tensor {
    return F.adaptiveAvgPool1d(x, this.outputSize as number)
  }
}
/** Means of windows that give a wanted height and width. */
export class AdaptiveAvgPool2d extends AdaptiveAvg {
  override forward(x: Tensor): Tensor {
    return F.adaptiveAvgPool2d(x, this.outputSize as number)
  }
}
/** Largest values of windows that give a wanted height and width. */
export class AdaptiveMaxPool2d<R extends boolean = false> extends AdaptiveMax<R> {
  override forward(x: Tensor): Pooled<R> {
    return F.adaptiveMaxPool2d(x, this.outputSize as number, this.returnIndices) as unknown as Pooled<R>
  }
}
/** Means of windows that give a wanted depth, height and width. */
export class AdaptiveAvgPool3d extends AdaptiveAvg {
  override forward(x: Tensor): Tensor {
    return F.adaptiveAvgPool3d(x, this.outputSize as number)
  }
}
/** Largest values of windows that give a wanted length. */
export class AdaptiveMaxPool1d<R extends boolean = false> extends AdaptiveMax<R> {
  override forward(x: Tensor): Pooled<R> {
    return F.adaptiveMaxPool1d(x, this.outputSize as number, this.returnIndices) as unknown as Pooled<R>
  }
}
/** Largest values of windows that give a wanted depth, height and width. */
export class AdaptiveMaxPool3d<R extends boolean = false> extends AdaptiveMax<R> {
  override forward(x: Tensor): Pooled<R> {
    return F.adaptiveMaxPool3d(x, this.outputSize as number, this.returnIndices) as unknown as Pooled<R>
  }
}
