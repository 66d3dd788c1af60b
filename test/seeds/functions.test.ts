/** Custom operations, errors and printing as the tutorials write them: cases 34 to 40. (33 needs PyTorch's file format.) */
import { add, arange, autograd, manualSeed, mm, nn, noGrad, ones, rand, sqrt, type Tensor, tensor, zeros } from 'tenzo'
import { decodeTensor } from '../helpers/goldens'
import { expectClose, messageOf, printed, want } from '../helpers/seeds'

class ChannelWiseNormalization extends autograd.Function {
  static forward(ctx: autograd.Context, x: Tensor, eps: number) {
    const mean = x.mean([0, 2, 3], { keepdim: true })
    const std = sqrt(x.var([0, 2, 3], { unbiased: false, keepdim: true }).add(eps))
    const y = x.sub(mean).div(std)
    ctx.saveForBackward(y, std)
    return y
  }
  static backward(ctx: autograd.Context, g: Tensor) {
    const [y, std] = ctx.savedTensors as [Tensor, Tensor]
    const over = (t: Tensor) => t.mean([0, 2, 3], { keepdim: true })
    return [
      g
        .sub(over(g))
        .sub(y.mul(over(g.mul(y))))
        .div(std),
      null,
    ]
  }
}

describe('34: a custom operation', () => {
  test('normalises each channel and knows its gradient', () => {
    const x = decodeTensor(want.normalization.x).requiresGrad_()
    const y = ChannelWiseNormalization.apply(x, 1e-5) as Tensor
    expectClose(y.detach(), want.normalization.out)
    for (let c = 0; c < 3; c++) {
      const channel = y.detach().select(1, c)
      expect(Math.abs(channel.mean().item())).toBeLessThan(1e-6)
      expect(channel.var({ unbiased: false }).item()).toBeCloseTo(1, 3)
    }
    y.mul(arange(48).to('float32').reshape([4, 3, 2, 2]))
      .sum()
      .backward()
    expectClose(x.grad as Tensor, want.normalization.grad, 1e-4)
    expect(printed(y)).toMatch(/grad_fn=<ChannelWiseNormalizationBackward>\)$/)
  })

  test('passes gradcheck', () => {
    const x = decodeTensor(want.normalization.x).to('float64').requiresGrad_()
    expect(autograd.gradcheck((t: Tensor) => ChannelWiseNormalization.apply(t, 1e-5) as Tensor, [x])).toBe(true)
  })

  test('makes no graph under noGrad', () => {
    const x = decodeTensor(want.normalization.x).requiresGrad_()
    const y = noGrad(() => ChannelWiseNormalization.apply(x, 1e-5) as Tensor)
    expect(y.requiresGrad).toBe(false)
    expect(y.gradFn).toBeNull()
  })

  test('names both counts when backward returns too many or too few', () => {
    class Wrong extends autograd.Function {
      static forward(_: autograd.Context, x: Tensor, y: Tensor) {
        return x.mul(y)
      }
      static backward(_: autograd.Context, g: Tensor): (Tensor | null)[] {
        return [g, g, g]
      }
    }
    class Few extends Wrong {
      static override backward(_: autograd.Context, g: Tensor) {
        return [g]
      }
    }
    const a = ones([2]).requiresGrad_()
    const b = ones([2]).requiresGrad_()
    expect(messageOf(() => (Wrong.apply(a, b) as Tensor).sum().backward())).toBe(want.too_many_gradients)
    expect(messageOf(() => (Few.apply(a, b) as Tensor).sum().backward())).toBe(want.too_few_gradients)
  })
})

test('35: a saved tensor changed in place', () => {
  const x = ones([3]).requiresGrad_()
  const y = x.mul(2)
  const z = y.mul(y)
  y.add_(1)
  const said = messageOf(() => z.sum().backward())
  expect(said).toMatch(
    /^one of the variables needed for gradient computation has been modified by an inplace operation: /,
  )
  expect(said).toContain('is at version 1; expected version 0 instead')
})

describe('36: what ctx can say', () => {
  test('needsInputGrad', () => {
    const seen: boolean[][] = []
    class Product extends autograd.Function {
      static forward(ctx: autograd.Context, x: Tensor, y: Tensor) {
        seen.push([...ctx.needsInputGrad])
        ctx.saveForBackward(x, y)
        return x.mul(y)
      }
      static backward(ctx: autograd.Context, g: Tensor) {
        const [x, y] = ctx.savedTensors as [Tensor, Tensor]
        return [ctx.needsInputGrad[0] ? g.mul(y) : null, ctx.needsInputGrad[1] ? g.mul(x) : null]
      }
    }
    const x = tensor([2, 3], { requiresGrad: true })
    ;(Product.apply(x, tensor([5, 7])) as Tensor).sum().backward()
    expect(seen[0]).toEqual([true, false])
    expect((x.grad as Tensor).toArray()).toEqual([5, 7])
  })

  test('markDirty', () => {
    class Doubled extends autograd.Function {
      static forward(ctx: autograd.Context, x: Tensor) {
        x.mul_(2)
        ctx.markDirty(x)
        return x
      }
      static backward(_: autograd.Context, g: Tensor) {
        return g.mul(2)
      }
    }
    const x = tensor([1, 2], { requiresGrad: true })
    const y = x.clone()
    const z = Doubled.apply(y) as Tensor
    expect(z).toBe(y)
    z.sum().backward()
    expect((x.grad as Tensor).toArray()).toEqual([2, 2])
  })

  test('markNonDifferentiable and setMaterializeGrads', () => {
    let second: Tensor | null | undefined
    class Sorted extends autograd.Function {
      static forward(ctx: autograd.Context, x: Tensor) {
        const { values, indices } = x.sort()
        ctx.markNonDifferentiable(indices)
        ctx.setMaterializeGrads(false)
        ctx.saveForBackward(indices)
        return [values, indices]
      }
      static backward(ctx: autograd.Context, g: Tensor, gi: Tensor | null) {
        second = gi
        const [indices] = ctx.savedTensors as [Tensor]
        return zeros([...g.shape]).scatter(0, indices, g)
      }
    }
    const x = tensor([3, 1, 2], { requiresGrad: true })
    const [values, indices] = Sorted.apply(x) as [Tensor, Tensor]
    expect(values.requiresGrad).toBe(true)
    expect(indices.requiresGrad).toBe(false)
    values
      .mul(tensor([1, 2, 3]))
      .sum()
      .backward()
    expect((x.grad as Tensor).toArray()).toEqual([3, 1, 2])
    expect(second ?? null).toBeNull()
  })

  test('double backward', () => {
    class Cube extends autograd.Function {
      static forward(ctx: autograd.Context, x: Tensor) {
        ctx.saveForBackward(x)
        return x.pow(3)
      }
      static backward(ctx: autograd.Context, g: Tensor) {
        const [x] = ctx.savedTensors as [Tensor]
        return g.mul(x.pow(2)).mul(3)
      }
    }
    const x = tensor([2], { requiresGrad: true })
    const [first] = autograd.grad((Cube.apply(x) as Tensor).sum(), x, { createGraph: true }) as [Tensor]
    expect(first.item()).toBe(12)
    const [again] = autograd.grad(first.sum(), x) as [Tensor]
    expect(again.item()).toBe(12)
  })
})

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
