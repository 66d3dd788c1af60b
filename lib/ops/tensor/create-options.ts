/** What every function that makes a tensor shares. */
import type { DType } from '../../runtime/dtype'
import type { Device, Tensor } from '../../tensor/tensor'
import { expectBool, expectDevice, expectDType, expectNotPinned } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { bool, device, dtype, pinMemory } from '../define/params'
import { checkDifferentiable } from './create-checks'

/** Element types that can require gradients. */
export type FloatDType = 'float32' | 'float64' | 'float16' | 'bfloat16'
/** Element types that cannot. */
export type IntegralDType = Exclude<DType, FloatDType>

/** Where a new tensor is. */
export interface PlaceOptions {
  /** Always 'cpu'. */
  device?: Device | null
  /** Memory for transfers to other devices, of which there are none. Default false. */
  pinMemory?: false | null
}
/** Options of every function that makes a tensor. A tensor of integers or bools cannot require gradients. */
export type CreateOptions = PlaceOptions &
  (
    | {
        /** The element type; what it is by default each function says. */
        dtype?: FloatDType | null
        /** Whether operations on the new tensor are recorded. Default false. */
        requiresGrad?: boolean | null
      }
    | { dtype: IntegralDType; requiresGrad?: false | null }
  )
/** Those of functions that make one of data: PyTorch pins none there. */
export type DataOptions = Omit<PlaceOptions, 'pinMemory'> & { dtype?: DType | null }

export interface AnyCreateOptions {
  dtype?: DType | undefined
  device?: Device | undefined
  requiresGrad?: boolean
  pinMemory?: boolean
}
export const CREATE_OPTIONS = ['dtype', 'requiresGrad', 'device', 'pinMemory'] as const
/** Where a new tensor is, as parameters of a definition. */
export const place = [device('device').optional(), pinMemory('pinMemory').default(false)] as const
/** All of them as its parameters. */
export const creation = [dtype('dtype').optional(), bool('requiresGrad').default(false), ...place] as const

/** The options, checked: for operations that read their arguments themselves. */
export function createOptions(op: string, options: unknown): AnyCreateOptions {
  const { dtype, device, requiresGrad, pinMemory } = optionsOf<CreateOptions>(op, CREATE_OPTIONS, options)
  if (dtype != null) expectDType(op, dtype)
  if (device != null) expectDevice(op, device)
  if (requiresGrad != null) expectBool(op, 'requires_grad', requiresGrad)
  if (pinMemory != null) expectNotPinned(op, pinMemory)
  return { dtype: dtype ?? undefined, requiresGrad: requiresGrad ?? false }
}
/** The new tensor, as the options want it. */
export function withRequiresGrad(x: Tensor, o: AnyCreateOptions): Tensor {
  if (!o.requiresGrad) return x
  checkDifferentiable(x)
  return x.requiresGrad_()
}
