/** Whether operations are recorded. */
import { calledInstead, isCallable, isPromise } from '../runtime/given'
import { ArgumentError, AutogradError } from '../errors'
import { allocation } from '../runtime/storage'

/**
 * The state of this environment. `enabled` is read in every op: whether operations are recorded now. In inference mode
 * they never are, whatever `wanted` says.
 */
export const gradMode = { enabled: true, wanted: true, inference: false, anomaly: false, checkNan: true }

/** @internal */
export function setModes(wanted: boolean, inference = gradMode.inference): void {
  gradMode.wanted = wanted
  gradMode.inference = inference
  gradMode.enabled = wanted && !inference
  allocation.inference = inference
}

/** Whether gradient recording is switched on. */
export const isGradEnabled = (): boolean => gradMode.wanted
/** Whether inference mode is on. */
export const isInferenceModeEnabled = (): boolean => gradMode.inference

/** Restores the previous mode when disposed: `using _ = noGrad()`. */
export interface ModeGuard extends Disposable {
  /** Restores the previous mode now; later calls do nothing. */
  restore(): void
}

/**
 * Enters a state for the run of `fn`, or until the guard that it returns is disposed.
 * @param enter enters the state and returns the way out
 * @param end what happens then, for the error of a callback that goes on afterwards
 * @internal
 */
export function scoped<T>(
  name: string,
  enter: () => () => void,
  fn: (() => T) | undefined,
  end = 'the mode ends',
): T | ModeGuard {
  if (fn !== undefined && !isCallable(fn))
    throw new ArgumentError(`${name}(): expected a function but got ${calledInstead(fn)}`)
  let leave: (() => void) | null = enter()
  const restore = (): void => {
    leave?.()
    leave = null
  }
  if (fn === undefined) return { restore, [Symbol.dispose]: restore }
  try {
    const result = fn()
    if (isPromise(result))
      throw new AutogradError(
        `${name}(): the callback returned a Promise, but ${end} when the callback returns; use \`using _ = ${name}()\` inside the async function`,
      )
    return result
  } finally {
    restore()
  }
}
const switching = (wanted: boolean, inference?: boolean) => (): (() => void) => {
  const { wanted: oldWanted, inference: oldInference } = gradMode
  setModes(wanted, inference)
  return () => setModes(oldWanted, oldInference)
}

/** Runs `f` with recording on or off. @internal */
export function recording<T>(wanted: boolean, f: () => T): T {
  const previous = gradMode.wanted
  setModes(wanted)
  try {
    return f()
  } finally {
    setModes(previous)
  }
}

/**
 * Turns recording off, for the run of a callback (`noGrad(() => …)`) or until the end of a block
 * (`using _ = noGrad()`). Tensors made inside do not require gradients.
 * @returns what the callback returned, or a guard
 * @throws AutogradError when the callback returns a Promise
 */
export function noGrad(): ModeGuard
export function noGrad<T>(fn: () => T): T
export function noGrad<T>(fn?: () => T): T | ModeGuard {
  return scoped('noGrad', switching(false), fn)
}

/** Turns recording on again inside `noGrad`; used like it. */
export function enableGrad(): ModeGuard
export function enableGrad<T>(fn: () => T): T
export function enableGrad<T>(fn?: () => T): T | ModeGuard {
  return scoped('enableGrad', switching(true), fn)
}

/** Turns recording on or off; used like `noGrad`. */
export function setGradEnabled(mode: boolean): ModeGuard
export function setGradEnabled<T>(mode: boolean, fn: () => T): T
export function setGradEnabled<T>(mode: boolean, fn?: () => T): T | ModeGuard {
  expectMode('setGradEnabled', mode)
  return scoped('setGradEnabled', switching(mode), fn)
}

/**
 * As `noGrad`, and tensors made inside may never take part in a graph: they can be read and computed with, but not
 * changed in place outside, nor saved for a gradient. Used like `noGrad`; `inferenceMode(false)` switches it off again.
 */
export function inferenceMode(mode?: boolean): ModeGuard
export function inferenceMode<T>(fn: () => T): T
export function inferenceMode<T>(mode: boolean, fn: () => T): T
export function inferenceMode<T>(mode: boolean | (() => T) = true, fn?: () => T): T | ModeGuard {
  if (typeof mode === 'function') return scoped('inferenceMode', switching(false, true), mode)
  expectMode('inferenceMode', mode)
  return scoped('inferenceMode', switching(!mode, mode), fn)
}

function expectMode(name: string, mode: unknown): asserts mode is boolean {
  if (typeof mode !== 'boolean')
    throw new ArgumentError(`${name}(): argument 'mode' must be bool, not ${mode === null ? 'null' : typeof mode}`)
}
