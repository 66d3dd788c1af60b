/** Runs of each optimizer and option against PyTorch (test/oracle/optimizers.py), with what they print and their state. */
import { nn, optim, type Tensor, TenzoError, tensor } from 'tenzo'
import { type CodedTensor, camelCase, elementsOf, loadGoldens, valuesOf } from '../helpers/goldens'
import { difference } from '../helpers/tolerance'

type StateValue = CodedTensor | number | null | StateValue[]
interface Run {
  name: string
  options: Record<string, unknown>
  dtype: 'float32' | 'float64'
  grouped: boolean
  steps: [CodedTensor, CodedTensor][]
  print: string
  state?: Record<number, Record<string, StateValue>>
}
interface Search {
  options: Record<string, unknown>
  dtype: 'float32' | 'float64'
  steps: { loss: number; x: CodedTensor; calls: number }[]
  print: string
  keys: string[]
  evaluations: number
  iterations: number
}
interface Mistake {
  name: string
  options: Record<string, unknown>
  message: string
}
const golden = loadGoldens<{ runs: Run[]; lbfgs: Search[]; mistakes: Mistake[] }>('optimizers.json.gz')

interface Optimizer {
  step(): unknown
  stateDict(): optim.OptimizerStateDict
}
type Constructor = new (params: unknown, options: Record<string, unknown>) => Optimizer
const classes = optim as unknown as Record<string, Constructor>

const inCamelCase = (o: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(o).map(([k, v]) => [camelCase(k), v]))

function values(count: number, f: (i: number) => number, dtype: 'float32' | 'float64', shape: number[]): Tensor {
  return tensor(Float64Array.from({ length: count }, (_, i) => f(i)))
    .to(dtype)
    .reshape(shape)
}

function expectNear(what: string, got: Tensor, want: CodedTensor, relative: number): void {
  expect([got.dtype, [...got.shape]]).toEqual([want.t, want.s])
  const d = difference(valuesOf(got), elementsOf(want), { relative, ofLargest: relative / 4 })
  if (d) throw new Error(`${what}: ${d}`)
}

function check(run: Run): void {
  const relative = run.dtype === 'float32' ? 2e-6 : 1e-13
  const a = new nn.Parameter(values(6, (i) => i / 4 - 0.7, run.dtype, [2, 3]))
  const b = new nn.Parameter(values(19, (i) => i / 8 - 1, run.dtype, [19]))
  const groups = run.grouped ? [{ params: [a] }, { params: [b], lr: 0.5 }] : [a, b]
  const optimizer = new classes[run.name]!(groups, { lr: 0.1, ...inCamelCase(run.options) })
  expect(String(optimizer)).toBe(run.print)
  run.steps.forEach((wanted, step) => {
    ;[a, b].forEach((p, n) => {
      p.grad =
        n === 1 && step === 2
          ? null
          : values(p.numel(), (i) => (((i * 13 + step * 5 + n) % 11) - 4) / 8, run.dtype, [...p.shape])
    })
    optimizer.step()
    ;[a, b].forEach((p, n) => {
      expectNear(`step ${step}, parameter ${n}`, p, wanted[n]!, relative)
    })
  })
  if (!run.state) return
  const { state } = optimizer.stateDict()
  expect([...state.keys()]).toEqual(Object.keys(run.state).map(Number))
  for (const [n, own] of state) {
    const want = run.state[n]!
    expect(Object.keys(own).sort()).toEqual(Object.keys(want).sort())
    for (const [name, value] of Object.entries(own))
      if (want[name] === null) expect(value).toBeNull()
      else expectNear(`state ${n}.${name}`, value as Tensor, want[name] as CodedTensor, relative * 4)
  }
}

for (const name of new Set(golden.runs.map((r) => r.name)))
  describe(name, () => {
    const own = golden.runs.filter((r) => r.name === name)
    test.each(own.map((r) => [JSON.stringify(r.options), r.dtype, r.grouped ? 'two groups' : 'one group', r] as const))(
      '%s %s %s',
      (_a, _b, _c, run) => check(run),
    )
  })

describe('LBFGS', () => {
  test.each(golden.lbfgs.map((s) => [JSON.stringify(s.options), s.dtype, s] as const))('%s %s', (_a, dtype, search) => {
    const x = new nn.Parameter(values(6, (i) => i / 4 - 0.7, dtype, [2, 3]))
    const optimizer = new optim.LBFGS([x], inCamelCase(search.options))
    expect(String(optimizer)).toBe(search.print)
    let calls = 0
    const closure = () => {
      calls++
      optimizer.zeroGrad()
      const v = x.reshape([-1])
      const [next, last] = [v.narrow(0, 1, 5), v.narrow(0, 0, 5)]
      const loss = next.sub(last.pow(2)).pow(2).add(last.sub(1).pow(2)).sum()
      loss.backward()
      return loss
    }
    // Rounding grows along the search; where it has converged, only noise is left of the loss.
    const relative = dtype === 'float32' ? 1e-4 : 1e-9
    for (const want of search.steps) {
      const loss = optimizer.step(closure).item()
      expect(Math.abs(loss - want.loss)).toBeLessThanOrEqual(relative * (Math.abs(want.loss) + 1e-3))
      expectNear('x', x, want.x, relative)
      if (dtype === 'float64') expect(calls).toBe(want.calls)
    }
    const state = optimizer.stateDict().state.get(0)!
    expect(Object.keys(state).sort()).toEqual(search.keys)
    if (dtype === 'float64') expect([state.func_evals, state.n_iter]).toEqual([search.evaluations, search.iterations])
  })
})

test.each(golden.mistakes)('$name $options', ({ name, options, message }) => {
  const make = () => new classes[name]!([new nn.Parameter(tensor([1, 1]))], inCamelCase(options))
  expect(make).toThrow(TenzoError)
  expect(make).toThrow(message)
})
