/** Operations on images: sliding blocks, and channels as pixels. */
import { attach, type Rule, tracks } from '../../autograd/node'
import type { Tensor } from '../../tensor/tensor'
import { copyInto, emptyOf, filled } from '../define/results'
import { define } from '../define/define'
import { int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { type Size, sizeParam } from './window'
import { withNodeName } from '../define/node-name'
import {
  type Blocks,
  checkBlocks,
  checkChannelShuffle,
  checkFold,
  checkPair,
  checkPixelShuffle,
  checkPixelUnshuffle,
  checkUnfold,
  checkUnfolded,
  type Pair,
} from './image-checks'

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
const blockParams = [
  sizeParam('dilation').default(1),
  sizeParam('padding').default(0),
  sizeParam('stride').default(1),
] as const
const counted = (size: Pair, b: Blocks): Pair =>
  [0, 1].map(
    (i) =>
      Math.floor(
        (size[i as 0] + 2 * b.padding[i as 0] - (b.dilation[i as 0] * (b.kernel[i as 0] - 1) + 1)) / b.stride[i as 0],
      ) + 1,
  ) as unknown as Pair

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
  run: (x, kernelSize, options) => unfoldOf(x, checkBlocks('unfold', kernelSize, options)),
})
function unfoldOf(x: Tensor, b: Blocks): Tensor {
  checkUnfold(x)
  const dims = x.sizes.length
  const input = dims === 4 ? x : x.unsqueeze(0)
  const size = input.sizes.slice(2) as unknown as Pair
  const out = counted(size, b)
  checkUnfolded(x, size, b, out)
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
    foldOf(x, checkPair('fold', 'output_size', outputSize), checkBlocks('fold', kernelSize, options)),
})
function foldOf(x: Tensor, size: Pair, b: Blocks): Tensor {
  const dims = x.sizes.length
  const out = counted(size, b)
  checkFold(x, size, b, out)
  const input = dims === 3 ? x : x.unsqueeze(0)
  const y = folded(input, b, size, out)
  return dims === 3 ? y : y.squeeze(0)
}

// ---- channels as pixels -----------------------------------------------------------------------------------------------

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
  const [batch, c, h, w] = checkPixelShuffle(x, r)
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
  const [batch, c, h, w] = checkPixelUnshuffle(x, r)
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
  checkChannelShuffle(x, groups)
  const c = x.sizes[1]
  const y = x.count === 0 ? emptyOf(x.sizes, x.info) : shuffled(x, groups)
  y.viewInfo = null
  if (tracks(x)) attach(y, channelShuffle.op.node, (_n, g) => (c === 0 ? g : channelShuffle(g, c / groups)), [x])
  return y
}
