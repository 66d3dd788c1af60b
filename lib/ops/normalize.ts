/** Normalisation over the batch, over the last dims, over groups and over each plane. */
import { attach, type Grad, type Node, type Rule, tracks } from '../autograd/node'
import { DTypeError, IndexError, ShapeError, ValueError } from '../errors'
import { run } from '../runtime/commands'
import * as encode from '../runtime/encoders'
import { Category, type DTypeInfo } from '../runtime/dtype'
import { OP } from '../runtime/opcodes'
import { countOf, sameShape, type Shape, showShape } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import {
  castRaw,
  checkWritable,
  copyInto,
  emptyOf,
  expectBool,
  expectInt,
  expectInts,
  expectNumber,
  expectTensor,
  notImplemented,
  optionsOf,
} from './core'
import { avgPool2d, avgPool3d } from './pooling'
import { pad } from './pad'
import { computeInfo, done, fitted, operand } from './window'

/** Options that every normalisation takes. */
export interface AffineOptions {
  /** Multiplied with the normalised values. */
  weight?: Tensor | null
  /** Added after that. */
  bias?: Tensor | null
  /** Added to the variance. Default 1e-5. */
  eps?: number
}
/** Options of `batchNorm`. */
export interface BatchNormOptions extends AffineOptions {
  /** Use the batch's own statistics, and move the running ones. Default false. */
  training?: boolean
  /** How much of the new statistics goes into the running ones. Default 0.1. */
  momentum?: number
}
/** Options of `instanceNorm`. */
export interface InstanceNormOptions extends AffineOptions {
  runningMean?: Tensor | null
  runningVar?: Tensor | null
  /** Use each plane's own statistics instead of the running ones. Default true. */
  useInputStats?: boolean
  momentum?: number
}
/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** Default 1e-4. */
  alpha?: number
  /** Default 0.75. */
  beta?: number
  /** Default 1. */
  k?: number
}

const operandOf = (t: Tensor | null, info: DTypeInfo): Tensor | null => t && operand(t, info)
/** Parameters are all of the input's dtype, or beside a half type all float32: the first of them decides what is expected. */
function checkMixed(x: Tensor, ...parameters: readonly (Tensor | null)[]): void {
  const given = parameters.filter((p): p is Tensor => p !== null)
  const mixed = given.length > 0 && given[0]?.info !== x.info
  for (const p of given)
    if (mixed ? p.dtype !== 'float32' : p.info !== x.info && x.info.category === Category.Float)
      throw new DTypeError(
        mixed
          ? 'mixed dtype (CPU): expect parameter to have scalar type of Float'
          : `expected scalar type ${x.info.scalarType} but found ${p.info.scalarType}`,
        { input: x.dtype, parameter: p.dtype },
      )
  if (mixed && x.info.compute === x.info.name)
    throw new DTypeError('mixed dtype (CPU): all inputs must share same datatype.', { input: x.dtype })
}
/** (x - mean) / √(var + eps) in differentiable ops, and 1 / √(var + eps). */
function standardized(x: Tensor, dims: readonly number[], eps: number): [Tensor, Tensor] {
  const centered = x.sub(x.mean(dims, { keepdim: true }))
  const rstd = centered.square().mean(dims, { keepdim: true }).add(eps).rsqrt()
  return [centered.mul(rstd), rstd]
}
/** The gradient of a normalisation by its input: what is left of `g` without its mean and its part along x̂. */
const project = (g: Tensor, xhat: Tensor, rstd: Tensor, dims: readonly number[]): Tensor =>
  g
    .sub(g.mean(dims, { keepdim: true }))
    .sub(xhat.mul(g.mul(xhat).mean(dims, { keepdim: true })))
    .mul(rstd)

// ---- batch norm -------------------------------------------------------------------------------------------------------

interface BatchState {
  readonly training: boolean
  readonly eps: number
  /** Statistics in the dtype of the kernel: of the batch (mean, 1 / std) or the running ones (mean, variance). */
  readonly mean: Tensor
  readonly second: Tensor
}
const shapeOf = (x: Shape) => ({ n: x[0] as number, c: x[1] as number, s: countOf(x.slice(2)) })
const channelView = (t: Tensor, x: Tensor): Tensor => t.view([1, -1, ...x.sizes.slice(2).map(() => 1)])

const batchRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const w = n.optional(1)
  const state = n.meta as BatchState
  if (tracks(g, x, w)) return batchGradient(n, g, x, w, state)
  const info = computeInfo(x)
  const [a, b, c] = [operand(g, info), operand(x, info), operandOf(w, info)]
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

/** The options of `batchNorm`, checked. @internal */
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
    const ofNothing = bias ? 'AddBackward0' : weight ? 'MulBackward0' : 'CloneBackward0'
    const n = attach(y, x.count > 0 ? 'NativeBatchNormBackward0' : ofNothing, batchRule, [x, weight, bias])
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

const checkAffine = (op: string, o: { weight?: Tensor | null; bias?: Tensor | null }): void => {
  if (o.weight != null) expectTensor(op, 'weight', o.weight)
  if (o.bias != null) expectTensor(op, 'bias', o.bias)
}

/**
 * Normalises each channel over batch and space.
 * @param x [N, C, …]
 * @param runningMean [C], or null in training
 * @param runningVar [C], or null in training
 * @throws ValueError when one value a channel leaves nothing to normalise in training
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options?: Tensor | null | BatchNormOptions,
  rest?: BatchNormOptions,
): Tensor {
  expectTensor('batchNorm', 'input', x)
  if (runningMean !== null) expectTensor('batchNorm', 'running_mean', runningMean)
  if (runningVar !== null) expectTensor('batchNorm', 'running_var', runningVar)
  const o = optionsOf<BatchNormOptions>('batchNorm', ['weight', 'bias', 'training', 'momentum', 'eps'], options, rest)
  const { weight = null, bias = null, training = false, momentum = 0.1, eps = 1e-5 } = o
  checkAffine('batchNorm', o)
  expectBool('batchNorm', 'training', training)
  expectNumber('batchNorm', 'momentum', momentum)
  expectNumber('batchNorm', 'eps', eps)
  if (training) checkBatchSize(x)
  if (training ? eps <= 0 : eps < 0) {
    const kind = training ? 'positive during training' : 'non-negative'
    throw new ValueError(`batch_norm eps must be ${kind}, but got ${Number.isInteger(eps) ? eps.toFixed(1) : eps}`, {
      eps,
    })
  }
  return batchNormRaw(x, runningMean, runningVar, weight, bias, training, momentum, eps)
}
/** Training needs more than one value a channel. @internal */
export function checkBatchSize(x: Tensor): void {
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

/**
 * Normalises each channel of each example over space.
 * @param x [N, C, …]
 */
export function instanceNorm(
  x: Tensor,
  runningMean?: Tensor | null | InstanceNormOptions,
  options?: InstanceNormOptions,
): Tensor {
  expectTensor('instanceNorm', 'input', x)
  const o = optionsOf<InstanceNormOptions>(
    'instanceNorm',
    ['runningMean', 'runningVar', 'weight', 'bias', 'useInputStats', 'momentum', 'eps'],
    runningMean,
    options,
  )
  const { weight = null, bias = null, useInputStats = true, momentum = 0.1, eps = 1e-5 } = o
  checkAffine('instanceNorm', o)
  const [mean, variance] = [o.runningMean ?? null, o.runningVar ?? null]
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

// ---- layer norm -------------------------------------------------------------------------------------------------------

interface RowState {
  readonly rows: number
  readonly cols: number
  readonly shape: Shape
  readonly eps: number
}
/** The raw gradient of rows or groups: statistics are saved tensors 2 and 3. */
const layerRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const w = n.optional(1)
  const { rows, cols, shape, eps } = n.meta as RowState
  if (tracks(g, x, w)) {
    const dims = shape.map((_, i) => i - shape.length)
    const [xhat, rstd] = standardized(x, dims, eps)
    return [
      n.needs(0) ? project(w ? g.mul(w) : g, xhat, rstd, dims) : null,
      n.needs(1) ? g.mul(xhat) : null,
      n.needs(2) ? g : null,
    ]
  }
  const info = computeInfo(x)
  const [a, b, c] = [operand(g, info), operand(x, info), operandOf(w, info)]
  const gx = n.needs(0) ? emptyOf(x.sizes, info) : null
  const gw = n.needs(1) ? emptyOf(shape, info) : null
  const gb = n.needs(2) ? emptyOf(shape, info) : null
  if (x.count > 0) {
    encode.layerNormBackward(OP.layer_norm_backward, info, {
      dx: gx,
      dw: gw,
      db: gb,
      dy: a,
      x: b,
      weight: c,
      mean: n.tensor(2),
      rstd: n.tensor(3),
      rows,
      columns: cols,
    })
    run()
  } else for (const t of [gw, gb]) t?.zero_()
  done(a, g)
  done(b, x)
  return [gx && fitted(gx, x.info), gw, gb]
}
function checkNormalized(x: Tensor, shape: Shape, star: string): void {
  if (shape.length === 0)
    throw new ShapeError(
      'Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []',
      { input: [...x.sizes] },
    )
  if (x.sizes.length < shape.length || !sameShape(x.sizes.slice(x.sizes.length - shape.length), shape))
    throw new ShapeError(
      `Given normalized_shape=${showShape(shape)}, expected input with shape [${star}${shape.join(', ')}], but got input of size${showShape(x.sizes)}`,
      {
        input: [...x.sizes],
        normalizedShape: [...shape],
      },
    )
}
function checkShaped(name: string, t: Tensor | null, shape: Shape): void {
  if (t && !sameShape(t.sizes, shape))
    throw new ShapeError(
      `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${showShape(t.sizes)} and normalized_shape = ${showShape(shape)}`,
      {
        [name]: [...t.sizes],
        normalizedShape: [...shape],
      },
    )
}
/** The options of `layerNorm`, checked. @internal */
export function layerNormRaw(x: Tensor, shape: Shape, weight: Tensor | null, bias: Tensor | null, eps: number): Tensor {
  if (shape.length > 0) {
    checkShaped('weight', weight, shape)
    checkShaped('bias', bias, shape)
  }
  checkNormalized(x, shape, '*, ')
  checkMixed(x, weight, bias)
  if (x.info.category !== Category.Float) throw notImplemented('LayerNormKernelImpl', x.info)
  const info = computeInfo(x)
  const cols = countOf(shape)
  const rows = countOf(x.sizes.slice(0, x.sizes.length - shape.length))
  const c = operand(x, info)
  const [w, b] = [operandOf(weight, info), operandOf(bias, info)]
  const out = emptyOf(x.sizes, info)
  const tracked = tracks(x, weight, bias)
  const mean = tracked ? emptyOf([rows], info) : null
  const rstd = tracked ? emptyOf([rows], info) : null
  if (out.count > 0) {
    encode.layerNorm(OP.layer_norm, info, { y: out, x: c, weight: w, bias: b, mean, rstd, rows, columns: cols, eps })
    run()
  }
  done(c, x)
  const y = fitted(out, x.info)
  if (mean && rstd) {
    const n = attach(y, 'NativeLayerNormBackward0', layerRule, [x, weight, bias])
    n.save(x, weight, mean, rstd)
    n.own(mean, rstd)
    n.meta = { rows, cols, shape, eps } satisfies RowState
  }
  return y
}
/**
 * Normalises over the last dims.
 * @param normalizedShape the sizes of these dims
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: readonly number[],
  options?: Tensor | null | AffineOptions,
  rest?: AffineOptions,
): Tensor {
  expectTensor('layerNorm', 'input', x)
  expectInts('layerNorm', 'normalized_shape', normalizedShape)
  const o = optionsOf<AffineOptions>('layerNorm', ['weight', 'bias', 'eps'], options, rest)
  checkAffine('layerNorm', o)
  const { weight = null, bias = null, eps = 1e-5 } = o
  expectNumber('layerNorm', 'eps', eps)
  return layerNormRaw(x, normalizedShape, weight, bias, eps)
}

const EPSILON: { readonly [k: string]: number } = {
  float32: 2 ** -23,
  float64: 2 ** -52,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
}
/** Options of `rmsNorm`. */
export interface RmsNormOptions {
  weight?: Tensor | null
  /** Added to the mean square. Default: the distance from 1 to the next number of the dtype. */
  eps?: number | null
}
/** Divides by the root of the mean square over the last dims. */
export function rmsNorm(
  x: Tensor,
  normalizedShape: readonly number[],
  options?: Tensor | null | RmsNormOptions,
  rest?: RmsNormOptions,
): Tensor {
  expectTensor('rmsNorm', 'input', x)
  expectInts('rmsNorm', 'normalized_shape', normalizedShape)
  const { weight = null, eps = null } = optionsOf<RmsNormOptions>('rmsNorm', ['weight', 'eps'], options, rest)
  if (weight !== null) expectTensor('rmsNorm', 'weight', weight)
  if (normalizedShape.length > 0) checkShaped('weight', weight, normalizedShape)
  if (normalizedShape.length > x.sizes.length)
    throw new ShapeError(
      `Input tensor must have at least ${normalizedShape.length} dimensions, but got ${x.sizes.length}`,
      { input: [...x.sizes], normalizedShape: [...normalizedShape] },
    )
  checkNormalized(x, normalizedShape, '*')
  if (x.info.category !== Category.Float) throw notImplemented('rms_norm', x.info)
  const dims = normalizedShape.map((_, i) => i - normalizedShape.length)
  const wide = x.info.compute === x.dtype ? x : x.to(x.info.compute)
  const y = wide.mul(
    wide
      .square()
      .mean(dims, { keepdim: true })
      .add(eps ?? (EPSILON[wide.dtype] as number))
      .rsqrt(),
  )
  const scaled = weight ? y.mul(weight) : y
  return scaled.info === x.info ? scaled : scaled.to(x.dtype)
}

// ---- group norm -------------------------------------------------------------------------------------------------------

interface GroupState {
  readonly groups: number
  readonly eps: number
}
const groupRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const w = n.optional(1)
  const { groups, eps } = n.meta as GroupState
  if (tracks(g, x, w)) {
    const grouped = [x.sizes[0] as number, groups, -1]
    const [xhat, rstd] = standardized(x.reshape(grouped), [2], eps)
    const dims = [0, ...x.sizes.slice(2).map((_, i) => i + 2)]
    const gw = w ? g.mul(channelView(w, x)) : g
    return [
      n.needs(0) ? project(gw.reshape(grouped), xhat, rstd, [2]).reshape(x.sizes) : null,
      n.needs(1) ? g.mul(xhat.reshape(x.sizes)).sum(dims) : null,
      n.needs(2) ? g.sum(dims) : null,
    ]
  }
  const info = computeInfo(x)
  const [a, b, c] = [operand(g, info), operand(x, info), operandOf(w, info)]
  const channels = x.sizes[1] as number
  const gx = n.needs(0) ? emptyOf(x.sizes, info) : null
  const gw = n.needs(1) ? emptyOf([channels], info) : null
  const gb = n.needs(2) ? emptyOf([channels], info) : null
  if (x.count > 0) {
    encode.groupNormBackward(OP.group_norm_backward, info, {
      dx: gx,
      dw: gw,
      db: gb,
      dy: a,
      x: b,
      weight: c,
      mean: n.tensor(2),
      rstd: n.tensor(3),
      ...shapeOf(x.sizes),
      groups,
    })
    run()
  } else for (const t of [gw, gb]) t?.zero_()
  done(a, g)
  done(b, x)
  return [gx && fitted(gx, x.info), gw, gb]
}
/**
 * Normalises each group of channels of each example.
 * @param x [N, C, …]
 * @param numGroups divides C
 */
export function groupNorm(
  x: Tensor,
  numGroups: number,
  options?: Tensor | null | AffineOptions,
  rest?: AffineOptions,
): Tensor {
  expectTensor('groupNorm', 'input', x)
  expectInt('groupNorm', 'num_groups', numGroups)
  const o = optionsOf<AffineOptions>('groupNorm', ['weight', 'bias', 'eps'], options, rest)
  checkAffine('groupNorm', o)
  const { weight = null, bias = null, eps = 1e-5 } = o
  const s = x.sizes
  if (s.length < 2)
    throw new ShapeError(`Expected at least 2 dimensions for input tensor but received ${s.length}`, { input: [...s] })
  const { n: batch, c: channels, s: space } = shapeOf(s)
  if (numGroups <= 0) throw new ValueError(`Expected num groups to be greater than 0, got ${numGroups}`, { numGroups })
  const merged = [Math.floor((batch * channels) / numGroups), numGroups, ...s.slice(2)]
  if ((merged[0] as number) * space === 1)
    throw new ValueError(`Expected more than 1 value per channel when training, got input size ${showShape(merged)}`, {
      input: [...s],
    })
  if (channels % numGroups !== 0)
    throw new ShapeError(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${showShape(s)} and num_groups=${numGroups}`,
      { input: [...s], numGroups },
    )
  for (const [name, t] of [
    ['weight', weight],
    ['bias', bias],
  ] as const)
    if (t && (t.sizes.length !== 1 || t.count !== channels))
      throw new ShapeError(
        `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape ${showShape((name === 'bias' && weight ? weight : t).sizes)} and input of shape ${showShape(s)}`,
        { input: [...s], [name]: [...t.sizes] },
      )
  checkMixed(x, weight, bias)
  if (x.info.category !== Category.Float) throw notImplemented('GroupNormKernelImpl', x.info)
  const info = computeInfo(x)
  const c = operand(x, info)
  const [w, b] = [operandOf(weight, info), operandOf(bias, info)]
  const out = emptyOf(s, info)
  const tracked = tracks(x, weight, bias)
  const mean = tracked ? emptyOf([batch, numGroups], info) : null
  const rstd = tracked ? emptyOf([batch, numGroups], info) : null
  if (out.count > 0) {
    encode.groupNorm(OP.group_norm, info, {
      y: out,
      x: c,
      weight: w,
      bias: b,
      mean,
      rstd,
      n: batch,
      c: channels,
      s: space,
      groups: numGroups,
      eps,
    })
    run()
  }
  done(c, x)
  const y = fitted(out, x.info)
  if (mean && rstd) {
    const n = attach(y, 'NativeGroupNormBackward0', groupRule, [x, weight, bias])
    n.save(x, weight, mean, rstd)
    n.own(mean, rstd)
    n.meta = { groups: numGroups, eps } satisfies GroupState
  }
  return y
}

// ---- others -----------------------------------------------------------------------------------------------------------

/** Options of `normalize`. */
export interface NormalizeOptions {
  /** The exponent of the norm. Default 2. */
  p?: number
  /** Default 1. */
  dim?: number | readonly number[]
  /** The norm counts as no less than this. Default 1e-12. */
  eps?: number
}
/** Divides by the norm along a dim. */
export function normalize(x: Tensor, p?: number | NormalizeOptions, options?: NormalizeOptions): Tensor {
  expectTensor('normalize', 'input', x)
  const o = optionsOf<NormalizeOptions>('normalize', ['p', 'dim', 'eps'], p, options)
  const { dim = 1, eps = 1e-12 } = o
  if (x.info.category !== Category.Float)
    throw new DTypeError(
      `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${x.info.scalarType}`,
      { dtype: x.dtype },
    )
  return x.div(
    x
      .norm(o.p ?? 2, { dim, keepdim: true })
      .clampMin(eps)
      .expandAs(x),
  )
}

/** Divides by the energy of neighbouring channels (Krizhevsky 2012). @param x [N, C, …] */
export function localResponseNorm(
  x: Tensor,
  size: number,
  alpha?: number | LocalResponseNormOptions,
  options?: LocalResponseNormOptions,
): Tensor {
  expectTensor('localResponseNorm', 'input', x)
  expectInt('localResponseNorm', 'size', size)
  const o = optionsOf<LocalResponseNormOptions>('localResponseNorm', ['alpha', 'beta', 'k'], alpha, options)
  const dims = x.sizes.length
  if (dims < 3)
    throw new ShapeError(
      `Expected 3D or higher dimensionality                          input (got ${dims} dimensions)`,
      { input: [...x.sizes] },
    )
  if (x.count === 0) return x
  const squares = x.mul(x)
  const [front, behind] = [Math.floor(size / 2), Math.floor((size - 1) / 2)]
  const energy =
    dims === 3
      ? avgPool2d(pad(squares.unsqueeze(1), [0, 0, front, behind]), [size, 1], 1).squeeze(1)
      : avgPool3d(
          pad(squares.view([x.sizes[0] as number, 1, x.sizes[1] as number, x.sizes[2] as number, -1]), [
            0,
            0,
            0,
            0,
            front,
            behind,
          ]),
          [size, 1, 1],
          1,
        )
          .squeeze(1)
          .view(x.sizes)
  return x.div(
    energy
      .mul(o.alpha ?? 1e-4)
      .add(o.k ?? 1)
      .pow(o.beta ?? 0.75),
  )
}
