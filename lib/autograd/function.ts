/** Operations with a gradient of the user's own. */
import { ArgumentError, AutogradError, NotImplementedError } from '../errors'
import { Category } from '../runtime/dtype'
import { isTensor, type Tensor } from '../tensor/tensor'
import { engineOps } from './engine'
import { finishInPlace, startInPlace } from './in-place'
import { gradMode, noGrad } from './mode'
import { attachAll, type Grad, Node, tracksAny } from './node'

/** What `forward` leaves for `backward`. Fields of one's own may be set on it. */
export class Context {
  /** @internal */ node: Node | null = null
  /** @internal */ toSave: readonly (Tensor | null | undefined)[] = []
  /** @internal */ dirty: readonly Tensor[] = []
  /** @internal */ nonDifferentiable: readonly Tensor[] = []
  /** @internal */ materialize = true
  /** For each argument of `apply`, whether its gradient is wanted. */
  needsInputGrad: readonly boolean[] = [];
  [key: string]: unknown

  /** Keeps inputs or outputs for `backward`; a later change in place is noticed there. */
  saveForBackward(...tensors: (Tensor | null | undefined)[]): void {
    for (const t of tensors)
      if (t !== null && t !== undefined && !isTensor(t))
        throw new ArgumentError(
          `save_for_backward can only save variables, but argument ${tensors.indexOf(t)} is of type ${typeof t}`,
        )
    this.toSave = tensors
  }
  /** What `saveForBackward` kept. */
  get savedTensors(): (Tensor | null)[] {
    const { node } = this
    if (node === null) return this.toSave.map((t) => t ?? null)
    node.assertNotFreed()
    return this.toSave.map((_, i) => node.optional(i))
  }
  /** Says which inputs `forward` changed in place. */
  markDirty(...tensors: Tensor[]): void {
    this.dirty = tensors
  }
  /** Says which outputs have no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    this.nonDifferentiable = tensors
  }
  /** Whether `backward` is given zeros for outputs that no gradient reached (default), or null. */
  setMaterializeGrads(value: boolean): void {
    this.materialize = value
  }
}

/** A class derived from `Function`, as `apply` sees it. */
interface FunctionClass {
  readonly name: string
  forward(ctx: Context, ...args: never[]): unknown
  backward(ctx: Context, ...grads: never[]): unknown
  setupContext?(ctx: Context, inputs: readonly unknown[], output: unknown): void
}
type ApplyArguments<C> = C extends { setupContext(...a: never[]): void; forward(...a: infer A): unknown }
  ? A
  : C extends { forward(ctx: Context, ...a: infer A): unknown }
    ? A
    : never
type ApplyResult<C> = C extends { forward(...a: never[]): infer R } ? R : never

/**
 * The base of operations with their own gradient: a subclass defines static `forward(ctx, ...args)` and
 * `backward(ctx, ...grads)`, which returns one gradient (or null) for each argument, and is used as `Op.apply(...args)`.
 */
export class Function {
  static forward(_ctx: Context, ..._args: never[]): unknown {
    throw new NotImplementedError('You must implement the forward function for custom autograd.Function.')
  }
  static backward(_ctx: Context, ..._grads: never[]): unknown {
    throw new NotImplementedError(
      'You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.',
    )
  }

  /** Runs `forward` without recording it, and records `backward` as its gradient. */
  static apply<C extends FunctionClass>(this: C, ...args: ApplyArguments<C>): ApplyResult<C> {
    const ctx = new Context()
    const inputs = args as readonly unknown[]
    const tensors = inputs.map((a) => (isTensor(a) ? a : null))
    const recorded = tracksAny(tensors)
    ctx.needsInputGrad = tensors.map((t) => gradMode.enabled && (t?.requiresGrad ?? false))
    const cls = this as unknown as FunctionClass & { forward(...a: unknown[]): unknown }
    const output = noGrad(() => {
      if (!cls.setupContext) return cls.forward(...([ctx, ...inputs] as [Context, ...never[]]))
      const result = (cls.forward as (...a: unknown[]) => unknown)(...inputs)
      cls.setupContext(ctx, inputs, result)
      return result
    })
    const single = !Array.isArray(output)
    const outs = (single ? [output] : (output as unknown[])).slice()
    const marked: Node | null = recorded ? record(cls, ctx, inputs, tensors, outs) : null
    for (const d of ctx.dirty) if (marked === null) finishInPlace(d, null)
    return (single ? outs[0] : outs) as ApplyResult<C>
  }
}

function record(
  cls: FunctionClass,
  ctx: Context,
  inputs: readonly unknown[],
  tensors: readonly (Tensor | null)[],
  outs: unknown[],
): Node {
  const name = `${cls.name}Backward`
  const rule = (_n: Node, _g: Tensor, grads: readonly Grad[]): readonly Grad[] =>
    gradientsOf(cls, ctx, name, inputs, grads, node)
  let node: Node
  const dirty = ctx.dirty[0]
  if (dirty && outs.includes(dirty)) {
    // As any change in place: the input, first of the edges, is also what the node makes.
    node = startInPlace(dirty, name, rule, tensors) ?? new Node(name, rule, tensors)
    node.userCode = true
    for (const d of ctx.dirty) finishInPlace(d, node)
    node.outputs.length = 0
    outs.forEach((o, i) => {
      if (!isTensor(o)) return
      if (!ctx.dirty.includes(o)) o.setGradFn(node, i)
      else o.outputNr = i
      node.outputs[i] = o.meta()
    })
  } else {
    for (let i = 0; i < outs.length; i++) {
      const o = outs[i]
      if (!isTensor(o)) continue
      // An input handed through is a new view of it, so that both have their own place in the graph.
      if (tensors.includes(o)) outs[i] = o.detach()
    }
    const made = outs.filter(isTensor)
    const differentiable = made.filter((o) => !ctx.nonDifferentiable.includes(o) && o.info.category === Category.Float)
    node = attachAll(made, name, rule, [])
    const edges = new Node(name, rule, tensors)
    node.next = edges.next
    node.nextNr = edges.nextNr
    for (const o of made) {
      o.viewInfo = null
      if (!differentiable.includes(o)) o.setGradFn(null, 0)
    }
    node.userCode = true
  }
  ctx.node = node
  node.save(...ctx.toSave)
  return node
}

function gradientsOf(
  cls: FunctionClass,
  ctx: Context,
  name: string,
  inputs: readonly unknown[],
  arrived: readonly Grad[],
  node: Node,
): readonly Grad[] {
  const grads = node.outputs.map((meta, i) => {
    const g = arrived[i] ?? null
    return g === null && ctx.materialize ? engineOps().zeros(meta) : g
  })
  const result = cls.backward(ctx, ...(grads as never[]))
  const list = (Array.isArray(result) ? result : [result]) as readonly unknown[]
  const n = inputs.length
  if (list.length < n || (list.length > n && list.slice(n).some((g) => g !== null && g !== undefined)))
    throw new AutogradError(
      `function ${name} returned an incorrect number of gradients (expected ${n}, got ${list.length})`,
      { expected: n, got: list.length },
    )
  return list.slice(0, n).map((g, i) => {
    if (g === null || g === undefined) return null
    if (!isTensor(inputs[i]))
      throw new AutogradError(
        `function ${name} returned a gradient different from None at position ${i + 1}, but the corresponding forward input was not a Variable`,
        { position: i },
      )
    if (!isTensor(g)) throw new AutogradError(`expected Variable or None (got ${typeof g})`, { position: i })
    return g
  })
}
