export { type IdxArrays, type IdxData, readIdx, readIdxAsync } from './idx'
export type { ReadOptions } from './files'
export {
  type SafeFile,
  type SafeOpenOptions,
  type SafeSlice,
  type SliceIndex,
  safeOpen,
  safeOpenAsync,
} from './safe-open'
export {
  openSafetensors,
  openSafetensorsAsync,
  type SafetensorsDType,
  type SafetensorsEntry,
  SafetensorsFile,
  type SafetensorsTensor,
  writeSafetensors,
  writeSafetensorsAsync,
} from './safetensors'
export {
  type LoadModelOptions,
  type LoadOptions,
  load,
  loadAsync,
  loadModel,
  loadModelAsync,
  type SaveOptions,
  save,
  saveAsync,
  saveModel,
  saveModelAsync,
} from './serialize'
export type { Model } from './state-file'
export type { NamedTensors } from './tensor-bytes'
