/** Losses that compare an input and a target element by element. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { Category, type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { sameShape } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { filled } from '../define/results'
import { floatInfo, resultType } from '../../tensor/result-type'
import { define } from '../define/define'
import { bool, float, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { type Reduction, reduced, type ReductionOption, reductionParam } from './losses'
import { logSigmoid } from '../elementwise/pointwise'
import { sub, xlogy } from '../elementwise/binary'
import { where } from '../elementwise/ternary'
import { checkFloat } from '../../check/dtypes'
import {
  checkBeta,
  checkBinary,
  checkBinaryLogits,
  checkBroadcast,
  checkDelta,
  checkDifference,
  checkElementWeight,
  checkKlDiv,
  checkReduction,
  checkSameType,
  checkSoftMargin,
  checkSoftMarginType,
  checkVariance,
  checkVarianceSize,
  checkVarianceType,
  expectReduction,
} from './loss-checks'

/** Options of `mseLoss`, `l1Loss` and `huberLoss`. */
export interface WeightedLossOptions extends ReductionOption {
  /** A weight an element, in the shape of the input. */
  weight?: Tensor | null
}
/** Of integers and bools PyTorch takes 1 - t among themselves. */

/** A loss of the difference of input and target: its values and its slope, each a function of the difference. */
interface Residual {
  readonly value: (d: Tensor) => Tensor
  readonly slope: (d: Tensor) => Tensor
  /** The loss has the dtype of the input, and a gradient where the target has it, too. */
  readonly ofInput?: boolean
}
/** Input minus target; bools count as numbers. */
function difference(x: Tensor, target: Tensor, info: DTypeInfo): Tensor {
  const number = (t: Tensor): Tensor => (t.info.category === Category.Bool ? t.to(info.name) : t)
  return number(x).sub(number(target))
}
interface ResidualState {
  readonly residual: Residual
  readonly code: number
  readonly count: number
}
const residualRule: Rule = (n, g) => {
  const {
    residual: { slope, ofInput },
    code,
    count,
  } = n.meta as ResidualState
  const [x, target] = [n.tensor(0), n.tensor(1)]
  if (ofInput) checkSameType(x, target)
  const s = slope(difference(x, target, DTYPES[resultType(x, target)])).mul(code === 1 ? g.div(count) : g)
  return [n.needs(0) ? s : null, n.needs(1) ? s.neg() : null]
}
function residualLoss(x: Tensor, target: Tensor, code: number, kernel: string, node: string, r: Residual): Tensor {
  const [a, b] = [x.detach(), target.detach()]
  const info = x.info === target.info ? x.info : DTYPES[resultType(x, target)]
  checkDifference(x, target, info, r.ofInput === true, kernel)
  const d = difference(a, b, info)
  const wide = r.value(d)
  const values = r.ofInput ? wide.to(x.dtype) : wide
  const y = reduced(values, code)
  if (d !== values) d.storage.release()
  if (y !== values) values.storage.release()
  if (tracks(x, target)) {
    const n = attach(y, node, residualRule, [x, target])
    n.save(x, target)
    n.meta = { residual: r, code, count: values.count } satisfies ResidualState
  }
  return y
}
function weighted(losses: Tensor, x: Tensor, weight: Tensor, code: number, byWeight: boolean): Tensor {
  checkElementWeight(x, weight)
  const y = losses.mul(weight)
  return code === 0 ? y : code === 2 ? y.sum() : byWeight ? y.sum().div(weight.sum()) : y.mean()
}

const SQUARE: Residual = { value: (d) => d.square(), slope: (d) => d.mul(2) }
/**
 * The squared error (x - target)².
 * @param x floating; of another size than the target it broadcasts, with a warning
 * @returns a scalar; without reduction the losses
 */
export const mseLoss: Op<
  (x: Tensor, target: Tensor, reduction?: Reduction | WeightedLossOptions, options?: WeightedLossOptions) => Tensor
> = define('mseLoss', {
  params: [tensor('input'), tensor('target'), reductionParam, tensor('weight').optional()],
  namespace: 'nn.functional',
  node: 'MseLossBackward0',
  run(x, target, { reduction, weight }) {
    checkBroadcast(x, target)
    const code = checkReduction(reduction)
    if (weight) return weighted(x.sub(target).square(), x, weight, code, true)
    return residualLoss(x, target, code, 'mse_cpu', mseLoss.op.node, SQUARE)
  },
})
/**
 * The absolute error |x - target|.
 * @param x of another size than the target it broadcasts, with a warning
 * @returns a scalar; without reduction the losses
 */
export const l1Loss: Op<
  (x: Tensor, target: Tensor, reduction?: Reduction | WeightedLossOptions, options?: WeightedLossOptions) => Tensor
> = define('l1Loss', {
  params: [tensor('input'), tensor('target'), reductionParam, tensor('weight').optional()],
  namespace: 'nn.functional',
  run(x, target, { reduction, weight }) {
    checkBroadcast(x, target)
    const code = checkReduction(reduction)
    const losses = x.sub(target).abs()
    return weight ? weighted(losses, x, weight, code, true) : reduced(losses, code)
  },
})
/** Options of `smoothL1Loss`. */
export interface SmoothL1LossOptions extends ReductionOption {
  /** Where the square becomes a line. Default 1. */
  beta?: number
}
/**
 * The square of small differences, halved and divided by beta; the amount of large ones, less half of beta (Girshick 2015).
 * @param x floating; of another size than the target it broadcasts, with a warning
 * @returns a scalar; without reduction the losses
 * @throws ValueError for a negative beta
 */
export const smoothL1Loss: Op<
  (x: Tensor, target: Tensor, reduction?: Reduction | SmoothL1LossOptions, options?: SmoothL1LossOptions) => Tensor
> = define('smoothL1Loss', {
  params: [tensor('input'), tensor('target'), reductionParam, float('beta').default(1)],
  namespace: 'nn.functional',
  node: 'SmoothL1LossBackward0',
  run(x, target, { reduction, beta }) {
    checkBroadcast(x, target)
    const code = checkReduction(reduction)
    if (beta === 0) return l1Loss(x, target, { reduction })
    checkBeta(beta)
    return residualLoss(x, target, code, 'smooth_l1_cpu', smoothL1Loss.op.node, {
      value: (d) => {
        const a = d.abs()
        return where(a.lt(beta), a.square().mul(0.5 / beta), a.sub(0.5 * beta))
      },
      slope: (d) => d.div(beta).clamp(-1, 1),
    })
  },
})
/** Options of `huberLoss`. */
export interface HuberLossOptions extends WeightedLossOptions {
  /** Where the square becomes a line. Default 1. */
  delta?: number
}
/**
 * The square of small differences, halved; delta times the amount of large ones, less half of delta (Huber 1964).
 * @param x floating; of another size than the target it broadcasts, with a warning
 * @returns a scalar; without reduction the losses
 * @throws ValueError for a delta that is not above 0
 */
export const huberLoss: Op<
  (x: Tensor, target: Tensor, reduction?: Reduction | HuberLossOptions, options?: HuberLossOptions) => Tensor
> = define('huberLoss', {
  params: [tensor('input'), tensor('target'), reductionParam, float('delta').default(1), tensor('weight').optional()],
  namespace: 'nn.functional',
  node: 'HuberLossBackward0',
  run(x, target, { reduction, delta, weight }) {
    checkBroadcast(x, target)
    const code = checkReduction(reduction)
    checkDelta(delta)
    const huber: Residual = {
      value: (d) => {
        const a = d.abs()
        return where(a.le(delta), a.square().mul(0.5), a.sub(0.5 * delta).mul(delta))
      },
      slope: (d) => d.clamp(-delta, delta),
      ofInput: true,
    }
    const losses = residualLoss(x, target, weight ? 0 : code, 'huber_cpu', huberLoss.op.node, huber)
    return weight ? weighted(losses, x, weight, code, false) : losses
  },
})

// ---- binary cross entropy ---------------------------------------------------------------------------------------------

/** Options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions extends ReductionOption {
  /** A weight an element; broadcasts. */
  weight?: Tensor | null
}
/** Options of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** A weight for positive targets; broadcasts. */
  posWeight?: Tensor | null
}
interface ReducedState {
  readonly code: number
  readonly count: number
}
const perElement = (g: Tensor, { code, count }: ReducedState): Tensor => (code === 1 ? g.div(count) : g)
const bceRule: Rule = (n, g) => {
  const [x, t, w] = [n.tensor(0), n.tensor(1), n.optional(2)]
  let h = perElement(g, n.meta as ReducedState)
  if (w) h = h.mul(w)
  return [
    n.needs(0) ? h.mul(x.sub(t)).div(x.neg().add(1).mul(x).clampMin(1e-12)) : null,
    n.needs(1) ? h.mul(x.neg().log1p().clampMin(-100).sub(x.log().clampMin(-100))) : null,
  ]
}
/**
 * The cross entropy of probabilities with targets between 0 and 1: -target log x - (1 - target) log(1 - x). The logarithms are no
 * less than -100.
 * @param x floating, in the shape and dtype of the target
 * @returns a scalar; without reduction the losses
 * @throws ValueError where an element of either is not between 0 and 1
 */
export const binaryCrossEntropy: Op<
  (
    x: Tensor,
    target: Tensor,
    weight?: Tensor | null | BinaryCrossEntropyOptions,
    options?: BinaryCrossEntropyOptions,
  ) => Tensor
> = define('binaryCrossEntropy', {
  params: [tensor('input'), tensor('target'), tensor('weight').optional(), reductionParam],
  namespace: 'nn.functional',
  node: 'BinaryCrossEntropyBackward0',
  run: (x, target, { weight, reduction }) => ofProbabilities(x, target, weight ?? null, checkReduction(reduction)),
})
function ofProbabilities(x: Tensor, target: Tensor, w: Tensor | null, code: number): Tensor {
  checkBinary(x, target, w)
  const [p, t] = [x.detach(), target.detach()]
  // The logarithms stop at -100, so that a sure mistake costs much but not everything.
  let losses = t
    .sub(1)
    .mul(p.neg().log1p().clampMin(-100))
    .sub(t.mul(p.log().clampMin(-100)))
  if (w) losses = losses.mul(w.detach())
  if (losses.info !== x.info) losses = losses.to(x.dtype)
  const y = reduced(losses, code)
  if (tracks(x, target)) {
    const n = attach(y, binaryCrossEntropy.op.node, bceRule, [x, target])
    n.save(x, target, w)
    n.meta = { code, count: losses.count } satisfies ReducedState
  }
  return y
}

const logitsRule: Rule = (n, g) => {
  const [x, t, w, pos] = [n.tensor(0), n.tensor(1), n.optional(2), n.optional(3)]
  let h = perElement(g, n.meta as ReducedState)
  if (w) h = h.mul(w)
  const scaled = pos ? pos.mul(t) : t
  const top = pos ? scaled.add(1).sub(t) : null
  const s = x.sigmoid()
  return [
    n.needs(0) ? h.mul((top ? top.mul(s) : s).sub(scaled)) : null,
    n.needs(1) ? h.mul(pos ? logSigmoid(x.neg()).sub(pos.mul(logSigmoid(x))) : x.neg()) : null,
  ]
}
/**
 * The binary cross entropy of sigmoid(x), without overflow.
 * @param x floating logits
 * @param target between 0 and 1, in the shape of `x`
 * @returns a scalar; without reduction the losses
 */
export const binaryCrossEntropyWithLogits: Op<
  (
    x: Tensor,
    target: Tensor,
    weight?: Tensor | null | BinaryCrossEntropyWithLogitsOptions,
    options?: BinaryCrossEntropyWithLogitsOptions,
  ) => Tensor
> = define('binaryCrossEntropyWithLogits', {
  params: [
    tensor('input'),
    tensor('target'),
    tensor('weight').optional(),
    reductionParam,
    tensor('posWeight').optional(),
  ],
  namespace: 'nn.functional',
  node: 'BinaryCrossEntropyWithLogitsBackward0',
  run: (x, target, { weight, reduction, posWeight }) =>
    ofLogits(x, target, weight ?? null, posWeight ?? null, checkReduction(reduction)),
})
function ofLogits(x: Tensor, target: Tensor, w: Tensor | null, pos: Tensor | null, code: number): Tensor {
  checkBinaryLogits(x, target)
  const [a, t] = [x.detach(), target.detach()]
  const logs = logSigmoid(a)
  const scale = pos ? pos.detach().sub(1).mul(t).add_(1) : null
  // In place, as PyTorch has it: the loss is of the target's dtype.
  const losses = sub(t.dtype === 'bool' ? true : 1, t)
    .mul_(a)
    .sub_(scale ? scale.mul_(logs) : logs)
  if (w) losses.mul_(w.detach())
  const y = reduced(losses, code)
  if (tracks(x, target)) {
    const n = attach(y, binaryCrossEntropyWithLogits.op.node, logitsRule, [x, target])
    n.save(x, target, w, pos)
    n.meta = { code, count: losses.count } satisfies ReducedState
  }
  return y
}
/** Options of `multilabelSoftMarginLoss`. */
export interface MultilabelSoftMarginLossOptions extends ReductionOption {
  /** A weight a class, [C]. */
  weight?: Tensor | null
}
/**
 * The binary cross entropy of each class, averaged over classes.
 * @param x floating scores, [N, C]
 * @param target 0 or 1, in the shape of `x`
 * @returns a scalar; without reduction [N]
 */
export const multilabelSoftMarginLoss: Op<
  (
    x: Tensor,
    target: Tensor,
    weight?: Tensor | null | MultilabelSoftMarginLossOptions,
    options?: MultilabelSoftMarginLossOptions,
  ) => Tensor
> = define('multilabelSoftMarginLoss', {
  params: [tensor('input'), tensor('target'), tensor('weight').optional(), reductionParam],
  namespace: 'nn.functional',
  run(x, target, { weight, reduction }) {
    checkFloat('log_sigmoid_cpu', x.info)
    let losses = target
      .mul(logSigmoid(x))
      .add(sub(1, target).mul(logSigmoid(x.neg())))
      .neg()
    if (weight) losses = losses.mul(weight)
    const d = x.sizes.length - 1
    const rows = losses.sum(d).div(x.size(d))
    expectReduction(reduction)
    return reduced(rows, checkReduction(reduction))
  },
})

// ---- distributions ----------------------------------------------------------------------------------------------------

/** Options of `klDiv`. */
export interface KlDivOptions {
  /** `batchmean` divides the sum by the size of the batch. Default `mean`, over all elements. */
  reduction?: Reduction | 'batchmean'
  /** The target holds logarithms. Default false. */
  logTarget?: boolean
}
/**
 * The Kullback-Leibler divergence of a target from log-probabilities: target (log target - x).
 * @param x floating log-probabilities; broadcasts with the target
 * @returns a scalar; without reduction the losses
 */
export const klDiv: Op<
  (x: Tensor, target: Tensor, reduction?: Reduction | 'batchmean' | KlDivOptions, options?: KlDivOptions) => Tensor
> = define('klDiv', {
  params: [
    tensor('input'),
    tensor('target'),
    own<Reduction | 'batchmean'>('str')('reduction').default('mean'),
    bool('logTarget').default(false),
  ],
  namespace: 'nn.functional',
  run(x, target, { reduction, logTarget }) {
    const code = reduction === 'batchmean' ? 2 : checkReduction(reduction)
    checkKlDiv(x, target)
    const losses = logTarget ? target.exp().mul(target.sub(x)) : xlogy(target, target).sub(target.mul(x))
    const y = reduced(losses, code)
    return reduction === 'batchmean' && x.sizes.length > 0 ? y.div(x.sizes[0]) : y
  },
})
/** Options of `poissonNllLoss`. */
export interface PoissonNllLossOptions extends ReductionOption {
  /** The input is a logarithm. Default true. */
  logInput?: boolean
  /** Add Stirling's approximation of log(target!). Default false. */
  full?: boolean
  /** Keeps the logarithm of 0 finite where `logInput` is false. Default 1e-8. */
  eps?: number
}
/**
 * The negative log likelihood of counts under a Poisson distribution: eˣ - target x, or x - target log(x + eps).
 * @param x the rate or its logarithm; broadcasts with the target
 * @returns a scalar; without reduction the losses
 */
export const poissonNllLoss: Op<
  (x: Tensor, target: Tensor, logInput?: boolean | PoissonNllLossOptions, options?: PoissonNllLossOptions) => Tensor
> = define('poissonNllLoss', {
  params: [
    tensor('input'),
    tensor('target'),
    bool('logInput').default(true),
    bool('full').default(false),
    float('eps').default(1e-8),
    reductionParam,
  ],
  namespace: 'nn.functional',
  run(x, target, { logInput, full, eps, reduction }) {
    const code = checkReduction(reduction)
    let losses = logInput ? x.exp().sub(target.mul(x)) : x.sub(target.mul(x.add(eps).log()))
    if (full) {
      const stirling = target
        .mul(target.log())
        .sub(target)
        .add(
          target
            .mul(2 * Math.PI)
            .log()
            .mul(0.5),
        )
      losses = losses.add(stirling.maskedFill(target.le(1), 0))
    }
    return reduced(losses, code)
  },
})
/** Options of `gaussianNllLoss`. */
export interface GaussianNllLossOptions extends ReductionOption {
  /** Add the constant term. Default false. */
  full?: boolean
  /** The variance counts as no less than this. Default 1e-6. */
  eps?: number
}
/**
 * The negative log likelihood under normal distributions: (log variance + (x - target)² / variance) / 2.
 * @param x the means; broadcasts with the target
 * @param variance in the shape of the input, or with one value for its last dim; or a number
 * @returns a scalar; without reduction the losses
 * @throws ValueError for a negative variance
 */
export const gaussianNllLoss: Op<
  (
    x: Tensor,
    target: Tensor,
    variance: Tensor | number,
    full?: boolean | GaussianNllLossOptions,
    options?: GaussianNllLossOptions,
  ) => Tensor
> = define('gaussianNllLoss', {
  params: [
    tensor('input'),
    tensor('target'),
    own<Tensor | number>('Tensor or float')('var'),
    bool('full').default(false),
    float('eps').default(1e-6),
    reductionParam,
  ],
  namespace: 'nn.functional',
  run: (x, target, variance, { full, eps, reduction }) => gaussianOf(x, target, variance, full, eps, reduction),
})
function gaussianOf(
  x: Tensor,
  target: Tensor,
  variance: Tensor | number,
  full: boolean,
  eps: number,
  reduction: Reduction,
): Tensor {
  checkVariance(variance)
  let v = isTensor(variance) ? variance : filled(x.sizes, variance, floatInfo(x.info))
  if (!sameShape(v.sizes, x.sizes)) {
    if (sameShape(x.sizes.slice(0, -1), v.sizes)) v = v.unsqueeze(-1)
    else checkVarianceSize(x, v)
  }
  expectReduction(reduction)
  checkVarianceType(v)
  // The floor passes gradients on: it changes the value only.
  const held = v.add(v.detach().clampMin(eps).sub(v.detach()))
  let losses = held.log().add(x.sub(target).square().div(held)).mul(0.5)
  if (full) losses = losses.add(0.5 * Math.log(2 * Math.PI))
  return reduced(losses, checkReduction(reduction))
}

const softMarginRule: Rule = (n, g) => {
  const [x, t] = [n.tensor(0), n.tensor(1)]
  const h = perElement(g, n.meta as ReducedState)
  const z = t.neg().mul(x).exp()
  return t.mul(z).neg().div(z.add(1)).mul(h)
}
/**
 * log(1 + e^(-target · x)), for targets 1 and -1.
 * @param x floating
 * @param target broadcasts to `x`; takes no gradient
 * @returns a scalar; without reduction the losses
 */
export const softMarginLoss: Op<(x: Tensor, target: Tensor, reduction?: Reduction | ReductionOption) => Tensor> =
  define('softMarginLoss', {
    params: [tensor('input'), tensor('target'), reductionParam],
    namespace: 'nn.functional',
    node: 'SoftMarginLossBackward0',
    run: (x, target, { reduction }) => softMarginOf(x, target, checkReduction(reduction)),
  })
function softMarginOf(x: Tensor, target: Tensor, code: number): Tensor {
  checkSoftMargin(x, target)
  const product = x.detach().neg().mul(target.detach())
  checkSoftMarginType(x, target, product.info)
  const losses = product.exp().log1p().to(x.dtype)
  const y = reduced(losses, code)
  if (tracks(x)) {
    const n = attach(y, softMarginLoss.op.node, softMarginRule, [x])
    n.save(x, target)
    n.meta = { code, count: losses.count } satisfies ReducedState
  }
  return y
}
