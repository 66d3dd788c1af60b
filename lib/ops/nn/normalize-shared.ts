/** What normalisations share: their options and checks, and the gradient in differentiable ops. */
import { DTypeError } from '../../errors'
import { Category, type DTypeInfo } from '../../runtime/dtype'
import { countOf, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { float, tensor } from '../define/params'
import { operand } from './window'

/** Options that every normalisation takes. */
export interface AffineOptions {
  /** Multiplied with the normalised values. */
  weight?: Tensor | null
  /** Added after that. */
  bias?: Tensor | null
  /** Added to the variance. Default 1e-5. */
  eps?: number
}
export const affineParams = [
  tensor('weight').orNull().default(null),
  tensor('bias').orNull().default(null),
  float('eps').default(1e-5),
] as const
export const operandOf = (t: Tensor | null, info: DTypeInfo): Tensor | null => t && operand(t, info)
/** Parameters are all of the input's dtype, or beside a half type all float32: the first of them decides what is expected. */
export function checkMixed(x: Tensor, ...parameters: readonly (Tensor | null)[]): void {
  const given = parameters.filter((p): p is Tensor => p !== null)
  const mixed = given.length > 0 && given[0]?.info !== x.info
  for (const p of given)
    if (mixed ? p.dtype !== 'float32' : p.info !== x.info && x.info.category === Category.Float)
      throw new DTypeError(
        mixed
          ? 'mixed dtype (CPU): expect parameter to have scalar type of Float'
          : `expected scalar type ${x.info.scalarType} but found ${p.info.scalarType}`,
        { input: x.dtype, parameter: p.dtype },
      )
  if (mixed && x.info.compute === x.info.name)
    throw new DTypeError('mixed dtype (CPU): all inputs must share same datatype.', { input: x.dtype })
}
/** (x - mean) / √(var + eps) in differentiable ops, and 1 / √(var + eps). */
export function standardized(x: Tensor, dims: readonly number[], eps: number): [Tensor, Tensor] {
  const centered = x.sub(x.mean(dims, { keepdim: true }))
  const rstd = centered.square().mean(dims, { keepdim: true }).add(eps).rsqrt()
  return [centered.mul(rstd), rstd]
}
/** The gradient of a normalisation by its input: what is left of `g` without its mean and its part along x̂. */
export const project = (g: Tensor, xhat: Tensor, rstd: Tensor, dims: readonly number[]): Tensor =>
  g
    .sub(g.mean(dims, { keepdim: true }))
    .sub(xhat.mul(g.mul(xhat).mean(dims, { keepdim: true })))
    .mul(rstd)

/** As the kernels count: examples, channels and elements of a plane. */
export const shapeOf = (x: Shape) => ({ n: x[0], c: x[1], s: countOf(x.slice(2)) })
export const channelView = (t: Tensor, x: Tensor): Tensor => t.view([1, -1, ...x.sizes.slice(2).map(() => 1)])
