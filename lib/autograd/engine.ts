/**
 * The backward pass. Nodes run in the reverse order of the forward calls (a heap by sequence number, leaves first),
 * so gradients are added in PyTorch's order. Nothing here recurses: a chain of any length is walked.
 *
 * Memory: while the pass itself is not recorded, every storage a rule makes belongs to the engine until it reaches
 * the user (a leaf's grad, a result, a hook). Its uses are counted, and at zero it goes back to the pool at once.
 */
import { AutogradError } from '../errors'
import { noteAllocations, type Storage } from '../runtime/storage'
import { isDense, isExpandable, sameShape, showShape } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import { gradMode, recording, setModes } from './mode'
import {
  type Grad,
  type GradientEdge,
  LEAF_SEQUENCE,
  type Node,
  type NodeHooks,
  type OutputMeta,
  replacement,
  replacements,
} from './node'
import { ReadyQueue } from './ready-queue'
import { explain, nanError, setRunning } from './trace'

/** The few operations the engine needs; lib/ops gives them. */
export interface EngineOps {
  add(a: Tensor, b: Tensor): Tensor
  add_(a: Tensor, b: Tensor): Tensor
  clone(a: Tensor): Tensor
  /** A copy that lies in memory as `like` does, or row-major where that has gaps. */
  cloneLike(a: Tensor, like: Tensor): Tensor
  /** A copy with these strides, over a storage that just holds it. */
  laidOut(a: Tensor, strides: readonly number[]): Tensor
  viewAsSelf(a: Tensor): Tensor
  stack(list: readonly Tensor[]): Tensor
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

let passes = 0
/** The pass under way; passes that user code inside starts come on top of it. */
let current: Walk | null = null

interface SavedMarks {
  readonly node: Node
  readonly pass: number
  readonly dependencies: number
  readonly needed: boolean
  readonly captured: boolean
  readonly pending: Grad[]
}

export interface Capture {
  readonly edge: GradientEdge
  result: Grad
}

/** A pass: from where, with which gradients, and to where. */
export interface Walk {
  readonly roots: readonly GradientEdge[]
  readonly rootGrads: readonly Tensor[]
  readonly retainGraph: boolean
  readonly createGraph: boolean
  /** Only what leads to these runs; null: everything does. */
  readonly targets: readonly GradientEdge[] | null
  /** Gradients to hand out; null: leaves get theirs added to `grad`. */
  readonly captures: readonly Capture[] | null
  /** Its number, once it is under way. */
  pass?: number
}

const release = (s: Storage): void => {
  if (s.uses > 0 && --s.uses === 0) s.release()
}
/** The user can see it from now on. */
const escape = (t: Tensor): void => {
  t.storage.uses = -1
}

export function walk(w: Walk): void {
  const pass = ++passes
  w.pass = pass
  const outer = current
  const nested: SavedMarks[] | null = outer ? [] : null
  current = w
  const { wanted } = gradMode
  const outerLog = noteAllocations(null)
  setModes(w.createGraph)
  try {
    mark(w, pass, nested)
    const heap = new ReadyQueue()
    for (let i = 0; i < w.roots.length; i++) {
      const { node, outputNr } = w.roots[i] as GradientEdge
      deliver(node, outputNr, w.rootGrads[i] as Tensor, w)
      if (node.dependencies === 0) {
        node.dependencies = -1 // queued
        heap.push(node)
      }
    }
    while (heap.size > 0) {
      const node = heap.pop()
      if (node.captured) capture(node, w)
      if (node.needed) {
        if (node.hooks || node.leaf) runTensorHooks(node)
        if (node.hooks) runPreHooks(node)
        if (node.leaf) accumulateLeaf(node, w)
        else runNode(node, w)
      }
      drop(node)
      for (let i = 0; i < node.next.length; i++) {
        const next = node.next[i]
        if (next && next.pass === pass && --next.dependencies === 0) heap.push(next)
      }
    }
  } finally {
    setModes(wanted)
    noteAllocations(outerLog)
    current = outer
    if (nested) for (const { node, ...marks } of nested) Object.assign(node, marks)
  }
}

/** Counts, for each node reachable from the roots, how many edges lead to it; and which lead to a wanted one. */
function mark(w: Walk, pass: number, nested: SavedMarks[] | null): void {
  const order: Node[] = []
  const stack: Node[] = []
  const everything = w.targets === null
  const visit = (n: Node): void => {
    if (n.pass === pass) return
    if (nested) {
      const { pass: p, dependencies, needed, captured, pending } = n
      nested.push({ node: n, pass: p, dependencies, needed, captured, pending })
    }
    n.pass = pass
    n.dependencies = 0
    n.needed = everything
    n.captured = false
    n.pending = []
    stack.push(n)
  }
  for (const r of w.roots) visit(r.node)
  while (stack.length > 0) {
    const n = stack.pop() as Node
    order.push(n)
    for (const next of n.next) if (next) visit(next)
  }
  for (const n of order) for (const next of n.next) if (next) next.dependencies++
  if (w.targets === null) return
  for (const { node } of w.targets)
    if (node.pass === pass) {
      if (w.captures) node.captured = true
      else node.needed = true
    }
  // Every node on a way to a wanted one runs. Edges lead to older nodes, so one look in that order settles it; but for
  // those to the nodes of views that were made again after a change of their base, which take another.
  order.sort((a, b) => key(a) - key(b))
  for (let changed = true; changed; ) {
    changed = false
    for (const n of order)
      if (!n.needed && n.next.some((m) => m !== null && (m.needed || m.captured))) {
        n.needed = true
        changed = true
      }
  }
}
const key = (n: Node): number => (n.sequence === LEAF_SEQUENCE ? -1 : n.sequence)

/** Which pass is under way, for hooks on several tensors; null outside. @internal */
export const currentPass = (): number | null => current?.pass ?? null
/** Whether a node runs, or hands out its gradient, in the pass under way. @internal */
export const willRun = (node: Node): boolean => node.pass === current?.pass && (node.needed || node.captured)

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
  // A node that runs besides has its hooks then; what is handed out is the gradient before them, as in PyTorch.
  if (!node.needed) runTensorHooks(node)
  for (const c of w.captures as readonly Capture[]) {
    if (c.edge.node !== node) continue
    const g = node.pending[c.edge.outputNr] ?? null
    if (g) escape(g)
    c.result = g
  }
}

/** Makes a hole of every output that no gradient reached, and the rest the user's. */
function show(node: Node): Grad[] {
  const { pending } = node
  for (let i = 0; i < node.outputs.length; i++) {
    const g = pending[i] ?? null
    if (g) escape(g)
    pending[i] = g
  }
  return pending
}

/** Hooks of the tensors that a node made; then those that keep their gradient do so. */
function runTensorHooks(node: Node): void {
  const { hooks, leaf } = node
  const own = leaf?.extras?.hooks
  if (own && own.length > 0) {
    const pending = show(node)
    for (const hook of [...own]) {
      const g = pending[0] ?? null
      const result = replacement(hook, g, hook(g as Tensor))
      if (result) escape(result)
      pending[0] = result
    }
  }
  if (!hooks) return
  if (hooks.tensor.length > 0) {
    const pending = show(node)
    for (const hook of [...hooks.tensor]) hook(pending)
    show(node)
  }
  for (const t of hooks.retained) {
    const g = node.pending[t.outputNr]
    if (g) t.gradient = t.gradient === null ? ops.clone(g) : ops.add(t.gradient, g)
  }
}

function runPreHooks(node: Node): void {
  const { pre } = node.hooks as NodeHooks
  if (pre.length === 0) return
  for (const hook of [...pre]) {
    const given = show(node)
    node.pending = replacements(hook, given, hook([...given]))
  }
  show(node)
}

/** Runs the hooks that follow a node. @param before the gradients of its outputs */
function runPostHooks(node: Node, results: readonly Grad[], before: readonly Grad[]): Grad[] {
  let out = [...results]
  for (const hook of [...(node.hooks as NodeHooks).post]) {
    for (const g of out) if (g) escape(g)
    out = replacements(hook, out, hook([...out], before))
  }
  for (const g of out) if (g) escape(g)
  return out
}

function accumulateLeaf(node: Node, w: Walk): void {
  const leaf = node.leaf as Tensor
  const g = node.pending[0] ?? null
  const hooked = node.hooks !== null && node.hooks.post.length > 0
  const before = hooked ? [...show(node)] : []
  // A tensor that requires no gradient any more gets none.
  if (g !== null && leaf.requiresGrad) addTo(leaf, g, w.createGraph)
  const after = leaf.extras?.postAccumulate
  if (after) for (const hook of [...after]) hook(leaf)
  if (hooked) runPostHooks(node, [], before)
}

function addTo(t: Tensor, g: Tensor, createGraph: boolean): void {
  const old = t.gradient
  if (old === null) {
    const s = g.storage
    if (!createGraph && s.uses === 1 && g.info === t.info && g.nbytes === s.byteLength && hasLayoutOf(g, t)) {
      escape(g)
      t.gradient = g
    } else t.gradient = ops.cloneLike(g, t)
  } else if (createGraph) t.gradient = ops.add(old, g)
  else ops.add_(old, g)
  if (t.gradient) t.gradient.storage.kept = true
}

/** Whether a gradient lies in memory as its leaf does, or row-major where the leaf has gaps. */
function hasLayoutOf(g: Tensor, t: Tensor): boolean {
  if (g.rowMajor && t.rowMajor) return true
  if (!isDense(t.sizes, t.strides)) return g.rowMajor
  return g.strides.every((s, i) => s === t.strides[i] || t.sizes[i] <= 1)
}

function runNode(node: Node, w: Walk): void {
  const { outputs, pending } = node
  let any = false
  for (let i = 0; i < outputs.length; i++) {
    if (pending[i]) any = true
    else pending[i] = null
  }
  const post = node.hooks !== null && node.hooks.post.length > 0
  // Where no gradient arrives, none leaves; an operation of the user's own may see it otherwise.
  if (!any && !node.userCode) {
    node.checkSaved()
    if (!w.retainGraph) node.release()
    return
  }
  if (node.userCode) show(node)
  const before = post ? [...pending] : pending
  // Storages the rule makes are the engine's, unless the pass is recorded or the user's code may keep them.
  const made: Storage[] | null = w.createGraph || node.userCode ? null : []
  noteAllocations(made)
  let settled = 0
  const settle = (): void => {
    if (made) for (; settled < made.length; settled++) (made[settled] as Storage).uses = 0
  }
  const outer = gradMode.anomaly ? setRunning(node) : null
  try {
    const result = any || node.runsOnNothing ? node.rule(node, pending[0] as Tensor, pending) : null
    settle()
    const single = !Array.isArray(result)
    const whole = post || gradMode.anomaly
    let results: Grad[] | null = whole ? [] : null
    for (let i = 0; i < node.next.length; i++) {
      const next = node.next[i]
      const g = single ? (i === 0 ? (result as Grad) : null) : ((result as readonly Grad[])[i] ?? null)
      // What nobody asked for, PyTorch's own operations do not compute; those of the user do.
      let fitted = node.runsOnNothing ? g : null
      if (g !== null && next && (next.needed || next.captured || node.runsOnNothing)) {
        fitted = conform(g, next.outputs[node.nextNr[i]] as OutputMeta, node, i)
        settle()
      }
      if (results) results.push(fitted)
      else if (fitted) send(node, i, fitted, w, made)
    }
    if (results) {
      if (post) results = runPostHooks(node, results, before)
      for (let i = 0; i < results.length; i++) {
        const g = results[i]
        if (g && gradMode.anomaly && gradMode.checkNan && recording(false, () => ops.hasNaN(g))) throw nanError(node, i)
      }
      for (let i = 0; i < results.length; i++) if (results[i]) send(node, i, results[i] as Tensor, w, made)
    }
  } catch (error) {
    throw gradMode.anomaly ? explain(error, node) : error
  } finally {
    noteAllocations(null)
    if (gradMode.anomaly) setRunning(outer)
  }
  if (made) for (const s of made) if (s.uses === 0) s.release()
  if (!w.retainGraph) node.release()
}

/** Delivers the gradient of input `i` to the node that made it. */
function send(node: Node, i: number, g: Tensor, w: Walk, made: Storage[] | null): void {
  const next = node.next[i]
  if (!next || next.pass !== node.pass || !(next.needed || next.captured)) return
  noteAllocations(null)
  deliver(next, node.nextNr[i], g, w)
  noteAllocations(made)
}

/** Sums a gradient over the dims its input was broadcast over, and casts it to the input's dtype. */
function conform(g: Tensor, meta: OutputMeta, node: Node, i: number): Tensor {
  let out = g
  if (!sameShape(out.sizes, meta.sizes)) {
    if (!isExpandable(meta.sizes, out.sizes))
      throw new AutogradError(
        `Function ${node.name()} returned an invalid gradient at index ${i} - got ${showShape(out.sizes)} but expected shape compatible with ${showShape(meta.sizes)}`,
        { got: [...out.sizes], expected: [...meta.sizes] },
      )
    out = ops.sumToSize(out, meta.sizes)
  }
  return out.info === meta.info ? out : ops.to(out, meta)
}
