/** Softmax and its logarithm. */
import { attach, type Rule, tracks } from '../autograd/node'
import { run } from '../runtime/commands'
import * as encode from '../runtime/encoders'
import { Category, type DType, DTYPES } from '../runtime/dtype'
import { OP } from '../runtime/opcodes'
import { countOf, wrapDim } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import {
  castRaw,
  contiguousRaw,
  emptyOf,
  expectDType,
  expectInt,
  expectTensor,
  notImplemented,
  optionsOf,
} from './core'

/** Options of `softmax` and `logSoftmax`. */
export interface SoftmaxOptions {
  /** Cast the input to this dtype first. */
  dtype?: DType
}

const around = (sizes: readonly number[], d: number) => ({
  outer: countOf(sizes.slice(0, d)),
  dim: sizes[d] ?? 1,
  inner: countOf(sizes.slice(d + 1)),
})

function forwardRaw(op: typeof OP.softmax | typeof OP.log_softmax, x: Tensor, d: number): Tensor {
  const c = contiguousRaw(x)
  const out = emptyOf(x.sizes, x.info)
  if (x.count > 0) {
    encode.softmax(op, x.info, { y: out, x: c, ...around(x.sizes, d) })
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
    encode.softmaxBackward(op, y.info, { dx: out, dy: a, y: b, ...around(y.sizes, d) })
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
/** The dim that `nn.functional` takes where none is named, as old PyTorch did. */
const usualDim = (x: Tensor): number => (x.sizes.length === 0 || x.sizes.length === 1 || x.sizes.length === 3 ? 0 : 1)
function along(
  name: 'softmax' | 'logSoftmax',
  x: Tensor,
  first: SoftmaxDim | undefined,
  options: DType | SoftmaxOptions | undefined,
): Tensor {
  expectTensor(name, 'input', x)
  const named = typeof first === 'object' && first !== null
  const dim = (named ? first.dim : first) ?? usualDim(x)
  expectInt(name, 'dim', dim)
  const { dtype } = optionsOf<SoftmaxOptions & { dim?: number | null }>(name, ['dtype', 'dim'], named ? first : options)
  if (dtype !== undefined) expectDType(name, dtype)
  const v = dtype && dtype !== x.dtype ? x.to(dtype) : x
  wrapDim(dim, x.sizes.length)
  if (v.info.category !== Category.Float)
    throw notImplemented(name === 'softmax' ? 'softmax_lastdim_kernel_impl' : 'log_softmax_lastdim_kernel_impl', v.info)
  const d = wrapDim(dim, v.sizes.length)
  const op = name === 'softmax' ? OP.softmax : OP.log_softmax
  const compute = DTYPES[v.info.compute]
  const y = compute === v.info ? forwardRaw(op, v, d) : castRaw(forwardRaw(op, castRaw(v, compute), d), v.info)
  if (tracks(v)) {
    const rule: Rule = name === 'softmax' ? softmaxRule : logSoftmaxRule
    const n = attach(y, name === 'softmax' ? 'SoftmaxBackward0' : 'LogSoftmaxBackward0', rule, [v])
    n.save(y)
    n.meta = d
  }
  return y
}
const softmaxRule: Rule = (n, g) => softmaxBackward(g, n.tensor(0), n.meta as number)
const logSoftmaxRule: Rule = (n, g) => logSoftmaxBackward(g, n.tensor(0), n.meta as number)

/** eˣ / Σ eˣ along a dim. */
export function softmax(x: Tensor, dim?: SoftmaxDim, options?: DType | SoftmaxOptions): Tensor {
  return along('softmax', x, dim, options)
}
/** The logarithm of the softmax along a dim, without overflow. */
export function logSoftmax(x: Tensor, dim?: SoftmaxDim, options?: DType | SoftmaxOptions): Tensor {
  return along('logSoftmax', x, dim, options)
}
/** Softmax of the negated values. */
export const softmin = (x: Tensor, dim?: SoftmaxDim, options?: DType | SoftmaxOptions): Tensor => {
  expectTensor('softmin', 'input', x)
  return softmax(x.neg(), dim, options)
}
