/** Pooling over one to three spatial dims: maxima and averages, over windows of a fixed or of an adaptive size. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { ArgumentError, IndexError, ShapeError, ValueError } from '../../errors'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category, type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { countOf, type Shape, showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { isInt } from '../../check/arguments'
import { notImplemented } from '../../check/words'
import { castRaw, emptyOf, filled, hasKernel } from '../define/results'
import { define } from '../define/define'
import { bool, int, own, tensor, snake } from '../define/params'
import type { Op } from '../define/registry'
import { castResult, computeInfo, kernelInput, releaseInput } from '../define/kernel-operands'
import {
  broadcastSizes,
  canonicalWindow,
  expectInt32,
  expectSizes,
  perDim,
  type Size,
  sizeParam,
  threeDims,
} from './window'
import { withNodeName } from '../define/node-name'

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

// ---- sizes ------------------------------------------------------------------------------------------------------------

const WORDS = ['one int', 'two ints', 'three ints']
function sizesOf(op: string, name: string, v: Size, n: number): readonly number[] {
  expectSizes(op, name, v)
  const sizes = broadcastSizes(v, n)
  if (sizes) return sizes
  const [fn, key, count] = [snake(op), name, (v as readonly number[]).length]
  if (n === 1 && op === 'maxPool1d')
    throw new ArgumentError(
      key === 'stride'
        ? `max_pool1d() stride must be None, an int, list of ints, or tuple of ints of size 1 but got size ${count}`
        : `max_pool1d() ${key} must be an int, list of ints or tuple of ints of size 1 but got size ${count}`,
    )
  if (n === 1) throw new ArgumentError(`${fn}() argument '${key}' should contain one int (got ${count})`)
  const either =
    key === 'stride'
      ? 'must either be omitted, a single int'
      : key === 'dilation'
        ? 'must be either a single int'
        : op === 'avgPool3d'
          ? 'must be a single int'
          : 'must either be a single int'
  throw new ArgumentError(`${fn}: ${key} ${either}, or a tuple of ${WORDS[n - 1]}`)
}
/** Without a stride, or with an empty one, windows stand side by side. */
const strideOf = (op: string, stride: Size | null, kernel: readonly number[]): readonly number[] =>
  stride === null || (Array.isArray(stride) && stride.length === 0)
    ? kernel
    : sizesOf(op, 'stride', stride, kernel.length)
interface Window {
  readonly kernel: readonly number[]
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
}
function expectWindow32(w: Window): void {
  for (const sizes of [w.kernel, w.stride, w.padding, w.dilation]) expectInt32(sizes)
}
function outputSize(size: number, w: Window, i: number, ceilMode: boolean): number {
  const [k, s, p, d] = [w.kernel[i], w.stride[i], w.padding[i], w.dilation[i]]
  if (s === 0) throw new ValueError('stride should not be zero')
  if (p < 0) throw new ValueError(`pad must be non-negative, but got pad: ${p}`, { padding: p })
  if (p > Math.trunc((d * (k - 1) + 1) / 2))
    throw new ValueError(
      `pad should be at most half of effective kernel size, but got pad=${p}, kernel_size=${k} and dilation=${d}`,
      { padding: p, kernelSize: k, dilation: d },
    )
  const steps = size + 2 * p - d * (k - 1) - 1 + (ceilMode ? s - 1 : 0)
  let out = Math.floor(steps / s) + 1
  // The last window must begin inside the input or its padding in front.
  if (ceilMode && (out - 1) * s >= size + p) out--
  return out
}
const LETTERS = ['T', 'H', 'W']
const lettered = (prefix: string, v: readonly number[]): string => {
  const two = v.length === 1 ? [1, v[0]] : v
  return two.map((s, i) => `${prefix}${LETTERS[3 - two.length + i]}: ${s}`).join(' ')
}
/** A size list as if the one spatial dim were two, which is how PyTorch pools it. */
const widened = (sizes: Shape, n: number): number[] =>
  n === 1 ? [...sizes.slice(0, -1), 1, sizes[sizes.length - 1]] : [...sizes]

/** The output's spatial sizes, after PyTorch's checks. */
function checkWindow(x: Tensor, n: number, w: Window, ceilMode: boolean, kind: 'max' | 'avg'): number[] {
  const seen = widened(x.sizes, n)
  const dims = seen.length
  const nd = Math.max(n, 2)
  const spatial = x.sizes.slice(x.sizes.length - n)
  const outputs = spatial.map((s, i) => outputSize(s, w, i, ceilMode))
  if (w.kernel.some((k) => k <= 0))
    throw new ValueError(`kernel size should be greater than zero, but got ${lettered('k', w.kernel)}`, {
      kernelSize: [...w.kernel],
    })
  if (w.stride.some((s) => s <= 0))
    throw new ValueError(`stride should be greater than zero, but got ${lettered('d', w.stride)}`, {
      stride: [...w.stride],
    })
  if (w.dilation.some((d) => d <= 0))
    throw new ValueError(`dilation should be greater than zero, but got ${lettered('dilation', w.dilation)}`, {
      dilation: [...w.dilation],
    })
  const data = { input: [...x.sizes], output: outputs }
  if (n === 3) {
    const fn = kind === 'max' ? 'max_pool3d_with_indices_out_cpu_template()' : 'avg_pool3d()'
    const empty = seen.findIndex((s, i) => s === 0 && (dims === 4 || i > 0))
    if (empty >= 0)
      throw new ShapeError(
        `${fn}: Expected input's non-batch dimensions to have positive length, but input has a shape of ${showShape(seen)} and non-batch dimension ${seen[empty]} has length zero!`,
        data,
      )
    if (kind === 'avg' && spatial.some((s, i) => s < w.kernel[i]))
      throw new ShapeError(
        `input image (${lettered('', spatial)}) smaller than kernel size (${lettered('k', w.kernel)})`,
        data,
      )
  } else {
    const ok = dims === 3 ? !seen.includes(0) : dims === 4 && !seen.slice(1).includes(0)
    if (!ok)
      throw new ShapeError(
        `Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:${showShape(seen)}`,
        data,
      )
  }
  if (outputs.some((o) => o < 1)) {
    const channels = seen[dims - nd - 1]
    const planes = (v: readonly number[]): string => [channels, ...(n === 1 ? [1, ...v] : v)].join('x')
    throw new ShapeError(
      `Given input size: (${planes(spatial)}). Calculated output size: (${planes(outputs)}). Output size is too small`,
      data,
    )
  }
  return outputs
}
function checkDims(op: string, x: Tensor, low: number, high: number): void {
  if (x.sizes.length < low || x.sizes.length > high)
    throw new ShapeError(
      `Expected ${low} to ${high} dimensions, but got ${x.sizes.length}-dimensional tensor for argument #1 'self' (while checking arguments for ${snake(op)})`,
      { input: [...x.sizes] },
    )
}
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
  if (!hasKernel(OP.max_pool, info) || (adaptive && info.category !== Category.Float))
    throw notImplemented(kernel, x.info)
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
  const kernel = sizesOf(op, 'kernel_size', kernelSize, n)
  let w: Window = {
    kernel,
    stride: strideOf(op, stride, kernel),
    padding: sizesOf(op, 'padding', padding, n),
    dilation: sizesOf(op, 'dilation', dilation, n),
  }
  // The kernel that PyTorch has for one dim without indices counts in 64 bits.
  if (n > 1 || returnIndices || tracks(x)) expectWindow32(w)
  if (n === 1) checkMaxPool1d(x, w, ceilMode, returnIndices)
  else if (x.sizes.length !== n + 1 && x.sizes.length !== n + 2)
    throw new ShapeError(`non-empty ${n + 1}D or ${n + 2}D (batch mode) tensor expected for input`, {
      input: [...x.sizes],
    })
  const outputs = checkWindow(x, n, w, ceilMode, 'max')
  w = canonicalWindow(w, kernel, outputs)
  const spatial = x.sizes.slice(x.sizes.length - n)
  if (n === 1 && !returnIndices && x.info.category !== Category.Float) throw notImplemented('max_pool1d_impl', x.info)
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
/** One dim has a kernel of its own in PyTorch, and texts of its own. */
function checkMaxPool1d(x: Tensor, w: Window, ceilMode: boolean, returnIndices: boolean): void {
  if (returnIndices) {
    checkDims('maxPool1d', x, 2, 3)
    return
  }
  const s = x.sizes
  if (!((s.length === 2 && !s.includes(0)) || (s.length === 3 && !s.slice(1).includes(0))))
    throw new ShapeError(
      `max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:${showShape(s)}`,
      { input: [...s] },
    )
  const [k, t, p, d] = [w.kernel[0], w.stride[0], w.padding[0], w.dilation[0]] as [number, number, number, number]
  if (k <= 0) throw new ValueError(`max_pool1d() kernel_size must be greater than zero, but got ${k}`)
  if (t <= 0) throw new ValueError(`max_pool1d() stride must be greater than zero, but got ${t}`)
  if (p < 0) throw new ValueError(`max_pool1d() padding must be non-negative, but got ${p}`)
  if (p > Math.trunc(k / 2))
    throw new ValueError(
      `max_pool1d() padding should be at most half of kernel size, but got padding=${p} and kernel_size=${k}`,
    )
  if (d <= 0) throw new ValueError(`max_pool1d() dilation must be greater than zero, but got ${d}`)
  const out = outputSize(s[s.length - 1], w, 0, ceilMode)
  if (out < 1) throw new ShapeError(`max_pool1d() Invalid computed output size: ${out}`, { input: [...s] })
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
  const kernel = sizesOf(op, 'kernel_size', kernelSize, n)
  const w: Window = {
    kernel,
    stride: strideOf(op, stride, kernel),
    padding: sizesOf(op, 'padding', padding, n),
    dilation: perDim(1, n),
  }
  expectWindow32(w)
  if (divisorOverride === 0) throw new ValueError('divisor must be not zero')
  if (n === 2 && x.sizes.length < 3)
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-x.sizes.length}, ${x.sizes.length - 1}], but got -3)`,
      { input: [...x.sizes] },
    )
  if (n === 3 && x.sizes.length !== 4 && x.sizes.length !== 5)
    throw new ShapeError('non-empty 4D or 5D (batch mode) tensor expected for input', { input: [...x.sizes] })
  const outputs = checkWindow(x, n, w, ceilMode, 'avg')
  const integral = x.dtype === 'int64'
  if (x.info.category !== Category.Float && !integral)
    throw notImplemented(n === 3 ? 'avg_pool3d_out_frame' : 'avg_pool2d', x.info)
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
  if (integral) return castRaw(averageRaw(castRaw(x, DTYPES.float64), a, false), DTYPES.int64)
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

function adaptiveSizes(op: string, n: number, x: Tensor, size: AdaptiveSize, kind: 'max' | 'avg'): number[] {
  const fn = snake(op)
  const given = perDim(size, n)
  if (!Array.isArray(given) || !given.every((v) => v === null || isInt(v)))
    throw new ArgumentError(`${fn}(): argument 'output_size' must be an int or an array of ints`, { outputSize: size })
  const dims = x.sizes.length
  if (n === 1) {
    checkDims(op, x, 2, 3)
    if (given.length !== 1)
      throw new ArgumentError(`${fn}() argument 'output_size' should contain one int (got ${given.length})`)
  } else {
    if (typeof size !== 'number' && dims <= given.length)
      throw new ShapeError(`Input dimension should be at least ${given.length + 1}`, { input: [...x.sizes] })
    if (given.length !== n)
      throw new ArgumentError(
        kind === 'avg' ? `${fn}: output_size must be ${n}` : `${fn}(): internal error: output_size.size() must be ${n}`,
        { outputSize: [...given] },
      )
    if (dims !== n + 1 && dims !== n + 2)
      throw new ShapeError(
        `${fn}(): Expected ${n + 1}D or ${n + 2}D tensor, but got${kind === 'max' ? ':' : ''} ${showShape(x.sizes)}`,
        { input: [...x.sizes] },
      )
  }
  const out = given.map((v, i) => v ?? x.sizes[dims - n + i])
  const channel = dims - n
  const from = kind === 'max' && (dims === n + 2 || channel > 0) ? (dims === n + 2 ? 1 : 0) : channel
  for (let i = from; i < dims; i++)
    if (x.sizes[i] === 0 && (i >= channel || kind === 'max')) {
      const as = kind === 'avg' && n === 1 ? widened(x.sizes, 1) : x.sizes
      throw new ShapeError(
        `${kind === 'avg' && n === 1 ? 'adaptive_avg_pool2d' : fn}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${showShape(as)} with dimension ${as.length - dims + i} being empty`,
        { input: [...x.sizes] },
      )
    }
  const low = out.find((v) => v < 0)
  if (low !== undefined) {
    if (kind === 'avg')
      throw new ValueError(
        `adaptive_avg_pool${Math.max(2, n)}d: elements of output_size must be greater than or equal to 0 but received {${(n === 1 ? [1, ...out] : out).join(', ')}}`,
        { outputSize: out },
      )
    throw new ValueError(
      `Trying to create tensor with negative dimension ${low}: ${showShape([...x.sizes.slice(0, dims - n), ...(n === 1 ? [1, ...out] : out)])}`,
      { outputSize: out },
    )
  }
  return out
}
function adaptiveMaxNd(
  op: string,
  n: number,
  x: Tensor,
  size: AdaptiveSize,
  returnIndices: boolean,
): Tensor | [Tensor, Tensor] {
  const outputs = adaptiveSizes(op, n, x, size, 'max')
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
  const outputs = adaptiveSizes(op, n, x, size, 'avg')
  if (x.info.category !== Category.Float)
    throw notImplemented(n === 3 ? 'adaptive_avg_pool3d_cpu' : 'adaptive_avg_pool2d', x.info)
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
