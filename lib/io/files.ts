/** Reading at positions and writing whole files, with and without promises; what both io formats and checkpoints share. */
import * as fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { FormatError } from '../errors'

const openAsync: (path: string, flags: string) => Promise<number> = promisify(fs.open)
const statAsync: (fd: number) => Promise<fs.Stats> = promisify(fs.fstat)
const readAsync = promisify(fs.read)
const closeAsync = promisify(fs.close)

// One system call moves at most 2 GiB - 4 KiB on Linux, and Node refuses longer ones.
const LONGEST_CALL = 1 << 30

const truncated = (path: string, wanted: number, position: number): FormatError =>
  new FormatError(`${path}: the file ends at byte ${position}, ${wanted} bytes too early`, { path, position, wanted })

/** Fills `target` from `position`. */
export function readAt(fd: number, path: string, { target, position }: Read): void {
  for (let done = 0; done < target.byteLength; ) {
    const length = Math.min(target.byteLength - done, LONGEST_CALL)
    const count = fs.readSync(fd, target, done, length, position + done)
    if (count === 0) throw truncated(path, target.byteLength - done, position + done)
    done += count
  }
}

export async function readAtAsync(fd: number, path: string, { target, position }: Read): Promise<void> {
  for (let done = 0; done < target.byteLength; ) {
    const length = Math.min(target.byteLength - done, LONGEST_CALL)
    const { bytesRead } = await readAsync(fd, target, done, length, position + done)
    if (bytesRead === 0) throw truncated(path, target.byteLength - done, position + done)
    done += bytesRead
  }
}

/** A stretch of a file and the memory it is wanted in. */
export interface Read {
  readonly target: Uint8Array
  readonly position: number
}

/**
 * What a reader of a format does: it yields each read and goes on when that is done. Who drives it decides whether to
 * wait or to await, so a format is written once for both. It yields null between long stretches of work.
 */
export type Reading<R> = Generator<Read | null, R, undefined>

/** A file held open, with its size. */
export interface OpenFile {
  readonly fd: number
  readonly path: string
  readonly size: number
}

export function drive<R>({ fd, path }: OpenFile, reading: Reading<R>): R {
  let step = reading.next()
  for (; !step.done; step = reading.next()) if (step.value !== null) readAt(fd, path, step.value)
  return step.value
}

export async function driveAsync<R>({ fd, path }: OpenFile, reading: Reading<R>): Promise<R> {
  let step = reading.next()
  for (; !step.done; step = reading.next()) {
    await (step.value === null ? setImmediate() : readAtAsync(fd, path, step.value))
  }
  return step.value
}

/** Opens a file for `use`, which either keeps it (it says so by `keep`) or leaves it to be closed. */
export function withFile<R>(path: string, use: (file: OpenFile) => R, keep = false): R {
  const fd = fs.openSync(path, 'r')
  let kept = false
  try {
    const result = use({ fd, path, size: fs.fstatSync(fd).size })
    kept = keep
    return result
  } finally {
    if (!kept) fs.closeSync(fd)
  }
}

export async function withFileAsync<R>(path: string, use: (file: OpenFile) => Promise<R>, keep = false): Promise<R> {
  const fd = await openAsync(path, 'r')
  let kept = false
  try {
    const { size } = await statAsync(fd)
    const result = await use({ fd, path, size })
    kept = keep
    return result
  } finally {
    if (!kept) await closeAsync(fd)
  }
}

// The new content takes the file's name only when it is complete and on the disk: whoever reads the name, even after a
// crash, finds the old file or the new one. A link is followed, so that it goes on pointing where it did.
function beside(path: string): { target: string; temporary: string } {
  let target = path
  try {
    target = fs.realpathSync(path)
  } catch {
    // Not there yet.
  }
  return { target, temporary: join(dirname(target), `.${basename(target)}.${globalThis.crypto.randomUUID()}.tmp`) }
}

const SMALL_WRITES = 64 * 1024

/** The same bytes with small chunks put together, so that a file of many tensors does not take a system call or two for each. */
function* inFewerPieces(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const gathered = new Uint8Array(SMALL_WRITES)
  let length = 0
  for (const chunk of chunks) {
    if (length > 0 && length + chunk.byteLength > SMALL_WRITES) {
      yield gathered.subarray(0, length)
      length = 0
    }
    if (chunk.byteLength > SMALL_WRITES) {
      yield chunk
      continue
    }
    gathered.set(chunk, length)
    length += chunk.byteLength
  }
  yield gathered.subarray(0, length)
}

/** Writes the chunks to `path`, all or nothing. */
export function writeFile(path: string, chunks: Iterable<Uint8Array>): void {
  const { target, temporary } = beside(path)
  const fd = fs.openSync(temporary, 'wx')
  try {
    try {
      for (const chunk of inFewerPieces(chunks)) {
        for (let done = 0; done < chunk.byteLength; ) {
          done += fs.writeSync(fd, chunk, done, Math.min(chunk.byteLength - done, LONGEST_CALL))
        }
      }
      fs.fsyncSync(fd)
    } finally {
      fs.closeSync(fd)
    }
    fs.renameSync(temporary, target)
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  }
}

export async function writeFileAsync(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const { target, temporary } = beside(path)
  const handle = await fs.promises.open(temporary, 'wx')
  try {
    try {
      for (const chunk of inFewerPieces(chunks)) {
        for (let done = 0; done < chunk.byteLength; ) {
          const { bytesWritten } = await handle.write(chunk, done, Math.min(chunk.byteLength - done, LONGEST_CALL))
          done += bytesWritten
        }
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    await fs.promises.rename(temporary, target)
  } catch (error) {
    await fs.promises.rm(temporary, { force: true })
    throw error
  }
}
