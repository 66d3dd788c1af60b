/** Activations with parameters, and those of `nn.functional` that can overwrite their input. */
import { attach, type Node, type Rule, tracks } from '../autograd/node'
import { DTypeError, ShapeError, ValueError } from '../errors'
import { Category, type DType, type DTypeInfo, DTYPES } from '../runtime/dtype'
import { OP, type OpCode } from '../runtime/opcodes'
import { wrapDim } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import {
  castRaw,
  copyInto,
  emptyOf,
  expectBool,
  expectInt,
  expectNumber,
  expectTensor,
  filled,
  finishInPlace,
  type MemoryRule,
  notImplemented,
  optionsOf,
  pointwise,
  startInPlace,
  whereRaw,
  zerosFor,
} from './core'
import { nodeName, type UnaryOp } from './define/elementwise'
import * as elementwise from './pointwise'
import { inText } from './draw'
import { exponential_, uniform_ } from './random'
import * as soft from './softmax'
import { gated } from './gated'
import { cat } from './joining'
import { where } from './ternary'

/** Option of activations that can overwrite their input. */
export interface InplaceOption {
  /** Overwrite the input. Default false. */
  inplace?: boolean
}
const expectFloat = (x: Tensor, kernel: string): void => {
  if (x.info.category !== Category.Float) throw notImplemented(kernel, x.info)
}

// ---- an activation of one number --------------------------------------------------------------------------------------

type Slope = (g: Tensor, x: Tensor, p: number) => Tensor
/**
 * An elementwise function of a tensor and one number, with its in-place form.
 * @param inRows whether the result is row-major whatever the layout of the tensor
 */
function parametric(
  name: string,
  kernel: string,
  op: OpCode,
  slope: Slope,
  inRows = false,
): (x: Tensor, p: number, inplace: boolean) => Tensor {
  const node = nodeName(name)
  const rule: Rule = (n, g) => slope(g, n.tensor(0), n.meta as number)
  return (x, p, inplace) => {
    expectFloat(x, kernel)
    return inPlaceOr(x, inplace, node, rule, p, (out) =>
      pointwise(op, x.info, x.info, out ?? (inRows ? emptyOf(x.sizes, x.info) : null), x, p),
    )
  }
}
/** Runs a kernel into fresh memory or over its input; the input is saved for the gradient either way. */
function inPlaceOr(
  x: Tensor,
  inplace: boolean,
  node: string,
  rule: Rule,
  meta: unknown,
  compute: (out: Tensor | null) => Tensor,
  memory: MemoryRule = 'elementwise',
): Tensor {
  if (!inplace) {
    const y = compute(null)
    if (tracks(x)) keep(attach(y, node, rule, [x]), x, meta)
    return y
  }
  const n = startInPlace(x, node, rule, [x], memory)
  const old = n ? x.clone() : x
  compute(x)
  finishInPlace(x, n)
  if (n) keep(n, old, meta)
  return x
}
function keep(n: Node, x: Tensor, meta: unknown): void {
  n.save(x)
  n.meta = meta
}
/** A fused gradient that can itself be differentiated. */
function slopeOf(op: OpCode, name: string, curve: (hg: Tensor, x: Tensor, p: number) => Tensor): Slope {
  const node = `${name}BackwardBackward0`
  const rule: Rule = (n, h) => {
    const p = n.meta as number
    const x = n.tensor(1)
    return [n.needs(0) ? f(h, x, p) : null, n.needs(1) ? curve(h.mul(n.tensor(0)), x, p) : null]
  }
  const f: Slope = (g, x, p) => {
    const out = pointwise(op, g.info, g.info, null, g, x, p)
    if (tracks(g, x)) {
      const n = attach(out, node, rule, [g, x])
      n.save(g, x)
      n.meta = p
    }
    return out
  }
  return f
}
const leakySlope = slopeOf(OP.leaky_relu_backward, 'LeakyRelu', zerosFor)
const leakyReluOf = parametric('leakyRelu', 'leaky_relu_cpu', OP.leaky_relu, leakySlope)
const rreluMeanOf = parametric('leakyRelu', 'leaky_relu_cpu', OP.leaky_relu, leakySlope, true)
const eluOf = parametric(
  'elu',
  'elu_cpu',
  OP.elu,
  slopeOf(OP.elu_backward, 'Elu', (hg, x, alpha) => where(x.ge(0), 0, hg.mul(x.exp()).mul(alpha))),
)
const celuOf = parametric(
  'celu',
  'elu_cpu',
  OP.celu,
  slopeOf(OP.celu_backward, 'Celu', (hg, x, alpha) => where(x.ge(0), 0, hg.mul(x.div(alpha).exp()).div(alpha))),
)
const shrinkSlope = slopeOf(OP.shrink_backward, 'Shrink', zerosFor)
const hardshrinkOf = parametric('hardshrink', 'hardshrink_cpu', OP.hardshrink, shrinkSlope)
const softshrinkOf = parametric('softshrink', 'softshrink_check', OP.softshrink, shrinkSlope)

/** Options of `leakyRelu`. */
export interface LeakyReluOptions extends InplaceOption {
  /** The slope for negative values. Default 0.01. */
  negativeSlope?: number
}
/** x, or for negative values a small multiple of it. */
export function leakyRelu(x: Tensor, negativeSlope?: number | LeakyReluOptions, options?: LeakyReluOptions): Tensor {
  expectTensor('leakyRelu', 'input', x)
  const o = optionsOf<LeakyReluOptions>('leakyRelu', ['negativeSlope', 'inplace'], negativeSlope, options)
  const slope = o.negativeSlope ?? 0.01
  expectNumber('leakyRelu', 'negative_slope', slope)
  return leakyReluOf(x, slope, o.inplace ?? false)
}
/** Options of `elu` and `celu`. */
export interface AlphaOption extends InplaceOption {
  /** What large negative values tend to, negated. Default 1. */
  alpha?: number
}
function alphaOf(
  op: string,
  x: Tensor,
  first: number | AlphaOption | undefined,
  rest: AlphaOption | undefined,
): Required<AlphaOption> {
  expectTensor(op, 'input', x)
  const o = optionsOf<AlphaOption>(op, ['alpha', 'inplace'], first, rest)
  const alpha = o.alpha ?? 1
  expectNumber(op, 'alpha', alpha)
  return { alpha, inplace: o.inplace ?? false }
}
/** x, or for negative values alpha · (eˣ - 1) (Clevert et al. 2016). */
export function elu(x: Tensor, alpha?: number | AlphaOption, options?: AlphaOption): Tensor {
  const o = alphaOf('elu', x, alpha, options)
  return eluOf(x, o.alpha, o.inplace)
}
/** max(x, 0) + min(0, alpha · (e^(x / alpha) - 1)) (Barron 2017). */
export function celu(x: Tensor, alpha?: number | AlphaOption, options?: AlphaOption): Tensor {
  const o = alphaOf('celu', x, alpha, options)
  if (o.alpha === 0) throw new ValueError('ZeroDivisionError: alpha cannot be 0 for CELU')
  expectFloat(x, 'celu')
  return celuOf(x, o.alpha, o.inplace)
}
const SELU_ALPHA = 1.6732632423543772
const SELU_SCALE = 1.0507009873554805
const seluRule: Rule = (n, g) => {
  const x = n.tensor(0)
  return where(x.gt(0), g.mul(SELU_SCALE), g.mul(x.exp()).mul(SELU_ALPHA * SELU_SCALE))
}
/** An ELU scaled so that activations keep mean 0 and variance 1 (Klambauer et al. 2017). */
export function selu(x: Tensor, inplace?: boolean | InplaceOption): Tensor {
  expectTensor('selu', 'input', x)
  const o = optionsOf<InplaceOption>('selu', ['inplace'], inplace)
  expectFloat(x, 'elu_cpu')
  return inPlaceOr(x, o.inplace ?? false, 'EluBackward0', seluRule, null, (out) => {
    const y = pointwise(OP.elu, x.info, x.info, out, x, SELU_ALPHA)
    return pointwise(OP.mul, x.info, x.info, y, y, SELU_SCALE)
  })
}
/** Options of the shrinking functions. */
export interface LambdaOption {
  /** Values no further from 0 than this become 0. Default 0.5. */
  lambd?: number
}
/** x, or 0 where |x| ≤ lambd. */
export function hardshrink(x: Tensor, lambd?: number | LambdaOption): Tensor {
  expectTensor('hardshrink', 'input', x)
  const l = optionsOf<LambdaOption>('hardshrink', ['lambd'], lambd).lambd ?? 0.5
  expectNumber('hardshrink', 'lambd', l)
  return hardshrinkOf(x, l, false)
}
const LARGEST: { readonly [k: string]: string } = {
  float32: '3.40282e+38',
  float64: '1.79769e+308',
  float16: '65504',
  bfloat16: '3.38953e+38',
}
/** x moved toward 0 by lambd, or 0 where |x| ≤ lambd. */
export function softshrink(x: Tensor, lambd?: number | LambdaOption): Tensor {
  expectTensor('softshrink', 'input', x)
  const l = optionsOf<LambdaOption>('softshrink', ['lambd'], lambd).lambd ?? 0.5
  expectNumber('softshrink', 'lambd', l)
  expectFloat(x, 'softshrink_check')
  if (!(l >= 0))
    throw new ValueError(
      `lambda must be in range [0, ${LARGEST[x.dtype]}] for input dtype ${x.info.scalarType}, but found ${l}`,
      { lambd: l },
    )
  return softshrinkOf(x, l, false)
}
/** Options of `rrelu`. */
export interface RreluOptions extends InplaceOption {
  /** Bounds of the random slope. Default 1/8 and 1/3. */
  lower?: number
  upper?: number
  /** Draw slopes; otherwise their mean is taken. Default false. */
  training?: boolean
}
/** A leaky ReLU whose slopes are drawn at random in training. @param x floating; in training not float16 */
export function rrelu(x: Tensor, lower?: number | RreluOptions, options?: RreluOptions): Tensor {
  expectTensor('rrelu', 'input', x)
  const o = optionsOf<RreluOptions>('rrelu', ['lower', 'upper', 'training', 'inplace'], lower, options)
  const { upper = 1 / 3, training = false, inplace = false } = o
  const low = o.lower ?? 1 / 8
  expectNumber('rrelu', 'lower', low)
  expectNumber('rrelu', 'upper', upper)
  expectBool('rrelu', 'training', training)
  expectBool('rrelu', 'inplace', inplace)
  for (const [name, v] of Object.entries({ lower: low, upper }))
    if (!Number.isFinite(v)) throw new ValueError(`rrelu: ${name} bound must be finite, got ${inText(v)}`)
  if (low > upper) throw new ValueError('Lower bound should be less than or equal to the upper bound')
  if (!training) return rreluMeanOf(x, (low + upper) / 2, inplace)
  if (x.info.category !== Category.Float || x.dtype === 'float16')
    throw notImplemented('rrelu_with_noise_out_cpu', x.info)
  const n = inplace ? startInPlace(x, 'RreluWithNoiseBackward1', noiseRule, [x]) : null
  const [y, noise] = sloped(x.detach(), low, upper)
  if (inplace) {
    copyInto(x, y)
    finishInPlace(x, n)
    n?.save(noise)
    return x
  }
  if (tracks(x)) attach(y, 'RreluWithNoiseBackward0', noiseRule, [x]).save(noise)
  return y
}
const noiseRule: Rule = (n, g) => g.mul(n.tensor(0))
/** The result in row-major order, and its slopes: one draw for each value that is not positive. */
function sloped(x: Tensor, lower: number, upper: number): [Tensor, Tensor] {
  const compute = DTYPES[x.info.compute]
  const [low, high] = compute.name === 'float64' ? [lower, upper] : [Math.fround(lower), Math.fround(upper)]
  const mask = x.le(0)
  const draws = uniform_(emptyOf([Number(mask.sum().item())], DTYPES.float64))
    .mul_(high - low)
    .add_(low)
  const slopes = filled(x.sizes, 1, compute).maskedScatter(mask, draws.to(compute.name))
  return [x.to(compute.name).mul(slopes).to(x.dtype).contiguous(), slopes.to(x.dtype)]
}

// ---- limits -----------------------------------------------------------------------------------------------------------

/** Options of `hardtanh`. */
export interface HardtanhOptions extends InplaceOption {
  /** Default -1. */
  minVal?: number
  /** Default 1. */
  maxVal?: number
}
const hardtanhRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const [low, high] = n.meta as [number, number]
  // As PyTorch, a NaN is not between the limits.
  return gated('HardtanhBackwardBackward0', g, x, x.gt(low).logicalAnd(x.lt(high)).logicalNot())
}
/** Limits values to [minVal, maxVal]. */
export function hardtanh(x: Tensor, minVal?: number | HardtanhOptions, options?: HardtanhOptions): Tensor {
  expectTensor('hardtanh', 'input', x)
  const o = optionsOf<HardtanhOptions>('hardtanh', ['minVal', 'maxVal', 'inplace'], minVal, options)
  let [low, high] = [o.minVal ?? -1, o.maxVal ?? 1]
  expectNumber('hardtanh', 'min_val', low)
  expectNumber('hardtanh', 'max_val', high)
  if (low > high) throw new ValueError('min_val cannot be greater than max_val', { minVal: low, maxVal: high })
  if (x.dtype === 'bool') throw new DTypeError('Bool inputs not supported for hardtanh')
  if (x.info.category === Category.Int) {
    ;[low, high] = [Math.trunc(low), Math.trunc(high)]
    if (x.dtype === 'uint8' && (low < 0 || high < 0))
      throw new DTypeError('cannot do hardtanh on an unsigned type with negative limits')
  }
  return inPlaceOr(x, o.inplace ?? false, 'HardtanhBackward0', hardtanhRule, [low, high], (out) =>
    pointwise(OP.clamp, x.info, x.info, out, x, low, high),
  )
}
const thresholdRule: Rule = (n, g) => {
  const x = n.tensor(0)
  return gated('ThresholdBackwardBackward0', g, x, x.le(n.meta as number))
}
/** x where it is above `limit`, else `value`. */
export function threshold(x: Tensor, limit: number, value: number, inplace?: boolean | InplaceOption): Tensor {
  expectTensor('threshold', 'input', x)
  if (x.dtype === 'bool') throw notImplemented('threshold_cpu', x.info)
  expectNumber('threshold', 'threshold', limit)
  expectNumber('threshold', 'value', value)
  const o = optionsOf<InplaceOption>('threshold', ['inplace'], inplace)
  const at = x.info.category === Category.Int ? Math.trunc(limit) : limit
  const compute = (out: Tensor | null): Tensor => {
    const low = x.detach().le(at)
    const y = whereRaw(x.info, out, low, value, x)
    low.storage.release()
    return y
  }
  return inPlaceOr(x, o.inplace ?? false, 'ThresholdBackward0', thresholdRule, at, compute, 'any')
}

// ---- softplus, prelu, glu ---------------------------------------------------------------------------------------------

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** Default 1. */
  beta?: number
  /** Above this (after beta) the function is x itself. Default 20. */
  threshold?: number
}
const softplusRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const { beta, threshold: limit } = n.meta as Required<SoftplusOptions>
  if (beta === 1 && limit === 20 && !tracks(g, x)) return pointwise(OP.softplus_1_backward, g.info, g.info, null, g, x)
  const scaled = x.mul(beta)
  return where(scaled.gt(limit), g, g.mul(scaled.sigmoid()))
}
/** log(1 + e^(beta · x)) / beta. */
export function softplus(x: Tensor, beta?: number | SoftplusOptions, options?: SoftplusOptions): Tensor {
  expectTensor('softplus', 'input', x)
  const o = optionsOf<SoftplusOptions>('softplus', ['beta', 'threshold'], beta, options)
  const meta = { beta: o.beta ?? 1, threshold: o.threshold ?? 20 }
  expectNumber('softplus', 'beta', meta.beta)
  expectNumber('softplus', 'threshold', meta.threshold)
  expectFloat(x, 'softplus_cpu')
  return inPlaceOr(x, false, 'SoftplusBackward0', softplusRule, meta, () => {
    if (meta.beta === 1 && meta.threshold === 20) return pointwise(OP.softplus_1, x.info, x.info, null, x)
    const info = x.info.compute === x.dtype ? null : x.info
    const plain = info ? x.detach().to(x.info.compute) : x.detach()
    const scaled = plain.mul(meta.beta)
    const y = where(scaled.gt(meta.threshold), plain, scaled.exp().log1p().div(meta.beta))
    return info ? castRaw(y, info) : y
  })
}
const preluRule: Rule = (n, g) => {
  const [x, w] = [n.tensor(0), n.tensor(1)]
  const positive = x.gt(0)
  return [n.needs(0) ? where(positive, g, g.mul(w)) : null, n.needs(1) ? where(positive, 0, g.mul(x)) : null]
}
/** x, or for negative values a learned multiple of it. @param weight one value, or one a channel (dim 1) */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  expectTensor('prelu', 'input', x)
  expectTensor('prelu', 'weight', weight)
  if (x.info !== weight.info)
    throw new DTypeError(
      `prelu: Type promoting not supported. Got ${x.info.scalarType} and ${weight.info.scalarType}`,
      { input: x.dtype, weight: weight.dtype },
    )
  if (weight.count !== 1) {
    if (x.sizes.length === 0) throw new ShapeError('Not allow zero-dim input tensor.')
    const channels = x.sizes.length > 1 ? (x.sizes[1] as number) : 1
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
  expectFloat(x, 'prelu_cpu')
  const w =
    x.sizes.length > 1
      ? weight.view([1, -1, ...x.sizes.slice(2).map(() => 1)])
      : x.sizes.length === 1
        ? weight.view([1])
        : weight.view([])
  const y = pointwise(OP.prelu, x.info, x.info, null, x, w)
  if (tracks(x, w)) attach(y, 'PreluKernelBackward0', preluRule, [x, w]).save(x, w)
  return y
}
const gluRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const d = n.meta as number
  const half = (x.sizes[d] as number) / 2
  const s = x.narrow(d, half, half).sigmoid()
  const first = g.mul(s)
  return cat([first, first.mul(x.narrow(d, 0, half)).mul(s.neg().add(1))], d)
}
/** The first half of a dim times the sigmoid of the second. */
export function glu(x: Tensor, dim: number | { dim?: number } = -1): Tensor {
  expectTensor('glu', 'input', x)
  const d0 = optionsOf<{ dim?: number }>('glu', ['dim'], dim).dim ?? -1
  expectInt('glu', 'dim', d0)
  if (x.sizes.length === 0) throw new ShapeError('glu does not support scalars because halving size must be even')
  const d = wrapDim(d0, x.sizes.length)
  const size = x.sizes[d] as number
  if (size % 2 !== 0)
    throw new ShapeError(`Halving dimension must be even, but dimension ${d} is size ${size}`, {
      input: [...x.sizes],
      dim: d,
    })
  expectFloat(x, 'glu_cpu')
  const plain = x.detach()
  const gate = plain.narrow(d, size / 2, size / 2).sigmoid()
  const y = plain.narrow(d, 0, size / 2).mul(gate)
  gate.storage.release()
  if (tracks(x)) keep(attach(y, 'GluBackward0', gluRule, [x]), x, d)
  return y
}

// ---- functions without parameters -------------------------------------------------------------------------------------

/** An activation of `nn.functional`: floats only, and with an `inplace` option. */
function plain(
  op: UnaryOp,
  check: (info: DTypeInfo) => void,
): (x: Tensor, inplace?: boolean | InplaceOption) => Tensor {
  return (x, inplace) => {
    expectTensor(op.name, 'input', x)
    check(x.info)
    if (inplace === undefined) return op(x)
    const o = optionsOf<InplaceOption>(op.name, ['inplace'], inplace)
    expectBool(op.name, 'inplace', o.inplace ?? false)
    return o.inplace ? op.inPlace(x) : op(x)
  }
}
const floats =
  (kernel: string) =>
  (info: DTypeInfo): void => {
    if (info.category !== Category.Float) throw notImplemented(kernel, info)
  }
const noBool =
  (message: string) =>
  (info: DTypeInfo): void => {
    if (info.category === Category.Bool) throw new DTypeError(message, { dtype: info.name })
  }
/** max(x, 0). */
export const relu = plain(elementwise.relu, noBool('Boolean inputs not supported for relu'))
/** min(max(x, 0), 6). */
export const relu6 = plain(elementwise.relu6, noBool('Bool inputs not supported for hardtanh'))
/** x · sigmoid(x). */
export const silu = plain(elementwise.silu, floats('silu_cpu'))
/** x · tanh(softplus(x)) (Misra 2019). */
export const mish = plain(elementwise.mish, floats('mish_cpu'))
/** x · relu6(x + 3) / 6. */
export const hardswish = plain(elementwise.hardswish, floats('hardswish_cpu'))
/** relu6(x + 3) / 6. */
export const hardsigmoid = plain(elementwise.hardsigmoid, floats('hardsigmoid_cpu'))
/** log(sigmoid(x)), without overflow. */
export function logsigmoid(x: Tensor): Tensor {
  expectTensor('logsigmoid', 'input', x)
  expectFloat(x, 'log_sigmoid_cpu')
  return elementwise.logSigmoid(x)
}
/** x / (1 + |x|). */
export function softsign(x: Tensor): Tensor {
  expectTensor('softsign', 'input', x)
  // Integers are counted on as integers first, in PyTorch too.
  return x.info.category === Category.Float ? elementwise.softsign(x) : x.div(x.abs().add(1n))
}
/** x - tanh(x). */
export function tanhshrink(x: Tensor): Tensor {
  expectTensor('tanhshrink', 'input', x)
  if (x.dtype === 'bool')
    throw new DTypeError(
      'Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.',
    )
  return elementwise.tanhshrink(x)
}

/** The in-place forms of `nn.functional`. */
export const relu_ = (x: Tensor): Tensor => relu(x, true)
export const relu6_ = (x: Tensor): Tensor => relu6(x, true)
export const selu_ = (x: Tensor): Tensor => selu(x, true)
export const elu_ = (x: Tensor, alpha?: number | { alpha?: number }): Tensor =>
  elu(x, { ...alphaGiven(alpha), inplace: true })
export const celu_ = (x: Tensor, alpha?: number | { alpha?: number }): Tensor =>
  celu(x, { ...alphaGiven(alpha), inplace: true })
const alphaGiven = (a: number | { alpha?: number } | undefined): { alpha?: number } =>
  typeof a === 'number' ? { alpha: a } : (a ?? {})
export const leakyRelu_ = (x: Tensor, negativeSlope?: number | { negativeSlope?: number }): Tensor =>
  leakyRelu(x, { ...(typeof negativeSlope === 'number' ? { negativeSlope } : negativeSlope), inplace: true })
export const rrelu_ = (x: Tensor, lower?: number | RreluOptions, options?: RreluOptions): Tensor =>
  rrelu(x, {
    ...optionsOf<RreluOptions>('rrelu_', ['lower', 'upper', 'training', 'inplace'], lower, options),
    inplace: true,
  })
export const hardtanh_ = (x: Tensor, minVal?: number | HardtanhOptions, options?: HardtanhOptions): Tensor =>
  hardtanh(x, {
    ...optionsOf<HardtanhOptions>('hardtanh_', ['minVal', 'maxVal', 'inplace'], minVal, options),
    inplace: true,
  })
export const threshold_ = (x: Tensor, limit: number, value: number): Tensor => threshold(x, limit, value, true)

// ---- softmax of nn.functional -----------------------------------------------------------------------------------------

/** Options of `softmax` and its kin in `nn.functional`. */
export interface DimOptions {
  /** The dim to sum over. Default: 0 for 0, 1 and 3 dims, else 1. */
  dim?: number | null
  /** Cast the input to this dtype first. */
  dtype?: DType | null
}
function along(
  op: string,
  f: (x: Tensor, dim: number, options?: { dtype?: DType }) => Tensor,
  x: Tensor,
  first: number | null | DimOptions | undefined,
  rest: DimOptions | undefined,
): Tensor {
  expectTensor(op, 'input', x)
  if (typeof first === 'number' && rest === undefined) return f(x, first)
  const o = optionsOf<DimOptions>(op, ['dim', 'dtype'], first, rest)
  const dims = x.sizes.length
  const dim = o.dim ?? (dims === 0 || dims === 1 || dims === 3 ? 0 : 1)
  return o.dtype ? f(x, dim, { dtype: o.dtype }) : f(x, dim)
}
/** eˣ / Σ eˣ along a dim. */
export const softmax = (x: Tensor, dim?: number | null | DimOptions, options?: DimOptions): Tensor =>
  along('softmax', soft.softmax, x, dim, options)
/** The logarithm of the softmax along a dim, without overflow. */
export const logSoftmax = (x: Tensor, dim?: number | null | DimOptions, options?: DimOptions): Tensor =>
  along('logSoftmax', soft.logSoftmax, x, dim, options)
/** Softmax of the negated values. */
export const softmin = (x: Tensor, dim?: number | null | DimOptions, options?: DimOptions): Tensor =>
  along('softmin', soft.softmin, x, dim, options)

/** Options of `gumbelSoftmax`. */
export interface GumbelOptions {
  /** The temperature. Default 1. */
  tau?: number
  /** One-hot results, with the gradient of the soft ones. Default false. */
  hard?: boolean
  /** Default -1. */
  dim?: number
}
/** Samples of the Gumbel-softmax distribution (Jang et al. 2017). */
export function gumbelSoftmax(x: Tensor, tau?: number | GumbelOptions, options?: GumbelOptions): Tensor {
  expectTensor('gumbelSoftmax', 'logits', x)
  const o = optionsOf<GumbelOptions>('gumbelSoftmax', ['tau', 'hard', 'dim'], tau, options)
  const dim = o.dim ?? -1
  const gumbels = exponential_(emptyOf(x.sizes, x.info)).log().neg()
  const y = soft.softmax(x.add(gumbels).div(o.tau ?? 1), dim)
  if (!o.hard) return y
  const index = y.detach().argmax(dim, { keepdim: true })
  const hard = filled(x.sizes, 0, x.info).scatter(dim, index, 1)
  return hard.sub(y.detach()).add(y)
}
