import { autograd, ones, tensor } from 'tenzo'

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

test('grad reaches a base through a view of it that was changed in place', () => {
  const base = ones([2, 3], { requiresGrad: true }).mul(1.5)
  const view = base.narrow(1, 2, 1)
  view.sigmoid_()
  const loss = base.mul(1.5).sum().add(view.mul(1.5).sum())
  expect(autograd.grad(loss, base)[0]?.toArray()).toEqual([
    [1.5, 1.5, 3],
    [1.5, 1.5, 3],
  ])
})

test('a gradient of zero is zero also where the incoming one is not finite', () => {
  const x = tensor([1.5, -2.5], { requiresGrad: true })
  const infinite = tensor([Number.POSITIVE_INFINITY, Number.NaN])
  expect(autograd.grad(x.floor(), x, infinite)[0]?.toArray()).toEqual([0, 0])
  const y = x.mul(1)
  y.zero_()
  expect(autograd.grad(y, x, infinite)[0]?.toArray()).toEqual([0, 0])
})
