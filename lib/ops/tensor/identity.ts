/**
 * Which tensors are equal to a test: those of one dtype, one shape and the same values, where NaN is NaN and 0 is not -0, as in node's and
 * jest's strict comparisons. Whether they require gradients, and how they lie in memory, does not matter.
 */
import { Category } from '../../runtime/dtype'
import { sameShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { toText, toTypedArray } from './read'

/** The bytes of all values in their order, every NaN the same. */
function bytesOf(x: Tensor): Uint8Array {
  const values = x.detach()
  const { buffer, byteOffset, byteLength } = toTypedArray(
    x.info.category === Category.Float ? values.maskedFill(values.isnan(), NaN) : values,
  )
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** Whether two tensors are equal to a test. @internal */
export const identical = (a: Tensor, b: Tensor): boolean =>
  a === b || (a.info === b.info && sameShape(a.sizes, b.sizes) && Buffer.compare(bytesOf(a), bytesOf(b)) === 0)

/**
 * A text that equal tensors share and no others: what is printed of the values, and a digest of all of them, of the dtype and the shape.
 * @internal
 */
export function identityText(x: Tensor): string {
  // Loaded when it is needed: a program that trains compares nothing.
  const { createHash } = require('node:crypto') as typeof import('node:crypto')
  const digest = createHash('sha256').update(`${x.dtype} [${x.sizes.join()}] `).update(bytesOf(x)).digest('base64url')
  return `${toText(x.detach(), false, true)} #${digest.slice(0, 22)}`
}
