/** Reading and writing along one dim by a vector of indices. */
import { checkInPlace, finishInPlace, startInPlace } from '../../autograd/in-place'
import { type Rule, attach, tracks } from '../../autograd/node'
import { storable } from '../../check/arguments'
import { warnExpanded } from '../../check/words'
import type { Scalar } from '../../runtime/dtype'
import { checkApart, checkMemory } from '../../tensor/overlap'
import { type Shape, wrapDim } from '../../tensor/shape'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { withNodeName } from '../define/node-name'
import { own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { copyInto, emptyOf, filled } from '../define/results'
import {
  checkAxis,
  checkCopySource,
  checkEntries,
  checkFillValue,
  checkIndexReduce,
  checkSource,
  checkVectorIndex,
  outOf,
  outOfSelected,
  outOfSelf,
  refuseIndexReduce,
} from './checks'
import { type ReduceMode, type ScatterReduceOptions, includeSelf, place, scatterReduced } from './gather'
import { PUT, readSpace, selectSpace, writeSpace } from './indexing'
import { unique } from './unique'

const indexSelectRule: Rule = (n, g) => {
  const { sizes, dim } = n.meta as { sizes: Shape; dim: number }
  return indexAdd(filled(sizes, 0, g.info), dim, n.tensor(0), g)
}
/**
 * The slices of a dim that a vector of indices names, in its order.
 * @param index int64 or int32, none negative
 * @throws IndexError for an index that is out of range
 */
export const indexSelect: Op<(x: Tensor, dim: number, index: Tensor) => Tensor> = define('indexSelect', {
  params: place,
  node: 'IndexSelectBackward0',
  run(x, dim, index) {
    const d = checkVectorIndex('indexSelect', x, dim, index)
    checkAxis(x, d, index)
    const out = readSpace(x, selectSpace(x, d, index), false, outOfSelected(d))
    const shaped = x.sizes.length === 0 ? out.view([]) : out
    shaped.viewInfo = null
    if (tracks(x)) {
      const n = attach(shaped, indexSelect.op.node, indexSelectRule, [x])
      n.save(index)
      n.meta = { sizes: x.sizes, dim: d }
    }
    return shaped
  },
})
/** Options of `indexAdd`. */
export interface IndexAddOptions {
  /** Multiplies the source. Default 1. */
  alpha?: number
}
const indexAddRule: Rule = (n, g) => {
  const { dim, alpha } = n.meta as { dim: number; alpha: number }
  const back = (): Tensor => {
    const s = indexSelect(g, dim, n.tensor(0))
    return alpha === 1 ? s : s.mul(alpha)
  }
  return [g, n.needs(1) ? back() : null]
}
type IndexAdd = Op<(x: Tensor, dim: number, index: Tensor, source: Tensor, options?: IndexAddOptions) => Tensor>
const adding = [...place, tensor('source'), own<number>('Number')('alpha').default(1)] as const
/** Adds slices of `source` to the slices of this tensor that the indices name, in place. */
export const indexAdd_: IndexAdd = define('indexAdd_', {
  params: adding,
  node: 'IndexAddBackward0',
  run(x, dim, index, source, { alpha }) {
    const d = checkVectorIndex('indexAdd_', x, dim, index)
    storable(alpha, x.info)
    checkSource('index_add_', x, d, index, source)
    if (source.count > 0 && x.sizes.length < 2) checkEntries(x, d, index)
    const n = startInPlace(x, indexAdd_.op.node, indexAddRule, [x, source], 'apart')
    checkApart(x, index)
    // Of the first and the last dim PyTorch makes a scatter.
    const scattered =
      x.sizes.length > 1 && (d === 0 || d === x.sizes.length - 1) && Number(alpha) === 1 && index.dtype === 'int64'
    if (x.count > 0)
      writeSpace(
        x,
        selectSpace(x, d, index),
        source.storage === x.storage ? source.detach().clone() : source.detach(),
        PUT.add,
        false,
        scattered ? outOf(d) : outOfSelf,
        Number(alpha),
      )
    finishInPlace(x, n)
    if (n) {
      n.save(index)
      n.meta = { dim: d, alpha: Number(alpha) }
    }
    return x
  },
})
/** As `indexAdd_`, on a copy. */
export const indexAdd: IndexAdd = define('indexAdd', {
  params: adding,
  node: 'IndexAddBackward0',
  run: (x, dim, index, source, options) => indexAdd_(x.clone(), dim, index, source, options),
})
const indexCopyRule: Rule = (n, g) => {
  const dim = n.meta as number
  return [n.needs(0) ? indexFill(g, dim, n.tensor(0), 0) : null, n.needs(1) ? indexSelect(g, dim, n.tensor(0)) : null]
}
type IndexCopy = Op<(x: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor>
/** Replaces the slices that the indices name by those of `source`, in place. @param index int64 */
export const indexCopy_: IndexCopy = define('indexCopy_', {
  params: [...place, tensor('source')],
  node: 'IndexCopyBackward0',
  run(x, dim, index, source) {
    const d = wrapDim(dim, x.sizes.length)
    checkCopySource(x, d, index, source)
    const n = startInPlace(x, indexCopy_.op.node, indexCopyRule, [x, source], 'apart')
    checkApart(x, index)
    writeSpace(
      x,
      selectSpace(x, d, index),
      source.storage === x.storage ? source.detach().clone() : source.detach(),
      PUT.assign,
      false,
      outOf(d, 'index_copy_(): '),
    )
    finishInPlace(x, n)
    if (n) {
      n.save(index)
      n.meta = d
    }
    return x
  },
})
/** As `indexCopy_`, on a copy. */
export const indexCopy: IndexCopy = define('indexCopy', {
  params: [...place, tensor('source')],
  node: 'IndexCopyBackward0',
  run: (x, dim, index, source) => indexCopy_(x.clone(), dim, index, source),
})
const indexFillRule: Rule = (n, g) => {
  const dim = n.meta as number
  return [
    n.needs(0) ? indexFill(g, dim, n.tensor(0), 0) : null,
    n.needs(1) ? indexSelect(g, dim, unique(n.tensor(0)) as Tensor).sum() : null,
  ]
}
type IndexFill = Op<(x: Tensor, dim: number, index: Tensor, value: Tensor | Scalar) => Tensor>
const indexFilling = [...place, own<Tensor | Scalar>('Tensor or Number')('value')] as const
const FILL_NODES = ['IndexFillBackward0', 'IndexFillBackward1'] as const
/** Sets the slices that the indices name to one value, in place. @param value a number or a 0-d tensor */
export const indexFill_: IndexFill = define('indexFill_', {
  params: indexFilling,
  node: FILL_NODES,
  run(x, dim, index, value) {
    const d = checkVectorIndex('indexFill_', x, dim, index)
    const given = checkFillValue('index_fill_', x, value)
    const v = emptyOf([], x.info)
    copyInto(v, isTensor(given) ? given.detach() : given)
    const label = FILL_NODES[isTensor(value) ? 1 : 0]
    const n = startInPlace(x, label, indexFillRule, [x, isTensor(value) ? value : null], 'any')
    checkApart(x, index)
    warnExpanded('index_fill_', 'mask] = scalar', x)
    writeSpace(x, selectSpace(x, d, index), v, PUT.assign, true, outOf(d))
    finishInPlace(x, n)
    if (n) {
      n.save(index)
      n.meta = d
    }
    return x
  },
})
/** As `indexFill_`, on a copy. */
export const indexFill: IndexFill = define('indexFill', {
  params: indexFilling,
  node: FILL_NODES,
  run: (x, dim, index, value) => indexFill_(x.clone(), dim, index, value),
})
type IndexReduceMode = Exclude<ReduceMode, 'sum'>
type IndexReduce = Op<
  (
    x: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduce: IndexReduceMode,
    options?: ScatterReduceOptions,
  ) => Tensor
>
/** Combines slices of `source` into the slices that the indices name (and, unless `includeSelf` is false, with them). */
export const indexReduce: IndexReduce = define('indexReduce', {
  params: [...place, tensor('source'), own<IndexReduceMode>('str')('reduce'), includeSelf],
  node: 'IndexReduceBackward0',
  run(x, dim, index, source, reduce, { includeSelf }) {
    const d = checkVectorIndex('indexReduce_', x, dim, index)
    checkIndexReduce(x, d, index, source, reduce)
    const [at, src] =
      x.sizes.length === 0
        ? [index.reshape([-1]).narrow(0, 0, 1).reshape([]), source.reshape([])]
        : [index.reshape(source.sizes.map((_, k) => (k === d ? index.count : 1))).expand(source.sizes), source]
    try {
      return withNodeName(scatterReduced(x, d, at, src, reduce, includeSelf), indexReduce.op.node)
    } catch (error) {
      refuseIndexReduce(error, includeSelf)
    }
  },
})
/** As `indexReduce`, in place. */
export const indexReduce_: IndexReduce = define('indexReduce_', {
  params: [...place, tensor('source'), own<IndexReduceMode>('str')('reduce'), includeSelf],
  node: 'IndexReduceBackward0',
  run(x, dim, index, source, reduce, options) {
    checkInPlace(x, x.requiresGrad || source.requiresGrad)
    checkMemory('apart', x, [index, source])
    return x.copy_(indexReduce(x.clone(), dim, index, source, reduce, options))
  },
})
