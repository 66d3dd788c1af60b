/** `deepCopy` against what Python's `copy.deepcopy` gives for PyTorch's objects (test/oracle/copies.py). */
import {
  AutogradError,
  deepCopy,
  Generator,
  inferenceMode,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  type Tensor,
  TenzoError,
  tensor,
  zeros,
} from 'tenzo'
import { loadGoldens } from '../helpers/goldens'
import { messageOf } from '../helpers/seeds'

const golden = loadGoldens<Record<string, unknown>>('copies.json')

// (Zeros have no sign here.)
const numbers = (x: Tensor) => x.add(0).toArray() as number[]

describe('tensors', () => {
  test('a plain one has its gradient, flags and fields, a parameter no gradient', () => {
    const t = Object.assign(ones([2], { requiresGrad: true }), { note: [1] })
    t.grad = tensor([3, 4])
    const copy = deepCopy(t)
    expect([copy.requiresGrad, numbers(copy.grad!), copy.note, copy.note === t.note]).toEqual(golden.tensor)
    expect(copy.grad).not.toBe(t.grad)
    const p = new nn.Parameter(ones([2]))
    p.grad = ones([2])
    const again = deepCopy(p)
    expect(again).toBeInstanceOf(nn.Parameter)
    expect([again.requiresGrad, again.grad]).toEqual(golden.parameter)
    expect(deepCopy(new nn.Parameter(ones([2]), { requiresGrad: false })).requiresGrad).toBe(false)
  })
  test('memory that is shared is shared in the copy, and strides are kept', () => {
    const base = tensor([0, 1, 2, 3, 4, 5])
    const [a, b] = deepCopy([base, base.narrow(0, 2, 2)])
    a.narrow(0, 2, 1).fill_(9)
    expect([numbers(b), b.storageOffset(), numbers(base)[2]]).toEqual(golden.view)
    const t = base.reshape([2, 3]).t()
    const strides = [deepCopy(t), deepCopy(new nn.Parameter(t)), deepCopy(ones([1]).expand([3]))].map((x) => [
      ...x.stride(),
    ])
    expect(strides).toEqual(golden.strides)
    const bits = base.view('int32')
    const [floats, integers] = deepCopy([base, bits])
    floats.fill_(0)
    expect([integers.dtype, numbers(integers)]).toEqual(['int32', [0, 0, 0, 0, 0, 0]])
  })
  test('of every dtype and of none', () => {
    for (const t of [zeros([0]), tensor(3), tensor([1n]), tensor([true]), rand([2]).to('bfloat16'), rand([2])]) {
      const copy = deepCopy(t)
      expect(copy).toEqual(t)
      expect(copy.sharesStorage(t)).toBe(false)
    }
  })
  test('what was computed is refused', () => {
    const computed = ones([2], { requiresGrad: true }).mul(2)
    expect(() => deepCopy(computed)).toThrow(AutogradError)
    expect(messageOf(() => deepCopy({ in: [computed] }))).toBe(golden.computed)
    expect(noGrad(() => deepCopy(computed.detach()))).toEqual(computed.detach())
    expect(deepCopy(inferenceMode(() => ones([1]))).isInference()).toBe(golden.inference)
  })
})

describe('plain values', () => {
  test('arrays, objects, Maps, Sets, typed arrays and dates, nested', () => {
    const bytes = new Uint8Array([1, 2, 3, 4])
    const value = {
      list: [1, [2, 'three', null, undefined, 4n]],
      map: new Map<unknown, unknown>([[{ key: 1 }, new Set([tensor([1])])]]),
      bytes,
      part: bytes.subarray(1, 3),
      view: new DataView(bytes.buffer, 2),
      words: Buffer.from('abc'),
      date: new Date(5),
      [Symbol.for('tag')]: { a: 1 },
      get twice() {
        return this.list.length * 2
      },
    }
    const copy = deepCopy(value)
    expect(copy).toEqual(value)
    expect([copy.list, copy.list[1], copy.map, copy.bytes, copy.date].includes(value.list as never)).toBe(false)
    copy.list.push(0)
    expect([value.list.length, copy.twice]).toEqual([2, 6])
    copy.bytes[1] = 9
    expect([copy.part[0], copy.view.getUint8(0), bytes[1]]).toEqual([9, 3, 2])
    expect([Buffer.isBuffer(copy.words), String(copy.words)]).toEqual([true, 'abc'])
    copy.date.setTime(7)
    expect(value.date.getTime()).toBe(5)
  })
  test('cycles, what is held twice, and objects of a class', () => {
    class Node {
      next: Node | null = null
      constructor(readonly value: unknown) {}
      double() {
        return [this.value, this.value]
      }
    }
    const shared = tensor([1])
    const [a, b] = [new Node(shared), new Node(shared)]
    a.next = b
    b.next = a
    const copy = deepCopy(a)
    expect(copy).toBeInstanceOf(Node)
    expect(copy.next!.next).toBe(copy)
    expect(copy.next!.value).toBe(copy.value)
    expect(copy.value).not.toBe(shared)
    expect(copy.double()).toEqual([shared, shared])
    class Stack extends Array<number> {
      top() {
        return this.at(-1)
      }
    }
    const stack = deepCopy(Stack.of(1, 2) as Stack)
    expect([stack.top(), stack instanceof Stack, stack.length]).toEqual([2, true, 2])
  })
  test('what cannot be looked into is shared', () => {
    const value = { f: () => 1, p: Promise.resolve(), w: new WeakMap(), r: /x/g, shared: new SharedArrayBuffer(2) }
    const copy = deepCopy(value)
    for (const key of Object.keys(value) as (keyof typeof value)[]) expect(copy[key]).toBe(value[key])
  })
  test('state dicts keep their class and metadata', () => {
    const state = new nn.BatchNorm1d(2).stateDict()
    const copy = deepCopy(state)
    expect(copy).toBeInstanceOf(nn.StateDict)
    expect(copy.metadata.get('')).toEqual({ version: 2 })
    expect(String(copy)).toBe(String(state))
    copy.get('weight')!.fill_(5)
    expect(numbers(state.get('weight')!)).toEqual([1, 1])
  })
  test('generators go on alike', () => {
    const generator = new Generator().manualSeed(3)
    rand([3], { generator })
    const copy = deepCopy({ generator }).generator
    expect(copy).not.toBe(generator)
    expect(rand([5], { generator: copy })).toEqual(rand([5], { generator }))
  })
})

describe('modules', () => {
  class Net extends nn.Module {
    first = new nn.Linear(2, 2)
    second = this.first
    tied = this.first.weight
    count = new nn.Buffer(tensor([1n]), { persistent: false })
    norm = new nn.BatchNorm1d(2)
    notes = { seen: new Map([['a', [1]]]) }
    override forward(x: Tensor) {
      return this.norm(this.second(x))
    }
  }

  test('ties, buffers, modes, flags and plain fields', () => {
    const net = new Net().eval()
    net.first.bias!.requiresGrad_(false)
    const copy = deepCopy(net)
    expect(copy).toBeInstanceOf(Net)
    expect(copy.second).toBe(copy.first)
    expect(copy.tied).toBe(copy.first.weight)
    expect(copy.first).not.toBe(net.first)
    expect([...copy.stateDict().keys()]).toEqual([...net.stateDict().keys()])
    expect(copy.count).toBeInstanceOf(nn.Buffer)
    expect([copy.training, copy.norm.training, copy.first.bias!.requiresGrad]).toEqual([false, false, false])
    expect(copy.notes).toEqual(net.notes)
    copy.notes.seen.get('a')!.push(2)
    expect(net.notes.seen.get('a')).toEqual([1])
    const x = rand([3, 2])
    expect(copy(x)).toEqual(net(x))
    noGrad(() => copy.first.weight.fill_(0))
    expect(numbers(net.first.weight)).not.toEqual(numbers(copy.first.weight))
    expect(String(copy)).toBe(String(net))
  })
  test('gradients of parameters stay behind', () => {
    const linear = new nn.Linear(2, 1)
    linear(ones([2]))
      .sum()
      .backward()
    expect(deepCopy(linear).weight.grad).toBe(golden.moduleGradient)
    expect(linear.weight.grad).not.toBeNull()
  })
  test('hooks come along, and each has its own list', () => {
    const seen: unknown[] = []
    const linear = new nn.Linear(1, 1)
    const handle = linear.registerForwardHook((m) => {
      seen.push(m)
    })
    linear.registerStateDictPostHook((m) => {
      seen.push(m)
    })
    const copy = deepCopy(linear)
    copy(ones([1]))
    copy.stateDict()
    expect(seen).toEqual([copy, copy])
    expect(seen[0]).toBe(copy)
    handle.remove()
    copy.registerStateDictPostHook(() => {})
    linear(ones([1]))
    linear.stateDict()
    copy(ones([1]))
    expect(seen.map((m) => m === copy)).toEqual([true, true, false, true])
  })
  test('containers', () => {
    const list = new nn.ModuleList<nn.Module>([new nn.Linear(1, 1), new nn.ReLU()])
    const [parameters, dict] = [new nn.ParameterList([ones([1])]), new nn.ModuleDict({ a: list.at(0)! })]
    const copies = deepCopy({ list, parameters, dict })
    expect([copies.list.length, copies.parameters.length, copies.dict.size]).toEqual([2, 1, 1])
    expect(copies.dict.get('a')).toBe(copies.list.at(0))
    copies.list.append(new nn.Tanh())
    expect([copies.list.length, list.length]).toEqual([3, 2])
  })
  test('a user’s own constructor does not run, and private fields are refused', () => {
    let made = 0
    class Counted extends nn.Module {
      constructor(readonly size: number) {
        super()
        made++
      }
      override forward(x: Tensor) {
        return x.mul(this.size)
      }
    }
    const copy = deepCopy(new Counted(3))
    expect([made, numbers(copy(ones([1])))]).toEqual([1, [3]])
    class Secret extends nn.Module {
      #cache = 1
      override forward(x: Tensor) {
        return x.mul(this.#cache)
      }
    }
    class Child extends Secret {}
    const message =
      'deepCopy(): Secret has private fields (#cache), which belong to the object that its constructor made and cannot be copied; fields declared `private` without # can'
    for (const m of [new Secret(), new Child(), new nn.Sequential(new Secret())]) {
      expect(() => deepCopy<nn.Module>(m)).toThrow(TenzoError)
      expect(messageOf(() => deepCopy<nn.Module>(m))).toBe(message)
    }
    class Colours extends nn.Module {
      static #made = 0
      static count() {
        return this.#made
      }
      // this.#one is only spoken of
      colour = 'this.#fff'
    }
    expect(deepCopy(new Colours()).colour).toBe('this.#fff')
    expect(Colours.count()).toBe(0)
  })
  test('every layer without arguments copies, and prints alike', () => {
    let copied = 0
    for (const Class of Object.values(nn) as unknown as (new () => nn.Module)[]) {
      if (typeof Class !== 'function' || !(Class.prototype instanceof nn.Module)) continue
      let m: nn.Module
      try {
        m = new Class()
      } catch {
        continue
      }
      expect(String(deepCopy(m))).toBe(String(m))
      copied++
    }
    expect(copied).toBeGreaterThan(50)
  })
})

describe('what changes a module', () => {
  test('parametrizations are those of the copy, and end apart', () => {
    const { parametrizations, parametrize } = nn.utils
    const linear = parametrizations.weightNorm(new nn.Linear(2, 2))
    const copy = deepCopy(linear)
    expect(numbers(copy.weight)).toEqual(numbers(linear.weight))
    noGrad(() => (copy.parametrizations.get('weight') as unknown as { original0: Tensor }).original0.fill_(0))
    expect([numbers(copy.weight.flatten()), numbers(linear.weight.flatten()).includes(0)]).toEqual([
      [0, 0, 0, 0],
      false,
    ])
    // In PyTorch both have one class, and this would break the copy.
    parametrize.removeParametrizations(linear, 'weight')
    expect(parametrize.isParametrized(copy, 'weight')).toBe(true)
    expect(numbers(copy(ones([2])))).toEqual(numbers(copy.bias!))
    expect(copy.constructor.name).toBe('ParametrizedLinear')
    parametrize.removeParametrizations(copy, 'weight')
    expect([copy.constructor, copy.weight instanceof nn.Parameter]).toEqual([nn.Linear, true])
    const spectral = parametrizations.spectralNorm(new nn.Linear(3, 2))
    expect(numbers(deepCopy(spectral).eval().weight)).toEqual(numbers(spectral.eval().weight))
  })
  test('weight norm by hooks', () => {
    const { utils } = nn
    expect(messageOf(() => deepCopy(utils.weightNorm(new nn.Linear(2, 2))))).toBe(golden.computed)
    noGrad(() => {
      const linear = utils.weightNorm(new nn.Linear(2, 2))
      const before = numbers(linear(ones([2])))
      const copy = deepCopy(linear)
      expect(numbers(copy(ones([2])))).toEqual(before)
      ;(copy as unknown as { weight_g: Tensor }).weight_g.fill_(0)
      expect([numbers(copy(ones([2]))), numbers(linear(ones([2])))]).toEqual([numbers(copy.bias!), before])
      utils.removeWeightNorm(copy)
      expect([...copy.stateDict().keys()]).toEqual(['bias', 'weight'])
      expect(numbers(linear(ones([2])))).toEqual(before)
      utils.removeWeightNorm(linear)
      expect(messageOf(() => utils.removeWeightNorm(linear))).toMatch(/^weight_norm of 'weight' not found in /)
    })
  })
  test('spectral norm by hooks', () => {
    const { utils } = nn
    const linear = utils.spectralNorm(new nn.Linear(3, 2))
    const copy = deepCopy(linear)
    const u = numbers((linear as unknown as { weight_u: Tensor }).weight_u)
    copy(ones([3]))
    expect(numbers((linear as unknown as { weight_u: Tensor }).weight_u)).toEqual(u)
    expect(numbers((copy as unknown as { weight_u: Tensor }).weight_u)).not.toEqual(u)
    expect(messageOf(() => deepCopy(copy))).toBe(golden.computed)
    utils.removeSpectralNorm(linear)
    expect([copy.weight instanceof nn.Parameter, linear.weight instanceof nn.Parameter]).toEqual([false, true])
  })
  test('lazy layers infer apart', () => {
    for (const make of [() => new nn.LazyLinear(3), () => new nn.LazyConv1d(3, 1), () => new nn.LazyBatchNorm1d()]) {
      const layer: nn.Module = make()
      const copy = deepCopy(layer)
      const x = rand([2, 4, 5])
      expect(copy(x)).toBeDefined()
      expect(copy.constructor.name).toBe(layer.constructor.name.slice(4))
      expect(String([...layer.parameters()][0])).toContain('Uninitialized')
      expect(layer(rand([2, 6, 7]))).toBeDefined()
      const other = deepCopy(make() as nn.Module)
      other.loadStateDict(copy.stateDict())
      expect(other(x)).toEqual(copy(x))
    }
    expect(deepCopy(new nn.LazyLinear(3)).weight).toBeInstanceOf(nn.UninitializedParameter)
  })
})

describe('optimizers and schedulers', () => {
  const train = (net: nn.Linear, optimizer: { step(): unknown }) => {
    net(ones([2]))
      .sum()
      .backward()
    optimizer.step()
  }
  test('copied along with the net, an optimizer is of the copy', () => {
    const net = new nn.Linear(2, 1)
    const optimizer = new optim.Adam(net.parameters(), { lr: 0.1 })
    const scheduler = new optim.lrScheduler.StepLR(optimizer, 2)
    train(net, optimizer)
    const [copy, own, rates] = deepCopy([net, optimizer, scheduler] as const)
    expect(own).toBeInstanceOf(optim.Adam)
    expect([
      own.paramGroups[0]!.params[0] === copy.weight,
      [...own.state.keys()][0] === copy.weight,
      rates.optimizer === own,
    ]).toEqual(golden.ties)
    const before = numbers(net.weight)
    train(copy, own)
    expect(numbers(net.weight)).toEqual(before)
    // The gradients did not come along: those of the net are of the first step, too.
    net.zeroGrad()
    train(net, optimizer)
    expect(numbers(copy.weight)).toEqual(numbers(net.weight))
    rates.step()
    rates.step()
    expect([own.paramGroups[0]!.lr, optimizer.paramGroups[0]!.lr]).toEqual([0.1 * 0.1, 0.1])
    expect(String(own)).not.toBe(String(optimizer))
  })
  test('every optimizer', () => {
    for (const name of [
      'SGD',
      'Adagrad',
      'Adadelta',
      'Adamax',
      'ASGD',
      'NAdam',
      'RAdam',
      'RMSprop',
      'Rprop',
    ] as const) {
      const net = new nn.Linear(2, 1)
      const optimizer = new (optim[name] as new (params: unknown, options?: object) => optim.Optimizer<object>)(
        net.parameters(),
        name === 'SGD' ? { momentum: 0.5 } : undefined,
      )
      train(net, optimizer)
      const [copy, own] = deepCopy([net, optimizer] as const)
      net.zeroGrad()
      train(net, optimizer)
      train(copy, own)
      expect([name, numbers(copy.weight)]).toEqual([name, numbers(net.weight)])
      expect(JSON.stringify(own.stateDict())).toBe(JSON.stringify(optimizer.stateDict()))
    }
  })
})
