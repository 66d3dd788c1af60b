/**
 * Memory that can be trusted: with a collection at every allocation, no slabs and 0xFF in all that is free (TENZO_GC_STRESS=1), training,
 * files and the recorded samples give the bits that they give without. A part of it here; `npm run stress` runs all, on any Node.
 */
import { execFileSync } from 'node:child_process'
import { fromRoot } from '../helpers/dist'

test('the same bits with a collection at every allocation', () => {
  const out = execFileSync(process.execPath, [fromRoot('scripts', 'stress.mjs'), '--part'], { encoding: 'utf8' })
  expect(out.match(/ 0 differ/g)).toHaveLength(2)
}, 300_000)
