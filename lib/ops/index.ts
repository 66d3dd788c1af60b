/** All operations as free functions; importing this makes them methods too. */
export * from './arrange'
export * from './binary'
export * from './copies'
export * from './create'
export * from './cumulative'
export { i0, igamma, igammac, mvlgamma, polygamma } from './gamma'
export * from './gather'
export {
  defaultGenerator,
  Generator,
  type GeneratorOption,
  getRngState,
  initialSeed,
  manualSeed,
  seed,
  setRngState,
} from './generator'
export { at, index, indexPut, indexPut_, type Index, set, Slice, slice } from './indexing'
export * from './joining'
export * from './masks'
export * from './matmul'
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
export * from './order'
export * from './pointwise'
export * from './products'
export * from './random'
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
} from './read'
export * from './reduce'
export * from './reshape-in-place'
export * from './sampling'
export * from './softmax'
export * from './special'
export * from './ternary'
export * from './triangles'
export * from './views'
export type { AddOp } from './binary'
export type { BinaryOp, OutOption, Predicate, UnaryOp } from './define/elementwise'
import './install'
