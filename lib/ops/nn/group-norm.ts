/** Normalisation of groups of channels of each example. */
import { ShapeError, ValueError } from '../../errors'
import * as encode from '../../runtime/encoders'
import { Category } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { define } from '../define/define'
import { int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { channelView, sumOfChannels } from './channels'
import {
  type AffineOptions,
  affineParams,
  type ChannelCounts,
  channelCounts,
  checkMixed,
  normalized,
  type Normalization,
  project,
  ruleOf,
  standardized,
} from './normalization'

/** What the kernels are told of the shapes. */
interface Groups extends ChannelCounts {
  readonly groups: number
  readonly eps: number
}
const GROUP_NORM: Normalization<Groups> = {
  node: 'NativeGroupNormBackward0',
  encode: (info, { y, x, weight, bias }, mean, rstd, { n, c, s, groups, eps }) =>
    encode.groupNorm(OP.group_norm, info, { y, x, weight, bias, mean, rstd, n, c, s, groups, eps }),
  rule: ruleOf<Groups>({
    affineSizes: ({ c }) => [c],
    encode(info, { dx, dw, db, dy, x, weight }, { n, c, s, groups }, node) {
      const [mean, rstd] = [node.tensor(2), node.tensor(3)]
      encode.groupNormBackward(OP.group_norm_backward, info, { dx, dw, db, dy, x, weight, mean, rstd, n, c, s, groups })
    },
    composed(n, g, x, w, { n: batch, groups, eps }) {
      const grouped = [batch, groups, -1]
      const [xhat, rstd] = standardized(x.reshape(grouped), [2], eps)
      const gw = w ? g.mul(channelView(w, x.sizes)) : g
      return [
        n.needs(0) ? project(gw.reshape(grouped), xhat, rstd, [2]).reshape(x.sizes) : null,
        n.needs(1) ? sumOfChannels(g.mul(xhat.reshape(x.sizes))) : null,
        n.needs(2) ? sumOfChannels(g) : null,
      ]
    },
  }),
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
  node: GROUP_NORM.node,
  run: (x, numGroups, { weight, bias, eps }) => groupNormOf(x, numGroups, weight, bias, eps),
})
function groupNormOf(x: Tensor, numGroups: number, weight: Tensor | null, bias: Tensor | null, eps: number): Tensor {
  const s = x.sizes
  if (s.length < 2)
    throw new ShapeError(`Expected at least 2 dimensions for input tensor but received ${s.length}`, { input: [...s] })
  const { n: batch, c: channels, s: space } = channelCounts(s)
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
  return normalized(GROUP_NORM, x, weight, bias, [batch, numGroups], {
    n: batch,
    c: channels,
    s: space,
    groups: numGroups,
    eps,
  })
}
