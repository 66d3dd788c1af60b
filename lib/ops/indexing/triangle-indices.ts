/** The rows and columns of a triangle. */
import { DTYPES, type DType } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { dtype, int } from '../define/params'
import type { Op } from '../define/registry'
import { expectRoom } from '../define/results'
import { arange } from '../tensor/create'
import { place, type PlaceOptions } from '../tensor/create-options'
import { stack } from '../tensor/joining'
import { indexSelect } from './index-select'
import { checkTriangle } from './order-checks'
import { counted } from './repeat-interleave'

/** Options of `trilIndices` and `triuIndices`. */
export interface TriangleIndicesOptions extends PlaceOptions {
  /** Which diagonal: 0 the main one, above 0 over it, below 0 under it. Default 0. */
  offset?: number
  /** Default int64; or int32. */
  dtype?: DType
}
function triangleIndices(row: number, col: number, lower: boolean, offset: number, dtype: DType): Tensor {
  checkTriangle(row, col, lower, dtype)
  offset = Math.min(Math.max(offset, -row), col)
  // Only rows that have cells are gone through, and only cells of the triangle: a row, or all of them, may be very long.
  const first = lower ? Math.min(row, Math.max(0, -offset)) : 0
  const last = col === 0 ? first : Math.max(first, lower ? row : Math.min(row, col - offset))
  // The rows that have all `col` cells are one stretch, at the end or at the beginning.
  const whole = Math.min(last, Math.max(first, lower ? col - offset - 1 : -offset))
  const [sliced, full] = lower ? [[first, whole] as const, last - whole] : [[whole, last] as const, whole - first]
  const [a, b] = sliced
  const cellsOf = (i: number): number => (lower ? Math.min(col, i + offset + 1) : col - Math.max(0, i + offset))
  const cells = full * col + (b > a ? ((cellsOf(a) + cellsOf(b - 1)) * (b - a)) / 2 : 0)
  expectRoom([2, cells], DTYPES.int64)
  const rows = arange(first, last)
  const edge = rows.add(lower ? offset + 1 : offset)
  const counts = lower ? edge.clampMax(col) : edge.clampMin(0).neg().add(col)
  const [owner, place] = counted(counts, last - first, cells)
  const column = lower ? place : place.add(indexSelect(edge.clampMin(0), 0, owner))
  return stack([owner.add(first), column]).to(dtype)
}
type TriangleIndices = Op<
  (
    row: number,
    col: number,
    offset?: number | TriangleIndicesOptions,
    options?: Omit<TriangleIndicesOptions, 'offset'>,
  ) => Tensor
>
/** Where the lower triangle of a row × col matrix is: [2, count]. @throws ShapeError for a negative size */
export const trilIndices: TriangleIndices = define('trilIndices', {
  params: [int('row'), int('col'), int('offset').default(0), dtype('dtype').default('int64'), ...place],
  differentiable: false,
  run: (row, col, { offset, dtype: kind }) => triangleIndices(row, col, true, offset, kind),
})
/** Where the upper triangle of a row × col matrix is: [2, count]. @throws ShapeError for a negative size */
export const triuIndices: TriangleIndices = define('triuIndices', {
  params: [int('row'), int('col'), int('offset').default(0), dtype('dtype').default('int64'), ...place],
  differentiable: false,
  run: (row, col, { offset, dtype: kind }) => triangleIndices(row, col, false, offset, kind),
})
