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
import { few, formOf, operations, qualifiedName, type Sample, samples, selected } from '../helpers/samples'
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
  return leaves.every((t) => !t.st && !t.o) && inputs > 0 && inputs <= MOST_INPUTS && outputs(call.out) <= MOST_OUTPUTS
}
const outputs = (c: Coded): number =>
  Array.isArray(c) ? c.reduce<number>((n, x) => n + outputs(x), 0) : isCodedTensor(c) ? count(c.s) : 0

/** A recorded call as a function of what is differentiated. */
function caseOf(d: OpDefinition, { golden, call }: Sample, form: Form): GradientCase {
  const { domain } = FACTS[qualifiedName(d)] ?? {}
  const inputs = new Arguments({
    args: call.args.map(inDouble),
    opts: Object.fromEntries(Object.entries(call.opts).map(([k, v]) => [k, inDouble(v)])),
  })
  const leaves: Tensor[] = []
  inputs.leaves.forEach((leaf, i) => {
    const range = domain && (Array.isArray(domain[0]) || domain[0] === null) ? domain[i % domain.length] : domain
    if (range === null) leaf.requiresGrad = false
    else leaves.push(leaf)
    const [low, high] = (range ?? [-2, 2]) as [number, number]
    noGrad(() => leaf.copy_(values(leaf.shape, low, high, 1 + 4 * i)))
  })
  const run = (): Tensor[] => {
    manualSeed(0)
    const results = flatten(callOf(golden, form, call, inputs))
    return results.filter((t): t is Tensor => t instanceof Tensor && t.requiresGrad)
  }
  return [run, leaves]
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
    const { gradient, second, same } = FACTS[name] ?? {}
    if (gradient !== undefined) {
      test.skip(`${name}: ${gradient}`, () => {})
      continue
    }
    test(name, () => {
      const list = (samples.get(name) ?? samples.get(same ?? '') ?? []).filter(usable)
      const chosen = few(list, PER_OPERATION)
      const own = given.get(name) ?? []
      const cases: GradientCase[] = [...own, ...chosen.map((s) => caseOf(d, s, formOf(s.golden)))]
      if (cases.length === 0) throw new Error('no case: give one in gradient-cases.ts, or a reason in facts.ts')
      for (const [run, inputs] of cases) {
        expect(autograd.gradcheck(run, inputs)).toBe(true)
        if (second === undefined) expect(autograd.gradgradcheck(run, inputs)).toBe(true)
      }
      // What is saved must not be what is overwritten.
      for (const s of d.inPlace ? few(list.filter(fitsInPlace), 1) : []) {
        const [run, inputs] = caseOf(d, s, 'inPlace')
        expect(autograd.gradcheck(run, inputs)).toBe(true)
      }
    })
  }
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
