/** What reductions share: their dims and options, the kernel call, and gradients that several have. */
import type { Rule } from '../../autograd/node'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category, type DType, type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { contiguousStrides, countOf, type Shape, wrapDims } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { expectInts } from '../../check/arguments'
import { pointwise } from '../define/kernel'
import { checkOut, written } from '../define/out'
import { emptyOf, prepared } from '../define/results'
import { bool, dtype, intOrInts, tensor } from '../define/params'
import { where } from '../elementwise/ternary'
import { castResult } from '../define/kernel-operands'

/** Which dims a reduction reduces. */
export interface DimOptions {
  /** The dims to reduce; default all. */
  dim?: number | readonly number[] | null
  /** Keep reduced dims with size 1. Default false. */
  keepdim?: boolean
}
/** Options of most reductions. */
export interface ReduceOptions extends DimOptions {
  /** Cast the input to this dtype first. */
  dtype?: DType
  /** Write the result into this tensor. */
  out?: Tensor
}
/** The same, as parameters of a definition. */
export const dims = intOrInts('dim').optional()
export const keepdim = bool('keepdim').default(false)
export const reduction = [dims, keepdim, dtype('dtype').optional(), tensor('out').optional()] as const

export function dimsOf(op: string, dim: number | readonly number[] | null | undefined, ndim: number): number[] {
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

type ReduceOp = Parameters<
  | typeof encode.reduce
  | typeof encode.reduceMoments
  | typeof encode.reduceExtreme
  | typeof encode.reduceCount
  | typeof encode.reduceTruth
>[0]

/**
 * Runs a reduction kernel over `dims`; no autograd. The result has the reduced dims kept where `keepdim`.
 * @param second makes the kernel's second output (indices, or the mean of a variance), of this dtype
 */
export function reduceRaw(
  op: ReduceOp,
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
  if (x.count === 0 && out.count === 0) return [out, out2]
  // Of nothing the other sizes, and all strides, may be absurd.
  const sizes = x.count > 0 ? x.sizes : x.sizes.map((s, d) => (reduced[d] === 1 ? 0 : s))
  const steps = x.count > 0 ? x.strides : x.sizes.map(() => 0)
  const walk = { out, a: x, param, sizes, strides: steps, outStrides: strides, reduced }
  switch (op) {
    case OP.max:
    case OP.min:
      encode.reduceExtreme(op, x.info, Object.assign(walk, { indices: out2 }))
      break
    case OP.var:
    case OP.std:
      encode.reduceMoments(op, x.info, Object.assign(walk, { mean: out2 }))
      break
    case OP.argmax:
    case OP.argmin:
    case OP.count_nonzero:
      encode.reduceCount(op, x.info, walk)
      break
    case OP.any:
    case OP.all:
      encode.reduceTruth(op, x.info, walk)
      break
    default:
      encode.reduce(op, x.info, walk)
  }
  run()
  return [out, out2]
}

/**
 * The same in the dtype `info`, half types through float32.
 * @param kernel what PyTorch calls it where there is none for a dtype
 */
export function reduced(
  op: ReduceOp,
  kernel: string,
  x: Tensor,
  info: DTypeInfo,
  dims: readonly number[],
  keepdim: boolean,
  param = 0,
): Tensor {
  const p = prepared(kernel, op, x, info)
  return castResult(reduceRaw(op, p, dims, keepdim, p.info, param)[0], info)
}

/** A gradient or result of a reduction, with its dims put back, so that it broadcasts against the input. */
function unreduced(g: Tensor, dims: readonly number[], keepdim: boolean, ndim: number): Tensor {
  if (keepdim || ndim === 0 || dims.length === ndim) return g
  const sizes = [...g.sizes]
  for (const d of [...dims].sort((a, b) => a - b)) sizes.splice(d, 0, 1)
  return g.reshape(sizes)
}
/** Row-major sizes as kernels of lines see them: those before a dim, of it, and behind it. */
export function linesOf(sizes: Shape, d: number): { outer: number; dim: number; inner: number } {
  return { outer: countOf(sizes.slice(0, d)), dim: sizes[d] ?? 1, inner: countOf(sizes.slice(d + 1)) }
}
/** What a gradient needs to know of a reduction. */
export interface Reduction {
  sizes: Shape
  dims: number[]
  keepdim: boolean
}
/** `unreduced`, by what a node knows. */
export const back = (g: Tensor, m: Reduction): Tensor => unreduced(g, m.dims, m.keepdim, m.sizes.length)

export function into(op: string, out: Tensor | undefined, y: Tensor): Tensor {
  if (!out) return y
  checkOut(op, out, y.sizes, y.info, [], 'once')
  return written(out, y)
}

/** Of all elements: those that are the result share the gradient evenly; where it is NaN, those that are NaN. */
export const shareEvenly: Rule = (n, g) => {
  const [x, y] = [n.tensor(0), n.tensor(1)]
  const [a, b] = [x.detach(), y.detach()]
  const mine = pointwise(x.info.category === Category.Float ? OP.eq_nan : OP.eq, x.info, DTYPES.bool, null, a, b)
  return where(mine, g.div(mine.sum()), 0)
}
