/** Nodes whose gradients are complete. */
import type { Node } from './node'

/**
 * The youngest comes first. Nodes of the same age (leaves) come in the order in which the heap of C++'s standard library
 * gives them, which is PyTorch's, so that hooks run and gradients arrive in the same order.
 */
export class ReadyQueue {
  private readonly nodes: Node[] = []
  get size(): number {
    return this.nodes.length
  }
  push(n: Node): void {
    this.nodes.push(n)
    this.rise(this.nodes.length - 1, n)
  }
  private rise(from: number, n: Node): void {
    const a = this.nodes
    let i = from
    while (i > 0) {
      const up = (i - 1) >> 1
      if ((a[up] as Node).sequence >= n.sequence) break
      a[i] = a[up] as Node
      i = up
    }
    a[i] = n
  }
  pop(): Node {
    const a = this.nodes
    const top = a[0] as Node
    const last = a.pop() as Node
    const n = a.length
    if (n === 0) return top
    // The hole sinks to the bottom along the older children, and the last node rises from there.
    let hole = 0
    for (;;) {
      let child = 2 * hole + 2
      if (child > n) break
      if (child === n || (a[child] as Node).sequence < (a[child - 1] as Node).sequence) child--
      a[hole] = a[child] as Node
      hole = child
    }
    this.rise(hole, last)
    return top
  }
}
