import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  arange,
  load,
  loadAsync,
  loadModel,
  loadModelAsync,
  openSafetensors,
  rand,
  save,
  saveAsync,
  saveModel,
  saveModelAsync,
  type Tensor,
  tensor,
  writeSafetensors,
  zeros,
} from 'tenzo'
import { DTYPE_NAMES } from '../../lib/runtime/opcodes'

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-save-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))
let count = 0
const fresh = (extension: string): string => join(folder, `${count++}${extension}`)
const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })
const GOLDENS = join(__dirname, '../goldens/safetensors')

describe.each(['.safetensors', '.npz', '.pt', '.pth', '.SafeTensors'])('a state dict in a %s file', (extension) => {
  test.each(['sync', 'async'])('comes back, %s', async (mode) => {
    const dtypes = extension === '.npz' ? DTYPE_NAMES.filter((dtype) => dtype !== 'bfloat16') : DTYPE_NAMES
    const state = new Map<string, Tensor>(dtypes.map((dtype) => [dtype, rand([2, 3]).mul(5).to(dtype)]))
    state.set('turned', rand([3, 4]).t())
    state.set('part', rand([10]).narrow(0, 3, 4))
    state.set('scalar', tensor(2.5))
    state.set('empty', zeros([0, 3]))
    const path = fresh(extension)
    if (mode === 'sync') save(state, path)
    else await saveAsync(state, path)
    const again = mode === 'sync' ? load(path) : await loadAsync(path)
    expect([...again.keys()].sort()).toEqual([...state.keys()].sort())
    for (const [name, x] of state) {
      const y = again.get(name)!
      expect([name, y.dtype, y.shape, String(y)]).toEqual([name, x.dtype, x.shape, String(x)])
      expect(y.toTypedArray()).toEqual(x.toTypedArray())
    }
  })

  test('may be an object', () => {
    const path = fresh(extension)
    save({ x: tensor([1, 2]) }, path)
    const again = load<Map<string, Tensor> | { x: Tensor }>(path)
    const x = again instanceof Map ? again.get('x')! : again.x
    expect(x.toArray()).toEqual([1, 2])
  })
})

describe('ties', () => {
  const weight = arange(6, { dtype: 'float32' }).reshape([2, 3])
  const tied = new Map([
    ['b', weight],
    ['a', weight.detach()],
    ['other', zeros([2])],
  ])

  test.each(['.safetensors', '.pt'])('survive in a %s file', (extension) => {
    const path = fresh(extension)
    save(tied, path)
    const again = load(path)
    expect(again.get('a')!.sharesStorage(again.get('b')!)).toBe(true)
    again.get('a')!.fill_(1)
    expect(again.get('b')!.toArray()).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ])
  })

  test('one is stored in a .safetensors file, metadata name the other', () => {
    const path = fresh('.safetensors')
    save(tied, path, { metadata: { format: 'pt' } })
    using file = openSafetensors(path)
    expect([...file.tensors.keys()].sort()).toEqual(['a', 'other'])
    expect({ ...file.metadata }).toEqual({ b: 'a', format: 'pt' })
  })

  test('of the Python library are understood', () => {
    const state = load(join(GOLDENS, 'tied.safetensors'))
    expect([...state.keys()].sort()).toEqual(['0.bias', '0.weight', '1.bias', '1.weight', '3.bias', '3.weight'])
    expect(state.get('3.weight')).toBe(state.get('1.weight'))
  })

  test('memory shared otherwise is refused, disjoint parts are not', () => {
    const path = fresh('.safetensors')
    const words =
      "Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading them again: [{'rows', 'weight'}]."
    expect(() => save({ weight, rows: weight.narrow(0, 0, 1) }, path)).toThrow(words)
    expect(() => save({ weight, rows: weight.narrow(0, 0, 1) }, path)).toThrow(code('VALUE'))
    save({ first: weight.narrow(0, 0, 1), second: weight.narrow(0, 1, 1) }, path)
    expect(load(path).get('second')!.toArray()).toEqual([[3, 4, 5]])
  })

  test('empty tensors are not tied by having no memory', () => {
    const path = fresh('.safetensors')
    save({ a: zeros([0]), b: zeros([0]) }, path)
    using file = openSafetensors(path)
    expect(file.tensors.size).toBe(2)
  })
})

/** What `loadModel` needs of a module, and nothing else. */
class Model {
  readonly received: ReadonlyMap<string, Tensor>[] = []
  constructor(readonly state: Map<string, Tensor>) {}
  stateDict(): Map<string, Tensor> {
    return this.state
  }
  loadStateDict(state: ReadonlyMap<string, Tensor>) {
    this.received.push(state)
    for (const [name, x] of this.state) if (state.has(name)) x.copy_(state.get(name)!)
    return {
      missingKeys: [...this.state.keys()].filter((name) => !state.has(name)),
      unexpectedKeys: [...state.keys()].filter((name) => !this.state.has(name)),
    }
  }
}

const matched = { missingKeys: [], unexpectedKeys: [] }

describe('models', () => {
  const make = (fill: number): Model => {
    const weight = zeros([2, 3]).fill_(fill)
    return new Model(
      new Map([
        ['weight', weight],
        ['tied', weight],
        ['bias', zeros([3]).fill_(fill)],
      ]),
    )
  }

  test.each(['sync', 'async'])('a fitting file is read straight into the parameters, %s', async (mode) => {
    const path = fresh('.safetensors')
    if (mode === 'sync') saveModel(make(7), path)
    else await saveModelAsync(make(7), path)
    const model = make(0)
    const version = model.state.get('bias')!._version
    const result = mode === 'sync' ? loadModel(model, path) : await loadModelAsync(model, path)
    expect(result).toEqual(matched)
    expect(model.received[0]).toBe(model.state)
    expect(model.state.get('tied')!.toArray()).toEqual([
      [7, 7, 7],
      [7, 7, 7],
    ])
    expect(model.state.get('bias')!._version).toBeGreaterThan(version)
  })

  test('a name tied in the module may be missing in the file, by whichever name it is stored', () => {
    for (const name of ['weight', 'tied']) {
      const path = fresh('.safetensors')
      save(
        {
          [name]: tensor([
            [1, 2, 3],
            [4, 5, 6],
          ]),
          bias: zeros([3]),
        },
        path,
      )
      const model = make(0)
      expect(loadModel(model, path)).toEqual(matched)
      expect(model.state.get('weight')!.at(1, 2).item()).toBe(6)
    }
  })

  test('names that are missing or unexpected', () => {
    const path = fresh('.safetensors')
    save({ weight: zeros([2, 3]), more: zeros([1]) }, path)
    const model = make(5)
    const words =
      'Error(s) in loading state_dict for Model:\n    Missing key(s) in state_dict: "bias"\n    Unexpected key(s) in state_dict: "more"'
    const expected = expect.objectContaining({ code: 'ERR_TENZO_STATE_DICT', message: words })
    expect(() => loadModel(model, path)).toThrow(expected)
    expect([...model.received[0]!.keys()]).toEqual(['more', 'weight'])
    expect(loadModel(make(5), path, false)).toEqual({ missingKeys: ['bias'], unexpectedKeys: ['more'] })
    // Both names of one memory, which need not be the same in the file.
    writeSafetensors(
      path,
      ['weight', 'tied', 'bias'].map((name) => [
        name,
        { dtype: 'F32', shape: name === 'bias' ? [3] : [2, 3], bytes: new Uint8Array(name === 'bias' ? 12 : 24) },
      ]),
    )
    expect(() => loadModel(make(0), path)).toThrow(/Unexpected key\(s\) in state_dict: "weight"/)
    expect(loadModel(make(0), path, { strict: false })).toEqual({ missingKeys: [], unexpectedKeys: ['weight'] })
  })

  test('another dtype is converted by the module', () => {
    const path = fresh('.safetensors')
    save({ weight: zeros([2, 3]).to('float64').fill_(3), bias: zeros([3]) }, path)
    const model = make(0)
    loadModel(model, path)
    expect(model.state.get('tied')!.at(1, 1).item()).toBe(3)
  })

  test('a .pt file will do', () => {
    const path = fresh('.pt')
    saveModel(make(2), path)
    const model = make(0)
    loadModel(model, path)
    expect(model.state.get('bias')!.toArray()).toEqual([2, 2, 2])
    save([1], path)
    expect(() => loadModel(model, path)).toThrow(/holds no state dict/)
  })
})

describe('refused', () => {
  test('a file of another kind', () => {
    for (const path of [fresh('.bin'), fresh(''), join(folder, '.pt')]) {
      expect(() => save({ x: tensor(1) }, path)).toThrow(code('VALUE'))
      expect(() => load(path)).toThrow(/must be one of \.pt, \.pth, \.safetensors, \.npy, \.npz/)
    }
    expect(() => load(3 as unknown as string)).toThrow(code('ARGUMENT'))
    expect(() => save({}, undefined as unknown as string)).toThrow(code('ARGUMENT'))
  })

  test.each<[string, unknown]>([
    ['a tensor', tensor(1)],
    ['an array', [tensor(1)]],
    ['a number', 3],
    ['null', null],
    ['a nested object', { x: { y: tensor(1) } }],
    ['a Map with other keys', new Map([[1, tensor(1)]])],
    ['bytes', new Uint8Array(3)],
  ])('%s in a .safetensors file', async (_name, value) => {
    const path = fresh('.safetensors')
    expect(() => save(value, path)).toThrow(code('ARGUMENT'))
    await expect(saveAsync(value, path)).rejects.toEqual(code('ARGUMENT'))
    expect(fs.existsSync(path)).toBe(false)
  })

  test('a released tensor', () => {
    const x = rand([4])
    x.release()
    for (const extension of ['.safetensors', '.pt', '.npz']) {
      expect(() => save({ x }, fresh(extension))).toThrow(code('RELEASED'))
    }
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('an unknown option, metadata where there are none', () => {
    expect(() => save({}, fresh('.safetensors'), { meta: {} } as object)).toThrow(code('ARGUMENT'))
    expect(() => save({}, fresh('.pt'), { metadata: {} })).toThrow(code('ARGUMENT'))
    expect(() => save({}, fresh('.safetensors'), { metadata: { n: 1 as unknown as string } })).toThrow(code('VALUE'))
  })

  test('dtypes that no tensor has', () => {
    const path = fresh('.safetensors')
    writeSafetensors(path, [['u', { dtype: 'U32', shape: [1], bytes: new Uint8Array(4) }]])
    expect(() => load(path)).toThrow(/"u" has the dtype U32, which no tensor has/)
  })

  test('bools that are neither 0 nor 1 become 1', () => {
    const path = fresh('.safetensors')
    writeSafetensors(path, [['b', { dtype: 'BOOL', shape: [3], bytes: new Uint8Array([0, 1, 255]) }]])
    expect([...load(path).get('b')!.toTypedArray()]).toEqual([0, 1, 1])
  })
})
