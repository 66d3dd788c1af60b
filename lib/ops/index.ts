/** All operations as free functions; importing this makes them methods too. */
export * from './indexing/arrange'
export * from './elementwise/binary'
export * from './tensor/copies'
export * from './tensor/create'
export * from './reduce/cumulative'
export { i0, igamma, igammac, mvlgamma, polygamma } from './elementwise/gamma'
export * from './indexing/gather'
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
export { at, index, indexPut, indexPut_, type Index, set, Slice, slice } from './indexing/indexing'
export * from './tensor/joining'
export * from './indexing/masks'
export * from './linalg/matmul'
export {
  corrcoef,
  cov,
  type CovOptions,
  frexp,
  hardshrink,
  isComplex,
  isNonzero,
  isreal,
  isSameSize,
  isSigned,
  matrixPower,
  prelu,
  resizeAs_,
} from './misc'
export * from './indexing/order'
export * from './elementwise/pointwise'
export * from './linalg/products'
export * from './random/random'
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
export * from './reduce/reduce'
export * from './tensor/reshape-in-place'
export * from './random/sampling'
export * from './reduce/softmax'
export * from './elementwise/composed'
export * as special from './special'
export * from './elementwise/ternary'
export * from './tensor/triangles'
export * from './tensor/views'
export type { AddOp } from './elementwise/binary'
export type { BinaryOp, OutOption, Predicate, UnaryOp } from './define/elementwise'
import './install'
