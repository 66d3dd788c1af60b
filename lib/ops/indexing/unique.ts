/** Different values. */
import { run } from '../../runtime/commands'
import { DTYPES } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { hostRead } from '../define/host-read'
import { bool, int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { contiguousRaw, emptyOf, ordered } from '../define/results'
import { checkUnique } from './order-checks'

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
  const d = checkUnique(x, o.dim)
  const rows = whole ? x.reshape([-1]) : x
  const n = rows.sizes[d]
  const a = ordered(contiguousRaw(rows.movedim(d, 0)))
  const int64 = (count: number): Tensor => emptyOf([count], DTYPES.int64)
  const [firsts, groups] = [int64(n), int64(1)]
  const inverse = o.returnInverse ? int64(n) : null
  const counts = o.returnCounts ? int64(n) : null
  encode.unique(OP.unique, a.info, {
    firsts,
    inverse,
    counts,
    groups,
    a,
    n,
    width: n === 0 ? 0 : a.count / n,
    sorted,
  })
  run()
  // How large the result is.
  const found = Number(hostRead(groups))
  const result: Tensor[] = [rows.indexSelect(d, firsts.narrow(0, 0, found))]
  if (inverse) result.push(whole ? inverse.view(x.sizes as number[]) : inverse)
  if (counts) result.push(counts.narrow(0, 0, found).clone())
  return result.length === 1 ? (result[0] as Tensor) : result
}
