/** What products of several tensors and distances refuse, in PyTorch's words. */
import { describe, expectInt, expectTensor, isArrayOf } from '../../check/arguments'
import { checkOnlyFloating, wrongType } from '../../check/dtypes'
import { notImplemented } from '../../check/words'
import { ArgumentError, DTypeError, ShapeError } from '../../errors'
import type { DTypeInfo } from '../../runtime/dtype'
import { type Shape, showShape, wrapDims } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'

// ---- contractions -------------------------------------------------------------------------------------------------

export function checkInner(x: Shape, other: Shape): void {
  if (x[x.length - 1] !== other[other.length - 1])
    throw new ShapeError(
      `inner() the last dimension must match on both input tensors but got shapes ${showShape(x)} and ${showShape(other)}`,
    )
}
/** @returns which dims of the first and which of the second are summed over */
export function checkContracted(a: Tensor, b: Tensor, given: unknown): [number[], number[]] {
  const [da, db] = typeof given === 'number' ? lastAndFirst(a.sizes.length, b.sizes.length, given) : twoLists(given)
  if (da.length !== db.length) throw new ShapeError('both dimension lists should have same length')
  if (a.info !== b.info) throw new DTypeError('both inputs should have same dtype', { a: a.dtype, b: b.dtype })
  if (a.sizes.length === 0 && da.length > 0) a.size(da[0])
  if (b.sizes.length === 0 && db.length > 0) b.size(db[0])
  const [ra, rb] = [wrapDims(da, a.sizes.length), wrapDims(db, b.sizes.length)]
  ra.forEach((d, i) => {
    const [m, n] = [a.sizes[d], b.sizes[rb[i]]]
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError(
        `contracted dimensions need to match, but first has size ${m} in dim ${da[i]} and second has size ${n} in dim ${db[i]}`,
      )
  })
  return [ra, rb]
}
function lastAndFirst(ofA: number, ofB: number, count: number): [number[], number[]] {
  expectInt('tensordot', 'dims', count)
  if (count < 0) throw new ShapeError(`tensordot expects dims >= 0, but got dims=${count}`)
  if (count > Math.min(ofA, ofB))
    throw new ShapeError(`tensordot expects dims < ndim_a or ndim_b, but got dims=${count}`)
  const dims = Array.from({ length: count }, (_, i) => i)
  return [dims.map((d) => d - count), dims]
}
function twoLists(given: unknown): [number[], number[]] {
  if (!isArrayOf(given, Array.isArray) || given.length !== 2)
    throw new ArgumentError(`tensordot(): dims must be a number or two lists of dims, got ${describe(given)}`)
  return given as [number[], number[]]
}

// ---- einsum -------------------------------------------------------------------------------------------------------

const refused = (text: string): ShapeError => new ShapeError(`einsum(): ${text}`)

export function checkOperands(operands: readonly Tensor[]): void {
  if (!Array.isArray(operands) || operands.length === 0)
    throw refused(
      'must specify the equation string and at least one operand, or at least one operand and its subscripts list',
    )
  for (const o of operands) expectTensor('einsum', 'operands', o)
}
export function checkTermCount(terms: number, operands: number): void {
  if (terms < operands) throw refused('more operands were provided than specified in the equation')
  if (terms > operands) throw refused('fewer operands were provided than specified in the equation')
}
/** @returns the letters before its ellipsis and, where it has one, those after it */
export function checkTerm(dims: number, term: string, i: number): [string, string | undefined] {
  const [before, after, more] = term.split('...') as [string, string | undefined, string | undefined]
  if (more !== undefined) throw refused(`found '.' for operand ${i} for which an ellipsis was already found`)
  const letters = before + (after ?? '')
  for (const c of letters) {
    if (c === '.') throw refused(`found '.' for operand ${i} that is not part of any ellipsis`)
    if (!/[a-zA-Z]/.test(c))
      throw refused(`invalid subscript given at index ${i} in the equation string, subscripts must be in [a-zA-Z]`)
  }
  if (after === undefined && letters.length !== dims)
    throw refused(
      `the number of subscripts in the equation (${letters.length}) does not match the number of dimensions (${dims}) for operand ${i} and no ellipsis was given`,
    )
  if (letters.length > dims)
    throw refused(
      `the number of subscripts in the equation (${letters.length}) is more than the number of dimensions (${dims}) for operand ${i}`,
    )
  return [before, after]
}
export function checkDiagonal(label: string | number, i: number, size: number, first: number): void {
  if (size !== first)
    throw refused(`subscript ${label} is repeated for operand ${i} but the sizes don't match, ${size} != ${first}`)
}
export const noCommonSize = (label: string, m: number, n: number): ShapeError =>
  refused(`operands do not broadcast with remapped shapes: sizes ${m} and ${n} of subscript ${label}`)
/** @param letters those of the operands */
export function checkOutput(output: readonly string[], letters: readonly (string | number)[]): void {
  for (const l of output) {
    if (!letters.includes(l))
      throw refused(`output subscript ${l} does not appear in the equation for any input operand`)
    if (output.filter((k) => k === l).length > 1)
      throw refused(`output subscript ${l} appears more than once in the output`)
  }
}

// ---- vectors and distances ----------------------------------------------------------------------------------------

/** @returns how many columns both have */
export function checkDistances(x1: Tensor, x2: Tensor, order: number): number {
  checkRows('X1', x1)
  checkRows('X2', x2)
  const [m, n] = [x1.sizes[x1.sizes.length - 1], x2.sizes[x2.sizes.length - 1]]
  if (m !== n) throw new ShapeError(`X1 and X2 must have the same number of columns. X1: ${m} X2: ${n}`)
  if (!(order >= 0)) throw new ShapeError('cdist only supports non-negative p values')
  return m
}
function checkRows(name: string, x: Tensor): void {
  checkOnlyFloating('cdist', `, ${name}`, x.info)
  if (x.sizes.length < 2)
    throw new ShapeError(`cdist only supports at least 2D tensors, ${name} got: ${x.sizes.length}D`)
}
export function checkDistanceTypes(x1: DTypeInfo, x2: DTypeInfo): void {
  if (x1.compute !== x1.name) throw notImplemented('cdist', x1)
  if (x1 !== x2) throw wrongType(x1, x2, { x1: x1.name, x2: x2.name })
}
export function checkRenorm(dims: number, p: number, maxnorm: number): void {
  if (dims < 2) throw new ShapeError(`renorm: input needs at least 2 dimensions, got ${dims} dimensions`)
  if (!(p > 0)) throw new ArgumentError('renorm: non-positive-norm not supported')
  if (!(maxnorm >= 0)) throw new ArgumentError(`renorm: expected maxnorm to be >= 0 but got ${maxnorm}`)
}
export function checkNoBools(y: Tensor, x: Tensor | null): void {
  if (y.dtype === 'bool' || x?.dtype === 'bool')
    throw new DTypeError(
      `trapezoid: received a bool input for ${x ? '`x` or `y`' : '`y`'}, but bool is not supported`,
      {
        y: y.dtype,
      },
    )
}
export const notOneForEach = (y: Shape, x: Shape): ShapeError =>
  new ShapeError('trapezoid: There must be one `x` value for each sample point', { y: [...y], x: [...x] })
