import { arange, type Tensor, tensor, zeros } from 'tenzo'
import {
  BatchSampler,
  DataLoader,
  Dataset,
  IterableDataset,
  SequentialSampler,
  Subset,
  TensorDataset,
} from '../../../lib/utils/data'

const code = (name: string) => expect.objectContaining({ code: `ERR_TENZO_${name}` })
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const numbers = (x: Tensor): number[] => Array.from(x.toTypedArray() as Float32Array, Number)

async function collect<T>(loader: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const batch of loader) found.push(batch)
  return found
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

class Squares extends Dataset<[Tensor, bigint]> {
  constructor(readonly count: number) {
    super()
  }
  get length(): number {
    return this.count
  }
  get(index: number): [Tensor, bigint] {
    return [tensor([index, index * index]), BigInt(index)]
  }
}

/** Samples that take their time, the later ones less of it, and count how many are under way. */
class Slow extends Dataset<number> {
  pending = 0
  most = 0
  started = 0
  get length(): number {
    return 10
  }
  async get(index: number): Promise<number> {
    this.started++
    this.most = Math.max(this.most, ++this.pending)
    await pause(10 - index)
    this.pending--
    return index
  }
}

class Stream extends IterableDataset<number> {
  closed = 0
  constructor(readonly count: number) {
    super()
  }
  override *[Symbol.iterator](): Generator<number> {
    try {
      for (let i = 0; i < this.count; i++) yield i
    } finally {
      this.closed++
    }
  }
}

class AsyncStream extends IterableDataset<number> {
  closed = 0
  reading = false
  override get length(): number {
    return 7
  }
  override async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    try {
      for (let i = 0; i < 7; i++) {
        expect(this.reading).toBe(false)
        this.reading = true
        await pause(1)
        this.reading = false
        yield i
      }
    } finally {
      this.closed++
    }
  }
}

describe('batches', () => {
  test('of tensors', () => {
    const loader = new DataLoader(new Squares(5), { batchSize: 2 })
    expect(loader.length).toBe(3)
    const found = Array.from(loader, ([x, y]) => [x.shape, numbers(y)])
    expect(found).toEqual([
      [
        [2, 2],
        [0, 1],
      ],
      [
        [2, 2],
        [2, 3],
      ],
      [[1, 2], [4]],
    ])
  })

  test('can be iterated again, and twice at once', () => {
    const loader = new DataLoader(range(4), 2)
    const [a, b] = [loader[Symbol.iterator](), loader[Symbol.iterator]()]
    expect([a.next(), b.next(), a.next(), b.next(), a.next()].map(({ value }) => value && numbers(value))).toEqual([
      [0, 1],
      [0, 1],
      [2, 3],
      [2, 3],
      undefined,
    ])
    expect(Array.from(loader, numbers)).toEqual([
      [0, 1],
      [2, 3],
    ])
  })

  test('dropLast leaves the rest out', () => {
    const loader = new DataLoader(range(5), { batchSize: 2, dropLast: true })
    expect(loader.length).toBe(2)
    expect([...loader]).toHaveLength(2)
  })

  test('default to one sample', () => {
    expect(Array.from(new DataLoader(range(2)), (x) => x.shape)).toEqual([[1], [1]])
  })

  test('of an empty dataset are none; shuffled it is refused, as in PyTorch', () => {
    expect([...new DataLoader(range(0), { batchSize: 4 })]).toEqual([])
    expect(() => new DataLoader(range(0), { shuffle: true })).toThrow(
      'numSamples should be a positive integer value, but got numSamples=0',
    )
  })

  test('turned off give samples', () => {
    const loader = new DataLoader(
      [
        [new Float32Array([1, 2]), 'a'],
        [new Float32Array([3]), 'b'],
      ] as [Float32Array, string][],
      { batchSize: null },
    )
    expect(loader.length).toBe(2)
    expect(Array.from(loader, ([x, name]) => [String(x), name])).toEqual([
      ['tensor([1., 2.])', 'a'],
      ['tensor([3.])', 'b'],
    ])
  })

  test('collateFn makes them', () => {
    const loader = new DataLoader(range(5), { batchSize: 2, collateFn: (samples) => samples.reduce((a, b) => a + b) })
    expect([...loader]).toEqual([1, 5, 4])
    const single = new DataLoader(range(2), { batchSize: null, collateFn: (sample) => `#${sample}` })
    expect([...single]).toEqual(['#0', '#1'])
  })

  test('sampler and batchSampler decide the order', () => {
    expect(Array.from(new DataLoader(range(5), { batchSize: 2, sampler: [4, 0, 4] }), numbers)).toEqual([[4, 0], [4]])
    const batchSampler = new BatchSampler(new SequentialSampler(range(5)), 3, true)
    const loader = new DataLoader(range(5), { batchSampler })
    expect([loader.length, loader.batchSize]).toEqual([1, null])
    expect(Array.from(loader, numbers)).toEqual([[0, 1, 2]])
    expect(Array.from(new DataLoader(range(5), { batchSampler: [[1], [], [2, 3]], collateFn: (x) => x }))).toEqual([
      [1],
      [],
      [2, 3],
    ])
    expect(() => new DataLoader(range(5), { sampler: new Set([1]) }).length).toThrow(code('ARGUMENT'))
  })

  test('of a TensorDataset are those of its samples', () => {
    const x = arange(60, { dtype: 'float32' }).reshape([10, 2, 3])
    const y = arange(10)
    const whole = new DataLoader(new TensorDataset(x, y), { batchSize: 4 })
    const stacked = new DataLoader(new TensorDataset(x, y), { batchSize: 4, collateFn: (samples) => samples })
    const part = new DataLoader(new Subset(new TensorDataset(x, y), range(10)), { batchSize: 4 })
    const text = Array.from(whole, (batch) => batch.map(String))
    expect(Array.from(part, (batch) => (batch as Tensor[]).map(String))).toEqual(text)
    const rows = Array.from(stacked).flatMap((samples) => samples.map(([row]) => row.toArray()))
    expect(Array.from(whole).flatMap(([rows]) => rows.toArray())).toEqual(rows)
  })

  test('do not share memory with the dataset', () => {
    const x = zeros([4])
    for (const [batch] of new DataLoader(new TensorDataset(x), 4)) batch.add_(1)
    expect(x.toArray()).toEqual([0, 0, 0, 0])
  })

  test('getItems is asked once for each batch', () => {
    const asked: number[][] = []
    const dataset = {
      length: 4,
      get: (): number => {
        throw new Error('not asked')
      },
      getItems: (indices: readonly number[]) => {
        asked.push([...indices])
        return indices.map((i) => i * 2)
      },
    }
    expect(Array.from(new DataLoader<number>(dataset, 3), numbers)).toEqual([[0, 2, 4], [6]])
    expect(asked).toEqual([[0, 1, 2], [3]])
  })
})

describe('streams', () => {
  test('are batched as they come', () => {
    const loader = new DataLoader(new Stream(5), { batchSize: 2 })
    expect(Array.from(loader, numbers)).toEqual([[0, 1], [2, 3], [4]])
    expect(Array.from(new DataLoader(new Stream(5), { batchSize: 2, dropLast: true }), numbers)).toHaveLength(2)
    expect([...new DataLoader(new Stream(3), { batchSize: null })]).toEqual([0, 1, 2])
    expect(() => loader.length).toThrow(code('ARGUMENT'))
  })

  test('are closed when a pass is left', () => {
    const stream = new Stream(5)
    for (const _ of new DataLoader(stream, 2)) break
    expect(stream.closed).toBe(1)
  })

  test('refuse samplers and shuffling', () => {
    const message = 'DataLoader with IterableDataset: expected unspecified'
    expect(() => new DataLoader(new Stream(5), { shuffle: true })).toThrow(`${message} shuffle option`)
    expect(() => new DataLoader(new Stream(5), { sampler: [1] })).toThrow(`${message} sampler option`)
    expect(() => new DataLoader(new Stream(5), { batchSampler: [[1]] })).toThrow(`${message} batchSampler option`)
  })

  test('asynchronous ones, read by one reader at a time, closed at the end', async () => {
    const stream = new AsyncStream()
    const loader = new DataLoader(stream, { batchSize: 3 })
    expect(loader.length).toBe(3)
    expect((await collect(loader)).map(numbers)).toEqual([[0, 1, 2], [3, 4, 5], [6]])
    for await (const _ of loader) break
    expect(stream.closed).toBe(2)
    expect(() => [...loader]).toThrow(/for await/)
  })

  test('synchronous ones can be awaited', async () => {
    expect((await collect(new DataLoader(new Stream(3), 2))).map(numbers)).toEqual([[0, 1], [2]])
  })

  test('a stream without an iterator says so', () => {
    class Nothing extends IterableDataset<number> {}
    expect(() => [...new DataLoader(new Nothing())]).toThrow(/should implement \[Symbol.iterator\]/)
  })
})

describe('for await', () => {
  test('gives the batches in order, loading ahead', async () => {
    const slow = new Slow()
    expect((await collect(new DataLoader(slow, { batchSize: 2 }))).map(numbers)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
      [8, 9],
    ])
    expect(slow.most).toBeGreaterThan(2)
    expect(slow.most).toBeLessThanOrEqual(6)
  })

  test('readAhead 0 loads nothing ahead', async () => {
    const slow = new Slow()
    await collect(new DataLoader(slow, { batchSize: 2, readAhead: 0 }))
    expect(slow.most).toBe(2)
  })

  test('a pass that is left starts no more', async () => {
    const slow = new Slow()
    for await (const _ of new DataLoader(slow, { batchSize: 1, readAhead: 1 })) break
    await pause(30)
    expect(slow.started).toBe(2)
  })

  test('works for what is at hand, one batch at a time', async () => {
    const fetched: number[] = []
    const dataset = { length: 3, get: (i: number) => fetched.push(i) - 1 }
    for await (const batch of new DataLoader<number>(dataset)) {
      expect(numbers(batch)).toEqual([fetched.at(-1)])
    }
  })

  test('awaits collateFn', async () => {
    const loader = new DataLoader(range(3), { batchSize: 2, collateFn: async (samples) => samples.length })
    expect(await collect(loader)).toEqual([2, 1])
    expect(() => [...loader]).toThrow(/for await/)
  })

  test('a failure arrives when its turn comes, and none goes unhandled', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): number => unhandled.push(reason)
    process.on('unhandledRejection', note)
    const dataset = {
      length: 6,
      get: async (i: number) => {
        if (i >= 2) throw new Error(`no sample ${i}`)
        await pause(5)
        return i
      },
    }
    const found: number[] = []
    const pass = async (): Promise<void> => {
      for await (const batch of new DataLoader<number>(dataset)) found.push(...numbers(batch))
    }
    await expect(pass()).rejects.toThrow('no sample 2')
    expect(found).toEqual([0, 1])
    await pause(10)
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  test('is what a promise needs', () => {
    expect(() => [...new DataLoader(new Slow())]).toThrow(/use "for await"/)
  })
})

describe('options', () => {
  const make = (options: object) => () => new DataLoader(range(4), options)
  test.each<[object, string, string | RegExp]>([
    [{ batchSize: 0 }, 'VALUE', 'batchSize should be a positive integer value, but got batchSize=0'],
    [{ batchSize: 1.5 }, 'VALUE', /positive integer/],
    [{ batchSize: '2' }, 'VALUE', /positive integer/],
    [{ dropLast: 1 }, 'VALUE', 'dropLast should be a boolean value, but got dropLast=1'],
    [{ shuffle: true, sampler: [0] }, 'VALUE', 'sampler option is mutually exclusive with shuffle'],
    [{ batchSampler: [[0]], batchSize: 2 }, 'VALUE', /batchSampler option is mutually exclusive/],
    [{ batchSampler: [[0]], shuffle: true }, 'VALUE', /batchSampler option is mutually exclusive/],
    [{ batchSampler: [[0]], sampler: [0] }, 'VALUE', /batchSampler option is mutually exclusive/],
    [{ batchSampler: [[0]], dropLast: true }, 'VALUE', /batchSampler option is mutually exclusive/],
    [{ batchSize: null, dropLast: true }, 'VALUE', /disables auto-batching/],
    [{ batch_size: 2 }, 'ARGUMENT', /batch_size/],
    [{ sampler: 3 }, 'ARGUMENT', /sampler must be iterable/],
    [{ collateFn: 3 }, 'ARGUMENT', /collateFn must be a function/],
    [{ generator: 3 }, 'ARGUMENT', /generator must be a Generator/],
    [{ readAhead: -1 }, 'VALUE', /readAhead/],
  ])('%j is refused', (options, name, message) => {
    expect(make(options)).toThrow(code(name))
    expect(make(options)).toThrow(message)
  })

  test('what is no dataset is refused', () => {
    for (const dataset of [3, null, undefined, {}, 'abc', new Set([1])]) {
      expect(() => new DataLoader(dataset as unknown as number[])).toThrow(code('ARGUMENT'))
    }
  })
})

// Never called: the types are the test.
const types = (): void => {
  for (const [x, y] of new DataLoader(new Squares(3), { batchSize: 2, shuffle: true })) {
    x.add(y)
    // @ts-expect-error a batch of two has no third
    const [, , z] = [...new DataLoader(new Squares(3))][0]!
    void z
  }
  for (const x of new DataLoader(range(3), { batchSize: null })) x.toFixed()
  // @ts-expect-error no such option
  new DataLoader(range(3), { batch_size: 2 })
  // @ts-expect-error a name, not a number
  new DataLoader(range(3), { batchSize: '2' })
  for (const { path } of new DataLoader([{ path: 'a', label: 1 }])) path.join()
}
void types
