/**
 * Numbers and strings as Python writes them.
 *
 * `format(x, '.4f')` and `format(x, '.4e')`: Both languages convert exactly; they differ in that JavaScript
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

/** `format(value, '.6g')` of Python, and `%g` of C. */
export function formatGeneral(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value)
  const [digits, exponent] = formatExponential(value, 5).split('e') as [string, string]
  const power = Number(exponent)
  const plain = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  return power < -4 || power >= 6 ? `${plain(digits)}e${exponent}` : plain(formatFixed(value, 5 - power))
}

/**
 * `repr(x)` of a Python float: `1.0`, `1e-05`. Both languages take the fewest digits that tell the number apart; they
 * differ in where the exponent begins, and in its form.
 */
export function formatPythonFloat(value: number): string {
  if (!Number.isFinite(value)) return nonFinite(value)
  const magnitude = Math.abs(value)
  let text: string
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    const [digits, exponent] = magnitude.toExponential().split('e') as [string, string]
    text = `${digits}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`
  } else text = Number.isInteger(magnitude) ? `${magnitude}.0` : String(magnitude)
  return isNegative(value) ? `-${text}` : text
}

/** A number as the same literal prints in Python: `2` is an int there, `2.5` and `1e-05` are floats. */
export const formatPythonNumber = (value: number): string =>
  Number.isSafeInteger(value) ? String(value) : formatPythonFloat(value)

/** A string as Python's `repr` gives it. */
export function formatPythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  let body = ''
  for (const char of text) {
    const code = char.codePointAt(0)!
    if (char === '\\' || char === quote) body += `\\${char}`
    else if (char === '\n') body += '\\n'
    else if (char === '\r') body += '\\r'
    else if (char === '\t') body += '\\t'
    else if (/^[\p{C}\p{Z}]$/u.test(char) && char !== ' ') body += escapeCodePoint(code)
    else body += char
  }
  return quote + body + quote
}

function escapeCodePoint(code: number): string {
  const hex = code.toString(16)
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
