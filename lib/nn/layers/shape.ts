/** Layers that change shapes: flattening and padding. */
import { expectInt, expectInts, expectNumber, optionsOf } from '../../ops/core'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { Module } from '../module'
import { type NoOptions, noOptions, size, tuple } from './common'

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
  constructor(options?: number | FlattenOptions, rest?: FlattenOptions) {
    super()
    const o = optionsOf<FlattenOptions>('Flatten', ['startDim', 'endDim'], options, rest)
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

type Sides2 = number | readonly number[]
const sides = (op: string, v: Sides2): readonly number[] => tuple(op, 'padding', v, 4)
/** Pads height and width with one value: [left, right, top, bottom]. */
export class ConstantPad2d extends Module {
  readonly padding: readonly number[]
  readonly value: number
  constructor(padding: Sides2, value: number, options?: NoOptions) {
    super()
    noOptions('ConstantPad2d', options)
    expectNumber('ConstantPad2d', 'value', value)
    this.padding = sides('ConstantPad2d', padding)
    this.value = value
  }
  override forward(x: Tensor): Tensor {
    return F.pad(x, this.padding, { value: this.value })
  }
  override extraRepr(): string {
    return `padding=${size(this.padding)}, value=${this.value}`
  }
}
/** Pads height and width with zeros. */
export class ZeroPad2d extends Module {
  readonly padding: readonly number[]
  constructor(padding: Sides2, options?: NoOptions) {
    super()
    noOptions(new.target.name, options)
    this.padding = sides(new.target.name, padding)
  }
  override forward(x: Tensor): Tensor {
    return F.pad(x, this.padding, { value: 0 })
  }
  override extraRepr(): string {
    return size(this.padding)
  }
}
/** Pads height and width with the reflection of the input. */
export class ReflectionPad2d extends Module {
  readonly padding: readonly number[]
  constructor(padding: Sides2, options?: NoOptions) {
    super()
    noOptions(new.target.name, options)
    this.padding = sides(new.target.name, padding)
  }
  override forward(x: Tensor): Tensor {
    return F.pad(x, this.padding, { mode: 'reflect' })
  }
  override extraRepr(): string {
    return size(this.padding)
  }
}
/** Pads height and width with the values at the edge. */
export class ReplicationPad2d extends Module {
  readonly padding: readonly number[]
  constructor(padding: Sides2, options?: NoOptions) {
    super()
    noOptions(new.target.name, options)
    this.padding = sides(new.target.name, padding)
  }
  override forward(x: Tensor): Tensor {
    return F.pad(x, this.padding, { mode: 'replicate' })
  }
  override extraRepr(): string {
    return size(this.padding)
  }
}
