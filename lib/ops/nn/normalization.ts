/** What normalisations share: options, checks, the way through their kernels and back, and the gradient in differentiable ops. */
import { attach, type Grad, type Node, type Rule, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import type * as encode from '../../runtime/encoders'
import type { DTypeInfo } from '../../runtime/dtype'
import { countOf, type Shape } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { emptyOf } from '../define/results'
import { float, tensor } from '../define/params'
import { castResult, computeInfo, kernelInput, releaseInput } from '../define/kernel-operands'

/** Options that every normalisation takes. */
export interface AffineOptions {
  /** Multiplied with the normalised values. */
  weight?: Tensor | null
  /** Added after that. */
  bias?: Tensor | null
  /** Added to the variance. Default 1e-5. */
  eps?: number
}
/** The parameters of these options, which come last. */
export const affineParams = [
  tensor('weight').orNull().default(null),
  tensor('bias').orNull().default(null),
  float('eps').default(1e-5),
] as const
/** `kernelInput` of what may be missing. */
export const optionalInput = (t: Tensor | null, info: DTypeInfo): Tensor | null => t && kernelInput(t, info)
/** (x - mean) / √(var + eps) in differentiable ops, and 1 / √(var + eps). */
export function standardized(x: Tensor, dims: readonly number[], eps: number): [Tensor, Tensor] {
  const centered = x.sub(x.mean(dims, { keepdim: true }))
  const rstd = centered.square().mean(dims, { keepdim: true }).add(eps).rsqrt()
  return [centered.mul(rstd), rstd]
}
/** The gradient of a normalisation by its input: what is left of `g` without its mean and its part along x̂. */
export const project = (g: Tensor, xhat: Tensor, rstd: Tensor, dims: readonly number[]): Tensor =>
  g
    .sub(g.mean(dims, { keepdim: true }))
    .sub(xhat.mul(g.mul(xhat).mean(dims, { keepdim: true })))
    .mul(rstd)

/** As the kernels count: examples, channels and elements of a plane. */
export interface ChannelCounts {
  readonly n: number
  readonly c: number
  readonly s: number
}
export const channelCounts = (x: Shape): ChannelCounts => ({
  n: x[0],
  c: x[1],
  s: countOf(x.slice(2)),
})

// ---- kernels --------------------------------------------------------------------------------------------------------

type BackwardOperands = Pick<encode.LayerNormBackwardArgs, 'dx' | 'dw' | 'db' | 'dy' | 'x' | 'weight'>
/** How one normalisation differs from the others on the way back. @template G what its node keeps of the call */
export interface Backward<G> {
  /** The shape of weight and bias. */
  affineSizes(kept: G): Shape
  encode(info: DTypeInfo, operands: BackwardOperands, kept: G, n: Node): void
  /** The same gradients in differentiable ops, for graphs of graphs. */
  composed(n: Node, g: Tensor, x: Tensor, w: Tensor | null, kept: G): readonly Grad[]
}
/** The gradient of a normalisation whose node has saved input and weight. */
export const ruleOf =
  <G>(kind: Backward<G>): Rule =>
  (n, g) => {
    const x = n.tensor(0)
    const w = n.optional(1)
    const kept = n.meta as G
    if (tracks(g, x, w)) return kind.composed(n, g, x, w, kept)
    const info = computeInfo(x)
    const affine = kind.affineSizes(kept)
    const operands = {
      dx: n.needs(0) ? emptyOf(x.sizes, info) : null,
      dw: n.needs(1) ? emptyOf(affine, info) : null,
      db: n.needs(2) ? emptyOf(affine, info) : null,
      dy: kernelInput(g, info),
      x: kernelInput(x, info),
      weight: optionalInput(w, info),
    }
    const { dx, dw, db } = operands
    if (x.count > 0) {
      kind.encode(info, operands, kept, n)
      run()
    } else for (const t of [dw, db]) t?.zero_()
    releaseInput(operands.dy, g)
    releaseInput(operands.x, x)
    return [dx && castResult(dx, x.info), dw, db]
  }

/** Operands and memory for the result, in the dtype that the kernel computes in. */
export const forwardOperands = (x: Tensor, weight: Tensor | null, bias: Tensor | null, info: DTypeInfo) => ({
  y: emptyOf(x.sizes, info),
  x: kernelInput(x, info),
  weight: optionalInput(weight, info),
  bias: optionalInput(bias, info),
})
type ForwardOperands = ReturnType<typeof forwardOperands>
/** The result as the caller wants it. */
export function finishForward(operands: ForwardOperands, x: Tensor): Tensor {
  releaseInput(operands.x, x)
  return castResult(operands.y, x.info)
}

/** A normalisation by statistics of rows or groups of the input. */
export interface Normalization<G> {
  readonly node: string
  readonly rule: Rule
  encode(info: DTypeInfo, operands: ForwardOperands, mean: Tensor | null, rstd: Tensor | null, kept: G): void
}
/** Runs one; the statistics, one each of `count`, are kept for the gradient. */
export function normalized<G>(
  kind: Normalization<G>,
  x: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  count: Shape,
  kept: G,
): Tensor {
  const info = computeInfo(x)
  const operands = forwardOperands(x, weight, bias, info)
  const tracked = tracks(x, weight, bias)
  const mean = tracked ? emptyOf(count, info) : null
  const rstd = tracked ? emptyOf(count, info) : null
  if (x.count > 0) {
    kind.encode(info, operands, mean, rstd, kept)
    run()
  }
  const y = finishForward(operands, x)
  if (mean && rstd) {
    const n = attach(y, kind.node, kind.rule, [x, weight, bias])
    n.save(x, weight, mean, rstd)
    n.own(mean, rstd)
    n.meta = kept
  }
  return y
}
