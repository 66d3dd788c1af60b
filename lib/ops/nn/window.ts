/** What convolution and pooling share: windows given by one number or one a dim, and operands of the kernels. */
import { ArgumentError, ValueError } from '../../errors'
import { type DTypeInfo, DTYPES } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { describe, isInt } from '../../check/arguments'
import { castRaw, contiguousRaw } from '../define/results'
import { own } from '../define/params'

/** One size for all spatial dims, or one a dim. */
export type Size = number | readonly number[]
/** One such parameter; `expectSizes` refuses what is none, where PyTorch does: after other checks. */
export const sizeParam = own<Size>('int or int[]')

/** The kernels count three spatial dims; the leading ones that are not there are 1 (or `fill`). */
export function threeDims(v: readonly number[], fill: number): [number, number, number] {
  const n = v.length
  return [n > 2 ? v[n - 3] : fill, n > 1 ? v[n - 2] : fill, v[n - 1]]
}

export function expectSizes(op: string, name: string, v: unknown): asserts v is Size {
  if (!(Array.isArray(v) ? v.every(isInt) : isInt(v)))
    throw new ArgumentError(
      `${op}(): argument '${name}' must be an int or an array of ints, not ${typeof v === 'number' ? v : describe(v)}`,
      { op, argument: name },
    )
}

/** The kernels count in 32 bits, as PyTorch's pooling does. */
export function expectInt32(v: readonly number[]): void {
  for (const s of v)
    if (Math.abs(s) >= 2 ** 31)
      throw new ValueError('value cannot be converted to type int without overflow', { value: s })
}
/** Where there is but one place for a window, its steps are of no matter; where it has but one tap, the taps' distance. */
export function meaningful<W extends { readonly stride: readonly number[]; readonly dilation: readonly number[] }>(
  w: W,
  kernel: readonly number[],
  places: readonly number[],
): W {
  return {
    ...w,
    stride: w.stride.map((s, i) => (places[i] === 1 ? 1 : s)),
    dilation: w.dilation.map((d, i) => (kernel[i] === 1 ? 1 : d)),
  }
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
