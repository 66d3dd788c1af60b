/** `torch.linalg`, as far as it is there: made of matmul, views and reductions. */
import { ArgumentError } from '../../errors'
import type { DType } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { eye } from '../tensor/create'
import { aliasOf, define } from '../define/define'
import { bool, dtype, int, intOrInts, own, tensor, tensors } from '../define/params'
import type { Op } from '../define/registry'
import { inCheapestOrder } from './chain'
import { checkChain, checkCross, checkMatrixDims, checkNormDims, checkOrder, checkPower, checkVecdot } from './checks'
import { dot, matmul as product } from './matmul'
import { withNodeName } from '../define/node-name'
import { norm as pNorm } from '../reduce/norms'
import { expand, unsqueeze } from '../tensor/views'

/** Options of the norms in `linalg`. */
export interface LinalgNormOptions {
  /** Which norm. Default 2, of matrices 'fro'. */
  ord?: number | string | null
  /** Default all, of `matrixNorm` the last two. */
  dim?: number | readonly number[] | null
  /** Default false. */
  keepdim?: boolean
  /** Cast the input to this dtype first. */
  dtype?: DType
}
type Order = number | string | null
type Norm = Op<(x: Tensor, ord?: Order | LinalgNormOptions, options?: LinalgNormOptions) => Tensor>
const order = own<Order>('Number or str')('ord').optional()
const dims = intOrInts('dim')
const defined = <T extends object>(o: T): T =>
  Object.fromEntries(Object.entries(o).filter(([, v]) => v !== undefined && v !== null)) as T

/** The norm Σ(|x|ᵒʳᵈ)^(1/ord) of all elements, or along dims; Infinity, -Infinity and 0 are limits of it. */
export const vectorNorm: Norm = define('vectorNorm', {
  namespace: 'linalg',
  params: [tensor('input'), order, dims.optional(), bool('keepdim').optional(), dtype('dtype').optional()],
  run(x, { ord = 2, ...o }) {
    if (typeof ord === 'string') throw new ArgumentError(`linalg.vector_norm(): argument 'ord' must be Number, not str`)
    return pNorm(x, { p: ord ?? 2, ...defined(o) })
  },
})
/**
 * The norm of matrices: 'fro' (default), or sums of absolute values by columns (1, -1) or rows (Infinity, -Infinity).
 * @throws NotImplementedError for 'nuc', 2 and -2, which need singular values
 */
export const matrixNorm: Norm = define('matrixNorm', {
  namespace: 'linalg',
  params: [tensor('input'), order, dims.default([-2, -1]), bool('keepdim').default(false), dtype('dtype').optional()],
  node: ['AmaxBackward0', 'AminBackward0'],
  run(x, { ord = 'fro', dim, keepdim, dtype }) {
    const a = dtype ? x.to(dtype) : x
    const [r, c] = checkMatrixDims(a, dim)
    if (ord === 'fro') return pNorm(a, { p: 2, dim: [r, c], keepdim })
    const order = checkOrder(ord)
    const [along, over] = Math.abs(order) === 1 ? [r, c] : [c, r]
    const sums = a.abs().sum(along, { keepdim: true })
    const none = sums.sizes[over] === 0 && order > 0
    const found = none
      ? sums.sum(over, { keepdim: true })
      : order > 0
        ? sums.amax(over, { keepdim: true })
        : sums.amin(over, { keepdim: true })
    return withNodeName(keepdim ? found : found.squeeze([r, c]), matrixNorm.op.nodes[order > 0 ? 0 : 1] as string)
  },
})
/** The norm of vectors or, with `ord` and two dims, of matrices; without `ord`, the 2-norm of all elements. */
export const norm: Norm = define('norm', {
  namespace: 'linalg',
  params: [tensor('input'), order, dims.optional(), bool('keepdim').optional(), dtype('dtype').optional()],
  run(x, { ord = null, dim = null, ...o }) {
    const dims = dim === null ? null : typeof dim === 'number' ? [dim] : dim
    checkNormDims(x.sizes, ord, dims)
    const matrix = ord !== null && (dims ? dims.length === 2 : x.sizes.length === 2)
    if (matrix) return matrixNorm(x, defined({ ord, dim: dims ?? [0, 1], ...o }))
    return vectorNorm(x, defined({ ord: ord ?? 2, ...(dims ? { dim: dims } : {}), ...o }))
  },
})
/** Products summed along a dim (default the last); the other dims broadcast. @throws DTypeError for two dtypes */
export const vecdot: Op<(x: Tensor, y: Tensor, options?: { dim?: number }) => Tensor> = define('vecdot', {
  namespace: 'linalg',
  params: [tensor('x'), tensor('y'), int('dim').default(-1)],
  node: 'VdotBackward0',
  run(x, y, { dim }) {
    checkVecdot(x.info, y.info)
    // Two vectors are a plain inner product, which does not broadcast.
    const dots = x.sizes.length === 1 && y.sizes.length === 1 ? dot(x, y) : x.mul(y).sum(dim)
    return dots.sizes.length === 0 ? withNodeName(dots, vecdot.op.node) : dots
  },
})
/** The product of n square matrices, each the same. @param n 0 or more @throws ShapeError for matrices that are not square */
export const matrixPower: Op<(x: Tensor, n: number) => Tensor> = define('matrixPower', {
  namespace: 'linalg',
  params: [tensor('input'), int('n')],
  run(x, n) {
    const rows = checkPower(x.sizes, n)
    if (n === 0) return x.clone({ memoryFormat: 'contiguous_format' }).copy_(eye(rows, { dtype: x.dtype }))
    let result: Tensor | null = null
    let square = x
    for (let k = n; ; k = Math.floor(k / 2)) {
      if (k % 2 === 1) result = result === null ? square : product(result, square)
      if (k <= 1) return result as Tensor
      square = product(square, square)
    }
  },
})
/** The product of matrices in the order that costs least; the first and the last may be vectors. */
export const multiDot: Op<(tensors: readonly Tensor[]) => Tensor> = define('multiDot', {
  namespace: 'linalg',
  params: [tensors('tensors')],
  node: 'ViewBackward0',
  run: cheapest,
})
function cheapest(tensors: readonly Tensor[]): Tensor {
  checkChain(tensors)
  // A vector in front is a row, one at the end a column.
  const matrices = tensors.map((t, i) => (t.sizes.length === 2 ? t : unsqueeze(t, i === 0 ? 0 : 1)))
  const [rowGiven, columnGiven] = [tensors[0], tensors[tensors.length - 1]].map((t) => t?.sizes.length === 1)
  let out = inCheapestOrder(matrices, product)
  if (columnGiven) out = out.squeeze(1)
  if (rowGiven) out = out.squeeze(0)
  return withNodeName(out, multiDot.op.node)
}

/** The cross product along a dim of size 3 (default the last). @throws ShapeError for another size; DTypeError for two dtypes */
export const cross: Op<(x: Tensor, other: Tensor, dim?: number | { dim?: number }) => Tensor> = define('cross', {
  namespace: 'linalg',
  params: [tensor('input'), tensor('other'), int('dim').default(-1)],
  node: 'LinalgCrossBackward0',
  run(x, other, { dim }) {
    const [d, shape] = checkCross(x, other, dim)
    const [a, b] = [expand(x, shape), expand(other, shape)]
    const crossed = a
      .roll(-1, d)
      .mul(b.roll(-2, d))
      .sub(a.roll(-2, d).mul(b.roll(-1, d)))
    return withNodeName(crossed, cross.op.node)
  },
})
/** The product of matrices, vectors, or batches of matrices. */
export const matmul = aliasOf(product, 'matmul', { namespace: 'linalg' })
/** Options of `linalg.diagonal`. */
export interface LinalgDiagonalOptions {
  /** Which diagonal: above the main one where positive. Default 0. */
  offset?: number
  /** Default -2. */
  dim1?: number
  /** Default -1. */
  dim2?: number
}
/** A view of the diagonals of matrices. */
export const diagonal: Op<(x: Tensor, options?: LinalgDiagonalOptions) => Tensor> = define('diagonal', {
  namespace: 'linalg',
  params: [tensor('A'), int('offset').default(0), int('dim1').default(-2), int('dim2').default(-1)],
  run: (x, options) => x.diagonal(options),
})
