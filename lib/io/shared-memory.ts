/** Which named tensors share memory, and which of their names a safetensors file keeps. */
import { ValueError } from '../errors'
import type { Storage } from '../runtime/storage'
import { sameShape } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'

type State = Iterable<readonly [string, Tensor]>

/** By code points, as Python sorts text and the file format its names. */
export const byName = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Whether two tensors are one and the same stretch of memory, seen alike. */
const isTied = (a: Tensor, b: Tensor): boolean =>
  a === b ||
  (a.count > 0 &&
    a.storage === b.storage &&
    a.offset === b.offset &&
    a.info === b.info &&
    sameShape(a.sizes, b.sizes) &&
    sameShape(a.strides, b.strides))

/** For each name whose tensor has another name as well, the one that is kept: the first in code point order. */
export function tiedNames(entries: State): Map<string, string> {
  const byMemory = new Map<unknown, [string, Tensor][]>()
  const kept = new Map<string, string>()
  for (const [name, tensor] of [...entries].sort(([a], [b]) => byName(a, b))) {
    // Empty storages may all be one; such tensors are only tied by identity.
    const key = tensor.count > 0 ? tensor.storage : tensor
    const group = byMemory.get(key)
    const first = group?.find(([, other]) => isTied(other, tensor))
    if (first) kept.set(name, first[0])
    else if (group) group.push([name, tensor])
    else byMemory.set(key, [[name, tensor]])
  }
  return kept
}

/** Byte positions of the first element and behind the last. */
function area({ offset, sizes, strides, count, itemsize }: Tensor): [start: number, stop: number] {
  if (count === 0) return [offset * itemsize, offset * itemsize]
  const last = sizes.reduce((at, size, dim) => at + (size - 1) * strides[dim], offset)
  return [offset * itemsize, (last + 1) * itemsize]
}

/** Names by the memory that they overlap in, as `_find_shared_tensors` of the Python safetensors library groups them. */
export function sharedNames(entries: State): string[][] {
  const byStorage = new Map<Storage, [start: number, stop: number, name: string][]>()
  for (const [name, tensor] of entries) {
    // A state dict may hold extra state, which is anything.
    if (!isTensor(tensor) || tensor.storage.byteLength === 0) continue
    const areas = byStorage.get(tensor.storage) ?? []
    byStorage.set(tensor.storage, areas)
    areas.push([...area(tensor), name])
  }
  const groups: string[][] = []
  for (const areas of byStorage.values()) {
    areas.sort((a, b) => a[0] - b[0] || a[1] - b[1] || byName(a[2], b[2]))
    let lastStop = Number.NEGATIVE_INFINITY
    for (const [start, stop, name] of areas) {
      if (start >= lastStop) groups.push([])
      groups.at(-1)?.push(name)
      lastStop = stop
    }
  }
  return groups
}

const isComplete = (tensor: Tensor): boolean => tensor.offset === 0 && tensor.nbytes === tensor.storage.byteLength

/**
 * The names that need no tensor of their own, each with the one that holds its memory: of the names over the same memory
 * the first that covers all of it is kept, if possible one of `preferred`.
 *
 * @throws ValueError where none covers all
 */
export function duplicateNames(
  state: ReadonlyMap<string, Tensor>,
  preferred: ReadonlySet<string> = new Set(),
): Map<string, string> {
  const duplicates = new Map<string, string>()
  for (const shared of sharedNames(state)) {
    const complete = shared.filter((name) => isComplete(state.get(name) as Tensor)).sort(byName)
    const kept = complete.find((name) => preferred.has(name)) ?? complete[0]
    if (kept === undefined) {
      throw new ValueError(
        `Error while trying to find names to remove to save state dict, but found no suitable name to keep for saving amongst: ${nameSet(shared)}. None is covering the entire storage.Refusing to save/load the model since you could be storing much more memory than needed. Please refer to https://huggingface.co/docs/safetensors/torch_shared_tensors for more information. Or open an issue.`,
        { names: shared },
      )
    }
    for (const name of shared.sort(byName)) if (name !== kept) duplicates.set(name, kept)
  }
  return duplicates
}

/** Names as Python prints a set of them. */
export const nameSet = (names: readonly string[]): string =>
  `{${[...names]
    .sort(byName)
    .map((name) => `'${name}'`)
    .join(', ')}}`
