/**
 * Reads the zip archives that `.npz` and `.pt` files are, zip64 included. Of a file only its directory is held in memory, and what it
 * announces must be possible.
 */
import { FormatError } from '../errors'
import { bytesFor, checkLimit, type OpenFile, type Reading } from './files'
import { DEFLATE_GROWTH, deflatedSource, type Source, StoredSource } from './source'
import * as zip from './zip-format'

const damaged = (path: string, what: string): FormatError =>
  new FormatError(`${path}: not a valid zip archive: ${what}`, { path })

interface Entry {
  readonly name: string
  readonly method: number
  /** Bytes packed and unpacked. */
  readonly packed: number
  readonly size: number
  /** Of its local header. */
  readonly position: number
}

/** A number of 64 bits; what is too large to be one is larger than any file. */
const wide = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at))

/** Finds the directory by what stands at the end of the file. */
function* findDirectory(file: OpenFile): Reading<zip.Directory> {
  const { path, size } = file
  const tail = Buffer.alloc(Math.min(size, zip.END_BYTES + zip.FULL16))
  yield* file.read(tail, size - tail.length)
  let at = tail.length - zip.END_BYTES
  // A comment may follow, of a length that is told.
  while (
    at >= 0 &&
    (tail.readUInt32LE(at) !== zip.END || at + zip.END_BYTES + tail.readUInt16LE(at + 20) !== tail.length)
  )
    at--
  if (at < 0) throw damaged(path, 'its directory is missing')
  const found = {
    count: tail.readUInt16LE(at + 10),
    length: tail.readUInt32LE(at + 12),
    start: tail.readUInt32LE(at + 16),
  }
  const isFull = found.count === zip.FULL16 || found.length === zip.FULL32 || found.start === zip.FULL32
  const locator = at - zip.LOCATOR64_BYTES
  if (!isFull || locator < 0 || tail.readUInt32LE(locator) !== zip.LOCATOR64) {
    return checkDirectory(path, found, size - tail.length + at)
  }
  const position = wide(tail, locator + 8)
  const end = Buffer.alloc(zip.END64_BYTES)
  if (position + zip.END64_BYTES > size) throw damaged(path, 'its zip64 directory lies past its end')
  yield* file.read(end, position)
  if (end.readUInt32LE(0) !== zip.END64) throw damaged(path, 'its zip64 directory is missing')
  return checkDirectory(path, { count: wide(end, 32), length: wide(end, 40), start: wide(end, 48) }, position)
}

function checkDirectory(path: string, found: zip.Directory, end: number): zip.Directory {
  const { count, start, length } = found
  if (start + length > end) throw damaged(path, 'its directory lies past its end')
  if (count * zip.CENTRAL_BYTES > length)
    throw damaged(path, `its directory of ${length} bytes cannot have ${count} entries`)
  return found
}

/** The entry that a row of the directory describes, and where the next row begins. */
function parseEntry(path: string, rows: Buffer, at: number): { entry: Entry; next: number } {
  const name = at + zip.CENTRAL_BYTES
  if (name > rows.length || rows.readUInt32LE(at) !== zip.CENTRAL) throw damaged(path, 'its directory is damaged')
  const extra = name + rows.readUInt16LE(at + 28)
  const comment = extra + rows.readUInt16LE(at + 30)
  const next = comment + rows.readUInt16LE(at + 32)
  if (next > rows.length) throw damaged(path, 'its directory is damaged')
  const flags = rows.readUInt16LE(at + 8)
  const label = rows.toString(flags & zip.UTF8 ? 'utf8' : 'latin1', name, extra)
  if (flags & zip.ENCRYPTED) throw damaged(path, `${label} is encrypted`)
  const wideFields = zip64Fields(rows, extra, comment)
  const field = (offset: number): number => {
    const value = rows.readUInt32LE(at + offset)
    return value === zip.FULL32 ? (wideFields.shift() ?? value) : value
  }
  // In this order they stand in the zip64 part, as far as they are there.
  const size = field(24)
  const packed = field(20)
  const position = field(42)
  return { entry: { name: label, method: rows.readUInt16LE(at + 10), size, packed, position }, next }
}

function zip64Fields(rows: Buffer, start: number, end: number): number[] {
  for (let at = start; at + 4 <= end; ) {
    const fieldEnd = at + 4 + rows.readUInt16LE(at + 2)
    if (rows.readUInt16LE(at) === zip.ZIP64_ID && fieldEnd <= end) {
      return Array.from({ length: Math.min(3, (fieldEnd - at - 4) >> 3) }, (_, i) => wide(rows, at + 4 + 8 * i))
    }
    at = fieldEnd
  }
  return []
}

function checkEntry(path: string, { name, method, packed, size }: Entry): void {
  if (method !== zip.STORED && method !== zip.DEFLATED) {
    throw damaged(path, `${name} is compressed by method ${method}, which is unknown`)
  }
  if (method === zip.STORED && packed !== size)
    throw damaged(path, `${name} is stored in ${packed} bytes, but has ${size}`)
  if (size > DEFLATE_GROWTH * (packed + 1)) throw damaged(path, `${name} cannot have ${size} bytes`)
}

/** The entries of an archive, each read when it is asked for. Checksums are not compared, as PyTorch does not either. */
export class ZipArchive {
  private constructor(
    readonly file: OpenFile,
    private readonly entries: ReadonlyMap<string, Entry>,
  ) {}

  /** @throws MemoryError where the entries together are over the limit of the file */
  static *open(file: OpenFile): Reading<ZipArchive> {
    const { path, size } = file
    const { count, start, length } = yield* findDirectory(file)
    const rows = bytesFor(file, length)
    yield* file.read(rows, start)
    const entries = new Map<string, Entry>()
    let claimed = 0
    let content = 0
    for (let i = 0, at = 0; i < count; i++) {
      const { entry, next } = parseEntry(path, rows, at)
      checkEntry(path, entry)
      if (entries.has(entry.name)) throw damaged(path, `${entry.name} occurs twice`)
      entries.set(entry.name, entry)
      // No archive has more or longer entries than it has bytes.
      claimed += zip.LOCAL_BYTES + entry.packed + next - at
      if (claimed > size) throw damaged(path, 'its entries are larger than it')
      content += entry.size
      at = next
    }
    checkLimit(file, content)
    return new ZipArchive(file, entries)
  }

  names(): Iterable<string> {
    return this.entries.keys()
  }

  has(name: string): boolean {
    return this.entries.has(name)
  }

  /** The size of an entry, unpacked; undefined where there is none. */
  size(name: string): number | undefined {
    return this.entries.get(name)?.size
  }

  /** A short entry in whole. */
  *bytes(name: string): Reading<Buffer> {
    const source = yield* this.source(name)
    const bytes = bytesFor(this.file, source.left)
    yield* source.read(bytes)
    return bytes
  }

  /** The content of an entry. */
  *source(name: string): Reading<Source> {
    const { file } = this
    const entry = this.entries.get(name)
    if (entry === undefined) throw damaged(file.path, `it has no ${name}`)
    const { method, packed, size, position } = entry
    const header = Buffer.alloc(zip.LOCAL_BYTES)
    if (position + zip.LOCAL_BYTES > file.size) throw damaged(file.path, `${name} lies past its end`)
    yield* file.read(header, position)
    if (header.readUInt32LE(0) !== zip.LOCAL) throw damaged(file.path, `${name} is not where its directory says`)
    const start = position + zip.LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28)
    if (start + packed > file.size) throw damaged(file.path, `${name} goes past its end`)
    if (method === zip.STORED) return new StoredSource(file, start, size)
    return yield* deflatedSource(file, { name, position: start, packed, size })
  }
}
