/** What convolution and pooling share: windows given by one number or one a dim. */
import { ArgumentError, ValueError } from '../../errors'
import { describe, isArrayOf, isInt } from '../../check/arguments'
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

/** @throws ArgumentError for what is neither an integer nor a list of them */
export function expectSizes(op: string, name: string, v: unknown): asserts v is Size {
  if (!(Array.isArray(v) ? isArrayOf(v, isInt) : isInt(v)))
    throw new ArgumentError(
      `${op}(): argument '${name}' must be an int or an array of ints, not ${typeof v === 'number' ? v : describe(v)}`,
      { op, argument: name },
    )
}

/** One number repeated for each of `n` dims; a list as it is. */
export const perDim = <T>(v: number | readonly T[], n: number): readonly (number | T)[] =>
  typeof v === 'number' ? new Array<number>(n).fill(v) : v
/** The same where a list of one counts as its number; null where a list is of another length. */
export const broadcastSizes = (v: Size, n: number): readonly number[] | null => {
  const sizes = perDim(typeof v !== 'number' && v.length === 1 ? v[0] : v, n)
  return sizes.length === n ? sizes : null
}
/** @returns one size a dim: one for all dims, or as many as there are */
export function checkSizes(op: string, name: string, v: Size, n: number): readonly number[] {
  expectSizes(op, name, v)
  const sizes = perDim(v, n)
  if (sizes.length === n) return sizes
  throw new ArgumentError(`${op}(): argument '${name}' must be an int or ${n} ints, got ${sizes.length}`, {
    argument: name,
  })
}

/** The kernels count in 32 bits, as PyTorch's pooling does. */
export function expectInt32(v: readonly number[]): void {
  for (const s of v)
    if (Math.abs(s) >= 2 ** 31)
      throw new ValueError('value cannot be converted to type int without overflow', { value: s })
}
/** Where there is but one place for a window, its steps are of no matter; where it has but one tap, the taps' distance. */
export function canonicalWindow<W extends { readonly stride: readonly number[]; readonly dilation: readonly number[] }>(
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
