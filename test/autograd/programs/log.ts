/** What the programs of autograd log, as test/oracle/autograd.py does. */
import { inspect } from 'node:util'
import { type Tensor, tensor, TenzoError } from 'tenzo'

export interface Log {
  (...values: unknown[]): void
  /** Logs the error text of a call; null where there is none. */
  fails(f: () => unknown): void
}
export type Program = (log: Log) => void

/** A logged value: tensors and nodes as they print. */
function plain(v: unknown): unknown {
  if (v === undefined || v === null) return null
  if (Array.isArray(v)) return v.map(plain)
  if (typeof v === 'object') return inspect(v)
  return typeof v === 'string' ? words(v) : v
}
const words = (s: string): string => s.replace(/\btorch\.(?=Size|float|int|Tensor)/g, '')

/** Thrown by programs on purpose. */
export class OnPurpose extends Error {}

export function run(program: Program): unknown[][] {
  const lines: unknown[][] = []
  const log = ((...values: unknown[]) => void lines.push(values.map(plain))) as Log
  log.fails = (f) => {
    try {
      f()
    } catch (error) {
      if (!(error instanceof TenzoError || error instanceof OnPurpose)) throw error
      lines.push([words(error.message)])
      return
    }
    lines.push([null])
  }
  program(log)
  return lines
}

export const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true })
export const double = (...values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true })
/** A leaf of two rows. */
export const square = (): Tensor =>
  tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  )
/** What a call says, or null. */
export function messageOf(f: () => unknown): string {
  try {
    f()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
