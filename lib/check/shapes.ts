/** What is said of shapes in the same words everywhere. */
import { type ErrorData, ShapeError } from '../errors'
import { type Shape, sameShape, showShape, wrapDim } from '../tensor/shape'

export const negativeSize = (size: number, sizes: Shape, data?: ErrorData): ShapeError =>
  new ShapeError(`Trying to create tensor with negative dimension ${size}: ${showShape(sizes)}`, data)

/** What is said of a result that does not fit the tensor whose place it takes. */
export const wrongFit = (own: Shape, result: Shape, data: ErrorData): ShapeError =>
  new ShapeError(`output with shape ${showShape(own)} doesn't match the broadcast shape ${showShape(result)}`, data)

/** @throws ShapeError where a result does not fit the tensor whose place it takes */
export function checkFits(own: Shape, result: Shape): void {
  if (!sameShape(own, result)) throw wrongFit(own, result, { output: [...own], broadcast: [...result] })
}

/** Two dims of a diagonal. @returns them, not negative */
export function checkDiagonalDims(ndim: number, dim1: number, dim2: number): [number, number] {
  const [a, b] = [wrapDim(dim1, ndim), wrapDim(dim2, ndim)]
  if (a === b) throw new ShapeError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`)
  return [a, b]
}
