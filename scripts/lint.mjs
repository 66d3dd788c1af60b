// npm run lint, npm run format: Biome for TypeScript and JavaScript, clang-format for C++.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { bin, ensureDependencies, inRoot, node, root } from './setup.mjs'

const fix = process.argv.includes('--fix')
ensureDependencies()

let failed = node([bin('@biomejs/biome', 'biome'), 'check', '--error-on-warnings', ...(fix ? ['--write'] : [])], {
  must: false,
})

const sources = readdirSync(inRoot('native'), { recursive: true })
  .filter((name) => /\.(cpp|h)$/.test(name))
  .map((name) => `native/${name}`)
const bundled = ['linux x64', 'darwin x64', 'darwin arm64', 'win32 x64'].includes(`${platform()} ${arch()}`)
const [command, prefix] = bundled ? [process.execPath, [bin('clang-format')]] : ['clang-format', []]
const style = spawnSync(command, [...prefix, ...(fix ? ['-i'] : ['--dry-run', '--Werror']), ...sources], {
  cwd: root,
  encoding: 'utf8',
})
if (style.error) console.log(`C++ style is not checked: no clang-format for ${platform()} ${arch()}`)
else if (style.status !== 0) {
  process.stderr.write(style.stderr)
  failed = 1
}
if (failed && !fix) console.error('npm run format mends what can be mended')
process.exitCode = failed ? 1 : 0
