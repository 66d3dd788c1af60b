/**
 * What an operation is: one object, in one register. Functions, methods, forms in place, argument errors, the support page and the
 * tests of completeness follow from it; whoever wants to see operations run listens here.
 */
import { expectAtMost } from '../../check/arguments'
import { isPlain } from '../../check/options'
import type { AnyParam } from './params'

/** All that is known of a public operation. */
export interface OpDefinition {
  /** As users write it: `logSoftmax`. */
  readonly name: string
  /** Where it is found besides Tensor: '' for the package itself, else `nn.functional`, `linalg`, `special` … */
  readonly namespace: string
  /** In order: the required ones, which are positional, then the options. */
  readonly params: readonly AnyParam[]
  /** What PyTorch calls the graph node of its result; the first of `nodes`. */
  readonly node: string
  /** All that PyTorch calls the graph nodes of its results; none where it is composed of others, or not differentiable. */
  readonly nodes: readonly string[]
  /** Whether gradients pass through it. */
  readonly differentiable: boolean
  /** Whether `x.name(…)` is the same call without its first argument; or what it calls, the receiver first. */
  readonly method: boolean | AnyFunction
  /** Whether `x.name_(…)` is there. */
  readonly inPlace: boolean
  /** Whether it takes an `out` option. */
  readonly out: boolean
}

/** A public operation: the function, with its definition. */
export type Op<F> = F & { readonly op: OpDefinition }
/** A public operation that also has a form in place, `x.name_(…)`. */
export type InPlaceOp<F, I> = Op<F> & { readonly inPlace: I }
/** One whose method has another receiver than the first parameter: `method` takes it first. */
export type MethodOp<F, M> = F & { readonly method: M }

const definitions = new Map<string, OpDefinition>()
const functions = new Map<OpDefinition, AnyFunction>()
// biome-ignore lint/suspicious/noExplicitAny: functions of every signature stand in one list
export type AnyFunction = (...args: any[]) => unknown

/** `linalg.norm`, or `sum` where the operation belongs to the package itself. */
export const qualifiedName = (d: OpDefinition): string => (d.namespace === '' ? d.name : `${d.namespace}.${d.name}`)

/** Puts an operation on the register. @throws Error where the name is taken: a fault of the library */
export function register<F extends AnyFunction>(definition: OpDefinition, f: F): Op<F> {
  const key = qualifiedName(definition)
  if (definitions.has(key)) throw new Error(`operation ${key} is defined twice`)
  definitions.set(key, definition)
  functions.set(definition, f)
  Object.defineProperty(f, 'name', { value: definition.name })
  return Object.defineProperty(f, 'op', { value: definition }) as Op<F>
}

/** Every public operation, in the order of definition. */
export const operations = (): IterableIterator<OpDefinition> => definitions.values()
export const operation = (name: string): OpDefinition | undefined => definitions.get(name)
export const functionOf = (d: OpDefinition): AnyFunction => functions.get(d) as AnyFunction

// ---- listening ----------------------------------------------------------------------------------------------------

/** One call of an operation, once it is done. */
export interface OpCall {
  readonly op: OpDefinition
  /** The required arguments: tensors, lists of them, numbers, sizes. */
  readonly inputs: readonly unknown[]
  /** The options, by name. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** What it returned. */
  readonly outputs: unknown
  /** How many other operations it ran inside of. */
  readonly depth: number
}
export type OpListener = (call: OpCall) => void

/** Who listens; null while nobody does, so that an operation has one comparison to make. */
export let listening: OpListener[] | null = null
let depth = 0

/** Calls `listener` after every public operation, of those that others are made of too. @returns how to stop */
export function listen(listener: OpListener): () => void {
  listening = [...(listening ?? []), listener]
  return () => {
    const left = (listening ?? []).filter((l) => l !== listener)
    listening = left.length > 0 ? left : null
  }
}

/**
 * Runs an operation while somebody listens. The function and its arguments come apart: a closure over them would cost every call an
 * object, also while nobody listens.
 */
export function observed(
  op: OpDefinition,
  inputs: readonly unknown[],
  parameters: Readonly<Record<string, unknown>>,
  run: AnyFunction,
  ...args: readonly unknown[]
): unknown {
  const listeners = listening as OpListener[]
  depth++
  let outputs: unknown
  try {
    outputs = run(...args)
  } finally {
    depth--
  }
  for (const l of listeners) l({ op, inputs, parameters, outputs, depth })
  return outputs
}

/** A form in place of an operation that is heard as that operation. @param most how many arguments it takes */
export function heard<F extends AnyFunction>(op: OpDefinition, f: F, most: number): F {
  const count = op.params.filter((p) => p.presence === 'required').length
  const seen = (given: readonly unknown[]): unknown =>
    observed(op, given.slice(0, count), optionsIn(given.slice(count), op), f, ...given)
  return ((a: unknown, b?: unknown, c?: unknown, d?: unknown, more?: unknown) => {
    if (c !== undefined || d !== undefined || more !== undefined || (b !== undefined && most < 2))
      expectAtMost(`${op.name}_`, most, [a, b, c, d, more])
    return listening === null ? f(a, b, c, d) : seen([a, b, c, d])
  }) as unknown as F
}

// An op that looks itself whether somebody listens is called again, by `reenter`, as the one that it is about.
let started: OpDefinition | null = null
/** Whether this call was started by `reenter`. */
export function entered(op: OpDefinition): boolean {
  if (started !== op) return false
  started = null
  return true
}
/** `observed` for an op that looks itself: `f` is that op. */
export function reenter<R>(
  op: OpDefinition,
  inputs: readonly unknown[],
  options: object | undefined,
  f: (...args: never[]) => R,
  ...args: readonly unknown[]
): R {
  const run = (...given: unknown[]): unknown => {
    started = op
    return (f as AnyFunction)(...given)
  }
  return observed(op, inputs, { ...options }, run, ...args) as R
}

/** What a call that reads its own arguments was given behind the required ones, by name as far as that can be told. */
export function optionsIn(given: readonly unknown[], op: OpDefinition): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  const options = op.params.filter((p) => p.presence !== 'required')
  given.forEach((v, i) => {
    if (v === undefined) return
    if (isPlain(v)) Object.assign(out, v)
    else out[options[i]?.name ?? `argument ${i}`] = v
  })
  return out
}
