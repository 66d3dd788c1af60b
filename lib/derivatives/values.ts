/** Tensors that the checks of derivatives start from. */
import type { DTypeInfo } from '../runtime/dtype'
import type { Shape } from '../tensor/shape'
import type { Tensor } from '../tensor/tensor'
import { emptyOf, filled } from '../ops/define/results'
import { repeatInterleave } from '../ops/indexing/repeat-interleave'
import { slice } from '../ops/indexing/indexing'
import { Generator } from '../ops/random/generator'
import { rand } from '../ops/random/creation'
import { uniform_ } from '../ops/random/in-place'
import { tensor } from '../ops/tensor/create'

export const zeros = ({ sizes, info }: { readonly sizes: Shape; readonly info: DTypeInfo }): Tensor =>
  filled(sizes, 0, info)

export const fromNumbers = (values: Float64Array, sizes: readonly number[], info: DTypeInfo): Tensor =>
  tensor(values).to(info.name).reshape(sizes)

/** Values in [-1, 1) from the global generator, as a function's gradient. @param gaps every second place in memory */
export function randomLike(a: Tensor, gaps: boolean): Tensor {
  const values = uniform_(emptyOf(a.sizes, a.info), -1, { to: 1 })
  return gaps && a.count > 1 ? repeatInterleave(values, 2, { dim: -1 }).at('...', slice(null, null, 2)) : values
}

/** Vectors of length 1, always the same. */
export function randomVectors(like: readonly Tensor[]): Float64Array[] {
  const generator = new Generator()
  return like.map((t) => {
    const v = rand([t.count], { generator }).to(t.dtype)
    return v.div(v.square().sum().sqrt()).to('float64').toTypedArray() as Float64Array
  })
}
