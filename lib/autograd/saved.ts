/** Hooks on the tensors that operations save for their gradients. */
import { describe } from '../check/arguments'
import { ArgumentError, AutogradError } from '../errors'
import { noteAllocations } from '../runtime/storage'
import { isTensor, reinterpret, type Tensor } from '../tensor/tensor'
import { gradMode, type ModeGuard, recording, scoped } from './mode'
import type { Node } from './node'

/** Makes of a tensor that is saved what is kept in the graph instead. */
export type PackHook<P = unknown> = (tensor: Tensor) => P
/** Makes the tensor again, of the same shape, dtype and values. */
export type UnpackHook<P = unknown> = (packed: P) => Tensor

interface Pair {
  readonly pack: PackHook
  readonly unpack: UnpackHook
}
/** A saved tensor as a hook left it, and what autograd must know to make the tensor again. */
export interface Packed {
  readonly value: unknown
  readonly unpack: UnpackHook
  readonly requiresGrad: boolean
  readonly fn: Node | null
  readonly outputNr: number
  readonly accumulator: Node | null
}

/** The hooks in force, the innermost last; and why there may be none. @internal */
export const savedHooks: { readonly pairs: Pair[]; active: boolean; disabled: string | null } = {
  pairs: [],
  active: false,
  disabled: null,
}

/** @internal */
export function pack(t: Tensor): Packed {
  const { pack: hook, unpack: back } = savedHooks.pairs[savedHooks.pairs.length - 1] as Pair
  const { version } = t.versions
  const fn = t.gradFn
  const value = outside(false, () => hook(t))
  if (t.versions.version !== version)
    throw new AutogradError(
      'A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform in-place operations on the input to a pack hook.',
    )
  return {
    value,
    unpack: back,
    requiresGrad: t.requiresGrad,
    fn,
    outputNr: t.outputNr,
    accumulator: t.accumulator,
  }
}

/** @internal */
export function unpack(p: Packed): Tensor {
  const value = outside(gradMode.enabled, () => p.unpack(p.value))
  if (!isTensor(value))
    throw new ArgumentError(
      `Output of saved tensor unpack_hook expected to be a Tensor but got result of type ${describe(value)}`,
    )
  const t = reinterpret(value, value.sizes, value.strides, value.offset)
  if (p.fn) t.setGradFn(p.fn, p.outputNr)
  else if (p.requiresGrad) {
    t.needsGrad = true
    t.accumulator = p.accumulator
  }
  return t
}

/** Runs a hook: it saves nothing through itself, and what it allocates is its own. */
function outside<T>(record: boolean, f: () => T): T {
  const log = noteAllocations(null)
  const { active } = savedHooks
  savedHooks.active = active && record
  try {
    return recording(record, f)
  } finally {
    savedHooks.active = active
    noteAllocations(log)
  }
}

function expectEnabled(): void {
  if (savedHooks.disabled !== null) throw new AutogradError(savedHooks.disabled)
}

/**
 * For the run of a callback, or until the end of a block (`using _ = savedTensorsHooks(pack, unpack)`): each tensor that
 * an operation saves for its gradient is given to `pack`, the graph keeps what that returns, and `unpack` makes the
 * tensor again when the gradient is computed. Of nested pairs the innermost counts. Changes in place of tensors saved in
 * this way go unnoticed.
 * @throws AutogradError where hooks are disabled
 */
export function savedTensorsHooks<P>(pack: PackHook<P>, unpack: UnpackHook<P>): ModeGuard
export function savedTensorsHooks<P, T>(pack: PackHook<P>, unpack: UnpackHook<P>, fn: () => T): T
export function savedTensorsHooks<P, T>(packHook: PackHook<P>, unpackHook: UnpackHook<P>, fn?: () => T): T | ModeGuard {
  for (const [name, hook] of [
    ['packHook', packHook],
    ['unpackHook', unpackHook],
  ] as const)
    if (typeof hook !== 'function')
      throw new ArgumentError(`savedTensorsHooks(): argument '${name}' must be a function, not ${describe(hook)}`)
  expectEnabled()
  const { pairs } = savedHooks
  const pair: Pair = { pack: packHook, unpack: unpackHook as UnpackHook }
  return scoped(
    'savedTensorsHooks',
    () => {
      pairs.push(pair)
      savedHooks.active = true
      return () => {
        pairs.splice(pairs.lastIndexOf(pair), 1)
        savedHooks.active = pairs.length > 0
      }
    },
    fn,
  )
}

/** Keeps saved tensors where they are: there is one device. For programs written with PyTorch's `save_on_cpu`. */
export function saveOnCpu(): ModeGuard
export function saveOnCpu<T>(fn: () => T): T
export function saveOnCpu<T>(fn?: () => T): T | ModeGuard {
  const same = (t: Tensor): Tensor => t.detach()
  return fn ? savedTensorsHooks(same, same, fn) : savedTensorsHooks(same, same)
}

/**
 * Forbids `savedTensorsHooks`, for the run of a callback or until the end of a block.
 * @param message what the error of a forbidden use says
 * @throws AutogradError with this message inside `savedTensorsHooks`
 */
export function disableSavedTensorsHooks(message: string): ModeGuard
export function disableSavedTensorsHooks<T>(message: string, fn: () => T): T
export function disableSavedTensorsHooks<T>(message: string, fn?: () => T): T | ModeGuard {
  if (typeof message !== 'string')
    throw new ArgumentError(`disableSavedTensorsHooks(): argument 'message' must be str, not ${describe(message)}`)
  if (savedHooks.pairs.length > 0) throw new AutogradError(message)
  return scoped(
    'disableSavedTensorsHooks',
    () => {
      const previous = savedHooks.disabled
      savedHooks.disabled = message
      return () => {
        savedHooks.disabled = previous
      }
    },
    fn,
  )
}
