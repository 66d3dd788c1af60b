/** Six steps of each optimizer and option against PyTorch (scripts/goldens/modules.py), one group and two. */
import { nn, optim, type Tensor, TenzoError, tensor } from 'tenzo'
import { type CodedTensor, camelCase, elementsOf, loadGoldens, valuesOf } from '../helpers/goldens'
import { difference } from '../helpers/tolerance'

interface Run {
  name: string
  options: Record<string, unknown>
  dtype: 'float32' | 'float64'
  grouped: boolean
  steps: [CodedTensor, CodedTensor][]
  print: string
}
interface Mistake {
  name: string
  options: Record<string, unknown>
  message: string
}
const { runs, mistakes } = loadGoldens<{ runs: Run[]; mistakes: Mistake[] }>('optimizers.json.gz')

interface Optimizer {
  step(): unknown
}
type Constructor = new (params: unknown, options: Record<string, unknown>) => Optimizer
const classes = optim as unknown as Record<string, Constructor>

/** Optimizers of PyTorch that Tenzo does not have yet. */
const NOT_YET = new Set(['RMSprop', 'Adagrad', 'Adadelta', 'Adamax', 'NAdam', 'RAdam'])

const inCamelCase = (o: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(o).map(([k, v]) => [camelCase(k), v]))

function values(count: number, f: (i: number) => number, dtype: 'float32' | 'float64', shape: number[]): Tensor {
  return tensor(Float64Array.from({ length: count }, (_, i) => f(i)))
    .to(dtype)
    .reshape(shape)
}

function check(run: Run): void {
  const a = new nn.Parameter(values(6, (i) => i / 4 - 0.7, run.dtype, [2, 3]))
  const b = new nn.Parameter(values(19, (i) => i / 8 - 1, run.dtype, [19]))
  const groups = run.grouped ? [{ params: [a] }, { params: [b], lr: 0.5 }] : [a, b]
  const optimizer = new classes[run.name]!(groups, { lr: 0.1, ...inCamelCase(run.options) })
  run.steps.forEach((wanted, step) => {
    ;[a, b].forEach((p, n) => {
      p.grad =
        n === 1 && step === 2
          ? null
          : values(p.numel(), (i) => (((i * 13 + step * 5 + n) % 11) - 4) / 8, run.dtype, [...p.shape])
    })
    optimizer.step()
    ;[a, b].forEach((p, n) => {
      const relative = run.dtype === 'float32' ? 2e-6 : 1e-13
      const d = difference(valuesOf(p), elementsOf(wanted[n]!), { relative, ofLargest: relative / 4 })
      if (d) throw new Error(`step ${step}, parameter ${n}: ${d}`)
    })
  })
}

for (const name of new Set(runs.map((r) => r.name))) {
  if (NOT_YET.has(name)) {
    test(`${name} is not there yet`, () => expect(name in optim).toBe(false))
    continue
  }
  describe(name, () => {
    const own = runs.filter((r) => r.name === name)
    test.each(own.map((r) => [JSON.stringify(r.options), r.dtype, r.grouped ? 'two groups' : 'one group', r] as const))(
      '%s %s %s',
      (_a, _b, _c, run) => check(run),
    )
  })
}

test.each(mistakes.filter((m) => !NOT_YET.has(m.name)))('$name $options', ({ name, options, message }) => {
  const make = () => new classes[name]!([new nn.Parameter(tensor([1, 1]))], inCamelCase(options))
  expect(make).toThrow(TenzoError)
  // Python writes 1.0 where JavaScript writes 1.
  expect(make).toThrow(message.replace(/(\d)\.0\b/g, '$1'))
})
