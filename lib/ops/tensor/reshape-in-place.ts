/** Views in place: the tensor itself gets another geometry over the same memory. */
import { asStrided, squeeze, swapaxes, swapdims, t, transpose, unsqueeze } from './views'

/** As `squeeze`, in place. */
export const squeeze_ = squeeze.inPlace
/** As `unsqueeze`, in place. */
export const unsqueeze_ = unsqueeze.inPlace
/** As `transpose`, in place. */
export const transpose_ = transpose.inPlace
/** As `t`, in place. */
export const t_ = t.inPlace
/** As `asStrided`, in place. */
export const asStrided_ = asStrided.inPlace
/** As `transpose`, in place. */
export const swapaxes_ = swapaxes.inPlace
/** As `transpose`, in place. */
export const swapdims_ = swapdims.inPlace
