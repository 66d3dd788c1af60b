/** What reading and writing by index refuse, in PyTorch's words. */
import { describe, expectInt, expectTensor, isScalar, storable, isArrayOf } from '../../check/arguments'
import { wrongFit } from '../../check/shapes'
import { notImplemented } from '../../check/words'
import { int64Hint } from '../../check/dtypes'
import { ArgumentError, DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { Category, type Scalar } from '../../runtime/dtype'
import { STATUS } from '../../runtime/opcodes'
import { broadcastShapes, isExpandable, sameShape, type Shape, showShape, wrapDim } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { snake } from '../define/params'
import type { ReduceMode } from './gather'
import type { Explain } from './indexing'

// ---- indices that are out of bounds -----------------------------------------------------------------------------------

const outside = (index: number, dim: number, size: number): string =>
  `index ${index} is out of bounds for dimension ${dim} with size ${size}`
const bounds =
  (text: (index: number, size: number) => string): Explain =>
  (status, d) =>
    status === STATUS.INDEX_OUT_OF_RANGE ? new IndexError(text(d[0], d[2]), { index: d[0], size: d[2] }) : undefined
/** @param called how the text begins */
export const outOf = (dim: number, called = ''): Explain => bounds((i, n) => `${called}${outside(i, dim, n)}`)
const OUT_OF_SELF = 'index out of range in self'
export const outOfSelf: Explain = bounds(() => OUT_OF_SELF)
/** Columns have a way of their own in PyTorch. */
export const outOfSelected = (dim: number): Explain =>
  dim === 1 ? bounds((i, n) => `INDICES element is out of DATA bounds, id=${i} axis_dim=${n}`) : outOfSelf
/** @param dims the indexed ones */
export const outOfBounds =
  (dims: readonly number[]) =>
  (status: number, d: readonly number[]): IndexError | undefined =>
    status === STATUS.INDEX_OUT_OF_RANGE
      ? new IndexError(outside(d[0], d[1], d[2]), {
          index: d[0],
          dim: dims[d[1]],
          size: d[2],
        })
      : undefined
/** An empty dim has no entry that an index could name. */
export function checkEntries(x: Tensor, d: number, index: Tensor, text = OUT_OF_SELF): void {
  if (x.sizes[d] === 0 && index.count > 0) throw new IndexError(text, { sizes: [...x.sizes], dim: d })
}

export function checkAxis(x: Tensor, d: number, index: Tensor): void {
  const axis = 'index_select(): self indexing axis dim should be positive'
  checkEntries(x, d, index, x.sizes.length > 1 ? axis : undefined)
}

// ---- brackets ---------------------------------------------------------------------------------------------------------

type Bound = number | null | undefined
export function checkSlice(start: Bound, stop: Bound, step: Bound): void {
  for (const [name, v] of [
    ['start', start],
    ['stop', stop],
    ['step', step],
  ] as const)
    if (v != null && (typeof v !== 'number' || !Number.isInteger(v)))
      throw new ArgumentError(`slice(): ${name} must be an integer or null, not ${shown(v)}`)
  if (step === 0) throw new ValueError('slice step cannot be zero')
  if (step != null) expectInt('slice', 'step', step)
  if (step != null && step < 0) throw new ValueError('step must be greater than zero', { step })
}
export function checkConsumed(ndim: number, consumed: number): void {
  if (consumed > ndim)
    throw new IndexError(`too many indices for tensor of dimension ${ndim}`, { indices: consumed, ndim })
}
/** @param got what it is, as Python calls it */
export function refuseIndex(got: string): never {
  throw new IndexError(
    `only integers, slices (\`:\`), ellipsis (\`...\`), None and long or byte Variables are valid indices (got ${got})`,
  )
}
/** @param position among the entries */
export function checkNumber(i: number, position: number, size: number): void {
  if (!Number.isInteger(i)) refuseIndex('float')
  if (i < -size || i >= size) throw new IndexError(outside(i, position, size), { index: i, dim: position, size })
}
export function checkIndexList(item: readonly unknown[]): void {
  if (!item.every((v) => typeof v === 'bigint' || Number.isInteger(v)))
    throw new IndexError('a list used as an index must hold integers or booleans only')
}
export function checkIndexType(t: Tensor): void {
  if (t.info.category !== Category.Int && t.dtype !== 'bool')
    throw new IndexError(`tensors used as indices must be long, int, byte or bool tensors${int64Hint(t.info)}`, {
      dtype: t.dtype,
    })
}
export function checkMaskShape(x: Tensor, mask: Tensor, dim: number): void {
  mask.sizes.forEach((s, k) => {
    if (s !== x.sizes[dim + k])
      throw new IndexError(
        `The shape of the mask ${showShape(mask.sizes)} at index ${k} does not match the shape of the indexed tensor ${showShape(x.sizes)} at index ${dim + k}`,
        { mask: [...mask.sizes], shape: [...x.sizes] },
      )
  })
}
/** @param at the dims of the indices @returns their common shape */
export function checkIndexShapes(indices: readonly (Tensor | null)[], at: readonly number[]): Shape {
  let shape: Shape = []
  at.forEach((d, i) => {
    const t = indices[d] as Tensor
    try {
      shape = i === 0 ? t.sizes : broadcastShapes(shape, t.sizes)
    } catch {
      throw new IndexError(
        `shape mismatch: indexing tensors could not be broadcast together with shapes ${at.map((k) => showShape((indices[k] as Tensor).sizes)).join(', ')}`,
      )
    }
  })
  return shape
}
export function checkIndexedDims(x: Tensor, at: readonly number[], shape: Shape): void {
  if (at.some((d) => x.sizes[d] === 0) && !shape.includes(0))
    throw new IndexError('index is out of bounds for dimension with size 0', { shape: [...x.sizes] })
}
export function checkIndices(op: string, indices: unknown): asserts indices is readonly (Tensor | null)[] {
  if (!isArrayOf(indices, (t): t is Tensor | null => t === null || isTensor(t)))
    throw new ArgumentError(`${op}(): argument 'indices' must be an array of Tensors, not ${describe(indices)}`)
}
export function checkIndexCount(x: Tensor, count: number): void {
  if (count > x.sizes.length)
    throw new IndexError(`too many indices for tensor of dimension ${x.sizes.length} (got ${count})`)
}
/** @param sizes of what the indices pick */
export function checkPutValues(x: Tensor, values: Tensor, sizes: Shape): void {
  if (!isExpandable(values.sizes, sizes))
    throw new ShapeError(
      `shape mismatch: value tensor of shape ${showShape(values.sizes)} cannot be broadcast to indexing result of shape ${showShape(sizes)}`,
      { values: [...values.sizes], result: [...sizes] },
    )
  if (values.info !== x.info)
    throw new DTypeError(
      `Index put requires the source and destination dtypes match, got ${x.info.scalarType} for the destination and ${values.info.scalarType} for the source.`,
      { destination: x.dtype, source: values.dtype },
    )
}
export function checkAssigned(value: unknown): void {
  if (!isTensor(value) && !isScalar(value)) throw new ArgumentError(`can't assign a ${describe(value)} to a Tensor`)
}

// ---- gather and scatter -----------------------------------------------------------------------------------------------

export function checkIndex(op: string, index: unknown): asserts index is Tensor {
  expectTensor(op, 'index', index)
  if (index.dtype !== 'int64' && index.dtype !== 'int32')
    throw new DTypeError(`${op}(): Expected dtype int32/int64 for index${int64Hint(index.info)}`, {
      dtype: index.dtype,
    })
}
/** Dims of an index may be smaller than those of the other tensor, but not larger. */
export function checkIndexShape(op: string, x: Tensor, dim: number, index: Tensor, src: Tensor | null): void {
  const nd = Math.max(1, x.sizes.length)
  if (Math.max(1, index.sizes.length) !== nd)
    throw new ShapeError(
      `Index tensor must have the same number of dimensions as ${op === 'gather' ? 'input' : 'self'} tensor`,
      {
        index: [...index.sizes],
        input: [...x.sizes],
      },
    )
  if (src && Math.max(1, src.sizes.length) !== nd)
    throw new ShapeError('Index tensor must have the same number of dimensions as src tensor', {
      index: [...index.sizes],
      src: [...src.sizes],
    })
  for (let d = 0; d < index.sizes.length; d++) {
    const n = index.sizes[d]
    if (op === 'gather') {
      if (d !== dim && x.sizes.length > 0 && n > x.sizes[d])
        throw new ShapeError(
          `Size does not match at dimension ${d} expected index ${showShape(index.sizes)} to be no larger than self ${showShape(x.sizes)} apart from dimension ${dim}`,
        )
      continue
    }
    const tooLarge =
      (d !== dim && x.sizes.length > 0 && n > x.sizes[d]) || (src && src.sizes.length > 0 && n > src.sizes[d])
    if (tooLarge)
      throw new ShapeError(
        src
          ? `Expected index ${showShape(index.sizes)} to be no larger than self ${showShape(x.sizes)} apart from dimension ${dim} and to be no larger size than src ${showShape(src.sizes)}`
          : `Expected index ${showShape(index.sizes)} to be no larger than self ${showShape(x.sizes)} apart from dimension ${dim}`,
        { index: [...index.sizes], self: [...x.sizes] },
      )
  }
}
export function checkTakeAlong(x: Tensor, indices: Tensor, dim: number | undefined): void {
  if (indices.dtype !== 'int64')
    throw new DTypeError(
      `torch.take_along_dim(): dtype of indices should be Long but got ${indices.info.scalarType}${int64Hint(indices.info)}`,
      {
        dtype: indices.dtype,
      },
    )
  if (dim !== undefined && x.sizes.length !== indices.sizes.length)
    throw new ShapeError(
      `torch.take_along_dim(): input and indices should have the same number of dimensions, but got ${x.sizes.length} dimensions for input, and ${indices.sizes.length} dimensions for indices`,
    )
}
/** @returns the dim, not negative */
export function checkScatter(op: string, x: Tensor, dim: number, index: Tensor, src: Tensor | Scalar): number {
  if (!isTensor(src) && !isScalar(src))
    throw new ArgumentError(`${op}(): argument 'src' must be Tensor or Number, not ${typeof src}`)
  const d = wrapDim(dim, x.sizes.length)
  const s = isTensor(src) ? src : null
  if (index.count > 0) checkIndex(op, index)
  if (s && s.info !== x.info)
    throw new DTypeError(`${op}(): Expected self.dtype to be equal to src.dtype`, { self: x.dtype, src: s.dtype })
  if (index.count > 0) checkIndexShape(op, x, d, index, s)
  return d
}
/** No way to combine values; what else is wrong is said first. */
export function refuseScatterMode(x: Tensor, dim: number, index: Tensor, src: Tensor | Scalar): never {
  checkScatter('scatter', x, dim, index, src)
  throw new ValueError('reduce argument must be either add or multiply.')
}
export function refuseReducedDerivative(): never {
  throw new ArgumentError('scatter(): with `reduce` it is not differentiable; use scatterAdd or scatterReduce')
}
const MODES: readonly ReduceMode[] = ['sum', 'prod', 'mean', 'amax', 'amin']
/** @returns the dim, not negative */
export function checkScatterReduce(x: Tensor, dim: number, index: Tensor, src: Tensor, reduce: ReduceMode): number {
  const d = checkScatter('scatter', x, dim, index, src)
  if (reduce === 'mean' && x.dtype === 'bool') throw notImplemented('scatter_gather_tensor_cpu_reduce_mean', x.info)
  if (!MODES.includes(reduce))
    throw new ValueError(`reduce argument must be either sum, prod, mean, amax or amin, got ${shown(reduce)}`)
  return d
}

/** Why there is no second derivative. @param label of the node */
export const severalZeros = (label: string): string => {
  const [op, name] = label === 'IndexReduceBackward0' ? ['index_reduce', 'source'] : ['scatter_reduce', 'src']
  return `${op}(): Double backward is unsupported for ${name} when >1 zeros in ${name} are scattered to the same position in self`
}

// ---- along one dim by a vector ----------------------------------------------------------------------------------------

/** @returns the dim, not negative */
export function checkVectorIndex(op: string, x: Tensor, dim: number, index: Tensor): number {
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
      (op === 'indexFill_'
        ? 'index_fill_(): Expected dtype int64 for index.'
        : op === 'indexSelect'
          ? 'index_select(): Expected dtype int32 or int64 for index'
          : `${name}(): Expected dtype int32/int64 for index but got: ${index.info.scalarType}`) +
        int64Hint(index.info),
      { dtype: index.dtype },
    )
  return d
}
export function checkSource(op: string, x: Tensor, d: number, index: Tensor, source: Tensor): void {
  if (source.info !== x.info)
    throw new DTypeError(
      `${op}(): self (${x.info.scalarType}) and source (${source.info.scalarType}) must have the same scalar type`,
    )
  if (d >= source.sizes.length && d > 0)
    throw new ShapeError(
      `${op}(): Indexing dim ${d} is out of bounds of the source tensor with dim ${source.sizes.length}`,
      { dim: d, source: [...source.sizes] },
    )
  const size = source.sizes.length === 0 ? 1 : source.sizes[d]
  if (index.count !== size)
    throw new ShapeError(
      `${op}(): Number of indices (${index.count}) should be equal to source.size(dim): (${size}), for dim: ${d}`,
      { indices: index.count, size },
    )
  const ranks = source.sizes.length === x.sizes.length || (source.sizes.length === 0 && x.sizes.length <= 1)
  if (!ranks || source.sizes.some((s, k) => k !== d && s !== x.sizes[k]))
    throw new ShapeError(
      `source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ${showShape(x.sizes)} source.shape = ${showShape(source.sizes)}`,
    )
}
export function checkCopySource(x: Tensor, d: number, index: Tensor, source: Tensor): void {
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
    throw new DTypeError(
      `index_copy_(): Expected a long tensor for index, but got ${index.info.scalarType}${int64Hint(index.info)}`,
    )
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
export function checkIndexReduce(x: Tensor, d: number, index: Tensor, source: Tensor, reduce: ReduceMode): void {
  if (reduce === 'sum' || !MODES.includes(reduce))
    throw new ValueError(
      `index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ${shown(reduce)}.`,
    )
  checkSource('index_reduce_', x, d, index, source)
  if (x.dtype === 'bool') throw notImplemented('index_func_', x.info)
}
/** An error of `scatterReduce` in the words of `indexReduce`. */
export function refuseIndexReduce(error: unknown, includeSelf: boolean): never {
  throw error instanceof IndexError && includeSelf ? new IndexError(OUT_OF_SELF, error.data) : error
}

// ---- masks and single values ------------------------------------------------------------------------------------------

/** @returns the value, or the number as the tensor holds it */
export function checkFillValue(op: string, x: Tensor, value: Tensor | Scalar): Tensor | Scalar {
  if (!isTensor(value)) return storable(value, x.info)
  if (value.sizes.length > 0)
    throw new ShapeError(
      `${op} only supports a 0-dimensional value tensor, but got tensor with ${value.sizes.length} dimension(s).`,
    )
  return value
}
export function checkMask(op: string, mask: Tensor): void {
  if (mask.dtype !== 'bool')
    throw new DTypeError(`${op} only supports boolean masks, but got mask with dtype ${mask.info.cppName}`)
}
/** @returns the value, or the number as the tensor holds it */
export function checkMaskedFill(x: Tensor, value: Tensor | Scalar): Tensor | Scalar {
  if (!isTensor(value) && !isScalar(value))
    throw new ArgumentError(`maskedFill(): argument 'value' must be Tensor or Number, not ${typeof value}`)
  return checkFillValue('masked_fill_', x, value)
}
export function checkMaskFits(x: Tensor, mask: Tensor): void {
  const sizes = broadcastShapes(x.sizes, mask.sizes)
  if (!sameShape(sizes, x.sizes)) throw wrongFit(x.sizes, sizes, { self: [...x.sizes], mask: [...mask.sizes] })
}
export function checkSelectMask(mask: Tensor): void {
  if (mask.dtype !== 'bool') throw new DTypeError('masked_select: expected BoolTensor for mask', { dtype: mask.dtype })
}
export function checkMaskedScatter(x: Tensor, mask: Tensor, source: Tensor): void {
  if (source.info !== x.info)
    throw new DTypeError(
      `masked_scatter: expected self and source to have same dtypes but got${x.info.scalarType} and ${source.info.scalarType}`,
    )
  if (mask.dtype !== 'bool')
    throw new DTypeError(`masked_scatter_ only supports boolean masks, but got mask with dtype ${mask.info.scalarType}`)
}
/** Explains what the kernel says of a source that is too short. */
export const tooShort =
  (count: number) =>
  (status: number): ShapeError | undefined =>
    status === STATUS.INDEX_OUT_OF_RANGE
      ? new ShapeError('Number of elements of source < number of ones in mask', { source: count })
      : undefined

// ---- of a flattened tensor --------------------------------------------------------------------------------------------

export function checkTake(x: Tensor, index: Tensor): void {
  if (index.dtype !== 'int64')
    throw new DTypeError(
      `take(): Expected a long tensor for index, but got ${index.info.scalarType}${int64Hint(index.info)}`,
    )
  if (x.count === 0 && index.count > 0) throw new IndexError('take(): tried to take from an empty tensor')
}
export function checkPut(x: Tensor, index: Tensor, source: Tensor): void {
  if (index.dtype !== 'int64')
    throw new DTypeError(
      `put_(): Expected a long tensor for index, but got ${index.info.scalarType}${int64Hint(index.info)}`,
    )
  if (source.info !== x.info)
    throw new DTypeError(
      `put_(): self and source expected to have the same dtype, but got self.dtype = ${x.info.scalarType} and source.dtype = ${source.info.scalarType}`,
    )
  if (source.count !== index.count)
    throw new IndexError(
      `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${source.count}, index.numel() = ${index.count}`,
    )
  if (x.count === 0 && index.count > 0) throw new IndexError('put_(): Tried to put elements into an empty tensor')
}
/** An index beyond a flattened tensor, in the words of `take` and `put`. */
export function refuseFlatIndex(error: unknown): never {
  const { index: at, size } = (error as IndexError).data ?? {}
  throw at === undefined
    ? error
    : new IndexError(`out of range: tried to access index ${String(at)} on a tensor of ${String(size)} elements.`, {
        index: at,
        size,
      })
}
