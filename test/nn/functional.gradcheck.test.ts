/** Gradients and second gradients of `nn.functional` against differences, in float64. Values are PyTorch's goldens' matter. */
import { autograd, nn, type Tensor, tensor } from 'tenzo'

const F = nn.functional
type Op = (...x: Tensor[]) => Tensor | readonly Tensor[]

/** Fixed values without symmetry or ties. */
function values(shape: readonly number[], low = -2, high = 2, seed = 1): Tensor {
  const n = shape.reduce((a, b) => a * b, 1)
  const v = Float64Array.from(
    { length: n },
    (_, i) => low + (high - low) * ((((i + 1) * 0.6180339887 + seed * 0.3819660113) % 1) * 0.98 + 0.01),
  )
  return tensor(v).reshape(shape).clone().requiresGrad_()
}
const classes = tensor([2n, 0n, 1n, 2n])
const image = () => values([2, 4, 5, 6])
const pooled = tensor([0n, 3n, 5n, 12n, 14n, 23n, 1n, 2n, 4n, 13n, 15n, 22n]).reshape([1, 2, 2, 3])
const weights = tensor(Float64Array.from([0.5, 2, 1]))

const CASES: Record<string, [Op, Tensor[]]> = {
  conv1d: [
    (x, w, b) => F.conv1d(x as Tensor, w as Tensor, b as Tensor, { stride: 2, padding: 1, dilation: 2 }),
    [values([2, 3, 9]), values([4, 3, 3], -1, 1), values([4])],
  ],
  conv2d: [
    (x, w, b) => F.conv2d(x as Tensor, w as Tensor, b as Tensor, { groups: 2, padding: 'same' }),
    [image(), values([6, 2, 3, 2], -1, 1), values([6])],
  ],
  'conv2d with a stride': [
    (x, w) => F.conv2d(x as Tensor, w as Tensor, { stride: [2, 3], padding: [1, 0] }),
    [image(), values([3, 4, 2, 3], -1, 1)],
  ],
  conv3d: [
    (x, w) => F.conv3d(x as Tensor, w as Tensor, { padding: 1 }),
    [values([1, 2, 3, 3, 4]), values([2, 2, 2, 2, 3], -1, 1)],
  ],
  convTranspose1d: [
    (x, w, b) => F.convTranspose1d(x as Tensor, w as Tensor, b as Tensor, { stride: 3, padding: 1, outputPadding: 2 }),
    [values([2, 3, 4]), values([3, 2, 3], -1, 1), values([2])],
  ],
  convTranspose2d: [
    (x, w, b) => F.convTranspose2d(x as Tensor, w as Tensor, b as Tensor, { stride: 2, groups: 2, dilation: [1, 2] }),
    [values([2, 4, 3, 3]), values([4, 2, 2, 3], -1, 1), values([4])],
  ],
  convTranspose3d: [
    (x, w) => F.convTranspose3d(x as Tensor, w as Tensor, { stride: 2 }),
    [values([1, 2, 2, 2, 2]), values([2, 1, 2, 2, 2], -1, 1)],
  ],
  maxPool1d: [(x) => F.maxPool1d(x as Tensor, 3, 2, { padding: 1 }), [values([2, 3, 7])]],
  maxPool2d: [(x) => F.maxPool2d(x as Tensor, [2, 3], 1, { dilation: [2, 1] }), [image()]],
  'maxPool2d with indices': [(x) => F.maxPool2d(x as Tensor, 2, { returnIndices: true })[0], [image()]],
  maxPool3d: [(x) => F.maxPool3d(x as Tensor, 2, 1), [values([2, 3, 3, 3])]],
  avgPool1d: [(x) => F.avgPool1d(x as Tensor, 3, 2, { padding: 1, countIncludePad: false }), [values([2, 3, 7])]],
  avgPool2d: [(x) => F.avgPool2d(x as Tensor, 3, 2, { padding: 1, ceilMode: true, divisorOverride: 5 }), [image()]],
  avgPool3d: [(x) => F.avgPool3d(x as Tensor, 2, 1), [values([2, 3, 3, 3])]],
  lpPool2d: [(x) => F.lpPool2d(x as Tensor, 3, 2, 1), [values([1, 2, 3, 4], 0.3, 2)]],
  maxUnpool2d: [(x) => F.maxUnpool2d(x as Tensor, pooled, 2), [values([1, 2, 2, 3])]],
  fractionalMaxPool2d: [
    (x) =>
      F.fractionalMaxPool2d(x as Tensor, 2, {
        outputSize: 3,
        _randomSamples: tensor(Float64Array.from({ length: 16 }, (_, i) => ((i * 7) % 16) / 16)).reshape([2, 4, 2]),
      }),
    [image()],
  ],
  channelShuffle: [(x) => F.channelShuffle(x as Tensor, 2), [image()]],
  'embeddingBag, sum with factors': [
    (w, f) =>
      F.embeddingBag(classes.view([2, 2]), w as Tensor, {
        mode: 'sum',
        perSampleWeights: f as Tensor,
        paddingIdx: 1,
      }),
    [values([3, 4]), values([2, 2])],
  ],
  'embeddingBag, mean': [
    (w) => F.embeddingBag(classes, w as Tensor, tensor([0n, 3n]), { mode: 'mean' }),
    [values([3, 4])],
  ],
  'embeddingBag, max': [(w) => F.embeddingBag(classes.view([2, 2]), w as Tensor, { mode: 'max' }), [values([3, 4])]],
  adaptiveAvgPool2d: [(x) => F.adaptiveAvgPool2d(x as Tensor, [3, 4]), [image()]],
  adaptiveMaxPool2d: [(x) => F.adaptiveMaxPool2d(x as Tensor, [3, 4]), [image()]],
  'batchNorm in training': [
    (x, w, b) => F.batchNorm(x as Tensor, null, null, { weight: w as Tensor, bias: b as Tensor, training: true }),
    [values([3, 2, 4]), values([2]), values([2])],
  ],
  'batchNorm in evaluation': [
    (x, w, b) =>
      F.batchNorm(x as Tensor, values([2]).detach(), values([2], 0.5, 2).detach(), {
        weight: w as Tensor,
        bias: b as Tensor,
      }),
    [values([3, 2, 4]), values([2]), values([2])],
  ],
  layerNorm: [
    (x, w, b) => F.layerNorm(x as Tensor, [3, 4], { weight: w as Tensor, bias: b as Tensor }),
    [values([2, 3, 4]), values([3, 4]), values([3, 4])],
  ],
  groupNorm: [
    (x, w, b) => F.groupNorm(x as Tensor, 2, { weight: w as Tensor, bias: b as Tensor }),
    [values([2, 4, 3]), values([4]), values([4])],
  ],
  instanceNorm: [
    (x, w, b) => F.instanceNorm(x as Tensor, { weight: w as Tensor, bias: b as Tensor }),
    [values([2, 3, 4]), values([3]), values([3])],
  ],
  rmsNorm: [(x, w) => F.rmsNorm(x as Tensor, [4], { weight: w as Tensor }), [values([2, 3, 4]), values([4])]],
  localResponseNorm: [(x) => F.localResponseNorm(x as Tensor, 3, { alpha: 0.5 }), [values([2, 4, 3])]],
  normalize: [(x) => F.normalize(x as Tensor, { dim: -1 }), [values([3, 4])]],
  embedding: [(w) => F.embedding(classes, w as Tensor), [values([3, 2])]],
  crossEntropy: [(x) => F.crossEntropy(x as Tensor, classes), [values([4, 3])]],
  'crossEntropy with everything': [
    (x) =>
      F.crossEntropy(x as Tensor, classes.view([2, 2]), {
        weight: weights,
        ignoreIndex: 1,
        labelSmoothing: 0.2,
        reduction: 'sum',
      }),
    [values([2, 3, 2])],
  ],
  'crossEntropy by element': [
    (x) => F.crossEntropy(x as Tensor, classes, { reduction: 'none', labelSmoothing: 0.1 }),
    [values([4, 3])],
  ],
  'crossEntropy of probabilities': [
    (x, t) => F.crossEntropy(x as Tensor, t as Tensor, { labelSmoothing: 0.1, weight: weights }),
    [values([4, 3]), values([4, 3], 0, 1)],
  ],
  nllLoss: [(x) => F.nllLoss(x as Tensor, classes, { weight: weights }), [values([4, 3])]],
  mseLoss: [(x, t) => F.mseLoss(x as Tensor, t as Tensor), [values([2, 3]), values([3], -2, 2, 5)]],
  l1Loss: [(x, t) => F.l1Loss(x as Tensor, t as Tensor), [values([2, 3]), values([2, 3], -2, 2, 5)]],
  smoothL1Loss: [
    (x, t) => F.smoothL1Loss(x as Tensor, t as Tensor, { beta: 0.7, reduction: 'sum' }),
    [values([2, 3]), values([2, 3], -2, 2, 5)],
  ],
  huberLoss: [
    (x, t) => F.huberLoss(x as Tensor, t as Tensor, { delta: 0.7 }),
    [values([2, 3]), values([2, 3], -2, 2, 5)],
  ],
  binaryCrossEntropy: [
    (x, t) => F.binaryCrossEntropy(x as Tensor, t as Tensor, { weight: values([3]).detach() }),
    [values([2, 3], 0.1, 0.9), values([2, 3], 0.1, 0.9, 5)],
  ],
  binaryCrossEntropyWithLogits: [
    (x, t) =>
      F.binaryCrossEntropyWithLogits(x as Tensor, t as Tensor, {
        posWeight: values([3], 1, 2).detach(),
        weight: values([2, 3], 1, 2).detach(),
      }),
    [values([2, 3]), values([2, 3], 0.1, 0.9, 5)],
  ],
  klDiv: [(x, t) => F.klDiv(x as Tensor, t as Tensor, 'batchmean'), [values([2, 3]), values([2, 3], 0.1, 0.9)]],
  poissonNllLoss: [
    (x, t) => F.poissonNllLoss(x as Tensor, t as Tensor, { full: true }),
    [values([2, 3]), values([2, 3], 1.5, 4)],
  ],
  gaussianNllLoss: [
    (x, t, v) => F.gaussianNllLoss(x as Tensor, t as Tensor, v as Tensor),
    [values([2, 3]), values([2, 3], -2, 2, 5), values([2, 1], 0.5, 2)],
  ],
  hingeEmbeddingLoss: [(x) => F.hingeEmbeddingLoss(x as Tensor, tensor([1, -1, 1], 'float64')), [values([2, 3])]],
  marginRankingLoss: [
    (a, b) => F.marginRankingLoss(a as Tensor, b as Tensor, tensor([1, -1, 1], 'float64'), 0.3),
    [values([3]), values([3], -2, 2, 5)],
  ],
  cosineEmbeddingLoss: [
    (a, b) => F.cosineEmbeddingLoss(a as Tensor, b as Tensor, tensor([1, -1], 'float64'), -0.9),
    [values([2, 3]), values([2, 3], -2, 2, 5)],
  ],
  tripletMarginLoss: [
    (a, p, n) => F.tripletMarginLoss(a as Tensor, p as Tensor, n as Tensor, { margin: 9, swap: true }),
    [values([2, 3]), values([2, 3], -2, 2, 5), values([2, 3], -2, 2, 9)],
  ],
  multiMarginLoss: [(x) => F.multiMarginLoss(x as Tensor, classes, { p: 2, weight: weights }), [values([4, 3])]],
  multilabelMarginLoss: [
    (x) =>
      F.multilabelMarginLoss(
        x as Tensor,
        tensor([
          [2n, 0n, -1n],
          [1n, -1n, 2n],
        ]),
      ),
    [values([2, 3])],
  ],
  multilabelSoftMarginLoss: [
    (x) => F.multilabelSoftMarginLoss(x as Tensor, values([2, 3], 0, 1).detach()),
    [values([2, 3])],
  ],
  softMarginLoss: [(x) => F.softMarginLoss(x as Tensor, values([2, 3], -1, 1).detach()), [values([2, 3])]],
  cosineSimilarity: [
    (a, b) => F.cosineSimilarity(a as Tensor, b as Tensor),
    [values([2, 3]), values([2, 3], -2, 2, 5)],
  ],
  pairwiseDistance: [
    (a, b) => F.pairwiseDistance(a as Tensor, b as Tensor),
    [values([2, 3]), values([2, 3], -2, 2, 5)],
  ],
  leakyRelu: [(x) => F.leakyRelu(x as Tensor, 0.2), [values([6])]],
  elu: [(x) => F.elu(x as Tensor, 0.7), [values([6])]],
  celu: [(x) => F.celu(x as Tensor, 0.7), [values([6])]],
  selu: [(x) => F.selu(x as Tensor), [values([6])]],
  hardshrink: [(x) => F.hardshrink(x as Tensor, 0.4), [values([6])]],
  softshrink: [(x) => F.softshrink(x as Tensor, 0.4), [values([6])]],
  hardtanh: [(x) => F.hardtanh(x as Tensor, -0.5, { maxVal: 0.7 }), [values([6])]],
  threshold: [(x) => F.threshold(x as Tensor, 0.3, 5), [values([6])]],
  softplus: [(x) => F.softplus(x as Tensor), [values([6])]],
  'softplus with a beta': [(x) => F.softplus(x as Tensor, 2, { threshold: 1 }), [values([6])]],
  prelu: [(x, w) => F.prelu(x as Tensor, w as Tensor), [values([2, 3, 2]), values([3], 0.1, 0.5)]],
  glu: [(x) => F.glu(x as Tensor, 0), [values([4, 3])]],
  'pad with zeros': [(x) => F.pad(x as Tensor, [1, 2, -1, 0]), [values([2, 3, 4])]],
  'pad by reflection': [(x) => F.pad(x as Tensor, [1, 2, 2, 1], 'reflect'), [values([2, 3, 4])]],
  'pad by repetition': [(x) => F.pad(x as Tensor, [1, 2, 2, 1], 'replicate'), [values([2, 3, 4])]],
  'pad around': [(x) => F.pad(x as Tensor, [1, 2], 'circular'), [values([2, 3, 4])]],
  unfold: [(x) => F.unfold(x as Tensor, 2, { padding: 1, stride: [2, 1] }), [values([1, 2, 3, 4])]],
  fold: [(x) => F.fold(x as Tensor, [3, 4], 2, { padding: 1 }), [values([1, 4, 20])]],
  pixelShuffle: [(x) => F.pixelShuffle(x as Tensor, 2), [values([4, 2, 3])]],
  'interpolate to the nearest': [(x) => F.interpolate(x as Tensor, [4, 5]), [values([1, 2, 3, 4])]],
  'interpolate linearly': [
    (x) => F.interpolate(x as Tensor, { scaleFactor: 1.5, mode: 'bilinear' }),
    [values([1, 2, 3, 4])],
  ],
  linear: [
    (x, w, b) => F.linear(x as Tensor, w as Tensor, b as Tensor),
    [values([2, 2, 3]), values([4, 3]), values([4])],
  ],
  bilinear: [
    (a, b, w, c) => F.bilinear(a as Tensor, b as Tensor, w as Tensor, c as Tensor),
    [values([2, 2]), values([2, 3]), values([2, 2, 3]), values([2])],
  ],
  scaledDotProductAttention: [
    (q, k, v) => F.scaledDotProductAttention(q as Tensor, k as Tensor, v as Tensor, { isCausal: true }),
    [values([2, 3, 2]), values([2, 3, 2], -2, 2, 5), values([2, 3, 4], -2, 2, 9)],
  ],
}
for (const [name, [op, inputs]] of Object.entries(CASES))
  test(name, () => {
    expect(autograd.gradcheck(op, inputs)).toBe(true)
    expect(autograd.gradgradcheck(op, inputs)).toBe(true)
  })
