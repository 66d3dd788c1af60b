import { type ModeGuard, scoped } from '../../autograd/mode'
import { expectBool } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { getRngState, setRngState } from './generator'

/** Options of `forkRng`. */
export interface ForkRngOptions {
  /** Whether the state is set back at all. Default true. */
  enabled?: boolean
}

/**
 * Sets the default generator back, after the run of a callback (`forkRng(() => …)`) or at the end of a block (`using _ = forkRng()`), to the
 * state in which it is now: what is drawn and seeded inside changes nothing outside (`torch.random.fork_rng`).
 * @returns what the callback returned, or a guard
 * @throws AutogradError when the callback returns a Promise
 */
export function forkRng(options?: ForkRngOptions): ModeGuard
export function forkRng<T>(fn: () => T): T
export function forkRng<T>(options: ForkRngOptions, fn: () => T): T
export function forkRng<T>(first?: ForkRngOptions | (() => T), second?: () => T): T | ModeGuard {
  const [options, fn] = typeof first === 'function' ? [undefined, first] : [first, second]
  const { enabled = true } = optionsOf<ForkRngOptions>('forkRng', ['enabled'], undefined, options)
  expectBool('forkRng', 'enabled', enabled)
  const enter = (): (() => void) => {
    if (!enabled) return () => {}
    const state = getRngState()
    // It must outlive a `scope` that ends in between.
    state.storage.kept = true
    return () => setRngState(state)
  }
  return scoped('forkRng', enter, fn, "the generator's state is set back")
}
