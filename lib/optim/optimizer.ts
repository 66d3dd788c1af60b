/** What all optimizers share: parameter groups, state, zeroGrad, the state dict. */

import { enableGrad, noGrad } from '../autograd/mode'
import { ArgumentError, StateDictError, ValueError } from '../errors'
import { describe } from '../ops/core'
import { isTensor, type Tensor } from '../tensor/tensor'

/** Parameters with options of their own. */
export type ParamGroup<O> = { params: Tensor[] } & O
/** How a group is given: its options default to the optimizer's. */
export type ParamGroupInput<O> = { params: Tensor | Iterable<Tensor> } & Partial<O>
/** What an optimizer takes: parameters, named parameters, or groups. */
export type Params<O> = Iterable<Tensor> | Iterable<readonly [string, Tensor]> | Iterable<ParamGroupInput<O>>

/** The state of one parameter, by name: tensors and numbers. */
export type ParamState = Record<string, Tensor | number | null>

/** A state dict of an optimizer: state and groups, parameters by their number. */
export interface OptimizerStateDict<O> {
  state: Record<number, ParamState>
  paramGroups: ({ params: number[] } & O)[]
}

export abstract class Optimizer<O extends object> {
  /** The groups; their options may be changed between steps, as schedulers do. */
  readonly paramGroups: ParamGroup<O>[] = []
  /** State by parameter. */
  readonly state = new Map<Tensor, ParamState>()
  readonly #defaults: O
  /** How many parameters' state is marked as kept. */
  #kept = 0

  protected constructor(params: Params<O>, defaults: O) {
    this.#defaults = defaults
    if (isTensor(params))
      throw new ArgumentError(
        `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${(params as Tensor).info.scalarType}Tensor`,
      )
    if (params === null || typeof params !== 'object' || !(Symbol.iterator in params))
      throw new ArgumentError(
        `params argument given to the optimizer should be an iterable of Tensors or groups, but got ${describe(params)}`,
      )
    const list = [...(params as Iterable<unknown>)]
    if (list.length === 0) throw new ValueError('optimizer got an empty parameter list')
    const first = list[0]
    if (isGroup(first)) for (const g of list) this.addParamGroup(g as ParamGroupInput<O>)
    else
      this.addParamGroup({
        params: list.map((p) => (Array.isArray(p) ? (p[1] as Tensor) : (p as Tensor))),
      } as unknown as ParamGroupInput<O>)
  }

  /** Adds parameters, with options of their own, to what is optimised. */
  addParamGroup(group: ParamGroupInput<O>): void {
    if (!isGroup(group)) throw new ArgumentError(`param_group must be a dict, but got ${describe(group)}`)
    const { params: given, ...own } = group
    const params = isTensor(given)
      ? [given]
      : [...(given as Iterable<unknown>)].map((p) => (Array.isArray(p) ? (p[1] as unknown) : p))
    for (const p of params) {
      if (!isTensor(p))
        throw new ArgumentError(`optimizer can only optimize Tensors, but one of the params is ${describe(p)}`)
      if (!p.isLeaf) throw new ValueError("can't optimize a non-leaf Tensor")
    }
    const tensors = params as Tensor[]
    if (new Set(tensors).size !== tensors.length) {
      // A parameter listed twice would take two steps.
      throw new ValueError('some parameters appear in more than one parameter group')
    }
    for (const known of Object.keys(own))
      if (!(known in this.#defaults))
        throw new ArgumentError(`parameter group got an unexpected option '${known}'`, { option: known })
    const seen = new Set(this.paramGroups.flatMap((g) => g.params))
    if (tensors.some((p) => seen.has(p)))
      throw new ValueError('some parameters appear in more than one parameter group')
    const options = { ...this.#defaults, ...(own as Partial<O>) }
    this.validate(options)
    this.paramGroups.push({ params: tensors, ...options })
  }

  /** Throws for options that make no sense. */
  protected abstract validate(options: O): void
  /** Updates the parameters of one group that have a gradient. */
  protected abstract update(group: ParamGroup<O>): void

  /**
   * Takes one step.
   * @param closure computes the loss again, and its gradients; its value is returned
   */
  step(): null
  step<T>(closure: () => T): T
  step<T>(closure?: () => T): T | null {
    const loss = closure ? enableGrad(closure) : null
    noGrad(() => {
      for (const group of this.paramGroups) this.update(group)
      // State made by a first step must outlive a scope around it.
      if (this.state.size !== this.#kept) {
        for (const s of this.state.values()) for (const v of Object.values(s)) if (isTensor(v)) v.storage.kept = true
        this.#kept = this.state.size
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
          p.gradient.detach_()
          p.gradient.zero_()
        }
      }
  }

  /** State and options, with parameters numbered in order; tensors share memory. */
  stateDict(): OptimizerStateDict<O> {
    const all = this.paramGroups.flatMap((g) => g.params)
    const state: Record<number, ParamState> = {}
    all.forEach((p, i) => {
      const s = this.state.get(p)
      if (s) state[i] = { ...s }
    })
    let n = 0
    const paramGroups = this.paramGroups.map(({ params, ...options }) => ({
      ...(options as unknown as O),
      params: params.map(() => n++),
    }))
    return { state, paramGroups }
  }
  /** Takes over the state and options of another optimizer over parameters of the same shapes. */
  loadStateDict(dict: OptimizerStateDict<O>): void {
    if (dict.paramGroups.length !== this.paramGroups.length)
      throw new StateDictError('loaded state dict has a different number of parameter groups', {
        expected: this.paramGroups.length,
        got: dict.paramGroups.length,
      })
    dict.paramGroups.forEach((g, i) => {
      if (g.params.length !== (this.paramGroups[i] as ParamGroup<O>).params.length)
        throw new StateDictError(
          "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
          { group: i },
        )
    })
    this.state.clear()
    dict.paramGroups.forEach((saved, i) => {
      const group = this.paramGroups[i] as ParamGroup<O>
      const { params: numbers, ...options } = saved
      Object.assign(group, options)
      numbers.forEach((number, k) => {
        const s = dict.state[number]
        const p = group.params[k] as Tensor
        if (!s) return
        const copy: ParamState = {}
        for (const [name, v] of Object.entries(s))
          copy[name] = isTensor(v)
            ? v
                .detach()
                .to(v.isFloatingPoint() && v.ndim > 0 ? p.dtype : v.dtype)
                .clone()
            : v
        this.state.set(p, copy)
      })
    })
  }

  toString(): string {
    const lines = this.paramGroups.map((g, i) => {
      const { params: _, ...options } = g
      const shown = Object.entries(options)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, v]) => `    ${snake(k)}: ${show(v)}`)
      return `Parameter Group ${i}\n${shown.join('\n')}`
    })
    return `${this.constructor.name} (\n${lines.join('\n\n')}\n)`
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)
const show = (v: unknown): string =>
  v === true
    ? 'True'
    : v === false
      ? 'False'
      : v === null || v === undefined
        ? 'None'
        : Array.isArray(v)
          ? `(${v.join(', ')})`
          : String(v)
const isGroup = (v: unknown): boolean =>
  typeof v === 'object' && v !== null && !isTensor(v) && !Array.isArray(v) && 'params' in v
