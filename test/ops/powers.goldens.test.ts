/** Powers and other arithmetic with numbers, and products with logarithms, bit by bit (test/oracle/powers.py). */
import { autograd, empty, floatPower, nn, pow, rsub, special, tensor, type Tensor, xlogy } from 'tenzo'
import { camelCase, type CodedTensor, decodeTensor, elementsOf, loadGoldens, valuesOf } from '../helpers/goldens'

interface Power {
  e: string
  x: CodedTensor
  y: CodedTensor
  gradient?: CodedTensor
  second?: CodedTensor
}
interface Arithmetic {
  name: string
  n: string[]
  x: CodedTensor
  y: CodedTensor
}
type Product = { name: string } & Record<'x' | 'y' | 'g' | 'z' | 'gx' | 'gy', CodedTensor>
const goldens = loadGoldens<{ powers: Power[]; arithmetic: Arithmetic[]; products: Product[] }>('powers.json.gz')

const numberOf = (text: string): number => Number(text.replace('inf', 'Infinity'))
const EPSILON: Record<string, number> = { float32: 2 ** -23, float64: 2 ** -52, float16: 0, bfloat16: 0 }

/** The same bits, but that a finite value may lie some units in the last place off; the half types have rounded those away. */
function same(said: string, got: Tensor, want: CodedTensor, units: number): void {
  const values = [...valuesOf(got)].map((v, i) => {
    const w = [...elementsOf(want)][i] as number
    const near = Math.abs((v as number) - w) <= units * EPSILON[want.t]! * Math.abs(w)
    return near && w !== 0 && Number.isFinite(w) ? w : v
  })
  expect([said, got.dtype, got.shape, values]).toEqual([said, want.t, want.s, [...elementsOf(want)]])
}

// What needs no power. PyTorch's powers, and its square root, are not always rounded correctly.
const unitsOf = (e: number): number => (Number.isFinite(e) && ![0, 1, 2, 3, -0.5, -1, -2].includes(e) ? 1 : 0)

describe.each(['float32', 'float64', 'float16', 'bfloat16'] as const)('%s', (dtype) => {
  const powers = goldens.powers.filter((c) => c.x.t === dtype)
  test.each([...new Set(powers.map((c) => c.e))])('to the power %s', (text) => {
    const e = numberOf(text)
    for (const c of powers.filter((c) => c.e === text)) {
      // One value at a time, PyTorch rounds the root of a bfloat16 before it divides by it: here as in its vectors, once.
      if (dtype === 'bfloat16' && e === -0.5 && c.x.s[0] !== 64) continue
      const x = decodeTensor(c.x)
      const forms: Record<string, (x: Tensor) => Tensor> = {
        method: (x) => x.pow(e),
        function: (x) => pow(x, e),
        'in place': (x) => x.clone().pow_(e),
        out: (x) => pow(x, e, { out: empty(x.shape, { dtype }) }),
        'a column': (x) => x.reshape([-1, 1]).expand([-1, 3]).pow(e).select(1, 1).reshape(x.shape),
        ...(dtype === 'float64'
          ? { floatPower: (x) => floatPower(x, e), floatPower_: (x) => x.clone().floatPower_(e) }
          : {}),
      }
      for (const [form, f] of Object.entries(forms)) same(`${form} [${c.x.s}]`, f(x), c.y, unitsOf(e))
      if (c.gradient === undefined) continue
      x.requiresGrad_()
      const [g] = autograd.grad(x.pow(e).sum(), x, { createGraph: true })
      same('gradient', g!, c.gradient, 2 * unitsOf(e - 1))
      expect(g!.requiresGrad).toBe(c.second !== undefined)
      if (c.second) same('second gradient', autograd.grad(g!.sum(), x)[0]!, c.second, 2 * unitsOf(e - 2))
    }
  })
  const arithmetic = goldens.arithmetic.filter((c) => c.x.t === dtype)
  test.each([...new Set(arithmetic.map((c) => c.name))])('%s of numbers', (name) => {
    for (const c of arithmetic.filter((c) => c.name === name)) {
      const x = decodeTensor(c.x)
      const numbers = c.n.map(numberOf)
      const method = (x as unknown as Record<string, (...n: number[]) => Tensor>)[camelCase(name)]
      same(`${name} ${numbers}`, name === 'rsub' ? rsub(x, numbers[0]!) : method!.call(x, ...numbers), c.y, 0)
    }
  })
  test.each(goldens.products.filter((c) => c.x.t === dtype).map((c) => [c.name, c] as const))('%s', (name, c) => {
    const [x, y, g] = [c.x, c.y, c.g].map((t) => decodeTensor(t!)) as [Tensor, Tensor, Tensor]
    const f = { xlogy, xlog1py: special.xlog1py, softsign: nn.functional.softsign }[name]!
    const inputs = name === 'softsign' ? [x] : [x, y]
    for (const t of inputs) t.requiresGrad_()
    const z = f(...(inputs as [Tensor, Tensor]))
    // The logarithms are each within two units.
    const units = name === 'softsign' ? 0 : 2
    same('value', z, c.z, units)
    const gradients = autograd.grad(z, inputs, g, { retainGraph: true })
    same('gradient of x', gradients[0]!, c.gx, units)
    same('gradient of the last', gradients.at(-1)!, c.gy, units)
    // One that is differentiated further goes another way.
    const further = autograd.grad(z, inputs, g, { createGraph: true })
    expect(further.every((t) => t?.requiresGrad)).toBe(true)
    same('gradient of x, differentiable', further[0]!, c.gx, units)
  })
})

test('a tensor as the exponent is none of the short cuts', () => {
  // As PyTorch 2.13 printed.
  const x = tensor([-Infinity, -0])
  expect(x.pow(tensor(0.5)).toArray()).toEqual([Infinity, 0])
  expect(x.pow(0.5).toArray()).toEqual([NaN, -0])
  expect(tensor(-Infinity).pow(0.5).item()).toBeNaN()
  expect(pow(1, tensor([NaN, 0.5])).toArray()).toEqual([1, 1])
})

test('integers', () => {
  // As PyTorch 2.13 printed.
  const x = tensor([1n, -1n, 2n, 0n, 3n])
  expect(() => x.pow(-1n)).toThrow('Integers to negative integer powers are not allowed.')
  expect(x.pow(-1.5).dtype).toBe('float32')
  expect(x.pow(-0.5).toArray()).toEqual([1, NaN, Math.fround(Math.SQRT1_2), Infinity, Math.fround(Math.sqrt(1 / 3))])
  expect(x.pow(true).toArray()).toEqual([1, -1, 2, 0, 3])
  expect(x.pow(0n).toArray()).toEqual([1, 1, 1, 1, 1])
  expect(x.to('int8').pow(2n).toArray()).toEqual([1, 1, 4, 0, 9])
  expect(() => x.to('int8').pow(300n)).toThrow('value cannot be converted to type int8_t without overflow')
})
