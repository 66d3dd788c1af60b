/** What sorting, counting, searching and repeating refuse, in PyTorch's words. */
import { expectInt } from '../../check/arguments'
import { checkFloat } from '../../check/dtypes'
import { negativeSize } from '../../check/shapes'
import { notImplemented } from '../../check/words'
import { int64Hint } from '../../check/dtypes'
import { DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { Category, type DType, type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { STATUS } from '../../runtime/opcodes'
import { sameShape, showShape, wrapDim } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { expectRange } from '../define/expect-range'
import type { SearchOptions } from './counting'

// ---- order ------------------------------------------------------------------------------------------------------------

/** Bools have no kernels of these. */
export function checkNoBool(kernel: string, info: DTypeInfo): void {
  if (info.category === Category.Bool) throw notImplemented(kernel, info)
}
/** @returns the dim, not negative */
export function checkTopk(x: Tensor, k: number, dim: number): number {
  if (x.dtype === 'bool') throw new DTypeError('topk does not support bool dtypes on CPU')
  const d = wrapDim(dim, x.sizes.length)
  const size = x.sizes.length === 0 ? 1 : x.sizes[d]
  if (k < 0 || k > size) throw new ValueError('selected index k out of range', { k, size })
  return d
}
/** @returns the dim, not negative */
export function checkKthvalue(x: Tensor, k: number, dim: number): number {
  checkNoBool('kthvalue_cpu', x.info)
  const d = wrapDim(dim, x.sizes.length)
  if (k < 1 || k > (x.sizes.length === 0 ? 1 : x.sizes[d]))
    throw new ValueError(`kthvalue(): selected number k out of range for dimension ${d}`)
  return d
}
/** @returns the dim, not negative; 0 where whole elements are compared */
export function checkUnique(x: Tensor, dim: number | null | undefined): number {
  if (dim === undefined || dim === null) return 0
  if (x.sizes.length === 0) throw noDims(dim)
  const d = wrapDim(dim, x.sizes.length)
  if (x.sizes[d] > 0 && x.count === 0)
    throw new ShapeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
  return d
}
const noDims = (dim: number | null): IndexError =>
  new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`, { dim })
export function checkQuantile(x: Tensor, given: Tensor | number, interpolation: string): void {
  if (x.dtype !== 'float32' && x.dtype !== 'float64')
    throw new DTypeError('quantile() input tensor must be either float or double dtype')
  if (x.count === 0) throw new ShapeError('quantile() input tensor must be non-empty')
  if (isTensor(given) && given.sizes.length > 1) throw new ShapeError('quantile() q must be a scalar or 1D tensor')
  if (isTensor(given) && given.info !== x.info)
    throw new DTypeError('quantile() q tensor must be same dtype as the input tensor')
  if (!['linear', 'lower', 'higher', 'midpoint', 'nearest'].includes(interpolation))
    throw new ValueError(
      `quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${shown(interpolation)}`,
    )
}
/** @param q the same as a tensor */
export function checkRanks(given: Tensor | number, q: Tensor): void {
  expectRange(
    q,
    0,
    1,
    () =>
      new ValueError(
        isTensor(given)
          ? 'quantile() q values must be in the range [0, 1]'
          : `quantile() q must be in the range [0, 1] but got ${given}`,
      ),
  )
}

// ---- counts -----------------------------------------------------------------------------------------------------------

export function checkOneHot(x: Tensor, numClasses: number): void {
  if (x.dtype !== 'int64')
    throw new DTypeError(`one_hot is only applicable to index tensor of type LongTensor.${int64Hint(x.info)}`, {
      dtype: x.dtype,
    })
  if (x.count === 0) {
    if (numClasses <= 0) throw new ValueError('Can not infer total number of classes from empty tensor.')
    return
  }
  expectRange(x, 0, Infinity, () => new ValueError('Class values must be non-negative.'))
  if (numClasses === -1) return
  if (numClasses < 1) throw new ValueError('num_classes should be positive')
  expectRange(x, 0, numClasses - 1, () => new ValueError('Class values must be smaller than num_classes.'))
}
export function checkBincount(x: Tensor, weights: Tensor | undefined, minlength: number): void {
  const refused = (): ShapeError =>
    new ShapeError(`bincount only supports 1-d non-negative integral inputs.${int64Hint(x.info)}`)
  if (x.sizes.length !== 1 || x.info.category !== Category.Int) throw refused()
  if (minlength < 0) throw new ValueError('minlength should be >= 0')
  expectRange(x, 0, Infinity, refused)
  if (weights && weights.count !== x.count)
    throw new ShapeError('weights should be 1-d and have the same length as input')
}
export function checkHistc(info: DTypeInfo, bins: number): void {
  checkFloat('histogram_cpu', info)
  if (bins <= 0) throw new ValueError('bins must be > 0')
}
export function checkHistcRange(low: number, high: number): void {
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw new ValueError(`range of [${low}, ${high}] is not finite`)
  if (low > high) throw new ValueError('torch.histc: max must be larger than min')
}

// ---- searches ---------------------------------------------------------------------------------------------------------

export function checkSearch(boundaries: Tensor, values: Tensor, o: SearchOptions): void {
  if (o.side !== undefined && o.side !== 'left' && o.side !== 'right')
    throw new ValueError(`torch.searchsorted(): side can only be 'left' or 'right' but got ${shown(o.side)}`)
  if (o.side === 'left' && o.right)
    throw new ValueError(
      "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True",
    )
  if (o.sorter) {
    if (!sameShape(o.sorter.sizes, boundaries.sizes))
      throw new ShapeError(
        `torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor ${showShape(boundaries.sizes)}and got sorter tensor ${showShape(o.sorter.sizes)}`,
        { boundaries: [...boundaries.sizes], sorter: [...o.sorter.sizes] },
      )
    if (o.sorter.dtype !== 'int64')
      throw new DTypeError(
        `torch.searchsorted(): sorter must be a tensor of long dtype but got dtype ${o.sorter.info.scalarType}${int64Hint(o.sorter.info)}`,
        { sorter: o.sorter.dtype },
      )
  }
  if (values.sizes.length === 0 && boundaries.sizes.length !== 1)
    throw new ShapeError(
      `torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(${boundaries.sizes.length}) and input value's dim(0) numel(1)`,
    )
  if (boundaries.sizes.length === 0)
    throw new ShapeError('torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 dimension')
  if (boundaries.sizes.length > 1 && !sameShape(boundaries.sizes.slice(0, -1), values.sizes.slice(0, -1)))
    throw new ShapeError(
      `torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor ${showShape(boundaries.sizes)} and input value tensor ${showShape(values.sizes)}`,
    )
}
/** Explains what the kernel says of a sorter. */
export const unsorted = (status: number): IndexError | undefined =>
  status === STATUS.INDEX_OUT_OF_RANGE ? new IndexError('torch.searchsorted(): sorter index out of range') : undefined
export function checkBuckets(boundaries: Tensor): void {
  if (boundaries.sizes.length !== 1)
    throw new ShapeError(`boundaries tensor must be 1 dimension, but got dim(${boundaries.sizes.length})`)
}
export function checkIsin(e: Tensor, t: Tensor): void {
  if (e.dtype === 'bool' || t.dtype === 'bool')
    throw new DTypeError(`Unsupported input type encountered for isin(): Bool`)
}

// ---- repeats, triangles, combinations ---------------------------------------------------------------------------------

export function checkCounts(x: Tensor): void {
  if (x.sizes.length !== 1) throw new ShapeError('repeat_interleave only accept 1D vector as repeat')
}
/** @param dim as it was given @returns the dim, not negative */
export function checkRepeats(v: Tensor, repeats: Tensor, dim: number | null): number {
  if (repeats.sizes.length > 1) throw new ShapeError('repeats must be 0-dim or 1-dim tensor')
  if (v.sizes.length === 0) throw noDims(dim)
  const d = wrapDim(dim ?? 0, v.sizes.length)
  const size = v.sizes[d]
  if (repeats.count !== 1 && repeats.count !== size)
    throw new ShapeError(
      `repeats must have the same size as input along dim, but got repeats.size(0) = ${repeats.count} and input.size(${dim ?? 0}) = ${size}`,
    )
  return d
}
export function checkRepeat(repeats: unknown, size: number, outputSize: number | null): asserts repeats is number {
  expectInt('repeatInterleave', 'repeats', repeats)
  if (repeats < 0) throw new ValueError('Repeats must be non-negative')
  if (outputSize !== null && outputSize !== repeats * size)
    throw new ShapeError(`repeat_interleave: Invalid output_size, expected ${repeats * size} but got ${outputSize}`)
}
export function checkRepeatTypes(repeats: Tensor, outputSize: number | null): void {
  if (outputSize !== null) expectInt('repeatInterleave', 'output_size', outputSize)
  if (repeats.dtype !== 'int64' && repeats.dtype !== 'int32')
    throw notImplemented('repeat_interleave_cpu', repeats.info)
}
const negativeRepeats = (): ValueError => new ValueError('repeats can not be negative')
/** @param outputSize the same where it was given */
export function checkTotal(total: number, outputSize: number | null): void {
  if (total < 0) throw outputSize === null ? negativeRepeats() : negativeSize(outputSize, [outputSize])
}
/** Explains what the kernel says of counts. */
export const wrongCounts = (status: number, d: readonly number[]): ShapeError | ValueError | undefined =>
  status !== STATUS.INDEX_OUT_OF_RANGE
    ? undefined
    : d[0] === 0
      ? new ShapeError('allocated size does not match required size')
      : negativeRepeats()
export function checkTriangle(row: number, col: number, lower: boolean, dtype: DType): void {
  if (row < 0) throw new ShapeError(`row must be non-negative, got${row}`)
  if (col < 0) throw new ShapeError(`col must be non-negative, got${col}`)
  if (dtype !== 'int64' && dtype !== 'int32') throw notImplemented(`${lower ? 'tril' : 'triu'}_indices`, DTYPES[dtype])
}
export function checkCombinations(x: Tensor, length: number): void {
  if (x.sizes.length !== 1) throw new ShapeError(`Expect a 1D vector, but got shape [${x.sizes.join(', ')}]`)
  if (length < 0) throw new ValueError(`Expect a non-negative number, but got ${length}`)
}
