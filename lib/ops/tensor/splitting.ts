/** Views of the parts of a tensor, by their sizes or along fixed dims. */
import { ShapeError } from '../../errors'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { int, ints, type Sizes, spreadDims, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { type DimOption, split, tensorSplit } from './joining'

/** Views of the given sizes along a dim. @throws ShapeError where they do not sum to that of the dim */
export const splitWithSizes: Op<(x: Tensor, splitSizes: readonly number[], dim?: number | DimOption) => Tensor[]> =
  define('splitWithSizes', {
    params: [tensor('input'), ints('splitSizes'), int('dim').default(0)],
    node: 'SplitWithSizesBackward0',
    run: (x, splitSizes, { dim }) => split(x, splitSizes, dim),
  })
function splitAlong(op: string, x: Tensor, given: number | readonly number[], least: number, d: number): Tensor[] {
  const nd = x.sizes.length
  if (nd < least)
    throw new ShapeError(
      `torch.${op} requires a tensor with at least ${least} dimension, but got a tensor with ${nd} dimensions!`,
    )
  if (typeof given === 'number' && (given === 0 || x.sizes[d] % given !== 0))
    throw new ShapeError(
      `torch.${op} attempted to split along dimension ${d}, but the size of the dimension ${x.sizes[d]} is not divisible by the split_size ${given}!`,
    )
  return tensorSplit(x, given, d)
}
type SplitAlong = Op<(x: Tensor, ...indicesOrSections: [sections: number] | Sizes) => Tensor[]>
const where = spreadDims('indicesOrSections')
/**
 * Parts side by side: along dim 1, or dim 0 of a vector.
 * @param indicesOrSections how many, or where each but the first begins; of several numbers the latter
 * @throws ShapeError where the size is no multiple of the number
 */
export const hsplit: SplitAlong = define('hsplit', {
  params: [tensor('input'), where],
  run: (x, indicesOrSections) => splitAlong('hsplit', x, indicesOrSections, 1, x.sizes.length === 1 ? 0 : 1),
})
/** Parts one below the other: along dim 0. @param indicesOrSections as of `hsplit` */
export const vsplit: SplitAlong = define('vsplit', {
  params: [tensor('input'), where],
  run: (x, indicesOrSections) => splitAlong('vsplit', x, indicesOrSections, 2, 0),
})
/** Parts along dim 2. @param indicesOrSections as of `hsplit` */
export const dsplit: SplitAlong = define('dsplit', {
  params: [tensor('input'), where],
  run: (x, indicesOrSections) => splitAlong('dsplit', x, indicesOrSections, 3, 2),
})
