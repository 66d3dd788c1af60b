/** Anomaly mode: an error of the backward pass says where in the forward pass it comes from. */
import { autograd, nn, ones, TenzoError, type Tensor, tensor } from 'tenzo'

const { detectAnomaly, grad } = autograd

function errorOf(f: () => unknown): Error & { data?: Record<string, unknown>; forwardStack?: string } {
  try {
    f()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}
const lines = (s: unknown): string[] => String(s).split('\n')
/** The lines of this file that a stack passes, from the innermost. */
const places = (stack: unknown): number[] =>
  lines(stack)
    .map((line) => /anomaly\.test\.ts:(\d+):\d+/.exec(line)?.[1])
    .filter((n) => n !== undefined)
    .map(Number)
const here = (): number => places(new Error().stack)[1] as number

describe('a gradient that is not a number', () => {
  const x = tensor([0, 4], { requiresGrad: true })

  test('names the operation and the line that called it', () => {
    const [error, line] = detectAnomaly(() => {
      const line = here() + 1
      const y = x.sqrt()
      return [errorOf(() => y.mul(0).sum().backward()), line] as const
    })
    expect(error).toBeInstanceOf(TenzoError)
    const said = lines(error.message)
    expect(said[0]).toBe("Function 'SqrtBackward0' returned nan values in its 0th output.")
    expect(said[1]).toBe('Error detected in SqrtBackward0. Traceback of forward call that caused the error:')
    expect(places(said[2])).toEqual([line])
    expect(error.data).toMatchObject({ node: 'SqrtBackward0', output: 0 })
    expect(places(lines(error.data!.forwardStack)[0])).toEqual([line])
    expect(error.data!.forwardStack).not.toMatch(/[\\/]lib[\\/]/)
    expect(error.stack).toContain(error.message)
  })

  test('passes through modules to the forward that made it, then to its caller', () => {
    let inside = 0
    class Root extends nn.Module {
      forward(t: Tensor): Tensor {
        inside = here() + 1
        return t.sqrt()
      }
    }
    const net = new nn.Sequential(new Root(), new nn.Identity())
    const [error, outside] = detectAnomaly(() => {
      const outside = here() + 1
      const y = net(x)
      return [errorOf(() => y.mul(0).sum().backward()), outside] as const
    })
    expect(places(error.data!.forwardStack).slice(0, 2)).toEqual([inside, outside])
  })

  test('is no error where it is not looked for', () => {
    using _ = detectAnomaly({ checkNan: false })
    const [g] = grad(x.sqrt().mul(0).sum(), x)
    expect(g!.toArray()).toEqual([Number.NaN, 0])
  })
})

test('a saved tensor changed in place', () => {
  using _ = detectAnomaly()
  const line = here() + 1
  const y = ones([2], { requiresGrad: true }).exp()
  y.add_(1)
  const error = errorOf(() => y.sum().backward())
  expect(lines(error.message)[0]).toMatch(/version 1; expected version 0 instead. Hint: the backtrace further above/)
  expect(error.data).toMatchObject({ version: 1, expected: 0, node: 'ExpBackward0' })
  expect(places(error.data!.forwardStack)[0]).toBe(line)
})

test('an error of the user’s own backward keeps its class', () => {
  class Own extends RangeError {}
  class Bad extends autograd.Function {
    static override forward(_ctx: autograd.Context, x: Tensor): Tensor {
      return x.mul(2)
    }
    static override backward(): never {
      throw new Own('no')
    }
  }
  using _ = detectAnomaly()
  const line = here() + 1
  const y = Bad.apply(ones([1], { requiresGrad: true }))
  const error = errorOf(() => y.backward())
  expect(error).toBeInstanceOf(Own)
  expect(lines(error.message).slice(0, 2)).toEqual([
    'no',
    'Error detected in BadBackward. Traceback of forward call that caused the error:',
  ])
  expect(places(error.forwardStack)[0]).toBe(line)
})

test('a node made by a backward pass names the forward call that induced it', () => {
  const x = tensor([0], { requiresGrad: true })
  using _ = detectAnomaly()
  const first = here() + 1
  const y = x.pow(1.5)
  const second = here() + 1
  const [g] = grad(y, x, { createGraph: true })
  const error = errorOf(() => g!.mul(0).backward())
  expect(lines(error.message)[0]).toBe("Function 'PowBackward0' returned nan values in its 0th output.")
  expect(places(error.data!.forwardStack)[0]).toBe(second)
  expect(error.message).toContain(
    'Previous calculation was induced by PowBackward0. Traceback of forward call that induced the previous calculation:',
  )
  expect(places((error.data!.inducedBy as string[])[0])[0]).toBe(first)
})

test('nothing is added outside anomaly mode', () => {
  const y = ones([2], { requiresGrad: true }).exp()
  y.add_(1)
  const error = errorOf(() => y.sum().backward())
  expect(lines(error.message)).toHaveLength(1)
  expect(error.data).not.toHaveProperty('forwardStack')
})

test('the mode is set for good, or until its guard is disposed', () => {
  const guard = autograd.setDetectAnomaly(true, { checkNan: false })
  expect([autograd.isAnomalyEnabled(), autograd.isAnomalyCheckNanEnabled()]).toEqual([true, false])
  guard.restore()
  expect([autograd.isAnomalyEnabled(), autograd.isAnomalyCheckNanEnabled()]).toEqual([false, true])
  expect(() => autograd.setDetectAnomaly('on' as unknown as boolean)).toThrow("argument 'mode' must be bool")
})
