/** A Map that JSON writes as an object, its keys as text: by itself it would write none of its entries. */
export function jsonMap<V>(entries?: Iterable<readonly [number, V]>): Map<number, V> {
  const map = new Map(entries)
  Object.defineProperty(map, 'toJSON', { value: asObject, configurable: true })
  return map
}
/** The entries of a Map, or of the object that JSON made of one. */
export const numberedEntries = <V>(from: ReadonlyMap<number, V> | Readonly<Record<number, V>>): [number, V][] =>
  from instanceof Map ? [...from] : Object.entries(from).map(([key, v]) => [Number(key), v as V])
function asObject<V>(this: Map<number, V>): Record<number, V> {
  return Object.fromEntries(this) as Record<number, V>
}
