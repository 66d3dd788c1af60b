// The Tenzo peer: runs the cases of cases.json by the protocol of torch_bench.py and prints the same JSON lines.
// usage: node bench/peer.mjs [--threads=N] [--groups=a,b] [--only=name,…] [--skip=…] [--budget=S] [--peer=NAME]
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { manualSeed, setNumThreads } from 'tenzo'
import { make } from './cases.mjs'

const options = { threads: '1', budget: '0.25', groups: '', only: '', skip: '', peer: 'tenzo' }
for (const argument of process.argv.slice(2)) {
  const [, key, value] = argument.match(/^--(\w+)=(.*)$/) ?? []
  if (!(key in options)) throw new Error(`unknown option ${argument}`)
  options[key] = value
}
const threads = Number(options.threads)
const budget = Number(options.budget)
setNumThreads(threads)
manualSeed(0)

const clock = () => performance.now() / 1000
const round = (x) => (typeof x === 'number' && !Number.isInteger(x) ? Number(x.toPrecision(5)) : x)

function emit(name, metric, value, more = {}) {
  const line = { peer: options.peer, name, threads, metric, value, ...more }
  console.log(JSON.stringify(Object.fromEntries(Object.entries(line).map(([k, v]) => [k, round(v)]))))
}

const linux = process.platform === 'linux'
const sleep = (seconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000)

function busy() {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1, 9)
  return fields.reduce((sum, x, i) => sum + (i === 3 || i === 4 ? 0 : Number(x)), 0) / 100
}
function own() {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
/** Other processes' share of the machine: 0 is quiet, 1 all cores. */
function noiseMeter() {
  if (!linux) return () => 0
  const [b, o, t] = [busy(), own(), clock()]
  return () => Math.max(0, (busy() - b - (own() - o)) / (clock() - t) / availableParallelism())
}
function waitForQuiet() {
  for (let i = 0; i < 10; i++) {
    const noise = noiseMeter()
    sleep(0.1)
    if (noise() < 0.1) return
  }
}

function timeIt(f) {
  waitForQuiet()
  const call = (k) => {
    const start = clock()
    for (let i = 0; i < k; i++) f()
    return (clock() - start) / k
  }
  call(1)
  let one = call(1)
  const warm = clock()
  // A second: V8 compiles a step's code in stages, and PyTorch's is compiled.
  while (clock() - warm < Math.max(1, budget / 4, Math.min(0.1, one * 3)))
    one = call(Math.max(1, Math.trunc(1e-3 / one)))
  const inner = Math.max(1, Math.trunc(2e-4 / one))
  const samples = []
  const start = clock()
  const noise = noiseMeter()
  while ((clock() - start < budget || samples.length < 5) && samples.length < 400 && clock() - start < 20)
    samples.push(call(inner))
  const z = noise()
  samples.sort((a, b) => a - b)
  return [samples[samples.length >> 1] * 1e6, samples[0] * 1e6, samples.length, z]
}

const pick = (key) => options[key].split(',').filter(Boolean)
const { cases } = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8'))
for (const c of cases) {
  if (pick('groups').length && !pick('groups').includes(c.group)) continue
  if (pick('only').length && !pick('only').includes(c.name)) continue
  if (pick('skip').includes(c.group) || pick('skip').includes(c.name)) continue
  let result
  try {
    result = timeIt(make(c))
  } catch (error) {
    emit(c.name, 'error', String(error.message).slice(0, 160))
    continue
  }
  const [median, min, n, noise] = result
  emit(c.name, 'us', median, { min, n, noise })
  if (c.flops) emit(c.name, 'gflops', c.flops / median / 1e3, { best: c.flops / min / 1e3 })
  if (c.bytes) emit(c.name, 'gbps', c.bytes / median / 1e3, { best: c.bytes / min / 1e3 })
  if (c.op === 'train') emit(c.name, 'samples_per_s', (c.batch / median) * 1e6)
  if (pick('only').length) emit(c.name, 'peak_rss_mb', process.resourceUsage().maxRSS / 1024)
}
