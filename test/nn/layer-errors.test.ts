/** What functions and layers say of inputs whose dims or sizes do not fit, against PyTorch (test/oracle/layer_errors.py). */
import { nn, ones, type Tensor, TenzoError, tensor } from 'tenzo'
import { camelCase, loadGoldens } from '../helpers/goldens'
import { messageOf } from '../helpers/seeds'

const golden = loadGoldens<{
  dims: { name: string; dims: number; error: string | null }[]
  interpolate: { input: number[]; options: Record<string, unknown>; error: string | null }[]
}>('layer_errors.json')
const F = nn.functional

const pad = (kind: string, n: number) => (x: Tensor) => {
  const Class = (nn as unknown as Record<string, new (...args: number[]) => nn.Module>)[`${kind}Pad${n}d`]!
  return new Class(1, ...(kind === 'Constant' ? [0.5] : []))(x) as Tensor
}
const CALLS: Record<string, (x: Tensor) => unknown> = {
  batch_norm: (x) => F.batchNorm(x, null, null, { training: true }),
  batch_norm_eval: (x) => F.batchNorm(x, null, null),
  batch_norm_statistics: (x) => F.batchNorm(x, ones([0]), ones([0]), { training: true }),
  unfold: (x) => F.unfold(x, 1),
  avg_pool2d: (x) => F.avgPool2d(x, 1),
  avg_pool3d: (x) => F.avgPool3d(x, 1),
  lp_pool2d: (x) => F.lpPool2d(x, 2, 2),
  adaptive_avg_pool2d: (x) => F.adaptiveAvgPool2d(x, 2),
  adaptive_avg_pool3d: (x) => F.adaptiveAvgPool3d(x, 2),
  fractional2d: (x) => F.fractionalMaxPool2d(x, 1, { outputSize: 1 }),
  fractional2d_ratio: (x) => F.fractionalMaxPool2d(x, 1, { outputRatio: [0.5, 0.5] }),
  fractional3d: (x) => F.fractionalMaxPool3d(x, 1, { outputSize: 1 }),
  fractional3d_ratio: (x) => F.fractionalMaxPool3d(x, 1, { outputRatio: [0.5, 0.5, 0.5] }),
  cross_entropy: (x) => F.crossEntropy(x, tensor([0n])),
  pack_padded_sequence: (x) => nn.utils.rnn.packPaddedSequence(x, [1]),
  normalize: (x) => F.normalize(x, { dim: 1 }),
  log_softmax: (x) => F.logSoftmax(x, 1),
  glu: (x) => F.glu(x, 1),
  ...Object.fromEntries(
    ['Circular', 'Reflection', 'Replication', 'Zero', 'Constant'].flatMap((kind) =>
      [1, 2, 3].map((n) => [`${kind}Pad${n}d`, pad(kind, n)] as const),
    ),
  ),
}

function expectSaid(call: () => unknown, error: string | null): void {
  if (error === null) {
    expect(call).not.toThrow()
    return
  }
  expect(call).toThrow(TenzoError)
  expect(messageOf(call)).toBe(error)
}

test.each(golden.dims)('$name of $dims dims', ({ name, dims, error }) => {
  const x = ones(new Array<number>(dims).fill(2))
  expectSaid(() => CALLS[name]!(x), error)
})

test.each(golden.interpolate)('interpolate $input $options', ({ input, options, error }) => {
  const own = Object.fromEntries(Object.entries(options).map(([k, v]) => [camelCase(k), v]))
  expectSaid(() => F.interpolate(ones(input), own), error)
})

test('the places that FractionalMaxPool was given are a buffer, PyTorch’s _random_samples', () => {
  const samples = tensor([[[0.5, 0.25]]])
  const pool = new nn.FractionalMaxPool2d(2, { outputSize: 2, _randomSamples: samples })
  expect([...pool.stateDict()]).toEqual([['_random_samples', samples]])
  expect([...pool.namedBuffers()].map(([name]) => name)).toEqual(['_random_samples'])
  expect(pool._randomSamples).toBe(samples)
  const other = new nn.FractionalMaxPool3d(2, { outputSize: 2, _randomSamples: ones([1, 1, 3]) })
  other.loadStateDict({ _random_samples: tensor([[[0, 0.5, 0.25]]]) })
  expect(other._randomSamples!.toArray()).toEqual([[[0, 0.5, 0.25]]])
  expect([...new nn.FractionalMaxPool2d(2, { outputSize: 2 }).stateDict().keys()]).toEqual([])
  expect(other.double()._randomSamples!.dtype).toBe('float64')
  expect(() => new nn.FractionalMaxPool2d(2, { outputSize: 2, _randomSamples: 5 as never })).toThrow(TenzoError)
})
