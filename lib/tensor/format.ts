import { ArgumentError, ValueError } from '../errors'
import { shown, calledInstead, isCallable } from '../runtime/given'
import { type DType, getDefaultDtype, isFloating } from '../runtime/dtype'
import { formatExponential, formatFixed, formatPythonString } from './python-format'

/** `util.inspect.custom`, by the name that Node gives it, so that declarations need none of Node's. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/** How tensors are printed. See {@link setPrintOptions}. */
export interface PrintOptions {
  /** Digits behind the point. Default 4. */
  precision: number
  /** A tensor of more elements than this is summarised. Default 1000. */
  threshold: number
  /** Items shown at either end of each dim of a summarised tensor. Default 3. */
  edgeitems: number
  /** Characters on a line before it is broken. Default 80. */
  linewidth: number
  /** Scientific notation: always, never, or (null) where the values call for it. */
  sciMode: boolean | null
}

export type PrintProfile = 'default' | 'short' | 'full'

const PROFILES: Readonly<Record<PrintProfile, Omit<PrintOptions, 'sciMode'>>> = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
}

let current: PrintOptions = { ...PROFILES.default, sciMode: null }

const OPTION_NAMES = ['precision', 'threshold', 'edgeitems', 'linewidth', 'profile', 'sciMode']

/** What {@link setPrintOptions} takes: `null` leaves an option as it is, and `sciMode` automatic. */
export type PrintOptionsInput = { [K in keyof PrintOptions]?: PrintOptions[K] | null } & {
  /** Sets all the others at once, before the ones named beside it. */
  profile?: PrintProfile | null
}

/**
 * Sets how tensors are printed from now on: `setPrintOptions({ precision: 2 })`, `setPrintOptions(2)`. What is not named
 * stays as it is, but `sciMode`, which as in PyTorch falls back to automatic.
 * @throws ValueError for a value that makes no sense, ArgumentError for an unknown option; nothing is changed then
 */
export function setPrintOptions(options: number | PrintOptionsInput = {}, rest: PrintOptionsInput = {}): void {
  const given: PrintOptionsInput = typeof options === 'number' ? { ...rest, precision: options } : options
  if (given === null || typeof given !== 'object')
    throw new ArgumentError(`setPrintOptions(): expected an options object, not ${shown(given)}`)
  for (const name of Object.keys(given))
    if (!OPTION_NAMES.includes(name))
      throw new ArgumentError(`setPrintOptions() got an unexpected keyword argument '${name}'`, { argument: name })
  const { profile, sciMode = null } = given
  if (profile != null && (typeof profile !== 'string' || !Object.hasOwn(PROFILES, profile))) {
    throw new ValueError(`setPrintOptions: profile must be 'default', 'short' or 'full', but got '${shown(profile)}'`)
  }
  const base = profile == null ? current : PROFILES[profile]
  const next: PrintOptions = {
    precision: given.precision ?? base.precision,
    threshold: given.threshold ?? base.threshold,
    edgeitems: given.edgeitems ?? base.edgeitems,
    linewidth: given.linewidth ?? base.linewidth,
    sciMode,
  }
  requireCount('precision', next.precision, 100)
  requireCount('edgeitems', next.edgeitems)
  requireNumber('threshold', next.threshold)
  requireNumber('linewidth', next.linewidth)
  if (sciMode !== null && typeof sciMode !== 'boolean') {
    throw new ValueError(`setPrintOptions: sciMode must be true, false or null, but got ${shown(sciMode)}`)
  }
  current = next
}

/** The options now in force, in the form {@link setPrintOptions} takes. */
export function getPrintOptions(): PrintOptions {
  return { ...current }
}

/** Puts the print options back as they were when disposed: `using _ = printOptions({ precision: 2 })`. */
export interface PrintOptionsGuard extends Disposable {
  /** Puts them back now. */
  restore(): void
}

/**
 * {@link setPrintOptions} for the run of a callback, `printOptions({ precision: 2 }, () => …)`, or until the end of a block,
 * `using _ = printOptions({ precision: 2 })`.
 * @returns what the callback returned, or a guard
 */
export function printOptions(options: PrintOptionsInput): PrintOptionsGuard
export function printOptions<T>(options: PrintOptionsInput, fn: () => T): T
export function printOptions<T>(options: PrintOptionsInput, fn?: () => T): T | PrintOptionsGuard {
  if (fn !== undefined && !isCallable(fn))
    throw new ArgumentError(`printOptions(): expected a function, not ${calledInstead(fn)}`)
  const previous = current
  const restore = (): void => {
    current = previous
  }
  setPrintOptions(options)
  if (fn === undefined) return { restore, [Symbol.dispose]: restore }
  try {
    return fn()
  } finally {
    restore()
  }
}

function requireCount(name: string, value: unknown, limit = Number.MAX_SAFE_INTEGER): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= limit) return
  const range = limit === Number.MAX_SAFE_INTEGER ? 'a non-negative integer' : `an integer from 0 to ${limit}`
  throw new ValueError(`setPrintOptions: ${name} must be ${range}, but got ${shown(value)}`)
}

function requireNumber(name: string, value: unknown): void {
  if (typeof value === 'number' && !Number.isNaN(value)) return
  throw new ValueError(`setPrintOptions: ${name} must be a number, but got ${shown(value)}`)
}

export type Printable = number | bigint | boolean

/** What a printout needs of a tensor. Only the elements that are shown are read. */
export interface TensorView {
  readonly shape: readonly number[]
  readonly dtype: DType
  /** The element at a position of the row-major order, whatever the strides beneath. */
  readonly valueAt: (index: number) => Printable
  readonly requiresGrad?: boolean
  /** The name of the node that made the tensor: `MeanBackward0`. */
  readonly gradFn?: string | null
  /** Prints `Parameter containing:` above. */
  readonly isParameter?: boolean
  /** The name of a class of the user's own. */
  readonly subclass?: string | null
}

/** A tensor as PyTorch prints it. */
export function formatTensor(view: TensorView): string {
  const options = current
  const { shape, dtype } = view
  const defaultDtype = getDefaultDtype()
  const prefix = `${view.subclass ?? 'tensor'}(`
  const count = shape.reduce((product, size) => product * size, 1)

  const suffixes: string[] = []
  if (count === 0) {
    if (shape.length !== 1) suffixes.push(`size=${formatTuple(shape)}`)
    // There is no element an integer could be told from.
    if (dtype !== defaultDtype) suffixes.push(`dtype=${dtype}`)
  } else {
    if (options.edgeitems === 0) suffixes.push(`size=${formatTuple(shape)}`)
    if (dtype !== defaultDtype && dtype !== 'int64' && dtype !== 'bool') suffixes.push(`dtype=${dtype}`)
  }
  if (view.gradFn != null) suffixes.push(`grad_fn=<${view.gradFn}>`)
  else if (view.requiresGrad === true) suffixes.push('requires_grad=True')

  const body = count === 0 ? '[]' : formatElements(view, prefix.length, count, options)
  const text = joinSuffixes(prefix + body, suffixes, prefix.length, options.linewidth)
  if (view.isParameter !== true) return text
  return `Parameter containing:\n${view.subclass == null ? text : `Parameter(${text})`}`
}

/** A shape as Python prints a tuple: `()`, `(3,)`, `(2, 3)`. */
export function formatTuple(sizes: readonly number[]): string {
  return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`
}

function joinSuffixes(text: string, suffixes: readonly string[], indent: number, linewidth: number): string {
  let result = text
  let lineLength = text.length - text.lastIndexOf('\n') + 1
  for (const suffix of suffixes) {
    // Measured as PyTorch writes it, so that lines break where its lines do.
    const length = suffix.startsWith('dtype=') ? suffix.length + 'torch.'.length : suffix.length
    if (lineLength + length + 2 > linewidth) {
      result += `,\n${' '.repeat(indent)}${suffix}`
      lineLength = indent + length
    } else {
      result += `, ${suffix}`
      lineLength += length + 2
    }
  }
  return `${result})`
}

function formatElements(view: TensorView, indent: number, count: number, options: PrintOptions): string {
  const { shape, dtype, valueAt } = view
  const { edgeitems, linewidth } = options
  const summarize = count > options.threshold
  const strides = rowMajorStrides(shape)

  // The positions along a dim that are shown; null where the dots stand.
  const shown = (size: number): (number | null)[] => {
    if (!summarize || size <= 2 * edgeitems) return Array.from({ length: size }, (_, i) => i)
    const head = Array.from({ length: edgeitems }, (_, i) => i)
    return [...head, null, ...head.map((i) => size - edgeitems + i)]
  }
  const positions = shape.map(shown)

  const values: Printable[] = []
  const collect = (dim: number, offset: number): void => {
    if (dim === shape.length) {
      values.push(valueAt(offset))
      return
    }
    for (const i of positions[dim]!) if (i !== null) collect(dim + 1, offset + i * strides[dim]!)
  }
  collect(0, 0)

  const [texts, width] = isFloating(dtype) ? floatTexts(values as number[], options) : plainTexts(values, dtype)
  const item = (): string => texts[next++]!.padStart(width)

  let next = 0
  const render = (dim: number, indent: number): string => {
    if (dim === shape.length) return item()
    if (dim === shape.length - 1) {
      const items = positions[dim]!.map((i) => (i === null ? (edgeitems === 0 ? '...' : ' ...') : item()))
      return wrapItems(items, indent, width + 2, linewidth)
    }
    const rows = positions[dim]!.map((i) => (i === null ? '...' : render(dim + 1, indent + 1)))
    return `[${rows.join(`,${'\n'.repeat(shape.length - dim - 1)}${' '.repeat(indent + 1)}`)}]`
  }
  return render(0, indent)
}

function wrapItems(items: readonly string[], indent: number, itemWidth: number, linewidth: number): string {
  const perLine = Math.max(1, Math.floor((linewidth - indent) / itemWidth))
  const lines: string[] = []
  for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(', '))
  return `[${lines.join(`,\n${' '.repeat(indent + 1)}`)}]`
}

function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    strides[dim] = stride
    stride *= shape[dim]!
  }
  return strides
}

/** The elements as text, and the width of the widest. */
type Texts = [texts: string[], width: number]

function plainTexts(values: readonly Printable[], dtype: DType): Texts {
  const texts = values.map(dtype === 'bool' ? (value) => (value ? 'True' : 'False') : String)
  return [texts, texts.reduce((width, text) => Math.max(width, text.length), 1)]
}

// The notation is chosen from the finite values other than zero, and so is the width: zeros and nonfinites are shorter
// than whatever set it, or, if there is nothing else, are printed unpadded.
function floatTexts(values: readonly number[], options: PrintOptions): Texts {
  const { precision, sciMode } = options
  const telling = (value: number): boolean => Number.isFinite(value) && value !== 0
  let smallest = Infinity
  let largest = 0
  let integral = true
  for (const value of values) {
    if (!telling(value)) continue
    const magnitude = Math.abs(value)
    smallest = Math.min(smallest, magnitude)
    largest = Math.max(largest, magnitude)
    integral &&= Number.isInteger(value)
  }
  const scientific = largest > 0 && (sciMode ?? (largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4))

  let format: (value: number) => string
  if (scientific) format = (value) => formatExponential(value, precision)
  else if (integral) format = (value) => formatFixed(value, 0) + (Number.isFinite(value) ? '.' : '')
  else format = (value) => formatFixed(value, precision)
  let width = 1
  const texts = values.map((value) => {
    const text = format(value)
    if (telling(value)) width = Math.max(width, text.length)
    return text
  })
  return [texts, width]
}

/**
 * Named tensors as Python 3.11 prints an OrderedDict, the form a state dict has in PyTorch:
 * `OrderedDict([('weight', tensor([[…]])), …])`.
 */
export function formatOrderedDict(entries: Iterable<readonly [string, { toString(): string }]>): string {
  const items = Array.from(entries, ([name, value]) => `(${formatPythonString(name)}, ${value.toString()})`)
  return items.length === 0 ? 'OrderedDict()' : `OrderedDict([${items.join(', ')}])`
}
