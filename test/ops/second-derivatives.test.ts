/** Second derivatives of functions in pieces, and inputs of nodes; the values were printed by PyTorch 2.13. */
import { autograd, nn, type Tensor, tensor, where } from 'tenzo'

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
