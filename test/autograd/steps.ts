/** Steps of random programs: recorded calls, run again, and what they say. */
import { Tensor, TenzoError, slice } from 'tenzo'
import {
  type Coded,
  type CodedTensor,
  camelCase,
  decodeTensor,
  elementsOf,
  isCodedTensor,
  valuesOf,
} from '../helpers/goldens'
import { difference } from '../helpers/tolerance'

export type CodedArgument = Coded | { v: number } | CodedArgument[]

export interface Step {
  x: number
  name: string
  args: CodedArgument[]
  opts: Record<string, number | boolean>
  noGrad?: 1
  error?: [string, string]
  /** How many variables the step makes. */
  made?: number
}

export const inOwnWords = (s: string): string =>
  s
    .replace(/torch\./g, '')
    .replace(/ Hint: .*$/s, '')
    .replace(/\s+/g, ' ')
    .trim()

export function runStep(step: Step, variables: Tensor[]): Tensor[] {
  const decode = (a: CodedArgument): unknown => {
    if (Array.isArray(a)) return a.map(decode)
    if (a === null || typeof a !== 'object') return a
    if ('v' in a) return variables[a.v]
    if (isCodedTensor(a as Coded)) return decodeTensor(a as CodedTensor)
    if ('slice' in a) return slice(...(a.slice as [number | null, number | null, number | null]))
    return '...'
  }
  const x = variables[step.x]!
  const args = step.args.map(decode)
  if (step.name === '__setitem__') {
    x.set(args[0] as [], args[1] as number)
    return []
  }
  if (step.name === '__getitem__') return [x.at(...(args[0] as []))]
  if (step.name === 'data') return [x.data]
  if (Object.keys(step.opts).length > 0) args.push(step.opts)
  const method = (x as unknown as Record<string, (...a: unknown[]) => unknown>)[camelCase(step.name)]!
  const out = method.apply(x, args)
  if (out === x || out === undefined) return []
  return Array.isArray(out) ? out : out instanceof Tensor ? [out] : Object.values(out as Record<string, Tensor>)
}

export function said(f: () => unknown): string | null {
  try {
    f()
    return null
  } catch (error) {
    return error instanceof TenzoError ? inOwnWords(error.message) : `${(error as Error).stack}`
  }
}

export function compare(got: Tensor, want: CodedTensor): string | null {
  if (got.dtype !== want.t) return `dtype ${got.dtype} instead of ${want.t}`
  if (got.shape.join() !== want.s.join()) return `shape [${got.shape}] instead of [${want.s}]`
  const relative = want.t === 'float64' ? 1e-11 : 2e-5
  return difference(valuesOf(got), elementsOf(want), { relative, ofLargest: relative / 10 })
}

/** A test for each recorded program, but for those where Tenzo differs, by number and with the reason. */
export function testEach<P>(
  name: string,
  programs: readonly P[],
  check: (program: P) => string[],
  known: Record<number, string>,
): void {
  test.each([...programs.keys()].filter((i) => !(i in known)))(`${name} %i`, (i) => {
    const problems = check(programs[i]!)
    if (problems.length > 0) throw new Error(`\n  ${problems.join('\n  ')}`)
  })
}
