/** Tensors of more dims, side by side, or over each other's elements. */
import { ArgumentError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { broadcastShapes } from '../../tensor/shape'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { define, defineAs } from '../define/define'
import { withNodeName } from '../define/node-name'
import { own, word } from '../define/params'
import type { Op } from '../define/registry'
import { zeros } from './create'
import { cat, stack } from './joining'
import { expand, reshape, unsqueeze, view } from './views'

const list = own<readonly Tensor[]>('tuple of Tensors')('tensors')
function expectTensors(op: string, v: unknown): asserts v is readonly Tensor[] {
  if (!Array.isArray(v))
    throw new ArgumentError(`${op}(): argument 'tensors' must be an array of Tensors, not ${typeof v}`)
  // (`forEach` passes over holes.)
  for (const [i, t] of v.entries())
    if (!isTensor(t))
      throw new ArgumentError(`${op}(): expected Tensor as element ${i} in argument 'tensors', but got ${typeof t}`)
}
interface AtLeast {
  (x: Tensor): Tensor
  (x: readonly Tensor[]): Tensor[]
}
function atLeast(op: string, raise: (x: Tensor) => Tensor): Op<AtLeast> {
  function raised(x: Tensor): Tensor
  function raised(x: readonly Tensor[]): Tensor[]
  function raised(x: Tensor | readonly Tensor[]): Tensor | Tensor[] {
    if (isTensor(x)) return raise(x)
    expectTensors(op, x)
    return x.map(raise)
  }
  return defineAs<AtLeast>(op, { params: [ONE_OR_MORE], method: false, run: raised })
}
const ONE_OR_MORE = own<Tensor | readonly Tensor[]>('Tensor or tuple of Tensors')('tensors')
const raise1 = (x: Tensor): Tensor => (x.sizes.length === 0 ? reshape(x, [1]) : x)
const raise2 = (x: Tensor): Tensor =>
  x.sizes.length === 0 ? reshape(x, [1, 1]) : x.sizes.length === 1 ? unsqueeze(x, 0) : x
const raise3 = (x: Tensor): Tensor =>
  x.sizes.length === 0 ? reshape(x, [1, 1, 1]) : x.sizes.length < 3 ? unsqueeze(raise2(x), -1) : x
/** The tensor, or each of a list, with at least one dim. */
export const atleast1d = atLeast('atleast1d', raise1)
/** With at least two dims; a vector becomes a row. */
export const atleast2d = atLeast('atleast2d', raise2)
/** With at least three dims. */
export const atleast3d = atLeast('atleast3d', raise3)
type Join = Op<(tensors: readonly Tensor[]) => Tensor>
/** Joined along the third dim. @throws ShapeError where other sizes differ, or the list is empty */
export const dstack: Join = define('dstack', {
  params: [list],
  method: false,
  run(tensors) {
    expectTensors('dstack', tensors)
    if (tensors.length === 0) throw new ShapeError('dstack expects a non-empty TensorList')
    return cat(tensors.map(raise3), 2)
  },
})
/** Columns side by side; vectors are columns. @throws ShapeError where they differ in rows, or the list is empty */
export const columnStack: Join = define('columnStack', {
  params: [list],
  method: false,
  run(tensors) {
    expectTensors('columnStack', tensors)
    if (tensors.length === 0) throw new ShapeError('column_stack expects a non-empty TensorList')
    return cat(
      tensors.map((t) => (t.sizes.length < 2 ? reshape(t, [t.count, 1]) : t)),
      1,
    )
  },
})
/** Matrices along the diagonal of a larger one, zeros elsewhere. @throws ShapeError for more than two dims */
export const blockDiag: Join = define('blockDiag', {
  params: [list],
  node: 'BlockDiagBackward0',
  method: false,
  run: blocksOf,
})
function blocksOf(tensors: readonly Tensor[]): Tensor {
  expectTensors('blockDiag', tensors)
  if (tensors.length === 0) return zeros([1, 0])
  const blocks = tensors.map((t, i) => {
    if (t.sizes.length > 2)
      throw new ShapeError(
        `torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${t.sizes.length} dimensions`,
      )
    return raise2(t)
  })
  const width = blocks.reduce((n, b) => n + b.sizes[1], 0)
  let at = 0
  const out = cat(
    blocks.map((b) => {
      const [rows, columns] = b.sizes as [number, number]
      const row = cat([b.newZeros([rows, at]), b, b.newZeros([rows, width - at - columns])], 1)
      at += columns
      return row
    }),
    0,
  )
  return withNodeName(out, blockDiag.op.node)
}
/** All tensors expanded to their common shape. @throws ShapeError where there is none */
export const broadcastTensors: Op<(tensors: readonly Tensor[]) => Tensor[]> = define('broadcastTensors', {
  params: [list],
  method: false,
  run(tensors) {
    expectTensors('broadcastTensors', tensors)
    const shape = tensors.reduce<readonly number[]>((s, t) => broadcastShapes(s, t.sizes), [])
    return tensors.map((t) => expand(t, shape))
  },
})
type Indexing = 'ij' | 'xy'
/** Options of `meshgrid`. */
export interface MeshgridOptions {
  /** `ij` (default), or `xy`, which swaps the first two dims. */
  indexing?: Indexing
}
/**
 * One coordinate tensor for each vector, all in the shape of the grid that the vectors span.
 * @throws ShapeError for tensors of more than one dim, or none at all; ArgumentError for several dtypes
 */
export const meshgrid: Op<(tensors: readonly Tensor[], indexing?: Indexing | MeshgridOptions) => Tensor[]> = define(
  'meshgrid',
  {
    params: [list, word<Indexing>()('indexing').default('ij')],
    method: false,
    run: (tensors, { indexing }) => grid(tensors, indexing),
  },
)
function grid(tensors: readonly Tensor[], indexing: Indexing): Tensor[] {
  expectTensors('meshgrid', tensors)
  if (tensors.length === 0) throw new ShapeError('meshgrid expects a non-empty TensorList')
  for (const t of tensors) {
    if (t.sizes.length > 1)
      throw new ShapeError(`torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${t.toString()}`)
    if (t.info !== (tensors[0] as Tensor).info)
      throw new ArgumentError('torch.meshgrid expects all tensors to have the same dtype')
  }
  if (indexing !== 'ij' && indexing !== 'xy')
    throw new ValueError(`torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${shown(indexing)}`)
  const swapped = indexing === 'xy' && tensors.length >= 2
  const vectors = swapped ? [tensors[1] as Tensor, tensors[0] as Tensor, ...tensors.slice(2)] : tensors
  const shape = vectors.map((t) => t.count)
  const grids = vectors.map((t, i) =>
    expand(
      view(
        reshape(t, [-1]),
        shape.map((_, d) => (d === i ? t.count : 1)),
      ),
      shape,
    ),
  )
  return swapped ? [grids[1] as Tensor, grids[0] as Tensor, ...grids.slice(2)] : grids
}
/** Every choice of one element from each vector, a row each. @throws ShapeError for what is no vector */
export const cartesianProd: Join = define('cartesianProd', {
  params: [list],
  method: false,
  run(tensors) {
    expectTensors('cartesianProd', tensors)
    for (const t of tensors)
      if (t.sizes.length !== 1) throw new ShapeError(`Expect a 1D vector, but got shape [${t.sizes.join(', ')}]`)
    if (tensors.length === 1) return tensors[0] as Tensor
    return stack(
      meshgrid(tensors).map((g) => reshape(g, [-1])),
      1,
    )
  },
})
