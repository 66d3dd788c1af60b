/** Every module against PyTorch's own samples (test/oracle/modules.py): printout, state, outputs, buffers, gradients, errors. */
import { autograd, nn, noGrad, type Tensor, TenzoError, tensor } from 'tenzo'
import {
  Arguments,
  type Coded,
  type CodedTensor,
  camelCase,
  cotangent,
  elementsOf,
  loadGoldens,
  valuesOf,
} from '../helpers/goldens'
import { difference, toleranceOfModule } from '../helpers/tolerance'

interface ModuleCase {
  dtype: 'float32' | 'float64'
  training: boolean
  args: Coded[]
  opts: Record<string, Coded>
  first?: string
  print: string
  state: [string, number[], string][]
  inputs: Coded[]
  out: CodedTensor
  buffers: CodedTensor[]
  grads?: (CodedTensor | null)[]
}
interface ModuleError {
  args: Coded[]
  opts: Record<string, Coded>
  inputs: Coded[]
  error: string
  message: string
}
interface ModuleGolden {
  name: string
  cases: ModuleCase[]
  errors: ModuleError[]
}

type Constructor = new (...args: unknown[]) => nn.Module & ((...inputs: unknown[]) => Tensor)

function make(name: string, c: { args: Coded[]; opts: Record<string, Coded>; first?: string }, byPosition: boolean) {
  const given = new Arguments({ args: c.args, opts: c.opts })
  const args = [...given.args]
  const opts = { ...given.opts }
  if (byPosition && c.first) {
    const first = camelCase(c.first)
    args.push(opts[first])
    delete opts[first]
  }
  if (Object.keys(opts).length > 0) args.push(opts)
  const Class = (nn as unknown as Record<string, Constructor>)[name]!
  return new Class(...args)
}

function fill(module: nn.Module): void {
  noGrad(() => {
    let n = 0
    for (const p of module.parameters()) {
      const values = Float64Array.from({ length: p.numel() }, (_, i) => ((i * 7 + n) % 17) / 16 - 0.4)
      p.copy_(tensor(values).reshape(p.shape))
      n++
    }
  })
}

const inOwnWords = (s: string): string =>
  s
    .replace(/torch\.Size\((\[[^\]]*\])\)/g, '$1')
    .replace(/torch\./g, '')
    .replace(/\b[a-z]+(_[a-z0-9]+)+\b/g, camelCase)

function compare(
  what: string,
  got: Tensor,
  want: CodedTensor,
  name: string,
  part: 'value' | 'gradient',
): string | null {
  if (got.dtype !== want.t) return `${what}: dtype ${got.dtype} instead of ${want.t}`
  if (got.shape.join() !== want.s.join()) return `${what}: shape [${got.shape}] instead of [${want.s}]`
  // The cotangents are near 1, and so are the terms of the gradients.
  const scale = part === 'gradient' ? 1 : 0
  const d = difference(valuesOf(got), elementsOf(want), toleranceOfModule(name, part, want.t), scale)
  return d && `${what}: ${d}`
}

function check(name: string, c: ModuleCase, byPosition: boolean): string | null {
  const module = make(name, c, byPosition)
  // JavaScript cannot tell 2.0 from 2.
  const plain = (s: string) => s.replace(/(\d)\.0\b/g, '$1')
  if (plain(String(module)) !== plain(c.print)) return `prints ${String(module)} instead of ${c.print}`
  module.to(c.dtype)
  module.train(c.training)
  const state = [...module.stateDict()].map(([k, v]) => [k, [...v.shape], v.dtype])
  const same = (s: unknown) => inOwnWords(JSON.stringify(s))
  if (same(state) !== same(c.state)) return `state is ${JSON.stringify(state)} instead of ${JSON.stringify(c.state)}`
  fill(module)
  const inputs = new Arguments({ args: c.inputs, opts: {} })
  const out = module(...inputs.args)
  const problem =
    compare('output', out, c.out, name, 'value') ??
    [...module.buffers()].map((b, i) => compare(`buffer ${i}`, b, c.buffers[i]!, name, 'value')).find((x) => x) ??
    null
  if (problem || !c.grads) return problem
  const grads = autograd.grad([out], [...inputs.leaves, ...module.parameters()], {
    gradOutputs: [cotangent(out)],
    allowUnused: true,
  })
  for (let i = 0; i < c.grads.length; i++) {
    const want = c.grads[i]!
    const got = grads[i]!
    if (want === null || got === null) {
      if ((want === null) !== (got === null)) return `gradient ${i} is ${got === null ? 'null' : 'there'}`
      continue
    }
    const d = compare(`gradient ${i}`, got, want, name, 'gradient')
    if (d) return d
  }
  return null
}

function checkError(name: string, e: ModuleError): string | null {
  try {
    make(name, e, false)(...new Arguments({ args: e.inputs, opts: {} }).args)
  } catch (error) {
    if (!(error instanceof TenzoError)) return `throws ${String(error)}`
    const got = inOwnWords(error.message)
    return got.startsWith(inOwnWords(e.message)) ? null : `says "${error.message}" instead of "${e.message}"`
  }
  return `throws nothing instead of "${e.message}"`
}

for (const golden of loadGoldens<ModuleGolden[]>('modules.json.gz')) {
  test(golden.name, () => {
    expect(golden.name in nn).toBe(true)
    const problems: string[] = []
    const guarded = (what: string, f: () => string | null) => {
      let problem: string | null
      try {
        problem = f()
      } catch (error) {
        problem = `throws ${(error as Error).message} ${(error as Error).stack?.split('\n').find((l) => l.includes('/lib/'))}`
      }
      if (problem) problems.push(`${what}: ${problem}`)
    }
    golden.cases.forEach((c, i) => {
      guarded(`${c.print} #${i}`, () => check(golden.name, c, i % 2 === 1))
    })
    for (const e of golden.errors)
      guarded(`${JSON.stringify(e.args)} ${JSON.stringify(e.opts)}`, () => checkError(golden.name, e))
    if (problems.length > 0) throw new Error(`${problems.length} mismatches:\n  ${problems.slice(0, 8).join('\n  ')}`)
  })
}
