/** What all optimizers share: groups, names, state dicts, closures, dtypes, scopes; texts from test/oracle/optimizers.py. */
import { manualSeed, nn, optim, rand, randn, scope, type Tensor, TenzoError, tensor } from 'tenzo'
import { loadGoldens } from '../helpers/goldens'
import { messageOf } from '../helpers/seeds'

const { groups: want } = loadGoldens<{
  groups: {
    named: string
    saved: Record<string, unknown>[]
    two: Record<string, unknown>[]
    messages: Record<string, string>
  }
}>('optimizers.json.gz')

function parts() {
  manualSeed(0)
  const net = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 1))
  return { net, first: [...net[0].parameters()], second: [...net[1].parameters()] }
}

const ALL: Record<string, (params: Iterable<nn.Parameter>) => optim.Optimizer<object>> = {
  SGD: (p) => new optim.SGD(p, 0.1, { momentum: 0.9, weightDecay: 0.01 }),
  Adam: (p) => new optim.Adam(p, 0.1, { amsgrad: true }),
  AdamW: (p) => new optim.AdamW(p, 0.1),
  RMSprop: (p) => new optim.RMSprop(p, 0.1, { momentum: 0.9, centered: true }),
  Adagrad: (p) => new optim.Adagrad(p, 0.1, { lrDecay: 0.1 }),
  Adadelta: (p) => new optim.Adadelta(p),
  Adamax: (p) => new optim.Adamax(p, 0.1),
  NAdam: (p) => new optim.NAdam(p, 0.1),
  RAdam: (p) => new optim.RAdam(p, 0.1, { betas: [0.5, 0.7] }),
  ASGD: (p) => new optim.ASGD(p, 0.1, { t0: 2 }),
  Rprop: (p) => new optim.Rprop(p),
  LBFGS: (p) => new optim.LBFGS(p, 0.5, { maxIter: 3 }),
}
const everyOne = Object.entries(ALL)

test('every optimizer is in this list', () => {
  const classes = Object.entries(optim)
    .filter(([, v]) => typeof v === 'function' && v.prototype instanceof optim.Optimizer)
    .map(([name]) => name)
  expect(Object.keys(ALL).sort()).toEqual(classes.sort())
})

describe('groups', () => {
  test('named parameters', () => {
    const { net } = parts()
    const adam = new optim.Adam(net.namedParameters(), 0.5)
    expect(String(adam)).toBe(want.named)
    expect(adam.paramGroups[0]!.paramNames).toEqual(['0.weight', '0.bias', '1.weight', '1.bias'])
    expect(adam.paramGroups[0]!.params[0]).toBe(net[0].weight)
    expect(adam.stateDict().param_groups).toEqual(want.saved)
  })

  test('with options of their own', () => {
    const { first, second } = parts()
    const sgd = new optim.SGD([{ params: first }, { params: second, lr: 0.5, name: 'head' }])
    expect(sgd.paramGroups.map((g) => g.lr)).toEqual([1e-3, 0.5])
    const [one, two] = sgd.stateDict().param_groups as [object, Record<string, unknown>]
    expect(two.name).toBe('head')
    delete two.name
    expect([one, two]).toEqual(want.two)
    expect(sgd.defaults.lr).toBe(1e-3)
  })

  test('mistakes', () => {
    const { net, first, second } = parts()
    const named = [...net.namedParameters()]
    const leaf = tensor([1, 1], { requiresGrad: true })
    type Anything = Iterable<nn.Parameter>
    const sgd = (params: unknown) => new optim.SGD(params as Anything)
    const two = sgd([{ params: first }, { params: second, lr: 0.5 }])
    const made: Record<string, () => unknown> = {
      empty: () => sgd([]),
      not_a_leaf: () => sgd([leaf.mul(2)]),
      twice: () => sgd([{ params: first }, { params: first }]),
      some_names: () => sgd([named[0], leaf]),
      other_names: () => sgd([{ params: named }, { params: [leaf] }]),
      other_names_added: () => sgd([leaf]).addParamGroup({ params: named }),
      lbfgs: () => new optim.LBFGS([{ params: first }, { params: second }]),
      number_of_groups: () => sgd(first).loadStateDict(two.stateDict()),
      size_of_group: () => sgd(first).loadStateDict(sgd(first.slice(0, 1)).stateDict()),
    }
    expect(Object.keys(made)).toEqual(Object.keys(want.messages))
    for (const [name, f] of Object.entries(made)) {
      expect(f).toThrow(TenzoError)
      expect(messageOf(f)).toBe(want.messages[name])
    }
    expect(messageOf(() => sgd([{ params: first, learningRate: 1 }]))).toBe(
      "parameter group got an unexpected option 'learningRate'",
    )
    expect(() => sgd([1])).toThrow(/^optimizer can only optimize Tensors, but one of the params is/)
  })

  test('a group added later is optimised too', () => {
    const { net, first, second } = parts()
    const sgd = new optim.SGD(first, 1)
    sgd.addParamGroup({ params: second, lr: 2 })
    net(rand([3, 2]))
      .sum()
      .backward()
    const before = second.map((p) => p.detach().clone())
    sgd.step()
    second.forEach((p, i) => {
      expect(p.allclose(before[i]!.sub((p.grad as Tensor).mul(2)))).toBe(true)
    })
  })

  test('a parameter listed twice is warned of and takes two steps', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const p = new nn.Parameter(tensor([1]))
    const sgd = new optim.SGD([p, p], 0.25)
    expect(warn.mock.calls[0]![0]).toMatch(/^optimizer contains a parameter group with duplicate parameters;/)
    warn.mockRestore()
    p.grad = tensor([1])
    sgd.step()
    expect(p.item()).toBe(0.5)
  })
})

describe('a state whose names stand in another order', () => {
  const [first, second, third] = [1, 2, 3].map((v) => new nn.Parameter(tensor([v]))) as [
    nn.Parameter,
    nn.Parameter,
    nn.Parameter,
  ]
  const sgd = (named: Record<string, nn.Parameter>) => new optim.SGD(Object.entries(named), { lr: 0.1, momentum: 0.9 })
  const stepped = () => {
    const o = sgd({ first, second })
    first.grad = tensor([3])
    second.grad = tensor([5])
    o.step()
    return o.stateDict()
  }
  const momentum = (o: optim.SGD, p: Tensor) => (o.state.get(p)!.momentumBuffer as Tensor).item()
  let warn: jest.SpyInstance
  beforeEach(() => {
    warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  })
  afterEach(() => warn.mockRestore())

  test('is taken by order, with a warning that names the first difference', () => {
    const o = sgd({ second, first })
    o.loadStateDict(stepped())
    expect([momentum(o, second), momentum(o, first)]).toEqual([3, 5])
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/: parameter 0 of group 0 is 'second' here and 'first' there\./),
    ])
    // PyTorch's names are the loaded ones then.
    expect(o.paramGroups[0]!.paramNames).toEqual(['first', 'second'])
  })

  test('other names, the same order and no names are no reason to warn', () => {
    const models: Record<string, nn.Parameter>[] = [
      { first, second },
      { 'module.first': first, 'module.second': second },
    ]
    for (const named of models) sgd(named).loadStateDict(stepped())
    new optim.SGD([second, first]).loadStateDict(stepped())
    expect(warn).not.toHaveBeenCalled()
  })

  test('is taken by name with byName', () => {
    for (const options of [{ byName: true }, true]) {
      const o = sgd({ second, first })
      o.loadStateDict(stepped(), options)
      expect([momentum(o, second), momentum(o, first)]).toEqual([5, 3])
      expect(o.paramGroups[0]!.paramNames).toEqual(['second', 'first'])
    }
    // Across groups, too.
    const whole = new optim.SGD([{ params: [['first', first] as const] }, { params: [['second', second] as const] }], {
      momentum: 0.9,
    })
    first.grad = tensor([3])
    second.grad = tensor([5])
    whole.step()
    const other = new optim.SGD([{ params: [['second', second] as const] }, { params: [['first', first] as const] }])
    other.loadStateDict(whole.stateDict(), { byName: true })
    expect([momentum(other, second), momentum(other, first)]).toEqual([5, 3])
    expect(warn).not.toHaveBeenCalled()
  })

  test('byName refuses what has no names, or others', () => {
    const load = (o: optim.SGD, state = stepped()) => messageOf(() => o.loadStateDict(state, { byName: true }))
    expect(load(new optim.SGD([first, second]))).toMatch(/^byName: the optimizer has no names/)
    expect(load(sgd({ first }), new optim.SGD([first]).stateDict())).toMatch(
      /^byName: the loaded state dict has no names/,
    )
    expect(load(sgd({ first, third }))).toBe(
      "byName: the loaded state dict has other parameters: it lacks 'third'; the optimizer lacks 'second'",
    )
    const twice = new optim.SGD([['a', first] as const, ['a', second] as const])
    expect(load(twice)).toBe("byName: the optimizer has two parameters named 'a'")
    expect(messageOf(() => sgd({ first }).loadStateDict(stepped(), { byName: 1 as never }))).toMatch(/byName/)
  })
})

test('an option given as undefined has its default', () => {
  const p = new nn.Parameter(tensor([1]))
  for (const [name] of everyOne) {
    const Class = (optim as unknown as Record<string, new (params: unknown, options: object) => optim.Optimizer>)[name]!
    const none = Object.fromEntries(Object.keys(new Class([p], {}).defaults).map((key) => [key, undefined]))
    // What AdamW has set is no option of it.
    if (name === 'AdamW') delete none.decoupledWeightDecay
    expect(String(new Class([p], none))).toBe(String(new Class([p], {})))
    if (name !== 'LBFGS')
      expect(String(new Class([{ params: [p], ...none }], {}))).toBe(String(new Class([{ params: [p] }], {})))
  }
  expect(String(new nn.Linear(1, 2, { bias: undefined }))).toBe(String(new nn.Linear(1, 2)))
  expect(() => new nn.Linear(1, 2, { bais: undefined } as object)).toThrow("unexpected keyword argument 'bais'")
})

describe.each(everyOne)('%s', (_name, make) => {
  manualSeed(1)
  const x = randn([5, 3])
  const y = randn([5, 2])
  const start = () => {
    manualSeed(2)
    return new nn.Linear(3, 2)
  }
  function closure(net: nn.Linear, optimizer: optim.Optimizer<object>) {
    return () => {
      optimizer.zeroGrad()
      const loss = nn.functional.mseLoss(net(x), y)
      loss.backward()
      return loss
    }
  }
  const stateOf = (net: nn.Linear) => [...net.parameters()].map((p) => p.toArray())

  test('a closure gives the loss, which falls', () => {
    const net = start()
    const optimizer = make(net.parameters())
    const losses = Array.from({ length: 10 }, () => optimizer.step(closure(net, optimizer)).item())
    expect(losses[9]).toBeLessThan(losses[0]!)
  })

  test('goes on from a state dict as if nothing had been', () => {
    const net = start()
    const optimizer = make(net.parameters())
    for (let i = 0; i < 4; i++) optimizer.step(closure(net, optimizer))
    const copy = start()
    copy.loadStateDict(net.stateDict())
    const other = make(copy.parameters())
    other.loadStateDict(optimizer.stateDict())
    expect(String(other)).toBe(String(optimizer))
    for (let i = 0; i < 3; i++) {
      optimizer.step(closure(net, optimizer))
      other.step(closure(copy, other))
    }
    expect(stateOf(copy)).toEqual(stateOf(net))
  })

  test('its state outlives a scope around each step', () => {
    const [net, scoped] = [start(), start()]
    const [optimizer, inScope] = [make(net.parameters()), make(scoped.parameters())]
    for (let i = 0; i < 4; i++) {
      optimizer.step(closure(net, optimizer))
      scope(() => {
        inScope.step(closure(scoped, inScope))
      })
    }
    expect(stateOf(scoped)).toEqual(stateOf(net))
  })

  test.each(['float64', 'bfloat16'] as const)('%s parameters', (dtype) => {
    const p = new nn.Parameter(tensor([0.1, -0.2, 0.3]).to(dtype))
    const optimizer = make([p])
    for (let i = 0; i < 3; i++)
      optimizer.step(() => {
        optimizer.zeroGrad()
        const loss = p.pow(2).sum()
        loss.backward()
        return loss
      })
    expect(p.dtype).toBe(dtype)
    expect(p.pow(2).sum().item()).toBeLessThan(0.139)
    const again = make([p])
    again.loadStateDict(optimizer.stateDict())
    again.step(() => p.pow(2).sum())
    expect(p.dtype).toBe(dtype)
  })

  test('a transposed parameter, an empty one and one without gradient', () => {
    const strided = new nn.Parameter(
      tensor([[1, 2, 3]])
        .expand([2, 3])
        .clone()
        .t(),
    )
    expect(strided.isContiguous()).toBe(false)
    const idle = new nn.Parameter(tensor([5]))
    const optimizer = make([strided, new nn.Parameter(tensor([])), idle])
    for (let i = 0; i < 3; i++)
      optimizer.step(() => {
        optimizer.zeroGrad()
        const loss = strided.pow(2).sum()
        loss.backward()
        return loss
      })
    expect(strided.pow(2).sum().item()).toBeLessThan(28)
    expect(strided.at(0, 0).item()).toBe(strided.at(0, 1).item())
    expect(idle.item()).toBe(5)
  })
})

test('gradients are zeroed or forgotten', () => {
  const { net } = parts()
  const sgd = new optim.SGD(net.parameters())
  net(rand([3, 2]))
    .sum()
    .backward()
  const { grad } = net[0].weight
  sgd.zeroGrad({ setToNone: false })
  expect(net[0].weight.grad).toBe(grad)
  expect((grad as Tensor).eq(0).all().item()).toBe(true)
  sgd.zeroGrad()
  expect(net[0].weight.grad).toBeNull()
})
