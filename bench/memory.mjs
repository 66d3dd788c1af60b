// npm run bench:memory [-- --only=mlp --steps=20000]: whether a plain synchronous loop holds its memory. No scope, no
// await, nothing freed by hand. Each run has a process of its own, which reports the memory in use once a tenth.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const self = fileURLToPath(import.meta.url)
const RUNS = {
  mlp: { steps: 20_000, what: 'MLP 20-256-10, batch 2, SGD' },
  lenet: { steps: 300, what: 'LeNet, batch 256, SGD' },
}
const { values: options } = parseArgs({
  options: { only: { type: 'string' }, steps: { type: 'string' }, run: { type: 'string' }, json: { type: 'boolean' } },
})
const MB = 1024 * 1024

if (options.run) await measure(options.run, Number(options.steps))
else report()

async function measure(name, steps) {
  const { manualSeed } = await import('tenzo')
  const { trainingStep } = await import('./cases.mjs')
  manualSeed(0)
  const sgd = { op: 'train', optim: 'sgd', lr: 0.1, loss: 'cross_entropy' }
  const step = trainingStep({
    ...sgd,
    ...(name === 'mlp'
      ? { model: 'mlp', sizes: [20, 256, 10], batch: 2 }
      : { model: 'lenet', batch: 256, input: [1, 28, 28] }),
  })
  const rss = []
  const start = performance.now()
  for (let tenth = 1, i = 0; tenth <= 10; tenth++) {
    for (; i < (steps * tenth) / 10; i++) step()
    rss.push(process.memoryUsage.rss() / MB)
  }
  const us = ((performance.now() - start) / steps) * 1000
  console.log(JSON.stringify({ rss, us, peak: process.resourceUsage().maxRSS / 1024 }))
}

function child(args) {
  const done = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.signal ?? done.status}\n${done.stderr}`)
  return JSON.parse(done.stdout)
}

function report() {
  const bare = child(['-p', 'process.resourceUsage().maxRSS / 1024'])
  for (const [name, { steps, what }] of Object.entries(RUNS)) {
    if (options.only && options.only !== name) continue
    const count = Number(options.steps ?? steps)
    const { rss, us, peak } = child([self, `--run=${name}`, `--steps=${count}`])
    const growth = rss[9] / rss[1]
    if (options.json) {
      const line = (metric, value) => console.log(JSON.stringify({ peer: 'tenzo', name, metric, value }))
      line('rss_growth', growth)
      line('peak_rss_mb', peak)
      line('us', us)
      continue
    }
    console.log(`${what}: ${count} steps, ${us.toFixed(0)} us a step`)
    console.log(`  MB in use after each tenth: ${rss.map((x) => x.toFixed(0)).join(' ')}`)
    console.log(`  second tenth ${rss[1].toFixed(0)}, last ${rss[9].toFixed(0)}, ratio ${growth.toFixed(2)}`)
    console.log(`  peak ${peak.toFixed(0)}, over bare node ${(peak - bare).toFixed(0)}`)
  }
}
