/** Printouts against PyTorch's own (test/oracle/print.py). */
import { inspect } from 'node:util'
import {
  autograd,
  cat,
  type DType,
  Generator,
  getPrintOptions,
  nn,
  ones,
  type PrintOptions,
  printOptions,
  setDefaultDtype,
  setPrintOptions,
  stack,
  type Tensor,
  tensor,
  zeros,
} from 'tenzo'
import { formatOrderedDict, formatTensor } from '../../lib/tensor/format'
import { formatExponential, formatFixed, formatPythonFloat, formatPythonString } from '../../lib/tensor/python-format'
import { type CodedTensor, decodeTensor, loadGoldens } from '../helpers/goldens'

type Options = Omit<Partial<PrintOptions>, 'threshold'> & { threshold?: number | 'inf' }
interface Case {
  x: CodedTensor
  options?: Options
  /** The default dtype, where not float32. */
  default?: 'float32' | 'float64'
  as?: string
  text: string
}
interface Large {
  shape: number[]
  dtype: DType
  step: number
  modulus: number
  offset: number
  divisor: number
  options: Options
  text: string
}

const golden = loadGoldens<{
  tensors: Case[]
  large: Large[]
  numbers: [number | string, number, string, string, string][]
  strings: [string, string][]
  stateDicts: { keep: boolean; entries: [string, CodedTensor, boolean][]; text: string }[]
}>('print.json.gz')

/** A Function of that name, whose node prints as <nameBackward>. */
function custom(name: string): (x: Tensor) => Tensor {
  class Custom extends autograd.Function {
    static override forward(_ctx: unknown, x: Tensor): Tensor {
      return x.clone()
    }
    static override backward(_ctx: unknown, g: Tensor): Tensor {
      return g
    }
  }
  Object.defineProperty(Custom, 'name', { value: name })
  return (x) => (Custom as unknown as { apply(x: Tensor): Tensor }).apply(x)
}

/** What makes a tensor with a graph; the recorder has the same table. */
const NODES: Record<string, (x: Tensor) => Tensor> = {
  clone: (x) => x.clone(),
  mul: (x) => x.mul(1),
  neg: (x) => x.neg(),
  abs: (x) => x.abs(),
  relu: (x) => x.relu(),
  unsqueeze: (x) => x.unsqueeze(0),
  flatten: (x) => x.flatten(),
  permute: (x) => x.permute(x.shape.map((_, i) => x.ndim - 1 - i)),
  first: (x) => (x.ndim > 0 && x.shape[0]! > 0 ? x.at(0) : x.clone()),
  expand: (x) => x.expand([2, ...x.shape]),
  cat: (x) => cat([x.reshape([-1]), x.reshape([-1])]),
  stack: (x) => stack([x, x]),
  double: (x) => x.double().clone(),
  squeeze: (x) => x.squeeze(),
  written: (x) => {
    const y = x.clone()
    y.set('...', x.ndim === 0 ? 1 : y.detach().clone())
    return y
  },
  added: (x) => x.clone().mul_(1),
  CopyOf: custom('CopyOf'),
  ChannelWiseNormalizationWithAnExcessivelyLongName: custom('ChannelWiseNormalizationWithAnExcessivelyLongName'),
}

function shown({ x, as }: Case): Tensor {
  const t = decodeTensor(x)
  if (as === undefined) return t
  if (as === 'parameter' || as === 'frozen') return new nn.Parameter(t.clone(), { requiresGrad: as === 'parameter' })
  const leaf = t.clone().requiresGrad_()
  return as === 'leaf' ? leaf : NODES[as]!(leaf)
}

function setOptions({ threshold, ...options }: Options): void {
  setPrintOptions({ ...options, threshold: threshold === 'inf' ? Infinity : threshold })
}

function check(row: Case | Large, t: () => Tensor): { got: string; want: string; row: unknown } | null {
  try {
    if ('default' in row && row.default) setDefaultDtype(row.default)
    const made = t()
    if (row.options) setOptions(row.options)
    const got = String(made)
    return got === row.text ? null : { got, want: row.text, row: { ...row, text: undefined } }
  } finally {
    setPrintOptions({ profile: 'default' })
    setDefaultDtype('float32')
  }
}

describe('tensors print as PyTorch prints them', () => {
  test('at least 400 printouts are recorded', () => {
    expect(golden.tensors.length).toBeGreaterThanOrEqual(400)
  })
  test.each([...new Set(golden.tensors.map((row) => row.x.t))])('%s', (dtype) => {
    const rows = golden.tensors.filter((row) => row.x.t === dtype)
    expect(rows.map((row) => check(row, () => shown(row))).filter((d) => d !== null)).toEqual([])
  })
  test('large ones', () => {
    const make = ({ shape, dtype, step, modulus, offset, divisor }: Large): Tensor => {
      const n = shape.reduce((a, b) => a * b, 1)
      const values = Float64Array.from({ length: n }, (_, i) => (((i * step) % modulus) - offset) / divisor)
      return tensor(values).to(dtype).reshape(shape)
    }
    expect(golden.large.map((row) => check(row, () => make(row))).filter((d) => d !== null)).toEqual([])
  })
})

test('a summarised tensor is read where it is shown and nowhere else', () => {
  let reads = 0
  const valueAt = (i: number): number => {
    reads++
    return i
  }
  const text = formatTensor({ shape: [10_000_000], dtype: 'float32', valueAt })
  expect(text).toBe('tensor([0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 1.0000e+07, 1.0000e+07,\n        1.0000e+07])')
  expect(reads).toBe(6)
})

test('a subclass prints under its own name', () => {
  class Scale extends nn.Parameter {}
  expect(String(new Scale(ones([2])))).toBe('Parameter containing:\nParameter(Scale([1., 1.], requires_grad=True))')
})

test('a buffer prints as a tensor, in each way', () => {
  const buffer = new nn.Buffer(ones([2]))
  for (const text of [String(buffer), `${buffer}`, inspect(buffer)]) expect(text).toBe('tensor([1., 1.])')
})

test('a parameter prints alike in each way', () => {
  const p = new nn.Parameter(ones([2]))
  for (const text of [String(p), `${p}`, p.toString(), inspect(p)])
    expect(text).toBe('Parameter containing:\ntensor([1., 1.], requires_grad=True)')
})

describe('numbers print as Python formats them', () => {
  const decode = (v: number | string): number =>
    typeof v === 'number' ? v : v === 'nan' ? NaN : v === '-0' ? -0 : v === 'inf' ? Infinity : -Infinity
  test('with a given number of digits', () => {
    const wrong = golden.numbers.filter(
      ([value, digits, fixed, exponential]) =>
        formatFixed(decode(value), digits) !== fixed || formatExponential(decode(value), digits) !== exponential,
    )
    expect(wrong).toEqual([])
  })
  test('with as many digits as tell them apart', () => {
    expect(golden.numbers.filter(([value, , , , text]) => formatPythonFloat(decode(value)) !== text)).toEqual([])
  })
})

test.each(golden.strings)('the string %j is quoted as Python quotes it', (text, quoted) => {
  expect(formatPythonString(text)).toBe(quoted)
})

test('state dicts print as an OrderedDict', () => {
  for (const { entries, text } of golden.stateDicts) {
    const made = entries.map(([name, x, isParameter]): [string, Tensor] => [
      name,
      isParameter ? new nn.Parameter(decodeTensor(x)) : decodeTensor(x),
    ])
    expect(formatOrderedDict(made)).toBe(text)
    expect(String(new nn.StateDict(made))).toBe(text)
    expect(inspect(new nn.StateDict(made))).toBe(text)
  }
})

describe("in Node's own printouts", () => {
  const x = ones([2, 2])
  test('a tensor prints as itself', () => {
    expect(inspect(x)).toBe('tensor([[1., 1.],\n        [1., 1.]])')
  })
  test('tensors in arrays, maps and objects are indented as a whole', () => {
    expect(inspect([x, zeros([])])).toBe('[\n  tensor([[1., 1.],\n          [1., 1.]]),\n  tensor(0.)\n]')
    expect(inspect(new Map([['a', x]]))).toBe("Map(1) {\n  'a' => tensor([[1., 1.],\n          [1., 1.]])\n}")
    expect(inspect(x.max(1))).toBe('{ values: tensor([1., 1.]), indices: tensor([0, 0]) }')
    expect(inspect({ net: new nn.Sequential(new nn.ReLU()) })).toBe('{\n  net: Sequential(\n    (0): ReLU()\n  )\n}')
  })
  test('a generator prints its seed', () => {
    expect(inspect(new Generator().manualSeed(3))).toBe('Generator(initialSeed=3)')
  })
  test('a graph node prints by its name', () => {
    expect(inspect(ones([2]).requiresGrad_().sum().gradFn)).toBe('<SumBackward0>')
  })
})

describe('setPrintOptions', () => {
  afterEach(() => setPrintOptions({ profile: 'default' }))

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

  test('null leaves an option as it is, as None does', () => {
    setPrintOptions({ precision: 2 })
    setPrintOptions({ precision: null, profile: null, linewidth: 40 })
    expect(getPrintOptions()).toEqual({ precision: 2, threshold: 1000, edgeitems: 3, linewidth: 40, sciMode: null })
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

  test('an unknown option is refused', () => {
    expect(() => setPrintOptions({ sci_mode: true } as object)).toThrow(
      "setPrintOptions() got an unexpected keyword argument 'sci_mode'",
    )
  })

  test('printOptions holds for a callback, or to the end of the block', () => {
    const x = tensor([1.5])
    expect(printOptions({ precision: 1 }, () => String(x))).toBe('tensor([1.5])')
    expect(() =>
      printOptions({ precision: 1 }, () => {
        throw new Error('inside')
      }),
    ).toThrow('inside')
    expect(String(x)).toBe('tensor([1.5000])')
    {
      using _ = printOptions({ sciMode: true, precision: 0 })
      expect(String(x)).toBe('tensor([2e+00])')
    }
    expect(String(x)).toBe('tensor([1.5000])')
  })
})
