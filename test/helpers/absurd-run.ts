/**
 * A process of its own that makes absurd calls, since one that does not end or crashes takes its process along.
 *
 *     node --import tsx test/helpers/absurd-run.ts <every n-th> <first>
 *
 * Before each call it writes its number, after one that did wrong a line of JSON; test/absurd.test.ts reads them.
 */
import { writeSync } from 'node:fs'
import { ArgumentError, Tensor, TenzoError } from '../../lib'
import { ABSURD, absurdCalls, type Call } from './absurd-calls'

// A machine of little memory: whoever asks for more learns so at once, and who takes it by other ways is seen.
const MEMORY = 256 * 2 ** 20
const within = (bytes: number): void => {
  if (bytes > MEMORY) throw new RangeError(`${bytes} bytes are more than the test gives`)
}
const allocate = Buffer.allocUnsafeSlow
Buffer.allocUnsafeSlow = (bytes: number) => {
  within(bytes)
  return allocate(bytes)
}
globalThis.ArrayBuffer = new Proxy(ArrayBuffer, {
  construct: (target, args, own) => {
    within(Number(args[0]))
    return Reflect.construct(target, args, own) as ArrayBuffer
  },
})
// In seconds of the processor: other processes are not the call's fault.
const LIMIT = 1

/** All of a result is looked at, and its gradients are taken: what is computed late must not fail either. */
function use(result: unknown): void {
  if (result instanceof Tensor) {
    // An expanded tensor costs nothing; to go through it does.
    if (result.numel() > 1e6) return
    if (result.requiresGrad && !result.isLeaf) result.sum().backward()
    result.detach().contiguous().toTypedArray()
  } else if (result instanceof Promise) result.catch(() => {})
  else if (typeof result === 'object' && result !== null && !ArrayBuffer.isView(result))
    for (const v of Object.values(result).slice(0, 100)) if (v instanceof Tensor) use(v)
}

/** Whether only integers are taken here. */
function isCount(call: Call, position: number): boolean {
  try {
    call.run(position, 0.5)
    return false
  } catch (e) {
    return e instanceof ArgumentError
  }
}

/** What is wrong with what a call did, or null. */
function wrong(call: Call, position: number, value: unknown): string | null {
  const before = process.cpuUsage()
  const peak = process.resourceUsage().maxRSS
  let problem: string | null = null
  try {
    use(call.run(position, value))
    if (typeof value === 'string') problem = 'takes a text for a number'
    if (Number.isNaN(value) && isCount(call, position)) problem = 'takes NaN where it refuses fractions'
  } catch (e) {
    if (!(e instanceof TenzoError) || e.name === 'NativeError') {
      const at = (e as Error).stack?.split('\n').find((l) => /[/\\]lib[/\\]/.test(l))
      problem = `throws ${e}${at ? ` ${at.trim()}` : ''}`
    }
  }
  const spent = process.cpuUsage(before)
  const seconds = (spent.user + spent.system) / 1e6
  if (seconds > LIMIT) problem ??= `takes ${seconds.toFixed(1)} s`
  const more = (process.resourceUsage().maxRSS - peak) / 2 ** 10
  if (more > 600) problem ??= `takes ${more.toFixed()} MB`
  return problem
}

/** A line to the parent, written before what follows is done; where the pipe is full, as soon as there is room. */
function say(line: string): void {
  let rest = Buffer.from(`${line}\n`)
  while (rest.length > 0)
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'EAGAIN') throw e
    }
}

const [every, first] = process.argv.slice(2).map(Number) as [number, number]
const calls = absurdCalls()
let n = 0
for (const call of calls)
  for (const [position, path] of call.positions.entries())
    for (const [name, value] of Object.entries(ABSURD)) {
      if (n % every === 0 && n >= first) {
        const what = `${call.name} ${call.kind}: ${name} at ${path}`
        say(`${n} ${what}`)
        const problem = wrong(call, position, value)
        if (problem !== null) say(JSON.stringify({ call: what, problem }))
      }
      n++
    }
say('done')
