/** Second derivatives of functions in pieces, and inputs of nodes; the values were printed by PyTorch 2.13. */
import { autograd, nn, ones, type Tensor, tensor, where } from 'tenzo'

const F = nn.functional
const start = () => tensor([1, -2, 0.5, 3, -0.25, 0], { requiresGrad: true })
const twice = (f: (x: Tensor) => Tensor, x: Tensor) => {
  const [g] = autograd.grad(f(x).sum(), x, { createGraph: true })
  const [h] = autograd.grad(g!.sum(), x, { allowUnused: true })
  return h?.toArray() ?? null
}

test.each<[string, (x: Tensor) => Tensor]>([
  ['relu', (x) => x.relu()],
  ['relu_', (x) => x.clone().relu_()],
  ['leakyRelu', (x) => F.leakyRelu(x, 0.1)],
  ['threshold', (x) => F.threshold(x, 0.1, 3)],
  ['relu6', (x) => F.relu6(x)],
  ['hardtanh', (x) => F.hardtanh(x)],
  ['hardshrink', (x) => F.hardshrink(x)],
  ['softshrink', (x) => F.softshrink(x)],
  ['rrelu', (x) => F.rrelu(x)],
])('%s: zeros', (_name, f) => {
  expect(twice(f, start())).toEqual([0, 0, 0, 0, 0, 0])
})

test('elu and celu have none at 0', () => {
  for (const f of [F.elu, F.celu]) {
    const h = twice((x) => f(x), start()) as number[]
    expect(h[1]).toBeCloseTo(0.1353352814912796, 6)
    expect([h[0], h[2], h[3], h[5]]).toEqual([0, 0, 0, 0])
  }
})

test('the gradient for what is held is zero, also of an infinite one', () => {
  const x = start()
  const [g] = autograd.grad(F.relu6(x), x, { gradOutputs: tensor([Infinity, Infinity, 1, 1, 1, 1]) })
  expect(g!.toArray()).toEqual([Infinity, 0, 1, 1, 0, 0])
})

test('inputs of a node with a number', () => {
  const x = start()
  const count = (y: Tensor) => y.gradFn!.nextFunctions.length
  expect(
    [x.pow(2), x.remainder(2), x.fmod(2), x.xlogy(2), x.copysign(2), x.clamp(0, 1), x.clampMin(0)].map(count),
  ).toEqual([1, 1, 1, 1, 1, 1, 1])
  expect([x.mul(2), x.add(2), x.div(2), x.lerp(x, 0.5), where(x.gt(0), x, 0)].map(count)).toEqual([2, 2, 2, 2, 2])
})

test('rrelu of a transposed tensor is row-major', () => {
  expect(F.rrelu(start().reshape([2, 3]).t()).stride()).toEqual([2, 1])
})

const hessian = (f: (x: Tensor) => Tensor, values: number[]) =>
  (autograd.functional.hessian(f as (...x: Tensor[]) => Tensor, tensor(values)) as Tensor).toArray()

test('products of zeros have second derivatives', () => {
  // The gradient of 2 + 2·0 + 2·0·3, summed up and differentiated again.
  expect(twice((x) => x.cumprod(0), tensor([2, 0, 3], { requiresGrad: true }))).toEqual([4, 6, 2])
  const [running, all] = [(x: Tensor) => x.cumprod(0).sum(), (x: Tensor) => x.prod()]
  const symmetric = (ab: number, ac: number, bc: number) => [
    [0, ab, ac],
    [ab, 0, bc],
    [ac, bc, 0],
  ]
  expect(hessian(running, [2, 0, 3])).toEqual(symmetric(4, 0, 2))
  expect(hessian(running, [2, 0, 0])).toEqual(symmetric(1, 0, 2))
  expect(hessian(running, [0, 0, 0])).toEqual(symmetric(1, 0, 0))
  expect(hessian(all, [2, 0, 3])).toEqual(symmetric(3, 0, 2))
  expect(hessian(all, [2, 0, 0])).toEqual(symmetric(0, 0, 2))
  expect(hessian(all, [0, 0, 0])).toEqual(symmetric(0, 0, 0))
})

test('the third derivative of a product of three zeros', () => {
  const third = (f: (x: Tensor) => Tensor) => {
    const x = tensor([0, 0, 0], { requiresGrad: true })
    let y = f(x)
    for (const i of [0, 1, 2]) y = autograd.grad(y, x, { createGraph: true })[0]!.select(0, i)
    return y.item()
  }
  expect(third((x) => x.prod())).toBe(1)
  expect(third((x) => x.prod(0))).toBe(1)
  expect(third((x) => x.cumprod(0).sum())).toBe(1)
})

test('scatterReduce and indexReduce: products of several zeros have no second derivative', () => {
  const x = tensor([1, 0, 0], { requiresGrad: true })
  const index = tensor([0n, 1n, 1n])
  const once = (y: Tensor) => autograd.grad(y.sum(), x, { createGraph: true })[0]!
  const scattered = once(ones([2]).scatterReduce(0, index, x, 'prod'))
  expect(scattered.toArray()).toEqual([1, 0, 0])
  expect(scattered.gradFn!.name()).toBe('torch::autograd::Error')
  expect(() => scattered.sum().backward()).toThrow(
    'scatter_reduce(): Double backward is unsupported for src when >1 zeros in src are scattered to the same position in self',
  )
  const indexed = once(ones([2]).indexReduce(0, index, x, 'prod'))
  expect(() => indexed.sum().backward()).toThrow(
    'index_reduce(): Double backward is unsupported for source when >1 zeros in source are scattered to the same position in self',
  )
})

test('logcumsumexp: also where the gradient that arrives is 0, of which PyTorch makes NaN', () => {
  const x = tensor([0.5, -1, 2], { dtype: 'float64', requiresGrad: true })
  const g = tensor([1, 0, -2], { dtype: 'float64', requiresGrad: true })
  const gradient = (t: Tensor, u: Tensor) =>
    autograd.grad(t.logcumsumexp(0), t, { gradOutputs: u, createGraph: true })[0]!
  expect(autograd.gradcheck(gradient, [x, g])).toBe(true)
  expect(autograd.gradgradcheck(gradient, [x, g])).toBe(true)
})

test('median of all and nanmedian of all: equal elements share, also of nothing', () => {
  expect(hessian((x) => x.median().square(), [1, 3, 3])).toEqual([
    [0, 0, 0],
    [0, 0.5, 0.5],
    [0, 0.5, 0.5],
  ])
  const none = tensor([]).requiresGrad_()
  expect([none.median(), none.nanmedian()].map((y) => y.gradFn!.name())).toEqual([
    'MedianBackward0',
    'NanmedianBackward0',
  ])
  expect(autograd.grad(none.median(), none)[0]!.shape).toEqual([0])
})

test('a gradient that is infinite or NaN stays where it belongs', () => {
  const x = tensor([1, 2, 3], { requiresGrad: true })
  const of = (y: Tensor, gradient: number[]) => autograd.grad(y, x, { gradOutputs: tensor(gradient) })[0]!.toArray()
  expect(of(x.indexPut([tensor([1n])], tensor([5])), [Infinity, 1, NaN])).toEqual([Infinity, 0, NaN])
  expect(of(x.maskedSelect(tensor([true, false, true])), [Infinity, NaN])).toEqual([Infinity, 0, NaN])
  expect(of(x.cummax(0).values, [Infinity, NaN, 1])).toEqual([Infinity, NaN, 1])
})

test('topk of a 0-d tensor is its value', () => {
  const { values, indices } = tensor(2).topk(0)
  expect([values.shape, values.item(), indices.item()]).toEqual([[], 2, 0])
})
