/**
 * The Tensor: shape, strides, dtype and a storage handle, with the autograd fields of PyTorch's.
 * It computes nothing: every operation is a function in lib/ops, attached here as a method by lib/ops/install.ts.
 */

import { ArgumentError, AutogradError, DTypeError, ShapeError, ValueError, IndexError } from '../errors'
import { Category, DTYPES, type DType, type DTypeInfo } from '../runtime/dtype'
import { addressOf } from '../runtime/commands'
import { allocation, Storage } from '../runtime/storage'
import { checkDims, contiguousStrides, countOf, isContiguous, wrapDim } from './shape'

/** A counter of in-place changes, shared by all tensors that see the same values change. */
export interface VersionCounter {
  version: number
}

/** Where tensors are: there is one place. */
export type Device = 'cpu'
/**
 * How a view came about. `noGrad`, `inference`: in that mode; `multi`: one of several by one node; `function`: inside an
 * autograd.Function. None but `default` may be changed in place while that is recorded.
 */
export type ViewCreation = 'default' | 'noGrad' | 'inference' | 'multi' | 'function'

/** Of what a tensor is a view, so that its gradient can be rebuilt when its base changes in place. */
export interface ViewInfo {
  readonly base: Tensor
  readonly creation: ViewCreation
  /** The version at which the view's own gradFn is right. */
  version: number
}

/** A handle that takes a hook away again. */
export interface RemovableHandle extends Disposable {
  remove(): void
}

/** Sees the gradient of a tensor (null where none arrived); a tensor that it returns takes its place. */
export type TensorHook = (grad: Tensor) => Tensor | null | undefined | void

/** The node of the graph that made a tensor: an `autograd.Node`. The graph stands above this file, and says there what it is. */
// biome-ignore lint/suspicious/noEmptyInterface: autograd/node.ts declares its members
export interface GradFn {}

/** Rarely used autograd state, kept apart so that a plain tensor stays small. */
interface Extras {
  hooks: TensorHook[] | null
  retainsGrad: boolean
  postAccumulate: ((t: Tensor) => void)[] | null
}

/** Its text becomes a part of the DataCloneError. */
const UNCLONEABLE = Symbol('Tensor: send its toTypedArray(), dtype and shape')

/** A multi-dimensional array with automatic differentiation, as PyTorch's `torch.Tensor`. Made by `tensor()`, `zeros()`, `rand()` and the like. */
export class Tensor {
  // Behind accessors, which compiled code calls for nothing: what compares objects property by property, as node's assertions do, would
  // compare addresses. It finds the values in the tag (see lib/ops/tensor/identity.ts).
  #storage: Storage
  /** @internal */ get storage(): Storage {
    return this.#storage
  }
  /** @internal */ set storage(storage: Storage) {
    this.#storage = storage
  }
  /** @internal In elements. */ accessor offset: number
  /** @internal */ accessor sizes: readonly number[]
  /** @internal In elements. */ accessor strides: readonly number[]
  /** @internal */ accessor count: number
  /** @internal Row-major without gaps. */ accessor rowMajor: boolean
  /** @internal */ accessor info: DTypeInfo
  /** @internal */ accessor versions: VersionCounter
  /** @internal */ accessor needsGrad = false
  /** @internal */ accessor fn: GradFn | null = null
  /** @internal */ accessor outputNr = 0
  /** @internal */ accessor accumulator: GradFn | null = null
  /** @internal */ accessor viewInfo: ViewInfo | null = null
  /** @internal */ accessor extras: Extras | null = null
  /** @internal */ accessor gradient: Tensor | null = null
  /** @internal A property for all to see, of the one kind that `structuredClone` refuses: else its copy would be an empty object. */
  readonly uncloneable = UNCLONEABLE

  /** @internal */
  constructor(
    storage: Storage,
    offset: number,
    sizes: readonly number[],
    strides: readonly number[],
    info: DTypeInfo,
    count: number,
    rowMajor: boolean,
    versions: VersionCounter = storage,
  ) {
    if (!(storage instanceof Storage))
      throw new ArgumentError('tensors are made by tensor(), zeros(), rand() and the like, not by new Tensor()')
    checkDims(sizes.length)
    this.#storage = storage
    this.offset = offset
    this.sizes = sizes
    this.strides = strides
    this.info = info
    this.count = count
    this.rowMajor = rowMajor
    this.versions = versions
  }

  /** @internal */
  static isMade(this: void, v: unknown): v is Tensor {
    return typeof v === 'object' && v !== null && #storage in v
  }

  /** The sizes of all dims. */
  get shape(): readonly number[] {
    return Object.freeze([...this.sizes])
  }
  /** The element type. */
  get dtype(): DType {
    return this.info.name
  }
  /** The number of dims. */
  get ndim(): number {
    return this.sizes.length
  }
  /** Always `'cpu'`. */
  get device(): Device {
    return 'cpu'
  }
  /** Bytes of one element. */
  get itemsize(): number {
    return this.info.itemsize
  }
  /** Bytes of all elements. */
  get nbytes(): number {
    return this.count * this.info.itemsize
  }

  /** All sizes, or the size of one dim (negative from the end). */
  size(): readonly number[]
  size(dim: number): number
  size(dim?: number): number | readonly number[] {
    if (dim === undefined) return this.shape
    return this.sizes[this.dimOf(dim)]
  }
  /** The number of dims. */
  dim(): number {
    return this.sizes.length
  }
  /** The number of elements. */
  numel(): number {
    return this.count
  }
  /** The number of elements, as `numel`. */
  nelement(): number {
    return this.count
  }
  /** Bytes of one element. */
  elementSize(): number {
    return this.info.itemsize
  }
  /** All strides in elements, or that of one dim. */
  stride(): readonly number[]
  stride(dim: number): number
  stride(dim?: number): number | readonly number[] {
    if (dim === undefined) return Object.freeze([...this.strides])
    return this.strides[this.dimOf(dim)]
  }
  private dimOf(dim: number): number {
    if (this.sizes.length === 0)
      throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`, { dim })
    return wrapDim(dim, this.sizes.length)
  }
  /** Where the first element lies in the storage, in elements. */
  storageOffset(): number {
    return this.offset
  }
  /** Whether the elements lie in row-major order without gaps. */
  isContiguous(): boolean {
    return this.rowMajor
  }
  /** Whether its numbers are floating. */
  isFloatingPoint(): boolean {
    return this.info.category === Category.Float
  }
  /** Whether two tensors are views of one storage. */
  sharesStorage(other: Tensor): boolean {
    if (!isTensor(other)) throw new ArgumentError("sharesStorage(): argument 'other' must be Tensor")
    return this.storage === other.storage
  }
  /** Address of the first element. */
  dataPtr(): number {
    return addressOf(this)
  }

  // ---- autograd -------------------------------------------------------------------------------------------------

  /** Whether operations on this tensor are recorded. Setting it is allowed on leaves only. */
  get requiresGrad(): boolean {
    if (this.needsGrad || this.fn !== null) return true
    // A view asks for what its base asks for, even one made under noGrad; that one is a leaf of its own then.
    return this.viewInfo?.base.requiresGrad ?? false
  }
  set requiresGrad(value: boolean) {
    this.requiresGrad_(value)
  }
  /**
   * Sets whether operations on this tensor are recorded, in place.
   * @throws AutogradError for an integer or bool tensor, and when turned off on a tensor that is not a leaf
   */
  requiresGrad_(requiresGrad = true): this {
    if (typeof requiresGrad !== 'boolean')
      throw new ValueError(`requiresGrad_(): expected a boolean but got ${typeof requiresGrad}`)
    if (requiresGrad && this.storage.inference && !inferring())
      throw new AutogradError('Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.')
    if (requiresGrad && !this.info.differentiable)
      throw new AutogradError('only Tensors of floating point dtype can require gradients', { dtype: this.dtype })
    if (this.gradFn !== null) {
      if (!requiresGrad)
        throw new AutogradError(
          "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
        )
      return this
    }
    this.needsGrad = requiresGrad
    return this
  }
  /** The node of the operation that made this tensor; null for leaves. */
  get gradFn(): GradFn | null {
    const v = this.viewInfo
    if (v !== null && v.version !== this.versions.version) rebuildView(this, v)
    return this.fn
  }
  /** @internal */
  setGradFn(fn: GradFn | null, outputNr: number): void {
    this.fn = fn
    this.outputNr = outputNr
    if (fn !== null) this.needsGrad = false
  }
  /** Whether this tensor was made by the user rather than by a recorded operation. */
  get isLeaf(): boolean {
    return this.gradFn === null
  }
  /** The accumulated gradient of a leaf (or after `retainGrad()`), or null. */
  get grad(): Tensor | null {
    return this.gradient
  }
  set grad(value: Tensor | null) {
    if (value !== null && value !== undefined) {
      if (!isTensor(value))
        throw new ArgumentError(`assigned grad expected to be a Tensor or None but got grad of type ${typeof value}`)
      if (value === this) throw new AutogradError("can't assign Variable as its own grad")
      if (value.info !== this.info)
        throw new DTypeError(
          `attempting to assign a gradient with dtype '${value.info.cppName}' to a tensor with grad_dtype '${this.info.scalarType}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they match.`,
          { expected: this.dtype, got: value.dtype },
        )
      if (value.sizes.length !== this.sizes.length || value.sizes.some((s, i) => s !== this.sizes[i]))
        throw new ShapeError(
          `attempting to assign a gradient of size '[${value.sizes.join(', ')}]' to a tensor of size '[${this.sizes.join(', ')}]'. Please ensure that the gradient and the tensor are the same size`,
          { expected: [...this.sizes], got: [...value.sizes] },
        )
    }
    this.gradient = value ?? null
  }
  /** @internal What a node keeps of an output. */
  meta(): { sizes: readonly number[]; info: DTypeInfo } {
    return { sizes: this.sizes, info: this.info }
  }
  /** Whether this is a view of another tensor, as autograd sees it. */
  get _isView(): boolean {
    return this.viewInfo !== null
  }
  /** The tensor this is a view of, or null. */
  get _base(): Tensor | null {
    return this.viewInfo?.base ?? null
  }
  /** Whether this was made in inference mode, so that it can take part in no graph. */
  isInference(): boolean {
    return this.storage.inference
  }
  /** Keeps the gradient of a tensor that is not a leaf in `grad`; without effect on a leaf. */
  retainGrad(): void {
    if (!this.requiresGrad) throw new AutogradError("can't retain_grad on Tensor that has requires_grad=False")
    const fn = this.gradFn
    const e = this.more()
    if (fn === null || e.retainsGrad) return
    e.retainsGrad = true
    fn.more().retained.push(this)
  }
  /** Whether `grad` is kept although this is no leaf, after `retainGrad()`. */
  get retainsGrad(): boolean {
    return this.extras?.retainsGrad ?? false
  }
  /** @internal */
  more(): Extras {
    if (this.extras === null) this.extras = { hooks: null, retainsGrad: false, postAccumulate: null }
    return this.extras
  }
  /**
   * Calls `hook` with the gradient of this tensor whenever it is computed; what it returns replaces the gradient. A hook
   * sees the tensor as it is now: after a change in place, it is given the gradient with respect to the values before.
   * @throws AutogradError when the tensor does not require a gradient
   */
  registerHook(hook: TensorHook): RemovableHandle {
    if (!this.requiresGrad) throw new AutogradError("cannot register a hook on a tensor that doesn't require gradient")
    if (typeof hook !== 'function')
      throw new ArgumentError(`registerHook(): expected a function but got ${typeof hook}`)
    const e = this.more()
    const fn = this.gradFn
    if (fn === null || fn.leaf !== null) {
      e.hooks ??= []
      return removable(e.hooks, hook)
    }
    // On the node: it outlives the handle, as in PyTorch.
    const nr = this.outputNr
    return removable(fn.more().tensor, (grads) => {
      const g = grads[nr] ?? null
      grads[nr] = replacement(hook, g, hook(g as Tensor))
    })
  }
  /** Calls `hook` with this leaf after its `grad` was added to. */
  registerPostAccumulateGradHook(hook: (t: Tensor) => void): RemovableHandle {
    if (!this.requiresGrad) throw new AutogradError("cannot register a hook on a tensor that doesn't require gradient")
    if (!this.isLeaf) throw new AutogradError('post accumulate grad hooks cannot be registered on non-leaf tensors')
    if (typeof hook !== 'function')
      throw new ArgumentError(`registerPostAccumulateGradHook(): expected a function but got ${typeof hook}`)
    const e = this.more()
    e.postAccumulate ??= []
    return removable(e.postAccumulate, hook)
  }

  /** Gives the memory back now, of this tensor and all its views; later use of any throws ReleasedError. Never a duty. */
  release(): void {
    this.storage.release()
  }
  [Symbol.dispose](): void {
    this.release()
  }
}

/** Adds a hook to a list; the handle takes it out again. @internal */
export function removable<H>(list: H[], hook: H): RemovableHandle {
  list.push(hook)
  const remove = (): void => {
    const i = list.indexOf(hook)
    if (i >= 0) list.splice(i, 1)
  }
  return { remove, [Symbol.dispose]: remove }
}

let recorded: (view: Tensor, base: Tensor) => Tensor
/** Autograd gives the way to make a view of a base again, recorded. */
export const setViewReplay = (run: typeof recorded): void => {
  recorded = run
}
let replacement: (hook: TensorHook, given: Tensor | null, result: unknown) => Tensor | null
/** Autograd gives the check of what a hook returns. */
export const setHookCheck = (check: typeof replacement): void => {
  replacement = check
}
const inferring = (): boolean => allocation.inference

/** Takes a tensor's retained gradient from the node that made it to the one that makes it now. @internal */
export function moveRetained(t: Tensor, from: GradFn | null, to: GradFn | null): void {
  if (!t.extras?.retainsGrad || from === to) return
  const kept = from?.hooks?.retained
  const i = kept?.indexOf(t) ?? -1
  if (kept && i >= 0) kept.splice(i, 1)
  to?.more().retained.push(t)
}

/** What PyTorch says of a change in place that a view, because of how it came about, cannot follow. */
export function viewChanged(t: Tensor, creation: Exclude<ViewCreation, 'default'>, change: string): string {
  const [mode, block, ended] =
    creation === 'inference'
      ? ['inference', 'inference_mode', 'in normal mode']
      : ['no_grad', 'no_grad', 'with grad mode enabled']
  const byMode = creation === 'noGrad' || creation === 'inference'
  const output = t.fn && `Output ${t.outputNr} of ${t.fn.operation} is a view`
  const how =
    output === null
      ? `A view was created in ${mode} mode and ${change} inplace ${ended}.`
      : byMode
        ? `${output} of a view which was created in ${mode} mode and ${change} inplace ${ended}.`
        : `${output} and ${change} inplace.`
  if (creation === 'multi')
    return `${how} This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.`
  if (creation === 'function')
    return `${how} This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.`
  return `${how} Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the ${block} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).`
}

/** The base of a view changed in place since: the view's node is made again from the base's. */
function rebuildView(t: Tensor, v: ViewInfo): void {
  if (t.fn === null && !v.base.requiresGrad) {
    v.version = t.versions.version
    return
  }
  if (v.creation !== 'default')
    throw new AutogradError(viewChanged(t, v.creation, 'its base or another view of its base has been modified'))
  v.version = t.versions.version
  const again = recorded(t, v.base)
  moveRetained(t, t.fn, again.fn)
  t.setGradFn(again.fn, again.outputNr)
}

// ---- construction, for ops ----------------------------------------------------------------------------------------

/** A tensor over a whole fresh storage, row-major. */
export function wrap(storage: Storage, sizes: readonly number[], info: DTypeInfo): Tensor {
  return new Tensor(storage, 0, sizes, contiguousStrides(sizes), info, countOf(sizes), true)
}

/** The same memory seen with another geometry; no autograd. */
export function reinterpret(
  x: Tensor,
  sizes: readonly number[],
  strides: readonly number[],
  offset: number,
  versions: VersionCounter = x.versions,
): Tensor {
  const count = countOf(sizes)
  if (count >= 2 ** 63) throw new ShapeError('numel: integer multiplication overflow', { size: [...sizes] })
  return new Tensor(x.storage, offset, sizes, strides, x.info, count, isContiguous(sizes, strides), versions)
}

/** Whether a value was made as a tensor; a prototype, which anyone may give to anything, does not say so. */
export const isTensor: (v: unknown) => v is Tensor = Tensor.isMade

export { DTYPES }
