/** What convolution and pooling share: windows given by one number or one a dim, and operands of the kernels. */
import { ArgumentError } from '../errors'
import { type DTypeInfo, DTYPES } from '../runtime/dtype'
import type { Tensor } from '../tensor/tensor'
import { castRaw, contiguousRaw, describe } from './core'

/** One size for all spatial dims, or one a dim. */
export type Size = number | readonly number[]

/** The kernels count three spatial dims; the leading ones that are not there are 1 (or `fill`). */
export function threeDims(v: readonly number[], fill: number): [number, number, number] {
  const n = v.length
  return [n > 2 ? (v[n - 3] as number) : fill, n > 1 ? (v[n - 2] as number) : fill, v[n - 1] as number]
}

export function expectSizes(op: string, name: string, v: unknown): asserts v is Size {
  const ok = typeof v === 'number' ? Number.isInteger(v) : Array.isArray(v) && v.every((x) => Number.isInteger(x))
  if (!ok)
    throw new ArgumentError(
      `${op}(): argument '${name}' must be an int or an array of ints, not ${typeof v === 'number' ? v : describe(v)}`,
      { op, argument: name },
    )
}

/** `x` as a kernel takes it: row-major, in a dtype that it computes in. */
export function operand(x: Tensor, info: DTypeInfo): Tensor {
  return x.info === info ? contiguousRaw(x) : castRaw(contiguousRaw(x), info)
}
/** Gives the copy that `operand` made back. */
export function done(copy: Tensor, x: Tensor): void {
  if (copy.storage !== x.storage) copy.storage.release()
}
export const computeInfo = (x: Tensor): DTypeInfo => DTYPES[x.info.compute]

/** A result in the dtype that was asked for. */
export function fitted(y: Tensor, info: DTypeInfo): Tensor {
  if (y.info === info) return y
  const z = castRaw(y, info)
  y.storage.release()
  return z
}
