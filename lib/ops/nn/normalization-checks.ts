/** What normalisations refuse, in PyTorch's words and order. */
import { checkFloat, wrongType } from '../../check/dtypes'
import { torchSize } from '../../check/words'
import { DTypeError, IndexError, ShapeError, ValueError } from '../../errors'
import { Category } from '../../runtime/dtype'
import { formatPythonFloat } from '../../tensor/python-format'
import { checkWritable } from '../../tensor/overlap'
import { countOf, sameShape, type Shape, showShape, wrapDim } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import type { BatchNormCall } from './batch-norm'
import type { InstanceNormOptions } from './instance-norm'

/** Parameters are all of the input's dtype, or beside a half type all float32: the first of them decides what is expected. */
function checkMixed(x: Tensor, ...parameters: readonly (Tensor | null)[]): void {
  const given = parameters.filter((p): p is Tensor => p !== null)
  const mixed = given.length > 0 && given[0]?.info !== x.info
  for (const p of given)
    if (mixed ? p.dtype !== 'float32' : p.info !== x.info && x.info.category === Category.Float)
      throw mixed
        ? new DTypeError('mixed dtype (CPU): expect parameter to have scalar type of Float', {
            input: x.dtype,
            parameter: p.dtype,
          })
        : wrongType(x.info, p.info, { input: x.dtype, parameter: p.dtype })
  if (mixed && x.info.compute === x.info.name)
    throw new DTypeError('mixed dtype (CPU): all inputs must share same datatype.', { input: x.dtype })
}

// ---- of channels ------------------------------------------------------------------------------------------------------

/** Training needs more than one value a channel. */
function checkBatchSize(x: Tensor): void {
  const s = x.sizes
  if (s.length === 0) throw new IndexError('tuple index out of range', { input: [] })
  let count = s[0]
  for (let i = 2; i < s.length; i++) count *= s[i]
  if (count === 1)
    throw new ValueError(`Expected more than 1 value per channel when training, got input size ${torchSize(s)}`, {
      input: [...s],
    })
}
export function checkBatch(x: Tensor, training: boolean, eps: number): void {
  if (training) checkBatchSize(x)
  if (training ? eps <= 0 : eps < 0) {
    const kind = training ? 'positive during training' : 'non-negative'
    throw new ValueError(`batch_norm eps must be ${kind}, but got ${formatPythonFloat(eps)}`, {
      eps,
    })
  }
}
/** Of what is no vector a channel, in PyTorch's order. */
export function checkBatchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  o: BatchNormCall,
): void {
  const { weight, bias, training } = o
  const channels = x.sizes[1] ?? 0
  // PyTorch takes an empty vector for a batch without channels.
  if (x.sizes.length === 0 && training) throw new IndexError('tuple index out of range', { input: [] })
  if (x.sizes.length < 2 && x.count > 0 && training && !runningMean && !runningVar) wrapDim(1, x.sizes.length)
  if (!training) {
    if (!runningMean) throw new ValueError('running_mean must be defined in evaluation mode')
    if (!runningVar) throw new ValueError('running_var must be defined in evaluation mode')
  }
  for (const [name, t] of [
    ['running_mean', runningMean],
    ['running_var', runningVar],
    ['weight', weight],
    ['bias', bias],
  ] as const)
    if (t && t.count !== channels)
      throw new ShapeError(`${name} should contain ${channels} elements not ${t.count}`, {
        input: [...x.sizes],
        [name]: [...t.sizes],
      })
  if (x.count > 0) wrapDim(1, x.sizes.length)
  checkFloat('batch_norm', x.info)
  if (training) for (const running of [runningMean, runningVar]) if (running) checkWritable(running)
  checkMixed(x, weight, bias, runningMean, runningVar)
}
export function checkInstanceNorm(x: Tensor, o: Readonly<Required<InstanceNormOptions>>): void {
  const { runningMean: mean, runningVar: variance, useInputStats } = o
  if (useInputStats && countOf(x.sizes.slice(2)) === 1)
    throw new ValueError(`Expected more than 1 spatial element when training, got input size ${torchSize(x.sizes)}`, {
      input: [...x.sizes],
    })
  if ((mean === null) !== (variance === null))
    throw new ValueError('running_mean and running_var must either both be None or neither be None')
  if (!useInputStats && mean === null)
    throw new ValueError('Expected running_mean and running_var to be defined when use_input_stats is false')
  // A running mean of the input's dtype asks the same of the variance; else both are taken as they are.
  if (mean && variance && mean.info === x.info && variance.info !== x.info && x.info.category === Category.Float)
    throw wrongType(x.info, variance.info, {
      input: x.dtype,
      runningVar: variance.dtype,
    })
  if (useInputStats) for (const running of [mean, variance]) if (running) checkWritable(running)
}
export function checkGroupNorm(x: Tensor, numGroups: number, weight: Tensor | null, bias: Tensor | null): void {
  const s = x.sizes
  if (s.length < 2)
    throw new ShapeError(`Expected at least 2 dimensions for input tensor but received ${s.length}`, { input: [...s] })
  const [batch, channels] = s as [number, number]
  if (numGroups <= 0) throw new ValueError(`Expected num groups to be greater than 0, got ${numGroups}`, { numGroups })
  const merged = [Math.floor((batch * channels) / numGroups), numGroups, ...s.slice(2)]
  if (merged[0] * countOf(s.slice(2)) === 1)
    throw new ValueError(`Expected more than 1 value per channel when training, got input size ${showShape(merged)}`, {
      input: [...s],
    })
  if (channels % numGroups !== 0)
    throw new ShapeError(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${showShape(s)} and num_groups=${numGroups}`,
      { input: [...s], numGroups },
    )
  for (const [name, t] of [
    ['weight', weight],
    ['bias', bias],
  ] as const)
    if (t && (t.sizes.length !== 1 || t.count !== channels))
      throw new ShapeError(
        `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape ${showShape((name === 'bias' && weight ? weight : t).sizes)} and input of shape ${showShape(s)}`,
        { input: [...s], [name]: [...t.sizes] },
      )
  checkMixed(x, weight, bias)
  checkFloat('GroupNormKernelImpl', x.info)
}
export function checkLocalResponse(x: Tensor): void {
  const dims = x.sizes.length
  if (dims < 3)
    throw new ShapeError(
      `Expected 3D or higher dimensionality                          input (got ${dims} dimensions)`,
      { input: [...x.sizes] },
    )
}

// ---- of the last dims -------------------------------------------------------------------------------------------------

function checkNormalized(x: Tensor, shape: Shape, star: string): void {
  if (shape.length === 0)
    throw new ShapeError(
      'Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []',
      { input: [...x.sizes] },
    )
  if (x.sizes.length < shape.length || !sameShape(x.sizes.slice(x.sizes.length - shape.length), shape))
    throw new ShapeError(
      `Given normalized_shape=${showShape(shape)}, expected input with shape [${star}${shape.join(', ')}], but got input of size${showShape(x.sizes)}`,
      {
        input: [...x.sizes],
        normalizedShape: [...shape],
      },
    )
}
function checkShaped(name: string, t: Tensor | null, shape: Shape): void {
  if (t && !sameShape(t.sizes, shape))
    throw new ShapeError(
      `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${showShape(t.sizes)} and normalized_shape = ${showShape(shape)}`,
      {
        [name]: [...t.sizes],
        normalizedShape: [...shape],
      },
    )
}
export function checkLayerNorm(x: Tensor, shape: Shape, weight: Tensor | null, bias: Tensor | null): void {
  if (shape.length > 0) {
    checkShaped('weight', weight, shape)
    checkShaped('bias', bias, shape)
  }
  checkNormalized(x, shape, '*, ')
  checkMixed(x, weight, bias)
  checkFloat('LayerNormKernelImpl', x.info)
}
export function checkRmsNorm(x: Tensor, shape: Shape, weight: Tensor | null): void {
  if (shape.length > 0) checkShaped('weight', weight, shape)
  if (shape.length > x.sizes.length)
    throw new ShapeError(`Input tensor must have at least ${shape.length} dimensions, but got ${x.sizes.length}`, {
      input: [...x.sizes],
      normalizedShape: [...shape],
    })
  checkNormalized(x, shape, '*')
  checkFloat('rms_norm', x.info)
}
