/** Functions of `torch.special`, and elementwise ops made of others. */
import { attach, tracks } from '../autograd/node'
import { DTypeError } from '../errors'
import { Category, type Scalar } from '../runtime/dtype'
import { isTensor, type Tensor } from '../tensor/tensor'
import { expectOperand, expectTensor } from './core'
import { digamma, erf, erfc, erfinv, exp2, expm1, lgamma, log1p, logit, round, sigmoid, sign, sinc } from './pointwise'
import { erfcx, i0, i0e, i1, i1e, igamma, igammac, logNdtr, mvlgamma, ndtri, polygamma, zeta } from './gamma'
import { pow } from './binary'
import { xlog1py, xlogy } from './log-products'
import { named } from './named'
import { logsumexp } from './reduce'
import { logSoftmax, softmax } from './softmax'
import { where } from './ternary'

const floating = (x: Tensor): Tensor => (x.info.category === Category.Float ? x : x.to('float32'))

/** The sign: -1, 0 or 1. */
export const sgn = Object.assign((x: Tensor): Tensor => named(sign(x), 'SgnBackward0'), {
  inPlace: (x: Tensor): Tensor => named(sign.inPlace(x), 'SgnBackward0'),
})
/** Whether each element is -∞. */
export function isneginf(x: Tensor): Tensor {
  expectTensor('isneginf', 'input', x)
  return x.info.category === Category.Float ? x.eq(-Infinity) : x.eq(x).logicalAnd(false)
}
/** Whether each element is +∞. */
export function isposinf(x: Tensor): Tensor {
  expectTensor('isposinf', 'input', x)
  return x.info.category === Category.Float ? x.eq(Infinity) : x.eq(x).logicalAnd(false)
}
/** A power computed in float64. */
export const floatPower = Object.assign(widePower, {
  inPlace: (x: Tensor, exponent: Tensor | Scalar): Tensor => {
    if (x.dtype !== 'float64')
      throw new DTypeError(
        `the base given to float_power_ has dtype ${x.info.scalarType} but the operation's result requires dtype Double`,
      )
    expectOperand('floatPower_', 'exponent', exponent)
    return x.pow_(isTensor(exponent) ? exponent.to('float64') : Number(exponent))
  },
})
function widePower(x: Tensor | Scalar, exponent: Tensor | Scalar): Tensor {
  expectOperand('floatPower', 'input', x)
  expectOperand('floatPower', 'exponent', exponent)
  const wide = (v: Tensor | Scalar): Tensor | Scalar => (isTensor(v) ? v.to('float64') : Number(v))
  return pow(wide(x), wide(exponent))
}
/** x · 2^other. */
export const ldexp = Object.assign(
  function ldexp(x: Tensor, other: Tensor): Tensor {
    expectTensor('ldexp', 'input', x)
    expectTensor('ldexp', 'other', other)
    return named(x.mul(pow(2, other)), 'LdexpBackward0')
  },
  { inPlace: (x: Tensor, other: Tensor): Tensor => named(x.mul_(pow(2, other)), 'LdexpBackward0') },
)
/** A copy filled with one value. */
export function fill(x: Tensor, value: Tensor | Scalar): Tensor {
  expectTensor('fill', 'input', x)
  return named(x.clone().fill_(value), isTensor(value) ? 'FillBackward1' : 'FillBackward0')
}

/** -x log x: 0 at 0, -∞ below. */
function entr(x: Tensor): Tensor {
  expectTensor('special.entr', 'input', x)
  const v = floating(x)
  const d = v.detach()
  const out = where(d.gt(0).logicalOr(d.isnan()), d.neg().mul(d.log()), where(d.eq(0), 0, Number.NEGATIVE_INFINITY)).to(
    v.dtype,
  )
  if (tracks(v)) attach(out, 'SpecialEntrBackward0', (n, g) => g.mul(n.tensor(0).log().neg().sub(1)), [v]).save(v)
  return out
}
/** The normal distribution function. */
function ndtr(x: Tensor): Tensor {
  expectTensor('special.ndtr', 'input', x)
  return named(floating(x).mul(Math.SQRT1_2).erf().add(1).mul(0.5), 'MulBackward1')
}
/** `torch.special`, as far as it is there. */
export const special = {
  digamma,
  entr,
  erf,
  erfc,
  erfcx,
  erfinv,
  exp2,
  expit: sigmoid,
  expm1,
  gammainc: igamma,
  gammaincc: igammac,
  gammaln: lgamma,
  i0,
  i0e,
  i1,
  i1e,
  log1p,
  logNdtr,
  logSoftmax,
  logit,
  logsumexp,
  multigammaln: mvlgamma,
  ndtr,
  ndtri,
  polygamma,
  psi: digamma,
  round,
  sinc,
  softmax,
  xlog1py,
  xlogy,
  zeta,
} as const
