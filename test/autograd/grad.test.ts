import { autograd, tensor } from '../../lib'

test('grad takes the gradient of its output by position or by name', () => {
  const x = tensor([1, 2]).requiresGrad_()
  const g = tensor([10, 100])
  const byName = () => autograd.grad(x.mul(x), [x], { gradOutputs: g })
  const byPosition = () => autograd.grad(x.mul(x), x, g)
  const asList = () => autograd.grad([x.mul(x)], [x], [g], { createGraph: true })
  for (const f of [byName, byPosition, asList]) expect(f()[0]?.toArray()).toEqual([20, 400])
  expect(asList()[0]?.requiresGrad).toBe(true)
  expect(() => autograd.grad(x.mul(x), [x], null)).toThrow('grad can be implicitly created only for scalar outputs')
})
