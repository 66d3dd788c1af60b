/** Products of matrices and vectors. All go through one kernel that reads operands where they lie, transposed or not. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { ArgumentError, DTypeError, ShapeError } from '../../errors'
import { broadcastShapes, countOf, isExpandable, sameShape, type Shape, showShape } from '../../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../../tensor/tensor'
import { finishInPlace, startInPlace } from '../../autograd/in-place'
import { expectTensor, storable } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { notImplemented } from '../../check/words'
import { checkOut, written } from '../define/out'
import { copyInto } from '../define/results'
import { aliasOf, define, defineAs } from '../define/define'
import type { OutOption } from '../define/elementwise'
import { inPlaceOf } from '../define/in-place'
import { scalar, tensor, tensors } from '../define/params'
import type { InPlaceOp, Op } from '../define/registry'
import { t as transposed } from '../tensor/views'
import { named } from '../define/named'
import { productRaw } from './product-kernel'

function sameDtype(a: Tensor, b: Tensor): void {
  if (a.info !== b.info)
    throw new DTypeError(`expected m1 and m2 to have the same dtype, but got: ${a.info.cppName} != ${b.info.cppName}`, {
      a: a.dtype,
      b: b.dtype,
    })
}

/** PyTorch has three ways to multiply batches, by size and dtype, and each its own words. */
function sameBatchDtype(a: Tensor, b: Tensor): void {
  if (a.info === b.info) return
  const [rows, inner, columns] = [a.size(-2), b.size(-2), b.size(-1)]
  const found = (want: Tensor, got: Tensor): DTypeError =>
    new DTypeError(`expected scalar type ${want.info.scalarType} but found ${got.info.scalarType}`, {
      a: a.dtype,
      b: b.dtype,
    })
  if (rows * inner * columns < 400) throw a.dtype === 'bool' ? notImplemented('bmm', a.info) : found(a, b)
  if (b.dtype === 'float32' || b.dtype === 'float64') throw found(b, a)
  sameDtype(a, b)
}

/** The transpose of the last two dims. */
const T = (x: Tensor): Tensor => x.transpose(-2, -1)

const mmRule: Rule = (n, g) => [n.needs(0) ? mm(g, T(n.tensor(1))) : null, n.needs(1) ? mm(T(n.tensor(0)), g) : null]
/** The product of two matrices. @throws ShapeError where the inner sizes differ; DTypeError for two dtypes */
export const mm: Op<(x: Tensor, mat2: Tensor, options?: OutOption) => Tensor> = define('mm', {
  params: [tensor('input'), tensor('mat2'), tensor('out').optional()],
  node: 'MmBackward0',
  run(x, mat2, { out }) {
    if (x.sizes.length !== 2) throw new ShapeError('self must be a matrix', { sizes: [...x.sizes] })
    if (mat2.sizes.length !== 2) throw new ShapeError('mat2 must be a matrix', { sizes: [...mat2.sizes] })
    checkMatrices(x, mat2)
    sameDtype(x, mat2)
    return finish(productRaw(x, mat2), 'mm', mm.op.node, mmRule, x, mat2, out)
  },
})
function checkMatrices(a: Tensor, b: Tensor): void {
  if (a.sizes[1] !== b.sizes[0])
    throw new ShapeError(`mat1 and mat2 shapes cannot be multiplied (${a.sizes.join('x')} and ${b.sizes.join('x')})`, {
      mat1: [...a.sizes],
      mat2: [...b.sizes],
    })
}
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
    if (x.sizes.length !== 3) throw new ShapeError('batch1 must be a 3D tensor', { sizes: [...x.sizes] })
    if (mat2.sizes.length !== 3) throw new ShapeError('batch2 must be a 3D tensor', { sizes: [...mat2.sizes] })
    checkBatches(x, mat2)
    sameBatchDtype(x, mat2)
    return finish(productRaw(x, mat2), 'bmm', bmm.op.node, bmmRule, x, mat2, out)
  },
})
function checkBatches(a: Tensor, b: Tensor): void {
  if (a.sizes[0] !== b.sizes[0] || a.sizes[2] !== b.sizes[1])
    throw new ShapeError(
      `Expected size for first two dimensions of batch2 tensor to be: [${a.sizes[0]}, ${a.sizes[2]}] but got: [${b.sizes[0]}, ${b.sizes[1]}].`,
      { batch1: [...a.sizes], batch2: [...b.sizes] },
    )
}

/** Of `input + mat @ vec`; without an input it is one that fits. */
function checkMatrixVector(input: Tensor | null, mat: Tensor, vec: Tensor): void {
  const dims = input?.sizes.length ?? 1
  if (mat.sizes.length !== 2 || vec.sizes.length !== 1 || dims > 1)
    throw new ShapeError(`vector + matrix @ vector expected, got ${dims}, ${mat.sizes.length}, ${vec.sizes.length}`, {
      mat: [...mat.sizes],
      vec: [...vec.sizes],
    })
  const rows = mat.sizes[0]
  const count = input?.count ?? rows
  if (mat.sizes[1] !== vec.sizes[0] || (count !== rows && count !== 1))
    throw new ShapeError(
      `size mismatch, got input (${input ? input.size(0) : rows}), mat (${mat.sizes.join('x')}), vec (${vec.sizes[0]})`,
      { mat: [...mat.sizes], vec: [...vec.sizes] },
    )
  const { info } = input ?? vec
  if (info !== mat.info || mat.info !== vec.info)
    throw new DTypeError(
      `addmv input tensors must have the same dtype, but got ${info.scalarType}, ${mat.info.scalarType}, and ${vec.info.scalarType}`,
      { mat: mat.dtype, vec: vec.dtype },
    )
}
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
  if (x.sizes.length !== 1 || y.sizes.length !== 1)
    throw new ShapeError(`1D tensors expected, but got ${x.sizes.length}D and ${y.sizes.length}D tensors`)
  if (x.info !== y.info)
    throw new DTypeError(
      `dot : expected both vectors to have same dtype, but found ${x.info.scalarType} and ${y.info.scalarType}`,
    )
  if (x.count !== y.count)
    throw new ShapeError(
      `inconsistent tensor size, expected tensor [${x.count}] and src [${y.count}] to have the same number of elements, but got ${x.count} and ${y.count} elements respectively`,
    )
  if (x.dtype === 'bool') throw notImplemented('dot', x.info)
  const sum = productRaw(x.detach().unsqueeze(0), y.detach().unsqueeze(1)).view([])
  return finish(sum, 'dot', dot.op.node, dotRule, x, y)
}
const dotRule: Rule = (n, g) => [n.needs(0) ? g.mul(n.tensor(1)) : null, n.needs(1) ? g.mul(n.tensor(0)) : null]

/** Every product of an element of one vector and one of the other. @throws ShapeError for what is no vector */
export const outer: Op<(x: Tensor, vec2: Tensor) => Tensor> = define('outer', {
  params: [tensor('input'), tensor('vec2')],
  run(x, vec2) {
    if (x.sizes.length !== 1) throw new ShapeError(`outer: Expected 1-D argument self, but got ${x.sizes.length}-D`)
    if (vec2.sizes.length !== 1)
      throw new ShapeError(`outer: Expected 1-D argument vec2, but got ${vec2.sizes.length}-D`)
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
  const na = x.sizes.length
  const nb = other.sizes.length
  if (na === 0 || nb === 0)
    throw new ShapeError(`both arguments to matmul need to be at least 1D, but they are ${na}D and ${nb}D`)
  if (out) {
    const y = matmul(x, other)
    checkOut('matmul', out, y.sizes, y.info, [], y.sizes.length > 2 ? 'any' : 'once')
    return written(out, y)
  }
  if (na === 2 && nb === 2) return mm(x, other)
  if (na === 1 && nb === 1) return dot(x, other)
  if (na === 2 && nb === 1) return mv(x, other)
  if (na === 1 && nb === 2) return named(mm(x.unsqueeze(0), other).squeeze(0), matmul.op.nodes[1] as string)
  if (nb <= 2) {
    // One matrix for every batch: the batch dims are rows.
    const rows = x.sizes.slice(0, -1)
    const flat = x.reshape([countOf(rows), x.sizes[na - 1]])
    const y = nb === 1 ? mv(flat, other) : mm(flat, other)
    const shaped = y.view(nb === 1 ? rows : [...rows, other.sizes[1]])
    shaped.viewInfo = null
    return named(shaped, matmul.op.node)
  }
  if (na === 1) return named(matmul(x.unsqueeze(0), other).squeeze(-2), matmul.op.node)
  if (x.sizes[na - 1] !== other.sizes[nb - 2]) {
    const batch = batchOf(x, other)
    const count = countOf(batch)
    throw new ShapeError(
      `Expected size for first two dimensions of batch2 tensor to be: [${count}, ${x.sizes[na - 1]}] but got: [${count}, ${other.sizes[nb - 2]}].`,
      { input: [...x.sizes], other: [...other.sizes] },
    )
  }
  batchOf(x, other)
  sameBatchDtype(x, other)
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
const batchOf = (a: Tensor, b: Tensor): number[] => broadcastShapes(a.sizes.slice(0, -2), b.sizes.slice(0, -2))

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
  if (self) expectOwnShape(x, shape)
  expectExpandable(x, shape)
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
function expectOwnShape(x: Tensor, sizes: Shape): void {
  if (!sameShape(x.sizes, sizes))
    throw new ShapeError(
      `Bad in-place call: input tensor size ${showShape(x.sizes)} and output tensor size ${showShape(sizes)} should match`,
    )
}
/** `expand` says what does not fit. */
function expectExpandable(x: Tensor, sizes: Shape): void {
  if (!isExpandable(x.sizes, sizes)) x.expand(sizes)
}
function sameDtypes(x: Tensor, a: Tensor, b: Tensor): void {
  for (const [name, t] of [
    ['self', x],
    ['mat1', a],
  ] as const)
    if (t.info !== b.info)
      throw new DTypeError(
        `${name} and mat2 must have the same dtype, but got ${t.info.scalarType} and ${b.info.scalarType}`,
        { [name]: t.dtype, mat2: b.dtype },
      )
}
const expectMatrices = (x: Tensor, a: Tensor, b: Tensor): void => {
  sameDtypes(x, a, b)
  if (a.sizes.length !== 2) throw new ShapeError(`mat1 must be a matrix, got ${a.sizes.length}-D tensor`)
  if (b.sizes.length !== 2) throw new ShapeError(`mat2 must be a matrix, got ${b.sizes.length}-D tensor`)
  checkMatrices(a, b)
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
    expectMatrices(x, mat1, mat2)
    return addProduct(addmm.op.node, x, mat1, mat2, o, x)
  },
  run(x, mat1, mat2, o) {
    expectMatrices(x, mat1, mat2)
    return addProduct(addmm.op.node, x, mat1, mat2, o, null)
  },
})
/** As `addmm`, in place. */
export const addmm_ = addmm.inPlace
const expectBatches = (x: Tensor, a: Tensor, b: Tensor, summed: boolean): void => {
  expectExpandable(x, summed ? [a.size(1), b.size(2)] : [a.size(0), a.size(1), b.size(2)])
  if (!summed && x.info !== a.info)
    throw new DTypeError(
      `Input dtypes must be the same, got: input ${x.info.cppName}, batch1: ${a.info.cppName}, batch2: ${b.info.cppName}`,
      { input: x.dtype, batch1: a.dtype, batch2: b.dtype },
    )
  if (a.sizes.length !== 3) throw new ShapeError('batch1 must be a 3D tensor')
  if (b.sizes.length !== 3) throw new ShapeError('batch2 must be a 3D tensor')
  if (!summed) {
    checkBatches(a, b)
    sameBatchDtype(a, b)
    return
  }
  if (a.sizes[0] !== b.sizes[0])
    throw new ShapeError(`batch1 and batch2 must have same number of batches, got ${a.sizes[0]} and ${b.sizes[0]}`, {
      batch1: [...a.sizes],
      batch2: [...b.sizes],
    })
  if (a.sizes[2] !== b.sizes[1])
    throw new ShapeError(
      `Incompatible matrix sizes for bmm (${a.sizes[1]}x${a.sizes[2]} and ${b.sizes[1]}x${b.sizes[2]})`,
      { batch1: [...a.sizes], batch2: [...b.sizes] },
    )
  sameDtypes(x, a, b)
}
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
    expectBatches(x, batch1, batch2, false)
    return addProduct(baddbmm.op.node, x, batch1, batch2, o, x)
  },
  run(x, batch1, batch2, o) {
    expectBatches(x, batch1, batch2, false)
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
    expectBatches(x, batch1, batch2, true)
    const { beta, alpha } = factorsOf(x, o)
    const total = bmm(batch1, batch2).sum(0, { dtype: batch1.dtype })
    return named(scaledSum(x, total, beta, alpha), addbmm.op.node)
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
    expectOwnShape(x, [mat.size(0)])
    return addmvOver(x, mat, vec, o)
  },
  run: plusMatrixVector,
})
function plusMatrixVector(x: Tensor, mat: Tensor, vec: Tensor, o: Factors): Tensor {
  const { beta, alpha } = factorsOf(x, o)
  checkMatrixVector(x, mat, vec)
  return named(scaledSum(x, mv(mat, vec), beta, alpha), addmv.op.node)
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
    if (vec1.sizes.length === 1 && vec2.sizes.length === 1 && !sameShape(x.sizes, [vec1.count, vec2.count]))
      throw new ShapeError(
        `size mismatch, input: ${showShape(x.sizes)}, v1: ${showShape(vec1.sizes)}, v2: ${showShape(vec2.sizes)}`,
      )
    return addrOver(x, vec1, vec2, o)
  },
  run: plusOuter,
})
function plusOuter(x: Tensor, vec1: Tensor, vec2: Tensor, o: Factors): Tensor {
  const { beta, alpha } = factorsOf(x, o)
  for (const [name, v] of [
    ['vec1', vec1],
    ['vec2', vec2],
  ] as const)
    if (v.sizes.length !== 1) throw new ShapeError(`addr: Expected 1-D argument ${name}, but got ${v.sizes.length}-D`)
  expectExpandable(x, [vec1.count, vec2.count])
  return named(scaledSum(x, outer(vec1, vec2), beta, alpha), addr.op.node)
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
  const b =
    bias === undefined || bias === null
      ? null
      : isTensor(bias)
        ? bias
        : (optionsOf<{ bias?: Tensor | null }>('linear', ['bias'], bias).bias ?? null)
  if (b !== null && b !== bias) expectTensor('linear', 'bias', b)
  if (weight.sizes.length === 0 || x.sizes.length === 0)
    throw new ShapeError(
      `both arguments to linear need to be at least 1D, but they are ${x.sizes.length}D and ${weight.sizes.length}D`,
      { input: [...x.sizes], weight: [...weight.sizes] },
    )
  if (weight.sizes.length === 1) {
    const y = matmul(x, weight)
    return b ? y.add(b) : y
  }
  if (weight.sizes.length !== 2)
    throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${weight.sizes.length}D`, {
      weight: [...weight.sizes],
    })
  const inFeatures = weight.sizes[1]
  const nd = x.sizes.length
  if (x.sizes[nd - 1] !== inFeatures) {
    const rows = countOf(x.sizes.slice(0, -1))
    throw new ShapeError(
      `mat1 and mat2 shapes cannot be multiplied (${rows}x${x.sizes[nd - 1]} and ${inFeatures}x${weight.sizes[0]})`,
      {
        input: [...x.sizes],
        weight: [...weight.sizes],
      },
    )
  }
  if (x.info !== weight.info) {
    if (b === null) sameDtype(x, weight)
    else if (b.info !== weight.info)
      throw new DTypeError(
        `self and mat2 must have the same dtype, but got ${b.info.scalarType} and ${weight.info.scalarType}`,
        { bias: b.dtype, weight: weight.dtype },
      )
    throw new DTypeError(
      `mat1 and mat2 must have the same dtype, but got ${x.info.scalarType} and ${weight.info.scalarType}`,
      {
        input: x.dtype,
        weight: weight.dtype,
      },
    )
  }
  if (b && b.info !== x.info)
    throw new DTypeError(
      `self and mat2 must have the same dtype, but got ${b.info.scalarType} and ${weight.info.scalarType}`,
    )
  const outFeatures = weight.sizes[0]
  if (b && !isExpandable(b.sizes, [outFeatures]) && !(b.sizes.length === 1 && b.sizes[0] === outFeatures))
    b.expand([countOf(x.sizes.slice(0, -1)), outFeatures])
  const flat = nd === 2 ? x : x.detach().reshape([countOf(x.sizes.slice(0, -1)), inFeatures])
  const y2 = productRaw(flat, weightT(weight), { bias: b })
  const shape: Shape = [...x.sizes.slice(0, -1), outFeatures]
  const y = nd === 2 ? y2 : reshaped(y2, shape)
  if (tracks(x, weight, b)) {
    const n = attach(y, linearNode(nd, b !== null, x.rowMajor), linearRuleFor(nd), [x, weight, b])
    n.save(n.needs(1) ? x : null, n.needs(0) ? weight : null)
  }
  return y
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
})
function chained(...matrices: Tensor[]): Tensor {
  if (matrices.length === 0) throw new ArgumentError('chain_matmul(): Expected one or more matrices')
  for (const m of matrices) expectTensor('chainMatmul', 'matrices', m)
  const n = matrices.length
  const dims = [(matrices[0] as Tensor).sizes[0], ...matrices.map((m) => m.sizes[1])]
  const cost = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  const cut = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  for (let len = 2; len <= n; len++)
    for (let i = 0; i + len <= n; i++) {
      const j = i + len - 1
      const row = cost[i] as number[]
      row[j] = Infinity
      for (let k = i; k < j; k++) {
        const c = row[k] + ((cost[k + 1] as number[])[j] as number) + dims[i] * dims[k + 1] * dims[j + 1]
        if (c < row[j]) {
          row[j] = c
          ;(cut[i] as number[])[j] = k
        }
      }
    }
  const build = (i: number, j: number): Tensor => {
    if (i === j) return matrices[i] as Tensor
    const k = (cut[i] as number[])[j] as number
    return mm(build(i, k), build(k + 1, j))
  }
  return build(0, n - 1)
}
