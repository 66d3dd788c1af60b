import { inspect } from 'node:util'
import { formatOrderedDict } from '../tensor/format'
import type { Tensor } from '../tensor/tensor'

/** Tensors by dotted name, in order; prints as PyTorch's OrderedDict. */
export class StateDict extends Map<string, Tensor> {
  override toString(): string {
    return formatOrderedDict(this)
  }
  [inspect.custom](): string {
    return this.toString()
  }
}
