/** Writing whole files: all or nothing, and whatever stood under the name before keeps its kind, its mode and its owner. */
import { createHash, randomUUID } from 'node:crypto'
import * as fs from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { FileError } from '../errors'
import { LONGEST_CALL } from './files'
import { attempt, call, named, type Stats, type Steps } from './system'

/** What a path stands for. */
export interface Target {
  /** Where the content goes: what a link points at, in the end. */
  readonly path: string
  /** The regular file that is replaced; null where there is none yet. */
  readonly replaced: Stats | null
  /** Whether it is no place for a file but a way to somebody: a pipe, a socket, a device. */
  readonly through: boolean
}

// As many as Linux follows.
const MAX_LINKS = 40

/** @throws FileError for a directory */
export function* targetOf(path: string): Steps<Target> {
  let found: Stats
  try {
    found = yield* call('stat', path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { path: yield* endOfLinks(path), replaced: null, through: false }
  }
  if (found.isDirectory()) {
    throw new FileError(`${path}: illegal operation on a directory (EISDIR)`, { path, code: 'EISDIR' })
  }
  if (!found.isFile()) return { path, replaced: null, through: true }
  // A file is not replaced that could not be written to. (Opened, since `access` asks for the real user and not the effective one.)
  yield* attempt('close', yield* call('open', path, fs.constants.O_WRONLY))
  return { path: yield* call('realpath', path), replaced: found, through: false }
}

/** What a link to nothing points at; the path itself where it is no link. */
function* endOfLinks(path: string): Steps<string> {
  let at = path
  for (let i = 0; i < MAX_LINKS; i++) {
    const next = yield* attempt('readlink', at)
    if (next === undefined) return at
    // Not by join(), which takes `x/..` away where x may be a link itself.
    at = isAbsolute(next) ? next : `${dirname(at)}/${next}`
  }
  return at
}

const digest = (text: string, length: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, length)

function attemptNow<R>(read: () => R): R | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** When a process began, in the system's own count; '' where it does not tell. */
function startOf(pid: number): string {
  const stat = attemptNow(() => fs.readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? ''
  // The second field is a name in parentheses, which may hold anything; the start is the 22nd.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

let here: string | undefined
/** Where the numbers of processes hold: another computer or container that writes to the same folder has its own. */
function place(): string {
  here ??= digest(`${hostname()} ${attemptNow(() => fs.readlinkSync('/proc/self/ns/pid')) ?? ''}`, 8)
  return here
}

/** Whether the process that made a temporary file lives no more. A new one may have its number, but not its start. */
function isGone(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
  const now = startOf(pid)
  return start !== '' && now !== '' && start !== now
}

const LONGEST_STEM = 100

/** How the temporary files of a target begin: hidden, beside it, with its name where that is short enough to be a part of one. */
function stemOf(target: string): string {
  const name = basename(target)
  return `.${Buffer.byteLength(name) <= LONGEST_STEM ? name : digest(name, 32)}.`
}

const temporaryOf = (target: string): string =>
  join(dirname(target), `${stemOf(target)}${place()}-${process.pid}-${startOf(process.pid)}-${randomUUID()}.tmp`)

const OWNER = /^([0-9a-f]{8})-(\d+)-(\d*)-[0-9a-f-]{36}\.tmp$/

/** Removes what processes that were killed while they wrote this file have left. */
function* removeLeftovers(target: string): Steps<void> {
  const stem = stemOf(target)
  for (const name of (yield* attempt('readdir', dirname(target))) ?? []) {
    const [, where, pid, start] = (name.startsWith(stem) && OWNER.exec(name.slice(stem.length))) || []
    if (where === place() && isGone(Number(pid), start!)) yield* attempt('unlink', join(dirname(target), name))
  }
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

function* writeAll(fd: number, chunks: Iterable<Uint8Array>): Steps<void> {
  for (const chunk of inFewerPieces(chunks)) {
    for (let done = 0; done < chunk.byteLength; ) {
      done += yield* call('write', fd, chunk, done, Math.min(chunk.byteLength - done, LONGEST_CALL))
    }
  }
}

/** Gives a new file the owner, the group and the mode of the one it replaces, as far as the process may. */
function* inherit(fd: number, { uid, gid, mode }: Stats): Steps<void> {
  const made = yield* call('fstat', fd)
  if (made.uid !== uid || made.gid !== gid) {
    yield* attempt('fchown', fd, made.uid, gid)
    yield* attempt('fchown', fd, uid, gid)
  }
  // What its group might read is not for another one.
  const kept = (yield* call('fstat', fd)).gid === gid
  yield* attempt('fchmod', fd, mode & (kept ? 0o7777 : 0o7707))
}

/** The new name is safe when its folder is on the disk. Not every system lets a folder be opened or synchronised. */
function* syncFolder(folder: string): Steps<void> {
  const fd = yield* attempt('open', folder, 'r')
  if (fd === undefined) return
  yield* attempt('fsync', fd)
  yield* attempt('close', fd)
}

function* writeThrough(path: string, chunks: Iterable<Uint8Array>): Steps<void> {
  const fd = yield* call('open', path, fs.constants.O_WRONLY)
  try {
    yield* writeAll(fd, chunks)
  } finally {
    yield* call('close', fd)
  }
}

/** The new content takes the name only when it is complete and on the disk: whoever reads it, even after a crash, finds the old or the new. */
function* replace(target: string, replaced: Stats | null, chunks: Iterable<Uint8Array>): Steps<void> {
  yield* removeLeftovers(target)
  const temporary = temporaryOf(target)
  // Until it has the rights of the old file, a new one is for nobody else; without an old one the umask rules.
  const fd = yield* call('open', temporary, 'wx', replaced === null ? 0o666 : 0o600)
  try {
    try {
      if (replaced !== null) yield* inherit(fd, replaced)
      yield* writeAll(fd, chunks)
      yield* call('fsync', fd)
    } finally {
      yield* call('close', fd)
    }
    yield* call('rename', temporary, target)
  } catch (error) {
    yield* attempt('unlink', temporary)
    throw error
  }
  yield* syncFolder(dirname(target))
}

/**
 * Writes the chunks to `path`, all or nothing.
 *
 * @throws FileError for what the system refuses
 */
export function* writeFile(path: string, chunks: Iterable<Uint8Array>): Steps<void> {
  try {
    const { path: target, replaced, through } = yield* targetOf(path)
    if (through) yield* writeThrough(target, chunks)
    else yield* replace(target, replaced, chunks)
  } catch (error) {
    throw named(path, error)
  }
}
