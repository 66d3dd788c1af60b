/** Schedulers made of others. */
import { ArgumentError, ValueError } from '../../errors'
import { describe, expectInts } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { Optimizer } from '../optimizer'
import { ReduceLROnPlateau } from './plateau'
import {
  type AnyOptimizer,
  countUpTo,
  groupsOf,
  type LastEpochOption,
  LRScheduler,
  numbersOf,
  ratesOf,
  type SchedulerStateDict,
  setRate,
} from './scheduler'

abstract class Combined extends LRScheduler {
  /** @internal */
  readonly schedulers: readonly LRScheduler[]

  constructor(name: string, schedulers: readonly LRScheduler[], given: AnyOptimizer | undefined, what: string) {
    if (!Array.isArray(schedulers))
      throw new ArgumentError(`${name}: schedulers must be an array of schedulers, not ${describe(schedulers)}`)
    if (schedulers.length < 1)
      throw new ValueError(`${name} expects at least one scheduler${what}, but got no scheduler.`)
    const list: unknown[] = [...(schedulers as readonly unknown[])]
    const [first] = list
    const optimizer = given ?? (first instanceof LRScheduler ? first.optimizer : undefined)
    list.forEach((scheduler, i) => {
      if (!(scheduler instanceof LRScheduler))
        throw new ArgumentError(`${name} at index ${i} should have \`optimizer\` as its attribute.`)
      if (scheduler instanceof ReduceLROnPlateau)
        throw new ValueError(
          `${name} does not support \`ReduceLROnPlateau\` scheduler as it requires additional kwargs to be specified when calling \`step\`, but got one at index ${i} in the given schedulers sequence.`,
        )
      if (scheduler.optimizer !== optimizer)
        throw new ValueError(
          `${name} expects all schedulers to belong to the same optimizer, but got scheduler ${scheduler.constructor.name} at index ${i} has ${scheduler.optimizer}, which is different from ${optimizer?.constructor.name ?? describe(optimizer)}.`,
        )
    })
    super(optimizer as AnyOptimizer, null)
    this.schedulers = [...schedulers]
  }

  getLr(): number[] {
    return this.rates()
  }
  override stateDict(): SchedulerStateDict {
    const { _step_count: _, _is_initial: __, _get_lr_called_within_step: ___, ...state } = super.stateDict()
    return { ...state, _schedulers: this.schedulers.map((s) => s.stateDict()) }
  }
  protected override restore(name: string, value: unknown): void {
    if (name !== 'schedulers') super.restore(name, value)
    else
      (value as SchedulerStateDict[]).forEach((state, i) => {
        this.schedulers[i]?.loadStateDict(state)
      })
  }
}

/** One scheduler after the other, each from its milestone on. */
export class SequentialLR extends Combined {
  /** @internal */
  readonly switches: readonly number[]

  /**
   * @param schedulers of the same optimizer
   * @param milestones the epochs in which the next one takes over: one fewer than schedulers
   */
  constructor(
    optimizer: AnyOptimizer,
    schedulers: readonly LRScheduler[],
    milestones: readonly number[],
    options?: number | LastEpochOption,
  ) {
    const { lastEpoch = -1 } = numbersOf<LastEpochOption>('SequentialLR', ['lastEpoch'], options)
    super('SequentialLR', schedulers, optimizer, '')
    expectInts('SequentialLR', 'milestones', milestones)
    if (milestones.length !== schedulers.length - 1)
      throw new ValueError(
        `Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ${milestones.length}`,
      )
    this.switches = [...milestones]
    this.lastEpoch = lastEpoch + 1
    // All schedulers have set their first rates: that is undone, and the first one begins again.
    for (const group of groupsOf(optimizer)) setRate(group, group.initialLr as number)
    undo(this)
    const first = this.schedulers[countUpTo(this.switches, 0)] as LRScheduler
    first.begin()
    this.lastLr = first.getLastLr()
  }

  override step(): void {
    this.lastEpoch++
    const at = countUpTo(this.switches, this.lastEpoch)
    const scheduler = this.schedulers[at] as LRScheduler
    if (at > 0 && this.switches[at - 1] === this.lastEpoch) scheduler.update(0)
    else scheduler.step()
    this.lastLr = scheduler.getLastLr()
  }
}

function undo(scheduler: LRScheduler): void {
  if (scheduler instanceof Combined) for (const s of scheduler.schedulers) undo(s)
  else scheduler.lastEpoch--
}

/** Options of `ChainedScheduler`. */
export interface ChainedSchedulerOptions {
  /** Default that of the first scheduler. */
  optimizer?: AnyOptimizer
}
/** Schedulers that all work in each step, one upon the other. */
export class ChainedScheduler extends Combined {
  constructor(schedulers: readonly LRScheduler[], options?: AnyOptimizer | ChainedSchedulerOptions) {
    const given =
      options instanceof Optimizer
        ? options
        : optionsOf<ChainedSchedulerOptions>('ChainedScheduler', ['optimizer'], undefined, options).optimizer
    super('ChainedScheduler', schedulers, given, ' to be chained')
    this.lastLr = ratesOf(this.optimizer)
  }
  override step(): void {
    for (const scheduler of this.schedulers) scheduler.step()
    this.lastLr = this.rates()
  }
  override stateDict(): SchedulerStateDict {
    const { last_epoch: _, ...state } = super.stateDict()
    return state
  }
}
