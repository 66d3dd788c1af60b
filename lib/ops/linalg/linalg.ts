/** `torch.linalg`, as far as it is there: made of matmul, views and reductions. */
import { ArgumentError, DTypeError, NotImplementedError, ShapeError } from '../../errors'
import { Category, type DType } from '../../runtime/dtype'
import { broadcastShapes, wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { eye } from '../tensor/create'
import { aliasOf, define } from '../define/define'
import { bool, dtype, int, own, tensor, tensors } from '../define/params'
import type { Op } from '../define/registry'
import { dot, matmul as product } from './matmul'
import { named } from '../define/named'
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
const dims = own<number | readonly number[] | null>('int or int[]')('dim')
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
    if (a.info.category !== Category.Float)
      throw new DTypeError(
        `linalg.matrix_norm: Expected a floating point or complex tensor as input. Got ${a.info.scalarType}`,
      )
    if (a.sizes.length < 2)
      throw new ShapeError(`linalg.matrix_norm: The input tensor A must have at least 2 dimensions.`)
    if (!Array.isArray(dim) || dim.length !== 2)
      throw new ShapeError(`linalg.matrix_norm: dim must be a 2-tuple. Got ${[dim].flat().join(' ')}`)
    const [r, c] = dim.map((d) => wrapDim(d, a.sizes.length)) as [number, number]
    if (r === c) throw new ShapeError(`linalg.matrix_norm: dims must be different. Got (${r}, ${c})`)
    if (ord === 'fro') return pNorm(a, { p: 2, dim: [r, c], keepdim })
    if (ord === 1 || ord === -1 || ord === Infinity || ord === -Infinity) {
      const [along, over] = Math.abs(ord as number) === 1 ? [r, c] : [c, r]
      const sums = a.abs().sum(along, { keepdim: true })
      const none = sums.sizes[over] === 0 && (ord as number) > 0
      const found = none
        ? sums.sum(over, { keepdim: true })
        : (ord as number) > 0
          ? sums.amax(over, { keepdim: true })
          : sums.amin(over, { keepdim: true })
      return named(keepdim ? found : found.squeeze([r, c]), matrixNorm.op.nodes[(ord as number) > 0 ? 0 : 1] as string)
    }
    if (ord === 'nuc' || ord === 2 || ord === -2)
      throw new NotImplementedError(
        `linalg.matrixNorm(): the norm ${String(ord)} needs singular values, which are not there yet`,
      )
    throw new ArgumentError(`linalg.matrix_norm: Order ${String(ord)} not supported.`)
  },
})
/** The norm of vectors or, with `ord` and two dims, of matrices; without `ord`, the 2-norm of all elements. */
export const norm: Norm = define('norm', {
  namespace: 'linalg',
  params: [tensor('input'), order, dims.optional(), bool('keepdim').optional(), dtype('dtype').optional()],
  run(x, { ord = null, dim = null, ...o }) {
    const dims = dim === null ? null : typeof dim === 'number' ? [dim] : dim
    if (dims && dims.length !== 1 && dims.length !== 2)
      throw new ShapeError(`linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${dims.join(', ')}]`)
    if (ord !== null && dims === null && x.sizes.length !== 1 && x.sizes.length !== 2)
      throw new ShapeError(
        `linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${x.sizes.length}D.`,
      )
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
    if (x.info.category !== Category.Float)
      throw new DTypeError(
        `linalg.vecdot: Expected a floating point or complex tensor as input. Got ${x.info.scalarType}`,
        { x: x.dtype },
      )
    if (x.info !== y.info)
      throw new DTypeError(
        `linalg.vecdot: Expected x and y to have the same dtype, but found x of type ${x.info.scalarType} and y of type ${y.info.scalarType} instead`,
        { x: x.dtype, y: y.dtype },
      )
    // Two vectors are a plain inner product, which does not broadcast.
    const dots = x.sizes.length === 1 && y.sizes.length === 1 ? dot(x, y) : x.mul(y).sum(dim)
    return dots.sizes.length === 0 ? named(dots, vecdot.op.node) : dots
  },
})
/** The product of n square matrices, each the same. @param n 0 or more @throws ShapeError for matrices that are not square */
export const matrixPower: Op<(x: Tensor, n: number) => Tensor> = define('matrixPower', {
  namespace: 'linalg',
  params: [tensor('input'), int('n')],
  run(x, n) {
    const [rows, columns] = x.sizes.slice(-2)
    if (x.sizes.length < 2)
      throw new ShapeError('linalg.matrix_power: The input tensor A must have at least 2 dimensions.')
    if (rows !== columns)
      throw new ShapeError(
        `linalg.matrix_power: A must be batches of square matrices, but they are ${rows} by ${columns} matrices`,
      )
    if (n < 0)
      throw new NotImplementedError('linalg.matrixPower(): negative powers need an inverse, which is not there yet')
    if (n === 0) return x.clone({ memoryFormat: 'contiguous' }).copy_(eye(rows as number, { dtype: x.dtype }))
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
  const n = tensors.length
  if (n < 2) throw new ShapeError(`multi_dot(): expected at least 2 tensors but got ${n}`)
  const first = tensors[0] as Tensor
  const last = tensors[n - 1] as Tensor
  const odd = tensors.findIndex((t) => t.info !== first.info)
  const chain = tensors.map((t, i) => {
    const ends = i === 0 || i === n - 1
    if (t.sizes.length !== 2 && !(ends && t.sizes.length === 1))
      throw new ShapeError(
        `multi_dot(): ${ends ? `the ${i === 0 ? 'first' : 'last'} tensor must be 1D or 2D` : `tensor ${i} must be 2D`} but got ${t.sizes.length}D`,
      )
    return t.sizes.length === 2 ? t : unsqueeze(t, i === 0 ? 0 : 1)
  })
  if (odd > 0)
    throw new DTypeError(
      `multi_dot(): all tensors must have be the same dtype but tensor 0 is ${first.info.cppName} and tensor ${odd} ${(tensors[odd] as Tensor).info.cppName}`,
      { dtypes: tensors.map((t) => t.dtype) },
    )
  chain.slice(1).forEach((t, i) => {
    if ((chain[i] as Tensor).sizes[1] === t.sizes[0]) return
    const shown = (k: number): string => `[${(tensors[k] as Tensor).sizes.join(', ')}]`
    throw new ShapeError(
      `multi_dot(): tensors ${i} and ${i + 1} with shapes ${shown(i)} and ${shown(i + 1)} cannot be multiplied`,
    )
  })
  const edge = [(chain[0] as Tensor).sizes[0], ...chain.map((t) => t.sizes[1])]
  const cost = chain.map(() => new Array<number>(n).fill(0))
  const cut = chain.map(() => new Array<number>(n).fill(0))
  for (let length = 2; length <= n; length++)
    for (let i = 0, j = length - 1; j < n; i++, j++) {
      ;(cost[i] as number[])[j] = Infinity
      for (let k = i; k < j; k++) {
        const c =
          ((cost[i] as number[])[k] as number) +
          ((cost[k + 1] as number[])[j] as number) +
          edge[i] * edge[k + 1] * edge[j + 1]
        if (c < ((cost[i] as number[])[j] as number)) {
          ;(cost[i] as number[])[j] = c
          ;(cut[i] as number[])[j] = k
        }
      }
    }
  const multiply = (i: number, j: number): Tensor => {
    if (i === j) return chain[i] as Tensor
    const k = (cut[i] as number[])[j] as number
    return product(multiply(i, k), multiply(k + 1, j))
  }
  let out = multiply(0, n - 1)
  if (last.sizes.length === 1) out = out.squeeze(1)
  if (first.sizes.length === 1) out = out.squeeze(0)
  return named(out, multiDot.op.node)
}

/** The cross product along a dim of size 3 (default the last). @throws ShapeError for another size; DTypeError for two dtypes */
export const cross: Op<(x: Tensor, other: Tensor, dim?: number | { dim?: number }) => Tensor> = define('cross', {
  namespace: 'linalg',
  params: [tensor('input'), tensor('other'), int('dim').default(-1)],
  node: 'LinalgCrossBackward0',
  run(x, other, { dim }) {
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
    if (x.info !== other.info)
      throw new DTypeError(`expected scalar type ${x.info.scalarType} but found ${other.info.scalarType}`, {
        input: x.dtype,
        other: other.dtype,
      })
    const [a, b] = [expand(x, shape), expand(other, shape)]
    const crossed = a
      .roll(-1, d)
      .mul(b.roll(-2, d))
      .sub(a.roll(-2, d).mul(b.roll(-1, d)))
    return named(crossed, cross.op.node)
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
