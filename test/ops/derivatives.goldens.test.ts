/**
 * First, second and third derivatives of reductions and running results against PyTorch's where they are special: zeros among
 * factors, ties, NaN, infinities, single elements (test/oracle/derivatives.py).
 */
import { autograd, type Tensor } from '../../lib'
import { callOf, flatten } from '../helpers/calls'
import {
  Arguments,
  type Coded,
  type CodedCall,
  type CodedTensor,
  cotangent,
  elementsOf,
  type GoldenOp,
  isCodedTensor,
  loadGoldens,
  valuesOf,
} from '../helpers/goldens'
import { difference, type Tolerance, toleranceOf } from '../helpers/tolerance'

type Grads = (CodedTensor | null)[]
interface Row extends CodedCall {
  name: string
  dtype: string
  plain: Grads
  levels: (Grads | string)[]
}

/** The gradient that every output was given (upstream in derivatives.py). */
const upstream = (t: Tensor): Tensor => cotangent(t).add(1 / 16)

/** The gradients given are near 1, and what is summed has terms of at least that size. */
const SCALE = 1

const describeCase = (c: Row): string => {
  const show = (a: Coded): string => (isCodedTensor(a) ? `[${a.s}](${elementsOf(a)})` : JSON.stringify(a))
  return `${c.dtype} ${c.args.map(show).join(' ')} ${JSON.stringify(c.opts)}`
}

function compare(got: readonly (Tensor | null)[], want: Grads, c: Row, level = 1): string | null {
  const own = toleranceOf(c.name, 'gradient', c.dtype)
  // Each level rounds again what the one before has rounded; half types at every operation.
  const rounds = level === 1 ? 1 : c.dtype.includes('16') ? 8 : 4
  const tolerance: Tolerance = { relative: own.relative * rounds, ofLargest: own.ofLargest * rounds }

  for (const [i, w] of want.entries()) {
    const g = got[i] ?? null
    if (w === null || g === null) {
      // Where nothing leads to an input its gradient is zero as well as none.
      if (valuesOrNone(g).some((v) => v !== 0)) return `gradient ${i} is [${valuesOrNone(g)}] instead of null`
      if (w !== null && elementsOf(w).some((v) => v !== 0)) return `gradient ${i} is null instead of [${elementsOf(w)}]`
      continue
    }
    if (g.dtype !== w.t) return `gradient ${i} has dtype ${g.dtype} instead of ${w.t}`
    if (g.shape.join() !== w.s.join()) return `gradient ${i} has shape [${g.shape}] instead of [${w.s}]`
    const d = difference(valuesOf(g), elementsOf(w), tolerance, SCALE)
    if (d !== null) return `gradient ${i}: ${d} ([${valuesOf(g)}] instead of [${elementsOf(w)}])`
  }
  return null
}
const valuesOrNone = (t: Tensor | null): (number | bigint)[] => (t === null ? [] : valuesOf(t))

function check(c: Row): string | null {
  const call = (): [Tensor[], Tensor[]] => {
    const given = new Arguments(c)
    const out = flatten(callOf({ name: c.name } as GoldenOp, 'function', c, given)) as Tensor[]
    return [out.filter((t) => t.requiresGrad), given.leaves]
  }
  let [roots, leaves] = call()
  const plain = autograd.grad(roots, leaves, { gradOutputs: roots.map(upstream), allowUnused: true })
  const first = compare(plain, c.plain, c)
  if (first !== null) return `first, not to be differentiated: ${first}`
  ;[roots, leaves] = call()
  const given = roots.map((t) => upstream(t).requiresGrad_())
  let seeds = given
  for (const [level, want] of c.levels.entries()) {
    let grads: readonly (Tensor | null)[]
    try {
      grads = autograd.grad(roots, level === 0 ? leaves : [...leaves, ...given], {
        gradOutputs: seeds,
        createGraph: true,
        allowUnused: true,
      })
    } catch (error) {
      if (typeof want !== 'string') return `level ${level + 1} throws ${String(error)}`
      return (error as Error).message.includes(want) ? null : `level ${level + 1} says ${String(error)}, not ${want}`
    }
    if (typeof want === 'string') return `level ${level + 1} does not throw: ${want}`
    const d = compare(grads, want, c, level + 1)
    if (d !== null) return `level ${level + 1}: ${d}`
    roots = grads.filter((g): g is Tensor => g?.requiresGrad === true)
    if (roots.length === 0) {
      const more = c.levels
        .slice(level + 1)
        .find((l) => typeof l === 'string' || l.some((g) => g && elementsOf(g).some((v) => v !== 0)))
      return more === undefined ? null : `level ${level + 1} cannot be differentiated`
    }
    seeds = roots.map((t) => upstream(t))
  }
  return null
}

const rows = loadGoldens<Row[]>('derivatives.json.gz')
describe.each([...new Set(rows.map((c) => c.name))])('%s', (name) => {
  test('derivatives', () => {
    const failures = rows
      .filter((c) => c.name === name)
      .flatMap((c) => {
        const d = check(c)
        return d === null ? [] : [`${describeCase(c)}\n    ${d}`]
      })
    expect(failures).toEqual([])
  })
})
