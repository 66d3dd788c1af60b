import { ArgumentError, ValueError } from '../../errors'
import { optionsOf } from '../../check/options'
import { isPromise, shown } from '../../runtime/given'
import { warnOnce } from '../../runtime/warn'
import { type Collated, defaultCollate, defaultConvert } from './collate'
import { type AnyMapDataset, asMapDataset, getSamples, IterableDataset, type MapDataset, syncSamples } from './dataset'
import { drawSeed, type RandomGenerator, requireGenerator } from './random'
import { BatchSampler, RandomSampler, SequentialSampler } from './sampler'
import { WORKER_OPTIONS, type WorkerOptions, workersOf } from './worker-options'

interface Sized {
  readonly length: number
}

/** How a `DataLoader` batches its dataset. */
export interface DataLoaderOptions<T, N extends number | null = number, B = unknown> extends WorkerOptions {
  /** Samples in a batch. Default 1; null turns batching off: the loader gives samples. */
  batchSize?: N
  /** Visits the samples in a new random order in each pass. Default false. */
  shuffle?: boolean | null
  /** The order of the samples, instead of `shuffle`. */
  sampler?: (Iterable<number> & Partial<Sized>) | null
  /** The indices of each batch, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: (Iterable<readonly number[]> & Partial<Sized>) | null
  /** Makes a batch of samples; `defaultCollate` unless given. Without batching, it is given each sample. */
  collateFn?: ((samples: N extends null ? T : T[]) => B | Promise<B>) | null
  /** Leaves out a last batch that is not full. Default false. */
  dropLast?: boolean | null
  /** Where the random order comes from, instead of the default generator. */
  generator?: RandomGenerator | null
  /** Batches that `for await` loads ahead of the one in use, where loading is asynchronous. Default 2. */
  readAhead?: number
}

const OPTIONS = [
  'batchSize',
  'shuffle',
  'sampler',
  'batchSampler',
  'collateFn',
  'dropLast',
  'generator',
  'readAhead',
  ...WORKER_OPTIONS,
] as const

const DONE = Symbol('done')
type Next<B> = B | Promise<B | typeof DONE> | typeof DONE

/** Where the batches of one pass come from, one after the other. */
interface Source<B> {
  next(): Next<B>
  /** Called when the pass ends, complete or not. */
  close(): void | Promise<void>
}

/** The options of how to batch, each with a value. @throws ArgumentError, ValueError for those that may not be, or not together */
function checked<T, N extends number | null, B>(dataset: unknown, options: DataLoaderOptions<T, N, B>) {
  const batchSize = options.batchSize === undefined ? 1 : (options.batchSize as number | null)
  const shuffle = options.shuffle ?? false
  const dropLast = options.dropLast ?? false
  const readAhead = options.readAhead ?? 2
  const { sampler = null, batchSampler = null, collateFn = null } = options
  if (!Number.isSafeInteger(readAhead) || readAhead < 0)
    throw new ValueError('readAhead option should be a non-negative integer', { readAhead })
  if (collateFn !== null && typeof collateFn !== 'function')
    throw new ArgumentError(`DataLoader: collateFn must be a function, but got ${typeof collateFn}`)
  for (const [name, value] of Object.entries({ sampler, batchSampler }))
    if (value !== null && typeof value[Symbol.iterator] !== 'function')
      throw new ArgumentError(`DataLoader: ${name} must be iterable`)
  if (dataset instanceof IterableDataset)
    for (const [name, value] of Object.entries({ shuffle: shuffle || null, sampler, batchSampler }))
      if (value !== null)
        throw new ValueError(
          `DataLoader with IterableDataset: expected unspecified ${name} option, but got ${name}=${shown(value)}`,
        )
  if (sampler !== null && shuffle) throw new ValueError('sampler option is mutually exclusive with shuffle')
  if (batchSampler !== null && (batchSize !== 1 || shuffle || sampler !== null || dropLast))
    throw new ValueError('batchSampler option is mutually exclusive with batchSize, shuffle, sampler, and dropLast')
  if (batchSize === null && dropLast)
    throw new ValueError('batchSize=null option disables auto-batching and is mutually exclusive with dropLast')
  return { batchSize, shuffle, dropLast, readAhead, sampler, batchSampler, collateFn }
}

/**
 * Gives a dataset batch by batch, one pass an iteration: `for (const [x, y] of loader)`, or `for await` where getting a
 * sample takes a promise. The orders of a shuffled pass are PyTorch's for the same seed.
 */
export class DataLoader<T, N extends number | null = number, B = N extends null ? T : Collated<T>> {
  readonly dataset: AnyMapDataset<T> | IterableDataset<T>
  readonly batchSize: number | null
  readonly dropLast: boolean
  /** What gives the indices; null for an iterable dataset, which has none. */
  readonly sampler: (Iterable<number> & Partial<Sized>) | null
  readonly batchSampler: (Iterable<readonly number[]> & Partial<Sized>) | null
  readonly generator: RandomGenerator | null
  /** Batches loaded ahead by `for await`. */
  readonly readAhead: number
  readonly numWorkers: number
  readonly pinMemory: boolean
  readonly timeout: number
  readonly workerInitFn: ((worker: number) => void) | null
  readonly multiprocessingContext: string | null
  readonly prefetchFactor: number | null
  readonly persistentWorkers: boolean
  readonly inOrder: boolean
  readonly collateFn: (samples: never) => B | Promise<B>
  readonly #map: MapDataset<T> | null

  constructor(dataset: AnyMapDataset<T> | IterableDataset<T>, options?: DataLoaderOptions<T, N, B>)
  constructor(dataset: AnyMapDataset<T> | IterableDataset<T>, batchSize: N, options?: DataLoaderOptions<T, N, B>)
  constructor(
    dataset: AnyMapDataset<T> | IterableDataset<T>,
    first?: N | DataLoaderOptions<T, N, B>,
    rest?: DataLoaderOptions<T, N, B>,
  ) {
    const given = optionsOf<DataLoaderOptions<T, N, B>>('DataLoader', OPTIONS, first, rest)
    // The one null by position that is no default.
    const options = first === null ? { ...given, batchSize: first } : given
    const workers = workersOf(options)
    const generator = options.generator ?? null
    requireGenerator('DataLoader', generator)
    const { batchSize, dropLast, readAhead, shuffle, sampler, batchSampler, collateFn } = checked(dataset, options)
    this.dataset = dataset
    this.#map = dataset instanceof IterableDataset ? null : asMapDataset(dataset as AnyMapDataset<T>, 'DataLoader')
    this.batchSize = batchSampler === null ? batchSize : null
    this.dropLast = dropLast
    this.generator = generator
    this.readAhead = readAhead
    this.numWorkers = workers.numWorkers
    this.pinMemory = workers.pinMemory
    this.timeout = workers.timeout
    this.workerInitFn = workers.workerInitFn
    this.multiprocessingContext = workers.multiprocessingContext
    this.prefetchFactor = workers.prefetchFactor
    this.persistentWorkers = workers.persistentWorkers
    this.inOrder = workers.inOrder
    if (this.#map === null) {
      this.sampler = null
      this.batchSampler = null
      // Checks what they say; a stream is batched as it comes.
      if (batchSize !== null) new BatchSampler([], batchSize, dropLast)
    } else {
      this.sampler =
        sampler ?? (shuffle ? new RandomSampler(this.#map, { generator }) : new SequentialSampler(this.#map))
      this.batchSampler =
        batchSampler ?? (batchSize === null ? null : new BatchSampler(this.sampler, batchSize, dropLast))
    }
    const batched = batchSize !== null || batchSampler !== null
    this.collateFn = (collateFn ?? (batched ? defaultCollate : defaultConvert)) as (samples: never) => B | Promise<B>
  }

  /** The number of batches in a pass. */
  get length(): number {
    if (this.#map !== null) {
      const { length } = this.batchSampler ?? this.sampler!
      if (length === undefined) throw new ArgumentError('DataLoader: the sampler has no length')
      return length
    }
    const { length } = this.dataset
    if (length === undefined) throw new ArgumentError('DataLoader: the iterable dataset has no length')
    if (this.batchSize === null) return length
    return this.dropLast ? Math.floor(length / this.batchSize) : Math.ceil(length / this.batchSize)
  }

  /** One pass. Throws when a sample or a batch turns out to be a promise. */
  [Symbol.iterator](): IterableIterator<B> {
    const source = this.#map === null ? this.#syncStream() : this.#indexed(this.#map)
    this.#startPass()
    return iterate(source)
  }

  /** One pass, awaiting what has to be awaited and loading ahead meanwhile. */
  [Symbol.asyncIterator](): AsyncIterableIterator<B> {
    const asynchronous = this.#map === null && (this.dataset as IterableDataset<T>)[Symbol.asyncIterator] !== undefined
    const source = asynchronous
      ? this.#asyncStream()
      : this.#map === null
        ? this.#syncStream()
        : this.#indexed(this.#map)
    this.#startPass()
    return iterateAsync(source, this.readAhead)
  }

  // PyTorch draws a seed for its workers at the start of every pass, whether there are workers or not; the streams only
  // agree if that is done here.
  #startPass(): void {
    if (this.pinMemory)
      warnOnce(
        "'pinMemory' argument is set as true but no accelerator is found, then device pinned memory won't be used.",
      )
    if (this.timeout !== 0)
      throw new ValueError('_SingleProcessDataLoaderIter requires timeout == 0', { timeout: this.timeout })
    drawSeed(this.generator)
  }

  readonly #collate = (samples: unknown): B | Promise<B> => this.collateFn(samples as never)

  #indexed(dataset: MapDataset<T>): Source<B> {
    const indices = (this.batchSampler ?? this.sampler!)[Symbol.iterator]()
    const batched = this.batchSampler !== null
    const fetch = (index: number | readonly number[]): B | Promise<B> => {
      if (!batched) return then(dataset.get(index as number), this.#collate)
      const batch = index as readonly number[]
      const ready =
        (this.collateFn as unknown) === defaultCollate && batch.length > 0 ? dataset.getBatch?.(batch) : undefined
      if (ready !== undefined) return ready as B | Promise<B>
      return then(getSamples(dataset, batch), this.#collate)
    }
    return {
      next() {
        const { done, value } = indices.next()
        return done ? DONE : fetch(value)
      },
      close: () => void indices.return?.(),
    }
  }

  #syncStream(): Source<B> {
    const samples = syncSamples(this.dataset as IterableDataset<T>)[Symbol.iterator]()
    const { batchSize, dropLast } = this
    let ended = false
    return {
      next: () => {
        if (ended) return DONE
        const batch: T[] = []
        while (batch.length < (batchSize ?? 1)) {
          const { done, value } = samples.next()
          if (done) {
            ended = true
            break
          }
          batch.push(value)
        }
        if (batch.length === 0 || (dropLast && batch.length < (batchSize ?? 1))) return DONE
        return this.#collate(batchSize === null ? batch[0] : batch)
      },
      close: () => {
        if (!ended) samples.return?.()
      },
    }
  }

  #asyncStream(): Source<B> {
    const samples = (this.dataset as IterableDataset<T>)[Symbol.asyncIterator]!()
    const { batchSize, dropLast } = this
    let ended = false
    const pull = async (): Promise<B | typeof DONE> => {
      const batch: T[] = []
      while (!ended && batch.length < (batchSize ?? 1)) {
        const { done, value } = await samples.next()
        if (done) ended = true
        else batch.push(value)
      }
      if (batch.length === 0 || (dropLast && batch.length < (batchSize ?? 1))) return DONE
      return this.#collate(batchSize === null ? batch[0] : batch)
    }
    // A stream is read by one reader at a time, however many batches are under way.
    let last: Promise<unknown> = Promise.resolve()
    return {
      next: () => {
        const batch = last.then(pull)
        last = batch
        return batch
      },
      close: async () => {
        if (!ended) await samples.return?.()
      },
    }
  }
}

function then<A, B>(value: A | Promise<A>, action: (value: A) => B | Promise<B>): B | Promise<B> {
  return isPromise(value) ? (value as Promise<A>).then(action) : action(value as A)
}

function* iterate<B>(source: Source<B>): Generator<B, undefined> {
  try {
    for (let batch = source.next(); batch !== DONE; batch = source.next()) {
      if (isPromise(batch)) {
        ignoreRejection(batch)
        throw new ArgumentError(
          'the dataset or collateFn returned a promise: use "for await" to iterate this DataLoader',
        )
      }
      yield batch as B
    }
  } finally {
    source.close()
  }
  return undefined
}

// A batch that fails while it waits in the queue is reported when its turn comes, and not at all if the pass is left.
const ignoreRejection = (promise: Promise<unknown>): void => void promise.catch(() => undefined)

async function* iterateAsync<B>(source: Source<B>, ahead: number): AsyncGenerator<B, undefined> {
  const queue: Next<B>[] = []
  let ended = false
  try {
    for (;;) {
      while (!ended && queue.length <= ahead) {
        const next = source.next()
        ended = next === DONE
        if (!ended) queue.push(next)
        // What is at hand needs no loading ahead.
        if (!isPromise(next)) break
        ignoreRejection(next)
      }
      if (queue.length === 0) return undefined
      const batch = await queue.shift()!
      if (batch === DONE) return undefined
      yield batch as B
    }
  } finally {
    await source.close()
  }
}
