/** The zip archives that `.npz` and `.pt` files are: fflate reads and writes them, and is held to what a file can justify. */
import type { UnzipFileInfo, ZipPassThrough } from 'fflate'
import { FormatError, MemoryError, ValueError } from '../errors'
import type { OpenFile, Reading } from './files'

/** Loaded with the first archive: most programs read and write none. */
const fflate = (): typeof import('fflate') => require('fflate')

// fflate knows neither longer archives nor more entries: sizes and counts of the plain zip format.
const MAX_BYTES = 0xffffffff
const MAX_ENTRIES = 0xffff
// No deflate stream grows more than 1032-fold; whoever announces more wants the memory to be claimed.
const DEFLATE_GROWTH = 1032
/** What is unpacked at a time: each time costs a walk over the directory, and this much memory for a moment. */
const BATCH_BYTES = 64 * 1024 * 1024

const damaged = (path: string, what: string): FormatError =>
  new FormatError(`${path}: not a valid zip archive: ${what}`, { path })

/** The whole content of a file. */
export function* readWhole({ path, size }: OpenFile): Reading<Buffer> {
  if (size > MAX_BYTES) {
    const what = `it has ${size} bytes, and no more than ${MAX_BYTES} can be read at once: use a .safetensors file`
    throw new FormatError(`${path}: ${what}`, { path, size })
  }
  let bytes: Buffer
  try {
    bytes = Buffer.allocUnsafeSlow(size)
  } catch (error) {
    throw new MemoryError(`${path}: cannot allocate ${size} bytes: ${(error as Error).message}`, { path, size })
  }
  yield { target: bytes, position: 0 }
  return bytes
}

/** An archive in memory. Checksums are not compared, as PyTorch does not either. */
export class ZipArchive {
  /** The size of each entry, unpacked. */
  readonly sizes: ReadonlyMap<string, number>
  readonly #bytes: Uint8Array
  readonly #path: string

  constructor(bytes: Uint8Array, path: string) {
    this.#bytes = bytes
    this.#path = path
    const sizes = new Map<string, number>()
    let claimed = 0
    this.#unzip((entry) => {
      this.#check(entry)
      if (sizes.has(entry.name)) throw damaged(path, `${entry.name} occurs twice`)
      sizes.set(entry.name, entry.originalSize)
      // 76 bytes are the fixed parts of its two headers: no archive has more entries or longer ones than bytes.
      claimed += 76 + 2 * entry.name.length + entry.size
      if (claimed > bytes.length) throw damaged(path, 'its entries are larger than it')
      return false
    })
    this.sizes = sizes
  }

  #check({ name, size, originalSize, compression }: UnzipFileInfo): void {
    if (compression !== 0 && compression !== 8) {
      throw damaged(this.#path, `${name} is compressed by method ${compression}, which is unknown`)
    }
    if (compression === 0 && size !== originalSize) {
      throw damaged(this.#path, `${name} is stored in ${size} bytes, but has ${originalSize}; it may be encrypted`)
    }
    if (originalSize > DEFLATE_GROWTH * (size + 1))
      throw damaged(this.#path, `${name} cannot have ${originalSize} bytes`)
  }

  #unzip(filter: (entry: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
    try {
      return fflate().unzipSync(this.#bytes, { filter })
    } catch (error) {
      if (error instanceof FormatError) throw error
      throw damaged(this.#path, (error as Error).message)
    }
  }

  /** One entry. */
  read(name: string): Uint8Array {
    const entry = this.#unzip((found) => found.name === name)
    return this.#checked(entry, name)
  }

  /** Unpacks entries in batches, and lets others have their turn between them. */
  *each(names: Iterable<string>, use: (name: string, bytes: Uint8Array) => void): Reading<void> {
    let batch = new Set<string>()
    let batchBytes = 0
    const flush = (): void => {
      const unpacked = this.#unzip(({ name }) => batch.has(name))
      for (const name of batch) use(name, this.#checked(unpacked, name))
      batch = new Set()
      batchBytes = 0
    }
    for (const name of names) {
      const size = this.sizes.get(name) ?? 0
      if (batchBytes > 0 && batchBytes + size > BATCH_BYTES) {
        flush()
        yield null
      }
      batch.add(name)
      batchBytes += size
    }
    flush()
  }

  #checked(unpacked: Record<string, Uint8Array>, name: string): Uint8Array {
    const size = this.sizes.get(name)
    const bytes = Object.hasOwn(unpacked, name) ? unpacked[name] : undefined
    if (size === undefined || bytes === undefined) throw damaged(this.#path, `it has no ${name}`)
    if (bytes.length !== size) throw damaged(this.#path, `${name} has ${bytes.length} bytes, expected ${size}`)
    return bytes
  }
}

/** What goes into an archive. */
export interface ZipSource {
  readonly name: string
  readonly size: number
  /** The bytes, made when their turn comes. */
  readonly chunks: () => Iterable<Uint8Array>
}

const HEADER_BYTES = 30
const EXTRA_BYTES = 4
const DESCRIPTOR_BYTES = 16
const DIRECTORY_BYTES = 46
const END_BYTES = 22
// The id of the extra field that fills the gap, as torch.save has it: 'FB'.
const PADDING_ID = 0x4246
// Midnight of the first day that the format knows: equal contents give equal files.
const DATE = new Date(1980, 0, 1)

let StoredEntry: (new (name: string) => ZipPassThrough) | undefined
/** An entry whose checksum zlib computes: ten times as fast as fflate, whose own is most of the time of writing a file. */
function storedEntry(name: string): ZipPassThrough {
  // Node 20 has it from 20.15 on only.
  const { crc32 } = require('node:zlib') as { crc32?: (data: Uint8Array, value?: number) => number }
  StoredEntry ??= class extends fflate().ZipPassThrough {
    override crc = 0
    override push(chunk: Uint8Array, final = false): void {
      if (crc32 === undefined) {
        super.push(chunk, final)
        return
      }
      this.size += chunk.length
      this.crc = crc32(chunk, this.crc)
      this.process(chunk as Uint8Array<ArrayBuffer>, final)
    }
  }
  return new StoredEntry(name)
}

/**
 * The bytes of an archive of stored entries, the data of each aligned to `align`.
 *
 * @throws ValueError at once, before a byte is made, for an archive that the plain zip format cannot hold
 */
export function zipChunks(sources: readonly ZipSource[], align = 64): Generator<Uint8Array> {
  const names = new Set<string>()
  let position = 0
  let directory = END_BYTES
  const entries = sources.map((source): [ZipSource, padding: number] => {
    const { name, size } = source
    if (names.has(name)) throw new ValueError(`the name ${JSON.stringify(name)} is given twice`, { name })
    names.add(name)
    const key = Buffer.byteLength(name)
    if (key > 0xffff) throw new ValueError(`a name of ${key} bytes is too long for a zip archive`, { length: key })
    const fixed = HEADER_BYTES + key + EXTRA_BYTES
    const padding = (align - ((position + fixed) % align)) % align
    position += fixed + padding + size + DESCRIPTOR_BYTES
    directory += DIRECTORY_BYTES + key + EXTRA_BYTES + padding
    return [source, padding]
  })
  const total = position + directory
  if (total > MAX_BYTES || entries.length > MAX_ENTRIES) {
    const what = `${entries.length} entries and ${total} bytes`
    throw new ValueError(
      `a zip archive holds ${MAX_ENTRIES} entries and ${MAX_BYTES} bytes at most, but this one needs ${what}: save to a .safetensors file`,
      { entries: entries.length, bytes: total },
    )
  }
  return writeEntries(entries)
}

function* writeEntries(entries: readonly (readonly [ZipSource, padding: number])[]): Generator<Uint8Array> {
  let ready: Uint8Array[] = []
  const { Zip } = fflate()
  const zip = new Zip((error, chunk) => {
    if (error) throw error
    ready.push(chunk)
  })
  const take = (): Uint8Array[] => {
    const chunks = ready
    ready = []
    return chunks
  }
  for (const [{ name, size, chunks }, padding] of entries) {
    const entry = Object.assign(storedEntry(name), {
      mtime: DATE,
      extra: { [PADDING_ID]: new Uint8Array(padding) },
    })
    zip.add(entry)
    for (const chunk of chunks()) {
      entry.push(chunk)
      yield* take()
    }
    if (entry.size !== size) {
      throw new ValueError(`${name}: ${entry.size} bytes were given, ${size} announced`, { name })
    }
    entry.push(new Uint8Array(0), true)
    yield* take()
  }
  zip.end()
  yield* take()
}
