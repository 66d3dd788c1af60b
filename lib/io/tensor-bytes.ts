/** The bytes of tensors, and the named tensors that most formats take. */
import { ArgumentError } from '../errors'
import { contiguousRaw } from '../ops/define/results'
import type { DTypeInfo } from '../runtime/dtype'
import type { Storage } from '../runtime/storage'
import { isTensor, type Tensor } from '../tensor/tensor'
import { refuseWhole } from './checks'
import type { Reading } from './files'
import type { Source } from './source'

/** A Map of tensors or a plain object of them. */
export type NamedTensors = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>

/** The entries of `value`, all tensors; or an error that says what else was there. */
export function namedEntries(op: string, value: unknown, kind: string): [string, Tensor][] {
  refuseWhole(op, value)
  const isRecord =
    typeof value === 'object' &&
    value !== null &&
    !isTensor(value) &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  if (!isRecord) {
    throw new ArgumentError(`${op}(): a ${kind} file holds tensors by name: expected a Map or an object of tensors`)
  }
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  for (const [name, item] of entries) {
    if (typeof name !== 'string')
      throw new ArgumentError(`${op}(): the names must be strings, but one is a ${typeof name}`)
    if (!isTensor(item)) {
      refuseWhole(op, item)
      throw new ArgumentError(`${op}(): expected a Tensor under ${JSON.stringify(name)}, but got ${typeof item}`, {
        name,
      })
    }
  }
  return entries as [string, Tensor][]
}

/** Made when its turn comes and given back at once, so that at most one tensor is copied at a time. */
export function* rowMajorBytes(tensor: Tensor): Generator<Uint8Array> {
  const dense = contiguousRaw(tensor)
  const { itemsize } = dense.info
  if (dense.count > 0) yield* dense.storage.lend(dense.offset * itemsize, dense.count * itemsize)
  if (dense !== tensor) dense.storage.release()
}

/** Reads the memory of a new row-major tensor. */
export function readTensor(tensor: Tensor, source: Source, bigEndian = false): Reading<void> {
  const { storage, offset, count, info } = tensor
  return readStorage(storage, source, info, {
    bigEndian,
    start: offset * info.itemsize,
    length: count * info.itemsize,
  })
}

interface Part {
  bigEndian?: boolean
  start?: number
  length?: number
}
/** Reads a part of a storage, or all of it, from what comes next. */
export function* readStorage(
  storage: Storage,
  source: Source,
  info: DTypeInfo,
  { bigEndian = false, start = 0, length = storage.byteLength }: Part = {},
): Reading<void> {
  for (const target of storage.lend(start, length)) {
    yield* source.read(target)
    finishRead(target, info, bigEndian)
  }
}

/** Fills the storage of new tensors with bytes of a file. */
export const fillStorage = (storage: Storage, bytes: Uint8Array, info: DTypeInfo, bigEndian = false): void =>
  storage.withBytes((target) => {
    target.set(bytes)
    finishRead(target, info, bigEndian)
  })

/** Makes elements of a file those of kernels: a bool is the byte 0 or 1 where Tenzo makes it; a file may say otherwise. */
function finishRead(bytes: Uint8Array, info: DTypeInfo, bigEndian: boolean): void {
  if (bigEndian) swapBytes(bytes, info.itemsize)
  if (info.name === 'bool') for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 1) bytes[i] = 1
}

/** Turns the byte order of elements around. */
export function swapBytes(bytes: Uint8Array, itemsize: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (itemsize === 2) buffer.swap16()
  else if (itemsize === 4) buffer.swap32()
  else if (itemsize === 8) buffer.swap64()
}
