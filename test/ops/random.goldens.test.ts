/** The random streams against PyTorch's, bit for bit: the same seed gives the same tensors and leaves the same state. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Tensor } from '../../lib'
import * as tenzo from '../../lib'
import * as creation from '../../lib/ops/random/creation'
import * as fills from '../../lib/ops/random/in-place'
import * as sampling from '../../lib/ops/random/sampling'

interface Case {
  name: string
  seed: string
  steps: string[]
  /** dtype, shape, hash of the bytes, first and last value (integers and the infinite as strings). */
  tensors: [string, number[], string, (number | string | boolean)[]][]
  /** What is drawn next from the default generator and from `g`. */
  next: [number, number]
}
const recorded = JSON.parse(gunzipSync(readFileSync(join(__dirname, '../goldens/random.json.gz'))).toString()) as {
  cases: Case[]
  errors: { step: string; message: string }[]
  state: { bytes: string; initialSeed: string; next: [number[], number[]] }
  soft: { step: string; values: number[]; next: number }[]
  /** PyTorch's layers without parameters and buffers. */
  stateless: string[]
}

const hash = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex').slice(0, 16)
function bytesOf(x: Tensor): Uint8Array {
  const values = x.detach().contiguous().toTypedArray()
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
function evaluate(steps: readonly string[], generator: tenzo.Generator): Tensor[] {
  const code = `return [${steps.join(',\n')}]`
  const words = new Set(code.match(/\w+/g))
  const used = Object.entries({ ...tenzo, g: generator }).filter(([name]) => words.has(name))
  return (new Function(...used.map(([name]) => name), code)(...used.map(([, value]) => value)) as Tensor[]).flat()
}
const next = (generator: tenzo.Generator | null): number =>
  tenzo.rand([1], { dtype: 'float64', generator }).item() as number

test.each(recorded.cases)('$name', ({ seed, steps, tensors, next: [own, other] }) => {
  tenzo.manualSeed(BigInt(seed))
  // Python's division rounds down.
  const half = BigInt.asIntN(66, BigInt(seed)) >> 1n
  const generator = new tenzo.Generator().manualSeed(half + 1n)
  const got = evaluate(steps, generator)
  expect(got.map((x) => [x.dtype, [...x.shape]])).toEqual(tensors.map(([dtype, shape]) => [dtype, shape]))
  const wrong = got.flatMap((x, i) => {
    const [dtype, , wanted, ends] = tensors[i]!
    if (hash(bytesOf(x)) === wanted) return []
    const flat = (x.detach().contiguous().view([-1]).toArray() as (number | bigint | boolean)[]).map(Number)
    const values = [flat[0]!, flat.at(-1)!]
    // Double precision may end in another C library's logarithm and sine than the recording machine's.
    const close =
      dtype === 'float64' && ends.every((v, k) => Math.abs(values[k]! - Number(v)) <= 1e-12 * Math.abs(Number(v)))
    return close
      ? []
      : [`tensor ${i} (${dtype}) of ${tensors.length}: ${values.join(' … ')} instead of ${ends.join(' … ')}`]
  })
  expect(wrong).toEqual([])
  expect([next(null), next(generator)]).toEqual([own, other])
})

test.each(recorded.errors)('refuses $step', ({ step, message }) => {
  let error: unknown
  try {
    evaluate([step], new tenzo.Generator())
  } catch (e) {
    error = e
  }
  expect(error).toBeInstanceOf(tenzo.TenzoError)
  expect((error as Error).message).toBe(message)
})

// Their values depend on the last bits of exp and log as well.
test.each(recorded.soft)('$step', ({ step, values, next: drawn }) => {
  tenzo.manualSeed(3)
  const [x] = evaluate([step], tenzo.defaultGenerator) as [Tensor]
  const tolerance = x.dtype === 'float64' ? 1e-13 : 1e-6
  for (const [i, v] of (x.view([-1]).tolist() as number[]).entries())
    expect(Math.abs(Number(v) - values[i]!)).toBeLessThan(tolerance)
  expect(next(null)).toBe(drawn)
})

describe('the state', () => {
  const bytes = tenzo.tensor(new Uint8Array(Buffer.from(recorded.state.bytes, 'hex')))
  it('of PyTorch is taken up, half a pair of normals included', () => {
    const generator = new tenzo.Generator().setState(bytes)
    expect(String(generator.initialSeed())).toBe(recorded.state.initialSeed)
    const [normals, uniforms] = recorded.state.next
    expect(tenzo.randn([3], { dtype: 'float64', generator }).toArray()).toEqual(normals)
    expect(tenzo.rand([2], { generator }).toArray()).toEqual(uniforms)
  })
  it("has PyTorch's layout", () => {
    const generator = new tenzo.Generator().manualSeed(2n ** 50n + 9n)
    tenzo.rand([700], { generator })
    tenzo.randn([3], { generator })
    expect(Buffer.from(bytesOf(generator.getState())).toString('hex')).toBe(recorded.state.bytes)
  })
  it('loses what has no meaning', () => {
    const state = bytes.clone()
    // The high half of a word, an unused number, padding; flags are 1.
    for (const [at, value] of [
      [28, 7],
      [5016, 9],
      [5044, 8],
      [5054, 3],
      [5040, 2],
    ] as const)
      state.set([at], value)
    expect(new tenzo.Generator().setState(state).getState().equal(bytes)).toBe(true)
  })
  it('is refused where no draw could follow', () => {
    for (const [at, value] of [
      [8, 0],
      [10, 9],
      [12, 0],
      [20, 1],
      [23, 255],
    ] as const) {
      const state = bytes.clone()
      state.set([at], value)
      if (at === 8) state.set([9], 0)
      expect(() => new tenzo.Generator().setState(state)).toThrow('Invalid mt19937 state')
    }
    expect(() => new tenzo.Generator().setState(bytes.to('float32'))).toThrow('RNG state must be a ByteTensor')
  })
  it('can be taken and set again', () => {
    tenzo.randn([5])
    const state = tenzo.getRngState()
    const a = tenzo.randn([7]).toArray()
    tenzo.setRngState(state)
    expect(tenzo.randn([7]).toArray()).toEqual(a)
  })
  it('is one of its own for each generator and each clone', () => {
    const generator = new tenzo.Generator().manualSeed(42)
    const clone = generator.cloneState()
    tenzo.manualSeed(42)
    const a = tenzo.rand([5]).toArray()
    tenzo.rand([100])
    expect(tenzo.rand([5], { generator }).toArray()).toEqual(a)
    expect(tenzo.rand([5], { generator: clone }).toArray()).toEqual(a)
    expect(clone.initialSeed()).toBe(42n)
  })
  it('starts from the seed of PyTorch, or from one that nobody chose', () => {
    expect(new tenzo.Generator().initialSeed()).toBe(67280421310721n)
    const generator = new tenzo.Generator()
    const chosen = generator.seed()
    expect(generator.initialSeed()).toBe(chosen)
    expect(new tenzo.Generator().seed()).not.toBe(chosen)
  })
})

it('does not depend on the number of threads', () => {
  const threads = tenzo.getNumThreads()
  const draws = [1, 2].map((n) => {
    tenzo.setNumThreads(n)
    tenzo.manualSeed(5)
    return [tenzo.randn([1_100_003]), tenzo.randn([600_001], { dtype: 'float64' }), tenzo.rand([300_001])]
      .map(bytesOf)
      .map(hash)
  })
  tenzo.setNumThreads(threads)
  expect(draws[0]).toEqual(draws[1])
})

describe('gradients', () => {
  const leaf = (): Tensor => tenzo.full([3], 0.5, { requiresGrad: true })
  it.each<[string, (x: Tensor) => Tensor]>([
    ['NormalBackward1', (x) => tenzo.normal(x)],
    ['NormalBackward2', (x) => tenzo.normal(0, x)],
    ['NormalBackward3', (x) => tenzo.normal(x, x)],
    ['PoissonBackward0', (x) => tenzo.poisson(x)],
    ['BernoulliBackward0', (x) => tenzo.bernoulli(x)],
    ['BernoulliBackward1', (x) => tenzo.zeros([3]).bernoulli_(x)],
    ['BernoulliBackward2', (x) => x.mul(1).bernoulli_(0.5)],
    ['UniformBackward0', (x) => x.mul(1).uniform_()],
    ['NormalBackward0', (x) => x.mul(1).normal_()],
    ['LogNormalBackward0', (x) => x.mul(1).logNormal_()],
    ['ExponentialBackward0', (x) => x.mul(1).exponential_()],
    ['CauchyBackward0', (x) => x.mul(1).cauchy_()],
    ['GeometricBackward0', (x) => x.mul(1).geometric_(0.5)],
    ['RandomBackward0', (x) => x.mul(1).random_(2, 5)],
    ['RandomBackward1', (x) => x.mul(1).random_(5)],
    ['RandomBackward2', (x) => x.mul(1).random_()],
  ])('%s gives zeros, of an infinite gradient too', (name, draw) => {
    const x = leaf()
    const y = draw(x)
    expect(y.gradFn?.name()).toBe(name)
    y.mul(Number.POSITIVE_INFINITY).nanToNum({ nan: 1 }).sum().backward()
    expect(x.grad!.toArray()).toEqual([0, 0, 0])
  })
  it('rrelu multiplies by the slopes it drew', () => {
    for (const inplace of [false, true]) {
      tenzo.manualSeed(1)
      const x = tenzo.tensor([-2, 3, -1], { requiresGrad: true })
      const y = tenzo.nn.functional.rrelu(x.mul(1), { training: true, inplace })
      expect(y.gradFn?.name()).toBe(`RreluWithNoiseBackward${inplace ? 1 : 0}`)
      y.sum().backward()
      expect(x.grad!.toArray()).toEqual(y.detach().div(x.detach()).toArray())
    }
  })
  it('binomial has none', () => {
    expect(() => tenzo.binomial(leaf(), leaf()).sum().backward()).toThrow(
      'derivative for aten::binomial is not implemented',
    )
  })
})

describe('completeness: a golden for', () => {
  const words = new Set(
    recorded.cases
      .flatMap(({ steps }) => steps)
      .concat(recorded.soft.map((s) => s.step))
      .join(' ')
      .match(/\w+/g),
  )
  const functions = (names: object): string[] =>
    Object.entries(names)
      .filter(([, f]) => typeof f === 'function')
      .map(([name]) => name)
  const { nn } = tenzo

  // (fromTo serves several of them.)
  it.each(functions({ ...creation, ...fills, ...sampling }).filter((name) => name !== 'fromTo'))('%s', (name) =>
    expect(words).toContain(name),
  )
  it.each(functions(nn.functional).filter((name) => /ropout|rrelu$|gumbel/.test(name)))('nn.functional.%s', (name) =>
    expect(words).toContain(name),
  )
  it.each(functions(nn.init).filter((name) => name !== 'orthogonal_'))('nn.init.%s', (name) =>
    expect(words).toContain(name),
  )
  const layers = Object.entries(nn).filter(([, c]) => typeof c === 'function' && c.prototype instanceof nn.Module)
  it.each(layers.map(([name]) => name).filter((name) => !recorded.stateless.includes(name)))('nn.%s', (name) =>
    expect(words).toContain(name),
  )
})
