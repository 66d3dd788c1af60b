/** IDX, the format of the MNIST files: a type, the sizes, then big-endian elements; often gzipped. */
import * as fs from 'node:fs'
import { promisify } from 'node:util'
import { ArgumentError, FormatError } from '../errors'

/** Loaded with the first packed file: most programs read none. */
const zlib = (): typeof import('node:zlib') => require('node:zlib')

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

const badGzip = (source: string, error: unknown): FormatError =>
  new FormatError(`${source}: the gzip stream is damaged: ${(error as Error).message}`, { source })

/** Reads an IDX file, or bytes of one, gzipped or not. */
export function readIdx(input: string | Uint8Array): IdxData {
  const source = sourceName(input)
  const bytes = typeof input === 'string' ? fs.readFileSync(input) : input
  if (!isGzip(bytes)) return decodeIdx(bytes, source)
  let unzipped: Uint8Array
  try {
    unzipped = zlib().gunzipSync(bytes)
  } catch (error) {
    throw badGzip(source, error)
  }
  return decodeIdx(unzipped, source)
}

export async function readIdxAsync(input: string | Uint8Array): Promise<IdxData> {
  const source = sourceName(input)
  const bytes = typeof input === 'string' ? await fs.promises.readFile(input) : input
  if (!isGzip(bytes)) return decodeIdx(bytes, source)
  let unzipped: Uint8Array
  try {
    unzipped = await promisify(zlib().gunzip)(bytes)
  } catch (error) {
    throw badGzip(source, error)
  }
  return decodeIdx(unzipped, source)
}

function sourceName(input: unknown): string {
  if (typeof input === 'string') return input
  if (ArrayBuffer.isView(input) && (input as Uint8Array).BYTES_PER_ELEMENT === 1) return 'IDX data'
  throw new ArgumentError('readIdx: expected a path or a Uint8Array')
}

function decodeIdx(bytes: Uint8Array, source: string): IdxData {
  const fail = (what: string, data: Record<string, unknown> = {}): never => {
    throw new FormatError(`${source}: not a valid IDX file: ${what}`, { source, ...data })
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.byteLength < 4) fail(`it has ${bytes.byteLength} bytes, fewer than the 4 of its magic number`)
  if (view.getUint16(0) !== 0) fail('it does not begin with two zero bytes')
  const code = view.getUint8(2)
  const type = TYPES[code]
  if (type === undefined) return fail(`its element type 0x${code.toString(16).padStart(2, '0')} is unknown`, { code })
  const [dtype, itemsize] = type

  const dims = view.getUint8(3)
  const dataStart = 4 + 4 * dims
  if (bytes.byteLength < dataStart) fail(`it ends within the sizes of its ${dims} dims`, { dims })
  const shape = Array.from({ length: dims }, (_, dim) => view.getUint32(4 + 4 * dim))
  // Compared with what is there before anything is allocated: the sizes of a damaged file may be anything.
  const expected = shape.reduce((product, size) => product * size, itemsize)
  const actual = bytes.byteLength - dataStart
  if (actual !== expected) {
    fail(`the shape [${shape.join(', ')}] of ${dtype} needs ${expected} bytes of data, but there are ${actual}`, {
      shape,
      dtype,
      expected,
      actual,
    })
  }

  const copy = new Uint8Array(actual)
  copy.set(bytes.subarray(dataStart))
  const swapped = Buffer.from(copy.buffer)
  if (itemsize === 2) swapped.swap16()
  else if (itemsize === 4) swapped.swap32()
  else if (itemsize === 8) swapped.swap64()
  return { dtype, shape, data: new ARRAYS[dtype](copy.buffer) } as IdxData
}
