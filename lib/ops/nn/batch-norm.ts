/** Normalisation of each channel over the batch. */
import { attach, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { castRaw, copyInto, emptyOf } from '../define/results'
import { define } from '../define/define'
import { bool, float, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { channelView, dimsBesideChannels, sumOfChannels } from './channels'
import { computeInfo } from '../define/kernel-operands'
import {
  type AffineOptions,
  type ChannelCounts,
  channelCounts,
  finishForward,
  forwardOperands,
  optionalInput,
  project,
  ruleOf,
  standardized,
} from './normalization'
import { checkBatch, checkBatchNorm } from './normalization-checks'

/** Options of `batchNorm`. */
export interface BatchNormOptions extends AffineOptions {
  /** Use the batch's own statistics, and move the running ones. Default false. */
  training?: boolean
  /** How much of the new statistics goes into the running ones. Default 0.1. */
  momentum?: number
}

/** Statistics in the dtype of the kernel: of the batch (mean, 1 / std) or the running ones (mean, variance). */
interface BatchState extends ChannelCounts {
  readonly training: boolean
  readonly eps: number
  readonly mean: Tensor
  readonly spread: Tensor
}
const BATCH_NODES = ['NativeBatchNormBackward0', 'AddBackward0', 'MulBackward0', 'CloneBackward0'] as const
/** Of nothing PyTorch gives a copy, scaled and moved. */
function nodeOf(x: Tensor, { weight, bias }: BatchNormCall): string {
  const [full, withBias, withWeight, copy] = BATCH_NODES
  return x.count > 0 ? full : bias ? withBias : weight ? withWeight : copy
}

const batchRule = ruleOf<BatchState>({
  affineSizes: ({ c }) => [c],
  encode: (info, { dx, dw, db, dy, x, weight }, { mean, spread, n, c, s, training, eps }) =>
    encode.batchNormBackward(OP.batch_norm_backward, info, {
      dx,
      dw,
      db,
      dy,
      x,
      weight,
      mean,
      spread,
      n,
      c,
      s,
      training,
      eps,
    }),
  composed(n, g, x, w, { training, eps, mean, spread }) {
    const dims = dimsBesideChannels(x.sizes)
    const perChannel = (t: Tensor): Tensor => channelView(t, x.sizes)
    const [xhat, rstd] = training
      ? standardized(x, dims, eps)
      : [x.sub(perChannel(mean)).mul(perChannel(spread.add(eps).rsqrt())), perChannel(spread.add(eps).rsqrt())]
    const gw = w ? g.mul(perChannel(w)) : g
    return [
      n.needs(0) ? (training ? project(gw, xhat, rstd, dims) : gw.mul(rstd)) : null,
      n.needs(1) ? sumOfChannels(g.mul(xhat)) : null,
      n.needs(2) ? sumOfChannels(g) : null,
    ]
  },
})

/** What is no tensor of running statistics in a call. */
export interface BatchNormCall {
  readonly weight: Tensor | null
  readonly bias: Tensor | null
  readonly training: boolean
  readonly momentum: number
  readonly eps: number
}
/** Batch norm of what the checks of the batch's size have passed. @internal */
export function batchNormOf(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  o: BatchNormCall,
): Tensor {
  checkBatchNorm(x, runningMean, runningVar, o)
  const { weight, bias, training, momentum, eps } = o
  const info = computeInfo(x)
  const operands = forwardOperands(x, weight, bias, info)
  const [movedMean, movedVar] = [optionalInput(runningMean, info), optionalInput(runningVar, info)]
  const { n, c, s } = channelCounts(x.sizes)
  const channels = [x.sizes[1] ?? 0]
  const mean = training ? emptyOf(channels, info) : null
  const rstd = training ? emptyOf(channels, info) : null
  if (x.count > 0) {
    encode.batchNorm(OP.batch_norm, info, {
      y: operands.y,
      x: operands.x,
      weight: operands.weight,
      bias: operands.bias,
      runningMean: movedMean,
      runningVar: movedVar,
      mean,
      invstd: rstd,
      n,
      c,
      s,
      training,
      momentum,
      eps,
    })
    run()
  }
  if (training) {
    moveRunning(runningMean, movedMean)
    moveRunning(runningVar, movedVar)
  }
  const y = finishForward(operands, x)
  if (tracks(x, weight, bias)) {
    const node = attach(y, nodeOf(x, o), batchRule, [x, weight, bias])
    node.save(x, weight)
    if (mean && rstd) node.own(mean, rstd)
    node.meta = {
      n,
      c,
      s,
      training,
      eps,
      // The running statistics may move before the backward pass.
      mean: mean ?? castRaw(movedMean as Tensor, info),
      spread: rstd ?? castRaw(movedVar as Tensor, info),
    } satisfies BatchState
  } else if (mean && rstd) {
    mean.storage.release()
    rstd.storage.release()
  }
  return y
}
/** Running statistics that a kernel has moved, perhaps in a copy. */
function moveRunning(running: Tensor | null, moved: Tensor | null): void {
  if (!running || !moved) return
  if (moved.storage !== running.storage) {
    copyInto(running, moved)
    moved.storage.release()
  }
  running.versions.version++
}

/**
 * Normalises each channel over batch and space; in training the running statistics move, in place (Ioffe and Szegedy 2015).
 * @param x [N, C, …], floating
 * @param runningMean [C], or null in training
 * @param runningVar [C], or null in training
 * @throws ValueError when one value a channel leaves nothing to normalise in training
 */
export const batchNorm: Op<
  (
    x: Tensor,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    weight?: Tensor | null | BatchNormOptions,
    options?: BatchNormOptions,
  ) => Tensor
> = define('batchNorm', {
  params: [
    tensor('input'),
    tensor('runningMean').orNull(),
    tensor('runningVar').orNull(),
    tensor('weight').orNull().default(null),
    tensor('bias').orNull().default(null),
    bool('training').default(false),
    float('momentum').default(0.1),
    float('eps').default(1e-5),
  ],
  namespace: 'nn.functional',
  node: BATCH_NODES,
  run(x, runningMean, runningVar, o) {
    const { training, eps } = o
    checkBatch(x, training, eps)
    return batchNormOf(x, runningMean, runningVar, o)
  },
})
