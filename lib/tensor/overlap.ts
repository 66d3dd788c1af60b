/** Elements that share memory: which layouts may be written to, in PyTorch's terms. */
import { ShapeError } from '../errors'
import { isDense, sameShape } from './shape'
import { isTensor, type Tensor } from './tensor'

/**
 * What a change in place asks of memory: where the result would depend on the order in which elements are written, it is
 * refused.
 * - `elementwise`: no two elements of the target are one location; an operand is the target itself or lies elsewhere
 * - `apart`: as before, and no operand shares memory with the target
 * - `once`: no two elements of the target are one location
 * - `any`: the order does not matter, or PyTorch does not ask
 */
export type MemoryRule = 'elementwise' | 'apart' | 'once' | 'any'

/** Whether some elements are known to be one location: PyTorch looks at strides of 0 only. */
export function overlapsItself(x: Tensor): boolean {
  if (x.rowMajor || x.count <= 1) return false
  for (let i = 0; i < x.sizes.length; i++) if (x.strides[i] === 0 && x.sizes[i] > 1) return true
  return false
}

/** Whether each element is known to have a location of its own. */
export function isDistinct(x: Tensor): boolean {
  if (x.rowMajor || x.count <= 1) return true
  const dims = x.sizes.map((_, i) => i).filter((i) => x.sizes[i] !== 1)
  dims.sort((a, b) => x.strides[a] - x.strides[b])
  let reach = 0
  for (const d of dims) {
    if (x.strides[d] <= reach) return false
    reach += x.strides[d] * (x.sizes[d] - 1)
  }
  return true
}

/** Refuses to write where two elements are one memory location. */
export function checkWritable(out: Tensor): void {
  if (overlapsItself(out))
    throw new ShapeError(
      'unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.',
    )
}

/** Refuses an operand that shares part of the memory of an output. Being in all of it, as the output is, is allowed. */
export function checkOverlap(out: Tensor, x: Tensor): void {
  if (shared(out, x) === 'part') refuse()
}

/** Refuses an operand that shares memory with an output. */
export function checkApart(out: Tensor, x: Tensor): void {
  if (shared(out, x) !== 'nothing') refuse()
}

/**
 * @param operands what the change reads beside `out`
 * @param first where they begin
 */
export function checkMemory(rule: MemoryRule, out: Tensor, operands: readonly unknown[], first = 0): void {
  if (rule === 'any') return
  checkWritable(out)
  if (rule === 'once') return
  const check = rule === 'apart' ? checkApart : checkOverlap
  for (let i = first; i < operands.length; i++) {
    const x = operands[i]
    if (isTensor(x)) check(out, x)
  }
}

function refuse(): never {
  throw new ShapeError(
    'unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.',
  )
}

/** Of layouts with gaps nothing is said, as in PyTorch. */
function shared(a: Tensor, b: Tensor): 'nothing' | 'part' | 'all' {
  if (a.storage !== b.storage) return 'nothing'
  if (a === b) return 'all'
  if (a.count === 0 || b.count === 0) return 'nothing'
  if (!isDense(a.sizes, a.strides) || !isDense(b.sizes, b.strides)) return 'nothing'
  // In bytes: views of another dtype count in steps of their own.
  const [a0, b0] = [a.offset * a.info.itemsize, b.offset * b.info.itemsize]
  const [a1, b1] = [a0 + a.count * a.info.itemsize, b0 + b.count * b.info.itemsize]
  if (a1 <= b0 || b1 <= a0) return 'nothing'
  return a0 === b0 && a1 === b1 && sameShape(a.strides, b.strides) ? 'all' : 'part'
}
