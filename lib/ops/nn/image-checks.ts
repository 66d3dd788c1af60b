/** What operations on images refuse, in PyTorch's words. */
import { isArrayOf, isNumber } from '../../check/arguments'
import { notImplemented } from '../../check/words'
import { ArgumentError, NotImplementedError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { Category } from '../../runtime/dtype'
import { formatTuple } from '../../tensor/format'
import { formatPythonNumber } from '../../tensor/python-format'
import { showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import type { UnfoldOptions } from './image'
import type { InterpolateMode, InterpolateOptions } from './resize'
import { expectSizes, type Size } from './window'

// ---- sliding blocks ---------------------------------------------------------------------------------------------------

export type Pair = readonly [number, number]
export interface Blocks {
  readonly kernel: Pair
  readonly dilation: Pair
  readonly padding: Pair
  readonly stride: Pair
}
/** @returns one size a dim */
export function checkPair(op: string, name: string, v: Size): Pair {
  expectSizes(op, name, v)
  if (typeof v === 'number') return [v, v]
  if (v.length !== 2)
    throw new ArgumentError(`It is expected ${name} equals to 2, but got size ${v.length}`, { [name]: [...v] })
  return [v[0], v[1]]
}
/** @returns how the blocks lie */
export function checkBlocks(op: string, kernelSize: Size, o: Readonly<Required<UnfoldOptions>>): Blocks {
  const b = {
    kernel: checkPair(op, 'kernel_size', kernelSize),
    dilation: checkPair(op, 'dilation', o.dilation),
    padding: checkPair(op, 'padding', o.padding),
    stride: checkPair(op, 'stride', o.stride),
  }
  for (const [name, key, v] of [
    ['kernel size', 'kernel', b.kernel],
    ['stride', 'stride', b.stride],
    ['dilation', 'dilation', b.dilation],
  ] as const)
    if (v.some((s) => s <= 0))
      throw new ValueError(
        `${name} should be greater than zero, but got ${key}_height: ${v[0]} ${key}_width: ${v[1]}`,
        { [key]: [...v] },
      )
  if (b.padding.some((p) => p < 0))
    throw new ValueError(
      `padding should be non-negative, but got pad_height: ${b.padding[0]} pad_width: ${b.padding[1]}`,
      { padding: [...b.padding] },
    )
  return b
}
export function checkUnfold(x: Tensor): void {
  const dims = x.sizes.length
  for (const dim of [1, 2]) x.size(dim)
  const valid = dims === 3 ? !x.sizes.includes(0) : dims === 4 && !x.sizes.slice(1).includes(0)
  if (!valid)
    throw new ShapeError(
      `Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${showShape(x.sizes)}`,
      { input: [...x.sizes] },
    )
  if (x.info.category !== Category.Float && x.dtype !== 'bool') throw notImplemented('im2col_out_cpu', x.info)
}
/** @param out how many blocks there are along each dim */
export function checkUnfolded(x: Tensor, size: Pair, b: Blocks, out: Pair): void {
  if (out[0] < 1 || out[1] < 1)
    throw new ShapeError(
      `Given input with spatial size ${formatTuple(size)}, kernel_size=${formatTuple(b.kernel)}, dilation=${formatTuple(b.dilation)}, padding=${formatTuple(b.padding)}, calculated shape of the array of sliding blocks as ${formatTuple(out)}, but its components must be at least one.`,
      { input: [...x.sizes] },
    )
}
/** @param out how many blocks there are along each dim */
export function checkFold(x: Tensor, size: Pair, b: Blocks, out: Pair): void {
  const dims = x.sizes.length
  const valid = dims === 2 ? !x.sizes.includes(0) : dims === 3 && x.sizes[1] !== 0 && x.sizes[2] !== 0
  if (!valid)
    throw new ShapeError(
      `Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: ${showShape(x.sizes)}`,
      { input: [...x.sizes] },
    )
  const [rows, columns] = x.sizes.slice(-2) as [number, number]
  if (rows % (b.kernel[0] * b.kernel[1]) !== 0)
    throw new ShapeError(
      `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and kernel_size=${formatTuple(b.kernel)}.`,
      { input: [...x.sizes] },
    )
  const given = `Given output_size=${formatTuple(size)}, kernel_size=${formatTuple(b.kernel)}, dilation=${formatTuple(b.dilation)}, padding=${formatTuple(b.padding)}, stride=${formatTuple(b.stride)}`
  if (columns !== out[0] * out[1])
    throw new ShapeError(
      `${given}, expected size of input's dimension 2 to match the calculated number of sliding blocks ${out[0]} * ${out[1]} = ${out[0] * out[1]}, but got input.size(2)=${columns}.`,
      { input: [...x.sizes] },
    )
  if (out[0] < 1 || out[1] < 1)
    throw new ShapeError(
      `${given}, calculated shape of the array of sliding blocks as ${formatTuple(out)}, which is too small (non-positive)`,
      { input: [...x.sizes] },
    )
}

// ---- channels ---------------------------------------------------------------------------------------------------------

type Image = [batch: number[], channels: number, height: number, width: number]
function checkImage(op: string, x: Tensor): Image {
  const dims = x.sizes.length
  if (dims < 3)
    throw new ShapeError(`${op} expects input to have at least 3 dimensions, but got input with ${dims} dimension(s)`, {
      input: [...x.sizes],
    })
  return [x.sizes.slice(0, dims - 3), x.sizes[dims - 3], x.sizes[dims - 2], x.sizes[dims - 1]]
}
/** @returns the sizes of batch, channels and image */
export function checkPixelShuffle(x: Tensor, r: number): Image {
  const image = checkImage('pixel_shuffle', x)
  const c = image[1]
  if (r <= 0)
    throw new ValueError(`pixel_shuffle expects a positive upscale_factor, but got ${r}`, { upscaleFactor: r })
  if (r * r >= 2 ** 63)
    throw new ValueError(`upscale factor is too large, (upscale_factor)^2 overflowed: upscale_factor=${r}`, {
      upscaleFactor: r,
    })
  if (c % (r * r) !== 0)
    throw new ShapeError(
      `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${c} is not divisible by ${r * r}`,
      { input: [...x.sizes] },
    )
  return image
}
/** @returns the sizes of batch, channels and image */
export function checkPixelUnshuffle(x: Tensor, r: number): Image {
  const image = checkImage('pixel_unshuffle', x)
  const [, , h, w] = image
  if (r <= 0)
    throw new ValueError(`pixel_unshuffle expects a positive downscale_factor, but got ${r}`, { downscaleFactor: r })
  for (const [name, d, s] of [
    ['height', -2, h],
    ['width', -1, w],
  ] as const)
    if (s % r !== 0)
      throw new ShapeError(
        `pixel_unshuffle expects ${name} to be divisible by downscale_factor, but input.size(${d})=${s} is not divisible by ${r}`,
        { input: [...x.sizes] },
      )
  return image
}
export function checkChannelShuffle(x: Tensor, groups: number): void {
  if (x.sizes.length <= 2)
    throw new ShapeError(
      `channel_shuffle expects input with > 2 dims, but got input with sizes ${showShape(x.sizes)}`,
      {
        input: [...x.sizes],
      },
    )
  if (groups <= 0)
    throw new ValueError(`Number of groups to divide channels in must be positive. Value of groups:${groups}`, {
      groups,
    })
  const c = x.sizes[1]
  if (c % groups !== 0)
    throw new ShapeError(`Number of channels must be divisible by groups. Got ${c} channels and ${groups} groups.`, {
      channels: c,
      groups,
    })
}

// ---- resizing ---------------------------------------------------------------------------------------------------------

/** How many spatial dims a mode is for; 0: any. */
const MODE_DIMS: ReadonlyMap<InterpolateMode, number> = new Map([
  ['nearest', 0],
  ['nearest-exact', 0],
  ['area', 0],
  ['linear', 1],
  ['bilinear', 2],
  ['bicubic', 2],
  ['trilinear', 3],
])
export const isInterpolating = (mode: InterpolateMode): boolean => (MODE_DIMS.get(mode) ?? 0) > 0
type Options = Readonly<Required<InterpolateOptions>>
/** Options that contradict each other. */
export function checkResizing(o: Options): void {
  const { size: target, scaleFactor: factors, mode, alignCorners: align } = o
  if (align !== null && !isInterpolating(mode))
    throw new ValueError(
      'align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear',
    )
  if (target !== null && factors !== null) throw new ValueError('only one of size or scale_factor should be defined')
  if (target === null && factors === null) throw new ValueError('either size or scale_factor should be defined')
  if (target !== null && o.recomputeScaleFactor)
    throw new ValueError('recompute_scale_factor is not meaningful with an explicit size.')
}
const given = (x: Tensor): string =>
  `must have the same number of spatial dimensions, but got input with spatial dimensions of ${showShape(x.sizes.slice(2))}`
/** @returns one size a spatial dim */
export function checkTargetSize(x: Tensor, size: Size): readonly number[] {
  expectSizes('interpolate', 'size', size)
  if (typeof size === 'number') return x.sizes.slice(2).map(() => size)
  if (size.length !== x.sizes.length - 2)
    throw new ValueError(
      `Input and output ${given(x)} and output size of ${showShape(size)}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.`,
    )
  return size
}
/** @returns one factor a spatial dim */
export function checkScaleFactor(x: Tensor, factors: number | readonly number[]): readonly number[] {
  const list = typeof factors === 'number' ? [factors] : factors
  if (!isArrayOf(list, isNumber))
    throw new ArgumentError("interpolate(): argument 'scale_factor' must be a number or an array of numbers")
  if (typeof factors === 'number') return x.sizes.slice(2).map(() => factors)
  if (factors.length !== x.sizes.length - 2)
    throw new ValueError(
      `Input and scale_factor ${given(x)} and scale_factor of shape [${factors.map((v) => formatPythonNumber(v)).join(', ')}]. Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.`,
    )
  return factors
}
export function checkMode(x: Tensor, mode: InterpolateMode): void {
  const n = x.sizes.length - 2
  const own = MODE_DIMS.get(mode)
  if (own === undefined || n < 1 || n > 3)
    throw new NotImplementedError(
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${n + 2}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got ${shown(mode)})`,
      { input: [...x.sizes], mode: shown(mode) },
    )
  if (isInterpolating(mode) && own !== n)
    throw new NotImplementedError(`Got ${n + 2}D input, but ${mode} mode needs ${own + 2}D input`, {
      input: [...x.sizes],
      mode,
    })
}
const axes = (v: readonly number[]): string => v.map((s, i) => `${['D', 'H', 'W'][3 - v.length + i]}: ${s}`).join(', ')
export function checkResized(x: Tensor, outputs: readonly number[], mode: InterpolateMode): void {
  const spatial = x.sizes.slice(2)
  if (outputs.some((s) => !(s > 0)) || spatial.includes(0))
    throw new ShapeError(
      `Input and output sizes should be greater than 0, but got input (${axes(spatial)})${spatial.length === 1 ? ' and' : ''} output (${axes(outputs)})`,
      { input: [...x.sizes], output: [...outputs] },
    )
  if (x.sizes[1] === 0)
    throw new ShapeError(
      `Non-empty ${x.sizes.length}D data tensor expected but got a tensor with sizes ${showShape(x.sizes)}`,
      { input: [...x.sizes] },
    )
  if (x.info.category !== Category.Float && x.dtype !== 'uint8')
    throw notImplemented(
      `compute_indices_weights_${isInterpolating(mode) ? (mode === 'bicubic' ? 'cubic' : 'linear') : 'nearest'}`,
      x.info,
    )
}
