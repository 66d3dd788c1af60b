/** The loss of connectionist temporal classification: a sequence whose alignment with the input is not known. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import type { Shape } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { expectInts } from '../../check/arguments'
import { hostReadAll } from '../define/host-read'
import { emptyOf } from '../define/results'
import { tensor as tensorOf } from '../tensor/create'
import { define } from '../define/define'
import { bool, int, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { type ReductionOption, reductionParam } from './losses'
import { where } from '../elementwise/ternary'
import { checkCtc, checkLengthType, checkReduction, refuseSecondDerivative, unknownClass } from './loss-checks'
import { kernelInput, releaseInput } from '../define/kernel-operands'

/** Options of `ctcLoss`. */
export interface CtcLossOptions extends ReductionOption {
  /** The class that stands for no label. Default 0. */
  blank?: number
  /** A target too long for its input counts 0, and has gradient 0, instead of infinity. Default false. */
  zeroInfinity?: boolean
}

/** The lengths as int64 and as numbers. */
interface Lengths {
  readonly tensor: Tensor
  readonly list: readonly number[]
}
function lengthsOf(name: string, v: Tensor | readonly number[]): Lengths {
  if (isTensor(v)) {
    checkLengthType(name, v)
    const flat = kernelInput(v.detach(), DTYPES.int64).reshape([-1])
    // Sizes: of what is laid out for them, and what they must fit into.
    return { tensor: flat, list: hostReadAll(flat) }
  }
  expectInts('ctcLoss', name, v)
  return { tensor: tensorOf(BigInt64Array.from(v, BigInt)), list: v }
}

/** What both directions are told. */
interface State {
  readonly counts: Readonly<Record<'t' | 'n' | 'c' | 's' | 'targetStride' | 'blank' | 'labels', number>>
  readonly zeroInfinity: boolean
  readonly sizes: Shape
}

const ctcRule: Rule = (n, g) => {
  const { counts, zeroInfinity, sizes } = n.meta as State
  const x = n.tensor(0)
  const [targets, inputLengths, targetLengths, alpha, loss] = [1, 2, 3, 4, 5].map((i) => n.tensor(i)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]
  const c = kernelInput(x, x.info)
  const gc = kernelInput(g, x.info)
  const out = emptyOf(sizes, x.info)
  encode.ctcLossBackward(OP.ctc_loss_backward, x.info, {
    dx: out,
    dy: gc,
    alpha,
    loss,
    logs: c,
    targets,
    inputLengths,
    targetLengths,
    ...counts,
    zeroInfinity,
  })
  run()
  releaseInput(c, x)
  releaseInput(gc, g)
  // The result is no function that could be differentiated: it holds only for probabilities that sum to one.
  if (tracks(g, x)) attach(out, 'NotImplemented', refuseSecondDerivative, [g, x])
  return out
}

/**
 * The negative log-likelihood of label sequences, summed over all their alignments with the input (Graves et al. 2006).
 * As in PyTorch, the gradient is that of log-probabilities that sum to one, as `logSoftmax` makes them.
 * @param logProbs [T, N, C] or [T, C], float32 or float64
 * @param targets labels other than the blank: [N, S], or all in one row [sum of targetLengths]
 * @param inputLengths how much of T counts, [N] integers
 * @param targetLengths how many labels each has, [N] integers
 * @returns a scalar, [N] without reduction; the `mean` is of the losses divided by the lengths of their targets
 * @throws IndexError naming the first target that is no class
 */
export const ctcLoss: Op<
  (
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[],
    targetLengths: Tensor | readonly number[],
    blank?: number | CtcLossOptions,
    options?: CtcLossOptions,
  ) => Tensor
> = define('ctcLoss', {
  params: [
    tensor('logProbs'),
    tensor('targets'),
    own<Tensor | readonly number[]>('Tensor or int[]')('inputLengths'),
    own<Tensor | readonly number[]>('Tensor or int[]')('targetLengths'),
    int('blank').default(0),
    reductionParam,
    bool('zeroInfinity').default(false),
  ],
  namespace: 'nn.functional',
  node: 'CtcLossBackward0',
  run(logProbs, targets, inputLengths, targetLengths, { blank, reduction, zeroInfinity }) {
    const code = checkReduction(reduction)
    const times = lengthsOf('input_lengths', inputLengths)
    const counts = lengthsOf('target_lengths', targetLengths)
    const single = logProbs.sizes.length === 2
    const x = single ? logProbs.unsqueeze(1) : logProbs
    const labels = single && targets.sizes.length === 1 ? targets.unsqueeze(0) : targets
    let losses = lossesOf(x, labels, times, counts, blank, zeroInfinity)
    if (zeroInfinity) losses = where(losses.eq(Number.POSITIVE_INFINITY), 0, losses)
    if (code === 1) return losses.div(counts.tensor.clampMin(1).to(losses.dtype)).mean()
    if (code === 2) return losses.sum()
    return single ? losses.squeeze(0) : losses
  },
})

function lossesOf(
  x: Tensor,
  labels: Tensor,
  times: Lengths,
  counts: Lengths,
  blank: number,
  zeroInfinity: boolean,
): Tensor {
  const longest = checkCtc(x, labels, times.list, counts.list, blank)
  const [t, n, c] = x.sizes as [number, number, number]
  const target = kernelInput(labels.detach(), DTYPES.int64)
  const state: State = {
    counts: {
      t,
      n,
      c,
      s: longest,
      targetStride: labels.sizes.length === 1 ? -1 : labels.sizes[1],
      blank,
      labels: target.count,
    },
    zeroInfinity,
    sizes: x.sizes,
  }
  const logs = kernelInput(x, x.info)
  const loss = emptyOf([n], x.info)
  const alpha = emptyOf([n, t, 2 * longest + 1], x.info)
  encode.ctcLoss(OP.ctc_loss, x.info, {
    loss,
    alpha,
    logs,
    targets: target,
    inputLengths: times.tensor,
    targetLengths: counts.tensor,
    ...state.counts,
  })
  run(unknownClass)
  releaseInput(logs, x)
  if (tracks(x)) {
    const node = attach(loss, ctcLoss.op.node, ctcRule, [x])
    node.save(x, target, times.tensor, counts.tensor, alpha, loss)
    node.own(alpha)
    node.meta = state
  } else alpha.storage.release()
  return loss
}
