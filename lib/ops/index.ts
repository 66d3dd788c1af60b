/** All operations as free functions; importing this makes them methods too. */
export type { BinaryOp, OutOption, Predicate, UnaryOp } from './define/elementwise'
export * from './tensor/conversion'
export * from './tensor/create'
export * from './tensor/fill'
export * from './tensor/flips'
export * from './tensor/joining'
export * from './tensor/promotion'
export { isComplex, isNonzero, isreal, isSameSize, isSigned } from './tensor/questions'
export {
  allclose,
  type CloseOptions,
  equal,
  isclose,
  isFloatingPoint,
  item,
  type Nested,
  numel,
  toArray,
  tolist,
  toTypedArray,
} from './tensor/read'
export * from './tensor/reshape-in-place'
export { resizeAs_ } from './tensor/resize'
export * from './tensor/splitting'
export * from './tensor/stacking'
export * from './tensor/triangles'
export * from './tensor/view-scatter'
export * from './tensor/views'
export * from './elementwise/binary'
export * from './elementwise/composed'
export { i0, igamma, igammac, mvlgamma, polygamma } from './elementwise/gamma'
export * from './elementwise/pointwise'
export * from './elementwise/ternary'
export * from './reduce/cumulative'
export * from './reduce/extremes'
export * from './reduce/norms'
export {
  all,
  any,
  countNonzero,
  type DimOptions,
  mean,
  nanmean,
  nansum,
  prod,
  type ProdOptions,
  type ReduceOptions,
  sum,
  sumToSize,
  type ValuesIndices,
} from './reduce/reduce'
export { logSoftmax, softmax, softmin, type SoftmaxDim, type SoftmaxOptions } from './reduce/softmax'
export * from './reduce/spread'
export * as linalg from './linalg/linalg'
export * from './linalg/matmul'
export * from './linalg/products'
export { corrcoef, cov, type CovOptions } from './linalg/statistics'
export { combinations, type CombinationsOptions } from './indexing/combinations'
export * from './indexing/counting'
export { type AccumulateOptions, put, put_, take } from './indexing/flat'
export {
  gather,
  type ReduceMode,
  scatter,
  scatter_,
  scatterAdd,
  scatterAdd_,
  type ScatterOptions,
  scatterReduce,
  scatterReduce_,
  type ScatterReduceOptions,
  takeAlongDim,
} from './indexing/gather'
export * from './indexing/index-select'
export { repeatInterleave, type RepeatInterleaveOptions } from './indexing/repeat-interleave'
export { at, index, indexPut, indexPut_, type Index, set, Slice, slice } from './indexing/indexing'
export * from './indexing/masks'
export { argsort, kthvalue, msort, sort, type SortOptions, topk, type TopkOptions } from './indexing/order'
export * from './indexing/quantiles'
export {
  type TriangleIndicesOptions,
  trilIndices,
  triuIndices,
} from './indexing/triangle-indices'
export * from './indexing/unique'
export {
  defaultGenerator,
  Generator,
  type GeneratorOption,
  getRngState,
  initialSeed,
  manualSeed,
  seed,
  setRngState,
} from './random/generator'
export type { RandomOptions } from './random/shared'
export { forkRng, type ForkRngOptions } from './random/fork'
export * from './random/creation'
export {
  bernoulli_,
  type BernoulliFillOptions,
  cauchy_,
  type CauchyOptions,
  exponential_,
  type ExponentialOptions,
  geometric_,
  logNormal_,
  normal_,
  type NormalFillOptions,
  random_,
  type RandomFill,
  uniform_,
  type UniformFillOptions,
} from './random/in-place'
export * from './random/sampling'
export { hardshrink, prelu } from './nn/activation'
export * as special from './special'
import './install'
