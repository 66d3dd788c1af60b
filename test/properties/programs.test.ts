/**
 * Random programs of views, copies and changes in place, over random shapes and dtypes: all tensors of a program hold after each step what
 * the same steps make of plain lists of numbers. Not recorded: PROPERTY_SEED=n repeats a run, PROPERTY_RUNS=n makes it longer.
 */
import fc from 'fast-check'
import { type Tensor, tensor } from 'tenzo'
import { broadcastable, count, KINDS, type Kind, type Ref, ref, values } from './reference'
import { runs } from './runs'
import { STEPS } from './steps'

const NAMES = Object.keys(STEPS)
const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
const program = fc.record({
  dtype: fc.constantFrom(...KINDS),
  shapes: fc.array(shapes, { minLength: 1, maxLength: 3 }),
  steps: fc.array(
    fc.record({
      name: fc.constantFrom(...NAMES),
      x: fc.nat(40),
      y: fc.nat(40),
      n: fc.tuple(fc.nat(60), fc.nat(60), fc.nat(60), fc.nat(60)),
    }),
    { minLength: 1, maxLength: 14 },
  ),
})
type Program = typeof program extends fc.Arbitrary<infer P> ? P : never
type Pair = [Tensor, Ref]

const make = (shape: readonly number[], dtype: Kind, k: number): Pair => {
  const list = Array.from({ length: count(shape) }, (_, i) => ((i * 7 + k * 3) % 13) - (dtype === 'uint8' ? 0 : 6))
  return [tensor(Float64Array.from(list)).reshape(shape).to(dtype), ref(list, shape, dtype)]
}
/** Other than by bits: a zero that an operation makes of a negative number may have its sign. */
const same = (a: number, b: number): boolean => a === b

function expectSame([x, r]: Pair, what: string): void {
  const shown = { dtype: x.dtype, shape: [...x.shape] }
  expect({ what, ...shown }).toEqual({ what, dtype: r.dtype, shape: [...r.shape] })
  const got = Array.from(x.to('float64').toTypedArray() as Float64Array)
  const want = values(r)
  if (!(got.length === want.length && got.every((v, i) => same(v, want[i] as number))))
    expect({ what, got }).toEqual({ what, got: want })
}
/** How often each step was taken, so that none is a name alone. */
const taken = new Map<string, number>()

function runProgram({ dtype, shapes: given, steps }: Program): void {
  const pairs: Pair[] = given.map((shape, k) => make(shape, dtype, k))
  for (const { name, x: i, y: j, n } of steps) {
    const [x, rx] = pairs[i % pairs.length] as Pair
    // The first from j on that fits; else a copy of x, as what overlaps with it in part may not be its operand.
    const fits = ([, r]: Pair): boolean =>
      r.dtype === rx.dtype && r.store !== rx.store && broadcastable(r.shape, rx.shape)
    const [y, ry] = [...pairs.slice(j % pairs.length), ...pairs].find(fits) ?? [
      x.clone(),
      ref(values(rx), rx.shape, rx.dtype),
    ]
    const step = STEPS[name]!
    const made = step.run({ x, y, rx, ry, n })
    if (made === null) continue
    taken.set(name, (taken.get(name) ?? 0) + 1)
    const [result] = made
    if (step.kind === 'view' && count(result.shape) > 0 && !result.sharesStorage(x))
      throw new Error(`${name} made no view`)
    if (step.kind === 'in place' && result !== x) throw new Error(`${name} gave another tensor`)
    expectSame(made as Pair, name)
    if (step.kind !== 'in place' && count(result.shape) <= 300) pairs.push(made as Pair)
  }
  for (const [k, pair] of pairs.entries()) expectSame(pair, `tensor ${k} at the end`)
}

beforeAll(() => {
  jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterAll(() => jest.restoreAllMocks())
test('programs', () => {
  fc.assert(fc.property(program, runProgram), runs(1500))
}, 600_000)
test('every step was taken', () => {
  expect(NAMES.filter((name) => !taken.has(name))).toEqual([])
})
