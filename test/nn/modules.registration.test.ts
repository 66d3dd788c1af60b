/** What modules register and list, against programs recorded from PyTorch (test/oracle/module_state.py). */
import { nn, ones, type Tensor, tensor, zeros } from 'tenzo'
import { Block, comparePrograms, fill, Net, names, open, Plain } from '../helpers/module-programs'

const keys = (m: nn.Module): string[] => [...m.stateDict().keys()]
const param = (...shape: number[]): nn.Parameter => new nn.Parameter(ones(shape.length ? shape : [1]))
/** Assigns and lists, which is when the rules are applied. */
const assign = (m: nn.Module, name: string, value: unknown) => () => {
  open(m)[name] = value
  names(m.namedParameters())
}
const any = (v: unknown): never => v as never

comparePrograms('registration', {
  registrationErrors(say, error) {
    const m = new Block()
    for (const name of [5, null, 'a.b', '', 'forward', 'lin', 'training', 'scratch']) {
      error(() => m.registerParameter(any(name), param()))
      error(() => m.registerBuffer(any(name), ones([1])))
      error(() => m.addModule(any(name), new nn.ReLU()))
    }
    for (const value of [5, 'text', ones([1]), tensor([1n]), new nn.ReLU(), [1], true]) {
      error(() => m.registerParameter('p', any(value)))
      error(() => m.addModule('m', any(value)))
      if (typeof value !== 'object' || Array.isArray(value)) error(() => m.registerBuffer('b', any(value)))
    }
    error(() => m.addModule(any(new nn.ReLU()), new nn.ReLU()))
    error(() => m.addModule(any(new nn.Linear(1, 1)), any(5)))
    error(() => m.registerBuffer(any(ones([1])), ones([1])))
    say(names(m.namedParameters()), names(m.namedBuffers()), names(m.namedChildren()))
  },
  registeringAgain(say) {
    const m = new Block()
    const listed = () => say(keys(m), names(m.namedBuffers()), names(m.namedParameters()))
    m.registerParameter('gain', param())
    m.registerBuffer('count', ones([3]))
    m.registerBuffer('scratch', ones([4]), { persistent: true })
    m.registerBuffer('nothing', ones([4]), { persistent: false })
    m.addModule('lin', new nn.Linear(1, 1, { bias: false }))
    listed()
    m.registerParameter('gain', null)
    m.registerBuffer('count', null)
    m.addModule('lin', null)
    listed()
  },
  assignmentRules(_say, error) {
    for (const value of [5, 'text', ones([1]), tensor([1n]), new nn.ReLU(), [1], 1.5]) {
      const lin = new nn.Linear(1, 1)
      names(lin.namedParameters())
      error(assign(lin, 'weight', value))
    }
    for (const value of [5, 'text', ones([1]), [1]]) {
      const m = new Block()
      names(m.namedParameters())
      error(assign(m, 'lin', value))
    }
    for (const value of [5, 'text', [1]]) {
      const m = new Block()
      names(m.namedParameters())
      error(assign(m, 'count', value))
    }
  },
  assignmentChangesKind(say) {
    const m = new Block()
    const o = open(m)
    const kinds = () => say(names(m.namedParameters()), names(m.namedBuffers()), names(m.namedChildren()), keys(m))
    kinds()
    o.count = param()
    kinds()
    o.scratch = new nn.Linear(1, 1, { bias: false })
    kinds()
    o.lin = param()
    kinds()
    o.count = null
    o.nothing = ones([1])
    kinds()
    delete o.count
    kinds()
    o.count = ones([1])
    kinds()
    o.gain = param()
    kinds()
  },
  buffersAsValues(say) {
    const m = new Plain()
    const o = open(m)
    o.a = new nn.Buffer(ones([2]))
    o.b = new nn.Buffer(ones([2]), { persistent: false })
    o.c = ones([2])
    const a = o.a as Tensor
    say(names(m.namedBuffers()), keys(m), a instanceof nn.Buffer, a instanceof nn.Parameter, a.requiresGrad)
    o.a = zeros([3])
    o.b = zeros([3])
    say(names(m.namedBuffers()), keys(m), o.a)
    o.a = new nn.Buffer(ones([1]), { persistent: false })
    o.b = new nn.Buffer(ones([1]))
    say(names(m.namedBuffers()), keys(m))
    m.registerBuffer('d', new nn.Buffer(ones([1]), { persistent: false }))
    say(keys(m))
    m.double()
    say(
      [...m.buffers()].map((b) => b.dtype),
      new nn.Buffer().shape[0],
    )
  },
  nonLeafParameters(say, error) {
    const x = ones([1]).requiresGrad_().mul(2)
    const m = new Plain()
    const p = new nn.Parameter(x)
    say(p.isLeaf, p.requiresGrad)
    m.registerParameter('p', p)
    say(names(m.namedParameters()))
    error(() => new nn.Parameter(ones([1], { dtype: 'int64' })))
  },
  orderOfRegistration(say) {
    const m = new Plain()
    const o = open(m)
    o.z = param()
    m.registerParameter('y', param())
    o.x = param()
    m.addModule('10', new nn.ReLU())
    m.addModule('2', new nn.Tanh())
    o.child = new nn.Linear(1, 1)
    m.registerBuffer('b', ones([1]))
    o.y = param(2)
    say(names(m.namedParameters()), names(m.namedChildren()), keys(m))
    say(m)
  },
  paths(say, error) {
    const net = new Net()
    for (const target of ['', 'first', 'first.lin', 'last']) say(net.getSubmodule(target).constructor.name)
    for (const target of ['none', 'first.none', 'first.lin.weight', 'scale', 'first..lin', 'first.lin.', 'training'])
      error(() => net.getSubmodule(target))
    say(net.getParameter('first.lin.weight').shape, net.getBuffer('bn.running_mean').shape)
    for (const target of ['none', 'first.none', 'first.lin', 'none.weight', 'bn.running_mean', '', 'first.gain'])
      error(() => net.getParameter(target))
    for (const target of ['none', 'first.none', 'first.lin', 'none.weight', 'scale', ''])
      error(() => net.getBuffer(target))
    net.setSubmodule('first.lin', new nn.Linear(2, 2, { bias: false }))
    net.setSubmodule('first.more', new nn.Linear(2, 2, { bias: false }))
    net.setSubmodule('top', new nn.ReLU())
    say(keys(net))
    for (const [target, module] of [
      ['', new nn.ReLU()],
      ['first.lin', 5],
      ['no.lin', new nn.ReLU()],
      ['scale', new nn.ReLU()],
      ['first.scratch', new nn.ReLU()],
    ] as const)
      error(() => net.setSubmodule(target, any(module)))
    error(() => net.setSubmodule('first.other', new nn.ReLU(), { strict: true }))
    const seq = new nn.Sequential(new nn.Linear(1, 1), new nn.Sequential(new nn.ReLU(), new nn.Tanh()))
    seq.setSubmodule('1.0', new nn.Sigmoid())
    say(seq.getSubmodule('1.0').constructor.name, seq)
  },
  listings(say) {
    const shared = new nn.Linear(1, 1)
    const net = new nn.Sequential(shared, new nn.Sequential(shared, new nn.BatchNorm1d(1)), shared)
    say(names(net.namedModules()), names(net.namedModules({ removeDuplicate: false })))
    say(names(net.namedModules({ prefix: 'p' })), names(net.namedChildren()))
    const memo = new Set<nn.Module>([net[1]])
    say(names(net.namedModules(memo, { prefix: 'q' })), memo.size)
    say(names(net.namedParameters()), names(net.namedParameters('p')), names(net.namedParameters({ recurse: false })))
    say(
      names(net.namedParameters({ removeDuplicate: false })),
      names(net.namedParameters({ prefix: 'p', removeDuplicate: false })),
    )
    say(
      names(net.namedBuffers('p')),
      names(net[1][1].namedBuffers({ recurse: false })),
      [...net.buffers(false)].length,
      [...net.parameters(false)].length,
    )
    const seen: string[] = []
    net.apply((m) => {
      seen.push(m.constructor.name)
    })
    say(seen)
  },
  conversions(say, error) {
    const net = fill(new Net())
    net.first.registerBuffer('index', tensor([1n, 2n]))
    net(ones([3, 2]))
      .sum()
      .backward()
    const { weight } = net.last
    const grad = weight.grad as Tensor
    net.to('float64')
    say(net.last.weight === weight, net.last.weight.grad === grad, grad.dtype, net.bn.runningVar?.dtype)
    say((open(net.first).index as Tensor).dtype, net.bn.numBatchesTracked?.dtype, net.last.weight.requiresGrad)
    net.float()
    net.to(ones([1], { dtype: 'bfloat16' }))
    say(net.scale.dtype, net.scale.grad?.dtype)
    for (const bad of ['int64', 'bool', ones([1], { dtype: 'int32' })] as const) error(() => net.to(bad))
    net.to('cpu')
    net.half()
    say(net.scale.dtype)
    net.type('float32')
    say((open(net.first).index as Tensor).dtype)
    error(() => new Block().type('int64'))
    net.toEmpty({ device: 'cpu' })
    say(net.last.weight.shape, net.last.weight === weight, net.last.weight.requiresGrad)
  },
  modes(say, error) {
    const net = new Net()
    const training = () => [...net.modules()].map((m) => m.training)
    say(net.train(false) === net, training())
    net.first.train()
    say(training(), net.eval() === net)
    for (const bad of [1, 'yes', null]) error(() => net.train(any(bad)))
    net.requiresGrad_(false)
    say([...net.parameters()].map((p) => p.requiresGrad))
    net.requiresGrad_()
    net(ones([2, 2]))
      .sum()
      .backward()
    const { grad } = net.scale
    net.zeroGrad({ setToNone: false })
    say(net.scale.grad === grad, grad, net.last.bias?.grad)
    net.zeroGrad()
    say(net.scale.grad)
  },
})

describe('what JavaScript adds', () => {
  class Fields extends nn.Module {
    declare name: nn.Parameter
    declare length: nn.Module
    constructor() {
      super()
      this.name = param(2)
      this.length = new nn.Linear(1, 1)
    }
  }
  test('fields called `name` and `length` are found, though a function hides its own', () => {
    expect(keys(new Fields())).toEqual(['name', 'length.weight', 'length.bias'])
  })
  test('a module as the key of an object is its printout; as a name it is refused', () => {
    const block = new nn.ReLU()
    expect(Object.keys({ [block as unknown as string]: block })).toEqual(['ReLU()'])
    expect(() => new Plain().addModule(any(block), block)).toThrow('module name should be a string. Got ReLU')
  })
  test('a field that would hide a method is refused when it is listed', () => {
    const m = new Plain()
    expect(assign(m, 'children', new nn.ReLU())).toThrow("attribute 'children' already exists")
    expect(assign(new Plain(), 'stateDict', param())).toThrow("attribute 'stateDict' already exists")
  })
  test('options are checked', () => {
    const net = new Net()
    expect(() => names(net.namedParameters({ prefixes: 'a' } as object))).toThrow('unexpected keyword argument')
    expect(() => names(net.namedModules({ recurse: true } as object))).toThrow('unexpected keyword argument')
    expect(() => net.stateDict({ keep: true } as object)).toThrow('unexpected keyword argument')
    expect(() => net.loadStateDict(net.stateDict(), { strick: false } as object)).toThrow('unexpected keyword argument')
    expect(() => net.toEmpty({ recursive: true } as object)).toThrow('unexpected keyword argument')
    expect(() => net.to('cuda' as 'cpu')).toThrow('cuda')
    expect(() => net.apply(any(5))).toThrow('apply(): expected a function but got number')
    expect(() => net.getSubmodule(any(5))).toThrow("argument 'target' must be string, not number")
    expect(() => net.getParameter(any(5))).toThrow("argument 'target' must be string, not number")
  })
})

describe('modules that hold each other', () => {
  class Holder extends nn.Module {
    child: nn.Module | null = null
    forward(x: Tensor): Tensor {
      return x
    }
  }
  const cycle = (): Holder => {
    const [a, b] = [new Holder(), new Holder()]
    a.child = new nn.Sequential(b)
    b.child = a
    return a
  }
  const calls: Record<string, (m: Holder) => unknown> = {
    stateDict: (m) => m.stateDict(),
    loadStateDict: (m) => m.loadStateDict(new Map()),
    train: (m) => m.train(),
    apply: (m) => m.apply(() => undefined),
    toString: (m: Holder) => String(m),
    namedModules: (m) => [...m.namedModules({ removeDuplicate: false })],
  }
  test.each(Object.keys(calls))('%s says which', (name) => {
    expect(() => calls[name]!(cycle())).toThrow(
      expect.objectContaining({
        code: 'ERR_TENZO_MODULE',
        message: expect.stringMatching(
          `^${name}\\(\\): the modules hold each other: '(child.0.child|0.child.child|child.child.0)' is a module that this lies in$`,
        ),
      }),
    )
    // And it holds for that call alone.
    expect(() => calls[name]!(new Holder())).not.toThrow()
  })
  test('what visits each module once goes through them', () => {
    const m = cycle()
    expect([...m.modules()]).toHaveLength(3)
    m.zeroGrad()
    m.requiresGrad_(false)
  })
  test('a deep tree is no cycle', () => {
    let m: nn.Module = new nn.Linear(1, 1)
    for (let i = 0; i < 300; i++) m = new nn.Sequential(m)
    expect(m.stateDict().size).toBe(2)
    expect(m.eval().training).toBe(false)
  })
})
