/** Least and largest elements, and where they are. */
import { type Rule, attach, tracks } from '../../autograd/node'
import { expectBool, expectInt, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define, defineAs } from '../define/define'
import { withNodeName } from '../define/node-name'
import { int, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { copyInto, emptyOf, ordered, prepared } from '../define/results'
import { checkAminmax, checkArgExtreme, checkElements, checkExtremeDim } from './checks'
import type { Filled, ValuesIndices } from './reduce'
import {
  type ReduceOptions,
  type Reduction,
  back,
  dims,
  dimsOf,
  into,
  keepdim,
  reduced,
  reduceRaw,
  shareEvenly,
} from './reduction'
import { castResult } from '../define/kernel-operands'

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
  checkElements(name, x, dim === undefined ? null : typeof dim === 'number' ? [dim] : dim)
  const y = reduced(OP[name], `${name}_cpu`, ordered(x), x.info, dims, keepdim)
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
    checkAminmax(x, o.dim)
    const { node } = aminmax.op
    return { min: withNodeName(amin(x, o), node), max: withNodeName(amax(x, o), node) }
  },
})
/** The gradient of a value picked by index: back to where it came from. */
const picked: Rule = (n, g) => {
  const m = n.meta as Reduction
  const index = back(n.tensor(0), m)
  const zeros = emptyOf(m.sizes, g.info)
  copyInto(zeros, 0)
  if (m.sizes.length === 0) return g
  return zeros.scatterAdd(m.dims[0], index, back(g, m))
}
function extremeWithIndex(
  name: 'max' | 'min',
  x: Tensor,
  dim: number,
  keepdim: boolean,
  node: string | undefined,
): ValuesIndices {
  const d = checkExtremeDim(name, x.sizes, dim)
  const dims = x.sizes.length === 0 ? [] : [d]
  const p = prepared(`${name}_cpu`, OP[name], ordered(x), x.info)
  const [v, indices] = reduceRaw(OP[name], p, dims, keepdim, p.info, 0, DTYPES.int64) as [Tensor, Tensor]
  const values = castResult(v, x.info)
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
  checkElements(name, x, null)
  const dims = dimsOf(name, undefined, x.sizes.length)
  const op = name === 'max' ? OP.amax : OP.amin
  const y = reduced(op, `${name}_all`, ordered(x), x.info, dims, false)
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
  checkArgExtreme(name, x, dims, dim === undefined)
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
