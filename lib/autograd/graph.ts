/** The graph itself: its nodes, places in it, and hooks on several tensors or on what is saved (`torch.autograd.graph`). */
import { optionsOf } from '../check/options'
import { describe, expectFunction, isIterable } from '../check/arguments'
import { ArgumentError, AutogradError, ValueError } from '../errors'
import { shown } from '../runtime/given'
import { isTensor, type RemovableHandle, type Tensor } from '../tensor/tensor'
import { currentPass, willRun } from './engine'
import { edgeOf, type Grad, type GradientEdge } from './node'

export { GradientEdge, Node, type NodeHook, type NodePreHook } from './node'
export { disableSavedTensorsHooks, type PackHook, saveOnCpu, savedTensorsHooks, type UnpackHook } from './saved'

function tensorsOf(op: string, value: unknown): Tensor[] {
  const list: unknown[] = isTensor(value) ? [value] : isIterable(value) ? [...value] : [value]
  for (const t of list)
    if (!isTensor(t)) throw new ArgumentError(`${op}(): argument 'tensors' must be Tensors, not ${describe(t)}`, { op })
  return list as Tensor[]
}

/**
 * Where the gradient of a tensor arrives: `grad(loss, getGradientEdge(x))` is `grad(loss, x)`, and the edge stays what it
 * is when `x` is changed in place.
 * @throws AutogradError where the tensor requires no gradient
 */
export function getGradientEdge(tensor: Tensor): GradientEdge {
  if (!isTensor(tensor))
    throw new ArgumentError(`getGradientEdge(): argument 'tensor' must be Tensor, not ${describe(tensor)}`)
  if (!tensor.requiresGrad)
    throw new AutogradError('It is not possible to get the gradient edge for a Tensor that does not require gradients')
  return edgeOf(tensor)
}

/** Counts a change in place that happened behind autograd's back. Tensors made in inference mode count none. */
export function incrementVersion(tensors: Tensor | Iterable<Tensor>): void {
  for (const t of tensorsOf('incrementVersion', tensors)) if (!t.storage.inference) t.versions.version++
}

/** Options of `registerMultiGradHook`. */
export interface MultiGradHookOptions<M extends 'all' | 'any' = 'all' | 'any'> {
  /**
   * `all` (default): the hook is called once in a pass, when the gradients of all the tensors that the pass reaches are
   * known. `any`: at the first.
   */
  mode?: M
}

/**
 * Calls a hook once in each backward pass: with the gradients of all `tensors` (null where the pass does not reach one),
 * or, with `mode: 'any'`, with the first of them.
 * @throws ValueError for another mode
 */
export function registerMultiGradHook(
  tensors: Iterable<Tensor>,
  hook: (grads: readonly Grad[]) => void,
  options?: MultiGradHookOptions<'all'> | 'all',
): RemovableHandle
export function registerMultiGradHook(
  tensors: Iterable<Tensor>,
  hook: (grad: Tensor) => void,
  options: MultiGradHookOptions<'any'> | 'any',
): RemovableHandle
export function registerMultiGradHook(
  tensors: Iterable<Tensor>,
  hook: ((grads: readonly Grad[]) => void) | ((grad: Tensor) => void),
  options?: MultiGradHookOptions | 'all' | 'any',
): RemovableHandle {
  const list = tensorsOf('registerMultiGradHook', tensors)
  expectFunction('registerMultiGradHook', 'fn', hook)
  const { mode = 'all' } = optionsOf<MultiGradHookOptions>('registerMultiGradHook', ['mode'], options)
  if (mode !== 'all' && mode !== 'any')
    throw new ValueError(`Expects mode to be one of ('all', 'any') but got ${shown(mode)}`)
  const handles =
    mode === 'all'
      ? hookAll(list, hook as (grads: readonly Grad[]) => void)
      : hookAny(list, hook as (grad: Tensor) => void)
  const remove = (): void => {
    for (const h of handles) h.remove()
  }
  return { remove, [Symbol.dispose]: remove }
}

function hookAll(tensors: readonly Tensor[], hook: (grads: readonly Grad[]) => void): RemovableHandle[] {
  const nodes = tensors.map((t) => {
    if (!t.requiresGrad) throw new AutogradError('Expected gradient function to be set')
    return edgeOf(t).node
  })
  interface Seen {
    readonly grads: Grad[]
    readonly expected: number
    count: number
  }
  // A pass inside a pass has a list of its own; one that ends early, by an error, leaves its list to the next.
  const passes = new Map<number, Seen>()
  return tensors.map((t, i) =>
    t.registerHook((g) => {
      const pass = currentPass() as number
      for (const old of passes.keys()) if (old < pass && passes.size > 64) passes.delete(old)
      let seen = passes.get(pass)
      if (!seen) {
        seen = { grads: new Array<Grad>(tensors.length).fill(null), expected: nodes.filter(willRun).length, count: 0 }
        passes.set(pass, seen)
      }
      seen.grads[i] = g
      if (++seen.count < seen.expected) return
      passes.delete(pass)
      hook(seen.grads)
    }),
  )
}

function hookAny(tensors: readonly Tensor[], hook: (grad: Tensor) => void): RemovableHandle[] {
  let latest = 0
  return tensors
    .filter((t) => t.requiresGrad)
    .map((t) =>
      t.registerHook((g) => {
        const pass = currentPass() as number
        if (pass <= latest) return
        latest = pass
        hook(g)
      }),
    )
}
