import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { format } from 'node:util'
import { transformSync } from '@swc/core'
import { snippetsOf } from './helpers/snippets'

const root = resolve(__dirname, '..')
const docs = join(root, 'docs')
const files = [
  join(root, 'README.md'),
  join(root, 'CONTRIBUTING.md'),
  ...(existsSync(docs) ? readdirSync(docs, { recursive: true, encoding: 'utf8' }).map((name) => join(docs, name)) : []),
].filter((path) => path.endsWith('.md') && existsSync(path))

/** Runs a block; gives the lines of each thing it printed, and of `throws` with the message for each error it says it throws. */
async function run(script: string): Promise<string[][]> {
  const { code: js } = transformSync(script, {
    filename: 'snippet.ts',
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  })
  const printed: string[][] = []
  const print = (text: string): void => {
    printed.push(text.split('\n').map((line) => line.trimEnd()))
  }
  const log = (...values: unknown[]): void => print(format(...values))
  const throws = (f: () => unknown) => {
    try {
      f()
    } catch (error) {
      return print(`throws ${(error as Error).message}`)
    }
    print('did not throw')
  }
  const own: Readonly<Record<string, string>> = { tenzo: '../lib/index', 'tenzo/jest': '../lib/jest' }
  const load = (name: string): unknown => require(own[name] ?? name)
  const names = ['require', 'exports', 'console', 'throws']
  const asyncFunction = (async () => {}).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>
  await new asyncFunction(...names, js)(load, {}, { ...console, log }, throws)
  return printed
}

test('every block is well typed', () => {
  const folder = join(root, 'build', 'docs')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const path of files)
    for (const { line, code } of snippetsOf(path)) {
      const name = `${relative(root, path).replace(/[^A-Za-z0-9]+/g, '-')}-line-${line}.ts`
      writeFileSync(join(folder, name), `${code}\nexport {}\n`)
    }
  const config = {
    extends: '../../tsconfig.test.json',
    include: ['.'],
    compilerOptions: { rootDir: '../..', module: 'esnext', moduleResolution: 'bundler' },
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const { bin } = JSON.parse(readFileSync(join(root, 'node_modules', 'typescript', 'package.json'), 'utf8'))
  const tsc = join(root, 'node_modules', 'typescript', bin.tsc)
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
  // Errors of the library itself are for the types step to tell.
  expect(stdout.split('\n').filter((text) => text.startsWith('build/docs') || text.includes('-line-'))).toEqual([])
}, 60_000)

describe.each(files.map((path) => [relative(root, path), path] as const))('%s', (_, path) => {
  const snippets = snippetsOf(path)
  const here = process.cwd()
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tenzo-docs-'))
    process.chdir(folder)
  })
  afterAll(() => {
    process.chdir(here)
    rmSync(folder, { recursive: true, force: true })
  })

  if (snippets.length === 0) test('has no code to run', () => expect(snippets).toHaveLength(0))
  for (const { line, script, prints } of snippets)
    test(`line ${line}`, async () => {
      const shown: string[] = []
      for (const lines of await run(script))
        for (const text of lines) {
          const want = prints[shown.length]
          // The page may show only how something begins: the rest of it is not compared.
          const begins = want?.endsWith('…') && text.startsWith(want.slice(0, -1))
          shown.push(begins ? want : text)
          if (begins) break
        }
      expect(shown).toEqual(prints)
    })
})
