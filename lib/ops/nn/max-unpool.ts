/** What undoes max pooling. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { countOf, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { checkPlaces, checkUnpool, checkUnpooledSize, checkUnpoolStride } from './pooling-checks'
import { expectRoom, filled } from '../define/results'
import { define } from '../define/define'
import { own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { checkSizes, expectSizes, type Size, sizeParam } from './window'

/** Options of `maxUnpool1d` and its kin. */
export interface MaxUnpoolOptions {
  /** Of the pooling that is undone; default its kernel size. */
  stride?: Size | null
  /** Of the pooling that is undone. Default 0. */
  padding?: Size
  /** The size to reach, of the spatial dims or of all; default the smallest that the pooling can have had. */
  outputSize?: readonly number[] | null
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
  const dims = x.sizes.length
  checkUnpool(x, indices, n)
  const lead = x.sizes.slice(0, dims - n)
  const planes = countOf(lead)
  const volume = countOf(spatial)
  expectRoom([planes, volume], x.info)
  checkPlaces(indices, spatial, volume)
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
  const kernel = checkSizes(op, 'kernel_size', kernelSize, n)
  const stride = o.stride === null ? kernel : checkSizes(op, 'stride', o.stride, n)
  const padding = checkSizes(op, 'padding', o.padding, n)
  if (o.outputSize !== null) expectSizes(op, 'output_size', o.outputSize)
  const out = checkUnpooledSize(x, kernel, stride, padding, o.outputSize)
  checkUnpoolStride(n, stride)
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
