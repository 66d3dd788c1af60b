/**
 * Valid calls of everything public that takes a number: what PyTorch's samples recorded, and below what they lack. Each number
 * in them has a position; test/absurd.test.ts puts others there, one at a time.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as tenzo from '../../lib'
import { nn, Tensor, tensor } from '../../lib'
import { operations } from '../../lib/ops/define/registry'
import { callOf, type Form } from './calls'
import { Arguments, type CodedCall, camelCase, freeFunction, type GoldenOp, loadGoldens, ROOT } from './goldens'

/** What no call can have meant, as written in a program. */
export const ABSURD: Readonly<Record<string, unknown>> = {
  '2 ** 31': 2 ** 31,
  '2 ** 40': 2 ** 40,
  '2 ** 53': 2 ** 53,
  '-(2 ** 31)': -(2 ** 31),
  '-1': -1,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '0.5': 0.5,
  '1e308': 1e308,
  '-0': -0,
  '2n ** 64n': 2n ** 64n,
  "'five'": 'five',
}

/** A valid call, and the same with another value in the place of one of its numbers. */
export interface Call {
  /** What is called, as in `functionNames`. */
  readonly name: string
  /** Where its numbers stand; also tells calls of one kind apart. */
  readonly positions: readonly string[]
  /** What is the same in all calls of one kind: dtype, options, dims. */
  readonly kind: string
  run(position?: number, value?: unknown): unknown
}

// ---- recorded calls -----------------------------------------------------------------------------------------------

const isNumber = (v: unknown): boolean => typeof v === 'number' || typeof v === 'bigint'
const isList = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !(v instanceof Tensor || v instanceof tenzo.Slice) && !ArrayBuffer.isView(v)

function positionsIn(v: unknown, path: string): string[] {
  if (isNumber(v)) return [path]
  return isList(v) ? Object.entries(v).flatMap(([k, x]) => positionsIn(x, path === '' ? k : `${path}.${k}`)) : []
}
function put(v: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.')
  const last = keys.pop() as string
  const owner = keys.reduce((o, k) => o[k] as Record<string, unknown>, v)
  owner[last] = typeof owner[last] === 'bigint' && Number.isInteger(value) ? BigInt(value as number) : value
}
/** Tensors by dtype and dims, texts and flags as they are, numbers by nothing. */
function kindOf(v: unknown): string {
  if (v instanceof Tensor) return `${v.dtype}${v.shape.length}`
  if (isNumber(v)) return '#'
  return isList(v)
    ? `{${Object.entries(v)
        .map(([k, x]) => `${k}:${kindOf(x)}`)
        .join()}}`
    : String(v)
}

type Run = (given: Arguments) => unknown
function recorded(name: string, form: string, call: CodedCall, run: Run): Call {
  const sample = new Arguments(call)
  const all = (a: Arguments) => ({ args: a.args, opts: a.opts }) as Record<string, unknown>
  const positions = positionsIn(all(sample), '')
  return {
    name,
    positions,
    kind: `${form} ${kindOf(all(sample))}`,
    run(position, value) {
      const given = new Arguments(call)
      if (position !== undefined) put(all(given), positions[position] as string, value)
      return run(given)
    },
  }
}

function* recordedOps(): Generator<Call> {
  for (const file of readdirSync(join(ROOT, 'ops'))) {
    // Its calls are those of the other families in each pair of dtypes.
    if (file.startsWith('promotion')) continue
    for (const op of loadGoldens<GoldenOp[]>(`ops/${file}`)) {
      const name = camelCase(op.name)
      const free = op.free && freeFunction(op.name) !== undefined && !op.name.endsWith('_')
      for (const c of op.cases) {
        const form: Form = free ? 'function' : 'method'
        if (form === 'method' && !(new Arguments(c).args[c.self ?? -1] instanceof Tensor)) continue
        yield recorded(name, form, c, (given) => callOf(op, form, c, given))
        if (op.inplace && `${name}_` in Tensor.prototype && new Arguments(c).args[c.self ?? -1] instanceof Tensor)
          yield recorded(`${name}_`, 'inPlace', c, (given) => callOf(op, 'inPlace', c, given))
      }
    }
  }
}

interface ModuleGolden {
  name: string
  cases: (CodedCall & { inputs: CodedCall['args']; dtype: 'float32' | 'float64' })[]
}
function* recordedModules(): Generator<Call> {
  for (const { name, cases } of loadGoldens<ModuleGolden[]>('modules.json.gz'))
    for (const c of cases)
      yield recorded(`nn.${name}`, 'new', c, ({ args, opts }) => {
        const Class = (nn as unknown as Record<string, new (...a: unknown[]) => nn.Module>)[name]!
        const module = new Class(...args, ...(Object.keys(opts).length > 0 ? [opts] : []))
        return (module.to(c.dtype) as unknown as (...a: unknown[]) => unknown)(
          ...new Arguments({ args: c.inputs, opts: {} }).args,
        )
      })
}

// ---- written calls ------------------------------------------------------------------------------------------------

const ramp = (...shape: number[]): Tensor =>
  tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (((i * 37) % 101) - 50) / 32)).view(
    shape,
  )
const indices = (...values: number[]): Tensor => tensor(values.map(BigInt))
/** The inputs of the written calls, by name: their own sizes are no numbers of the call. */
const INPUTS = {
  vector: () => ramp(6).requiresGrad_(),
  matrix: () => ramp(3, 4).requiresGrad_(),
  square: () => ramp(4, 4).requiresGrad_(),
  series: () => ramp(2, 4, 6).requiresGrad_(),
  image: () => ramp(1, 4, 6, 6).requiresGrad_(),
  volume: () => ramp(1, 4, 4, 4, 4).requiresGrad_(),
  columns: () => ramp(1, 4, 9).requiresGrad_(),
  plain: () => ramp(3, 4),
  half: () => ramp(3, 4).to('bfloat16'),
  integers: () => indices(3, 1, 2, 0, 2, 3).view([2, 3]),
  small: () => tensor([1, 2, 3]).to('int8'),
  probabilities: () => tensor([0.1, 0.2, 0.7]),
  classes: () => indices(0, 3, 1),
  row: () => indices(0, 2),
  parameters: () => {
    const p = ramp(3, 4).requiresGrad_()
    p.grad = ramp(3, 4)
    return [p]
  },
  target: () => indices(1, 2, 3, 3, 2, 1).view([2, 3]),
  logProbs: () => ramp(5, 2, 4).requiresGrad_().logSoftmax(2),
  lengths: () => [indices(5, 5), indices(3, 2)],
  linear: () => new nn.Linear(4, 3),
  heads: () => ramp(2, 3, 6).requiresGrad_(),
  dataset: () => new tenzo.utils.data.TensorDataset(ramp(3, 4)),
}

/** Calls in which each number written out is a position. The result of a layer is that of its forward. */
const WRITTEN = `
rand([2, 3])
randn([2, 3])
randint(10, [2, 3])
randint(2, 10, [3])
randintLike(plain(), 10)
randintLike(plain(), 2, 10)
randperm(6)
normal(0.25, 1.5, [2, 3])
normal(plain(), 1.5)
bernoulli(probabilities(), 0.25)
multinomial(probabilities(), 2)
multinomial(probabilities(), 5, { replacement: true })
plain().uniform_(1.25, { to: 2.5 })
plain().normal_(1.25, { std: 2.5 })
plain().logNormal_(1.25, { std: 2.5 })
plain().exponential_(1.5)
plain().cauchy_(1.5, { sigma: 2 })
plain().geometric_(0.25)
integers().geometric_(0.25)
plain().random_(10)
integers().random_(2, 10)
small().random_(2, 10)
plain().bernoulli_(0.25)
manualSeed(4)
new Generator().manualSeed(4)
empty([2, 3])
newEmpty(plain(), [2, 3])
newTensor(plain(), [2, 3])
scalarTensor(3)
tensor([[1, 2], [3, 4]])
tensor([[1, 2], [3, 4]], 'int64')
tensor([1, 2], 'int8')
tensor([1, 2], 'float16')
tensor([1, 2], 'bool')
tensor([1n, 2n])
asTensor(3)
full([2, 3], 7, { dtype: 'int8' })
full([2, 3], 7, { dtype: 'float16' })
fullLike(small(), 7)
arange(2, 10, 3)
arange(10n)
arange(2, 10, 3, { dtype: 'float32' })
arange(2, 10, 3, { dtype: 'int8' })
linspace(2, 10, 5)
linspace(2, 10, 5, { dtype: 'int64' })
logspace(0, 2, 5)
logspace(0, 2, 5, { base: 2 })
eye(3)
eye(3, { m: 4 })
zeros([2, 3])
ones([2, 3], { dtype: 'int8' })
slice(1, 5, 2)
vector().at(slice(1, 5, 2))
matrix().at(1, 2)
matrix().at([1, 2])
at(matrix(), 1)
matrix().at(null, slice(0, 2), 1)
plain().set(1, 7)
plain().set([1, 2], 7)
integers().set([1, 2], 7)
plain().set(slice(0, 2), 7)
plain().index([row()])
matrix().indexPut([row()], tensor(7))
plain().indexPut_([row()], tensor(7))
matrixPower(square(), 3)
linalg.matrixPower(square(), 3)
linalg.diagonal(square(), { offset: 1, dim1: 0, dim2: 1 })
polygamma(2, vector())
special.polygamma(2, vector())
vector().polygamma(2)
plain().polygamma_(2)
special.multigammaln(matrix().abs().add(9), 3)
special.round(vector(), { decimals: 2 })
special.logit(probabilities(), 0.25)
special.xlogy(vector(), 3)
special.logsumexp(matrix(), 1)
special.softmax(matrix(), 1)
special.logSoftmax(matrix(), 1)
special.zeta(vector(), 3)
integers().indexAdd_(1, row(), integers().narrow(1, 0, 2), { alpha: 2 })
plain().indexAdd_(1, row(), plain().narrow(1, 0, 2), { alpha: 2 })
plain().indexCopy_(1, row(), plain().narrow(1, 0, 2))
plain().indexFill_(1, row(), 7)
indexReduce_(plain(), 1, row(), plain().narrow(1, 0, 2), 'prod')
plain().scatter_(1, integers(), 7)
plain().scatter_(1, integers(), 7, { reduce: 'add' })
plain().scatterAdd_(1, integers(), plain())
plain().scatterReduce_(1, integers(), plain(), 'sum')
plain().put_(integers(), plain().flatten().narrow(0, 0, 6).view([2, 3]))
concatenate([matrix(), matrix()], 1)
square().detach().addbmm_(series().detach().view([3, 4, 4]), series().detach().view([3, 4, 4]), { beta: 2, alpha: 3 })
square().detach().addmm_(square(), square(), { beta: 2, alpha: 3 })
vector().detach().addmv_(ones([6, 4]), ones([4]), { beta: 2, alpha: 3 })
addmm(integers(), ones([2, 2], 'int64'), ones([2, 3], 'int64'), { beta: 2, alpha: 3 })
trapz(matrix(), { dx: 0.25, dim: 1 })
sumToSize(matrix(), [1, 4])
plain().asStrided_([2, 2], [2, 1], { storageOffset: 1 })
plain().squeeze_(1)
plain().unsqueeze_(1)
plain().swapaxes_(0, 1)
plain().swapdims_(0, 1)
plain().transpose_(0, 1)
plain().resize_([2, 3])
plain().tril_(1)
plain().triu_(1)
plain().stride(1)
plain().size(1)
plain().narrow(1, 1, 2)
combinations(vector(), 2)
combinations(vector(), { r: 2, withReplacement: true })
tensorSplit(vector(), 3)
tensorSplit(vector(), [1, 3])
tensorSplit(matrix(), 2, { dim: 1 })
chunk(vector(), 3)
split(vector(), 2)
split(vector(), [2, 4])
roll(matrix(), 2)
roll(matrix(), [2, 1], [0, 1])
rot90(matrix(), 3)
tile(matrix(), [2, 3])
matrix().repeat([2, 3])
repeatInterleave(matrix(), 2)
repeatInterleave(matrix(), 2, { dim: 1 })
repeatInterleave(matrix(), row().narrow(0, 1, 1), { dim: 1, outputSize: 8 })
matrix().unfold(1, 3, 2)
asStrided(vector(), [2, 2], [2, 1], { storageOffset: 1 })
bincount(integers().flatten(), { minlength: 6 })
histc(plain(), { bins: 5, min: -2, max: 2 })
histc(plain(), 5)
trilIndices(3, 4, 1)
triuIndices(3, 4, 1)
kthvalue(matrix(), 2, { dim: 1 })
topk(matrix(), 2, { dim: 1 })
quantile(matrix(), 0.25, { dim: 1 })
nanquantile(matrix(), 0.25, { dim: 1 })
renorm(matrix(), 2, 1, 3)
cdist(matrix(), matrix(), { p: 3 })
dist(matrix(), matrix(), { p: 3 })
norm(matrix(), { p: 3, dim: 1 })
linalg.vectorNorm(matrix(), { ord: 3, dim: 1 })
linalg.matrixNorm(matrix(), { ord: 1, dim: [0, 1] })
std(matrix(), { dim: 1, correction: 3 })
varMean(matrix(), { dim: 1, correction: 3 })
cov(matrix(), { correction: 2 })
diff(matrix(), { n: 2, dim: 1 })
round(matrix(), { decimals: 2 })
nanToNum(matrix(), { nan: 1, posinf: 2, neginf: 3 })
clamp(matrix(), { min: 1, max: 2 })
clamp(integers(), { min: 1, max: 2 })
clamp(small(), { min: 1, max: 2 })
small().add(3)
small().add_(3)
small().mul(3)
small().pow(3)
small().fill_(3)
integers().pow(3)
integers().floorDivide(3)
integers().remainder(3)
integers().fmod(3)
integers().add(3, { alpha: 2 })
half().add(3, { alpha: 2 })
pow(3, integers())
integers().gcd(6n)
small().bitwiseAnd(3n)
small().bitwiseLeftShift(3n)
integers().bitwiseLeftShift(3n)
integers().bitwiseRightShift(3n)
small().bitwiseRightShift(3n)
integers().floorDivide(3n)
integers().remainder(3n)
integers().pow(3n)
small().add_(3n)
where(plain().gt(0), plain(), 3)
where(plain().gt(0), 2, 3)
isin(integers(), 3)
searchsorted(vector().detach().sort().values, 2)
bucketize(3, vector().detach().sort().values)
allclose(plain(), plain(), { rtol: 0.25, atol: 0.25 })
isclose(plain(), plain(), { rtol: 0.25, atol: 0.25 })
diagEmbed(matrix(), { offset: 1, dim1: 0, dim2: 2 })
plain().fillDiagonal_(3)
tensordot(square(), square(), 1)
tensordot(square(), square(), [[0], [1]])
setNumThreads(2)
setPrintOptions({ precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 })
F.oneHot(integers(), 5)
F.adaptiveAvgPool1d(series(), 3)
F.adaptiveAvgPool2d(image(), [3, 2])
F.adaptiveAvgPool3d(volume(), [3, 2, 1])
F.adaptiveMaxPool1d(series(), 3)
F.adaptiveMaxPool2d(image(), [3, 2])
F.adaptiveMaxPool3d(volume(), [3, 2, 1])
F.alphaDropout(matrix(), 0.25, { training: true })
F.featureAlphaDropout(series(), 0.25, { training: true })
F.dropout(matrix(), 0.25, { training: true })
F.dropout1d(series(), 0.25, { training: true })
F.dropout2d(image(), 0.25, { training: true })
F.dropout3d(volume(), 0.25, { training: true })
F.conv1d(series(), ramp(2, 2, 3).requiresGrad_(), { stride: 2, padding: 1, dilation: 1, groups: 2 })
F.conv2d(image(), ramp(2, 2, 3, 3).requiresGrad_(), { stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 2 })
F.conv3d(volume(), ramp(2, 2, 2, 2, 2).requiresGrad_(), { stride: 2, padding: 1, dilation: 1, groups: 2 })
F.conv2d(image(), ramp(2, 4, 1, 1).requiresGrad_(), { stride: 2, padding: 1, dilation: 3 })
F.convTranspose1d(series(), ramp(4, 2, 3).requiresGrad_(), { stride: 2, padding: 1, outputPadding: 1, groups: 2, dilation: 1 })
F.convTranspose2d(image(), ramp(4, 2, 3, 3).requiresGrad_(), { stride: 2, padding: [1, 0], outputPadding: 1, groups: 2, dilation: 1 })
F.convTranspose2d(image(), ramp(4, 2, 1, 1).requiresGrad_(), { stride: 2, padding: 1, dilation: 3 })
F.convTranspose3d(volume(), ramp(4, 2, 2, 2, 2).requiresGrad_(), { stride: 2, padding: 1, outputPadding: 1, groups: 2, dilation: 1 })
F.maxPool1d(series(), 3, { stride: 2, padding: 1, dilation: 1 })
F.maxPool2d(image(), 2, { stride: 2, padding: 1, dilation: 1, ceilMode: true })
F.maxPool2d(image(), 1, { stride: 2, dilation: 1 })
F.maxPool3d(volume(), 2, { stride: 2, padding: 1, dilation: 1 })
F.avgPool1d(series(), 3, { stride: 2, padding: 1 })
F.avgPool2d(image(), 2, { stride: 2, padding: 1, divisorOverride: 3 })
F.avgPool3d(volume(), 2, { stride: 2, padding: 1, ceilMode: true })
F.lpPool1d(series(), 2, 3, { stride: 2 })
F.lpPool2d(image(), 2, 3, { stride: 2 })
F.lpPool3d(volume(), 2, 3, { stride: 2 })
F.maxUnpool1d(series(), ones([2, 4, 6], 'int64'), 2, { stride: 2, padding: 0 })
F.maxUnpool2d(image(), ones([1, 4, 6, 6], 'int64'), 2, { stride: 2, outputSize: [12, 12] })
F.maxUnpool3d(volume(), ones([1, 4, 4, 4, 4], 'int64'), 2, { stride: 2, padding: 0 })
F.fractionalMaxPool2d(image(), 2, { outputSize: [3, 3] })
F.fractionalMaxPool2d(image(), 2, { outputRatio: [0.5, 0.75] })
F.fractionalMaxPool3d(volume(), 2, { outputSize: 2 })
F.fractionalMaxPool3d(volume(), 1, { outputRatio: [0.5, 0.75, 0.5] })
F.unfold(image(), 3, { dilation: 1, padding: 1, stride: 2 })
F.unfold(image(), [1, 1], { dilation: 1, padding: 1, stride: 2 })
F.fold(columns(), [4, 4], [2, 2], { dilation: 1, padding: 0, stride: 1 })
F.fold(columns().narrow(1, 0, 1).narrow(2, 0, 4), [4, 4], [1, 1], { dilation: 1, padding: 0, stride: 2 })
F.interpolate(series(), { size: 4 })
F.interpolate(image(), { size: [4, 9], mode: 'bilinear' })
F.interpolate(image(), { scaleFactor: 2, mode: 'nearest' })
F.interpolate(image(), { scaleFactor: [1.5, 2], mode: 'bilinear', alignCorners: true })
F.interpolate(image(), { scaleFactor: [1.5, 2], mode: 'bicubic', recomputeScaleFactor: true })
F.interpolate(image(), { size: [3, 3], mode: 'area' })
F.interpolate(volume(), { size: [2, 3, 5], mode: 'trilinear' })
F.interpolate(volume(), 3)
F.pixelShuffle(image(), 2)
F.pixelUnshuffle(image(), 2)
F.channelShuffle(image(), 2)
F.pad(image(), [1, 2, 1, 0], { value: 3 })
F.pad(image(), [1, 2, 1, 0], { mode: 'reflect' })
F.pad(image(), [1, 2, 1, 0], { mode: 'replicate' })
F.pad(image(), [1, 2, 1, 0], { mode: 'circular' })
F.pad(image(), [-1, 2, 1, -2])
F.celu_(plain(), 2)
F.elu_(plain(), 2)
F.leakyRelu_(plain(), 2)
F.hardtanh_(plain(), -2, { maxVal: 2 })
F.threshold_(plain(), 2, 3)
F.rrelu(matrix(), 0.25, { upper: 0.5, training: true })
F.rrelu_(plain(), 0.25, { upper: 0.5, training: true })
F.gumbelSoftmax(matrix(), { tau: 2, dim: 1 })
F.gumbelSoftmax(matrix(), { tau: 2, hard: true, dim: 1 })
F.softmax(matrix(), 1)
F.softmin(matrix(), 1)
F.logSoftmax(matrix(), 1)
F.glu(matrix(), 1)
F.softplus(matrix(), { beta: 2, threshold: 3 })
F.tripletMarginWithDistanceLoss(matrix(), matrix(), matrix(), { margin: 2 })
F.tripletMarginLoss(matrix(), matrix(), matrix(), { margin: 2, p: 3, eps: 0.25 })
F.cosineEmbeddingLoss(matrix(), matrix(), ones([3]), { margin: 0.25 })
F.multiMarginLoss(matrix(), classes(), { p: 2, margin: 3 })
F.crossEntropy(matrix(), classes(), { ignoreIndex: 1, labelSmoothing: 0.25 })
F.nllLoss(matrix(), classes(), { ignoreIndex: 1 })
F.ctcLoss(logProbs(), target(), [5, 5], [3, 2], { blank: 0 })
F.ctcLoss(logProbs(), target(), ...lengths(), { blank: 0, zeroInfinity: true })
F.smoothL1Loss(matrix(), plain(), { beta: 2 })
F.huberLoss(matrix(), plain(), { delta: 2 })
F.gaussianNllLoss(matrix(), plain(), ones([3, 4]), { eps: 0.25 })
F.poissonNllLoss(matrix(), plain(), { eps: 0.25, logInput: false })
F.embedding(integers(), matrix().t(), { paddingIdx: 2, maxNorm: 1, normType: 3 })
F.embedding(integers(), ramp(4, 3).requiresGrad_(), { paddingIdx: 2, scaleGradByFreq: true })
F.embeddingBag(integers(), ramp(4, 3).requiresGrad_(), { paddingIdx: 2 })
F.embeddingBag(integers(), ramp(4, 3), { maxNorm: 2, normType: 3 })
F.batchNorm(image(), ones([4]), ones([4]), { training: true, momentum: 0.25, eps: 0.25 })
F.instanceNorm(image(), { momentum: 0.25, eps: 0.25 })
F.layerNorm(matrix(), [4], { eps: 0.25 })
F.rmsNorm(matrix(), [4], { eps: 0.25 })
F.groupNorm(image(), 2, { eps: 0.25 })
F.localResponseNorm(image(), 3, { alpha: 2, beta: 0.25, k: 3 })
F.normalize(matrix(), { p: 3, dim: 1, eps: 0.25 })
F.cosineSimilarity(matrix(), matrix(), { dim: 1, eps: 0.25 })
F.pairwiseDistance(matrix(), matrix(), { p: 3, eps: 0.25 })
F.scaledDotProductAttention(series(), series(), series(), { dropoutP: 0.25, scale: 2 })
nn.init.uniform_(plain(), { a: -2, b: 2 })
nn.init.normal_(plain(), { mean: 2, std: 3 })
nn.init.truncNormal_(plain(), { mean: 1, std: 2, a: -3, b: 3 })
nn.init.constant_(plain(), 3)
nn.init.dirac_(zeros([4, 2, 3]), { groups: 2 })
nn.init.xavierUniform_(plain(), { gain: 2 })
nn.init.xavierNormal_(plain(), { gain: 2 })
nn.init.kaimingUniform_(plain(), { a: 2, nonlinearity: 'leaky_relu' })
nn.init.kaimingNormal_(plain(), { a: 2, nonlinearity: 'leaky_relu' })
nn.init.sparse_(plain(), 0.25, { std: 2 })
nn.init.orthogonal_(plain(), { gain: 2 })
nn.init.calculateGain('leaky_relu', 2)
nn.utils.clipGradNorm_(parameters(), 2, { normType: 3 })
nn.utils.clipGradValue_(parameters(), 2)
nn.utils.clipGradsWithNorm_(parameters(), 2, tensor(3))
nn.utils.getTotalNorm(parameters(), { normType: 3 })
nn.utils.weightNorm(linear(), { dim: 1 })(matrix())
nn.utils.spectralNorm(linear(), { eps: 0.25, dim: 1 })(matrix())
nn.utils.parametrizations.weightNorm(linear(), { dim: 1 })(matrix())
nn.utils.parametrizations.spectralNorm(linear(), { eps: 0.25, dim: 1 })(matrix())
nn.utils.rnn.packPaddedSequence(series(), [2, 2, 2, 1])
nn.utils.rnn.padPackedSequence(nn.utils.rnn.packPaddedSequence(series(), [2, 2, 2, 1]), { paddingValue: 3, totalLength: 4 })
nn.utils.rnn.padSequence([vector(), vector()], { paddingValue: 3 })
autograd.gradcheck((v) => v.sin(), [ramp(2).to('float64').requiresGrad_()], { eps: 1e-6, atol: 1e-4, rtol: 0.25, nondetTol: 0 })
new nn.Linear(4, 3)(matrix())
new nn.Bilinear(4, 4, 3)(matrix(), matrix())
new nn.GRU(6, 3, { numLayers: 2, dropout: 0.25 })(series())
new nn.LSTM(6, 3, { numLayers: 2, dropout: 0.25, projSize: 2 })(series())
new nn.RNN(6, 3, { numLayers: 2, dropout: 0.25 })(series())
new nn.GRUCell(4, 3)(matrix())
new nn.LSTMCell(4, 3)(matrix())
new nn.RNNCell(4, 3)(matrix())
new nn.MultiheadAttention(6, 2, { dropout: 0.25, kdim: 6, vdim: 6 })(series(), series(), series())
new nn.TransformerEncoderLayer(6, 2, { dimFeedforward: 4, dropout: 0.25, layerNormEps: 0.25 })(series())
new nn.TransformerDecoderLayer(6, 2, { dimFeedforward: 4, dropout: 0.25, layerNormEps: 0.25 })(series(), series())
new nn.TransformerEncoder(new nn.TransformerEncoderLayer(6, 2), 2)(series())
new nn.TransformerDecoder(new nn.TransformerDecoderLayer(6, 2), 2)(series(), series())
new nn.Transformer({ dModel: 6, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 4, dropout: 0.25, layerNormEps: 0.25 })(series(), series())
new nn.AdaptiveLogSoftmaxWithLoss(4, 8, [2, 4], { divValue: 2 })(matrix(), classes())
new nn.Conv1d(4, 2, 3, { stride: 2, padding: 1, dilation: 1, groups: 2 })(series())
new nn.Conv2d(4, 2, 3, { stride: 2, padding: 1, dilation: 1, groups: 2, paddingMode: 'circular' })(image())
new nn.Conv3d(4, 2, 3, { stride: 2, padding: 1, dilation: 1, groups: 2 })(volume())
new nn.ConvTranspose1d(4, 2, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2, dilation: 1 })(series())
new nn.ConvTranspose2d(4, 2, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2, dilation: 1 })(image())
new nn.ConvTranspose3d(4, 2, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2, dilation: 1 })(volume())
new nn.LazyLinear(3)(matrix())
new nn.LazyConv1d(2, 3, { stride: 2, padding: 1, dilation: 1, groups: 2 })(series())
new nn.LazyConv2d(2, 3, { stride: 2, padding: 1, dilation: 1, groups: 2 })(image())
new nn.LazyConv3d(2, 3, { stride: 2, padding: 1, dilation: 1, groups: 2 })(volume())
new nn.LazyConvTranspose1d(2, 3, { stride: 2, outputPadding: 1 })(series())
new nn.LazyConvTranspose2d(2, 3, { stride: 2, outputPadding: 1 })(image())
new nn.LazyConvTranspose3d(2, 3, { stride: 2, outputPadding: 1 })(volume())
new nn.LazyBatchNorm1d({ eps: 0.25, momentum: 0.5 })(series())
new nn.LazyBatchNorm2d({ eps: 0.25, momentum: 0.5 })(image())
new nn.LazyBatchNorm3d({ eps: 0.25, momentum: 0.5 })(volume())
new nn.LazyInstanceNorm1d({ eps: 0.25, momentum: 0.5 })(series())
new nn.LazyInstanceNorm2d({ eps: 0.25, momentum: 0.5 })(image())
new nn.LazyInstanceNorm3d({ eps: 0.25, momentum: 0.5 })(volume())
new nn.BatchNorm3d(4, { eps: 0.25, momentum: 0.5 })(volume())
new nn.InstanceNorm1d(4, { eps: 0.25, momentum: 0.5 })(series())
new nn.InstanceNorm3d(4, { eps: 0.25, momentum: 0.5 })(volume())
new nn.LayerNorm([4], { eps: 0.25 })(matrix())
new nn.CrossMapLRN2d(3, { alpha: 2, beta: 0.25, k: 3 })(image())
new nn.LocalResponseNorm(3, { alpha: 2, beta: 0.25, k: 3 })(image())
new nn.CTCLoss({ blank: 0 })(logProbs(), target(), ...lengths())
new nn.CosineSimilarity({ dim: 1, eps: 0.25 })(matrix(), matrix())
new nn.PairwiseDistance({ p: 3, eps: 0.25 })(matrix(), matrix())
new nn.TripletMarginLoss({ margin: 2, p: 3, eps: 0.25 })(matrix(), matrix(), matrix())
new nn.TripletMarginWithDistanceLoss({ margin: 2 })(matrix(), matrix(), matrix())
new nn.AlphaDropout(0.25)(matrix())
new nn.FeatureAlphaDropout(0.25)(series())
new nn.Dropout(0.25)(matrix())
new nn.Dropout1d(0.25)(series())
new nn.Dropout2d(0.25)(image())
new nn.Dropout3d(0.25)(volume())
new nn.RReLU(0.25, { upper: 0.5 })(matrix())
new nn.PReLU({ numParameters: 4, init: 0.25 })(matrix())
new nn.Embedding(5, 3, { paddingIdx: 2, maxNorm: 2, normType: 3 })(integers())
new nn.EmbeddingBag(5, 3, { paddingIdx: 2, maxNorm: 2, normType: 3 })(integers())
new nn.ChannelShuffle(2)(image())
new nn.PixelShuffle(2)(image())
new nn.PixelUnshuffle(2)(image())
new nn.Fold([4, 4], [2, 2], { dilation: 1, padding: 0, stride: 1 })(columns())
new nn.Unfold(3, { dilation: 1, padding: 1, stride: 2 })(image())
new nn.Upsample({ size: [4, 9] })(image())
new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' })(image())
new nn.UpsamplingBilinear2d({ scaleFactor: 2 })(image())
new nn.UpsamplingNearest2d({ size: [4, 9] })(image())
new nn.CircularPad1d([1, 2])(series())
new nn.CircularPad2d([1, 2, 1, 0])(image())
new nn.CircularPad3d(1)(volume())
new nn.ConstantPad1d(1, 3)(series())
new nn.ConstantPad3d(1, 3)(volume())
new nn.ReflectionPad1d([1, 2])(series())
new nn.ReflectionPad3d(1)(volume())
new nn.ReplicationPad1d([1, 2])(series())
new nn.ReplicationPad3d(1)(volume())
new nn.ZeroPad1d([1, 2])(series())
new nn.ZeroPad3d(1)(volume())
new nn.AdaptiveAvgPool1d(3)(series())
new nn.AdaptiveAvgPool3d([3, 2, 1])(volume())
new nn.AdaptiveMaxPool1d(3)(series())
new nn.AdaptiveMaxPool2d([3, 2])(image())
new nn.AdaptiveMaxPool3d([3, 2, 1])(volume())
new nn.AvgPool3d(2, { stride: 2, padding: 1, divisorOverride: 3 })(volume())
new nn.MaxPool3d(2, { stride: 2, padding: 1, dilation: 1 })(volume())
new nn.MaxUnpool1d(2, { stride: 2, padding: 0 })(series(), ones([2, 4, 6], 'int64'))
new nn.MaxUnpool2d(2, { stride: 2, padding: 0 })(image(), ones([1, 4, 6, 6], 'int64'))
new nn.MaxUnpool3d(2, { stride: 2, padding: 0 })(volume(), ones([1, 4, 4, 4, 4], 'int64'))
new nn.FractionalMaxPool2d(2, { outputSize: [3, 3] })(image())
new nn.FractionalMaxPool3d(1, { outputRatio: [0.5, 0.75, 0.5] })(volume())
new nn.Flatten({ startDim: 1, endDim: 2 })(image())
new nn.Unflatten(1, [2, 2])(image())
new nn.LPPool3d(2, 2, { stride: 2 })(volume())
new nn.Hardtanh(-2, { maxVal: 2 })(matrix())
new nn.CrossEntropyLoss({ ignoreIndex: 1, labelSmoothing: 0.25 })(matrix(), classes())
new nn.NLLLoss({ ignoreIndex: 1 })(matrix(), classes())
new nn.SmoothL1Loss({ beta: 2 })(matrix(), plain())
new nn.HuberLoss({ delta: 2 })(matrix(), plain())
new nn.GaussianNLLLoss({ eps: 0.25 })(matrix(), plain(), ones([3, 4]))
new nn.PoissonNLLLoss({ eps: 0.25, logInput: false })(matrix(), plain())
new nn.ModuleList([linear(), linear()]).get(1)
new nn.ModuleList([linear(), linear()]).insert(1, linear())
nn.Transformer.generateSquareSubsequentMask(3)
nn.utils.skipInit(nn.Linear, 4, 3)
F.multiHeadAttentionForward(heads(), heads(), heads(), 6, 2, ramp(18, 6), ramp(18), null, null, false, 0.25, ramp(6, 6), ramp(6))
F.leakyRelu(matrix(), 0.25)
hardshrink(matrix(), 0.25)
matrix().arctan2(3)
softmin(matrix(), 1)
clampMin(matrix(), 1)
clampMax(matrix(), 1)
plain().clamp_({ min: 1, max: 2 })
plain().clampMin_(1)
plain().clampMax_(2)
plain().nanToNum_({ nan: 1, posinf: 2, neginf: 3 })
plain().dimOf(1)
oneHot(integers(), 5)
printOptions({ precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 }, () => String(plain()))
utils.data.randomSplit(dataset(), [2, 1])
new utils.data.DataLoader(dataset(), { batchSize: 2 })
`
const NUMBER = /(?<![\w$.'])-?\d+(\.\d+)?(e-?\d+)?n?(?![\w'])/g
/** `var` is a word of the language and can be no parameter. */
const { var: _, ...spoken } = tenzo
const SCOPE = { ...spoken, F: nn.functional, ramp, ...INPUTS }
const evaluate = (text: string): unknown =>
  new Function(...Object.keys(SCOPE), `return ${text}`)(...Object.values(SCOPE))

/** Elementwise operations of two operands, the second a number. */
function* ofTwoOperands(): Generator<string> {
  for (const { name, params, inPlace } of operations()) {
    const operands = params.filter((p) => p.presence === 'required')
    if (operands.length !== 2 || operands.some((p) => p.type !== 'Tensor or number')) continue
    if (!(name in Tensor.prototype)) continue
    yield `matrix().${name}(3)`
    yield `integers().${name}(3n)`
    if (!inPlace) continue
    yield `plain().${name}_(3)`
    yield `integers().${name}_(3n)`
  }
}

function* writtenCalls(): Generator<Call> {
  for (const text of [...WRITTEN.trim().split('\n'), ...ofTwoOperands()]) {
    // What an input's own making takes is no number of the call.
    const numbers = [...text.matchAll(NUMBER)].filter(({ index }) => !/ramp\([^)]*$/.test(text.slice(0, index)))
    const callee = /^(?:new )?([\w.]+)\(/.exec(text)?.[1] as string
    const name = callee in INPUTS ? (/^\w+\(\)\.?(?:detach\(\)\.)?(\w*)/.exec(text)?.[1] as string) : callee
    yield {
      name: name.replace(/^F\./, 'nn.functional.'),
      positions: numbers.map(({ index }) => String(index)),
      kind: text,
      run(position, value) {
        if (position === undefined) return evaluate(text)
        const { index, 0: old } = numbers[position] as RegExpExecArray
        const name = Object.keys(ABSURD).find((k) => Object.is(ABSURD[k], value)) as string
        const put = old.endsWith('n') && Number.isInteger(value) ? `BigInt(${name})` : name
        return evaluate(`${text.slice(0, index)}(${put})${text.slice(index + old.length)}`)
      },
    }
  }
}

/** One call of each kind: the same operation, on the same dtypes and dims, with numbers in the same places. */
export function absurdCalls(): Call[] {
  const seen = new Set<string>()
  return [...recordedOps(), ...recordedModules(), ...writtenCalls()].filter((c) => {
    const key = `${c.name} ${c.kind}`
    if (c.positions.length === 0 || seen.has(key)) return false
    seen.add(key)
    return true
  })
}
