/** Choices of the elements of a vector. */
import { DTYPES } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { withNodeName } from '../define/node-name'
import { bool, int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { emptyOf, expectRoom } from '../define/results'
import { arange } from '../tensor/create'
import { stack } from '../tensor/joining'
import { reshape } from '../tensor/views'
import { indexSelect } from './index-select'
import { checkCombinations } from './order-checks'
import { counted } from './repeat-interleave'

/** Options of `combinations`. */
export interface CombinationsOptions {
  /** How many elements are chosen. Default 2. */
  r?: number
  /** Whether an element may be chosen again. Default false. */
  withReplacement?: boolean
}
/** Every choice of `r` elements of a vector in order, a row each. @throws ShapeError for what is no vector */
export const combinations: Op<
  (x: Tensor, r?: number | CombinationsOptions, options?: Omit<CombinationsOptions, 'r'>) => Tensor
> = define('combinations', {
  params: [tensor('input'), int('r').default(2), bool('withReplacement').default(false)],
  node: 'StackBackward0',
  method: false,
  run: (x, { r, withReplacement }) => chosenFrom(x, r, withReplacement),
})
function chosenFrom(x: Tensor, length: number, withReplacement: boolean): Tensor {
  checkCombinations(x, length)
  if (length === 0) return x.newEmpty([0])
  const n = x.count
  const rows = choices(withReplacement ? n + length - 1 : n, length)
  expectRoom([rows, length], DTYPES.int64)
  const at = rows > 0 ? placesOf(n, length, withReplacement, rows) : emptyOf([0, length], DTYPES.int64)
  return withNodeName(reshape(indexSelect(x, 0, reshape(at, [-1])), [rows, length]), combinations.op.node)
}
/** Every choice of `length` places of n in order, a row each. */
function placesOf(n: number, length: number, withReplacement: boolean, rows: number): Tensor {
  // One column after the other, for each different beginning of a row: behind a place come all that leave room for the rest.
  const below = (column: number): number => (withReplacement ? n : n - length + column + 1)
  const places = [arange(below(0))]
  const beginnings: Tensor[] = []
  for (let k = 1; k < length; k++) {
    const first = withReplacement ? places[k - 1] : places[k - 1].add(1)
    const counts = first.neg().add(below(k))
    const [beginning, place] = counted(counts, counts.count, choices(withReplacement ? n + k : below(k), k + 1))
    places.push(indexSelect(first, 0, beginning).add(place))
    beginnings.push(beginning)
  }
  // Each row goes back from its end to its beginning.
  const columns: Tensor[] = []
  let row = arange(rows)
  for (let k = length - 1; k > 0; k--) {
    columns.push(indexSelect(places[k], 0, row))
    row = indexSelect(beginnings[k - 1], 0, row)
  }
  columns.push(indexSelect(places[0], 0, row))
  return stack(columns.reverse(), 1)
}
/** How many ways there are to choose r of n. */
function choices(n: number, r: number): number {
  let count = n >= r && n > 0 ? 1 : 0
  const k = Math.min(r, n - r)
  for (let i = 1; i <= k && Number.isFinite(count); i++) count = Math.round((count * (n - k + i)) / i)
  return count
}
