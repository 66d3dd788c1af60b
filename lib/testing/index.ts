/** `torch.testing`: comparing what a test computed with what it should be. */
import { joinExpect } from './equality'

export { assertClose, type AssertCloseOptions } from './assert-close'
export { type CloseToTensorOptions, type Extensible, extendExpect, type TensorMatchers } from './matchers'

joinExpect()
