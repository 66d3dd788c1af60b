/** What `to` is told: of a tensor, a module, packed sequences. */
import { expectAtMost, expectBool, expectDevice, expectDType } from '../../check/arguments'
import { isPlain, noOptions, optionsOf } from '../../check/options'
import { type DType, isDType } from '../../runtime/dtype'
import { type Device, isTensor, type Tensor } from '../../tensor/tensor'
import { snake } from '../define/params'

/** Options of `to`. */
export interface ToOptions {
  /** Default: that of the tensor. */
  dtype?: DType | null
  /** Always 'cpu'. */
  device?: Device | null
  /** Need not wait for another device, of which there are none. Default false. */
  nonBlocking?: boolean | null
  /** Copy even where nothing changes. Default false. */
  copy?: boolean | null
}
/** What may stand in a call of `to`: a dtype or a tensor that has it; a device, and a dtype after it; options. */
export type ToArguments<O extends ToOptions = ToOptions> =
  | [dtype: DType | Tensor, options?: Omit<O, 'dtype' | 'device'>]
  | [device: Device | null, options?: Omit<O, 'device'>]
  | [device: Device | null, dtype: DType | null, options?: Omit<O, 'dtype' | 'device'>]
  | [options?: O]

/** What a call of `to` says, checked. @param names of the options that may come after dtype and device */
export function toOptions(
  op: string,
  names: readonly ('nonBlocking' | 'copy')[],
  given: readonly unknown[],
): ToOptions {
  expectAtMost(op, 3, given)
  const [first, second, third] = given
  let known: readonly (keyof ToOptions)[] = names
  let dtype: unknown
  let options = second
  if (isTensor(first)) dtype = first.dtype
  else if (isDType(first)) dtype = first
  else if (isPlain(first) || first === undefined) {
    known = ['dtype', 'device', ...names]
    options = first ?? second
    if (first !== undefined && second !== undefined) throw noOptions(op, second)
  } else {
    if (first !== null) expectDevice(op, first, 'a dtype or ')
    if (isPlain(second)) known = ['dtype', ...names]
    else {
      dtype = second
      options = third
    }
  }
  if (third !== undefined && options !== third) throw noOptions(op, third)
  const o = optionsOf<ToOptions>(op, known, undefined, options)
  dtype ??= o.dtype ?? undefined
  if (dtype !== undefined) expectDType(op, dtype)
  if (o.device != null) expectDevice(op, o.device)
  for (const name of names) if (o[name] != null) expectBool(op, snake(name), o[name])
  return { dtype, copy: o.copy }
}
