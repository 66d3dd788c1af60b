import { ArgumentError, IndexError, ShapeError, ValueError } from '../../errors'
import { isPromise, shown } from '../../runtime/given'
import { expectIterable, describe, isArrayOf } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { tensor } from '../../ops/tensor/create'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { type GeneratorOption, permutation, requireGenerator } from './random'

/** What a map-style dataset must have; an array is one, too. */
export interface MapDataset<T> {
  /** The sample at an index, or a promise of it where loading takes its time. PyTorch's `__getitem__`. */
  get(index: number): T | Promise<T>
  readonly length: number
  /** Several samples at once, where that is cheaper than one by one. PyTorch's `__getitems__`. */
  getItems?(indices: readonly number[]): readonly T[] | Promise<readonly T[]>
  /**
   * What `defaultCollate` would make of the samples, got without making the samples; `undefined` where there is no such
   * shortcut.
   */
  getBatch?(indices: readonly number[]): unknown
}

/** A map from indices to samples. Subclasses define `get` and `length`. */
export abstract class Dataset<T> implements MapDataset<T> {
  abstract get(index: number): T | Promise<T>
  abstract get length(): number
  getItems?(indices: readonly number[]): readonly T[] | Promise<readonly T[]>
  getBatch?(indices: readonly number[]): unknown
}

/** A stream of samples. Subclasses define `[Symbol.iterator]` or `[Symbol.asyncIterator]`, and `length` if it is known. */
export abstract class IterableDataset<T> {
  [Symbol.iterator]?(): Iterator<T>
  [Symbol.asyncIterator]?(): AsyncIterator<T>
  /** The number of samples, where it is known before. */
  get length(): number | undefined {
    return undefined
  }
}

export type AnyMapDataset<T> = MapDataset<T> | readonly T[]

/** An array as a dataset, or the dataset itself. */
export function asMapDataset<T>(dataset: AnyMapDataset<T>, what: string): MapDataset<T> {
  if (Array.isArray(dataset)) return new ArrayDataset(dataset as readonly T[])
  const candidate = dataset as Partial<MapDataset<T>> | null | undefined
  if (typeof candidate === 'object' && candidate !== null && typeof candidate.get === 'function') {
    return candidate as MapDataset<T>
  }
  throw new ArgumentError(`${what}: expected a dataset with get(index) and length, or an array`)
}

class ArrayDataset<T> implements MapDataset<T> {
  constructor(readonly items: readonly T[]) {}

  get length(): number {
    return this.items.length
  }

  get(index: number): T {
    return this.items[wrapIndex(index, this.items.length, 'the array')]!
  }
}

function wrapIndex(index: number, length: number, what: string): number {
  const wrapped = index < 0 ? index + length : index
  if (!Number.isInteger(index) || wrapped < 0 || wrapped >= length) {
    throw new IndexError(`index ${shown(index)} is out of range for ${what} of length ${length}`, { index, length })
  }
  return wrapped
}

type EachTensor<T extends readonly Tensor[]> = { -readonly [K in keyof T]: Tensor }

/** Tensors that belong together row by row: sample `i` is the tuple of their `i`-th entries along the first dim. */
export class TensorDataset<const T extends readonly Tensor[]> extends Dataset<EachTensor<T>> {
  readonly tensors: T

  constructor(...tensors: T) {
    super()
    for (const item of tensors) {
      if (!isTensor(item)) throw new ArgumentError(`TensorDataset: expected Tensors, but got ${typeof item}`)
    }
    const first = tensors[0]
    if (first === undefined) throw new ArgumentError('TensorDataset: at least one tensor should be passed')
    const sizes = tensors.map((item) => item.size(0))
    if (sizes.some((size) => size !== sizes[0])) {
      throw new ShapeError('Size mismatch between tensors', { sizes })
    }
    this.tensors = tensors
  }

  get length(): number {
    return this.tensors[0]!.size(0)
  }

  get(index: number): EachTensor<T> {
    return this.tensors.map((item) => item.at(index)) as EachTensor<T>
  }

  override getBatch(indices: readonly number[]): EachTensor<T> | undefined {
    // A subclass with a `get` of its own means it.
    if (this.get !== TensorDataset.prototype.get) return undefined
    const { length } = this
    const index = tensor(Int32Array.from(indices, (i) => wrapIndex(i, length, 'the dataset')))
    return this.tensors.map((item) => item.indexSelect(0, index)) as EachTensor<T>
  }
}

type Samples<D> = { -readonly [K in keyof D]: D[K] extends AnyMapDataset<infer T> ? T : never }

/** Datasets side by side: sample `i` holds the `i`-th sample of each, as a tuple or, made from an object, by name. */
export class StackDataset<
  const D extends readonly AnyMapDataset<unknown>[] | Readonly<Record<string, AnyMapDataset<unknown>>>,
> extends Dataset<Samples<D>> {
  readonly datasets: D
  readonly #parts: [string, MapDataset<unknown>][]

  constructor(datasets: D) {
    super()
    if (datasets === null || typeof datasets !== 'object')
      throw new ArgumentError(`StackDataset: expected an array or an object of datasets, not ${describe(datasets)}`)
    this.datasets = datasets
    this.#parts = Object.entries(datasets).map(([key, dataset]) => [key, asMapDataset(dataset, 'StackDataset')])
    if (this.#parts.length === 0) throw new ValueError('At least one dataset should be passed')
    if (this.#parts.some(([, part]) => part.length !== this.length)) {
      throw new ValueError('Size mismatch between datasets', { lengths: this.#parts.map(([, part]) => part.length) })
    }
  }

  get length(): number {
    return this.#parts[0]![1].length
  }

  get(index: number): Samples<D> | Promise<Samples<D>> {
    const items = this.#parts.map(([, part]) => part.get(index))
    const build = (values: unknown[]): Samples<D> =>
      (Array.isArray(this.datasets)
        ? values
        : Object.fromEntries(values.map((value, i) => [this.#parts[i]![0], value]))) as Samples<D>
    return items.some(isPromise) ? Promise.all(items).then(build) : build(items)
  }
}

/** Datasets one after the other. */
export class ConcatDataset<T> extends Dataset<T> {
  readonly datasets: readonly AnyMapDataset<T>[]
  /** Where each of them ends. */
  readonly cumulativeSizes: readonly number[]
  readonly #parts: readonly MapDataset<T>[]

  constructor(datasets: Iterable<AnyMapDataset<T>>) {
    super()
    expectIterable('ConcatDataset', 'datasets', datasets)
    this.datasets = [...datasets]
    if (this.datasets.length === 0) throw new ValueError('datasets should not be an empty iterable')
    if (this.datasets.some((dataset) => dataset instanceof IterableDataset)) {
      throw new ArgumentError('ConcatDataset does not support IterableDataset')
    }
    this.#parts = this.datasets.map((dataset) => asMapDataset(dataset, 'ConcatDataset'))
    let end = 0
    this.cumulativeSizes = this.#parts.map((part) => (end += part.length))
  }

  get length(): number {
    return this.cumulativeSizes.at(-1)!
  }

  get(index: number): T | Promise<T> {
    if (index < -this.length) {
      throw new ValueError('absolute value of index should not exceed dataset length', { index, length: this.length })
    }
    const position = wrapIndex(index, this.length, 'the dataset')
    let [low, high] = [0, this.cumulativeSizes.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.cumulativeSizes[middle]! > position) high = middle
      else low = middle + 1
    }
    return this.#parts[low]!.get(position - (low === 0 ? 0 : this.cumulativeSizes[low - 1]!))
  }
}

/** Streams one after the other. */
export class ChainDataset<T> extends IterableDataset<T> {
  readonly datasets: readonly IterableDataset<T>[]

  constructor(datasets: Iterable<IterableDataset<T>>) {
    super()
    expectIterable('ChainDataset', 'datasets', datasets)
    this.datasets = [...datasets]
    if (this.datasets.some((dataset) => !(dataset instanceof IterableDataset))) {
      throw new ArgumentError('ChainDataset only supports IterableDataset')
    }
  }

  override get length(): number {
    return this.datasets.reduce((sum, dataset) => {
      if (dataset.length === undefined) throw new ArgumentError('ChainDataset: one of the datasets has no length')
      return sum + dataset.length
    }, 0)
  }

  override *[Symbol.iterator](): Generator<T> {
    for (const dataset of this.datasets) yield* syncSamples(dataset)
  }

  override async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (const dataset of this.datasets) {
      if (dataset[Symbol.asyncIterator]) yield* { [Symbol.asyncIterator]: () => dataset[Symbol.asyncIterator]!() }
      else yield* syncSamples(dataset)
    }
  }
}

/** The samples of a stream that can be had without awaiting. */
export function syncSamples<T>(dataset: IterableDataset<T>): Iterable<T> {
  if (!dataset[Symbol.iterator]) {
    throw new ArgumentError(
      dataset[Symbol.asyncIterator]
        ? 'the dataset can only be iterated asynchronously: use "for await"'
        : 'subclasses of IterableDataset should implement [Symbol.iterator] or [Symbol.asyncIterator]',
    )
  }
  return dataset as Iterable<T>
}

/** Part of a dataset: the samples at `indices`, in their order. */
export class Subset<T> extends Dataset<T> {
  readonly dataset: AnyMapDataset<T>
  readonly indices: readonly number[]
  readonly #source: MapDataset<T>

  constructor(dataset: AnyMapDataset<T>, indices: readonly number[]) {
    super()
    this.#source = asMapDataset(dataset, 'Subset')
    this.dataset = dataset
    this.indices = indices
  }

  get length(): number {
    return this.indices.length
  }

  #locate(index: number): number {
    return this.indices[wrapIndex(index, this.indices.length, 'the subset')]!
  }

  get(index: number): T | Promise<T> {
    return this.#source.get(this.#locate(index))
  }

  override getItems(indices: readonly number[]): readonly T[] | Promise<readonly T[]> {
    if (this.get !== Subset.prototype.get) return getEach(this, indices)
    return getSamples(
      this.#source,
      indices.map((i) => this.#locate(i)),
    )
  }

  override getBatch(indices: readonly number[]): unknown {
    if (this.get !== Subset.prototype.get || this.getItems !== Subset.prototype.getItems) return undefined
    return this.#source.getBatch?.(indices.map((i) => this.#locate(i)))
  }
}

function getEach<T>(dataset: MapDataset<T>, indices: readonly number[]): readonly T[] | Promise<readonly T[]> {
  const samples = indices.map((i) => dataset.get(i))
  return samples.some(isPromise) ? Promise.all(samples) : (samples as T[])
}

/** The samples at `indices`, in a promise if any of them is. */
export function getSamples<T>(
  dataset: MapDataset<T>,
  indices: readonly number[],
): readonly T[] | Promise<readonly T[]> {
  return dataset.getItems ? dataset.getItems(indices) : getEach(dataset, indices)
}

/**
 * Splits a dataset at random. `lengths` are counts that sum to its length, or fractions that sum to 1; what rounding
 * leaves over goes to the first parts, one each.
 */
export function randomSplit<T>(
  dataset: AnyMapDataset<T>,
  lengths: readonly number[],
  options?: GeneratorOption,
): Subset<T>[] {
  const { generator = null } = optionsOf<GeneratorOption>('randomSplit', ['generator'], options)
  requireGenerator('randomSplit', generator)
  const { length } = asMapDataset(dataset, 'randomSplit')
  if (!isArrayOf(lengths, (n): n is number => typeof n === 'number'))
    throw new ArgumentError(`randomSplit(): argument 'lengths' must be an array of numbers, not ${describe(lengths)}`)
  const sum = lengths.reduce((a, b) => a + b, 0)
  let counts = [...lengths]
  if (sum <= 1 && 1 - sum <= 1e-9) {
    counts = lengths.map((fraction, i) => {
      if (!(fraction >= 0 && fraction <= 1)) throw new ValueError(`Fraction at index ${i} is not between 0 and 1`)
      return Math.floor(length * fraction)
    })
    const rest = length - counts.reduce((a, b) => a + b, 0)
    for (let i = 0; i < rest; i++) counts[i % counts.length]!++
    counts.forEach((count, i) => {
      if (count === 0) {
        process.emitWarning(`Length of split at index ${i} is 0. This might result in an empty dataset.`)
      }
    })
  }
  if (counts.reduce((a, b) => a + b, 0) !== length) {
    throw new ValueError('Sum of input lengths does not equal the length of the input dataset!', { lengths, length })
  }
  if (!counts.every((count) => Number.isInteger(count) && count >= 0))
    throw new ValueError('randomSplit: lengths must be non-negative integers, or fractions that sum to 1', { lengths })
  const order = permutation(length, generator)
  let begin = 0
  return counts.map((count) => new Subset(dataset, order.slice(begin, (begin += count))))
}
