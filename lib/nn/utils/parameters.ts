/** Gradients limited in size, and parameters as one vector. */
import { noGrad } from '../../autograd/mode'
import { ArgumentError, ShapeError, ValueError } from '../../errors'
import { describe, expectNumber, expectTensor, isIterable } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { cat, stack } from '../../ops/tensor/joining'
import { scalarTensor } from '../../ops/tensor/create'
import { showShape } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'

function listOf(op: string, parameters: Tensor | Iterable<Tensor>): Tensor[] {
  if (isTensor(parameters)) return [parameters]
  if (!isIterable(parameters))
    throw new ArgumentError(
      `${op}(): argument 'parameters' must be a Tensor or an iterable of Tensors, not ${describe(parameters)}`,
    )
  const list = [...parameters]
  for (const p of list) expectTensor(op, 'parameters', p)
  return list
}
const gradientsOf = (parameters: readonly Tensor[]): Tensor[] => parameters.flatMap((p) => p.grad ?? [])

/** Options of `clipGradNorm_` and `getTotalNorm`. */
export interface TotalNormOptions {
  /** The exponent of the norm; `Infinity` for the largest amount. Default 2. */
  normType?: number
  /** Throw where the norm is NaN or infinite. Default false. */
  errorIfNonfinite?: boolean
}
/** The norm of all tensors as if they were one vector. */
export function getTotalNorm(
  tensors: Tensor | Iterable<Tensor>,
  normType?: number | TotalNormOptions,
  options?: TotalNormOptions,
): Tensor {
  const o = optionsOf<TotalNormOptions>('getTotalNorm', ['normType', 'errorIfNonfinite'], normType, options)
  const list = listOf('getTotalNorm', tensors)
  const p = o.normType ?? 2
  expectNumber('getTotalNorm', 'norm_type', p)
  if (list.length === 0) return scalarTensor(0)
  const total = stack(list.map((t) => t.norm(p))).norm(p)
  if (o.errorIfNonfinite && !Number.isFinite(Number(total.item())))
    throw new ValueError(
      `The total norm of order ${Number.isInteger(p) ? `${p}.0` : p} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`error_if_nonfinite=False\``,
      { normType: p },
    )
  return total
}
/** Scales gradients in place so that `totalNorm` becomes `maxNorm` at most. */
export function clipGradsWithNorm_(parameters: Tensor | Iterable<Tensor>, maxNorm: number, totalNorm: Tensor): void {
  expectNumber('clipGradsWithNorm_', 'max_norm', maxNorm)
  expectTensor('clipGradsWithNorm_', 'total_norm', totalNorm)
  const gradients = gradientsOf(listOf('clipGradsWithNorm_', parameters))
  noGrad(() => {
    const factor = totalNorm.add(1e-6).reciprocal().mul(maxNorm).clampMax(1)
    for (const g of gradients) g.mul_(factor)
  })
}
/**
 * Scales gradients in place so that their common norm is at most `maxNorm`.
 * @returns the norm before
 */
export function clipGradNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  normType?: number | TotalNormOptions,
  options?: TotalNormOptions,
): Tensor {
  const o = optionsOf<TotalNormOptions>('clipGradNorm_', ['normType', 'errorIfNonfinite'], normType, options)
  expectNumber('clipGradNorm_', 'max_norm', maxNorm)
  const list = listOf('clipGradNorm_', parameters)
  const total = noGrad(() => getTotalNorm(gradientsOf(list), o))
  clipGradsWithNorm_(list, maxNorm, total)
  return total
}
/** Limits every gradient element to [-clipValue, clipValue], in place. */
export function clipGradValue_(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  expectNumber('clipGradValue_', 'clip_value', clipValue)
  const gradients = gradientsOf(listOf('clipGradValue_', parameters))
  noGrad(() => {
    for (const g of gradients) g.clamp_(-clipValue, clipValue)
  })
}
/** All parameters flattened, one after the other. */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat(listOf('parametersToVector', parameters).map((p) => p.reshape([-1])))
}
/** Gives parameters the values that a vector holds, one after the other; they become views of it. */
export function vectorToParameters(vec: Tensor, parameters: Iterable<Tensor>): void {
  if (!isTensor(vec)) throw new ArgumentError(`expected torch.Tensor, but got: ${describe(vec)}`)
  let at = 0
  for (const p of listOf('vectorToParameters', parameters)) {
    const n = p.numel()
    const left = Math.max(0, Math.min(n, vec.numel() - at))
    if (left < n)
      throw new ShapeError(`shape '${showShape(p.sizes)}' is invalid for input of size ${left}`, {
        shape: [...p.sizes],
        size: left,
      })
    p.data = vec.detach().narrow(0, at, n).view(p.sizes)
    at += n
  }
}
