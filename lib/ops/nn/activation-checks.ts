/** What activations refuse, in PyTorch's words. */
import { expectNumber } from '../../check/arguments'
import { checkFloat } from '../../check/dtypes'
import { notImplemented } from '../../check/words'
import { DTypeError, ShapeError, ValueError } from '../../errors'
import { Category, type DTypeInfo } from '../../runtime/dtype'
import { formatGeneral } from '../../tensor/python-format'
import { wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'

/** @param message what is said of bools */
export const checkNoBool =
  (message: string) =>
  (info: DTypeInfo): void => {
    if (info.category === Category.Bool) throw new DTypeError(message, { dtype: info.name })
  }
export function checkAlpha(alpha: number): void {
  if (alpha === 0) throw new ValueError('ZeroDivisionError: alpha cannot be 0 for CELU')
}
export function checkSoftshrink(x: Tensor, lambd: number): void {
  checkFloat('softshrink_check', x.info)
  if (!(lambd >= 0))
    throw new ValueError(
      `lambda must be in range [0, ${formatGeneral(Number(x.info.range[1]))}] for input dtype ${x.info.scalarType}, but found ${lambd}`,
      { lambd },
    )
}
export function checkSlopes(lower: number, upper: number): void {
  for (const [name, v] of Object.entries({ lower, upper }))
    if (!Number.isFinite(v)) throw new ValueError(`rrelu: ${name} bound must be finite, got ${formatGeneral(v)}`)
  if (lower > upper) throw new ValueError('Lower bound should be less than or equal to the upper bound')
}
export function checkRrelu(info: DTypeInfo): void {
  if (info.category !== Category.Float || info.name === 'float16')
    throw notImplemented('rrelu_with_noise_out_cpu', info)
}
/** @returns the limits, which for integers are cut to integers */
export function checkHardtanh(info: DTypeInfo, minVal: number, maxVal: number): [number, number] {
  if (minVal > maxVal) throw new ValueError('min_val cannot be greater than max_val', { minVal, maxVal })
  if (info.name === 'bool') throw new DTypeError('Bool inputs not supported for hardtanh')
  if (info.category !== Category.Int) return [minVal, maxVal]
  const [low, high] = [Math.trunc(minVal), Math.trunc(maxVal)]
  if (info.name === 'uint8' && (low < 0 || high < 0))
    throw new DTypeError('cannot do hardtanh on an unsigned type with negative limits')
  return [low, high]
}
export function checkThreshold(info: DTypeInfo, limit: number, value: number): void {
  if (info.name === 'bool') throw notImplemented('threshold_cpu', info)
  expectNumber('threshold', 'threshold', limit)
  expectNumber('threshold', 'value', value)
}
export function checkPrelu(x: Tensor, weight: Tensor): void {
  if (x.info !== weight.info)
    throw new DTypeError(
      `prelu: Type promoting not supported. Got ${x.info.scalarType} and ${weight.info.scalarType}`,
      { input: x.dtype, weight: weight.dtype },
    )
  if (weight.count !== 1) {
    if (x.sizes.length === 0) throw new ShapeError('Not allow zero-dim input tensor.')
    const channels = x.sizes.length > 1 ? x.sizes[1] : 1
    if (weight.count !== channels)
      throw new ShapeError(
        `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${weight.count} and channel size = ${channels}.`,
        { input: [...x.sizes], weight: [...weight.sizes] },
      )
  }
  if (weight.sizes.length > 1)
    throw new ShapeError(
      `prelu: Expected \`weight\` to be a scalar or 1D tensor, but got: ndim = ${weight.sizes.length}`,
      { weight: [...weight.sizes] },
    )
  checkFloat('prelu_cpu', x.info)
}
/** @returns the dim */
export function checkGlu(x: Tensor, dim: number): number {
  if (x.sizes.length === 0) throw new ShapeError('glu does not support scalars because halving size must be even')
  const d = wrapDim(dim, x.sizes.length)
  const size = x.sizes[d]
  if (size % 2 !== 0)
    throw new ShapeError(`Halving dimension must be even, but dimension ${d} is size ${size}`, {
      input: [...x.sizes],
      dim: d,
    })
  checkFloat('glu_cpu', x.info)
  return d
}
