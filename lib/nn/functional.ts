/** `nn.functional`: what layers compute, as functions of tensors and their parameters. */
export {
  conv1d,
  conv2d,
  conv3d,
  type ConvOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type ConvTransposeOptions,
} from '../ops/convolution'
export {
  type AffineOptions,
  batchNorm,
  type BatchNormOptions,
  groupNorm,
  instanceNorm,
  type InstanceNormOptions,
  layerNorm,
  localResponseNorm,
  type LocalResponseNormOptions,
  normalize,
  type NormalizeOptions,
  rmsNorm,
  type RmsNormOptions,
} from '../ops/normalize'
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type AdaptiveMaxPoolOptions,
  type AdaptiveSize,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type AvgPoolDivisorOptions,
  type AvgPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type MaxPoolOptions,
} from '../ops/pooling'
export { pad, type PadMode, type PadOptions } from '../ops/pad'
export type { Size } from '../ops/window'
export { linear } from '../ops/matmul'
export { gelu, type GeluOptions, sigmoid, tanh } from '../ops/pointwise'
export * from '../ops/activation'
export {
  alphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  type DropoutOptions,
  featureAlphaDropout,
} from '../ops/dropout'
export { embedding, type EmbeddingOptions } from '../ops/embedding'
export { embeddingBag, type EmbeddingBagMode, type EmbeddingBagOptions } from '../ops/embedding-bag'
export { oneHot } from '../ops/order'
export {
  crossEntropy,
  type CrossEntropyOptions,
  multilabelMarginLoss,
  multiMarginLoss,
  type MultiMarginLossOptions,
  nllLoss,
  type NllLossOptions,
  type Reduction,
  type ReductionOption,
} from '../ops/losses'
export * from '../ops/losses-distance'
export * from '../ops/losses-elementwise'
export { ctcLoss, type CtcLossOptions } from '../ops/ctc'
export { type AttentionOptions, bilinear, scaledDotProductAttention } from '../ops/attention'
export { type MultiHeadAttentionOptions, multiHeadAttentionForward } from '../ops/multi-head-attention'
export {
  fractionalMaxPool2d,
  fractionalMaxPool3d,
  type FractionalMaxPoolOptions,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type LpPoolOptions,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
  type MaxUnpoolOptions,
} from '../ops/unpooling'
export { channelShuffle, fold, pixelShuffle, pixelUnshuffle, type UnfoldOptions, unfold } from '../ops/image'
export { type InterpolateMode, type InterpolateOptions, interpolate } from '../ops/resize'
