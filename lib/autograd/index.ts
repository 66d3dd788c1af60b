/** Gradients: `backward`, `grad`, operations of one's own, and checks. */
import { gradMode } from './mode'

export { type BackwardOptions, backward, type GradOptions, grad } from './engine'
export { Context, Function } from './function'
export { type Checked, type GradcheckOptions, gradcheck, gradgradcheck } from './gradcheck'
export { enableGrad, isGradEnabled, type ModeGuard, noGrad, setGradEnabled } from './mode'
export type { Node } from './node'

/** Turns anomaly mode on or off: gradients are checked for NaN, and errors name the forward call. Slow. */
export function setDetectAnomaly(mode: boolean): void {
  gradMode.anomaly = mode
}
export const isAnomalyEnabled = (): boolean => gradMode.anomaly
/** Anomaly mode for the run of a callback, or until the end of a block (`using _ = detectAnomaly()`). */
export function detectAnomaly(): Disposable
export function detectAnomaly<T>(fn: () => T): T
export function detectAnomaly<T>(fn?: () => T): T | Disposable {
  const previous = gradMode.anomaly
  const restore = (): void => {
    gradMode.anomaly = previous
  }
  gradMode.anomaly = true
  if (!fn) return { [Symbol.dispose]: restore }
  try {
    return fn()
  } finally {
    restore()
  }
}
