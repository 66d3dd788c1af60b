/** Tensors as the kernels take them, and their results as the caller wants them. */
import { type DTypeInfo, DTYPES } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { castRaw, contiguousRaw } from './results'

/** `x` as a kernel takes it: row-major, in a dtype that it computes in. */
export function kernelInput(x: Tensor, info: DTypeInfo): Tensor {
  return x.info === info ? contiguousRaw(x) : castRaw(contiguousRaw(x), info)
}
/** Gives the copy that `kernelInput` made back. */
export function releaseInput(copy: Tensor, x: Tensor): void {
  if (copy.storage !== x.storage) copy.storage.release()
}
/** The dtype in which the kernels compute. */
export const computeInfo = (x: Tensor): DTypeInfo => DTYPES[x.info.compute]

/** A result in the dtype that was asked for. */
export function castResult(y: Tensor, info: DTypeInfo): Tensor {
  if (y.info === info) return y
  const z = castRaw(y, info)
  y.storage.release()
  return z
}
