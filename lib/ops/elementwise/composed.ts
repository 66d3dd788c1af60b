/** Elementwise ops made of others. */
import { DTypeError } from '../../errors'
import { Category, type Scalar } from '../../runtime/dtype'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { pow } from './binary'
import { define } from '../define/define'
import { operand, tensor } from '../define/params'
import type { InPlaceOp, Op } from '../define/registry'
import { named } from '../define/named'
import { sign } from './pointwise'

/** The sign: -1, 0 or 1. */
export const sgn: InPlaceOp<(x: Tensor) => Tensor, (x: Tensor) => Tensor> = define('sgn', {
  params: [tensor('input')],
  node: 'SgnBackward0',
  differentiable: false,
  run: (x) => named(sign(x), sgn.op.node),
  inPlace: (x) => named(sign.inPlace(x), sgn.op.node),
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
    const base = x as Tensor
    if (base.dtype !== 'float64')
      throw new DTypeError(
        `the base given to float_power_ has dtype ${base.info.scalarType} but the operation's result requires dtype Double`,
      )
    return base.pow_(isTensor(exponent) ? exponent.to('float64') : Number(exponent))
  },
})
/** x · 2^other. */
export const ldexp: InPlaceOp<(x: Tensor, other: Tensor) => Tensor, (x: Tensor, other: Tensor) => Tensor> = define(
  'ldexp',
  {
    params: [tensor('input'), tensor('other')],
    node: 'LdexpBackward0',
    run: (x, other) => named(x.mul(pow(2, other)), ldexp.op.node),
    inPlace: (x, other) => named(x.mul_(pow(2, other)), ldexp.op.node),
  },
)
/** A copy filled with one value, a number or a tensor without dims. */
export const fill: Op<(x: Tensor, value: Tensor | Scalar) => Tensor> = define('fill', {
  params: [tensor('input'), operand('value')],
  node: ['FillBackward0', 'FillBackward1'],
  method: false,
  run: (x, value) => named(x.clone().fill_(value), fill.op.nodes[isTensor(value) ? 1 : 0] as string),
})
