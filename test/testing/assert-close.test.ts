/** `testing.assertClose`; what it says is PyTorch 2.13's `torch.testing.assert_close` on the same values. */
import { nn, type Tensor, tensor, testing } from 'tenzo'

const { assertClose } = testing
const int64 = { dtype: 'int64' } as const
const float64 = { dtype: 'float64' } as const
const t = tensor

function said(actual: unknown, expected: unknown, options?: testing.AssertCloseOptions): string {
  try {
    assertClose(actual, expected, options)
  } catch (error) {
    const e = error as Error & { code?: string }
    expect(e.code).toBe('ERR_ASSERTION')
    return e.message
  }
  return 'close'
}
const differ = (mismatched: string, absolute: string, relative: string, kind = 'close'): string =>
  `Tensor-likes are not ${kind}!\n\nMismatched elements: ${mismatched}\nGreatest absolute difference: ${absolute}\nGreatest relative difference: ${relative}`

test.each<[string, Tensor, Tensor, string, testing.AssertCloseOptions?]>([
  ['equal', t([1, 2]), t([1, 2]), 'close'],
  ['empty', t([]), t([]), 'close'],
  [
    'one element',
    t([1, 2, 3]),
    t([1, 2, 3.1]),
    differ(
      '1 / 3 (33.3%)',
      '0.09999990463256836 at index (2,) (up to 1e-05 allowed)',
      '0.032258033752441406 at index (2,) (up to 1.3e-06 allowed)',
    ),
  ],
  [
    'a matrix',
    t([
      [1, 2],
      [3, 5],
    ]),
    t([
      [1, 2],
      [3.1, 4],
    ]),
    differ(
      '2 / 4 (50.0%)',
      '1.0 at index (1, 1) (up to 1e-05 allowed)',
      '0.25 at index (1, 1) (up to 1.3e-06 allowed)',
    ),
  ],
  [
    '0-d',
    t(1),
    t(2),
    'Scalars are not close!\n\nExpected 2.0 but got 1.0.\nAbsolute difference: 1.0 (up to 1e-05 allowed)\nRelative difference: 0.5 (up to 1.3e-06 allowed)',
  ],
  [
    'integers',
    t([1, 2], int64),
    t([1, 3], int64),
    differ('1 / 2 (50.0%)', '1 at index (1,)', '0.3333333432674408 at index (1,)', 'equal'),
  ],
  [
    'bools',
    t([true, false]),
    t([true, true]),
    differ('1 / 2 (50.0%)', '1 at index (1,)', '1.0 at index (1,)', 'equal'),
  ],
  [
    'int64 beyond 53 bits',
    t([2n ** 62n, 1n]),
    t([2n ** 62n + 1n, 1n]),
    differ('1 / 2 (50.0%)', '1 at index (0,)', '2.168404344971009e-19 at index (0,)', 'equal'),
  ],
  [
    'uint8 does not wrap',
    t([200], { dtype: 'uint8' }),
    t([100], { dtype: 'uint8' }),
    differ('1 / 1 (100.0%)', '100 at index (0,)', '1.0 at index (0,)', 'equal'),
  ],
  [
    'half types',
    t([1, 2], { dtype: 'float16' }),
    t([1, 2.1], { dtype: 'float16' }),
    differ(
      '1 / 2 (50.0%)',
      '0.099609375 at index (1,) (up to 1e-05 allowed)',
      '0.047454833984375 at index (1,) (up to 0.001 allowed)',
    ),
  ],
  [
    'float64',
    t([1e300], float64),
    t([1e-300], float64),
    differ('1 / 1 (100.0%)', '1e+300 at index (0,) (up to 1e-07 allowed)', 'inf at index (0,) (up to 1e-07 allowed)'),
  ],
  [
    'NaN differs from itself',
    t([Number.NaN]),
    t([Number.NaN]),
    differ('1 / 1 (100.0%)', 'nan at index (0,) (up to 1e-05 allowed)', 'nan at index (0,) (up to 1.3e-06 allowed)'),
  ],
  ['NaN, allowed', t([Number.NaN]), t([Number.NaN]), 'close', { equalNan: true }],
  [
    'infinities',
    t([Infinity]),
    t([-Infinity]),
    differ('1 / 1 (100.0%)', 'inf at index (0,) (up to 1e-05 allowed)', 'nan at index (0,) (up to 1.3e-06 allowed)'),
  ],
  [
    'beside zero',
    t([0, 1]),
    t([0, 0]),
    differ('1 / 2 (50.0%)', '1.0 at index (1,) (up to 1e-05 allowed)', 'inf at index (1,) (up to 1.3e-06 allowed)'),
  ],
  [
    'tolerances of zero',
    t([1, 2]),
    t([1.1, 2.2]),
    differ('2 / 2 (100.0%)', '0.20000004768371582 at index (1,)', '0.09090910851955414 at index (0,)', 'equal'),
    { rtol: 0, atol: 0 },
  ],
  [
    'own tolerances',
    t([1]),
    t([2]),
    differ('1 / 1 (100.0%)', '1.0 at index (0,) (up to 0.0 allowed)', '0.5 at index (0,) (up to 0.1 allowed)'),
    { rtol: 0.1, atol: 0 },
  ],
  ['within own tolerances', t([1]), t([2]), 'close', { rtol: 0, atol: 1 }],
  ['shapes', t([1]), t([[1]]), "The values for attribute 'shape' do not match: torch.Size([1]) != torch.Size([1, 1])."],
  ['dtypes', t([1]), t([2], float64), "The values for attribute 'dtype' do not match: torch.float32 != torch.float64."],
  [
    'dtypes, promoted',
    t([1]),
    t([2], float64),
    differ('1 / 1 (100.0%)', '1.0 at index (0,) (up to 1e-05 allowed)', '0.5 at index (0,) (up to 1.3e-06 allowed)'),
    { checkDtype: false },
  ],
  ['dtypes, promoted and equal', t([1]), t([1], int64), 'close', { checkDtype: false }],
  ['strides do not count', t([[1, 2]]), t([[1], [2]]).t(), 'close'],
  [
    'strides that count',
    t([[1, 2]]),
    t([[1], [2]]).t(),
    "The values for attribute 'stride()' do not match: (2, 1) != (1, 1).",
    { checkStride: true },
  ],
  ['a message of its own', t([1]), t([2]), 'own', { msg: 'own' }],
])('tensors: %s', (...[, actual, expected, want, options]) => {
  expect(said(actual, expected, options)).toBe(want)
})

test('numbers', () => {
  const float = (a: string, b: string, absolute: string, relative: string): string =>
    `Scalars are not close!\n\nExpected ${b} but got ${a}.\nAbsolute difference: ${absolute} (up to 1e-07 allowed)\nRelative difference: ${relative} (up to 1e-07 allowed)`
  expect(said(1, 2)).toBe(float('1.0', '2.0', '1.0', '0.5'))
  expect(said(1, 1 + 1e-9)).toBe('close')
  expect(said(1, Number.NaN)).toBe(float('1.0', 'nan', 'nan', 'nan'))
  expect(said(Number.NaN, Number.NaN, { equalNan: true })).toBe('close')
  expect(said(Infinity, Infinity)).toBe('close')
  expect(said(1n, 2n)).toBe(
    'Scalars are not equal!\n\nExpected 2 but got 1.\nAbsolute difference: 1\nRelative difference: 0.5',
  )
  expect(said(2n ** 70n, 2n ** 70n)).toBe('close')
  expect(said(2n ** 70n, 2n ** 70n + 1n)).toMatch('Scalars are not equal!')
  expect(said(true, false)).toBe('Booleans mismatch: True is not False')
  expect(said(1, 1n)).toBe('The (d)types do not match: number != bigint.')
  expect(said(null, null)).toBe('close')
  expect(said(null, 1)).toBe('None mismatch: None is not 1')
})

test('containers, and the way to what differs', () => {
  const one = (relative: string): string =>
    differ(
      '1 / 1 (100.0%)',
      '1.0 at index (0,) (up to 1e-05 allowed)',
      `${relative} at index (0,) (up to 1.3e-06 allowed)`,
    )
  expect(said([t([1]), t([2])], [t([1]), t([3])])).toBe(
    `${one('0.3333333432674408')}\n\nThe failure occurred for item [1]`,
  )
  expect(said([t([1])], [t([1]), t([3])])).toBe('The length of the sequences mismatch: 1 != 2')
  expect(said({ a: [t([1])] }, { a: [t([2])] })).toBe(`${one('0.5')}\n\nThe failure occurred for item ['a'][0]`)
  expect(said({ a: t([1]) }, { b: t([2]) })).toBe(
    "The keys of the mappings do not match:\nMissing keys in the actual mapping: ['b']\nAdditional keys in the actual mapping: ['a']",
  )
  expect(said(t([1]), t([2]), { msg: (m) => `before: ${m}` })).toBe(`before: ${one('0.5')}`)
  expect(said(Float32Array.of(1, 2), Float32Array.of(1, 2))).toBe('close')
  expect(said(Float32Array.of(1, 2), Float64Array.of(1, 2))).toMatch("attribute 'dtype'")
})

test('state dicts', () => {
  const [a, b] = [new nn.Linear(2, 2), new nn.Linear(2, 2)]
  b.loadStateDict(a.stateDict())
  expect(said(a.stateDict(), b.stateDict())).toBe('close')
  b.loadStateDict(new Map([...a.stateDict()].map(([k, v]) => [k, k === 'bias' ? v.add(1) : v])))
  expect(said(a.stateDict(), b.stateDict())).toMatch("The failure occurred for item ['bias']")
})

test('what cannot be compared', () => {
  expect(() => assertClose(t([1]), 1)).toThrow(
    'No comparison pair was able to handle inputs of type Tensor and number.',
  )
  expect(() => assertClose('a', 'b')).toThrow('No comparison pair was able to handle inputs of type string and string.')
  expect(() => assertClose(t([1]), t([1]), { rtol: 1 })).toThrow(
    "Both 'rtol' and 'atol' must be either specified or omitted, but got no atol.",
  )
  // biome-ignore lint/suspicious/noExplicitAny: a wrong option name is a compile error
  expect(() => assertClose(t([1]), t([1]), { tolerance: 1 } as any)).toThrow(
    "assertClose() got an unexpected keyword argument 'tolerance'",
  )
})

test('subclasses', () => {
  const [p, x] = [new nn.Parameter(t([1, 2])), t([1, 2])]
  expect(said(p, x)).toBe('close')
  expect(said(p, new nn.Parameter(x), { allowSubclasses: false })).toBe('close')
  expect(() => assertClose([p], [x], { allowSubclasses: false })).toThrow(
    'No comparison pair was able to handle inputs of type Parameter and Tensor.\n\nThe failure occurred for item [0]',
  )
})
