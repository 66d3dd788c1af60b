/** Random graphs with hooks, Functions and higher derivatives against PyTorch (test/oracle/graphs.py). */
import { autograd, onesLike, type Tensor } from 'tenzo'
import { type CodedTensor, decodeTensor, loadGoldens } from '../helpers/goldens'
import { type CodedArgument, compare, inOwnWords, runStep, said, type Step, testEach } from './steps'

const { backward, grad } = autograd
type Ctx = autograd.Context

interface GraphStep extends Partial<Omit<Step, 'error' | 'args'>> {
  x: number
  args?: CodedArgument[]
  hook?: 'tensor' | 'node' | 'pre' | 'after'
  scale?: number | null
  retain?: 1
  apply?: string
  error?: string
}
type Recorded = CodedTensor | null
interface Graph {
  leaves: CodedTensor[]
  steps: GraphStep[]
  roots: number[]
  how?: string
  wanted: number[]
  results?: Recorded[]
  error?: string
  /** Calls of hooks: the step that registered it, and what it was given. */
  log: [number, ...(Recorded | Recorded[])[]][]
  grads: Recorded[]
}

class Square extends autograd.Function {
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    ctx.saveForBackward(x)
    return x.mul(x)
  }
  static override backward(ctx: Ctx, g: Tensor) {
    return g.mul(2).mul(ctx.savedTensors[0]!)
  }
}
class Exp extends autograd.Function {
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    const y = x.sin()
    ctx.saveForBackward(x, y)
    return y
  }
  static override backward(ctx: Ctx, g: Tensor) {
    const [x, y] = ctx.savedTensors as [Tensor, Tensor]
    return g.mul(x.cos()).add(y.mul(0))
  }
}
class Double extends autograd.Function {
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    x.mul_(2)
    ctx.markDirty(x)
    return x
  }
  static override backward(_ctx: Ctx, g: Tensor) {
    return g.mul(2)
  }
}
class Same extends autograd.Function {
  static override forward(_ctx: Ctx, x: Tensor): Tensor {
    return x
  }
  static override backward(_ctx: Ctx, g: Tensor) {
    return g.mul(3)
  }
}
class Flat extends autograd.Function {
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    ctx.shape = x.shape
    return x.view([-1])
  }
  static override backward(ctx: Ctx, g: Tensor) {
    return g.reshape(ctx.shape as number[]).mul(2)
  }
}
class Both extends autograd.Function {
  static override forward(ctx: Ctx, x: Tensor): Tensor[] {
    ctx.saveForBackward(x)
    return [x.mul(2), x.mul(x)]
  }
  static override backward(ctx: Ctx, a: Tensor, b: Tensor) {
    return a.mul(2).add(b.mul(2).mul(ctx.savedTensors[0]!))
  }
}
class Sparse extends autograd.Function {
  static override forward(ctx: Ctx, x: Tensor): Tensor[] {
    ctx.setMaterializeGrads(false)
    const y = x.mul(3)
    ctx.markNonDifferentiable(y)
    return [x.mul(2), y, x.add(1)]
  }
  static override backward(_ctx: Ctx, a: Tensor | null, _b: Tensor | null, c: Tensor | null) {
    if (a === null) return c
    return c === null ? a.mul(2) : a.mul(2).add(c)
  }
}
class Stop extends autograd.Function {
  static override forward(_ctx: Ctx, x: Tensor): Tensor {
    return x.mul(2)
  }
  static override backward() {
    return null
  }
}
const FUNCTIONS: Record<string, (x: Tensor) => Tensor | Tensor[]> = {
  Square: (x) => Square.apply(x),
  Exp: (x) => Exp.apply(x),
  Double: (x) => Double.apply(x),
  Same: (x) => Same.apply(x),
  Flat: (x) => Flat.apply(x),
  Both: (x) => Both.apply(x),
  Sparse: (x) => Sparse.apply(x),
  Stop: (x) => Stop.apply(x),
}

type Call = [number, ...(autograd.Grad | autograd.Grad[])[]]

/** Hooks keep copies: what they see may be added to later. */
const kept = (g: autograd.Grad): autograd.Grad => g && g.detach().clone()

function register(step: GraphStep, x: Tensor, id: number, log: Call[]): void {
  const { scale } = step
  const changed = (g: autograd.Grad): autograd.Grad => (g === null || scale == null ? null : g.mul(scale))
  const list = (grads: readonly autograd.Grad[]) => (scale == null ? null : grads.map(changed))
  switch (step.hook) {
    case 'tensor':
      x.registerHook((g) => {
        log.push([id, kept(g)])
        return changed(g)
      })
      return
    case 'after':
      x.registerPostAccumulateGradHook((t) => void log.push([id, kept(t.grad)]))
      return
    case 'node':
      x.gradFn!.registerHook((gi, go) => {
        log.push([id, gi.map(kept), go.map(kept)])
        return list(gi)
      })
      return
    default:
      x.gradFn!.registerPrehook((go) => {
        log.push([id, go.map(kept)])
        return list(go)
      })
  }
}

const total = (list: Tensor[]): Tensor => list.reduce((a, b) => a.add(b))

function finish(g: Graph, variables: Tensor[]): autograd.Grad[] {
  const at = (list: number[]) => list.map((i) => variables[i]!)
  const [roots, chosen] = [at(g.roots), at(g.wanted)]
  const own = g.leaves.map((_, i) => variables[i]!).filter((t) => t.requiresGrad)
  const loss = () => total(roots.map((t) => t.mul(1.5).sum()))
  switch (g.how) {
    case 'backward':
      loss().backward()
      return []
    case 'roots':
      backward(roots, { gradient: roots.map((t) => onesLike(t)) })
      return []
    case 'twice': {
      const value = loss()
      value.backward({ retainGraph: true })
      value.backward()
      return []
    }
    case 'grad':
      return grad(loss(), chosen, { allowUnused: true })
    case 'inputs':
      loss().backward({ inputs: chosen })
      return []
    case 'second': {
      loss().backward({ createGraph: true })
      const first = own.map((t) => t.grad).filter((t) => t?.requiresGrad) as Tensor[]
      if (first.length > 0) total(first.map((t) => t.sum())).backward()
      return []
    }
    default: {
      const first = grad(loss(), chosen, { createGraph: true, allowUnused: true }).filter((t) => t?.requiresGrad)
      if (first.length === 0) return []
      return grad(total((first as Tensor[]).map((t) => t.square().sum())), own, { allowUnused: true })
    }
  }
}

function differ(what: string, got: autograd.Grad | undefined, want: Recorded): string[] {
  if (!got || want === null)
    return (got ?? null) === want ? [] : [`${what} is ${got ? 'there' : 'null'} instead of ${want ? 'there' : 'null'}`]
  const d = compare(got, want)
  return d ? [`${what}: ${d}`] : []
}

function check(g: Graph): string[] {
  const problems: string[] = []
  const variables = g.leaves.map(decodeTensor)
  const log: Call[] = []
  g.steps.forEach((step, id) => {
    const x = variables[step.x]!
    let made: Tensor[] = []
    const message = said(() => {
      if (step.hook) register(step, x, id, log)
      else if (step.retain) x.retainGrad()
      else if (step.apply) {
        const out = FUNCTIONS[step.apply]!(x)
        made = (Array.isArray(out) ? out : [out]).filter((t) => t !== x)
      } else made = runStep(step as Step, variables)
    })
    const at = `step ${id} v${step.x} ${step.hook ?? step.apply ?? step.name ?? 'retain'}`
    const want = step.error === undefined ? null : inOwnWords(step.error)
    if (message !== want) problems.push(`${at} says "${message}" instead of "${want}"`)
    else if (made.length !== (step.made ?? 0)) problems.push(`${at} makes ${made.length} instead of ${step.made}`)
    variables.push(...made)
  })
  if (problems.length > 0 || g.how === undefined) return problems
  let results: autograd.Grad[] = []
  const message = said(() => {
    results = finish(g, variables)
  })
  const want = g.error === undefined ? null : inOwnWords(g.error)
  if (message !== want) problems.push(`${g.how} says "${message}" instead of "${want}"`)
  const ids = (calls: readonly (readonly [number, ...unknown[]])[]) => calls.map(([id]) => id).join()
  if (ids(log) !== ids(g.log)) return [...problems, `hooks ran in order ${ids(log)} instead of ${ids(g.log)}`]
  log.forEach(([id, ...given], i) => {
    const wanted = g.log[i]!.slice(1).flat() as Recorded[]
    given.flat().forEach((t, k) => {
      problems.push(...differ(`call ${i} of hook ${id}`, t, wanted[k] ?? null))
    })
  })
  if (message === null)
    g.results!.forEach((r, i) => {
      problems.push(...differ(`result ${i}`, results[i], r))
    })
  g.grads.forEach((r, i) => {
    const v = variables[i]!
    if (said(() => v.isLeaf) === null && (v.isLeaf || v.retainsGrad))
      problems.push(...differ(`grad of v${i}`, v.grad, r))
  })
  return problems
}

testEach('graph', loadGoldens<Graph[]>('graphs.json.gz'), check, {
  76: 'a hook on a view that had one before its base was changed: PyTorch adds it to the old ones without looking at the view',
})
