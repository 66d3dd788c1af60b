/**
 * Derivatives of functions (`torch.autograd.functional`). A function takes tensors and returns one or an array of them;
 * `inputs` are one tensor or an array, and the results are nested accordingly.
 */
import { optionsOf } from '../check/options'
import { describe, expectFunction } from '../check/arguments'
import { ArgumentError, AutogradError, NotImplementedError, ValueError } from '../errors'
import { showShape } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import { gradMode, recording } from '../autograd/mode'
import type { Grad } from '../autograd/node'
import { grad } from '../autograd/passes'
import { stack } from '../ops/tensor/joining'
import { zeros } from './values'
import { torchSize } from '../check/words'

/** One tensor or an array of them. */
export type Tensors = Tensor | readonly Tensor[]
type Arguments<I extends Tensors> = I extends Tensor
  ? [x: Tensor]
  : I extends readonly Tensor[]
    ? { -readonly [K in keyof I]: Tensor }
    : never
/** As `T`: one tensor for one, an array for an array. */
export type Like<T extends Tensors> = T extends Tensor ? Tensor : Tensor[]
/** The Jacobian of outputs `O` by inputs `I`: a tensor, a row or column of them, or `result[output][input]`. */
export type Jacobian<O extends Tensors, I extends Tensors> = O extends Tensor
  ? Like<I>
  : I extends Tensor
    ? Tensor[]
    : Tensor[][]
type Fn<I extends Tensors, O extends Tensors> = (...inputs: Arguments<I>) => O
type AnyFn = (...inputs: Tensor[]) => unknown
// Literals of several tensors are tuples, so that the function's parameters are counted.
type In = Tensor | readonly [Tensor, ...Tensor[]] | readonly Tensor[]

/** Options of all functions here. */
export interface FunctionalOptions {
  /** Make the result differentiable. Default false. */
  createGraph?: boolean
  /** Throw where the outputs do not depend on an input, instead of giving zeros. Default false. */
  strict?: boolean
}
/** Options of `jacobian`. */
export interface JacobianOptions extends FunctionalOptions {
  /** PyTorch's faster way for many outputs; the same result here, at the same speed. Default false. */
  vectorize?: boolean
  /** Only how PyTorch computes it: the result is the same, and here always computed in reverse mode. */
  strategy?: 'reverse-mode' | 'forward-mode'
}
const JACOBIAN = ['createGraph', 'strict', 'vectorize', 'strategy'] as const
/** Options of `hessian`. */
export interface HessianOptions extends FunctionalOptions {
  /** As in `jacobian`. */
  vectorize?: boolean
  /** As `strategy` of `jacobian`, for the outer one. */
  outerJacobianStrategy?: 'reverse-mode' | 'forward-mode'
}
const HESSIAN = ['createGraph', 'strict', 'vectorize', 'outerJacobianStrategy'] as const
/** Options of `vjp`, `jvp`, `vhp` and `hvp`. */
export interface ProductOptions extends FunctionalOptions {
  /** The vector; may be left out where it would have one element. */
  v?: Tensors | null
}

// ---- arguments ----------------------------------------------------------------------------------------------------

function tuple(value: unknown, name: string, op: string): [boolean, Tensor[]] {
  const several = Array.isArray(value)
  const list = several ? (value as unknown[]) : [value]
  list.forEach((t, i) => {
    if (!isTensor(t))
      throw new ArgumentError(
        `The ${name} given to ${op} must be either a Tensor or a tuple of Tensors but the ${several ? `value at index ${i}` : `given ${name}`} has type ${describe(t)}.`,
      )
  })
  return [several, list as Tensor[]]
}
const OUTPUTS = 'outputs of the user-provided function'

/** Tensors of their own, so that an input is told from the same tensor used by the function otherwise. */
const prepare = (inputs: readonly Tensor[], createGraph: boolean, needGraph: boolean): Tensor[] =>
  inputs.map((t) => (createGraph && t.requiresGrad ? t.view(t.shape) : t.detach().requiresGrad_(needGraph)))
const cut = (list: readonly Tensor[], createGraph: boolean): Tensor[] =>
  createGraph ? [...list] : list.map((t) => t.detach())

function checkVector(v: readonly Tensor[], other: readonly Tensor[], several: boolean): void {
  if (v.length !== other.length)
    throw new AutogradError(
      several
        ? `v is a tuple of invalid length: should be ${other.length} but got ${v.length}.`
        : 'The given v should contain a single Tensor.',
    )
  v.forEach((t, i) => {
    const like = other[i] as Tensor
    if (showShape(t.sizes) !== showShape(like.sizes))
      throw new AutogradError(
        `${several ? `Entry ${i} in ` : ''}v has invalid size: should be ${torchSize(like.sizes)} but got ${torchSize(t.sizes)}.`,
      )
  })
}

function checkRequiresGrad(list: readonly Grad[], kind: 'outputs' | 'gradInputs' | 'jacobian', strict: boolean): void {
  if (!strict) return
  list.forEach((t, i) => {
    if (t === null)
      throw new AutogradError(
        `The output of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
      )
    if (t.requiresGrad) return
    if (kind === 'jacobian')
      throw new AutogradError(
        `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${i} is independent of the input. This is not allowed in strict mode. You should ensure that your function is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).`,
      )
    if (kind === 'gradInputs')
      throw new AutogradError(
        `The gradient with respect to input ${i} is independent of the inputs of the user-provided function. This is not allowed in strict mode.`,
      )
    throw new AutogradError(
      `Output ${i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.`,
    )
  })
}

/** `grad` that leaves out outputs without a gradient. */
function gradients(
  outputs: readonly Grad[],
  inputs: readonly Tensor[],
  v: readonly Tensor[] | null,
  createGraph: boolean,
  retainGraph = createGraph,
): Grad[] {
  const used = outputs.flatMap((o, i) => (o?.requiresGrad ? [i] : []))
  if (used.length === 0) return inputs.map(() => null)
  return grad(
    used.map((i) => outputs[i] as Tensor),
    inputs,
    { gradOutputs: v && used.map((i) => v[i] as Tensor), allowUnused: true, createGraph, retainGraph },
  )
}

type Stage = 'back' | 'backTrick' | 'doubleBack' | 'doubleBackTrick'
const UNUSED: Record<Stage, (i: number) => string> = {
  back: (i) =>
    `The output of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
  backTrick: (i) =>
    `The gradient with respect to the input is independent of entry ${i} in the grad_outputs when using the double backward trick to compute forward mode gradients. This is not allowed in strict mode.`,
  doubleBack: (i) =>
    `The jacobian of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
  doubleBackTrick: (i) =>
    `The hessian of the user-provided function is independent of entry ${i} in the grad_jacobian. This is not allowed in strict mode as it prevents from using the double backward trick to replace forward mode AD.`,
}
function fillZeros(
  grads: readonly Grad[],
  like: readonly Tensor[],
  strict: boolean,
  createGraph: boolean,
  stage: Stage,
): Tensor[] {
  return grads.map((g, i) => {
    if (g === null) {
      if (strict) throw new AutogradError(UNUSED[stage](i))
      return zeros(like[i] as Tensor)
    }
    if (strict && createGraph && !g.requiresGrad)
      throw new AutogradError(
        `The ${stage.startsWith('double') ? 'hessian' : 'jacobian'} of the user-provided function is independent of input ${i}. This is not allowed in strict mode when create_graph=True.`,
      )
    return g
  })
}

function productOptions(
  op: string,
  v: Tensors | null | ProductOptions | undefined,
  rest: FunctionalOptions | undefined,
) {
  const o = optionsOf<ProductOptions>(op, ['v', 'createGraph', 'strict'], v, rest)
  return {
    createGraph: o.createGraph ?? false,
    strict: o.strict ?? false,
    vector: o.v == null ? null : tuple(o.v, 'v', op)[1],
  }
}

// ---- products -----------------------------------------------------------------------------------------------------

/**
 * The product of a vector and the Jacobian of `fn` at `inputs`.
 * @param v like the outputs of `fn`; may be left out where that is one element
 * @returns the outputs of `fn`, and the product, like `inputs`
 */
export function vjp<const I extends In, O extends Tensors>(
  fn: Fn<I, O>,
  inputs: I,
  v?: Tensors | null | ProductOptions,
  options?: FunctionalOptions,
): [Like<O>, Like<I>] {
  expectFunction('vjp', 'func', fn)
  const { createGraph, strict, vector } = productOptions('vjp', v, options)
  const run = (): [boolean, Tensor[], boolean, Tensor[], Tensor[] | null] => {
    const [several, given] = tuple(inputs, 'inputs', 'vjp')
    const xs = prepare(given, createGraph, true)
    const [severalOut, ys] = tuple((fn as AnyFn)(...xs), OUTPUTS, 'vjp')
    checkRequiresGrad(ys, 'outputs', strict)
    if (vector === null) {
      if (ys.length !== 1 || (ys[0] as Tensor).count !== 1)
        throw new AutogradError(
          'The vector v can only be None if the user-provided function returns a single Tensor with a single element.',
        )
      return [several, xs, severalOut, ys, null]
    }
    const w = prepare(vector, createGraph, false)
    checkVector(w, ys, severalOut)
    return [several, xs, severalOut, ys, w]
  }
  const [several, xs, severalOut, ys, w] = recording(true, run)
  const product = recording(createGraph || gradMode.wanted, () =>
    fillZeros(gradients(ys, xs, w, createGraph), xs, strict, createGraph, 'back'),
  )
  return [unpack(cut(ys, createGraph), severalOut), unpack(cut(product, createGraph), several)] as [Like<O>, Like<I>]
}
const unpack = <T>(list: T[], several: boolean): T | T[] => (several ? list : (list[0] as T))

function needsVector(xs: readonly Tensor[]): void {
  if (xs.length !== 1 || (xs[0] as Tensor).count !== 1)
    throw new AutogradError(
      'The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.',
    )
}

/**
 * The product of the Jacobian of `fn` at `inputs` and a vector, by two passes in reverse mode.
 * @param v like `inputs`; may be left out where that is one element
 * @returns the outputs of `fn`, and the product, like them
 */
export function jvp<const I extends In, O extends Tensors>(
  fn: Fn<I, O>,
  inputs: I,
  v?: Tensors | null | ProductOptions,
  options?: FunctionalOptions,
): [Like<O>, Like<O>] {
  expectFunction('jvp', 'func', fn)
  const { createGraph, strict, vector } = productOptions('jvp', v, options)
  const [severalOut, ys, seeds, inner, w] = recording(true, () => {
    const [several, given] = tuple(inputs, 'inputs', 'jvp')
    const xs = prepare(given, createGraph, true)
    const w = vector && prepare(vector, createGraph, false)
    if (w) checkVector(w, xs, several)
    else needsVector(xs)
    const [severalOut, ys] = tuple((fn as AnyFn)(...xs), OUTPUTS, 'jvp')
    checkRequiresGrad(ys, 'outputs', strict)
    const seeds = ys.map((y) => zeros(y).requiresGrad_(true))
    const inner = gradients(ys, xs, seeds, true)
    checkRequiresGrad(inner, 'gradInputs', strict)
    return [severalOut, ys, seeds, inner, w] as const
  })
  const product = recording(createGraph || gradMode.wanted, () =>
    fillZeros(gradients(inner, seeds, w, createGraph), ys, strict, createGraph, 'backTrick'),
  )
  return [unpack(cut(ys, createGraph), severalOut), unpack(cut(product, createGraph), severalOut)] as [Like<O>, Like<O>]
}

/** The first half of both Hessian products: the output, and its gradient, recorded. */
function firstDerivative(
  op: 'vhp' | 'hvp',
  fn: AnyFn,
  inputs: unknown,
  vector: readonly Tensor[] | null,
  createGraph: boolean,
  strict: boolean,
) {
  const [several, given] = tuple(inputs, 'inputs', op)
  const xs = prepare(given, createGraph, true)
  const w = vector && prepare(vector, createGraph, false)
  if (w) checkVector(w, xs, several)
  else needsVector(xs)
  const [severalOut, ys] = tuple(fn(...xs), OUTPUTS, op)
  checkRequiresGrad(ys, 'outputs', strict)
  if (severalOut) throw new AutogradError(`The function given to ${op} should return a single Tensor`)
  if ((ys[0] as Tensor).count !== 1)
    throw new AutogradError(`The Tensor returned by the function given to ${op} should contain a single element`)
  const first = gradients(ys, xs, null, true)
  checkRequiresGrad(first, 'jacobian', strict)
  return { several, xs, w, y: ys[0] as Tensor, first }
}

/**
 * The product of a vector and the Hessian of a function of one element, at `inputs`.
 * @param v like `inputs`; may be left out where that is one element
 * @returns the output of `fn`, and the product, like `inputs`
 */
export function vhp<const I extends In>(
  fn: Fn<I, Tensor>,
  inputs: I,
  v?: Tensors | null | ProductOptions,
  options?: FunctionalOptions,
): [Tensor, Like<I>] {
  expectFunction('vhp', 'func', fn)
  const { createGraph, strict, vector } = productOptions('vhp', v, options)
  const { several, xs, w, y, first } = recording(true, () =>
    firstDerivative('vhp', fn as AnyFn, inputs, vector, createGraph, strict),
  )
  const product = recording(createGraph || gradMode.wanted, () =>
    fillZeros(gradients(first, xs, w, createGraph), xs, strict, createGraph, 'doubleBack'),
  )
  return [cut([y], createGraph)[0], unpack(cut(product, createGraph), several)] as [Tensor, Like<I>]
}

/** The product of the Hessian and a vector: as `vhp`, which is faster, unless the Hessian is not symmetric. */
export function hvp<const I extends In>(
  fn: Fn<I, Tensor>,
  inputs: I,
  v?: Tensors | null | ProductOptions,
  options?: FunctionalOptions,
): [Tensor, Like<I>] {
  expectFunction('hvp', 'func', fn)
  const { createGraph, strict, vector } = productOptions('hvp', v, options)
  const { several, xs, w, y, seeds, second } = recording(true, () => {
    const half = firstDerivative('hvp', fn as AnyFn, inputs, vector, createGraph, strict)
    const seeds = half.xs.map((x) => zeros(x).requiresGrad_(true))
    return { ...half, seeds, second: gradients(half.first, half.xs, seeds, true) }
  })
  const product = recording(createGraph || gradMode.wanted, () =>
    fillZeros(gradients(second, seeds, w, createGraph), xs, strict, createGraph, 'doubleBackTrick'),
  )
  return [cut([y], createGraph)[0], unpack(cut(product, createGraph), several)] as [Tensor, Like<I>]
}

// ---- whole matrices -----------------------------------------------------------------------------------------------

/** The Jacobian of `fn` at `inputs`: of the shape of an output followed by that of an input. */
export function jacobian<const I extends In, O extends Tensors>(
  fn: Fn<I, O>,
  inputs: I,
  options?: JacobianOptions,
): Jacobian<O, I> {
  expectFunction('jacobian', 'func', fn)
  const o = optionsOf<JacobianOptions>('jacobian', JACOBIAN, undefined, options)
  const { createGraph = false, strict = false, vectorize = false, strategy = 'reverse-mode' } = o
  if (strategy === 'forward-mode') checkForwardMode(createGraph, strict, vectorize)
  else if (strategy !== 'reverse-mode')
    throw new ValueError(
      'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".',
    )
  return recording(true, () => {
    const [several, given] = tuple(inputs, 'inputs', 'jacobian')
    const xs = prepare(given, createGraph, true)
    const [severalOut, ys] = tuple((fn as AnyFn)(...xs), OUTPUTS, 'jacobian')
    checkRequiresGrad(ys, 'outputs', strict)
    if (vectorize && strict)
      throw new AutogradError(
        'torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. Please either set `strict=False` or `vectorize=False`.',
      )
    const rows = ys.map((y, i) => unpack(cut(jacobianOf(y, i, xs, createGraph, strict), createGraph), several))
    return unpack(rows as Tensor[], severalOut) as Jacobian<O, I>
  })
}

function checkForwardMode(createGraph: boolean, strict: boolean, vectorize: boolean): void {
  if (createGraph)
    throw new NotImplementedError(
      'torch.autograd.functional.jacobian: `create_graph=True` and `strategy="forward-mode"` are not supported together (yet). Please either set `create_graph=False` or `strategy="reverse-mode"`.',
    )
  if (strict)
    throw new AutogradError(
      'torch.autograd.functional.jacobian: `strict=True` and `strategy="forward-mode"` are not supported together (yet). Please either set `strict=False` or `strategy="reverse-mode"`.',
    )
  if (!vectorize)
    throw new NotImplementedError(
      'Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for `vectorize=True`.',
    )
}

/** The derivatives of one output by all inputs, element by element. */
function jacobianOf(y: Tensor, i: number, xs: readonly Tensor[], createGraph: boolean, strict: boolean): Tensor[] {
  const rows: Tensor[][] = xs.map(() => [])
  const flat = y.reshape([-1])
  for (let k = 0; k < y.count; k++) {
    const grads = gradients([flat.select(0, k)], xs, null, createGraph, true)
    grads.forEach((g, j) => {
      if (g === null && strict)
        throw new AutogradError(
          `Output ${i} of the user-provided function is independent of input ${j}. This is not allowed in strict mode.`,
        )
      if (g !== null && strict && createGraph && !g.requiresGrad)
        throw new AutogradError(
          `The jacobian of the user-provided function is independent of input ${i}. This is not allowed in strict mode when create_graph=True.`,
        )
      ;(rows[j] as Tensor[]).push(g ?? zeros(xs[j] as Tensor))
    })
  }
  return rows.map((list, j) => {
    const { sizes, info } = xs[j] as Tensor
    const shape = [...y.sizes, ...sizes]
    return list.length === 0 ? zeros({ sizes: shape, info }) : stack(list).view(shape)
  })
}

/** The Hessian of a function of one element, at `inputs`: `result[i][j]` by inputs i and j where they are several. */
export function hessian<const I extends In>(
  fn: Fn<I, Tensor>,
  inputs: I,
  options?: HessianOptions,
): I extends Tensor ? Tensor : Tensor[][] {
  expectFunction('hessian', 'func', fn)
  const o = optionsOf<HessianOptions>('hessian', HESSIAN, undefined, options)
  const { createGraph = false, strict = false, vectorize = false, outerJacobianStrategy = 'reverse-mode' } = o
  const [several, xs] = tuple(inputs, 'inputs', 'hessian')
  if (outerJacobianStrategy !== 'forward-mode' && outerJacobianStrategy !== 'reverse-mode')
    throw new ValueError('Expected strategy to be either "forward-mode" or "reverse-mode".')
  const single = (...own: Tensor[]): Tensor => {
    const out = (fn as AnyFn)(...own)
    const [severalOut, ys] = tuple(out, OUTPUTS, 'hessian')
    checkRequiresGrad(ys, 'outputs', strict)
    if (severalOut) throw new AutogradError('The function given to hessian should return a single Tensor')
    const y = ys[0] as Tensor
    if (y.count !== 1)
      throw new AutogradError('The Tensor returned by the function given to hessian should contain a single element')
    return y.squeeze()
  }
  const inner = (...own: Tensor[]): Tensor[] => {
    const first = jacobian(single, own, { createGraph: true }) as Tensor[]
    checkRequiresGrad(first, 'jacobian', strict)
    return first
  }
  const second = jacobian(inner, xs, { createGraph, strict, vectorize, strategy: outerJacobianStrategy }) as Tensor[][]
  return (several ? second : second[0]?.[0]) as I extends Tensor ? Tensor : Tensor[][]
}
