/** Padding of one to three spatial dims: amounts from the last dim on, in front and behind. */
import { publicName } from '../../check/class-names'
import { expectNumber, expectTensor } from '../../check/arguments'
import { ShapeError } from '../../errors'
import type { Tensor } from '../../tensor/tensor'
import * as F from '../functional'
import { formatPythonNumber } from '../../tensor/python-format'
import { Module } from '../module'
import { type NoOptions, noOptions, size, tuple } from './common'

/** One amount for all sides, or [left, right, top, bottom, front, back] as far as there are dims. */
export type Sides = number | readonly number[]

abstract class Padding extends Module {
  readonly padding: readonly number[]
  constructor(padding: Sides, options?: NoOptions) {
    super()
    noOptions(publicName(new.target), options)
    this.padding = tuple(publicName(new.target), 'padding', padding, 2 * this.dims())
  }
  /** How many dims are padded. */
  protected abstract dims(): number
  override extraRepr(): string {
    return size(this.padding)
  }
}
abstract class Constant extends Padding {
  readonly value: number
  constructor(padding: Sides, value: number, options?: NoOptions) {
    noOptions(publicName(new.target), options)
    expectNumber(publicName(new.target), 'value', value)
    super(padding)
    this.value = value
  }
  override forward(x: Tensor): Tensor {
    return F.pad(x, this.padding, { value: this.value })
  }
  override extraRepr(): string {
    return `padding=${size(this.padding)}, value=${formatPythonNumber(this.value)}`
  }
}
abstract class Zero extends Padding {
  override forward(x: Tensor): Tensor {
    return F.pad(x, this.padding)
  }
}
abstract class Reflection extends Padding {
  override forward(x: Tensor): Tensor {
    return F.pad(x, this.padding, { mode: 'reflect' })
  }
}
abstract class Replication extends Padding {
  override forward(x: Tensor): Tensor {
    return F.pad(x, this.padding, { mode: 'replicate' })
  }
}
abstract class Circular extends Padding {
  override forward(x: Tensor): Tensor {
    const n = this.dims()
    expectTensor(this.constructor.name, 'input', x)
    if (x.ndim !== n + 1 && x.ndim !== n + 2)
      throw new ShapeError(`expected ${n + 1}D or ${n + 2}D input (got ${x.ndim}D input)`, { input: [...x.sizes] })
    return F.pad(x, this.padding, { mode: 'circular' })
  }
}
/** Pads [N, C, L] with one value. */
export class ConstantPad1d extends Constant {
  protected dims(): number {
    return 1
  }
}
/** Pads [N, C, H, W] with one value. */
export class ConstantPad2d extends Constant {
  protected dims(): number {
    return 2
  }
}
/** Pads [N, C, D, H, W] with one value. */
export class ConstantPad3d extends Constant {
  protected dims(): number {
    return 3
  }
}
/** Pads [N, C, L] with zeros. */
export class ZeroPad1d extends Zero {
  protected dims(): number {
    return 1
  }
}
/** Pads [N, C, H, W] with zeros. */
export class ZeroPad2d extends Zero {
  protected dims(): number {
    return 2
  }
}
/** Pads [N, C, D, H, W] with zeros. */
export class ZeroPad3d extends Zero {
  protected dims(): number {
    return 3
  }
}
/** Pads [N, C, L] with the reflection of the input. */
export class ReflectionPad1d extends Reflection {
  protected dims(): number {
    return 1
  }
}
/** Pads [N, C, H, W] with the reflection of the input. */
export class ReflectionPad2d extends Reflection {
  protected dims(): number {
    return 2
  }
}
/** Pads [N, C, D, H, W] with the reflection of the input. */
export class ReflectionPad3d extends Reflection {
  protected dims(): number {
    return 3
  }
}
/** Pads [N, C, L] with the values at the edge. */
export class ReplicationPad1d extends Replication {
  protected dims(): number {
    return 1
  }
}
/** Pads [N, C, H, W] with the values at the edge. */
export class ReplicationPad2d extends Replication {
  protected dims(): number {
    return 2
  }
}
/** Pads [N, C, D, H, W] with the values at the edge. */
export class ReplicationPad3d extends Replication {
  protected dims(): number {
    return 3
  }
}
/** Pads [N, C, L] with the other end of the input. */
export class CircularPad1d extends Circular {
  protected dims(): number {
    return 1
  }
}
/** Pads [N, C, H, W] with the other end of the input. */
export class CircularPad2d extends Circular {
  protected dims(): number {
    return 2
  }
}
/** Pads [N, C, D, H, W] with the other end of the input. */
export class CircularPad3d extends Circular {
  protected dims(): number {
    return 3
  }
}
