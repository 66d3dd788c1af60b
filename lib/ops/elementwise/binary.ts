/** Elementwise arithmetic and comparisons of two operands. */
import { attach, type Grad, type Rule, tracks } from '../../autograd/node'
import { Category, type DTypeInfo, DTYPES, type Scalar, toHalf } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { isDense, sameShape } from '../../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../../tensor/tensor'
import { finishInPlace, startInPlace } from '../../autograd/in-place'
import { expectNothing, expectOperand, expectTensor, isScalar } from '../../check/arguments'
import { checkCast } from '../../check/dtypes'
import { optionsOf } from '../../check/options'
import { operandIn, operandTensor, pointwise } from '../define/kernel'
import { delivered, outTarget, overwriteWith } from '../define/out'
import { emptyLike, zerosFor } from '../define/results'
import { resultType } from '../../tensor/result-type'
import { aliasOf, define, definitionOf } from '../define/define'
import {
  binary,
  type BinaryOp,
  checkInPlaceShape,
  comparison,
  type OutOption,
  type Predicate,
  predicate,
  shapeOf,
  underivable,
  binaryPart,
  composed,
} from '../define/elementwise'
import { operand, scalar, tensor, word } from '../define/params'
import { entered, listening, type Op, type OpDefinition, reenter, register } from '../define/registry'
import { withNodeName } from '../define/node-name'
import { checkAlpha, checkExponent, checkHeaviside, checkNoBools, unknownRounding } from './checks'
import { where } from './ternary'

const times = (g: Tensor, v: Tensor | Scalar): Tensor => g.mul(v)

const addPlain = binaryPart('add', { saves: '', grad: (g) => [g, g] })
const subPlain = binaryPart('sub', {
  saves: '',
  grad: (g, _x, _y, n) => [g, n.needs(1) ? g.neg() : null],
  check: (_info, x, y) => checkNoBools(x, y),
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
  readonly op: OpDefinition
}

/** How many elements PyTorch computes at once in a half type. */
const HALVES_AT_ONCE = 32
/**
 * x + by · y. Of half types PyTorch rounds the product as well as the sum; but not among the first elements, a multiple of 32,
 * of operands without gaps, which it computes in vectors.
 */
function axpy(info: DTypeInfo, out: Tensor | null, x0: Tensor | Scalar, y0: Tensor | Scalar, by: Scalar): Tensor {
  const fused = (o: Tensor | null, a: Tensor | Scalar, b: Tensor | Scalar): Tensor =>
    pointwise(OP.axpy, info, info, o, a, b, operandIn(by, info))
  if (info.compute === info.name) return fused(out, x0, y0)
  const [x, y] = [operandIn(x0, info), operandIn(y0, info)]
  const stepwise = (o: Tensor | null, a: Tensor | Scalar, b: Tensor | Scalar): Tensor => {
    const factor = operandIn(by, info) as number
    const product = isTensor(b) ? pointwise(OP.mul, info, info, null, b, factor) : operandIn(Number(b) * factor, info)
    return pointwise(OP.add, info, info, o, a, product)
  }
  const like = (isTensor(x) ? x : y) as Tensor
  const inOrder = [x, y].every(
    (t) => !isTensor(t) || (sameShape(t.sizes, like.sizes) && sameShape(t.strides, like.strides)),
  )
  if (like.count < HALVES_AT_ONCE || !inOrder || !isDense(like.sizes, like.strides)) return stepwise(out, x, y)
  const z = out ?? emptyLike(like, info)
  const head = like.count - (like.count % HALVES_AT_ONCE)
  const from = <T extends Tensor | Scalar>(t: T, start: number, count: number): Tensor | T =>
    typeof t === 'object' ? reinterpret(t, [count], [1], t.offset + start) : t
  fused(from(z, 0, head), from(x, 0, head), from(y, 0, head))
  const rest = like.count - head
  if (rest > 0) stepwise(from(z, head, rest), from(x, head, rest), from(y, head, rest))
  return z
}

function scaled(name: 'add' | 'sub', plain: typeof addPlain, signOf: 1 | -1): AddOp {
  const node = name === 'add' ? 'AddBackward0' : 'SubBackward0'
  const params = [operand('input'), operand('other'), scalar('alpha').default(1), tensor('out').optional()]
  const definition = definitionOf(name, params, { node, method: true }, true)
  const rule: Rule = (n, g) => [g, n.needs(1) ? g.mul(n.meta as number) : null]
  /** The dtype of the sum; bools are not subtracted. */
  const infoOf = (x: Tensor | Scalar, y: Tensor | Scalar): DTypeInfo => {
    if (signOf === -1) checkNoBools(x, y)
    return DTYPES[resultType(x, y)]
  }
  const factor = (info: DTypeInfo, alpha: number | bigint): number | bigint => {
    const by = checkAlpha(name, info, alpha)
    return signOf === 1 ? by : -by
  }

  const f = (x: Tensor | Scalar, y: Tensor | Scalar, options?: AlphaOptions, more?: unknown): Tensor => {
    if (more !== undefined) expectNothing(name, more)
    if (listening !== null && !entered(definition)) return reenter(definition, [x, y], options, f, x, y, options)
    if (options === undefined) return plain(x, y)
    const { alpha = 1, ...rest } = optionsOf<AlphaOptions>(name, ['alpha', 'out'], options)
    if (alpha === 1 || alpha === 1n) return plain(x, y, rest)
    expectOperand(name, 'input', x)
    expectOperand(name, 'other', y)
    const info = infoOf(x, y)
    const by = factor(info, alpha)
    // On bools addition is `or` and scaling is `and`.
    if (info.category === Category.Bool) return by ? plain(x, y, rest) : plain(x, false, rest)
    const { out } = rest
    if (out) return delivered(out, axpy(info, outTarget(name, out, shapeOf(x, y), info, [x, y]), x, y, by))
    const z = axpy(info, null, x, y, by)
    const [tx, ty] = [isTensor(x) ? x : null, isTensor(y) ? y : null]
    if (tracks(tx, ty)) attach(z, node, rule, [tx, ty]).meta = Number(by)
    return z
  }
  f.inPlace = (x: Tensor, y: Tensor | Scalar, options?: Pick<AlphaOptions, 'alpha'>, more?: unknown): Tensor => {
    if (more !== undefined) expectNothing(`${name}_`, more)
    if (listening !== null && !entered(definition))
      return reenter(definition, [x, y], options, f.inPlace, x, y, options)
    if (options === undefined) return plain.inPlace(x, y)
    const { alpha = 1 } = optionsOf<AlphaOptions>(`${name}_`, ['alpha'], options)
    if (alpha === 1 || alpha === 1n) return plain.inPlace(x, y)
    expectTensor(`${name}_`, 'input', x)
    expectOperand(`${name}_`, 'other', y)
    const info = infoOf(x, y)
    checkInPlaceShape(x, y)
    checkCast(info, x.info)
    const by = factor(info, alpha)
    if (info.category === Category.Bool) return plain.inPlace(x, by ? y : false)
    const n = startInPlace(x, node, rule, [x, isTensor(y) ? y : null])
    if (info === x.info) axpy(info, x, x, y, by)
    else overwriteWith(x, axpy(info, null, x, y, by))
    finishInPlace(x, n)
    if (n) n.meta = Number(by)
    return x
  }
  return register(definition, f)
}

/** x + alpha · y. */
export const add: AddOp = scaled('add', addPlain, 1)
/** x - alpha · y. */
export const sub: AddOp = scaled('sub', subPlain, -1)
/** x · y. */
export const mul: BinaryOp = binary('mul', {
  exactNumber: true,
  saves: 'cross',
  grad: (g, x, y, n) => [n.needs(0) ? times(g, y) : null, n.needs(1) ? times(g, x) : null],
})
const divTrue = binaryPart('div', {
  exactNumber: true,
  dtype: 'float',
  grad: (g, x, y, n) => [
    n.needs(0) ? g.div(y) : null,
    n.needs(1) ? g.neg().mul(isTensor(x) ? x.div(y).div(y) : (y as Tensor).reciprocal().square().mul(x)) : null,
  ],
})
const zeroGrads = (g: Tensor): readonly [Grad, Grad] => [zerosFor(g), zerosFor(g)]
/** ⌊x / y⌋. */
export const floorDivide: BinaryOp = binary('floorDivide', {
  exactNumber: true,
  saves: '',
  grad: 'missing',
  kernel: 'div_floor_cpu',
})
const truncDivide = binaryPart('divTrunc', {
  exactNumber: true,
  op: 'trunc_divide',
  saves: '',
  grad: zeroGrads,
  node: 'DivBackward2',
  kernel: 'div_trunc_cpu',
})
const floorDivideMode = binaryPart('divFloor', {
  exactNumber: true,
  op: 'floor_divide',
  saves: '',
  grad: zeroGrads,
  node: 'DivBackward2',
  kernel: 'div_floor_cpu',
})

/** Options of `div`. */
export interface DivOptions extends OutOption {
  /** Rounds the quotient: `trunc` toward zero, `floor` down; default: a true division. */
  roundingMode?: 'trunc' | 'floor' | null
}
/** A division with a choice of rounding. */
export interface DivOp {
  (x: Tensor | Scalar, y: Tensor | Scalar, options?: DivOptions): Tensor
  readonly inPlace: (x: Tensor, y: Tensor | Scalar, options?: Pick<DivOptions, 'roundingMode'>) => Tensor
  readonly op: OpDefinition
}
function divisionFor(mode: unknown): typeof divTrue {
  if (mode === undefined || mode === null) return divTrue
  if (mode === 'trunc') return truncDivide
  if (mode === 'floor') return floorDivideMode
  throw unknownRounding(mode)
}
/** x / y; integers give floats unless `roundingMode` is set. */
export const div: DivOp = composed('div', {
  params: [
    operand('input'),
    operand('other'),
    word<'trunc' | 'floor'>()('roundingMode').optional(),
    tensor('out').optional(),
  ],
  node: ['DivBackward0', 'DivBackward2'],
  run: (x: Tensor | Scalar, y: Tensor | Scalar, options?: DivOptions): Tensor => {
    if (options === undefined) return divTrue(x, y)
    const { roundingMode, ...rest } = optionsOf<DivOptions>('div', ['roundingMode', 'out'], options)
    return divisionFor(roundingMode)(x, y, rest)
  },
  inPlace: (x: Tensor, y: Tensor | Scalar, options?: Pick<DivOptions, 'roundingMode'>): Tensor => {
    const { roundingMode } = optionsOf<DivOptions>('div_', ['roundingMode'], options)
    return divisionFor(roundingMode).inPlace(x, y)
  },
})
/** The remainder with the sign of the divisor, as Python's %. */
export const remainder: BinaryOp = binary('remainder', {
  node: ['RemainderBackward1', 'NotImplemented', 'RemainderBackward0'],
  saves: 'second',
  grad: (g, x, y, n) =>
    isScalar(x)
      ? underivable('remainder')()
      : [g, n.needs(1) ? g.mul(x.div(y, { roundingMode: 'floor' })).neg() : null],
})
/** The remainder with the sign of the dividend, as C's fmod. */
export const fmod: BinaryOp = binary('fmod', {
  node: ['FmodBackward1', 'FmodBackward1', 'FmodBackward0'],
  saves: 'second',
  grad: (g, x, y, n) => [g, n.needs(1) ? g.mul(operandTensor(x, y).div(y, { roundingMode: 'trunc' })).neg() : null],
})

/**
 * xʸ of a number y: for 0, 1, 2, 3, ±0.5, -1 and -2 PyTorch takes no power, so that zeros and infinities go through products,
 * roots and quotients. A number that only rounds to one of these is none; and float16 has no such ways.
 */
function powOfNumber(info: DTypeInfo, out: Tensor | null, x: Tensor | Scalar, y: Tensor | Scalar): Tensor | null {
  if (!isTensor(x) || !isScalar(y) || info.category !== Category.Float || info.name === 'float16') return null
  const given = Number(y)
  const e = info.name === 'bfloat16' ? toHalf(given, 'bfloat16') : info.name === 'float32' ? Math.fround(given) : given
  const base = operandIn(x, info) as Tensor
  if (info.name === 'bfloat16' && (e === 3 || e === -2)) {
    // Each product is rounded.
    const square = pointwise(OP.mul, info, info, null, base, base)
    const z =
      e === 3 ? pointwise(OP.mul, info, info, out, square, base) : pointwise(OP.reciprocal, info, info, out, square)
    square.storage.release()
    return z
  }
  return e === given ? pointwise(OP.pow_scalar, info, info, out, base, e) : null
}
const powPlain = binaryPart('pow', {
  instead: powOfNumber,
  check: checkExponent,
  grad: (g, x, y, n) => {
    const dx = (): Tensor => {
      const base = x as Tensor
      if (isScalar(y)) {
        const e = Number(y)
        if (e === 0) return zerosFor(g)
        return g.mul(base.pow(e - 1).mul(e))
      }
      return where(y.eq(0), zerosFor(g), g.mul(y.mul(base.pow(y.sub(1)))))
    }
    const dy = (): Tensor => {
      const e = y as Tensor
      const power = isTensor(x) ? x.pow(e) : pow(x, e)
      if (isScalar(x)) {
        const slope = g.mul(power.mul(Math.log(Number(x))))
        return Number(x) === 0 ? where(e.ge(0), zerosFor(g), slope) : slope
      }
      return where(x.eq(0).logicalAnd(e.ge(0)), zerosFor(g), g.mul(power.mul(x.log())))
    }
    return [n.needs(0) ? dx() : null, n.needs(1) ? dy() : null]
  },
  node: ['PowBackward1', 'PowBackward2', 'PowBackward0'],
  rowMajorOfNumber: true,
})
/** xʸ. */
export const pow: BinaryOp = composed('pow', {
  params: [operand('input'), operand('exponent'), tensor('out').optional()],
  node: ['PowBackward1', 'PowBackward2', 'PowBackward0'],
  run: (x: Tensor | Scalar, y: Tensor | Scalar, options?: OutOption): Tensor =>
    // Of two bools: anything to the power 0 is 1.
    isTensor(x) && x.dtype === 'bool' && typeof y === 'boolean' ? logicalOr(x, !y) : powPlain(x, y, options),
  inPlace: (x: Tensor, y: Tensor | Scalar): Tensor =>
    isTensor(x) && x.dtype === 'bool' && typeof y === 'boolean' ? logicalOr.inPlace(x, !y) : powPlain.inPlace(x, y),
})

/** Where operands are equal, the gradient is shared by halves. */
const pick =
  (wins: (x: Tensor, y: Tensor) => Tensor) =>
  (g: Tensor, a: Tensor | Scalar, b: Tensor | Scalar): readonly [Grad, Grad] => {
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
  node: ['CopysignBackward0', 'CopysignBackward0', 'CopysignBackward1'],
  dtype: 'float',
  grad: (g, x, y, n) => [
    n.needs(0) ? where((x as Tensor).eq(0), zerosFor(g), g.mul(copysign(x, y).div(x))) : null,
    n.needs(1) ? zerosFor(g) : null,
  ],
})
/** The next representable value after x toward y. */
export const nextafter: BinaryOp = binary('nextafter', {
  grad: (g, x, y) => [g.maskedFill(operandTensor(x, y).eq(y), 0), zerosFor(g)],
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
    return [g.mul(a.sub(b).mul(Math.LN2).sigmoid()), g.mul(b.sub(a).mul(Math.LN2).sigmoid())]
  },
})
/** The step function: 0 below zero, 1 above it, and `other` at zero itself. */
export const heaviside: BinaryOp = binary('heaviside', {
  saves: '',
  grad: 'missing',
  bool: 'bitwise_or',
  check: checkHeaviside,
})
const integral = { saves: '', grad: null } as const
/** The bits that both have; of bools whether both hold. */
export const bitwiseAnd: BinaryOp = binary('bitwiseAnd', integral)
/** The bits that either has; of bools whether either holds. */
export const bitwiseOr: BinaryOp = binary('bitwiseOr', integral)
/** The bits that one of them has; of bools whether they differ. */
export const bitwiseXor: BinaryOp = binary('bitwiseXor', integral)
/** x · 2ʸ of integers: bits moved up. */
export const bitwiseLeftShift: BinaryOp = binary('bitwiseLeftShift', { ...integral, op: 'shl', kernel: 'lshift_cpu' })
/** x / 2ʸ of integers, rounded down: bits moved down, the sign staying. */
export const bitwiseRightShift: BinaryOp = binary('bitwiseRightShift', { ...integral, op: 'shr', kernel: 'rshift_cpu' })
/** The greatest common divisor. */
export const gcd: BinaryOp = binary('gcd', integral)
/** The least common multiple. */
export const lcm: BinaryOp = binary('lcm', integral)

// ---- comparisons --------------------------------------------------------------------------------------------------

/** Whether x = y, as a bool. */
export const eq: BinaryOp = comparison('eq', 'eq')
/** Whether x ≠ y, as a bool. */
export const ne: BinaryOp = comparison('ne', 'ne')
/** Whether x < y, as a bool. */
export const lt: BinaryOp = comparison('lt', 'lt')
/** Whether x ≤ y, as a bool. */
export const le: BinaryOp = comparison('le', 'le')
/** Whether x > y, as a bool. */
export const gt: BinaryOp = comparison('gt', 'gt')
/** Whether x ≥ y, as a bool. */
export const ge: BinaryOp = comparison('ge', 'ge')
/** Whether both are not zero, as a bool. */
export const logicalAnd: BinaryOp = comparison('logicalAnd', 'logical_and')
/** Whether either is not zero, as a bool. */
export const logicalOr: BinaryOp = comparison('logicalOr', 'logical_or')
/** Whether one of them, and only one, is not zero, as a bool. */
export const logicalXor: BinaryOp = comparison('logicalXor', 'logical_xor')
/** Whether it is NaN, as a bool. */
export const isnan: Predicate = predicate('isnan', 'isnan', false)
/** Whether it is infinite, as a bool. */
export const isinf: Predicate = predicate('isinf', 'isinf', false)
/** Whether it is neither infinite nor NaN, as a bool. */
export const isfinite: Predicate = predicate('isfinite', 'isfinite', true)
/** Whether the sign bit is set, as a bool; of -0 it is. */
export const signbit: Predicate = predicate('signbit', 'signbit')
/** Whether it is zero, as a bool. */
export const logicalNot: Predicate = predicate('logicalNot', 'logical_not')
/** y - alpha · x: `sub` with its operands turned. */
export const rsub: Op<(x: Tensor, y: Tensor | Scalar, options?: Pick<AlphaOptions, 'alpha'>) => Tensor> = define(
  'rsub',
  {
    params: [tensor('input'), operand('other'), scalar('alpha').default(1)],
    node: ['RsubBackward0', 'RsubBackward1'],
    method: false,
    run: (x, y, { alpha }) =>
      withNodeName(sub(y, x, { alpha: alpha as number }), isTensor(y) ? 'RsubBackward0' : 'RsubBackward1'),
  },
)

export { xlogy } from './log-products'

/** The angle of the point (other, input): `atan2`. */
export const arctan2: BinaryOp = aliasOf(atan2, 'arctan2')
/** x / y: `div`. */
export const divide: DivOp = aliasOf(div, 'divide') as DivOp
/** x · y: `mul`. */
export const multiply: BinaryOp = aliasOf(mul, 'multiply')
/** x ≠ y: `ne`. */
export const notEqual: BinaryOp = aliasOf(ne, 'notEqual')
/** x ≥ y: `ge`. */
export const greaterEqual: BinaryOp = aliasOf(ge, 'greaterEqual')
/** x > y: `gt`. */
export const greater: BinaryOp = aliasOf(gt, 'greater')
/** x ≤ y: `le`. */
export const lessEqual: BinaryOp = aliasOf(le, 'lessEqual')
/** x < y: `lt`. */
export const less: BinaryOp = aliasOf(lt, 'less')
/** x - alpha · y: `sub`. */
export const subtract: AddOp = aliasOf(sub, 'subtract') as AddOp
/** x / y: `div`. */
export const trueDivide: DivOp = aliasOf(div, 'trueDivide') as DivOp
