/** Memory is lent for a while, and given back only when nothing waits for it. */
import { ReleasedError, tensor, zeros } from 'tenzo'
import { map, run } from '../../lib/runtime/commands'
import { OP } from '../../lib/runtime/opcodes'

test('memory that is lent must be there when it comes back', () => {
  const x = tensor([1, 2, 3])
  expect(x.storage.withArray(Float32Array, (a) => [...a], 4, 2)).toEqual([2, 3])
  expect(() => x.storage.withBytes(() => x.release())).toThrow(ReleasedError)
  expect(() => x.storage.withBytes((bytes) => bytes.length)).toThrow(ReleasedError)
  const y = tensor([1, 2, 3])
  const lent = y.storage.lend(4, 4)
  expect(lent.next().value?.byteLength).toBe(4)
  y.release()
  expect(() => lent.next()).toThrow(ReleasedError)
})

test('memory is not released before the command that addresses it has run', () => {
  const [x, y] = [tensor([1, 2, 3]), zeros([3])]
  map(OP.neg, x.info.code, x.info.code, y, x)
  x.release()
  expect(y.toArray()).toEqual([-1, -2, -3])
  run()
})
