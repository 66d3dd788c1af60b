/** The names that a `.pt` file may call: what PyTorch's and numpy's pickles need to say what a tensor is, and plain containers. */
import { Parameter } from '../nn/parameter'
import { MAX_DIMS } from '../runtime/opcodes'
import { Category, DTYPES, type DTypeInfo, isDType } from '../runtime/dtype'
import type { Storage } from '../runtime/storage'
import { countOf, isContiguous } from '../tensor/shape'
import { isTensor, Tensor } from '../tensor/tensor'
import { isCount } from './checks'
import { numpyGlobal, NumpyArray } from './pt-numpy'
import { type Machine, PyDict, PyGlobal, PyTuple, Unreadable } from './unpickle'

/** The memory of tensors, as elements of a dtype. It may be read into later than tensors are made of it. */
export class FileStorage {
  /** What tensors have its elements as, the first of them at least. */
  #use: DTypeInfo | undefined

  constructor(
    readonly key: string,
    readonly storage: Storage,
    readonly info: DTypeInfo,
    /** Where it begins in the storage, in elements. */
    readonly first: number,
    readonly count: number,
    /** What the file stores, where this is a part of it or the same as another dtype. */
    readonly root: FileStorage | null = null,
  ) {}

  /**
   * Notes that a tensor is made of it; false where the same memory would be bools here and numbers there, which PyTorch never
   * writes: the bytes of bools are made 0 or 1, which numbers would not survive.
   */
  use(): boolean {
    const { info } = this
    const root = this.root ?? this
    root.#use ??= info
    return (root.#use.name === 'bool') === (info.name === 'bool')
  }

  /** What its bytes are to be read as. */
  get content(): DTypeInfo {
    return this.#use?.name === 'bool' ? this.#use : this.info
  }
}

/** The element type of a storage, by the class that PyTorch has for it. */
export class StorageType {
  readonly info: DTypeInfo | undefined
  constructor(readonly dtype: string) {
    this.info = isDType(dtype) ? DTYPES[dtype] : undefined
  }
}

export const storageClass = ({ scalarType }: DTypeInfo): string => `${scalarType}Storage`

const STORAGE_DTYPES: ReadonlyMap<string, string> = new Map([
  ...Object.values(DTYPES).map((info) => [storageClass(info), info.name] as const),
  ['UntypedStorage', 'uint8'],
  ['_UntypedStorage', 'uint8'],
  ['ComplexFloatStorage', 'complex64'],
  ['ComplexDoubleStorage', 'complex128'],
  ['QInt8Storage', 'qint8'],
  ['QUInt8Storage', 'quint8'],
  ['QInt32Storage', 'qint32'],
  ['QUInt4x2Storage', 'quint4x2'],
  ['QUInt2x4Storage', 'quint2x4'],
])
const STORAGE_MODULES = ['torch', 'torch.cuda', 'torch.storage']
const OTHER_DTYPES = /^(?:complex\d+|u?int\d+|qu?int\d+(?:x\d+)?|float[48]_\w+|bits\w+)$/
const QUANTIZER = /^per_(?:tensor|channel)_(?:affine|symmetric|affine_float_qparams)$/

type Call = (args: unknown[], machine: Machine) => unknown

/** What a global stands for; undefined where it is not allowed. */
export function findGlobal(module: string, name: string): PyGlobal | undefined {
  const path = `${module}.${name}`
  const call = CALLS.get(path)
  if (call !== undefined) return new PyGlobal(module, name, call)
  if (STORAGE_MODULES.includes(module)) {
    const dtype = STORAGE_DTYPES.get(name)
    if (dtype !== undefined) return new PyGlobal(module, name, null, new StorageType(dtype))
  }
  if (module === 'torch') {
    if (isDType(name) || OTHER_DTYPES.test(name)) return new PyGlobal(module, name, null, name)
    if (QUANTIZER.test(name) || name === 'Tensor') return new PyGlobal(module, name, null)
  }
  // The factory of a defaultdict.
  if (module === 'builtins' && /^(?:list|dict|int|float|str|bool|tuple)$/.test(name)) {
    return new PyGlobal(module, name, null)
  }
  return numpyGlobal(module, name)
}

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['collections.OrderedDict', ([items], machine) => dictOf(true, items, machine)],
  ['collections.Counter', ([items], machine) => dictOf(false, items, machine)],
  ['collections.defaultdict', ([_factory, items], machine) => dictOf(false, items, machine)],
  ['builtins.set', setOf],
  ['builtins.frozenset', setOf],
  ['_codecs.encode', bytesOf],
  ['builtins.bytes', bytesOf],
  ['builtins.bytearray', bytesOf],
  ['builtins.complex', () => new Unreadable('a complex number')],
  ['torch.Size', ([sizes]) => sizes],
  ['torch.device', ([type, index]) => (index === undefined ? String(type) : `${String(type)}:${String(index)}`)],
  ['torch.serialization._get_layout', ([name]) => String(name)],
  ['torch._utils._rebuild_tensor', ([storage, ...view], machine) => rebuild(storage, view, false, machine)],
  [
    'torch._utils._rebuild_tensor_v2',
    ([storage, offset, size, stride, requiresGrad, _hooks, metadata], machine) =>
      marked(rebuild(storage, [offset, size, stride], requiresGrad === true, machine), metadata),
  ],
  [
    'torch._utils._rebuild_tensor_v3',
    ([storage, offset, size, stride, requiresGrad, _hooks, dtype, metadata], machine) => {
      const typed = retyped(storage, dtype, machine)
      return marked(rebuild(typed, [offset, size, stride], requiresGrad === true, machine), metadata)
    },
  ],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch._utils._rebuild_parameter_with_state', rebuildParameter],
  [
    'torch.nn.parameter.Parameter',
    ([data, requiresGrad = true], machine) => rebuildParameter([data, requiresGrad], machine),
  ],
  ['torch._utils._rebuild_device_tensor_from_numpy', rebuildFromCpu],
  ['torch._utils._rebuild_device_tensor_from_cpu_tensor', rebuildFromCpu],
  ['torch._utils._rebuild_xla_tensor', rebuildFromCpu],
  ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
  ['torch._tensor._rebuild_from_type', rebuildFromType],
  ['torch.tensor._rebuild_from_type', rebuildFromType],
  [
    'torch._utils._rebuild_qtensor',
    ([storage]) => (storage instanceof Unreadable ? storage : new Unreadable('quantized')),
  ],
  ['torch._utils._rebuild_sparse_tensor', ([layout]) => new Unreadable(`sparse (${String(layout)})`)],
  ['torch._utils._rebuild_nested_tensor', () => new Unreadable('nested')],
  ['torch._utils._rebuild_meta_tensor_no_storage', () => new Unreadable('on the meta device, without data')],
])

function dictOf(ordered: boolean, items: unknown, { fail, spend }: Machine): PyDict {
  const dict = new PyDict(ordered)
  if (items === undefined || items === null) return dict
  const pairs = items instanceof PyDict ? [...items.entries] : items
  if (!Array.isArray(pairs)) return fail('a dict is made of what is no list of pairs')
  spend(pairs.length)
  for (const pair of pairs as unknown[]) {
    const [key, value, more] = pair instanceof PyTuple ? pair.items : Array.isArray(pair) ? (pair as unknown[]) : []
    if (value === undefined || more !== undefined) return fail('a pair is missing')
    dict.entries.set(key, value)
  }
  return dict
}

function setOf([items]: unknown[], { fail, spend }: Machine): Set<unknown> {
  const list = items instanceof PyTuple ? items.items : (items ?? [])
  if (!Array.isArray(list)) return fail('a set is made of what is no list')
  spend(list.length)
  return new Set(list)
}

// Protocol 2 writes bytes as text: each byte a character.
function bytesOf([text, encoding]: unknown[], { fail, spend }: Machine): Uint8Array {
  if (text === undefined) return new Uint8Array(0)
  if (ArrayBuffer.isView(text)) return text as Uint8Array
  if (typeof text !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1')) {
    return fail('bytes in an unknown encoding')
  }
  spend(text.length)
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

/** A tensor over a storage, which must hold all of it. */
function rebuild(storage: unknown, view: unknown[], requiresGrad: boolean, { fail }: Machine): Tensor | Unreadable {
  if (storage instanceof Unreadable) return storage
  const [offset, size, stride] = view
  const sizes = size instanceof PyTuple ? size.items : undefined
  const strides = stride instanceof PyTuple ? stride.items : undefined
  if (!(storage instanceof FileStorage) || !isCount(offset) || !sizes?.every(isCount) || !strides?.every(isCount)) {
    return fail('a tensor is described in an unknown way')
  }
  if (sizes.length !== strides.length) return fail('a tensor has not as many strides as dims')
  if (sizes.length > MAX_DIMS) return fail(`a tensor has ${sizes.length} dims, over ${MAX_DIMS}`)
  const { info, first } = storage
  const count = countOf(sizes)
  if (!Number.isSafeInteger(count)) return fail('a tensor has more elements than can be counted')
  const last = sizes.reduce((at, length, dim) => at + (length - 1) * strides[dim]!, offset)
  if (count > 0 && last >= storage.count) return fail(`a tensor goes past the end of storage ${storage.key}`)
  if (requiresGrad && info.category !== Category.Float) return fail(`a tensor of ${info.name} requires gradients`)
  if (!storage.use()) return fail(`storage ${storage.key} is described twice and differently`)
  const at = count > 0 ? first + offset : 0
  const tensor = new Tensor(storage.storage, at, sizes, strides, info, count, isContiguous(sizes, strides))
  return requiresGrad ? tensor.requiresGrad_() : tensor
}

/** The storage as elements of another dtype: what is written since a storage need not know its own. */
function retyped(storage: unknown, dtype: unknown, { fail }: Machine): unknown {
  if (!(storage instanceof FileStorage)) return storage
  const name = dtype instanceof PyGlobal ? dtype.value : undefined
  if (typeof name !== 'string') return fail('a tensor has an unknown dtype')
  if (!isDType(name)) return new Unreadable(name, true)
  const info = DTYPES[name]
  const bytes = storage.count * storage.info.itemsize
  const first = (storage.first * storage.info.itemsize) / info.itemsize
  if (!Number.isInteger(first)) return fail('a tensor begins within an element')
  return new FileStorage(
    storage.key,
    storage.storage,
    info,
    first,
    Math.floor(bytes / info.itemsize),
    storage.root ?? storage,
  )
}

/** PyTorch's lazy negation and conjugation are not known here. */
function marked(tensor: Tensor | Unreadable, metadata: unknown): Tensor | Unreadable {
  if (!(metadata instanceof PyDict)) return tensor
  for (const bit of ['neg', 'conj']) {
    if (metadata.entries.get(bit) === true) return new Unreadable(`a view with the ${bit} bit set`)
  }
  return tensor
}

function rebuildParameter([data, requiresGrad]: unknown[], { fail }: Machine): Parameter | Unreadable {
  if (data instanceof Unreadable) return data
  if (!isTensor(data)) return fail('a parameter without a tensor')
  if (requiresGrad === true && data.info.category !== Category.Float) {
    return fail(`a parameter of ${data.dtype} requires gradients`)
  }
  return new Parameter(data.detach(), { requiresGrad: requiresGrad === true })
}

/** A tensor of another device, which PyTorch writes as numpy's array or as a tensor beside its dtype. */
function rebuildFromCpu([data, dtype, _device, requiresGrad]: unknown[], machine: Machine): Tensor | Unreadable {
  const found = data instanceof NumpyArray ? data.plain() : data
  if (found instanceof Unreadable) return found
  const name = dtype instanceof PyGlobal ? dtype.value : undefined
  if (!isTensor(found) || typeof name !== 'string') return machine.fail('a tensor is described in an unknown way')
  if (!isDType(name)) return new Unreadable(name, true)
  // The data of a tensor may not be read yet, so that only numpy's, which lie in the pickle, can be converted.
  if (found.dtype !== name && !(data instanceof NumpyArray)) {
    return machine.fail(`a tensor of ${name} is kept as ${found.dtype}`)
  }
  machine.spend(found.dtype === name ? 0 : found.count)
  const tensor = found.detach().to(name)
  if (requiresGrad !== true) return tensor
  return tensor.info.category === Category.Float
    ? tensor.requiresGrad_()
    : machine.fail(`a tensor of ${tensor.dtype} requires gradients`)
}

/** A tensor with attributes that Python code hung on it, which are left out. */
function rebuildFromType([make, type, args]: unknown[], machine: Machine): unknown {
  const plain =
    type instanceof PyGlobal && ['torch.Tensor', 'torch.nn.parameter.Parameter'].includes(`${type.module}.${type.name}`)
  if (!plain || !(make instanceof PyGlobal) || make.call === null || !(args instanceof PyTuple)) {
    return machine.fail('a tensor of an unknown class')
  }
  if (!make.module.startsWith('torch') || make.call === rebuildFromType)
    return machine.fail('a tensor of an unknown class')
  return make.call(args.items, machine)
}
