/** Operations on images: sliding blocks, and channels as pixels. */
import { ArgumentError, IndexError, ShapeError, ValueError } from '../../errors'
import { attach, type Rule, tracks } from '../../autograd/node'
import { Category } from '../../runtime/dtype'
import { showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { copyInto, emptyOf, filled } from '../define/results'
import { define } from '../define/define'
import { int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { expectSizes, type Size, sizeParam } from './window'
import { withNodeName } from '../define/node-name'

// ---- sliding blocks ---------------------------------------------------------------------------------------------------

/** Options of `unfold` and `fold`, each for both dims or one a dim. */
export interface UnfoldOptions {
  /** The distance of a block's elements. Default 1. */
  dilation?: Size
  /** Zeros around the image. Default 0. */
  padding?: Size
  /** The distance of the blocks. Default 1. */
  stride?: Size
}
type Pair = readonly [number, number]
interface Blocks {
  readonly kernel: Pair
  readonly dilation: Pair
  readonly padding: Pair
  readonly stride: Pair
}
const blockParams = [
  sizeParam('dilation').default(1),
  sizeParam('padding').default(0),
  sizeParam('stride').default(1),
] as const
function pair(op: string, name: string, v: Size): Pair {
  expectSizes(op, name, v)
  if (typeof v === 'number') return [v, v]
  if (v.length !== 2)
    throw new ArgumentError(`It is expected ${name} equals to 2, but got size ${v.length}`, { [name]: [...v] })
  return [v[0], v[1]]
}
function blocksOf(op: string, kernelSize: Size, o: Readonly<Required<UnfoldOptions>>): Blocks {
  const b = {
    kernel: pair(op, 'kernel_size', kernelSize),
    dilation: pair(op, 'dilation', o.dilation),
    padding: pair(op, 'padding', o.padding),
    stride: pair(op, 'stride', o.stride),
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
  const n = x.sizes[0]
  const c = x.sizes[1] / (b.kernel[0] * b.kernel[1])
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
  if (tracks(x)) attach(y, unfold.op.node, unfoldRule, [x]).meta = { b, size, out } satisfies BlockState
  return y
}
function folded(x: Tensor, b: Blocks, size: Pair, out: Pair): Tensor {
  const y = foldRaw(x.detach(), b, size, out)
  if (tracks(x)) attach(y, fold.op.node, foldRule, [x]).meta = { b, size, out } satisfies BlockState
  return y
}
/**
 * Sliding blocks of images as columns.
 * @param x floating or bool, [N, C, H, W] or [C, H, W]
 * @param kernelSize of a block, both dims or one a dim
 * @returns [N, C · kH · kW, blocks], or without N
 */
export const unfold: Op<
  (x: Tensor, kernelSize: Size, dilation?: Size | UnfoldOptions, options?: UnfoldOptions) => Tensor
> = define('unfold', {
  params: [tensor('input'), sizeParam('kernelSize'), ...blockParams],
  namespace: 'nn.functional',
  node: 'Im2ColBackward0',
  run: (x, kernelSize, options) => unfoldOf(x, blocksOf('unfold', kernelSize, options)),
})
function unfoldOf(x: Tensor, b: Blocks): Tensor {
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
/**
 * Images as the sums of overlapping blocks: the gradient of `unfold`.
 * @param x [N, C · kH · kW, blocks] or without N
 * @param outputSize of the images, both dims or one a dim
 * @param kernelSize of a block, both dims or one a dim
 * @returns [N, C, H, W], or without N
 */
export const fold: Op<
  (x: Tensor, outputSize: Size, kernelSize: Size, dilation?: Size | UnfoldOptions, options?: UnfoldOptions) => Tensor
> = define('fold', {
  params: [tensor('input'), sizeParam('outputSize'), sizeParam('kernelSize'), ...blockParams],
  namespace: 'nn.functional',
  node: 'Col2ImBackward0',
  run: (x, outputSize, kernelSize, options) =>
    foldOf(x, pair('fold', 'output_size', outputSize), blocksOf('fold', kernelSize, options)),
})
function foldOf(x: Tensor, size: Pair, b: Blocks): Tensor {
  const dims = x.sizes.length
  const valid = dims === 2 ? !x.sizes.includes(0) : dims === 3 && x.sizes[1] !== 0 && x.sizes[2] !== 0
  if (!valid)
    throw new ShapeError(
      `Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: ${showShape(x.sizes)}`,
      { input: [...x.sizes] },
    )
  const input = dims === 3 ? x : x.unsqueeze(0)
  const [rows, columns] = [input.sizes[1], input.sizes[2]]
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
  const dims = x.sizes.length
  if (dims < 3)
    throw new ShapeError(`${op} expects input to have at least 3 dimensions, but got input with ${dims} dimension(s)`, {
      input: [...x.sizes],
    })
  return [x.sizes.slice(0, dims - 3), x.sizes[dims - 3], x.sizes[dims - 2], x.sizes[dims - 1]]
}
/**
 * Every r² channels become a square of pixels (Shi et al. 2016).
 * @param x [..., C · r², H, W]
 * @param upscaleFactor r
 * @returns [..., C, H · r, W · r]
 */
export const pixelShuffle: Op<(x: Tensor, upscaleFactor: number) => Tensor> = define('pixelShuffle', {
  params: [tensor('input'), int('upscaleFactor')],
  namespace: 'nn.functional',
  node: 'PixelShuffleBackward0',
  run: shuffledPixels,
})
function shuffledPixels(x: Tensor, r: number): Tensor {
  const [batch, c, h, w] = checkImage('pixel_shuffle', x)
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
  const n = batch.length
  return withNodeName(
    x
      .reshape([...batch, c / (r * r), r, r, h, w])
      .permute([...batch.map((_, i) => i), n, n + 3, n + 1, n + 4, n + 2])
      .reshape([...batch, c / (r * r), h * r, w * r]),
    pixelShuffle.op.node,
  )
}
/**
 * The inverse of `pixelShuffle`: every square of r² pixels becomes as many channels.
 * @param x [..., C, H · r, W · r]
 * @param downscaleFactor r
 * @returns [..., C · r², H, W]
 */
export const pixelUnshuffle: Op<(x: Tensor, downscaleFactor: number) => Tensor> = define('pixelUnshuffle', {
  params: [tensor('input'), int('downscaleFactor')],
  namespace: 'nn.functional',
  node: 'PixelUnshuffleBackward0',
  run: unshuffledPixels,
})
function unshuffledPixels(x: Tensor, r: number): Tensor {
  const [batch, c, h, w] = checkImage('pixel_unshuffle', x)
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
  return withNodeName(
    x
      .reshape([...batch, c, h / r, r, w / r, r])
      .permute([...batch.map((_, i) => i), n, n + 2, n + 4, n + 1, n + 3])
      .reshape([...batch, c * r * r, h / r, w / r]),
    pixelUnshuffle.op.node,
  )
}

// ---- channels among groups --------------------------------------------------------------------------------------------

function shuffled(x: Tensor, groups: number): Tensor {
  const [n, c, ...spatial] = x.sizes as [number, number, ...number[]]
  return x
    .detach()
    .reshape([n, groups, c / groups, ...spatial])
    .transpose(1, 2)
    .reshape(x.sizes)
    .contiguous()
}
/**
 * Regroups channels so that each new group holds one of every old one: [N, groups · m, …] read as [N, groups, m, …],
 * transposed (Zhang et al. 2018).
 * @param x [N, C, …]
 * @param groups divides C
 */
export const channelShuffle: Op<(x: Tensor, groups: number) => Tensor> = define('channelShuffle', {
  params: [tensor('input'), int('groups')],
  namespace: 'nn.functional',
  node: 'ChannelShuffleBackward0',
  run: shuffledChannels,
})
function shuffledChannels(x: Tensor, groups: number): Tensor {
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
  const y = x.count === 0 ? emptyOf(x.sizes, x.info) : shuffled(x, groups)
  y.viewInfo = null
  if (tracks(x)) attach(y, channelShuffle.op.node, (_n, g) => (c === 0 ? g : channelShuffle(g, c / groups)), [x])
  return y
}
