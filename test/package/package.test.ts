import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from '@swc/core'
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

test('the code of the package is one file, in which every class calls itself as in its source', () => {
  expect(files.filter((path) => /^dist\/.*\.[cm]?js$/.test(path)).sort()).toEqual([
    'dist/index.js',
    'dist/index.mjs',
    'dist/jest.js',
    'dist/vitest.mjs',
  ])
  // Modules that a bundler wraps are set up by functions at run time.
  const code = readFileSync(join(folder, 'node_modules', 'tenzo', 'dist', 'index.js'), 'utf8')
  expect(code.match(/__esm\w*\(|__commonJS\w*\(/g)).toBeNull()
  // biome-ignore lint/security/noGlobalEval: the same code looks at both
  const here = eval(classNames)({ ...lib }) as Record<string, string>
  expect(Object.keys(here).length).toBeGreaterThan(200)
  const there = runScript(`console.log(JSON.stringify((${classNames})({ ...require('tenzo') })))`, { cwd: folder })
  expect(JSON.parse(there)).toEqual(here)
})

// The tests of comparisons, run by other runners, over the package as it is installed.
describe.each(['jest-29', 'vitest'])('comparisons of tensors in %s', (runner) => {
  const isJest = runner === 'jest-29'
  /** Runs a file of tests; gives what the runner said and whether all of them, of which there are some, passed. */
  const runSpec = (name: string, source: string): { passed: boolean; said: string } => {
    const project = join(folder, runner)
    mkdirSync(project, { recursive: true })
    const { code } = transformSync(isJest ? source : source.replace("'tenzo/jest'", "'tenzo/vitest'"), {
      filename: `${name}.ts`,
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: isJest ? 'commonjs' : 'es6' },
    })
    writeFileSync(join(project, `${name}.test.${isJest ? 'js' : 'mjs'}`), code)
    writeFileSync(join(project, 'package.json'), '{}')
    const linked = join(folder, 'node_modules', 'vitest')
    if (!isJest && !existsSync(linked)) symlinkSync(fromRoot('node_modules', 'vitest'), linked, 'dir')
    const { bin } = JSON.parse(readFileSync(fromRoot('node_modules', runner, 'package.json'), 'utf8'))
    const script = fromRoot('node_modules', runner, typeof bin === 'string' ? bin : (bin.jest ?? bin.vitest))
    const args = isJest ? ['--ci', '--rootDir', project, '--transform', '{}'] : ['run', '--globals', '--root', project]
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args, name], {
      cwd: project,
      encoding: 'utf8',
      env: { ...process.env, CI: 'true', NO_COLOR: '1', FORCE_COLOR: undefined, NODE_ENV: 'test' },
    })
    const said = `${stdout}\n${stderr}`
    return { passed: status === 0 && /Tests:? .*[1-9]\d* passed/.test(said), said }
  }
  test.each(['equality', 'matchers'])(
    '%s',
    (name) => {
      const { passed, said } = runSpec(name, readFileSync(fromRoot('test', 'testing', `${name}.test.ts`), 'utf8'))
      expect(passed ? 'passed' : said).toBe('passed')
    },
    60_000,
  )
  test('what it reports of a comparison that fails', () => {
    const { passed, said } = runSpec(
      'failing',
      `import { nn, tensor } from 'tenzo'
       const x = new nn.Parameter(tensor([1, 2]))
       test('a tensor', () => expect(x).toEqual(tensor([1, 3])))
       test('in a list', () => expect({ x: [x] }).toEqual({ x: [tensor([1, 4])] }))
       test('in a state', () => expect(new nn.ParameterList([x]).stateDict()).toEqual(new Map([['0', tensor([1, 5])]])))`,
    )
    expect(passed).toBe(false)
    for (const n of [2, 3, 4, 5]) expect(said).toMatch(new RegExp(`tensor\\(\\[1\\., ${n}\\.\\]\\) #`))
  }, 60_000)
})
