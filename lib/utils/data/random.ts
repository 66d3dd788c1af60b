/** The random draws of samplers and loaders, as numbers. */
import { ArgumentError } from '../../errors'
import { empty } from '../../ops/tensor/create'
import { Generator } from '../../ops/random/generator'
import { randint, randperm } from '../../ops/random/creation'
import { random_ } from '../../ops/random/in-place'
import { toTypedArray } from '../../ops/tensor/read'
import { multinomial } from '../../ops/random/sampling'
import type { Tensor } from '../../tensor/tensor'

// The name of an iterator's type stands in the way of this one wherever both are needed.
export { Generator as RandomGenerator }

/** A generator to draw from, or nothing for the default one. */
export type GeneratorOption = { generator?: Generator | null }

export function requireGenerator(what: string, generator: unknown): void {
  if (generator === null || generator === undefined || generator instanceof Generator) return
  throw new ArgumentError(`${what}: generator must be a Generator, but got ${typeof generator}`)
}

/** The elements of an int64 tensor that nobody needs afterwards. */
function takeNumbers(x: Tensor): number[] {
  const numbers = Array.from(toTypedArray(x) as BigInt64Array, Number)
  x.release()
  return numbers
}

/** The integers below `n` in random order. */
export const permutation = (n: number, generator: Generator | null | undefined): number[] =>
  takeNumbers(randperm(n, { generator: generator ?? null }))

/** `count` integers below `n`, each drawn anew. */
export const integersBelow = (n: number, count: number, generator: Generator): number[] =>
  takeNumbers(randint(n, [count], { generator }))

/** `count` indices into `weights`, each as likely as its weight says. */
export const weightedIndices = (
  weights: Tensor,
  count: number,
  replacement: boolean,
  generator: Generator | null,
): number[] => takeNumbers(multinomial(weights, count, { replacement, generator }))

/** A seed, drawn as PyTorch's loader and sampler draw theirs. */
export function drawSeed(generator: Generator | null): bigint {
  const x = random_(empty([], { dtype: 'int64' }), { generator })
  const [seed] = toTypedArray(x) as BigInt64Array
  x.release()
  return seed as bigint
}

/** A generator of its own, with a seed from the default one. */
export const freshGenerator = (): Generator => new Generator().manualSeed(drawSeed(null))
