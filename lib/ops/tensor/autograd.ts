/** The autograd side of a tensor's methods: backward, data, and their like. */
import { backward as run, type BackwardOptions } from '../../autograd/passes'
import { ArgumentError, DTypeError } from '../../errors'
import { isTensor, reinterpret, type Tensor } from '../../tensor/tensor'
import { describe, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { defineAs } from '../define/define'
import { bool, own, tensor } from '../define/params'
import type { Op } from '../define/registry'

/**
 * Adds the gradient of this tensor to the `grad` of the leaves it was made from.
 * @param gradient the gradient of the tensor; may be left out where it has one element
 * @throws AutogradError where it has none to give, or its graph was freed
 */
export const backward: Op<
  (x: Tensor, gradient?: Tensor | null | BackwardOptions, options?: Omit<BackwardOptions, 'gradient'>) => void
> = defineAs('backward', {
  params: [
    tensor('self'),
    tensor('gradient').orNull().optional(),
    bool('retainGraph').optional(),
    bool('createGraph').default(false),
    own<BackwardOptions['inputs']>('Tensor or Tensor[]')('inputs').optional(),
  ],
  differentiable: false,
  run: backwardOf,
})
function backwardOf(
  x: Tensor,
  gradient?: Tensor | null | BackwardOptions,
  options?: Omit<BackwardOptions, 'gradient'>,
): void {
  expectTensor('backward', 'self', x)
  const first = gradient === null ? undefined : gradient
  const o = optionsOf<BackwardOptions>('backward', ['gradient', 'retainGraph', 'createGraph', 'inputs'], first, options)
  if (o.gradient != null && !isTensor(o.gradient))
    throw new ArgumentError(`gradients can be either Tensors or None, but got ${describe(o.gradient)}`)
  run(x, o)
}

export function dataOf(this: Tensor): Tensor {
  // A version counter of its own: changes through .data go unnoticed, as in PyTorch.
  return reinterpret(this, this.sizes, this.strides, this.offset, { version: 0 })
}
export function setData(this: Tensor, value: Tensor): void {
  if (!isTensor(value)) throw new ArgumentError(`Variable data has to be a tensor, but got ${describe(value)}`)
  if (this.requiresGrad && !value.info.differentiable)
    throw new DTypeError(`data set to a tensor that requires gradients must be floating point or complex dtype`, {
      dtype: value.dtype,
    })
  this.storage = value.storage
  this.offset = value.offset
  this.sizes = value.sizes
  this.strides = value.strides
  this.count = value.count
  this.rowMajor = value.rowMajor
  this.info = value.info
  this.accumulator = null
}
