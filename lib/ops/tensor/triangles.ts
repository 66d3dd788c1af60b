/** Triangles and diagonals of matrices. */
import { checkInPlace, finishInPlace, startInPlace } from '../../autograd/in-place'
import { type Rule, attach, tracks } from '../../autograd/node'
import { checkDiagonalDims } from '../../check/shapes'
import { ShapeError } from '../../errors'
import { run } from '../../runtime/commands'
import type { Scalar } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { withNodeName } from '../define/node-name'
import { bool, int, own, tensor } from '../define/params'
import type { InPlaceOp, Op } from '../define/registry'
import { emptyOf, filled } from '../define/results'
import { checkFilledDiagonal, checkTrace, checkTriangle } from './checks'
import type { DiagonalOptions } from './views'

function triangle(name: 'tril' | 'triu', x: Tensor, diagonal: number, inPlace: boolean): Tensor {
  if (inPlace) checkInPlace(x)
  checkTriangle(name, x.sizes)
  const op = name === 'tril' ? tril : triu
  const rule: Rule = (n, g) => op(g, n.meta as number)
  const { node } = op.op
  const n = inPlace ? startInPlace(x, node, rule, [x], 'any') : null
  const out = inPlace ? x : emptyOf(x.sizes, x.info)
  if (x.count > 0) {
    encode.triangle(OP.triangle, x.info, {
      out,
      a: x,
      diagonal,
      upper: name === 'triu',
      sizes: x.sizes,
      outStrides: out.strides,
      strides: x.strides,
    })
    run()
  }
  if (inPlace) finishInPlace(x, n)
  const record = inPlace ? n : tracks(x) ? attach(out, node, rule, [x]) : null
  if (record) record.meta = diagonal
  return out
}
/** Options of `tril`, `triu` and `diag`. */
export interface TriangleOptions {
  /** Which diagonal: 0 the main one, above 0 over it, below 0 under it. Default 0. */
  diagonal?: number
}
type Triangle = (x: Tensor, diagonal?: number | TriangleOptions) => Tensor
/** The lower triangle of each matrix, the rest 0. @throws ShapeError for less than two dims */
export const tril: InPlaceOp<Triangle, Triangle> = define('tril', {
  params: [tensor('input'), int('diagonal').default(0)],
  node: 'TrilBackward0',
  inPlace: (x, { diagonal }) => triangle('tril', x, diagonal, true),
  run: (x, { diagonal }) => triangle('tril', x, diagonal, false),
})
/** The upper triangle of each matrix, the rest 0. @throws ShapeError for less than two dims */
export const triu: InPlaceOp<Triangle, Triangle> = define('triu', {
  params: [tensor('input'), int('diagonal').default(0)],
  node: 'TriuBackward0',
  inPlace: (x, { diagonal }) => triangle('triu', x, diagonal, true),
  run: (x, { diagonal }) => triangle('triu', x, diagonal, false),
})
/** As `tril`, in place. */
export const tril_ = tril.inPlace
/** As `triu`, in place. */
export const triu_ = triu.inPlace
/** A matrix with a vector on its diagonal, or the diagonal of a matrix as a copy. @throws ShapeError for other tensors */
export const diag: Op<Triangle> = define('diag', {
  params: [tensor('input'), int('diagonal').default(0)],
  node: ['DiagonalBackward0_copy', 'DiagEmbedBackward0'],
  run(x, { diagonal }) {
    if (x.sizes.length === 2) return withNodeName(x.diagonal(diagonal).clone(), diag.op.node)
    if (x.sizes.length !== 1) throw new ShapeError(`diag(): Supports 1D or 2D tensors. Got ${x.sizes.length}D`)
    return diagEmbed(x, { offset: diagonal })
  },
})
/** Matrices with the last dim on their diagonals, the rest 0. @throws ShapeError where the two dims are one */
export const diagEmbed: Op<
  (x: Tensor, offset?: number | DiagonalOptions, options?: Omit<DiagonalOptions, 'offset'>) => Tensor
> = define('diagEmbed', {
  params: [tensor('input'), int('offset').default(0), int('dim1').default(-2), int('dim2').default(-1)],
  node: 'DiagEmbedBackward0',
  run: (x, { offset, dim1, dim2 }) => embedded(x, offset, dim1, dim2),
})
function embedded(x: Tensor, offset: number, dim1: number, dim2: number): Tensor {
  const [a, b] = checkDiagonalDims(x.sizes.length + 1, dim1, dim2)
  const n = (x.sizes[x.sizes.length - 1] ?? 1) + Math.abs(offset)
  const sizes = x.sizes.slice(0, -1)
  for (const d of [a, b].sort((p, q) => p - q)) (sizes as number[]).splice(d, 0, n)
  const out = filled(sizes, 0, x.info)
  out.diagonal({ offset, dim1: a, dim2: b }).copy_(x)
  return withNodeName(out, diagEmbed.op.node)
}
/** The sum of the diagonal of a matrix. @throws ShapeError for another tensor; DTypeError for bools */
export const trace: Op<(x: Tensor) => Tensor> = define('trace', {
  params: [tensor('input')],
  node: 'TraceBackward0',
  run(x) {
    checkTrace(x)
    return withNodeName(x.diagonal().sum(), trace.op.node)
  },
})
/** Options of `fillDiagonal_`. */
export interface FillDiagonalOptions {
  /** Go on below, after one row, in a matrix that is taller than wide. Default false. */
  wrap?: boolean
}
/**
 * Fills the diagonal in place.
 * @param x a matrix, or of more dims that are all of one size
 * @param wrap go on below, after one row, in a matrix that is taller than wide
 */
export const fillDiagonal_: Op<
  (x: Tensor, fillValue: Scalar, wrap?: boolean | FillDiagonalOptions, options?: FillDiagonalOptions) => Tensor
> = define('fillDiagonal_', {
  params: [tensor('input'), own<Scalar>('Number')('fillValue'), bool('wrap').default(false)],
  run(x, fillValue, { wrap }) {
    checkFilledDiagonal(x.sizes)
    const [height, width] = x.sizes as readonly [number, number]
    const size = Math.min(height, width)
    const stride = x.strides.reduce((a, b) => a + b, 0)
    x.asStrided([size], [stride], { storageOffset: x.offset }).fill_(fillValue)
    if (wrap && x.sizes.length === 2 && height > width + 1) {
      const step = width + 1
      const further = Math.floor((x.count + step - 1) / step) - size
      x.asStrided([further], [stride], { storageOffset: x.offset + x.strides[0] * step }).fill_(fillValue)
    }
    return x
  },
})
