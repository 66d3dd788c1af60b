/** Filling a tensor with values or with another's. */
import { finishInPlace, startInPlace } from '../../autograd/in-place'
import { fillable } from '../../check/arguments'
import type { Scalar } from '../../runtime/dtype'
import { sameShape } from '../../tensor/shape'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { checkInPlaceShape } from '../define/elementwise'
import { overwrite } from '../define/in-place'
import * as param from '../define/params'
import type { Op } from '../define/registry'
import { copyInto, zerosFor } from '../define/results'
import { checkFillValue } from './checks'

/** Writes the values of `source` (broadcast, cast) into this tensor. @throws ShapeError where it does not broadcast */
export const copy_: Op<(x: Tensor, source: Tensor | Scalar) => Tensor> = define('copy_', {
  params: [param.tensor('input'), param.own<Tensor | Scalar>('Tensor or Number')('source')],
  node: 'CopyBackwards',
  run: copied,
})
function copied(x: Tensor, source: Tensor | Scalar): Tensor {
  if (!isTensor(source)) return fill_(x, source)
  const own =
    source.storage === x.storage &&
    source.offset === x.offset &&
    sameShape(source.sizes, x.sizes) &&
    sameShape(source.strides, x.strides)
  // Onto itself it changes nothing, whatever the memory.
  if (!own) checkInPlaceShape(x, source)
  return overwrite(x, source, 'any')
}
/** Sets every element to one value. @param value a number, or a 0-d tensor */
export const fill_: Op<(x: Tensor, value: Scalar | Tensor) => Tensor> = define('fill_', {
  params: [param.tensor('input'), param.own<Scalar | Tensor>('Number or Tensor')('value')],
  node: ['FillBackward2', 'FillBackward3'],
  run: filledWith,
})
function filledWith(x: Tensor, value: Scalar | Tensor): Tensor {
  checkFillValue(value)
  const v = isTensor(value) ? value : null
  if (!isTensor(value)) value = fillable(value, x.info, x.sizes)
  const n = startInPlace(
    x,
    fill_.op.nodes[v ? 1 : 0] as string,
    (m, g) => [zerosFor(g), m.needs(1) ? g.sum() : null],
    [x, v],
    // Of a number the order does not matter; PyTorch asks of a tensor nevertheless.
    v ? 'once' : 'any',
  )
  copyInto(x, value)
  finishInPlace(x, n)
  return x
}
/** Sets every element to 0. */
export const zero_: Op<(x: Tensor) => Tensor> = define('zero_', {
  params: [param.tensor('input')],
  node: 'ZeroBackward0',
  run(x) {
    const n = startInPlace(x, zero_.op.node, (_m, g) => zerosFor(g), [x], 'any')
    copyInto(x, 0)
    finishInPlace(x, n)
    return x
  },
})
