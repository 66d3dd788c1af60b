/** Padding: with a value, or with what lies inside, mirrored, repeated or wrapped around. */
import { attach, type Rule, tracks } from '../../autograd/node'
import type { Scalar } from '../../runtime/dtype'
import type { Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { storable } from '../../check/arguments'
import { copyInto, emptyOf, expectRoom, filled } from '../define/results'
import { tensor } from '../tensor/create'
import { define } from '../define/define'
import * as param from '../define/params'
import type { Op } from '../define/registry'
import {
  type Amounts,
  checkCircular,
  checkCut,
  checkKept,
  checkMirrored,
  checkPadding,
  checkPadInput,
  checkPadMode,
} from './pad-checks'

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
function overlap(padded: Tensor, x: Tensor, amounts: Amounts): [Tensor, Tensor] {
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
    (n.meta as Amounts).map(([a, b]) => [-a, -b]),
    0,
  )

function constantPad(x: Tensor, amounts: Amounts, value: Scalar): Tensor {
  checkCut(x, amounts)
  const sizes = x.sizes.map((s, d) => s + amounts[d][0] + amounts[d][1])
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
function mirrored(x: Tensor, padding: readonly number[], mode: 'reflect' | 'replicate' | 'circular'): Tensor {
  const n = padding.length / 2
  const dims = x.sizes.length
  const amounts = byDim(padding, dims)
  if (mode === 'circular' && padding.some((p) => p < 0)) {
    // What is cut off does not come round again.
    const lengths = x.sizes.map((s, d) => s - Math.max(0, -amounts[d][0]) - Math.max(0, -amounts[d][1]))
    checkKept(x, padding, amounts, lengths)
    let kept = x
    lengths.forEach((length, d) => {
      if (length < x.sizes[d]) kept = kept.narrow(d, Math.max(0, -amounts[d][0]), length)
    })
    return mirrored(
      kept,
      padding.map((p) => Math.max(0, p)),
      mode,
    )
  }
  if (mode !== 'circular') checkMirrored(x, padding, amounts, mode)
  expectRoom(
    x.sizes.map((s, d) => s + amounts[d][0] + amounts[d][1]),
    x.info,
  )
  let y = x.detach()
  const rows: Tensor[] = []
  for (let d = dims - n; d < dims; d++) {
    const [front, behind] = amounts[d]
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
  checkPadding(x, padding)
  const amounts = byDim(padding, x.sizes.length)
  if (kind === 'constant') return constantPad(x, amounts, value ?? 0)
  const batched = checkPadMode(x, padding, kind, value)
  if (kind === 'circular' && !batched) return pad(x.unsqueeze(0), padding, { mode: kind }).squeeze(0)
  checkPadInput(x, padding.length / 2, batched, kind)
  if (kind === 'circular') checkCircular(x, padding, amounts)
  return mirrored(x, padding, kind)
}
