/** Resizing of the spatial dims, one dim after the other. */
import { ArgumentError, NotImplementedError, ShapeError, ValueError } from '../../errors'
import { Category, DTYPES } from '../../runtime/dtype'
import { showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { storable } from '../../check/arguments'
import { notImplemented } from '../../check/words'
import { expectRoom } from '../define/results'
import { tensor } from '../tensor/create'
import { define } from '../define/define'
import * as param from '../define/params'
import type { Op } from '../define/registry'
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from './pooling'
import { expectSizes, type Size, sizeParam } from './window'

export type InterpolateMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'trilinear' | 'bicubic' | 'area'
/** Options of `interpolate`; one of `size` and `scaleFactor` must be given. */
export interface InterpolateOptions {
  /** The spatial size of the output. */
  size?: Size | null
  /** What the spatial size is multiplied with. */
  scaleFactor?: number | readonly number[] | null
  /** Default `nearest`. */
  mode?: InterpolateMode
  /** Corners of input and output fall together. Only for linear modes and `bicubic`. */
  alignCorners?: boolean | null
  /** Compute the scale from the sizes even where `scaleFactor` is given. */
  recomputeScaleFactor?: boolean | null
}
/** How many spatial dims a mode is for; 0: any. */
const DIMS: { readonly [mode: string]: number } = {
  nearest: 0,
  'nearest-exact': 0,
  area: 0,
  linear: 1,
  bilinear: 2,
  bicubic: 2,
  trilinear: 3,
}

/** How one dim is read: its length, that of the output, and input elements for each output element (given or by the sizes). */
interface Axis {
  readonly from: number
  readonly to: number
  readonly scale: number | null
  readonly align: boolean
}
/** For each output element the input elements that make it, and their shares. */
interface Taps {
  readonly rows: Float64Array[]
  readonly weights: Float64Array[] | null
}

function nearest({ from, to, scale }: Axis, exact: boolean): Taps {
  // In single precision, as PyTorch finds them: at exact ratios it decides which neighbour is taken.
  const step = Math.fround(scale ?? from / to)
  const half = exact ? 0.5 : 0
  const rows = Float64Array.from({ length: to }, (_, i) =>
    Math.min(from - 1, Math.floor(Math.fround((i + half) * step))),
  )
  return { rows: [rows], weights: null }
}
const stepOf = ({ from, to, scale, align }: Axis): number =>
  align ? (to > 1 ? (from - 1) / (to - 1) : 0) : (scale ?? from / to)
const placeOf = (i: number, step: number, align: boolean): number => (align ? i * step : (i + 0.5) * step - 0.5)
const clamped = (i: number, from: number): number => Math.min(Math.max(i, 0), from - 1)

function linear(axis: Axis): Taps {
  const step = stepOf(axis)
  const at = Float64Array.from({ length: axis.to }, (_, i) => Math.max(0, placeOf(i, step, axis.align)))
  const low = at.map((v) => clamped(Math.floor(v), axis.from))
  const part = at.map((v, i) => Math.min(v - low[i], 1))
  return { rows: [low, low.map((v) => clamped(v + 1, axis.from))], weights: [part.map((t) => 1 - t), part] }
}
/** Keys' cubic convolution (1981) with a = -3/4. */
function cubic(axis: Axis): Taps {
  const a = -0.75
  const near = (t: number): number => ((a + 2) * t - (a + 3)) * t * t + 1
  const far = (t: number): number => ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
  const step = stepOf(axis)
  const at = Float64Array.from({ length: axis.to }, (_, i) => placeOf(i, step, axis.align))
  const low = at.map(Math.floor)
  const part = at.map((v, i) => v - low[i])
  return {
    rows: [-1, 0, 1, 2].map((k) => low.map((v) => clamped(v + k, axis.from))),
    weights: [part.map((t) => far(t + 1)), part.map(near), part.map((t) => near(1 - t)), part.map((t) => far(2 - t))],
  }
}
function along(x: Tensor, d: number, { rows, weights }: Taps): Tensor {
  const shape = x.sizes.map((_, k) => (k === d ? -1 : 1))
  let sum: Tensor | null = null
  rows.forEach((list, k) => {
    const picked = x.indexSelect(d, tensor(BigInt64Array.from(list, BigInt)))
    const share = weights && tensor(weights[k] as Float64Array).to(x.dtype)
    const term = share ? picked.mul(share.view(shape)) : picked
    sum = sum === null ? term : sum.add(term)
  })
  return sum as unknown as Tensor
}

const perDim = (
  v: number | readonly number[],
  n: number,
  wrong: (v: readonly number[]) => string,
): readonly number[] => {
  if (typeof v === 'number') return new Array<number>(n).fill(v)
  if (v.length !== n) throw new ValueError(wrong(v))
  return v
}
const tuple = (v: readonly number[]): string => `(${v.join(', ')})`
const axes = (v: readonly number[]): string => v.map((s, i) => `${['D', 'H', 'W'][3 - v.length + i]}: ${s}`).join(', ')

/**
 * Resizes the spatial dims.
 * @param x [N, C, L], [N, C, H, W] or [N, C, D, H, W]; floating or uint8
 * @param size of the spatial dims; or `scaleFactor`
 * @throws ValueError unless one of `size` and `scaleFactor` is given
 */
export const interpolate: Op<
  (x: Tensor, size?: Size | null | InterpolateOptions, options?: InterpolateOptions) => Tensor
> = define('interpolate', {
  params: [
    param.tensor('input'),
    sizeParam('size').orNull().default(null),
    param.own<number | readonly number[]>('float or float[]')('scaleFactor').orNull().default(null),
    param.own<InterpolateMode>('str')('mode').default('nearest'),
    param.bool('alignCorners').orNull().default(null),
    param.bool('recomputeScaleFactor').orNull().default(null),
  ],
  namespace: 'nn.functional',
  run: (x, o) => interpolated(x, o),
})
function interpolated(x: Tensor, o: Readonly<Required<InterpolateOptions>>): Tensor {
  const { size: target, scaleFactor: factors, mode, alignCorners: align } = o
  const n = x.sizes.length - 2
  const interpolating = (DIMS[mode] ?? 0) > 0
  if (align !== null && !interpolating)
    throw new ValueError(
      'align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear',
    )
  if (target !== null && factors !== null) throw new ValueError('only one of size or scale_factor should be defined')
  if (target === null && factors === null) throw new ValueError('either size or scale_factor should be defined')
  if (target !== null && o.recomputeScaleFactor)
    throw new ValueError('recompute_scale_factor is not meaningful with an explicit size.')
  const spatial = x.sizes.slice(2)
  const given = `must have the same number of spatial dimensions, but got input with spatial dimensions of ${showShape(spatial)}`
  let scales: readonly number[] | null = null
  let outputs: readonly number[]
  if (target !== null) {
    expectSizes('interpolate', 'size', target)
    outputs = perDim(
      target,
      n,
      (v) =>
        `Input and output ${given} and output size of ${tuple(v)}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.`,
    )
  } else {
    const list = Array.isArray(factors) ? factors : [factors]
    if (!list.every((v) => typeof v === 'number'))
      throw new ArgumentError("interpolate(): argument 'scale_factor' must be a number or an array of numbers")
    scales = perDim(
      factors as number | readonly number[],
      n,
      (v) =>
        `Input and scale_factor ${given} and scale_factor of shape ${tuple(v)}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.`,
    )
    outputs = spatial.map((s, i) => storable(Math.floor(s * (scales as readonly number[])[i]!), DTYPES.int64) as number)
    if (o.recomputeScaleFactor) scales = null
  }
  if (DIMS[mode] === undefined || n < 1 || n > 3)
    throw new NotImplementedError(
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${n + 2}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got ${String(mode)})`,
      { input: [...x.sizes], mode: String(mode) },
    )
  if (interpolating && DIMS[mode] !== n)
    throw new NotImplementedError(`Got ${n + 2}D input, but ${mode} mode needs ${DIMS[mode] + 2}D input`, {
      input: [...x.sizes],
      mode,
    })
  if (mode === 'area') return [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][n - 1]!(x, outputs)
  if (outputs.some((s) => !(s > 0)) || spatial.includes(0))
    throw new ShapeError(
      `Input and output sizes should be greater than 0, but got input (${axes(spatial)})${n === 1 ? ' and' : ''} output (${axes(outputs)})`,
      { input: [...x.sizes], output: [...outputs] },
    )
  if (x.info.category !== Category.Float && x.dtype !== 'uint8')
    throw notImplemented(
      `compute_indices_weights_${interpolating ? (mode === 'bicubic' ? 'cubic' : 'linear') : 'nearest'}`,
      x.info,
    )
  expectRoom([...x.sizes.slice(0, 2), ...outputs], x.info)
  let y = x.dtype === 'uint8' && interpolating ? x.to('float32') : x
  for (let i = 0; i < n; i++) {
    const axis: Axis = {
      from: spatial[i],
      to: outputs[i],
      scale: scales === null ? null : 1 / scales[i],
      align: align === true,
    }
    if (axis.from === axis.to && axis.scale === null) continue
    y = along(
      y,
      i + 2,
      mode === 'bicubic' ? cubic(axis) : interpolating ? linear(axis) : nearest(axis, mode === 'nearest-exact'),
    )
  }
  return x.dtype === 'uint8' && interpolating ? y.round().clamp(0, 255).to('uint8') : y
}
