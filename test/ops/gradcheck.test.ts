/**
 * The gradient of every differentiable operation against differences in float64, and the gradient's own gradient: on recorded
 * samples, whose tensors take values that facts.ts keeps away from kinks, and on the cases of gradient-cases.ts. What cannot be
 * checked is marked in facts.ts with its reason.
 *
 * OP=softmax   only these operations (npm run op)
 */
import * as tenzo from 'tenzo'
import { autograd, manualSeed, noGrad, special, Tensor } from 'tenzo'
import type { OpDefinition } from '../../lib/ops/define/registry'
import { callOf, type Form, flatten } from '../helpers/calls'
import { Arguments, type Coded, elementsOf, isCodedTensor } from '../helpers/goldens'
import { definitionOf } from '../helpers/names'
import {
  few,
  formOf,
  functionOf,
  operations,
  qualifiedName,
  rangeOf,
  type Sample,
  samples,
  selected,
} from '../helpers/samples'
import { type GradientCase, values } from '../helpers/values'
import { FACTS } from './facts'
import { CASES } from './gradient-cases'
import { NN_CASES } from './gradient-cases-nn'

/** Elements of what is differentiated, and of all results. */
const [MOST_INPUTS, MOST_OUTPUTS] = [24, 60]
const PER_OPERATION = 2

const given = new Map<string, GradientCase[]>()
for (const [name, cases] of Object.entries({ ...CASES, ...NN_CASES })) {
  const d = definitionOf(name)
  if (d === undefined) throw new Error(`gradient-cases: there is no operation ${name}`)
  const key = qualifiedName(d)
  given.set(key, [...(given.get(key) ?? []), ...cases])
}

/** float32 becomes float64: differences need the digits. */
function inDouble(c: Coded): Coded {
  if (c === null || typeof c !== 'object') return c
  if (Array.isArray(c)) return c.map(inDouble)
  if (isCodedTensor(c)) {
    if (c.t !== 'float32') return c
    const bytes = Float64Array.from(elementsOf(c) as number[]).buffer
    return { ...c, t: 'float64', d: Buffer.from(bytes).toString('hex') }
  }
  return 'dtype' in c && c.dtype === 'float32' ? { dtype: 'float64' } : c
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Recorded calls that can be checked: small, in the order that elements have in memory, of floating results. */
function usable({ family, call }: Sample): boolean {
  if (!['float32', 'float64'].includes(call.dtype) || ['extremal', 'promotion', 'mistakes'].includes(family))
    return false
  if (!call.grads?.some((g) => g !== null) || /"t":"b?float16"|"dtype":"b?float16"/.test(JSON.stringify(call)))
    return false
  const { coded } = new Arguments(call)
  const leaves = coded.filter((t) => t.g)
  const inputs = leaves.reduce((n, t) => n + count(t.s), 0)
  const whole = leaves.every((t) => count(t.s) > 0 && !t.o && !t.st?.includes(0))
  return whole && inputs > 0 && inputs <= MOST_INPUTS && outputs(call.out) <= MOST_OUTPUTS
}
const outputs = (c: Coded): number =>
  Array.isArray(c) ? c.reduce<number>((n, x) => n + outputs(x), 0) : isCodedTensor(c) ? count(c.s) : 0

/** A recorded call as a function of what is differentiated. */
function caseOf(d: OpDefinition, { golden, call }: Sample, form: Form): GradientCase {
  const { domain, only } = FACTS[qualifiedName(d)] ?? {}
  const inputs = new Arguments({
    args: call.args.map(inDouble),
    opts: Object.fromEntries(Object.entries(call.opts).map(([k, v]) => [k, inDouble(v)])),
  })
  const leaves: Tensor[] = []
  inputs.leaves.forEach((leaf, i) => {
    if (only !== undefined && i !== only) leaf.requiresGrad = false
    else leaves.push(leaf)
    noGrad(() => leaf.copy_(values(leaf.shape, ...rangeOf(domain, i), 1 + 4 * i)))
  })
  const run = (): Tensor[] => {
    manualSeed(0)
    const results = flatten(callOf(golden, form, call, inputs))
    return results.filter((t): t is Tensor => t instanceof Tensor && t.requiresGrad)
  }
  return [run, leaves]
}

/** Where no sample is small enough, and all that is required are tensors: any will do. */
function plainCase(d: OpDefinition): GradientCase[] {
  const required = d.params.filter((p) => p.presence === 'required')
  if (!required.every((p) => p.type === 'Tensor' || p.type === 'Tensor or number')) return []
  const { domain, only } = FACTS[qualifiedName(d)] ?? {}
  const inputs = required.map((_, i) => values([2, 3], ...rangeOf(domain, i), 1 + 4 * i))
  inputs.forEach((x, i) => {
    x.requiresGrad = only === undefined || i === only
  })
  const run = (...x: Tensor[]): Tensor => {
    manualSeed(0)
    return functionOf(d)(...(d.name.endsWith('_') ? [x[0]?.clone(), ...x.slice(1)] : x)) as Tensor
  }
  return [[run, inputs]]
}

const fitsInPlace = ({ golden, call }: Sample): boolean => {
  const x = call.args[call.self ?? -1]
  return (
    golden.inplace &&
    x !== undefined &&
    isCodedTensor(x) &&
    isCodedTensor(call.out) &&
    call.out.s.join() === x.s.join() &&
    call.out.t === x.t
  )
}

describe('the gradient of', () => {
  for (const d of operations()) {
    const name = qualifiedName(d)
    if (!d.differentiable || !selected(name)) continue
    const { gradient, second, same, ownCases } = FACTS[name] ?? {}
    // Held against the operation itself, gradients too, in completeness.test.ts.
    if (same !== undefined && !samples.has(name)) continue
    if (gradient !== undefined) {
      test.skip(`${name}: ${gradient}`, () => {})
      continue
    }
    test(name, () => {
      const list = (ownCases === undefined ? (samples.get(name) ?? []) : []).filter(usable)
      const chosen = few(list, PER_OPERATION)
      const own = given.get(name) ?? []
      const cases: GradientCase[] = [...own, ...chosen.map((s) => caseOf(d, s, formOf(s.golden)))]
      if (cases.length === 0) cases.push(...plainCase(d))
      if (cases.length === 0) throw new Error('no case: give one in gradient-cases.ts, or a reason in facts.ts')
      const twice = ([run, inputs]: GradientCase): boolean => autograd.gradgradcheck(run, inputs)
      for (const [run, inputs] of cases) expect(autograd.gradcheck(run, inputs)).toBe(true)
      if (second === undefined) for (const c of cases) expect(twice(c)).toBe(true)
      // The mark is needed.
      else expect(() => cases.forEach(twice)).toThrow()
      // What is saved must not be what is overwritten.
      for (const s of d.inPlace ? few(list.filter(fitsInPlace), 1) : []) {
        const [run, inputs] = caseOf(d, s, 'inPlace')
        expect(autograd.gradcheck(run, inputs)).toBe(true)
      }
    })
  }
})

test('what PyTorch gives a gradient other than zero is not marked as having none', () => {
  const wrong = [...operations()].filter(
    (d) =>
      !d.differentiable &&
      samples
        .get(qualifiedName(d))
        ?.some(({ call }) => call.grads?.some((g) => g !== null && elementsOf(g).some((v) => v !== 0))),
  )
  expect(wrong.map(qualifiedName)).toEqual([])
})

// ---- what has no gradient says so ---------------------------------------------------------------------------------

test.each([
  ['special.zeta', special.zeta],
  ['igamma', tenzo.igamma],
  ['igammac', tenzo.igammac],
] as const)('%s has a gradient of its second operand alone', (_, f) => {
  const [x, y] = [values([3], 1.2, 3), values([3], 0.3, 3, 5)]
  expect(() => f(x, y)).not.toThrow()
  expect(() => f(x, y).sum().backward()).toThrow('is not implemented')
})
