/** Schedules that go up and down, momentum against them. */
import { shown } from '../../runtime/given'
import { expectFunction } from '../../check/arguments'
import { ValueError } from '../../errors'
import { optionsOf } from '../../check/options'
import {
  type AnyOptimizer,
  expectOptimizer,
  groupsOf,
  type LastEpochOption,
  LRScheduler,
  numbersOf,
  perGroup,
  setRate,
} from './scheduler'

/** Whether the momentum of an optimizer is its first beta. */
function usesBeta(optimizer: AnyOptimizer): boolean {
  const { defaults } = optimizer
  if (!('momentum' in defaults) && !('betas' in defaults))
    throw new ValueError('optimizer must support momentum or beta1 with `cycle_momentum` option enabled')
  return 'betas' in defaults
}
function setMomentum(group: Record<string, unknown>, momentum: number, beta: boolean): void {
  if (beta) group.betas = [momentum, ...(group.betas as number[]).slice(1)]
  else group.momentum = momentum
}
/** Starts each group at its largest momentum, and notes both there. */
function noteMomentums(optimizer: AnyOptimizer, base: readonly number[], max: readonly number[], beta: boolean): void {
  groupsOf(optimizer).forEach((group, i) => {
    setMomentum(group, max[i], beta)
    group.maxMomentum = max[i]
    group.baseMomentum = base[i]
  })
}

/** Options of `CyclicLR`. */
export interface CyclicLROptions extends LastEpochOption {
  /** Steps from the lowest to the highest rate. Default 2000. */
  stepSizeUp?: number
  /** Steps back. Default as many. */
  stepSizeDown?: number | null
  /** All cycles alike, each half as high as the one before, or falling with `gamma`. Default 'triangular'. */
  mode?: 'triangular' | 'triangular2' | 'exp_range'
  /** Default 1. */
  gamma?: number
  /** How high a cycle is, by its number or by the step; then `mode` does not count. */
  scaleFn?: ((x: number) => number) | null
  /** What `scaleFn` is given. Default 'cycle'. */
  scaleMode?: 'cycle' | 'iterations'
  /** Let the momentum fall while the rate rises. Default true. */
  cycleMomentum?: boolean
  /** The lowest momentum. Default 0.8. */
  baseMomentum?: number | readonly number[]
  /** The highest momentum. Default 0.9. */
  maxMomentum?: number | readonly number[]
}
const CYCLIC = [
  'stepSizeUp',
  'stepSizeDown',
  'mode',
  'gamma',
  'scaleFn',
  'scaleMode',
  'cycleMomentum',
  'baseMomentum',
  'maxMomentum',
  'lastEpoch',
] as const

/** Lets the rate go up and down between two values (Smith 2017). `step` is called after each batch. */
export class CyclicLR extends LRScheduler {
  readonly maxLrs: number[]
  readonly totalSize: number
  readonly stepRatio: number
  readonly mode: string
  readonly gamma: number
  readonly scaleMode: string
  readonly cycleMomentum: boolean
  declare readonly useBeta1?: boolean
  declare readonly baseMomentums?: number[]
  declare readonly maxMomentums?: number[]
  /** @internal */
  readonly customScale: ((x: number) => number) | null

  /** @param baseLr the lowest rate, or one for each group. @param maxLr the highest */
  constructor(
    optimizer: AnyOptimizer,
    baseLr: number | readonly number[],
    maxLr: number | readonly number[],
    options?: number | CyclicLROptions,
    rest?: CyclicLROptions,
  ) {
    const o = optionsOf<CyclicLROptions>('CyclicLR', CYCLIC, options, rest)
    const { stepSizeUp = 2000, mode = 'triangular', scaleFn = null, cycleMomentum = true } = o
    const lastEpoch = o.lastEpoch ?? -1
    expectOptimizer(optimizer)
    numbersOf<CyclicLROptions>('CyclicLR', CYCLIC, {
      stepSizeUp,
      stepSizeDown: o.stepSizeDown,
      gamma: o.gamma,
      lastEpoch,
    })
    if (scaleFn !== null) expectFunction('CyclicLR', 'scale_fn', scaleFn)
    const baseLrs = perGroup('base_lr', optimizer, baseLr)
    const maxLrs = perGroup('max_lr', optimizer, maxLr)
    if (!['triangular', 'triangular2', 'exp_range'].includes(mode) && scaleFn === null)
      throw new ValueError('mode is invalid and scale_fn is None')
    const beta = cycleMomentum && usesBeta(optimizer)
    const baseMomentums = perGroup('base_momentum', optimizer, o.baseMomentum ?? 0.8)
    const maxMomentums = perGroup('max_momentum', optimizer, o.maxMomentum ?? 0.9)
    if (lastEpoch === -1) {
      groupsOf(optimizer).forEach((group, i) => {
        setRate(group, baseLrs[i])
      })
      if (cycleMomentum) noteMomentums(optimizer, baseMomentums, maxMomentums, beta)
    }
    super(optimizer, lastEpoch)
    this.maxLrs = maxLrs
    this.totalSize = stepSizeUp + (o.stepSizeDown ?? stepSizeUp)
    this.stepRatio = stepSizeUp / this.totalSize
    this.mode = mode
    this.gamma = o.gamma ?? 1
    this.customScale = scaleFn
    this.scaleMode = scaleFn ? (o.scaleMode ?? 'cycle') : mode === 'exp_range' ? 'iterations' : 'cycle'
    this.cycleMomentum = cycleMomentum
    if (cycleMomentum) {
      this.useBeta1 = beta
      this.baseMomentums = baseMomentums
      this.maxMomentums = maxMomentums
    }
    this.begin()
    this.baseLrs = baseLrs
  }

  /** How high a cycle is. */
  scaleFn(x: number): number {
    if (this.customScale) return this.customScale(x)
    return this.mode === 'triangular' ? 1 : this.mode === 'triangular2' ? 1 / 2 ** (x - 1) : this.gamma ** x
  }

  getLr(): number[] {
    this.warnOutsideStep()
    const { lastEpoch, totalSize, stepRatio } = this
    const cycle = Math.floor(1 + lastEpoch / totalSize)
    const x = 1 + lastEpoch / totalSize - cycle
    const height = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1)
    const scale = this.scaleFn(this.scaleMode === 'cycle' ? cycle : lastEpoch)
    if (this.cycleMomentum)
      groupsOf(this.optimizer).forEach((group, i) => {
        const max = this.maxMomentums![i] as number
        const momentum = max - (max - (this.baseMomentums![i] as number)) * height * scale
        setMomentum(group, momentum, this.useBeta1 as boolean)
      })
    return this.baseLrs.map((base, i) => base + (this.maxLrs[i] - base) * height * scale)
  }

  override stateDict(): Record<string, unknown> {
    return { ...super.stateDict(), _scale_fn_custom: null }
  }
  protected override restore(name: string, value: unknown): void {
    if (name !== 'customScale') super.restore(name, value)
  }
}

/** Options of `OneCycleLR`. Either `totalSteps` or both `epochs` and `stepsPerEpoch` must be given. */
export interface OneCycleLROptions extends LastEpochOption {
  /** How many steps the cycle has. */
  totalSteps?: number | null
  epochs?: number | null
  stepsPerEpoch?: number | null
  /** The share of the steps in which the rate rises. Default 0.3. */
  pctStart?: number
  /** Default 'cos'. */
  annealStrategy?: 'cos' | 'linear'
  /** Let the momentum fall while the rate rises. Default true. */
  cycleMomentum?: boolean
  /** The lowest momentum. Default 0.85. */
  baseMomentum?: number | readonly number[]
  /** The highest momentum. Default 0.95. */
  maxMomentum?: number | readonly number[]
  /** The first rate is the highest one divided by this. Default 25. */
  divFactor?: number
  /** The last rate is the first one divided by this. Default 1e4. */
  finalDivFactor?: number
  /** Fall as long as it rose before it vanishes. Default false. */
  threePhase?: boolean
}
const ONE_CYCLE = [
  'totalSteps',
  'epochs',
  'stepsPerEpoch',
  'pctStart',
  'annealStrategy',
  'cycleMomentum',
  'baseMomentum',
  'maxMomentum',
  'divFactor',
  'finalDivFactor',
  'threePhase',
  'lastEpoch',
] as const

/** A part of the cycle, in PyTorch's form: its last step, and which of a group's notes it goes from and to. */
interface Phase {
  end_step: number
  start_lr: string
  end_lr: string
  start_momentum: string
  end_momentum: string
}
const phase = (end: number, [from, to]: [string, string], [start, stop]: [string, string]): Phase => ({
  end_step: end,
  start_lr: `${from}_lr`,
  end_lr: `${to}_lr`,
  start_momentum: `${start}_momentum`,
  end_momentum: `${stop}_momentum`,
})
/** `initial_lr` → `initialLr` */
const note = (name: string): string => name.replace(/_([a-z])/, (_, c: string) => c.toUpperCase())

function stepsOf(o: OneCycleLROptions): number {
  const check = (name: string, n: number): number => {
    if (!Number.isInteger(n) || n <= 0) throw new ValueError(`Expected positive integer ${name}, but got ${shown(n)}`)
    return n
  }
  if (o.totalSteps != null) return check('total_steps', o.totalSteps)
  if (o.epochs == null || o.stepsPerEpoch == null)
    throw new ValueError('You must define either total_steps OR (epochs AND steps_per_epoch)')
  return check('epochs', o.epochs) * check('steps_per_epoch', o.stepsPerEpoch)
}

/** One rise and one long fall over the whole training (Smith and Topin 2019). `step` is called after each batch. */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number
  readonly cycleMomentum: boolean
  declare readonly useBeta1?: boolean
  /** @internal */
  readonly phases: Phase[]
  /** @internal */
  readonly anneal: 'cos' | 'linear'

  /** @param maxLr the highest rate, or one for each group */
  constructor(
    optimizer: AnyOptimizer,
    maxLr: number | readonly number[],
    options?: number | OneCycleLROptions,
    rest?: OneCycleLROptions,
  ) {
    const o = optionsOf<OneCycleLROptions>('OneCycleLR', ONE_CYCLE, options, rest)
    const { pctStart = 0.3, annealStrategy = 'cos', cycleMomentum = true } = o
    const lastEpoch = o.lastEpoch ?? -1
    expectOptimizer(optimizer)
    const { divFactor, finalDivFactor } = o
    numbersOf<OneCycleLROptions>('OneCycleLR', ONE_CYCLE, { pctStart, divFactor, finalDivFactor, lastEpoch })
    const total = stepsOf(o)
    const up = phase(pctStart * total - 1, ['initial', 'max'], ['max', 'base'])
    const phases = o.threePhase
      ? [
          up,
          phase(2 * pctStart * total - 2, ['max', 'initial'], ['base', 'max']),
          phase(total - 1, ['initial', 'min'], ['max', 'max']),
        ]
      : [up, phase(total - 1, ['max', 'min'], ['base', 'max'])]
    if (!(pctStart >= 0 && pctStart <= 1))
      throw new ValueError(`Expected float between 0 and 1 pct_start, but got ${pctStart}`)
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear')
      throw new ValueError(`anneal_strategy must be one of 'cos' or 'linear', instead got ${shown(annealStrategy)}`)
    const maxLrs = perGroup('max_lr', optimizer, maxLr)
    if (lastEpoch === -1)
      groupsOf(optimizer).forEach((group, i) => {
        group.initialLr = maxLrs[i] / (o.divFactor ?? 25)
        group.maxLr = maxLrs[i]
        group.minLr = group.initialLr / (o.finalDivFactor ?? 1e4)
      })
    const beta = cycleMomentum && usesBeta(optimizer)
    if (cycleMomentum && lastEpoch === -1) {
      const max = perGroup('max_momentum', optimizer, o.maxMomentum ?? 0.95)
      noteMomentums(optimizer, perGroup('base_momentum', optimizer, o.baseMomentum ?? 0.85), max, beta)
    }
    super(optimizer, lastEpoch)
    this.totalSteps = total
    this.phases = phases
    this.anneal = annealStrategy
    this.cycleMomentum = cycleMomentum
    if (cycleMomentum) this.useBeta1 = beta
    this.begin()
  }

  getLr(): number[] {
    this.warnOutsideStep()
    const step = this.lastEpoch
    if (step > this.totalSteps)
      throw new ValueError(`Tried to step ${step} times. The specified number of total steps is ${this.totalSteps}`)
    let at = this.phases.findIndex((p) => step <= p.end_step)
    if (at === -1) at = this.phases.length - 1
    const now = this.phases[at] as Phase
    const start = at === 0 ? 0 : (this.phases[at - 1] as Phase).end_step
    if (now.end_step === start) throw new ValueError('float division by zero')
    const done = (step - start) / (now.end_step - start)
    return groupsOf(this.optimizer).map((group) => {
      const between = (from: string, to: string): number =>
        this.between(group[note(from)] as number, group[note(to)] as number, done)
      if (this.cycleMomentum)
        setMomentum(group, between(now.start_momentum, now.end_momentum), this.useBeta1 as boolean)
      return between(now.start_lr, now.end_lr)
    })
  }

  private between(start: number, end: number, done: number): number {
    if (this.anneal === 'linear') return (end - start) * done + start
    return end + ((start - end) / 2) * (Math.cos(Math.PI * done) + 1)
  }
}
