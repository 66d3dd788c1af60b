/** What the fused steps need: row-major arrays of a dtype that has a kernel. */

import { castRaw, contiguousRaw, copyInto } from '../ops/core'
import { DTYPES } from '../runtime/dtype'
import type { Tensor } from '../tensor/tensor'

/** A parameter and its gradient as a kernel takes them. */
export interface Ready {
  param: Tensor
  grad: Tensor
  /** Writes the result back where the kernel worked on a copy, and counts the change. */
  finish(): void
}

export function inCompute(p: Tensor, grad: Tensor): Ready {
  const info = DTYPES[p.info.compute]
  if (p.info === info && p.rowMajor)
    return {
      param: p,
      grad: grad.info === info ? contiguousRaw(grad) : contiguousRaw(castRaw(grad, info)),
      finish: () => {
        p.versions.version++
      },
    }
  // Strided parameters and the half types: through a row-major copy.
  const work = contiguousRaw(p.info === info ? p.detach().clone() : castRaw(p, info))
  return {
    param: work,
    grad: contiguousRaw(castRaw(grad, info)),
    finish: () => {
      copyInto(p, work)
      p.versions.version++
    },
  }
}
