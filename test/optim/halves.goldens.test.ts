/** Optimizers on float16 and bfloat16 parameters, bit by bit (test/oracle/halves.py). */
import { nn, optim, type Tensor } from 'tenzo'
import { camelCase, type CodedTensor, decodeTensor, elementsOf, loadGoldens, valuesOf } from '../helpers/goldens'

interface Run {
  name: string
  options: Record<string, unknown>
  start: CodedTensor
  grads: CodedTensor[]
  end: CodedTensor
  state: Record<string, CodedTensor>
}
const runs = loadGoldens<Run[]>('optimizers_halves.json.gz')
const camel = (o: Record<string, unknown>) => Object.fromEntries(Object.entries(o).map(([k, v]) => [camelCase(k), v]))
const make = (name: string, p: Tensor, options: Record<string, unknown>): optim.Optimizer<object> =>
  new (optim as unknown as Record<string, new (...args: unknown[]) => optim.Optimizer<object>>)[name]!(
    [p],
    camel(options),
  )

test.each(runs.map((r) => [`${r.start.t} ${r.name} ${JSON.stringify(r.options)}`, r] as const))('%s', (_title, r) => {
  const p = new nn.Parameter(decodeTensor(r.start))
  const optimizer = make(r.name, p, r.options)
  for (const g of r.grads) {
    p.grad = decodeTensor(g)
    optimizer.step()
  }
  expect([...valuesOf(p.detach())]).toEqual([...elementsOf(r.end)])
  const state = optimizer.state.get(p) as Record<string, Tensor>
  for (const [name, want] of Object.entries(r.state)) {
    const got = state[camelCase(name)]!
    expect([name, got.dtype, [...valuesOf(got)]]).toEqual([name, want.t, [...elementsOf(want)]])
  }
})
