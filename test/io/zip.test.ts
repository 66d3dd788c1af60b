import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { load, ones, save, type Tensor, zeros } from 'tenzo'
import { crc32, plainCrc32 } from '../../lib/io/crc32'
import { drive, fileOf } from '../../lib/io/files'
import { writeFile } from '../../lib/io/write'
import { ZipArchive } from '../../lib/io/zip'
import { type ZipSource, zipChunks } from '../../lib/io/zip-write'

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-zip-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))
const path = join(folder, 'archive.zip')

const entry = (name: string, data: Uint8Array, size = data.length): ZipSource => ({ name, size, chunks: () => [data] })
const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })
const untouchable = (name: string, size: number): ZipSource => ({
  name,
  size,
  chunks: () => {
    throw new Error('asked for bytes')
  },
})
const opened = (bytes: Uint8Array): ZipArchive => drive(ZipArchive.open(fileOf(bytes, path, {})))

test('the data of each entry begins at a multiple of 64, and equal contents give equal files', () => {
  const sources = Array.from({ length: 40 }, (_, i) => entry(`${'é'.repeat(i % 7)}${i}`, Buffer.alloc(i * 13, i + 1)))
  drive(writeFile(path, zipChunks(sources)))
  const bytes = fs.readFileSync(path)
  for (const [i, { size }] of sources.entries()) {
    if (size > 0) expect([i, bytes.indexOf(Buffer.alloc(size, i + 1)) % 64]).toEqual([i, 0])
  }
  expect(Buffer.concat([...zipChunks(sources)]).equals(bytes)).toBe(true)
  const archive = opened(bytes)
  expect([...archive.names()].map((name) => [name, archive.size(name)])).toEqual(
    sources.map(({ name, size }) => [name, size]),
  )
  for (const { name, chunks } of sources) expect(drive(archive.bytes(name)).equals([...chunks()][0]!)).toBe(true)
})

test('the checksum is that of zlib, in pieces as well', () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * i) % 251))
  // The trailer of gzip has it.
  const expected = zlib.gzipSync(bytes).readUInt32LE(zlib.gzipSync(bytes).length - 8)
  for (const checksum of [crc32, plainCrc32]) {
    expect(checksum(bytes)).toBe(expected)
    expect(checksum(bytes.subarray(300), checksum(bytes.subarray(0, 300)))).toBe(expected)
  }
})

test('chunks of one entry are made one at a time', () => {
  let alive = 0
  function* chunks(): Generator<Uint8Array> {
    for (let i = 0; i < 5; i++) {
      expect(alive++).toBe(0)
      yield Buffer.alloc(100, i)
      alive--
    }
  }
  drive(writeFile(path, zipChunks([{ name: 'x', size: 500, chunks }])))
  expect(drive(opened(fs.readFileSync(path)).bytes('x'))[450]).toBe(4)
})

test('large tensors', () => {
  const big = zeros([20 * 1024 * 1024]).fill_(3)
  const target = join(folder, 'big.pt')
  save({ big, small: ones([3]), other: big.add(1) }, target)
  const again = load<{ big: Tensor; small: Tensor; other: Tensor }>(target)
  expect(again.big.equal(big)).toBe(true)
  expect(again.other.sub(again.big).eq(1).all().item()).toBeTruthy()
  expect(again.small.toArray()).toEqual([1, 1, 1])
})

describe('what the format cannot hold is refused before a byte is made', () => {
  test.each<[string, () => ZipSource[], RegExp]>([
    ['a name twice', () => [untouchable('a', 1), untouchable('a', 1)], /"a" is given twice/],
    ['a long name', () => [untouchable('é'.repeat(40_000), 1)], /80000 bytes is too long/],
  ])('%s', (_name, sources, message) => {
    expect(() => zipChunks(sources())).toThrow(code('VALUE'))
    expect(() => zipChunks(sources())).toThrow(message)
  })

  test('an entry that has not the size it said', () => {
    fs.writeFileSync(path, 'old')
    expect(() => drive(writeFile(path, zipChunks([entry('a', Buffer.alloc(3), 4)])))).toThrow(
      /3 bytes were given, 4 announced/,
    )
    expect(fs.readFileSync(path, 'utf8')).toBe('old')
  })
})

test('65535 entries and more', () => {
  for (const count of [65_535, 65_537]) {
    const bytes = Buffer.concat([
      ...zipChunks(
        Array.from({ length: count }, (_, i) => entry(`${i}`, Buffer.alloc(0))),
        1,
      ),
    ])
    const archive = opened(bytes)
    expect([...archive.names()]).toHaveLength(count)
    expect(archive.has(`${count - 1}`)).toBe(true)
  }
})
