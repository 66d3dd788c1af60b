/** `backward` and `grad`: what a pass is asked for, and what it gives. */
import { describe, isIterable } from '../check/arguments'
import { isPlain, optionsOf } from '../check/options'
import { ArgumentError, AutogradError, ValueError } from '../errors'
import { sameShape } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import { type Capture, engineOps, walk } from './engine'
import { edgeOf, GradientEdge, type OutputMeta } from './node'
import { torchSize } from '../check/words'

/** A tensor, or the place in a graph where its gradient arrives. */
export type Differentiated = Tensor | GradientEdge
/** One, or several in any iterable (an array, `net.parameters()`), or in a plain object, by name. */
export type OneOrMore<T> = T | Iterable<T> | Readonly<Record<string, T>>

/** Options of `backward`. */
export interface BackwardOptions {
  /** The gradients of the tensors; may be left out for one-element tensors. */
  gradient?: Tensor | Iterable<Tensor | null> | null
  /** Keep the graph for another pass; default: `createGraph`. */
  retainGraph?: boolean | null
  /** Record the pass itself, for higher derivatives. Default false. */
  createGraph?: boolean
  /** Add gradients to these only: leaves, or others, which then retain their gradient. */
  inputs?: OneOrMore<Differentiated> | null
}

const BACKWARD = ['gradient', 'retainGraph', 'createGraph', 'inputs'] as const

/** A value, or several in an iterable or a plain object, as a list of what `is` accepts. */
function listOf<T>(op: string, name: string, wanted: string, value: unknown, is: (v: unknown) => v is T): T[] {
  const refuse = (v: unknown): never => {
    throw new ArgumentError(`${op}(): argument '${name}' must be ${wanted}, not ${describe(v)}`, { op, argument: name })
  }
  if (is(value)) return [value]
  if (value === null || typeof value !== 'object') return refuse(value)
  const list = isIterable(value) ? [...value] : isPlain(value) ? Object.values(value) : refuse(value)
  for (const v of list) if (!is(v)) refuse(v)
  return list as T[]
}
const isDifferentiated = (v: unknown): v is Differentiated => isTensor(v) || v instanceof GradientEdge
const differentiated = (op: string, name: string, value: unknown): Differentiated[] =>
  listOf(op, name, 'Tensors or gradient edges', value, isDifferentiated)

/** The gradients given for the roots: null where one is to be made. */
function givenGradients(op: string, value: unknown, count: number): (Tensor | null)[] {
  if (value === null || value === undefined) return new Array<null>(count).fill(null)
  const isGradient = (v: unknown): v is Tensor | null => v === null || isTensor(v)
  const list = !isTensor(value) && isIterable(value) ? [...value] : [value]
  for (const g of list)
    if (!isGradient(g))
      throw new ArgumentError(`gradients can be either Tensors or None, but got ${describe(g)}`, { op })
  return list as (Tensor | null)[]
}

const metaOf = (t: Differentiated): OutputMeta => (isTensor(t) ? t : (t.node.outputs[t.outputNr] as OutputMeta))
const needsGrad = (t: Differentiated): boolean => !isTensor(t) || t.requiresGrad

/** The roots of a pass and their gradients, checked in PyTorch's order. */
function start(roots: readonly Differentiated[], given: readonly (Tensor | null)[]): [GradientEdge[], Tensor[]] {
  const grads: (Tensor | null)[] = []
  for (let i = 0; i < roots.length && i < given.length; i++) {
    const root = roots[i] as Differentiated
    const g = given[i] ?? null
    const meta = metaOf(root)
    if (g !== null && !sameShape(g.sizes, meta.sizes))
      throw new AutogradError(
        `Mismatch in shape: grad_output[${given.indexOf(g)}] has a shape of ${torchSize(g.sizes)} and output[${roots.indexOf(root)}] has a shape of ${torchSize(meta.sizes)}.`,
        { grad: [...g.sizes], output: [...meta.sizes] },
      )
    if (g === null && needsGrad(root) && meta.sizes.some((s) => s !== 1))
      throw new AutogradError('grad can be implicitly created only for scalar outputs', { shape: [...meta.sizes] })
    grads.push(g ?? (needsGrad(root) ? engineOps().ones(meta) : null))
  }
  if (grads.length !== roots.length)
    throw new AutogradError(`got ${roots.length} tensors and ${grads.length} gradients`)
  const edges = roots.map((t, i) => {
    if (!needsGrad(t))
      throw new AutogradError(`element ${i} of tensors does not require grad and does not have a grad_fn`, {
        element: i,
      })
    return isTensor(t) ? edgeOf(t) : t
  })
  const fitted = grads.map((g, i) => {
    const meta = metaOf(roots[i] as Differentiated)
    const t = g as Tensor
    return t.info === meta.info ? t : engineOps().to(t, meta)
  })
  return [edges, fitted]
}

/**
 * Adds the gradients of `tensors` to the `grad` of the leaves they were made from (`torch.autograd.backward`).
 * @throws AutogradError where a tensor requires no gradient, where none can be made up for it, where a saved tensor was
 *   changed in place since, and where the graph was walked already without `retainGraph`
 */
export function backward(
  tensors: OneOrMore<Differentiated>,
  gradient?: BackwardOptions['gradient'] | BackwardOptions,
  rest?: BackwardOptions,
): void {
  const options = optionsOf<BackwardOptions>('backward', BACKWARD, gradient, rest)
  const roots = differentiated('backward', 'tensors', tensors)
  const inputs = options.inputs == null ? null : differentiated('backward', 'inputs', options.inputs)
  if (inputs && inputs.length === 0) throw new AutogradError('`inputs` argument to `backward()` cannot be empty.')
  const createGraph = options.createGraph ?? false
  const retainGraph = options.retainGraph ?? createGraph
  const [edges, rootGrads] = start(roots, givenGradients('backward', options.gradient, roots.length))
  const targets =
    inputs?.map((t) => {
      if (!isTensor(t)) return t
      // A leaf has its gradient from its own node; others keep theirs.
      t.retainGrad()
      return edgeOf(t)
    }) ?? null
  walk({ roots: edges, rootGrads, retainGraph, createGraph, targets, captures: null })
}

/** Options of `grad`. */
export interface GradOptions {
  /** The gradients of the outputs; may be left out for one-element outputs. */
  gradOutputs?: Tensor | Iterable<Tensor | null> | null
  /** Keep the graph for another pass; default: `createGraph`. */
  retainGraph?: boolean | null
  /** Record the pass itself, for higher derivatives. Default false. */
  createGraph?: boolean
  /** Give null for an input that the outputs do not depend on, instead of throwing. Default: `materializeGrads`. */
  allowUnused?: boolean | null
  /** Give zeros for such an input. Default false. */
  materializeGrads?: boolean
  /** The first dim of each of `gradOutputs` counts passes, and that of each result; default false. */
  isGradsBatched?: boolean
}
const GRAD = ['gradOutputs', 'retainGraph', 'createGraph', 'allowUnused', 'materializeGrads', 'isGradsBatched'] as const

/**
 * The gradients of `outputs` with respect to `inputs`, added to no `grad` (`torch.autograd.grad`): an array in the order
 * of the inputs, or an object with their names where they are given in one. null stands for an unused input.
 * @throws AutogradError as `backward`, and where an input is unused that may not be
 */
export function grad<K extends string>(
  outputs: OneOrMore<Differentiated>,
  inputs: Readonly<Record<K, Differentiated>> & { [Symbol.iterator]?: never },
  gradOutputs?: GradOptions['gradOutputs'] | GradOptions,
  options?: GradOptions,
): Record<K, Tensor | null>
export function grad(
  outputs: OneOrMore<Differentiated>,
  inputs: Differentiated | Iterable<Differentiated>,
  gradOutputs?: GradOptions['gradOutputs'] | GradOptions,
  options?: GradOptions,
): (Tensor | null)[]
export function grad(
  outputs: OneOrMore<Differentiated>,
  inputs: OneOrMore<Differentiated>,
  gradOutputs?: GradOptions['gradOutputs'] | GradOptions,
  rest?: GradOptions,
): (Tensor | null)[] | Record<string, Tensor | null> {
  const options = optionsOf<GradOptions>('grad', GRAD, gradOutputs, rest)
  const { materializeGrads = false, createGraph = false } = options
  if (materializeGrads && options.allowUnused === false)
    throw new ValueError(
      'Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.',
    )
  const roots = differentiated('grad', 'outputs', outputs)
  const wanted = differentiated('grad', 'inputs', inputs)
  if (wanted.length === 0) throw new AutogradError('`inputs` argument to `grad()` cannot be empty.')
  const given = givenGradients('grad', options.gradOutputs, roots.length)
  const retainGraph = options.retainGraph ?? createGraph
  const allowUnused = options.allowUnused ?? materializeGrads
  const once = (gradients: readonly (Tensor | null)[], retain: boolean): (Tensor | null)[] => {
    const [edges, rootGrads] = start(roots, gradients)
    const targets = wanted.map((t) => {
      if (!needsGrad(t)) throw new AutogradError('One of the differentiated Tensors does not require grad')
      return isTensor(t) ? edgeOf(t) : t
    })
    const captures: Capture[] = targets.map((edge) => ({ edge, result: null }))
    walk({ roots: edges, rootGrads, retainGraph: retain, createGraph, targets, captures })
    return captures.map((c) => c.result)
  }
  const found = options.isGradsBatched ? batched(given, roots, retainGraph, once) : once(given, retainGraph)
  const results = found.map((g, i) => {
    if (g !== null) return g
    if (!allowUnused)
      throw new AutogradError(
        `The differentiated Tensor at index ${i} appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.`,
        { input: i },
      )
    if (!materializeGrads) return null
    const t = wanted[i] as Differentiated
    if (!isTensor(t)) throw new AutogradError('materialize_grads cannot be used when the given input is a GradientEdge')
    return engineOps().zeros(t).requiresGrad_(createGraph)
  })
  if (isDifferentiated(inputs) || Symbol.iterator in inputs) return results
  return Object.fromEntries(Object.keys(inputs).map((name, i) => [name, results[i] as Tensor | null]))
}

/** A pass for each slice of the gradients along their first dim. */
function batched(
  given: readonly (Tensor | null)[],
  roots: readonly Differentiated[],
  retainGraph: boolean,
  once: (gradients: readonly (Tensor | null)[], retain: boolean) => (Tensor | null)[],
): (Tensor | null)[] {
  const first = given.find((g) => g !== null)
  given.forEach((g, i) => {
    const root = roots[i]
    if (g === null || !root) return
    const { sizes } = metaOf(root)
    if (g.sizes.length === 0 || !sameShape(g.sizes.slice(1), sizes))
      throw new AutogradError(
        `If \`is_grads_batched=True\`, we interpret the first dimension of each grad_output as the batch dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding output, but a mismatch was detected: grad_output[${i}] has a shape of ${torchSize(g.sizes.slice(1))} and output[${i}] has a shape of ${torchSize(sizes)}. If you only want some tensors in \`grad_output\` to be considered batched, consider using vmap.`,
        { grad: [...g.sizes], output: [...sizes] },
      )
  })
  const n = first?.sizes[0] ?? 0
  if (n === 0) throw new ValueError('grad(): isGradsBatched needs at least one gradient in each of gradOutputs')
  const rows = Array.from({ length: n }, (_, k) =>
    once(
      given.map((g) => g && g.select(0, k)),
      retainGraph || k < n - 1,
    ),
  )
  return (rows[0] as (Tensor | null)[]).map((g, i) => g && engineOps().stack(rows.map((row) => row[i] as Tensor)))
}
