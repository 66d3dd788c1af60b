import { getRngState, setRngState } from '../ops/random/generator'

/** Runs what would draw initial values that nobody will see, and leaves the default generator as it was. */
export function forkRng<T>(make: () => T): T {
  const state = getRngState()
  try {
    return make()
  } finally {
    setRngState(state)
  }
}
