/**
 * Python's `format(x, '.4f')` and `format(x, '.4e')`. Both languages convert exactly; they differ in that JavaScript
 * takes the larger neighbour of an exact tie and Python the even one, in the sign of zero, in JavaScript's leaving
 * positional notation at 1e21, and in the width of the exponent.
 */

const nonFinite = (value: number): string => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf')

const isNegative = (value: number): boolean => value < 0 || Object.is(value, -0)

const EVEN_BELOW: Readonly<Record<string, string>> = { 1: '0', 3: '2', 5: '4', 7: '6', 9: '8' }

// A dyadic fraction lies halfway between two decimals of `digits` places exactly if it is an odd multiple of
// 2^-(digits + 1); scaling by a power of two is exact, so this needs no long arithmetic.
function isTie(magnitude: number, digits: number): boolean {
  const scaled = magnitude * 2 ** (digits + 1)
  return scaled % 2 === 1
}

// The larger neighbour of a tie ends in an odd digit exactly when the smaller one is even, and then differs from it
// in that digit alone.
function towardsEven(digits: string): string {
  const below = EVEN_BELOW[digits.charAt(digits.length - 1)]
  return below === undefined ? digits : digits.slice(0, -1) + below
}

/** `format(value, f'.{precision}f')` of Python. */
export function formatFixed(value: number, precision: number): string {
  if (!Number.isFinite(value)) return nonFinite(value)
  const magnitude = Math.abs(value)
  let digits: string
  if (magnitude >= 1e21) {
    digits = BigInt(magnitude).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '')
  } else {
    digits = magnitude.toFixed(precision)
    if (isTie(magnitude, precision)) digits = towardsEven(digits)
  }
  return isNegative(value) ? `-${digits}` : digits
}

/** `format(value, f'.{precision}e')` of Python. */
export function formatExponential(value: number, precision: number): string {
  if (!Number.isFinite(value)) return nonFinite(value)
  const magnitude = Math.abs(value)
  const [mantissa, exponentText] = magnitude.toExponential(precision).split('e') as [string, string]
  const exponent = Number(exponentText)
  const digits = isExponentialTie(magnitude, precision - exponent) ? towardsEven(mantissa) : mantissa
  const exponentDigits = String(Math.abs(exponent)).padStart(2, '0')
  return `${isNegative(value) ? '-' : ''}${digits}e${exponent < 0 ? '-' : '+'}${exponentDigits}`
}

// `decimals` counts the kept places behind the point; negative, that many places before it are rounded away.
function isExponentialTie(magnitude: number, decimals: number): boolean {
  if (decimals >= 0) return isTie(magnitude, decimals)
  if (!Number.isInteger(magnitude)) return false
  const unit = 10n ** BigInt(-decimals)
  return (BigInt(magnitude) % unit) * 2n === unit
}
