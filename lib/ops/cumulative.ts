/** Running results along one dim, and differences of neighbours. */
import { attach, type Rule, tracks } from '../autograd/node'
import { IndexError, ShapeError, ValueError } from '../errors'
import { command, run } from '../runtime/commands'
import { Category, type DType, DTYPES } from '../runtime/dtype'
import { OP, type OpCode } from '../runtime/opcodes'
import { wrapDim } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import { emptyOf, expectInt, expectTensor, finish, notImplemented, optionsOf, ordered, prepared, sumInfo } from './core'
import { inPlaceOf } from './define'
import { cat } from './joining'
import type { ValuesIndices } from './reduce'
import { where } from './ternary'
import { named } from './named'

function cumulativeRaw(op: OpCode, x: Tensor, dim: number, second: boolean): [Tensor, Tensor | null] {
  const out = emptyOf(x.sizes, x.info)
  const indices = second ? emptyOf(x.sizes, DTYPES.int64) : null
  if (x.count > 0) {
    const scalar = x.sizes.length === 0
    const sizes = scalar ? [1] : x.sizes
    command(op, x.info, x.info, [
      sizes.length,
      out.address,
      indices ? indices.address : 0,
      x.address,
      dim,
      ...sizes,
      ...(scalar ? [1] : x.strides),
      ...(scalar ? [1] : out.strides),
    ])
    run()
  }
  return [out, indices]
}
function cumulative(name: 'cumsum' | 'cumprod', x: Tensor, dim: number, dtype: DType | undefined): [Tensor, number] {
  expectTensor(name, 'input', x)
  expectInt(name, 'dim', dim)
  const info = sumInfo(x, dtype)
  const d = wrapDim(dim, x.sizes.length)
  return [finish(cumulativeRaw(OP[name], prepared(`${name}_cpu`, OP[name], x, info), d, false)[0], info), d]
}
const reversedCumsum = (g: Tensor, d: number): Tensor => (g.sizes.length === 0 ? g : g.flip([d]).cumsum(d).flip([d]))
/** Running sums along a dim. */
export const cumsum = Object.assign(runningSum, { inPlace: inPlaceOf(runningSum) })
function runningSum(x: Tensor, dim: number, options?: { dtype?: DType }): Tensor {
  const { dtype } = optionsOf<{ dtype?: DType }>('cumsum', ['dtype'], options)
  const [y, d] = cumulative('cumsum', x, dim, dtype)
  if (tracks(x)) attach(y, 'CumsumBackward0', (n, g) => reversedCumsum(g, n.meta as number), [x]).meta = d
  return y
}
/** Running products along a dim. */
export const cumprod = Object.assign(runningProduct, { inPlace: inPlaceOf(runningProduct) })
function runningProduct(x: Tensor, dim: number, options?: { dtype?: DType }): Tensor {
  const { dtype } = optionsOf<{ dtype?: DType }>('cumprod', ['dtype'], options)
  const [y, d] = cumulative('cumprod', x, dim, dtype)
  if (tracks(x)) {
    const n = attach(y, 'CumprodBackward0', cumprodRule, [x])
    n.meta = d
    n.save(x, y)
  }
  return y
}
const cumprodRule: Rule = (n, g) => {
  const d = n.meta as number
  const [x, y] = [n.tensor(0), n.tensor(1)]
  if (x.sizes.length === 0) return g
  if (!x.detach().eq(0).any().item()) return reversedCumsum(g.mul(y), d).div(x)
  // Before the first zero as without one; at the first zero the products that leave it out; after it nothing.
  const zero = x.detach().eq(0)
  const seen = zero.to('int64').cumsum(d)
  const [before, from] = [seen.eq(0n), seen.eq(1n)]
  const early = reversedCumsum(g.mul(y).maskedFill(before.logicalNot(), 0), d).div(x.maskedFill(zero, 1))
  const after = x.maskedFill(from.logicalAnd(zero.logicalNot()).logicalNot(), 1).cumprod(d)
  const ahead = x.maskedFill(before.logicalNot(), 1).prod(d, { keepdim: true })
  const first = g.mul(after).maskedFill(from.logicalNot(), 0).sum(d, { keepdim: true }).mul(ahead)
  return where(before, early, where(from.logicalAnd(zero), first, 0))
}
/** log Σ eˣ of the elements so far, along a dim. */
export function logcumsumexp(x: Tensor, dim: number): Tensor {
  expectTensor('logcumsumexp', 'input', x)
  expectInt('logcumsumexp', 'dim', dim)
  if (x.info.category !== Category.Float) throw notImplemented('logcumsumexp_out_cpu', x.info)
  const d = wrapDim(dim, x.sizes.length)
  const y = finish(
    cumulativeRaw(OP.logcumsumexp, prepared('logcumsumexp_out_cpu', OP.logcumsumexp, x, x.info), d, false)[0],
    x.info,
  )
  if (tracks(x)) {
    const n = attach(
      y,
      'LogcumsumexpBackward0',
      (m, g) => {
        const [v, w, k] = [m.tensor(0), m.tensor(1), m.meta as number]
        if (v.sizes.length === 0) return g
        // e^x_i Σ_k≥i g_k e^-y_k, split by sign so that it can be summed as logarithms.
        const part = (h: Tensor): Tensor => {
          const positive = h.detach().gt(0)
          const logs = where(positive, where(positive, h, 1).log().sub(w), Number.NEGATIVE_INFINITY)
          return logs.flip([k]).logcumsumexp(k).flip([k]).add(v).exp()
        }
        return part(g).sub(part(g.neg()))
      },
      [x],
    )
    n.meta = d
    n.save(x, y)
  }
  return y
}
function cumulativeExtreme(name: 'cummax' | 'cummin', x: Tensor, dim: number): ValuesIndices {
  expectTensor(name, 'input', x)
  expectInt(name, 'dim', dim)
  if (x.sizes.length === 0 && dim !== 0 && dim !== -1)
    throw new IndexError(`${name}(): Expected reduction dim -1 or 0 for scalar but got ${dim}`, { dim })
  // Of nothing the dim is not looked at.
  const d = x.count === 0 ? 0 : wrapDim(dim, x.sizes.length)
  const [v, indices] = cumulativeRaw(OP[name], prepared(`${name}_cpu`, OP[name], ordered(x), x.info), d, true) as [
    Tensor,
    Tensor,
  ]
  const values = finish(v, x.info)
  if (tracks(x)) {
    const n = attach(
      values,
      name === 'cummax' ? 'CummaxBackward0' : 'CumminBackward0',
      (m, g) => {
        const zeros = g.detach().mul(0)
        return x.sizes.length === 0 ? g : zeros.scatterAdd(m.meta as number, m.tensor(0), g)
      },
      [x],
    )
    n.meta = d
    n.save(indices)
  }
  return { values, indices }
}
/** The largest value so far along a dim, and its last index. */
export function cummax(x: Tensor, dim: number): ValuesIndices {
  return cumulativeExtreme('cummax', x, dim)
}
/** The smallest value so far along a dim, and its last index. */
export function cummin(x: Tensor, dim: number): ValuesIndices {
  return cumulativeExtreme('cummin', x, dim)
}
/** Options of `diff`. */
export interface DiffOptions {
  /** How often differences are taken. Default 1. */
  n?: number
  /** Default -1. */
  dim?: number
  /** Joined before and after along the dim first. */
  prepend?: Tensor | null
  append?: Tensor | null
}
/** Differences of neighbours along a dim, `n` times. */
export function diff(x: Tensor, options?: number | DiffOptions, rest?: DiffOptions): Tensor {
  expectTensor('diff', 'input', x)
  const {
    n = 1,
    dim = -1,
    prepend,
    append,
  } = optionsOf<DiffOptions>('diff', ['n', 'dim', 'prepend', 'append'], options, rest)
  if (x.sizes.length === 0) throw new ShapeError('diff expects input to be at least one-dimensional')
  if (n < 0) throw new ValueError(`order must be non-negative but got ${n}`)
  const parts = [prepend, x, append].filter((p): p is Tensor => p !== undefined && p !== null)
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
  if (n === 0) return named(x.clone(), 'CopyBackwards')
  let y = parts.length > 1 ? cat(parts, d) : x
  for (let i = 0; i < n; i++) {
    const size = y.sizes[d] as number
    if (size === 0) break
    const [a, b] = [y.narrow(d, 1, size - 1), y.narrow(d, 0, size - 1)]
    y = x.dtype === 'bool' ? a.ne(b) : a.sub(b)
  }
  return y
}
