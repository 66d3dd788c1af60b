/** Elementwise functions and arithmetic. Formulas of the derivatives are the textbook ones. */
import { ArgumentError, DTypeError, ValueError } from '../errors'
import { attach, type Grad, type Rule, tracks } from '../autograd/node'
import { Category, type DTypeInfo, DTYPES, getDefaultDtype, type Scalar } from '../runtime/dtype'
import { OP, type OpCode } from '../runtime/opcodes'
import { isTensor, type Tensor } from '../tensor/tensor'
import { expectOperand, expectTensor, finishInPlace, isScalar, operandTensor, optionsOf, pointwise, resultType, startInPlace, storable } from './core'
import { binary, type BinaryOp, checkInPlaceShape, inPlaceOf, comparison, type OutOption, type Predicate, predicate, unary, type UnaryOp } from './define'
import { clamp, where } from './ternary'

const { PI, SQRT2, LN2, LN10 } = Math
const SQRT_PI = Math.sqrt(PI)

/** A gradient by its own kernel, or where it must itself be differentiable, composed. */
const slope = (op: OpCode, g: Tensor, x: Tensor, composed: () => Tensor): Tensor => (tracks(g, x) ? composed() : pointwise(op, g.info, g.info, null, g, x))

// ---- unary --------------------------------------------------------------------------------------------------------

/** The absolute value. */
export const abs: UnaryOp = unary('abs', { ints: 'same', grad: { x: (g, x) => g.mul(x.sign()) } })
/** The value with its sign turned. */
export const neg: UnaryOp = unary('neg', { ints: 'same', grad: { g: (g) => g.neg() } })
/** -1, 0 or 1; NaN for NaN. */
export const sign: UnaryOp = unary('sign', { ints: 'same', identityOnBool: true, grad: 'zero' })
/** x². */
const squarePlain: UnaryOp = unary('square', { ints: 'same', node: 'PowBackward0', grad: { x: (g, x) => g.mul(x.mul(2)) } })
export const square: UnaryOp = Object.assign(
  (x: Tensor, options?: OutOption): Tensor => squarePlain(isTensor(x) && x.dtype === 'bool' ? x.to('int64') : x, options),
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
export const log1p: UnaryOp = unary('log1p', { grad: { x: (g, x) => g.div(x.add(1)) } })
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
export const erf: UnaryOp = unary('erf', { grad: { x: (g, x) => g.mul(x.square().neg().exp().mul(2 / SQRT_PI)) } })
/** 1 - erf(x), exact for large x. */
export const erfc: UnaryOp = unary('erfc', { grad: { x: (g, x) => g.mul(x.square().neg().exp().mul(-2 / SQRT_PI)) } })
/** The inverse of `erf`. */
export const erfinv: UnaryOp = unary('erfinv', { grad: { y: (g, y) => g.mul(y.square().exp().mul(SQRT_PI / 2)) } })
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
  return where(reflected, x.mul(PI).sin().square().reciprocal().mul(PI * PI).sub(value), value)
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
  grad: { x: (g, x) => g.mul(x.gt(0).logicalAnd(x.lt(6))) },
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
    x: (g, x) => slope(OP.hardswish_backward, g, x, () => where(x.le(-3), 0, where(x.ge(3), g, g.mul(x.div(3).add(0.5))))),
  },
})
export const hardsigmoid: UnaryOp = unary('hardsigmoid', {
  grad: { x: (g, x) => slope(OP.hardsigmoid_backward, g, x, () => where(x.gt(-3).logicalAnd(x.lt(3)), g.mul(Math.fround(1 / 6)), 0)) },
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

/** Zeros that never carry a NaN over. */
const zeroLike = (x: Tensor): Tensor => pointwise(OP.cast, x.info, x.info, null, x).zero_()

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
    if (!decimals) return roundWhole(x, options && Object.keys(rest).length > 0 ? rest : undefined)
    const scale = 10 ** Math.abs(decimals)
    return decimals > 0 ? roundWhole(x.mul(scale)).div(scale) : roundWhole(x.div(scale)).mul(scale)
  },
  { inPlace: inPlaceOf((x: Tensor, options?: RoundOptions): Tensor => (round as (x: Tensor, o?: RoundOptions) => Tensor)(x, options)) },
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
  null,
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
const geluTanh: UnaryOp = unary('geluTanh', { op: 'gelu_tanh', node: 'GeluBackward0', grad: { x: (g, x) => geluTanhBackward(g, x) } })
const geluBackward = fused(OP.gelu_backward, 'GeluBackwardBackward0', (n, h) => {
  const [g, x] = [n.tensor(0), n.tensor(1)]
  const density = (): Tensor => x.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * PI))
  return [n.needs(0) ? geluBackward(h, x) : null, n.needs(1) ? h.mul(g).mul(density().mul(x.square().neg().add(2))) : null]
})
const geluTanhBackward = fused(OP.gelu_tanh_backward, 'GeluBackwardBackward0', (n, h) => {
  const [g, x] = [n.tensor(0), n.tensor(1)]
  const second = (): Tensor => {
    const k = SQRT2 / SQRT_PI
    const c = 0.044715
    const t = x.add(x.pow(3).mul(c)).mul(k).tanh()
    const du = x.square().mul(3 * c).add(1).mul(k)
    const ddu = x.mul(6 * c * k)
    const sech2 = t.square().neg().add(1)
    return h.mul(g).mul(sech2.mul(du).add(x.mul(0.5).mul(sech2).mul(ddu.sub(t.mul(du.square()).mul(2)))))
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
  if (x.info.category !== Category.Float) throw new DTypeError(`"GeluKernelImpl" not implemented for '${x.info.scalarType}'`)
  return approximate === 'none' ? geluErf(x) : geluTanh(x)
}

// ---- binary -------------------------------------------------------------------------------------------------------

const times = (g: Tensor, v: Tensor | Scalar): Tensor => g.mul(v)

const addPlain: BinaryOp = binary('add', { saves: '', grad: (g) => [g, g] })
const subPlain: BinaryOp = binary('sub', {
  saves: '',
  grad: (g, _x, _y, n) => [g, n.needs(1) ? g.neg() : null],
  check: (_info, x, y) => {
    const bx = isTensor(x) ? x.dtype === 'bool' : typeof x === 'boolean'
    const by = isTensor(y) ? y.dtype === 'bool' : typeof y === 'boolean'
    if (bx && by)
      throw new DTypeError(
        'Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.',
      )
    if (bx || by)
      throw new DTypeError(
        'Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.',
      )
  },
})
/** Options of `add` and `sub`. */
export interface AlphaOptions extends OutOption {
  /** Multiplies the second operand; default 1. */
  alpha?: number | bigint
}
/** An addition whose second operand may be scaled. */
export interface AddOp {
  (x: Tensor | Scalar, y: Tensor | Scalar, options?: AlphaOptions): Tensor
  readonly inPlace: (x: Tensor, y: Tensor | Scalar, options?: Pick<AlphaOptions, 'alpha'>) => Tensor
}

function scaled(name: 'add' | 'sub', plain: BinaryOp, signOf: 1 | -1): AddOp {
  const node = name === 'add' ? 'AddBackward0' : 'SubBackward0'
  const rule: Rule = (n, g) => [g, n.needs(1) ? g.mul(n.meta as number) : null]
  const factor = (info: DTypeInfo, alpha: number | bigint): number | bigint => {
    if (typeof alpha === 'boolean') {
      if (info.category !== Category.Bool) throw new DTypeError('Boolean alpha only supported for Boolean results.')
      return Number(alpha)
    }
    if (typeof alpha !== 'number' && typeof alpha !== 'bigint') {
      throw new ArgumentError(`${name}(): argument 'alpha' must be Number, not ${typeof alpha}`)
    }
    if (info.category !== Category.Float && typeof alpha === 'number' && !Number.isInteger(alpha))
      throw new DTypeError('For integral input tensors, argument alpha must not be a floating point number.')
    storable(alpha, info)
    return signOf === 1 ? alpha : -alpha
  }
  const f = (x: Tensor | Scalar, y: Tensor | Scalar, options?: AlphaOptions): Tensor => {
    if (options === undefined) return plain(x, y)
    const { alpha = 1, ...rest } = optionsOf<AlphaOptions>(name, ['alpha', 'out'], options)
    if (alpha === 1 || alpha === 1n) return plain(x, y, rest)
    expectOperand(name, 'input', x)
    expectOperand(name, 'other', y)
    const info = DTYPES[resultType(x, y)]
    const by = factor(info, alpha)
    // On bools addition is `or` and scaling is `and`.
    if (info.category === Category.Bool) return by ? plain(x, y, rest) : plain(x, false, rest)
    if (rest.out) return plain(x, isTensor(y) ? y.mul(alpha) : Number(y) * Number(alpha), rest)
    const z = pointwise(OP.axpy, info, info, null, x, y, by)
    const [tx, ty] = [isTensor(x) ? x : null, isTensor(y) ? y : null]
    if (tracks(tx, ty)) attach(z, node, rule, [tx, ty]).meta = Number(by)
    return z
  }
  f.inPlace = (x: Tensor, y: Tensor | Scalar, options?: Pick<AlphaOptions, 'alpha'>): Tensor => {
    if (options === undefined) return plain.inPlace(x, y)
    const { alpha = 1 } = optionsOf<AlphaOptions>(`${name}_`, ['alpha'], options)
    if (alpha === 1 || alpha === 1n) return plain.inPlace(x, y)
    expectTensor(`${name}_`, 'input', x)
    expectOperand(`${name}_`, 'other', y)
    const info = DTYPES[resultType(x, y)]
    if (info !== x.info) return plain.inPlace(x, isTensor(y) ? y.mul(alpha) : Number(y) * Number(alpha))
    checkInPlaceShape(x, y)
    const by = factor(info, alpha)
    if (info.category === Category.Bool) return plain.inPlace(x, by ? y : false)
    const n = startInPlace(x, node, rule, [x, isTensor(y) ? y : null])
    pointwise(OP.axpy, info, info, x, x, y, by)
    finishInPlace(x, n)
    if (n) n.meta = Number(by)
    return x
  }
  Object.defineProperty(f, 'name', { value: name })
  return f
}

/** x + alpha · y. */
export const add: AddOp = scaled('add', addPlain, 1)
/** x - alpha · y. */
export const sub: AddOp = scaled('sub', subPlain, -1)
/** x · y. */
export const mul: BinaryOp = binary('mul', {
  saves: 'cross',
  grad: (g, x, y, n) => [n.needs(0) ? times(g, y) : null, n.needs(1) ? times(g, x) : null],
})
const divTrue: BinaryOp = binary('div', {
  dtype: 'float',
  grad: (g, x, y, n) => [
    n.needs(0) ? g.div(y) : null,
    n.needs(1) ? g.neg().mul(isTensor(x) ? x.div(y).div(y) : (y as Tensor).reciprocal().square().mul(x)) : null,
  ],
})
const zeroGrads = (g: Tensor): readonly [Grad, Grad] => [g.mul(0), g.mul(0)]
/** ⌊x / y⌋. */
export const floorDivide: BinaryOp = binary('floorDivide', { saves: '', grad: null, kernel: 'div_floor_cpu' })
const truncDivide: BinaryOp = binary('divTrunc', { op: 'trunc_divide', saves: '', grad: zeroGrads, node: 'DivBackward1', kernel: 'div_trunc_cpu' })
const floorDivideMode: BinaryOp = binary('divFloor', {
  op: 'floor_divide',
  saves: '', grad: zeroGrads, node: 'DivBackward1', kernel: 'div_floor_cpu' })

/** Options of `div`. */
export interface DivOptions extends OutOption {
  /** Rounds the quotient: `trunc` toward zero, `floor` down; default: a true division. */
  roundingMode?: 'trunc' | 'floor' | null
}
/** A division with a choice of rounding. */
export interface DivOp {
  (x: Tensor | Scalar, y: Tensor | Scalar, options?: DivOptions): Tensor
  readonly inPlace: (x: Tensor, y: Tensor | Scalar, options?: Pick<DivOptions, 'roundingMode'>) => Tensor
}
function divisionFor(mode: unknown): BinaryOp {
  if (mode === undefined || mode === null) return divTrue
  if (mode === 'trunc') return truncDivide
  if (mode === 'floor') return floorDivideMode
  throw new ArgumentError(`div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${String(mode)}'`)
}
/** x / y; integers give floats unless `roundingMode` is set. */
export const div: DivOp = Object.assign(
  (x: Tensor | Scalar, y: Tensor | Scalar, options?: DivOptions): Tensor => {
    if (options === undefined) return divTrue(x, y)
    const { roundingMode, ...rest } = optionsOf<DivOptions>('div', ['roundingMode', 'out'], options)
    return divisionFor(roundingMode)(x, y, rest)
  },
  {
    inPlace: (x: Tensor, y: Tensor | Scalar, options?: Pick<DivOptions, 'roundingMode'>): Tensor => {
      const { roundingMode } = optionsOf<DivOptions>('div_', ['roundingMode'], options)
      return divisionFor(roundingMode).inPlace(x, y)
    },
  },
)
/** The remainder with the sign of the divisor, as Python's %. */
export const remainder: BinaryOp = binary('remainder', {
  grad: (g, x, y, n) => [g, n.needs(1) ? g.mul(operandTensor(x, y).div(y, { roundingMode: 'floor' })).neg() : null],
})
/** The remainder with the sign of the dividend, as C's fmod. */
export const fmod: BinaryOp = binary('fmod', {
  grad: (g, x, y, n) => [g, n.needs(1) ? g.mul(operandTensor(x, y).div(y, { roundingMode: 'trunc' })).neg() : null],
})

/** xʸ. */
const powPlain: BinaryOp = binary('pow', {
  check: (info, _x, y) => {
    if (!isScalar(y) || info.category !== Category.Int) return
    if (Number(y) < 0) throw new ValueError('Integers to negative integer powers are not allowed.', { exponent: Number(y) })
    storable(y, info)
  },
  grad: (g, x, y, n) => {
    const dx = (): Tensor => {
      const base = x as Tensor
      if (isScalar(y)) {
        const e = Number(y)
        if (e === 0) return g.mul(0)
        return g.mul(base.pow(e - 1).mul(e))
      }
      return where(y.eq(0), g.mul(0), g.mul(y.mul(base.pow(y.sub(1)))))
    }
    const dy = (): Tensor => {
      const e = y as Tensor
      const power = isTensor(x) ? x.pow(e) : pow(x, e)
      if (isScalar(x)) {
        const slope = g.mul(power.mul(Math.log(Number(x))))
        return Number(x) === 0 ? where(e.ge(0), g.mul(0), slope) : slope
      }
      return where(x.eq(0).logicalAnd(e.ge(0)), g.mul(0), g.mul(power.mul(x.log())))
    }
    return [n.needs(0) ? dx() : null, n.needs(1) ? dy() : null]
  },
  node: 'PowBackward0',
})
/** xʸ. */
export const pow: BinaryOp = Object.assign(
  (x: Tensor | Scalar, y: Tensor | Scalar, options?: OutOption): Tensor =>
    // Of two bools: anything to the power 0 is 1.
    isTensor(x) && x.dtype === 'bool' && typeof y === 'boolean' ? logicalOr(x, !y) : powPlain(x, y, options),
  {
    inPlace: (x: Tensor, y: Tensor | Scalar): Tensor =>
      isTensor(x) && x.dtype === 'bool' && typeof y === 'boolean' ? logicalOr.inPlace(x, !y) : powPlain.inPlace(x, y),
  },
)

/** Where operands are equal, the gradient is shared by halves. */
const pick = (wins: (x: Tensor, y: Tensor) => Tensor) => (g: Tensor, a: Tensor | Scalar, b: Tensor | Scalar): readonly [Grad, Grad] => {
  const x = operandTensor(a, b)
  const y = operandTensor(b, a)
  const tie = x.eq(y)
  const half = g.div(2)
  const loses = wins(y, x)
  return [
    isTensor(a) ? where(tie, half, g.maskedFill(loses, 0)) : null,
    isTensor(b) ? where(tie, half, g.maskedFill(wins(x, y), 0)) : null,
  ]
}
/** The larger value; NaN wins. */
export const maximum: BinaryOp = binary('maximum', { grad: pick((x, y) => x.gt(y)) })
/** The smaller value; NaN wins. */
export const minimum: BinaryOp = binary('minimum', { grad: pick((x, y) => x.lt(y)) })
/** The larger value; NaN loses. */
export const fmax: BinaryOp = binary('fmax', {
  bool: 'bitwise_or',
  grad: (g, a, b) => {
    const takeX = operandTensor(a, b).ge(b).logicalOr(operandTensor(b, a).isnan())
    return [g.maskedFill(takeX.logicalNot(), 0), g.maskedFill(takeX, 0)]
  },
})
/** The smaller value; NaN loses. */
export const fmin: BinaryOp = binary('fmin', {
  bool: 'bitwise_and',
  grad: (g, a, b) => {
    const takeX = operandTensor(a, b).le(b).logicalOr(operandTensor(b, a).isnan())
    return [g.maskedFill(takeX.logicalNot(), 0), g.maskedFill(takeX, 0)]
  },
})
/** The angle of the point (y, x); the first operand is y. */
export const atan2: BinaryOp = binary('atan2', {
  dtype: 'float',
  grad: (g, y, x) => {
    const [ty, tx] = [operandTensor(y, x), operandTensor(x, y)]
    const square = ty.mul(ty).add(tx.mul(tx))
    // At the origin there is no angle, and no slope.
    const origin = square.detach().eq(0)
    return [g.mul(tx.div(square).maskedFill(origin, 0)), g.mul(ty.neg().div(square).maskedFill(origin, 0))]
  },
})
/** √(x² + y²). */
export const hypot: BinaryOp = binary('hypot', {
  grad: (g, x, y) => {
    const h = hypot(x, y)
    return [g.mul(operandTensor(x, y).div(h)), g.mul(operandTensor(y, x).div(h))]
  },
})
/** |x| with the sign of y. */
export const copysign: BinaryOp = binary('copysign', {
  dtype: 'float',
  grad: (g, x, y, n) => [
    n.needs(0) ? where((x as Tensor).eq(0), zeroLike(g), g.mul(copysign(x, y).div(x))) : null,
    n.needs(1) ? g.mul(0) : null,
  ],
})
/** The next representable value after x toward y. */
export const nextafter: BinaryOp = binary('nextafter', {
  grad: (g, x, y) => [g.maskedFill(operandTensor(x, y).eq(y), 0), g.mul(0)],
})
/** log(eˣ + eʸ). */
export const logaddexp: BinaryOp = binary('logaddexp', {
  grad: (g, x, y) => {
    const [a, b] = [operandTensor(x, y), operandTensor(y, x)]
    return [g.mul(a.sub(b).sigmoid()), g.mul(b.sub(a).sigmoid())]
  },
})
/** log₂(2ˣ + 2ʸ). */
export const logaddexp2: BinaryOp = binary('logaddexp2', {
  grad: (g, x, y) => {
    const [a, b] = [operandTensor(x, y), operandTensor(y, x)]
    return [g.mul(a.sub(b).mul(LN2).sigmoid()), g.mul(b.sub(a).mul(LN2).sigmoid())]
  },
})
/** x · log(y), 0 where x is 0. */
export const xlogy: BinaryOp = binary('xlogy', {
  dtype: 'float',
  grad: (g, x, y, n) => [
    n.needs(0) ? xlogy(g, y).maskedFill((x as Tensor).eq(0).logicalAnd(operandTensor(y, x).le(0)), 0) : null,
    n.needs(1) ? g.mul(operandTensor(x, y).div(y)) : null,
  ],
})
export const heaviside: BinaryOp = binary('heaviside', {
  saves: '',
  grad: null,
  bool: 'bitwise_or',
  check: (_info, x, y) => {
    if (isTensor(x) && isTensor(y) && x.info !== y.info)
      throw new DTypeError('heaviside is not yet implemented for tensors with different dtypes.', { input: x.dtype, values: y.dtype })
  },
})
const integral = { saves: '', grad: null } as const
export const bitwiseAnd: BinaryOp = binary('bitwiseAnd', integral)
export const bitwiseOr: BinaryOp = binary('bitwiseOr', integral)
export const bitwiseXor: BinaryOp = binary('bitwiseXor', integral)
export const bitwiseLeftShift: BinaryOp = binary('bitwiseLeftShift', { ...integral, op: 'shl', kernel: 'lshift_cpu' })
export const bitwiseRightShift: BinaryOp = binary('bitwiseRightShift', { ...integral, op: 'shr', kernel: 'rshift_cpu' })
/** The greatest common divisor. */
export const gcd: BinaryOp = binary('gcd', integral)
/** The least common multiple. */
export const lcm: BinaryOp = binary('lcm', integral)

// ---- comparisons --------------------------------------------------------------------------------------------------

export const eq: BinaryOp = comparison('eq', 'eq')
export const ne: BinaryOp = comparison('ne', 'ne')
export const lt: BinaryOp = comparison('lt', 'lt')
export const le: BinaryOp = comparison('le', 'le')
export const gt: BinaryOp = comparison('gt', 'gt')
export const ge: BinaryOp = comparison('ge', 'ge')
export const logicalAnd: BinaryOp = comparison('logicalAnd', 'logical_and')
export const logicalOr: BinaryOp = comparison('logicalOr', 'logical_or')
export const logicalXor: BinaryOp = comparison('logicalXor', 'logical_xor')
export const isnan: Predicate = predicate('isnan', 'isnan', false)
export const isinf: Predicate = predicate('isinf', 'isinf', false)
export const isfinite: Predicate = predicate('isfinite', 'isfinite', true)
export const signbit: Predicate = predicate('signbit', 'signbit')
export const logicalNot: Predicate = predicate('logicalNot', 'logical_not')

// Other names of the same operations.
export { abs as absolute, acos as arccos, acosh as arccosh, asin as arcsin, asinh as arcsinh, atan as arctan, atan2 as arctan2, atanh as arctanh, div as divide, mul as multiply, neg as negative, ne as notEqual, ge as greaterEqual, gt as greater, le as lessEqual, lt as less, sub as subtract, trunc as fix, div as trueDivide }
/** y - alpha · x: `sub` with its operands turned. */
export function rsub(x: Tensor, y: Tensor | Scalar, options?: Omit<AlphaOptions, 'out'>): Tensor {
  return sub(y, x, options)
}
/** The value itself. */
export function positive(x: Tensor): Tensor {
  expectTensor('positive', 'input', x)
  if (x.dtype === 'bool') throw new DTypeError('The `+` operator, on a bool tensor is not supported.')
  return x
}
/** An op made of others, with its in-place form. */
function withInPlace<A extends unknown[]>(f: (x: Tensor, ...args: A) => Tensor): ((x: Tensor, ...args: A) => Tensor) & { readonly inPlace: (x: Tensor, ...args: A) => Tensor } {
  return Object.assign(f, { inPlace: inPlaceOf(f) })
}
/** Degrees to radians. */
export const deg2rad = withInPlace(function deg2rad(x: Tensor): Tensor {
  expectTensor('deg2rad', 'input', x)
  return x.mul(PI / 180)
})
/** Radians to degrees. */
export const rad2deg = withInPlace(function rad2deg(x: Tensor): Tensor {
  expectTensor('rad2deg', 'input', x)
  return x.mul(180 / PI)
})
/** log(x / (1 - x)); with `eps`, x is first limited to [eps, 1 - eps]. */
export const logit = withInPlace(function logit(x: Tensor, options?: number | { eps?: number | null }): Tensor {
  expectTensor('logit', 'input', x)
  const { eps = null } = optionsOf<{ eps?: number | null }>('logit', ['eps'], options)
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
export const nanToNum = withInPlace(function nanToNum(x: Tensor, options?: number | NanToNumOptions, rest?: NanToNumOptions): Tensor {
  expectTensor('nanToNum', 'input', x)
  const o = optionsOf<NanToNumOptions>('nanToNum', ['nan', 'posinf', 'neginf'], options, rest)
  if (x.info.category !== Category.Float) return x.clone()
  const big = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE, float16: 65504, bfloat16: 3.3895313892515355e38 }[x.dtype as 'float32']
  const a = where(x.isnan(), o.nan ?? 0, x)
  const b = where(x.eq(Infinity), o.posinf ?? big, a)
  return where(x.eq(-Infinity), o.neginf ?? -big, b)
})
/** Options of `nanToNum`: what NaN (default 0), ∞ and -∞ (default: the largest and lowest finite value) become. */
export interface NanToNumOptions {
  nan?: number
  posinf?: number
  neginf?: number
}
