/** What the fused steps need: row-major arrays of a dtype that has a kernel. */

import { contiguousRaw, copyInto } from '../ops/define/results'
import { checkWritable } from '../tensor/overlap'
import type { Tensor } from '../tensor/tensor'

/** A parameter and its gradient as a kernel takes them. */
export interface Ready {
  param: Tensor
  grad: Tensor
  /** Writes the result back where the kernel worked on a copy, and counts the change. */
  finish(): void
}

/** Whether a kernel takes the steps of a parameter: the half types are rounded after every operation, as in PyTorch. */
export const hasFusedStep = (p: Tensor): boolean => p.info.compute === p.info.name

export function inRows(p: Tensor, grad: Tensor): Ready {
  checkWritable(p)
  if (p.rowMajor)
    return {
      param: p,
      grad: contiguousRaw(grad),
      finish: () => {
        p.versions.version++
      },
    }
  // Through a row-major copy.
  const work = contiguousRaw(p.detach().clone())
  return {
    param: work,
    grad: contiguousRaw(grad),
    finish: () => {
      copyInto(p, work)
      p.versions.version++
    },
  }
}
