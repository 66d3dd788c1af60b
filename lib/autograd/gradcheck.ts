/** Checks of gradients against differences of the function itself. */
import { ArgumentError, AutogradError } from '../errors'
import { Category } from '../runtime/dtype'
import { isTensor, type Tensor } from '../tensor/tensor'
import { grad } from './engine'
import { enableGrad, noGrad } from './mode'

/** Options of `gradcheck`. */
export interface GradcheckOptions {
  /** The step of the differences. Default 1e-6. */
  eps?: number
  /** Default 1e-5. */
  atol?: number
  /** Default 1e-3. */
  rtol?: number
  /** Throw with both Jacobians instead of returning false. Default true. */
  raiseException?: boolean
}
export type Checked = (...inputs: never[]) => Tensor | readonly Tensor[]

function argumentsOf(fn: unknown, inputs: Tensor | readonly unknown[]): unknown[] {
  if (typeof fn !== 'function') throw new ArgumentError(`gradcheck: expected a function to check, not ${typeof fn}`)
  if (isTensor(inputs)) return [inputs]
  if (!Array.isArray(inputs))
    throw new ArgumentError(`gradcheck: inputs must be a Tensor or an array, not ${typeof inputs}`)
  return [...inputs]
}

const floating = (o: Tensor | readonly Tensor[]): Tensor[] =>
  (isTensor(o) ? [o] : [...o]).filter((t) => isTensor(t) && t.info.category === Category.Float)

/**
 * Compares the gradients of `fn` with central differences, for every input that requires a gradient.
 * Inputs must be float64 (float32 has too few digits for the default step).
 * @returns true, or false where they differ and `raiseException` is false
 * @throws AutogradError with both Jacobians where they differ
 */
export function gradcheck(fn: Checked, inputs: Tensor | readonly unknown[], options: GradcheckOptions = {}): boolean {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, raiseException = true } = options
  const args = argumentsOf(fn, inputs)
  const call = fn as (...a: unknown[]) => Tensor | readonly Tensor[]
  const checked = args.flatMap((a, i) => (isTensor(a) && a.requiresGrad ? [i] : []))
  if (checked.length === 0)
    throw new ArgumentError(
      'gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True.',
    )
  for (const i of checked)
    if ((args[i] as Tensor).dtype !== 'float64')
      throw new ArgumentError(`gradcheck: input ${i} is ${(args[i] as Tensor).dtype}; differences need float64`)
  const outputs = floating(call(...args))
  const fail = (message: string): boolean => {
    if (raiseException) throw new AutogradError(message)
    return false
  }
  for (let o = 0; o < outputs.length; o++) {
    const output = outputs[o] as Tensor
    for (const i of checked) {
      const x = args[i] as Tensor
      const analytical = analyticalJacobian(call, args, o, x)
      const numerical = numericalJacobian(call, args, o, x, output.count, eps)
      for (let k = 0; k < numerical.length; k++) {
        const [a, n] = [analytical[k] as number, numerical[k] as number]
        if (Object.is(a, n) || (Number.isNaN(a) && Number.isNaN(n))) continue
        if (!(Math.abs(a - n) <= atol + rtol * Math.abs(n)))
          return fail(
            `Jacobian mismatch for output ${o} with respect to input ${i},\nnumerical:${show(numerical, x.count)}\nanalytical:${show(analytical, x.count)}\n`,
          )
      }
    }
  }
  return true
}

/** Row-major [output count, input count]. */
function analyticalJacobian(
  call: (...a: unknown[]) => Tensor | readonly Tensor[],
  args: readonly unknown[],
  o: number,
  x: Tensor,
): Float64Array {
  const output = floating(call(...args))[o] as Tensor
  const jacobian = new Float64Array(output.count * x.count)
  if (!output.requiresGrad) return jacobian
  for (let k = 0; k < output.count; k++) {
    const seed = output.detach().mul(0).nanToNum().reshape([-1])
    seed.set(k, 1)
    const [g] = grad(output, x, { gradOutputs: seed.reshape(output.sizes), retainGraph: true, allowUnused: true })
    if (g) jacobian.set(g.reshape([-1]).toTypedArray() as Float64Array, k * x.count)
  }
  return jacobian
}

function numericalJacobian(
  call: (...a: unknown[]) => Tensor | readonly Tensor[],
  args: readonly unknown[],
  o: number,
  x: Tensor,
  outputs: number,
  eps: number,
): Float64Array {
  const jacobian = new Float64Array(outputs * x.count)
  noGrad(() => {
    // Each input is changed where it lies, so that functions see it in all the places it is used.
    const data = x.data
    const index = new Array<number>(x.sizes.length).fill(0)
    const value = (): Float64Array =>
      (floating(call(...args))[o] as Tensor).detach().reshape([-1]).clone().toTypedArray() as Float64Array
    for (let k = 0; k < x.count; k++) {
      const cell = index.reduce((t: Tensor, at) => t.select(0, at), data)
      const original = cell.item()
      cell.fill_(original + eps)
      const above = value()
      cell.fill_(original - eps)
      const below = value()
      cell.fill_(original)
      for (let r = 0; r < outputs; r++)
        jacobian[r * x.count + k] = ((above[r] as number) - (below[r] as number)) / (2 * eps)
      for (let d = index.length - 1; d >= 0; d--) {
        index[d] = (index[d] as number) + 1
        if ((index[d] as number) < (x.sizes[d] as number)) break
        index[d] = 0
      }
    }
  })
  return jacobian
}

function show(jacobian: Float64Array, columns: number): string {
  const rows: string[] = []
  for (let i = 0; i < jacobian.length && rows.length < 20; i += Math.max(1, columns))
    rows.push(`[${[...jacobian.subarray(i, i + Math.min(columns, 20))].map((v) => v.toPrecision(6)).join(', ')}]`)
  return `\n[${rows.join('\n ')}]`
}

/** As `gradcheck`, of the gradient itself. */
export function gradgradcheck(
  fn: Checked,
  inputs: Tensor | readonly unknown[],
  options: GradcheckOptions = {},
): boolean {
  const args = argumentsOf(fn, inputs)
  const call = fn as (...a: unknown[]) => Tensor | readonly Tensor[]
  const outputs = floating(call(...args)).filter((o) => o.requiresGrad)
  // Fixed cotangents of no symmetry, so that no term cancels.
  const cotangents = outputs.map((o) => {
    const c = o.detach().mul(0).nanToNum().reshape([-1])
    for (let k = 0; k < o.count; k++) c.set(k, Math.sin(1 + 2 * k) + 0.3)
    return c.reshape(o.sizes).requiresGrad_()
  })
  const n = args.length
  // Recorded also while the differences are taken, which are not.
  const first = (...all: unknown[]): Tensor[] =>
    enableGrad(() => {
      const own = all.slice(0, n)
      const outs = floating(call(...own)).filter((o) => o.requiresGrad)
      const wanted = own.filter((a): a is Tensor => isTensor(a) && a.requiresGrad)
      const gradOutputs = all.slice(n) as Tensor[]
      return grad(outs, wanted, { gradOutputs, createGraph: true, materializeGrads: true }).filter((g) => g !== null)
    })
  return gradcheck(first as Checked, [...args, ...cotangents], options)
}
