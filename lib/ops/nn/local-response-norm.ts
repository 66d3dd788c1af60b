/** Division by the energy of neighbouring channels. */
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { float, int, tensor } from '../define/params'
import { floating } from '../define/results'
import type { Op } from '../define/registry'
import { checkLocalResponse } from './normalization-checks'
import { pad } from './pad'
import { avgPool2d, avgPool3d } from './pooling'

/** Options of `localResponseNorm`. */
export interface LocalResponseNormOptions {
  /** How much the energy counts. Default 1e-4. */
  alpha?: number
  /** The exponent of the divisor. Default 0.75. */
  beta?: number
  /** What the divisor is without energy. Default 1. */
  k?: number
}

/**
 * Divides by the energy of neighbouring channels (Krizhevsky et al. 2012): x / (k + alpha · mean of the squares) ^ beta.
 * @param x [N, C, …]
 * @param size how many channels are neighbours
 */
export const localResponseNorm: Op<
  (x: Tensor, size: number, alpha?: number | LocalResponseNormOptions, options?: LocalResponseNormOptions) => Tensor
> = define('localResponseNorm', {
  params: [
    tensor('input'),
    int('size'),
    float('alpha').default(1e-4),
    float('beta').default(0.75),
    float('k').default(1),
  ],
  namespace: 'nn.functional',
  run(x, size, { alpha, beta, k }) {
    checkLocalResponse(x)
    return x.count === 0 ? x : x.div(floating(energyOf(x, size)).mul(alpha).add(k).pow(beta))
  },
})
/** The mean of the squares of `size` channels around each. */
function energyOf(x: Tensor, size: number): Tensor {
  const squares = x.mul(x)
  const [front, behind] = [Math.floor(size / 2), Math.floor((size - 1) / 2)]
  if (x.sizes.length === 3) return avgPool2d(pad(squares.unsqueeze(1), [0, 0, front, behind]), [size, 1], 1).squeeze(1)
  const [batch, channels, first] = x.sizes as readonly [number, number, number]
  return avgPool3d(pad(squares.view([batch, 1, channels, first, -1]), [0, 0, 0, 0, front, behind]), [size, 1, 1], 1)
    .squeeze(1)
    .view(x.sizes)
}
