/** Fully connected layers. */
import { optionsOf } from '../../check/options'
import { linear } from '../../ops/linalg/matmul'
import type { Tensor } from '../../tensor/tensor'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import { fans } from '../fans'
import { kaimingUniform_, uniform_ } from '../init'
import { Module, noteParameters } from '../module'
import type { Parameter } from '../parameter'
import { bool, positiveInt } from './common'

/** The input as it is. Arguments are accepted and ignored. */
export class Identity extends Module {
  constructor(..._ignored: unknown[]) {
    super()
  }
  override forward(x: Tensor): Tensor {
    return x
  }
}

/** Options of `Linear`. */
export interface LinearOptions extends FactoryOptions {
  /** Learn an additive bias. Default true. */
  bias?: boolean
}
/** x @ weightᵀ + bias, on [..., inFeatures] giving [..., outFeatures]. */
export class Linear extends Module {
  readonly inFeatures: number
  readonly outFeatures: number
  /** [outFeatures, inFeatures] */
  weight: Parameter
  /** [outFeatures], or null without bias. */
  bias: Parameter | null

  constructor(inFeatures: number, outFeatures: number, bias?: boolean | LinearOptions, options?: LinearOptions) {
    super()
    const o = optionsOf<LinearOptions>('Linear', ['bias', ...FACTORY], bias, options)
    const make = factoryOf('Linear', o)
    positiveInt('Linear', 'inFeatures', inFeatures)
    positiveInt('Linear', 'outFeatures', outFeatures)
    this.inFeatures = inFeatures
    this.outFeatures = outFeatures
    this.weight = make.parameter(outFeatures, inFeatures)
    this.bias = (o.bias ?? true) ? make.parameter(outFeatures) : null
    this.resetParameters()
    noteParameters(this)
  }
  /** Draws weight and bias anew, uniform on ±1/√inFeatures. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) })
    if (this.bias) {
      const bound = this.inFeatures > 0 ? 1 / Math.sqrt(fans(this.weight)[0]) : 0
      uniform_(this.bias, { a: 0 - bound, b: bound })
    }
  }
  override forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias)
  }
  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${bool(this.bias !== null)}`
  }
}
