/** Normalisation of groups of channels of each example. */
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { channelView, sumOfChannels } from './channels'
import {
  type AffineOptions,
  affineParams,
  type ChannelCounts,
  channelCounts,
  normalized,
  type Normalization,
  project,
  ruleOf,
  standardized,
} from './normalization'
import { checkGroupNorm } from './normalization-checks'

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
  checkGroupNorm(x, numGroups, weight, bias)
  const { n, c, s } = channelCounts(x.sizes)
  return normalized(GROUP_NORM, x, weight, bias, [n, numGroups], { n, c, s, groups: numGroups, eps })
}
