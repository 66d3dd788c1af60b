/** What is said of dtypes in the same words everywhere. */
import { DTypeError, type ErrorData } from '../errors'
import { Category, canCast, type DTypeInfo } from '../runtime/dtype'
import { notImplemented } from './words'

/** The end of what is said of floats where only integers do: JavaScript's numbers make float32, so that is where most come from. */
export const int64Hint = (found: DTypeInfo): string =>
  found.category === Category.Float
    ? " (numbers make float32; labels and indices are made with { dtype: 'int64' })"
    : ''

/** What a kernel says of a tensor in another dtype than it goes by. */
export const wrongType = (expected: DTypeInfo, found: DTypeInfo, data: ErrorData): DTypeError =>
  new DTypeError(
    `expected scalar type ${expected.scalarType} but found ${found.scalarType}${expected.name === 'int64' ? int64Hint(found) : ''}`,
    data,
  )

/**
 * What is said of a result of one dtype that may not be stored in a tensor of another.
 * @param called the name of the latter
 */
export const wrongCast = (from: DTypeInfo, to: DTypeInfo, data: ErrorData, called = to.scalarType): DTypeError =>
  new DTypeError(`result type ${from.scalarType} can't be cast to the desired output type ${called}`, data)

/** @throws DTypeError where a result of one dtype may not be stored in a tensor of another */
export function checkCast(from: DTypeInfo, to: DTypeInfo, called?: string): void {
  if (!canCast(from.name, to.name)) throw wrongCast(from, to, { from: from.name, to: to.name }, called)
}

/** What a kernel for floating dtypes alone says of others. */
export function checkFloat(kernel: string, info: DTypeInfo): void {
  if (info.category !== Category.Float) throw notImplemented(kernel, info)
}

/** What `linalg` says of integers and bools. @param given the dtype of the tensor, where another was asked for */
export function checkFloating(op: string, info: DTypeInfo, given: DTypeInfo = info): void {
  if (info.category !== Category.Float)
    throw new DTypeError(`${op}: Expected a floating point or complex tensor as input. Got ${info.scalarType}`, {
      dtype: given.name,
    })
}

/** What samplers and distances say of integers and bools. @param argument how the text goes on: ` for count,` */
export function checkOnlyFloating(op: string, argument: string, info: DTypeInfo): void {
  if (info.category !== Category.Float)
    throw new DTypeError(`${op} only supports floating-point dtypes${argument} got: ${info.scalarType}`, {
      dtype: info.name,
    })
}
