/** Products with a logarithm: a factor of 0 makes them 0. */
import { OP, type OpCode } from '../../runtime/opcodes'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { operandIn, operandTensor, pointwise, whereRaw } from '../define/kernel'
import { filled } from '../define/results'
import { binary, type BinaryOp, type BinarySpec } from '../define/elementwise'

/** Of half types PyTorch rounds the logarithm as well as the product. */
const byHalves =
  (log: OpCode): BinarySpec['instead'] =>
  (info, out, x, y) => {
    if (info.compute === info.name) return null
    const [a, b] = [x, y].map((v) => (isTensor(v) ? operandIn(v, info) : filled([], v, info))) as [Tensor, Tensor]
    const product = pointwise(OP.mul, info, info, null, a, pointwise(log, info, info, null, b))
    return whereRaw(info, out, a.eq(0).logicalAnd(b.isnan().logicalNot()), 0, product)
  }

/** x · log(y), 0 where x is 0. */
export const xlogy: BinaryOp = binary('xlogy', {
  instead: byHalves(OP.log),
  node: ['XlogyBackward0', 'XlogyBackward1', 'XlogyBackward2'],
  dtype: 'float',
  grad: (g, x, y, n) => [
    n.needs(0) ? xlogy(g, y).maskedFill((x as Tensor).eq(0).logicalAnd(operandTensor(y, x).le(0)), 0) : null,
    n.needs(1) ? g.mul(x).div(y) : null,
  ],
})
/** x · log(1 + y), 0 where x is 0. */
export const xlog1py: BinaryOp = binary('xlog1py', {
  namespace: 'special',
  instead: byHalves(OP.log1p),
  node: ['SpecialXlog1PyBackward0', 'SpecialXlog1PyBackward1', 'SpecialXlog1PyBackward2'],
  dtype: 'float',
  grad: (g, x, y, n) => [
    n.needs(0) ? xlog1py(g, y).maskedFill((x as Tensor).eq(0).logicalAnd(operandTensor(y, x).le(-1)), 0) : null,
    n.needs(1) ? g.mul(x).div((y as Tensor).add(1)) : null,
  ],
})
