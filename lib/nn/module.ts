/**
 * The module: a callable object that owns parameters, buffers and other modules.
 *
 * Registration is plain assignment. Class fields never reach a setter, so nothing is noted when a field is set;
 * parameters, buffers and children are found by scanning own properties when asked, in order, once an identity.
 */
import { inspect } from 'node:util'
import { noGrad } from '../autograd/mode'
import { ArgumentError, ModuleError, StateDictError, TenzoError } from '../errors'
import { describe, expectBool, optionsOf } from '../ops/core'
import { Category, DTYPES, type DType } from '../runtime/dtype'
import { sameShape, showShape } from '../tensor/shape'
import { isTensor, type RemovableHandle, removable, type Tensor } from '../tensor/tensor'
import { formatModule } from './format'
import { Parameter } from './parameter'
import { StateDict } from './state-dict'

/** Sees a module and its inputs before `forward`; what it returns replaces the inputs. */
export type ForwardPreHook = (module: Module, inputs: readonly unknown[]) => unknown
/** Sees a module, its inputs and its output; what it returns (unless undefined) replaces the output. */
export type ForwardHook = (module: Module, inputs: readonly unknown[], output: unknown) => unknown

/** What a module keeps beside its fields. */
interface State {
  /** Names of buffers; the value says whether they belong to the state dict. */
  buffers: Map<string, boolean>
  /** Names that once held a Parameter: they stay parameters. */
  parameters: Set<string>
  /** Names given to `addModule`, whose value may be null. */
  modules: Set<string>
  preHooks: ForwardPreHook[] | null
  hooks: ForwardHook[] | null
}
const states = new WeakMap<object, State>()
const stateOf = (m: object): State => {
  let s = states.get(m)
  if (!s) {
    s = { buffers: new Map(), parameters: new Set(), modules: new Set(), preHooks: null, hooks: null }
    states.set(m, s)
  }
  return s
}

function refuseArguments(name: string, given: ArrayLike<unknown>): never {
  const last = given[given.length - 1]
  const key =
    typeof last === 'object' && last !== null && !Array.isArray(last) && !isTensor(last)
      ? Object.keys(last)[0]
      : undefined
  throw new ArgumentError(
    key !== undefined
      ? `${name}() got an unexpected keyword argument '${key}'`
      : `${name}() takes no arguments, but ${given.length} were given`,
  )
}
/** Makes `new` give a function whose prototype is the class: a module is called as `net(x)`. */
class Callable {
  constructor() {
    // A module without a constructor of its own takes nothing: an option would be lost without a word.
    // biome-ignore lint/complexity/noArguments: no subclass shall have parameters to fill
    if (arguments.length > 0) refuseArguments(new.target.name, arguments)
    const self = ((...args: unknown[]): unknown => call(self as unknown as Module, args)) as unknown as object
    Object.setPrototypeOf(self, new.target.prototype as object)
    // A function's own `name` and `length` are read-only; a module's fields may be called so.
    Object.defineProperties(self, {
      name: { value: undefined, writable: true, configurable: true, enumerable: false },
      length: { value: undefined, writable: true, configurable: true, enumerable: false },
    })
    // biome-ignore lint/correctness/noConstructorReturn: this is how a class gives functions
    return self as unknown as this
  }
}

/** How deep module calls are nested, and the module that failed last, to name its path in the error. */
let depth = 0
let failed: { error: unknown; module: Module; path: string } | null = null

function call(m: Module, args: unknown[]): unknown {
  depth++
  try {
    const s = states.get(m)
    const forward = m.forward as (...a: unknown[]) => unknown
    if (s === undefined || (s.preHooks === null && s.hooks === null)) return forward.apply(m, args)
    return callWithHooks(m, s, args)
  } catch (error) {
    noteFailure(error, m)
    throw error
  } finally {
    depth--
    if (depth === 0) failed = null
  }
}
function callWithHooks(m: Module, s: State, given: unknown[]): unknown {
  let args = given
  for (const hook of [...(s.preHooks ?? [])]) {
    const replaced = hook(m, args)
    if (replaced !== undefined && replaced !== null) args = Array.isArray(replaced) ? replaced : [replaced]
  }
  let out = (m.forward as (...a: unknown[]) => unknown).apply(m, args)
  for (const hook of [...(s.hooks ?? [])]) out = hook(m, args, out) ?? out
  return out
}
/** Builds the path of a failing module from the inside out, and adds it to the message at the outermost call. */
function noteFailure(error: unknown, m: Module): void {
  if (!(error instanceof TenzoError)) return
  const below = failed !== null && failed.error === error ? failed : null
  let path = ''
  if (below) {
    const name = [...m.namedModules()].find(([, child]) => child === below.module)?.[0] ?? below.module.constructor.name
    path = below.path === '' ? name : `${name}.${below.path}`
  }
  failed = { error, module: m, path }
  if (depth > 1) return
  const full = path === '' ? m.constructor.name : `${m.constructor.name}.${path}`
  if (path !== '') error.message = `${error.message} (in ${full})`
  ;(error.data as Record<string, unknown>).module = path
}

/** The result of `loadStateDict`. */
export interface IncompatibleKeys {
  missingKeys: string[]
  unexpectedKeys: string[]
}
class LoadResult implements IncompatibleKeys {
  constructor(
    readonly missingKeys: string[],
    readonly unexpectedKeys: string[],
  ) {}
  toString(): string {
    if (this.missingKeys.length === 0 && this.unexpectedKeys.length === 0) return '<All keys matched successfully>'
    const list = (keys: string[]): string => `[${keys.map((k) => `'${k}'`).join(', ')}]`
    return `_IncompatibleKeys(missing_keys=${list(this.missingKeys)}, unexpected_keys=${list(this.unexpectedKeys)})`
  }
  [inspect.custom](): string {
    return this.toString()
  }
}

/** Options of `loadStateDict`. */
export interface LoadStateDictOptions {
  /** Throw unless the keys match exactly. Default true. */
  strict?: boolean
  /** Take the tensors themselves instead of copying their values. Default false. */
  assign?: boolean
}
/** Options of `registerBuffer`. */
export interface RegisterBufferOptions {
  /** Part of the state dict. Default true. */
  persistent?: boolean
}
/** Options of the listings. */
export interface NamedOptions {
  /** Put before each name. */
  prefix?: string
  /** Go into children. Default true. */
  recurse?: boolean
}

// ---- the scan -----------------------------------------------------------------------------------------------------

/** Own entries by kind, after checking that no parameter's name holds something else. */
function* ownEntries(m: Module): Generator<readonly [string, unknown]> {
  const s = stateOf(m)
  const fields = m as unknown as Record<string, unknown>
  for (const name of Object.keys(m)) {
    const value = fields[name]
    if (value instanceof Parameter) {
      if (!s.buffers.has(name)) s.parameters.add(name)
    } else if (s.parameters.has(name) && value !== null && value !== undefined) {
      throw new ModuleError(
        `cannot assign '${isTensor(value) ? `${value.info.scalarType}Tensor` : describe(value)}' as parameter '${name}' (Parameter or null expected)`,
        { name },
      )
    } else if (s.buffers.has(name) && value !== null && value !== undefined && !isTensor(value)) {
      throw new ModuleError(`cannot assign '${describe(value)}' object to buffer '${name}' (Tensor or null expected)`, {
        name,
      })
    }
    yield [name, value]
  }
}
/** Notes now which fields are parameters, so that a plain tensor put there later is refused even before any listing. */
export function noteParameters(m: Module): void {
  for (const [name, value] of ownEntries(m)) if (value instanceof Parameter) stateOf(m).parameters.add(name)
}
function* ownParameters(m: Module): Generator<readonly [string, Parameter]> {
  const s = stateOf(m)
  for (const [name, value] of ownEntries(m)) if (value instanceof Parameter && !s.buffers.has(name)) yield [name, value]
}
function* ownBuffers(m: Module): Generator<readonly [string, Tensor]> {
  const s = stateOf(m)
  for (const [name, value] of ownEntries(m)) if (s.buffers.has(name) && isTensor(value)) yield [name, value]
}
function* ownModules(m: Module): Generator<readonly [string, Module]> {
  for (const [name, value] of ownEntries(m)) if (value instanceof Module) yield [name, value]
}

function* owned<T>(
  root: Module,
  options: NamedOptions | undefined,
  own: (m: Module) => Iterable<readonly [string, T]>,
): IterableIterator<[string, T]> {
  const { prefix = '', recurse = true } = options ?? {}
  const seen = new Set<T>()
  for (const [path, m] of recurse ? root.namedModules({ prefix }) : [[prefix, root] as const])
    for (const [name, value] of own(m)) {
      if (seen.has(value)) continue
      seen.add(value)
      yield [join(path, name), value]
    }
}

function checkName(op: string, name: unknown, what: string): asserts name is string {
  if (typeof name !== 'string')
    throw new ArgumentError(`${what} name should be a string. Got ${describe(name)}`, { op })
  if (name.includes('.')) throw new ArgumentError(`${what} name can't contain "."`, { name })
  if (name === '') throw new ArgumentError(`${what} name can't be empty string ""`)
}

/** Sets a field that can take any value later; registration itself is finding it there. */
function assign(m: Module, name: string, value: unknown): void {
  Object.defineProperty(m, name, { value, writable: true, enumerable: true, configurable: true })
}

function walkPath(root: Module, target: string, what: string): [Module, string] {
  const parts = target.split('.')
  const last = parts.pop() as string
  let m: Module = root
  for (const part of parts) {
    const next = (m as unknown as Record<string, unknown>)[part]
    if (!(next instanceof Module))
      throw new ModuleError(`${m.constructor.name} has no attribute \`${part}\``, { target, what })
    m = next
  }
  return [m, last]
}

function convert<M extends Module>(root: M, change: (t: Tensor) => Tensor): M {
  const done = new Set<Tensor>()
  for (const m of root.modules()) {
    for (const [, p] of ownParameters(m)) {
      if (done.has(p)) continue
      done.add(p)
      const value = noGrad(() => change(p.detach()))
      const { grad } = p
      p.data = value
      if (grad) p.grad = noGrad(() => change(grad.detach()))
    }
    for (const [name, b] of ownBuffers(m)) (m as unknown as Record<string, unknown>)[name] = noGrad(() => change(b))
  }
  return root
}

function collectState(self: Module, out: StateDict, prefix: string, keepVars: boolean): void {
  const s = stateOf(self)
  out.metadata.set(prefix.slice(0, -1), { version: self._version })
  for (const [name, p] of ownParameters(self)) out.set(prefix + name, keepVars ? p : p.detach())
  for (const [name, b] of ownBuffers(self)) if (s.buffers.get(name)) out.set(prefix + name, keepVars ? b : b.detach())
  for (const [name, m] of ownModules(self)) collectState(m, out, `${prefix}${name}.`, keepVars)
}

function collectSlots(
  self: Module,
  out: Map<string, { tensor: Tensor; owner: Module; name: string }>,
  prefix: string,
): void {
  const s = stateOf(self)
  for (const [name, tensor] of ownParameters(self)) out.set(prefix + name, { tensor, owner: self, name })
  for (const [name, tensor] of ownBuffers(self))
    if (s.buffers.get(name)) out.set(prefix + name, { tensor, owner: self, name })
  for (const [name, m] of ownModules(self)) collectSlots(m, out, `${prefix}${name}.`)
}

/** Calling a module runs its own `forward`, with its types. */
export interface Module {
  // biome-ignore lint/style/useShorthandFunctionType: merged with the class, so that `this` is the subclass
  (...args: Parameters<this['forward']>): ReturnType<this['forward']>
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
  forward(..._args: never[]): unknown {
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
    options: { prefix?: string; removeDuplicate?: boolean; memo?: Set<Module> } = {},
  ): IterableIterator<[string, Module]> {
    const { prefix = '', removeDuplicate = true, memo = new Set<Module>() } = options
    if (removeDuplicate && memo.has(this)) return
    memo.add(this)
    yield [prefix, this]
    for (const [name, m] of ownModules(this))
      yield* m.namedModules({ prefix: join(prefix, name), removeDuplicate, memo })
  }
  /** This module and all below, each once. */
  *modules(): IterableIterator<Module> {
    for (const [, m] of this.namedModules()) yield m
  }
  /** Dotted names and parameters, in order of registration; a shared one once, by its first name. */
  namedParameters(options?: NamedOptions): IterableIterator<[string, Parameter]> {
    return owned(this, options, (m) => ownParameters(m))
  }
  /** Parameters, each once. */
  *parameters(options?: boolean | { recurse?: boolean }): IterableIterator<Parameter> {
    const { recurse = true } = optionsOf<{ recurse?: boolean }>('parameters', ['recurse'], options)
    for (const [, p] of this.namedParameters({ recurse })) yield p
  }
  /** Dotted names and buffers. */
  namedBuffers(options?: NamedOptions): IterableIterator<[string, Tensor]> {
    return owned(this, options, (m) => ownBuffers(m))
  }
  /** Buffers, each once. */
  *buffers(options?: boolean | { recurse?: boolean }): IterableIterator<Tensor> {
    const { recurse = true } = optionsOf<{ recurse?: boolean }>('buffers', ['recurse'], options)
    for (const [, b] of this.namedBuffers({ recurse })) yield b
  }

  /** Registers a parameter under a name; null keeps the name for one. */
  registerParameter(name: string, param: Parameter | null): void {
    checkName('registerParameter', name, 'parameter')
    const s = stateOf(this)
    if (name in this && !s.parameters.has(name)) throw new ModuleError(`attribute '${name}' already exists`, { name })
    if (param !== null && !(param instanceof Parameter))
      throw new ArgumentError(
        `cannot assign '${describe(param)}' object to parameter '${name}' (Parameter or null required)`,
        { name },
      )
    if (param?.gradFn)
      throw new ArgumentError(
        `Cannot assign non-leaf Tensor to parameter '${name}'. Model parameters must be created explicitly. To express '${name}' as a function of another Tensor, compute the value in the forward() method.`,
        { name },
      )
    s.parameters.add(name)
    assign(this, name, param)
  }
  /** Registers a tensor that belongs to the module's state but is not trained. */
  registerBuffer(name: string, tensor: Tensor | null, options?: boolean | RegisterBufferOptions): void {
    const { persistent = true } = optionsOf<RegisterBufferOptions>('registerBuffer', ['persistent'], options)
    checkName('registerBuffer', name, 'buffer')
    const s = stateOf(this)
    const fields = this as unknown as Record<string, unknown>
    // A declared but unset class field is an own property with the value undefined.
    if (name in this && !s.buffers.has(name) && fields[name] !== undefined)
      throw new ModuleError(`attribute '${name}' already exists`, { name })
    if (tensor !== null && !isTensor(tensor))
      throw new ArgumentError(
        `cannot assign '${describe(tensor)}' object to buffer '${name}' (Tensor or null required)`,
        { name },
      )
    s.buffers.set(name, persistent)
    if (tensor) tensor.storage.kept = true
    assign(this, name, tensor)
  }
  /** Registers a child module under a name. */
  addModule(name: string, module: Module | null): void {
    checkName('addModule', name, 'module')
    const s = stateOf(this)
    if (module !== null && !(module instanceof Module))
      throw new ArgumentError(`${describe(module)} is not a Module subclass`, { name })
    const fields = this as unknown as Record<string, unknown>
    if (name in this && !s.modules.has(name) && !(fields[name] instanceof Module) && fields[name] !== undefined)
      throw new ModuleError(`attribute '${name}' already exists`, { name })
    s.modules.add(name)
    assign(this, name, module)
  }
  registerModule(name: string, module: Module | null): void {
    this.addModule(name, module)
  }
  /** The module at a dotted path. */
  getSubmodule(target: string): Module {
    if (target === '') return this
    const [m, name] = walkPath(this, target, 'module')
    const found = (m as unknown as Record<string, unknown>)[name]
    if (!(found instanceof Module))
      throw new ModuleError(
        found === undefined ? `${m.constructor.name} has no attribute \`${name}\`` : `\`${name}\` is not an nn.Module`,
        { target },
      )
    return found
  }
  /** The parameter at a dotted path. */
  getParameter(target: string): Parameter {
    const [m, name] = walkPath(this, target, 'parameter')
    const found = (m as unknown as Record<string, unknown>)[name]
    if (!(found instanceof Parameter))
      throw new ModuleError(
        found === undefined
          ? `${m.constructor.name} has no attribute \`${name}\``
          : `\`${name}\` is not an nn.Parameter`,
        { target },
      )
    return found
  }
  /** The buffer at a dotted path. */
  getBuffer(target: string): Tensor {
    const [m, name] = walkPath(this, target, 'buffer')
    const found = (m as unknown as Record<string, unknown>)[name]
    if (!isTensor(found) || !stateOf(m).buffers.has(name))
      throw new ModuleError(`\`${name}\` is not a buffer`, { target })
    return found
  }

  // ---- what it does to all it owns ----------------------------------------------------------------------------------

  /** Calls `fn` with every module below, children first, this one last; each once. */
  apply(fn: (module: Module) => void): this {
    for (const m of this.children()) m.apply(fn)
    fn(this)
    return this
  }
  /** Sets the mode of this module and all below. */
  train(mode = true): this {
    expectBool('train', 'mode', mode)
    this.training = mode
    for (const m of this.children()) m.train(mode)
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
        p.grad.detach_()
        p.grad.zero_()
      }
    }
  }
  /** Casts floating parameters and buffers, in place. */
  to(dtype: DType | 'cpu' | { dtype?: DType } | Tensor): this {
    if (dtype === 'cpu') return this
    const want = isTensor(dtype) ? dtype.dtype : typeof dtype === 'string' ? dtype : dtype.dtype
    if (want === undefined) return this
    if (!(want in DTYPES) || DTYPES[want].category !== Category.Float)
      throw new ArgumentError(
        `nn.Module.to only accepts floating point dtypes, but got desired dtype=${String(want)}`,
        { dtype: want },
      )
    return convert(this, (t) => (t.isFloatingPoint() ? t.to(want) : t))
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
  /** Casts all parameters and buffers, integers too. */
  type(dtype: DType): this {
    return convert(this, (t) => t.to(dtype))
  }

  // ---- state --------------------------------------------------------------------------------------------------------

  /** Every parameter and persistent buffer by its dotted name, sharing memory; a tied one under each of its names. */
  stateDict(options: { prefix?: string; keepVars?: boolean } = {}): StateDict {
    const { prefix = '', keepVars = false } = options
    const out = new StateDict()
    collectState(this, out, prefix, keepVars)
    return out
  }
  /**
   * Copies values into parameters and persistent buffers.
   * @throws StateDictError naming every missing key, unexpected key and wrong shape at once
   */
  loadStateDict(
    state: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
    options?: boolean | LoadStateDictOptions,
  ): IncompatibleKeys & { toString(): string } {
    const { strict = true, assign = false } = optionsOf<LoadStateDictOptions>(
      'loadStateDict',
      ['strict', 'assign'],
      options,
    )
    if (state === null || typeof state !== 'object')
      throw new ArgumentError(`Expected state_dict to be dict-like, got ${describe(state)}.`)
    const given = state instanceof Map ? (state as ReadonlyMap<string, Tensor>) : new Map(mapEntries(state))
    const own = new Map<string, { tensor: Tensor; owner: Module; name: string }>()
    collectSlots(this, own, '')
    const missingKeys = [...own.keys()].filter((k) => !given.has(k))
    const unexpectedKeys = [...given.keys()].filter((k) => !own.has(k))
    const errors: string[] = []
    const list = (keys: string[]): string => keys.map((k) => `"${k}"`).join(', ')
    if (strict) {
      if (unexpectedKeys.length > 0) errors.push(`Unexpected key(s) in state_dict: ${list(unexpectedKeys)}. `)
      if (missingKeys.length > 0) errors.unshift(`Missing key(s) in state_dict: ${list(missingKeys)}. `)
    }
    const wrongShapes: string[] = []
    for (const [key, slot] of own) {
      const value = given.get(key)
      if (value === undefined) continue
      if (!isTensor(value)) {
        errors.push(
          `While copying the parameter named "${key}", expected torch.Tensor or Tensor-like object from checkpoint but received ${describe(value)}`,
        )
      } else if (!sameShape(value.sizes, slot.tensor.sizes)) {
        wrongShapes.push(key)
        errors.push(
          `size mismatch for ${key}: copying a param with shape torch.Size(${showShape(value.sizes)}) from checkpoint, the shape in current model is torch.Size(${showShape(slot.tensor.sizes)}).`,
        )
      }
    }
    if (errors.length > 0)
      throw new StateDictError(
        `Error(s) in loading state_dict for ${this.constructor.name}:\n\t${errors.join('\n\t')}`,
        {
          missingKeys,
          unexpectedKeys,
          wrongShapes,
        },
      )
    noGrad(() => {
      for (const [key, { tensor, owner, name }] of own) {
        const value = given.get(key)
        if (value === undefined) continue
        if (!assign) tensor.copy_(value)
        else if (tensor instanceof Parameter)
          (owner as unknown as Record<string, unknown>)[name] =
            value instanceof Parameter ? value : new Parameter(value.detach(), tensor.requiresGrad)
        else (owner as unknown as Record<string, unknown>)[name] = value
      }
    })
    return new LoadResult(missingKeys, unexpectedKeys)
  }

  // ---- hooks --------------------------------------------------------------------------------------------------------

  /** Calls `hook(module, inputs, output)` after each `forward`; what it returns replaces the output. */
  registerForwardHook(hook: ForwardHook): RemovableHandle {
    const s = stateOf(this)
    s.hooks ??= []
    return removable(s.hooks, hook)
  }
  /** Calls `hook(module, inputs)` before each `forward`; what it returns replaces the inputs. */
  registerForwardPreHook(hook: ForwardPreHook): RemovableHandle {
    const s = stateOf(this)
    s.preHooks ??= []
    return removable(s.preHooks, hook)
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
      children: [...ownModules(this)].map(([name, m]) => [name, m.toString()] as const),
    })
  }
  [inspect.custom](): string {
    return this.toString()
  }
}

// On the prototype: what differs is a field of the subclass.
Object.defineProperty(Module.prototype, '_version', { value: 1, writable: true, configurable: true })

function* mapEntries(o: object): Generator<[string, Tensor]> {
  for (const [k, v] of Object.entries(o)) yield [k, v as Tensor]
}
const join = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`)

/** A module that makes one tensor of one tensor, as most layers do. */
export type Layer = Module & { forward(x: Tensor): Tensor } & ((x: Tensor) => Tensor)
