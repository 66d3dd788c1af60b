/** What the layers share: arguments and Python's way of printing them. */
import { ArgumentError } from '../../errors'
import { shown } from '../../runtime/given'
import { expectBool, expectInts, expectNumber, isArrayOf, isInt } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { formatTuple } from '../../tensor/format'
import { formatPythonFloat, formatPythonNumber } from '../../tensor/python-format'

/** Option of a call of the transposed convolutions and of max unpooling. */
export interface OutputSizeOption {
  /** The sizes to reach, spatial ones or all, where several lead to this input. Default: the smallest, and the padding that the layer adds. */
  outputSize?: readonly number[] | null
}
/** The sizes that such a call gives, by position or by name. */
export function outputSizeOf(
  op: string,
  given: readonly number[] | null | OutputSizeOption | undefined,
): readonly number[] | null {
  const { outputSize = null } = optionsOf<OutputSizeOption>(op, ['outputSize'], given)
  if (outputSize !== null) expectInts(op, 'output_size', outputSize)
  return outputSize
}

/** One number for every spatial dim, or one each. */
export type Size2 = number | readonly [number, number]

/** `n` numbers: given, or one repeated. */
export function tuple(op: string, name: string, v: number | readonly number[], n: number): number[] {
  const list = typeof v === 'number' ? new Array<number>(n).fill(v) : Array.isArray(v) ? [...(v as number[])] : []
  if (list.length !== n || !isArrayOf(list, isInt))
    throw new ArgumentError(`${op}: ${name} must be an integer or ${n} integers, got ${described(v)}`, {
      name,
      value: v,
    })
  return list
}

const described = (v: unknown): string => (Array.isArray(v) ? `[${shown(v)}]` : shown(v))

export function positiveInt(op: string, name: string, v: unknown): asserts v is number {
  if (!isInt(v) || v < 0)
    throw new ArgumentError(`${op}: ${name} must be a non-negative integer, got ${shown(v)}`, { name, value: v })
}

/** Of a layer without options, what stands where they would. */
export type NoOptions = Readonly<Record<string, never>>
/** Refuses anything in the place of options. */
export function noOptions(op: string, options: NoOptions | undefined): void {
  if (options !== undefined) optionsOf<NoOptions>(op, [], undefined, options)
}
/** An option that is true or false. */
export function flag(op: string, name: string, v: unknown, fallback: boolean): boolean {
  if (v === undefined) return fallback
  expectBool(op, name, v)
  return v
}
/** An option that is a number. */
export function real(op: string, name: string, v: unknown, fallback: number): number {
  if (v === undefined) return fallback
  expectNumber(op, name, v)
  return v
}

/** A float as Python prints it: 1.0, 1e-05. JavaScript has one type of number; a float is what PyTorch annotates so. */
export const float = (v: number | null | undefined): string =>
  v === null || v === undefined ? 'None' : formatPythonFloat(v)
/** A number to which PyTorch's users give integers: 20 prints as 20, 0.5 as 0.5; left out, as PyTorch's default. */
export const literal = (v: number | undefined, fallback: number): string =>
  v === undefined ? formatPythonFloat(fallback) : formatPythonNumber(v)
export const bool = (v: boolean): string => (v ? 'True' : 'False')
/** An integer or a tuple of them. */
export const size = (v: number | readonly number[] | null | undefined): string =>
  v === null || v === undefined ? 'None' : typeof v === 'number' ? String(v) : formatTuple(v)
