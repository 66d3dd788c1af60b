/** What `torch.linalg`, covariances and correlations refuse, in PyTorch's words. */
import { checkFloating, wrongType } from '../../check/dtypes'
import { notImplemented } from '../../check/words'
import { ArgumentError, DTypeError, NotImplementedError, ShapeError } from '../../errors'
import { shown } from '../../runtime/given'
import { Category, type DTypeInfo } from '../../runtime/dtype'
import { broadcastShapes, type Shape, showShape, wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'

// ---- norms --------------------------------------------------------------------------------------------------------

/** @returns the two dims of the matrices */
export function checkMatrixDims(x: Tensor, dim: number | readonly number[] | null): [number, number] {
  checkFloating('linalg.matrix_norm', x.info)
  if (x.sizes.length < 2) throw noMatrices('linalg.matrix_norm')
  if (!Array.isArray(dim) || dim.length !== 2)
    throw new ShapeError(`linalg.matrix_norm: dim must be a 2-tuple. Got ${[dim].flat().join(' ')}`)
  const [r, c] = dim.map((d) => wrapDim(d, x.sizes.length)) as [number, number]
  if (r === c) throw new ShapeError(`linalg.matrix_norm: dims must be different. Got (${r}, ${c})`)
  return [r, c]
}
const noMatrices = (op: string): ShapeError =>
  new ShapeError(`${op}: The input tensor A must have at least 2 dimensions.`)
/** Which sums `matrixNorm` takes. */
export function checkOrder(order: number | string | null): number {
  if (order === 1 || order === -1 || order === Infinity || order === -Infinity) return order
  if (order === 'nuc' || order === 2 || order === -2)
    throw new NotImplementedError(
      `linalg.matrixNorm(): the norm ${String(order)} needs singular values, which are not there yet`,
    )
  throw new ArgumentError(`linalg.matrix_norm: Order ${shown(order)} not supported.`)
}
export function checkNormDims(sizes: Shape, order: unknown, dims: readonly number[] | null): void {
  if (dims && dims.length !== 1 && dims.length !== 2)
    throw new ShapeError(`linalg.norm: If dim is specified, it must be of length 1 or 2. Got ${showShape(dims)}`)
  if (order !== null && dims === null && sizes.length !== 1 && sizes.length !== 2)
    throw new ShapeError(
      `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${sizes.length}D.`,
    )
}

// ---- products -----------------------------------------------------------------------------------------------------

export function checkVecdot(x: DTypeInfo, y: DTypeInfo): void {
  checkFloating('linalg.vecdot', x)
  if (x !== y)
    throw new DTypeError(
      `linalg.vecdot: Expected x and y to have the same dtype, but found x of type ${x.scalarType} and y of type ${y.scalarType} instead`,
      { x: x.name, y: y.name },
    )
}
/** @returns how many rows the square matrices have */
export function checkPower(sizes: Shape, n: number): number {
  if (sizes.length < 2) throw noMatrices('linalg.matrix_power')
  const [rows, columns] = sizes.slice(-2) as [number, number]
  if (rows !== columns)
    throw new ShapeError(
      `linalg.matrix_power: A must be batches of square matrices, but they are ${rows} by ${columns} matrices`,
    )
  if (n < 0)
    throw new NotImplementedError('linalg.matrixPower(): negative powers need an inverse, which is not there yet')
  return rows
}
/** Matrices that can be multiplied one after the other; the first and the last may be vectors. */
export function checkChain(tensors: readonly Tensor[]): void {
  const n = tensors.length
  if (n < 2) throw new ShapeError(`multi_dot(): expected at least 2 tensors but got ${n}`)
  tensors.forEach(({ sizes }, i) => {
    const end = i === 0 ? 'first' : i === n - 1 ? 'last' : null
    if (sizes.length === 2 || (sizes.length === 1 && end !== null)) return
    const wanted = end === null ? `tensor ${i} must be 2D` : `the ${end} tensor must be 1D or 2D`
    throw new ShapeError(`multi_dot(): ${wanted} but got ${sizes.length}D`)
  })
  const { info } = tensors[0] as Tensor
  tensors.forEach((t, i) => {
    if (t.info !== info)
      throw new DTypeError(
        `multi_dot(): all tensors must have be the same dtype but tensor 0 is ${info.cppName} and tensor ${i} ${t.info.cppName}`,
        { dtypes: tensors.map((k) => k.dtype) },
      )
  })
  tensors.slice(1).forEach((t, i) => {
    const before = (tensors[i] as Tensor).sizes
    if (before[before.length - 1] !== t.sizes[0])
      throw new ShapeError(
        `multi_dot(): tensors ${i} and ${i + 1} with shapes ${showShape(before)} and ${showShape(t.sizes)} cannot be multiplied`,
      )
  })
}
/** @returns the dim of size 3, and the shape of the products */
export function checkCross(x: Tensor, other: Tensor, dim: number): [number, number[]] {
  if (x.sizes.length !== other.sizes.length)
    throw new ShapeError('linalg.cross: inputs must have the same number of dimensions.')
  const d = wrapDim(dim, x.sizes.length)
  x.size(dim)
  if (x.sizes[d] !== 3 || other.sizes[d] !== 3)
    throw new ShapeError(
      `linalg.cross: inputs dimension ${dim} must have length 3. Got ${x.sizes[d]} and ${other.sizes[d]}`,
    )
  const shape = broadcastShapes(x.sizes, other.sizes)
  if (x.dtype === 'bool') throw notImplemented('cross', x.info)
  if (x.info !== other.info) throw wrongType(x.info, other.info, { input: x.dtype, other: other.dtype })
  return [d, shape]
}

// ---- statistics ---------------------------------------------------------------------------------------------------

export function checkObservations(op: string, sizes: Shape): void {
  if (sizes.length > 2)
    throw new ShapeError(
      `${op}(): expected input to have two or fewer dimensions but got an input with ${sizes.length} dimensions`,
      { input: [...sizes] },
    )
}
/** @param n how many observations there are */
export function checkWeights(name: 'fweights' | 'aweights', w: Tensor, category: Category, n: number): void {
  if (w.sizes.length > 1)
    throw new ShapeError(
      `cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${w.sizes.length} dimensions`,
      { [name]: [...w.sizes] },
    )
  if (w.info.category !== category)
    throw new DTypeError(
      `cov(): expected ${name} to have ${category === Category.Int ? 'integral' : 'floating point'} dtype but got ${name} with ${w.info.scalarType} dtype`,
      { dtype: w.dtype },
    )
  if (w.count !== n)
    throw new ShapeError(
      `cov(): expected ${name} to have the same numel as there are observations in the input but got ${w.count} != ${n}`,
      { [name]: w.count, observations: n },
    )
}
