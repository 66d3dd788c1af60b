/** Softmax and its logarithm. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category, type DType, DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { expectDType, expectInt } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { notImplemented } from '../../check/words'
import { castRaw, contiguousRaw, emptyOf } from '../define/results'
import { define } from '../define/define'
import { dtype, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { linesOf } from './reduction'

/** Options of `softmax`, `logSoftmax` and `softmin`. */
export interface SoftmaxOptions {
  /** Cast the input to this dtype first. */
  dtype?: DType
}

type SoftmaxOp = typeof OP.softmax | typeof OP.masked_softmax | typeof OP.log_softmax
function forwardRaw(op: SoftmaxOp, x: Tensor, d: number): Tensor {
  const c = contiguousRaw(x)
  const out = emptyOf(x.sizes, x.info)
  if (x.count > 0) {
    encode.softmax(op, x.info, { y: out, x: c, ...linesOf(x.sizes, d) })
    run()
  }
  return out
}
function backwardRaw(
  op: typeof OP.softmax_backward | typeof OP.log_softmax_backward,
  g: Tensor,
  y: Tensor,
  d: number,
): Tensor {
  const [a, b] = [contiguousRaw(g), contiguousRaw(y)]
  const out = emptyOf(y.sizes, y.info)
  if (y.count > 0) {
    encode.softmaxBackward(op, y.info, { dx: out, dy: a, y: b, ...linesOf(y.sizes, d) })
    run()
  }
  return out
}

const softmaxBackward = (g: Tensor, y: Tensor, d: number): Tensor => {
  if (tracks(g, y)) return g.mul(y).sub(y.mul(g.mul(y).sum(d, { keepdim: true })))
  return y.info.compute === y.info.name
    ? backwardRaw(OP.softmax_backward, g, y, d)
    : castRaw(backwardRaw(OP.softmax_backward, castRaw(g, DTYPES.float32), castRaw(y, DTYPES.float32), d), y.info)
}
const logSoftmaxBackward = (g: Tensor, y: Tensor, d: number): Tensor => {
  if (tracks(g, y)) return g.sub(y.exp().mul(g.sum(d, { keepdim: true })))
  return y.info.compute === y.info.name
    ? backwardRaw(OP.log_softmax_backward, g, y, d)
    : castRaw(backwardRaw(OP.log_softmax_backward, castRaw(g, DTYPES.float32), castRaw(y, DTYPES.float32), d), y.info)
}

/** The dim, positionally or by name. */
export type SoftmaxDim = number | null | (SoftmaxOptions & { dim?: number | null })
type Softmax = Op<(x: Tensor, dim?: SoftmaxDim, options?: DType | SoftmaxOptions) => Tensor>
// PyTorch requires the dim here; that it may be missing, or stand among the options, is read by the operation.
const params = [tensor('input'), own<SoftmaxDim | undefined>('int')('dim'), dtype('dtype').optional()] as const

/** The dim that `nn.functional` takes where none is named, as old PyTorch did. */
const usualDim = (x: Tensor): number => (x.sizes.length === 0 || x.sizes.length === 1 || x.sizes.length === 3 ? 0 : 1)
/** The input in the dtype that was asked for, and the dim. */
function read(name: string, x: Tensor, first: SoftmaxDim | undefined, given: DType | undefined): [Tensor, number] {
  let dim: number | null | undefined
  let to: DType | null | undefined = given
  if (typeof first === 'object' && first !== null) {
    const o = optionsOf<SoftmaxOptions & { dim?: number | null }>(name, ['dtype', 'dim'], first)
    dim = o.dim
    to = o.dtype
    if (to !== undefined) expectDType(name, to)
  } else dim = first
  dim ??= usualDim(x)
  expectInt(name, 'dim', dim)
  return [to === undefined || to === x.dtype ? x : x.to(to), wrapDim(dim, x.sizes.length)]
}
function along(
  f: Softmax,
  op: SoftmaxOp,
  kernel: string,
  rule: Rule,
  x: Tensor,
  first: SoftmaxDim | undefined,
  dtype: DType | undefined,
): Tensor {
  const [v, d] = read(f.op.name, x, first, dtype)
  if (v.info.category !== Category.Float) throw notImplemented(kernel, v.info)
  const compute = DTYPES[v.info.compute]
  const y = compute === v.info ? forwardRaw(op, v, d) : castRaw(forwardRaw(op, castRaw(v, compute), d), v.info)
  if (tracks(v)) {
    const n = attach(y, f.op.node, rule, [v])
    n.save(y)
    n.meta = d
  }
  return y
}
const softmaxRule: Rule = (n, g) => softmaxBackward(g, n.tensor(0), n.meta as number)
const logSoftmaxRule: Rule = (n, g) => logSoftmaxBackward(g, n.tensor(0), n.meta as number)

/**
 * eˣ / Σ eˣ along a dim.
 * @param x floating, or of any dtype with `dtype`
 * @param dim default 0 for 0, 1 and 3 dims, else 1
 */
export const softmax: Softmax = define('softmax', {
  params,
  node: 'SoftmaxBackward0',
  run: (x, dim, { dtype }) => along(softmax, OP.softmax, 'softmax_lastdim_kernel_impl', softmaxRule, x, dim, dtype),
})
/** As `softmax`, where a line of nothing but -∞ gives zeros. @internal */
export const maskedSoftmax = (x: Tensor, dim: number): Tensor =>
  along(softmax, OP.masked_softmax, 'softmax_lastdim_kernel_impl', softmaxRule, x, dim, undefined)
/**
 * The logarithm of the softmax along a dim, without overflow.
 * @param x floating, or of any dtype with `dtype`
 * @param dim default 0 for 0, 1 and 3 dims, else 1
 */
export const logSoftmax: Softmax = define('logSoftmax', {
  params,
  node: 'LogSoftmaxBackward0',
  run: (x, dim, { dtype }) =>
    along(logSoftmax, OP.log_softmax, 'log_softmax_lastdim_kernel_impl', logSoftmaxRule, x, dim, dtype),
})
/**
 * Softmax of the negated values.
 * @param x floating, or of any dtype but bool with `dtype`
 * @param dim default 0 for 0, 1 and 3 dims, else 1
 */
export const softmin: Softmax = define('softmin', {
  params,
  node: 'SoftmaxBackward0',
  run(x, dim, { dtype }) {
    const [v, d] = read('softmin', x.neg(), dim, dtype)
    return softmax(v, d)
  },
})
