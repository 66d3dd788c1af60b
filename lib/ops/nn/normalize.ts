/** Division by the norm along a dim. */
import { checkFloating } from '../../check/dtypes'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { float, own, tensor } from '../define/params'
import type { Op } from '../define/registry'

/** Options of `normalize`. */
export interface NormalizeOptions {
  /** The exponent of the norm. Default 2. */
  p?: number
  /** Along which the norm is. Default 1. */
  dim?: number | readonly number[]
  /** The norm counts as no less than this. Default 1e-12. */
  eps?: number
}
/**
 * Divides by the norm along a dim.
 * @param x floating
 */
export const normalize: Op<(x: Tensor, p?: number | NormalizeOptions, options?: NormalizeOptions) => Tensor> = define(
  'normalize',
  {
    params: [
      tensor('input'),
      own<number>('float')('p').default(2),
      own<number | readonly number[]>('int or int[]')('dim').default(1),
      float('eps').default(1e-12),
    ],
    namespace: 'nn.functional',
    run(x, { p, dim, eps }) {
      checkFloating('linalg.vector_norm', x.info)
      return x.div(x.norm(p, { dim, keepdim: true }).clampMin(eps).expandAs(x))
    },
  },
)
