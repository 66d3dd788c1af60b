/** numpy's scalars and arrays inside a pickle. */
import { emptyOf } from '../ops/define/results'
import { DTYPES, fromFloat16Bits } from '../runtime/dtype'
import { MAX_DIMS } from '../runtime/opcodes'
import { contiguousStrides, countOf } from '../tensor/shape'
import { reinterpret, type Tensor } from '../tensor/tensor'
import { fillStorage } from './tensor-bytes'
import { BY_DESCRIPTOR } from './npy-header'
import { type Machine, PyGlobal, PyObject, PyTuple, Unreadable } from './unpickle'

/** `numpy.dtype('f8')`, whose byte order is told afterwards. */
class NumpyDtype extends PyObject {
  bigEndian = false
  constructor(readonly code: string) {
    super()
    this.bigEndian = code.startsWith('>')
  }
  get kind(): string {
    return this.code.replace(/^[<>=|]/, '')
  }
  override build(state: unknown, { fail }: Machine): void {
    const order = state instanceof PyTuple ? state.items[1] : undefined
    if (typeof order !== 'string' || !/^[<>=|]$/.test(order)) fail('a numpy dtype is described in an unknown way')
    this.bigEndian = order === '>'
  }
  override plain(): string {
    return BY_DESCRIPTOR.get(this.kind) ?? this.kind
  }
}

/** An array, empty until its state is told. */
export class NumpyArray extends PyObject {
  #tensor: Tensor | Unreadable | undefined

  static of(tensor: Tensor | Unreadable): NumpyArray {
    const array = new NumpyArray()
    array.#tensor = tensor
    return array
  }

  override build(state: unknown, machine: Machine): void {
    const [, shape, dtype, fortran, bytes] = state instanceof PyTuple ? state.items : []
    this.#tensor = arrayTensor(shape, dtype, fortran === true, bytes, machine)
  }

  override plain(): Tensor | Unreadable {
    return this.#tensor ?? new Unreadable('a numpy array without data')
  }
}

/** Bytes, also where Python 2 wrote them as a string. */
const rawBytes = (bytes: unknown): Uint8Array | undefined =>
  typeof bytes === 'string' ? Buffer.from(bytes) : ArrayBuffer.isView(bytes) ? (bytes as Uint8Array) : undefined

function arrayTensor(
  shape: unknown,
  dtype: unknown,
  fortran: boolean,
  bytes: unknown,
  { fail, spend }: Machine,
): Tensor | Unreadable {
  const sizes = shape instanceof PyTuple ? (shape.items as number[]) : undefined
  if (!(dtype instanceof NumpyDtype) || !sizes?.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    return fail('a numpy array is described in an unknown way')
  }
  const known = BY_DESCRIPTOR.get(dtype.kind)
  if (known === undefined) return new Unreadable(`a numpy array of ${dtype.kind}`, true)
  if (sizes.length > MAX_DIMS) return fail(`a numpy array has ${sizes.length} dims, over ${MAX_DIMS}`)
  const raw = rawBytes(bytes)
  if (raw?.byteLength !== countOf(sizes) * DTYPES[known].itemsize) {
    return fail('a numpy array has not the bytes it needs')
  }
  spend(raw.byteLength)
  const tensor = emptyOf(sizes, DTYPES[known])
  fillStorage(tensor.storage, raw, tensor.info, dtype.bigEndian)
  return fortran ? reinterpret(tensor, sizes, contiguousStrides([...sizes].reverse()).reverse(), 0) : tensor
}

function scalar([dtype, bytes]: unknown[], { fail }: Machine): unknown {
  const raw = rawBytes(bytes)
  if (!(dtype instanceof NumpyDtype)) return fail('a numpy scalar is described in an unknown way')
  const { kind, bigEndian } = dtype
  if (!/^(?:f[248]|[iu][1248]|b1)$/.test(kind)) return new Unreadable(`a numpy scalar of ${kind}`, true)
  const itemsize = Number(kind[1])
  if (raw?.byteLength !== itemsize) return fail('a numpy scalar has not the bytes it needs')
  const view = new DataView(raw.buffer, raw.byteOffset, itemsize)
  const little = !bigEndian
  const integer = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value)
  switch (kind) {
    case 'f8':
      return view.getFloat64(0, little)
    case 'f4':
      return view.getFloat32(0, little)
    case 'f2':
      return fromFloat16Bits(view.getUint16(0, little))
    case 'i8':
      return integer(view.getBigInt64(0, little))
    case 'u8':
      return integer(view.getBigUint64(0, little))
    case 'i4':
      return view.getInt32(0, little)
    case 'u4':
      return view.getUint32(0, little)
    case 'i2':
      return view.getInt16(0, little)
    case 'u2':
      return view.getUint16(0, little)
    case 'i1':
      return view.getInt8(0)
    case 'u1':
      return view.getUint8(0)
    default:
      return view.getUint8(0) !== 0
  }
}

/** What numpy's names stand for; its module is called `core` before numpy 2. */
export function numpyGlobal(module: string, name: string): PyGlobal | undefined {
  const define = (call: PyGlobal['call']): PyGlobal => new PyGlobal(module, name, call)
  switch (`${module.replace('._core.', '.core.')}.${name}`) {
    case 'numpy.dtype':
      return define(([code], { fail }) =>
        typeof code === 'string' ? new NumpyDtype(code) : fail('a numpy dtype without a code'),
      )
    case 'numpy.ndarray':
      return define(null)
    case 'numpy.core.multiarray.scalar':
      return define(scalar)
    case 'numpy.core.multiarray._reconstruct':
      return define(() => new NumpyArray())
    case 'numpy.core.numeric._frombuffer':
      return define(([bytes, dtype, shape, order], machine) =>
        NumpyArray.of(arrayTensor(shape, dtype, order === 'F', bytes, machine)),
      )
    default:
      return undefined
  }
}
