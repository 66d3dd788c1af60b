/** Anomaly mode: where in the user's program a node came about. */
import { join, sep } from 'node:path'
import { AutogradError, TenzoError } from '../errors'
import { ROOT } from '../runtime/home'
import type { Node } from './node'

/** The forward call of a node, and the node whose backward made it, if that was recorded. */
export interface Trace {
  /** The stack is turned into text only when it is asked for. */
  readonly error: Error
  readonly parent: Node | null
}

/** The node that runs now. */
let running: Node | null = null
/** @internal */
export function setRunning(node: Node | null): Node | null {
  const previous = running
  running = node
  return previous
}

/** @internal */
export function captureTrace(): Trace {
  // The frames of the library come first and are left out later: they must not use up the limit.
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = Math.max(limit, 64)
  const error = new Error('forward call')
  Error.stackTraceLimit = limit
  return { error, parent: running }
}

/** The folders of the library: as TypeScript, as it is published, and as source maps show it. */
const LIBRARY = ['lib', 'dist'].map((folder) => join(ROOT, folder) + sep)

/** The frames outside the library, the user's own line first. */
function framesOf(trace: Trace): string {
  const lines = (trace.error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const own = lines.filter((line) => !LIBRARY.some((dir) => line.replace('file://', '').includes(dir)))
  return (own.length > 0 ? own : lines).join('\n')
}

/**
 * Says in which forward call the node of a failed backward came about: after the message, and as `data.forwardStack`.
 * For a node made in a recorded backward pass, the call that induced it follows.
 * @internal
 */
export function explain(error: unknown, node: Node): unknown {
  const { trace } = node
  if (!trace || !(error instanceof Error) || explained.has(error)) return error
  const forwardStack = framesOf(trace)
  let text = `Error detected in ${node.name()}. Traceback of forward call that caused the error:\n${forwardStack}`
  const induced: string[] = []
  for (let p = trace.parent; p?.trace; p = p.trace.parent) {
    const frames = framesOf(p.trace)
    induced.push(frames)
    text += `\n\nPrevious calculation was induced by ${p.name()}. Traceback of forward call that induced the previous calculation:\n${frames}`
  }
  const data = { node: node.name(), forwardStack, ...(induced.length > 0 ? { inducedBy: induced } : {}) }
  // An error's data is read-only, and a foreign error has none.
  if (error instanceof TenzoError) Object.defineProperty(error, 'data', { value: { ...error.data, ...data } })
  else Object.assign(error, data)
  const { stack } = error
  const message = `${error.message}\n${text}`
  if (stack) error.stack = stack.replace(error.message, () => message)
  error.message = message
  explained.add(error)
  return error
}
/** Errors that name their forward call already: a node inside a walk inside a hook throws through several. */
const explained = new WeakSet<Error>()

/** @internal */
export const nanError = (node: Node, output: number): AutogradError =>
  new AutogradError(`Function '${node.name()}' returned nan values in its ${output}th output.`, {
    node: node.name(),
    output,
  })
