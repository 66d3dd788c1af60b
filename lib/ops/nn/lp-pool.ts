/** Pooling by a norm. */
import { checkNormType } from './pooling-checks'
import type { Tensor } from '../../tensor/tensor'
import { relu } from './activation'
import { define } from '../define/define'
import { bool, float, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { avgPoolNd, maxPoolNd } from './pooling'
import { checkSizes, type Size, sizeParam } from './window'

/** Options of `lpPool1d` and its kin. */
export interface LpPoolOptions {
  /** How far the window moves; default its own size. */
  stride?: Size | null
  /** Round the size of the output up. Default false. */
  ceilMode?: boolean
}
function lpPool(
  op: string,
  n: number,
  x: Tensor,
  normType: number,
  kernelSize: Size,
  { stride, ceilMode }: Readonly<Required<LpPoolOptions>>,
): Tensor {
  const kernel = checkSizes(op, 'kernel_size', kernelSize, n)
  const pool = op.replace('lp', 'max')
  if (Math.abs(normType) === Number.POSITIVE_INFINITY) {
    const sizes = x.abs()
    return normType > 0
      ? (maxPoolNd(pool, n, sizes, kernel, { stride, ceilMode }) as Tensor)
      : (maxPoolNd(pool, n, sizes.neg(), kernel, { stride, ceilMode }) as Tensor).neg()
  }
  checkNormType(normType)
  const out = avgPoolNd(op.replace('lp', 'avg'), n, x.pow(normType), kernel, { stride, ceilMode })
  return out
    .sign()
    .mul(relu(out.abs()))
    .mul(kernel.reduce((a, b) => a * b, 1))
    .pow(1 / normType)
}
type LpPool = Op<
  (
    x: Tensor,
    normType: number,
    kernelSize: Size,
    stride?: Size | null | LpPoolOptions,
    options?: LpPoolOptions,
  ) => Tensor
>
const defineLpPool = (name: string, n: number): LpPool =>
  define(name, {
    params: [
      tensor('input'),
      float('normType'),
      sizeParam('kernelSize'),
      sizeParam('stride').orNull().default(null),
      bool('ceilMode').default(false),
    ],
    namespace: 'nn.functional',
    run: (x, normType, kernelSize, o) => lpPool(name, n, x, normType, kernelSize, o),
  })
/**
 * The norm of each window, without taking amounts: (Σ xᵖ)^(1/p).
 * @param x [N, C, L] or [C, L], floating
 * @param normType p, not 0; ±∞ for the maximum or minimum of the amounts
 */
export const lpPool1d: LpPool = defineLpPool('lpPool1d', 1)
/**
 * The norm of each window, without taking amounts: (Σ xᵖ)^(1/p).
 * @param x [N, C, H, W] or [C, H, W], floating
 * @param normType p, not 0; ±∞ for the maximum or minimum of the amounts
 */
export const lpPool2d: LpPool = defineLpPool('lpPool2d', 2)
/**
 * The norm of each window, without taking amounts: (Σ xᵖ)^(1/p).
 * @param x [N, C, D, H, W] or [C, D, H, W], floating
 * @param normType p, not 0; ±∞ for the maximum or minimum of the amounts
 */
export const lpPool3d: LpPool = defineLpPool('lpPool3d', 3)
