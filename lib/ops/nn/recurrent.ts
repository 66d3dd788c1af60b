/** What recurrent layers compute: one step of a cell, and one layer of cells over sequences. */
import { grad } from '../../autograd/passes'
import { attachAll, type Grad, type Node, type Rule, tracksAny } from '../../autograd/node'
import { contiguousStrides } from '../../tensor/shape'
import { reinterpret, type Tensor } from '../../tensor/tensor'
import { cat } from '../tensor/joining'
import { linear } from '../linalg/matmul'
import { layerBackward, layerForward, type Trail } from './recurrent-kernels'

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

/** A layer in differentiable operations, step by step: what `recurrentLayer` means. @param x [rows, input] */
function layerOfSteps(
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
    const rows = sizes[step]
    const all = current.h.sizes[0]
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

/** What a layer's node keeps beside its tensors. */
interface LayerMeta {
  readonly kind: CellKind
  readonly sizes: readonly number[]
  readonly reverse: boolean
  readonly trail: Trail
}
/** x, h, c, ih, hh, bih, bhh, hr: the inputs of a layer's node, and the first tensors that it saves; its output is the next. */
const OUTPUT = 8
function placed(inputs: readonly (Tensor | null)[]): { x: Tensor; state: CellState; w: CellWeights } {
  const [x, h, ih, hh] = [0, 1, 3, 4].map((i) => inputs[i]) as [Tensor, Tensor, Tensor, Tensor]
  const [c, bih, bhh, hr] = [2, 5, 6, 7].map((i) => inputs[i] ?? null) as [Grad, Grad, Grad, Grad]
  return { x, state: { h, c }, w: { ih, hh, bih, bhh, hr } }
}
const layerRule: Rule = (n, _g, grads) => {
  const { kind, sizes, reverse, trail } = n.meta as LayerMeta
  const saved = Array.from({ length: OUTPUT }, (_, i) => n.optional(i))
  const x = saved[0] as Tensor
  const rows = x.count / x.size(-1)
  const asRows = (t: Tensor): Tensor => (t.sizes.length === 2 ? t : t.reshape([rows, t.size(-1)]))
  if (!tracksAny([...grads, ...saved])) {
    const [gx, ...rest] = layerBackward(
      n,
      trail,
      placed(saved).w,
      asRows(n.tensor(OUTPUT)),
      grads.map((g, i) => g && (i === 0 ? asRows(g) : g)),
    )
    return [gx ? gx.view(x.sizes) : null, ...rest]
  }
  return gradientOfSteps(n, saved, grads, (inputs) => {
    const { x: source, state, w } = placed(inputs)
    const [out, end] = layerOfSteps(kind, asRows(source), sizes, state, w, reverse)
    return [out.view(n.tensor(OUTPUT).sizes), end.h, end.c]
  })
}
/** The gradient in a form that can be differentiated again: through the operations of the steps. */
function gradientOfSteps(
  n: Node,
  saved: readonly (Tensor | null)[],
  grads: readonly Grad[],
  steps: (inputs: (Tensor | null)[]) => (Tensor | null)[],
): Grad[] {
  // An input that stands in two places has a gradient in each.
  const inputs = saved.map((t, i) => (t && n.needs(i) ? t.view(t.sizes) : t))
  const outputs = steps(inputs)
  const given = grads.flatMap((g, i) => (g ? [[outputs[i] as Tensor, g] as const] : []))
  const found = grad(
    given.map(([output]) => output),
    inputs.filter((t, i): t is Tensor => t !== null && n.needs(i)),
    given.map(([, g]) => g),
    { createGraph: true, allowUnused: true },
  )
  let next = 0
  return saved.map((t, i) => (t && n.needs(i) ? (found[next++] ?? null) : null))
}

/**
 * One layer in one direction over packed sequences.
 * @param x [rows, input], the rows of the first step, then those of the second, …; or [steps, batch, input]
 * @param sizes how many rows each step has, descending
 * @param state before the first step (the last one, where `reverse`), for the rows of the first
 * @param node what PyTorch calls the node of the output
 * @returns the outputs, shaped as x but for the last dim, and the state that each sequence ends with
 */
export function recurrentLayer(
  kind: CellKind,
  x: Tensor,
  sizes: readonly number[],
  state: CellState,
  w: CellWeights,
  reverse: boolean,
  node: string,
): [Tensor, CellState] {
  const { info } = x
  if (info.compute !== info.name) {
    // Half types round after every operation, as PyTorch's do.
    const [y, end] = layerOfSteps(kind, x.reshape([x.count / w.ih.size(1), w.ih.size(1)]), sizes, state, w, reverse)
    const out = x.sizes.length === 2 ? y : y.view([...x.sizes.slice(0, -1), y.size(1)])
    if (out.fn) out.fn.label = node
    return [out, end]
  }
  const inputs = [x, state.h, state.c, w.ih, w.hh, w.bih, w.bhh, w.hr]
  const rows = x.detach().reshape([x.count / w.ih.size(1), w.ih.size(1)])
  const { out: flat, state: end, trail } = layerForward(kind, rows, sizes, state, w, reverse)
  const shape = [...x.sizes.slice(0, -1), flat.size(1)]
  const out = x.sizes.length === 2 ? flat : reinterpret(flat, shape, contiguousStrides(shape), flat.offset)
  const inner = [trail.gates, trail.kept, trail.cells, w.hr && trail.hidden].filter((t): t is Tensor => t !== null)
  if (tracksAny(inputs)) {
    const n = attachAll(end.c ? [out, end.h, end.c] : [out, end.h], node, layerRule, inputs)
    n.save(...inputs, out)
    n.own(...inner)
    n.meta = { kind, sizes, reverse, trail } satisfies LayerMeta
  } else for (const t of inner) t.storage.release()
  return [out, end]
}
