/** Another shape in place, with as much memory as it needs. */
import { negativeSize } from '../../check/shapes'
import { AutogradError } from '../../errors'
import { sameShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { resize } from '../define/out'
import { spreadInts, type Sizes, tensor } from '../define/params'
import type { Op } from '../define/registry'

/**
 * Gives a tensor another shape in place: its elements in memory order, as many as there are; further ones are anything.
 * Where more memory is needed, tensors that shared the old one keep it.
 * @param size an array, or the ints themselves
 */
export const resize_: Op<(x: Tensor, ...size: Sizes) => Tensor> = define('resize_', {
  params: [tensor('input'), spreadInts('size')],
  differentiable: false,
  run(x, size) {
    if (x.requiresGrad) throw new AutogradError('cannot resize variables that require grad')
    const low = size.find((s) => s < 0)
    if (low !== undefined) throw negativeSize(low, size)
    if (sameShape(size, x.sizes)) return x
    resize(x, size)
    x.versions.version++
    return x
  },
})
/** `resize_` to the shape of another tensor. */
export const resizeAs_: Op<(x: Tensor, theTemplate: Tensor) => Tensor> = define('resizeAs_', {
  params: [tensor('input'), tensor('theTemplate')],
  differentiable: false,
  run: (x, theTemplate) => resize_(x, theTemplate.sizes),
})
