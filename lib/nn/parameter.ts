import { AutogradError } from '../errors'
import { expectBool, expectTensor } from '../check/arguments'
import { optionsOf } from '../check/options'
import { emptyOf } from '../ops/define/results'
import { toText } from '../ops/tensor/read'
import { Category, DTYPES, getDefaultDtype } from '../runtime/dtype'
import { Tensor } from '../tensor/tensor'

export interface ParameterOptions {
  /** Whether it is trained. Default true. */
  requiresGrad?: boolean
}

/**
 * A tensor that a module owns: assigned to a module, it is one of its parameters. It shares its memory with the tensor
 * that it is made of, and is a leaf.
 */
export class Parameter extends Tensor {
  /** @throws AutogradError for integers and bools, unless `requiresGrad` is false */
  constructor(data?: Tensor, options?: boolean | ParameterOptions) {
    const { requiresGrad = true } = optionsOf<ParameterOptions>('Parameter', ['requiresGrad'], options)
    if (data !== undefined) expectTensor('Parameter', 'data', data)
    expectBool('Parameter', 'requires_grad', requiresGrad)
    const x = data ?? emptyOf([0], DTYPES[getDefaultDtype()])
    if (requiresGrad && x.info.category !== Category.Float) {
      throw new AutogradError('Only Tensors of floating point and complex dtype can require gradients', {
        dtype: x.dtype,
      })
    }
    super(x.storage, x.offset, x.sizes, x.strides, x.info, x.count, x.rowMajor, x.versions)
    this.needsGrad = requiresGrad
    x.storage.kept = true
  }

  override toString(): string {
    return toText(this, true, this.constructor === Parameter)
  }
}

/** Options of `nn.Buffer`. */
export interface BufferOptions {
  /** Part of the state dict. Default true. */
  persistent?: boolean
}

/** A tensor that a module keeps but does not train: assigned to a module, it is one of its buffers. Shares memory. */
export class Buffer extends Tensor {
  /** @internal Bundlers rename what is called as one of node's globals. */
  static override readonly name = 'Buffer'

  /** Whether it becomes part of the module's state dict. */
  accessor persistent: boolean

  constructor(data?: Tensor, options?: BufferOptions) {
    const o = optionsOf<BufferOptions>('Buffer', ['persistent'], undefined, options)
    const { persistent = true } = o
    if (data !== undefined) expectTensor('Buffer', 'data', data)
    expectBool('Buffer', 'persistent', persistent)
    const x = data ?? emptyOf([0], DTYPES[getDefaultDtype()])
    super(x.storage, x.offset, x.sizes, x.strides, x.info, x.count, x.rowMajor, x.versions)
    this.needsGrad = x.requiresGrad
    this.persistent = persistent
    x.storage.kept = true
  }

  override toString(): string {
    return toText(this, false, this.constructor === Buffer)
  }
}

export const isParameter = (value: unknown): value is Parameter => value instanceof Parameter
