/** Copies in which what a view shows is replaced. */
import { ShapeError, ValueError } from '../../errors'
import { wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { withNodeName } from '../define/node-name'
import { int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { sliceDim } from './geometry'
import { type DiagonalOptions, reshape } from './views'

function embedded(
  op: { readonly op: { readonly node: string } },
  x: Tensor,
  src: Tensor,
  part: (x: Tensor) => Tensor,
): Tensor {
  const out = x.clone()
  const hole = part(out)
  if (hole.sizes.join() !== src.sizes.join())
    throw new ShapeError(
      `expected src to have a size equal to the slice of self. src size = [${src.sizes.join(', ')}], slice size = [${hole.sizes.join(', ')}]`,
    )
  hole.copy_(src)
  return withNodeName(out, op.op.node)
}
/** A copy in which `select(dim, index)` is `src`. @throws ShapeError where `src` has another shape */
export const selectScatter: Op<(x: Tensor, src: Tensor, dim: number, index: number) => Tensor> = define(
  'selectScatter',
  {
    params: [tensor('input'), tensor('src'), int('dim'), int('index')],
    node: 'SelectScatterBackward0',
    run: (x, src, dim, index) => embedded(selectScatter, x, src, (t) => t.select(dim, index)),
  },
)
/** Options of `sliceScatter`. */
export interface SliceScatterOptions {
  /** Along which dim. Default 0. */
  dim?: number
  /** The first index; below 0 it counts from the end. Default 0. */
  start?: number | null
  /** The index behind the last. Default: the size. */
  end?: number | null
  /** Default 1. */
  step?: number
}
/** A copy in which a slice of a dim is `src`. @throws ShapeError where `src` has another shape */
export const sliceScatter: Op<
  (x: Tensor, src: Tensor, dim?: number | SliceScatterOptions, options?: Omit<SliceScatterOptions, 'dim'>) => Tensor
> = define('sliceScatter', {
  params: [
    tensor('input'),
    tensor('src'),
    int('dim').default(0),
    int('start').default(0),
    int('end').optional(),
    int('step').default(1),
  ],
  node: 'SliceScatterBackward0',
  run(x, src, { dim, start, end, step }) {
    const d = wrapDim(dim, x.sizes.length)
    const size = x.sizes[d]
    if (step <= 0) throw new ValueError('slice step must be positive', { step })
    const bound = (v: number): number => Math.min(Math.max(v < 0 ? v + size : v, 0), size)
    const from = bound(start)
    const to = Math.max(from, bound(end ?? size))
    return embedded(sliceScatter, x, src, (t) => sliceDim(t, d, from, to, step))
  },
})
/** A copy in which a diagonal is `src`. @throws ShapeError where `src` has another shape */
export const diagonalScatter: Op<
  (x: Tensor, src: Tensor, offset?: number | DiagonalOptions, options?: Omit<DiagonalOptions, 'offset'>) => Tensor
> = define('diagonalScatter', {
  params: [tensor('input'), tensor('src'), int('offset').default(0), int('dim1').default(0), int('dim2').default(1)],
  node: 'DiagonalScatterBackward0',
  run: (x, src, options) => embedded(diagonalScatter, x, src, (t) => t.diagonal(options)),
})
/** All elements on the diagonal of a square matrix. @param offset how far above the main diagonal; default 0 */
export const diagflat: Op<(x: Tensor, offset?: number | { offset?: number }) => Tensor> = define('diagflat', {
  params: [tensor('input'), int('offset').default(0)],
  run: (x, { offset }) => reshape(x, [-1]).diag(offset),
})
