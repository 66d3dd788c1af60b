/** Tensors filled with draws of a distribution, with PyTorch's streams. */
import { expectNothing, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { checkFloat } from '../../check/dtypes'
import { notImplemented } from '../../check/words'
import { packed, run } from '../../runtime/commands'
import type { DTypeInfo } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define, defineAs } from '../define/define'
import { float, floatOrTensor, scalar, tensor } from '../define/params'
import type { Op } from '../define/registry'
import {
  INT64,
  checkCastOrder,
  checkCastStart,
  checkContinuous,
  checkDeviation,
  checkFullRange,
  checkInt64,
  checkOrder,
  checkPositive,
  checkProbability,
  checkTrialProbability,
  checkUniform,
} from './checks'
import { coin, fill } from './shared'
import { type Generator, type GeneratorOption, generator, stateOf } from './generator'

/** Options of `uniform_`. */
export interface UniformFillOptions extends GeneratorOption {
  /** Lower bound; default 0. */
  from?: number
  /** Upper bound; default 1. */
  to?: number
}
/** Fills with the uniform distribution of [from, to). @param x floating */
export const uniform_: Op<
  (x: Tensor, from?: number | UniformFillOptions, options?: Omit<UniformFillOptions, 'from'>) => Tensor
> = define('uniform_', {
  params: [tensor('input'), float('from').default(0), float('to').default(1), generator('generator').optional()],
  node: 'UniformBackward0',
  differentiable: false,
  run(x, { from: low, to: high, generator }) {
    checkUniform(x.info, low, high)
    return fill(x, uniform_.op.node, (t, i) => {
      encode.randomUniform(OP.random_uniform, i, {
        state: stateOf(generator),
        out: packed(t),
        n: t.count,
        from: low,
        to: high,
      })
      run()
    })
  },
})
/** Options of `normal_` and `logNormal_`. */
export interface NormalFillOptions extends GeneratorOption {
  /** Default 0; for `logNormal_` 1. */
  mean?: number
  /** Default 1; for `logNormal_` 2. */
  std?: number
}
type NormalFill = Op<
  (x: Tensor, mean?: number | NormalFillOptions, options?: Omit<NormalFillOptions, 'mean'>) => Tensor
>
/** Fills with the normal distribution. @param x floating */
export const normal_: NormalFill = define('normal_', {
  params: [tensor('input'), float('mean').default(0), float('std').default(1), generator('generator').optional()],
  node: 'NormalBackward0',
  differentiable: false,
  run(x, { mean, std, generator }) {
    checkDeviation(std)
    return fill(x, normal_.op.node, (t, i) => {
      checkFloat('normal_kernel_cpu', i)
      encode.randomNormal(OP.random_normal, i, {
        state: stateOf(generator),
        out: packed(t),
        n: t.count,
        mean,
        std,
        grouped: x.rowMajor,
      })
      run()
    })
  },
})
/** Fills with e to the power of a normal distribution. @param x floating */
export const logNormal_: NormalFill = define('logNormal_', {
  params: [tensor('input'), float('mean').default(1), float('std').default(2), generator('generator').optional()],
  node: 'LogNormalBackward0',
  differentiable: false,
  run(x, { mean, std, generator }) {
    checkPositive('log_normal_', 'std', std)
    return fill(x, logNormal_.op.node, (t, i) => {
      checkFloat('log_normal_cpu', i)
      encode.randomLogNormal(OP.random_log_normal, i, {
        state: stateOf(generator),
        out: packed(t),
        n: t.count,
        mean,
        std,
      })
      run()
    })
  },
})
/** Options of `exponential_`. */
export interface ExponentialOptions extends GeneratorOption {
  /** The rate. Default 1. */
  lambd?: number
}
/** Fills with the exponential distribution. @param x floating */
export const exponential_: Op<(x: Tensor, lambd?: number | ExponentialOptions, options?: GeneratorOption) => Tensor> =
  define('exponential_', {
    params: [tensor('input'), float('lambd').default(1), generator('generator').optional()],
    node: 'ExponentialBackward0',
    differentiable: false,
    run(x, { lambd: rate, generator }) {
      checkPositive('exponential_', 'lambda', rate)
      return fill(x, exponential_.op.node, (t, i) => {
        checkContinuous('Exponential', i, i.scalarType)
        encode.randomRate(OP.random_exponential, i, { state: stateOf(generator), out: packed(t), n: t.count, rate })
        run()
      })
    },
  })
/** Options of `cauchy_`. */
export interface CauchyOptions extends GeneratorOption {
  /** Default 0. */
  median?: number
  /** The half width at half the peak. Default 1. */
  sigma?: number
}
/** Fills with the Cauchy distribution. @param x floating */
export const cauchy_: Op<
  (x: Tensor, median?: number | CauchyOptions, options?: Omit<CauchyOptions, 'median'>) => Tensor
> = define('cauchy_', {
  params: [tensor('input'), float('median').default(0), float('sigma').default(1), generator('generator').optional()],
  node: 'CauchyBackward0',
  differentiable: false,
  run(x, { median, sigma, generator }) {
    checkPositive('cauchy_', 'sigma', sigma)
    checkContinuous('Cauchy', x.info, x.info.cppName)
    return fill(x, cauchy_.op.node, (t, i) => {
      encode.randomCauchy(OP.random_cauchy, i, { state: stateOf(generator), out: packed(t), n: t.count, median, sigma })
      run()
    })
  },
})
/** Fills with the numbers of trials up to the first success of probability `p`, in (0, 1). @param x not bool */
export const geometric_: Op<(x: Tensor, p: number, options?: GeneratorOption) => Tensor> = define('geometric_', {
  params: [tensor('input'), float('p'), generator('generator').optional()],
  node: 'GeometricBackward0',
  differentiable: false,
  run(x, p, { generator }) {
    checkTrialProbability(p)
    return fill(x, geometric_.op.node, (t, i) => {
      if (x.dtype === 'bool') throw notImplemented('geometric_cpu', x.info)
      encode.randomProbability(OP.random_geometric, i, { state: stateOf(generator), out: packed(t), n: t.count, p })
      run()
    })
  },
})
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
/** What `random_` takes: no bounds, the upper one or both. */
export interface RandomFill {
  /** Fills with all integers that the dtype holds exactly from 0 on (for bool with both values). */
  (x: Tensor, options?: GeneratorOption): Tensor
  /** Fills with integers of [0, to). */
  (x: Tensor, to: number | bigint, options?: GeneratorOption): Tensor
  /** Fills with integers of [from, to); up to the largest of the dtype where `to` is null. */
  (x: Tensor, from: number | bigint, to: number | bigint | null, options?: GeneratorOption): Tensor
}
/**
 * Fills with integers of [from, to): of [0, to) where one number is given, up to the largest of the dtype where `to` is null; without
 * bounds with all integers that the dtype holds exactly from 0 on (for bool with both values).
 */
export const random_: Op<RandomFill> = defineAs<RandomFill>('random_', {
  params: [
    tensor('input'),
    scalar('from').optional(),
    scalar('to').orNull().optional(),
    generator('generator').optional(),
  ],
  node: ['RandomBackward0', 'RandomBackward1', 'RandomBackward2'],
  differentiable: false,
  run: fillIntegers,
})
function fillIntegers(
  x: Tensor,
  a?: number | bigint | GeneratorOption,
  b?: number | bigint | null | GeneratorOption,
  c?: GeneratorOption,
): Tensor {
  expectTensor('random_', 'input', x)
  const optionsFirst = typeof a === 'object' || a === undefined
  const single = !optionsFirst && (b === undefined || (typeof b === 'object' && b !== null))
  const options = optionsFirst ? a : single ? b : c
  if (optionsFirst) expectNothing('random_', b)
  if (optionsFirst || single) expectNothing('random_', c)
  const { generator } = optionsOf<GeneratorOption>('random_', ['generator'], options)
  if (optionsFirst)
    return fill(x, random_.op.nodes[2] as string, (t, i) => {
      encode.randomInt(OP.random_int, i, { state: stateOf(generator), out: packed(t), n: t.count })
      run()
    })
  const from = single ? 0n : checkInt64('random_', 'from', a)
  const to = single ? checkInt64('random_', 'to', a) : b === null ? null : checkInt64('random_', 'to', b)
  return fromTo(x, from, to, generator, random_.op.nodes[single ? 1 : 0] as string)
}
export function fromTo(
  x: Tensor,
  from: bigint,
  to: bigint | null,
  g: Generator | null | undefined,
  node: string,
): Tensor {
  const [base, range] = to === null ? upwards(x.info, from) : between(x.info, from, to)
  return fill(x, node, (t, i) => {
    encode.randomFromTo(OP.random_from_to, i, { state: stateOf(g), out: packed(t), n: t.count, base, range })
    run()
  })
}
/** Where to start and how many integers there are; 0 stands for all 2⁶⁴. */
function between(info: DTypeInfo, from: bigint, to: bigint): [bigint, bigint] {
  checkOrder(from, to)
  const { digits } = info
  const [low, high] = digits === 0 ? [from, to] : representable(digits, from, to)
  checkCastOrder(info, low, high)
  return [low, high - low]
}
function upwards(info: DTypeInfo, from: bigint): [bigint, bigint] {
  if (from === INT64[0]) {
    checkFullRange(info)
    return [from, 0n]
  }
  const { digits } = info
  const last = digits === 0 ? (info.range[1] as bigint) : 1n << BigInt(digits)
  const low = digits === 0 ? from : representable(digits, from, last)[0]
  checkCastStart(info, low, last)
  return [low, last - low + 1n]
}
/** Options of `bernoulli_`. */
export interface BernoulliFillOptions extends GeneratorOption {
  /** Default 0.5. */
  p?: number | Tensor
}
/** Fills with ones of probability `p` (a number, or a floating tensor that broadcasts) and zeros. */
export const bernoulli_: Op<
  (x: Tensor, p?: number | Tensor | BernoulliFillOptions, options?: GeneratorOption) => Tensor
> = define('bernoulli_', {
  params: [tensor('input'), floatOrTensor('p').default(0.5), generator('generator').optional()],
  node: ['BernoulliBackward1', 'BernoulliBackward2'],
  differentiable: false,
  run(x, { p, generator }) {
    const [ofTensor, ofNumber] = bernoulli_.op.nodes as [string, string]
    if (!isTensor(p)) {
      checkProbability(p)
      return fill(x, ofNumber, (t) => coin(t, p, generator))
    }
    // Of nothing nothing is asked.
    const q = x.count === 0 ? p : p.detach().expand(x.sizes)
    return fill(x, ofTensor, (t) => coin(t, q, generator), p)
  },
})
