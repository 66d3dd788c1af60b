/** How far a result may lie from PyTorch's: each operation's row in test/ops/facts.ts says it. */
import { qualifiedName } from '../../lib/ops/define/registry'
import { FACTS, type Facts, SUMS } from '../ops/facts'
import { definitionOf, tenzoName } from './names'

/**
 * A result is right when |got - want| <= relative * |want| + ofLargest * max |want|. Figures are for float32; float64 gets them
 * scaled by the ratio of the two machine epsilons (2^-29), the half types get two units in their last place more, since both
 * sides compute in float32 and round once.
 */
export interface Tolerance {
  relative: number
  ofLargest: number
}

/** Of the result of an operation, or of its gradients: these chain two rules and sum over broadcasts, so they get at least SUMS. */
export function scaled(own: Tolerance, part: 'value' | 'gradient', dtype: string): Tolerance {
  const t = {
    relative: part === 'value' ? own.relative : Math.max(own.relative * 4, SUMS.relative * 2),
    ofLargest: part === 'value' ? own.ofLargest : Math.max(own.ofLargest * 4, SUMS.ofLargest),
  }
  if (dtype === 'float64') return { relative: t.relative * 2 ** -29, ofLargest: t.ofLargest * 2 ** -29 }
  if (dtype === 'float16') return { relative: t.relative + 2 ** -9, ofLargest: t.ofLargest + 2 ** -11 }
  if (dtype === 'bfloat16') return { relative: t.relative + 2 ** -6, ofLargest: t.ofLargest + 2 ** -8 }
  return t
}

const follow = (row: Facts | undefined): Facts | undefined => (row?.same === undefined ? row : FACTS[row.same])
/** The row of facts of an operation by PyTorch's name. */
function factsOf(op: string): Facts | undefined {
  const d = definitionOf(op)
  const own = tenzoName(op)
  return d ? FACTS[qualifiedName(d)] : (FACTS[own] ?? FACTS[own.replace(/_$/, '')])
}

/** @param op PyTorch's name. @throws Error where it has no row: nothing is compared by a tolerance that nobody chose */
export function toleranceOf(op: string, part: 'value' | 'gradient', dtype: string): Tolerance {
  const tolerance = follow(factsOf(op))?.tolerance
  if (tolerance === undefined) throw new Error(`${op} has no tolerance in test/ops/facts.ts`)
  return scaled(tolerance, part, dtype)
}

const bare = (name: string): string => (name.split('.').at(-1) as string).toLowerCase().replace(/loss$|\dd$/, '')
/** The same of a module: its function's, which bears its name (`ReflectionPad2d` is a `pad`). */
export function toleranceOfModule(name: string, part: 'value' | 'gradient', dtype: string): Tolerance {
  const of = bare(name.replace(/^\w+Pad(?=\dd$)/, 'Pad').replace(/^BCE/, 'BinaryCrossEntropy'))
  const rows = Object.keys(FACTS).filter((f) => bare(f) === of)
  const tolerance = follow(FACTS[rows.find((f) => f.startsWith('nn.functional.')) ?? (rows[0] as string)])?.tolerance
  if (tolerance === undefined) throw new Error(`nn.${name} has no function with a tolerance in test/ops/facts.ts`)
  return scaled(tolerance, part, dtype)
}

/** Whether what a comparison says is a difference on purpose. */
export const differs = (op: string, said: string): boolean =>
  Object.keys(factsOf(op)?.differs ?? {}).some((text) => said.includes(text))

/** The first place where two lists of elements differ by more than allowed, in words, or null. */
export function difference(
  got: readonly (number | bigint)[],
  want: readonly (number | bigint)[],
  tolerance: Tolerance,
  /** The size of the terms that the elements are sums of, where it is known to be at least this. */
  scale = 0,
): string | null {
  if (got.length !== want.length) return `${got.length} elements instead of ${want.length}`
  let largest = scale
  for (const w of want) if (typeof w === 'number' && Number.isFinite(w)) largest = Math.max(largest, Math.abs(w))
  let worst = 0
  let message: string | null = null
  for (let i = 0; i < want.length; i++) {
    const g = got[i]!
    const w = want[i]!
    if (g === w) {
      if (g === 0 && !Object.is(g, w) && tolerance === EXACT_SIGNS)
        return `element ${i} is ${Object.is(g, -0) ? '-0' : '0'}`
      continue
    }
    if (typeof g === 'bigint' || typeof w === 'bigint') return `element ${i} is ${g} instead of ${w}`
    if (Number.isNaN(g) && Number.isNaN(w)) continue
    const allowed = tolerance.relative * Math.abs(w) + tolerance.ofLargest * largest
    const off = Math.abs(g - w)
    // Twice the smallest float32 denormal: results that underflow may round either way.
    if (off <= allowed || (tolerance.relative > 0 && off <= 2.9e-45)) continue
    const badness = Number.isNaN(off) || off === Infinity ? Infinity : off / Math.max(allowed, 1e-300)
    if (message === null || badness > worst) {
      worst = badness
      message = `element ${i} is ${g} instead of ${w} (relative ${(off / Math.abs(w)).toExponential(2)})`
    }
  }
  return message
}

/** For comparisons where the sign of a zero counts. */
export const EXACT_SIGNS: Tolerance = { relative: 0, ofLargest: 0 }
