/** What padding refuses, in PyTorch's words. */
import { NotImplementedError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { Category, type Scalar } from '../../runtime/dtype'
import { showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import type { PadMode } from './pad'

/** In front and behind, by dim. */
export type Amounts = readonly (readonly [number, number])[]
export function checkPadding(x: Tensor, padding: readonly number[]): void {
  const dims = x.sizes.length
  if (padding.length % 2 !== 0) throw new ShapeError('Padding length must be divisible by 2', { padding: [...padding] })
  if (padding.length > 2 * dims)
    throw new ShapeError(
      `Padding length should be less than or equal to two times the input dimension but got padding length ${padding.length} and input of dimension ${dims}`,
      {
        input: [...x.sizes],
        padding: [...padding],
      },
    )
}
export function checkCut(x: Tensor, amounts: Amounts): void {
  for (let d = 0; d < amounts.length; d++) {
    const [front, behind] = amounts[d]
    if (x.sizes[d] + Math.min(0, front) + Math.min(0, behind) < 0)
      throw new ShapeError('narrow(): length must be non-negative.', { input: [...x.sizes] })
  }
}

// ---- modes that take what lies inside ---------------------------------------------------------------------------------

/** @returns whether there is a batch */
export function checkPadMode(x: Tensor, padding: readonly number[], kind: PadMode, value: Scalar | null): boolean {
  if (value !== null && value !== 0)
    throw new ValueError(`Padding mode "${kind}" doesn't take in value argument`, { mode: kind })
  if (kind !== 'reflect' && kind !== 'replicate' && kind !== 'circular')
    throw new NotImplementedError(`Unrecognised padding mode ${shown(kind)}`, { mode: shown(kind) })
  const dims = x.sizes.length
  const n = padding.length / 2
  const batched = dims === n + 2
  if ((!batched && dims !== n + 1) || n < 1 || n > 3)
    throw new NotImplementedError(
      `Padding size ${padding.length} is not supported for ${dims}D input tensor.\nSupported combinations for non-constant padding:\n  - 2D or 3D input: padding size = 2 (pads last dimension)\n  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)`,
      { input: [...x.sizes], padding: [...padding], mode: kind },
    )
  return batched
}
export function checkPadInput(x: Tensor, n: number, batched: boolean, kind: PadMode): void {
  const empty = x.sizes.findIndex((s, i) => s === 0 && (!batched || i > 0))
  if (empty >= 0)
    throw new ShapeError(
      `Expected ${n + 1}D or ${n + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${showShape(x.sizes)}`,
      { input: [...x.sizes] },
    )
  if (x.info.category === Category.Bool && kind !== 'circular')
    throw new NotImplementedError(
      `"${kind === 'reflect' ? `reflection_pad${n}d` : `replication_pad${n}d`}" not implemented for 'Bool'`,
      { dtype: x.dtype },
    )
}
const EMPTIED = 'Negative padding value is resulting in an empty dimension'
/** Each amount may be as large as the dim was before others cut it. */
export function checkCircular(x: Tensor, padding: readonly number[], amounts: Amounts): void {
  amounts.forEach(([front, behind], d) => {
    const size = x.sizes[d]
    const data = { input: [...x.sizes], padding: [...padding], mode: 'circular' }
    if (front > size || behind > size)
      throw new ValueError('Padding value causes wrapping around more than once.', data)
    if (size + front + behind < 0) throw new ValueError(EMPTIED, data)
  })
}
/** What circular padding leaves of the input. @param lengths by dim */
export function checkKept(x: Tensor, padding: readonly number[], amounts: Amounts, lengths: readonly number[]): void {
  if (lengths.some((length, d) => length < 0 || (length === 0 && amounts[d].some((a) => a > 0))))
    throw new ValueError(EMPTIED, { input: [...x.sizes], padding: [...padding] })
}
export function checkMirrored(x: Tensor, padding: readonly number[], amounts: Amounts, mode: PadMode): void {
  const n = padding.length / 2
  const dims = x.sizes.length
  const data = { input: [...x.sizes], padding: [...padding], mode }
  for (let d = dims - 1; d >= dims - n; d--) {
    const size = x.sizes[d]
    const [front, behind] = amounts[d]
    if (mode === 'reflect' && (front >= size || behind >= size))
      throw new ValueError(
        `Argument #${4 + 2 * (dims - 1 - d)}: Padding size should be less than the corresponding input dimension, but got: padding (${front}, ${behind}) at dimension ${d} of input ${showShape(x.sizes)}`,
        data,
      )
    if (size + front + behind < 1)
      throw new ShapeError(
        `input (${
          n > 1
            ? ['D', 'H', 'W']
                .slice(3 - n)
                .map((l, i) => `${l}: ${x.sizes[dims - n + i]}`)
                .join(' ')
            : `W: ${size}`
        }) is too small. Calculated output ${n > 1 ? 'size too small' : `W: ${size + front + behind}`}`,
        data,
      )
  }
}
