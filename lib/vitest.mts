/**
 * `import 'tenzo/vitest'`, once, in a file of vitest's `setupFiles`: gives `expect` the matcher `toBeCloseToTensor`, and its comparisons the
 * equality of tensors.
 */
import { expect } from 'vitest'
import { testing } from './index.js'

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it
  interface Assertion<T = any> extends testing.TensorMatchers<void> {}
  interface AsymmetricMatchersContaining extends testing.TensorMatchers<unknown> {}
}

testing.extendExpect(expect)
