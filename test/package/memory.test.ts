import { execFileSync } from 'node:child_process'
import { totalmem } from 'node:os'
import { ensureDist, fromRoot, root, runScript } from '../helpers/dist'

beforeAll(ensureDist, 120_000)

// A small edition of `npm run bench:memory`: a plain synchronous loop without scope or await.
test.each([
  ['mlp', 20_000, 300],
  ['lenet', 60, 500],
])(
  '%s holds its memory over %i steps',
  (name, steps, limit) => {
    const args = [fromRoot('bench', 'memory.mjs'), `--only=${name}`, `--steps=${steps}`, '--json']
    const out = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    const value = (metric: string) =>
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .find((line) => line.metric === metric)?.value
    expect(value('rss_growth')).toBeLessThan(1.25)
    expect(value('peak_rss_mb')).toBeLessThan(limit)
  },
  120_000,
)

const RSS = `
  const tenzo = require('tenzo')
  const { empty, emptyCache, memoryStats, ones } = tenzo
  const MB = 1024 * 1024
  const rss = () => process.memoryUsage.rss() / MB
`

// (Only the pages that are written are there.)
const roomy = totalmem() > 6 * 2 ** 30 ? test : test.skip
roomy(
  'a tensor of more than 4 GiB, which no Buffer of Node 20 holds',
  () => {
    const code = `${RSS}
    const bytes = empty([2 ** 32 + 2 ** 20], { dtype: 'uint8' })
    const last = bytes.narrow(0, bytes.numel() - 3, 3)
    last.fill_(7)
    const floats = empty([2 ** 30 + 8])
    floats.narrow(0, 2 ** 30, 2).fill_(0.5)
    console.log(last.sum().item(), bytes.at(-1).item(), floats.narrow(0, 2 ** 30 - 1, 3).toArray().slice(1).join())
    bytes.release()
    floats.release()
    console.log(rss() < 300, memoryStats().liveBytes < MB)
  `
    expect(runScript(code)).toBe('21 7 0.5,0.5\ntrue true\n')
  },
  60_000,
)

test('emptyCache() gives memory back in one call', () => {
  const code = `${RSS}
    const fill = () => { const kept = []; for (let i = 0; i < 300; i++) kept.push(ones([2 ** 18])) }
    const before = rss()
    fill()
    const full = rss()
    emptyCache()
    console.log(full - before > 250, rss() - before < 60, memoryStats().freeBytes, memoryStats().liveBytes < MB)
  `
  expect(runScript(code)).toBe('true true 0 true\n')
})

test('a small tensor that stays holds no more than 128 of its size, and 8 KB', () => {
  const code = `${RSS}
    const kept = []
    const x = ones([4])
    for (let i = 0; i < 500; i++) {
      for (let j = 0; j < 1100; j++) x.add(1)
      kept.push(x.sum())
    }
    emptyCache()
    console.log(memoryStats().liveBytes < 500 * 8192 + MB / 2, kept.every((sum) => sum.item() === 4))
  `
  expect(runScript(code)).toBe('true true\n')
})

test('sizes without end do not fill the pool', () => {
  const code = `${RSS}
    let seed = 1
    const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31
    for (let i = 0; i < 3000; i++) empty([1 + Math.floor(random() * 4 * MB)])
    const { freeBytes, liveBytes } = memoryStats()
    console.log((freeBytes + liveBytes) / MB < 400)
  `
  expect(runScript(code)).toBe('true\n')
}, 60_000)
