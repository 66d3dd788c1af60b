/** Views in place: the tensor itself gets another geometry over the same memory. */
import { checkInPlace } from '../autograd/in-place'
import type { Tensor } from '../tensor/tensor'
import { expectTensor } from './core'
import { asStrided, squeeze, t, transpose, unsqueeze } from './views'

/** @param overloads how many PyTorch has, to tell its nodes' names: those that change the tensor itself are counted on. */
function inPlace<A extends unknown[]>(
  name: string,
  view: (x: Tensor, ...args: A) => Tensor,
  overloads = 1,
): (x: Tensor, ...args: A) => Tensor {
  return (x, ...args) => {
    expectTensor(name, 'input', x)
    checkInPlace(x)
    const y = view(x, ...args)
    const own = x.viewInfo
    x.offset = y.offset
    x.sizes = y.sizes
    x.strides = y.strides
    x.count = y.count
    x.rowMajor = y.rowMajor
    x.versions.version++
    if (y.fn !== null) {
      y.fn.label = y.fn.label.replace(/\d+$/, (n) => String(Number(n) + overloads))
      x.setGradFn(y.fn, y.outputNr)
    }
    // A view stays a view of its base.
    if (own !== null) x.viewInfo = { ...own, version: x.versions.version }
    return x
  }
}
/** As `squeeze`, in place. */
export const squeeze_ = inPlace('squeeze_', squeeze, 3)
/** As `unsqueeze`, in place. */
export const unsqueeze_ = inPlace('unsqueeze_', unsqueeze)
/** As `transpose`, in place. */
export const transpose_ = inPlace('transpose_', transpose)
/** As `t`, in place. */
export const t_ = inPlace('t_', t)
/** As `asStrided`, in place. */
export const asStrided_ = inPlace('asStrided_', asStrided)
export { transpose_ as swapaxes_, transpose_ as swapdims_ }
