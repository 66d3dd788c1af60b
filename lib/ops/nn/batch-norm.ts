/** Normalisation of each channel over the batch. */
import { attach, tracks } from '../../autograd/node'
import { IndexError, ShapeError, ValueError } from '../../errors'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented, torchSize } from '../../check/words'
import { castRaw, copyInto, emptyOf } from '../define/results'
import { checkWritable } from '../../tensor/overlap'
import { define } from '../define/define'
import { bool, float, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { channelView, dimsBesideChannels, sumOfChannels } from './channels'
import { computeInfo } from '../define/kernel-operands'
import {
  type AffineOptions,
  type ChannelCounts,
  channelCounts,
  checkMixed,
  finishForward,
  forwardOperands,
  optionalInput,
  project,
  ruleOf,
  standardized,
} from './normalization'

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

/** Of what is no vector a channel, in PyTorch's order. */
function checkBatchNorm(x: Tensor, runningMean: Tensor | null, runningVar: Tensor | null, o: BatchNormCall): void {
  const { weight, bias, training } = o
  const channels = x.sizes[1] ?? 0
  // PyTorch takes an empty vector for a batch without channels.
  if (x.sizes.length < 2 && (x.count > 0 || x.sizes.length === 0) && !runningMean && !runningVar)
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-Math.max(1, x.sizes.length)}, ${Math.max(0, x.sizes.length - 1)}], but got 1)`,
      { input: [...x.sizes] },
    )
  if (!training) {
    if (!runningMean) throw new ValueError('running_mean must be defined in evaluation mode')
    if (!runningVar) throw new ValueError('running_var must be defined in evaluation mode')
  }
  for (const [name, t] of [
    ['running_mean', runningMean],
    ['running_var', runningVar],
    ['weight', weight],
    ['bias', bias],
  ] as const)
    if (t && t.count !== channels)
      throw new ShapeError(`${name} should contain ${channels} elements not ${t.count}`, {
        input: [...x.sizes],
        [name]: [...t.sizes],
      })
  if (x.sizes.length < 2 && x.count > 0)
    throw new IndexError(`Dimension out of range (expected to be in range of [-1, 0], but got 1)`, {
      input: [...x.sizes],
    })
  if (x.info.category !== Category.Float) throw notImplemented('batch_norm', x.info)
  if (training) for (const running of [runningMean, runningVar]) if (running) checkWritable(running)
  checkMixed(x, weight, bias, runningMean, runningVar)
}

/** What is no tensor of running statistics in a call. */
interface BatchNormCall {
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
    // Of nothing PyTorch gives a copy, scaled and moved.
    const [full, withBias, withWeight, copy] = BATCH_NODES
    const ofNothing = bias ? withBias : weight ? withWeight : copy
    const node = attach(y, x.count > 0 ? full : ofNothing, batchRule, [x, weight, bias])
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
    if (training) checkBatchSize(x)
    if (training ? eps <= 0 : eps < 0) {
      const kind = training ? 'positive during training' : 'non-negative'
      throw new ValueError(`batch_norm eps must be ${kind}, but got ${Number.isInteger(eps) ? eps.toFixed(1) : eps}`, {
        eps,
      })
    }
    return batchNormOf(x, runningMean, runningVar, o)
  },
})
/** Training needs more than one value a channel. */
function checkBatchSize(x: Tensor): void {
  const s = x.sizes
  if (s.length === 0) throw new IndexError('tuple index out of range', { input: [] })
  let count = s[0]
  for (let i = 2; i < s.length; i++) count *= s[i]
  if (count === 1)
    throw new ValueError(`Expected more than 1 value per channel when training, got input size ${torchSize(s)}`, {
      input: [...s],
    })
}
