/**
 * The backward pass. Nodes run in the reverse order of the forward calls (a heap by sequence number, leaves first),
 * so gradients are added in PyTorch's order. Nothing here recurses: a chain of any length is walked.
 *
 * Memory: while the pass itself is not recorded, every storage a rule makes belongs to the engine until it reaches
 * the user (a leaf's grad, a result, a hook). Its uses are counted, and at zero it goes back to the pool at once.
 */
import { ArgumentError, AutogradError, ShapeError } from '../errors'
import { noteAllocations, type Storage } from '../runtime/storage'
import { isDense, isExpandable, sameShape, showShape } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import { gradMode } from './mode'
import { accumulator, type Grad, LEAF_SEQUENCE, type Node, type OutputMeta } from './node'

/** The few operations the engine needs; lib/ops gives them. */
export interface EngineOps {
  add(a: Tensor, b: Tensor): Tensor
  add_(a: Tensor, b: Tensor): Tensor
  clone(a: Tensor): Tensor
  sumToSize(a: Tensor, sizes: readonly number[]): Tensor
  to(a: Tensor, meta: OutputMeta): Tensor
  zeros(meta: OutputMeta): Tensor
  ones(meta: OutputMeta): Tensor
  hasNaN(a: Tensor): boolean
}
let ops: EngineOps
export const setEngineOps = (o: EngineOps): void => {
  ops = o
}
export const engineOps = (): EngineOps => ops

/** Nodes that are ready, the youngest on top. */
class Heap {
  private readonly a: Node[] = []
  get size(): number {
    return this.a.length
  }
  push(n: Node): void {
    const a = this.a
    let i = a.length
    a.push(n)
    while (i > 0) {
      const up = (i - 1) >> 1
      if ((a[up] as Node).sequence >= n.sequence) break
      a[i] = a[up] as Node
      i = up
    }
    a[i] = n
  }
  pop(): Node {
    const a = this.a
    const top = a[0] as Node
    const last = a.pop() as Node
    const n = a.length
    if (n === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= n) break
      if (child + 1 < n && (a[child + 1] as Node).sequence > (a[child] as Node).sequence) child++
      if ((a[child] as Node).sequence <= last.sequence) break
      a[i] = a[child] as Node
      i = child
    }
    a[i] = last
    return top
  }
}

let passes = 0
/** Passes under way; more than one while user code inside a pass starts another. */
let depth = 0

interface SavedMarks {
  node: Node
  pass: number
  dependencies: number
  needed: boolean
  pending: Grad[]
}

interface Capture {
  readonly node: Node
  readonly nr: number
  result: Grad
}

interface Walk {
  roots: readonly Tensor[]
  rootGrads: readonly Tensor[]
  retainGraph: boolean
  createGraph: boolean
  /** Gradients to hand out instead of (or besides) adding to leaves. */
  captures: Capture[] | null
  /** Whether leaves that were asked for get their `grad` (backward) or nothing does (grad). */
  accumulate: boolean
}

const release = (s: Storage): void => {
  if (s.uses > 0 && --s.uses === 0) s.release()
}
/** The user can see it from now on. */
const escape = (t: Tensor): void => {
  t.storage.uses = -1
}

function walk(w: Walk): void {
  const pass = ++passes
  const nested: SavedMarks[] | null = depth > 0 ? [] : null
  depth++
  const recording = gradMode.enabled
  const outerLog = noteAllocations(null)
  gradMode.enabled = w.createGraph
  try {
    mark(w, pass, nested)
    const heap = new Heap()
    for (let i = 0; i < w.roots.length; i++) {
      const root = w.roots[i] as Tensor
      const fn = root.gradFn ?? accumulator(root)
      deliver(fn, root.gradFn ? root.outputNr : 0, w.rootGrads[i] as Tensor, w)
      if (fn.dependencies === 0 && fn.pass === pass) {
        fn.dependencies = -1 // queued
        heap.push(fn)
      }
    }
    while (heap.size > 0) {
      const node = heap.pop()
      if (node.needed) {
        runPreHooks(node)
        if (w.captures) capture(node, w)
        if (node.leaf) {
          if (w.accumulate) accumulateLeaf(node, w)
        } else if (w.captures === null || leadsOn(node)) runNode(node, w)
      }
      drop(node)
      for (let i = 0; i < node.next.length; i++) {
        const next = node.next[i]
        if (next && next.pass === pass && --next.dependencies === 0) heap.push(next)
      }
    }
  } finally {
    gradMode.enabled = recording
    noteAllocations(outerLog)
    depth--
    if (nested) for (const m of nested) Object.assign(m.node, m)
  }
}

/** Counts, for each node reachable from the roots, how many edges lead to it; and which lead to a wanted input. */
function mark(w: Walk, pass: number, nested: SavedMarks[] | null): void {
  const order: Node[] = []
  const stack: Node[] = []
  const visit = (n: Node): void => {
    if (n.pass === pass) return
    if (nested)
      nested.push({ node: n, pass: n.pass, dependencies: n.dependencies, needed: n.needed, pending: n.pending })
    n.pass = pass
    n.dependencies = 0
    n.needed = w.captures === null
    n.pending = []
    stack.push(n)
  }
  for (const r of w.roots) visit(r.gradFn ?? accumulator(r))
  while (stack.length > 0) {
    const n = stack.pop() as Node
    order.push(n)
    for (const next of n.next) if (next) visit(next)
  }
  for (const n of order) for (const next of n.next) if (next) next.dependencies++
  if (w.captures === null) return
  // Gradients must reach the wanted nodes and every node on a way to one. An edge always leads to an older node
  // (or a leaf), so one look in that order settles it.
  for (const c of w.captures) if (c.node.pass === pass) c.node.needed = true
  order.sort((a, b) => key(a) - key(b))
  for (const n of order) if (!n.needed) n.needed = leadsOn(n)
}
const leadsOn = (n: Node): boolean => {
  for (const m of n.next) if (m?.needed && m.pass === n.pass) return true
  return false
}
const key = (n: Node): number => (n.sequence === LEAF_SEQUENCE ? -1 : n.sequence)

/** Adds a gradient to what waits at a node. */
function deliver(node: Node, nr: number, g: Tensor, w: Walk): void {
  const s = g.storage
  if (s.uses >= 0) s.uses++
  const waiting = node.pending[nr] ?? null
  if (waiting === null) {
    node.pending[nr] = g
    return
  }
  if (
    !w.createGraph &&
    waiting.storage.uses === 1 &&
    waiting.info === g.info &&
    isDense(waiting.sizes, waiting.strides) &&
    waiting.storage !== s
  ) {
    ops.add_(waiting, g)
    release(s)
    return
  }
  const sum = ops.add(waiting, g)
  if (!w.createGraph) sum.storage.uses = 1
  release(waiting.storage)
  release(s)
  node.pending[nr] = sum
}

function drop(node: Node): void {
  for (const g of node.pending) if (g) release(g.storage)
  node.pending = []
}

function capture(node: Node, w: Walk): void {
  for (const c of w.captures as Capture[]) {
    if (c.node !== node) continue
    let g = node.pending[c.nr] ?? null
    if (g) {
      // With `accumulate` the leaf's own step runs its hooks.
      if (node.leaf && !w.accumulate) g = runHooks(node.leaf, g)
      escape(g)
      node.pending[c.nr] = g
    }
    c.result = g
  }
}

/** Hooks of the tensors that a node made; then those that keep their gradient do so. */
function runPreHooks(node: Node): void {
  const { preHooks, retained, pending } = node
  if (preHooks) {
    for (const g of pending) if (g) escape(g)
    for (const hook of [...preHooks]) hook(pending)
    for (const g of pending) if (g) escape(g)
  }
  if (retained)
    for (const t of retained) {
      const g = pending[t.outputNr]
      if (g) t.gradient = t.gradient === null ? ops.clone(g) : ops.add(t.gradient, g)
    }
}

function runHooks(leaf: Tensor, g: Tensor): Tensor {
  const hooks = leaf.extras?.hooks
  if (!hooks || hooks.length === 0) return g
  let result = g
  escape(g)
  for (const hook of [...hooks]) result = hook(result) ?? result
  escape(result)
  return result
}

function accumulateLeaf(node: Node, w: Walk): void {
  const leaf = node.leaf as Tensor
  const arrived = node.pending[0] ?? null
  if (arrived === null) return
  const g = runHooks(leaf, arrived)
  node.pending[0] = g
  addTo(leaf, g, w.createGraph)
  const after = leaf.extras?.postAccumulate
  if (after) for (const hook of [...after]) hook(leaf)
}

function addTo(t: Tensor, g: Tensor, createGraph: boolean): void {
  const old = t.gradient
  if (old === null) {
    const s = g.storage
    if (createGraph) t.gradient = ops.clone(g)
    else if (s.uses === 1 && g.info === t.info && g.count * g.info.itemsize === s.byteLength && sameLayout(g, t)) {
      escape(g)
      t.gradient = g
    } else t.gradient = ops.clone(g)
  } else if (createGraph) t.gradient = ops.add(old, g)
  else ops.add_(old, g)
  if (t.gradient) t.gradient.storage.kept = true
}

const sameLayout = (g: Tensor, t: Tensor): boolean =>
  (g.rowMajor && t.rowMajor) || g.strides.every((s, i) => s === t.strides[i])

function runNode(node: Node, w: Walk): void {
  let any = false
  for (const g of node.pending) if (g) any = true
  if (!any) {
    if (!w.retainGraph) node.release()
    return
  }
  for (let i = 0; i < node.outputs.length; i++) node.pending[i] ??= null
  // Storages the rule makes are the engine's, unless the pass is recorded or the user's code may keep them.
  const made: Storage[] | null = w.createGraph || node.userCode ? null : []
  if (node.userCode) for (const g of node.pending) if (g) escape(g)
  noteAllocations(made)
  let settled = 0
  const settle = (): void => {
    if (made) for (; settled < made.length; settled++) (made[settled] as Storage).uses = 0
  }
  try {
    const result = node.rule(node, node.pending[0] as Tensor, node.pending)
    settle()
    const single = !Array.isArray(result)
    for (let i = 0; i < node.next.length; i++) {
      const next = node.next[i]
      const g = single ? (i === 0 ? (result as Grad) : null) : ((result as readonly Grad[])[i] ?? null)
      if (!next || g === null || next.pass !== node.pass || !next.needed) continue
      const nr = node.nextNr[i] as number
      const fitted = conform(g, next.outputs[nr] as OutputMeta, node, i)
      settle()
      if (gradMode.anomaly && ops.hasNaN(fitted))
        throw new AutogradError(`Function '${node.name}' returned nan values in its ${i}th output.`, {
          node: node.name,
          output: i,
        })
      noteAllocations(null)
      deliver(next, nr, fitted, w)
      noteAllocations(made)
    }
  } catch (error) {
    if (gradMode.anomaly && node.stack && error instanceof Error)
      error.message += `\nThe forward call that made ${node.name}:\n${node.stack.split('\n').slice(2).join('\n')}`
    throw error
  } finally {
    noteAllocations(null)
  }
  if (made) for (const s of made) if (s.uses === 0) s.release()
  if (!w.retainGraph) node.release()
}

/** Sums a gradient over the dims its input was broadcast over, and casts it to the input's dtype. */
function conform(g: Tensor, meta: OutputMeta, node: Node, i: number): Tensor {
  let out = g
  if (!sameShape(out.sizes, meta.sizes)) {
    if (!isExpandable(meta.sizes, out.sizes))
      throw new AutogradError(
        `Function ${node.name} returned an invalid gradient at index ${i} - got ${showShape(out.sizes)} but expected shape compatible with ${showShape(meta.sizes)}`,
        { got: [...out.sizes], expected: [...meta.sizes] },
      )
    out = ops.sumToSize(out, meta.sizes)
  }
  return out.info === meta.info ? out : ops.to(out, meta)
}

function expectTensors(op: string, name: string, list: readonly unknown[]): void {
  for (const t of list)
    if (!isTensor(t))
      throw new ArgumentError(`${op}(): argument '${name}' must be Tensors, not ${t === null ? 'null' : typeof t}`, {
        op,
      })
}

function rootGrad(t: Tensor, g: Tensor | null | undefined, i: number): Tensor {
  if (!t.requiresGrad)
    throw new AutogradError(`element ${i} of tensors does not require grad and does not have a grad_fn`)
  if (g == null) {
    if (t.count !== 1)
      throw new AutogradError('grad can be implicitly created only for scalar outputs', { shape: [...t.sizes] })
    return ops.ones(t.meta())
  }
  if (!isTensor(g)) throw new ArgumentError(`gradients can be either Tensors or null, but got ${typeof g}`)
  if (!sameShape(g.sizes, t.sizes))
    throw new ShapeError(
      `Mismatch in shape: grad_output[${i}] has a shape of ${sizeText(g.sizes)} and output[${i}] has a shape of ${sizeText(t.sizes)}.`,
      { grad: [...g.sizes], output: [...t.sizes] },
    )
  return g.info === t.info ? g : ops.to(g, t.meta())
}
const sizeText = (s: readonly number[]): string => `torch.Size(${showShape(s)})`

const toList = <T>(v: T | readonly T[]): readonly T[] => (Array.isArray(v) ? (v as readonly T[]) : [v as T])

/** Options of `backward`. */
export interface BackwardOptions {
  /** The gradients of the tensors; may be left out for one-element tensors. */
  gradient?: Tensor | readonly (Tensor | null)[] | null
  /** Keep the graph for another pass; default: `createGraph`. */
  retainGraph?: boolean
  /** Record the pass itself, for higher derivatives. Default false. */
  createGraph?: boolean
  /** Add gradients to these leaves only. */
  inputs?: Tensor | readonly Tensor[]
}

/** Where the gradient of a tensor arrives. */
const place = (t: Tensor): { node: Node; nr: number } => {
  const fn = t.gradFn
  return fn ? { node: fn, nr: t.outputNr } : { node: accumulator(t), nr: 0 }
}

/** Adds the gradients of `tensors` to the `grad` of the leaves they were made from (`torch.autograd.backward`). */
export function backward(tensors: Tensor | readonly Tensor[], options: BackwardOptions = {}): void {
  const roots = toList(tensors)
  expectTensors('backward', 'tensors', roots)
  const given = options.gradient == null ? [] : toList(options.gradient as Tensor | readonly (Tensor | null)[])
  const createGraph = options.createGraph ?? false
  const retainGraph = options.retainGraph ?? createGraph
  if (given.length > 0 && given.length !== roots.length)
    throw new ArgumentError(`got ${roots.length} tensors and ${given.length} gradients`)
  const rootGrads = roots.map((t, i) => rootGrad(t, given[i], i))
  const inputs = options.inputs === undefined ? null : toList(options.inputs)
  if (inputs && inputs.length === 0) throw new ArgumentError("'inputs' argument to backward() cannot be empty.")
  const captures: Capture[] | null =
    inputs?.map((t, i) => {
      if (!t.requiresGrad)
        throw new AutogradError(`One of the differentiated Tensors does not require grad (input ${i})`)
      return { ...place(t), result: null }
    }) ?? null
  walk({ roots, rootGrads, retainGraph, createGraph, captures, accumulate: true })
  // A leaf that was asked for has its grad from the walk; other tensors get it here.
  if (captures)
    captures.forEach((c, i) => {
      const t = (inputs as readonly Tensor[])[i] as Tensor
      if (c.result && !c.node.leaf) addTo(t, c.result, createGraph)
    })
}

/** Options of `grad`. */
export interface GradOptions {
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null
  retainGraph?: boolean
  createGraph?: boolean
  /** Give null for an input that the outputs do not depend on, instead of throwing. Default false. */
  allowUnused?: boolean
  /** Give zeros for such an input; implies `allowUnused`. Default false. */
  materializeGrads?: boolean
}

/** The gradients of `outputs` with respect to `inputs`, added to no `grad` (`torch.autograd.grad`). */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  gradOutputs?: GradOptions['gradOutputs'] | GradOptions,
  rest?: GradOptions,
): (Tensor | null)[] {
  const positional = gradOutputs === null || Array.isArray(gradOutputs) || isTensor(gradOutputs)
  const options: GradOptions = positional
    ? { ...rest, gradOutputs: gradOutputs as GradOptions['gradOutputs'] }
    : { ...(gradOutputs as GradOptions | undefined), ...rest }
  const roots = toList(outputs)
  const wanted = toList(inputs)
  expectTensors('grad', 'outputs', roots)
  expectTensors('grad', 'inputs', wanted)
  const given = options.gradOutputs == null ? [] : toList(options.gradOutputs as Tensor | readonly (Tensor | null)[])
  const createGraph = options.createGraph ?? false
  const retainGraph = options.retainGraph ?? createGraph
  const allowUnused = options.allowUnused ?? options.materializeGrads ?? false
  if (wanted.length === 0) throw new ArgumentError('grad requires non-empty inputs.')
  if (given.length > 0 && given.length !== roots.length)
    throw new ArgumentError(`got ${roots.length} tensors and ${given.length} gradients`)
  const rootGrads = roots.map((t, i) => rootGrad(t, given[i], i))
  const captures: Capture[] = wanted.map((t) => {
    if (!t.requiresGrad) throw new AutogradError('One of the differentiated Tensors does not require grad')
    return { ...place(t), result: null }
  })
  walk({ roots, rootGrads, retainGraph, createGraph, captures, accumulate: false })
  return captures.map((c, i) => {
    if (c.result) return c.result
    if (options.materializeGrads) return ops.zeros((wanted[i] as Tensor).meta())
    if (!allowUnused)
      throw new AutogradError(
        'One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.',
        { input: i },
      )
    return null
  })
}
