/**
 * Memory. Nobody frees by hand and nothing leaks, also in a synchronous loop, where V8 runs no finalizer.
 *
 * A Storage is the handle of a block of bytes. Blocks belong to a size-classed, last-in-first-out pool; the pool
 * knows handles by weak references only. When a class runs dry after enough was handed out, the allocator asks V8
 * for a young-generation collection (a full one when that gave too little back) and sweeps the blocks of dead
 * handles back into the pool. Where no collection can be asked for, each block is a fresh ArrayBuffer that V8 owns.
 * Small storages share a slab, which is itself a pooled block: it returns when the last of them is gone.
 * What the pool does not want is detached from its ArrayBuffer, which frees it at once, whatever V8 does.
 */
import { constants } from 'node:buffer'
import { totalmem } from 'node:os'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MemoryError, ReleasedError } from '../errors'
import { addon } from './addon'

const ALIGN = 64
/** Storages up to this size are carved from slabs. */
const SMALL_BYTES = 4096
/** The last part of a slab that is alive holds all of it, so that a slab is no more than some parts of its kind. */
const SLAB_PARTS = 128
const LEAST_SLAB = 8 * 1024
const MOST_SLAB = 64 * 1024
/** What is smaller than a cache line is aligned to this: a number takes a quarter of a line. */
const SMALL_ALIGN = 16
/** Bytes handed out, and not released, after which a dry class makes the allocator collect. */
const BUDGET = 64 * 1024 * 1024
/** Free bytes the pool keeps at most; beyond it the least recently used classes go back to the system. */
const FREE_CAP = 512 * 1024 * 1024

/** What is larger is refused at once: this computer does not hold it. */
const MOST_BYTES = totalmem()
/** A storage may have more than V8 lets a typed array have, which is 4 GiB on Node 20: its bytes are lent in pieces. */
const LENT_BYTES = 2 ** 30

/** A piece of memory that the pool owns: an ArrayBuffer and the aligned address inside it. */
interface Block {
  readonly buffer: ArrayBuffer
  readonly byteOffset: number
  readonly ptr: number
  readonly capacity: number
}

const collectGarbage = ((): ((full: boolean) => void) | null => {
  try {
    setFlagsFromString('--expose-gc')
    // The young generation grows to its limit at its first growth instead of by doublings spread over thousands of steps.
    setFlagsFromString('--semi-space-growth-factor=16')
    const gc = runInNewContext('gc') as (options?: { type: 'minor' | 'major' }) => void
    return (full) => (full ? gc() : gc({ type: 'minor' }))
  } catch {
    return null
  }
})()

/**
 * `TENZO_GC_STRESS=1` finds memory that is used after it was given back: every allocation collects, nothing is carved from
 * slabs, and what is free holds 0xFF (NaN in every float dtype).
 */
const STRESS = process.env.TENZO_GC_STRESS !== undefined && process.env.TENZO_GC_STRESS !== '0'
/** Under stress, every so-manieth collection is a full one, which finds handles that outlived two young ones: `=full` makes it each. */
const STRESS_FULL = process.env.TENZO_GC_STRESS === 'full' ? 1 : 128

/** Whether blocks belong to the pool; else V8 frees each with its handle. */
export const pools = collectGarbage !== null

/** What new storages are marked with; autograd's inference mode sets it. */
export const allocation = { inference: false }

/** The handle of a block of bytes, shared by all views of a tensor. `version` counts in-place changes. */
export class Storage {
  version = 0
  released = false
  /** Where the addon holds its weak reference; -1 while it has none. */
  index = -1
  /** Outlives the scope it was made in: parameters, gradients of leaves, buffers, optimizer state. */
  kept = false
  /** How many gradients under way in the backward pass lie here; -1 where the engine does not own the memory. */
  uses = -1
  /** Made in inference mode: may not take part in a graph. */
  inference = allocation.inference

  constructor(
    /** Address of the first byte; 0 when empty or released. */
    public ptr: number,
    readonly byteLength: number,
    /** The memory that holds the bytes, from `byteOffset` on. */
    public buffer: ArrayBuffer,
    readonly byteOffset: number,
    /** The pooled block that this handle owns; null for a part of a slab and for memory that V8 owns. */
    public block: Block | null,
    /** What must live as long as this handle: the slab that it is a part of. */
    readonly keep: Storage | null,
  ) {}

  /** Gives the memory back now. Later use of any tensor over it throws ReleasedError. */
  release(): void {
    if (this.released) return
    if (queue.holds(this)) {
      if (STRESS) throw new Error('memory is released before the command that addresses it has run')
      queue.run()
    }
    this.released = true
    this.ptr = 0
    this.buffer = EMPTY
    const block = this.block
    if (!block) return
    this.block = null
    if (this.index >= 0) tracked[this.index] = null
    outstanding = Math.max(0, outstanding - block.capacity)
    stow(block)
  }

  /**
   * Gives `use` the memory as an array, to be forgotten when `use` returns. An array does not keep the handle that it lies under,
   * and V8 forgets a handle at its last use: the memory would be somebody else's from the next allocation on.
   * @param length in elements; default: all that follow
   */
  withArray<A, R>(kind: ArrayKind<A>, use: (array: A) => R, byteOffset = 0, length?: number): R {
    if (this.released) throw releasedError()
    const count = length ?? Math.floor((this.byteLength - byteOffset) / kind.BYTES_PER_ELEMENT)
    if (count > constants.MAX_LENGTH) throw tooLong(count)
    const result = use(new kind(this.buffer, this.byteOffset + byteOffset, count))
    // This look at what another may have changed is the use that keeps the handle until now.
    if (this.released) throw releasedError()
    return result
  }
  withBytes<R>(use: (bytes: Uint8Array) => R): R {
    return this.withArray(Uint8Array, use)
  }

  /**
   * The bytes, once, as a sequence of pieces, which keeps the handle until it is asked for more: for reading and writing files.
   * No element lies in two pieces.
   */
  *lend(byteOffset = 0, byteLength = this.byteLength - byteOffset): Generator<Uint8Array, void> {
    if (this.released) throw releasedError()
    for (let at = 0; at < byteLength; at += LENT_BYTES) {
      yield new Uint8Array(this.buffer, this.byteOffset + byteOffset + at, Math.min(LENT_BYTES, byteLength - at))
      if (this.released) throw releasedError()
    }
  }
}

type ArrayKind<A> = {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): A
  readonly BYTES_PER_ELEMENT: number
}

/** What the command buffer tells about the commands that were written and have not run. */
interface Queue {
  /** Drops them: after an error their memory may be gone by the next run. */
  forget(): void
  run(): void
  /** Whether one of them addresses this memory. */
  holds(storage: Storage): boolean
}
let queue: Queue = { forget: () => {}, run: () => {}, holds: () => false }
export const onQueue = (q: Queue): void => {
  queue = q
}

export function releasedError(): ReleasedError {
  queue.forget()
  return new ReleasedError('this tensor was released (by release(), a scope or using) and can no longer be used')
}

const EMPTY = new ArrayBuffer(0)

// ---- the pool -------------------------------------------------------------------------------------------------

interface SizeClass {
  readonly free: Block[]
  lastUse: number
  /** The fewest that were free since the surplus was last let go. */
  least: number
}
const classes = new Map<number, SizeClass>()
let freeBytes = 0
let liveBytes = 0
let clock = 0
/** Bytes handed out since the last sweep and not released by hand since. */
let outstanding = 0
let fullCollectionAbove = BUDGET
let collections = 0
let fullCollections = 0

// Handles whose weak reference is not taken yet: most temporaries are released before it ever is.
const PENDING_COUNT = 128
const PENDING_BYTES = 4 * 1024 * 1024
let pending: Storage[] = []
let pendingBytes = 0
const newIndices = new Int32Array(PENDING_COUNT)
/** The block of each tracked handle, by the addon's index; null once released by hand. */
const tracked: (Block | null)[] = []
const deadIndices = new Int32Array(4096)

/** Four classes to each power of two: at most a quarter is wasted. */
function classOf(bytes: number): number {
  if (bytes <= 4096) return Math.ceil(bytes / 1024) * 1024
  // Not for the pool.
  if (bytes > FREE_CAP) return Math.ceil(bytes / 4096) * 4096
  const step = 2 ** (Math.ceil(Math.log2(bytes)) - 3)
  return Math.ceil(bytes / step) * step
}

/** No Buffer is as large as an ArrayBuffer may be, whose zeros cost nothing at such sizes: they come from the system. */
const fromSystem = (bytes: number): ArrayBuffer =>
  bytes > LENT_BYTES ? new ArrayBuffer(bytes) : (Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer)

function systemMemory(bytes: number): ArrayBuffer {
  try {
    return fromSystem(bytes)
  } catch {
    emptyCache()
  }
  try {
    return fromSystem(bytes)
  } catch (error) {
    throw tooLarge(bytes, error)
  }
}
function tooLarge(bytes: number, cause?: unknown): MemoryError {
  queue.forget()
  const why = cause instanceof Error ? ` ${cause.message}` : ''
  return new MemoryError(`DefaultCPUAllocator: can't allocate memory: you tried to allocate ${bytes} bytes.${why}`, {
    bytes,
  })
}
function tooLong(count: number): MemoryError {
  queue.forget()
  return new MemoryError(
    `an array of this version of Node.js has at most ${constants.MAX_LENGTH} elements, but the tensor's storage has ${count}: take a part of it, or Node.js 22 or newer`,
    { count },
  )
}

function freshBlock(capacity: number): Block {
  const buffer = systemMemory(capacity + ALIGN)
  const address = addon.addressOf(buffer)
  const byteOffset = (ALIGN - (address % ALIGN)) % ALIGN
  const block = { buffer, byteOffset, ptr: address + byteOffset, capacity }
  if (STRESS) spoil(block)
  return block
}

function spoil(block: Block): void {
  new Uint8Array(block.buffer, block.byteOffset, block.capacity).fill(0xff)
}

function stow(block: Block): void {
  if (STRESS) spoil(block)
  liveBytes -= block.capacity
  if (block.capacity > FREE_CAP) {
    addon.discard(block.buffer)
    return
  }
  let c = classes.get(block.capacity)
  if (!c) {
    c = { free: [], lastUse: 0, least: 0 }
    classes.set(block.capacity, c)
  }
  c.lastUse = ++clock
  c.free.push(block)
  freeBytes += block.capacity
  if (freeBytes > FREE_CAP) trim(FREE_CAP / 2)
}

/** Lets the system have free blocks back, least recently used classes first, until at most `target` bytes are kept. */
function trim(target: number): void {
  for (const [capacity, c] of [...classes].sort((a, b) => a[1].lastUse - b[1].lastUse)) {
    while (c.free.length > 0 && freeBytes > target) {
      addon.discard((c.free.shift() as Block).buffer)
      freeBytes -= capacity
    }
    if (c.free.length < c.least) c.least = c.free.length
    if (c.free.length === 0) classes.delete(capacity)
  }
}

/** Collections after which blocks that were free all the while are let go: longer than the steps of most training loops. */
const SURPLUS_COLLECTIONS = 32

/** Lets the system have the blocks that nobody needed for long: of a phase that is over, of a size that was in demand for once. */
function letGoOfSurplus(): void {
  for (const [capacity, c] of classes) {
    for (const block of c.free.splice(0, c.least)) addon.discard(block.buffer)
    freeBytes -= c.least * capacity
    c.least = c.free.length
    if (c.free.length === 0) classes.delete(capacity)
  }
}

function takeWeakReferences(): void {
  const handles = pending
  pending = []
  pendingBytes = 0
  let kept = 0
  for (const s of handles) if (!s.released) handles[kept++] = s
  addon.track(handles, newIndices, kept)
  for (let i = 0; i < kept; i++) {
    const s = handles[i] as Storage
    s.index = newIndices[i]
    tracked[s.index] = s.block
  }
}

function sweep(): void {
  for (;;) {
    const n = addon.sweep(deadIndices)
    for (let i = 0; i < n; i++) {
      const index = deadIndices[i]
      const block = tracked[index]
      tracked[index] = null
      if (block) stow(block)
    }
    if (n < deadIndices.length) return
  }
}

/** Growth of V8's own heap since the last full collection that calls for another. */
const HEAP_GROWTH = 4 * 1024 * 1024
let heapAfterFull = 0

function collect(): void {
  if (pending.length > 0) takeWeakReferences()
  collections++
  outstanding = 0
  if (collections % SURPLUS_COLLECTIONS === 0) letGoOfSurplus()
  collectGarbage?.(false)
  sweep()
  // Young collections move what outlives two of them to the old generation, a few objects a step; V8 lets them pile up
  // to tens of megabytes before it looks there. Looking now and then keeps resident memory flat. (Only now, with the young
  // generation empty: its garbage, alone, is more than that growth.)
  const heap = getHeapStatistics().used_heap_size
  if (heapAfterFull === 0) heapAfterFull = heap
  // So do handles, of blocks that are large beside them. A full collection is asked for only when what seems alive grew by half
  // since the last, so that loading a large data set costs a few of them.
  const grown = liveBytes > fullCollectionAbove
  if (!grown && heap <= heapAfterFull + HEAP_GROWTH) return
  collectAll()
  if (grown) fullCollectionAbove = Math.max(BUDGET, liveBytes * 1.5)
}
function collectAll(): void {
  fullCollections++
  collectGarbage?.(true)
  sweep()
  heapAfterFull = getHeapStatistics().used_heap_size
}

function stress(): void {
  takeWeakReferences()
  const full = ++collections % STRESS_FULL === 0
  if (full) fullCollections++
  collectGarbage?.(full)
  sweep()
}

function takeBlock(capacity: number): Block {
  if (STRESS) stress()
  let c = classes.get(capacity)
  if ((!c || c.free.length === 0) && outstanding + capacity > BUDGET && outstanding > 0) {
    collect()
    c = classes.get(capacity)
  }
  const block = takeFree(c) ?? takeLarger(capacity) ?? freshBlock(capacity)
  // Only now: there may have been no memory.
  outstanding += block.capacity
  liveBytes += block.capacity
  return block
}
function takeFree(c: SizeClass | undefined): Block | undefined {
  if (c === undefined) return undefined
  const block = c.free.pop()
  if (block === undefined) return undefined
  c.lastUse = ++clock
  if (c.free.length < c.least) c.least = c.free.length
  freeBytes -= block.capacity
  return block
}
/** A free block of up to twice the size: where sizes vary without end, each class would otherwise come to hold the most that it ever needed. */
function takeLarger(capacity: number): Block | undefined {
  for (let larger = classOf(capacity + 1); larger <= 2 * capacity; larger = classOf(larger + 1)) {
    const block = takeFree(classes.get(larger))
    if (block !== undefined) return block
  }
  return undefined
}

function pooled(bytes: number): Storage {
  const capacity = classOf(bytes)
  if (!collectGarbage) {
    const block = freshBlock(capacity)
    return new Storage(block.ptr, bytes, block.buffer, block.byteOffset, null, null)
  }
  const block = takeBlock(capacity)
  const s = new Storage(block.ptr, bytes, block.buffer, block.byteOffset, block, null)
  pending.push(s)
  pendingBytes += capacity
  if (pending.length === PENDING_COUNT || pendingBytes > PENDING_BYTES) takeWeakReferences()
  return s
}

interface Slab {
  readonly bytes: number
  storage: Storage | null
  used: number
}
/** The slab that parts are carved from, by the parts' size in units of SMALL_ALIGN. */
const slabs: Slab[] = []
for (let size = 0; size <= SMALL_BYTES; size += SMALL_ALIGN) {
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, size * SLAB_PARTS)))
  const bytes = Math.min(Math.max(wanted, LEAST_SLAB), MOST_SLAB)
  slabs.push(slabs.find((slab) => slab.bytes === bytes) ?? { bytes, storage: null, used: bytes })
}

let log: Storage[] | null = null
/** Starts (or with null stops) noting every new storage in a list; returns the list in force before. */
export function noteAllocations(list: Storage[] | null): Storage[] | null {
  const previous = log
  log = list
  return previous
}

/** A storage of uninitialised bytes, aligned to 64. */
export function allocate(bytes: number): Storage {
  if (!(bytes <= MOST_BYTES)) throw tooLarge(bytes)
  const s = bytes > SMALL_BYTES || (STRESS && bytes > 0) ? pooled(bytes) : small(bytes)
  if (log !== null) log.push(s)
  return s
}

function small(bytes: number): Storage {
  if (bytes === 0) return new Storage(0, 0, EMPTY, 0, null, null)
  const align = bytes < ALIGN ? SMALL_ALIGN : ALIGN
  const size = (bytes + align - 1) & -align
  const slab = slabs[size / SMALL_ALIGN]
  let at = (slab.used + align - 1) & -align
  if (at + size > slab.bytes || slab.storage === null) {
    slab.storage = pooled(slab.bytes)
    at = 0
  }
  slab.used = at + size
  const { ptr, buffer, byteOffset } = slab.storage
  return new Storage(ptr + at, bytes, buffer, byteOffset + at, null, slab.storage)
}

/** What the allocator holds, in bytes, and how often it collected. */
export interface MemoryStats {
  readonly liveBytes: number
  readonly freeBytes: number
  readonly collections: number
  readonly fullCollections: number
}
export const memoryStats = (): MemoryStats => ({ liveBytes, freeBytes, collections, fullCollections })

/** Collects now and returns all free blocks to the system. */
export function emptyCache(): void {
  if (pending.length > 0) takeWeakReferences()
  collectGarbage?.(true)
  sweep()
  trim(0)
  addon.trim()
}
