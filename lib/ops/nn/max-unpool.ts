/** What undoes max pooling. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import { Category } from '../../runtime/dtype'
import { countOf, sameShape, type Shape, showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { notImplemented } from '../../check/words'
import { hostRead } from '../define/host-read'
import { expectRange } from '../define/expect-range'
import { expectRoom, filled } from '../define/results'
import { define } from '../define/define'
import { own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { expectSizes, type Size, sizeParam, sizesOf } from './window'

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
export const rowsOf = (x: Tensor, planes: number): Tensor => x.reshape([planes, x.count / Math.max(1, planes)])
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
