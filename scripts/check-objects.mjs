// Holds kernel objects to their promise: whatever they define is their own or in the namespace of their CPU level. Any other inline
// function or template could be merged by the linker across levels and bring AVX-512 code to an old CPU.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from './setup.mjs'

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
