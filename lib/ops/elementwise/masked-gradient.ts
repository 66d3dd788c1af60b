import { attach, tracks } from '../../autograd/node'
import type { Tensor } from '../../tensor/tensor'
import { zerosFor } from '../define/results'

/**
 * The gradient `g` of a function that passes `x` or holds it: zero where `closed`. It depends on `x` by that alone, so its own
 * gradient with respect to `x` is zero, and there is one, as in PyTorch.
 */
export function maskedGradient(node: string, g: Tensor, x: Tensor, closed: Tensor): Tensor {
  const out = g.detach().maskedFill(closed, 0)
  if (tracks(g, x))
    attach(out, node, (n, h) => [n.needs(0) ? h.maskedFill(n.tensor(0), 0) : null, n.needs(1) ? zerosFor(h) : null], [
      g,
      x,
    ]).save(closed)
  return out
}
