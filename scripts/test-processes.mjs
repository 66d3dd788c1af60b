// npm run test:processes [-- --only=NAME --rounds=20]: Workers, processes that are killed while they save or compute, forks, clusters, two
// copies of the package. Each program of test/processes throws where something does not hold, and gives its figures.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkNode, die, ensureAll, inRoot, option } from './setup.mjs'

const PROGRAMS = ['workers', 'saves', 'ends', 'forks', 'copies']
const only = option('only', '')
if (only && !PROGRAMS.includes(only)) die(`no program "${only}": ${PROGRAMS.join(' ')}`)
const rounds = Number(option('rounds', '20'))

checkNode()
ensureAll()
const failed = []
for (const name of PROGRAMS) {
  if (only && name !== only) continue
  const folder = await mkdtemp(join(tmpdir(), `tenzo-${name}-`))
  const start = performance.now()
  try {
    const { run } = await import(inRoot('test', 'processes', `${name}.mjs`))
    const said = await run({ folder, rounds })
    console.log(`${name}: ${said} (${((performance.now() - start) / 1000).toFixed(0)} s)`)
  } catch (error) {
    failed.push(name)
    console.error(`${name}: ${error.stack ?? error}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
console.log(failed.length ? `failed: ${failed.join(', ')}` : 'all passed')
process.exitCode = failed.length ? 1 : 0
