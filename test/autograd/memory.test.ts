/** Memory stays flat in loops with hooks, Functions of one's own and recorded backward passes. */
import { execFileSync } from 'node:child_process'
import { ensureDist, root } from '../helpers/dist'

beforeAll(ensureDist, 120_000)

/** Runs a program in a process of its own: `step()` is called 1500 times; how much more is held at the end than after a third of them. */
function growth(setup: string, step: string): { rss: number; heap: number; live: number } {
  const program = `
    const { autograd, memoryStats, noGrad, randn, tensor } = require('tenzo')
    const { grad, graph } = autograd
    ${setup}
    const step = () => { ${step} }
    const held = () => ({ rss: process.memoryUsage.rss(), heap: process.memoryUsage().heapUsed, live: memoryStats().liveBytes })
    for (let i = 0; i < 500; i++) step()
    gc(); const first = held()
    for (let i = 0; i < 1000; i++) step()
    gc(); const last = held()
    const mb = (k) => (last[k] - first[k]) / 2 ** 20
    console.log(JSON.stringify({ rss: mb('rss'), heap: mb('heap'), live: mb('live') }))`
  const out = execFileSync(process.execPath, ['--expose-gc', '-e', program], { cwd: root, encoding: 'utf8' })
  return JSON.parse(out) as ReturnType<typeof growth>
}

// Each step handles about 64 kB tensors: a leak of one a step would be 64 MB.
const CASES: Record<string, [setup: string, step: string]> = {
  'hooks on tensors and nodes': [
    `const w = randn([128, 128]).requiresGrad_()
     w.registerHook((g) => g.mul(0.5))
     w.registerPostAccumulateGradHook((t) => noGrad(() => { t.sub_(t.grad.mul(1e-3)); t.grad = null }))`,
    `const y = w.mul(2)
     y.registerHook((g) => g.add(1))
     y.retainGrad()
     y.gradFn.registerHook((gi) => [gi[0].mul(2), null])
     const h = graph.registerMultiGradHook([y, w], () => {})
     y.sum().backward()
     h.remove()`,
  ],
  'a Function that saves inputs and outputs': [
    `class Exp extends autograd.Function {
       static forward(ctx, x) { const y = x.exp(); ctx.saveForBackward(x, y); ctx.note = [x.shape]; return y }
       static backward(ctx, g) { return g.mul(ctx.savedTensors[1]) }
     }
     const w = randn([128, 128]).requiresGrad_()`,
    'w.grad = null; Exp.apply(w).sum().backward()',
  ],
  'a graph that is never walked': ['const w = randn([128, 128]).requiresGrad_()', 'w.mul(2).exp().mul(w).sum()'],
  'second derivatives': [
    'const w = randn([128, 128]).requiresGrad_()',
    'const [g] = grad(w.pow(3).sum(), w, { createGraph: true }); grad(g.square().sum(), w)',
  ],
  'backward with createGraph, its grads cleared': [
    'const w = randn([128, 128]).requiresGrad_()',
    'w.pow(2).sum().backward({ createGraph: true }); w.grad.sum().backward(); w.grad = null',
  ],
  'hooks on what is saved': [
    'const w = randn([128, 128]).requiresGrad_()',
    `const y = graph.savedTensorsHooks((t) => t.detach().to('float64'), (p) => p.to('float32'), () => w.exp().sin())
     w.grad = null; y.sum().backward()`,
  ],
}

test.each(Object.keys(CASES))(
  '%s',
  (name) => {
    const { heap, live } = growth(...CASES[name]!)
    expect(heap).toBeLessThan(4)
    // What the allocator hands out between two collections is not a leak, but it is bounded.
    expect(live).toBeLessThan(40)
  },
  60_000,
)

test('a chain of 100,000 operations is walked and let go without recursion', () => {
  const program = `
    const { autograd, tensor } = require('tenzo')
    const x = tensor([1], { requiresGrad: true })
    let y = x
    for (let i = 0; i < 100000; i++) y = y.add(x)
    y.registerHook(() => {})
    y.backward({ retainGraph: true })
    const [g] = autograd.grad(y, x, { createGraph: true })
    console.log(x.grad.item(), g.item())
    y = null; gc()`
  const out = execFileSync(process.execPath, ['--expose-gc', '-e', program], { cwd: root, encoding: 'utf8' })
  expect(out.trim()).toBe('100001 100001')
}, 60_000)
