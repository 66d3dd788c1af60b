/** Activations with parameters, and those of `nn.functional` that can overwrite their input. */
import { attach, type Node, type Rule, tracks } from '../../autograd/node'
import { Category, type DType, type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { OP, type OpCode } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { finishInPlace, startInPlace } from '../../autograd/in-place'
import { expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { checkFloat } from '../../check/dtypes'
import { hostRead } from '../define/host-read'
import { pointwise, whereRaw } from '../define/kernel'
import { castRaw, copyInto, emptyOf, filled, zerosFor } from '../define/results'
import type { MemoryRule } from '../../tensor/overlap'
import { define, defineAs } from '../define/define'
import { nodeName, type UnaryOp } from '../define/elementwise'
import { bool, dtype, float, int, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import * as elementwise from '../elementwise/pointwise'
import { exponential_, uniform_ } from '../random/in-place'
import * as soft from '../reduce/softmax'
import { maskedGradient } from '../elementwise/masked-gradient'
import { cat } from '../tensor/joining'
import { where } from '../elementwise/ternary'
import { checkNoBools } from '../elementwise/checks'
import {
  checkAlpha,
  checkGlu,
  checkHardtanh,
  checkNoBool,
  checkPrelu,
  checkRrelu,
  checkSlopes,
  checkSoftshrink,
  checkThreshold,
} from './activation-checks'

/** Option of activations that can overwrite their input. */
export interface InplaceOption {
  /** Overwrite the input. Default false. */
  inplace?: boolean
}
const NAMESPACE = 'nn.functional'
const inplaceParam = bool('inplace').default(false)
/** An activation without parameters of its own. */
type Activation = Op<(x: Tensor, inplace?: boolean | InplaceOption) => Tensor>
/** One in place, as a function. */
type InPlaceActivation = Op<(x: Tensor) => Tensor>

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
    checkFloat(kernel, x.info)
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
/** x, or for negative values a small multiple of it (Maas et al. 2013). @param x floating */
export const leakyRelu: Op<
  (x: Tensor, negativeSlope?: number | LeakyReluOptions, options?: LeakyReluOptions) => Tensor
> = define('leakyRelu', {
  params: [tensor('input'), float('negativeSlope').default(0.01), inplaceParam],
  namespace: NAMESPACE,
  node: nodeName('leakyRelu'),
  run: (x, { negativeSlope, inplace }) => leakyReluOf(x, negativeSlope, inplace),
})
/** Options of `elu` and `celu`. */
export interface AlphaOption extends InplaceOption {
  /** What large negative values tend to, negated. Default 1. */
  alpha?: number
}
const alphaParam = float('alpha').default(1)
type AlphaActivation = Op<(x: Tensor, alpha?: number | AlphaOption, options?: AlphaOption) => Tensor>
/** x, or for negative values alpha · (eˣ - 1) (Clevert et al. 2016). @param x floating */
export const elu: AlphaActivation = define('elu', {
  params: [tensor('input'), alphaParam, inplaceParam],
  namespace: NAMESPACE,
  node: nodeName('elu'),
  run: (x, { alpha, inplace }) => eluOf(x, alpha, inplace),
})
/** max(x, 0) + min(0, alpha · (e^(x / alpha) - 1)) (Barron 2017). @param x floating */
export const celu: AlphaActivation = define('celu', {
  params: [tensor('input'), alphaParam, inplaceParam],
  namespace: NAMESPACE,
  node: nodeName('celu'),
  run(x, { alpha, inplace }) {
    checkAlpha(alpha)
    checkFloat('celu', x.info)
    return celuOf(x, alpha, inplace)
  },
})
const SELU_ALPHA = 1.6732632423543772
const SELU_SCALE = 1.0507009873554805
const seluRule: Rule = (n, g) => {
  const x = n.tensor(0)
  return where(x.gt(0), g.mul(SELU_SCALE), g.mul(x.exp()).mul(SELU_ALPHA * SELU_SCALE))
}
/** An ELU scaled so that activations keep mean 0 and variance 1 (Klambauer et al. 2017). @param x floating */
export const selu: Activation = define('selu', {
  params: [tensor('input'), inplaceParam],
  namespace: NAMESPACE,
  node: nodeName('elu'),
  run(x, { inplace }) {
    checkFloat('elu_cpu', x.info)
    return inPlaceOr(x, inplace, selu.op.node, seluRule, null, (out) => {
      const y = pointwise(OP.elu, x.info, x.info, out, x, SELU_ALPHA)
      return pointwise(OP.mul, x.info, x.info, y, y, SELU_SCALE)
    })
  },
})
/** Options of the shrinking functions. */
export interface LambdaOption {
  /** Values no further from 0 than this become 0. Default 0.5. */
  lambd?: number
}
const lambdParam = float('lambd').default(0.5)
type Shrink = Op<(x: Tensor, lambd?: number | LambdaOption) => Tensor>
/** x, or 0 where |x| ≤ lambd. @param x floating */
export const hardshrink: Shrink = define('hardshrink', {
  params: [tensor('input'), lambdParam],
  node: nodeName('hardshrink'),
  run: (x, { lambd }) => hardshrinkOf(x, lambd, false),
})
/**
 * x moved toward 0 by lambd, or 0 where |x| ≤ lambd.
 * @param x floating
 * @throws ValueError for a negative lambd
 */
export const softshrink: Shrink = define('softshrink', {
  params: [tensor('input'), lambdParam],
  namespace: NAMESPACE,
  node: nodeName('softshrink'),
  run(x, { lambd }) {
    checkSoftshrink(x, lambd)
    return softshrinkOf(x, lambd, false)
  },
})
/** Options of `rrelu`. */
export interface RreluOptions extends InplaceOption {
  /** The least slope. Default 1/8. */
  lower?: number
  /** The largest slope. Default 1/3. */
  upper?: number
  /** Draw slopes; otherwise their mean is taken. Default false. */
  training?: boolean
}
const slopeParams = [
  tensor('input'),
  float('lower').default(1 / 8),
  float('upper').default(1 / 3),
  bool('training').default(false),
] as const
/** A leaky ReLU whose slopes are drawn at random in training (Xu et al. 2015). @param x floating; in training not float16 */
export const rrelu: Op<(x: Tensor, lower?: number | RreluOptions, options?: RreluOptions) => Tensor> = define('rrelu', {
  params: [...slopeParams, inplaceParam],
  namespace: NAMESPACE,
  node: ['RreluWithNoiseBackward0', 'RreluWithNoiseBackward1', nodeName('leakyRelu')],
  run(x, { lower, upper, training, inplace }) {
    checkSlopes(lower, upper)
    if (!training) return rreluMeanOf(x, (lower + upper) / 2, inplace)
    checkRrelu(x.info)
    const [fresh, over] = rrelu.op.nodes as readonly [string, string]
    const n = inplace ? startInPlace(x, over, noiseRule, [x]) : null
    const [y, noise] = sloped(x.detach(), lower, upper)
    if (inplace) {
      copyInto(x, y)
      finishInPlace(x, n)
      n?.save(noise)
      return x
    }
    if (tracks(x)) attach(y, fresh, noiseRule, [x]).save(noise)
    return y
  },
})
const noiseRule: Rule = (n, g) => g.mul(n.tensor(0))
/** The result in row-major order, and its slopes: one draw for each value that is not positive. */
function sloped(x: Tensor, lower: number, upper: number): [Tensor, Tensor] {
  const compute = DTYPES[x.info.compute]
  const [low, high] = compute.name === 'float64' ? [lower, upper] : [Math.fround(lower), Math.fround(upper)]
  const mask = x.le(0)
  // How many numbers the generator gives.
  const draws = uniform_(emptyOf([Number(hostRead(mask.sum()))], DTYPES.float64))
    .mul_(high - low)
    .add_(low)
  const slopes = filled(x.sizes, 1, compute).maskedScatter(mask, draws.to(compute.name))
  return [x.to(compute.name).mul(slopes).to(x.dtype).contiguous(), slopes.to(x.dtype)]
}

// ---- limits -----------------------------------------------------------------------------------------------------------

/** Options of `hardtanh`. */
export interface HardtanhOptions extends InplaceOption {
  /** The least value. Default -1. */
  minVal?: number
  /** The largest value. Default 1. */
  maxVal?: number
}
const hardtanhRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const [low, high] = n.meta as [number, number]
  // As PyTorch, a NaN is not between the limits.
  return maskedGradient('HardtanhBackwardBackward0', g, x, x.gt(low).logicalAnd(x.lt(high)).logicalNot())
}
const limitParams = [tensor('input'), float('minVal').default(-1), float('maxVal').default(1)] as const
/** Limits values to [minVal, maxVal]. @param x of any dtype but bool; for integers the limits are cut to integers */
export const hardtanh: Op<(x: Tensor, minVal?: number | HardtanhOptions, options?: HardtanhOptions) => Tensor> = define(
  'hardtanh',
  {
    params: [...limitParams, inplaceParam],
    namespace: NAMESPACE,
    node: nodeName('hardtanh'),
    run(x, { minVal, maxVal, inplace }) {
      const [low, high] = checkHardtanh(x.info, minVal, maxVal)
      return inPlaceOr(x, inplace, hardtanh.op.node, hardtanhRule, [low, high], (out) =>
        pointwise(OP.clamp, x.info, x.info, out, x, low, high),
      )
    },
  },
)
const thresholdRule: Rule = (n, g) => {
  const x = n.tensor(0)
  return maskedGradient('ThresholdBackwardBackward0', g, x, x.le(n.meta as number))
}
// Numbers, which are looked at behind the dtype.
const thresholdParams = [tensor('input'), own<number>('float')('threshold'), own<number>('float')('value')] as const
/** x where it is above `limit`, else `value`. @param x of any dtype but bool */
export const threshold: Op<(x: Tensor, limit: number, value: number, inplace?: boolean | InplaceOption) => Tensor> =
  define('threshold', {
    params: [...thresholdParams, inplaceParam],
    namespace: NAMESPACE,
    node: nodeName('threshold'),
    run(x, limit, value, { inplace }) {
      checkThreshold(x.info, limit, value)
      const at = x.info.category === Category.Int ? Math.trunc(limit) : limit
      const compute = (out: Tensor | null): Tensor => {
        const low = x.detach().le(at)
        const y = whereRaw(x.info, out, low, value, x)
        low.storage.release()
        return y
      }
      return inPlaceOr(x, inplace, threshold.op.node, thresholdRule, at, compute, 'any')
    },
  })

// ---- softplus, prelu, glu ---------------------------------------------------------------------------------------------

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** How sharp the bend is. Default 1. */
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
/** log(1 + e^(beta · x)) / beta. @param x floating */
export const softplus: Op<(x: Tensor, beta?: number | SoftplusOptions, options?: SoftplusOptions) => Tensor> = define(
  'softplus',
  {
    params: [tensor('input'), float('beta').default(1), float('threshold').default(20)],
    namespace: NAMESPACE,
    node: nodeName('softplus'),
    run(x, { beta, threshold: limit }) {
      checkFloat('softplus_cpu', x.info)
      return inPlaceOr(x, false, softplus.op.node, softplusRule, { beta, threshold: limit }, () => {
        if (beta === 1 && limit === 20) return pointwise(OP.softplus_1, x.info, x.info, null, x)
        const info = x.info.compute === x.dtype ? null : x.info
        const plain = info ? x.detach().to(x.info.compute) : x.detach()
        const scaled = plain.mul(beta)
        const y = where(scaled.gt(limit), plain, scaled.exp().log1p().div(beta))
        return info ? castRaw(y, info) : y
      })
    },
  },
)
const preluRule: Rule = (n, g) => {
  const [x, w] = [n.tensor(0), n.tensor(1)]
  const positive = x.gt(0)
  return [n.needs(0) ? where(positive, g, g.mul(w)) : null, n.needs(1) ? where(positive, 0, g.mul(x)) : null]
}
/**
 * x, or for negative values a learned multiple of it (He et al. 2015).
 * @param x floating
 * @param weight one value, or one a channel (dim 1), of the dtype of `x`
 */
export const prelu: Op<(x: Tensor, weight: Tensor) => Tensor> = define('prelu', {
  params: [tensor('input'), tensor('weight')],
  node: 'PreluKernelBackward0',
  run: (x, weight) => preluOf(x, weight),
})
function preluOf(x: Tensor, weight: Tensor): Tensor {
  checkPrelu(x, weight)
  const w =
    x.sizes.length > 1
      ? weight.view([1, -1, ...x.sizes.slice(2).map(() => 1)])
      : x.sizes.length === 1
        ? weight.view([1])
        : weight.view([])
  const y = pointwise(OP.prelu, x.info, x.info, null, x, w)
  if (tracks(x, w)) attach(y, prelu.op.node, preluRule, [x, w]).save(x, w)
  return y
}
const gluRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const d = n.meta as number
  const half = x.sizes[d] / 2
  const s = x.narrow(d, half, half).sigmoid()
  const first = g.mul(s)
  return cat([first, first.mul(x.narrow(d, 0, half)).mul(s.neg().add(1))], d)
}
/**
 * The first half of a dim times the sigmoid of the second (Dauphin et al. 2017).
 * @param x floating
 * @param dim of an even size; default -1
 */
export const glu: Op<(x: Tensor, dim?: number | { dim?: number }) => Tensor> = define('glu', {
  params: [tensor('input'), int('dim').default(-1)],
  namespace: NAMESPACE,
  node: nodeName('glu'),
  run: (x, { dim }) => gluOf(x, dim),
})
function gluOf(x: Tensor, dim: number): Tensor {
  const d = checkGlu(x, dim)
  const size = x.sizes[d]
  const plain = x.detach()
  const gate = plain.narrow(d, size / 2, size / 2).sigmoid()
  const y = plain.narrow(d, 0, size / 2).mul(gate)
  gate.storage.release()
  if (tracks(x)) keep(attach(y, glu.op.node, gluRule, [x]), x, d)
  return y
}

// ---- functions without parameters -------------------------------------------------------------------------------------

/** An activation of `nn.functional`: of the dtypes that PyTorch has it for there, and with an `inplace` option. */
const definePlain = (op: UnaryOp, check: (info: DTypeInfo) => void): Activation =>
  define(op.name, {
    params: [tensor('input'), inplaceParam],
    namespace: NAMESPACE,
    node: op.op.nodes,
    run(x, { inplace }) {
      check(x.info)
      return inplace ? op.inPlace(x) : op(x)
    },
  })
const floats =
  (kernel: string) =>
  (info: DTypeInfo): void => {
    checkFloat(kernel, info)
  }
/** max(x, 0). */
export const relu: Activation = definePlain(elementwise.relu, checkNoBool('Boolean inputs not supported for relu'))
/** min(max(x, 0), 6). */
export const relu6: Activation = definePlain(elementwise.relu6, checkNoBool('Bool inputs not supported for hardtanh'))
/** x · sigmoid(x). */
export const silu: Activation = definePlain(elementwise.silu, floats('silu_cpu'))
/** x · tanh(softplus(x)) (Misra 2019). */
export const mish: Activation = definePlain(elementwise.mish, floats('mish_cpu'))
/** x · relu6(x + 3) / 6. */
export const hardswish: Activation = definePlain(elementwise.hardswish, floats('hardswish_cpu'))
/** relu6(x + 3) / 6. */
export const hardsigmoid: Activation = definePlain(elementwise.hardsigmoid, floats('hardsigmoid_cpu'))
/** log(sigmoid(x)), without overflow. @param x floating */
export const logsigmoid: Op<(x: Tensor) => Tensor> = define('logsigmoid', {
  params: [tensor('input')],
  namespace: NAMESPACE,
  node: elementwise.logSigmoid.op.nodes,
  run(x) {
    checkFloat('log_sigmoid_cpu', x.info)
    return elementwise.logSigmoid(x)
  },
})
/** x / (1 + |x|). */
export const softsign: Op<(x: Tensor) => Tensor> = define('softsign', {
  params: [tensor('input')],
  namespace: NAMESPACE,
  node: elementwise.softsign.op.nodes,
  // Integers are counted on as integers first, in PyTorch too.
  run: (x) => (x.info.category === Category.Float ? elementwise.softsign(x) : x.div(x.abs().add(1))),
})
/** x - tanh(x). @param x of any dtype but bool */
export const tanhshrink: Op<(x: Tensor) => Tensor> = define('tanhshrink', {
  params: [tensor('input')],
  namespace: NAMESPACE,
  node: elementwise.tanhshrink.op.nodes,
  run(x) {
    checkNoBools(x, 0)
    return elementwise.tanhshrink(x)
  },
})

// ---- in place, as functions -------------------------------------------------------------------------------------------

/** `relu` over its input. */
export const relu_: InPlaceActivation = define('relu_', {
  params: [tensor('input')],
  namespace: NAMESPACE,
  node: relu.op.nodes,
  run: (x) => relu(x, true),
})
/** `relu6` over its input. */
export const relu6_: InPlaceActivation = define('relu6_', {
  params: [tensor('input')],
  namespace: NAMESPACE,
  node: relu6.op.nodes,
  run: (x) => relu6(x, true),
})
/** `selu` over its input. */
export const selu_: InPlaceActivation = define('selu_', {
  params: [tensor('input')],
  namespace: NAMESPACE,
  node: selu.op.nodes,
  run: (x) => selu(x, true),
})
/** `elu` over its input. */
export const elu_: Op<(x: Tensor, alpha?: number | { alpha?: number }) => Tensor> = define('elu_', {
  params: [tensor('input'), alphaParam],
  namespace: NAMESPACE,
  node: elu.op.nodes,
  run: (x, { alpha }) => elu(x, { alpha, inplace: true }),
})
/** `celu` over its input. */
export const celu_: Op<(x: Tensor, alpha?: number | { alpha?: number }) => Tensor> = define('celu_', {
  params: [tensor('input'), alphaParam],
  namespace: NAMESPACE,
  node: celu.op.nodes,
  run: (x, { alpha }) => celu(x, { alpha, inplace: true }),
})
/** `leakyRelu` over its input. */
export const leakyRelu_: Op<(x: Tensor, negativeSlope?: number | { negativeSlope?: number }) => Tensor> = define(
  'leakyRelu_',
  {
    params: [tensor('input'), float('negativeSlope').default(0.01)],
    namespace: NAMESPACE,
    node: leakyRelu.op.nodes,
    run: (x, { negativeSlope }) => leakyRelu(x, { negativeSlope, inplace: true }),
  },
)
type RreluInPlaceOptions = Omit<RreluOptions, 'inplace'>
/** `rrelu` over its input. */
export const rrelu_: Op<(x: Tensor, lower?: number | RreluInPlaceOptions, options?: RreluInPlaceOptions) => Tensor> =
  define('rrelu_', {
    params: slopeParams,
    namespace: NAMESPACE,
    node: rrelu.op.nodes,
    run: (x, o) => rrelu(x, { ...o, inplace: true }),
  })
type HardtanhInPlaceOptions = Omit<HardtanhOptions, 'inplace'>
/** `hardtanh` over its input. */
export const hardtanh_: Op<
  (x: Tensor, minVal?: number | HardtanhInPlaceOptions, options?: HardtanhInPlaceOptions) => Tensor
> = define('hardtanh_', {
  params: limitParams,
  namespace: NAMESPACE,
  node: hardtanh.op.nodes,
  run: (x, o) => hardtanh(x, { ...o, inplace: true }),
})
/** `threshold` over its input. */
export const threshold_: Op<(x: Tensor, limit: number, value: number) => Tensor> = define('threshold_', {
  params: thresholdParams,
  namespace: NAMESPACE,
  node: threshold.op.nodes,
  run: (x, limit, value) => threshold(x, limit, value, true),
})

// ---- softmax of nn.functional -----------------------------------------------------------------------------------------

/** Options of `softmax` and its kin in `nn.functional`. */
export interface DimOptions {
  /** The dim to sum over. Default: 0 for 0, 1 and 3 dims, else 1. */
  dim?: number | null
  /** Cast the input to this dtype first. */
  dtype?: DType | null
}
type AlongDim = (x: Tensor, dim: number, options?: { dtype?: DType }) => Tensor
function along(
  op: string,
  f: AlongDim,
  x: Tensor,
  first: number | null | DimOptions | undefined,
  options: DimOptions | undefined,
): Tensor {
  expectTensor(op, 'input', x)
  if (typeof first === 'number' && options === undefined) return f(x, first)
  const o = optionsOf<DimOptions>(op, ['dim', 'dtype'], first, options)
  const dims = x.sizes.length
  const dim = o.dim ?? (dims === 0 || dims === 1 || dims === 3 ? 0 : 1)
  return o.dtype ? f(x, dim, { dtype: o.dtype }) : f(x, dim)
}
type SoftmaxAlong = Op<(x: Tensor, dim?: number | null | DimOptions, options?: DimOptions) => Tensor>
// Nearly every call gives the dim alone, by position: it is read here, so that it costs no options object.
const defineAlong = (of: Op<AlongDim>): SoftmaxAlong =>
  defineAs(of.op.name, {
    params: [tensor('input'), int('dim').optional(), dtype('dtype').optional()],
    namespace: NAMESPACE,
    node: of.op.nodes,
    run: (x: Tensor, dim?: number | null | DimOptions, options?: DimOptions) => along(of.op.name, of, x, dim, options),
  })
/** eˣ / Σ eˣ along a dim. @param x floating, or of any dtype with `dtype` */
export const softmax: SoftmaxAlong = defineAlong(soft.softmax)
/** The logarithm of the softmax along a dim, without overflow. @param x floating, or of any dtype with `dtype` */
export const logSoftmax: SoftmaxAlong = defineAlong(soft.logSoftmax)
/** Softmax of the negated values. @param x floating, or of any dtype but bool with `dtype` */
export const softmin: SoftmaxAlong = defineAlong(soft.softmin)

/** Options of `gumbelSoftmax`. */
export interface GumbelOptions {
  /** The temperature. Default 1. */
  tau?: number
  /** One-hot results, with the gradient of the soft ones. Default false. */
  hard?: boolean
  /** Along which the samples add up to 1. Default -1. */
  dim?: number
}
/** Samples of the Gumbel-softmax distribution (Jang et al. 2017). @param x floating logits */
export const gumbelSoftmax: Op<(x: Tensor, tau?: number | GumbelOptions, options?: GumbelOptions) => Tensor> = define(
  'gumbelSoftmax',
  {
    params: [tensor('logits'), float('tau').default(1), bool('hard').default(false), int('dim').default(-1)],
    namespace: NAMESPACE,
    run(x, { tau, hard, dim }) {
      const gumbels = exponential_(emptyOf(x.sizes, x.info)).log().neg()
      const y = soft.softmax(x.add(gumbels).div(tau), dim)
      if (!hard) return y
      const index = y.detach().argmax(dim, { keepdim: true })
      const ones = filled(x.sizes, 0, x.info).scatter(dim, index, 1)
      return ones.sub(y.detach()).add(y)
    },
  },
)
