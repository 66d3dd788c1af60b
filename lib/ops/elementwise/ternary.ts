/** Elementwise operations of three operands: choosing, limiting, interpolating, adding products. */
import { attach, type Node, type Rule, tracks } from '../../autograd/node'
import { Category, type DTypeInfo, DTYPES, type Scalar } from '../../runtime/dtype'
import { OP, type OpCode } from '../../runtime/opcodes'
import { broadcastShapes } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { finishInPlace, startInPlace } from '../../autograd/in-place'
import { expectTensor, isScalar, storable } from '../../check/arguments'
import { checkCast } from '../../check/dtypes'
import { optionsOf } from '../../check/options'
import { notImplemented } from '../../check/words'
import { operandIn, pointwise, whereRaw, operandTensor } from '../define/kernel'
import { checkOut } from '../define/out'
import { castRaw, copyInto } from '../define/results'
import { resultType } from '../../tensor/result-type'
import { aliasOf, define } from '../define/define'
import { binary, type BinaryOp, checkInPlaceShape, nodeName, type OutOption, composed } from '../define/elementwise'
import { operand, scalar, tensor } from '../define/params'
import type { InPlaceOp, MethodOp, Op, OpDefinition } from '../define/registry'
import {
  checkBound,
  checkBounds,
  checkClampCast,
  checkClampedBools,
  checkCondition,
  checkLerp,
  checkQuotient,
  checkValue,
} from './checks'

/**
 * Takes `x` where `condition` holds, else `y`; all three broadcast.
 * @param condition bool or uint8
 */
export const where: MethodOp<
  Op<(condition: Tensor, x: Tensor | Scalar, y: Tensor | Scalar) => Tensor>,
  (x: Tensor, condition: Tensor, y: Tensor | Scalar) => Tensor
> = define('where', {
  params: [tensor('condition'), operand('input'), operand('other')],
  node: 'WhereBackward0',
  method: (x: Tensor, condition: Tensor, y: Tensor | Scalar) => where(condition, x, y),
  run(condition, x, y) {
    checkCondition(condition.info)
    const info = DTYPES[resultType(x, y)]
    // A number is rounded to a half type as a tensor is.
    if (info.compute === info.name) for (const v of [x, y]) if (isScalar(v)) storable(v, info)
    const mask = condition.dtype === 'bool' ? condition : castRaw(condition, DTYPES.bool)
    const out = whereRaw(info, null, mask, x, y)
    const [rx, ry] = [isTensor(x) ? x : null, isTensor(y) ? y : null]
    if (tracks(rx, ry)) attach(out, where.op.node, whereRule, [rx, ry]).save(mask)
    return out
  },
})
const whereRule: Rule = (n, g) => {
  const mask = n.tensor(0)
  return [n.needs(0) ? where(mask, g, 0) : null, n.needs(1) ? where(mask, 0, g) : null]
}

/** Options of `clamp`; at least one bound must be given. */
export interface ClampOptions extends OutOption {
  min?: Tensor | Scalar | null
  max?: Tensor | Scalar | null
}
function clampBounds(name: string, min: unknown, max: unknown): ClampOptions {
  // clamp(x, min, max) is how everyone writes it, so both bounds may be positional.
  if (isTensor(max) || isScalar(max)) return { min: min as Tensor | Scalar | null, max }
  const o = optionsOf<ClampOptions>(
    name,
    ['min', 'max', 'out'],
    isTensor(min) || isScalar(min) || min === null ? (min as Scalar) : min,
    max,
  )
  return o
}
const clampRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const [min, max] = n.meta as [Scalar | null, Scalar | null]
  const lo = min ?? n.optional(1)
  const hi = max ?? n.optional(2)
  const aboveLo = lo === null ? null : x.ge(lo)
  const belowHi = hi === null ? null : x.le(hi)
  const inside = aboveLo && belowHi ? aboveLo.logicalAnd(belowHi) : ((aboveLo ?? belowHi) as Tensor)
  const gx = n.needs(0) ? where(inside, g, 0) : null
  const gLo = n.needs(1)
    ? where(hi === null ? x.lt(lo as Tensor) : x.lt(lo as Tensor).logicalAnd((lo as Tensor).lt(hi)), g, 0)
    : null
  const gHi = n.needs(2)
    ? where(
        lo === null
          ? x.gt(hi as Tensor)
          : x.gt(hi as Tensor).logicalOr(operandTensor(hi as Tensor | Scalar, lo).lt(lo)),
        g,
        0,
      )
    : null
  return [gx, gLo, gHi]
}
/** Of two zeros the kernels give the second operand: PyTorch the tensor's beside a number, the bound's where that is a tensor. */
function bounded(op: OpCode, info: DTypeInfo, out: Tensor | null, x: Tensor | Scalar, bound: Tensor | Scalar): Tensor {
  const [a, b] = isTensor(bound) ? [x, bound] : [bound, x]
  return pointwise(op, info, info, out, operandIn(a, info), operandIn(b, info))
}
function clampRaw(name: string, x: Tensor, o: ClampOptions, inPlace: boolean): Tensor {
  expectTensor(name, 'input', x)
  const lo = o.min ?? null
  const hi = o.max ?? null
  checkBounds(name, lo, hi)
  const bounds = [lo, hi].filter((v) => v !== null) as (Tensor | Scalar)[]
  const info = DTYPES[resultType(x, ...bounds)]
  if (inPlace) checkClampCast(info, x.info, bounds)
  checkClampedBools(info, bounds)
  if (info.category === Category.Bool) {
    // Of bools, the larger is `or` and the smaller is `and`.
    const raised = lo === null ? x : x.logicalOr(lo)
    const y = hi === null ? raised : raised.logicalAnd(hi)
    return inPlace ? x.copy_(y) : y
  }
  for (const b of bounds) if (isScalar(b)) storable(b, info)
  const tLo = isTensor(lo) ? lo : null
  const tHi = isTensor(hi) ? hi : null
  if (inPlace) checkInPlaceShape(x, tLo, tHi)
  if (o.out) checkOut(name, o.out, x.sizes, info, [x, lo, hi])
  // The overload that takes tensors is the first.
  const label = tLo || tHi ? 'ClampBackward0' : 'ClampBackward1'
  const n = inPlace ? startInPlace(x, label, clampRule, tLo || tHi ? [x, tLo, tHi] : [x]) : null
  const old = n ? x.clone() : x
  const into = inPlace ? x : o.out
  const target = into?.info === info ? into : null
  const z =
    lo !== null && hi !== null
      ? pointwise(OP.clamp, info, info, target, x, lo, hi)
      : lo !== null
        ? bounded(OP.maximum, info, target, x, lo)
        : bounded(OP.minimum, info, target, x, hi as Tensor | Scalar)
  const keep = (node: Node): void => {
    node.save(old, tLo, tHi)
    node.meta = [tLo ? null : lo, tHi ? null : hi]
  }
  if (into && target === null) copyInto(into, z)
  if (inPlace) {
    finishInPlace(x, n)
    if (n) keep(n)
    return x
  }
  if (o.out) {
    o.out.versions.version++
    return o.out
  }
  if (tracks(x, tLo, tHi)) keep(attach(z, label, clampRule, tLo || tHi ? [x, tLo, tHi] : [x]))
  return z
}
/** The call of `clamp`: both bounds may be positional. */
export interface ClampOp {
  (x: Tensor, min: Tensor | Scalar | null, max: Tensor | Scalar): Tensor
  (x: Tensor, min: Tensor | Scalar | null | ClampOptions, options?: ClampOptions): Tensor
  readonly inPlace: (
    x: Tensor,
    min: Tensor | Scalar | null | ClampOptions,
    max?: Tensor | Scalar | ClampOptions,
  ) => Tensor
  readonly op: OpDefinition
}
/** Limits values to [min, max]; `clamp(x, min, max)` and `clamp(x, { min, max })` are the same. NaN stays. */
export const clamp: ClampOp = composed('clamp', {
  params: [tensor('input'), operand('min').optional(), operand('max').optional(), tensor('out').optional()],
  node: ['ClampBackward0', 'ClampBackward1'],
  run: (x: Tensor, min: unknown, max?: unknown): Tensor => clampRaw('clamp', x, clampBounds('clamp', min, max), false),
  inPlace: (x: Tensor, min: unknown, max?: unknown): Tensor =>
    clampRaw('clamp_', x, clampBounds('clamp_', min, max), true),
})
/** Limits values to [min, max]: `clamp`. */
export const clip: ClampOp = aliasOf(clamp, 'clip') as ClampOp
/** The larger of x and a lower bound, `clamp` with that alone. */
export const clampMin: BinaryOp = binary('clampMin', {
  node: ['ClampMinBackward1', 'ClampMinBackward1', 'ClampMinBackward0'],
  op: 'maximum',
  check: checkBound('min'),
  instead: (info, out, x, y) => bounded(OP.maximum, info, out, x, y),
  grad: (g, x, y, n) => [
    n.needs(0) ? where((x as Tensor).ge(y), g, 0) : null,
    n.needs(1) ? where(operandTensor(x, y).lt(y), g, 0) : null,
  ],
})
/** The smaller of x and an upper bound, `clamp` with that alone. */
export const clampMax: BinaryOp = binary('clampMax', {
  node: ['ClampMaxBackward1', 'ClampMaxBackward1', 'ClampMaxBackward0'],
  op: 'minimum',
  check: checkBound('max'),
  instead: (info, out, x, y) => bounded(OP.minimum, info, out, x, y),
  grad: (g, x, y, n) => [
    n.needs(0) ? where((x as Tensor).le(y), g, 0) : null,
    n.needs(1) ? where(operandTensor(x, y).gt(y), g, 0) : null,
  ],
})

const lerpRule: Rule = (n, g) => {
  const [x, y, w] = [n.optional(0), n.optional(1), n.meta as number | null]
  const weight = w ?? n.tensor(2)
  return [
    n.needs(0) ? g.mul(isTensor(weight) ? weight.neg().add(1) : 1 - Number(weight)) : null,
    n.needs(1) ? g.mul(weight) : null,
    n.needs(2) ? g.mul((y as Tensor).sub(x as Tensor)) : null,
  ]
}
function lerpRaw(name: string, x: Tensor, y: Tensor, weight: Tensor | number, inPlace: boolean): Tensor {
  checkLerp(name, x, y, weight)
  const w = isTensor(weight) ? weight : null
  if (inPlace) checkInPlaceShape(x, y, w)
  const label = w ? 'LerpBackward1' : 'LerpBackward0'
  const n = inPlace ? startInPlace(x, label, lerpRule, w ? [x, y, w] : [x, y]) : null
  const old = n?.needs(2) ? x.clone() : x
  const z = pointwise(OP.lerp, x.info, x.info, inPlace ? x : null, x, y, weight)
  if (inPlace) finishInPlace(x, n)
  const node = inPlace ? n : tracks(x, y, w) ? attach(z, label, lerpRule, w ? [x, y, w] : [x, y]) : null
  if (node) {
    node.save(node.needs(2) ? old : null, node.needs(2) ? y : null, w)
    node.meta = w ? null : weight
  }
  return z
}
/** x + weight · (end - x). */
export const lerp: InPlaceOp<
  (x: Tensor, end: Tensor, weight: Tensor | number) => Tensor,
  (x: Tensor, end: Tensor, weight: Tensor | number) => Tensor
> = composed('lerp', {
  params: [tensor('input'), tensor('end'), operand('weight')],
  node: ['LerpBackward0', 'LerpBackward1'],
  run: (x: Tensor, end: Tensor, weight: Tensor | number): Tensor => lerpRaw('lerp', x, end, weight, false),
  inPlace: (x: Tensor, end: Tensor, weight: Tensor | number): Tensor => lerpRaw('lerp_', x, end, weight, true),
})

/** Options of `addcmul` and `addcdiv`. */
export interface ValueOption {
  /** Multiplies the product or quotient; default 1. */
  value?: Scalar
}
interface Accumulated {
  readonly op: OpCode
  readonly gradA: (g: Tensor, b: Tensor, value: Scalar) => Tensor
  readonly gradB: (g: Tensor, a: Tensor, b: Tensor, value: Scalar) => Tensor
  /** Whether the gradient of `b` needs `b` itself. */
  readonly savesB?: boolean
  readonly check?: (a: Tensor, b: Tensor) => void
}
/** x + value · (a ∘ b), all in the dtype that the three tensors promote to. */
function accumulated(name: string, { op, gradA, gradB, savesB, check }: Accumulated) {
  const label = nodeName(name)
  const rule: Rule = (n, g) => [
    g,
    n.needs(1) ? gradA(g, n.tensor(1), n.meta as Scalar) : null,
    n.needs(2) ? gradB(g, n.tensor(0), n.optional(1) as Tensor, n.meta as Scalar) : null,
  ]
  const compute = (name: string, x: Tensor, a: Tensor, b: Tensor, options: unknown, inPlace: boolean): Tensor => {
    expectTensor(name, 'input', x)
    expectTensor(name, 'tensor1', a)
    expectTensor(name, 'tensor2', b)
    const { value = 1 } = optionsOf<ValueOption>(name, ['value'], options)
    checkValue(name, value)
    check?.(a, b)
    const info = DTYPES[resultType(x, a, b)]
    if (info.category === Category.Bool) throw notImplemented(`${name}_cpu_out`, info)
    const by = storable(value, info)
    if (inPlace) {
      checkInPlaceShape(x, a, b)
      checkCast(info, x.info)
    } else broadcastShapes(broadcastShapes(x.sizes, a.sizes), b.sizes)
    // In float32 for the half types, which are rounded once at the end.
    const [p, q, r] = [x, a, b].map((t) => (t.info === info ? t : castRaw(t, info))) as [Tensor, Tensor, Tensor]
    const inner = DTYPES[info.compute]
    const scaled =
      Number(by) === 1 ? q : pointwise(OP.mul, inner, inner, null, q.info === inner ? q : castRaw(q, inner), by)
    const node = inPlace ? startInPlace(x, label, rule, [x, a, b]) : null
    const z = pointwise(op, info, info, inPlace && info === x.info ? x : null, p, scaled, r)
    if (inPlace) {
      if (z !== x) copyInto(x, z)
      finishInPlace(x, node)
    }
    const n = inPlace ? node : tracks(x, a, b) ? attach(z, label, rule, [x, a, b]) : null
    if (n) {
      n.save(n.needs(2) ? a : null, n.needs(1) || (n.needs(2) && savesB) ? b : null)
      n.meta = value
    }
    return inPlace ? x : z
  }
  return composed(name, {
    params: [tensor('input'), tensor('tensor1'), tensor('tensor2'), scalar('value').default(1)],
    node: label,
    run: (x: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOption): Tensor =>
      compute(name, x, tensor1, tensor2, options, false),
    inPlace: (x: Tensor, tensor1: Tensor, tensor2: Tensor, options?: ValueOption): Tensor =>
      compute(`${name}_`, x, tensor1, tensor2, options, true),
  })
}
/** x + value · a · b. */
export const addcmul = accumulated('addcmul', {
  op: OP.addcmul1,
  gradA: (g, b, value) => g.mul(b.mul(value)),
  gradB: (g, a, _b, value) => g.mul(a.mul(value)),
})
/** x + value · a / b. */
export const addcdiv = accumulated('addcdiv', {
  op: OP.addcdiv1,
  gradA: (g, b, value) => g.mul(b.reciprocal().mul(value)),
  gradB: (g, a, b, value) => g.neg().mul(a.mul(value).div(b.mul(b))),
  savesB: true,
  check: checkQuotient,
})
