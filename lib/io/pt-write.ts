/** Writes PyTorch's `.pt` and `.pth` files as `torch.save` does. */
import { DTypeError } from '../errors'
import { Parameter } from '../nn/parameter'
import { StateDict } from '../nn/state-dict'
import type { DType } from '../runtime/dtype'
import { releasedError, type Storage } from '../runtime/storage'
import { isTensor, type Tensor } from '../tensor/tensor'
import { type PickleWriter, pickle } from './pickle'
import { storageClass } from './pt-globals'
import { type ZipSource, zipChunks } from './zip-write'

type Storages = Map<Storage, [key: string, dtype: DType]>

/** The bytes of a `.pt` file of `value`. Tensors over one storage stay over one storage. */
export function ptChunks(value: unknown): Generator<Uint8Array> {
  const storages: Storages = new Map()
  const pickled = pickle(value, (item, writer) => {
    if (item instanceof StateDict) writeState(item, writer)
    else if (item instanceof Parameter) writeParameter(item, writer, storages)
    else if (isTensor(item)) writeTensor(item, item.requiresGrad, writer, storages)
    else return false
    return true
  })
  const entry = (name: string, bytes: Uint8Array): ZipSource => ({
    name: `archive/${name}`,
    size: bytes.byteLength,
    chunks: () => [bytes],
  })
  return zipChunks([
    entry('data.pkl', pickled),
    // Promises PyTorch that it can compute where each storage lies.
    entry('.format_version', Buffer.from('1')),
    entry('.storage_alignment', Buffer.from('64')),
    entry('byteorder', Buffer.from('little')),
    ...Array.from(
      storages,
      ([storage, [key]]): ZipSource => ({
        name: `archive/data/${key}`,
        size: storage.byteLength,
        chunks: () => storage.lend(),
      }),
    ),
    entry('version', Buffer.from('3\n')),
  ])
}

/** An OrderedDict with the attribute that PyTorch keeps the versions of the modules in. */
function writeState(item: StateDict, writer: PickleWriter): void {
  writer.map(item, item.metadata.size > 0 ? { _metadata: item.metadata } : undefined)
}

function writeParameter(item: Parameter, writer: PickleWriter, storages: Storages): void {
  writer.global('torch._utils', '_rebuild_parameter')
  writer.tuple(
    () => writeTensor(item, false, writer, storages),
    () => writer.value(item.requiresGrad),
    () => writer.value(new Map()),
  )
  writer.reduce()
}

function writeTensor(item: Tensor, requiresGrad: boolean, writer: PickleWriter, storages: Storages): void {
  const { info, storage } = item
  if (storage.released) throw releasedError()
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
