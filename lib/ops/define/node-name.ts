import type { Tensor } from '../../tensor/tensor'

/** The result of an op that is made of others, its node called as the one that PyTorch has for the op. */
export function withNodeName(out: Tensor, label: string): Tensor {
  if (out.fn !== null) out.fn.label = label
  return out
}
