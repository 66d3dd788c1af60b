/** Normalisation over the batch and over each plane, and division by norms and energies. */
import { attach, type Grad, type Node, type Rule, tracks } from '../../autograd/node'
import { DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { countOf, showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { castRaw, copyInto, emptyOf } from '../define/results'
import { checkWritable } from '../../tensor/overlap'
import { define } from '../define/define'
import { bool, float, int, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import {
  type AffineOptions,
  channelView,
  checkMixed,
  operandOf,
  project,
  shapeOf,
  standardized,
} from './normalize-shared'
import { avgPool2d, avgPool3d } from './pooling'
import { pad } from './pad'
import { computeInfo, done, fitted, operand } from './window'

export { groupNorm, layerNorm, rmsNorm, type RmsNormOptions } from './normalize-layer'
export type { AffineOptions } from './normalize-shared'

/** Options of `batchNorm`. */
export interface BatchNormOptions extends AffineOptions {
  /** Use the batch's own statistics, and move the running ones. Default false. */
  training?: boolean
  /** How much of the new statistics goes into the running ones. Default 0.1. */
  momentum?: number
}
/** Options of `instanceNorm`. */
export interface InstanceNormOptions extends AffineOptions {
  /** [C]; moved where a plane's own statistics are used. */
  runningMean?: Tensor | null
  /** [C]; moved where a plane's own statistics are used. */
  runningVar?: Tensor | null
  /** Use each plane's own statistics instead of the running ones. Default true. */
  useInputStats?: boolean
  /** How much of the new statistics goes into the running ones. Default 0.1. */
  momentum?: number
}
/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** How much the energy counts. Default 1e-4. */
  alpha?: number
  /** The exponent of the divisor. Default 0.75. */
  beta?: number
  /** What the divisor is without energy. Default 1. */
  k?: number
}

// ---- batch norm -------------------------------------------------------------------------------------------------------

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
  const [a, b, c] = [operand(g, info), operand(x, info), operandOf(w, info)]
  const gx = n.needs(0) ? emptyOf(x.sizes, info) : null
  const channels = x.sizes[1]
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
  done(a, g)
  done(b, x)
  return [gx && fitted(gx, x.info), gw, gb]
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

function batchNormRaw(
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
  const c = operand(x, info)
  const out = emptyOf(x.sizes, info)
  const [w, b] = [operandOf(weight, info), operandOf(bias, info)]
  const [rm, rv] = [operandOf(runningMean, info), operandOf(runningVar, info)]
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
  done(c, x)
  const y = fitted(out, x.info)
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
  let count = s[0]
  for (let i = 2; i < s.length; i++) count *= s[i]
  if (count === 1)
    throw new ValueError(
      `Expected more than 1 value per channel when training, got input size torch.Size(${showShape(s)})`,
      { input: [...s] },
    )
}

/**
 * Normalises each channel of each example over space (Ulyanov et al. 2016).
 * @param x [N, C, …], floating
 * @throws ValueError where a plane has but one element
 */
export const instanceNorm: Op<
  (x: Tensor, runningMean?: Tensor | null | InstanceNormOptions, options?: InstanceNormOptions) => Tensor
> = define('instanceNorm', {
  params: [
    tensor('input'),
    tensor('runningMean').orNull().default(null),
    tensor('runningVar').orNull().default(null),
    tensor('weight').orNull().default(null),
    tensor('bias').orNull().default(null),
    bool('useInputStats').default(true),
    float('momentum').default(0.1),
    float('eps').default(1e-5),
  ],
  namespace: 'nn.functional',
  run: (x, o) => instanceNormOf(x, o),
})
function instanceNormOf(x: Tensor, o: Readonly<Required<InstanceNormOptions>>): Tensor {
  const { runningMean: mean, runningVar: variance, weight, bias, useInputStats, momentum, eps } = o
  if (useInputStats && countOf(x.sizes.slice(2)) === 1)
    throw new ValueError(
      `Expected more than 1 spatial element when training, got input size torch.Size(${showShape(x.sizes)})`,
      { input: [...x.sizes] },
    )
  if ((mean === null) !== (variance === null))
    throw new ValueError('running_mean and running_var must either both be None or neither be None')
  if (!useInputStats && mean === null)
    throw new ValueError('Expected running_mean and running_var to be defined when use_input_stats is false')
  const [batch, channels] = x.sizes as readonly [number, number]
  const repeat = (t: Tensor | null): Tensor | null => t && t.repeat([batch])
  // A running mean of the input's dtype asks the same of the variance; else both are taken as they are.
  if (mean && variance && mean.info === x.info && variance.info !== x.info && x.info.category === Category.Float)
    throw new DTypeError(`expected scalar type ${x.info.scalarType} but found ${variance.info.scalarType}`, {
      input: x.dtype,
      runningVar: variance.dtype,
    })
  if (useInputStats) for (const running of [mean, variance]) if (running) checkWritable(running)
  const [rm, rv] = [mean, variance].map((t) => t && castRaw(t.repeat([batch]).detach(), x.info)) as [
    Tensor | null,
    Tensor | null,
  ]
  const flat = x.contiguous().view([1, batch * channels, ...x.sizes.slice(2)])
  const y = batchNormRaw(flat, rm, rv, repeat(weight), repeat(bias), useInputStats, momentum, eps)
  if (useInputStats)
    for (const [running, moved] of [
      [mean, rm],
      [variance, rv],
    ] as const)
      if (running && moved) {
        copyInto(running, moved.view([batch, channels]).mean(0))
        running.versions.version++
      }
  return y.view(x.sizes)
}

// ---- others -----------------------------------------------------------------------------------------------------------

/** Options of `normalize`. */
export interface NormalizeOptions {
  /** The exponent of the norm. Default 2. */
  p?: number
  /** Along which the norm is. Default 1. */
  dim?: number | readonly number[]
  /** The norm counts as no less than this. Default 1e-12. */
  eps?: number
}
/**
 * Divides by the norm along a dim.
 * @param x floating
 */
export const normalize: Op<(x: Tensor, p?: number | NormalizeOptions, options?: NormalizeOptions) => Tensor> = define(
  'normalize',
  {
    params: [
      tensor('input'),
      own<number>('float')('p').default(2),
      own<number | readonly number[]>('int or int[]')('dim').default(1),
      float('eps').default(1e-12),
    ],
    namespace: 'nn.functional',
    run(x, { p, dim, eps }) {
      if (x.info.category !== Category.Float)
        throw new DTypeError(
          `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${x.info.scalarType}`,
          { dtype: x.dtype },
        )
      return x.div(x.norm(p, { dim, keepdim: true }).clampMin(eps).expandAs(x))
    },
  },
)

/**
 * Divides by the energy of neighbouring channels (Krizhevsky et al. 2012): x / (k + alpha · mean of the squares) ^ beta.
 * @param x [N, C, …]
 * @param size how many channels are neighbours
 */
export const localResponseNorm: Op<
  (x: Tensor, size: number, alpha?: number | LocalResponseNormOptions, options?: LocalResponseNormOptions) => Tensor
> = define('localResponseNorm', {
  params: [
    tensor('input'),
    int('size'),
    float('alpha').default(1e-4),
    float('beta').default(0.75),
    float('k').default(1),
  ],
  namespace: 'nn.functional',
  run(x, size, { alpha, beta, k }) {
    const dims = x.sizes.length
    if (dims < 3)
      throw new ShapeError(
        `Expected 3D or higher dimensionality                          input (got ${dims} dimensions)`,
        { input: [...x.sizes] },
      )
    return x.count === 0 ? x : x.div(energyOf(x, size).mul(alpha).add(k).pow(beta))
  },
})
/** The mean of the squares of `size` channels around each. */
function energyOf(x: Tensor, size: number): Tensor {
  const squares = x.mul(x)
  const [front, behind] = [Math.floor(size / 2), Math.floor((size - 1) / 2)]
  if (x.sizes.length === 3) return avgPool2d(pad(squares.unsqueeze(1), [0, 0, front, behind]), [size, 1], 1).squeeze(1)
  const [batch, channels, first] = x.sizes as readonly [number, number, number]
  return avgPool3d(pad(squares.view([batch, 1, channels, first, -1]), [0, 0, 0, 0, front, behind]), [size, 1, 1], 1)
    .squeeze(1)
    .view(x.sizes)
}
