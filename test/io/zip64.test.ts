/** Archives over 4 GB, of which only what is not zeros is kept; `npm run test:big` writes and reads real ones. */
import { drive, type OpenFile, type Reading } from '../../lib/io/files'
import { ZipArchive } from '../../lib/io/zip'
import { type ZipSource, zipChunks } from '../../lib/io/zip-write'

// Seconds for so many bytes, and nothing reads it.
jest.mock('../../lib/io/crc32', () => ({ crc32: () => 0 }))

const entry = (name: string, data: Uint8Array): ZipSource => ({ name, size: data.length, chunks: () => [data] })

/** What is written of a large archive, without its data: pieces by their positions, zeros between them. */
class Sparse implements OpenFile {
  readonly path = 'large.zip'
  readonly limit = Number.POSITIVE_INFINITY
  size = 0
  readonly #pieces: [position: number, bytes: Uint8Array][] = []
  constructor(chunks: Iterable<Uint8Array>) {
    for (const chunk of chunks) {
      // A copy, since one piece may stand for many.
      if (chunk !== PIECE) this.#pieces.push([this.size, Uint8Array.from(chunk)])
      this.size += chunk.byteLength
    }
  }
  // biome-ignore lint/correctness/useYield: nothing is to be waited for
  *read(target: Uint8Array, position: number): Reading<void> {
    target.fill(0)
    for (const [at, bytes] of this.#pieces) {
      const start = Math.max(at, position)
      const end = Math.min(at + bytes.byteLength, position + target.byteLength)
      if (start < end) target.set(bytes.subarray(start - at, end - at), start - position)
    }
  }
}
const PIECE = new Uint8Array(64 * 1024 * 1024)
const zerosOf = (name: string, pieces: number): ZipSource => ({
  name,
  size: pieces * PIECE.byteLength,
  *chunks() {
    for (let i = 0; i < pieces; i++) yield PIECE
  },
})

describe('zip64', () => {
  test('what lies behind 4 GB', () => {
    const sources = [
      zerosOf('first', 40),
      zerosOf('second', 25),
      entry('last', Buffer.from('the end')),
      entry('none', Buffer.alloc(0)),
    ]
    const archive = drive(ZipArchive.open(new Sparse(zipChunks(sources))))
    expect([...archive.names()].map((name) => archive.size(name))).toEqual(sources.map(({ size }) => size))
    expect(drive(archive.bytes('last')).toString()).toBe('the end')
    expect(drive(archive.source('second')).left).toBe(sources[1]!.size)
  })

  test('an entry over 4 GB', () => {
    const sources = [entry('a', Buffer.from('a')), zerosOf('large', 65), entry('z', Buffer.from('z'))]
    const archive = drive(ZipArchive.open(new Sparse(zipChunks(sources))))
    expect(archive.size('large')).toBe(65 * PIECE.byteLength)
    expect([drive(archive.source('large')).left, drive(archive.bytes('z')).toString()]).toEqual([
      65 * PIECE.byteLength,
      'z',
    ])
  })
})
