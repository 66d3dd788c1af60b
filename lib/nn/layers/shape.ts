/** Layers that change shapes. */
import { expectInt, expectInts } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import type { Tensor } from '../../tensor/tensor'
import { Module } from '../module'
import { type NoOptions, noOptions, size } from './common'

/** Options of `Flatten`. */
export interface FlattenOptions {
  /** Default 1. */
  startDim?: number
  /** Default -1. */
  endDim?: number
}
/** Dims `startDim` to `endDim` as one. */
export class Flatten extends Module {
  readonly startDim: number
  readonly endDim: number
  constructor(startDim?: number | FlattenOptions, options?: FlattenOptions) {
    super()
    const o = optionsOf<FlattenOptions>('Flatten', ['startDim', 'endDim'], startDim, options)
    this.startDim = o.startDim ?? 1
    this.endDim = o.endDim ?? -1
  }
  override forward(x: Tensor): Tensor {
    return x.flatten({ startDim: this.startDim, endDim: this.endDim })
  }
  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`
  }
}
/** One dim as several. */
export class Unflatten extends Module {
  constructor(
    readonly dim: number,
    readonly unflattenedSize: readonly number[],
    options?: NoOptions,
  ) {
    super()
    noOptions('Unflatten', options)
    expectInt('Unflatten', 'dim', dim)
    expectInts('Unflatten', 'unflattenedSize', unflattenedSize)
  }
  override forward(x: Tensor): Tensor {
    return x.unflatten(this.dim, this.unflattenedSize)
  }
  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${size(this.unflattenedSize)}`
  }
}
