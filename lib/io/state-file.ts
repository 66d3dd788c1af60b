/** Named tensors in safetensors files, ties included. */
import { ArgumentError, DTypeError } from '../errors'
import { contiguousRaw, emptyOf } from '../ops/core'
import { DTYPES, type DType } from '../runtime/dtype'
import { isTensor, type Tensor } from '../tensor/tensor'
import {
  openSafetensors,
  openSafetensorsAsync,
  type SafetensorsDType,
  type SafetensorsEntry,
  type SafetensorsFile,
  type SafetensorsTensor,
  writeSafetensors,
  writeSafetensorsAsync,
} from './safetensors'

const FORMAT_DTYPES: Readonly<Record<DType, SafetensorsDType>> = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
}

const TENSOR_DTYPES = new Map(Object.entries(FORMAT_DTYPES).map(([dtype, name]) => [name, dtype as DType]))

/** A Map of tensors or a plain object of them. */
export type NamedTensors = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>

/** The entries of `value`, all tensors; or an error that says what else was there. */
export function namedEntries(op: string, value: unknown): [string, Tensor][] {
  const isRecord =
    typeof value === 'object' &&
    value !== null &&
    !isTensor(value) &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  if (!isRecord) {
    throw new ArgumentError(`${op}(): a safetensors file holds tensors by name: expected a Map or an object of tensors`)
  }
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  for (const [name, item] of entries) {
    if (typeof name !== 'string')
      throw new ArgumentError(`${op}(): the names must be strings, but one is a ${typeof name}`)
    if (!isTensor(item)) {
      throw new ArgumentError(`${op}(): expected a Tensor under ${JSON.stringify(name)}, but got ${typeof item}`, {
        name,
      })
    }
  }
  return entries as [string, Tensor][]
}

const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((x, i) => x === b[i])

/** Whether two tensors are one and the same stretch of memory, seen alike. */
export const isTied = (a: Tensor, b: Tensor): boolean =>
  a === b ||
  (a.count > 0 &&
    a.storage === b.storage &&
    a.offset === b.offset &&
    a.info === b.info &&
    sameNumbers(a.sizes, b.sizes) &&
    sameNumbers(a.strides, b.strides))

/** For each name whose tensor has another name as well, the one that is kept: the first in code point order. */
export function tiedNames(entries: Iterable<readonly [string, Tensor]>): Map<string, string> {
  const byMemory = new Map<unknown, [string, Tensor][]>()
  const kept = new Map<string, string>()
  const sorted = [...entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  for (const [name, tensor] of sorted) {
    // Empty storages may all be one; such tensors are only tied by identity.
    const key = tensor.count > 0 ? tensor.storage : tensor
    const group = byMemory.get(key)
    const first = group?.find(([, other]) => isTied(other, tensor))
    if (first) kept.set(name, first[0])
    else if (group) group.push([name, tensor])
    else byMemory.set(key, [[name, tensor]])
  }
  return kept
}

// Made when its turn comes and given back at once, so that at most one tensor is copied at a time.
function* rowMajorBytes(tensor: Tensor): Generator<Uint8Array> {
  const dense = contiguousRaw(tensor)
  const { itemsize } = dense.info
  if (dense.count > 0) yield dense.storage.bytes(dense.offset * itemsize, dense.count * itemsize)
  if (dense !== tensor) dense.storage.release()
}

type FileContent = [entries: [string, SafetensorsTensor][], metadata: Record<string, string>]

function fileContent(value: NamedTensors, metadata: Readonly<Record<string, string>> | undefined): FileContent {
  const entries = namedEntries('save', value)
  const ties = tiedNames(entries)
  const rows = entries
    .filter(([name]) => !ties.has(name))
    .map(([name, tensor]): [string, SafetensorsTensor] => [
      name,
      { dtype: FORMAT_DTYPES[tensor.dtype], shape: tensor.shape, bytes: rowMajorBytes(tensor) },
    ])
  // What the user says of himself stands, as in the Python library.
  return [rows, { ...Object.fromEntries(ties), ...metadata }]
}

export function saveTensors(path: string, value: NamedTensors, metadata?: Readonly<Record<string, string>>): void {
  writeSafetensors(path, ...fileContent(value, metadata))
}

export async function saveTensorsAsync(
  path: string,
  value: NamedTensors,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  await writeSafetensorsAsync(path, ...fileContent(value, metadata))
}

/** An uninitialised tensor for an entry of a file. */
export function tensorFor(path: string, name: string, { dtype, shape }: SafetensorsEntry): Tensor {
  const known = TENSOR_DTYPES.get(dtype)
  if (known === undefined) {
    throw new DTypeError(`${path}: ${JSON.stringify(name)} has the dtype ${dtype}, which no tensor has`, {
      path,
      name,
      dtype,
    })
  }
  return emptyOf([...shape], DTYPES[known])
}

/** The memory of a row-major tensor, to be read into; call `finishRead` afterwards. */
export const destination = (tensor: Tensor): Uint8Array =>
  tensor.storage.bytes(tensor.offset * tensor.info.itemsize, tensor.count * tensor.info.itemsize)

/** Kernels rely on a bool being 0 or 1; a file may say otherwise. */
export function finishRead(tensor: Tensor): void {
  if (tensor.dtype !== 'bool') return
  const bytes = destination(tensor)
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 1) bytes[i] = 1
}

/** The names that the metadata of a file gives to tensors stored under another. */
export const aliases = ({ metadata, tensors }: SafetensorsFile): [alias: string, name: string][] =>
  Object.entries(metadata).filter(([alias, name]) => !tensors.has(alias) && tensors.has(name))

function withAliases(file: SafetensorsFile, loaded: Map<string, Tensor>): Map<string, Tensor> {
  for (const [alias, name] of aliases(file)) loaded.set(alias, loaded.get(name)!)
  return loaded
}

export function loadTensors(path: string): Map<string, Tensor> {
  using file = openSafetensors(path)
  const loaded = new Map<string, Tensor>()
  for (const [name, entry] of file.tensors) {
    const tensor = tensorFor(path, name, entry)
    file.readInto(name, destination(tensor))
    finishRead(tensor)
    loaded.set(name, tensor)
  }
  return withAliases(file, loaded)
}

export async function loadTensorsAsync(path: string): Promise<Map<string, Tensor>> {
  using file = await openSafetensorsAsync(path)
  const loaded = new Map<string, Tensor>()
  for (const [name, entry] of file.tensors) {
    const tensor = tensorFor(path, name, entry)
    // Held by the Map from here on: the memory must not return to the pool while it is being read into.
    loaded.set(name, tensor)
    await file.readIntoAsync(name, destination(tensor))
    finishRead(tensor)
  }
  return withAliases(file, loaded)
}
