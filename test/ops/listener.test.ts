/** Listening to operations: what a profiler or an exporter would see. */
import { nn, rand, tensor, type Tensor } from 'tenzo'
import { listen, type OpCall, qualifiedName } from '../../lib/ops/define/registry'

function calls(run: () => unknown): OpCall[] {
  const seen: OpCall[] = []
  const stop = listen((call) => seen.push(call))
  try {
    run()
  } finally {
    stop()
  }
  return seen
}
const outermost = (run: () => unknown): OpCall[] => calls(run).filter((c) => c.depth === 0)

test('an operation, its inputs, its options by name and its outputs', () => {
  const x = rand([2, 3])
  let y: Tensor | undefined
  const [call, ...others] = outermost(() => {
    y = x.cumsum(1, { dtype: 'float64' })
  })
  expect(others).toEqual([])
  expect(call?.op.name).toBe('cumsum')
  expect(call?.inputs).toEqual([x, 1])
  expect(call?.parameters).toEqual({ dtype: 'float64' })
  expect(call?.outputs).toBe(y)
})

test('methods, functions, elementwise operations, those of nn.functional', () => {
  const x = rand([2, 3])
  const names = (run: () => unknown): string[] => outermost(run).map((c) => qualifiedName(c.op))
  expect(names(() => x.add(1))).toEqual(['add'])
  expect(names(() => x.add(x, { alpha: 2 }))).toEqual(['add'])
  expect(names(() => x.relu())).toEqual(['relu'])
  expect(names(() => x.gt(0.5))).toEqual(['gt'])
  expect(names(() => x.isnan())).toEqual(['isnan'])
  expect(names(() => x.clamp(0, 1))).toEqual(['clamp'])
  expect(names(() => x.t().matmul(x))).toEqual(['t', 'matmul'])
  expect(names(() => nn.functional.mseLoss(x, x))).toEqual(['nn.functional.mseLoss'])
  expect(names(() => x.at(0, 1))).toEqual(['at'])
})

test('forms in place', () => {
  const x = rand([2, 3])
  const seen = (run: () => unknown): unknown[] => outermost(run).map((c) => [c.op.name, c.outputs === x])
  expect(seen(() => x.neg_())).toEqual([['neg', true]])
  expect(seen(() => x.add_(1))).toEqual([['add', true]])
  expect(seen(() => x.mul_(x))).toEqual([['mul', true]])
  expect(seen(() => x.clamp_(0, 1))).toEqual([['clamp', true]])
  expect(seen(() => x.lt_(0.5))).toEqual([['lt', true]])
  expect(seen(() => x.cumsum_(0))).toEqual([['cumsum', true]])
})

test('operations that others are made of are told of with their depth, before them', () => {
  const x = rand([2, 3])
  const seen = calls(() => x.deg2rad())
  expect(seen.map((c) => [c.op.name, c.depth])).toEqual([
    ['mul', 1],
    ['deg2rad', 0],
  ])
})

test('a layer shows what it runs', () => {
  const net = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2))
  const x = rand([1, 3])
  expect(outermost(() => net(x)).map((c) => c.op.name)).toEqual(['linear', 'relu', 'linear'])
})

test('what throws is not told of, and the next call is', () => {
  const x = tensor([1, 2])
  const seen = outermost(() => {
    expect(() => x.cumsum(7)).toThrow()
    x.neg()
  })
  expect(seen.map((c) => [c.op.name, c.depth])).toEqual([['neg', 0]])
})

test('several listeners, and none after they stopped', () => {
  const counts = [0, 0]
  const x = rand([2])
  const stops = [listen(() => counts[0]!++), listen(() => counts[1]!++)]
  x.neg()
  stops[0]?.()
  x.neg()
  stops[1]?.()
  x.neg()
  expect(counts).toEqual([1, 2])
})
