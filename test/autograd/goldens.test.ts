/** Small programs of autograd against PyTorch (test/oracle/autograd.py): values, order of calls, error texts. */
import { camelCase, loadGoldens } from '../helpers/goldens'
import { FORMS, load, run } from './translated'

const code = loadGoldens<string>('autograd_programs.json.gz')
const recorded = loadGoldens<Record<string, unknown[][]>>('autograd.json.gz')

describe.each(FORMS)('modes by %s', (form) => {
  const programs = load(code, form)
  test.each(Object.entries(recorded))('%s', (name, lines) => {
    expect(run(programs[camelCase(name)]!)).toEqual(lines)
  })
})
