// Written by scripts/generate-commands.mjs from native/ops.def and native/command. Do not edit: run `npm run generate`.
/**
 * The encoders of commands: one a schema. They take memory by its role, check it, and keep it alive until the command has run.
 * `info` is the dtype of the computation, `info2` the second one where the schema has one.
 */
import {
  dense,
  denseOrNone,
  f64,
  generator,
  type GeneratorMemory,
  head,
  i64,
  type Memory,
  number,
  strided,
  stridedOrNone,
  vector,
} from './commands'
import { type DTypeInfo, DTYPES, type Scalar } from './dtype'
import type { OP } from './opcodes'

/** What a command of arange carries. */
export interface ArangeArgs {
  /** Written: T [n]. */
  out: Memory
  n: number
  start: Scalar
  step: Scalar
}
export function arange(op: typeof OP.arange, info: DTypeInfo, a: ArangeArgs): void {
  const p = head(op, info.code, info.code, 5)
  dense(p, a.out, info)
  f64[p + 2] = a.n
  number(p + 3, a.start, info)
  number(p + 4, a.step, info)
}

/** What a command of linspace carries. */
export interface LinspaceArgs {
  /** Written: T [n]. */
  out: Memory
  n: number
  start: number
  end: number
}
export function linspace(op: typeof OP.linspace, info: DTypeInfo, a: LinspaceArgs): void {
  const p = head(op, info.code, info.code, 5)
  dense(p, a.out, info)
  f64[p + 2] = a.n
  f64[p + 3] = a.start
  f64[p + 4] = a.end
}

/** What a command of sum, mean, nansum, prod, norm, logsumexp, amax, amin carries. */
export interface ReduceArgs {
  /** Written: T {sizes: outStrides}. */
  out: Memory
  /** Read: T {sizes: strides}. */
  a: Memory
  param: number
  sizes: readonly number[]
  strides: readonly number[]
  outStrides: readonly number[]
  reduced: readonly number[]
}
export function reduce(
  op:
    | typeof OP.sum
    | typeof OP.mean
    | typeof OP.nansum
    | typeof OP.prod
    | typeof OP.norm
    | typeof OP.logsumexp
    | typeof OP.amax
    | typeof OP.amin,
  info: DTypeInfo,
  a: ReduceArgs,
): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 6 + 4 * ndim)
  strided(p, a.out, info)
  strided(p + 2, a.a, info)
  f64[p + 4] = a.param
  f64[p + 5] = ndim
  vector(p + 6, a.sizes, ndim)
  vector(p + 6 + ndim, a.strides, ndim)
  vector(p + 6 + 2 * ndim, a.outStrides, ndim)
  vector(p + 6 + 3 * ndim, a.reduced, ndim)
}

/** What a command of var, std carries. */
export interface ReduceMomentsArgs {
  /** Written: T {sizes: outStrides}. */
  out: Memory
  /** Written: T {sizes: outStrides}. */
  mean: Memory | null
  /** Read: T {sizes: strides}. */
  a: Memory
  param: number
  sizes: readonly number[]
  strides: readonly number[]
  outStrides: readonly number[]
  reduced: readonly number[]
}
export function reduceMoments(op: typeof OP.var | typeof OP.std, info: DTypeInfo, a: ReduceMomentsArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 8 + 4 * ndim)
  strided(p, a.out, info)
  stridedOrNone(p + 2, a.mean, info)
  strided(p + 4, a.a, info)
  f64[p + 6] = a.param
  f64[p + 7] = ndim
  vector(p + 8, a.sizes, ndim)
  vector(p + 8 + ndim, a.strides, ndim)
  vector(p + 8 + 2 * ndim, a.outStrides, ndim)
  vector(p + 8 + 3 * ndim, a.reduced, ndim)
}

/** What a command of max, min carries. */
export interface ReduceExtremeArgs {
  /** Written: T {sizes: outStrides}. */
  out: Memory
  /** Written: i64 {sizes: outStrides}. */
  indices: Memory | null
  /** Read: T {sizes: strides}. */
  a: Memory
  param: number
  sizes: readonly number[]
  strides: readonly number[]
  outStrides: readonly number[]
  reduced: readonly number[]
}
export function reduceExtreme(op: typeof OP.max | typeof OP.min, info: DTypeInfo, a: ReduceExtremeArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 8 + 4 * ndim)
  strided(p, a.out, info)
  stridedOrNone(p + 2, a.indices, DTYPES.int64)
  strided(p + 4, a.a, info)
  f64[p + 6] = a.param
  f64[p + 7] = ndim
  vector(p + 8, a.sizes, ndim)
  vector(p + 8 + ndim, a.strides, ndim)
  vector(p + 8 + 2 * ndim, a.outStrides, ndim)
  vector(p + 8 + 3 * ndim, a.reduced, ndim)
}

/** What a command of argmax, argmin, count_nonzero carries. */
export interface ReduceCountArgs {
  /** Written: i64 {sizes: outStrides}. */
  out: Memory
  /** Read: T {sizes: strides}. */
  a: Memory
  param: number
  sizes: readonly number[]
  strides: readonly number[]
  outStrides: readonly number[]
  reduced: readonly number[]
}
export function reduceCount(
  op: typeof OP.argmax | typeof OP.argmin | typeof OP.count_nonzero,
  info: DTypeInfo,
  a: ReduceCountArgs,
): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 6 + 4 * ndim)
  strided(p, a.out, DTYPES.int64)
  strided(p + 2, a.a, info)
  f64[p + 4] = a.param
  f64[p + 5] = ndim
  vector(p + 6, a.sizes, ndim)
  vector(p + 6 + ndim, a.strides, ndim)
  vector(p + 6 + 2 * ndim, a.outStrides, ndim)
  vector(p + 6 + 3 * ndim, a.reduced, ndim)
}

/** What a command of any, all carries. */
export interface ReduceTruthArgs {
  /** Written: bool {sizes: outStrides}. */
  out: Memory
  /** Read: T {sizes: strides}. */
  a: Memory
  param: number
  sizes: readonly number[]
  strides: readonly number[]
  outStrides: readonly number[]
  reduced: readonly number[]
}
export function reduceTruth(op: typeof OP.any | typeof OP.all, info: DTypeInfo, a: ReduceTruthArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 6 + 4 * ndim)
  strided(p, a.out, DTYPES.bool)
  strided(p + 2, a.a, info)
  f64[p + 4] = a.param
  f64[p + 5] = ndim
  vector(p + 6, a.sizes, ndim)
  vector(p + 6 + ndim, a.strides, ndim)
  vector(p + 6 + 2 * ndim, a.outStrides, ndim)
  vector(p + 6 + 3 * ndim, a.reduced, ndim)
}

/** What a command of cumsum, cumprod, logcumsumexp carries. */
export interface ScanArgs {
  /** Written: T {sizes: outStrides}. */
  out: Memory
  /** Read: T {sizes: strides}. */
  a: Memory
  dim: number
  sizes: readonly number[]
  strides: readonly number[]
  outStrides: readonly number[]
}
export function scan(
  op: typeof OP.cumsum | typeof OP.cumprod | typeof OP.logcumsumexp,
  info: DTypeInfo,
  a: ScanArgs,
): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 6 + 3 * ndim)
  strided(p, a.out, info)
  strided(p + 2, a.a, info)
  f64[p + 4] = a.dim
  f64[p + 5] = ndim
  vector(p + 6, a.sizes, ndim)
  vector(p + 6 + ndim, a.strides, ndim)
  vector(p + 6 + 2 * ndim, a.outStrides, ndim)
}

/** What a command of cummax, cummin carries. */
export interface ScanExtremeArgs {
  /** Written: T {sizes: outStrides}. */
  out: Memory
  /** Written: i64 {sizes: outStrides}. */
  indices: Memory | null
  /** Read: T {sizes: strides}. */
  a: Memory
  dim: number
  sizes: readonly number[]
  strides: readonly number[]
  outStrides: readonly number[]
}
export function scanExtreme(op: typeof OP.cummax | typeof OP.cummin, info: DTypeInfo, a: ScanExtremeArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 8 + 3 * ndim)
  strided(p, a.out, info)
  stridedOrNone(p + 2, a.indices, DTYPES.int64)
  strided(p + 4, a.a, info)
  f64[p + 6] = a.dim
  f64[p + 7] = ndim
  vector(p + 8, a.sizes, ndim)
  vector(p + 8 + ndim, a.strides, ndim)
  vector(p + 8 + 2 * ndim, a.outStrides, ndim)
}

/** What a command of prod_backward carries. */
export interface ProdBackwardArgs {
  /** Written: T [outer, dim, inner]. */
  dx: Memory
  /** Read: T [outer, inner]. */
  dy: Memory
  /** Read: T [outer, dim, inner]. */
  x: Memory
  /** Read: T [outer, inner]. */
  y: Memory
  outer: number
  dim: number
  inner: number
  whole: boolean
}
export function prodBackward(op: typeof OP.prod_backward, info: DTypeInfo, a: ProdBackwardArgs): void {
  const p = head(op, info.code, info.code, 12)
  dense(p, a.dx, info)
  dense(p + 2, a.dy, info)
  dense(p + 4, a.x, info)
  dense(p + 6, a.y, info)
  f64[p + 8] = a.outer
  f64[p + 9] = a.dim
  f64[p + 10] = a.inner
  f64[p + 11] = a.whole ? 1 : 0
}

/** What a command of cumprod_backward carries. */
export interface CumprodBackwardArgs {
  /** Written: T [outer, dim, inner]. */
  dx: Memory
  /** Read: T [outer, dim, inner]. */
  dy: Memory
  /** Read: T [outer, dim, inner]. */
  x: Memory
  /** Read: T [outer, dim, inner]. */
  y: Memory
  outer: number
  dim: number
  inner: number
}
export function cumprodBackward(op: typeof OP.cumprod_backward, info: DTypeInfo, a: CumprodBackwardArgs): void {
  const p = head(op, info.code, info.code, 11)
  dense(p, a.dx, info)
  dense(p + 2, a.dy, info)
  dense(p + 4, a.x, info)
  dense(p + 6, a.y, info)
  f64[p + 8] = a.outer
  f64[p + 9] = a.dim
  f64[p + 10] = a.inner
}

/** What a command of matmul carries. */
export interface MatmulArgs {
  m: number
  n: number
  k: number
  batch: number
  /** Read: T {m: aRow, k: aColumn, batch: aBatch}. */
  a: Memory
  aRow: number
  aColumn: number
  aBatch: number
  /** Read: T {k: bRow, n: bColumn, batch: bBatch}. */
  b: Memory
  bRow: number
  bColumn: number
  bBatch: number
  /** Read and written: T {m: cRow, n: 1, batch: cBatch}. */
  c: Memory
  cRow: number
  cBatch: number
  /** Read: T {m: biasRow, n: biasColumn, batch: biasBatch}. */
  bias: Memory | null
  biasRow: number
  biasColumn: number
  biasBatch: number
  alpha: number
  beta: number
  relu: boolean
}
export function matmul(op: typeof OP.matmul, info: DTypeInfo, a: MatmulArgs): void {
  const p = head(op, info.code, info.code, 26)
  f64[p] = a.m
  f64[p + 1] = a.n
  f64[p + 2] = a.k
  f64[p + 3] = a.batch
  strided(p + 4, a.a, info)
  f64[p + 6] = a.aRow
  f64[p + 7] = a.aColumn
  f64[p + 8] = a.aBatch
  strided(p + 9, a.b, info)
  f64[p + 11] = a.bRow
  f64[p + 12] = a.bColumn
  f64[p + 13] = a.bBatch
  strided(p + 14, a.c, info)
  f64[p + 16] = a.cRow
  f64[p + 17] = a.cBatch
  stridedOrNone(p + 18, a.bias, info)
  f64[p + 20] = a.biasRow
  f64[p + 21] = a.biasColumn
  f64[p + 22] = a.biasBatch
  f64[p + 23] = a.alpha
  f64[p + 24] = a.beta
  f64[p + 25] = a.relu ? 1 : 0
}

/** What a command of conv carries. */
export interface ConvArgs {
  /** Written: T [batch, outChannels, out]. */
  y: Memory
  /** Read: T [batch, inChannels, in]. */
  x: Memory
  /** Read: T [outChannels, inChannels / groups, kernel]. */
  w: Memory
  /** Read: T [outChannels]. */
  bias: Memory | null
  batch: number
  inChannels: number
  outChannels: number
  groups: number
  in: readonly number[]
  out: readonly number[]
  kernel: readonly number[]
  stride: readonly number[]
  padding: readonly number[]
  dilation: readonly number[]
}
export function conv(op: typeof OP.conv, info: DTypeInfo, a: ConvArgs): void {
  const p = head(op, info.code, info.code, 30)
  dense(p, a.y, info)
  dense(p + 2, a.x, info)
  dense(p + 4, a.w, info)
  denseOrNone(p + 6, a.bias, info)
  f64[p + 8] = a.batch
  f64[p + 9] = a.inChannels
  f64[p + 10] = a.outChannels
  f64[p + 11] = a.groups
  vector(p + 12, a.in, 3)
  vector(p + 15, a.out, 3)
  vector(p + 18, a.kernel, 3)
  vector(p + 21, a.stride, 3)
  vector(p + 24, a.padding, 3)
  vector(p + 27, a.dilation, 3)
}

/** What a command of conv_backward_input carries. */
export interface ConvBackwardInputArgs {
  /** Written: T [batch, inChannels, in]. */
  dx: Memory
  /** Read: T [batch, outChannels, out]. */
  dy: Memory
  /** Read: T [outChannels, inChannels / groups, kernel]. */
  w: Memory
  /** Read: T [inChannels]. */
  bias: Memory | null
  batch: number
  inChannels: number
  outChannels: number
  groups: number
  in: readonly number[]
  out: readonly number[]
  kernel: readonly number[]
  stride: readonly number[]
  padding: readonly number[]
  dilation: readonly number[]
}
export function convBackwardInput(op: typeof OP.conv_backward_input, info: DTypeInfo, a: ConvBackwardInputArgs): void {
  const p = head(op, info.code, info.code, 30)
  dense(p, a.dx, info)
  dense(p + 2, a.dy, info)
  dense(p + 4, a.w, info)
  denseOrNone(p + 6, a.bias, info)
  f64[p + 8] = a.batch
  f64[p + 9] = a.inChannels
  f64[p + 10] = a.outChannels
  f64[p + 11] = a.groups
  vector(p + 12, a.in, 3)
  vector(p + 15, a.out, 3)
  vector(p + 18, a.kernel, 3)
  vector(p + 21, a.stride, 3)
  vector(p + 24, a.padding, 3)
  vector(p + 27, a.dilation, 3)
}

/** What a command of conv_backward_weight carries. */
export interface ConvBackwardWeightArgs {
  /** Written: T [outChannels, inChannels / groups, kernel]. */
  dw: Memory | null
  /** Read: T [batch, inChannels, in]. */
  x: Memory
  /** Read: T [batch, outChannels, out]. */
  dy: Memory
  /** Written: T [outChannels]. */
  db: Memory | null
  batch: number
  inChannels: number
  outChannels: number
  groups: number
  in: readonly number[]
  out: readonly number[]
  kernel: readonly number[]
  stride: readonly number[]
  padding: readonly number[]
  dilation: readonly number[]
}
export function convBackwardWeight(
  op: typeof OP.conv_backward_weight,
  info: DTypeInfo,
  a: ConvBackwardWeightArgs,
): void {
  const p = head(op, info.code, info.code, 30)
  denseOrNone(p, a.dw, info)
  dense(p + 2, a.x, info)
  dense(p + 4, a.dy, info)
  denseOrNone(p + 6, a.db, info)
  f64[p + 8] = a.batch
  f64[p + 9] = a.inChannels
  f64[p + 10] = a.outChannels
  f64[p + 11] = a.groups
  vector(p + 12, a.in, 3)
  vector(p + 15, a.out, 3)
  vector(p + 18, a.kernel, 3)
  vector(p + 21, a.stride, 3)
  vector(p + 24, a.padding, 3)
  vector(p + 27, a.dilation, 3)
}

/** What a command of max_pool carries. */
export interface MaxPoolArgs {
  /** Written: T [planes, out]. */
  y: Memory
  /** Written: T2 [planes, out]. */
  indices: Memory | null
  /** Read: T [planes, in]. */
  x: Memory
  planes: number
  in: readonly number[]
  out: readonly number[]
  kernel: readonly number[]
  stride: readonly number[]
  padding: readonly number[]
  dilation: readonly number[]
}
export function maxPool(op: typeof OP.max_pool, info: DTypeInfo, info2: DTypeInfo, a: MaxPoolArgs): void {
  const p = head(op, info.code, info2.code, 25)
  dense(p, a.y, info)
  denseOrNone(p + 2, a.indices, info2)
  dense(p + 4, a.x, info)
  f64[p + 6] = a.planes
  vector(p + 7, a.in, 3)
  vector(p + 10, a.out, 3)
  vector(p + 13, a.kernel, 3)
  vector(p + 16, a.stride, 3)
  vector(p + 19, a.padding, 3)
  vector(p + 22, a.dilation, 3)
}

/** What a command of adaptive_max_pool carries. */
export interface AdaptiveMaxPoolArgs {
  /** Written: T [planes, out]. */
  y: Memory
  /** Written: T2 [planes, out]. */
  indices: Memory | null
  /** Read: T [planes, in]. */
  x: Memory
  planes: number
  in: readonly number[]
  out: readonly number[]
}
export function adaptiveMaxPool(
  op: typeof OP.adaptive_max_pool,
  info: DTypeInfo,
  info2: DTypeInfo,
  a: AdaptiveMaxPoolArgs,
): void {
  const p = head(op, info.code, info2.code, 13)
  dense(p, a.y, info)
  denseOrNone(p + 2, a.indices, info2)
  dense(p + 4, a.x, info)
  f64[p + 6] = a.planes
  vector(p + 7, a.in, 3)
  vector(p + 10, a.out, 3)
}

/** What a command of max_pool_backward carries. */
export interface MaxPoolBackwardArgs {
  /** Written: T [planes, inputs]. */
  dx: Memory
  /** Read: T [planes, outputs]. */
  dy: Memory
  /** Read: T2 [planes, outputs]. */
  indices: Memory
  planes: number
  inputs: number
  outputs: number
}
export function maxPoolBackward(
  op: typeof OP.max_pool_backward,
  info: DTypeInfo,
  info2: DTypeInfo,
  a: MaxPoolBackwardArgs,
): void {
  const p = head(op, info.code, info2.code, 9)
  dense(p, a.dx, info)
  dense(p + 2, a.dy, info)
  dense(p + 4, a.indices, info2)
  f64[p + 6] = a.planes
  f64[p + 7] = a.inputs
  f64[p + 8] = a.outputs
}

/** What a command of avg_pool carries. */
export interface AvgPoolArgs {
  /** Written: T [planes, out]. */
  y: Memory
  /** Read: T [planes, in]. */
  x: Memory
  planes: number
  in: readonly number[]
  out: readonly number[]
  kernel: readonly number[]
  stride: readonly number[]
  padding: readonly number[]
  countPadding: boolean
  divisor: number
}
export function avgPool(op: typeof OP.avg_pool, info: DTypeInfo, a: AvgPoolArgs): void {
  const p = head(op, info.code, info.code, 22)
  dense(p, a.y, info)
  dense(p + 2, a.x, info)
  f64[p + 4] = a.planes
  vector(p + 5, a.in, 3)
  vector(p + 8, a.out, 3)
  vector(p + 11, a.kernel, 3)
  vector(p + 14, a.stride, 3)
  vector(p + 17, a.padding, 3)
  f64[p + 20] = a.countPadding ? 1 : 0
  f64[p + 21] = a.divisor
}

/** What a command of avg_pool_backward carries. */
export interface AvgPoolBackwardArgs {
  /** Written: T [planes, in]. */
  dx: Memory
  /** Read: T [planes, out]. */
  dy: Memory
  planes: number
  in: readonly number[]
  out: readonly number[]
  kernel: readonly number[]
  stride: readonly number[]
  padding: readonly number[]
  countPadding: boolean
  divisor: number
}
export function avgPoolBackward(op: typeof OP.avg_pool_backward, info: DTypeInfo, a: AvgPoolBackwardArgs): void {
  const p = head(op, info.code, info.code, 22)
  dense(p, a.dx, info)
  dense(p + 2, a.dy, info)
  f64[p + 4] = a.planes
  vector(p + 5, a.in, 3)
  vector(p + 8, a.out, 3)
  vector(p + 11, a.kernel, 3)
  vector(p + 14, a.stride, 3)
  vector(p + 17, a.padding, 3)
  f64[p + 20] = a.countPadding ? 1 : 0
  f64[p + 21] = a.divisor
}

/** What a command of adaptive_avg_pool carries. */
export interface AdaptiveAvgPoolArgs {
  /** Written: T [planes, out]. */
  y: Memory
  /** Read: T [planes, in]. */
  x: Memory
  planes: number
  in: readonly number[]
  out: readonly number[]
}
export function adaptiveAvgPool(op: typeof OP.adaptive_avg_pool, info: DTypeInfo, a: AdaptiveAvgPoolArgs): void {
  const p = head(op, info.code, info.code, 11)
  dense(p, a.y, info)
  dense(p + 2, a.x, info)
  f64[p + 4] = a.planes
  vector(p + 5, a.in, 3)
  vector(p + 8, a.out, 3)
}

/** What a command of adaptive_avg_pool_backward carries. */
export interface AdaptiveAvgPoolBackwardArgs {
  /** Written: T [planes, in]. */
  dx: Memory
  /** Read: T [planes, out]. */
  dy: Memory
  planes: number
  in: readonly number[]
  out: readonly number[]
}
export function adaptiveAvgPoolBackward(
  op: typeof OP.adaptive_avg_pool_backward,
  info: DTypeInfo,
  a: AdaptiveAvgPoolBackwardArgs,
): void {
  const p = head(op, info.code, info.code, 11)
  dense(p, a.dx, info)
  dense(p + 2, a.dy, info)
  f64[p + 4] = a.planes
  vector(p + 5, a.in, 3)
  vector(p + 8, a.out, 3)
}

/** What a command of softmax, masked_softmax, log_softmax carries. */
export interface SoftmaxArgs {
  /** Written: T [outer, dim, inner]. */
  y: Memory
  /** Read: T [outer, dim, inner]. */
  x: Memory
  outer: number
  dim: number
  inner: number
}
export function softmax(
  op: typeof OP.softmax | typeof OP.masked_softmax | typeof OP.log_softmax,
  info: DTypeInfo,
  a: SoftmaxArgs,
): void {
  const p = head(op, info.code, info.code, 7)
  dense(p, a.y, info)
  dense(p + 2, a.x, info)
  f64[p + 4] = a.outer
  f64[p + 5] = a.dim
  f64[p + 6] = a.inner
}

/** What a command of softmax_backward, log_softmax_backward carries. */
export interface SoftmaxBackwardArgs {
  /** Written: T [outer, dim, inner]. */
  dx: Memory
  /** Read: T [outer, dim, inner]. */
  dy: Memory
  /** Read: T [outer, dim, inner]. */
  y: Memory
  outer: number
  dim: number
  inner: number
}
export function softmaxBackward(
  op: typeof OP.softmax_backward | typeof OP.log_softmax_backward,
  info: DTypeInfo,
  a: SoftmaxBackwardArgs,
): void {
  const p = head(op, info.code, info.code, 9)
  dense(p, a.dx, info)
  dense(p + 2, a.dy, info)
  dense(p + 4, a.y, info)
  f64[p + 6] = a.outer
  f64[p + 7] = a.dim
  f64[p + 8] = a.inner
}

/** What a command of cross_entropy carries. */
export interface CrossEntropyArgs {
  /** Written: T [losses]. */
  loss: Memory
  /** Read: T [n, c, s]. */
  logits: Memory
  /** Read: i64 [n, s]. */
  target: Memory
  /** Read: T [c]. */
  weight: Memory | null
  /** Written: T [2, n, s]. */
  stats: Memory
  /** Written: T [1]. */
  totalWeight: Memory
  n: number
  c: number
  s: number
  losses: number
  reduction: number
  ignoreIndex: number
  labelSmoothing: number
}
export function crossEntropy(op: typeof OP.cross_entropy, info: DTypeInfo, a: CrossEntropyArgs): void {
  const p = head(op, info.code, info.code, 19)
  dense(p, a.loss, info)
  dense(p + 2, a.logits, info)
  dense(p + 4, a.target, DTYPES.int64)
  denseOrNone(p + 6, a.weight, info)
  dense(p + 8, a.stats, info)
  dense(p + 10, a.totalWeight, info)
  f64[p + 12] = a.n
  f64[p + 13] = a.c
  f64[p + 14] = a.s
  f64[p + 15] = a.losses
  f64[p + 16] = a.reduction
  f64[p + 17] = a.ignoreIndex
  f64[p + 18] = a.labelSmoothing
}

/** What a command of cross_entropy_backward carries. */
export interface CrossEntropyBackwardArgs {
  /** Written: T [n, c, s]. */
  dx: Memory
  /** Read: T [losses]. */
  dy: Memory
  /** Read: T [n, c, s]. */
  logits: Memory
  /** Read: i64 [n, s]. */
  target: Memory
  /** Read: T [c]. */
  weight: Memory | null
  /** Read: T [2, n, s]. */
  stats: Memory
  /** Read: T [1]. */
  totalWeight: Memory
  n: number
  c: number
  s: number
  losses: number
  reduction: number
  ignoreIndex: number
  labelSmoothing: number
}
export function crossEntropyBackward(
  op: typeof OP.cross_entropy_backward,
  info: DTypeInfo,
  a: CrossEntropyBackwardArgs,
): void {
  const p = head(op, info.code, info.code, 21)
  dense(p, a.dx, info)
  dense(p + 2, a.dy, info)
  dense(p + 4, a.logits, info)
  dense(p + 6, a.target, DTYPES.int64)
  denseOrNone(p + 8, a.weight, info)
  dense(p + 10, a.stats, info)
  dense(p + 12, a.totalWeight, info)
  f64[p + 14] = a.n
  f64[p + 15] = a.c
  f64[p + 16] = a.s
  f64[p + 17] = a.losses
  f64[p + 18] = a.reduction
  f64[p + 19] = a.ignoreIndex
  f64[p + 20] = a.labelSmoothing
}

/** What a command of nll_loss carries. */
export interface NllLossArgs {
  /** Written: T [losses]. */
  loss: Memory
  /** Read: T [n, c, s]. */
  logs: Memory
  /** Read: i64 [n, s]. */
  target: Memory
  /** Read: T [c]. */
  weight: Memory | null
  /** Written: T [1]. */
  totalWeight: Memory
  n: number
  c: number
  s: number
  losses: number
  reduction: number
  ignoreIndex: number
}
export function nllLoss(op: typeof OP.nll_loss, info: DTypeInfo, a: NllLossArgs): void {
  const p = head(op, info.code, info.code, 16)
  dense(p, a.loss, info)
  dense(p + 2, a.logs, info)
  dense(p + 4, a.target, DTYPES.int64)
  denseOrNone(p + 6, a.weight, info)
  dense(p + 8, a.totalWeight, info)
  f64[p + 10] = a.n
  f64[p + 11] = a.c
  f64[p + 12] = a.s
  f64[p + 13] = a.losses
  f64[p + 14] = a.reduction
  f64[p + 15] = a.ignoreIndex
}

/** What a command of nll_loss_backward carries. */
export interface NllLossBackwardArgs {
  /** Written: T [n, c, s]. */
  dx: Memory
  /** Read: T [losses]. */
  dy: Memory
  /** Read: i64 [n, s]. */
  target: Memory
  /** Read: T [c]. */
  weight: Memory | null
  /** Read: T [1]. */
  totalWeight: Memory
  n: number
  c: number
  s: number
  losses: number
  reduction: number
  ignoreIndex: number
}
export function nllLossBackward(op: typeof OP.nll_loss_backward, info: DTypeInfo, a: NllLossBackwardArgs): void {
  const p = head(op, info.code, info.code, 16)
  dense(p, a.dx, info)
  dense(p + 2, a.dy, info)
  dense(p + 4, a.target, DTYPES.int64)
  denseOrNone(p + 6, a.weight, info)
  dense(p + 8, a.totalWeight, info)
  f64[p + 10] = a.n
  f64[p + 11] = a.c
  f64[p + 12] = a.s
  f64[p + 13] = a.losses
  f64[p + 14] = a.reduction
  f64[p + 15] = a.ignoreIndex
}

/** What a command of ctc_loss carries. */
export interface CtcLossArgs {
  /** Written: T [n]. */
  loss: Memory
  /** Written: T [n, t, 2 * s + 1]. */
  alpha: Memory
  /** Read: T [t, n, c]. */
  logs: Memory
  /** Read: i64 [labels]. */
  targets: Memory
  /** Read: i64 [n]. */
  inputLengths: Memory
  /** Read: i64 [n]. */
  targetLengths: Memory
  t: number
  n: number
  c: number
  s: number
  targetStride: number
  blank: number
  labels: number
}
export function ctcLoss(op: typeof OP.ctc_loss, info: DTypeInfo, a: CtcLossArgs): void {
  const p = head(op, info.code, info.code, 19)
  dense(p, a.loss, info)
  dense(p + 2, a.alpha, info)
  dense(p + 4, a.logs, info)
  dense(p + 6, a.targets, DTYPES.int64)
  dense(p + 8, a.inputLengths, DTYPES.int64)
  dense(p + 10, a.targetLengths, DTYPES.int64)
  f64[p + 12] = a.t
  f64[p + 13] = a.n
  f64[p + 14] = a.c
  f64[p + 15] = a.s
  f64[p + 16] = a.targetStride
  f64[p + 17] = a.blank
  f64[p + 18] = a.labels
}

/** What a command of ctc_loss_backward carries. */
export interface CtcLossBackwardArgs {
  /** Written: T [t, n, c]. */
  dx: Memory
  /** Read: T [n]. */
  dy: Memory
  /** Read: T [n, t, 2 * s + 1]. */
  alpha: Memory
  /** Read: T [n]. */
  loss: Memory
  /** Read: T [t, n, c]. */
  logs: Memory
  /** Read: i64 [labels]. */
  targets: Memory
  /** Read: i64 [n]. */
  inputLengths: Memory
  /** Read: i64 [n]. */
  targetLengths: Memory
  t: number
  n: number
  c: number
  s: number
  targetStride: number
  blank: number
  labels: number
  zeroInfinity: boolean
}
export function ctcLossBackward(op: typeof OP.ctc_loss_backward, info: DTypeInfo, a: CtcLossBackwardArgs): void {
  const p = head(op, info.code, info.code, 24)
  dense(p, a.dx, info)
  dense(p + 2, a.dy, info)
  dense(p + 4, a.alpha, info)
  dense(p + 6, a.loss, info)
  dense(p + 8, a.logs, info)
  dense(p + 10, a.targets, DTYPES.int64)
  dense(p + 12, a.inputLengths, DTYPES.int64)
  dense(p + 14, a.targetLengths, DTYPES.int64)
  f64[p + 16] = a.t
  f64[p + 17] = a.n
  f64[p + 18] = a.c
  f64[p + 19] = a.s
  f64[p + 20] = a.targetStride
  f64[p + 21] = a.blank
  f64[p + 22] = a.labels
  f64[p + 23] = a.zeroInfinity ? 1 : 0
}

/** What a command of batch_norm carries. */
export interface BatchNormArgs {
  /** Written: T [n, c, s]. */
  y: Memory
  /** Read: T [n, c, s]. */
  x: Memory
  /** Read: T [c]. */
  weight: Memory | null
  /** Read: T [c]. */
  bias: Memory | null
  /** Read and written: T [c]. */
  runningMean: Memory | null
  /** Read and written: T [c]. */
  runningVar: Memory | null
  /** Written: T [c]. */
  mean: Memory | null
  /** Written: T [c]. */
  invstd: Memory | null
  n: number
  c: number
  s: number
  training: boolean
  momentum: number
  eps: number
}
export function batchNorm(op: typeof OP.batch_norm, info: DTypeInfo, a: BatchNormArgs): void {
  const p = head(op, info.code, info.code, 22)
  dense(p, a.y, info)
  dense(p + 2, a.x, info)
  denseOrNone(p + 4, a.weight, info)
  denseOrNone(p + 6, a.bias, info)
  denseOrNone(p + 8, a.runningMean, info)
  denseOrNone(p + 10, a.runningVar, info)
  denseOrNone(p + 12, a.mean, info)
  denseOrNone(p + 14, a.invstd, info)
  f64[p + 16] = a.n
  f64[p + 17] = a.c
  f64[p + 18] = a.s
  f64[p + 19] = a.training ? 1 : 0
  f64[p + 20] = a.momentum
  f64[p + 21] = a.eps
}

/** What a command of batch_norm_backward carries. */
export interface BatchNormBackwardArgs {
  /** Written: T [n, c, s]. */
  dx: Memory | null
  /** Written: T [c]. */
  dw: Memory | null
  /** Written: T [c]. */
  db: Memory | null
  /** Read: T [n, c, s]. */
  dy: Memory
  /** Read: T [n, c, s]. */
  x: Memory
  /** Read: T [c]. */
  weight: Memory | null
  /** Read: T [c]. */
  mean: Memory
  /** Read: T [c]. */
  spread: Memory
  n: number
  c: number
  s: number
  training: boolean
  eps: number
}
export function batchNormBackward(op: typeof OP.batch_norm_backward, info: DTypeInfo, a: BatchNormBackwardArgs): void {
  const p = head(op, info.code, info.code, 21)
  denseOrNone(p, a.dx, info)
  denseOrNone(p + 2, a.dw, info)
  denseOrNone(p + 4, a.db, info)
  dense(p + 6, a.dy, info)
  dense(p + 8, a.x, info)
  denseOrNone(p + 10, a.weight, info)
  dense(p + 12, a.mean, info)
  dense(p + 14, a.spread, info)
  f64[p + 16] = a.n
  f64[p + 17] = a.c
  f64[p + 18] = a.s
  f64[p + 19] = a.training ? 1 : 0
  f64[p + 20] = a.eps
}

/** What a command of layer_norm carries. */
export interface LayerNormArgs {
  /** Written: T [rows, columns]. */
  y: Memory
  /** Read: T [rows, columns]. */
  x: Memory
  /** Read: T [columns]. */
  weight: Memory | null
  /** Read: T [columns]. */
  bias: Memory | null
  /** Written: T [rows]. */
  mean: Memory | null
  /** Written: T [rows]. */
  rstd: Memory | null
  rows: number
  columns: number
  eps: number
}
export function layerNorm(op: typeof OP.layer_norm, info: DTypeInfo, a: LayerNormArgs): void {
  const p = head(op, info.code, info.code, 15)
  dense(p, a.y, info)
  dense(p + 2, a.x, info)
  denseOrNone(p + 4, a.weight, info)
  denseOrNone(p + 6, a.bias, info)
  denseOrNone(p + 8, a.mean, info)
  denseOrNone(p + 10, a.rstd, info)
  f64[p + 12] = a.rows
  f64[p + 13] = a.columns
  f64[p + 14] = a.eps
}

/** What a command of layer_norm_backward carries. */
export interface LayerNormBackwardArgs {
  /** Written: T [rows, columns]. */
  dx: Memory | null
  /** Written: T [columns]. */
  dw: Memory | null
  /** Written: T [columns]. */
  db: Memory | null
  /** Read: T [rows, columns]. */
  dy: Memory
  /** Read: T [rows, columns]. */
  x: Memory
  /** Read: T [columns]. */
  weight: Memory | null
  /** Read: T [rows]. */
  mean: Memory
  /** Read: T [rows]. */
  rstd: Memory
  rows: number
  columns: number
}
export function layerNormBackward(op: typeof OP.layer_norm_backward, info: DTypeInfo, a: LayerNormBackwardArgs): void {
  const p = head(op, info.code, info.code, 18)
  denseOrNone(p, a.dx, info)
  denseOrNone(p + 2, a.dw, info)
  denseOrNone(p + 4, a.db, info)
  dense(p + 6, a.dy, info)
  dense(p + 8, a.x, info)
  denseOrNone(p + 10, a.weight, info)
  dense(p + 12, a.mean, info)
  dense(p + 14, a.rstd, info)
  f64[p + 16] = a.rows
  f64[p + 17] = a.columns
}

/** What a command of group_norm carries. */
export interface GroupNormArgs {
  /** Written: T [n, c, s]. */
  y: Memory
  /** Read: T [n, c, s]. */
  x: Memory
  /** Read: T [c]. */
  weight: Memory | null
  /** Read: T [c]. */
  bias: Memory | null
  /** Written: T [n, groups]. */
  mean: Memory | null
  /** Written: T [n, groups]. */
  rstd: Memory | null
  n: number
  c: number
  s: number
  groups: number
  eps: number
}
export function groupNorm(op: typeof OP.group_norm, info: DTypeInfo, a: GroupNormArgs): void {
  const p = head(op, info.code, info.code, 17)
  dense(p, a.y, info)
  dense(p + 2, a.x, info)
  denseOrNone(p + 4, a.weight, info)
  denseOrNone(p + 6, a.bias, info)
  denseOrNone(p + 8, a.mean, info)
  denseOrNone(p + 10, a.rstd, info)
  f64[p + 12] = a.n
  f64[p + 13] = a.c
  f64[p + 14] = a.s
  f64[p + 15] = a.groups
  f64[p + 16] = a.eps
}

/** What a command of group_norm_backward carries. */
export interface GroupNormBackwardArgs {
  /** Written: T [n, c, s]. */
  dx: Memory | null
  /** Written: T [c]. */
  dw: Memory | null
  /** Written: T [c]. */
  db: Memory | null
  /** Read: T [n, c, s]. */
  dy: Memory
  /** Read: T [n, c, s]. */
  x: Memory
  /** Read: T [c]. */
  weight: Memory | null
  /** Read: T [n, groups]. */
  mean: Memory
  /** Read: T [n, groups]. */
  rstd: Memory
  n: number
  c: number
  s: number
  groups: number
}
export function groupNormBackward(op: typeof OP.group_norm_backward, info: DTypeInfo, a: GroupNormBackwardArgs): void {
  const p = head(op, info.code, info.code, 20)
  denseOrNone(p, a.dx, info)
  denseOrNone(p + 2, a.dw, info)
  denseOrNone(p + 4, a.db, info)
  dense(p + 6, a.dy, info)
  dense(p + 8, a.x, info)
  denseOrNone(p + 10, a.weight, info)
  dense(p + 12, a.mean, info)
  dense(p + 14, a.rstd, info)
  f64[p + 16] = a.n
  f64[p + 17] = a.c
  f64[p + 18] = a.s
  f64[p + 19] = a.groups
}

/** One index tensor of `index`. */
export interface IndexIndex {
  /** Read: T2 {sizes: indexStrides}. */
  index: Memory
  size: number
  stride: number
  indexStrides: readonly number[]
}
/** What a command of index carries. */
export interface IndexArgs {
  /** Written: T {sizes: outStrides}. */
  out: Memory
  /** Read: T {sizes: strides} and what indices reach. */
  a: Memory
  wrap: boolean
  sizes: readonly number[]
  outStrides: readonly number[]
  strides: readonly number[]
  indices: readonly IndexIndex[]
}
export function index(op: typeof OP.index, info: DTypeInfo, info2: DTypeInfo, a: IndexArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info2.code, 7 + 3 * ndim + a.indices.length * (4 + ndim))
  strided(p, a.out, info)
  strided(p + 2, a.a, info)
  f64[p + 4] = a.wrap ? 1 : 0
  f64[p + 5] = ndim
  f64[p + 6] = a.indices.length
  vector(p + 7, a.sizes, ndim)
  vector(p + 7 + ndim, a.outStrides, ndim)
  vector(p + 7 + 2 * ndim, a.strides, ndim)
  let q = p + 7 + 3 * ndim
  for (const x of a.indices) {
    strided(q, x.index, info2)
    f64[q + 2] = x.size
    f64[q + 3] = x.stride
    vector(q + 4, x.indexStrides, ndim)
    q += 4 + ndim
  }
}

/** One index tensor of `indexPut`. */
export interface IndexPutIndex {
  /** Read: T2 {sizes: indexStrides}. */
  index: Memory
  size: number
  stride: number
  indexStrides: readonly number[]
}
/** What a command of index_put carries. */
export interface IndexPutArgs {
  /** Read and written: T {sizes: strides} and what indices reach. */
  self: Memory
  /** Read: T {sizes: valueStrides}. */
  values: Memory
  wrap: boolean
  mode: number
  alpha: number
  skip: number
  sizes: readonly number[]
  strides: readonly number[]
  valueStrides: readonly number[]
  indices: readonly IndexPutIndex[]
}
export function indexPut(op: typeof OP.index_put, info: DTypeInfo, info2: DTypeInfo, a: IndexPutArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info2.code, 10 + 3 * ndim + a.indices.length * (4 + ndim))
  strided(p, a.self, info)
  strided(p + 2, a.values, info)
  f64[p + 4] = a.wrap ? 1 : 0
  f64[p + 5] = a.mode
  f64[p + 6] = a.alpha
  f64[p + 7] = a.skip
  f64[p + 8] = ndim
  f64[p + 9] = a.indices.length
  vector(p + 10, a.sizes, ndim)
  vector(p + 10 + ndim, a.strides, ndim)
  vector(p + 10 + 2 * ndim, a.valueStrides, ndim)
  let q = p + 10 + 3 * ndim
  for (const x of a.indices) {
    strided(q, x.index, info2)
    f64[q + 2] = x.size
    f64[q + 3] = x.stride
    vector(q + 4, x.indexStrides, ndim)
    q += 4 + ndim
  }
}

/** What a command of nonzero carries. */
export interface NonzeroArgs {
  /** Written: i64 [capacity, ndim]. */
  out: Memory
  /** Read: T {sizes: strides}. */
  a: Memory
  capacity: number
  sizes: readonly number[]
  strides: readonly number[]
}
export function nonzero(op: typeof OP.nonzero, info: DTypeInfo, a: NonzeroArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 6 + 2 * ndim)
  dense(p, a.out, DTYPES.int64)
  strided(p + 2, a.a, info)
  f64[p + 4] = a.capacity
  f64[p + 5] = ndim
  vector(p + 6, a.sizes, ndim)
  vector(p + 6 + ndim, a.strides, ndim)
}

/** What a command of masked_select carries. */
export interface MaskedSelectArgs {
  /** Written: T [capacity]. */
  out: Memory
  /** Read: T {sizes: strides}. */
  a: Memory
  /** Read: bool {sizes: maskStrides}. */
  mask: Memory
  capacity: number
  sizes: readonly number[]
  strides: readonly number[]
  maskStrides: readonly number[]
}
export function maskedSelect(op: typeof OP.masked_select, info: DTypeInfo, a: MaskedSelectArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 8 + 3 * ndim)
  dense(p, a.out, info)
  strided(p + 2, a.a, info)
  strided(p + 4, a.mask, DTYPES.bool)
  f64[p + 6] = a.capacity
  f64[p + 7] = ndim
  vector(p + 8, a.sizes, ndim)
  vector(p + 8 + ndim, a.strides, ndim)
  vector(p + 8 + 2 * ndim, a.maskStrides, ndim)
}

/** What a command of masked_scatter carries. */
export interface MaskedScatterArgs {
  /** Read and written: T {sizes: strides}. */
  self: Memory
  /** Read: bool {sizes: maskStrides}. */
  mask: Memory
  /** Read: T [length]. */
  source: Memory
  length: number
  sizes: readonly number[]
  strides: readonly number[]
  maskStrides: readonly number[]
}
export function maskedScatter(op: typeof OP.masked_scatter, info: DTypeInfo, a: MaskedScatterArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 8 + 3 * ndim)
  strided(p, a.self, info)
  strided(p + 2, a.mask, DTYPES.bool)
  dense(p + 4, a.source, info)
  f64[p + 6] = a.length
  f64[p + 7] = ndim
  vector(p + 8, a.sizes, ndim)
  vector(p + 8 + ndim, a.strides, ndim)
  vector(p + 8 + 2 * ndim, a.maskStrides, ndim)
}

/** What a command of triangle carries. */
export interface TriangleArgs {
  /** Written: T {sizes: outStrides}. */
  out: Memory
  /** Read: T {sizes: strides}. */
  a: Memory
  diagonal: number
  upper: boolean
  sizes: readonly number[]
  outStrides: readonly number[]
  strides: readonly number[]
}
export function triangle(op: typeof OP.triangle, info: DTypeInfo, a: TriangleArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 7 + 3 * ndim)
  strided(p, a.out, info)
  strided(p + 2, a.a, info)
  f64[p + 4] = a.diagonal
  f64[p + 5] = a.upper ? 1 : 0
  f64[p + 6] = ndim
  vector(p + 7, a.sizes, ndim)
  vector(p + 7 + ndim, a.outStrides, ndim)
  vector(p + 7 + 2 * ndim, a.strides, ndim)
}

/** What a command of searchsorted carries. */
export interface SearchsortedArgs {
  /** Written: T2 [rows, n]. */
  out: Memory
  /** Read: T [rows, n]. */
  values: Memory
  /** Read: T {rows: rowStep, m: 1}. */
  boundaries: Memory
  /** Read: i64 {rows: rowStep, m: 1}. */
  sorter: Memory | null
  rows: number
  n: number
  m: number
  rowStep: number
  right: boolean
}
export function searchsorted(op: typeof OP.searchsorted, info: DTypeInfo, info2: DTypeInfo, a: SearchsortedArgs): void {
  const p = head(op, info.code, info2.code, 13)
  dense(p, a.out, info2)
  dense(p + 2, a.values, info)
  strided(p + 4, a.boundaries, info)
  stridedOrNone(p + 6, a.sorter, DTYPES.int64)
  f64[p + 8] = a.rows
  f64[p + 9] = a.n
  f64[p + 10] = a.m
  f64[p + 11] = a.rowStep
  f64[p + 12] = a.right ? 1 : 0
}

/** What a command of sort carries. */
export interface SortArgs {
  /** Written: T {sizes: outStrides}. */
  values: Memory | null
  /** Written: i64 {sizes: outStrides}. */
  indices: Memory | null
  /** Read: T {sizes: strides}. */
  a: Memory
  dim: number
  descending: boolean
  sizes: readonly number[]
  outStrides: readonly number[]
  strides: readonly number[]
}
export function sort(op: typeof OP.sort, info: DTypeInfo, a: SortArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 9 + 3 * ndim)
  stridedOrNone(p, a.values, info)
  stridedOrNone(p + 2, a.indices, DTYPES.int64)
  strided(p + 4, a.a, info)
  f64[p + 6] = a.dim
  f64[p + 7] = a.descending ? 1 : 0
  f64[p + 8] = ndim
  vector(p + 9, a.sizes, ndim)
  vector(p + 9 + ndim, a.outStrides, ndim)
  vector(p + 9 + 2 * ndim, a.strides, ndim)
}

/** What a command of topk carries. */
export interface TopkArgs {
  /** Written: T {sizes (dim: k): outStrides}. */
  values: Memory | null
  /** Written: i64 {sizes (dim: k): outStrides}. */
  indices: Memory | null
  /** Read: T {sizes: strides}. */
  a: Memory
  dim: number
  k: number
  largest: boolean
  sizes: readonly number[]
  outStrides: readonly number[]
  strides: readonly number[]
}
export function topk(op: typeof OP.topk, info: DTypeInfo, a: TopkArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 10 + 3 * ndim)
  stridedOrNone(p, a.values, info)
  stridedOrNone(p + 2, a.indices, DTYPES.int64)
  strided(p + 4, a.a, info)
  f64[p + 6] = a.dim
  f64[p + 7] = a.k
  f64[p + 8] = a.largest ? 1 : 0
  f64[p + 9] = ndim
  vector(p + 10, a.sizes, ndim)
  vector(p + 10 + ndim, a.outStrides, ndim)
  vector(p + 10 + 2 * ndim, a.strides, ndim)
}

/** What a command of unique carries. */
export interface UniqueArgs {
  /** Written: i64 [n]. */
  firsts: Memory
  /** Written: i64 [n]. */
  inverse: Memory | null
  /** Written: i64 [n]. */
  counts: Memory | null
  /** Written: i64 [1]. */
  groups: Memory
  /** Read: T [n, width]. */
  a: Memory
  n: number
  width: number
  sorted: boolean
}
export function unique(op: typeof OP.unique, info: DTypeInfo, a: UniqueArgs): void {
  const p = head(op, info.code, info.code, 13)
  dense(p, a.firsts, DTYPES.int64)
  denseOrNone(p + 2, a.inverse, DTYPES.int64)
  denseOrNone(p + 4, a.counts, DTYPES.int64)
  dense(p + 6, a.groups, DTYPES.int64)
  dense(p + 8, a.a, info)
  f64[p + 10] = a.n
  f64[p + 11] = a.width
  f64[p + 12] = a.sorted ? 1 : 0
}

/** What a command of mode carries. */
export interface ModeArgs {
  /** Written: i64 {sizes: outStrides}. */
  indices: Memory
  /** Read: T {sizes: strides}. */
  a: Memory
  dim: number
  sizes: readonly number[]
  outStrides: readonly number[]
  strides: readonly number[]
}
export function mode(op: typeof OP.mode, info: DTypeInfo, a: ModeArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 6 + 3 * ndim)
  strided(p, a.indices, DTYPES.int64)
  strided(p + 2, a.a, info)
  f64[p + 4] = a.dim
  f64[p + 5] = ndim
  vector(p + 6, a.sizes, ndim)
  vector(p + 6 + ndim, a.outStrides, ndim)
  vector(p + 6 + 2 * ndim, a.strides, ndim)
}

/** What a command of repeat_interleave carries. */
export interface RepeatInterleaveArgs {
  /** Written: i64 [total]. */
  out: Memory
  /** Read: T {n: step}. */
  counts: Memory
  n: number
  step: number
  total: number
}
export function repeatInterleave(op: typeof OP.repeat_interleave, info: DTypeInfo, a: RepeatInterleaveArgs): void {
  const p = head(op, info.code, info.code, 7)
  dense(p, a.out, DTYPES.int64)
  strided(p + 2, a.counts, info)
  f64[p + 4] = a.n
  f64[p + 5] = a.step
  f64[p + 6] = a.total
}

/** What a command of check_range carries. */
export interface CheckRangeArgs {
  /** Read: T {sizes: strides}. */
  a: Memory
  low: number
  high: number
  nan: boolean
  sizes: readonly number[]
  strides: readonly number[]
}
export function checkRange(op: typeof OP.check_range, info: DTypeInfo, a: CheckRangeArgs): void {
  const ndim = a.sizes.length
  const p = head(op, info.code, info.code, 6 + 2 * ndim)
  strided(p, a.a, info)
  f64[p + 2] = a.low
  f64[p + 3] = a.high
  f64[p + 4] = a.nan ? 1 : 0
  f64[p + 5] = ndim
  vector(p + 6, a.sizes, ndim)
  vector(p + 6 + ndim, a.strides, ndim)
}

/** What a command of generator_seed carries. */
export interface GeneratorSeedArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  seed: bigint
}
export function generatorSeed(op: typeof OP.generator_seed, info: DTypeInfo, a: GeneratorSeedArgs): void {
  const p = head(op, info.code, info.code, 3)
  generator(p, a.state)
  i64[p + 2] = BigInt.asIntN(64, a.seed)
}

/** What a command of random_uniform carries. */
export interface RandomUniformArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  n: number
  from: number
  to: number
}
export function randomUniform(op: typeof OP.random_uniform, info: DTypeInfo, a: RandomUniformArgs): void {
  const p = head(op, info.code, info.code, 7)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  f64[p + 4] = a.n
  f64[p + 5] = a.from
  f64[p + 6] = a.to
}

/** What a command of random_normal carries. */
export interface RandomNormalArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  n: number
  mean: number
  std: number
  grouped: boolean
}
export function randomNormal(op: typeof OP.random_normal, info: DTypeInfo, a: RandomNormalArgs): void {
  const p = head(op, info.code, info.code, 8)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  f64[p + 4] = a.n
  f64[p + 5] = a.mean
  f64[p + 6] = a.std
  f64[p + 7] = a.grouped ? 1 : 0
}

/** What a command of random_log_normal carries. */
export interface RandomLogNormalArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  n: number
  mean: number
  std: number
}
export function randomLogNormal(op: typeof OP.random_log_normal, info: DTypeInfo, a: RandomLogNormalArgs): void {
  const p = head(op, info.code, info.code, 7)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  f64[p + 4] = a.n
  f64[p + 5] = a.mean
  f64[p + 6] = a.std
}

/** What a command of random_exponential carries. */
export interface RandomRateArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  n: number
  rate: number
}
export function randomRate(op: typeof OP.random_exponential, info: DTypeInfo, a: RandomRateArgs): void {
  const p = head(op, info.code, info.code, 6)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  f64[p + 4] = a.n
  f64[p + 5] = a.rate
}

/** What a command of random_cauchy carries. */
export interface RandomCauchyArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  n: number
  median: number
  sigma: number
}
export function randomCauchy(op: typeof OP.random_cauchy, info: DTypeInfo, a: RandomCauchyArgs): void {
  const p = head(op, info.code, info.code, 7)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  f64[p + 4] = a.n
  f64[p + 5] = a.median
  f64[p + 6] = a.sigma
}

/** What a command of random_from_to carries. */
export interface RandomFromToArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  n: number
  base: bigint
  range: bigint
}
export function randomFromTo(op: typeof OP.random_from_to, info: DTypeInfo, a: RandomFromToArgs): void {
  const p = head(op, info.code, info.code, 7)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  f64[p + 4] = a.n
  i64[p + 5] = BigInt.asIntN(64, a.base)
  i64[p + 6] = BigInt.asIntN(64, a.range)
}

/** What a command of random_int carries. */
export interface RandomIntArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  n: number
}
export function randomInt(op: typeof OP.random_int, info: DTypeInfo, a: RandomIntArgs): void {
  const p = head(op, info.code, info.code, 5)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  f64[p + 4] = a.n
}

/** What a command of random_perm carries. */
export interface RandomPermArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: i64 [n]. */
  out: Memory
  n: number
}
export function randomPerm(op: typeof OP.random_perm, info: DTypeInfo, a: RandomPermArgs): void {
  const p = head(op, info.code, info.code, 5)
  generator(p, a.state)
  dense(p + 2, a.out, DTYPES.int64)
  f64[p + 4] = a.n
}

/** What a command of random_geometric, random_bernoulli carries. */
export interface RandomProbabilityArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  n: number
  p: number
}
export function randomProbability(
  op: typeof OP.random_geometric | typeof OP.random_bernoulli,
  info: DTypeInfo,
  a: RandomProbabilityArgs,
): void {
  const p = head(op, info.code, info.code, 6)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  f64[p + 4] = a.n
  f64[p + 5] = a.p
}

/** What a command of random_bernoulli_tensor carries. */
export interface RandomBernoulliTensorArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  /** Read: T2 [n]. */
  probabilities: Memory
  n: number
}
export function randomBernoulliTensor(
  op: typeof OP.random_bernoulli_tensor,
  info: DTypeInfo,
  info2: DTypeInfo,
  a: RandomBernoulliTensorArgs,
): void {
  const p = head(op, info.code, info2.code, 7)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  dense(p + 4, a.probabilities, info2)
  f64[p + 6] = a.n
}

/** What a command of random_dropout carries. */
export interface RandomDropoutArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  noise: Memory
  /** Written: T [n]. */
  out: Memory | null
  /** Read: T [n]. */
  a: Memory | null
  n: number
  p: number
}
export function randomDropout(op: typeof OP.random_dropout, info: DTypeInfo, a: RandomDropoutArgs): void {
  const p = head(op, info.code, info.code, 10)
  generator(p, a.state)
  dense(p + 2, a.noise, info)
  denseOrNone(p + 4, a.out, info)
  denseOrNone(p + 6, a.a, info)
  f64[p + 8] = a.n
  f64[p + 9] = a.p
}

/** What a command of random_multinomial carries. */
export interface RandomMultinomialArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: i64 [rows, samples]. */
  out: Memory
  /** Read: T [rows, categories]. */
  probabilities: Memory
  rows: number
  categories: number
  samples: number
}
export function randomMultinomial(op: typeof OP.random_multinomial, info: DTypeInfo, a: RandomMultinomialArgs): void {
  const p = head(op, info.code, info.code, 9)
  generator(p, a.state)
  dense(p + 2, a.out, DTYPES.int64)
  dense(p + 4, a.probabilities, info)
  f64[p + 6] = a.rows
  f64[p + 7] = a.categories
  f64[p + 8] = a.samples
}

/** What a command of random_poisson carries. */
export interface RandomPoissonArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  /** Read: T [n]. */
  rates: Memory
  n: number
}
export function randomPoisson(op: typeof OP.random_poisson, info: DTypeInfo, a: RandomPoissonArgs): void {
  const p = head(op, info.code, info.code, 7)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  dense(p + 4, a.rates, info)
  f64[p + 6] = a.n
}

/** What a command of random_binomial carries. */
export interface RandomBinomialArgs {
  /** Read and written: generator [1]. */
  state: GeneratorMemory
  /** Written: T [n]. */
  out: Memory
  /** Read: T [n]. */
  counts: Memory
  /** Read: T [n]. */
  probabilities: Memory
  n: number
}
export function randomBinomial(op: typeof OP.random_binomial, info: DTypeInfo, a: RandomBinomialArgs): void {
  const p = head(op, info.code, info.code, 9)
  generator(p, a.state)
  dense(p + 2, a.out, info)
  dense(p + 4, a.counts, info)
  dense(p + 6, a.probabilities, info)
  f64[p + 8] = a.n
}

/** What a command of sgd_step carries. */
export interface SgdStepArgs {
  /** Read and written: T [n]. */
  param: Memory
  /** Read: T [n]. */
  grad: Memory
  /** Read and written: T [n]. */
  buffer: Memory | null
  n: number
  lr: number
  momentum: number
  dampening: number
  weightDecay: number
  nesterov: boolean
  maximize: boolean
  first: boolean
}
export function sgdStep(op: typeof OP.sgd_step, info: DTypeInfo, a: SgdStepArgs): void {
  const p = head(op, info.code, info.code, 14)
  dense(p, a.param, info)
  dense(p + 2, a.grad, info)
  denseOrNone(p + 4, a.buffer, info)
  f64[p + 6] = a.n
  f64[p + 7] = a.lr
  f64[p + 8] = a.momentum
  f64[p + 9] = a.dampening
  f64[p + 10] = a.weightDecay
  f64[p + 11] = a.nesterov ? 1 : 0
  f64[p + 12] = a.maximize ? 1 : 0
  f64[p + 13] = a.first ? 1 : 0
}

/** What a command of adam_step carries. */
export interface AdamStepArgs {
  /** Read and written: T [n]. */
  param: Memory
  /** Read: T [n]. */
  grad: Memory
  /** Read and written: T [n]. */
  expAvg: Memory
  /** Read and written: T [n]. */
  expAvgSq: Memory
  /** Read and written: T [n]. */
  maxExpAvgSq: Memory | null
  n: number
  lr: number
  beta1: number
  beta2: number
  eps: number
  weightDecay: number
  decoupled: boolean
  maximize: boolean
  step: number
}
export function adamStep(op: typeof OP.adam_step, info: DTypeInfo, a: AdamStepArgs): void {
  const p = head(op, info.code, info.code, 19)
  dense(p, a.param, info)
  dense(p + 2, a.grad, info)
  dense(p + 4, a.expAvg, info)
  dense(p + 6, a.expAvgSq, info)
  denseOrNone(p + 8, a.maxExpAvgSq, info)
  f64[p + 10] = a.n
  f64[p + 11] = a.lr
  f64[p + 12] = a.beta1
  f64[p + 13] = a.beta2
  f64[p + 14] = a.eps
  f64[p + 15] = a.weightDecay
  f64[p + 16] = a.decoupled ? 1 : 0
  f64[p + 17] = a.maximize ? 1 : 0
  f64[p + 18] = a.step
}

/** What a command of lstm_cell carries. */
export interface LstmCellArgs {
  /** Read and written: T [rows, 4 * h]. */
  gates: Memory
  /** Read: T [rows, h]. */
  before: Memory
  /** Written: T [rows, h]. */
  cell: Memory
  /** Written: T [rows, h]. */
  hidden: Memory
  rows: number
  h: number
}
export function lstmCell(op: typeof OP.lstm_cell, info: DTypeInfo, a: LstmCellArgs): void {
  const p = head(op, info.code, info.code, 10)
  dense(p, a.gates, info)
  dense(p + 2, a.before, info)
  dense(p + 4, a.cell, info)
  dense(p + 6, a.hidden, info)
  f64[p + 8] = a.rows
  f64[p + 9] = a.h
}

/** What a command of lstm_cell_backward carries. */
export interface LstmCellBackwardArgs {
  /** Written: T [rows, 4 * h]. */
  dGates: Memory
  /** Read: T [rows, 4 * h]. */
  gates: Memory
  /** Read: T [rows, h]. */
  before: Memory
  /** Read: T [rows, h]. */
  cell: Memory
  /** Read: T [rows, h]. */
  dHidden: Memory
  /** Read: T [rows, h]. */
  dCell: Memory | null
  /** Written: T [rows, h]. */
  dBefore: Memory
  rows: number
  h: number
}
export function lstmCellBackward(op: typeof OP.lstm_cell_backward, info: DTypeInfo, a: LstmCellBackwardArgs): void {
  const p = head(op, info.code, info.code, 16)
  dense(p, a.dGates, info)
  dense(p + 2, a.gates, info)
  dense(p + 4, a.before, info)
  dense(p + 6, a.cell, info)
  dense(p + 8, a.dHidden, info)
  denseOrNone(p + 10, a.dCell, info)
  dense(p + 12, a.dBefore, info)
  f64[p + 14] = a.rows
  f64[p + 15] = a.h
}

/** What a command of gru_cell carries. */
export interface GruCellArgs {
  /** Read and written: T [rows, 3 * h]. */
  gates: Memory
  /** Read: T [rows, 3 * h]. */
  stateGates: Memory
  /** Written: T [rows, h]. */
  kept: Memory
  /** Read: T [rows, h]. */
  before: Memory
  /** Written: T [rows, h]. */
  hidden: Memory
  rows: number
  h: number
}
export function gruCell(op: typeof OP.gru_cell, info: DTypeInfo, a: GruCellArgs): void {
  const p = head(op, info.code, info.code, 12)
  dense(p, a.gates, info)
  dense(p + 2, a.stateGates, info)
  dense(p + 4, a.kept, info)
  dense(p + 6, a.before, info)
  dense(p + 8, a.hidden, info)
  f64[p + 10] = a.rows
  f64[p + 11] = a.h
}

/** What a command of gru_cell_backward carries. */
export interface GruCellBackwardArgs {
  /** Written: T [rows, 3 * h]. */
  dGates: Memory
  /** Written: T [rows, 3 * h]. */
  dStateGates: Memory
  /** Read: T [rows, 3 * h]. */
  gates: Memory
  /** Read: T [rows, h]. */
  kept: Memory
  /** Read: T [rows, h]. */
  before: Memory
  /** Read: T [rows, h]. */
  dHidden: Memory
  /** Read and written: T [rows, h]. */
  dBefore: Memory
  rows: number
  h: number
}
export function gruCellBackward(op: typeof OP.gru_cell_backward, info: DTypeInfo, a: GruCellBackwardArgs): void {
  const p = head(op, info.code, info.code, 16)
  dense(p, a.dGates, info)
  dense(p + 2, a.dStateGates, info)
  dense(p + 4, a.gates, info)
  dense(p + 6, a.kept, info)
  dense(p + 8, a.before, info)
  dense(p + 10, a.dHidden, info)
  dense(p + 12, a.dBefore, info)
  f64[p + 14] = a.rows
  f64[p + 15] = a.h
}
