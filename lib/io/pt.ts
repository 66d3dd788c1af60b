/**
 * Reads PyTorch's `.pt` and `.pth` files: a pickle and, apart from it, the memory of the tensors; in a zip archive since
 * PyTorch 1.6, one after the other before.
 */
import { isPlain } from '../check/options'
import { DTypeError, FormatError } from '../errors'
import { StateDict } from '../nn/state-dict'
import { allocate } from '../runtime/storage'
import { isTensor, Tensor } from '../tensor/tensor'
import type { OpenFile, Reading } from './files'
import { FileStorage, findGlobal, StorageType } from './pt-globals'
import { fillStorage } from './tensor-bytes'
import { PyDict, PyGlobal, PyObject, PyTuple, type UnpickleHooks, Unreadable, unpickle } from './unpickle'
import { readWhole, ZipArchive } from './zip'

export function* readPt(file: OpenFile): Reading<unknown> {
  const { path, size } = file
  const magic = Buffer.alloc(Math.min(512, size))
  yield { target: magic, position: 0 }
  if (magic.toString('latin1', 0, 4) === 'PK\x03\x04') return yield* readArchive(file)
  if (magic.toString('latin1', 257, 262) === 'ustar') {
    throw new FormatError(`${path}: the tar format of PyTorch before 0.2 cannot be read: save it anew with PyTorch`, {
      path,
    })
  }
  // Each pickle of a newer version begins with its protocol.
  if (magic[0] !== 0x80) throw new FormatError(`${path}: no file of torch.save()`, { path })
  return readLegacy(yield* readWhole(file), path)
}

function* readArchive(file: OpenFile): Reading<unknown> {
  const { path } = file
  const fail = (what: string): never => {
    throw new FormatError(`${path}: ${what}`, { path })
  }
  const archive = new ZipArchive(yield* readWhole(file), path)
  const pickled = [...archive.sizes.keys()].find((name) => /^[^/]*\/data\.pkl$/.test(name))
  if (pickled === undefined) return fail('no file of torch.save(): it has no data.pkl')
  const prefix = pickled.slice(0, -'data.pkl'.length)
  if (archive.sizes.has(`${prefix}constants.pkl`)) {
    fail('a TorchScript archive, which is a program: save the state dict of the module instead')
  }
  let bigEndian = false
  if (archive.sizes.has(`${prefix}byteorder`)) {
    const order = Buffer.from(archive.read(`${prefix}byteorder`)).toString('latin1')
    if (order !== 'little' && order !== 'big') fail(`its byte order is ${JSON.stringify(order)}`)
    bigEndian = order === 'big'
  }

  const storages = new StorageTable(path)
  const { value } = unpickle(archive.read(pickled), path, {
    findGlobal,
    persistentLoad: storages.loader((key) => archive.sizes.get(`${prefix}data/${key}`)),
  })
  // First, for what cannot be read is found there, before all is unpacked.
  const result = toPlain(value, path)
  const targets = new Map(storages.all().map((known) => [`${prefix}data/${known.key}`, known]))
  yield* archive.each(targets.keys(), (name, bytes) => {
    const { storage, info } = targets.get(name)!
    fillStorage(storage, bytes, info, bigEndian)
  })
  return result
}

// What `torch.save` began with before 1.6, and its version.
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn
const LEGACY_VERSION = 1001

function readLegacy(bytes: Buffer, path: string): unknown {
  const fail = (what: string): never => {
    throw new FormatError(`${path}: ${what}`, { path })
  }
  let at = 0
  const plainData: UnpickleHooks = { findGlobal: () => undefined, persistentLoad: () => fail('a misplaced storage') }
  const next = (hooks = plainData): unknown => {
    const { value, end } = unpickle(bytes, path, hooks, at)
    at = end
    return value
  }
  if (next() !== LEGACY_MAGIC) fail('no file of torch.save(): its magic number is missing')
  const version = next()
  if (version !== LEGACY_VERSION) fail(`the version ${String(version)} of its format is unknown`)
  next() // Sizes of C types, and the byte order of the machine; but the numbers in the file are little-endian.
  const storages = new StorageTable(path)
  // The memory of all follows the pickle, so together they have no more bytes than the file.
  let left = bytes.length
  const value = next({
    findGlobal,
    persistentLoad: storages.loader((_key, size) => {
      left -= size
      return left >= 0 ? size : undefined
    }),
  })

  const result = toPlain(value, path)
  const keys = next()
  if (!Array.isArray(keys)) return fail('the list of its storages is missing')
  const missing = new Map(storages.all().map((known) => [known.key, known]))
  for (const key of keys as unknown[]) {
    const known = missing.get(String(key))
    if (known === undefined) return fail(`storage ${String(key)} is listed, but is no tensor's`)
    missing.delete(known.key)
    const { storage, info } = known
    const count = at + 8 <= bytes.length ? bytes.readBigInt64LE(at) : fail('it ends too early')
    if (count !== BigInt(known.count)) fail(`storage ${known.key} has ${count} elements, expected ${known.count}`)
    const end = at + 8 + storage.byteLength
    if (end > bytes.length) fail('it ends too early')
    fillStorage(storage, bytes.subarray(at + 8, end), info)
    at = end
  }
  for (const key of missing.keys()) fail(`storage ${key} is missing`)
  return result
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

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
      return info === root.info ? root : new FileStorage(key, root.storage, info, 0, count)
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
    const made = new FileStorage(String(key), root.storage, root.info, root.first + offset, count)
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
    if (value instanceof FileStorage) return wholeStorage(value)
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
