/** What a file may claim: how much memory, and which bytes are bools. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import v8 from 'node:v8'
import { deflateRawSync, gzipSync } from 'node:zlib'
import {
  load,
  loadAsync,
  loadModel,
  nn,
  ones,
  readIdx,
  readIdxAsync,
  save,
  type Tensor,
  tensor,
  writeSafetensors,
  zeros,
} from 'tenzo'
import { drive, fileOf } from '../../lib/io/files'
import { npyHeader } from '../../lib/io/npy-header'
import { writeFile } from '../../lib/io/write'
import { ZipArchive } from '../../lib/io/zip'
import { zipChunks } from '../../lib/io/zip-write'

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-limits-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))
let count = 0
const fresh = (extension: string): string => join(folder, `${count++}${extension}`)
const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })

/** An archive of one entry, packed. */
function packedArchive(name: string, data: Buffer, announced = data.length): Buffer {
  const packed = deflateRawSync(data, { level: 1 })
  const [local, central, end] = [Buffer.alloc(30), Buffer.alloc(46), Buffer.alloc(22)]
  local.writeUInt32LE(0x04034b50)
  central.writeUInt32LE(0x02014b50)
  end.writeUInt32LE(0x06054b50)
  local.writeUInt16LE(name.length, 26)
  central.writeUInt16LE(8, 10)
  central.writeUInt32LE(packed.length, 20)
  central.writeUInt32LE(announced, 24)
  central.writeUInt16LE(name.length, 28)
  const start = 30 + name.length + packed.length
  for (const at of [8, 10]) end.writeUInt16LE(1, at)
  end.writeUInt32LE(46 + name.length, 12)
  end.writeUInt32LE(start, 16)
  return Buffer.concat([local, Buffer.from(name), packed, central, Buffer.from(name), end])
}
const npy = (values: Float32Array): Buffer =>
  Buffer.concat([npyHeader('float32', [values.length]), Buffer.from(values.buffer)])

describe('maxBytes', () => {
  const state = { a: ones([1000]), b: zeros([1000]) }
  const over = /its content takes \d+ bytes, over the limit of 5000: if it can be trusted, raise maxBytes/

  test.each(['.pt', '.npz', '.safetensors', '.npy'])('of a %s file', async (extension) => {
    const path = fresh(extension)
    save(extension === '.npy' ? ones([2000]) : state, path)
    expect(() => load(path, { maxBytes: 5000 })).toThrow(code('MEMORY'))
    expect(() => load(path, { maxBytes: 5000 })).toThrow(over)
    await expect(loadAsync(path, { maxBytes: 5000 })).rejects.toThrow(over)
    expect(load(path, { maxBytes: 20_000 })).toBeDefined()
    for (const maxBytes of [-1, Number.NaN, '1' as unknown as number]) {
      expect(() => load(path, { maxBytes })).toThrow(code('ARGUMENT'))
    }
    expect(() => load(path, { most: 1 } as object)).toThrow(code('ARGUMENT'))
  })

  test('of a model', () => {
    const net = new nn.Linear(100, 100)
    for (const extension of ['.pt', '.safetensors']) {
      const path = fresh(extension)
      save(net.stateDict(), path)
      expect(() => loadModel(net, path, { maxBytes: 5000 })).toThrow(over)
      loadModel(net, path, { maxBytes: 60_000 })
    }
  })

  test('of IDX, packed or not', async () => {
    const plain = Buffer.concat([Buffer.from([0, 0, 8, 1, 0, 0, 0x20, 0]), Buffer.alloc(8192)])
    for (const bytes of [plain, gzipSync(plain)]) {
      expect(() => readIdx(bytes, { maxBytes: 5000 })).toThrow(over)
      await expect(readIdxAsync(bytes, { maxBytes: 5000 })).rejects.toThrow(over)
      expect(readIdx(bytes, { maxBytes: 8192 }).data).toHaveLength(8192)
    }
  })

  test('by default 4 GiB, or 16 times the file', () => {
    const small = fileOf(new Uint8Array(10), 'x', {})
    expect(small.limit).toBe(4 * 1024 ** 3)
    const bomb = packedArchive('x.npy', Buffer.alloc(5_000_000), 0xfffffff0)
    expect(() => drive(ZipArchive.open(fileOf(bomb, 'x.npz', {})))).toThrow(/cannot have 4294967280 bytes/)
  })
})

describe('packed content', () => {
  // On either side of what is unpacked at once.
  test.each([1000, 8_400_000])('of %i numbers is read as it is announced, neither more nor less', async (length) => {
    const values = new Float32Array(length).fill(7, length >> 1)
    const data = npy(values)
    const path = fresh('.npz')
    fs.writeFileSync(path, packedArchive('x.npy', data))
    for (const read of [load(path), await loadAsync(path)]) expect(read.get('x')!.equal(tensor(values))).toBe(true)
    fs.writeFileSync(path, packedArchive('x.npy', data, data.length + 1))
    expect(() => load(path)).toThrow(/needs \d+ bytes of data, but there are|ends 1 bytes too early/)
    fs.writeFileSync(path, packedArchive('x.npy', data, data.length - 4))
    expect(() => load(path)).toThrow(code('FORMAT'))
    fs.writeFileSync(path, packedArchive('x.npy', Buffer.concat([data, Buffer.alloc(9)]), data.length))
    expect(() => load(path)).toThrow(/x\.npy has more bytes than it announces/)
  })

  test('of an IDX file that announces less or more than there is', async () => {
    const idx = (announced: number, there: number): Buffer => {
      const head = Buffer.from([0, 0, 8, 1, 0, 0, 0, 0])
      head.writeUInt32BE(announced, 4)
      return gzipSync(Buffer.concat([head, Buffer.alloc(there)]))
    }
    for (const [announced, there, message] of [
      [100, 20_000_000, /more data than its shape needs/],
      [20_000_001, 20_000_000, /needs 20000001 bytes of data, but there are 20000000/],
      [0xffffffff, 100, /needs 4294967295 bytes of data, but there are at most/],
    ] as const) {
      const bytes = idx(announced, there)
      expect(() => readIdx(bytes)).toThrow(message)
      await expect(readIdxAsync(bytes)).rejects.toEqual(code('FORMAT'))
    }
    expect(readIdx(idx(20_000_000, 20_000_000)).data).toHaveLength(20_000_000)
  })

  test('a header of .npy that is too long', () => {
    const path = fresh('.npy')
    fs.writeFileSync(
      path,
      Buffer.concat([Buffer.from('\x93NUMPY\x02\x00\x00\x00\x20\x00', 'latin1'), Buffer.alloc(3_000_000, ' ')]),
    )
    expect(() => load(path)).toThrow(/header of 2097152 bytes is too long/)
  })
})

/** A `.pt` file of a pickle, and what lies in its storage 0. */
function archive(data: Buffer, bytes: Uint8Array = new Uint8Array(0)): string {
  const path = fresh('.pt')
  const entry = (name: string, content: Uint8Array) => ({ name, size: content.length, chunks: () => [content] })
  drive(writeFile(path, zipChunks([entry('a/data.pkl', data), entry('a/data/0', bytes)])))
  return path
}
const text = (value: string): string => `X${String.fromCharCode(value.length)}\0\0\0${value}`
const stored = (kind: string, elements: number, module = 'torch'): string =>
  `(${text('storage')}c${module}\n${kind}\n${text('0')}${text('cpu')}K${String.fromCharCode(elements)}tQ`
const view = (kind: string, n: number): string =>
  `ctorch._utils\n_rebuild_tensor_v2\n(${stored(kind, n)}K\0K${String.fromCharCode(n)}\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR`
/** What is written since a storage need not know its dtype. */
const typed = (dtype: string, n: number): string =>
  `ctorch._utils\n_rebuild_tensor_v3\n(${stored('UntypedStorage', n, 'torch.storage')}K\0K${String.fromCharCode(n)}\x85K\x01\x85\x89ccollections\nOrderedDict\n)Rctorch\n${dtype}\ntR`
const pickled = (...parts: string[]): Buffer => Buffer.from(`\x80\x02(${parts.join('')}t.`, 'latin1')

test('dicts beyond the heap are refused before V8 ends the process', () => {
  const limit = jest.spyOn(v8, 'getHeapStatistics')
  limit.mockReturnValue({ ...v8.getHeapStatistics(), heap_size_limit: 64 * 1024 * 1024 })
  const many = (value: string): string => archive(Buffer.from(`\x80\x02](${value.repeat(300_000)}e.`, 'latin1'))
  const [dicts, lists, nulls] = [many('}'), many(']'), many('N')]
  expect(() => load(dicts)).toThrow(/need more memory than JavaScript has/)
  expect(() => load(lists)).toThrow(code('MEMORY'))
  expect(load<unknown[]>(nulls)).toHaveLength(300_000)
  limit.mockRestore()
  expect(load<unknown[]>(lists)).toHaveLength(300_000)
})

describe('a bool is 0 or 1', () => {
  const odd = new Uint8Array([0, 1, 2, 255])
  const bytesOf = (x: Tensor): number[] => x.detach().storage.withBytes((bytes) => [...bytes.subarray(0, 4)])

  test('in a storage of bools, and in one of bytes that is rebuilt as bools', () => {
    for (const one of [view('BoolStorage', 4), typed('bool', 4), typed('bool', 4) + view('BoolStorage', 4)]) {
      const read = load<Tensor[]>(archive(pickled(one), odd))
      for (const x of read) expect([x.dtype, bytesOf(x)]).toEqual(['bool', [0, 1, 1, 1]])
    }
  })

  test('a storage of bools by itself', () => {
    const [x] = load<[Tensor]>(archive(pickled(stored('BoolStorage', 4)), odd))
    expect([x.dtype, bytesOf(x)]).toEqual(['bool', [0, 1, 1, 1]])
  })

  test('bytes that are no bools are what they are', () => {
    const read = load<Tensor[]>(archive(pickled(view('ByteStorage', 4), typed('uint8', 4), typed('int8', 4)), odd))
    for (const x of read) expect(bytesOf(x)).toEqual([0, 1, 2, 255])
  })

  test.each([
    ['bools, then bytes', view('BoolStorage', 4), view('ByteStorage', 4)],
    ['bytes, then bools', view('ByteStorage', 4), view('BoolStorage', 4)],
    ['bytes, then bytes as bools', typed('uint8', 4), typed('bool', 4)],
    ['bytes as bools, then as numbers', typed('bool', 4), typed('int16', 4).replace('K\x04\x85', 'K\x02\x85')],
    ['bools, and the storage by itself', typed('bool', 4), stored('ByteStorage', 4)],
  ])('one memory for two: %s', (_name, first, second) => {
    expect(() => load(archive(pickled(first, second), odd))).toThrow(/storage 0 is described twice and differently/)
  })

  test('in .npy, .npz and .safetensors', () => {
    const data = Buffer.concat([npyHeader('bool', [4]), odd])
    const [plain, packed, table] = [fresh('.npy'), fresh('.npz'), fresh('.safetensors')]
    fs.writeFileSync(plain, data)
    fs.writeFileSync(packed, packedArchive('x.npy', data))
    writeSafetensors(table, [['x', { dtype: 'BOOL', shape: [4], bytes: odd }]])
    for (const x of [load<Tensor>(plain), load(packed).get('x')!, load(table).get('x')!]) {
      expect([x.dtype, bytesOf(x)]).toEqual(['bool', [0, 1, 1, 1]])
    }
  })
})

test('files that are not there, of every kind', async () => {
  for (const extension of ['.pt', '.npy', '.npz', '.safetensors']) {
    const path = fresh(extension)
    const expected = expect.objectContaining({
      code: 'ERR_TENZO_FILE',
      data: { path, code: 'ENOENT', syscall: 'open' },
    })
    expect(() => load(path)).toThrow(expected)
    await expect(loadAsync(path)).rejects.toEqual(expected)
    fs.mkdirSync(path)
    expect(() => load(path)).toThrow(expect.objectContaining({ data: { path, code: 'EISDIR', syscall: 'read' } }))
  }
  expect(() => readIdx(fresh('.idx'))).toThrow(code('FILE'))
})
