/** Running results along one dim, and differences of neighbours. */
import { gradMode } from '../../autograd/mode'
import { attach, type Rule, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category, type DType, DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { hostRead } from '../define/host-read'
import { emptyOf, filled, prepared, zerosFor, ordered } from '../define/results'
import { sumInfo } from '../../tensor/result-type'
import { define } from '../define/define'
import { dtype, int, tensor } from '../define/params'
import type { InPlaceOp, Op } from '../define/registry'
import { cat } from '../tensor/joining'
import { checkCumulativeExtreme, checkDiff } from './checks'
import type { ValuesIndices } from './reduce'
import { linesOf } from './reduction'
import { where } from '../elementwise/ternary'
import { withNodeName } from '../define/node-name'
import { castResult, kernelInput } from '../define/kernel-operands'

type ScanOp = typeof OP.cumsum | typeof OP.cumprod | typeof OP.logcumsumexp
type ExtremeOp = typeof OP.cummax | typeof OP.cummin

function cumulativeRaw(op: ScanOp | ExtremeOp, x: Tensor, dim: number, second: boolean): [Tensor, Tensor | null] {
  const out = emptyOf(x.sizes, x.info)
  const indices = second ? emptyOf(x.sizes, DTYPES.int64) : null
  if (x.count > 0) {
    const scalar = x.sizes.length === 0
    const sizes = scalar ? [1] : x.sizes
    const walk = {
      out,
      a: x,
      dim,
      sizes,
      strides: scalar ? [1] : x.strides,
      outStrides: scalar ? [1] : out.strides,
    }
    if (op === OP.cummax || op === OP.cummin) encode.scanExtreme(op, x.info, Object.assign(walk, { indices }))
    else encode.scan(op, x.info, walk)
    run()
  }
  return [out, indices]
}
function cumulative(name: 'cumsum' | 'cumprod', x: Tensor, dim: number, dtype: DType | undefined): [Tensor, number] {
  const info = sumInfo(x, dtype)
  const d = wrapDim(dim, x.sizes.length)
  return [castResult(cumulativeRaw(OP[name], prepared(`${name}_cpu`, OP[name], x, info), d, false)[0], info), d]
}
const reversedCumsum = (g: Tensor, d: number): Tensor => (g.sizes.length === 0 ? g : g.flip([d]).cumsum(d).flip([d]))

/** Options of `cumsum` and `cumprod`. */
export interface CumulativeOptions {
  /** Cast the input to this dtype first. */
  dtype?: DType
}
type Cumulative = InPlaceOp<
  (x: Tensor, dim: number, options?: CumulativeOptions) => Tensor,
  (x: Tensor, dim: number, options?: CumulativeOptions) => Tensor
>
/** Running sums along a dim; integers are summed in int64. */
export const cumsum: Cumulative = define('cumsum', {
  params: [tensor('input'), int('dim'), dtype('dtype').optional()],
  node: 'CumsumBackward0',
  inPlace: true,
  run(x, dim, { dtype }) {
    const [y, d] = cumulative('cumsum', x, dim, dtype)
    if (tracks(x)) attach(y, cumsum.op.node, (n, g) => reversedCumsum(g, n.meta as number), [x]).meta = d
    return y
  },
})
/** Running products along a dim; integers are multiplied in int64. */
export const cumprod: Cumulative = define('cumprod', {
  params: [tensor('input'), int('dim'), dtype('dtype').optional()],
  node: 'CumprodBackward0',
  inPlace: true,
  run(x, dim, { dtype }) {
    const [y, d] = cumulative('cumprod', x, dim, dtype)
    if (tracks(x)) {
      const n = attach(y, cumprod.op.node, cumprodRule, [x])
      n.meta = d
      n.save(x, y)
    }
    return y
  },
})
const cumprodRule: Rule = (n, g) => {
  const d = n.meta as number
  const [x, y] = [n.tensor(0), n.tensor(1)]
  if (x.count <= 1 || x.sizes[d] === 1) return g
  if (gradMode.enabled || g.info.compute !== g.dtype) {
    // Which formula is differentiated, as the one without a division costs n², or rounded at each step, in a half type. PyTorch asks too.
    if (!hostRead(x.detach().eq(0).any())) return reversedCumsum(g.mul(y), d).div(x)
    if (gradMode.enabled) return leftOut(x, g, d)
  }
  return cumprodGrad(x, y, g, d)
}
function cumprodGrad(x: Tensor, y: Tensor, g: Tensor, d: number): Tensor {
  const info = DTYPES[g.info.compute]
  const dx = emptyOf(x.sizes, info)
  const operands = { dx, dy: kernelInput(g, info), x: kernelInput(x, info), y: kernelInput(y, info) }
  encode.cumprodBackward(OP.cumprod_backward, info, Object.assign(operands, linesOf(x.sizes, d)))
  run()
  return castResult(dx, g.info)
}
/**
 * The gradient of running products without a division, so that it can be differentiated where a factor is 0. The k-th is
 * Σ over j ≥ k of g_j times the first j factors but the k-th; each k has its own products, n² along the dim in all, so that
 * an infinity or NaN reaches only what it is a factor of.
 */
function leftOut(x: Tensor, g: Tensor, d: number): Tensor {
  const n = x.sizes[d]
  const each = Array.from({ length: n }, (_, k) => {
    const before = k === 0 ? filled(x.narrow(d, 0, 1).sizes, 1, x.info) : x.narrow(d, 0, k).prod(d, { keepdim: true })
    const after = x.narrow(d, k + 1, n - k - 1).cumprod(d)
    const products = cat([before, k === 0 ? after : before.mul(after)], d)
    return g
      .narrow(d, k, n - k)
      .mul(products)
      .sum(d, { keepdim: true })
  })
  return cat(each, d)
}
/** log Σ eˣ of the elements so far, along a dim. @param x floating */
export const logcumsumexp: Op<(x: Tensor, dim: number) => Tensor> = define('logcumsumexp', {
  params: [tensor('input'), int('dim')],
  node: 'LogcumsumexpBackward0',
  run(x, dim) {
    if (x.info.category !== Category.Float) throw notImplemented('logcumsumexp_out_cpu', x.info)
    const d = wrapDim(dim, x.sizes.length)
    const y = castResult(
      cumulativeRaw(OP.logcumsumexp, prepared('logcumsumexp_out_cpu', OP.logcumsumexp, x, x.info), d, false)[0],
      x.info,
    )
    if (tracks(x)) {
      const n = attach(y, logcumsumexp.op.node, logcumsumexpRule, [x])
      n.meta = d
      n.save(x, y)
    }
    return y
  },
})
const logcumsumexpRule: Rule = (n, g) => {
  const [x, y] = [n.tensor(0), n.tensor(1)]
  return x.sizes.length === 0 ? g : weighted(g, x, y.neg(), n.meta as number, true)
}
/**
 * e^a_i Σ e^b_k g_k over the k ≥ i along a dim, or those ≤ i; summed as logarithms, by sign. It is linear in g: differentiated as
 * such and not through the logarithm, which has no derivative where g is 0.
 */
function weighted(g: Tensor, a: Tensor, b: Tensor, d: number, later: boolean): Tensor {
  const [raw, scale, weight] = [g.detach(), a.detach(), b.detach()]
  const part = (positive: Tensor, h: Tensor): Tensor => {
    const logs = where(positive, where(positive, h, 1).log(), Number.NEGATIVE_INFINITY).add(weight)
    const sums = later ? logs.flip([d]).logcumsumexp(d).flip([d]) : logs.logcumsumexp(d)
    return sums.add(scale).exp()
  }
  const y = part(raw.gt(0), raw).sub(part(raw.lt(0), raw.neg()))
  if (tracks(g, a, b)) {
    const n = attach(y, 'LogcumsumexpBackwardBackward0', weightedRule, [g, a, b])
    n.meta = { d, later }
    n.save(g, a, b, y)
  }
  return y
}
const weightedRule: Rule = (n, u) => {
  const { d, later } = n.meta as { d: number; later: boolean }
  const [g, a, b, y] = [n.tensor(0), n.tensor(1), n.tensor(2), n.tensor(3)]
  const back = weighted(u, b, a, d, !later)
  return [back, u.mul(y), g.mul(back)]
}
function cumulativeExtreme(name: 'cummax' | 'cummin', x: Tensor, dim: number, node: string): ValuesIndices {
  const d = checkCumulativeExtreme(name, x, dim)
  const [v, indices] = cumulativeRaw(OP[name], prepared(`${name}_cpu`, OP[name], ordered(x), x.info), d, true) as [
    Tensor,
    Tensor,
  ]
  const values = castResult(v, x.info)
  if (tracks(x)) {
    const n = attach(
      values,
      node,
      (m, g) => (g.sizes.length === 0 ? g : zerosFor(g).scatterAdd(m.meta as number, m.tensor(0), g)),
      [x],
    )
    n.meta = d
    n.save(indices)
  }
  return { values, indices }
}
/** The largest value so far along a dim, and its last index. */
export const cummax: Op<(x: Tensor, dim: number) => ValuesIndices> = define('cummax', {
  params: [tensor('input'), int('dim')],
  node: 'CummaxBackward0',
  run: (x, dim) => cumulativeExtreme('cummax', x, dim, cummax.op.node),
})
/** The smallest value so far along a dim, and its last index. */
export const cummin: Op<(x: Tensor, dim: number) => ValuesIndices> = define('cummin', {
  params: [tensor('input'), int('dim')],
  node: 'CumminBackward0',
  run: (x, dim) => cumulativeExtreme('cummin', x, dim, cummin.op.node),
})
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
/**
 * Differences of neighbours along a dim, `n` times. Of bools: whether neighbours differ.
 * @throws ShapeError where `prepend` or `append` has other sizes than the input, but along the dim
 */
export const diff: Op<(x: Tensor, n?: number | DiffOptions, options?: DiffOptions) => Tensor> = define('diff', {
  params: [
    tensor('input'),
    int('n').default(1),
    int('dim').default(-1),
    tensor('prepend').optional(),
    tensor('append').optional(),
  ],
  run(x, { n, dim, prepend, append }) {
    const parts = [prepend, x, append].filter((p) => p !== undefined)
    const d = checkDiff(x, n, dim, parts)
    if (n === 0) return withNodeName(x.clone(), 'CopyBackwards')
    let y = parts.length > 1 ? cat(parts, d) : x
    for (let i = 0; i < n; i++) {
      const size = y.sizes[d]
      if (size === 0) break
      const [a, b] = [y.narrow(d, 1, size - 1), y.narrow(d, 0, size - 1)]
      y = x.dtype === 'bool' ? a.ne(b) : a.sub(b)
    }
    return y
  },
})
