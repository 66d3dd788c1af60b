/** Modules that hold others, and lists of parameters. */
import { ArgumentError, IndexError } from '../errors'
import { describe } from '../ops/core'
import { isTensor, type Tensor } from '../tensor/tensor'
import { formatModuleList, formatParameters } from './format'
import { Module } from './module'
import { Parameter } from './parameter'

type Forward<M> = M extends { forward: infer F } ? F : never
type Input<M> = Forward<M> extends (...args: infer A) => unknown ? A : never
type Output<M> = Forward<M> extends (...args: never[]) => infer R ? R : never
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

/** The entries of what can be walked. */
function listOf<T>(op: string, v: Iterable<T>): T[] {
  if (typeof (v as Iterable<T> | null | undefined)?.[Symbol.iterator] !== 'function')
    throw new ArgumentError(`${op}(): expected an iterable, not ${describe(v)}`)
  return [...v]
}
const normalIndex = (i: number, n: number): number => {
  if (!Number.isInteger(i)) throw new ArgumentError(`an index must be an integer, not ${String(i)}`)
  if (i < -n || i >= n) throw new IndexError(`index ${i} is out of range`, { index: i, length: n })
  return i < 0 ? i + n : i
}

/** Modules under the names '0', '1', …, so that `list[0]` is an own property and registers by itself. */
abstract class Indexed<M extends Module> extends Module {
  constructor(modules: readonly M[]) {
    super()
    Object.defineProperty(this, 'length', { get: () => this.count(), configurable: true, enumerable: false })
    modules.forEach((m, i) => {
      if (!(m instanceof Module)) throw new ArgumentError(`${describe(m)} is not a Module subclass`, { position: i })
      this.addModule(String(i), m)
    })
  }
  /** How many modules it holds. */
  declare readonly length: number
  private count(): number {
    let n = 0
    while (Object.hasOwn(this, String(n))) n++
    return n
  }
  private entry(i: number): M {
    return (this as unknown as Record<string, M>)[String(i)] as M
  }
  /** The module at an index; negative ones count from the end. */
  protected get(index: number): M {
    return this.entry(normalIndex(index, this.length))
  }
  protected replaceAll(modules: readonly M[]): void {
    const n = this.length
    for (let i = 0; i < n; i++) delete (this as unknown as Record<string, unknown>)[String(i)]
    modules.forEach((m, i) => {
      this.addModule(String(i), m)
    })
  }
  protected all(): M[] {
    return Array.from({ length: this.length }, (_, i) => this.entry(i))
  }
  *[Symbol.iterator](): IterableIterator<M> {
    yield* this.all()
  }
  /** Adds a module at the end. */
  append(module: M): this {
    this.addModule(String(this.length), module)
    return this
  }
  /** Puts a module before the one at `index`. */
  insert(index: number, module: M): this {
    const list = this.all()
    if (!Number.isInteger(index) || index < -list.length || index > list.length)
      throw new IndexError(`Index out of range: ${index}`, { index, length: list.length })
    list.splice(index, 0, module)
    this.replaceAll(list)
    return this
  }
  /** Adds modules at the end. */
  extend(modules: Iterable<M>): this {
    for (const m of modules) this.append(m)
    return this
  }
  /** Takes the module at `index` (default the last) out. */
  pop(index = -1): M {
    const list = this.all()
    const [taken] = list.splice(normalIndex(index, list.length), 1)
    this.replaceAll(list)
    return taken as M
  }
}

class SequentialBase<T extends readonly Module[] = Module[]> extends Indexed<Module> {
  /** @param modules run in this order; each must take what the one before gives */
  constructor(...modules: T extends readonly Module[] ? Chain<T> & T : never) {
    super(modules as unknown as readonly Module[])
  }
  override forward(
    ...args: T extends readonly [infer F, ...unknown[]] ? Input<F> : [x: Tensor]
  ): T extends readonly [] ? Tensor : Output<Last<T>> {
    let out: unknown
    let first = true
    const n = this.length
    for (let i = 0; i < n; i++) {
      const m = (this as unknown as Record<string, (...a: unknown[]) => unknown>)[String(i)] as (
        ...a: unknown[]
      ) => unknown
      out = first ? m(...(args as unknown[])) : m(out)
      first = false
    }
    return (first ? (args as unknown[])[0] : out) as never
  }
  /** The module at an index; negative ones count from the end. @throws IndexError past the ends */
  at<I extends number>(index: I): `${I}` extends keyof T ? T[`${I}` & keyof T] & Module : T[number] {
    return this.get(index) as never
  }
  /** A Sequential of some of the modules. */
  slice(start?: number, end?: number): Sequential<T[number][]> {
    return new Sequential(...(this.all().slice(start, end) as never)) as unknown as Sequential<T[number][]>
  }
}
// The tuple's own entries are properties, so that an index past its end is a compile error.
type Entries<T extends readonly Module[]> = number extends T['length']
  ? { readonly [i: number]: T[number] }
  : { readonly [K in Extract<keyof T, `${number}`>]: T[K] }
export type Sequential<T extends readonly Module[] = Module[]> = SequentialBase<T> & Entries<T>
interface SequentialConstructor {
  new <T extends readonly Module[]>(...modules: T & Chain<T>): Sequential<T>
  readonly prototype: SequentialBase
}
/** Runs modules one after the other; `net[2]` is the third, with its own type. */
export const Sequential = SequentialBase as unknown as SequentialConstructor
Object.defineProperty(SequentialBase, 'name', { value: 'Sequential' })

/** A list of modules that registers them and runs nothing. */
export class ModuleList<M extends Module = Module> extends Indexed<M> {
  readonly [index: number]: M
  constructor(modules: Iterable<M> = []) {
    super(listOf('ModuleList', modules))
  }
  at(index: number): M {
    return this.get(index)
  }
  slice(start?: number, end?: number): ModuleList<M> {
    return new ModuleList(this.all().slice(start, end))
  }
  override toString(): string {
    return formatModuleList(
      this.constructor.name,
      this.all().map((m) => m.toString()),
    )
  }
}

/** Modules by name. */
export class ModuleDict<M extends Module = Module> extends Module {
  constructor(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]> = {}) {
    super()
    this.update(modules)
  }
  private list(): [string, M][] {
    return Object.entries(this).filter((e): e is [string, M] => e[1] instanceof Module)
  }
  get(name: string): M {
    const m = (this as unknown as Record<string, unknown>)[name]
    if (!(m instanceof Module)) throw new IndexError(`ModuleDict has no module '${name}'`, { name })
    return m as M
  }
  has(name: string): boolean {
    return this.list().some(([k]) => k === name)
  }
  set(name: string, module: M): this {
    this.addModule(name, module)
    return this
  }
  delete(name: string): boolean {
    return this.has(name) && delete (this as unknown as Record<string, unknown>)[name]
  }
  pop(name: string): M {
    const m = this.get(name)
    this.delete(name)
    return m
  }
  clear(): void {
    for (const [k] of this.list()) this.delete(k)
  }
  update(modules: Readonly<Record<string, M>> | Iterable<readonly [string, M]>): void {
    const entries = Symbol.iterator in modules ? (modules as Iterable<readonly [string, M]>) : Object.entries(modules)
    for (const [k, m] of entries) this.addModule(k, m)
  }
  keys(): string[] {
    return this.list().map(([k]) => k)
  }
  values(): M[] {
    return this.list().map(([, m]) => m)
  }
  entries(): [string, M][] {
    return this.list()
  }
  get size(): number {
    return this.list().length
  }
  [Symbol.iterator](): IterableIterator<[string, M]> {
    return this.list()[Symbol.iterator]()
  }
}

/** A list of parameters that registers them; plain tensors become parameters. */
export class ParameterList extends Module {
  readonly [index: number]: Parameter
  declare readonly length: number
  constructor(parameters: Iterable<Tensor> = []) {
    super()
    Object.defineProperty(this, 'length', { get: () => this.all().length, configurable: true, enumerable: false })
    this.extend(listOf('ParameterList', parameters))
  }
  private all(): Parameter[] {
    return [...this.parameters({ recurse: false })]
  }
  at(index: number): Parameter {
    const n = this.length
    return (this as unknown as Record<string, Parameter>)[String(normalIndex(index, n))] as Parameter
  }
  append(value: Tensor): this {
    if (!isTensor(value))
      throw new ArgumentError(`ParameterList.append(): expected a Parameter or Tensor, got ${describe(value)}`)
    let n = 0
    while (Object.hasOwn(this, String(n))) n++
    this.registerParameter(String(n), value instanceof Parameter ? value : new Parameter(value))
    return this
  }
  extend(values: Iterable<Tensor>): this {
    for (const v of values) this.append(v)
    return this
  }
  *[Symbol.iterator](): IterableIterator<Parameter> {
    for (let i = 0; Object.hasOwn(this, String(i)); i++)
      yield (this as unknown as Record<string, Parameter>)[String(i)] as Parameter
  }
  override extraRepr(): string {
    return formatParameters([...this].map((p, i) => [i, p.dtype, p.sizes]))
  }
}

/** Parameters by name; plain tensors become parameters. */
export class ParameterDict extends Module {
  constructor(parameters: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]> = {}) {
    super()
    this.update(parameters)
  }
  get(name: string): Parameter {
    const p = (this as unknown as Record<string, unknown>)[name]
    if (!(p instanceof Parameter)) throw new IndexError(`ParameterDict has no parameter '${name}'`, { name })
    return p
  }
  set(name: string, value: Tensor): this {
    if (!isTensor(value))
      throw new ArgumentError(`ParameterDict.set(): expected a Parameter or Tensor, got ${describe(value)}`)
    this.registerParameter(name, value instanceof Parameter ? value : new Parameter(value))
    return this
  }
  has(name: string): boolean {
    return (this as unknown as Record<string, unknown>)[name] instanceof Parameter
  }
  delete(name: string): boolean {
    return this.has(name) && delete (this as unknown as Record<string, unknown>)[name]
  }
  update(parameters: Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]>): void {
    const entries =
      Symbol.iterator in parameters ? (parameters as Iterable<readonly [string, Tensor]>) : Object.entries(parameters)
    for (const [k, p] of entries) this.set(k, p)
  }
  keys(): string[] {
    return this.entries().map(([k]) => k)
  }
  values(): Parameter[] {
    return this.entries().map(([, p]) => p)
  }
  entries(): [string, Parameter][] {
    return [...this.namedParameters({ recurse: false })]
  }
  get size(): number {
    return this.entries().length
  }
  [Symbol.iterator](): IterableIterator<[string, Parameter]> {
    return this.entries()[Symbol.iterator]()
  }
  override extraRepr(): string {
    return formatParameters(this.entries().map(([k, p]) => [k, `${p.info.scalarType}Tensor`, p.sizes]))
  }
}
