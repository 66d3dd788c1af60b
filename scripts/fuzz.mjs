// npm run fuzz [-- --seconds=60 --seed=1 --rounds=1000 pt safetensors npy npz idx commands]: damaged files of every format, and native
// commands with clang's libFuzzer, until the time is up. A finding is saved in test/fuzz/findings, where `npm test` tries it from then on;
// `-- --replay` does that alone. Each runs in a process of its own, bounded in memory and watched.
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  checkNode,
  die,
  ensureDependencies,
  ensureJs,
  ensureNative,
  ensurePackages,
  inRoot,
  levels,
  run,
} from './setup.mjs'

const FORMATS = ['pt', 'safetensors', 'npy', 'npz', 'idx']
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    rounds: { type: 'string' },
    replay: { type: 'boolean' },
  },
})
const seconds = Number(options.seconds)
const seed = Number(options.seed ?? Date.now() % 2 ** 31)
const wanted = positionals.length ? positionals : [...FORMATS, 'commands']
for (const name of wanted) if (name !== 'commands' && !FORMATS.includes(name)) die(`nothing to fuzz called "${name}"`)
const FINDINGS = inRoot('test', 'fuzz', 'findings')
/** Of a process: its heap, and all that it has in memory. */
const HEAP_MB = 512
const MEMORY_MB = 2048
/** A file that takes longer ends its process. */
const HANG_SECONDS = 10

function save(name, path) {
  const bytes = readFileSync(path)
  mkdirSync(FINDINGS, { recursive: true })
  const target = join(FINDINGS, `${name}-${createHash('sha1').update(bytes).digest('hex').slice(0, 12)}`)
  copyFileSync(path, target)
  console.log(`${name}: FOUND ${target} (seed ${seed})`)
}

function residentMB(pid) {
  const done = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return Number(done.stdout) / 1024 || 0
}

/** Runs test/fuzz/formats.mjs on a file that it writes, or that is there; says whether nothing was found. */
function watch(format, file, args) {
  return new Promise((resolve) => {
    const program = [`--max-old-space-size=${HEAP_MB}`, inRoot('test', 'fuzz', 'formats.mjs'), format, file, ...args]
    const child = spawn(process.execPath, program, { cwd: inRoot(), stdio: ['ignore', 'pipe', 'pipe'] })
    const started = Date.now()
    let text = ''
    let why = null
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data))
    const watchdog = setInterval(() => {
      const since = Math.max(started, args.length > 0 && existsSync(file) ? statSync(file).mtimeMs : 0)
      if (Date.now() - since > HANG_SECONDS * 1000) why = `it hangs: ${HANG_SECONDS} s`
      else if (residentMB(child.pid) > MEMORY_MB) why = `it has more than ${MEMORY_MB} MB`
      if (why) child.kill('SIGKILL')
    }, 500)
    child.on('close', (code, signal) => {
      clearInterval(watchdog)
      resolve({ ok: code === 0, text: why ?? (signal ? `${text}\nended by ${signal}` : text) })
    })
  })
}

async function fuzzFormat(format) {
  const folder = mkdtempSync(join(tmpdir(), 'tenzo-fuzz-'))
  const file = join(folder, `file.${format}`)
  try {
    const { ok, text } = await watch(format, file, [String(seed), options.rounds ?? 'Infinity', String(seconds)])
    console.log(`${format}: seed ${seed} ${text.trim()}`)
    if (!ok && existsSync(file)) save(format, file)
    return ok
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Every file that was found once; a format is known by the beginning of the name, and by its end where it is read. */
async function replay() {
  const names = (existsSync(FINDINGS) ? readdirSync(FINDINGS) : []).filter((name) =>
    FORMATS.includes(name.split('-')[0]),
  )
  let failed = 0
  for (const name of names) {
    const format = name.split('-')[0]
    const folder = mkdtempSync(join(tmpdir(), 'tenzo-fuzz-'))
    const file = join(folder, `file.${format}`)
    copyFileSync(join(FINDINGS, name), file)
    const { ok, text } = await watch(format, file, [])
    rmSync(folder, { recursive: true })
    if (!ok) console.log(`${name}: ${text}`)
    if (!ok) failed++
  }
  console.log(`${names.length} findings, ${failed} are still wrong`)
  return failed === 0
}

const there = (command) => spawnSync(command, ['--version']).status === 0

function fuzzCommands() {
  // (With the library of the sanitizers, which it recommends.)
  if (!there('clang++')) ensurePackages(['clang'])
  const folder = 'build/fuzz'
  // The lowest level: what is looked for lies before the kernels, and older clangs do not know the names of all features.
  const sanitizer = ['-DTENZO_TESTS=ON', '-DTENZO_SANITIZE=fuzzer', `-DTENZO_LEVELS=${levels()[0]}`]
  const generator = there('ninja') ? ['-G', 'Ninja'] : []
  run('cmake', ['-S', '.', '-B', folder, ...generator, '-DCMAKE_CXX_COMPILER=clang++', ...sanitizer], { quiet: true })
  const parallel = String(availableParallelism())
  run('cmake', ['--build', folder, '--target', 'commands_fuzz_test', '--parallel', parallel], { quiet: true })
  // What reached something new is kept between runs.
  const [corpus, artifacts] = [inRoot(folder, 'corpus'), inRoot(folder, 'artifacts')]
  rmSync(artifacts, { recursive: true, force: true })
  for (const path of [corpus, artifacts]) mkdirSync(path, { recursive: true })
  const bounds = [
    `-max_total_time=${seconds}`,
    `-timeout=${HANG_SECONDS}`,
    `-rss_limit_mb=${MEMORY_MB}`,
    '-max_len=1024',
  ]
  const args = [
    corpus,
    ...bounds,
    `-seed=${seed}`,
    `-artifact_prefix=${artifacts}/`,
    '-print_final_stats=1',
    '-verbosity=0',
  ]
  const ok = run(inRoot(folder, 'commands_fuzz_test'), args, { must: false }) === 0
  for (const name of readdirSync(artifacts)) save('commands', join(artifacts, name))
  return ok
}

checkNode()
ensureDependencies()
if (wanted.some((name) => name !== 'commands')) {
  if (process.env.TENZO_ADDON === undefined) ensureNative()
  ensureJs()
}
let failed = 0
if (options.replay) failed += (await replay()) ? 0 : 1
else for (const name of wanted) failed += (name === 'commands' ? fuzzCommands() : await fuzzFormat(name)) ? 0 : 1
process.exitCode = failed ? 1 : 0
