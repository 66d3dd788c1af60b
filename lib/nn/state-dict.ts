import { inspect } from 'node:util'
import { formatOrderedDict } from '../tensor/format'
import type { Tensor } from '../tensor/tensor'

/** What a state dict knows of one module beside its tensors. */
export interface ModuleMetadata {
  /** The version of the module's own state: its `_version` when it was saved. */
  version: number
}

/** Tensors by dotted name, in order; prints as PyTorch's OrderedDict. */
export class StateDict extends Map<string, Tensor> {
  /**
   * The version of each module's state, by the module's dotted path ('' for the whole), as PyTorch's `_metadata`. It is
   * saved beside the tensors, so that a later version of a layer knows how to read an older one's state.
   */
  metadata: Map<string, ModuleMetadata> = new Map()

  override toString(): string {
    return formatOrderedDict(this)
  }
  [inspect.custom](): string {
    return this.toString()
  }
}
