/** Early release: scope, keep, using. */
import { keep, memoryStats, nn, ones, optim, ReleasedError, rand, scope, type Tensor } from 'tenzo'

test('what is made in a scope is released, its result is not', () => {
  let inner: Tensor | undefined
  const result = scope(() => {
    inner = ones([1000])
    return { sum: inner.sum(), list: [inner.mul(2)] }
  })
  expect(result.sum.item()).toBe(1000)
  expect(result.list[0]?.at(0).item()).toBe(2)
  expect(() => (inner as Tensor).add(1)).toThrow(ReleasedError)
})

test('a view in the result keeps its storage', () => {
  expect(
    scope(() => ones([500, 2]).select(1, 0))
      .sum()
      .item(),
  ).toBe(500)
})

test('keep() and nesting', () => {
  let kept: Tensor | undefined
  let lost: Tensor | undefined
  scope(() => {
    const passed = scope(() => ones([300]))
    expect(passed.sum().item()).toBe(300)
    lost = passed
    kept = keep(ones([300]))
  })
  expect((kept as Tensor).sum().item()).toBe(300)
  expect(() => (lost as Tensor).sum()).toThrow(ReleasedError)
})

test('a training step in a scope', () => {
  const net = new nn.Sequential(new nn.Linear(40, 60), new nn.BatchNorm1d(60), new nn.Linear(60, 1))
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.01 })
  const x = rand([32, 40])
  const step = () =>
    scope(() => {
      optimizer.zeroGrad()
      const loss = net(x).square().mean()
      loss.backward()
      optimizer.step()
      return loss.item()
    })
  const first = step()
  let last = first
  const before = memoryStats().collections
  for (let i = 0; i < 200; i++) last = step()
  expect(last).toBeLessThan(first)
  expect(memoryStats().collections).toBe(before)
  expect([...net.parameters()].every((p) => p.grad !== null && Number.isFinite(p.grad.sum().item()))).toBe(true)
})

test('a callback that returns a Promise is refused, and an error releases too', () => {
  expect(() => scope(() => Promise.resolve(1))).toThrow('returned a Promise')
  let inner: Tensor | undefined
  expect(() =>
    scope(() => {
      inner = ones([1000])
      throw new Error('mine')
    }),
  ).toThrow('mine')
  expect(() => (inner as Tensor).sum()).toThrow(ReleasedError)
})

test('using', () => {
  let gone: Tensor
  {
    using x = ones([100])
    gone = x
    expect(x.sum().item()).toBe(100)
  }
  expect(() => gone.sum()).toThrow(ReleasedError)
})
