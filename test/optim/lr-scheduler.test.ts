/** Learning rates, momenta, state dicts and texts of the schedulers against PyTorch (test/oracle/schedulers.py). */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load, nn, optim, save, TenzoError, tensor } from 'tenzo'
import { camelCase, loadGoldens } from '../helpers/goldens'
import { messageOf } from '../helpers/seeds'

const { lrScheduler } = optim

interface Case {
  name: string
  args: unknown[]
  options: Record<string, unknown>
}
interface Followed {
  /** After each step: the rates of both groups, then their momenta. */
  rows: number[][]
  state: Record<string, unknown>
  print: string
}
type Part = [name: string, args: unknown[], options: Record<string, unknown>]
const golden = loadGoldens<{
  runs: (Case & Followed & { optimizer: 'SGD' | 'Adam' })[]
  closed: (Case & { rows: number[][] })[]
  combined: (Followed & { name: string; parts: Part[]; milestones: number[] | null })[]
  mistakes: (Case & { message: string })[]
}>('schedulers.json.gz')

let warnings: jest.SpyInstance
beforeEach(() => {
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => warnings.mockRestore())

function optimizer(kind: 'SGD' | 'Adam' = 'SGD') {
  const [p, q] = [new nn.Parameter(tensor([1])), new nn.Parameter(tensor([1]))]
  const groups = [{ params: [p] }, { params: [q], lr: 0.25 }]
  return kind === 'SGD' ? new optim.SGD(groups, 0.5, { momentum: 0.9 }) : new optim.Adam(groups, 0.5)
}

/** The functions that the recorded cases name. */
function decoded(v: unknown): unknown {
  if (!Array.isArray(v)) return v
  if (typeof v[0] !== 'string') return v.map(decoded)
  const [kind, a] = v as [string, number]
  if (kind === 'power') return (n: number) => a ** n
  return kind === 'line' ? (n: number) => 1 - (a * n) / 10 : () => a
}
type Constructor = new (optimizer: unknown, ...rest: unknown[]) => optim.lrScheduler.LRScheduler
const classes = lrScheduler as unknown as Record<string, Constructor>
function build(o: optim.Optimizer<object>, [name, args, options]: Part) {
  const own = Object.fromEntries(
    Object.entries(options).map(([k, v]) => [camelCase(k), k === 'scale_fn' ? decoded(v) : v]),
  )
  return new classes[name]!(o, ...args.map(decoded), own)
}

const METRICS = [5, 4, 3, 2.9, 2.89, 2.89, 2.89, 3, 3, 2, 2, 2, 2.5, 1, 1, 1, 1, 1, 1, 0.5, 0.9, 0.9, 0.9, 0.9, 0.9]

function expectNear(what: string, got: readonly number[], want: readonly number[]): void {
  expect(got).toHaveLength(want.length)
  want.forEach((w, i) => {
    // Both languages' powers and cosines are right to their last place or two.
    if (!(Math.abs(got[i]! - w) <= 1e-12 * Math.abs(w) + 1e-16)) expect(`${what}: ${got[i]}`).toBe(`${what}: ${w}`)
  })
}
interface Options {
  lr: number
  momentum?: number
  betas?: readonly number[]
}
function row(o: optim.Optimizer<object>): number[] {
  const groups = o.paramGroups as unknown as Options[]
  return [...groups.map((g) => g.lr), ...groups.map((g) => g.momentum ?? (g.betas![0] as number))]
}
function advance(o: optim.Optimizer<object>, scheduler: optim.lrScheduler.LRScheduler, step: number): void {
  o.step()
  if (scheduler instanceof lrScheduler.ReduceLROnPlateau) scheduler.step(METRICS[step]!)
  else scheduler.step()
}
/** A recorded value and ours in the same form. */
function flat(v: unknown): unknown {
  if (v instanceof Map) return Object.fromEntries([...v].map(([k, x]) => [String(k), flat(x)]))
  if (typeof v === 'object' && v !== null && 'f' in v) return v.f === 'inf' ? Infinity : -Infinity
  if (Array.isArray(v)) return v.map(flat)
  if (typeof v === 'object' && v !== null) return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, flat(x)]))
  return typeof v === 'number' ? Number(v.toPrecision(11)) : v
}

function follow(o: optim.Optimizer<object>, make: () => optim.lrScheduler.LRScheduler, want: Followed): void {
  const scheduler = make()
  expect(String(o)).toBe(want.print)
  want.rows.forEach((wanted, step) => {
    expectNear(`step ${step}`, row(o), wanted)
    expect(scheduler.getLastLr()).toEqual(row(o).slice(0, 2))
    if (step < want.rows.length - 1) advance(o, scheduler, step)
  })
  expect(flat(scheduler.stateDict())).toStrictEqual(flat(want.state))
  for (const group of o.paramGroups) expect(Object.values(group)).not.toContain(undefined)
  expect(warnings).not.toHaveBeenCalled()
}

test.each(golden.runs.map((r) => [r.name, JSON.stringify(r.args), JSON.stringify(r.options), r.optimizer, r] as const))(
  '%s %s %s of %s',
  (name, _a, _b, kind, run) => {
    const o = optimizer(kind)
    follow(o, () => build(o, [name, run.args, run.options]), run)
  },
)

test.each(golden.combined.map((c) => [c.name, c.parts.map(([name]) => name).join(', '), c] as const))(
  '%s of %s',
  (_a, _b, c) => {
    const o = optimizer()
    const make = () => {
      const parts = c.parts.map((part) => build(o, part))
      return c.milestones
        ? new lrScheduler.SequentialLR(o, parts, c.milestones)
        : new lrScheduler.ChainedScheduler(parts, o)
    }
    follow(o, make, c)
  },
)

test.each(golden.closed.map((c) => [c.name, JSON.stringify(c.args), JSON.stringify(c.options), c] as const))(
  '%s %s %s at a given epoch',
  (name, _a, _b, c) => {
    for (const [epoch, ...rates] of c.rows) {
      const o = optimizer()
      const scheduler = build(o, [name, c.args, c.options])
      o.step()
      scheduler.step(epoch)
      expectNear(`epoch ${epoch}`, row(o).slice(0, 2), rates)
    }
  },
)

test.each(golden.mistakes)('$name $args $options', ({ name, args, options, message }) => {
  const make = () => build(optimizer(), [name, args, options])
  expect(make).toThrow(TenzoError)
  expect(messageOf(make)).toBe(message)
})

describe('a state dict goes on where it was saved', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenzo-schedulers-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  const cases = golden.runs.filter((r) => r.optimizer === 'SGD')
  test.each(cases.map((r) => [r.name, JSON.stringify(r.args), JSON.stringify(r.options), r] as const))(
    '%s %s %s',
    (name, _a, _b, run) => {
      const o = optimizer()
      const scheduler = build(o, [name, run.args, run.options])
      for (let step = 0; step < 9; step++) advance(o, scheduler, step)
      const path = join(folder, 'state.pt')
      save({ optimizer: o.stateDict(), scheduler: scheduler.stateDict() }, path)

      const saved = load(path) as { optimizer: optim.OptimizerStateDict; scheduler: Record<string, unknown> }
      const other = optimizer()
      const again = build(other, [name, run.args, run.options])
      other.loadStateDict(saved.optimizer)
      again.loadStateDict(saved.scheduler)
      for (let step = 9; step < 25; step++) {
        advance(o, scheduler, step)
        advance(other, again, step)
        expect(row(other)).toEqual(row(o))
      }
    },
  )

  const throughJson = <T>(state: T): T => JSON.parse(JSON.stringify(state)) as T

  test.each(cases.map((r) => [r.name, JSON.stringify(r.args), JSON.stringify(r.options), r] as const))(
    'through JSON: %s %s %s',
    (name, _a, _b, run) => {
      for (const steps of [0, 9]) {
        const [o, other] = [optimizer(), optimizer()]
        const scheduler = build(o, [name, run.args, run.options])
        for (let step = 0; step < steps; step++) advance(o, scheduler, step)
        const again = build(other, [name, run.args, run.options])
        // No parameter had a gradient: the optimizer has no state but its options.
        other.loadStateDict(throughJson(o.stateDict()))
        again.loadStateDict(throughJson(scheduler.stateDict()))
        expect(again.stateDict()).toStrictEqual(scheduler.stateDict())
        for (let step = steps; step < 25; step++) {
          advance(o, scheduler, step)
          advance(other, again, step)
          expect(row(other)).toEqual(row(o))
        }
      }
    },
  )
  test('through JSON, of schedulers in sequence', () => {
    const make = (o: optim.Optimizer<object>) =>
      new lrScheduler.SequentialLR(o, [new lrScheduler.MultiStepLR(o, [1, 2]), new lrScheduler.StepLR(o, 2)], [3])
    const [o, other] = [optimizer(), optimizer()]
    const [scheduler, again] = [make(o), make(other)]
    for (let step = 0; step < 2; step++) advance(o, scheduler, step)
    other.loadStateDict(throughJson(o.stateDict()))
    again.loadStateDict(throughJson(scheduler.stateDict()))
    for (let step = 2; step < 12; step++) {
      advance(o, scheduler, step)
      advance(other, again, step)
      expect(row(other)).toEqual(row(o))
    }
  })
  test('a state with tensors is not for JSON, which is said', () => {
    const o = optimizer()
    for (const group of o.paramGroups) for (const p of group.params) p.grad = tensor([1])
    o.step()
    const message = messageOf(() => o.loadStateDict(throughJson(o.stateDict())))
    expect(message).toBe(
      'loaded state dict has a list where momentum_buffer is a tensor: JSON keeps the options, save() and load() the tensors',
    )
  })

  test('of schedulers in sequence', () => {
    const make = (o: optim.Optimizer<object>) =>
      new lrScheduler.SequentialLR(
        o,
        [new lrScheduler.LinearLR(o, { totalIters: 4 }), new lrScheduler.CosineAnnealingLR(o, 8)],
        [4],
      )
    const o = optimizer()
    const scheduler = make(o)
    for (let step = 0; step < 6; step++) advance(o, scheduler, step)
    const other = optimizer()
    const again = make(other)
    other.loadStateDict(o.stateDict())
    again.loadStateDict(scheduler.stateDict())
    for (let step = 6; step < 12; step++) {
      advance(o, scheduler, step)
      advance(other, again, step)
      expect(row(other)).toEqual(row(o))
    }
  })
})

test('lastEpoch goes on with the groups’ own initial rates', () => {
  const o = optimizer()
  const scheduler = new lrScheduler.StepLR(o, 2, 0.5)
  for (let step = 0; step < 3; step++) advance(o, scheduler, step)
  const next = new lrScheduler.StepLR(o, 2, { gamma: 0.5, lastEpoch: 2 })
  expect(next.lastEpoch).toBe(3)
  expect(next.baseLrs).toEqual([0.5, 0.25])
  advance(o, next, 3)
  expect(row(o).slice(0, 2)).toEqual([0.125, 0.0625])
})

test('warnings', () => {
  const o = optimizer()
  const scheduler = new lrScheduler.ExponentialLR(o, 0.5)
  scheduler.step()
  expect(warnings.mock.calls.map(([text]) => String(text).slice(0, 74))).toEqual([
    'Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTor',
  ])
  warnings.mockClear()
  scheduler.getLr()
  expect(warnings.mock.calls[0]![0]).toBe(
    'To get the last learning rate computed by the scheduler, please use `get_last_lr()`.',
  )
  warnings.mockClear()
  scheduler.step(3)
  expect(warnings.mock.calls[0]![0]).toMatch(/^The epoch parameter in `scheduler.step\(\)` was not necessary/)
})

test('schedulers of different optimizers, of none, and too few milestones', () => {
  const [a, b] = [optimizer(), optimizer()]
  const step = (o: optim.Optimizer<object>) => new lrScheduler.StepLR(o, 2)
  const plateau = new lrScheduler.ReduceLROnPlateau(a)
  expect(messageOf(() => new lrScheduler.SequentialLR(a, [], []))).toBe(
    'SequentialLR expects at least one scheduler, but got no scheduler.',
  )
  expect(messageOf(() => new lrScheduler.ChainedScheduler([]))).toBe(
    'ChainedScheduler expects at least one scheduler to be chained, but got no scheduler.',
  )
  expect(messageOf(() => new lrScheduler.ChainedScheduler([step(a), plateau]))).toMatch(
    /^ChainedScheduler does not support `ReduceLROnPlateau` scheduler .* at index 1 in the given schedulers sequence\.$/,
  )
  expect(messageOf(() => new lrScheduler.SequentialLR(a, [step(a), step(b)], [2]))).toMatch(
    /^SequentialLR expects all schedulers to belong to the same optimizer, but got scheduler StepLR at index 1 has SGD \(/,
  )
  expect(messageOf(() => new lrScheduler.SequentialLR(a, [step(a), step(a)], []))).toMatch(
    /^Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points/,
  )
  expect(() => step({} as unknown as optim.SGD)).toThrow(TenzoError)
  const cycle = () => new lrScheduler.CyclicLR(new optim.Adagrad([new nn.Parameter(tensor([1]))]), 0.1, 0.2)
  expect(messageOf(cycle)).toBe('optimizer must support momentum or beta1 with `cycle_momentum` option enabled')
  const once = new lrScheduler.OneCycleLR(a, 0.1, { totalSteps: 2, pctStart: 0.9 })
  a.step()
  once.step()
  once.step()
  expect(messageOf(() => once.step())).toBe('Tried to step 3 times. The specified number of total steps is 2')
})

test('a scheduler of one’s own', () => {
  class Halving extends lrScheduler.LRScheduler {
    readonly everyNth: number
    constructor(o: optim.SGD, everyNth: number) {
      super(o)
      this.everyNth = everyNth
      this.begin()
    }
    getLr() {
      return this.baseLrs.map((lr) => lr / 2 ** Math.floor(this.lastEpoch / this.everyNth))
    }
  }
  const o = new optim.SGD([new nn.Parameter(tensor([1]))], 1)
  const scheduler = new Halving(o, 2)
  const rates = Array.from({ length: 5 }, () => {
    const [lr] = scheduler.getLastLr()
    o.step()
    scheduler.step()
    return lr
  })
  expect(rates).toEqual([1, 1, 0.5, 0.5, 0.25])
  expect(scheduler.stateDict()).toMatchObject({ every_nth: 2, last_epoch: 5 })
})
