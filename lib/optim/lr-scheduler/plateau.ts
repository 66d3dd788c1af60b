/** A schedule that waits for the loss. */
import { ArgumentError, ModuleError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { describe, expectNumbers } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { type AnyOptimizer, groupsOf, LRScheduler, perGroup, ratesOf, setRate } from './scheduler'

/** Options of `ReduceLROnPlateau`. */
export interface ReduceLROnPlateauOptions {
  /** Whether less is better, or more. Default 'min'. */
  mode?: 'min' | 'max'
  /** What the rate is multiplied by. Default 0.1. */
  factor?: number
  /** How many epochs without improvement are borne. Default 10. */
  patience?: number
  /** What counts as improvement. Default 1e-4. */
  threshold?: number
  /** Whether `threshold` is a share of the best value or a difference. Default 'rel'. */
  thresholdMode?: 'rel' | 'abs'
  /** Epochs after a reduction in which nothing is counted. Default 0. */
  cooldown?: number
  /** The lowest rate, or one for each group. Default 0. */
  minLr?: number | readonly number[]
  /** A smaller change of the rate is not made. Default 1e-8. */
  eps?: number
}
const NAMES = ['mode', 'factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minLr', 'eps'] as const

/** Lowers the rate when a value (the loss on held-out data, say) has stopped improving. */
export class ReduceLROnPlateau extends LRScheduler {
  factor: number
  readonly defaultMinLr: number | null
  minLrs: number[]
  patience: number
  cooldown: number
  eps: number
  readonly mode: 'min' | 'max'
  threshold: number
  readonly thresholdMode: 'rel' | 'abs'
  /** The worst value there is. */
  modeWorse: number
  /** The best value so far. */
  best: number
  cooldownCounter = 0
  numBadEpochs = 0

  constructor(
    optimizer: AnyOptimizer,
    options?: ReduceLROnPlateauOptions['mode'] | ReduceLROnPlateauOptions,
    rest?: ReduceLROnPlateauOptions,
  ) {
    const o = optionsOf<ReduceLROnPlateauOptions>('ReduceLROnPlateau', NAMES, options, rest)
    const { mode = 'min', factor = 0.1, thresholdMode = 'rel', minLr = 0 } = o
    const { patience, cooldown, eps, threshold } = o
    expectNumbers('ReduceLROnPlateau', { factor, patience, cooldown, eps, threshold })
    if (factor >= 1) throw new ValueError('Factor should be < 1.0.')
    super(optimizer, null)
    const count = optimizer.paramGroups.length
    if (Array.isArray(minLr) && minLr.length !== count)
      throw new ValueError(`expected ${count} min_lrs, got ${minLr.length}`)
    if (mode !== 'min' && mode !== 'max') throw new ValueError(`mode ${shown(mode)} is unknown!`)
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs')
      throw new ValueError(`threshold mode ${shown(thresholdMode)} is unknown!`)
    this.factor = factor
    this.defaultMinLr = typeof minLr === 'number' ? minLr : null
    this.minLrs = perGroup('min_lrs', optimizer, minLr)
    this.patience = o.patience ?? 10
    this.cooldown = o.cooldown ?? 0
    this.eps = o.eps ?? 1e-8
    this.mode = mode
    this.threshold = o.threshold ?? 1e-4
    this.thresholdMode = thresholdMode
    this.modeWorse = mode === 'min' ? Infinity : -Infinity
    this.best = this.modeWorse
    this.lastEpoch = 0
    this.lastLr = ratesOf(optimizer)
  }

  /** Not in use: the rates depend on the values given to `step`. */
  getLr(): number[] {
    return this.rates()
  }

  /** @param metrics the value to watch, a number or a tensor of one element */
  override step(metrics?: number | Tensor, epoch?: number): void {
    const current = isTensor(metrics) ? Number(metrics.item()) : metrics
    if (typeof current !== 'number')
      throw new ArgumentError(
        `ReduceLROnPlateau.step(): metrics must be a number or a Tensor, not ${describe(metrics)}`,
      )
    this.lastEpoch = epoch ?? this.lastEpoch + 1
    if (this.isBetter(current)) {
      this.best = current
      this.numBadEpochs = 0
    } else this.numBadEpochs++
    if (this.inCooldown) {
      this.cooldownCounter--
      this.numBadEpochs = 0
    }
    if (this.numBadEpochs > this.patience) {
      this.reduce()
      this.cooldownCounter = this.cooldown
      this.numBadEpochs = 0
    }
    this.lastLr = this.rates()
  }

  /** Whether the rate was lowered a short while ago. */
  get inCooldown(): boolean {
    return this.cooldownCounter > 0
  }

  private isBetter(value: number): boolean {
    const { best, threshold, mode } = this
    if (this.thresholdMode === 'rel')
      return mode === 'min' ? value < best * (1 - threshold) : value > best * (threshold + 1)
    return mode === 'min' ? value < best - threshold : value > best + threshold
  }

  private reduce(): void {
    const groups = groupsOf(this.optimizer)
    if (groups.length !== this.minLrs.length) {
      const least = this.defaultMinLr
      if (least === null)
        throw new ModuleError(
          `The number of param groups in the \`optimizer\` (${groups.length}) differs from when \`ReduceLROnPlateau\` was initialized (${this.minLrs.length}), usually due to a new param group being added to the optimizer. Please modify the \`min_lrs\` field to match the length of the \`optimizer\` param groups.`,
        )
      this.minLrs = groups.map(() => least)
    }
    this.rates().forEach((before, i) => {
      const lr = Math.max(before * this.factor, this.minLrs[i])
      if (before - lr > this.eps) setRate(groups[i], lr)
    })
  }

  override stateDict(): Record<string, unknown> {
    // PyTorch's has none of these: it computes nothing from the start's rates.
    const { _step_count: _, _is_initial: __, _get_lr_called_within_step: ___, ...state } = super.stateDict()
    return state
  }
  override loadStateDict(dict: Record<string, unknown> | ReadonlyMap<string, unknown>): void {
    super.loadStateDict(dict)
    this.modeWorse = this.mode === 'min' ? Infinity : -Infinity
    // JSON has no infinity.
    this.best ??= this.modeWorse
  }
}
