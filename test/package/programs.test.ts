/**
 * The types as users get them: the declarations of dist/, by the name of the package, in CommonJS and ES modules, read strictly by the oldest
 * compiler that is supported and by our own (`npm run types` has those between), with every combination of the settings that matter.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { ensureDist, fromRoot } from '../helpers/dist'
import { PRELUDE, TYPE_PROGRAMS } from '../helpers/type-programs'

const FLOOR = fromRoot('node_modules', 'typescript-floor')
const compilers = (
  process.env.TENZO_TYPESCRIPT?.split(delimiter) ?? [FLOOR, fromRoot('node_modules', 'typescript')]
).map((folder) => ({
  folder,
  ...(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string; bin: { tsc: string } }),
}))

const both = [false, true]
/** What users may have set; the last has Node's types and the browser's beside ours. */
const SETTINGS: readonly Record<string, unknown>[] = [
  ...both.flatMap((exactOptionalPropertyTypes) =>
    both.flatMap((noUncheckedIndexedAccess) =>
      both.map((declaration) => ({
        exactOptionalPropertyTypes,
        noUncheckedIndexedAccess,
        declaration,
        module: declaration ? 'node16' : 'nodenext',
      })),
    ),
  ),
  { declaration: true, module: 'node16', types: ['node'], lib: ['es2022', 'dom'] },
]
const COMMON = {
  strict: true,
  skipLibCheck: false,

  target: 'es2022',
  lib: ['es2022'],
  types: [],
  newLine: 'lf',
}

interface Source {
  readonly name: string
  readonly code: string
}
const sources: Source[] = TYPE_PROGRAMS.flatMap(({ code, wrong }, i) => [
  { name: `program${i}`, code },
  ...wrong.map(([from, to], k) => ({ name: `program${i}wrong${k}`, code: code.replace(from, () => to) })),
])

let folder: string
beforeAll(() => {
  ensureDist()
  folder = mkdtempSync(join(tmpdir(), 'tenzo-types-'))
  const target = join(folder, 'node_modules', 'tenzo')
  mkdirSync(target, { recursive: true })
  cpSync(fromRoot('package.json'), join(target, 'package.json'))
  cpSync(fromRoot('dist'), join(target, 'dist'), { recursive: true })
  symlinkSync(fromRoot('node_modules', '@types'), join(folder, 'node_modules', '@types'), 'dir')
  for (const { name, code } of sources)
    for (const ending of ['cts', 'mts']) writeFileSync(join(folder, `${name}.${ending}`), `${PRELUDE}${code}\n`)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Everything the compiler says, by the file it says it of. */
async function compile(
  compiler: (typeof compilers)[number],
  settings: Record<string, unknown>,
  k: number,
): Promise<Map<string, string[]>> {
  const out = `out-${compiler.version}-${k}`
  const config = join(folder, `tsconfig.${compiler.version}.${k}.json`)
  const files = readdirSync(folder).filter((name) => /^program.*\.[cm]ts$/.test(name))
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...COMMON, ...settings, outDir: out }, files }))
  const text = await new Promise<string>((resolve) => {
    const child = spawn(
      process.execPath,
      [join(compiler.folder, compiler.bin.tsc), '-p', config, '--pretty', 'false'],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let said = ''
    child.stdout.on('data', (data) => {
      said += data
    })
    child.on('close', () => resolve(said))
  })
  const errors = new Map<string, string[]>()
  let at: string[] = []
  for (const line of text.split('\n')) {
    const [, file, said] = line.match(/^(\S.*?)(?:\(\d+,\d+\))?: (error .*)$/) ?? []
    if (file === undefined || said === undefined) {
      if (line !== '' && at.length > 0) at[at.length - 1] += `\n${line}`
      else if (line !== '') errors.set(line, [line])
      continue
    }
    at = errors.get(file) ?? []
    errors.set(file, at)
    at.push(said)
  }
  return errors
}

test('each wrong twin differs from its program in the one place', () => {
  for (const { code, wrong } of TYPE_PROGRAMS)
    for (const [from] of wrong) expect([from, code.split(from).length - 1]).toEqual([from, 1])
})

describe.each(compilers.map((compiler) => [compiler.version, compiler] as const))('TypeScript %s', (_, compiler) => {
  test.each(SETTINGS.map((settings, k) => [JSON.stringify(settings), settings, k] as const))(
    '%s',
    async (_, settings, k) => {
      const errors = await compile(compiler, settings, k)
      const unexpected: unknown[] = [...errors].filter(([file]) => !/^program\d+wrong\d+\.[cm]ts$/.test(file))
      const silent: unknown[] = []
      TYPE_PROGRAMS.forEach(({ name, wrong }, i) => {
        wrong.forEach(([, to, says], t) => {
          for (const ending of ['cts', 'mts']) {
            const said = errors.get(`program${i}wrong${t}.${ending}`) ?? []
            const due = (text: string): boolean => (typeof says === 'string' ? text.includes(says) : says.test(text))
            // (What follows from the error may be others.)
            if (!said.some(due)) silent.push({ name, to, ending, says: String(says), said })
          }
        })
      })
      expect({ unexpected, silent }).toEqual({ unexpected: [], silent: [] })
    },
    120_000,
  )
})
