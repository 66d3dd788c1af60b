/**
 * Writing commands into the buffer shared with native code, and running them. What a command carries is said by its schema in
 * native/ops.def: the encoders of encoders.ts, written from it, are made of the pieces here, and `map` is the encoder of all
 * elementwise commands (native/command/map.h).
 *
 * A command holds addresses, so the memory behind them must stay where it is until the command has run. Encoders therefore take
 * memory by its handle, never an address, and keep the handle: an allocation between writing and running may collect, and what
 * nobody holds is handed out again.
 */
import { IndexError, MemoryError, NativeError, type TenzoError, ValueError } from '../errors'
import { addon } from './addon'
import { Category, DTYPES, type DTypeInfo, type Scalar, toBFloat16Bits, toFloat16Bits } from './dtype'
import { COMMAND_SLOTS, HEADER_SLOTS, OP_NAMES, type OpCode, STATUS } from './opcodes'
import { onQueue, pools, releasedError, type Storage } from './storage'

const SLOTS = 1 << 15
const buffer = new ArrayBuffer(SLOTS * 8)
addon.init(buffer)
const f64: Float64Array = new Float64Array(buffer)
const f32 = new Float32Array(buffer)
const i64: BigInt64Array = new BigInt64Array(buffer)
const i32 = new Int32Array(buffer)
const i16 = new Int16Array(buffer)
const i8 = new Int8Array(buffer)
const u16 = new Uint16Array(buffer)
const u8 = new Uint8Array(buffer)

// (Exported apart: what is declared with `export` is looked up on the module at every use.)
export { f64, i64 }

let at = HEADER_SLOTS

// ---- memory ---------------------------------------------------------------------------------------------------------

/** Memory as commands take it: a place in a storage, in elements of a dtype. A Tensor is one. */
export interface Memory {
  readonly storage: Storage
  /** In elements. */
  readonly offset: number
  readonly info: DTypeInfo
  /** Row-major without gaps. */
  readonly rowMajor: boolean
}
/** The same memory so many elements further. */
export const from = (m: Memory, elements: number): Memory =>
  elements === 0 ? m : { storage: m.storage, offset: m.offset + elements, info: m.info, rowMajor: m.rowMajor }
/** The memory of a tensor without gaps, in its own order. */
export const packed = (m: Memory): Memory =>
  m.rowMajor ? m : { storage: m.storage, offset: m.offset, info: m.info, rowMajor: true }
/** What an elementwise command needs to know besides. Sizes and strides are in elements. */
export interface Strided extends Memory {
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
  readonly count: number
}
/** The state of a random generator, outside the pool. */
export interface GeneratorMemory {
  readonly buffer: ArrayBuffer
  readonly address: number
}
/** V8 does not move the bytes of a buffer: their address is good for as long as the buffer lives, which the object sees to. */
export const generatorMemory = (buffer: ArrayBuffer): GeneratorMemory => ({ buffer, address: addon.addressOf(buffer) })

/** An input of an elementwise command; a scalar stands for a tensor of that one value in the computation dtype. */
export type Operand = Strided | Scalar

/** What the commands that were written, and have not run, address. */
const held: (Storage | GeneratorMemory | null)[] = []
let heldCount = 0
function hold(memory: Storage | GeneratorMemory): void {
  held[heldCount++] = memory
}
function forget(): void {
  at = HEADER_SLOTS
  for (let i = 0; i < heldCount; i++) held[i] = null
  heldCount = 0
}
onQueue({ forget, run, holds: (storage) => heldCount > 0 && held.indexOf(storage) >= 0 })

/** A fault of an encoder's caller: nothing that a user does should come here. */
function misuse(text: string): NativeError {
  forget()
  return new NativeError(text)
}

/** Makes room for a command of `payload` slots and writes its head; returns the first payload slot. */
export function head(op: OpCode, dtype: number, dtype2: number, payload: number): number {
  if (at + COMMAND_SLOTS + payload > SLOTS) {
    if (COMMAND_SLOTS + payload > SLOTS - HEADER_SLOTS)
      throw misuse(`a command of ${payload} slots does not fit the command buffer`)
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

/** Writes where an operand lies and how many bytes its storage has from there on, and holds it. */
function place(slot: number, m: Memory): void {
  const s = m.storage
  if (s.released) throw releasedError()
  const begin = m.offset * m.info.itemsize
  const bytes = s.byteLength - begin
  // A view of nothing may begin anywhere.
  f64[slot] = bytes > 0 ? s.ptr + begin : 0
  f64[slot + 1] = bytes > 0 ? bytes : 0
  held[heldCount++] = s
}

/** Where memory lies now: to be told apart by, not to be used. @throws ReleasedError */
export function addressOf(m: Memory): number {
  if (m.storage.released) throw releasedError()
  return m.storage.ptr + m.offset * m.info.itemsize
}

/** An operand that is walked by strides. */
export function strided(slot: number, m: Memory, info: DTypeInfo): void {
  if (m.info !== info) throw misuse(`an operand of dtype ${m.info.name} where the command has ${info.name}`)
  place(slot, m)
}
/** An operand whose elements lie together. */
export function dense(slot: number, m: Memory, info: DTypeInfo): void {
  if (!m.rowMajor) throw misuse('an operand with gaps where the command reads row after row')
  strided(slot, m, info)
}
function leaveOut(slot: number): void {
  f64[slot] = 0
  f64[slot + 1] = 0
}
export function stridedOrNone(slot: number, m: Memory | null, info: DTypeInfo): void {
  if (m === null) leaveOut(slot)
  else strided(slot, m, info)
}
export function denseOrNone(slot: number, m: Memory | null, info: DTypeInfo): void {
  if (m === null) leaveOut(slot)
  else dense(slot, m, info)
}
export function generator(slot: number, m: GeneratorMemory): void {
  f64[slot] = m.address
  f64[slot + 1] = m.buffer.byteLength
  hold(m)
}

export function vector(slot: number, v: readonly number[], length: number): void {
  if (v.length !== length) throw misuse(`a vector of ${v.length} numbers where the command has ${length}`)
  // A stride along a dim of size 1 may be anything; what is exact is enough to be refused elsewhere.
  for (let i = 0; i < length; i++) f64[slot + i] = Math.min(v[i], Number.MAX_SAFE_INTEGER)
}
/** A value of the computation dtype: an integer, or a float64. */
export function number(slot: number, v: Scalar, info: DTypeInfo): void {
  if (info.category === Category.Float) f64[slot] = Number(v)
  else i64[slot] = toBigInt(v)
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

/** Writes where an operand of an elementwise command lies. */
function locate(slot: number, m: Memory): void {
  const s = m.storage
  if (s.released) throw releasedError()
  const begin = m.offset * m.info.itemsize
  f64[slot] = s.ptr + begin
  f64[slot + 1] = s.byteLength - begin
}

/** Writes an elementwise command; who calls sees to it that the operands live until it has run. */
function write(op: OpCode, dtype: number, dtype2: number, out: Strided, a: Operand, b?: Operand, c?: Operand): void {
  const operands = c !== undefined ? 4 : b !== undefined ? 3 : 2
  const scalars =
    (typeof a !== 'object' ? 1 : 0) +
    (b !== undefined && typeof b !== 'object' ? 1 : 0) +
    (c !== undefined && typeof c !== 'object' ? 1 : 0)
  const count = out.count
  const flat =
    out.rowMajor && isFlat(a, count) && (b === undefined || isFlat(b, count)) && (c === undefined || isFlat(c, count))
  const ndim = flat ? 1 : out.sizes.length
  const payload = 1 + 2 * operands + ndim + operands * ndim + scalars
  const p = head(op, dtype, dtype2, payload)
  f64[p] = ndim
  locate(p + 1, out)
  const sizes = p + 1 + 2 * operands
  let strides = sizes + ndim
  if (flat) {
    f64[sizes] = count
    f64[strides] = 1
  } else {
    const os = out.sizes
    const ot = out.strides
    for (let d = 0; d < ndim; d++) {
      f64[sizes + d] = os[d]
      f64[strides + d] = ot[d]
    }
  }
  strides += ndim
  let scalar = payload - scalars
  for (let k = 0; k < operands - 1; k++, strides += ndim) {
    const o = (k === 0 ? a : k === 1 ? b : c) as Operand
    const slot = p + 3 + 2 * k
    if (typeof o !== 'object') {
      writeScalar(p + scalar, dtype, o)
      // Relative to the command, so that it can be moved.
      f64[slot] = -scalar
      f64[slot + 1] = 0
      scalar++
      for (let d = 0; d < ndim; d++) f64[strides + d] = 0
      continue
    }
    locate(slot, o)
    if (flat) {
      f64[strides] = o.count === 1 ? 0 : 1
      continue
    }
    const missing = ndim - o.sizes.length
    for (let d = 0; d < ndim; d++)
      f64[strides + d] = d < missing || o.sizes[d - missing] === 1 ? 0 : o.strides[d - missing]
  }
}

/**
 * Adds an elementwise command: `out = op(a, b, c)`. Inputs broadcast to the shape of `out`; the caller has checked
 * that they do, that dtypes are the kernel's and that overlapping memory has equal strides.
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
  write(op, dtype, dtype2, out, a, b, c)
  hold(out.storage)
  if (typeof a === 'object') hold(a.storage)
  if (typeof b === 'object') hold(b.storage)
  if (typeof c === 'object') hold(c.storage)
}

const FIRST = HEADER_SLOTS + COMMAND_SLOTS
/** The only command of a run, of tensors side by side: what small networks are made of. `write` in straight lines. */
function writeFlat(
  op: OpCode,
  dtype: number,
  dtype2: number,
  count: number,
  out: Strided,
  a: Strided,
  b: Operand | undefined,
): void {
  f64[HEADER_SLOTS] = op
  f64[HEADER_SLOTS + 1] = dtype
  f64[HEADER_SLOTS + 2] = dtype2
  f64[FIRST] = 1
  locate(FIRST + 1, out)
  locate(FIRST + 3, a)
  if (b === undefined) {
    f64[HEADER_SLOTS + 3] = 8
    f64[FIRST + 5] = count
    f64[FIRST + 6] = 1
    f64[FIRST + 7] = a.count === 1 ? 0 : 1
    f64[0] = FIRST + 8
    return
  }
  f64[FIRST + 7] = count
  f64[FIRST + 8] = 1
  f64[FIRST + 9] = a.count === 1 ? 0 : 1
  if (typeof b === 'object') {
    locate(FIRST + 5, b)
    f64[HEADER_SLOTS + 3] = 11
    f64[FIRST + 10] = b.count === 1 ? 0 : 1
    f64[0] = FIRST + 11
    return
  }
  f64[HEADER_SLOTS + 3] = 12
  f64[FIRST + 5] = -11
  f64[FIRST + 6] = 0
  f64[FIRST + 10] = 0
  writeScalar(FIRST + 11, dtype, b)
  f64[0] = FIRST + 12
}

/**
 * `map` and `run` in one, for most operations. Nothing has to be held: memory goes back to the pool, and is handed out again, by an
 * allocation only, and there is none between the two. (Where V8 itself owns each block, it may come at any time.)
 */
export function mapNow(
  op: OpCode,
  dtype: number,
  dtype2: number,
  out: Strided,
  a: Operand,
  b?: Operand,
  c?: Operand,
): void {
  if (heldCount > 0 || !pools) {
    map(op, dtype, dtype2, out, a, b, c)
    run()
    return
  }
  const count = out.count
  if (
    out.rowMajor &&
    typeof a === 'object' &&
    isFlat(a, count) &&
    (b === undefined || isFlat(b, count)) &&
    c === undefined
  )
    writeFlat(op, dtype, dtype2, count, out, a, b)
  else {
    write(op, dtype, dtype2, out, a, b, c)
    f64[0] = at
    at = HEADER_SLOTS
  }
  const status = addon.run()
  if (status !== STATUS.OK) fail(status)
}

/** Runs what was written. A failure throws, by default the typed error of the status. */
export function run(explain?: (status: number, detail: readonly number[]) => TenzoError | undefined): void {
  f64[0] = at
  at = HEADER_SLOTS
  const status = addon.run()
  for (let i = 0; i < heldCount; i++) held[i] = null
  heldCount = 0
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
