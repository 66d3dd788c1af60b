// (For `Disposable` and `Symbol.dispose`, which not every `lib` setting has.)
/// <reference lib="esnext.disposable" preserve="true" />
/** Tenzo: PyTorch's programming model for Node.js. */

export * as autograd from './derivatives'
export {
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
} from './autograd/mode'
export * from './errors'
export * as func from './func'
export * from './io'
export * as nn from './nn'
export { deepCopy } from './nn/copy'
export * from './ops'
export * as optim from './optim'
export { type DType, getDefaultDtype, type Scalar, type TypedArray } from './runtime/dtype'
export { emptyCache, type MemoryStats, memoryStats } from './runtime/storage'
export {
  getPrintOptions,
  type PrintOptions,
  type PrintOptionsGuard,
  type PrintOptionsInput,
  type PrintProfile,
  printOptions,
  setPrintOptions,
} from './tensor/format'
export { keep, scope } from './tensor/scope'
export { finfo, FloatInfo, iinfo, IntInfo } from './tensor/type-info'
export { type Device, isTensor, type RemovableHandle, Tensor } from './tensor/tensor'
export * as testing from './testing'
export * as utils from './utils'
export { version } from './runtime/version'
export { cpuLevel, getNumThreads, setNumThreads } from './runtime/threads'
