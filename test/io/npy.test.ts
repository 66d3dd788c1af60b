import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { arange, load, loadAsync, save, saveAsync, type Tensor, tensor } from 'tenzo'
import { isAsRecorded } from './recorded'

const GOLDENS = join(__dirname, '../goldens/npy')
const contents = JSON.parse(fs.readFileSync(join(GOLDENS, 'contents.json'), 'utf8')) as Record<
  string,
  { shape: number[]; dtype: string; values: number[]; rewritten: boolean }
>

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-npy-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))

const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })
const numbers = (x: Tensor): number[] => [x.toArray() as unknown[]].flat(40 as 3).map(Number)

describe.each(Object.entries(contents))('%s.npy of numpy', (name, { shape, dtype, values, rewritten }) => {
  const path = join(GOLDENS, `${name}.npy`)

  test('is read', async () => {
    for (const x of [load<Tensor>(path), await loadAsync<Tensor>(path)]) {
      expect([x.shape, x.dtype]).toEqual([shape, dtype])
      expect(numbers(x)).toEqual(values)
    }
  })

  // What numpy keeps in another order or byte order is written in the usual ones.
  if (rewritten) {
    test('is written byte for byte', async () => {
      const target = join(folder, `${name}.npy`)
      const x = load(path)
      save(x, target)
      expect(fs.readFileSync(target).equals(fs.readFileSync(path))).toBe(true)
      await saveAsync(x, target)
      expect(fs.readFileSync(target).equals(fs.readFileSync(path))).toBe(true)
    })
  }
})

describe('npz', () => {
  test.each(['stored', 'deflated'])('%s by numpy is read', async (name) => {
    const path = join(GOLDENS, `${name}.npz`)
    for (const arrays of [load(path), await loadAsync(path)]) {
      expect([...arrays.keys()]).toEqual(['a', 'b', 'c'])
      expect(numbers(arrays.get('a')!)).toEqual(contents.float32!.values)
      expect(numbers(arrays.get('b')!)).toEqual(contents.int64!.values)
      expect(arrays.get('c')!.item()).toBe(2.5)
    }
  })

  test('what is written is what numpy was seen to read', () => {
    const turned = arange(4, { dtype: 'float32' }).reshape([2, 2]).t()
    save({ a: turned, b: tensor([1n]) }, join(folder, 'written.npz'))
    save(tensor([0, 0.5, 1]), join(folder, 'written.npy'))
    for (const name of ['written.npz', 'written.npy']) {
      expect(isAsRecorded(join(folder, name), join(GOLDENS, name))).toBe(true)
    }
    const again = load(join(folder, 'written.npz'))
    expect(again.get('a')!.toArray()).toEqual([
      [0, 2],
      [1, 3],
    ])
  })

  test.each(['stored', 'deflated'])(
    'every truncation of %s throws FormatError, every damaged byte is noticed',
    (name) => {
      const bytes = fs.readFileSync(join(GOLDENS, `${name}.npz`))
      const path = join(folder, 'damaged.npz')
      for (let size = 0; size < bytes.length; size += 7) {
        fs.writeFileSync(path, bytes.subarray(0, size))
        expect(() => load(path)).toThrow(code('FORMAT'))
      }
      for (let i = 0; i < bytes.length; i++) {
        const damaged = Buffer.from(bytes)
        damaged[i] = damaged[i]! ^ (1 << (i % 8))
        fs.writeFileSync(path, damaged)
        try {
          load(path)
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^ERR_TENZO_(FORMAT|DTYPE)$/)
        }
      }
    },
  )
})

describe('a damaged npy file is refused', () => {
  const good = fs.readFileSync(join(GOLDENS, 'float32.npy'))
  const dict = (text: string, data = 24): Buffer => {
    const header = Buffer.from(`${text.padEnd(117)}\n`, 'latin1')
    return Buffer.concat([good.subarray(0, 8), Buffer.from([header.length, 0]), header, Buffer.alloc(data)])
  }
  const whole = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
  test.each<[string, Buffer, string, RegExp]>([
    ['empty', Buffer.alloc(0), 'FORMAT', /ends within its header/],
    ['cut', good.subarray(0, 20), 'FORMAT', /ends within its header/],
    ['no magic', Buffer.concat([Buffer.from('X'), good.subarray(1)]), 'FORMAT', /magic/],
    ['version 9', Buffer.concat([good.subarray(0, 6), Buffer.from([9]), good.subarray(7)]), 'FORMAT', /version 9.0/],
    ['data cut', good.subarray(0, good.length - 1), 'FORMAT', /needs 24 bytes of data, but there are 23/],
    ['data behind', Buffer.concat([good, Buffer.alloc(1)]), 'FORMAT', /but there are 25/],
    ['no dict', dict('[]'), 'FORMAT', /not a dict/],
    ['code', dict('{**__import__("os").environ}'), 'FORMAT', /not a dict of descr/],
    ['a field missing', dict("{'descr': '<f4', 'shape': (2, 3)}"), 'FORMAT', /a field is missing/],
    ['a field twice', dict(whole.replace('{', "{'descr': '<f4', ")), 'FORMAT', /descr occurs twice/],
    ['a wrong kind', dict(whole.replace('False', "'no'")), 'FORMAT', /fortran_order has a value of the wrong kind/],
    ['a broken shape', dict(whole.replace('2, 3', '2 3')), 'FORMAT', /the shape/],
    ['an object array', dict(whole.replace('<f4', '|O')), 'DTYPE', /'\|O' has no counterpart/],
    ['text', dict(whole.replace('<f4', '<U3')), 'DTYPE', /no counterpart/],
    ['complex', dict(whole.replace('<f4', '<c8')), 'DTYPE', /no counterpart/],
  ])('%s', (_name, bytes, name, message) => {
    const path = join(folder, 'damaged.npy')
    fs.writeFileSync(path, bytes)
    expect(() => load(path)).toThrow(code(name))
    expect(() => load(path)).toThrow(message)
  })

  test('other spellings of the same dict are read', () => {
    const path = join(folder, 'spelled.npy')
    for (const text of [
      whole.replaceAll("'", '"'),
      "{'shape':(2,3),'fortran_order':False,'descr':'=f4'}",
      whole.replace('2, 3', '2L, 3L'),
    ]) {
      fs.writeFileSync(path, dict(text))
      expect(load<Tensor>(path).shape).toEqual([2, 3])
    }
  })
})

test('what the formats cannot hold is refused', () => {
  const path = join(folder, 'x.npy')
  expect(() => save(tensor([1], { dtype: 'bfloat16' }), path)).toThrow(code('DTYPE'))
  expect(() => save({ x: tensor(1) }, path)).toThrow(code('ARGUMENT'))
  expect(() => save(tensor(1), join(folder, 'x.npz'))).toThrow(code('ARGUMENT'))
  expect(fs.existsSync(path)).toBe(false)
})
