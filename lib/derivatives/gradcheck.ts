/** Checks of gradients against differences of the function itself, as PyTorch's, with its options and texts. */
import { optionsOf } from '../check/options'
import { describe } from '../check/arguments'
import { ArgumentError, AutogradError, NotImplementedError, ValueError } from '../errors'
import { Category } from '../runtime/dtype'
import { sameShape } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import { numericalJacobian, numericalProducts, type Run } from './gradcheck-numerical'
import { type Grad, Node } from '../autograd/node'
import { grad } from '../autograd/passes'
import { fromNumbers, randomLike, randomVectors, zeros } from './values'

/** A gradient that differs from what the function itself says. */
export class GradcheckError extends AutogradError {
  override readonly code: string = 'ERR_TENZO_GRADCHECK'
  static {
    Object.defineProperty(GradcheckError.prototype, 'name', {
      value: 'GradcheckError',
      writable: true,
      configurable: true,
    })
  }
}

/** Options of `gradcheck`. */
export interface GradcheckOptions {
  /** The step of the differences. Default 1e-6. */
  eps?: number
  /** Default 1e-5. */
  atol?: number
  /** Default 1e-3. */
  rtol?: number
  /** Throw GradcheckError instead of returning false. Default true. */
  raiseException?: boolean
  /** How far two passes over the same graph may differ. Default 0. */
  nondetTol?: number
  /** Whether `backward` copes with outputs that no gradient reaches. Default true. */
  checkUndefinedGrad?: boolean
  /** Whether gradients have the dtype of their inputs. The engine sees to it, for the user's operations too. Default false. */
  checkGradDtypes?: boolean
  /** Gradients of batches by vmap, which does not exist here: true throws NotImplementedError. */
  checkBatchedGrad?: boolean
  /** As `checkBatchedGrad`. */
  checkBatchedForwardGrad?: boolean
  /** Forward mode, which does not exist here: true throws NotImplementedError. */
  checkForwardAd?: boolean
  /** Must be true, as there is no other mode. Default true. */
  checkBackwardAd?: boolean
  /** Compare one random product of each Jacobian instead of all its elements: for large inputs. Default false. */
  fastMode?: boolean
  /** Compare zero gradients within a tolerance. (What else it means in PyTorch concerns sparse tensors.) Default false. */
  masked?: boolean | null
}
/** What both kinds of check take. */
const COMMON = [
  'eps',
  'atol',
  'rtol',
  'raiseException',
  'nondetTol',
  'checkUndefinedGrad',
  'checkGradDtypes',
  'checkBatchedGrad',
  'fastMode',
  'masked',
] as const
const GRADCHECK = [...COMMON, 'checkBatchedForwardGrad', 'checkForwardAd', 'checkBackwardAd'] as const
/** A function that can be checked. */
export type Checked = (...inputs: never[]) => Tensor | readonly unknown[]

function argumentsOf(fn: unknown, inputs: unknown): unknown[] {
  if (typeof fn !== 'function') throw new ArgumentError(`gradcheck: expected a function to check, not ${describe(fn)}`)
  if (isTensor(inputs)) return [inputs]
  if (!Array.isArray(inputs))
    throw new ArgumentError(`gradcheck: inputs must be a Tensor or an array, not ${describe(inputs)}`)
  return [...(inputs as unknown[])]
}
const listOf = (out: unknown): unknown[] => (Array.isArray(out) ? out : [out])
const differentiable = (out: unknown): Tensor[] => listOf(out).filter((t): t is Tensor => isTensor(t) && t.requiresGrad)
const floating = (out: unknown): Tensor[] =>
  listOf(out).filter((t): t is Tensor => isTensor(t) && t.info.category === Category.Float)

/**
 * Compares the gradients of `fn` with central differences, for every input that requires a gradient. Inputs should be
 * float64: float32 has too few digits for the default step, and gives a warning.
 *
 * Besides, two passes must agree, a zero gradient must give zeros, and `backward` must cope with outputs that no gradient
 * reaches.
 * @param fn takes `inputs` as its arguments and returns a tensor or an array
 * @returns true, or false where something differs and `raiseException` is false
 * @throws GradcheckError where something differs, with both Jacobians (inputs by outputs) if it is these
 */
export function gradcheck(fn: Checked, inputs: Tensor | readonly unknown[], given?: GradcheckOptions): boolean {
  const options = optionsOf<GradcheckOptions>('gradcheck', GRADCHECK, undefined, given)
  const { checkForwardAd = false, checkBackwardAd = true } = options
  const { checkBatchedGrad = false, checkBatchedForwardGrad = false } = options
  if (!checkForwardAd && !checkBackwardAd)
    throw new ValueError('Expected at least one of check_forward_ad or check_backward_ad to be True')
  if (checkBatchedGrad && !checkBackwardAd)
    throw new ValueError('Setting check_batched_grad=True requires check_backward_ad to be True')
  if (checkBatchedForwardGrad && !checkForwardAd)
    throw new ValueError('Setting check_batched_forward_grad=True requires check_forward_ad to be True')
  if (checkForwardAd) throw new NotImplementedError('gradcheck: there is no forward mode to check (checkForwardAd)')
  if (checkBatchedGrad) throw new NotImplementedError('gradcheck: there is no vmap to check with (checkBatchedGrad)')
  const args = argumentsOf(fn, inputs)
  const call = fn as (...a: unknown[]) => unknown
  try {
    check(() => call(...args), args, options)
    return true
  } catch (error) {
    if (options.raiseException === false && error instanceof GradcheckError) return false
    throw error
  }
}

function check(run: () => unknown, args: readonly unknown[], options: GradcheckOptions): void {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, nondetTol = 0, checkGradDtypes = false } = options
  for (const [name, v] of Object.entries({ eps, atol, rtol, nondetTol }))
    if (typeof v !== 'number')
      throw new ArgumentError(`gradcheck(): argument '${name}' must be a number, not ${typeof v}`)
  const indices = checkInputs(args)
  const inputs = indices.map((i) => args[i] as Tensor)
  const out = run()
  const all = floating(out)
  const outputs = differentiable(out)
  const floats: Run = () => floating(run())
  if (outputs.length === 0) {
    const parts = options.fastMode
      ? numericalProducts(floats, inputs, randomVectors(inputs), eps)
      : inputs.map((x) => numericalJacobian(floats, x, all, eps))
    const tolerance = options.fastMode ? nondetTol : 0
    for (const part of parts)
      for (const matrix of part)
        if (matrix.some((v) => Math.abs(v) > tolerance || Number.isNaN(v)))
          throw new GradcheckError('Numerical gradient for function expected to be zero')
  } else if (options.fastMode)
    compareProducts(floats, inputs, all, outputs, { eps, atol, rtol, nondetTol, checkGradDtypes })
  else compareJacobians(floats, inputs, all, outputs, { eps, atol, rtol, nondetTol, checkGradDtypes })
  checkZeros(inputs, outputs, options.masked ?? false)
  if (options.checkUndefinedGrad ?? true) checkUndefined(run, inputs, outputs.length)
}

function checkInputs(args: readonly unknown[]): number[] {
  const indices: number[] = []
  args.forEach((a, i) => {
    if (!isTensor(a) || !a.requiresGrad) return
    if (a.dtype !== 'float64')
      process.emitWarning(
        `Input #${i} requires gradient and is not a double precision floating point or complex. This check will likely fail if all the inputs are not of double precision floating point or complex. `,
      )
    if (a.sizes.some((size, d) => size > 1 && a.strides[d] <= 0))
      throw new AutogradError(
        `The ${i}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck.`,
      )
    indices.push(i)
  })
  if (indices.length === 0)
    throw new ValueError(
      'gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.',
    )
  return indices
}

interface Tolerances {
  readonly eps: number
  readonly atol: number
  readonly rtol: number
  readonly nondetTol: number
  readonly checkGradDtypes: boolean
}

// ---- whole Jacobians ----------------------------------------------------------------------------------------------

/** The gradients of all inputs for one gradient of an output, as numbers. */
function gradientsFor(output: Tensor, inputs: readonly Tensor[], seed: Tensor, dtypes: boolean): Float64Array[] {
  const grads = grad(output, inputs, { gradOutputs: seed, retainGraph: true, allowUnused: true })
  return grads.map((g, i) => {
    const x = inputs[i] as Tensor
    if (g === null) return new Float64Array(x.count)
    if (dtypes && g.info !== x.info) throw new GradcheckError('Gradient has dtype mismatch')
    return numbers(g)
  })
}
const numbers = (t: Tensor): Float64Array =>
  t.detach().to('float64').contiguous().view([-1]).toTypedArray() as Float64Array

/** For each input its Jacobian, inputs by outputs. */
function analyticalJacobians(output: Tensor, inputs: readonly Tensor[], dtypes: boolean): Float64Array[] {
  const n = output.count
  const jacobians = inputs.map((x) => new Float64Array(x.count * n))
  const seed = zeros({ sizes: [n], info: output.info })
  const shaped = seed.view(output.sizes)
  for (let k = 0; k < n; k++) {
    seed.zero_()
    seed.select(0, k).fill_(1)
    gradientsFor(output, inputs, shaped, dtypes).forEach((g, i) => {
      const jacobian = jacobians[i] as Float64Array
      for (let r = 0; r < g.length; r++) jacobian[r * n + k] = g[r]
    })
  }
  return jacobians
}

/** Both passes over the graph of one output must give the same. */
function repeated(run: () => Float64Array[], tolerance: number): Float64Array[] {
  const first = run()
  const second = run()
  const differ = first.some((a, i) =>
    a.some((v, k) => Math.abs(v - ((second[i] as Float64Array)[k] as number)) > tolerance),
  )
  if (differ)
    throw new GradcheckError(
      `Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although analytical gradient matches numerical gradient.The tolerance for nondeterminism was ${pythonFloat(tolerance)}.${NONDETERMINISTIC}`,
    )
  return first
}

function compareJacobians(
  run: Run,
  inputs: readonly Tensor[],
  all: readonly Tensor[],
  outputs: readonly Tensor[],
  { eps, atol, rtol, nondetTol, checkGradDtypes }: Tolerances,
): void {
  const numerical = inputs.map((x) => numericalJacobian(run, x, all, eps))
  outputs.forEach((output, o) => {
    const analytical = repeated(() => analyticalJacobians(output, inputs, checkGradDtypes), nondetTol)
    analytical.forEach((a, i) => {
      const n = (numerical[i] as Float64Array[])[all.indexOf(output)] as Float64Array
      if (!close(a, n, rtol, atol))
        throw mismatch(matrix(a, inputs[i] as Tensor, output), matrix(n, output, inputs[i] as Tensor, true), o, i)
    })
  })
}

/** As PyTorch's allclose. */
const close = (a: Float64Array, n: Float64Array, rtol: number, atol: number): boolean =>
  a.every((v, k) => {
    const w = n[k]
    return v === w || Math.abs(v - w) <= atol + rtol * Math.abs(w)
  })

/** A Jacobian as a tensor of the first one's dtype, to be printed. */
function matrix(values: Float64Array, first: Tensor, second: Tensor, transposed = false): Tensor {
  const [rows, columns] = transposed ? [second, first] : [first, second]
  return fromNumbers(values, [rows.count, columns.count], first.info)
}
const mismatch = (
  analytical: Tensor | string,
  numerical: Tensor | string,
  o: number,
  i: number,
  more = '',
): GradcheckError =>
  new GradcheckError(
    `Jacobian mismatch for output ${o} with respect to input ${i},\nnumerical:${numerical}\nanalytical:${analytical}\n${more}`,
    { output: o, input: i },
  )

// ---- one product of each ------------------------------------------------------------------------------------------

function compareProducts(
  run: Run,
  inputs: readonly Tensor[],
  all: readonly Tensor[],
  outputs: readonly Tensor[],
  { eps, atol, rtol, nondetTol, checkGradDtypes }: Tolerances,
): void {
  const vectors = randomVectors([...inputs, ...outputs])
  const us = vectors.slice(0, inputs.length)
  const vs = vectors.slice(inputs.length)
  const Ju = numericalProducts(run, inputs, us, eps)
  const vJu = outputs.map((output, o) => {
    const seed = fromNumbers(vs[o] as Float64Array, output.sizes, output.info)
    const vJ = repeated(() => gradientsFor(output, inputs, seed, checkGradDtypes), nondetTol)
    return vJ.map((g, i) => dot(g, us[i] as Float64Array))
  })
  inputs.forEach((x, i) => {
    outputs.forEach((output, o) => {
      const at = all.indexOf(output)
      const n = dot((Ju[i] as Float64Array[])[at] as Float64Array, vs[o] as Float64Array)
      const a = (vJu[o] as number[])[i] as number
      const tolerance = atol * total(us[i] as Float64Array) * total(vs[o] as Float64Array)
      if (close(Float64Array.of(a), Float64Array.of(n), rtol, tolerance)) return
      throw mismatch(pythonFloat(a), pythonFloat(n), o, i, slowly(run, x, all, output, { eps, atol, rtol }))
    })
  })
}
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, k) => sum + v * b[k], 0)
const total = (a: Float64Array): number => a.reduce((sum, v) => sum + v, 0)

/** The whole Jacobians, for the text of an error that the products showed. */
function slowly(
  run: Run,
  x: Tensor,
  all: readonly Tensor[],
  output: Tensor,
  { eps, atol, rtol }: Pick<Tolerances, 'eps' | 'atol' | 'rtol'>,
): string {
  const n = numericalJacobian(run, x, all, eps)[all.indexOf(output)] as Float64Array
  const a = analyticalJacobians(output, [x], false)[0] as Float64Array
  const largest = a.reduce((max, v, k) => Math.max(max, Math.abs(v - n[k])), 0)
  return `
The above quantities relating the numerical and analytical jacobians are computed 
in fast mode. See: https://github.com/pytorch/pytorch/issues/53876 for more background 
about fast mode. Below, we recompute numerical and analytical jacobians in slow mode:

Numerical:
 ${matrix(n, output, x, true)}
Analytical:
${matrix(a, x, output)}

The max per-element difference (slow mode) is: ${pythonFloat(largest)}.
${close(a, n, rtol, atol) ? SLOW_IS_CLOSE : ''}`
}

// ---- further checks -----------------------------------------------------------------------------------------------

/** `backward` is linear: it must give zeros for zeros. */
function checkZeros(inputs: readonly Tensor[], outputs: readonly Tensor[], masked: boolean): void {
  const zero = outputs.map(zeros)
  grad(outputs, inputs, { gradOutputs: zero, allowUnused: true }).forEach((g, i) => {
    if (g === null) return
    if (numbers(g).some((v) => (masked ? !(Math.abs(v) <= 1e-8) : v !== 0)))
      throw new GradcheckError('backward not multiplied by grad_output')
    const x = inputs[i] as Tensor
    if (g.info !== x.info) throw new GradcheckError('grad is incorrect type')
    if (!sameShape(g.sizes, x.sizes)) throw new GradcheckError('grad is incorrect size')
  })
}

const NOTES = 'Please look at "Notes about undefined output gradients" in "tools/autograd/derivatives.yaml"'
function checkUndefined(run: () => unknown, inputs: readonly Tensor[], count: number): void {
  const attempt = (outputs: Tensor[]): void => {
    let grads: Grad[]
    try {
      const zero = outputs.map(zeros)
      grads = grad(outputs, inputs, { gradOutputs: zero, allowUnused: true })
    } catch (cause) {
      const error = new GradcheckError(`Expected backward function to handle undefined output grads. ${NOTES}`)
      throw Object.assign(error, { cause })
    }
    for (const g of grads)
      if (g && numbers(g).some((v) => v !== 0))
        throw new GradcheckError(
          `Expected all input grads to be undefined or zero when all output grads are undefined or zero. ${NOTES}`,
        )
  }
  attempt(differentiable(run()).map(undefinedGrad))
  if (count > 1)
    for (let k = 0; k < count; k++) attempt(differentiable(run()).map((o, i) => (i === k ? undefinedGrad(o) : o)))
}
/** The same tensor, but no gradient passes. */
function undefinedGrad(t: Tensor): Tensor {
  const out = t.detach()
  const node = new Node('UndefinedGrad', () => null, [t])
  node.outputs.push(out.meta())
  out.setGradFn(node, 0)
  return out
}

// ---- second derivatives -------------------------------------------------------------------------------------------

/** Options of `gradgradcheck`. */
export interface GradgradcheckOptions
  extends Omit<GradcheckOptions, 'checkForwardAd' | 'checkBackwardAd' | 'checkBatchedForwardGrad'> {
  /** The gradients of the outputs; by default drawn at random from [-1, 1). */
  gradOutputs?: Tensor | readonly Tensor[] | null
  /** Draw them with gaps in memory. Default false. */
  genNonContigGradOutputs?: boolean
  /** Forward mode over reverse mode, which does not exist here: true throws NotImplementedError. */
  checkFwdOverRev?: boolean
  /** Must be true, as there is no other mode. Default true. */
  checkRevOverRev?: boolean
}
const GRADGRADCHECK = [
  'gradOutputs',
  ...COMMON,
  'genNonContigGradOutputs',
  'checkFwdOverRev',
  'checkRevOverRev',
] as const

/** As `gradcheck`, of the gradient itself: by `inputs` and by the gradients of the outputs. */
export function gradgradcheck(
  fn: Checked,
  inputs: Tensor | readonly unknown[],
  given?: Tensor | readonly Tensor[] | null | GradgradcheckOptions,
  rest?: GradgradcheckOptions,
): boolean {
  const options = optionsOf<GradgradcheckOptions>('gradgradcheck', GRADGRADCHECK, given, rest)
  const {
    gradOutputs,
    checkFwdOverRev = false,
    checkRevOverRev = true,
    genNonContigGradOutputs = false,
    ...own
  } = options
  if (!checkFwdOverRev && !checkRevOverRev)
    throw new ValueError('Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True')
  if (options.checkUndefinedGrad && !checkRevOverRev)
    throw new ValueError('Setting check_undefined_grad=True requires check_rev_over_rev to be True')
  if (options.checkBatchedGrad && !checkRevOverRev)
    throw new ValueError('Setting check_batched_grad=True requires check_rev_over_rev to be True')
  const args = argumentsOf(fn, inputs)
  const call = fn as (...a: unknown[]) => unknown
  const cotangents: Tensor[] =
    gradOutputs == null
      ? differentiable(call(...args)).map((o) => randomLike(o, genNonContigGradOutputs).requiresGrad_())
      : (listOf(gradOutputs) as Tensor[])
  const wanted = args.flatMap((a, i) => (isTensor(a) && a.requiresGrad ? [i] : []))
  const first = (...all: unknown[]): Tensor[] => {
    const given = all.slice(0, args.length)
    const outs = differentiable(call(...given))
    const grads = grad(
      outs,
      wanted.map((i) => given[i] as Tensor),
      { gradOutputs: all.slice(args.length) as Tensor[], createGraph: true, allowUnused: true },
    )
    return grads.filter((g) => g !== null)
  }
  return gradcheck(first as Checked, [...args, ...cotangents], {
    ...own,
    checkForwardAd: checkFwdOverRev,
    checkBackwardAd: checkRevOverRev,
  })
}

// ---- texts --------------------------------------------------------------------------------------------------------

/** A number as Python prints a float. */
function pythonFloat(v: number): string {
  if (Number.isInteger(v) && Math.abs(v) < 1e16) return v.toFixed(1)
  const text = String(v)
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

const NONDETERMINISTIC = `

NOTE: If your op relies on non-deterministic operations i.e., it is listed here:
https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
this failure might be expected.

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.
If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with \`nondet_tol=<tol>\` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have \`gradcheck_nondet_tol=<tol>\`.
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have \`gradcheck_nondet_tol=<tol>\`
`
const SLOW_IS_CLOSE = `
Fast gradcheck failed but element-wise differences are small. This means that the
test might've passed in slow_mode!

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck:

If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with \`fast_mode=False\` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have \`gradcheck_fast_mode=False\`
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have \`gradcheck_fast_mode=False\`
`.trim()
