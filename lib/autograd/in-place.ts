/** Recording changes in place: what may be changed, and how the graph follows, through views too. */
import { AutogradError } from '../errors'
import { checkMemory, type MemoryRule } from '../tensor/overlap'
import { moveRetained, type Tensor, viewChanged } from '../tensor/tensor'
import { gradMode } from './mode'
import { engineOps } from './engine'
import { type Grad, Node, type Rule } from './node'

/** Checks that `x` may be changed in place now. @param recorded whether the change will be part of the graph */
export function checkInPlace(x: Tensor, recorded = x.requiresGrad): void {
  if (x.storage.inference && !gradMode.inference)
    throw new AutogradError(
      'Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.',
    )
  if (!recorded || !gradMode.enabled) return
  const v = x.viewInfo
  if (v !== null) {
    if (v.creation !== 'default') throw new AutogradError(viewChanged(x, v.creation, 'is being modified'))
    if (v.base.requiresGrad && v.base.gradFn === null)
      throw new AutogradError('a view of a leaf Variable that requires grad is being used in an in-place operation.')
  }
  // As in PyTorch, this also refuses a view made before its base came into the graph, if nobody looked at it since.
  if (x.requiresGrad && x.fn === null)
    throw new AutogradError('a leaf Variable that requires grad is being used in an in-place operation.')
}

/**
 * Starts a change of `x` in place: checks it and, where it is to be recorded, makes its node. `inputs[0]` is `x`.
 * Call it before the kernel and `finishInPlace` after.
 * @param memory what the change asks of memory: unless an op says otherwise, what elementwise ones ask
 */
export function startInPlace(
  x: Tensor,
  label: string,
  rule: Rule,
  inputs: readonly (Tensor | null)[],
  memory: MemoryRule = 'elementwise',
): Node | null {
  let recorded = false
  if (gradMode.enabled) for (const t of inputs) if (t?.requiresGrad) recorded = true
  checkInPlace(x, recorded)
  checkMemory(memory, x, inputs, 1)
  return recorded && x.info.differentiable ? new Node(label, rule, inputs) : null
}

/** Counts the change and puts `node` into the graph as what made `x` (and, through a view, its base). */
export function finishInPlace(x: Tensor, node: Node | null): void {
  x.versions.version++
  if (node === null) return
  node.outputs.push(x.meta())
  rebase(x, node, 0)
}

/** Makes output `nr` of `node` the one that made `x`, and through a view its base. */
export function rebase(x: Tensor, node: Node, nr: number): void {
  const v = x.viewInfo
  if (v === null) {
    moveRetained(x, x.fn, node)
    x.setGradFn(node, nr)
    return
  }
  node.changed = x
  const base = v.base
  const copy = new Node('CopySlices', copySlices, [base])
  copy.next = [copy.next[0] as Node | null, ...node.next.slice(1)]
  copy.nextNr = [copy.nextNr[0], ...node.nextNr.slice(1)]
  copy.meta = { inner: node, base: geometryOf(base), view: geometryOf(x) }
  copy.userCode = node.userCode
  copy.outputs.push(base.meta())
  moveRetained(base, base.fn, copy)
  base.setGradFn(copy, 0)
  // The view's own node is made again from the base's; other views do so when they are asked.
  v.version = -1
  void x.gradFn
}

interface Geometry {
  readonly sizes: readonly number[]
  readonly strides: readonly number[]
  readonly offset: number
}
/** As it is now: an operation in place may change it. */
const geometryOf = ({ sizes, strides, offset }: Tensor): Geometry => ({ sizes, strides, offset })

/**
 * The gradient through a view changed in place: outside the view it passes, inside it goes through the operation. The
 * gradient is laid out in memory as the base was, so that the view's own geometry finds its elements in it.
 */
const copySlices: Rule = (node, g) => {
  const { inner, base, view } = node.meta as { inner: Node; base: Geometry; view: Geometry }
  const whole = engineOps().laidOut(g, base.strides)
  const part = whole.asStrided(view.sizes, view.strides, { storageOffset: view.offset - base.offset })
  const own = part.clone()
  const result = inner.rule(inner, own, [own])
  const grads: readonly Grad[] = Array.isArray(result) ? (result as readonly Grad[]) : [result as Grad]
  const self = grads[0] ?? null
  if (self === null) part.zero_()
  else part.copy_(self)
  return [whole, ...grads.slice(1)]
}
