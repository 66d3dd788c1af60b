/** Named tensors in safetensors files, ties included. */
import { DTypeError } from '../errors'
import { emptyOf } from '../ops/core'
import { DTYPES, type DType } from '../runtime/dtype'
import { sameShape } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import type { OpenFile, Reading } from './files'
import {
  readSafetensorsHeader,
  type SafetensorsDType,
  type SafetensorsEntry,
  type SafetensorsHeader,
  type SafetensorsTensor,
  safetensorsChunks,
} from './safetensors'
import { destination, finishRead, type NamedTensors, namedEntries, rowMajorBytes } from './tensor-bytes'

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

/** Whether two tensors are one and the same stretch of memory, seen alike. */
export const isTied = (a: Tensor, b: Tensor): boolean =>
  a === b ||
  (a.count > 0 &&
    a.storage === b.storage &&
    a.offset === b.offset &&
    a.info === b.info &&
    sameShape(a.sizes, b.sizes) &&
    sameShape(a.strides, b.strides))

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

/** The bytes of a file of named tensors. Of tied ones the first is stored; metadata say what the others are. */
export function stateChunks(
  value: NamedTensors,
  metadata: Readonly<Record<string, string>> | undefined,
): Generator<Uint8Array> {
  const entries = namedEntries('save', value, '.safetensors')
  const ties = tiedNames(entries)
  const rows = entries
    .filter(([name]) => !ties.has(name))
    .map(([name, tensor]): [string, SafetensorsTensor] => [
      name,
      { dtype: FORMAT_DTYPES[tensor.dtype], shape: tensor.shape, bytes: rowMajorBytes(tensor) },
    ])
  // What the user says stands, as in the Python library.
  return safetensorsChunks(rows, { ...Object.fromEntries(ties), ...metadata })
}

/** An uninitialised tensor for an entry of a file. */
function tensorFor(path: string, name: string, { dtype, shape }: SafetensorsEntry): Tensor {
  const known = TENSOR_DTYPES.get(dtype)
  if (known === undefined) {
    throw new DTypeError(`${path}: ${JSON.stringify(name)} has the dtype ${dtype}, which no tensor has`, {
      path,
      name,
      dtype,
    })
  }
  return emptyOf(shape, DTYPES[known])
}

/** The names that the metadata of a file gives to tensors stored under another. */
export const aliases = ({ metadata, tensors }: SafetensorsHeader): [alias: string, name: string][] =>
  Object.entries(metadata).filter(([alias, name]) => !tensors.has(alias) && tensors.has(name))

/** Reads all tensors of a file, each straight into its own memory. */
export function* readState(file: OpenFile): Reading<Map<string, Tensor>> {
  const header = yield* readSafetensorsHeader(file)
  const loaded = new Map<string, Tensor>()
  for (const [name, entry] of header.tensors) {
    const tensor = tensorFor(file.path, name, entry)
    // Held by the Map from here on: the memory must not return to the pool while it is being read into.
    loaded.set(name, tensor)
    yield { target: destination(tensor), position: entry.offset }
    finishRead(tensor)
  }
  for (const [alias, name] of aliases(header)) loaded.set(alias, loaded.get(name)!)
  return loaded
}

/**
 * Reads a file into tensors that are there already, without a copy beside them. Returns false, having changed nothing,
 * unless the names are exactly those of `targets` (or tied to them) and every shape and dtype is the same.
 */
export function* readStateInto(file: OpenFile, targets: ReadonlyMap<string, Tensor>): Reading<boolean> {
  const header = yield* readSafetensorsHeader(file)
  const sources = new Map([...[...header.tensors.keys()].map((name) => [name, name] as const), ...aliases(header)])
  const ties = tiedNames(targets)
  // The stored name for each stretch of the targets' memory, which goes by the first of its names.
  const wanted = new Map<string, string>()
  for (const [name, stored] of sources) {
    const first = ties.get(name) ?? name
    if (!targets.has(name) || (wanted.get(first) ?? stored) !== stored) return false
    wanted.set(first, stored)
  }
  for (const name of targets.keys()) if (!wanted.has(ties.get(name) ?? name)) return false

  const reads = Array.from(wanted, ([name, stored]) => [targets.get(name)!, header.tensors.get(stored)!] as const)
  const fits = reads.every(
    ([target, { dtype, shape }]) =>
      target.rowMajor && FORMAT_DTYPES[target.dtype] === dtype && sameShape(target.sizes, shape),
  )
  if (!fits) return false
  for (const [target, entry] of reads) {
    yield { target: destination(target), position: entry.offset }
    finishRead(target)
    target.versions.version++
  }
  return true
}

/** Adds the names that `targets` ties to one that `state` has. */
export function fillTies(state: Map<string, Tensor>, targets: ReadonlyMap<string, Tensor>): void {
  const ties = tiedNames(targets)
  const first = (name: string): string => ties.get(name) ?? name
  const known = new Map<string, Tensor>()
  for (const [name, tensor] of state) if (targets.has(name)) known.set(first(name), tensor)
  for (const name of targets.keys()) {
    const tensor = known.get(first(name))
    if (!state.has(name) && tensor !== undefined) state.set(name, tensor)
  }
}
