/** Functions around the gamma, error and Bessel functions. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { DTypeError, NotImplementedError, ValueError } from '../../errors'
import { Category, DTYPES, getDefaultDtype } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { binary, type BinaryOp, unary, type UnaryOp } from '../define/elementwise'
import { define } from '../define/define'
import { int, tensor } from '../define/params'
import type { InPlaceOp, MethodOp } from '../define/registry'
import { arange } from '../tensor/create'
import { digamma } from './pointwise'
import { where } from './ternary'

// ---- Bessel functions -------------------------------------------------------------------------------------------------

/** The modified Bessel function of the first kind and order 0. */
export const i0: UnaryOp = unary('i0', { grad: { x: (g, x) => g.mul(i1(x)) } })
/** I0, times exp(-|x|). */
export const i0e: UnaryOp = unary('i0e', {
  namespace: 'special',
  node: 'SpecialI0EBackward0',
  grad: { x: (g, x) => g.mul(i1e(x).sub(x.sign().mul(i0e(x)))) },
})
/** The modified Bessel function of the first kind and order 1. */
export const i1: UnaryOp = unary('i1', {
  namespace: 'special',
  node: 'SpecialI1Backward0',
  grad: { x: (g, x) => g.mul(slopeAtZero(x, (v) => i0(v).sub(i1(v).div(v)))) },
})
/** I1, times exp(-|x|). */
export const i1e: UnaryOp = unary('i1e', {
  namespace: 'special',
  node: 'SpecialI1EBackward0',
  grad: { x: (g, x) => g.mul(slopeAtZero(x, (v) => i0e(v).sub(i1e(v).mul(v.sign().add(v.reciprocal()))))) },
})
/** A derivative that divides by x, which at zero is one half. */
function slopeAtZero(x: Tensor, slope: (x: Tensor) => Tensor): Tensor {
  // Of NaN too, as PyTorch's.
  const other = x.detach().abs().gt(DTYPES[x.info.compute].epsilon)
  return where(other, slope(where(other, x, 1)), 0.5).to(x.dtype)
}

// ---- error functions --------------------------------------------------------------------------------------------------

/** exp(x²) erfc(x). */
export const erfcx: UnaryOp = unary('erfcx', {
  namespace: 'special',
  node: 'SpecialErfcxBackward0',
  grad: {
    x: (g, x) =>
      g.mul(
        x
          .mul(2)
          .mul(erfcx(x))
          .sub(2 / Math.sqrt(Math.PI)),
      ),
  },
})
/** The logarithm of the normal distribution function. */
export const logNdtr: UnaryOp = unary('logNdtr', {
  namespace: 'special',
  node: 'SpecialLogNdtrBackward0',
  grad: { x: (g, x) => g.div(Math.sqrt(2 * Math.PI)).mul(logNdtr(x).add(x.square().div(2)).neg().exp()) },
})
/** The inverse of the normal distribution function. */
export const ndtri: UnaryOp = unary('ndtri', {
  namespace: 'special',
  node: 'SpecialNdtriBackward0',
  grad: {
    y: (g, y) =>
      g.mul(
        y
          .square()
          .div(2)
          .exp()
          .mul(Math.sqrt(2 * Math.PI)),
      ),
  },
})

// ---- the gamma function's relatives -----------------------------------------------------------------------------------

const missing = (what: string): never => {
  throw new NotImplementedError(`the derivative for '${what}' is not implemented.`)
}
/** The Hurwitz zeta function Σ (k + other)^-input, k from 0. The gradient is that of `other` alone. */
export const zeta: BinaryOp = binary('zeta', {
  namespace: 'special',
  dtype: 'float',
  node: ['SpecialZetaBackward0', 'SpecialZetaBackward1', 'SpecialZetaBackward2'],
  grad: (g, x, q, n) => [
    n.needs(0) ? missing('zeta') : null,
    n.needs(1)
      ? g.mul(asNumberOrTensor(x, (v) => v.neg())).mul(
          zeta(
            asNumberOrTensor(x, (v) => v.add(1)),
            q,
          ),
        )
      : null,
  ],
})
/** An operand changed by an operation that numbers have too. */
function asNumberOrTensor(x: Tensor | number | bigint | boolean, change: (x: Tensor) => Tensor): Tensor {
  return change(typeof x === 'object' ? x : arange(1).to(getDefaultDtype()).add(Number(x)).squeeze(0))
}
const density = (a: Tensor, x: Tensor): Tensor => a.sub(1).mul(x.log()).sub(x).sub(a.lgamma()).exp()
/** The regularised lower incomplete gamma function. The gradient is that of `other` alone. */
export const igamma: BinaryOp = binary('igamma', {
  grad: (g, a, x, n) => [
    n.needs(0) ? missing('igamma: input') : null,
    n.needs(1) ? g.mul(density(asNumberOrTensor(a, same), asNumberOrTensor(x, same))) : null,
  ],
})
/** The regularised upper incomplete gamma function. The gradient is that of `other` alone. */
export const igammac: BinaryOp = binary('igammac', {
  grad: (g, a, x, n) => [
    n.needs(0) ? missing('igammac: input') : null,
    n.needs(1) ? g.mul(density(asNumberOrTensor(a, same), asNumberOrTensor(x, same))).neg() : null,
  ],
})
function same(x: Tensor): Tensor {
  return x
}

/** The n-th derivative of the digamma function. @param n 0 or more @throws ValueError for a negative n */
export const polygamma: MethodOp<
  InPlaceOp<(n: number, x: Tensor) => Tensor, (x: Tensor, n: number) => Tensor>,
  (x: Tensor, n: number) => Tensor
> = define('polygamma', {
  params: [int('n'), tensor('input')],
  node: 'PolygammaBackward0',
  method: (x: Tensor, n: number): Tensor => polygamma(n, x),
  inPlace: true,
  run(n, x) {
    if (n < 0) throw new ValueError('polygamma(n, x) does not support negative n.', { n })
    const v = x.detach()
    const info = x.info.category === Category.Float ? x.info : DTYPES[getDefaultDtype()]
    const input = v.to(info.name)
    let y: Tensor
    if (n === 0) y = digamma(input)
    else if (n === 1) y = trigamma(input)
    else {
      // PyTorch counts in 32 bits here.
      const order = n | 0
      let factorial = 1
      for (let k = 2; k <= order && factorial < Number.POSITIVE_INFINITY; k++) factorial *= k
      y = zeta((order + 1) | 0, input).mul(order % 2 === 0 ? -factorial : factorial)
    }
    if (tracks(x)) {
      const rule: Rule = (node, g) => g.mul(polygamma(n + 1, node.tensor(0)))
      attach(y, polygamma.op.node, rule, [x]).save(x)
    }
    return y
  },
})
/** The reflection formula below one half, and the zeta function above. */
function trigamma(x: Tensor): Tensor {
  const low = x.lt(0.5)
  const sine = x.mul(Math.PI).sin()
  const direct = zeta(2, where(low, x.neg().add(1), x).to(x.dtype))
  return where(
    low,
    sine
      .square()
      .reciprocal()
      .mul(Math.PI ** 2)
      .sub(direct),
    direct,
  ).to(x.dtype)
}

/** The logarithm of the multivariate gamma function of dimension `p`. @param p 1 or more @throws ValueError for a smaller p */
export const mvlgamma: InPlaceOp<(x: Tensor, p: number) => Tensor, (x: Tensor, p: number) => Tensor> = define(
  'mvlgamma',
  {
    params: [tensor('input'), int('p')],
    node: 'MvlgammaBackward0',
    inPlace: true,
    run(x, p) {
      if (p < 1) throw new ValueError('p has to be greater than or equal to 1', { p })
      if (x.info.category === Category.Bool) throw new DTypeError('The input tensor may not be a boolean tensor.')
      const info = x.info.category === Category.Float ? x.info : DTYPES[getDefaultDtype()]
      const terms = (t: Tensor): Tensor => arange(p).to(info.name).mul(-0.5).add(t.to(info.name).unsqueeze(-1))
      const y = terms(x.detach())
        .lgamma()
        .sum(-1)
        .add((p * (p - 1) * Math.log(Math.PI)) / 4)
      if (tracks(x)) {
        const rule: Rule = (n, g) => g.mul(terms(n.tensor(0)).digamma().sum(-1))
        attach(y, mvlgamma.op.node, rule, [x]).save(x)
      }
      return y
    },
  },
)
