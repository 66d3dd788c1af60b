/** Elementwise functions of one operand. Formulas of the derivatives are the textbook ones. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { DTypeError } from '../../errors'
import { Category } from '../../runtime/dtype'
import { OP, type OpCode } from '../../runtime/opcodes'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { expectInt, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { notImplemented } from '../../check/words'
import { pointwise } from '../define/kernel'
import { checkOut, written } from '../define/out'
import { floating, zerosFor } from '../define/results'
import { aliasOf, define } from '../define/define'
import { composed, type OutOption, unary, type UnaryOp, unaryPart } from '../define/elementwise'
import { float, int, tensor, word } from '../define/params'
import type { InPlaceOp, Op } from '../define/registry'
import { checkGelu } from './checks'
import { maskedGradient } from './masked-gradient'
import { withNodeName } from '../define/node-name'
import { clamp, where } from './ternary'

const { PI, SQRT2, LN2, LN10 } = Math
const SQRT_PI = Math.sqrt(PI)

/** A gradient by its own kernel, or where it must itself be differentiable, composed. */
const slope = (op: OpCode, g: Tensor, x: Tensor, composed: () => Tensor): Tensor =>
  tracks(g, x) ? composed() : pointwise(op, g.info, g.info, null, g, x)

// ---- unary --------------------------------------------------------------------------------------------------------

/** The absolute value. */
export const abs: UnaryOp = unary('abs', { ints: 'same', grad: { x: (g, x) => g.mul(x.sign()) } })
/** The value with its sign turned. */
export const neg: UnaryOp = unary('neg', {
  ints: 'same',
  onBool:
    'Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.',
  grad: { g: (g) => g.neg() },
})
/** -1, 0 or 1; NaN for NaN. */
export const sign: UnaryOp = unary('sign', { ints: 'same', identityOnBool: true, grad: 'zero' })
const squarePlain = unaryPart('square', {
  ints: 'same',
  node: 'PowBackward0',
  grad: { x: (g, x) => g.mul(x.mul(2)) },
})
/** x²; of a bool int64. */
export const square: UnaryOp = composed('square', {
  params: [tensor('input'), tensor('out').optional()],
  node: 'PowBackward0',
  run: (x: Tensor, options?: OutOption): Tensor =>
    squarePlain(isTensor(x) && x.dtype === 'bool' ? x.to('int64') : x, options),
  inPlace: squarePlain.inPlace,
})
/** 1 / x. */
export const reciprocal: UnaryOp = unary('reciprocal', { grad: { y: (g, y) => g.neg().mul(y.mul(y)) } })
/** √x. */
export const sqrt: UnaryOp = unary('sqrt', { grad: { y: (g, y) => g.div(y.mul(2)) } })
/** 1 / √x. */
export const rsqrt: UnaryOp = unary('rsqrt', { grad: { y: (g, y) => g.mul(y.pow(3)).mul(-0.5) } })
/** eˣ. */
export const exp: UnaryOp = unary('exp', { grad: { y: (g, y) => g.mul(y) } })
/** 2ˣ. */
export const exp2: UnaryOp = unary('exp2', { grad: { y: (g, y) => g.mul(y).mul(LN2) } })
/** eˣ - 1, exact near 0. */
export const expm1: UnaryOp = unary('expm1', { grad: { y: (g, y) => g.mul(y.add(1)) } })
/** The natural logarithm. */
export const log: UnaryOp = unary('log', { grad: { x: (g, x) => g.div(x) } })
/** The logarithm to base 2. */
export const log2: UnaryOp = unary('log2', { grad: { x: (g, x) => g.div(x.mul(LN2)) } })
/** The logarithm to base 10. */
export const log10: UnaryOp = unary('log10', { grad: { x: (g, x) => g.div(x.mul(LN10)) } })
/** log(1 + x), exact near 0. */
export const log1p: UnaryOp = unary('log1p', { node: 'Log1PBackward0', grad: { x: (g, x) => g.div(x.add(1)) } })
/** The sine of an angle in radians. */
export const sin: UnaryOp = unary('sin', { grad: { x: (g, x) => g.mul(x.cos()) } })
/** The cosine of an angle in radians. */
export const cos: UnaryOp = unary('cos', { grad: { x: (g, x) => g.mul(x.sin().neg()) } })
/** The tangent of an angle in radians. */
export const tan: UnaryOp = unary('tan', { grad: { y: (g, y) => g.mul(y.square().add(1)) } })
/** The arc sine, in [-π/2, π/2]. */
export const asin: UnaryOp = unary('asin', { grad: { x: (g, x) => g.mul(x.square().neg().add(1).rsqrt()) } })
/** The arc cosine, in [0, π]. */
export const acos: UnaryOp = unary('acos', { grad: { x: (g, x) => g.mul(x.square().neg().add(1).rsqrt().neg()) } })
/** The arc tangent, in [-π/2, π/2]. */
export const atan: UnaryOp = unary('atan', { grad: { x: (g, x) => g.div(x.square().add(1)) } })
/** The hyperbolic sine. */
export const sinh: UnaryOp = unary('sinh', { grad: { x: (g, x) => g.mul(x.cosh()) } })
/** The hyperbolic cosine. */
export const cosh: UnaryOp = unary('cosh', { grad: { x: (g, x) => g.mul(x.sinh()) } })
/** The hyperbolic tangent. */
export const tanh: UnaryOp = unary('tanh', { grad: { y: (g, y) => tanhBackward(g, y) } })
/** The area hyperbolic sine. */
export const asinh: UnaryOp = unary('asinh', { grad: { x: (g, x) => g.mul(x.square().add(1).rsqrt()) } })
/** The area hyperbolic cosine, of x ≥ 1. */
export const acosh: UnaryOp = unary('acosh', {
  // As PyTorch has it, though (x - 1)(x + 1) would keep more digits near 1.
  grad: { x: (g, x) => g.mul(x.square().sub(1).rsqrt()) },
})
/** The area hyperbolic tangent, of |x| < 1. */
export const atanh: UnaryOp = unary('atanh', { grad: { x: (g, x) => g.div(x.square().neg().add(1)) } })
/** 1 / (1 + e⁻ˣ). */
export const sigmoid: UnaryOp = unary('sigmoid', { grad: { y: (g, y) => sigmoidBackward(g, y) } })
/** log(sigmoid(x)), without overflow. */
export const logSigmoid: UnaryOp = unary('logSigmoid', {
  node: 'LogSigmoidBackward0',
  grad: { x: (g, x) => slope(OP.log_sigmoid_backward, g, x, () => g.mul(x.neg().sigmoid())) },
})
/** g · by · e^-x². */
const bell = (g: Tensor, x: Tensor, by: number): Tensor => g.mul(x.square().neg().exp().mul(by))
/** The error function. */
export const erf: UnaryOp = unary('erf', { grad: { x: (g, x) => bell(g, x, 2 / SQRT_PI) } })
/** 1 - erf(x), exact for large x. */
export const erfc: UnaryOp = unary('erfc', { grad: { x: (g, x) => bell(g, x, -2 / SQRT_PI) } })
/** The inverse of `erf`. */
export const erfinv: UnaryOp = unary('erfinv', {
  grad: {
    y: (g, y) =>
      g.mul(
        y
          .square()
          .exp()
          .mul(SQRT_PI / 2),
      ),
  },
})
/** log |Γ(x)|. */
export const lgamma: UnaryOp = unary('lgamma', { grad: { x: (g, x) => g.mul(x.digamma()) } })
/** The derivative of `lgamma`. */
export const digamma: UnaryOp = unary('digamma', { grad: { x: (g, x) => g.mul(trigamma(x)) } })
/** ψ′: shifted past 10 by its recurrence, where the asymptotic series (Abramowitz and Stegun 6.4.12) has all digits; reflected below ½. */
function trigamma(x: Tensor): Tensor {
  const reflected = x.lt(0.5)
  let z = where(reflected, x.neg().add(1), x)
  let sum: Tensor | null = null
  for (let k = 0; k < 10; k++) {
    const term = z.square().reciprocal()
    sum = sum === null ? term : sum.add(term)
    z = z.add(1)
  }
  const r = z.reciprocal()
  const s = r.square()
  let series = s.mul(7 / 6).add(-691 / 2730)
  for (const b of [5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6]) series = series.mul(s).add(b)
  const value = (sum as Tensor).add(r).add(s.div(2)).add(series.mul(s).mul(r))
  return where(
    reflected,
    x
      .mul(PI)
      .sin()
      .square()
      .reciprocal()
      .mul(PI * PI)
      .sub(value),
    value,
  )
}
/** The largest integer that is not above. */
export const floor: UnaryOp = unary('floor', { ints: 'same', identityOnInts: true, grad: 'zero' })
/** The smallest integer that is not below. */
export const ceil: UnaryOp = unary('ceil', { ints: 'same', identityOnInts: true, grad: 'zero' })
/** The integer part: rounds toward zero. */
export const trunc: UnaryOp = unary('trunc', { ints: 'same', identityOnInts: true, grad: 'zero' })
/** x - trunc(x). */
export const frac: UnaryOp = unary('frac', { ints: 'same', grad: { g: (g) => g } })
/** max(x, 0). */
export const relu: UnaryOp = unary('relu', { ints: 'same', grad: { y: (g, y) => reluBackward(g, y) } })
const relu6Float = unaryPart('relu6', {
  ints: 'same',
  node: 'HardtanhBackward0',
  grad: {
    x: (g, x) => maskedGradient('HardtanhBackwardBackward0', g, x, x.gt(0).logicalAnd(x.lt(6)).logicalNot()),
  },
})
const isInt = (x: unknown): x is Tensor => isTensor(x) && x.info.category === Category.Int
/** min(max(x, 0), 6). */
export const relu6: UnaryOp = composed('relu6', {
  params: [tensor('input'), tensor('out').optional()],
  node: ['HardtanhBackward0', 'ClampBackward1'],
  run: (x: Tensor, options?: OutOption): Tensor => (isInt(x) ? clamp(x, 0, 6) : relu6Float(x, options)),
  inPlace: (x: Tensor): Tensor => (isInt(x) ? clamp.inPlace(x, 0, 6) : relu6Float.inPlace(x)),
})
/** x · sigmoid(x). */
export const silu: UnaryOp = unary('silu', { grad: { x: (g, x) => siluBackward(g, x) } })
/** x · tanh(softplus(x)) (Misra 2019). */
export const mish: UnaryOp = unary('mish', {
  grad: {
    x: (g, x) =>
      slope(OP.mish_backward, g, x, () => {
        const t = x.exp().log1p().tanh()
        const inner = x.mul(x.sigmoid()).mul(t.square().neg().add(1))
        return g.mul(t.add(inner))
      }),
  },
})
/** x · relu6(x + 3) / 6 (Howard et al. 2019). */
export const hardswish: UnaryOp = unary('hardswish', {
  grad: {
    x: (g, x) =>
      slope(OP.hardswish_backward, g, x, () => where(x.le(-3), 0, where(x.ge(3), g, g.mul(x.div(3).add(0.5))))),
  },
})
/** relu6(x + 3) / 6. */
export const hardsigmoid: UnaryOp = unary('hardsigmoid', {
  grad: {
    x: (g, x) =>
      slope(OP.hardsigmoid_backward, g, x, () => where(x.gt(-3).logicalAnd(x.lt(3)), g.mul(Math.fround(1 / 6)), 0)),
  },
})
const softsignWhole = unaryPart('softsign', {
  node: 'DivBackward0',
  grad: {
    x: (g, x) =>
      slope(OP.softsign_backward, g, x, () => {
        const d = x.abs().add(1)
        return g.div(d).sub(g.mul(x.div(d).div(d)).mul(x.sign()))
      }),
  },
})
const isHalf = (x: unknown): x is Tensor => isTensor(x) && x.info.compute !== x.dtype
/** x / (1 + |x|). */
export const softsign: UnaryOp = composed('softsign', {
  params: [tensor('input'), tensor('out').optional()],
  node: 'DivBackward0',
  // Of half types PyTorch rounds every step.
  run: (x: Tensor, options?: OutOption): Tensor =>
    isHalf(x) ? x.div(x.abs().add(1), options) : softsignWhole(x, options),
  inPlace: (x: Tensor): Tensor => (isHalf(x) ? x.div_(x.abs().add(1)) : softsignWhole.inPlace(x)),
})
/** x - tanh(x). */
export const tanhshrink: UnaryOp = unary('tanhshrink', {
  node: 'SubBackward0',
  grad: { x: (g, x) => g.mul(x.tanh().square()) },
})
/** sin(πx) / (πx), 1 at 0. */
export const sinc: UnaryOp = unary('sinc', {
  grad: {
    x: (g, x) => {
      const px = x.mul(PI)
      const below = x.mul(x).mul(PI)
      return where(below.eq(0), 0, g.mul(px.mul(px.cos()).sub(px.sin()).div(below)))
    },
  },
})
/** Every bit turned; for bool, `logicalNot`. */
export const bitwiseNot: UnaryOp = unary('bitwiseNot', { ints: 'same', grad: 'zero' })

/** Options of `round`. */
export interface RoundOptions extends OutOption {
  /** The number of decimal places to keep; default 0. */
  decimals?: number
}
const roundWhole = unaryPart('round', { ints: 'same', identityOnInts: true, grad: 'zero' })
/** Rounds to the nearest integer, halves to the even one. */
export const round: InPlaceOp<
  (x: Tensor, options?: RoundOptions) => Tensor,
  (x: Tensor, options?: RoundOptions) => Tensor
> = composed('round', {
  params: [tensor('input'), int('decimals').default(0), tensor('out').optional()],
  node: ['RoundBackward0', 'RoundBackward1'],
  run: (x: Tensor, options?: RoundOptions): Tensor => {
    expectTensor('round', 'input', x)
    const { decimals, ...rest } = optionsOf<RoundOptions>('round', ['decimals', 'out'], options)
    if (decimals !== undefined && x.info.category !== Category.Float) throw notImplemented('round_vml_cpu', x.info)
    if (decimals !== undefined) expectInt('round', 'decimals', decimals)
    const given = options && Object.keys(rest).length > 0 ? rest : undefined
    if (!decimals) {
      const y = roundWhole(x, given)
      return decimals === undefined ? y : withNodeName(y, 'RoundBackward1')
    }
    const { out } = rest
    if (out) checkOut('round', out, x.sizes, x.info, [x])
    const scale = 10 ** Math.abs(decimals)
    const y = decimals > 0 ? roundWhole(x.mul(scale)).div(scale) : roundWhole(x.div(scale)).mul(scale)
    return out ? written(out, y) : withNodeName(y, 'RoundBackward1')
  },
  inPlace: true,
})

// Fused gradients; each is itself differentiable, so that higher orders work.

const fused =
  (op: number, name: string, rule: Rule) =>
  (g: Tensor, v: Tensor): Tensor => {
    const out = pointwise(op as never, g.info, g.info, null, g, v.info === g.info ? v : v.to(g.dtype))
    if (tracks(g, v)) attach(out, name, rule, [g, v]).save(g, v)
    return out
  }
const sigmoidBackward = fused(OP.sigmoid_backward, 'SigmoidBackwardBackward0', (n, h) => {
  const [g, y] = [n.tensor(0), n.tensor(1)]
  return [n.needs(0) ? sigmoidBackward(h, y) : null, n.needs(1) ? h.mul(g).mul(y.mul(-2).add(1)) : null]
})
const tanhBackward = fused(OP.tanh_backward, 'TanhBackwardBackward0', (n, h) => {
  const [g, y] = [n.tensor(0), n.tensor(1)]
  return [n.needs(0) ? tanhBackward(h, y) : null, n.needs(1) ? h.mul(g).mul(y).mul(-2) : null]
})
const reluBackward = fused(OP.relu_backward, 'ThresholdBackwardBackward0', (n, h) => [
  n.needs(0) ? reluBackward(h, n.tensor(1)) : null,
  n.needs(1) ? zerosFor(h) : null,
])
const siluBackward = fused(OP.silu_backward, 'SiluBackwardBackward0', (n, h) => {
  const [g, x] = [n.tensor(0), n.tensor(1)]
  const second = (): Tensor => {
    const s = x.sigmoid()
    const ds = s.mul(s.neg().add(1))
    return h.mul(g).mul(ds.mul(x.mul(s.mul(-2).add(1)).add(2)))
  }
  return [n.needs(0) ? siluBackward(h, x) : null, n.needs(1) ? second() : null]
})

const geluErf = unaryPart('gelu', { grad: { x: (g, x) => geluBackward(g, x) } })
const geluTanh = unaryPart('geluTanh', {
  op: 'gelu_tanh',
  node: 'GeluBackward0',
  grad: { x: (g, x) => geluTanhBackward(g, x) },
})
const geluBackward = fused(OP.gelu_backward, 'GeluBackwardBackward0', (n, h) => {
  const [g, x] = [n.tensor(0), n.tensor(1)]
  const density = (): Tensor =>
    x
      .square()
      .mul(-0.5)
      .exp()
      .mul(1 / Math.sqrt(2 * PI))
  return [
    n.needs(0) ? geluBackward(h, x) : null,
    n.needs(1) ? h.mul(g).mul(density().mul(x.square().neg().add(2))) : null,
  ]
})
const geluTanhBackward = fused(OP.gelu_tanh_backward, 'GeluBackwardBackward0', (n, h) => {
  const [g, x] = [n.tensor(0), n.tensor(1)]
  const second = (): Tensor => {
    const k = SQRT2 / SQRT_PI
    const c = 0.044715
    const t = x.add(x.pow(3).mul(c)).mul(k).tanh()
    const du = x
      .square()
      .mul(3 * c)
      .add(1)
      .mul(k)
    const ddu = x.mul(6 * c * k)
    const sech2 = t.square().neg().add(1)
    return h.mul(g).mul(
      sech2.mul(du).add(
        x
          .mul(0.5)
          .mul(sech2)
          .mul(ddu.sub(t.mul(du.square()).mul(2))),
      ),
    )
  }
  return [n.needs(0) ? geluTanhBackward(h, x) : null, n.needs(1) ? second() : null]
})

/** Options of `gelu`. */
export interface GeluOptions {
  /** `none` (default): with the error function; `tanh`: its approximation (Hendrycks and Gimpel 2016). */
  approximate?: 'none' | 'tanh'
}
/** x · Φ(x), with the normal distribution function Φ. @param x floating */
export const gelu: Op<(x: Tensor, options?: GeluOptions) => Tensor> = define('gelu', {
  params: [tensor('input'), word<'none' | 'tanh'>()('approximate').default('none')],
  node: 'GeluBackward0',
  run(x, { approximate }) {
    checkGelu(x.info, approximate)
    return approximate === 'none' ? geluErf(x) : geluTanh(x)
  },
})

/** |x|: `abs`. */
export const absolute: UnaryOp = aliasOf(abs, 'absolute')
/** The arc cosine: `acos`. */
export const arccos: UnaryOp = aliasOf(acos, 'arccos')
/** The area hyperbolic cosine: `acosh`. */
export const arccosh: UnaryOp = aliasOf(acosh, 'arccosh')
/** The arc sine: `asin`. */
export const arcsin: UnaryOp = aliasOf(asin, 'arcsin')
/** The area hyperbolic sine: `asinh`. */
export const arcsinh: UnaryOp = aliasOf(asinh, 'arcsinh')
/** The arc tangent: `atan`. */
export const arctan: UnaryOp = aliasOf(atan, 'arctan')
/** The area hyperbolic tangent: `atanh`. */
export const arctanh: UnaryOp = aliasOf(atanh, 'arctanh')
/** The value with its sign turned: `neg`. */
export const negative: UnaryOp = aliasOf(neg, 'negative')
/** The integer part: `trunc`. */
export const fix: UnaryOp = aliasOf(trunc, 'fix')

/** The value itself. @param x not bool */
export const positive: Op<(x: Tensor) => Tensor> = define('positive', {
  params: [tensor('input')],
  run(x) {
    if (x.dtype === 'bool') throw new DTypeError('The `+` operator, on a bool tensor is not supported.')
    return x
  },
})
type Plain = InPlaceOp<(x: Tensor) => Tensor, (x: Tensor) => Tensor>
/** Degrees to radians. */
export const deg2rad: Plain = define('deg2rad', {
  params: [tensor('input')],
  node: 'Deg2RadBackward0',
  inPlace: true,
  run: (x) => withNodeName(x.mul(PI / 180), deg2rad.op.node),
})
/** Radians to degrees. */
export const rad2deg: Plain = define('rad2deg', {
  params: [tensor('input')],
  node: 'Rad2DegBackward0',
  inPlace: true,
  run: (x) => withNodeName(x.mul(180 / PI), rad2deg.op.node),
})
/** Options of `logit`. */
export interface LogitOptions {
  /** Limits x to [eps, 1 - eps] first. Default: not at all. */
  eps?: number | null
}
type Logit = (x: Tensor, eps?: number | null | LogitOptions, options?: LogitOptions) => Tensor
/** log(x / (1 - x)); with `eps`, x is first limited to [eps, 1 - eps]. */
export const logit: InPlaceOp<Logit, Logit> = define('logit', {
  params: [tensor('input'), float('eps').optional()],
  node: 'LogitBackward0',
  inPlace: true,
  run(x, { eps }) {
    const v = floating(x)
    const p = eps === undefined ? v.detach() : v.detach().clamp(eps, 1 - eps)
    const out = p.div(p.neg().add(1)).log()
    if (tracks(v)) {
      const node = attach(out, logit.op.node, logitRule, [v])
      node.save(v)
      node.meta = eps ?? null
    }
    return out
  },
})
const logitRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const eps = n.meta as number | null
  const slope = g.div(x.mul(x.neg().add(1)))
  // Outside the domain there is no slope; outside the clamped range it is zero.
  return eps === null
    ? where(x.lt(0).logicalOr(x.gt(1)), Number.NaN, slope)
    : where(x.lt(eps).logicalOr(x.gt(1 - eps)), 0, slope)
}
/** Options of `nanToNum`. */
export interface NanToNumOptions {
  /** What NaN becomes. Default 0. */
  nan?: number
  /** What ∞ becomes. Default: the largest finite value of the dtype. */
  posinf?: number
  /** What -∞ becomes. Default: the lowest finite value of the dtype. */
  neginf?: number
}
type NanToNum = (x: Tensor, nan?: number | null | NanToNumOptions, options?: NanToNumOptions) => Tensor
/** Replaces NaN and infinities by numbers. */
export const nanToNum: InPlaceOp<NanToNum, NanToNum> = define('nanToNum', {
  params: [tensor('input'), float('nan').default(0), float('posinf').optional(), float('neginf').optional()],
  node: 'NanToNumBackward0',
  inPlace: true,
  run(x, { nan, posinf, neginf }) {
    if (x.info.category !== Category.Float) return x.clone()
    const [low, high] = x.info.range as readonly [number, number]
    const a = where(x.isnan(), nan, x)
    const b = where(x.eq(Infinity), posinf ?? high, a)
    return withNodeName(where(x.eq(-Infinity), neginf ?? low, b), nanToNum.op.node)
  },
})
