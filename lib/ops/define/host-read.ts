/**
 * The one door through which operations look at values.
 *
 * An operation tells native code what to do and goes on; only where its own next step depends on a value (how large a result is, which
 * error is thrown, what JavaScript gets to see) does it have to wait for it. Every such read goes through here, with the reason beside
 * the call: what records a step to replay it has to see them, since a replay asks nobody again. A check of values is no reason, it is
 * the status of a command (`expectRange`), and neither is a choice between two formulas, which is a kernel.
 */
import { ShapeError } from '../../errors'
import { fromBFloat16Bits, fromFloat16Bits, type Scalar } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { contiguousRaw } from './results'

/** What an element in memory stands for. */
export function decoder(x: Tensor): (v: number | bigint) => Scalar {
  switch (x.dtype) {
    case 'bool':
      return (v) => v !== 0
    case 'float16':
      return (v) => fromFloat16Bits(v as number)
    case 'bfloat16':
      return (v) => fromBFloat16Bits(v as number)
    default:
      return (v) => v
  }
}

/** The value of a one-element tensor: an int64 as a bigint, a bool as a boolean. @throws ShapeError for any other size */
export function hostRead(x: Tensor): number | bigint | boolean {
  if (x.count !== 1)
    throw new ShapeError(`a Tensor with ${x.count} elements cannot be converted to Scalar`, { shape: [...x.sizes] })
  return x.storage.withArray<ArrayLike<number | bigint>, Scalar>(
    x.info.array,
    (a) => decoder(x)(a[0] as number | bigint),
    x.offset * x.info.itemsize,
    1,
  )
}

/** The elements of a tensor of sizes or places, which are few, as numbers. */
export function hostReadAll(x: Tensor): number[] {
  if (x.count === 0) return []
  const c = contiguousRaw(x)
  return c.storage.withArray<Iterable<number | bigint>, number[]>(
    c.info.array,
    (a) => Array.from(a, Number),
    c.offset * c.info.itemsize,
    c.count,
  )
}
