/** `torch.testing.assert_close`: whether two values, or containers of them, are close, and else where they are not. */
import { describe } from '../check/arguments'
import { isPlain, optionsOf } from '../check/options'
import { ArgumentError, ValueError } from '../errors'
import { shown } from '../runtime/given'
import { isclose } from '../ops/tensor/read'
import { tensor } from '../ops/tensor/create'
import { Category, type DTypeInfo, promoteTypes, type TypedArray } from '../runtime/dtype'
import { formatPythonFloat, formatPythonString } from '../tensor/python-format'
import { sameShape } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import { torchSize } from '../check/words'

/** Options of `assertClose`. */
export interface AssertCloseOptions {
  /** A Parameter, say, may be compared with a plain tensor. Default true. */
  allowSubclasses?: boolean
  /** Relative tolerance; given together with `atol`. Default by dtype: float16 1e-3, bfloat16 1.6e-2, float32 1.3e-6, float64 1e-7, else 0. */
  rtol?: number | null
  /** Absolute tolerance; given together with `rtol`. Default by dtype: float16, bfloat16 and float32 1e-5, float64 1e-7, else 0. */
  atol?: number | null
  /** NaN equals NaN. Default false. */
  equalNan?: boolean
  /** The device, too; there is but one. Default true. */
  checkDevice?: boolean
  /** The dtypes must be the same; else both are promoted. Default true. */
  checkDtype?: boolean
  /** The memory layouts, too; there is but one. Default true. */
  checkLayout?: boolean
  /** The strides must be the same. Default false. */
  checkStride?: boolean
  /** Said instead of what is wrong, or what to make of it. */
  msg?: string | ((message: string) => string) | null
}
const OPTIONS = [
  'allowSubclasses',
  'rtol',
  'atol',
  'equalNan',
  'checkDevice',
  'checkDtype',
  'checkLayout',
  'checkStride',
  'msg',
] as const satisfies readonly (keyof AssertCloseOptions)[]

type Path = readonly (string | number)[]
interface Checks extends AssertCloseOptions {
  readonly rtol: number | null
  readonly atol: number | null
  readonly equalNan: boolean
}

/**
 * Throws unless `actual` and `expected` are close: |actual - expected| ≤ atol + rtol · |expected| everywhere, of one shape and, unless
 * `checkDtype` is false, of one dtype. Numbers count as float64, bigints must be equal; arrays, plain objects and Maps (state dicts) are
 * compared item by item, null equals null.
 * @throws AssertionError (node's) that says how many elements differ, by how much at most, and where
 * @throws ValueError where but one of `rtol` and `atol` is given; ArgumentError for values that cannot be compared
 */
export function assertClose(actual: unknown, expected: unknown, options: AssertCloseOptions = {}): void {
  const o = optionsOf<AssertCloseOptions>('assertClose', OPTIONS, options)
  const [rtol, atol] = [o.rtol ?? null, o.atol ?? null]
  if ((rtol === null) !== (atol === null))
    throw new ValueError(
      `Both 'rtol' and 'atol' must be either specified or omitted, but got no ${rtol === null ? 'rtol' : 'atol'}.`,
    )
  const checks: Checks = { ...o, rtol, atol, equalNan: o.equalNan ?? false }
  compare(actual, expected, checks, [])
}

const isTypedArray = (v: unknown): v is TypedArray => ArrayBuffer.isView(v) && !(v instanceof DataView)
const entriesOf = (v: unknown): Map<unknown, unknown> | null =>
  v instanceof Map ? v : isPlain(v) ? new Map(Object.entries(v)) : null

function compare(actual: unknown, expected: unknown, o: Checks, path: Path): void {
  if (
    o.allowSubclasses === false &&
    isTensor(actual) &&
    isTensor(expected) &&
    actual.constructor !== expected.constructor
  )
    refusePair(actual, expected, path)
  if (isTypedArray(actual) && isTypedArray(expected)) compareTensors(tensor(actual), tensor(expected), o, path)
  else if (isTensor(actual) && isTensor(expected)) compareTensors(actual, expected, o, path)
  else if (Array.isArray(actual) && Array.isArray(expected)) compareLists(actual, expected, o, path)
  else {
    const [a, b] = [entriesOf(actual), entriesOf(expected)]
    if (a !== null && b !== null) compareMappings(a, b, o, path)
    else compareScalars(actual, expected, o, path)
  }
}

const placed = (message: string, path: Path): string =>
  path.length > 0
    ? `${message}\n\nThe failure occurred for item ${path.map((k) => `[${keyText(k)}]`).join('')}`
    : message
function refusePair(actual: unknown, expected: unknown, path: Path): never {
  const [a, b] = [actual, expected].map((v) => (isTensor(v) ? v.constructor.name : describe(v)))
  throw new ArgumentError(placed(`No comparison pair was able to handle inputs of type ${a} and ${b}.`, path))
}
function fail(message: string, o: Checks, path: Path): never {
  const whole = placed(message, path)
  const { msg } = o
  // Loaded when it is needed: a program that trains fails no assertion.
  const { AssertionError } = require('node:assert') as typeof import('node:assert')
  throw new AssertionError({
    message: typeof msg === 'function' ? msg(whole) : (msg ?? whole),
    stackStartFn: assertClose,
  })
}

function compareLists(actual: readonly unknown[], expected: readonly unknown[], o: Checks, path: Path): void {
  if (actual.length !== expected.length)
    fail(`The length of the sequences mismatch: ${actual.length} != ${expected.length}`, o, path)
  actual.forEach((v, i) => {
    compare(v, expected[i], o, [...path, i])
  })
}

const keyText = (k: unknown): string => (typeof k === 'string' ? formatPythonString(k) : shown(k))
const keysText = (keys: readonly unknown[]): string => `[${keys.map(keyText).sort().join(', ')}]`
function compareMappings(
  actual: ReadonlyMap<unknown, unknown>,
  expected: ReadonlyMap<unknown, unknown>,
  o: Checks,
  path: Path,
): void {
  const missing = [...expected.keys()].filter((k) => !actual.has(k))
  const additional = [...actual.keys()].filter((k) => !expected.has(k))
  if (missing.length > 0 || additional.length > 0) {
    const lines = ['The keys of the mappings do not match:']
    if (missing.length > 0) lines.push(`Missing keys in the actual mapping: ${keysText(missing)}`)
    if (additional.length > 0) lines.push(`Additional keys in the actual mapping: ${keysText(additional)}`)
    fail(lines.join('\n'), o, path)
  }
  for (const [k, v] of actual) compare(v, expected.get(k), o, [...path, typeof k === 'number' ? k : shown(k)])
}

// ---- numbers ------------------------------------------------------------------------------------------------------

function compareScalars(actual: unknown, expected: unknown, o: Checks, path: Path): void {
  if (actual === null || expected === null || actual === undefined || expected === undefined) {
    if (actual !== expected) fail(`None mismatch: ${text(actual)} is not ${text(expected)}`, o, path)
    return
  }
  const kinds = ['number', 'bigint', 'boolean']
  if (!kinds.includes(typeof actual) || !kinds.includes(typeof expected)) refusePair(actual, expected, path)
  if (typeof actual === 'boolean' && typeof expected === 'boolean') {
    if (actual !== expected) fail(`Booleans mismatch: ${text(actual)} is not ${text(expected)}`, o, path)
    return
  }
  if (typeof actual !== typeof expected && (o.checkDtype ?? true))
    fail(`The (d)types do not match: ${typeof actual} != ${typeof expected}.`, o, path)
  const exact = typeof actual === 'bigint' && typeof expected === 'bigint'
  const [a, b] = [Number(actual), Number(expected)]
  const rtol = o.rtol ?? (exact ? 0 : 1e-7)
  const atol = o.atol ?? (exact ? 0 : 1e-7)
  const gap = exact ? actual - expected : 0n
  const difference = exact ? Math.abs(Number(gap)) : Math.abs(a - b)
  const equality = rtol === 0 && atol === 0
  if (exact ? actual === expected : a === b) return
  if (o.equalNan && Number.isNaN(a) && Number.isNaN(b)) return
  if (!equality && Number.isFinite(difference) && difference <= atol + rtol * Math.abs(b)) return
  const shown = (v: unknown, n: number): string => (typeof v === 'bigint' ? String(v) : formatPythonFloat(n))
  const allowed = (tolerance: number): string => (equality ? '' : ` (up to ${formatPythonFloat(tolerance)} allowed)`)
  const absolute = exact ? String(gap < 0n ? -gap : gap) : formatPythonFloat(difference)
  fail(
    [
      `Scalars are not ${equality ? 'equal' : 'close'}!`,
      '',
      `Expected ${shown(expected, b)} but got ${shown(actual, a)}.`,
      `Absolute difference: ${absolute}${allowed(atol)}`,
      `Relative difference: ${formatPythonFloat(difference / Math.abs(b))}${allowed(rtol)}`,
    ].join('\n'),
    o,
    path,
  )
}
/** As Python prints it. */
const text = (v: unknown): string => (v == null ? 'None' : v === true ? 'True' : v === false ? 'False' : shown(v))

// ---- tensors ------------------------------------------------------------------------------------------------------

/** PyTorch's default tolerances, [rtol, atol]. */
const tolerancesOf = ({ name }: DTypeInfo): readonly [number, number] => {
  switch (name) {
    case 'float16':
      return [1e-3, 1e-5]
    case 'bfloat16':
      return [1.6e-2, 1e-5]
    case 'float32':
      return [1.3e-6, 1e-5]
    case 'float64':
      return [1e-7, 1e-7]
    default:
      return [0, 0]
  }
}

function compareTensors(given: Tensor, wanted: Tensor, o: Checks, path: Path): void {
  const differs = (attribute: string, a: string, b: string): never =>
    fail(`The values for attribute '${attribute}' do not match: ${a} != ${b}.`, o, path)
  if (!sameShape(given.sizes, wanted.sizes)) differs('shape', torchSize(given.sizes), torchSize(wanted.sizes))
  if (o.checkStride && !sameShape(given.strides, wanted.strides))
    differs('stride()', `(${given.strides.join(', ')})`, `(${wanted.strides.join(', ')})`)
  if ((o.checkDtype ?? true) && given.info !== wanted.info)
    differs('dtype', `torch.${given.dtype}`, `torch.${wanted.dtype}`)
  const [[r1, a1], [r2, a2]] = [tolerancesOf(given.info), tolerancesOf(wanted.info)]
  const rtol = o.rtol ?? Math.max(r1, r2)
  const atol = o.atol ?? Math.max(a1, a2)
  const common = promoteTypes(given.dtype, wanted.dtype)
  const [actual, expected] = [given.detach().to(common), wanted.detach().to(common)]
  const close = isclose(actual, expected, { rtol, atol, equalNan: o.equalNan })
  const wrong = close.numel() - Number(close.sum().item())
  if (wrong === 0) return
  fail(mismatch(actual, expected, close, wrong, rtol, atol), o, path)
}

/** Where and by how much tensors differ most. */
function mismatch(actual: Tensor, expected: Tensor, close: Tensor, wrong: number, rtol: number, atol: number): string {
  const equality = rtol === 0 && atol === 0
  const kind = `not ${equality ? 'equal' : 'close'}!`
  const float = actual.info.category === Category.Float
  // As in PyTorch: differences of integers are taken in 64 bits.
  const wide = (t: Tensor): Tensor => (float ? t : t.to('int64')).reshape([-1])
  const [a, b] = [wide(actual), wide(expected)]
  const absolute = a
    .sub(b)
    .abs()
    .maskedFill(close.reshape([-1]), 0)
  const relative = a
    .sub(b)
    .abs()
    .div(b.abs())
    .maskedFill(close.reshape([-1]), 0)
  const number = (v: number | bigint, exact: boolean): string => (exact ? String(v) : formatPythonFloat(Number(v)))
  const allowed = (tolerance: number): string => (equality ? '' : ` (up to ${formatPythonFloat(tolerance)} allowed)`)
  if (actual.ndim === 0) {
    return [
      `Scalars are ${kind}`,
      '',
      `Expected ${number(b.item(), !float)} but got ${number(a.item(), !float)}.`,
      `Absolute difference: ${number(absolute.item(), !float)}${allowed(atol)}`,
      `Relative difference: ${number(relative.item(), false)}${allowed(rtol)}`,
    ].join('\n')
  }
  const share = ((100 * wrong) / actual.numel()).toFixed(1)
  const greatest = (name: string, t: Tensor, exact: boolean, tolerance: number): string => {
    const { values, indices } = t.max(0)
    return `Greatest ${name} difference: ${number(values.item(), exact)} at index ${place(Number(indices.item()), actual.sizes)}${allowed(tolerance)}`
  }
  return [
    `Tensor-likes are ${kind}`,
    '',
    `Mismatched elements: ${wrong} / ${actual.numel()} (${share}%)`,
    greatest('absolute', absolute, !float, atol),
    greatest('relative', relative, false, rtol),
  ].join('\n')
}
/** A flat index as Python writes the tuple of the index of each dim. */
function place(flat: number, sizes: readonly number[]): string {
  const index: number[] = []
  for (let d = sizes.length - 1; d >= 0; d--) {
    index.unshift(flat % sizes[d])
    flat = Math.floor(flat / sizes[d])
  }
  return index.length === 1 ? `(${index[0]},)` : `(${index.join(', ')})`
}
