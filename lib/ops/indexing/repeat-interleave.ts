/** Elements, each repeated in its place. */
import { expectNothing, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { run } from '../../runtime/commands'
import { DTYPES } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import { wrapDim } from '../../tensor/shape'
import { type Tensor, isTensor } from '../../tensor/tensor'
import { defineAs } from '../define/define'
import { hostRead } from '../define/host-read'
import { int, intOrTensor, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { emptyOf } from '../define/results'
import { arange } from '../tensor/create'
import { expand, reshape, unsqueeze } from '../tensor/views'
import { indexSelect } from './index-select'
import { checkCounts, checkRepeat, checkRepeats, checkRepeatTypes, checkTotal, wrongCounts } from './order-checks'

/** Options of `repeatInterleave`. */
export interface RepeatInterleaveOptions {
  /** Along which dim. Default: of the flattened tensor. */
  dim?: number | null
  /** How many there will be, where that is known: a check. */
  outputSize?: number | null
}
type RepeatInterleave = (
  x: Tensor,
  repeats?: number | Tensor | { outputSize?: number | null },
  dim?: number | RepeatInterleaveOptions,
  options?: { outputSize?: number | null },
) => Tensor
/**
 * Every element several times in a row; or, of counts alone, each index as often as it counts.
 * @param repeats how often: a number, or a tensor with one count for each
 * @throws ShapeError for another number of counts than of elements; ValueError for a negative one
 */
export const repeatInterleave: Op<RepeatInterleave> = defineAs<RepeatInterleave>('repeatInterleave', {
  params: [tensor('input'), intOrTensor('repeats').optional(), int('dim').optional(), int('outputSize').optional()],
  run: interleaved,
})
function interleaved(
  x: Tensor,
  repeats?: number | Tensor | { outputSize?: number | null },
  options?: number | RepeatInterleaveOptions,
  more?: { outputSize?: number | null },
): Tensor {
  expectTensor('repeatInterleave', 'input', x)
  if (repeats === undefined || (typeof repeats === 'object' && !isTensor(repeats))) {
    expectNothing('repeatInterleave', options)
    expectNothing('repeatInterleave', more)
    checkCounts(x)
    const { outputSize: size = null } = optionsOf<{ outputSize?: number | null }>(
      'repeatInterleave',
      ['outputSize'],
      repeats,
    )
    return repeated(x, x.count, size)
  }
  const { dim = null, outputSize = null } = optionsOf<RepeatInterleaveOptions>(
    'repeatInterleave',
    ['dim', 'outputSize'],
    options,
    more,
  )
  const v = dim === null ? reshape(x, [-1]) : x
  if (isTensor(repeats)) {
    const d = checkRepeats(v, repeats, dim)
    const size = v.sizes[d]
    return indexSelect(v, d, repeated(repeats, size, outputSize))
  }
  const d = wrapDim(dim ?? 0, v.sizes.length)
  const size = v.sizes[d]
  checkRepeat(repeats, size, outputSize)
  const spread = unsqueeze(v, d + 1)
  return reshape(
    expand(spread, [...v.sizes.slice(0, d + 1), repeats, ...v.sizes.slice(d + 1)]).clone({
      memoryFormat: 'contiguous_format',
    }),
    [...v.sizes.slice(0, d), size * repeats, ...v.sizes.slice(d + 1)],
  )
}
/** Each of `size` indices as often as `repeats` says: one number for all, or one each. */
function repeated(repeats: Tensor, size: number, outputSize: number | null): Tensor {
  checkRepeatTypes(repeats, outputSize)
  if (repeats.count === 0 || size === 0) return emptyOf([0], DTYPES.int64)
  const each = repeats.count > 1
  // How large the result is.
  const total = outputSize ?? Number(hostRead(repeats.detach().sum())) * (each ? 1 : size)
  checkTotal(total, outputSize)
  const out = emptyOf([total], DTYPES.int64)
  const step = each ? repeats.strides[0] : 0
  encode.repeatInterleave(OP.repeat_interleave, repeats.info, { out, counts: repeats, n: size, step, total })
  run(wrongCounts)
  return out
}
/** Each of `size` indices as often as it counts, and which of its own each is. */
export function counted(counts: Tensor, size: number, total: number): [Tensor, Tensor] {
  const owner = repeated(counts, size, total)
  const start = counts.cumsum(0).sub(counts)
  return [owner, arange(total).sub(indexSelect(start, 0, owner))]
}
