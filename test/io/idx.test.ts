import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readIdx, readIdxAsync } from '../../lib/io/idx'

type Write = (view: DataView, offset: number, value: number) => void
const TYPES: [string, number, number, Write][] = [
  ['uint8', 8, 1, (v, o, x) => v.setUint8(o, x)],
  ['int8', 9, 1, (v, o, x) => v.setInt8(o, x)],
  ['int16', 11, 2, (v, o, x) => v.setInt16(o, x)],
  ['int32', 12, 4, (v, o, x) => v.setInt32(o, x)],
  ['float32', 13, 4, (v, o, x) => v.setFloat32(o, x)],
  ['float64', 14, 8, (v, o, x) => v.setFloat64(o, x)],
]

function idx(code: number, itemsize: number, write: Write, shape: number[], values: number[]): Uint8Array {
  // Placed at an odd offset: nothing may rely on alignment.
  const memory = new Uint8Array(1 + 4 + 4 * shape.length + itemsize * values.length)
  const bytes = memory.subarray(1)
  const view = new DataView(memory.buffer, 1)
  view.setUint8(2, code)
  view.setUint8(3, shape.length)
  shape.forEach((size, dim) => {
    view.setUint32(4 + 4 * dim, size)
  })
  values.forEach((value, i) => {
    write(view, 4 + 4 * shape.length + i * itemsize, value)
  })
  return bytes
}

const VALUES: Record<string, number[]> = {
  uint8: [0, 1, 127, 128, 254, 255],
  int8: [0, 1, 127, -128, -2, -1],
  int16: [0, 1, 32767, -32768, 258, -1],
  int32: [0, 1, 2147483647, -2147483648, 16909060, -1],
  float32: [0, -0, 1.5, -Infinity, Math.fround(0.1), NaN],
  float64: [0, -0, 0.1, Infinity, 5e-324, NaN],
}

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-idx-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))

describe.each(TYPES)('%s', (dtype, code, itemsize, write) => {
  test.each([[[6]], [[2, 3]], [[3, 1, 2]]])('of shape %j, from bytes, a file, gzip', async (shape) => {
    const bytes = idx(code, itemsize, write, shape, VALUES[dtype]!)
    const [plain, zipped] = [join(folder, 'plain'), join(folder, 'zipped.gz')]
    fs.writeFileSync(plain, bytes)
    fs.writeFileSync(zipped, gzipSync(bytes))
    for (const input of [bytes, plain, zipped, gzipSync(bytes)]) {
      for (const found of [readIdx(input), await readIdxAsync(input)]) {
        expect(found.dtype).toBe(dtype)
        expect(found.shape).toEqual(shape)
        expect(found.data.constructor.name.toLowerCase()).toBe(`${dtype}array`)
        expect([...found.data]).toEqual(VALUES[dtype])
      }
    }
  })

  test('empty and of no dims', () => {
    expect(readIdx(idx(code, itemsize, write, [0, 5], []))).toMatchObject({ shape: [0, 5], data: { length: 0 } })
    expect([...readIdx(idx(code, itemsize, write, [], [1])).data]).toEqual([1])
  })
})

test('the decoded data is a copy', () => {
  const bytes = idx(8, 1, TYPES[0]![3], [3], [1, 2, 3])
  const { data } = readIdx(bytes)
  bytes.fill(9)
  expect([...data]).toEqual([1, 2, 3])
})

describe('a damaged file is refused', () => {
  const good = idx(12, 4, TYPES[3]![3], [2, 3], VALUES.int32!)
  const changed = (at: number, value: number): Uint8Array => {
    const copy = Uint8Array.from(good)
    copy[at] = value
    return copy
  }
  test.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /0 bytes, fewer/],
    ['no magic', changed(0, 1), /two zero bytes/],
    ['unknown type', changed(2, 10), /type 0x0a is unknown/],
    ['sizes cut', good.subarray(0, 11), /within the sizes of its 2 dims/],
    ['a size too large', changed(7, 3), /needs 36 bytes of data, but there are 24/],
    ['sizes beyond memory', changed(4, 255), /but there are 24/],
    ['data cut', good.subarray(0, 30), /needs 24 bytes of data, but there are 18/],
    ['bytes behind', Uint8Array.from([...good, 0]), /but there are 25/],
    ['gzip cut', gzipSync(good).subarray(0, 20), /gzip stream is damaged/],
    ['gzip broken', Uint8Array.from([0x1f, 0x8b, 1, 2, 3]), /gzip stream is damaged/],
  ])('%s', async (_name, bytes, message) => {
    const expected = expect.objectContaining({ code: 'ERR_TENZO_FORMAT', message: expect.stringMatching(message) })
    expect(() => readIdx(bytes)).toThrow(expected)
    await expect(readIdxAsync(bytes)).rejects.toEqual(expected)
  })

  test('neither path nor bytes', () => {
    expect(() => readIdx(3 as unknown as string)).toThrow(expect.objectContaining({ code: 'ERR_TENZO_ARGUMENT' }))
    expect(() => readIdx(new Float32Array(3) as unknown as Uint8Array)).toThrow(/expected a path/)
  })
})
