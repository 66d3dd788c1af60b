// npm run test:asan [-- --every=4 --only=NAME]: the addon itself under the address and undefined-behaviour sanitizers, in Node.js: the
// programs of test/stress, which train, read and write files and go through recorded samples (one of `every` of each operation's).
// TENZO_GC_STRESS=1 cuts nothing from slabs, so that each tensor has a border of its own that the sanitizer watches.
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
  levels,
  option,
} from './setup.mjs'

if (process.platform !== 'linux')
  die('the addon is run under the sanitizers on Linux only, where they can be preloaded.')
const OUT = 'build/asan'

checkNode()
ensureDependencies()
ensureNative({ out: OUT, defines: { TENZO_SANITIZE: 'address', TENZO_LEVELS: levels().at(-1) } })
// Node.js was built without it, so it must be there before all else.
const compiler = process.env.CXX ?? 'g++'
const library = spawnSync(compiler, ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout?.trim()
if (!library?.startsWith('/'))
  die(`${compiler} has no libasan.so (on Debian or Ubuntu: apt-get install libgcc-12-dev).`)

const folder = compileStress()
try {
  const start = performance.now()
  const main = join(folder, 'test', 'stress', 'main.js')
  const done = spawnSync(process.execPath, ['--no-warnings', main, option('every', '4'), option('only', '')], {
    env: {
      ...process.env,
      LD_PRELOAD: library,
      // V8 leaves most of its memory to the end of the process.
      ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=1',
      TENZO_ADDON: inRoot(OUT, ADDON),
      TENZO_GC_STRESS: '1',
      GOLDENS_DIR: inRoot('test', 'goldens'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (done.status !== 0) die(`the programs ended with ${done.signal ?? done.status}`)
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.log(`${Object.keys(JSON.parse(done.stdout)).length} programs, nothing found, ${seconds} s`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
