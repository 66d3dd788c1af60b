/** Damaged files, some of them each time the same, and whatever `npm run fuzz` found once. */
import { execFileSync } from 'node:child_process'
import { fromRoot } from '../helpers/dist'

const fuzz = (...args: string[]) =>
  execFileSync(process.execPath, [fromRoot('scripts', 'fuzz.mjs'), ...args], { encoding: 'utf8' })

test.each(['pt', 'safetensors', 'npy', 'npz', 'idx'])(
  'files of %s',
  (format) => {
    const out = fuzz('--seed=1', '--rounds=400', '--seconds=60', format)
    const { rounds, accepted } = JSON.parse(out.slice(out.indexOf('{'))) as Record<string, number>
    expect(rounds).toBe(400)
    // Some damage is none; where all is, or nothing, the mutations are no good.
    expect(accepted).toBeGreaterThan(2)
    expect(accepted).toBeLessThan(300)
  },
  120_000,
)

test('what was found before', () => {
  expect(fuzz('--replay')).toMatch(/ 0 are still wrong/)
}, 120_000)
