/** Algebraic laws that hold for whatever is drawn: PROPERTY_SEED=n repeats a run, PROPERTY_RUNS=n makes it longer. */
import fc from 'fast-check'
import { cat, getNumThreads, manualSeed, nn, randn, setNumThreads, type Tensor, tensor, zerosLike } from 'tenzo'
import { runs } from './runs'

const small = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
/** The bits of all elements in their order. */
const bits = (x: Tensor): Buffer => {
  const { buffer, byteOffset, byteLength } = x.detach().contiguous().toTypedArray()
  return Buffer.from(buffer, byteOffset, byteLength)
}
function expectSameBits(a: Tensor, b: Tensor, what: string): void {
  if (a.dtype === b.dtype && String(a.shape) === String(b.shape) && bits(a).equals(bits(b))) return
  expect({ what, dtype: a.dtype, shape: a.shape, values: a.toArray() }).toEqual({
    what,
    dtype: b.dtype,
    shape: b.shape,
    values: b.toArray(),
  })
  throw new Error(`${what}: the values differ in their last bits`)
}
/** Whole numbers, so that sums in any order are exact. */
const whole = (shape: readonly number[], k: number): Tensor =>
  tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 5 + k * 7) % 11) - 5)).reshape(
    shape,
  )

/** The same values in another layout. */
const LAYOUTS: Record<string, (x: Tensor) => Tensor> = {
  contiguous: (x) => x.contiguous().clone(),
  transposed: (x) => x.transpose(0, 2).contiguous().transpose(0, 2),
  'the middle first': (x) => x.permute([1, 0, 2]).contiguous().permute([1, 0, 2]),
  'every second': (x) => {
    const wide = x.repeatInterleave(2, { dim: 2 })
    return wide.asStrided(x.shape, [wide.stride(0), wide.stride(1), 2])
  },
  'an offset': (x) => cat([x, x], 0).narrow(0, x.size(0), x.size(0)),
}
const layouts = fc.constantFrom(...Object.keys(LAYOUTS))
const dtypes = fc.constantFrom('float32', 'float64', 'float16', 'bfloat16')

const UNARY = [
  'abs',
  'neg',
  'exp',
  'log1p',
  'sqrt',
  'rsqrt',
  'sin',
  'cos',
  'tan',
  'tanh',
  'sigmoid',
  'relu',
  'erf',
  'floor',
  'ceil',
  'trunc',
  'square',
  'reciprocal',
  'sign',
  'expm1',
  'atan',
  'asinh',
  'frac',
  'round',
  'lgamma',
  'digamma',
  'log2',
] as const
const BINARY = [
  'add',
  'sub',
  'mul',
  'div',
  'maximum',
  'minimum',
  'atan2',
  'pow',
  'fmod',
  'remainder',
  'hypot',
  'copysign',
  'fmax',
  'xlogy',
] as const
const REDUCTIONS = [
  'sum',
  'mean',
  'amax',
  'amin',
  'prod',
  'logsumexp',
  'softmax',
  'logSoftmax',
  'cumsum',
  'cumprod',
  'norm',
  'var',
  'argmax',
] as const
type Method = (...args: unknown[]) => Tensor
const call = (x: Tensor, name: string, ...args: unknown[]): Tensor =>
  (x as unknown as Record<string, Method>)[name]!(...args)
const draw = (shape: readonly number[], dtype: string): Tensor => randn(shape).to(dtype as 'float32')

/** An expanded tensor and its copy, a layout and another: the result is the same, bit for bit. */
test('views give what copies give', () => {
  const law = fc.property(small, dtypes, layouts, layouts, fc.nat(2), fc.nat(), (shape, dtype, a, b, dim, seed) => {
    manualSeed(seed)
    const [x, y] = [draw(shape, dtype), draw(shape, dtype)]
    const [vx, vy] = [LAYOUTS[a]!(x), LAYOUTS[b]!(y)]
    expectSameBits(vx, x, a)
    for (const name of UNARY) expectSameBits(call(vx, name), call(x, name), `${name} ${a}`)
    for (const name of BINARY) expectSameBits(call(vx, name, vy), call(x, name, y), `${name} ${a} ${b}`)
    for (const name of ['amax', 'amin', 'argmax', 'softmax', 'logSoftmax', 'cumsum', 'cumprod'])
      expectSameBits(call(vx, name, dim), call(x, name, dim), `${name} ${dim} ${a}`)
    const row = y.narrow(0, 0, 1)
    for (const name of BINARY)
      expectSameBits(call(vx, name, row), call(x, name, row.expand(shape).clone()), `${name} of a row ${a}`)
  })
  fc.assert(law, runs(60))
}, 300_000)

test('what is written out or in place is what is fresh', () => {
  const law = fc.property(small, dtypes, layouts, layouts, fc.nat(), (shape, dtype, a, b, seed) => {
    manualSeed(seed)
    const [x, y] = [LAYOUTS[a]!(draw(shape, dtype)), LAYOUTS[b]!(draw(shape, dtype))]
    for (const [names, args] of [
      [UNARY, []],
      [BINARY, [y]],
    ] as const)
      for (const name of names) {
        const fresh = call(x, name, ...args)
        const out = LAYOUTS[b]!(zerosLike(fresh))
        expect(call(x, name, ...args, { out })).toBe(out)
        expectSameBits(out, fresh, `${name} into ${b}`)
        const own = LAYOUTS[a]!(x)
        expect(call(own, `${name}_`, ...args)).toBe(own)
        expectSameBits(own, fresh, `${name}_ of ${a}`)
      }
  })
  fc.assert(law, runs(60))
}, 300_000)

/** Functions that are linear in x, whole on whole numbers. */
const LINEAR: Record<string, (x: Tensor) => Tensor> = {
  transpose: (x) => x.transpose(0, 2),
  'a slice': (x) => x.narrow(1, 0, 1),
  flip: (x) => x.flip([0, 2]),
  roll: (x) => x.roll([1], [1]),
  expand: (x) =>
    x
      .unsqueeze(0)
      .expand([2, ...x.shape])
      .sum(0),
  cat: (x) => cat([x, x.mul(2)], 1),
  cumsum: (x) => x.cumsum(2),
  'a sum': (x) => x.sum(1, { keepdim: true }).add(x),
  'an index': (x) => x.indexSelect(0, tensor([0n, 0n])),
  gather: (x) => x.gather(2, zerosLike(x).to('int64')),
  reshape: (x) => x.reshape([1, -1, x.size(0)]),
  'a scatter': (x) => zerosLike(x).scatterAdd(0, zerosLike(x).to('int64'), x),
  matmul: (x) => x.matmul(whole([x.size(2), 3], 4)),
  mul: (x) => x.mul(whole([x.size(2)], 2)),
  'a padding': (x) => nn.functional.pad(x, [1, 2]),
  unfold: (x) => x.unfold(2, 1, 1).squeeze(-1),
  diagonal: (x) => x.diagonal({ dim1: 1, dim2: 2 }).unsqueeze(0),
  tril: (x) => x.tril(),
  'a copy in place': (x) => zerosLike(x).copy_(x),
  'an addition in place': (x) => x.clone().add_(x.mul(3)),
  'a write into a part': (x) => {
    const y = zerosLike(x)
    y.narrow(0, 0, 1).copy_(x.narrow(0, 0, 1))
    return y
  },
  convolution: (x) => nn.functional.conv1d(x, whole([2, x.size(1), 1], 3)),
  'a mean of ones': (x) => x.mean(0, { keepdim: true }).mul(x.size(0)),
}
const chains = fc.array(fc.constantFrom(...Object.keys(LINEAR)), { minLength: 1, maxLength: 4 })
const dot = (a: Tensor, b: Tensor): number => a.mul(b).sum().item() as number

test('a gradient of something linear is its transpose: ⟨v, f(u)⟩ = ⟨∇⟨v, f⟩, u⟩', () => {
  const law = fc.property(small, chains, layouts, (shape, names, layout) => {
    const u = LAYOUTS[layout]!(whole(shape, 1)).requiresGrad_()
    // (Through what is not whole, a mean, the sums stay exact to a few units of the last place.)
    const y = names.reduce((x, name) => LINEAR[name]!(x), u)
    if (y.numel() === 0 || !y.requiresGrad) return
    const v = whole(y.shape, 6)
    y.backward(v)
    const [left, right] = [dot(v, y.detach()), dot(u.grad as Tensor, u.detach())]
    expect(Math.abs(left - right)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(left)))
    // The gradient does not depend on u, and is linear in v.
    const again = whole(shape, 3).requiresGrad_()
    names.reduce((x, name) => LINEAR[name]!(x), again).backward(v.mul(2))
    const difference = (again.grad as Tensor)
      .sub((u.grad as Tensor).mul(2))
      .abs()
      .max()
      .item() as number
    expect(difference).toBeLessThanOrEqual(1e-9)
  })
  fc.assert(law, runs(250))
}, 300_000)

test('the gradient of a sum of functions is the sum of their gradients', () => {
  const functions = fc.constantFrom<(x: Tensor) => Tensor>(
    (x) => x.exp(),
    (x) => x.tanh(),
    (x) => x.mul(x),
    (x) => x.softmax(1),
    (x) => x.sigmoid().cumsum(0),
  )
  const law = fc.property(small, functions, functions, fc.nat(), (shape, f, g, seed) => {
    manualSeed(seed)
    const x = randn(shape, { dtype: 'float64' })
    const gradient = (h: (x: Tensor) => Tensor): Tensor => {
      const own = x.clone().requiresGrad_()
      h(own).sum().backward()
      return own.grad as Tensor
    }
    const apart = gradient(f).mul(2).sub(gradient(g).mul(3))
    const together = gradient((z) => f(z).mul(2).sub(g(z).mul(3)))
    expect(together.sub(apart).abs().max().item()).toBeLessThanOrEqual(1e-12)
  })
  fc.assert(law, runs(100))
}, 300_000)

test('any number of threads gives the same bits', () => {
  const before = getNumThreads()
  // Past the sizes from which on work is shared.
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 90 }),
    fc.integer({ min: 1, max: 90 }),
    fc.integer({ min: 20, max: 90 }),
  )
  const law = fc.property(
    sizes,
    fc.constantFrom('float32', 'float64'),
    fc.nat(2),
    fc.nat(),
    fc.integer({ min: 2, max: 8 }),
    (shape, dtype, dim, seed, threads) => {
      const results = [1, threads].map((n) => {
        setNumThreads(n)
        manualSeed(seed)
        const x = draw(shape, dtype).requiresGrad_()
        const y = draw(shape, dtype)
        const outcome = [
          x.detach(),
          x.add(y),
          x.exp(),
          x.sum(),
          x.matmul(y.transpose(1, 2)),
          x.transpose(0, 2).contiguous(),
          ...REDUCTIONS.map((name) => call(x, name, dim)),
        ]
        x.mul(y).softmax(dim).matmul(y.transpose(1, 2)).sum().backward()
        return [...outcome, x.grad as Tensor]
      })
      for (const [i, one] of results[0]!.entries())
        expectSameBits(results[1]![i] as Tensor, one, `result ${i} on ${threads} threads`)
    },
  )
  try {
    fc.assert(law, runs(12))
  } finally {
    setNumThreads(before)
  }
}, 300_000)
