/** Pooling over one to three spatial dims: maxima and averages, over windows of a fixed or of an adaptive size. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { countOf, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { checkFloat } from '../../check/dtypes'
import { castRaw, emptyOf, filled } from '../define/results'
import { define } from '../define/define'
import { bool, int, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { castResult, computeInfo, kernelInput, releaseInput } from '../define/kernel-operands'
import { canonicalWindow, perDim, type Size, sizeParam, threeDims } from './window'
import { withNodeName } from '../define/node-name'
import {
  checkAdaptiveSize,
  checkAvgPool,
  checkAvgPoolType,
  checkDims,
  checkMaxima,
  checkMaxPool1d,
  checkMaxPoolDims,
  checkPoolSizes,
  checkStride,
  checkWindow,
  checkWindow32,
  type Window,
} from './pooling-checks'

/** Options of `maxPool1d` and its kin. */
export interface MaxPoolOptions {
  /** How far the window moves; default its own size. */
  stride?: Size | null
  /** Around the input, as if it were -∞. Default 0. */
  padding?: Size
  /** How far apart the elements of a window are. Default 1. */
  dilation?: Size
  /** Round the size of the output up: the last window may reach past the end. Default false. */
  ceilMode?: boolean
  /** Also return where the maxima are, as positions in the flattened input plane. Default false. */
  returnIndices?: boolean
}
/** Options of `avgPool1d`. */
export interface AvgPoolOptions {
  /** How far the window moves; default its own size. */
  stride?: Size | null
  /** Zeros around the input. Default 0. */
  padding?: Size
  /** Round the size of the output up: the last window may reach past the end. Default false. */
  ceilMode?: boolean
  /** Whether those zeros count in the average. Default true. */
  countIncludePad?: boolean
}
/** Options of `avgPool2d` and `avgPool3d`. */
export interface AvgPoolDivisorOptions extends AvgPoolOptions {
  /** Divide by this instead of the number of elements. */
  divisorOverride?: number | null
}
/** Options of `adaptiveMaxPool1d` and its kin. */
export interface AdaptiveMaxPoolOptions {
  /** Also return where the maxima are, as positions in the flattened input plane. Default false. */
  returnIndices?: boolean
}
/** A size a dim; null keeps the input's. */
export type AdaptiveSize = number | readonly (number | null)[]

/** One dim is pooled as two in PyTorch, so that what its graph shows last is the dim taken away. */
const nodeName = (n: number, pool: string, suffix = ''): string =>
  n === 1 ? 'SqueezeBackward1' : `${pool}${n}D${suffix}Backward0`
const planesOf = (x: Tensor, n: number): number => countOf(x.sizes.slice(0, x.sizes.length - n))

// ---- maxima -----------------------------------------------------------------------------------------------------------

/** Positions fit 32 bits in every plane that is not gigantic, which halves what the backward pass reads. */
const indexInfo = (plane: number, wanted: boolean): DTypeInfo =>
  wanted || plane > 0x7fffffff ? DTYPES.int64 : DTYPES.int32

interface Pooled {
  readonly n: number
  readonly sizes: Shape
}
function maxPoolBackward(g: Tensor, indices: Tensor, n: number, sizes: Shape): Tensor {
  const info = computeInfo(g)
  const out = emptyOf(sizes, info)
  const c = kernelInput(g, info)
  if (out.count > 0) {
    if (g.count === 0) out.zero_()
    else {
      const d = sizes.length - n
      encode.maxPoolBackward(OP.max_pool_backward, info, indices.info, {
        dx: out,
        dy: c,
        indices,
        planes: countOf(sizes.slice(0, d)),
        inputs: countOf(sizes.slice(d)),
        outputs: countOf(g.sizes.slice(d)),
      })
      run()
    }
  }
  releaseInput(c, g)
  const dx = castResult(out, g.info)
  if (tracks(g)) {
    const node = attach(
      dx,
      n === 3 ? 'MaxPool3DWithIndicesBackwardBackward0' : 'MaxPool2DWithIndicesBackwardBackward0',
      pickRule,
      [g],
    )
    node.save(indices)
    node.meta = { n, sizes: g.sizes } satisfies Pooled
  }
  return dx
}
/** What the gradient sent to each place is read back from there. */
const pickRule: Rule = (node, h) => {
  const { n, sizes } = node.meta as Pooled
  const indices = node.tensor(0)
  const d = sizes.length - n
  return h
    .reshape([...sizes.slice(0, d), -1])
    .gather(d, indices.reshape([...sizes.slice(0, d), -1]).to('int64'))
    .reshape(sizes)
}
const maxRule: Rule = (node, g) => {
  const { n, sizes } = node.meta as Pooled
  return maxPoolBackward(g, node.tensor(0), n, sizes)
}
type Fill = (out: Tensor, indices: Tensor | null, x: Tensor) => void
function maxima(
  x: Tensor,
  n: number,
  outputs: readonly number[],
  returnIndices: boolean,
  adaptive: boolean,
  kernel: string,
  write: Fill,
): Tensor | [Tensor, Tensor] {
  const info = computeInfo(x)
  checkMaxima(kernel, x.info, info, adaptive)
  const d = x.sizes.length - n
  const sizes = [...x.sizes.slice(0, d), ...outputs]
  const tracked = tracks(x)
  const c = kernelInput(x, info)
  const out = emptyOf(sizes, info)
  const indices = tracked || returnIndices ? emptyOf(sizes, indexInfo(countOf(x.sizes.slice(d)), returnIndices)) : null
  if (out.count > 0) {
    write(out, indices, c)
    run()
  }
  releaseInput(c, x)
  const y = castResult(out, x.info)
  if (tracked && indices) {
    const node = attach(
      y,
      nodeName(n, `${adaptive ? 'Adaptive' : ''}MaxPool`, adaptive ? '' : 'WithIndices'),
      maxRule,
      [x],
    )
    node.save(indices)
    if (!returnIndices) node.own(indices)
    node.meta = { n, sizes: x.sizes } satisfies Pooled
  }
  return returnIndices && indices ? [y, indices] : y
}

/** The maxima of windows; the options are of their types but for the sizes. @internal */
export function maxPoolNd(
  op: string,
  n: number,
  x: Tensor,
  kernelSize: Size,
  o: MaxPoolOptions,
): Tensor | [Tensor, Tensor] {
  const { stride = null, padding = 0, dilation = 1, ceilMode = false, returnIndices = false } = o
  const kernel = checkPoolSizes(op, 'kernel_size', kernelSize, n)
  let w: Window = {
    kernel,
    stride: checkStride(op, stride, kernel),
    padding: checkPoolSizes(op, 'padding', padding, n),
    dilation: checkPoolSizes(op, 'dilation', dilation, n),
  }
  // The kernel that PyTorch has for one dim without indices counts in 64 bits.
  if (n > 1 || returnIndices || tracks(x)) checkWindow32(w)
  if (n === 1) checkMaxPool1d(x, w, ceilMode, returnIndices)
  else checkMaxPoolDims(x, n)
  const outputs = checkWindow(x, n, w, ceilMode, 'max')
  w = canonicalWindow(w, kernel, outputs)
  const spatial = x.sizes.slice(x.sizes.length - n)
  if (n === 1 && !returnIndices) checkFloat('max_pool1d_impl', x.info)
  return maxima(x, n, outputs, returnIndices, false, n === 3 ? 'max_pool3d' : 'max_pool2d', (out, indices, c) =>
    encode.maxPool(OP.max_pool, out.info, indices?.info ?? DTYPES.int64, {
      y: out,
      indices,
      x: c,
      planes: planesOf(x, n),
      in: threeDims(spatial, 1),
      out: threeDims(outputs, 1),
      kernel: threeDims(w.kernel, 1),
      stride: threeDims(w.stride, 1),
      padding: threeDims(w.padding, 0),
      dilation: threeDims(w.dilation, 1),
    }),
  )
}
/** PyTorch pools a length as an image one pixel high, and takes the height away again. */
function squeezed<T extends Tensor | [Tensor, Tensor]>(out: T): T {
  withNodeName(Array.isArray(out) ? out[0] : (out as Tensor), 'SqueezeBackward1')
  return out
}

type WithIndices = MaxPoolOptions & { returnIndices: true }
interface MaxPoolCall {
  (x: Tensor, kernelSize: Size, stride: WithIndices): [Tensor, Tensor]
  (x: Tensor, kernelSize: Size, stride: Size | null | undefined, options: WithIndices): [Tensor, Tensor]
  (x: Tensor, kernelSize: Size, stride?: Size | null | MaxPoolOptions, options?: MaxPoolOptions): Tensor
}
type MaxPool = Op<MaxPoolCall>
const defineMaxPool = (name: string, n: number): MaxPool =>
  define(name, {
    params: [
      tensor('input'),
      sizeParam('kernelSize'),
      sizeParam('stride').optional(),
      sizeParam('padding').default(0),
      sizeParam('dilation').default(1),
      bool('ceilMode').default(false),
      bool('returnIndices').default(false),
    ],
    namespace: 'nn.functional',
    node: nodeName(n, 'MaxPool', 'WithIndices'),
    run(x, kernelSize, o) {
      const y = maxPoolNd(name, n, x, kernelSize, o)
      return n === 1 ? squeezed(y) : y
    },
  }) as MaxPool
/**
 * The largest value of each window.
 * @param x [N, C, L] or [C, L]
 * @returns [N, C, (L + 2 padding - dilation (k - 1) - 1) / stride + 1, rounded down]; with `returnIndices` also where they are, int64
 * @throws ValueError for padding beyond half a window
 */
export const maxPool1d: MaxPool = defineMaxPool('maxPool1d', 1)
/** The largest value of each window; sizes as by `maxPool1d`. @param x [N, C, H, W] or [C, H, W] */
export const maxPool2d: MaxPool = defineMaxPool('maxPool2d', 2)
/** The largest value of each window; sizes as by `maxPool1d`. @param x [N, C, D, H, W] or [C, D, H, W] */
export const maxPool3d: MaxPool = defineMaxPool('maxPool3d', 3)

// ---- averages ---------------------------------------------------------------------------------------------------------

/** An average is linear: its gradient's gradient is the average itself. */
interface Average {
  readonly n: number
  readonly sizes: Shape
  readonly outputs: Shape
  /** Null where windows divide the input evenly: adaptive. */
  readonly window: Pick<encode.AvgPoolArgs, 'kernel' | 'stride' | 'padding' | 'countPadding' | 'divisor'> | null
}
function averageRaw(x: Tensor, a: Average, backward: boolean): Tensor {
  const info = computeInfo(x)
  const out = emptyOf(backward ? a.sizes : a.outputs, info)
  if (out.count === 0) return castResult(out, x.info)
  if (x.count === 0) return filled(out.sizes, 0, x.info)
  const c = kernelInput(x, info)
  const d = a.sizes.length - a.n
  const geometry = {
    planes: countOf(a.sizes.slice(0, d)),
    in: threeDims(a.sizes.slice(d), 1),
    out: threeDims(a.outputs.slice(d), 1),
  }
  if (backward) {
    const call = Object.assign(geometry, { dx: out, dy: c })
    if (a.window === null) encode.adaptiveAvgPoolBackward(OP.adaptive_avg_pool_backward, info, call)
    else encode.avgPoolBackward(OP.avg_pool_backward, info, Object.assign(call, a.window))
  } else {
    const call = Object.assign(geometry, { y: out, x: c })
    if (a.window === null) encode.adaptiveAvgPool(OP.adaptive_avg_pool, info, call)
    else encode.avgPool(OP.avg_pool, info, Object.assign(call, a.window))
  }
  run()
  releaseInput(c, x)
  return castResult(out, x.info)
}
function average(x: Tensor, a: Average): Tensor {
  const y = averageRaw(x, a, false)
  if (tracks(x)) attach(y, nodeName(a.n, `${a.window === null ? 'Adaptive' : ''}AvgPool`), averageRule, [x]).meta = a
  return y
}
const averageRule: Rule = (n, g) => averageBackward(g, n.meta as Average)
function averageBackward(g: Tensor, a: Average): Tensor {
  const dx = averageRaw(g, a, true)
  if (tracks(g))
    attach(
      dx,
      `${a.window === null ? 'Adaptive' : ''}AvgPool${a.n === 3 ? 3 : 2}DBackwardBackward0`,
      (n, h) => average(h, n.meta as Average),
      [g],
    ).meta = a
  return dx
}

/** The averages of windows; the options are of their types but for the sizes. @internal */
export function avgPoolNd(op: string, n: number, x: Tensor, kernelSize: Size, o: AvgPoolDivisorOptions): Tensor {
  const { stride = null, padding = 0, ceilMode = false, countIncludePad = true, divisorOverride = null } = o
  if (n === 1) checkDims(op, x, 2, 3)
  const kernel = checkPoolSizes(op, 'kernel_size', kernelSize, n)
  const w: Window = {
    kernel,
    stride: checkStride(op, stride, kernel),
    padding: checkPoolSizes(op, 'padding', padding, n),
    dilation: perDim(1, n),
  }
  checkWindow32(w)
  checkAvgPool(x, n, divisorOverride)
  const outputs = checkWindow(x, n, w, ceilMode, 'avg')
  checkAvgPoolType(n, x.info)
  const a: Average = {
    n,
    sizes: x.sizes,
    outputs: [...x.sizes.slice(0, x.sizes.length - n), ...outputs],
    window: {
      kernel: threeDims(w.kernel, 1),
      stride: threeDims(w.stride, 1),
      padding: threeDims(w.padding, 0),
      countPadding: countIncludePad,
      divisor: divisorOverride ?? 0,
    },
  }
  // PyTorch divides the sums of integers as C does, toward zero.
  if (x.dtype === 'int64') return castRaw(averageRaw(castRaw(x, DTYPES.float64), a, false), DTYPES.int64)
  return average(x, a)
}
type AvgPool<O> = Op<(x: Tensor, kernelSize: Size, stride?: Size | null | O, options?: O) => Tensor>
const avgParams = [
  tensor('input'),
  sizeParam('kernelSize'),
  sizeParam('stride').optional(),
  sizeParam('padding').default(0),
  bool('ceilMode').default(false),
  bool('countIncludePad').default(true),
] as const
const defineAvgPool = (name: string, n: number): AvgPool<AvgPoolDivisorOptions> =>
  define(name, {
    params: [...avgParams, int('divisorOverride').optional()],
    namespace: 'nn.functional',
    node: nodeName(n, 'AvgPool'),
    run: (x, kernelSize, o) => avgPoolNd(name, n, x, kernelSize, o),
  })
/**
 * The average of each window.
 * @param x [N, C, L] or [C, L], floating or int64
 * @returns [N, C, (L + 2 padding - k) / stride + 1, rounded down]
 * @throws ValueError for padding beyond half a window
 */
export const avgPool1d: AvgPool<AvgPoolOptions> = define('avgPool1d', {
  params: avgParams,
  namespace: 'nn.functional',
  node: nodeName(1, 'AvgPool'),
  run: (x, kernelSize, o) => squeezed(avgPoolNd('avgPool1d', 1, x, kernelSize, o)),
})
/** The average of each window; sizes as by `avgPool1d`. @param x [N, C, H, W] or [C, H, W], floating or int64 */
export const avgPool2d: AvgPool<AvgPoolDivisorOptions> = defineAvgPool('avgPool2d', 2)
/** The average of each window; sizes as by `avgPool1d`. @param x [N, C, D, H, W] or [C, D, H, W], floating or int64 */
export const avgPool3d: AvgPool<AvgPoolDivisorOptions> = defineAvgPool('avgPool3d', 3)

// ---- adaptive windows -------------------------------------------------------------------------------------------------

function adaptiveMaxNd(
  op: string,
  n: number,
  x: Tensor,
  size: AdaptiveSize,
  returnIndices: boolean,
): Tensor | [Tensor, Tensor] {
  const outputs = checkAdaptiveSize(op, n, x, size, 'max')
  return maxima(
    x,
    n,
    outputs,
    returnIndices,
    true,
    n === 3 ? 'adaptive_max_pool3d' : 'adaptive_max_pool2d',
    (out, indices, c) =>
      encode.adaptiveMaxPool(OP.adaptive_max_pool, out.info, indices?.info ?? DTYPES.int64, {
        y: out,
        indices,
        x: c,
        planes: planesOf(x, n),
        in: threeDims(x.sizes.slice(x.sizes.length - n), 1),
        out: threeDims(outputs, 1),
      }),
  )
}
/** What PyTorch calls the node where the average is that of everything. */
const OF_ALL = 'MeanBackward1'
function adaptiveAvgNd(op: string, n: number, x: Tensor, size: AdaptiveSize): Tensor {
  const outputs = checkAdaptiveSize(op, n, x, size, 'avg')
  checkFloat(n === 3 ? 'adaptive_avg_pool3d_cpu' : 'adaptive_avg_pool2d', x.info)
  const y = average(x, {
    n,
    sizes: x.sizes,
    outputs: [...x.sizes.slice(0, x.sizes.length - n), ...outputs],
    window: null,
  })
  return n > 1 && outputs.every((size) => size === 1) ? withNodeName(y, OF_ALL) : y
}

const outputSizeParam = own<AdaptiveSize>('int or int[]')('outputSize')
type AdaptiveAvgPool = Op<(x: Tensor, outputSize: AdaptiveSize) => Tensor>
const defineAdaptiveAvg = (name: string, n: number): AdaptiveAvgPool =>
  define(name, {
    params: [tensor('input'), outputSizeParam],
    namespace: 'nn.functional',
    node: n === 1 ? nodeName(1, 'AdaptiveAvgPool') : [nodeName(n, 'AdaptiveAvgPool'), OF_ALL],
    run(x, outputSize) {
      const y = adaptiveAvgNd(name, n, x, outputSize)
      return n === 1 ? squeezed(y) : y
    },
  })
/**
 * Averages over windows that divide the input into `outputSize` parts, of sizes that differ by one at most.
 * @param x [N, C, L] or [C, L], floating
 */
export const adaptiveAvgPool1d: AdaptiveAvgPool = defineAdaptiveAvg('adaptiveAvgPool1d', 1)
/** Averages over windows that divide the input into `outputSize` parts. @param x [N, C, H, W] or [C, H, W], floating */
export const adaptiveAvgPool2d: AdaptiveAvgPool = defineAdaptiveAvg('adaptiveAvgPool2d', 2)
/** Averages over windows that divide the input into `outputSize` parts. @param x [N, C, D, H, W] or [C, D, H, W], floating */
export const adaptiveAvgPool3d: AdaptiveAvgPool = defineAdaptiveAvg('adaptiveAvgPool3d', 3)

interface AdaptiveMaxPoolCall {
  (x: Tensor, outputSize: AdaptiveSize, returnIndices: true | { returnIndices: true }): [Tensor, Tensor]
  (x: Tensor, outputSize: AdaptiveSize, returnIndices?: boolean | AdaptiveMaxPoolOptions): Tensor
}
type AdaptiveMaxPool = Op<AdaptiveMaxPoolCall>
const defineAdaptiveMax = (name: string, n: number): AdaptiveMaxPool =>
  define(name, {
    params: [tensor('input'), outputSizeParam, bool('returnIndices').default(false)],
    namespace: 'nn.functional',
    node: nodeName(n, 'AdaptiveMaxPool'),
    run(x, outputSize, { returnIndices }) {
      const y = adaptiveMaxNd(name, n, x, outputSize, returnIndices)
      return n === 1 ? squeezed(y) : y
    },
  }) as AdaptiveMaxPool
/**
 * Maxima over windows that divide the input into `outputSize` parts, of sizes that differ by one at most.
 * @param x [N, C, L] or [C, L], floating
 * @returns the maxima; with `returnIndices` also where they are, int64
 */
export const adaptiveMaxPool1d: AdaptiveMaxPool = defineAdaptiveMax('adaptiveMaxPool1d', 1)
/** Maxima over windows that divide the input into `outputSize` parts. @param x [N, C, H, W] or [C, H, W], floating */
export const adaptiveMaxPool2d: AdaptiveMaxPool = defineAdaptiveMax('adaptiveMaxPool2d', 2)
/** Maxima over windows that divide the input into `outputSize` parts. @param x [N, C, D, H, W] or [C, D, H, W], floating */
export const adaptiveMaxPool3d: AdaptiveMaxPool = defineAdaptiveMax('adaptiveMaxPool3d', 3)
