/** What embeddings refuse, in PyTorch's words. */
import { tensorType, torchSize } from '../../check/words'
import { int64Hint } from '../../check/dtypes'
import { ArgumentError, DTypeError, IndexError, NotImplementedError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { Category } from '../../runtime/dtype'
import { sameShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { expectRange } from '../define/expect-range'
import { hostReadAll } from '../define/host-read'
import type { EmbeddingBagMode } from './embedding-bag'

const integral = (x: Tensor): boolean => x.dtype === 'int64' || x.dtype === 'int32'
function checkIntegral(fn: string, x: Tensor): void {
  if (!integral(x))
    throw new DTypeError(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ${tensorType(x.info)} instead (while checking arguments for ${fn})${int64Hint(x.info)}`,
      { dtype: x.dtype },
    )
}
/** @returns the row without gradient; -1: none */
export function checkPaddingRow(paddingIdx: number | null, weight: Tensor): number {
  if (paddingIdx === null) return -1
  const rows = weight.sizes[0] ?? 0
  if (paddingIdx >= rows || paddingIdx < -rows)
    throw new ArgumentError('Padding_idx must be within num_embeddings', { paddingIdx, rows })
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx
}
export function checkTable(x: Tensor, weight: Tensor): void {
  if (weight.sizes.length !== 2) throw new ShapeError("'weight' must be 2-D", { weight: [...weight.sizes] })
  checkIntegral('embedding', x)
}

// ---- bags -------------------------------------------------------------------------------------------------------------

export function checkBagShapes(x: Tensor, weight: Tensor, factors: Tensor | null): void {
  if (factors !== null && !sameShape(factors.sizes, x.sizes))
    throw new ValueError(
      `embedding_bag: If per_sample_weights (${torchSize(factors.sizes)}) is not None, then it must have the same shape as the input (${torchSize(x.sizes)})`,
      { input: [...x.sizes], perSampleWeights: [...factors.sizes] },
    )
  if (weight.sizes.length !== 2)
    throw new ValueError(`weight has to be a 2D Tensor, but got Tensor of dimension ${weight.sizes.length}`, {
      weight: [...weight.sizes],
    })
}
export function checkBagMode(mode: EmbeddingBagMode, scaled: boolean): void {
  if (mode !== 'sum' && mode !== 'mean' && mode !== 'max')
    throw new ValueError('mode has to be one of sum, mean or max', { mode: shown(mode) })
  if (mode === 'max' && scaled) throw new ValueError('max mode does not support scaling the gradient by the frequency')
}
/** @returns the row that counts in no bag; null: every one counts */
export function checkBags(
  x: Tensor,
  weight: Tensor,
  factors: Tensor | null,
  mode: EmbeddingBagMode,
  paddingIdx: number | undefined,
): number | null {
  if (factors !== null && mode !== 'sum')
    throw new NotImplementedError(
      `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}'). Please open a feature request on GitHub.`,
      { mode },
    )
  checkIntegral('embedding_bag', x)
  const { info } = weight
  const rows = weight.sizes[0]
  if (paddingIdx !== undefined && (paddingIdx < -rows || paddingIdx >= rows))
    throw new ArgumentError(
      `padding_idx must be within the number of embeddings, -${rows} through ${rows - 1}, but got ${paddingIdx}`,
      { paddingIdx, rows },
    )
  if (info.category !== Category.Float)
    throw new DTypeError(
      `Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, BFloat16, Float, Double; but got ${tensorType(info)} instead (while checking arguments for embedding_bag)`,
      { dtype: weight.dtype },
    )
  if (factors !== null && factors.info !== info)
    throw new DTypeError(
      `Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 'per_sample_weights'; but type ${tensorType(info)} does not equal ${tensorType(factors.info)} (while checking arguments for embedding_bag)`,
      { weight: weight.dtype, perSampleWeights: factors.dtype },
    )
  return paddingIdx === undefined ? null : paddingIdx < 0 ? paddingIdx + rows : paddingIdx
}
/** As PyTorch, whose two paths word it each in its way. */
export function checkIndices(index: Tensor, weight: Tensor, fast: boolean): void {
  if (index.count === 0 || !integral(index)) return
  const rows = weight.sizes[0]
  const flat = index.detach().reshape([-1])
  const wrong = (value: number, place: number): IndexError =>
    new IndexError(
      fast
        ? `Index ${place} of input takes value ${value} which is not in the valid range [0, ${rows})`
        : `embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be ${value}`,
      { index: value, position: place, rows },
    )
  expectRange(flat, 0, rows - 1, wrong)
}
/** Bags of one length each. */
export function checkRows(x: Tensor, offsets: Tensor | null): void {
  if (offsets !== null)
    throw new ValueError(
      'if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type Tensor',
    )
  if (x.sizes[1] === 0) throw new ShapeError('step must be nonzero', { input: [...x.sizes] })
}
/** @returns the offsets */
export function checkOffsets(x: Tensor, offsets: Tensor | null, includeLastOffset: boolean): Tensor {
  if (x.sizes.length !== 1)
    throw new ValueError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${x.sizes.length}`, {
      input: [...x.sizes],
    })
  if (offsets === null) throw new ValueError('offsets has to be a 1D Tensor but got None')
  if (offsets.sizes.length !== 1) throw new ValueError('offsets has to be a 1D Tensor', { offsets: [...offsets.sizes] })
  checkIntegral('embedding_bag', x)
  checkIntegral('embedding_bag', offsets)
  if (includeLastOffset && offsets.count === 0)
    throw new ShapeError('include_last_offset: number of offset should be at least 1')
  return offsets
}
/**
 * Where bags begin.
 * @param last the last of these places
 * @param between the steps from one to the next
 * @param length how many indices there are
 */
export function checkBegins(begins: Tensor, last: Tensor, between: Tensor, length: number): void {
  const badFirst = (first: number): ValueError =>
    new ValueError(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${first}`,
      { first },
    )
  expectRange(begins.narrow(0, 0, 1), 0, 0, badFirst)
  const badLast = (at: number): ValueError =>
    new ValueError(`offsets[-1] can not be greater than input's length ${length} but got offsets[-1] of ${at}`, {
      length,
      last: at,
    })
  expectRange(last, -Infinity, length, badLast)
  expectRange(between, 0, Infinity, (_step, at) => {
    // An error names them.
    const [before, after] = hostReadAll(begins.narrow(0, at, 2))
    return new ValueError(
      `embedding_bag: offsets must not decrease, but offsets[${at + 1}] is ${after} after ${before}`,
      { position: at + 1 },
    )
  })
}
