/** What recurrent cells refuse, in PyTorch's words. */
import { ShapeError } from '../../errors'
import type { Tensor } from '../../tensor/tensor'

/** Whether input and state of a cell fit its weights. */
export function checkCell(input: Tensor, states: readonly Tensor[], inputSize: number, hiddenSize: number): void {
  if (input.sizes[1] !== inputSize)
    throw new ShapeError(`input has inconsistent input_size: got ${input.sizes[1]} expected ${inputSize}`, {
      input: [...input.sizes],
      inputSize,
    })
  states.forEach((h, i) => {
    if (h.sizes[0] !== input.sizes[0])
      throw new ShapeError(`Input batch size ${input.sizes[0]} doesn't match hidden${i} batch size ${h.sizes[0]}`, {
        input: [...input.sizes],
        hidden: [...h.sizes],
      })
    if (h.size(1) !== hiddenSize)
      throw new ShapeError(`hidden${i} has inconsistent hidden_size: got ${h.sizes[1]}, expected ${hiddenSize}`, {
        hidden: [...h.sizes],
        hiddenSize,
      })
  })
}
