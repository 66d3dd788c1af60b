/** Sorting, and selecting by rank. */
import { type Rule, attach, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import { DTYPES } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import { type Shape, contiguousStrides, wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { define } from '../define/define'
import { withNodeName } from '../define/node-name'
import { bool, int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { emptyOf, ordered, filled } from '../define/results'
import type { ValuesIndices } from '../reduce/reduce'
import { keepdim } from '../reduce/reduction'
import { gather, scatterAdd } from './gather'
import { checkKthvalue, checkTopk } from './order-checks'
import type { AlongOptions } from '../reduce/extremes'

// ---- order --------------------------------------------------------------------------------------------------------
const orderRule: Rule = (n, g) => {
  const { sizes, dim } = n.meta as { sizes: Shape; dim: number }
  return sizes.length === 0 ? g : scatterAdd(filled(sizes, 0, g.info), dim, n.tensor(0), g)
}
/** Options of `sort`. */
export interface SortOptions {
  /** Default -1. */
  dim?: number
  descending?: boolean
  /** Equal elements keep their order; always so here. */
  stable?: boolean
}
type Sorting<R> = (x: Tensor, dim?: number | SortOptions, options?: SortOptions) => R
const sorting = [
  tensor('input'),
  int('dim').default(-1),
  bool('descending').default(false),
  bool('stable').optional(),
] as const
/** The values of a dim in order (NaN last), and where they were. */
export const sort: Op<Sorting<ValuesIndices>> = define('sort', {
  params: sorting,
  node: ['SortBackward0', 'SortBackward1'],
  run: sortOf,
})
function sortOf(
  x: Tensor,
  { dim, descending, stable }: { dim: number; descending: boolean; stable: boolean | undefined },
): ValuesIndices {
  const d = wrapDim(dim, x.sizes.length)
  const values = emptyOf(x.sizes, x.info)
  const indices = emptyOf(x.sizes, DTYPES.int64)
  if (x.count > 0) {
    const scalar = x.sizes.length === 0
    const sizes = scalar ? [1] : x.sizes
    const from = ordered(x)
    encode.sort(OP.sort, x.info, {
      values,
      indices,
      a: from,
      dim: d,
      descending,
      sizes,
      outStrides: contiguousStrides(sizes),
      strides: scalar ? [1] : from.strides,
    })
    run()
  }
  if (tracks(x)) {
    const n = attach(values, sort.op.nodes[stable === undefined ? 0 : 1] as string, orderRule, [x])
    n.save(indices)
    n.meta = { sizes: x.sizes, dim: d }
  }
  return { values, indices }
}
/** Where the values in order were, int64. */
export const argsort: Op<Sorting<Tensor>> = define('argsort', {
  params: sorting,
  differentiable: false,
  run: (x, o) => sortOf(x.detach(), o).indices,
})
/** Sorted along the first dim. */
export const msort: Op<(x: Tensor) => Tensor> = define('msort', {
  params: [tensor('input')],
  node: 'SortBackward0',
  run: (x) => sort(x, 0).values,
})
/** Options of `topk`. */
export interface TopkOptions {
  /** Default -1. */
  dim?: number
  /** The smallest instead where false. Default true. */
  largest?: boolean
  /** In order; always so here. */
  sorted?: boolean
}
/** The `k` largest values of a dim, in order, and where they were. */
export const topk: Op<(x: Tensor, k: number, dim?: number | TopkOptions, options?: TopkOptions) => ValuesIndices> =
  define('topk', {
    params: [
      tensor('input'),
      int('k'),
      int('dim').default(-1),
      bool('largest').default(true),
      bool('sorted').default(true),
    ],
    node: 'TopkBackward0',
    run(x, k, { dim, largest }) {
      const d = checkTopk(x, k, dim)
      const scalar = x.sizes.length === 0
      const sizes = scalar ? [1] : x.sizes
      // Of a 0-d tensor PyTorch gives the one value whatever k is.
      const outSizes = scalar ? [] : sizes.map((s, i) => (i === d ? k : s))
      const values = emptyOf(outSizes, x.info)
      const indices = emptyOf(outSizes, DTYPES.int64)
      if (values.count > 0) {
        encode.topk(OP.topk, x.info, {
          values,
          indices,
          a: x,
          dim: d,
          k: scalar ? 1 : k,
          largest,
          sizes,
          outStrides: scalar ? [1] : values.strides,
          strides: scalar ? [1] : x.strides,
        })
        run()
      }
      if (tracks(x)) {
        const n = attach(values, topk.op.node, orderRule, [x])
        n.save(indices)
        n.meta = { sizes: x.sizes, dim: d }
      }
      return { values, indices }
    },
  })
export const along = [int('dim').default(-1), keepdim] as const
/** The k-th smallest value of a dim (k from 1) and where it was. */
export const kthvalue: Op<
  (x: Tensor, k: number, dim?: number | AlongOptions, options?: AlongOptions) => ValuesIndices
> = define('kthvalue', {
  params: [tensor('input'), int('k'), ...along],
  node: 'KthvalueBackward0',
  run(x, k, { dim, keepdim }) {
    const d = checkKthvalue(x, k, dim)
    return labelled(pickSorted(x, d, k - 1, keepdim), kthvalue.op.node)
  },
})
export const labelled = (o: ValuesIndices, label: string): ValuesIndices => {
  withNodeName(o.values, label)
  return o
}
export function pickSorted(x: Tensor, d: number, at: number, keepdim: boolean): ValuesIndices {
  const { indices } = sort(x.detach(), d)
  if (x.sizes.length === 0) return { values: x.clone(), indices }
  return pickedAt(x, d, indices.narrow(d, at, 1), keepdim)
}
/** The values at indices along a dim, one each. */
export function pickedAt(x: Tensor, d: number, indices: Tensor, keepdim: boolean): ValuesIndices {
  const values = gather(x, d, indices)
  return keepdim ? { values, indices } : { values: values.squeeze(d), indices: indices.squeeze(d) }
}
