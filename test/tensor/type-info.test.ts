/** `finfo` and `iinfo`: printouts, numbers and messages are PyTorch 2.13's. */
import { type DType, finfo, iinfo } from 'tenzo'

test.each<[DType, string]>([
  [
    'float32',
    'finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)',
  ],
  [
    'float64',
    'finfo(resolution=1e-15, min=-1.79769e+308, max=1.79769e+308, eps=2.22045e-16, smallest_normal=2.22507e-308, tiny=2.22507e-308, dtype=float64)',
  ],
  [
    'float16',
    'finfo(resolution=0.001, min=-65504, max=65504, eps=0.000976562, smallest_normal=6.10352e-05, tiny=6.10352e-05, dtype=float16)',
  ],
  [
    'bfloat16',
    'finfo(resolution=0.01, min=-3.38953e+38, max=3.38953e+38, eps=0.0078125, smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=bfloat16)',
  ],
])('finfo of %s', (dtype, text) => expect(String(finfo(dtype))).toBe(text))

test.each<[DType, string]>([
  ['int8', 'iinfo(min=-128, max=127, dtype=int8)'],
  ['uint8', 'iinfo(min=0, max=255, dtype=uint8)'],
  ['int64', 'iinfo(min=-9.22337e+18, max=9.22337e+18, dtype=int64)'],
])('iinfo of %s', (dtype, text) => expect(String(iinfo(dtype))).toBe(text))

test('numbers', () => {
  expect({ ...finfo() }).toEqual({
    dtype: 'float32',
    bits: 32,
    eps: 1.1920928955078125e-7,
    max: 3.4028234663852886e38,
    min: -3.4028234663852886e38,
    smallestNormal: 1.1754943508222875e-38,
    tiny: 1.1754943508222875e-38,
    resolution: 1e-6,
  })
  expect(finfo('float64').smallestNormal).toBe(2.2250738585072014e-308)
  expect(finfo('float16').tiny).toBe(6.103515625e-5)
  expect(iinfo('int64').max).toBe(2n ** 63n - 1n)
  expect(iinfo('int32').min).toBe(-(2 ** 31))
})

test('the other kind', () => {
  expect(() => finfo('int32')).toThrow(
    "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'",
  )
  expect(() => iinfo('float32')).toThrow(
    "torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'",
  )
  expect(() => iinfo('bool')).toThrow('torch.bool is not supported by torch.iinfo')
  expect(() => finfo('float' as DType)).toThrow("finfo(): argument 'type' must be a dtype, not float")
})
