/** Running elementwise kernels on operands of any dtype, layout and broadcast shape; no autograd. */
import { ArgumentError } from '../../errors'
import { castRaw, copyInto, emptyLike, emptyOf } from './results'
import { map, mapNow, run } from '../../runtime/commands'
import { DTYPES, type DTypeInfo, type Scalar, toHalf } from '../../runtime/dtype'
import { OP, type OpCode } from '../../runtime/opcodes'
import { type Shape, broadcastShapes, denseStrides, isContiguous, sameShape } from '../../tensor/shape'
import { Tensor, isTensor } from '../../tensor/tensor'

function outputFor(info: DTypeInfo, a: Tensor | Scalar, b?: Tensor | Scalar, c?: Tensor | Scalar): Tensor {
  let first: Tensor | null = null
  let sizes: Shape | null = null
  let rowMajor = true
  for (let i = 0; i < 3; i++) {
    const t = i === 0 ? a : i === 1 ? b : c
    if (t === undefined || typeof t !== 'object') continue
    rowMajor &&= t.rowMajor
    if (first === null) {
      first = t
      sizes = t.sizes
    } else if (!sameShape(sizes as Shape, t.sizes)) sizes = broadcastShapes(sizes as Shape, t.sizes)
  }
  if (first === null || sizes === null) throw new ArgumentError('an elementwise operation needs at least one Tensor')
  if (rowMajor) return emptyOf(sizes, info)
  if (!first.rowMajor && sameShape(first.sizes, sizes)) return emptyLike(first, info)
  return laidOut(sizes, info, a, b, c)
}

/** An uninitialised result in the layout of its operands, where they are broadcast. */
function laidOut(shape: Shape, info: DTypeInfo, ...given: readonly (Tensor | Scalar | undefined)[]): Tensor {
  const operands = given.filter((t): t is Tensor => typeof t === 'object')
  if (operands.every((t) => sameShape(t.sizes, shape))) return emptyOf(shape, info)
  const strides = denseStrides(
    shape,
    ...operands.map((t) => {
      const missing = shape.length - t.sizes.length
      return shape.map((s, d) => (d < missing || (t.sizes[d - missing] === 1 && s !== 1) ? 0 : t.strides[d - missing]!))
    }),
  )
  const out = emptyOf(shape, info)
  return new Tensor(out.storage, 0, out.sizes, strides, info, out.count, isContiguous(shape, strides))
}

/**
 * Runs an elementwise kernel; no autograd.
 * @param info the dtype of the computation (float16 and bfloat16 are computed in float32 and rounded)
 * @param outInfo the dtype of a fresh output: `info`, or bool for comparisons
 * @param out written to where given: its dtype, shape and memory have been checked
 */
export function pointwise(
  op: OpCode,
  info: DTypeInfo,
  outInfo: DTypeInfo,
  out: Tensor | null,
  a: Tensor | Scalar,
  b?: Tensor | Scalar,
  c?: Tensor | Scalar,
): Tensor {
  const compute = DTYPES[info.compute]
  const kernelOut = outInfo === info ? compute : outInfo
  const target = out ?? outputFor(outInfo, a, b, c)
  if (
    target.info === kernelOut &&
    (typeof a !== 'object' || a.info === compute) &&
    (typeof b !== 'object' || b.info === compute) &&
    (typeof c !== 'object' || c.info === compute)
  ) {
    mapNow(op, compute.code, kernelOut.code, target, a, b, c)
  } else pointwiseCast(op, compute, kernelOut, target, a, b, c)
  return target
}

/** As `pointwise`, with operands or result of another dtype than the kernel's: through temporaries. */
function pointwiseCast(
  op: OpCode,
  compute: DTypeInfo,
  kernelOut: DTypeInfo,
  target: Tensor,
  a: Tensor | Scalar,
  b?: Tensor | Scalar,
  c?: Tensor | Scalar,
): void {
  const temporaries: Tensor[] = []
  const fitted = <T extends Tensor | Scalar | undefined>(v: T): T => {
    if (typeof v !== 'object' || v.info === compute) return v
    const copy = emptyLike(v, compute)
    temporaries.push(copy)
    map(OP.cast, v.info.code, compute.code, copy, v)
    return copy as T
  }
  const [x, y, z] = [fitted(a), fitted(b), fitted(c)]
  if (target.info === kernelOut) map(op, compute.code, kernelOut.code, target, x, y, z)
  else {
    const computed = emptyLike(target, kernelOut)
    temporaries.push(computed)
    map(op, compute.code, kernelOut.code, computed, x, y, z)
    map(OP.cast, kernelOut.code, target.info.code, target, computed)
  }
  run()
  for (const t of temporaries) t.storage.release()
}

/**
 * An operand of a computation in `info`: where that is a half type, a number or a tensor of another dtype is rounded to it
 * first, as in PyTorch.
 * @param exact whether a number, or a tensor of one element, keeps its precision nevertheless
 */
export function operandIn<T extends Tensor | Scalar>(v: T, info: DTypeInfo, exact = false): T | Tensor | number {
  if (info.compute === info.name || (typeof v === 'object' && v.info === info)) return v
  if (exact && (typeof v !== 'object' || v.count === 1)) return v
  return typeof v === 'object' ? castRaw(v, info) : toHalf(Number(v), info.name as 'float16' | 'bfloat16')
}

/** An operand as a tensor: a scalar as one like `like`, filled. */
export const operandTensor = (x: Tensor | Scalar, like: Tensor | Scalar): Tensor => {
  if (isTensor(x)) return x
  const out = emptyLike(like as Tensor, (like as Tensor).info)
  copyInto(out, x)
  return out
}

/** Runs the selecting kernel; no autograd. `mask` is bool; all three broadcast. */
export function whereRaw(
  info: DTypeInfo,
  out: Tensor | null,
  mask: Tensor,
  x: Tensor | Scalar,
  y: Tensor | Scalar,
): Tensor {
  const fitted = (v: Tensor | Scalar): Tensor | Scalar => (isTensor(v) && v.info !== info ? castRaw(v, info) : v)
  const a = fitted(x)
  const b = fitted(y)
  const target = out ?? outputFor(info, mask, a, b)
  mapNow(OP.where, info.code, info.code, target, mask, a, b)
  if (isTensor(a) && a !== x) a.storage.release()
  if (isTensor(b) && b !== y) b.storage.release()
  return target
}
