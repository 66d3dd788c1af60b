/** Parameters, buffers, initialisation, tying and state as the tutorials write them: cases 19 to 32. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AutogradError,
  emptyCache,
  load,
  manualSeed,
  memoryStats,
  ModuleError,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  save,
  slice,
  StateDictError,
  type Tensor,
  tensor,
  zeros,
} from 'tenzo'
import { expectClose, expectSameBits, inOwnWords, messageOf, printed, sharedNet, want } from '../helpers/seeds'

function smallNet() {
  manualSeed(0)
  return new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1))
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
  expect(net[2].bias).toBeInstanceOf(nn.Parameter)
  expect(printed(net[2].bias)).toBe('Parameter containing:\ntensor([-0.1568], requires_grad=True)')
  expect(printed(net[2].bias)).toBe(want.net.bias)
  expect(printed((net[2].bias as nn.Parameter).data)).toBe('tensor([-0.1568])')
  expect(printed((net[2].bias as nn.Parameter).data)).toBe(want.net.bias_data)
  expect(net[2].weight.grad).toBeNull()
})

test('21: named parameters in order of registration', () => {
  const net = smallNet()
  expect([...net[0].namedParameters()].map(([name, p]) => [name, [...p.shape]])).toEqual(want.net.named)
  expect([...net.namedParameters()].map(([name]) => name)).toEqual(['0.weight', '0.bias', '2.weight', '2.bias'])
  expect(want.net.names).toEqual(['0.weight', '0.bias', '2.weight', '2.bias'])
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
  expect(printed(net[0].weight.data.at(0))).toBe('tensor([-0.0113, -0.0115, -0.0025, -0.0043])')
  expect([printed(net[0].weight.data.at(0)), printed((net[0].bias as Tensor).data.at(0))]).toEqual(want.init_normal)
  for (const layer of [net[0], net[2]]) expect((layer.bias as Tensor).abs().sum().item()).toBe(0)
  const order: string[] = []
  net.apply((m) => {
    order.push(m.constructor.name)
  })
  expect(order).toEqual(['Linear', 'ReLU', 'Linear', 'Sequential'])
  expect(net.apply(initNormal)).toBe(net)
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
  expect(printed(net[2].weight.data)).toBe('tensor([[42., 42., 42., 42., 42., 42., 42., 42.]])')
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
  const rows =
    'tensor([[-0.0000,  5.3644, -8.2305, -7.3594],\n        [-0.0000,  0.0000, -0.0000,  7.9289]], grad_fn=<SliceBackward0>)'
  expect(want.my_init).toBe(rows)
  expect(printed(net[0].weight.at(slice(null, 2)))).toBe(rows)
  expect(net[0].weight.dtype).toBe('float32')
})

test('25: a leaf is not changed in place while recorded', () => {
  const layer = new nn.Linear(2, 2)
  const before = layer.weight.detach().clone()
  expect(want.leaf_in_place).toBe('a leaf Variable that requires grad is being used in an in-place operation.')
  expect(messageOf(() => layer.weight.mul_(2))).toBe(want.leaf_in_place)
  expect(() => layer.weight.mul_(2)).toThrow(AutogradError)
  expect(layer.weight.equal(before)).toBe(true)
  layer.weight.data.mul_(2)
  noGrad(() => {
    layer.weight.mul_(2)
  })
  expect(layer.weight.equal(before.mul(4))).toBe(true)
  expect(layer.weight.requiresGrad).toBe(true)
})

test('26: tied layers', () => {
  const net = sharedNet(0)
  net(rand([2, 4]))
  const rows = () => net[2].weight.data.at(0).eq(net[4].weight.data.at(0)).all().item()
  expect(rows()).toBeTruthy()
  net[2].weight.data.set([0, 0], 100)
  expect(net[4].weight.at(0, 0).item()).toBe(100)
  expect(rows()).toBeTruthy()
  expect(net[2] === net[4]).toBe(true)
})

test('27: what a tied layer counts', () => {
  const net = sharedNet(0)
  const shared = net[2]
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

  const x = rand([2, 4])
  net(x).sum().backward()
  expectClose(shared.weight.grad as Tensor, want.shared.gradient)
  // The same net untied: the tied gradient is the sum of both.
  const [second, fourth] = [new nn.Linear(8, 8), new nn.Linear(8, 8)]
  for (const copy of [second, fourth]) copy.loadStateDict(shared.stateDict())
  const untied = new nn.Sequential(net[0], net[1], second, net[3], fourth, net[5], net[6])
  untied(x).sum().backward()
  const sum = (second.weight.grad as Tensor).add(fourth.weight.grad as Tensor)
  expect(sum.ne(0).any().item()).toBe(true)
  expect((shared.weight.grad as Tensor).allclose(sum)).toBe(true)

  // The optimizer has it once, and takes one step with it.
  const sgd = new optim.SGD(net.parameters(), { lr: 0.1 })
  expect(sgd.paramGroups[0]!.params).toHaveLength(6)
  expect(sgd.paramGroups[0]!.params.filter((p) => p === shared.weight)).toHaveLength(1)
  const stepped = shared.weight.detach().sub((shared.weight.grad as Tensor).mul(0.1))
  sgd.step()
  expect(shared.weight.allclose(stepped)).toBe(true)
})

class Running extends nn.Module {
  declare runningMean: Tensor
  constructor(features = 20) {
    super()
    this.registerBuffer('runningMean', zeros([features]))
  }
  forward(x: Tensor) {
    this.runningMean = this.runningMean.mul(0.9).add(x.mean(0).mul(0.1))
    return x.sub(this.runningMean)
  }
}

test('29: a buffer', () => {
  const layer = new Running()
  const y = layer(ones([4, 20]))
  expect(y.shape).toEqual([4, 20])
  expect(y.allclose(ones([4, 20]).mul(0.9))).toBe(true)
  const names = (m: nn.Module) => [...m.namedBuffers()].map(([name]) => name)
  // forward assigned to the name: it is still the buffer.
  expect(layer.runningMean.allclose(ones([20]).mul(0.1))).toBe(true)
  expect(names(layer)).toEqual(['runningMean'])
  expect([...layer.buffers()][0]).toBe(layer.runningMean)
  expect([...layer.stateDict().keys()]).toEqual(['runningMean'])
  expect(layer.stateDict().get('runningMean')!.equal(layer.runningMean)).toBe(true)
  expect([...layer.parameters()]).toEqual([])

  const net = new nn.Sequential(layer, new nn.Linear(20, 1))
  const sgd = new optim.SGD(net.parameters(), { lr: 1, momentum: 0.9, weightDecay: 0.1 })
  const [optimized, ...others] = sgd.paramGroups.map((group) => group.params)
  expect(others).toEqual([])
  expect(optimized!.map((p) => [net[1].weight, net[1].bias].indexOf(p as nn.Parameter))).toEqual([0, 1])
  net(ones([4, 20]))
    .sum()
    .backward()
  const before = layer.runningMean
  sgd.step()
  expect(layer.runningMean).toBe(before)
  expect(layer.runningMean.allclose(ones([20]).mul(0.19))).toBe(true)

  layer.runningMean = ones([20])
  expect(names(layer)).toEqual(['runningMean'])
  expect([...layer.stateDict().keys()]).toEqual(['runningMean'])
  expect([...layer.namedParameters()]).toEqual([])
  ;(layer as { runningMean: unknown }).runningMean = 3
  expect(() => [...layer.buffers()]).toThrow(ModuleError)
})

describe('30: a buffer that chains graphs, and the right way', () => {
  class UnderNoGrad extends Running {
    override forward(x: Tensor) {
      noGrad(() => {
        this.runningMean = this.runningMean.mul(0.9).add(x.mean(0).mul(0.1))
      })
      return x.sub(this.runningMean)
    }
  }
  class Detached extends Running {
    override forward(x: Tensor) {
      this.runningMean = this.runningMean.mul(0.9).add(x.detach().mean(0).mul(0.1))
      return x.sub(this.runningMean)
    }
  }
  const step = (layer: Running, x: Tensor) => layer(x).pow(2).sum().backward()

  test('the second backward throws', () => {
    const chained = new Running()
    const x = ones([4, 20]).requiresGrad_()
    step(chained, x)
    expect(chained.runningMean.requiresGrad).toBe(true)
    expect(want.graph_twice).toMatch(/^Trying to backward through the graph a second time/)
    expect(messageOf(() => step(chained, x))).toBe(want.graph_twice)
  })

  /** Bytes that are alive once all garbage is gone. */
  function alive(): number {
    emptyCache()
    return memoryStats().liveBytes
  }
  const FEATURES = 5000
  test.each([
    ['noGrad', UnderNoGrad],
    ['detach', Detached],
  ])('%s: 1000 steps hold memory flat', (_, Right) => {
    const right = new Right(FEATURES)
    const x = ones([4, FEATURES]).requiresGrad_()
    for (let i = 0; i < 20; i++) step(right, x)
    const before = alive()
    const heap = process.memoryUsage().heapUsed
    for (let i = 0; i < 1000; i++) step(right, x)
    // One step's tensors are 300 kB, one buffer 20.
    expect(alive() - before).toBeLessThan(100_000)
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(8e6)
    expect(right.runningMean.requiresGrad).toBe(false)
    expect(right.runningMean.allclose(ones([FEATURES]))).toBe(true)
  })

  test('the wrong way keeps the graph of every step', () => {
    const chained = new Running()
    const x = ones([4, 20]).requiresGrad_()
    const counts = [1, 100].map((steps) => {
      for (let i = 0; i < steps; i++) chained(x)
      let nodes = 0
      for (let node = chained.runningMean.gradFn; node; node = node.nextFunctions[0]?.[0] ?? null) nodes++
      return nodes
    })
    expect(counts).toEqual([1, 201])
  })
})

test('31: a buffer that is not saved', () => {
  class Scratch extends nn.Module {
    constructor() {
      super()
      this.registerBuffer('scratch', zeros([2]), { persistent: false })
    }
  }
  const layer = new Scratch()
  expect([...layer.namedBuffers()].map(([name]) => name)).toEqual(['scratch'])
  expect([...layer.buffers()]).toHaveLength(1)
  expect(layer.stateDict().size).toBe(0)
  expect(printed(new Scratch().loadStateDict(layer.stateDict()))).toBe('<All keys matched successfully>')
})

describe('32: saved, loaded, evaluated', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenzo-seeds-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  class Net extends nn.Module {
    hidden = new nn.Linear(4, 8)
    norm = new nn.BatchNorm1d(8)
    dropout = new nn.Dropout(0.5)
    out = new nn.Linear(8, 2)
    forward(x: Tensor) {
      return this.out(this.dropout(this.norm(this.hidden(x)).relu()))
    }
  }

  test.each(['params.pt', 'params.pth', 'params.safetensors'])('%s: outputs equal bit for bit', (name) => {
    manualSeed(0)
    const net = new Net()
    const sgd = new optim.SGD(net.parameters(), { lr: 0.1 })
    for (let i = 0; i < 3; i++) {
      sgd.zeroGrad()
      net(rand([6, 4]))
        .pow(2)
        .sum()
        .backward()
      sgd.step()
    }
    const path = join(folder, name)
    save(net.stateDict(), path)
    const clone = new Net()
    const x = rand([5, 4])
    net.eval()
    expect(clone.eval()(x).equal(net(x))).toBe(false)
    const result = clone.loadStateDict(load(path) as Map<string, Tensor>)
    expect(printed(result)).toBe('<All keys matched successfully>')
    expect(printed(result)).toBe(want.loaded)
    expect(clone.eval()(x).equal(net(x))).toBe(true)
  })

  test('all mismatches are listed at once', () => {
    const net = smallNet()
    const other = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2))
    const state = net.stateDict()
    state.set('3.weight', zeros([1]))
    state.delete('0.bias')
    const fail = () => other.loadStateDict(state)
    expect(fail).toThrow(StateDictError)
    expect(inOwnWords(messageOf(fail))).toBe(inOwnWords(want.load_errors))
    for (const part of ['Missing key(s) in state_dict: "0.bias"', 'Unexpected key(s) in state_dict: "3.weight"'])
      expect(messageOf(fail)).toContain(part)
    for (const name of ['2.weight', '2.bias']) expect(messageOf(fail)).toContain(`size mismatch for ${name}`)
  })

  test('strict: false returns both lists', () => {
    const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2))
    const lists = net.stateDict()
    lists.delete('0.bias')
    lists.set('more', zeros([1]))
    lists.set('0.weight', tensor(2).expand([8, 4]))
    const result = net.loadStateDict(lists, { strict: false })
    expect(result.missingKeys).toEqual(want.load_lists.missing)
    expect(result.unexpectedKeys).toEqual(want.load_lists.unexpected)
    expect(printed(result)).toBe(want.load_lists.print)
    expect(net[0].weight.eq(2).all().item()).toBe(true)
    // A wrong shape is wrong in any case.
    lists.set('0.weight', zeros([3]))
    expect(messageOf(() => net.loadStateDict(lists, { strict: false }))).toContain('size mismatch for 0.weight')
  })
})
