import { describe } from '../../check/arguments'
import { ArgumentError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { optionsOf } from '../../check/options'
import { asTensor } from '../../ops/tensor/create'
import { formatTuple } from '../../tensor/format'
import { isTensor, Tensor } from '../../tensor/tensor'
import {
  freshGenerator,
  type GeneratorOption,
  integersBelow,
  permutation,
  type RandomGenerator,
  requireGenerator,
  weightedIndices,
} from './random'

/** The order in which a loader visits its dataset: indices, or whatever the dataset takes for them. */
export abstract class Sampler<T = number> implements Iterable<T> {
  abstract [Symbol.iterator](): Iterator<T>
  /** How many it gives in one pass. */
  abstract get length(): number
}

interface Sized {
  readonly length: number
}
function requireSized(op: string, v: unknown): void {
  const forged = v instanceof Tensor && !isTensor(v)
  if (v == null || forged || typeof (v as Sized).length !== 'number')
    throw new ArgumentError(`${op}: object of type '${describe(v)}' has no length`)
}

/** Every index, in order. */
export class SequentialSampler extends Sampler {
  constructor(readonly dataSource: Sized) {
    super()
    requireSized('SequentialSampler', dataSource)
  }

  get length(): number {
    return this.dataSource.length
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const { length } = this
    for (let i = 0; i < length; i++) yield i
  }
}

function requireBoolean(name: string, value: unknown, errorClass: typeof ArgumentError | typeof ValueError): void {
  if (typeof value === 'boolean') return
  throw new errorClass(`${name} should be a boolean value, but got ${name}=${shown(value)}`, { value })
}

function requirePositive(name: string, value: unknown): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return
  throw new ValueError(`${name} should be a positive integer value, but got ${name}=${shown(value)}`, { value })
}

export interface RandomSamplerOptions extends GeneratorOption {
  /** Draws each index anew instead of shuffling them. Default false. */
  replacement?: boolean
  /** How many to draw; the length of the data otherwise. */
  numSamples?: number | null
}

/**
 * Indices in random order, drawn as PyTorch draws them: without a generator of its own, each pass takes one seed from the
 * default generator, so that `manualSeed` decides the order.
 */
export class RandomSampler extends Sampler {
  readonly replacement: boolean
  readonly generator: RandomGenerator | null
  readonly #numSamples: number | null

  constructor(dataSource: Sized, options?: RandomSamplerOptions)
  constructor(dataSource: Sized, replacement: boolean, options?: RandomSamplerOptions)
  constructor(
    readonly dataSource: Sized,
    first?: boolean | RandomSamplerOptions,
    rest?: RandomSamplerOptions,
  ) {
    super()
    const options = optionsOf<RandomSamplerOptions>(
      'RandomSampler',
      ['replacement', 'numSamples', 'generator'],
      first,
      rest,
    )
    requireSized('RandomSampler', dataSource)
    const { replacement = false, numSamples = null, generator = null } = options
    requireGenerator('RandomSampler', generator)
    this.replacement = replacement
    this.#numSamples = numSamples
    this.generator = generator
    requireBoolean('replacement', replacement, ArgumentError)
    requirePositive('numSamples', this.numSamples)
  }

  get numSamples(): number {
    return this.#numSamples ?? this.dataSource.length
  }

  get length(): number {
    return this.numSamples
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const size = this.dataSource.length
    const wanted = this.numSamples
    const generator = this.generator ?? freshGenerator()
    if (this.replacement) {
      // In portions of 32, as the stream of the oracle has them.
      for (let left = wanted; left > 0; left -= 32) yield* integersBelow(size, Math.min(left, 32), generator)
      return
    }
    // One permutation more than whole ones are needed, even if none of it is used.
    for (let left = wanted; ; left -= size) {
      const order = permutation(size, generator)
      yield* left < size ? order.slice(0, left) : order
      if (left < size) return
    }
  }
}

/** The given indices in random order. */
export class SubsetRandomSampler extends Sampler {
  readonly generator: RandomGenerator | null

  constructor(
    readonly indices: readonly number[],
    options?: GeneratorOption,
  ) {
    super()
    const { generator = null } = optionsOf<GeneratorOption>('SubsetRandomSampler', ['generator'], options)
    requireGenerator('SubsetRandomSampler', generator)
    this.generator = generator
  }

  get length(): number {
    return this.indices.length
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (const i of permutation(this.indices.length, this.generator)) yield this.indices[i]!
  }
}

interface WeightedOptions extends GeneratorOption {
  /** Whether an index may be drawn again. Default true. */
  replacement?: boolean
}

/** Indices from 0 to `weights.length - 1`, each as likely as its weight says. */
export class WeightedRandomSampler extends Sampler {
  readonly weights: Tensor
  readonly replacement: boolean
  readonly generator: RandomGenerator | null

  constructor(weights: Tensor | readonly number[], numSamples: number, options?: WeightedOptions)
  constructor(weights: Tensor | readonly number[], numSamples: number, replacement: boolean, options?: WeightedOptions)
  constructor(
    weights: Tensor | readonly number[],
    readonly numSamples: number,
    first?: boolean | WeightedOptions,
    rest?: WeightedOptions,
  ) {
    super()
    const options = optionsOf<WeightedOptions>('WeightedRandomSampler', ['replacement', 'generator'], first, rest)
    const { replacement = true, generator = null } = options
    requireGenerator('WeightedRandomSampler', generator)
    requirePositive('numSamples', numSamples)
    requireBoolean('replacement', replacement, ValueError)
    this.weights = asTensor(weights as Tensor | number[], { dtype: 'float64' })
    if (this.weights.ndim !== 1) {
      throw new ShapeError(
        `weights should be a 1d sequence but given weights have shape ${formatTuple(this.weights.shape)}`,
        { shape: this.weights.shape },
      )
    }
    this.replacement = replacement
    this.generator = generator
  }

  get length(): number {
    return this.numSamples
  }

  *[Symbol.iterator](): IterableIterator<number> {
    yield* weightedIndices(this.weights, this.numSamples, this.replacement, this.generator)
  }
}

/** Groups what another sampler gives into batches. */
export class BatchSampler<T = number> extends Sampler<T[]> {
  constructor(
    readonly sampler: Iterable<T> & Partial<Sized>,
    readonly batchSize: number,
    readonly dropLast: boolean,
  ) {
    super()
    requirePositive('batchSize', batchSize)
    requireBoolean('dropLast', dropLast, ValueError)
  }

  get length(): number {
    const { length } = this.sampler
    if (length === undefined) throw new ArgumentError('BatchSampler: the sampler has no length')
    return this.dropLast ? Math.floor(length / this.batchSize) : Math.ceil(length / this.batchSize)
  }

  *[Symbol.iterator](): IterableIterator<T[]> {
    let batch: T[] = []
    for (const index of this.sampler) {
      batch.push(index)
      if (batch.length === this.batchSize) {
        yield batch
        batch = []
      }
    }
    if (batch.length > 0 && !this.dropLast) yield batch
  }
}
