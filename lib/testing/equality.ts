/** What jest's and vitest's comparisons (`toEqual`, `toHaveBeenCalledWith` and their kin) know of tensors. */
import { identical } from '../ops/tensor/identity'
import { isTensor } from '../tensor/tensor'

/** Whether two tensors are equal; undefined, which leaves the question to others, of anything else. */
export const areTensorsEqual = (a: unknown, b: unknown): boolean | undefined =>
  isTensor(a) && isTensor(b) ? identical(a, b) : undefined

/** The part of an `expect` that both packages, and all versions since jest 29.4, keep here for each file of tests. */
const MATCHERS = Symbol.for('$$jest-matchers-object')

/**
 * Where there is an `expect` when the package is loaded, its comparisons are told of tensors, as by `expect.addEqualityTesters`: they would
 * go through a tensor as through any iterable, down to numbers that cannot be iterated over.
 */
export function joinExpect(): void {
  const there = (globalThis as { [MATCHERS]?: { customEqualityTesters?: unknown[] } })[MATCHERS]
  const testers = there?.customEqualityTesters
  if (Array.isArray(testers) && !testers.includes(areTensorsEqual)) testers.push(areTensorsEqual)
}
