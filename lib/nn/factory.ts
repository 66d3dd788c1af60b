/** In what dtype, and where, a layer makes its parameters and buffers: PyTorch's `factory_kwargs`. */
import { expectDevice, expectDType } from '../check/arguments'
import { emptyOf } from '../ops/define/results'
import { type DType, type DTypeInfo, DTYPES, getDefaultDtype } from '../runtime/dtype'
import type { Device } from '../tensor/tensor'
import { Parameter } from './parameter'

/** Options of every layer that has parameters or buffers. */
export interface FactoryOptions {
  /** Where they are: 'cpu', the only place there is. */
  device?: Device | null
  /** Of parameters and floating buffers, a floating dtype. Default: the default dtype at the time the layer is made. */
  dtype?: DType | null
}
/** Their names, in PyTorch's order. */
export const FACTORY = ['device', 'dtype'] as const

/** What makes the tensors of one layer. */
export interface Factory {
  /** The dtype of what it makes. */
  readonly info: DTypeInfo
  /** The same for the layers of which this one is made. */
  readonly options: FactoryOptions
  /** A parameter of values that nobody has set. @throws AutogradError where the dtype is not floating */
  parameter(...sizes: number[]): Parameter
}

/** @throws ArgumentError for what is no dtype, and for any device but 'cpu' */
export function factoryOf(op: string, { device, dtype }: FactoryOptions): Factory {
  if (device != null) expectDevice(op, device)
  if (dtype != null) expectDType(op, dtype)
  const info = DTYPES[dtype ?? getDefaultDtype()]
  return { info, options: { dtype: info.name }, parameter: (...sizes) => new Parameter(emptyOf(sizes, info)) }
}
