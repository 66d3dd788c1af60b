/**
 * Junk at every place of every public function, method and class: it is taken, or refused by an error of Tenzo's own; never a TypeError
 * from inside, never a crash. Absurd numbers have a test of their own (absurd.test.ts).
 *
 * JUNK_ALL=1 makes every call; without it a fixed choice of them.
 */
import { inspect } from 'node:util'
import * as tenzo from 'tenzo'
import { operations } from '../lib/ops/define/registry'
import { nn, ones, optim, Tensor, TenzoError, tensor } from 'tenzo'

/** A prime, so that all places and all junk have their turn. */
const EVERY = process.env.JUNK_ALL ? 1 : 13

class Boo extends Error {}
const boo = (): never => {
  throw new Boo('boo')
}
/** Throws at whatever is asked of it. */
const thrower = new Proxy(
  {},
  {
    get: (_, key) => (key === Symbol.toStringTag || key === inspect.custom || key === 'toJSON' ? undefined : boo()),
    getPrototypeOf: boo,
    ownKeys: boo,
    has: boo,
  },
)
/** An array that says of its length something else each time. */
const shifting = (...lengths: number[]): number[] => {
  let asked = 0
  return new Proxy([1, 2, 3], {
    get: (a, key) => (key === 'length' ? lengths[asked++ % lengths.length] : Reflect.get(a, key)),
  })
}
const cyclic: unknown[] = [1]
cyclic.push(cyclic)
const forged = Object.create(Tensor.prototype) as Tensor
/** With what a tensor seems to have, as fields of its own. */
const dressed = Object.defineProperties(Object.create(Tensor.prototype) as Tensor, {
  storage: { value: { address: 8, kept: true, release() {} } },
  offset: { value: 0 },
  sizes: { value: [2, 3] },
  strides: { value: [3, 1] },
  count: { value: 6 },
  rowMajor: { value: true },
  info: { value: ones([1]).info },
  versions: { value: { version: 0 } },
  needsGrad: { value: false },
  fn: { value: null },
  viewInfo: { value: null },
})
const lying = {
  get dim(): never {
    return boo()
  },
  get out(): never {
    return boo()
  },
  get dtype(): never {
    return boo()
  },
}

/** Made anew for every call, as some of it changes while it is read. */
const JUNK: Record<string, () => unknown> = {
  nothing: () => undefined,
  null: () => null,
  'a text': () => 'five',
  'a name of all objects': () => 'toString',
  'a symbol': () => Symbol('s'),
  'a bigint': () => 5n,
  true: () => true,
  NaN: () => Number.NaN,
  'a negative number': () => -7,
  '2 ** 53': () => 2 ** 53,
  'an empty array': () => [],
  'an array of texts': () => ['a', 'b'],
  'an array of holes': () => new Array(3),
  'an array that holds itself': () => cyclic,
  'an array that changes': () => shifting(3, 5),
  'an array that shrinks': () => shifting(3, 1),
  'an array that grows': () => shifting(3, 1e5),
  'an empty object': () => ({}),
  'an object': () => ({ shape: [2] }),
  'an object without a prototype': () => Object.create(null),
  'an object that throws': () => thrower,
  'options that throw': () => lying,
  'a Map': () => new Map([['a', 1]]),
  'a Set': () => new Set([1]),
  'a date': () => new Date(0),
  'a function': () => () => 1,
  'a function that throws': () => boo,
  'a class': () => class {},
  'a promise': () => Promise.resolve(1),
  'an empty tensor': () => tenzo.zeros([0]),
  'a tensor of bools': () => tensor([[true], [false]]),
  'a tensor of int64': () => tensor([5n, -1n]),
  'a tensor of NaN': () => tensor([[[Number.NaN]]]),
  'a forged tensor': () => forged,
  'a forged tensor with fields': () => dressed,
  'an array of forged tensors': () => [forged, dressed],
  'a module': () => new nn.Linear(3, 2),
  'an array of numbers': () => [1, 2],
  'a typed array': () => new Float32Array(3),
  'a detached buffer': () => {
    const a = new Float32Array(3)
    structuredClone(a, { transfer: [a.buffer] })
    return a
  },
}
/** What stands at the places that have no junk: some of it is right for most. */
const PLAIN: Record<string, () => unknown> = {
  tensor: () => ones([2, 3]),
  number: () => 2,
  array: () => [2, 3],
  tensors: () => [ones([2, 3]), ones([2, 3])],
  module: () => new nn.Linear(3, 2),
  function: () => (x: unknown) => x,
  optimizer: () => new optim.SGD([new nn.Parameter(ones([2]))], { lr: 0.1 }),
  text: () => 'mean',
}

type AnyFunction = (...args: unknown[]) => unknown
const isClass = (f: unknown): boolean => /^class\b/.test(Function.prototype.toString.call(f))

/** (What jest makes of a module has the Object of another realm.) */
const isNamespace = (v: unknown): v is object =>
  v !== null && typeof v === 'object' && /^(undefined|Object)$/.test(String(v.constructor?.name))

/** Everything that is public, by its path. Files are tested elsewhere: a text is the name of one to them. */
function everything(): [string, AnyFunction, boolean][] {
  const found: [string, AnyFunction, boolean][] = []
  const seen = new Set<unknown>([
    tenzo.testing.extendExpect,
    // Made by others only.
    tenzo.SafetensorsFile,
  ])
  const walk = (space: object, path: string): void => {
    for (const [name, value] of Object.entries(space)) {
      // What an error is made with is its user's own.
      if ((value as { prototype?: unknown } | null)?.prototype instanceof Error) continue
      if (seen.has(value) || /^(save|load|read|write|open)(?!_)/.test(name)) continue
      if (typeof value === 'function') {
        seen.add(value)
        found.push([path + name, value as AnyFunction, isClass(value)])
      } else if (isNamespace(value)) {
        seen.add(value)
        walk(value, `${path}${name}.`)
      }
    }
  }
  walk({ ...tenzo }, '')
  return found
}
/** The methods of all tensors. */
const methods = Object.entries(Object.getOwnPropertyDescriptors(Tensor.prototype)).flatMap(([name, { value }]) =>
  typeof value === 'function' && name !== 'constructor' ? [[name, value as AnyFunction] as const] : [],
)

/** In milliseconds. (`new nn.Transformer()` is right, and draws 44 million numbers.) */
const LONG = 20_000

/** What is to blame for an error that is not ours; null: nothing. */
function blame(f: () => unknown): string | null {
  const start = performance.now()
  try {
    const result = f()
    if (result instanceof Promise) result.catch(() => {})
    // A mode that was entered, or a hook on everything: the next call begins as this one did.
    if (!(result instanceof Tensor)) (result as Partial<Disposable> | null | undefined)?.[Symbol.dispose]?.()
  } catch (error) {
    if (error instanceof TenzoError || error instanceof Boo || (error as { code?: string }).code === 'ERR_ASSERTION')
      return null
    const { stack = '' } = error as Error
    return `${String(error)} ${
      stack
        .split('\n')
        .find((line) => /\/(lib|dist)\//.test(line))
        ?.trim() ?? ''
    }`
  }
  return performance.now() - start > LONG ? 'takes too long' : null
}

let turn = 0
function problemsOf(name: string, call: (args: unknown[]) => unknown): string[] {
  const problems: string[] = []
  for (let place = 0; place < 4; place++)
    for (const [plain, make] of Object.entries(PLAIN))
      for (const [what, junk] of Object.entries(JUNK)) {
        if (place === 0 && plain !== 'tensor') continue
        if (turn++ % EVERY) continue
        const args = Array.from({ length: place + 1 }, (_, i) => (i === place ? junk() : make()))
        const problem = blame(() => call(args))
        if (problem) problems.push(`${name}(${`${plain}, `.repeat(place)}${what}): ${problem}`)
      }
  return problems
}
const distinct = (problems: string[]): string[] => {
  const byKind = new Map(problems.map((p) => [p.replace(/^.*?\): /, ''), p]))
  return [...byKind.values()]
}
/** They change what holds for the whole process, and say so by other tests. */
const SWITCHES =
  /^(setDefaultDtype|setNumThreads|setPrintOptions|setGradEnabled|autograd\.setDetectAnomaly|emptyCache|useDeterministic\w*)$/

describe('junk', () => {
  beforeAll(() => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  })
  afterAll(() => jest.restoreAllMocks())
  const all = everything().filter(([name]) => !SWITCHES.test(name))
  test('there is much to try', () => {
    expect(all.length).toBeGreaterThan(800)
    expect(methods.length).toBeGreaterThan(400)
  })
  test('functions', () => {
    expect(
      distinct(all.filter(([, , c]) => !c).flatMap(([name, f]) => problemsOf(name, (args) => f(...args)))),
    ).toEqual([])
  }, 600_000)
  test('classes', () => {
    const make = (f: AnyFunction) => (args: unknown[]) =>
      new (f as unknown as new (...args: unknown[]) => unknown)(...args)
    expect(distinct(all.filter(([, , c]) => c).flatMap(([name, f]) => problemsOf(`new ${name}`, make(f))))).toEqual([])
  }, 600_000)
  test('options of optimizers', () => {
    const make = (f: unknown, option: object): optim.Optimizer<object> =>
      new (f as typeof optim.SGD)([new nn.Parameter(ones([2]))], { lr: 0.1, ...option })
    const optimizers = Object.entries({ ...optim }).filter(
      ([, f]) => (f as { prototype?: unknown }).prototype instanceof optim.Optimizer,
    )
    expect(optimizers.length).toBeGreaterThan(10)
    const problems = optimizers.flatMap(([name, f]) =>
      Object.keys(make(f, {}).defaults).flatMap((option) =>
        Object.entries(JUNK).flatMap(([what, junk]) => {
          const problem = blame(() => make(f, { [option]: junk() }))
          return problem ? [`${name}({ ${option}: ${what} }): ${problem}`] : []
        }),
      ),
    )
    expect(distinct(problems)).toEqual([])
  })
  test('methods', () => {
    expect(
      distinct(methods.flatMap(([name, f]) => problemsOf(`x.${name}`, (args) => f.apply(ones([2, 3]), args)))),
    ).toEqual([])
  }, 600_000)
  const notMade: [string, unknown][] = [
    ['a forged tensor', forged],
    ['a forged tensor with fields', dressed],
    ['the prototype', Tensor.prototype],
  ]
  test('operations as methods of what is no tensor throw an error of ours', () => {
    const names = new Set(
      [...operations()].flatMap(({ name, method, inPlace }) => [
        ...(method ? [name] : []),
        ...(inPlace ? [`${name}_`] : []),
      ]),
    )
    const others: [string, unknown][] = [
      ['undefined', undefined],
      ['null', null],
      ['a number', 5],
      ['an object', {}],
    ]
    const operating = methods.filter(([name]) => names.has(name))
    expect(operating.length).toBeGreaterThan(400)
    const problems = operating.flatMap(([name, f]) =>
      [...notMade, ...others].flatMap(([what, x]) => {
        try {
          f.call(x)
        } catch (error) {
          return error instanceof TenzoError ? [] : [`${name} of ${what} throws ${String(error)}`]
        }
        return [`${name} of ${what} throws nothing`]
      }),
    )
    expect(problems).toEqual([])
  })
  test('no method of what is no tensor crashes', () => {
    const problems = methods.flatMap(([name, f]) =>
      notMade.flatMap(([what, x]) => {
        try {
          f.call(x)
        } catch (error) {
          if (!(error instanceof Error)) return [`${name} of ${what} throws ${typeof error}`]
        }
        return []
      }),
    )
    expect(problems).toEqual([])
  })
})

describe('what junk is told', () => {
  const x = ones([2]).requiresGrad_()
  const any = (v: unknown): never => v as never
  test('a typed array without its buffer', () => {
    const a = JUNK['a detached buffer']!() as Float32Array
    expect(() => tensor(a)).toThrow(/the buffer of this typed array is detached/)
    expect(() => x.quantile(any(a))).toThrow(/is detached/)
    expect(() => new nn.ModuleList(any(a))).toThrow(/is detached/)
    expect(tensor(new Float32Array(0)).shape).toEqual([0])
  })
  test('a class in the place of a function', () => {
    class Loss {}
    expect(() => tenzo.noGrad(any(Loss))).toThrow('noGrad(): expected a function but got a class')
    expect(() => tenzo.scope(any(Loss))).toThrow('scope(): expected a function, not a class')
    expect(() => tenzo.printOptions({}, any(Loss))).toThrow('expected a function, not a class')
    expect(
      tenzo.noGrad(function old() {
        return 3
      }),
    ).toBe(3)
  })
  test('options that are none', () => {
    const loss = (): Tensor => x.sum()
    const f = (t: Tensor): Tensor => t.mul(t).sum()
    expect(() => tenzo.autograd.grad(loss(), x, any({ retain_graph: true }))).toThrow(/'retain_graph'/)
    expect(() => tenzo.autograd.backward(loss(), any({ retain: true }))).toThrow(/'retain'/)
    expect(() => tenzo.autograd.functional.jacobian(f, x, any({ strictly: true }))).toThrow(/'strictly'/)
    expect(() => tenzo.autograd.functional.hessian(f, x, any({ strictly: true }))).toThrow(/'strictly'/)
    expect(() => tenzo.autograd.functional.vjp(f, x, any({ strictly: true }))).toThrow(/'strictly'/)
    expect(() => tenzo.autograd.gradcheck(f, [x], any({ epsilon: 1 }))).toThrow(/'epsilon'/)
    expect(() => tenzo.autograd.gradgradcheck(f, [x], any({ epsilon: 1 }))).toThrow(/'epsilon'/)
  })
  test('the gradient comes first, as in PyTorch', () => {
    const y = ones([2]).requiresGrad_()
    tenzo.autograd.backward(y.mul(3), tensor([1, 2]))
    expect(y.grad!.toArray()).toEqual([3, 6])
    tenzo.autograd.backward([y.mul(3)], [tensor([1, 2])], { retainGraph: true })
    expect(y.grad!.toArray()).toEqual([6, 12])
  })
  test('constructors that are not for users', () => {
    const made = Tensor as unknown as new (...args: unknown[]) => unknown
    expect(() => new made([1, 2])).toThrow('tensors are made by tensor(), zeros(), rand() and the like')
    const node = tenzo.autograd.graph.Node as unknown as new (...args: unknown[]) => unknown
    expect(() => new node('n')).toThrow('nodes of the graph are made by the operations')
  })
  test('samples without end', () => {
    const sample: Record<string, unknown> = { x: 1 }
    sample.self = [sample]
    expect(() => tenzo.utils.data.defaultConvert(sample)).toThrow(/holds itself/)
    const shared = [1]
    expect(tenzo.utils.data.defaultConvert([shared, shared])).toEqual([[1], [1]])
  })
})
