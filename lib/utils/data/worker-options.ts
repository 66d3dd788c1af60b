/** What PyTorch's `DataLoader` is told of processes that load and of where batches go: read and checked here, where one process does all. */
import { expectBool, expectInt, expectNumber } from '../../check/arguments'
import { ArgumentError, NotImplementedError, ValueError } from '../../errors'

/** Options of a `DataLoader` about who loads. */
export interface WorkerOptions {
  /** Processes that load. Default 0, all there is so far: the program loads itself. */
  numWorkers?: number | null
  /** Copy batches to memory for transfers to other devices. There are none: true warns and does nothing, as in PyTorch. Default false. */
  pinMemory?: boolean | null
  /** Seconds to wait for a worker's batch. Default 0: without end; the one value without workers. */
  timeout?: number | null
  /** Called in each worker before it loads. */
  workerInitFn?: ((worker: number) => void) | null
  /** How workers are started; only with workers. */
  multiprocessingContext?: string | null
  /** Batches that each worker loads ahead; only with workers. */
  prefetchFactor?: number | null
  /** Keep workers from one pass to the next; only with workers. Default false. */
  persistentWorkers?: boolean | null
  /** Give batches in their order, whichever worker is done first. Default true. */
  inOrder?: boolean | null
}
export const WORKER_OPTIONS = [
  'numWorkers',
  'pinMemory',
  'timeout',
  'workerInitFn',
  'multiprocessingContext',
  'prefetchFactor',
  'persistentWorkers',
  'inOrder',
] as const
/** The same, each with a value. */
export interface Workers {
  readonly numWorkers: number
  readonly pinMemory: boolean
  readonly timeout: number
  readonly workerInitFn: ((worker: number) => void) | null
  readonly multiprocessingContext: string | null
  readonly prefetchFactor: number | null
  readonly persistentWorkers: boolean
  readonly inOrder: boolean
}

/**
 * The options, checked in PyTorch's order.
 * @throws ValueError for numbers below 0, and for what is of workers where there are none; NotImplementedError for workers
 */
export function workersOf(o: WorkerOptions): Workers {
  const op = 'DataLoader'
  const numWorkers = o.numWorkers ?? 0
  const timeout = o.timeout ?? 0
  const { prefetchFactor = null, workerInitFn = null, multiprocessingContext = null } = o
  const flags = {
    pinMemory: o.pinMemory ?? false,
    persistentWorkers: o.persistentWorkers ?? false,
    inOrder: o.inOrder ?? true,
  }
  expectInt(op, 'numWorkers', numWorkers)
  expectNumber(op, 'timeout', timeout)
  for (const [name, v] of Object.entries(flags)) expectBool(op, name, v)
  if (workerInitFn !== null && typeof workerInitFn !== 'function')
    throw new ArgumentError(`DataLoader: workerInitFn must be a function, but got ${typeof workerInitFn}`)
  if (numWorkers < 0)
    throw new ValueError('numWorkers option should be non-negative; use numWorkers=0 to disable multiprocessing.', {
      numWorkers,
    })
  if (!(timeout >= 0)) throw new ValueError('timeout option should be non-negative', { timeout })
  checkPrefetch(numWorkers, prefetchFactor)
  if (flags.persistentWorkers && numWorkers === 0) throw new ValueError('persistentWorkers option needs numWorkers > 0')
  if (multiprocessingContext !== null && numWorkers === 0)
    throw new ValueError(
      'multiprocessingContext can only be used with multi-process loading (numWorkers > 0), but got numWorkers=0',
    )
  if (numWorkers > 0)
    throw new NotImplementedError(`DataLoader: there are no workers yet, numWorkers must be 0, but got ${numWorkers}`, {
      numWorkers,
    })
  return { numWorkers, timeout, prefetchFactor, workerInitFn, multiprocessingContext, ...flags }
}
function checkPrefetch(numWorkers: number, prefetchFactor: number | null): void {
  if (prefetchFactor === null) return
  if (numWorkers === 0)
    throw new ValueError(
      'prefetchFactor option could only be specified in multiprocessing.let numWorkers > 0 to enable multiprocessing, otherwise set prefetchFactor to null.',
      { prefetchFactor },
    )
  expectInt('DataLoader', 'prefetchFactor', prefetchFactor)
  if (prefetchFactor < 0) throw new ValueError('prefetchFactor option should be non-negative', { prefetchFactor })
}
