/** Views, with their gradient and their bookkeeping. */
import { gradMode } from '../../autograd/mode'
import { Node, type Rule, tracks } from '../../autograd/node'
import type { Shape } from '../../tensor/shape'
import { type Tensor, reinterpret } from '../../tensor/tensor'

/**
 * A differentiable view of `x` with another geometry.
 * @param rule the gradient; `node.meta` is `meta`
 */
export function viewOf(
  x: Tensor,
  sizes: Shape,
  strides: Shape,
  offset: number,
  name: string,
  rule: Rule,
  meta: unknown,
  creation: 'default' | 'multi' = 'default',
): Tensor {
  const out = reinterpret(x, sizes, strides, offset)
  if (x.info.differentiable) trackView(out, x, creation)
  if (tracks(x)) {
    const node = new Node(name, rule, [x])
    node.meta = meta
    out.setGradFn(node, 0)
    node.outputs.push(out.meta())
  }
  return out
}

/** Notes that `out` is a view, of the root of `x`. */
export function trackView(out: Tensor, x: Tensor, creation: 'default' | 'multi' | 'noGrad' = 'default'): void {
  const v = x.viewInfo
  const own = gradMode.enabled ? creation : gradMode.inference ? 'inference' : 'noGrad'
  const kind = own === 'default' && v !== null ? v.creation : own
  out.viewInfo = { base: v?.base ?? x, creation: kind, version: out.versions.version }
}
