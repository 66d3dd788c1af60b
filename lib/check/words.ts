/** What PyTorch's texts call things. */
import { DTypeError } from '../errors'
import type { DTypeInfo } from '../runtime/dtype'
import { warnOnce } from '../runtime/warn'
import { overlapsItself } from '../tensor/overlap'
import { type Shape, showShape } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'

/** A shape as PyTorch's error texts have it. */
export const torchSize = (sizes: Shape): string => `torch.Size(${showShape(sizes)})`

/** How PyTorch's error texts call the type of a tensor: it has two ways. */
export const tensorType = (info: DTypeInfo): string =>
  info.name === 'bfloat16' || info.name === 'bool' ? `CPU${info.scalarType}Type` : `torch.${info.scalarType}Tensor`

export const notImplemented = (kernel: string, info: DTypeInfo): DTypeError =>
  new DTypeError(`"${kernel}" not implemented for '${info.scalarType}'`, { kernel, dtype: info.name })

/**
 * Says that PyTorch will not write to expanded memory for ever.
 * @param like how the assignment by index is written that does the same
 */
export function warnExpanded(op: string, like: string, x: Tensor): void {
  if (overlapsItself(x))
    warnOnce(
      `Use of ${op} on expanded tensors is deprecated. Please clone() the tensor before performing this operation. This also applies to advanced indexing e.g. tensor[${like}`,
    )
}
