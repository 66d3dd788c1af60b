/** Layers made with `dtype` and `device` hold what PyTorch's do (test/oracle/factory.py). */
import {
  ArgumentError,
  AutogradError,
  type DType,
  DTypeError,
  manualSeed,
  nn,
  ones,
  setDefaultDtype,
  tensor,
} from 'tenzo'
import { camelCase, type CodedTensor, elementsOf, loadGoldens, valuesOf } from '../helpers/goldens'
import { difference } from '../helpers/tolerance'

interface Row {
  name: string
  args: unknown[]
  options: Record<string, unknown>
  shown: number[] | null
  states: Record<string, [string, CodedTensor][]>
}
const rows = loadGoldens<Row[]>('factory.json.gz')
type AnyLayer = new (...args: unknown[]) => nn.Module
const classOf = (name: string) => (nn as unknown as Record<string, AnyLayer>)[name]!
const optionsOf = (row: Row) => Object.fromEntries(Object.entries(row.options).map(([k, v]) => [camelCase(k), v]))
const made = (row: Row, more: object): nn.Module => new (classOf(row.name))(...row.args, { ...optionsOf(row), ...more })
const stateOf = (m: nn.Module) => [...m.stateDict()]
const cases = rows.map((row) => [`${row.name} ${JSON.stringify([row.args, row.options])}`, row] as const)

test.each(cases)('%s', (_, row) => {
  for (const [dtype, want] of Object.entries(row.states)) {
    manualSeed(5)
    const m = made(row, { dtype, device: 'cpu' })
    if (row.shown) (m as unknown as nn.Linear)(ones(row.shown, { dtype: dtype as 'float64' }))
    const got = stateOf(m)
    expect(got.map(([k, t]) => [k, t.dtype, [...t.shape]])).toEqual(want.map(([k, t]) => [k, t.t, t.s]))
    want.forEach(([name, t], i) => {
      const different = difference(valuesOf(got[i]![1]), elementsOf(t), { relative: 0, ofLargest: 0 })
      expect([name, dtype, different]).toEqual([name, dtype, null])
    })
  }
})

test.each(cases.filter(([, row]) => !row.shown))('%s takes the default dtype of its time', (_, row) => {
  const dtypes = (m: nn.Module) => new Set(stateOf(m).flatMap(([k, t]) => (k.endsWith('tracked') ? [] : [t.dtype])))
  setDefaultDtype('float64')
  try {
    for (const dtype of [undefined, null])
      for (const d of dtypes(made(row, { dtype, device: null }))) expect(d).toBe('float64')
  } finally {
    setDefaultDtype('float32')
  }
  for (const d of dtypes(made(row, {}))) expect(d).toBe('float32')
})

test.each(cases)('%s refuses another device, and what is no dtype', (_, row) => {
  for (const device of ['cuda', 3, {}])
    expect(() => made(row, { device })).toThrow(/expected the device 'cpu', the only one, but got/)
  for (const dtype of ['float', 'torch.float32', 3]) expect(() => made(row, { dtype })).toThrow(ArgumentError)
})

test('parameters are of a floating dtype; buffers of any', () => {
  for (const [, row] of cases) {
    const trained = [...made(row, {}).parameters()].length > 0
    for (const dtype of ['int64', 'bool'] satisfies DType[])
      if (trained) expect(() => made(row, { dtype })).toThrow(AutogradError)
  }
  const norm = new nn.BatchNorm1d(2, { affine: false, dtype: 'int64' })
  expect(norm.runningMean?.dtype).toBe('int64')
})

test('what is made of a layer keeps its dtype', () => {
  const dtype = 'float64'
  const pretrained = nn.Embedding.fromPretrained(ones([3, 2], { dtype }), { freeze: false, paddingIdx: 1 })
  expect([pretrained.weight.dtype, pretrained.weight.requiresGrad]).toEqual([dtype, true])
  expect(nn.EmbeddingBag.fromPretrained(ones([3, 2], { dtype })).weight.dtype).toBe(dtype)
  // @ts-expect-error the table says the dtype
  expect(() => nn.Embedding.fromPretrained(ones([3, 2]), { dtype })).toThrow(/unexpected keyword argument 'dtype'/)

  const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 5, dtype })
  for (const p of new nn.TransformerEncoder(layer, 2).parameters()) expect(p.dtype).toBe(dtype)

  const spectral = nn.utils.parametrizations.spectralNorm(new nn.Linear(2, 3, { dtype }))
  const weight = nn.utils.parametrizations.weightNorm(new nn.Linear(2, 3, { dtype }))
  for (const m of [spectral, weight]) {
    for (const [, t] of m.stateDict()) expect(t.dtype).toBe(dtype)
    expect(m(ones([1, 2], { dtype })).dtype).toBe(dtype)
  }
  expect(nn.utils.skipInit(nn.Linear, 2, 3, { dtype }).weight.dtype).toBe(dtype)
})

test('what is not yet sized takes them too', () => {
  expect(new nn.UninitializedParameter({ dtype: 'float64', device: 'cpu' }).dtype).toBe('float64')
  const buffer = new nn.UninitializedBuffer(false, { dtype: 'int64' })
  buffer.materialize([2], { dtype: 'int32' })
  expect([buffer.dtype, buffer.shape]).toEqual(['int32', [2]])
  expect(() => new nn.UninitializedBuffer({ device: 'cuda' as 'cpu' })).toThrow("but got 'cuda'")
  expect(() => new nn.UninitializedParameter().materialize([2], 'cuda' as 'cpu')).toThrow("but got 'cuda'")
})

test('a layer takes inputs of its dtype', () => {
  const net = new nn.Sequential(new nn.Linear(2, 3, { dtype: 'float64' }), new nn.BatchNorm1d(3, { dtype: 'float64' }))
  const y = net(tensor([[1, 2], [3, 5]], { dtype: 'float64' })) // biome-ignore format: one row
  expect(y.dtype).toBe('float64')
  expect(() => new nn.Linear(2, 3, { dtype: 'float64' })(ones([1, 2]))).toThrow(DTypeError)
})
