/** `torch.special`: functions of its own, and those of the package under their names there. */
import { attach, tracks } from '../autograd/node'
import { Category } from '../runtime/dtype'
import type { Tensor } from '../tensor/tensor'
import { aliasOf, define } from './define/define'
import { tensor } from './define/params'
import type { Op } from './define/registry'
import * as gamma from './elementwise/gamma'
import * as logProducts from './elementwise/log-products'
import { withNodeName } from './define/node-name'
import * as pointwise from './elementwise/pointwise'
import * as norms from './reduce/norms'
import * as normalised from './reduce/softmax'
import { where } from './elementwise/ternary'

export { erfcx, i0e, i1, i1e, logNdtr, ndtri, zeta } from './elementwise/gamma'
export { xlog1py } from './elementwise/log-products'

const floating = (x: Tensor): Tensor => (x.info.category === Category.Float ? x : x.to('float32'))

/** -x log x: 0 at 0, -∞ below. */
export const entr: Op<(x: Tensor) => Tensor> = define('entr', {
  namespace: 'special',
  params: [tensor('input')],
  node: 'SpecialEntrBackward0',
  run(x) {
    const v = floating(x)
    const d = v.detach()
    const inside = d.gt(0).logicalOr(d.isnan())
    const out = where(inside, d.neg().mul(d.log()), where(d.eq(0), 0, Number.NEGATIVE_INFINITY)).to(v.dtype)
    if (tracks(v)) attach(out, entr.op.node, (n, g) => g.mul(n.tensor(0).log().neg().sub(1)), [v]).save(v)
    return out
  },
})
/** The normal distribution function. */
export const ndtr: Op<(x: Tensor) => Tensor> = define('ndtr', {
  namespace: 'special',
  params: [tensor('input')],
  node: 'MulBackward1',
  run: (x) => withNodeName(floating(x).mul(Math.SQRT1_2).erf().add(1).mul(0.5), ndtr.op.node),
})

const here = { namespace: 'special' }
/** The derivative of the logarithm of the gamma function. */
export const digamma = aliasOf(pointwise.digamma, 'digamma', here)
/** The error function. */
export const erf = aliasOf(pointwise.erf, 'erf', here)
/** 1 - erf(x). */
export const erfc = aliasOf(pointwise.erfc, 'erfc', here)
/** The inverse of the error function. */
export const erfinv = aliasOf(pointwise.erfinv, 'erfinv', here)
/** 2 to the power of x. */
export const exp2 = aliasOf(pointwise.exp2, 'exp2', here)
/** The logistic function: `sigmoid`. */
export const expit = aliasOf(pointwise.sigmoid, 'expit', here)
/** exp(x) - 1, exact near 0. */
export const expm1 = aliasOf(pointwise.expm1, 'expm1', here)
/** The regularised lower incomplete gamma function: `igamma`. */
export const gammainc = aliasOf(gamma.igamma, 'gammainc', here)
/** The regularised upper incomplete gamma function: `igammac`. */
export const gammaincc = aliasOf(gamma.igammac, 'gammaincc', here)
/** The logarithm of the absolute value of the gamma function: `lgamma`. */
export const gammaln = aliasOf(pointwise.lgamma, 'gammaln', here)
/** The modified Bessel function of the first kind and order 0. */
export const i0 = aliasOf(gamma.i0, 'i0', here)
/** log(1 + x), exact near 0. */
export const log1p = aliasOf(pointwise.log1p, 'log1p', here)
/** The logarithm of the softmax along a dim. */
export const logSoftmax = aliasOf(normalised.logSoftmax, 'logSoftmax', here)
/** log(x / (1 - x)); `eps` keeps x away from 0 and 1. */
export const logit = aliasOf(pointwise.logit, 'logit', here)
/** log Σ eˣ over dims. */
export const logsumexp = aliasOf(norms.logsumexp, 'logsumexp', here)
/** The logarithm of the multivariate gamma function of dimension `p`: `mvlgamma`. */
export const multigammaln = aliasOf(gamma.mvlgamma, 'multigammaln', here)
/** The n-th derivative of the digamma function. */
export const polygamma = aliasOf(gamma.polygamma, 'polygamma', here)
/** The derivative of the logarithm of the gamma function: `digamma`. */
export const psi = aliasOf(pointwise.digamma, 'psi', here)
/** The nearest integer, halves to the even one; `decimals` for other digits. */
export const round = aliasOf(pointwise.round, 'round', here)
/** sin(πx) / (πx), 1 at 0. */
export const sinc = aliasOf(pointwise.sinc, 'sinc', here)
/** eˣ / Σ eˣ along a dim. */
export const softmax = aliasOf(normalised.softmax, 'softmax', here)
/** x · log(y), 0 where x is 0. */
export const xlogy = aliasOf(logProducts.xlogy, 'xlogy', here)
