import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  arange,
  ones,
  type SliceIndex,
  safeOpen,
  safeOpenAsync,
  save,
  slice,
  type Tensor,
  tensor,
  writeSafetensors,
  zeros,
} from 'tenzo'
import { SystemFile } from '../../lib/io/files'

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-safe-open-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))
const path = join(folder, 'x.safetensors')
const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })

const state: Record<string, Tensor> = {
  weight: arange(2 * 3 * 4 * 5, { dtype: 'float32' }).reshape([2, 3, 4, 5]),
  ids: arange(7, { dtype: 'int64' }),
  scalar: tensor(2.5),
  empty: zeros([0, 3]),
  flags: tensor([true, false, true, true]),
}
beforeAll(() => save(state, path, { metadata: { made: 'here' } }))

test.each(['sync', 'async'])('tensors by name, %s', async (mode) => {
  using file = mode === 'sync' ? safeOpen(path) : await safeOpenAsync(path, { device: 'cpu' })
  expect(file.keys()).toEqual(['empty', 'flags', 'ids', 'scalar', 'weight'])
  expect(file.offsetKeys().sort()).toEqual(file.keys())
  expect(file.metadata()).toEqual({ made: 'here' })
  for (const [name, x] of Object.entries(state)) {
    expect(mode === 'sync' ? file.getTensor(name) : await file.getTensorAsync(name)).toEqual(x)
  }
})

test('shapes and dtypes are known without reading, also of dtypes that no tensor has', () => {
  const other = join(folder, 'other.safetensors')
  writeSafetensors(other, [['u', { dtype: 'U32', shape: [2], bytes: new Uint8Array(8) }]])
  const read = jest.spyOn(SystemFile.prototype, 'read')
  using file = safeOpen(other)
  const header = read.mock.calls.length
  const u = file.getSlice('u')
  expect([u.getShape(), u.getDtype(), file.metadata()]).toEqual([[2], 'U32', null])
  expect(read.mock.calls.length).toBe(header)
  read.mockRestore()
  expect(() => u.at()).toThrow(/"u" has the dtype U32, which no tensor has/)
  expect(() => file.getTensor('u')).toThrow(code('DTYPE'))
})

const PARTS: SliceIndex[][] = [
  [],
  [1],
  [-1, 2],
  [1, 2, 3, 4],
  [0n],
  ['...', 1],
  [slice(), slice(1, 3)],
  [slice(), slice(), 2],
  [slice(1, null), '...', slice(1, 4, 2)],
  [null, slice(), 0, null, '...'],
  [slice(2, 2)],
  [slice(0, 100), slice(-2, null)],
  [slice(null, null, 2), slice(null, null, 2), slice(null, null, 3), slice(null, null, 2)],
]

test.each(['sync', 'async'])('parts are those of the whole, %s', async (mode) => {
  using file = safeOpen(path)
  const part = file.getSlice('weight')
  for (const index of PARTS) {
    const expected = state.weight!.at(...index)
    const found = mode === 'sync' ? part.at(...index) : await part.atAsync(...index)
    expect(found).toEqual(expected)
    expect(found.isContiguous()).toBe(true)
  }
  expect(file.getSlice('ids').at(slice(2, null, 3))).toEqual(tensor([2n, 5n]))
  expect(file.getSlice('flags').at(slice(1, 3))).toEqual(tensor([false, true]))
  expect(file.getSlice('scalar').at('...')).toEqual(tensor(2.5))
  expect(file.getSlice('empty').at(slice(), 1)).toEqual(zeros([0]))
})

describe('of a large one', () => {
  const large = join(folder, 'large.safetensors')
  const x = arange(300 * 20_000, { dtype: 'int32' }).reshape([300, 20_000])
  beforeAll(() => save({ x }, large))

  /** What is read of the file for a part: calls and bytes. */
  function readingOf(index: SliceIndex[]): [calls: number, bytes: number] {
    using file = safeOpen(large)
    const read = jest.spyOn(SystemFile.prototype, 'read')
    expect(file.getSlice('x').at(...index)).toEqual(x.at(...index))
    const bytes = read.mock.calls.map(([target]) => target.byteLength)
    read.mockRestore()
    return [bytes.length, bytes.reduce((sum, length) => sum + length, 0)]
  }

  test('only the part is read', () => {
    // Rows in one piece, columns far apart each by itself, near ones with what lies between them.
    expect(readingOf([slice(10, 13)])).toEqual([1, 3 * 80_000])
    expect(readingOf([7, slice(100, 300)])).toEqual([1, 800])
    expect(readingOf([slice(), slice(5, 8)])).toEqual([300, 300 * 12])
    expect(readingOf([3, slice(null, null, 2)])).toEqual([1, 19_999 * 4])
    const [calls, bytes] = readingOf([slice(), slice(null, null, 2)])
    expect(calls).toBe(300)
    expect(bytes).toBe(300 * 19_999 * 4)
  })
})

describe('refused', () => {
  test('names, indices and options that are not there', async () => {
    using file = safeOpen(path)
    expect(() => file.getTensor('nope')).toThrow(/no tensor is named "nope"/)
    expect(() => file.getSlice('nope')).toThrow(code('VALUE'))
    await expect(file.getTensorAsync('nope')).rejects.toEqual(code('VALUE'))
    const weight = file.getSlice('weight')
    expect(() => weight.at(2)).toThrow(code('INDEX'))
    expect(() => weight.at(0, 0, 0, 0, 0)).toThrow(code('INDEX'))
    for (const index of [[0, 1], tensor([0n]), tensor(1n), true, 'x', undefined] as unknown[]) {
      expect(() => weight.at(index as SliceIndex)).toThrow(code('NOT_IMPLEMENTED'))
    }
    expect(() => safeOpen(path, { device: 'cuda' as 'cpu' })).toThrow(code('ARGUMENT'))
    expect(() => safeOpen(path, { framework: 'pt' } as object)).toThrow(code('ARGUMENT'))
    expect(() => safeOpen(3 as unknown as string)).toThrow(code('ARGUMENT'))
  })

  test('a file that is not there, or is none', async () => {
    const missing = join(folder, 'missing.safetensors')
    const expected = expect.objectContaining({
      code: 'ERR_TENZO_FILE',
      data: { path: missing, code: 'ENOENT', syscall: 'open' },
    })
    expect(() => safeOpen(missing)).toThrow(expected)
    await expect(safeOpenAsync(missing)).rejects.toEqual(expected)
    expect(() => safeOpen(folder)).toThrow(code('FILE'))
    const none = join(folder, 'none.safetensors')
    fs.writeFileSync(none, 'not one')
    expect(() => safeOpen(none)).toThrow(code('FORMAT'))
  })

  test('anything after close', async () => {
    const file = safeOpen(path)
    const weight = file.getSlice('weight')
    file.close()
    file.close()
    expect(() => file.getTensor('ids')).toThrow(code('RELEASED'))
    expect(() => weight.at(0)).toThrow(code('RELEASED'))
    await expect(weight.atAsync(0)).rejects.toEqual(code('RELEASED'))
    expect(file.keys()).toHaveLength(5)
  })

  test('a file that is truncated meanwhile', () => {
    const shrinking = join(folder, 'shrinking.safetensors')
    save({ x: ones([1000]) }, shrinking)
    using file = safeOpen(shrinking)
    fs.truncateSync(shrinking, fs.statSync(shrinking).size - 10)
    expect(file.getSlice('x').at(0).item()).toBe(1)
    expect(() => file.getTensor('x')).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/10 bytes too early/) }),
    )
    expect(() => file.getTensor('x')).toThrow(code('FORMAT'))
  })
})
