/** Random small programs of views, in-place changes and autograd against PyTorch (test/oracle/programs.py). */
import { inspect } from 'node:util'
import { enableGrad, noGrad, type Tensor } from 'tenzo'
import { type CodedTensor, decodeTensor, loadGoldens } from '../helpers/goldens'
import { compare, inOwnWords, runStep, said, type Step, testEach } from './steps'

interface End {
  value: CodedTensor
  version: number
  requires: boolean
  leaf: boolean | { error: string }
  view: boolean
  stride: number[]
  offset: number
  print: string | { error: string }
}

interface Program {
  leaves: CodedTensor[]
  steps: Step[]
  roots: number[]
  /** Variables that are not leaves and keep their gradient. */
  retain: number[]
  ends: End[]
  grads?: (CodedTensor | null)[]
  error?: [string, string]
}

function check(p: Program): string[] {
  const problems: string[] = []
  const variables = p.leaves.map(decodeTensor)
  p.steps.forEach((step, i) => {
    const at = `step ${i} ${step.noGrad ? 'noGrad ' : ''}v${step.x}.${step.name}(${JSON.stringify(step.args).slice(0, 90)}): `
    let made: Tensor[] = []
    const mode = step.noGrad ? noGrad : enableGrad
    const message = said(() => {
      made = mode(() => runStep(step, variables))
    })
    if (step.error) {
      if (message !== inOwnWords(step.error[1])) problems.push(`${at}says "${message}" instead of "${step.error[1]}"`)
    } else if (message !== null) problems.push(`${at}throws "${message}"`)
    else if (made.length !== step.made) problems.push(`${at}makes ${made.length} instead of ${step.made}`)
    // A step that went wrong leaves holes, which later steps report on their own.
    if (!step.error) for (let n = 0; n < (step.made ?? 0); n++) variables.push(made[n] as Tensor)
  })
  if (problems.length > 0) return problems
  for (const i of p.retain) variables[i]!.retainGrad()
  p.ends.forEach((end, i) => {
    const v = variables[i]!
    const note = (what: string | null) => what && problems.push(`v${i}: ${what}`)
    const is = (name: string, got: unknown, want: unknown) =>
      note(String(got) === String(want) ? null : `${name} is ${got} instead of ${want}`)
    note(compare(v.detach(), end.value))
    is('_version', v._version, end.version)
    is('requiresGrad', v.requiresGrad, end.requires)
    is('_isView', v._isView, end.view)
    const relevant = (s: readonly number[]) => s.filter((_, d) => v.shape[d]! > 1)
    if (end.view) {
      is('stride', relevant(v.stride()), relevant(end.stride))
      is('storageOffset', v.storageOffset(), end.offset)
    }
    if (typeof end.leaf === 'boolean') is('isLeaf', v.isLeaf, end.leaf)
    else
      is(
        'isLeaf',
        said(() => v.isLeaf),
        inOwnWords(end.leaf.error),
      )
    // PyTorch has a node of its own for a view with the geometry of its base.
    const ofSameShape = / grad_fn=<(Reshape)?AliasBackward0>/
    if (typeof end.print === 'string' && !ofSameShape.test(end.print)) is('print', inspect(v), end.print)
  })
  if (p.roots.length === 0) return problems
  const message = said(() => {
    let loss = variables[p.roots[0]!]!.mul(1.5).sum()
    for (const i of p.roots.slice(1)) loss = loss.add(variables[i]!.mul(1.5).sum())
    loss.backward()
  })
  if (p.error) {
    if (message !== inOwnWords(p.error[1])) problems.push(`backward says "${message}" instead of "${p.error[1]}"`)
    return problems
  }
  if (message !== null) return [...problems, `backward throws "${message}"`]
  const kept = [...p.leaves.keys(), ...p.retain]
  p.grads!.forEach((want, n) => {
    const got = variables[kept[n]!]!.grad
    if (want === null || got === null) {
      if (want !== got)
        problems.push(
          `gradient of v${kept[n]} is ${got === null ? 'null' : 'there'} instead of ${want === null ? 'null' : 'there'}`,
        )
      return
    }
    const d = compare(got, want)
    if (d) problems.push(`gradient of v${kept[n]}: ${d}`)
  })
  return problems
}

testEach('program', loadGoldens<Program[]>('programs.json.gz'), check, {
  184: 'an in-place operation whose operand overlaps it in a layout with gaps: the values depend on the order of the loop',
})

/** Views of bases with every kind of layout, changed in place (test/oracle/view_changes.py). */
testEach('view change', loadGoldens<Program[]>('view_changes.json.gz'), check, {
  64: 'of two mistakes, a wrong dim and a view that a change forbids, PyTorch names the latter',
})
