/** Convolution and transposed convolution over one to three spatial dims. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { countOf, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { copyInto, emptyOf, filled } from '../define/results'
import { define } from '../define/define'
import { int, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { channelView, sumOfChannels } from './channels'
import { castResult, computeInfo, kernelInput, releaseInput } from '../define/kernel-operands'
import { canonicalWindow, expectInt32, expectSizes, perDim, type Size, sizeParam, threeDims } from './window'
import {
  checkConvSizes,
  checkOperands,
  checkOutputPadding,
  checkPadding,
  checkSame,
  checkShapes,
  checkTransposedOutput,
} from './convolution-checks'

/** Options of the convolutions. */
export interface ConvOptions {
  /** One value an output channel. */
  bias?: Tensor | null
  /** How far the window moves from one output to the next. Default 1. */
  stride?: Size
  /** Zeros around the input: a number, one a dim, `valid` (none) or `same` (the output has the input's size). Default 0. */
  padding?: Size | 'valid' | 'same'
  /** How far apart the taps of the window are. Default 1. */
  dilation?: Size
  /** Channels are cut into this many groups that see nothing of each other. Default 1. */
  groups?: number
}
/** Options of the transposed convolutions. */
export interface ConvTransposeOptions {
  /** One value an output channel. */
  bias?: Tensor | null
  /** How far apart the outputs of neighbouring inputs are. Default 1. */
  stride?: Size
  /** Cut from both ends of the output. Default 0. */
  padding?: Size
  /** Added at one end of the output. Default 0. */
  outputPadding?: Size
  /** Channels are cut into this many groups that see nothing of each other. Default 1. */
  groups?: number
  /** How far apart the taps of the window are. Default 1. */
  dilation?: Size
}

/** How windows lie, one entry a spatial dim. @internal */
export interface ConvGeometry {
  readonly stride: readonly number[]
  /** In front; what is behind follows from the size of the output. */
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
  readonly groups: number
}

// ---- kernels; no autograd -------------------------------------------------------------------------------------------

/** What the three commands share. */
function convolved(x: Shape, w: Shape, y: Shape, g: ConvGeometry) {
  for (const sizes of [g.stride, g.padding, g.dilation]) expectInt32(sizes)
  return {
    batch: x[0],
    inChannels: x[1],
    outChannels: y[1],
    groups: g.groups,
    in: threeDims(x.slice(2), 1),
    out: threeDims(y.slice(2), 1),
    kernel: threeDims(w.slice(2), 1),
    stride: threeDims(g.stride, 1),
    padding: threeDims(g.padding, 0),
    dilation: threeDims(g.dilation, 1),
  }
}
/** Where a side is empty nothing is summed: what is left is the bias. */
function onlyBias(sizes: Shape, like: Tensor, bias: Tensor | null): Tensor {
  const out = filled(sizes, 0, like.info)
  if (bias && out.count > 0) copyInto(out, channelView(bias.detach(), sizes))
  return out
}

function convRaw(x: Tensor, w: Tensor, bias: Tensor | null, sizes: Shape, g: ConvGeometry): Tensor {
  if (x.count === 0 || w.count === 0) return onlyBias(sizes, x, bias)
  if (x.info.category === Category.Int) return integerConv(x, w, bias, sizes, g)
  const info = computeInfo(x)
  const [a, b, c] = [kernelInput(x, info), kernelInput(w, info), bias ? kernelInput(bias, info) : null]
  const out = emptyOf(sizes, info)
  encode.conv(OP.conv, info, Object.assign(convolved(x.sizes, w.sizes, sizes, g), { y: out, x: a, w: b, bias: c }))
  run()
  releaseInput(a, x)
  releaseInput(b, w)
  return castResult(out, x.info)
}
function inputRaw(dy: Tensor, w: Tensor, bias: Tensor | null, sizes: Shape, g: ConvGeometry): Tensor {
  if (dy.count === 0 || w.count === 0) return onlyBias(sizes, dy, bias)
  if (dy.info.category === Category.Int) return integerConvTranspose(dy, w, bias, sizes, g)
  const info = computeInfo(dy)
  const [a, b, c] = [kernelInput(dy, info), kernelInput(w, info), bias ? kernelInput(bias, info) : null]
  const out = emptyOf(sizes, info)
  const call = Object.assign(convolved(sizes, w.sizes, dy.sizes, g), { dx: out, dy: a, w: b, bias: c })
  encode.convBackwardInput(OP.conv_backward_input, info, call)
  run()
  releaseInput(a, dy)
  releaseInput(b, w)
  return castResult(out, dy.info)
}
/** The gradient of the kernel, and with `withBias` of the bias, in one pass over `dy`. */
function weightRaw(
  dy: Tensor,
  x: Tensor,
  sizes: Shape,
  g: ConvGeometry,
  withWeight: boolean,
  withBias: boolean,
): [Tensor | null, Tensor | null] {
  const info = computeInfo(dy)
  if (dy.count === 0 || x.count === 0)
    return [withWeight ? filled(sizes, 0, dy.info) : null, withBias ? sumOfChannels(dy) : null]
  const [a, b] = [kernelInput(x, info), kernelInput(dy, info)]
  const dw = withWeight ? emptyOf(sizes, info) : null
  const db = withBias ? emptyOf([dy.sizes[1]], info) : null
  const call = Object.assign(convolved(x.sizes, sizes, dy.sizes, g), { dw, x: a, dy: b, db })
  encode.convBackwardWeight(OP.conv_backward_weight, info, call)
  run()
  releaseInput(a, x)
  releaseInput(b, dy)
  return [dw && castResult(dw, dy.info), db && castResult(db, dy.info)]
}

// ---- integers: by products of matrices ------------------------------------------------------------------------------

/** Every window as a column: a view [N, C, …kernel, …outputs] of a zero-padded copy. */
function windowsOf(x: Tensor, kernel: Shape, outputs: Shape, g: ConvGeometry): Tensor {
  const n = kernel.length
  const padded = x.sizes.slice(2).map((s, i) => {
    const reach = (outputs[i] - 1) * g.stride[i] + (kernel[i] - 1) * g.dilation[i] + 1
    return Math.max(reach, s + g.padding[i])
  })
  const room = filled([x.sizes[0], x.sizes[1], ...padded], 0, x.info)
  let inside = room
  for (let i = 0; i < n; i++) inside = inside.narrow(i + 2, g.padding[i], x.sizes[i + 2])
  copyInto(inside, x)
  const s = room.strides
  return room.asStrided(
    [x.sizes[0], x.sizes[1], ...kernel, ...outputs],
    [s[0], s[1], ...kernel.map((_, i) => s[i + 2] * g.dilation[i]), ...outputs.map((_, i) => s[i + 2] * g.stride[i])],
  )
}
function integerConv(x: Tensor, w: Tensor, bias: Tensor | null, sizes: Shape, g: ConvGeometry): Tensor {
  const [batch, groups] = [x.sizes[0], g.groups]
  const columns = windowsOf(x.detach(), w.sizes.slice(2), sizes.slice(2), g).reshape([
    batch,
    groups,
    -1,
    countOf(sizes.slice(2)),
  ])
  const y = w
    .detach()
    .reshape([1, groups, w.sizes[0] / groups, -1])
    .matmul(columns)
    .reshape([...sizes])
  return bias ? y.add_(channelView(bias, sizes)) : y
}
function integerConvTranspose(dy: Tensor, w: Tensor, bias: Tensor | null, sizes: Shape, g: ConvGeometry): Tensor {
  const kernel = w.sizes.slice(2)
  const outputs = dy.sizes.slice(2)
  const [batch, groups] = [dy.sizes[0], g.groups]
  const a = w
    .detach()
    .reshape([1, groups, w.sizes[0] / groups, -1])
    .transpose(-2, -1)
  const columns = a
    .matmul(dy.detach().reshape([batch, groups, dy.sizes[1] / groups, -1]))
    .reshape([batch, sizes[1], ...kernel, ...outputs])
  const reach = outputs.map((o, i) =>
    Math.max((o - 1) * g.stride[i] + (kernel[i] - 1) * g.dilation[i] + 1, g.padding[i] + sizes[i + 2]),
  )
  const room = filled([batch, sizes[1], ...reach], 0, dy.info)
  const s = room.strides
  const taps = countOf(kernel)
  for (let t = 0; t < taps; t++) {
    let [rest, offset] = [t, 0]
    let column = columns
    for (let i = kernel.length - 1; i >= 0; i--) {
      const at = rest % kernel[i]
      rest = (rest - at) / kernel[i]
      offset += at * g.dilation[i] * s[i + 2]
      column = column.select(i + 2, at)
    }
    room
      .asStrided([batch, sizes[1], ...outputs], [s[0], s[1], ...outputs.map((_, i) => s[i + 2] * g.stride[i])], {
        storageOffset: offset,
      })
      .add_(column)
  }
  let y = room
  kernel.forEach((_, i) => {
    y = y.narrow(i + 2, g.padding[i], sizes[i + 2])
  })
  return bias ? y.add(channelView(bias, sizes)) : y.contiguous()
}

// ---- the three products of (x, w, y), each the gradient of the others -------------------------------------------------

interface Saved {
  readonly g: ConvGeometry
  readonly x: Shape
  readonly w: Shape
}
/** What PyTorch calls the node of each of the three; without a batch the dim that stands for it is taken away behind it. */
const NODES = ['ConvolutionBackward0', 'SqueezeBackward1'] as const

/** The convolution. @internal */
export function convolve(x: Tensor, w: Tensor, bias: Tensor | null, sizes: Shape, g: ConvGeometry): Tensor {
  const y = convRaw(x, w, bias, sizes, g)
  if (tracks(x, w, bias)) {
    const n = attach(y, NODES[0], convRule, [x, w, bias])
    n.save(n.needs(1) ? x : null, n.needs(0) ? w : null)
    n.meta = { g, x: x.sizes, w: w.sizes } satisfies Saved
  }
  return y
}
const convRule: Rule = (n, dy) => {
  const { g, x, w } = n.meta as Saved
  const dx = n.needs(0) ? convolveInput(dy, n.tensor(1), null, x, g) : null
  if (tracks(dy, n.optional(0)))
    return [dx, n.needs(1) ? convolveWeight(dy, n.tensor(0), w, g) : null, n.needs(2) ? sumOfChannels(dy) : null]
  if (!n.needs(1)) return [dx, null, n.needs(2) ? sumOfChannels(dy) : null]
  return [dx, ...weightRaw(dy, n.tensor(0), w, g, true, n.needs(2))]
}
/** The gradient by the input, which is also the transposed convolution. @internal */
export function convolveInput(dy: Tensor, w: Tensor, bias: Tensor | null, sizes: Shape, g: ConvGeometry): Tensor {
  const dx = inputRaw(dy, w, bias, sizes, g)
  if (tracks(dy, w, bias)) {
    const n = attach(dx, NODES[0], inputRule, [dy, w, bias])
    n.save(n.needs(1) ? dy : null, n.needs(0) ? w : null)
    n.meta = { g, x: dy.sizes, w: w.sizes } satisfies Saved
  }
  return dx
}
const inputRule: Rule = (n, h) => {
  const { g, x: dySizes, w } = n.meta as Saved
  return [
    n.needs(0) ? convolve(h, n.tensor(1), null, dySizes, g) : null,
    n.needs(1) ? convolveWeight(n.tensor(0), h, w, g) : null,
    n.needs(2) ? sumOfChannels(h) : null,
  ]
}
function convolveWeight(dy: Tensor, x: Tensor, sizes: Shape, g: ConvGeometry): Tensor {
  const dw = weightRaw(dy, x, sizes, g, true, false)[0] as Tensor
  if (tracks(dy, x)) {
    const n = attach(dw, NODES[0], weightRule, [dy, x])
    n.save(n.needs(1) ? dy : null, n.needs(0) ? x : null)
    n.meta = { g, x: x.sizes, w: dy.sizes } satisfies Saved
  }
  return dw
}
const weightRule: Rule = (n, k) => {
  const { g, x, w: dySizes } = n.meta as Saved
  return [
    n.needs(0) ? convolve(n.tensor(1), k, null, dySizes, g) : null,
    n.needs(1) ? convolveInput(n.tensor(0), k, null, x, g) : null,
  ]
}

// ---- how windows lie ----------------------------------------------------------------------------------------------------

function convNd(op: string, n: number, x: Tensor, w: Tensor, o: Readonly<Required<ConvOptions>>): Tensor {
  const { bias, stride, padding, dilation, groups } = o
  checkOperands(op, n, x, w, bias, groups)
  expectSizes(op, 'stride', stride)
  expectSizes(op, 'dilation', dilation)
  const batched = x.sizes.length === n + 2
  const input = batched ? x : x.unsqueeze(0)
  const kernel = w.sizes.slice(2)
  let g: ConvGeometry
  let outputs: readonly number[]
  if (padding === 'same') {
    g = sameGeometry(op, n, input, w, o)
    outputs = input.sizes.slice(2)
  } else {
    checkPadding(op, padding)
    g = geometryOf(n, kernel.length, { stride, padding: padding === 'valid' ? 0 : padding, dilation, groups })
    checkShapes(op, n, input, w, bias, g, [], false)
    outputs = convOutputs(input, w, g)
  }
  const sizes = [input.sizes[0], w.sizes[0], ...outputs]
  const y = convolve(input, w, bias, sizes, canonicalWindow(g, kernel, outputs))
  return batched ? y : y.squeeze(0)
}
/** How windows lie whose outputs have the size of the input. */
function sameGeometry(op: string, n: number, x: Tensor, w: Tensor, o: Readonly<Required<ConvOptions>>): ConvGeometry {
  const { bias, stride, dilation, groups } = o
  const kernel = w.sizes.slice(2)
  const dims = kernel.length
  const steps = checkSame(x, w, stride, dilation)
  const apart = checkConvSizes(dilation, dims, 'dilation')
  // The odd one of an uneven padding goes behind.
  const around = kernel.map((k, i) => apart[i] * (k - 1))
  const [front, behind] = [around.map((p) => Math.floor(p / 2)), around.map((p) => Math.ceil(p / 2))]
  checkShapes(op, n, x, w, bias, { stride: steps, padding: behind, dilation: apart, groups }, [], false)
  return { stride: steps, padding: front, dilation: apart, groups }
}
/**
 * How windows lie by their numbers.
 * @param n of the operator: numbers are repeated for its dims, so that a weight of another rank is told by these texts
 * @param dims of the weight
 */
const geometryOf = (
  n: number,
  dims: number,
  o: { readonly stride: Size; readonly padding: Size; readonly dilation: Size; readonly groups: number },
): ConvGeometry => ({
  stride: checkConvSizes(perDim(o.stride, n), dims, 'stride'),
  padding: checkConvSizes(perDim(o.padding, n), dims, 'padding'),
  dilation: checkConvSizes(perDim(o.dilation, n), dims, 'dilation'),
  groups: o.groups,
})
function convOutputs(x: Tensor, w: Tensor, g: ConvGeometry): number[] {
  const n = x.sizes.length - 2
  const out = new Array<number>(n)
  for (let i = 0; i < n; i++) {
    const reach = g.dilation[i] * (w.sizes[i + 2] - 1) + 1
    out[i] = Math.floor((x.sizes[i + 2] + 2 * g.padding[i] - reach) / g.stride[i]) + 1
  }
  return out
}

function convTransposeNd(
  op: string,
  n: number,
  x: Tensor,
  w: Tensor,
  o: Readonly<Required<ConvTransposeOptions>>,
): Tensor {
  const { bias, stride, padding, outputPadding, dilation, groups } = o
  checkOperands(op, n, x, w, bias, groups)
  for (const [name, v] of Object.entries({ stride, padding, output_padding: outputPadding, dilation }))
    expectSizes(op, name, v)
  const batched = x.sizes.length === n + 2
  const input = batched ? x : x.unsqueeze(0)
  const dims = w.sizes.length - 2
  const g = geometryOf(n, dims, o)
  const extra = checkConvSizes(perDim(outputPadding, n), dims, 'output_padding')
  checkShapes(op, n, input, w, bias, g, extra, true)
  const kernel = w.sizes.slice(2)
  checkOutputPadding(g, extra)
  const outputs = kernel.map(
    (k, i) => (input.sizes[i + 2] - 1) * g.stride[i] - 2 * g.padding[i] + g.dilation[i] * (k - 1) + extra[i] + 1,
  )
  checkTransposedOutput(input, outputs)
  const y = convolveInput(
    input,
    w,
    bias && bias.info !== x.info ? bias.to(x.dtype) : bias,
    [input.sizes[0], w.sizes[1] * groups, ...outputs],
    canonicalWindow(g, kernel, input.sizes.slice(2)),
  )
  return batched ? y : y.squeeze(0)
}

// ---- the ops ----------------------------------------------------------------------------------------------------------

type Conv = Op<(x: Tensor, weight: Tensor, bias?: Tensor | null | ConvOptions, options?: ConvOptions) => Tensor>
const defineConv = (name: string, n: number): Conv =>
  define(name, {
    params: [
      tensor('input'),
      tensor('weight'),
      tensor('bias').orNull().default(null),
      sizeParam('stride').default(1),
      own<Size | 'valid' | 'same'>('int, int[] or str')('padding').default(0),
      sizeParam('dilation').default(1),
      int('groups').default(1),
    ],
    namespace: 'nn.functional',
    node: NODES,
    run: (x, weight, o) => convNd(name, n, x, weight, o),
  })
/**
 * Convolution over one spatial dim.
 * @param x [N, C, L] or [C, L]
 * @param weight [out, C / groups, k], of the input's dtype
 * @returns [N, out, (L + 2 padding - dilation (k - 1) - 1) / stride + 1, rounded down]
 * @throws ShapeError where a window is larger than the padded input, or channels do not fit
 */
export const conv1d: Conv = defineConv('conv1d', 1)
/**
 * Convolution over two spatial dims; sizes as by `conv1d`.
 * @param x [N, C, H, W] or [C, H, W]
 * @param weight [out, C / groups, kH, kW], of the input's dtype
 */
export const conv2d: Conv = defineConv('conv2d', 2)
/**
 * Convolution over three spatial dims; sizes as by `conv1d`.
 * @param x [N, C, D, H, W] or [C, D, H, W]
 * @param weight [out, C / groups, kD, kH, kW], of the input's dtype
 */
export const conv3d: Conv = defineConv('conv3d', 3)

type ConvTranspose = Op<
  (x: Tensor, weight: Tensor, bias?: Tensor | null | ConvTransposeOptions, options?: ConvTransposeOptions) => Tensor
>
const defineConvTranspose = (name: string, n: number): ConvTranspose =>
  define(name, {
    params: [
      tensor('input'),
      tensor('weight'),
      tensor('bias').orNull().default(null),
      sizeParam('stride').default(1),
      sizeParam('padding').default(0),
      sizeParam('outputPadding').default(0),
      int('groups').default(1),
      sizeParam('dilation').default(1),
    ],
    namespace: 'nn.functional',
    node: NODES,
    run: (x, weight, o) => convTransposeNd(name, n, x, weight, o),
  })
/**
 * The gradient of `conv1d` by its input, as an operation of its own.
 * @param x [N, C, L] or [C, L]
 * @param weight [C, out / groups, k], of the input's dtype
 * @returns [N, out, (L - 1) stride - 2 padding + dilation (k - 1) + outputPadding + 1]
 */
export const convTranspose1d: ConvTranspose = defineConvTranspose('convTranspose1d', 1)
/**
 * The gradient of `conv2d` by its input, as an operation of its own; sizes as by `convTranspose1d`.
 * @param x [N, C, H, W] or [C, H, W]
 * @param weight [C, out / groups, kH, kW], of the input's dtype
 */
export const convTranspose2d: ConvTranspose = defineConvTranspose('convTranspose2d', 2)
/**
 * The gradient of `conv3d` by its input, as an operation of its own; sizes as by `convTranspose1d`.
 * @param x [N, C, D, H, W] or [C, D, H, W]
 * @param weight [C, out / groups, kD, kH, kW], of the input's dtype
 */
export const convTranspose3d: ConvTranspose = defineConvTranspose('convTranspose3d', 3)
