/** What an operation takes: the name, type, default and check of a parameter, said once. */
import { ArgumentError } from '../../errors'
import type { DType, Scalar } from '../../runtime/dtype'
import { type Device, isTensor, type Tensor } from '../../tensor/tensor'
import {
  expectBool,
  expectDevice,
  expectDType,
  expectInt,
  expectInts,
  expectNotPinned,
  expectNumber,
  expectOperand,
  expectSizes,
  expectTensor,
  describe,
  isArrayOf,
} from '../../check/arguments'

/** `required`: positional; `optional`: an option that may be missing; `default`: one that then has a value. */
export type Presence = 'required' | 'optional' | 'default'

/**
 * Whether the ints of an array may also come one by one, as in `x.reshape(2, -1)`; of `several` one alone is no array but a value of its own.
 * Options are all that may follow them.
 */
export type Spread = 'all' | 'several' | false

export interface Param<T, N extends string = string, P extends Presence = Presence, S extends Spread = Spread> {
  /** As users write it: `keepdim`, `numSamples`. */
  readonly name: N
  /** As PyTorch's error texts have it: `num_samples`. */
  readonly pythonName: string
  /** Its type in PyTorch's words: `int`, `Tensor`, `int[]` … */
  readonly type: string
  readonly presence: P
  /** What is taken where it is missing. */
  readonly fallback: T | undefined
  /** Whether null is a value of its own. Else null stands for the default. */
  readonly nullable: boolean
  readonly spread: S
  /** @throws ArgumentError where `value` is not of this type */
  readonly check: (op: string, name: string, value: unknown) => void
  /** The same parameter as an option that may be missing. */
  optional(): Param<T, N, 'optional', S>
  /** The same parameter as an option with a default. */
  default(value: T): Param<T, N, 'default', S>
  /** The same parameter, which may be null. */
  orNull(): Param<T | null, N, P, S>
}
// biome-ignore lint/suspicious/noExplicitAny: parameters of every type stand in one list
export type AnyParam = Param<any, string, Presence>

/** `numSamples` → `num_samples` */
export const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

type Check = (op: string, name: string, value: unknown) => void

class ParamSpec<T, N extends string, P extends Presence, S extends Spread> implements Param<T, N, P, S> {
  /** Once: a check runs with every call. */
  readonly pythonName: string

  constructor(
    readonly name: N,
    readonly type: string,
    readonly check: Check,
    readonly spread: S,
    readonly presence: P,
    readonly fallback: T | undefined,
    readonly nullable: boolean,
  ) {
    this.pythonName = snake(name)
  }
  private as<E extends Presence>(presence: E, fallback: T | undefined): Param<T, N, E, S> {
    return new ParamSpec(this.name, this.type, this.check, this.spread, presence, fallback, this.nullable)
  }
  optional(): Param<T, N, 'optional', S> {
    return this.as('optional', undefined)
  }
  default(value: T): Param<T, N, 'default', S> {
    return this.as('default', value)
  }
  orNull(): Param<T | null, N, P, S> {
    const { name, type, check, spread, presence, fallback } = this
    return new ParamSpec<T | null, N, P, S>(name, type, check, spread, presence, fallback, true)
  }
}
/** A type of parameter: as the documentation has it, and its check. */
export const kind =
  <T>(type: string, check: Check) =>
  <N extends string>(name: N): Param<T, N, 'required', false> =>
    new ParamSpec<T, N, 'required', false>(name, type, check, false, 'required', undefined, false)
/** The same of ints that may also come one by one. */
const spreadKind =
  <T, S extends Spread>(type: string, spread: S, check: Check) =>
  <N extends string>(name: N): Param<T, N, 'required', S> =>
    new ParamSpec<T, N, 'required', S>(name, type, check, spread, 'required', undefined, false)

/** @throws ArgumentError that names what was wanted */
export const wanted =
  (type: string, is: (v: unknown) => boolean): Check =>
  (op, name, value) => {
    if (!is(value))
      throw new ArgumentError(`${op}(): argument '${name}' must be ${type}, not ${describe(value)}`, {
        op,
        argument: name,
      })
  }

/** How sizes are given: an array, or the ints themselves. */
export type Sizes = [size: readonly number[]] | number[]
/** The same with options behind them. */
export type SizesWith<O> = [size: readonly number[], options?: O] | number[] | [...size: number[], options: O]
/** Dims that need not be given, with options behind them, of which they are the first. */
export type DimsWith<O> = [dim?: number | readonly number[] | O] | number[]

export const tensor = kind<Tensor>('Tensor', expectTensor)
/** A tensor, or a number that stands for a 0-d one. */
export const operand = kind<Tensor | Scalar>('Tensor or number', expectOperand)
export const int = kind<number>('int', expectInt)
export const ints = kind<readonly number[]>('int[]', expectInts)
export const intOrInts = kind<number | readonly number[]>('int or int[]', (op, name, v) =>
  typeof v === 'number' ? expectInt(op, name, v) : expectInts(op, name, v),
)
/** Sizes, orders, counts: an array, or the ints themselves. */
export const spreadInts = spreadKind<readonly number[], 'all'>('int[] or ints', 'all', expectSizes)
/** The same, where an int alone is not the same as an array of it. */
export const spreadDims = spreadKind<number | readonly number[], 'several'>(
  'int[] or ints',
  'several',
  (op, name, v) => (typeof v === 'number' ? expectInt(op, name, v) : expectSizes(op, name, v)),
)
/** Sizes, or the dtype in which the same bytes are seen. */
export const sizesOrDtype = spreadKind<readonly number[] | DType, 'all'>(
  'int[], ints or dtype',
  'all',
  (op, name, v) => (typeof v === 'string' ? expectDType(op, v) : expectSizes(op, name, v)),
)
/** An index, which a tensor without dims may hold. */
export const intOrTensor = kind<number | Tensor>('int or Tensor', (op, name, v) => {
  if (!isTensor(v)) expectInt(op, name, v)
})
export const float = kind<number>('float', expectNumber)
/** One number for all, or a tensor of them. */
export const floatOrTensor = kind<number | Tensor>('float or Tensor', (op, name, v) => {
  if (!isTensor(v)) expectNumber(op, name, v)
})
/** A number of any kind. */
export const scalar = kind<Scalar>(
  'Number',
  wanted('Number', (v) => ['number', 'bigint', 'boolean'].includes(typeof v)),
)
export const bool = kind<boolean>('bool', expectBool)
export const dtype = kind<DType>('dtype', (op, _name, v) => expectDType(op, v))
/** Where the result is. */
export const device = kind<Device>('Device', (op, _name, v) => expectDevice(op, v))
/** Whether the result is in memory for transfers: false. */
export const pinMemory = kind<boolean>('bool', (op, _name, v) => expectNotPinned(op, v))
export const text = kind<string>(
  'str',
  wanted('str', (v) => typeof v === 'string'),
)
export const tensors = kind<readonly Tensor[]>(
  'tuple of Tensors',
  wanted('tuple of Tensors', (v) => isArrayOf(v, isTensor)),
)
/** One of a few words. What is none of them is refused by the operation, in words of its own. */
export const word = <W extends string>() =>
  kind<W>(
    'str',
    wanted('str', (v) => typeof v === 'string'),
  )
/** What the operation checks itself, since its type or its words are its own. @param type as the documentation has it */
export const own = <T>(type: string) => kind<T>(type, () => {})

/** @throws ArgumentError where a value is none of the parameter's; undefined counts as missing */
export function checkParam(op: string, p: AnyParam, value: unknown): void {
  // What most calls are, without a call through the parameter.
  if (p.check === expectTensor && isTensor(value)) return
  if (value === null && p.nullable) return
  p.check(op, p.pythonName, value)
}
