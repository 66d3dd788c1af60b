/** Writes zip archives of stored entries, with zip64 where a size or a position needs it. */
import { ValueError } from '../errors'
import { crc32 } from './crc32'
import * as zip from './zip-format'

/** What goes into an archive. */
export interface ZipSource {
  readonly name: string
  readonly size: number
  /** The bytes, made when their turn comes. */
  readonly chunks: () => Iterable<Uint8Array>
}

// The id of the extra field that fills the gap before the data, as torch.save has it: 'FB'.
const PADDING_ID = 0x4246
// Midnight of the first day that the format knows, so that equal contents give equal files.
const DATE = (1 << 21) | (1 << 16)
const VERSION = 20
const VERSION64 = 45

/** An entry to be written, where it will lie. */
interface Placed {
  readonly source: ZipSource
  readonly key: Buffer
  /** Of its local header. */
  readonly position: number
  readonly padding: number
}

const isLarge = (value: number): boolean => value >= zip.FULL32
/** Whether an entry has 64-bit fields, by its size or its position. So it is for PyTorch, which computes positions by it. */
const isWide = ({ source, position }: Pick<Placed, 'source' | 'position'>): boolean =>
  isLarge(source.size) || isLarge(position)

/** The zip64 part of a header: what does not fit elsewhere, in the order of the format. */
function zip64Extra({ source: { size }, position }: Pick<Placed, 'source' | 'position'>): Buffer {
  const values = [...(isLarge(size) ? [size, size] : []), ...(isLarge(position) ? [position] : [])]
  if (values.length === 0) return Buffer.alloc(0)
  const field = Buffer.alloc(4 + 8 * values.length)
  field.writeUInt16LE(zip.ZIP64_ID)
  field.writeUInt16LE(8 * values.length, 2)
  for (const [i, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * i)
  return field
}

/** What both headers of an entry say, from the needed version to the length of the name. */
function writeCommon(header: Buffer, at: number, entry: Placed, crc: number, size: number): void {
  const { source, key } = entry
  header.writeUInt16LE(isWide(entry) ? VERSION64 : VERSION, at)
  header.writeUInt16LE(
    (source.size > 0 ? zip.HAS_DESCRIPTOR : 0) | (key.length > source.name.length ? zip.UTF8 : 0),
    at + 2,
  )
  header.writeUInt32LE(DATE, at + 6)
  header.writeUInt32LE(crc, at + 10)
  header.writeUInt32LE(Math.min(size, zip.FULL32), at + 14)
  header.writeUInt32LE(Math.min(size, zip.FULL32), at + 18)
  header.writeUInt16LE(key.length, at + 22)
}

function localHeader(entry: Placed): Buffer {
  const { source, key, padding } = entry
  const extra = zip64Extra(entry)
  const header = Buffer.alloc(zip.LOCAL_BYTES)
  header.writeUInt32LE(zip.LOCAL)
  // Sizes and checksum follow the data.
  writeCommon(header, 4, entry, 0, isLarge(source.size) ? zip.FULL32 : 0)
  const filler = Buffer.alloc(4 + padding)
  filler.writeUInt16LE(PADDING_ID)
  filler.writeUInt16LE(padding, 2)
  header.writeUInt16LE(extra.length + filler.length, 28)
  return Buffer.concat([header, key, extra, filler])
}

function descriptor(entry: Placed, crc: number): Buffer {
  const { size } = entry.source
  const bytes = Buffer.alloc(descriptorBytes(entry))
  bytes.writeUInt32LE(zip.DESCRIPTOR)
  bytes.writeUInt32LE(crc, 4)
  for (const i of [0, 1]) {
    if (isWide(entry)) bytes.writeBigUInt64LE(BigInt(size), 8 + 8 * i)
    else bytes.writeUInt32LE(size, 8 + 4 * i)
  }
  return bytes
}
/** Nothing follows an empty entry, as in PyTorch's files. */
const descriptorBytes = (entry: Pick<Placed, 'source' | 'position'>): number =>
  entry.source.size === 0 ? 0 : isWide(entry) ? 24 : 16

function centralHeader(entry: Placed, crc: number): Buffer {
  const { source, key, position } = entry
  const extra = zip64Extra(entry)
  const header = Buffer.alloc(zip.CENTRAL_BYTES)
  header.writeUInt32LE(zip.CENTRAL)
  header.writeUInt16LE(isWide(entry) ? VERSION64 : VERSION, 4)
  writeCommon(header, 6, entry, crc, source.size)
  header.writeUInt16LE(extra.length, 30)
  header.writeUInt32LE(Math.min(position, zip.FULL32), 42)
  return Buffer.concat([header, key, extra])
}

/** What ends an archive; with its zip64 part where a number asks for it. */
function endOf({ count, start, length }: zip.Directory): Buffer {
  const end = Buffer.alloc(zip.END_BYTES)
  end.writeUInt32LE(zip.END)
  for (const at of [8, 10]) end.writeUInt16LE(Math.min(count, zip.FULL16), at)
  end.writeUInt32LE(Math.min(length, zip.FULL32), 12)
  end.writeUInt32LE(Math.min(start, zip.FULL32), 16)
  if (count < zip.FULL16 && length < zip.FULL32 && start < zip.FULL32) return end
  const end64 = Buffer.alloc(zip.END64_BYTES)
  end64.writeUInt32LE(zip.END64)
  end64.writeBigUInt64LE(BigInt(zip.END64_BYTES - 12), 4)
  for (const at of [12, 14]) end64.writeUInt16LE(VERSION64, at)
  for (const at of [24, 32]) end64.writeBigUInt64LE(BigInt(count), at)
  end64.writeBigUInt64LE(BigInt(length), 40)
  end64.writeBigUInt64LE(BigInt(start), 48)
  const locator = Buffer.alloc(zip.LOCATOR64_BYTES)
  locator.writeUInt32LE(zip.LOCATOR64)
  locator.writeBigUInt64LE(BigInt(start + length), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([end64, locator, end])
}

/**
 * The bytes of an archive of stored entries, the data of each aligned to `align`, laid out as by torch.save.
 *
 * @throws ValueError at once, before a byte is made, for names that an archive cannot hold
 */
export function zipChunks(sources: readonly ZipSource[], align = 64): Generator<Uint8Array> {
  const names = new Set<string>()
  let position = 0
  const entries = sources.map((source): Placed => {
    const { name, size } = source
    if (names.has(name)) throw new ValueError(`the name ${JSON.stringify(name)} is given twice`, { name })
    names.add(name)
    const key = Buffer.from(name)
    if (key.length > zip.FULL16) {
      throw new ValueError(`a name of ${key.length} bytes is too long for a zip archive`, { length: key.length })
    }
    const place = { source, position }
    const start = position + zip.LOCAL_BYTES + key.length + zip64Extra(place).length + 4
    const padding = (align - (start % align)) % align
    position = start + padding + size + descriptorBytes(place)
    return { ...place, key, padding }
  })
  return writeEntries(entries, position)
}

function* writeEntries(entries: readonly Placed[], start: number): Generator<Uint8Array> {
  const rows: Buffer[] = []
  for (const entry of entries) {
    const { name, size, chunks } = entry.source
    yield localHeader(entry)
    let crc = 0
    let written = 0
    for (const chunk of chunks()) {
      crc = crc32(chunk, crc)
      written += chunk.byteLength
      yield chunk
    }
    if (written !== size) throw new ValueError(`${name}: ${written} bytes were given, ${size} announced`, { name })
    if (size > 0) yield descriptor(entry, crc)
    rows.push(centralHeader(entry, crc))
  }
  const directory = Buffer.concat(rows)
  yield directory
  yield endOf({ count: entries.length, start, length: directory.length })
}
