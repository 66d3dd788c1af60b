/** Fixed numbers for checks of gradients. */
import { type Tensor, tensor } from '../../lib'

/** Values without symmetry, in (low, high), away from ties. They require a gradient. */
export function values(shape: readonly number[], low = -2, high = 2, seed = 1): Tensor {
  const n = shape.reduce((a, b) => a * b, 1)
  const v = Float64Array.from({ length: n }, (_, i) => {
    const u = (((i + 1) * 0.6180339887 + seed * 0.3819660113) % 1) * 0.98 + 0.01
    return low + (high - low) * u
  })
  return tensor(v).reshape(shape).clone().requiresGrad_()
}

/** A function whose gradient is checked, and what of. */
export type GradientCase = [(...x: Tensor[]) => Tensor | readonly Tensor[], Tensor[]]
