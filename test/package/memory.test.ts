import { execFileSync } from 'node:child_process'
import { ensureDist, fromRoot, root } from '../helpers/dist'

beforeAll(ensureDist, 120_000)

// A small edition of `npm run bench:memory`: a plain synchronous loop without scope or await.
test.each([
  ['mlp', 20_000, 300],
  ['lenet', 60, 500],
])(
  '%s holds its memory over %i steps',
  (name, steps, limit) => {
    const args = [fromRoot('bench', 'memory.mjs'), `--only=${name}`, `--steps=${steps}`, '--json']
    const out = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    const value = (metric: string) =>
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .find((line) => line.metric === metric)?.value
    expect(value('rss_growth')).toBeLessThan(1.25)
    expect(value('peak_rss_mb')).toBeLessThan(limit)
  },
  120_000,
)
