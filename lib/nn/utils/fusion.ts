/** A layer and the batch normalisation after it as one layer, for evaluation. */
import { noGrad } from '../../autograd/mode'
import { expectModule } from '../registry'
import { ModuleError, ShapeError } from '../../errors'
import { expectBool, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import type { Tensor } from '../../tensor/tensor'
import { deepCopy } from '../copy'
import type { Linear } from '../layers/linear'
import type { Module } from '../module'
import { Parameter } from '../parameter'

/** A layer with a weight and a bias. */
type Weighted = Module & { weight: Parameter; bias: Parameter | null }
/** What is read of a batch normalisation. */
type Normalization = Module & {
  readonly numFeatures: number
  readonly eps: number
  weight: Parameter | null
  bias: Parameter | null
  runningMean: Tensor | null
  runningVar: Tensor | null
}

function statistics(layer: Module, bn: Normalization): [Tensor, Tensor] {
  if (layer.training || bn.training) throw new ModuleError('Fusion only for eval!')
  if (bn.runningMean === null || bn.runningVar === null)
    throw new ModuleError('bn.running_mean and bn.running_var must not be None')
  return [bn.runningMean, bn.runningVar]
}

/** Options of `fuseConvBnEval`. */
export interface FuseConvOptions {
  /** The convolution is a transposed one. Default false. */
  transpose?: boolean
}
/**
 * A copy of a convolution that also does what the batch normalisation after it does in evaluation.
 * @throws ModuleError in training, or without running statistics
 */
export function fuseConvBnEval<M extends Weighted>(
  conv: M,
  bn: Normalization,
  transpose?: boolean | FuseConvOptions,
): M {
  expectModule('fuseConvBnEval', 'conv', conv)
  expectModule('fuseConvBnEval', 'bn', bn)
  const { transpose: transposed = false } = optionsOf<FuseConvOptions>('fuseConvBnEval', ['transpose'], transpose)
  expectBool('fuseConvBnEval', 'transpose', transposed)
  const [mean, variance] = statistics(conv, bn)
  const fused = deepCopy(conv)
  ;[fused.weight, fused.bias] = fuseConvBnWeights(
    fused.weight,
    fused.bias,
    mean,
    variance,
    bn.eps,
    bn.weight,
    bn.bias,
    transposed,
  )
  return fused
}
/** The weight and bias of a convolution followed by a batch normalisation. */
export function fuseConvBnWeights(
  convW: Tensor,
  convB: Tensor | null,
  bnRm: Tensor,
  bnRv: Tensor,
  bnEps: number,
  bnW: Tensor | null,
  bnB: Tensor | null,
  transpose: boolean | FuseConvOptions = false,
): [Parameter, Parameter] {
  const { transpose: transposed = false } = optionsOf<FuseConvOptions>('fuseConvBnWeights', ['transpose'], transpose)
  expectTensor('fuseConvBnWeights', 'conv_w', convW)
  expectTensor('fuseConvBnWeights', 'bn_rm', bnRm)
  expectTensor('fuseConvBnWeights', 'bn_rv', bnRv)
  return noGrad(() => {
    const offset = convB ?? bnRm.newZeros(bnRm.shape)
    const scale = bnRv.add(bnEps).rsqrt()
    const factor = bnW ? bnW.mul(scale) : scale
    const rest = new Array<number>(convW.ndim - 2).fill(1)
    const weight = convW.mul(factor.reshape(transposed ? [1, -1, ...rest] : [-1, 1, ...rest]))
    const centred = offset.sub(bnRm).mul(scale)
    const scaled = bnW ? centred.mul(bnW) : centred
    const bias = bnB ? scaled.add(bnB) : scaled
    return [
      new Parameter(weight.to(convW.dtype), convW.requiresGrad),
      new Parameter(bias.to(convB?.dtype ?? convW.dtype), offset.requiresGrad),
    ]
  })
}
/**
 * A copy of a linear layer that also does what the batch normalisation after it does in evaluation.
 * @throws ModuleError in training, or without running statistics
 * @throws ShapeError where the normalisation has neither as many features as the layer's output nor one
 */
export function fuseLinearBnEval(linear: Linear, bn: Normalization): Linear {
  expectModule('fuseLinearBnEval', 'linear', linear)
  expectModule('fuseLinearBnEval', 'bn', bn)
  if (linear.training || bn.training) throw new ModuleError('Fusion only for eval!')
  if (linear.outFeatures !== bn.numFeatures && bn.numFeatures !== 1)
    throw new ShapeError(
      `To fuse, linear.out_features == bn.num_features or bn.num_features == 1, got linear.out_features=${linear.outFeatures} and bn.num_features=${bn.numFeatures}`,
      { outFeatures: linear.outFeatures, numFeatures: bn.numFeatures },
    )
  const [mean, variance] = statistics(linear, bn)
  const fused = deepCopy(linear)
  ;[fused.weight, fused.bias] = fuseLinearBnWeights(
    fused.weight,
    fused.bias,
    mean,
    variance,
    bn.eps,
    bn.weight,
    bn.bias,
  )
  return fused
}
/** The weight and bias of a linear layer followed by a batch normalisation. */
export function fuseLinearBnWeights(
  linearW: Tensor,
  linearB: Tensor | null,
  bnRm: Tensor,
  bnRv: Tensor,
  bnEps: number,
  bnW: Tensor | null,
  bnB: Tensor | null,
): [Parameter, Parameter] {
  expectTensor('fuseLinearBnWeights', 'linear_w', linearW)
  expectTensor('fuseLinearBnWeights', 'bn_rm', bnRm)
  expectTensor('fuseLinearBnWeights', 'bn_rv', bnRv)
  return noGrad(() => {
    const offset = linearB ?? bnRm.newZeros(bnRm.shape)
    const scale = bnRv.add(bnEps).rsqrt()
    const factor = bnW ? bnW.mul(scale) : scale
    const weight = linearW.mul(factor.unsqueeze(-1).to(linearW.dtype))
    const centred = offset.sub(bnRm).mul(factor)
    const bias = (bnB ? centred.add(bnB) : centred).to(linearB?.dtype ?? linearW.dtype)
    return [new Parameter(weight, linearW.requiresGrad), new Parameter(bias, offset.requiresGrad)]
  })
}
