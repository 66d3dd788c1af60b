/** Elementwise functions of one operand. Formulas of the derivatives are the textbook ones. */
import { attach, type Rule, tracks } from '../autograd/node'
import { ArgumentError, DTypeError } from '../errors'
import { Category, getDefaultDtype } from '../runtime/dtype'
import { OP, type OpCode } from '../runtime/opcodes'
import { isTensor, type Tensor } from '../tensor/tensor'
import { expectInt, expectNumber, expectTensor, optionsOf, pointwise, zerosFor } from './core'
import { inPlaceOf, type OutOption, unary, type UnaryOp } from './define'
import { gated } from './gated'
import { named } from './named'
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
/** x². */
const squarePlain: UnaryOp = unary('square', {
  ints: 'same',
  node: 'PowBackward0',
  grad: { x: (g, x) => g.mul(x.mul(2)) },
})
export const square: UnaryOp = Object.assign(
  (x: Tensor, options?: OutOption): Tensor =>
    squarePlain(isTensor(x) && x.dtype === 'bool' ? x.to('int64') : x, options),
  { inPlace: squarePlain.inPlace },
)
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
export const sin: UnaryOp = unary('sin', { grad: { x: (g, x) => g.mul(x.cos()) } })
export const cos: UnaryOp = unary('cos', { grad: { x: (g, x) => g.mul(x.sin().neg()) } })
export const tan: UnaryOp = unary('tan', { grad: { y: (g, y) => g.mul(y.square().add(1)) } })
export const asin: UnaryOp = unary('asin', { grad: { x: (g, x) => g.mul(x.square().neg().add(1).rsqrt()) } })
export const acos: UnaryOp = unary('acos', { grad: { x: (g, x) => g.mul(x.square().neg().add(1).rsqrt().neg()) } })
export const atan: UnaryOp = unary('atan', { grad: { x: (g, x) => g.div(x.square().add(1)) } })
export const sinh: UnaryOp = unary('sinh', { grad: { x: (g, x) => g.mul(x.cosh()) } })
export const cosh: UnaryOp = unary('cosh', { grad: { x: (g, x) => g.mul(x.sinh()) } })
export const tanh: UnaryOp = unary('tanh', { grad: { y: (g, y) => tanhBackward(g, y) } })
export const asinh: UnaryOp = unary('asinh', { grad: { x: (g, x) => g.mul(x.square().add(1).rsqrt()) } })
export const acosh: UnaryOp = unary('acosh', {
  // As PyTorch has it, though (x - 1)(x + 1) would keep more digits near 1.
  grad: { x: (g, x) => g.mul(x.square().sub(1).rsqrt()) },
})
export const atanh: UnaryOp = unary('atanh', { grad: { x: (g, x) => g.div(x.square().neg().add(1)) } })
/** 1 / (1 + e⁻ˣ). */
export const sigmoid: UnaryOp = unary('sigmoid', { grad: { y: (g, y) => sigmoidBackward(g, y) } })
/** log(sigmoid(x)), without overflow. */
export const logSigmoid: UnaryOp = unary('logSigmoid', {
  node: 'LogSigmoidBackward0',
  grad: { x: (g, x) => slope(OP.log_sigmoid_backward, g, x, () => g.mul(x.neg().sigmoid())) },
})
/** The error function. */
export const erf: UnaryOp = unary('erf', {
  grad: {
    x: (g, x) =>
      g.mul(
        x
          .square()
          .neg()
          .exp()
          .mul(2 / SQRT_PI),
      ),
  },
})
/** 1 - erf(x), exact for large x. */
export const erfc: UnaryOp = unary('erfc', {
  grad: {
    x: (g, x) =>
      g.mul(
        x
          .square()
          .neg()
          .exp()
          .mul(-2 / SQRT_PI),
      ),
  },
})
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
export const floor: UnaryOp = unary('floor', { ints: 'same', identityOnInts: true, grad: 'zero' })
export const ceil: UnaryOp = unary('ceil', { ints: 'same', identityOnInts: true, grad: 'zero' })
export const trunc: UnaryOp = unary('trunc', { ints: 'same', identityOnInts: true, grad: 'zero' })
/** x - trunc(x). */
export const frac: UnaryOp = unary('frac', { ints: 'same', grad: { g: (g) => g } })
/** max(x, 0). */
export const relu: UnaryOp = unary('relu', { ints: 'same', grad: { y: (g, y) => reluBackward(g, y) } })
/** min(max(x, 0), 6). */
const relu6Float: UnaryOp = unary('relu6', {
  ints: 'same',
  node: 'HardtanhBackward0',
  grad: {
    x: (g, x) => gated('HardtanhBackwardBackward0', g, x, x.gt(0).logicalAnd(x.lt(6)).logicalNot()),
  },
})
const isInt = (x: unknown): x is Tensor => isTensor(x) && x.info.category === Category.Int
export const relu6: UnaryOp = Object.assign(
  (x: Tensor, options?: OutOption): Tensor => (isInt(x) ? clamp(x, 0n, 6n) : relu6Float(x, options)),
  { inPlace: (x: Tensor): Tensor => (isInt(x) ? clamp.inPlace(x, 0n, 6n) : relu6Float.inPlace(x)) },
)
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
export const hardswish: UnaryOp = unary('hardswish', {
  grad: {
    x: (g, x) =>
      slope(OP.hardswish_backward, g, x, () => where(x.le(-3), 0, where(x.ge(3), g, g.mul(x.div(3).add(0.5))))),
  },
})
export const hardsigmoid: UnaryOp = unary('hardsigmoid', {
  grad: {
    x: (g, x) =>
      slope(OP.hardsigmoid_backward, g, x, () => where(x.gt(-3).logicalAnd(x.lt(3)), g.mul(Math.fround(1 / 6)), 0)),
  },
})
/** x / (1 + |x|). */
export const softsign: UnaryOp = unary('softsign', {
  node: 'DivBackward0',
  grad: {
    x: (g, x) => {
      // The gradient of x / (1 + |x|) term by term, as PyTorch's: at infinity it is NaN.
      const d = x.abs().add(1)
      return g.div(d).sub(g.mul(x.div(d).div(d)).mul(x.sign()))
    },
  },
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
const roundWhole: UnaryOp = unary('round', { ints: 'same', identityOnInts: true, grad: 'zero' })
/** Rounds to the nearest integer, halves to the even one. */
export const round = Object.assign(
  (x: Tensor, options?: RoundOptions): Tensor => {
    const { decimals, ...rest } = optionsOf<RoundOptions>('round', ['decimals', 'out'], options)
    if (decimals !== undefined && x.info.category !== Category.Float)
      throw new DTypeError(`"round_vml_cpu" not implemented for '${x.info.scalarType}'`, { dtype: x.dtype })
    if (decimals !== undefined) expectInt('round', 'decimals', decimals)
    const given = options && Object.keys(rest).length > 0 ? rest : undefined
    if (!decimals) {
      const y = roundWhole(x, given)
      return decimals === undefined ? y : named(y, 'RoundBackward1')
    }
    const scale = 10 ** Math.abs(decimals)
    return named(
      decimals > 0 ? roundWhole(x.mul(scale)).div(scale) : roundWhole(x.div(scale)).mul(scale),
      'RoundBackward1',
    )
  },
  {
    inPlace: inPlaceOf(
      (x: Tensor, options?: RoundOptions): Tensor => (round as (x: Tensor, o?: RoundOptions) => Tensor)(x, options),
    ),
  },
) as UnaryOp & ((x: Tensor, options?: RoundOptions) => Tensor)

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

const geluErf: UnaryOp = unary('gelu', { grad: { x: (g, x) => geluBackward(g, x) } })
const geluTanh: UnaryOp = unary('geluTanh', {
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
/** x · Φ(x), with the normal distribution function Φ. */
export function gelu(x: Tensor, options?: GeluOptions): Tensor {
  expectTensor('gelu', 'input', x)
  const { approximate = 'none' } = optionsOf<GeluOptions>('gelu', ['approximate'], options)
  if (approximate !== 'none' && approximate !== 'tanh')
    throw new ArgumentError(`approximate argument must be either none or tanh.`, { approximate })
  if (x.info.category !== Category.Float)
    throw new DTypeError(`"GeluKernelImpl" not implemented for '${x.info.scalarType}'`)
  return approximate === 'none' ? geluErf(x) : geluTanh(x)
}

// Other names of the same operations.
export {
  abs as absolute,
  acos as arccos,
  acosh as arccosh,
  asin as arcsin,
  asinh as arcsinh,
  atan as arctan,
  atanh as arctanh,
  neg as negative,
  trunc as fix,
}
/** The value itself. */
export function positive(x: Tensor): Tensor {
  expectTensor('positive', 'input', x)
  if (x.dtype === 'bool') throw new DTypeError('The `+` operator, on a bool tensor is not supported.')
  return x
}
/** An op made of others, with its in-place form. */
function withInPlace<A extends unknown[]>(
  f: (x: Tensor, ...args: A) => Tensor,
): ((x: Tensor, ...args: A) => Tensor) & { readonly inPlace: (x: Tensor, ...args: A) => Tensor } {
  return Object.assign(f, { inPlace: inPlaceOf(f) })
}
/** Degrees to radians. */
export const deg2rad = withInPlace(function deg2rad(x: Tensor): Tensor {
  expectTensor('deg2rad', 'input', x)
  return named(x.mul(PI / 180), 'Deg2RadBackward0')
})
/** Radians to degrees. */
export const rad2deg = withInPlace(function rad2deg(x: Tensor): Tensor {
  expectTensor('rad2deg', 'input', x)
  return named(x.mul(180 / PI), 'Rad2DegBackward0')
})
/** log(x / (1 - x)); with `eps`, x is first limited to [eps, 1 - eps]. */
export const logit = withInPlace(function logit(x: Tensor, options?: number | { eps?: number | null }): Tensor {
  expectTensor('logit', 'input', x)
  const { eps = null } = optionsOf<{ eps?: number | null }>('logit', ['eps'], options)
  if (eps !== null) expectNumber('logit', 'eps', eps)
  const v = x.info.category === Category.Float ? x : x.to(getDefaultDtype())
  const p = eps === null ? v.detach() : v.detach().clamp(eps, 1 - eps)
  const out = p.div(p.neg().add(1)).log()
  if (tracks(v)) {
    const node = attach(out, 'LogitBackward0', logitRule, [v])
    node.save(v)
    node.meta = eps
  }
  return out
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
/** Replaces NaN and infinities by numbers. */
export const nanToNum = withInPlace(function nanToNum(
  x: Tensor,
  options?: number | NanToNumOptions,
  rest?: NanToNumOptions,
): Tensor {
  expectTensor('nanToNum', 'input', x)
  const o = optionsOf<NanToNumOptions>('nanToNum', ['nan', 'posinf', 'neginf'], options, rest)
  if (x.info.category !== Category.Float) return x.clone()
  const big = {
    float32: 3.4028234663852886e38,
    float64: Number.MAX_VALUE,
    float16: 65504,
    bfloat16: 3.3895313892515355e38,
  }[x.dtype as 'float32']
  const a = where(x.isnan(), o.nan ?? 0, x)
  const b = where(x.eq(Infinity), o.posinf ?? big, a)
  return named(where(x.eq(-Infinity), o.neginf ?? -big, b), 'NanToNumBackward0')
})
/** Options of `nanToNum`: what NaN (default 0), ∞ and -∞ (default: the largest and lowest finite value) become. */
export interface NanToNumOptions {
  nan?: number
  posinf?: number
  neginf?: number
}
