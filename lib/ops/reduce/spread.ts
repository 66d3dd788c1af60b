/** Variances and standard deviations. */
import { attach, tracks } from '../../autograd/node'
import { OP } from '../../runtime/opcodes'
import { countOf } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { withNodeName } from '../define/node-name'
import { bool, float, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { filled, prepared } from '../define/results'
import { checkSpread } from './checks'
import { mean } from './reduce'
import { type DimOptions, type Reduction, back, dims, dimsOf, keepdim, reduceRaw } from './reduction'
import { castResult } from '../define/kernel-operands'

/** Options of `var` and `std`. */
export interface VarOptions extends DimOptions {
  /** What is taken off the number of elements in the divisor; default 1 (Bessel's correction). */
  correction?: number
  /** The older form of `correction`: true is 1, false 0. */
  unbiased?: boolean
}
const spreading = [dims, float('correction').optional(), bool('unbiased').optional(), keepdim] as const
interface FilledVar {
  readonly dim: number | readonly number[] | undefined
  readonly correction: number | undefined
  readonly unbiased: boolean | undefined
  readonly keepdim: boolean
}
interface Spread extends Reduction {
  correction: number
  all: boolean
}
function spread(op: 'var' | 'std', x: Tensor, o: FilledVar, called = 'std and var'): [Tensor, Tensor, Spread] {
  checkSpread(called, x.info)
  const dims = dimsOf(op, o.dim, x.sizes.length)
  const { keepdim, correction = o.unbiased === false ? 0 : 1 } = o
  const p = prepared('std_and_var_cpu', OP[op], x, x.info)
  const [y, m] = reduceRaw(OP[op], p, dims, keepdim, p.info, correction, p.info) as [Tensor, Tensor]
  const all = x.sizes.length === 0 || o.dim === undefined
  return [castResult(y, x.info), castResult(m, x.info), { sizes: x.sizes, dims, keepdim, correction, all }]
}
function varGrad(g: Tensor, x: Tensor, m: Spread): Tensor {
  const divisor = countOf(m.dims.map((d) => m.sizes[d])) - m.correction
  // Of all elements, each deviation is divided by 0; along dims by what the divisor is, be it negative: as in PyTorch.
  if (m.all && divisor <= 0)
    return g.mul(filled(x.sizes, Number.POSITIVE_INFINITY, x.info).maskedFill(x.eq(x.mean()), Number.NaN))
  const mean = m.all ? x.mean() : x.mean(m.dims, { keepdim: true })
  return back(g, m)
    .mul(2 / divisor)
    .mul(x.sub(mean))
}
type Var<R> = (x: Tensor, dim?: number | readonly number[] | null | VarOptions, options?: VarOptions) => R
/** The variance; by default with Bessel's correction (divisor n - 1). @param x floating */
const variance: Op<Var<Tensor>> = define('var', {
  params: [tensor('input'), ...spreading],
  node: 'VarBackward0',
  run: varianceOf,
})
function varianceOf(x: Tensor, o: FilledVar): Tensor {
  const [y, , m] = spread('var', x, o)
  if (tracks(x)) attach(y, variance.op.node, (k, g) => varGrad(g, k.tensor(0), m), [x]).save(x)
  return y
}
export { variance as var }

/** The standard deviation; by default with Bessel's correction. @param x floating */
export const std: Op<Var<Tensor>> = define('std', {
  params: [tensor('input'), ...spreading],
  node: 'StdBackward0',
  run: deviationOf,
})
function deviationOf(x: Tensor, o: FilledVar): Tensor {
  const [y, , m] = spread('std', x, o)
  if (tracks(x)) {
    const n = attach(
      y,
      std.op.node,
      (k, g) => varGrad(g.div(k.tensor(1).mul(2)).maskedFill(k.tensor(1).eq(0), 0), k.tensor(0), m),
      [x],
    )
    n.save(x, y)
  }
  return y
}
const withMean = (y: Tensor, x: Tensor, { dim, keepdim }: FilledVar, label: string): [Tensor, Tensor] => [
  withNodeName(y, label),
  withNodeName(mean(x, { dim, keepdim }), label),
]
/** Variance and mean in one pass. @param x floating */
export const varMean: Op<Var<[Tensor, Tensor]>> = define('varMean', {
  params: [tensor('input'), ...spreading],
  node: 'VarMeanBackward0',
  run(x, o): [Tensor, Tensor] {
    if (tracks(x)) return withMean(varianceOf(x, o), x, o, varMean.op.node)
    const [y, m] = spread('var', x, o, 'var_mean')
    return [y, m]
  },
})
/** Standard deviation and mean. @param x floating */
export const stdMean: Op<Var<[Tensor, Tensor]>> = define('stdMean', {
  params: [tensor('input'), ...spreading],
  node: 'StdMeanBackward0',
  run(x, o): [Tensor, Tensor] {
    if (tracks(x)) return withMean(deviationOf(x, o), x, o, stdMean.op.node)
    const [y, m] = spread('std', x, o, 'std_mean')
    return [y, m]
  },
})
