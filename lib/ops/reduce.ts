/** Reductions over all elements or over dims. */
import { gradMode } from '../autograd/mode'
import { attach, type Node, type Rule, tracks } from '../autograd/node'
import { DTypeError, IndexError, NotImplementedError, ShapeError, ValueError } from '../errors'
import { Category, type DType, DTYPES } from '../runtime/dtype'
import { OP } from '../runtime/opcodes'
import { countOf, wrapDim } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import {
  castRaw,
  copyInto,
  emptyOf,
  expectBool,
  expectInt,
  expectInts,
  expectNumber,
  expectTensor,
  filled,
  finish,
  optionsOf,
  ordered,
  prepared,
  sumInfo,
} from './core'
import { cat } from './joining'
import { named } from './named'
import { back, dimsOf, into, options, type ReduceOptions, type Reduction, reduceRaw, shareEvenly } from './reduction'

export type { ReduceOptions } from './reduction'

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
/** The sum over all elements or over `dim`; integers are summed in int64. */
export function sum(x: Tensor, dim?: number | readonly number[] | null | ReduceOptions, rest?: ReduceOptions): Tensor {
  expectTensor('sum', 'input', x)
  const o = options('sum', dim, rest)
  const info = sumInfo(x, o.dtype)
  const dims = dimsOf('sum', o.dim, x.sizes.length)
  const keepdim = o.keepdim ?? false
  if (info.category === Category.Bool) return any(castRaw(x, info), dims, { keepdim })
  const y = finish(
    reduceRaw(OP.sum, prepared('sum_cpu', OP.sum, x, info), dims, keepdim, DTYPES[info.compute])[0],
    info,
  )
  if (o.out) return into('sum', o.out, y)
  if (tracks(x))
    attach(y, o.dim === undefined || o.dim === null ? 'SumBackward0' : 'SumBackward1', spreadOut, [x]).meta = {
      sizes: x.sizes,
      dims,
      keepdim,
    }
  return y
}
/** As `sum`, with NaN counted as 0. */
export function nansum(
  x: Tensor,
  dim?: number | readonly number[] | null | ReduceOptions,
  rest?: ReduceOptions,
): Tensor {
  expectTensor('nansum', 'input', x)
  const o = options('nansum', dim, rest)
  if (x.info.category !== Category.Float || o.dtype === 'bool') return sum(x, o)
  const isNan = x.isnan()
  const y = sum(x.detach().maskedFill(isNan, 0), o)
  if (tracks(x) && !o.out) {
    const n = attach(y, 'NansumBackward0', nansumRule, [x])
    n.meta = { sizes: x.sizes, dims: dimsOf('nansum', o.dim, x.sizes.length), keepdim: o.keepdim ?? false }
    n.save(isNan)
  }
  return y
}
// Times 0 and not left out, as in PyTorch: an infinite gradient, as that of a mean of nothing, becomes NaN.
const nansumRule: Rule = (n, g) => spreadOut(n, g).mul(n.tensor(0).logicalNot())
/** The sum over dims that `sizes` lacks or has as 1: what broadcasting spread out, gathered. */
export function sumToSize(x: Tensor, sizes: readonly number[]): Tensor {
  expectTensor('sumToSize', 'input', x)
  expectInts('sumToSize', 'size', sizes)
  const missing = x.sizes.length - sizes.length
  if (missing < 0 || sizes.some((s, i) => s !== x.sizes[i + missing] && s !== 1))
    throw new ShapeError(`size {[${sizes.join(', ')}]} is not expandable to size {[${x.sizes.join(', ')}]}.`)
  const dims: number[] = []
  for (let i = 0; i < x.sizes.length; i++)
    if (i < missing || (sizes[i - missing] === 1 && x.sizes[i] !== 1)) dims.push(i)
  if (dims.length === 0) return x
  const y = sum(x, dims, { keepdim: true })
  return missing === 0 ? y : y.reshape(sizes)
}

/** The arithmetic mean over all elements or over `dim`. */
export function mean(x: Tensor, dim?: number | readonly number[] | null | ReduceOptions, rest?: ReduceOptions): Tensor {
  expectTensor('mean', 'input', x)
  const o = options('mean', dim, rest)
  const info = o.dtype ? DTYPES[o.dtype] : x.info
  if (info.category !== Category.Float)
    throw new DTypeError(
      o.dtype
        ? `mean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. Got: ${info.scalarType}`
        : `mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${info.scalarType}`,
      { dtype: info.name },
    )
  const dims = dimsOf('mean', o.dim, x.sizes.length)
  const keepdim = o.keepdim ?? false
  const y = finish(
    reduceRaw(OP.mean, prepared('mean_cpu', OP.mean, x, info), dims, keepdim, DTYPES[info.compute])[0],
    info,
  )
  if (o.out) return into('mean', o.out, y)
  if (tracks(x))
    attach(y, o.dim === undefined || o.dim === null ? 'MeanBackward0' : 'MeanBackward1', meanRule, [x]).meta = {
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
/** As `mean`, over the elements that are not NaN. */
export function nanmean(
  x: Tensor,
  dim?: number | readonly number[] | null | ReduceOptions,
  rest?: ReduceOptions,
): Tensor {
  expectTensor('nanmean', 'input', x)
  const o = options('nanmean', dim, rest)
  if (x.info.category !== Category.Float)
    throw new DTypeError(
      `nanmean(): expected input to have floating point or complex dtype but got ${x.info.scalarType}`,
      { dtype: x.dtype },
    )
  const counted = x
    .isnan()
    .logicalNot()
    .sum({ ...(o.dim === undefined ? {} : { dim: o.dim }), keepdim: o.keepdim ?? false })
  const { out, ...plain } = o
  return into('nanmean', out, nansum(x, plain).div(counted))
}

/** The product over all elements or over one `dim`; integers are multiplied in int64. */
export function prod(x: Tensor, dim?: number | null | ReduceOptions, rest?: ReduceOptions): Tensor {
  expectTensor('prod', 'input', x)
  const o = options('prod', dim, rest)
  const info = sumInfo(x, o.dtype)
  const dims = dimsOf('prod', o.dim, x.sizes.length)
  const keepdim = o.keepdim ?? false
  if (info.category === Category.Bool) return all(castRaw(x, info), dims, { keepdim })
  const y = finish(
    reduceRaw(OP.prod, prepared('prod_cpu', OP.prod, x, info), dims, keepdim, DTYPES[info.compute])[0],
    info,
  )
  if (o.out) return into('prod', o.out, y)
  if (tracks(x)) {
    const n = attach(y, o.dim === undefined || o.dim === null ? 'ProdBackward0' : 'ProdBackward1', prodRule, [x])
    n.meta = { sizes: x.sizes, dims, keepdim, all: o.dim === undefined || o.dim === null }
    n.save(x, y)
  }
  return y
}
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
function extreme(name: 'amax' | 'amin', x: Tensor, dim: unknown, rest: unknown): Tensor {
  expectTensor(name, 'input', x)
  const o = options(name, dim, rest, ['dim', 'keepdim', 'out'])
  const dims = dimsOf(name, o.dim, x.sizes.length)
  // It names a dim as it was given.
  needsElements(name, x, typeof o.dim === 'number' ? [o.dim] : (o.dim ?? dims), o.dim === undefined)
  const keepdim = o.keepdim ?? false
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
  if (o.out) return into(name, o.out, y)
  if (tracks(x)) {
    const n = attach(y, name === 'amax' ? 'AmaxBackward0' : 'AminBackward0', shareAlong, [x])
    n.meta = { sizes: x.sizes, dims, keepdim }
    n.save(x, y)
  }
  return y
}
/** The largest value; equal ones share the gradient. */
export function amax(x: Tensor, dim?: number | readonly number[] | ReduceOptions, rest?: ReduceOptions): Tensor {
  return extreme('amax', x, dim, rest)
}
/** The smallest value; equal ones share the gradient. */
export function amin(x: Tensor, dim?: number | readonly number[] | ReduceOptions, rest?: ReduceOptions): Tensor {
  return extreme('amin', x, dim, rest)
}
/** The smallest and the largest value. */
export function aminmax(x: Tensor, options?: { dim?: number; keepdim?: boolean }): { min: Tensor; max: Tensor } {
  expectTensor('aminmax', 'input', x)
  const o = optionsOf<{ dim?: number; keepdim?: boolean }>('aminmax', ['dim', 'keepdim'], options)
  if (x.count === 0) {
    if (o.dim === undefined)
      throw new ShapeError(
        'aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.',
      )
    const d = wrapDim(o.dim, x.sizes.length)
    if (x.sizes[d] === 0) throw new IndexError(`aminmax: Expected reduction dim ${d} to have non-zero size.`)
  }
  return { min: named(amin(x, o), 'AminmaxBackward0'), max: named(amax(x, o), 'AminmaxBackward0') }
}

/** The gradient of a value picked by index: back to where it came from. */
const picked: Rule = (n, g) => {
  const m = n.meta as Reduction
  const index = back(n.tensor(0), m)
  const zeros = emptyOf(m.sizes, g.info)
  copyInto(zeros, 0)
  if (m.sizes.length === 0) return g
  return zeros.scatterAdd(m.dims[0] as number, index, back(g, m))
}
function extremeWithIndex(name: 'max' | 'min', x: Tensor, dim: number, keepdim: boolean): ValuesIndices {
  const nd = x.sizes.length
  const d = wrapDim(dim, nd)
  if (nd > 0 && x.sizes[d] === 0) throw new IndexError(`${name}(): Expected reduction dim ${d} to have non-zero size.`)
  const dims = nd === 0 ? [] : [d]
  const p = prepared(`${name}_cpu`, OP[name], ordered(x), x.info)
  const [v, indices] = reduceRaw(OP[name], p, dims, keepdim, p.info, 0, DTYPES.int64) as [Tensor, Tensor]
  const values = finish(v, x.info)
  if (tracks(x)) {
    const n = attach(values, name === 'max' ? 'MaxBackward0' : 'MinBackward0', picked, [x])
    n.meta = { sizes: x.sizes, dims: [d], keepdim }
    n.save(indices)
  }
  return { values, indices }
}
function extremeOf(name: 'max' | 'min', x: Tensor, dim: unknown, rest: unknown): Tensor | ValuesIndices {
  expectTensor(name, 'input', x)
  if (isTensor(dim)) return name === 'max' ? x.maximum(dim) : x.minimum(dim)
  const o = optionsOf<{ dim?: number; keepdim?: boolean }>(
    name,
    ['dim', 'keepdim'],
    dim,
    typeof rest === 'boolean' ? { keepdim: rest } : rest,
  )
  if (o.dim !== undefined) {
    expectInt(name, 'dim', o.dim)
    if (o.keepdim !== undefined) expectBool(name, 'keepdim', o.keepdim)
    return extremeWithIndex(name, x, o.dim, o.keepdim ?? false)
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
    const n = attach(y, name === 'max' ? 'MaxBackward1' : 'MinBackward1', shareEvenly, [x])
    n.save(x, y)
  }
  return y
}
/** The largest value of all; with `dim`, the largest along it and its first index; with a tensor, `maximum`. */
export function max(x: Tensor): Tensor
export function max(x: Tensor, other: Tensor): Tensor
export function max(
  x: Tensor,
  dim: number | { dim: number; keepdim?: boolean },
  keepdim?: boolean | { keepdim?: boolean },
): ValuesIndices
export function max(x: Tensor, dim?: unknown, rest?: unknown): Tensor | ValuesIndices {
  return extremeOf('max', x, dim, rest)
}
/** The smallest value of all; with `dim`, the smallest along it and its first index; with a tensor, `minimum`. */
export function min(x: Tensor): Tensor
export function min(x: Tensor, other: Tensor): Tensor
export function min(
  x: Tensor,
  dim: number | { dim: number; keepdim?: boolean },
  keepdim?: boolean | { keepdim?: boolean },
): ValuesIndices
export function min(x: Tensor, dim?: unknown, rest?: unknown): Tensor | ValuesIndices {
  return extremeOf('min', x, dim, rest)
}

function argExtreme(name: 'argmax' | 'argmin', x: Tensor, dim: unknown, rest: unknown): Tensor {
  expectTensor(name, 'input', x)
  const o = optionsOf<{ dim?: number | null; keepdim?: boolean }>(name, ['dim', 'keepdim'], dim, rest)
  if (o.dim !== undefined && o.dim !== null) expectInt(name, 'dim', o.dim)
  const dims = dimsOf(name, o.dim, x.sizes.length)
  if (x.count === 0 && (o.dim === undefined || o.dim === null))
    throw new IndexError(`${name}(): Expected reduction dim to be specified for input.numel() == 0.`)
  for (const d of dims)
    if (x.sizes[d] === 0) throw new IndexError(`${name}(): Expected reduction dim ${d} to have non-zero size.`)
  if (x.dtype === 'bool') throw new DTypeError(`${name}(): does not support bool input`)
  return reduceRaw(OP[name], prepared(`${name}_cpu`, OP[name], x, x.info), dims, o.keepdim ?? false, DTYPES.int64)[0]
}
/** Where the largest value is: its first index along `dim`, or in the flattened tensor; int64. */
export function argmax(
  x: Tensor,
  dim?: number | null | { dim?: number | null; keepdim?: boolean },
  options?: { keepdim?: boolean },
): Tensor {
  return argExtreme('argmax', x, dim, options)
}
/** Where the smallest value is. */
export function argmin(
  x: Tensor,
  dim?: number | null | { dim?: number | null; keepdim?: boolean },
  options?: { keepdim?: boolean },
): Tensor {
  return argExtreme('argmin', x, dim, options)
}

function anyAll(name: 'any' | 'all', x: Tensor, dim: unknown, rest: unknown): Tensor {
  expectTensor(name, 'input', x)
  const o = options(name, dim, rest, ['dim', 'keepdim'])
  const dims = dimsOf(name, o.dim, x.sizes.length)
  // No dims are here none, and not all.
  if (Array.isArray(o.dim) && o.dim.length === 0)
    return x
      .detach()
      .ne(0)
      .to(x.dtype === 'uint8' ? 'uint8' : 'bool')
  const y = reduceRaw(OP[name], prepared(`${name}_cpu`, OP[name], x, x.info), dims, o.keepdim ?? false, DTYPES.bool)[0]
  return x.dtype === 'uint8' ? castRaw(y, DTYPES.uint8) : y
}
/** Whether any element is not 0. */
export function any(x: Tensor, dim?: number | readonly number[] | ReduceOptions, options?: ReduceOptions): Tensor {
  return anyAll('any', x, dim, options)
}
/** Whether no element is 0. */
export function all(x: Tensor, dim?: number | readonly number[] | ReduceOptions, options?: ReduceOptions): Tensor {
  return anyAll('all', x, dim, options)
}
/** How many elements are not 0; int64. */
export function countNonzero(
  x: Tensor,
  dim?: number | readonly number[] | { dim?: number | readonly number[] },
): Tensor {
  expectTensor('countNonzero', 'input', x)
  const o = optionsOf<ReduceOptions>('countNonzero', ['dim'], dim)
  return reduceRaw(
    OP.count_nonzero,
    prepared('count_nonzero_cpu', OP.count_nonzero, x, x.info),
    dimsOf('countNonzero', o.dim, x.sizes.length),
    false,
    DTYPES.int64,
  )[0]
}

// ---- spread -------------------------------------------------------------------------------------------------------

/** Options of `var` and `std`. */
export interface VarOptions {
  dim?: number | readonly number[] | null
  /** What is taken off the number of elements in the divisor; default 1 (Bessel's correction). */
  correction?: number
  /** The older form of `correction`: true is 1, false 0. */
  unbiased?: boolean
  keepdim?: boolean
}
interface Spread extends Reduction {
  correction: number
  all: boolean
}
function spread(
  op: 'var' | 'std',
  x: Tensor,
  dim: unknown,
  rest: unknown,
  called = 'std and var',
): [Tensor, Tensor, Spread] {
  expectTensor(op, 'input', x)
  const o = optionsOf<VarOptions>(op, ['dim', 'correction', 'unbiased', 'keepdim'], dim, rest)
  if (x.info.category !== Category.Float)
    throw new DTypeError(`${called} only support floating point and complex dtypes`, { dtype: x.dtype })
  const dims = dimsOf(op, o.dim, x.sizes.length)
  const correction = o.correction ?? (o.unbiased === false ? 0 : 1)
  expectNumber(op, 'correction', correction)
  const keepdim = o.keepdim ?? false
  const p = prepared('std_and_var_cpu', OP[op], x, x.info)
  const [y, m] = reduceRaw(OP[op], p, dims, keepdim, p.info, correction, p.info) as [Tensor, Tensor]
  const all = x.sizes.length === 0 || o.dim === undefined || o.dim === null
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
/** The variance; by default with Bessel's correction (divisor n - 1). */
function variance(x: Tensor, dim?: number | readonly number[] | null | VarOptions, options?: VarOptions): Tensor {
  const [y, , m] = spread('var', x, dim, options)
  if (tracks(x)) {
    const n = attach(y, 'VarBackward0', (k, g) => varGrad(g, k.tensor(0), m), [x])
    n.save(x)
  }
  return y
}
export { variance as var }
/** The standard deviation; by default with Bessel's correction. */
export function std(x: Tensor, dim?: number | readonly number[] | null | VarOptions, options?: VarOptions): Tensor {
  const [y, , m] = spread('std', x, dim, options)
  if (tracks(x)) {
    const n = attach(
      y,
      'StdBackward0',
      (k, g) => varGrad(g.div(k.tensor(1).mul(2)).maskedFill(k.tensor(1).eq(0), 0), k.tensor(0), m),
      [x],
    )
    n.save(x, y)
  }
  return y
}
const withMean = (y: Tensor, x: Tensor, o: VarOptions, label: string): [Tensor, Tensor] => [
  named(y, label),
  named(mean(x, { dim: o.dim ?? null, keepdim: o.keepdim ?? false }), label),
]
/** Variance and mean in one pass. */
export function varMean(
  x: Tensor,
  dim?: number | readonly number[] | null | VarOptions,
  options?: VarOptions,
): [Tensor, Tensor] {
  const o = optionsOf<VarOptions>('varMean', ['dim', 'correction', 'unbiased', 'keepdim'], dim, options)
  if (tracks(x)) return withMean(variance(x, o), x, o, 'VarMeanBackward0')
  const [y, m] = spread('var', x, o, undefined, 'var_mean')
  return [y, m]
}
/** Standard deviation and mean. */
export function stdMean(
  x: Tensor,
  dim?: number | readonly number[] | null | VarOptions,
  options?: VarOptions,
): [Tensor, Tensor] {
  const o = optionsOf<VarOptions>('stdMean', ['dim', 'correction', 'unbiased', 'keepdim'], dim, options)
  if (tracks(x)) return withMean(std(x, o), x, o, 'StdMeanBackward0')
  const [y, m] = spread('std', x, o, undefined, 'std_mean')
  return [y, m]
}

/** Options of `norm`. */
export interface NormOptions {
  /** The order: a number, Infinity, -Infinity or `fro` (2, the default). */
  p?: number | 'fro'
  dim?: number | readonly number[] | null
  keepdim?: boolean
  dtype?: DType
}
/** The p-norm of all elements, or of the vectors along `dim`. */
export function norm(x: Tensor, p?: number | 'fro' | NormOptions, options?: NormOptions): Tensor {
  expectTensor('norm', 'input', x)
  const o = optionsOf<NormOptions>('norm', ['p', 'dim', 'keepdim', 'dtype'], p, options)
  if ((o.p as unknown) === 'nuc') {
    if (x.info.category !== Category.Float)
      throw new DTypeError(
        `linalg.matrix_norm: Expected a floating point or complex tensor as input. Got ${x.info.scalarType}`,
      )
    throw new NotImplementedError('norm(): the nuclear norm needs singular values, which are not there yet')
  }
  if (typeof o.p === 'string' && o.p !== 'fro')
    throw new ValueError(`linalg.matrix_norm: Order ${String(o.p)} not supported.`)
  const order = o.p === undefined || o.p === 'fro' ? 2 : Number(o.p)
  const info = o.dtype ? DTYPES[o.dtype] : x.info
  if (info.category !== Category.Float)
    throw new DTypeError(
      `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${info.scalarType}`,
      { dtype: x.dtype },
    )
  const dims = dimsOf('norm', o.dim, x.sizes.length)
  if ((order < 0 || order === Infinity) && dims.some((d) => x.sizes[d] === 0))
    throw new ShapeError(
      `linalg.vector_norm cannot compute the ${order} norm on an empty tensor because the operation does not have an identity`,
    )
  const keepdim = o.keepdim ?? false
  const y = finish(
    reduceRaw(OP.norm, prepared('norm_cpu', OP.norm, x, info), dims, keepdim, DTYPES[info.compute], order)[0],
    info,
  )
  if (tracks(x)) {
    const n = attach(y, 'LinalgVectorNormBackward0', normRule, [x])
    n.meta = { sizes: x.sizes, dims, keepdim, order }
    n.save(x, y)
  }
  return y
}
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
/** The p-norm of the difference. */
export function dist(x: Tensor, y: Tensor, p?: number | { p?: number }): Tensor {
  expectTensor('dist', 'input', x)
  expectTensor('dist', 'other', y)
  const difference = x.sub(y)
  if (difference.info.category !== Category.Float)
    throw new DTypeError(
      `norm(): input dtype should be either floating point or complex. Got ${difference.info.scalarType} instead.`,
    )
  return named(norm(difference, { p: optionsOf<{ p?: number }>('dist', ['p'], p).p ?? 2 }), 'DistBackward0')
}

/** log Σ eˣ over `dim`, without overflow. */
export function logsumexp(x: Tensor, dim: number | readonly number[], options?: { keepdim?: boolean }): Tensor {
  expectTensor('logsumexp', 'input', x)
  const { keepdim = false } = optionsOf<{ keepdim?: boolean }>('logsumexp', ['keepdim'], options)
  const dims = dimsOf('logsumexp', dim, x.sizes.length)
  const info = x.info.category === Category.Float ? x.info : DTYPES.float32
  const y = finish(
    reduceRaw(OP.logsumexp, prepared('logsumexp_cpu', OP.logsumexp, x, info), dims, keepdim, DTYPES[info.compute])[0],
    info,
  )
  if (tracks(x)) {
    const n = attach(y, 'LogsumexpBackward0', logsumexpRule, [x])
    n.meta = { sizes: x.sizes, dims, keepdim }
    n.save(x, y)
  }
  return y
}
const logsumexpRule: Rule = (n, g) => {
  const m = n.meta as Reduction
  const y = back(n.tensor(1), m)
  return back(g, m).mul(n.tensor(0).sub(y).exp())
}
