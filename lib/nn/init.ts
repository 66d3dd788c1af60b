/** Ways to fill parameters, in place and unrecorded (`torch.nn.init`); random ones draw PyTorch's streams. */
import { noGrad } from '../autograd/mode'
import { ArgumentError, ShapeError, ValueError } from '../errors'
import { shown } from '../runtime/given'
import { expectInt, expectNumber, expectNumbers, expectTensor } from '../check/arguments'
import { optionsOf } from '../check/options'
import { emptyOf } from '../ops/define/results'
import { asTensor, emptyLike } from '../ops/tensor/create'
import type { Generator, GeneratorOption } from '../ops/random/generator'
import { randperm } from '../ops/random/creation'
import { normal_ as fillNormal, uniform_ as fillUniform } from '../ops/random/in-place'
import { slice } from '../ops/indexing/indexing'
import { where } from '../ops/elementwise/ternary'
import { warnOnce } from '../runtime/warn'
import type { Tensor } from '../tensor/tensor'
import { fans } from './fans'

/** The options of a call; null for one stands for its default. */
const optionsIn = <O extends object>(
  op: string,
  names: readonly (keyof O & string)[],
  first: unknown,
  rest?: unknown,
): { [K in keyof O]: Exclude<O[K], null> } =>
  Object.fromEntries(Object.entries(optionsOf<O>(op, names, first, rest)).filter(([, v]) => v !== null)) as never

/** Options of `uniform_`. */
export interface UniformOptions extends GeneratorOption {
  /** Lower bound; default 0. */
  a?: number | null
  /** Upper bound; default 1. */
  b?: number | null
}
/** Uniform on [a, b). */
export function uniform_(
  tensor: Tensor,
  first?: number | null | UniformOptions,
  options?: Omit<UniformOptions, 'a'>,
): Tensor {
  expectTensor('init.uniform_', 'tensor', tensor)
  const {
    a = 0,
    b = 1,
    generator,
  } = optionsIn<UniformOptions>('init.uniform_', ['a', 'b', 'generator'], first, options)
  return noGrad(() => fillUniform(tensor, { from: a, to: b, generator: generator ?? null }))
}
/** Options of `normal_`. */
export interface NormalOptions extends GeneratorOption {
  /** Default 0. */
  mean?: number | null
  /** Default 1. */
  std?: number | null
}
/** The normal distribution. */
export function normal_(
  tensor: Tensor,
  first?: number | null | NormalOptions,
  options?: Omit<NormalOptions, 'mean'>,
): Tensor {
  expectTensor('init.normal_', 'tensor', tensor)
  const {
    mean = 0,
    std = 1,
    generator,
  } = optionsIn<NormalOptions>('init.normal_', ['mean', 'std', 'generator'], first, options)
  return noGrad(() => fillNormal(tensor, { mean, std, generator: generator ?? null }))
}
/** Options of `truncNormal_`. */
export interface TruncNormalOptions extends NormalOptions {
  /** Lower bound; default -2. */
  a?: number | null
  /** Upper bound; default 2. */
  b?: number | null
}
/**
 * A normal distribution cut off at [a, b]: what falls outside is drawn again, or where most would, uniform values are
 * accepted by their density.
 */
export function truncNormal_(
  tensor: Tensor,
  first?: number | null | TruncNormalOptions,
  options?: TruncNormalOptions,
): Tensor {
  expectTensor('init.truncNormal_', 'tensor', tensor)
  const o = optionsIn<TruncNormalOptions>('init.truncNormal_', ['mean', 'std', 'a', 'b', 'generator'], first, options)
  const { mean = 0, std = 1, a = -2, b = 2 } = o
  expectNumbers('init.truncNormal_', { mean, std, a, b })
  const generator = o.generator ?? null
  if (mean < a - 2 * std || mean > b + 2 * std)
    warnOnce(
      'mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.',
    )
  if (std === 0) throw new ValueError('float division by zero')
  const cdf = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2
  const share = cdf((b - mean) / std) - cdf((a - mean) / std)
  return noGrad(() =>
    tensor.copy_(
      share > 0.3 ? redrawn(tensor, mean, std, a, b, generator) : accepted(tensor, mean, std, a, b, generator),
    ),
  )
}
function redrawn(tensor: Tensor, mean: number, std: number, a: number, b: number, generator: Generator | null): Tensor {
  // Bounds that the dtype does not hold would refuse values that it rounds to them.
  const [low, high] = asTensor([a, b], { dtype: tensor.dtype }).unbind() as [Tensor, Tensor]
  let x = fillNormal(tensor, { mean, std, generator })
  for (;;) {
    const outside = x.lt(low).logicalOr(x.gt(high))
    if (!outside.any().item()) return x
    x = where(outside, fillNormal(emptyLike(x), { mean, std, generator }), x)
  }
}
function accepted(
  tensor: Tensor,
  mean: number,
  std: number,
  a: number,
  b: number,
  generator: Generator | null,
): Tensor {
  const mode = Math.max(a, Math.min(mean, b))
  const peak = -0.5 * ((mode - mean) / std) ** 2
  const rejected = (x: Tensor): Tensor =>
    fillUniform(emptyLike(x), { generator }).log_().gt(x.sub(mean).div_(std).pow_(2).mul_(-0.5).sub_(peak))
  let x = fillUniform(tensor, { from: a, to: b, generator })
  let pending = rejected(x)
  while (pending.any().item()) {
    const next = fillUniform(emptyLike(x), { from: a, to: b, generator })
    x = where(pending, next, x)
    pending = pending.logicalAnd(rejected(next))
  }
  return x
}
/** The error function to double precision: a series near 0, a continued fraction beyond. */
function erf(x: number): number {
  const t = Math.abs(x)
  if (t < 2.5) {
    let term = t
    let sum = t
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (-t * t) / n
      sum += term / (2 * n + 1)
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI)
  }
  let f = 0
  for (let n = 60; n > 0; n--) f = n / 2 / (t + f)
  return Math.sign(x) * (1 - Math.exp(-t * t) / ((t + f) * Math.sqrt(Math.PI)))
}
/** One value everywhere. */
export function constant_(tensor: Tensor, val: number): Tensor {
  expectTensor('init.constant_', 'tensor', tensor)
  return noGrad(() => tensor.fill_(val))
}
export const ones_ = (tensor: Tensor): Tensor => constant_(tensor, 1)
export const zeros_ = (tensor: Tensor): Tensor => constant_(tensor, 0)
/** The identity matrix. */
export function eye_(tensor: Tensor): Tensor {
  expectTensor('init.eye_', 'tensor', tensor)
  if (tensor.ndim !== 2)
    throw new ShapeError('Only tensors with 2 dimensions are supported', { shape: [...tensor.shape] })
  return noGrad(() => {
    tensor.zero_()
    tensor.diagonal().fill_(1)
    return tensor
  })
}
/** Identity of the channels of a convolution. */
export function dirac_(tensor: Tensor, options?: number | null | { groups?: number | null }): Tensor {
  expectTensor('init.dirac_', 'tensor', tensor)
  const { groups = 1 } = optionsIn<{ groups?: number | null }>('init.dirac_', ['groups'], options)
  const nd = tensor.ndim
  if (nd < 3 || nd > 5)
    throw new ShapeError('Only tensors with 3, 4, or 5 dimensions are supported', { shape: [...tensor.shape] })
  const [out, inner, ...kernel] = tensor.shape as [number, number, ...number[]]
  expectInt('init.dirac_', 'groups', groups)
  if (groups === 0) throw new ValueError('integer modulo by zero')
  if (out % groups !== 0) throw new ShapeError('dim 0 must be divisible by groups')
  const each = out / groups
  return noGrad(() => {
    tensor.zero_()
    for (let g = 0; g < groups; g++)
      for (let d = 0; d < Math.min(each, inner); d++)
        tensor.set([g * each + d, d, ...kernel.map((k) => Math.floor(k / 2))], 1)
    return tensor
  })
}

/** The gain of each nonlinearity but `leaky_relu`, whose slope decides. */
const GAINS = {
  linear: 1,
  conv1d: 1,
  conv2d: 1,
  conv3d: 1,
  conv_transpose1d: 1,
  conv_transpose2d: 1,
  conv_transpose3d: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.SQRT2,
  selu: 3 / 4,
}
/** The nonlinearities that `calculateGain` knows. */
export type Nonlinearity = keyof typeof GAINS | 'leaky_relu'
/**
 * The factor by which a nonlinearity's weights should be scaled.
 * @param param the negative slope of `leaky_relu` (default 0.01)
 * @throws ValueError for a nonlinearity that is none of these, which its data list as `known`
 */
export function calculateGain(nonlinearity: Nonlinearity, param?: number | null | { param?: number | null }): number {
  const given = optionsIn<{ param?: number | null }>('init.calculateGain', ['param'], param)
  if (nonlinearity === 'leaky_relu') {
    const slope = given.param ?? 0.01
    if (typeof slope !== 'number') throw new ValueError(`negative_slope ${shown(slope)} not a valid number`)
    return Math.sqrt(2 / (1 + slope ** 2))
  }
  if (typeof nonlinearity !== 'string' || !Object.hasOwn(GAINS, nonlinearity))
    throw new ValueError(`Unsupported nonlinearity ${shown(nonlinearity)}`, {
      nonlinearity,
      known: [...Object.keys(GAINS), 'leaky_relu'],
    })
  return GAINS[nonlinearity]
}

/** Options of the Xavier initialisations. */
export interface XavierOptions extends GeneratorOption {
  /** Default 1. */
  gain?: number | null
}
function xavierStd(gain: number, fanSum: number): number {
  if (fanSum === 0) throw new ValueError('float division by zero')
  return gain * Math.sqrt(2 / fanSum)
}
/** Uniform on ±gain · √(6 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export function xavierUniform_(
  tensor: Tensor,
  first?: number | null | XavierOptions,
  options?: GeneratorOption,
): Tensor {
  expectTensor('init.xavierUniform_', 'tensor', tensor)
  const { gain = 1, generator } = optionsIn<XavierOptions>('init.xavierUniform_', ['gain', 'generator'], first, options)
  expectNumber('init.xavierUniform_', 'gain', gain)
  const [fanIn, fanOut] = fans(tensor)
  const a = Math.sqrt(3) * xavierStd(gain, fanIn + fanOut)
  return uniform_(tensor, { a: -a, b: a, generator: generator ?? null })
}
/** Normal with deviation gain · √(2 / (fanIn + fanOut)). */
export function xavierNormal_(
  tensor: Tensor,
  first?: number | null | XavierOptions,
  options?: GeneratorOption,
): Tensor {
  expectTensor('init.xavierNormal_', 'tensor', tensor)
  const { gain = 1, generator } = optionsIn<XavierOptions>('init.xavierNormal_', ['gain', 'generator'], first, options)
  expectNumber('init.xavierNormal_', 'gain', gain)
  const [fanIn, fanOut] = fans(tensor)
  return normal_(tensor, { mean: 0, std: xavierStd(gain, fanIn + fanOut), generator: generator ?? null })
}

/** Options of the Kaiming initialisations. */
export interface KaimingOptions extends GeneratorOption {
  /** The negative slope of `leaky_relu`. Default 0. */
  a?: number | null
  /** Keep the variance of the forward (`fan_in`, default) or the backward pass. */
  mode?: 'fan_in' | 'fan_out' | null
  /** Default `leaky_relu`. */
  nonlinearity?: Nonlinearity | null
}
function kaiming(
  op: string,
  tensor: Tensor,
  first: number | null | KaimingOptions | undefined,
  options: KaimingOptions | undefined,
): [number, Generator | null] {
  expectTensor(op, 'tensor', tensor)
  const {
    a = 0,
    mode = 'fan_in',
    nonlinearity = 'leaky_relu',
    generator,
  } = optionsIn<KaimingOptions>(op, ['a', 'mode', 'nonlinearity', 'generator'], first, options)
  if (mode !== 'fan_in' && mode !== 'fan_out')
    throw new ValueError(`Mode ${shown(mode)} not supported, please use one of ['fan_in', 'fan_out']`)
  const [fanIn, fanOut] = fans(tensor)
  return [calculateGain(nonlinearity, a) / Math.sqrt(mode === 'fan_in' ? fanIn : fanOut), generator ?? null]
}
function isEmpty(tensor: Tensor): boolean {
  if (!tensor.shape.includes(0)) return false
  warnOnce('Initializing zero-element tensors is a no-op')
  return true
}
/** Uniform on ±√3 · gain / √fan (He et al. 2015). */
export function kaimingUniform_(
  tensor: Tensor,
  first?: number | null | KaimingOptions,
  options?: KaimingOptions,
): Tensor {
  expectTensor('init.kaimingUniform_', 'tensor', tensor)
  if (isEmpty(tensor)) return tensor
  const [std, generator] = kaiming('init.kaimingUniform_', tensor, first, options)
  const bound = Math.sqrt(3) * std
  return uniform_(tensor, { a: -bound, b: bound, generator })
}
/** Normal with deviation gain / √fan. */
export function kaimingNormal_(
  tensor: Tensor,
  first?: number | null | KaimingOptions,
  options?: KaimingOptions,
): Tensor {
  expectTensor('init.kaimingNormal_', 'tensor', tensor)
  if (isEmpty(tensor)) return tensor
  const [std, generator] = kaiming('init.kaimingNormal_', tensor, first, options)
  return normal_(tensor, { mean: 0, std, generator })
}
/** Normal values, with a share of each column set to 0. */
export function sparse_(
  tensor: Tensor,
  sparsity: number,
  options?: number | null | { std?: number | null; generator?: Generator | null },
): Tensor {
  expectTensor('init.sparse_', 'tensor', tensor)
  const { std = 0.01, generator = null } = optionsIn<{ std?: number | null; generator?: Generator | null }>(
    'init.sparse_',
    ['std', 'generator'],
    options,
  )
  if (typeof sparsity !== 'number') throw new ArgumentError('init.sparse_: sparsity must be a number')
  if (tensor.ndim !== 2) throw new ShapeError('Only tensors with 2 dimensions are supported')
  const [rows, columns] = tensor.shape as [number, number]
  const zeros = Math.ceil(sparsity * rows)
  return noGrad(() => {
    fillNormal(tensor, { mean: 0, std, generator })
    for (let c = 0; c < columns; c++) tensor.select(1, c).indexFill_(0, randperm(rows).at(slice(0, zeros)), 0)
    return tensor
  })
}

/** Options of `orthogonal_`. */
export interface OrthogonalOptions extends GeneratorOption {
  /** Default 1. */
  gain?: number | null
}
/** A (semi-)orthogonal matrix (Saxe et al. 2014): the orthogonal factor of a normal one. Dims behind the first count as one. */
export function orthogonal_(
  tensor: Tensor,
  first?: number | null | OrthogonalOptions,
  options?: OrthogonalOptions,
): Tensor {
  expectTensor('init.orthogonal_', 'tensor', tensor)
  const { gain = 1, generator } = optionsIn<OrthogonalOptions>(
    'init.orthogonal_',
    ['gain', 'generator'],
    first,
    options,
  )
  if (tensor.ndim < 2) throw new ValueError('Only tensors with 2 or more dimensions are supported')
  if (tensor.numel() === 0) return tensor
  const rows = tensor.size(0)
  const cols = tensor.numel() / rows
  return noGrad(() => {
    const normal = fillNormal(emptyOf([rows, cols], tensor.info), { generator: generator ?? null }).to('float64')
    // The vectors to be made orthogonal are the rows of this matrix, whichever way it lies.
    const vectors = (rows < cols ? normal : normal.t()).contiguous()
    const [count, length] = vectors.sizes as readonly [number, number]
    const data = vectors.toTypedArray() as Float64Array
    orthonormalize(data, count, length)
    const q = asTensor(data).view([count, length])
    return tensor.copy_((rows < cols ? q : q.t()).reshape(tensor.shape)).mul_(gain)
  })
}
/** Gram and Schmidt's process on the rows, each projected twice: the first pass alone loses digits where rows are nearly dependent. */
function orthonormalize(a: Float64Array, count: number, length: number): void {
  const dot = (p: number, q: number): number => {
    let sum = 0
    for (let k = 0; k < length; k++) sum += a[p + k] * a[q + k]
    return sum
  }
  for (let i = 0; i < count; i++) {
    const row = i * length
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < i; j++) {
        const other = j * length
        const along = dot(row, other)
        for (let k = 0; k < length; k++) a[row + k] = a[row + k] - along * a[other + k]
      }
    const norm = Math.sqrt(dot(row, row))
    for (let k = 0; k < length; k++) a[row + k] = a[row + k] / norm
  }
}
