/** What poolings refuse, in PyTorch's words. */
import { expectNumber, isInt, storable } from '../../check/arguments'
import { checkFloat, int64Hint } from '../../check/dtypes'
import { negativeSize } from '../../check/shapes'
import { notImplemented } from '../../check/words'
import { ArgumentError, DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import { Category, type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { sameShape, type Shape, showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { expectRange } from '../define/expect-range'
import { hostRead } from '../define/host-read'
import { snake } from '../define/params'
import { hasKernel } from '../define/results'
import type { FractionalMaxPoolOptions } from './fractional-max-pool'
import type { AdaptiveSize } from './pooling'
import { broadcastSizes, expectInt32, expectSizes, perDim, type Size } from './window'

// ---- windows ----------------------------------------------------------------------------------------------------------

const WORDS = ['one int', 'two ints', 'three ints']
/** @returns one size a dim */
export function checkPoolSizes(op: string, name: string, v: Size, n: number): readonly number[] {
  expectSizes(op, name, v)
  const sizes = broadcastSizes(v, n)
  if (sizes) return sizes
  const [fn, key, count] = [snake(op), name, (v as readonly number[]).length]
  if (n === 1 && op === 'maxPool1d')
    throw new ArgumentError(
      key === 'stride'
        ? `max_pool1d() stride must be None, an int, list of ints, or tuple of ints of size 1 but got size ${count}`
        : `max_pool1d() ${key} must be an int, list of ints or tuple of ints of size 1 but got size ${count}`,
    )
  if (n === 1) throw new ArgumentError(`${fn}() argument '${key}' should contain one int (got ${count})`)
  const either =
    key === 'stride'
      ? 'must either be omitted, a single int'
      : key === 'dilation'
        ? 'must be either a single int'
        : op === 'avgPool3d'
          ? 'must be a single int'
          : 'must either be a single int'
  throw new ArgumentError(`${fn}: ${key} ${either}, or a tuple of ${WORDS[n - 1]}`)
}
/** @returns the steps. Without a stride, or with an empty one, windows stand side by side. */
export const checkStride = (op: string, stride: Size | null, kernel: readonly number[]): readonly number[] =>
  stride === null || (Array.isArray(stride) && stride.length === 0)
    ? kernel
    : checkPoolSizes(op, 'stride', stride, kernel.length)
export interface Window {
  readonly kernel: readonly number[]
  readonly stride: readonly number[]
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
}
export function checkWindow32(w: Window): void {
  for (const sizes of [w.kernel, w.stride, w.padding, w.dilation]) expectInt32(sizes)
}
/** @returns how many windows there are along a dim */
function checkOutput(size: number, w: Window, i: number, ceilMode: boolean): number {
  const [k, s, p, d] = [w.kernel[i], w.stride[i], w.padding[i], w.dilation[i]]
  if (s === 0) throw new ValueError('stride should not be zero')
  if (p < 0) throw new ValueError(`pad must be non-negative, but got pad: ${p}`, { padding: p })
  if (p > Math.trunc((d * (k - 1) + 1) / 2))
    throw new ValueError(
      `pad should be at most half of effective kernel size, but got pad=${p}, kernel_size=${k} and dilation=${d}`,
      { padding: p, kernelSize: k, dilation: d },
    )
  const steps = size + 2 * p - d * (k - 1) - 1 + (ceilMode ? s - 1 : 0)
  let out = Math.floor(steps / s) + 1
  // The last window must begin inside the input or its padding in front.
  if (ceilMode && (out - 1) * s >= size + p) out--
  return out
}
const LETTERS = ['T', 'H', 'W']
const lettered = (prefix: string, v: readonly number[]): string => {
  const two = v.length === 1 ? [1, v[0]] : v
  return two.map((s, i) => `${prefix}${LETTERS[3 - two.length + i]}: ${s}`).join(' ')
}
/** A size list as if the one spatial dim were two, which is how PyTorch pools it. */
const widened = (sizes: Shape, n: number): number[] =>
  n === 1 ? [...sizes.slice(0, -1), 1, sizes[sizes.length - 1]] : [...sizes]

/** @returns the output's spatial sizes, after PyTorch's checks. */
export function checkWindow(x: Tensor, n: number, w: Window, ceilMode: boolean, kind: 'max' | 'avg'): number[] {
  const seen = widened(x.sizes, n)
  const dims = seen.length
  const nd = Math.max(n, 2)
  const spatial = x.sizes.slice(x.sizes.length - n)
  const outputs = spatial.map((s, i) => checkOutput(s, w, i, ceilMode))
  if (w.kernel.some((k) => k <= 0))
    throw new ValueError(`kernel size should be greater than zero, but got ${lettered('k', w.kernel)}`, {
      kernelSize: [...w.kernel],
    })
  if (w.stride.some((s) => s <= 0))
    throw new ValueError(`stride should be greater than zero, but got ${lettered('d', w.stride)}`, {
      stride: [...w.stride],
    })
  if (w.dilation.some((d) => d <= 0))
    throw new ValueError(`dilation should be greater than zero, but got ${lettered('dilation', w.dilation)}`, {
      dilation: [...w.dilation],
    })
  const data = { input: [...x.sizes], output: outputs }
  if (n === 3) {
    const fn = kind === 'max' ? 'max_pool3d_with_indices_out_cpu_template()' : 'avg_pool3d()'
    const empty = seen.findIndex((s, i) => s === 0 && (dims === 4 || i > 0))
    if (empty >= 0)
      throw new ShapeError(
        `${fn}: Expected input's non-batch dimensions to have positive length, but input has a shape of ${showShape(seen)} and non-batch dimension ${seen[empty]} has length zero!`,
        data,
      )
    if (kind === 'avg' && spatial.some((s, i) => s < w.kernel[i]))
      throw new ShapeError(
        `input image (${lettered('', spatial)}) smaller than kernel size (${lettered('k', w.kernel)})`,
        data,
      )
  } else {
    const ok = dims === 3 ? !seen.includes(0) : dims === 4 && !seen.slice(1).includes(0)
    if (!ok)
      throw new ShapeError(
        `Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:${showShape(seen)}`,
        data,
      )
  }
  if (outputs.some((o) => o < 1)) {
    const channels = seen[dims - nd - 1]
    const planes = (v: readonly number[]): string => [channels, ...(n === 1 ? [1, ...v] : v)].join('x')
    throw new ShapeError(
      `Given input size: (${planes(spatial)}). Calculated output size: (${planes(outputs)}). Output size is too small`,
      data,
    )
  }
  return outputs
}
export function checkDims(op: string, x: Tensor, low: number, high: number): void {
  if (x.sizes.length < low || x.sizes.length > high)
    throw new ShapeError(
      `Expected ${low} to ${high} dimensions, but got ${x.sizes.length}-dimensional tensor for argument #1 'self' (while checking arguments for ${snake(op)})`,
      { input: [...x.sizes] },
    )
}
/** One dim has a kernel of its own in PyTorch, and texts of its own. */
export function checkMaxPool1d(x: Tensor, w: Window, ceilMode: boolean, returnIndices: boolean): void {
  if (returnIndices) {
    checkDims('maxPool1d', x, 2, 3)
    return
  }
  const s = x.sizes
  if (!((s.length === 2 && !s.includes(0)) || (s.length === 3 && !s.slice(1).includes(0))))
    throw new ShapeError(
      `max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:${showShape(s)}`,
      { input: [...s] },
    )
  const [k, t, p, d] = [w.kernel[0], w.stride[0], w.padding[0], w.dilation[0]] as [number, number, number, number]
  if (k <= 0) throw new ValueError(`max_pool1d() kernel_size must be greater than zero, but got ${k}`)
  if (t <= 0) throw new ValueError(`max_pool1d() stride must be greater than zero, but got ${t}`)
  if (p < 0) throw new ValueError(`max_pool1d() padding must be non-negative, but got ${p}`)
  if (p > Math.trunc(k / 2))
    throw new ValueError(
      `max_pool1d() padding should be at most half of kernel size, but got padding=${p} and kernel_size=${k}`,
    )
  if (d <= 0) throw new ValueError(`max_pool1d() dilation must be greater than zero, but got ${d}`)
  const out = checkOutput(s[s.length - 1], w, 0, ceilMode)
  if (out < 1) throw new ShapeError(`max_pool1d() Invalid computed output size: ${out}`, { input: [...s] })
}
export function checkMaxPoolDims(x: Tensor, n: number): void {
  if (x.sizes.length !== n + 1 && x.sizes.length !== n + 2)
    throw new ShapeError(`non-empty ${n + 1}D or ${n + 2}D (batch mode) tensor expected for input`, {
      input: [...x.sizes],
    })
}
/** @param compute the dtype that stands in for `info` where that is computed in another */
export function checkMaxima(kernel: string, info: DTypeInfo, compute: DTypeInfo, adaptive: boolean): void {
  if (!hasKernel(OP.max_pool, compute) || (adaptive && compute.category !== Category.Float))
    throw notImplemented(kernel, info)
}
export function checkAvgPool(x: Tensor, n: number, divisor: number | null): void {
  if (divisor === 0) throw new ValueError('divisor must be not zero')
  if (n === 2) x.size(-3)
  if (n === 3 && x.sizes.length !== 4 && x.sizes.length !== 5)
    throw new ShapeError('non-empty 4D or 5D (batch mode) tensor expected for input', { input: [...x.sizes] })
}
export function checkAvgPoolType(n: number, info: DTypeInfo): void {
  if (info.name !== 'int64') checkFloat(n === 3 ? 'avg_pool3d_out_frame' : 'avg_pool2d', info)
}
export function checkNormType(normType: number): void {
  if (normType === 0) throw new ValueError('float division by zero', { normType })
}

// ---- adaptive windows -------------------------------------------------------------------------------------------------

/** @returns one size a dim */
export function checkAdaptiveSize(op: string, n: number, x: Tensor, size: AdaptiveSize, kind: 'max' | 'avg'): number[] {
  const fn = snake(op)
  const given = perDim(size, n)
  if (!Array.isArray(given) || !given.every((v) => v === null || isInt(v)))
    throw new ArgumentError(`${fn}(): argument 'output_size' must be an int or an array of ints`, { outputSize: size })
  const dims = x.sizes.length
  if (n === 1) {
    checkDims(op, x, 2, 3)
    if (given.length !== 1)
      throw new ArgumentError(`${fn}() argument 'output_size' should contain one int (got ${given.length})`)
  } else {
    if (typeof size !== 'number' && dims <= given.length)
      throw new ShapeError(`Input dimension should be at least ${given.length + 1}`, { input: [...x.sizes] })
    if (given.length !== n)
      throw new ArgumentError(
        kind === 'avg' ? `${fn}: output_size must be ${n}` : `${fn}(): internal error: output_size.size() must be ${n}`,
        { outputSize: [...given] },
      )
    if (dims !== n + 1 && dims !== n + 2)
      throw new ShapeError(
        `${fn}(): Expected ${n + 1}D or ${n + 2}D tensor, but got${kind === 'max' ? ':' : ''} ${showShape(x.sizes)}`,
        { input: [...x.sizes] },
      )
  }
  const out = given.map((v, i) => v ?? x.sizes[dims - n + i])
  checkPooledDims(fn, n, x, kind)
  const low = out.find((v) => v < 0)
  if (low !== undefined) {
    if (kind === 'avg')
      throw new ValueError(
        `adaptive_avg_pool${Math.max(2, n)}d: elements of output_size must be greater than or equal to 0 but received {${(n === 1 ? [1, ...out] : out).join(', ')}}`,
        { outputSize: out },
      )
    throw new ValueError(
      `Trying to create tensor with negative dimension ${low}: ${showShape([...x.sizes.slice(0, dims - n), ...(n === 1 ? [1, ...out] : out)])}`,
      { outputSize: out },
    )
  }
  return out
}
/** What is empty: for averages a spatial dim, for maxima one of the channels, too. */
function checkPooledDims(fn: string, n: number, x: Tensor, kind: 'max' | 'avg'): void {
  const dims = x.sizes.length
  const channel = dims - n
  const from = kind === 'max' && (dims === n + 2 || channel > 0) ? (dims === n + 2 ? 1 : 0) : channel
  for (let i = from; i < dims; i++)
    if (x.sizes[i] === 0 && (i >= channel || kind === 'max')) {
      const as = kind === 'avg' && n === 1 ? widened(x.sizes, 1) : x.sizes
      throw new ShapeError(
        `${kind === 'avg' && n === 1 ? 'adaptive_avg_pool2d' : fn}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${showShape(as)} with dimension ${as.length - dims + i} being empty`,
        { input: [...x.sizes] },
      )
    }
}

// ---- windows at random places -----------------------------------------------------------------------------------------

const DIMS = ['time', 'height', 'width']
/** @returns one size a dim */
export function checkFractionalSize(
  op: string,
  fn: string,
  n: number,
  x: Tensor,
  o: Readonly<Required<FractionalMaxPoolOptions>>,
): readonly number[] {
  if (o.outputSize !== null) {
    expectSizes(op, 'output_size', o.outputSize)
    const sizes = perDim(o.outputSize, n)
    if (sizes.length === n) return sizes
    throw new ArgumentError(`${fn}: output_size must either be a single Int or tuple of Ints`)
  }
  if (o.outputRatio === null) throw new ValueError(`${fn} requires specifying either an output_size or an output_ratio`)
  const ratio = perDim(o.outputRatio, n)
  if (ratio.length !== n)
    throw new ValueError(`${fn} requires output_ratio to either be a single Int or tuple of Ints.`, {
      outputRatio: [...ratio],
    })
  return ratio.map((r, d) => {
    expectNumber(op, 'output_ratio', r)
    return storable(Math.trunc(x.size(d - n) * r), DTYPES.int64) as number
  })
}
export function checkFractionalInput(x: Tensor, n: number): void {
  // PyTorch counts the dims of what has none from the front.
  x.size(x.sizes.length === 0 ? 0 : -n - 1)
  checkFloat('check_uniform_bounds', x.info)
}
export function checkFractional(
  fn: string,
  n: number,
  x: Tensor,
  kernel: readonly number[],
  output: readonly number[],
  samples: Tensor,
): void {
  const dims = x.sizes.length
  const where = n === 2 ? `${fn}()` : `${fn}_out()`
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
  checkSamples(samples, x, n)
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
  if (low !== undefined) throw negativeSize(low, [...x.sizes.slice(0, dims - n), ...output])
}
function checkSamples(samples: Tensor, x: Tensor, n: number): void {
  const dims = x.sizes.length
  if (samples.info !== x.info) throw new DTypeError('Expect _random_samples to have the same dtype as input')
  if (samples.sizes.length !== 3)
    throw new ShapeError(`Expect _random_samples to have 3 dimensions, got ${samples.sizes.length}`)
  if (samples.sizes[0] < (dims === n + 1 ? 1 : x.sizes[0]))
    throw new ShapeError('Expect _random_samples.size(0) no less then input batch size.')
  if (samples.sizes[1] !== x.sizes[dims - n - 1])
    throw new ShapeError('Expect _random_samples.size(1) equals to input channel size.')
  if (samples.sizes[2] !== n)
    throw new ShapeError(`Expect _random_samples.size(2) equals to ${n}; got ${samples.sizes[2]}.`)
}

// ---- what undoes maxima -----------------------------------------------------------------------------------------------

/** @returns the size to reach, one a spatial dim */
export function checkUnpooledSize(
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
export function checkUnpoolStride(n: number, stride: readonly number[]): void {
  if (n === 3 && stride.some((s) => s <= 0))
    throw new ValueError(`strides should be greater than zero, but got stride: ${showShape(stride)}`, {
      stride: [...stride],
    })
}
export function checkUnpool(x: Tensor, indices: Tensor, n: number): void {
  const fn = `max_unpooling${n}d`
  const dims = x.sizes.length
  if (indices.dtype !== 'int64')
    throw new DTypeError(
      `elements in indices should be type int64${n === 2 ? ` but got: ${indices.info.scalarType}` : ''}${int64Hint(indices.info)}`,
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
  checkFloat(`max_unpool${n}d`, x.info)
}
/** @param spatial the size of a plane, of so many elements */
export function checkPlaces(indices: Tensor, spatial: readonly number[], volume: number): void {
  expectRange(indices, 0, volume - 1, () => {
    const wrong = indices.lt(0).logicalOr(indices.ge(volume))
    const all = indices.reshape([-1]).maskedSelect(wrong.reshape([-1]))
    // PyTorch names the last one.
    const index = Number(hostRead(all.select(0, -1)))
    return new IndexError(`Found an invalid max index: ${index} (output volumes are of size ${spatial.join('x')})`, {
      index,
    })
  })
}
