/** Weight and spectral normalisation, parametrizations, lazy layers and functional calls, as PyTorch recorded them. */
import { arange, autograd, func, getRngState, nn, ones, rand, randn, manualSeed, type Tensor, zeros } from 'tenzo'
import { type CodedTensor, camelCase, elementsOf, loadGoldens, valuesOf } from '../helpers/goldens'
import { difference } from '../helpers/tolerance'

interface Wrapped {
  wrap: string
  options: Record<string, unknown>
  layer: 'Linear' | 'Conv2d' | 'ConvTranspose2d'
  shape: number[]
  print: string
  state: [string, CodedTensor][]
  steps: { out: CodedTensor; grads: [string, CodedTensor][]; state: [string, CodedTensor][] }[]
  eval: CodedTensor
  after: string
  left: [string, CodedTensor][]
}
interface Lazy {
  name: string
  args: unknown[]
  options: Record<string, unknown>
  shape: number[]
  print: string
  uninitialized: [string, string][]
  error?: string
  after?: string
  state?: [string, CodedTensor][]
  out?: CodedTensor
  next?: CodedTensor
}
const { wrapped, lazy } = loadGoldens<{ wrapped: Wrapped[]; lazy: Lazy[] }>('reparametrize.json.gz')
const { parametrize } = nn.utils
type Net = nn.Module & { forward(x: Tensor): Tensor } & ((x: Tensor) => Tensor)

const CLOSE = { relative: 2e-5, ofLargest: 1e-5 }
const EXACT = { relative: 0, ofLargest: 0 }
function expectTensor(got: Tensor, want: CodedTensor, tolerance = CLOSE): void {
  expect([got.dtype, [...got.shape]]).toEqual([want.t, want.s])
  expect(difference(valuesOf(got), elementsOf(want), tolerance)).toBeNull()
}
function expectState(got: Iterable<readonly [string, Tensor]>, want: [string, CodedTensor][]): void {
  const list = [...got]
  expect(list.map(([k]) => k)).toEqual(want.map(([k]) => k))
  for (const [i, [, t]] of list.entries()) expectTensor(t, want[i]![1])
}
const camelKeys = (o: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(o).map(([k, v]) => [camelCase(k), v]))

const LAYERS = {
  Linear: () => new nn.Linear(4, 3),
  Conv2d: () => new nn.Conv2d(2, 3, 2),
  ConvTranspose2d: () => new nn.ConvTranspose2d(2, 3, 2),
} as unknown as Record<string, () => Net>

describe('normalised weights', () => {
  for (const c of wrapped)
    test(`${c.wrap}(${c.layer}, ${JSON.stringify(c.options)})`, () => {
      manualSeed(7)
      const newForm = c.wrap.startsWith('parametrizations.')
      const name = camelCase(c.wrap.split('.').pop() as string) as 'weightNorm' | 'spectralNorm'
      const apply = (newForm ? nn.utils.parametrizations : nn.utils)[name] as (m: Net, o: object) => Net
      const m = apply(LAYERS[c.layer]!(), camelKeys(c.options))
      const x = randn(c.shape)
      expect(String(m)).toBe(c.print)
      expectState(m.stateDict(), c.state)
      for (const step of c.steps) {
        m.zeroGrad()
        const y = m(x)
        y.mul(arange(1, y.numel() + 1).reshape(y.shape))
          .sum()
          .backward()
        expectTensor(y.detach(), step.out)
        expectState(
          [...m.namedParameters()].map(([k, p]) => [k, p.grad as Tensor] as const),
          step.grads,
        )
        expectState(m.stateDict(), step.state)
      }
      m.eval()
      expectTensor(m(x).detach(), c.eval)
      if (newForm) parametrize.removeParametrizations(m, 'weight')
      else if (name === 'weightNorm') nn.utils.removeWeightNorm(m)
      else nn.utils.removeSpectralNorm(m)
      expect(String(m)).toBe(c.after)
      expectState(m.stateDict(), c.left)
    })
})

describe('lazy layers', () => {
  for (const c of lazy)
    test(`${c.name}(${JSON.stringify(c.args)}, ${JSON.stringify(c.options)}) on [${c.shape}]`, () => {
      manualSeed(11)
      const Class = (nn as unknown as Record<string, new (...a: unknown[]) => Net>)[c.name]!
      const m = new Class(...c.args, camelKeys(c.options))
      expect(String(m)).toBe(c.print)
      expect([...m.stateDict()].map(([k, v]) => [k, String(v)])).toEqual(c.uninitialized)
      const x = randn(c.shape)
      if (c.error !== undefined) {
        expect(() => m(x)).toThrow(c.error)
        return
      }
      const y = m(x)
      expect(String(m)).toBe(c.after)
      expectState(m.stateDict(), c.state!)
      const first = [...m.stateDict()][0]
      if (first?.[0] === 'weight') expectTensor(first[1], c.state![0]![1], EXACT)
      expectTensor(y.detach(), c.out!)
      // As many numbers were drawn as PyTorch draws.
      expectTensor(rand([3]), c.next!, EXACT)
    })

  test('a state dict gives the sizes, and what has none is refused', () => {
    const m = new nn.LazyLinear(3)
    expect(() => m.weight.shape).toThrow("Can't access the shape of an uninitialized parameter or buffer.")
    expect(() => m.weight.add(1)).toThrow('Attempted to use an uninitialized parameter in add.')
    const full = new nn.Linear(5, 3)
    expect(String(m.loadStateDict(full.stateDict()))).toBe('<All keys matched successfully>')
    expect(m.weight.equal(full.weight)).toBe(true)
    expect(() => full.loadStateDict(new nn.LazyLinear(3).stateDict())).toThrow("Can't access the shape")
  })
})

describe('parametrizations', () => {
  class Symmetric extends nn.Module {
    override forward(x: Tensor): Tensor {
      return x.triu().add(x.triu(1).T)
    }
  }
  class Doubled extends nn.Module {
    override forward(x: Tensor): Tensor {
      return x.mul(2)
    }
    rightInverse(x: Tensor): Tensor {
      return x.div(2)
    }
  }
  test('read, assigned, cached, chained and removed', () => {
    const m = parametrize.registerParametrization(new nn.Linear(3, 3), 'weight', new Symmetric())
    expect(m.weight.equal(m.weight.T)).toBe(true)
    expect(() => {
      m.weight = new nn.Parameter(ones([3, 3]))
    }).toThrow('parametrization Symmetric does not implement right_inverse.')
    parametrize.removeParametrizations(m, 'weight', false)
    expect(parametrize.isParametrized(m)).toBe(false)
    const d = parametrize.registerParametrization(new nn.Linear(2, 2), 'weight', new Doubled())
    d.weight = new nn.Parameter(ones([2, 2]))
    expect(d.parametrizations.get('weight').original.toArray()).toEqual([
      [0.5, 0.5],
      [0.5, 0.5],
    ])
    const twice = () => [d.weight, d.weight] as const
    expect(new Set(twice()).size).toBe(2)
    expect(new Set(parametrize.cached(twice)).size).toBe(1)
    parametrize.registerParametrization(d, 'weight', new Doubled())
    expect(d.weight.toArray()).toEqual([
      [2, 2],
      [2, 2],
    ])
    expect(() => parametrize.registerParametrization(d, 'no', new Doubled())).toThrow(
      "does not have a parameter, a buffer, or a parametrized element with name 'no'",
    )
  })
})

describe('functionalCall', () => {
  const x = ones([1, 2])
  test('gradients flow to what is given; the module stays as it is', () => {
    const net = new nn.Sequential(new nn.Linear(2, 2), new nn.Tanh())
    const own = net[0].weight
    const [w, b] = [zeros([2, 2]).requiresGrad_(), zeros([2]).requiresGrad_()]
    const y = func.functionalCall(net, { '0.weight': w, '0.bias': b }, x)
    expect(autograd.grad([y.sum()], [w, b])[0]?.toArray()).toEqual([
      [1, 1],
      [1, 1],
    ])
    expect(net[0].weight).toBe(own)
    expect([...net.namedParameters()].map(([k]) => k)).toEqual(['0.weight', '0.bias'])
    expect(() => func.functionalCall(net, { '0.weight': w, a: w }, x, { strict: true })).toThrow(
      "Error(s) in reparametrizing for Sequential:\n\tUnexpected key(s): 'a'.\n\tMissing key(s): '0.bias'.",
    )
  })
})

test('skipInit draws nothing', () => {
  const before = getRngState()
  expect([...nn.utils.skipInit(nn.Linear, 4, 5).weight.shape]).toEqual([5, 4])
  expect(getRngState().equal(before)).toBe(true)
})
