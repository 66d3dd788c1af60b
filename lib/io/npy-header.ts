/** The header of a `.npy` file: magic, version, and a Python dict of dtype, order and shape. */
import { DTypeError, FormatError } from '../errors'
import { type DType, DTYPE_LIST, DTYPES } from '../runtime/dtype'

const MAGIC = Buffer.from('\x93NUMPY', 'latin1')

/** By what stands after the sign for the order of bytes. */
export const BY_DESCRIPTOR = new Map(
  DTYPE_LIST.flatMap(({ npy, name }) => (npy === null ? [] : [[npy.slice(1), name] as const])),
)

export interface NpyHeader {
  readonly dtype: DType
  readonly bigEndian: boolean
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
}

/** The bytes before the version-dependent length: magic and version. */
export const NPY_PREFIX_LENGTH = 8

/** From the first eight bytes: how many bytes the length field has. */
export function npyLengthBytes(prefix: Uint8Array, source: string): 2 | 4 {
  const bytes = Buffer.from(prefix.buffer, prefix.byteOffset, prefix.byteLength)
  if (!bytes.subarray(0, 6).equals(MAGIC))
    throw new FormatError(`${source}: not a .npy file: the magic string is missing`, { source })
  const major = bytes[6]!
  if (major < 1 || major > 3)
    throw new FormatError(`${source}: .npy version ${major}.${bytes[7]} is unknown`, { source })
  return major === 1 ? 2 : 4
}

const FIELD =
  /\s*(['"])(descr|fortran_order|shape)\1\s*:\s*(?:(['"])([^'"]*)\3|(True|False)|\(([\d\s,L]*)\))\s*(?:,|$)/y

/** Reads the dict, which must have exactly the three fields, in any order. */
export function parseNpyDict(text: string, source: string): NpyHeader {
  const fail = (what: string): never => {
    throw new FormatError(`${source}: invalid .npy header: ${what}`, { source, header: text })
  }
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1] ?? fail('it is not a dict')
  const found: Record<string, string> = {}
  FIELD.lastIndex = 0
  while (body.slice(FIELD.lastIndex).trim() !== '') {
    const match = FIELD.exec(body)
    if (match === null) return fail('it is not a dict of descr, fortran_order and shape')
    const [, , key, , descriptor, flag, sizes] = match
    if (key! in found) fail(`${key} occurs twice`)
    const value = key === 'descr' ? descriptor : key === 'shape' ? sizes : flag
    if (value === undefined) return fail(`${key} has a value of the wrong kind`)
    found[key!] = value
  }
  const { descr, fortran_order: order, shape: sizes } = found
  if (descr === null || order === undefined || sizes === undefined) return fail('a field is missing')
  const dtype = BY_DESCRIPTOR.get(descr.slice(1))
  if (dtype === undefined || !'<>|='.includes(descr[0]!)) {
    throw new DTypeError(`${source}: the numpy dtype '${descr}' has no counterpart`, { source, descr })
  }
  const items = sizes.split(',').map((item) => item.trim())
  if (items.at(-1) === '') items.pop()
  const shape = items.map((item) => (/^\d+L?$/.test(item) ? Number.parseInt(item, 10) : fail(`the shape (${sizes})`)))
  return { dtype, bigEndian: descr[0] === '>', fortranOrder: order === 'True', shape }
}

/** The header that numpy would write for a row-major array. */
export function npyHeader(dtype: DType, shape: readonly number[]): Uint8Array {
  const descr = DTYPES[dtype].npy
  if (descr === null) throw new DTypeError(`numpy has no dtype ${dtype}: convert the tensor first`, { dtype })
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  // Room for the first size to grow to 20 digits, as numpy leaves it.
  const growth = shape.length > 0 ? Math.max(0, 21 - String(shape[0]).length) : 0
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }${' '.repeat(growth)}`
  const length = dict.length + 1
  const total = (field: number): number => length + 64 - ((NPY_PREFIX_LENGTH + field + length) % 64)
  const major = total(2) < 65536 ? 1 : 2
  const padded = total(major === 1 ? 2 : 4)
  const prefix = Buffer.concat([MAGIC, Buffer.from([major, 0]), Buffer.alloc(major === 1 ? 2 : 4)])
  if (major === 1) prefix.writeUInt16LE(padded, NPY_PREFIX_LENGTH)
  else prefix.writeUInt32LE(padded, NPY_PREFIX_LENGTH)
  return Buffer.concat([prefix, Buffer.from(`${dict.padEnd(padded - 1)}\n`, 'latin1')])
}
