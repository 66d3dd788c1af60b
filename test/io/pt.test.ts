import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { arange, load, loadAsync, nn, optim, ones, save, saveAsync, type Tensor, tensor } from 'tenzo'
import { drive } from '../../lib/io/files'
import { writeFile } from '../../lib/io/write'
import { zipChunks } from '../../lib/io/zip-write'
import { StateDict } from '../../lib/nn/state-dict'
import { DTYPE_NAMES } from '../../lib/runtime/opcodes'
import { describeValue, GOLDENS, isRefusal, recordedFiles } from './pt-files'
import { isAsRecorded } from './recorded'

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-pt-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))

const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })
let count = 0
const fresh = (): string => join(folder, `${count++}.pt`)
const fileOf = (bytes: Uint8Array): string => {
  const path = fresh()
  fs.writeFileSync(path, bytes)
  return path
}
const files = recordedFiles('2.13')
const recorded = (name: string): string => fileOf(files.find((file) => file.name === name)!.bytes)
/** A file with this pickle and these storages. */
const pickled = (data: Uint8Array, storages: readonly Uint8Array[] = []): string => {
  const entries = [data, ...storages].map((bytes, i) => ({
    name: `archive/${i === 0 ? 'data.pkl' : `data/${i - 1}`}`,
    size: bytes.length,
    chunks: () => [bytes],
  }))
  const path = fresh()
  drive(writeFile(path, zipChunks(entries)))
  return path
}

describe.each(['2.13', '1.13'])('torch %s wrote', (version) => {
  const all = recordedFiles(version)
  test.each(all.filter(({ expected }) => !isRefusal(expected)))('$name', async ({ bytes, expected }) => {
    const path = fileOf(bytes)
    expect(describeValue(load(path))).toEqual(expected)
    expect(describeValue(await loadAsync(path))).toEqual(expected)
    // And it is the same after being saved again.
    const [a, b] = [fresh(), fresh()]
    save(load(path), a)
    expect(describeValue(load(a))).toEqual(expected)
    await saveAsync(load(a), b)
    expect(fs.readFileSync(a).equals(fs.readFileSync(b))).toBe(true)
  })

  const refused = all.flatMap(({ name, bytes, expected }) =>
    isRefusal(expected) ? [{ name, bytes, ...expected }] : [],
  )
  if (refused.length === 0) return
  test.each(refused)('$name, which is refused', ({ bytes, error, text }) => {
    const path = fileOf(bytes)
    const expected = expect.objectContaining({ code: error, message: expect.stringContaining(text) })
    expect(() => load(path)).toThrow(expected)
    expect(() => load(path)).toThrow(path)
  })
})

test.each(['', 'legacy '])('shared memory stays shared, and shared objects stay one: %sfiles', (form) => {
  const state = load(recorded(`${form}state`))
  expect(state).toBeInstanceOf(StateDict)
  expect(state.get('a.weight')!.sharesStorage(state.get('b.weight')!)).toBe(true)
  const views = load<Record<string, Tensor>>(recorded(`${form}views`))
  views.base!.fill_(7)
  expect(views.turned!.toArray()).toEqual(Array.from({ length: 4 }, () => [7, 7, 7]))
  expect(views.step!.toArray()).toEqual([7, 7, 7, 7])
  const { shared } = load<{ shared: unknown[] }>(recorded(`${form}plain`))
  expect(shared[0]).toBe(shared[1])
  const old = load<Tensor[]>(recorded('legacy storage views'))
  old[0]!.fill_(7)
  expect(old[2]!.toArray()).toEqual([7, 7, 7])
})

/** The state of an optimizer after a step over layers of the shapes that pt_files.py has, in whole numbers: exact at every level. */
function stepped(make: (net: nn.Module) => optim.Optimizer<object>): unknown {
  const net = new nn.Sequential(new nn.Linear(3, 2), new nn.ReLU(), new nn.Linear(2, 1))
  for (const parameter of net.parameters()) nn.init.ones_(parameter)
  const optimizer = make(net)
  net(ones([4, 3]))
    .square()
    .mean()
    .backward()
  optimizer.step()
  return optimizer.stateDict()
}

test('what is written is what PyTorch was seen to read', () => {
  const weight = arange(6, { dtype: 'float32' }).reshape([2, 3])
  const state = new StateDict([
    ['a.weight', weight],
    ['b.weight', weight.view([2, 3])],
    ['turned', weight.t()],
  ])
  state.metadata = new Map([
    ['', { version: 1 }],
    ['a', { version: 2 }],
  ])
  const path = fresh()
  save(
    {
      state,
      again: state,
      parameter: new nn.Parameter(tensor([1, 2])),
      leaf: tensor([1], { requiresGrad: true }),
      dtypes: Object.fromEntries(DTYPE_NAMES.map((dtype) => [dtype, tensor([0, 1, 2]).to(dtype)])),
      zero: -0,
      sgd: stepped((net) => new optim.SGD(net.parameters(), { lr: 0.5, momentum: 0.9 })),
      adam: stepped((net) => new optim.Adam(net.parameters(), { lr: 0.5 })),
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
        half: '\ud800x',
        list: [1, [2, []]],
        set: new Set([1, 2]),
        keys: new Map<unknown, number>([
          [1, 2],
          [[3, [4]], 5],
        ]),
        bytes: new Uint8Array([0, 255]),
        many: Array.from({ length: 1100 }, (_, i) => i),
      },
    },
    path,
  )
  expect(isAsRecorded(path, join(GOLDENS, 'written.pt'))).toBe(true)
})

test('a container may hold itself', () => {
  const path = fresh()
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
    expect(() => save(value, fresh())).toThrow(code('VALUE'))
    const lists = Buffer.concat([
      Buffer.from([0x80, 2]),
      Buffer.alloc(100_000, ']'),
      Buffer.alloc(99_999, 'a'),
      Buffer.from('.'),
    ])
    const path = pickled(lists)
    expect(() => load(path)).toThrow(/nested too deeply/)
  })

  test('an archive of something else', () => {
    const path = fresh()
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
    ['an object as a key', new Map([[{ a: 1 }, 1]])],
    ['a set in a set', new Set([new Set([1])])],
  ])('to save %s', (_name, value) => {
    const path = fresh()
    expect(() => save(value, path)).toThrow(code('ARGUMENT'))
    expect(fs.existsSync(path)).toBe(false)
  })
})
