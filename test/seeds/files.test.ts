/** Files as the tutorials use them: cases 28 and 33, with PyTorch's own files (test/oracle/pt_files.py). */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { arange, load, loadModel, openSafetensors, optim, save, saveModel, type Tensor, zeros } from 'tenzo'
import { GOLDENS, recordedFiles } from '../io/pt-files'
import { isAsRecorded } from '../io/recorded'
import { sharedNet } from '../helpers/seeds'

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-files-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))

const files = recordedFiles('2.13')
/** PyTorch's file of this name. */
function pytorch(name: string): string {
  const path = join(folder, `${name}.pt`)
  fs.writeFileSync(path, files.find((file) => file.name === name)!.bytes)
  return path
}

type Net = ReturnType<typeof sharedNet>

const { state, x, y } = load<{ state: Map<string, Tensor>; x: Tensor; y: Tensor }>(pytorch('case 28'))

/** The layer is one: in the module, in memory, in the listings, and what is done to it is done once. */
function expectTied(net: Net): void {
  expect(net[2]).toBe(net[4])
  const own = net.stateDict()
  expect([...own.keys()]).toEqual(['0', '2', '4', '6'].flatMap((name) => [`${name}.weight`, `${name}.bias`]))
  expect(own.get('2.weight')!.sharesStorage(own.get('4.weight')!)).toBe(true)
  expect([...net.namedParameters()].map(([name]) => name)).not.toContain('4.weight')
  expect(new optim.SGD(net.parameters(), { lr: 0.1 }).paramGroups[0]!.params).toHaveLength(6)
  net[2].weight.data.set([0, 0], 100)
  expect(net[4].weight.at(0, 0).item()).toBe(100)
}

/** Every value is PyTorch's, bit by bit; the result of the products to the last bits of a float. */
function expectPyTorch(net: Net): void {
  for (const [name, value] of net.stateDict()) expect([name, value.equal(state.get(name)!)]).toEqual([name, true])
  expect(net(x).sub(y).abs().max().item()).toBeLessThan(1e-6)
}

describe('28: saving and loading tied layers', () => {
  test("PyTorch's .pt brings the tie along", () => {
    expect(state.get('2.weight')!.sharesStorage(state.get('4.weight')!)).toBe(true)
    expect(state.get('2.bias')!.sharesStorage(state.get('4.bias')!)).toBe(true)
    expect(state.get('2.weight')!.sharesStorage(state.get('6.weight')!)).toBe(false)
    const net = sharedNet(1)
    expect(String(net.loadStateDict(state))).toBe('<All keys matched successfully>')
    expectPyTorch(net)
    expectTied(net)
  })

  test('through our .pt, which PyTorch was seen to read', () => {
    const path = join(folder, 'tied.pt')
    const net = sharedNet(0)
    expectPyTorch(net)
    save(net.stateDict(), path)
    expect(isAsRecorded(path, join(GOLDENS, 'case28.pt'))).toBe(true)
    const loaded = load(path)
    expect(loaded.get('2.weight')!.sharesStorage(loaded.get('4.weight')!)).toBe(true)
    const other = sharedNet(1)
    other.loadStateDict(loaded)
    expectPyTorch(other)
    expectTied(other)
  })

  test('through safetensors, which PyTorch was seen to read', () => {
    const path = join(folder, 'tied.safetensors')
    saveModel(sharedNet(0), path)
    expect(isAsRecorded(path, join(GOLDENS, 'case28.safetensors'))).toBe(true)
    {
      using file = openSafetensors(path)
      expect([...file.tensors.keys()].sort()).toEqual([
        '0.bias',
        '0.weight',
        '2.bias',
        '2.weight',
        '6.bias',
        '6.weight',
      ])
      expect({ ...file.metadata }).toEqual({ '4.weight': '2.weight', '4.bias': '2.bias' })
    }
    const net = sharedNet(1)
    expect(String(loadModel(net, path))).toBe('<All keys matched successfully>')
    expectPyTorch(net)
    expectTied(net)
    // By hand as well: both names are there, over one memory.
    const loaded = load(path)
    expect(loaded.get('2.weight')!.sharesStorage(loaded.get('4.weight')!)).toBe(true)
    const other = sharedNet(2)
    expect(String(other.loadStateDict(loaded))).toBe('<All keys matched successfully>')
    expectPyTorch(other)
    expectTied(other)
  })
})

describe('33: a tensor, a list, a dict', () => {
  const values: [string, unknown][] = [
    ['tensor', arange(4)],
    ['list', [arange(4), zeros([4])]],
    ['dict', { x: arange(4), y: zeros([4]) }],
  ]
  test.each(values)('%s', (kind, value) => {
    const path = join(folder, `case33-${kind}.pt`)
    save(value, path)
    // PyTorch reads exactly these bytes with weights_only=True.
    expect(isAsRecorded(path, join(GOLDENS, `case33-${kind}.pt`))).toBe(true)
    // And we read its file as the value, printed as it prints it.
    for (const file of [path, pytorch(`case 33 ${kind}`)]) expect(printed(load<unknown>(file))).toBe(printed(value))
    expect(printed(load<unknown>(path))).toContain('tensor([0, 1, 2, 3])')
  })

  const printed = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(printed).join('\n')
    if (Object.getPrototypeOf(value) === Object.prototype)
      return JSON.stringify(Object.keys(value as object)) + printed(Object.values(value as object))
    return String(value)
  }
})
