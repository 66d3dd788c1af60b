/** Whether operations are recorded. */
import { AutogradError } from '../errors'

/** The recording state of this environment. Read as `gradMode.enabled` in every op. */
export const gradMode = { enabled: true, anomaly: false }

export const isGradEnabled = (): boolean => gradMode.enabled

/** Restores the previous mode when disposed: `using _ = noGrad()`. */
export interface ModeGuard extends Disposable {
  /** Restores the previous mode now; later calls do nothing. */
  restore(): void
}

class Guard implements ModeGuard {
  #previous: boolean | null
  constructor(enabled: boolean) {
    this.#previous = gradMode.enabled
    gradMode.enabled = enabled
  }
  restore(): void {
    if (this.#previous === null) return
    gradMode.enabled = this.#previous
    this.#previous = null
  }
  [Symbol.dispose](): void {
    this.restore()
  }
}

function within<T>(enabled: boolean, name: string, fn: () => T): T {
  const previous = gradMode.enabled
  gradMode.enabled = enabled
  try {
    const result = fn()
    if (result !== null && typeof result === 'object' && typeof (result as { then?: unknown }).then === 'function')
      throw new AutogradError(
        `${name}(): the callback returned a Promise, but the mode ends when the callback returns; use \`using _ = ${name}()\` inside the async function`,
      )
    return result
  } finally {
    gradMode.enabled = previous
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
  return fn ? within(false, 'noGrad', fn) : new Guard(false)
}

/** Turns recording on again inside `noGrad`; used like it. */
export function enableGrad(): ModeGuard
export function enableGrad<T>(fn: () => T): T
export function enableGrad<T>(fn?: () => T): T | ModeGuard {
  return fn ? within(true, 'enableGrad', fn) : new Guard(true)
}

/** Turns recording on or off; used like `noGrad`. */
export function setGradEnabled(mode: boolean): ModeGuard
export function setGradEnabled<T>(mode: boolean, fn: () => T): T
export function setGradEnabled<T>(mode: boolean, fn?: () => T): T | ModeGuard {
  return fn ? within(mode, 'setGradEnabled', fn) : new Guard(mode)
}
