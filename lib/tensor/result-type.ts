/** The dtypes of results. */
import {
  Category,
  DTYPES,
  type DType,
  type DTypeInfo,
  type Scalar,
  getDefaultDtype,
  promoteTypes,
  operandDtype,
} from '../runtime/dtype'
import { type Tensor, isTensor } from './tensor'

/** The dtype an elementwise operation on these operands has (`torch.result_type`). */
export function resultType(...operands: readonly (Tensor | Scalar)[]): DType {
  let dims: DType | null = null
  let zero: DType | null = null
  let wrapped: DType | null = null
  for (const o of operands) {
    if (isTensor(o)) {
      const d = o.info.name
      if (o.sizes.length > 0) dims = dims === null ? d : promoteTypes(dims, d)
      else zero = zero === null ? d : promoteTypes(zero, d)
    } else {
      const d = operandDtype(o)
      wrapped = wrapped === null ? d : promoteTypes(wrapped, d)
    }
  }
  return combine(dims, combine(zero, wrapped)) as DType
}

/** Dimensioned tensors decide, then 0-d ones, then scalars; a lower kind counts only where its category is higher. */
function combine(higher: DType | null, lower: DType | null): DType | null {
  if (higher === null) return lower
  if (lower === null) return higher
  return DTYPES[higher].category >= DTYPES[lower].category ? higher : promoteTypes(higher, lower)
}

export function resultInfo(a: Tensor | Scalar, b: Tensor | Scalar): DTypeInfo {
  if (isTensor(a)) {
    if (isTensor(b)) {
      if (a.info === b.info) return a.info
    } else if (typeof b === 'number' && a.info.category === Category.Float) return a.info
  }
  return DTYPES[resultType(a, b)]
}

/** Integer and bool operands of a float function count as the default float. */
export const floatInfo = (info: DTypeInfo): DTypeInfo =>
  info.category === Category.Float ? info : DTYPES[getDefaultDtype()]

/** Integer sums and products are int64, as in PyTorch. */
export const sumInfo = (x: Tensor, dtype: DType | undefined): DTypeInfo =>
  dtype ? DTYPES[dtype] : x.info.category === Category.Float ? x.info : DTYPES.int64
