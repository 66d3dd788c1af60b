/** Layers that learn the size of their input from the first one they see. */
import { publicName } from '../../check/class-names'
import { noGrad } from '../../autograd/mode'
import { IndexError, ModuleError, ShapeError, ValueError } from '../../errors'
import { expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { tensor } from '../../ops/tensor/create'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { FACTORY, factoryOf } from '../factory'
import { dropHook, type ForwardPreHook } from '../hooks'
import type { Module } from '../module'
import { ownBuffers, ownParameters, ownState, registryOf } from '../registry'
import type { LoadStateDictPreHook, StateDict } from '../state-dict'
import { isLazy, UninitializedBuffer, UninitializedParameter } from '../uninitialized'
import { positiveInt } from './common'
import {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvLayerOptions,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
} from './conv'
import { Linear, type LinearOptions } from './linear'
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormOptions,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
} from './norm'
import { torchSize } from '../../check/words'

// ---- what all lazy layers do ------------------------------------------------------------------------------------------

const uninitialized = (m: Module): boolean => [...ownParameters(m), ...ownBuffers(m)].some(([, t]) => isLazy(t))
const shapeOf = (x: Tensor, dim: number): number => {
  const n = x.sizes[dim < 0 ? dim + x.ndim : dim]
  if (n === undefined) throw new IndexError('tuple index out of range', { input: [...x.sizes], dim })
  return n
}
/** Fields that are fixed in the class that the layer becomes. */
interface Sized {
  inFeatures: number
  outFeatures: number
  inChannels: number
  outChannels: number
  numFeatures: number
  affine: boolean
  trackRunningStats: boolean
  hasBias: boolean
}
const setFields = (m: object, values: Partial<Sized>): void => {
  Object.assign(m, values)
}

/**
 * Makes a layer infer its sizes at the first call, after which it is one of class `become`.
 * @param infer materialises what has no shape yet in the module it is given: this one or a copy of it
 */
function lazily<M>(layer: Module, become: { readonly prototype: Module }, infer: (m: M, x: Tensor) => void): void {
  const name = publicName(layer.constructor)
  const load: LoadStateDictPreHook = (m, state, prefix) => {
    for (const [key, t] of [...ownParameters(m), ...ownBuffers(m)]) {
      const given: unknown = state.get(prefix + key)
      if (isLazy(t) && isTensor(given) && !isLazy(given)) noGrad(() => t.materialize(given.sizes))
    }
  }
  const call: ForwardPreHook = (m, inputs) => {
    const [x] = inputs as [Tensor]
    expectTensor(name, 'input', x)
    infer(m as unknown as M, x)
    if (uninitialized(m)) throw new ModuleError(`module ${name} has not been fully initialized`, { module: name })
    for (const hook of [call, load]) dropHook(registryOf(m), hook)
    Object.setPrototypeOf(m, become.prototype)
  }
  layer.registerLoadStateDictPreHook(load)
  layer.registerForwardPreHook(call)
}
/** What has no shape has no memory to share either: it is in the state dict itself. */
function saveLazily(this: Module, destination: StateDict, prefix: string, keepVars: boolean): void {
  for (const [name, t] of ownState(this)) destination.set(prefix + name, keepVars || isLazy(t) ? t : t.detach())
}
/** What draws parameters anew, once their sizes are known. */
const onceSized = (reset: () => void) =>
  function (this: Module & Partial<Sized>): void {
    const inputs = this.inFeatures ?? this.inChannels ?? this.numFeatures
    if (inputs !== 0 && !uninitialized(this)) reset.call(this)
  }

// ---- linear -----------------------------------------------------------------------------------------------------------

/** A `Linear` that takes `inFeatures` from its first input. */
export class LazyLinear extends Linear {
  constructor(outFeatures: number, bias?: boolean | LinearOptions, options?: LinearOptions) {
    const o = optionsOf<LinearOptions>('LazyLinear', ['bias', ...FACTORY], bias, options)
    super(0, 0, { ...o, bias: false })
    positiveInt('LazyLinear', 'outFeatures', outFeatures)
    setFields(this, { outFeatures })
    const { options: made } = factoryOf('LazyLinear', o)
    this.weight = new UninitializedParameter(made)
    this.bias = (o.bias ?? true) ? new UninitializedParameter(made) : null
    lazily<Linear>(this, Linear, (m, x) => {
      if (uninitialized(m)) {
        setFields(m, { inFeatures: shapeOf(x, -1) })
        if (isLazy(m.weight)) m.weight.materialize([m.outFeatures, m.inFeatures])
        if (isLazy(m.bias)) m.bias.materialize([m.outFeatures])
        m.resetParameters()
      }
      if (m.inFeatures !== 0) return
      const [wanted, given] = [m.weight.sizes[1], shapeOf(x, -1)]
      if (given !== wanted)
        throw new ShapeError(
          `The in_features inferred from input: ${given} is not equal to in_features from self.weight: ${wanted}`,
          { given, wanted },
        )
      setFields(m, { inFeatures: given })
    })
  }
}

// ---- convolutions -----------------------------------------------------------------------------------------------------

type AnyConv = Conv1d | Conv2d | Conv3d | ConvTranspose1d | ConvTranspose2d | ConvTranspose3d
type Sizes = number | readonly number[]

/** What remains to do when a lazy convolution is constructed. */
function lazyConv(
  layer: AnyConv,
  become: { readonly prototype: Module },
  dims: number,
  outChannels: number,
  o: ConvLayerOptions | ConvTransposeLayerOptions,
): void {
  const name = publicName(layer.constructor)
  positiveInt(name, 'outChannels', outChannels)
  setFields(layer, { outChannels })
  const { options: made } = factoryOf(name, o)
  layer.weight = new UninitializedParameter(made)
  layer.bias = (o.bias ?? true) ? new UninitializedParameter(made) : null
  lazily<AnyConv>(layer, become, (m, x) => {
    if (!uninitialized(m)) return
    if (x.ndim !== dims + 1 && x.ndim !== dims + 2)
      throw new ShapeError(
        `Expected ${dims + 1}D (unbatched) or ${dims + 2}D (batched) input to ${name}, but got input of size: ${torchSize(x.sizes)}`,
        { input: [...x.sizes] },
      )
    const inChannels = shapeOf(x, x.ndim === dims + 2 ? 1 : 0)
    setFields(m, { inChannels })
    if (inChannels % m.groups !== 0) throw new ValueError('in_channels must be divisible by groups')
    const transposed = become.prototype.constructor.name.startsWith('ConvTranspose')
    const [a, b] = transposed ? [inChannels, outChannels] : [outChannels, inChannels]
    if (isLazy(m.weight)) m.weight.materialize([a, Math.floor(b / m.groups), ...m.kernelSize])
    if (isLazy(m.bias)) m.bias.materialize([outChannels])
    m.resetParameters()
  })
}
const CONV = ['stride', 'padding', 'dilation', 'groups', 'bias', 'paddingMode', ...FACTORY] as const
const TRANSPOSE = [
  'stride',
  'padding',
  'outputPadding',
  'groups',
  'bias',
  'dilation',
  'paddingMode',
  ...FACTORY,
] as const
type ConvFirst = Sizes | ConvLayerOptions
type TransposeFirst = Sizes | ConvTransposeLayerOptions

/** A `Conv1d` that takes `inChannels` from its first input. */
export class LazyConv1d extends Conv1d {
  constructor(outChannels: number, kernelSize: Sizes, stride?: ConvFirst, options?: ConvLayerOptions) {
    const o = optionsOf<ConvLayerOptions>('LazyConv1d', CONV, stride, options)
    super(0, 0, kernelSize, { ...o, bias: false })
    lazyConv(this, Conv1d, 1, outChannels, o)
  }
}
/** A `Conv2d` that takes `inChannels` from its first input. */
export class LazyConv2d extends Conv2d {
  constructor(outChannels: number, kernelSize: Sizes, stride?: ConvFirst, options?: ConvLayerOptions) {
    const o = optionsOf<ConvLayerOptions>('LazyConv2d', CONV, stride, options)
    super(0, 0, kernelSize, { ...o, bias: false })
    lazyConv(this, Conv2d, 2, outChannels, o)
  }
}
/** A `Conv3d` that takes `inChannels` from its first input. */
export class LazyConv3d extends Conv3d {
  constructor(outChannels: number, kernelSize: Sizes, stride?: ConvFirst, options?: ConvLayerOptions) {
    const o = optionsOf<ConvLayerOptions>('LazyConv3d', CONV, stride, options)
    super(0, 0, kernelSize, { ...o, bias: false })
    lazyConv(this, Conv3d, 3, outChannels, o)
  }
}
/** A `ConvTranspose1d` that takes `inChannels` from its first input. */
export class LazyConvTranspose1d extends ConvTranspose1d {
  constructor(outChannels: number, kernelSize: Sizes, stride?: TransposeFirst, options?: ConvTransposeLayerOptions) {
    const o = optionsOf<ConvTransposeLayerOptions>('LazyConvTranspose1d', TRANSPOSE, stride, options)
    super(0, 0, kernelSize, { ...o, bias: false })
    lazyConv(this, ConvTranspose1d, 1, outChannels, o)
  }
}
/** A `ConvTranspose2d` that takes `inChannels` from its first input. */
export class LazyConvTranspose2d extends ConvTranspose2d {
  constructor(outChannels: number, kernelSize: Sizes, stride?: TransposeFirst, options?: ConvTransposeLayerOptions) {
    const o = optionsOf<ConvTransposeLayerOptions>('LazyConvTranspose2d', TRANSPOSE, stride, options)
    super(0, 0, kernelSize, { ...o, bias: false })
    lazyConv(this, ConvTranspose2d, 2, outChannels, o)
  }
}
/** A `ConvTranspose3d` that takes `inChannels` from its first input. */
export class LazyConvTranspose3d extends ConvTranspose3d {
  constructor(outChannels: number, kernelSize: Sizes, stride?: TransposeFirst, options?: ConvTransposeLayerOptions) {
    const o = optionsOf<ConvTransposeLayerOptions>('LazyConvTranspose3d', TRANSPOSE, stride, options)
    super(0, 0, kernelSize, { ...o, bias: false })
    lazyConv(this, ConvTranspose3d, 3, outChannels, o)
  }
}

// ---- normalisations ---------------------------------------------------------------------------------------------------

type AnyNorm = BatchNorm1d | BatchNorm2d | BatchNorm3d | InstanceNorm1d | InstanceNorm2d | InstanceNorm3d
const NORM = ['eps', 'momentum', 'affine', 'trackRunningStats', 'bias', ...FACTORY] as const
const optionsFor = (name: string, first: unknown, options: unknown): BatchNormOptions =>
  optionsOf<BatchNormOptions>(name, NORM, first, options)
/** What the constructor of the layer is given: nothing that would make tensors. */
const withoutTensors = (o: BatchNormOptions): BatchNormOptions => ({
  ...o,
  affine: false,
  trackRunningStats: false,
  bias: false,
})
/** What remains to do when a lazy normalisation is constructed. As in PyTorch all of them are affine and keep statistics by default. */
function lazyNorm(layer: AnyNorm, become: { readonly prototype: Module }, o: BatchNormOptions): void {
  const { affine = true, trackRunningStats = true, bias = true } = o
  setFields(layer, { affine, trackRunningStats, hasBias: affine && bias })
  const { options: made } = factoryOf(publicName(layer.constructor), o)
  layer.weight = affine ? new UninitializedParameter(made) : null
  layer.bias = affine && bias ? new UninitializedParameter(made) : null
  if (trackRunningStats) {
    layer.runningMean = new UninitializedBuffer(made)
    layer.runningVar = new UninitializedBuffer(made)
    layer.numBatchesTracked = tensor(0n)
  }
  lazily<AnyNorm>(layer, become, (m, x) => {
    if (!uninitialized(m)) return
    const numFeatures = shapeOf(x, 1)
    setFields(m, { numFeatures })
    for (const t of [m.weight, m.bias, m.runningMean, m.runningVar]) if (isLazy(t)) t.materialize([numFeatures])
    m.resetParameters()
  })
}

/** A `BatchNorm1d` that takes `numFeatures` from its first input. */
export class LazyBatchNorm1d extends BatchNorm1d {
  constructor(eps?: number | BatchNormOptions, options?: BatchNormOptions) {
    const o = optionsFor('LazyBatchNorm1d', eps, options)
    super(0, withoutTensors(o))
    lazyNorm(this, BatchNorm1d, o)
  }
}
/** A `BatchNorm2d` that takes `numFeatures` from its first input. */
export class LazyBatchNorm2d extends BatchNorm2d {
  constructor(eps?: number | BatchNormOptions, options?: BatchNormOptions) {
    const o = optionsFor('LazyBatchNorm2d', eps, options)
    super(0, withoutTensors(o))
    lazyNorm(this, BatchNorm2d, o)
  }
}
/** A `BatchNorm3d` that takes `numFeatures` from its first input. */
export class LazyBatchNorm3d extends BatchNorm3d {
  constructor(eps?: number | BatchNormOptions, options?: BatchNormOptions) {
    const o = optionsFor('LazyBatchNorm3d', eps, options)
    super(0, withoutTensors(o))
    lazyNorm(this, BatchNorm3d, o)
  }
}
/** An `InstanceNorm1d` that takes `numFeatures` from its first input. */
export class LazyInstanceNorm1d extends InstanceNorm1d {
  constructor(eps?: number | BatchNormOptions, options?: BatchNormOptions) {
    const o = optionsFor('LazyInstanceNorm1d', eps, options)
    super(0, withoutTensors(o))
    lazyNorm(this, InstanceNorm1d, o)
  }
}
/** An `InstanceNorm2d` that takes `numFeatures` from its first input. */
export class LazyInstanceNorm2d extends InstanceNorm2d {
  constructor(eps?: number | BatchNormOptions, options?: BatchNormOptions) {
    const o = optionsFor('LazyInstanceNorm2d', eps, options)
    super(0, withoutTensors(o))
    lazyNorm(this, InstanceNorm2d, o)
  }
}
/** An `InstanceNorm3d` that takes `numFeatures` from its first input. */
export class LazyInstanceNorm3d extends InstanceNorm3d {
  constructor(eps?: number | BatchNormOptions, options?: BatchNormOptions) {
    const o = optionsFor('LazyInstanceNorm3d', eps, options)
    super(0, withoutTensors(o))
    lazyNorm(this, InstanceNorm3d, o)
  }
}

for (const { prototype } of [
  LazyLinear,
  LazyConv1d,
  LazyConv2d,
  LazyConv3d,
  LazyConvTranspose1d,
  LazyConvTranspose2d,
  LazyConvTranspose3d,
  LazyBatchNorm1d,
  LazyBatchNorm2d,
  LazyBatchNorm3d,
  LazyInstanceNorm1d,
  LazyInstanceNorm2d,
  LazyInstanceNorm3d,
]) {
  prototype._saveToStateDict = saveLazily
  prototype.resetParameters = onceSized(prototype.resetParameters)
}
