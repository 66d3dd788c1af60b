/** Reads what test/oracle recorded from PyTorch: tensors with their exact bits and strides, calls, errors. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import * as tenzo from '../../lib'
import { type DType, slice, type Tensor, tensor } from '../../lib'
import { DTYPES } from '../../lib/runtime/dtype'

/** A recorded tensor: dtype, shape, strides and offset where not the default, and its elements in row-major order. */
export interface CodedTensor {
  t: DType
  s: number[]
  st?: number[]
  o?: number
  /** Floats: the hex of their little-endian bytes; the rest: a list. */
  d: string | (number | string)[]
  /** An input whose gradient is recorded. */
  g?: 1
}

export type Coded =
  | CodedTensor
  | { f: string }
  | { i: number }
  | { big: string }
  | { dtype: DType }
  | { slice: (number | null)[] }
  | { ellipsis: 1 }
  | null
  | boolean
  | number
  | string
  | Coded[]

export interface CodedCall {
  args: Coded[]
  opts: Record<string, Coded>
  /** Which argument is the receiver of the method form. */
  self?: number
  /** The option that may also be given by position. */
  first?: string
}

export interface GoldenCase extends CodedCall {
  dtype: DType
  out: Coded
  fields?: string[]
  grads?: (CodedTensor | null)[]
  requires?: boolean[]
  view?: [number[], number][]
  after?: (CodedTensor | null)[]
}

export interface GoldenError extends CodedCall {
  error: string
  message: string
}

export interface GoldenOp {
  name: string
  method: boolean
  free: boolean
  inplace: boolean
  cases: GoldenCase[]
  errors: GoldenError[]
}

/** GOLDENS_DIR: other samples than the repository's (test/oracle/README.md). */
export const ROOT = process.env.GOLDENS_DIR ?? join(__dirname, '..', 'goldens')

export function loadGoldens<T>(name: string): T {
  const bytes = readFileSync(join(ROOT, name))
  return JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as T
}

/** `log_softmax` → `logSoftmax`; a trailing underscore stays. */
export const camelCase = (name: string): string => name.replace(/(?<=.)_([a-z0-9])/g, (_, c: string) => c.toUpperCase())

const SCRATCH = new DataView(new ArrayBuffer(8))

/** The value of 16 bits of half precision or bfloat16. */
export function halfToNumber(bits: number, dtype: DType): number {
  if (dtype === 'bfloat16') {
    SCRATCH.setUint32(0, (bits << 16) >>> 0)
    return SCRATCH.getFloat32(0)
  }
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

/** The recorded elements as numbers, int64 as bigints. */
export function elementsOf(c: CodedTensor): (number | bigint)[] {
  if (typeof c.d !== 'string') return c.t === 'int64' ? c.d.map(BigInt) : c.d.map(Number)
  const bytes = Buffer.from(c.d, 'hex')
  const size = c.t === 'float64' ? 8 : c.t === 'float32' ? 4 : 2
  return Array.from({ length: bytes.length / size }, (_, i) =>
    size === 8
      ? bytes.readDoubleLE(i * 8)
      : size === 4
        ? bytes.readFloatLE(i * 4)
        : halfToNumber(bytes.readUInt16LE(i * 2), c.t),
  )
}

function typed(values: (number | bigint)[], dtype: DType): Tensor {
  const { array, compute } = DTYPES[dtype]
  // Half types are kept as bits.
  if (compute !== dtype) return tensor(Float64Array.from(values as number[])).to(dtype)
  const { from } = array as unknown as { from(v: (number | bigint)[]): Uint8Array }
  return tensor(from.call(array, values)).to(dtype)
}

/** The tensor as it was recorded, in a storage of its own with the same strides and offset. */
export function decodeTensor(c: CodedTensor): Tensor {
  const values = elementsOf(c)
  const offset = c.o ?? 0
  let t: Tensor
  if (c.st === undefined && offset === 0) t = typed(values, c.t).reshape(c.s).clone()
  else {
    const strides = c.st ?? contiguous(c.s)
    let last = offset
    for (let d = 0; d < c.s.length; d++) last += Math.max(0, c.s[d]! - 1) * strides[d]!
    // What lies between the elements must never be read.
    const filler =
      c.t === 'int64' ? 113n : c.t === 'bool' ? 1 : c.t.startsWith('float') || c.t === 'bfloat16' ? Number.NaN : 113
    const storage = new Array<number | bigint>(last + 1).fill(filler)
    places(c.s, strides, offset).forEach((place, i) => {
      storage[place] = values[i]!
    })
    t = typed(storage, c.t).asStrided(c.s, strides, { storageOffset: offset })
  }
  if (c.g) {
    t = t.detach()
    t.requiresGrad = true
  }
  return t
}

export function contiguous(shape: readonly number[]): number[] {
  const strides: number[] = []
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides.unshift(step)
    step *= Math.max(1, shape[i]!)
  }
  return strides
}

function places(shape: number[], strides: number[], offset: number): number[] {
  let out = [offset]
  for (let d = 0; d < shape.length; d++) {
    const next: number[] = []
    for (const base of out) for (let i = 0; i < shape[d]!; i++) next.push(base + i * strides[d]!)
    out = next
  }
  return out
}

export const isCodedTensor = (c: Coded | undefined): c is CodedTensor =>
  typeof c === 'object' && c !== null && !Array.isArray(c) && 'd' in c && 't' in c

/** The arguments of one call, made anew each time, and the tensors among them in order. */
export class Arguments {
  readonly tensors: Tensor[] = []
  readonly coded: CodedTensor[] = []
  readonly args: unknown[]
  readonly opts: Record<string, unknown> = {}

  /** @param wide integer scalars as bigints; else as numbers, which mean the same */
  constructor(
    call: CodedCall,
    private readonly wide = false,
  ) {
    this.args = call.args.map((a) => this.decode(a))
    for (const [name, value] of Object.entries(call.opts)) this.opts[camelCase(name)] = this.decode(value)
  }

  private decode(c: Coded): unknown {
    if (c === null || typeof c !== 'object') return c
    if (Array.isArray(c)) return c.map((x) => this.decode(x))
    if ('f' in c) return c.f === 'inf' ? Infinity : c.f === '-inf' ? -Infinity : Number(c.f)
    if ('i' in c) return this.wide ? BigInt(c.i) : c.i
    if ('big' in c) return BigInt(c.big)
    if ('dtype' in c) return c.dtype
    if ('slice' in c) return slice(...(c.slice as [number | null, number | null, number | null]))
    if ('ellipsis' in c) return '...'
    const t = decodeTensor(c)
    this.tensors.push(t)
    this.coded.push(c)
    return t
  }

  /** The inputs whose gradients are recorded. */
  get leaves(): Tensor[] {
    return this.tensors.filter((_, i) => this.coded[i]!.g)
  }
}

/** The gradient that every differentiable output was given (oracle.cotangent). */
export function cotangent(like: Tensor): Tensor {
  const values = Float64Array.from({ length: like.numel() }, (_, n) => (((n * 37 + 11) % 29) - 14) / 8)
  return tensor(values).to(like.dtype).reshape(like.shape)
}

/** All elements in row-major order, int64 as bigints. */
export function valuesOf(t: Tensor): (number | bigint)[] {
  const array = t.detach().contiguous().toTypedArray()
  if (t.dtype === 'float16' || t.dtype === 'bfloat16')
    return array instanceof Uint16Array
      ? Array.from(array, (bits) => halfToNumber(bits, t.dtype))
      : Array.from(array as Float32Array)
  return Array.from(array as Iterable<number | bigint>)
}

/** `nn.functional.relu` → tenzo.nn.functional.relu. */
export function freeFunction(name: string): ((...args: unknown[]) => unknown) | undefined {
  let owner: unknown = tenzo
  for (const part of name.split('.')) {
    owner = (owner as Record<string, unknown> | undefined)?.[camelCase(part)]
    if (owner === undefined) return undefined
  }
  return typeof owner === 'function' ? (owner as (...args: unknown[]) => unknown) : undefined
}
