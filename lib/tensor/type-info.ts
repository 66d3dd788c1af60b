/** The numerical limits of dtypes: `torch.finfo` and `torch.iinfo`. */
import { ArgumentError } from '../errors'
import { shown } from '../runtime/given'
import { Category, type DType, DTYPES, getDefaultDtype, isDType } from '../runtime/dtype'
import { formatGeneral } from './python-format'
import { INSPECT } from './format'

abstract class TypeInfo {
  abstract toString(): string
  [INSPECT](): string {
    return this.toString()
  }
}

/** The limits of a floating dtype. */
export class FloatInfo extends TypeInfo {
  /** Bits of one number. */
  readonly bits: number
  /** From 1 to the next number. */
  readonly eps: number
  /** The largest finite number. */
  readonly max: number
  /** The least finite number. */
  readonly min: number
  /** The smallest positive number with all its digits. */
  readonly smallestNormal: number
  /** As `smallestNormal`. */
  readonly tiny: number
  /** 10 to the power of minus the decimal digits that are always kept. */
  readonly resolution: number

  constructor(readonly dtype: DType) {
    super()
    expectFloat(dtype)
    const { itemsize, epsilon, range, digits } = DTYPES[dtype]
    this.bits = 8 * itemsize
    this.eps = epsilon
    this.min = Number(range[0])
    this.max = Number(range[1])
    // IEEE 754: the largest number is (2 - eps) · 2ᵉ, and the least exponent 1 - e.
    this.smallestNormal = 2 ** (1 - Math.round(Math.log2(this.max / (2 - epsilon))))
    this.tiny = this.smallestNormal
    this.resolution = Number(`1e-${Math.floor((digits - 1) * Math.log10(2))}`)
  }
  override toString(): string {
    const { resolution, min, max, eps, smallestNormal, tiny } = this
    const values = Object.entries({ resolution, min, max, eps, smallest_normal: smallestNormal, tiny })
    return `finfo(${values.map(([k, v]) => `${k}=${formatGeneral(v)}`).join(', ')}, dtype=${this.dtype})`
  }
}

/** The limits of an integer dtype. */
export class IntInfo extends TypeInfo {
  /** Bits of one number. */
  readonly bits: number
  /** The largest number; of int64 a bigint. */
  readonly max: number | bigint
  /** The least number; of int64 a bigint. */
  readonly min: number | bigint

  constructor(readonly dtype: DType) {
    super()
    expectInteger(dtype)
    const { itemsize, range } = DTYPES[dtype]
    const number = (v: number | bigint): number | bigint => (Number.isSafeInteger(Number(v)) ? Number(v) : v)
    this.bits = 8 * itemsize
    this.min = number(range[0])
    this.max = number(range[1])
  }
  override toString(): string {
    return `iinfo(min=${formatGeneral(Number(this.min))}, max=${formatGeneral(Number(this.max))}, dtype=${this.dtype})`
  }
}

function expectKnown(name: string, dtype: unknown): asserts dtype is DType {
  if (!isDType(dtype)) throw new ArgumentError(`${name}(): argument 'type' must be a dtype, not ${shown(dtype)}`)
}
function expectFloat(dtype: unknown): void {
  expectKnown('finfo', dtype)
  if (DTYPES[dtype].category !== Category.Float)
    throw new ArgumentError(
      `torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'`,
      { dtype },
    )
}
function expectInteger(dtype: unknown): void {
  expectKnown('iinfo', dtype)
  const { category } = DTYPES[dtype]
  if (category === Category.Float)
    throw new ArgumentError(`torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'`, {
      dtype,
    })
  if (category === Category.Bool) throw new ArgumentError('torch.bool is not supported by torch.iinfo', { dtype })
}

/** The limits of a floating dtype. @param dtype default the default dtype @throws ArgumentError for any other */
export const finfo = (dtype: DType = getDefaultDtype()): FloatInfo => new FloatInfo(dtype)

/** The limits of an integer dtype. @throws ArgumentError for any other */
export const iinfo = (dtype: DType): IntInfo => new IntInfo(dtype)
