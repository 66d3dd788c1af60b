/** Checks of values, which are part of what runs: native code goes through them, and its status says whether all is well. */
import type { TenzoError } from '../../errors'
import { run } from '../../runtime/commands'
import { Category, DTYPES } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP, STATUS } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { castRaw } from './results'

/**
 * Refuses values that are not from `low` to `high`.
 * @param error what is thrown, given the first that is not and its position in row-major order
 * @param nan whether NaN may be among them. Default false
 */
export function expectRange(
  x: Tensor,
  low: number,
  high: number,
  error: (value: number, position: number) => TenzoError,
  nan = false,
): void {
  if (x.count === 0) return
  const compute = x.info.category === Category.Bool ? DTYPES.uint8 : DTYPES[x.info.compute]
  const a = x.info === compute ? x : castRaw(x, compute)
  encode.checkRange(OP.check_range, compute, { a, low, high, nan, sizes: a.sizes, strides: a.strides })
  run((status, d) => (status === STATUS.INDEX_OUT_OF_RANGE ? error(d[0] as number, d[1] as number) : undefined))
}
