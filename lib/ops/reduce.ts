/** Reductions over all elements or over dims. */
import { attach, type Rule, tracks } from '../autograd/node'
import { DTypeError, IndexError, NotImplementedError, ShapeError, ValueError } from '../errors'
import { command, run } from '../runtime/commands'
import { Category, type DType, type DTypeInfo, DTYPES } from '../runtime/dtype'
import { OP, type OpCode } from '../runtime/opcodes'
import { contiguousStrides, countOf, type Shape, wrapDim, wrapDims } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import {
  castRaw,
  checkOut,
  copyInto,
  emptyOf,
  expectBool,
  expectDType,
  expectInt,
  expectInts,
  expectTensor,
  filled,
  finish,
  optionsOf,
  ordered,
  prepared,
  sumInfo,
  written,
} from './core'
import { cat } from './joining'
import { named } from './named'

/** Options of most reductions. */
export interface ReduceOptions {
  /** The dims to reduce; default all. */
  dim?: number | readonly number[] | null
  /** Keep reduced dims with size 1. Default false. */
  keepdim?: boolean
  /** Cast the input to this dtype first. */
  dtype?: DType
  /** Write the result into this tensor. */
  out?: Tensor
}
/** A result that names where the values were found. */
export interface ValuesIndices {
  values: Tensor
  /** int64. */
  indices: Tensor
}

function dimsOf(op: string, dim: number | readonly number[] | null | undefined, ndim: number): number[] {
  if (ndim > 64) throw new ShapeError('only tensors with up to 64 dims are supported', { ndim })
  if (dim === undefined || dim === null) return Array.from({ length: ndim }, (_, i) => i)
  const dims = typeof dim === 'number' ? [dim] : dim
  expectInts(op, 'dim', dims)
  if (dims.length === 0) return Array.from({ length: ndim }, (_, i) => i)
  return wrapDims(dims, ndim).filter((d) => d < ndim)
}

/** The shape after a reduction, with reduced dims kept as 1. */
function keptShape(sizes: Shape, dims: readonly number[]): number[] {
  const out = [...sizes]
  for (const d of dims) out[d] = 1
  return out
}
const droppedShape = (sizes: Shape, dims: readonly number[]): number[] => sizes.filter((_, i) => !dims.includes(i))

/**
 * Runs a reduction kernel over `dims`; no autograd. The result has the reduced dims kept where `keepdim`.
 * @param second makes the kernel's second output (indices, or the mean of a variance), of this dtype
 */
function reduceRaw(
  op: OpCode,
  x: Tensor,
  dims: readonly number[],
  keepdim: boolean,
  outInfo: DTypeInfo,
  param = 0,
  second: DTypeInfo | null = null,
): [Tensor, Tensor | null] {
  const kept = keptShape(x.sizes, dims)
  const shape = keepdim ? kept : droppedShape(x.sizes, dims)
  const out = emptyOf(shape, outInfo)
  const out2 = second ? emptyOf(shape, second) : null
  const strides = contiguousStrides(kept)
  const reduced = new Array<number>(x.sizes.length).fill(0)
  for (const d of dims) {
    strides[d] = 0
    reduced[d] = 1
  }
  const payload = [
    x.sizes.length,
    out.address,
    out2 ? out2.address : 0,
    x.address,
    param,
    ...x.sizes,
    ...x.strides,
    ...strides,
    ...reduced,
  ]
  command(op, x.info, outInfo, payload)
  run()
  return [out, out2]
}

/** A gradient or result of a reduction, with its dims put back, so that it broadcasts against the input. */
function unreduced(g: Tensor, dims: readonly number[], keepdim: boolean, ndim: number): Tensor {
  if (keepdim || ndim === 0 || dims.length === ndim) return g
  const sizes = [...g.sizes]
  for (const d of [...dims].sort((a, b) => a - b)) sizes.splice(d, 0, 1)
  return g.reshape(sizes)
}
interface Reduction {
  sizes: Shape
  dims: number[]
  keepdim: boolean
}
const back = (g: Tensor, m: Reduction): Tensor => unreduced(g, m.dims, m.keepdim, m.sizes.length)

function options(
  op: string,
  dim: unknown,
  rest: unknown,
  names: readonly (keyof ReduceOptions)[] = ['dim', 'keepdim', 'dtype', 'out'],
): ReduceOptions {
  const o = optionsOf<ReduceOptions>(op, names, dim, rest)
  if (o.keepdim !== undefined) expectBool(op, 'keepdim', o.keepdim)
  if (o.dtype !== undefined) expectDType(op, o.dtype)
  return o
}
function into(op: string, out: Tensor | undefined, y: Tensor): Tensor {
  if (!out) return y
  checkOut(op, out, y.sizes, y.info, [], 'once')
  return written(out, y)
}

const sumRule: Rule = (n, g) => {
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
    attach(y, o.dim === undefined || o.dim === null ? 'SumBackward0' : 'SumBackward1', sumRule, [x]).meta = {
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
  return named(sum(x.maskedFill(x.isnan(), 0), o), 'NansumBackward0')
}
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
  const count = countOf(m.dims.map((d) => m.sizes[d] as number))
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
    n.meta = { sizes: x.sizes, dims, keepdim }
    n.save(x, y)
  }
  return y
}
const prodRule: Rule = (n, g) => {
  const m = n.meta as Reduction
  const [x, y] = [n.tensor(0), n.tensor(1)]
  if (x.count === 0) return x.mul(0)
  if (m.sizes.length === 0) return g
  const zeros = Number(x.detach().eq(0).sum().item())
  if (zeros === 0) return back(g, m).mul(back(y, m).div(x))
  // With a zero among the factors: the product of the others, from both sides.
  const flat = m.dims.length === m.sizes.length
  if (flat && zeros > 1) return filled(x.sizes, 0, x.info)
  const v = flat ? x.reshape([-1]) : x
  const d = flat ? 0 : (m.dims[0] as number)
  const size = v.sizes[d] as number
  const ones = filled(v.narrow(d, 0, 1).sizes, 1, v.info)
  const left = cat([ones, v.narrow(d, 0, size - 1)], d).cumprod(d)
  const right = cat([ones, v.narrow(d, 1, size - 1).flip([d])], d)
    .cumprod(d)
    .flip([d])
  const others = left.mul(right)
  return back(g, m).mul(flat ? others.reshape(m.sizes) : others)
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

// Of all elements a NaN counts as the winner; along dims none does, and the gradient there is 0 / 0, as in PyTorch.
const evenly: Rule = (n, g) => {
  const m = n.meta as Reduction & { nan: boolean }
  const [x, y] = [n.tensor(0), n.tensor(1)]
  const equal = x.eq(back(y, m))
  const winners = (m.nan ? equal.logicalOr(x.isnan().logicalAnd(back(y, m).isnan())) : equal).to(g.dtype)
  const count = winners.sum(m.dims, { keepdim: true })
  return winners.mul(back(g, m)).div(count)
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
    const n = attach(y, name === 'amax' ? 'AmaxBackward0' : 'AminBackward0', evenly, [x])
    n.meta = { sizes: x.sizes, dims, keepdim, nan: false }
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
    const n = attach(y, name === 'max' ? 'MaxBackward1' : 'MinBackward1', evenly, [x])
    n.meta = { sizes: x.sizes, dims, keepdim: false, nan: true }
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
function spread(
  op: 'var' | 'std',
  x: Tensor,
  dim: unknown,
  rest: unknown,
  called = 'std and var',
): [Tensor, Tensor, Reduction, number] {
  expectTensor(op, 'input', x)
  const o = optionsOf<VarOptions>(op, ['dim', 'correction', 'unbiased', 'keepdim'], dim, rest)
  if (x.info.category !== Category.Float)
    throw new DTypeError(`${called} only support floating point and complex dtypes`, { dtype: x.dtype })
  const dims = dimsOf(op, o.dim, x.sizes.length)
  const correction = o.correction ?? (o.unbiased === false ? 0 : 1)
  const keepdim = o.keepdim ?? false
  const p = prepared('std_and_var_cpu', OP[op], x, x.info)
  const [y, m] = reduceRaw(OP[op], p, dims, keepdim, p.info, correction, p.info) as [Tensor, Tensor]
  return [finish(y, x.info), finish(m, x.info), { sizes: x.sizes, dims, keepdim }, correction]
}
const divisor = (m: Reduction, correction: number): number =>
  Math.max(0, countOf(m.dims.map((d) => m.sizes[d] as number)) - correction)
function varGrad(g: Tensor, x: Tensor, m: Reduction, correction: number): Tensor {
  const mu = x.mean(m.dims, { keepdim: true })
  const centred = x.sub(m.sizes.length === 0 ? mu.reshape([]) : mu)
  return back(g, m)
    .mul(2 / divisor(m, correction))
    .mul(centred)
}
/** The variance; by default with Bessel's correction (divisor n - 1). */
function variance(x: Tensor, dim?: number | readonly number[] | null | VarOptions, options?: VarOptions): Tensor {
  const [y, , m, correction] = spread('var', x, dim, options)
  if (tracks(x)) {
    const n = attach(y, 'VarBackward0', (k, g) => varGrad(g, k.tensor(0), m, correction), [x])
    n.save(x)
  }
  return y
}
export { variance as var }
/** The standard deviation; by default with Bessel's correction. */
export function std(x: Tensor, dim?: number | readonly number[] | null | VarOptions, options?: VarOptions): Tensor {
  const [y, , m, correction] = spread('std', x, dim, options)
  if (tracks(x)) {
    const n = attach(
      y,
      'StdBackward0',
      (k, g) => varGrad(g.div(k.tensor(1).mul(2)).maskedFill(k.tensor(1).eq(0), 0), k.tensor(0), m, correction),
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
  if (p === 2) return x.mul(h.div(y)).maskedFill(y.eq(0), 0)
  if (!Number.isFinite(p)) {
    const hit = x.abs().eq(y)
    const count = hit.sum(m.dims.length > 0 ? m.dims : null, { keepdim: m.dims.length > 0 && m.sizes.length > 0 })
    return x.sign().mul(h.div(count).expand(x.sizes).maskedFill(hit.logicalNot(), 0))
  }
  const a = x.abs()
  const scale = h.div(y.pow(p - 1)).maskedFill(y.eq(0), 0)
  if (p < 1)
    return x
      .sign()
      .mul(a.pow(p - 1).maskedFill(x.eq(0), 0))
      .mul(scale)
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
