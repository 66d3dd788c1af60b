/** `torch.testing`: comparing what a test computed with what it should be. */
export { assertClose, type AssertCloseOptions } from './assert-close'
