/** Activations with parameters, and the forms of `nn.functional` that can overwrite their input. */
import { attach, type Rule, tracks } from '../autograd/node'
import { DTypeError, ShapeError, ValueError } from '../errors'
import { Category, DTYPES } from '../runtime/dtype'
import { OP, type OpCode } from '../runtime/opcodes'
import { wrapDim } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import { emptyOf, expectNumber, expectTensor, hasKernel, notImplemented, optionsOf, pointwise } from './core'
import { inPlaceOf, type UnaryOp } from './define'
import * as p from './pointwise'
import { uniform_ } from './random'

/** An option of every activation here. */
export interface Inplace {
  /** Overwrite the input. Default false. */
  inplace?: boolean
}

const inplaceForm = (f: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) => inPlaceOf(f)

/** Runs `f`, over its input where `inplace` says so. */
function maybe(inplace: boolean | undefined, x: Tensor, f: (x: Tensor) => Tensor): Tensor {
  return inplace ? inplaceForm(f)(x) : f(x)
}

/** An elementwise op of a tensor and one number, with a fused gradient of three operands. */
function scalarOp(name: string, kernel: string, forward: OpCode, backward: OpCode, second: (g: Tensor, x: Tensor, v: number) => Tensor): (x: Tensor, v: number) => Tensor {
  const node = `${name}Backward0`
  const rule: Rule = (n, g) => {
    const x = n.tensor(0)
    const v = n.meta as number
    // Recorded passes go through ops that have gradients themselves.
    return tracks(g, x) || g.info !== x.info ? second(g, x, v) : pointwise(backward, g.info, g.info, null, g, x, v)
  }
  return (x, v) => {
    if (!hasKernel(forward, DTYPES[x.info.compute])) throw notImplemented(kernel, x.info)
    const y = pointwise(forward, x.info, x.info, null, x, v)
    if (tracks(x)) {
      const n = attach(y, node, rule, [x])
      n.save(x)
      n.meta = v
    }
    return y
  }
}

const leaky = scalarOp('LeakyRelu', 'leaky_relu_cpu', OP.leaky_relu, OP.leaky_relu_backward, (g, x, v) => p.where(x.gt(0), g, g.mul(v)))
const eluRaw = scalarOp('Elu', 'elu_cpu', OP.elu, OP.elu_backward, (g, x, v) => p.where(x.gt(0), g, g.mul(x.exp().mul(v))))
const celuRaw = scalarOp('Celu', 'elu_cpu', OP.celu, OP.celu_backward, (g, x, v) => p.where(x.gt(0), g, g.mul(x.div(v).exp())))
const shrunk = (g: Tensor, x: Tensor, v: number): Tensor => p.where(x.ge(-v).logicalAnd(x.le(v)), g.mul(0), g)
const hard = scalarOp('Hardshrink', 'hardshrink_cpu', OP.hardshrink, OP.shrink_backward, shrunk)
const soft = scalarOp('Softshrink', 'softshrink_cpu', OP.softshrink, OP.shrink_backward, shrunk)

/** Options of `leakyRelu`. */
export interface LeakyReluOptions extends Inplace {
  /** Default 0.01. */
  negativeSlope?: number
}
/** x for x > 0, else negativeSlope · x. */
export function leakyRelu(x: Tensor, options?: number | LeakyReluOptions, rest?: Inplace): Tensor {
  expectTensor('leakyRelu', 'input', x)
  const { negativeSlope = 0.01, inplace } = optionsOf<LeakyReluOptions>('leakyRelu', ['negativeSlope', 'inplace'], options, rest)
  return maybe(inplace, x, (t) => leaky(t, negativeSlope))
}
/** Options of `elu` and `celu`. */
export interface EluOptions extends Inplace {
  /** Default 1. */
  alpha?: number
}
/** x for x > 0, else alpha · (eˣ - 1). */
export function elu(x: Tensor, options?: number | EluOptions, rest?: Inplace): Tensor {
  expectTensor('elu', 'input', x)
  const { alpha = 1, inplace } = optionsOf<EluOptions>('elu', ['alpha', 'inplace'], options, rest)
  return maybe(inplace, x, (t) => eluRaw(t, alpha))
}
/** max(0, x) + min(0, alpha · (e^(x/alpha) - 1)). */
export function celu(x: Tensor, options?: number | EluOptions, rest?: Inplace): Tensor {
  expectTensor('celu', 'input', x)
  const { alpha = 1, inplace } = optionsOf<EluOptions>('celu', ['alpha', 'inplace'], options, rest)
  if (alpha === 0) throw new ValueError('ZeroDivisionError: alpha cannot be 0 for CELU')
  return maybe(inplace, x, (t) => celuRaw(t, alpha))
}
/** The constants of Klambauer et al. 2017. */
const SELU_ALPHA = 1.6732632423543772848170429916717
const SELU_SCALE = 1.0507009873554804934193349852946
/** Self-normalising ELU. */
export function selu(x: Tensor, options?: boolean | Inplace): Tensor {
  expectTensor('selu', 'input', x)
  const { inplace } = optionsOf<Inplace>('selu', ['inplace'], options)
  return maybe(inplace, x, (t) => eluRaw(t, SELU_ALPHA).mul(SELU_SCALE))
}

const preluRule: Rule = (n, g) => {
  const [x, w] = [n.tensor(0), n.tensor(1)]
  const positive = x.gt(0)
  return [n.needs(0) ? p.where(positive, g, g.mul(w)) : null, n.needs(1) ? p.where(positive, 0, g.mul(x)) : null]
}
/** x for x > 0, else weight · x, with one learned weight, or one a channel. */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  expectTensor('prelu', 'input', x)
  expectTensor('prelu', 'weight', weight)
  if (x.info !== weight.info) throw new DTypeError(`prelu: Type promoting not supported. Got ${x.info.scalarType} and ${weight.info.scalarType}`)
  if (!hasKernel(OP.prelu, DTYPES[x.info.compute])) throw notImplemented('prelu_cpu', x.info)
  const nd = x.sizes.length
  if (weight.sizes.length > 1) throw new ShapeError(`prelu: Expected \`weight\` to be a scalar or 1D tensor, but got: ndim = ${weight.sizes.length}`)
  if (weight.count !== 1) {
    if (nd === 0) throw new ShapeError('Not allow zero-dim input tensor.')
    const channels = nd > 1 ? (x.sizes[1] as number) : 1
    if (channels !== weight.count)
      throw new ShapeError(`Mismatch of parameter numbers and input channel size. Found parameter numbers = ${weight.count} and channel size = ${channels}.`)
  }
  const w = weight.sizes.length === 0 ? weight : nd > 1 ? weight.reshape([1, weight.count, ...new Array<number>(nd - 2).fill(1)]) : weight.reshape(nd === 0 ? [] : [weight.count])
  const y = pointwise(OP.prelu, x.info, x.info, null, x, w)
  if (tracks(x, w)) attach(y, 'PreluKernelBackward0', preluRule, [x, w]).save(x, w)
  return y
}

/** Options of `rrelu`. */
export interface RreluOptions extends Inplace {
  /** Default 1/8. */
  lower?: number
  /** Default 1/3. */
  upper?: number
  /** Draw slopes at random; otherwise their mean is taken. Default false. */
  training?: boolean
}
/** Leaky ReLU whose slopes are drawn from [lower, upper) while training. */
export function rrelu(x: Tensor, options?: number | RreluOptions, rest?: RreluOptions): Tensor {
  expectTensor('rrelu', 'input', x)
  const { lower = 1 / 8, upper = 1 / 3, training = false, inplace } = optionsOf<RreluOptions>('rrelu', ['lower', 'upper', 'training', 'inplace'], options, rest)
  if (lower > upper) throw new ValueError(`Lower bound should be less than or equal to the upper bound`)
  if (!training) return maybe(inplace, x, (t) => leaky(t, (lower + upper) / 2))
  return maybe(inplace, x, (t) => {
    // One draw for each value that is not positive, in order.
    const below = t.detach().le(0)
    const draws = uniform_(emptyOf([below.sum().item()], DTYPES.float64), { from: lower, to: upper })
    const slopes = t.detach().mul(0).add(1).maskedScatter(below, draws.to(t.dtype))
    return t.mul(slopes)
  })
}

/** Options of `hardtanh`. */
export interface HardtanhOptions extends Inplace {
  /** Default -1. */
  minVal?: number
  /** Default 1. */
  maxVal?: number
}
const hardtanhRule: Rule = (n, g) => {
  const [lo, hi] = n.meta as [number, number]
  const x = n.tensor(0)
  return p.where(x.le(lo).logicalOr(x.ge(hi)), g.mul(0), g)
}
/** x limited to [minVal, maxVal]. */
export function hardtanh(x: Tensor, options?: number | HardtanhOptions, rest?: HardtanhOptions): Tensor {
  expectTensor('hardtanh', 'input', x)
  const { minVal = -1, maxVal = 1, inplace } = optionsOf<HardtanhOptions>('hardtanh', ['minVal', 'maxVal', 'inplace'], options, rest)
  if (minVal > maxVal) throw new ValueError('min_val cannot be greater than max_val')
  if (x.dtype === 'bool') throw new DTypeError('Bool inputs not supported for hardtanh')
  const forward = (t: Tensor): Tensor => {
    const y = pointwise(OP.clamp, t.info, t.info, null, t, minVal, maxVal)
    if (tracks(t)) {
      const n = attach(y, 'HardtanhBackward0', hardtanhRule, [t])
      n.save(t)
      n.meta = [minVal, maxVal]
    }
    return y
  }
  return maybe(inplace, x, forward)
}
/** x where |x| > lambd (default 0.5), else 0. */
export function hardshrink(x: Tensor, options?: number | { lambd?: number }): Tensor {
  expectTensor('hardshrink', 'input', x)
  return hard(x, optionsOf<{ lambd?: number }>('hardshrink', ['lambd'], options).lambd ?? 0.5)
}
/** x moved toward 0 by lambd (default 0.5), 0 where it would pass it. */
export function softshrink(x: Tensor, options?: number | { lambd?: number }): Tensor {
  expectTensor('softshrink', 'input', x)
  const lambd = optionsOf<{ lambd?: number }>('softshrink', ['lambd'], options).lambd ?? 0.5
  if (!(lambd >= 0)) throw new ValueError(`lambda must be greater or equal to 0, but found to be ${lambd}.`)
  return soft(x, lambd)
}
/** x where x > threshold, else value. */
export function threshold(x: Tensor, limit: number, value: number, options?: boolean | Inplace): Tensor {
  expectTensor('threshold', 'input', x)
  expectNumber('threshold', 'threshold', limit)
  expectNumber('threshold', 'value', value)
  if (x.dtype === 'bool') throw notImplemented('threshold_cpu', x.info)
  const { inplace } = optionsOf<Inplace>('threshold', ['inplace'], options)
  const forward = (t: Tensor): Tensor => {
    const low = t.detach().le(limit)
    const y = t.detach().maskedFill(low, t.info.category === Category.Float ? value : BigInt(Math.trunc(value)))
    if (tracks(t)) attach(y, 'ThresholdBackward0', (n, g) => g.maskedFill(n.tensor(0), 0), [t]).save(low)
    return y
  }
  return maybe(inplace, x, forward)
}

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** Default 1. */
  beta?: number
  /** Above it, times beta, the function is the identity. Default 20. */
  threshold?: number
}
const softplusGrad = (g: Tensor, x: Tensor, beta: number, limit: number): Tensor => {
  if (beta === 1 && limit === 20 && !tracks(g, x) && g.info === x.info) return pointwise(OP.softplus_1_backward, g.info, g.info, null, g, x)
  const bx = x.mul(beta)
  return p.where(bx.gt(limit), g, g.mul(bx.sigmoid()))
}
/** log(1 + e^(beta · x)) / beta. */
export function softplus(x: Tensor, options?: number | SoftplusOptions, rest?: SoftplusOptions): Tensor {
  expectTensor('softplus', 'input', x)
  const { beta = 1, threshold: limit = 20 } = optionsOf<SoftplusOptions>('softplus', ['beta', 'threshold'], options, rest)
  if (!hasKernel(OP.softplus_1, DTYPES[x.info.compute])) throw notImplemented('softplus_cpu', x.info)
  const plain = x.detach()
  const y =
    beta === 1 && limit === 20
      ? pointwise(OP.softplus_1, x.info, x.info, null, x)
      : p.where(plain.mul(beta).gt(limit), plain, plain.mul(beta).exp().log1p().div(beta))
  if (tracks(x)) {
    const n = attach(y, 'SoftplusBackward0', (m, g) => softplusGrad(g, m.tensor(0), beta, limit), [x])
    n.save(x)
  }
  return y
}
/** One half of a dim (default the last) times the sigmoid of the other. */
export function glu(x: Tensor, options?: number | { dim?: number }): Tensor {
  expectTensor('glu', 'input', x)
  const { dim = -1 } = optionsOf<{ dim?: number }>('glu', ['dim'], options)
  if (x.sizes.length === 0) throw new ShapeError('glu does not support 0-dimensional tensors')
  const d = wrapDim(dim, x.sizes.length)
  const n = x.sizes[d] as number
  if (n % 2 !== 0) throw new ShapeError(`Halving dimension must be even, but dimension ${d} is size ${n}`)
  if (x.info.category !== Category.Float) throw notImplemented('glu_cpu', x.info)
  return x.narrow(d, 0, n / 2).mul(x.narrow(d, n / 2, n / 2).sigmoid())
}

/** The form of an elementwise activation in `nn.functional`. */
type Activation = (x: Tensor, options?: boolean | Inplace) => Tensor
const functional =
  (f: UnaryOp): Activation =>
  (x, options) => {
    if (options === undefined) return f(x)
    return optionsOf<Inplace>('activation', ['inplace'], options).inplace ? f.inPlace(x) : f(x)
  }
/** max(x, 0). */
export const relu: Activation = functional(p.relu)
/** min(max(x, 0), 6). */
export const relu6: Activation = functional(p.relu6)
/** x · sigmoid(x). */
export const silu: Activation = functional(p.silu)
/** x · tanh(softplus(x)). */
export const mish: Activation = functional(p.mish)
/** x · relu6(x + 3) / 6. */
export const hardswish: Activation = functional(p.hardswish)
/** relu6(x + 3) / 6. */
export const hardsigmoid: Activation = functional(p.hardsigmoid)
