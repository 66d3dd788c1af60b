/** Forms in place that follow from the plain ones. */
import { type Rule, tracks } from '../../autograd/node'
import type { Tensor } from '../../tensor/tensor'
import { checkInPlace, finishInPlace, startInPlace } from '../../autograd/in-place'
import { expectTensor } from '../../check/arguments'
import { checkCast } from '../../check/dtypes'
import { checkFits } from '../../check/shapes'
import type { MemoryRule } from '../../tensor/overlap'
import { copyInto, zerosFor } from './results'

/** The in-place form of an op that is made of others: its result, copied over the input. */
export function inPlaceOf<A extends unknown[]>(
  name: string,
  f: (x: Tensor, ...args: A) => Tensor,
): (x: Tensor, ...args: A) => Tensor {
  return (x, ...args) => {
    expectTensor(`${name}_`, 'input', x)
    checkInPlace(x)
    // What the graph saves must not be what is overwritten.
    const y = f(tracks(x) ? x.clone() : x, ...args)
    checkCast(y.info, x.info)
    checkFits(x.sizes, y.sizes)
    return overwrite(x, y, 'once')
  }
}

/**
 * The form in place of a view: the tensor itself gets another geometry over the same memory.
 * @param overloads how many PyTorch has, to tell its nodes' names: those that change the tensor itself are counted on.
 */
export function viewInPlace<A extends unknown[]>(
  view: (x: Tensor, ...args: A) => Tensor,
  overloads = 1,
): (x: Tensor, ...args: A) => Tensor {
  return (x, ...args) => {
    checkInPlace(x)
    const y = view(x, ...args)
    const own = x.viewInfo
    x.offset = y.offset
    x.sizes = y.sizes
    x.strides = y.strides
    x.count = y.count
    x.rowMajor = y.rowMajor
    x.versions.version++
    if (y.fn !== null) {
      y.fn.label = y.fn.label.replace(/\d+$/, (n) => String(Number(n) + overloads))
      x.setGradFn(y.fn, y.outputNr)
    }
    // A view stays a view of its base.
    if (own !== null) x.viewInfo = { ...own, version: x.versions.version }
    return x
  }
}

const copyBack: Rule = (n, g) => [n.needs(0) ? zerosFor(g) : null, g]

/** Writes `source` (broadcast, cast) over `x`, with its gradient. */
export function overwrite(x: Tensor, source: Tensor, memory: MemoryRule): Tensor {
  const n = startInPlace(x, 'CopyBackwards', copyBack, [x, source], memory)
  copyInto(x, source)
  finishInPlace(x, n)
  return x
}
