/** What losses refuse, in PyTorch's words. */
import { tracks } from '../../autograd/node'
import { expectNumber } from '../../check/arguments'
import { checkFloat, int64Hint, wrongCast, wrongType } from '../../check/dtypes'
import { wrongFit } from '../../check/shapes'
import { notImplemented } from '../../check/words'
import {
  AutogradError,
  DTypeError,
  type ErrorData,
  IndexError,
  NotImplementedError,
  ShapeError,
  ValueError,
} from '../../errors'
import { shown } from '../../runtime/given'
import { canCast, Category, type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { STATUS } from '../../runtime/opcodes'
import { warnOnce } from '../../runtime/warn'
import { formatPythonFloat } from '../../tensor/python-format'
import { broadcastShapes, countOf, isExpandable, sameShape, showShape, wrapDim } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { expectRange } from '../define/expect-range'
import type { Reduction } from './losses'

const shapesOf = (x: Tensor, target: Tensor): ErrorData => ({ input: [...x.sizes], target: [...target.sizes] })
/** The half types have no kernels of these. */
function checkWideFloat(kernel: string, info: DTypeInfo): void {
  if (info.category !== Category.Float || info.compute !== info.name) throw notImplemented(kernel, info)
}

/** In the order of their codes. */
const REDUCTIONS: readonly string[] = ['none', 'mean', 'sum'] satisfies Reduction[]
/** @returns its code */
export function checkReduction(reduction: Reduction): number {
  const code = REDUCTIONS.indexOf(reduction)
  if (code < 0)
    throw new ValueError(`${shown(reduction)} is not a valid value for reduction`, { reduction: shown(reduction) })
  return code
}
/** Some losses have words of their own for what is no reduction. */
export function expectReduction(reduction: Reduction): void {
  if (!REDUCTIONS.includes(reduction)) throw new ValueError(`${reduction} is not valid`, { reduction })
}
/** @throws DTypeError where both are not of one dtype */
export function checkSameType(x: Tensor, target: Tensor): void {
  if (x.info !== target.info)
    throw new DTypeError(`Found dtype ${target.info.scalarType} but expected ${x.info.scalarType}`, {
      input: x.dtype,
      target: target.dtype,
    })
}

// ---- classes ----------------------------------------------------------------------------------------------------------

/** Input [N, C, S] and target [N, S] as the kernels count them. */
export interface Classes {
  readonly n: number
  readonly c: number
  readonly s: number
}
const severalTargets = (data: ErrorData): ShapeError =>
  new ShapeError('0D or 1D target tensor expected, multi-target not supported', data)
/** @param called how the text begins */
function checkClassWeight(called: string, weight: Tensor | null, c: number, x: Tensor, target: Tensor): void {
  if (weight && (weight.sizes.length !== 1 || weight.count !== c))
    throw new ShapeError(
      `${called}weight tensor should be defined either for all ${c} classes or no classes but got weight tensor of shape: ${showShape(weight.sizes)}`,
      Object.assign(shapesOf(x, target), { weight: [...weight.sizes] }),
    )
}
function checkClassSizes(x: Tensor, target: Tensor, weight: Tensor | null): Classes {
  const [xs, ts] = [x.sizes, target.sizes]
  const dims = xs.length
  if (dims < 1) throw new ShapeError(`Expected 1 or more dimensions (got ${dims})`, shapesOf(x, target))
  if (dims !== 1 && xs[0] !== ts[0])
    throw new ShapeError(
      `Expected input batch_size (${xs[0]}) to match target batch_size (${ts[0] ?? 0}).`,
      shapesOf(x, target),
    )
  const c = dims === 1 ? xs[0] : xs[1]
  if (dims <= 2) {
    if (ts.length > 1) throw severalTargets(shapesOf(x, target))
    if (dims === 1 && ts.length === 1 && ts[0] !== 1)
      throw new ShapeError(
        `For 1D input, 1D target must have size 1, but got target size: ${ts[0]}`,
        shapesOf(x, target),
      )
    checkClassWeight('', weight, c, x, target)
    return { n: dims === 1 ? 1 : xs[0], c, s: 1 }
  }
  if (dims === 4) {
    if (ts.length !== 3)
      throw new ShapeError(
        `only batches of spatial targets supported (3D tensors) but got targets of dimension: ${ts.length}`,
        shapesOf(x, target),
      )
    if (weight && weight.count !== c)
      throw new ShapeError('weight tensor should be defined either for all or no classes', shapesOf(x, target))
    if (xs[2] !== ts[1] || xs[3] !== ts[2])
      throw new ShapeError(`size mismatch (got input: ${showShape(xs)} , target: ${showShape(ts)}`, shapesOf(x, target))
  } else {
    const want = [xs[0], ...xs.slice(2)]
    if (!sameShape(ts, want))
      throw new ShapeError(`Expected target size ${showShape(want)}, got ${showShape(ts)}`, shapesOf(x, target))
    checkClassWeight('', weight, c, x, target)
  }
  return { n: xs[0], c, s: countOf(xs.slice(2)) }
}
/** @returns the counts */
export function checkClasses(x: Tensor, target: Tensor, weight: Tensor | null): Classes {
  const counts = checkClassSizes(x, target, weight)
  checkFloat('nll_loss_out_frame', x.info)
  if (weight && weight.info !== x.info) throw wrongType(x.info, weight.info, { input: x.dtype, weight: weight.dtype })
  if (target.dtype !== 'int64' && target.dtype !== 'uint8')
    throw new DTypeError(
      `expected target dtype to be Long or Byte, but got ${target.info.scalarType}${int64Hint(target.info)}`,
      {
        dtype: target.dtype,
      },
    )
  return counts
}
/** Without classes every target that counts is out of bounds. */
export function checkNoClasses(target: Tensor, q: Classes, ignore: number): void {
  if (q.c > 0 || target.count === 0) return
  expectRange(target, ignore, ignore, (first) => new IndexError(`Target ${first} is out of bounds.`))
}
/** Explains what a kernel says of a target that is no class. */
export const unknownClass = (status: number, d: readonly number[]): IndexError | undefined =>
  status === STATUS.INDEX_OUT_OF_RANGE
    ? new IndexError(`Target ${d[0]} is out of bounds.`, { target: d[0], position: d[1], classes: d[2] })
    : undefined
/** A share of the target for all classes. */
export function checkSmoothing(labelSmoothing: number): void {
  if (labelSmoothing > 1)
    throw new ValueError(`label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`, { labelSmoothing })
}
export function checkLogits(x: Tensor): void {
  if (x.sizes.length === 0) wrapDim(1, 0)
  checkFloat('log_softmax_lastdim_kernel_impl', x.info)
}
/** Targets that are probabilities. @param c how many classes there are */
export function checkClassProbabilities(
  x: Tensor,
  target: Tensor,
  weight: Tensor | null,
  ignore: number,
  c: number,
): void {
  if (target.info.category !== Category.Float)
    throw new DTypeError(
      `Expected floating point type for target with class probabilities, got ${target.info.scalarType}`,
      { dtype: target.dtype },
    )
  if (ignore >= 0)
    throw new ValueError('ignore_index is not supported for floating point target', { ignoreIndex: ignore })
  checkClassWeight('cross_entropy: ', weight, c, x, target)
}

// ---- margins between classes ------------------------------------------------------------------------------------------

/** @returns how many rows there are, and classes */
function checkRows(x: Tensor): [number, number] {
  const s = x.sizes
  const [n, c] = s.length <= 1 ? [1, s[0] ?? 1] : [s[0], s[1]]
  if (s.length > 2 || c === 0)
    throw new ShapeError(
      `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${showShape(s)}`,
      { input: [...s] },
    )
  return [n, c]
}
/** Targets of margins, which are int64. */
function checkTargetRange(target: Tensor, low: number, classes: number, message: string): void {
  if (target.dtype !== 'int64') throw wrongType(DTYPES.int64, target.info, { dtype: target.dtype })
  expectRange(target, low, classes - 1, () => new ValueError(message, { classes }))
}
/** @returns how many rows there are, and classes */
export function checkMultiMargin(x: Tensor, target: Tensor, power: number, weight: Tensor | null): [number, number] {
  if (power !== 1 && power !== 2) throw new ValueError('only p == 1 and p == 2 supported', { p: power })
  if (weight && weight.sizes.length !== 1)
    throw new ShapeError('weight must be one-dimensional', { weight: [...weight.sizes] })
  const [n, c] = checkRows(x)
  if (target.sizes.length > 1 || target.count !== n)
    throw new ShapeError(
      `multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target size [${n}], but got ${showShape(target.sizes)}. Input has shape ${showShape(x.sizes)}.`,
      shapesOf(x, target),
    )
  if (weight && weight.count !== c)
    throw new ShapeError(`inconsistent weight size, expected ${c} but got ${showShape(weight.sizes)}`, {
      weight: [...weight.sizes],
    })
  checkWideFloat('multi_margin_loss', x.info)
  checkTargetRange(target, 0, c, 'target out of range')
  return [n, c]
}
/** @returns how many rows there are, and classes */
export function checkMultilabelMargin(x: Tensor, target: Tensor): [number, number] {
  const [n, c] = checkRows(x)
  if (!sameShape(target.sizes, x.sizes) && !(x.sizes.length <= 1 && target.sizes.length <= 1 && target.count === c))
    throw new ShapeError(
      `inconsistent target size: ${showShape(target.sizes)} for input of size: ${showShape(x.sizes)}`,
      shapesOf(x, target),
    )
  checkWideFloat('multilabel_margin_loss_forward_out_frame', x.info)
  checkTargetRange(target, -1, c, "argument #2 'target' is out of range")
  return [n, c]
}

// ---- element by element -----------------------------------------------------------------------------------------------

/** The losses of a difference warn and broadcast first, whatever else is wrong. */
export function checkBroadcast(x: Tensor, target: Tensor): void {
  if (!sameShape(x.sizes, target.sizes))
    warnOnce(
      `Using a target size (${showShape(target.sizes)}) that is different to the input size (${showShape(x.sizes)}). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.`,
    )
  broadcastShapes(x.sizes, target.sizes)
}
/**
 * A loss of a difference.
 * @param info the dtype of input and target together
 * @param ofInput whether the loss has the dtype of the input
 */
export function checkDifference(x: Tensor, target: Tensor, info: DTypeInfo, ofInput: boolean, kernel: string): void {
  if (ofInput && !canCast(info.name, x.dtype))
    throw wrongCast(info, x.info, {
      input: x.dtype,
      target: target.dtype,
    })
  checkFloat(kernel, info)
}
export function checkElementWeight(x: Tensor, weight: Tensor): void {
  if (!sameShape(weight.sizes, x.sizes))
    throw new ShapeError('Weights and input must have the same size.', {
      input: [...x.sizes],
      weight: [...weight.sizes],
    })
}
export function checkBeta(beta: number): void {
  if (beta < 0) throw new ValueError('smooth_l1_loss does not support negative values for beta.', { beta })
}
export function checkDelta(delta: number): void {
  if (!(delta > 0)) throw new ValueError('huber_loss does not support non-positive values for delta.', { delta })
}
function checkUnit(name: string, x: Tensor): void {
  expectRange(x, 0, 1, () => new ValueError(`all elements of ${name} should be between 0 and 1`))
}
/** Probabilities and what they should be. */
export function checkBinary(x: Tensor, target: Tensor, w: Tensor | null): void {
  if (!sameShape(x.sizes, target.sizes))
    throw new ShapeError(
      `Using a target size (${showShape(target.sizes)}) that is different to the input size (${showShape(x.sizes)}) is deprecated. Please ensure they have the same size.`,
      shapesOf(x, target),
    )
  if (w && !isExpandable(w.sizes, x.sizes)) {
    const shared = w.sizes.findLastIndex((s, i) => s !== 1 && s !== x.sizes[x.sizes.length - w.sizes.length + i])
    throw new ShapeError(
      `Attempting to broadcast a dimension of length ${w.sizes[shared]} at ${shared - w.sizes.length}! Mismatching argument at index 1 had ${showShape(w.sizes)}; but expected shape should be broadcastable to ${showShape(x.sizes)}`,
      { input: [...x.sizes], weight: [...w.sizes] },
    )
  }
  checkSameType(x, target)
  checkFloat('binary_cross_entropy', x.info)
  checkUnit('input', x)
  checkUnit('target', target)
}
export function checkBinaryLogits(x: Tensor, target: Tensor): void {
  if (!sameShape(x.sizes, target.sizes))
    throw new ShapeError(
      `Target size (${showShape(target.sizes)}) must be the same as input size (${showShape(x.sizes)})`,
      shapesOf(x, target),
    )
  checkFloat('log_sigmoid_cpu', x.info)
}
export function checkKlDiv(x: Tensor, target: Tensor): void {
  if (x.info.category !== Category.Float || target.info.category !== Category.Float)
    throw new DTypeError('kl_div: Integral inputs not supported.', { input: x.dtype, target: target.dtype })
}
export function checkVariance(variance: Tensor | number): void {
  if (!isTensor(variance)) expectNumber('gaussianNllLoss', 'var', variance)
  const negative = (): ValueError => new ValueError('var has negative entry/entries')
  if (isTensor(variance)) expectRange(variance, 0, Infinity, negative, true)
  else if (variance < 0) throw negative()
}
/** What is neither a variance an element nor one a row. */
export function checkVarianceSize(x: Tensor, v: Tensor): void {
  const differing = v.sizes.filter((s, i) => s !== x.sizes[i])
  if (!(v.sizes.length === x.sizes.length && differing.reduce((a, b) => a + b, 0) === 1))
    throw new ShapeError('var is of incorrect size', { input: [...x.sizes], var: [...v.sizes] })
}
export function checkVarianceType(v: Tensor): void {
  if (v.info.category !== Category.Float) throw wrongCast(DTYPES.float32, v.info, { dtype: v.dtype }, v.info.cppName)
}

export function checkSoftMargin(x: Tensor, target: Tensor): void {
  const sizes = broadcastShapes(x.sizes, target.sizes)
  if (!sameShape(sizes, x.sizes)) throw wrongFit(x.sizes, sizes, shapesOf(x, target))
  if (tracks(target))
    throw new AutogradError(
      "The function 'soft_margin_loss' is not differentiable with respect to argument 'target'. This input cannot have requires_grad True.",
    )
}
/** @param info the dtype of both together */
export function checkSoftMarginType(x: Tensor, target: Tensor, info: DTypeInfo): void {
  if (info.category !== Category.Float)
    throw wrongCast(DTYPES.float32, x.info, {
      dtype: x.dtype,
    })
  if (x.info.category !== Category.Float) throw wrongCast(info, x.info, { input: x.dtype, target: target.dtype })
}

// ---- distances --------------------------------------------------------------------------------------------------------

/** @param info the dtype of both vectors together */
export function checkCosine(eps: number, info: DTypeInfo): void {
  if (eps < 0) throw new ValueError(`eps must be non-negative, got: ${eps}`, { eps })
  if (info.category !== Category.Float)
    throw new DTypeError(`expected common dtype to be floating point, yet common dtype is ${info.scalarType}`, {
      dtype: info.name,
    })
}
export function checkRanking(x1: Tensor, x2: Tensor, target: Tensor): void {
  if (x1.sizes.length !== x2.sizes.length || x1.sizes.length !== target.sizes.length)
    throw new ShapeError(
      `margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: ${showShape(x1.sizes)}, input2: ${showShape(x2.sizes)}, target: ${showShape(target.sizes)} `,
      { input1: [...x1.sizes], input2: [...x2.sizes], target: [...target.sizes] },
    )
}
/** @returns how many dims the targets have */
export function checkCosineEmbedding(x1: Tensor, x2: Tensor, target: Tensor): number {
  const d = target.sizes.length
  const data = { input1: [...x1.sizes], input2: [...x2.sizes], target: [...target.sizes] }
  if (d > 1) throw severalTargets(data)
  if (x1.sizes.length !== d + 1 || x2.sizes.length !== d + 1)
    throw new ShapeError(
      `${d}D target tensor expects ${d + 1}D input tensors, but found inputs with sizes ${showShape(x1.sizes)} and ${showShape(x2.sizes)}.`,
      data,
    )
  return d
}
export function checkTriplet(anchor: Tensor, positive: Tensor, negative: Tensor, margin: number): void {
  const [a, p, n] = [anchor, positive, negative].map((t) => t.sizes.length) as [number, number, number]
  if (!(margin > 0)) throw new ValueError(`margin must be greater than 0, got ${formatPythonFloat(margin)}`, { margin })
  if (a !== p || p !== n)
    throw new ShapeError(
      `The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor ${a}D, positive ${p}D, and negative ${n}D inputs`,
      {
        anchor: [...anchor.sizes],
        positive: [...positive.sizes],
        negative: [...negative.sizes],
      },
    )
}

// ---- connectionist temporal classification ----------------------------------------------------------------------------

const WHILE = '(while checking arguments for ctc_loss_allocate_outputs)'
export function checkLengthType(name: string, lengths: Tensor): void {
  if (lengths.info.category !== Category.Int) throw new DTypeError(`${name} must be integral`, { dtype: lengths.dtype })
}
function checkLengths(name: string, list: readonly number[], most: number | null): void {
  const low = list.find((v) => v < 0)
  if (low !== undefined)
    throw new ValueError(`Expected ${name} to have value at least 0, but got value ${low} ${WHILE}`, { value: low })
  const high = most === null ? undefined : list.find((v) => v > most)
  if (high !== undefined)
    throw new ValueError(`Expected ${name} to have value at most ${most}, but got value ${high} ${WHILE}`, {
      value: high,
    })
}
/** @returns how long the longest target is */
export function checkCtc(
  x: Tensor,
  labels: Tensor,
  inputLengths: readonly number[],
  targetLengths: readonly number[],
  blank: number,
): number {
  checkWideFloat('ctc_loss_cpu', x.info)
  const data = { logProbs: [...x.sizes], targets: [...labels.sizes] }
  if (x.count === 0) throw new ShapeError('log_probs tensor must not be empty', data)
  if (x.sizes.length !== 3)
    throw new ShapeError(
      `Expected 3-dimensional tensor, but got ${x.sizes.length}-dimensional tensor for argument #1 'log_probs' ${WHILE}`,
      data,
    )
  const dims = labels.sizes.length
  if (dims < 1 || dims > 2)
    throw new ShapeError(
      `Expected 1 to 2 dimensions, but got ${dims}-dimensional tensor for argument #2 'targets' ${WHILE}`,
      data,
    )
  const [t, n, c] = x.sizes as [number, number, number]
  if (blank < 0 || blank >= c) throw new ValueError('blank must be in label range', { blank, classes: c })
  if (inputLengths.length !== n) throw new ShapeError('input_lengths must be of size batch_size', data)
  if (targetLengths.length !== n) throw new ShapeError('target_lengths must be of size batch_size', data)
  checkLengths('target_lengths', targetLengths, null)
  const longest = Math.max(0, ...targetLengths)
  checkLabels(labels, n, targetLengths, longest, data)
  checkLengths('input_lengths', inputLengths, t)
  return longest
}
/** Labels in a row a sequence, or all in one row. */
function checkLabels(labels: Tensor, n: number, lengths: readonly number[], longest: number, data: ErrorData): void {
  const wrong = (wanted: string, dim: number, got: number): ShapeError =>
    new ShapeError(
      `Expected tensor to have size ${wanted} at dimension ${dim}, but got size ${got} for argument #2 'targets' ${WHILE}`,
      data,
    )
  if (labels.sizes.length === 1) {
    const sum = lengths.reduce((a, b) => a + b, 0)
    if (labels.count !== sum) throw wrong(String(sum), 0, labels.count)
    return
  }
  if (labels.sizes[0] !== n) throw wrong(String(n), 0, labels.sizes[0])
  if (labels.sizes[1] < longest) throw wrong(`at least ${longest}`, 1, labels.sizes[1])
}
/** CTC has no second derivative: its first holds only for probabilities that sum to one. */
export function refuseSecondDerivative(): never {
  throw new NotImplementedError('derivative for aten::_ctc_loss_backward is not implemented')
}
