/** Recurrent cells: one step at a time. */
import { ArgumentError, ShapeError, ValueError } from '../../errors'
import { describe, expectTensor, isArrayOf } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { filled } from '../../ops/define/results'
import { type CellKind, type CellState, cellStep } from '../../ops/nn/recurrent'
import { checkCell } from '../../ops/nn/recurrent-checks'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import { uniform_ } from '../init'
import { Module } from '../module'
import type { Parameter } from '../parameter'
import { bool, flag, positiveInt } from './common'
import type { LSTMState } from './recurrent'

/** Options of `LSTMCell` and `GRUCell`. */
export interface CellOptions extends FactoryOptions {
  /** Default true. */
  bias?: boolean
}
/** Options of `RNNCell`. */
export interface RNNCellOptions extends CellOptions {
  /** Default 'tanh'. */
  nonlinearity?: 'tanh' | 'relu'
}

/** What the cells share. */
export abstract class RNNCellBase extends Module {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly bias: boolean
  // Registered under PyTorch's own names, which are those of its files and printouts.
  declare private weight_ih: Parameter
  declare private weight_hh: Parameter
  declare private bias_ih: Parameter | null
  declare private bias_hh: Parameter | null

  protected constructor(name: string, inputSize: number, hiddenSize: number, o: CellOptions, gates: number) {
    super()
    positiveInt(name, 'inputSize', inputSize)
    positiveInt(name, 'hiddenSize', hiddenSize)
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.bias = flag(name, 'bias', o.bias, true)
    const make = factoryOf(name, o)
    const rows = gates * hiddenSize
    this.registerParameter('weight_ih', make.parameter(rows, inputSize))
    this.registerParameter('weight_hh', make.parameter(rows, hiddenSize))
    this.registerParameter('bias_ih', this.bias ? make.parameter(rows) : null)
    this.registerParameter('bias_hh', this.bias ? make.parameter(rows) : null)
    this.resetParameters()
  }
  /** What multiplies the input, [gates · hiddenSize, inputSize]; the parameter `weight_ih` of the state dict. */
  get weightIh(): Parameter {
    return this.weight_ih
  }
  set weightIh(value: Parameter) {
    this.weight_ih = value
  }
  /** What multiplies the state, [gates · hiddenSize, hiddenSize]; the parameter `weight_hh`. */
  get weightHh(): Parameter {
    return this.weight_hh
  }
  set weightHh(value: Parameter) {
    this.weight_hh = value
  }
  /** [gates · hiddenSize], or null without bias; the parameter `bias_ih`. */
  get biasIh(): Parameter | null {
    return this.bias_ih
  }
  set biasIh(value: Parameter | null) {
    this.bias_ih = value
  }
  /** [gates · hiddenSize], or null without bias; the parameter `bias_hh`. */
  get biasHh(): Parameter | null {
    return this.bias_hh
  }
  set biasHh(value: Parameter | null) {
    this.bias_hh = value
  }
  /** Draws all parameters anew, uniform on ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0
    for (const p of this.parameters()) uniform_(p, { a: -bound, b: bound })
  }
  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias ? '' : `, bias=${bool(this.bias)}`}`
  }
  /** One step from states of [batch, hiddenSize] or [hiddenSize]. @internal */
  protected step(kind: CellKind, input: Tensor, given: readonly Tensor[] | null, states: number): CellState {
    const name = this.constructor.name
    expectTensor(name, 'input', input)
    if (input.ndim !== 1 && input.ndim !== 2)
      throw new ShapeError(`${name}: Expected input to be 1D or 2D, got ${input.ndim}D instead`, {
        input: [...input.shape],
      })
    given?.forEach((h, i) => {
      if (h.ndim !== 1 && h.ndim !== 2)
        throw new ShapeError(
          `${name}: Expected ${states === 2 ? `hx[${i}]` : 'hidden'} to be 1D or 2D, got ${h.ndim}D instead`,
          { hidden: [...h.shape] },
        )
    })
    if (given !== null && given.length !== states)
      throw new ArgumentError('lstm_cell expects two hidden states', { given: given.length })
    const batched = input.ndim === 2
    const asBatch = (t: Tensor): Tensor => (batched ? t : t.unsqueeze(0))
    const x = asBatch(input)
    const hx = given?.map(asBatch) ?? new Array<Tensor>(states).fill(filled([x.sizes[0], this.hiddenSize], 0, x.info))
    // A state that is a vector beside a batch has its size where the batch would be.
    checkCell(x, hx, this.inputSize, this.hiddenSize)
    const w = { ih: this.weightIh, hh: this.weightHh, bih: this.biasIh, bhh: this.biasHh, hr: null }
    const next = cellStep(kind, x, { h: hx[0] as Tensor, c: hx[1] ?? null }, w)
    return batched ? next : { h: next.h.squeeze(0), c: next.c?.squeeze(0) ?? null }
  }
}
/** The one state of RNNCell and GRUCell. */
function single(op: string, hx: Tensor | null | { hx?: Tensor | null } | undefined): Tensor[] | null {
  const given = optionsOf<{ hx?: Tensor | null }>(op, ['hx'], hx ?? undefined).hx ?? null
  if (given === null) return null
  expectTensor(op, 'hx', given)
  return [given]
}

/**
 * One step of an Elman network: h' = tanh(x Wihᵀ + bih + h Whhᵀ + bhh), or relu.
 * Takes [batch, inputSize] or [inputSize], and h of [batch, hiddenSize] or [hiddenSize] (default zeros); gives h'.
 */
export class RNNCell extends RNNCellBase {
  readonly nonlinearity: 'tanh' | 'relu'
  constructor(inputSize: number, hiddenSize: number, bias?: boolean | RNNCellOptions, options?: RNNCellOptions) {
    const o = optionsOf<RNNCellOptions>('RNNCell', ['bias', 'nonlinearity', ...FACTORY], bias, options)
    super('RNNCell', inputSize, hiddenSize, o, 1)
    this.nonlinearity = o.nonlinearity ?? 'tanh'
  }
  override forward(input: Tensor, hx?: Tensor | null | { hx?: Tensor | null }): Tensor {
    const kind: string = this.nonlinearity
    if (kind !== 'tanh' && kind !== 'relu')
      throw new ValueError(`Unknown nonlinearity: ${kind}`, { nonlinearity: kind })
    return this.step(kind, input, single('RNNCell', hx), 1).h
  }
  override extraRepr(): string {
    return super.extraRepr() + (this.nonlinearity === 'tanh' ? '' : `, nonlinearity=${this.nonlinearity}`)
  }
}

/**
 * One step of long short-term memory: with i, f, g, o the four parts of x Wihᵀ + bih + h Whhᵀ + bhh, c' = σ(f) c + σ(i) tanh(g) and
 * h' = σ(o) tanh(c'). Takes [batch, inputSize] or [inputSize], and [h, c] of [batch, hiddenSize] or [hiddenSize] (default
 * zeros); gives [h', c'].
 */
export class LSTMCell extends RNNCellBase {
  constructor(inputSize: number, hiddenSize: number, bias?: boolean | CellOptions, options?: CellOptions) {
    const o = optionsOf<CellOptions>('LSTMCell', ['bias', ...FACTORY], bias, options)
    super('LSTMCell', inputSize, hiddenSize, o, 4)
  }
  override forward(input: Tensor, hx?: LSTMState | null | { hx?: LSTMState | null }): [Tensor, Tensor] {
    const given: unknown = optionsOf<{ hx?: LSTMState | null }>('LSTMCell', ['hx'], hx ?? undefined).hx ?? null
    if (given !== null && !isArrayOf(given, isTensor))
      throw new ArgumentError(
        `lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not ${describe(given)}`,
      )
    const { h, c } = this.step('lstm', input, given as Tensor[] | null, 2)
    return [h, c as Tensor]
  }
}

/**
 * One step of a gated recurrent unit: r = σ(xr + hr), z = σ(xz + hz), n = tanh(xn + r hn) and h' = (1 - z) n + z h, with xr, xz, xn
 * the parts of x Wihᵀ + bih and hr, hz, hn those of h Whhᵀ + bhh. Takes [batch, inputSize] or [inputSize], and h of
 * [batch, hiddenSize] or [hiddenSize] (default zeros); gives h'.
 */
export class GRUCell extends RNNCellBase {
  constructor(inputSize: number, hiddenSize: number, bias?: boolean | CellOptions, options?: CellOptions) {
    const o = optionsOf<CellOptions>('GRUCell', ['bias', ...FACTORY], bias, options)
    super('GRUCell', inputSize, hiddenSize, o, 3)
  }
  override forward(input: Tensor, hx?: Tensor | null | { hx?: Tensor | null }): Tensor {
    return this.step('gru', input, single('GRUCell', hx), 1).h
  }
}
