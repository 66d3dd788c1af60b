/** Products of several tensors and distances, all made of matmul, views and reductions. */
import { ShapeError } from '../../errors'
import { promoteTypes } from '../../runtime/dtype'
import { broadcastShapes, countOf, wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { aliasOf, define } from '../define/define'
import { float, int, own, tensor, text } from '../define/params'
import type { InPlaceOp, Op } from '../define/registry'
import {
  checkContracted,
  checkDiagonal,
  checkDistances,
  checkDistanceTypes,
  checkInner,
  checkNoBools,
  checkOperands,
  checkOutput,
  checkRenorm,
  checkTerm,
  checkTermCount,
  noCommonSize,
  notOneForEach,
} from './product-checks'
import * as linalg from './linalg'
import { bmm, dot, matmul } from './matmul'
import { norm } from '../reduce/norms'
import { withNodeName } from '../define/node-name'
import { permute, reshape, unsqueeze } from '../tensor/views'

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)

/** `permute` and `reshape` in one: the dims of each group become one dim. */
const grouped = (x: Tensor, groups: readonly (readonly number[])[]): Tensor =>
  reshape(
    permute(x, groups.flat()),
    groups.map((g) => countOf(g.map((d) => x.sizes[d]))),
  )

/** The product of two vectors (real numbers have no conjugate). */
export const vdot: Op<(x: Tensor, other: Tensor) => Tensor> = define('vdot', {
  params: [tensor('input'), tensor('other')],
  node: 'VdotBackward0',
  run: (x, other) => withNodeName(dot(x, other), vdot.op.node),
})
/** Products summed over the last dims of both; with a 0-d operand, `mul`. @throws ShapeError where the last dims differ */
export const inner: Op<(x: Tensor, other: Tensor) => Tensor> = define('inner', {
  params: [tensor('input'), tensor('other')],
  run(x, other) {
    if (x.sizes.length === 0 || other.sizes.length === 0) return x.mul(other)
    checkInner(x.sizes, other.sizes)
    return tensordot(x, other, [[-1], [-1]])
  },
})
/** How many dims to sum over, or which of the first and which of the second. */
export type ContractedDims = number | readonly [readonly number[], readonly number[]]
/**
 * Products summed over pairs of dims: the last `dims` (default 2) of the first with the first of the second, or as listed.
 * @throws ShapeError where their sizes differ and none is 1; DTypeError for two dtypes
 */
export const tensordot: Op<(a: Tensor, b: Tensor, dims?: ContractedDims | { dims?: ContractedDims }) => Tensor> =
  define('tensordot', {
    params: [tensor('a'), tensor('b'), own<ContractedDims>('int or two int[]')('dims').default(2)],
    method: false,
    run: (a, b, { dims }) => contracted(a, b, dims),
  })
function contracted(a: Tensor, b: Tensor, given: ContractedDims): Tensor {
  const [ra, rb] = checkContracted(a, b, given)
  let [x, y] = [a, b]
  ra.forEach((d, i) => {
    const e = rb[i]
    const [m, n] = [a.sizes[d], b.sizes[e]]
    if (m === n) return
    // A dim of size 1 broadcasts: the other is summed.
    if (m === 1) y = y.sum(e, { keepdim: true, dtype: y.dtype })
    else x = x.sum(d, { keepdim: true, dtype: x.dtype })
  })
  const [ka, kb] = [
    range(0, a.sizes.length).filter((d) => !ra.includes(d)),
    range(0, b.sizes.length).filter((d) => !rb.includes(d)),
  ]
  const product = matmul(grouped(x, [ka, ra]), grouped(y, [rb, kb]))
  return reshape(product, [...ka.map((d) => a.sizes[d]), ...kb.map((d) => b.sizes[d])])
}
/** The Kronecker product: every element of the first times the whole second. */
export const kron: Op<(x: Tensor, other: Tensor) => Tensor> = define('kron', {
  params: [tensor('input'), tensor('other')],
  node: 'UnsafeViewBackward0',
  run(x, other) {
    const nd = Math.max(x.sizes.length, other.sizes.length)
    const padded = (t: Tensor): number[] => [...new Array<number>(nd - t.sizes.length).fill(1), ...t.sizes]
    const [p, q] = [padded(x), padded(other)]
    const product = reshape(
      x,
      p.flatMap((s) => [s, 1]),
    ).mul(
      reshape(
        other,
        q.flatMap((s) => [1, s]),
      ),
    )
    return withNodeName(
      reshape(
        product,
        p.map((s, i) => s * q[i]),
      ),
      kron.op.node,
    )
  },
})

// ---- einsum -------------------------------------------------------------------------------------------------------

/** One operand with one label for each dim; labels of an ellipsis are numbers, counted from the right. */
interface Labelled {
  x: Tensor
  labels: (string | number)[]
}
function labelled(x: Tensor, term: string, i: number): Labelled {
  const [before, after = ''] = checkTerm(x.sizes.length, term, i)
  const covered = x.sizes.length - before.length - after.length
  let labels: (string | number)[] = [...before, ...range(0, covered).map((k) => covered - 1 - k), ...after]
  // A label twice in one operand stands for the diagonal.
  let y = x
  for (let d = labels.length - 1; d >= 0; d--) {
    const first = labels.indexOf(labels[d] as string)
    if (first === d) continue
    checkDiagonal(labels[d] as string, i, y.sizes[d], y.sizes[first])
    const label = labels[d] as string
    y = y.diagonal({ offset: 0, dim1: first, dim2: d })
    labels = [...labels.filter((_, k) => k !== first && k !== d), label]
  }
  return { x: y, labels }
}
/** Two operands into one with the labels in `keep`, the others summed. */
function contract(p: Labelled, q: Labelled, keep: ReadonlySet<string | number>): Labelled {
  const summed = (o: Labelled, other: Labelled): Labelled => {
    const gone = o.labels.filter((l) => !keep.has(l) && !other.labels.includes(l))
    return gone.length === 0
      ? o
      : { x: o.x.sum(gone.map((l) => o.labels.indexOf(l))), labels: o.labels.filter((l) => !gone.includes(l)) }
  }
  let [a, b] = [summed(p, q), summed(q, p)]
  // A dim of size 1 beside a longer one: it is dropped where the product would have to repeat it.
  for (const l of a.labels.filter((k) => b.labels.includes(k))) {
    const [m, n] = [a.x.sizes[a.labels.indexOf(l)], b.x.sizes[b.labels.indexOf(l)]]
    if (m === n) continue
    if (m === 1) a = { x: a.x.squeeze(a.labels.indexOf(l)), labels: a.labels.filter((k) => k !== l) }
    else if (n === 1) b = { x: b.x.squeeze(b.labels.indexOf(l)), labels: b.labels.filter((k) => k !== l) }
    else throw noCommonSize(String(l), m, n)
  }
  ;[a, b] = [summed(a, b), summed(b, a)]
  // Factors are promoted; what is summed is a product of matrices, which wants one dtype.
  const open = (o: Labelled): boolean => o.labels.every((l, d) => keep.has(l) || o.x.sizes[d] === 1)
  const factors = open(a) && open(q)
  if (factors) {
    const info = promoteTypes(a.x.dtype, b.x.dtype)
    if (a.x.dtype !== info) a = { ...a, x: a.x.to(info) }
    if (b.x.dtype !== info) b = { ...b, x: b.x.to(info) }
  }
  const shared = a.labels.filter((l) => b.labels.includes(l))
  const batch = shared.filter((l) => keep.has(l))
  const inside = shared.filter((l) => !keep.has(l))
  const [left, right] = [a.labels.filter((l) => !shared.includes(l)), b.labels.filter((l) => !shared.includes(l))]
  const at = (o: Labelled, labels: (string | number)[]): number[] => labels.map((l) => o.labels.indexOf(l))
  // No product of matrices takes bools; a product of factors does.
  const bools = a.x.dtype === 'bool' && b.x.dtype === 'bool'
  if (bools && !factors) throw notImplemented('bmm', a.x.info)
  const number = (x: Tensor): Tensor => (bools ? x.to('uint8') : x)
  const numbers = bmm(
    grouped(number(a.x), [at(a, batch), at(a, left), at(a, inside)]),
    grouped(number(b.x), [at(b, batch), at(b, inside), at(b, right)]),
  )
  const product = bools ? numbers.to('bool') : numbers
  const size = (o: Labelled, l: string | number): number => o.x.sizes[o.labels.indexOf(l)]
  return {
    x: reshape(product, [
      ...batch.map((l) => size(a, l)),
      ...left.map((l) => size(a, l)),
      ...right.map((l) => size(b, l)),
    ]),
    labels: [...batch, ...left, ...right],
  }
}
/**
 * Einstein's summation: `einsum('bij,bjk->bik', [x, y])`. Operands are taken from left to right.
 * @throws ShapeError for an equation that is none, or does not fit the operands
 */
export const einsum: Op<(equation: string, operands: readonly Tensor[]) => Tensor> = define('einsum', {
  params: [text('equation'), own<readonly Tensor[]>('Tensor[]')('operands')],
  node: ['ViewBackward0', 'MulBackward0', 'SumBackward1'],
  run: summation,
})
function summation(equation: string, operands: readonly Tensor[]): Tensor {
  checkOperands(operands)
  const [inputs, output] = equation.replace(/\s+/g, '').split('->') as [string, string | undefined]
  const terms = inputs.split(',')
  checkTermCount(terms.length, operands.length)
  const parts = terms.map((t, i) => labelled(operands[i] as Tensor, t, i))
  const dots = Math.max(0, ...parts.map((p) => p.labels.filter((l) => typeof l === 'number').length))
  const ellipsis = range(0, dots).map((k) => dots - 1 - k)
  const letters = parts.flatMap((p) => p.labels.filter((l): l is string => typeof l === 'string'))
  let result: (string | number)[]
  if (output === undefined) {
    // Without an arrow: the letters that occur once, in order.
    const all = terms.join('').replace(/\./g, '')
    result = [...ellipsis, ...[...new Set(letters)].filter((l) => all.split(l).length === 2).sort()]
  } else {
    const [before, after] = output.split('...') as [string, string | undefined]
    result = after === undefined ? [...before] : [...before, ...ellipsis, ...after]
    checkOutput([...before, ...(after ?? '')], letters)
  }
  let acc = parts[0] as Labelled
  for (let i = 1; i < parts.length; i++) {
    const later = new Set<string | number>([...result, ...parts.slice(i + 1).flatMap((p) => p.labels)])
    acc = contract(acc, parts[i] as Labelled, later)
  }
  const gone = acc.labels.filter((l) => !result.includes(l))
  const x = gone.length > 0 ? acc.x.sum(gone.map((l) => acc.labels.indexOf(l))) : acc.x
  const labels = acc.labels.filter((l) => !gone.includes(l))
  const out = permute(
    x,
    result.filter((l) => labels.includes(l)).map((l) => labels.indexOf(l)),
  )
  const summed = parts.some((p) => p.labels.some((l) => !result.includes(l)))
  const [ofSums, ofFactors, ofOne] = einsum.op.nodes as [string, string, string]
  if (parts.length > 1) return withNodeName(out, summed ? ofSums : ofFactors)
  return summed ? withNodeName(out, ofOne) : out
}

// ---- vectors and distances ----------------------------------------------------------------------------------------

/** The cross product along a dim of size 3; without `dim`, the first such dim. @throws ShapeError where there is none */
export const cross: Op<(x: Tensor, other: Tensor, dim?: number | { dim?: number }) => Tensor> = define('cross', {
  params: [tensor('input'), tensor('other'), int('dim').optional()],
  run(x, other, { dim }) {
    const d = dim ?? x.sizes.indexOf(3)
    if (d < 0 && dim === undefined) throw new ShapeError('no dimension of size 3 in input')
    return linalg.cross(x, other, d)
  },
})
/**
 * The p-norm distance (default p = 2) of every row of `x1` to every row of `x2`; leading dims broadcast.
 * @param x1 [..., rows1, columns], floating
 * @param x2 [..., rows2, columns]
 * @returns [..., rows1, rows2]
 */
export const cdist: Op<(x1: Tensor, x2: Tensor, p?: number | { p?: number }) => Tensor> = define('cdist', {
  params: [tensor('x1'), tensor('x2'), float('p').default(2)],
  node: 'CdistBackward0',
  method: false,
  run: (x1, x2, { p }) => distances(x1, x2, p),
})
function distances(x1: Tensor, x2: Tensor, order: number): Tensor {
  if (checkDistances(x1, x2, order) === 0) return unsqueeze(x1, -2).sub(unsqueeze(x2, -3)).sum(-1)
  // Many rows PyTorch compares by a product of matrices, few by a kernel that knows one dtype and no half types.
  const byProduct = order === 2 && Math.max(x1.size(-2), x2.size(-2)) > 25
  if (!byProduct && x1.count > 0 && x2.count > 0) checkDistanceTypes(x1.info, x2.info)
  const difference = unsqueeze(x1, -2).sub(unsqueeze(x2, -3))
  // The count of differing entries has a gradient, of zeros.
  if (order === 0)
    return withNodeName(
      difference
        .mul(0)
        .sum(-1)
        .add(norm(difference.detach(), { p: 0, dim: -1 })),
      cdist.op.node,
    )
  return withNodeName(norm(difference, { p: order, dim: -1 }), cdist.op.node)
}
type Renorm = (x: Tensor, p: number, dim: number, maxnorm: number) => Tensor
/** Slices of a dim scaled down to a p-norm of at most `maxnorm`. @throws ShapeError for less than two dims */
export const renorm: InPlaceOp<Renorm, Renorm> = define('renorm', {
  params: [tensor('input'), float('p'), int('dim'), float('maxnorm')],
  node: 'RenormBackward0',
  inPlace: true,
  run(x, p, dim, maxnorm) {
    checkRenorm(x.sizes.length, p, maxnorm)
    const d = wrapDim(dim, x.sizes.length)
    const n = norm(x, { p, dim: range(0, x.sizes.length).filter((k) => k !== d), keepdim: true })
    const factor = n.add(1e-7).reciprocal().mul(maxnorm).maskedFill(n.gt(maxnorm).logicalNot(), 1)
    return withNodeName(x.mul(factor), renorm.op.node)
  },
})
/** Options of `trapezoid`. */
export interface TrapezoidOptions {
  /** The points; else they lie `dx` apart. */
  x?: Tensor | null
  /** Default 1. */
  dx?: number
  /** Default -1. */
  dim?: number
}
/** The integral of samples along a dim by the trapezoidal rule. @throws DTypeError for bools */
export const trapezoid: Op<(y: Tensor, x?: Tensor | TrapezoidOptions, options?: TrapezoidOptions) => Tensor> = define(
  'trapezoid',
  {
    params: [tensor('y'), tensor('x').optional(), float('dx').default(1), int('dim').default(-1)],
    node: ['MulBackward1', 'DivBackward1'],
    method: false,
    run: (y, { x = null, dx, dim }) => areas(y, x, dx, dim),
  },
)
function areas(y: Tensor, at: Tensor | null, dx: number, dim: number): Tensor {
  checkNoBools(y, at)
  const size = y.size(dim)
  const d = wrapDim(dim, y.sizes.length)
  if (size === 0) return y.sum(d)
  const pairs = y.narrow(d, 1, size - 1).add(y.narrow(d, 0, size - 1))
  const [apart, given] = trapezoid.op.nodes as [string, string]
  if (at === null) return withNodeName(pairs.sum(d).mul(dx).div(2), apart)
  const single = at.sizes.length === 1
  const k = single ? 0 : at.sizes.length - (y.sizes.length - d)
  const n = at.sizes[k] ?? 1
  if (single && n !== size) throw notOneForEach(y.sizes, at.sizes)
  // Steps along a dim of size 1 are none.
  if (n === 0 || k < 0) broadcastShapes(pairs.sizes, at.sizes)
  const steps = at.narrow(k, 1, n - 1).sub(at.narrow(k, 0, n - 1))
  const width = single
    ? reshape(
        steps,
        y.sizes.map((_, i) => (i === d ? n - 1 : 1)),
      )
    : steps
  return withNodeName(pairs.mul(width).sum(d).div(2), given)
}
/** The integral of samples along a dim by the trapezoidal rule: another name of `trapezoid`. */
export const trapz = aliasOf(trapezoid, 'trapz')

/** A matrix, or a batch of them, times itself `n` times. */
export const matrixPower: Op<(x: Tensor, n: number) => Tensor> = define('matrixPower', {
  params: [tensor('input'), int('n')],
  run: (x, n) => linalg.matrixPower(x, n),
})
