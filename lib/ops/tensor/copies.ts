/** Copies: clones, casts, writing over, turning. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { ArgumentError, IndexError, ShapeError } from '../../errors'
import { type DType, DTYPES, type Scalar } from '../../runtime/dtype'
import { sameShape, wrapDim, wrapDims } from '../../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../../tensor/tensor'
import { finishInPlace, startInPlace } from '../../autograd/in-place'
import { expectDType, expectTensor, storable } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { overwrite } from '../define/in-place'
import { castRaw, copyInto, emptyLike, emptyOf, zerosFor } from '../define/results'
import { arange } from './create'
import { aliasOf, define, defineAs } from '../define/define'
import { checkInPlaceShape } from '../define/elementwise'
import * as param from '../define/params'
import type { InPlaceOp, Op } from '../define/registry'
import { cat } from './joining'
import { narrow, reshape, transpose } from './views'
import { named } from '../define/named'

// ---- copies -------------------------------------------------------------------------------------------------------

type MemoryFormat = 'preserve' | 'contiguous'
/** Options of `clone`. */
export interface CloneOptions {
  /** `preserve` (default) keeps dense strides; `contiguous` gives row-major ones. */
  memoryFormat?: MemoryFormat
}
const cloneBack: Rule = (_n, g) => g
/** A copy in fresh memory; gradients flow through. */
export const clone: Op<(x: Tensor, memoryFormat?: MemoryFormat | CloneOptions) => Tensor> = define('clone', {
  params: [param.tensor('input'), param.own<MemoryFormat>('str')('memoryFormat').default('preserve')],
  node: 'CloneBackward0',
  run: (x, { memoryFormat }) => cloned(x, memoryFormat),
})
function cloned(x: Tensor, memoryFormat: MemoryFormat): Tensor {
  if (memoryFormat !== 'preserve' && memoryFormat !== 'contiguous')
    throw new ArgumentError(
      `clone(): argument 'memoryFormat' must be 'preserve' or 'contiguous', not ${String(memoryFormat)}`,
    )
  const out = memoryFormat === 'preserve' ? emptyLike(x, x.info) : emptyOf(x.sizes, x.info)
  copyInto(out, x)
  if (tracks(x)) attach(out, clone.op.node, cloneBack, [x])
  return out
}
/** The tensor itself where it is row-major, else a row-major copy. */
export const contiguous: Op<(x: Tensor) => Tensor> = define('contiguous', {
  params: [param.tensor('input')],
  node: 'CloneBackward0',
  run: (x) => (x.rowMajor ? x : clone(x, CONTIGUOUS)),
})
const CONTIGUOUS: CloneOptions = { memoryFormat: 'contiguous' }
/** The same values, cut off from the graph; shares memory and versions. */
export const detach: InPlaceOp<(x: Tensor) => Tensor, (x: Tensor) => Tensor> = define('detach', {
  params: [param.tensor('input')],
  differentiable: false,
  inPlace: detachItself,
  run: (x) => reinterpret(x, x.sizes, x.strides, x.offset),
})
function detachItself(x: Tensor): Tensor {
  if (x.viewInfo)
    throw new ShapeError(
      "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
    )
  x.setGradFn(null, 0)
  x.needsGrad = false
  return x
}
/** Cuts this tensor itself off from the graph. @throws ShapeError for a view */
export const detach_ = detach.inPlace

/** Options of `to`. */
export interface ToOptions {
  /** Default: that of the tensor. */
  dtype?: DType
  /** Copy even where nothing changes. Default false. */
  copy?: boolean
}
const castBack: Rule = (n, g) => to(g, n.meta as DType)
type To = (x: Tensor, dtype: DType | Tensor | ToOptions | 'cpu', options?: Omit<ToOptions, 'dtype'>) => Tensor
/**
 * The values in another dtype; the tensor itself where it has it already.
 * @param dtype the dtype, a tensor that has it, or options; `cpu` is where every tensor is
 */
export const to: Op<To> = defineAs<To>('to', {
  params: [param.tensor('input'), param.dtype('dtype').optional(), param.bool('copy').default(false)],
  node: 'ToCopyBackward0',
  run: converted,
})
function converted(x: Tensor, dtype: DType | Tensor | ToOptions | 'cpu', options?: Omit<ToOptions, 'dtype'>): Tensor {
  expectTensor('to', 'input', x)
  if (dtype === 'cpu') return x
  const o = isTensor(dtype)
    ? { dtype: dtype.dtype, ...options }
    : optionsOf<ToOptions>('to', ['dtype', 'copy'], dtype, options)
  const want = o.dtype ?? x.dtype
  expectDType('to', want)
  return inDType(x, want, o.copy)
}
function inDType(x: Tensor, want: DType, copy = false): Tensor {
  const info = DTYPES[want]
  if (info === x.info) return copy ? clone(x) : x
  const out = castRaw(x, info)
  if (info.category === 2 && tracks(x)) attach(out, to.op.node, castBack, [x]).meta = x.dtype
  return out
}
/** The values in another dtype: another name of `to`. */
export const type = aliasOf(to, 'type')
/** The values in the dtype of another tensor. */
export const typeAs: Op<(x: Tensor, other: Tensor) => Tensor> = define('typeAs', {
  params: [param.tensor('input'), param.tensor('other')],
  node: 'ToCopyBackward0',
  run: (x, other) => inDType(x, other.dtype),
})
/** A cast as a method. */
const cast = (name: string, dtype: DType): Op<(x: Tensor) => Tensor> =>
  define(name, {
    params: [param.tensor('input')],
    node: DTYPES[dtype].category === 2 ? 'ToCopyBackward0' : [],
    differentiable: DTYPES[dtype].category === 2,
    run: (x) => inDType(x, dtype),
  })
/** The values in float32. */
export const float = cast('float', 'float32')
/** The values in float64. */
export const double = cast('double', 'float64')
/** The values in float16. */
export const half = cast('half', 'float16')
/** The values in bfloat16. */
export const bfloat16 = cast('bfloat16', 'bfloat16')
/** The values in int64. */
export const long = cast('long', 'int64')
/** The values in int32. */
export const int = cast('int', 'int32')
/** The values in int16. */
export const short = cast('short', 'int16')
/** The values in int8. */
export const char = cast('char', 'int8')
/** The values in uint8. */
export const byte = cast('byte', 'uint8')
/** Whether each value is not 0. */
export const bool = cast('bool', 'bool')

/** Writes the values of `source` (broadcast, cast) into this tensor. @throws ShapeError where it does not broadcast */
export const copy_: Op<(x: Tensor, source: Tensor | Scalar) => Tensor> = define('copy_', {
  params: [param.tensor('input'), param.own<Tensor | Scalar>('Tensor or Number')('source')],
  node: 'CopyBackwards',
  run: copied,
})
function copied(x: Tensor, source: Tensor | Scalar): Tensor {
  if (!isTensor(source)) return fill_(x, source)
  const own =
    source.storage === x.storage &&
    source.offset === x.offset &&
    sameShape(source.sizes, x.sizes) &&
    sameShape(source.strides, x.strides)
  // Onto itself it changes nothing, whatever the memory.
  if (!own) checkInPlaceShape(x, source)
  return overwrite(x, source, 'any')
}
/** Sets every element to one value. @param value a number, or a 0-d tensor */
export const fill_: Op<(x: Tensor, value: Scalar | Tensor) => Tensor> = define('fill_', {
  params: [param.tensor('input'), param.own<Scalar | Tensor>('Number or Tensor')('value')],
  node: ['FillBackward2', 'FillBackward3'],
  run: filledWith,
})
function filledWith(x: Tensor, value: Scalar | Tensor): Tensor {
  if (isTensor(value) && value.sizes.length > 0)
    throw new ShapeError(
      `fill_ only supports 0-dimension value tensor but got tensor with ${value.sizes.length} dimensions.`,
    )
  if (!isTensor(value) && typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean')
    throw new ArgumentError(`fill_(): argument 'value' must be Number, not ${typeof value}`)
  const v = isTensor(value) ? value : null
  if (!isTensor(value)) value = storable(value, x.info)
  const n = startInPlace(
    x,
    fill_.op.nodes[v ? 1 : 0] as string,
    (m, g) => [zerosFor(g), m.needs(1) ? g.sum() : null],
    [x, v],
    // Of a number the order does not matter; PyTorch asks of a tensor nevertheless.
    v ? 'once' : 'any',
  )
  copyInto(x, value)
  finishInPlace(x, n)
  return x
}
/** Sets every element to 0. */
export const zero_: Op<(x: Tensor) => Tensor> = define('zero_', {
  params: [param.tensor('input')],
  node: 'ZeroBackward0',
  run(x) {
    const n = startInPlace(x, zero_.op.node, (_m, g) => zerosFor(g), [x], 'any')
    copyInto(x, 0)
    finishInPlace(x, n)
    return x
  },
})

// ---- turning ------------------------------------------------------------------------------------------------------

const flipBack: Rule = (n, g) => flip(g, n.meta as number[])
/** The order of elements turned along the given dims; a copy. */
export const flip: Op<(x: Tensor, dims: readonly number[]) => Tensor> = define('flip', {
  params: [param.tensor('input'), param.intOrInts('dims')],
  node: 'FlipBackward0',
  run(x, dims) {
    const ds = wrapDims(typeof dims === 'number' ? [dims] : dims, x.sizes.length).filter((d) => d < x.sizes.length)
    let out: Tensor = x.detach()
    for (const d of ds) out = out.indexSelect(d, reversed(out.sizes[d]))
    if (ds.length === 0) out = clone(out)
    if (tracks(x)) attach(out, flip.op.node, flipBack, [x]).meta = ds
    return out
  },
})
/** Columns in reverse. @throws ShapeError for less than two dims */
export const fliplr: Op<(x: Tensor) => Tensor> = define('fliplr', {
  params: [param.tensor('input')],
  run(x) {
    if (x.sizes.length < 2) throw new ShapeError('Input must be >= 2-d.')
    return flip(x, [1])
  },
})
/** Rows in reverse. @throws ShapeError for a 0-d tensor */
export const flipud: Op<(x: Tensor) => Tensor> = define('flipud', {
  params: [param.tensor('input')],
  run(x) {
    if (x.sizes.length < 1) throw new ShapeError('Input must be >= 1-d.')
    return flip(x, [0])
  },
})
const reversed = (n: number): Tensor => arange(n - 1, -1, -1, { dtype: 'int64' })
/** Options of `roll`. */
export interface RollOptions {
  /** Along which dims, one for each shift. Default: along all elements, in row-major order. */
  dims?: number | readonly number[]
}
type Roll = (x: Tensor, shifts: number | readonly number[], dims?: number | readonly number[] | RollOptions) => Tensor
/**
 * Elements moved round along dims, those pushed out coming in on the other side; a copy.
 * @param shifts how far, for each dim
 * @throws ShapeError for another number of dims than of shifts
 */
export const roll: Op<Roll> = define('roll', {
  params: [param.tensor('input'), param.intOrInts('shifts'), param.intOrInts('dims').default([])],
  node: 'RollBackward0',
  run(x, shifts, { dims }) {
    const list = (v: number | readonly number[]): readonly number[] => (typeof v === 'number' ? [v] : v)
    return rolled(x, list(shifts), list(dims))
  },
})
function rolled(x: Tensor, by: readonly number[], dims: readonly number[]): Tensor {
  if (by.length === 0) throw new ShapeError('`shifts` required')
  if (dims.length === 0) {
    if (by.length !== 1)
      throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${dims.length}`)
    return named(reshape(rolled(reshape(x, [-1]), by, [0]), x.sizes), roll.op.node)
  }
  if (dims.length !== by.length)
    throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${dims.length}`)
  let out = x
  // Where there is nothing to move, the dims are not looked at.
  if (x.count > 0)
    dims.forEach((dim, i) => {
      if (x.sizes.length === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`)
      const d = wrapDim(dim, x.sizes.length)
      const n = x.sizes[d]
      const k = ((by[i] % n) + n) % n
      if (k !== 0) out = cat([narrow(out, d, n - k, k), narrow(out, d, 0, n - k)], d)
    })
  return named(out === x ? clone(x) : out, roll.op.node)
}
/** Options of `rot90`. */
export interface Rot90Options {
  /** How many turns; below 0 the other way. Default 1. */
  k?: number
  /** The plane: turned from the first towards the second. Default [0, 1]. */
  dims?: readonly number[]
}
/** Quarter turns in the plane of two dims; a copy. @throws ShapeError where `dims` are not two different ones */
export const rot90: Op<(x: Tensor, k?: number | Rot90Options, options?: Omit<Rot90Options, 'k'>) => Tensor> = define(
  'rot90',
  {
    params: [param.tensor('input'), param.int('k').default(1), param.ints('dims').default([0, 1])],
    node: 'Rot90Backward0',
    run: (x, { k, dims }) => turned(x, k, dims),
  },
)
function turned(x: Tensor, k: number, dims: readonly number[]): Tensor {
  const nd = x.sizes.length
  if (dims.length !== 2) throw new ShapeError(`expected total rotation dims == 2, but got dims = ${dims.length}`)
  if (nd < 2) throw new ShapeError(`expected total dims >= 2, but got total dims = ${nd}`)
  const [a, b] = dims as [number, number]
  if (a === b || Math.abs(a - b) === nd)
    throw new ShapeError(`expected rotation dims to be different, but got dim0 = ${a} and dim1 = ${b}`)
  wrapDims([a, b], nd)
  return named(quarterTurns(x, ((k % 4) + 4) % 4, a, b), rot90.op.node)
}
function quarterTurns(x: Tensor, k: number, a: number, b: number): Tensor {
  switch (k) {
    case 1:
      return transpose(flip(x, [b]), a, b)
    case 2:
      return flip(x, [a, b])
    case 3:
      return flip(transpose(x, a, b), [b])
    default:
      return clone(x)
  }
}
