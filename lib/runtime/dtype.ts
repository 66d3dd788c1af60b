/**
 * Element types and PyTorch's promotion rules (https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc).
 * The codes are shared with native/command/dtype.h.
 */

/** The name of an element type. */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'bool'

/** What a plain JavaScript value may stand for as an operand: float, int and bool scalar in PyTorch's terms. */
export type Scalar = number | bigint | boolean

/** A typed array that `toTypedArray()` gives or `tensor()` takes. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint16Array

export const enum Category {
  Bool = 0,
  Int = 1,
  Float = 2,
}

type TypedArrayConstructor = {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray
  readonly BYTES_PER_ELEMENT: number
}

/** All that the library knows of one element type. */
export interface DTypeInfo {
  readonly name: DType
  /** Its number in commands. */
  readonly code: number
  readonly itemsize: number
  readonly category: Category
  /** PyTorch's name in error texts: `Float`, `Long` … */
  readonly scalarType: string
  /** The typed array over its bytes; float16 and bfloat16 are seen as their uint16 bits, bool as uint8. */
  readonly array: TypedArrayConstructor
  /** Where arithmetic on it is done: itself, or float32 for the two half types. */
  readonly compute: DType
  /** log2 of itemsize. */
  readonly shift: number
}

const row = (
  name: DType,
  code: number,
  itemsize: number,
  category: Category,
  scalarType: string,
  array: TypedArrayConstructor,
  compute: DType = name,
): DTypeInfo => ({ name, code, itemsize, category, scalarType, array, compute, shift: Math.log2(itemsize) })

export const DTYPES: { readonly [K in DType]: DTypeInfo } = {
  float32: row('float32', 0, 4, Category.Float, 'Float', Float32Array),
  float64: row('float64', 1, 8, Category.Float, 'Double', Float64Array),
  float16: row('float16', 2, 2, Category.Float, 'Half', Uint16Array, 'float32'),
  bfloat16: row('bfloat16', 3, 2, Category.Float, 'BFloat16', Uint16Array, 'float32'),
  int64: row('int64', 4, 8, Category.Int, 'Long', BigInt64Array),
  int32: row('int32', 5, 4, Category.Int, 'Int', Int32Array),
  int16: row('int16', 6, 2, Category.Int, 'Short', Int16Array),
  int8: row('int8', 7, 1, Category.Int, 'Char', Int8Array),
  uint8: row('uint8', 8, 1, Category.Int, 'Byte', Uint8Array),
  bool: row('bool', 9, 1, Category.Bool, 'Bool', Uint8Array),
}

export const DTYPE_LIST: readonly DTypeInfo[] = Object.values(DTYPES)

export const isDType = (v: unknown): v is DType => typeof v === 'string' && Object.hasOwn(DTYPES, v)

export const isFloating = (d: DType): boolean => DTYPES[d].category === Category.Float

const INT_ORDER: readonly DType[] = ['int8', 'int16', 'int32', 'int64']

/** `torch.promote_types`: the smallest type that both fit in, by PyTorch's table. */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a
  const x = DTYPES[a]
  const y = DTYPES[b]
  if (x.category !== y.category) return x.category > y.category ? a : b
  if (x.category === Category.Float) {
    if (a === 'float64' || b === 'float64') return 'float64'
    return 'float32' // two of float32, float16, bfloat16
  }
  if (a === 'uint8') return b === 'int8' ? 'int16' : b
  if (b === 'uint8') return a === 'int8' ? 'int16' : a
  return INT_ORDER[Math.max(INT_ORDER.indexOf(a), INT_ORDER.indexOf(b))] as DType
}

/** `torch.can_cast`: whether an in-place result of type `from` may be stored as `to`. */
export const canCast = (from: DType, to: DType): boolean => DTYPES[from].category <= DTYPES[to].category

let defaultFloat: 'float32' | 'float64' = 'float32'
/** The dtype of float results that no operand decides (`torch.get_default_dtype`). */
export const getDefaultDtype = (): DType => defaultFloat
export const setDefaultFloat = (d: 'float32' | 'float64'): void => {
  defaultFloat = d
}

/** The dtype a JavaScript scalar has as a literal: number → the default float, bigint → int64, boolean → bool. */
export const scalarDtype = (v: Scalar): DType =>
  typeof v === 'number' ? defaultFloat : typeof v === 'bigint' ? 'int64' : 'bool'

const scratch = new DataView(new ArrayBuffer(4))

/** The bits of a number as bfloat16, rounded to nearest even. */
export function toBFloat16Bits(v: number): number {
  scratch.setFloat32(0, v)
  const bits = scratch.getUint32(0)
  if (Number.isNaN(v)) return 0x7fc0
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

/** The bits of a number as IEEE 754 binary16, rounded to nearest even. */
export function toFloat16Bits(v: number): number {
  if (Number.isNaN(v)) return 0x7e00
  const sign = v < 0 || Object.is(v, -0) ? 0x8000 : 0
  const a = Math.abs(v)
  if (a >= 65520) return sign | 0x7c00
  if (a < 2 ** -14) return sign | roundEven(a * 2 ** 24)
  let exponent = Math.floor(Math.log2(a))
  if (2 ** exponent > a) exponent--
  else if (2 ** (exponent + 1) <= a) exponent++
  // A mantissa that rounds up to 2 carries into the exponent by itself.
  return sign | (((exponent + 15) << 10) + roundEven((a / 2 ** exponent - 1) * 1024))
}

function roundEven(v: number): number {
  const f = Math.floor(v)
  const d = v - f
  return d > 0.5 || (d === 0.5 && f % 2 === 1) ? f + 1 : f
}

/** A number as a half type keeps it. */
export function toHalf(v: number, dtype: 'float16' | 'bfloat16'): number {
  // By way of float32, as in PyTorch.
  const single = Math.fround(v)
  return dtype === 'float16' ? fromFloat16Bits(toFloat16Bits(single)) : fromBFloat16Bits(toBFloat16Bits(single))
}

export function fromBFloat16Bits(bits: number): number {
  scratch.setUint32(0, bits << 16)
  return scratch.getFloat32(0)
}

export function fromFloat16Bits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const mantissa = bits & 1023
  if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}
