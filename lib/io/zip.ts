/** Zip archives, as far as `.npz` and `.pt` files use them: stored or deflated entries, also beyond 4 GB. */
import * as zlib from 'node:zlib'
import { FormatError, ValueError } from '../errors'
import type { OpenFile, Reading } from './files'

export interface ZipEntry {
  readonly name: string
  readonly deflated: boolean
  readonly crc: number
  readonly compressedSize: number
  readonly size: number
  readonly headerOffset: number
}

const LOCAL_HEADER = 0x04034b50
const CENTRAL_HEADER = 0x02014b50
const END = 0x06054b50
const END64 = 0x06064b50
const END64_LOCATOR = 0x07064b50
const UNKNOWN_32 = 0xffffffff
const UNKNOWN_16 = 0xffff
const UTF8 = 0x0800
const ENCRYPTED = 0x0001

// Node 20 has it from 20.15 on only.
const nativeCrc = (zlib as { crc32?: (data: Uint8Array, value?: number) => number }).crc32

const crcTable = new Uint32Array(256).map((_, i) => {
  let value = i
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

function tableCrc(data: Uint8Array, value = 0): number {
  let crc = ~value
  for (let i = 0; i < data.length; i++) crc = crcTable[(crc ^ data[i]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

const crc32 = nativeCrc ?? tableCrc

const damaged = (path: string, what: string): FormatError =>
  new FormatError(`${path}: not a valid zip archive: ${what}`, { path })

function readNumber64(buffer: Buffer, offset: number, path: string): number {
  const value = buffer.readBigUInt64LE(offset)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(path, `a size of ${value} bytes`)
  return Number(value)
}

/** The directory of an archive, which lies at its end. */
export function* readZipDirectory({ path, size }: OpenFile): Reading<ReadonlyMap<string, ZipEntry>> {
  const tail = Buffer.alloc(Math.min(size, 22 + 0xffff + 20))
  yield { target: tail, position: size - tail.length }
  let at = tail.length - 22
  // The comment behind the record may be any text, so the record that accounts for all bytes is the one.
  while (at >= 0 && !(tail.readUInt32LE(at) === END && tail.readUInt16LE(at + 20) === tail.length - at - 22)) at--
  if (at < 0) throw damaged(path, 'it has no end-of-directory record')

  let count = tail.readUInt16LE(at + 10)
  let length = tail.readUInt32LE(at + 12)
  let start = tail.readUInt32LE(at + 16)
  if (count === UNKNOWN_16 || length === UNKNOWN_32 || start === UNKNOWN_32) {
    if (at < 20 || tail.readUInt32LE(at - 20) !== END64_LOCATOR) throw damaged(path, 'it has no zip64 locator')
    const position = readNumber64(tail, at - 12, path)
    const record = Buffer.alloc(56)
    if (position + record.length > size) throw damaged(path, 'its zip64 record lies past its end')
    yield { target: record, position }
    if (record.readUInt32LE(0) !== END64) throw damaged(path, 'it has no zip64 record')
    count = readNumber64(record, 32, path)
    length = readNumber64(record, 40, path)
    start = readNumber64(record, 48, path)
  }
  if (start + length > size) throw damaged(path, 'its directory lies past its end')
  const directory = Buffer.alloc(length)
  yield { target: directory, position: start }
  return parseDirectory(directory, count, path, size)
}

function parseDirectory(directory: Buffer, count: number, path: string, fileSize: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>()
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL_HEADER) {
      throw damaged(path, `entry ${i} of its directory is missing`)
    }
    const flags = directory.readUInt16LE(at + 8)
    const method = directory.readUInt16LE(at + 10)
    const crc = directory.readUInt32LE(at + 16)
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28)
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30)
    const end = extraEnd + directory.readUInt16LE(at + 32)
    if (end > directory.length) throw damaged(path, `entry ${i} of its directory is cut`)
    const name = directory.toString(flags & UTF8 ? 'utf8' : 'latin1', at + 46, nameEnd)
    const fields = [directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)]
    readWideFields(directory.subarray(nameEnd, extraEnd), fields, path)
    const [size, compressedSize, headerOffset] = fields as [number, number, number]
    if (flags & ENCRYPTED) throw damaged(path, `${name} is encrypted`)
    if (method !== 0 && method !== 8) throw damaged(path, `${name} is compressed by method ${method}, which is unknown`)
    if (method === 0 && size !== compressedSize)
      throw damaged(path, `${name} is stored in ${compressedSize} bytes, but has ${size}`)
    // No deflate stream grows more than 1032-fold; whoever announces more wants the memory to be claimed.
    if (method === 8 && size > 1032 * (compressedSize + 1)) throw damaged(path, `${name} cannot have ${size} bytes`)
    if (headerOffset + 30 + compressedSize > fileSize) throw damaged(path, `${name} lies past its end`)
    if (entries.has(name)) throw damaged(path, `${name} occurs twice`)
    entries.set(name, { name, deflated: method === 8, crc, compressedSize, size, headerOffset })
    at = end
  }
  return entries
}

/** Replaces the fields that 32 bits could not hold by those of the zip64 extra, which has them in the same order. */
function readWideFields(extra: Buffer, fields: number[], path: string): void {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2)
    if (end > extra.length) return
    if (extra.readUInt16LE(at) === 1) {
      let from = at + 4
      for (let i = 0; i < fields.length; i++) {
        if (fields[i] !== UNKNOWN_32) continue
        if (from + 8 > end) throw damaged(path, 'a zip64 field is cut')
        fields[i] = readNumber64(extra, from, path)
        from += 8
      }
    }
    at = end
  }
}

/** Reads an entry into memory of exactly its size, and checks it. */
export function* readZipEntry({ path, size }: OpenFile, entry: ZipEntry, target: Uint8Array): Reading<void> {
  const header = Buffer.alloc(30)
  yield { target: header, position: entry.headerOffset }
  if (header.readUInt32LE(0) !== LOCAL_HEADER) throw damaged(path, `${entry.name} has no header`)
  const position = entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  if (position + entry.compressedSize > size) throw damaged(path, `${entry.name} lies past its end`)
  if (target.byteLength !== entry.size) {
    throw new FormatError(`${path}: ${entry.name} has ${entry.size} bytes, expected ${target.byteLength}`, { path })
  }
  if (!entry.deflated) yield { target, position }
  else {
    const compressed = new Uint8Array(entry.compressedSize)
    yield { target: compressed, position }
    target.set(inflate(path, entry, compressed))
  }
  if (crc32(target) !== entry.crc) throw damaged(path, `${entry.name} does not match its checksum`)
}

function inflate(path: string, { name, size }: ZipEntry, compressed: Uint8Array): Uint8Array {
  let bytes: Uint8Array
  try {
    // Bounded by what the directory announces: a small archive cannot fill the memory.
    bytes = zlib.inflateRawSync(compressed, { maxOutputLength: Math.max(size, 1) })
  } catch (error) {
    throw damaged(path, `${name} does not inflate: ${(error as Error).message}`)
  }
  if (bytes.length !== size) throw damaged(path, `${name} inflates to ${bytes.length} bytes, expected ${size}`)
  return bytes
}

/** What goes into an archive. `chunks` is called twice: for the checksum, which comes first, and for the bytes. */
export interface ZipSource {
  readonly name: string
  readonly size: number
  readonly chunks: () => Iterable<Uint8Array>
}

// Midnight of the first day that the format knows: equal contents give equal files.
const DATE = 0x0021

/** The bytes of an archive of stored entries, the data of each aligned to `align`. */
export function* zipChunks(sources: Iterable<ZipSource>, align = 64): Generator<Uint8Array> {
  const directory: Buffer[] = []
  const names = new Set<string>()
  let position = 0
  for (const { name, size, chunks } of sources) {
    if (names.has(name)) throw new ValueError(`the name ${JSON.stringify(name)} is given twice`, { name })
    names.add(name)
    let crc = 0
    for (const chunk of chunks()) crc = crc32(chunk, crc)
    const wide = size >= UNKNOWN_32
    const key = Buffer.from(name)
    const fixed = 30 + key.length + (wide ? 20 : 0) + 4
    const padding = (align - ((position + fixed) % align)) % align
    const header = Buffer.alloc(fixed + padding)
    header.writeUInt32LE(LOCAL_HEADER, 0)
    writeCommon(header, 4, wide, crc, size)
    header.writeUInt16LE(key.length, 26)
    header.writeUInt16LE(header.length - 30 - key.length, 28)
    let at = 30 + key.copy(header, 30)
    if (wide) {
      header.writeUInt16LE(1, at)
      header.writeUInt16LE(16, at + 2)
      header.writeBigUInt64LE(BigInt(size), at + 4)
      header.writeBigUInt64LE(BigInt(size), at + 12)
      at += 20
    }
    header.write('FB', at, 'latin1')
    header.writeUInt16LE(padding, at + 2)
    directory.push(centralHeader(key, crc, size, position))
    yield header
    position += header.length + size
    let written = 0
    for (const chunk of chunks()) {
      written += chunk.byteLength
      yield chunk
    }
    if (written !== size) throw new ValueError(`${name}: ${written} bytes were given, ${size} announced`, { name })
  }
  yield Buffer.concat(directory)
  yield* endRecords(directory, position)
}

// From the version to the sizes the local and the central header are alike.
function writeCommon(header: Buffer, at: number, wide: boolean, crc: number, size: number): void {
  header.writeUInt16LE(wide ? 45 : 20, at)
  header.writeUInt16LE(UTF8, at + 2)
  header.writeUInt16LE(DATE, at + 8)
  header.writeUInt32LE(crc, at + 10)
  header.writeUInt32LE(wide ? UNKNOWN_32 : size, at + 14)
  header.writeUInt32LE(wide ? UNKNOWN_32 : size, at + 18)
}

function centralHeader(key: Buffer, crc: number, size: number, position: number): Buffer {
  const wide = size >= UNKNOWN_32
  const far = position >= UNKNOWN_32
  const extra = wide || far ? Buffer.alloc(4 + (wide ? 16 : 0) + (far ? 8 : 0)) : Buffer.alloc(0)
  if (extra.length > 0) {
    extra.writeUInt16LE(1, 0)
    extra.writeUInt16LE(extra.length - 4, 2)
    const values = [...(wide ? [size, size] : []), ...(far ? [position] : [])]
    for (const [i, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i)
  }
  const header = Buffer.alloc(46)
  header.writeUInt32LE(CENTRAL_HEADER, 0)
  header.writeUInt16LE(wide || far ? 45 : 20, 4)
  writeCommon(header, 6, wide, crc, size)
  header.writeUInt16LE(wide || far ? 45 : 20, 6)
  header.writeUInt16LE(key.length, 28)
  header.writeUInt16LE(extra.length, 30)
  header.writeUInt32LE(far ? UNKNOWN_32 : position, 42)
  return Buffer.concat([header, key, extra])
}

function* endRecords(directory: readonly Buffer[], start: number): Generator<Uint8Array> {
  const count = directory.length
  const length = directory.reduce((sum, header) => sum + header.length, 0)
  const wide = count >= UNKNOWN_16 || length >= UNKNOWN_32 || start >= UNKNOWN_32
  if (wide) {
    const record = Buffer.alloc(56 + 20)
    record.writeUInt32LE(END64, 0)
    record.writeBigUInt64LE(44n, 4)
    record.writeUInt16LE(45, 12)
    record.writeUInt16LE(45, 14)
    record.writeBigUInt64LE(BigInt(count), 24)
    record.writeBigUInt64LE(BigInt(count), 32)
    record.writeBigUInt64LE(BigInt(length), 40)
    record.writeBigUInt64LE(BigInt(start), 48)
    record.writeUInt32LE(END64_LOCATOR, 56)
    record.writeBigUInt64LE(BigInt(start + length), 64)
    record.writeUInt32LE(1, 72)
    yield record
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(END, 0)
  end.writeUInt16LE(Math.min(count, UNKNOWN_16), 8)
  end.writeUInt16LE(Math.min(count, UNKNOWN_16), 10)
  end.writeUInt32LE(Math.min(length, UNKNOWN_32), 12)
  end.writeUInt32LE(Math.min(start, UNKNOWN_32), 16)
  yield end
}
