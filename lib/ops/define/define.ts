/** How an operation is defined: its parameters, its forms and what it runs, from which its function follows. */
import type { Tensor } from '../../tensor/tensor'
import { expectAtMost, expectNothing, expectSpread } from '../../check/arguments'
import { givenOptions, isPlain } from '../../check/options'
import { inPlaceOf } from './in-place'
import { type AnyParam, checkParam, type Param, type Presence } from './params'
import {
  type AnyFunction,
  type InPlaceOp,
  listening,
  type MethodOp,
  observed,
  type Op,
  type OpDefinition,
  optionsIn,
  qualifiedName,
  register,
} from './registry'

// ---- types --------------------------------------------------------------------------------------------------------

/** The required parameters' values, in order. */
type Required<P extends readonly AnyParam[]> = P extends readonly [
  infer Head,
  ...infer Rest extends readonly AnyParam[],
]
  ? Head extends Param<infer T, string, 'required'>
    ? [T, ...Required<Rest>]
    : []
  : []
/** The same as a caller gives them: one that may be undefined may be missing. */
type Positional<P extends readonly AnyParam[]> = P extends readonly [
  infer Head,
  ...infer Rest extends readonly AnyParam[],
]
  ? Head extends Param<infer T, string, 'required'>
    ? [...(undefined extends T ? [value?: T] : [value: T]), ...Positional<Rest>]
    : []
  : []
type Optional<P extends readonly AnyParam[]> = Exclude<P[number], { readonly presence: 'required' }>
/** The options as a caller gives them. */
type Given<P extends readonly AnyParam[]> = {
  [K in Optional<P> as K['name']]?: K extends Param<infer T, string, Presence> ? T | null | undefined : never
}
/** The options as the operation sees them: defaults filled in. */
type Filled<P extends readonly AnyParam[]> = {
  readonly [K in Optional<P> as K['name']]: K extends Param<infer T, string, infer E>
    ? E extends 'default'
      ? T
      : T | undefined
    : never
}
type FirstOption<P extends readonly AnyParam[]> = P extends readonly [
  infer Head,
  ...infer Rest extends readonly AnyParam[],
]
  ? Head extends Param<infer T, string, infer E>
    ? E extends 'required'
      ? FirstOption<Rest>
      : T
    : never
  : never
/** What comes before the ints that may come one by one; never where there are none such. */
type BeforeSpread<P extends readonly AnyParam[]> = P extends readonly [
  infer Head,
  ...infer Rest extends readonly AnyParam[],
]
  ? Head extends { readonly spread: 'all' | 'several' }
    ? []
    : Head extends Param<infer T, string, 'required'>
      ? [value: T, ...BeforeSpread<Rest>]
      : never
  : never
/**
 * A call by the rule of the interface: options by name at the end, the first of them also by position before, and the ints of sizes also
 * one by one.
 */
type Call<P extends readonly AnyParam[], R> = (
  ...args:
    | [...Positional<P>, options?: Given<P>]
    | [...Positional<P>, first?: FirstOption<P> | null | Given<P>, options?: Given<P>]
    | [...BeforeSpread<P>, ...number[]]
    | [...BeforeSpread<P>, ...number[], Given<P>]
) => R

interface Where {
  /** Where it is found: '' (default) the package itself, else `nn.functional`, `linalg` … */
  namespace?: string
  /**
   * Also a method of Tensor. Default: where it belongs to the package itself and its first parameter is a tensor. A function: what the
   * method calls with its receiver first, where that is not the first parameter.
   */
  method?: boolean | AnyFunction
  /** What PyTorch calls the graph node of its result, or all the names it may have. */
  node?: string | readonly string[]
  /** Whether gradients pass through it. Default true. */
  differentiable?: boolean
}
interface Spec<P extends readonly AnyParam[], R> extends Where {
  params: P
  /** Given the required arguments and then the options, all checked. */
  run: (...args: [...Required<P>, options: Filled<P>]) => R
  /** The form in place. `true`: the result, cast and copied over the first argument. */
  inPlace?: true | ((...args: [...Required<P>, options: Filled<P>]) => Tensor)
}

interface Own<F extends AnyFunction> extends Where {
  params: readonly AnyParam[]
  /** Reads and checks its arguments, all of which it declares without a default. */
  run: F
  /** Whether `run` takes any number of arguments. */
  variadic?: true
  inPlace?: AnyFunction
}

// ---- arguments ----------------------------------------------------------------------------------------------------

const NOTHING = Object.freeze({})
/** Reads the options of a call: the first may come by position. */
class Options {
  // Made at the first call: a program uses few of all operations.
  private noneGiven: Readonly<Record<string, unknown>> | null = null

  private readonly names: readonly string[]

  constructor(
    readonly op: string,
    readonly params: readonly AnyParam[],
  ) {
    this.names = params.map((p) => p.name)
  }

  /** Where nothing is given. */
  get defaults(): Readonly<Record<string, unknown>> {
    this.noneGiven ??= Object.freeze(Object.fromEntries(this.params.map((p) => [p.name, p.fallback])))
    return this.noneGiven
  }

  // Calls in a loop give the same number again: what it led to is kept, as making an object costs more than a small operation.
  private last: unknown = NOTHING
  private lastRead: Readonly<Record<string, unknown>> = NOTHING

  read(first: unknown, second: unknown): Readonly<Record<string, unknown>> {
    const simple = second === undefined && typeof first !== 'object'
    if (simple && Object.is(first, this.last)) return this.lastRead
    const { named, positional } = givenOptions(this.op, this.names, first, second)
    const head = this.params[0]
    if (head === undefined) expectNothing(this.op, positional)
    const out: Record<string, unknown> = {}
    for (const p of this.params) {
      const v = p === head && positional !== undefined ? positional : named[p.name]
      if (v === undefined || (v === null && !p.nullable)) out[p.name] = p.fallback
      else {
        checkParam(this.op, p, v)
        out[p.name] = v
      }
    }
    if (simple) {
      this.last = first
      this.lastRead = out
    }
    return out
  }
}

/** The function that checks arguments by their parameters and runs `run` with them. */
function checked(op: OpDefinition, name: string, run: AnyFunction): AnyFunction {
  const required = op.params.filter((p) => p.presence === 'required')
  const options = new Options(name, op.params.slice(required.length))
  if (op.params.some((p) => p.spread)) return spread(op, required, options, run)
  const [p0, p1, p2, p3] = required
  const read = (first: unknown, second: unknown, more: unknown) => {
    if (more !== undefined) expectNothing(name, more)
    return first === undefined && second === undefined ? options.defaults : options.read(first, second)
  }
  // Fixed arities: a small operation costs less than spreading its arguments. One more shows that there are too many.
  switch (required.length) {
    case 0:
      return (b?: unknown, c?: unknown, more?: unknown) => {
        const o = read(b, c, more)
        return listening === null ? run(o) : observed(op, [], o, run, o)
      }
    case 1:
      return (x: unknown, b?: unknown, c?: unknown, more?: unknown) => {
        checkParam(name, p0 as AnyParam, x)
        const o = read(b, c, more)
        return listening === null ? run(x, o) : observed(op, [x], o, run, x, o)
      }
    case 2:
      return (x: unknown, y: unknown, b?: unknown, c?: unknown, more?: unknown) => {
        checkParam(name, p0 as AnyParam, x)
        checkParam(name, p1 as AnyParam, y)
        const o = read(b, c, more)
        return listening === null ? run(x, y, o) : observed(op, [x, y], o, run, x, y, o)
      }
    case 3:
      return (x: unknown, y: unknown, z: unknown, b?: unknown, c?: unknown, more?: unknown) => {
        checkParam(name, p0 as AnyParam, x)
        checkParam(name, p1 as AnyParam, y)
        checkParam(name, p2 as AnyParam, z)
        const o = read(b, c, more)
        return listening === null ? run(x, y, z, o) : observed(op, [x, y, z], o, run, x, y, z, o)
      }
    case 4:
      return (x: unknown, y: unknown, z: unknown, w: unknown, b?: unknown, c?: unknown, more?: unknown) => {
        checkParam(name, p0 as AnyParam, x)
        checkParam(name, p1 as AnyParam, y)
        checkParam(name, p2 as AnyParam, z)
        checkParam(name, p3 as AnyParam, w)
        const o = read(b, c, more)
        return listening === null ? run(x, y, z, w, o) : observed(op, [x, y, z, w], o, () => run(x, y, z, w, o))
      }
    default: {
      const n = required.length
      return (...args: unknown[]) => {
        for (let i = 0; i < n; i++) checkParam(name, required[i] as AnyParam, args[i])
        const inputs = args.slice(0, n)
        const o = read(args[n], args[n + 1], args[n + 2])
        return listening === null ? run(...inputs, o) : observed(op, inputs, o, run, ...inputs, o)
      }
    }
  }
}

/** The same for an operation of sizes: an array or the ints themselves, then options. */
function spread(op: OpDefinition, required: readonly AnyParam[], options: Options, run: AnyFunction): AnyFunction {
  const name = options.op
  const [p0, p1] = required
  const read = (named: unknown) => (named === undefined ? options.defaults : options.read(named, undefined))
  if (p1 !== undefined)
    return function (x: unknown, size: unknown) {
      checkParam(name, p0 as AnyParam, x)
      let sizes = size
      let o = options.defaults
      // biome-ignore lint/complexity/noArguments: an array alone, as most calls have, costs no list of what was given
      if (arguments.length === 2 && typeof size === 'object') checkParam(name, p1, size)
      else {
        const given: unknown[] = []
        // biome-ignore lint/complexity/noArguments: as above
        for (let i = 1; i < arguments.length; i++) given.push(arguments[i])
        o = read(takeOptions(name, p1, given))
        sizes = sizesIn(name, p1, given)
      }
      return listening === null ? run(x, sizes, o) : observed(op, [x, sizes], o, run, x, sizes, o)
    }
  if (p0?.spread)
    return (...given: unknown[]) => {
      const o = read(takeOptions(name, p0, given))
      const sizes = sizesIn(name, p0, given)
      return listening === null ? run(sizes, o) : observed(op, [sizes], o, run, sizes, o)
    }
  // Dims that are the first of the options.
  const dims = options.params[0] as AnyParam
  return (x: unknown, ...given: unknown[]) => {
    checkParam(name, p0 as AnyParam, x)
    const named = takeOptions(name, dims, given)
    const first = given.length > 1 ? given : given[0]
    const o = first === undefined && named === undefined ? options.defaults : options.read(first, named)
    return listening === null ? run(x, o) : observed(op, [x], o, run, x, o)
  }
}
/** Takes the options off the end of what was given from sizes on. @throws ArgumentError where ints and something else are left */
function takeOptions(op: string, p: AnyParam, given: unknown[]): unknown {
  // What is undefined was not given.
  while (given.length > 1 && given[given.length - 1] === undefined) given.pop()
  const named = given.length > 1 && isPlain(given[given.length - 1]) ? given.pop() : undefined
  if (given.length > 1) expectSpread(op, p.pythonName, given)
  return named
}
/** The sizes in what is left: the array, or the ints themselves. */
function sizesIn(op: string, p: AnyParam, given: readonly unknown[]): unknown {
  if (given.length > 1) return given
  const [alone] = given
  if (typeof alone === 'number' && p.spread === 'all') {
    expectSpread(op, p.pythonName, given)
    return given
  }
  checkParam(op, p, alone)
  return alone
}

/** What is known of an operation, with what it says of itself and what follows from that. */
export function definitionOf(name: string, params: readonly AnyParam[], where: Where, inPlace: boolean): OpDefinition {
  const { namespace = '', node } = where
  const nodes = node === undefined ? [] : typeof node === 'string' ? [node] : node
  return {
    name,
    namespace,
    params,
    node: nodes[0] ?? '',
    nodes,
    differentiable: where.differentiable ?? true,
    method: where.method ?? (namespace === '' && params[0]?.type === 'Tensor'),
    inPlace,
    out: params.some((p) => p.name === 'out'),
  }
}

// ---- definitions --------------------------------------------------------------------------------------------------

/**
 * Defines an operation: `export const cumsum: Op<(x: Tensor, dim: number, …) => Tensor> = define('cumsum', { … })`. The compiler
 * holds the signature against the parameters; checks, errors and options follow from them.
 */
export function define<const P extends readonly AnyParam[], R, M extends AnyFunction>(
  name: string,
  spec: Spec<P, R> & { method: M; inPlace: true },
): MethodOp<InPlaceOp<Call<P, R>, M>, M>
export function define<const P extends readonly AnyParam[], R, M extends AnyFunction>(
  name: string,
  spec: Spec<P, R> & { method: M },
): MethodOp<Op<Call<P, R>>, M>
export function define<const P extends readonly AnyParam[], R>(
  name: string,
  spec: Spec<P, R> & { inPlace: NonNullable<Spec<P, R>['inPlace']> },
): InPlaceOp<Call<P, R>, Call<P, Tensor>>
export function define<const P extends readonly AnyParam[], R>(name: string, spec: Spec<P, R>): Op<Call<P, R>>
export function define<const P extends readonly AnyParam[], R>(name: string, spec: Spec<P, R>): Op<Call<P, R>> {
  const op = definitionOf(name, spec.params, spec, spec.inPlace !== undefined)
  // PyTorch's functions of nn speak of themselves without their namespace.
  const f = register(
    op,
    checked(op, op.namespace === 'nn.functional' ? name : qualifiedName(op), spec.run as AnyFunction),
  )
  const method = typeof spec.method === 'function' ? spec.method : null
  if (method) Object.defineProperty(f, 'method', { value: method })
  if (spec.inPlace) {
    const plain = (method ?? spec.run) as AnyFunction as (x: Tensor) => Tensor
    const own = (spec.inPlace === true ? inPlaceOf(name, plain) : spec.inPlace) as AnyFunction
    // The parameters are in the function's order: a method with another receiver checks for itself.
    Object.defineProperty(f, 'inPlace', { value: method ? own : checked(op, `${name}_`, own) })
  }
  return f as Op<Call<P, R>>
}

/**
 * Defines an operation whose call follows no rule (operands in several orders, results that depend on an option): `run` reads and checks
 * its own arguments. The parameters are told for the documentation and for listeners.
 */
export function defineAs<F extends AnyFunction, M extends AnyFunction>(
  name: string,
  spec: Own<F> & { method: M },
): MethodOp<Op<F>, M>
export function defineAs<F extends AnyFunction>(name: string, spec: Own<F>): Op<F>
export function defineAs<F extends AnyFunction>(name: string, spec: Own<F>): Op<F> {
  const op = definitionOf(name, spec.params, spec, spec.inPlace !== undefined)
  const { run } = spec
  const count = op.params.filter((p) => p.presence === 'required').length
  const most = spec.variadic ? Infinity : run.length
  const f = register(op, ((...args: unknown[]) => {
    if (args.length > most) expectAtMost(name, most, args)
    return listening === null
      ? run(...args)
      : observed(op, args.slice(0, count), optionsIn(args.slice(count), op), run, ...args)
  }) as unknown as F)
  if (typeof spec.method === 'function') Object.defineProperty(f, 'method', { value: spec.method })
  if (spec.inPlace) Object.defineProperty(f, 'inPlace', { value: spec.inPlace })
  return f
}

/** Another name of an operation, or another place: in a namespace it is no method again. */
export function aliasOf<F extends AnyFunction>(
  of: F,
  name: string,
  where: { namespace?: string; method?: boolean } = {},
): Op<F> {
  const { op, inPlace, method } = of as F & { op: OpDefinition; inPlace?: AnyFunction; method?: AnyFunction }
  const again = where.namespace === undefined
  const f = register({ ...op, name, method: again && op.method, inPlace: again && op.inPlace, ...where }, ((
    ...args: unknown[]
  ) => of(...args)) as unknown as F)
  if (method) Object.defineProperty(f, 'method', { value: method })
  if (inPlace) Object.defineProperty(f, 'inPlace', { value: inPlace })
  return f
}
