/** Random numbers with PyTorch's own streams: the same seed gives the same bits as on its CPU. */
import { DTypeError, ShapeError, ValueError } from '../errors'
import { run } from '../runtime/commands'
import * as encode from '../runtime/encoders'
import { Category, type DTypeInfo, DTYPES, getDefaultDtype } from '../runtime/dtype'
import { OP } from '../runtime/opcodes'
import { warnOnce } from '../runtime/warn'
import { isTensor, type Tensor } from '../tensor/tensor'
import { emptyOf, expectInt, expectNumber, expectTensor, notImplemented, optionsOf } from './core'
import { finished } from './create-options'
import {
  coin,
  created,
  createdLike,
  DIGITS,
  drawOptions,
  expectProbability,
  fill,
  INT64,
  int64Of,
  inText,
  LARGEST,
  LIMITS,
  type RandomOptions,
  TYPE_NAMES,
} from './draw'
import { type Generator, type GeneratorOption, stateOf } from './generator'

export type { RandomOptions } from './draw'

/** Options of `uniform_`. */
export interface UniformFillOptions extends GeneratorOption {
  /** Lower bound; default 0. */
  from?: number
  /** Upper bound; default 1. */
  to?: number
}
/** Fills with the uniform distribution of [from, to). @param x floating */
export function uniform_(
  x: Tensor,
  from?: number | UniformFillOptions,
  options?: Omit<UniformFillOptions, 'from'>,
): Tensor {
  expectTensor('uniform_', 'input', x)
  const o = optionsOf<UniformFillOptions>('uniform_', ['from', 'to', 'generator'], from, options)
  const { from: low = 0, to: high = 1 } = o
  expectNumber('uniform_', 'from', low)
  expectNumber('uniform_', 'to', high)
  const largest = LARGEST[x.dtype]
  if (largest === undefined) throw notImplemented('check_uniform_bounds', x.info)
  for (const [name, v] of [
    ['from', low],
    ['to', high],
  ] as const)
    if (!(Math.abs(v) <= largest)) throw new ValueError(`${name} is out of bounds for ${TYPE_NAMES[x.dtype]}`)
  if (low > high)
    throw new ValueError(
      `uniform_ expects to return a [from, to) range, but found from=${inText(low)} > to=${inText(high)}`,
    )
  if (high - low > largest)
    throw new ValueError(
      `uniform_ expects to-from <= std::numeric_limits<${x.info.scalarType}>::max(), but found to=${inText(high)} and from=${inText(low)} which result in to-from to exceed the limit`,
    )
  return fill(x, 'UniformBackward0', (t, i) => {
    encode.randomUniform(OP.random_uniform, i, { state: stateOf(o.generator), out: t, n: t.count, from: low, to: high })
    run()
  })
}

/** Options of `normal_` and `logNormal_`. */
export interface NormalFillOptions extends GeneratorOption {
  /** Default 0; for `logNormal_` 1. */
  mean?: number
  /** Default 1; for `logNormal_` 2. */
  std?: number
}
/** Fills with the normal distribution. @param x floating */
export function normal_(
  x: Tensor,
  mean?: number | NormalFillOptions,
  options?: Omit<NormalFillOptions, 'mean'>,
): Tensor {
  expectTensor('normal_', 'input', x)
  const o = optionsOf<NormalFillOptions>('normal_', ['mean', 'std', 'generator'], mean, options)
  const { mean: center = 0, std = 1 } = o
  expectNumber('normal_', 'mean', center)
  expectNumber('normal_', 'std', std)
  if (!(std >= 0)) throw new ValueError(`normal expects std >= 0.0, but found std ${inText(std)}`)
  return fill(x, 'NormalBackward0', (t, i) => {
    expectFloat(x, 'normal_kernel_cpu')
    encode.randomNormal(OP.random_normal, i, {
      state: stateOf(o.generator),
      out: t,
      n: t.count,
      mean: center,
      std,
      grouped: x.rowMajor,
    })
    run()
  })
}
const expectFloat = (x: Tensor, kernel: string): void => {
  if (x.info.category !== Category.Float) throw notImplemented(kernel, x.info)
}
/** Fills with e to the power of a normal distribution. @param x floating */
export function logNormal_(
  x: Tensor,
  mean?: number | NormalFillOptions,
  options?: Omit<NormalFillOptions, 'mean'>,
): Tensor {
  expectTensor('logNormal_', 'input', x)
  const o = optionsOf<NormalFillOptions>('logNormal_', ['mean', 'std', 'generator'], mean, options)
  const { mean: center = 1, std = 2 } = o
  expectNumber('logNormal_', 'mean', center)
  expectNumber('logNormal_', 'std', std)
  if (!(std > 0)) throw new ValueError(`log_normal_ expects std > 0.0, but found std=${inText(std)}`)
  return fill(x, 'LogNormalBackward0', (t, i) => {
    expectFloat(x, 'log_normal_cpu')
    encode.randomLogNormal(OP.random_log_normal, i, {
      state: stateOf(o.generator),
      out: t,
      n: t.count,
      mean: center,
      std,
    })
    run()
  })
}
/** Options of `exponential_`. */
export interface ExponentialOptions extends GeneratorOption {
  /** The rate. Default 1. */
  lambd?: number
}
/** Fills with the exponential distribution. @param x floating */
export function exponential_(x: Tensor, lambd?: number | ExponentialOptions, options?: GeneratorOption): Tensor {
  expectTensor('exponential_', 'input', x)
  const o = optionsOf<ExponentialOptions>('exponential_', ['lambd', 'generator'], lambd, options)
  const { lambd: rate = 1 } = o
  expectNumber('exponential_', 'lambd', rate)
  if (!(rate > 0)) throw new ValueError(`exponential_ expects lambda > 0.0, but found lambda=${inText(rate)}`)
  return fill(x, 'ExponentialBackward0', (t, i) => {
    if (i.category !== Category.Float) throw notContinuous('Exponential', i.scalarType)
    encode.randomRate(OP.random_exponential, i, { state: stateOf(o.generator), out: t, n: t.count, rate })
    run()
  })
}
const notContinuous = (name: string, dtype: string): DTypeError =>
  new DTypeError(
    `${name} distribution is a continuous probability distribution. dtype must be a floating point but you specified ${dtype}`,
  )
/** Options of `cauchy_`. */
export interface CauchyOptions extends GeneratorOption {
  /** Default 0. */
  median?: number
  /** The half width at half the peak. Default 1. */
  sigma?: number
}
/** Fills with the Cauchy distribution. @param x floating */
export function cauchy_(x: Tensor, median?: number | CauchyOptions, options?: Omit<CauchyOptions, 'median'>): Tensor {
  expectTensor('cauchy_', 'input', x)
  const o = optionsOf<CauchyOptions>('cauchy_', ['median', 'sigma', 'generator'], median, options)
  const { median: center = 0, sigma = 1 } = o
  expectNumber('cauchy_', 'median', center)
  expectNumber('cauchy_', 'sigma', sigma)
  if (!(sigma > 0)) throw new ValueError(`cauchy_ expects sigma > 0.0, but found sigma=${inText(sigma)}`)
  if (x.info.category !== Category.Float) throw notContinuous('Cauchy', TYPE_NAMES[x.dtype])
  return fill(x, 'CauchyBackward0', (t, i) => {
    encode.randomCauchy(OP.random_cauchy, i, {
      state: stateOf(o.generator),
      out: t,
      n: t.count,
      median: center,
      sigma,
    })
    run()
  })
}
/** Fills with the numbers of trials up to the first success of probability `p`, in (0, 1). @param x not bool */
export function geometric_(x: Tensor, p: number, options?: GeneratorOption): Tensor {
  expectTensor('geometric_', 'input', x)
  expectNumber('geometric_', 'p', p)
  const o = optionsOf<GeneratorOption>('geometric_', ['generator'], options)
  if (!(p > 0 && p < 1)) throw new ValueError(`geometric_ expects p to be in (0, 1), but got p=${inText(p)}`)
  return fill(x, 'GeometricBackward0', (t, i) => {
    if (x.dtype === 'bool') throw notImplemented('geometric_cpu', x.info)
    encode.randomProbability(OP.random_geometric, i, { state: stateOf(o.generator), out: t, n: t.count, p })
    run()
  })
}

// ---- integers ---------------------------------------------------------------------------------------------------------

/** An integer as the dtype holds it, exactly. */
const rounded = (v: bigint, digits: number): bigint => {
  // Even the exponent of a bfloat16 reaches beyond int64, so only the significand matters; ties go to even.
  const magnitude = v < 0n ? -v : v
  const drop = BigInt(Math.max(0, magnitude.toString(2).length - digits))
  const half = drop > 0n ? 1n << (drop - 1n) : 0n
  let kept = magnitude >> drop
  const rest = magnitude - (kept << drop)
  if (drop > 0n && (rest > half || (rest === half && (kept & 1n) === 1n))) kept++
  return v < 0n ? -(kept << drop) : kept << drop
}
/** The distance of the dtype's numbers about `v`, as PyTorch reckons it. */
const spacing = (v: bigint, digits: number): bigint =>
  1n << BigInt((v < 0n ? -v : v).toString(2).length - 1 - digits + 1)

/** The bounds of a floating tensor, drawn in so far that rounding keeps within them. */
function representable(digits: number, from: bigint, to: bigint): [bigint, bigint] {
  const next = rounded(from + 1n, digits)
  // What rounds beyond int64 is the smallest integer to PyTorch, and so changes nothing.
  const last = BigInt.asIntN(64, rounded(to - 1n, digits))
  return [next < from ? next + spacing(from + 1n, digits) : from, last >= to ? last - spacing(to - 1n, digits) : to]
}
function checkBounds(info: DTypeInfo, from: bigint, last: bigint): void {
  const limit = LIMITS[info.name]
  for (const [name, v] of [
    ['from', from],
    ['to - 1', last],
  ] as const) {
    const inside = limit ? v >= limit[0] && v <= limit[1] : Math.abs(Number(v)) <= (LARGEST[info.name] as number)
    if (!inside) throw new ValueError(`${name} is out of bounds for ${TYPE_NAMES[info.name]}`)
    const digits = DIGITS[info.name]
    if (digits !== undefined && (v < 0n ? -v : v) > 1n << BigInt(digits))
      warnOnce(
        `${name} is out of bounds [-(2^${digits}), 2^${digits}]. Due to precision limitations ${TYPE_NAMES[info.name]} can support discrete uniform distribution only within this range. This warning will become an error in version 1.7 release, please fix the code in advance`,
      )
  }
}

/** Fills with all integers that the dtype holds exactly from 0 on (for bool with both values). */
export function random_(x: Tensor, options?: GeneratorOption): Tensor
/** Fills with integers of [0, to). */
export function random_(x: Tensor, to: number | bigint, options?: GeneratorOption): Tensor
/** Fills with integers of [from, to); up to the largest of the dtype where `to` is null. */
export function random_(x: Tensor, from: number | bigint, to: number | bigint | null, options?: GeneratorOption): Tensor
export function random_(
  x: Tensor,
  a?: number | bigint | GeneratorOption,
  b?: number | bigint | null | GeneratorOption,
  c?: GeneratorOption,
): Tensor {
  expectTensor('random_', 'input', x)
  const optionsFirst = typeof a === 'object' || a === undefined
  const single = !optionsFirst && (b === undefined || (typeof b === 'object' && b !== null))
  const options = optionsFirst ? a : single ? b : c
  const { generator } = optionsOf<GeneratorOption>('random_', ['generator'], options)
  if (optionsFirst)
    return fill(x, 'RandomBackward2', (t, i) => {
      encode.randomInt(OP.random_int, i, { state: stateOf(generator), out: t, n: t.count })
      run()
    })
  const from = single ? 0n : int64Of('random_', 'from', a)
  const to = single ? int64Of('random_', 'to', a) : b === null ? null : int64Of('random_', 'to', b)
  return fromTo(x, from, to, generator, single ? 'RandomBackward1' : 'RandomBackward0')
}
function fromTo(x: Tensor, from: bigint, to: bigint | null, g: Generator | null | undefined, node: string): Tensor {
  const [base, range] = to === null ? upwards(x.info, from) : between(x.info, from, to)
  return fill(x, node, (t, i) => {
    encode.randomFromTo(OP.random_from_to, i, { state: stateOf(g), out: t, n: t.count, base, range })
    run()
  })
}
/** Where to start and how many integers there are; 0 stands for all 2⁶⁴. */
function between(info: DTypeInfo, from: bigint, to: bigint): [bigint, bigint] {
  if (from >= to) throw new ValueError(`random_ expects 'from' to be less than 'to', but got from=${from} >= to=${to}`)
  const digits = DIGITS[info.name]
  const [low, high] = digits === undefined ? [from, to] : representable(digits, from, to)
  if (low >= high)
    throw new ValueError(
      `random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from=${low} >= to=${high}`,
    )
  checkBounds(info, low, high - 1n)
  return [low, high - low]
}
function upwards(info: DTypeInfo, from: bigint): [bigint, bigint] {
  if (from === INT64[0]) {
    if (info.name === 'float16' || info.name === 'bool')
      throw notImplemented('random_full_64_bits_range_kernel_cpu', info)
    if (info.category === Category.Int && info.name !== 'int64')
      throw new DTypeError('random_full_64_bits_range_kernel_cpu handles only int64, double, float and bfloat16')
    return [from, 0n]
  }
  const digits = DIGITS[info.name]
  const last = digits === undefined ? (LIMITS[info.name] as readonly [bigint, bigint])[1] : 1n << BigInt(digits)
  const low = digits === undefined ? from : representable(digits, from, last)[0]
  if (digits !== undefined && low >= last)
    throw new ValueError(
      `random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got from=${low} > to_inc=${last}`,
    )
  checkBounds(info, low, last)
  return [low, last - low + 1n]
}

// ---- coins ------------------------------------------------------------------------------------------------------------

/** Options of `bernoulli_`. */
export interface BernoulliFillOptions extends GeneratorOption {
  /** Default 0.5. */
  p?: number | Tensor
}
/** Fills with ones of probability `p` (a number, or a floating tensor that broadcasts) and zeros. */
export function bernoulli_(x: Tensor, p?: number | Tensor | BernoulliFillOptions, options?: GeneratorOption): Tensor {
  expectTensor('bernoulli_', 'input', x)
  const o = optionsOf<BernoulliFillOptions>('bernoulli_', ['p', 'generator'], p, options)
  const chance = o.p ?? 0.5
  if (!isTensor(chance)) {
    expectProbability(chance)
    return fill(x, 'BernoulliBackward2', (t) => coin(t, chance, o.generator))
  }
  // Of nothing nothing is asked.
  const q = x.count === 0 ? chance : chance.detach().expand(x.sizes)
  return fill(x, 'BernoulliBackward1', (t) => coin(t, q, o.generator), chance)
}

// ---- new tensors ------------------------------------------------------------------------------------------------------

const drawUniform = (x: Tensor, generator: Generator | null): Tensor => uniform_(x, { generator })
const drawNormal = (x: Tensor, generator: Generator | null): Tensor => normal_(x, { generator })

/** Uniform on [0, 1). */
export const rand = (size: readonly number[], options?: RandomOptions): Tensor =>
  created('rand', size, options, getDefaultDtype(), drawUniform)
/** Standard normal. */
export const randn = (size: readonly number[], options?: RandomOptions): Tensor =>
  created('randn', size, options, getDefaultDtype(), drawNormal)
/** Uniform on [0, 1), in the shape, dtype and layout of a tensor. */
export const randLike = (x: Tensor, options?: RandomOptions): Tensor => createdLike('randLike', x, options, drawUniform)
/** Standard normal, in the shape, dtype and layout of a tensor. */
export const randnLike = (x: Tensor, options?: RandomOptions): Tensor =>
  createdLike('randnLike', x, options, drawNormal)

/** Integers of [0, high); int64 unless `dtype` says otherwise. */
export function randint(high: number | bigint, size: readonly number[], options?: RandomOptions): Tensor
/** Integers of [low, high); int64 unless `dtype` says otherwise. */
export function randint(
  low: number | bigint,
  high: number | bigint,
  size: readonly number[],
  options?: RandomOptions,
): Tensor
export function randint(a: number | bigint, b: unknown, c?: unknown, d?: unknown): Tensor {
  const short = Array.isArray(b)
  const low = int64Of('randint', 'low', short ? 0 : a)
  const high = int64Of('randint', 'high', short ? a : b)
  return created('randint', (short ? b : c) as readonly number[], short ? c : d, 'int64', (x, g) =>
    fromTo(x, low, high, g, 'RandomBackward0'),
  )
}
/** Integers of [0, high), in the shape, dtype and layout of a tensor. */
export function randintLike(x: Tensor, high: number | bigint, options?: RandomOptions): Tensor
/** Integers of [low, high), in the shape, dtype and layout of a tensor. */
export function randintLike(x: Tensor, low: number | bigint, high: number | bigint, options?: RandomOptions): Tensor
export function randintLike(x: Tensor, a: number | bigint, b?: unknown, c?: unknown): Tensor {
  const short = typeof b !== 'number' && typeof b !== 'bigint'
  const low = int64Of('randintLike', 'low', short ? 0 : a)
  const high = int64Of('randintLike', 'high', short ? a : b)
  return createdLike('randintLike', x, short ? b : c, (t, g) => fromTo(t, low, high, g, 'RandomBackward0'))
}

/** The integers of [0, n) in random order; int64 unless `dtype` says otherwise. */
export function randperm(n: number, options?: RandomOptions): Tensor {
  expectInt('randperm', 'n', n)
  if (n < 0) throw new ShapeError(`Trying to create tensor with negative dimension ${n}: [${n}]`)
  const [o, generator] = drawOptions('randperm', options)
  const info = DTYPES[o.dtype ?? 'int64']
  expectRoom(info, n)
  const out = emptyOf([n], DTYPES.int64)
  if (n > 0) {
    encode.randomPerm(OP.random_perm, DTYPES.int64, { state: stateOf(generator), out, n })
    run()
  }
  return finished(info.name === 'int64' ? out : out.to(info.name), o)
}
function expectRoom(info: DTypeInfo, n: number): void {
  if (info.name === 'bool') throw notImplemented('randperm', info)
  if (info.category === Category.Int) {
    if (BigInt(n) > (LIMITS[info.name] as readonly [bigint, bigint])[1] + 1n)
      throw new ValueError(`value cannot be converted to type ${info.name}_t without overflow`)
    return
  }
  // PyTorch has no limit for bfloat16.
  const digits = info.name === 'bfloat16' ? undefined : DIGITS[info.name]
  if (digits !== undefined && n > 2 ** digits + 1)
    throw new ValueError(
      `n cannot be greater than ${digits === 11 ? '2049' : `2^${digits}+1`} for ${info.scalarType} type.`,
    )
}
