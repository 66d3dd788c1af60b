/** How many inputs and outputs an element of a layer's weight is part of. */
import { ShapeError } from '../errors'
import type { Tensor } from '../tensor/tensor'

/** [fanIn, fanOut] of a weight [out, in, ...kernel]. */
export function fans(tensor: Tensor): [number, number] {
  if (tensor.ndim < 2)
    throw new ShapeError('Fan in and fan out can not be computed for tensor with fewer than 2 dimensions')
  const [out, inner, ...kernel] = tensor.shape as [number, number, ...number[]]
  const field = kernel.reduce((a, b) => a * b, 1)
  return [inner * field, out * field]
}
