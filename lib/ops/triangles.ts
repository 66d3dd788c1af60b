/** Triangles and diagonals of matrices. */
import { attach, type Rule, tracks } from '../autograd/node'
import { DTypeError, ShapeError } from '../errors'
import { run } from '../runtime/commands'
import * as encode from '../runtime/encoders'
import { OP } from '../runtime/opcodes'
import { wrapDim } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import { checkInPlace, emptyOf, expectInt, expectTensor, filled, finishInPlace, optionsOf, startInPlace } from './core'
import { named } from './named'

function triangle(name: 'tril' | 'triu', x: Tensor, diagonal: number, inPlace: boolean): Tensor {
  expectTensor(name, 'input', x)
  expectInt(name, 'diagonal', diagonal)
  const nd = x.sizes.length
  if (inPlace) checkInPlace(x)
  if (nd < 2) throw new ShapeError(`${name}: input tensor must have at least 2 dimensions`, { sizes: [...x.sizes] })
  const rule: Rule = (n, g) => (name === 'tril' ? tril : triu)(g, n.meta as number)
  const node = name === 'tril' ? 'TrilBackward0' : 'TriuBackward0'
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
type Diagonal = number | { diagonal?: number }
const diagonalOf = (op: string, d: Diagonal | undefined): number =>
  optionsOf<{ diagonal?: number }>(op, ['diagonal'], d).diagonal ?? 0
/** The lower triangle of each matrix, the rest 0. */
export const tril = (x: Tensor, diagonal?: Diagonal): Tensor => triangle('tril', x, diagonalOf('tril', diagonal), false)
/** The upper triangle of each matrix, the rest 0. */
export const triu = (x: Tensor, diagonal?: Diagonal): Tensor => triangle('triu', x, diagonalOf('triu', diagonal), false)
export const tril_ = (x: Tensor, diagonal?: Diagonal): Tensor =>
  triangle('tril', x, diagonalOf('tril_', diagonal), true)
export const triu_ = (x: Tensor, diagonal?: Diagonal): Tensor =>
  triangle('triu', x, diagonalOf('triu_', diagonal), true)
/** A matrix with a vector on its diagonal, or the diagonal of a matrix. */
export function diag(x: Tensor, diagonal?: Diagonal): Tensor {
  expectTensor('diag', 'input', x)
  const k = diagonalOf('diag', diagonal)
  if (x.sizes.length === 2) return named(x.diagonal(k).clone(), 'DiagonalBackward0_copy')
  if (x.sizes.length !== 1) throw new ShapeError(`diag(): Supports 1D or 2D tensors. Got ${x.sizes.length}D`)
  return diagEmbed(x, { offset: k })
}
/** Matrices with the last dim on their diagonals. */
export function diagEmbed(
  x: Tensor,
  options?: number | { offset?: number; dim1?: number; dim2?: number },
  rest?: { dim1?: number; dim2?: number },
): Tensor {
  expectTensor('diagEmbed', 'input', x)
  const {
    offset = 0,
    dim1 = -2,
    dim2 = -1,
  } = optionsOf<{ offset?: number; dim1?: number; dim2?: number }>(
    'diagEmbed',
    ['offset', 'dim1', 'dim2'],
    options,
    rest,
  )
  const nd = x.sizes.length + 1
  const [a, b] = [wrapDim(dim1, nd), wrapDim(dim2, nd)]
  if (a === b) throw new ShapeError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`)
  const n = ((x.sizes[x.sizes.length - 1] as number) ?? 1) + Math.abs(offset)
  const sizes = x.sizes.slice(0, -1)
  for (const d of [a, b].sort((p, q) => p - q)) (sizes as number[]).splice(d, 0, n)
  const out = filled(sizes, 0, x.info)
  out.diagonal({ offset, dim1: a, dim2: b }).copy_(x)
  return named(out, 'DiagEmbedBackward0')
}
/** The sum of the diagonal of a matrix. */
export function trace(x: Tensor): Tensor {
  expectTensor('trace', 'input', x)
  if (x.dtype === 'bool') throw new DTypeError(`"trace" not implemented for 'Bool'`)
  if (x.sizes.length !== 2)
    throw new ShapeError(`trace: expected a matrix, but got tensor with dim ${x.sizes.length}`, { sizes: [...x.sizes] })
  return named(x.diagonal().sum(), 'TraceBackward0')
}
