/** What convolutions refuse, in PyTorch's words and order. */
import { wrongCast, wrongType } from '../../check/dtypes'
import { notImplemented, tensorType } from '../../check/words'
import { ArgumentError, DTypeError, type ErrorData, ShapeError, ValueError } from '../../errors'
import { canCast, Category } from '../../runtime/dtype'
import { type Shape, showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { snake } from '../define/params'
import type { ConvGeometry } from './convolution'
import { broadcastSizes, expectSizes, type Size } from './window'

/** @returns one size a dim */
export function checkConvSizes(v: Size, n: number, name: string): readonly number[] {
  const sizes = broadcastSizes(v, n)
  if (sizes) return sizes
  throw new ShapeError(
    `expected ${name} to be a single integer value or a list of ${n} values to match the convolution dimensions, but got ${name}=${showShape(v as Shape)}`,
    { [name]: [...(v as Shape)], dims: n },
  )
}
const AXES = ['depth', 'height', 'width']
const named = (what: string, v: readonly number[]): string =>
  v.map((s, i) => `${what}_${AXES[3 - v.length + i]}: ${s}`).join(' ')
/** A single spatial dim is computed as two. */
const asTwo = (v: readonly number[], fill: number): readonly number[] => (v.length === 1 ? [fill, v[0]] : v)
const times = (v: readonly number[]): string => `(${v.join(' x ')})`

/** What can be told before the window is looked at. */
export function checkOperands(op: string, n: number, x: Tensor, w: Tensor, bias: Tensor | null, groups: number): void {
  if (bias !== null && bias.info !== x.info && !op.startsWith('convTranspose'))
    throw new DTypeError(`Input type (${x.info.cppName}) and bias type (${bias.info.cppName}) should be the same`, {
      input: x.dtype,
      bias: bias.dtype,
    })
  const dims = x.sizes.length
  if (dims !== n + 1 && dims !== n + 2)
    throw new ShapeError(
      `Expected ${n + 1}D (unbatched) or ${n + 2}D (batched) input to ${snake(op)}, but got input of size: ${showShape(x.sizes)}`,
      { input: [...x.sizes] },
    )
  if (w.sizes.length < 3) throw new ShapeError('weight should have at least three dimensions', { weight: [...w.sizes] })
  if (groups <= 0) throw new ValueError('non-positive groups is not supported', { groups })
}

export function checkShapes(
  op: string,
  n: number,
  x: Tensor,
  w: Tensor,
  bias: Tensor | null,
  g: ConvGeometry,
  outputPadding: readonly number[],
  transposed: boolean,
): void {
  checkNumbers(g, outputPadding)
  const data = { input: [...x.sizes], weight: [...w.sizes], groups: g.groups }
  if (x.sizes.length !== w.sizes.length)
    throw new ShapeError(
      `Expected ${w.sizes.length}-dimensional input for ${w.sizes.length}-dimensional weight ${showShape(w.sizes)}, but got ${x.sizes.length}-dimensional input of size ${showShape(x.sizes)} instead`,
      data,
    )
  checkChannels(x, w, bias, g.groups, transposed, data)
  const kernel = w.sizes.slice(2)
  if (!transposed) {
    const room = x.sizes.slice(2).map((s, i) => s + 2 * g.padding[i])
    const reach = kernel.map((k, i) => g.dilation[i] * (k - 1) + 1)
    if (room.some((s, i) => s < reach[i]))
      throw new ShapeError(
        `Calculated padded input size per channel: ${times(room)}. Kernel size: ${times(reach)}. Kernel size can't be greater than actual input size`,
        data,
      )
  }
  if (x.sizes.slice(2).includes(0) && x.sizes[0] !== 0 && x.sizes[1] !== 0)
    throw new ShapeError(
      `Only zero batch or zero channel inputs are supported, but got input shape: ${showShape(x.sizes)}`,
      data,
    )
  if (kernel.includes(0))
    throw new ShapeError(`kernel size should be greater than zero, but got ${named('kernel', asTwo(kernel, 1))}`, data)
  if (g.dilation.includes(0))
    throw new ValueError(`dilation should be greater than zero, but got ${showShape(asTwo(g.dilation, 1))}`, {
      dilation: [...g.dilation],
    })
  checkTypes(op, n, x, w, bias)
}
function checkNumbers(g: ConvGeometry, outputPadding: readonly number[]): void {
  if (g.padding.some((v) => v < 0))
    throw new ValueError('negative padding is not supported', { padding: [...g.padding] })
  if (outputPadding.some((v) => v < 0))
    throw new ValueError('negative output_padding is not supported', { outputPadding: [...outputPadding] })
  if (g.stride.some((v) => v <= 0))
    throw new ValueError('non-positive stride is not supported', { stride: [...g.stride] })
  if (g.dilation.some((v) => v < 0))
    throw new ValueError('dilation should be greater than zero', { dilation: [...g.dilation] })
}
function checkChannels(
  x: Tensor,
  w: Tensor,
  bias: Tensor | null,
  groups: number,
  transposed: boolean,
  data: ErrorData,
): void {
  const outChannels = w.sizes[0]
  if (outChannels < groups)
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${showShape(w.sizes)} instead`,
      data,
    )
  if (outChannels % groups !== 0)
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${showShape(w.sizes)}] instead`,
      data,
    )
  const channels = transposed ? outChannels : w.sizes[1] * groups
  if (x.sizes[1] !== channels)
    throw new ShapeError(
      `Given ${transposed ? 'transposed=1' : `groups=${groups}`}, weight of size ${showShape(w.sizes)}, expected input${showShape(x.sizes)} to have ${channels} channels, but got ${x.sizes[1]} channels instead`,
      data,
    )
  const biasCount = transposed ? w.sizes[1] * groups : outChannels
  if (bias && (bias.sizes.length !== 1 || bias.sizes[0] !== biasCount))
    throw new ShapeError(
      `Given ${transposed ? 'transposed=1, ' : ''}weight of size ${showShape(w.sizes)}, expected bias to be 1-dimensional with ${biasCount} elements, but got bias of size ${showShape(bias.sizes)} instead`,
      { ...data, bias: [...bias.sizes] },
    )
}
function checkTypes(op: string, n: number, x: Tensor, w: Tensor, bias: Tensor | null): void {
  const transposed = op.startsWith('convTranspose')
  // Of bfloat16 PyTorch's oneDNN path speaks, in its own words.
  if (x.dtype === 'bfloat16')
    for (const [name, t] of [
      ['weight', w],
      ['bias', bias],
    ] as const)
      if (t && t.info !== x.info)
        throw new DTypeError(
          `Input type (${tensorType(x.info)}) and ${name} type (${tensorType(t.info)}) should be the same or input should be a MKLDNN tensor and ${name} is a dense tensor`,
          { input: x.dtype, [name]: t.dtype },
        )
  if (transposed ? x.info.category !== Category.Float && x.dtype !== 'int64' : x.dtype === 'bool')
    throw notImplemented(
      transposed ? `slow_conv_transpose${Math.max(n, 2)}d_out_cpu` : n === 3 ? 'compute_columns3d' : 'slow_conv2d_cpu',
      x.info,
    )
  if (x.info !== w.info)
    throw wrongType(x.info, w.info, {
      input: x.dtype,
      weight: w.dtype,
    })
  if (bias && !canCast(bias.dtype, x.dtype)) throw wrongCast(bias.info, x.info, { input: x.dtype, bias: bias.dtype })
}
/** What is neither numbers nor a word that is known. */
export function checkPadding(op: string, padding: Size | 'valid' | 'same'): void {
  if (typeof padding !== 'string') expectSizes(op, 'padding', padding)
  else if (padding !== 'valid' && padding !== 'same')
    throw new ArgumentError(`Invalid padding string: '${padding}'`, { padding })
}
/** Windows whose outputs have the size of the input. @returns their strides, one a dim */
export function checkSame(x: Tensor, w: Tensor, stride: Size, dilation: Size): readonly number[] {
  const dims = w.sizes.length - 2
  if (w.sizes.length !== x.sizes.length)
    throw new ShapeError(
      `Expected ${w.sizes.length}-dimensional input for ${w.sizes.length}-dimensional weight${showShape(w.sizes)}, but got ${x.sizes.length}-dimensional input of size ${showShape(x.sizes)} instead`,
      { input: [...x.sizes], weight: [...w.sizes] },
    )
  for (const [name, v] of [
    ['stride', stride],
    ['dilation', dilation],
  ] as const)
    if (typeof v !== 'number' && v.length !== dims && v.length !== 1)
      throw new ShapeError(`${name} cannot broadcast to ${dims} dimensions`, { [name]: [...v] })
  const steps = checkConvSizes(stride, dims, 'stride')
  if (steps.some((s) => s !== 1))
    throw new ValueError("padding='same' is not supported for strided convolutions", { stride: [...steps] })
  return steps
}
export function checkOutputPadding(g: ConvGeometry, extra: readonly number[]): void {
  if (extra.some((e, i) => e >= g.stride[i] && e >= g.dilation[i]))
    throw new ValueError(
      `output padding must be smaller than either stride or dilation, but got ${named('output_padding', asTwo(extra, 0))} ${named('stride', asTwo(g.stride, 1))} ${named('dilation', asTwo(g.dilation, 1))}`,
      { outputPadding: [...extra] },
    )
}
export function checkTransposedOutput(input: Tensor, outputs: readonly number[]): void {
  if (outputs.some((s) => s < 1)) {
    const [from, to] = [asTwo(input.sizes.slice(2), 1), asTwo(outputs, 1)]
    throw new ShapeError(
      `Given input size per channel: ${times(from)}. Calculated output size per channel: ${times(to)}. Output size is too small`,
      { input: [...input.sizes], output: [...outputs] },
    )
  }
}
