/** What a number beside a tensor comes to, by op, dtype and kind of number (test/oracle/promotion.py). */
import * as tenzo from 'tenzo'
import { cpuLevel, type DType, empty, ones, resultType, type Scalar, type Tensor, tensor } from 'tenzo'
import { camelCase, type CodedTensor, elementsOf, freeFunction, loadGoldens, valuesOf } from '../helpers/goldens'
import { difference, toleranceOf } from '../helpers/tolerance'

type Argument = 'x' | 'mask' | Scalar | number[]
interface Row {
  name: string
  t: DType
  dims: 0 | 1
  args: Argument[]
  opts: Record<string, Scalar | string>
  out?: CodedTensor
  /** On a CPU without multiplications that add, where that is another. */
  outWithoutFma?: CodedTensor
  error?: string
}
const rows = loadGoldens<Row[]>('promotion.json.gz')
type Functions = Record<string, (...args: unknown[]) => Tensor>

/** What is no method, or begins with the number. */
const isFree = (r: Row): boolean => r.args[0] !== 'x' || /^rsub$|^full_like$|\./.test(r.name)

/** @param wide whole numbers as bigints, which are ints too */
function call(r: Row, wide: boolean): Tensor {
  const scalar = (v: unknown): unknown => (wide && Number.isSafeInteger(v) ? BigInt(v as number) : v)
  const x = tensor(r.dims ? [3, 0, 7, 1] : [3], { dtype: 'float64' })
    .to(r.t)
    .reshape(r.dims ? [4] : [])
  // The second operand of `where` is taken where the tensor is the third.
  const mask = ones(x.shape, { dtype: 'bool' }).logicalXor(r.name === 'where' && r.args[2] === 'x')
  const args = r.args.map((a) => (a === 'x' ? x : a === 'mask' ? mask : scalar(a)))
  if (r.name === 'result_type') return empty([], { dtype: resultType(x, args[1] as Scalar) }).zero_()
  const opts = Object.fromEntries(Object.entries(r.opts).map(([k, v]) => [camelCase(k), scalar(v)]))
  if (Object.keys(opts).length > 0) args.push(opts)
  return isFree(r)
    ? (freeFunction(r.name)!(...args) as Tensor)
    : (x as unknown as Functions)[camelCase(r.name)]!(...args.slice(1))
}

/** Where PyTorch computes with a library's functions, the last bit is that library's. */
const OF_FUNCTIONS = /^((pow|float_power|xlogy)_?|nn\.functional\.\w+)$/

/** What is wrong with the result of a call, or null. */
function fault(r: Row, wide: boolean): string | null {
  let got: Tensor
  try {
    got = call(r, wide)
  } catch (error) {
    const { message } = error as Error
    if (r.out) return `throws "${message}" instead of giving ${r.out.t}`
    // Python's argument parser speaks of Python, and which kernel lacks a dtype is an inner name.
    return message === r.error || /received an invalid|must be|not implemented for/.test(r.error!)
      ? null
      : `says "${message}" instead of "${r.error}"`
  }
  if (!r.out) return `gives ${got.dtype} instead of "${r.error}"`
  const want = (cpuLevel() === 'baseline' && r.outWithoutFma) || r.out
  if (got.dtype !== want.t) return `is ${got.dtype} instead of ${want.t}`
  const tolerance = OF_FUNCTIONS.test(r.name) ? toleranceOf(r.name, 'value', want.t) : { relative: 0, ofLargest: 0 }
  return difference(valuesOf(got), elementsOf(want), tolerance)
}

test.each([...new Set(rows.map((r) => r.name))])('%s', (name) => {
  const wrong = rows
    .filter((r) => r.name === name)
    .flatMap((r) =>
      // A parameter that is a float takes no bigint.
      (name.includes('.') ? [false] : [false, true]).map((wide) => {
        const what = fault(r, wide)
        return (
          what && `${r.t}[${r.dims ? 4 : ''}] ${JSON.stringify([r.args, r.opts])}${wide ? ', bigints' : ''}: ${what}`
        )
      }),
    )
  expect(wrong.filter((w) => w !== null)).toEqual([])
})

const BEYOND = [2 ** 53, -(2 ** 53), 1e20, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
test.each(BEYOND)('%p is a float: no safe integer', (v) => {
  expect(resultType(tenzo.arange(3), v)).toBe('float32')
  expect(tenzo.full([1], v).dtype).toBe('float32')
  expect(tenzo.arange(3).add(v).dtype).toBe('float32')
  expect(() => tenzo.arange(3).add_(v)).toThrow("result type Float can't be cast to the desired output type Long")
})

test('a bigint is an int of any size', () => {
  expect(tenzo.zeros([1], { dtype: 'int64' }).add(2n ** 53n + 1n)).toEqual(tensor([2n ** 53n + 1n]))
  expect(tenzo.full([1], 2n ** 53n + 1n)).toEqual(tensor([2n ** 53n + 1n]))
})

test('-0 keeps its sign beside floats, though it is whole', () => {
  const x = tensor([1, -0])
  expect(x.mul(-0)).toEqual(tensor([-0, 0]))
  expect(x.add(-0)).toEqual(tensor([1, -0]))
  expect(x.clone().mul_(-0)).toEqual(tensor([-0, 0]))
  expect(tenzo.where(x.gt(0), -0, x)).toEqual(tensor([-0, -0]))
  expect(tenzo.full([1], -0, { dtype: 'float32' })).toEqual(tensor([-0]))
  expect(x.fill_(-0)).toEqual(tensor([-0, -0]))
  expect(tenzo.copysign(tensor([2]), -0)).toEqual(tensor([-2]))
})
