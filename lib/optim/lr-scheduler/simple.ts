/** Schedules in which each rate follows from the one before. */
import { notePublic, publicName } from '../../check/class-names'
import { ValueError } from '../../errors'
import { describe, expectFunction, expectInts, expectNumbers } from '../../check/arguments'
import { shown } from '../../runtime/given'
import { optionsOf } from '../../check/options'
import {
  type AnyOptimizer,
  countUpTo,
  type LastEpochOption,
  LRScheduler,
  numbersOf,
  type SchedulerStateDict,
} from './scheduler'
import { jsonMap, numberedEntries } from '../json-map'

/** A factor by epoch. */
export type RateFunction = (epoch: number) => number

function functionsOf(
  op: string,
  optimizer: AnyOptimizer,
  given: RateFunction | readonly RateFunction[],
): RateFunction[] {
  const count = optimizer.paramGroups.length
  const list = Array.isArray(given) ? [...(given as RateFunction[])] : Array.from({ length: count }, () => given)
  if (list.length !== count) throw new ValueError(`Expected ${count} lr_lambdas, but got ${list.length}`)
  for (const f of list) expectFunction(op, 'lr_lambda', f)
  return list as RateFunction[]
}

abstract class ByFunction extends LRScheduler {
  readonly lrLambdas: RateFunction[]
  /**
   * @param lrLambda a function of the epoch, or one for each group
   * @param options `lastEpoch`, which may also be given by itself
   */
  constructor(
    optimizer: AnyOptimizer,
    lrLambda: RateFunction | readonly RateFunction[],
    options?: number | LastEpochOption,
  ) {
    super(optimizer, numbersOf<LastEpochOption>(publicName(new.target), ['lastEpoch'], options).lastEpoch)
    this.lrLambdas = functionsOf(publicName(new.target), optimizer, lrLambda)
    this.begin()
  }
  // Functions are not saved, as in PyTorch.
  override stateDict(): Record<string, unknown> {
    return { ...super.stateDict(), lr_lambdas: this.lrLambdas.map(() => null) }
  }
  protected override restore(name: string, value: unknown): void {
    if (name !== 'lrLambdas') super.restore(name, value)
  }
}

/** The initial rate times a function of the epoch. */
export class LambdaLR extends ByFunction {
  getLr(): number[] {
    this.warnOutsideStep()
    return this.baseLrs.map((lr, i) => lr * (this.lrLambdas[i] as RateFunction)(this.lastEpoch))
  }
}

/** The rate before times a function of the epoch. */
export class MultiplicativeLR extends ByFunction {
  getLr(): number[] {
    this.warnOutsideStep()
    if (this.isInitial) return this.rates()
    return this.rates().map((lr, i) => lr * (this.lrLambdas[i] as RateFunction)(this.lastEpoch))
  }
}

notePublic({ LambdaLR, MultiplicativeLR })

/** Options of `StepLR` and `MultiStepLR`. */
export interface GammaOptions extends LastEpochOption {
  /** What the rate is multiplied by. Default 0.1. */
  gamma?: number
}

/** Multiplies the rate by `gamma` every `stepSize` epochs. */
export class StepLR extends LRScheduler {
  readonly stepSize: number
  readonly gamma: number
  constructor(optimizer: AnyOptimizer, stepSize: number, options?: number | GammaOptions, rest?: GammaOptions) {
    const { gamma = 0.1, lastEpoch } = numbersOf<GammaOptions>('StepLR', ['gamma', 'lastEpoch'], options, rest)
    super(optimizer, lastEpoch)
    this.stepSize = stepSize
    this.gamma = gamma
    this.begin()
  }
  getLr(): number[] {
    this.warnOutsideStep()
    if (this.lastEpoch === 0) return this.rates()
    if (this.stepSize === 0) throw new ValueError('integer modulo by zero')
    return this.lastEpoch % this.stepSize === 0 ? this.rates().map((lr) => lr * this.gamma) : this.rates()
  }
  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** Math.floor(this.lastEpoch / this.stepSize))
  }
}

/** Multiplies the rate by `gamma` at each of some epochs. */
export class MultiStepLR extends LRScheduler {
  /** How often each epoch was given. */
  readonly milestones: Map<number, number>
  readonly gamma: number
  constructor(
    optimizer: AnyOptimizer,
    milestones: Iterable<number>,
    options?: number | GammaOptions,
    rest?: GammaOptions,
  ) {
    const { gamma = 0.1, lastEpoch } = numbersOf<GammaOptions>('MultiStepLR', ['gamma', 'lastEpoch'], options, rest)
    super(optimizer, lastEpoch)
    this.milestones = jsonMap()
    const list: unknown = milestones?.[Symbol.iterator] ? [...milestones] : milestones
    expectInts('MultiStepLR', 'milestones', list)
    for (const m of list) this.milestones.set(m, (this.milestones.get(m) ?? 0) + 1)
    this.gamma = gamma
    this.begin()
  }
  getLr(): number[] {
    this.warnOutsideStep()
    const count = this.milestones.get(this.lastEpoch)
    return count === undefined ? this.rates() : this.rates().map((lr) => lr * this.gamma ** count)
  }
  protected override closedForm(): number[] {
    const all = [...this.milestones].flatMap(([m, count]) => Array.from({ length: count }, () => m))
    return this.baseLrs.map((lr) => lr * this.gamma ** countUpTo(all, this.lastEpoch))
  }
  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), milestones: jsonMap(this.milestones) }
  }
  protected override restore(name: string, value: unknown): void {
    super.restore(name, name === 'milestones' ? jsonMap(numberedEntries(value as Map<number, number>)) : value)
  }
}

/** Options of `ConstantLR`. */
export interface ConstantLROptions extends LastEpochOption {
  /** What the rate is multiplied by until then. Default 1/3. */
  factor?: number
  /** The epoch from which on it is not. Default 5. */
  totalIters?: number
}
/** The rate times a factor until an epoch, then the rate itself. */
export class ConstantLR extends LRScheduler {
  readonly factor: number
  readonly totalIters: number
  constructor(optimizer: AnyOptimizer, options?: number | ConstantLROptions, rest?: ConstantLROptions) {
    const o = numbersOf<ConstantLROptions>('ConstantLR', ['factor', 'totalIters', 'lastEpoch'], options, rest)
    const { factor = 1 / 3, totalIters = 5, lastEpoch } = o
    expectNumbers('ConstantLR', { factor, totalIters, lastEpoch })
    if (factor > 1 || factor < 0) throw new ValueError('Constant multiplicative factor expected to be between 0 and 1.')
    super(optimizer, lastEpoch)
    this.factor = factor
    this.totalIters = totalIters
    this.begin()
  }
  getLr(): number[] {
    this.warnOutsideStep()
    if (this.lastEpoch === 0) return this.rates().map((lr) => lr * this.factor)
    if (this.lastEpoch !== this.totalIters) return this.rates()
    return this.rates().map((lr) => lr * (1 / this.factor))
  }
  protected override closedForm(): number[] {
    const done = this.lastEpoch >= this.totalIters ? 1 : 0
    return this.baseLrs.map((lr) => lr * (this.factor + done * (1 - this.factor)))
  }
}

/** Options of `LinearLR`. */
export interface LinearLROptions extends LastEpochOption {
  /** The factor at the start. Default 1/3. */
  startFactor?: number
  /** The factor at the end. Default 1. */
  endFactor?: number
  /** The epoch of the end. Default 5. */
  totalIters?: number
}
/** The rate times a factor that goes from one value to another in a line. */
export class LinearLR extends LRScheduler {
  readonly startFactor: number
  readonly endFactor: number
  readonly totalIters: number
  constructor(optimizer: AnyOptimizer, options?: number | LinearLROptions, rest?: LinearLROptions) {
    const names = ['startFactor', 'endFactor', 'totalIters', 'lastEpoch'] as const
    const o = numbersOf<LinearLROptions>('LinearLR', names, options, rest)
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5, lastEpoch } = o
    expectNumbers('LinearLR', { startFactor, endFactor, totalIters, lastEpoch })
    if (startFactor > 1 || startFactor <= 0)
      throw new ValueError('Starting multiplicative factor expected to be greater than 0 and less or equal to 1.')
    if (endFactor > 1 || endFactor < 0)
      throw new ValueError('Ending multiplicative factor expected to be between 0 and 1.')
    super(optimizer, lastEpoch)
    this.startFactor = startFactor
    this.endFactor = endFactor
    this.totalIters = totalIters
    this.begin()
  }
  getLr(): number[] {
    this.warnOutsideStep()
    if (this.lastEpoch === 0) return this.rates().map((lr) => lr * this.startFactor)
    if (this.isInitial || this.lastEpoch > this.totalIters) return this.rates()
    const growth = this.endFactor - this.startFactor
    const before = this.totalIters * this.startFactor + (this.lastEpoch - 1) * growth
    return this.rates().map((lr) => lr * (1 + growth / before))
  }
  protected override closedForm(): number[] {
    const { startFactor, endFactor, totalIters } = this
    return this.baseLrs.map(
      (lr) => lr * (startFactor + ((endFactor - startFactor) * Math.min(totalIters, this.lastEpoch)) / totalIters),
    )
  }
}

/** Multiplies the rate by `gamma` every epoch. */
export class ExponentialLR extends LRScheduler {
  readonly gamma: number
  constructor(optimizer: AnyOptimizer, gamma: number, options?: number | LastEpochOption) {
    super(optimizer, numbersOf<LastEpochOption>('ExponentialLR', ['lastEpoch'], options).lastEpoch)
    this.gamma = gamma
    this.begin()
  }
  getLr(): number[] {
    this.warnOutsideStep()
    return this.isInitial ? this.rates() : this.rates().map((lr) => lr * this.gamma)
  }
  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch)
  }
}

/** Options of `PolynomialLR`. */
export interface PolynomialLROptions extends LastEpochOption {
  /** The epoch in which the rate is 0. Default 5. */
  totalIters?: number
  /** Default 1. */
  power?: number
}
/** Lets the rate fall to 0 by a power of the epochs that are left. */
export class PolynomialLR extends LRScheduler {
  readonly totalIters: number
  readonly power: number
  constructor(optimizer: AnyOptimizer, options?: number | PolynomialLROptions, rest?: PolynomialLROptions) {
    const o = numbersOf<PolynomialLROptions>('PolynomialLR', ['totalIters', 'power', 'lastEpoch'], options, rest)
    super(optimizer, o.lastEpoch)
    this.totalIters = o.totalIters ?? 5
    this.power = o.power ?? 1
    this.begin()
  }
  getLr(): number[] {
    this.warnOutsideStep()
    const { totalIters, lastEpoch } = this
    if (this.isInitial || lastEpoch > totalIters) return this.rates()
    const decay = ((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** this.power
    return this.rates().map((lr) => lr * decay)
  }
  protected override closedForm(): number[] {
    const left = 1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters
    return this.baseLrs.map((lr) => lr * left ** this.power)
  }
}

/** Options of `CosineAnnealingLR`. */
export interface EtaMinOptions extends LastEpochOption {
  /** The lowest rate. Default 0. */
  etaMin?: number
}
/** Lets the rate fall to `etaMin` in `TMax` epochs, and rise again, along a cosine (Loshchilov and Hutter 2017). */
export class CosineAnnealingLR extends LRScheduler {
  readonly TMax: number
  readonly etaMin: number
  constructor(optimizer: AnyOptimizer, TMax: number, options?: number | EtaMinOptions, rest?: EtaMinOptions) {
    const o = numbersOf<EtaMinOptions>('CosineAnnealingLR', ['etaMin', 'lastEpoch'], options, rest)
    super(optimizer, o.lastEpoch)
    this.TMax = TMax
    this.etaMin = o.etaMin ?? 0
    this.begin()
  }
  getLr(): number[] {
    this.warnOutsideStep()
    const { lastEpoch, TMax, etaMin } = this
    if (this.isInitial) return this.rates()
    if (this.stepCount === 1 && lastEpoch > 0) return this.closedForm()
    if ((lastEpoch - 1 - TMax) % (2 * TMax) === 0)
      return this.rates().map((lr, i) => lr + ((this.baseLrs[i] - etaMin) * (1 - Math.cos(Math.PI / TMax))) / 2)
    const ratio = (1 + Math.cos((Math.PI * lastEpoch) / TMax)) / (1 + Math.cos((Math.PI * (lastEpoch - 1)) / TMax))
    return this.rates().map((lr) => ratio * (lr - etaMin) + etaMin)
  }
  protected override closedForm(): number[] {
    const { lastEpoch, TMax, etaMin } = this
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / TMax))) / 2)
  }
}

/** Options of `CosineAnnealingWarmRestarts`. */
export interface WarmRestartsOptions extends EtaMinOptions {
  /** What the length of a period is multiplied by after each. Default 1. */
  TMult?: number
}
/** Lets the rate fall along a cosine, and starts anew after `T0` epochs (Loshchilov and Hutter 2017). */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly T0: number
  /** The length of the period it is in. */
  TI: number
  readonly TMult: number
  readonly etaMin: number
  /** Epochs since the period began. */
  TCur: number
  constructor(optimizer: AnyOptimizer, T0: number, options?: number | WarmRestartsOptions, rest?: WarmRestartsOptions) {
    const names = ['TMult', 'etaMin', 'lastEpoch'] as const
    const o = optionsOf<WarmRestartsOptions>('CosineAnnealingWarmRestarts', names, options, rest)
    const { TMult = 1, etaMin = 0 } = o
    const { lastEpoch = -1 } = numbersOf<LastEpochOption>('CosineAnnealingWarmRestarts', ['lastEpoch'], {
      lastEpoch: o.lastEpoch,
    })
    if (!Number.isInteger(T0) || T0 <= 0) throw new ValueError(`Expected positive integer T_0, but got ${shown(T0)}`)
    if (!Number.isInteger(TMult) || TMult < 1)
      throw new ValueError(`Expected integer T_mult >= 1, but got ${shown(TMult)}`)
    if (typeof etaMin !== 'number')
      throw new ValueError(`Expected float or int eta_min, but got ${shown(etaMin)} of type ${describe(etaMin)}`)
    super(optimizer, lastEpoch)
    this.T0 = T0
    this.TI = T0
    this.TMult = TMult
    this.etaMin = etaMin
    this.TCur = lastEpoch
    this.begin()
  }
  getLr(): number[] {
    this.warnOutsideStep()
    const turn = 1 + Math.cos((Math.PI * this.TCur) / this.TI)
    return this.baseLrs.map((lr) => this.etaMin + ((lr - this.etaMin) * turn) / 2)
  }
  /** @param epoch may be a fraction, to set the rate after every batch: `step(epoch + i / batches)` */
  override step(epoch?: number): void {
    const { T0, TMult } = this
    let at = epoch ?? (this.lastEpoch < 0 ? 0 : undefined)
    if (at === undefined) {
      at = this.lastEpoch + 1
      this.TCur++
      if (this.TCur >= this.TI) {
        this.TCur %= this.TI
        this.TI *= TMult
      }
    } else {
      if (at < 0) throw new ValueError(`Expected non-negative epoch, but got ${at}`)
      if (at < T0) {
        this.TI = T0
        this.TCur = at
      } else if (TMult === 1) this.TCur = at % T0
      else {
        const n = Math.trunc(Math.log((at / T0) * (TMult - 1) + 1) / Math.log(TMult))
        this.TCur = at - (T0 * (TMult ** n - 1)) / (TMult - 1)
        this.TI = T0 * TMult ** n
      }
    }
    this.lastEpoch = Math.floor(at)
    this.withinStep = true
    try {
      this.setRates(this.getLr())
    } finally {
      this.withinStep = false
    }
  }
}
