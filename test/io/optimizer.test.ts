import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load, manualSeed, nn, ones, optim, randn, save, type Tensor } from 'tenzo'
import { recordedFiles } from './pt-files'

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-optimizer-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))
const path = join(folder, 'state.pt')

const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })
const makeNet = () => new nn.Sequential(new nn.Linear(3, 2), new nn.Tanh(), new nn.Linear(2, 1))
type Net = ReturnType<typeof makeNet>
type AnyOptimizer = optim.SGD | optim.Adam

function train(net: Net, optimizer: AnyOptimizer, steps = 2): void {
  for (let i = 0; i < steps; i++) {
    optimizer.zeroGrad()
    net(ones([4, 3]))
      .square()
      .mean()
      .backward()
    optimizer.step()
  }
}

// The options are others on purpose: those of the file count.
const MAKERS: [string, (net: Net) => AnyOptimizer][] = [
  ['SGD', (net) => new optim.SGD(net.parameters(), { lr: 9 })],
  ['Adam', (net) => new optim.Adam(net.parameters(), { lr: 9 })],
  ['AdamW', (net) => new optim.AdamW([{ params: net[0].parameters() }, { params: net[2].parameters() }], { lr: 9 })],
]

describe.each(['2.13', '1.13'])('of torch %s', (version) => {
  const files = recordedFiles(version)

  test.each(MAKERS)('%s goes on where PyTorch stopped', (name, make) => {
    for (const form of ['', 'legacy ']) {
      fs.writeFileSync(path, files.find((file) => file.name === `${form}resumed ${name}`)!.bytes)
      const saved = load<{
        model: Map<string, Tensor>
        optimizer: optim.OptimizerStateDict
        after: Map<string, Tensor>
      }>(path)
      const net = makeNet()
      net.loadStateDict(saved.model)
      const optimizer = make(net)
      optimizer.loadStateDict(saved.optimizer)
      train(net, optimizer)
      for (const [key, value] of net.stateDict()) {
        const difference = value.sub(saved.after.get(key)!).abs().max().item()
        expect([key, difference < 1e-6]).toEqual([key, true])
      }
    }
  })

  test('one that has not stepped yet', () => {
    fs.writeFileSync(path, files.find((file) => file.name === 'fresh Adam')!.bytes)
    const net = makeNet()
    const optimizer = new optim.Adam(net.parameters(), { lr: 9 })
    optimizer.loadStateDict(load<optim.OptimizerStateDict>(path))
    expect(optimizer.paramGroups[0]!.lr).toBe(1e-3)
    train(net, optimizer)
  })
})

test('the state has the form and the names of PyTorch', () => {
  manualSeed(0)
  const net = makeNet()
  const adam = new optim.AdamW(net.parameters(), { lr: 0.1, amsgrad: true })
  train(net, adam)
  const { state, param_groups: groups } = adam.stateDict()
  expect([...state.keys()]).toEqual([0, 1, 2, 3])
  expect(Object.keys(state.get(0)!)).toEqual(['step', 'exp_avg', 'exp_avg_sq', 'max_exp_avg_sq'])
  expect(String(state.get(0)!.step)).toBe('tensor(2.)')
  expect(groups).toHaveLength(1)
  expect(groups[0]).toMatchObject({ lr: 0.1, betas: [0.9, 0.999], weight_decay: 0.01, amsgrad: true })
  expect(Object.keys(groups[0]!).at(-1)).toBe('params')
  expect(groups[0]!.params).toEqual([0, 1, 2, 3])
  const sgd = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 })
  expect(sgd.stateDict().state.size).toBe(0)
  train(net, sgd)
  expect(Object.keys(sgd.stateDict().state.get(3)!)).toEqual(['momentum_buffer'])
})

test.each(MAKERS)('%s goes on the same after a file, bit by bit', (_name, make) => {
  manualSeed(1)
  const net = makeNet()
  const optimizer = make(net)
  for (const group of optimizer.paramGroups) group.lr = 0.01
  train(net, optimizer, 3)
  save({ net: net.stateDict(), optimizer: optimizer.stateDict() }, path)
  train(net, optimizer, 3)
  const saved = load<{ net: Map<string, Tensor>; optimizer: optim.OptimizerStateDict }>(path)
  const other = makeNet()
  other.loadStateDict(saved.net)
  const resumed = make(other)
  resumed.loadStateDict(saved.optimizer)
  // What was loaded is a copy.
  for (const own of saved.optimizer.state.values()) for (const value of Object.values(own)) (value as Tensor).fill_(7)
  train(other, resumed, 3)
  for (const [key, value] of other.stateDict())
    expect([key, value.equal(net.stateDict().get(key)!)]).toEqual([key, true])
})

describe('refused, and nothing is changed', () => {
  const net = makeNet()
  const adam = new optim.Adam(net.parameters(), { lr: 0.1 })
  train(net, adam)
  const good = (): optim.OptimizerStateDict => {
    save(adam.stateDict(), path)
    return load<optim.OptimizerStateDict>(path)
  }
  type Dict = optim.OptimizerStateDict
  test.each<[string, (dict: Dict) => unknown, string, RegExp]>([
    ['no state', ({ param_groups }) => ({ param_groups }), 'STATE_DICT', /has no 'state'/],
    ['no groups', ({ state }) => ({ state }), 'STATE_DICT', /has no 'param_groups'/],
    ['nothing', () => null, 'STATE_DICT', /has no 'state'/],
    ['no group', (dict) => ({ ...dict, param_groups: [] }), 'STATE_DICT', /different number of parameter groups/],
    [
      'fewer parameters',
      ({ state, param_groups: [group] }) => ({ state, param_groups: [{ ...group, params: [0] }] }),
      'STATE_DICT',
      /doesn't match the size of optimizer's group/,
    ],
    [
      'another shape',
      ({ state, param_groups }) => ({ state: new Map(state).set(1, { exp_avg: randn([7]) }), param_groups }),
      'STATE_DICT',
      /has exp_avg of shape \[7\] for a parameter of shape \[2\]/,
    ],
    [
      'options that make no sense',
      ({ state, param_groups: [group] }) => ({ state, param_groups: [{ ...group, lr: -1 }] }),
      'VALUE',
      /Invalid learning rate/,
    ],
  ])('%s', (_name, change, kind, message) => {
    const before = String(adam.stateDict().state.get(0)!.exp_avg)
    const changed = change(good()) as Dict
    expect(() => adam.loadStateDict(changed)).toThrow(code(kind))
    expect(() => adam.loadStateDict(changed)).toThrow(message)
    expect(String(adam.stateDict().state.get(0)!.exp_avg)).toBe(before)
    expect(adam.paramGroups[0]!.lr).toBe(0.1)
  })

  test('a strange name of an option is but a name', () => {
    const dict = good()
    Object.defineProperty(dict.param_groups[0], '__proto__', { value: { lr: 5 }, enumerable: true })
    adam.loadStateDict(dict)
    expect(Object.getPrototypeOf(adam.paramGroups[0])).toBe(Object.prototype)
  })
})
