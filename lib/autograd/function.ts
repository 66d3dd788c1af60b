/** Operations with a gradient of the user's own. */
import { describe } from '../check/arguments'
import { ArgumentError, AutogradError, NotImplementedError } from '../errors'
import { isTensor, type Tensor, type ViewCreation } from '../tensor/tensor'
import { engineOps } from './engine'
import { checkInPlace, rebase } from './in-place'
import { gradMode, noGrad, recording } from './mode'
import { type Grad, Node, type OutputMeta, type Rule, tracksAny } from './node'

/** What `forward` leaves for `backward`. Fields of one's own may be set on it. */
export class Context {
  /** @internal */ node: FunctionNode | null = null
  /** @internal */ toSave: readonly (Tensor | null | undefined)[] = []
  /** @internal */ dirty: readonly Tensor[] = []
  /** @internal */ nonDifferentiable: readonly Tensor[] = []
  /** @internal */ materialize = true
  /** For each argument of `apply`, whether it is a tensor that requires a gradient. */
  needsInputGrad: readonly boolean[] = [];
  [key: string]: unknown

  /**
   * Keeps inputs, outputs or others for `backward`; a later change in place is noticed there. A second call replaces what
   * the first kept. Null and undefined are kept as null.
   */
  saveForBackward(...tensors: (Tensor | null | undefined)[]): void {
    this.toSave = tensors
  }
  /** What `saveForBackward` kept; empty until `forward` is over. @throws AutogradError once the graph is freed */
  get savedTensors(): (Tensor | null)[] {
    return this.node?.savedTensors ?? []
  }
  /** Says which inputs `forward` changed in place; all of them must be outputs. */
  markDirty(...tensors: Tensor[]): void {
    expectTensors('mark_dirty', tensors)
    this.dirty = tensors
  }
  /** Says which outputs have no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    expectTensors('mark_non_differentiable', tensors)
    this.nonDifferentiable = tensors
  }
  /** Whether `backward` is given zeros for outputs that no gradient reached (default), or null. */
  setMaterializeGrads(value: boolean): void {
    if (typeof value !== 'boolean')
      throw new ArgumentError(`setMaterializeGrads(): argument 'value' must be bool, not ${describe(value)}`)
    this.materialize = value
  }
}

function expectTensors(op: string, list: readonly unknown[]): void {
  list.forEach((t, i) => {
    if (!isTensor(t))
      throw new ArgumentError(`${op} can only accept variables, but argument ${i} is of type ${describe(t)}`)
  })
}

/** The node of an operation of the user's own. */
export class FunctionNode extends Node {
  /** @internal */
  constructor(
    label: string,
    rule: Rule,
    inputs: readonly (Tensor | null)[],
    /** What `forward` left. */
    readonly ctx: Context,
  ) {
    super(label, rule, inputs)
    this.userCode = true
  }
  override get runsOnNothing(): boolean {
    return true
  }
  override release(): void {
    super.release()
    this.freed = true
  }
  /** What `ctx.saveForBackward` kept. */
  get savedTensors(): (Tensor | null)[] {
    this.assertNotFreed()
    return Array.from({ length: this.savedCount }, (_, i) => this.optional(i))
  }
}

/** A class derived from `Function`, as `apply` sees it. */
interface FunctionClass {
  readonly name: string
  forward(...args: never[]): unknown
  backward(ctx: Context, ...grads: never[]): unknown
  vjp(ctx: Context, ...grads: never[]): unknown
  setupContext?(ctx: Context, inputs: readonly unknown[], output: unknown): void
}
type ApplyArguments<C> = C extends { setupContext(...a: never[]): void; forward(...a: infer A): unknown }
  ? A
  : C extends { forward(ctx: Context, ...a: infer A): unknown }
    ? A
    : never
type ApplyResult<C> = C extends { forward(...a: never[]): infer R } ? R : never

const noBackward = (): never => {
  throw new NotImplementedError(
    'You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.',
  )
}

/**
 * The base of operations with their own gradient: a subclass defines static `forward(ctx, ...args)` and
 * `backward(ctx, ...grads)`, which returns one gradient (or null) for each argument, and is used as `Op.apply(...args)`.
 * Or it defines `forward(...args)` and `setupContext(ctx, inputs, output)`.
 *
 * Several outputs are an array. What is no tensor is handed through, in and out. `backward` is given a gradient for each
 * output; written in operations, it can be differentiated again.
 */
export class Function {
  // Typed so that a subclass may take anything, with a context or, beside `setupContext`, without.
  static forward(..._args: never[]): unknown {
    throw new NotImplementedError('You must implement the forward function for custom autograd.Function.')
  }
  static backward(_ctx: Context, ..._grads: never[]): unknown {
    return noBackward()
  }
  /** Another name for `backward`; a class defines one of the two. */
  static vjp(_ctx: Context, ..._grads: never[]): unknown {
    return noBackward()
  }

  /** Runs `forward` without recording it, and records `backward` as its gradient. */
  static apply<C extends FunctionClass>(this: C, ...args: ApplyArguments<C>): ApplyResult<C> {
    const ctx = new Context()
    const inputs = args as readonly unknown[]
    const tensors = inputs.filter(isTensor)
    ctx.needsInputGrad = inputs.map((a) => isTensor(a) && a.requiresGrad)
    const cls = this as unknown as FunctionClass
    // Made before `forward`: its edges are those of the inputs as they come in.
    const label = `${cls.name}Backward`
    const node = tracksAny(tensors)
      ? new FunctionNode(label, (n, _g, grads) => gradientsOf(cls, ctx, n, inputs, grads), tensors, ctx)
      : null
    const output = recording(false, () => {
      const forward = cls.forward as (...a: unknown[]) => unknown
      if (!cls.setupContext) return forward.call(cls, ctx, ...inputs)
      const result = forward.apply(cls, args)
      cls.setupContext(ctx, inputs, result)
      return result
    })
    const outs: unknown[] = Array.isArray(output) ? [...(output as unknown[])] : [output]
    settleOutputs({ ctx, node, inputs: new Set(tensors), outs, late: cls.setupContext !== undefined })
    return (Array.isArray(output) ? outs : outs[0]) as ApplyResult<C>
  }
}

/** One call of `forward`, while its outputs become what `ctx` says they are. */
interface Outputs {
  readonly ctx: Context
  /** null where nothing is recorded. */
  readonly node: FunctionNode | null
  readonly inputs: ReadonlySet<Tensor>
  /** What `forward` returned; each tensor is replaced by what the user gets. */
  readonly outs: unknown[]
  /** Whether the context was set up by a `setupContext`. */
  readonly late: boolean
}

/** Makes the outputs what `ctx` says they are: PyTorch's rules, in its order. */
function settleOutputs(call: Outputs): void {
  const { ctx, node, inputs, outs } = call
  const dirty = countDirty(ctx, outs)
  const constant = new Set(ctx.nonDifferentiable)
  let differentiable = 0
  const returned = new Map<Tensor, Tensor>()
  outs.forEach((o, i) => {
    if (!isTensor(o)) {
      if (node) node.outputs[i] = NOTHING
      return
    }
    const isInput = inputs.has(o)
    const modified = dirty.has(o)
    const recorded = node !== null && !constant.has(o) && o.info.differentiable
    if (recorded) differentiable++
    const t = recorded ? recordOutput(call, node, o, i, modified) : constantOutput(call, o, modified)
    if (!(isInput && modified)) setCreation(t, 'function')
    // An input handed through twice is two views of it, one output returned twice is one.
    if (!isInput) returned.set(o, t)
    outs[i] = t
    if (node) node.outputs[i] = t.meta()
  })
  if (differentiable > 1) for (const o of outs) if (isTensor(o)) setCreation(o, 'multi')
  if (node !== null) saveFor(node, ctx, returned)
}

/** Counts the changes of the tensors that `forward` says it changed. */
function countDirty(ctx: Context, outs: readonly unknown[]): ReadonlySet<Tensor> {
  const dirty = new Set(ctx.dirty)
  for (const t of dirty) {
    if (t.storage.inference && !gradMode.inference) checkInPlace(t)
    t.versions.version++
  }
  for (const t of dirty)
    if (!outs.includes(t))
      throw new AutogradError(
        'Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.',
      )
  return dirty
}

/** An output that no gradient goes through. */
function constantOutput(call: Outputs, o: Tensor, modified: boolean): Tensor {
  const isInput = call.inputs.has(o)
  if (!o.requiresGrad) return isInput && !modified ? handedThrough(call, o) : o
  if (isInput) return o.detach()
  if (o.viewInfo === null) {
    o.setGradFn(null, 0)
    o.needsGrad = false
  }
  return o
}

/** Output `i` of `node`. */
function recordOutput(call: Outputs, node: FunctionNode, o: Tensor, i: number, modified: boolean): Tensor {
  const isInput = call.inputs.has(o)
  if (modified) {
    if (o.viewInfo !== null) checkInPlace(o, true)
    else if (o.isLeaf && o.requiresGrad)
      throw new AutogradError('a leaf Variable that requires grad has been used in an in-place operation.')
    if (o.viewInfo !== null && call.outs.length > 1)
      throw new AutogradError(
        'If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a view (using .clone() for example) or make your Function only return one Tensor (potentially splitting it into two Functions: one doing the inplace that returns a single Tensor and a second one that does the other operations). You can ask on the forum https://discuss.pytorch.org/ if you need help to do this change.',
      )
    if (!isInput)
      process.emitWarning(
        'Only input Tensors should be given to ctx.mark_dirty(). If a Tensor is not an input, there is no need to pass it to mark_dirty().',
      )
    rebase(o, node, i)
    return o
  }
  const t = isInput ? handedThrough(call, o) : o
  t.setGradFn(node, i)
  if (t.viewInfo) t.viewInfo.version = t.versions.version
  return t
}

/** An input that is returned as it came is a view of it, so that both have their own place in the graph. */
function handedThrough({ ctx, late }: Outputs, o: Tensor): Tensor {
  if (late && ctx.toSave.includes(o))
    throw new AutogradError(
      'An input that has been returned as-is as output is being saved for backward. This is not supported if you override setup_context. You should return and save a view of the input instead, e.g. with x.view_as(x) or setup ctx inside the forward function itself.',
    )
  return noGrad(() => engineOps().viewAsSelf(o))
}

/** Saves what `ctx` was told to save. @param returned what the user gets of each output */
function saveFor(node: FunctionNode, ctx: Context, returned: ReadonlyMap<Tensor, Tensor>): void {
  ctx.toSave.forEach((t, i) => {
    if (t !== null && t !== undefined && !isTensor(t))
      throw new ArgumentError(`save_for_backward can only save variables, but argument ${i} is of type ${describe(t)}`)
  })
  ctx.node = node
  // Where an input was handed through, what is saved of it is the input.
  node.save(...ctx.toSave.map((t) => (t ? (returned.get(t) ?? t) : null)))
}
/** Stands for an output that is no tensor. */
const NOTHING = {} as OutputMeta

function setCreation(t: Tensor, creation: ViewCreation): void {
  if (t.viewInfo) t.viewInfo = { ...t.viewInfo, creation }
}

function backwardOf(cls: FunctionClass): (this: FunctionClass, ctx: Context, ...grads: never[]) => unknown {
  const own = cls.backward !== Function.backward
  if (own && cls.vjp !== Function.vjp)
    throw new AutogradError(
      "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement one of them.",
    )
  return own ? cls.backward : cls.vjp
}

/** What `backward` gives for the inputs that are tensors, checked. */
function gradientsOf(
  cls: FunctionClass,
  ctx: Context,
  node: Node,
  inputs: readonly unknown[],
  arrived: readonly Grad[],
): readonly Grad[] {
  const grads = (ctx.node ?? node).outputs.map((meta, i) => {
    const g = arrived[i] ?? null
    return g === null && ctx.materialize && meta !== NOTHING ? engineOps().zeros(meta) : g
  })
  const result = backwardOf(cls).call(cls, ctx, ...(grads as never[]))
  const list = (Array.isArray(result) ? result : [result]) as readonly unknown[]
  const n = inputs.length
  const name = node.label
  const surplus = list.slice(n).some((g) => g !== null && g !== undefined)
  if (list.length < n || surplus)
    throw new AutogradError(
      `function ${name} returned an incorrect number of gradients (expected ${n}, got ${list.length})`,
      { expected: n, got: list.length },
    )
  const out: Grad[] = []
  inputs.forEach((input, i) => {
    const g = list[i] ?? null
    if (!isTensor(input)) {
      if (g !== null)
        throw new AutogradError(
          `function ${name} returned a gradient different than None at position ${i + 1}, but the corresponding forward input was not a Variable`,
          { position: i },
        )
      return
    }
    if (g !== null && !isTensor(g))
      throw new AutogradError(`expected Variable or None (got ${describe(g)})`, { position: i })
    out.push(g)
  })
  return out
}

/**
 * Marks a `backward` that cannot be differentiated itself, because it does not compute in operations: it runs unrecorded,
 * and a second derivative through it throws. `static override backward = onceDifferentiable((ctx, g: Tensor) => …)`
 */
export function onceDifferentiable<A extends readonly (Tensor | null)[], R>(
  fn: (ctx: Context, ...grads: A) => R,
): (ctx: Context, ...grads: A) => R {
  if (typeof fn !== 'function')
    throw new ArgumentError(`onceDifferentiable(): expected a function, not ${describe(fn)}`)
  return function (this: unknown, ctx, ...grads) {
    const result = noGrad(() => fn.call(this, ctx, ...grads))
    if (!gradMode.enabled || !grads.some((g) => isTensor(g) && g.requiresGrad)) return result
    const list = (Array.isArray(result) ? result : [result]) as readonly unknown[]
    const cut = list.map((g) => (isTensor(g) ? g.detach().requiresGrad_() : g))
    const node = new Node('Error', refuse, cut.filter(isTensor))
    node.userCode = true
    let nr = 0
    const out = cut.map((g) => {
      if (!isTensor(g)) return g
      const t = g.detach()
      node.outputs.push(t.meta())
      t.setGradFn(node, nr++)
      return t
    })
    return (Array.isArray(result) ? out : out[0]) as R
  }
}
const refuse: Rule = () => {
  throw new AutogradError('trying to differentiate twice a function that was marked with @once_differentiable')
}
