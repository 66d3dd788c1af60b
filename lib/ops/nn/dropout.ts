/** Dropout in its forms, with PyTorch's random streams. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { packed, run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import { isDense } from '../../tensor/shape'
import type { Tensor } from '../../tensor/tensor'
import { copyInto, emptyLike, emptyOf, filled } from '../define/results'
import { define } from '../define/define'
import { bool, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { defaultGenerator } from '../random/generator'
import { bernoulli_ } from '../random/in-place'
import {
  checkDropout1d,
  checkDropout2d,
  checkDropoutDims,
  checkDropoutType,
  checkFeatures,
  checkProbability,
} from './dropout-checks'

/** Options of the dropouts. */
export interface DropoutOptions {
  /** The probability of an element to become zero. Default 0.5. */
  p?: number
  /** Default true; false gives the input itself (for the alpha dropouts the default is false). */
  training?: boolean
  /** Overwrite the input. Default false. */
  inplace?: boolean
}
type Dropout = Op<(x: Tensor, p?: number | DropoutOptions, options?: DropoutOptions) => Tensor>
type Filled = Readonly<Required<DropoutOptions>>

/** The definition of a dropout: all take the same. */
const defineDropout = (name: string, node: string, training: boolean, run: (x: Tensor, o: Filled) => Tensor): Dropout =>
  define(name, {
    params: [
      tensor('input'),
      own<number>('float')('p').default(0.5),
      bool('training').default(training),
      bool('inplace').default(false),
    ],
    namespace: 'nn.functional',
    node,
    run(x, o) {
      checkProbability(o.p)
      return run(x, o)
    },
  })
const noiseRule: Rule = (n, g) => g.mul(n.tensor(0))

/** Dropout with its arguments checked. @internal */
export function dropped(x: Tensor, p: number, training: boolean, inplace: boolean): Tensor {
  if (!training || p === 0 || x.count === 0) return x
  if (p === 1) return inplace ? x.mul_(0) : x.mul(0)
  checkDropoutType(x)
  if (inplace) return x.mul_(noiseOf(emptyLike(x, x.info), p))
  const [y, noise] = dropoutRaw(x, p)
  if (tracks(x)) {
    const n = attach(y, dropout.op.node, noiseRule, [x])
    n.save(noise)
    n.own(noise)
  } else noise.storage.release()
  return y
}
/** The noise of dropout, 0 with probability `p`, else 1 / (1 - p); and its product with `x`. No autograd. */
function dropoutRaw(x: Tensor, p: number): [Tensor, Tensor] {
  // In the order of the memory, which is that of the indices for all but permuted tensors.
  const noise = emptyLike(x, x.info)
  const out = emptyLike(x, x.info)
  let c = x
  if (!isDense(x.sizes, x.strides)) copyInto((c = emptyLike(x, x.info)), x)
  encode.randomDropout(OP.random_dropout, c.info, {
    state: defaultGenerator.state,
    noise: packed(noise),
    out: packed(out),
    a: packed(c),
    n: c.count,
    p,
  })
  run()
  return [out, noise]
}
/** Zeros with probability `p`, else 1 / (1 - p). */
const noiseOf = (noise: Tensor, p: number): Tensor => bernoulli_(noise, 1 - p).div_(1 - p)

/**
 * Zeroes elements at random and scales the others by 1 / (1 - p) (Srivastava et al. 2014).
 * @param x floating, of any shape
 * @throws ValueError where `p` is not between 0 and 1
 */
export const dropout: Dropout = defineDropout('dropout', 'MulBackward0', true, (x, { p, training, inplace }) =>
  dropped(x, p, training, inplace),
)

function droppedFeatures(x: Tensor, o: Filled): Tensor {
  if (!o.training || o.p === 0 || x.count === 0) return x
  if (o.p === 1) return o.inplace ? x.mul_(0) : x.mul(0)
  checkDropoutType(x)
  const noise = noiseOf(emptyOf(featureShape(x), x.info), o.p)
  return o.inplace ? x.mul_(noise) : x.mul(noise)
}
function featureShape(x: Tensor): number[] {
  checkFeatures(x)
  return x.sizes.map((s, d) => (d < 2 ? s : 1))
}
/** An unbatched input counts as a batch of one. */
function droppedBatch(x: Tensor, dims: number, o: Filled): Tensor {
  if (x.sizes.length === dims) return droppedFeatures(x, o)
  if (!o.inplace) return droppedFeatures(x.unsqueeze(0), o).squeeze(0)
  x.unsqueeze_(0)
  try {
    return droppedFeatures(x, o)
  } finally {
    x.squeeze_(0)
  }
}

/** Zeroes whole channels at random. @param x [N, C, L] or [C, L] */
export const dropout1d: Dropout = defineDropout('dropout1d', 'MulBackward0', true, (x, o) => {
  checkDropout1d(x)
  return droppedBatch(x, 3, o)
})
/** Zeroes whole channels at random. @param x [N, C, H, W]; [N, C, L] is taken as by `dropout1d`, with a warning */
export const dropout2d: Dropout = defineDropout('dropout2d', 'MulBackward0', true, (x, o) => {
  checkDropout2d(x)
  return droppedFeatures(x, o)
})
/** Zeroes whole channels at random. @param x [N, C, D, H, W] or [C, D, H, W] */
export const dropout3d: Dropout = defineDropout('dropout3d', 'MulBackward0', true, (x, o) => {
  checkDropoutDims('dropout3d', x, 3)
  return droppedBatch(x, 5, o)
})

/** Where SELU saturates: what a dropped element becomes (Klambauer et al. 2017). */
const ALPHA = 1.7580993408473766
function droppedAlpha(x: Tensor, o: Filled, features: boolean): Tensor {
  const { p, inplace } = o
  if (!o.training || p === 0 || x.count === 0) return x
  if (p === 1) return inplace ? x.mul_(0) : x.mul(0)
  const noise = bernoulli_(features ? emptyOf(featureShape(x), x.info) : emptyLike(x, x.info), 1 - p)
  const a = 1 / Math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p))
  // As tensors: to a half type PyTorch adds a number rounded.
  const shift = noise
    .sub(1)
    .mul_(ALPHA * a)
    .add_(filled([], ALPHA * a * p, x.info))
  noise.mul_(a)
  return inplace ? x.mul_(noise).add_(shift) : x.mul(noise).add(shift)
}
/** Dropout that keeps mean and variance of activations by SELU (Klambauer et al. 2017). Unlike the others, not by default. */
export const alphaDropout: Dropout = defineDropout('alphaDropout', 'AddBackward0', false, (x, o) =>
  droppedAlpha(x, o, false),
)
/** As `alphaDropout`, for whole channels. @param x [N, C, …] */
export const featureAlphaDropout: Dropout = defineDropout('featureAlphaDropout', 'AddBackward0', false, (x, o) =>
  droppedAlpha(x, o, true),
)
