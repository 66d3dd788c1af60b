/**
 * Element types and PyTorch's promotion rules (https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc).
 * Their codes are those of native/dtypes.def.
 */
import { DTYPE_NAMES, type DTypeName } from './opcodes'

/** The name of an element type. */
export type DType = DTypeName

/**
 * What a plain JavaScript value may stand for as an operand: a whole number or a bigint for PyTorch's int, any other
 * number for its float, a boolean for its bool.
 */
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
  /** log2 of itemsize. */
  readonly shift: number
  readonly category: Category
  /** Whether its tensors can require a gradient. */
  readonly differentiable: boolean
  /** Whether its numbers are complex. */
  readonly complex: boolean
  /** PyTorch's name in error texts: `Float`, `Long` … */
  readonly scalarType: string
  /** How compilers print its C++ type, and so other error texts: `c10::Half`, `long int` … */
  readonly cppName: string
  /** How C++ sources, and so yet other error texts, write it: `c10::Half`, `int64_t` … */
  readonly cName: string
  /** The typed array over its bytes; float16 and bfloat16 are seen as their uint16 bits, bool as uint8. */
  readonly array: TypedArrayConstructor
  /** Where arithmetic on it is done: itself, or float32 for the two half types. */
  readonly compute: DType
  /** The least and the largest finite number; of integers exactly. */
  readonly range: readonly [number, number] | readonly [bigint, bigint]
  /** Bits of the significand of a floating dtype, the hidden one included; 0 of others. */
  readonly digits: number
  /** From 1 to the next number, of a floating dtype; 0 of others. */
  readonly epsilon: number
  /** What safetensors files call it. */
  readonly safetensors: string
  /** What `.npy` files call it; null where numpy has no such type. */
  readonly npy: string | null
}

/** What follows from what a row says. */
type Derived =
  | 'name'
  | 'code'
  | 'itemsize'
  | 'shift'
  | 'category'
  | 'differentiable'
  | 'complex'
  | 'compute'
  | 'epsilon'
const row = (name: DType, category: Category, of: Omit<DTypeInfo, Derived>, compute: DType = name): DTypeInfo => ({
  name,
  code: DTYPE_NAMES.indexOf(name),
  itemsize: of.array.BYTES_PER_ELEMENT,
  category,
  scalarType: of.scalarType,
  array: of.array,
  compute,
  shift: Math.log2(of.array.BYTES_PER_ELEMENT),
  differentiable: category === Category.Float,
  complex: false,
  cppName: of.cppName,
  cName: of.cName,
  range: of.range,
  digits: of.digits,
  epsilon: of.digits === 0 ? 0 : 2 ** (1 - of.digits),
  safetensors: of.safetensors,
  npy: of.npy,
})
type FloatRow = Omit<DTypeInfo, Derived | 'range'> & { readonly largest: number }
const floating = (name: DType, { largest, ...of }: FloatRow, compute?: DType): DTypeInfo =>
  row(name, Category.Float, { ...of, range: [-largest, largest] }, compute)
type IntRow = Omit<DTypeInfo, Derived | 'digits'> & { readonly range: readonly [bigint, bigint] }
const integer = (name: DType, of: IntRow, category = Category.Int): DTypeInfo =>
  row(name, category, { ...of, digits: 0 })

export const DTYPES: { readonly [K in DType]: DTypeInfo } = {
  float32: floating('float32', {
    scalarType: 'Float',
    cppName: 'float',
    cName: 'float',
    array: Float32Array,
    largest: 3.4028234663852886e38,
    digits: 24,
    safetensors: 'F32',
    npy: '<f4',
  }),
  float64: floating('float64', {
    scalarType: 'Double',
    cppName: 'double',
    cName: 'double',
    array: Float64Array,
    largest: Number.MAX_VALUE,
    digits: 53,
    safetensors: 'F64',
    npy: '<f8',
  }),
  float16: floating(
    'float16',
    {
      scalarType: 'Half',
      cppName: 'c10::Half',
      cName: 'c10::Half',
      array: Uint16Array,
      largest: 65504,
      digits: 11,
      safetensors: 'F16',
      npy: '<f2',
    },
    'float32',
  ),
  bfloat16: floating(
    'bfloat16',
    {
      scalarType: 'BFloat16',
      cppName: 'c10::BFloat16',
      cName: 'c10::BFloat16',
      array: Uint16Array,
      largest: 3.3895313892515355e38,
      digits: 8,
      safetensors: 'BF16',
      npy: null,
    },
    'float32',
  ),
  int64: integer('int64', {
    scalarType: 'Long',
    cppName: 'long int',
    cName: 'int64_t',
    array: BigInt64Array,
    range: [-(2n ** 63n), 2n ** 63n - 1n],
    safetensors: 'I64',
    npy: '<i8',
  }),
  int32: integer('int32', {
    scalarType: 'Int',
    cppName: 'int',
    cName: 'int',
    array: Int32Array,
    range: [-(2n ** 31n), 2n ** 31n - 1n],
    safetensors: 'I32',
    npy: '<i4',
  }),
  int16: integer('int16', {
    scalarType: 'Short',
    cppName: 'short int',
    cName: 'int16_t',
    array: Int16Array,
    range: [-32768n, 32767n],
    safetensors: 'I16',
    npy: '<i2',
  }),
  int8: integer('int8', {
    scalarType: 'Char',
    cppName: 'signed char',
    cName: 'int8_t',
    array: Int8Array,
    range: [-128n, 127n],
    safetensors: 'I8',
    npy: '|i1',
  }),
  uint8: integer('uint8', {
    scalarType: 'Byte',
    cppName: 'unsigned char',
    cName: 'uint8_t',
    array: Uint8Array,
    range: [0n, 255n],
    safetensors: 'U8',
    npy: '|u1',
  }),
  bool: integer(
    'bool',
    {
      scalarType: 'Bool',
      cppName: 'bool',
      cName: 'bool',
      array: Uint8Array,
      range: [0n, 1n],
      safetensors: 'BOOL',
      npy: '|b1',
    },
    Category.Bool,
  ),
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

/**
 * The dtype that a JavaScript scalar counts as beside a tensor: a whole number as Python's int, any other as its float. What is
 * beyond the safe integers is a float: JavaScript knows it no more exactly than that.
 */
export const operandDtype = (v: Scalar): DType => (Number.isSafeInteger(v) ? 'int64' : scalarDtype(v))

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
