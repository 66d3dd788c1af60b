/** Types of what `tenzo/jest` and `tenzo/vitest` add to each `expect`: checked by `tsc -p tsconfig.test.json`. */
import { expect as ofJest } from '@jest/globals'
import { expect as ofVitest } from 'vitest'
import 'tenzo/jest'
import type {} from '../../lib/vitest.mjs'
import { nn, tensor } from 'tenzo'
import { exactly } from './assert'

const x = tensor([1])
const net = new nn.Linear(1, 1)

export function program(): void {
  exactly<void>()(expect(x).toBeCloseToTensor(x))
  exactly<void>()(ofJest(x).toBeCloseToTensor(x, { rtol: 0, atol: 1e-3, equalNan: true, checkDtype: false }))
  exactly<void>()(ofVitest(x).not.toBeCloseToTensor(x, {}))
  exactly<Promise<void>>()(expect(Promise.resolve(x)).resolves.toBeCloseToTensor(x))
  expect(net.stateDict()).toBeCloseToTensor(new Map([['weight', x]]))
  // @ts-expect-error: a wrong option name
  expect(x).toBeCloseToTensor(x, { rtols: 1 })
  // @ts-expect-error: a wrong option name
  ofJest(x).toBeCloseToTensor(x, { rtols: 1 })
  // @ts-expect-error: a wrong option name
  ofVitest(x).toBeCloseToTensor(x, { rtols: 1 })
  // @ts-expect-error: compared with nothing
  ofVitest(x).toBeCloseToTensor()
}
