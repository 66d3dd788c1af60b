/** Max pooling of windows at random places. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { DTYPES } from '../../runtime/dtype'
import { countOf, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { emptyOf, filled } from '../define/results'
import { arange } from '../tensor/create'
import { define } from '../define/define'
import { bool, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { rand } from '../random/creation'
import { cat } from '../tensor/joining'
import { expectSizes, perDim, type Size, sizeParam } from './window'
import { rowsOf } from './max-unpool'
import { checkFractional, checkFractionalInput, checkFractionalSize } from './pooling-checks'

/** Options of `fractionalMaxPool2d` and its kin. */
export interface FractionalMaxPoolOptions {
  /** The size to reach. */
  outputSize?: Size | null
  /** Or that size as a share of the input's, in (0, 1). */
  outputRatio?: number | readonly number[] | null
  /** Also return where the maxima are, as positions in the flattened input plane. Default false. */
  returnIndices?: boolean
  /** What decides where the windows are: uniform on [0, 1), [N, C, 2 or 3] in the dtype of the input. Drawn by default. */
  _randomSamples?: Tensor | null
}
type FractionalOptions = Readonly<Required<FractionalMaxPoolOptions>>

/** Where the windows of one dim begin, [planes, output]; every step is rounded to the dtype of the samples. */
function starts(sample: Tensor, input: number, output: number, pool: number): Tensor {
  const planes = sample.sizes[0]
  const last = filled([planes, Math.min(output, 1)], input - pool, DTYPES.int64)
  if (output <= 1) return last
  const alpha = filled([], input - pool, sample.info).div(output - 1)
  const u = sample.unsqueeze(1)
  const at = arange(output - 1)
    .to(sample.dtype)
    .add(u)
    .mul(alpha)
    .to('int64')
  return cat([at.sub(u.mul(alpha).to('int64')), last], 1)
}

interface Picked {
  readonly planes: number
  readonly volume: number
  readonly sizes: Shape
}
const fractionalRule: Rule = (n, g) => {
  const { planes, volume, sizes } = n.meta as Picked
  return filled([planes, volume], 0, g.info)
    .scatterAdd(1, rowsOf(n.tensor(0), planes), rowsOf(g, planes))
    .reshape(sizes)
}
const fractionalNode = (n: number): string => `FractionalMaxPool${n}DBackward0`
function fractional(
  op: string,
  n: number,
  x: Tensor,
  kernelSize: Size,
  o: FractionalOptions,
): Tensor | [Tensor, Tensor] {
  const fn = `fractional_max_pool${n}d`
  expectSizes(op, 'kernel_size', kernelSize)
  const kernel = perDim(kernelSize, n)
  const output = checkFractionalSize(op, fn, n, x, o)
  checkFractionalInput(x, n)
  const dims = x.sizes.length
  const batch = dims === n + 1 ? 1 : x.sizes[0]
  const channels = x.sizes[dims - n - 1]
  const samples = o._randomSamples ?? rand([batch, channels, n], { dtype: x.dtype as 'float32' })
  checkFractional(fn, n, x, kernel, output, samples)
  const spatial = x.sizes.slice(dims - n)
  const sizes = [...x.sizes.slice(0, dims - n), ...output]
  const planes = batch * channels
  const indices = largestOf(x, samples.detach().narrow(0, 0, batch).reshape([planes, n]), spatial, output, kernel)
  const flat = rowsOf(x.detach(), planes)
  const y = (indices.count === 0 ? emptyOf(indices.sizes, x.info) : flat.gather(1, indices)).reshape(sizes)
  const at = indices.reshape(sizes)
  y.viewInfo = null
  at.viewInfo = null
  // A window without elements has no largest.
  if (kernel.some((k) => k <= 0)) y.fill_(Number.NEGATIVE_INFINITY)
  if (tracks(x)) {
    const node = attach(y, fractionalNode(n), fractionalRule, [x])
    node.save(at)
    node.meta = { planes, volume: countOf(spatial), sizes: x.sizes } satisfies Picked
  }
  return o.returnIndices ? [y, at] : y
}
/** Where the largest element of each window is, in the flattened plane: [planes, windows]. */
function largestOf(
  x: Tensor,
  samples: Tensor,
  spatial: readonly number[],
  output: readonly number[],
  kernel: readonly number[],
): Tensor {
  const n = spatial.length
  const planes = samples.sizes[0]
  if (planes === 0 || output.includes(0)) return emptyOf([planes, countOf(output)], DTYPES.int64)
  // [planes, 1, …, output d, …, 1 | 1, …, kernel d, …, 1], summed over the dims to the flattened positions.
  let at: Tensor | null = null
  for (let d = 0; d < n; d++) {
    const step = countOf(spatial.slice(d + 1))
    // Of two dims the first sample is that of the width.
    const sample = samples.select(1, n === 2 ? 1 - d : d)
    const begin = starts(sample, spatial[d], output[d], kernel[d])
    const sizes = new Array<number>(2 * n).fill(1)
    sizes[d] = output[d]
    const inside = new Array<number>(2 * n).fill(1)
    inside[n + d] = Math.max(1, kernel[d])
    const own = begin
      .reshape([planes, ...sizes])
      .add(arange(Math.max(1, kernel[d])).reshape(inside))
      .mul(step)
    at = at === null ? own : at.add(own)
  }
  const places = (at as Tensor).reshape([planes, countOf(output), -1])
  const values = x
    .detach()
    .reshape([planes, -1])
    .gather(1, places.reshape([planes, -1]))
    .reshape(places.sizes)
  return places.gather(2, values.max(2, { keepdim: true }).indices).squeeze(2)
}

type WithIndices = FractionalMaxPoolOptions & { returnIndices: true }
interface FractionalMaxPoolCall {
  (x: Tensor, kernelSize: Size, outputSize: WithIndices): [Tensor, Tensor]
  (x: Tensor, kernelSize: Size, outputSize: Size | null | undefined, options: WithIndices): [Tensor, Tensor]
  (
    x: Tensor,
    kernelSize: Size,
    outputSize?: Size | null | FractionalMaxPoolOptions,
    options?: FractionalMaxPoolOptions,
  ): Tensor
}
type FractionalMaxPool = Op<FractionalMaxPoolCall>
const defineFractional = (name: string, n: number): FractionalMaxPool =>
  define(name, {
    params: [
      tensor('input'),
      sizeParam('kernelSize'),
      sizeParam('outputSize').orNull().default(null),
      own<number | readonly number[]>('float or float[]')('outputRatio').orNull().default(null),
      bool('returnIndices').default(false),
      tensor('_randomSamples').orNull().default(null),
    ],
    namespace: 'nn.functional',
    node: fractionalNode(n),
    run: (x, kernelSize, o) => fractional(name, n, x, kernelSize, o),
  }) as FractionalMaxPool
/**
 * The largest values of windows whose places are drawn, so that the size need not divide (Graham 2014).
 * @param x [N, C, H, W] or [C, H, W], floating
 * @returns the maxima; with `returnIndices` also where they are, int64
 * @throws ValueError unless `outputSize` or `outputRatio` is given
 */
export const fractionalMaxPool2d: FractionalMaxPool = defineFractional('fractionalMaxPool2d', 2)
/**
 * The largest values of windows whose places are drawn, so that the size need not divide (Graham 2014).
 * @param x [N, C, D, H, W] or [C, D, H, W], floating
 * @returns the maxima; with `returnIndices` also where they are, int64
 * @throws ValueError unless `outputSize` or `outputRatio` is given
 */
export const fractionalMaxPool3d: FractionalMaxPool = defineFractional('fractionalMaxPool3d', 3)
