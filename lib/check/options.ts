/** The options of a call, by the rule of the public interface: the first may also come by position, before the object of the rest. */
import { describe } from './arguments'
import { ArgumentError } from '../errors'

/** Whether it is an object literal: a tensor, a generator or any other object of a class is a value, not options. */
export function isPlain(v: unknown): v is Record<string, unknown> {
  if (typeof v !== 'object' || v === null) return false
  const prototype = Object.getPrototypeOf(v) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** What is undefined was not given: it has its default, as in `{ bias: options.bias }`. */
export const withoutUndefined = (o: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined))

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({})

export const noOptions = (op: string, v: unknown): ArgumentError =>
  new ArgumentError(`${op}(): expected an options object, not ${describe(v)}`, { op })

/** The options object of a call, in which every name was looked at; and in `positional` what came before it. */
export interface GivenOptions {
  readonly named: Readonly<Record<string, unknown>>
  readonly positional: unknown
}

/**
 * Reads the end of a call.
 * @param names every option name
 * @throws ArgumentError for two options objects, something else in the place of one, or an unknown name
 */
export function givenOptions(op: string, names: readonly string[], first: unknown, second: unknown): GivenOptions {
  let named = NOTHING
  let positional: unknown
  if (isPlain(first)) {
    if (second !== undefined) throw new ArgumentError(`${op}(): two options objects were given`, { op })
    named = first
  } else {
    positional = first
    if (isPlain(second)) named = second
    else if (second !== undefined) throw noOptions(op, second)
  }
  let holes = false
  for (const k in named) {
    if (named[k] === undefined) holes = true
    if (!names.includes(k))
      throw new ArgumentError(`${op}() got an unexpected keyword argument '${k}'`, {
        op,
        argument: k,
        known: [...names],
      })
  }
  if (holes) named = withoutUndefined(named)
  return { named, positional }
}

/**
 * The options of a call that reads its own arguments.
 * @param names every option name, the first being the one that may be positional
 */
export function optionsOf<O extends object>(
  op: string,
  names: readonly (keyof O & string)[],
  first: unknown,
  second?: unknown,
): O {
  const { named, positional } = givenOptions(op, names, first, second)
  // null there is PyTorch's default.
  return (positional == null ? named : Object.assign({}, named, { [names[0] as string]: positional })) as O
}
