/** What recurrent layers compute: one step of a cell, and one layer of cells over sequences. */
import { ShapeError } from '../errors'
import type { Tensor } from '../tensor/tensor'
import { cat } from './joining'
import { linear } from './matmul'

export type CellKind = 'tanh' | 'relu' | 'lstm' | 'gru'

/** The parameters of one layer in one direction. */
export interface CellWeights {
  /** [gates · hidden, input] */
  readonly ih: Tensor
  /** [gates · hidden, projected hidden] */
  readonly hh: Tensor
  readonly bih: Tensor | null
  readonly bhh: Tensor | null
  /** The projection of an LSTM, [projected hidden, hidden]. */
  readonly hr: Tensor | null
}
/** The state between two steps: h, and c of an LSTM. */
export interface CellState {
  readonly h: Tensor
  readonly c: Tensor | null
}

/** One step from the products of the input and of the state with their weights, biases included. */
function advance(kind: CellKind, x: Tensor, hidden: Tensor, state: CellState, hr: Tensor | null): CellState {
  switch (kind) {
    case 'tanh':
      return { h: hidden.add(x).tanh(), c: null }
    case 'relu':
      return { h: hidden.add(x).relu(), c: null }
    case 'gru': {
      const [xr, xz, xn] = x.chunk(3, 1) as [Tensor, Tensor, Tensor]
      const [hr2, hz, hn] = hidden.chunk(3, 1) as [Tensor, Tensor, Tensor]
      const reset = hr2.add(xr).sigmoid()
      const update = hz.add(xz).sigmoid()
      const fresh = xn.add(hn.mul(reset)).tanh()
      return { h: state.h.sub(fresh).mul(update).add(fresh), c: null }
    }
    case 'lstm': {
      const [i, f, g, o] = hidden.add(x).chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor]
      const c = f
        .sigmoid()
        .mul(state.c as Tensor)
        .add(i.sigmoid().mul(g.tanh()))
      const h = o.sigmoid().mul(c.tanh())
      return { h: hr ? linear(h, hr) : h, c }
    }
  }
}
/** One step of a cell, in differentiable operations. */
export const cellStep = (kind: CellKind, x: Tensor, state: CellState, w: CellWeights): CellState =>
  advance(kind, linear(x, w.ih, w.bih), linear(state.h, w.hh, w.bhh), state, w.hr)

/**
 * One layer in one direction over packed sequences.
 * @param x [rows, input]: the rows of the first step, then those of the second, …
 * @param sizes how many rows each step has, descending
 * @param state before the first step (the last one, where `reverse`), for the rows of the first
 * @returns the outputs [rows, hidden] and the state that each sequence ends with
 */
export function recurrentLayer(
  kind: CellKind,
  x: Tensor,
  sizes: readonly number[],
  state: CellState,
  w: CellWeights,
  reverse: boolean,
): [Tensor, CellState] {
  const products = linear(x, w.ih, w.bih).split(sizes)
  const outputs = new Array<Tensor>(sizes.length)
  let current = state
  for (let i = 0; i < sizes.length; i++) {
    const step = reverse ? sizes.length - 1 - i : i
    const rows = sizes[step] as number
    const all = current.h.sizes[0] as number
    const active =
      rows === all ? current : { h: current.h.narrow(0, 0, rows), c: current.c?.narrow(0, 0, rows) ?? null }
    const next = advance(kind, products[step] as Tensor, linear(active.h, w.hh, w.bhh), active, w.hr)
    outputs[step] = next.h
    // Sequences that have ended, or in reverse have not begun, keep their state.
    const join = (fresh: Tensor, old: Tensor): Tensor =>
      rows === all ? fresh : cat([fresh, old.narrow(0, rows, all - rows)])
    current = { h: join(next.h, current.h), c: next.c && join(next.c, current.c as Tensor) }
  }
  return [cat(outputs), current]
}

/** Whether input and state of a cell fit its weights, in PyTorch's words. */
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
