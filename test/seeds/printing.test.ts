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
  type Tensor,
  tensor,
  zeros,
} from 'tenzo'
import { expectClose, messageOf, printed, want } from '../helpers/seeds'

test('37: shapes that do not fit', () => {
  expect(messageOf(() => add(ones([2, 3]), ones([2, 4])))).toBe(want.broadcast)
  expect(messageOf(() => mm(ones([2, 4]), ones([3, 2])))).toBe(want.mm)
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

test('40: train and eval', () => {
  manualSeed(0)
  const net = new nn.Sequential(new nn.Linear(4, 8), new nn.BatchNorm1d(8), new nn.Dropout({ p: 0.5 }))
  expect([...net.modules()].every((m) => m.training)).toBe(true)
  net.eval()
  expect([...net.modules()].some((m) => m.training)).toBe(false)
  manualSeed(0)
  const x = rand([6, 4])
  const y = net(x)
  expectClose(y.detach(), want.eval)
  expect(net(x).equal(y)).toBe(true)
  net.train()
  expect(net[2].training).toBe(true)
  expect(
    net[2](ones([1000]))
      .eq(0)
      .sum()
      .item(),
  ).toBeGreaterThan(300)
  net[1](net[0](x))
  expect((net[1].numBatchesTracked as Tensor).item()).toBe(1)
})
