/** Matchers for `expect`, of jest and of vitest: `tenzo/jest` and `tenzo/vitest` add them. */
import type { Tensor } from '../tensor/tensor'
import { assertClose, type AssertCloseOptions } from './assert-close'
import { joinExpect } from './equality'

/** Options of `toBeCloseToTensor`: those of `testing.assertClose`, but for its message. */
export type CloseToTensorOptions = Omit<AssertCloseOptions, 'msg'>

/** What `tenzo/jest` and `tenzo/vitest` add to `expect`. */
export interface TensorMatchers<R> {
  /**
   * Passes where `testing.assertClose(received, expected, options)` does, and else fails with its words: the default tolerances are
   * PyTorch's for the dtype, and dtype and shape must be the same. Containers of tensors are compared item by item.
   */
  toBeCloseToTensor(expected: Tensor | readonly unknown[] | object, options?: CloseToTensorOptions): R
}

interface Outcome {
  readonly pass: boolean
  message(): string
}
function toBeCloseToTensor(received: unknown, expected: unknown, options?: CloseToTensorOptions): Outcome {
  try {
    assertClose(received, expected, options)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_ASSERTION') throw error
    return { pass: false, message: () => (error as Error).message }
  }
  return { pass: true, message: () => `Expected what is not close to\n\n${String(expected)}` }
}

/** The part of an `expect` that `extendExpect` uses. */
export interface Extensible {
  extend(matchers: { toBeCloseToTensor: typeof toBeCloseToTensor }): unknown
}
/**
 * Adds `toBeCloseToTensor` to an `expect`, and tells its comparisons of tensors. `tenzo/jest` and `tenzo/vitest` do this to those of their
 * runner.
 */
export function extendExpect(expect: Extensible): void {
  joinExpect()
  expect.extend({ toBeCloseToTensor })
}
