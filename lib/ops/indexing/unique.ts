/** Different values. */
import { IndexError, ShapeError } from '../../errors'
import { wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { bool, int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { tensor as tensorOf } from '../tensor/create'

/** Options of `unique`. */
export interface UniqueOptions {
  /** In order; always so here. */
  sorted?: boolean
  /** Also where each element went. */
  returnInverse?: boolean
  /** Also how often each value occurs. */
  returnCounts?: boolean
  /** Compare whole slices of this dim instead of elements. */
  dim?: number | null
}
/** Options of `uniqueConsecutive`. */
export type UniqueConsecutiveOptions = Omit<UniqueOptions, 'sorted'>
const grouping = [
  bool('returnInverse').default(false),
  bool('returnCounts').default(false),
  int('dim').optional(),
] as const
/** The different values (or slices of `dim`) in order; with the options, where each went and how often each occurs. */
export const unique: Op<(x: Tensor, sorted?: boolean | UniqueOptions, options?: UniqueOptions) => Tensor | Tensor[]> =
  define('unique', {
    params: [tensor('input'), bool('sorted').default(true), ...grouping],
    differentiable: false,
    run: (x, o) => distinct(x, o, true),
  })
/** As `unique`, of runs: a value that comes again later counts again. */
export const uniqueConsecutive: Op<
  (
    x: Tensor,
    returnInverse?: boolean | UniqueConsecutiveOptions,
    options?: UniqueConsecutiveOptions,
  ) => Tensor | Tensor[]
> = define('uniqueConsecutive', {
  params: [tensor('input'), ...grouping],
  differentiable: false,
  run: (x, o) => distinct(x, o, false),
})
/** Values or slices put into groups of equal ones: in sorted order, or in the order of their runs. */
function distinct(given: Tensor, o: UniqueOptions, sorted: boolean): Tensor | Tensor[] {
  const x = given.detach()
  const whole = o.dim === undefined || o.dim === null
  if (!whole && x.sizes.length === 0)
    throw new IndexError(`Dimension specified as ${o.dim} but tensor has no dimensions`, { dim: o.dim })
  const d = whole ? 0 : wrapDim(o.dim as number, x.sizes.length)
  const rows = whole ? x.reshape([-1]) : x.sizes.length === 0 ? x.reshape([1]) : x
  const n = rows.sizes[d]
  if (!whole && n > 0 && rows.count === 0)
    throw new ShapeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
  const width = n === 0 ? 0 : rows.count / n
  const data = rows.movedim(d, 0).contiguous().toTypedArray() as ArrayLike<number | bigint>
  const values =
    x.dtype === 'float16' || x.dtype === 'bfloat16'
      ? (rows.movedim(d, 0).to('float32').toTypedArray() as ArrayLike<number>)
      : data
  const compare = (a: number, b: number): number => {
    for (let k = 0; k < width; k++) {
      const [p, q] = [values[a * width + k], values[b * width + k]]
      if (p < q) return -1
      if (p > q) return 1
      // NaN comes last, and no NaN equals another.
      if (p !== q) return Number.isNaN(p) && Number.isNaN(q) ? a - b : Number.isNaN(p) ? 1 : -1
    }
    return 0
  }
  const order = Array.from({ length: n }, (_, i) => i)
  if (sorted) order.sort((a, b) => compare(a, b) || a - b)
  const firsts: number[] = []
  const counts: bigint[] = []
  const inverse = new BigInt64Array(n)
  order.forEach((row, i) => {
    if (i === 0 || compare(order[i - 1], row) !== 0) {
      firsts.push(row)
      counts.push(0n)
    }
    counts[counts.length - 1] = (counts[counts.length - 1] as bigint) + 1n
    inverse[row] = BigInt(firsts.length - 1)
  })
  const result: Tensor[] = [rows.indexSelect(d, tensorOf(BigInt64Array.from(firsts, BigInt)))]
  if (o.returnInverse) result.push(whole ? tensorOf(inverse).view(x.sizes as number[]) : tensorOf(inverse))
  if (o.returnCounts) result.push(tensorOf(BigInt64Array.from(counts)))
  return result.length === 1 ? (result[0] as Tensor) : result
}
