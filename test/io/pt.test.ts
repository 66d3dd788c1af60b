import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { arange, load, loadAsync, save, saveAsync, Tensor, tensor } from 'tenzo'
import { writeFile } from '../../lib/io/files'
import { zipChunks } from '../../lib/io/zip'
import { Parameter } from '../../lib/nn/parameter'
import { isAsRecorded } from './recorded'

const GOLDENS = join(__dirname, '../goldens/pt')
const contents = JSON.parse(fs.readFileSync(join(GOLDENS, 'contents.json'), 'utf8')) as Record<string, unknown>

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-pt-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))

const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })
const golden = (name: string): string => join(GOLDENS, `${name}.pt`)

/** As scripts/goldens/array_files.py describes a value. */
function describeValue(value: unknown): unknown {
  if (value instanceof Tensor) {
    return {
      tensor: String(value.detach()),
      shape: value.shape,
      stride: value.stride(),
      dtype: value.dtype,
      requiresGrad: value.requiresGrad,
      parameter: value instanceof Parameter,
    }
  }
  if (value instanceof Map) return { map: Array.from(value, (entry) => entry.map(describeValue)) }
  if (value instanceof Set) return { set: Array.from(value, describeValue).sort() }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (Array.isArray(value)) return { array: value.map(describeValue) }
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { number: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' }
  }
  if (typeof value !== 'object' || value === null) return value
  return { object: Object.fromEntries(Object.entries(value).map(([key, item]) => [key, describeValue(item)])) }
}

describe.each(Object.entries(contents))('%s.pt of PyTorch', (name, expected) => {
  test('is read', async () => {
    expect(describeValue(load(golden(name)))).toEqual(expected)
    expect(describeValue(await loadAsync(golden(name)))).toEqual(expected)
  })

  test('is the same after being saved again', async () => {
    const [a, b] = [join(folder, 'a.pt'), join(folder, 'b.pth')]
    save(load(golden(name)), a)
    expect(describeValue(load(a))).toEqual(expected)
    await saveAsync(load(a), b)
    expect(fs.readFileSync(a).equals(fs.readFileSync(b))).toBe(true)
  })
})

test('shared memory stays shared, and shared objects stay one', () => {
  const state = load(golden('state'))
  expect(state.get('a.weight')!.sharesStorage(state.get('b.weight')!)).toBe(true)
  const views = load<Record<string, Tensor>>(golden('views'))
  views.base!.fill_(7)
  expect(views.turned!.toArray()).toEqual(Array.from({ length: 4 }, () => [7, 7, 7]))
  const { shared } = load<{ shared: unknown[] }>(golden('plain'))
  expect(shared[0]).toBe(shared[1])
})

test('what is written is what PyTorch was seen to read', () => {
  const weight = arange(6, { dtype: 'float32' }).reshape([2, 3])
  const state = new Map([
    ['a.weight', weight],
    ['b.weight', weight.view([2, 3])],
    ['turned', weight.t()],
  ])
  const names = [
    'float32',
    'float64',
    'float16',
    'bfloat16',
    'int64',
    'int32',
    'int16',
    'int8',
    'uint8',
    'bool',
  ] as const
  const path = join(folder, 'written.pt')
  save(
    {
      state,
      again: state,
      parameter: new Parameter(tensor([1, 2])),
      leaf: tensor([1], { requiresGrad: true }),
      dtypes: Object.fromEntries(names.map((dtype) => [dtype, tensor([0, 1, 2]).to(dtype)])),
      zero: -0,
      plain: {
        int: 3,
        negative: -5,
        short: 300,
        word: 70000,
        long: 2 ** 40,
        huge: 2n ** 70n,
        least: -(2n ** 63n),
        float: 0.1,
        inf: -Infinity,
        yes: true,
        none: null,
        text: 'naïve 😀',
        list: [1, [2, []]],
        set: new Set([1, 2]),
        bytes: new Uint8Array([0, 255]),
        many: Array.from({ length: 1100 }, (_, i) => i),
      },
    },
    path,
  )
  expect(isAsRecorded(path, golden('written'))).toBe(true)
})

test('a container may hold itself', () => {
  const path = join(folder, 'cycle.pt')
  const list: unknown[] = [1]
  list.push(list, { list })
  save(list, path)
  const again = load<unknown[]>(path)
  expect(again[1]).toBe(again)
  expect((again[2] as { list: unknown }).list).toBe(again)
})

describe('refuses', () => {
  test('values nested too deeply, on either way', () => {
    let value: unknown[] = []
    for (let i = 0; i < 100_000; i++) value = [value]
    expect(() => save(value, join(folder, 'deep.pt'))).toThrow(code('VALUE'))
    const lists = Buffer.concat([
      Buffer.from([0x80, 2]),
      Buffer.alloc(100_000, ']'),
      Buffer.alloc(99_999, 'a'),
      Buffer.from('.'),
    ])
    const path = join(folder, 'deep.pt')
    const source = { name: 'archive/data.pkl', size: lists.length, chunks: () => [lists] }
    writeFile(path, zipChunks([source]))
    expect(() => load(path)).toThrow(/nested too deeply/)
  })

  test.each<[string, string, RegExp]>([
    ['module', 'FORMAT', /the global torch\.nn\.modules\.linear\.Linear is not allowed/],
    ['complex', 'DTYPE', /ComplexFloatStorage has no counterpart/],
    ['legacy', 'FORMAT', /before PyTorch 1\.6/],
  ])('%s.pt', (name, kind, message) => {
    expect(() => load(golden(name))).toThrow(code(kind))
    expect(() => load(golden(name))).toThrow(message)
  })

  test('an archive of something else', () => {
    const path = join(folder, 'other.pt')
    fs.copyFileSync(join(GOLDENS, '../npy/stored.npz'), path)
    expect(() => load(path)).toThrow(/it has no data\.pkl/)
    fs.writeFileSync(path, '')
    expect(() => load(path)).toThrow(code('FORMAT'))
  })

  test.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', { s: Symbol('s') }],
    ['an instance', [new Date(0)]],
    ['a call', { f: new Map([['f', Math.max]]) }],
  ])('to save %s', (_name, value) => {
    const path = join(folder, 'refused.pt')
    expect(() => save(value, path)).toThrow(code('ARGUMENT'))
    expect(fs.existsSync(path)).toBe(false)
  })

  test('every truncation; and no damaged byte does worse than a FormatError', () => {
    const bytes = fs.readFileSync(golden('dict'))
    const path = join(folder, 'damaged.pt')
    for (let size = 0; size < bytes.length; size += 13) {
      fs.writeFileSync(path, bytes.subarray(0, size))
      expect(() => load(path)).toThrow(code('FORMAT'))
    }
    for (let i = 0; i < bytes.length; i += 3) {
      const damaged = Buffer.from(bytes)
      damaged[i] = damaged[i]! ^ (1 << (i % 8))
      fs.writeFileSync(path, damaged)
      try {
        load(path)
      } catch (error) {
        expect((error as { code: string }).code).toMatch(/^ERR_TENZO_/)
      }
    }
  })
})
