// npm run bench [-- --groups=gemm,conv --only=mm_256,… --threads=1,2 --torch=python3 --budget=0.25 --json]
// Tenzo, and PyTorch if a Python that has it is named, group by group in turn, so that a busy machine hits both alike,
// with the machine's own limits from the same run. A table, or with --json the JSON lines as they come.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { die, ensureAll, ensureNative, inRoot } from '../scripts/setup.mjs'

const { values: options } = parseArgs({
  options: {
    groups: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    skip: { type: 'string', default: '' },
    threads: { type: 'string', default: '1' },
    budget: { type: 'string', default: '0.25' },
    torch: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const list = (text) => text.split(',').filter(Boolean)
const threadCounts = list(options.threads).map(Number)
if (!threadCounts.every((n) => Number.isInteger(n) && n > 0))
  die(`--threads=${options.threads}: positive whole numbers`)

const { cases } = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8'))
for (const [option, known] of [
  ['groups', cases.map((c) => c.group)],
  ['only', cases.map((c) => c.name)],
])
  for (const name of list(options[option])) if (!known.includes(name)) die(`--${option}: there is no ${name}`)

const groups = [
  ...new Set(
    cases
      .filter((c) => !list(options.groups).length || list(options.groups).includes(c.group))
      .filter((c) => !list(options.only).length || list(options.only).includes(c.name))
      .map((c) => c.group),
  ),
]

ensureAll()
ensureNative({ targets: ['limits_bench'] })

const results = []
function peer(command, args, env = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env }, maxBuffer: 1 << 28 })
  if (done.error || done.status !== 0) die(`${command} ${args.join(' ')}: ${done.error?.message ?? done.stderr}`)
  for (const line of done.stdout.split('\n')) {
    if (!line.startsWith('{')) continue
    if (options.json) console.log(line)
    results.push(JSON.parse(line))
  }
}
const here = (name) => fileURLToPath(new URL(name, import.meta.url))

for (const threads of threadCounts) {
  peer(inRoot('build/cmake/limits_bench'), [String(threads)])
  for (const group of groups) {
    const args = [`--threads=${threads}`, `--groups=${group}`, `--budget=${options.budget}`]
    if (options.only) args.push(`--only=${options.only}`)
    if (options.skip) args.push(`--skip=${options.skip}`)
    if (!options.json) process.stderr.write(`${group}, ${threads} thread${threads > 1 ? 's' : ''}\n`)
    peer(process.execPath, [here('peer.mjs'), ...args])
    if (options.torch)
      peer(options.torch, [here('torch_bench.py'), ...args], {
        OMP_NUM_THREADS: String(threads),
        OPENBLAS_NUM_THREADS: String(threads),
        MKL_NUM_THREADS: String(threads),
      })
  }
}

if (!options.json) for (const threads of threadCounts) printTable(threads)

function printTable(threads) {
  const value = (peer, name, metric) =>
    results.find((r) => r.peer === peer && r.name === name && r.metric === metric && r.threads === threads)?.value
  const best = (peer, name) =>
    results.find((r) => r.peer === peer && r.name === name && r.metric === 'us' && r.threads === threads)?.min
  const peak = value('machine', 'fma_f32', 'gflops')
  const copy = value('machine', 'copy', 'gbps')
  console.log(
    `\n${threads} thread${threads > 1 ? 's' : ''}: ${peak} GFLOP/s float32, ${copy} GB/s copied from memory to memory`,
  )
  const rows = [['case', 'Tenzo us', 'PyTorch us', 'speed', 'best', 'rate', 'of limit']]
  for (const group of groups) {
    const ratios = []
    for (const { name } of cases.filter((c) => c.group === group)) {
      const error = value('tenzo', name, 'error')
      const us = value('tenzo', name, 'us')
      if (error !== undefined) rows.push([name, error])
      if (us === undefined) continue
      const torch = value('torch', name, 'us')
      if (torch) ratios.push(torch / us)
      const gflops = value('tenzo', name, 'gflops')
      const gbps = value('tenzo', name, 'gbps')
      const samples = value('tenzo', name, 'samples_per_s')
      const rate = gflops
        ? `${format(gflops)} GFLOP/s`
        : gbps
          ? `${format(gbps)} GB/s`
          : samples
            ? `${format(samples)} samples/s`
            : ''
      const limit = gflops ? gflops / peak : gbps ? gbps / copy : undefined
      rows.push([
        name,
        format(us),
        torch ? format(torch) : '',
        torch ? `${(torch / us).toFixed(2)}x` : '',
        torch ? `${(best('torch', name) / best('tenzo', name)).toFixed(2)}x` : '',
        rate,
        limit === undefined ? '' : `${(100 * limit).toFixed(0)} %`,
      ])
    }
    if (ratios.length > 1) {
      const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length)
      rows.push([`${group}, geometric mean`, '', '', `${mean.toFixed(2)}x`])
    }
  }
  const widths = rows[0].map((_, i) => Math.max(...rows.filter((r) => r.length > 2).map((r) => (r[i] ?? '').length)))
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => (i === 0 || row.length === 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
  if (options.torch)
    console.log(
      'speed: PyTorch time / Tenzo time, more than 1 is faster than PyTorch; best: of the fastest samples, which noise touches least.',
    )
}

function format(x) {
  return x >= 1000 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toPrecision(3)
}
