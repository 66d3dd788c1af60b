/** Layers, blocks and containers as the tutorials write them: cases 1 to 18. */
import {
  ArgumentError,
  autograd,
  exp,
  IndexError,
  manualSeed,
  matmul,
  mm,
  nn,
  ones,
  optim,
  rand,
  randn,
  relu,
  type Tensor,
  tensor,
  zeros,
} from 'tenzo'
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
    return relu(matmul(x, this.weight).add(this.bias))
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
      x.div_(2)
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
  expect(printed(layer.stateDict())).toBe('OrderedDict()')
  expect([...layer.parameters()]).toEqual([])
})

test('3: the mean of integers has no dtype', () => {
  const said =
    'mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long'
  expect(want.mean_of_ints).toBe(said)
  expect(messageOf(() => tensor([1n, 2n]).mean())).toBe(said)
  expect(messageOf(() => new CenteredLayer()(tensor([1n, 2n, 3n])))).toBe(said)
})

test('4: it joins a larger model', () => {
  manualSeed(0)
  const net = new nn.Sequential(new nn.Linear(8, 128), new CenteredLayer())
  const mean = net(rand([4, 8])).mean()
  expect(Math.abs(mean.item())).toBeLessThan(1e-7)
  expect(printed(mean)).toMatch(/^tensor\(\S+, grad_fn=<MeanBackward0>\)$/)
  expect(net[0].weight.shape).toEqual([128, 8])
  expect(printed(net)).toBe(want.centered_net.print)
})

test('5: a layer with parameters draws PyTorch’s values', () => {
  manualSeed(0)
  const layer = new MyLinear(5, 3)
  expect(printed(layer.weight)).toBe(want.my_linear.weight)
  expect(want.my_linear.weight).toMatch(
    /^Parameter containing:\ntensor\(\[\[ 1\.5410, -0\.2934, -2\.1788\],\n {8}\[ 0\.5684, -1\.0845, -1\.3986\],\n.*requires_grad=True\)$/s,
  )
  expect(printed(layer.bias)).toBe(want.my_linear.bias)
  expect(printed(layer)).toBe(want.my_linear.print)
})

test('6: through .data it works and gives no gradient', () => {
  class ThroughData extends MyLinear {
    override forward(x: Tensor) {
      return relu(matmul(x, this.weight.data).add(this.bias.data))
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

  const x = decodeTensor(want.my_linear.x)
  const sgd = new optim.SGD(layer.parameters(), { lr: 0.1 })
  want.my_linear.losses.forEach((recorded: number) => {
    sgd.zeroGrad()
    const loss = layer(x).sub(1).pow(2).mean()
    loss.backward()
    sgd.step()
    expect(Math.abs(loss.item() / recorded - 1)).toBeLessThan(1e-6)
  })
})

test('8: custom and built-in layers mix', () => {
  manualSeed(0)
  const net = new nn.Sequential(new MyLinear(64, 8), new MyLinear(8, 1))
  const y = net(rand([2, 64]))
  expect(y.shape).toEqual([2, 1])
  expect(printed(y)).toBe(want.my_linear_net.out)
  expect(printed(net)).toBe(want.my_linear_net.print)
  const mixed = new nn.Sequential(new MyLinear(4, 8), new nn.ReLU(), new nn.Linear(8, 3))
  expect(mixed(rand([2, 4])).shape).toEqual([2, 3])
  expect([...mixed.namedParameters()].map(([name]) => name)).toEqual(['0.weight', '0.bias', '2.weight', '2.bias'])
})

test('9: a block with fields', () => {
  const lines = [
    'MLP(',
    '  (hidden): Linear(in_features=20, out_features=256, bias=True)',
    '  (out): Linear(in_features=256, out_features=10, bias=True)',
    ')',
  ]
  expect(printed(new MLP())).toBe(lines.join('\n'))
  expect(want.mlp).toBe(lines.join('\n'))
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

  // The tutorial's own slip: the block itself as the name.
  const [module, number] = want.module_names.map((said: string) => said.replace(/ \S+$/, ''))
  const before = printed(own)
  for (const [name, said] of [
    [new nn.ReLU(), module],
    [0, number],
  ]) {
    const add = () => own.addModule(name as string, new nn.ReLU())
    expect(add).toThrow(ArgumentError)
    expect(messageOf(add)).toMatch(new RegExp(`^${said} \\S+$`))
  }
  expect(printed(own)).toBe(before)
})

test('11: one block passed twice runs twice and shares its parameters', () => {
  const block = new nn.Linear(4, 4)
  const net = new MySequential(block, block)
  const x = rand([2, 4])
  const y = net(x)
  expect(y.equal(block(block(x)))).toBe(true)
  expect([...net.parameters()]).toHaveLength(2)
  expect(net.getSubmodule('0')).toBe(net.getSubmodule('1'))
  expect([...net.stateDict().keys()]).toEqual(['0.weight', '0.bias', '1.weight', '1.bias'])

  y.sum().backward()
  const copy = new nn.Linear(4, 4)
  copy.loadStateDict(block.stateDict())
  const other = new nn.Linear(4, 4)
  other.loadStateDict(block.stateDict())
  other(copy(x)).sum().backward()
  const both = (copy.weight.grad as Tensor).add(other.weight.grad as Tensor)
  expect((block.weight.grad as Tensor).allclose(both)).toBe(true)
})

test('12: control flow and constants in forward', () => {
  manualSeed(0)
  const net = new FixedHiddenMLP()
  const out = net(rand([2, 20]))
  expect(printed(out)).toBe('tensor(0.0117, grad_fn=<SumBackward0>)')
  expect(Math.abs(out.item() - want.fixed_hidden.value)).toBeLessThan(1e-6)
  expect(net.halvings).toBe(4)
  expect(want.fixed_hidden.halvings).toBe(4)
  out.backward()
  const gradient = (net.linear.weight.grad as Tensor).abs().sum().item()
  expect(Math.abs(gradient / want.fixed_hidden.gradient - 1)).toBeLessThan(1e-5)
  expect(gradient.toFixed(4)).toBe('37.7626')
  expect(net.randWeight.grad).toBeNull()
  expect([...net.stateDict().keys()]).toEqual(['linear.weight', 'linear.bias'])
})

test('13: a plain tensor field is neither parameter nor buffer', () => {
  const net = new FixedHiddenMLP()
  expect([...net.namedParameters()].map(([name]) => name)).toEqual(['linear.weight', 'linear.bias'])
  expect([...net.parameters()]).not.toContain(net.randWeight)
  expect([...net.namedBuffers()]).toEqual([])
  expect([...net.buffers()]).toEqual([])
  expect([...net.namedModules()].map(([name]) => name)).toEqual(['', 'linear'])
  expect([...net.stateDict().keys()]).toEqual(['linear.weight', 'linear.bias'])
  expect(printed(net)).not.toContain('randWeight')
})

test('14: indexing a Sequential', () => {
  const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1))
  expect(net[2]).toBeInstanceOf(nn.Linear)
  expect(net.at(2)).toBe(net[2])
  expect(net.at(-1)).toBe(net[2])
  expect(net.at(-3)).toBe(net[0])
  // @ts-expect-error there is no fourth module
  expect(net[3]).toBeUndefined()
  const part = net.slice(0, 1)
  expect(part).toBeInstanceOf(nn.Sequential)
  expect(part).toHaveLength(1)
  expect(part.at(0)).toBe(net[0])
  expect(printed(part)).toBe('Sequential(\n  (0): Linear(in_features=4, out_features=8, bias=True)\n)')
  expect([...net.slice(-2)]).toEqual([net[1], net[2]])
  expect([...net.slice(0, -1)]).toEqual([net[0], net[1]])
  expect(printed(net.slice(3))).toBe('Sequential()')
  expect(want.past_the_end).toBe('index 3 is out of range')
  expect(() => net.at(3)).toThrow(IndexError)
  expect(messageOf(() => net.at(3))).toBe('index 3 is out of range')
  expect(messageOf(() => net.at(-4))).toBe(want.before_the_start)
  expect(() => net.at(1.5)).toThrow(ArgumentError)
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
  const x = ones([3, 10])
  const y = layer(x)
  expect(y.shape).toEqual([3, 10])
  expect(y.equal(x.add(layer.parameter))).toBe(true)
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
  const [before, after] = want.assign_tensor.split("'torch.FloatTensor'")
  expect(messageOf(assign)).toBe(
    `${before}'FloatTensor'${after.replace('torch.nn.Parameter or None', 'Parameter or null')}`,
  )
  expect(messageOf(() => layer.stateDict())).toMatch(/^cannot assign/)
  layer.weight = new nn.Parameter(zeros([2, 2]))
  expect([...layer.parameters()]).toHaveLength(2)
})

test('17: a module without forward', () => {
  class D extends nn.Module {}
  const call = () => (new D() as unknown as (x: Tensor) => Tensor)(ones([1]))
  expect(messageOf(call)).toBe('Module [D] is missing the required "forward" function')
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
  expect(printed(y.detach())).toBe('tensor([0.0000, 0.2689, 0.5000, 0.7311, 1.0000])')
  expect(want.my_activation.out).toBe('tensor([0.0000, 0.2689, 0.5000, 0.7311, 1.0000])')
  y.sum().backward()
  expectClose(x.grad as Tensor, want.my_activation.grad)
  expect((x.grad as Tensor).at(0).item()).toBeNaN()
  const z = tensor(values, { requiresGrad: true })
  z.sigmoid().sum().backward()
  expectClose(z.grad as Tensor, want.sigmoid_grad)
  expect((z.grad as Tensor).at(0).item()).toBe(0)
  const naive = () =>
    autograd.detectAnomaly(() => {
      const again = tensor(values, { requiresGrad: true })
      new MyActivation()(again).sum().backward()
    })
  const [said, ...where] = messageOf(naive).split('\n')
  expect(said).toBe(want.anomaly)
  expect(where.join('\n')).toContain('MyActivation.forward')
})
