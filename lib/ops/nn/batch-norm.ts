/** Normalisation of each channel over the batch. */
import { attach, type Grad, type Node, type Rule, tracks } from '../../autograd/node'
import { IndexError, ShapeError, ValueError } from '../../errors'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { castRaw, copyInto, emptyOf } from '../define/results'
import { checkWritable } from '../../tensor/overlap'
import { define } from '../define/define'
import { bool, float, tensor } from '../define/params'
import type { Op } from '../define/registry'
import {
  type AffineOptions,
  channelView,
  checkMixed,
  optionalInput,
  project,
  shapeOf,
  standardized,
} from './normalization'
import { castResult, computeInfo, kernelInput, releaseInput } from './kernel-operands'

/** Options of `batchNorm`. */
export interface BatchNormOptions extends AffineOptions {
  /** Use the batch's own statistics, and move the running ones. Default false. */
  training?: boolean
  /** How much of the new statistics goes into the running ones. Default 0.1. */
  momentum?: number
}

interface BatchState {
  readonly training: boolean
  readonly eps: number
  /** Statistics in the dtype of the kernel: of the batch (mean, 1 / std) or the running ones (mean, variance). */
  readonly mean: Tensor
  readonly second: Tensor
}
const BATCH_NODES = ['NativeBatchNormBackward0', 'AddBackward0', 'MulBackward0', 'CloneBackward0'] as const

const batchRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const w = n.optional(1)
  const state = n.meta as BatchState
  if (tracks(g, x, w)) return batchGradient(n, g, x, w, state)
  const info = computeInfo(x)
  const [a, b, c] = [kernelInput(g, info), kernelInput(x, info), optionalInput(w, info)]
  const gx = n.needs(0) ? emptyOf(x.sizes, info) : null
  const channels = x.sizes[1] as number
  const gw = n.needs(1) ? emptyOf([channels], info) : null
  const gb = n.needs(2) ? emptyOf([channels], info) : null
  if (x.count > 0) {
    encode.batchNormBackward(OP.batch_norm_backward, info, {
      dx: gx,
      dw: gw,
      db: gb,
      dy: a,
      x: b,
      weight: c,
      mean: state.mean,
      spread: state.second,
      ...shapeOf(x.sizes),
      training: state.training,
      eps: state.eps,
    })
    run()
  } else for (const t of [gw, gb]) t?.zero_()
  releaseInput(a, g)
  releaseInput(b, x)
  return [gx && castResult(gx, x.info), gw, gb]
}
function batchGradient(n: Node, g: Tensor, x: Tensor, w: Tensor | null, state: BatchState): readonly Grad[] {
  const dims = [0, ...x.sizes.slice(2).map((_, i) => i + 2)]
  const [xhat, rstd] = state.training
    ? standardized(x, dims, state.eps)
    : [
        x.sub(channelView(state.mean, x)).mul(channelView(state.second.add(state.eps).rsqrt(), x)),
        channelView(state.second.add(state.eps).rsqrt(), x),
      ]
  const gw = w ? g.mul(channelView(w, x)) : g
  return [
    n.needs(0) ? (state.training ? project(gw, xhat, rstd, dims) : gw.mul(rstd)) : null,
    n.needs(1) ? g.mul(xhat).sum(dims) : null,
    n.needs(2) ? g.sum(dims) : null,
  ]
}

/** @internal */
export function batchNormRaw(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight: Tensor | null,
  bias: Tensor | null,
  training: boolean,
  momentum: number,
  eps: number,
): Tensor {
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
  const info = computeInfo(x)
  const c = kernelInput(x, info)
  const out = emptyOf(x.sizes, info)
  const [w, b] = [optionalInput(weight, info), optionalInput(bias, info)]
  const [rm, rv] = [optionalInput(runningMean, info), optionalInput(runningVar, info)]
  const tracked = tracks(x, weight, bias)
  const mean = training ? emptyOf([channels], info) : (rm as Tensor)
  const second = training ? emptyOf([channels], info) : (rv as Tensor)
  if (out.count > 0) {
    encode.batchNorm(OP.batch_norm, info, {
      y: out,
      x: c,
      weight: w,
      bias: b,
      runningMean: rm,
      runningVar: rv,
      mean: training ? mean : null,
      invstd: training ? second : null,
      ...shapeOf(x.sizes),
      training,
      momentum,
      eps,
    })
    run()
  }
  if (training)
    for (const [running, copy] of [
      [runningMean, rm],
      [runningVar, rv],
    ] as const) {
      if (!running || !copy) continue
      if (copy.storage !== running.storage) {
        copyInto(running, copy)
        copy.storage.release()
      }
      running.versions.version++
    }
  releaseInput(c, x)
  const y = castResult(out, x.info)
  if (tracked) {
    // Of nothing PyTorch gives a copy, scaled and moved.
    const [full, withBias, withWeight, copy] = BATCH_NODES
    const ofNothing = bias ? withBias : weight ? withWeight : copy
    const n = attach(y, x.count > 0 ? full : ofNothing, batchRule, [x, weight, bias])
    n.save(x, weight)
    if (training) n.own(mean, second)
    // The running statistics may move before the backward pass.
    n.meta = (
      training
        ? { training, eps, mean, second }
        : { training, eps, mean: castRaw(mean, info), second: castRaw(second, info) }
    ) satisfies BatchState
  } else if (training) {
    mean.storage.release()
    second.storage.release()
  }
  return y
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
  run(x, runningMean, runningVar, { weight, bias, training, momentum, eps }) {
    if (training) checkBatchSize(x)
    if (training ? eps <= 0 : eps < 0) {
      const kind = training ? 'positive during training' : 'non-negative'
      throw new ValueError(`batch_norm eps must be ${kind}, but got ${Number.isInteger(eps) ? eps.toFixed(1) : eps}`, {
        eps,
      })
    }
    return batchNormRaw(x, runningMean, runningVar, weight, bias, training, momentum, eps)
  },
})
/** Training needs more than one value a channel. */
function checkBatchSize(x: Tensor): void {
  const s = x.sizes
  if (s.length === 0) throw new IndexError('tuple index out of range', { input: [] })
  let count = s[0] as number
  for (let i = 2; i < s.length; i++) count *= s[i] as number
  if (count === 1)
    throw new ValueError(
      `Expected more than 1 value per channel when training, got input size torch.Size(${showShape(s)})`,
      { input: [...s] },
    )
}
