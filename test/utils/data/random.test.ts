/** The orders in which data are visited are PyTorch's, and so is what is left of the streams. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { arange, Generator, manualSeed, rand, type Tensor } from 'tenzo'
import {
  DataLoader,
  RandomSampler,
  randomSplit,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
} from '../../../lib/utils/data'

type After = [number[], number[] | null]

interface Golden {
  loaders: {
    seed: number
    n: number
    batchSize: number
    dropLast: boolean
    own: boolean
    length: number
    passes: [number[][], After][]
  }[]
  samplers: ({ seed: number; own: boolean; order: number[]; after: After } & (
    | { kind: 'random'; n: number; replacement: boolean; numSamples: number | null }
    | { kind: 'subset'; indices: number[] }
    | { kind: 'weighted'; weights: number[]; replacement: boolean; numSamples: number }
  ))[]
  splits: { seed: number; own: boolean; n: number; lengths: number[]; parts: number[][]; after: After }[]
}

const golden = JSON.parse(readFileSync(join(__dirname, '../../goldens/data.json'), 'utf8')) as Golden

const numbers = (x: Tensor): number[] => Array.from(x.toTypedArray() as Float32Array | BigInt64Array, Number)

function start(seed: number, own: boolean): Generator | null {
  manualSeed(seed)
  return own ? new Generator().manualSeed(seed + 1) : null
}

const after = (generator: Generator | null): After => [
  numbers(rand([2])),
  generator ? numbers(rand([2], { generator })) : null,
]

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

test.each(golden.loaders.map((row) => [row.n, row.batchSize, row.seed, row.dropLast, row.own, row] as const))(
  'loader over %i samples in batches of %i, seed %i, dropLast %s, own generator %s',
  (n, batchSize, seed, dropLast, own, row) => {
    for (const dataset of [new TensorDataset(arange(n)), range(n).map((i) => [BigInt(i)] as const)]) {
      const generator = start(seed, own)
      const loader = new DataLoader(dataset as TensorDataset<[Tensor]>, {
        batchSize,
        dropLast,
        generator,
        shuffle: true,
      })
      expect(loader.length).toBe(row.length)
      for (const [batches, rest] of row.passes.slice(0, 2)) {
        expect(Array.from(loader, ([x]) => numbers(x))).toEqual(batches)
        expect(after(generator)).toEqual(rest)
      }
      for (const _ of loader) break
      expect(after(generator)).toEqual(row.passes[2]![1])
    }
  },
)

test.each(golden.samplers.map((row) => [row.kind, row.seed, row.own, row] as const))(
  '%s sampler, seed %i, own generator %s',
  (_kind, seed, own, row) => {
    const generator = start(seed, own)
    const sampler =
      row.kind === 'random'
        ? new RandomSampler(range(row.n), { replacement: row.replacement, numSamples: row.numSamples, generator })
        : row.kind === 'subset'
          ? new SubsetRandomSampler(row.indices, { generator })
          : new WeightedRandomSampler(row.weights, row.numSamples, { replacement: row.replacement, generator })
    expect([...sampler]).toEqual(row.order)
    expect(sampler.length).toBe(row.order.length)
    expect(after(generator)).toEqual(row.after)
  },
)

test.each(golden.splits.map((row) => [row.lengths, row.n, row.seed, row] as const))(
  'split %j of %i, seed %i',
  (lengths, n, seed, row) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const generator = start(seed, row.own)
    const parts = randomSplit(range(n), lengths, { generator })
    warn.mockRestore()
    expect(parts.map((part) => [...part.indices])).toEqual(row.parts)
    expect(after(generator)).toEqual(row.after)
  },
)
