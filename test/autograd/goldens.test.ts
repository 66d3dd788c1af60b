/** Small programs of autograd against PyTorch (test/oracle/autograd.py): values, order of calls, error texts. */
import { camelCase, loadGoldens } from '../helpers/goldens'
import { checks } from './programs/checks'
import { functions } from './programs/functions'
import { hooks } from './programs/hooks'
import { run } from './programs/log'
import { passes } from './programs/passes'

const programs = { ...functions, ...hooks, ...passes, ...checks }
const recorded = Object.entries(loadGoldens<Record<string, unknown[][]>>('autograd.json.gz')).map(
  ([name, lines]) => [camelCase(name), lines] as const,
)

test('each program is written in both languages', () => {
  expect(Object.keys(programs).sort()).toEqual(recorded.map(([name]) => name).sort())
})

test.each(recorded)('%s', (name, lines) => {
  expect(run(programs[name]!)).toEqual(lines)
})
