/** The `out` option: what may be written to, and how. */
import { tracks } from '../../autograd/node'
import { expectTensor } from '../../check/arguments'
import { checkCast } from '../../check/dtypes'
import { AutogradError, ShapeError } from '../../errors'
import { copyInto, emptyOf } from './results'
import type { DTypeInfo } from '../../runtime/dtype'
import { type MemoryRule, checkMemory } from '../../tensor/overlap'
import { type Shape, contiguousStrides, countOf, sameShape, showShape } from '../../tensor/shape'
import { type Tensor, reinterpret } from '../../tensor/tensor'

/**
 * Checks and prepares the target of an `out` option.
 * @param operands what the operation reads
 * @param memory what it asks of the target's memory
 */
export function checkOut(
  op: string,
  out: Tensor,
  sizes: Shape,
  info: DTypeInfo,
  operands: readonly unknown[],
  memory: MemoryRule = 'elementwise',
): void {
  expectTensor(op, 'out', out)
  if (tracks(out)) throw tracked(op)
  checkMemory(memory, out, operands)
  checkCast(info, out.info)
  if (!sameShape(out.sizes, sizes)) {
    if (out.count !== 0) throw otherShape(op, out.sizes, sizes)
    resize(out, sizes)
  }
}

const tracked = (op: string): AutogradError =>
  new AutogradError(
    `${op}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.`,
  )
const otherShape = (op: string, out: Shape, result: Shape): ShapeError =>
  new ShapeError(`${op}(): out has shape ${showShape(out)} but the result has shape ${showShape(result)}`, {
    out: [...out],
    result: [...result],
  })

/** Where a kernel that makes `info` may write the result for a checked `out`: into it, or (null) elsewhere first. */
export function outTarget(
  op: string,
  out: Tensor,
  sizes: Shape,
  info: DTypeInfo,
  operands: readonly unknown[],
): Tensor | null {
  checkOut(op, out, sizes, info, operands)
  return out.info === info ? out : null
}

/** Puts a temporary result over `x`, cast, and gives its memory back. */
export function overwriteWith(x: Tensor, temporary: Tensor): void {
  copyInto(x, temporary)
  temporary.storage.release()
}

/** A result that was computed into `outTarget`, as the user gets it. */
export function delivered(out: Tensor, y: Tensor): Tensor {
  if (y !== out) overwriteWith(out, y)
  out.versions.version++
  return out
}

/** The target of an `out` option that was checked, with a result written into it. */
export function written(out: Tensor, y: Tensor): Tensor {
  copyInto(out, y)
  out.versions.version++
  return out
}

/**
 * Gives a tensor another shape: row-major from its first element on, the elements in memory order, further ones anything.
 * Where more memory is needed, tensors that shared the old one keep it.
 */
export function resize(x: Tensor, sizes: Shape): void {
  const count = countOf(sizes)
  const room = Math.floor(x.storage.byteLength / x.info.itemsize) - x.offset
  if (count > room) {
    const fresh = emptyOf([...sizes], x.info)
    const kept = Math.max(0, room)
    if (kept > 0) copyInto(reinterpret(fresh, [kept], [1], 0), reinterpret(x, [kept], [1], x.offset))
    x.storage = fresh.storage
    x.offset = 0
  }
  x.sizes = [...sizes]
  x.strides = contiguousStrides(sizes)
  x.count = count
  x.rowMajor = true
}
