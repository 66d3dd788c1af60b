/** Normalisation of each channel of each example. */
import { ValueError } from '../../errors'
import { Category } from '../../runtime/dtype'
import { countOf } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { castRaw, copyInto } from '../define/results'
import { checkWritable } from '../../tensor/overlap'
import { define } from '../define/define'
import { bool, float, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { batchNormOf } from './batch-norm'
import type { AffineOptions } from './normalization'
import { torchSize } from '../../check/words'
import { wrongType } from '../../check/dtypes'

/** Options of `instanceNorm`. */
export interface InstanceNormOptions extends AffineOptions {
  /** [C]; moved where a plane's own statistics are used. */
  runningMean?: Tensor | null
  /** [C]; moved where a plane's own statistics are used. */
  runningVar?: Tensor | null
  /** Use each plane's own statistics instead of the running ones. Default true. */
  useInputStats?: boolean
  /** How much of the new statistics goes into the running ones. Default 0.1. */
  momentum?: number
}

/**
 * Normalises each channel of each example over space (Ulyanov et al. 2016).
 * @param x [N, C, …], floating
 * @throws ValueError where a plane has but one element
 */
export const instanceNorm: Op<
  (x: Tensor, runningMean?: Tensor | null | InstanceNormOptions, options?: InstanceNormOptions) => Tensor
> = define('instanceNorm', {
  params: [
    tensor('input'),
    tensor('runningMean').orNull().default(null),
    tensor('runningVar').orNull().default(null),
    tensor('weight').orNull().default(null),
    tensor('bias').orNull().default(null),
    bool('useInputStats').default(true),
    float('momentum').default(0.1),
    float('eps').default(1e-5),
  ],
  namespace: 'nn.functional',
  run: (x, o) => instanceNormOf(x, o),
})
function instanceNormOf(x: Tensor, o: Readonly<Required<InstanceNormOptions>>): Tensor {
  const { runningMean: mean, runningVar: variance, weight, bias, useInputStats, momentum, eps } = o
  if (useInputStats && countOf(x.sizes.slice(2)) === 1)
    throw new ValueError(`Expected more than 1 spatial element when training, got input size ${torchSize(x.sizes)}`, {
      input: [...x.sizes],
    })
  if ((mean === null) !== (variance === null))
    throw new ValueError('running_mean and running_var must either both be None or neither be None')
  if (!useInputStats && mean === null)
    throw new ValueError('Expected running_mean and running_var to be defined when use_input_stats is false')
  const [batch, channels] = x.sizes as readonly [number, number]
  const repeat = (t: Tensor | null): Tensor | null => t && t.repeat([batch])
  // A running mean of the input's dtype asks the same of the variance; else both are taken as they are.
  if (mean && variance && mean.info === x.info && variance.info !== x.info && x.info.category === Category.Float)
    throw wrongType(x.info, variance.info, {
      input: x.dtype,
      runningVar: variance.dtype,
    })
  if (useInputStats) for (const running of [mean, variance]) if (running) checkWritable(running)
  const [rm, rv] = [mean, variance].map((t) => t && castRaw(t.repeat([batch]).detach(), x.info)) as [
    Tensor | null,
    Tensor | null,
  ]
  const flat = x.contiguous().view([1, batch * channels, ...x.sizes.slice(2)])
  const y = batchNormOf(flat, rm, rv, {
    weight: repeat(weight),
    bias: repeat(bias),
    training: useInputStats,
    momentum,
    eps,
  })
  if (useInputStats)
    for (const [running, moved] of [
      [mean, rm],
      [variance, rv],
    ] as const)
      if (running && moved) {
        copyInto(running, moved.view([batch, channels]).mean(0))
        running.versions.version++
      }
  return y.view(x.sizes)
}
