/** Reading and writing along one dim by a vector of indices. */
import { checkInPlace, finishInPlace, startInPlace } from '../../autograd/in-place'
import { type Rule, attach, tracks } from '../../autograd/node'
import { storable } from '../../check/arguments'
import { warnExpanded } from '../../check/words'
import { DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import type { Scalar } from '../../runtime/dtype'
import { checkApart, checkMemory } from '../../tensor/overlap'
import { type Shape, showShape, wrapDim } from '../../tensor/shape'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { withNodeName } from '../define/node-name'
import { own, tensor, snake } from '../define/params'
import type { Op } from '../define/registry'
import { copyInto, emptyOf, filled } from '../define/results'
import { type ReduceMode, type ScatterReduceOptions, bounds, includeSelf, outOf, place, scatterReduced } from './gather'
import { PUT, readSpace, selectSpace, writeSpace } from './indexing'
import { unique } from './unique'

function vectorIndex(op: string, x: Tensor, dim: number, index: Tensor): number {
  const d = wrapDim(dim, x.sizes.length)
  const name = snake(op)
  if (index.sizes.length > 1)
    throw new (op === 'indexFill_' ? ShapeError : IndexError)(
      op === 'indexFill_'
        ? 'Index has to be a vector/scalar'
        : `${name}(): Index is supposed to be a vector${op === 'indexSelect' ? '' : `, but got dim: ${index.sizes.length} with type: ${index.info.scalarType} and size: ${showShape(index.sizes)}`}`,
      { index: [...index.sizes] },
    )
  if (index.dtype !== 'int64' && (index.dtype !== 'int32' || op === 'indexFill_'))
    throw new (op === 'indexFill_' ? IndexError : DTypeError)(
      op === 'indexFill_'
        ? 'index_fill_(): Expected dtype int64 for index.'
        : op === 'indexSelect'
          ? 'index_select(): Expected dtype int32 or int64 for index'
          : `${name}(): Expected dtype int32/int64 for index but got: ${index.info.scalarType}`,
      { dtype: index.dtype },
    )
  return d
}
/** An empty dim has no entry that an index could name. */
function expectEntries(x: Tensor, d: number, index: Tensor, text = 'index out of range in self'): void {
  if (x.sizes[d] === 0 && index.count > 0) throw new IndexError(text, { sizes: [...x.sizes], dim: d })
}
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
    const d = vectorIndex('indexSelect', x, dim, index)
    const axis = 'index_select(): self indexing axis dim should be positive'
    expectEntries(x, d, index, x.sizes.length > 1 ? axis : undefined)
    const out = readSpace(
      x,
      selectSpace(x, d, index),
      false,
      // Columns have a way of their own in PyTorch.
      bounds((i, size) =>
        d === 1 ? `INDICES element is out of DATA bounds, id=${i} axis_dim=${size}` : 'index out of range in self',
      ),
    )
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
function checkSource(op: string, x: Tensor, d: number, index: Tensor, source: Tensor): void {
  if (source.info !== x.info)
    throw new DTypeError(
      `${op}(): self (${x.info.scalarType}) and source (${source.info.scalarType}) must have the same scalar type`,
    )
  if (d >= source.sizes.length && d > 0)
    throw new ShapeError(
      `${op}(): Indexing dim ${d} is out of bounds of the source tensor with dim ${source.sizes.length}`,
      { dim: d, source: [...source.sizes] },
    )
  const n = source.sizes.length === 0 ? 1 : source.sizes[d]
  if (index.count !== n)
    throw new ShapeError(
      `${op}(): Number of indices (${index.count}) should be equal to source.size(dim): (${n}), for dim: ${d}`,
      { indices: index.count, size: n },
    )
  if (source.sizes.length !== x.sizes.length && (source.sizes.length !== 0 || x.sizes.length > 1))
    throw new ShapeError(
      `source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ${showShape(x.sizes)} source.shape = ${showShape(source.sizes)}`,
    )
  for (let k = 0; k < source.sizes.length; k++)
    if (k !== d && source.sizes[k] !== x.sizes[k])
      throw new ShapeError(
        `source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ${showShape(x.sizes)} source.shape = ${showShape(source.sizes)}`,
      )
}
type IndexAdd = Op<(x: Tensor, dim: number, index: Tensor, source: Tensor, options?: IndexAddOptions) => Tensor>
const adding = [...place, tensor('source'), own<number>('Number')('alpha').default(1)] as const
/** Adds slices of `source` to the slices of this tensor that the indices name, in place. */
export const indexAdd_: IndexAdd = define('indexAdd_', {
  params: adding,
  node: 'IndexAddBackward0',
  run(x, dim, index, source, { alpha }) {
    const d = vectorIndex('indexAdd_', x, dim, index)
    storable(alpha, x.info)
    checkSource('index_add_', x, d, index, source)
    if (source.count > 0 && x.sizes.length < 2) expectEntries(x, d, index)
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
        scattered ? outOf(d) : bounds(() => 'index out of range in self'),
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
function checkCopySource(x: Tensor, d: number, index: Tensor, source: Tensor): void {
  const [na, nb] = [x.sizes.length, source.sizes.length]
  const fault = (text: string): IndexError =>
    new IndexError(`index_copy_(): ${text}`, {
      self: [...x.sizes],
      index: [...index.sizes],
      source: [...source.sizes],
    })
  if (index.sizes.length > 1) throw fault(`Index should have dimension 1 or 0 (got ${index.sizes.length})`)
  if (nb === 0 && index.count !== 1)
    throw fault(`When source is scalar, index should have one element (got ${index.count})`)
  if (na !== nb && na !== 0 && nb !== 0)
    throw fault(
      `When source and destination are not scalars, their dimensionality must match. Source dimensionality (${nb}), destination dimensionality (${na})`,
    )
  if (index.dtype !== 'int64')
    throw new DTypeError(`index_copy_(): Expected a long tensor for index, but got ${index.info.scalarType}`)
  if (source.info !== x.info)
    throw new DTypeError(
      `index_copy_(): self and source expected to have the same dtype, but got (self) ${x.info.scalarType} and (source) ${source.info.scalarType}`,
      { self: x.dtype, source: source.dtype },
    )
  const slice = (t: Tensor): string => t.sizes.filter((_, k) => k !== d).join(' ')
  if (slice(x) !== slice(source))
    throw new ShapeError(
      `index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: ${slice(x)} at dimension ${d} and source slice shape: ${slice(source)} at dimension 0.`,
      { self: [...x.sizes], source: [...source.sizes] },
    )
  if (nb > 0 && index.count !== source.sizes[d])
    throw fault(`Number of indices (${index.count}) should be equal to source.size(dim) (${source.sizes[d]})`)
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
      bounds((i, size) => `index_copy_(): index ${i} is out of bounds for dimension ${d} with size ${size}`),
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
    const d = vectorIndex('indexFill_', x, dim, index)
    if (isTensor(value) && value.sizes.length > 0)
      throw new ShapeError(
        `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.sizes.length} dimension(s).`,
      )
    const v = emptyOf([], x.info)
    copyInto(v, isTensor(value) ? value.detach() : storable(value, x.info))
    const label = FILL_NODES[isTensor(value) ? 1 : 0]
    const n = startInPlace(x, label, indexFillRule, [x, isTensor(value) ? value : null], 'any')
    checkApart(x, index)
    warnExpanded('index_fill_', 'mask] = scalar', x)
    writeSpace(
      x,
      selectSpace(x, d, index),
      v,
      PUT.assign,
      true,
      bounds((i, size) => `index ${i} is out of bounds for dimension ${d} with size ${size}`),
    )
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
    const d = vectorIndex('indexReduce_', x, dim, index)
    if (!['prod', 'mean', 'amax', 'amin'].includes(reduce))
      throw new ValueError(
        `index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ${String(reduce)}.`,
      )
    checkSource('index_reduce_', x, d, index, source)
    if (x.dtype === 'bool') throw new DTypeError(`"index_func_" not implemented for 'Bool'`)
    const [at, src] =
      x.sizes.length === 0
        ? [index.reshape([-1]).narrow(0, 0, 1).reshape([]), source.reshape([])]
        : [index.reshape(source.sizes.map((_, k) => (k === d ? index.count : 1))).expand(source.sizes), source]
    try {
      return withNodeName(scatterReduced(x, d, at, src, reduce, includeSelf), indexReduce.op.node)
    } catch (error) {
      throw error instanceof IndexError && includeSelf
        ? new IndexError('index out of range in self', error.data)
        : error
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
