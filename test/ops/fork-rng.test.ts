/** `forkRng`: the state of the default generator after it is the one before. */
import {
  AutogradError,
  forkRng,
  getRngState,
  initialSeed,
  manualSeed,
  nn,
  rand,
  scope,
  TenzoError,
  type Tensor,
} from 'tenzo'

beforeEach(() => {
  manualSeed(5)
})

test('sets the generator back after a callback, and after an error in it', () => {
  const before = getRngState()
  const drawn = forkRng(() => {
    manualSeed(7)
    return rand([2])
  })
  expect(getRngState()).toEqual(before)
  expect(initialSeed()).toBe(5n)
  manualSeed(7)
  expect(rand([2])).toEqual(drawn)
  manualSeed(5)
  expect(() =>
    forkRng(() => {
      rand([3])
      throw new RangeError('inside')
    }),
  ).toThrow(RangeError)
  expect(getRngState()).toEqual(before)
})

test('the stream inside goes on from the one outside', () => {
  const inside = forkRng(() => rand([3]))
  expect(rand([3])).toEqual(inside)
})

test('as a guard, nested', () => {
  const before = getRngState()
  {
    using _ = forkRng()
    rand([1])
    const middle = getRngState()
    {
      using _ = forkRng()
      rand([5])
    }
    expect(getRngState()).toEqual(middle)
  }
  expect(getRngState()).toEqual(before)
  const guard = forkRng()
  rand([1])
  guard.restore()
  const first = rand([2])
  guard.restore()
  expect(rand([2])).not.toEqual(first)
})

test('outlives a scope', () => {
  const before = getRngState()
  const guard = scope(() => forkRng())
  for (let i = 0; i < 10; i++) rand([1000])
  guard.restore()
  expect(getRngState()).toEqual(before)
})

test('enabled: false sets nothing back', () => {
  const before = getRngState()
  forkRng({ enabled: false }, () => rand([1]))
  expect(getRngState()).not.toEqual(before)
  const after = getRngState()
  {
    using _ = forkRng({ enabled: true })
    rand([1])
  }
  expect(getRngState()).toEqual(after)
})

test('gives modules, which are functions; refuses promises and wrong options', () => {
  expect(forkRng(() => new nn.Linear(1, 1))).toBeInstanceOf(nn.Linear)
  const before = getRngState()
  const later = async (): Promise<Tensor> => Promise.resolve(rand([1]))
  expect(() => forkRng(later)).toThrow(AutogradError)
  expect(() => forkRng(later)).toThrow(
    "forkRng(): the callback returned a Promise, but the generator's state is set back when the callback returns; use `using _ = forkRng()` inside the async function",
  )
  expect(getRngState()).toEqual(before)
  for (const wrong of [{ enable: true }, { enabled: 1 }, 5, null])
    expect(() => forkRng(wrong as never)).toThrow(TenzoError)
  expect(() => forkRng({}, 5 as never)).toThrow(TenzoError)
})
