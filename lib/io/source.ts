/** Bytes of a file in order, as they are or packed: read straight to where they are wanted, and never held twice. */
import type { Inflate } from 'fflate'
import { FormatError } from '../errors'
import type { OpenFile, Reading } from './files'

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

/** What is unpacked at a time. No deflate stream grows more than 1032-fold, so this takes 17 MB at most. */
const PACKED_BYTES = 16 * 1024
export const DEFLATE_GROWTH = 1032

/** A part of a file packed by deflate, whose length unpacked is told beforehand and held to. */
export class DeflatedSource implements Source {
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
    position: number,
    packedLength: number,
    length: number,
    readonly name: string,
  ) {
    this.#position = position
    this.#packedLeft = packedLength
    this.#left = length
    this.#expected = length
    this.#input = new Uint8Array(Math.min(PACKED_BYTES, packedLength))
    this.#inflate = new (fflate().Inflate)((chunk) => {
      this.#expected -= chunk.length
      if (chunk.length > 0) this.#ready.push(chunk)
    })
  }

  get left(): number {
    return this.#left
  }

  #fail(what: string): never {
    throw new FormatError(`${this.file.path}: not a valid zip archive: ${this.name} ${what}`, { path: this.file.path })
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
    if (input.byteLength === 0) this.#fail(`ends ${this.#expected} bytes too early`)
    yield* this.file.read(input, this.#position)
    this.#position += input.byteLength
    this.#packedLeft -= input.byteLength
    try {
      this.#inflate.push(input, this.#packedLeft === 0)
    } catch (error) {
      this.#fail(`cannot be unpacked: ${(error as Error).message}`)
    }
    if (this.#expected < 0) this.#fail('has more bytes than it announces')
  }
}
