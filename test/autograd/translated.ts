/** What the programs of autograd, translated from Python (test/oracle/javascript.py), stand on. */
import { inspect } from 'node:util'
import * as tenzo from 'tenzo'
import { autograd, isTensor, slice, type Tensor, TenzoError, tensor } from 'tenzo'
import { DTYPE_NAMES } from '../../lib/runtime/opcodes'

/** Thrown by programs on purpose. */
class OnPurpose extends Error {}

export interface Log {
  (...values: unknown[]): void
  /** Logs the error text of a call, up to where `before` matches: what follows is Python's own; null where there is none. */
  fails(f: () => unknown, options?: { before: string }): void
  /** What a call warns of. */
  warned(f: () => unknown): string[]
}
export type Program = (log: Log) => void

/** A logged value: tensors and nodes as they print. */
function plain(v: unknown): unknown {
  if (v === undefined || v === null) return null
  if (Array.isArray(v)) return v.map(plain)
  if (typeof v === 'object') return inspect(v)
  return typeof v === 'string' ? words(v) : v
}
const words = (s: string): string => s.replace(/\btorch\.(?=Size|float|int|Tensor)/g, '')

export function run(program: Program): unknown[][] {
  const lines: unknown[][] = []
  const log = ((...values: unknown[]) => void lines.push(values.map(plain))) as Log
  log.fails = (f, options) => {
    try {
      f()
    } catch (error) {
      if (!(error instanceof TenzoError || error instanceof OnPurpose)) throw error
      const text = words(error.message)
      lines.push([options ? text.split(new RegExp(options.before))[0] : text])
      return
    }
    lines.push([null])
  }
  log.warned = (f) => {
    const caught: string[] = []
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation((w) => void caught.push(String(w)))
    try {
      f()
    } finally {
      spy.mockRestore()
    }
    return caught
  }
  program(log)
  return lines
}

type Method = (...args: unknown[]) => unknown
const call = (x: unknown, name: string, ...args: unknown[]): unknown => (x as Record<string, Method>)[name]!(...args)

/** An operator: a method of a tensor, or arithmetic. Of `2 * x` the tensor is the receiver. */
const operator =
  (name: string, ofNumbers: (a: number, b: number) => number) =>
  (a: unknown, b: unknown): unknown => {
    if (isTensor(a)) return call(a, name, b)
    if (!isTensor(b)) return ofNumbers(a as number, b as number)
    if (name !== 'add' && name !== 'mul') throw new Error(`a number before a tensor in ${name}`)
    return call(b, name, a)
  }
const truth = (v: unknown): boolean => (isTensor(v) ? Boolean(v.item()) : Array.isArray(v) ? v.length > 0 : Boolean(v))
const operators = {
  add: operator('add', (a, b) => a + b),
  sub: operator('sub', (a, b) => a - b),
  mul: operator('mul', (a, b) => a * b),
  div: operator('div', (a, b) => a / b),
  pow: operator('pow', (a, b) => a ** b),
  gt: (a: unknown, b: unknown) => truth(isTensor(a) ? a.gt(b as number) : (a as number) > (b as number)),
}

/** Python's words, and what the translation calls by the type of its operands. */
const language = {
  ...operators,
  truth,
  inPlace: (name: keyof typeof operators, x: unknown, v: unknown) =>
    isTensor(x) ? call(x, `${name}_`, v) : operators[name](x, v),
  at: (x: Tensor | unknown[], i: unknown) =>
    !isTensor(x) ? x[i as number] : call(x, 'at', ...(Array.isArray(i) ? i : [i])),
  put: (x: Tensor | Record<string, unknown>, i: unknown, v: unknown): void => {
    if (isTensor(x)) call(x, 'set', i, v)
    else x[i as string] = v
  },
  parts: (v: object): unknown[] => (Array.isArray(v) ? v : Object.values(v)),
  list: (v: unknown) => v,
  tuple: (v: unknown) => v,
  len: (v: { length: number }) => v.length,
  sum: (xs: unknown[]) => xs.reduce(operators.add),
  range: (n: number) => [...Array(n).keys()],
  zip: (a: Iterable<unknown>, b: unknown[]) => [...a].map((v, i) => [v, b[i]]),
  float: Number,
  getattr: (x: Record<string, unknown>, name: string, otherwise: unknown) => x[name] ?? otherwise,
  append: (list: unknown[], v: unknown): void => void list.push(v),
}

type Mode = (...args: unknown[]) => Disposable
const guarded = (mode: Mode, args: unknown[], body: () => void): void => {
  using _ = mode(...args)
  body()
}
/** The two forms of a mode: for the run of a callback, and until a guard is disposed. */
const MODES = {
  callback: (mode: Mode, args: unknown[], body: () => void): void => {
    if (mode === autograd.setDetectAnomaly) guarded(mode, args, body)
    else mode(...args, body)
  },
  guard: guarded,
}
export type Form = keyof typeof MODES
export const FORMS = Object.keys(MODES) as Form[]

const torch = {
  ...tenzo,
  ...autograd,
  ...Object.fromEntries(DTYPE_NAMES.map((name) => [name, name])),
  autograd: { ...autograd, function: { FunctionCtx: autograd.Context } },
}

/** The programs, by name. */
export function load(code: string, form: Form): Record<string, Program> {
  const scope = {
    ...autograd,
    ...autograd.functional,
    ...language,
    torch,
    tensor,
    slice,
    OnPurpose,
    within: MODES[form],
  }
  return new Function(...Object.keys(scope), code)(...Object.values(scope))
}
