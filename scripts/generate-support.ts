// Writes docs/support.md: every operation of the register with its parameters and forms, and how many of PyTorch's recorded samples it
// is held against; modules, optimizers and schedulers likewise. From the register of operations, the goldens and the facts of the
// tests that run them. With --check, only compares.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import '../lib'
import type { AnyParam } from '../lib/ops/define/params'
import { type OpDefinition, operations, qualifiedName } from '../lib/ops/define/registry'
import { DTYPE_NAMES } from '../lib/runtime/opcodes'
import { FACTS } from '../test/ops/facts'
import { inRoot } from './setup.mjs'

interface Recorded {
  name: string
  cases: { dtype: string; grads?: unknown[] }[]
  errors?: unknown[]
}
const TITLES: Record<string, string> = { '': 'Operations of the package' }

// biome-ignore lint/suspicious/noExplicitAny: recorded files have forms of their own
const read = (path: string): any => JSON.parse(gunzipSync(readFileSync(inRoot('test/goldens', path))).toString())
const camel = (name: string): string => name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, c: string) => c.toUpperCase())

// ---- operations ---------------------------------------------------------------------------------------------------

const recorded = new Map<string, Recorded[]>()
for (const file of readdirSync(inRoot('test/goldens/ops')))
  for (const op of read(join('ops', file)) as Recorded[]) {
    const name = camel(op.name)
    recorded.set(name, [...(recorded.get(name) ?? []), op])
  }
const out = [
  '# What there is',
  '',
  'Written by `npm run generate` from the definitions of the operations, the samples that PyTorch recorded (test/goldens) and the tests that',
  'run them. Each operation gives what PyTorch gives on its samples: values, gradients, dtypes, shapes, views, in-place changes and error',
  'messages. Parameters before the semicolon are positional; those behind it go by name, the first of them also by position.',
  '',
]
let samples = 0
let count = 0
const shown = (p: AnyParam): string =>
  p.presence === 'default'
    ? `${p.name} = ${typeof p.fallback === 'string' ? `'${p.fallback}'` : String(p.fallback)}`
    : p.name
function rowOf(d: OpDefinition): string {
  const runs = recorded.get(qualifiedName(d)) ?? []
  const cases = runs.flatMap((r) => r.cases)
  const own = cases.length + runs.reduce((n, r) => n + (r.errors?.length ?? 0), 0)
  samples += own
  count++
  const required = d.params.filter((p) => p.presence === 'required').map((p) => p.name)
  const options = d.params.filter((p) => p.presence !== 'required').map(shown)
  const parameters = [required.join(', '), options.join(', ')].filter((t, i) => i === 0 || t !== '').join('; ')
  const forms = [d.method && 'method', d.inPlace && 'in place', d.out && 'out'].filter(Boolean).join(', ')
  const dtypes = DTYPE_NAMES.filter((t) => cases.some((c) => c.dtype === t))
  const gradient = d.differentiable ? (d.nodes[0] ?? 'composed') : 'none'
  return `| \`${d.name}\` | ${parameters} | ${forms} | ${gradient} | ${dtypesText(dtypes)} | ${own || ''} |`
}
const spaces = new Map<string, OpDefinition[]>()
for (const d of operations()) spaces.set(d.namespace, [...(spaces.get(d.namespace) ?? []), d])
for (const [space, list] of [...spaces].sort(([a], [b]) => (a < b ? -1 : 1))) {
  out.push(
    `## ${TITLES[space] ?? `\`${space}\``}`,
    '',
    '| operation | parameters | also as | gradient | dtypes | samples |',
    '|---|---|---|---|---|---:|',
  )
  out.push(...list.sort((a, b) => (a.name < b.name ? -1 : 1)).map(rowOf), '')
}

// ---- modules, optimizers, schedulers ------------------------------------------------------------------------------

const modules = read('modules.json.gz')
out.push('## Modules', '', '| module | samples |', '|---|---:|')
for (const { name, cases } of modules as Recorded[]) {
  samples += cases.length
  out.push(`| \`nn.${name}\` | ${cases.length} |`)
}
out.push('')
const { runs, lbfgs } = read('optimizers.json.gz')
const optimizers = groupByName([...runs, ...lbfgs.map((run: object) => ({ ...run, name: 'LBFGS' }))])
out.push('## Optimizers', '', '| optimizer | runs |', '|---|---:|')
for (const [name, list] of optimizers) out.push(`| \`optim.${name}\` | ${list.length} |`)
out.push('')
const schedules = read('schedulers.json.gz')
const schedulers = groupByName([...schedules.runs, ...schedules.combined])
out.push('## Schedulers of the learning rate', '', '| scheduler | runs |', '|---|---:|')
for (const [name, list] of schedulers) out.push(`| \`optim.lrScheduler.${name}\` | ${list.length} |`)
out.push('')

out.push('## Differences on purpose', '')
const reasons = new Map<string, string[]>()
for (const [op, { differs = {} }] of Object.entries(FACTS))
  for (const reason of Object.values(differs)) reasons.set(reason, [...(reasons.get(reason) ?? []), op])
for (const [reason, ops] of reasons) out.push(`- ${ops.map((op) => `\`${op}\``).join(', ')}: ${reason}`)
out.push('')
out.push(`${count} operations, ${modules.length} modules, ${samples} samples.`, '')

function dtypesText(dtypes: string[]): string {
  if (dtypes.length === DTYPE_NAMES.length) return 'all'
  const floats = dtypes.filter((d) => d.includes('float'))
  return floats.length === dtypes.length && floats.length === 4 ? 'floats' : dtypes.join(' ')
}
function groupByName(list: { name: string }[]): Map<string, { name: string }[]> {
  const groups = new Map<string, { name: string }[]>()
  for (const item of list) groups.set(item.name, [...(groups.get(item.name) ?? []), item])
  return groups
}

const target = inRoot('docs', 'support.md')
const text = out.join('\n')
let current = ''
try {
  current = readFileSync(target, 'utf8')
} catch {}
if (process.argv.includes('--check')) {
  if (current !== text) {
    console.error('generate-support: docs/support.md does not match test/goldens: run `npm run generate`')
    process.exitCode = 1
  }
} else if (current !== text) {
  mkdirSync(inRoot('docs'), { recursive: true })
  writeFileSync(target, text)
  console.log('wrote docs/support.md')
}
