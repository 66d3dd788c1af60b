/** What all optimizers share: parameter groups, state, zeroGrad, the state dict. */

import { enableGrad, noGrad } from '../autograd/mode'
import { ArgumentError, StateDictError, ValueError, NotImplementedError } from '../errors'
import { describe, expectBool, isIterable } from '../check/arguments'
import { optionsOf, withoutUndefined } from '../check/options'
import { contiguousRaw, filled } from '../ops/define/results'
import { DTYPES, getDefaultDtype } from '../runtime/dtype'
import { sameShape } from '../tensor/shape'
import { formatPythonFloat, formatPythonNumber } from '../tensor/python-format'
import { isTensor, type Tensor } from '../tensor/tensor'
import { formatRate } from './checks'
import { jsonMap, numberedEntries } from './json-map'
import { arrangedByName, warnOfOrder } from './param-names'
import { INSPECT } from '../tensor/format'

/** Parameters with options of their own; with names where the optimizer was given named parameters. */
export type ParamGroup<O> = { params: Tensor[]; paramNames?: string[] } & O
/**
 * Options as they are given: what is left out, or undefined, has its default. A rate may be a tensor of one element, and is one in the group
 * then; its type there says number all the same, so that every optimizer is an `Optimizer` whose groups have a rate.
 */
export type Given<O> = { [K in keyof O]?: K extends 'lr' ? O[K] | Tensor : O[K] }
/** How a group is given: its options default to the optimizer's. */
export type ParamGroupInput<O, G = Given<O>> = {
  params: Tensor | Iterable<Tensor> | Iterable<readonly [string, Tensor]>
  /** A name for the group, kept as it is. */
  name?: string
} & G
/** What an optimizer takes: parameters, named parameters, or groups. */
export type Params<O, G = Given<O>> =
  | Iterable<Tensor>
  | Iterable<readonly [string, Tensor]>
  | Iterable<ParamGroupInput<O, G>>

/** The state of one parameter, by name: tensors and numbers. */
export type ParamState = Record<string, Tensor | number | null>

/**
 * The state of an optimizer in PyTorch's form and under PyTorch's names (`exp_avg`, `weight_decay`), so that a saved one is
 * PyTorch's own and the other way round. Parameters go by their number, as PyTorch counts them.
 */
export interface OptimizerStateDict {
  /** State by the number of the parameter; tensors share memory with the optimizer. */
  state: Map<number, Record<string, unknown>>
  /** The options of each group and the numbers of its parameters. */
  param_groups: ({ params: number[] } & Record<string, unknown>)[]
}

/** What every optimizer does; of one that is known as an `Optimizer` only, the groups have a learning rate. */
export abstract class Optimizer<O extends object = { lr: number }> {
  /** The groups; their options may be changed between steps, as schedulers do. */
  readonly paramGroups: ParamGroup<O>[] = []
  /** State by parameter. */
  readonly state = new Map<Tensor, ParamState>()
  /** The options of groups that have none of their own. */
  readonly defaults: O
  /** Whether a step was taken: schedulers of the learning rate come after it. @internal */
  stepCalled = false
  /** How many parameters' state is marked as kept. */
  private kept = 0

  protected constructor(params: Params<O>, defaults: O) {
    if (new.target === Optimizer)
      throw new NotImplementedError('Optimizer is what optimizers are made from: it takes no step itself')
    this.defaults = defaults
    if (isTensor(params))
      throw new ArgumentError(
        `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${(params as Tensor).info.scalarType}Tensor`,
      )
    if (!isIterable(params))
      throw new ArgumentError(
        `params argument given to the optimizer should be an iterable of Tensors or groups, but got ${describe(params)}`,
      )
    const list = [...(params as Iterable<unknown>)]
    if (list.length === 0) throw new ValueError('optimizer got an empty parameter list')
    if (isGroup(list[0])) for (const g of list) this.addParamGroup(g as ParamGroupInput<O>)
    else this.addParamGroup({ params: list } as unknown as ParamGroupInput<O>)
  }

  /** Adds parameters, with options of their own, to what is optimised. */
  addParamGroup(group: ParamGroupInput<O>): void {
    if (!isGroup(group)) throw new ArgumentError(`param_group must be a dict, but got ${describe(group)}`)
    const { params: given, ...rest } = group
    const own = withoutUndefined(rest)
    const list: unknown[] = isIterable(given) && !isTensor(given) ? [...given] : [given]
    const params = list.map((p) => (Array.isArray(p) ? (p[1] as unknown) : p)) as Tensor[]
    const paramNames = list.flatMap((p) => (Array.isArray(p) ? [String(p[0])] : []))
    if (paramNames.length !== 0 && paramNames.length !== params.length)
      throw new ValueError('all optimizer params should be with/without names. Some param names are missing')
    for (const p of params) {
      if (!isTensor(p))
        throw new ArgumentError(`optimizer can only optimize Tensors, but one of the params is ${describe(p)}`)
      if (!p.isLeaf && !p.retainsGrad) throw new ValueError("can't optimize a non-leaf Tensor")
    }
    for (const name of Object.keys(own))
      if (!(name in this.defaults) && !KEPT_OPTIONS.has(name))
        throw new ArgumentError(`parameter group got an unexpected option '${name}'`, { option: name })
    if (new Set(params).size !== params.length)
      process.emitWarning(
        'optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; see github.com/pytorch/pytorch/issues/40967 for more information',
      )
    const named = paramNames.length !== 0
    if (this.paramGroups.some((g) => (g.paramNames !== undefined) !== named))
      throw new ValueError(
        `all optimizer param groups should be with/without names. cannot add param group ${named ? 'with' : 'without'} names to the optimizer`,
      )
    const seen = new Set(this.paramGroups.flatMap((g) => g.params))
    if (params.some((p) => seen.has(p))) throw new ValueError('some parameters appear in more than one parameter group')
    const options = { ...this.defaults, ...(own as Given<O>) }
    this.validate(options)
    this.paramGroups.push({ params, ...(named && { paramNames }), ...options })
  }

  /** Throws for options that make no sense. */
  protected abstract validate(options: O): void
  /** Updates the parameters of one group that have a gradient. What is a tensor in the group is a number here. */
  protected abstract update(group: ParamGroup<O>): void

  /**
   * Takes one step.
   * @param closure computes the loss again, and its gradients; its value is returned
   */
  step(): null
  step<T>(closure: () => T): T
  step<T>(closure?: () => T): T | null {
    this.stepCalled = true
    const loss = closure ? enableGrad(closure) : null
    noGrad(() => {
      for (const group of this.paramGroups) this.update(inNumbers(group))
      // State made by a first step must outlive a scope around it.
      if (this.state.size !== this.kept) {
        for (const s of this.state.values()) for (const v of Object.values(s)) if (isTensor(v)) v.storage.kept = true
        this.kept = this.state.size
      }
    })
    return loss
  }

  /** Forgets all gradients: sets them to null, or with `setToNone: false` to zero. */
  zeroGrad(options?: boolean | { setToNone?: boolean }): void {
    const setToNone = typeof options === 'boolean' ? options : (options?.setToNone ?? true)
    for (const { params } of this.paramGroups)
      for (const p of params) {
        if (p.gradient === null) continue
        if (setToNone) p.gradient = null
        else {
          if (p.gradient.gradFn) p.gradient.detach_()
          else p.gradient.requiresGrad_(false)
          p.gradient.zero_()
        }
      }
  }

  /** State and options as PyTorch's `state_dict()` gives them; tensors share memory. */
  stateDict(): OptimizerStateDict {
    const state: OptimizerStateDict['state'] = jsonMap()
    let n = 0
    const groups = this.paramGroups.map(({ params, ...options }) => {
      const numbers = params.map((p) => {
        const own = this.state.get(p)
        if (own) state.set(n, rename(own, snake, saved))
        return n++
      })
      return { ...rename({ ...options, ...this.fixedOptions }, snake), params: numbers }
    })
    return { state, param_groups: groups }
  }

  /**
   * Takes over the state and options of another optimizer over parameters of the same shapes, also of PyTorch's. The
   * tensors are copied, in the dtype of their parameter. Parameters go by their order; where both sides carry names, and
   * those in another order, a warning says so.
   *
   * @param options `byName`: parameters go by their names, which both sides must have; groups by their order. Default false
   * @throws StateDictError where the groups, the shapes or with `byName` the names do not fit; nothing is changed then
   */
  loadStateDict(
    dict:
      | OptimizerStateDict
      | (Omit<OptimizerStateDict, 'state'> & { state: Readonly<Record<number, Record<string, unknown>>> }),
    options?: boolean | { byName?: boolean },
  ): void {
    const { byName = false } = optionsOf<{ byName?: boolean }>('loadStateDict', ['byName'], options)
    expectBool('loadStateDict', 'byName', byName)
    const { state, param_groups: given } = dict ?? {}
    if (typeof state !== 'object' || state === null) throw new StateDictError("loaded state dict has no 'state'")
    // A plain object will do; and what has no entries is one, where it comes from a file.
    const states = new Map(numberedEntries(state))
    if (!Array.isArray(given)) throw new StateDictError("loaded state dict has no 'param_groups'")
    if (given.length !== this.paramGroups.length)
      throw new StateDictError('loaded state dict has a different number of parameter groups', {
        expected: this.paramGroups.length,
        got: given.length,
      })
    const groups = byName ? arrangedByName(this.paramGroups, given) : given
    const loaded = new Map<Tensor, ParamState>()
    groups.forEach((group, i) => {
      const { params } = this.paramGroups[i] as ParamGroup<O>
      if (!Array.isArray(group?.params) || group.params.length !== params.length)
        throw new StateDictError(
          "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
          { group: i },
        )
      params.forEach((p, k) => {
        const own = states.get(group.params[k])
        if (own) loaded.set(p, rename(own, camel, (v, name) => this.loaded(v, name, p)) as ParamState)
      })
    })
    const loadedOptions = groups.map(({ params: _, ...own }, i) => {
      const renamed = rename(own, camel, loadedOption)
      for (const name of Object.keys(this.fixedOptions)) delete renamed[name]
      this.validate({ ...(this.paramGroups[i] as ParamGroup<O>), ...renamed })
      return renamed
    })
    if (!byName) warnOfOrder(this.paramGroups, groups)
    this.state.clear()
    for (const [p, own] of loaded) this.state.set(p, own)
    // Defined, not assigned: whatever the file calls its options, they are nothing but options.
    loadedOptions.forEach((own, i) => {
      Object.defineProperties(this.paramGroups[i], Object.getOwnPropertyDescriptors(own))
    })
  }

  /** A value of a loaded state as the steps need it: row-major, shaped and typed as its parameter. */
  protected loaded(value: unknown, name: string, p: Tensor): unknown {
    if (Array.isArray(value))
      throw new StateDictError(
        `loaded state dict has a list where ${name} is a tensor: JSON keeps the options, save() and load() the tensors`,
        { name },
      )
    if (!isTensor(value)) return value
    if (name === 'step') return value.item()
    if (value.ndim > 0 && !sameShape(value.sizes, p.sizes))
      throw new StateDictError(
        `loaded state dict has ${name} of shape [${value.sizes.join(', ')}] for a parameter of shape [${p.sizes.join(', ')}]`,
        { name, got: [...value.sizes], expected: [...p.sizes] },
      )
    return contiguousRaw(
      value
        .detach()
        .to(p.isFloatingPoint() ? p.dtype : value.dtype)
        .clone(),
    )
  }

  /**
   * PyTorch's options that say on which device and in which form to compute. Here there is one of each: they cannot be set,
   * and are printed and saved as PyTorch's defaults.
   */
  protected get fixedOptions(): Readonly<Record<string, boolean | null>> {
    return {}
  }
  /** Defaults that are whole, but floats in PyTorch, as they are printed. */
  protected get floatDefaults(): Readonly<Record<string, number>> {
    return {}
  }

  toString(): string {
    const lines = this.paramGroups.map((g, i) => {
      const { params: _, ...own } = g
      const options: Record<string, unknown> = { ...this.fixedOptions, ...own }
      const shown = Object.entries(options)
        .map(([name, v]) => [snake(name), show(v, v === this.floatDefaults[name])] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, v]) => `    ${name}: ${v}`)
      return `Parameter Group ${i}\n${shown.join('\n')}`
    })
    return `${this.constructor.name} (\n${lines.join('\n\n')}\n)`
  }
  [INSPECT](): string {
    return this.toString()
  }
}

/** An object under other names; `__proto__` is a name like any other. */
function rename(
  from: object,
  to: (name: string) => string,
  convert: (value: unknown, name: string) => unknown = (value) => value,
): Record<string, unknown> {
  const entries = Object.entries(from).map(([name, value]) => [to(name), convert(value, name)] as const)
  return Object.fromEntries(entries)
}

/** Rates given as tensors, which may change between the steps, as the numbers that a step computes with. */
export function inNumbers<G extends object>(group: G): G {
  const { lr, betas } = group as { lr?: unknown; betas?: unknown }
  if (!isTensor(lr) && !(Array.isArray(betas) && betas.some(isTensor))) return group
  return { ...group, lr: asNumber(lr), ...(Array.isArray(betas) && { betas: betas.map(asNumber) }) }
}
const asNumber = (v: unknown): unknown => (isTensor(v) ? v.item() : v)
/** An option of a loaded group: rates may be tensors, and are copied; what else PyTorch keeps in one is a number here. */
function loadedOption(v: unknown, name: string): unknown {
  if (Array.isArray(v)) return v.map((x) => loadedOption(x, name))
  if (!isTensor(v)) return v
  return name !== 'lr' && name !== 'betas' ? v.item() : keptCopy(v)
}
function keptCopy(t: Tensor): Tensor {
  const copy = t.detach().clone()
  copy.storage.kept = true
  return copy
}

/** PyTorch counts steps in a tensor, Tenzo in a number. */
const saved = (value: unknown, name: string): unknown =>
  name === 'step' && typeof value === 'number' ? filled([], value, DTYPES[getDefaultDtype()]) : value

const camel = (name: string): string => name.replace(/(?<=[a-z0-9])_([a-z])/g, (_, c: string) => c.toUpperCase())
const snake = (name: string): string => name.replace(/(?<=[a-z0-9])[A-Z]/g, (c) => `_${c.toLowerCase()}`)
/** A value of an option as Python prints it. */
function show(v: unknown, float = false): string {
  if (v === true) return 'True'
  if (v === false) return 'False'
  if (v === null || v === undefined) return 'None'
  if (typeof v === 'number') return float ? formatPythonFloat(v) : formatPythonNumber(v)
  if (isTensor(v)) return formatRate(v)
  if (!Array.isArray(v)) return String(v)
  return v.every((x) => typeof x === 'string')
    ? `[${v.map((x) => `'${x}'`).join(', ')}]`
    : `(${v.map((x) => (isTensor(x) ? String(x) : show(x))).join(', ')})`
}
/** What a group may have beside its options: a name, and what schedulers of the learning rate note there. */
const KEPT_OPTIONS = new Set(['name', 'initialLr', 'maxLr', 'minLr', 'maxMomentum', 'baseMomentum'])
const isGroup = (v: unknown): boolean =>
  typeof v === 'object' && v !== null && !isTensor(v) && !Array.isArray(v) && 'params' in v
