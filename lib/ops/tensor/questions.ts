/** Questions that no kernel is needed for. */
import { DTYPES } from '../../runtime/dtype'
import { sameShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { tensor } from '../define/params'
import type { Op } from '../define/registry'
import { filled } from '../define/results'
import { ambiguous } from './checks'
import { toPrimitive } from './read'

/** Whether the one element is not zero. @throws ValueError where there is not one element */
export const isNonzero: Op<(x: Tensor) => boolean> = define('isNonzero', {
  params: [tensor('input')],
  differentiable: false,
  run(x) {
    if (x.count !== 1) throw ambiguous(x.sizes, x.count)
    return Boolean(toPrimitive(x, 'number'))
  },
})
/** Whether two tensors have the same shape. */
export const isSameSize: Op<(x: Tensor, other: Tensor) => boolean> = define('isSameSize', {
  params: [tensor('input'), tensor('other')],
  differentiable: false,
  run: (x, other) => sameShape(x.sizes, other.sizes),
})
/** Whether two tensors are the same elements of the same memory. */
export const isSetTo: Op<(x: Tensor, tensor: Tensor) => boolean> = define('isSetTo', {
  params: [tensor('input'), tensor('tensor')],
  differentiable: false,
  run: (x, other) =>
    x.storage === other.storage &&
    x.offset === other.offset &&
    sameShape(x.sizes, other.sizes) &&
    sameShape(x.strides, other.strides),
})
/** The number of dims, as `dim`. */
export const ndimension: Op<(x: Tensor) => number> = define('ndimension', {
  params: [tensor('input')],
  differentiable: false,
  run: (x) => x.sizes.length,
})
/** Whether numbers of its dtype can be negative. */
export const isSigned: Op<(x: Tensor) => boolean> = define('isSigned', {
  params: [tensor('input')],
  differentiable: false,
  run: (x) => x.dtype !== 'uint8' && x.dtype !== 'bool',
})
/** Whether its numbers are complex: never. */
export const isComplex: Op<(x: Tensor) => boolean> = define('isComplex', {
  params: [tensor('input')],
  differentiable: false,
  run: () => false,
})
/** Where its elements are real: everywhere. */
export const isreal: Op<(x: Tensor) => Tensor> = define('isreal', {
  params: [tensor('input')],
  differentiable: false,
  run: (x) => filled(x.sizes, true, DTYPES.bool),
})
