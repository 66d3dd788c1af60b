/**
 * Reads PyTorch's `.pt` and `.pth` files: a pickle and, apart from it, the memory of the tensors; in a zip archive since
 * PyTorch 1.6, one after the other before.
 */
import { isPlain } from '../check/options'
import { DTypeError, FormatError } from '../errors'
import { StateDict } from '../nn/state-dict'
import { allocate } from '../runtime/storage'
import { isTensor, Tensor } from '../tensor/tensor'
import { isCount } from './checks'
import { bytesFor, checkLimit, type OpenFile, type Reading } from './files'
import { FileStorage, findGlobal, StorageType } from './pt-globals'
import { StoredSource } from './source'
import { readStorage } from './tensor-bytes'
import { PyDict, PyGlobal, PyObject, PyTuple, type UnpickleHooks, Unreadable, unpickle } from './unpickle'
import { ZipArchive } from './zip'

export function* readPt(file: OpenFile): Reading<unknown> {
  const { path, size } = file
  const magic = Buffer.alloc(Math.min(512, size))
  yield* file.read(magic, 0)
  if (magic.toString('latin1', 0, 4) === 'PK\x03\x04') return yield* readArchive(file)
  if (magic.toString('latin1', 257, 262) === 'ustar') {
    throw new FormatError(`${path}: the tar format of PyTorch before 0.2 cannot be read: save it anew with PyTorch`, {
      path,
    })
  }
  // Each pickle of a newer version begins with its protocol.
  if (magic[0] !== 0x80) throw new FormatError(`${path}: no file of torch.save()`, { path })
  return yield* readLegacy(file)
}

function* readArchive(file: OpenFile): Reading<unknown> {
  const { path } = file
  const fail = (what: string): never => {
    throw new FormatError(`${path}: ${what}`, { path })
  }
  const archive = yield* ZipArchive.open(file)
  const pickled = [...archive.names()].find((name) => /^[^/]*\/data\.pkl$/.test(name))
  if (pickled === undefined) return fail('no file of torch.save(): it has no data.pkl')
  const prefix = pickled.slice(0, -'data.pkl'.length)
  if (archive.has(`${prefix}constants.pkl`)) {
    fail('a TorchScript archive, which is a program: save the state dict of the module instead')
  }
  let bigEndian = false
  if (archive.has(`${prefix}byteorder`)) {
    const order = (yield* archive.bytes(`${prefix}byteorder`)).toString('latin1')
    if (order !== 'little' && order !== 'big') fail(`its byte order is ${JSON.stringify(order)}`)
    bigEndian = order === 'big'
  }

  const storages = new StorageTable(path)
  const { value } = unpickle(yield* archive.bytes(pickled), path, {
    findGlobal,
    persistentLoad: storages.loader((key) => archive.size(`${prefix}data/${key}`)),
  })
  // First, for what cannot be read is found there, before all is unpacked.
  const result = toPlain(value, path)
  for (const { key, storage, content } of storages.all()) {
    yield* readStorage(storage, yield* archive.source(`${prefix}data/${key}`), content, { bigEndian })
  }
  return result
}

// What `torch.save` began with before 1.6, and its version.
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn
const LEGACY_VERSION = 1001
// Of how many bytes the pickles at the beginning are supposed first, and how many times more next.
const LEGACY_HEAD_BYTES = 1 << 20
const LEGACY_HEAD_GROWTH = 8

/** What stands before the memory of the tensors. */
interface LegacyHead {
  readonly result: unknown
  readonly storages: StorageTable
  /** The storages in the order of the file. */
  readonly keys: readonly unknown[]
  readonly length: number
}

function* readLegacy(file: OpenFile): Reading<unknown> {
  const { path } = file
  checkLimit(file, file.size)
  const fail = (what: string): never => {
    throw new FormatError(`${path}: ${what}`, { path })
  }
  const { result, storages, keys, length } = yield* readLegacyHead(file)
  const source = new StoredSource(file, length)
  const missing = new Map(storages.all().map((known) => [known.key, known]))
  for (const key of keys) {
    const known = missing.get(String(key))
    if (known === undefined) return fail(`storage ${String(key)} is listed, but is no tensor's`)
    missing.delete(known.key)
    const { storage, content } = known
    const prefix = Buffer.alloc(8)
    if (source.left < 8) fail('it ends too early')
    yield* source.read(prefix)
    const count = prefix.readBigInt64LE()
    if (count !== BigInt(known.count)) fail(`storage ${known.key} has ${count} elements, expected ${known.count}`)
    if (source.left < storage.byteLength) fail('it ends too early')
    yield* readStorage(storage, source, content)
  }
  for (const key of missing.keys()) fail(`storage ${key} is missing`)
  return result
}

/** Where the pickles end is not told, so a part of the file is read in which they may be, and a longer one if they are not. */
function* readLegacyHead(file: OpenFile): Reading<LegacyHead> {
  for (let length = LEGACY_HEAD_BYTES; ; length *= LEGACY_HEAD_GROWTH) {
    const whole = length >= file.size
    const bytes = bytesFor(file, whole ? file.size : length)
    yield* file.read(bytes, 0)
    const storages = new StorageTable(file.path)
    try {
      return parseLegacyHead(bytes, file, storages)
    } catch (error) {
      if (whole || !(error instanceof FormatError)) throw error
      for (const { storage } of storages.all()) storage.release()
    }
  }
}

function parseLegacyHead(bytes: Buffer, { path, size }: OpenFile, storages: StorageTable): LegacyHead {
  const fail = (what: string): never => {
    throw new FormatError(`${path}: ${what}`, { path })
  }
  let length = 0
  const plainData: UnpickleHooks = { findGlobal: () => undefined, persistentLoad: () => fail('a misplaced storage') }
  const next = (hooks = plainData): unknown => {
    const { value, end } = unpickle(bytes, path, hooks, length)
    length = end
    return value
  }
  if (next() !== LEGACY_MAGIC) fail('no file of torch.save(): its magic number is missing')
  const version = next()
  if (version !== LEGACY_VERSION) fail(`the version ${String(version)} of its format is unknown`)
  next() // Sizes of C types, and the byte order of the machine; but the numbers in the file are little-endian.
  // The memory of all follows the pickle, so together they have no more bytes than the file.
  let left = size
  const value = next({
    findGlobal,
    persistentLoad: storages.loader((_key, needed) => {
      left -= needed
      return left >= 0 ? needed : undefined
    }),
  })
  const result = toPlain(value, path)
  const keys = next()
  return { result, storages, keys: Array.isArray(keys) ? keys : fail('the list of its storages is missing'), length }
}

/** The storages of a file: made when the pickle speaks of them, filled afterwards. */
class StorageTable {
  readonly #roots = new Map<string, FileStorage>()
  readonly #views = new Map<string, FileStorage>()
  constructor(readonly path: string) {}

  all(): FileStorage[] {
    return [...this.#roots.values()]
  }

  #fail(what: string): never {
    throw new FormatError(`${this.path}: ${what}`, { path: this.path })
  }

  /**
   * Takes the descriptions of storages. `bytesOf` says how many bytes the file has for a new one that needs some; undefined
   * where it has none.
   */
  loader(bytesOf: (key: string, needed: number) => number | undefined): UnpickleHooks['persistentLoad'] {
    return (id) => {
      const [kind, type, rawKey, , count, view] = id instanceof PyTuple ? id.items : []
      const storageType = type instanceof PyGlobal ? type.value : undefined
      const isKey = typeof rawKey === 'string' || typeof rawKey === 'number'
      if (kind !== 'storage' || !(storageType instanceof StorageType) || !isKey || !isCount(count)) {
        return this.#fail('a storage is described in an unknown way')
      }
      const { info } = storageType
      if (info === undefined) return new Unreadable(storageType.dtype, true)
      const key = String(rawKey)
      const needed = count * info.itemsize
      let root = this.#roots.get(key)
      if (root === undefined) {
        const size = bytesOf(key, needed)
        // A storage may have bytes behind its last whole element.
        if (size === undefined || Math.floor(size / info.itemsize) !== count) {
          return this.#fail(`storage ${key} needs ${needed} bytes, but the file has ${size ?? 'none'}`)
        }
        root = new FileStorage(key, allocate(size), info, 0, count)
        this.#roots.set(key, root)
      } else if (Math.floor(root.storage.byteLength / info.itemsize) !== count) {
        return this.#fail(`storage ${key} is described twice and differently`)
      }
      if (view !== null && view !== undefined) return this.#view(root, view)
      return info === root.info ? root : new FileStorage(key, root.storage, info, 0, count, root)
    }
  }

  /** A part of a storage that has its own key, as PyTorch before 0.4 wrote them. */
  #view(root: FileStorage, view: unknown): FileStorage {
    const [key, offset, count] = view instanceof PyTuple ? view.items : []
    if (!isCount(offset) || !isCount(count) || offset + count > root.count) {
      return this.#fail(`a view of storage ${root.key} is described in an unknown way`)
    }
    const known = this.#views.get(String(key))
    if (known !== undefined) return known
    const made = new FileStorage(String(key), root.storage, root.info, root.first + offset, count, root)
    this.#views.set(made.key, made)
    return made
  }
}

// Python itself gives up at about this depth.
const MAX_DEPTH = 1000

/** Python's containers as JavaScript's: an OrderedDict as a Map, a dict of strings as an object. */
const toPlain = (root: unknown, path: string): unknown => new Converter(path).convert(root, undefined)

class Converter {
  readonly #seen = new Map<unknown, unknown>()
  /** The keys on the way to the value at hand. */
  readonly #place: unknown[] = []
  constructor(readonly path: string) {}

  #fail(what: string): never {
    throw new FormatError(`${this.path}: ${what}`, { path: this.path })
  }
  #where(): string {
    return this.#place
      .map((key) => (typeof key === 'object' ? '[…]' : `[${JSON.stringify(key, plainBigint)}]`))
      .join('')
  }

  convert(value: unknown, key: unknown): unknown {
    if (typeof value !== 'object' || value === null || isTensor(value) || value instanceof Uint8Array) return value
    if (this.#seen.has(value)) return this.#seen.get(value)
    if (this.#place.length > MAX_DEPTH) return this.#fail('its values are nested too deeply')
    if (key !== undefined) this.#place.push(key)
    const result = this.#convertObject(value)
    if (key !== undefined) this.#place.pop()
    return result
  }
  #convertObject(value: object): unknown {
    if (value instanceof PyDict) return value.ordered || !hasNames(value) ? this.#toMap(value) : this.#toObject(value)
    if (value instanceof PyTuple || Array.isArray(value))
      return this.#toArray(value instanceof PyTuple ? value.items : value, value)
    if (value instanceof Set) {
      const set = new Set()
      this.#seen.set(value, set)
      for (const item of value) set.add(this.convert(item, item))
      return set
    }
    if (value instanceof FileStorage) {
      return value.use() ? wholeStorage(value) : this.#fail(`storage ${value.key} is described twice and differently`)
    }
    if (value instanceof PyObject) return this.convert(value.plain(), undefined)
    if (value instanceof PyGlobal) {
      return typeof value.value === 'string'
        ? value.value
        : this.#fail(`the name ${value.module}.${value.name} is no data`)
    }
    if (value instanceof Unreadable) {
      const at = this.#where()
      const what = `${this.path}: the tensor${at && ` ${at}`} is ${value.what}, which has no counterpart`
      throw value.isDType
        ? new DTypeError(what, { path: this.path, place: at, dtype: value.what })
        : new FormatError(what, { path: this.path, place: at })
    }
    return this.#fail('a value of an unknown kind')
  }
  #toArray(items: readonly unknown[], source: object): unknown[] {
    const array: unknown[] = []
    this.#seen.set(source, array)
    for (const [i, item] of items.entries()) array.push(this.convert(item, i))
    return array
  }
  #toMap(dict: PyDict): Map<unknown, unknown> {
    const map: Map<unknown, unknown> = isState(dict) ? new StateDict() : new Map()
    this.#seen.set(dict, map)
    for (const [key, item] of dict.entries) map.set(this.convert(key, key), this.convert(item, key))
    const metadata = dict.attributes?.entries.get('_metadata')
    if (map instanceof StateDict && metadata !== undefined) {
      const plain = this.convert(metadata, '_metadata')
      if (plain instanceof Map) map.metadata = plain as StateDict['metadata']
      else if (isPlain(plain)) map.metadata = new Map(Object.entries(plain)) as StateDict['metadata']
    }
    return map
  }
  #toObject(dict: PyDict): object {
    const object = {}
    this.#seen.set(dict, object)
    for (const [key, item] of dict.entries) {
      // Not by assignment: a key called __proto__ is a key.
      const property = { value: this.convert(item, key), writable: true, enumerable: true, configurable: true }
      Object.defineProperty(object, key as string, property)
    }
    return object
  }
}

const plainBigint = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

const hasNames = (dict: PyDict): boolean => [...dict.entries.keys()].every((key) => typeof key === 'string')

/** Named tensors, or what says of itself that it is the state of a module. */
const isState = (dict: PyDict): boolean =>
  dict.ordered &&
  hasNames(dict) &&
  (dict.attributes?.entries.has('_metadata') === true ||
    (dict.entries.size > 0 && [...dict.entries.values()].every(isTensor)))

/** A storage that was saved by itself: its elements in a row. */
function wholeStorage({ storage, info, first, count }: FileStorage): Tensor {
  return new Tensor(storage, first, [count], [1], info, count, true)
}
