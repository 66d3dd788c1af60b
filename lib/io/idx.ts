/** IDX, the format of the MNIST files: a type, the sizes, then big-endian elements; often gzipped. */
import { optionsOf } from '../check/options'
import { ArgumentError, FormatError, MemoryError } from '../errors'
import {
  bytesFor,
  checkLimit,
  drive,
  driveAsync,
  fileOf,
  type OpenFile,
  type Reading,
  type ReadOptions,
  withFile,
} from './files'
import { DEFLATE_GROWTH } from './source'
import { call, type UnzipOptions } from './system'
import { swapBytes } from './tensor-bytes'

export interface IdxArrays {
  uint8: Uint8Array
  int8: Int8Array
  int16: Int16Array
  int32: Int32Array
  float32: Float32Array
  float64: Float64Array
}

/** A decoded IDX file: `data` holds the elements of `shape` in row-major order. */
export type IdxData = {
  [K in keyof IdxArrays]: { readonly dtype: K; readonly shape: readonly number[]; readonly data: IdxArrays[K] }
}[keyof IdxArrays]

const TYPES: Readonly<Record<number, readonly [dtype: keyof IdxArrays, itemsize: 1 | 2 | 4 | 8]>> = {
  8: ['uint8', 1],
  9: ['int8', 1],
  11: ['int16', 2],
  12: ['int32', 4],
  13: ['float32', 4],
  14: ['float64', 8],
}

const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
}

// An IDX file begins with two zero bytes, so these cannot be mistaken for one.
const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Z_SYNC_FLUSH: what the stream has so far is wanted, its end is not. */
const UNFINISHED = 2
const HEADER_BYTES = 4
/** Packed bytes that are unpacked for the header; no more than 16 MB come of them. */
const PEEKED_BYTES = 16 * 1024

/**
 * Reads an IDX file, or bytes of one, gzipped or not.
 *
 * @throws FormatError for what is no IDX file; MemoryError for more content than `maxBytes`; FileError for what the system refuses
 */
export function readIdx(input: string | Uint8Array, options: ReadOptions = {}): IdxData {
  return drive(readingOf('readIdx', input, options))
}

/** `readIdx` off the main thread's time. */
export async function readIdxAsync(input: string | Uint8Array, options: ReadOptions = {}): Promise<IdxData> {
  return driveAsync(readingOf('readIdxAsync', input, options))
}

function readingOf(op: string, input: unknown, options: ReadOptions): Reading<IdxData> {
  const given = optionsOf<ReadOptions>(op, ['maxBytes'], options)
  if (typeof input === 'string') return withFile(input, readFile, given)
  if (ArrayBuffer.isView(input) && (input as Uint8Array).BYTES_PER_ELEMENT === 1) {
    return readFile(fileOf(input as Uint8Array, 'IDX data', given))
  }
  throw new ArgumentError(`${op}: expected a path or a Uint8Array`)
}

function* readFile(file: OpenFile): Reading<IdxData> {
  const magic = Buffer.alloc(Math.min(file.size, HEADER_BYTES))
  yield* file.read(magic, 0)
  if (isGzip(magic)) return yield* readGzip(file)
  const head = Buffer.alloc(Math.min(file.size, HEADER_BYTES + 4 * (magic[3] ?? 0)))
  yield* file.read(head, 0)
  const header = parseHeader(head, file.path)
  checkLength(header, file.size - header.dataStart, file.path)
  checkLimit(file, header.byteLength)
  const bytes = bytesFor(file, header.byteLength)
  yield* file.read(bytes, header.dataStart)
  return arrayOf(header, bytes)
}

/** Unpacks the header first: it says how much memory the rest is given, which is that of the result. */
function* readGzip(file: OpenFile): Reading<IdxData> {
  const packed = bytesFor(file, file.size)
  yield* file.read(packed, 0)
  const whole = packed.length <= PEEKED_BYTES
  const head = yield* unpack(file, packed.subarray(0, PEEKED_BYTES), whole ? {} : { finishFlush: UNFINISHED })
  const header = parseHeader(head, file.path)
  const { dataStart, byteLength } = header
  const expected = dataStart + byteLength
  if (expected > DEFLATE_GROWTH * packed.length)
    checkLength(header, DEFLATE_GROWTH * packed.length, file.path, 'at most ')
  checkLimit(file, byteLength)
  // In one piece: by default it comes in many, which are joined, so that all would be held twice.
  const chunkSize = Math.max(expected + 1, PEEKED_BYTES)
  const bytes = yield* unpack(file, packed, { chunkSize, maxOutputLength: Math.max(expected, 1) })
  checkLength(header, bytes.byteLength - dataStart, file.path)
  // To the beginning, where elements of any width are aligned.
  bytes.copyWithin(0, dataStart)
  return arrayOf(header, bytes.subarray(0, byteLength))
}

function* unpack(file: OpenFile, packed: Uint8Array, options: UnzipOptions): Reading<Uint8Array> {
  const { path: source } = file
  try {
    return yield* call('gunzip', packed, options)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new FormatError(`${source}: not a valid IDX file: there are more data than its shape needs`, { source })
    }
    if (error instanceof RangeError) throw new MemoryError(`${source}: cannot be unpacked: ${message}`, { source })
    throw new FormatError(`${source}: the gzip stream is damaged: ${message}`, { source })
  }
}

interface Header {
  readonly dtype: keyof IdxArrays
  readonly itemsize: 1 | 2 | 4 | 8
  readonly shape: readonly number[]
  readonly dataStart: number
  /** Of the data. */
  readonly byteLength: number
}

type Fail = (what: string, data?: Record<string, unknown>) => never
const failing =
  (source: string): Fail =>
  (what, data = {}) => {
    throw new FormatError(`${source}: not a valid IDX file: ${what}`, { source, ...data })
  }

function parseHeader(bytes: Uint8Array, source: string): Header {
  const fail = failing(source)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.byteLength < HEADER_BYTES) fail(`it has ${bytes.byteLength} bytes, fewer than the 4 of its magic number`)
  if (view.getUint16(0) !== 0) fail('it does not begin with two zero bytes')
  const code = view.getUint8(2)
  const type = TYPES[code]
  if (type === undefined) return fail(`its element type 0x${code.toString(16).padStart(2, '0')} is unknown`, { code })
  const [dtype, itemsize] = type
  const dims = view.getUint8(3)
  const dataStart = HEADER_BYTES + 4 * dims
  if (bytes.byteLength < dataStart) fail(`it ends within the sizes of its ${dims} dims`, { dims })
  const shape = Array.from({ length: dims }, (_, dim) => view.getUint32(HEADER_BYTES + 4 * dim))
  const byteLength = shape.reduce((product, size) => product * size, itemsize)
  return { dtype, itemsize, shape, dataStart, byteLength }
}

/** Compared before anything is allocated: the sizes of a damaged file may be anything. */
function checkLength({ shape, dtype, byteLength: expected }: Header, actual: number, source: string, most = ''): void {
  if (actual === expected) return
  const what = `the shape [${shape.join(', ')}] of ${dtype} needs ${expected} bytes of data, but there are ${most}${actual}`
  failing(source)(what, { shape, dtype, expected, actual })
}

function arrayOf({ dtype, itemsize, shape }: Header, bytes: Uint8Array): IdxData {
  swapBytes(bytes, itemsize)
  const { buffer, byteOffset, byteLength } = bytes
  return { dtype, shape, data: new ARRAYS[dtype](buffer as ArrayBuffer, byteOffset, byteLength / itemsize) } as IdxData
}
