/** Which class an error of a constructor speaks of: the one that a program can write, not one that it shares its code with. */
const known = new WeakSet<object>()

/** Notes the classes that a namespace exports. */
export function notePublic(namespace: object): void {
  for (const v of Object.values(namespace)) if (typeof v === 'function') known.add(v)
}
/** The name of the class whose constructor it is, as Python names it: for a user's subclass, the class of ours that it extends. */
export function publicName(c: { readonly name: string }): string {
  for (let k: object | null = c; k !== null; k = Object.getPrototypeOf(k) as object | null)
    if (known.has(k)) return (k as { readonly name: string }).name
  return c.name
}
