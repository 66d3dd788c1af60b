/** What files refuse. */
import { ArgumentError } from '../errors'

/** @throws ArgumentError for what has a state to be saved: a module, an optimizer, a scheduler. They are code; a file holds data. */
export function refuseWhole(op: string, value: unknown): void {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return
  const { stateDict, constructor } = value as { stateDict?: unknown; constructor?: { name?: string } }
  if (typeof stateDict === 'function')
    throw new ArgumentError(
      `${op}(): a ${constructor?.name || 'module'} is code, and a file holds data: ${op}(net.stateDict(), path) saves its state, and net.loadStateDict(load(path)) brings it back`,
    )
}

/** Whether it can be a size, an offset or a count. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
