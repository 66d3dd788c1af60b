// npm test [-- step …]: sets up whatever is missing or out of date, then runs every check; with names of steps, only those.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { bin, checkNode, die, ensureDependencies, ensureJs, ensureNative, levels, node, root, run } from './setup.mjs'

const totals = { passed: 0, failed: 0 }
const failures = []

/** Runs a program with its output shown and kept, to read the counts in its closing lines. */
const runAndRead = (command, args, env = {}) =>
  new Promise((resolve) => {
    let text = ''
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])
      from.on('data', (data) => {
        text += data
        to.write(data)
      })
    child.on('error', (error) => die(`cannot run ${command}: ${error.message}`))
    child.on('close', (code) => resolve({ ok: code === 0, text }))
  })

function count(passed, failed) {
  totals.passed += passed
  totals.failed += failed
}

async function ctest(folder, only = []) {
  const args = ['--test-dir', folder, '--output-on-failure', '--no-tests=error', '-j', String(availableParallelism())]
  if (only.length) args.push('-R', `^(${only.join('|')})$`)
  const { ok, text } = await runAndRead('ctest', args)
  const m = text.match(/(\d+) tests? failed out of (\d+)/)
  if (m) count(m[2] - m[1], Number(m[1]))
  return ok
}

function jest(env, options = []) {
  const report = join(tmpdir(), `tenzo-jest-${process.pid}.json`)
  const ok = node([bin('jest'), '--ci', '--json', `--outputFile=${report}`, ...options], { must: false, env }) === 0
  if (existsSync(report)) {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'))
    rmSync(report)
    count(numPassedTests, numFailedTests + numRuntimeErrorTestSuites)
  }
  return ok
}

/** Builds and runs kernel tests under a sanitizer. */
function sanitized(kind, levels, targets) {
  const folder = `build/sanitize-${kind}`
  const options = ['-DTENZO_TESTS=ON', `-DTENZO_SANITIZE=${kind}`, `-DTENZO_LEVELS=${levels.join(';')}`]
  run('cmake', ['-S', '.', '-B', folder, ...options], { quiet: true })
  run('cmake', ['--build', folder, '--target', ...targets, '--parallel', String(availableParallelism())])
  return ctest(
    folder,
    targets.filter((name) => name !== ALL),
  )
}
const ALL = 'kernel_tests'
/** What threads share: the pool, and what is drawn and summed on it. Of races, one level tells as much as all. */
const SHARING = ['threads_test', 'random_test', 'reduce_test']

const steps = {
  generated: () => node(['scripts/generate.mjs', '--check'], { must: false }) === 0,
  lint: () => node(['scripts/lint.mjs'], { must: false }) === 0,
  // (lib/ alone, with its own settings, is compiled on the way to dist/.)
  types: () => node([bin('typescript', 'tsc'), '-p', 'tsconfig.test.json'], { must: false }) === 0,
  native: () => {
    ensureNative({ tests: true })
    const separate = node(['scripts/check-objects.mjs'], { must: false }) === 0
    return ctest('build/cmake').then((ok) => ok && separate)
  },
  sanitize: async () => {
    const address = await sanitized('address', levels(), [ALL])
    return (await sanitized('thread', levels().slice(0, 1), SHARING)) && address
  },
  jest: () => {
    ensureNative({ tests: true })
    ensureJs()
    return jest({})
  },
  // The same answers on a CPU without AVX. (What the compilers say of types has nothing to do with it.)
  'jest-lowest': () => {
    const [lowest, best] = levels()
    if (!best) return true
    return jest({ TENZO_CPU: lowest }, ['--testPathIgnorePatterns=test/package/programs'])
  },
}

checkNode()
const wanted = process.argv.slice(2)
for (const name of wanted) if (!(name in steps)) die(`no step "${name}": ${Object.keys(steps).join(' ')}`)
ensureDependencies()
const times = []
for (const [name, step] of Object.entries(steps)) {
  if (wanted.length && !wanted.includes(name)) continue
  console.log(`\n== ${name}`)
  const start = performance.now()
  if (!(await step())) failures.push(name)
  times.push(`${name} ${((performance.now() - start) / 1000).toFixed(0)} s`)
}
console.log(`\n${times.join(', ')}`)
if (failures.length) console.log(`failed: ${failures.join(', ')}`)
// A step without tests of its own counts as one when it fails, so that the last line never hides it.
if (failures.length && totals.failed === 0) totals.failed = failures.length
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = failures.length ? 1 : 0
