/** Reading values out: single numbers, nested arrays, typed arrays, printouts. */
import { ShapeError, ValueError } from '../errors'
import { Category, fromBFloat16Bits, fromFloat16Bits, type TypedArray } from '../runtime/dtype'
import { releasedError } from '../runtime/storage'
import { formatTensor, type Printable } from '../tensor/format'
import { Tensor } from '../tensor/tensor'
import { contiguousRaw, expectTensor, optionsOf } from './core'

/** A view of the elements of the storage, for immediate use. */
function view(x: Tensor): TypedArray {
  const s = x.storage
  if (s.released) throw releasedError()
  return new x.info.array(s.buffer, s.byteOffset, Math.floor(s.byteLength / x.info.itemsize))
}

const decoder = (x: Tensor): ((v: number | bigint) => Printable) => {
  switch (x.dtype) {
    case 'bool':
      return (v) => v !== 0
    case 'float16':
      return (v) => fromFloat16Bits(v as number)
    case 'bfloat16':
      return (v) => fromBFloat16Bits(v as number)
    default:
      return (v) => v
  }
}

/** int64 values as numbers, where that loses nothing. */
function safe(v: Printable): number | boolean {
  if (typeof v !== 'bigint') return v
  const n = Number(v)
  if (!Number.isSafeInteger(n))
    throw new ValueError(`the int64 value ${v} is not a safe JavaScript integer; read it with toTypedArray()`, {
      value: String(v),
    })
  return n
}

/** The value of a one-element tensor as a number (bool tensors: a boolean). @throws ShapeError for any other size; ValueError for an int64 beyond 2⁵³ */
export function item(x: Tensor): number {
  expectTensor('item', 'input', x)
  if (x.count !== 1)
    throw new ShapeError(`a Tensor with ${x.count} elements cannot be converted to Scalar`, { shape: [...x.sizes] })
  return safe(decoder(x)(view(x)[x.offset] as number | bigint)) as number
}

/** Nested arrays, as deep as the tensor has dims. */
export type Nested = number | boolean | Nested[]
/** The values as nested arrays of numbers (bool: booleans); a 0-d tensor gives one value. */
export function toArray(x: Tensor): Nested {
  expectTensor('toArray', 'input', x)
  const a = x.count > 0 ? view(x) : []
  const decode = decoder(x)
  const build = (dim: number, offset: number): Nested => {
    if (dim === x.sizes.length) return safe(decode(a[offset] as number | bigint))
    const out: Nested[] = new Array(x.sizes[dim] as number)
    for (let i = 0; i < out.length; i++) out[i] = build(dim + 1, offset + i * (x.strides[dim] as number))
    return out
  }
  return build(0, x.offset)
}
export { toArray as tolist }

/** A row-major copy of the values; float16 and bfloat16 as their bits (Uint16Array), bool as Uint8Array. */
export function toTypedArray(x: Tensor): TypedArray {
  expectTensor('toTypedArray', 'input', x)
  if (x.count === 0) return new x.info.array(new ArrayBuffer(0), 0, 0)
  const c = contiguousRaw(x)
  const s = c.storage
  if (s.released) throw releasedError()
  const from = s.byteOffset + c.offset * c.info.itemsize
  const bytes = s.buffer.slice(from, from + c.count * c.info.itemsize)
  const out = new x.info.array(bytes, 0, x.count)
  // Any byte but 0 is true.
  if (x.dtype === 'bool') for (let i = 0; i < x.count; i++) if (out[i] !== 0) out[i] = 1
  return out
}

/** A view whose base changed in a way that its graph cannot follow prints as PyTorch's. */
function gradFnName(x: Tensor): string | null {
  try {
    return x.gradFn?.label ?? null
  } catch {
    return 'Invalid'
  }
}
/** The printout of PyTorch. @param plain whether it is of no class of the user's own, whose name would be printed */
export function toText(x: Tensor, isParameter = false, plain = x.constructor === Tensor): string {
  const a = x.count > 0 ? view(x) : []
  const decode = decoder(x)
  const { sizes, strides, offset } = x
  return formatTensor({
    shape: sizes,
    dtype: x.dtype,
    valueAt: (index) => {
      let at = offset
      let rest = index
      for (let d = sizes.length - 1; d >= 0; d--) {
        const n = sizes[d] as number
        at += (rest % n) * (strides[d] as number)
        rest = Math.floor(rest / n)
      }
      return decode(a[at] as number | bigint)
    },
    requiresGrad: x.requiresGrad,
    gradFn: gradFnName(x),
    isParameter,
    subclass: plain ? null : x.constructor.name,
  })
}

/** What JavaScript's operators and conditions see: the value of a one-element tensor. */
export function toPrimitive(x: Tensor, hint: string): number | boolean | string | bigint {
  if (hint === 'string') return x.toString()
  if (x.count === 0) throw new ValueError('Boolean value of Tensor with no values is ambiguous')
  if (x.count > 1)
    throw new ValueError('Boolean value of Tensor with more than one value is ambiguous', { shape: [...x.sizes] })
  const v = decoder(x)(view(x)[x.offset] as number | bigint)
  return typeof v === 'bigint' && Number.isSafeInteger(Number(v)) ? Number(v) : v
}

/** Whether two tensors have the same shape and the same values (NaN differs from itself). */
export function equal(x: Tensor, other: Tensor): boolean {
  expectTensor('equal', 'input', x)
  expectTensor('equal', 'other', other)
  if (x.sizes.length !== other.sizes.length || x.sizes.some((s, i) => s !== other.sizes[i])) return false
  return x.count === 0 || Boolean(x.eq(other).all().item())
}
/** Options of `allclose` and `isclose`. */
export interface CloseOptions {
  /** Relative tolerance; default 1e-5. */
  rtol?: number
  /** Absolute tolerance; default 1e-8. */
  atol?: number
  /** NaN equals NaN. Default false. */
  equalNan?: boolean
}
/** Elementwise |x - y| ≤ atol + rtol · |y|. */
export function isclose(x: Tensor, other: Tensor, options?: number | CloseOptions, rest?: CloseOptions): Tensor {
  expectTensor('isclose', 'input', x)
  expectTensor('isclose', 'other', other)
  const {
    rtol = 1e-5,
    atol = 1e-8,
    equalNan = false,
  } = optionsOf<CloseOptions>('isclose', ['rtol', 'atol', 'equalNan'], options, rest)
  if (x.dtype !== other.dtype) throw new ValueError(`${x.info.scalarType} did not match ${other.info.scalarType}`)
  if (rtol < 0) throw new ValueError(`rtol must be greater than or equal to zero, but got ${rtol}`)
  if (atol < 0) throw new ValueError(`atol must be greater than or equal to zero, but got ${atol}`)
  const [a, b] = [x.detach(), other.detach()]
  let close = a.eq(b)
  if (x.info.category === Category.Float && equalNan) close = close.logicalOr(a.isnan().logicalAnd(b.isnan()))
  if (rtol === 0 && atol === 0) return close
  const [da, db] = x.info.category === Category.Float ? [a, b] : [a.to('float64'), b.to('float64')]
  const error = da.sub(db).abs()
  const allowed = db.abs().mul(rtol).add(atol)
  return close.logicalOr(error.isfinite().logicalAnd(error.le(allowed)))
}
/** Whether all elements are close: see `isclose`. */
export function allclose(x: Tensor, other: Tensor, options?: number | CloseOptions, rest?: CloseOptions): boolean {
  return Boolean(isclose(x, other, options, rest).all().item())
}
/** The number of elements. */
export function numel(x: Tensor): number {
  expectTensor('numel', 'input', x)
  return x.count
}
/** Whether the dtype is a floating one. */
export function isFloatingPoint(x: Tensor): boolean {
  expectTensor('isFloatingPoint', 'input', x)
  return x.info.category === Category.Float
}
