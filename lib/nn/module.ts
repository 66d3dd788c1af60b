/**
 * The module: a callable object that owns parameters, buffers and other modules.
 *
 * Registration is plain assignment: see registry.ts. Calls and their hooks are in hooks.ts, state in state-dict.ts.
 */
import { noGrad } from '../autograd/mode'
import { ArgumentError, ModuleError, ValueError } from '../errors'
import { shown } from '../runtime/given'
import { describe, expectBool, expectDevice } from '../check/arguments'
import { optionsOf } from '../check/options'
import { emptyLike } from '../ops/define/results'
import { type ToArguments, type ToOptions as TensorToOptions, toOptions } from '../ops/tensor/to-options'
import { Category, DTYPES, type DType } from '../runtime/dtype'
import { type Device, type RemovableHandle, removable, type Tensor } from '../tensor/tensor'
import { formatModule } from './format'
import {
  addBackwardHook,
  addBackwardPreHook,
  addForwardHook,
  addForwardPreHook,
  type BackwardHook,
  type BackwardPreHook,
  Callable,
  type ForwardHook,
  type ForwardHookOptions,
  type ForwardPreHook,
  type HookOptions,
} from './hooks'
import { Parameter } from './parameter'
import {
  attributeOf,
  fieldsOf,
  isModule,
  type Named,
  ownBuffers,
  descend,
  expectNoCycle,
  ownModules,
  ownParameters,
  registerBuffer,
  registerModule,
  registerParameter,
  registryOf,
  setModule,
  sync,
} from './registry'
import {
  type IncompatibleKeys,
  type LoadStateDictOptions,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  type LocalMetadata,
  loadAll,
  loadOwn,
  type StateDict,
  type StateDictOptions,
  type StateDictPostHook,
  type StateDictPreHook,
  saveAll,
  saveOwn,
  stateHooksOf,
} from './state-dict'
import { INSPECT } from '../tensor/format'

/** Options of `registerBuffer`. */
export interface RegisterBufferOptions {
  /** Part of the state dict. Default true. */
  persistent?: boolean
}
/** Options of the listings of modules. */
export interface NamedModulesOptions {
  /** Modules already seen, which are left out; those listed are added. */
  memo?: Set<Module>
  /** Put before each name. Default ''. */
  prefix?: string
  /** List a module that is used in several places only once, under its first name. Default true. */
  removeDuplicate?: boolean
}
/** Options of the listings of parameters and buffers. */
export interface NamedOptions {
  /** Put before each name. Default ''. */
  prefix?: string
  /** Go into children. Default true. */
  recurse?: boolean
  /** List a tensor that is used in several places only once, under its first name. Default true. */
  removeDuplicate?: boolean
}

/** Options of `to`: a floating dtype, and the place. */
export type ToOptions = Omit<TensorToOptions, 'copy'>

/** Notes now which fields are parameters, so that a plain tensor put there later is refused even before any listing. */
export function noteParameters(m: Module): void {
  sync(m)
}

function* owned<T>(
  root: Module,
  op: string,
  first: string | NamedOptions | undefined,
  options: NamedOptions | undefined,
  own: (m: Module) => Named<T>,
): IterableIterator<[string, T]> {
  const o = optionsOf<NamedOptions>(op, ['prefix', 'recurse', 'removeDuplicate'], first, options)
  const { prefix = '', recurse = true, removeDuplicate = true } = o
  const seen = new Set<T>()
  for (const [path, m] of recurse ? root.namedModules({ prefix, removeDuplicate }) : [[prefix, root] as const])
    for (const [name, value] of own(m)) {
      if (seen.has(value)) continue
      if (removeDuplicate) seen.add(value)
      yield [join(path, name), value]
    }
}
const join = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`)

const lacks = (m: Module, name: string): ModuleError =>
  new ModuleError(`${m.constructor.name} has no attribute \`${name}\``, { module: m.constructor.name, name })
const isNo = (name: string, what: string): ModuleError => new ModuleError(`\`${name}\` is not ${what}`, { name })
function attribute(m: Module, name: string): unknown {
  const value = attributeOf(m, name)
  if (value === undefined) throw lacks(m, name)
  return value
}
/** The module that owns what a dotted path names, and the last part of the path. */
function ownerOf(root: Module, op: string, target: unknown): [Module, string] {
  if (typeof target !== 'string')
    throw new ArgumentError(`${op}(): argument 'target' must be string, not ${describe(target)}`)
  const dot = target.lastIndexOf('.')
  return [root.getSubmodule(target.slice(0, Math.max(0, dot))), target.slice(dot + 1)]
}

/** Changes every parameter, its gradient and every buffer. Ties survive: a tensor used twice is changed once. */
function convert<M extends Module>(root: M, change: (t: Tensor) => Tensor, recurse = true): M {
  const done = new Set<Tensor>()
  for (const m of recurse ? root.modules() : [root]) {
    for (const [, p] of ownParameters(m)) {
      if (done.has(p)) continue
      done.add(p)
      // Its data of another dtype, a tensor lets its gradient go.
      const { grad } = p
      p.data = noGrad(() => change(p.detach()))
      if (grad) {
        grad.data = noGrad(() => change(grad.detach()))
        p.grad = grad
      }
    }
    for (const [name, b] of ownBuffers(m)) fieldsOf(m)[name] = change(b)
  }
  return root
}

// Calls are typed by `this['forward']`, whose parameters TypeScript knows only of a class that it sees whole. Where it does not,
// for `this` within a class and for a type parameter, `Parameters<…>` stands unresolved and would take no argument at all.
// `Seen` then falls back to its last part alone: the compiler lets something be assigned to an unresolved conditional type if
// it fits the branches that may be chosen, and rules the first one out, since of an unresolved `T` it takes `[...Empty<T>]` for
// a list of any length. The fallback of a call is what may be written to the accessor, since a write to a property of a type
// parameter is held against its constraint: the class around it, whose parameters are known. (Read, it is `any`, so that a
// subclass whose `forward` takes more can stand in for its parent.) It exists in types only.
type Empty<T> = T extends unknown ? [] : []
type Seen<T, Whole, Else> = [...Empty<T>] extends [] ? Whole : Else
declare const taken: unique symbol

/** Calling a module runs its own `forward`, with its types; what is known as a `Module` only takes and gives anything. */
export interface Module {
  (...args: Seen<this, Parameters<this['forward']>, this[typeof taken]>): ReturnType<this['forward']>
  // biome-ignore lint/suspicious/noExplicitAny: see above
  get [taken](): any
  // biome-ignore lint/suspicious/noExplicitAny: see above
  set [taken](given: Seen<this, Parameters<this['forward']>, any[]>)
}

/**
 * The base of every network and layer. Subclasses assign parameters, modules and other fields, and define `forward`.
 */
export class Module extends Callable {
  /** Whether the module trains (dropout drops, batch norm uses the batch); set by `train()` and `eval()`. */
  training = true
  /** The version of the module's own state, kept in the metadata of its state dict; default 1. */
  declare readonly _version: number

  /** What the module computes; called as `net(x)`. */
  // biome-ignore lint/suspicious/noExplicitAny: the one place where it is due: of a module whose class is not known nobody can say
  forward(..._args: any[]): any {
    throw new ModuleError(`Module [${this.constructor.name}] is missing the required "forward" function`, {
      module: this.constructor.name,
    })
  }

  // ---- what it owns ---------------------------------------------------------------------------------------------

  /** Names and child modules, each module once. */
  *namedChildren(): IterableIterator<[string, Module]> {
    const seen = new Set<Module>()
    for (const [name, m] of ownModules(this)) {
      if (seen.has(m)) continue
      seen.add(m)
      yield [name, m]
    }
  }
  /** Child modules, each once. */
  *children(): IterableIterator<Module> {
    for (const [, m] of this.namedChildren()) yield m
  }
  /** Dotted names and modules, this one (named '') first, each module once. */
  *namedModules(
    memo?: Set<Module> | NamedModulesOptions,
    options?: NamedModulesOptions,
  ): IterableIterator<[string, Module]> {
    const names = ['memo', 'prefix', 'removeDuplicate'] as const
    const o =
      memo instanceof Set
        ? { ...optionsOf<NamedModulesOptions>('namedModules', names, undefined, options), memo }
        : optionsOf<NamedModulesOptions>('namedModules', names, memo, options)
    const { prefix = '', removeDuplicate = true, memo: seen = new Set<Module>() } = o
    if (seen.has(this)) return
    if (!removeDuplicate && !o.memo) expectNoCycle('namedModules', this)
    if (removeDuplicate) seen.add(this)
    yield [prefix, this]
    for (const [name, m] of ownModules(this))
      yield* m.namedModules({ memo: seen, prefix: join(prefix, name), removeDuplicate })
  }
  /** This module and all below, each once. */
  *modules(): IterableIterator<Module> {
    for (const [, m] of this.namedModules()) yield m
  }
  /** Dotted names and parameters, in order of registration; a shared one once, by its first name. */
  namedParameters(prefix?: string | NamedOptions, options?: NamedOptions): IterableIterator<[string, Parameter]> {
    return owned(this, 'namedParameters', prefix, options, ownParameters)
  }
  /** Parameters, each once. */
  *parameters(options?: boolean | { recurse?: boolean }): IterableIterator<Parameter> {
    const { recurse = true } = optionsOf<{ recurse?: boolean }>('parameters', ['recurse'], options)
    for (const [, p] of this.namedParameters({ recurse })) yield p
  }
  /** Dotted names and buffers, in order of registration; a shared one once, by its first name. */
  namedBuffers(prefix?: string | NamedOptions, options?: NamedOptions): IterableIterator<[string, Tensor]> {
    return owned(this, 'namedBuffers', prefix, options, ownBuffers)
  }
  /** Buffers, each once. */
  *buffers(options?: boolean | { recurse?: boolean }): IterableIterator<Tensor> {
    const { recurse = true } = optionsOf<{ recurse?: boolean }>('buffers', ['recurse'], options)
    for (const [, b] of this.namedBuffers({ recurse })) yield b
  }

  /**
   * Registers a parameter under a name; null keeps the name for one.
   * @throws ArgumentError for a name that is no string, has a dot or is empty, and for what is no Parameter or no leaf
   * @throws ModuleError where the module has something else of that name
   */
  registerParameter(name: string, param: Parameter | null): void {
    registerParameter(this, name, param)
  }
  /**
   * Registers a tensor that belongs to the module's state but is not trained. A field assigned an `nn.Buffer` is the same.
   * @throws ArgumentError for a name that is no string, has a dot or is empty, and for what is no tensor
   * @throws ModuleError where the module has something else of that name
   */
  registerBuffer(name: string, tensor: Tensor | null, options?: boolean | RegisterBufferOptions): void {
    const { persistent = true } = optionsOf<RegisterBufferOptions>('registerBuffer', ['persistent'], options)
    expectBool('registerBuffer', 'persistent', persistent)
    registerBuffer(this, name, tensor, persistent)
  }
  /**
   * Registers a child module under a name; null keeps the name for one.
   * @throws ArgumentError for a name that is no string, has a dot or is empty, and for what is no module
   * @throws ModuleError where the module has something else of that name
   */
  addModule(name: string, module: Module | null): void {
    registerModule(this, name, module)
  }
  /** The same as `addModule`. */
  registerModule(name: string, module: Module | null): void {
    this.addModule(name, module)
  }
  /** The module at a dotted path; '' is this one. @throws ModuleError naming the part of the path that is not there */
  getSubmodule(target: string): Module {
    if (typeof target !== 'string')
      throw new ArgumentError(`getSubmodule(): argument 'target' must be string, not ${describe(target)}`)
    let m: Module = this
    for (const part of target === '' ? [] : target.split('.')) {
      const next = attribute(m, part)
      if (!isModule(next)) throw isNo(part, 'an nn.Module')
      m = next
    }
    return m
  }
  /**
   * Puts a module in the place of the one at a dotted path, or adds it there.
   * @param options `strict`: only replace, never add; default false
   */
  setSubmodule(target: string, module: Module, options?: boolean | { strict?: boolean }): void {
    const { strict = false } = optionsOf<{ strict?: boolean }>('setSubmodule', ['strict'], options)
    expectBool('setSubmodule', 'strict', strict)
    if (target === '') throw new ValueError('Cannot set the submodule without a target name!')
    if (!isModule(module)) throw new ValueError(`\`module\` is not an nn.Module, found ${describe(module)}`)
    const [parent, name] = ownerOf(this, 'setSubmodule', target)
    const old = attributeOf(parent, name)
    if (strict && old === undefined) throw lacks(parent, name)
    if (old !== undefined && !isModule(old)) throw isNo(name, 'an nn.Module')
    setModule(parent, name, module)
  }
  /** The parameter at a dotted path. */
  getParameter(target: string): Parameter {
    const [m, name] = ownerOf(this, 'getParameter', target)
    const found = attribute(m, name)
    if (!(found instanceof Parameter)) throw isNo(name, 'an nn.Parameter')
    return found
  }
  /** The buffer at a dotted path. */
  getBuffer(target: string): Tensor {
    const [m, name] = ownerOf(this, 'getBuffer', target)
    const found = attribute(m, name)
    if (!sync(m).buffers.has(name)) throw isNo(name, 'a buffer')
    return found as Tensor
  }

  // ---- what it does to all it owns ----------------------------------------------------------------------------------

  /** Calls `fn` with every module below, children first, this one last; each once. */
  apply(fn: (module: Module) => void): this {
    if (typeof fn !== 'function') throw new ArgumentError(`apply(): expected a function but got ${describe(fn)}`)
    descend('apply', this, () => {
      for (const m of this.children()) m.apply(fn)
    })
    fn(this)
    return this
  }
  /** Sets the mode of this module and all below. */
  train(mode = true): this {
    if (typeof mode !== 'boolean') throw new ValueError('training mode is expected to be boolean')
    this.training = mode
    descend('train', this, () => {
      for (const m of this.children()) m.train(mode)
    })
    return this
  }
  /** Sets evaluation mode: `train(false)`. */
  eval(): this {
    return this.train(false)
  }
  /** Turns recording for all parameters on or off. */
  requiresGrad_(requiresGrad = true): this {
    for (const p of this.parameters()) p.requiresGrad_(requiresGrad)
    return this
  }
  /** Forgets all gradients: sets them to null, or with `setToNone: false` to zero. */
  zeroGrad(options?: boolean | { setToNone?: boolean }): void {
    const { setToNone = true } = optionsOf<{ setToNone?: boolean }>('zeroGrad', ['setToNone'], options)
    for (const p of this.parameters()) {
      if (p.grad === null) continue
      if (setToNone) p.grad = null
      else {
        if (p.grad.gradFn) p.grad.detach_()
        else p.grad.requiresGrad_(false)
        p.grad.zero_()
      }
    }
  }
  /**
   * Casts floating parameters, their gradients and floating buffers, in place; integers stay.
   * Given as to a tensor: `net.to('float64')`, `net.to(x)`, `net.to('cpu', 'float64')`, `net.to({ dtype: 'float64' })`.
   * @throws ArgumentError for a dtype that is not floating, and for any device but 'cpu'
   */
  to(...given: ToArguments<ToOptions>): this {
    const { dtype: want } = toOptions('to', ['nonBlocking'], given)
    if (want == null) return this
    if (DTYPES[want].category !== Category.Float)
      throw new ArgumentError(
        `nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.${shown(want)}`,
        { dtype: want },
      )
    return convert(this, (t) => (t.isFloatingPoint() ? t.to(want) : t))
  }
  /** The module itself: it is there. */
  cpu(): this {
    return this
  }
  /** PyTorch's way to another device. @throws ArgumentError always: there is none */
  cuda(_device?: number | string | null): never {
    return expectDevice('cuda', 'cuda') as never
  }
  float(): this {
    return this.to('float32')
  }
  double(): this {
    return this.to('float64')
  }
  half(): this {
    return this.to('float16')
  }
  bfloat16(): this {
    return this.to('bfloat16')
  }
  /** Gives every parameter and buffer new memory of unset values. @param options `recurse`: children too; default true */
  toEmpty(options?: { device?: Device | null; recurse?: boolean }): this {
    const o = optionsOf<{ device?: Device | null; recurse?: boolean }>(
      'toEmpty',
      ['device', 'recurse'],
      undefined,
      options,
    )
    if (o.device != null) expectDevice('toEmpty', o.device)
    return convert(this, (t) => emptyLike(t, t.info), o.recurse ?? true)
  }
  /** Casts all parameters and buffers, integers too. */
  type(dtype: DType): this {
    return convert(this, (t) => t.to(dtype))
  }

  // ---- state --------------------------------------------------------------------------------------------------------

  /**
   * Every parameter and persistent buffer by its dotted name, sharing memory; a tied one under each of its names.
   * Its `metadata` says which version of each module wrote it.
   */
  stateDict(options?: StateDictOptions): StateDict {
    return saveAll(this, options)
  }
  /**
   * Copies values into parameters and persistent buffers. What fits is copied even where something else does not.
   * @returns the keys that were missing and those that nothing took
   * @throws StateDictError naming every missing key, unexpected key and wrong shape at once; with `strict: false` the
   *   wrong shapes only
   */
  loadStateDict(
    state: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
    options?: boolean | LoadStateDictOptions,
  ): IncompatibleKeys & { toString(): string } {
    return loadAll(this, state, options)
  }
  /** What the module keeps in its state dict beside tensors; define it together with `setExtraState`. */
  getExtraState(): unknown {
    throw new ModuleError(unreachable('get_extra_state'))
  }
  /** Takes back what `getExtraState` gave. */
  setExtraState(_state: unknown): void {
    throw new ModuleError(unreachable('set_extra_state'))
  }
  /** Puts this module's own tensors and extra state, without its children's, into `destination`. To be overridden. */
  _saveToStateDict(destination: StateDict, prefix: string, keepVars: boolean): void {
    saveOwn(this, Module.prototype, destination, prefix, keepVars)
  }
  /**
   * Takes this module's own tensors and extra state, without its children's, from `stateDict`, whose keys begin with
   * `prefix`. To be overridden where an older state has other names; `localMetadata.version` says how old it is.
   * What does not fit is added to the lists.
   */
  _loadFromStateDict(
    stateDict: StateDict,
    prefix: string,
    localMetadata: LocalMetadata,
    strict: boolean,
    missingKeys: string[],
    unexpectedKeys: string[],
    errorMsgs: string[],
  ): void {
    const report = { missingKeys, unexpectedKeys, errorMsgs }
    loadOwn(this, Module.prototype, stateDict, prefix, localMetadata, strict, report)
  }
  /** Calls `hook(module, prefix, keepVars)` before this module's state is collected. */
  registerStateDictPreHook(hook: StateDictPreHook): RemovableHandle {
    return addStateHook('registerStateDictPreHook', stateHooksOf(registryOf(this)).save, hook)
  }
  /** Calls `hook(module, stateDict, prefix, localMetadata)` with the state collected so far, which it may change. */
  registerStateDictPostHook(hook: StateDictPostHook): RemovableHandle {
    return addStateHook('registerStateDictPostHook', stateHooksOf(registryOf(this)).saved, hook)
  }
  /** Calls `hook(module, stateDict, prefix, …)` before this module is loaded; it may rename old keys in `stateDict`. */
  registerLoadStateDictPreHook(hook: LoadStateDictPreHook): RemovableHandle {
    return addStateHook('registerLoadStateDictPreHook', stateHooksOf(registryOf(this)).load, hook)
  }
  /** Calls `hook(module, incompatibleKeys)` when this module and all below are loaded; it may empty the lists. */
  registerLoadStateDictPostHook(hook: LoadStateDictPostHook): RemovableHandle {
    return addStateHook('registerLoadStateDictPostHook', stateHooksOf(registryOf(this)).loaded, hook)
  }

  // ---- hooks --------------------------------------------------------------------------------------------------------

  /** Calls `hook(module, inputs)` before each `forward`; what it returns replaces the inputs. */
  registerForwardPreHook(hook: ForwardPreHook<this>, options?: boolean | HookOptions): RemovableHandle {
    return addForwardPreHook(registryOf(this), hook as unknown as ForwardPreHook, options)
  }
  /** Calls `hook(module, inputs, output)` after each `forward`; what it returns replaces the output. */
  registerForwardHook(hook: ForwardHook<this>, options?: boolean | ForwardHookOptions): RemovableHandle {
    return addForwardHook(registryOf(this), hook as unknown as ForwardHook, options)
  }
  /** Calls `hook(module, gradOutputs)` when the gradients of the outputs are there; it may return others. */
  registerFullBackwardPreHook(hook: BackwardPreHook, options?: boolean | HookOptions): RemovableHandle {
    return addBackwardPreHook(registryOf(this), hook, options)
  }
  /**
   * Calls `hook(module, gradInputs, gradOutputs)` when the gradients of the inputs are there; it may return others.
   * Inputs and outputs of a module with such a hook may not be changed in place.
   */
  registerFullBackwardHook(hook: BackwardHook, options?: boolean | HookOptions): RemovableHandle {
    return addBackwardHook(registryOf(this), hook, options)
  }

  // ---- printing -----------------------------------------------------------------------------------------------------

  /** What the printout says of this module, between its parentheses. */
  extraRepr(): string {
    return ''
  }
  override toString(): string {
    return formatModule({
      name: this.constructor.name,
      extraRepr: this.extraRepr(),
      children: descend('toString', this, () =>
        [...sync(this).modules].map(([name, m]) => [name, m === null ? 'None' : m.toString()] as const),
      ),
    })
  }
  [INSPECT](): string {
    return this.toString()
  }
}

// On the prototype: what differs is a field of the subclass.
Object.defineProperty(Module.prototype, '_version', { value: 1, writable: true, configurable: true })

const unreachable = (method: string): string =>
  `Reached a code path in Module.${method}() that should never be called. Please file an issue at https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to report this bug.`

function addStateHook<H>(op: string, list: H[], hook: H): RemovableHandle {
  if (typeof hook !== 'function') throw new ArgumentError(`${op}(): expected a function but got ${describe(hook)}`)
  return removable(list, hook)
}

/** A module that makes one tensor of one tensor, as most layers do. */
export type Layer = Module & { forward(x: Tensor): Tensor } & ((x: Tensor) => Tensor)
