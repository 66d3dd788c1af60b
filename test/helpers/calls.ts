/** Makes recorded calls in each of the ways that Tenzo offers. */
import { Tensor } from '../../lib'
import { type Arguments, type CodedCall, camelCase, freeFunction, type GoldenOp } from './goldens'

/** One way of writing a call. */
export type Form = 'method' | 'function' | 'inPlace'

/** Operations whose arguments are one or more tensors given as a list. */
const SPREAD = new Set(['atleast_1d', 'atleast_2d', 'atleast_3d'])

/** What the call gives. */
export function callOf(op: GoldenOp, form: Form, call: CodedCall, given: Arguments): unknown {
  const name = camelCase(op.name.split('.').pop() as string)
  const opts = { ...given.opts }
  let args = [...given.args]
  if (op.name === '__getitem__') return (args[0] as Tensor).at(...(args[1] as []))
  if (op.name === '__setitem__') {
    const x = (args[0] as Tensor).clone()
    x.set(args[1] as [], args[2] as Tensor)
    return x
  }
  if (SPREAD.has(op.name) && (args[0] as unknown[]).length === 1) args = args[0] as unknown[]
  const rest = form === 'function' ? args : args.filter((_, i) => i !== call.self)
  // The method form gives the first option by position, the function form by name: both are promised.
  const first = call.first && form !== 'function' ? camelCase(call.first) : null
  if (first !== null) {
    rest.push(opts[first])
    delete opts[first]
  }
  if (Object.keys(opts).length > 0) rest.push(opts)
  if (form === 'function') return freeFunction(op.name)?.(...rest)
  let receiver = args[call.self as number] as Tensor
  // On a copy, since a leaf that requires grad may not be changed; the gradient passes through.
  if (form === 'inPlace' || (name.endsWith('_') && receiver.requiresGrad && 'out' in call)) receiver = receiver.clone()
  const member = (receiver as unknown as Record<string, unknown>)[form === 'inPlace' ? `${name}_` : name]
  if (member === undefined) throw new Error(`there is no method ${name}${form === 'inPlace' ? '_' : ''}`)
  return typeof member === 'function' ? member.apply(receiver, rest) : member
}

/** The result as a list of leaves in order: tensors, numbers, booleans. */
export function flatten(v: unknown, fields?: string[]): unknown[] {
  if (v instanceof Tensor || v === null || typeof v !== 'object') return [v]
  if (Array.isArray(v)) return v.flatMap((x) => flatten(x))
  const names = fields?.map(camelCase) ?? Object.keys(v)
  return names.map((n) => (v as Record<string, unknown>)[n])
}
