/** The header of a safetensors file: eight bytes of its length, then JSON that names every tensor. */
import { FormatError, ValueError } from '../errors'
import { isCount } from './checks'

// In the order in which the reference implementation lays tensors out: widest first, then this one.
const BITS = {
  U64: 64,
  I64: 64,
  F64: 64,
  C64: 64,
  F32: 32,
  U32: 32,
  I32: 32,
  BF16: 16,
  F16: 16,
  U16: 16,
  I16: 16,
  F8_E8M0: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  I8: 8,
  U8: 8,
  F6_E3M2: 6,
  F6_E2M3: 6,
  F4: 4,
  BOOL: 8,
} as const

/** The element types of the format, by its own names. */
export type SafetensorsDType = keyof typeof BITS

export const SAFETENSORS_DTYPES = Object.keys(BITS) as readonly SafetensorsDType[]

const LAYOUT_ORDER = new Map(SAFETENSORS_DTYPES.map((dtype, i) => [dtype, i]))

/** The limit of the reference implementation. */
export const MAX_HEADER_LENGTH = 100_000_000

/** Where a tensor lies. */
export interface SafetensorsEntry {
  readonly dtype: SafetensorsDType
  readonly shape: readonly number[]
  /** Of its first byte in the file. */
  readonly offset: number
  readonly byteLength: number
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>
  /** In the order of the file. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>
}

export const isSafetensorsDType = (value: unknown): value is SafetensorsDType =>
  typeof value === 'string' && Object.hasOwn(BITS, value)

/** The bytes a tensor takes; null where its elements do not fill whole bytes or there are more than can be counted. */
export function safetensorsByteLength(dtype: SafetensorsDType, shape: readonly number[]): number | null {
  let count = 1
  for (const size of shape) {
    count *= size
    if (!Number.isSafeInteger(count)) return null
  }
  const bits = count * BITS[dtype]
  return Number.isSafeInteger(bits) && bits % 8 === 0 ? bits / 8 : null
}

/** The length that the first eight bytes announce, checked against what the file can hold. */
export function parseHeaderLength(prefix: Uint8Array, fileSize: number, path: string): number {
  const fail = (what: string): never => {
    throw new FormatError(`${path}: not a safetensors file: ${what}`, { path, fileSize })
  }
  if (fileSize < 8) fail(`it has ${fileSize} bytes, fewer than the 8 of the header's length`)
  const length = Buffer.from(prefix.buffer, prefix.byteOffset, 8).readBigUInt64LE()
  if (length > BigInt(MAX_HEADER_LENGTH)) fail(`its header would be ${length} bytes long, over ${MAX_HEADER_LENGTH}`)
  if (Number(length) > fileSize - 8) fail(`its header of ${length} bytes goes past its end at ${fileSize} bytes`)
  return Number(length)
}

type Fail = (what: string, data?: Record<string, unknown>) => never

/** Reads the JSON and checks all it says: names, dtypes, shapes, and that the tensors fill the rest of the file without gap or overlap. */
export function parseHeader(bytes: Uint8Array, fileSize: number, path: string): SafetensorsHeader {
  const fail: Fail = (what, data = {}) => {
    throw new FormatError(`${path}: invalid safetensors header: ${what}`, { path, ...data })
  }
  const dataStart = 8 + bytes.byteLength
  let metadata: Record<string, string> = Object.create(null) as Record<string, string>
  const entries: [string, SafetensorsEntry][] = []
  for (const [name, value] of Object.entries(parseJson(bytes, fail))) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return fail(`${JSON.stringify(name)} is not an object`, { name })
    }
    if (name === '__metadata__') metadata = metadataOf(value, fail)
    else entries.push([name, entryOf(name, value as Record<string, unknown>, dataStart, fail)])
  }
  entries.sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength)
  checkLayout(entries, dataStart, fileSize, fail)
  return { metadata, tensors: new Map(entries) }
}
function parseJson(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let text = ''
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    fail('it is not UTF-8')
  }
  if (!text.startsWith('{')) fail('it does not begin with {')
  let json: Record<string, unknown> = {}
  try {
    json = JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    fail(`it is not JSON: ${(error as Error).message}`)
  }
  const twice = duplicateKey(text)
  if (twice !== undefined) fail(`the name ${JSON.stringify(twice)} occurs twice`, { name: twice })
  return json
}
function metadataOf(value: object, fail: Fail): Record<string, string> {
  const metadata = Object.create(null) as Record<string, string>
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'string') return fail(`__metadata__ ${JSON.stringify(key)} is not a string`, { key })
    metadata[key] = item
  }
  return metadata
}
function entryOf(name: string, value: Record<string, unknown>, dataStart: number, fail: Fail): SafetensorsEntry {
  const { dtype, shape, data_offsets: offsets, ...rest } = value
  const where = `tensor ${JSON.stringify(name)}`
  const extra = Object.keys(rest)[0]
  if (extra !== undefined) return fail(`${where} has an unknown field ${JSON.stringify(extra)}`, { name })
  if (!isSafetensorsDType(dtype)) return fail(`${where} has an unknown dtype ${JSON.stringify(dtype)}`, { name, dtype })
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    return fail(`${where} has an invalid shape ${JSON.stringify(shape)}`, { name, shape })
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[1]! < offsets[0]!) {
    return fail(`${where} has invalid data_offsets ${JSON.stringify(offsets)}`, { name, offsets })
  }
  const [begin, end] = offsets as [number, number]
  const needed = safetensorsByteLength(dtype, shape)
  if (needed !== end - begin) {
    const need = needed === null ? 'no whole number of bytes' : `${needed} bytes`
    return fail(
      `${where} of dtype ${dtype} and shape [${shape.join(', ')}] needs ${need}, but its data_offsets span ${end - begin}`,
      { name, dtype, shape, offsets },
    )
  }
  return { dtype, shape, offset: dataStart + begin, byteLength: end - begin }
}
/** Tensors, in the order of the file, fill it from where its data starts. */
function checkLayout(
  entries: readonly (readonly [string, SafetensorsEntry])[],
  dataStart: number,
  fileSize: number,
  fail: Fail,
): void {
  let position = dataStart
  for (const [name, { offset, byteLength }] of entries) {
    if (offset !== position) {
      const what = offset < position ? 'overlaps the one before it' : 'leaves a gap before it'
      fail(
        `tensor ${JSON.stringify(name)} ${what}: it begins at byte ${offset - dataStart}, expected ${position - dataStart}`,
        { name },
      )
    }
    position += byteLength
  }
  if (position !== fileSize) {
    const what = position > fileSize ? 'the file is truncated' : 'there are bytes behind the last tensor'
    fail(`${what}: it has ${fileSize} bytes, and its tensors end at ${position}`, { fileSize, expected: position })
  }
}

// JSON.parse keeps the last of two equal names without a word; the format forbids them. Called on valid JSON only.
function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | null)[] = []
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g
  const isKey = /\s*:/y
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const found = match[0]
    if (found === '{') open.push(new Set())
    else if (found === '[') open.push(null)
    else if (found === '}' || found === ']') open.pop()
    else {
      isKey.lastIndex = token.lastIndex
      const names = open.at(-1)
      if (!names || !isKey.test(text)) continue
      const name = JSON.parse(found) as string
      if (names.has(name)) return name
      names.add(name)
    }
  }
  return undefined
}

export interface SafetensorsSpec {
  readonly dtype: SafetensorsDType
  readonly shape: readonly number[]
}

/** The tensors in the order of the file, and the bytes before the first of them. */
export function buildHeader<T extends SafetensorsSpec>(
  entries: Iterable<readonly [string, T]>,
  metadata: Readonly<Record<string, string>> = {},
): { header: Uint8Array; order: { name: string; tensor: T; byteLength: number }[] } {
  const names = new Set<string>()
  const order = Array.from(entries, ([name, tensor]) => {
    requireUnicode('a tensor name', name)
    if (name === '__metadata__') throw new ValueError('safetensors: a tensor may not be named "__metadata__"', { name })
    if (names.has(name)) throw new ValueError(`safetensors: the name ${JSON.stringify(name)} is given twice`, { name })
    names.add(name)
    const { dtype, shape } = tensor
    if (!isSafetensorsDType(dtype)) {
      throw new ValueError(`safetensors: ${JSON.stringify(name)} has an unknown dtype ${String(dtype)}`, {
        name,
        dtype,
      })
    }
    const byteLength = Array.isArray(shape) && shape.every(isCount) ? safetensorsByteLength(dtype, shape) : null
    if (byteLength === null) {
      throw new ValueError(
        `safetensors: ${JSON.stringify(name)} has the shape [${String(shape)}], which ${dtype} cannot fill`,
        { name, dtype, shape },
      )
    }
    return { name, key: Buffer.from(name), tensor, byteLength }
  })
  order.sort(
    (a, b) => LAYOUT_ORDER.get(a.tensor.dtype)! - LAYOUT_ORDER.get(b.tensor.dtype)! || Buffer.compare(a.key, b.key),
  )

  // Built by hand: an object literal would put names that look like integers first.
  const fields: string[] = []
  const notes = Object.entries(metadata).map(([key, value]) => {
    requireUnicode('a metadata key', key)
    requireUnicode(`the metadata ${JSON.stringify(key)}`, value)
    return `${JSON.stringify(key)}:${JSON.stringify(value)}`
  })
  if (notes.length > 0) fields.push(`"__metadata__":{${notes.join(',')}}`)
  let position = 0
  for (const { name, tensor, byteLength } of order) {
    const { dtype, shape } = tensor
    const end = position + byteLength
    if (!Number.isSafeInteger(end)) throw new ValueError('safetensors: the tensors are too large for one file')
    fields.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(',')}],"data_offsets":[${position},${end}]}`,
    )
    position = end
  }
  const json = Buffer.from(`{${fields.join(',')}}`)
  const length = Math.ceil(json.byteLength / 8) * 8
  if (length > MAX_HEADER_LENGTH) {
    throw new ValueError(`safetensors: the header would be ${length} bytes long, over ${MAX_HEADER_LENGTH}`, { length })
  }
  const header = Buffer.alloc(8 + length, ' ')
  header.writeBigUInt64LE(BigInt(length))
  json.copy(header, 8)
  return { header, order }
}

function requireUnicode(what: string, text: unknown): asserts text is string {
  if (typeof text !== 'string') throw new ValueError(`safetensors: ${what} must be a string, but got ${typeof text}`)
  if (/\p{Surrogate}/u.test(text))
    throw new ValueError(`safetensors: ${what} is not valid Unicode: ${JSON.stringify(text)}`)
}
