/** Anomaly mode: errors of a backward pass say where in the forward pass they come from. */
import { ArgumentError } from '../errors'
import { gradMode, type ModeGuard, scoped } from './mode'

/** Options of anomaly mode. */
export interface AnomalyOptions {
  /** Whether a gradient that is not a number is an error. Default true. */
  checkNan?: boolean
}

export const isAnomalyEnabled = (): boolean => gradMode.anomaly
export const isAnomalyCheckNanEnabled = (): boolean => gradMode.checkNan

const switching = (on: boolean, checkNan: boolean) => (): (() => void) => {
  const { anomaly, checkNan: previous } = gradMode
  gradMode.anomaly = on
  gradMode.checkNan = checkNan
  return () => {
    gradMode.anomaly = anomaly
    gradMode.checkNan = previous
  }
}

/**
 * Turns anomaly mode on or off, for good or until the guard is disposed. While it is on, each operation notes where it was
 * called (slow), an error of a backward pass names that line, and a gradient that is not a number is such an error.
 */
export function setDetectAnomaly(mode: boolean, options: boolean | AnomalyOptions = {}): ModeGuard {
  if (typeof mode !== 'boolean')
    throw new ArgumentError(`setDetectAnomaly(): argument 'mode' must be bool, not ${typeof mode}`)
  return scoped('setDetectAnomaly', switching(mode, checkNanOf(options)), undefined) as ModeGuard
}

/** Anomaly mode for the run of a callback, or until the end of a block (`using _ = detectAnomaly()`). */
export function detectAnomaly(options?: AnomalyOptions): ModeGuard
export function detectAnomaly<T>(fn: () => T): T
export function detectAnomaly<T>(options: AnomalyOptions, fn: () => T): T
export function detectAnomaly<T>(options: AnomalyOptions | (() => T) = {}, fn?: () => T): T | ModeGuard {
  if (!warned)
    process.emitWarning(
      'Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.',
    )
  warned = true
  return typeof options === 'function'
    ? scoped('detectAnomaly', switching(true, true), options)
    : scoped('detectAnomaly', switching(true, checkNanOf(options)), fn)
}
let warned = false

function checkNanOf(options: boolean | AnomalyOptions): boolean {
  const checkNan = typeof options === 'object' && options !== null ? (options.checkNan ?? true) : options
  if (typeof checkNan !== 'boolean')
    throw new ArgumentError(`setDetectAnomaly(): argument 'checkNan' must be bool, not ${typeof checkNan}`)
  return checkNan
}
