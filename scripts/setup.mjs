// What every command needs first: the prerequisites of the machine, node_modules, the addon, dist/. Plain Node without
// dependencies, since it runs before there are any. Each step looks whether it has anything to do and is quick if not.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const inRoot = (...parts) => join(root, ...parts)

/** One clear sentence and the end, for what a user has to put right. */
export function die(message) {
  console.error(`\n${message}`)
  process.exit(1)
}

// Where what a build has to say goes, so that it does not mix with what the command itself prints.
const STDERR = 2

/** Runs a program from the root with its output shown; returns the exit code, or ends the process if `must`. */
export function run(command, args, { must = true, env = {}, quiet = false, out = 'inherit' } = {}) {
  // Windows has npm and its kin as .cmd files, which only a shell runs.
  const shell = process.platform === 'win32' && command === 'npm'
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', out, 'inherit'],
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    shell,
  })
  if (done.error) die(`cannot run ${command}: ${done.error.message}`)
  const code = done.status ?? 1
  if (code !== 0 && quiet) process.stderr.write(done.stdout + done.stderr)
  if (code !== 0 && must) die(`${command} ${args.join(' ')}: exit code ${done.signal ?? code}`)
  return code
}

export const node = (args, options) => run(process.execPath, args, options)

// A clone has all its tools in node_modules. An installed package, which has no lock file, gets those that a build of the
// addon from source needs into a folder of its own.
const installed = !existsSync(inRoot('package-lock.json'))
const modules = installed ? inRoot('build', 'tools', 'node_modules') : inRoot('node_modules')
const NATIVE_TOOLS = ['cmake-js', 'node-addon-api', 'node-api-headers']

const versionOf = (packageName) => JSON.parse(readFileSync(join(modules, packageName, 'package.json'), 'utf8')).version

/** The file behind a command of a development dependency, run with `node` so that no shell or shim is involved. */
export function bin(packageName, command = packageName) {
  const folder = join(modules, packageName)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[command])
}

const succeeds = (command, args = ['--version']) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

export function checkNode() {
  const [major] = process.versions.node.split('.').map(Number)
  if (major < 20) die(`Tenzo needs Node.js 20 or newer; this is ${process.versions.node}.`)
}

export function checkCompiler() {
  const install = {
    linux: (pkg) => `on Debian or Ubuntu: apt-get install ${pkg}`,
    darwin: (pkg) => (pkg === 'cmake' ? 'on macOS: brew install cmake' : 'on macOS: xcode-select --install'),
    win32: (pkg) => (pkg === 'cmake' ? 'from cmake.org' : 'Visual Studio with clang-cl'),
  }[process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux']
  if (!succeeds('cmake')) die(`CMake 3.18 or newer is missing (${install('cmake')}).`)
  const compilers = process.env.CXX ? [process.env.CXX] : ['c++', 'g++', 'clang++']
  if (process.platform !== 'win32' && !compilers.some((c) => succeeds(c)))
    die(`A C++20 compiler is missing (${install('g++')}).`)
  if (process.platform !== 'win32' && !succeeds('ninja') && !succeeds('make'))
    die(`A build tool is missing, ninja or make (${install('make')}).`)
}

/** Packages from npm in a folder of their own. @param force takes those for another architecture, too, which npm refuses */
export function installInto(folder, packages, { force = false } = {}) {
  mkdirSync(folder, { recursive: true })
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...(force ? ['--force'] : [])]
  run('npm', ['install', '--prefix', folder, '--no-save', '--no-package-lock', ...quiet, ...packages])
}

/** Debian's packages; says what to install where that cannot be done from here. */
export function ensurePackages(packages) {
  const missing = packages.filter((name) => !succeeds('dpkg', ['-s', name]))
  if (missing.length === 0) return
  const install = ['apt-get', 'install', '--yes', ...missing]
  const [command, ...args] = process.getuid?.() === 0 ? install : ['sudo', ...install]
  if (!succeeds('apt-get') || run(command, args, { must: false, quiet: true }) !== 0)
    die(`missing: on Debian or Ubuntu, apt-get install ${missing.join(' ')}`)
}

/** The value of `--name=value` in the command, or another. */
export const option = (name, fallback) =>
  process.argv.find((a) => a.startsWith(`--${name}=`))?.slice(name.length + 3) ?? fallback

/** The program of another version of Node, or of another architecture, from npm's packages of it. */
export function otherNode(major, arch = process.arch) {
  const name = `node-${process.platform}-${arch}`
  const folder = inRoot('build', `${name}-${major}`)
  const path = join(folder, 'node_modules', name, 'bin', 'node')
  if (!existsSync(path)) installInto(folder, [`${name}@${major}`], { force: true })
  return path
}

/** The folder of another version of TypeScript, from npm. */
export function otherTypeScript(version) {
  const folder = inRoot('build', `typescript-${version}`)
  const path = join(folder, 'node_modules', 'typescript')
  if (!existsSync(path)) installInto(folder, [`typescript@~${version}.0`])
  return path
}

/** Whether node_modules holds what package-lock.json asks for: npm keeps its own record of what it installed. */
function dependenciesAreCurrent() {
  const record = inRoot('node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  )
}

export function ensureDependencies() {
  if (installed) {
    if (NATIVE_TOOLS.every((name) => existsSync(join(modules, name)))) return
    const { devDependencies } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))
    return installInto(
      inRoot('build', 'tools'),
      NATIVE_TOOLS.map((name) => `${name}@${devDependencies[name]}`),
    )
  }
  if (dependenciesAreCurrent()) return
  // npm would follow the link and empty what it points to, which is another's.
  if (lstatSync(inRoot('node_modules'), { throwIfNoEntry: false })?.isSymbolicLink())
    die(
      'node_modules is a link, and does not hold what package-lock.json asks for: remove the link, or run npm ci where it points.',
    )
  console.log('installing development dependencies (npm ci)')
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'])
}

/** The newest modification time under some files and folders. */
function newest(paths) {
  let time = 0
  for (const path of paths) {
    const stat = statSync(path)
    time = Math.max(time, stat.mtimeMs)
    if (stat.isDirectory()) time = Math.max(time, newest(readdirSync(path).map((name) => join(path, name))))
  }
  return time
}

/** Where the addon lies in the folder of its build. */
export const ADDON = 'Release/tenzo.node'

/**
 * The addon, into build/cmake/Release/tenzo.node. cmake-js configures; ninja or make knows what is out of date. The
 * kernel tests and benchmarks share its objects, so they are built in the same tree.
 */
export function ensureNative({
  tests = false,
  targets = ['tenzo'],
  out = 'build/cmake',
  arch = process.arch,
  toolchain,
  defines = {},
} = {}) {
  checkCompiler()
  const folder = inRoot(out)
  const cmakeJs = bin('cmake-js')
  const common = ['--out', folder, '--arch', arch, '--runtime', 'node', '--runtime-version', process.versions.node]
  const args = ['configure', ...common]
  if (succeeds('ninja')) args.push('--generator', 'Ninja')
  if (toolchain) args.push(`--CDCMAKE_TOOLCHAIN_FILE=${inRoot(toolchain)}`)
  for (const [name, value] of Object.entries(defines)) args.push(`--CD${name}=${value}`)
  // Configured again only when asked for something else; a change of CMakeLists.txt the build itself notices.
  const stampFile = join(folder, 'configured.json')
  const stamp = JSON.stringify({ args, cxx: process.env.CXX, cmakeJs: versionOf('cmake-js') })
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
    rmSync(join(folder, 'CMakeCache.txt'), { force: true })
    rmSync(join(folder, 'CMakeFiles'), { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    node([cmakeJs, ...args], { quiet: true, env: { NODE_PATH: modules } })
    writeFileSync(stampFile, stamp)
  }
  if (
    (tests || targets.some((t) => t !== 'tenzo')) &&
    !/^TENZO_TESTS:BOOL=ON$/m.test(readFileSync(join(folder, 'CMakeCache.txt'), 'utf8'))
  )
    run('cmake', ['-DTENZO_TESTS=ON', folder], { quiet: true })
  const parallel = String(availableParallelism())
  const build = ['--build', folder, '--config', 'Release', '--parallel', parallel]
  run('cmake', [...build, '--target', ...targets, ...(tests ? ['kernel_tests'] : [])], { out: STDERR })
}

/** The CPU levels of native/levels.def worth a run of their own: the lowest, which must work, and the best that the CPU has. */
export function levels() {
  const def = readFileSync(inRoot('native', 'levels.def'), 'utf8').replace(/\/\/.*$/gm, '')
  const info = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : null
  const names = [...def.matchAll(/TENZO_CPU_LEVEL\((\w+), (\w+),([^"]*)/g)]
    .filter(([, , architecture]) => architecture === (process.arch === 'arm64' ? 'arm' : 'x86'))
    .filter(([, , , needs]) => [...needs.matchAll(/HAS\((\w+)\)/g)].every(([, bit]) => !info || hasWord(info, bit)))
    .map(([, name]) => name)
  return names.length > 2 && info ? [names[0], names.at(-1)] : names
}
const hasWord = (text, word) => new RegExp(`\\b${word}\\b`).test(text)

const ESM_WRAPPER =
  "// One instance for both module systems: `instanceof Tensor` holds across them.\nexport * from './index.js'\n"

/**
 * Options may be given as undefined, which means their default: `{ bias: options.bias }`. With `exactOptionalPropertyTypes` that
 * must be said of each of them, so it is said here of all that are declared, in the form in which the compiler writes them: a
 * line each.
 */
const withUndefined = (declarations) =>
  declarations.replace(/^(\s+(?:readonly )?(?:[\w$]+|\[.*\])\?: )(.*)$/gm, (_, name, type) => {
    if (!type.endsWith(';')) return `${name}undefined | ${type}`
    return / => | extends /.test(type) ? `${name}undefined | (${type.slice(0, -1)});` : `${name}undefined | ${type}`
  })

/** lib/ into dist/: its types file by file, its code as one file with a thin ES module in front. */
export function ensureJs({ force = false } = {}) {
  const stamp = inRoot('dist', '.built')
  const sources = ['lib', 'tsconfig.json', 'package-lock.json', 'scripts/bundle.mjs', 'scripts/setup.mjs'].map((path) =>
    inRoot(path),
  )
  if (!force && existsSync(stamp) && statSync(stamp).mtimeMs >= newest(sources)) return
  // Built aside and put in place whole: other processes may be reading, or building, dist/ meanwhile.
  const started = new Date()
  const aside = inRoot(`dist.${process.pid}`)
  if (
    node([bin('typescript', 'tsc'), '-p', 'tsconfig.json', '--emitDeclarationOnly', '--outDir', aside], {
      must: false,
    }) !== 0 ||
    node(['scripts/bundle.mjs', aside], { must: false }) !== 0
  ) {
    rmSync(aside, { recursive: true, force: true })
    die('lib/ does not compile.')
  }
  for (const name of readdirSync(aside, { recursive: true }))
    if (name.endsWith('.d.ts')) writeFileSync(join(aside, name), withUndefined(readFileSync(join(aside, name), 'utf8')))
  writeFileSync(join(aside, 'index.mjs'), ESM_WRAPPER)
  writeFileSync(join(aside, 'index.d.mts'), ESM_WRAPPER)
  writeFileSync(join(aside, '.built'), '')
  utimesSync(join(aside, '.built'), started, started)
  rmSync(inRoot('dist'), { recursive: true, force: true })
  try {
    renameSync(aside, inRoot('dist'))
  } catch {
    rmSync(aside, { recursive: true, force: true }) // another process was first, with the same
  }
}

/** The programs of test/stress as plain JavaScript, so that V8's flags and sanitizers meet nothing else; gives a folder to be removed. */
export function compileStress() {
  const out = inRoot('build', 'stress', String(process.pid))
  const code = node([bin('typescript', 'tsc'), '-p', inRoot('test', 'stress', 'tsconfig.json'), '--outDir', out], {
    must: false,
  })
  if (code !== 0) die('test/stress does not compile.')
  return out
}

/** Everything that `npm start` and the benchmarks need. */
export function ensureAll() {
  checkNode()
  ensureDependencies()
  ensureNative()
  ensureJs()
}
