/** Local response normalisation as Caffe has it. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { ValueError } from '../../errors'
import { expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { tensor } from '../../ops/tensor/create'
import type { Tensor } from '../../tensor/tensor'
import { formatPythonNumber } from '../../tensor/python-format'
import { Module } from '../module'
import { float, positiveInt, real } from './common'

/** Options of `CrossMapLRN2d`. */
export interface CrossMapLRNOptions {
  /** Default 1e-4. */
  alpha?: number
  /** Default 0.75. */
  beta?: number
  /** Default 1. */
  k?: number
}
/** Sums over channels, [N, C, H, W]: of channel c those for which `counts(c, i)`. */
function sums(x: Tensor, counts: (c: number, i: number) => boolean): Tensor {
  const channels = x.sizes[1]
  const ones = Float64Array.from({ length: channels * channels }, (_, at) =>
    counts(Math.floor(at / channels), at % channels) ? 1 : 0,
  )
  return tensor(ones).to(x.dtype).view([channels, channels]).matmul(x.flatten(2)).view(x.sizes)
}
/** Divides by a power of the energy of neighbouring channels, on [batch, channels, height, width]. */
export class CrossMapLRN2d extends Module {
  readonly alpha: number
  readonly beta: number
  readonly k: number
  /** @param size how many channels make a neighbourhood */
  constructor(
    readonly size: number,
    alpha?: number | CrossMapLRNOptions,
    options?: CrossMapLRNOptions,
  ) {
    super()
    const o = optionsOf<CrossMapLRNOptions>('CrossMapLRN2d', ['alpha', 'beta', 'k'], alpha, options)
    positiveInt('CrossMapLRN2d', 'size', size)
    this.alpha = real('CrossMapLRN2d', 'alpha', o.alpha, 1e-4)
    this.beta = real('CrossMapLRN2d', 'beta', o.beta, 0.75)
    this.k = real('CrossMapLRN2d', 'k', o.k, 1)
  }
  override forward(x: Tensor): Tensor {
    expectTensor('CrossMapLRN2d', 'input', x)
    if (x.ndim !== 4)
      throw new ValueError(`CrossMapLRN2d: Expected input to be 4D, got ${x.ndim}D instead.`, { shape: [...x.shape] })
    const { beta, k, size } = this
    const share = this.alpha / size
    const input = x.detach()
    // PyTorch's running sum never drops the first channel, and its gradient counts the `size` channels up to this one
    // or, of an even size, one further. Both are what its nets were trained with.
    const reach = Math.floor((size + 1) / 2)
    const near = (c: number, i: number): boolean => i < c + reach && (i === 0 || i > c - reach)
    const back = Math.trunc(size - (size - 1) / 2)
    const behind = (c: number, i: number): boolean => (size === 1 ? i === c : c - back <= i && i < c - back + size)
    const scale = sums(input.square(), near).mul(share).add(k)
    const y = input.mul(scale.pow(-beta))
    if (tracks(x)) {
      const rule: Rule = (n, g) => {
        const v = n.tensor(0)
        const energy = sums(v.square(), near).mul(share).add(k)
        const shared = sums(g.mul(v).mul(energy.pow(-beta - 1)), behind)
        return g.mul(energy.pow(-beta)).sub(v.mul(shared).mul(2 * share * beta))
      }
      attach(y, 'CrossMapLRN2dBackward', rule, [x]).save(x)
    }
    return y
  }
  override extraRepr(): string {
    return `${this.size}, alpha=${float(this.alpha)}, beta=${float(this.beta)}, k=${formatPythonNumber(this.k)}`
  }
}
