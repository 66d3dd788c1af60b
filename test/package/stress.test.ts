/**
 * Memory that can be trusted: with a collection at every allocation, no slabs and 0xFF in all that is free (TENZO_GC_STRESS=1), training
 * and the recorded samples give the bits that they give without. A part of it here; `npm run stress` runs all, on any Node.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(__dirname, '..', '..')

test('the same bits with a collection at every allocation', () => {
  const out = execFileSync(process.execPath, [join(ROOT, 'scripts', 'stress.mjs'), '--every=24'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  expect(out.match(/(\d+) programs, 0 differ/g)).toHaveLength(2)
}, 300_000)
