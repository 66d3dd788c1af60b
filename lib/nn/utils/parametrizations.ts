/** Parametrizations that are ready to use. */
import { noGrad } from '../../autograd/mode'
import { IndexError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { expectInt, expectNumber, expectString } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { normalize } from '../../ops/nn/normalize'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { Module } from '../module'
import { fieldsOf, expectModule } from '../registry'
import { asMatrix, drawDirection, normExceptDim, outputDim, setDirection, weightNormOf } from './norms'
import { type Parametrized, registerParametrization } from './parametrize'

class _WeightNorm extends Module {
  constructor(readonly dim: number) {
    super()
  }
  override forward(weightG: Tensor, weightV: Tensor): Tensor {
    return weightNormOf(weightV, weightG, this.dim)
  }
  rightInverse(weight: Tensor): [Tensor, Tensor] {
    return [normExceptDim(weight, 2, this.dim), weight]
  }
}
/** Options of `weightNorm`. */
export interface WeightNormOptions {
  /** The parameter. Default `weight`. */
  name?: string
  /** The dim that has a norm for each of its entries; null: one norm for all. Default 0. */
  dim?: number | null
}
/**
 * Splits a parameter into its size and its direction, which are trained apart (Salimans and Kingma 2016): the originals
 * are `original0`, the norms, and `original1`.
 */
export function weightNorm<M extends Module>(
  module: M,
  name?: string | WeightNormOptions,
  options?: WeightNormOptions,
): Parametrized<M> {
  expectModule('weightNorm', 'module', module)
  const o = optionsOf<WeightNormOptions>('weightNorm', ['name', 'dim'], name, options)
  const { name: key = 'weight', dim = 0 } = o
  expectString('weightNorm', 'name', key)
  const parametrized = registerParametrization(module, key, new _WeightNorm(dim ?? -1), { unsafe: true })
  // What the older form of this saved.
  module.registerLoadStateDictPreHook((_m, state, prefix) => {
    const [g, v] = [state.get(`${prefix}${key}_g`), state.get(`${prefix}${key}_v`)]
    if (g === undefined || v === undefined) return
    state.delete(`${prefix}${key}_g`)
    state.delete(`${prefix}${key}_v`)
    state.set(`${prefix}parametrizations.${key}.original0`, g)
    state.set(`${prefix}parametrizations.${key}.original1`, v)
  })
  return parametrized
}

class _SpectralNorm extends Module {
  readonly dim: number
  declare private _u: Tensor
  declare private _v: Tensor
  constructor(
    weight: Tensor,
    readonly nPowerIterations: number,
    dim: number,
    readonly eps: number,
  ) {
    super()
    const { ndim } = weight
    if (dim >= ndim || dim < -ndim)
      throw new IndexError(
        `Dimension out of range (expected to be in range of [-${ndim}, ${ndim - 1}] but got ${dim})`,
        { dim },
      )
    if (nPowerIterations <= 0)
      throw new ValueError(
        `Expected n_power_iterations to be positive, but got n_power_iterations=${nPowerIterations}`,
        { nPowerIterations },
      )
    this.dim = dim < 0 ? dim + ndim : dim
    if (ndim <= 1) return
    const matrix = asMatrix(weight.detach(), this.dim)
    const [h, w] = matrix.sizes as [number, number]
    this.registerBuffer('_u', drawDirection(matrix, h, eps))
    this.registerBuffer('_v', drawDirection(matrix, w, eps))
    this.powerMethod(matrix, 15)
  }
  private powerMethod(matrix: Tensor, times: number): void {
    noGrad(() => {
      for (let i = 0; i < times; i++) {
        setDirection(this._u, matrix.mv(this._v), this.eps)
        setDirection(this._v, matrix.t().mv(this._u), this.eps)
      }
    })
  }
  override forward(weight: Tensor): Tensor {
    if (weight.ndim === 1) return normalize(weight, { dim: 0, eps: this.eps })
    const matrix = asMatrix(weight, this.dim)
    if (this.training) this.powerMethod(matrix.detach(), this.nPowerIterations)
    // Copies: a second forward changes the buffers before the first one's backward has run.
    const [u, v] = [this._u.clone(), this._v.clone()]
    return weight.div(u.vdot(matrix.mv(v)))
  }
  rightInverse(value: Tensor): Tensor {
    return value
  }
}
/** Options of `spectralNorm`. */
export interface SpectralNormOptions {
  /** The parameter. Default `weight`. */
  name?: string
  /** Steps of the power iteration at each forward in training. Default 1. */
  nPowerIterations?: number
  /** Default 1e-12. */
  eps?: number
  /** The dim of the outputs. Default 0, and 1 for transposed convolutions. */
  dim?: number | null
}
/** Divides a parameter by its largest singular value, which is estimated as the training goes on (Miyato et al. 2018). */
export function spectralNorm<M extends Module>(
  module: M,
  name?: string | SpectralNormOptions,
  options?: SpectralNormOptions,
): Parametrized<M> {
  expectModule('spectralNorm', 'module', module)
  const o = optionsOf<SpectralNormOptions>('spectralNorm', ['name', 'nPowerIterations', 'eps', 'dim'], name, options)
  const { name: key = 'weight', nPowerIterations = 1, eps = 1e-12 } = o
  expectString('spectralNorm', 'name', key)
  const m: Module = module
  const weight = fieldsOf(m)[key]
  if (!isTensor(weight)) throw new ValueError(`Module '${shown(m)}' has no parameter or buffer with name '${key}'`)
  const dim = o.dim ?? outputDim(m)
  expectInt('spectralNorm', 'n_power_iterations', nPowerIterations)
  expectInt('spectralNorm', 'dim', dim)
  expectNumber('spectralNorm', 'eps', eps)
  return registerParametrization(module, key, new _SpectralNorm(weight, nPowerIterations, dim, eps))
}
