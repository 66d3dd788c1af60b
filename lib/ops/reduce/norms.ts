/** Norms and the logarithm of sums of exponentials. */
import { type Rule, attach, tracks } from '../../autograd/node'
import { checkFloating } from '../../check/dtypes'
import { Category, DTYPES, type DType } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { withNodeName } from '../define/node-name'
import { dtype, float, intOrInts, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { checkDist, checkIdentity, checkOrder } from './checks'
import { type Reduction, back, dims, dimsOf, keepdim, reduced } from './reduction'

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
    const order = checkOrder(p, x.info)
    const info = dtype ? DTYPES[dtype] : x.info
    checkFloating('linalg.vector_norm', info, x.info)
    const dims = dimsOf('norm', dim, x.sizes.length)
    checkIdentity(order, x.sizes, dims)
    const y = reduced(OP.norm, 'norm_cpu', x, info, dims, keepdim, order)
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
    checkDist(difference.info)
    return withNodeName(norm(difference, { p }), dist.op.node)
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
      const y = reduced(OP.logsumexp, 'logsumexp_cpu', x, info, dims, keepdim)
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
