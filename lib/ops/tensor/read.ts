/** Reading values out: single numbers, nested arrays, typed arrays, printouts. */
import { ArgumentError, ValueError } from '../../errors'
import { Category, DTYPES, type TypedArray } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { formatTensor, type Printable } from '../../tensor/format'
import { Tensor } from '../../tensor/tensor'
import { textOfCopy } from '../../tensor/test-printout'
import { decoder, hostRead } from '../define/host-read'
import { pointwise } from '../define/kernel'
import { contiguousRaw } from '../define/results'
import { aliasOf, define } from '../define/define'
import { bool, float, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { ambiguous, checkClose } from './checks'

type Elements = ArrayLike<number | bigint>
/** Gives `use` all elements of the storage; of a tensor without elements, which may have been released, none. */
const withElements = <R>(x: Tensor, use: (elements: Elements) => R): R =>
  x.count > 0 ? x.storage.withArray<Elements, R>(x.info.array, use) : use([])

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
export const item: Op<(x: Tensor) => number> = define('item', {
  params: [tensor('input')],
  differentiable: false,
  // What it is for.
  run: (x) => safe(hostRead(x)) as number,
})

/** Nested arrays, as deep as the tensor has dims. */
export type Nested = number | boolean | Nested[]
/** The values as nested arrays of numbers (bool: booleans); a 0-d tensor gives one value. @throws ValueError for an int64 beyond 2⁵³ */
export const toArray: Op<(x: Tensor) => Nested> = define('toArray', {
  params: [tensor('input')],
  differentiable: false,
  run(x) {
    const decode = decoder(x)
    return withElements(x, (a) => {
      const build = (dim: number, offset: number): Nested => {
        if (dim === x.sizes.length) return safe(decode(a[offset] as number | bigint))
        const out: Nested[] = new Array(x.sizes[dim])
        for (let i = 0; i < out.length; i++) out[i] = build(dim + 1, offset + i * x.strides[dim])
        return out
      }
      return build(0, x.offset)
    })
  },
})
/** The values as nested arrays: PyTorch's name of `toArray`. */
export const tolist: Op<(x: Tensor) => Nested> = aliasOf(toArray, 'tolist')

/** A row-major copy of the values; float16 and bfloat16 as their bits (Uint16Array), bool as Uint8Array. */
export const toTypedArray: Op<(x: Tensor) => TypedArray> = define('toTypedArray', {
  params: [tensor('input')],
  differentiable: false,
  run(x) {
    if (x.count === 0) return new x.info.array(new ArrayBuffer(0), 0, 0)
    const c = contiguousRaw(x)
    const out = c.storage.withArray(c.info.array, (a) => a.slice(), c.offset * c.info.itemsize, c.count)
    // Any byte but 0 is true.
    if (x.dtype === 'bool') for (let i = 0; i < x.count; i++) if (out[i] !== 0) out[i] = 1
    return out
  },
})

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
  const copied = textOfCopy(x)
  if (copied !== null) return copied
  const decode = decoder(x)
  const { sizes, strides, offset } = x
  const textOf = (a: Elements): string =>
    formatTensor({
      shape: sizes,
      dtype: x.dtype,
      valueAt: (index) => {
        let at = offset
        let rest = index
        for (let d = sizes.length - 1; d >= 0; d--) {
          const n = sizes[d]
          at += (rest % n) * strides[d]
          rest = Math.floor(rest / n)
        }
        return decode(a[at] as number | bigint)
      },
      requiresGrad: x.requiresGrad,
      gradFn: gradFnName(x),
      isParameter,
      subclass: plain ? null : x.constructor.name,
    })
  return withElements(x, textOf)
}

/** What JavaScript's operators and conditions see: the value of a one-element tensor. */
export function toPrimitive(x: Tensor, hint: string): number | boolean | string | bigint {
  if (hint === 'string') return x.toString()
  // Of `+` and `==`; all other operators ask for a number, and cannot be told from comparisons with one.
  if (hint === 'default')
    throw new ArgumentError(
      'JavaScript has no + and == for tensors: write x.add(y) and x.eq(y); x.item() is a number, String(x) a text',
    )
  if (x.count !== 1) throw ambiguous(x.sizes, x.count)
  // What it is for.
  const v = hostRead(x)
  return typeof v === 'bigint' && Number.isSafeInteger(Number(v)) ? Number(v) : v
}

/** Whether two tensors have the same shape and the same values (NaN differs from itself). */
export const equal: Op<(x: Tensor, other: Tensor) => boolean> = define('equal', {
  params: [tensor('input'), tensor('other')],
  differentiable: false,
  run(x, other) {
    if (x.sizes.length !== other.sizes.length || x.sizes.some((s, i) => s !== other.sizes[i])) return false
    // The answer is a boolean of JavaScript.
    return x.count === 0 || Boolean(hostRead(x.eq(other).all()))
  },
})
/** Options of `allclose` and `isclose`. */
export interface CloseOptions {
  /** Relative tolerance; default 1e-5. */
  rtol?: number
  /** Absolute tolerance; default 1e-8. */
  atol?: number
  /** NaN equals NaN. Default false. */
  equalNan?: boolean
}
const closeParams = [
  tensor('input'),
  tensor('other'),
  float('rtol').default(1e-5),
  float('atol').default(1e-8),
  bool('equalNan').default(false),
] as const
type CloseTest<R> = Op<(x: Tensor, other: Tensor, rtol?: number | CloseOptions, options?: CloseOptions) => R>
/** Elementwise |x - other| ≤ atol + rtol · |other|. @throws ValueError for a negative tolerance or two dtypes */
export const isclose: CloseTest<Tensor> = define('isclose', {
  params: closeParams,
  differentiable: false,
  run: closeness,
})
function closeness(x: Tensor, other: Tensor, { rtol, atol, equalNan }: Required<CloseOptions>): Tensor {
  checkClose(x, other, rtol, atol)
  const [a, b] = [x.detach(), other.detach()]
  const close =
    x.info.category === Category.Float && equalNan ? pointwise(OP.eq_nan, x.info, DTYPES.bool, null, a, b) : a.eq(b)
  if (rtol === 0 && atol === 0) return close
  const [da, db] = x.info.category === Category.Float ? [a, b] : [a.to('float64'), b.to('float64')]
  const error = da.sub(db).abs()
  const allowed = db.abs().mul(rtol).add(atol)
  return close.logicalOr(error.isfinite().logicalAnd(error.le(allowed)))
}
/** Whether all elements are close: see `isclose`. */
export const allclose: CloseTest<boolean> = define('allclose', {
  params: closeParams,
  differentiable: false,
  // The answer is a boolean of JavaScript.
  run: (x, other, options) => Boolean(hostRead(closeness(x, other, options).all())),
})
/** The number of elements. */
export const numel: Op<(x: Tensor) => number> = define('numel', {
  params: [tensor('input')],
  method: false,
  differentiable: false,
  run: (x) => x.count,
})
/** Whether the dtype is a floating one. */
export const isFloatingPoint: Op<(x: Tensor) => boolean> = define('isFloatingPoint', {
  params: [tensor('input')],
  method: false,
  differentiable: false,
  run: (x) => x.info.category === Category.Float,
})
