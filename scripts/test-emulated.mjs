// npm run test:emulated [-- nehalem haswell arm64]: the kernels' tests and the core suite (the tutorials' cases, the recorded samples of all
// operations, of autograd and of modules) on processors that are not here: one without AVX, one with AVX2 and no AVX-512, and a 64-bit
// ARM, cross-built. Debian's packages that it needs it installs.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  ADDON,
  bin,
  checkNode,
  die,
  ensureDependencies,
  ensureJs,
  ensureNative,
  ensurePackages,
  inRoot,
  installInto,
  otherNode,
  run,
} from './setup.mjs'

const CORE = [
  'test/seeds',
  'test/ops/goldens',
  'test/ops/bits',
  'test/autograd/goldens',
  'test/nn/modules.goldens',
  'test/optim/optimizers.goldens',
]
const MACHINES = {
  nehalem: { qemu: ['qemu-x86_64', '-cpu', 'Nehalem'], level: 'baseline', packages: ['qemu-user'] },
  haswell: { qemu: ['qemu-x86_64', '-cpu', 'Haswell'], level: 'avx2', packages: ['qemu-user'] },
  arm64: {
    qemu: ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'],
    packages: ['qemu-user', 'g++-aarch64-linux-gnu'],
    cross: true,
  },
}
const wanted = process.argv.slice(2)
for (const name of wanted) if (!(name in MACHINES)) die(`no machine "${name}": ${Object.keys(MACHINES).join(' ')}`)
if (process.platform !== 'linux' || process.arch !== 'x64') die('other processors are emulated on linux-x64 only.')

/** The programs of the kernels' tests, as ctest knows them, under an emulator. */
function kernels(folder, [qemu, ...options]) {
  const listed = spawnSync('ctest', ['--test-dir', folder, '--show-only=json-v1'], { encoding: 'utf8' })
  const tests = JSON.parse(listed.stdout).tests
  let failed = 0
  for (const { name, command, properties } of tests) {
    const variables = properties?.find((p) => p.name === 'ENVIRONMENT')?.value ?? []
    const env = { ...process.env, ...Object.fromEntries(variables.map((v) => v.split(/=(.*)/s).slice(0, 2))) }
    // (Where CMake cross-compiles, the emulator stands in the command.)
    const program = command.slice(command.findIndex((word) => word.startsWith(inRoot())))
    const done = spawnSync(qemu, [...options, ...program], { env, encoding: 'utf8' })
    if (done.status === 0) continue
    failed++
    console.log(`${name} ${done.signal ?? done.status}\n${done.stdout}${done.stderr}`)
  }
  console.log(`kernels: ${tests.length - failed} of ${tests.length} programs passed`)
  return failed > 0
}
/** The parts of jest that are native code, for another architecture. @returns their folder */
function nativeTools(arch) {
  const folder = inRoot('build', `tools-${arch}`)
  const names = {
    '@swc/core': `@swc/core-linux-${arch}-gnu`,
    'unrs-resolver': `@unrs/resolver-binding-linux-${arch}-gnu`,
  }
  if (!Object.values(names).every((name) => existsSync(join(folder, 'node_modules', name)))) {
    const versions = Object.entries(names).map(
      ([of, name]) => `${name}@${JSON.parse(readFileSync(inRoot('node_modules', of, 'package.json'), 'utf8')).version}`,
    )
    installInto(folder, versions, { force: true })
  }
  return join(folder, 'node_modules')
}
function core({ qemu, level, cross }, folder) {
  const program = cross ? otherNode(process.versions.node.split('.')[0], 'arm64') : process.execPath
  const env = { TENZO_ADDON: join(folder, ADDON), ...(cross ? { NODE_PATH: nativeTools('arm64') } : {}) }
  if (level) {
    const ask = `console.log(require(${JSON.stringify(inRoot('dist', 'index.js'))}).cpuLevel())`
    const said = spawnSync(qemu[0], [...qemu.slice(1), program, '-e', ask], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    })
    if (said.stdout.trim() !== level) die(`the emulated processor runs ${said.stdout.trim()}, not ${level}`)
  }
  // In one process: children would not be emulated. And patient: it takes ten to thirty times as long.
  const args = [bin('jest'), '--ci', '--runInBand', '--watchman=false', '--testTimeout=1200000', '--silent', ...CORE]
  return run(qemu[0], [...qemu.slice(1), program, ...args], { must: false, env }) !== 0
}

checkNode()
ensureDependencies()
ensureJs()
const failures = []
for (const [name, machine] of Object.entries(MACHINES)) {
  if (wanted.length && !wanted.includes(name)) continue
  console.log(`\n== ${name}`)
  ensurePackages(machine.packages)
  const start = performance.now()
  const folder = inRoot(machine.cross ? 'build/linux-arm64' : 'build/cmake')
  ensureNative({
    tests: true,
    ...(machine.cross ? { out: 'build/linux-arm64', arch: 'arm64', toolchain: 'scripts/linux-arm64.cmake' } : {}),
  })
  const failed = [kernels(folder, machine.qemu), core(machine, folder)].includes(true)
  if (failed) failures.push(name)
  console.log(`${name}: ${failed ? 'failed' : 'passed'}, ${((performance.now() - start) / 1000).toFixed(0)} s`)
}
console.log(failures.length ? `\nfailed: ${failures.join(', ')}` : '\nall passed')
process.exitCode = failures.length ? 1 : 0
