/** Layers, blocks and containers as the tutorials write them: cases 1 to 18. */
import { autograd, exp, manualSeed, matmul, mm, nn, ones, rand, randn, type Tensor, tensor, zeros } from 'tenzo'
import { decodeTensor } from '../helpers/goldens'
import { expectClose, messageOf, printed, want } from '../helpers/seeds'

const F = nn.functional

class CenteredLayer extends nn.Module {
  forward(x: Tensor) {
    return x.sub(x.mean())
  }
}

class MyLinear extends nn.Module {
  weight: nn.Parameter
  bias: nn.Parameter
  constructor(inUnits: number, units: number) {
    super()
    this.weight = new nn.Parameter(randn([inUnits, units]))
    this.bias = new nn.Parameter(randn([units]))
  }
  forward(x: Tensor) {
    return F.relu(matmul(x, this.weight).add(this.bias))
  }
}

class MLP extends nn.Module {
  hidden = new nn.Linear(20, 256)
  out = new nn.Linear(256, 10)
  forward(x: Tensor) {
    return this.out(F.relu(this.hidden(x)))
  }
}

class MySequential extends nn.Module {
  blocks: number
  constructor(...blocks: nn.Module[]) {
    super()
    this.blocks = blocks.length
    blocks.forEach((block, i) => {
      this.addModule(String(i), block)
    })
  }
  forward(x: Tensor): Tensor {
    let y = x
    // By name: children() gives a block that was passed twice only once, as in PyTorch.
    for (let i = 0; i < this.blocks; i++) y = (this.getSubmodule(String(i)) as unknown as (x: Tensor) => Tensor)(y)
    return y
  }
}

class FixedHiddenMLP extends nn.Module {
  randWeight = rand([20, 20])
  linear = new nn.Linear(20, 20)
  halvings = 0
  forward(x: Tensor) {
    x = this.linear(x)
    x = F.relu(mm(x, this.randWeight).add(1))
    x = this.linear(x)
    while (x.abs().sum().item() > 1) {
      x = x.div(2)
      this.halvings++
    }
    return x.sum()
  }
}

test('1: a layer without parameters', () => {
  const layer = new CenteredLayer()
  expect(printed(layer(tensor([1, 2, 3, 4, 5])))).toBe('tensor([-2., -1.,  0.,  1.,  2.])')
  expect(printed(layer.forward(tensor([1, 2, 3, 4, 5])))).toBe(want.centered)
})

test('2: it prints, and has no state', () => {
  const layer = new CenteredLayer()
  expect(printed(layer)).toBe('CenteredLayer()')
  expect(layer.stateDict().size).toBe(0)
  expect([...layer.parameters()]).toEqual([])
})

test('3: the mean of integers has no dtype', () => {
  expect(messageOf(() => tensor([1n, 2n]).mean())).toBe(want.mean_of_ints)
})

test('4: it joins a larger model', () => {
  manualSeed(0)
  const net = new nn.Sequential(new nn.Linear(8, 128), new CenteredLayer())
  const mean = net(rand([4, 8])).mean()
  expect(Math.abs(mean.item())).toBeLessThan(1e-7)
  expect(printed(mean)).toMatch(/^tensor\(.*, grad_fn=<MeanBackward0>\)$/)
  expect([...net[0].weight.shape]).toEqual([128, 8])
  expect(printed(net)).toBe(want.centered_net.print)
})

test('5: a layer with parameters draws PyTorch’s values', () => {
  manualSeed(0)
  const layer = new MyLinear(5, 3)
  expect(printed(layer.weight)).toBe(want.my_linear.weight)
  expect(printed(layer.bias)).toBe(want.my_linear.bias)
  expect(printed(layer)).toBe(want.my_linear.print)
})

test('6: through .data it works and gives no gradient', () => {
  class ThroughData extends MyLinear {
    override forward(x: Tensor) {
      return F.relu(matmul(x, this.weight.data).add(this.bias.data))
    }
  }
  manualSeed(0)
  const layer = new ThroughData(5, 3)
  const y = layer(decodeTensor(want.my_linear.x))
  expectClose(y, want.my_linear.out)
  expect(y.requiresGrad).toBe(false)
  expect(messageOf(() => y.sum().backward())).toBe(
    'element 0 of tensors does not require grad and does not have a grad_fn',
  )
})

test('7: without .data it trains', () => {
  manualSeed(0)
  const layer = new MyLinear(5, 3)
  const y = layer(decodeTensor(want.my_linear.x))
  expectClose(y.detach(), want.my_linear.out)
  y.sum().backward()
  expectClose(layer.weight.grad as Tensor, want.my_linear.grad)
})

test('8: custom and built-in layers mix', () => {
  manualSeed(0)
  const net = new nn.Sequential(new MyLinear(64, 8), new MyLinear(8, 1))
  const y = net(rand([2, 64]))
  expect([...y.shape]).toEqual([2, 1])
  expect(printed(y)).toBe(want.my_linear_net.out)
  expect(printed(net)).toBe(want.my_linear_net.print)
  expect([...new nn.Sequential(new MyLinear(4, 8), new nn.ReLU(), new nn.Linear(8, 3))(rand([2, 4])).shape]).toEqual([
    2, 3,
  ])
})

test('9: a block with fields', () => {
  expect(printed(new MLP())).toBe(want.mlp)
  manualSeed(0)
  const net = new MLP()
  expect(printed(net(rand([2, 20])))).toBe(want.mlp_out)
  expect(printed(new nn.Sequential(net, new nn.Linear(16, 20), new FixedHiddenMLP()))).toBe(want.nested)
})

test('10: a Sequential of one’s own', () => {
  manualSeed(0)
  const own = new MySequential(new nn.Linear(20, 256), new nn.ReLU(), new nn.Linear(256, 10))
  manualSeed(0)
  const built = new nn.Sequential(new nn.Linear(20, 256), new nn.ReLU(), new nn.Linear(256, 10))
  const x = rand([2, 20])
  expect(own(x).equal(built(x))).toBe(true)
  expect([...own.namedParameters()].map(([name]) => name)).toEqual(['0.weight', '0.bias', '2.weight', '2.bias'])
  const block = new nn.ReLU()
  expect(() => own.addModule(block as unknown as string, block)).toThrow(/name/)
})

test('11: one block passed twice runs twice and shares its parameters', () => {
  const block = new nn.Linear(4, 4)
  const net = new MySequential(block, block)
  const x = rand([2, 4])
  expect(net(x).equal(block(block(x)))).toBe(true)
  expect([...net.parameters()]).toHaveLength(2)
})

test('12: control flow and constants in forward', () => {
  manualSeed(0)
  const net = new FixedHiddenMLP()
  const out = net(rand([2, 20]))
  expect(printed(out)).toBe('tensor(0.0117, grad_fn=<SumBackward0>)')
  expect(Math.abs(out.item() - want.fixed_hidden.value)).toBeLessThan(1e-6)
  expect(net.halvings).toBe(want.fixed_hidden.halvings)
  out.backward()
  const gradient = (net.linear.weight.grad as Tensor).abs().sum().item()
  expect(Math.abs(gradient / want.fixed_hidden.gradient - 1)).toBeLessThan(1e-5)
  expect(net.randWeight.grad).toBeNull()
  expect([...net.stateDict().keys()]).toEqual(['linear.weight', 'linear.bias'])
})

test('13: a plain tensor field is neither parameter nor buffer', () => {
  const net = new FixedHiddenMLP()
  expect([...net.namedParameters()].map(([name]) => name)).not.toContain('randWeight')
  expect([...net.namedBuffers()]).toEqual([])
  expect(net.stateDict().has('randWeight')).toBe(false)
})

test('14: indexing a Sequential', () => {
  const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1))
  expect(net[2]).toBeInstanceOf(nn.Linear)
  expect(net.at(-1)).toBe(net[2])
  const part = net.slice(0, 1)
  expect(part).toBeInstanceOf(nn.Sequential)
  expect(part).toHaveLength(1)
  expect(part.at(0)).toBe(net[0])
  expect(messageOf(() => net.at(3))).toBe('index 3 is out of range')
  expect(messageOf(() => net.at(-4))).toBe(want.before_the_start)
})

test('15: a parameter field registers itself', () => {
  class CustomLayer extends nn.Module {
    parameter = new nn.Parameter(randn([10]))
    forward(x: Tensor) {
      return x.add(this.parameter)
    }
  }
  const layer = new CustomLayer()
  expect(printed(layer)).toBe('CustomLayer()')
  expect([...layer(zeros([3, 10])).shape]).toEqual([3, 10])
  const listed = [...layer.namedParameters()]
  expect(listed.map(([name]) => name)).toEqual(['parameter'])
  expect(listed[0]![1]).toBe(layer.parameter)
})

test('16: a plain tensor cannot take a parameter’s name', () => {
  const layer = new nn.Linear(2, 2)
  const assign = () => {
    ;(layer as { weight: Tensor }).weight = zeros([2, 2])
    return [...layer.parameters()]
  }
  expect(messageOf(assign)).toMatch(/cannot assign .* as parameter 'weight' \(.*Parameter or null expected\)/)
})

test('17: a module without forward', () => {
  class D extends nn.Module {}
  const call = () => (new D() as unknown as (x: Tensor) => Tensor)(ones([1]))
  expect(messageOf(call)).toContain('Module [D] is missing the required "forward" function')
})

test('18: a custom activation, its NaN gradient, and sigmoid’s', () => {
  class MyActivation extends nn.Module {
    forward(x: Tensor) {
      return exp(x.neg()).add(1).reciprocal()
    }
  }
  const values = [-100, -1, 0, 1, 100]
  const x = tensor(values, { requiresGrad: true })
  const y = new MyActivation()(x)
  expect(printed(y.detach())).toBe(want.my_activation.out)
  y.sum().backward()
  expectClose(x.grad as Tensor, want.my_activation.grad)
  const z = tensor(values, { requiresGrad: true })
  z.sigmoid().sum().backward()
  expectClose(z.grad as Tensor, want.sigmoid_grad)
  const naive = () =>
    autograd.detectAnomaly(() => {
      const again = tensor(values, { requiresGrad: true })
      new MyActivation()(again).sum().backward()
    })
  expect(messageOf(naive)).toMatch(/Function '\w+Backward0' returned nan values in its 0th output/)
})
