/** `safeOpen`: a safetensors file of which only what is asked for is read. */
import { expectDevice } from '../check/arguments'
import { optionsOf } from '../check/options'
import { ArgumentError, NotImplementedError, ValueError } from '../errors'
import { copyInto, emptyOf } from '../ops/define/results'
import { at, type Index, Slice } from '../ops/indexing/indexing'
import type { DTypeInfo } from '../runtime/dtype'
import { allocate } from '../runtime/storage'
import { contiguousStrides, countOf } from '../tensor/shape'
import { reinterpret, Tensor } from '../tensor/tensor'
import { drive, driveAsync, HeldFile, type OpenFile, type Reading, type SystemFile, withFile } from './files'
import {
  readSafetensorsHeader,
  type SafetensorsDType,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from './safetensors'
import { byName } from './shared-memory'
import { StoredSource } from './source'
import { infoOf } from './state-file'
import { readTensor } from './tensor-bytes'

export interface SafeOpenOptions {
  /** Where the tensors are made. Only `'cpu'`. */
  device?: 'cpu'
}

/** An entry of a slice's index: what picks a part without looking at values. */
export type SliceIndex = number | bigint | Slice | null | '...'

/** A safetensors file that is open: `safe_open` of the Python library. Close it, or let `using` do so. */
export class SafeFile {
  readonly path: string
  readonly #held: HeldFile
  readonly #header: SafetensorsHeader

  /** @internal */
  constructor(file: SystemFile, header: SafetensorsHeader) {
    this.#held = new HeldFile(file)
    this.#header = header
    this.path = file.path
  }

  /** The names of the tensors, sorted. */
  keys(): string[] {
    return this.offsetKeys().sort(byName)
  }

  /** The names of the tensors in the order in which they lie in the file. */
  offsetKeys(): string[] {
    return [...this.#header.tensors.keys()]
  }

  /** Free text that goes with the file; null where there is none. */
  metadata(): Record<string, string> | null {
    const metadata = { ...this.#header.metadata }
    return Object.keys(metadata).length > 0 ? metadata : null
  }

  /**
   * Reads a tensor.
   *
   * @throws ValueError for a name that is not there; DTypeError for a dtype that no tensor has; ReleasedError after `close`;
   *   FormatError where the file was truncated meanwhile
   */
  getTensor(name: string): Tensor {
    return this.getSlice(name).at()
  }

  /** `getTensor` off the main thread's time. */
  async getTensorAsync(name: string): Promise<Tensor> {
    return this.getSlice(name).atAsync()
  }

  /**
   * A tensor that is read in parts; nothing is read yet.
   *
   * @throws ValueError for a name that is not there; ReleasedError after `close`
   */
  getSlice(name: string): SafeSlice {
    const entry = this.#header.tensors.get(name)
    if (entry === undefined) {
      throw new ValueError(`${this.path}: no tensor is named ${JSON.stringify(name)}`, { path: this.path, name })
    }
    return new SafeSlice(this.#held, name, entry)
  }

  /** Closes the file; closing it again does nothing. */
  close(): void {
    this.#held.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** A tensor in an open safetensors file. */
export class SafeSlice {
  readonly #held: HeldFile
  readonly #entry: SafetensorsEntry
  readonly #name: string

  /** @internal */
  constructor(held: HeldFile, name: string, entry: SafetensorsEntry) {
    this.#held = held
    this.#name = name
    this.#entry = entry
    void held.file
  }

  getShape(): number[] {
    return [...this.#entry.shape]
  }

  /** The element type by its name in the format: `'F32'`. */
  getDtype(): SafetensorsDType {
    return this.#entry.dtype
  }

  /**
   * Reads a part, by the index that `Tensor.at` would take for it: numbers, slices, null and `'...'`; without one, all of it. Only the
   * part is read, but for gaps of a few kilobytes, and only it is held.
   *
   * @throws IndexError for an index out of range; NotImplementedError for tensors, masks and lists; DTypeError for a dtype that no
   *   tensor has; ReleasedError after `close`; FormatError where the file was truncated meanwhile
   */
  at(...index: SliceIndex[]): Tensor {
    return drive(this.#held.use(this.#read(index)))
  }

  /** `at` off the main thread's time. */
  async atAsync(...index: SliceIndex[]): Promise<Tensor> {
    return driveAsync(this.#held.use(this.#read(index)))
  }

  *#read(index: readonly SliceIndex[]): Reading<Tensor> {
    const { file } = this.#held
    const { shape, offset } = this.#entry
    const info = infoOf(file.path, this.#name, this.#entry)
    for (const item of index) checkItem(item)
    // A tensor over no memory: what is picked of it tells where the elements lie.
    const whole = new Tensor(allocate(0), 0, shape, contiguousStrides(shape), info, countOf(shape), true)
    const picked = index.length === 0 ? whole : at(whole, ...index)
    const out = emptyOf(picked.sizes, info)
    yield* new PartReader(file, offset, info).read(picked, out)
    return out
  }
}

function checkItem(item: Index): void {
  const isBasic = typeof item === 'number' || typeof item === 'bigint' || item instanceof Slice
  if (isBasic || item === null || item === '...') return
  throw new NotImplementedError(
    'a part of a file is picked by numbers, slices, null and "...": read a tensor by getTensor(name), and index that with lists, tensors and masks',
  )
}

/** What is read at once of elements that do not lie in a row. */
const SPAN_BYTES = 1024 * 1024
/** A gap that takes less time to read than another call. */
const GAP_BYTES = 16 * 1024

/** Where elements lie. */
type Places = Pick<Tensor, 'sizes' | 'strides' | 'offset' | 'count'>

/** Reads strided parts of a stretch of a file. */
class PartReader {
  #scratch: Tensor | undefined
  constructor(
    readonly file: OpenFile,
    /** Of the first element. */
    readonly start: number,
    readonly info: DTypeInfo,
  ) {}

  /** Reads elements from their places into a row-major tensor. */
  *read(places: Places, out: Tensor): Reading<void> {
    const { sizes, strides, offset, count } = places
    if (count === 0) return
    const { itemsize } = this.info
    const source = new StoredSource(this.file, this.start + offset * itemsize)
    const span = spanOf(sizes, strides)
    if (span === count) {
      yield* readTensor(out, source)
      return
    }
    const dim = sizes.findIndex((size) => size > 1)
    const stride = strides[dim]!
    const inner = span - (sizes[dim]! - 1) * stride
    const most = SPAN_BYTES / itemsize
    const rows = stride * itemsize <= GAP_BYTES ? Math.max(1, Math.floor((most - inner) / stride) + 1) : 1
    if (rows >= sizes[dim]!) {
      this.#scratch ??= emptyOf([most], this.info)
      const row = reinterpret(this.#scratch, [span], [1], 0)
      yield* readTensor(row, source)
      copyInto(out, reinterpret(row, sizes, strides, 0))
      return
    }
    const outStrides = contiguousStrides(sizes)
    for (let first = 0; first < sizes[dim]!; first += rows) {
      const part = sizes.with(dim, Math.min(rows, sizes[dim]! - first))
      const target = reinterpret(out, part, outStrides, out.offset + first * outStrides[dim]!)
      yield* this.read({ sizes: part, strides, offset: offset + first * stride, count: countOf(part) }, target)
    }
  }
}

/** From the first element to behind the last. */
const spanOf = (sizes: readonly number[], strides: readonly number[]): number =>
  sizes.reduce((last, size, dim) => last + (size - 1) * strides[dim]!, 1)

function opened(op: string, path: unknown, options: SafeOpenOptions): Reading<SafeFile> {
  if (typeof path !== 'string') throw new ArgumentError(`${op}(): the path must be a string, but got ${typeof path}`)
  const { device } = optionsOf<SafeOpenOptions>(op, ['device'], options)
  if (device !== undefined) expectDevice(op, device)
  const open = function* (file: SystemFile): Reading<SafeFile> {
    return new SafeFile(file, yield* readSafetensorsHeader(file))
  }
  return withFile(path, open, { keep: true })
}

/**
 * Opens a safetensors file and reads its header; tensors, or parts of them, are read when they are asked for.
 *
 * @example
 * using file = safeOpen('model.safetensors')
 * for (const name of file.keys()) console.log(name, file.getSlice(name).getShape())
 * const rows = file.getSlice('embed.weight').at(slice(0, 10))
 * @throws FileError where the file cannot be opened; FormatError for what is no safetensors file
 */
export function safeOpen(path: string, options: SafeOpenOptions = {}): SafeFile {
  return drive(opened('safeOpen', path, options))
}

/** `safeOpen` off the main thread's time. */
export async function safeOpenAsync(path: string, options: SafeOpenOptions = {}): Promise<SafeFile> {
  return driveAsync(opened('safeOpenAsync', path, options))
}
