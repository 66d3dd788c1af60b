/** Finds and loads the native addon: a local build first, then the prebuilt binary of this platform. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NativeError } from '../errors'
import { ROOT } from './home'

/** What native/binding exports. */
export interface Addon {
  /** Registers this environment's command buffer; returns its address. */
  init(buffer: ArrayBuffer): number
  /** Runs every command of the buffer; returns the status code. */
  run(): number
  /** The address of an ArrayBuffer's first byte. */
  addressOf(buffer: ArrayBuffer): number
  /** Frees the memory of an ArrayBuffer now; it has no bytes from then on. */
  discard(buffer: ArrayBuffer): void
  /** Lets the system have what the C library keeps of freed memory. */
  trim(): void
  /** Takes weak references to objects[from..to); writes the index of each into `indices`. */
  track(objects: object[], indices: Int32Array, count: number): void
  /** Writes the indices of tracked objects that were collected and forgets them; returns how many (at most `indices.length`). */
  sweep(indices: Int32Array): number
  numThreads(): number
  setNumThreads(n: number): void
  /** The CPU level in force. */
  cpuLevel(): string
  /** All levels that this build has and this CPU runs. */
  cpuLevels(): string[]
}

function candidates(): string[] {
  const name = 'tenzo.node'
  const out: string[] = []
  if (process.env.TENZO_ADDON) out.push(resolve(process.env.TENZO_ADDON))
  out.push(join(ROOT, 'build', 'cmake', 'Release', name))
  // An addon built against glibc does not load where musl is, nor the other way round.
  const musl = process.platform === 'linux' && existsSync('/etc/alpine-release') ? 'musl' : ''
  out.push(join(ROOT, 'prebuilds', `${process.platform}${musl}-${process.arch}`, name))
  return out
}

function load(): Addon {
  const tried = candidates()
  for (const path of tried) {
    if (!existsSync(path)) continue
    try {
      return require(path) as Addon
    } catch (error) {
      throw new NativeError(`the native addon ${path} does not load: ${(error as Error).message}`, { path })
    }
  }
  throw new NativeError(
    `no native addon for ${process.platform}-${process.arch}: run "npm run build" in the package (needs CMake and a C++ compiler). Looked at: ${tried.join(', ')}`,
    { tried },
  )
}

export const addon: Addon = load()
