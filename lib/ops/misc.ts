/** Small questions and operations that fit nowhere else. */
import { attach, tracks } from '../autograd/node'
import { AutogradError, DTypeError, ShapeError, ValueError } from '../errors'
import { Category, DTYPES, type Scalar } from '../runtime/dtype'
import { sameShape, type Shape, showShape } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import { resize } from './define/out'
import { filled } from './define/results'
import { define } from './define/define'
import { bool, float, int, ints, own, tensor } from './define/params'
import type { Op } from './define/registry'
import { toPrimitive } from './tensor/read'
import { linalg } from './linalg/products'
import { where } from './elementwise/ternary'

export { hardshrink, prelu } from './nn/activation'

// ---- questions --------------------------------------------------------------------------------------------------------

/** Whether the one element is not zero. @throws ValueError where there is not one element */
export const isNonzero: Op<(x: Tensor) => boolean> = define('isNonzero', {
  params: [tensor('input')],
  differentiable: false,
  run(x) {
    if (x.count !== 1)
      throw new ValueError(
        `Boolean value of Tensor with ${x.count === 0 ? 'no values' : 'more than one value'} is ambiguous`,
        { shape: [...x.sizes] },
      )
    return Boolean(toPrimitive(x, 'number'))
  },
})
/** Whether two tensors have the same shape. */
export const isSameSize: Op<(x: Tensor, other: Tensor) => boolean> = define('isSameSize', {
  params: [tensor('input'), tensor('other')],
  differentiable: false,
  run: (x, other) => sameShape(x.sizes, other.sizes),
})
/** Whether two tensors are the same elements of the same memory. */
export const isSetTo: Op<(x: Tensor, tensor: Tensor) => boolean> = define('isSetTo', {
  params: [tensor('input'), tensor('tensor')],
  differentiable: false,
  run: (x, other) =>
    x.storage === other.storage &&
    x.offset === other.offset &&
    sameShape(x.sizes, other.sizes) &&
    sameShape(x.strides, other.strides),
})
/** The number of dims, as `dim`. */
export const ndimension: Op<(x: Tensor) => number> = define('ndimension', {
  params: [tensor('input')],
  differentiable: false,
  run: (x) => x.sizes.length,
})
/** Whether numbers of its dtype can be negative. */
export const isSigned: Op<(x: Tensor) => boolean> = define('isSigned', {
  params: [tensor('input')],
  differentiable: false,
  run: (x) => x.dtype !== 'uint8' && x.dtype !== 'bool',
})
/** Whether its numbers are complex: never. */
export const isComplex: Op<(x: Tensor) => boolean> = define('isComplex', {
  params: [tensor('input')],
  differentiable: false,
  run: () => false,
})

// ---- changing in place ------------------------------------------------------------------------------------------------

/** Options of `fillDiagonal_`. */
export interface FillDiagonalOptions {
  /** Go on below, after one row, in a matrix that is taller than wide. Default false. */
  wrap?: boolean
}
/**
 * Fills the diagonal in place.
 * @param x a matrix, or of more dims that are all of one size
 * @param wrap go on below, after one row, in a matrix that is taller than wide
 */
export const fillDiagonal_: Op<
  (x: Tensor, fillValue: Scalar, wrap?: boolean | FillDiagonalOptions, options?: FillDiagonalOptions) => Tensor
> = define('fillDiagonal_', {
  params: [tensor('input'), own<Scalar>('Number')('fillValue'), bool('wrap').default(false)],
  run(x, fillValue, { wrap }) {
    const [dims, height, width] = [x.sizes.length, x.sizes[0] as number, x.sizes[1] as number]
    if (dims < 2) throw new ShapeError('dimensions must larger than 1', { shape: [...x.sizes] })
    if (dims > 2 && x.sizes.some((s) => s !== height))
      throw new ShapeError('all dimensions of input must be of equal length', { shape: [...x.sizes] })
    const size = Math.min(height, width)
    const stride = x.strides.reduce((a, b) => a + b, 0)
    x.asStrided([size], [stride], { storageOffset: x.offset }).fill_(fillValue)
    if (wrap && dims === 2 && height > width + 1) {
      const step = width + 1
      const further = Math.floor((x.count + step - 1) / step) - size
      x.asStrided([further], [stride], { storageOffset: x.offset + (x.strides[0] as number) * step }).fill_(fillValue)
    }
    return x
  },
})
/**
 * Gives a tensor another shape in place: its elements in memory order, as many as there are; further ones are anything.
 * Where more memory is needed, tensors that shared the old one keep it.
 */
export const resize_: Op<(x: Tensor, sizes: Shape) => Tensor> = define('resize_', {
  params: [tensor('input'), ints('size')],
  differentiable: false,
  run(x, sizes) {
    if (x.requiresGrad) throw new AutogradError('cannot resize variables that require grad')
    const low = sizes.find((s) => s < 0)
    if (low !== undefined)
      throw new ShapeError(`Trying to create tensor with negative dimension ${low}: ${showShape(sizes)}`)
    if (sameShape(sizes, x.sizes)) return x
    resize(x, sizes)
    x.versions.version++
    return x
  },
})
/** `resize_` to the shape of another tensor. */
export const resizeAs_: Op<(x: Tensor, theTemplate: Tensor) => Tensor> = define('resizeAs_', {
  params: [tensor('input'), tensor('theTemplate')],
  differentiable: false,
  run: (x, theTemplate) => resize_(x, theTemplate.sizes),
})

// ---- statistics -------------------------------------------------------------------------------------------------------

/** Options of `cov`. */
export interface CovOptions {
  /** Taken off the number of observations. Default 1. */
  correction?: number
  /** How often each observation counts, integers [observations]. */
  fweights?: Tensor | null
  /** How much each observation counts, [observations]. */
  aweights?: Tensor | null
}
function weightsOf(name: 'fweights' | 'aweights', w: Tensor, category: Category, n: number): Tensor {
  if (w.sizes.length > 1)
    throw new ShapeError(
      `cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${w.sizes.length} dimensions`,
      { [name]: [...w.sizes] },
    )
  if (w.info.category !== category)
    throw new DTypeError(
      `cov(): expected ${name} to have ${category === Category.Int ? 'integral' : 'floating point'} dtype but got ${name} with ${w.info.scalarType} dtype`,
      { dtype: w.dtype },
    )
  if (w.count !== n)
    throw new ShapeError(
      `cov(): expected ${name} to have the same numel as there are observations in the input but got ${w.count} != ${n}`,
      { [name]: w.count, observations: n },
    )
  if (n > 0 && Number(w.detach().min().item()) < 0) throw new ValueError(`cov(): ${name} cannot be negative`)
  return w
}
/**
 * The covariances of variables.
 * @param x [variables, observations] or [observations], not bool
 * @returns [variables, variables], or a scalar
 */
export const cov: Op<(x: Tensor, correction?: number | CovOptions, options?: CovOptions) => Tensor> = define('cov', {
  params: [
    tensor('input'),
    float('correction').default(1),
    tensor('fweights').optional(),
    tensor('aweights').optional(),
  ],
  run(x, { correction: off, fweights, aweights }) {
    if (x.sizes.length > 2)
      throw new ShapeError(
        `cov(): expected input to have two or fewer dimensions but got an input with ${x.sizes.length} dimensions`,
        { input: [...x.sizes] },
      )
    if (x.info.category === Category.Bool) throw new DTypeError('cov(): bool dtype is not supported for input')
    const v = x.sizes.length < 2 ? x.reshape([1, -1]) : x
    const n = v.sizes[1] as number
    const f = fweights ? weightsOf('fweights', fweights, Category.Int, n) : null
    const a = aweights ? weightsOf('aweights', aweights, Category.Float, n) : null
    const w = f && a ? f.mul(a) : (f ?? a)
    const total: Tensor | number = w ? w.sum() : n
    if (isTensor(total) && n > 0 && Number(total.detach().item()) === 0)
      throw new ValueError("cov(): weights sum to zero, can't be normalized")
    const mean = (w ? v.mul(w) : v).sum(1).div(total)
    let norm: Tensor | number
    if (isTensor(total)) norm = a && w && off !== 0 ? total.sub(w.mul(a).sum().div(total).mul(off)) : total.sub(off)
    else norm = total - off
    const degrees = isTensor(norm) ? Number(norm.detach().item()) : norm
    if (degrees <= 0) {
      process.emitWarning(
        'cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.',
      )
      norm = isTensor(norm) ? norm.mul(0) : 0
    }
    const centred = v.sub(mean.unsqueeze(1))
    const other = (w ? centred.mul(w) : centred).t()
    return centred.to(other.dtype).mm(other).div(norm).squeeze()
  },
})
/**
 * The correlations of variables.
 * @param x [variables, observations] or [observations], not bool
 * @returns [variables, variables], or a scalar
 */
export const corrcoef: Op<(x: Tensor) => Tensor> = define('corrcoef', {
  params: [tensor('input')],
  run(x) {
    if (x.sizes.length > 2)
      throw new ShapeError(
        `corrcoef(): expected input to have two or fewer dimensions but got an input with ${x.sizes.length} dimensions`,
        { input: [...x.sizes] },
      )
    const c = cov(x)
    if (c.ndim === 0) return c.div(c)
    const d = c.diag().sqrt()
    return c
      .div(d.view([-1, 1]))
      .div(d.view([1, -1]))
      .clamp(-1, 1)
  },
})

// ---- parts of numbers -------------------------------------------------------------------------------------------------

/** Each element as mantissa · 2^exponent, the mantissa in [½, 1) and the exponent int32. @param x floating */
export const frexp: Op<(x: Tensor) => { mantissa: Tensor; exponent: Tensor }> = define('frexp', {
  params: [tensor('input')],
  node: 'FrexpBackward0',
  run(x) {
    if (x.info.category !== Category.Float)
      throw new DTypeError('torch.frexp() only supports floating-point dtypes', { dtype: x.dtype })
    const v = x.detach().to('float64')
    const plain = v.isfinite().logicalAnd(v.ne(0))
    // Subnormal numbers are made normal first.
    const tiny = v.abs().lt(2 ** -1000)
    const scaled = where(plain, where(tiny, v.mul(2 ** 100), v), 1)
    let e = scaled.abs().log2().floor().add(1)
    // In two steps, since 2^1024 is no number.
    const half = e.div(2).floor()
    let m = scaled.mul(half.neg().exp2()).mul(e.sub(half).neg().exp2())
    // The logarithm may have been rounded across a power of two.
    for (const [off, by] of [
      [m.abs().ge(1), 1],
      [m.abs().lt(0.5), -1],
    ] as const) {
      m = where(off, m.mul(2 ** -by), m)
      e = where(off, e.add(by), e)
    }
    const mantissa = where(plain, m, v).to(x.dtype)
    const exponent = where(plain, e.sub(where(tiny, 100, 0)), 0).to('int32')
    if (tracks(x)) attach(mantissa, frexp.op.node, (n, g) => g.div(n.tensor(0).to(g.dtype).exp2()), [x]).save(exponent)
    return { mantissa, exponent }
  },
})
/** A matrix, or a batch of them, times itself `n` times. */
export const matrixPower: Op<(x: Tensor, n: number) => Tensor> = define('matrixPower', {
  params: [tensor('input'), int('n')],
  run: (x, n) => linalg.matrixPower(x, n),
})
/** Where its elements are real: everywhere. */
export const isreal: Op<(x: Tensor) => Tensor> = define('isreal', {
  params: [tensor('input')],
  differentiable: false,
  run: (x) => filled(x.sizes, true, DTYPES.bool),
})
