/** Indexing as PyTorch's brackets: views for numbers and slices, one gather for tensors and masks. */
import { attach, type Node, type Rule, tracksAny } from '../../autograd/node'
import type { IndexError } from '../../errors'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { Category, type DTypeInfo, DTYPES, type Scalar } from '../../runtime/dtype'
import { OP, STATUS } from '../../runtime/opcodes'
import { contiguousStrides, sameShape, type Shape } from '../../tensor/shape'
import { isTensor, reinterpret, type Tensor } from '../../tensor/tensor'
import { checkInPlace, finishInPlace, startInPlace } from '../../autograd/in-place'
import { describe, expectTensor, storable } from '../../check/arguments'
import { warnExpanded } from '../../check/words'
import { whereRaw } from '../define/kernel'
import { hostRead } from '../define/host-read'
import { castRaw, copyInto, emptyOf, filled, hasKernel } from '../define/results'
import { checkApart, checkOverlap, isDistinct } from '../../tensor/overlap'
import { tensor as tensorOf } from '../tensor/create'
import { define, defineAs } from '../define/define'
import { bool, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { sliceDim } from '../tensor/geometry'
import { select, unsqueeze } from '../tensor/views'
import { withNodeName } from '../define/node-name'
import {
  checkAssigned,
  checkConsumed,
  checkIndexCount,
  checkIndexedDims,
  checkIndexList,
  checkIndexShapes,
  checkIndexType,
  checkIndices,
  checkMaskFits,
  checkMaskShape,
  checkNumber,
  checkPutValues,
  checkSlice,
  outOfBounds,
  refuseIndex,
} from './checks'

/** Part of a dim, as Python's `start:stop:step`. Made by `slice()`. */
export class Slice {
  constructor(
    readonly start: number | null,
    readonly stop: number | null,
    readonly step: number,
  ) {}
}
/**
 * Elements `start` (default 0) up to `stop` (default the end), exclusive, `step` apart, as JavaScript's own `array.slice`: `slice(3)` is Python's
 * `3:`, `slice(0, 3)` is `:3`, `slice()` is `:`. Negative bounds count from the end; null leaves one out.
 */
export function slice(start?: number | null, stop?: number | null, step?: number | null): Slice {
  checkSlice(start, stop, step)
  return new Slice(start ?? null, stop ?? null, step ?? 1)
}

/** One entry of an index: a number, a slice, null (a new dim), '...', a bool, a tensor of integers or a mask, or a list of integers. */
export type Index = number | bigint | Slice | null | '...' | boolean | Tensor | readonly number[] | readonly boolean[]

/** What the entries of an index come to. */
interface Resolved {
  view: Tensor
  /** Index tensors and masks by dim of `view`, a mask for as many dims as it has; null where the dim is kept. */
  readonly indices: (Tensor | null)[]
  /** The next dim of `view`, and that behind the last of the indices. */
  dim: number
  reached: number
}

function dimsConsumed(i: Index): number {
  if (i === null || i === '...' || typeof i === 'boolean') return 0
  return isTensor(i) && isMask(i) ? i.sizes.length : 1
}
const isMask = (t: Tensor): boolean => t.dtype === 'bool' || t.dtype === 'uint8'
/** Masks as the integers of their places. */
function withoutMasks(x: Tensor, indices: readonly (Tensor | null)[]): (Tensor | null)[] {
  const plain: (Tensor | null)[] = []
  for (const t of indices) {
    if (t && isMask(t)) {
      checkMaskShape(x, t, plain.length)
      plain.push(...t.nonzero().unbind(1))
    } else plain.push(t)
  }
  return plain
}

function resolve(x: Tensor, items: readonly Index[]): Resolved {
  const consumed = items.reduce((n: number, i) => n + dimsConsumed(i), 0)
  const nd = x.sizes.length
  checkConsumed(nd, consumed)
  const r: Resolved = { view: x, indices: [], dim: 0, reached: 0 }
  let ellipses = 0
  for (const [position, given] of items.entries()) {
    const item = asNumber(given)
    if (item === '...') {
      // A second one stands for no dims.
      if (ellipses++ === 0) r.dim += nd - consumed
    } else if (item === null) r.view = unsqueeze(r.view, r.dim++)
    else if (typeof item === 'boolean') putBool(r, item)
    else if (typeof item === 'number' || typeof item === 'bigint') {
      const i = Number(item)
      checkNumber(i, position, r.view.sizes[r.dim])
      r.view = select(r.view, r.dim, i)
    } else if (item instanceof Slice) r.view = sliced(r.view, r.dim++, item)
    else putTensor(r, isTensor(item) ? item : Array.isArray(item) ? listIndex(item) : refuseIndex(describe(item)))
  }
  return r
}
/** An integer tensor without dims is a number, and gives a view as one does: where that begins is metadata. */
const asNumber = (i: Index): Index =>
  isTensor(i) && i.sizes.length === 0 && i.info.category === Category.Int && i.dtype !== 'uint8'
    ? Number(hostRead(i))
    : i
function sliced(x: Tensor, dim: number, { start, stop, step }: Slice): Tensor {
  const size = x.sizes[dim]
  const bound = (v: number | null, otherwise: number): number =>
    v === null ? otherwise : Math.min(Math.max(v < 0 ? v + size : v, 0), size)
  const first = bound(start, 0)
  const end = Math.max(first, bound(stop, size))
  return first === 0 && end === size && step === 1 ? x : sliceDim(x, dim, first, end, step)
}
function putIndex(r: Resolved, t: Tensor): void {
  for (; r.reached < r.dim; r.reached++) r.indices.push(null)
  r.indices.push(t)
  r.dim += dimsConsumed(t)
  r.reached = r.dim
}
/** A new dim, of which one element is picked or none. */
function putBool(r: Resolved, picked: boolean): void {
  r.view = unsqueeze(r.view, r.dim)
  putIndex(r, tensorOf(picked ? [0n] : new BigInt64Array(0)))
}
function putTensor(r: Resolved, t: Tensor): void {
  checkIndexType(t)
  // How large the result is.
  if (isMask(t) && t.sizes.length === 0) putBool(r, Boolean(hostRead(t)))
  else putIndex(r, isMask(t) || t.dtype === 'int64' || t.dtype === 'int32' ? t : t.to('int64'))
}
function listIndex(given: readonly unknown[]): Tensor {
  // A copy has no holes, and stays as it is.
  const item = [...given]
  if (item.length > 0 && item.every((v) => typeof v === 'boolean')) return tensorOf(item as boolean[])
  checkIndexList(item)
  return tensorOf(BigInt64Array.from(item.map((v) => BigInt(v as number))))
}

/** How the kernel walks: a space of result elements, and how the indexed tensor and the indices move in it. */
interface Space {
  sizes: number[]
  strides: number[]
  indices: { tensor: Tensor; size: number; stride: number; strides: number[] }[]
}

function spaceOf(x: Tensor, indices: readonly (Tensor | null)[]): Space {
  const nd = x.sizes.length
  const at = indices.flatMap((t, d) => (t ? [d] : []))
  const shape = checkIndexShapes(indices, at)
  checkIndexedDims(x, at, shape)
  // Indexed dims that are neighbours stay in place; otherwise their result comes first.
  const adjacent = at.every((d, i) => i === 0 || d === at[i - 1] + 1)
  const front = adjacent ? at[0] : 0
  const kept = Array.from({ length: nd }, (_, d) => d).filter((d) => !indices[d])
  const before = kept.filter((d) => d < front)
  const after = kept.filter((d) => d >= front)
  const sizes = [...before.map((d) => x.sizes[d]), ...shape, ...after.map((d) => x.sizes[d])]
  const strides = [...before.map((d) => x.strides[d]), ...shape.map(() => 0), ...after.map((d) => x.strides[d])]
  return {
    sizes,
    strides,
    indices: at.map((d) => {
      const t = indices[d] as Tensor
      const missing = shape.length - t.sizes.length
      const own = shape.map((_, k) => (k < missing || t.sizes[k - missing] === 1 ? 0 : t.strides[k - missing]))
      return {
        tensor: t,
        size: x.sizes[d],
        stride: x.strides[d],
        strides: [...before.map(() => 0), ...own, ...after.map(() => 0)],
      }
    }),
  }
}

const indicesOf = (space: Space): encode.IndexIndex[] =>
  space.indices.map(({ tensor, size, stride, strides }) => ({ index: tensor, size, stride, indexStrides: strides }))
/** All indices of one dtype: int64 unless every one is int32. */
function indexInfo(space: Space): DTypeInfo {
  if (space.indices.every((i) => i.tensor.dtype === 'int32')) return DTYPES.int32
  for (const i of space.indices) if (i.tensor.dtype !== 'int64') i.tensor = castStrided(i)
  return DTYPES.int64
}
function castStrided(i: { tensor: Tensor; strides: number[] }): Tensor {
  const c = castRaw(i.tensor, DTYPES.int64)
  if (c.strides.join() !== i.tensor.strides.join()) {
    const own = i.tensor.strides
    i.strides = i.strides.map((s) => (s === 0 ? 0 : c.strides[own.indexOf(s)]))
  }
  return c
}

/** Explains a kernel's complaint about an index. */
export type Explain = (status: number, detail: readonly number[]) => IndexError | undefined

/** Reads through a space; no autograd. */
export function readSpace(x: Tensor, space: Space, wrap: boolean, explain: Explain): Tensor {
  const out = emptyOf(space.sizes, x.info)
  if (out.count === 0) return out
  const info = indexInfo(space)
  encode.index(OP.index, x.info, info, {
    out,
    a: x,
    wrap,
    sizes: space.sizes,
    outStrides: contiguousStrides(space.sizes),
    strides: space.strides,
    indices: indicesOf(space),
  })
  run(explain)
  return out
}

/** How values are put: see index_put in native/kernels/index/index.cpp. */
export const PUT = { assign: 0, add: 1, multiply: 2, max: 3, min: 4 } as const

/** Where a dim is empty, every index is out of bounds. */
function checkSpace(space: Space, explain: Explain): void {
  const none = space.indices.findIndex((i) => i.size === 0)
  if (none >= 0)
    throw explain(STATUS.INDEX_OUT_OF_RANGE, [
      // An error names it.
      Number(hostRead((space.indices[none] as { tensor: Tensor }).tensor.reshape([-1]).select(0, 0))),
      none,
      0,
    ])
}
/** Writes through a space, in place; no autograd, no version bump. `values` broadcasts to the space. */
export function writeSpace(
  self: Tensor,
  space: Space,
  values: Tensor,
  mode: number,
  wrap: boolean,
  explain: Explain,
  alpha = 1,
  skip = Number.NaN,
): void {
  if (space.sizes.includes(0)) return
  checkSpace(space, explain)
  if (!hasKernel(OP.index_put, self.info) || (mode !== PUT.assign && self.info.compute !== self.dtype)) {
    // The half types: all the memory from the first element to the last in float32 and back, so that strides stay.
    const flat = reinterpret(
      self,
      [1 + self.sizes.reduce((n, s, d) => n + (s - 1) * self.strides[d], 0)],
      [1],
      self.offset,
    )
    const wide = castRaw(flat, DTYPES[self.info.compute])
    writeSpace(wide, space, values, mode, wrap, explain, alpha, skip)
    copyInto(flat, wide)
    return
  }
  const info = indexInfo(space)
  const nd = space.sizes.length
  const v = values.info === self.info ? values : castRaw(values, self.info)
  const missing = nd - v.sizes.length
  const strides = space.sizes.map((_, d) => (d < missing || v.sizes[d - missing] === 1 ? 0 : v.strides[d - missing]))
  encode.indexPut(OP.index_put, self.info, info, {
    self,
    values: v,
    wrap,
    mode,
    alpha,
    skip,
    sizes: space.sizes,
    strides: space.strides,
    valueStrides: strides,
    indices: indicesOf(space),
  })
  run(explain)
}

/** The space of one index along a dim whose tensor has the shape of the result (gather, scatter). */
export function alongDim(x: Tensor, dim: number, index: Tensor): Space {
  if (x.sizes.length === 0 || index.sizes.length === 0) {
    const x1 = x.sizes.length === 0 ? { sizes: [1], strides: [1] } : x
    const i1 = index.sizes.length === 0 ? { sizes: [1], strides: [1] } : index
    return {
      sizes: [...i1.sizes],
      strides: [0],
      indices: [{ tensor: index, size: x1.sizes[0], stride: x1.strides[0], strides: [...i1.strides] }],
    }
  }
  const strides = x.strides.map((s, d) => (d === dim ? 0 : s))
  return {
    sizes: [...index.sizes],
    strides,
    indices: [{ tensor: index, size: x.sizes[dim], stride: x.strides[dim], strides: [...index.strides] }],
  }
}
/** The space of a vector of indices along one dim (index_select, index_add, embedding). */
export function selectSpace(x: Tensor, dim: number, index: Tensor): Space {
  const nd = x.sizes.length
  if (nd === 0)
    return {
      sizes: [index.count],
      strides: [0],
      indices: [{ tensor: index, size: 1, stride: 1, strides: [index.sizes.length === 0 ? 0 : index.strides[0]] }],
    }
  const sizes = x.sizes.map((s, d) => (d === dim ? index.count : s))
  const step = index.sizes.length === 0 ? 0 : index.strides[0]
  return {
    sizes,
    strides: x.strides.map((s, d) => (d === dim ? 0 : s)),
    indices: [
      {
        tensor: index,
        size: x.sizes[dim],
        stride: x.strides[dim],
        strides: sizes.map((_, d) => (d === dim ? step : 0)),
      },
    ],
  }
}

const dimsAt = (indices: readonly (Tensor | null)[]): number[] => indices.flatMap((t, d) => (t ? [d] : []))

const indexRule: Rule = (n, g) => {
  const { sizes, count } = n.meta as { sizes: Shape; count: number }
  const indices = Array.from({ length: count }, (_, i) => n.optional(i))
  return putZeros(g, sizes, indices)
}
/** Zeros with `g` added in at the indices; differentiable. */
function putZeros(g: Tensor, sizes: Shape, indices: (Tensor | null)[]): Tensor {
  const zeros = emptyOf(sizes, g.info)
  copyInto(zeros, 0)
  return indexPut(zeros, indices, g, { accumulate: true })
}

const indicesParam = own<readonly (Tensor | null)[]>('tuple of Tensors')('indices')
/** The elements at index tensors, one for each dim from the first on; null keeps a dim (`torch.ops.aten.index`). */
export const index: Op<(x: Tensor, indices: readonly (Tensor | null)[]) => Tensor> = define('index', {
  params: [tensor('input'), indicesParam],
  method: false,
  node: 'IndexBackward0',
  run(x, indices) {
    checkIndices('index', indices)
    const out = readSpace(x, spaceOf(x, indices), true, outOfBounds(dimsAt(indices)))
    if (tracksAny([x])) {
      const n = attach(out, index.op.node, indexRule, [x])
      n.save(...indices)
      n.meta = { sizes: x.sizes, count: indices.length }
    }
    return out
  },
})

/** Options of `indexPut`. */
export interface PutOptions {
  /** Add to what is there instead of replacing it. Default false. */
  accumulate?: boolean
}
const putRule: Rule = (n, g) => {
  const { accumulate, count } = n.meta as { accumulate: boolean; count: number }
  const indices = Array.from({ length: count }, (_, i) => n.optional(i))
  const self = (): Tensor => (accumulate ? g : indexPut(g, indices, filled([], 0, g.info)))
  return [n.needs(0) ? self() : null, n.needs(1) ? index(g, indices) : null]
}
type IndexPut = Op<
  (
    x: Tensor,
    indices: readonly (Tensor | null)[],
    values: Tensor,
    accumulate?: boolean | PutOptions,
    options?: PutOptions,
  ) => Tensor
>
const putting = [tensor('input'), indicesParam, tensor('values'), bool('accumulate').default(false)] as const
/**
 * Writes values at index tensors, in place.
 * @param indices one a dim from the first on, of integers, or masks; null keeps a dim
 * @param values of the same dtype; broadcasts to what the indices pick
 * @throws IndexError for an index that is out of range
 */
export const indexPut_: IndexPut = define('indexPut_', {
  params: putting,
  node: 'IndexPutBackward0',
  run: put,
})
function put(
  x: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  { accumulate }: { accumulate: boolean },
): Tensor {
  checkIndices('indexPut', indices)
  checkIndexCount(x, indices.length)
  checkInPlace(x, x.requiresGrad || values.requiresGrad)
  warnExpanded('index_put_', 'indices] = tensor', x)
  const mask = accumulate || values.count !== 1 ? null : onlyMask(x, indices)
  if (mask) {
    const n = startInPlace(x, indexPut_.op.node, putRule, [x, values], 'any')
    const value = values.detach()
    // A value of another dtype is a number, which has to fit.
    fillWhere(x, mask, value.info === x.info ? value.reshape([]) : storable(hostRead(value), x.info))
    finishInPlace(x, n)
    return saved(n, n ? withoutMasks(x, indices) : [], accumulate, x)
  }
  for (const t of [values, ...indices]) if (t) checkApart(x, t)
  const plain = withoutMasks(x, indices)
  checkIndexCount(x, plain.length)
  const space = spaceOf(x, plain)
  checkPutValues(x, values, space.sizes)
  const n = startInPlace(x, indexPut_.op.node, putRule, [x, values], 'any')
  const source = values.storage === x.storage ? values.detach().clone() : values
  writeSpace(x, space, source, accumulate ? PUT.add : PUT.assign, true, outOfBounds(dimsAt(plain)))
  finishInPlace(x, n)
  return saved(n, plain, accumulate, x)
}
function saved(n: Node | null, indices: (Tensor | null)[], accumulate: boolean, x: Tensor): Tensor {
  n?.save(...indices)
  if (n) n.meta = { accumulate, count: indices.length }
  return x
}
/** The one mask among the indices, with as many dims behind it as it leaves, or null where there is more than it. */
function onlyMask(x: Tensor, indices: readonly (Tensor | null)[]): Tensor | null {
  let mask: Tensor | null = null
  let dim = 0
  for (const t of indices) {
    if (t && (mask || !isMask(t))) return null
    if (t) checkMaskShape(x, (mask = t), dim)
    dim += t ? t.sizes.length : 1
  }
  for (; mask && dim < x.sizes.length; dim++) mask = mask.unsqueeze(-1)
  return mask
}
/** Writes one value where a mask (broadcast) holds; no autograd, no version bump. */
export function fillWhere(x: Tensor, mask: Tensor, value: Tensor | Scalar): void {
  warnExpanded('masked_fill_', 'mask] = scalar', x)
  checkOverlap(x, mask)
  checkMaskFits(x, mask)
  const holds = mask.dtype === 'bool' ? mask : mask.to('bool')
  if (isDistinct(x)) {
    whereRaw(x.info, x, holds.storage === x.storage ? holds.clone() : holds, value, x)
    return
  }
  // Where elements meet, those outside the mask must not be written back.
  const v = isTensor(value) && value.info === x.info ? value : filledLike(x.info, value)
  const places = holds.expand(x.sizes).nonzero().unbind(1)
  writeSpace(x, spaceOf(x, places), v, PUT.assign, true, outOfBounds(dimsAt(places)))
}
function filledLike(info: DTypeInfo, value: Tensor | Scalar): Tensor {
  const out = emptyOf([], info)
  copyInto(out, value)
  return out
}
/** As `indexPut_`, on a copy. */
export const indexPut: IndexPut = define('indexPut', {
  params: putting,
  node: 'IndexPutBackward0',
  run: (x, indices, values, options) => indexPut_(x.clone(), indices, values, options),
})

/**
 * PyTorch's brackets: `x.at(0, slice(1, 3), null, '...')`, with tensors of integers and masks as indices.
 * Numbers and slices give views, tensors a copy.
 * @throws IndexError for an index that is out of range, or of no kind
 */
export const at: Op<(x: Tensor, ...items: Index[]) => Tensor> = defineAs('at', {
  params: [tensor('input'), own<readonly Index[]>('Index[]')('items')],
  node: ['SliceBackward0', 'AliasBackward0'],
  run: elementsAt,
  variadic: true,
})
function elementsAt(x: Tensor, ...items: Index[]): Tensor {
  expectTensor('at', 'input', x)
  const { view, indices } = resolve(x, items)
  if (indices.length > 0) return index(view, withoutMasks(view, indices))
  // x.at() and x.at('...') are still a new view, as x[...] is.
  if (view !== x) return view
  const sliced = items.length === 1 && items[0] instanceof Slice
  return withNodeName(view.view(view.sizes as number[]), at.op.nodes[sliced ? 0 : 1] as string)
}

/** Assigns to `x.at(...)`: `x.set([0, slice(1, 3)], value)`. The value (a number or tensor) broadcasts. */
export const set: Op<(x: Tensor, items: Index | readonly Index[], value: Tensor | Scalar) => Tensor> = define('set', {
  params: [
    tensor('input'),
    own<Index | readonly Index[]>('Index or Index[]')('items'),
    own<Tensor | Scalar>('Tensor or Number')('value'),
  ],
  run(x, items, value) {
    const list = isIndexList(items) ? items : [items as Index]
    checkAssigned(value)
    const { view, indices } = resolve(x, list)
    if (indices.length === 0) {
      const v = isTensor(value) ? value : scalarLike(view.info, value)
      if (sameShape(v.sizes, view.sizes)) view.copy_(v)
      else if (v.sizes.length === 0) view.fill_(v)
      else view.copy_(withoutLeadingOnes(v).expand(view.sizes))
      return x
    }
    indexPut_(view, indices, withoutLeadingOnes(isTensor(value) ? value : scalarLike(view.info, value)))
    return x
  },
})
/** As PyTorch takes a value that is assigned. */
function withoutLeadingOnes(t: Tensor): Tensor {
  const first = t.sizes.findIndex((s) => s !== 1)
  const drop = first < 0 ? t.sizes.length : first
  return drop === 0 ? t : t.view(t.sizes.slice(drop))
}
const scalarLike = (info: DTypeInfo, value: Scalar): Tensor => filledLike(info, storable(value, info))
/** An array is a list of indices, unless it is one list of integers meant as an index: `set([[0, 2]], v)`. */
const isIndexList = (v: Index | readonly Index[]): v is readonly Index[] => Array.isArray(v)
