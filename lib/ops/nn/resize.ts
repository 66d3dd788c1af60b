/** Resizing of the spatial dims, one dim after the other. */
import { DTYPES } from '../../runtime/dtype'
import type { Tensor } from '../../tensor/tensor'
import { storable } from '../../check/arguments'
import { expectRoom } from '../define/results'
import { tensor } from '../tensor/create'
import { define } from '../define/define'
import * as param from '../define/params'
import type { Op } from '../define/registry'
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from './pooling'
import {
  checkMode,
  checkResized,
  checkResizing,
  checkScaleFactor,
  checkTargetSize,
  isInterpolating,
} from './image-checks'
import { type Size, sizeParam } from './window'

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
  const { mode } = o
  checkResizing(o)
  const { outputs, scales } = targetOf(x, o)
  checkMode(x, mode)
  if (mode === 'area') return [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d][outputs.length - 1]!(x, outputs)
  checkResized(x, outputs, mode)
  expectRoom([...x.sizes.slice(0, 2), ...outputs], x.info)
  const interpolating = isInterpolating(mode)
  let y = x.dtype === 'uint8' && interpolating ? x.to('float32') : x
  for (let i = 0; i < outputs.length; i++) {
    const axis: Axis = {
      from: x.sizes[i + 2],
      to: outputs[i],
      scale: scales === null ? null : 1 / scales[i],
      align: o.alignCorners === true,
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
/** The spatial size to reach, and the factors that count where they are not those of the sizes. */
function targetOf(
  x: Tensor,
  o: Readonly<Required<InterpolateOptions>>,
): { outputs: readonly number[]; scales: readonly number[] | null } {
  if (o.size !== null) return { outputs: checkTargetSize(x, o.size), scales: null }
  const factors = checkScaleFactor(x, o.scaleFactor as number | readonly number[])
  const outputs = factors.map((f, i) => storable(Math.floor(x.sizes[i + 2] * f), DTYPES.int64) as number)
  return { outputs, scales: o.recomputeScaleFactor ? null : factors }
}
