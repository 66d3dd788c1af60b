/** `save` and `load`: the format follows from the name of the file. */
import { extname } from 'node:path'
import { ArgumentError, ValueError } from '../errors'
import { optionsOf } from '../ops/core'
import type { Tensor } from '../tensor/tensor'
import {
  drive,
  driveAsync,
  type OpenFile,
  type Reading,
  withFile,
  withFileAsync,
  writeFile,
  writeFileAsync,
} from './files'
import { npyChunks, npzChunks, readNpy, readNpz } from './npy'
import { readPt } from './pt'
import { ptChunks } from './pt-write'
import { fillTies, readState, readStateInto, stateChunks } from './state-file'
import type { NamedTensors } from './tensor-bytes'

export interface SaveOptions {
  /** Free text that goes into a `.safetensors` file. */
  metadata?: Readonly<Record<string, string>>
}

interface Format {
  chunks(value: unknown, options: SaveOptions): Iterable<Uint8Array>
  reading(file: OpenFile): Reading<unknown>
}

const pt: Format = { chunks: ptChunks, reading: readPt }

const FORMATS: Readonly<Record<string, Format>> = {
  '.pt': pt,
  '.pth': pt,
  '.safetensors': {
    chunks: (value, { metadata }) => stateChunks(value as NamedTensors, metadata),
    reading: readState,
  },
  '.npy': { chunks: npyChunks, reading: readNpy },
  '.npz': { chunks: (value) => npzChunks(value as NamedTensors), reading: readNpz },
}

function formatOf(op: string, path: unknown): Format {
  if (typeof path !== 'string') throw new ArgumentError(`${op}(): the path must be a string, but got ${typeof path}`)
  const extension = extname(path).toLowerCase()
  if (Object.hasOwn(FORMATS, extension)) return FORMATS[extension]!
  const known = Object.keys(FORMATS).join(', ')
  throw new ValueError(`${op}(): the extension of ${JSON.stringify(path)} must be one of ${known}`, { path, extension })
}

function prepare(op: string, value: unknown, path: string, options: SaveOptions): Iterable<Uint8Array> {
  const format = formatOf(op, path)
  const given = optionsOf<SaveOptions>(op, ['metadata'], options)
  if (given.metadata !== undefined && format !== FORMATS['.safetensors']) {
    throw new ArgumentError(`${op}(): only a .safetensors file has metadata`)
  }
  return format.chunks(value, given)
}

/**
 * Saves tensors. `.safetensors` and `.npz` take a Map or an object of tensors (a state dict), `.npy` one tensor, `.pt` and
 * `.pth` any nesting of tensors, arrays, Maps, objects and plain values, as PyTorch reads them. Tensors that share memory
 * still do after `load` from `.safetensors` and `.pt`. The file appears under its name only once it is complete.
 */
export function save(value: unknown, path: string, options: SaveOptions = {}): void {
  writeFile(path, prepare('save', value, path, options))
}

/** `save` off the main thread's time. The tensors must not change before the promise is fulfilled. */
export async function saveAsync(value: unknown, path: string, options: SaveOptions = {}): Promise<void> {
  await writeFileAsync(path, prepare('saveAsync', value, path, options))
}

/**
 * Loads what `save`, PyTorch, numpy or the Python safetensors library saved. A `.pt` file gives Maps for OrderedDicts (as
 * state dicts are), objects for dicts and arrays for lists and tuples; it can hold data only, never code to run.
 */
export function load(path: `${string}.npy`): Tensor
export function load<T = Map<string, Tensor>>(path: string): T
export function load(path: string): unknown {
  const format = formatOf('load', path)
  return withFile(path, (file) => drive(file, format.reading(file)))
}

/** `load` off the main thread's time. */
export function loadAsync(path: `${string}.npy`): Promise<Tensor>
export function loadAsync<T = Map<string, Tensor>>(path: string): Promise<T>
export async function loadAsync(path: string): Promise<unknown> {
  const format = formatOf('loadAsync', path)
  return withFileAsync(path, (file) => driveAsync(file, format.reading(file)))
}

/** What saving and loading needs of a module. */
export interface Model<R> {
  stateDict(): ReadonlyMap<string, Tensor>
  loadStateDict(state: ReadonlyMap<string, Tensor>, options?: { strict?: boolean }): R
}

/** Saves a module's state dict; of tied parameters one is stored, as `save_model` of the Python safetensors library does. */
export function saveModel(model: Model<unknown>, path: string, options: SaveOptions = {}): void {
  save(model.stateDict(), path, options)
}

export async function saveModelAsync(model: Model<unknown>, path: string, options: SaveOptions = {}): Promise<void> {
  await saveAsync(model.stateDict(), path, options)
}

export interface LoadOptions {
  /** Throw where the file and the module do not have the same names. Default true. */
  strict?: boolean
}

/**
 * Loads a file into a module and returns what `loadStateDict` does. Of a `.safetensors` file that fits, each tensor is read
 * straight into its parameter; a name that is missing is filled by one that the module ties to it.
 */
export function loadModel<R>(model: Model<R>, path: string, options?: boolean | LoadOptions): R {
  const { strict = true } = optionsOf<LoadOptions>('loadModel', ['strict'], options)
  const format = formatOf('loadModel', path)
  return withFile(path, (file) => drive(file, readModel(file, format, model, strict)))
}

export async function loadModelAsync<R>(model: Model<R>, path: string, options?: boolean | LoadOptions): Promise<R> {
  const { strict = true } = optionsOf<LoadOptions>('loadModelAsync', ['strict'], options)
  const format = formatOf('loadModelAsync', path)
  return withFileAsync(path, (file) => driveAsync(file, readModel(file, format, model, strict)))
}

function* readModel<R>(file: OpenFile, format: Format, model: Model<R>, strict: boolean): Reading<R> {
  const targets = model.stateDict()
  if (format === FORMATS['.safetensors'] && (yield* readStateInto(file, targets))) {
    // All is in place; the module still has its say, and the result is its own.
    return model.loadStateDict(targets, { strict })
  }
  const loaded = yield* format.reading(file)
  if (!(loaded instanceof Map))
    throw new ValueError(`loadModel(): ${file.path} holds no state dict`, { path: file.path })
  const state = loaded as Map<string, Tensor>
  fillTies(state, targets)
  return model.loadStateDict(state, { strict })
}
