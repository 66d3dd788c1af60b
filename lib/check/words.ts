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

/** A number as C++ writes it into PyTorch's error texts: six digits. */
export function inText(v: number): string {
  if (Number.isNaN(v)) return 'nan'
  if (!Number.isFinite(v)) return v > 0 ? 'inf' : '-inf'
  const [mantissa, exponent] = v.toExponential(5).split('e') as [string, string]
  const e = Number(exponent)
  if (e < -4 || e >= 6) {
    const digits = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
    return `${digits}e${e < 0 ? '-' : '+'}${String(Math.abs(e)).padStart(2, '0')}`
  }
  return String(Number(v.toPrecision(6)))
}

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
