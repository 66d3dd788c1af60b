import { describe } from '../../check/arguments'
import { ArgumentError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { tensor } from '../../ops/tensor/create'
import { stack } from '../../ops/tensor/joining'
import type { TypedArray } from '../../runtime/dtype'
import { isTensor, type Tensor } from '../../tensor/tensor'

/** What `defaultCollate` makes of samples of type T. */
export type Collated<T> = T extends Tensor | number | bigint | boolean | TypedArray
  ? Tensor
  : T extends string
    ? string[]
    : T extends ReadonlyMap<infer K, infer V>
      ? Map<K, Collated<V>>
      : T extends readonly unknown[]
        ? { -readonly [K in keyof T]: Collated<T[K]> }
        : T extends object
          ? { -readonly [K in keyof T]: Collated<T[K]> }
          : never

const isTypedArray = (value: unknown): value is TypedArray => ArrayBuffer.isView(value) && !(value instanceof DataView)

/**
 * Makes a batch of samples: tensors and typed arrays are stacked along a new first dim, numbers, bigints and booleans
 * become a tensor by the rule of `tensor()`, strings stay a list, and arrays, Maps and objects are collated entry by entry.
 */
export function defaultCollate<T>(batch: readonly T[]): Collated<T> {
  if (!Array.isArray(batch) || batch.length === 0) {
    throw new ArgumentError('defaultCollate: expected an array of at least one sample')
  }
  return collate(batch) as Collated<T>
}

function collate(batch: readonly unknown[]): unknown {
  const first = batch[0]
  if (isTensor(first)) return stack(requireEach(batch, isTensor))
  if (isTypedArray(first)) return stack(requireEach(batch, isTypedArray).map((item) => tensor(item)))
  switch (typeof first) {
    case 'number':
    case 'bigint':
    case 'boolean':
      return tensor(requireEach(batch, (item): item is number => typeof item === typeof first))
    case 'string':
      return [...batch]
    case 'object':
      if (first === null) break
      if (Array.isArray(first)) return collateArrays(requireEach(batch, Array.isArray))
      if (first instanceof Map) return collateMaps(requireEach(batch, (item) => item instanceof Map))
      return collateObjects(requireEach(batch, isObject))
  }
  throw new ArgumentError(
    `defaultCollate: batch must contain tensors, typed arrays, numbers, strings, objects, Maps or arrays; found ${describe(first)}`,
  )
}

const isObject = (item: unknown): item is Record<string, unknown> => typeof item === 'object' && item !== null

function requireEach<T>(batch: readonly unknown[], is: (item: unknown) => item is T): T[] {
  const other = batch.find((item) => !is(item))
  if (other === undefined && batch.every(is)) return batch as T[]
  throw new ArgumentError(`defaultCollate: the batch mixes ${describe(batch[0])} and ${describe(other)}`)
}

function collateArrays(batch: unknown[][]): unknown[] {
  const { length } = batch[0]!
  if (batch.some((item) => item.length !== length)) {
    throw new ShapeError('each element in list of batch should be of equal size', {
      sizes: batch.map((item) => item.length),
    })
  }
  return Array.from({ length }, (_, i) => collate(batch.map((item) => item[i])))
}

function collateMaps(batch: Map<unknown, unknown>[]): Map<unknown, unknown> {
  return new Map(
    Array.from(batch[0]!.keys(), (key) => {
      if (batch.some((item) => !item.has(key))) throw missingKey(shown(key))
      return [key, collate(batch.map((item) => item.get(key)))]
    }),
  )
}

function collateObjects(batch: Record<string, unknown>[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(batch[0]!).map((key) => {
      if (batch.some((item) => !Object.hasOwn(item, key))) throw missingKey(key)
      return [key, collate(batch.map((item) => item[key]))]
    }),
  )
}

const missingKey = (key: string): ValueError =>
  new ValueError(`defaultCollate: not every sample has the key ${JSON.stringify(key)}`, { key })

/** What the loader does to a sample when it does not batch: typed arrays become tensors, at any depth; the rest stays. */
export function defaultConvert(sample: unknown): unknown {
  return converted(sample, [])
}
/** @param within what holds it */
function converted(sample: unknown, within: readonly unknown[]): unknown {
  if (isTypedArray(sample)) return tensor(sample)
  if (within.includes(sample)) throw new ValueError('defaultConvert: a sample that holds itself has no end')
  const inner = (value: unknown): unknown => converted(value, [...within, sample])
  if (Array.isArray(sample)) return sample.map(inner)
  if (sample instanceof Map) return new Map(Array.from(sample, ([key, value]) => [key, inner(value)]))
  if (isObject(sample) && Object.getPrototypeOf(sample) === Object.prototype) {
    return Object.fromEntries(Object.entries(sample).map(([key, value]) => [key, inner(value)]))
  }
  return sample
}
