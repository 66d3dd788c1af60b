/** Normalisation of each example over its last dims. */
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import { countOf, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { float, ints, tensor } from '../define/params'
import type { Op } from '../define/registry'
import {
  type AffineOptions,
  affineParams,
  normalized,
  type Normalization,
  project,
  ruleOf,
  standardized,
} from './normalization'
import { checkLayerNorm, checkRmsNorm } from './normalization-checks'

// ---- layer norm -------------------------------------------------------------------------------------------------------

/** What the kernels are told of the shapes, and the shape of the parameters. */
interface Rows {
  readonly rows: number
  readonly columns: number
  readonly eps: number
  readonly shape: Shape
}
const LAYER_NORM: Normalization<Rows> = {
  node: 'NativeLayerNormBackward0',
  encode: (info, { y, x, weight, bias }, mean, rstd, { rows, columns, eps }) =>
    encode.layerNorm(OP.layer_norm, info, { y, x, weight, bias, mean, rstd, rows, columns, eps }),
  rule: ruleOf<Rows>({
    affineSizes: ({ shape }) => shape,
    encode(info, { dx, dw, db, dy, x, weight }, { rows, columns }, n) {
      const [mean, rstd] = [n.tensor(2), n.tensor(3)]
      encode.layerNormBackward(OP.layer_norm_backward, info, { dx, dw, db, dy, x, weight, mean, rstd, rows, columns })
    },
    composed(n, g, x, w, { shape, eps }) {
      const dims = shape.map((_, i) => i - shape.length)
      const [xhat, rstd] = standardized(x, dims, eps)
      return [
        n.needs(0) ? project(w ? g.mul(w) : g, xhat, rstd, dims) : null,
        n.needs(1) ? g.mul(xhat) : null,
        n.needs(2) ? g : null,
      ]
    },
  }),
}

function layerNormOf(x: Tensor, shape: Shape, weight: Tensor | null, bias: Tensor | null, eps: number): Tensor {
  checkLayerNorm(x, shape, weight, bias)
  const rows = countOf(x.sizes.slice(0, x.sizes.length - shape.length))
  return normalized(LAYER_NORM, x, weight, bias, [rows], { rows, columns: countOf(shape), eps, shape })
}
/**
 * Normalises over the last dims (Ba et al. 2016).
 * @param x floating
 * @param normalizedShape the sizes of these dims, and the shape of weight and bias
 */
export const layerNorm: Op<
  (
    x: Tensor,
    normalizedShape: readonly number[],
    weight?: Tensor | null | AffineOptions,
    options?: AffineOptions,
  ) => Tensor
> = define('layerNorm', {
  params: [tensor('input'), ints('normalizedShape'), ...affineParams],
  namespace: 'nn.functional',
  node: LAYER_NORM.node,
  run: (x, shape, { weight, bias, eps }) => layerNormOf(x, shape, weight, bias, eps),
})

/** Options of `rmsNorm`. */
export interface RmsNormOptions {
  /** Multiplied with the normalised values. */
  weight?: Tensor | null
  /** Added to the mean square. Default: the distance from 1 to the next number of the dtype. */
  eps?: number | null
}
/**
 * Divides by the root of the mean square over the last dims (Zhang and Sennrich 2019).
 * @param x floating
 * @param normalizedShape the sizes of these dims, and the shape of the weight
 */
export const rmsNorm: Op<
  (
    x: Tensor,
    normalizedShape: readonly number[],
    weight?: Tensor | null | RmsNormOptions,
    options?: RmsNormOptions,
  ) => Tensor
> = define('rmsNorm', {
  params: [
    tensor('input'),
    ints('normalizedShape'),
    tensor('weight').orNull().default(null),
    float('eps').orNull().default(null),
  ],
  namespace: 'nn.functional',
  run(x, normalizedShape, { weight, eps }) {
    checkRmsNorm(x, normalizedShape, weight)
    const dims = normalizedShape.map((_, i) => i - normalizedShape.length)
    const wide = x.info.compute === x.dtype ? x : x.to(x.info.compute)
    const y = wide.mul(
      wide
        .square()
        .mean(dims, { keepdim: true })
        .add(eps ?? wide.info.epsilon)
        .rsqrt(),
    )
    const scaled = weight ? y.mul(weight) : y
    return scaled.info === x.info ? scaled : scaled.to(x.dtype)
  },
})
