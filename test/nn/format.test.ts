/** Printouts of modules against PyTorch's own (test/oracle/print_modules.py). */
import { inspect } from 'node:util'
import { type DType, nn, ones, zeros } from 'tenzo'
import { camelCase, loadGoldens } from '../helpers/goldens'
import { OWN_LAYERS } from '../ops/marks'

type Plain = null | boolean | number | string
/** A module as the recorder describes it. */
type Spec =
  | Plain
  | Spec[]
  | { c: string; a?: Spec[]; o?: Record<string, Spec>; as?: string }
  | { custom: string; extra?: string; children?: [string, Spec][]; as?: string }
  | { ref: string }
  | { zeros: number[]; dtype: DType }
  | { pairs: [string, Spec][] }

const golden = loadGoldens<{ modules: { m: Spec; text: string }[] }>('print.json.gz')

/** Classes of PyTorch's that Tenzo does not have. */
const NOT_HERE = new Set(['LinearCrossEntropyLoss'])

type AnyModule = new (...args: unknown[]) => nn.Module
const classes = nn as unknown as Record<string, AnyModule>

function build(spec: Spec, names: Map<string, nn.Module>): unknown {
  if (Array.isArray(spec)) return spec.map((s) => build(s, names))
  if (spec === null || typeof spec !== 'object') return spec
  if ('ref' in spec) return names.get(spec.ref)
  if ('zeros' in spec) return zeros(spec.zeros, { dtype: spec.dtype })
  if ('pairs' in spec) return spec.pairs.map(([k, v]) => [k, build(v, names)])
  let module: nn.Module
  if ('custom' in spec) {
    const Custom = class extends nn.Module {
      override extraRepr(): string {
        return spec.extra ?? ''
      }
    }
    Object.defineProperty(Custom, 'name', { value: spec.custom })
    module = new Custom()
    for (const [name, child] of spec.children ?? []) module.addModule(name, build(child, names) as nn.Module | null)
  } else {
    const options = Object.entries(spec.o ?? {}).map(([k, v]) => [camelCase(k), build(v, names)])
    const args = (spec.a ?? []).map((a) => build(a, names))
    module = new classes[spec.c]!(...args, ...(options.length > 0 ? [Object.fromEntries(options)] : []))
  }
  if (spec.as !== undefined) names.set(spec.as, module)
  return module
}

function classesIn(spec: Spec): string[] {
  if (Array.isArray(spec)) return spec.flatMap(classesIn)
  if (spec === null || typeof spec !== 'object') return []
  const own = 'c' in spec ? [spec.c] : []
  return [...own, ...Object.values(spec).flatMap((v) => classesIn(v as Spec))]
}
const nameOf = (spec: Spec): string => ('c' in (spec as object) ? (spec as { c: string }).c : 'modules of the user')

test('at least 250 printouts are recorded', () => {
  expect(golden.modules.length).toBeGreaterThanOrEqual(250)
})

const isModuleClass = (v: unknown): boolean =>
  typeof v === 'function' && (v as { prototype?: unknown }).prototype instanceof nn.Module

test('every module of nn has a printout in the recording', () => {
  const recorded = new Set(golden.modules.flatMap(({ m }) => classesIn(m)))
  const missing = Object.entries(nn).filter(([name, v]) => isModuleClass(v) && !recorded.has(name))
  expect(missing.map(([name]) => name).sort()).toEqual(Object.keys(OWN_LAYERS).sort())
})

test('what PyTorch has and Tenzo has not is listed', () => {
  const recorded = new Set(golden.modules.flatMap(({ m }) => classesIn(m)))
  expect([...recorded].filter((name) => !(name in nn)).sort()).toEqual([...NOT_HERE].sort())
})

describe('modules print as PyTorch prints them', () => {
  const here = golden.modules.filter(({ m }) => classesIn(m).every((name) => name in nn))
  test.each([...new Set(here.map(({ m }) => nameOf(m)))])('%s', (name) => {
    const wrong: unknown[] = []
    for (const { m, text } of here) {
      if (nameOf(m) !== name) continue
      let got: string
      try {
        got = String(build(m, new Map()))
      } catch (error) {
        got = String(error)
      }
      if (got !== text) wrong.push({ m: JSON.stringify(m), got, want: text })
    }
    expect(wrong).toEqual([])
  })
})

test('assignment registers in the order of the printout', () => {
  class MLP extends nn.Module {
    hidden = new nn.Linear(20, 256)
    out = new nn.Linear(256, 10)
  }
  const text =
    'MLP(\n  (hidden): Linear(in_features=20, out_features=256, bias=True)\n  (out): Linear(in_features=256, out_features=10, bias=True)\n)'
  expect(String(new MLP())).toBe(text)
  expect(inspect(new MLP())).toBe(text)
  expect(`${new MLP()}`).toBe(text)
})

test('a list of parameters prints parameters added later', () => {
  const list = new nn.ParameterList([ones([3])])
  expect(String(list)).toBe('ParameterList(  (0): Parameter containing: [float32 of size 3])')
  list.append(ones([2, 2]))
  expect(String(list)).toBe(
    'ParameterList(\n    (0): Parameter containing: [float32 of size 3]\n    (1): Parameter containing: [float32 of size 2x2]\n)',
  )
})
