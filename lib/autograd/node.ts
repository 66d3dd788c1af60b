/**
 * The graph: one node for each recorded operation, edges to the nodes that made its inputs.
 * Nodes know no op by name: an op gives its gradient as a rule.
 */
import { describe } from '../check/arguments'
import { ArgumentError, AutogradError } from '../errors'
import type { DTypeInfo } from '../runtime/dtype'
import { isTensor, type RemovableHandle, removable, type Tensor } from '../tensor/tensor'
import { gradMode } from './mode'
import { type Packed, pack, savedHooks, unpack } from './saved'
import { captureTrace, type Trace } from './trace'
import { INSPECT } from '../tensor/format'

export type Grad = Tensor | null

/**
 * The gradient of an operation: from the gradient of its output to those of its inputs, in their order, written in
 * differentiable ops. `grads` holds the gradients of all outputs where there are several (null: none arrived).
 * A gradient may be larger than its input by broadcasting, or of another dtype: the engine sums and casts it.
 */
export type Rule = (node: Node, grad: Tensor, grads: readonly Grad[]) => Grad | readonly Grad[]

/** What an engine needs to know of an output. */
export interface OutputMeta {
  readonly sizes: readonly number[]
  readonly info: DTypeInfo
}

/** Sees the gradients of a node's outputs before it runs; an array that it returns takes their place. */
export type NodePreHook = (gradOutputs: readonly Grad[]) => readonly Grad[] | null | undefined | void
/** Sees the gradients that a node made for its inputs; an array that it returns takes their place. */
export type NodeHook = (
  gradInputs: readonly Grad[],
  gradOutputs: readonly Grad[],
) => readonly Grad[] | null | undefined | void

/** What runs with a node; kept apart so that a plain node stays small. In the order in which it runs. */
export interface NodeHooks {
  /** Hooks of the tensors that the node made: they may replace gradients. */
  readonly tensor: ((grads: Grad[]) => void)[]
  /** Outputs that keep their gradient (`retainGrad`). */
  readonly retained: Tensor[]
  readonly pre: NodePreHook[]
  readonly post: NodeHook[]
}

declare module '../tensor/tensor' {
  interface GradFn extends Node {}
}

let nextSequence = 0
/** Leaves run before everything else, as in PyTorch. */
export const LEAF_SEQUENCE = Number.MAX_SAFE_INTEGER

/** Nodes that PyTorch has in C++ classes of this namespace, which its texts show. */
const IN_NAMESPACE = new Set(['AccumulateGrad', 'CopyBackwards', 'CopySlices', 'Error', 'NotImplemented'])

/** A recorded operation, as `tensor.gradFn` gives it. */
export class Node {
  /** @internal How PyTorch's error texts call the operation: `Add` for AddBackward0, `Max1` for MaxBackward1. */
  get operation(): string {
    return this.name()
      .replace(/Backward(\d*)$/, '$1')
      .replace(/0$/, '')
  }
  /** @internal */ readonly sequence: number
  /** @internal The node that made input i, or null where no gradient is wanted; and which of its outputs it was. */
  next: (Node | null)[]
  /** @internal */ nextNr: number[]
  /** @internal */ readonly outputs: OutputMeta[] = []
  /** @internal The leaf whose `grad` this node adds to; null for operations. */
  leaf: Tensor | null = null
  private saved: (Tensor | null)[] | null = null
  private versions: number[] | null = null
  /** Which of the saved tensors are outputs of this node: bit i for the i-th. */
  private savedOutputs = 0
  /** What hooks made of the saved tensors (`savedTensorsHooks`). */
  private packed: (Packed | null)[] | null = null
  /** Saved tensors that nobody else holds: their memory is free once the graph is. */
  private owned: Tensor[] | null = null
  /** Whether anything was saved that PyTorch frees. */
  private holds = false
  protected freed = false
  /** @internal The view that this node changed in place: its own node is another, made from the base's. */
  changed: Tensor | null = null
  /** @internal Numbers, sizes and options that the rule needs. */
  meta: unknown = null
  /** @internal The forward call, in anomaly mode. */
  readonly trace: Trace | null
  /** @internal */ hooks: NodeHooks | null = null
  private notes: Record<string, unknown> | null = null
  /** @internal Runs the user's code (autograd.Function, hooks), which may keep any tensor it sees. */
  userCode = false

  // Marks of the engine's walk.
  /** @internal */ pass = 0
  /** @internal */ dependencies = 0
  /** @internal Whether it runs in this walk. */ needed = false
  /** @internal Whether its gradients are asked for in this walk. */ captured = false
  /** @internal */ pending: Grad[] = []

  /** @internal */
  constructor(
    /** @internal What is printed as a tensor's grad_fn. */
    public label: string,
    /** @internal */ public rule: Rule,
    inputs: readonly (Tensor | null)[],
    sequence?: number,
  ) {
    if (typeof rule !== 'function' || !Array.isArray(inputs))
      throw new ArgumentError('nodes of the graph are made by the operations that are recorded in it')
    this.sequence = sequence ?? nextSequence++
    const n = inputs.length
    const next = new Array<Node | null>(n)
    const nextNr = new Array<number>(n)
    for (let i = 0; i < n; i++) {
      const t = inputs[i] as unknown
      if (isTensor(t) && t.requiresGrad) {
        const fn = t.gradFn
        next[i] = fn ?? accumulator(t)
        nextNr[i] = fn ? t.outputNr : 0
      } else {
        next[i] = null
        nextNr[i] = 0
      }
    }
    this.next = next
    this.nextNr = nextNr
    this.trace = gradMode.anomaly && sequence === undefined ? captureTrace() : null
  }

  /** The name of the operation, such as `MulBackward0`; of a leaf's node `torch::autograd::AccumulateGrad`. */
  name(): string {
    return IN_NAMESPACE.has(this.label) ? `torch::autograd::${this.label}` : this.label
  }
  /** For each input, the node that made it (null where no gradient is wanted) and which of its outputs it was. */
  get nextFunctions(): readonly (readonly [Node | null, number])[] {
    return this.next.map((n, i) => [n, this.nextNr[i]] as const)
  }
  /** A place for notes of the user's own. */
  get metadata(): Record<string, unknown> {
    this.notes ??= {}
    return this.notes
  }
  /** Of a leaf's node: the leaf that the gradient is added to. */
  get variable(): Tensor | undefined {
    return this.leaf ?? undefined
  }
  /**
   * Calls `hook` after the node has run, with the gradients of its inputs and those of its outputs; an array that it
   * returns takes the place of the former.
   */
  registerHook(hook: NodeHook): RemovableHandle {
    expectHook('registerHook', hook)
    return removable(this.hooksForUser().post, hook)
  }
  /** Calls `hook` before the node runs, with the gradients of its outputs; an array that it returns takes their place. */
  registerPrehook(hook: NodePreHook): RemovableHandle {
    expectHook('registerPrehook', hook)
    return removable(this.hooksForUser().pre, hook)
  }
  private hooksForUser(): NodeHooks {
    // What a hook is given may be kept.
    this.userCode ||= this.leaf === null
    return this.more()
  }
  /** @internal */
  more(): NodeHooks {
    this.hooks ??= { tensor: [], retained: [], pre: [], post: [] }
    return this.hooks
  }

  /** PyTorch prints a grad_fn by its class name. */
  toString(): string {
    return `<${this.label}>`
  }
  [INSPECT](): string {
    return this.toString()
  }

  /** @internal Whether the gradient of input `i` is wanted. */
  needs(i: number): boolean {
    return (this.next[i] ?? null) !== null
  }

  /** @internal Keeps tensors for the rule, with their versions, so that a later change in place is noticed. */
  save(...tensors: (Tensor | null | undefined)[]): void {
    const n = tensors.length
    const saved = new Array<Tensor | null>(n)
    const versions = new Array<number>(n)
    for (let i = 0; i < n; i++) {
      const t = tensors[i]
      saved[i] = t ?? null
      versions[i] = t ? t.versions.version : 0
      if (!t) continue
      this.holds = true
      if (t.storage.inference) throw inferenceError()
      if (t.fn === this || t === this.changed) this.savedOutputs |= 1 << i
    }
    this.saved = saved
    this.versions = versions
    if (savedHooks.active) {
      this.packed = saved.map((t) => t && pack(t))
      saved.fill(null)
    }
  }

  /** @internal Counts as having saved something: a number that PyTorch saves as a tensor, and frees as one. */
  hold(): void {
    this.holds = true
  }

  /** @internal Marks saved tensors that were made inside the op and never given to the user. */
  own(...tensors: Tensor[]): void {
    if (!this.packed) this.owned = tensors
  }

  /** @internal The saved tensor `i`. */
  tensor(i: number): Tensor {
    const t = this.optional(i)
    if (t === null) throw new AutogradError(`${this.label}: saved tensor ${i} is missing`)
    return t
  }

  /** @internal */
  optional(i: number): Tensor | null {
    if (this.saved === null) throw freedError()
    const packed = this.packed?.[i]
    if (packed) return unpack(packed)
    const t = this.saved[i] ?? null
    if (t !== null && t.versions.version !== (this.versions as number[])[i]) throw this.changedError(t, i)
    return t
  }

  /** @internal */
  get savedCount(): number {
    return this.saved?.length ?? 0
  }

  /** @internal Notices a change of what was saved, or that it was freed, where no gradient arrives. */
  checkSaved(): void {
    this.assertNotFreed()
    for (let i = 0; i < this.savedCount; i++) this.optional(i)
  }

  /** @internal */
  assertNotFreed(): void {
    if (this.freed) throw freedError()
  }

  private changedError(t: Tensor, i: number): AutogradError {
    const expected = (this.versions as number[])[i] as number
    const maker = (this.savedOutputs >> i) & 1 ? this : t.gradFn
    const made = maker ? `, which is output ${t.outputNr} of ${maker.operation},` : ''
    const hint = gradMode.anomaly
      ? 'the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!'
      : 'enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False).'
    return new AutogradError(
      `one of the variables needed for gradient computation has been modified by an inplace operation: [torch.${t.info.scalarType}Tensor ${
        t.sizes.length ? `[${t.sizes.join(', ')}]` : '[]'
      }]${made} is at version ${t.versions.version}; expected version ${expected} instead. Hint: ${hint}`,
      { version: t.versions.version, expected, shape: [...t.sizes], node: this.name() },
    )
  }

  /** @internal Whether the rule runs even where no gradient arrives. */
  get runsOnNothing(): boolean {
    return false
  }

  /** @internal Drops what was saved; a second walk then throws. */
  release(): void {
    // What kept nothing can be walked again.
    if (this.saved === null || !this.holds) return
    this.saved = null
    this.versions = null
    this.packed = null
    this.freed = true
    if (this.owned) for (const t of this.owned) t.storage.release()
    this.owned = null
  }
}

/** Where a gradient arrives: an output of a node. What `getGradientEdge` gives, and `backward` and `grad` take. */
export class GradientEdge {
  /** @internal */
  constructor(
    readonly node: Node,
    /** Which output of the node. */
    readonly outputNr: number,
  ) {}
}
/** @internal Where the gradient of a tensor arrives; it must require one. */
export const edgeOf = (t: Tensor): GradientEdge => {
  const fn = t.gradFn
  return fn ? new GradientEdge(fn, t.outputNr) : new GradientEdge(accumulator(t), 0)
}

const freedError = (): AutogradError =>
  new AutogradError(
    'Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.',
  )
const inferenceError = (): AutogradError =>
  new AutogradError(
    'Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`.',
  )

function expectHook(op: string, hook: unknown): void {
  if (typeof hook !== 'function') throw new ArgumentError(`${op}(): expected a function but got ${typeof hook}`, { op })
}

// ---- hooks --------------------------------------------------------------------------------------------------------

/** PyTorch's texts name the hook. */
const hookName = (hook: { readonly name: string }): string => hook.name || '<unknown>'

/** Checks what a hook returned in place of a gradient. @internal */
export function replacement(hook: { readonly name: string }, given: Grad, result: unknown): Grad {
  if (result === null || result === undefined) return given
  if (!isTensor(result)) throw new ArgumentError(`expected Variable, but hook returned '${describe(result)}'`)
  if (given === null) throw new AutogradError("can't replace a None gradient with a non-None value")
  const name = hookName(hook)
  if (result.info !== given.info)
    throw new AutogradError(
      `hook '${name}' has changed the type of value (was torch.${given.info.scalarType}Tensor got torch.${result.info.scalarType}Tensor)`,
    )
  if (result.sizes.length !== given.sizes.length || result.sizes.some((s, i) => s !== given.sizes[i]))
    throw new AutogradError(`hook '${name}' has changed the size of value`, {
      got: [...result.sizes],
      expected: [...given.sizes],
    })
  return result
}

/** Checks what a node's hook returned in place of a list of gradients. @internal */
export function replacements(hook: { readonly name: string }, given: readonly Grad[], result: unknown): Grad[] {
  if (result === null || result === undefined) return [...given]
  const list = Array.isArray(result) ? (result as unknown[]) : [result]
  if (list.length !== given.length)
    throw new AutogradError(
      `hook '${hookName(hook)}' has returned an incorrect number of values (got ${list.length}, but expected ${given.length})`,
      { got: list.length, expected: given.length },
    )
  return given.map((g, i) => (list[i] === null || list[i] === undefined ? null : replacement(hook, g, list[i])))
}

// ---- making nodes -------------------------------------------------------------------------------------------------

/** The node that adds to the `grad` of a leaf. @internal */
export function accumulator(leaf: Tensor): Node {
  let node = leaf.accumulator
  if (node === null) {
    node = new Node('AccumulateGrad', noRule, [], LEAF_SEQUENCE)
    node.leaf = leaf
    node.outputs.push(leaf)
    leaf.accumulator = node
  }
  return node
}

const noRule: Rule = () => null

/** Whether an operation on these tensors is recorded. */
export function tracks(a: Tensor | null | undefined, b?: Tensor | null, c?: Tensor | null): boolean {
  return gradMode.enabled && ((a?.requiresGrad ?? false) || (b?.requiresGrad ?? false) || (c?.requiresGrad ?? false))
}

export function tracksAny(tensors: readonly (Tensor | null | undefined)[]): boolean {
  if (!gradMode.enabled) return false
  for (const t of tensors) if (t?.requiresGrad) return true
  return false
}

/** Records that `out` was made from `inputs`. Call it only where `tracks` said so, and only for floating outputs. */
export function attach(out: Tensor, label: string, rule: Rule, inputs: readonly (Tensor | null)[]): Node {
  const node = new Node(label, rule, inputs)
  out.setGradFn(node, 0)
  node.outputs.push(out.meta())
  return node
}

/** Records an operation with several outputs; outputs that are not floating take no part. */
export function attachAll(
  outs: readonly Tensor[],
  label: string,
  rule: Rule,
  inputs: readonly (Tensor | null)[],
): Node {
  const node = new Node(label, rule, inputs)
  outs.forEach((out, i) => {
    if (out.info.category === 2) out.setGradFn(node, i)
    node.outputs.push(out.meta())
  })
  return node
}
