import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as lib from '../../lib'
import { ensureDist, fromRoot, root, runScript } from '../helpers/dist'

const npm = (args: string[], cwd = root) =>
  execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** What an installation of the package, or of one it needs, brings along. */
const dependenciesOf = (...path: string[]): string[] => {
  const { dependencies } = JSON.parse(readFileSync(fromRoot(...path, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  return Object.keys(dependencies ?? {})
}

let folder: string
let files: string[]

// The tarball as npm makes it, unpacked where an installation would put it, with this machine's addon as its prebuild.
beforeAll(() => {
  ensureDist()
  folder = mkdtempSync(join(tmpdir(), 'tenzo-package-'))
  const [report] = JSON.parse(npm(['pack', '--ignore-scripts', '--json', `--pack-destination=${folder}`])) as [
    { filename: string; files: { path: string }[] },
  ]
  files = report.files.map((file) => file.path)
  const target = join(folder, 'node_modules', 'tenzo')
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', join(folder, report.filename), '-C', target, '--strip-components=1'])
  const prebuilds = join(target, 'prebuilds', `${process.platform}-${process.arch}`)
  mkdirSync(prebuilds, { recursive: true })
  const addon = process.env.TENZO_ADDON ?? fromRoot('build', 'cmake', 'Release', 'tenzo.node')
  cpSync(addon, join(prebuilds, 'tenzo.node'))
  for (const name of dependenciesOf()) {
    cpSync(fromRoot('node_modules', name), join(folder, 'node_modules', name), { recursive: true })
  }
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the tarball holds what runs and what it was built from, and nothing else', () => {
  for (const path of [
    'dist/index.js',
    'dist/index.mjs',
    'dist/index.d.ts',
    'dist/index.d.mts',
    'LICENSE',
    'README.md',
    'CMakeLists.txt',
    'native/ops.def',
    'native/families.def',
    'native/levels.def',
    'native/binding/addon.cpp',
    'scripts/build-native.mjs',
    'scripts/setup.mjs',
  ])
    expect(files).toContain(path)
  // npm runs node-gyp by itself where it finds a binding.gyp.
  expect(files).not.toContain('binding.gyp')
  expect(files.filter((path) => /^(test|lib|examples|bench|docs|native\/(test|bench)|\.)/.test(path))).toEqual([])
})

test('it runs no script at installation and depends on one package, which depends on none', () => {
  const { scripts, gypfile } = JSON.parse(readFileSync(fromRoot('package.json'), 'utf8'))
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([])
  expect(dependenciesOf()).toEqual(['fflate'])
  expect(dependenciesOf('node_modules', 'fflate')).toEqual([])
  expect(gypfile).toBe(false)
})

const SAME = `console.log(String(tensor([1, 2]).add(1)))`

test('require, import and both at once give one instance', () => {
  expect(runScript(`const { tensor } = require('tenzo'); ${SAME}`, { cwd: folder })).toBe('tensor([2., 3.])\n')
  const esm = `
    import { createRequire } from 'node:module'
    import * as esm from 'tenzo'
    const cjs = createRequire(import.meta.url)('tenzo')
    const missing = Object.keys(cjs).filter(name => name !== '__esModule' && esm[name] !== cjs[name])
    if (missing.length) throw new Error('not the same: ' + missing)
    if (!(cjs.tensor([1]) instanceof esm.Tensor)) throw new Error('two Tensor classes')
    const { tensor } = esm
    ${SAME}`
  expect(runScript(esm, { cwd: folder, args: ['--input-type=module'] })).toBe('tensor([2., 3.])\n')
})

test('types reach CommonJS and ES module users alike', () => {
  const source = `import { nn, optim, tensor, type Tensor } from 'tenzo'
class Centered extends nn.Module {
  forward(x: Tensor): Tensor { return x.sub(x.mean()) }
}
const net = new nn.Sequential(new nn.Linear(4, 2), new Centered())
const y: Tensor = net(tensor([[1, 2, 3, 4]]))
const w: Tensor = net[0].weight
new optim.SGD(net.parameters(), { lr: 0.1 })
// @ts-expect-error: a wrong option name
new optim.SGD(net.parameters(), { learningRate: 0.1 })
// @ts-expect-error: a number is no input
net(4)
export { w, y }
`
  for (const name of ['user.cts', 'user.mts']) writeFileSync(join(folder, name), source)
  const types = join(folder, 'node_modules', '@types')
  if (!existsSync(types)) symlinkSync(fromRoot('node_modules', '@types'), types, 'dir')
  const compiler = JSON.parse(readFileSync(fromRoot('node_modules', 'typescript', 'package.json'), 'utf8')).bin.tsc
  const options = [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--module',
    'node20',
    '--lib',
    'es2023,esnext.disposable',
    '--types',
    'node',
  ]
  const args = [fromRoot('node_modules', 'typescript', compiler), ...options, 'user.cts', 'user.mts']
  execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
}, 60_000)

/** What the classes of a namespace, and of those within, call themselves. */
const classNames = `(top) => {
  const names = {}
  const walk = (space, path) => {
    for (const [key, value] of Object.entries(space)) {
      if (typeof value === 'function' && /^class /.test(value)) names[path + key] = value.name
      else if (value !== null && typeof value === 'object') walk(value, path + key + '.')
    }
  }
  walk(top, '')
  return names
}`

test('the code is one file, in which every class calls itself as in its source', () => {
  expect(files.filter((path) => /^dist\/.*\.[cm]?js$/.test(path)).sort()).toEqual(['dist/index.js', 'dist/index.mjs'])
  // Modules that a bundler wraps are set up by functions at run time.
  const code = readFileSync(join(folder, 'node_modules', 'tenzo', 'dist', 'index.js'), 'utf8')
  expect(code.match(/__esm\w*\(|__commonJS\w*\(/g)).toBeNull()
  // biome-ignore lint/security/noGlobalEval: the same code looks at both
  const here = eval(classNames)({ ...lib }) as Record<string, string>
  expect(Object.keys(here).length).toBeGreaterThan(200)
  const there = runScript(`console.log(JSON.stringify((${classNames})({ ...require('tenzo') })))`, { cwd: folder })
  expect(JSON.parse(there)).toEqual(here)
})
