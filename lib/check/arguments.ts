/** What every layer above needs to refuse bad input: one check an argument type, in PyTorch's words. */
import { calledInstead, isCallable } from '../runtime/given'
import { ArgumentError, ShapeError, ValueError } from '../errors'
import { Category, type DType, type DTypeInfo, type Scalar, isDType } from '../runtime/dtype'
import { type Device, type Tensor, isTensor } from '../tensor/tensor'

/** How an unexpected value is called in an error text. */
export function describe(v: unknown): string {
  if (v === null) return 'null'
  if (Array.isArray(v)) return 'array'
  if (typeof v === 'object') {
    const name = (v as object).constructor?.name ?? 'object'
    // Of another copy of the package, or forged.
    return /^(Tensor|Parameter|Buffer)$/.test(name) && !isTensor(v)
      ? `a ${name} that this copy of Tenzo did not make`
      : name
  }
  return typeof v
}

/** Whether this is an array of such values alone. (`every` passes over holes.) */
export function isArrayOf<T>(v: unknown, is: (item: unknown) => item is T): v is T[] {
  if (!Array.isArray(v)) return false
  for (let i = 0; i < v.length; i++) if (!is(v[i])) return false
  return true
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

/** Two operands, of which at least one is a tensor. */
export function checkOperands(op: string, x: unknown, y: unknown): void {
  if (!isTensor(x)) expectOperand(op, 'input', x)
  if (!isTensor(y)) expectOperand(op, 'other', y)
  if (!isTensor(x) && !isTensor(y)) throw new ArgumentError(`${op}(): argument 'input' must be Tensor, not ${typeof x}`)
}

/**
 * A scalar as a value of a dtype, where PyTorch stores it rather than computes with it: fractions are cut off for
 * integers, and what does not fit is refused. (As an operand of arithmetic it wraps instead.)
 */
export function storable(value: Scalar, info: DTypeInfo): Scalar {
  if (!isScalar(value)) throw new ArgumentError(`a number was expected, not ${describe(value)}`)
  if (typeof value === 'boolean' || info.category === Category.Bool) return value
  const v = Number(value)
  const [low, high] = [Number(info.range[0]), Number(info.range[1])]
  // Unsigned types take negative integers down to -max: they wrap, as in C.
  const lowest = info.name === 'uint8' && Number.isInteger(v) ? -high : low
  const fits = (info.category === Category.Float && !Number.isFinite(v)) || (v <= high && v >= lowest)
  if (!fits)
    throw new ValueError(`value cannot be converted to type ${info.cName} without overflow`, {
      value,
      dtype: info.name,
    })
  return info.category === Category.Int && typeof value === 'number' ? Math.trunc(value) : value
}

/** What a tensor of these sizes can be filled with. PyTorch fills one element of a half type as if it copied a tensor. */
export const fillable = (value: Scalar, info: DTypeInfo, sizes: readonly number[]): Scalar =>
  sizes.length === 0 && info.compute !== info.name ? value : storable(value, info)

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

/** A text as it is, anything else by what it is. */
const quoted = (v: unknown): string => (typeof v === 'string' ? `'${v}'` : describe(v))
/** The same of numbers that are no ints, too. */
const noInt = (v: unknown): string => (typeof v === 'number' ? String(v) : quoted(v))
/** What was given in the place of an array of ints: for an array the first entry that is none. */
const noInts = (v: unknown): string =>
  Array.isArray(v) ? `an array with ${noInt(v.find((entry) => !isInt(entry)))}` : noInt(v)

export function expectInts(op: string, name: string, v: unknown): asserts v is readonly number[] {
  if (!isArrayOf(v, isInt))
    throw new ArgumentError(`${op}(): argument '${name}' must be an array of ints, not ${noInts(v)}`, {
      op,
      argument: name,
    })
}

/** Sizes as an array, where the ints themselves would do as well. */
export function expectSizes(op: string, name: string, v: unknown): asserts v is readonly number[] {
  if (!isArrayOf(v, isInt)) throw wrongSizes(op, name, noInts(v))
}
/** The ints themselves. @throws ArgumentError for what is none, or an array among them */
export function expectSpread(op: string, name: string, given: readonly unknown[]): asserts given is readonly number[] {
  if (!isArrayOf(given, isInt))
    throw wrongSizes(op, name, given.length === 1 ? noInt(given[0]) : `(${given.map(noInt).join(', ')})`)
}
const wrongSizes = (op: string, name: string, given: string): ArgumentError =>
  new ArgumentError(`${op}(): argument '${name}' must be ints or an array of ints, not ${given}`, {
    op,
    argument: name,
  })

/** @throws ArgumentError for an argument that there is no place for */
export function expectNothing(op: string, v: unknown): void {
  if (v !== undefined) throw new ArgumentError(`${op}() got an unexpected argument: ${noInt(v)}`, { op })
}
/** @throws ArgumentError for one more than an operation takes; what is undefined was not given */
export function expectAtMost(op: string, most: number, given: readonly unknown[]): void {
  for (let i = most; i < given.length; i++) expectNothing(op, given[i])
}

/** @throws ValueError for a typed array whose buffer went elsewhere, as `structuredClone` and `postMessage` can do with it */
export function expectAttached(v: ArrayBufferView): void {
  if (v.byteLength > 0) return
  try {
    new Uint8Array(v.buffer)
  } catch {
    throw new ValueError('the buffer of this typed array is detached: it was transferred, and holds no values any more')
  }
}
/** Whether this can be gone through, and is no text. @throws ValueError for a typed array without its buffer */
export function isIterable(v: unknown): v is Iterable<unknown> {
  // (Containers of modules are functions.)
  if (v === null || (typeof v !== 'object' && typeof v !== 'function')) return false
  if (typeof (v as Partial<Iterable<unknown>>)[Symbol.iterator] !== 'function') return false
  if (ArrayBuffer.isView(v)) expectAttached(v)
  return true
}
export function expectIterable(op: string, name: string, v: unknown): asserts v is Iterable<unknown> {
  if (!isIterable(v))
    throw new ArgumentError(`${op}(): argument '${name}' must be iterable, not ${describe(v)}`, { op, argument: name })
}

export const isNumber = (v: unknown): v is number => typeof v === 'number'
export function expectNumber(op: string, name: string, v: unknown): asserts v is number {
  if (typeof v !== 'number')
    throw new ArgumentError(`${op}(): argument '${name}' must be a number, not ${describe(v)}`, { op, argument: name })
}

/** Options that are numbers, by their names; those not given are left to their defaults. */
export function expectNumbers(op: string, given: Readonly<Record<string, unknown>>): void {
  for (const [name, v] of Object.entries(given)) if (v !== undefined && v !== null) expectNumber(op, name, v)
}

export function expectString(op: string, name: string, v: unknown): asserts v is string {
  if (typeof v !== 'string')
    throw new ArgumentError(`${op}(): argument '${name}' must be str, not ${describe(v)}`, { op, argument: name })
}

/** What is called as a function, and so no class. */
export function expectFunction(op: string, name: string, v: unknown): asserts v is (...args: never[]) => unknown {
  if (!isCallable(v))
    throw new ArgumentError(
      `${op}(): argument '${name}' must be a function, not ${typeof v === 'function' ? calledInstead(v) : describe(v)}`,
      {
        op,
        argument: name,
      },
    )
}

export function expectBool(op: string, name: string, v: unknown): asserts v is boolean {
  if (typeof v !== 'boolean')
    throw new ArgumentError(`${op}(): argument '${name}' must be bool, not ${describe(v)}`, { op, argument: name })
}

export function expectDType(op: string, v: unknown, name = 'dtype'): asserts v is DType {
  if (!isDType(v))
    throw new ArgumentError(`${op}(): argument '${name}' must be a dtype, not ${quoted(v)}`, { op, argument: name })
}

/** Where tensors can be. @param or what else may stand there: `a dtype or ` */
export function expectDevice(op: string, v: unknown, or = ''): asserts v is Device {
  if (v !== 'cpu')
    throw new ArgumentError(`${op}(): expected ${or}the device 'cpu', the only one, but got ${quoted(v)}`, {
      op,
      argument: 'device',
      known: ['cpu'],
    })
}
/** Memory for transfers to other devices. PyTorch takes it where it could be had alone, and so not on a CPU by itself. */
export function expectNotPinned(op: string, v: unknown): void {
  expectBool(op, 'pin_memory', v)
  if (v)
    throw new ValueError(
      'pin_memory=True requires a CUDA or other accelerator backend; no pinned memory allocator is available on this system.',
      { op, argument: 'pinMemory' },
    )
}

/** Whether there are two dims to exchange; a number has none. @throws ShapeError for a vector */
export function isMatrix(op: string, x: Tensor): boolean {
  expectTensor(op, 'input', x)
  if (x.sizes.length === 1)
    throw new ShapeError(`tensor.${op} is only supported on matrices or batches of matrices. Got 1-D tensor.`)
  return x.sizes.length > 1
}
