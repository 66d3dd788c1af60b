/** All that was recorded, by public operation: what the tests of completeness walk. */
import { readdirSync } from 'node:fs'
import * as tenzo from '../../lib'
import { autograd, manualSeed, Tensor } from '../../lib'
import { functionOf, listen, type OpCall, operations, qualifiedName } from '../../lib/ops/define/registry'
import { callOf, type Form, flatten } from './calls'
import { definitionOf, tenzoName } from './names'
import {
  Arguments,
  type CodedCall,
  type CodedTensor,
  camelCase,
  cotangent,
  freeFunction,
  type GoldenCase,
  type GoldenError,
  type GoldenOp,
  isCodedTensor,
  loadGoldens,
  ROOT,
  valuesOf,
} from './goldens'
import { FACTS, type Facts } from '../ops/facts'
import { values } from './values'

export interface Sample {
  /** As recorded: its name and the forms that PyTorch has. */
  golden: GoldenOp
  family: string
  call: GoldenCase
}

/** Recorded calls that give results, by the operation's name; under PyTorch's own where it is no operation of the register. */
export const samples = new Map<string, Sample[]>()
/** Recorded refusals. */
export const refusals = new Map<string, { golden: GoldenOp; call: GoldenError }[]>()
const push = <T>(into: Map<string, T[]>, key: string, value: T): void => {
  const list = into.get(key)
  if (list) list.push(value)
  else into.set(key, [value])
}
for (const file of readdirSync(`${ROOT}/ops`))
  for (const golden of loadGoldens<GoldenOp[]>(`ops/${file}`)) {
    const d = definitionOf(golden.name)
    const key = d ? qualifiedName(d) : tenzoName(golden.name)
    for (const call of golden.cases) push(samples, key, { golden, family: file.replace('.json.gz', ''), call })
    for (const call of golden.errors) push(refusals, key, { golden, call })
  }

/** The numbers that an input may have. */
export function rangeOf(domain: Facts['domain'], i: number): [number, number] {
  const own = Array.isArray(domain?.[0]) ? domain[i % domain.length] : domain
  return (own ?? [-2, 2]) as [number, number]
}
const coded = (x: Tensor): CodedTensor => {
  const bytes = x.dtype === 'float32' ? Float32Array : Float64Array
  return { t: x.dtype, s: [...x.shape], d: Buffer.from(bytes.from(valuesOf(x) as number[]).buffer).toString('hex') }
}
/** What PyTorch lacks is held against what it equals, in calls as if recorded. */
for (const d of operations()) {
  const { equals, domain } = FACTS[qualifiedName(d)] ?? {}
  if (equals === undefined) continue
  const golden = { name: qualifiedName(d), method: d.method !== false, free: true, inplace: d.inPlace } as GoldenOp
  for (const dtype of ['float32', 'float64'] as const) {
    const inputs = Array.from({ length: equals.length }, (_, i) =>
      values([3, 5], ...rangeOf(domain, i), 1 + 4 * i)
        .to(dtype)
        .detach(),
    )
    const call = { dtype, args: inputs.map(coded), opts: {}, self: 0, out: coded(equals(...inputs)) } as GoldenCase
    push(samples, golden.name, { golden, family: 'own', call })
  }
}

/** Names of the forms in place that test/oracle/expanded.py recorded: `add_`, `nn.functional.elu_`. */
export const changed = new Set<string>()
for (const { form, name } of loadGoldens<{ rows: { form: string; name: string }[] }>('expanded.json.gz').rows)
  if (form === 'method' || form === 'set') changed.add(camelCase(name))
  else if (form === 'functional') changed.add(`nn.functional.${camelCase(name)}`)

/** What test/oracle/streams.py recorded of random draws: the calls, as they come in here. */
export function randomCalls(): OpCall[] {
  const recorded = loadGoldens<{ cases: { steps: string[] }[]; soft: { step: string }[] }>('random.json.gz')
  const calls: OpCall[] = []
  const seen = new Map<string, number>()
  const g = new tenzo.Generator()
  let text = ''
  const stop = listen((call) => {
    // Not what a layer draws within.
    if (call.depth === 0 && new RegExp(`\\b${call.op.name}\\(`).test(text)) calls.push(call)
  })
  try {
    for (const step of [...recorded.cases.flatMap((c) => c.steps), ...recorded.soft.map((s) => s.step)]) {
      // Long ones draw the same way; and a few of each spelling are enough.
      const spelling = step.replace(/\d+/g, '0')
      const known = seen.get(spelling) ?? 0
      if (/\d{4,}/.test(step) || known >= 3) continue
      seen.set(spelling, known + 1)
      text = step
      const names = Object.entries({ ...tenzo, g }).filter(([name]) => new RegExp(`\\b${name}\\b`).test(step))
      new Function(...names.map(([name]) => name), `return [${step}]`)(...names.map(([, value]) => value))
    }
  } finally {
    stop()
  }
  return calls
}

// ---- choosing -----------------------------------------------------------------------------------------------------

const tensorsIn = (v: unknown): CodedTensor[] =>
  v === null || typeof v !== 'object'
    ? []
    : isCodedTensor(v as never)
      ? [v as CodedTensor]
      : Object.values(v).flatMap(tensorsIn)
/** How many elements a call takes and gives. */
export const sizeOf = (c: GoldenCase): number =>
  tensorsIn([c.args, c.opts, c.out]).reduce((n, t) => n + t.s.reduce((a, b) => a * b, 1), 0)

/** Small samples that together show what the given ones show: options and their values, ranks, dtypes. At most `limit`. */
export function few(list: readonly Sample[], limit: number): Sample[] {
  const features = ({ call }: Sample): string[] => {
    const options = Object.entries(call.opts).map(([k, v]) => `${k} ${isCodedTensor(v) ? 'tensor' : JSON.stringify(v)}`)
    return [
      ...call.args.map((a, i) => `${i} ${isCodedTensor(a) ? `${a.s.length} ${a.g ?? 0}` : typeof a}`),
      // What a gradient does may depend on each option.
      ...(options.length > 0 ? options : ['none']).map((o) => `${call.grads ? 'gradients of ' : ''}${o}`),
    ]
  }
  const left = list.map((s) => ({ s, size: sizeOf(s.call), features: features(s) })).sort((a, b) => a.size - b.size)
  const covered = new Set<string>()
  const out: Sample[] = []
  while (out.length < limit) {
    let best: (typeof left)[number] | undefined
    let most = 0
    for (const candidate of left) {
      const gain = candidate.features.filter((f) => !covered.has(f)).length / (8 + Math.sqrt(candidate.size))
      if (gain > most) {
        most = gain
        best = candidate
      }
    }
    if (best === undefined) break
    out.push(best.s)
    for (const f of best.features) covered.add(f)
  }
  return out
}

/** The form that a recorded call is made in: the function where there is one. */
export const formOf = (golden: GoldenOp): Form =>
  golden.free && (golden.name.includes('.') || !golden.name.endsWith('_')) && freeFunction(golden.name)
    ? 'function'
    : 'method'

// ---- outcomes -----------------------------------------------------------------------------------------------------

/**
 * All that can be told of a call: the results, whether they are views, what became of the inputs, gradients; or the error's
 * words. Equal for equal calls.
 */
export function outcome(call: () => { results: unknown; inputs: readonly Tensor[] }): string {
  manualSeed(0)
  const told: unknown[] = []
  try {
    const { results, inputs } = call()
    const list = flatten(results)
    const describe = (t: unknown): unknown =>
      t instanceof Tensor
        ? [
            t.dtype,
            t.shape,
            t.stride(),
            t.requiresGrad,
            t.gradFn?.name(),
            inputs.map((x) => [x === t, x.sharesStorage(t)]),
            valuesOf(t).map(String),
          ]
        : typeof t === 'bigint'
          ? String(t)
          : t
    told.push(list.map(describe), inputs.map(describe))
    const roots = list.filter((t): t is Tensor => t instanceof Tensor && t.requiresGrad && t.gradFn !== null)
    const leaves = inputs.filter((x) => x.requiresGrad && x.isLeaf)
    if (roots.length > 0 && leaves.length > 0)
      told.push(
        autograd
          .grad(roots, leaves, { gradOutputs: roots.map(cotangent), allowUnused: true })
          .map((g) => (g === null ? null : describe(g))),
      )
  } catch (error) {
    told.push(String(error))
  }
  return JSON.stringify(told)
}

/** The outcome of a recorded call. */
export const outcomeOf = (golden: GoldenOp, c: CodedCall, form = formOf(golden)): string =>
  outcome(() => {
    const given = new Arguments(c)
    return { results: callOf(golden, form, c, given), inputs: given.tensors }
  })

/** OP=softmax,linalg.norm: only these, by their own name or with their namespace. */
const ONLY = process.env.OP?.split(',')
export const selected = (name: string): boolean =>
  ONLY === undefined || ONLY.includes(name) || ONLY.includes(name.split('.').pop() as string)

export { functionOf, operations, qualifiedName }
