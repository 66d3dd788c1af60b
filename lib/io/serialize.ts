/** `save` and `load`: the format follows from the name of the file. */
import { extname } from 'node:path'
import { ArgumentError, ValueError } from '../errors'
import type { IncompatibleKeys } from '../nn/state-dict'
import { expectBool, expectDevice } from '../check/arguments'
import { optionsOf } from '../check/options'
import type { Device, Tensor } from '../tensor/tensor'
import { refuseWhole } from './checks'
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
import { type Model, modelChunks, readModelState, readState, stateChunks } from './state-file'
import type { NamedTensors } from './tensor-bytes'

export interface SaveOptions {
  /** Free text that goes into a `.safetensors` file. */
  metadata?: Readonly<Record<string, string>>
}

interface Format {
  chunks(value: unknown, options: SaveOptions): Iterable<Uint8Array>
  reading(file: OpenFile): Reading<unknown>
}

const pt: Format = {
  chunks: ptChunks,
  reading: readPt,
}

const safetensors: Format = {
  chunks: (value, { metadata }) => stateChunks(value as NamedTensors, metadata),
  reading: readState,
}

const FORMATS: Readonly<Record<string, Format>> = {
  '.pt': pt,
  '.pth': pt,
  '.safetensors': safetensors,
  '.npy': { chunks: npyChunks, reading: readNpy },
  '.npz': {
    chunks: (value) => npzChunks(value as NamedTensors),
    reading: readNpz,
  },
}

function formatOf(op: string, path: unknown): Format {
  if (typeof path !== 'string') throw new ArgumentError(`${op}(): the path must be a string, but got ${typeof path}`)
  const extension = extname(path).toLowerCase()
  if (Object.hasOwn(FORMATS, extension)) return FORMATS[extension]!
  const known = Object.keys(FORMATS).join(', ')
  throw new ValueError(`${op}(): the extension of ${JSON.stringify(path)} must be one of ${known}`, { path, extension })
}

function prepare(op: string, value: unknown, path: string, options: SaveOptions): Iterable<Uint8Array> {
  refuseWhole(op, value)
  const format = formatOf(op, path)
  const given = optionsOf<SaveOptions>(op, ['metadata'], options)
  if (given.metadata !== undefined && format !== safetensors) {
    throw new ArgumentError(`${op}(): only a .safetensors file has metadata`)
  }
  return format.chunks(value, given)
}

/**
 * Saves tensors. `.safetensors` and `.npz` take a Map or an object of tensors (a state dict), `.npy` one tensor, `.pt` and
 * `.pth` any nesting of tensors, arrays, Maps, objects and plain values, as PyTorch reads them with `weights_only=True`.
 * Tensors that share memory still do after `load` from `.pt`, and those that are the same from `.safetensors`, which refuses
 * others. A zip archive (`.pt`, `.npz`) ends at 4 GB. The file appears under its name only once it is complete.
 */
export function save(value: unknown, path: string, options: SaveOptions = {}): void {
  writeFile(path, prepare('save', value, path, options))
}

/** `save` off the main thread's time. The tensors must not change before the promise is fulfilled. */
export async function saveAsync(value: unknown, path: string, options: SaveOptions = {}): Promise<void> {
  await writeFileAsync(path, prepare('saveAsync', value, path, options))
}

export interface LoadOptions {
  /** Where the tensors go, wherever they were when they were saved: always 'cpu'. */
  mapLocation?: Device | null
  /** Data only, never code: always true. */
  weightsOnly?: true | null
}
function checkLoad(op: string, first: unknown, second: unknown): void {
  const o = optionsOf<LoadOptions>(op, ['mapLocation', 'weightsOnly'], first, second)
  if (o.mapLocation != null) expectDevice(op, o.mapLocation)
  if (o.weightsOnly == null) return
  expectBool(op, 'weights_only', o.weightsOnly)
  if (!o.weightsOnly) throw new ValueError(`${op}(): a file is read for its data only; weightsOnly cannot be false`)
}

/**
 * Loads what `save`, PyTorch, numpy or the Python safetensors library saved. A `.pt` file gives Maps for OrderedDicts (as
 * state dicts are), objects for dicts and arrays for lists and tuples; it can hold data only, never code to run. Attributes
 * that Python code hung on tensors are left out.
 */
export function load(path: `${string}.npy`, mapLocation?: Device | null | LoadOptions, options?: LoadOptions): Tensor
export function load<T = Map<string, Tensor>>(
  path: string,
  mapLocation?: Device | null | LoadOptions,
  options?: LoadOptions,
): T
export function load(path: string, mapLocation?: unknown, options?: unknown): unknown {
  const format = formatOf('load', path)
  checkLoad('load', mapLocation, options)
  return withFile(path, (file) => drive(file, format.reading(file)))
}

/** `load` off the main thread's time. */
export function loadAsync(
  path: `${string}.npy`,
  mapLocation?: Device | null | LoadOptions,
  options?: LoadOptions,
): Promise<Tensor>
export function loadAsync<T = Map<string, Tensor>>(
  path: string,
  mapLocation?: Device | null | LoadOptions,
  options?: LoadOptions,
): Promise<T>
export async function loadAsync(path: string, mapLocation?: unknown, options?: unknown): Promise<unknown> {
  const format = formatOf('loadAsync', path)
  checkLoad('loadAsync', mapLocation, options)
  return withFileAsync(path, (file) => driveAsync(file, format.reading(file)))
}

/**
 * Saves a module's state dict. In a `.safetensors` file each memory is stored once, under the first name that covers all of
 * it, as `save_model` of the Python safetensors library does.
 *
 * @throws ValueError where only parts of a memory are named, which would be more to store than is needed
 */
export function saveModel(
  model: Pick<Model<IncompatibleKeys>, 'stateDict'>,
  path: string,
  options: SaveOptions = {},
): void {
  writeFile(path, prepareModel('saveModel', model, path, options))
}

/** `saveModel` off the main thread's time. The tensors must not change before the promise is fulfilled. */
export async function saveModelAsync(
  model: Pick<Model<IncompatibleKeys>, 'stateDict'>,
  path: string,
  options: SaveOptions = {},
): Promise<void> {
  await writeFileAsync(path, prepareModel('saveModelAsync', model, path, options))
}

function prepareModel(
  op: string,
  model: Pick<Model<IncompatibleKeys>, 'stateDict'>,
  path: string,
  options: SaveOptions,
): Iterable<Uint8Array> {
  const state = model.stateDict()
  if (formatOf(op, path) !== safetensors) return prepare(op, state, path, options)
  return modelChunks(state, optionsOf<SaveOptions>(op, ['metadata'], options).metadata)
}

export interface LoadModelOptions {
  /** Throw where the file and the module do not have the same names. Default true. */
  strict?: boolean
  /** Where the tensors go: always 'cpu'. */
  device?: Device | null
}
function strictOf(op: string, options: boolean | LoadModelOptions | undefined): boolean {
  const { strict, device } = optionsOf<LoadModelOptions>(op, ['strict', 'device'], options)
  if (device != null) expectDevice(op, device)
  return strict ?? true
}

/**
 * Loads a file into a module and returns what `loadStateDict` does. Of a `.safetensors` file that fits, each tensor is read
 * straight into its parameter; a name may be missing there whose memory the module has under another name.
 *
 * @throws StateDictError for names that are missing or unexpected, unless `strict` is false, and for shapes that do not fit
 */
export function loadModel<R extends IncompatibleKeys>(
  model: Model<R>,
  path: string,
  options?: boolean | LoadModelOptions,
): R {
  const strict = strictOf('loadModel', options)
  const format = formatOf('loadModel', path)
  return withFile(path, (file) => drive(file, readModel(file, format, model, strict)))
}

/** `loadModel` off the main thread's time. */
export async function loadModelAsync<R extends IncompatibleKeys>(
  model: Model<R>,
  path: string,
  options?: boolean | LoadModelOptions,
): Promise<R> {
  const strict = strictOf('loadModelAsync', options)
  const format = formatOf('loadModelAsync', path)
  return withFileAsync(path, (file) => driveAsync(file, readModel(file, format, model, strict)))
}

function* readModel<R extends IncompatibleKeys>(
  file: OpenFile,
  format: Format,
  model: Model<R>,
  strict: boolean,
): Reading<R> {
  if (format === safetensors) return yield* readModelState(file, model, strict)
  const loaded = yield* format.reading(file)
  if (!(loaded instanceof Map))
    throw new ValueError(`loadModel(): ${file.path} holds no state dict`, { path: file.path })
  return model.loadStateDict(loaded as Map<string, Tensor>, { strict })
}
