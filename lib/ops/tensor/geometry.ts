/** Slices and positions, as the ops themselves need them: every argument already checked. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { countOf, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { copyInto, filled, int64Of } from '../define/results'
import { viewOf } from '../define/view'

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
  const index = new Array<number>(sizes.length).fill(0)
  return int64Of([countOf(sizes)], (positions) => {
    let at = offset
    for (let i = 0; i < positions.length; i++) {
      positions[i] = BigInt(at)
      for (let d = sizes.length - 1; d >= 0; d--) {
        const before = index[d]
        if (before + 1 < sizes[d]) {
          index[d] = before + 1
          at += strides[d]
          break
        }
        // The stride of a dim of one element, which may be any, is never added.
        at -= before * strides[d]
        index[d] = 0
      }
    }
  })
}
