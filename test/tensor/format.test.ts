import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DType } from '../../lib/runtime/dtype'
import {
  formatOrderedDict,
  formatPythonString,
  formatTensor,
  getPrintOptions,
  type Printable,
  type PrintOptions,
  setPrintOptions,
} from '../../lib/tensor/format'
import { formatExponential, formatFixed } from '../../lib/tensor/number-format'

type Encoded = number | boolean | string

interface Case {
  shape: number[]
  dtype: DType
  values?: Encoded[]
  lazy?: { step: number; modulus: number; offset: number; divisor: number }
  options?: Omit<Partial<PrintOptions>, 'threshold'> & { threshold?: number | 'inf' }
  requiresGrad?: boolean
  isParameter?: boolean
  gradFn?: string
  text: string
}

const golden = JSON.parse(readFileSync(join(__dirname, '../goldens/print.json'), 'utf8')) as {
  tensors: Case[]
  numbers: [Encoded, number, string, string][]
  strings: [string, string][]
  stateDicts: { entries: [string, Case][]; text: string }[]
}

const NONFINITE: Record<string, number> = { nan: NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 }
const decode = (value: Encoded): Printable =>
  typeof value === 'string' ? (value in NONFINITE ? NONFINITE[value]! : BigInt(value)) : value

function print(row: Case): [text: string, reads: number] {
  let reads = 0
  const { lazy, values } = row
  const valueAt = (index: number): Printable => {
    reads++
    if (!lazy) return decode(values![index]!)
    return (((index * lazy.step) % lazy.modulus) - lazy.offset) / lazy.divisor
  }
  return [formatTensor({ ...row, valueAt }), reads]
}

afterEach(() => setPrintOptions({ profile: 'default' }))

test.each(golden.tensors.map((row, i) => [i, row.dtype, `[${row.shape}]`, row] as const))(
  'tensor %i prints as PyTorch prints it: %s %s',
  (_i, _dtype, _shape, row) => {
    if (row.options) {
      const { threshold, ...options } = row.options
      setPrintOptions({ ...options, threshold: threshold === 'inf' ? Infinity : threshold })
    }
    expect(print(row)[0]).toBe(row.text)
  },
)

test('a summarised tensor is read where it is shown and nowhere else', () => {
  const row = golden.tensors.find((row) => row.shape[0] === 10_000_000 && !row.options?.edgeitems)!
  expect(print(row)[1]).toBeLessThanOrEqual(6)
})

test('numbers print as Python formats them', () => {
  const wrong = golden.numbers.filter(
    ([value, digits, fixed, exponential]) =>
      formatFixed(decode(value) as number, digits) !== fixed ||
      formatExponential(decode(value) as number, digits) !== exponential,
  )
  expect(wrong).toEqual([])
})

test.each(golden.strings)('the string %j is quoted as Python quotes it', (text, quoted) => {
  expect(formatPythonString(text)).toBe(quoted)
})

test('state dicts print as an OrderedDict', () => {
  for (const { entries, text } of golden.stateDicts) {
    expect(formatOrderedDict(entries.map(([name, row]) => [name, print(row)[0]]))).toBe(text)
  }
})

describe('setPrintOptions', () => {
  test('keeps what is not named, except sciMode', () => {
    setPrintOptions({ precision: 2, sciMode: true })
    setPrintOptions({ edgeitems: 5 })
    expect(getPrintOptions()).toEqual({ precision: 2, threshold: 1000, edgeitems: 5, linewidth: 80, sciMode: null })
  })

  test('a profile sets all, options beside it prevail', () => {
    setPrintOptions({ linewidth: 10, profile: 'short', precision: 7 })
    expect(getPrintOptions()).toEqual({ precision: 7, threshold: 1000, edgeitems: 2, linewidth: 10, sciMode: null })
  })

  test('what it got is what it takes', () => {
    setPrintOptions({ profile: 'full', sciMode: false })
    const saved = getPrintOptions()
    setPrintOptions({ profile: 'default' })
    setPrintOptions(saved)
    expect(getPrintOptions()).toEqual(saved)
  })

  test.each([
    { precision: -1 },
    { precision: 101 },
    { precision: 1.5 },
    { edgeitems: -1 },
    { threshold: NaN },
    { linewidth: NaN },
    { profile: 'tiny' as 'short' },
    { sciMode: 'yes' as unknown as boolean },
  ])('%j is refused and changes nothing', (options) => {
    const before = getPrintOptions()
    expect(() => setPrintOptions(options)).toThrow(expect.objectContaining({ code: 'ERR_TENZO_VALUE' }))
    expect(getPrintOptions()).toEqual(before)
  })
})
