/**
 * safetensors files as plain bytes. Tensors stream between the file and the memory they are used in: nothing holds a
 * tensor, let alone the file, a second time.
 */
import { ArgumentError, ValueError } from '../errors'
import {
  checkLimit,
  drive,
  driveAsync,
  HeldFile,
  type OpenFile,
  type Reading,
  type SystemFile,
  withFile,
} from './files'
import {
  buildHeader,
  parseHeader,
  parseHeaderLength,
  type SafetensorsEntry,
  type SafetensorsHeader,
  type SafetensorsSpec,
} from './safetensors-header'
import { writeFile } from './write'

export type { SafetensorsDType, SafetensorsEntry, SafetensorsHeader } from './safetensors-header'

/** An open safetensors file. */
export class SafetensorsFile {
  /** Free text that goes with the file. */
  readonly metadata: Readonly<Record<string, string>>
  /** Where each tensor lies, in the order of the file. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>
  readonly path: string
  readonly #held: HeldFile

  /** @internal */
  constructor(file: SystemFile, header: SafetensorsHeader) {
    this.#held = new HeldFile(file)
    this.path = file.path
    this.metadata = header.metadata
    this.tensors = header.tensors
  }

  *#read(name: string, target: Uint8Array): Reading<void> {
    const { file } = this.#held
    const entry = this.tensors.get(name)
    if (entry === undefined) {
      throw new ValueError(`${this.path}: no tensor is named ${JSON.stringify(name)}`, { path: this.path, name })
    }
    if (!ArrayBuffer.isView(target) || target.byteLength !== entry.byteLength) {
      throw new ValueError(
        `${this.path}: ${JSON.stringify(name)} has ${entry.byteLength} bytes, but the destination ${target?.byteLength}`,
        { path: this.path, name, expected: entry.byteLength },
      )
    }
    yield* file.read(target, entry.offset)
  }

  /** Reads a tensor's bytes into memory of exactly its size. */
  readInto(name: string, target: Uint8Array): void {
    drive(this.#held.use(this.#read(name, target)))
  }

  async readIntoAsync(name: string, target: Uint8Array): Promise<void> {
    await driveAsync(this.#held.use(this.#read(name, target)))
  }

  /** Closes the file; closing it again does nothing. */
  close(): void {
    this.#held.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function requirePath(path: unknown): asserts path is string {
  if (typeof path !== 'string')
    throw new ArgumentError(`safetensors: the path must be a string, but got ${typeof path}`)
}

/** Reads and checks the header. */
export function* readSafetensorsHeader(file: OpenFile): Reading<SafetensorsHeader> {
  const { path, size } = file
  checkLimit(file, size)
  const prefix = new Uint8Array(8)
  if (size >= 8) yield* file.read(prefix, 0)
  const bytes = new Uint8Array(parseHeaderLength(prefix, size, path))
  yield* file.read(bytes, 8)
  return parseHeader(bytes, size, path)
}

const opened = (path: string): Reading<SafetensorsFile> =>
  withFile(
    path,
    function* (file) {
      return new SafetensorsFile(file, yield* readSafetensorsHeader(file))
    },
    { keep: true },
  )

/**
 * Opens a file and checks its header. The tensors stay on the disk until they are read.
 *
 * @throws FileError where the file cannot be opened
 */
export function openSafetensors(path: string): SafetensorsFile {
  requirePath(path)
  return drive(opened(path))
}

export async function openSafetensorsAsync(path: string): Promise<SafetensorsFile> {
  requirePath(path)
  return driveAsync(opened(path))
}

/** A tensor to be written: its bytes at once, or in pieces that may be made while the file is written. */
export interface SafetensorsTensor extends SafetensorsSpec {
  readonly bytes: Uint8Array | Iterable<Uint8Array>
}

/** The bytes of a file, made as they are wanted. */
export function* safetensorsChunks(
  entries: Iterable<readonly [string, SafetensorsTensor]>,
  metadata?: Readonly<Record<string, string>>,
): Generator<Uint8Array> {
  const { header, order } = buildHeader(entries, metadata)
  yield header
  for (const { name, tensor, byteLength } of order) {
    let written = 0
    for (const chunk of ArrayBuffer.isView(tensor.bytes) ? [tensor.bytes as Uint8Array] : tensor.bytes) {
      written += chunk.byteLength
      yield chunk
    }
    if (written !== byteLength) {
      throw new ValueError(
        `safetensors: ${JSON.stringify(name)} of dtype ${tensor.dtype} and shape [${tensor.shape.join(', ')}] needs ${byteLength} bytes, but got ${written}`,
        { name, expected: byteLength, actual: written },
      )
    }
  }
}

/**
 * Writes a file, laid out as the Python library lays it out: byte for byte the same but for the order of metadata, which
 * there is random and here the given one. The file appears under its name only once it is complete.
 */
export function writeSafetensors(
  path: string,
  entries: Iterable<readonly [string, SafetensorsTensor]>,
  metadata?: Readonly<Record<string, string>>,
): void {
  requirePath(path)
  drive(writeFile(path, safetensorsChunks(entries, metadata)))
}

export async function writeSafetensorsAsync(
  path: string,
  entries: Iterable<readonly [string, SafetensorsTensor]>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  requirePath(path)
  await driveAsync(writeFile(path, safetensorsChunks(entries, metadata)))
}
