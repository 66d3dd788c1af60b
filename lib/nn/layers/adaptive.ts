/** A softmax over many classes that spends little on the rare ones. */
import { ShapeError, ValueError } from '../../errors'
import { expectNumber, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { logSoftmax } from '../../ops/reduce/softmax'
import { cat } from '../../ops/tensor/joining'
import type { Tensor } from '../../tensor/tensor'
import { ModuleList, Sequential } from '../containers'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import { Module } from '../module'
import { flag, positiveInt, real } from './common'
import { Linear } from './linear'
import { torchSize } from '../../check/words'

/** Options of `AdaptiveLogSoftmaxWithLoss`. */
export interface AdaptiveLogSoftmaxOptions extends FactoryOptions {
  /** By what the size of each cluster's projection is divided, once more for every cluster. Default 4. */
  divValue?: number
  /** Give the head a bias. Default false. */
  headBias?: boolean
}
/** What `AdaptiveLogSoftmaxWithLoss` gives. */
export interface AdaptiveLogSoftmaxOutput {
  /** The log-probability of each target, [N] or []. */
  output: Tensor
  /** The mean negative log-likelihood. */
  loss: Tensor
}

/** Python's a // b of positive floats: exact, where JavaScript's quotient is rounded first. */
const floorDivide = (a: number, b: number): number => Math.round((a - (a % b)) / b)

/**
 * The log-likelihood of classes that are sorted by falling frequency (Grave et al. 2017): the frequent ones and the
 * clusters of the others share a softmax, and each cluster has one of its own behind a narrower projection.
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  /** Where the clusters begin, and the number of classes. */
  readonly cutoffs: readonly number[]
  readonly divValue: number
  readonly headBias: boolean
  readonly shortlistSize: number
  readonly nClusters: number
  readonly headSize: number
  head: Linear
  tail: ModuleList<Sequential<[Linear, Linear]>>
  /** @param cutoffs rising classes at which the clusters begin, each in [1, nClasses - 1] */
  constructor(
    readonly inFeatures: number,
    readonly nClasses: number,
    cutoffs: readonly number[],
    divValue?: number | AdaptiveLogSoftmaxOptions,
    options?: AdaptiveLogSoftmaxOptions,
  ) {
    super()
    const op = 'AdaptiveLogSoftmaxWithLoss'
    const o = optionsOf<AdaptiveLogSoftmaxOptions>(op, ['divValue', 'headBias', ...FACTORY], divValue, options)
    positiveInt(op, 'inFeatures', inFeatures)
    positiveInt(op, 'nClasses', nClasses)
    if (!Array.isArray(cutoffs) || cutoffs.length === 0)
      throw new ValueError('cutoffs should be a sequence of length larger than 0')
    for (const c of cutoffs as number[]) expectNumber(op, 'cutoffs', c)
    if (
      !(cutoffs as number[]).every((c, i) => Number.isInteger(c) && c > (i === 0 ? 0 : cutoffs[i - 1]) && c < nClasses)
    )
      throw new ValueError(
        'cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1',
        { cutoffs: [...(cutoffs as number[])] },
      )
    this.cutoffs = [...(cutoffs as number[]), nClasses]
    this.divValue = real(op, 'divValue', o.divValue, 4)
    this.headBias = flag(op, 'headBias', o.headBias, false)
    this.shortlistSize = this.cutoffs[0]
    this.nClusters = this.cutoffs.length - 1
    this.headSize = this.shortlistSize + this.nClusters
    const { options: made } = factoryOf(op, o)
    this.head = new Linear(inFeatures, this.headSize, { bias: this.headBias, ...made })
    const clusters = Array.from({ length: this.nClusters }, (_, i) => {
      const width = floorDivide(inFeatures, this.divValue ** (i + 1))
      const classes = this.cutoffs[i + 1] - this.cutoffs[i]
      const plain = { bias: false, ...made }
      return new Sequential(new Linear(inFeatures, width, plain), new Linear(width, classes, plain))
    })
    this.tail = new ModuleList(clusters)
  }
  /** Draws all weights anew. */
  resetParameters(): void {
    this.head.resetParameters()
    for (const cluster of this.tail) for (const layer of cluster) (layer as Linear).resetParameters()
  }
  /** @param x [N, inFeatures] or [inFeatures]; @param target classes [N] or [] */
  override forward(x: Tensor, target: Tensor): AdaptiveLogSoftmaxOutput {
    expectTensor('AdaptiveLogSoftmaxWithLoss', 'input', x)
    expectTensor('AdaptiveLogSoftmaxWithLoss', 'target', target)
    const data = { input: [...x.sizes], target: [...target.sizes] }
    if (target.ndim > 1) throw new ShapeError('0D or 1D target tensor expected, multi-target not supported', data)
    const batched = target.ndim === 1
    if (batched && x.sizes[0] !== target.sizes[0])
      throw new ShapeError('Input and target should have the same size in the batch dimension.', data)
    if (x.ndim !== (batched ? 2 : 1))
      throw new ShapeError(
        `${batched ? '1D target tensor expects 2D' : '0D target tensor expects 1D'} input tensors, but found inputs with size ${torchSize(x.sizes)}`,
        data,
      )
    const input = batched ? x : x.unsqueeze(0)
    const classes = batched ? target : target.unsqueeze(0)
    const n = classes.sizes[0]
    let output = input.newZeros([n])
    let picked = classes.newEmpty([n])
    let used = 0
    this.cutoffs.forEach((high, i) => {
      const low = i === 0 ? 0 : this.cutoffs[i - 1]
      const rows = classes.ge(low).logicalAnd(classes.lt(high)).nonzero().squeeze(1)
      const count = rows.numel()
      if (count === 0) return
      used += count
      const own = classes.indexSelect(0, rows)
      if (i === 0) {
        picked = picked.indexCopy(0, rows, own)
        return
      }
      const cluster = this.tail.at(i - 1)
      picked = picked.indexFill(0, rows, this.shortlistSize + i - 1)
      const logs = logSoftmax(cluster(input.indexSelect(0, rows)), 1).gather(1, own.sub(low).unsqueeze(1))
      output = output.indexCopy(0, rows, logs.squeeze(1))
    })
    if (used !== n)
      throw new ValueError(
        `Target values should be in [0, ${this.nClasses - 1}], but values in range [${classes.min().item()}, ${classes.max().item()}] were found. `,
        { classes: this.nClasses },
      )
    output = output.add(logSoftmax(this.head(input), 1).gather(1, picked.unsqueeze(1)).squeeze(1))
    const loss = output.neg().mean()
    return { output: batched ? output : output.squeeze(0), loss }
  }
  private allLogs(x: Tensor, head: Tensor): Tensor {
    const logs = logSoftmax(head, 1)
    const parts = [logs.narrow(1, 0, this.shortlistSize)]
    for (let i = 0; i < this.nClusters; i++)
      parts.push(logSoftmax(this.tail.at(i)(x), 1).add(logs.narrow(1, this.shortlistSize + i, 1)))
    return cat(parts, 1)
  }
  /** The log-probabilities of all classes: [N, inFeatures] giving [N, nClasses]. */
  logProb(x: Tensor): Tensor {
    return this.allLogs(x, this.head(x))
  }
  /** The most probable class of each sample: [N, inFeatures] giving [N] int64. */
  predict(x: Tensor): Tensor {
    const head = this.head(x)
    const best = head.argmax(1)
    const rows = best.ge(this.shortlistSize).nonzero().squeeze(1)
    if (rows.numel() === 0) return best
    const rare = this.allLogs(x.indexSelect(0, rows), head.indexSelect(0, rows))
    return best.indexCopy(0, rows, rare.argmax(1))
  }
}
