/** Normalisation of groups of channels of each example. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { ShapeError, ValueError } from '../../errors'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { emptyOf } from '../define/results'
import { define } from '../define/define'
import { int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import {
  type AffineOptions,
  affineParams,
  channelView,
  checkMixed,
  optionalInput,
  project,
  shapeOf,
  standardized,
} from './normalization'
import { castResult, computeInfo, kernelInput, releaseInput } from './kernel-operands'

interface GroupState {
  readonly groups: number
  readonly eps: number
}
const groupRule: Rule = (n, g) => {
  const x = n.tensor(0)
  const w = n.optional(1)
  const { groups, eps } = n.meta as GroupState
  if (tracks(g, x, w)) {
    const grouped = [x.sizes[0] as number, groups, -1]
    const [xhat, rstd] = standardized(x.reshape(grouped), [2], eps)
    const dims = [0, ...x.sizes.slice(2).map((_, i) => i + 2)]
    const gw = w ? g.mul(channelView(w, x)) : g
    return [
      n.needs(0) ? project(gw.reshape(grouped), xhat, rstd, [2]).reshape(x.sizes) : null,
      n.needs(1) ? g.mul(xhat.reshape(x.sizes)).sum(dims) : null,
      n.needs(2) ? g.sum(dims) : null,
    ]
  }
  const info = computeInfo(x)
  const [a, b, c] = [kernelInput(g, info), kernelInput(x, info), optionalInput(w, info)]
  const channels = x.sizes[1] as number
  const gx = n.needs(0) ? emptyOf(x.sizes, info) : null
  const gw = n.needs(1) ? emptyOf([channels], info) : null
  const gb = n.needs(2) ? emptyOf([channels], info) : null
  if (x.count > 0) {
    encode.groupNormBackward(OP.group_norm_backward, info, {
      dx: gx,
      dw: gw,
      db: gb,
      dy: a,
      x: b,
      weight: c,
      mean: n.tensor(2),
      rstd: n.tensor(3),
      ...shapeOf(x.sizes),
      groups,
    })
    run()
  } else for (const t of [gw, gb]) t?.zero_()
  releaseInput(a, g)
  releaseInput(b, x)
  return [gx && castResult(gx, x.info), gw, gb]
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
  node: 'NativeGroupNormBackward0',
  run: (x, numGroups, { weight, bias, eps }) => groupNormOf(x, numGroups, weight, bias, eps),
})
function groupNormOf(x: Tensor, numGroups: number, weight: Tensor | null, bias: Tensor | null, eps: number): Tensor {
  const s = x.sizes
  if (s.length < 2)
    throw new ShapeError(`Expected at least 2 dimensions for input tensor but received ${s.length}`, { input: [...s] })
  const { n: batch, c: channels, s: space } = shapeOf(s)
  if (numGroups <= 0) throw new ValueError(`Expected num groups to be greater than 0, got ${numGroups}`, { numGroups })
  const merged = [Math.floor((batch * channels) / numGroups), numGroups, ...s.slice(2)]
  if ((merged[0] as number) * space === 1)
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
  const info = computeInfo(x)
  const c = kernelInput(x, info)
  const [w, b] = [optionalInput(weight, info), optionalInput(bias, info)]
  const out = emptyOf(s, info)
  const tracked = tracks(x, weight, bias)
  const mean = tracked ? emptyOf([batch, numGroups], info) : null
  const rstd = tracked ? emptyOf([batch, numGroups], info) : null
  if (out.count > 0) {
    encode.groupNorm(OP.group_norm, info, {
      y: out,
      x: c,
      weight: w,
      bias: b,
      mean,
      rstd,
      n: batch,
      c: channels,
      s: space,
      groups: numGroups,
      eps,
    })
    run()
  }
  releaseInput(c, x)
  const y = castResult(out, x.info)
  if (mean && rstd) {
    const n = attach(y, groupNorm.op.node, groupRule, [x, weight, bias])
    n.save(x, weight, mean, rstd)
    n.own(mean, rstd)
    n.meta = { groups: numGroups, eps } satisfies GroupState
  }
  return y
}
