/** What users give, whatever it is: how an error's text shows it, and whether it can be called. For the rooms below `lib/check`, too. */

/** Its text; what makes none of itself (without a prototype, or forged) is told by its type. */
export function shown(v: unknown): string {
  try {
    return String(v)
  } catch {
    return typeof v
  }
}

/** Whether it can be called without `new`. (Arrow functions have no prototype, and classes one that nobody can change.) */
export const isCallable = (v: unknown): v is (...args: never[]) => unknown =>
  typeof v === 'function' &&
  (v.prototype === undefined || Object.getOwnPropertyDescriptor(v, 'prototype')?.writable !== false)

/** Whether it is a promise, of any make. */
export const isPromise = (v: unknown): v is Promise<unknown> =>
  typeof v === 'object' && v !== null && typeof (v as { then?: unknown }).then === 'function'

/** How an error's text calls what should have been a function. */
export const calledInstead = (v: unknown): string =>
  v === null ? 'null' : typeof v === 'function' ? 'a class' : typeof v
