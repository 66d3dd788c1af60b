/** Reductions over all elements or over dims. */
import { gradMode } from '../../autograd/mode'
import { type Node, type Rule, attach, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import { Category, DTYPES, type DType } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import { sumInfo } from '../../tensor/result-type'
import { countOf } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { spreadDims, type DimsWith, dtype, int, spreadInts, type Sizes, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { castRaw, emptyOf, filled, prepared } from '../define/results'
import { hostRead } from '../define/host-read'
import { cat } from '../tensor/joining'
import { checkMean, checkNanmean, checkSumSize } from './checks'
import {
  type DimOptions,
  type ReduceOptions,
  type Reduction,
  back,
  dims,
  dimsOf,
  into,
  keepdim,
  reduced,
  linesOf,
  reduceRaw,
  reduction,
} from './reduction'
import { castResult, kernelInput } from '../define/kernel-operands'

export type { DimOptions, ReduceOptions } from './reduction'
/** A result that names where the values were found. */
export interface ValuesIndices {
  values: Tensor
  /** int64. */
  indices: Tensor
}
/** The gradient of a sum: to every element the same. */
const spreadOut = (n: Node, g: Tensor): Tensor => {
  const m = n.meta as Reduction
  return back(g, m).expand(m.sizes)
}
export interface Filled {
  readonly dim: number | readonly number[] | undefined
  readonly keepdim: boolean
  readonly dtype: DType | undefined
  readonly out: Tensor | undefined
}
/** The sum over all elements or over `dim`; integers are summed in int64. */
export const sum: Op<
  (x: Tensor, dim?: number | readonly number[] | null | ReduceOptions, options?: ReduceOptions) => Tensor
> = define('sum', {
  params: [tensor('input'), ...reduction],
  node: ['SumBackward0', 'SumBackward1'],
  run: sumOf,
})
function sumOf(x: Tensor, { dim, keepdim, dtype, out }: Filled): Tensor {
  const info = sumInfo(x, dtype)
  const dims = dimsOf('sum', dim, x.sizes.length)
  if (info.category === Category.Bool) return any(castRaw(x, info), dims, { keepdim })
  const y = reduced(OP.sum, 'sum_cpu', x, info, dims, keepdim)
  if (out) return into('sum', out, y)
  if (tracks(x))
    attach(y, sum.op.nodes[dim === undefined ? 0 : 1] as string, spreadOut, [x]).meta = {
      sizes: x.sizes,
      dims,
      keepdim,
    }
  return y
}
/** As `sum`, with NaN counted as 0. */
export const nansum: Op<
  (x: Tensor, dim?: number | readonly number[] | null | ReduceOptions, options?: ReduceOptions) => Tensor
> = define('nansum', {
  params: [tensor('input'), ...reduction],
  node: 'NansumBackward0',
  run: nansumOf,
})
function nansumOf(x: Tensor, o: Filled): Tensor {
  if (x.info.category !== Category.Float || o.dtype === 'bool') return sumOf(x, o)
  const info = sumInfo(x, o.dtype)
  const dims = dimsOf('nansum', o.dim, x.sizes.length)
  // As an integer a NaN is a number.
  if (info.category !== Category.Float) return sumOf(x.detach().maskedFill(x.isnan(), 0), o)
  const y = reduced(OP.nansum, 'sum_cpu', x, info, dims, o.keepdim)
  if (o.out) return into('nansum', o.out, y)
  if (tracks(x)) {
    const n = attach(y, nansum.op.node, nansumRule, [x])
    n.meta = { sizes: x.sizes, dims, keepdim: o.keepdim }
    n.save(x.isnan())
  }
  return y
}
// Times 0 and not left out, as in PyTorch: an infinite gradient, as that of a mean of nothing, becomes NaN.
const nansumRule: Rule = (n, g) => spreadOut(n, g).mul(n.tensor(0).logicalNot())
/**
 * The sum over dims that `size` lacks or has as 1: what broadcasting spread out, gathered.
 * @param size an array, or the ints themselves
 * @throws ShapeError for a size that does not broadcast to that of the tensor
 */
export const sumToSize: Op<(x: Tensor, ...size: Sizes) => Tensor> = define('sumToSize', {
  params: [tensor('input'), spreadInts('size')],
  run(x, size) {
    const missing = checkSumSize(x.sizes, size)
    const dims: number[] = []
    for (let i = 0; i < x.sizes.length; i++)
      if (i < missing || (size[i - missing] === 1 && x.sizes[i] !== 1)) dims.push(i)
    if (dims.length === 0) return x
    const y = sum(x, dims, { keepdim: true })
    return missing === 0 ? y : y.reshape(size)
  },
})
/** The arithmetic mean over all elements or over `dim`. @param x floating, or `dtype` is */
export const mean: Op<
  (x: Tensor, dim?: number | readonly number[] | null | ReduceOptions, options?: ReduceOptions) => Tensor
> = define('mean', {
  params: [tensor('input'), ...reduction],
  node: ['MeanBackward0', 'MeanBackward1'],
  run: meanOf,
})
function meanOf(x: Tensor, { dim, keepdim, dtype, out }: Filled): Tensor {
  const info = dtype ? DTYPES[dtype] : x.info
  checkMean(info, dtype)
  const dims = dimsOf('mean', dim, x.sizes.length)
  const y = reduced(OP.mean, 'mean_cpu', x, info, dims, keepdim)
  if (out) return into('mean', out, y)
  if (tracks(x))
    attach(y, mean.op.nodes[dim === undefined ? 0 : 1] as string, meanRule, [x]).meta = {
      sizes: x.sizes,
      dims,
      keepdim,
    }
  return y
}
const meanRule: Rule = (n, g) => {
  const m = n.meta as Reduction
  // Nothing gets a share of none, and the derivative of that is 0.
  const count = Math.max(1, countOf(m.dims.map((d) => m.sizes[d])))
  return back(g, m).div(count).expand(m.sizes)
}
/** As `mean`, over the elements that are not NaN. @param x floating */
export const nanmean: Op<
  (x: Tensor, dim?: number | readonly number[] | null | ReduceOptions, options?: ReduceOptions) => Tensor
> = define('nanmean', {
  params: [tensor('input'), ...reduction],
  run(x, o) {
    checkNanmean(x.info)
    const counted = x.isnan().logicalNot().sum({ dim: o.dim, keepdim: o.keepdim })
    return into('nanmean', o.out, nansumOf(x, { ...o, out: undefined }).div(counted))
  },
})
/** Options of `prod`. */
export interface ProdOptions extends Omit<ReduceOptions, 'dim'> {
  /** The dim to reduce; default all. */
  dim?: number | null
}
/** The product over all elements or over one `dim`; integers are multiplied in int64. */
export const prod: Op<(x: Tensor, dim?: number | null | ProdOptions, options?: ProdOptions) => Tensor> = define(
  'prod',
  {
    params: [tensor('input'), int('dim').optional(), keepdim, dtype('dtype').optional(), tensor('out').optional()],
    node: ['ProdBackward0', 'ProdBackward1'],
    run(x, { dim, keepdim, dtype, out }) {
      const info = sumInfo(x, dtype)
      const dims = dimsOf('prod', dim, x.sizes.length)
      if (info.category === Category.Bool) return all(castRaw(x, info), dims, { keepdim })
      const y = reduced(OP.prod, 'prod_cpu', x, info, dims, keepdim)
      if (out) return into('prod', out, y)
      if (tracks(x)) {
        const n = attach(y, prod.op.nodes[dim === undefined ? 0 : 1] as string, prodRule, [x])
        n.meta = { sizes: x.sizes, dims, keepdim, all: dim === undefined }
        n.save(x, y)
      }
      return y
    },
  },
)
const prodRule: Rule = (n, g) => {
  const m = n.meta as Reduction & { all: boolean }
  const [x, y] = [n.tensor(0).to(g.dtype), n.tensor(1)]
  if (x.count === 0) return x.mul(0)
  if (m.sizes.length === 0) return g
  if (!gradMode.enabled && g.info.compute === g.dtype) return prodGrad(x, y, g, m)
  // Which formula is differentiated, or rounded at each step, in a half type. PyTorch asks too.
  if (!hostRead(x.detach().eq(0).any())) return back(g, m).mul(back(y, m).div(x))
  // Beside two zeros the gradient is 0, but its own derivative need not be.
  if (!gradMode.enabled) return prodGrad(x, y, g, m)
  return m.all
    ? others(x.reshape([-1]), 0)
        .reshape(m.sizes)
        .mul(back(g, m))
    : others(x, m.dims[0]).mul(back(g, m))
}
function prodGrad(x: Tensor, y: Tensor, g: Tensor, m: Reduction & { all: boolean }): Tensor {
  const info = DTYPES[g.info.compute]
  const dx = emptyOf(x.sizes, info)
  const operands = { dx, dy: kernelInput(g, info), x: kernelInput(x, info), y: kernelInput(y, info), whole: m.all }
  const lines = m.all ? { outer: 1, dim: x.count, inner: 1 } : linesOf(x.sizes, m.dims[0])
  encode.prodBackward(OP.prod_backward, info, Object.assign(operands, lines))
  run()
  return castResult(dx, g.info)
}
/** For each element along a dim the product of the others: of those before it and of those after it. */
function others(x: Tensor, d: number): Tensor {
  const size = x.sizes[d]
  const ones = filled(x.narrow(d, 0, 1).sizes, 1, x.info)
  const before = cat([ones, x.narrow(d, 0, size - 1)], d).cumprod(d)
  const after = cat([ones, x.narrow(d, 1, size - 1).flip([d])], d)
    .cumprod(d)
    .flip([d])
  return before.mul(after)
}
// ---- extremes -----------------------------------------------------------------------------------------------------
function anyAll(name: 'any' | 'all', x: Tensor, dim: number | readonly number[] | undefined, keepdim: boolean): Tensor {
  const dims = dimsOf(name, dim, x.sizes.length)
  // No dims are here none, and not all.
  if (Array.isArray(dim) && dim.length === 0)
    return x
      .detach()
      .ne(0)
      .to(x.dtype === 'uint8' ? 'uint8' : 'bool')
  const y = reduceRaw(OP[name], prepared(`${name}_cpu`, OP[name], x, x.info), dims, keepdim, DTYPES.bool)[0]
  return x.dtype === 'uint8' ? castRaw(y, DTYPES.uint8) : y
}
type AnyAll = Op<(x: Tensor, dim?: number | readonly number[] | DimOptions, options?: DimOptions) => Tensor>
/** Whether any element is not 0; bool, or uint8 of uint8. */
export const any: AnyAll = define('any', {
  params: [tensor('input'), dims, keepdim],
  differentiable: false,
  run: (x, { dim, keepdim }) => anyAll('any', x, dim, keepdim),
})
/** Whether no element is 0; bool, or uint8 of uint8. */
export const all: AnyAll = define('all', {
  params: [tensor('input'), dims, keepdim],
  differentiable: false,
  run: (x, { dim, keepdim }) => anyAll('all', x, dim, keepdim),
})
/** How many elements are not 0, of all or along dims, an array or the ints themselves; int64. */
export const countNonzero: Op<(x: Tensor, ...dim: DimsWith<{ dim?: number | readonly number[] }>) => Tensor> = define(
  'countNonzero',
  {
    params: [tensor('input'), spreadDims('dim').optional()],
    differentiable: false,
    run: (x, { dim }) =>
      reduceRaw(
        OP.count_nonzero,
        prepared('count_nonzero_cpu', OP.count_nonzero, x, x.info),
        dimsOf('countNonzero', dim, x.sizes.length),
        false,
        DTYPES.int64,
      )[0],
  },
)
// ---- spread -------------------------------------------------------------------------------------------------------
