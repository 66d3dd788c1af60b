/** Modules, layers, losses and what belongs to them. */
export * from './containers'
export {
  type ForwardHook,
  type ForwardPreHook,
  type IncompatibleKeys,
  type Layer,
  type LoadStateDictOptions,
  Module,
  type NamedOptions,
  type RegisterBufferOptions,
} from './module'
export { isParameter, Parameter, type ParameterOptions } from './parameter'
export { type ModuleMetadata, StateDict } from './state-dict'
export * from './layers'
export * as functional from './functional'
export * as init from './init'
export * as utils from './utils'
