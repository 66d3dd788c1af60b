/** What PyTorch printed and computed in the tutorials' cases (test/oracle/seeds.py). */
import { inspect } from 'node:util'
import { manualSeed, nn, type Tensor } from 'tenzo'
import { type CodedTensor, elementsOf, loadGoldens, valuesOf } from './goldens'

// biome-ignore lint/suspicious/noExplicitAny: the file's keys are the tests' own
export const want: any = loadGoldens('seeds.json')

/** What console.log shows. */
export const printed = (v: unknown): string => inspect(v)

/** PyTorch's message in Tenzo's words: options in camelCase, dtypes and sizes without `torch.`. */
export const inOwnWords = (s: string): string => s.replace(/torch\.Size\((\[[^\]]*\])\)/g, '$1').replace(/torch\./g, '')

export function expectClose(got: Tensor, coded: CodedTensor, relative = 1e-5): void {
  expect(got.dtype).toBe(coded.t)
  expect([...got.shape]).toEqual(coded.s)
  const values = valuesOf(got) as number[]
  const wanted = elementsOf(coded) as number[]
  const largest = Math.max(...wanted.filter(Number.isFinite).map(Math.abs))
  wanted.forEach((w, i) => {
    if (Number.isNaN(w)) expect(values[i]).toBeNaN()
    else if (Math.abs(values[i]! - w) > relative * Math.max(Math.abs(w), 0.01 * largest))
      expect(`${i}: ${values[i]}`).toBe(`${i}: ${w}`)
  })
}

export function expectSameBits(got: Tensor, coded: CodedTensor): void {
  expect([...got.shape]).toEqual(coded.s)
  expect(valuesOf(got)).toEqual(elementsOf(coded))
}

export function messageOf(f: () => unknown): string {
  try {
    f()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('did not throw')
}

/** A net that has one layer twice. */
export function sharedNet(seed: number) {
  manualSeed(seed)
  const shared = new nn.Linear(8, 8)
  return new nn.Sequential(
    new nn.Linear(4, 8),
    new nn.ReLU(),
    shared,
    new nn.ReLU(),
    shared,
    new nn.ReLU(),
    new nn.Linear(8, 1),
  )
}
