/** The loss of sequences whose alignment is not known. */
import { optionsOf } from '../../check/options'
import type { CtcLossOptions } from '../../ops/nn/ctc'
import type { Reduction } from '../../ops/nn/losses'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { Module } from '../module'

/** The negative log-likelihood of label sequences over all their alignments with the input (Graves et al. 2006). */
export class CTCLoss extends Module {
  readonly blank: number
  readonly reduction: Reduction
  readonly zeroInfinity: boolean
  constructor(blank?: number | CtcLossOptions, options?: CtcLossOptions) {
    super()
    const o = optionsOf<CtcLossOptions>('CTCLoss', ['blank', 'reduction', 'zeroInfinity'], blank, options)
    this.blank = o.blank ?? 0
    this.reduction = o.reduction ?? 'mean'
    this.zeroInfinity = o.zeroInfinity ?? false
  }
  /**
   * @param logProbs [T, N, C] or [T, C]
   * @param targets [N, S], or all in one row
   * @param inputLengths how much of T counts, [N]
   * @param targetLengths how many labels each has, [N]
   */
  override forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[],
    targetLengths: Tensor | readonly number[],
  ): Tensor {
    return F.ctcLoss(logProbs, targets, inputLengths, targetLengths, {
      blank: this.blank,
      reduction: this.reduction,
      zeroInfinity: this.zeroInfinity,
    })
  }
}
