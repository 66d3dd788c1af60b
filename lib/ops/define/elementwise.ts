/**
 * How elementwise ops are defined: one declaration gives the checks, the dtype rule, the kernel, the gradient, the
 * free function, the method and the in-place method.
 */
import { attach, type Grad, type Node, type Rule, tracks } from '../../autograd/node'
import { AutogradError, DTypeError, NotImplementedError } from '../../errors'
import { Category, type DTypeInfo, DTYPES, type Scalar } from '../../runtime/dtype'
import { OP, type OpCode, type OpName } from '../../runtime/opcodes'
import { broadcastShapes } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { checkInPlace, finishInPlace, startInPlace } from '../../autograd/in-place'
import { checkOperands, expectAtMost, expectNothing, expectOperand, expectTensor } from '../../check/arguments'
import { checkCast } from '../../check/dtypes'
import { optionsOf } from '../../check/options'
import { checkFits } from '../../check/shapes'
import { notImplemented } from '../../check/words'
import { definitionOf as anyDefinitionOf } from './define'
import { operandIn, pointwise } from './kernel'
import { checkOut, delivered, outTarget, overwriteWith } from './out'
import { hostRead } from './host-read'
import { emptyOf, hasKernel, zerosFor } from './results'
import { checkMemory } from '../../tensor/overlap'
import { floatInfo, resultInfo } from '../../tensor/result-type'
import { inPlaceOf } from './in-place'
import { type AnyParam, operand, tensor, snake } from './params'
import {
  type AnyFunction,
  entered,
  type InPlaceOp,
  heard,
  listening,
  observed,
  type OpDefinition,
  optionsIn,
  reenter,
  register,
} from './registry'

/** Options that every elementwise op takes. */
export interface OutOption {
  /** Write the result into this tensor, which is returned. */
  out?: Tensor
}

/** An elementwise op of one tensor; `x.name_()` is its in-place form. */
export interface UnaryOp {
  (x: Tensor, options?: OutOption): Tensor
  readonly inPlace: UnaryInPlace
  readonly op: OpDefinition
}
export type UnaryInPlace = (x: Tensor) => Tensor

/** An elementwise op of two operands that broadcast; numbers count as 0-d values, whole ones as integers. `x.name_(y)` is its in-place form. */
export interface BinaryOp {
  (x: Tensor | Scalar, y: Tensor | Scalar, options?: OutOption): Tensor
  readonly inPlace: BinaryInPlace
  readonly op: OpDefinition
}
export type BinaryInPlace = (x: Tensor, y: Tensor | Scalar) => Tensor

/** A part of an op that has a definition of its own: the function alone. */
export type Part<F> = Omit<F, 'op'>

/** Where an elementwise op is found. */
interface Where {
  /** Default '': the package itself. */
  namespace?: string
  /** Also a method, and one in place. Default: where it belongs to the package itself. */
  method?: boolean
}
const OUT = tensor('out').optional()
/** Where there is a method, there is one in place. */
function definitionOf(
  name: string,
  { namespace = '', method = namespace === '' }: Where,
  params: readonly AnyParam[],
  node: string | readonly string[],
  differentiable: boolean,
): OpDefinition {
  return anyDefinitionOf(name, params, { namespace, method, node, differentiable }, method)
}

/** 'logSigmoid' → 'LogSigmoidBackward0', the name that PyTorch prints. */
export const nodeName = (name: string): string => `${name[0]?.toUpperCase()}${name.slice(1)}Backward0`

/** The gradient of a unary op, by what it needs: the input `x`, the result `y`, or only the incoming gradient. */
type UnaryGrad =
  | { x: (g: Tensor, x: Tensor) => Grad }
  | { y: (g: Tensor, y: Tensor) => Grad }
  | { g: (g: Tensor) => Grad }
  /** Zero almost everywhere. */
  | 'zero'

interface UnarySpec extends Where {
  /** Default: the op's name in snake case. */
  op?: OpName
  grad: UnaryGrad
  /** What integer and bool inputs become: `float` (default) the default float dtype; `same` themselves. */
  ints?: 'float' | 'same'
  /** PyTorch's name of the graph node, where it differs. */
  node?: string
  /** Where the op does not change integers (floor, round …). */
  identityOnInts?: boolean
  /** What is said of bools, where PyTorch says more than that there is no kernel. */
  onBool?: string
  /** Where the op does not change bools. */
  identityOnBool?: boolean
}

/** Defines an elementwise op of one tensor. */
export function unary(name: string, spec: UnarySpec): UnaryOp {
  const nodes = [spec.node ?? nodeName(name)]
  const definition = definitionOf(name, spec, [tensor('input'), OUT], nodes, spec.grad !== 'zero')
  return register(definition, makeUnary(name, spec, definition)) as UnaryOp
}
/** The same without a definition: part of an op that has one. */
export const unaryPart = (name: string, spec: UnarySpec): Part<UnaryOp> & UnaryCall => makeUnary(name, spec, null)
type UnaryCall = (x: Tensor, options?: OutOption) => Tensor

/** The native code of an op. @throws Error where there is none: a fault of the library */
function codeOf(name: string, op: OpName | undefined): OpCode {
  const native = op ?? (snake(name) as OpName)
  const code = OP[native] as OpCode | undefined
  if (code === undefined) throw new Error(`${name}: no native op ${native}`)
  return code
}

/** What a unary op runs: the dtype it computes in, and the kernel. */
function unaryKernel(name: string, spec: UnarySpec) {
  const op = codeOf(name, spec.op)
  const unchanged = (info: DTypeInfo): boolean =>
    (spec.identityOnInts === true && info.category === Category.Int) ||
    (spec.identityOnBool === true && info.category === Category.Bool)
  const refused = (info: DTypeInfo): DTypeError =>
    spec.onBool !== undefined && info.category === Category.Bool
      ? new DTypeError(spec.onBool)
      : notImplemented(`${snake(name)}_cpu`, info)
  return {
    infoFor(x: Tensor): DTypeInfo {
      if (spec.ints !== 'same') return floatInfo(x.info)
      if (!hasKernel(op, DTYPES[x.info.compute]) && !unchanged(x.info)) throw refused(x.info)
      return x.info
    },
    compute: (x: Tensor, info: DTypeInfo, out: Tensor | null): Tensor =>
      pointwise(unchanged(info) ? OP.cast : op, info, info, out, x),
  }
}

/** Zero almost everywhere, or what an op without a gradient leaves of the one it overwrites. */
const zeroRule: Rule = (_n, g) => zerosFor(g)
/** How the gradient is found from what was saved. */
function unaryRule(grad: UnaryGrad): Rule {
  if (grad === 'zero') return zeroRule
  if ('x' in grad) return (n, g) => grad.x(g, n.tensor(0))
  if ('y' in grad) return (n, g) => grad.y(g, n.tensor(0))
  return (_n, g) => grad.g(g)
}

function makeUnary(name: string, spec: UnarySpec, definition: OpDefinition | null) {
  const { infoFor, compute } = unaryKernel(name, spec)
  const node = spec.node ?? nodeName(name)
  const { grad } = spec
  const rule = unaryRule(grad)
  const savesX = typeof grad === 'object' && 'x' in grad
  const savesY = typeof grad === 'object' && 'y' in grad

  const f = (x: Tensor, options?: OutOption, more?: unknown): Tensor => {
    if (more !== undefined) expectNothing(name, more)
    if (listening !== null && definition !== null && !entered(definition))
      return reenter(definition, [x], options, f, x, options)
    expectTensor(name, 'input', x)
    const info = infoFor(x)
    const out = options === undefined ? undefined : outIn(name, options)
    if (out !== undefined) return delivered(out, compute(x, info, outTarget(name, out, x.sizes, info, [x])))
    const y = compute(x, info, null)
    if (tracks(x)) {
      const n = attach(y, node, rule, [x])
      if (savesX) n.save(x)
      else if (savesY) n.save(y)
    }
    return y
  }
  f.inPlace = (x: Tensor, more?: unknown): Tensor => {
    if (more !== undefined) expectNothing(`${name}_`, more)
    if (listening !== null && definition !== null && !entered(definition))
      return reenter(definition, [x], undefined, f.inPlace, x)
    expectTensor(`${name}_`, 'input', x)
    const n = startInPlace(x, node, rule, [x])
    const info = infoFor(x)
    if (info !== x.info) checkCast(info, x.info)
    const old = n && savesX ? x.clone() : null
    compute(x, x.info, x)
    finishInPlace(x, n)
    if (n) n.save(...(old ? [old] : savesY ? [x] : []))
    return x
  }
  Object.defineProperty(f, 'name', { value: name })
  return f
}

/** The `out` among the options of an elementwise op. */
const outIn = (name: string, options: OutOption): Tensor | undefined => optionsOf<OutOption>(name, ['out'], options).out

/** The rule of an operation that PyTorch has no derivative of. @param op PyTorch's name */
export const underivable = (op: string) => (): never => {
  throw new NotImplementedError(`derivative for aten::${op} is not implemented`)
}

/** A gradient that is passed on, but throws where it is differentiated itself and `forbidden` holds anywhere. */
export function onceOnlyWhere(forbidden: () => Tensor, g: Tensor, message: string): Tensor {
  if (!tracks(g)) return g
  const out = g.detach().clone()
  const rule: Rule = (_n, h) => {
    // Whether it throws; PyTorch asks in the first pass already.
    if (hostRead(forbidden().any())) throw new AutogradError(message)
    return h
  }
  attach(out, 'Error', rule, [g])
  return out
}

/** The gradients of the two operands. A scalar operand is given as it is; `needs(i)` says whether gradient i is wanted. */
type BinaryGrad = (g: Tensor, x: Tensor | Scalar, y: Tensor | Scalar, node: Node) => readonly [Grad, Grad]

export interface BinarySpec extends Where {
  op?: OpName
  /**
   * What the gradient rule reads: which operands it saves; `cross`: each for the other's gradient only; `second`: both,
   * for the gradient of the second only. Default `xy`.
   */
  saves?: 'xy' | 'x' | 'y' | 'cross' | 'second' | ''
  /** null: not differentiable; `missing`: the result requires a gradient, and a backward pass that comes to it throws. */
  grad: BinaryGrad | 'missing' | null
  /** `promote` (default): the result type of the operands; `float`: integers become the default float. */
  dtype?: 'promote' | 'float'
  /** Throws for dtypes that the op does not take. @param target the dtype of what is changed in place */
  check?: (info: DTypeInfo, x: Tensor | Scalar, y: Tensor | Scalar, target?: DTypeInfo) => void
  /** PyTorch's name of the graph node: one, or those of two tensors, of a scalar before a tensor, and of one after it. */
  node?: string | readonly [tensors: string, scalarFirst: string, scalarLast: string]
  /** Of a number and a tensor PyTorch makes a row-major result, whatever the tensor's layout. */
  rowMajorOfNumber?: boolean
  /** The kernel's name in PyTorch's "not implemented" message. */
  kernel?: string
  /** Of half types: a second operand that is a number, or a tensor of one element, is not rounded to the type first. */
  exactNumber?: boolean
  /** The bit operation that the op is on bools, where it has no kernel of its own for them. */
  bool?: OpName
  /** Computes operands that PyTorch treats in a way of their own; null: the kernel does. As `pointwise`, no autograd. */
  instead?: (info: DTypeInfo, out: Tensor | null, x: Tensor | Scalar, y: Tensor | Scalar) => Tensor | null
}

/** Defines an elementwise op of two operands. */
export function binary(name: string, spec: BinarySpec): BinaryOp {
  const given = nodesOf(name, spec)
  const nodes = spec.grad === null ? [] : [...new Set(given)]
  const params = [operand('input'), operand('other'), OUT]
  const definition = definitionOf(name, spec, params, nodes, typeof spec.grad === 'function')
  return register(definition, makeBinary(name, spec, definition)) as BinaryOp
}
/** The same without a definition: part of an op that has one. */
export const binaryPart = (name: string, spec: BinarySpec): Part<BinaryOp> & BinaryCall => makeBinary(name, spec, null)
type BinaryCall = (x: Tensor | Scalar, y: Tensor | Scalar, options?: OutOption) => Tensor

/** PyTorch's names of its nodes: of two tensors, of a scalar before a tensor, and of one after it. */
function nodesOf(name: string, spec: BinarySpec): readonly [string, string, string] {
  const given = spec.grad === 'missing' ? 'NotImplemented' : (spec.node ?? nodeName(name))
  return typeof given === 'string' ? [given, given, given] : given
}

/** What a binary op runs: the dtype it computes in, and the kernel on operands of any. */
function binaryKernel(name: string, spec: BinarySpec) {
  const code = codeOf(name, spec.op)
  const boolCode = spec.bool === undefined ? code : (OP[spec.bool] as OpCode)
  const opFor = (info: DTypeInfo): OpCode => (info.category === Category.Bool ? boolCode : code)
  const exact = spec.exactNumber === true
  return {
    infoFor(x: Tensor | Scalar, y: Tensor | Scalar, target?: DTypeInfo): DTypeInfo {
      let info = resultInfo(x, y)
      if (spec.dtype === 'float') info = floatInfo(info)
      spec.check?.(info, x, y, target)
      if (target !== undefined) checkCast(info, target)
      if (!hasKernel(opFor(info), DTYPES[info.compute])) {
        // What is wrong with the shapes is said first.
        shapeOf(x, y)
        throw notImplemented(spec.kernel ?? `${snake(name)}_cpu`, info)
      }
      return info
    },
    compute: (info: DTypeInfo, out: Tensor | null, x: Tensor | Scalar, y: Tensor | Scalar): Tensor =>
      spec.instead?.(info, out, x, y) ??
      pointwise(opFor(info), info, info, out, operandIn(x, info), operandIn(y, info, exact)),
  }
}

/** How a binary op is recorded: its nodes, its rules, and what they save. */
function binaryGraph(name: string, spec: BinarySpec) {
  const [ofTensors, ofScalarFirst, ofScalarLast] = nodesOf(name, spec)
  const saves = spec.saves ?? 'xy'
  const crossed = saves === 'cross'
  const forSecond = saves === 'second'
  const savesX = crossed || forSecond || saves.includes('x')
  const savesY = forSecond || saves.includes('y')
  const grad: BinaryGrad | null = spec.grad === 'missing' ? underivable(snake(name)) : spec.grad
  const gradInPlace = spec.grad === 'missing' ? underivable(`${snake(name)}_`) : grad
  const rule: Rule = (n, g) => {
    const scalars = n.meta as [Scalar | null, Scalar | null]
    const x = scalars[0] ?? n.optional(0)
    const y = scalars[1] ?? n.optional(1)
    return (grad as BinaryGrad)(g, x as Tensor | Scalar, y as Tensor | Scalar, n)
  }
  const ruleInPlace: Rule = gradInPlace === grad ? rule : () => (gradInPlace as () => never)()
  /** With a number last: PyTorch's node of its own for that has one input. */
  const inputsOf = (x: Tensor | null, y: Tensor | null): (Tensor | null)[] =>
    y === null && ofScalarLast !== ofTensors ? [x] : [x, y]
  const save = (n: Node, x: Tensor | Scalar, y: Tensor | Scalar): void => {
    n.meta = [isTensor(x) ? null : x, isTensor(y) ? null : y]
    const keepX = crossed || forSecond ? n.needs(1) : savesX
    const keepY = crossed ? n.needs(0) : forSecond ? n.needs(1) : savesY
    n.save(keepX && isTensor(x) ? x : null, keepY && isTensor(y) ? y : null)
    if ((keepX && !isTensor(x)) || (keepY && !isTensor(y))) n.hold()
  }
  return {
    differentiable: grad !== null,
    /** Records the result `z`, if a gradient may be asked of an operand. */
    record(z: Tensor, x: Tensor | Scalar, y: Tensor | Scalar): void {
      const tx = isTensor(x) ? x : null
      const ty = isTensor(y) ? y : null
      if (!tracks(tx, ty)) return
      const node = tx === null ? ofScalarFirst : ty === null ? ofScalarLast : ofTensors
      save(attach(z, node, rule, inputsOf(tx, ty)), x, y)
    },
    /** Checks and records a change of `x`, before it; to be finished after it. */
    start(x: Tensor, y: Tensor | Scalar): Node | null {
      const ty = isTensor(y) ? y : null
      const node = ty === null ? ofScalarLast : ofTensors
      if (grad === null) return startInPlace(x, node, zeroRule, [x])
      const n = startInPlace(x, node, ruleInPlace, inputsOf(x, ty))
      if (n === null) return null
      // Before the change: an operand that shares the memory is then known to have been overwritten.
      const old = savesX && ((!crossed && !forSecond) || n.needs(1)) ? x.clone() : x
      save(n, old, y)
      return n
    },
  }
}

function makeBinary(name: string, spec: BinarySpec, definition: OpDefinition | null) {
  const { infoFor, compute } = binaryKernel(name, spec)
  const { differentiable, record, start } = binaryGraph(name, spec)
  /** Dtypes of which two tensors were seen to give that dtype: the checks depend on nothing else. */
  const plain = new Uint8Array(16)
  const checkedInfo = (x: Tensor | Scalar, y: Tensor | Scalar): DTypeInfo => {
    checkOperands(name, x, y)
    const info = infoFor(x, y)
    if (isTensor(x) && isTensor(y) && x.info === y.info && info === x.info) plain[info.code] = 1
    return info
  }

  const f = (x: Tensor | Scalar, y: Tensor | Scalar, options?: OutOption, more?: unknown): Tensor => {
    if (more !== undefined) expectNothing(name, more)
    if (listening !== null && definition !== null && !entered(definition))
      return reenter(definition, [x, y], options, f, x, y, options)
    const known = isTensor(x) && isTensor(y) && x.info === y.info && plain[x.info.code] === 1
    const info = known ? x.info : checkedInfo(x, y)
    const out = options === undefined ? undefined : outIn(name, options)
    if (out !== undefined) return delivered(out, compute(info, outTarget(name, out, shapeOf(x, y), info, [x, y]), x, y))
    const target = spec.rowMajorOfNumber && !isTensor(x) ? emptyOf((y as Tensor).sizes, info) : null
    const z = compute(info, target, x, y)
    if (differentiable) record(z, x, y)
    return z
  }
  f.inPlace = (x: Tensor, y: Tensor | Scalar, more?: unknown): Tensor => {
    if (more !== undefined) expectNothing(`${name}_`, more)
    if (listening !== null && definition !== null && !entered(definition))
      return reenter(definition, [x, y], undefined, f.inPlace, x, y)
    expectTensor(`${name}_`, 'input', x)
    if (!isTensor(y)) expectOperand(`${name}_`, 'other', y)
    checkInPlaceShape(x, y)
    const info = infoFor(x, y, x.info)
    const n = start(x, y)
    if (info === x.info) compute(info, x, x, y)
    else overwriteWith(x, compute(info, null, x, y))
    finishInPlace(x, n)
    return x
  }
  Object.defineProperty(f, 'name', { value: name })
  return f
}

/** The shape that the operands broadcast to. */
export const shapeOf = (x: Tensor | Scalar, y: Tensor | Scalar): readonly number[] =>
  isTensor(x) ? (isTensor(y) ? broadcastShapes(x.sizes, y.sizes) : x.sizes) : (y as Tensor).sizes

export function checkInPlaceShape(x: Tensor, ...others: (Tensor | Scalar | null | undefined)[]): void {
  // As in PyTorch, whether the tensor may be changed at all is asked first.
  checkInPlace(x, x.requiresGrad || others.some((y) => isTensor(y) && y.requiresGrad))
  // The memory is looked at before the shapes.
  checkMemory('elementwise', x, others)
  let sizes: readonly number[] = x.sizes
  for (const y of others) if (isTensor(y)) sizes = broadcastShapes(sizes, y.sizes)
  checkFits(x.sizes, sizes)
}

/** An elementwise test of one tensor, with a bool result. */
export interface Predicate {
  (x: Tensor): Tensor
  readonly inPlace: UnaryInPlace
  readonly op: OpDefinition
}
/** Defines an elementwise test. @param onInts what it is of all integers, where the kernel has no say */
export function predicate(name: string, op: OpName, onInts?: boolean): Predicate {
  const code = OP[op] as OpCode
  const definition = definitionOf(name, {}, [tensor('input')], [], false)
  const f = (x: Tensor, more?: unknown): Tensor => {
    if (more !== undefined) expectNothing(name, more)
    if (listening !== null && !entered(definition)) return reenter(definition, [x], undefined, f, x)
    expectTensor(name, 'input', x)
    if (hasKernel(code, DTYPES[x.info.compute])) return pointwise(code, x.info, DTYPES.bool, null, x)
    if (onInts === undefined) throw notImplemented(`${snake(name)}_cpu`, x.info)
    // Integers are always finite and never NaN: the answer is one value.
    return pointwise(OP.cast, DTYPES.bool, DTYPES.bool, null, x.eq(x)).logicalAnd(onInts)
  }
  return Object.assign(register(definition, f), { inPlace: heard(definition, inPlaceOf(name, f), 1) })
}

/** An elementwise comparison, with a bool result; operands are promoted to a common dtype first. */
export function comparison(name: string, op: OpName): BinaryOp {
  const code = OP[op] as OpCode
  const definition = definitionOf(name, {}, [operand('input'), operand('other'), OUT], [], false)
  const prepare = (x: Tensor | Scalar, y: Tensor | Scalar): [DTypeInfo, Tensor | Scalar, Tensor | Scalar] => {
    // As in PyTorch, a scalar beyond a narrow integer type wraps.
    const info = resultInfo(x, y)
    return [info, operandIn(x, info), operandIn(y, info)]
  }
  const f = (x: Tensor | Scalar, y: Tensor | Scalar, options?: OutOption, more?: unknown): Tensor => {
    if (more !== undefined) expectNothing(name, more)
    if (listening !== null && !entered(definition)) return reenter(definition, [x, y], options, f, x, y, options)
    checkOperands(name, x, y)
    const [info, a, b] = prepare(x, y)
    const out = options === undefined ? undefined : outIn(name, options)
    if (out !== undefined) {
      checkOut(name, out, shapeOf(x, y), DTYPES.bool, [x, y])
      return delivered(out, pointwise(code, info, DTYPES.bool, null, a, b))
    }
    return pointwise(code, info, DTYPES.bool, null, a, b)
  }
  f.inPlace = (x: Tensor, y: Tensor | Scalar, more?: unknown): Tensor => {
    if (more !== undefined) expectNothing(`${name}_`, more)
    if (listening !== null && definition !== null && !entered(definition))
      return reenter(definition, [x, y], undefined, f.inPlace, x, y)
    expectTensor(`${name}_`, 'input', x)
    if (!isTensor(y)) expectOperand(`${name}_`, 'other', y)
    checkInPlaceShape(x, y)
    const [info, a, b] = prepare(x, y)
    const n = startInPlace(x, nodeName(name), (_n, g) => zerosFor(g), [x])
    overwriteWith(x, pointwise(code, info, DTYPES.bool, null, a, b))
    finishInPlace(x, n)
    return x
  }
  return register(definition, f)
}

/**
 * Defines an elementwise op that chooses among parts, or is made of other ops.
 * @param spec.run declares all its arguments, without defaults, as does the form in place
 * @param spec.inPlace the form in place; `true`: the result, copied over the input
 */
export function composed<F extends AnyFunction, I extends AnyFunction>(
  name: string,
  spec: Where & {
    params: readonly AnyParam[]
    node?: string | readonly string[]
    differentiable?: boolean
    run: F
    inPlace: I
  },
): InPlaceOp<F, I>
export function composed<F extends AnyFunction>(
  name: string,
  spec: Where & {
    params: readonly AnyParam[]
    node?: string | readonly string[]
    differentiable?: boolean
    run: F
    inPlace: true
  },
): InPlaceOp<F, F>
export function composed<F extends AnyFunction>(
  name: string,
  spec: Where & {
    params: readonly AnyParam[]
    node?: string | readonly string[]
    differentiable?: boolean
    run: F
    inPlace: AnyFunction | true
  },
): InPlaceOp<F, AnyFunction> {
  const { run, node = [] } = spec
  const definition = definitionOf(name, spec, spec.params, node, spec.differentiable ?? true)
  const count = spec.params.filter((p) => p.presence === 'required').length
  const f = (a: unknown, b?: unknown, c?: unknown, d?: unknown, more?: unknown): unknown => {
    // Two operands are what most calls have.
    if (c !== undefined || d !== undefined || more !== undefined) expectAtMost(name, run.length, [a, b, c, d, more])
    return listening === null ? run(a, b, c, d) : seen([a, b, c, d])
  }
  const seen = (given: readonly unknown[]): unknown =>
    observed(definition, given.slice(0, count), optionsIn(given.slice(count), definition), run, ...given)
  const inPlace = spec.inPlace === true ? inPlaceOf(name, run as unknown as (x: Tensor) => Tensor) : spec.inPlace
  const most = spec.inPlace === true ? run.length : spec.inPlace.length
  return Object.assign(register(definition, f as unknown as F), { inPlace: heard(definition, inPlace, most) })
}
