/** Elements in another order along their dims. */
import { type Rule, attach, tracks } from '../../autograd/node'
import { wrapDim, wrapDims } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { withNodeName } from '../define/node-name'
import * as param from '../define/params'
import type { Op } from '../define/registry'
import { checkDimCount, checkPlane, checkShifts } from './checks'
import { clone } from './conversion'
import { arange } from './create'
import { cat } from './joining'
import { narrow, reshape, transpose } from './views'

const flipBack: Rule = (n, g) => flip(g, n.meta as number[])
/** The order of elements turned along the given dims; a copy. @param dims an array, or the ints themselves */
export const flip: Op<(x: Tensor, ...dims: param.Sizes) => Tensor> = define('flip', {
  params: [param.tensor('input'), param.spreadInts('dims')],
  node: 'FlipBackward0',
  run(x, dims) {
    const ds = wrapDims(dims, x.sizes.length).filter((d) => d < x.sizes.length)
    let out: Tensor = x.detach()
    for (const d of ds) out = out.indexSelect(d, reversed(out.sizes[d]))
    if (ds.length === 0) out = clone(out)
    if (tracks(x)) attach(out, flip.op.node, flipBack, [x]).meta = ds
    return out
  },
})
/** Columns in reverse. @throws ShapeError for less than two dims */
export const fliplr: Op<(x: Tensor) => Tensor> = define('fliplr', {
  params: [param.tensor('input')],
  run(x) {
    checkDimCount(x.sizes, 2)
    return flip(x, [1])
  },
})
/** Rows in reverse. @throws ShapeError for a 0-d tensor */
export const flipud: Op<(x: Tensor) => Tensor> = define('flipud', {
  params: [param.tensor('input')],
  run(x) {
    checkDimCount(x.sizes, 1)
    return flip(x, [0])
  },
})
const reversed = (n: number): Tensor => arange(n - 1, -1, -1, { dtype: 'int64' })
/** Options of `roll`. */
export interface RollOptions {
  /** Along which dims, one for each shift. Default: along all elements, in row-major order. */
  dims?: number | readonly number[]
}
type Roll = (x: Tensor, shifts: number | readonly number[], dims?: number | readonly number[] | RollOptions) => Tensor
/**
 * Elements moved round along dims, those pushed out coming in on the other side; a copy.
 * @param shifts how far, for each dim
 * @throws ShapeError for another number of dims than of shifts
 */
export const roll: Op<Roll> = define('roll', {
  params: [param.tensor('input'), param.intOrInts('shifts'), param.intOrInts('dims').default([])],
  node: 'RollBackward0',
  run(x, shifts, { dims }) {
    const list = (v: number | readonly number[]): readonly number[] => (typeof v === 'number' ? [v] : v)
    return rolled(x, list(shifts), list(dims))
  },
})
function rolled(x: Tensor, by: readonly number[], dims: readonly number[]): Tensor {
  checkShifts(by, dims)
  if (dims.length === 0) return withNodeName(reshape(rolled(reshape(x, [-1]), by, [0]), x.sizes), roll.op.node)
  let out = x
  // Where there is nothing to move, the dims are not looked at.
  if (x.count > 0)
    dims.forEach((dim, i) => {
      const n = x.size(dim)
      const d = wrapDim(dim, x.sizes.length)
      const k = ((by[i] % n) + n) % n
      if (k !== 0) out = cat([narrow(out, d, n - k, k), narrow(out, d, 0, n - k)], d)
    })
  return withNodeName(out === x ? clone(x) : out, roll.op.node)
}
/** Options of `rot90`. */
export interface Rot90Options {
  /** How many turns; below 0 the other way. Default 1. */
  k?: number
  /** The plane: turned from the first towards the second. Default [0, 1]. */
  dims?: readonly number[]
}
/** Quarter turns in the plane of two dims; a copy. @throws ShapeError where `dims` are not two different ones */
export const rot90: Op<(x: Tensor, k?: number | Rot90Options, options?: Omit<Rot90Options, 'k'>) => Tensor> = define(
  'rot90',
  {
    params: [param.tensor('input'), param.int('k').default(1), param.ints('dims').default([0, 1])],
    node: 'Rot90Backward0',
    run: (x, { k, dims }) => turned(x, k, dims),
  },
)
function turned(x: Tensor, k: number, dims: readonly number[]): Tensor {
  const [a, b] = checkPlane(x.sizes.length, dims)
  return withNodeName(quarterTurns(x, ((k % 4) + 4) % 4, a, b), rot90.op.node)
}
function quarterTurns(x: Tensor, k: number, a: number, b: number): Tensor {
  switch (k) {
    case 1:
      return transpose(flip(x, [b]), a, b)
    case 2:
      return flip(x, [a, b])
    case 3:
      return flip(transpose(x, a, b), [b])
    default:
      return clone(x)
  }
}
