/** Looking up rows by index, and the like. */
import { attach, type Rule, tracks } from '../../autograd/node'
import type { Tensor } from '../../tensor/tensor'
import { div } from '../elementwise/binary'
import { where } from '../elementwise/ternary'
import { hostRead } from '../define/host-read'
import { filled } from '../define/results'
import { checkWritable, isDistinct } from '../../tensor/overlap'
import { define } from '../define/define'
import { bool, float, int, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { PUT, selectSpace, writeSpace } from '../indexing/indexing'
import { checkPaddingRow, checkTable } from './embedding-checks'

/** Options of `embedding`. */
export interface EmbeddingOptions {
  /** This row gets no gradient. */
  paddingIdx?: number | null
  /** Rows that are looked up and longer than this are shortened to it, in place. */
  maxNorm?: number | null
  /** The exponent of that norm. Default 2. */
  normType?: number
  /** Divide the gradient of a row by how often it was looked up. Default false. */
  scaleGradByFreq?: boolean
}
interface Lookup {
  readonly rows: number
  readonly padding: number
  readonly scale: boolean
}
const embeddingRule: Rule = (n, g) => {
  const index = n.tensor(0)
  const { rows, padding, scale } = n.meta as Lookup
  const flat = index.reshape([-1])
  const width = g.sizes[g.sizes.length - 1]
  let rowsOfG = g.reshape([flat.count, width])
  if (padding >= 0) rowsOfG = rowsOfG.maskedFill(flat.eq(padding).unsqueeze(1), 0)
  if (scale && flat.count > 0) {
    const counts = filled([rows], 0, g.info).indexAdd(0, flat, filled([flat.count], 1, g.info))
    rowsOfG = rowsOfG.div(counts.indexSelect(0, flat).unsqueeze(1))
  }
  return filled([rows, width], 0, g.info).indexAdd(0, flat, rowsOfG)
}

/** Shortens the rows that are looked up to `maxNorm`, in place. @internal */
export function renormRows(weight: Tensor, index: Tensor, maxNorm: number, normType: number): void {
  const w = weight.detach()
  const flat = index.detach().reshape([-1]).to('int64')
  if (flat.count === 0) return
  const rows = w.indexSelect(0, flat)
  // In double, as PyTorch: the factor is rounded once.
  const norms = rows.norm(normType, { dim: 1, keepdim: true }).to('float64')
  const wide = w.dtype === 'float64' ? 'float64' : 'float32'
  // A row may be looked up twice: each copy becomes the same, so writing both is right.
  const long = norms.gt(maxNorm)
  const factor = where(long, div(maxNorm, norms.add(1e-7)), 1).to(wide)
  w.versions.version++
  const row = w.select(0, 0)
  if (!isDistinct(row)) {
    // Rows may share their memory; that the elements of one do is an error where one is written.
    if (!hostRead(long.any())) return
    checkWritable(row)
  }
  const shortened = rows.to(wide).mul(factor)
  writeSpace(w, selectSpace(w, 0, flat), shortened, PUT.assign, false, () => undefined)
}

/**
 * The rows of a table at integer indices.
 * @param x indices (int64 or int32) of any shape
 * @param weight [rows, width]
 * @returns the rows, one more dim than the indices have
 */
export const embedding: Op<
  (x: Tensor, weight: Tensor, paddingIdx?: number | null | EmbeddingOptions, options?: EmbeddingOptions) => Tensor
> = define('embedding', {
  params: [
    tensor('input'),
    tensor('weight'),
    int('paddingIdx').orNull().default(null),
    float('maxNorm').orNull().default(null),
    float('normType').default(2),
    bool('scaleGradByFreq').default(false),
  ],
  namespace: 'nn.functional',
  node: 'EmbeddingBackward0',
  run(x, weight, { paddingIdx, maxNorm, normType, scaleGradByFreq }) {
    const padding = checkPaddingRow(paddingIdx, weight)
    checkTable(x, weight)
    if (maxNorm !== null) renormRows(weight, x, maxNorm, normType)
    return lookup(x, weight, padding, scaleGradByFreq)
  },
})
/** @param padding the row without gradient; -1: none */
function lookup(x: Tensor, weight: Tensor, padding: number, scale: boolean): Tensor {
  const table = weight.detach()
  const width = weight.sizes[1]
  const y = table.indexSelect(0, x.sizes.length === 1 ? x : x.detach().reshape([x.count])).view([...x.sizes, width])
  y.viewInfo = null
  if (tracks(weight)) {
    const n = attach(y, embedding.op.node, embeddingRule, [weight])
    n.save(x)
    n.meta = { rows: weight.sizes[0], padding, scale } satisfies Lookup
  }
  return y
}
