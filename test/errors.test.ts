/**
 * Bad input: every public function, given something that is not what it takes, throws one of Tenzo's own errors that
 * names the function or says what was wanted; never a TypeError from inside, never a crash.
 */
import * as tenzo from 'tenzo'
import { nn, optim, ReleasedError, type Tensor, TenzoError, tensor, utils } from 'tenzo'

const JUNK: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a text', 'five'],
  ['a symbol', Symbol('s')],
  ['a plain object', { shape: [2] }],
  ['a function', () => 1],
  ['NaN', Number.NaN],
  ['a date', new Date(0)],
]

type AnyFunction = (...args: unknown[]) => unknown
/** What may be called with anything or nothing, and why. */
const TAKES_ANYTHING = new Set([
  // Modes and switches: no argument is their plain form.
  'noGrad',
  'enableGrad',
  'setGradEnabled',
  'detectAnomaly',
  'setDetectAnomaly',
  'isGradEnabled',
  'inferenceMode',
  'isInferenceModeEnabled',
  'isAnomalyEnabled',
  'isAnomalyCheckNanEnabled',
  'saveOnCpu',
  // Of a function it makes another; a message may be any text.
  'onceDifferentiable',
  'disableSavedTensorsHooks',
  // Questions that any value may be asked.
  'isTensor',
  'isParameter',
  'isStorage',
  'getPrintOptions',
  'getDefaultDtype',
  'memoryStats',
  'emptyCache',
  'seed',
  'initialSeed',
  'getRngState',
  // Slices: no bound is the whole dim.
  'slice',
  'setPrintOptions',
  'printOptions',
  'scope',
  'forkRng',
  'keep',
  // Anything has a copy.
  'deepCopy',
  'numThreads',
  'getNumThreads',
  'cpuLevel',
  'cpuLevels',
  // calculateGain of an unknown name is its own error, of undefined too; broadcastTensors() of nothing is nothing.
  'broadcastTensors',
  'asTensor',
  'tensor',
  'scalarTensor',
])

/** What may be called without arguments, but not with wrong ones. */
const NEEDS_NOTHING = new Set(['finfo'])

function expectOwnError(name: string, f: () => unknown): string | null {
  let result: unknown
  try {
    result = f()
  } catch (error) {
    if (error instanceof TenzoError && error.message.length > 5) return null
    return `${name}: throws ${String(error)}`
  }
  if (result instanceof Promise) {
    result.catch(() => {})
    return null
  }
  return `${name}: throws nothing`
}

const functionsOf = (space: object): [string, AnyFunction][] =>
  Object.entries(space).filter(
    (e): e is [string, AnyFunction] => typeof e[1] === 'function' && !isClass(e[1] as AnyFunction),
  )
const classesOf = (space: object): [string, new (...args: unknown[]) => unknown][] =>
  Object.entries(space).filter((e) => typeof e[1] === 'function' && isClass(e[1] as AnyFunction)) as never
function isClass(f: AnyFunction): boolean {
  return /^class\b/.test(Function.prototype.toString.call(f))
}

describe.each([
  ['tenzo', tenzo],
  ['linalg', tenzo.linalg],
  ['special', tenzo.special],
  ['nn.functional', nn.functional],
  ['nn.init', nn.init],
  ['nn.utils', nn.utils],
  ['autograd', tenzo.autograd],
  ['autograd.functional', tenzo.autograd.functional],
  ['autograd.graph', tenzo.autograd.graph],
])('functions of %s', (_space, space) => {
  for (const [name, f] of functionsOf(space)) {
    if (TAKES_ANYTHING.has(name)) continue
    test(name, () => {
      const problems: string[] = []
      for (const [what, junk] of JUNK) {
        // A text or a number where text or numbers belong is not junk.
        if (
          name.startsWith('save') ||
          name.startsWith('load') ||
          name.startsWith('open') ||
          name.startsWith('read') ||
          name.startsWith('write')
        )
          continue
        if (junk === undefined && NEEDS_NOTHING.has(name)) continue
        const problem = expectOwnError(`${name}(${what})`, () => f(junk))
        if (problem) problems.push(problem)
      }
      expect(problems).toEqual([])
    })
  }
})

describe('a tensor where its options belong', () => {
  const x = tenzo.ones([2, 3])
  for (const [name, f] of functionsOf(tenzo)) {
    // A function of one argument has no options.
    if (TAKES_ANYTHING.has(name) || name.endsWith('Async') || name.startsWith('save') || f.length < 2) continue
    test(`${name} refuses an unknown option`, () => {
      let error: unknown = null
      try {
        f(x, { noSuchOption: 1 })
      } catch (e) {
        error = e
      }
      // It may complain of a missing argument first; only a silent success or a foreign error is wrong.
      if (error === null) expect(`${name} accepted an unknown option`).toBe('')
      expect(error).toBeInstanceOf(TenzoError)
    })
  }
})

test.each([
  ['norm', 2],
  ['norm', 'fro'],
  ['vectorNorm', 2],
  ['matrixNorm', 'fro'],
] as const)('linalg.%s refuses dims that are none, with the order %s', (name, ord) => {
  const f = tenzo.linalg[name] as (...args: unknown[]) => unknown
  for (const dim of ['rows', [0.5], [Number.NaN, 1], true, {}])
    expect(() => f(tenzo.ones([2, 3]), { ord, dim })).toThrow(TenzoError)
})

describe.each(['toString', 'constructor', '__proto__'])(
  '%s, which every object has, as a word of an option',
  (word) => {
    const x = tenzo.ones([2, 3])
    const image = tenzo.ones([1, 1, 4, 4])
    const zeros = tenzo.zeros([1, 3], { dtype: 'int64' })
    const calls: Record<string, (never: never) => unknown> = {
      'a reduction': (reduction) => nn.functional.mseLoss(x, x, { reduction }),
      'a reduction of classes': (reduction) => nn.functional.crossEntropy(x, tensor([0n, 1n]), { reduction }),
      'a mode of resizing': (mode) => nn.functional.interpolate(image, { size: [2, 2], mode }),
      'a mode of padding': (mode) => nn.functional.pad(image, [1, 1], { mode }),
      'a mode of bags': (mode) => nn.functional.embeddingBag(zeros, x, { mode }),
      'a mode of scattering': (reduce) => x.scatterReduce(0, zeros, x, reduce),
      'a mode of rounding': (roundingMode) => x.div(2, { roundingMode }),
    }
    test.each(Object.keys(calls))('%s', (name) => {
      expect(() => calls[name]!(word as never)).toThrow(
        expect.objectContaining({ name: expect.stringMatching(/^(Argument|Value|NotImplemented)Error$/) }),
      )
    })
  },
)

describe('released tensors', () => {
  const gone = (): Tensor => {
    const t = tenzo.ones([2, 3])
    t.release()
    return t
  }
  const calls: Record<string, (t: Tensor) => unknown> = {
    add: (t) => t.add(1),
    'the second operand': (t) => tenzo.ones([2, 3]).add(t),
    exp: (t) => t.exp(),
    sum: (t) => t.sum(),
    matmul: (t) => t.matmul(tenzo.ones([3, 2])),
    item: (t) => t.at(0, 0).item(),
    toArray: (t) => t.toArray(),
    toTypedArray: (t) => t.toTypedArray(),
    print: (t) => String(t),
    'in place': (t) => t.mul_(2),
    gather: (t) => t.indexSelect(0, tensor([0n])),
    'a cast': (t) => t.to('float64'),
    'mixed dtypes': (t) => tenzo.ones([2, 3], { dtype: 'float64' }).add(t),
    linear: (t) => t.linear(tenzo.ones([4, 3])),
    softmax: (t) => t.softmax(1),
  }
  test.each(Object.keys(calls))('%s', (name) => {
    expect(() => calls[name]!(gone())).toThrow(ReleasedError)
    // And nothing half-written is left for the next command.
    expect(tenzo.ones([2]).add(1).toArray()).toEqual([2, 2])
  })
})

describe('shapes and dtypes', () => {
  const x = tenzo.ones([2, 3])
  const cases: Record<string, () => unknown> = {
    broadcast: () => x.add(tenzo.ones([4])),
    matmul: () => x.matmul(tenzo.ones([2, 2])),
    reshape: () => x.reshape([4, 2]),
    'two holes': () => x.reshape([-1, -1]),
    'a dim too far': () => x.sum(2),
    'a dim twice': () => x.sum([0, 0]),
    'a fraction as dim': () => x.sum(0.5),
    'an index too far': () => x.at(2),
    'too many indices': () => x.at(0, 0, 0),
    'a fraction as index': () => x.at(0.5),
    'a step of 0': () => x.at(tenzo.slice(0, 2, 0)),
    'a mask of another shape': () => x.at(tensor([true, false, true])),
    'a float as index': () => x.at(tensor([0.5])),
    'an index tensor out of range': () => x.at(tensor([5n])),
    'gather out of range': () => x.gather(1, tensor([[7n], [0n]])),
    'scatter out of range': () => x.scatter(1, tensor([[7n], [0n]]), 1),
    'scatter of another dtype': () => x.scatter(1, tensor([[0n], [0n]]), tenzo.ones([2, 1], { dtype: 'float64' })),
    'cat of other sizes': () => tenzo.cat([x, tenzo.ones([2, 2])]),
    'cat of nothing': () => tenzo.cat([]),
    'stack of other shapes': () => tenzo.stack([x, tenzo.ones([3, 2])]),
    'the mean of integers': () => tensor([1n]).mean(),
    'a gradient for integers': () => tensor([1n]).requiresGrad_(),
    'bool minus bool': () => tensor([true]).sub(tensor([true])),
    'integers into floats in place': () => tensor([1n]).add_(tensor([0.5])),
    'an integer division by 0': () => tensor([1n]).floorDivide(tensor([0n])),
    'uneven nesting': () => tensor([[1, 2], [3]]),
    'a text among numbers': () => tensor([1, 'a' as unknown as number]),
    'an unknown dtype': () => tenzo.zeros([2], { dtype: 'complex64' as 'float32' }),
    'a negative size': () => tenzo.zeros([-1]),
    'a fraction as size': () => tenzo.zeros([1.5]),
    'too large to hold': () => tenzo.empty([2 ** 50]),
    'item of many': () => x.item(),
    'an unsafe int64': () => tensor(2n ** 60n).item(),
    'a condition on many': () => Number(x.gt(0)),
    'a range of step 0': () => tenzo.arange(0, 5, 0),
    'a range that never ends': () => tenzo.arange(0, 5, -1),
    'a seed that is no integer': () => tenzo.manualSeed(0.5),
    'probabilities above 1': () => tensor([2]).bernoulli(),
    'bounds the wrong way': () => tenzo.randint(5, 2, [2]),
    'topk of more than there is': () => x.topk(9),
    'a gradient of a non-scalar': () => tenzo.ones([2]).requiresGrad_().mul(2).backward(),
    'a gradient of nothing': () => tenzo.ones([2]).sum().backward(),
    'a leaf in place': () => tenzo.ones([2]).requiresGrad_().add_(1),
    'a loss of a class out of range': () => nn.functional.crossEntropy(x, tensor([5n, 0n])),
    'a loss of other sizes': () => nn.functional.crossEntropy(x, tensor([0n])),
    'an embedding out of range': () => nn.functional.embedding(tensor([9n]), x),
    'a convolution of other channels': () => nn.functional.conv2d(tenzo.ones([1, 2, 4, 4]), tenzo.ones([1, 3, 2, 2])),
    'a kernel larger than the input': () => nn.functional.conv2d(tenzo.ones([1, 1, 2, 2]), tenzo.ones([1, 1, 5, 5])),
    'a pool larger than the input': () => nn.functional.maxPool2d(tenzo.ones([1, 1, 2, 2]), 5),
    'an overlap in place': () =>
      tenzo.ones([4]).at(tenzo.slice(1, null)).add_(0) &&
      (() => {
        const t = tenzo.ones([4])
        return t.narrow(0, 1, 3).add_(t.narrow(0, 0, 3))
      })(),
    'an expanded tensor in place': () => tenzo.ones([1]).expand([3]).add_(1),
  }
  test.each(Object.keys(cases))('%s', (name) => {
    expect(expectOwnError(name, cases[name]!)).toBeNull()
  })
})

describe('tensors that are none', () => {
  const forged = Object.create(tenzo.Tensor.prototype) as Tensor
  /** With what a tensor seems to have, as fields of its own. */
  const dressed = Object.defineProperties(
    Object.create(tenzo.Tensor.prototype) as Tensor,
    Object.fromEntries(
      Object.entries({
        storage: { address: 8, kept: true },
        offset: 0,
        sizes: [2],
        strides: [1],
        count: 2,
        rowMajor: true,
        info: (tenzo.ones([1]) as unknown as { info: unknown }).info,
        versions: { version: 0 },
        needsGrad: false,
        fn: null,
        viewInfo: null,
      }).map(([name, value]) => [name, { value }]),
    ),
  )
  const x = tenzo.ones([2])
  test.each([
    ['bare', forged],
    ['with fields', dressed],
  ])('%s', (_, fake) => {
    expect(tenzo.isTensor(fake)).toBe(false)
    for (const call of [
      () => x.add(fake),
      () => fake.add(1),
      () => fake.sum(),
      () => tenzo.cat([x, fake]),
      () => x.at(fake),
      () => x.copy_(fake),
      () => x.matmul(fake),
      () => nn.functional.linear(fake, tenzo.ones([2, 2])),
      () => new nn.Linear(2, 2)(fake),
      () => new optim.SGD([fake], { lr: 0.1 }),
      () => tenzo.where(x.gt(0), fake, 0),
    ])
      expect(call).toThrow(TenzoError)
    expect(() => x.add(fake)).toThrow('a Tensor that this copy of Tenzo did not make')
  })
  test('an array that changes its length while it is read', () => {
    const shifting = (...lengths: number[]): number[] => {
      let asked = 0
      return new Proxy([1, 2, 3], {
        get: (a, key) => (key === 'length' ? lengths[asked++ % lengths.length] : Reflect.get(a, key)),
      })
    }
    for (const lengths of [
      [3, 1],
      [3, 5],
      [3, 0],
      [5, 3],
    ])
      expect(() => {
        // Where it is taken, with the values that are there.
        expect(tensor(shifting(...lengths)).toArray()).toEqual([1, 2, 3])
        throw new TenzoError('taken')
      }).toThrow(TenzoError)
    expect(() => tensor([shifting(3, 1), [1, 2, 3]])).toThrow(TenzoError)
    const cyclic: unknown[] = []
    cyclic.push(cyclic)
    expect(() => tensor(cyclic as never)).toThrow('only tensors with up to 64 dims are supported')
  })
  test('arrays with holes', () => {
    expect(() => tenzo.zeros(new Array<number>(2))).toThrow(TenzoError)
    expect(() => tenzo.stack(new Array<Tensor>(2))).toThrow(TenzoError)
    expect(() => x.reshape(new Array<number>(1))).toThrow(TenzoError)
  })
})

describe('more than 64 dims', () => {
  const sizes = new Array<number>(65).fill(1)
  const most = tenzo.ones(sizes.slice(1))
  const calls: Record<string, () => unknown> = {
    zeros: () => tenzo.zeros(sizes),
    expand: () => tenzo.ones([1]).expand(sizes),
    reshape: () => tenzo.ones([1]).reshape(sizes),
    unsqueeze: () => most.unsqueeze(0),
    'an index of null': () => most.at(null),
    stack: () => tenzo.stack([most, most]),
    asStrided: () => tenzo.ones([1]).asStrided(sizes, sizes),
    'an outer product': () => tenzo.tensordot(most, most, 0),
  }
  test.each(Object.keys(calls))('%s', (name) => {
    expect(calls[name]!).toThrow(tenzo.ShapeError)
  })
  test('64 are not too many', () => {
    expect(
      most
        .add(most.flip([0]))
        .sum()
        .item(),
    ).toBe(2)
    expect(most.transpose(0, 63).contiguous().sum(63).ndim).toBe(63)
  })
})

describe('dtypes that are none', () => {
  const none = (name: string): tenzo.DType => name as tenzo.DType
  test.each(['nope', 'toString', '__proto__'])('%s', (name) => {
    for (const call of [
      () => tenzo.promoteTypes(none(name), 'float32'),
      () => tenzo.promoteTypes('float32', none(name)),
      () => tenzo.promoteTypes(none(name), none(name)),
      () => tenzo.canCast(none(name), 'float32'),
      () => tenzo.canCast('float32', none(name)),
    ])
      expect(call).toThrow(tenzo.ArgumentError)
    expect(() => tenzo.resultType(name as never, 1)).toThrow(
      "resultType(): argument 'tensor1' must be Tensor or number",
    )
  })
})

describe('classes', () => {
  const REQUIRED = classesOf(nn).filter(
    ([name, C]) =>
      C.length > 0 && !/^(Module|Sequential|Identity|StateDict|(Uninitialized)?(Parameter|Buffer))$/.test(name),
  )
  test.each(REQUIRED.map(([name]) => name))('new nn.%s with junk', (name) => {
    const C = (nn as unknown as Record<string, new (...args: unknown[]) => unknown>)[name]!
    const problem = expectOwnError(`new ${name}('five')`, () => {
      const m = new C('five', 'five', 'five')
      // A layer may only notice when it runs.
      return (m as unknown as AnyFunction)(tenzo.ones([2, 3]))
    })
    expect(problem).toBeNull()
  })
  test.each(
    classesOf(nn)
      .map(([name]) => name)
      .filter(
        // These take anything as a name or a value; an Uninitialized one is made by the layers only.
        (n) => !/^(Module|Sequential|Parameter|StateDict|ModuleDict|ParameterDict|Identity|Uninitialized\w+)$/.test(n),
      ),
  )('nn.%s refuses an unknown option', (name) => {
    const C = (nn as unknown as Record<string, new (...args: unknown[]) => unknown>)[name]!
    expect(expectOwnError(name, () => new C(...new Array(C.length).fill(2), { noSuchOption: 1 }))).toBeNull()
  })
  const weights = () => [new nn.Parameter(tenzo.ones([2]))]
  const optimizers: Record<string, () => unknown> = {
    'no parameters': () => new optim.SGD([], { lr: 0.1 }),
    'a tensor': () => new optim.SGD(tenzo.ones([2]) as unknown as Tensor[], { lr: 0.1 }),
    'a number': () => new optim.SGD(5 as unknown as Tensor[], { lr: 0.1 }),
    'junk inside': () => new optim.SGD(['a' as unknown as Tensor], { lr: 0.1 }),
    'a negative rate': () => new optim.SGD(weights(), { lr: -1 }),
    'an unknown option': () => new optim.SGD(weights(), { rate: 1 } as unknown as { lr: number }),
    'betas out of range': () => new optim.Adam(weights(), { betas: [2, 0.9] }),
    'a parameter twice': () => {
      const [p] = weights() as [nn.Parameter]
      return new optim.SGD([{ params: [p] }, { params: [p] }], { lr: 0.1 })
    },
    'not a leaf': () => new optim.SGD([tenzo.ones([2]).requiresGrad_().mul(2)], { lr: 0.1 }),
  }
  test.each(Object.keys(optimizers))('an optimizer of %s', (name) => {
    expect(expectOwnError(name, optimizers[name]!)).toBeNull()
  })
  test('data', () => {
    expect(
      expectOwnError('TensorDataset', () => new utils.data.TensorDataset(tenzo.ones([2]), tenzo.ones([3]))),
    ).toBeNull()
    expect(
      expectOwnError(
        'DataLoader',
        () => new utils.data.DataLoader(new utils.data.TensorDataset(tenzo.ones([2])), { batchSize: -1 }),
      ),
    ).toBeNull()
  })
})
