/** Parameters and buffers of which the shape is not known yet. */
import { ValueError } from '../errors'
import { optionsOf } from '../check/options'
import { toPrimitive } from '../ops/tensor/read'
import { emptyOf } from '../ops/define/results'
import { Tensor } from '../tensor/tensor'
import { FACTORY, type Factory, type FactoryOptions, factoryOf } from './factory'
import { Parameter } from './parameter'

const SHAPE =
  "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` when trying to load an uninitialized parameter into an initialized one. Call `forward` to initialize the parameters before accessing their attributes."

/** What works without a shape. */
const ALLOWED = new Set([
  'constructor',
  'detach',
  'to',
  'float',
  'double',
  'half',
  'bfloat16',
  'isFloatingPoint',
  'type',
])

/** Options of `UninitializedParameter` and `UninitializedBuffer`. */
export interface UninitializedOptions extends FactoryOptions {
  /** Whether it will be trained. Default true for parameters, false for buffers. */
  requiresGrad?: boolean
}
/** Options of `materialize`; the dtype is that of the parameter or buffer by default. */
export type MaterializeOptions = FactoryOptions

function materialized(
  t: Tensor,
  shape: readonly number[],
  prototype: object,
  device: FactoryOptions['device'] | MaterializeOptions,
  options: MaterializeOptions | undefined,
): void {
  const o = optionsOf<MaterializeOptions>('materialize', FACTORY, device ?? undefined, options)
  const { info } = factoryOf('materialize', { ...o, dtype: o.dtype ?? t.dtype })
  Object.setPrototypeOf(t, prototype)
  t.data = emptyOf([...shape], info)
  t.storage.kept = true
}
/** Methods that say by their name what was tried. */
function refuseMethods(prototype: object, name: string): void {
  for (let p: object = Tensor.prototype; p !== Object.prototype && p !== null; p = Object.getPrototypeOf(p) as object)
    for (const key of Object.getOwnPropertyNames(p)) {
      const d = Object.getOwnPropertyDescriptor(p, key)
      if (
        typeof d?.value !== 'function' ||
        ALLOWED.has(key) ||
        key in Object.prototype ||
        Object.hasOwn(prototype, key)
      )
        continue
      Object.defineProperty(prototype, key, {
        configurable: true,
        value: () => {
          throw new ValueError(
            `Attempted to use an uninitialized parameter in ${key}. This error happens when you are using a \`LazyModule\` or explicitly manipulating \`torch.nn.parameter.${name}\` objects. When using LazyModules Call \`forward\` with a dummy batch to initialize the parameters before calling torch functions`,
            { method: key },
          )
        },
      })
    }
}
const refused = new Set<object>()
function prepare(t: Tensor): void {
  const prototype = Object.getPrototypeOf(t) as object
  // Not when the class is defined: operations become methods later.
  if (!refused.has(prototype)) refuseMethods(prototype, t.constructor.name)
  refused.add(prototype)
}
function read(op: string, first: unknown, second: unknown): [Factory, boolean | undefined] {
  const o = optionsOf<UninitializedOptions>(op, ['requiresGrad', ...FACTORY], first, second)
  return [factoryOf(op, o), o.requiresGrad]
}
/** A parameter that gets its shape later, of a lazy module say; it has neither sizes nor values until `materialize`. */
export class UninitializedParameter extends Parameter {
  constructor(requiresGrad?: boolean | UninitializedOptions, options?: UninitializedOptions) {
    const [{ info }, trained = true] = read('UninitializedParameter', requiresGrad, options)
    super(emptyOf([0], info), trained)
    prepare(this)
  }
  /** Gives it a shape, and memory that nobody has written; from now on it is a Parameter. */
  materialize(
    shape: readonly number[],
    device?: FactoryOptions['device'] | MaterializeOptions,
    options?: MaterializeOptions,
  ): void {
    materialized(this, shape, Parameter.prototype, device, options)
  }
  override toString(): string {
    return '<UninitializedParameter>'
  }
}
/** A buffer that gets its shape later; it has neither sizes nor values until `materialize`. */
export class UninitializedBuffer extends Tensor {
  constructor(requiresGrad?: boolean | UninitializedOptions, options?: UninitializedOptions) {
    const [{ info }, trained = false] = read('UninitializedBuffer', requiresGrad, options)
    const x = emptyOf([0], info)
    super(x.storage, x.offset, x.sizes, x.strides, x.info, x.count, x.rowMajor, x.versions)
    this.needsGrad = trained
    prepare(this)
  }
  /** Gives it a shape, and memory that nobody has written; from now on it is a plain tensor. */
  materialize(
    shape: readonly number[],
    device?: FactoryOptions['device'] | MaterializeOptions,
    options?: MaterializeOptions,
  ): void {
    materialized(this, shape, Tensor.prototype, device, options)
  }
  override toString(): string {
    return '<UninitializedBuffer>'
  }
}
const { set: setSizes } = Object.getOwnPropertyDescriptor(Tensor.prototype, 'sizes') as PropertyDescriptor
for (const { prototype } of [UninitializedParameter, UninitializedBuffer])
  Object.defineProperties(prototype, {
    // Every look at its sizes throws, so that no operation takes it for the empty tensor that it is.
    sizes: {
      configurable: true,
      get(): never {
        throw new ValueError(SHAPE)
      },
      set: setSizes,
    },
    detach: {
      configurable: true,
      value(this: Tensor): Tensor {
        return emptyOf([0], this.info)
      },
    },
    [Symbol.toStringTag]: {
      configurable: true,
      get(this: Tensor): string {
        return this.toString()
      },
    },
    // It has no value to be a number.
    [Symbol.toPrimitive]: {
      configurable: true,
      value(this: Tensor, hint: string): unknown {
        return hint === 'default' ? toPrimitive(this, hint) : this.toString()
      },
    },
    // Its values in another dtype are those that it will have.
    data: {
      configurable: true,
      get(this: Tensor): Tensor {
        return this.detach()
      },
      set(this: Tensor, value: Tensor) {
        this.info = value.info
      },
    },
  })

/** Whether a parameter or buffer has no shape yet. */
export const isLazy = (v: unknown): v is UninitializedParameter | UninitializedBuffer =>
  v instanceof UninitializedParameter || v instanceof UninitializedBuffer
