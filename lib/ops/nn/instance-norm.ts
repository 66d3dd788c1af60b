/** Normalisation of each channel of each example. */
import type { Tensor } from '../../tensor/tensor'
import { castRaw, copyInto } from '../define/results'
import { define } from '../define/define'
import { bool, float, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { batchNormOf } from './batch-norm'
import type { AffineOptions } from './normalization'
import { checkInstanceNorm } from './normalization-checks'

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
  checkInstanceNorm(x, o)
  const [batch, channels] = x.sizes as readonly [number, number]
  const repeat = (t: Tensor | null): Tensor | null => t && t.repeat([batch])
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
