/** What undoes max pooling, pools by other norms, or with windows of random places. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { ArgumentError, DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import { Category, DTYPES } from '../../runtime/dtype'
import { countOf, sameShape, type Shape, showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { relu } from './activation'
import { expectNumber, storable } from '../../check/arguments'
import { notImplemented } from '../../check/words'
import { hostRead } from '../define/host-read'
import { expectRange } from '../define/range'
import { emptyOf, expectRoom, filled } from '../define/results'
import { arange } from '../tensor/create'
import { define } from '../define/define'
import { bool, float, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { avgPoolNd, maxPoolNd } from './pooling'
import { rand } from '../random/random'
import { cat } from '../tensor/joining'
import { expectSizes, type Size, sizeParam } from './window'

/** One size for all dims, or one a dim. */
function sizesOf(op: string, name: string, v: Size, n: number): readonly number[] {
  expectSizes(op, name, v)
  if (typeof v === 'number') return new Array<number>(n).fill(v)
  if (v.length === n) return v
  throw new ArgumentError(`${op}(): argument '${name}' must be an int or ${n} ints, got ${v.length}`, {
    argument: name,
  })
}

// ---- max unpooling ----------------------------------------------------------------------------------------------------

/** Options of `maxUnpool1d` and its kin. */
export interface MaxUnpoolOptions {
  /** Of the pooling that is undone; default its kernel size. */
  stride?: Size | null
  /** Of the pooling that is undone. Default 0. */
  padding?: Size
  /** The size to reach, of the spatial dims or of all; default the smallest that the pooling can have had. */
  outputSize?: readonly number[] | null
}

function unpooledSize(
  x: Tensor,
  kernel: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
  wanted: readonly number[] | null,
): readonly number[] {
  const n = kernel.length
  const dims = x.sizes.length
  if (dims < n) throw new IndexError(`Dimension out of range: the input has ${dims} dims, of which ${n} are pooled`)
  const smallest = kernel.map((k, d) => (x.sizes[dims - n + d] - 1) * stride[d] + k - 2 * padding[d])
  let out: readonly number[] = smallest
  if (wanted !== null) {
    const given = wanted.length === n + 2 ? wanted.slice(2) : wanted
    if (given.length !== n)
      throw new ValueError(
        `output_size should be a sequence containing ${n} or ${n + 2} elements, but it has a length of '${given.length}'`,
        { outputSize: [...wanted] },
      )
    given.forEach((size, d) => {
      const [low, high] = [smallest[d] - stride[d], smallest[d] + stride[d]]
      if (!(low < size && size < high))
        throw new ValueError(
          `invalid output_size "${showShape(given)}" (dim ${d} must be between ${low} and ${high})`,
          { outputSize: [...given], dim: d },
        )
    })
    out = given
  }
  out.forEach((size, d) => {
    if (size < 0)
      throw new ValueError(
        `max_unpooling: output_size must contain non-negative spatial dimensions, but got output_size[${d}]=${size}`,
        { outputSize: [...out], dim: d },
      )
  })
  return out
}

interface Places {
  readonly planes: number
  readonly sizes: Shape
}
/** One row a plane, also where there is none. */
const rowsOf = (x: Tensor, planes: number): Tensor => x.reshape([planes, x.count / Math.max(1, planes)])
const unpoolRule: Rule = (n, g) => {
  const { planes, sizes } = n.meta as Places
  return rowsOf(g, planes)
    .gather(1, rowsOf(n.tensor(0), planes))
    .reshape(sizes)
}
const unpoolNode = (n: number): string => `MaxUnpool${n}DBackward0`
function unpooled(x: Tensor, indices: Tensor, spatial: readonly number[]): Tensor {
  const n = spatial.length
  const fn = `max_unpooling${n}d`
  const dims = x.sizes.length
  if (indices.dtype !== 'int64')
    throw new DTypeError(
      `elements in indices should be type int64${n === 2 ? ` but got: ${indices.info.scalarType}` : ''}`,
      { dtype: indices.dtype },
    )
  const data = { input: [...x.sizes], indices: [...indices.sizes] }
  if (dims !== n + 1 && dims !== n + 2)
    throw new ShapeError(
      `Input to ${fn} should be a ${n + 1}d or ${n + 2}d Tensor, but got a tensor with ${dims} dimensions.`,
      data,
    )
  if (!sameShape(x.sizes, indices.sizes))
    throw new ShapeError(
      `Expected shape of indices to be same as that of the input tensor (${showShape(x.sizes)}) but got indices tensor with shape: ${showShape(indices.sizes)}`,
      data,
    )
  const empty = x.sizes.findIndex((s, d) => d > 0 && s === 0)
  if (empty > 0)
    throw new ShapeError(
      `${fn}_forward_out_cpu(): Expected input to have non-zero size for non-batch dimensions, but got ${showShape(x.sizes)} with dimension ${empty} being empty.`,
      data,
    )
  if (x.info.category !== Category.Float) throw notImplemented(`max_unpool${n}d`, x.info)
  const lead = x.sizes.slice(0, dims - n)
  const planes = countOf(lead)
  const volume = countOf(spatial)
  expectRoom([planes, volume], x.info)
  expectRange(indices, 0, volume - 1, () => {
    const wrong = indices.lt(0n).logicalOr(indices.ge(BigInt(volume)))
    const all = indices.reshape([-1]).maskedSelect(wrong.reshape([-1]))
    // PyTorch names the last one.
    const index = Number(hostRead(all.select(0, -1)))
    return new IndexError(`Found an invalid max index: ${index} (output volumes are of size ${spatial.join('x')})`, {
      index,
    })
  })
  const flat = filled([planes, volume], 0, x.info)
  if (x.count > 0) flat.scatter_(1, indices.reshape([planes, -1]), x.detach().reshape([planes, -1]))
  const out = flat.view([...lead, ...spatial])
  out.viewInfo = null
  if (tracks(x)) {
    const node = attach(out, unpoolNode(n), unpoolRule, [x])
    node.save(indices)
    node.meta = { planes, sizes: x.sizes } satisfies Places
  }
  return out
}
function maxUnpool(
  op: string,
  n: number,
  x: Tensor,
  indices: Tensor,
  kernelSize: Size,
  o: Readonly<Required<MaxUnpoolOptions>>,
): Tensor {
  const kernel = sizesOf(op, 'kernel_size', kernelSize, n)
  const stride = o.stride === null ? kernel : sizesOf(op, 'stride', o.stride, n)
  const padding = sizesOf(op, 'padding', o.padding, n)
  if (o.outputSize !== null) expectSizes(op, 'output_size', o.outputSize)
  const out = unpooledSize(x, kernel, stride, padding, o.outputSize)
  if (n === 3 && stride.some((s) => s <= 0))
    throw new ValueError(`strides should be greater than zero, but got stride: ${showShape(stride)}`, {
      stride: [...stride],
    })
  if (n > 1) return unpooled(x, indices, out)
  return unpooled(x.unsqueeze(-1), indices.unsqueeze(-1), [...out, 1]).squeeze(-1)
}

type MaxUnpool = Op<
  (
    x: Tensor,
    indices: Tensor,
    kernelSize: Size,
    stride?: Size | null | MaxUnpoolOptions,
    options?: MaxUnpoolOptions,
  ) => Tensor
>
const defineMaxUnpool = (name: string, n: number): MaxUnpool =>
  define(name, {
    params: [
      tensor('input'),
      tensor('indices'),
      sizeParam('kernelSize'),
      sizeParam('stride').orNull().default(null),
      sizeParam('padding').default(0),
      own<readonly number[]>('int[]')('outputSize').orNull().default(null),
    ],
    namespace: 'nn.functional',
    node: n === 1 ? 'SqueezeBackward1' : unpoolNode(n),
    run: (x, indices, kernelSize, o) => maxUnpool(name, n, x, indices, kernelSize, o),
  })
/**
 * Puts maxima back where they were, among zeros.
 * @param x [N, C, L] or [C, L], floating
 * @param indices of `maxPool1d`
 * @param kernelSize of the pooling that is undone
 * @throws IndexError for indices outside of the output
 */
export const maxUnpool1d: MaxUnpool = defineMaxUnpool('maxUnpool1d', 1)
/**
 * Puts maxima back where they were, among zeros.
 * @param x [N, C, H, W] or [C, H, W], floating
 * @param indices of `maxPool2d`
 * @param kernelSize of the pooling that is undone
 * @throws IndexError for indices outside of the output
 */
export const maxUnpool2d: MaxUnpool = defineMaxUnpool('maxUnpool2d', 2)
/**
 * Puts maxima back where they were, among zeros.
 * @param x [N, C, D, H, W] or [C, D, H, W], floating
 * @param indices of `maxPool3d`
 * @param kernelSize of the pooling that is undone
 * @throws IndexError for indices outside of the output
 */
export const maxUnpool3d: MaxUnpool = defineMaxUnpool('maxUnpool3d', 3)

// ---- pooling by a norm ------------------------------------------------------------------------------------------------

/** Options of `lpPool1d` and its kin. */
export interface LpPoolOptions {
  /** How far the window moves; default its own size. */
  stride?: Size | null
  /** Round the size of the output up. Default false. */
  ceilMode?: boolean
}
function lpPool(
  op: string,
  n: number,
  x: Tensor,
  normType: number,
  kernelSize: Size,
  { stride, ceilMode }: Readonly<Required<LpPoolOptions>>,
): Tensor {
  const kernel = sizesOf(op, 'kernel_size', kernelSize, n)
  const pool = op.replace('lp', 'max')
  if (Math.abs(normType) === Number.POSITIVE_INFINITY) {
    const sizes = x.abs()
    return normType > 0
      ? (maxPoolNd(pool, n, sizes, kernel, { stride, ceilMode }) as Tensor)
      : (maxPoolNd(pool, n, sizes.neg(), kernel, { stride, ceilMode }) as Tensor).neg()
  }
  if (normType === 0) throw new ValueError('float division by zero', { normType })
  const out = avgPoolNd(op.replace('lp', 'avg'), n, x.pow(normType), kernel, { stride, ceilMode })
  return out
    .sign()
    .mul(relu(out.abs()))
    .mul(kernel.reduce((a, b) => a * b, 1))
    .pow(1 / normType)
}
type LpPool = Op<
  (
    x: Tensor,
    normType: number,
    kernelSize: Size,
    stride?: Size | null | LpPoolOptions,
    options?: LpPoolOptions,
  ) => Tensor
>
const defineLpPool = (name: string, n: number): LpPool =>
  define(name, {
    params: [
      tensor('input'),
      float('normType'),
      sizeParam('kernelSize'),
      sizeParam('stride').orNull().default(null),
      bool('ceilMode').default(false),
    ],
    namespace: 'nn.functional',
    run: (x, normType, kernelSize, o) => lpPool(name, n, x, normType, kernelSize, o),
  })
/**
 * The norm of each window, without taking amounts: (Σ xᵖ)^(1/p).
 * @param x [N, C, L] or [C, L], floating
 * @param normType p, not 0; ±∞ for the maximum or minimum of the amounts
 */
export const lpPool1d: LpPool = defineLpPool('lpPool1d', 1)
/**
 * The norm of each window, without taking amounts: (Σ xᵖ)^(1/p).
 * @param x [N, C, H, W] or [C, H, W], floating
 * @param normType p, not 0; ±∞ for the maximum or minimum of the amounts
 */
export const lpPool2d: LpPool = defineLpPool('lpPool2d', 2)
/**
 * The norm of each window, without taking amounts: (Σ xᵖ)^(1/p).
 * @param x [N, C, D, H, W] or [C, D, H, W], floating
 * @param normType p, not 0; ±∞ for the maximum or minimum of the amounts
 */
export const lpPool3d: LpPool = defineLpPool('lpPool3d', 3)

// ---- windows of random places -----------------------------------------------------------------------------------------

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
const DIMS = ['time', 'height', 'width']

function fractionalSize(op: string, fn: string, n: number, x: Tensor, o: FractionalOptions): readonly number[] {
  const dims = x.sizes.length
  const given = (v: readonly number[], what: string): readonly number[] => {
    if (v.length === n) return v
    throw new ArgumentError(`${fn}: ${what} must either be a single Int or tuple of Ints`)
  }
  if (o.outputSize !== null) {
    expectSizes(op, 'output_size', o.outputSize)
    return typeof o.outputSize === 'number'
      ? new Array<number>(n).fill(o.outputSize)
      : given(o.outputSize, 'output_size')
  }
  if (o.outputRatio === null) throw new ValueError(`${fn} requires specifying either an output_size or an output_ratio`)
  const ratio = typeof o.outputRatio === 'number' ? new Array<number>(n).fill(o.outputRatio) : o.outputRatio
  if (ratio.length !== n)
    throw new ValueError(`${fn} requires output_ratio to either be a single Int or tuple of Ints.`, {
      outputRatio: [...ratio],
    })
  return ratio.map((r, d) => {
    expectNumber(op, 'output_ratio', r)
    return storable(Math.trunc(x.sizes[dims - n + d] * r), DTYPES.int64) as number
  })
}
/** Where the windows of one dim begin, [planes, output]; every step is rounded to the dtype of the samples. */
function starts(sample: Tensor, input: number, output: number, pool: number): Tensor {
  const planes = sample.sizes[0]
  const last = filled([planes, Math.min(output, 1)], BigInt(input - pool), DTYPES.int64)
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
  const where = n === 2 ? `${fn}()` : `${fn}_out()`
  expectSizes(op, 'kernel_size', kernelSize)
  const kernel = typeof kernelSize === 'number' ? new Array<number>(n).fill(kernelSize) : kernelSize
  const output = fractionalSize(op, fn, n, x, o)
  const dims = x.sizes.length
  if (dims < n + 1)
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-dims}, ${dims - 1}], but got ${-n - 1})`,
      { input: [...x.sizes] },
    )
  if (x.info.category !== Category.Float) throw notImplemented('check_uniform_bounds', x.info)
  const batch = dims === n + 1 ? 1 : x.sizes[0]
  const channels = x.sizes[dims - n - 1]
  const samples = o._randomSamples ?? rand([batch, channels, n], { dtype: x.dtype as 'float32' })
  if (kernel.length !== n)
    throw new ArgumentError(`${fn}: kernel_size must either be a single Int or tuple of Ints`, {
      kernelSize: [...kernel],
    })
  if (dims > n + 2)
    throw new ShapeError(`${where}: Expected ${n + 1}D or ${n + 2}D tensor, but got: ${showShape(x.sizes)}`, {
      input: [...x.sizes],
    })
  const empty = x.sizes.findIndex((s, d) => s === 0 && d >= dims - n - 1)
  if (empty >= 0)
    throw new ShapeError(
      `${where}: Expected input to have non-zero size for non-batch dimensions, but got${showShape(x.sizes)} with dimension ${empty} being empty.`,
      { input: [...x.sizes] },
    )
  if (samples.info !== x.info) throw new DTypeError('Expect _random_samples to have the same dtype as input')
  if (samples.sizes.length !== 3)
    throw new ShapeError(`Expect _random_samples to have 3 dimensions, got ${samples.sizes.length}`)
  if (samples.sizes[0] < batch) throw new ShapeError('Expect _random_samples.size(0) no less then input batch size.')
  if (samples.sizes[1] !== channels)
    throw new ShapeError('Expect _random_samples.size(1) equals to input channel size.')
  if (samples.sizes[2] !== n)
    throw new ShapeError(`Expect _random_samples.size(2) equals to ${n}; got ${samples.sizes[2]}.`)
  const spatial = x.sizes.slice(dims - n)
  // PyTorch looks at the width before the height where there are three.
  for (const d of n === 2 ? [0, 1] : [0, 2, 1]) {
    const s = spatial[d]
    // In three dims PyTorch wants one place more.
    if (output[d] + kernel[d] - (n === 2 ? 1 : 0) > s)
      throw new ShapeError(
        `${where}: pool ${DIMS[3 - n + d]} ${kernel[d]} too large relative to input ${DIMS[3 - n + d]} ${s}`,
        { input: [...x.sizes], kernelSize: [...kernel], outputSize: [...output] },
      )
  }
  const low = output.find((s) => s < 0)
  const sizes = [...x.sizes.slice(0, dims - n), ...output]
  if (low !== undefined)
    throw new ShapeError(`Trying to create tensor with negative dimension ${low}: ${showShape(sizes)}`)
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
    const step = BigInt(countOf(spatial.slice(d + 1)))
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
