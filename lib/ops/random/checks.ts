/** What random operations refuse, in PyTorch's words. */
import { checkFloat, checkOnlyFloating } from '../../check/dtypes'
import { negativeSize } from '../../check/shapes'
import { notImplemented } from '../../check/words'
import { ArgumentError, DTypeError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { Category, type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { warnOnce } from '../../runtime/warn'
import { broadcastShapes, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { formatGeneral } from '../../tensor/python-format'

// ---- parameters of distributions ----------------------------------------------------------------------------------

/** @throws ValueError for what is no probability */
export function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`bernoulli_ expects p to be in [0, 1], but got p=${formatGeneral(p)}`)
}
/** @param dtype as PyTorch calls it there */
export function checkContinuous(name: string, info: DTypeInfo, dtype: string): void {
  if (info.category !== Category.Float)
    throw new DTypeError(
      `${name} distribution is a continuous probability distribution. dtype must be a floating point but you specified ${dtype}`,
    )
}
export function checkUniform(info: DTypeInfo, from: number, to: number): void {
  checkFloat('check_uniform_bounds', info)
  const [least, largest] = info.range
  if (!(from >= least && from <= largest)) throw outOfBounds('from', info)
  if (!(to >= least && to <= largest)) throw outOfBounds('to', info)
  if (from > to)
    throw new ValueError(
      `uniform_ expects to return a [from, to) range, but found from=${formatGeneral(from)} > to=${formatGeneral(to)}`,
    )
  if (to - from > largest)
    throw new ValueError(
      `uniform_ expects to-from <= std::numeric_limits<${info.scalarType}>::max(), but found to=${formatGeneral(to)} and from=${formatGeneral(from)} which result in to-from to exceed the limit`,
    )
}
const outOfBounds = (name: string, info: DTypeInfo): ValueError =>
  new ValueError(`${name} is out of bounds for ${info.cppName}`)
export function checkDeviation(std: number): void {
  if (!(std >= 0)) throw new ValueError(`normal expects std >= 0.0, but found std ${formatGeneral(std)}`)
}
export function checkPositive(op: string, name: string, v: number): void {
  if (!(v > 0)) throw new ValueError(`${op} expects ${name} > 0.0, but found ${name}=${formatGeneral(v)}`)
}
export function checkTrialProbability(p: number): void {
  if (!(p > 0 && p < 1)) throw new ValueError(`geometric_ expects p to be in (0, 1), but got p=${formatGeneral(p)}`)
}

// ---- integers -----------------------------------------------------------------------------------------------------

/** The least and the largest int64. */
export const INT64 = DTYPES.int64.range as readonly [bigint, bigint]
/** @returns the integer */
export function checkInt64(op: string, name: string, v: unknown): bigint {
  if (typeof v !== 'bigint' && !(typeof v === 'number' && Number.isInteger(v)))
    throw new ArgumentError(`${op}(): argument '${name}' must be int, not ${shown(v)}`, { op, argument: name })
  const n = BigInt(v)
  if (n < INT64[0] || n > INT64[1]) throw new ValueError('Overflow when unpacking long long', { [name]: String(v) })
  return n
}
export function checkOrder(from: bigint, to: bigint): void {
  if (from >= to) throw new ValueError(`random_ expects 'from' to be less than 'to', but got from=${from} >= to=${to}`)
}
/** Of bounds as the dtype holds them. */
export function checkCastOrder(info: DTypeInfo, from: bigint, to: bigint): void {
  if (from >= to)
    throw new ValueError(
      `random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from=${from} >= to=${to}`,
    )
  checkBounds(info, from, to - 1n)
}
/** The same where the last integer is the largest that the dtype holds exactly. */
export function checkCastStart(info: DTypeInfo, from: bigint, last: bigint): void {
  if (info.digits > 0 && from >= last)
    throw new ValueError(
      `random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got from=${from} > to_inc=${last}`,
    )
  checkBounds(info, from, last)
}
function checkBounds(info: DTypeInfo, from: bigint, last: bigint): void {
  const { digits } = info
  const [least, largest] = info.range
  for (const [name, v] of [
    ['from', from],
    ['to - 1', last],
  ] as const) {
    if (v < least || v > largest) throw outOfBounds(name, info)
    if (digits > 0 && (v < 0n ? -v : v) > 1n << BigInt(digits))
      warnOnce(
        `${name} is out of bounds [-(2^${digits}), 2^${digits}]. Due to precision limitations ${info.cppName} can support discrete uniform distribution only within this range. This warning will become an error in version 1.7 release, please fix the code in advance`,
      )
  }
}
/** Of all 64 bits. */
export function checkFullRange(info: DTypeInfo): void {
  if (info.name === 'float16' || info.name === 'bool')
    throw notImplemented('random_full_64_bits_range_kernel_cpu', info)
  if (info.category === Category.Int && info.name !== 'int64')
    throw new DTypeError('random_full_64_bits_range_kernel_cpu handles only int64, double, float and bfloat16')
}
/** Whether the dtype holds the integers up to n. */
export function checkPermutation(info: DTypeInfo, n: number): void {
  if (n < 0) throw negativeSize(n, [n])
  if (info.name === 'bool') throw notImplemented('randperm', info)
  if (info.category === Category.Int) {
    if (BigInt(n) > (info.range[1] as bigint) + 1n)
      throw new ValueError(`value cannot be converted to type ${info.name}_t without overflow`)
    return
  }
  // PyTorch has no limit for bfloat16.
  const { digits } = info
  if (info.name !== 'bfloat16' && n > 2 ** digits + 1)
    throw new ValueError(
      `n cannot be greater than ${digits === 11 ? '2049' : `2^${digits}+1`} for ${info.scalarType} type.`,
    )
}

// ---- samples ------------------------------------------------------------------------------------------------------

/** @returns the shape of the samples */
export function checkBinomial(count: Tensor, prob: Tensor): number[] {
  checkOnlyFloating('binomial', ' for count,', count.info)
  checkOnlyFloating('binomial', ' for prob,', prob.info)
  const sizes = broadcastShapes(count.sizes, prob.sizes)
  const { info } = count
  if (prob.info !== info) throw new DTypeError(`Found dtype ${prob.info.scalarType} but expected ${info.scalarType}`)
  if (info.compute !== info.name) throw notImplemented('binomial_cpu', info)
  return sizes
}
/** @param again whether with replacement */
export function checkMultinomial(sizes: Shape, info: DTypeInfo, samples: number, again: boolean): void {
  if (sizes.length < 1 || sizes.length > 2) throw new ShapeError('prob_dist must be 1 or 2 dim')
  checkOnlyFloating('multinomial', ' for input,', info)
  if (samples <= 0) throw new ValueError('cannot sample n_sample <= 0 samples')
  if (!again && samples > sizes[sizes.length - 1])
    throw new ValueError('cannot sample n_sample > prob_dist.size(-1) samples without replacement')
}
export const NO_SUM = 'invalid multinomial distribution (sum of probabilities <= 0)'
/** @param reason what the kernel found: 0 no sum, 1 a negative entry, else one that is not finite */
export const badProbability = (reason: number | undefined): ValueError =>
  new ValueError(
    reason === 0
      ? NO_SUM
      : `invalid multinomial distribution (encountering probability entry ${reason === 1 ? '< 0' : '= infinity or NaN'})`,
  )

// ---- generators ---------------------------------------------------------------------------------------------------

/** @returns the seed */
export function checkSeed(seed: number | bigint): bigint {
  if (typeof seed !== 'bigint' && !Number.isInteger(seed))
    throw new ArgumentError(`manualSeed(): argument 'seed' must be an integer, not ${shown(seed)}`)
  const s = BigInt(seed)
  if (s < -(2n ** 63n) || s >= 2n ** 64n)
    throw new ValueError('Overflow when unpacking long long', { seed: String(seed) })
  return s
}
/** @param bytes how many a state has */
export function checkState(state: Tensor, bytes: number): void {
  if (state.dtype !== 'uint8') throw new DTypeError('RNG state must be a ByteTensor', { dtype: state.dtype })
  if (!state.rowMajor) throw new ValueError('RNG state must be contiguous')
  if (state.count !== bytes)
    throw new ValueError(
      `Expected a CPUGeneratorImplState of size ${bytes} but found the input RNG state size to be ${state.count}`,
      { size: state.count },
    )
}
