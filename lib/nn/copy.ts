/** Values again, with all that they hold, as Python's `copy.deepcopy` makes them. */
import { noGrad } from '../autograd/mode'
import { ArgumentError, AutogradError } from '../errors'
import { Generator } from '../ops/random/generator'
import { DTYPES, type DTypeInfo } from '../runtime/dtype'
import type { Storage } from '../runtime/storage'
import { isTensor, Tensor } from '../tensor/tensor'
import type { ModuleHooks } from './hooks'
import { Module } from './module'
import { Buffer, Parameter } from './parameter'
import { fieldsOf, isModule, type Registry, registryOf, sync } from './registry'
import { StateHooks } from './state-dict'
import { isLazy, UninitializedBuffer, UninitializedParameter } from './uninitialized'

/**
 * Copies a value and all that it holds: modules with their parameters, buffers, hooks and modes, tensors, optimizers and schedulers,
 * generators, arrays, Maps, Sets, typed arrays, objects of any class. What is held twice is held twice by the copy; so
 * `deepCopy([net, optimizer])` gives an optimizer of the copied net.
 *
 * As in PyTorch, a tensor's `grad` comes along but that of an `nn.Parameter` does not; tensors that share memory share it in the
 * copy, parameters excepted. Functions are shared, hooks among them, and so is what JavaScript cannot look into (promises, WeakMaps).
 * @throws AutogradError for a tensor that was computed
 * @throws ArgumentError for an object of a class with `#private` fields, which belong to the object that its constructor made
 */
export function deepCopy<T>(value: T): T {
  return new Copying().copy(value) as T
}

/** Rows that are known by identity. */
const SHARED: ReadonlySet<unknown> = new Set<DTypeInfo>(Object.values(DTYPES))
type Class = new (...args: never[]) => object
const classOf = (value: object): Class => value.constructor as Class

/** One copy under way: what was met before is not copied again. */
class Copying {
  private readonly done = new Map<object, unknown>()

  copy(value: unknown): unknown {
    if (value === null || (typeof value !== 'object' && !isModule(value)) || SHARED.has(value)) return value
    if (this.done.has(value)) return this.done.get(value)
    if (isModule(value)) return this.module(value)
    if (isTensor(value)) return this.tensor(value)
    if (value instanceof Generator) return this.noted(value, value.cloneState())
    if (Array.isArray(value)) return this.fields(value, this.noted(value, this.again(value, Array)))
    if (value instanceof Map) return this.map(value)
    if (value instanceof Set) return this.set(value)
    if (value instanceof ArrayBuffer) return this.noted(value, value.slice(0))
    if (ArrayBuffer.isView(value)) return this.view(value)
    if (value instanceof Date) return this.noted(value, new Date(value))
    if (isOpaque(value)) return value
    expectNoPrivateFields(value, Object)
    return this.fields(value, this.noted(value, Object.create(prototypeOf(value)) as object))
  }

  private noted<T>(of: object, copy: T): T {
    this.done.set(of, copy)
    return copy
  }
  /** An empty one of the same class, whose own constructor does not run. */
  private again<T extends object>(value: T, base: new () => unknown): T {
    expectNoPrivateFields(value, base)
    return Reflect.construct(base, [], classOf(value)) as T
  }
  /** Gives a copy the own properties that it has not. */
  private fields<T extends object>(from: T, to: T): T {
    for (const key of Reflect.ownKeys(from)) {
      const d = Object.getOwnPropertyDescriptor(from, key) as PropertyDescriptor
      const own = Object.getOwnPropertyDescriptor(to, key)
      if (own !== undefined && !own.writable) continue
      if ('value' in d) d.value = this.copy(d.value)
      Object.defineProperty(to, key, d)
    }
    return to
  }
  private map(value: Map<unknown, unknown>): Map<unknown, unknown> {
    const map = this.noted(value, this.again(value, Map))
    for (const [k, v] of Map.prototype.entries.call(value)) Map.prototype.set.call(map, this.copy(k), this.copy(v))
    return this.fields(value, map)
  }
  private set(value: Set<unknown>): Set<unknown> {
    const set = this.noted(value, this.again(value, Set))
    for (const v of Set.prototype.values.call(value)) Set.prototype.add.call(set, this.copy(v))
    return this.fields(value, set)
  }
  private view(value: ArrayBufferView): ArrayBufferView {
    const kinds = globalThis as unknown as Record<
      string,
      new (
        buffer: unknown,
        offset: number,
        length: number,
      ) => object
    >
    const [kind, length] =
      value instanceof DataView
        ? ['DataView', value.byteLength]
        : [Object.prototype.toString.call(value).slice(8, -1), (value as Uint8Array).length]
    const copy = new kinds[kind]!(this.copy(value.buffer), value.byteOffset, length)
    return this.noted(value, Object.setPrototypeOf(copy, prototypeOf(value)) as ArrayBufferView)
  }

  // ---- tensors ----------------------------------------------------------------------------------------------------

  private tensor(t: Tensor): Tensor {
    if (t.gradFn)
      throw new AutogradError(
        'Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001',
      )
    const copy = this.noted(t, isLazy(t) ? shapeless(t) : this.values(t))
    if (!(t instanceof Parameter)) copy.gradient = this.copy(t.gradient) as Tensor | null
    return this.fields(t, copy)
  }
  /** A tensor of the same values, class and geometry. */
  private values(t: Tensor): Tensor {
    expectNoPrivateFields(t, t instanceof Parameter ? Parameter : t instanceof Buffer ? Buffer : Tensor)
    const construct = (base: Class, ...args: unknown[]): Tensor => Reflect.construct(base, args, classOf(t)) as Tensor
    if (t instanceof Parameter)
      return construct(
        Parameter,
        noGrad(() => t.detach().clone()),
        t.requiresGrad,
      )
    const geometry = [this.storage(t.storage), t.offset, t.sizes, t.strides, t.info, t.count, t.rowMajor] as const
    const copy =
      t instanceof Buffer
        ? construct(Buffer, new Tensor(...geometry), { persistent: t.persistent })
        : construct(Tensor, ...geometry)
    copy.needsGrad = t.requiresGrad
    return copy
  }
  private storage(storage: Storage): Storage {
    const known = this.done.get(storage) as Storage | undefined
    if (known !== undefined) return known
    const { byteLength } = storage
    const bytes = new Tensor(storage, 0, [byteLength], [1], DTYPES.uint8, byteLength, true)
    const copy = this.noted(storage, noGrad(() => bytes.clone()).storage)
    copy.kept = storage.kept
    return copy
  }

  // ---- modules ----------------------------------------------------------------------------------------------------

  private module(m: Module): Module {
    expectNoPrivateFields(m, Module)
    const from = sync(m)
    // The base's constructor alone, for the class of `m`: what the class's own one did is copied.
    const own = from.ownClass ? classAgain(m) : classOf(m)
    const copy = this.noted(m, Reflect.construct(Module, [], own) as Module)
    const to = registryOf(copy)
    for (const name of from.parameters) to.parameters.add(name)
    for (const [name, persistent] of from.buffers) to.buffers.set(name, persistent)
    for (const [name, child] of from.modules) to.modules.set(name, this.copy(child) as Module | null)
    to.kind = from.kind
    to.ownClass = from.ownClass
    this.hooks(from, to)
    this.fields(m, copy)
    for (const [name, value] of Object.entries(fieldsOf(copy)))
      if (isTensor(value) && to.buffers.has(name)) {
        to.given.add(value)
        value.storage.kept = true
      }
    return copy
  }
  private hooks(from: Registry, to: Registry): void {
    const again = <H extends object>(lists: H): H =>
      Object.fromEntries(Object.entries(lists).map(([kind, list]) => [kind, this.copy(list)])) as H
    if (from.hooks) to.hooks = again<ModuleHooks>(from.hooks)
    if (from.stateHooks) to.stateHooks = Object.assign(new StateHooks(), again(from.stateHooks))
  }
}

function shapeless(t: UninitializedParameter | UninitializedBuffer): Tensor {
  const own = t instanceof UninitializedParameter ? UninitializedParameter : UninitializedBuffer
  return new own({ requiresGrad: t.requiresGrad, dtype: t.dtype })
}

/** A class that was made for one module, again. */
function classAgain(m: Module): Class {
  const prototype = prototypeOf(m) as object
  const base = Object.getPrototypeOf(classOf(m)) as typeof Module
  const { name } = classOf(m)
  const own = { [name]: class extends base {} }[name] as typeof Module
  const { constructor: _, ...properties } = Object.getOwnPropertyDescriptors(prototype)
  Object.defineProperties(own.prototype, properties)
  return own
}

/** Whether it is an object of the language whose content nothing tells, such as a promise. */
function isOpaque(value: object): boolean {
  let root = value
  for (let p = prototypeOf(value); p !== null && prototypeOf(p) !== null; p = prototypeOf(p)) root = p
  return (
    root !== value && Object.hasOwn(root, 'constructor') && sourceOf(root.constructor).endsWith('{ [native code] }')
  )
}
const prototypeOf = (v: object): object | null => Object.getPrototypeOf(v) as object | null

// (By no global called Function: the bundler would give the class of that name in autograd another one.)
const sourceOf = (f: unknown): string => isModule.toString.call(f)
const TEXTS = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g
const privateFields = new WeakMap<object, readonly string[]>()
/** The `#private` fields that a class's own code uses of its objects: nothing but its text tells. */
function privateFieldsOf(c: object): readonly string[] {
  let names = privateFields.get(c)
  if (names === undefined) {
    const source = sourceOf(c).replace(TEXTS, '')
    const ofClass = new Set(Array.from(source.matchAll(/\bstatic\s[^#;={}]*(#[\w$]+)/g), ([, name]) => name))
    const used = Array.from(source.matchAll(/\bthis\s*\.\s*(#[\w$]+)/g), ([, name]) => name as string)
    names = [...new Set(used.filter((name) => !ofClass.has(name)))]
    privateFields.set(c, names)
  }
  return names
}
/** @param base the class whose constructor runs for the copy @throws ArgumentError */
function expectNoPrivateFields(value: object, base: unknown): void {
  for (let p = prototypeOf(value); p !== null && p.constructor !== base; p = prototypeOf(p)) {
    const names = privateFieldsOf(p.constructor)
    if (names.length > 0)
      throw new ArgumentError(
        `deepCopy(): ${p.constructor.name} has private fields (${names.join(', ')}), which belong to the object that its constructor made and cannot be copied; fields declared \`private\` without # can`,
        { class: p.constructor.name, fields: [...names] },
      )
  }
}
