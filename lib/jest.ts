/**
 * `import 'tenzo/jest'`, once, in a file of jest's `setupFilesAfterEnv`: gives `expect` the matcher `toBeCloseToTensor`, and its comparisons
 * the equality of tensors.
 */
import type {} from 'expect'
import './index'
import { type Extensible, extendExpect, type TensorMatchers } from './testing/matchers'

declare global {
  namespace jest {
    interface Matchers<R, T = {}> extends TensorMatchers<R> {}
  }
}
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends TensorMatchers<R> {}
}

// Not every project has the global one; the module is one that jest makes for each file of tests.
const { expect = (require('@jest/globals') as { expect: Extensible }).expect } = globalThis as { expect?: Extensible }
extendExpect(expect)

export type { CloseToTensorOptions, TensorMatchers } from './testing/matchers'
