/** Modules that hold others, and lists of parameters. */
import { ArgumentError, IndexError, ModuleError, ValueError } from '../errors'
import { shown } from '../runtime/given'
import { describe, isIterable } from '../check/arguments'
import { Slice } from '../ops/indexing/indexing'
import { isTensor, type Tensor } from '../tensor/tensor'
import { formatModuleList, formatParameters } from './format'
import { type Layer, Module } from './module'
import { Parameter } from './parameter'
import { descend, isModule, ownModules, ownParameters, registryOf, setModule, sync } from './registry'

type Forward<M> = M extends { forward: infer F } ? F : never
type Input<M> = Forward<M> extends (...args: infer A) => unknown ? A : never
type Output<M> = Forward<M> extends (...args: never[]) => infer R ? R : never
type First<T extends readonly unknown[]> = T extends readonly [infer F, ...unknown[]] ? F : T[number]
type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : T[number]

// Each module must take what the one before gives: compared pairwise by mapping, so any length is checked without
// recursion. A link that does not fit becomes an error type that names the two ends.
type Previous<T extends readonly unknown[], K> = K extends keyof T
  ? [never, ...T] extends infer S
    ? K extends keyof S
      ? S[K]
      : never
    : never
  : never
type Chain<T extends readonly Module[]> = {
  [K in keyof T]: K extends '0' | number
    ? T[K]
    : Previous<T, K> extends infer P
      ? [P] extends [never]
        ? T[K]
        : [Output<P>] extends [Input<T[K]>[0]]
          ? T[K]
          : { readonly 'this module does not take what the one before it gives': [Output<P>, Input<T[K]>[0]] }
      : never
}

/** As in Python, a text is its characters. */
const isSequence = (v: unknown): v is Iterable<unknown> => typeof v === 'string' || isIterable(v)

function normalIndex(i: unknown, n: number): number {
  if (typeof i !== 'number' || !Number.isInteger(i))
    throw new ArgumentError(`'${describe(i)}' object cannot be interpreted as an integer`, { index: i })
  if (i < -n || i >= n) throw new IndexError(`index ${i} is out of range`, { index: i, length: n })
  return i < 0 ? i + n : i
}
/** The indices a slice of `n` entries selects, as Python has it. */
function sliceIndices({ start, stop, step }: Slice, n: number): number[] {
  for (const v of [start, stop, step])
    if (v !== null && !Number.isInteger(v))
      throw new ArgumentError('slice indices must be integers or None or have an __index__ method', { index: v })
  if (step === 0) throw new ValueError('slice step cannot be zero')
  const bound = (v: number | null, fallback: number): number =>
    v === null ? fallback : Math.min(Math.max(v < 0 ? v + n : v, step < 0 ? -1 : 0), step < 0 ? n - 1 : n)
  const [from, to] = step > 0 ? [bound(start, 0), bound(stop, n)] : [bound(start, n - 1), bound(stop, -1)]
  const out: number[] = []
  for (let i = from; step > 0 ? i < to : i > to; i += step) out.push(i)
  return out
}
const sliceOf = (start?: number | null, end?: number | null, step?: number | null): Slice =>
  new Slice(start ?? null, end ?? null, step ?? 1)

/** A function has a `length` of its own; here it counts entries. A getter of `this`, so that it can be copied. */
function defineLength<T extends Module>(m: T, get: (this: T) => number): void {
  Object.defineProperty(m, 'length', { get, configurable: true, enumerable: false })
}

/** Makes the entries of lists of modules reachable as `list[0]`: numbers on the prototype stand for them. */
function numberUpTo(prototype: Indexed<Module>, count: number): void {
  for (let i = count - 1; i >= 0 && !Object.hasOwn(prototype, String(i)); i--)
    Object.defineProperty(prototype, String(i), {
      get(this: Indexed<Module>) {
        return [...registryOf(this).modules.values()][i]
      },
      set(this: Indexed<Module>, value: Module) {
        this.set(i, value)
      },
      configurable: true,
    })
}

// ---- Sequential and ModuleList ------------------------------------------------------------------------------------

/** Modules in order under the names '0', '1', …; `list[0]` is the first. */
abstract class Indexed<M extends Module> extends Module {
  constructor() {
    super()
    registryOf(this).kind = 'modules'
    defineLength(this, function (this: Indexed<Module>) {
      return this.all().length
    })
  }
  /** How many modules it holds. */
  declare readonly length: number

  protected names(): string[] {
    return [...sync(this).modules.keys()]
  }
  /** The modules in order. */
  protected all(): M[] {
    // Beside `training` and its like there may be fields that hold modules.
    return ownModules(this).map(([, m]) => m as M)
  }
  protected rename(modules: readonly M[]): void {
    const { modules: held } = registryOf(this)
    for (const name of held.keys()) if (Object.hasOwn(this, name)) delete (this as unknown as Record<string, M>)[name]
    held.clear()
    modules.forEach((m, i) => {
      setModule(this, String(i), m)
    })
    numberUpTo(Indexed.prototype, modules.length)
  }
  override addModule(name: string, module: Module | null): void {
    super.addModule(name, module)
    numberUpTo(Indexed.prototype, registryOf(this).modules.size)
  }
  protected get(index: number): M {
    const list = this.all()
    return list[normalIndex(index, list.length)] as M
  }
  *[Symbol.iterator](): IterableIterator<M> {
    yield* this.all()
  }
  /** Puts a module in the place of the one at `index`; negative ones count from the end. @throws IndexError past the ends */
  set(index: number, module: M): this {
    const names = this.names()
    const name = names[normalIndex(index, names.length)] as string
    if (module !== null && !isModule(module))
      throw new ModuleError(`cannot assign '${describe(module)}' as child module '${name}' (Module or null expected)`, {
        name,
      })
    setModule(this, name, module)
    return this
  }
  /** Takes the module at `index`, or those of a slice, out; the rest is numbered anew. @throws IndexError past the ends */
  delete(index: number | Slice): void {
    const list = this.all()
    const gone = new Set(index instanceof Slice ? sliceIndices(index, list.length) : [normalIndex(index, list.length)])
    this.rename(list.filter((_, i) => !gone.has(i)))
  }
  /** Adds a module at the end. */
  append(module: M): this {
    this.addModule(String(this.length), module)
    return this
  }
  /** Puts a module before the one at `index`. @throws IndexError past the ends */
  insert(index: number, module: M): this {
    if (!isModule(module)) throw new ArgumentError('module should be of type: Module')
    const list = this.all()
    if (!Number.isInteger(index) || index < -list.length || index > list.length)
      throw new IndexError(`Index out of range: ${shown(index)}`, { index, length: list.length })
    list.splice(index, 0, module)
    this.rename(list)
    return this
  }
  protected addAll(op: string, modules: Iterable<M>): this {
    if (!isSequence(modules))
      throw new ArgumentError(`${op} should be called with an iterable, but got ${describe(modules)}`)
    for (const m of [...modules]) this.append(m)
    return this
  }
}

class SequentialBase<T extends readonly Module[] = Layer[]> extends Indexed<Module> {
  /** @param modules run in this order; each must take what the one before gives */
  constructor(...modules: T extends readonly Module[] ? Chain<T> & T : never) {
    super()
    const given = modules as unknown as readonly unknown[]
    const first = given[0]
    const named =
      given.length === 1 && typeof first === 'object' && first !== null && !isTensor(first)
        ? first instanceof Map
          ? [...(first as Map<string, Module>)]
          : isSequence(first)
            ? null
            : Object.entries(first as Record<string, Module>)
        : null
    for (const [name, m] of named ?? given.map((m, i) => [String(i), m] as const)) this.addModule(name, m as Module)
  }
  override forward(
    ...args: T extends readonly [] ? [x: Tensor] : Input<First<T>>
  ): T extends readonly [] ? Tensor : Output<Last<T>> {
    let given: unknown[] = args as unknown[]
    for (const m of this.running()) given = [(m as unknown as (...a: unknown[]) => unknown)(...given)]
    return given[0] as never
  }
  /** As `all`, without a look at the fields where there can be none with a module. */
  private running(): Iterable<Module | null> {
    return Object.keys(this).length > 1 ? this.all() : registryOf(this).modules.values()
  }
  /** The module at an index, negative ones counting from the end, or a Sequential of a slice. @throws IndexError past the ends */
  at(index: Slice): Sequential<T[number][]>
  at<I extends number>(index: I): `${I}` extends keyof T ? T[`${I}` & keyof T] & Module : T[number]
  at(index: number | Slice): unknown {
    return index instanceof Slice ? this.slice(index.start, index.stop, index.step) : this.get(index)
  }
  /** A Sequential of some of the modules, which keep their names. */
  slice(start?: number | null, end?: number | null, step?: number | null): Sequential<T[number][]> {
    const list = ownModules(this)
    return named(sliceIndices(sliceOf(start, end, step), list.length).map((i) => list[i] as [string, Module])) as never
  }
  /** Takes the module at an index (default the last) or those of a slice out, and gives them. */
  pop(index: Slice): Sequential<T[number][]>
  pop(index?: number): T[number]
  pop(index: number | Slice = -1): unknown {
    const taken = index instanceof Slice ? this.at(index) : this.get(index)
    this.delete(index)
    return taken
  }
  /** Adds modules at the end. */
  extend(modules: Iterable<Module>): this {
    return this.addAll('Sequential.extend', modules)
  }
  private other(given: unknown): Module[] {
    if (!(given instanceof SequentialBase))
      throw new ValueError(`add operator supports only objects of Sequential class, but ${describe(given)} is given.`)
    return [...given]
  }
  /** A Sequential of these modules, then those of another. */
  add<U extends readonly Module[]>(other: Sequential<U>): Sequential<(T[number] | U[number])[]> {
    const more = this.other(other)
    return sequence([...this.all(), ...more]) as never
  }
  /** Adds the modules of another Sequential at the end. */
  add_(other: Sequential): this {
    for (const m of this.other(other)) this.append(m)
    return this
  }
  private times(n: number): Module[] {
    if (typeof n !== 'number' || !Number.isInteger(n))
      throw new ArgumentError(`unsupported operand type(s) for *: ${this.constructor.name} and ${describe(n)}`)
    if (n <= 0) throw new ValueError(`Non-positive multiplication factor ${n} for ${this.constructor.name}`)
    const list = this.all()
    return Array.from({ length: n }, () => list).flat()
  }
  /** A Sequential that runs these modules `n` times over; they are shared. */
  mul(n: number): Sequential<T[number][]> {
    return sequence(this.times(n)) as never
  }
  /** Repeats its modules so that they run `n` times over; they are shared. */
  mul_(n: number): this {
    const { length } = this
    for (const m of this.times(n).slice(length)) this.append(m)
    return this
  }
}
// The tuple's own entries are properties, so that an index past its end is a compile error. Of a list nobody knows its length:
// its entries may be there or not, so that a tuple is assignable to it, which to an index signature it would not be.
type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
type Entries<T extends readonly Module[]> = number extends T['length']
  ? { [K in Digit | `${Exclude<Digit, 0>}${Digit}`]?: T[number] }
  : { [K in Extract<keyof T, `${number}`>]: T[K] }
/** A Sequential of modules of these types; by itself, of any number of layers that make one tensor of one. */
export type Sequential<T extends readonly Module[] = Layer[]> = SequentialBase<T> & Entries<T>
/** A Sequential of modules under names of one's own, which are its fields. */
export type NamedSequential<R extends Readonly<Record<string, Module>>> = Sequential<R[keyof R][]> & R
interface SequentialConstructor {
  /** Modules under names of one's own, in order: `new nn.Sequential({ conv: …, relu: … })`. */
  // (Of two type parameters, so that a class that extends `nn.Sequential` or `nn.Sequential<T>` means one of the other two.)
  new <R extends Readonly<Record<K, Module>>, K extends string>(
    modules: R extends Module ? never : R,
  ): NamedSequential<R>
  new <T extends readonly Module[] = Layer[]>(
    modules: ReadonlyMap<string, Module> | Readonly<Record<string, Module>>,
  ): Sequential<T>
  new <T extends readonly Module[] = Layer[]>(...modules: T & Chain<T>): Sequential<T>
  readonly prototype: SequentialBase<Module[]>
}
/** Runs modules one after the other; `net[2]` is the third, with its own type. */
export const Sequential = SequentialBase as unknown as SequentialConstructor
Object.defineProperty(SequentialBase, 'name', { value: 'Sequential' })

// (Named in the declarations of those who export one.)
export type { SequentialBase }

const named = (modules: readonly (readonly [string, Module])[]): Sequential => new Sequential(new Map(modules))
const sequence = (modules: readonly Module[]): Sequential => named(modules.map((m, i) => [String(i), m]))

/** A list of modules that registers them and runs nothing. */
export class ModuleList<M extends Module = Module> extends Indexed<M> {
  [index: number]: M
  constructor(modules: Iterable<M> = []) {
    super()
    this.extend(modules)
  }
  /** The module at an index, negative ones counting from the end, or a ModuleList of a slice. @throws IndexError past the ends */
  at(index: Slice): ModuleList<M>
  at(index: number): M
  at(index: number | Slice): M | ModuleList<M> {
    return index instanceof Slice ? this.slice(index.start, index.stop, index.step) : this.get(index)
  }
  /** A ModuleList of some of the modules, numbered anew. */
  slice(start?: number | null, end?: number | null, step?: number | null): ModuleList<M> {
    const list = this.all()
    return new ModuleList(sliceIndices(sliceOf(start, end, step), list.length).map((i) => list[i] as M))
  }
  /** Takes the module at an index (default the last) or those of a slice out, and gives them. */
  pop(index: Slice): ModuleList<M>
  pop(index?: number): M
  pop(index: number | Slice = -1): M | ModuleList<M> {
    const taken = index instanceof Slice ? this.at(index) : this.get(index)
    this.delete(index)
    return taken
  }
  /** Adds modules at the end. */
  extend(modules: Iterable<M>): this {
    return this.addAll('ModuleList.extend', modules)
  }
  /** A ModuleList of these modules, then others. */
  add<N extends Module>(modules: Iterable<N>): ModuleList<M | N> {
    return new ModuleList<M | N>(this.all()).extend(modules)
  }
  override toString(): string {
    return formatModuleList(
      this.constructor.name,
      descend('toString', this, () => this.all().map((m) => m.toString())),
    )
  }
}

/** Pairs of keys and values, as `update` of the dicts takes them; a plain object's keys are sorted where PyTorch does so. */
function pairsOf<V>(op: string, name: string, given: unknown, sorted: boolean): readonly (readonly [string, V])[] {
  if (given === null || (typeof given !== 'object' && typeof given !== 'function') || isTensor(given))
    throw new ArgumentError(
      `${name}.update should be called with an iterable of key/value pairs, but got ${describe(given)}`,
    )
  if (!isSequence(given)) {
    const entries = Object.entries(given as Record<string, V>)
    return sorted ? entries.sort(([a], [b]) => (a < b ? -1 : 1)) : entries
  }
  return [...given].map((pair, j) => {
    if (!isSequence(pair))
      throw new ArgumentError(`${op} update sequence element #${j} should be Iterable; is${describe(pair)}`)
    const list = [...pair]
    if (list.length !== 2)
      throw new ValueError(`${op} update sequence element #${j} has length ${list.length}; 2 is required`)
    return list as unknown as readonly [string, V]
  })
}

/** Modules by name, in order of registration. */
export class ModuleDict<M extends Module = Module> extends Module {
  constructor(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = {}) {
    super()
    this.update(modules)
  }
  /** The module of a name. @throws IndexError where there is none */
  get(name: string): M {
    const m = sync(this).modules.get(name)
    if (!m) throw new IndexError(`ModuleDict has no module '${name}'`, { name })
    return m as M
  }
  has(name: string): boolean {
    return sync(this).modules.has(name)
  }
  set(name: string, module: M): this {
    this.addModule(name, module)
    return this
  }
  /** @returns whether it was there */
  delete(name: string): boolean {
    return this.has(name) && delete (this as unknown as Record<string, unknown>)[name] && !this.has(name)
  }
  /** Takes the module of a name out and gives it. @throws IndexError where there is none */
  pop(name: string): M {
    const m = this.get(name)
    this.delete(name)
    return m
  }
  clear(): void {
    for (const name of this.keys()) this.delete(name)
  }
  /** Adds modules by name, or puts them in the place of those of the same name. */
  update(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]>): void {
    for (const [name, m] of pairsOf<M>('ModuleDict', 'ModuleDict', modules, false)) this.set(name, m)
  }
  keys(): string[] {
    return [...sync(this).modules.keys()]
  }
  values(): M[] {
    return this.entries().map(([, m]) => m)
  }
  entries(): [string, M][] {
    return [...sync(this).modules] as [string, M][]
  }
  get size(): number {
    return sync(this).modules.size
  }
  [Symbol.iterator](): IterableIterator<[string, M]> {
    return this.entries()[Symbol.iterator]()
  }
}

// ---- parameters ---------------------------------------------------------------------------------------------------

function asParameter(op: string, value: unknown): Parameter {
  if (!isTensor(value)) throw new ArgumentError(`${op}(): expected a Parameter or Tensor, got ${describe(value)}`)
  return value instanceof Parameter ? value : new Parameter(value)
}
/**
 * A list of parameters that registers them; plain tensors become parameters. PyTorch's also holds anything else; here each
 * entry is typed as a parameter, and something else is an ArgumentError: keep it in a field of the module.
 */
export class ParameterList extends Module {
  [index: number]: Parameter
  declare readonly length: number

  constructor(parameters: Iterable<Tensor> = []) {
    super()
    registryOf(this).kind = 'parameters'
    defineLength(this, function (this: ParameterList) {
      return sync(this).parameters.size
    })
    this.extend(parameters)
  }
  /** The parameter at an index, negative ones counting from the end, or a ParameterList of a slice. @throws IndexError past the ends */
  at(index: Slice): ParameterList
  at(index: number): Parameter
  at(index: number | Slice): Parameter | ParameterList {
    return index instanceof Slice
      ? this.slice(index.start, index.stop, index.step)
      : (this[normalIndex(index, this.length)] as Parameter)
  }
  /** Puts a parameter in the place of the one at `index`. @throws IndexError past the ends */
  set(index: number, value: Tensor): this {
    this[normalIndex(index, this.length)] = asParameter('ParameterList.set', value)
    return this
  }
  /** A ParameterList of some of the parameters. */
  slice(start?: number | null, end?: number | null, step?: number | null): ParameterList {
    return new ParameterList(sliceIndices(sliceOf(start, end, step), this.length).map((i) => this[i] as Parameter))
  }
  append(value: Tensor): this {
    this.registerParameter(String(this.length), asParameter('ParameterList.append', value))
    return this
  }
  extend(values: Iterable<Tensor>): this {
    if (!isSequence(values) || isTensor(values))
      throw new ArgumentError(`ParameterList.extend should be called with an iterable, but got ${describe(values)}`)
    for (const v of [...(values as Iterable<Tensor>)]) this.append(v)
    return this
  }
  *[Symbol.iterator](): IterableIterator<Parameter> {
    for (const [, p] of ownParameters(this)) yield p
  }
  override forward(): never {
    throw new ModuleError('ParameterList should not be called.')
  }
  override extraRepr(): string {
    return formatParameters([...this].map((p, i) => [i, p.dtype, p.shape] as const))
  }
}

/**
 * Parameters by name; plain tensors become parameters. A plain object's are taken in the order of their sorted names.
 * As in `ParameterList`, there is nothing but tensors in it.
 */
export class ParameterDict extends Module {
  constructor(parameters: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]> = {}) {
    super()
    this.update(parameters)
  }
  /** The parameter of a name, or `fallback` (default null). */
  get(name: string): Parameter | null
  get<T>(name: string, fallback: T): Parameter | T
  get(name: string, fallback: unknown = null): unknown {
    return this.has(name) ? (this as unknown as Record<string, Parameter>)[name] : fallback
  }
  set(name: string, value: Tensor): this {
    if (typeof name !== 'string')
      throw new ArgumentError(
        `Index given to ParameterDict cannot be used as a key as it is not a string (type is '${describe(name)}'). Open an issue on github if you need non-string keys.`,
      )
    this.registerParameter(name, asParameter('ParameterDict.set', value))
    return this
  }
  has(name: string): boolean {
    return sync(this).parameters.has(name)
  }
  /** @returns whether it was there */
  delete(name: string): boolean {
    return this.has(name) && delete (this as unknown as Record<string, unknown>)[name] && !this.has(name)
  }
  /** Takes the parameter of a name out and gives it. @throws IndexError where there is none */
  pop(name: string): Parameter {
    const p = this.get(name)
    if (p === null) throw new IndexError(`ParameterDict has no parameter '${name}'`, { name })
    this.delete(name)
    return p
  }
  /** Takes the last parameter out and gives it with its name. @throws IndexError where there is none */
  popitem(): [string, Parameter] {
    const name = this.keys().at(-1)
    if (name === undefined) throw new IndexError('popitem(): dictionary is empty')
    return [name, this.pop(name)]
  }
  /** The parameter of a name, which is set to `value` if there is none. */
  setdefault(name: string, value: Tensor): Parameter {
    if (!this.has(name)) this.set(name, value)
    return this.get(name) as Parameter
  }
  /** A ParameterDict of the same parameters. */
  copy(): ParameterDict {
    return new ParameterDict(this.entries())
  }
  clear(): void {
    for (const name of this.keys()) this.delete(name)
  }
  update(parameters: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]>): void {
    for (const [name, p] of pairsOf<Tensor>('ParameterDict', 'ParametersDict', parameters, true)) this.set(name, p)
  }
  keys(): string[] {
    return [...sync(this).parameters]
  }
  values(): Parameter[] {
    return this.entries().map(([, p]) => p)
  }
  entries(): [string, Parameter][] {
    return this.keys().map((name) => [name, (this as unknown as Record<string, Parameter>)[name] as Parameter])
  }
  get size(): number {
    return this.keys().length
  }
  [Symbol.iterator](): IterableIterator<[string, Parameter]> {
    return this.entries()[Symbol.iterator]()
  }
  override forward(): never {
    throw new ModuleError('ParameterDict should not be called.')
  }
  override extraRepr(): string {
    return formatParameters(this.entries().map(([name, p]) => [name, `${p.info.scalarType}Tensor`, p.shape] as const))
  }
}
