/** What elementwise operations refuse, in PyTorch's words. */
import { expectOperand, expectTensor, isScalar, storable } from '../../check/arguments'
import { checkCast } from '../../check/dtypes'
import { notImplemented } from '../../check/words'
import { ArgumentError, DTypeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { Category, type DTypeInfo, type Scalar } from '../../runtime/dtype'
import { isTensor, type Tensor } from '../../tensor/tensor'

type Operand = Tensor | Scalar

// ---- two operands -------------------------------------------------------------------------------------------------

const isBool = (x: Operand): boolean => (isTensor(x) ? x.dtype === 'bool' : typeof x === 'boolean')
/** Bools are not subtracted. */
export function checkNoBools(x: Operand, y: Operand): void {
  const [bx, by] = [isBool(x), isBool(y)]
  if (bx && by)
    throw new DTypeError(
      'Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.',
    )
  if (bx || by)
    throw new DTypeError(
      'Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.',
    )
}
/** @returns the factor */
export function checkAlpha(op: string, info: DTypeInfo, alpha: unknown): number | bigint {
  if (typeof alpha === 'boolean') {
    if (info.category !== Category.Bool) throw new DTypeError('Boolean alpha only supported for Boolean results.')
    return Number(alpha)
  }
  if (typeof alpha !== 'number' && typeof alpha !== 'bigint')
    throw new ArgumentError(`${op}(): argument 'alpha' must be Number, not ${typeof alpha}`)
  if (info.category !== Category.Float && typeof alpha === 'number' && !Number.isSafeInteger(alpha))
    throw new DTypeError('For integral input tensors, argument alpha must not be a floating point number.')
  storable(alpha, info)
  return alpha
}
export const unknownRounding = (mode: unknown): ArgumentError =>
  new ArgumentError(`div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${shown(mode)}'`)
/** Integers have no powers of negative numbers. */
export function checkExponent(info: DTypeInfo, _x: Operand, y: Operand): void {
  if (!isScalar(y)) return
  if (info.category === Category.Int && Number(y) < 0)
    throw new ValueError('Integers to negative integer powers are not allowed.', { exponent: Number(y) })
  // PyTorch computes with a number in the type of the result, but for the wide floats.
  if (info.category === Category.Int || info.compute !== info.name) storable(y, info)
}
/** Of what is limited in place. PyTorch calls the dtype otherwise where the bounds are numbers. */
export const checkClampCast = (info: DTypeInfo, target: DTypeInfo, bounds: readonly Operand[]): void =>
  checkCast(info, target, bounds.some(isTensor) ? undefined : target.cppName)
/** One bound, a number, is of the type of the result. */
export const checkBound =
  (side: 'min' | 'max') =>
  (info: DTypeInfo, _x: Operand, y: Operand, target?: DTypeInfo): void => {
    if (!isScalar(y)) return
    if (target) checkClampCast(info, target, [y])
    if (info.category === Category.Bool) throw notImplemented(`clamp_${side}_scalar_cpu`, info)
    storable(y, info)
  }
export function checkHeaviside(_info: DTypeInfo, x: Operand, y: Operand): void {
  if (isTensor(x) && isTensor(y) && x.info !== y.info)
    throw new DTypeError('heaviside is not yet implemented for tensors with different dtypes.', {
      input: x.dtype,
      values: y.dtype,
    })
}
export function checkWideBase(info: DTypeInfo): void {
  if (info.name !== 'float64')
    throw new DTypeError(
      `the base given to float_power_ has dtype ${info.scalarType} but the operation's result requires dtype Double`,
    )
}

// ---- three operands -----------------------------------------------------------------------------------------------

export function checkCondition(info: DTypeInfo): void {
  if (info.name !== 'bool' && info.name !== 'uint8')
    throw new DTypeError(
      `where expected condition to be a boolean tensor, but got a tensor with dtype ${info.scalarType}`,
    )
}
export function checkBounds(op: string, low: Operand | null, high: Operand | null): void {
  if (low === null && high === null)
    throw new ArgumentError("torch.clamp: At least one of 'min' or 'max' must not be None")
  if (low !== null) expectOperand(op, 'min', low)
  if (high !== null) expectOperand(op, 'max', high)
}
/** Bools are limited by one tensor only. @param bounds those given */
export function checkClampedBools(info: DTypeInfo, bounds: readonly Operand[]): void {
  if (info.category !== Category.Bool) return
  if (bounds.length === 2) throw notImplemented('clamp_cpu', info)
  if (bounds.some(isScalar)) throw notImplemented('clamp_scalar_cpu', info)
}
export function checkLerp(op: string, x: Tensor, y: Tensor, weight: Operand): void {
  expectTensor(op, 'input', x)
  expectTensor(op, 'end', y)
  expectOperand(op, 'weight', weight)
  if (x.info !== y.info) throw unlike(x.info, 'end', y.info)
  if (isTensor(weight) && weight.info !== x.info) throw unlike(x.info, 'weight', weight.info)
  if (x.info.category !== Category.Float) throw notImplemented('lerp_kernel_scalar', x.info)
}
const unlike = (info: DTypeInfo, name: string, found: DTypeInfo): DTypeError =>
  new DTypeError(`expected dtype ${info.cppName} for \`${name}\` but got dtype ${found.cppName}`)
export function checkValue(op: string, value: unknown): asserts value is Scalar {
  if (!isScalar(value)) throw new ArgumentError(`${op}(): argument 'value' must be Number, not ${typeof value}`)
}
export function checkQuotient(a: Tensor, b: Tensor): void {
  if (a.info.category !== Category.Float && b.info.category !== Category.Float)
    throw new DTypeError(
      'Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes.',
    )
}

// ---- one operand --------------------------------------------------------------------------------------------------

export function checkGelu(info: DTypeInfo, approximate: string): void {
  if (approximate !== 'none' && approximate !== 'tanh')
    throw new ArgumentError(`approximate argument must be either none or tanh.`, { approximate })
  if (info.category !== Category.Float) throw notImplemented('GeluKernelImpl', info)
}
