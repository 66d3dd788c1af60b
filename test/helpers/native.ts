/** Which native operations ran: every command buffer is read before it runs. */
import { addon } from '../../lib/runtime/addon'
import { f64 } from '../../lib/runtime/commands'
import { COMMAND_SLOTS, HEADER_SLOTS, OP_NAMES } from '../../lib/runtime/opcodes'

/** Calls `f` and gives the names of the native operations that ran meanwhile, with how often. */
export function nativeRuns(f: () => void): Map<string, number> {
  const counts = new Map<string, number>()
  const { run } = addon
  addon.run = () => {
    const end = f64[0] as number
    for (let p = HEADER_SLOTS; p < end; p += COMMAND_SLOTS + (f64[p + 3] as number)) {
      const name = OP_NAMES[f64[p] as number] as string
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    return run()
  }
  try {
    f()
  } finally {
    addon.run = run
  }
  return counts
}
