/** As gradient-cases.ts, of `nn.functional`. */
import { nn, tensor } from 'tenzo'
import { type GradientCase, values } from '../helpers/values'

const F = nn.functional
const classes = tensor([2n, 0n, 1n, 2n])
const image = () => values([2, 4, 5, 6])
const pooled = tensor([0n, 3n, 5n, 12n, 14n, 23n, 1n, 2n, 4n, 13n, 15n, 22n]).reshape([1, 2, 2, 3])
const weights = tensor(Float64Array.from([0.5, 2, 1]))

export const NN_CASES: Record<string, GradientCase[]> = {
  'nn.functional.conv1d': [
    [
      (x, w, b) => F.conv1d(x, w, b, { stride: 2, padding: 1, dilation: 2 }),
      [values([2, 3, 9]), values([4, 3, 3], -1, 1), values([4])],
    ],
  ],
  'nn.functional.conv2d': [
    [
      (x, w, b) => F.conv2d(x, w, b, { groups: 2, padding: 'same' }),
      [image(), values([6, 2, 3, 2], -1, 1), values([6])],
    ],
    // conv2d with a stride
    [(x, w) => F.conv2d(x, w, { stride: [2, 3], padding: [1, 0] }), [image(), values([3, 4, 2, 3], -1, 1)]],
  ],
  'nn.functional.conv3d': [
    [(x, w) => F.conv3d(x, w, { padding: 1 }), [values([1, 2, 3, 3, 4]), values([2, 2, 2, 2, 3], -1, 1)]],
  ],
  'nn.functional.convTranspose1d': [
    [
      (x, w, b) => F.convTranspose1d(x, w, b, { stride: 3, padding: 1, outputPadding: 2 }),
      [values([2, 3, 4]), values([3, 2, 3], -1, 1), values([2])],
    ],
  ],
  'nn.functional.convTranspose2d': [
    [
      (x, w, b) => F.convTranspose2d(x, w, b, { stride: 2, groups: 2, dilation: [1, 2] }),
      [values([2, 4, 3, 3]), values([4, 2, 2, 3], -1, 1), values([4])],
    ],
  ],
  'nn.functional.convTranspose3d': [
    [(x, w) => F.convTranspose3d(x, w, { stride: 2 }), [values([1, 2, 2, 2, 2]), values([2, 1, 2, 2, 2], -1, 1)]],
  ],
  'nn.functional.maxPool1d': [[(x) => F.maxPool1d(x, 3, 2, { padding: 1 }), [values([2, 3, 7])]]],
  'nn.functional.maxPool2d': [
    [(x) => F.maxPool2d(x, [2, 3], 1, { dilation: [2, 1] }), [image()]],
    // maxPool2d with indices
    [(x) => F.maxPool2d(x, 2, { returnIndices: true })[0], [image()]],
  ],
  'nn.functional.maxPool3d': [[(x) => F.maxPool3d(x, 2, 1), [values([2, 3, 3, 3])]]],
  'nn.functional.avgPool1d': [
    [(x) => F.avgPool1d(x, 3, 2, { padding: 1, countIncludePad: false }), [values([2, 3, 7])]],
  ],
  'nn.functional.avgPool2d': [
    [(x) => F.avgPool2d(x, 3, 2, { padding: 1, ceilMode: true, divisorOverride: 5 }), [image()]],
  ],
  'nn.functional.avgPool3d': [[(x) => F.avgPool3d(x, 2, 1), [values([2, 3, 3, 3])]]],
  'nn.functional.lpPool2d': [[(x) => F.lpPool2d(x, 3, 2, 1), [values([1, 2, 3, 4], 0.3, 2)]]],
  'nn.functional.maxUnpool2d': [[(x) => F.maxUnpool2d(x, pooled, 2), [values([1, 2, 2, 3])]]],
  'nn.functional.fractionalMaxPool2d': [
    [
      (x) =>
        F.fractionalMaxPool2d(x, 2, {
          outputSize: 3,
          _randomSamples: tensor(Float64Array.from({ length: 16 }, (_, i) => ((i * 7) % 16) / 16)).reshape([2, 4, 2]),
        }),
      [image()],
    ],
  ],
  'nn.functional.channelShuffle': [[(x) => F.channelShuffle(x, 2), [image()]]],
  'nn.functional.embeddingBag': [
    // embeddingBag, sum with factors
    [
      (w, f) =>
        F.embeddingBag(classes.view([2, 2]), w, {
          mode: 'sum',
          perSampleWeights: f,
          paddingIdx: 1,
        }),
      [values([3, 4]), values([2, 2])],
    ],
    // embeddingBag, mean
    [(w) => F.embeddingBag(classes, w, tensor([0n, 3n]), { mode: 'mean' }), [values([3, 4])]],
    // embeddingBag, max
    [(w) => F.embeddingBag(classes.view([2, 2]), w, { mode: 'max' }), [values([3, 4])]],
  ],
  'nn.functional.adaptiveAvgPool2d': [[(x) => F.adaptiveAvgPool2d(x, [3, 4]), [image()]]],
  'nn.functional.adaptiveMaxPool2d': [[(x) => F.adaptiveMaxPool2d(x, [3, 4]), [image()]]],
  'nn.functional.batchNorm': [
    // batchNorm in training
    [
      (x, w, b) => F.batchNorm(x, null, null, { weight: w, bias: b, training: true }),
      [values([3, 2, 4]), values([2]), values([2])],
    ],
    // batchNorm in evaluation
    [
      (x, w, b) =>
        F.batchNorm(x, values([2]).detach(), values([2], 0.5, 2).detach(), {
          weight: w,
          bias: b,
        }),
      [values([3, 2, 4]), values([2]), values([2])],
    ],
  ],
  'nn.functional.layerNorm': [
    [(x, w, b) => F.layerNorm(x, [3, 4], { weight: w, bias: b }), [values([2, 3, 4]), values([3, 4]), values([3, 4])]],
  ],
  'nn.functional.groupNorm': [
    [(x, w, b) => F.groupNorm(x, 2, { weight: w, bias: b }), [values([2, 4, 3]), values([4]), values([4])]],
  ],
  'nn.functional.instanceNorm': [
    [(x, w, b) => F.instanceNorm(x, { weight: w, bias: b }), [values([2, 3, 4]), values([3]), values([3])]],
  ],
  'nn.functional.rmsNorm': [[(x, w) => F.rmsNorm(x, [4], { weight: w }), [values([2, 3, 4]), values([4])]]],
  'nn.functional.localResponseNorm': [[(x) => F.localResponseNorm(x, 3, { alpha: 0.5 }), [values([2, 4, 3])]]],
  'nn.functional.normalize': [[(x) => F.normalize(x, { dim: -1 }), [values([3, 4])]]],
  'nn.functional.embedding': [[(w) => F.embedding(classes, w), [values([3, 2])]]],
  'nn.functional.crossEntropy': [
    [(x) => F.crossEntropy(x, classes), [values([4, 3])]],
    // crossEntropy with everything
    [
      (x) =>
        F.crossEntropy(x, classes.view([2, 2]), {
          weight: weights,
          ignoreIndex: 1,
          labelSmoothing: 0.2,
          reduction: 'sum',
        }),
      [values([2, 3, 2])],
    ],
    // crossEntropy by element
    [(x) => F.crossEntropy(x, classes, { reduction: 'none', labelSmoothing: 0.1 }), [values([4, 3])]],
    // crossEntropy of probabilities
    [(x, t) => F.crossEntropy(x, t, { labelSmoothing: 0.1, weight: weights }), [values([4, 3]), values([4, 3], 0, 1)]],
  ],
  'nn.functional.nllLoss': [[(x) => F.nllLoss(x, classes, { weight: weights }), [values([4, 3])]]],
  'nn.functional.mseLoss': [[(x, t) => F.mseLoss(x, t), [values([2, 3]), values([3], -2, 2, 5)]]],
  'nn.functional.l1Loss': [[(x, t) => F.l1Loss(x, t), [values([2, 3]), values([2, 3], -2, 2, 5)]]],
  'nn.functional.smoothL1Loss': [
    [(x, t) => F.smoothL1Loss(x, t, { beta: 0.7, reduction: 'sum' }), [values([2, 3]), values([2, 3], -2, 2, 5)]],
  ],
  'nn.functional.huberLoss': [
    [(x, t) => F.huberLoss(x, t, { delta: 0.7 }), [values([2, 3]), values([2, 3], -2, 2, 5)]],
  ],
  'nn.functional.binaryCrossEntropy': [
    [
      (x, t) => F.binaryCrossEntropy(x, t, { weight: values([3]).detach() }),
      [values([2, 3], 0.1, 0.9), values([2, 3], 0.1, 0.9, 5)],
    ],
  ],
  'nn.functional.binaryCrossEntropyWithLogits': [
    [
      (x, t) =>
        F.binaryCrossEntropyWithLogits(x, t, {
          posWeight: values([3], 1, 2).detach(),
          weight: values([2, 3], 1, 2).detach(),
        }),
      [values([2, 3]), values([2, 3], 0.1, 0.9, 5)],
    ],
  ],
  'nn.functional.klDiv': [[(x, t) => F.klDiv(x, t, 'batchmean'), [values([2, 3]), values([2, 3], 0.1, 0.9)]]],
  'nn.functional.poissonNllLoss': [
    [(x, t) => F.poissonNllLoss(x, t, { full: true }), [values([2, 3]), values([2, 3], 1.5, 4)]],
  ],
  'nn.functional.gaussianNllLoss': [
    [(x, t, v) => F.gaussianNllLoss(x, t, v), [values([2, 3]), values([2, 3], -2, 2, 5), values([2, 1], 0.5, 2)]],
  ],
  'nn.functional.hingeEmbeddingLoss': [
    [(x) => F.hingeEmbeddingLoss(x, tensor([1, -1, 1], 'float64')), [values([2, 3])]],
  ],
  'nn.functional.marginRankingLoss': [
    [(a, b) => F.marginRankingLoss(a, b, tensor([1, -1, 1], 'float64'), 0.3), [values([3]), values([3], -2, 2, 5)]],
  ],
  'nn.functional.cosineEmbeddingLoss': [
    [
      (a, b) => F.cosineEmbeddingLoss(a, b, tensor([1, -1], 'float64'), -0.9),
      [values([2, 3]), values([2, 3], -2, 2, 5)],
    ],
  ],
  'nn.functional.tripletMarginLoss': [
    [
      (a, p, n) => F.tripletMarginLoss(a, p, n, { margin: 9, swap: true }),
      [values([2, 3]), values([2, 3], -2, 2, 5), values([2, 3], -2, 2, 9)],
    ],
  ],
  'nn.functional.multiMarginLoss': [
    [(x) => F.multiMarginLoss(x, classes, { p: 2, weight: weights }), [values([4, 3])]],
  ],
  'nn.functional.multilabelMarginLoss': [
    [
      (x) =>
        F.multilabelMarginLoss(
          x,
          tensor([
            [2n, 0n, -1n],
            [1n, -1n, 2n],
          ]),
        ),
      [values([2, 3])],
    ],
  ],
  'nn.functional.multilabelSoftMarginLoss': [
    [(x) => F.multilabelSoftMarginLoss(x, values([2, 3], 0, 1).detach()), [values([2, 3])]],
  ],
  'nn.functional.softMarginLoss': [[(x) => F.softMarginLoss(x, values([2, 3], -1, 1).detach()), [values([2, 3])]]],
  'nn.functional.cosineSimilarity': [[(a, b) => F.cosineSimilarity(a, b), [values([2, 3]), values([2, 3], -2, 2, 5)]]],
  'nn.functional.pairwiseDistance': [[(a, b) => F.pairwiseDistance(a, b), [values([2, 3]), values([2, 3], -2, 2, 5)]]],
  'nn.functional.leakyRelu': [[(x) => F.leakyRelu(x, 0.2), [values([6])]]],
  'nn.functional.elu': [[(x) => F.elu(x, 0.7), [values([6])]]],
  'nn.functional.celu': [[(x) => F.celu(x, 0.7), [values([6])]]],
  'nn.functional.selu': [[(x) => F.selu(x), [values([6])]]],
  'nn.functional.hardshrink': [[(x) => F.hardshrink(x, 0.4), [values([6])]]],
  'nn.functional.softshrink': [[(x) => F.softshrink(x, 0.4), [values([6])]]],
  'nn.functional.hardtanh': [[(x) => F.hardtanh(x, -0.5, { maxVal: 0.7 }), [values([6])]]],
  'nn.functional.threshold': [[(x) => F.threshold(x, 0.3, 5), [values([6])]]],
  'nn.functional.softplus': [
    [(x) => F.softplus(x), [values([6])]],
    // softplus with a beta
    [(x) => F.softplus(x, 2, { threshold: 1 }), [values([6])]],
  ],
  'nn.functional.prelu': [[(x, w) => F.prelu(x, w), [values([2, 3, 2]), values([3], 0.1, 0.5)]]],
  'nn.functional.glu': [[(x) => F.glu(x, 0), [values([4, 3])]]],
  'nn.functional.pad': [
    // pad with zeros
    [(x) => F.pad(x, [1, 2, -1, 0]), [values([2, 3, 4])]],
    // pad by reflection
    [(x) => F.pad(x, [1, 2, 2, 1], 'reflect'), [values([2, 3, 4])]],
    // pad by repetition
    [(x) => F.pad(x, [1, 2, 2, 1], 'replicate'), [values([2, 3, 4])]],
    // pad around
    [(x) => F.pad(x, [1, 2], 'circular'), [values([2, 3, 4])]],
  ],
  'nn.functional.unfold': [[(x) => F.unfold(x, 2, { padding: 1, stride: [2, 1] }), [values([1, 2, 3, 4])]]],
  'nn.functional.fold': [[(x) => F.fold(x, [3, 4], 2, { padding: 1 }), [values([1, 4, 20])]]],
  'nn.functional.pixelShuffle': [[(x) => F.pixelShuffle(x, 2), [values([4, 2, 3])]]],
  'nn.functional.interpolate': [
    // interpolate to the nearest
    [(x) => F.interpolate(x, [4, 5]), [values([1, 2, 3, 4])]],
    // interpolate linearly
    [(x) => F.interpolate(x, { scaleFactor: 1.5, mode: 'bilinear' }), [values([1, 2, 3, 4])]],
  ],
  'nn.functional.bilinear': [
    [(a, b, w, c) => F.bilinear(a, b, w, c), [values([2, 2]), values([2, 3]), values([2, 2, 3]), values([2])]],
  ],
  'nn.functional.scaledDotProductAttention': [
    [
      (q, k, v) => F.scaledDotProductAttention(q, k, v, { isCausal: true }),
      [values([2, 3, 2]), values([2, 3, 2], -2, 2, 5), values([2, 3, 4], -2, 2, 9)],
    ],
  ],
  'nn.functional.adaptiveAvgPool1d': [[(x) => F.adaptiveAvgPool1d(x, 3), [values([1, 2, 7])]]],
  'nn.functional.adaptiveAvgPool3d': [[(x) => F.adaptiveAvgPool3d(x, [2, 1, 2]), [values([1, 1, 3, 2, 3])]]],
  'nn.functional.adaptiveMaxPool1d': [[(x) => F.adaptiveMaxPool1d(x, 3), [values([1, 2, 7])]]],
  'nn.functional.adaptiveMaxPool3d': [[(x) => F.adaptiveMaxPool3d(x, [2, 1, 2]), [values([1, 1, 3, 2, 3])]]],
  'nn.functional.maxUnpool1d': [
    [(x) => F.maxUnpool1d(x, tensor([0n, 3n, 4n]).reshape([1, 1, 3]), 2), [values([1, 1, 3])]],
  ],
  'nn.functional.maxUnpool3d': [
    [(x) => F.maxUnpool3d(x, tensor([1n, 3n]).reshape([1, 1, 1, 1, 2]), [1, 1, 2]), [values([1, 1, 1, 1, 2])]],
  ],
  'nn.functional.lpPool1d': [[(x) => F.lpPool1d(x, 3, 2), [values([1, 2, 6], 0.3, 2)]]],
  'nn.functional.lpPool3d': [[(x) => F.lpPool3d(x, 2, 2), [values([1, 1, 2, 2, 4], 0.3, 2)]]],
  'nn.functional.fractionalMaxPool3d': [
    [
      (x) =>
        F.fractionalMaxPool3d(x, 2, {
          outputSize: 1,
          _randomSamples: tensor([0.3, 0.7, 0.1], 'float64').reshape([1, 1, 3]),
        }),
      [values([1, 1, 3, 3, 3])],
    ],
  ],
  'nn.functional.pixelUnshuffle': [[(x) => F.pixelUnshuffle(x, 2), [values([1, 4, 4])]]],
  'nn.functional.threshold_': [[(x) => F.threshold_(x.clone(), 0.3, 5), [values([6])]]],
  // Its gradient is that of logarithms of probabilities: what does not sum to 1 has another.
  'nn.functional.ctcLoss': [
    [(x) => F.ctcLoss(x.logSoftmax(-1), tensor([1n, 2n, 2n, 1n]).reshape([2, 2]), [4, 4], [2, 2]), [values([4, 2, 3])]],
  ],
  'nn.functional.multiHeadAttentionForward': [
    [
      (q, w, b, o) => F.multiHeadAttentionForward(q, q, q, 2, 1, w, b, null, null, false, 0, o, null)[0],
      [values([3, 1, 2]), values([6, 2], -1, 1), values([6], -1, 1, 5), values([2, 2], -1, 1, 9)],
    ],
  ],
}
