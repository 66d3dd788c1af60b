/** What every op is built from: checks, dtype resolution, outputs, elementwise commands, views, in-place bookkeeping. */
import { Node, type Rule, tracks } from '../autograd/node'
import { finishInPlace, startInPlace } from '../autograd/in-place'
import { gradMode } from '../autograd/mode'
import { ArgumentError, AutogradError, DTypeError, MemoryError, ShapeError, ValueError } from '../errors'
import { map, run, mapNow } from '../runtime/commands'
import {
  canCast,
  Category,
  type DType,
  type DTypeInfo,
  DTYPES,
  getDefaultDtype,
  isDType,
  promoteTypes,
  type Scalar,
  scalarDtype,
  toHalf,
} from '../runtime/dtype'
import { OP, OP_DTYPES, type OpCode } from '../runtime/opcodes'
import { allocate } from '../runtime/storage'
import { warnOnce } from '../runtime/warn'
import {
  broadcastShapes,
  contiguousStrides,
  countOf,
  denseStrides,
  isContiguous,
  isDense,
  sameShape,
  type Shape,
  showShape,
} from '../tensor/shape'
import { checkMemory, type MemoryRule, overlapsItself } from '../tensor/overlap'
import { isTensor, reinterpret, Tensor, wrap } from '../tensor/tensor'

// ---- arguments ----------------------------------------------------------------------------------------------------

/** How an unexpected value is called in an error text. */
export function describe(v: unknown): string {
  if (v === null) return 'null'
  if (Array.isArray(v)) return 'array'
  if (typeof v === 'object') return (v as object).constructor?.name ?? 'object'
  return typeof v
}

export function expectTensor(op: string, name: string, v: unknown): asserts v is Tensor {
  if (!isTensor(v))
    throw new ArgumentError(`${op}(): argument '${name}' must be Tensor, not ${describe(v)}`, { op, argument: name })
}

export const isScalar = (v: unknown): v is Scalar =>
  typeof v === 'number' || typeof v === 'bigint' || typeof v === 'boolean'

export function expectOperand(op: string, name: string, v: unknown): asserts v is Tensor | Scalar {
  if (!isTensor(v) && !isScalar(v))
    throw new ArgumentError(`${op}(): argument '${name}' must be Tensor or number, not ${describe(v)}`, {
      op,
      argument: name,
    })
}

const C_NAMES: Record<DType, string> = {
  float32: 'float',
  float64: 'double',
  float16: 'at::Half',
  bfloat16: 'at::BFloat16',
  int64: 'int64_t',
  int32: 'int',
  int16: 'int16_t',
  int8: 'int8_t',
  uint8: 'uint8_t',
  bool: 'bool',
}
const LARGEST: Partial<Record<DType, number>> = {
  float32: 3.4028234663852886e38,
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
  int64: 2 ** 63,
  int32: 2 ** 31 - 1,
  int16: 2 ** 15 - 1,
  int8: 127,
  uint8: 255,
}
/**
 * A scalar as a value of a dtype, where PyTorch stores it rather than computes with it: fractions are cut off for
 * integers, and what does not fit is refused. (As an operand of arithmetic it wraps instead.)
 */
export function storable(value: Scalar, info: DTypeInfo): Scalar {
  if (!isScalar(value)) throw new ArgumentError(`a number was expected, not ${describe(value)}`)
  if (typeof value === 'boolean' || info.category === Category.Bool) return value
  const v = Number(value)
  const largest = LARGEST[info.name]
  // Unsigned types take negative integers down to -max: they wrap, as in C.
  const lowest =
    info.name === 'uint8'
      ? Number.isInteger(v)
        ? -255
        : 0
      : info.category === Category.Int
        ? -(largest as number) - 1
        : -(largest as number)
  const fits =
    info.category === Category.Int
      ? v <= (largest as number) && v >= lowest
      : largest === undefined || !Number.isFinite(v) || (v <= largest && v >= lowest)
  if (!fits)
    throw new ValueError(`value cannot be converted to type ${C_NAMES[info.name]} without overflow`, {
      value,
      dtype: info.name,
    })
  return info.category === Category.Int && typeof value === 'number' ? Math.trunc(value) : value
}

/** Whether this is an integer. @throws ValueError for one that has no room in 64 bits, as in PyTorch */
export function isInt(v: unknown): v is number {
  if (typeof v !== 'number' || !Number.isInteger(v)) return false
  if (v < -(2 ** 63) || v >= 2 ** 63) throw new ValueError('Overflow when unpacking long long', { value: v })
  return true
}

export function expectInt(op: string, name: string, v: unknown): asserts v is number {
  if (!isInt(v))
    throw new ArgumentError(
      `${op}(): argument '${name}' must be int, not ${typeof v === 'number' ? String(v) : describe(v)}`,
      { op, argument: name },
    )
}

export function expectInts(op: string, name: string, v: unknown): asserts v is readonly number[] {
  if (!Array.isArray(v) || !v.every(isInt))
    throw new ArgumentError(`${op}(): argument '${name}' must be an array of ints, not ${describe(v)}`, {
      op,
      argument: name,
    })
}

export function expectNumber(op: string, name: string, v: unknown): asserts v is number {
  if (typeof v !== 'number')
    throw new ArgumentError(`${op}(): argument '${name}' must be a number, not ${describe(v)}`, { op, argument: name })
}

/** Options that are numbers, by their names; those not given are left to their defaults. */
export function expectNumbers(op: string, given: Readonly<Record<string, unknown>>): void {
  for (const [name, v] of Object.entries(given)) if (v !== undefined && v !== null) expectNumber(op, name, v)
}

export function expectBool(op: string, name: string, v: unknown): asserts v is boolean {
  if (typeof v !== 'boolean')
    throw new ArgumentError(`${op}(): argument '${name}' must be bool, not ${describe(v)}`, { op, argument: name })
}

export function expectDType(op: string, v: unknown): asserts v is DType {
  if (!isDType(v))
    throw new ArgumentError(
      `${op}(): argument 'dtype' must be a dtype, not ${typeof v === 'string' ? `'${v}'` : describe(v)}`,
      { op },
    )
}

const isOptions = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v) && !isTensor(v) && !ArrayBuffer.isView(v)

/**
 * The options of a call by API.md's rule: the first optional argument may come positionally before the options
 * object. Unknown names are refused.
 * @param names every option name, the first being the one that may be positional
 */
export function optionsOf<O extends object>(
  op: string,
  names: readonly (keyof O & string)[],
  first: unknown,
  second?: unknown,
): O {
  let given: Record<string, unknown>
  if (isOptions(first)) {
    if (second !== undefined) throw new ArgumentError(`${op}(): two options objects were given`, { op })
    given = first
  } else if (second === undefined) return (first === undefined ? {} : { [names[0] as string]: first }) as O
  else if (isOptions(second)) given = first === undefined ? second : { ...second, [names[0] as string]: first }
  else throw new ArgumentError(`${op}(): expected an options object, not ${describe(second)}`, { op })
  for (const k in given)
    if (!names.includes(k as keyof O & string))
      throw new ArgumentError(`${op}() got an unexpected keyword argument '${k}'`, {
        op,
        argument: k,
        known: [...names],
      })
  return given as O
}

// ---- dtypes -------------------------------------------------------------------------------------------------------

/** The dtype an elementwise operation on these operands has (`torch.result_type`). */
export function resultType(...operands: readonly (Tensor | Scalar)[]): DType {
  let dims: DType | null = null
  let zero: DType | null = null
  let wrapped: DType | null = null
  for (const o of operands) {
    if (isTensor(o)) {
      const d = o.info.name
      if (o.sizes.length > 0) dims = dims === null ? d : promoteTypes(dims, d)
      else zero = zero === null ? d : promoteTypes(zero, d)
    } else {
      const d = scalarDtype(o)
      wrapped = wrapped === null ? d : promoteTypes(wrapped, d)
    }
  }
  return combine(dims, combine(zero, wrapped)) as DType
}

/** Dimensioned tensors decide, then 0-d ones, then scalars; a lower kind counts only where its category is higher. */
function combine(higher: DType | null, lower: DType | null): DType | null {
  if (higher === null) return lower
  if (lower === null) return higher
  return DTYPES[higher].category >= DTYPES[lower].category ? higher : promoteTypes(higher, lower)
}

export function resultInfo(a: Tensor | Scalar, b: Tensor | Scalar): DTypeInfo {
  if (isTensor(a)) {
    if (isTensor(b)) {
      if (a.info === b.info) return a.info
    } else if (typeof b === 'number' && a.info.category === Category.Float) return a.info
  }
  return DTYPES[resultType(a, b)]
}

/** Integer and bool operands of a float function count as the default float. */
export const floatInfo = (info: DTypeInfo): DTypeInfo =>
  info.category === Category.Float ? info : DTYPES[getDefaultDtype()]

export const hasKernel = (op: OpCode, info: DTypeInfo): boolean => (((OP_DTYPES[op] as number) >> info.code) & 1) === 1

/** Whether there are two dims to exchange; a number has none. @throws ShapeError for a vector */
export function isMatrix(op: string, x: Tensor): boolean {
  expectTensor(op, 'input', x)
  if (x.sizes.length === 1)
    throw new ShapeError(`tensor.${op} is only supported on matrices or batches of matrices. Got 1-D tensor.`)
  return x.sizes.length > 1
}

/** How compilers print the C++ type of a dtype, and so PyTorch's error texts. */
export const CPP: { readonly [D in DType]: string } = {
  float32: 'float',
  float64: 'double',
  float16: 'c10::Half',
  bfloat16: 'c10::BFloat16',
  int64: 'long int',
  int32: 'int',
  int16: 'short int',
  int8: 'signed char',
  uint8: 'unsigned char',
  bool: 'bool',
}
/** How PyTorch's error texts call the type of a tensor: it has two ways. */
export const tensorType = (info: DTypeInfo): string =>
  info.name === 'bfloat16' || info.name === 'bool' ? `CPU${info.scalarType}Type` : `torch.${info.scalarType}Tensor`

export const notImplemented = (kernel: string, info: DTypeInfo): DTypeError =>
  new DTypeError(`"${kernel}" not implemented for '${info.scalarType}'`, { kernel, dtype: info.name })

// ---- memory -------------------------------------------------------------------------------------------------------

/** An uninitialised row-major tensor. */
export const emptyOf = (sizes: Shape, info: DTypeInfo): Tensor => wrap(allocate(bytesOf(sizes, info)), sizes, info)
/** How much memory a tensor takes. @throws MemoryError where that is no number of 64 bits */
function bytesOf(sizes: Shape, info: DTypeInfo): number {
  let count = 1
  for (let i = 0; i < sizes.length; i++) {
    const size = sizes[i] as number
    if (size < 0)
      throw new ShapeError(`Trying to create tensor with negative dimension ${size}: ${showShape(sizes)}`, {
        size: [...sizes],
      })
    count *= size
  }
  const bytes = count * info.itemsize
  if (bytes < 2 ** 63) return bytes
  throw new MemoryError(`Storage size calculation overflowed with sizes=${showShape(sizes)}`, { size: [...sizes] })
}
/** Refuses a result that no memory can be had for, where much would be done before it is asked for. */
export function expectRoom(sizes: Shape, info: DTypeInfo): void {
  const bytes = bytesOf(sizes, info)
  if (bytes > 2 ** 20) allocate(bytes).release()
}
/** A new vector, or matrix, of int64 with the elements that `write` gives it. */
export function int64Of(sizes: Shape, write: (elements: BigInt64Array) => void): Tensor {
  const out = emptyOf(sizes, DTYPES.int64)
  out.storage.withArray(BigInt64Array, write)
  return out
}

/** An uninitialised tensor with the layout of `x`, without its gaps, as PyTorch's preserve_format. */
export function emptyLike(x: Tensor, info: DTypeInfo): Tensor {
  if (x.rowMajor) return emptyOf(x.sizes, info)
  const strides = isDense(x.sizes, x.strides) ? x.strides : denseStrides(x.sizes, x.strides)
  return new Tensor(
    allocate(x.count * info.itemsize),
    0,
    x.sizes,
    strides,
    info,
    x.count,
    isContiguous(x.sizes, strides),
  )
}

/** Writes `x` into `out` (broadcast, cast); no autograd. */
export function copyInto(out: Tensor, x: Tensor | Scalar): void {
  const from = isTensor(x) ? x.info : out.info
  mapNow(OP.cast, from.code, out.info.code, out, x)
}

/** One value everywhere. */
export function filled(size: readonly number[], value: Scalar, info: DTypeInfo): Tensor {
  const out = emptyOf(size, info)
  copyInto(out, value)
  return out
}

/** Zeros shaped like a gradient: also where that is infinite or NaN, and differentiable no further, as in PyTorch. */
export const zerosFor = (g: Tensor): Tensor => filled(g.sizes, 0, g.info)

/** The values of `x` in another dtype, in fresh memory; no autograd. */
export function castRaw(x: Tensor, info: DTypeInfo): Tensor {
  const out = emptyLike(x, info)
  mapNow(OP.cast, x.info.code, info.code, out, x)
  return out
}

/** `x` itself where it is row-major, else a row-major copy; no autograd. */
export function contiguousRaw(x: Tensor): Tensor {
  if (x.rowMajor) return x
  const out = emptyOf(x.sizes, x.info)
  mapNow(OP.cast, x.info.code, x.info.code, out, x)
  return out
}

/** Bools as bytes of 0 and 1, for kernels that order them: memory also seen as another dtype may hold other bytes. */
export const ordered = (x: Tensor): Tensor => (x.info.category === Category.Bool ? castRaw(x, x.info) : x)

/** The input as the kernel takes it: another dtype where asked for, float32 for the half types. */
export function prepared(op: string, code: OpCode, x: Tensor, info: DTypeInfo): Tensor {
  const compute = DTYPES[info.compute]
  if (!hasKernel(code, compute)) throw notImplemented(op, info)
  return x.info === compute ? x : castRaw(x, compute)
}
/** Rounds a float32 result back to a half type. */
export const finish = (y: Tensor, info: DTypeInfo): Tensor => (y.info === info ? y : castRaw(y, info))
/** Integer sums and products are int64, as in PyTorch. */
export const sumInfo = (x: Tensor, dtype: DType | undefined): DTypeInfo =>
  dtype ? DTYPES[dtype] : x.info.category === Category.Float ? x.info : DTYPES.int64

// ---- elementwise --------------------------------------------------------------------------------------------------

function outputFor(info: DTypeInfo, a: Tensor | Scalar, b?: Tensor | Scalar, c?: Tensor | Scalar): Tensor {
  let first: Tensor | null = null
  let sizes: Shape | null = null
  for (let i = 0; i < 3; i++) {
    const t = i === 0 ? a : i === 1 ? b : c
    if (t === undefined || typeof t !== 'object') continue
    if (first === null) {
      first = t
      sizes = t.sizes
    } else if (!sameShape(sizes as Shape, t.sizes)) sizes = broadcastShapes(sizes as Shape, t.sizes)
  }
  if (first === null || sizes === null) throw new ArgumentError('an elementwise operation needs at least one Tensor')
  if (!first.rowMajor && sameShape(first.sizes, sizes)) return emptyLike(first, info)
  return laidOut(sizes, info, a, b, c)
}

/** An uninitialised result in the layout of its operands, where they are broadcast. */
function laidOut(shape: Shape, info: DTypeInfo, ...given: readonly (Tensor | Scalar | undefined)[]): Tensor {
  const operands = given.filter((t): t is Tensor => typeof t === 'object')
  if (operands.every((t) => t.rowMajor) || operands.every((t) => sameShape(t.sizes, shape))) return emptyOf(shape, info)
  const strides = denseStrides(
    shape,
    ...operands.map((t) => {
      const missing = shape.length - t.sizes.length
      return shape.map((s, d) => (d < missing || (t.sizes[d - missing] === 1 && s !== 1) ? 0 : t.strides[d - missing]!))
    }),
  )
  const out = emptyOf(shape, info)
  return new Tensor(out.storage, 0, out.sizes, strides, info, out.count, isContiguous(shape, strides))
}

export {
  checkApart,
  checkMemory,
  checkOverlap,
  checkWritable,
  isDistinct,
  type MemoryRule,
  overlapsItself,
} from '../tensor/overlap'

/**
 * Runs an elementwise kernel; no autograd.
 * @param info the dtype of the computation (float16 and bfloat16 are computed in float32 and rounded)
 * @param outInfo the dtype of a fresh output: `info`, or bool for comparisons
 * @param out written to where given: its dtype, shape and memory have been checked
 */
export function pointwise(
  op: OpCode,
  info: DTypeInfo,
  outInfo: DTypeInfo,
  out: Tensor | null,
  a: Tensor | Scalar,
  b?: Tensor | Scalar,
  c?: Tensor | Scalar,
): Tensor {
  const compute = DTYPES[info.compute]
  const kernelOut = outInfo === info ? compute : outInfo
  const target = out ?? outputFor(outInfo, a, b, c)
  if (
    target.info === kernelOut &&
    (typeof a !== 'object' || a.info === compute) &&
    (typeof b !== 'object' || b.info === compute) &&
    (typeof c !== 'object' || c.info === compute)
  ) {
    mapNow(op, compute.code, kernelOut.code, target, a, b, c)
  } else pointwiseCast(op, compute, kernelOut, target, a, b, c)
  return target
}

/** As `pointwise`, with operands or result of another dtype than the kernel's: through temporaries. */
function pointwiseCast(
  op: OpCode,
  compute: DTypeInfo,
  kernelOut: DTypeInfo,
  target: Tensor,
  a: Tensor | Scalar,
  b?: Tensor | Scalar,
  c?: Tensor | Scalar,
): void {
  const temporaries: Tensor[] = []
  const fitted = <T extends Tensor | Scalar | undefined>(v: T): T => {
    if (typeof v !== 'object' || v.info === compute) return v
    const copy = emptyLike(v, compute)
    temporaries.push(copy)
    map(OP.cast, v.info.code, compute.code, copy, v)
    return copy as T
  }
  const [x, y, z] = [fitted(a), fitted(b), fitted(c)]
  if (target.info === kernelOut) map(op, compute.code, kernelOut.code, target, x, y, z)
  else {
    const computed = emptyLike(target, kernelOut)
    temporaries.push(computed)
    map(op, compute.code, kernelOut.code, computed, x, y, z)
    map(OP.cast, kernelOut.code, target.info.code, target, computed)
  }
  run()
  for (const t of temporaries) t.storage.release()
}

/**
 * An operand of a computation in `info`: where that is a half type, a number or a tensor of another dtype is rounded to it
 * first, as in PyTorch.
 * @param exact whether a number, or a tensor of one element, keeps its precision nevertheless
 */
export function operandIn<T extends Tensor | Scalar>(v: T, info: DTypeInfo, exact = false): T | Tensor | number {
  if (info.compute === info.name || (typeof v === 'object' && v.info === info)) return v
  if (exact && (typeof v !== 'object' || v.count === 1)) return v
  return typeof v === 'object' ? castRaw(v, info) : toHalf(Number(v), info.name as 'float16' | 'bfloat16')
}

/** An operand as a tensor: a scalar as one like `like`, filled. */
export const operandTensor = (x: Tensor | Scalar, like: Tensor | Scalar): Tensor => {
  if (isTensor(x)) return x
  const out = emptyLike(like as Tensor, (like as Tensor).info)
  copyInto(out, x)
  return out
}

/** Runs the selecting kernel; no autograd. `mask` is bool; all three broadcast. */
export function whereRaw(
  info: DTypeInfo,
  out: Tensor | null,
  mask: Tensor,
  x: Tensor | Scalar,
  y: Tensor | Scalar,
): Tensor {
  const fitted = (v: Tensor | Scalar): Tensor | Scalar => (isTensor(v) && v.info !== info ? castRaw(v, info) : v)
  const a = fitted(x)
  const b = fitted(y)
  const target = out ?? outputFor(info, mask, a, b)
  mapNow(OP.where, info.code, info.code, target, mask, a, b)
  if (isTensor(a) && a !== x) a.storage.release()
  if (isTensor(b) && b !== y) b.storage.release()
  return target
}

/**
 * Says that PyTorch will not write to expanded memory for ever.
 * @param like how the assignment by index is written that does the same
 */
export function warnExpanded(op: string, like: string, x: Tensor): void {
  if (overlapsItself(x))
    warnOnce(
      `Use of ${op} on expanded tensors is deprecated. Please clone() the tensor before performing this operation. This also applies to advanced indexing e.g. tensor[${like}`,
    )
}

// ---- in place and out= --------------------------------------------------------------------------------------------

/**
 * Checks and prepares the target of an `out` option.
 * @param operands what the operation reads
 * @param memory what it asks of the target's memory
 */
export function checkOut(
  op: string,
  out: Tensor,
  sizes: Shape,
  info: DTypeInfo,
  operands: readonly unknown[],
  memory: MemoryRule = 'elementwise',
): void {
  expectTensor(op, 'out', out)
  if (tracks(out))
    throw new AutogradError(
      `${op}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.`,
    )
  checkMemory(memory, out, operands)
  if (!canCast(info.name, out.info.name))
    throw new DTypeError(
      `result type ${info.scalarType} can't be cast to the desired output type ${out.info.scalarType}`,
      {
        from: info.name,
        to: out.info.name,
      },
    )
  if (!sameShape(out.sizes, sizes)) {
    if (out.count !== 0)
      throw new ShapeError(
        `${op}(): out has shape [${out.sizes.join(', ')}] but the result has shape [${sizes.join(', ')}]`,
        {
          out: [...out.sizes],
          result: [...sizes],
        },
      )
    resize(out, sizes)
  }
}

/** The target of an `out` option that was checked, with a result written into it. */
export function written(out: Tensor, y: Tensor): Tensor {
  copyInto(out, y)
  out.versions.version++
  return out
}

/**
 * Gives a tensor another shape: row-major from its first element on, the elements in memory order, further ones anything.
 * Where more memory is needed, tensors that shared the old one keep it.
 */
export function resize(x: Tensor, sizes: Shape): void {
  const count = countOf(sizes)
  const room = Math.floor(x.storage.byteLength / x.info.itemsize) - x.offset
  if (count > room) {
    const fresh = emptyOf([...sizes], x.info)
    const kept = Math.max(0, room)
    if (kept > 0) copyInto(reinterpret(fresh, [kept], [1], 0), reinterpret(x, [kept], [1], x.offset))
    x.storage = fresh.storage
    x.offset = 0
  }
  x.sizes = [...sizes]
  x.strides = contiguousStrides(sizes)
  x.count = count
  x.rowMajor = true
}

const copyBack: Rule = (n, g) => [n.needs(0) ? zerosFor(g) : null, g]
/** Writes `source` (broadcast, cast) over `x`, with its gradient. */
export function overwrite(x: Tensor, source: Tensor, memory: MemoryRule): Tensor {
  const n = startInPlace(x, 'CopyBackwards', copyBack, [x, source], memory)
  copyInto(x, source)
  finishInPlace(x, n)
  return x
}

// ---- views --------------------------------------------------------------------------------------------------------

/**
 * A differentiable view of `x` with another geometry.
 * @param rule the gradient; `node.meta` is `meta`
 */
export function viewOf(
  x: Tensor,
  sizes: Shape,
  strides: Shape,
  offset: number,
  name: string,
  rule: Rule,
  meta: unknown,
  creation: 'default' | 'multi' = 'default',
): Tensor {
  const out = reinterpret(x, sizes, strides, offset)
  if (x.info.category === Category.Float) trackView(out, x, creation)
  if (tracks(x)) {
    const node = new Node(name, rule, [x])
    node.meta = meta
    out.setGradFn(node, 0)
    node.outputs.push(out.meta())
  }
  return out
}

/** Notes that `out` is a view, of the root of `x`. */
export function trackView(out: Tensor, x: Tensor, creation: 'default' | 'multi' | 'noGrad' = 'default'): void {
  const v = x.viewInfo
  const own = gradMode.enabled ? creation : gradMode.inference ? 'inference' : 'noGrad'
  const kind = own === 'default' && v !== null ? v.creation : own
  out.viewInfo = { base: v?.base ?? x, creation: kind, version: out.versions.version }
}

export { checkInPlace, finishInPlace, startInPlace } from '../autograd/in-place'
