/** The options of a call, by the rule of the public interface. */
import { describe } from './arguments'
import { ArgumentError } from '../errors'
import { isTensor } from '../tensor/tensor'

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
