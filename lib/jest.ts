/**
 * `import 'tenzo/jest'`, once, in a file of jest's `setupFilesAfterEnv`: gives `expect` the matcher `toBeCloseToTensor`, and its comparisons
 * the equality of tensors.
 */
import type {} from 'expect'
import { testing } from './index'

declare global {
  namespace jest {
    interface Matchers<R, T = {}> extends testing.TensorMatchers<R> {}
  }
}
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends testing.TensorMatchers<R> {}
}

// Not every project has the global one; the module is one that jest makes for each file of tests.
const { expect = (require('@jest/globals') as { expect: testing.Extensible }).expect } = globalThis as {
  expect?: testing.Extensible
}
testing.extendExpect(expect)
