// npm run op -- softmax […]: all that is tested of an operation, in seconds: its recorded samples, another name's, methods, options,
// gradients, and which native operations its samples run. With `--list`, or a name that there is not: what there is.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { bin, die, ensureDependencies, inRoot, node, root } from './setup.mjs'

const wanted = process.argv.slice(2).filter((a) => !a.startsWith('-'))
const camel = (name) => name.replace(/(?<=.)_([a-z0-9])/g, (_, c) => c.toUpperCase())
const last = (name) => name.split('.').pop()

// PyTorch's names of what has samples, and the operations that have facts.
const recorded = new Set()
for (const file of readdirSync(inRoot('test/goldens/ops')))
  for (const { name } of JSON.parse(gunzipSync(readFileSync(inRoot('test/goldens/ops', file))))) recorded.add(name)
const table = readFileSync(inRoot('test/ops/facts.ts'), 'utf8').match(/FACTS[\s\S]*?\n}/)[0]
const rows = [...table.matchAll(/^ {2}'?([\w.]+)'?: \{([\s\S]*?)\},$/gm)].map(([, name, facts]) => ({ name, facts }))

const matches = (name, ask) =>
  name === ask || last(name) === last(ask) || camel(name) === ask || last(camel(name)) === ask
const found = wanted.flatMap((ask) => rows.filter(({ name }) => matches(name, camel(ask))))
const unknown = wanted.filter((ask) => !rows.some(({ name }) => matches(name, camel(ask))))
if (wanted.length === 0 || unknown.length > 0 || process.argv.includes('--list')) {
  for (const ask of unknown) {
    const part = last(camel(ask)).toLowerCase()
    const like = (length) =>
      rows.map((r) => r.name).filter((name) => name.toLowerCase().includes(part.slice(0, length)))
    const near = like(part.length).length > 0 ? like(part.length) : like(3)
    console.log(`there is no operation "${ask}"${near.length ? `; there is ${near.join(', ')}` : ''}`)
  }
  if (unknown.length === 0 || process.argv.includes('--list')) console.log(rows.map((r) => r.name).join(' '))
  else console.log('npm run op -- --list tells all')
  if (unknown.length > 0 || wanted.length === 0) die('usage: npm run op -- softmax [linalg.norm …]')
  process.exit(0)
}

ensureDependencies()
// What is written from the definitions, and the addon.
if (node(['scripts/generate.mjs'], { must: false }) !== 0) die('npm run generate fails, see above')
const names = found.map((r) => r.name)
const same = found.flatMap((r) => r.facts.match(/same: '([^']+)'/)?.[1] ?? [])
const goldens = [...recorded].filter((g) => [...names, ...same].some((n) => g.split('.').map(camel).join('.') === n))
const patterns = ['test/ops/completeness.test.ts', 'test/ops/gradcheck.test.ts']
if (goldens.length > 0) patterns.push('test/ops/goldens.test.ts', 'test/ops/nodes.goldens.test.ts')
console.log(
  `${names.join(', ')}${same.length ? ` (another name of ${same.join(', ')})` : ''}; recorded: ${goldens.join(', ') || 'nothing'}\n`,
)
const env = { ...process.env, OP: names.join(), GOLDENS_OPS: goldens.join() || 'none', NODE_NO_WARNINGS: '1' }
const { status } = spawnSync(process.execPath, [bin('jest'), '--ci', '--verbose', '--testPathPatterns', ...patterns], {
  cwd: root,
  env,
  stdio: 'inherit',
})
console.log(status === 0 ? `\n${names.join(', ')}: all right` : `\n${names.join(', ')}: something is wrong, see above`)
process.exitCode = status ?? 1
