/**
 * What files want of the system, told apart from how it is done: a generator yields each call and goes on with its answer, and
 * who drives it decides whether to wait or to await. So reading and writing are written once for both.
 */
import * as fs from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { getSystemErrorMap, promisify } from 'node:util'
import { FileError } from '../errors'

/** What is asked of the state of a file. (Of our own, so that declarations need none of Node's.) */
export interface Stats {
  readonly mode: number
  readonly size: number
  readonly uid: number
  readonly gid: number
  isFile(): boolean
  isDirectory(): boolean
}
/** Of zlib's options those that are used. */
export interface UnzipOptions {
  chunkSize?: number
  maxOutputLength?: number
  finishFlush?: number
}
/** The calls by node's names, with their arguments and results. */
interface Calls {
  close(fd: number): void
  fchmod(fd: number, mode: number): void
  fchown(fd: number, uid: number, gid: number): void
  fstat(fd: number): Stats
  fsync(fd: number): void
  gunzip(bytes: Uint8Array, options: UnzipOptions): Uint8Array
  inflateRaw(bytes: Uint8Array, options: UnzipOptions): Uint8Array
  open(path: string, flags: string | number, mode?: number): number
  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number
  readdir(path: string): string[]
  readlink(path: string): string
  realpath(path: string): string
  rename(from: string, to: string): void
  stat(path: string): Stats
  unlink(path: string): void
  write(fd: number, bytes: Uint8Array, offset: number, length: number): number
}

/** Loaded with the first packed file: most programs read none. */
const zlib = (): typeof import('node:zlib') => require('node:zlib')

const WAITING: Calls = {
  close: fs.closeSync,
  fchmod: fs.fchmodSync,
  fchown: fs.fchownSync,
  fstat: fs.fstatSync,
  fsync: fs.fsyncSync,
  gunzip: (bytes, options) => zlib().gunzipSync(bytes, options),
  inflateRaw: (bytes, options) => zlib().inflateRawSync(bytes, options),
  open: fs.openSync,
  read: fs.readSync,
  readdir: fs.readdirSync as Calls['readdir'],
  readlink: fs.readlinkSync as Calls['readlink'],
  realpath: fs.realpathSync,
  rename: fs.renameSync,
  stat: fs.statSync,
  unlink: fs.unlinkSync,
  write: fs.writeSync,
}

const writeAsync = promisify(fs.write)
const readAsync = promisify(fs.read)

const AWAITING: { readonly [K in keyof Calls]: (...args: Parameters<Calls[K]>) => Promise<ReturnType<Calls[K]>> } = {
  close: promisify(fs.close),
  fchmod: promisify(fs.fchmod),
  fchown: promisify(fs.fchown),
  fstat: promisify(fs.fstat),
  fsync: promisify(fs.fsync),
  gunzip: (bytes, options) => promisify<Uint8Array, UnzipOptions, Uint8Array>(zlib().gunzip)(bytes, options),
  inflateRaw: (bytes, options) => promisify<Uint8Array, UnzipOptions, Uint8Array>(zlib().inflateRaw)(bytes, options),
  open: promisify(fs.open),
  read: async (...args) => (await readAsync(...args)).bytesRead,
  readdir: promisify(fs.readdir),
  readlink: promisify(fs.readlink),
  realpath: promisify(fs.realpath),
  rename: promisify(fs.rename),
  stat: promisify(fs.stat),
  unlink: promisify(fs.unlink),
  write: async (...args) => (await writeAsync(...args)).bytesWritten,
}

/** A call that is wanted. */
export interface Call {
  readonly name: keyof Calls
  readonly args: readonly unknown[]
}

/** What is yielded: a call, or null between long stretches of work. */
export type Steps<R> = Generator<Call | null, R, unknown>

/** Has a call made. */
export function* call<K extends keyof Calls>(name: K, ...args: Parameters<Calls[K]>): Steps<ReturnType<Calls[K]>> {
  return (yield { name, args }) as ReturnType<Calls[K]>
}

/** A call whose failure does not matter, or says what is asked: undefined then. */
export function* attempt<K extends keyof Calls>(
  name: K,
  ...args: Parameters<Calls[K]>
): Steps<ReturnType<Calls[K]> | undefined> {
  try {
    return yield* call(name, ...args)
  } catch {
    return undefined
  }
}

type AnyCall = (...args: readonly unknown[]) => unknown

/** Makes every call at once. */
export function drive<R>(steps: Steps<R>): R {
  let step = steps.next()
  while (!step.done) {
    let answer: unknown
    try {
      if (step.value !== null) answer = (WAITING[step.value.name] as AnyCall)(...step.value.args)
    } catch (error) {
      step = steps.throw(error)
      continue
    }
    step = steps.next(answer)
  }
  return step.value
}

/** Makes every call off the main thread's time. */
export async function driveAsync<R>(steps: Steps<R>): Promise<R> {
  let step = steps.next()
  while (!step.done) {
    let answer: unknown
    try {
      if (step.value === null) await setImmediate()
      else answer = await (AWAITING[step.value.name] as AnyCall)(...step.value.args)
    } catch (error) {
      step = steps.throw(error)
      continue
    }
    step = steps.next(answer)
  }
  return step.value
}

/** The system's own error as Tenzo's, with the path that the user knows; any other as it is. */
export function named(path: string, error: unknown): unknown {
  const { code, syscall, errno } = error as NodeJS.ErrnoException
  if (typeof code !== 'string' || typeof syscall !== 'string') return error
  const [, text] = getSystemErrorMap().get(errno ?? 0) ?? ['', (error as Error).message]
  return new FileError(`${path}: ${text} (${code}, ${syscall})`, { path, code, syscall }, { cause: error })
}
