/** Copies: clones, casts, writing over, turning. */
import { attach, type Rule, tracks } from '../autograd/node'
import { ArgumentError, IndexError, ShapeError } from '../errors'
import { type DType, DTYPES } from '../runtime/dtype'
import { sameShape, wrapDim, wrapDims } from '../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../tensor/tensor'
import {
  castRaw,
  copyInto,
  emptyLike,
  emptyOf,
  expectDType,
  expectInt,
  expectInts,
  expectTensor,
  finishInPlace,
  optionsOf,
  overwrite,
  startInPlace,
  storable,
  zerosFor,
} from './core'
import { arange } from './create'
import { checkInPlaceShape } from './define/elementwise'
import { cat } from './joining'
import { narrow, reshape, transpose } from './views'
import { named } from './named'

// ---- copies -------------------------------------------------------------------------------------------------------

/** Options of `clone`. */
export interface CloneOptions {
  /** `preserve` (default) keeps dense strides; `contiguous` gives row-major ones. */
  memoryFormat?: 'preserve' | 'contiguous'
}
const cloneBack: Rule = (_n, g) => g
/** A copy in fresh memory; gradients flow through. */
export function clone(x: Tensor, options?: CloneOptions): Tensor {
  expectTensor('clone', 'input', x)
  const { memoryFormat = 'preserve' } = optionsOf<CloneOptions>('clone', ['memoryFormat'], options)
  if (memoryFormat !== 'preserve' && memoryFormat !== 'contiguous')
    throw new ArgumentError(
      `clone(): argument 'memoryFormat' must be 'preserve' or 'contiguous', not ${String(memoryFormat)}`,
    )
  const out = memoryFormat === 'preserve' ? emptyLike(x, x.info) : emptyOf(x.sizes, x.info)
  copyInto(out, x)
  if (tracks(x)) attach(out, 'CloneBackward0', cloneBack, [x])
  return out
}
/** The tensor itself where it is row-major, else a row-major copy. */
export function contiguous(x: Tensor): Tensor {
  expectTensor('contiguous', 'input', x)
  return x.rowMajor ? x : clone(x, { memoryFormat: 'contiguous' })
}
/** The same values, cut off from the graph; shares memory and versions. */
export function detach(x: Tensor): Tensor {
  expectTensor('detach', 'input', x)
  return reinterpret(x, x.sizes, x.strides, x.offset)
}
/** Cuts this tensor itself off from the graph. */
export function detach_(x: Tensor): Tensor {
  expectTensor('detach_', 'input', x)
  if (x.viewInfo)
    throw new ShapeError(
      "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
    )
  x.setGradFn(null, 0)
  x.needsGrad = false
  return x
}

/** Options of `to`. */
export interface ToOptions {
  dtype?: DType
  /** Copy even where nothing changes. Default false. */
  copy?: boolean
}
const castBack: Rule = (n, g) => to(g, n.meta as DType)
/** The values in another dtype; the tensor itself where it has it already. */
export function to(x: Tensor, dtype: DType | Tensor | ToOptions | 'cpu', options?: Omit<ToOptions, 'dtype'>): Tensor {
  expectTensor('to', 'input', x)
  if (dtype === 'cpu') return x
  const o = isTensor(dtype)
    ? { dtype: dtype.dtype, ...options }
    : optionsOf<ToOptions>('to', ['dtype', 'copy'], dtype, options)
  const want = o.dtype ?? x.dtype
  expectDType('to', want)
  const info = DTYPES[want]
  if (info === x.info) return o.copy ? clone(x) : x
  const out = castRaw(x, info)
  if (info.category === 2 && tracks(x)) attach(out, 'ToCopyBackward0', castBack, [x]).meta = x.dtype
  return out
}
export { to as type }
export const typeAs = (x: Tensor, other: Tensor): Tensor => {
  expectTensor('typeAs', 'input', x)
  expectTensor('typeAs', 'other', other)
  return to(x, other.dtype)
}
export const float = (x: Tensor): Tensor => to(x, 'float32')
export const double = (x: Tensor): Tensor => to(x, 'float64')
export const half = (x: Tensor): Tensor => to(x, 'float16')
export const bfloat16 = (x: Tensor): Tensor => to(x, 'bfloat16')
export const long = (x: Tensor): Tensor => to(x, 'int64')
export const int = (x: Tensor): Tensor => to(x, 'int32')
export const short = (x: Tensor): Tensor => to(x, 'int16')
export const char = (x: Tensor): Tensor => to(x, 'int8')
export const byte = (x: Tensor): Tensor => to(x, 'uint8')
export const bool = (x: Tensor): Tensor => to(x, 'bool')

/** Writes the values of `source` (broadcast, cast) into this tensor. */
export function copy_(x: Tensor, source: Tensor | number | bigint | boolean): Tensor {
  expectTensor('copy_', 'input', x)
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
/** Sets every element to one value. */
export function fill_(x: Tensor, value: number | bigint | boolean | Tensor): Tensor {
  expectTensor('fill_', 'input', x)
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
    v ? 'FillBackward3' : 'FillBackward2',
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
export function zero_(x: Tensor): Tensor {
  expectTensor('zero_', 'input', x)
  const n = startInPlace(x, 'ZeroBackward0', (_m, g) => zerosFor(g), [x], 'any')
  copyInto(x, 0)
  finishInPlace(x, n)
  return x
}

// ---- turning ------------------------------------------------------------------------------------------------------

const flipBack: Rule = (n, g) => flip(g, n.meta as number[])
/** The order of elements turned along the given dims; a copy. */
export function flip(x: Tensor, dims: readonly number[]): Tensor {
  expectTensor('flip', 'input', x)
  const list = typeof dims === 'number' ? [dims] : dims
  expectInts('flip', 'dims', list)
  const ds = wrapDims(list, x.sizes.length).filter((d) => d < x.sizes.length)
  let out: Tensor = x.detach()
  for (const d of ds) out = out.indexSelect(d, reversed(out.sizes[d] as number))
  if (ds.length === 0) out = clone(out)
  if (tracks(x)) attach(out, 'FlipBackward0', flipBack, [x]).meta = ds
  return out
}
/** Columns in reverse. */
export function fliplr(x: Tensor): Tensor {
  expectTensor('fliplr', 'input', x)
  if (x.sizes.length < 2) throw new ShapeError('Input must be >= 2-d.')
  return flip(x, [1])
}
/** Rows in reverse. */
export function flipud(x: Tensor): Tensor {
  expectTensor('flipud', 'input', x)
  if (x.sizes.length < 1) throw new ShapeError('Input must be >= 1-d.')
  return flip(x, [0])
}
const reversed = (n: number): Tensor => arange(n - 1, -1, -1, { dtype: 'int64' })
/** Elements moved round along dims, those pushed out coming in on the other side; a copy. */
export function roll(
  x: Tensor,
  shifts: number | readonly number[],
  options?: number | readonly number[] | { dims?: number | readonly number[] },
): Tensor {
  expectTensor('roll', 'input', x)
  const by = typeof shifts === 'number' ? [shifts] : shifts
  expectInts('roll', 'shifts', by)
  const o = optionsOf<{ dims?: number | readonly number[] }>('roll', ['dims'], options)
  const dims = o.dims === undefined ? [] : typeof o.dims === 'number' ? [o.dims] : o.dims
  if (by.length === 0) throw new ShapeError('`shifts` required')
  if (dims.length === 0) {
    if (by.length !== 1)
      throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${dims.length}`)
    return named(reshape(roll(reshape(x, [-1]), by, 0), x.sizes), 'RollBackward0')
  }
  if (dims.length !== by.length)
    throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${dims.length}`)
  let out = x
  // Where there is nothing to move, the dims are not looked at.
  if (x.count > 0)
    dims.forEach((dim, i) => {
      if (x.sizes.length === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`)
      const d = wrapDim(dim, x.sizes.length)
      const n = x.sizes[d] as number
      const k = (((by[i] as number) % n) + n) % n
      if (k !== 0) out = cat([narrow(out, d, n - k, k), narrow(out, d, 0, n - k)], d)
    })
  return named(out === x ? clone(x) : out, 'RollBackward0')
}
/** A quarter turn, `k` times, in the plane of two dims. */
export function rot90(
  x: Tensor,
  turns?: number | { k?: number; dims?: readonly number[] },
  options?: { dims?: readonly number[] },
): Tensor {
  expectTensor('rot90', 'input', x)
  const { k = 1, dims = [0, 1] } = optionsOf<{ k?: number; dims?: readonly number[] }>(
    'rot90',
    ['k', 'dims'],
    turns,
    options,
  )
  expectInt('rot90', 'k', k)
  expectInts('rot90', 'dims', dims)
  const nd = x.sizes.length
  if (dims.length !== 2) throw new ShapeError(`expected total rotation dims == 2, but got dims = ${dims.length}`)
  if (nd < 2) throw new ShapeError(`expected total dims >= 2, but got total dims = ${nd}`)
  const [a, b] = dims as [number, number]
  if (a === b || Math.abs(a - b) === nd)
    throw new ShapeError(`expected rotation dims to be different, but got dim0 = ${a} and dim1 = ${b}`)
  wrapDims([a, b], nd)
  const turned = (): Tensor => {
    switch (((k % 4) + 4) % 4) {
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
  return named(turned(), 'Rot90Backward0')
}
