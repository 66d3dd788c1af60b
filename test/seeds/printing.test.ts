/** Errors of shape, printing and modes as the tutorials write them: cases 37 to 40. */
import {
  add,
  arange,
  getPrintOptions,
  manualSeed,
  matmul,
  mm,
  nn,
  ones,
  rand,
  setPrintOptions,
  ShapeError,
  linspace,
  type PrintOptionsInput,
  type Tensor,
  tensor,
  zeros,
} from 'tenzo'
import { camelCase } from '../helpers/goldens'
import { expectClose, expectSameBits, messageOf, printed, want } from '../helpers/seeds'

test('37: shapes that do not fit', () => {
  const broadcast = 'The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1'
  const product = 'mat1 and mat2 shapes cannot be multiplied (2x4 and 3x2)'
  expect([want.broadcast, want.mm]).toEqual([broadcast, product])
  for (const f of [() => add(ones([2, 3]), ones([2, 4])), () => ones([2, 3]).add_(ones([2, 4]))]) {
    expect(f).toThrow(ShapeError)
    expect(messageOf(f)).toBe(broadcast)
  }
  for (const f of [
    () => mm(ones([2, 4]), ones([3, 2])),
    () => matmul(ones([2, 4]), ones([3, 2])),
    () => ones([2, 4]).matmul(ones([3, 2])),
    () => new nn.Linear(3, 2)(ones([2, 4])),
  ]) {
    expect(f).toThrow(ShapeError)
    expect(messageOf(f)).toBe(product)
  }
  expect(messageOf(() => Number(ones([2])) > 1)).toBe(want.ambiguous)
  expect(messageOf(() => ones([2]).requiresGrad_().mul(2).backward())).toBe(want.not_scalar)
  const y = ones([3]).requiresGrad_()
  const loss = y.mul(y).sum()
  loss.backward()
  expect(messageOf(() => loss.backward())).toMatch(/^Trying to backward through the graph a second time/)
})

test('38: printing tensors', () => {
  const got = {
    ints: arange(6).reshape([2, 3]),
    large_ratio: tensor([1e-5, 1, 1e5]),
    nan_inf: tensor([Number.NaN, Number.POSITIVE_INFINITY, -1.5]),
    empty: zeros([0, 3]),
    scalar: tensor(Math.PI),
    double: tensor([1.5], { dtype: 'float64' }),
    bool: tensor([true, false]),
    grad: ones([2]).requiresGrad_(),
    grad_fn: ones([2]).requiresGrad_().mul(2),
    summary: arange(2000).to('float32').reshape([40, 50]),
    wide: arange(30).to('float32').mul(100.5),
    cube: zeros([2, 2, 2]),
    whole: tensor([1, 2, 3]),
    minus_zero: tensor([-0, 1]),
    uint8: tensor([1, 255], { dtype: 'uint8' }),
  }
  const shown = Object.fromEntries(Object.entries(got).map(([name, t]) => [name, printed(t)]))
  expect(shown).toEqual(want.tensors)
})

test.each(want.print_options as { given: PrintOptionsInput; print: string[] }[])(
  '38: printing tensors with $given',
  ({ given, print }) => {
    const before = getPrintOptions()
    try {
      setPrintOptions(Object.fromEntries(Object.entries(given).map(([k, v]) => [camelCase(k), v])))
      const shown = [linspace(0, 20, 12), tensor([1e-5, 1, 1e5]), arange(1200)].map(printed)
      expect(shown).toEqual(print)
    } finally {
      setPrintOptions(before)
    }
  },
)

describe('39: printing modules', () => {
  const made: Record<string, nn.Module[]> = {
    Linear: [new nn.Linear(3, 4), new nn.Linear(3, 4, { bias: false })],
    Conv2d: [
      new nn.Conv2d(1, 6, 5),
      new nn.Conv2d(3, 8, 3, { stride: 2, padding: 1, groups: 1, bias: false }),
      new nn.Conv2d(4, 8, [3, 5], { padding: [1, 2], dilation: 2, groups: 2, paddingMode: 'zeros' }),
      new nn.Conv2d(1, 1, 3, { padding: 'same' }),
    ],
    MaxPool2d: [new nn.MaxPool2d(2), new nn.MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true })],
    AvgPool2d: [new nn.AvgPool2d(2), new nn.AvgPool2d(3, { stride: 1, padding: 1 })],
    Flatten: [new nn.Flatten(), new nn.Flatten({ startDim: 0, endDim: 1 })],
    BatchNorm1d: [new nn.BatchNorm1d(4), new nn.BatchNorm1d(4, { eps: 1e-3, momentum: null, affine: false })],
    BatchNorm2d: [new nn.BatchNorm2d(4), new nn.BatchNorm2d(4, { trackRunningStats: false })],
    LayerNorm: [new nn.LayerNorm(4), new nn.LayerNorm([2, 3], { eps: 1e-6, elementwiseAffine: false })],
    Dropout: [new nn.Dropout(), new nn.Dropout({ p: 0.25 })],
    Embedding: [new nn.Embedding(10, 3), new nn.Embedding(10, 3, { paddingIdx: 0 })],
    ReLU: [new nn.ReLU()],
    Sigmoid: [new nn.Sigmoid()],
    Tanh: [new nn.Tanh()],
    GELU: [new nn.GELU(), new nn.GELU({ approximate: 'tanh' })],
    Softmax: [new nn.Softmax(1), new nn.Softmax(-1)],
    CrossEntropyLoss: [new nn.CrossEntropyLoss()],
    MSELoss: [new nn.MSELoss()],
    L1Loss: [new nn.L1Loss()],
    NLLLoss: [new nn.NLLLoss()],
    BCEWithLogitsLoss: [new nn.BCEWithLogitsLoss()],
  }
  test.each(Object.keys(made))('%s', (name) => {
    expect(made[name]!.map(printed)).toEqual(want.modules[name])
  })

  test('containers', () => {
    expect(
      [
        new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU(), new nn.ReLU(), new nn.Linear(2, 2)),
        new nn.ModuleList([new nn.ReLU(), new nn.ReLU(), new nn.Linear(2, 1)]),
        new nn.ModuleDict({ a: new nn.Linear(2, 2), b: new nn.Sequential(new nn.ReLU(), new nn.Tanh()) }),
        new nn.Sequential(),
        new nn.ModuleList(Array.from({ length: 4 }, () => new nn.Linear(2, 2))),
      ].map(printed),
    ).toEqual(want.containers)
  })
})

test('39: nesting and grouping', () => {
  class Block extends nn.Module {
    layers = new nn.ModuleList([new nn.ReLU(), new nn.ReLU()])
    out = new nn.Sequential(new nn.Linear(2, 1))
  }
  const lines = [
    'Block(',
    '  (layers): ModuleList(',
    '    (0-1): 2 x ReLU()',
    '  )',
    '  (out): Sequential(',
    '    (0): Linear(in_features=2, out_features=1, bias=True)',
    '  )',
    ')',
  ]
  expect(printed(new Block())).toBe(lines.join('\n'))
  expect(String(new Block())).toBe(lines.join('\n'))
})

describe('40: train and eval', () => {
  function make() {
    manualSeed(0)
    const net = new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.Dropout(0.5))
    manualSeed(0)
    return { net, x: rand([6, 4]) }
  }

  test('recurse', () => {
    class Outer extends nn.Module {
      inner = new nn.Sequential(new nn.Sequential(new nn.Dropout()), new nn.BatchNorm1d(2))
    }
    const outer = new Outer()
    const modes = () => [...outer.modules()].map((m) => m.training)
    expect(modes()).toEqual([true, true, true, true, true])
    expect(outer.eval()).toBe(outer)
    expect(modes()).toEqual([false, false, false, false, false])
    expect(outer.train()).toBe(outer)
    expect(modes()).toEqual([true, true, true, true, true])
    outer.inner.train(false)
    expect(modes()).toEqual([true, false, false, false, false])
  })

  test('Dropout and BatchNorm obey', () => {
    const { net, x } = make()
    net.eval()
    const y = net(x)
    expectClose(y.detach(), want.eval)
    expect(net(x).equal(y)).toBe(true)
    expect((net[1].numBatchesTracked as Tensor).item()).toBe(0)

    net.train()
    expectClose(net(x).detach(), want.train.out)
    expectClose(net[1].runningMean as Tensor, want.train.mean)
    expectClose(net[1].runningVar as Tensor, want.train.var)
    expect((net[1].numBatchesTracked as Tensor).item()).toBe(1)

    net.eval()
    expectClose(net(x).detach(), want.eval_after)
    expect((net[1].numBatchesTracked as Tensor).item()).toBe(1)
  })

  test('Dropout drops PyTorch’s elements, and none in evaluation', () => {
    const dropout = new nn.Dropout(0.5)
    const x = ones([1000])
    manualSeed(0)
    expectSameBits(dropout(x), want.dropped)
    expect(dropout.eval()(x).equal(x)).toBe(true)
  })
})
