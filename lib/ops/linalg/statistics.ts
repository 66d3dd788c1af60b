/** Covariances and correlations. */
import { DTypeError, ValueError } from '../../errors'
import { Category } from '../../runtime/dtype'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { hostRead } from '../define/host-read'
import { float, tensor } from '../define/params'
import { expectRange } from '../define/expect-range'
import type { Op } from '../define/registry'
import { checkObservations, checkWeights } from './checks'

/** Options of `cov`. */
export interface CovOptions {
  /** Taken off the number of observations. Default 1. */
  correction?: number
  /** How often each observation counts, integers [observations]. */
  fweights?: Tensor | null
  /** How much each observation counts, [observations]. */
  aweights?: Tensor | null
}
function weightsOf(name: 'fweights' | 'aweights', w: Tensor, category: Category, n: number): Tensor {
  checkWeights(name, w, category, n)
  expectRange(w, 0, Infinity, () => new ValueError(`cov(): ${name} cannot be negative`))
  return w
}
/**
 * The covariances of variables.
 * @param x [variables, observations] or [observations], not bool
 * @returns [variables, variables], or a scalar
 */
export const cov: Op<(x: Tensor, correction?: number | CovOptions, options?: CovOptions) => Tensor> = define('cov', {
  params: [
    tensor('input'),
    float('correction').default(1),
    tensor('fweights').optional(),
    tensor('aweights').optional(),
  ],
  run(x, { correction: off, fweights, aweights }) {
    checkObservations('cov', x.sizes)
    if (x.info.category === Category.Bool) throw new DTypeError('cov(): bool dtype is not supported for input')
    const v = x.sizes.length < 2 ? x.reshape([1, -1]) : x
    const n = v.sizes[1]
    const f = fweights ? weightsOf('fweights', fweights, Category.Int, n) : null
    const a = aweights ? weightsOf('aweights', aweights, Category.Float, n) : null
    const w = f && a ? f.mul(a) : (f ?? a)
    const total: Tensor | number = w ? w.sum() : n
    if (isTensor(total) && n > 0) {
      const none = (): ValueError => new ValueError("cov(): weights sum to zero, can't be normalized")
      // None is negative: what is not 0 is above the least that there is.
      expectRange(total, total.info.category === Category.Float ? Number.MIN_VALUE : 1, Infinity, none, true)
    }
    const mean = (w ? v.mul(w) : v).sum(1).div(total)
    let norm: Tensor | number
    if (isTensor(total)) norm = a && w && off !== 0 ? total.sub(w.mul(a).sum().div(total).mul(off)) : total.sub(off)
    else norm = total - off
    // Whether there is a warning depends on it.
    const degrees = isTensor(norm) ? Number(hostRead(norm)) : norm
    if (degrees <= 0) {
      process.emitWarning(
        'cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.',
      )
      norm = isTensor(norm) ? norm.mul(0) : 0
    }
    const centred = v.sub(mean.unsqueeze(1))
    const other = (w ? centred.mul(w) : centred).t()
    return centred.to(other.dtype).mm(other).div(norm).squeeze()
  },
})
/**
 * The correlations of variables.
 * @param x [variables, observations] or [observations], not bool
 * @returns [variables, variables], or a scalar
 */
export const corrcoef: Op<(x: Tensor) => Tensor> = define('corrcoef', {
  params: [tensor('input')],
  run(x) {
    checkObservations('corrcoef', x.sizes)
    const c = cov(x)
    if (c.ndim === 0) return c.div(c)
    const d = c.diag().sqrt()
    return c
      .div(d.view([-1, 1]))
      .div(d.view([1, -1]))
      .clamp(-1, 1)
  },
})
