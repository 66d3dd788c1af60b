/** Returning memory early. Never a duty: what a scope does not return, the collector does. */
import { calledInstead, isCallable, isPromise } from '../runtime/given'
import { ArgumentError } from '../errors'
import { noteAllocations, type Storage } from '../runtime/storage'
import { isTensor, type Tensor } from './tensor'

/** Every tensor in a value: alone, or in arrays, objects, maps and sets. */
function* tensorsIn(value: unknown, seen = new Set<unknown>()): Generator<Tensor> {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value)) return
  seen.add(value)
  if (isTensor(value)) {
    yield value
    if (value.grad) yield value.grad
    return
  }
  if (value instanceof Map)
    for (const [k, v] of value) {
      yield* tensorsIn(k, seen)
      yield* tensorsIn(v, seen)
    }
  else if (value instanceof Set || Array.isArray(value)) for (const v of value) yield* tensorsIn(v, seen)
  else for (const v of Object.values(value)) yield* tensorsIn(v, seen)
}

/** Marks tensors to outlive the scope they were made in. Parameters, gradients of leaves, buffers and optimizer state always do. */
export function keep<T>(value: T): T {
  for (const t of tensorsIn(value)) t.storage.kept = true
  return value
}

/**
 * Runs `fn` and returns the memory of all tensors made in it at once, except those in its result, parameters, gradients
 * of leaves, buffers, optimizer state, and what `keep()` marked. Using a returned one throws ReleasedError; so does
 * walking a graph that saved it.
 * @throws ArgumentError when `fn` returns a Promise: its work would go on after the scope has ended
 */
export function scope<T>(fn: () => T): T {
  if (!isCallable(fn)) throw new ArgumentError(`scope(): expected a function, not ${calledInstead(fn)}`)
  const made: Storage[] = []
  const outer = noteAllocations(made)
  let result: T
  try {
    result = fn()
    if (isPromise(result))
      throw new ArgumentError('scope(): the callback returned a Promise, but the scope ends when the callback returns')
  } catch (error) {
    noteAllocations(outer)
    for (const s of made) if (!s.kept) s.release()
    throw error
  }
  noteAllocations(outer)
  const results = new Set<Storage>()
  for (const t of tensorsIn(result)) results.add(t.storage)
  for (const s of made) {
    if (s.kept || s.released) continue
    if (!results.has(s)) s.release()
    else outer?.push(s) // an enclosing scope answers for it
  }
  return result
}
