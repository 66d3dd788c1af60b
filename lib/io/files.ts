/** Files that are read at positions, and how much memory they may have. */
import * as fs from 'node:fs'
import { ArgumentError, FormatError, MemoryError, ReleasedError } from '../errors'
import { shown } from '../runtime/given'
import { attempt, call, named, type Steps } from './system'

export { drive, driveAsync } from './system'

/**
 * What a reader of a format does: it asks for each read and goes on when that is done, so a format is written once for the
 * form that waits and the one that awaits.
 */
export type Reading<R> = Steps<R>

// One system call moves at most 2 GiB - 4 KiB on Linux, and Node refuses longer ones.
export const LONGEST_CALL = 1 << 30

/** What packed content may take unless the caller says otherwise: so much, or so many times the file. */
const DEFAULT_MAX_BYTES = 4 * 1024 ** 3
const DEFAULT_GROWTH = 16

/** How far a reader trusts a file. */
export interface ReadOptions {
  /**
   * The most bytes that the content of the file may have, unpacked: a compressed file of a few megabytes can announce gigabytes.
   * Default 4 GiB, or 16 times the file where that is more, so that only what is compressed can be over it.
   */
  maxBytes?: number
}

/** Bytes that can be read at any position. */
export interface OpenFile {
  readonly path: string
  readonly size: number
  /** The most bytes that the content may have. */
  readonly limit: number
  /** Fills `target` from `position`. */
  read(target: Uint8Array, position: number): Reading<void>
}

function limitOf(size: number, { maxBytes }: ReadOptions): number {
  if (maxBytes === undefined) return Math.max(DEFAULT_MAX_BYTES, DEFAULT_GROWTH * size)
  if (typeof maxBytes !== 'number' || !(maxBytes >= 0)) {
    throw new ArgumentError(`the option maxBytes must be a number of bytes, but got ${shown(maxBytes)}`, { maxBytes })
  }
  return maxBytes
}

/** A file of the system, by its descriptor. */
export class SystemFile implements OpenFile {
  readonly limit: number
  constructor(
    readonly fd: number,
    readonly path: string,
    readonly size: number,
    options: ReadOptions,
  ) {
    this.limit = limitOf(size, options)
  }

  *read(target: Uint8Array, position: number): Reading<void> {
    for (let done = 0; done < target.byteLength; ) {
      const length = Math.min(target.byteLength - done, LONGEST_CALL)
      const count = yield* call('read', this.fd, target, done, length, position + done)
      if (count === 0) {
        const wanted = target.byteLength - done
        throw new FormatError(`${this.path}: the file ends at byte ${position + done}, ${wanted} bytes too early`, {
          path: this.path,
          position: position + done,
          wanted,
        })
      }
      done += count
    }
  }
}

/** Bytes that are in memory, as a file. */
export function fileOf(bytes: Uint8Array, path: string, options: ReadOptions): OpenFile {
  return {
    path,
    size: bytes.byteLength,
    limit: limitOf(bytes.byteLength, options),
    // biome-ignore lint/correctness/useYield: nothing is to be waited for
    *read(target, position) {
      target.set(bytes.subarray(position, position + target.byteLength))
    },
  }
}

/**
 * Opens a file for `use`, which either keeps it (it says so by `keep`) or leaves it to be closed.
 *
 * @throws FileError for what the system refuses
 */
export function* withFile<R>(
  path: string,
  use: (file: SystemFile) => Reading<R>,
  { keep = false, ...options }: ReadOptions & { keep?: boolean } = {},
): Reading<R> {
  let fd: number | undefined
  let kept = false
  try {
    fd = yield* call('open', path, 'r')
    const { size } = yield* call('fstat', fd)
    const file = new SystemFile(fd, path, size, options)
    const result = yield* use(file)
    kept = keep
    return result
  } catch (error) {
    throw named(path, error)
  } finally {
    if (fd !== undefined && !kept) yield* attempt('close', fd)
  }
}

const forgotten = new FinalizationRegistry((fd: number) => fs.closeSync(fd))

/** A file that stays open until it is closed, or nobody has it any more. */
export class HeldFile {
  #file: SystemFile | null
  readonly #path: string
  constructor(file: SystemFile) {
    this.#file = file
    this.#path = file.path
    forgotten.register(this, file.fd, this)
  }

  /** @throws ReleasedError once it is closed */
  get file(): SystemFile {
    if (this.#file === null) throw new ReleasedError(`${this.#path}: the file is closed`, { path: this.#path })
    return this.#file
  }

  /** A reading of it, which keeps it. */
  *use<R>(reading: Reading<R>): Reading<R> {
    try {
      return yield* reading
    } catch (error) {
      throw named(this.#path, error)
    }
  }

  close(): void {
    const file = this.#file
    this.#file = null
    if (file === null) return
    forgotten.unregister(this)
    fs.closeSync(file.fd)
  }
}

/** @throws MemoryError where the content of a file takes more than its limit */
export function checkLimit({ path, size, limit }: OpenFile, needed: number): void {
  if (needed <= limit) return
  const what = `its content takes ${needed} bytes, over the limit of ${limit}: if it can be trusted, raise maxBytes`
  throw new MemoryError(`${path}: ${what}`, { path, size, needed, maxBytes: limit })
}

/** New memory for a part of a file. @internal */
export function bytesFor({ path }: OpenFile, length: number): Buffer {
  try {
    return Buffer.allocUnsafeSlow(length)
  } catch (error) {
    throw new MemoryError(`${path}: cannot allocate ${length} bytes: ${(error as Error).message}`, { path, length })
  }
}
