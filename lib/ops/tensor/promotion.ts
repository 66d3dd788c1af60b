/** Questions about the dtypes of results. */
import { expectDType, expectOperand } from '../../check/arguments'
import * as dtypes from '../../runtime/dtype'
import type { DType, Scalar } from '../../runtime/dtype'
import * as results from '../../tensor/result-type'
import type { Tensor } from '../../tensor/tensor'

/** `torch.promote_types`: the smallest dtype that both fit in, by PyTorch's table. @throws ArgumentError for what is no dtype */
export function promoteTypes(type1: DType, type2: DType): DType {
  expectDType('promoteTypes', type1, 'type1')
  expectDType('promoteTypes', type2, 'type2')
  return dtypes.promoteTypes(type1, type2)
}

/** `torch.can_cast`: whether a result of dtype `from` may be stored in place as `to`. @throws ArgumentError for what is no dtype */
export function canCast(from: DType, to: DType): boolean {
  expectDType('canCast', from, 'from')
  expectDType('canCast', to, 'to')
  return dtypes.canCast(from, to)
}

/**
 * `torch.result_type`: the dtype that arithmetic on two operands has. Tensors with dims decide before 0-d ones, and those before numbers.
 * @throws ArgumentError for what is neither tensor nor number
 */
export function resultType(tensor1: Tensor | Scalar, tensor2: Tensor | Scalar): DType {
  expectOperand('resultType', 'tensor1', tensor1)
  expectOperand('resultType', 'tensor2', tensor2)
  return results.resultType(tensor1, tensor2)
}
