/** Arithmetic on shapes and strides. Everything here is plain numbers. */
import { IndexError, ShapeError } from '../errors'
import { shown } from '../runtime/given'
import { MAX_DIMS } from '../runtime/opcodes'

export type Shape = readonly number[]

/** @throws ShapeError for more dims than kernels take; PyTorch has no such tensors in reductions alone */
export function checkDims(ndim: number): void {
  if (!(ndim <= MAX_DIMS)) throw new ShapeError(`only tensors with up to ${MAX_DIMS} dims are supported`, { ndim })
}

export function countOf(sizes: Shape): number {
  let n = 1
  for (let i = 0; i < sizes.length; i++) n *= sizes[i]
  return n
}

/** Row-major strides, with PyTorch's convention that a size-0 dim counts as 1. */
export function contiguousStrides(sizes: Shape): number[] {
  const n = sizes.length
  const strides = new Array<number>(n)
  let step = 1
  for (let i = n - 1; i >= 0; i--) {
    strides[i] = step
    const s = sizes[i]
    step *= s > 1 ? s : 1
  }
  return strides
}

export function isContiguous(sizes: Shape, strides: Shape): boolean {
  let step = 1
  let contiguous = true
  for (let i = sizes.length - 1; i >= 0; i--) {
    const s = sizes[i]
    if (s === 0) return true
    if (s === 1) continue
    if (strides[i] !== step) contiguous = false
    step *= s
  }
  return contiguous
}

/** True when the elements fill one stretch of memory, each exactly once, in some order of the dims. */
export function isDense(sizes: Shape, strides: Shape): boolean {
  const dims = sizes.map((_, i) => i).filter((i) => sizes[i] !== 1)
  if (sizes.includes(0)) return true
  dims.sort((a, b) => strides[a] - strides[b])
  let step = 1
  for (const d of dims) {
    if (strides[d] !== step) return false
    step *= sizes[d]
  }
  return true
}

/**
 * The strides of a dense block in the order in which the operands lie in memory, of which the earlier ones decide:
 * PyTorch's order for results of inputs with gaps.
 * @param operands the strides of each, 0 where it is broadcast
 */
export function denseStrides(sizes: Shape, ...operands: readonly Shape[]): number[] {
  const perm = sizes.map((_, i) => sizes.length - 1 - i)
  const size = (d: number): number => sizes[d]
  const compare = (a: number, b: number): number => {
    for (const strides of operands) {
      const [p, q] = [strides[a], strides[b]]
      if (p === 0 || q === 0) continue
      if (p !== q) return p - q
      if (size(a) > size(b)) return 1
    }
    return 0
  }
  // An insertion sort, because an expanded dim compares equal to all others: another sort would give another order.
  for (let i = 1; i < perm.length; i++) {
    for (let at = i, j = i - 1; j >= 0; j--) {
      const order = compare(perm[j], perm[at])
      if (order < 0) break
      if (order === 0) continue
      ;[perm[j], perm[at]] = [perm[at], perm[j]]
      at = j
    }
  }
  const out = new Array<number>(sizes.length)
  let step = 1
  for (const d of perm) {
    out[d] = step
    if (size(d) > 1) step *= size(d)
  }
  return out
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** The shape two shapes broadcast to; throws PyTorch's message when they do not. */
export function broadcastShapes(a: Shape, b: Shape): number[] {
  const n = Math.max(a.length, b.length)
  const out = new Array<number>(n)
  for (let i = 1; i <= n; i++) {
    const x = i <= a.length ? a[a.length - i] : 1
    const y = i <= b.length ? b[b.length - i] : 1
    if (x !== y && x !== 1 && y !== 1)
      throw new ShapeError(
        `The size of tensor a (${x}) must match the size of tensor b (${y}) at non-singleton dimension ${n - i}`,
        { a: [...a], b: [...b] },
      )
    out[n - i] = x === 1 ? y : x
  }
  return out
}

/** True when `sizes` broadcasts to `target`. */
export function isExpandable(sizes: Shape, target: Shape): boolean {
  if (sizes.length > target.length) return false
  const missing = target.length - sizes.length
  for (let i = 0; i < sizes.length; i++) if (sizes[i] !== 1 && sizes[i] !== target[i + missing]) return false
  return true
}

/** Normalises a possibly negative dim; a 0-d tensor has the dims -1 and 0, as in PyTorch. */
export function wrapDim(dim: number, ndim: number): number {
  const n = ndim === 0 ? 1 : ndim
  if (!Number.isInteger(dim) || dim < -n || dim >= n)
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-n}, ${n - 1}], but got ${shown(dim)})`,
      { dim, ndim },
    )
  return dim < 0 ? dim + n : dim
}

/** Normalises a list of dims, each at most once. */
export function wrapDims(dims: readonly number[], ndim: number): number[] {
  const seen = new Set<number>()
  return dims.map((d) => {
    const w = wrapDim(d, ndim)
    if (seen.has(w)) throw new ShapeError(`dim ${w} appears multiple times in the list of dims`, { dims: [...dims] })
    seen.add(w)
    return w
  })
}

/** Fills in a single -1 of a requested shape. */
export function inferSize(shape: Shape, count: number): number[] {
  const out = [...shape]
  let hole = -1
  let known = 1
  for (let i = 0; i < out.length; i++) {
    const s = out[i]
    if (s === -1) {
      if (hole >= 0) throw new ShapeError('only one dimension can be inferred', { shape: [...shape] })
      hole = i
    } else if (!Number.isInteger(s) || s < 0) {
      throw new ShapeError(`invalid shape dimension ${s} at index ${i} of shape [${shape.join(', ')}]`, {
        shape: [...shape],
      })
    } else known *= s
  }
  if (hole >= 0) {
    if (known === 0 && count === 0)
      throw new ShapeError(
        `cannot reshape tensor of 0 elements into shape [${shape.join(', ')}] because the unspecified dimension size -1 can be any value and is ambiguous`,
        { shape: [...shape] },
      )
    if (known > 0 && count % known === 0) {
      out[hole] = count / known
      return out
    }
  } else if (known === count) return out
  throw new ShapeError(`shape '[${shape.join(', ')}]' is invalid for input of size ${count}`, {
    shape: [...shape],
    count,
  })
}

/** Strides that show memory of (sizes, strides) as `shape` without a copy, or null where there are none. */
export function viewStrides(sizes: Shape, strides: Shape, shape: Shape): number[] | null {
  if (countOf(sizes) === 0) return sameShape(sizes, shape) ? [...strides] : contiguousStrides(shape)
  const out = new Array<number>(shape.length)
  let view = shape.length - 1
  let chunkBase = strides.length > 0 ? strides[strides.length - 1] : 1
  let chunk = 1
  let viewed = 1
  for (let d = sizes.length - 1; d >= 0; d--) {
    chunk *= sizes[d]
    const end = d === 0 || (sizes[d - 1] !== 1 && strides[d - 1] !== chunk * chunkBase)
    if (!end) continue
    while (view >= 0 && (viewed < chunk || shape[view] === 1)) {
      out[view] = viewed * chunkBase
      viewed *= shape[view]
      view--
    }
    if (viewed !== chunk) return null
    if (d > 0) {
      chunkBase = strides[d - 1]
      chunk = 1
      viewed = 1
    }
  }
  while (view >= 0 && shape[view] === 1) {
    out[view] = viewed * chunkBase
    view--
  }
  return view === -1 ? out : null
}

export const showShape = (s: Shape): string => `[${s.join(', ')}]`
