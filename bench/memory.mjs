// npm run bench:memory [-- --only=mlp --steps=20000 --node=20,22,24]: whether a plain program holds its memory. No scope,
// nothing freed by hand. Each run has a process of its own, which reports the memory in use once a tenth.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const self = fileURLToPath(import.meta.url)
/** `steps` as they are counted, `what` as it is told; `step` gives the function that runs one, which may be asynchronous. */
const RUNS = {
  mlp: {
    steps: 20_000,
    what: 'MLP 20-256-10, batch 2, SGD',
    step: () => training({ model: 'mlp', sizes: [20, 256, 10], batch: 2 }),
  },
  lenet: {
    steps: 300,
    what: 'LeNet, batch 256, SGD',
    step: () => training({ model: 'lenet', batch: 256, input: [1, 28, 28] }),
  },
  kept: { steps: 200_000, what: '10,000 kept tensors of up to 8 KB, one replaced a step', step: kept },
  survivors: { steps: 60_000, what: 'one of 1,100 sums a step kept, of the last 2,000', step: survivors },
  random: { steps: 4000, what: 'a tensor of 0 to 16 MB a step', step: () => random(0) },
  'random-kept': { steps: 4000, what: 'the same, the last 16 kept', step: () => random(16) },
  server: { steps: 3000, what: 'an async server: 8 requests at once, a batch of 1 to 64 each', step: server },
  workers: { steps: 40, what: 'a Worker a step, which trains 200 steps', step: () => worker },
}
const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    steps: { type: 'string' },
    node: { type: 'string' },
    run: { type: 'string' },
    json: { type: 'boolean' },
  },
})
const MB = 1024 * 1024

if (options.run) await measure(options.run, Number(options.steps))
else await report()

async function training(model) {
  const { trainingStep } = await import('./cases.mjs')
  return trainingStep({ op: 'train', optim: 'sgd', lr: 0.1, loss: 'cross_entropy', ...model })
}

/** Numbers of [0, 1), the same in each run. */
function numbers() {
  let seed = 1
  return () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31
    return seed / 2 ** 31
  }
}

async function kept() {
  const { ones } = await import('tenzo')
  const next = numbers()
  const tensors = []
  return () => {
    tensors[Math.floor(next() * 10_000)] = ones([1 + Math.floor(next() * 2000)]).add(1)
  }
}

async function survivors() {
  const { ones } = await import('tenzo')
  const x = ones([4])
  const sums = []
  let step = 0
  return () => {
    for (let i = 0; i < 1100; i++) x.add(1)
    sums[step++ % 2000] = x.sum()
  }
}

async function random(count) {
  const { empty } = await import('tenzo')
  const next = numbers()
  const tensors = []
  let step = 0
  return () => {
    const x = empty([1 + Math.floor(next() * 4 * MB)]).fill_(1)
    if (count > 0) tensors[step++ % count] = x
  }
}

async function server() {
  const { nn, noGrad, randn } = await import('tenzo')
  const { setTimeout } = await import('node:timers/promises')
  const net = new nn.Sequential(new nn.Linear(256, 512), new nn.ReLU(), new nn.Linear(512, 10))
  const next = numbers()
  const answer = async () => {
    const x = randn([1 + Math.floor(next() * 64), 256])
    await setTimeout(next())
    const y = noGrad(() => net(x).softmax(-1))
    await setTimeout(0)
    return y.toArray()
  }
  return () => Promise.all(Array.from({ length: 8 }, answer))
}

async function worker() {
  const { Worker } = await import('node:worker_threads')
  const trains = `import(${JSON.stringify(self)}).then((m) => m.trainAWhile())`
  const one = new Worker(trains, { eval: true, argv: ['--run=nothing'] })
  await new Promise((resolve, reject) => one.on('error', reject).on('exit', resolve))
}
export async function trainAWhile() {
  const step = await RUNS.mlp.step()
  for (let i = 0; i < 200; i++) step()
}

async function measure(name, steps) {
  if (!(name in RUNS)) return // what a Worker loads
  const { manualSeed } = await import('tenzo')
  manualSeed(0)
  const step = await RUNS[name].step()
  const rss = []
  const start = performance.now()
  for (let tenth = 1, i = 0; tenth <= 10; tenth++) {
    for (; i < (steps * tenth) / 10; i++) {
      // (What is synchronous must not meet the event loop, in which V8 finalizes.)
      const done = step()
      if (done instanceof Promise) await done
    }
    rss.push(process.memoryUsage.rss() / MB)
  }
  const us = ((performance.now() - start) / steps) * 1000
  console.log(JSON.stringify({ rss, us, peak: process.resourceUsage().maxRSS / 1024 }))
}

function child(execPath, args) {
  const done = spawnSync(execPath, args, { encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.signal ?? done.status}\n${done.stderr}`)
  return JSON.parse(done.stdout)
}

async function report() {
  const { otherNode } = await import('../scripts/setup.mjs')
  const versions = options.node ? options.node.split(',').map((major) => otherNode(major)) : [process.execPath]
  for (const execPath of versions) reportOn(execPath)
}

function reportOn(execPath) {
  const bare = child(execPath, ['-p', 'process.resourceUsage().maxRSS / 1024'])
  const version = child(execPath, ['-p', 'JSON.stringify(process.version)'])
  if (!options.json) console.log(`Node.js ${version}, which takes ${bare.toFixed(0)} MB by itself`)
  for (const [name, { steps, what }] of Object.entries(RUNS)) {
    if (options.only && !options.only.split(',').includes(name)) continue
    const count = Number(options.steps ?? steps)
    const { rss, us, peak } = child(execPath, [self, `--run=${name}`, `--steps=${count}`])
    const growth = rss[9] / rss[1]
    if (options.json) {
      const line = (metric, value) => console.log(JSON.stringify({ peer: 'tenzo', node: version, name, metric, value }))
      line('rss_growth', growth)
      line('rss_mb', rss[9])
      line('peak_rss_mb', peak)
      line('us', us)
      continue
    }
    console.log(`${name}: ${what}: ${count} steps, ${us.toFixed(0)} us a step`)
    console.log(`  MB in use after each tenth: ${rss.map((x) => x.toFixed(0)).join(' ')}`)
    console.log(`  plateau ${rss[9].toFixed(0)}, second tenth ${rss[1].toFixed(0)}, ratio ${growth.toFixed(2)}`)
    console.log(`  peak ${peak.toFixed(0)}, over bare node ${(peak - bare).toFixed(0)}`)
  }
}
