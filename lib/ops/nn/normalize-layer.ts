/** Normalisation within each example: over the last dims, and over groups of channels. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { ShapeError, ValueError } from '../../errors'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { countOf, sameShape, type Shape, showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { emptyOf } from '../define/results'
import { define } from '../define/define'
import { float, int, ints, tensor } from '../define/params'
import type { Op } from '../define/registry'
import {
  type AffineOptions,
  affineParams,
  channelView,
  checkMixed,
  operandOf,
  project,
  shapeOf,
  standardized,
} from './normalize-shared'
import { computeInfo, done, fitted, operand } from './window'

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
function layerNormOf(x: Tensor, shape: Shape, weight: Tensor | null, bias: Tensor | null, eps: number): Tensor {
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
    const n = attach(y, layerNorm.op.node, layerRule, [x, weight, bias])
    n.save(x, weight, mean, rstd)
    n.own(mean, rstd)
    n.meta = { rows, cols, shape, eps } satisfies RowState
  }
  return y
}
/**
 * Normalises over the last dims (Ba et al. 2016).
 * @param x floating
 * @param normalizedShape the sizes of these dims, and the shape of weight and bias
 */
export const layerNorm: Op<
  (
    x: Tensor,
    normalizedShape: readonly number[],
    weight?: Tensor | null | AffineOptions,
    options?: AffineOptions,
  ) => Tensor
> = define('layerNorm', {
  params: [tensor('input'), ints('normalizedShape'), ...affineParams],
  namespace: 'nn.functional',
  node: 'NativeLayerNormBackward0',
  run: (x, shape, { weight, bias, eps }) => layerNormOf(x, shape, weight, bias, eps),
})

const EPSILON: { readonly [k: string]: number } = {
  float32: 2 ** -23,
  float64: 2 ** -52,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
}
/** Options of `rmsNorm`. */
export interface RmsNormOptions {
  /** Multiplied with the normalised values. */
  weight?: Tensor | null
  /** Added to the mean square. Default: the distance from 1 to the next number of the dtype. */
  eps?: number | null
}
/**
 * Divides by the root of the mean square over the last dims (Zhang and Sennrich 2019).
 * @param x floating
 * @param normalizedShape the sizes of these dims, and the shape of the weight
 */
export const rmsNorm: Op<
  (
    x: Tensor,
    normalizedShape: readonly number[],
    weight?: Tensor | null | RmsNormOptions,
    options?: RmsNormOptions,
  ) => Tensor
> = define('rmsNorm', {
  params: [
    tensor('input'),
    ints('normalizedShape'),
    tensor('weight').orNull().default(null),
    float('eps').orNull().default(null),
  ],
  namespace: 'nn.functional',
  run(x, normalizedShape, { weight, eps }) {
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
        .add(eps ?? EPSILON[wide.dtype])
        .rsqrt(),
    )
    const scaled = weight ? y.mul(weight) : y
    return scaled.info === x.info ? scaled : scaled.to(x.dtype)
  },
})

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
    const grouped = [x.sizes[0], groups, -1]
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
  const channels = x.sizes[1]
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
 * Normalises each group of channels of each example (Wu and He 2018).
 * @param x [N, C, …], floating
 * @param numGroups divides C
 */
export const groupNorm: Op<
  (x: Tensor, numGroups: number, weight?: Tensor | null | AffineOptions, options?: AffineOptions) => Tensor
> = define('groupNorm', {
  params: [tensor('input'), int('numGroups'), ...affineParams],
  namespace: 'nn.functional',
  node: 'NativeGroupNormBackward0',
  run: (x, numGroups, { weight, bias, eps }) => groupNormOf(x, numGroups, weight, bias, eps),
})
function groupNormOf(x: Tensor, numGroups: number, weight: Tensor | null, bias: Tensor | null, eps: number): Tensor {
  const s = x.sizes
  if (s.length < 2)
    throw new ShapeError(`Expected at least 2 dimensions for input tensor but received ${s.length}`, { input: [...s] })
  const { n: batch, c: channels, s: space } = shapeOf(s)
  if (numGroups <= 0) throw new ValueError(`Expected num groups to be greater than 0, got ${numGroups}`, { numGroups })
  const merged = [Math.floor((batch * channels) / numGroups), numGroups, ...s.slice(2)]
  if (merged[0] * space === 1)
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
    const n = attach(y, groupNorm.op.node, groupRule, [x, weight, bias])
    n.save(x, weight, mean, rstd)
    n.own(mean, rstd)
    n.meta = { groups: numGroups, eps } satisfies GroupState
  }
  return y
}
