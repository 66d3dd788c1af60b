import { tensor, zeros } from 'tenzo'
import { defaultCollate, defaultConvert } from '../../../lib/utils/data'

const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })
const print = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, item) => (item instanceof Map ? [...item] : item)))

test('tensors are stacked', () => {
  expect(defaultCollate([tensor([1, 2]), tensor([3, 4])]).toString()).toBe('tensor([[1., 2.],\n        [3., 4.]])')
  expect(defaultCollate([tensor(1n), tensor(2n)]).toString()).toBe('tensor([1, 2])')
  expect(() => defaultCollate([zeros([2]), zeros([3])])).toThrow(/stack expects each tensor to be equal size/)
})

test('plain values become tensors by the rule of literals', () => {
  expect(String(defaultCollate([1, 2.5]))).toBe('tensor([1.0000, 2.5000])')
  expect(String(defaultCollate([1n, 2n]))).toBe('tensor([1, 2])')
  expect(String(defaultCollate([true, false]))).toBe('tensor([ True, False])')
  expect(String(defaultCollate([new Uint8Array([1, 2]), new Uint8Array([3, 4])]))).toBe(
    'tensor([[1, 2],\n        [3, 4]], dtype=uint8)',
  )
  expect(defaultCollate(['a', 'b'])).toEqual(['a', 'b'])
})

test('containers are collated entry by entry', () => {
  const [a, b] = defaultCollate([
    [1, 'x'],
    [2, 'y'],
  ] as [number, string][])
  expect([String(a), b]).toEqual(['tensor([1., 2.])', ['x', 'y']])
  const named = defaultCollate([
    { image: tensor([1]), label: 3n, deep: { path: ['p', 1n] } },
    { image: tensor([2]), label: 4n, deep: { path: ['q', 2n] } },
  ])
  expect([String(named.image), String(named.label)]).toEqual(['tensor([[1.],\n        [2.]])', 'tensor([3, 4])'])
  expect(named.deep.path.map(String)).toEqual(['p,q', 'tensor([1, 2])'])
  const map = defaultCollate([new Map([['k', 1]]), new Map([['k', 2]])])
  expect(String(map.get('k'))).toBe('tensor([1., 2.])')
})

test.each<[string, unknown[], string, RegExp]>([
  ['nothing', [], 'ARGUMENT', /at least one sample/],
  ['null', [null], 'ARGUMENT', /found null/],
  ['functions', [() => 0], 'ARGUMENT', /found function/],
  ['undefined', [undefined], 'ARGUMENT', /found undefined/],
  ['a mixture', [1, 'a'], 'ARGUMENT', /mixes number and string/],
  ['a hole', [1, undefined], 'ARGUMENT', /mixes number and undefined/],
  ['arrays of several lengths', [[1], [1, 2]], 'SHAPE', /each element in list of batch should be of equal size/],
  ['objects of several shapes', [{ a: 1 }, { b: 1 }], 'VALUE', /not every sample has the key "a"/],
  ['Maps of several shapes', [new Map([['a', 1]]), new Map()], 'VALUE', /not every sample has the key a|"a"/],
])('%s is refused', (_name, batch, name, message) => {
  expect(() => defaultCollate(batch)).toThrow(code(name))
  expect(() => defaultCollate(batch)).toThrow(message)
})

test('without batching, typed arrays become tensors and the rest stays', () => {
  const label = Symbol('label')
  const [x, rest] = defaultConvert([new Float32Array([1, 2]), { n: 1, s: label, deep: [new Int32Array([3])] }]) as [
    unknown,
    { n: number; s: symbol; deep: unknown[] },
  ]
  expect(String(x)).toBe('tensor([1., 2.])')
  expect([rest.n, rest.s, String(rest.deep[0])]).toEqual([1, label, 'tensor([3], dtype=int32)'])
  expect(print(defaultConvert(new Map([['a', 1]])))).toEqual([['a', 1]])
})
