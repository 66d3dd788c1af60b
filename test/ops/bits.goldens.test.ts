/**
 * Matrix products and convolutions sum in the order of MKL and oneDNN with AVX-512, so that their results are PyTorch's to
 * the last bit. Inputs come from the seed; test/oracle/bits.py recorded a hash of each result.
 */
import { createHash } from 'node:crypto'
import { autograd, cpuLevel, getNumThreads, manualSeed, nn, randn, setNumThreads, type Tensor } from 'tenzo'
import { loadGoldens } from '../helpers/goldens'

const F = nn.functional

interface Case {
  kind: 'matmul' | 'linear' | 'conv2d'
  sizes: number[]
  layout?: string
  weight?: number[]
  options?: { stride: number; padding: number; dilation: number; groups: number }
  results: Record<string, string>
}

const cases = loadGoldens<Case[]>('bits.json')
const threads = getNumThreads()
afterEach(() => setNumThreads(threads))

function digest(t: Tensor): string {
  const { buffer, byteOffset, byteLength } = t.detach().contiguous().toTypedArray()
  return createHash('sha256')
    .update(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength))
    .digest('hex')
    .slice(0, 16)
}

function run({ kind, sizes, layout, weight, options, results }: Case): Record<string, Tensor> {
  if (kind === 'conv2d') {
    const x = randn(sizes, { requiresGrad: true })
    const w = randn(weight!)
    const y = F.conv2d(x, w, { bias: randn([weight![0]!]), ...options })
    const got: Record<string, Tensor> = { y, withoutBias: F.conv2d(x, w, options) }
    if ('gradient' in results) got.gradient = autograd.grad(y, x, randn(y.shape))[0]!
    return got
  }
  const [m, k, n] = sizes as [number, number, number]
  const [a, b] = [randn([m, k]), randn([k, n])]
  if (kind === 'linear') return { y: F.linear(a, b.t().contiguous(), randn([n])) }
  const across = (t: Tensor): Tensor => t.t().contiguous().t()
  return { y: (layout![0] === 't' ? across(a) : a).matmul(layout![1] === 't' ? across(b) : b) }
}

/** The lowest level has no fused multiply-add: it rounds each product by itself, and has other bits than PyTorch. */
const checked = cpuLevel() === 'baseline' ? describe.skip : describe

checked.each([1, 2])('bits, which need fused multiply-add, with %i threads', (count) => {
  test.each(cases.map((c, i) => [`${c.kind} ${c.sizes} ${c.layout ?? c.weight ?? ''}`, c, i] as const))(
    '%s',
    (_, c, i) => {
      setNumThreads(count)
      manualSeed(i)
      expect(Object.fromEntries(Object.entries(run(c)).map(([name, t]) => [name, digest(t)]))).toEqual(c.results)
    },
  )
})
