/** Named tensors in safetensors files, ties included. */
import { DTypeError, StateDictError, ValueError } from '../errors'
import type { IncompatibleKeys } from '../nn/state-dict'
import { emptyOf } from '../ops/define/results'
import { DTYPE_LIST, type DTypeInfo, DTYPES } from '../runtime/dtype'
import { sameShape } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import type { OpenFile, Reading } from './files'
import {
  readSafetensorsHeader,
  type SafetensorsDType,
  type SafetensorsEntry,
  type SafetensorsHeader,
  type SafetensorsTensor,
  safetensorsChunks,
} from './safetensors'
import { byName, duplicateNames, nameSet, sharedNames, tiedNames } from './shared-memory'
import { StoredSource } from './source'
import { type NamedTensors, namedEntries, readTensor, rowMajorBytes } from './tensor-bytes'

const BY_FORMAT_NAME = new Map(DTYPE_LIST.map((info) => [info.safetensors, info.name]))

/**
 * The bytes of a file of named tensors. Of tied ones the first is stored; metadata say what the others are. Those that
 * overlap otherwise would lose it, and are refused as in the Python library.
 */
export function stateChunks(
  value: NamedTensors,
  metadata: Readonly<Record<string, string>> | undefined,
): Generator<Uint8Array> {
  const entries = namedEntries('save', value, '.safetensors')
  const ties = tiedNames(entries)
  const stored = entries.filter(([name]) => !ties.has(name))
  const failing = sharedNames(stored).filter((names) => names.length > 1)
  if (failing.length > 0) {
    throw new ValueError(
      `Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading them again: [${failing.map(nameSet).join(', ')}]. A potential way to correctly save your model is to use \`saveModel\`. More information at https://huggingface.co/docs/safetensors/torch_shared_tensors`,
      { names: failing },
    )
  }
  return chunksOf(stored, ties, metadata)
}

/** The bytes of a file of a module's state: what shares memory goes by the name of one that covers all of it. */
export function modelChunks(
  state: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> | undefined,
): Generator<Uint8Array> {
  const entries = namedEntries('saveModel', state, '.safetensors')
  const duplicates = duplicateNames(state)
  return chunksOf(
    entries.filter(([name]) => !duplicates.has(name)),
    duplicates,
    metadata,
  )
}

function chunksOf(
  entries: readonly (readonly [string, Tensor])[],
  aliases: ReadonlyMap<string, string>,
  metadata: Readonly<Record<string, string>> | undefined,
): Generator<Uint8Array> {
  const rows = entries.map(([name, tensor]): [string, SafetensorsTensor] => [
    name,
    { dtype: tensor.info.safetensors as SafetensorsDType, shape: tensor.shape, bytes: rowMajorBytes(tensor) },
  ])
  // What the user says stands, as in the Python library.
  return safetensorsChunks(rows, { ...Object.fromEntries(aliases), ...metadata })
}

/** The dtype of an entry of a file. */
export function infoOf(path: string, name: string, { dtype }: SafetensorsEntry): DTypeInfo {
  const known = BY_FORMAT_NAME.get(dtype)
  if (known !== undefined) return DTYPES[known]
  throw new DTypeError(`${path}: ${JSON.stringify(name)} has the dtype ${dtype}, which no tensor has`, {
    path,
    name,
    dtype,
  })
}

/** The names that the metadata of a file gives to tensors stored under another. */
export const aliases = ({ metadata, tensors }: SafetensorsHeader): [alias: string, name: string][] =>
  Object.entries(metadata).filter(([alias, name]) => !tensors.has(alias) && tensors.has(name))

/** Reads all tensors of a file, each straight into its own memory; with the names that its metadata gives them besides. */
export function* readState(file: OpenFile): Reading<Map<string, Tensor>> {
  const header = yield* readSafetensorsHeader(file)
  const loaded = yield* readStored(file, header)
  for (const [alias, name] of aliases(header)) loaded.set(alias, loaded.get(name)!)
  return loaded
}

function* readStored(file: OpenFile, header: SafetensorsHeader): Reading<Map<string, Tensor>> {
  const loaded = new Map<string, Tensor>()
  for (const [name, entry] of header.tensors) {
    const tensor = emptyOf(entry.shape, infoOf(file.path, name, entry))
    loaded.set(name, tensor)
    yield* readTensor(tensor, new StoredSource(file, entry.offset, entry.byteLength))
  }
  return loaded
}

/** What `loadModel` needs of a module. */
export interface Model<R extends IncompatibleKeys> {
  stateDict(): ReadonlyMap<string, Tensor>
  loadStateDict(state: ReadonlyMap<string, Tensor>, options?: { strict?: boolean }): R
}

/**
 * Loads a file into a module as `load_model` of the Python library does: a name may be missing where the module has its
 * memory under another one, and is unexpected where the other is there as well.
 */
export function* readModelState<R extends IncompatibleKeys>(
  file: OpenFile,
  model: Model<R>,
  strict: boolean,
): Reading<R> {
  const targets = model.stateDict()
  const header = yield* readSafetensorsHeader(file)
  const duplicates = duplicateNames(targets, new Set(header.tensors.keys()))
  const single = [...targets].filter(([name]) => !duplicates.has(name))
  // All is in place then; the module still has its say, and the result is its own.
  if (yield* readInto(file, header, single)) return model.loadStateDict(targets, { strict })

  const state = yield* readStored(file, header)
  const result = model.loadStateDict(state, { strict: false })
  const { missingKeys, unexpectedKeys } = result
  for (const name of duplicates.keys()) {
    const at = missingKeys.indexOf(name)
    if (at >= 0) missingKeys.splice(at, 1)
    else unexpectedKeys.push(name)
  }
  if (strict && missingKeys.length + unexpectedKeys.length > 0) {
    const list = (names: string[]): string =>
      names
        .sort(byName)
        .map((name) => `"${name}"`)
        .join(', ')
    let message = `Error(s) in loading state_dict for ${model.constructor.name}:`
    if (missingKeys.length > 0) message += `\n    Missing key(s) in state_dict: ${list(missingKeys)}`
    if (unexpectedKeys.length > 0) message += `\n    Unexpected key(s) in state_dict: ${list(unexpectedKeys)}`
    throw new StateDictError(message, { missingKeys, unexpectedKeys })
  }
  return result
}

/**
 * Reads a file into tensors that are there already, without a copy beside them. Returns false, having changed nothing,
 * unless the names, every shape and every dtype are the same.
 */
function* readInto(
  file: OpenFile,
  { tensors }: SafetensorsHeader,
  targets: readonly (readonly [string, Tensor])[],
): Reading<boolean> {
  const fits = targets.every(([name, target]) => {
    const entry = tensors.get(name)
    if (entry === undefined || !isTensor(target) || !target.rowMajor) return false
    return target.info.safetensors === entry.dtype && sameShape(target.sizes, entry.shape)
  })
  if (!fits || targets.length !== tensors.size) return false
  for (const [name, target] of targets) {
    const { offset, byteLength } = tensors.get(name) as SafetensorsEntry
    yield* readTensor(target, new StoredSource(file, offset, byteLength))
    target.versions.version++
  }
  return true
}
