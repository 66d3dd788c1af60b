/**
 * Writing commands into the buffer shared with native code, and running them. The layout is documented in
 * native/runtime/command.h and native/kernels/map.h; here is its only encoder for elementwise commands.
 */
import { IndexError, MemoryError, NativeError, type TenzoError, ValueError } from '../errors'
import { addon } from './addon'
import { DTYPES, type DTypeInfo, type Scalar, toBFloat16Bits, toFloat16Bits } from './dtype'
import { COMMAND_SLOTS, HEADER_SLOTS, OP_NAMES, type OpCode, STATUS } from './opcodes'
import { onAbandon } from './storage'

const SLOTS = 1 << 15
const buffer = new ArrayBuffer(SLOTS * 8)
const base = addon.init(buffer)
const f64 = new Float64Array(buffer)
const f32 = new Float32Array(buffer)
const i64 = new BigInt64Array(buffer)
const i32 = new Int32Array(buffer)
const i16 = new Int16Array(buffer)
const i8 = new Int8Array(buffer)
const u16 = new Uint16Array(buffer)
const u8 = new Uint8Array(buffer)

let at = HEADER_SLOTS

/** What an elementwise command needs to know of a tensor. Sizes and strides are in elements. */
export interface Strided {
  /** Address of the first element; throws when the memory was released. */
  readonly address: number
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
  readonly count: number
  /** Row-major without gaps. */
  readonly rowMajor: boolean
}

/** An input of an elementwise command; a scalar stands for a tensor of that one value in the computation dtype. */
export type Operand = Strided | Scalar

/** Makes room for a command of `payload` slots and writes its head; returns the first payload slot. */
function head(op: OpCode, dtype: number, dtype2: number, payload: number): number {
  if (at + COMMAND_SLOTS + payload > SLOTS) {
    if (COMMAND_SLOTS + payload > SLOTS - HEADER_SLOTS)
      throw new NativeError(`a command of ${payload} slots does not fit the command buffer`, { payload })
    run()
  }
  const p = at
  f64[p] = op
  f64[p + 1] = dtype
  f64[p + 2] = dtype2
  f64[p + 3] = payload
  at = p + COMMAND_SLOTS + payload
  return p + COMMAND_SLOTS
}

/** Writes a scalar of the given dtype into one slot, as native code reads it there. */
function writeScalar(slot: number, dtype: number, v: Scalar): void {
  switch (dtype) {
    case DTYPES.float32.code:
      f32[slot * 2] = Number(v)
      break
    case DTYPES.float64.code:
      f64[slot] = Number(v)
      break
    case DTYPES.int64.code:
      i64[slot] = toBigInt(v)
      break
    case DTYPES.int32.code:
      i32[slot * 2] = typeof v === 'bigint' ? Number(BigInt.asIntN(32, v)) : Number(v)
      break
    case DTYPES.int16.code:
      i16[slot * 4] = typeof v === 'bigint' ? Number(BigInt.asIntN(16, v)) : Number(v)
      break
    case DTYPES.int8.code:
      i8[slot * 8] = typeof v === 'bigint' ? Number(BigInt.asIntN(8, v)) : Number(v)
      break
    case DTYPES.uint8.code:
      u8[slot * 8] = typeof v === 'bigint' ? Number(BigInt.asUintN(8, v)) : Number(v)
      break
    case DTYPES.bool.code:
      u8[slot * 8] = v ? 1 : 0
      break
    case DTYPES.float16.code:
      u16[slot * 4] = toFloat16Bits(Math.fround(Number(v)))
      break
    case DTYPES.bfloat16.code:
      u16[slot * 4] = toBFloat16Bits(Number(v))
      break
    default:
      throw new NativeError(`no scalar operands of dtype code ${dtype}`)
  }
}

function toBigInt(v: Scalar): bigint {
  if (typeof v === 'bigint') return v
  if (typeof v === 'boolean') return v ? 1n : 0n
  // Out of range and NaN become the smallest integer, as the x86 conversion does for PyTorch.
  if (!(v >= -(2 ** 63) && v < 2 ** 63)) return -(2n ** 63n)
  return BigInt(Math.trunc(v))
}

const isFlat = (o: Operand, count: number): boolean =>
  typeof o !== 'object' || o.count === 1 || (o.rowMajor && o.count === count)

/**
 * Adds an elementwise command: `out = op(a, b, c)`. Inputs broadcast to the shape of `out`; the caller has checked
 * that they do, that dtypes are the kernel's and that overlapping memory has equal strides.
 * @param scalarDtype dtype code in which scalar inputs are written
 */
export function map(
  op: OpCode,
  dtype: number,
  dtype2: number,
  out: Strided,
  a: Operand,
  b?: Operand,
  c?: Operand,
): void {
  const operands = c !== undefined ? 4 : b !== undefined ? 3 : 2
  const scalars =
    (typeof a !== 'object' ? 1 : 0) +
    (b !== undefined && typeof b !== 'object' ? 1 : 0) +
    (c !== undefined && typeof c !== 'object' ? 1 : 0)
  const count = out.count
  const flat =
    out.rowMajor && isFlat(a, count) && (b === undefined || isFlat(b, count)) && (c === undefined || isFlat(c, count))
  const ndim = flat ? 1 : out.sizes.length
  const payload = 1 + operands + ndim + operands * ndim + scalars
  const p = head(op, dtype, dtype2, payload)
  f64[p] = ndim
  f64[p + 1] = out.address
  const sizes = p + 1 + operands
  let strides = sizes + ndim
  if (flat) {
    f64[sizes] = count
    f64[strides] = 1
  } else {
    const os = out.sizes
    const ot = out.strides
    for (let d = 0; d < ndim; d++) {
      f64[sizes + d] = os[d] as number
      f64[strides + d] = os[d] === 1 ? 0 : (ot[d] as number)
    }
  }
  strides += ndim
  let scalar = p + payload - scalars
  for (let k = 0; k < operands - 1; k++, strides += ndim) {
    const o = (k === 0 ? a : k === 1 ? b : c) as Operand
    if (typeof o !== 'object') {
      writeScalar(scalar, dtype, o)
      f64[p + 2 + k] = base + scalar * 8
      scalar++
      for (let d = 0; d < ndim; d++) f64[strides + d] = 0
      continue
    }
    f64[p + 2 + k] = o.address
    if (flat) {
      f64[strides] = o.count === 1 ? 0 : 1
      continue
    }
    const missing = ndim - o.sizes.length
    for (let d = 0; d < ndim; d++)
      f64[strides + d] = d < missing || o.sizes[d - missing] === 1 ? 0 : (o.strides[d - missing] as number)
  }
}

/** Adds a command of kind HANDLER with the payload that its kernel documents. */
export function command(op: OpCode, dtype: DTypeInfo, dtype2: DTypeInfo, payload: readonly number[]): void {
  const n = payload.length
  const p = head(op, dtype.code, dtype2.code, n)
  for (let i = 0; i < n; i++) f64[p + i] = payload[i] as number
}

/** As `command`, with some slots given as 64-bit integers (read with `bits` on the other side). */
export function commandBits(
  op: OpCode,
  dtype: DTypeInfo,
  dtype2: DTypeInfo,
  payload: readonly (number | bigint)[],
): void {
  const n = payload.length
  const p = head(op, dtype.code, dtype2.code, n)
  for (let i = 0; i < n; i++) {
    const v = payload[i] as number | bigint
    if (typeof v === 'bigint') i64[p + i] = BigInt.asIntN(64, v)
    else f64[p + i] = v
  }
}

/** Runs what was written. A failure throws, by default the typed error of the status. */
export function run(explain?: (status: number, detail: readonly number[]) => TenzoError | undefined): void {
  f64[0] = at
  at = HEADER_SLOTS
  const status = addon.run()
  if (status !== STATUS.OK) fail(status, explain)
}

function fail(status: number, explain?: (status: number, detail: readonly number[]) => TenzoError | undefined): never {
  const d = [f64[2], f64[3], f64[4]] as [number, number, number]
  const known = explain?.(status, d)
  if (known) throw known
  const op = OP_NAMES[d[0]] ?? `operation ${d[0]}`
  switch (status) {
    case STATUS.INDEX_OUT_OF_RANGE:
      throw new IndexError(`index ${d[0]} is out of bounds for dimension ${d[1]} with size ${d[2]}`, {
        index: d[0],
        dim: d[1],
        size: d[2],
      })
    case STATUS.DIVISION_BY_ZERO:
      throw new ValueError('ZeroDivisionError')
    case STATUS.OUT_OF_MEMORY:
      throw new MemoryError('native code ran out of memory')
    case STATUS.UNSUPPORTED_DTYPE:
      throw new NativeError(`${op} has no kernel for dtype code ${d[1]}`, { op, dtype: d[1] })
    default:
      throw new NativeError(`native code refused a command (status ${status}, detail ${d.join(', ')})`, {
        status,
        detail: d,
      })
  }
}

onAbandon(() => {
  at = HEADER_SLOTS
})
