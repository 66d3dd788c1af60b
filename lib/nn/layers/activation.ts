/** Activations as layers. */
import { publicName } from '../../check/class-names'
import { ArgumentError, ShapeError } from '../../errors'
import { expectInt, expectNumber } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { filled } from '../../ops/define/results'
import type { Tensor } from '../../tensor/tensor'
import { formatPythonNumber } from '../../tensor/python-format'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import * as F from '../functional'
import { Module } from '../module'
import { Parameter } from '../parameter'
import { flag, float, literal, positiveInt, real } from './common'

/** Options of activations that can overwrite their input. */
export interface InplaceOption {
  /** Overwrite the input. Default false. */
  inplace?: boolean
}

/** Behind what else a printout says. */
const andInplace = (m: { readonly inplace: boolean }): string => (m.inplace ? ', inplace=True' : '')

abstract class WithInplace extends Module {
  readonly inplace: boolean
  protected constructor(name: string, inplace: boolean | InplaceOption | undefined, options?: InplaceOption) {
    super()
    this.inplace = flag(name, 'inplace', optionsOf<InplaceOption>(name, ['inplace'], inplace, options).inplace, false)
  }
  override extraRepr(): string {
    return this.inplace ? 'inplace=True' : ''
  }
}
/** max(x, 0). */
export class ReLU extends WithInplace {
  constructor(inplace?: boolean | InplaceOption, options?: InplaceOption) {
    super('ReLU', inplace, options)
  }
  override forward(x: Tensor): Tensor {
    return this.inplace ? x.relu_() : x.relu()
  }
}
/** min(max(x, 0), 6). */
export class ReLU6 extends WithInplace {
  constructor(inplace?: boolean | InplaceOption, options?: InplaceOption) {
    super('ReLU6', inplace, options)
  }
  override forward(x: Tensor): Tensor {
    return this.inplace ? x.relu6_() : x.relu6()
  }
}
/** 1 / (1 + e⁻ˣ). */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return x.sigmoid()
  }
}
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    return x.tanh()
  }
}
/** Options of `GELU`. */
export interface GELUOptions {
  /** `tanh` computes an approximation. Default `none`. */
  approximate?: 'none' | 'tanh'
}
/** x · Φ(x) (Hendrycks and Gimpel 2016). */
export class GELU extends Module {
  readonly approximate: 'none' | 'tanh'
  constructor(approximate?: GELUOptions['approximate'] | GELUOptions, options?: GELUOptions) {
    super()
    this.approximate = optionsOf<GELUOptions>('GELU', ['approximate'], approximate, options).approximate ?? 'none'
    if (this.approximate !== 'none' && this.approximate !== 'tanh')
      throw new ArgumentError('approximate argument must be either none or tanh.')
  }
  override forward(x: Tensor): Tensor {
    return this.approximate === 'none' ? x.gelu() : x.gelu({ approximate: this.approximate })
  }
  override extraRepr(): string {
    return `approximate='${this.approximate}'`
  }
}
abstract class InplaceActivation extends WithInplace {
  constructor(inplace?: boolean | InplaceOption, options?: InplaceOption) {
    super(publicName(new.target), inplace, options)
  }
}
/** x · sigmoid(x). */
export class SiLU extends InplaceActivation {
  override forward(x: Tensor): Tensor {
    return this.inplace ? x.silu_() : x.silu()
  }
}
/** x · tanh(softplus(x)). */
export class Mish extends InplaceActivation {
  override forward(x: Tensor): Tensor {
    return this.inplace ? x.mish_() : x.mish()
  }
}
/** x · relu6(x + 3) / 6. */
export class Hardswish extends InplaceActivation {
  override forward(x: Tensor): Tensor {
    return F.hardswish(x, { inplace: this.inplace })
  }
  override extraRepr(): string {
    return ''
  }
}
/** relu6(x + 3) / 6. */
export class Hardsigmoid extends InplaceActivation {
  override forward(x: Tensor): Tensor {
    return F.hardsigmoid(x, { inplace: this.inplace })
  }
  override extraRepr(): string {
    return ''
  }
}
/** Self-normalising ELU (Klambauer et al. 2017). */
export class SELU extends InplaceActivation {
  override forward(x: Tensor): Tensor {
    return F.selu(x, { inplace: this.inplace })
  }
}
/** Options of `ELU` and `CELU`. */
export interface AlphaActivationOptions extends InplaceOption {
  /** Default 1. */
  alpha?: number
}
abstract class AlphaActivation extends Module {
  readonly alpha: number
  readonly inplace: boolean
  protected constructor(name: string, alpha: number | AlphaActivationOptions | undefined, options?: InplaceOption) {
    super()
    const o = optionsOf<AlphaActivationOptions>(name, ['alpha', 'inplace'], alpha, options)
    this.alpha = real(name, 'alpha', o.alpha, 1)
    this.inplace = flag(name, 'inplace', o.inplace, false)
  }
  override extraRepr(): string {
    return `alpha=${float(this.alpha)}${andInplace(this)}`
  }
}
/** x for x > 0, else alpha · (eˣ - 1) (Clevert et al. 2016). */
export class ELU extends AlphaActivation {
  constructor(alpha?: number | AlphaActivationOptions, options?: InplaceOption) {
    super('ELU', alpha, options)
  }
  override forward(x: Tensor): Tensor {
    return F.elu(x, { alpha: this.alpha, inplace: this.inplace })
  }
}
/** max(0, x) + min(0, alpha · (e^(x/alpha) - 1)). */
export class CELU extends AlphaActivation {
  constructor(alpha?: number | AlphaActivationOptions, options?: InplaceOption) {
    super('CELU', alpha, options)
  }
  override forward(x: Tensor): Tensor {
    return F.celu(x, { alpha: this.alpha, inplace: this.inplace })
  }
}
/** Options of `LeakyReLU`. */
export interface LeakyReLUOptions extends InplaceOption {
  /** Default 0.01. */
  negativeSlope?: number
}
/** x for x > 0, else negativeSlope · x. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number
  readonly inplace: boolean
  constructor(negativeSlope?: number | LeakyReLUOptions, options?: InplaceOption) {
    super()
    const o = optionsOf<LeakyReLUOptions>('LeakyReLU', ['negativeSlope', 'inplace'], negativeSlope, options)
    this.negativeSlope = real('LeakyReLU', 'negativeSlope', o.negativeSlope, 0.01)
    this.inplace = flag('LeakyReLU', 'inplace', o.inplace, false)
  }
  override forward(x: Tensor): Tensor {
    return F.leakyRelu(x, { negativeSlope: this.negativeSlope, inplace: this.inplace })
  }
  override extraRepr(): string {
    return `negative_slope=${float(this.negativeSlope)}${andInplace(this)}`
  }
}
/** Options of `PReLU`. */
export interface PReLUOptions extends FactoryOptions {
  /** One slope, or one a channel. Default 1. */
  numParameters?: number
  /** Where slopes start. Default 0.25. */
  init?: number
}
/** Leaky ReLU with learned slopes (He et al. 2015). */
export class PReLU extends Module {
  readonly numParameters: number
  readonly init: number
  weight: Parameter
  constructor(numParameters?: number | PReLUOptions, options?: PReLUOptions) {
    super()
    const o = optionsOf<PReLUOptions>('PReLU', ['numParameters', 'init', ...FACTORY], numParameters, options)
    this.numParameters = o.numParameters ?? 1
    positiveInt('PReLU', 'numParameters', this.numParameters)
    this.init = real('PReLU', 'init', o.init, 0.25)
    this.weight = new Parameter(filled([this.numParameters], this.init, factoryOf('PReLU', o).info))
  }
  override forward(x: Tensor): Tensor {
    return F.prelu(x, this.weight)
  }
  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`
  }
}
/** Options of `RReLU`. */
export interface RReLUOptions extends InplaceOption {
  /** Default 1/8. */
  lower?: number
  /** Default 1/3. */
  upper?: number
}
/** Leaky ReLU with random slopes while training. */
export class RReLU extends Module {
  readonly lower: number
  readonly upper: number
  readonly inplace: boolean
  constructor(lower?: number | RReLUOptions, options?: RReLUOptions) {
    super()
    const o = optionsOf<RReLUOptions>('RReLU', ['lower', 'upper', 'inplace'], lower, options)
    this.lower = real('RReLU', 'lower', o.lower, 1 / 8)
    this.upper = real('RReLU', 'upper', o.upper, 1 / 3)
    this.inplace = flag('RReLU', 'inplace', o.inplace, false)
  }
  override forward(x: Tensor): Tensor {
    return F.rrelu(x, { lower: this.lower, upper: this.upper, training: this.training, inplace: this.inplace })
  }
  override extraRepr(): string {
    return `lower=${float(this.lower)}, upper=${float(this.upper)}${andInplace(this)}`
  }
}
/** Options of `Softplus`. */
export interface SoftplusOptions {
  /** Default 1. */
  beta?: number
  /** Above it (times beta) the function is the identity. Default 20. */
  threshold?: number
}
/** log(1 + e^(beta · x)) / beta. */
export class Softplus extends Module {
  readonly beta: number
  readonly threshold: number
  constructor(beta?: number | SoftplusOptions, options?: SoftplusOptions) {
    super()
    const o = optionsOf<SoftplusOptions>('Softplus', ['beta', 'threshold'], beta, options)
    this.beta = real('Softplus', 'beta', o.beta, 1)
    this.threshold = real('Softplus', 'threshold', o.threshold, 20)
  }
  override forward(x: Tensor): Tensor {
    return F.softplus(x, { beta: this.beta, threshold: this.threshold })
  }
  override extraRepr(): string {
    return `beta=${float(this.beta)}, threshold=${float(this.threshold)}`
  }
}
/** x / (1 + |x|). */
export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    return x.softsign()
  }
}
/** log(sigmoid(x)). */
export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    return x.logSigmoid()
  }
}
/** x - tanh(x). */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    return x.tanhshrink()
  }
}
/** Options of `Hardtanh`. */
export interface HardtanhOptions extends InplaceOption {
  /** Default -1. */
  minVal?: number
  /** Default 1. */
  maxVal?: number
}
/** x limited to [minVal, maxVal]. */
export class Hardtanh extends Module {
  readonly minVal: number
  readonly maxVal: number
  readonly inplace: boolean
  private readonly limits: string
  constructor(minVal?: number | HardtanhOptions, options?: HardtanhOptions) {
    super()
    const o = optionsOf<HardtanhOptions>('Hardtanh', ['minVal', 'maxVal', 'inplace'], minVal, options)
    this.minVal = real('Hardtanh', 'minVal', o.minVal, -1)
    this.maxVal = real('Hardtanh', 'maxVal', o.maxVal, 1)
    this.inplace = flag('Hardtanh', 'inplace', o.inplace, false)
    if (this.maxVal <= this.minVal)
      throw new ArgumentError(`Hardtanh: maxVal must be larger than minVal, got ${this.minVal} and ${this.maxVal}`)
    this.limits = `min_val=${literal(o.minVal, -1)}, max_val=${literal(o.maxVal, 1)}`
  }
  override forward(x: Tensor): Tensor {
    return F.hardtanh(x, { minVal: this.minVal, maxVal: this.maxVal, inplace: this.inplace })
  }
  override extraRepr(): string {
    return `${this.limits}${andInplace(this)}`
  }
}
/** Options of `Hardshrink` and `Softshrink`. */
export interface ShrinkOptions {
  /** Default 0.5. */
  lambd?: number
}
abstract class Shrink extends Module {
  readonly lambd: number
  constructor(lambd?: number | ShrinkOptions, options?: ShrinkOptions) {
    super()
    const name = publicName(new.target)
    this.lambd = real(name, 'lambd', optionsOf<ShrinkOptions>(name, ['lambd'], lambd, options).lambd, 0.5)
  }
  override extraRepr(): string {
    return float(this.lambd)
  }
}
/** x where |x| > lambd, else 0. */
export class Hardshrink extends Shrink {
  override forward(x: Tensor): Tensor {
    return F.hardshrink(x, { lambd: this.lambd })
  }
}
/** x moved toward 0 by lambd. */
export class Softshrink extends Shrink {
  override forward(x: Tensor): Tensor {
    return F.softshrink(x, { lambd: this.lambd })
  }
}
/** x where x > threshold, else value. */
export class Threshold extends Module {
  readonly threshold: number
  readonly value: number
  readonly inplace: boolean
  constructor(threshold: number, value: number, inplace?: boolean | InplaceOption, options?: InplaceOption) {
    super()
    expectNumber('Threshold', 'threshold', threshold)
    expectNumber('Threshold', 'value', value)
    this.threshold = threshold
    this.value = value
    this.inplace = flag(
      'Threshold',
      'inplace',
      optionsOf<InplaceOption>('Threshold', ['inplace'], inplace, options).inplace,
      false,
    )
  }
  override forward(x: Tensor): Tensor {
    return F.threshold(x, this.threshold, this.value, { inplace: this.inplace })
  }
  override extraRepr(): string {
    return `threshold=${formatPythonNumber(this.threshold)}, value=${formatPythonNumber(this.value)}${andInplace(this)}`
  }
}
/** Options of `GLU`. */
export interface GLUOptions {
  /** The dim that is halved. Default -1. */
  dim?: number
}
/** One half times the sigmoid of the other (Dauphin et al. 2017). */
export class GLU extends Module {
  readonly dim: number
  constructor(dim?: number | GLUOptions, options?: GLUOptions) {
    super()
    this.dim = optionsOf<GLUOptions>('GLU', ['dim'], dim, options).dim ?? -1
    expectInt('GLU', 'dim', this.dim)
  }
  override forward(x: Tensor): Tensor {
    return F.glu(x, { dim: this.dim })
  }
  override extraRepr(): string {
    return `dim=${this.dim}`
  }
}

/** Options of the softmax layers. */
export interface AlongDimOptions {
  /** Default: the channels. */
  dim?: number | null
}
abstract class AlongDim extends Module {
  readonly dim: number | null
  constructor(dim?: number | null | AlongDimOptions, options?: AlongDimOptions) {
    super()
    const name = publicName(new.target)
    this.dim = optionsOf<AlongDimOptions>(name, ['dim'], dim ?? undefined, options).dim ?? null
    if (this.dim !== null) expectInt(name, 'dim', this.dim)
  }
  /** Without a dim: the channels, as PyTorch's old rule has it. */
  protected dimFor(x: Tensor): number {
    return this.dim ?? (x.ndim === 0 || x.ndim === 1 || x.ndim === 3 ? 0 : 1)
  }
  override extraRepr(): string {
    return `dim=${this.dim ?? 'None'}`
  }
}
/** eˣ / Σ eˣ along a dim. */
export class Softmax extends AlongDim {
  override forward(x: Tensor): Tensor {
    return x.softmax(this.dimFor(x))
  }
}
/** Softmax over the channels at each place, on [batch, channels, height, width] or without the batch. */
export class Softmax2d extends Module {
  override forward(x: Tensor): Tensor {
    if (x.ndim !== 3 && x.ndim !== 4)
      throw new ShapeError(`Softmax2d: expected input to be 3D or 4D, got ${x.ndim}D instead`, { shape: [...x.shape] })
    return x.softmax(-3)
  }
}
/** The logarithm of the softmax along a dim. */
export class LogSoftmax extends AlongDim {
  override forward(x: Tensor): Tensor {
    return x.logSoftmax(this.dimFor(x))
  }
}
/** Softmax of the negated values along a dim. */
export class Softmin extends AlongDim {
  override forward(x: Tensor): Tensor {
    return x.softmin(this.dimFor(x))
  }
}
