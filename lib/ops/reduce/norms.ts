/** Norms and the logarithm of sums of exponentials. */
import { type Rule, attach, tracks } from '../../autograd/node'
import { DTypeError, NotImplementedError, ShapeError, ValueError } from '../../errors'
import { Category, DTYPES, type DType } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { named } from '../define/named'
import { dtype, float, intOrInts, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { finish, prepared } from '../define/results'
import { type Reduction, back, dims, dimsOf, keepdim, reduceRaw } from './reduction'

/** Options of `norm`. */
export interface NormOptions {
  /** The order: a number, Infinity, -Infinity or `fro` (2, the default). */
  p?: number | 'fro'
  /** The dims of the vectors; default all. */
  dim?: number | readonly number[] | null
  /** Keep reduced dims with size 1. Default false. */
  keepdim?: boolean
  /** Cast the input to this dtype first. */
  dtype?: DType
}
/**
 * The p-norm of all elements, or of the vectors along `dim`.
 * @param x floating, or `dtype` is
 * @throws ShapeError for a norm without a value of nothing, as that of order Infinity
 */
export const norm: Op<(x: Tensor, p?: number | 'fro' | NormOptions, options?: NormOptions) => Tensor> = define('norm', {
  params: [
    tensor('input'),
    own<number | 'fro'>('float or str')('p').default('fro'),
    dims,
    keepdim,
    dtype('dtype').optional(),
  ],
  node: 'LinalgVectorNormBackward0',
  run(x, { p, dim, keepdim, dtype }) {
    if ((p as unknown) === 'nuc') {
      if (x.info.category !== Category.Float)
        throw new DTypeError(
          `linalg.matrix_norm: Expected a floating point or complex tensor as input. Got ${x.info.scalarType}`,
        )
      throw new NotImplementedError('norm(): the nuclear norm needs singular values, which are not there yet')
    }
    if (typeof p === 'string' && p !== 'fro')
      throw new ValueError(`linalg.matrix_norm: Order ${String(p)} not supported.`)
    const order = p === 'fro' ? 2 : Number(p)
    const info = dtype ? DTYPES[dtype] : x.info
    if (info.category !== Category.Float)
      throw new DTypeError(
        `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${info.scalarType}`,
        { dtype: x.dtype },
      )
    const dims = dimsOf('norm', dim, x.sizes.length)
    if ((order < 0 || order === Infinity) && dims.some((d) => x.sizes[d] === 0))
      throw new ShapeError(
        `linalg.vector_norm cannot compute the ${order} norm on an empty tensor because the operation does not have an identity`,
      )
    const y = finish(
      reduceRaw(OP.norm, prepared('norm_cpu', OP.norm, x, info), dims, keepdim, DTYPES[info.compute], order)[0],
      info,
    )
    if (tracks(x)) {
      const n = attach(y, norm.op.node, normRule, [x])
      n.meta = { sizes: x.sizes, dims, keepdim, order }
      n.save(x, y)
    }
    return y
  },
})
const normRule: Rule = (n, g) => {
  const m = n.meta as Reduction & { order: number }
  const x = n.tensor(0)
  const y = back(n.tensor(1), m)
  const h = back(g, m)
  const p = m.order
  if (p === 0) return null
  if (p === 1) return x.sign().mul(h)
  if (p === 2) return h.mul(x.div(y).maskedFill(y.eq(0), 0))
  if (!Number.isFinite(p)) {
    const size = x.abs()
    const hit = size.eq(y).logicalOr(size.isnan())
    const count = hit.sum(m.dims.length > 0 ? m.dims : null, { keepdim: m.dims.length > 0 && m.sizes.length > 0 })
    return x.sign().mul(h.div(count).mul(hit))
  }
  const a = x.abs()
  if (p < 1)
    return x
      .sign()
      .mul(a.pow(p - 1).maskedFill(x.eq(0), 0))
      .mul(h)
      .mul(y.pow(1 - p))
  const scale = h.div(y.pow(p - 1)).maskedFill(y.eq(0), 0)
  if (p < 2)
    return x
      .sign()
      .mul(a.pow(p - 1))
      .mul(scale)
  return x.mul(a.pow(p - 2)).mul(scale)
}
/** The p-norm of the difference. @param y broadcasts with `x` */
export const dist: Op<(x: Tensor, y: Tensor, p?: number | { p?: number }) => Tensor> = define('dist', {
  params: [tensor('input'), tensor('other'), float('p').default(2)],
  node: 'DistBackward0',
  run(x, y, { p }) {
    const difference = x.sub(y)
    if (difference.info.category !== Category.Float)
      throw new DTypeError(
        `norm(): input dtype should be either floating point or complex. Got ${difference.info.scalarType} instead.`,
      )
    return named(norm(difference, { p }), dist.op.node)
  },
})
/** log Σ eˣ over `dim`, without overflow; of integers float32. */
export const logsumexp: Op<(x: Tensor, dim: number | readonly number[], options?: { keepdim?: boolean }) => Tensor> =
  define('logsumexp', {
    params: [tensor('input'), intOrInts('dim'), keepdim],
    node: 'LogsumexpBackward0',
    run(x, dim, { keepdim }) {
      const dims = dimsOf('logsumexp', dim, x.sizes.length)
      const info = x.info.category === Category.Float ? x.info : DTYPES.float32
      const y = finish(
        reduceRaw(
          OP.logsumexp,
          prepared('logsumexp_cpu', OP.logsumexp, x, info),
          dims,
          keepdim,
          DTYPES[info.compute],
        )[0],
        info,
      )
      if (tracks(x)) {
        const n = attach(y, logsumexp.op.node, logsumexpRule, [x])
        n.meta = { sizes: x.sizes, dims, keepdim }
        n.save(x, y)
      }
      return y
    },
  })
const logsumexpRule: Rule = (n, g) => {
  const m = n.meta as Reduction
  const y = back(n.tensor(1), m)
  return back(g, m).mul(n.tensor(0).sub(y).exp())
}
