/** Gathering and scattering by indices: all on the one index mechanism of indexing.ts. */
import { checkInPlace, finishInPlace, startInPlace } from '../../autograd/in-place'
import { type Rule, attach, tracks } from '../../autograd/node'
import { storable } from '../../check/arguments'
import { Category, type Scalar } from '../../runtime/dtype'
import { checkApart, checkMemory } from '../../tensor/overlap'
import { type Shape, broadcastShapes, wrapDim } from '../../tensor/shape'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { onceOnlyWhere } from '../define/elementwise'
import { bool, int, own, tensor, word } from '../define/params'
import type { Op } from '../define/registry'
import { copyInto, emptyOf, filled } from '../define/results'
import { where } from '../elementwise/ternary'
import {
  checkIndex,
  checkIndexShape,
  checkScatter,
  checkScatterReduce,
  checkTakeAlong,
  outOf,
  refuseReducedDerivative,
  refuseScatterMode,
  severalZeros,
} from './checks'
import { PUT, alongDim, readSpace, writeSpace } from './indexing'

const gatherRule: Rule = (n, g) => {
  const { sizes, dim } = n.meta as { sizes: Shape; dim: number }
  return scatterAdd(filled(sizes, 0, g.info), dim, n.tensor(0), g)
}
/**
 * out[i][j] = x[index[i][j]][j] for dim 0, and likewise for other dims.
 * @param index int64 or int32, with as many dims as the input and none of them larger, but `dim`
 * @throws IndexError for an index that is out of range
 */
export const gather: Op<(x: Tensor, dim: number, index: Tensor) => Tensor> = define('gather', {
  params: [tensor('input'), int('dim'), tensor('index')],
  node: 'GatherBackward0',
  run(x, dim, index) {
    const d = wrapDim(dim, x.sizes.length)
    if (index.count > 0) checkIndex('gather', index)
    if (index.count > 0) checkIndexShape('gather', x, d, index, null)
    const out =
      index.count === 0
        ? emptyOf(index.sizes, x.info)
        : readSpace(x, alongDim(x, d, index), false, outOf(d)).view(index.sizes as number[])
    out.viewInfo = null
    if (tracks(x)) {
      const n = attach(out, gather.op.node, gatherRule, [x])
      n.save(index)
      n.meta = { sizes: x.sizes, dim: d }
    }
    return out
  },
})
/** As `gather`, with the other dims broadcast; without `dim`, of the flattened tensor. @param indices int64 */
export const takeAlongDim: Op<(x: Tensor, indices: Tensor, dim?: number | { dim?: number }) => Tensor> = define(
  'takeAlongDim',
  {
    params: [tensor('input'), tensor('indices'), int('dim').optional()],
    run(x, given, { dim }) {
      let indices = given
      checkTakeAlong(x, indices, dim)
      if (dim === undefined) return gather(x.reshape([-1]), 0, indices.reshape([-1]))
      const d = wrapDim(dim, x.sizes.length)
      const shape = broadcastShapes(
        x.sizes.map((s, i) => (i === d ? 1 : s)),
        indices.sizes.map((s, i) => (i === d ? 1 : s)),
      )
      // Negative indices, whose sign bit is -1 where it is shifted down, count from the end.
      indices = indices.sub(indices.bitwiseRightShift(63), { alpha: x.sizes[d] })
      return gather(
        x.expand(shape.map((s, i) => (i === d ? x.sizes[i] : s))),
        d,
        indices.expand(shape.map((s, i) => (i === d ? indices.sizes[i] : s))),
      )
    },
  },
)
const scatterRule: Rule = (n, g) => {
  const index = n.tensor(0)
  const dim = n.meta as number
  return [n.needs(0) ? scatter(g, dim, index, 0) : null, n.needs(1) ? gather(g, dim, index) : null]
}
const scatterAddRule: Rule = (n, g) => [g, n.needs(1) ? gather(g, n.meta as number, n.tensor(0)) : null]
function scatterInto(
  op: string,
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | Scalar,
  mode: number,
  node: string,
  rule: Rule,
): Tensor {
  const d = checkScatter(op, x, dim, index, src)
  const s = isTensor(src) ? src : null
  const n = startInPlace(x, node, rule, [x, s], 'apart')
  checkApart(x, index)
  if (index.count > 0) {
    const space = alongDim(x, d, index)
    let values: Tensor
    if (s) {
      const base = s.storage === x.storage ? s.detach().clone() : s.detach()
      values = base.sizes.length === 0 ? base.view([1]) : base
      // The source may be larger than the index: its leading corner counts.
      for (let k = 0; k < space.sizes.length; k++)
        if (values.sizes[k] !== space.sizes[k]) values = values.narrow(k, 0, space.sizes[k])
    } else {
      values = emptyOf([], x.info)
      copyInto(values, storable(src as Scalar, x.info))
    }
    writeSpace(x, space, values, mode, false, outOf(d))
  }
  finishInPlace(x, n)
  if (n) {
    n.save(index)
    n.meta = d
  }
  return x
}
/** Options of `scatter`. */
export interface ScatterOptions {
  /** Combine with what is there instead of replacing it. */
  reduce?: 'add' | 'multiply'
}
type Scatter = Op<(x: Tensor, dim: number, index: Tensor, src: Tensor | Scalar, options?: ScatterOptions) => Tensor>
type ScatterAdd = Op<(x: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor>
export const place = [tensor('input'), int('dim'), tensor('index')] as const
const scattering = [
  ...place,
  own<Tensor | Scalar>('Tensor or Number')('src'),
  word<'add' | 'multiply'>()('reduce').optional(),
] as const
const SCATTER_NODES = ['ScatterBackward0', 'ScatterBackward1', 'ScatterBackward2'] as const
/**
 * x[index[i][j]][j] = src[i][j] for dim 0, in place.
 * @param index int64 or int32, with as many dims as the tensor
 * @param src of the same dtype, no smaller than the index; or a number
 * @throws IndexError for an index that is out of range
 */
export const scatter_: Scatter = define('scatter_', {
  params: scattering,
  node: SCATTER_NODES,
  run(x, dim, index, src, { reduce }) {
    const [ofTensor, ofNumber, reducing] = SCATTER_NODES
    if (reduce === undefined) {
      const node = isTensor(src) ? ofTensor : ofNumber
      return scatterInto('scatter', x, dim, index, src, PUT.assign, node, scatterRule)
    }
    if (reduce !== 'add' && reduce !== 'multiply') refuseScatterMode(x, dim, index, src)
    const mode = reduce === 'add' ? PUT.add : PUT.multiply
    return scatterInto('scatter', x, dim, index, src, mode, reducing, refuseReducedDerivative)
  },
})
/** As `scatter_`, on a copy. */
export const scatter: Scatter = define('scatter', {
  params: scattering,
  node: SCATTER_NODES,
  run: (x, dim, index, src, options) => scatter_(x.clone(), dim, index, src, options),
})
/** x[index[i][j]][j] += src[i][j] for dim 0, in place. */
export const scatterAdd_: ScatterAdd = define('scatterAdd_', {
  params: [...place, tensor('src')],
  node: 'ScatterAddBackward0',
  run: (x, dim, index, src) => scatterInto('scatter', x, dim, index, src, PUT.add, scatterAdd_.op.node, scatterAddRule),
})
/** As `scatterAdd_`, on a copy. */
export const scatterAdd: ScatterAdd = define('scatterAdd', {
  params: [...place, tensor('src')],
  node: 'ScatterAddBackward0',
  run: (x, dim, index, src) => scatterAdd_(x.clone(), dim, index, src),
})
/** How `scatterReduce` combines values that meet. */
export type ReduceMode = 'sum' | 'prod' | 'mean' | 'amax' | 'amin'
/** Options of `scatterReduce` and `indexReduce`. */
export interface ScatterReduceOptions {
  /** What was there counts too. Default true. */
  includeSelf?: boolean
}
type ScatterReduce = Op<
  (x: Tensor, dim: number, index: Tensor, src: Tensor, reduce: ReduceMode, options?: ScatterReduceOptions) => Tensor
>
export const includeSelf = bool('includeSelf').default(true)
/** Scatters along a dim, combining what meets at one place (and, unless `includeSelf` is false, what was there). */
export const scatterReduce: ScatterReduce = define('scatterReduce', {
  params: [...place, tensor('src'), own<ReduceMode>('str')('reduce'), includeSelf],
  node: 'ScatterReduceBackward0',
  run: (x, dim, index, src, reduce, { includeSelf }) => scatterReduced(x, dim, index, src, reduce, includeSelf),
})
export function scatterReduced(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: ReduceMode,
  includeSelf: boolean,
): Tensor {
  const op = 'scatter'
  const d = checkScatterReduce(x, dim, index, src, reduce)
  const modes: { readonly [K in ReduceMode]: number } = {
    sum: PUT.add,
    prod: PUT.multiply,
    mean: PUT.add,
    amax: PUT.max,
    amin: PUT.min,
  }
  const identity = reduce === 'prod' ? 1 : reduce === 'amax' ? -Infinity : reduce === 'amin' ? Infinity : 0
  const start = x.detach().clone()
  if (!includeSelf && index.count > 0) {
    const v = emptyOf([], x.info)
    const exact =
      x.info.category === Category.Float ? identity : reduce === 'amax' || reduce === 'amin' ? null : identity
    if (exact !== null) {
      copyInto(v, exact)
      writeSpace(start, alongDim(start, d, index), v, PUT.assign, false, outOf(d))
    } else {
      // Integers have no infinity: the first value at each place replaces it.
      scatterInto(op, start, d, index, src.detach(), PUT.assign, 'ScatterBackward0', scatterRule)
    }
  }
  const plain = scatterInto(op, start, d, index, src.detach(), modes[reduce], scatterReduce.op.node, scatterRule)
  const count = (): Tensor => {
    const base = includeSelf ? filled(x.sizes, 1, x.info) : filled(x.sizes, 0, x.info)
    return scatterAdd(base, d, index, filled(src.sizes, 1, src.info)).clampMin(1)
  }
  const out =
    reduce === 'mean'
      ? x.info.category === Category.Float
        ? plain.div(count())
        : plain.div(count(), { roundingMode: 'floor' })
      : plain
  if (tracks(x, src)) {
    const n = attach(
      out,
      scatterReduce.op.node,
      (m, g) =>
        scatterReduceGrad(m.tensor(0), m.tensor(1), m.tensor(2), m.tensor(3), g, d, reduce, includeSelf, m.label),
      [x, src],
    )
    n.save(x, src, index, out)
  }
  return out
}
/** As `scatterReduce`, in place. */
export const scatterReduce_: ScatterReduce = define('scatterReduce_', {
  params: [...place, tensor('src'), own<ReduceMode>('str')('reduce'), includeSelf],
  node: 'ScatterReduceBackward0',
  run(x, dim, index, src, reduce, options) {
    checkInPlace(x, x.requiresGrad || src.requiresGrad)
    checkScatter('scatter', x, dim, index, src)
    checkMemory('apart', x, [index, src])
    return x.copy_(scatterReduce(x.clone(), dim, index, src, reduce, options))
  },
})
function scatterReduceGrad(
  x: Tensor,
  src: Tensor,
  index: Tensor,
  out: Tensor,
  g: Tensor,
  d: number,
  reduce: ReduceMode,
  includeSelf: boolean,
  label: string,
): [Tensor, Tensor] {
  const hidden = (t: Tensor): Tensor => (includeSelf ? t : scatter(t, d, index, 0))
  if (reduce === 'sum') return [hidden(g), gather(g, d, index)]
  if (reduce === 'mean') {
    const count = scatterAdd(
      filled(x.sizes, includeSelf ? 1 : 0, x.info),
      d,
      index,
      filled(src.sizes, 1, src.info),
    ).clampMin(1)
    const h = g.div(count)
    return [hidden(h), gather(h, d, index)]
  }
  if (reduce === 'prod') {
    // A zero among the factors: the product of the others stands in for out / 0. With more of them that is 0, and its
    // derivative is not the gradient's: as in PyTorch, there is none then.
    const own = x.maskedFill(x.eq(0), 1)
    const gx = g.mul(scatterReduce(own, d, index, src, 'prod', { includeSelf }).div(own))
    const zero = src.detach().eq(0)
    const zeros = gather(scatterAdd(filled(x.sizes, 0, src.info), d, index, zero.to(src.dtype)), d, index)
    const single = zero.logicalAnd(zeros.eq(1))
    const apart = gather(
      g.mul(scatterReduce(x, d, index, src.maskedFill(single, 1), 'prod', { includeSelf })),
      d,
      index,
    )
    const gs = where(single, apart, gather(g.mul(out), d, index).div(src.maskedFill(zero, 1)))
    return [hidden(gx), onceOnlyWhere(() => zeros.gt(1), gs, severalZeros(label))]
  }
  // As in PyTorch: a value that was there takes its share even where it does not count, and where the result is NaN,
  // which nothing equals, the gradient is 0 / 0.
  const mineX = x.eq(out).to(g.dtype)
  const mineS = src.eq(gather(out, d, index)).to(g.dtype)
  const h = g.div(scatterAdd(mineX, d, index, mineS))
  return [hidden(h.mul(mineX)), gather(h, d, index).mul(mineS)]
}
