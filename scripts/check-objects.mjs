// Holds native sources and kernel objects to their promises: a room includes nothing above it, and whatever a kernel object defines
// is its own or in the namespace of its CPU level. Any other inline function or template could be merged by the linker across levels
// and bring AVX-512 code to an old CPU.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from './setup.mjs'

const BELOW = {
  threads: [],
  simd: [],
  command: ['threads'],
  dispatch: ['command'],
  kernels: ['command', 'dispatch/kernels.h', 'simd', 'threads'],
  binding: ['dispatch', 'threads'],
}
const up = []
for (const [room, below] of Object.entries(BELOW))
  for (const name of readdirSync(inRoot('native', room), { recursive: true })) {
    if (!/\.(cpp|h)$/.test(name) || /_(test|bench)\.cpp$/.test(name)) continue
    const text = readFileSync(inRoot('native', room, name), 'utf8')
    for (const [, path] of text.matchAll(/#include "([^"]+\/[^"]+)"/g))
      if (![room, ...below].some((allowed) => path === allowed || path.startsWith(`${allowed}/`)))
        up.push(`${room}/${name}: ${path}`)
  }
if (up.length) {
  console.error(
    `these includes run up, from a room of native to one above it:\n${up.map((line) => `  ${line}`).join('\n')}`,
  )
  process.exit(1)
}

const build = inRoot('build', 'cmake', 'CMakeFiles')
if (process.platform !== 'linux' || spawnSync('nm', ['--version']).status !== 0 || !existsSync(build)) process.exit(0)

const bad = []
for (const folder of readdirSync(build).filter((name) => /^kernels_\w+\.dir$/.test(name))) {
  const level = folder.slice('kernels_'.length, -'.dir'.length)
  const objects = readdirSync(join(build, folder), { recursive: true })
    .filter((name) => name.endsWith('.o'))
    .map((name) => join(build, folder, name))
  if (objects.length === 0) continue
  const symbols = execFileSync('nm', ['--defined-only', '--extern-only', '-A', ...objects], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const own = new RegExp(`^_Z[A-Z]{0,3}5tenzo${level.length}${level}`)
  for (const line of symbols.split('\n')) {
    const [, file, name] = line.match(/([^/]+)\.o:[0-9a-f]* [A-Za-z] (\S+)/) ?? []
    if (name && !own.test(name)) bad.push(`${level} ${file}: ${name}`)
  }
}
if (bad.length) {
  console.error(
    `these symbols of kernel objects could be merged across CPU levels; put them into the anonymous namespace:`,
  )
  console.error(bad.map((line) => `  ${line}`).join('\n'))
  process.exitCode = 1
}
