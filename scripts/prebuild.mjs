// npm run prebuilds [-- --arch=arm64]: the addon, stripped, into prebuilds/<platform>-<arch>/tenzo.node, and on Linux a
// check that it asks for no newer C library than the one of the oldest distributions supported.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { ADDON, checkNode, die, ensureDependencies, ensureNative, inRoot, root } from './setup.mjs'

const FLOOR = { GLIBC: [2, 28], GLIBCXX: [3, 4, 25], CXXABI: [1, 3, 11] } // Debian 10, RHEL 8
const CROSS = { 'linux-arm64': { toolchain: 'scripts/linux-arm64.cmake', tools: 'aarch64-linux-gnu-' } }

const { values: options } = parseArgs({ options: { arch: { type: 'string', default: process.arch } } })
// An addon built against musl does not load where glibc is, nor the other way round.
const musl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime
const target = `${process.platform}${musl ? 'musl' : ''}-${options.arch}`
const cross = options.arch === process.arch ? undefined : CROSS[target]
if (options.arch !== process.arch && !cross && process.platform !== 'darwin') die(`no cross build for ${target}`)

checkNode()
ensureDependencies()
const out = cross || options.arch !== process.arch ? `build/${target}` : 'build/cmake'
ensureNative({ out, arch: options.arch, toolchain: cross?.toolchain })

const folder = inRoot('prebuilds', target)
const file = `prebuilds/${target}/tenzo.node`
mkdirSync(folder, { recursive: true })
copyFileSync(inRoot(out, ADDON), inRoot(file))

const tool = (name, ...args) => execFileSync(`${cross?.tools ?? ''}${name}`, args, { cwd: root, encoding: 'utf8' })
if (process.platform === 'linux') {
  tool('strip', '--strip-unneeded', file)
  // musl has no symbol versions: nothing is found there.
  checkFloor(tool('objdump', '-T', file))
}
if (process.platform === 'darwin') tool('strip', '-x', file)
if (options.arch === process.arch) {
  const loaded = spawnSync(process.execPath, ['-p', `require(${JSON.stringify(inRoot(file))}).cpuLevel()`], {
    encoding: 'utf8',
  })
  if (loaded.status !== 0) die(`${file} does not load:\n${loaded.stderr}`)
}
console.log(`${file} is ready`)

function checkFloor(symbols) {
  const tooNew = []
  for (const [, library, version, name] of symbols.matchAll(/\((GLIBC|GLIBCXX|CXXABI)_([\d.]+)\)\s+(\S+)/g)) {
    const parts = version.split('.').map(Number)
    const floor = FLOOR[library]
    const i = parts.findIndex((part, at) => part !== (floor[at] ?? 0))
    if (i >= 0 && parts[i] > (floor[i] ?? 0)) tooNew.push(`${name} (${library}_${version})`)
  }
  if (tooNew.length)
    die(
      `${file} needs newer libraries than GLIBC_${FLOOR.GLIBC.join('.')}, see native/glibc_floor.h:\n  ${tooNew.join('\n  ')}`,
    )
}
