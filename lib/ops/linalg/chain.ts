/** Products of several matrices. */
import type { Tensor } from '../../tensor/tensor'

/** The product of a chain of matrices in the order that costs least, by dynamic programming. */
export function inCheapestOrder(chain: readonly Tensor[], multiply: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const n = chain.length
  const edges = [(chain[0] as Tensor).sizes[0], ...chain.map((m) => m.sizes[1])]
  const cost = chain.map(() => new Array<number>(n).fill(0))
  const cut = chain.map(() => new Array<number>(n).fill(0))
  for (let length = 2; length <= n; length++)
    for (let i = 0, j = length - 1; j < n; i++, j++) {
      const row = cost[i] as number[]
      for (let k = i; k < j; k++) {
        const c = row[k] + ((cost[k + 1] as number[])[j] as number) + edges[i] * edges[k + 1] * edges[j + 1]
        if (k === i || c < row[j]) {
          row[j] = c
          ;(cut[i] as number[])[j] = k
        }
      }
    }
  const product = (i: number, j: number): Tensor => {
    if (i === j) return chain[i] as Tensor
    const k = (cut[i] as number[])[j] as number
    return multiply(product(i, k), product(k + 1, j))
  }
  return product(0, n - 1)
}
