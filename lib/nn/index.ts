/** Modules, layers, losses and what belongs to them. */
import { notePublic } from '../check/class-names'
import * as containers from './containers'
import * as layers from './layers'

for (const namespace of [containers, layers]) notePublic(namespace)

export * from './containers'
export type { FactoryOptions } from './factory'
export {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardHookOptions,
  type ForwardPreHook,
  type Gradients,
  type HookOptions,
  registerModuleForwardHook,
  registerModuleForwardPreHook,
  registerModuleFullBackwardHook,
  registerModuleFullBackwardPreHook,
} from './hooks'
export {
  type Layer,
  Module,
  type NamedModulesOptions,
  type NamedOptions,
  type RegisterBufferOptions,
  type ToOptions,
} from './module'
export { Buffer, type BufferOptions, isParameter, Parameter, type ParameterOptions } from './parameter'
export {
  type IncompatibleKeys,
  type LoadStateDictOptions,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  type LocalMetadata,
  type ModuleMetadata,
  StateDict,
  type StateDictOptions,
  type StateDictPostHook,
  type StateDictPreHook,
} from './state-dict'
export {
  type MaterializeOptions,
  UninitializedBuffer,
  type UninitializedOptions,
  UninitializedParameter,
} from './uninitialized'
export * from './layers'
export * as functional from './functional'
export * as init from './init'
export * as utils from './utils'
