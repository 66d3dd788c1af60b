/** What products of matrices and vectors refuse, in PyTorch's words. */
import { notImplemented } from '../../check/words'
import { wrongType } from '../../check/dtypes'
import { DTypeError, type ErrorData, ShapeError } from '../../errors'
import type { DTypeInfo } from '../../runtime/dtype'
import { broadcastShapes, countOf, isExpandable, sameShape, type Shape, showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { checkAtMostMatrix } from '../tensor/view-checks'

// ---- products of two ----------------------------------------------------------------------------------------------

export function checkMatrices(a: Tensor, b: Tensor): void {
  if (a.sizes.length !== 2) throw noMatrix('self', a.sizes)
  if (b.sizes.length !== 2) throw noMatrix('mat2', b.sizes)
  if (a.sizes[1] !== b.sizes[0]) throw unlikeMatrices(a.sizes, b.sizes)
  if (a.info !== b.info) throw unlikeTypes(a.info, b.info)
}
const noMatrix = (name: string, sizes: Shape): ShapeError =>
  new ShapeError(`${name} must be a matrix`, { sizes: [...sizes] })
const unlikeMatrices = (mat1: Shape, mat2: Shape): ShapeError =>
  new ShapeError(`mat1 and mat2 shapes cannot be multiplied (${mat1.join('x')} and ${mat2.join('x')})`, {
    mat1: [...mat1],
    mat2: [...mat2],
  })
const unlikeTypes = (a: DTypeInfo, b: DTypeInfo): DTypeError =>
  new DTypeError(`expected m1 and m2 to have the same dtype, but got: ${a.cppName} != ${b.cppName}`, {
    a: a.name,
    b: b.name,
  })

export function checkBatches(a: Tensor, b: Tensor): void {
  checkThreeDims('batch1', a.sizes)
  checkThreeDims('batch2', b.sizes)
  checkBatchSizes(a.sizes, b.sizes)
  if (a.info !== b.info) throw unlikeBatches(a, b)
}
function checkThreeDims(name: string, sizes: Shape): void {
  if (sizes.length !== 3) throw new ShapeError(`${name} must be a 3D tensor`, { sizes: [...sizes] })
}
function checkBatchSizes(a: Shape, b: Shape): void {
  if (a[0] !== b[0] || a[2] !== b[1]) throw wrongBatch([a[0], a[2]], [b[0], b[1]], { batch1: [...a], batch2: [...b] })
}
const wrongBatch = (expected: Shape, got: Shape, data: ErrorData): ShapeError =>
  new ShapeError(
    `Expected size for first two dimensions of batch2 tensor to be: ${showShape(expected)} but got: ${showShape(got)}.`,
    data,
  )
/** PyTorch has three ways to multiply batches, by size and dtype, and each its own words. */
function unlikeBatches(a: Tensor, b: Tensor): DTypeError {
  const [rows, inner, columns] = [a.size(-2), b.size(-2), b.size(-1)]
  const data = { a: a.dtype, b: b.dtype }
  if (rows * inner * columns < 400)
    return a.dtype === 'bool' ? notImplemented('bmm', a.info) : wrongType(a.info, b.info, data)
  if (b.dtype === 'float32' || b.dtype === 'float64') return wrongType(b.info, a.info, data)
  return unlikeTypes(a.info, b.info)
}

/** Of batches whose leading dims broadcast. */
export function checkManyMatrices(a: Tensor, b: Tensor): void {
  const batch = broadcastShapes(a.sizes.slice(0, -2), b.sizes.slice(0, -2))
  const [inner, rows] = [a.sizes[a.sizes.length - 1], b.sizes[b.sizes.length - 2]]
  if (inner !== rows) {
    const count = countOf(batch)
    throw wrongBatch([count, inner], [count, rows], { input: [...a.sizes], other: [...b.sizes] })
  }
  if (a.info !== b.info) throw unlikeBatches(a, b)
}
export function checkAtLeast1D(op: 'matmul' | 'linear', x: Shape, other: Shape): void {
  if (x.length === 0 || other.length === 0)
    throw new ShapeError(
      `both arguments to ${op} need to be at least 1D, but they are ${x.length}D and ${other.length}D`,
      { input: [...x], other: [...other] },
    )
}

// ---- vectors ------------------------------------------------------------------------------------------------------

/** Of `input + mat @ vec`; without an input it is one that fits. */
export function checkMatrixVector(input: Tensor | null, mat: Tensor, vec: Tensor): void {
  const dims = input?.sizes.length ?? 1
  const data = { mat: [...mat.sizes], vec: [...vec.sizes] }
  if (mat.sizes.length !== 2 || vec.sizes.length !== 1 || dims > 1)
    throw new ShapeError(
      `vector + matrix @ vector expected, got ${dims}, ${mat.sizes.length}, ${vec.sizes.length}`,
      data,
    )
  const rows = mat.sizes[0]
  const count = input?.count ?? rows
  if (mat.sizes[1] !== vec.sizes[0] || (count !== rows && count !== 1))
    throw new ShapeError(
      `size mismatch, got input (${input ? input.size(0) : rows}), mat (${mat.sizes.join('x')}), vec (${vec.sizes[0]})`,
      data,
    )
  const { info } = input ?? vec
  if (info !== mat.info || mat.info !== vec.info)
    throw new DTypeError(
      `addmv input tensors must have the same dtype, but got ${info.scalarType}, ${mat.info.scalarType}, and ${vec.info.scalarType}`,
      { mat: mat.dtype, vec: vec.dtype },
    )
}
export function checkDot(x: Tensor, y: Tensor): void {
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
}
/** @param name what PyTorch calls the argument */
export function checkVector(op: 'outer' | 'addr', name: string, sizes: Shape): void {
  if (sizes.length !== 1) throw new ShapeError(`${op}: Expected 1-D argument ${name}, but got ${sizes.length}-D`)
}

// ---- products added to an input -----------------------------------------------------------------------------------

/** PyTorch calls the input of a sum `self`, whatever it is called in the interface. */
function checkSumTypes(x: Tensor, a: Tensor, b: Tensor): void {
  if (x.info !== b.info) throw unlikeTerms('self', x.info, b.info)
  if (a.info !== b.info) throw unlikeTerms('mat1', a.info, b.info)
}
const unlikeTerms = (name: string, info: DTypeInfo, mat2: DTypeInfo): DTypeError =>
  new DTypeError(`${name} and mat2 must have the same dtype, but got ${info.scalarType} and ${mat2.scalarType}`, {
    [name]: info.name,
    mat2: mat2.name,
  })
export function checkAddmm(x: Tensor, a: Tensor, b: Tensor): void {
  checkSumTypes(x, a, b)
  if (a.sizes.length !== 2) throw new ShapeError(`mat1 must be a matrix, got ${a.sizes.length}-D tensor`)
  if (b.sizes.length !== 2) throw new ShapeError(`mat2 must be a matrix, got ${b.sizes.length}-D tensor`)
  if (a.sizes[1] !== b.sizes[0]) throw unlikeMatrices(a.sizes, b.sizes)
}
export function checkBaddbmm(x: Tensor, a: Tensor, b: Tensor): void {
  checkExpandable(x, [a.size(0), a.size(1), b.size(2)])
  if (x.info !== a.info)
    throw new DTypeError(
      `Input dtypes must be the same, got: input ${x.info.cppName}, batch1: ${a.info.cppName}, batch2: ${b.info.cppName}`,
      { input: x.dtype, batch1: a.dtype, batch2: b.dtype },
    )
  checkBatches(a, b)
}
export function checkAddbmm(x: Tensor, a: Tensor, b: Tensor): void {
  checkExpandable(x, [a.size(1), b.size(2)])
  checkThreeDims('batch1', a.sizes)
  checkThreeDims('batch2', b.sizes)
  const data = { batch1: [...a.sizes], batch2: [...b.sizes] }
  if (a.sizes[0] !== b.sizes[0])
    throw new ShapeError(
      `batch1 and batch2 must have same number of batches, got ${a.sizes[0]} and ${b.sizes[0]}`,
      data,
    )
  if (a.sizes[2] !== b.sizes[1])
    throw new ShapeError(
      `Incompatible matrix sizes for bmm (${a.sizes[1]}x${a.sizes[2]} and ${b.sizes[1]}x${b.sizes[2]})`,
      data,
    )
  checkSumTypes(x, a, b)
}
/** Of `addr` in place: what is no vector is found later. */
export function checkAddrShape(x: Tensor, vec1: Tensor, vec2: Tensor): void {
  if (vec1.sizes.length === 1 && vec2.sizes.length === 1 && !sameShape(x.sizes, [vec1.count, vec2.count]))
    throw new ShapeError(
      `size mismatch, input: ${showShape(x.sizes)}, v1: ${showShape(vec1.sizes)}, v2: ${showShape(vec2.sizes)}`,
    )
}
export function checkOwnShape(x: Tensor, sizes: Shape): void {
  if (!sameShape(x.sizes, sizes))
    throw new ShapeError(
      `Bad in-place call: input tensor size ${showShape(x.sizes)} and output tensor size ${showShape(sizes)} should match`,
    )
}
/** `expand` says what does not fit. */
export function checkExpandable(x: Tensor, sizes: Shape): void {
  if (!isExpandable(x.sizes, sizes)) x.expand(sizes)
}

// ---- layers -------------------------------------------------------------------------------------------------------

/** @param weight of more than one dim */
export function checkLinear(x: Tensor, weight: Tensor, bias: Tensor | null): void {
  checkAtMostMatrix(weight.sizes)
  if (x.sizes[x.sizes.length - 1] !== weight.sizes[1]) throw unlikeFeatures(x.sizes, weight.sizes)
  if (bias === null) {
    if (x.info !== weight.info) throw unlikeTypes(x.info, weight.info)
    return
  }
  checkSumTypes(bias, x, weight)
  if (bias.sizes.length !== 1 || bias.sizes[0] !== weight.sizes[0])
    checkExpandable(bias, [countOf(x.sizes.slice(0, -1)), weight.sizes[0]])
}
const unlikeFeatures = (x: Shape, weight: Shape): ShapeError =>
  new ShapeError(
    `mat1 and mat2 shapes cannot be multiplied (${countOf(x.slice(0, -1))}x${x[x.length - 1]} and ${weight[1]}x${weight[0]})`,
    { input: [...x], weight: [...weight] },
  )
