/** The kernel of matrix products, for whatever strides its operands have. */
import { from, run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { broadcastShapes, countOf, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { castRaw, emptyOf, hasKernel } from '../define/results'

/** What is done to the product besides. */
interface Product {
  alpha?: number
  /** Added, broadcast: a row, a column, a matrix or a batch of them. */
  bias?: Tensor | null
  relu?: boolean
}

/** The last two dims multiplied, all others broadcast; no autograd. Operands have at least two dims. */
export function productRaw(a: Tensor, b: Tensor, o: Product = {}, target: Tensor | null = null, beta = 0): Tensor {
  const info = a.info
  const compute = DTYPES[info.compute]
  if (!hasKernel(OP.matmul, compute)) throw notImplemented('addmm_impl_cpu_', info)
  if (compute !== info) {
    const bias = o.bias ? castRaw(o.bias, compute) : null
    return castRaw(productRaw(castRaw(a, compute), castRaw(b, compute), { ...o, bias }), info)
  }
  const na = a.sizes.length
  const nb = b.sizes.length
  const m = a.sizes[na - 2]
  const k = a.sizes[na - 1]
  const n = b.sizes[nb - 1]
  const batch = na === 2 && nb === 2 ? [] : broadcastShapes(a.sizes.slice(0, -2), b.sizes.slice(0, -2))
  const out = target ?? emptyOf([...batch, m, n], info)
  const outer = batch.slice(0, -1)
  const inner = batch.length > 0 ? batch[batch.length - 1] : 1
  const bias = o.bias ?? null
  const as = batchStrides(a, batch)
  const bs = batchStrides(b, batch)
  const bias2 = bias ? matrixStrides(bias) : [0, 0]
  const biasBatch = bias ? batchStrides(bias, batch) : []
  const [cr, cb] = [out.strides[out.strides.length - 2], batchStrides(out, batch)]
  const count = countOf(outer)
  const index = new Array<number>(outer.length).fill(0)
  const last = batch.length - 1
  for (let i = 0; i < count; i++) {
    encode.matmul(OP.matmul, info, {
      m,
      n,
      k,
      batch: inner,
      a: from(a, offsetAt(index, as)),
      aRow: a.strides[na - 2],
      aColumn: a.strides[na - 1],
      aBatch: last < 0 ? 0 : as[last],
      b: from(b, offsetAt(index, bs)),
      bRow: b.strides[nb - 2],
      bColumn: b.strides[nb - 1],
      bBatch: last < 0 ? 0 : bs[last],
      c: from(out, offsetAt(index, cb)),
      cRow: cr,
      cBatch: last < 0 ? 0 : cb[last],
      bias: bias && from(bias, offsetAt(index, biasBatch)),
      biasRow: bias2[0],
      biasColumn: bias2[1],
      biasBatch: bias && last >= 0 ? biasBatch[last] : 0,
      alpha: o.alpha ?? 1,
      beta,
      relu: o.relu ?? false,
    })
    advance(index, outer)
  }
  run()
  return out
}

function offsetAt(index: readonly number[], strides: Shape): number {
  let at = 0
  for (let d = 0; d < index.length; d++) at += index[d] * strides[d]
  return at
}
/** To the next index in row-major order. */
function advance(index: number[], sizes: Shape): void {
  for (let d = sizes.length - 1; d >= 0; d--) {
    index[d] = index[d] + 1
    if (index[d] < sizes[d]) break
    index[d] = 0
  }
}
/** Strides of the leading dims of `x` against a broadcast batch shape. */
function batchStrides(x: Tensor, batch: Shape): number[] {
  const own = x.sizes.length - 2
  return batch.map((_, i) => {
    const d = i - (batch.length - own)
    return d < 0 || x.sizes[d] === 1 ? 0 : x.strides[d]
  })
}
/** Row and column strides of a bias that broadcasts to a matrix. */
function matrixStrides(x: Tensor): [number, number] {
  const n = x.sizes.length
  const at = (d: number): number => (d < 0 || x.sizes[d] === 1 ? 0 : x.strides[d])
  return [at(n - 2), at(n - 1)]
}
