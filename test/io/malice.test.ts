/** Files made to do harm: each is a FormatError or a DTypeError that names the file, soon and without claiming memory. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { load, memoryStats, Tensor } from 'tenzo'
import { drive } from '../../lib/io/files'
import { writeFile } from '../../lib/io/write'
import { zipChunks } from '../../lib/io/zip-write'
import { recordedFiles } from './pt-files'

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-malice-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))
const path = join(folder, 'bad.pt')

const le32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
type Piece = string | Buffer
/** A pickle of protocol 2: opcodes as text, and what goes between. */
const pickle = (...pieces: Piece[]): Buffer =>
  Buffer.concat([
    Buffer.from([0x80, 2]),
    ...pieces.map((p) => (typeof p === 'string' ? Buffer.from(p, 'latin1') : p)),
    Buffer.from('.'),
  ])
const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from('X'), le32(Buffer.byteLength(value)), Buffer.from(value)])
const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(9)
  bytes.writeBigInt64LE(BigInt(value), 1)
  bytes[0] = 8
  return Buffer.concat([Buffer.from([0x8a]), bytes])
}
const storage = (count: number, key = '0', kind = 'FloatStorage'): Buffer =>
  Buffer.concat([
    Buffer.from('('),
    text('storage'),
    Buffer.from(`ctorch\n${kind}\n`),
    text(key),
    text('cpu'),
    int(count),
    Buffer.from('tQ'),
  ])
const tensor = (count: number, offset: number, sizes: number[], strides: number[]): Buffer =>
  Buffer.concat([
    Buffer.from('ctorch._utils\n_rebuild_tensor_v2\n('),
    storage(count),
    int(offset),
    Buffer.from('('),
    ...sizes.map(int),
    Buffer.from('t('),
    ...strides.map(int),
    Buffer.from('t\x89ccollections\nOrderedDict\n)RtR', 'latin1'),
  ])

const archive = (data: Buffer, ...storages: Buffer[]): void => {
  const entries = [data, ...storages].map((bytes, i) => ({
    name: `a/${i === 0 ? 'data.pkl' : `data/${i - 1}`}`,
    size: bytes.length,
    chunks: () => [bytes],
  }))
  drive(writeFile(path, zipChunks(entries)))
}

function refused(message: RegExp, code = 'ERR_TENZO_FORMAT'): void {
  const before = memoryStats().liveBytes
  const start = Date.now()
  const expected = expect.objectContaining({ code, message: expect.stringMatching(message) })
  expect(() => load(path)).toThrow(expected)
  expect(() => load(path)).toThrow(path)
  expect(Date.now() - start).toBeLessThan(5000)
  expect(memoryStats().liveBytes - before).toBeLessThan(64 * 1024 * 1024)
}

describe('tensors', () => {
  const data = Buffer.alloc(16)
  test.each<[string, Buffer, RegExp]>([
    ['past the end', tensor(4, 1, [4], [1]), /past the end of storage 0/],
    ['past the end by its strides', tensor(4, 0, [2, 2], [3, 1]), /past the end of storage 0/],
    ['at a negative offset', tensor(4, -1, [1], [1]), /described in an unknown way/],
    ['of a negative size', tensor(4, 0, [-4], [1]), /described in an unknown way/],
    ['with a negative stride', tensor(4, 3, [2], [-1]), /described in an unknown way/],
    ['with sizes that overflow', tensor(4, 0, [2 ** 40, 2 ** 40], [0, 0]), /more elements than can be counted/],
    ['with strides that overflow', tensor(4, 0, [2, 2], [2 ** 53 - 1, 2 ** 53 - 1]), /past the end/],
    ['with more strides than dims', tensor(4, 0, [4], [1, 1]), /not as many strides as dims/],
    ['of too many dims', tensor(4, 0, Array<number>(65).fill(1), Array<number>(65).fill(1)), /has 65 dims/],
    ['over a huge storage', tensor(2 ** 50, 0, [1], [1]), /needs 4503599627370496 bytes, but the file has 16/],
    ['over a short storage', tensor(3, 0, [1], [1]), /needs 12 bytes, but the file has 16/],
    ['over nothing', storage(1, '7'), /needs 4 bytes, but the file has none/],
    [
      'over a storage of two sizes',
      Buffer.concat([storage(4), storage(3), Buffer.from('\x86', 'latin1')]),
      /described twice/,
    ],
  ])('%s', (_name, body, message) => {
    archive(pickle(body), data)
    refused(message)
  })

  test('huge ones that announce it only, in the legacy format too', () => {
    const head = [pickle(Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex')), pickle('M\xe9\x03'), pickle('}')]
    const body = pickle('(', text('storage'), 'ctorch\nFloatStorage\n', text('1'), text('cpu'), int(2 ** 40), 'NtQ')
    fs.writeFileSync(path, Buffer.concat([...head, body, pickle('](', text('1'), 'e')]))
    refused(/needs 4398046511104 bytes, but the file has none/)
  })

  test('of integers that require gradients', () => {
    const body = tensor(2, 0, [1], [1])
      .toString('latin1')
      .replace('FloatStorage', 'LongStorage')
      .replace('\x89', '\x88')
    archive(pickle(body), data)
    refused(/a tensor of int64 requires gradients/)
  })
})

describe('pickles', () => {
  const many = (count: number, piece: string): Buffer => Buffer.alloc(count * piece.length, piece, 'latin1')
  test.each<[string, Buffer, RegExp]>([
    ['lists within lists', pickle(many(50_000, ']'), many(49_999, 'a')), /nested too deeply/],
    ['tuples within tuples', pickle(')', many(50_000, '\x85')), /nested too deeply/],
    ['dicts within dicts', pickle(many(50_000, '}K\x01'), '}', many(50_000, 's')), /nested too deeply/],
    [
      'one long list made a set again and again',
      pickle('](', many(20_000, 'K\x01'), 'eq\x00c__builtin__\nset\nq\x010', many(20_000, '(h\x01h\x00\x85R0'), 'N'),
      /copies more than it holds/,
    ],
    [
      'one long dict made a Counter again and again',
      pickle(
        '}(',
        many(20_000, 'K\x01N'),
        'uq\x00ccollections\nOrderedDict\nq\x010](',
        many(9000, 'NN\x86'),
        'eq\x02',
        many(30_000, 'h\x01h\x02\x85R0'),
      ),
      /copies more than it holds/,
    ],
    [
      'one long text made bytes again and again',
      pickle(
        text('x'.repeat(50_000)),
        'q\x00',
        text('latin1'),
        'q\x01c_codecs\nencode\nq\x020',
        many(10_000, 'h\x02h\x00h\x01\x86R0'),
      ),
      /copies more than it holds/,
    ],
    ['an integer of 100 kB', pickle('\x8b', le32(100_000), Buffer.alloc(100_000, 1)), /an integer has 100000 bytes/],
    ['a text of 4 GB', pickle('X', le32(0xffffffff)), /ends too early/],
    ['bytes of 2^63', pickle('\x8e', Buffer.alloc(8, 0x7f)), /ends too early/],
    ['a memo that is empty', pickle('h\x05'), /memo 5 is empty/],
    ['a mark that is missing', pickle('t'), /a mark is missing/],
    ['nothing on the stack', pickle('a'), /a value is missing/],
    ['a list taken for a dict', pickle(']NNs'), /set on what is no dict/],
    ['a state for a list', pickle(']}b'), /a state of its own/],
    ['a call of data', pickle('K\x01)R'), /called that is no function/],
    ['the name of a method', pickle('ctoString\nconstructor\n)R'), /GLOBAL toString\.constructor was not an allowed/],
    ['the name of a prototype', pickle('c__proto__\n__proto__\n)R'), /GLOBAL __proto__\.__proto__ was not an allowed/],
    ['a system call', pickle('cos\nsystem\n', text('true'), '\x85R'), /GLOBAL os\.system was not an allowed/],
    ['eval', pickle('c__builtin__\neval\n', text('1'), '\x85R'), /GLOBAL eval was not an allowed/],
    ['a call within a call', pickle('ctorch._tensor\n_rebuild_from_type_v2\nq\x00h\x00h\x00)}tR'), /invalid pickle/],
    ['a newer protocol', Buffer.from([0x80, 6, 0x4e, 0x2e]), /newer than 5/],
    ['a text that is not UTF-8', pickle('X', le32(2), Buffer.from([0xff, 0xfe])), /not UTF-8/],
    [
      'an array of numpy that announces more than it has',
      pickle(
        'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85',
        text('b'),
        '\x87R(K\x01',
        int(2 ** 40),
        '\x85cnumpy\ndtype\n',
        text('f4'),
        '\x85R\x89',
        text('abcd'),
        'tb',
      ),
      /not the bytes it needs/,
    ],
  ])('%s', (_name, data, message) => {
    archive(data)
    refused(message)
  })

  test('names of prototypes are names', () => {
    archive(
      pickle(
        '}(',
        text('__proto__'),
        '}',
        text('polluted'),
        'K\x01s',
        text('constructor'),
        'N',
        text('hasOwnProperty'),
        'N',
        'u',
      ),
    )
    const value = load<object>(path)
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor', 'hasOwnProperty'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect('polluted' in {}).toBe(false)
  })
})

describe('archives', () => {
  interface Entry {
    name: string
    data: Buffer
    method?: number
    flags?: number
    /** Announced instead of the true ones. */
    size?: number
    compressed?: number
    offset?: number
  }
  /** An archive written as told, right or wrong. */
  function zip(entries: Entry[], end: { count?: number; start?: number } = {}): Buffer {
    const parts: Buffer[] = []
    const directory: Buffer[] = []
    let position = 0
    for (const {
      name,
      data,
      method = 0,
      flags = 0,
      size = data.length,
      compressed = data.length,
      offset = position,
    } of entries) {
      const local = Buffer.alloc(30)
      local.write('PK\x03\x04', 'latin1')
      local.writeUInt16LE(name.length, 26)
      const central = Buffer.alloc(46)
      central.write('PK\x01\x02', 'latin1')
      central.writeUInt16LE(flags, 8)
      central.writeUInt16LE(method, 10)
      central.writeUInt32LE(compressed, 20)
      central.writeUInt32LE(size, 24)
      central.writeUInt16LE(name.length, 28)
      central.writeUInt32LE(offset, 42)
      parts.push(local, Buffer.from(name), data)
      directory.push(central, Buffer.from(name))
      position += 30 + name.length + data.length
    }
    const last = Buffer.alloc(22)
    last.write('PK\x05\x06', 'latin1')
    last.writeUInt16LE(end.count ?? entries.length, 8)
    last.writeUInt16LE(end.count ?? entries.length, 10)
    last.writeUInt32LE(Buffer.concat(directory).length, 12)
    last.writeUInt32LE(end.start ?? position, 16)
    return Buffer.concat([...parts, ...directory, last])
  }
  const data = pickle('N')
  const good: Entry = { name: 'a/data.pkl', data }
  const zeros = deflateRawSync(Buffer.alloc(1000))

  test('what is made here is read where nothing is wrong with it', () => {
    fs.writeFileSync(path, zip([good]))
    expect(load(path)).toBeNull()
    fs.writeFileSync(path, zip([{ ...good, data: deflateRawSync(data), method: 8, size: data.length }]))
    expect(load(path)).toBeNull()
  })

  test.each<[string, Buffer, RegExp]>([
    ['an entry twice', zip([good, good]), /a\/data\.pkl occurs twice/],
    ['an unknown method', zip([{ ...good, method: 99 }]), /compressed by method 99/],
    [
      'an encrypted entry',
      zip([
        {
          ...good,
          flags: 1,
          compressed: data.length + 12,
          data: Buffer.concat([Buffer.alloc(12), data]),
          size: data.length,
        },
      ]),
      /a\/data\.pkl is encrypted/,
    ],
    [
      'a size that deflate cannot reach',
      zip([good, { name: 'a/data/0', data: zeros, method: 8, size: 0xfffffff0 }]),
      /cannot have 4294967280 bytes/,
    ],
    [
      'a size that is not reached',
      zip([{ ...good, data: zeros, method: 8, size: 1001 }]),
      /data\.pkl ends 1 bytes too early/,
    ],
    ['a stored size that is not the size', zip([{ ...good, size: 3 }]), /is stored in 4 bytes, but has 3/],
    ['an entry past the end', zip([{ ...good, offset: 5000 }]), /data\.pkl lies past its end/],
    [
      'entries over one another',
      zip(
        Array.from({ length: 50 }, (_, i) => ({
          name: `a/data/${i}`,
          data: Buffer.alloc(0),
          size: 600,
          compressed: 600,
          offset: 0,
        })),
      ),
      /its entries are larger than it/,
    ],
    ['65535 entries where there are none', zip([good], { count: 65535 }), /of 56 bytes cannot have 65535 entries/],
    ['a directory elsewhere', zip([good], { start: 0xfffffff0 }), /its directory lies past its end/],
    [
      'noise for deflated',
      zip([{ ...good, data: Buffer.alloc(40, 0xa5), method: 8, size: 100 }]),
      /not a valid zip archive/,
    ],
    ['a prototype for a name', zip([{ name: '__proto__', data }]), /no data\.pkl/],
    ['no end', zip([good]).subarray(0, -22), /not a valid zip archive/],
  ])('%s', (_name, bytes, message) => {
    fs.writeFileSync(path, bytes)
    refused(message)
  })
})

/** The bytes of bools in it that are neither 0 nor 1. */
function oddBools(value: unknown): number[] {
  if (value instanceof Tensor) {
    if (value.dtype !== 'bool') return []
    return value.detach().storage.withBytes((bytes) => [...bytes].filter((byte) => byte > 1))
  }
  if (value instanceof Map || value instanceof Set) return [...value.values()].flatMap(oddBools)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  return Object.values(value).flatMap(oddBools)
}

// The whole of it, every length and every byte in several ways, ran apart from the tests; here is a part of each file.
describe('damage anywhere', () => {
  const sources: [string, string, Buffer][] = recordedFiles('2.13').map(({ name, bytes }) => [name, '.pt', bytes])
  for (const [folderName, name] of [
    ['npy', 'stored.npz'],
    ['npy', 'deflated.npz'],
    ['npy', 'fortran.npy'],
    ['safetensors', 'tied.safetensors'],
  ] as const) {
    sources.push([
      name,
      name.slice(name.indexOf('.')),
      fs.readFileSync(join(__dirname, '../goldens', folderName, name)),
    ])
  }
  test.each(sources)('%s', (_name, extension, bytes) => {
    const target = join(folder, `damaged${extension}`)
    const attempt = (content: Buffer): void => {
      fs.writeFileSync(target, content)
      try {
        expect(oddBools(load(target))).toEqual([])
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^ERR_TENZO_(FORMAT|DTYPE)$/)
        expect((error as Error).message).toContain(target)
      }
    }
    const step = Math.ceil(bytes.length / 12)
    for (let i = 0; i < bytes.length; i += step) {
      attempt(bytes.subarray(0, i))
      const damaged = Buffer.from(bytes)
      damaged[i] = damaged[i]! ^ (1 << (i % 8))
      attempt(damaged)
      damaged.fill(0xff, i, Math.min(i + 4, damaged.length))
      attempt(damaged)
    }
  })
})
