/** Reductions over all elements or over dims. */
import { gradMode } from '../../autograd/mode'
import { attach, type Node, type Rule, tracks } from '../../autograd/node'
import { DTypeError, IndexError, NotImplementedError, ShapeError, ValueError } from '../../errors'
import { Category, type DType, DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { countOf, wrapDim } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { expectBool, expectInt, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { castRaw, copyInto, emptyOf, filled, finish, ordered, prepared } from '../define/results'
import { sumInfo } from '../../tensor/result-type'
import { define, defineAs } from '../define/define'
import { bool, dtype, float, int, intOrInts, ints, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { cat } from '../tensor/joining'
import { named } from '../define/named'
import {
  back,
  type DimOptions,
  dims,
  dimsOf,
  into,
  keepdim,
  type ReduceOptions,
  type Reduction,
  reduceRaw,
  reduction,
  shareEvenly,
} from './reduction'

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
interface Filled {
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
  const y = finish(
    reduceRaw(OP.sum, prepared('sum_cpu', OP.sum, x, info), dims, keepdim, DTYPES[info.compute])[0],
    info,
  )
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
  const y = finish(
    reduceRaw(OP.nansum, prepared('sum_cpu', OP.nansum, x, info), dims, o.keepdim, DTYPES[info.compute])[0],
    info,
  )
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
 * The sum over dims that `sizes` lacks or has as 1: what broadcasting spread out, gathered.
 * @throws ShapeError for a size that does not broadcast to that of the tensor
 */
export const sumToSize: Op<(x: Tensor, sizes: readonly number[]) => Tensor> = define('sumToSize', {
  params: [tensor('input'), ints('size')],
  run(x, sizes) {
    const missing = x.sizes.length - sizes.length
    if (missing < 0 || sizes.some((s, i) => s !== x.sizes[i + missing] && s !== 1))
      throw new ShapeError(`size {[${sizes.join(', ')}]} is not expandable to size {[${x.sizes.join(', ')}]}.`)
    const dims: number[] = []
    for (let i = 0; i < x.sizes.length; i++)
      if (i < missing || (sizes[i - missing] === 1 && x.sizes[i] !== 1)) dims.push(i)
    if (dims.length === 0) return x
    const y = sum(x, dims, { keepdim: true })
    return missing === 0 ? y : y.reshape(sizes)
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
  if (info.category !== Category.Float)
    throw new DTypeError(
      dtype
        ? `mean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. Got: ${info.scalarType}`
        : `mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${info.scalarType}`,
      { dtype: info.name },
    )
  const dims = dimsOf('mean', dim, x.sizes.length)
  const y = finish(
    reduceRaw(OP.mean, prepared('mean_cpu', OP.mean, x, info), dims, keepdim, DTYPES[info.compute])[0],
    info,
  )
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
  const count = Math.max(1, countOf(m.dims.map((d) => m.sizes[d] as number)))
  return back(g, m).div(count).expand(m.sizes)
}
/** As `mean`, over the elements that are not NaN. @param x floating */
export const nanmean: Op<
  (x: Tensor, dim?: number | readonly number[] | null | ReduceOptions, options?: ReduceOptions) => Tensor
> = define('nanmean', {
  params: [tensor('input'), ...reduction],
  run(x, o) {
    if (x.info.category !== Category.Float)
      throw new DTypeError(
        `nanmean(): expected input to have floating point or complex dtype but got ${x.info.scalarType}`,
        { dtype: x.dtype },
      )
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
    params: [tensor('input'), ...reduction],
    node: ['ProdBackward0', 'ProdBackward1'],
    run(x, { dim, keepdim, dtype, out }) {
      const info = sumInfo(x, dtype)
      const dims = dimsOf('prod', dim, x.sizes.length)
      if (info.category === Category.Bool) return all(castRaw(x, info), dims, { keepdim })
      const y = finish(
        reduceRaw(OP.prod, prepared('prod_cpu', OP.prod, x, info), dims, keepdim, DTYPES[info.compute])[0],
        info,
      )
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
  const zeros = Number(x.detach().eq(0).sum().item())
  if (zeros === 0) return back(g, m).mul(back(y, m).div(x))
  // Beside two zeros the gradient is 0, but its own derivative need not be.
  if (m.all && zeros > 1 && !gradMode.enabled) return filled(x.sizes, 0, x.info)
  return m.all
    ? others(x.reshape([-1]), 0)
        .reshape(m.sizes)
        .mul(back(g, m))
    : others(x, m.dims[0] as number).mul(back(g, m))
}
/** For each element along a dim the product of the others: of those before it and of those after it. */
function others(x: Tensor, d: number): Tensor {
  const size = x.sizes[d] as number
  const ones = filled(x.narrow(d, 0, 1).sizes, 1, x.info)
  const before = cat([ones, x.narrow(d, 0, size - 1)], d).cumprod(d)
  const after = cat([ones, x.narrow(d, 1, size - 1).flip([d])], d)
    .cumprod(d)
    .flip([d])
  return before.mul(after)
}

// ---- extremes -----------------------------------------------------------------------------------------------------

function needsElements(op: string, x: Tensor, dims: readonly number[], all: boolean): void {
  if (x.count > 0) return
  if (all)
    throw new ShapeError(
      `${op}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    )
  for (const d of dims)
    if (x.sizes[wrapDim(d, x.sizes.length)] === 0)
      throw new IndexError(`${op}(): Expected reduction dim ${d} to have non-zero size.`)
}

// Where the result is NaN no element equals it, and the gradient there is 0 / 0, as in PyTorch.
const shareAlong: Rule = (n, g) => {
  const m = n.meta as Reduction
  const [x, y] = [n.tensor(0), n.tensor(1)]
  const winners = x.eq(back(y, m)).to(g.dtype)
  return winners.mul(back(g, m)).div(winners.sum(m.dims, { keepdim: true }))
}
function extreme(name: 'amax' | 'amin', x: Tensor, { dim, keepdim, out }: Omit<Filled, 'dtype'>, node: string): Tensor {
  const dims = dimsOf(name, dim, x.sizes.length)
  // It names a dim as it was given.
  needsElements(name, x, typeof dim === 'number' ? [dim] : (dim ?? dims), dim === undefined)
  const y = finish(
    reduceRaw(
      OP[name],
      prepared(`${name}_cpu`, OP[name], ordered(x), x.info),
      dims,
      keepdim,
      DTYPES[x.info.compute],
    )[0],
    x.info,
  )
  if (out) return into(name, out, y)
  if (tracks(x)) {
    const n = attach(y, node, shareAlong, [x])
    n.meta = { sizes: x.sizes, dims, keepdim }
    n.save(x, y)
  }
  return y
}
/** Options of `amax` and `amin`. */
export type ExtremeOptions = Omit<ReduceOptions, 'dtype'>
/** The largest value; equal ones share the gradient. */
export const amax: Op<
  (x: Tensor, dim?: number | readonly number[] | ExtremeOptions, options?: ExtremeOptions) => Tensor
> = define('amax', {
  params: [tensor('input'), dims, keepdim, tensor('out').optional()],
  node: 'AmaxBackward0',
  run: (x, o) => extreme('amax', x, o, amax.op.node),
})
/** The smallest value; equal ones share the gradient. */
export const amin: Op<
  (x: Tensor, dim?: number | readonly number[] | ExtremeOptions, options?: ExtremeOptions) => Tensor
> = define('amin', {
  params: [tensor('input'), dims, keepdim, tensor('out').optional()],
  node: 'AminBackward0',
  run: (x, o) => extreme('amin', x, o, amin.op.node),
})
/** Options of operations along one dim. */
export interface AlongOptions {
  /** The dim to reduce. */
  dim?: number
  /** Keep it with size 1. Default false. */
  keepdim?: boolean
}
/** The smallest and the largest value. */
export const aminmax: Op<(x: Tensor, options?: AlongOptions) => { min: Tensor; max: Tensor }> = define('aminmax', {
  params: [tensor('input'), int('dim').optional(), keepdim],
  node: 'AminmaxBackward0',
  run(x, o) {
    if (x.count === 0) {
      if (o.dim === undefined)
        throw new ShapeError(
          'aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.',
        )
      const d = wrapDim(o.dim, x.sizes.length)
      if (x.sizes[d] === 0) throw new IndexError(`aminmax: Expected reduction dim ${d} to have non-zero size.`)
    }
    const { node } = aminmax.op
    return { min: named(amin(x, o), node), max: named(amax(x, o), node) }
  },
})

/** The gradient of a value picked by index: back to where it came from. */
const picked: Rule = (n, g) => {
  const m = n.meta as Reduction
  const index = back(n.tensor(0), m)
  const zeros = emptyOf(m.sizes, g.info)
  copyInto(zeros, 0)
  if (m.sizes.length === 0) return g
  return zeros.scatterAdd(m.dims[0] as number, index, back(g, m))
}
function extremeWithIndex(
  name: 'max' | 'min',
  x: Tensor,
  dim: number,
  keepdim: boolean,
  node: string | undefined,
): ValuesIndices {
  const nd = x.sizes.length
  const d = wrapDim(dim, nd)
  if (nd > 0 && x.sizes[d] === 0) throw new IndexError(`${name}(): Expected reduction dim ${d} to have non-zero size.`)
  const dims = nd === 0 ? [] : [d]
  const p = prepared(`${name}_cpu`, OP[name], ordered(x), x.info)
  const [v, indices] = reduceRaw(OP[name], p, dims, keepdim, p.info, 0, DTYPES.int64) as [Tensor, Tensor]
  const values = finish(v, x.info)
  if (tracks(x)) {
    const n = attach(values, node as string, picked, [x])
    n.meta = { sizes: x.sizes, dims: [d], keepdim }
    n.save(indices)
  }
  return { values, indices }
}
function extremeOf(name: 'max' | 'min', x: Tensor, dim: unknown, second: unknown): Tensor | ValuesIndices {
  const [along, ofAll] = (name === 'max' ? max : min).op.nodes
  expectTensor(name, 'input', x)
  if (isTensor(dim)) return name === 'max' ? x.maximum(dim) : x.minimum(dim)
  const o = optionsOf<{ dim?: number; keepdim?: boolean }>(
    name,
    ['dim', 'keepdim'],
    dim,
    typeof second === 'boolean' ? { keepdim: second } : second,
  )
  if (o.dim !== undefined) {
    expectInt(name, 'dim', o.dim)
    if (o.keepdim !== undefined) expectBool(name, 'keepdim', o.keepdim)
    return extremeWithIndex(name, x, o.dim, o.keepdim ?? false, along)
  }
  if (x.count === 0)
    throw new ShapeError(
      `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    )
  const dims = dimsOf(name, undefined, x.sizes.length)
  const op = name === 'max' ? OP.amax : OP.amin
  const y = finish(
    reduceRaw(op, prepared(`${name}_all`, op, ordered(x), x.info), dims, false, DTYPES[x.info.compute])[0],
    x.info,
  )
  if (tracks(x)) {
    const n = attach(y, ofAll as string, shareEvenly, [x])
    n.save(x, y)
  }
  return y
}
/** What `max` takes. */
export interface Max {
  /** The largest value of all. */
  (x: Tensor): Tensor
  /** Of each two elements the larger: `maximum`. */
  (x: Tensor, other: Tensor): Tensor
  /** The largest along a dim, and its first index. */
  (
    x: Tensor,
    dim: number | { dim: number; keepdim?: boolean },
    keepdim?: boolean | { keepdim?: boolean },
  ): ValuesIndices
}
/** What `min` takes. */
export interface Min {
  /** The smallest value of all. */
  (x: Tensor): Tensor
  /** Of each two elements the smaller: `minimum`. */
  (x: Tensor, other: Tensor): Tensor
  /** The smallest along a dim, and its first index. */
  (
    x: Tensor,
    dim: number | { dim: number; keepdim?: boolean },
    keepdim?: boolean | { keepdim?: boolean },
  ): ValuesIndices
}
/**
 * The largest value of all, which equal ones share the gradient of; with `dim`, the largest along it and its first index; with a
 * tensor, `maximum`. NaN counts as the largest.
 */
export const max: Op<Max> = defineAs<Max>('max', {
  params: [tensor('input'), own<Tensor | number>('int or Tensor')('dim').optional(), keepdim],
  node: ['MaxBackward0', 'MaxBackward1'],
  run: ((x: Tensor, dim?: unknown, second?: unknown) => extremeOf('max', x, dim, second)) as Max,
})
/**
 * The smallest value of all, which equal ones share the gradient of; with `dim`, the smallest along it and its first index; with a
 * tensor, `minimum`. NaN counts as the smallest.
 */
export const min: Op<Min> = defineAs<Min>('min', {
  params: [tensor('input'), own<Tensor | number>('int or Tensor')('dim').optional(), keepdim],
  node: ['MinBackward0', 'MinBackward1'],
  run: ((x: Tensor, dim?: unknown, second?: unknown) => extremeOf('min', x, dim, second)) as Min,
})

function argExtreme(name: 'argmax' | 'argmin', x: Tensor, dim: number | undefined, keepdim: boolean): Tensor {
  const dims = dimsOf(name, dim, x.sizes.length)
  if (x.count === 0 && dim === undefined)
    throw new IndexError(`${name}(): Expected reduction dim to be specified for input.numel() == 0.`)
  for (const d of dims)
    if (x.sizes[d] === 0) throw new IndexError(`${name}(): Expected reduction dim ${d} to have non-zero size.`)
  if (x.dtype === 'bool') throw new DTypeError(`${name}(): does not support bool input`)
  return reduceRaw(OP[name], prepared(`${name}_cpu`, OP[name], x, x.info), dims, keepdim, DTYPES.int64)[0]
}
/** Options of `argmax` and `argmin`. */
export interface ArgOptions {
  /** Default: of the flattened tensor. */
  dim?: number | null
  /** Keep it with size 1. Default false. */
  keepdim?: boolean
}
type Arg = Op<(x: Tensor, dim?: number | null | ArgOptions, options?: ArgOptions) => Tensor>
/** Where the largest value is: its first index along `dim`, or in the flattened tensor; int64. */
export const argmax: Arg = define('argmax', {
  params: [tensor('input'), int('dim').optional(), keepdim],
  differentiable: false,
  run: (x, { dim, keepdim }) => argExtreme('argmax', x, dim, keepdim),
})
/** Where the smallest value is: its first index along `dim`, or in the flattened tensor; int64. */
export const argmin: Arg = define('argmin', {
  params: [tensor('input'), int('dim').optional(), keepdim],
  differentiable: false,
  run: (x, { dim, keepdim }) => argExtreme('argmin', x, dim, keepdim),
})

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
/** How many elements are not 0; int64. */
export const countNonzero: Op<
  (x: Tensor, dim?: number | readonly number[] | { dim?: number | readonly number[] }) => Tensor
> = define('countNonzero', {
  params: [tensor('input'), dims],
  differentiable: false,
  run: (x, { dim }) =>
    reduceRaw(
      OP.count_nonzero,
      prepared('count_nonzero_cpu', OP.count_nonzero, x, x.info),
      dimsOf('countNonzero', dim, x.sizes.length),
      false,
      DTYPES.int64,
    )[0],
})

// ---- spread -------------------------------------------------------------------------------------------------------

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
  if (x.info.category !== Category.Float)
    throw new DTypeError(`${called} only support floating point and complex dtypes`, { dtype: x.dtype })
  const dims = dimsOf(op, o.dim, x.sizes.length)
  const { keepdim, correction = o.unbiased === false ? 0 : 1 } = o
  const p = prepared('std_and_var_cpu', OP[op], x, x.info)
  const [y, m] = reduceRaw(OP[op], p, dims, keepdim, p.info, correction, p.info) as [Tensor, Tensor]
  const all = x.sizes.length === 0 || o.dim === undefined
  return [finish(y, x.info), finish(m, x.info), { sizes: x.sizes, dims, keepdim, correction, all }]
}
function varGrad(g: Tensor, x: Tensor, m: Spread): Tensor {
  const divisor = countOf(m.dims.map((d) => m.sizes[d] as number)) - m.correction
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
  named(y, label),
  named(mean(x, { dim, keepdim }), label),
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
