/**
 * The graph: one node for each recorded operation, edges to the nodes that made its inputs.
 * Nodes know no op by name: an op gives its gradient as a rule.
 */
import { inspect } from 'node:util'
import { AutogradError } from '../errors'
import type { DTypeInfo } from '../runtime/dtype'
import type { Tensor } from '../tensor/tensor'
import { gradMode } from './mode'

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

let nextSequence = 0
/** Leaves run before everything else, as in PyTorch. */
export const LEAF_SEQUENCE = Number.MAX_SAFE_INTEGER

export class Node {
  /** How PyTorch's error texts call the operation: `Add` for AddBackward0, `Max1` for MaxBackward1. */
  get operation(): string {
    return /Copy(Slices|Backwards)/.test(this.name)
      ? `torch::autograd::${this.name}`
      : this.name.replace(/Backward(\d*)$/, '$1').replace(/0$/, '')
  }
  readonly sequence: number
  /** The node that made input i, or null where no gradient is wanted; and which of its outputs it was. */
  next: (Node | null)[]
  nextNr: number[]
  readonly outputs: OutputMeta[] = []
  /** The leaf whose `grad` this node adds to; null for operations. */
  leaf: Tensor | null = null
  private saved: (Tensor | null)[] | null = null
  private versions: number[] | null = null
  /** Which of the saved tensors are outputs of this node: bit i for the i-th. */
  private savedOutputs = 0
  /** Saved tensors that nobody else holds: their memory is free once the graph is. */
  private owned: Tensor[] | null = null
  private freed = false
  /** Numbers, sizes and options that the rule needs. */
  meta: unknown = null
  /** The JavaScript stack of the forward call, in anomaly mode. */
  stack: string | null = null
  /** Hooks on this node's outputs; they may replace gradients before the rule sees them. */
  preHooks: ((grads: Grad[]) => void)[] | null = null
  /** Outputs that keep their gradient (`retainGrad`). */
  retained: Tensor[] | null = null
  /** Runs the user's code (autograd.Function, hooks), which may keep any tensor it sees. */
  userCode = false

  // Marks of the engine's walk.
  pass = 0
  dependencies = 0
  needed = false
  pending: Grad[] = []

  constructor(
    readonly name: string,
    public rule: Rule,
    inputs: readonly (Tensor | null)[],
    sequence?: number,
  ) {
    this.sequence = sequence ?? nextSequence++
    const n = inputs.length
    const next = new Array<Node | null>(n)
    const nextNr = new Array<number>(n)
    for (let i = 0; i < n; i++) {
      const t = inputs[i] as Tensor | null
      if (t?.requiresGrad) {
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
    if (gradMode.anomaly) this.stack = new Error().stack ?? null
  }

  /** PyTorch prints a grad_fn by its class name. */
  toString(): string {
    return `<${this.name}>`
  }
  [inspect.custom](): string {
    return this.toString()
  }
  get nextFunctions(): readonly (readonly [Node | null, number])[] {
    return this.next.map((n, i) => [n, this.nextNr[i] as number] as const)
  }

  /** Whether the gradient of input `i` is wanted. */
  needs(i: number): boolean {
    return this.next[i] !== null
  }

  /** Keeps tensors for the rule, with their versions, so that a later change in place is noticed. */
  save(...tensors: (Tensor | null | undefined)[]): void {
    const n = tensors.length
    const saved = new Array<Tensor | null>(n)
    const versions = new Array<number>(n)
    for (let i = 0; i < n; i++) {
      const t = tensors[i]
      saved[i] = t ?? null
      versions[i] = t ? t.versions.version : 0
      if (t && t.fn === this) this.savedOutputs |= 1 << i
    }
    this.saved = saved
    this.versions = versions
  }

  /** Marks saved tensors that were made inside the op and never given to the user. */
  own(...tensors: Tensor[]): void {
    this.owned = tensors
  }

  /** The saved tensor `i`. */
  tensor(i: number): Tensor {
    const t = this.optional(i)
    if (t === null) throw new AutogradError(`${this.name}: saved tensor ${i} is missing`)
    return t
  }

  optional(i: number): Tensor | null {
    if (this.saved === null) throw freedError()
    const t = this.saved[i] ?? null
    if (t !== null && t.versions.version !== (this.versions as number[])[i]) throw this.changedError(t, i)
    return t
  }

  get savedCount(): number {
    return this.saved?.length ?? 0
  }

  assertNotFreed(): void {
    if (this.freed) throw freedError()
  }

  private changedError(t: Tensor, i: number): AutogradError {
    const expected = (this.versions as number[])[i] as number
    const maker = (this.savedOutputs >> i) & 1 ? this : t.gradFn
    const made = maker ? `, which is output ${t.outputNr} of ${maker.operation},` : ''
    const hint = gradMode.anomaly
      ? 'the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!'
      : 'enable anomaly detection to find the operation that failed to compute its gradient, with autograd.setDetectAnomaly(true).'
    return new AutogradError(
      `one of the variables needed for gradient computation has been modified by an inplace operation: [torch.${t.info.scalarType}Tensor ${
        t.sizes.length ? `[${t.sizes.join(', ')}]` : '[]'
      }]${made} is at version ${t.versions.version}; expected version ${expected} instead. Hint: ${hint}`,
      { version: t.versions.version, expected, shape: [...t.sizes], node: this.name },
    )
  }

  /** Drops what was saved; a second walk then throws. */
  release(): void {
    if (this.saved === null) return
    this.saved = null
    this.versions = null
    this.freed = true
    if (this.owned) for (const t of this.owned) t.storage.release()
    this.owned = null
  }
}

const freedError = (): AutogradError =>
  new AutogradError(
    'Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.',
  )

/** The node that adds to the `grad` of a leaf. */
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
export function attach(out: Tensor, name: string, rule: Rule, inputs: readonly (Tensor | null)[]): Node {
  const node = new Node(name, rule, inputs)
  out.setGradFn(node, 0)
  node.outputs.push(out.meta())
  return node
}

/** Records an operation with several outputs; outputs that are not floating take no part. */
export function attachAll(outs: readonly Tensor[], name: string, rule: Rule, inputs: readonly (Tensor | null)[]): Node {
  const node = new Node(name, rule, inputs)
  outs.forEach((out, i) => {
    if (out.info.category === 2) out.setGradFn(node, i)
    node.outputs.push(out.meta())
  })
  return node
}
