/**
 * Nothing is left out, in either direction: every operation of the register has its facts, a recorded sample and a meaning for
 * each of its options; every method and export is reached; every native operation runs. Marks, each with its reason, stand in
 * facts.ts and marks.ts. (Gradients of all of them: gradcheck.test.ts.)
 *
 * OP=softmax,nn.functional.softmax   only these operations (npm run op)
 */
import * as tenzo from 'tenzo'
import { autograd, empty, manualSeed, noGrad, Tensor } from 'tenzo'
import type { OpCall } from '../../lib/ops/define/registry'
import { type AnyParam, checkParam } from '../../lib/ops/define/params'
import { OP_NAMES } from '../../lib/runtime/opcodes'
import { callOf, type Form, flatten } from '../helpers/calls'
import {
  Arguments,
  type CodedTensor,
  camelCase,
  cotangent,
  elementsOf,
  type GoldenCase,
  type GoldenOp,
  isCodedTensor,
  valuesOf,
} from '../helpers/goldens'
import { nativeRuns } from '../helpers/native'
import {
  changed,
  few,
  formOf,
  functionOf,
  operations,
  outcome,
  outcomeOf,
  qualifiedName,
  randomCalls,
  refusals,
  type Sample,
  samples,
  selected,
} from '../helpers/samples'
import { PROGRAMS } from '../helpers/programs'
import { difference, toleranceOf } from '../helpers/tolerance'
import { FACTS, type Facts } from './facts'
import { EXPORTS, INTERNAL, MEMBERS, SILENT, UNLISTED, UNREACHED } from './marks'

const all = [...operations()]
const chosen = all.filter((d) => selected(qualifiedName(d)))
const factsOf = (name: string): Facts => FACTS[name] ?? { tolerance: { relative: 0, ofLargest: 0 } }
const draws = new Map<string, OpCall[]>()
for (const call of randomCalls()) {
  const name = qualifiedName(call.op)
  draws.set(name, [...(draws.get(name) ?? []), call])
}
const everything = process.env.OP === undefined ? describe : describe.skip

// ---- facts --------------------------------------------------------------------------------------------------------

everything('the table of facts', () => {
  const names = new Set([...all.map(qualifiedName), ...samples.keys()])
  test('has a row for every operation', () => expect([...names].filter((n) => !(n in FACTS))).toEqual([]))
  test('has a row for nothing else', () => {
    const known = (n: string): boolean => names.has(n) || n in MEMBERS
    expect(Object.keys(FACTS).filter((n) => !known(n))).toEqual([])
  })
})

// ---- samples ------------------------------------------------------------------------------------------------------

/** The samples of an operation: its own, or those of the one that it is another name of. */
function samplesOf(name: string): Sample[] {
  const own = samples.get(name) ?? []
  const { same } = factsOf(name)
  return own.length > 0 || same === undefined ? own : samplesOf(same)
}
const recorded = (name: string): boolean => samplesOf(name).length > 0 || draws.has(name) || changed.has(name)

/** A recorded call's operation under another name. */
const named = (golden: GoldenOp, name: string): GoldenOp => ({ ...golden, name })

/** The same call under the operation's own name. */
function called(name: string, form: Form, c: GoldenCase): string {
  const golden = named({ name } as GoldenOp, name)
  return outcomeOf(golden, { ...c, self: c.self ?? (form === 'function' ? undefined : 0) } as GoldenCase, form)
}

describe('a recorded sample for', () => {
  test.each(chosen.map(qualifiedName))('%s', (name) => {
    const { noSample, same } = factsOf(name)
    if (noSample !== undefined) {
      expect([name, samples.has(name)]).toEqual([name, false])
      return
    }
    if (same !== undefined && !samples.has(name)) {
      // Another name answers as the operation itself, which is held against PyTorch.
      for (const { golden, call } of few(samplesOf(same), 6))
        expect(called(name, formOf(golden), call)).toBe(outcomeOf(golden, call))
    }
    expect([name, recorded(name)]).toEqual([name, true])
    for (const { golden, family, call } of samplesOf(name)) {
      if (family !== 'own') continue
      const got = callOf(golden, 'function', call, new Arguments(call)) as Tensor
      const want = elementsOf(call.out as CodedTensor)
      expect(difference(valuesOf(got), want, toleranceOf(name, 'value', call.dtype))).toBeNull()
    }
  })
})

describe('a method is the operation with its receiver first:', () => {
  const fields = new Set(INTERNAL)
  const members = [...Object.getOwnPropertyNames(Tensor.prototype), ...UNLISTED].filter(
    (n) => n !== 'constructor' && !fields.has(n),
  )
  const known = new Map<string, string>()
  for (const d of all) {
    if (d.method === false) continue
    known.set(d.name, qualifiedName(d))
    if (d.inPlace) known.set(`${d.name}_`, qualifiedName(d))
  }
  const tested = members.filter((m) => known.has(m) && selected(known.get(m) as string))
  test.each(tested)('%s', (m) => {
    const name = known.get(m) as string
    const inPlace = m.endsWith('_') && !name.endsWith('_')
    // Samples of `at` and `set` are made as methods.
    if (m === 'at' || m === 'set') return
    if (factsOf(name).noSample !== undefined || changed.has(m) || (draws.has(name) && !samples.has(name))) return
    const usable = samplesOf(name).filter(
      ({ golden, call }) =>
        !golden.name.startsWith('__') && (inPlace ? fits(call) : isCodedTensor(call.args[call.self ?? 0] as never)),
    )
    expect([m, usable.length > 0]).toEqual([m, true])
    const { golden, call } = few(usable, 1)[0] as Sample
    const values = (form: Form): string[] => {
      manualSeed(0)
      const given = new Arguments(call)
      const op = form === formOf(golden) && form === 'function' ? golden : named(golden, name)
      const out = callOf(op, form, { ...call, self: call.self ?? 0 }, given)
      return flatten(out).map(String)
    }
    expect(values(inPlace ? 'inPlace' : 'method')).toEqual(values(formOf(golden)))
  })
  const others = members.filter((m) => !known.has(m) && !(m in MEMBERS))
  if (process.env.OP === undefined) {
    test('what else a Tensor has is sampled or marked', () => expect(others.filter((m) => !samples.has(m))).toEqual([]))
    test('marks are of what there is', () =>
      expect(Object.keys(MEMBERS).filter((m) => !members.includes(m) || known.has(m))).toEqual([]))
  }
})
const fits = ({ args, self, out }: GoldenCase): boolean => {
  const x = args[self ?? 0] as never
  return (
    isCodedTensor(x) &&
    isCodedTensor(out) &&
    out.t === (x as typeof out).t &&
    out.s.join() === (x as typeof out).s.join()
  )
}

everything('every function of', () => {
  const owners: [string, object][] = [
    ['', tenzo],
    ['nn.functional', tenzo.nn.functional],
    ['linalg', tenzo.linalg],
    ['special', tenzo.special],
  ]
  const found = new Set<unknown>(all.map(functionOf))
  test.each(owners)('tenzo %s is an operation or marked', (namespace, owner) => {
    const names = Object.entries(owner)
      .filter(([, f]) => typeof f === 'function' && !found.has(f))
      .map(([name]) => (namespace === '' ? name : `${namespace}.${name}`))
    const inPlaceForm = (n: string): boolean => n.endsWith('_') && (changed.has(n) || n in EXPORTS)
    expect(names.filter((n) => !(n in EXPORTS) && !inPlaceForm(n))).toEqual([])
  })
})

// ---- options ------------------------------------------------------------------------------------------------------

const optional = (d: { params: readonly AnyParam[] }): AnyParam[] => d.params.filter((p) => p.presence !== 'required')

/** The call without an option: null where it does not give it. */
function without<C extends GoldenCase>(c: C, params: readonly AnyParam[], option: string): C | null {
  const key = Object.keys(c.opts).find((k) => camelCase(k) === option)
  if (key !== undefined) {
    const { [key]: _, ...opts } = c.opts
    return { ...c, opts, ...(c.first === key ? { first: undefined } : {}) }
  }
  const at = params.findIndex((p) => p.name === option)
  return at >= 0 && at === c.args.length - 1 ? { ...c, args: c.args.slice(0, at) } : null
}

function shows(name: string, params: readonly AnyParam[], option: string): boolean {
  const recordedCalls = [...samplesOf(name), ...(refusals.get(name) ?? [])] as Sample[]
  const giving = recordedCalls
    .map(({ golden, call }) => ({ golden, call, less: without(call, params, option) }))
    .filter((c) => c.less !== null)
    .slice(0, 60)
  if (giving.some(({ golden, call, less }) => outcomeOf(golden, call) !== outcomeOf(golden, less as GoldenCase)))
    return true
  return (draws.get(name) ?? []).some(({ op, inputs, parameters }) => {
    const param = params.find((p) => p.name === option) as AnyParam
    if (parameters[option] === undefined || parameters[option] === param.fallback || !isFor(param, parameters[option]))
      return false
    const { [option]: _, ...less } = parameters
    const told = (options: Readonly<Record<string, unknown>>): string =>
      outcome(() => {
        const copies = inputs.map((x) => (x instanceof Tensor ? x.detach().clone() : x))
        const { generator } = parameters as { generator?: tenzo.Generator }
        generator?.manualSeed(1)
        return { results: byName(op, copies, options), inputs: copies.filter((x) => x instanceof Tensor) }
      })
    return told(parameters) !== told(less)
  })
}

/** Whether a value is one of the parameter's: what comes by position may have been given another's name. */
function isFor(param: AnyParam, value: unknown): boolean {
  try {
    checkParam('', param, value)
    return true
  } catch {
    return false
  }
}

const ALWAYS_NAMED = ['dtype', 'requiresGrad', 'generator', 'training', 'inplace']
/** Calls an operation with its options by name; what takes none so, with the first ones by position. */
function byName(op: OpCall['op'], inputs: unknown[], options: Readonly<Record<string, unknown>>): unknown {
  try {
    return functionOf(op)(...inputs, options)
  } catch {
    const first = optional(op).filter((p) => p.name in options && !ALWAYS_NAMED.includes(p.name))
    const named = Object.fromEntries(Object.entries(options).filter(([k]) => ALWAYS_NAMED.includes(k)))
    return functionOf(op)(...inputs, ...first.map((p) => options[p.name]), named)
  }
}

/** Where the result goes is told by identity: the same values, in `out` or in the first argument. */
function goes(name: string, option: 'out' | 'inplace'): boolean {
  return few(samplesOf(name), 12).some(({ golden, call }) =>
    noGrad(() => {
      try {
        const own = named(golden, name)
        const plain = callOf(own, 'function', call, new Arguments(call))
        if (!(plain instanceof Tensor)) return false
        const given = new Arguments(call)
        given.opts[option] = option === 'out' ? empty(plain.shape, { dtype: plain.dtype }) : true
        const got = callOf(own, 'function', call, given)
        const target = option === 'out' ? given.opts.out : given.tensors[0]
        return got === target && String(got) === String(plain)
      } catch {
        return false
      }
    }),
  )
}

describe('each option changes an answer:', () => {
  for (const d of chosen) {
    const name = qualifiedName(d)
    const options = optional(d)
    if (options.length === 0) continue
    test(name, () => {
      const { noSample, same, options: marks = {} } = factsOf(name)
      const known = options.map((p) => p.name).filter((o) => !(o in SILENT))
      expect(Object.keys(marks).filter((o) => !known.includes(o))).toEqual([])
      if (noSample !== undefined) return
      const silent = known.filter(
        (o) => !(o in marks) && !((o === 'out' || o === 'inplace') && goes(name, o)) && !shows(name, d.params, o),
      )
      expect(silent).toEqual([])
      // A mark that no longer holds is taken away.
      if (same === undefined)
        expect(Object.keys(marks).filter((o) => o !== 'out' && shows(name, d.params, o))).toEqual([])
    })
  }
})

// ---- native operations --------------------------------------------------------------------------------------------

everything('native', () => {
  test('every operation runs', () => {
    const runs = nativeRuns(() => {
      for (const list of samples.values())
        for (const { golden, call } of few(list, 10)) {
          const form = formOf(golden)
          outcomeOf(golden, call, form)
          twice(golden, call, form)
        }
      randomCalls()
      for (const program of PROGRAMS) program()
    })
    expect(OP_NAMES.filter((n) => !runs.has(n) && !(n in UNREACHED))).toEqual([])
    expect(Object.keys(UNREACHED).filter((n) => runs.has(n))).toEqual([])
  })
})
if (process.env.OP !== undefined)
  describe('native operations of', () => {
    for (const d of chosen) {
      const runs = nativeRuns(() => {
        for (const { golden, call } of few(samplesOf(qualifiedName(d)), 10)) {
          outcomeOf(golden, call)
          twice(golden, call, formOf(golden))
        }
      })
      const told = [...runs].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${count}×`)
      test(`${qualifiedName(d)}: ${told.join(', ')}`, () => {})
    }
  })
/** The gradient of the gradient: it has kernels of its own. */
function twice(golden: GoldenOp, call: GoldenCase, form: Form): void {
  if (!call.grads) return
  try {
    const given = new Arguments(call)
    const roots = flatten(callOf(golden, form, call, given)).filter(
      (t): t is Tensor => t instanceof Tensor && t.requiresGrad,
    )
    const options = { allowUnused: true, createGraph: true }
    const grads = autograd.grad(roots, given.leaves, { ...options, gradOutputs: roots.map(cotangent) })
    const again = grads.filter((g): g is Tensor => g?.requiresGrad === true)
    autograd.grad(again, given.leaves, { gradOutputs: again.map(cotangent), allowUnused: true })
  } catch (error) {
    // Some have none, and say so.
    if (!(error instanceof tenzo.TenzoError)) throw error
  }
}
