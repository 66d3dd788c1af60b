/** Products of matrices and vectors. All go through one kernel that reads operands where they lie, transposed or not. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { ArgumentError, ShapeError } from '../../errors'
import { broadcastShapes, countOf, type Shape } from '../../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../../tensor/tensor'
import { finishInPlace, startInPlace } from '../../autograd/in-place'
import { expectTensor, storable } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { checkOut, written } from '../define/out'
import { copyInto } from '../define/results'
import { aliasOf, define, defineAs } from '../define/define'
import type { OutOption } from '../define/elementwise'
import { inPlaceOf } from '../define/in-place'
import { scalar, tensor, tensors } from '../define/params'
import type { InPlaceOp, Op } from '../define/registry'
import { t as transposed } from '../tensor/views'
import { withNodeName } from '../define/node-name'
import { inCheapestOrder } from './chain'
import {
  checkAddbmm,
  checkAddmm,
  checkAddrShape,
  checkAtLeast1D,
  checkBaddbmm,
  checkBatches,
  checkDot,
  checkExpandable,
  checkLinear,
  checkManyMatrices,
  checkMatrices,
  checkMatrixVector,
  checkOwnShape,
  checkVector,
} from './matmul-checks'
import { productRaw } from './product-kernel'

/** The transpose of the last two dims. */
const T = (x: Tensor): Tensor => x.transpose(-2, -1)

const mmRule: Rule = (n, g) => [n.needs(0) ? mm(g, T(n.tensor(1))) : null, n.needs(1) ? mm(T(n.tensor(0)), g) : null]
/** The product of two matrices. @throws ShapeError where the inner sizes differ; DTypeError for two dtypes */
export const mm: Op<(x: Tensor, mat2: Tensor, options?: OutOption) => Tensor> = define('mm', {
  params: [tensor('input'), tensor('mat2'), tensor('out').optional()],
  node: 'MmBackward0',
  run(x, mat2, { out }) {
    checkMatrices(x, mat2)
    return finish(productRaw(x, mat2), 'mm', mm.op.node, mmRule, x, mat2, out)
  },
})
function finish(y: Tensor, op: string, node: string, rule: Rule, a: Tensor, b: Tensor, out?: Tensor): Tensor {
  if (out) {
    checkOut(op, out, y.sizes, y.info, [], op === 'bmm' ? 'any' : 'once')
    return written(out, y)
  }
  if (tracks(a, b)) {
    const n = attach(y, node, rule, [a, b])
    n.save(n.needs(1) ? a : null, n.needs(0) ? b : null)
  }
  return y
}

const bmmRule: Rule = (n, g) => [n.needs(0) ? bmm(g, T(n.tensor(1))) : null, n.needs(1) ? bmm(T(n.tensor(0)), g) : null]
/** The products of two batches of matrices. @throws ShapeError where sizes differ; DTypeError for two dtypes */
export const bmm: Op<(x: Tensor, mat2: Tensor, options?: OutOption) => Tensor> = define('bmm', {
  params: [tensor('input'), tensor('mat2'), tensor('out').optional()],
  node: 'BmmBackward0',
  run(x, mat2, { out }) {
    checkBatches(x, mat2)
    return finish(productRaw(x, mat2), 'bmm', bmm.op.node, bmmRule, x, mat2, out)
  },
})
/** The product of a matrix and a vector. @throws ShapeError where the sizes differ; DTypeError for two dtypes */
export const mv: Op<(x: Tensor, vec: Tensor) => Tensor> = define('mv', {
  params: [tensor('input'), tensor('vec')],
  node: 'MvBackward0',
  run(x, vec) {
    if (x.sizes.length === 0) x.size(0)
    checkMatrixVector(null, x, vec)
    const y = productRaw(x.detach(), vec.detach().unsqueeze(1)).view([x.sizes[0]])
    return finish(y, 'mv', mv.op.node, mvRule, x, vec)
  },
})
const mvRule: Rule = (n, g) => [n.needs(0) ? outer(g, n.tensor(1)) : null, n.needs(1) ? mv(T(n.tensor(0)), g) : null]
/** The inner product of two vectors. @throws ShapeError where they differ in length; DTypeError for two dtypes */
export const dot: Op<(x: Tensor, tensor: Tensor) => Tensor> = define('dot', {
  params: [tensor('input'), tensor('tensor')],
  node: 'DotBackward0',
  run: innerProduct,
})
function innerProduct(x: Tensor, y: Tensor): Tensor {
  checkDot(x, y)
  const sum = productRaw(x.detach().unsqueeze(0), y.detach().unsqueeze(1)).view([])
  return finish(sum, 'dot', dot.op.node, dotRule, x, y)
}
const dotRule: Rule = (n, g) => [n.needs(0) ? g.mul(n.tensor(1)) : null, n.needs(1) ? g.mul(n.tensor(0)) : null]

/** Every product of an element of one vector and one of the other. @throws ShapeError for what is no vector */
export const outer: Op<(x: Tensor, vec2: Tensor) => Tensor> = define('outer', {
  params: [tensor('input'), tensor('vec2')],
  run(x, vec2) {
    checkVector('outer', 'self', x.sizes)
    checkVector('outer', 'vec2', vec2.sizes)
    return x.unsqueeze(1).mul(vec2)
  },
})
/** Every product of an element of one vector and one of the other: another name of `outer`. */
export const ger = aliasOf(outer, 'ger')

const matmulRule: Rule = (n, g) => {
  return [n.needs(0) ? matmul(g, T(n.tensor(1))) : null, n.needs(1) ? matmul(T(n.tensor(0)), g) : null]
}
/**
 * The matrix product: vectors count as a row on the left and a column on the right, and leading dims broadcast.
 * @throws ShapeError where the inner sizes differ; DTypeError for two dtypes
 */
export const matmul: Op<(x: Tensor, other: Tensor, options?: OutOption) => Tensor> = define('matmul', {
  params: [tensor('input'), tensor('other'), tensor('out').optional()],
  node: ['UnsafeViewBackward0', 'SqueezeBackward4', 'TransposeBackward0', 'CloneBackward0'],
  run: (x, other, { out }) => product(x, other, out),
})
function product(x: Tensor, other: Tensor, out: Tensor | undefined): Tensor {
  checkAtLeast1D('matmul', x.sizes, other.sizes)
  const na = x.sizes.length
  const nb = other.sizes.length
  if (out) {
    const y = matmul(x, other)
    checkOut('matmul', out, y.sizes, y.info, [], y.sizes.length > 2 ? 'any' : 'once')
    return written(out, y)
  }
  if (na === 2 && nb === 2) return mm(x, other)
  if (na === 1 && nb === 1) return dot(x, other)
  if (na === 2 && nb === 1) return mv(x, other)
  if (na === 1 && nb === 2) return withNodeName(mm(x.unsqueeze(0), other).squeeze(0), matmul.op.nodes[1] as string)
  if (nb <= 2) {
    // One matrix for every batch: the batch dims are rows.
    const rows = x.sizes.slice(0, -1)
    const flat = x.reshape([countOf(rows), x.sizes[na - 1]])
    const y = nb === 1 ? mv(flat, other) : mm(flat, other)
    const shaped = y.view(nb === 1 ? rows : [...rows, other.sizes[1]])
    shaped.viewInfo = null
    return withNodeName(shaped, matmul.op.node)
  }
  if (na === 1) return withNodeName(matmul(x.unsqueeze(0), other).squeeze(-2), matmul.op.node)
  checkManyMatrices(x, other)
  return finish(
    productRaw(x, other),
    'matmul',
    na === 2 && x.requiresGrad ? turnedNode(x, other) : matmul.op.node,
    matmulRule,
    x,
    other,
  )
}
/** PyTorch turns one matrix times many round for one product, and copies it back unless that is row-major already. */
const turnedNode = (x: Tensor, other: Tensor): string => {
  const [, , turned, copied] = matmul.op.nodes as [string, string, string, string]
  const rowMajor = x.sizes[0] <= 1 || other.sizes[other.sizes.length - 1] <= 1 || other.sizes.includes(0)
  return rowMajor ? turned : copied
}
/** Options of `addmm` and its kin: beta · input + alpha · product. */
export interface AddmmOptions {
  /** Multiplies the input; 0 ignores it, NaN and all. Default 1. */
  beta?: number
  /** Multiplies the product. Default 1. */
  alpha?: number
}
type Factor = number | bigint | boolean
interface Factors {
  readonly beta: Factor
  readonly alpha: Factor
}
const factors = [scalar('beta').default(1), scalar('alpha').default(1)] as const
const factorsOf = (x: Tensor, o: Factors): { beta: number; alpha: number } => ({
  beta: Number(storable(o.beta, x.info)),
  alpha: Number(storable(o.alpha, x.info)),
})
const addmmRule: Rule = (n, g) => {
  const { alpha, beta } = n.meta as { alpha: number; beta: number }
  const h = alpha === 1 ? g : g.mul(alpha)
  return [
    n.needs(0) ? (beta === 1 ? g : g.mul(beta)) : null,
    n.needs(1) ? matmul(h, T(n.tensor(1))) : null,
    n.needs(2) ? matmul(T(n.tensor(0)), h) : null,
  ]
}
function addProduct(node: string, x: Tensor, a: Tensor, b: Tensor, o: Factors, self: Tensor | null): Tensor {
  const { beta, alpha } = factorsOf(x, o)
  const shape = a.sizes.length === 3 ? [a.sizes[0], a.sizes[1], b.sizes[2]] : [a.sizes[0], b.sizes[1]]
  if (self) checkOwnShape(x, shape)
  checkExpandable(x, shape)
  const n = self ? startInPlace(self, node, addmmRule, [self, a, b], 'once') : null
  const plain = beta === 1 || beta === 0
  const base = plain ? x.detach() : x.detach().mul(beta)
  const integral = x.info.category !== 2
  const y =
    integral && (!plain || alpha !== 1)
      ? productRaw(a, b)
          .mul(BigInt(Math.trunc(alpha)))
          .add(x.detach().mul(BigInt(Math.trunc(beta))))
      : productRaw(a, b, { alpha, bias: beta === 0 ? null : base })
  if (self) {
    copyInto(self, y)
    finishInPlace(self, n)
  }
  const record = self ? n : tracks(x, a, b) ? attach(y, node, addmmRule, [x, a, b]) : null
  if (record) {
    record.save(record.needs(2) ? a : null, record.needs(1) ? b : null)
    record.meta = { alpha, beta }
  }
  return self ?? y
}
type Addmm = (
  x: Tensor,
  mat1: Tensor,
  mat2: Tensor,
  beta?: number | AddmmOptions,
  options?: Omit<AddmmOptions, 'beta'>,
) => Tensor
/**
 * beta · input + alpha · mat1 @ mat2.
 * @param x broadcasts to the product
 * @throws ShapeError where the inner sizes differ; DTypeError for several dtypes
 */
export const addmm: InPlaceOp<Addmm, Addmm> = define('addmm', {
  params: [tensor('input'), tensor('mat1'), tensor('mat2'), ...factors],
  node: 'AddmmBackward0',
  inPlace(x, mat1, mat2, o) {
    checkAddmm(x, mat1, mat2)
    return addProduct(addmm.op.node, x, mat1, mat2, o, x)
  },
  run(x, mat1, mat2, o) {
    checkAddmm(x, mat1, mat2)
    return addProduct(addmm.op.node, x, mat1, mat2, o, null)
  },
})
/** As `addmm`, in place. */
export const addmm_ = addmm.inPlace
type Addbmm = (
  x: Tensor,
  batch1: Tensor,
  batch2: Tensor,
  beta?: number | AddmmOptions,
  options?: Omit<AddmmOptions, 'beta'>,
) => Tensor
/**
 * beta · input + alpha · batch1 @ batch2, for each batch.
 * @param x broadcasts to the products
 * @throws ShapeError where sizes differ; DTypeError for several dtypes
 */
export const baddbmm: InPlaceOp<Addbmm, Addbmm> = define('baddbmm', {
  params: [tensor('input'), tensor('batch1'), tensor('batch2'), ...factors],
  node: 'BaddbmmBackward0',
  inPlace(x, batch1, batch2, o) {
    checkBaddbmm(x, batch1, batch2)
    return addProduct(baddbmm.op.node, x, batch1, batch2, o, x)
  },
  run(x, batch1, batch2, o) {
    checkBaddbmm(x, batch1, batch2)
    return addProduct(baddbmm.op.node, x, batch1, batch2, o, null)
  },
})
/** As `baddbmm`, in place. */
export const baddbmm_ = baddbmm.inPlace
/**
 * beta · input + alpha · Σ batch1 @ batch2.
 * @param x broadcasts to the sum
 * @throws ShapeError where sizes differ; DTypeError for several dtypes
 */
export const addbmm: InPlaceOp<Addbmm, Addbmm> = define('addbmm', {
  params: [tensor('input'), tensor('batch1'), tensor('batch2'), ...factors],
  node: 'AddbmmBackward0',
  inPlace: true,
  run(x, batch1, batch2, o) {
    checkAddbmm(x, batch1, batch2)
    const { beta, alpha } = factorsOf(x, o)
    const total = bmm(batch1, batch2).sum(0, { dtype: batch1.dtype })
    return withNodeName(scaledSum(x, total, beta, alpha), addbmm.op.node)
  },
})
/** As `addbmm`, in place. */
export const addbmm_ = addbmm.inPlace
type Addmv = (
  x: Tensor,
  mat: Tensor,
  vec: Tensor,
  beta?: number | AddmmOptions,
  options?: Omit<AddmmOptions, 'beta'>,
) => Tensor
/**
 * beta · input + alpha · mat @ vec.
 * @param x a vector, or one number for all
 * @throws ShapeError where the sizes differ; DTypeError for several dtypes
 */
export const addmv: InPlaceOp<Addmv, Addmv> = define('addmv', {
  params: [tensor('input'), tensor('mat'), tensor('vec'), ...factors],
  node: 'AddmvBackward0',
  inPlace(x, mat, vec, o) {
    checkMatrixVector(x, mat, vec)
    checkOwnShape(x, [mat.size(0)])
    return addmvOver(x, mat, vec, o)
  },
  run: plusMatrixVector,
})
function plusMatrixVector(x: Tensor, mat: Tensor, vec: Tensor, o: Factors): Tensor {
  const { beta, alpha } = factorsOf(x, o)
  checkMatrixVector(x, mat, vec)
  return withNodeName(scaledSum(x, mv(mat, vec), beta, alpha), addmv.op.node)
}
const addmvOver = inPlaceOf('addmv', plusMatrixVector)
/** As `addmv`, in place. */
export const addmv_ = addmv.inPlace
type Addr = (
  x: Tensor,
  vec1: Tensor,
  vec2: Tensor,
  beta?: number | AddmmOptions,
  options?: Omit<AddmmOptions, 'beta'>,
) => Tensor
/**
 * beta · input + alpha · outer(vec1, vec2).
 * @param x broadcasts to the product
 * @throws ShapeError for what is no vector
 */
export const addr: InPlaceOp<Addr, Addr> = define('addr', {
  params: [tensor('input'), tensor('vec1'), tensor('vec2'), ...factors],
  node: 'AddrBackward0',
  inPlace(x, vec1, vec2, o) {
    checkAddrShape(x, vec1, vec2)
    return addrOver(x, vec1, vec2, o)
  },
  run: plusOuter,
})
function plusOuter(x: Tensor, vec1: Tensor, vec2: Tensor, o: Factors): Tensor {
  const { beta, alpha } = factorsOf(x, o)
  checkVector('addr', 'vec1', vec1.sizes)
  checkVector('addr', 'vec2', vec2.sizes)
  checkExpandable(x, [vec1.count, vec2.count])
  return withNodeName(scaledSum(x, outer(vec1, vec2), beta, alpha), addr.op.node)
}
const addrOver = inPlaceOf('addr', plusOuter)
/** As `addr`, in place. */
export const addr_ = addr.inPlace
function scaledSum(x: Tensor, product: Tensor, beta: number, alpha: number): Tensor {
  if (product.dtype === 'bool' && x.dtype === 'bool')
    return (beta ? x : x.logicalAnd(false)).logicalOr(alpha ? product : false)
  const factor = (v: number): number | bigint => (product.info.category === 2 ? v : BigInt(Math.trunc(v)))
  const scaled = alpha === 1 ? product : product.mul(factor(alpha))
  if (beta === 0) return scaled.expand(broadcastShapes(x.sizes, scaled.sizes))
  return (beta === 1 ? x : x.mul(factor(beta))).add(scaled)
}

const linearRule: Rule = (n, g) => {
  const g2 = g.sizes.length === 2 ? g : g.reshape([-1, g.sizes[g.sizes.length - 1]])
  const gx = (): Tensor => {
    const w = n.tensor(1)
    const y = mm(g2, w)
    return g.sizes.length === 2 ? y : y.reshape([...g.sizes.slice(0, -1), w.sizes[1]])
  }
  const gw = (): Tensor => {
    const x = n.tensor(0)
    return mm(transposed(g2), x.sizes.length === 2 ? x : x.reshape([-1, x.sizes[x.sizes.length - 1]]))
  }
  return [n.needs(0) ? gx() : null, n.needs(1) ? gw() : null, n.needs(2) ? g2.sum(0) : null]
}
type Linear = (x: Tensor, weight: Tensor, bias?: Tensor | null | { bias?: Tensor | null }) => Tensor
/**
 * x @ weightᵀ + bias.
 * @param x [..., inFeatures]
 * @param weight [outFeatures, inFeatures], or [inFeatures] for one output
 * @param bias [outFeatures]
 * @returns [..., outFeatures]
 * @throws ShapeError where `inFeatures` differ; DTypeError for several dtypes
 */
export const linear: Op<Linear> = defineAs<Linear>('linear', {
  params: [tensor('input'), tensor('weight'), tensor('bias').optional()],
  namespace: 'nn.functional',
  node: ['AddmmBackward0', 'MmBackward0', 'ViewBackward0', 'AddBackward0', 'SqueezeBackward4', 'UnsafeViewBackward0'],
  method: true,
  run: affine,
})
function affine(x: Tensor, weight: Tensor, bias?: Tensor | null | { bias?: Tensor | null }): Tensor {
  expectTensor('linear', 'input', x)
  expectTensor('linear', 'weight', weight)
  const b = biasOf(bias)
  checkAtLeast1D('linear', x.sizes, weight.sizes)
  if (weight.sizes.length === 1) {
    const y = matmul(x, weight)
    return b ? y.add(b) : y
  }
  checkLinear(x, weight, b)
  const nd = x.sizes.length
  const flat = nd === 2 ? x : x.detach().reshape([countOf(x.sizes.slice(0, -1)), weight.sizes[1]])
  const y2 = productRaw(flat, weightT(weight), { bias: b })
  const y = nd === 2 ? y2 : reshaped(y2, [...x.sizes.slice(0, -1), weight.sizes[0]])
  if (tracks(x, weight, b)) {
    const n = attach(y, linearNode(nd, b !== null, x.rowMajor), linearRuleFor(nd), [x, weight, b])
    n.save(n.needs(1) ? x : null, n.needs(0) ? weight : null)
  }
  return y
}
/** The bias, by position or by name. */
function biasOf(given: Tensor | null | undefined | { bias?: Tensor | null }): Tensor | null {
  if (given === undefined || given === null || isTensor(given)) return given ?? null
  const b = optionsOf<{ bias?: Tensor | null }>('linear', ['bias'], given).bias ?? null
  if (b !== null) expectTensor('linear', 'bias', b)
  return b
}
/** Which of PyTorch's ways ends in which node. */
function linearNode(nd: number, bias: boolean, contiguous: boolean): string {
  const [addmmed, mmed, viewed, added, squeezed, unsafe] = linear.op.nodes as string[]
  const node = nd === 2 ? (bias ? addmmed : mmed) : bias ? (contiguous ? viewed : added) : nd === 1 ? squeezed : unsafe
  return node as string
}
/** A vector is one row. */
const linearRuleFor = (nd: number): Rule =>
  nd >= 2
    ? linearRule
    : (n, g) => [
        n.needs(0) ? mv(T(n.tensor(1)), g) : null,
        n.needs(1) ? outer(g, n.tensor(0)) : null,
        n.needs(2) ? g : null,
      ]
function reshaped(y: Tensor, shape: Shape): Tensor {
  const out = y.view(shape)
  out.viewInfo = null
  return out
}
/** The transposed weight without a node or a view record: the hot path of every layer. */
const weightT = (w: Tensor): Tensor => {
  const v = reinterpret(w, w.sizes, w.strides, w.offset)
  v.sizes = [w.sizes[1], w.sizes[0]]
  v.strides = [w.strides[1], w.strides[0]]
  v.rowMajor = false
  return v
}

/**
 * A product of several matrices, multiplied in the cheapest order (dynamic programming over the chain).
 * @throws ArgumentError for none
 */
export const chainMatmul: Op<(...matrices: Tensor[]) => Tensor> = defineAs('chainMatmul', {
  params: [tensors('matrices')],
  method: false,
  run: chained,
  variadic: true,
})
function chained(...matrices: Tensor[]): Tensor {
  if (matrices.length === 0) throw new ArgumentError('chain_matmul(): Expected one or more matrices')
  for (const m of matrices) {
    expectTensor('chainMatmul', 'matrices', m)
    if (m.sizes.length !== 2)
      throw new ShapeError(`Tensor dimension is ${m.sizes.length}, expected 2 instead.`, { shape: [...m.sizes] })
  }
  return inCheapestOrder(matrices, mm)
}
