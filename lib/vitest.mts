/**
 * `import 'tenzo/vitest'`, once, in a file of vitest's `setupFiles`: gives `expect` the matcher `toBeCloseToTensor`, and its comparisons the
 * equality of tensors.
 */
import { expect } from 'vitest'
import './index.js'
import { extendExpect, type TensorMatchers } from './testing/matchers.js'

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it
  interface Assertion<T = any> extends TensorMatchers<void> {}
  interface AsymmetricMatchersContaining extends TensorMatchers<unknown> {}
}

extendExpect(expect)

export type { CloseToTensorOptions, TensorMatchers } from './testing/matchers.js'
