/**
 * An operation looks at values through one door, `hostRead`, with the reason beside the call. What reads is found in the sources: a
 * method that gives values to JavaScript is called nowhere in lib/ops but behind the door and where it is defined.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import {
  arange,
  autograd,
  combinations,
  cov,
  full,
  isclose,
  manualSeed,
  median,
  mode,
  multinomial,
  nn,
  normal,
  prod,
  quantile,
  rand,
  randn,
  repeatInterleave,
  type Tensor,
  takeAlongDim,
  tensor,
  trilIndices,
  unique,
  uniqueConsecutive,
} from 'tenzo'
import * as door from '../../lib/ops/define/host-read'

jest.mock('../../lib/ops/define/host-read', () => {
  const actual = jest.requireActual('../../lib/ops/define/host-read')
  return { ...actual, hostRead: jest.fn(actual.hostRead) }
})
/** How often values are looked at. */
function readsOf(f: () => unknown): number {
  const reads = jest.mocked(door.hostRead)
  reads.mockClear()
  f()
  return reads.mock.calls.length
}

const ROOT = resolve(__dirname, '../..')
const OPS = join(ROOT, 'lib/ops')
const DOORS = ['lib/ops/define/host-read.ts', 'lib/ops/tensor/read.ts']
const READS = /\.(item|toTypedArray|toArray|tolist)\(\)/

const sources = readdirSync(OPS, { recursive: true, encoding: 'utf8' })
  .filter((f) => f.endsWith('.ts'))
  .map((f) => relative(ROOT, join(OPS, f)).replaceAll('\\', '/'))
const linesOf = (file: string): string[] => readFileSync(join(ROOT, file), 'utf8').split('\n')
const isComment = (line: string): boolean => /^\s*(\/\/|\/?\*)/.test(line)

describe('host reads', () => {
  test.each(sources.filter((f) => !DOORS.includes(f)))('%s calls no method that reads', (file) =>
    expect(linesOf(file).filter((l) => READS.test(l) && !isComment(l))).toEqual([]),
  )

  test('stand beside their reason', () => {
    const bare = sources
      .filter((f) => f !== DOORS[0])
      .flatMap((file) => {
        const lines = linesOf(file)
        const calls = lines.flatMap((l, i) => (/\bhostRead(All)?\(/.test(l) ? [i] : []))
        return calls.filter((i) => !lines.slice(Math.max(0, i - 3), i).some(isComment)).map((i) => `${file}:${i + 1}`)
      })
    expect(bare).toEqual([])
  })
})

describe('what needs no value reads none:', () => {
  manualSeed(0)
  const x = randn([4, 5])
  const F = nn.functional
  const rows = tensor([0n, 3n, 1n])
  const places = tensor([[0n, -1n, 2n, -4n, 1n]])
  const grad = (f: (v: Tensor) => Tensor) => () => {
    const v = x.detach().requiresGrad_()
    autograd.grad(f(v).sum(), [v])
  }
  const calls: Record<string, () => unknown> = {
    median: () => median(x, 0),
    mode: () => mode(x, 0),
    quantile: () => quantile(x, tensor([0.2, 0.9])),
    takeAlongDim: () => takeAlongDim(x, places, 0),
    normal: () => normal(0, x.abs()),
    multinomial: () => multinomial(x.abs(), 2),
    isclose: () => isclose(x, x, { equalNan: true }),
    repeatInterleave: () => repeatInterleave(tensor([2n, 0n, 3n]), { outputSize: 5 }),
    combinations: () => combinations(arange(6), 3),
    trilIndices: () => trilIndices(5, 7),
    embeddingBag: () => F.embeddingBag(rows, x, { offsets: tensor([0n, 2n]), mode: 'max' }),
    embedding: () => F.embedding(rows, x.clone(), { maxNorm: 0.5 }),
    attention: () => F.scaledDotProductAttention(x, x, x, { attnMask: tensor([[true], [false], [true], [true]]) }),
    binaryCrossEntropy: () => F.binaryCrossEntropy(x.sigmoid(), x.sigmoid()),
    gaussianNllLoss: () => F.gaussianNllLoss(x, x, x.abs()),
    maxUnpool1d: () => F.maxUnpool1d(rand([1, 1, 2]), tensor([[[0n, 3n]]]), 2),
    'the gradient of max': grad((v) => v.max()),
    'the gradient of median': grad((v) => v.median()),
    'the gradient of prod': grad((v) => v.prod()),
    'the gradient of prod along a dim': grad((v) => v.relu().prod(1)),
    'the gradient of cumprod': grad((v) => v.cumprod(1)),
    'the gradient of a product with zeros': grad((v) => v.relu().cumprod(0)),
  }
  test.each(Object.keys(calls))('%s', (name) => expect(readsOf(calls[name] as () => unknown)).toBe(0))
  test('a size is read once', () => {
    expect(readsOf(() => unique(x, { returnInverse: true, returnCounts: true }))).toBe(1)
    expect(readsOf(() => repeatInterleave(tensor([2n, 0n, 3n])))).toBe(1)
  })
})

// PyTorch 2.13.
describe('checks of values are statuses of commands', () => {
  const weights = tensor([Number.NaN, 1, 1])
  test.each<[string, () => unknown, string]>([
    ['normal', () => normal(0, tensor([1, -1])), 'normal expects all elements of std >= 0.0'],
    ['normal, NaN', () => normal(0, tensor([1, Number.NaN])), 'normal expects all elements of std >= 0.0'],
    ['cov', () => cov(rand([2, 3]), { aweights: weights }), 'cov(): aweights cannot be negative'],
    [
      'cov, 0',
      () => cov(rand([2, 3]), { fweights: tensor([0n, 0n, 0n]) }),
      "cov(): weights sum to zero, can't be normalized",
    ],
    ['quantile', () => quantile(rand([3]), tensor([0.5, 1.5])), 'quantile() q values must be in the range [0, 1]'],
    [
      'embeddingBag',
      () => nn.functional.embeddingBag(tensor([0n, 1n]), rand([2, 3]), { offsets: tensor([0n, 2n, 1n]) }),
      'embedding_bag: offsets must not decrease, but offsets[2] is 1 after 2',
    ],
    [
      'maxUnpool1d',
      () => nn.functional.maxUnpool1d(rand([1, 1, 3]), tensor([[[0n, 9n, 7n]]]), 2),
      'Found an invalid max index: 7 (output volumes are of size 6x1)',
    ],
    ['repeats', () => repeatInterleave(tensor([3n, -1n])), 'repeats can not be negative'],
    [
      'their sum',
      () => repeatInterleave(tensor([3n, 1n]), { outputSize: 5 }),
      'allocated size does not match required size',
    ],
    [
      'multinomial',
      () => multinomial(tensor([1, Number.POSITIVE_INFINITY]), 1),
      'probability tensor contains either `inf`, `nan` or element < 0',
    ],
    [
      'multinomial, 0',
      () => multinomial(tensor([0, 0]), 1),
      'invalid multinomial distribution (sum of probabilities <= 0)',
    ],
  ])('%s', (_name, call, message) => expect(call).toThrow(message))
})

// PyTorch 2.13.
describe('groups', () => {
  const values = (x: Tensor | Tensor[]): unknown => (Array.isArray(x) ? x.map((t) => t.toArray()) : x.toArray())
  const all = { returnInverse: true, returnCounts: true }
  const x = tensor([2, -0, Number.NaN, 1, 0, 2, Number.NaN, 2])
  test('of values: the zeros are one, each NaN is its own', () => {
    const nan = Number.NaN
    expect(values(unique(x, all))).toEqual([
      [-0, 1, 2, nan, nan],
      [2, 0, 3, 1, 0, 2, 4, 2],
      [2, 1, 3, 1, 1],
    ])
    expect(values(uniqueConsecutive(tensor([1, 1, nan, nan, 0, -0, 1]), all))).toEqual([
      [1, nan, nan, 0, 1],
      [0, 0, 1, 2, 3, 3, 4],
      [2, 1, 1, 2, 1],
    ])
  })
  test('of rows, in the order of their columns', () => {
    const rows = tensor(
      [
        [2, 1, 0],
        [1, 5, 7],
        [2, 1, 0],
        [1, 5, 6],
        [2, 0, 9],
      ],
      { dtype: 'int16' },
    )
    expect(values(unique(rows, { dim: 0, ...all }))).toEqual([
      [
        [1, 5, 6],
        [1, 5, 7],
        [2, 0, 9],
        [2, 1, 0],
      ],
      [3, 1, 3, 0, 2],
      [1, 1, 1, 2],
    ])
    expect(values(unique(rows.t(), { dim: 1 }))).toEqual([
      [1, 1, 2, 2],
      [5, 5, 0, 1],
      [6, 7, 9, 0],
    ])
  })
  test('every int64 counts', () => {
    const [low, high] = [-(2n ** 63n), 2n ** 63n - 1n]
    const found = unique(tensor([high, low, high - 1n, high, low]), all) as Tensor[]
    expect([...(found[0] as Tensor).toTypedArray()]).toEqual([low, high - 1n, high])
    expect(found.slice(1).map(values)).toEqual([
      [2, 0, 1, 2, 0],
      [2, 1, 2],
    ])
  })
  test('the mode is the smallest of the most frequent', () => {
    const { values: most, indices } = mode(
      tensor([
        [3, 1, 3, 1],
        [2, 2, 0, 1],
      ]),
      1,
    )
    expect([values(most), values(indices)]).toEqual([
      [1, 2],
      [3, 1],
    ])
  })
})

// PyTorch 2.13.
test('a tensor as a number keeps its kind', () => {
  expect(full([2], tensor(3n) as never).dtype).toBe('int64')
  expect(full([2], tensor(true) as never).dtype).toBe('bool')
})
test('prod takes one dim', () =>
  expect(() => prod(rand([2, 3]), [0, 1] as never)).toThrow("prod(): argument 'dim' must be int"))
