/**
 * Tensors written as plainly as can be, to hold the real ones against: a list of numbers that several may share, and for each element of a
 * tensor the place of its number. A view is another list of places; a stride, a kernel or a layout does not occur.
 */
export const KINDS = ['float64', 'float32', 'bfloat16', 'float16', 'int64', 'int32', 'int16', 'int8', 'uint8'] as const
export type Kind = (typeof KINDS)[number] | 'bool'

export interface Ref {
  readonly store: number[]
  /** The place of each element, in row-major order of the shape. */
  readonly at: readonly number[]
  readonly shape: readonly number[]
  readonly dtype: Kind
}

/** Rounded to that many binary digits behind the first, ties to even. */
function rounded(v: number, digits: number): number {
  if (v === 0 || !Number.isFinite(v)) return v
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(v))) - digits)
  const q = v / unit
  const low = Math.floor(q)
  const up = q - low > 0.5 || (q - low === 0.5 && low % 2 !== 0)
  return (up ? low + 1 : low) * unit
}
const wrapped = (v: number, bits: number, signed: boolean): number => {
  const n = BigInt(Math.trunc(v))
  return Number(signed ? BigInt.asIntN(bits, n) : BigInt.asUintN(bits, n))
}
/** What a dtype makes of a number. */
export function stored(v: number, dtype: Kind): number {
  switch (dtype) {
    case 'float64':
      return v
    case 'float32':
      return Math.fround(v)
    case 'float16':
      return rounded(v, 10)
    case 'bfloat16':
      return rounded(v, 7)
    case 'bool':
      return v ? 1 : 0
    case 'uint8':
      return wrapped(v, 8, false)
    default:
      return wrapped(v, Number(dtype.slice(3)), true)
  }
}

export const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
/** All positions of a shape in row-major order. */
export function positions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((all, n) => all.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]])
}
const flat = (shape: readonly number[], position: readonly number[]): number =>
  position.reduce((at, i, d) => at * (shape[d] as number) + i, 0)

export const ref = (values: readonly number[], shape: readonly number[], dtype: Kind): Ref => ({
  store: values.map((v) => stored(v, dtype)),
  at: values.map((_, i) => i),
  shape,
  dtype,
})
export const values = (x: Ref): number[] => x.at.map((i) => x.store[i] as number)
export const overlapping = (x: Ref): boolean => new Set(x.at).size < x.at.length

/** A view: the element at each position of `shape` is that of `x` at `source(position)`. */
export const view = (x: Ref, shape: readonly number[], source: (p: number[]) => readonly number[]): Ref => ({
  ...x,
  shape,
  at: positions(shape).map((p) => x.at[flat(x.shape, source(p))] as number),
})
/** New values: those of a function of the position. */
export const build = (shape: readonly number[], dtype: Kind, value: (p: number[]) => number): Ref =>
  ref(positions(shape).map(value), shape, dtype)
export const get = (x: Ref, position: readonly number[]): number =>
  x.store[x.at[flat(x.shape, position)] as number] as number
export const map = (x: Ref, f: (v: number) => number, dtype: Kind = x.dtype): Ref =>
  ref(values(x).map(f), x.shape, dtype)

/** The value of `x` where `position` is one of a shape that it is broadcast to. */
export function broadcast(x: Ref, position: readonly number[]): number {
  const own = position.slice(position.length - x.shape.length)
  return get(
    x,
    own.map((i, d) => (x.shape[d] === 1 ? 0 : i)),
  )
}
export const broadcastable = (shape: readonly number[], to: readonly number[]): boolean =>
  shape.length <= to.length && shape.every((n, d) => n === 1 || n === to[to.length - shape.length + d])

/** Writes into the memory of `x`, element by element. */
export function write(x: Ref, value: (p: number[], old: number) => number): Ref {
  positions(x.shape).forEach((p, i) => {
    const at = x.at[i] as number
    x.store[at] = stored(value(p, x.store[at] as number), x.dtype)
  })
  return x
}
/** Folds the elements along a dim. */
export function fold(x: Ref, dim: number, dtype: Kind, f: (line: number[]) => number): Ref {
  const n = x.shape[dim] as number
  const shape = x.shape.filter((_, d) => d !== dim)
  return build(shape, dtype, (p) =>
    f(Array.from({ length: n }, (_, i) => get(x, [...p.slice(0, dim), i, ...p.slice(dim)]))),
  )
}
