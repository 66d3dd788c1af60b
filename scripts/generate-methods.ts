// Writes lib/ops/methods.ts: every operation that is a method of Tensor, with the documentation that stands at its definition, so
// that an editor knows of `x.softmax` what it knows of `softmax`. From the register of operations (lib/ops/define/registry.ts).
// With --check, only compares.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { OpDefinition } from '../lib/ops/define/registry'
import { bin, inRoot } from './setup.mjs'

interface Found {
  /** The module, from lib/ops. */
  from: string
  exported: string
  op: OpDefinition
  doc: string[]
}

const folder: string = inRoot('lib', 'ops')
const target = 'lib/ops/methods.ts'
const sources = (readdirSync(folder, { recursive: true }) as string[])
  .filter((f) => f.endsWith('.ts') && !/^(index|install|methods)\.ts$|^define\//.test(f))
  .sort()

/** Where an export is declared in its file: by name, or as `export { other as name }`. -1: it is another file's. */
function declared(text: string, name: string): number {
  const own = text.search(new RegExp(`^export (?:const|function) ${name}\\b`, 'm'))
  if (own >= 0) return own
  const renamed = text.match(new RegExp(`^export \\{ (\\w+) as ${name} \\}$`, 'm'))
  return renamed ? text.search(new RegExp(`^const ${renamed[1]}\\b`, 'm')) : -1
}
/** The lines of the comment before it. */
function docOf(text: string, name: string): string[] {
  const at = declared(text, name)
  const before = at < 0 ? '' : text.slice(0, at)
  const m = before.match(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/)
  if (!m) return []
  return (m[1] as string)
    .split('\n')
    .map((l) => l.replace(/^\s*\*? ?/, '').trimEnd())
    .filter((l, i, all) => l !== '' || (i > 0 && i < all.length - 1))
}

const found: Found[] = []
const undocumented: string[] = []
for (const file of sources) {
  const text = readFileSync(join(folder, file), 'utf8')
  const module = require(join(folder, file)) as Record<string, unknown>
  for (const [exported, value] of Object.entries(module)) {
    const op = typeof value === 'function' ? (value as { op?: OpDefinition }).op : undefined
    if (!op || declared(text, exported) < 0) continue
    const doc = docOf(text, exported)
    if (doc.length === 0) undocumented.push(`${file}: ${exported}`)
    if (op.method || op.inPlace) found.push({ from: `./${file.replace(/\.ts$/, '')}`, exported, op, doc })
  }
}
if (undocumented.length > 0) {
  console.error(`generate-methods: no doc comment before\n  ${undocumented.join('\n  ')}`)
  process.exit(1)
}

const byModule = new Map<string, string[]>()
for (const f of found) byModule.set(f.from, [...(byModule.get(f.from) ?? []), f.exported])
const comment = (lines: string[]): string =>
  lines.length === 1
    ? `    /** ${lines[0]} */\n`
    : `    /**\n${lines.map((l) => `     * ${l}`.trimEnd()).join('\n')}\n     */\n`
// A parameter that became the receiver is not told of.
const forMethod = (f: Found): string[] => {
  const [receiver] = f.op.params
  return f.doc.filter((l) => receiver === undefined || !new RegExp(`^@param (x|${receiver.name}) `).test(l))
}
const alias = (f: Found): string => `${f.from.replace(/\W+/g, '_').replace(/^_/, '')}.${f.exported}`
const members = found
  .flatMap((f) => [
    ...(f.op.method
      ? [{ name: f.op.name, text: `${comment(forMethod(f))}    ${f.op.name}: Method<typeof ${alias(f)}>\n` }]
      : []),
    ...(f.op.inPlace
      ? [
          {
            name: `${f.op.name}_`,
            text: `${comment([`\`${f.op.name}\` in place.`, ...forMethod(f)])}    ${f.op.name}_: InPlaceMethod<typeof ${alias(f)}>\n`,
          },
        ]
      : []),
  ])
  .sort((a, b) => (a.name < b.name ? -1 : 1))

const source = `// Written by scripts/generate-methods.ts from the definitions of operations. Do not edit: run \`npm run generate\`.
/** Every operation as a method. (The modules are loaded here, so that all their definitions are on the register.) */
${[...byModule.keys()].map((from) => `import '${from}'\n`).join('')}${[...byModule.keys()].map((from) => `import type * as ${from.replace(/\W+/g, '_').replace(/^_/, '')} from '${from}'\n`).join('')}import type { InPlaceMethod, Method } from './define/method'

declare module '../tensor/tensor' {
  interface Tensor {
${members.map((m) => m.text).join('')}  }
}

// biome-ignore lint/complexity/noUselessEmptyExport: without an export a bundler takes a file of imports for CommonJS
export {}
`
const done = spawnSync(process.execPath, [bin('@biomejs/biome', 'biome'), 'format', `--stdin-file-path=${target}`], {
  cwd: inRoot('.'),
  input: source,
  encoding: 'utf8',
  maxBuffer: 1 << 26,
})
if (done.status !== 0) {
  console.error(`generate-methods: ${target} cannot be formatted: ${done.stderr}`)
  process.exit(1)
}
let current = ''
try {
  current = readFileSync(inRoot(target), 'utf8')
} catch {}
if (current !== done.stdout) {
  if (process.argv.includes('--check')) {
    console.error(`generate-methods: ${relative('.', target)} does not match the definitions: run \`npm run generate\``)
    process.exit(1)
  }
  writeFileSync(inRoot(target), done.stdout)
  console.log(`wrote ${target}: ${members.length} methods of ${found.length} operations`)
}
