/** Elementwise ops made of others. */
import { DTypeError } from '../../errors'
import { Category, type Scalar } from '../../runtime/dtype'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { expectTensor } from '../../check/arguments'
import { pow } from './binary'
import { checkWideBase } from './checks'
import { define } from '../define/define'
import { operand, tensor } from '../define/params'
import { floating } from '../define/results'
import type { InPlaceOp, Op } from '../define/registry'
import { withNodeName } from '../define/node-name'
import { sign } from './pointwise'
import { attach, tracks } from '../../autograd/node'
import { where } from './ternary'

/** The sign: -1, 0 or 1. */
export const sgn: InPlaceOp<(x: Tensor) => Tensor, (x: Tensor) => Tensor> = define('sgn', {
  params: [tensor('input')],
  node: 'SgnBackward0',
  differentiable: false,
  run: (x) => withNodeName(sign(x), sgn.op.node),
  inPlace: (x) => withNodeName(sign.inPlace(x), sgn.op.node),
})
/** Whether each element is -∞. */
export const isneginf: Op<(x: Tensor) => Tensor> = define('isneginf', {
  params: [tensor('input')],
  differentiable: false,
  run: (x) => (x.info.category === Category.Float ? x.eq(-Infinity) : x.eq(x).logicalAnd(false)),
})
/** Whether each element is +∞. */
export const isposinf: Op<(x: Tensor) => Tensor> = define('isposinf', {
  params: [tensor('input')],
  differentiable: false,
  run: (x) => (x.info.category === Category.Float ? x.eq(Infinity) : x.eq(x).logicalAnd(false)),
})
/** A power computed in float64; in place the base must be of that dtype. @throws DTypeError in place, for any other dtype */
export const floatPower: InPlaceOp<
  (x: Tensor | Scalar, exponent: Tensor | Scalar) => Tensor,
  (x: Tensor, exponent: Tensor | Scalar) => Tensor
> = define('floatPower', {
  params: [operand('input'), operand('exponent')],
  method: true,
  run(x, exponent) {
    const wide = (v: Tensor | Scalar): Tensor | Scalar => (isTensor(v) ? v.to('float64') : Number(v))
    return pow(wide(x), wide(exponent))
  },
  inPlace(x, exponent) {
    expectTensor('floatPower_', 'input', x)
    checkWideBase(x.info)
    return x.pow_(isTensor(exponent) ? exponent.to('float64') : Number(exponent))
  },
})
/** x · 2^other. */
export const ldexp: InPlaceOp<(x: Tensor, other: Tensor) => Tensor, (x: Tensor, other: Tensor) => Tensor> = define(
  'ldexp',
  {
    params: [tensor('input'), tensor('other')],
    node: 'LdexpBackward0',
    run: (x, other) => withNodeName(x.mul(powerOfTwo(other)), ldexp.op.node),
    inPlace: (x, other) => withNodeName(x.mul_(powerOfTwo(other)), ldexp.op.node),
  },
)
/** Of an integer exponent a float too: the power of a negative one is a fraction. */
const powerOfTwo = (exponent: Tensor): Tensor => pow(2, floating(exponent))
/** A copy filled with one value, a number or a tensor without dims. */
export const fill: Op<(x: Tensor, value: Tensor | Scalar) => Tensor> = define('fill', {
  params: [tensor('input'), operand('value')],
  node: ['FillBackward0', 'FillBackward1'],
  method: false,
  run: (x, value) => withNodeName(x.clone().fill_(value), fill.op.nodes[isTensor(value) ? 1 : 0] as string),
})

/** Each element as mantissa · 2^exponent, the mantissa in [½, 1) and the exponent int32. @param x floating */
export const frexp: Op<(x: Tensor) => { mantissa: Tensor; exponent: Tensor }> = define('frexp', {
  params: [tensor('input')],
  node: 'FrexpBackward0',
  run(x) {
    if (x.info.category !== Category.Float)
      throw new DTypeError('torch.frexp() only supports floating-point dtypes', { dtype: x.dtype })
    const v = x.detach().to('float64')
    const plain = v.isfinite().logicalAnd(v.ne(0))
    // Subnormal numbers are made normal first.
    const tiny = v.abs().lt(2 ** -1000)
    const scaled = where(plain, where(tiny, v.mul(2 ** 100), v), 1)
    let e = scaled.abs().log2().floor().add(1)
    // In two steps, since 2^1024 is no number.
    const half = e.div(2).floor()
    let m = scaled.mul(half.neg().exp2()).mul(e.sub(half).neg().exp2())
    // The logarithm may have been rounded across a power of two.
    for (const [off, by] of [
      [m.abs().ge(1), 1],
      [m.abs().lt(0.5), -1],
    ] as const) {
      m = where(off, m.mul(2 ** -by), m)
      e = where(off, e.add(by), e)
    }
    const mantissa = where(plain, m, v).to(x.dtype)
    const exponent = where(plain, e.sub(where(tiny, 100, 0)), 0).to('int32')
    if (tracks(x)) attach(mantissa, frexp.op.node, (n, g) => g.div(n.tensor(0).to(g.dtype).exp2()), [x]).save(exponent)
    return { mantissa, exponent }
  },
})
