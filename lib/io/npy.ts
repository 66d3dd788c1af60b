/** numpy's files: `.npy` holds one array, `.npz` several by name. */
import { ArgumentError, FormatError } from '../errors'
import { emptyOf } from '../ops/define/results'
import { DTYPES } from '../runtime/dtype'
import { contiguousStrides, countOf } from '../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../tensor/tensor'
import type { OpenFile, Reading } from './files'
import { NPY_PREFIX_LENGTH, type NpyHeader, npyHeader, npyLengthBytes, parseNpyDict } from './npy-header'
import { fillStorage, type NamedTensors, namedEntries, readTensor, rowMajorBytes } from './tensor-bytes'
import { readWhole, ZipArchive, type ZipSource, zipChunks } from './zip'

/** Reads a `.npy` file straight into the memory of a tensor. */
export function* readNpy({ path, size }: OpenFile): Reading<Tensor> {
  const fail = (): never => {
    throw new FormatError(`${path}: not a .npy file: it ends within its header`, { path })
  }
  if (size < NPY_PREFIX_LENGTH + 2) fail()
  const prefix = new Uint8Array(NPY_PREFIX_LENGTH)
  yield { target: prefix, position: 0 }
  const field = Buffer.alloc(npyLengthBytes(prefix, path))
  if (NPY_PREFIX_LENGTH + field.length > size) fail()
  yield { target: field, position: NPY_PREFIX_LENGTH }
  const length = field.readUIntLE(0, field.length)
  const start = NPY_PREFIX_LENGTH + field.length
  if (start + length > size) fail()
  const text = Buffer.alloc(length)
  yield { target: text, position: start }
  const header = parseNpyDict(text.toString('latin1'), path)
  const tensor = allocateFor(header, size - start - length, path)
  yield* readTensor(tensor, start + length, header.bigEndian)
  return inOrder(tensor, header)
}

function parseNpy(bytes: Uint8Array, source: string): Tensor {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const field = buffer.length >= NPY_PREFIX_LENGTH ? npyLengthBytes(buffer, source) : 2
  const start = NPY_PREFIX_LENGTH + field
  const length = buffer.length >= start ? buffer.readUIntLE(NPY_PREFIX_LENGTH, field) : Infinity
  if (start + length > buffer.length)
    throw new FormatError(`${source}: not a .npy file: it ends within its header`, { source })
  const header = parseNpyDict(buffer.toString('latin1', start, start + length), source)
  const tensor = allocateFor(header, buffer.length - start - length, source)
  fillStorage(tensor.storage, buffer.subarray(start + length), tensor.info, header.bigEndian)
  return inOrder(tensor, header)
}

function allocateFor({ dtype, shape }: NpyHeader, available: number, source: string): Tensor {
  const expected = countOf(shape) * DTYPES[dtype].itemsize
  if (expected !== available) {
    throw new FormatError(
      `${source}: the shape [${shape.join(', ')}] of ${dtype} needs ${expected} bytes of data, but there are ${available}`,
      { source, shape, dtype, expected, available },
    )
  }
  return emptyOf(shape, DTYPES[dtype])
}

function inOrder(tensor: Tensor, { fortranOrder, shape }: NpyHeader): Tensor {
  if (!fortranOrder) return tensor
  const strides = contiguousStrides([...shape].reverse()).reverse()
  return reinterpret(tensor, shape, strides, 0)
}

export function* npyChunks(value: unknown): Generator<Uint8Array> {
  if (!isTensor(value)) throw new ArgumentError('save(): a .npy file holds one Tensor')
  yield npyHeader(value.dtype, value.shape)
  yield* rowMajorBytes(value)
}

/** Reads the arrays of a `.npz` archive by name. */
export function* readNpz(file: OpenFile): Reading<Map<string, Tensor>> {
  const { path } = file
  const archive = new ZipArchive(yield* readWhole(file), path)
  for (const name of archive.sizes.keys()) {
    if (!name.endsWith('.npy')) throw new FormatError(`${path}: ${name} is no array`, { path })
  }
  const loaded = new Map<string, Tensor>()
  yield* archive.each(archive.sizes.keys(), (name, bytes) => {
    loaded.set(name.slice(0, -4), parseNpy(bytes, `${path}: ${name}`))
  })
  return loaded
}

export function npzChunks(value: NamedTensors): Generator<Uint8Array> {
  const entries = namedEntries('save', value, '.npz')
  return zipChunks(
    entries.map(([name, tensor]): ZipSource => {
      const header = npyHeader(tensor.dtype, tensor.shape)
      return {
        name: `${name}.npy`,
        size: header.byteLength + tensor.nbytes,
        *chunks() {
          yield header
          yield* rowMajorBytes(tensor)
        },
      }
    }),
  )
}
