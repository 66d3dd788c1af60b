/** The derivatives of a function by differences of its values. */
import { AutogradError } from '../errors'
import type { Tensor } from '../tensor/tensor'
import { fromNumbers } from './values'
import { torchSize } from '../check/words'

/** Runs the function on the inputs as they are now; its floating outputs. */
export type Run = () => Tensor[]

const numbers = (t: Tensor): Float64Array =>
  t.detach().to('float64').contiguous().view([-1]).toTypedArray() as Float64Array

/** Central differences of all outputs, from the values below and above. */
function differences(below: readonly Tensor[], above: readonly Tensor[], step: number, where: string): Float64Array[] {
  return below.map((a, o) => {
    const b = above[o] as Tensor
    const start = 'Expected `func` to return outputs with the same'
    if (!b || a.sizes.length !== b.sizes.length || a.sizes.some((s, d) => s !== b.sizes[d]))
      throw new AutogradError(
        `${start} shape when inputs are perturbed ${where}, but got: shapes ${torchSize(a.sizes)} and ${torchSize(b?.sizes ?? [])}.`,
      )
    if (a.info !== b.info)
      throw new AutogradError(
        `${start} dtype when inputs are perturbed ${where}, but got: dtypes torch.${a.dtype} and torch.${b.dtype}.`,
      )
    const [low, high] = [numbers(a), numbers(b)]
    return high.map((v, k) => (v - low[k]) / (2 * step))
  })
}

/** For each output the Jacobian by `x`, inputs by outputs. */
export function numericalJacobian(run: Run, x: Tensor, outputs: readonly Tensor[], eps: number): Float64Array[] {
  const jacobians = outputs.map((o) => new Float64Array(x.count * o.count))
  // Each element is changed where it lies, so that the function sees it in all the places it is used.
  const { data } = x
  const index = new Array<number>(x.sizes.length).fill(0)
  const where = (): string => `on index (${index.join(', ')}${index.length === 1 ? ',' : ''}) by ${pythonEps(eps)}`
  for (let k = 0; k < x.count; k++) {
    const cell = index.reduce((t: Tensor, at) => t.select(0, at), data)
    const original = cell.item()
    cell.fill_(original - eps)
    const below = detached(run())
    cell.fill_(original + eps)
    const above = detached(run())
    cell.fill_(original)
    differences(below, above, eps, where()).forEach((row, o) => {
      jacobians[o]?.set(row, k * row.length)
    })
    for (let d = index.length - 1; d >= 0; d--) {
      index[d] = index[d] + 1
      if (index[d] < x.sizes[d]) break
      index[d] = 0
    }
  }
  return jacobians
}
/** Outputs that may be views of the inputs, which are changed next. */
const detached = (list: readonly Tensor[]): Tensor[] => list.map((t) => t.detach().clone())
const pythonEps = (eps: number): string =>
  String(eps)
    .replace(/e-(\d)$/, 'e-0$1')
    .replace('0.000001', '1e-06')

/** For each input, the product of each output's Jacobian with the input's vector. */
export function numericalProducts(
  run: Run,
  inputs: readonly Tensor[],
  vectors: readonly Float64Array[],
  eps: number,
): Float64Array[][] {
  return inputs.map((x, i) => {
    const step = fromNumbers(
      (vectors[i] as Float64Array).map((v) => v * eps),
      x.sizes,
      x.info,
    )
    const { data } = x
    const original = data.clone()
    data.copy_(original.sub(step))
    const below = detached(run())
    data.copy_(original.add(step))
    const above = detached(run())
    data.copy_(original)
    return differences(below, above, eps, `by ${pythonEps(eps)}`)
  })
}
