/** Samples of distributions whose parameters are tensors, with PyTorch's own streams. */
import { attach, tracks } from '../../autograd/node'
import { ArgumentError, ValueError } from '../../errors'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { DTYPES, getDefaultDtype } from '../../runtime/dtype'
import { OP, STATUS } from '../../runtime/opcodes'
import { broadcastShapes } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { expectInts, expectNothing, expectNumber } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { expectRange } from '../define/expect-range'
import { contiguousRaw, emptyLike, emptyOf, filled } from '../define/results'
import { underivable } from '../define/elementwise'
import { define, defineAs } from '../define/define'
import { bool, float, floatOrTensor, int, ints, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { checkFloat } from '../../check/dtypes'
import { badProbability, checkBinomial, checkMultinomial, checkProbability, NO_SUM } from './checks'
import { coin, created, drawing, drawOptions, type RandomOptions, zeroRule } from './shared'
import { generator, type GeneratorOption, stateOf } from './generator'
import { exponential_, normal_ } from './in-place'

/** Options of `bernoulli`. */
export interface BernoulliOptions extends GeneratorOption {
  /** One probability for all, instead of the input's values. */
  p?: number
}
/** Ones with the probabilities that the input holds, and zeros; `p` overrides them. @param x floating, unless `p` is given */
export const bernoulli: Op<(x: Tensor, p?: number | BernoulliOptions, options?: GeneratorOption) => Tensor> = define(
  'bernoulli',
  {
    params: [tensor('input'), float('p').optional(), generator('generator').optional()],
    node: ['BernoulliBackward0', 'NotImplemented'],
    differentiable: false,
    run(x, { p, generator }) {
      if (p !== undefined) checkProbability(p)
      const out = emptyOf(x.sizes, x.info)
      if (x.count > 0) coin(out, p ?? x, generator)
      if (tracks(x))
        attach(
          out,
          bernoulli.op.nodes[p === undefined ? 0 : 1] as string,
          p === undefined ? zeroRule : underivable('bernoulli'),
          [x],
        )
      return out
    },
  },
)

/** Options of `normal` where a tensor gives the means. */
export interface NormalOptions extends GeneratorOption {
  /** Default 1. */
  std?: number
}
/** What `normal` takes: tensors of means or deviations, or numbers and a size. */
export interface Normal {
  /** Normal values around each of the means. */
  (mean: Tensor, std?: Tensor | number | NormalOptions, options?: GeneratorOption): Tensor
  /** Normal values around one mean, with each of the deviations. */
  (mean: number, std: Tensor, options?: GeneratorOption): Tensor
  /** Normal values of one mean and deviation. */
  (mean: number, std: number, size: readonly number[], options?: RandomOptions): Tensor
}
/**
 * Normal values around each of the means, with each of the deviations; two numbers need a size.
 * @throws ValueError for a negative deviation
 */
export const normal: Op<Normal> = defineAs<Normal>('normal', {
  params: [floatOrTensor('mean'), floatOrTensor('std').default(1), ints('size').optional(), ...drawing],
  node: ['NormalBackward1', 'NormalBackward2', 'NormalBackward3'],
  differentiable: false,
  run: normalOf,
})
function normalOf(
  mean: Tensor | number,
  second?: Tensor | number | NormalOptions,
  third?: readonly number[] | GeneratorOption,
  fourth?: RandomOptions,
): Tensor {
  if (!isTensor(mean)) expectNumber('normal', 'mean', mean)
  if (!isTensor(mean) && !isTensor(second)) {
    expectNumber('normal', 'std', second)
    if (!Array.isArray(third)) throw new ArgumentError("normal(): missing the 'size' that numbers need")
    expectInts('normal', 'size', third)
    return created('normal', third, drawOptions('normal', fourth), getDefaultDtype(), (x, generator) =>
      normal_(x, { mean, std: second, generator }),
    )
  }
  if (third !== undefined && !isOptions(third))
    throw new ArgumentError("normal(): a 'size' is for numbers; tensors have theirs")
  expectNothing('normal', fourth)
  const o = isTensor(second)
    ? { ...optionsOf<GeneratorOption>('normal', ['generator'], third), std: second }
    : optionsOf<NormalOptions>('normal', ['std', 'generator'], second, third)
  const { std = 1, generator = null } = o
  if (isTensor(std)) expectRange(std, 0, Infinity, () => new ValueError('normal expects all elements of std >= 0.0'))
  else expectNumber('normal', 'std', std)
  const out = emptyOf(
    isTensor(mean) ? (isTensor(std) ? broadcastShapes(mean.sizes, std.sizes) : mean.sizes) : (std as Tensor).sizes,
    (isTensor(mean) ? mean : (std as Tensor)).info,
  )
  const m = isTensor(mean) ? mean.detach() : filled([], mean, out.info)
  if (isTensor(std)) normal_(out, { generator }).mul_(std.detach()).add_(m)
  else normal_(out, { std, generator }).add_(m)
  const [meanInput, stdInput] = [isTensor(mean) ? mean : null, isTensor(std) ? std : null]
  if (tracks(meanInput, stdInput)) {
    const zero = (): Tensor => filled(out.sizes, 0, out.info)
    const node = normal.op.nodes[stdInput === null ? 0 : meanInput === null ? 1 : 2] as string
    attach(out, node, () => [zero(), zero()], [meanInput, stdInput])
  }
  return out
}
const isOptions = (v: unknown): v is GeneratorOption => typeof v === 'object' && v !== null && !Array.isArray(v)

/** Counts of a Poisson distribution, with the rates that the input holds. @param x floating, none negative */
export const poisson: Op<(x: Tensor, options?: GeneratorOption) => Tensor> = define('poisson', {
  params: [tensor('input'), generator('generator').optional()],
  node: 'PoissonBackward0',
  method: false,
  differentiable: false,
  run(x, { generator }) {
    checkFloat('poisson_cpu', x.info)
    const out = emptyOf(x.sizes, x.info)
    if (x.count > 0) {
      const rates = contiguousRaw(x)
      encode.randomPoisson(OP.random_poisson, x.info, { state: stateOf(generator), out, rates, n: x.count })
      run((status) =>
        status === STATUS.INDEX_OUT_OF_RANGE
          ? new ValueError('invalid Poisson rate, expected rate to be non-negative')
          : undefined,
      )
    }
    if (tracks(x)) attach(out, poisson.op.node, zeroRule, [x])
    return out
  },
})

/** Numbers of successes in `count` trials of probability `prob`; the two broadcast. @param count float32 or float64 */
export const binomial: Op<(count: Tensor, prob: Tensor, options?: GeneratorOption) => Tensor> = define('binomial', {
  params: [tensor('count'), tensor('prob'), generator('generator').optional()],
  node: 'NotImplemented',
  method: false,
  differentiable: false,
  run(count, prob, { generator }) {
    const sizes = checkBinomial(count, prob)
    const { info } = count
    const out = emptyOf(sizes, info)
    if (out.count > 0) {
      const [n, p] = [count, prob].map((x) => contiguousRaw(x.detach().expand(sizes))) as [Tensor, Tensor]
      encode.randomBinomial(OP.random_binomial, info, {
        state: stateOf(generator),
        out,
        counts: n,
        probabilities: p,
        n: out.count,
      })
      run()
    }
    if (tracks(count, prob)) attach(out, binomial.op.node, underivable('binomial'), [count, prob])
    return out
  },
})

/** Options of `multinomial`. */
export interface MultinomialOptions extends GeneratorOption {
  /** Draw with replacement. Default false. */
  replacement?: boolean
}
/**
 * Indices drawn with the weights of each row, which need not sum to 1; int64.
 * @param x [categories] or [rows, categories], floating
 * @returns [numSamples] or [rows, numSamples]
 */
export const multinomial: Op<
  (x: Tensor, numSamples: number, replacement?: boolean | MultinomialOptions, options?: GeneratorOption) => Tensor
> = define('multinomial', {
  params: [tensor('input'), int('numSamples'), bool('replacement').default(false), generator('generator').optional()],
  differentiable: false,
  run(x, numSamples, { replacement: again, generator }) {
    const { sizes, info } = x
    checkMultinomial(sizes, info, numSamples, again)
    const categories = sizes[sizes.length - 1]
    const rows = sizes.length === 2 ? sizes[0] : 1
    if (rows === 0) return emptyOf([0, numSamples], DTYPES.int64)
    if (categories === 0) throw new ValueError(NO_SUM)
    const p = x.detach()
    if (!again || numSamples === 1) {
      const wrong = (): ValueError => new ValueError('probability tensor contains either `inf`, `nan` or element < 0')
      expectRange(p, 0, Number.MAX_VALUE, wrong)
      expectRange(p.sum(-1), Number.MIN_VALUE, Infinity, () => new ValueError(NO_SUM))
      // The places of the largest p / exponential are a sample without replacement (Gumbel's trick).
      const score = p.div(exponential_(emptyLike(p, info), { generator }))
      return numSamples === 1 ? score.argmax(-1, { keepdim: true }) : score.topk(numSamples).indices
    }
    const dense = contiguousRaw(p)
    const out = emptyOf(sizes.length === 2 ? [rows, numSamples] : [numSamples], DTYPES.int64)
    encode.randomMultinomial(OP.random_multinomial, info, {
      state: stateOf(generator),
      out,
      probabilities: dense,
      rows,
      categories,
      samples: numSamples,
    })
    run((status, d) => (status === STATUS.INDEX_OUT_OF_RANGE ? badProbability(d[0]) : undefined))
    return out
  },
})
