/** Operations on images: sliding blocks, channels as pixels, resizing. */
import { ArgumentError, IndexError, NotImplementedError, ShapeError, ValueError } from '../errors'
import { attach, type Rule, tracks } from '../autograd/node'
import { Category } from '../runtime/dtype'
import { showShape } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import { copyInto, emptyOf, expectInt, expectTensor, filled, notImplemented, optionsOf } from './core'
import { tensor } from './create'
import { expectSizes, type Size } from './window'

// ---- sliding blocks ---------------------------------------------------------------------------------------------------

/** Options of `unfold` and `fold`. */
export interface UnfoldOptions {
  /** Default 1. */
  dilation?: Size
  /** Default 0. */
  padding?: Size
  /** Default 1. */
  stride?: Size
}
type Pair = readonly [number, number]
interface Blocks {
  readonly kernel: Pair
  readonly dilation: Pair
  readonly padding: Pair
  readonly stride: Pair
}
const UNFOLD = ['dilation', 'padding', 'stride'] as const
function pair(name: string, v: Size): Pair {
  expectSizes('unfold', name, v)
  if (typeof v === 'number') return [v, v]
  if (v.length === 1) return [v[0] as number, v[0] as number]
  if (v.length !== 2)
    throw new ArgumentError(`It is expected ${name} equals to 2, but got size ${v.length}`, { [name]: [...v] })
  return [v[0] as number, v[1] as number]
}
function blocksOf(kernelSize: Size, o: UnfoldOptions): Blocks {
  const b = {
    kernel: pair('kernel_size', kernelSize),
    dilation: pair('dilation', o.dilation ?? 1),
    padding: pair('padding', o.padding ?? 0),
    stride: pair('stride', o.stride ?? 1),
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
const counted = (size: Pair, b: Blocks): Pair =>
  [0, 1].map(
    (i) =>
      Math.floor(
        (size[i as 0] + 2 * b.padding[i as 0] - (b.dilation[i as 0] * (b.kernel[i as 0] - 1) + 1)) / b.stride[i as 0],
      ) + 1,
  ) as unknown as Pair
const shown = (p: Pair): string => `(${p[0]}, ${p[1]})`

/** Every block of a padded image as a view [N, C, kH, kW, oH, oW]. */
function windows(room: Tensor, b: Blocks, out: Pair): Tensor {
  const [n, c] = room.sizes as readonly [number, number]
  const [sn, sc, sh, sw] = room.strides as readonly [number, number, number, number]
  return room.asStrided(
    [n, c, ...b.kernel, ...out],
    [sn, sc, sh * b.dilation[0], sw * b.dilation[1], sh * b.stride[0], sw * b.stride[1]],
  )
}
function unfoldRaw(x: Tensor, b: Blocks, out: Pair): Tensor {
  const [n, c, h, w] = x.sizes as readonly [number, number, number, number]
  let room = x
  if (b.padding[0] > 0 || b.padding[1] > 0) {
    room = filled([n, c, h + 2 * b.padding[0], w + 2 * b.padding[1]], 0, x.info)
    copyInto(room.narrow(2, b.padding[0], h).narrow(3, b.padding[1], w), x)
  }
  const y = emptyOf([n, c, ...b.kernel, ...out], x.info)
  if (y.count > 0) copyInto(y, windows(room, b, out))
  if (room !== x) room.storage.release()
  return y.view([n, c * b.kernel[0] * b.kernel[1], out[0] * out[1]])
}
function foldRaw(x: Tensor, b: Blocks, size: Pair, out: Pair): Tensor {
  const n = x.sizes[0] as number
  const c = (x.sizes[1] as number) / (b.kernel[0] * b.kernel[1])
  const blocks = x.reshape([n, c, ...b.kernel, ...out])
  const room = filled([n, c, size[0] + 2 * b.padding[0], size[1] + 2 * b.padding[1]], 0, x.info)
  const view = windows(room, b, out)
  // Blocks of one tap never overlap: they are added tap by tap.
  for (let i = 0; i < b.kernel[0]; i++)
    for (let j = 0; j < b.kernel[1]; j++) view.select(2, i).select(2, j).add_(blocks.select(2, i).select(2, j))
  if (b.padding[0] === 0 && b.padding[1] === 0) return room
  const y = emptyOf([n, c, ...size], x.info)
  copyInto(y, room.narrow(2, b.padding[0], size[0]).narrow(3, b.padding[1], size[1]))
  room.storage.release()
  return y
}
interface BlockState {
  readonly b: Blocks
  readonly size: Pair
  readonly out: Pair
}
const unfoldRule: Rule = (n, g) => {
  const { b, size, out } = n.meta as BlockState
  return folded(g, b, size, out)
}
const foldRule: Rule = (n, g) => {
  const { b, size, out } = n.meta as BlockState
  return unfolded(g, b, size, out)
}
function unfolded(x: Tensor, b: Blocks, size: Pair, out: Pair): Tensor {
  const y = unfoldRaw(x.detach(), b, out)
  if (tracks(x)) attach(y, 'Im2ColBackward0', unfoldRule, [x]).meta = { b, size, out } satisfies BlockState
  return y
}
function folded(x: Tensor, b: Blocks, size: Pair, out: Pair): Tensor {
  const y = foldRaw(x.detach(), b, size, out)
  if (tracks(x)) attach(y, 'Col2ImBackward0', foldRule, [x]).meta = { b, size, out } satisfies BlockState
  return y
}
/** Sliding blocks as columns. @param x [N, C, H, W] or [C, H, W]; gives [N, C · kH · kW, blocks] */
export function unfold(x: Tensor, kernelSize: Size, dilation?: Size | UnfoldOptions, options?: UnfoldOptions): Tensor {
  expectTensor('unfold', 'input', x)
  const b = blocksOf(kernelSize, optionsOf<UnfoldOptions>('unfold', UNFOLD, dilation, options))
  const dims = x.sizes.length
  if (dims < 3)
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-dims}, ${dims - 1}], but got ${dims === 2 ? 2 : dims})`,
      { input: [...x.sizes] },
    )
  const valid = dims === 3 ? !x.sizes.includes(0) : dims === 4 && !x.sizes.slice(1).includes(0)
  if (!valid)
    throw new ShapeError(
      `Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${showShape(x.sizes)}`,
      { input: [...x.sizes] },
    )
  if (x.info.category !== Category.Float && x.dtype !== 'bool') throw notImplemented('im2col_out_cpu', x.info)
  const input = dims === 4 ? x : x.unsqueeze(0)
  const size = input.sizes.slice(2) as unknown as Pair
  const out = counted(size, b)
  if (out[0] < 1 || out[1] < 1)
    throw new ShapeError(
      `Given input with spatial size ${shown(size)}, kernel_size=${shown(b.kernel)}, dilation=${shown(b.dilation)}, padding=${shown(b.padding)}, calculated shape of the array of sliding blocks as ${shown(out)}, but its components must be at least one.`,
      { input: [...x.sizes] },
    )
  const y = unfolded(input, b, size, out)
  return dims === 4 ? y : y.squeeze(0)
}
/** The sum of overlapping blocks: the gradient of `unfold`. @param x [N, C · kH · kW, blocks] or without N */
export function fold(
  x: Tensor,
  outputSize: Size,
  kernelSize: Size,
  dilation?: Size | UnfoldOptions,
  options?: UnfoldOptions,
): Tensor {
  expectTensor('fold', 'input', x)
  const size = pair('output_size', outputSize)
  const b = blocksOf(kernelSize, optionsOf<UnfoldOptions>('fold', UNFOLD, dilation, options))
  const dims = x.sizes.length
  const valid = dims === 2 ? !x.sizes.includes(0) : dims === 3 && x.sizes[1] !== 0 && x.sizes[2] !== 0
  if (!valid)
    throw new ShapeError(
      `Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: ${showShape(x.sizes)}`,
      { input: [...x.sizes] },
    )
  const input = dims === 3 ? x : x.unsqueeze(0)
  const [rows, columns] = [input.sizes[1] as number, input.sizes[2] as number]
  if (rows % (b.kernel[0] * b.kernel[1]) !== 0)
    throw new ShapeError(
      `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and kernel_size=${shown(b.kernel)}.`,
      { input: [...x.sizes] },
    )
  const out = counted(size, b)
  const given = `Given output_size=${shown(size)}, kernel_size=${shown(b.kernel)}, dilation=${shown(b.dilation)}, padding=${shown(b.padding)}, stride=${shown(b.stride)}`
  if (columns !== out[0] * out[1])
    throw new ShapeError(
      `${given}, expected size of input's dimension 2 to match the calculated number of sliding blocks ${out[0]} * ${out[1]} = ${out[0] * out[1]}, but got input.size(2)=${columns}.`,
      { input: [...x.sizes] },
    )
  if (out[0] < 1 || out[1] < 1)
    throw new ShapeError(
      `${given}, calculated shape of the array of sliding blocks as ${shown(out)}, which is too small (non-positive)`,
      { input: [...x.sizes] },
    )
  const y = folded(input, b, size, out)
  return dims === 3 ? y : y.squeeze(0)
}

// ---- channels as pixels -----------------------------------------------------------------------------------------------

function checkImage(op: string, x: Tensor): [number[], number, number, number] {
  expectTensor(op, 'input', x)
  const dims = x.sizes.length
  if (dims < 3)
    throw new ShapeError(`${op} expects input to have at least 3 dimensions, but got input with ${dims} dimension(s)`, {
      input: [...x.sizes],
    })
  return [
    x.sizes.slice(0, dims - 3),
    x.sizes[dims - 3] as number,
    x.sizes[dims - 2] as number,
    x.sizes[dims - 1] as number,
  ]
}
/** Every r² channels become a square of pixels. @param x [..., C · r², H, W] giving [..., C, H · r, W · r] */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const [batch, c, h, w] = checkImage('pixel_shuffle', x)
  expectInt('pixelShuffle', 'upscale_factor', upscaleFactor)
  const r = upscaleFactor
  if (r <= 0)
    throw new ValueError(`pixel_shuffle expects a positive upscale_factor, but got ${r}`, { upscaleFactor: r })
  if (c % (r * r) !== 0)
    throw new ShapeError(
      `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${c} is not divisible by ${r * r}`,
      { input: [...x.sizes] },
    )
  const n = batch.length
  return x
    .reshape([...batch, c / (r * r), r, r, h, w])
    .permute([...batch.map((_, i) => i), n, n + 3, n + 1, n + 4, n + 2])
    .reshape([...batch, c / (r * r), h * r, w * r])
}
/** The inverse of `pixelShuffle`. */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  const [batch, c, h, w] = checkImage('pixel_unshuffle', x)
  expectInt('pixelUnshuffle', 'downscale_factor', downscaleFactor)
  const r = downscaleFactor
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
  const n = batch.length
  return x
    .reshape([...batch, c, h / r, r, w / r, r])
    .permute([...batch.map((_, i) => i), n, n + 2, n + 4, n + 1, n + 3])
    .reshape([...batch, c * r * r, h / r, w / r])
}

// ---- resizing ---------------------------------------------------------------------------------------------------------

export type InterpolateMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'trilinear' | 'bicubic' | 'area'
/** Options of `interpolate`; one of `size` and `scaleFactor` must be given. */
export interface InterpolateOptions {
  /** The spatial size of the output. */
  size?: Size | null
  /** What the spatial size is multiplied with. */
  scaleFactor?: number | readonly number[] | null
  /** Default `nearest`. */
  mode?: InterpolateMode
  /** Corners of input and output fall together. Only for linear modes. */
  alignCorners?: boolean | null
  /** Compute the scale from the sizes even where `scaleFactor` is given. */
  recomputeScaleFactor?: boolean | null
}
const LINEAR: { readonly [k: string]: number } = { linear: 1, bilinear: 2, trilinear: 3 }
/** Where output `i` lies in the input, as a real index. */
const sourceOf = (i: number, scale: number, align: boolean): number =>
  align ? i * scale : Math.max(0, (i + 0.5) * scale - 0.5)

/** Resizes the spatial dims of [N, C, …]. */
export function interpolate(x: Tensor, size?: Size | null | InterpolateOptions, options?: InterpolateOptions): Tensor {
  expectTensor('interpolate', 'input', x)
  const o = optionsOf<InterpolateOptions>(
    'interpolate',
    ['size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor'],
    size,
    options,
  )
  const mode = o.mode ?? 'nearest'
  const align = o.alignCorners ?? null
  const n = x.sizes.length - 2
  if (align !== null && !(mode in LINEAR) && mode !== 'bicubic')
    throw new ValueError(
      'align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear',
    )
  const [target, factors] = [o.size ?? null, o.scaleFactor ?? null]
  if (target !== null && factors !== null) throw new ValueError('only one of size or scale_factor should be defined')
  if (target === null && factors === null) throw new ValueError('either size or scale_factor should be defined')
  const perDim = <T>(name: string, v: T | readonly T[]): readonly T[] => {
    if (!Array.isArray(v)) return new Array<T>(Math.max(n, 0)).fill(v as T)
    if (v.length !== n)
      throw new ValueError(
        `Input and ${name} must have the same number of spatial dimensions, but got input with spatial dimensions of ${showShape(x.sizes.slice(2))} and ${name === 'output_size' ? 'output size' : 'scale_factor'} of ${showShape(v as unknown as number[])}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and ${name === 'output_size' ? 'output size in (o1, o2, ...,oK)' : 'scale_factor in (s1, s2, ...,sK)'} format.`,
      )
    return v
  }
  const scales = factors === null ? null : perDim('scale_factor', factors)
  const outputs =
    target === null
      ? x.sizes.slice(2).map((s, i) => Math.floor(s * (scales as readonly number[])[i]!))
      : perDim('output_size', target)
  const fits = mode in LINEAR ? LINEAR[mode] === n : n >= 1 && n <= 3
  if (!fits) {
    if (!(mode in LINEAR) && mode !== 'nearest' && mode !== 'nearest-exact')
      throw new NotImplementedError(`interpolate(): mode '${mode}' is not supported`, { mode })
    throw new NotImplementedError(
      `Got ${n + 2}D input, but ${mode} mode needs ${LINEAR[mode] === undefined ? '3D, 4D or 5D' : `${(LINEAR[mode] as number) + 2}D`} input`,
      { input: [...x.sizes], mode },
    )
  }
  if (mode === 'bicubic' || mode === 'area')
    throw new NotImplementedError(`interpolate(): mode '${mode}' is not supported`, { mode })
  if (outputs.some((s) => !(s > 0)))
    throw new ShapeError(
      `Input and output sizes should be greater than 0, but got input (${x.sizes.slice(2).join(', ')}) output (${outputs.join(', ')})`,
      { input: [...x.sizes], output: [...outputs] },
    )
  let y = x
  for (let i = 0; i < n; i++) {
    const from = x.sizes[i + 2] as number
    const to = outputs[i] as number
    const given = scales !== null && !o.recomputeScaleFactor ? 1 / (scales[i] as number) : null
    y =
      mode in LINEAR
        ? blended(y, i + 2, from, to, align === true, given)
        : picked(y, i + 2, from, to, mode === 'nearest-exact', given)
  }
  return y
}
const indices = (list: readonly number[]): Tensor => tensor(BigInt64Array.from(list, BigInt))
function picked(x: Tensor, d: number, from: number, to: number, exact: boolean, given: number | null): Tensor {
  const scale = Math.fround(given ?? from / to)
  if (from === to && given === null) return x
  const rows = Array.from({ length: to }, (_, i) =>
    Math.min(from - 1, Math.floor(Math.fround((exact ? i + 0.5 : i) * scale))),
  )
  return x.indexSelect(d, indices(rows))
}
function blended(x: Tensor, d: number, from: number, to: number, align: boolean, given: number | null): Tensor {
  if (from === to && given === null) return x
  const scale = align ? (to > 1 ? (from - 1) / (to - 1) : 0) : (given ?? from / to)
  const at = Array.from({ length: to }, (_, i) => sourceOf(i, scale, align))
  const low = at.map((v) => Math.min(Math.floor(v), from - 1))
  const shape = x.sizes.map((_, k) => (k === d ? -1 : 1))
  const weight = tensor(Float64Array.from(at, (v, i) => Math.min(Math.max(v - (low[i] as number), 0), 1)))
    .to(x.dtype)
    .view(shape)
  const [a, b] = [x.indexSelect(d, indices(low)), x.indexSelect(d, indices(low.map((v) => Math.min(v + 1, from - 1))))]
  return a.mul(weight.neg().add(1)).add(b.mul(weight))
}
