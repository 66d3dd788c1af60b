import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load, ones, save, type Tensor, zeros } from 'tenzo'
import { type OpenFile, writeFile } from '../../lib/io/files'
import { readWhole, ZipArchive, type ZipSource, zipChunks } from '../../lib/io/zip'

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

test('the data of each entry begins at a multiple of 64, and equal contents give equal files', () => {
  const sources = Array.from({ length: 40 }, (_, i) => entry(`${'é'.repeat(i % 7)}${i}`, Buffer.alloc(i * 13, i + 1)))
  writeFile(path, zipChunks(sources))
  const bytes = fs.readFileSync(path)
  for (const [i, { size }] of sources.entries()) {
    if (size > 0) expect([i, bytes.indexOf(Buffer.alloc(size, i + 1)) % 64]).toEqual([i, 0])
  }
  expect(Buffer.concat([...zipChunks(sources)]).equals(bytes)).toBe(true)
  const archive = new ZipArchive(bytes, path)
  expect([...archive.sizes]).toEqual(sources.map(({ name, size }) => [name, size]))
  for (const { name, chunks } of sources) expect(archive.read(name)).toEqual(new Uint8Array([...chunks()][0]!))
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
  writeFile(path, zipChunks([{ name: 'x', size: 500, chunks }]))
  expect(new ZipArchive(fs.readFileSync(path), path).read('x')[450]).toBe(4)
})

test('more than a batch, from a file with an entry that is one', () => {
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
    [
      'over 4 GB',
      () => [untouchable('a', 3e9), untouchable('b', 2e9)],
      /4294967295 bytes at most.*save to a \.safetensors/,
    ],
    ['one entry over 4 GB', () => [untouchable('a', 5e9)], /save to a \.safetensors/],
    ['too many entries', () => Array.from({ length: 65536 }, (_, i) => untouchable(`${i}`, 1)), /65535 entries/],
    ['a name twice', () => [untouchable('a', 1), untouchable('a', 1)], /"a" is given twice/],
    ['a long name', () => [untouchable('é'.repeat(40_000), 1)], /80000 bytes is too long/],
  ])('%s', (_name, sources, message) => {
    expect(() => zipChunks(sources())).toThrow(code('VALUE'))
    expect(() => zipChunks(sources())).toThrow(message)
  })

  test('an entry that has not the size it said', () => {
    fs.writeFileSync(path, 'old')
    expect(() => writeFile(path, zipChunks([entry('a', Buffer.alloc(3), 4)]))).toThrow(
      /3 bytes were given, 4 announced/,
    )
    expect(fs.readFileSync(path, 'utf8')).toBe('old')
  })
})

test('a file over 4 GB is refused before it is read', () => {
  const file: OpenFile = { fd: -1, path: 'huge.pt', size: 5e9 }
  expect(() => readWhole(file).next()).toThrow(/huge\.pt: it has 5000000000 bytes.*use a \.safetensors file/)
})
