/** PyTorch's `.pt` and `.pth` files: a zip archive of a pickle and, apart from it, the memory of the tensors. */
import { DTypeError, FormatError } from '../errors'
import { Parameter } from '../nn/parameter'
import { DTYPES, type DType, type DTypeInfo, isDType } from '../runtime/dtype'
import { allocate, type Storage } from '../runtime/storage'
import { countOf, isContiguous } from '../tensor/shape'
import { isTensor, Tensor } from '../tensor/tensor'
import type { OpenFile, Reading } from './files'
import { type PickleWriter, pickle } from './pickle'
import { PyDict, PyGlobal, PyTuple, unpickle } from './unpickle'
import { readZipDirectory, readZipEntry, type ZipEntry, type ZipSource, zipChunks } from './zip'

const storageClass = ({ scalarType }: DTypeInfo): string => `${scalarType}Storage`
const DTYPE_OF_STORAGE = new Map(Object.values(DTYPES).map((info) => [storageClass(info), info]))

/** The memory of one or more tensors of a file, before and after it is read. */
class FileStorage {
  readonly storage: Storage
  constructor(
    readonly key: string,
    readonly info: DTypeInfo,
    readonly count: number,
  ) {
    this.storage = allocate(count * info.itemsize)
  }
}

export function* readPt(file: OpenFile): Reading<unknown> {
  const { path } = file
  const magic = Buffer.alloc(Math.min(4, file.size))
  yield { target: magic, position: 0 }
  if (magic.toString('latin1') !== 'PK\x03\x04') {
    throw new FormatError(`${path}: not a zip archive: files of torch.save() before PyTorch 1.6 cannot be read`, {
      path,
    })
  }
  const directory = yield* readZipDirectory(file)
  const pickled = [...directory.values()].find(({ name }) => /^[^/]*\/data\.pkl$/.test(name))
  if (pickled === undefined) throw new FormatError(`${path}: no file of torch.save(): it has no data.pkl`, { path })
  const prefix = pickled.name.slice(0, -'data.pkl'.length)
  const order = directory.get(`${prefix}byteorder`)
  if (order !== undefined) {
    const text = yield* readEntry(file, order)
    if (text.toString() !== 'little') throw new FormatError(`${path}: its byte order is ${text.toString()}`, { path })
  }

  const storages = new Map<string, FileStorage>()
  const result = unpickle(yield* readEntry(file, pickled), path, {
    findGlobal: (module, name) => findGlobal(path, module, name),
    persistentLoad: (id) => loadStorage(path, directory, prefix, storages, id),
  })
  for (const { key, info, storage } of storages.values()) {
    const bytes = storage.bytes()
    yield* readZipEntry(file, directory.get(`${prefix}data/${key}`)!, bytes)
    // Kernels rely on a bool being 0 or 1.
    if (info.name === 'bool') for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 1) bytes[i] = 1
  }
  return toPlain(result, path)
}

function* readEntry(file: OpenFile, entry: ZipEntry): Reading<Buffer> {
  const bytes = Buffer.alloc(entry.size)
  yield* readZipEntry(file, entry, bytes)
  return bytes
}

function loadStorage(
  path: string,
  directory: ReadonlyMap<string, ZipEntry>,
  prefix: string,
  storages: Map<string, FileStorage>,
  id: unknown,
): FileStorage {
  const fail = (what: string): never => {
    throw new FormatError(`${path}: ${what}`, { path })
  }
  const [kind, type, key, , count] = id instanceof PyTuple ? id.items : []
  const info = type instanceof PyGlobal ? (type.value as DTypeInfo | undefined) : undefined
  if (kind !== 'storage' || info?.itemsize === undefined || typeof key !== 'string' || !isCount(count)) {
    return fail('a storage is described in an unknown way')
  }
  const known = storages.get(key)
  if (known !== undefined) {
    return known.info === info && known.count === count
      ? known
      : fail(`storage ${key} is described twice and differently`)
  }
  const entry = directory.get(`${prefix}data/${key}`)
  if (entry?.size !== count * info.itemsize) {
    return fail(`storage ${key} needs ${count * info.itemsize} bytes, but the archive has ${entry?.size ?? 'none'}`)
  }
  const storage = new FileStorage(key, info, count)
  storages.set(key, storage)
  return storage
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function findGlobal(path: string, module: string, name: string): PyGlobal | undefined {
  const fail = (what: string): never => {
    throw new FormatError(`${path}: ${what}`, { path, module, name })
  }
  if (module === 'torch') {
    const info = DTYPE_OF_STORAGE.get(name)
    if (info) return new PyGlobal(module, name, null, info)
    if (isDType(name)) return new PyGlobal(module, name, null, name)
    if (/Storage$/.test(name))
      throw new DTypeError(`${path}: a tensor over a ${name} has no counterpart`, { path, name })
    if (name === 'Size') return new PyGlobal(module, name, ([sizes]) => sizes)
    if (name === 'device') return new PyGlobal(module, name, ([device]) => String(device))
    return undefined
  }
  switch (`${module}.${name}`) {
    case 'torch._utils._rebuild_tensor_v2':
      return new PyGlobal(module, name, (args) => rebuildTensor(args, fail))
    case 'torch._utils._rebuild_parameter':
      return new PyGlobal(module, name, ([tensor, requiresGrad]) => {
        if (!isTensor(tensor)) return fail('a parameter without a tensor')
        return new Parameter(tensor.detach(), { requiresGrad: requiresGrad === true })
      })
    default:
      return undefined
  }
}

function rebuildTensor(args: unknown[], fail: (what: string) => never): Tensor {
  const [storage, offset, size, stride, requiresGrad] = args
  const sizes = size instanceof PyTuple ? size.items : []
  const strides = stride instanceof PyTuple ? stride.items : []
  if (!(storage instanceof FileStorage) || !isCount(offset) || !sizes.every(isCount) || !strides.every(isCount)) {
    return fail('a tensor is described in an unknown way')
  }
  if (sizes.length !== strides.length) fail('a tensor has not as many strides as dims')
  const count = countOf(sizes)
  const last = sizes.reduce((at, size, dim) => at + (size - 1) * strides[dim]!, offset)
  if (count > 0 && last >= storage.count) fail(`a tensor goes past the end of storage ${storage.key}`)
  const tensor = new Tensor(
    storage.storage,
    count > 0 ? offset : 0,
    sizes,
    strides,
    storage.info,
    count,
    isContiguous(sizes, strides),
  )
  return requiresGrad === true ? tensor.requiresGrad_() : tensor
}

// Python itself gives up at about this depth.
const MAX_DEPTH = 1000

/** Python's containers as JavaScript's: an OrderedDict as a Map, a dict of strings as an object. */
function toPlain(root: unknown, path: string): unknown {
  const seen = new Map<unknown, unknown>()
  let depth = 0
  const convert = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || isTensor(value) || value instanceof Uint8Array) return value
    if (seen.has(value)) return seen.get(value)
    if (++depth > MAX_DEPTH) throw new FormatError(`${path}: its values are nested too deeply`, { path })
    const result = convertContainer(value)
    depth--
    return result
  }
  const convertContainer = (value: object): unknown => {
    if (value instanceof PyGlobal) return isDType(value.value) ? value.value : `${value.module}.${value.name}`
    if (value instanceof PyDict) return value.ordered || !hasNames(value) ? toMap(value) : toObject(value)
    const target: unknown[] | Set<unknown> = value instanceof Set ? new Set() : []
    seen.set(value, target)
    if (value instanceof Set) for (const item of value) (target as Set<unknown>).add(convert(item))
    else
      for (const item of value instanceof PyTuple ? value.items : (value as unknown[]))
        (target as unknown[]).push(convert(item))
    return target
  }
  const toMap = (dict: PyDict): Map<unknown, unknown> => {
    const map = new Map<unknown, unknown>()
    seen.set(dict, map)
    for (const [key, item] of dict.entries) map.set(convert(key), convert(item))
    return map
  }
  const toObject = (dict: PyDict): object => {
    const object = {}
    seen.set(dict, object)
    for (const [key, item] of dict.entries) {
      // Not by assignment: a key called __proto__ is a key.
      const property = { value: convert(item), writable: true, enumerable: true, configurable: true }
      Object.defineProperty(object, key as string, property)
    }
    return object
  }
  return convert(root)
}

const hasNames = (dict: PyDict): boolean => [...dict.entries.keys()].every((key) => typeof key === 'string')

/** The bytes of a `.pt` file of `value`. Tensors over one storage stay over one storage. */
export function ptChunks(value: unknown): Generator<Uint8Array> {
  const storages = new Map<Storage, [key: string, dtype: DType]>()
  const pickled = pickle(value, (item, writer) => {
    if (!isTensor(item)) return false
    if (item instanceof Parameter) writeParameter(item, writer, storages)
    else writeTensor(item, item.requiresGrad, writer, storages)
    return true
  })
  const entry = (name: string, bytes: Uint8Array): ZipSource => ({
    name: `archive/${name}`,
    size: bytes.byteLength,
    chunks: () => [bytes],
  })
  return zipChunks([
    entry('data.pkl', pickled),
    entry('.format_version', Buffer.from('1')),
    entry('.storage_alignment', Buffer.from('64')),
    entry('byteorder', Buffer.from('little')),
    ...Array.from(
      storages,
      ([storage, [key]]): ZipSource => ({
        name: `archive/data/${key}`,
        size: storage.byteLength,
        chunks: () => [storage.bytes()],
      }),
    ),
    entry('version', Buffer.from('3\n')),
  ])
}

function writeParameter(item: Parameter, writer: PickleWriter, storages: Map<Storage, [string, DType]>): void {
  writer.global('torch._utils', '_rebuild_parameter')
  writer.tuple(
    () => writeTensor(item, false, writer, storages),
    () => writer.value(item.requiresGrad),
    () => writer.value(new Map()),
  )
  writer.reduce()
}

function writeTensor(
  item: Tensor,
  requiresGrad: boolean,
  writer: PickleWriter,
  storages: Map<Storage, [string, DType]>,
): void {
  const { info, storage } = item
  storage.bytes(0, 0) // throws where it was released
  let known = storages.get(storage)
  if (known === undefined) {
    known = [String(storages.size), info.name]
    storages.set(storage, known)
  }
  if (known[1] !== info.name) {
    throw new DTypeError('Cannot save multiple tensors or storages that view the same data as different types')
  }
  const [key] = known
  const sizes = (values: readonly number[]) => () => writer.tuple(...values.map((size) => () => writer.value(size)))
  writer.global('torch._utils', '_rebuild_tensor_v2')
  writer.tuple(
    () => {
      writer.tuple(
        () => writer.value('storage'),
        () => writer.global('torch', storageClass(info)),
        () => writer.value(key),
        () => writer.value('cpu'),
        () => writer.value(storage.byteLength / info.itemsize),
      )
      writer.persistentId()
    },
    () => writer.value(item.offset),
    sizes(item.sizes),
    sizes(item.strides),
    () => writer.value(requiresGrad),
    () => writer.value(new Map()),
  )
  writer.reduce()
}
