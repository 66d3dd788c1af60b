/** Printouts of optimizers against PyTorch's own (test/oracle/print_modules.py). */
import { inspect } from 'node:util'
import { nn, optim, zeros } from 'tenzo'
import { camelCase, loadGoldens } from '../helpers/goldens'

type Options = Record<string, unknown>
interface Row {
  c: string
  /** The options of each group. */
  groups: Options[]
  o: Options
  text: string
}
const { optimizers } = loadGoldens<{ optimizers: Row[] }>('print.json.gz')

type AnyOptimizer = new (params: unknown, options?: Options) => { toString(): string }
const classes = optim as unknown as Record<string, AnyOptimizer>
const inCamelCase = (o: Options): Options => Object.fromEntries(Object.entries(o).map(([k, v]) => [camelCase(k), v]))

/** Optimizers of PyTorch's that Tenzo does not have. */
const NOT_HERE = new Set<string>()

test('what PyTorch has and Tenzo has not is listed', () => {
  const names = new Set(optimizers.map(({ c }) => c))
  expect([...names].filter((name) => !(name in optim))).toEqual([...NOT_HERE])
})

test.each(optimizers.filter(({ c }) => c in optim).map((row) => [row.c, JSON.stringify(row.o), row] as const))(
  '%s %s',
  (name, _options, { groups, o, text }) => {
    const parameter = (): nn.Parameter => new nn.Parameter(zeros([2]))
    const params =
      groups.length === 1 ? [parameter()] : groups.map((g) => ({ params: [parameter()], ...inCamelCase(g) }))
    const made = new classes[name]!(params, inCamelCase(o))
    expect(String(made)).toBe(text)
    expect(inspect(made)).toBe(text)
  },
)
