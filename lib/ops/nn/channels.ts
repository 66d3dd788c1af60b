/** Tensors [N, C, …] seen by their channels. */
import type { Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'

/** All dims but that of the channels. */
export const dimsBesideChannels = (sizes: Shape): number[] => [0, ...sizes.slice(2).map((_, i) => i + 2)]
export const sumOfChannels = (x: Tensor): Tensor => x.sum(dimsBesideChannels(x.sizes))
/** One value a channel, shaped to broadcast over tensors of these sizes. */
export const channelView = (t: Tensor, sizes: Shape): Tensor => t.view([1, -1, ...sizes.slice(2).map(() => 1)])
