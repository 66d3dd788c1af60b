/** Making tensors from values, shapes and ranges. */
import { DTypeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import {
  Category,
  type DType,
  type DTypeInfo,
  DTYPES,
  getDefaultDtype,
  promoteTypes,
  type Scalar,
  operandDtype,
  scalarDtype,
  setDefaultFloat,
  toBFloat16Bits,
  toFloat16Bits,
  type TypedArray,
} from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { checkDims } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { expectAttached, fillable, isScalar } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { hostRead } from '../define/host-read'
import { copyInto, emptyLike as emptyRaw, emptyOf, filled } from '../define/results'
import {
  type AnyCreateOptions,
  CREATE_OPTIONS,
  type CreateOptions,
  type DataOptions,
  createOptions,
  creation,
  withRequiresGrad,
} from './create-options'
import {
  checkArray,
  checkBound,
  checkBoundDims,
  checkElement,
  checkFillScalar,
  checkFinite,
  checkMatrixSize,
  checkRange,
  checkRangeCall,
  checkRow,
  checkSize,
  unevenRow,
  unevenValue,
  unknownArray,
} from './create-checks'
import { define, defineAs } from '../define/define'
import * as param from '../define/params'
import type { SizesWith } from '../define/params'
import type { Op } from '../define/registry'

export type { CreateOptions, DataOptions, FloatDType, IntegralDType } from './create-options'

/** Nested arrays of numbers, bigints or booleans. */
export type NestedArray = readonly (Scalar | NestedArray | Tensor)[]
/** What `tensor()` takes. */
export type TensorData = Scalar | NestedArray | TypedArray | Tensor

const ARRAY_DTYPES: readonly [string, DType][] = [
  ['Float32Array', 'float32'],
  ['Float64Array', 'float64'],
  ['BigInt64Array', 'int64'],
  ['Int32Array', 'int32'],
  ['Int16Array', 'int16'],
  ['Int8Array', 'int8'],
  ['Uint8Array', 'uint8'],
  ['Uint8ClampedArray', 'uint8'],
]
/** By name, not instanceof: arrays of another realm (jest, vm) are arrays too. */
function dtypeOfArray(v: ArrayBufferView): DType {
  const name = Object.prototype.toString.call(v).slice(8, -1)
  const found = ARRAY_DTYPES.find(([n]) => n === name)
  if (!found)
    throw unknownArray(
      name,
      ARRAY_DTYPES.map(([n]) => n),
    )
  return found[1]
}

interface Gathered {
  shape: number[]
  flat: Scalar[]
  dtype: DType | null
}

function gather(data: NestedArray, depth: number, into: Gathered): void {
  if (depth === into.shape.length) into.shape.push(data.length)
  else checkRow(into.shape, depth, data.length)
  checkDims(depth + 1)
  let n = 0
  for (const v of data) {
    n++
    if (Array.isArray(v)) {
      // A row after a plain value: the nesting is uneven.
      if (into.flat.length > 0 && into.shape.length === depth + 1) throw unevenRow(depth)
      gather(v as NestedArray, depth + 1, into)
      continue
    }
    if (into.shape.length > depth + 1) throw unevenValue(into.shape, depth + 1)
    // The values are copied, in the one dtype that all of them have.
    const s = isTensor(v) ? hostRead(v) : v
    checkElement(s)
    const d = isTensor(v) ? v.dtype : scalarDtype(s)
    if (into.dtype !== d) into.dtype = into.dtype === null ? d : promoteTypes(into.dtype, d)
    into.flat.push(s)
  }
  // (What is no plain array may say another length than it has.)
  checkRow(into.shape, depth, n)
}

/** A new tensor of JavaScript scalars in row-major order. */
function ofScalars(sizes: readonly number[], flat: readonly Scalar[], info: DTypeInfo): Tensor {
  const out = emptyOf(sizes, info)
  out.storage.withArray(info.array, (elements) => writeScalars(elements, flat, info))
  return out
}
function writeScalars(a: TypedArray, flat: readonly Scalar[], info: DTypeInfo): void {
  const n = flat.length
  const { name } = info
  if (name === 'int64') {
    const big = a as BigInt64Array
    for (let i = 0; i < n; i++) {
      const v = flat[i] as Scalar
      checkFinite(v)
      big[i] = typeof v === 'bigint' ? v : BigInt(Math.trunc(Number(v)))
    }
    return
  }
  const numbers = a as Float32Array
  for (let i = 0; i < n; i++) {
    const v = flat[i] as Scalar
    if (info.category === Category.Int) {
      checkFinite(v)
      numbers[i] = typeof v === 'bigint' ? Number(BigInt.asIntN(32, v)) : Math.trunc(Number(v))
    } else if (name === 'bool') numbers[i] = v ? 1 : 0
    else if (name === 'float16') numbers[i] = toFloat16Bits(Math.fround(Number(v)))
    else if (name === 'bfloat16') numbers[i] = toBFloat16Bits(Number(v))
    else numbers[i] = Number(v)
  }
}

/**
 * A tensor of the given values, always a copy.
 *
 * Literals decide the dtype by their JavaScript type, never by their value: numbers give float32, bigints int64,
 * booleans bool; a typed array keeps its kind. `dtype` overrides.
 * @throws ValueError when the nesting is uneven; DTypeError for an unknown typed array
 */
export const tensor: Op<(data: TensorData, dtype?: DType | CreateOptions, options?: CreateOptions) => Tensor> = define(
  'tensor',
  {
    params: [param.own<TensorData>('Number, Tensor or nested array')('data'), ...creation],
    differentiable: false,
    run: tensorOf,
  },
)
function tensorOf(data: TensorData, o: AnyCreateOptions): Tensor {
  if (isTensor(data)) {
    const copy = data.detach().clone()
    return withRequiresGrad(o.dtype ? copy.to(o.dtype) : copy, o)
  }
  if (ArrayBuffer.isView(data)) {
    const source = dtypeOfArray(data)
    expectAttached(data)
    const raw = emptyOf([(data as unknown as { length: number }).length], DTYPES[source])
    raw.storage.withBytes((bytes) => bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)))
    return withRequiresGrad(o.dtype ? raw.to(o.dtype) : raw, o)
  }
  if (isScalar(data)) return withRequiresGrad(ofScalars([], [data], DTYPES[o.dtype ?? scalarDtype(data)]), o)
  checkArray(data)
  const into: Gathered = { shape: [], flat: [], dtype: null }
  gather(data as NestedArray, 0, into)
  return withRequiresGrad(ofScalars(into.shape, into.flat, DTYPES[o.dtype ?? into.dtype ?? getDefaultDtype()]), o)
}
/** A tensor of the data; a tensor of that dtype is returned as it is. @param data what `tensor` takes */
export const asTensor: Op<
  (data: TensorData, dtype?: DType | null | DataOptions, options?: Omit<DataOptions, 'dtype'>) => Tensor
> = define('asTensor', {
  params: [
    param.own<TensorData>('Number, Tensor or nested array')('data'),
    param.dtype('dtype').optional(),
    param.device('device').optional(),
  ],
  run: (data, o) => (isTensor(data) ? (o.dtype ? data.to(o.dtype) : data) : tensorOf(data, o)),
})
/** A tensor of one number without dims, of the default float dtype unless `dtype` says otherwise. */
export const scalarTensor: Op<(value: Scalar, options?: CreateOptions) => Tensor> = define('scalarTensor', {
  params: [param.own<Scalar | Tensor>('Number')('value'), ...creation],
  differentiable: false,
  run: (value, o) => fullOf('scalarTensor', [], value, { ...o, dtype: o.dtype ?? getDefaultDtype() }),
})

const infoOf = (o: AnyCreateOptions): DTypeInfo => DTYPES[o.dtype ?? getDefaultDtype()]

type OfSize = Op<(...size: SizesWith<CreateOptions>) => Tensor>
/** Uninitialised values. @param size an array, or the ints themselves @throws ShapeError for a negative size */
export const empty: OfSize = define('empty', {
  params: [param.spreadInts('size'), ...creation],
  differentiable: false,
  run(size, o) {
    checkSize('empty', size)
    return withRequiresGrad(emptyOf([...size], infoOf(o)), o)
  },
})
/** Zeros: `zeros(2, 3)`, `zeros([2, 3], { dtype: 'int64' })`. @param size an array, or the ints themselves @throws ShapeError for a negative size */
export const zeros: OfSize = define('zeros', {
  params: [param.spreadInts('size'), ...creation],
  differentiable: false,
  run(size, o) {
    checkSize('zeros', size)
    return withRequiresGrad(filled([...size], 0, infoOf(o)), o)
  },
})
/** Ones. @param size an array, or the ints themselves @throws ShapeError for a negative size */
export const ones: OfSize = define('ones', {
  params: [param.spreadInts('size'), ...creation],
  differentiable: false,
  run(size, o) {
    checkSize('ones', size)
    return withRequiresGrad(filled([...size], 1, infoOf(o)), o)
  },
})
/** One value everywhere; a whole number gives int64, any other the default float, a boolean bool, unless `dtype` says else. @throws ShapeError for a negative size */
export const full: Op<(size: readonly number[], fillValue: Scalar, options?: CreateOptions) => Tensor> = define(
  'full',
  {
    // PyTorch takes a tensor of one element for the value too.
    params: [param.ints('size'), param.own<Scalar | Tensor>('Number')('fillValue'), ...creation],
    differentiable: false,
    run: (size, fillValue, o) => fullOf('full', size, fillValue, o),
  },
)
function fullOf(op: string, size: readonly number[], fillValue: Scalar | Tensor, o: AnyCreateOptions): Tensor {
  checkSize(op, size)
  // A number is expected; PyTorch reads a tensor too.
  const value = isTensor(fillValue) ? hostRead(fillValue) : fillValue
  checkFillScalar(op, value)
  const float = isTensor(fillValue) && fillValue.info.category === Category.Float
  const info = DTYPES[o.dtype ?? (float ? getDefaultDtype() : operandDtype(value))]
  return withRequiresGrad(filled([...size], fillable(value, info, size), info), o)
}

function like(x: Tensor, o: AnyCreateOptions, fill: Scalar | null): Tensor {
  const out = emptyRaw(x, o.dtype ? DTYPES[o.dtype] : x.info)
  if (fill !== null) copyInto(out, fillable(fill, out.info, out.sizes))
  return withRequiresGrad(out, o)
}
type Like = Op<(x: Tensor, options?: CreateOptions) => Tensor>
/** Uninitialised values of the shape and dtype of a tensor. */
export const emptyLike: Like = define('emptyLike', {
  params: [param.tensor('input'), ...creation],
  method: false,
  differentiable: false,
  run: (x, o) => like(x, o, null),
})
/** Zeros of the shape and dtype of a tensor. */
export const zerosLike: Like = define('zerosLike', {
  params: [param.tensor('input'), ...creation],
  method: false,
  differentiable: false,
  run: (x, o) => like(x, o, 0),
})
/** Ones of the shape and dtype of a tensor. */
export const onesLike: Like = define('onesLike', {
  params: [param.tensor('input'), ...creation],
  method: false,
  differentiable: false,
  run: (x, o) => like(x, o, 1),
})
/** One value, in the shape and dtype of a tensor. */
export const fullLike: Op<(x: Tensor, fillValue: Scalar, options?: CreateOptions) => Tensor> = define('fullLike', {
  params: [param.tensor('input'), param.scalar('fillValue'), ...creation],
  method: false,
  differentiable: false,
  run: (x, fillValue, o) => like(x, o, fillValue),
})

type NewOfSize = Op<(x: Tensor, ...size: SizesWith<CreateOptions>) => Tensor>
const inDtypeOf = (x: Tensor, o: AnyCreateOptions): AnyCreateOptions => ({ ...o, dtype: o.dtype ?? x.dtype })
/** Zeros of another size in the dtype of this tensor. @param size an array, or the ints themselves @throws ShapeError for a negative size */
export const newZeros: NewOfSize = define('newZeros', {
  params: [param.tensor('self'), param.spreadInts('size'), ...creation],
  differentiable: false,
  run: (x, size, o) => fullOf('newZeros', size, 0, inDtypeOf(x, o)),
})
/** Ones of another size in the dtype of this tensor. @param size an array, or the ints themselves @throws ShapeError for a negative size */
export const newOnes: NewOfSize = define('newOnes', {
  params: [param.tensor('self'), param.spreadInts('size'), ...creation],
  differentiable: false,
  run: (x, size, o) => fullOf('newOnes', size, 1, inDtypeOf(x, o)),
})
/** Uninitialised values of another size in the dtype of this tensor. @param size an array, or the ints themselves @throws ShapeError for a negative size */
export const newEmpty: NewOfSize = define('newEmpty', {
  params: [param.tensor('self'), param.spreadInts('size'), ...creation],
  differentiable: false,
  run(x, size, o) {
    checkSize('newEmpty', size)
    return withRequiresGrad(emptyOf([...size], infoOf(inDtypeOf(x, o))), o)
  },
})
/** One value everywhere, of another size in the dtype of this tensor. @throws ShapeError for a negative size */
export const newFull: Op<(x: Tensor, size: readonly number[], fillValue: Scalar, options?: CreateOptions) => Tensor> =
  define('newFull', {
    params: [param.tensor('self'), param.ints('size'), param.own<Scalar | Tensor>('Number')('fillValue'), ...creation],
    differentiable: false,
    run: (x, size, fillValue, o) => fullOf('newFull', size, fillValue, inDtypeOf(x, o)),
  })
/** A tensor of the data, copied, in the dtype of this tensor. @param data what `tensor` takes */
export const newTensor: Op<
  (x: Tensor, data: TensorData, options?: Omit<DataOptions, 'dtype'> & CreateOptions & { pinMemory?: never }) => Tensor
> = define('newTensor', {
  // PyTorch pins no memory here.
  params: [
    param.tensor('self'),
    param.own<TensorData>('Number, Tensor or nested array')('data'),
    ...creation.filter((p): p is Exclude<(typeof creation)[number], { name: 'pinMemory' }> => p.name !== 'pinMemory'),
  ],
  differentiable: false,
  run: (x, data, o) => tensorOf(data, inDtypeOf(x, o)),
})

// ---- ranges -------------------------------------------------------------------------------------------------------

/**
 * Numbers from `start` (default 0) up to `end`, exclusive, `step` (default 1) apart.
 * int64 when every argument is an integer, as in PyTorch, else the default float dtype.
 */
export const arange: Op<Arange> = defineAs<Arange>('arange', {
  params: [param.scalar('start').default(0), param.scalar('end'), param.scalar('step').default(1), ...creation],
  differentiable: false,
  run: rangeOf,
  variadic: true,
})
/** What `arange` takes: up to three numbers and the options of a new tensor. */
export interface Arange {
  (end: number | bigint, options?: CreateOptions): Tensor
  (start: number | bigint, end: number | bigint, options?: CreateOptions): Tensor
  (start: number | bigint, end: number | bigint, step: number | bigint, options?: CreateOptions): Tensor
}
function rangeOf(...args: unknown[]): Tensor {
  const numbers = args.filter((a): a is number | bigint => typeof a === 'number' || typeof a === 'bigint')
  const rest = args.slice(numbers.length).filter((a) => a !== undefined)
  checkRangeCall(numbers, rest)
  const raw = optionsOf<AnyCreateOptions & { step?: number }>('arange', [...CREATE_OPTIONS, 'step'], rest[0])
  const { step: namedStep, ...plain } = raw
  const o = createOptions('arange', plain)
  const start = numbers.length === 1 ? 0 : (numbers[0] as number | bigint)
  const end = (numbers.length === 1 ? numbers[0] : numbers[1]) as number | bigint
  const step = numbers[2] ?? namedStep ?? 1
  const integral = [start, end, step].every((v) => typeof v === 'bigint' || Number.isInteger(v))
  const info = DTYPES[o.dtype ?? (integral ? 'int64' : getDefaultDtype())]
  const [a, b, s] = [Number(start), Number(end), Number(step)]
  checkRange(a, b, s, info)
  // As PyTorch counts: in integers for int64 alone.
  const count =
    info.name === 'int64' ? Math.ceil((Math.trunc(b) - Math.trunc(a)) / Math.trunc(s)) : Math.ceil((b - a) / s)
  const compute = DTYPES[info.compute]
  const out = emptyOf([Math.max(0, count)], compute)
  if (out.count > 0) {
    encode.arange(OP.arange, compute, { out, n: out.count, start: a, step: s })
    run()
  }
  return withRequiresGrad(compute === info ? out : out.to(info.name), o)
}
/** A bound of linspace: a number or a tensor without dims. */
function boundOf(name: string, v: unknown): number {
  if (isTensor(v)) {
    checkBoundDims(name, v)
    // PyTorch reads it, and so steps from it in double.
    return Number(hostRead(v))
  }
  checkBound(v)
  return Number(v)
}
/**
 * `steps` numbers from `start` to `end`, both included; the bounds are numbers or tensors without dims.
 * @throws ValueError for a negative number of steps; ShapeError for a bound with dims
 */
export const linspace: Op<
  (start: number | Tensor, end: number | Tensor, steps: number, options?: CreateOptions) => Tensor
> = define('linspace', {
  params: [
    param.own<number | Tensor>('Tensor or Number')('start'),
    param.own<number | Tensor>('Tensor or Number')('end'),
    param.int('steps'),
    ...creation,
  ],
  differentiable: false,
  run(first, last, steps, o) {
    const [start, end] = [boundOf('start', first), boundOf('end', last)]
    if (steps < 0) throw new ValueError('number of steps must be non-negative')
    const info = infoOf(o)
    if (info.category !== Category.Float) {
      // Integers: from and to whole numbers, with the fractions between cut off.
      const exact = linspace(Math.trunc(start), Math.trunc(end), steps, { dtype: 'float64' })
      return withRequiresGrad(exact.to(info.name), o)
    }
    const compute = DTYPES[info.compute]
    const out = emptyOf([steps], compute)
    if (steps > 0) {
      encode.linspace(OP.linspace, compute, { out, n: steps, start, end })
      run()
    }
    return withRequiresGrad(compute === info ? out : out.to(info.name), o)
  },
})
/** Options of `logspace`. */
export type LogspaceOptions = CreateOptions & {
  /** Default 10. */
  base?: number
}
/** `base` to the power of `steps` numbers from `start` to `end`, both included. */
export const logspace: Op<
  (
    start: number | Tensor,
    end: number | Tensor,
    steps: number,
    base?: number | LogspaceOptions,
    options?: CreateOptions,
  ) => Tensor
> = define('logspace', {
  params: [
    param.own<number | Tensor>('Tensor or Number')('start'),
    param.own<number | Tensor>('Tensor or Number')('end'),
    param.int('steps'),
    param.float('base').default(10),
    ...creation,
  ],
  differentiable: false,
  run(start, end, steps, { base, ...o }) {
    const whole = o.dtype !== undefined && DTYPES[o.dtype].category !== Category.Float
    const bound = (name: string, v: number | Tensor): number =>
      whole ? Math.trunc(boundOf(name, v)) : boundOf(name, v)
    const powers = linspace(bound('start', start), bound('end', end), steps, { dtype: 'float64' })
    const values = filled([], base, DTYPES.float64).pow(powers)
    return withRequiresGrad(values.to(o.dtype ?? getDefaultDtype()), o)
  },
})
/** Options of `eye`. */
export type EyeOptions = CreateOptions & {
  /** The number of columns; default that of the rows. */
  m?: number
}
/** Ones on the diagonal of an n × m matrix, zeros elsewhere. @throws ShapeError for a negative size */
export const eye: Op<(n: number, m?: number | EyeOptions, options?: CreateOptions) => Tensor> = define('eye', {
  params: [param.int('n'), param.int('m').optional(), ...creation],
  differentiable: false,
  run(n, { m: columns = n, ...o }) {
    checkMatrixSize(n, columns)
    const out = filled([n, columns], 0, infoOf(o))
    copyInto(out.diagonal(), 1)
    return withRequiresGrad(out, o)
  },
})

/** Sets the dtype of float results that no operand decides: float32 (the default) or float64. */
export function setDefaultDtype(dtype: 'float32' | 'float64'): void {
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new DTypeError(`only float32 and float64 are supported as the default type, not ${shown(dtype)}`)
  setDefaultFloat(dtype)
}
