/** `save` and `load`: the format follows from the name of the file. */
import { extname } from 'node:path'
import { ArgumentError, ValueError } from '../errors'
import type { IncompatibleKeys } from '../nn/state-dict'
import { expectBool, expectDevice } from '../check/arguments'
import { optionsOf } from '../check/options'
import type { Device, Tensor } from '../tensor/tensor'
import { refuseWhole } from './checks'
import { drive, driveAsync, type OpenFile, type Reading, type ReadOptions, withFile } from './files'
import { npyChunks, npzChunks, readNpy, readNpz } from './npy'
import { readPt } from './pt'
import { ptChunks } from './pt-write'
import { type Model, modelChunks, readModelState, readState, stateChunks } from './state-file'
import type { NamedTensors } from './tensor-bytes'
import { writeFile } from './write'

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
 * others.
 *
 * The file appears under its name only once it is complete and on the disk, with the mode, the owner and the group of the one it
 * replaces; a link keeps pointing where it did; a pipe or a device is written to.
 *
 * @throws FileError for what the system refuses (no space, no rights, a folder of that name): the old file is there still;
 *   ArgumentError for what the format cannot hold
 */
export function save(value: unknown, path: string, options: SaveOptions = {}): void {
  drive(writeFile(path, prepare('save', value, path, options)))
}

/** `save` off the main thread's time. The tensors must not change before the promise is fulfilled. */
export async function saveAsync(value: unknown, path: string, options: SaveOptions = {}): Promise<void> {
  await driveAsync(writeFile(path, prepare('saveAsync', value, path, options)))
}

export interface LoadOptions extends ReadOptions {
  /** Where the tensors go, wherever they were when they were saved: always 'cpu'. */
  mapLocation?: Device | null
  /** Data only, never code: always true. */
  weightsOnly?: true | null
}
function loadOptions(op: string, first: unknown, second: unknown): ReadOptions {
  const o = optionsOf<LoadOptions>(op, ['mapLocation', 'weightsOnly', 'maxBytes'], first, second)
  if (o.mapLocation != null) expectDevice(op, o.mapLocation)
  if (o.weightsOnly != null) expectBool(op, 'weights_only', o.weightsOnly)
  if (o.weightsOnly === (false as unknown))
    throw new ValueError(`${op}(): a file is read for its data only; weightsOnly cannot be false`)
  return { maxBytes: o.maxBytes }
}

/**
 * Loads what `save`, PyTorch, numpy or the Python safetensors library saved. A `.pt` file gives Maps for OrderedDicts (as
 * state dicts are), objects for dicts and arrays for lists and tuples; it can hold data only, never code to run. Attributes
 * that Python code hung on tensors are left out.
 *
 * @throws FileError where the file cannot be read (`data.code` is `'ENOENT'` where there is none); FormatError and DTypeError for what
 *   is in it; MemoryError for more content than `maxBytes`
 */
export function load(path: `${string}.npy`, mapLocation?: Device | null | LoadOptions, options?: LoadOptions): Tensor
export function load<T = Map<string, Tensor>>(
  path: string,
  mapLocation?: Device | null | LoadOptions,
  options?: LoadOptions,
): T
export function load(path: string, mapLocation?: unknown, options?: unknown): unknown {
  const format = formatOf('load', path)
  const given = loadOptions('load', mapLocation, options)
  return drive(withFile(path, format.reading, given))
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
  const given = loadOptions('loadAsync', mapLocation, options)
  return driveAsync(withFile(path, format.reading, given))
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
  drive(writeFile(path, prepareModel('saveModel', model, path, options)))
}

/** `saveModel` off the main thread's time. The tensors must not change before the promise is fulfilled. */
export async function saveModelAsync(
  model: Pick<Model<IncompatibleKeys>, 'stateDict'>,
  path: string,
  options: SaveOptions = {},
): Promise<void> {
  await driveAsync(writeFile(path, prepareModel('saveModelAsync', model, path, options)))
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

export interface LoadModelOptions extends ReadOptions {
  /** Throw where the file and the module do not have the same names. Default true. */
  strict?: boolean
  /** Where the tensors go: always 'cpu'. */
  device?: Device | null
}
function modelOptions(op: string, options: boolean | LoadModelOptions | undefined): { strict: boolean } & ReadOptions {
  const { strict, device, maxBytes } = optionsOf<LoadModelOptions>(op, ['strict', 'device', 'maxBytes'], options)
  if (device != null) expectDevice(op, device)
  return { strict: strict ?? true, maxBytes }
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
  const { strict, maxBytes } = modelOptions('loadModel', options)
  const format = formatOf('loadModel', path)
  return drive(withFile(path, (file) => readModel(file, format, model, strict), { maxBytes }))
}

/** `loadModel` off the main thread's time. */
export async function loadModelAsync<R extends IncompatibleKeys>(
  model: Model<R>,
  path: string,
  options?: boolean | LoadModelOptions,
): Promise<R> {
  const { strict, maxBytes } = modelOptions('loadModelAsync', options)
  const format = formatOf('loadModelAsync', path)
  return driveAsync(withFile(path, (file) => readModel(file, format, model, strict), { maxBytes }))
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
