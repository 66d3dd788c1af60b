/** Layers on images: sliding blocks, channels as pixels, resizing. */
import { publicName } from '../../check/class-names'
import { expectInt } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { expectSizes } from '../../ops/nn/window'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { Module } from '../module'
import { float, type NoOptions, noOptions, size } from './common'

abstract class Blocks extends Module {
  readonly kernelSize: F.Size
  readonly dilation: F.Size
  readonly padding: F.Size
  readonly stride: F.Size
  constructor(kernelSize: F.Size, dilation?: F.Size | F.UnfoldOptions, options?: F.UnfoldOptions) {
    super()
    const o = optionsOf<F.UnfoldOptions>(publicName(new.target), ['dilation', 'padding', 'stride'], dilation, options)
    expectSizes(publicName(new.target), 'kernelSize', kernelSize)
    this.kernelSize = kernelSize
    this.dilation = o.dilation ?? 1
    this.padding = o.padding ?? 0
    this.stride = o.stride ?? 1
  }
  protected get options(): Required<F.UnfoldOptions> {
    return { dilation: this.dilation, padding: this.padding, stride: this.stride }
  }
  override extraRepr(): string {
    return `kernel_size=${size(this.kernelSize)}, dilation=${size(this.dilation)}, padding=${size(this.padding)}, stride=${size(this.stride)}`
  }
}
/** Sliding blocks as columns: [N, C, H, W] to [N, C · kH · kW, blocks]. */
export class Unfold extends Blocks {
  override forward(x: Tensor): Tensor {
    return F.unfold(x, this.kernelSize, this.options)
  }
}
/** The sum of overlapping blocks: [N, C · kH · kW, blocks] to [N, C, H, W]. */
export class Fold extends Blocks {
  readonly outputSize: F.Size
  constructor(outputSize: F.Size, kernelSize: F.Size, dilation?: F.Size | F.UnfoldOptions, options?: F.UnfoldOptions) {
    super(kernelSize, dilation, options)
    this.outputSize = outputSize
  }
  override forward(x: Tensor): Tensor {
    return F.fold(x, this.outputSize, this.kernelSize, this.options)
  }
  override extraRepr(): string {
    return `output_size=${size(this.outputSize)}, ${super.extraRepr()}`
  }
}
/** Every r² channels become a square of pixels (Shi et al. 2016). */
export class PixelShuffle extends Module {
  constructor(
    readonly upscaleFactor: number,
    options?: NoOptions,
  ) {
    super()
    noOptions('PixelShuffle', options)
    expectInt('PixelShuffle', 'upscaleFactor', upscaleFactor)
  }
  override forward(x: Tensor): Tensor {
    return F.pixelShuffle(x, this.upscaleFactor)
  }
  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`
  }
}
/** The inverse of `PixelShuffle`. */
export class PixelUnshuffle extends Module {
  constructor(
    readonly downscaleFactor: number,
    options?: NoOptions,
  ) {
    super()
    noOptions('PixelUnshuffle', options)
    expectInt('PixelUnshuffle', 'downscaleFactor', downscaleFactor)
  }
  override forward(x: Tensor): Tensor {
    return F.pixelUnshuffle(x, this.downscaleFactor)
  }
  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`
  }
}
/** Regroups channels so that each new group holds one of every old one. */
export class ChannelShuffle extends Module {
  constructor(
    readonly groups: number,
    options?: NoOptions,
  ) {
    super()
    noOptions('ChannelShuffle', options)
    expectInt('ChannelShuffle', 'groups', groups)
  }
  override forward(x: Tensor): Tensor {
    return F.channelShuffle(x, this.groups)
  }
  override extraRepr(): string {
    return `groups=${this.groups}`
  }
}
/** Resizes the spatial dims. */
export class Upsample extends Module {
  readonly size: F.Size | null
  readonly scaleFactor: number | readonly number[] | null
  readonly mode: F.InterpolateMode
  readonly alignCorners: boolean | null
  readonly recomputeScaleFactor: boolean | null
  constructor(size?: F.Size | null | F.InterpolateOptions, options?: F.InterpolateOptions) {
    super()
    const o = optionsOf<F.InterpolateOptions>(
      publicName(new.target),
      ['size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor'],
      size,
      options,
    )
    this.size = o.size ?? null
    this.scaleFactor = o.scaleFactor ?? null
    this.mode = o.mode ?? 'nearest'
    this.alignCorners = o.alignCorners ?? null
    this.recomputeScaleFactor = o.recomputeScaleFactor ?? null
  }
  override forward(x: Tensor): Tensor {
    return F.interpolate(x, {
      size: this.size,
      scaleFactor: this.scaleFactor,
      mode: this.mode,
      alignCorners: this.alignCorners,
      recomputeScaleFactor: this.recomputeScaleFactor,
    })
  }
  override extraRepr(): string {
    const factor = this.scaleFactor
    const shown =
      factor === null ? null : typeof factor === 'number' ? float(factor) : `(${factor.map(float).join(', ')})`
    return `${shown === null ? `size=${size(this.size)}` : `scale_factor=${shown}`}, mode='${this.mode}'`
  }
}
/** Options of the layers that resize two spatial dims. */
export type UpsamplingOptions = Pick<F.InterpolateOptions, 'size' | 'scaleFactor'>
/** Resizes height and width by repeating pixels. */
export class UpsamplingNearest2d extends Upsample {
  constructor(size?: F.Size | null | UpsamplingOptions, options?: UpsamplingOptions) {
    super({
      ...optionsOf<UpsamplingOptions>('UpsamplingNearest2d', ['size', 'scaleFactor'], size, options),
      mode: 'nearest',
    })
  }
}
/** Resizes height and width linearly, corners on corners. */
export class UpsamplingBilinear2d extends Upsample {
  constructor(size?: F.Size | null | UpsamplingOptions, options?: UpsamplingOptions) {
    super({
      ...optionsOf<UpsamplingOptions>('UpsamplingBilinear2d', ['size', 'scaleFactor'], size, options),
      mode: 'bilinear',
      alignCorners: true,
    })
  }
}
