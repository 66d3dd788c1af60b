/** Calling a module with other parameters and buffers than its own. */
import { ArgumentError, ModuleError, ValueError } from '../errors'
import { shown } from '../runtime/given'
import type { Module } from '../nn/module'
import { fieldsOf, isModule, ownBuffers, ownParameters, put, sync } from '../nn/registry'
import { describe, expectBool, isArrayOf } from '../check/arguments'
import { optionsOf } from '../check/options'
import { isTensor, type Tensor } from '../tensor/tensor'

/** Tensors by the dotted names that a module's parameters and buffers have. */
export type TensorsByName = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>
/** Options of `functionalCall`. */
export interface FunctionalCallOptions {
  /** Tensors that are tied in the module are tied in the call, under whichever of their names one is given. Default true. */
  tieWeights?: boolean
  /** Throw unless the names are exactly those of the module. Default false. */
  strict?: boolean
}

const quoted = (names: readonly string[]): string => names.map((n) => `'${n}'`).join(', ')
const entriesOf = (dict: TensorsByName): [string, Tensor][] =>
  dict instanceof Map ? [...dict] : Object.entries(dict as Record<string, Tensor>)
const isDict = (v: unknown): v is TensorsByName =>
  v instanceof Map || (typeof v === 'object' && v !== null && !Array.isArray(v) && !isTensor(v))

function merged(dicts: TensorsByName | readonly TensorsByName[]): Map<string, Tensor> {
  const all = new Map<string, Tensor>()
  if (!Array.isArray(dicts)) {
    if (!isDict(dicts))
      throw new ValueError(
        `Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got ${describe(dicts)}`,
      )
    return new Map(entriesOf(dicts))
  }
  const list = dicts as readonly TensorsByName[]
  if (!isArrayOf(list, isDict))
    throw new ValueError('Expected all elements of parameter_and_buffer_dicts to be dictionaries')
  const repeated = new Set<string>()
  for (const dict of list)
    for (const [name, t] of entriesOf(dict)) {
      if (all.has(name)) repeated.add(name)
      all.set(name, t)
    }
  if (repeated.size > 0)
    throw new ValueError(
      `[${quoted([...repeated])}] appeared in multiple dictionaries; behavior of functional call is ambiguous`,
      { names: [...repeated] },
    )
  return all
}

/** Every name of every parameter and buffer, of a tied one too. */
function allTensors(root: Module): Map<string, Tensor> {
  const named = new Map<string, Tensor>()
  const modules = [...root.namedModules({ removeDuplicate: false })]
  for (const own of [ownParameters, ownBuffers] as const)
    for (const [path, m] of modules) for (const [name, t] of own(m)) named.set(path ? `${path}.${name}` : name, t)
  return named
}
/** Gives each tied tensor the one value that was given for any of its names. */
function tied(all: ReadonlyMap<string, Tensor>, given: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const names = new Map<Tensor, string[]>()
  for (const [name, t] of all) {
    const list = names.get(t)
    if (list) list.push(name)
    else names.set(t, [name])
  }
  const out = new Map(given)
  for (const group of names.values()) {
    if (group.length === 1) continue
    const present = group.filter((name) => given.has(name))
    if (present.length === 0) continue
    if (present.length > 1 && new Set(group.map((name) => given.get(name))).size !== 1)
      throw new ValueError(
        `functional_call got multiple values for keys [${quoted([...group].sort())}], which are tied. Consider using tie_weights=False`,
        { names: group },
      )
    for (const name of group) out.set(name, given.get(present[0] as string) as Tensor)
  }
  return out
}
function checkNames(root: Module, all: ReadonlyMap<string, Tensor>, given: ReadonlyMap<string, Tensor>): void {
  const unexpected = [...given.keys()].filter((name) => !all.has(name)).sort()
  const missing = [...all.keys()].filter((name) => !given.has(name)).sort()
  const errors = [
    ...(unexpected.length > 0 ? [`Unexpected key(s): ${quoted(unexpected)}.`] : []),
    ...(missing.length > 0 ? [`Missing key(s): ${quoted(missing)}.`] : []),
  ]
  if (errors.length > 0)
    throw new ModuleError(`Error(s) in reparametrizing for ${root.constructor.name}:\n\t${errors.join('\n\t')}`, {
      unexpected,
      missing,
    })
}

/** A tensor's place: the module that owns it and its name there. */
function placeOf(root: Module, path: string): [Module, string] {
  const parts = path.split('.')
  const name = parts.pop() as string
  if (name === '') throw new ArgumentError('tensor name can\'t be empty string ""', { name: path })
  let m = root
  for (const part of parts) {
    const child: unknown = sync(m).modules.get(part)
    if (!isModule(child)) throw new ModuleError(`${m.constructor.name} has no attribute \`${part}\``, { name: path })
    m = child
  }
  return [m, name]
}
/** Puts tensors into a module's fields as they are, whatever is registered there, and gives what puts back what was. */
function swapIn(m: Module, values: ReadonlyMap<string, Tensor>): () => Map<string, unknown> {
  const r = sync(m)
  const fields = fieldsOf(m)
  const [parameters, buffers] = [[...r.parameters], [...r.buffers]]
  const before = [...values.keys()].map(
    (name) => [name, Object.getOwnPropertyDescriptor(m, name)] as [string, PropertyDescriptor | undefined],
  )
  for (const [name, t] of values) {
    const old = fields[name]
    if (!isTensor(t) && t !== null) throw new ArgumentError(`${shown(t)} is not an instance of torch.Tensor`, { name })
    if (old !== undefined && old !== null && !isTensor(old))
      throw new ArgumentError(`attribute \`${name}\`: ${shown(old)} is not an instance of torch.Tensor`, { name })
    // A plain tensor is no parameter; as one it would be refused at the next listing.
    r.parameters.delete(name)
    put(m, name, t)
  }
  return () => {
    const after = new Map([...values.keys()].map((name) => [name, fields[name]]))
    for (const [name, d] of before) {
      delete fields[name]
      if (d) Object.defineProperty(m, name, d)
    }
    r.parameters.clear()
    for (const name of parameters) r.parameters.add(name)
    r.buffers.clear()
    for (const [name, persistent] of buffers) r.buffers.set(name, persistent)
    return after
  }
}

/**
 * Calls a module as if the given tensors were its parameters and buffers, and leaves its own as they are: gradients flow
 * to what was given. What is not given is the module's own.
 * @param parametersAndBuffers by dotted name, as `stateDict` has them; or several such maps without common names. A
 *   buffer that the module replaces is replaced in a map that is given alone
 * @param args the arguments of `forward`: an array of them, or one that is no array
 * @throws ValueError where names of one tied tensor are given different values
 */
export function functionalCall<M extends Module>(
  module: M,
  parametersAndBuffers: TensorsByName | readonly TensorsByName[],
  args?: Parameters<M['forward']> | Parameters<M['forward']>[0],
  options?: FunctionalCallOptions,
): ReturnType<M['forward']> {
  const { tieWeights = true, strict = false } = optionsOf<FunctionalCallOptions>(
    'functionalCall',
    ['tieWeights', 'strict'],
    undefined,
    options,
  )
  if (!isModule(module)) throw new ArgumentError(`functionalCall(): expected a Module, not ${describe(module)}`)
  expectBool('functionalCall', 'tie_weights', tieWeights)
  expectBool('functionalCall', 'strict', strict)
  const root: Module = module
  const given = merged(parametersAndBuffers)
  const all = allTensors(root)
  const values = tieWeights ? tied(all, given) : given
  if (strict) checkNames(root, all, values)
  const byModule = new Map<Module, Map<string, Tensor>>()
  const paths = new Map<Module, Map<string, string[]>>()
  for (const [path, t] of values) {
    const [m, name] = placeOf(root, path)
    const own = byModule.get(m) ?? new Map<string, Tensor>()
    byModule.set(m, own.set(name, t))
    const named = paths.get(m) ?? new Map<string, string[]>()
    paths.set(m, named.set(name, [...(named.get(name) ?? []), path]))
  }
  const restore: [Module, () => Map<string, unknown>][] = []
  try {
    for (const [m, own] of byModule) restore.push([m, swapIn(m, own)])
    const list = (args === undefined ? [] : Array.isArray(args) ? args : [args]) as unknown[]
    return (root as unknown as (...a: unknown[]) => unknown)(...list) as ReturnType<M['forward']>
  } finally {
    for (const [m, back] of restore.reverse())
      for (const [name, t] of back())
        for (const path of paths.get(m)?.get(name) ?? []) update(parametersAndBuffers, path, t)
  }
}
function update(dict: TensorsByName | readonly TensorsByName[], name: string, t: unknown): void {
  if (dict instanceof Map) {
    if (dict.has(name)) dict.set(name, t)
  } else if (!Array.isArray(dict) && Object.hasOwn(dict, name)) (dict as Record<string, unknown>)[name] = t
}
