/** Parameters, buffers, initialisation, tying and state as the tutorials write them: cases 19 to 32. */
import { manualSeed, nn, noGrad, ones, optim, rand, type Tensor, zeros } from 'tenzo'
import { expectClose, expectSameBits, inOwnWords, messageOf, printed, want } from '../helpers/seeds'

function smallNet() {
  manualSeed(0)
  return new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1))
}

function sharedNet() {
  manualSeed(0)
  const shared = new nn.Linear(8, 8)
  const net = new nn.Sequential(
    new nn.Linear(4, 8),
    new nn.ReLU(),
    shared,
    new nn.ReLU(),
    shared,
    new nn.ReLU(),
    new nn.Linear(8, 1),
  )
  return { shared, net }
}

test('19: the state of a layer', () => {
  const net = smallNet()
  const x = rand([2, 4])
  expect(printed(net(x))).toBe(want.net.out)
  expect(printed(net[2].stateDict())).toBe(want.net.state)
  expect(printed(net.stateDict())).toBe(want.net.all)
})

test('20: a parameter, its data, its gradient', () => {
  const net = smallNet()
  expect(printed(net[2].bias)).toBe(want.net.bias)
  expect(printed((net[2].bias as nn.Parameter).data)).toBe(want.net.bias_data)
  expect(net[2].weight.grad).toBeNull()
})

test('21: named parameters in order of registration', () => {
  const net = smallNet()
  expect([...net[0].namedParameters()].map(([name, p]) => [name, [...p.shape]])).toEqual(want.net.named)
  expect([...net.namedParameters()].map(([name]) => name)).toEqual(want.net.names)
})

function initNormal(m: nn.Module) {
  if (m instanceof nn.Linear) {
    nn.init.normal_(m.weight, { mean: 0, std: 0.01 })
    nn.init.zeros_(m.bias as Tensor)
  }
}

test('22: apply visits children first', () => {
  const net = smallNet()
  manualSeed(0)
  net.apply(initNormal)
  expect(printed(net[0].weight.data.at(0))).toBe(want.init_normal[0])
  expect((net[0].bias as Tensor).abs().sum().item()).toBe(0)
  const order: string[] = []
  net.apply((m) => {
    order.push(m.constructor.name)
  })
  expect(order).toEqual(['Linear', 'ReLU', 'Linear', 'Sequential'])
})

test('23: different blocks, different initialisers', () => {
  const net = smallNet()
  manualSeed(0)
  net[0].apply((m) => {
    if (m instanceof nn.Linear) nn.init.xavierUniform_(m.weight)
  })
  net[2].apply((m) => {
    if (m instanceof nn.Linear) nn.init.constant_(m.weight, 42)
  })
  expectSameBits(net[0].weight.data.at(0), want.xavier)
  expect(net[0].weight.abs().max().item()).toBeLessThanOrEqual(Math.sqrt(6 / 12))
  expect(printed(net[2].weight.data)).toBe(want.init_42)
})

test('24: an initialiser of one’s own', () => {
  const net = smallNet()
  const lines: string[] = []
  function myInit(m: nn.Module) {
    if (m instanceof nn.Linear) {
      const [name, param] = [...m.namedParameters()][0] as [string, nn.Parameter]
      lines.push(`Init ${name} [${param.shape.join(', ')}]`)
      nn.init.uniform_(m.weight, { a: -10, b: 10 })
      m.weight.data.mul_(m.weight.data.abs().ge(5))
    }
  }
  manualSeed(0)
  net.apply(myInit)
  expect(lines).toEqual(['Init weight [8, 4]', 'Init weight [1, 8]'])
  expect(printed(net[0].weight.data.narrow(0, 0, 2))).toBe(want.my_init.replace(', grad_fn=<SliceBackward0>', ''))
  expect(net[0].weight.dtype).toBe('float32')
})

test('25: a leaf is not changed in place while recorded', () => {
  const layer = new nn.Linear(2, 2)
  expect(messageOf(() => layer.weight.mul_(2))).toBe(want.leaf_in_place)
  const before = layer.weight.at(0, 0).item()
  layer.weight.data.mul_(2)
  noGrad(() => {
    layer.weight.mul_(2)
  })
  expect(layer.weight.at(0, 0).item()).toBeCloseTo(before * 4)
})

test('26: tied layers', () => {
  const { net } = sharedNet()
  net(rand([2, 4]))
  const rows = () => net[2].weight.data.at(0).eq(net[4].weight.data.at(0)).all().item()
  expect(rows()).toBeTruthy()
  net[2].weight.data.set([0, 0], 100)
  expect(net[4].weight.at(0, 0).item()).toBe(100)
  expect(rows()).toBeTruthy()
  expect(net[2] === net[4]).toBe(true)
})

test('27: what a tied layer counts', () => {
  const { shared, net } = sharedNet()
  expect(printed(net)).toBe(want.shared.print)
  expect([...net.namedParameters()].map(([name]) => name)).toEqual(want.shared.names)
  const state = net.stateDict()
  expect([...state.keys()]).toEqual(want.shared.keys)
  expect((state.get('2.weight') as Tensor).sharesStorage(state.get('4.weight') as Tensor)).toBe(true)
  let visits = 0
  net.apply((m) => {
    if (m === shared) visits++
  })
  expect(visits).toBe(1)
  const sgd = new optim.SGD(net.parameters(), { lr: 0.1 })
  expect(sgd.paramGroups[0]!.params).toHaveLength(6)
  net(rand([2, 4]))
    .sum()
    .backward()
  expectClose(shared.weight.grad as Tensor, want.shared.gradient)
})

// 28 needs files: the safetensors half is in test/io, PyTorch's own format is not part of this stage.

class Running extends nn.Module {
  declare runningMean: Tensor
  constructor() {
    super()
    this.registerBuffer('runningMean', zeros([20]))
  }
  forward(x: Tensor) {
    this.runningMean = this.runningMean.mul(0.9).add(x.mean(0).mul(0.1))
    return x.sub(this.runningMean)
  }
}

test('29: a buffer', () => {
  const layer = new Running()
  const y = layer(ones([4, 20]))
  expect(y.at(0, 0).item()).toBeCloseTo(0.9, 6)
  expect(layer.runningMean.at(0).item()).toBeCloseTo(0.1, 6)
  expect([...layer.namedBuffers()].map(([name]) => name)).toEqual(['runningMean'])
  expect([...layer.buffers()][0]).toBe(layer.runningMean)
  expect([...layer.stateDict().keys()]).toEqual(['runningMean'])
  expect([...layer.parameters()]).toEqual([])
})

test('30: a buffer that chains graphs, and the right way', () => {
  const chained = new Running()
  const x = ones([4, 20]).requiresGrad_()
  const step = (layer: Running) => layer(x).pow(2).sum().backward()
  step(chained)
  expect(messageOf(() => step(chained))).toMatch(/^Trying to backward through the graph a second time/)
  class Right extends Running {
    override forward(x: Tensor) {
      noGrad(() => {
        this.runningMean = this.runningMean.mul(0.9).add(x.mean(0).mul(0.1))
      })
      return x.sub(this.runningMean)
    }
  }
  const right = new Right()
  for (let i = 0; i < 1000; i++) step(right)
  expect(right.runningMean.requiresGrad).toBe(false)
  expect(right.runningMean.at(0).item()).toBeCloseTo(1, 5)
})

test('31: a buffer that is not saved', () => {
  class Scratch extends nn.Module {
    constructor() {
      super()
      this.registerBuffer('scratch', zeros([2]), { persistent: false })
    }
  }
  const layer = new Scratch()
  expect([...layer.buffers()]).toHaveLength(1)
  expect(layer.stateDict().size).toBe(0)
})

test('32: a state dict loaded back, and all mismatches at once', () => {
  const net = smallNet()
  const clone = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1))
  expect(printed(clone.loadStateDict(net.stateDict()))).toBe(want.loaded)
  clone.eval()
  const x = rand([2, 4])
  expect(clone(x).equal(net(x))).toBe(true)

  const other = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2))
  const state = net.stateDict()
  state.set('3.weight', zeros([1]))
  state.delete('0.bias')
  expect(inOwnWords(messageOf(() => other.loadStateDict(state)))).toBe(inOwnWords(want.load_errors))

  const lists = other.stateDict()
  lists.delete('0.bias')
  lists.set('more', zeros([1]))
  const result = other.loadStateDict(lists, { strict: false })
  expect(result.missingKeys).toEqual(want.load_lists.missing)
  expect(result.unexpectedKeys).toEqual(want.load_lists.unexpected)
})
