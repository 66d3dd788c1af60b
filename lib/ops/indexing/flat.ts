/** Reading and writing elements of a flattened tensor. */
import type { Tensor } from '../../tensor/tensor'
import { checkInPlace } from '../../autograd/in-place'
import { checkMemory } from '../../tensor/overlap'
import { define } from '../define/define'
import { bool, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { checkPut, checkTake, refuseFlatIndex } from './checks'
import { index as flatIndex, indexPut } from './indexing'
import { withNodeName } from '../define/node-name'

/** Elements of the flattened tensor. @param index int64; the result has its shape */
export const take: Op<(x: Tensor, index: Tensor) => Tensor> = define('take', {
  params: [tensor('input'), tensor('index')],
  node: 'TakeBackward0',
  run(x, index) {
    checkTake(x, index)
    try {
      return withNodeName(flatIndex(x.reshape([-1]), [index]), take.op.node)
    } catch (error) {
      refuseFlatIndex(error)
    }
  },
})
/** Options of `put`. */
export interface AccumulateOptions {
  /** Add to what is there instead of replacing it. Default false. */
  accumulate?: boolean
}
type Put = Op<
  (
    x: Tensor,
    index: Tensor,
    source: Tensor,
    accumulate?: boolean | AccumulateOptions,
    options?: AccumulateOptions,
  ) => Tensor
>
const putting = [tensor('input'), tensor('index'), tensor('source'), bool('accumulate').default(false)] as const
/** A copy with elements of the flattened tensor replaced (or, with `accumulate`, added to). @param index int64 */
export const put: Put = define('put', {
  params: putting,
  node: 'PutBackward0',
  run: (x, index, source, options) => put_(x.clone({ memoryFormat: 'contiguous_format' }), index, source, options),
})
/** As `put`, in place. @param index int64 */
export const put_: Put = define('put_', {
  params: putting,
  node: 'PutBackward0',
  run(x, index, source, { accumulate }) {
    checkPut(x, index, source)
    checkInPlace(x, x.requiresGrad || source.requiresGrad)
    checkMemory('apart', x, [index, source])
    const flat = x.contiguous().reshape([-1])
    try {
      const done = indexPut(flat, [index.reshape([-1])], source.reshape([-1]), { accumulate })
      return withNodeName(x.copy_(done.view(x.sizes as number[])), put_.op.node)
    } catch (error) {
      refuseFlatIndex(error)
    }
  },
})
