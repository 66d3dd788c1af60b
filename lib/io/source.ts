/** Bytes of a file in order, as they are or packed: read straight to where they are wanted, and never held twice. */
import type { Inflate } from 'fflate'
import { FormatError } from '../errors'
import { bytesFor, fileOf, type OpenFile, type Reading } from './files'
import { call } from './system'

/** Loaded with the first packed entry: most programs read none. */
const fflate = (): typeof import('fflate') => require('fflate')

/** A stretch of bytes. */
export interface Source {
  /** How many follow. */
  readonly left: number
  /** Fills `target` with the next. */
  read(target: Uint8Array): Reading<void>
}

/** A part of a file as it is. */
export class StoredSource implements Source {
  #position: number
  #left: number
  constructor(
    readonly file: OpenFile,
    position = 0,
    length = file.size - position,
  ) {
    this.#position = position
    this.#left = length
  }

  get left(): number {
    return this.#left
  }

  *read(target: Uint8Array): Reading<void> {
    const position = this.#position
    this.#position += target.byteLength
    this.#left -= target.byteLength
    yield* this.file.read(target, position)
  }
}

/**
 * What zlib unpacks at once, on its own thread where it is awaited: two to three times as fast as a stream of fflate, which is the
 * one that also goes on without waiting, and holds nothing twice.
 */
const AT_ONCE_BYTES = 32 * 1024 * 1024

/** A part of a file packed by deflate, whose length unpacked is told beforehand. */
export interface Packed {
  readonly name: string
  readonly position: number
  readonly packed: number
  readonly size: number
}

const unpackable = (path: string, name: string, what: string): FormatError =>
  new FormatError(`${path}: not a valid zip archive: ${name} ${what}`, { path, name })
const TOO_LONG = 'has more bytes than it announces'
const tooShort = (missing: number): string => `ends ${missing} bytes too early`

/** @throws FormatError where it unpacks to another length */
export function* deflatedSource(file: OpenFile, entry: Packed): Reading<Source> {
  const { name, position, packed, size } = entry
  if (size > AT_ONCE_BYTES) return new DeflatedSource(file, entry)
  const input = bytesFor(file, packed)
  yield* file.read(input, position)
  let bytes: Uint8Array
  try {
    // In one piece: by default it comes in many, which are joined.
    bytes = yield* call('inflateRaw', input, { chunkSize: Math.max(size + 1, 64), maxOutputLength: Math.max(size, 1) })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw unpackable(file.path, name, code === 'ERR_BUFFER_TOO_LARGE' ? TOO_LONG : `cannot be unpacked: ${message}`)
  }
  if (bytes.byteLength !== size) {
    throw unpackable(file.path, name, bytes.byteLength > size ? TOO_LONG : tooShort(size - bytes.byteLength))
  }
  return new StoredSource(fileOf(bytes, file.path, { maxBytes: size }))
}

/** What is unpacked at a time. No deflate stream grows more than 1032-fold, so this takes 17 MB at most. */
const PACKED_BYTES = 16 * 1024
export const DEFLATE_GROWTH = 1032

/** A large one, unpacked piece by piece. */
class DeflatedSource implements Source {
  #left: number
  #position: number
  #packedLeft: number
  /** Unpacked, but not asked for yet. */
  #ready: Uint8Array[] = []
  /** What is still to come out of the stream. */
  #expected: number
  readonly #input: Uint8Array
  readonly #inflate: Inflate

  constructor(
    readonly file: OpenFile,
    readonly entry: Packed,
  ) {
    const { position, packed, size } = entry
    this.#position = position
    this.#packedLeft = packed
    this.#left = size
    this.#expected = size
    this.#input = new Uint8Array(Math.min(PACKED_BYTES, packed))
    this.#inflate = new (fflate().Inflate)((chunk) => {
      this.#expected -= chunk.length
      if (chunk.length > 0) this.#ready.push(chunk)
    })
  }

  get left(): number {
    return this.#left
  }

  #fail(what: string): never {
    throw unpackable(this.file.path, this.entry.name, what)
  }

  *read(target: Uint8Array): Reading<void> {
    const length = this.#left
    for (let done = 0; done < target.byteLength; ) {
      const chunk = this.#ready[0]
      if (chunk === undefined) {
        yield* this.#unpack()
        continue
      }
      const part = chunk.subarray(0, target.byteLength - done)
      target.set(part, done)
      done += part.byteLength
      if (part.byteLength < chunk.byteLength) this.#ready[0] = chunk.subarray(part.byteLength)
      else this.#ready.shift()
    }
    this.#left = length - target.byteLength
    while (this.#left === 0 && this.#packedLeft > 0) yield* this.#unpack()
  }

  *#unpack(): Reading<void> {
    const input = this.#input.subarray(0, this.#packedLeft)
    if (input.byteLength === 0) this.#fail(tooShort(this.#expected))
    yield* this.file.read(input, this.#position)
    this.#position += input.byteLength
    this.#packedLeft -= input.byteLength
    try {
      this.#inflate.push(input, this.#packedLeft === 0)
    } catch (error) {
      this.#fail(`cannot be unpacked: ${(error as Error).message}`)
    }
    if (this.#expected < 0) this.#fail(TOO_LONG)
  }
}
