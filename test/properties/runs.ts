/** How many runs a property has here, and from which seed. */
import type { Parameters } from 'fast-check'

const seed = Number(process.env.PROPERTY_SEED ?? (Date.now() ^ (process.pid << 16)) | 0)

/** A property that fails says its seed and the path to the least example that does. */
export const runs = (usual: number): Parameters<unknown> => ({
  seed,
  numRuns: process.env.PROPERTY_RUNS ? Math.ceil((usual * Number(process.env.PROPERTY_RUNS)) / 1000) : usual,
  includeErrorInReport: true,
})
