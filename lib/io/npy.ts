/** numpy's files: `.npy` holds one array, `.npz` several by name. */
import { ArgumentError, FormatError } from '../errors'
import { emptyOf } from '../ops/define/results'
import { DTYPES } from '../runtime/dtype'
import { contiguousStrides, countOf } from '../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../tensor/tensor'
import { checkLimit, type OpenFile, type Reading } from './files'
import { NPY_PREFIX_LENGTH, type NpyHeader, npyHeader, npyLengthBytes, parseNpyDict } from './npy-header'
import { type Source, StoredSource } from './source'
import { type NamedTensors, namedEntries, readTensor, rowMajorBytes } from './tensor-bytes'
import { ZipArchive } from './zip'
import { type ZipSource, zipChunks } from './zip-write'

// numpy itself takes no header over 10 000 bytes, unless it is told to.
const MAX_HEADER_BYTES = 1 << 20

/** Reads a `.npy` file straight into the memory of a tensor. */
export function* readNpy(file: OpenFile): Reading<Tensor> {
  checkLimit(file, file.size)
  return yield* readArray(new StoredSource(file), file.path)
}

function* readArray(source: Source, name: string): Reading<Tensor> {
  function* next(length: number): Reading<Buffer> {
    if (length > source.left) throw new FormatError(`${name}: not a .npy file: it ends within its header`, { name })
    const bytes = Buffer.alloc(length)
    yield* source.read(bytes)
    return bytes
  }
  const field = yield* next(npyLengthBytes(yield* next(NPY_PREFIX_LENGTH), name))
  const length = field.readUIntLE(0, field.length)
  if (length > MAX_HEADER_BYTES) throw new FormatError(`${name}: its header of ${length} bytes is too long`, { name })
  const header = parseNpyDict((yield* next(length)).toString('latin1'), name)
  const tensor = allocateFor(header, source.left, name)
  yield* readTensor(tensor, source, header.bigEndian)
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
  const archive = yield* ZipArchive.open(file)
  const loaded = new Map<string, Tensor>()
  for (const name of archive.names()) {
    if (!name.endsWith('.npy')) throw new FormatError(`${path}: ${name} is no array`, { path })
    loaded.set(name.slice(0, -4), yield* readArray(yield* archive.source(name), `${path}: ${name}`))
  }
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
