/** What all schedulers of the learning rate share. */
import { noGrad } from '../../autograd/mode'
import { ArgumentError, ValueError } from '../../errors'
import { describe, isArrayOf, isNumber } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { checkNumbers } from '../checks'
import { Optimizer } from '../optimizer'

/** An optimizer of any kind. */
export type AnyOptimizer = Optimizer<object>
/** A group as schedulers see it: its options by name. */
export type Group = Record<string, unknown> & { lr: number | Tensor; initialLr?: number }
export const groupsOf = (optimizer: AnyOptimizer): Group[] => optimizer.paramGroups as unknown as Group[]
const rateOf = ({ lr }: Group): number => (isTensor(lr) ? lr.item() : lr)
export const ratesOf = (optimizer: AnyOptimizer): number[] => groupsOf(optimizer).map(rateOf)
/** Sets the rate of a group; one that is a tensor stays the same tensor. */
export function setRate(group: Group, rate: number): void {
  if (isTensor(group.lr)) noGrad(() => (group.lr as Tensor).fill_(rate))
  else group.lr = rate
}

/** Options that all schedulers have. */
export interface LastEpochOption {
  /** The epoch after which to go on, when a run is resumed. Default -1: from the start. */
  lastEpoch?: number
}

export function expectOptimizer(optimizer: unknown): void {
  if (!(optimizer instanceof Optimizer)) throw new ArgumentError(`${describe(optimizer)} is not an Optimizer`)
}
/** Options that are numbers; null stands for the default. @throws ArgumentError for any other value */
export function numbersOf<O extends object>(
  op: string,
  names: readonly (keyof O & string)[],
  first: unknown,
  rest?: unknown,
): O {
  const o = optionsOf<O>(op, names, first, rest)
  const given = Object.entries(o).filter(([, v]) => v !== null)
  checkNumbers(op, Object.fromEntries(given))
  return Object.fromEntries(given) as O
}
/** One value for all groups, or one for each. */
export function perGroup(name: string, optimizer: AnyOptimizer, value: number | readonly number[]): number[] {
  expectOptimizer(optimizer)
  const count = optimizer.paramGroups.length
  if (!isNumber(value) && !isArrayOf(value, isNumber))
    throw new ArgumentError(`${name} must be a number or an array of numbers, not ${describe(value)}`)
  if (isNumber(value)) return new Array<number>(count).fill(value)
  if (value.length !== count)
    throw new ValueError(
      `${name} must have the same length as optimizer.param_groups. ${name} has ${value.length} values, param_groups has ${count}.`,
    )
  return [...value]
}

/** `bisect_right`: how many of the sorted values are not above `x`. */
export const countUpTo = (sorted: readonly number[], x: number): number => sorted.filter((v) => v <= x).length

// State dicts have PyTorch's names, so that a file can go either way; most are the field's in snake case.
const SAVED_NAMES: Readonly<Record<string, string>> = {
  stepCount: '_step_count',
  isInitial: '_is_initial',
  withinStep: '_get_lr_called_within_step',
  lastLr: '_last_lr',
  schedulers: '_schedulers',
  switches: '_milestones',
  phases: '_schedule_phases',
  anneal: '_anneal_func_type',
  customScale: '_scale_fn_custom',
  TMax: 'T_max',
  T0: 'T_0',
  TI: 'T_i',
  TMult: 'T_mult',
  TCur: 'T_cur',
}
const OWN_NAMES: ReadonlyMap<string, string> = new Map(Object.entries(SAVED_NAMES).map(([own, saved]) => [saved, own]))
const savedName = (own: string): string =>
  Object.hasOwn(SAVED_NAMES, own) ? (SAVED_NAMES[own] as string) : own.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)
const ownName = (saved: string): string =>
  OWN_NAMES.get(saved) ?? saved.replace(/(?<=.)_([a-z])/g, (_, c: string) => c.toUpperCase())

/** A state dict of a scheduler: PyTorch's, under PyTorch's names (`last_epoch`, `_last_lr`). */
export type SchedulerStateDict = Record<string, unknown>

const EPOCH_WARNING =
  'The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. Please use `scheduler.step()` to step the scheduler. During the deprecation, if epoch is different from None, the closed form is used instead of the new chainable form, where available. Please open an issue if you are unable to replicate your use case: https://github.com/pytorch/pytorch/issues/new/choose.'
const ORDER_WARNING =
  'Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should call them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will result in PyTorch skipping the first value of the learning rate schedule. See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate'

/**
 * Sets the learning rates of an optimizer's groups, step by step. A subclass defines `getLr`, and ends its constructor with
 * `this.begin()`, which sets the rates of the start.
 */
export abstract class LRScheduler {
  readonly optimizer: AnyOptimizer
  /** The epoch whose rates are set. */
  lastEpoch = -1
  /** The rates of the groups without a scheduler. */
  declare baseLrs: number[]
  /** @internal */
  stepCount = 0
  /** @internal */
  isInitial = false
  /** @internal */
  withinStep = false
  /** @internal */
  lastLr: number[] = []

  /** @param lastEpoch null for schedulers that only rule over others, and note nothing in the groups */
  constructor(optimizer: AnyOptimizer, lastEpoch: number | null = -1) {
    expectOptimizer(optimizer)
    this.optimizer = optimizer
    if (lastEpoch === null) return
    const groups = groupsOf(optimizer)
    groups.forEach((group, i) => {
      if (lastEpoch === -1) group.initialLr ??= rateOf(group)
      else if (group.initialLr === undefined)
        throw new ValueError(
          `param 'initial_lr' is not specified in param_groups[${i}] when resuming scheduler with last_epoch >= 0.\nThis typically happens when:\n1. You're trying to resume training from a checkpoint but haven't properly loaded the optimizer state\n2. You're using last_epoch >= 0 for a fresh training run (not recommended)`,
        )
    })
    this.baseLrs = groups.map((group) => group.initialLr as number)
    this.lastEpoch = lastEpoch
  }

  /** Sets the rates of the start. @internal */
  begin(): void {
    this.stepCount = 0
    this.isInitial = true
    try {
      this.step()
    } finally {
      this.isInitial = false
    }
  }

  /** The rates of `lastEpoch`, one a group, computed from those before. Called by `step`. */
  abstract getLr(): number[]
  /** The rates of `lastEpoch` from the start's, where there is such a form. */
  protected closedForm?(): number[]

  /** The rates that were set last, one a group. */
  getLastLr(): number[] {
    return this.lastLr
  }

  /**
   * Sets the rates of the next epoch (or step, where it is called after each).
   * @param epoch which one instead; deprecated, as in PyTorch
   */
  step(epoch?: number): void {
    if (this.stepCount === 1 && !this.optimizer.stepCalled) process.emitWarning(ORDER_WARNING)
    this.stepCount++
    if (epoch !== undefined) process.emitWarning(EPOCH_WARNING)
    this.update(epoch)
  }

  /** @internal */
  update(epoch?: number): void {
    this.lastEpoch = epoch ?? this.lastEpoch + 1
    this.withinStep = true
    let rates: number[]
    try {
      rates = epoch !== undefined && this.closedForm ? this.closedForm() : this.getLr()
    } finally {
      this.withinStep = false
    }
    this.setRates(rates)
  }

  protected setRates(rates: readonly number[]): void {
    const groups = groupsOf(this.optimizer)
    if (rates.length !== groups.length)
      throw new ValueError(`getLr() gave ${rates.length} learning rates for ${groups.length} groups`)
    groups.forEach((group, i) => {
      setRate(group, rates[i])
    })
    this.lastLr = ratesOf(this.optimizer)
  }

  /** The rates as they are in the groups. */
  protected rates(): number[] {
    return ratesOf(this.optimizer)
  }
  protected warnOutsideStep(): void {
    if (!this.withinStep)
      process.emitWarning('To get the last learning rate computed by the scheduler, please use `get_last_lr()`.')
  }

  /** All that the scheduler keeps but the optimizer and functions, in PyTorch's form. */
  stateDict(): SchedulerStateDict {
    const entries = Object.entries(this).filter(([name, v]) => name !== 'optimizer' && typeof v !== 'function')
    return Object.fromEntries(entries.map(([name, v]) => [savedName(name), copied(v)]))
  }

  /** Takes over the state of another scheduler, also of PyTorch's. */
  loadStateDict(dict: SchedulerStateDict | ReadonlyMap<string, unknown>): void {
    const entries = dict instanceof Map ? [...dict] : Object.entries(dict)
    for (const [saved, v] of entries) {
      const name = ownName(saved)
      if (name !== 'optimizer') this.restore(name, copied(v))
    }
  }

  protected restore(name: string, value: unknown): void {
    // Defined, not assigned: a file may call an entry what it likes.
    Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true })
  }
}

/** A value of a state dict as one's own; PyTorch's rates may be tensors. */
const copied = (v: unknown): unknown => (Array.isArray(v) ? v.map(copied) : isTensor(v) ? v.item() : v)
