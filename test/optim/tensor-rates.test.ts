/** Optimizers whose rates are tensors, against PyTorch (test/oracle/tensor_rates.py). */
import { nn, optim, Tensor, TenzoError, tensor } from 'tenzo'
import { type CodedTensor, camelCase, elementsOf, loadGoldens, valuesOf } from '../helpers/goldens'
import { messageOf } from '../helpers/seeds'
import { difference } from '../helpers/tolerance'

interface Outcome {
  name: string
  p?: CodedTensor
  print?: string
  error?: string
}
const golden = loadGoldens<{
  rates: (Outcome & { rate: keyof typeof RATES })[]
  betas: (Outcome & { betas: keyof typeof BETAS })[]
  schedules: { name: string; args: unknown[]; options: Record<string, unknown>; rows: number[] }[]
}>('tensor_rates.json')

const RATES = {
  no_dims: () => tensor(0.1),
  one_element: () => tensor([0.1]),
  double: () => tensor(0.1, { dtype: 'float64' }),
  two_elements: () => tensor([0.1, 0.2]),
  none: () => tensor([]),
  negative: () => tensor(-1),
  negative_of_dim: () => tensor([-1.5]),
}
const BETAS = {
  both: () => [tensor(0.8), tensor(0.9)],
  one_element: () => [tensor([0.8]), tensor([0.9])],
  mixed: () => [tensor(0.8), 0.9],
}
type Stepping = optim.Optimizer<object> & { step(closure: () => Tensor): Tensor }
const classes = optim as unknown as Record<string, new (params: unknown, options: object) => Stepping>
const schedulers = optim.lrScheduler as unknown as Record<
  string,
  new (
    ...args: unknown[]
  ) => optim.lrScheduler.LRScheduler
>

function check({ name, p: want, print, error }: Outcome, options: object): void {
  const p = new nn.Parameter(tensor([1, -2, 0.5]))
  const make = () => new classes[name]!([p], options)
  if (error !== undefined) {
    expect(make).toThrow(TenzoError)
    expect(messageOf(make)).toBe(error)
    return
  }
  const optimizer = make()
  for (let step = 0; step < 3; step++)
    optimizer.step(() => {
      optimizer.zeroGrad()
      const loss = p.mul(p).sum()
      loss.backward()
      return loss
    })
  expect(difference(valuesOf(p), elementsOf(want!), { relative: 2e-6, ofLargest: 5e-7 })).toBeNull()
  expect(String(optimizer)).toBe(print)
}

test.each(golden.rates)('$name of a rate $rate', (outcome) => check(outcome, { lr: RATES[outcome.rate]() }))
test.each(golden.betas)('$name of betas $betas', (outcome) =>
  check(outcome, { lr: 0.1, betas: BETAS[outcome.betas]() }),
)

test.each(golden.schedules)('$name writes into the tensor', ({ name, args, options, rows }) => {
  const lr = tensor(0.1)
  const o = new optim.SGD([new nn.Parameter(tensor([1]))], { lr, momentum: 0.9 })
  const own = Object.fromEntries(Object.entries(options).map(([k, v]) => [camelCase(k), v]))
  const scheduler = new schedulers[name]!(o, ...args, own) as optim.lrScheduler.ReduceLROnPlateau
  for (const want of rows) {
    expect(Math.abs(lr.item() - want)).toBeLessThanOrEqual(4e-7 * want)
    expect(scheduler.getLastLr()).toEqual([lr.item()])
    o.step()
    scheduler.step(name === 'ReduceLROnPlateau' ? 1 : undefined)
  }
  expect(o.paramGroups[0]!.lr).toBe(lr)
})

describe('a rate that is a tensor', () => {
  const p = () => new nn.Parameter(tensor([1]))
  const step = (o: Stepping, param: Tensor) => {
    param.grad = tensor([1])
    ;(o.step as () => void)()
  }

  test('is read anew in each step', () => {
    const [param, lr] = [p(), tensor(0.5)]
    const o = new optim.SGD([param], lr)
    step(o as unknown as Stepping, param)
    lr.fill_(0.25)
    step(o as unknown as Stepping, param)
    expect(param.item()).toBe(0.25)
  })

  test('is the same tensor in the state dict, and a copy where it is loaded', () => {
    const lr = tensor(0.5)
    const state = new optim.Adam([p()], { lr, betas: [tensor(0.5), tensor(0.75)] }).stateDict()
    expect(state.param_groups[0]!.lr).toBe(lr)
    const other = new optim.Adam([p()], { lr: tensor(0.125) })
    other.loadStateDict(state)
    const [group] = other.paramGroups
    expect(group!.lr).toBeInstanceOf(Tensor)
    expect(group!.lr).not.toBe(lr)
    expect(String(group!.lr)).toBe('tensor(0.5000)')
    expect(String(group!.betas)).toBe('tensor(0.5000),tensor(0.7500)')
  })

  test('may be that of a group', () => {
    const [a, b] = [p(), p()]
    const o = new optim.SGD([{ params: a, lr: tensor(0.5) }, { params: b }], { lr: 0.25 })
    step(o as unknown as Stepping, a)
    step(o as unknown as Stepping, b)
    expect([a.item(), b.item()]).toEqual([0, 0.75])
    expect(messageOf(() => o.addParamGroup({ params: p(), lr: tensor([1, 2]) }))).toBe('Tensor lr must be 1-element')
  })

  test('schedulers load PyTorch’s rates of tensors', () => {
    const o = new optim.SGD([p()], tensor(0.5))
    const scheduler = new optim.lrScheduler.ExponentialLR(o, 0.5)
    scheduler.loadStateDict({ base_lrs: [tensor(0.25)], _last_lr: [tensor(0.125)] })
    expect([scheduler.baseLrs, scheduler.getLastLr()]).toEqual([[0.25], [0.125]])
  })
})

test('other options are numbers', () => {
  const p = [new nn.Parameter(tensor([1]))]
  for (const [name, option] of [
    ['SGD', 'momentum'],
    ['SGD', 'dampening'],
    ['Adam', 'eps'],
    ['RMSprop', 'alpha'],
    ['Adagrad', 'lrDecay'],
    ['Adadelta', 'rho'],
    ['NAdam', 'momentumDecay'],
    ['NAdam', 'betas'],
    ['ASGD', 'lambd'],
    ['ASGD', 'alpha'],
    ['ASGD', 't0'],
    ['Rprop', 'etas'],
  ] as const) {
    const value = option === 'betas' || option === 'etas' ? [tensor(0.5), tensor(1.5)] : tensor(0.5)
    expect([name, option, messageOf(() => new classes[name]!(p, { [option]: value }))]).toEqual([
      name,
      option,
      expect.stringMatching(/must be (a number|two numbers), not /),
    ])
  }
})
