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
} from '../ops/nn/convolution'
export { batchNorm, type BatchNormOptions } from '../ops/nn/batch-norm'
export { instanceNorm, type InstanceNormOptions } from '../ops/nn/instance-norm'
export { layerNorm, rmsNorm, type RmsNormOptions } from '../ops/nn/layer-norm'
export { groupNorm } from '../ops/nn/group-norm'
export { localResponseNorm, type LocalResponseNormOptions } from '../ops/nn/local-response-norm'
export { normalize, type NormalizeOptions } from '../ops/nn/normalize'
export type { AffineOptions } from '../ops/nn/normalization'
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
} from '../ops/nn/pooling'
export { pad, type PadMode, type PadOptions } from '../ops/nn/pad'
export type { Size } from '../ops/nn/window'
export { linear } from '../ops/linalg/matmul'
export { gelu, type GeluOptions, sigmoid, tanh } from '../ops/elementwise/pointwise'
export * from '../ops/nn/activation'
export {
  alphaDropout,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  type DropoutOptions,
  featureAlphaDropout,
} from '../ops/nn/dropout'
export { embedding, type EmbeddingOptions } from '../ops/nn/embedding'
export { embeddingBag, type EmbeddingBagMode, type EmbeddingBagOptions } from '../ops/nn/embedding-bag'
export { oneHot } from '../ops/indexing/counting'
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
} from '../ops/nn/losses'
export * from '../ops/nn/losses-distance'
export * from '../ops/nn/losses-elementwise'
export { ctcLoss, type CtcLossOptions } from '../ops/nn/ctc'
export { type AttentionOptions, bilinear, scaledDotProductAttention } from '../ops/nn/attention'
export { type MultiHeadAttentionOptions, multiHeadAttentionForward } from '../ops/nn/multi-head-attention'
export { fractionalMaxPool2d, fractionalMaxPool3d, type FractionalMaxPoolOptions } from '../ops/nn/fractional-max-pool'
export { lpPool1d, lpPool2d, lpPool3d, type LpPoolOptions } from '../ops/nn/lp-pool'
export { maxUnpool1d, maxUnpool2d, maxUnpool3d, type MaxUnpoolOptions } from '../ops/nn/max-unpool'
export { channelShuffle, fold, pixelShuffle, pixelUnshuffle, type UnfoldOptions, unfold } from '../ops/nn/image'
export { type InterpolateMode, type InterpolateOptions, interpolate } from '../ops/nn/resize'
