/** What reductions refuse, in PyTorch's words. */
import { describe, isScalar } from '../../check/arguments'
import { checkFloating } from '../../check/dtypes'
import { DTypeError, IndexError, NotImplementedError, ShapeError, ValueError, ArgumentError } from '../../errors'
import { Category, type DType, type DTypeInfo } from '../../runtime/dtype'
import { type Shape, showShape, wrapDim } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'

// ---- extremes -----------------------------------------------------------------------------------------------------

const noDim = (op: string): string => `${op}(): Expected reduction dim to be specified for input.numel() == 0.`
const unspecified = (op: string): ShapeError =>
  new ShapeError(`${noDim(op)} Specify the reduction dim with the 'dim' argument.`)
const emptyDim = (op: string, d: number): IndexError =>
  new IndexError(`${op}: Expected reduction dim ${d} to have non-zero size.`)

/** Nothing has no extreme. @param dims as they were given, which is how PyTorch names them; null: all */
export function checkElements(op: string, x: Tensor, dims: readonly number[] | null): void {
  if (x.count > 0) return
  if (dims === null) throw unspecified(op)
  for (const d of dims) if (x.sizes[wrapDim(d, x.sizes.length)] === 0) throw emptyDim(`${op}()`, d)
}
/** @returns the dim */
export function checkExtremeDim(op: string, sizes: Shape, dim: number): number {
  const d = wrapDim(dim, sizes.length)
  if (sizes[d] === 0) throw emptyDim(`${op}()`, d)
  return d
}
export function checkAminmax(x: Tensor, dim: number | undefined): void {
  if (x.count > 0) return
  if (dim === undefined)
    throw new ShapeError('aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.')
  const d = wrapDim(dim, x.sizes.length)
  if (x.sizes[d] === 0) throw emptyDim('aminmax', d)
}
/** @param all whether no dim was given */
export function checkArgExtreme(op: string, x: Tensor, dims: readonly number[], all: boolean): void {
  if (x.count === 0 && all) throw new IndexError(noDim(op))
  for (const d of dims) if (x.sizes[d] === 0) throw emptyDim(`${op}()`, d)
  if (x.dtype === 'bool') throw new DTypeError(`${op}(): does not support bool input`)
}
/** @returns the dim; of nothing it is not looked at */
export function checkCumulativeExtreme(op: string, x: Tensor, dim: number): number {
  if (x.sizes.length === 0 && dim !== 0 && dim !== -1)
    throw new IndexError(`${op}(): Expected reduction dim -1 or 0 for scalar but got ${dim}`, { dim })
  return x.count === 0 ? 0 : wrapDim(dim, x.sizes.length)
}

// ---- means, norms and deviations ----------------------------------------------------------------------------------

/** @param dtype what was asked for */
export function checkMean(info: DTypeInfo, dtype: DType | undefined): void {
  if (info.category !== Category.Float)
    throw new DTypeError(
      `mean(): could not infer output dtype. ${dtype ? 'Optional' : 'Input'} dtype must be either a floating point or complex dtype. Got: ${info.scalarType}`,
      { dtype: info.name },
    )
}
export function checkNanmean(info: DTypeInfo): void {
  if (info.category !== Category.Float)
    throw new DTypeError(
      `nanmean(): expected input to have floating point or complex dtype but got ${info.scalarType}`,
      { dtype: info.name },
    )
}
export function checkSpread(called: string, info: DTypeInfo): void {
  if (info.category !== Category.Float)
    throw new DTypeError(`${called} only support floating point and complex dtypes`, { dtype: info.name })
}
/** @returns the order as a number */
export function checkOrder(p: number | string, info: DTypeInfo): number {
  if (p === 'fro') return 2
  if (p === 'nuc') {
    checkFloating('linalg.matrix_norm', info)
    throw new NotImplementedError('norm(): the nuclear norm needs singular values, which are not there yet')
  }
  if (typeof p === 'string') throw new ValueError(`linalg.matrix_norm: Order ${p} not supported.`)
  if (!isScalar(p) && !isTensor(p))
    throw new ArgumentError(`norm(): argument 'p' must be Number or str, not ${describe(p)}`, { argument: 'p' })
  return Number(p)
}
/** A norm without a value of nothing is not asked of it. */
export function checkIdentity(order: number, sizes: Shape, dims: readonly number[]): void {
  if ((order < 0 || order === Infinity) && dims.some((d) => sizes[d] === 0))
    throw new ShapeError(
      `linalg.vector_norm cannot compute the ${order} norm on an empty tensor because the operation does not have an identity`,
    )
}
export function checkDist(info: DTypeInfo): void {
  if (info.category !== Category.Float)
    throw new DTypeError(
      `norm(): input dtype should be either floating point or complex. Got ${info.scalarType} instead.`,
    )
}

// ---- sizes --------------------------------------------------------------------------------------------------------

/** @returns how many dims are missing in front */
export function checkSumSize(own: Shape, sizes: Shape): number {
  const missing = own.length - sizes.length
  if (missing < 0 || sizes.some((s, i) => s !== own[i + missing] && s !== 1))
    throw new ShapeError(`size {${showShape(sizes)}} is not expandable to size {${showShape(own)}}.`)
  return missing
}
/** @param parts the input among what is joined to it @returns the dim; nothing to take differences of is not looked at */
export function checkDiff(x: Tensor, n: number, dim: number, parts: readonly Tensor[]): number {
  if (x.sizes.length === 0) throw new ShapeError('diff expects input to be at least one-dimensional')
  if (n < 0) throw new ValueError(`order must be non-negative but got ${n}`)
  const d = n === 0 && parts.length === 1 ? 0 : wrapDim(dim, x.sizes.length)
  for (const p of parts) {
    if (p.sizes.length !== x.sizes.length)
      throw new ShapeError('diff expects prepend or append to be the same dimension as input')
    const at = p.sizes.findIndex((s, i) => i !== d && s !== x.sizes[i])
    if (at >= 0)
      throw new ShapeError(
        `diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size(${at}) = ${x.sizes[at]}, but got tensor.size(${at}) = ${p.sizes[at]}`,
        { input: [...x.sizes], other: [...p.sizes] },
      )
  }
  return d
}
