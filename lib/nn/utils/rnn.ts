/** `nn.utils.rnn`: sequences of different lengths, padded to one tensor or packed step by step. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { noGrad } from '../../autograd/mode'
import { ArgumentError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { describe, expectBool, expectInt, expectNumber, expectTensor, isIterable } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { filled } from '../../ops/define/results'
import type { ToArguments } from '../../ops/tensor/to-options'
import { tensor } from '../../ops/tensor/create'
import { Category } from '../../runtime/dtype'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { INSPECT } from '../../tensor/format'

/**
 * Sequences of different lengths without padding, as the recurrent layers take them: the first elements of all, then
 * the second elements of all that have one, and so on, longest sequence first. Made by `packPaddedSequence` and `packSequence`.
 */
export class PackedSequence {
  /** All elements, [sum of lengths, *]. */
  readonly data: Tensor
  /** How many sequences have a step, for each step: int64, descending. */
  readonly batchSizes: Tensor
  /** Where each packed sequence stood before they were sorted by length, or null where they were not. */
  readonly sortedIndices: Tensor | null
  /** Where each sequence stands now: the inverse of `sortedIndices`. */
  readonly unsortedIndices: Tensor | null

  constructor(
    data: Tensor,
    batchSizes: Tensor,
    sortedIndices: Tensor | null = null,
    unsortedIndices: Tensor | null = null,
  ) {
    expectTensor('PackedSequence', 'data', data)
    expectTensor('PackedSequence', 'batch_sizes', batchSizes)
    if (unsortedIndices !== null) expectTensor('PackedSequence', 'unsorted_indices', unsortedIndices)
    this.data = data
    this.batchSizes = batchSizes
    this.sortedIndices = sortedIndices
    this.unsortedIndices = unsortedIndices ?? invertPermutation(sortedIndices)
  }
  /** The same sequences in another dtype, given as to a tensor; itself where nothing changes. */
  to(...given: ToArguments): PackedSequence {
    const data = this.data.to(...given)
    return data === this.data
      ? this
      : new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices)
  }
  /** Itself: it is there. */
  cpu(): PackedSequence {
    return this
  }
  double(): PackedSequence {
    return this.to('float64')
  }
  float(): PackedSequence {
    return this.to('float32')
  }
  half(): PackedSequence {
    return this.to('float16')
  }
  long(): PackedSequence {
    return this.to('int64')
  }
  int(): PackedSequence {
    return this.to('int32')
  }
  short(): PackedSequence {
    return this.to('int16')
  }
  char(): PackedSequence {
    return this.to('int8')
  }
  byte(): PackedSequence {
    return this.to('uint8')
  }
  /** Its four fields in order, as PyTorch's named tuple: `const [data, batchSizes] = packed`. */
  *[Symbol.iterator](): IterableIterator<Tensor | null> {
    yield this.data
    yield this.batchSizes
    yield this.sortedIndices
    yield this.unsortedIndices
  }
  toString(): string {
    const show = (t: Tensor | null): string => t?.toString() ?? 'None'
    return `PackedSequence(data=${this.data}, batch_sizes=${this.batchSizes}, sorted_indices=${show(this.sortedIndices)}, unsorted_indices=${show(this.unsortedIndices)})`
  }
  [INSPECT](): string {
    return this.toString()
  }
}

/** The permutation that undoes one; null for null. */
export function invertPermutation(permutation: Tensor | null): Tensor | null {
  if (permutation === null) return null
  expectTensor('invertPermutation', 'permutation', permutation)
  const n = permutation.numel()
  const to =
    permutation.ndim === 1 && permutation.info.category === Category.Int ? (permutation.tolist() as number[]) : []
  const inverse = new BigInt64Array(n).fill(-1n)
  to.forEach((place, from) => {
    inverse[place] = BigInt(from)
  })
  if (to.length !== n || inverse.includes(-1n))
    throw new ValueError('invertPermutation(): expected a permutation of the integers from 0, in one dim', {
      shape: [...permutation.shape],
      dtype: permutation.dtype,
    })
  return tensor(inverse).to(permutation.dtype)
}

/** How many sequences have a step, for each step, of descending lengths. */
function stepSizes(lengths: readonly number[]): number[] {
  const sizes: number[] = []
  let alive = lengths.length
  for (let step = 0; step < (lengths[0] ?? 0); step++) {
    while (lengths[alive - 1] <= step) alive--
    sizes.push(alive)
  }
  return sizes
}
/** Where in a padded tensor each row of a packed one lies, the first two dims being one. */
function rowsOf(sizes: readonly number[], length: number, batch: number, batchFirst: boolean): Tensor {
  const rows = new BigInt64Array(sizes.reduce((a, b) => a + b, 0))
  let at = 0
  sizes.forEach((size, step) => {
    for (let b = 0; b < size; b++) rows[at++] = BigInt(batchFirst ? b * length + step : step * batch + b)
  })
  return tensor(rows)
}

/** Which row of a padded tensor [A, B, *] each row of the packed one is. */
interface Layout {
  readonly rows: Tensor
  /** The sizes of the padded tensor. */
  readonly sizes: readonly number[]
}
// Packing and padding are each other's gradient.
const packRule: Rule = (n, g) => padRows(g, n.meta as Layout, 0)
const padRule: Rule = (n, g) => packRows(g, n.meta as Layout)
const flat = (sizes: readonly number[]): number[] => [sizes[0] * sizes[1], ...sizes.slice(2)]

function packRows(x: Tensor, layout: Layout): Tensor {
  const y = noGrad(() => x.reshape(flat(layout.sizes)).indexSelect(0, layout.rows))
  if (tracks(x)) attach(y, 'PackPaddedSequenceBackward0', packRule, [x]).meta = layout
  return y
}
function padRows(data: Tensor, layout: Layout, value: number): Tensor {
  const padding = filled(flat(layout.sizes), value, data.info)
  const y = noGrad(() => padding.indexCopy_(0, layout.rows, data).reshape(layout.sizes))
  y.viewInfo = null
  if (tracks(data)) attach(y, 'CopySlices', padRule, [data]).meta = layout
  return y
}

function lengthsOf(lengths: Tensor | readonly number[]): number[] {
  if (isTensor(lengths) && lengths.ndim !== 1)
    throw new ShapeError(
      `'lengths' argument should be a 1D CPU int64 tensor, but got ${lengths.ndim}D cpu Long tensor`,
      { shape: [...lengths.shape] },
    )
  const list = isTensor(lengths) ? lengths.tolist() : lengths
  if (!Array.isArray(list) || !list.every((n) => typeof n === 'number'))
    throw new ArgumentError(
      `packPaddedSequence(): argument 'lengths' must be a Tensor or an array of ints, not ${describe(lengths)}`,
    )
  return list.map((n) => Math.trunc(n as number))
}

/** Options of `packPaddedSequence`. */
export interface PackPaddedOptions {
  /** `input` is [B, T, *] instead of [T, B, *]. Default false. */
  batchFirst?: boolean
  /** The lengths must be descending; false sorts them, and remembers the order. Default true. */
  enforceSorted?: boolean
}
/**
 * Packs padded sequences.
 * @param input [T, B, *], or [B, T, *] with `batchFirst`
 * @param lengths of each of the B sequences, at least 1
 * @throws ShapeError where the lengths do not fit the input
 */
export function packPaddedSequence(
  input: Tensor,
  lengths: Tensor | readonly number[],
  batchFirst?: boolean | PackPaddedOptions,
  options?: PackPaddedOptions,
): PackedSequence {
  const op = 'packPaddedSequence'
  expectTensor(op, 'input', input)
  const { batchFirst: first = false, enforceSorted = true } = optionsOf<PackPaddedOptions>(
    op,
    ['batchFirst', 'enforceSorted'],
    batchFirst,
    options,
  )
  expectBool(op, 'batch_first', first)
  expectBool(op, 'enforce_sorted', enforceSorted)
  let list = lengthsOf(lengths)
  let x = input
  let sortedIndices: Tensor | null = null
  if (!enforceSorted) {
    const order = list.map((_, i) => i).sort((a, b) => list[b] - list[a] || a - b)
    sortedIndices = tensor(BigInt64Array.from(order, BigInt))
    list = order.map((i) => list[i])
    x = input.indexSelect(first ? 0 : 1, sortedIndices)
  }
  if (x.count === 0) throw new ShapeError('Cannot pack empty tensors.', { input: [...x.sizes] })
  const columns = x.size(1)
  const rows = x.size(0)
  const [batch, length] = first ? [rows, columns] : [columns, rows]
  if (list.length !== batch)
    throw new ShapeError(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${list.length} (batch_size=${batch})`,
      { lengths: list.length, batch },
    )
  if (list[batch - 1] <= 0 || list.some((n) => n <= 0))
    throw new ValueError(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
      { lengths: list },
    )
  if (list.some((n, i) => i > 0 && list[i - 1] < n))
    throw new ValueError(
      '`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability.',
      { lengths: list },
    )
  if (list[0] > length)
    throw new ShapeError(`a sequence of length ${list[0]} does not fit an input of length ${length}`, {
      lengths: list,
      length,
    })
  const sizes = stepSizes(list)
  const data = packRows(x, { rows: rowsOf(sizes, length, batch, first), sizes: x.sizes })
  return new PackedSequence(data, tensor(BigInt64Array.from(sizes, BigInt)), sortedIndices)
}

/** Options of `padPackedSequence`. */
export interface PadPackedOptions {
  /** Give [B, T, *] instead of [T, B, *]. Default false. */
  batchFirst?: boolean
  /** What stands past the end of a sequence. Default 0. */
  paddingValue?: number
  /** Pad to this length instead of that of the longest sequence. */
  totalLength?: number | null
}
/**
 * Pads packed sequences: the inverse of `packPaddedSequence`.
 * @returns the padded tensor and the lengths (int64), in the order before packing
 * @throws ValueError where `totalLength` is less than the longest length
 */
export function padPackedSequence(
  sequence: PackedSequence,
  batchFirst?: boolean | PadPackedOptions,
  options?: PadPackedOptions,
): [Tensor, Tensor] {
  const op = 'padPackedSequence'
  if (!(sequence instanceof PackedSequence))
    throw new ArgumentError(`${op}(): argument 'sequence' must be PackedSequence, not ${describe(sequence)}`)
  const o = optionsOf<PadPackedOptions>(op, ['batchFirst', 'paddingValue', 'totalLength'], batchFirst, options)
  const { batchFirst: first = false, paddingValue = 0, totalLength = null } = o
  expectBool(op, 'batch_first', first)
  expectNumber(op, 'padding_value', paddingValue)
  const sizes = sequence.batchSizes.tolist() as number[]
  let length = sizes.length
  if (totalLength !== null) {
    expectInt(op, 'total_length', totalLength)
    if (totalLength < length)
      throw new ValueError(
        `Expected total_length to be at least the length of the longest sequence in input, but got total_length=${totalLength} and max sequence length being ${length}`,
        { totalLength, length },
      )
    length = totalLength
  }
  const batch = sizes[0]
  const layout: Layout = {
    rows: rowsOf(sizes, length, batch, false),
    sizes: [length, batch, ...sequence.data.sizes.slice(1)],
  }
  const lengths = Array.from({ length: batch }, (_, b) => BigInt(sizes.filter((size) => size > b).length))
  const byStep = padRows(sequence.data, layout, paddingValue)
  const padded = first ? byStep.transpose(0, 1) : byStep
  const counts = tensor(BigInt64Array.from(lengths))
  const back = sequence.unsortedIndices
  return back ? [padded.indexSelect(first ? 0 : 1, back), counts.indexSelect(0, back)] : [padded, counts]
}

/** Options of `padSequence`. */
export interface PadSequenceOptions {
  /** Give [B, T, *] instead of [T, B, *]. Default false. */
  batchFirst?: boolean
  /** Default 0. */
  paddingValue?: number
  /** Where the padding goes. Default 'right'. */
  paddingSide?: 'left' | 'right'
}
/**
 * Stacks tensors [length, *] of different lengths into one, padded to the longest.
 * @returns [T, B, *], or [B, T, *] with `batchFirst`
 */
export function padSequence(
  sequences: Tensor | Iterable<Tensor>,
  batchFirst?: boolean | PadSequenceOptions,
  options?: PadSequenceOptions,
): Tensor {
  const op = 'padSequence'
  const o = optionsOf<PadSequenceOptions>(op, ['batchFirst', 'paddingValue', 'paddingSide'], batchFirst, options)
  const { batchFirst: first = false, paddingValue = 0, paddingSide = 'right' } = o
  expectBool(op, 'batch_first', first)
  expectNumber(op, 'padding_value', paddingValue)
  const list = sequencesOf('pad_sequence', sequences)
  if (paddingSide !== 'left' && paddingSide !== 'right')
    throw new ValueError(`Expected padding_side to be one of left or right, but got ${shown(paddingSide)}.`, {
      paddingSide,
    })
  if (list.length === 0) throw new ArgumentError('received an empty list of sequences')
  for (const t of list) if (t.ndim === 0) throw new ShapeError('padSequence(): a sequence must have at least one dim')
  const [head] = list as [Tensor]
  const length = Math.max(...list.map((t) => t.sizes[0]))
  const rest = head.sizes.slice(1)
  const out = filled(first ? [list.length, length, ...rest] : [length, list.length, ...rest], paddingValue, head.info)
  list.forEach((t, i) => {
    const own = t.sizes[0]
    const place = out.select(first ? 0 : 1, i).narrow(0, paddingSide === 'right' ? 0 : length - own, own)
    place.copy_(t)
  })
  return out
}
function sequencesOf(op: string, sequences: Tensor | Iterable<Tensor>): Tensor[] {
  if (isTensor(sequences)) return sequences.unbind()
  if (!isIterable(sequences))
    throw new ArgumentError(`${op}: Expected iterable for input sequences, but got arg of type: ${describe(sequences)}`)
  const list = [...sequences]
  for (const t of list) expectTensor(op, 'sequences', t)
  return list
}
/**
 * Takes padded sequences apart: the inverse of `padSequence`.
 * @param padded [T, B, *], or [B, T, *] with `batchFirst`
 */
export function unpadSequence(
  padded: Tensor,
  lengths: Tensor | readonly number[],
  batchFirst?: boolean | { batchFirst?: boolean },
): Tensor[] {
  const op = 'unpadSequence'
  expectTensor(op, 'padded_sequences', padded)
  const { batchFirst: first = false } = optionsOf<{ batchFirst?: boolean }>(op, ['batchFirst'], batchFirst)
  expectBool(op, 'batch_first', first)
  const list = lengthsOf(lengths)
  const x = first ? padded : padded.transpose(0, 1)
  if (list.length !== x.sizes[0])
    throw new ValueError(`expected one length for each of ${x.sizes[0]} sequences, got ${list.length}`, {
      lengths: list.length,
      sequences: x.sizes[0],
    })
  return list.map((n, i) =>
    x
      .select(0, i)
      .narrow(0, 0, Math.max(0, Math.min(n, x.sizes[1])))
      .clone(),
  )
}
/** Packs tensors [length, *] of different lengths, longest first unless `enforceSorted` is false. */
export function packSequence(
  sequences: Iterable<Tensor>,
  enforceSorted?: boolean | { enforceSorted?: boolean },
): PackedSequence {
  const o = optionsOf<{ enforceSorted?: boolean }>('packSequence', ['enforceSorted'], enforceSorted)
  const list = sequencesOf('pack_sequence', sequences)
  return packPaddedSequence(
    padSequence(list),
    list.map((t) => t.sizes[0]),
    { enforceSorted: o.enforceSorted ?? true },
  )
}
/** The tensors that `packSequence` packed. */
export function unpackSequence(packed: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packed, true)
  return unpadSequence(padded, lengths, true)
}
