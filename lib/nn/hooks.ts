/** Calling a module: its hooks, those of all modules, and the path of a failing call. */
import { Function as AutogradFunction, type Context } from '../autograd/function'
import { gradMode } from '../autograd/mode'
import { ArgumentError, AutogradError, TenzoError } from '../errors'
import { describe, expectBool } from '../check/arguments'
import { optionsOf } from '../check/options'
import { sameShape } from '../tensor/shape'
import { isTensor, type RemovableHandle, type Tensor } from '../tensor/tensor'
import type { Module } from './module'
import { addRegistry, type Registry } from './registry'

/** Gradients of a module's inputs or outputs by position; null for what is no tensor and where none arrived. */
export type Gradients = readonly (Tensor | null)[]
/** Sees a module and its inputs before `forward`; an array it returns replaces the inputs, another value is the only one. */
export type ForwardPreHook<M extends Module = Module> = (module: M, inputs: readonly unknown[]) => unknown
/** Sees a module, its inputs and its output; what it returns replaces the output, but for null and undefined. */
export type ForwardHook<M extends Module = Module> = (
  module: M,
  inputs: readonly unknown[],
  output: ReturnType<M['forward']>,
) => unknown
/** Sees the gradients of a module's outputs before those of its inputs are computed, and may return others. */
export type BackwardPreHook = (module: Module, gradOutputs: Gradients) => Gradients | null | undefined | void
/** Sees the gradients of a module's inputs and outputs, and may return other ones of the inputs. */
export type BackwardHook = (
  module: Module,
  gradInputs: Gradients,
  gradOutputs: Gradients,
) => Gradients | null | undefined | void

/** Options of hooks on a module. */
export interface HookOptions {
  /** Run before the hooks already there instead of after them. Default false. */
  prepend?: boolean
}
/** Options of forward hooks on a module. */
export interface ForwardHookOptions extends HookOptions {
  /** Run it even when `forward` throws, with the output null. Default false. */
  alwaysCall?: boolean
}

interface HookTypes {
  forwardPre: ForwardPreHook
  forward: ForwardHook
  backwardPre: BackwardPreHook
  backward: BackwardHook
}
type Kind = keyof HookTypes
interface Entry<H> {
  readonly hook: H
  readonly alwaysCall: boolean
}
/** The hooks of one module, or of all. */
export type ModuleHooks = { readonly [K in Kind]: Entry<HookTypes[K]>[] }
/** Where hooks are kept; null as long as there are none. */
interface Holder {
  hooks: ModuleHooks | null
}
const globalHooks: Holder = { hooks: null }

function addHook<K extends Kind>(
  holder: Holder,
  kind: K,
  op: string,
  hook: HookTypes[K],
  { prepend = false, alwaysCall = false }: ForwardHookOptions,
): RemovableHandle {
  if (typeof hook !== 'function')
    throw new ArgumentError(`${op}(): expected a function but got ${describe(hook)}`, { op })
  expectBool(op, 'prepend', prepend)
  expectBool(op, 'always_call', alwaysCall)
  holder.hooks ??= { forwardPre: [], forward: [], backwardPre: [], backward: [] }
  const { hooks } = holder
  const list: Entry<HookTypes[K]>[] = hooks[kind]
  const entry = { hook, alwaysCall }
  if (prepend) list.unshift(entry)
  else list.push(entry)
  const remove = (): void => {
    const i = list.indexOf(entry)
    if (i >= 0) list.splice(i, 1)
    if (holder.hooks === hooks && Object.values(hooks).every((l) => l.length === 0)) holder.hooks = null
  }
  return { remove, [Symbol.dispose]: remove }
}

/** Takes a hook away wherever the module has it: of a copied module no handle is there. */
export function dropHook(r: Registry, hook: unknown): void {
  for (const list of Object.values(r.hooks ?? {}) as Entry<unknown>[][]) {
    const i = list.findIndex((e) => e.hook === hook)
    if (i >= 0) list.splice(i, 1)
  }
  for (const list of Object.values(r.stateHooks ?? {}) as unknown[][]) {
    const i = list.indexOf(hook)
    if (i >= 0) list.splice(i, 1)
  }
  if (r.hooks && Object.values(r.hooks).every((l) => l.length === 0)) r.hooks = null
}

type First = boolean | HookOptions
export const addForwardPreHook = (r: Registry, hook: ForwardPreHook, options?: First): RemovableHandle =>
  addHook(r, 'forwardPre', 'registerForwardPreHook', hook, optionsOf('registerForwardPreHook', ['prepend'], options))
export const addForwardHook = (
  r: Registry,
  hook: ForwardHook,
  options?: boolean | ForwardHookOptions,
): RemovableHandle =>
  addHook(
    r,
    'forward',
    'registerForwardHook',
    hook,
    optionsOf('registerForwardHook', ['prepend', 'alwaysCall'], options),
  )
export const addBackwardPreHook = (r: Registry, hook: BackwardPreHook, options?: First): RemovableHandle => {
  const op = 'registerFullBackwardPreHook'
  return addHook(r, 'backwardPre', op, hook, optionsOf(op, ['prepend'], options))
}
export const addBackwardHook = (r: Registry, hook: BackwardHook, options?: First): RemovableHandle =>
  addHook(r, 'backward', 'registerFullBackwardHook', hook, optionsOf('registerFullBackwardHook', ['prepend'], options))

/** Calls `hook` before every `forward` of every module, ahead of the module's own hooks. */
export function registerModuleForwardPreHook(hook: ForwardPreHook): RemovableHandle {
  return addHook(globalHooks, 'forwardPre', 'registerModuleForwardPreHook', hook, {})
}
/** Calls `hook` after every `forward` of every module, ahead of the module's own hooks. */
export function registerModuleForwardHook(
  hook: ForwardHook,
  options?: boolean | { alwaysCall?: boolean },
): RemovableHandle {
  const op = 'registerModuleForwardHook'
  return addHook(globalHooks, 'forward', op, hook, optionsOf<{ alwaysCall?: boolean }>(op, ['alwaysCall'], options))
}
/** Calls `hook` with the gradients of every module's outputs, ahead of the module's own hooks. */
export function registerModuleFullBackwardPreHook(hook: BackwardPreHook): RemovableHandle {
  return addHook(globalHooks, 'backwardPre', 'registerModuleFullBackwardPreHook', hook, {})
}
/** Calls `hook` with the gradients of every module's inputs and outputs, ahead of the module's own hooks. */
export function registerModuleFullBackwardHook(hook: BackwardHook): RemovableHandle {
  return addHook(globalHooks, 'backward', 'registerModuleFullBackwardHook', hook, {})
}

// ---- the call -----------------------------------------------------------------------------------------------------

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
export class Callable {
  constructor() {
    // A module without a constructor of its own takes nothing: an option would be lost without a word.
    // biome-ignore lint/complexity/noArguments: no subclass shall have parameters to fill
    if (arguments.length > 0) refuseArguments(new.target.name, arguments)
    const self = ((...args: unknown[]): unknown => call(self as unknown as Module, registry, args)) as unknown as object
    const registry = addRegistry(self)
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

function call(m: Module, r: Registry, args: unknown[]): unknown {
  depth++
  try {
    if (r.hooks === null && globalHooks.hooks === null)
      return (m.forward as (...a: unknown[]) => unknown).apply(m, args)
    return new HookedCall(m, r, args).run()
  } catch (error) {
    noteFailure(error, m)
    throw error
  } finally {
    depth--
    if (depth === 0) failed = null
  }
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

const warn = (text: string): void => process.emitWarning(text)

/** One call of a module that has hooks. */
class HookedCall {
  private result: unknown = null
  private readonly called = new Set<Entry<ForwardHook>>()

  constructor(
    private readonly module: Module,
    private readonly registry: Registry,
    private args: readonly unknown[],
  ) {}

  /** A copy: a hook may remove itself. */
  private hooks<K extends Kind>(kind: K): Entry<HookTypes[K]>[] {
    const of = (h: Holder): Entry<HookTypes[K]>[] => h.hooks?.[kind] ?? []
    return [...of(globalHooks), ...of(this.registry)]
  }

  run(): unknown {
    try {
      return this.inner()
    } catch (error) {
      for (const holder of [globalHooks, this.registry])
        for (const entry of [...(holder.hooks?.forward ?? [])]) {
          if (!entry.alwaysCall || this.called.has(entry)) continue
          try {
            this.result = entry.hook(this.module, this.args, this.result) ?? this.result
          } catch (second) {
            const scope = holder === globalHooks ? 'global module' : 'module'
            warn(
              `${scope} forward hook with \`\`always_call=True\`\` raised an exception that was silenced as another error was raised in forward: ${second instanceof Error ? second.message : String(second)}`,
            )
          }
        }
      throw error
    }
  }

  private inner(): unknown {
    const { module } = this
    for (const { hook } of this.hooks('forwardPre')) {
      const replaced = hook(module, this.args)
      if (replaced !== undefined && replaced !== null)
        this.args = Array.isArray(replaced) ? (replaced as unknown[]) : [replaced]
    }
    const pre = this.hooks('backwardPre')
    const after = this.hooks('backward')
    const backward =
      pre.length + after.length > 0
        ? new BackwardCall(
            module,
            after.map((e) => e.hook),
            pre.map((e) => e.hook),
          )
        : null
    if (backward) this.args = backward.watchInputs(this.args)
    this.result = (module.forward as (...a: unknown[]) => unknown).apply(module, this.args as unknown[])
    for (const entry of this.hooks('forward')) {
      if (entry.alwaysCall) this.called.add(entry)
      this.result = entry.hook(module, this.args, this.result) ?? this.result
    }
    if (backward) this.result = backward.watchOutput(this.result)
    return this.result
  }
}

// ---- backward hooks -----------------------------------------------------------------------------------------------

/** Hands tensors through, so that the graph has one place where the gradients of all of them arrive. */
class BackwardHookFunction extends AutogradFunction {
  static override forward(
    ctx: Context,
    see: (grads: Gradients) => Gradients,
    materialize: boolean,
    ...tensors: Tensor[]
  ): Tensor[] {
    ctx.see = see
    ctx.setMaterializeGrads(materialize)
    ctx.markNonDifferentiable(...tensors.filter((t) => !t.requiresGrad))
    return tensors
  }
  static override backward(ctx: Context, ...grads: (Tensor | null)[]): Gradients {
    const given = (ctx.see as (grads: Gradients) => Gradients)(grads)
    given.forEach((g, i) => {
      checkGradient(grads[i] ?? null, g)
    })
    return [null, null, ...given]
  }
}
function checkGradient(original: Tensor | null, g: unknown): void {
  if (g === null || g === undefined) return
  if (!isTensor(g)) throw new ArgumentError(`expected Variable, but hook returned '${describe(g)}'`)
  if (original === null) return
  if (g.info !== original.info)
    throw new AutogradError(
      `hook 'hook' has changed the type of value (was torch.${original.info.scalarType}Tensor got torch.${g.info.scalarType}Tensor)`,
    )
  if (!sameShape(g.sizes, original.sizes)) throw new AutogradError("hook 'hook' has changed the size of value")
}

/** What a hook returned, where it returned something: as many gradients as it was given. */
function replacement(hook: string, what: string, expected: number, given: unknown): Gradients | null {
  if (given === null || given === undefined) return null
  const list = isTensor(given) ? [...given] : given
  if (!Array.isArray(list)) throw new ArgumentError(`object of type '${describe(given)}' has no len()`)
  if (list.length !== expected)
    throw new AutogradError(
      `${hook} returned an invalid number of ${what}, got ${list.length}, but expected ${expected}`,
      { got: list.length, expected },
    )
  return [...(list as Gradients)]
}

/** Values that are passed through, and which of them are tensors; null where no gradient can arrive. */
interface Watched {
  readonly values: readonly unknown[]
  readonly places: readonly number[] | null
}
function watch(values: readonly unknown[], materialize: boolean, see: (grads: Gradients) => Gradients): Watched {
  const places = [...values.keys()].filter((i) => isTensor(values[i]))
  const tensors = places.map((i) => values[i] as Tensor)
  if (!(gradMode.enabled && tensors.some((t) => t.requiresGrad))) return { values, places: null }
  const passed = BackwardHookFunction.apply(see, materialize, ...tensors)
  const out = [...values]
  places.forEach((place, i) => {
    out[place] = passed[i]
  })
  return { values: out, places }
}
const spread = (count: number, places: readonly number[], grads: Gradients): Gradients => {
  const all = new Array<Tensor | null>(count).fill(null)
  places.forEach((place, i) => {
    all[place] = grads[i] ?? null
  })
  return all
}

/** The gradients of one call of a module: those of its outputs arrive first, then those of its inputs. */
class BackwardCall {
  private gradOutputs: Gradients | null = null
  private inputs: Watched = { values: [], places: null }

  constructor(
    private readonly module: Module,
    private readonly hooks: readonly BackwardHook[],
    private readonly preHooks: readonly BackwardPreHook[],
  ) {}

  watchInputs(args: readonly unknown[]): readonly unknown[] {
    // An input that got no gradient has one of zeros, as in any function of the user's.
    this.inputs = watch(args, true, (grads) => this.seeInputs(grads))
    return this.inputs.values
  }
  watchOutput(result: unknown): unknown {
    const single = !Array.isArray(result)
    if (single && !isTensor(result))
      warn(
        `For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received ${describe(result)}`,
      )
    const list = single ? [result] : (result as unknown[])
    const watched: Watched = watch(list, false, (grads) => {
      const places = watched.places as readonly number[]
      const seen = this.seeOutputs(spread(list.length, places, grads))
      return places.map((place) => seen[place] ?? null)
    })
    return single ? watched.values[0] : watched.values
  }

  private seeOutputs(arrived: Gradients): Gradients {
    let grads = arrived
    for (const hook of this.preHooks)
      grads =
        replacement('Backward pre hook', 'grad_output', arrived.length, hook(this.module, Object.freeze(grads))) ??
        grads
    this.gradOutputs = grads
    if (this.inputs.places === null) this.seeNoInputs(grads)
    return grads
  }
  private seeNoInputs(grads: Gradients): void {
    warn(
      'Full backward hook is firing when gradients are computed with respect to module outputs since no inputs require gradients. See https://docs.pytorch.org/docs/main/generated/torch.nn.Module.html#torch.nn.Module.register_full_backward_hook for more details.',
    )
    const none = spread(this.inputs.values.length, [], [])
    for (const hook of this.hooks) {
      const result = hook(this.module, Object.freeze(none), grads) as unknown
      if (result !== null && result !== undefined && !(Array.isArray(result) && result.every((g) => g === null)))
        throw new AutogradError(
          'Backward hook for Modules where no input requires gradient should always return None or None for all gradients.',
        )
    }
    this.gradOutputs = null
  }
  private seeInputs(arrived: Gradients): Gradients {
    const { gradOutputs } = this
    if (gradOutputs === null) return arrived
    const places = this.inputs.places as readonly number[]
    let grads = spread(this.inputs.values.length, places, arrived)
    for (const hook of this.hooks)
      grads =
        replacement(
          'Backward hook',
          'grad_input',
          grads.length,
          hook(this.module, Object.freeze(grads), Object.freeze(gradOutputs)),
        ) ?? grads
    this.gradOutputs = null
    return places.map((place) => grads[place] ?? null)
  }
}
