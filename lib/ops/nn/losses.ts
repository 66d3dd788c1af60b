/** Losses of classes: cross entropy, negative log likelihood, margins between classes. */
import { attach, type Node, type Rule, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { sameShape, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { emptyOf, filled } from '../define/results'
import { define } from '../define/define'
import { float, int, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { where } from '../elementwise/ternary'
import { logSoftmax, softmax } from '../reduce/softmax'
import { castResult, kernelInput, releaseInput } from '../define/kernel-operands'
import { withNodeName } from '../define/node-name'
import {
  checkClasses,
  checkClassProbabilities,
  checkLogits,
  checkMultiMargin,
  checkMultilabelMargin,
  checkNoClasses,
  checkReduction,
  checkSmoothing,
  type Classes,
  unknownClass,
} from './loss-checks'

/** How the losses of the elements become one: not, by their mean (default) or their sum. */
export type Reduction = 'none' | 'mean' | 'sum'
/** Option that every loss takes. */
export interface ReductionOption {
  /** Default `mean`. */
  reduction?: Reduction
}
/** The option of every loss. `checkReduction` refuses what is no reduction, where PyTorch does: after other checks. @internal */
export const reductionParam = own<Reduction>('str')('reduction').default('mean')
/** @internal */
export const reduced = (loss: Tensor, code: number): Tensor =>
  code === 0 ? loss : code === 1 ? loss.mean() : loss.sum()

// ---- targets ----------------------------------------------------------------------------------------------------------

interface State extends Classes {
  readonly code: number
  readonly ignore: number
  readonly smoothing: number
}

/** How much each log-probability counts, [N, C, S]: what the loss is linear in. Constant. */
function coefficients(target: Tensor, weight: Tensor | null, q: State, info: DTypeInfo): Tensor {
  const t = target.detach().reshape([q.n, 1, q.s])
  const ignored = t.eq(q.ignore)
  const w = (weight ? weight.detach() : filled([q.c], 1, info)).view([1, q.c, 1])
  const safe = t.maskedFill(ignored, 0)
  const own = w
    .expand([q.n, q.c, q.s])
    .gather(1, safe)
    .mul(1 - q.smoothing)
  const all = filled([q.n, q.c, q.s], 0, info).add(w.mul(q.smoothing / q.c))
  return all.scatterAdd(1, safe, own).maskedFill(ignored, 0)
}
/** The gradient of a loss element as [N, 1, S], divided where the loss is a mean. */
const elementGradient = (g: Tensor, q: State, total: Tensor): Tensor =>
  q.code === 0 ? g.reshape([q.n, 1, q.s]) : q.code === 1 ? g.div(total.view([])).view([1, 1, 1]) : g.view([1, 1, 1])

const NLL_NODES = { rows: 'NllLossBackward0', image: 'NllLoss2DBackward0', positions: 'ViewBackward0' } as const
/** PyTorch takes all positions but an image's as an image one pixel wide. */
const nllNode = (dims: number, code: number): string =>
  dims <= 2 ? NLL_NODES.rows : dims !== 4 && code === 0 ? NLL_NODES.positions : NLL_NODES.image

// ---- cross entropy ----------------------------------------------------------------------------------------------------

/** What the four commands of class losses share. */
const lossesOf = (
  q: { readonly n: number; readonly c: number; readonly s: number },
  { code, ignore }: { readonly code: number; readonly ignore: number },
) => ({
  n: q.n,
  c: q.c,
  s: q.s,
  losses: code === 0 ? q.n * q.s : 1,
  reduction: code,
  ignoreIndex: ignore,
})

const crossEntropyRule: Rule = (n, g) => {
  const q = n.meta as State
  const [x, target, weight, stats, total] = savedOf(n)
  if (tracks(g, x)) {
    const a = coefficients(target, weight, q, x.info)
    const p = softmax(x.reshape([q.n, q.c, q.s]), 1)
    return p
      .mul(a.sum(1, { keepdim: true }))
      .sub(a)
      .mul(elementGradient(g, q, total))
      .reshape(x.sizes)
  }
  const [c, t] = [kernelInput(x, x.info), kernelInput(target, DTYPES.int64)]
  const gc = kernelInput(g, x.info)
  const out = emptyOf(x.sizes, x.info)
  if (out.count > 0) {
    encode.crossEntropyBackward(
      OP.cross_entropy_backward,
      x.info,
      Object.assign(lossesOf(q, q), {
        dx: out,
        dy: gc,
        logits: c,
        target: t,
        weight,
        stats,
        totalWeight: total,
        labelSmoothing: q.smoothing,
      }),
    )
    run(unknownClass)
  }
  releaseInput(c, x)
  releaseInput(t, target)
  releaseInput(gc, g)
  return out
}
const savedOf = (n: Node): [Tensor, Tensor, Tensor | null, Tensor, Tensor] => [
  n.tensor(0),
  n.tensor(1),
  n.optional(2),
  n.tensor(3),
  n.tensor(4),
]

const CROSS_ENTROPY_NODES = {
  ...NLL_NODES,
  smoothed: 'AddBackward0',
  mean: 'DivBackward1',
  sum: 'NegBackward0',
} as const

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends ReductionOption {
  /** A weight a class, [C]. The `mean` is then the weighted one. */
  weight?: Tensor | null
  /** Targets of this class do not count. Default -100. */
  ignoreIndex?: number
  /** The part of each target that is spread over all classes, between 0 and 1. Default 0. */
  labelSmoothing?: number
}
/**
 * The cross entropy of logits with classes or with their probabilities: -Σ target · logSoftmax(x).
 * @param x floating, [N, C, …] or [C]
 * @param target int64 or uint8 classes [N, …] or [], or probabilities in the shape of `x`
 * @returns a scalar; without reduction the losses, shaped as the classes
 * @throws IndexError naming the first target that is no class
 */
export const crossEntropy: Op<
  (x: Tensor, target: Tensor, weight?: Tensor | null | CrossEntropyOptions, options?: CrossEntropyOptions) => Tensor
> = define('crossEntropy', {
  params: [
    tensor('input'),
    tensor('target'),
    tensor('weight').optional(),
    int('ignoreIndex').default(-100),
    reductionParam,
    float('labelSmoothing').default(0),
  ],
  namespace: 'nn.functional',
  node: Object.values(CROSS_ENTROPY_NODES),
  run: (x, target, { weight, ignoreIndex, reduction, labelSmoothing }) =>
    crossEntropyOf(x, target, weight ?? null, ignoreIndex, checkReduction(reduction), labelSmoothing),
})
function crossEntropyOf(
  x: Tensor,
  target: Tensor,
  weight: Tensor | null,
  ignore: number,
  code: number,
  labelSmoothing: number,
): Tensor {
  if (sameShape(x.sizes, target.sizes)) return withProbabilities(x, target, weight, ignore, code, labelSmoothing)
  checkSmoothing(labelSmoothing)
  const smoothing = Math.max(0, labelSmoothing)
  checkLogits(x)
  // The half types round between the logarithm and the loss, as PyTorch's do.
  if (x.info.compute !== x.dtype && smoothing === 0)
    return nllLossOf(logSoftmax(x, x.sizes.length === 1 ? 0 : 1), target, weight, ignore, code)
  if (x.info.compute !== x.dtype)
    return crossEntropyOf(
      x.to(x.info.compute),
      target,
      weight && weight.to(x.info.compute),
      ignore,
      code,
      smoothing,
    ).to(x.dtype)
  const q = checkClasses(x, target, weight)
  const t = kernelInput(target, DTYPES.int64)
  checkNoClasses(t, q, ignore)
  const info = x.info
  const c = kernelInput(x, info)
  const w = weight && kernelInput(weight, info)
  const out = emptyOf(code === 0 ? target.sizes : [], info)
  const stats = emptyOf([2, q.n, q.s], info)
  const total = emptyOf([], info)
  encode.crossEntropy(
    OP.cross_entropy,
    info,
    Object.assign(lossesOf(q, { code, ignore }), {
      loss: out,
      logits: c,
      target: t,
      weight: w,
      stats,
      totalWeight: total,
      labelSmoothing: smoothing,
    }),
  )
  run(unknownClass)
  releaseInput(c, x)
  if (tracks(x)) {
    const label = smoothing > 0 ? CROSS_ENTROPY_NODES.smoothed : nllNode(x.sizes.length, code)
    const n = attach(out, label, crossEntropyRule, [x])
    n.save(x, target, w, stats, total)
    n.own(stats, total)
    n.meta = { n: q.n, c: q.c, s: q.s, code, ignore, smoothing } satisfies State
  } else {
    stats.storage.release()
    total.storage.release()
  }
  return out
}
function withProbabilities(
  x: Tensor,
  target: Tensor,
  weight: Tensor | null,
  ignore: number,
  code: number,
  smoothing: number,
): Tensor {
  const d = x.sizes.length <= 1 ? 0 : 1
  const c = x.sizes.length === 0 ? 1 : x.sizes[d]
  checkClassProbabilities(x, target, weight, ignore, c)
  checkSmoothing(smoothing)
  const logs = logSoftmax(x, d)
  const t = smoothing > 0 ? target.mul(1 - smoothing).add(smoothing / c) : target
  let terms = logs.mul(t)
  if (weight) terms = terms.mul(weight.view(x.sizes.map((_, i) => (i === d ? -1 : 1))))
  if (code === 0) return terms.sum(d).neg()
  const sum = terms.sum().neg()
  return code === 2 ? sum : withNodeName(sum.div(x.count / c), CROSS_ENTROPY_NODES.mean)
}

// ---- negative log likelihood ------------------------------------------------------------------------------------------

/** Options of `nllLoss`. */
export interface NllLossOptions extends ReductionOption {
  /** A weight a class, [C]. The `mean` is then the weighted one. */
  weight?: Tensor | null
  /** Targets of this class do not count. Default -100. */
  ignoreIndex?: number
}
const nllRule: Rule = (n, g) => {
  const { q, sizes, info } = n.meta as { q: State; sizes: Shape; info: DTypeInfo }
  const target = n.tensor(0)
  const weight = n.optional(1)
  const total = n.tensor(2)
  if (tracks(g))
    return coefficients(target, weight, q, info)
      .neg()
      .mul(elementGradient(g, q, total))
      .reshape(sizes)
  const t = kernelInput(target, DTYPES.int64)
  const gc = kernelInput(g, info)
  const out = emptyOf(sizes, info)
  if (out.count > 0) {
    encode.nllLossBackward(
      OP.nll_loss_backward,
      info,
      Object.assign(lossesOf(q, q), { dx: out, dy: gc, target: t, weight, totalWeight: total }),
    )
    run(unknownClass)
  }
  releaseInput(t, target)
  releaseInput(gc, g)
  return out
}
/**
 * The negative log likelihood of classes: minus the log-probability of each target.
 * @param x floating log-probabilities, [N, C, …] or [C]
 * @param target int64 or uint8 classes, [N, …] or []
 * @returns a scalar; without reduction the losses, shaped as the target
 * @throws IndexError naming the first target that is no class
 */
export const nllLoss: Op<
  (x: Tensor, target: Tensor, weight?: Tensor | null | NllLossOptions, options?: NllLossOptions) => Tensor
> = define('nllLoss', {
  params: [
    tensor('input'),
    tensor('target'),
    tensor('weight').optional(),
    int('ignoreIndex').default(-100),
    reductionParam,
  ],
  namespace: 'nn.functional',
  node: Object.values(NLL_NODES),
  run: (x, target, { weight, ignoreIndex, reduction }) =>
    nllLossOf(x, target, weight ?? null, ignoreIndex, checkReduction(reduction)),
})
function nllLossOf(x: Tensor, target: Tensor, weight: Tensor | null, ignore: number, code: number): Tensor {
  const classes = checkClasses(x, target, weight)
  const t = kernelInput(target, DTYPES.int64)
  const q: State = { n: classes.n, c: classes.c, s: classes.s, code, ignore, smoothing: 0 }
  checkNoClasses(t, q, ignore)
  const info = DTYPES[x.info.compute]
  const c = kernelInput(x, info)
  const w = weight && kernelInput(weight, info)
  const out = emptyOf(code === 0 ? target.sizes : [], info)
  const total = emptyOf([], info)
  encode.nllLoss(
    OP.nll_loss,
    info,
    Object.assign(lossesOf(q, { code, ignore }), { loss: out, logs: c, target: t, weight: w, totalWeight: total }),
  )
  run(unknownClass)
  releaseInput(c, x)
  const y = castResult(out, x.info)
  if (tracks(x)) {
    const n = attach(y, nllNode(x.sizes.length, code), nllRule, [x])
    n.save(target, w, total)
    n.own(total)
    n.meta = { q, sizes: x.sizes, info }
  } else total.storage.release()
  return y
}

// ---- margins ----------------------------------------------------------------------------------------------------------

/** Options of `multiMarginLoss`. */
export interface MultiMarginLossOptions extends ReductionOption {
  /** The exponent, 1 or 2. Default 1. */
  p?: number
  /** Default 1. */
  margin?: number
  /** A weight a class, [C]. */
  weight?: Tensor | null
}
/**
 * Every class but the right one may come as near as `margin`: Σ max(0, margin - x[target] + x[i])ᵖ / C over the other classes.
 * @param x float32 or float64 scores, [N, C] or [C]
 * @param target int64 classes, [N] or []
 */
export const multiMarginLoss: Op<
  (x: Tensor, target: Tensor, p?: number | MultiMarginLossOptions, options?: MultiMarginLossOptions) => Tensor
> = define('multiMarginLoss', {
  params: [
    tensor('input'),
    tensor('target'),
    float('p').default(1),
    float('margin').default(1),
    tensor('weight').optional(),
    reductionParam,
  ],
  namespace: 'nn.functional',
  node: 'MultiMarginLossBackward0',
  run: (x, target, { p, margin, weight, reduction }) =>
    multiMarginLossOf(x, target, p, margin, weight ?? null, checkReduction(reduction)),
})
function multiMarginLossOf(
  x: Tensor,
  target: Tensor,
  power: number,
  margin: number,
  weight: Tensor | null,
  code: number,
): Tensor {
  const [n, c] = checkMultiMargin(x, target, power, weight)
  const scores = x.reshape([n, c])
  const t = target.reshape([n, 1])
  let z = scores.sub(scores.gather(1, t)).add(margin).relu()
  if (power === 2) z = z.square()
  if (weight) z = z.mul(weight.indexSelect(0, target.reshape([n])).unsqueeze(1))
  const own = filled([n, c], false, DTYPES.bool).scatter(1, t, true)
  const losses = z.maskedFill(own, 0).sum(1).div(c)
  return withNodeName(
    reduced(x.sizes.length <= 1 ? losses.reshape(target.sizes) : losses, code),
    multiMarginLoss.op.node,
  )
}
/**
 * Every class outside the target set may come as near as 1 to each class in it: Σ max(0, 1 - x[target] + x[i]) / C.
 * @param x float32 or float64 scores, [N, C] or [C]
 * @param target int64 classes of each row, up to the first negative one, in the shape of `x`
 */
export const multilabelMarginLoss: Op<(x: Tensor, target: Tensor, reduction?: Reduction | ReductionOption) => Tensor> =
  define('multilabelMarginLoss', {
    params: [tensor('input'), tensor('target'), reductionParam],
    namespace: 'nn.functional',
    node: 'MultilabelMarginLossBackward0',
    run: (x, target, { reduction }) => multilabelMarginLossOf(x, target, checkReduction(reduction)),
  })
function multilabelMarginLossOf(x: Tensor, target: Tensor, code: number): Tensor {
  const [n, c] = checkMultilabelMargin(x, target)
  const scores = x.reshape([n, c])
  const rows = target.reshape([n, c])
  const counts = rows.ge(0).to('int64').cumprod(1).eq(1)
  const safe = where(counts, rows, 0)
  const inSet = filled([n, c], 0, DTYPES.int64).scatterAdd(1, safe, counts.to('int64')).gt(0)
  // [N, the targets, the classes]
  const z = scores.unsqueeze(1).sub(scores.gather(1, safe).unsqueeze(2)).add(1).relu()
  const pairs = counts.unsqueeze(2).logicalAnd(inSet.logicalNot().unsqueeze(1))
  const losses = z.maskedFill(pairs.logicalNot(), 0).sum([1, 2]).div(c)
  return withNodeName(reduced(x.sizes.length <= 1 ? losses.reshape([]) : losses, code), multilabelMarginLoss.op.node)
}
