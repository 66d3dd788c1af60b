/** Padding: with a value, or with what lies inside, mirrored, repeated or wrapped around. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { NotImplementedError, ShapeError, ValueError } from '../../errors'
import { Category, type Scalar } from '../../runtime/dtype'
import { type Shape, showShape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { storable } from '../../check/arguments'
import { copyInto, emptyOf, expectRoom, filled } from '../define/results'
import { tensor } from '../tensor/create'
import { define } from '../define/define'
import * as param from '../define/params'
import type { Op } from '../define/registry'

export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular'
/** Options of `pad`. */
export interface PadOptions {
  /** Where the new elements come from. Default `constant`. */
  mode?: PadMode
  /** What they are in mode `constant`. Default 0. */
  value?: Scalar | null
}

/** Amounts in front and behind, by dim: PyTorch lists them from the last dim on. */
function byDim(padding: readonly number[], dims: number): [number, number][] {
  return Array.from({ length: dims }, (_, d) => {
    const i = 2 * (dims - 1 - d)
    return i < padding.length ? [padding[i], padding[i + 1]] : [0, 0]
  })
}
/** The part of a padded tensor that the original fills, and the part of the original that is kept. */
function overlap(padded: Tensor, x: Tensor, amounts: readonly (readonly [number, number])[]): [Tensor, Tensor] {
  let [to, from] = [padded, x]
  amounts.forEach(([front, behind], d) => {
    const cut = Math.max(0, -front)
    const length = x.sizes[d] - cut - Math.max(0, -behind)
    to = to.narrow(d, Math.max(0, front), length)
    from = from.narrow(d, cut, length)
  })
  return [to, from]
}
const constantRule: Rule = (n, g) =>
  constantPad(
    g,
    (n.meta as readonly (readonly [number, number])[]).map(([a, b]) => [-a, -b]),
    0,
  )

function constantPad(x: Tensor, amounts: readonly (readonly [number, number])[], value: Scalar): Tensor {
  const sizes = x.sizes.map((s, d) => {
    const [front, behind] = amounts[d] as readonly [number, number]
    if (s + Math.min(0, front) + Math.min(0, behind) < 0)
      throw new ShapeError('narrow(): length must be non-negative.', { input: [...x.sizes] })
    return s + front + behind
  })
  const plain = x.detach()
  const grows = amounts.some(([a, b]) => a > 0 || b > 0)
  const out = grows ? filled(sizes, storable(value, x.info), x.info) : emptyOf(sizes, x.info)
  const [to, from] = overlap(out.detach(), plain, amounts)
  if (to.count > 0) copyInto(to, from)
  if (tracks(x)) attach(out, pad.op.node, constantRule, [x]).meta = amounts
  return out
}

const NAMES = { reflect: 'ReflectionPad', replicate: 'ReplicationPad' } as const
const mirrorNode = (mode: keyof typeof NAMES | 'circular', dims: number): string =>
  mode === 'circular' ? 'CopySlices' : `${NAMES[mode]}${dims}DBackward0`
/** Where each element of a padded dim comes from. */
function sources(
  size: number,
  front: number,
  behind: number,
  mode: 'reflect' | 'replicate' | 'circular',
): Float64Array {
  return Float64Array.from({ length: size + front + behind }, (_, i) => {
    const at = i - front
    if (mode === 'replicate') return Math.min(Math.max(at, 0), size - 1)
    if (mode === 'circular') return ((at % size) + size) % size
    const low = Math.abs(at)
    return low < size ? low : 2 * (size - 1) - low
  })
}
/** Each amount may be as large as the dim was before others cut it. */
function checkCircular(x: Tensor, padding: readonly number[]): void {
  byDim(padding, x.sizes.length).forEach(([front, behind], d) => {
    const size = x.sizes[d]
    const data = { input: [...x.sizes], padding: [...padding], mode: 'circular' }
    if (front > size || behind > size)
      throw new ValueError('Padding value causes wrapping around more than once.', data)
    if (size + front + behind < 0)
      throw new ValueError('Negative padding value is resulting in an empty dimension', data)
  })
}
function mirrored(x: Tensor, padding: readonly number[], mode: 'reflect' | 'replicate' | 'circular'): Tensor {
  const n = padding.length / 2
  if (mode === 'circular' && padding.some((p) => p < 0)) {
    // What is cut off does not come round again.
    let kept = x
    byDim(padding, x.sizes.length).forEach(([front, behind], d) => {
      const size = x.sizes[d]
      const length = size - Math.max(0, -front) - Math.max(0, -behind)
      if (length < 0 || (length === 0 && (front > 0 || behind > 0)))
        throw new ValueError('Negative padding value is resulting in an empty dimension', {
          input: [...x.sizes],
          padding: [...padding],
        })
      if (length < size) kept = kept.narrow(d, Math.max(0, -front), length)
    })
    return mirrored(
      kept,
      padding.map((p) => Math.max(0, p)),
      mode,
    )
  }
  const dims = x.sizes.length
  const amounts = byDim(padding, dims)
  const data = { input: [...x.sizes], padding: [...padding], mode }
  for (let d = dims - 1; d >= dims - n; d--) {
    const size = x.sizes[d]
    const [front, behind] = amounts[d] as [number, number]
    if (mode === 'circular') continue
    if (mode === 'reflect' && (front >= size || behind >= size))
      throw new ValueError(
        `Argument #${4 + 2 * (dims - 1 - d)}: Padding size should be less than the corresponding input dimension, but got: padding (${front}, ${behind}) at dimension ${d} of input ${showShape(x.sizes)}`,
        data,
      )
    if (size + front + behind < 1)
      throw new ShapeError(
        `input (${
          n > 1
            ? ['D', 'H', 'W']
                .slice(3 - n)
                .map((l, i) => `${l}: ${x.sizes[dims - n + i]}`)
                .join(' ')
            : `W: ${size}`
        }) is too small. Calculated output ${n > 1 ? 'size too small' : `W: ${size + front + behind}`}`,
        data,
      )
  }
  expectRoom(
    x.sizes.map((s, d) => s + (amounts[d] as [number, number])[0] + (amounts[d] as [number, number])[1]),
    x.info,
  )
  let y = x.detach()
  const rows: Tensor[] = []
  for (let d = dims - n; d < dims; d++) {
    const [front, behind] = amounts[d] as [number, number]
    const at = tensor(BigInt64Array.from(sources(x.sizes[d], front, behind, mode), BigInt))
    rows.push(at)
    y = y.indexSelect(d, at)
  }
  if (tracks(x)) {
    const node = attach(y, mirrorNode(mode, n), mirrorRule, [x])
    node.save(...rows)
    node.meta = x.sizes
  }
  return y
}
const mirrorRule: Rule = (node, g) => {
  const sizes = node.meta as Shape
  let out = g
  for (let i = 0; i < node.savedCount; i++) {
    const d = sizes.length - node.savedCount + i
    const shape = out.sizes.map((s, k) => (k === d ? sizes[d] : s))
    out = filled(shape, 0, out.info).indexAdd(d, node.tensor(i), out)
  }
  return out
}

/**
 * Adds elements at the ends of the last dims, or with negative amounts takes them away.
 * @param x of any shape; for modes but `constant` one to three dims are padded, before them channels and perhaps a batch
 * @param padding amounts in front and behind of the last dim, then of the one before it, …
 * @throws ShapeError for more amounts than dims
 * @throws ValueError for amounts beyond what can be mirrored or wrapped around
 */
export const pad: Op<
  (x: Tensor, padding: readonly number[], mode?: PadMode | PadOptions, options?: PadOptions) => Tensor
> = define('pad', {
  params: [
    param.tensor('input'),
    param.ints('pad'),
    param.own<PadMode>('str')('mode').default('constant'),
    param.own<Scalar>('Number')('value').orNull().default(null),
  ],
  namespace: 'nn.functional',
  node: [
    'ConstantPadNdBackward0',
    ...[1, 2, 3].flatMap((n) => [mirrorNode('reflect', n), mirrorNode('replicate', n)]),
    mirrorNode('circular', 1),
  ],
  run: (x, padding, { mode, value }) => padded(x, padding, mode, value),
})
function padded(x: Tensor, padding: readonly number[], kind: PadMode, value: Scalar | null): Tensor {
  const dims = x.sizes.length
  if (padding.length % 2 !== 0) throw new ShapeError('Padding length must be divisible by 2', { padding: [...padding] })
  if (padding.length > 2 * dims)
    throw new ShapeError(
      `Padding length should be less than or equal to two times the input dimension but got padding length ${padding.length} and input of dimension ${dims}`,
      {
        input: [...x.sizes],
        padding: [...padding],
      },
    )
  if (kind === 'constant') return constantPad(x, byDim(padding, dims), value ?? 0)
  if (value !== null && value !== 0)
    throw new ValueError(`Padding mode "${kind}" doesn't take in value argument`, { mode: kind })
  const n = padding.length / 2
  if (kind === 'reflect' || kind === 'replicate' || kind === 'circular') {
    const batched = dims === n + 2
    if ((batched || dims === n + 1) && n >= 1 && n <= 3) {
      if (kind === 'circular' && !batched) return pad(x.unsqueeze(0), padding, { mode: kind }).squeeze(0)
      const empty = x.sizes.findIndex((s, i) => s === 0 && (!batched || i > 0))
      if (empty >= 0)
        throw new ShapeError(
          `Expected ${n + 1}D or ${n + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${showShape(x.sizes)}`,
          { input: [...x.sizes] },
        )
      if (x.info.category === Category.Bool && kind !== 'circular')
        throw new NotImplementedError(
          `"${kind === 'reflect' ? `reflection_pad${n}d` : `replication_pad${n}d`}" not implemented for 'Bool'`,
          { dtype: x.dtype },
        )
      if (kind === 'circular') checkCircular(x, padding)
      return mirrored(x, padding, kind)
    }
    throw new NotImplementedError(
      `Padding size ${padding.length} is not supported for ${dims}D input tensor.\nSupported combinations for non-constant padding:\n  - 2D or 3D input: padding size = 2 (pads last dimension)\n  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)`,
      { input: [...x.sizes], padding: [...padding], mode: kind },
    )
  }
  throw new NotImplementedError(`Unrecognised padding mode ${String(kind)}`, { mode: String(kind) })
}
