/** Sizes, dims and counts as an array or as the ints themselves: every call that takes them so in PyTorch, and only those. */
import * as tenzo from '../../lib/index'
import { ArgumentError, type Tensor } from '../../lib/index'
import { type OpDefinition, operation, operations, qualifiedName } from '../../lib/ops/define/registry'
import { camelCase, freeFunction, loadGoldens } from '../helpers/goldens'

interface Form {
  /** Whether the ints come one by one. */
  spread: boolean
  /** Whether they may be missing. */
  none: boolean
  /** Whether an array among them is taken. */
  mixed: boolean
}
interface Row {
  name: string
  before: ('x' | number | boolean | number[])[]
  ints: number[]
  function: Form | null
  method: Form | null
}
type Call = (...args: unknown[]) => unknown

/** Parts of PyTorch that Tenzo has not. */
const MISSING = 'expand_copy hash_tensor permute_copy set_ squeeze_copy view_copy'.split(' ')
/** The three of which an int alone counts parts, and an array says where they begin. */
const PARTS = 'dsplit hsplit vsplit'.split(' ')
const rows = loadGoldens<Row[]>('sizes.json')
const definitionOf = ({ name }: Row): OpDefinition | undefined =>
  operation(camelCase(name)) ?? operation(`nn.functional.${camelCase(name)}`) ?? operation(name.replace(/_$/, ''))
/** The op as it is called with a tensor in front, if that is how it begins. */
function formsOf(row: Row): Call[] {
  const f = (freeFunction(row.name) ?? freeFunction(`nn.functional.${row.name}`)) as Call | undefined
  const method = (tenzo.Tensor.prototype as unknown as Record<string, Call | undefined>)[camelCase(row.name)]
  const asFunction =
    method && row.before[0] === 'x' ? (x: unknown, ...rest: unknown[]) => method.apply(x, rest) : undefined
  return [f, asFunction].filter((form) => form !== undefined)
}
const given = (row: Row): unknown[] => row.before.map((v) => (v === 'x' ? tenzo.ones([1, 1, 1]) : v))
const shapesOf = (v: unknown): unknown => (Array.isArray(v) ? v.map((t: Tensor) => t.shape) : (v as Tensor).shape)
/** PyTorch's functions take an array alone where its methods take ints as well; here both are one. */
const spreadThere = (row: Row): boolean => row.function?.spread === true || row.method?.spread === true
const mixtures = (ints: readonly number[]): unknown[][] => [
  [ints[0], ints.slice(1)],
  [[ints[0]], ...ints.slice(1)],
  [...ints, 'a'],
  [...ints, null],
  [...ints, 1.5],
  [ints, 'a'],
  [...ints, {}, {}],
]

test('what is recorded is here, or is said to be missing', () => {
  expect(rows.filter((r) => formsOf(r).length === 0).map((r) => r.name)).toEqual(MISSING)
})

describe.each(rows.filter((r) => formsOf(r).length > 0).map((r) => [r.name, r] as const))('%s', (_name, row) => {
  // Another name of an op says the name of that op.
  const names = [...operations()].filter((d) => d.params === definitionOf(row)?.params).map((d) => d.name)
  const said = new RegExp(`^(${names.join('|')})_?\\(\\)`)
  const refused = (...args: unknown[]): void => {
    for (const f of formsOf(row)) {
      const call = () => f(...given(row), ...args)
      expect(call).toThrow(ArgumentError)
      expect(call).toThrow(said)
    }
  }
  test(`${spreadThere(row) ? 'takes' : 'refuses'} ints one by one`, () => {
    expect([row.function?.mixed, row.method?.mixed].includes(true)).toBe(row.name === 'tensor_split')
    if (!spreadThere(row)) return refused(...row.ints)
    for (const f of formsOf(row)) {
      const listed = shapesOf(f(...given(row), row.ints))
      expect(shapesOf(f(...given(row), ...row.ints))).toEqual(listed)
      expect(shapesOf(f(...given(row), ...row.ints, {}))).toEqual(listed)
      expect(shapesOf(f(...given(row), ...row.ints, undefined))).toEqual(listed)
      if (PARTS.includes(row.name)) continue
      const vector = row.before.map(() => tenzo.ones([1]))
      expect(shapesOf(f(...vector, row.ints[0]))).toEqual(shapesOf(f(...vector, row.ints.slice(0, 1))))
    }
  })
  test('refuses mixtures', () => {
    for (const args of mixtures(row.ints)) refused(...args)
  })
  test('takes nothing where PyTorch does', () => {
    const none = row.function?.none || row.method?.none
    if (!none) return refused()
    for (const f of formsOf(row)) expect(f(...given(row))).toBeDefined()
  })
})

test('no other op takes ints one by one', () => {
  const known = new Set(rows.filter(spreadThere).map((r) => definitionOf(r)))
  // Other names of an op are no rows of their own.
  const params = new Set([...known].flatMap((d) => d?.params ?? []))
  const spread = [...operations()].filter((d) => d.params.some((p) => p.spread))
  expect(spread.filter((d) => !known.has(d) && !d.params.some((p) => params.has(p))).map(qualifiedName)).toEqual([])
  expect(known.size).toBeGreaterThan(20)
})

test('where a required argument follows, sizes are an array, as in PyTorch', () => {
  const call = tenzo as unknown as Record<string, Call>
  const x = tenzo.ones([2, 3])
  const calls: [string, Call][] = [
    ['full', () => call.full!(2, 3)],
    ['full', () => call.full!(2, 3, 1)],
    ['newFull', () => call.newFull!(x, 2, 1)],
    ['randint', () => call.randint!(3, 2, 2)],
    ['randint', () => call.randint!(0, 3, 2, 2)],
    ['asStrided', () => call.asStrided!(x, 2, 2)],
    ['roll', () => call.roll!(x, 1, 0, 1)],
    ['rot90', () => call.rot90!(x, 1, 0, 1)],
  ]
  for (const [name, f] of calls) {
    expect(f).toThrow(ArgumentError)
    expect(f).toThrow(new RegExp(`^${name}\\(\\)`))
  }
})

test('values of sizes that come one by one', () => {
  const x = tenzo.arange(6).reshape(2, 3)
  expect(x.shape).toEqual([2, 3])
  expect(x.reshape(3, -1)).toEqual(
    tenzo.tensor([
      [0n, 1n],
      [2n, 3n],
      [4n, 5n],
    ]),
  )
  expect(x.view(-1)).toEqual(tenzo.arange(6))
  expect(x.view('int32').shape).toEqual([2, 6])
  expect(x.permute(1, 0)).toEqual(x.t())
  expect(tenzo.permute(x, 1, 0)).toEqual(x.t())
  expect(x.flip(0, 1)).toEqual(tenzo.arange(5, -1, -1).reshape(2, 3))
  expect(x.at(0).expand(2, -1)).toEqual(
    tenzo.tensor([
      [0n, 1n, 2n],
      [0n, 1n, 2n],
    ]),
  )
  expect(x.at(0).repeat(1, 2)).toEqual(tenzo.tensor([[0n, 1n, 2n, 0n, 1n, 2n]]))
  expect(x.hsplit(1, 2).map((t) => t.shape)).toEqual([
    [2, 1],
    [2, 1],
    [2, 1],
  ])
  expect(x.hsplit(3).map((t) => t.shape)).toEqual([
    [2, 1],
    [2, 1],
    [2, 1],
  ])
  expect(tenzo.zeros(2, 3, { dtype: 'int64' })).toEqual(tenzo.zeros([2, 3], { dtype: 'int64' }))
  expect(x.newOnes(1, 2, { dtype: 'bool' })).toEqual(tenzo.tensor([[true, true]]))
  tenzo.manualSeed(3)
  const [a, b] = [tenzo.rand(4, 8), tenzo.randn(2, { dtype: 'float64' })]
  tenzo.manualSeed(3)
  expect([a, b]).toEqual([tenzo.rand([4, 8]), tenzo.randn([2], { dtype: 'float64' })])
})
test('a dim alone leads to its own node, several to another', () => {
  const x = tenzo.ones(1, 1, 2, { requiresGrad: true })
  const nodes = [x.squeeze(), x.squeeze(0), x.squeeze([0]), x.squeeze(0, 1), x.squeeze({ dim: 0 })]
  expect(nodes.map((y) => y.gradFn?.name())).toEqual(['0', '1', '2', '2', '1'].map((n) => `SqueezeBackward${n}`))
  expect(x.detach().squeeze_(0, 1).shape).toEqual([2])
})
test('the texts say what came and what was wanted', () => {
  const any = tenzo as unknown as Record<string, Call>
  const x = tenzo.ones([2, 3]) as unknown as Record<string, Call>
  const texts: [Call, string][] = [
    [() => any.zeros!([2], 3), "zeros(): argument 'size' must be ints or an array of ints, not (array, 3)"],
    [() => any.randn!(2, [3]), "randn(): argument 'size' must be ints or an array of ints, not (2, array)"],
    [() => any.zeros!(2, 'a'), "zeros(): argument 'size' must be ints or an array of ints, not (2, 'a')"],
    [() => any.zeros!([2, 'a']), "zeros(): argument 'size' must be ints or an array of ints, not an array with 'a'"],
    [() => any.zeros!(2.5), "zeros(): argument 'size' must be ints or an array of ints, not 2.5"],
    [() => any.zeros!(2, { dtypo: 1 }), "zeros() got an unexpected keyword argument 'dtypo'"],
    [() => x.expand!(4, [3]), "expand(): argument 'size' must be ints or an array of ints, not (4, array)"],
    [() => x.view!('int32', 2), "view(): argument 'size' must be ints or an array of ints, not ('int32', 2)"],
    [() => any.full!(2, 3), "full(): argument 'size' must be an array of ints, not 2"],
    [() => any.full!([2.5], 3), "full(): argument 'size' must be an array of ints, not an array with 2.5"],
  ]
  for (const [f, text] of texts) expect(f).toThrow(new ArgumentError(text))
})
