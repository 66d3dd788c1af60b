/** What weight and spectral normalisation compute, in whichever way they are attached to a module. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { noGrad } from '../../autograd/mode'
import { normalize } from '../../ops/nn/normalize'
import type { Tensor } from '../../tensor/tensor'
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from '../layers/conv'
import type { Module } from '../module'

/** The sum over all dims but one, which stays; of -1, over all. */
function sumExceptDim(x: Tensor, dim: number): Tensor {
  if (dim === -1) return x.sum()
  return x.sum(
    x.sizes.map((_, i) => i).filter((i) => i !== dim),
    { keepdim: true },
  )
}
/** The norm over all dims but one, which stays; of -1, over all (`torch.norm_except_dim`). */
export function normExceptDim(v: Tensor, pow: number, dim: number): Tensor {
  if (dim === -1) return v.norm(pow)
  const front = dim === 0 ? v : v.transpose(0, dim)
  const norm = front
    .reshape([v.sizes[dim], -1])
    .norm(pow, { dim: 1 })
    .reshape([v.sizes[dim], ...new Array<number>(v.ndim - 1).fill(1)])
  return dim === 0 ? norm : norm.transpose(0, dim)
}
/** v · g / ‖v‖, the norm over all dims but one (`torch._weight_norm`). */
export function weightNormOf(v: Tensor, g: Tensor, dim: number): Tensor {
  const at = dim < -1 ? dim + v.ndim : dim
  // PyTorch has one operation for the first and the last dim.
  if (at !== 0 && at !== v.ndim - 1) return v.mul(g.div(normExceptDim(v, 2, at)))
  const norm = noGrad(() => normExceptDim(v, 2, at))
  const y = noGrad(() => v.mul(g.div(norm)))
  if (tracks(v, g)) {
    const rule: Rule = (n, gy) => {
      const [x, scale] = [n.tensor(0), n.tensor(1)]
      // The norm that was saved is a constant; that of a second derivative is not.
      const size = tracks(gy, x, scale) ? normExceptDim(x, 2, at) : n.tensor(2)
      const along = sumExceptDim(gy.mul(x), at)
      return [
        n.needs(0) ? gy.mul(scale.div(size)).sub(x.mul(scale.mul(along).div(size.pow(3)))) : null,
        n.needs(1) ? along.div(size) : null,
      ]
    }
    attach(y, 'WeightNormInterfaceBackward0', rule, [v, g]).save(v, g, norm)
  }
  return y
}

/** The dim that spectral normalisation puts first: that of the outputs. */
export const outputDim = (m: Module): number =>
  m instanceof ConvTranspose1d || m instanceof ConvTranspose2d || m instanceof ConvTranspose3d ? 1 : 0
/** A weight as a matrix with one dim as its rows. */
export function asMatrix(weight: Tensor, dim: number): Tensor {
  const front = dim === 0 ? weight : weight.permute([dim, ...weight.sizes.map((_, i) => i).filter((i) => i !== dim)])
  return front.reshape([front.sizes[0], -1])
}
/** A direction of length one, drawn. */
export const drawDirection = (like: Tensor, count: number, eps: number): Tensor =>
  noGrad(() => normalize(like.detach().newEmpty([count]).normal_(), { dim: 0, eps }))
/** Replaces a buffer's values by a direction of length one. */
export const setDirection = (buffer: Tensor, x: Tensor, eps: number): void => {
  buffer.copy_(normalize(x, { dim: 0, eps }))
}
