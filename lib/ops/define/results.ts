/** The memory of results: fresh, filled, cast, copied; no autograd. */
import { negativeSize } from '../../check/shapes'
import { notImplemented } from '../../check/words'
import { MemoryError } from '../../errors'
import { mapNow } from '../../runtime/commands'
import { Category, DTYPES, type DTypeInfo, type Scalar } from '../../runtime/dtype'
import { OP, OP_DTYPES, type OpCode } from '../../runtime/opcodes'
import { allocate } from '../../runtime/storage'
import { type Shape, denseStrides, isContiguous, isDense, showShape } from '../../tensor/shape'
import { floatInfo } from '../../tensor/result-type'
import { Tensor, isTensor, wrap } from '../../tensor/tensor'

/** An uninitialised row-major tensor. */
export const emptyOf = (sizes: Shape, info: DTypeInfo): Tensor => wrap(allocate(bytesOf(sizes, info)), sizes, info)

/** How much memory a tensor takes. @throws MemoryError where that is no number of 64 bits */
function bytesOf(sizes: Shape, info: DTypeInfo): number {
  let count = 1
  for (let i = 0; i < sizes.length; i++) {
    const size = sizes[i]
    if (size < 0) throw negativeSize(size, sizes, { size: [...sizes] })
    count *= size
  }
  const bytes = count * info.itemsize
  if (bytes < 2 ** 63) return bytes
  throw new MemoryError(`Storage size calculation overflowed with sizes=${showShape(sizes)}`, { size: [...sizes] })
}

/** Refuses a result that no memory can be had for, where much would be done before it is asked for. */
export function expectRoom(sizes: Shape, info: DTypeInfo): void {
  const bytes = bytesOf(sizes, info)
  if (bytes > 2 ** 20) allocate(bytes).release()
}

/** An uninitialised tensor with the layout of `x`, without its gaps, as PyTorch's preserve_format. */
export function emptyLike(x: Tensor, info: DTypeInfo): Tensor {
  if (x.rowMajor) return emptyOf(x.sizes, info)
  const strides = isDense(x.sizes, x.strides) ? x.strides : denseStrides(x.sizes, x.strides)
  return new Tensor(
    allocate(x.count * info.itemsize),
    0,
    x.sizes,
    strides,
    info,
    x.count,
    isContiguous(x.sizes, strides),
  )
}

/** Writes `x` into `out` (broadcast, cast); no autograd. */
export function copyInto(out: Tensor, x: Tensor | Scalar): void {
  const from = isTensor(x) ? x.info : out.info
  mapNow(OP.cast, from.code, out.info.code, out, x)
}

/** One value everywhere. */
export function filled(size: readonly number[], value: Scalar, info: DTypeInfo): Tensor {
  const out = emptyOf(size, info)
  copyInto(out, value)
  return out
}

/** Zeros shaped like a gradient: also where that is infinite or NaN, and differentiable no further, as in PyTorch. */
export const zerosFor = (g: Tensor): Tensor => filled(g.sizes, 0, g.info)

/** The values of `x` in another dtype, in fresh memory; no autograd. */
export function castRaw(x: Tensor, info: DTypeInfo): Tensor {
  const out = emptyLike(x, info)
  mapNow(OP.cast, x.info.code, info.code, out, x)
  return out
}

/** Integers and bools as the default float, which they come to beside a float: a number that is whole does not show that it is one. */
export const floating = (x: Tensor): Tensor => (x.info.category === Category.Float ? x : castRaw(x, floatInfo(x.info)))

/** `x` itself where it is row-major, else a row-major copy; no autograd. */
export function contiguousRaw(x: Tensor): Tensor {
  if (x.rowMajor) return x
  const out = emptyOf(x.sizes, x.info)
  mapNow(OP.cast, x.info.code, x.info.code, out, x)
  return out
}

/** Bools as bytes of 0 and 1, for kernels that order them: memory also seen as another dtype may hold other bytes. */
export const ordered = (x: Tensor): Tensor => (x.info.category === Category.Bool ? castRaw(x, x.info) : x)

export const hasKernel = (op: OpCode, info: DTypeInfo): boolean => ((OP_DTYPES[op] >> info.code) & 1) === 1

/** The input as the kernel takes it: another dtype where asked for, float32 for the half types. */
export function prepared(op: string, code: OpCode, x: Tensor, info: DTypeInfo): Tensor {
  const compute = DTYPES[info.compute]
  if (!hasKernel(code, compute)) throw notImplemented(op, info)
  return x.info === compute ? x : castRaw(x, compute)
}
