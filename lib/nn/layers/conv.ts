/** Convolutions. */
import { publicName } from '../../check/class-names'
import { ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { expectTensor, isInt } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { torchSize } from '../../check/words'
import { showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import { fans } from '../fans'
import { kaimingUniform_, uniform_ } from '../init'
import { Module, noteParameters } from '../module'
import type { Parameter } from '../parameter'
import { type OutputSizeOption, outputSizeOf, positiveInt, size, tuple } from './common'

export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular'
/** Options of the convolutions; sizes are one number for all spatial dims or one each. */
export interface ConvLayerOptions extends FactoryOptions {
  /** Default 1. */
  stride?: number | readonly number[]
  /** Numbers, `same` (stride 1) or `valid`. Default 0. */
  padding?: number | readonly number[] | 'same' | 'valid'
  /** Default 1. */
  dilation?: number | readonly number[]
  /** Blocks of channels that are connected. Default 1. */
  groups?: number
  /** Default true. */
  bias?: boolean
  /** What stands beyond the edges. Default `zeros`. */
  paddingMode?: PaddingMode
}
const NAMES = ['stride', 'padding', 'dilation', 'groups', 'bias', 'paddingMode', ...FACTORY] as const

/** What all convolutions share. `dims` is the number of spatial dims. */
abstract class Convolution extends Module {
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: readonly number[]
  readonly stride: readonly number[]
  readonly padding: readonly number[] | 'same' | 'valid'
  readonly dilation: readonly number[]
  readonly groups: number
  readonly paddingMode: PaddingMode
  /** [outChannels, inChannels / groups, ...kernelSize]; transposed: [inChannels, outChannels / groups, ...kernelSize]. */
  weight: Parameter
  /** [outChannels], or null without bias. */
  bias: Parameter | null

  protected constructor(
    name: string,
    dims: number,
    transposed: boolean,
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    o: ConvLayerOptions,
  ) {
    super()
    positiveInt(name, 'inChannels', inChannels)
    positiveInt(name, 'outChannels', outChannels)
    const { groups = 1, paddingMode = 'zeros' } = o
    if (!isInt(groups) || groups <= 0) throw new ValueError('groups must be a positive integer')
    if (inChannels % groups !== 0) throw new ValueError('in_channels must be divisible by groups')
    if (outChannels % groups !== 0) throw new ValueError('out_channels must be divisible by groups')
    this.inChannels = inChannels
    this.outChannels = outChannels
    this.kernelSize = tuple(name, 'kernelSize', kernelSize, dims)
    this.stride = tuple(name, 'stride', o.stride ?? 1, dims)
    this.dilation = tuple(name, 'dilation', o.dilation ?? 1, dims)
    const padding = o.padding ?? 0
    if (typeof padding === 'string') {
      if (padding !== 'same' && padding !== 'valid')
        throw new ValueError(`Invalid padding string '${shown(padding)}', should be one of {'valid', 'same'}`)
      if (padding === 'same' && this.stride.some((s) => s !== 1))
        throw new ValueError("padding='same' is not supported for strided convolutions")
      this.padding = padding
    } else this.padding = tuple(name, 'padding', padding, dims)
    if (!['zeros', 'reflect', 'replicate', 'circular'].includes(paddingMode))
      throw new ValueError(
        `padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got padding_mode='${shown(paddingMode)}'`,
      )
    if (transposed && paddingMode !== 'zeros')
      throw new ValueError(`Only "zeros" padding mode is supported for ${name}`)
    this.groups = groups
    this.paddingMode = paddingMode
    const make = factoryOf(name, o)
    this.weight = transposed
      ? make.parameter(inChannels, outChannels / groups, ...this.kernelSize)
      : make.parameter(outChannels, inChannels / groups, ...this.kernelSize)
    this.bias = (o.bias ?? true) ? make.parameter(outChannels) : null
    this.resetParameters()
    noteParameters(this)
  }
  /** Draws weight and bias anew, uniform on ±1/√fanIn. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) })
    if (this.bias) {
      const fanIn = fans(this.weight)[0]
      if (fanIn !== 0) uniform_(this.bias, { a: -1 / Math.sqrt(fanIn), b: 1 / Math.sqrt(fanIn) })
    }
  }
  override extraRepr(): string {
    const zero = typeof this.padding !== 'string' && this.padding.every((p) => p === 0)
    const parts = [
      `${this.inChannels}, ${this.outChannels}`,
      `kernel_size=${size(this.kernelSize)}`,
      `stride=${size(this.stride)}`,
    ]
    if (!zero) parts.push(`padding=${typeof this.padding === 'string' ? this.padding : size(this.padding)}`)
    if (this.dilation.some((d) => d !== 1)) parts.push(`dilation=${size(this.dilation)}`)
    const extra = this.outputPaddingRepr()
    if (extra) parts.push(extra)
    if (this.groups !== 1) parts.push(`groups=${this.groups}`)
    if (!this.bias) parts.push('bias=False')
    if (this.paddingMode !== 'zeros') parts.push(`padding_mode=${this.paddingMode}`)
    return parts.join(', ')
  }
  protected outputPaddingRepr(): string {
    return ''
  }
}

abstract class PlainConvolution extends Convolution {
  protected constructor(
    name: string,
    dims: number,
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    stride: number | readonly number[] | ConvLayerOptions | undefined,
    options: ConvLayerOptions | undefined,
  ) {
    super(name, dims, false, inChannels, outChannels, kernelSize, optionsOf(name, NAMES, stride, options))
  }
  /** The input padded by other than zeros, and the padding left for the convolution. */
  protected padded(x: Tensor): [Tensor, readonly number[] | 'same' | 'valid'] {
    if (this.paddingMode === 'zeros') return [x, this.padding]
    const each = this.kernelSize.map((k, i): [number, number] => {
      if (this.padding === 'valid') return [0, 0]
      if (this.padding !== 'same') return [this.padding[i], this.padding[i]]
      const total = this.dilation[i] * (k - 1)
      return [Math.floor(total / 2), total - Math.floor(total / 2)]
    })
    return [F.pad(x, [...each].reverse().flat(), { mode: this.paddingMode }), this.kernelSize.map(() => 0)]
  }
  protected convolve(conv: typeof F.conv1d, x: Tensor): Tensor {
    const [input, padding] = this.padded(x)
    const { bias, stride, dilation, groups } = this
    return conv(input, this.weight, { bias, stride, dilation, groups, padding })
  }
}
/** Convolution over [batch, channels, length]. */
export class Conv1d extends PlainConvolution {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    stride?: number | readonly number[] | ConvLayerOptions,
    options?: ConvLayerOptions,
  ) {
    super(publicName(new.target), 1, inChannels, outChannels, kernelSize, stride, options)
  }
  override forward(x: Tensor): Tensor {
    return this.convolve(F.conv1d, x)
  }
}
/** Convolution over [batch, channels, height, width]. */
export class Conv2d extends PlainConvolution {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    stride?: number | readonly number[] | ConvLayerOptions,
    options?: ConvLayerOptions,
  ) {
    super(publicName(new.target), 2, inChannels, outChannels, kernelSize, stride, options)
  }
  override forward(x: Tensor): Tensor {
    return this.convolve(F.conv2d, x)
  }
}
/** Convolution over [batch, channels, depth, height, width]. */
export class Conv3d extends PlainConvolution {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    stride?: number | readonly number[] | ConvLayerOptions,
    options?: ConvLayerOptions,
  ) {
    super(publicName(new.target), 3, inChannels, outChannels, kernelSize, stride, options)
  }
  override forward(x: Tensor): Tensor {
    return this.convolve(F.conv3d, x)
  }
}

/** Options of the transposed convolutions. */
export interface ConvTransposeLayerOptions extends Omit<ConvLayerOptions, 'padding'> {
  padding?: number | readonly number[]
  /** Added to one side of the output. Default 0. */
  outputPadding?: number | readonly number[]
}
const TRANSPOSED_NAMES = [
  'stride',
  'padding',
  'outputPadding',
  'groups',
  'bias',
  'dilation',
  'paddingMode',
  ...FACTORY,
] as const

abstract class ConvolutionTranspose extends Convolution {
  readonly outputPadding: readonly number[]
  protected constructor(
    name: string,
    dims: number,
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    stride: number | readonly number[] | ConvTransposeLayerOptions | undefined,
    options: ConvTransposeLayerOptions | undefined,
  ) {
    const o = optionsOf<ConvTransposeLayerOptions>(name, TRANSPOSED_NAMES, stride, options)
    super(name, dims, true, inChannels, outChannels, kernelSize, o)
    this.outputPadding = tuple(name, 'outputPadding', o.outputPadding ?? 0, dims)
  }
  /** The output padding that gives the wanted size. */
  protected paddingFor(x: Tensor, given: readonly number[] | null | OutputSizeOption | undefined): readonly number[] {
    const outputSize = outputSizeOf(this.constructor.name, given)
    const n = this.kernelSize.length
    const outer = x.ndim === n + 2 ? 2 : 1
    if (outputSize === null || x.ndim <= n) return this.outputPadding
    const want = outputSize.length === outer + n ? outputSize.slice(outer) : outputSize
    const data = { input: [...x.sizes], outputSize: [...outputSize] }
    if (want.length !== n)
      throw new ShapeError(
        `ConvTranspose${n}D: for ${x.ndim}D input, output_size must have ${n} or ${outer + n} elements (got ${want.length})`,
        data,
      )
    const padding = this.padding as readonly number[]
    const least = want.map(
      (_, d) =>
        (x.sizes[outer + d] - 1) * this.stride[d] - 2 * padding[d] + this.dilation[d] * (this.kernelSize[d] - 1) + 1,
    )
    const most = least.map((size, d) => size + this.stride[d] - 1)
    if (want.some((size, d) => size < least[d] || size > most[d]))
      throw new ShapeError(
        `requested an output size of ${showShape(want)}, but valid sizes range from ${showShape(least)} to ${showShape(most)} (for an input of ${torchSize(x.sizes.slice(2))})`,
        data,
      )
    return want.map((size, d) => size - least[d])
  }
  protected transposeOptions(
    x: Tensor,
    outputSize: readonly number[] | null | OutputSizeOption | undefined,
  ): F.ConvTransposeOptions {
    expectTensor(this.constructor.name, 'input', x)
    const { bias, stride, dilation, groups } = this
    const padding = this.padding as readonly number[]
    return { bias, stride, dilation, groups, padding, outputPadding: this.paddingFor(x, outputSize) }
  }
  protected override outputPaddingRepr(): string {
    return this.outputPadding.some((p) => p !== 0) ? `output_padding=${size(this.outputPadding)}` : ''
  }
}
/** The gradient of a convolution as a layer, over [batch, channels, length]. */
export class ConvTranspose1d extends ConvolutionTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    stride?: number | readonly number[] | ConvTransposeLayerOptions,
    options?: ConvTransposeLayerOptions,
  ) {
    super(publicName(new.target), 1, inChannels, outChannels, kernelSize, stride, options)
  }
  /** @param outputSize the sizes to reach, spatial ones or all, where several lead to this input */
  override forward(x: Tensor, outputSize?: readonly number[] | null | OutputSizeOption): Tensor {
    return F.convTranspose1d(x, this.weight, this.transposeOptions(x, outputSize))
  }
}
/** The gradient of a convolution as a layer, over [batch, channels, height, width]. */
export class ConvTranspose2d extends ConvolutionTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    stride?: number | readonly number[] | ConvTransposeLayerOptions,
    options?: ConvTransposeLayerOptions,
  ) {
    super(publicName(new.target), 2, inChannels, outChannels, kernelSize, stride, options)
  }
  /** @param outputSize the sizes to reach, spatial ones or all, where several lead to this input */
  override forward(x: Tensor, outputSize?: readonly number[] | null | OutputSizeOption): Tensor {
    return F.convTranspose2d(x, this.weight, this.transposeOptions(x, outputSize))
  }
}
/** The gradient of a convolution over [batch, channels, depth, height, width] as a layer. */
export class ConvTranspose3d extends ConvolutionTranspose {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number | readonly number[],
    stride?: number | readonly number[] | ConvTransposeLayerOptions,
    options?: ConvTransposeLayerOptions,
  ) {
    super(publicName(new.target), 3, inChannels, outChannels, kernelSize, stride, options)
  }
  /** @param outputSize the sizes to reach, spatial ones or all, where several lead to this input */
  override forward(x: Tensor, outputSize?: readonly number[] | null | OutputSizeOption): Tensor {
    return F.convTranspose3d(x, this.weight, this.transposeOptions(x, outputSize))
  }
}
