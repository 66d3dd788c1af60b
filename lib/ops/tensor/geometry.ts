/** Slices and positions, as the ops themselves need them: every argument already checked. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { DTYPES } from '../../runtime/dtype'
import { countOf, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { copyInto, emptyOf, filled } from '../define/results'
import { viewOf } from '../define/view'
import { arange } from './create'

const sliceBack: Rule = (n, g) => {
  const m = n.meta as { sizes: Shape; dim: number; start: number; stop: number; step: number }
  return sliceScatterZeros(g, m)
}
/** Zeros with the gradient of a slice in its place; differentiable. */
function sliceScatterZeros(
  g: Tensor,
  m: { sizes: Shape; dim: number; start: number; stop: number; step: number },
): Tensor {
  const out = filled(m.sizes, 0, g.info)
  copyInto(sliceDim(out, m.dim, m.start, m.stop, m.step), g)
  if (tracks(g)) attach(out, 'SliceBackwardBackward0', (_n, h) => sliceDim(h, m.dim, m.start, m.stop, m.step), [g])
  return out
}

/** x[..., start:stop:step, ...] at dim `d`; bounds already within the size. */
export function sliceDim(x: Tensor, d: number, start: number, stop: number, step: number): Tensor {
  const sizes = [...x.sizes]
  const strides = [...x.strides]
  sizes[d] = Math.max(0, Math.ceil((stop - start) / step))
  strides[d] = strides[d] * step
  const offset = x.offset + start * x.strides[d]
  return viewOf(x, sizes, strides, offset, 'SliceBackward0', sliceBack, { sizes: x.sizes, dim: d, start, stop, step })
}

/** The flat positions of every element of a geometry, as int64. */
export function geometryIndex(sizes: Shape, strides: Shape, offset: number): Tensor {
  // The stride of a dim of one element, which may be any, is never added; of nothing there is none.
  if (countOf(sizes) === 0) return emptyOf([0], DTYPES.int64)
  let at = filled([1], offset, DTYPES.int64)
  sizes.forEach((size, d) => {
    if (size === 1) return
    const steps = arange(size).mul(strides[d])
    at = at.unsqueeze(1).add(steps).reshape([-1])
  })
  return at
}
