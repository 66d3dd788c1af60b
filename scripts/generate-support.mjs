// Writes docs/support.md: every operation and module held against PyTorch's recorded samples, with what is not there yet. From
// the goldens and the lists of exceptions of the tests that run them. With --check, only compares.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { inRoot } from './setup.mjs'

const FAMILIES = {
  create: 'Creation',
  unary: 'Elementwise, one operand',
  binary: 'Elementwise, several operands',
  reduce: 'Reduction',
  scan: 'Scan',
  matmul: 'Products',
  shape: 'Shape and views',
  index: 'Indexing',
  conv: 'Convolution and pooling',
  norm: 'Normalisation',
  loss: 'Losses',
  extra: 'Others',
}
// Samples of operations that other families name.
const CROSS = ['promotion', 'extremal', 'mistakes', 'options']
const DTYPES = ['float32', 'float64', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool']

const read = (path) => JSON.parse(gunzipSync(readFileSync(inRoot('test/goldens', path))))
const exceptions = JSON.parse(readFileSync(inRoot('test/ops/not-yet.json'), 'utf8'))
const missingModules = JSON.parse(readFileSync(inRoot('test/nn/modules.not-yet.json'), 'utf8'))
const camel = (name) => name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, c) => c.toUpperCase())

const extra = new Map()
for (const file of CROSS)
  for (const { name, cases, errors } of read(`ops/${file}.json.gz`))
    extra.set(name, (extra.get(name) ?? 0) + cases.length + errors.length)

const out = [
  '# What there is',
  '',
  'Written by `npm run generate` from the samples that PyTorch recorded (test/goldens) and the tests that run them. Each operation',
  'gives what PyTorch gives on its samples: values, gradients, dtypes, shapes, views, in-place changes and error messages.',
  '',
]
for (const name of readdirSync(inRoot('test/goldens/ops')).map((file) => file.replace('.json.gz', '')))
  if (!(name in FAMILIES) && !CROSS.includes(name)) FAMILIES[name] = name
const listed = new Set()
let samples = 0
for (const [family, title] of Object.entries(FAMILIES)) {
  const rows = []
  for (const { name, method, inplace, cases, errors } of read(`ops/${family}.json.gz`)) {
    const count = cases.length + errors.length + (listed.has(name) ? 0 : (extra.get(name) ?? 0))
    listed.add(name)
    samples += count
    const dtypes = DTYPES.filter((dtype) => cases.some((c) => c.dtype === dtype))
    const forms = [method && 'method', inplace && 'in place'].filter(Boolean).join(', ')
    const gradients = cases.filter((c) => c.grads?.length).length
    const missing = exceptions.missing[name]
    rows.push(
      `| \`${camel(name)}\` | ${forms} | ${missing ? `not yet: ${missing}` : dtypesText(dtypes)} | ${count} | ${gradients || ''} |`,
    )
  }
  out.push(`## ${title}`, '', '| operation | also as | dtypes | samples | with gradients |', '|---|---|---|---:|---:|')
  out.push(...rows, '')
}

const modules = read('modules.json.gz')
const notYet = (name) => missingModules.find?.((m) => (m.name ?? m) === name)
out.push('## Modules', '', '| module | samples |', '|---|---:|')
for (const { name, cases } of modules) {
  samples += cases.length
  out.push(`| \`nn.${name}\` | ${notYet(name) ? 'not yet' : cases.length} |`)
}
out.push('')
const { runs, lbfgs } = read('optimizers.json.gz')
const optimizers = groupByName([...runs, ...lbfgs.map((run) => ({ ...run, name: 'LBFGS' }))])
out.push('## Optimizers', '', '| optimizer | runs |', '|---|---:|')
for (const [name, list] of optimizers) out.push(`| \`optim.${name}\` | ${list.length} |`)
out.push('')
const schedules = read('schedulers.json.gz')
const schedulers = groupByName([...schedules.runs, ...schedules.combined])
out.push('## Schedulers of the learning rate', '', '| scheduler | runs |', '|---|---:|')
for (const [name, list] of schedulers) out.push(`| \`optim.lrScheduler.${name}\` | ${list.length} |`)
out.push('')

if (exceptions.differences.length) {
  out.push('## Differences on purpose', '')
  const reasons = new Map()
  for (const { op, reason } of exceptions.differences) reasons.set(reason, [...(reasons.get(reason) ?? []), op])
  for (const [reason, ops] of reasons)
    out.push(`- ${[...new Set(ops)].map((op) => `\`${camel(op)}\``).join(', ')}: ${reason}`)
  out.push('')
}
out.push(`${listed.size} operations, ${modules.length} modules, ${samples} samples.`, '')

function dtypesText(dtypes) {
  if (dtypes.length === DTYPES.length) return 'all'
  const floats = dtypes.filter((d) => d.includes('float'))
  return floats.length === dtypes.length && floats.length === 4 ? 'floats' : dtypes.join(' ')
}
function groupByName(list) {
  const groups = new Map()
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
