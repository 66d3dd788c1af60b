/** `tenzo/jest` and `tenzo/vitest`: like equality.test.ts, it is given to jest 29 and to vitest, too. */
import 'tenzo/jest'
import { nn, tensor, testing } from 'tenzo'

const failure = (f: () => void): string => {
  try {
    f()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('did not throw')
}

test('toBeCloseToTensor has the tolerances of assertClose', () => {
  expect(tensor([1, 2])).toBeCloseToTensor(tensor([1, 2 + 1e-6]))
  expect(tensor([1, 2])).not.toBeCloseToTensor(tensor([1, 2.001]))
  expect(tensor([1, 2])).toBeCloseToTensor(tensor([1, 2.001]), { rtol: 0, atol: 0.01 })
  expect(tensor([NaN])).not.toBeCloseToTensor(tensor([NaN]))
  expect(tensor([NaN])).toBeCloseToTensor(tensor([NaN]), { equalNan: true })
  expect(tensor([1])).not.toBeCloseToTensor(tensor([1n]))
  expect(tensor([1])).toBeCloseToTensor(tensor([1n]), { checkDtype: false })
  expect(tensor([1])).not.toBeCloseToTensor(tensor([[1]]))
  const net = new nn.Linear(2, 2)
  expect(net.stateDict()).toBeCloseToTensor(net.stateDict())
  expect(net.stateDict()).not.toBeCloseToTensor(new nn.Linear(2, 2).stateDict())
})
test('it fails with the words of assertClose', () => {
  const [x, y] = [tensor([1, 2]), tensor([1, 3])]
  const words = failure(() => testing.assertClose(x, y))
  expect(words).toContain('Mismatched elements: 1 / 2 (50.0%)')
  expect(failure(() => expect(x).toBeCloseToTensor(y))).toBe(words)
  expect(failure(() => expect(x).not.toBeCloseToTensor(x))).toBe('Expected what is not close to\n\ntensor([1., 2.])')
})
test('what cannot be compared is an error of its own', () => {
  const x = tensor([1])
  expect(() => expect(x).not.toBeCloseToTensor(x, { rtol: 1 })).toThrow("Both 'rtol' and 'atol'")
})
test('comparisons know tensors with it', () => {
  expect(tensor([1, 2])).toEqual(tensor([1, 2]))
  expect(tensor([1, 2])).not.toEqual(tensor([1, 3]))
})
