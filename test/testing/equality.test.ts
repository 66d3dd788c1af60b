/**
 * Tensors in the comparisons of jest, of vitest and of node. It needs nothing but the globals of a runner: test/package/package.test.ts
 * gives it to jest 29 and to vitest, too.
 */
import assert from 'node:assert'
import { inspect, isDeepStrictEqual } from 'node:util'
import { MessageChannel } from 'node:worker_threads'
import { arange, inferenceMode, nn, slice, type Tensor, tensor, zeros } from 'tenzo'

declare const vi: { fn: typeof jest.fn }
const isVitest = typeof vi !== 'undefined'
const mock = (): jest.Mock => (isVitest ? vi : jest).fn()

const oddNaN = (): Tensor => tensor(new Int32Array([0x7fc00001, 0x3f800000])).view('float32')
const grid = (): Tensor => tensor([[1, 2, 3]])
const large = (at: number): Tensor => zeros([3000]).indexFill_(0, tensor([at], { dtype: 'int64' }), 1)

const EQUAL: [string, () => Tensor, () => Tensor][] = [
  ['a vector', () => tensor([1, 2]), () => tensor([1, 2])],
  [
    'a matrix and one that lies otherwise',
    () =>
      tensor([
        [1, 3],
        [2, 4],
      ]).t(),
    () =>
      tensor([
        [1, 2],
        [3, 4],
      ]),
  ],
  ['a part of another', () => arange(6).at(slice(2, 4)), () => tensor([2n, 3n])],
  ['a scalar', () => tensor(0.1), () => tensor(0.1)],
  ['no elements', () => zeros([0, 3]), () => zeros([0, 3])],
  ['NaN, whatever its bits', oddNaN, () => tensor([NaN, 1])],
  ['halves', () => tensor([1, NaN], { dtype: 'float16' }), () => tensor([1, NaN], { dtype: 'float16' })],
  ['bools', () => tensor([true, false]), () => tensor([true, false])],
  ['gradients or none', () => tensor([1, 2]).requiresGrad_().mul(1), () => tensor([1, 2])],
  ['many elements', () => large(1500), () => large(1500)],
]
const DIFFERENT: [string, () => Tensor, () => Tensor][] = [
  ['a value', () => tensor([1, 2]), () => tensor([1, 3])],
  ['a value, by less than is printed', () => tensor([1, 2]), () => tensor([1, 2 + 1e-6])],
  ['a value that is not printed', () => large(1500), () => large(1501)],
  ['a scalar', () => tensor(1), () => tensor(2)],
  ['the sign of zero', () => tensor([0]), () => tensor([-0])],
  ['NaN', () => tensor([NaN]), () => tensor([0])],
  ['the dtype', () => tensor([1, 2]), () => tensor([1, 2], { dtype: 'float64' })],
  ['the dtype, with the same bytes', () => tensor([1, 0], { dtype: 'uint8' }), () => tensor([true, false])],
  ['the dtype of nothing', () => zeros([0]), () => zeros([0], { dtype: 'int64' })],
  ['the shape', () => tensor([1, 2]), () => tensor([[1, 2]])],
  ['the shape of nothing', () => zeros([0, 3]), () => zeros([0, 4])],
  ['the length', () => tensor([1, 2]), () => tensor([1, 2, 3])],
]
const wrappings: [string, (x: Tensor) => unknown][] = [
  ['itself', (x) => x],
  ['in an object', (x) => ({ id: 1, list: [x] })],
  ['in a Map', (x) => new Map([['weight', x]])],
  ['as the state of a module', (x) => stateOf(x)],
]
function stateOf(x: Tensor): nn.StateDict {
  const m = new nn.Module()
  m.registerBuffer('mean', x.detach())
  return m.stateDict()
}

describe.each(wrappings)('a tensor %s', (where, wrap) => {
  test.each(EQUAL)('equal: %s', (_, a, b) => {
    const [x, y] = [wrap(a()), wrap(b())]
    expect(x).toEqual(y)
    expect(x).toStrictEqual(y)
    if (!(x instanceof Map)) expect([x]).toContainEqual(y)
    if (where !== 'itself') expect({ x }).toMatchObject({ x: y })
    const f = mock()
    f(x, 1)
    expect(f).toHaveBeenCalledWith(y, 1)
    assert.deepEqual(x, y)
    assert.deepStrictEqual(x, y)
  })
  test.each(DIFFERENT)('different in %s', (_, a, b) => {
    const [x, y] = [wrap(a()), wrap(b())]
    for (const [p, q] of [
      [x, y],
      [y, x],
    ]) {
      expect(p).not.toEqual(q)
      expect(p).not.toStrictEqual(q)
      // (All Maps are equal to vitest there.)
      if (!(p instanceof Map)) expect([p]).not.toContainEqual(q)
      const f = mock()
      f(p, 1)
      expect(f).not.toHaveBeenCalledWith(q, 1)
      assert.notDeepEqual(p, q)
      assert.notDeepStrictEqual(p, q)
      expect(isDeepStrictEqual(p, q)).toBe(false)
    }
  })
})

test('parameters and buffers equal tensors, but for node where their classes count', () => {
  const x = tensor([1, 2])
  for (const other of [new nn.Parameter(tensor([1, 2])), new nn.Buffer(tensor([1, 2]))]) {
    expect(other).toEqual(x)
    assert.deepEqual(other, x)
    assert.notDeepStrictEqual(other, x)
    expect(other).not.toEqual(tensor([1, 3]))
    assert.notDeepEqual(other, tensor([1, 3]))
  }
  expect(new nn.Linear(2, 2).stateDict()).not.toEqual(new nn.Linear(2, 2).stateDict())
})
test('a tensor is no array and no object', () => {
  expect(tensor([1, 2])).not.toEqual([1, 2])
  expect(tensor([1, 2])).not.toEqual({})
  assert.notDeepEqual(tensor([1, 2]), [1, 2])
  assert.notDeepEqual(tensor([1, 2]), {})
  expect({ x: tensor([1]) }).toEqual({ x: expect.anything() })
})
test('one that has no shape yet equals another', () => {
  expect(inspect(new nn.UninitializedParameter())).toBe('<UninitializedParameter>')
  assert.deepStrictEqual(new nn.UninitializedParameter(), new nn.UninitializedParameter())
  assert.notDeepStrictEqual(new nn.UninitializedParameter(), new nn.Parameter(zeros([0])))
})

// ---- what is shown ------------------------------------------------------------------------------------------------

const messageOf = (f: () => void): string => {
  try {
    f()
  } catch (error) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
    return (error as Error).message.replace(/\u001b\[\d+m/g, '')
  }
  throw new Error('did not throw')
}
const shown: [string, Tensor, Tensor, string, string][] = [
  ['a matrix', grid(), tensor([[1, 2, 4]]), 'tensor([[1., 2., 3.]])', 'tensor([[1., 2., 4.]])'],
  ['a scalar', tensor(1), tensor(2), 'tensor(1.)', 'tensor(2.)'],
  ['dtypes', grid(), tensor([[1, 2, 3]], { dtype: 'float64' }), '[[1., 2., 3.]])', 'dtype=float64)'],
  ['a parameter', new nn.Parameter(grid()), new nn.Parameter(zeros([2])), 'tensor([[1., 2., 3.]])', 'tensor([0., 0.])'],
  ['one with a graph', tensor([1]).requiresGrad_().mul(2).exp(), tensor([1]), 'tensor([7.3891])', 'tensor([1.])'],
  ['one without a graph', inferenceMode(() => zeros([1])), tensor([1]), 'tensor([0.])', 'tensor([1.])'],
]
test.each(shown)('a failing comparison shows %s', (_, a, b, first, second) => {
  for (const [, wrap] of wrappings)
    for (const compare of [
      () => assert.deepStrictEqual(wrap(a), wrap(b)),
      // Vitest makes the difference of an error when it reports it: see test/package/package.test.ts.
      ...(isVitest ? [] : [() => expect(wrap(a)).toEqual(wrap(b)), () => expect(wrap(a)).toStrictEqual(wrap(b))]),
    ]) {
      const message = messageOf(compare)
      expect(message).toContain(first)
      expect(message).toContain(second)
      expect(message).not.toContain('byteOffset')
    }
})

test('a snapshot tells all of a tensor', () => {
  expect(grid()).toMatchInlineSnapshot(`tensor([[1., 2., 3.]]) #ggohhPDW0Le5PU4cjoRmAO`)
  expect({ x: new nn.Parameter(tensor([1, 2])) }).toMatchInlineSnapshot(`
    {
      "x": tensor([1., 2.]) #PM5f3VyIVKhEtK1I7gkn0b,
    }
  `)
  expect(stateOf(grid())).toMatchInlineSnapshot(`
    OrderedDict {
      'mean': tensor([[1., 2., 3.]]) #ggohhPDW0Le5PU4cjoRmAO,
    }
  `)
})

test('no copy is made by structuredClone and postMessage', () => {
  const { port1, port2 } = new MessageChannel()
  for (const value of [grid(), new nn.Parameter(grid()), { list: [grid()] }, stateOf(grid())])
    for (const copy of [structuredClone, (v: unknown) => port1.postMessage(v)]) {
      let error: unknown
      try {
        copy(value)
      } catch (e) {
        error = e
      }
      expect((error as Error).name).toBe('DataCloneError')
      expect((error as Error).message).toContain('Tensor: send its toTypedArray(), dtype and shape')
    }
  port1.close()
  port2.close()
})
