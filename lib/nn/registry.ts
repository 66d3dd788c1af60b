/**
 * What a module has registered: the names of its parameters, buffers and children, each kind in order.
 *
 * Class fields never reach a setter, so plain assignment cannot be noted when it happens. `sync` compares a module's own
 * fields with its registry whenever something is listed, and applies PyTorch's rules of assignment then.
 */
import { ArgumentError, IndexError, ModuleError } from '../errors'
import { shown } from '../runtime/given'
import { describe } from '../check/arguments'
import { isTensor, type Tensor } from '../tensor/tensor'
import type { ModuleHooks } from './hooks'
import type { Module } from './module'
import { Buffer, Parameter } from './parameter'
import type { StateHooks } from './state-dict'

export class Registry {
  readonly parameters = new Set<string>()
  /** The value says whether the buffer belongs to the state dict. */
  readonly buffers = new Map<string, boolean>()
  /** The children as last seen; null keeps a name for one. */
  readonly modules = new Map<string, Module | null>()
  /** Values that `registerBuffer` was given: a Parameter or an nn.Buffer among them is a buffer as it was registered. */
  readonly given = new WeakSet<object>()
  /** Null as long as there are none, so that a call without hooks costs nothing. */
  hooks: ModuleHooks | null = null
  stateHooks: StateHooks | null = null
  /**
   * A list of modules or parameters refuses an entry assigned past its end. In one of modules `list[1]` is the second,
   * whatever its name (those of a slice keep theirs); so children whose names are numbers are no fields but only here.
   */
  kind: 'plain' | 'modules' | 'parameters' = 'plain'
  /** Its class was made for this module alone, by parametrization. */
  ownClass = false
}

const registries = new WeakMap<object, Registry>()
export function addRegistry(m: object): Registry {
  const r = new Registry()
  registries.set(m, r)
  return r
}
export const registryOf = (m: Module): Registry => registries.get(m) as Registry
export const isModule = (v: unknown): v is Module => typeof v === 'function' && registries.has(v)

/** @throws ArgumentError for what is no module */
export function expectModule(op: string, name: string, v: unknown): asserts v is Module {
  if (!isModule(v))
    throw new ArgumentError(`${op}(): argument '${name}' must be Module, not ${describe(v)}`, { op, argument: name })
}

type Fields = Record<string, unknown>
export const fieldsOf = (m: Module): Fields => m as unknown as Fields

/** What a value is in a message about assignment. */
function typeName(v: unknown): string {
  if (v instanceof Parameter) return 'Parameter'
  return isTensor(v) ? `${v.info.scalarType}Tensor` : isModule(v) ? v.constructor.name : describe(v)
}

function expectLeaf(name: string, p: Parameter): void {
  if (p.gradFn)
    throw new ArgumentError(
      `Cannot assign non-leaf Tensor to parameter '${name}'. Model parameters must be created explicitly. To express '${name}' as a function of another Tensor, compute the value in the forward() method.`,
      { name },
    )
}
// A field that hides a method would break the module without a word.
function expectFree(m: Module, name: string): void {
  if (name in (Object.getPrototypeOf(m) as object) || (name === 'training' && Object.hasOwn(m, name)))
    throw new ModuleError(`attribute '${name}' already exists`, { name })
}

const isNumber = (name: string): boolean => /^\d+$/.test(name)
/** A module that is no field. */
const isEntry = (r: Registry, name: string): boolean => r.kind === 'modules' && isNumber(name)
const pastTheEnd = (name: string): IndexError =>
  new IndexError(`index ${name} is out of range`, { index: Number(name) })

/** Applies the rules of assignment to one field. */
function assignField(m: Module, r: Registry, name: string, value: unknown): void {
  if (value === null || value === undefined) {
    if (r.modules.has(name)) r.modules.set(name, null)
    return
  }
  const type = typeof value
  const held = type === 'object' || type === 'function'
  if (held && value instanceof Parameter) {
    if (r.parameters.has(name) || (r.buffers.has(name) && r.given.has(value))) return
    if (r.kind === 'parameters' && isNumber(name)) throw pastTheEnd(name)
    expectFree(m, name)
    expectLeaf(name, value)
    r.buffers.delete(name)
    r.modules.delete(name)
    r.parameters.add(name)
  } else if (r.parameters.has(name)) {
    if (r.kind === 'parameters' && isTensor(value)) put(m, name, new Parameter(value))
    else
      throw new ModuleError(`cannot assign '${typeName(value)}' as parameter '${name}' (Parameter or null expected)`, {
        name,
      })
  } else if (type === 'function' && isModule(value)) {
    if (isEntry(r, name)) throw pastTheEnd(name)
    if (!r.modules.has(name)) expectFree(m, name)
    r.buffers.delete(name)
    r.modules.set(name, value)
  } else if (r.modules.has(name)) {
    throw new ModuleError(`cannot assign '${typeName(value)}' as child module '${name}' (Module or null expected)`, {
      name,
    })
  } else if (r.buffers.has(name)) {
    if (!isTensor(value))
      throw new ModuleError(
        `cannot assign '${typeName(value)}' as buffer '${name}' (Buffer, Tensor or null expected)`,
        { name },
      )
    if (value instanceof Buffer && !r.given.has(value)) noteBuffer(r, name, value, value.persistent)
  } else if (held && value instanceof Buffer) {
    expectFree(m, name)
    noteBuffer(r, name, value, value.persistent)
  }
}
function noteBuffer(r: Registry, name: string, value: Tensor | null, persistent: boolean): void {
  if (value !== null) {
    r.given.add(value)
    value.storage.kept = true
  }
  r.buffers.set(name, persistent)
}

/** Brings the registry up to date with the module's fields. @throws ModuleError where a field breaks a rule */
export function sync(m: Module): Registry {
  const r = registryOf(m)
  const fields = fieldsOf(m)
  for (const names of [r.parameters, r.buffers, r.modules] as const)
    for (const name of names.keys())
      if (fields[name] === undefined && !Object.hasOwn(m, name) && !isEntry(r, name)) names.delete(name)
  for (const name of Object.keys(m)) assignField(m, r, name, fields[name])
  // A function has these two of its own, which stay hidden when they are assigned to.
  for (const name of ['name', 'length']) {
    const own = Object.getOwnPropertyDescriptor(m, name)
    if (own === undefined || own.enumerable || !(isTensor(own.value) || isModule(own.value))) continue
    assignField(m, r, name, own.value)
    put(m, name, own.value)
  }
  return r
}

/** Sets a field that can take any value later. */
export function put(m: Module, name: string, value: unknown): void {
  Object.defineProperty(m, name, { value, writable: true, enumerable: true, configurable: true })
}

// ---- listing ------------------------------------------------------------------------------------------------------

export type Named<T> = readonly (readonly [name: string, value: T])[]

function* present<T>(m: Module, names: Iterable<string>): Generator<readonly [string, T]> {
  const fields = fieldsOf(m)
  for (const name of names) {
    const value = fields[name]
    if (value !== null && value !== undefined) yield [name, value as T]
  }
}
export const ownParameters = (m: Module): Named<Parameter> => [...present<Parameter>(m, sync(m).parameters)]
export const ownBuffers = (m: Module): Named<Tensor> => [...present<Tensor>(m, sync(m).buffers.keys())]
export const ownModules = (m: Module): Named<Module> =>
  [...sync(m).modules].filter((e): e is [string, Module] => e[1] !== null)

/** How deep the modules that are gone through now lie; and from which depth on it is asked whether there is an end. */
let depth = 0
const DEEP = 200

/** The dotted path from a module to one that holds itself, if there is any below. */
function cyclicPath(m: Module, above: Module[] = [], done: Set<Module> = new Set()): string[] | null {
  if (above.includes(m)) return []
  if (done.has(m)) return null
  above.push(m)
  for (const [name, child] of ownModules(m)) {
    const path = cyclicPath(child, above, done)
    if (path) return [name, ...path]
  }
  above.pop()
  done.add(m)
  return null
}
/** @throws ModuleError where a module below holds one that it lies in: what goes through them would never end */
export function expectNoCycle(op: string, m: Module): void {
  const path = cyclicPath(m)
  if (path)
    throw new ModuleError(`${op}(): the modules hold each other: '${path.join('.')}' is a module that this lies in`, {
      path: path.join('.'),
    })
}
/** Goes on with the modules below `m`, as `op` does. */
export function descend<R>(op: string, m: Module, go: () => R): R {
  if (++depth === DEEP) expectNoCycle(op, m)
  try {
    return go()
  } finally {
    depth--
  }
}

/** Own parameters and persistent buffers, in the order of the state dict. */
export function ownState(m: Module): Named<Tensor> {
  const r = sync(m)
  return [
    ...present<Tensor>(m, r.parameters),
    ...[...present<Tensor>(m, r.buffers.keys())].filter(([name]) => r.buffers.get(name)),
  ]
}

// ---- registration -------------------------------------------------------------------------------------------------

type Kind = 'parameter' | 'buffer' | 'module'

function checkName(kind: Kind, name: unknown): asserts name is string {
  if (typeof name !== 'string')
    throw new ArgumentError(`${kind} name should be a string. Got ${typeName(name)}`, { kind })
}
function checkDots(kind: Kind, name: string): void {
  if (name.includes('.'))
    throw new ArgumentError(`${kind} name can't contain "."${kind === 'module' ? `, got: ${name}` : ''}`, { name })
  if (name === '') throw new ArgumentError(`${kind} name can't be empty string ""`, { name })
}
function checkTaken(m: Module, name: string, own: { has(name: string): boolean }): void {
  if (isEntry(registryOf(m), name)) return
  if (!own.has(name) && name in m && fieldsOf(m)[name] !== undefined)
    throw new ModuleError(`attribute '${name}' already exists`, { name })
}

export function registerParameter(m: Module, name: unknown, param: unknown): void {
  checkName('parameter', name)
  checkDots('parameter', name)
  const r = sync(m)
  checkTaken(m, name, r.parameters)
  if (param !== null) {
    if (!(param instanceof Parameter))
      throw new ArgumentError(
        `cannot assign '${typeName(param)}' object to parameter '${name}' (Parameter or null required)`,
        { name },
      )
    expectLeaf(name, param)
  }
  r.parameters.add(name)
  put(m, name, param)
}

export function registerBuffer(m: Module, name: unknown, tensor: unknown, persistent: boolean): void {
  checkName('buffer', name)
  checkDots('buffer', name)
  const r = sync(m)
  checkTaken(m, name, r.buffers)
  if (tensor !== null && !isTensor(tensor))
    throw new ArgumentError(
      `cannot assign '${typeName(tensor)}' object to buffer '${name}' (Tensor or null required)`,
      { name },
    )
  noteBuffer(r, name, tensor, persistent)
  put(m, name, tensor)
}

export function registerModule(m: Module, name: unknown, module: unknown): void {
  if (module !== null && !isModule(module))
    throw new ArgumentError(`${typeName(module)} is not a Module subclass`, { name: shown(name) })
  checkName('module', name)
  const r = sync(m)
  checkTaken(m, name, r.modules)
  checkDots('module', name)
  setModule(m, name, module)
}
/** Puts a child under a name, in its place if there is one. */
export function setModule(m: Module, name: string, module: Module | null): void {
  const r = registryOf(m)
  r.modules.set(name, module)
  if (!isEntry(r, name)) put(m, name, module)
}
/** What `getattr` finds under a name. */
export function attributeOf(m: Module, name: string): unknown {
  const r = registryOf(m)
  return isEntry(r, name) ? r.modules.get(name) : fieldsOf(m)[name]
}
