/** What dropouts refuse and warn of, in PyTorch's words. */
import { wrongCast } from '../../check/dtypes'
import { ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { Category, DTYPES } from '../../runtime/dtype'
import { warnOnce } from '../../runtime/warn'
import type { Tensor } from '../../tensor/tensor'

export function checkProbability(p: unknown): asserts p is number {
  if (typeof p !== 'number' || !(p >= 0 && p <= 1))
    throw new ValueError(`dropout probability has to be between 0 and 1, but got ${shown(p)}`, { p })
}
export function checkDropoutType(x: Tensor): void {
  if (x.info.category !== Category.Float) throw wrongCast(DTYPES.float32, x.info, { dtype: x.dtype })
}
export function checkFeatures(x: Tensor): void {
  if (x.sizes.length < 2)
    throw new ShapeError('Feature dropout requires at least 2 dimensions in the input', { input: [...x.sizes] })
}
/** Warns of an input whose number of dims a channel-wise dropout takes only out of habit. */
export function checkDropoutDims(op: string, x: Tensor, spatial: number): void {
  const dims = x.sizes.length
  if (dims === spatial + 1 || dims === spatial + 2) return
  warnOnce(
    `${op}: Received a ${dims}-D input to ${op}, which is deprecated and will result in an error in a future release. To retain the behavior and silence this warning, please use dropout instead. Note that ${op} exists to provide channel-wise dropout on inputs with ${spatial} spatial dimensions, a channel dimension, and an optional batch dimension (i.e. ${spatial + 1}D or ${spatial + 2}D inputs).`,
  )
}
export function checkDropout1d(x: Tensor): void {
  const dims = x.sizes.length
  if (dims !== 2 && dims !== 3)
    throw new ShapeError(
      `dropout1d: Expected 2D or 3D input, but received a ${dims}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).`,
      { input: [...x.sizes] },
    )
}
export function checkDropout2d(x: Tensor): void {
  checkDropoutDims('dropout2d', x, 2)
  if (x.sizes.length === 3)
    warnOnce(
      'dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead.',
    )
}
