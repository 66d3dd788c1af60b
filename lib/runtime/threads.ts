/** How many threads the kernels use, and which instruction set. Neither changes a result, but for baseline's last bits. */
import { ArgumentError } from '../errors'
import { shown } from './given'
import { addon } from './addon'

/** The number of threads that kernels run on; one setting for the whole process, Workers included. */
export const getNumThreads = (): number => addon.numThreads()

/** Sets the number of threads that kernels run on. At start it is TENZO_NUM_THREADS, or what the process may use of the machine. */
export function setNumThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1)
    throw new ArgumentError(`setNumThreads(): expected a positive number of threads, got ${shown(n)}`, { threads: n })
  addon.setNumThreads(n)
}

/** The instruction set in force: `baseline`, `avx2`, `avx512` or `neon`. Chosen at load; TENZO_CPU forces one. */
export const cpuLevel = (): string => addon.cpuLevel()
