/** Recurrent layers over sequences, and their cells for one step at a time. */
import { publicName } from '../../check/class-names'
import { ArgumentError, DTypeError, ShapeError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { describe, expectTensor, isArrayOf, isInt } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { expectRoom, filled } from '../../ops/define/results'
import { dropped } from '../../ops/nn/dropout'
import { cat, stack } from '../../ops/tensor/joining'
import { type CellKind, type CellState, type CellWeights, recurrentLayer } from '../../ops/nn/recurrent'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { formatTuple } from '../../tensor/format'
import { showShape } from '../../tensor/shape'
import { FACTORY, type FactoryOptions, factoryOf } from '../factory'
import { uniform_ } from '../init'
import { Module } from '../module'
import type { Parameter } from '../parameter'
import { PackedSequence } from '../utils/rnn'
import { bool, float } from './common'

/** Options of `GRU`. */
export interface RecurrentOptions extends FactoryOptions {
  /** How many layers lie one on another. Default 1. */
  numLayers?: number
  /** Default true. */
  bias?: boolean
  /** Input and output are [batch, time, features] instead of [time, batch, features]; the state is not. Default false. */
  batchFirst?: boolean
  /** While training, the probability of an output of any layer but the last to become zero. Default 0. */
  dropout?: number
  /** A second set of layers reads from the end; outputs are joined. Default false. */
  bidirectional?: boolean
}
/** Options of `RNN`. */
export interface RNNOptions extends RecurrentOptions {
  /** Default 'tanh'. */
  nonlinearity?: 'tanh' | 'relu'
}
/** Options of `LSTM`. */
export interface LSTMOptions extends RecurrentOptions {
  /** Project each output to this size; 0 does not. Default 0. */
  projSize?: number
}
const NAMES = ['numLayers', 'bias', 'batchFirst', 'dropout', 'bidirectional', ...FACTORY] as const

const refuse = (name: string, want: string, v: unknown): never => {
  throw new ArgumentError(`${name} should be of type ${want}, got: ${typeof v === 'number' ? 'float' : describe(v)}`, {
    argument: name,
  })
}
function expectSize(name: string, v: unknown): asserts v is number {
  if (!isInt(v)) return refuse(name, 'int', v)
  if (v <= 0) throw new ValueError(`${name} must be greater than zero`, { [name]: v })
}
function expectFlag(name: string, v: unknown): asserts v is boolean {
  if (typeof v !== 'boolean') refuse(name, 'bool', v)
}

const ROLES = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh', 'weight_hr'] as const
type Role = (typeof ROLES)[number]
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase())

type Named = { readonly [name: string]: Parameter }

/** What RNN, LSTM and GRU share. */
export abstract class RNNBase extends Module {
  /** 'RNN_TANH', 'RNN_RELU', 'LSTM' or 'GRU'. */
  readonly mode: 'RNN_TANH' | 'RNN_RELU' | 'LSTM' | 'GRU'
  readonly inputSize: number
  readonly hiddenSize: number
  readonly numLayers: number
  readonly bias: boolean
  readonly batchFirst: boolean
  readonly dropout: number
  readonly bidirectional: boolean
  readonly projSize: number
  /** Of the first layer: what multiplies the input, [gates · hiddenSize, inputSize]; the parameter `weight_ih_l0` of the state dict. */
  declare weightIhL0: Parameter
  /** Of the first layer: what multiplies the state, [gates · hiddenSize, projSize or hiddenSize]; `weight_hh_l0`. */
  declare weightHhL0: Parameter;
  /** Further layers and directions: `weightIhL1`, `weightHhL0Reverse`, …, as `weight_ih_l1`, `weight_hh_l0_reverse`, … in the state dict. */
  [weight: `weight${'Ih' | 'Hh' | 'Hr'}L${number}${'' | 'Reverse'}`]: Parameter
  /** [gates · hiddenSize]; absent without bias. */
  [bias: `bias${'Ih' | 'Hh'}L${number}${'' | 'Reverse'}`]: Parameter

  protected constructor(mode: RNNBase['mode'], inputSize: number, hiddenSize: number, o: LSTMOptions) {
    super()
    const { numLayers = 1, bias = true, batchFirst = false, dropout = 0, bidirectional = false, projSize = 0 } = o
    if (typeof dropout !== 'number' || !(dropout >= 0 && dropout <= 1))
      throw new ValueError(
        'dropout should be a number in range [0, 1] representing the probability of an element being zeroed',
        { dropout },
      )
    if (dropout > 0 && numLayers === 1)
      process.emitWarning(
        `dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=${dropout} and num_layers=${numLayers}`,
      )
    expectFlag('bias', bias)
    expectFlag('batch_first', batchFirst)
    expectSize('input_size', inputSize)
    expectSize('hidden_size', hiddenSize)
    expectSize('num_layers', numLayers)
    expectFlag('bidirectional', bidirectional)
    if (!isInt(projSize)) refuse('proj_size', 'int', projSize)
    if (projSize < 0) throw new ValueError('proj_size should be a positive integer or zero to disable projections')
    if (projSize >= hiddenSize) throw new ValueError('proj_size has to be smaller than hidden_size')
    this.mode = mode
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.numLayers = numLayers
    this.bias = bias
    this.batchFirst = batchFirst
    this.dropout = dropout
    this.bidirectional = bidirectional
    this.projSize = projSize
    const gates = hiddenSize * (mode === 'LSTM' ? 4 : mode === 'GRU' ? 3 : 1)
    const out = projSize || hiddenSize
    const make = factoryOf(publicName(this.constructor), o)
    // Said before the first of too many is made.
    expectRoom([numLayers, this.directions, gates, out], make.info)
    for (let layer = 0; layer < numLayers; layer++) {
      const shapes: Record<Role, number[]> = {
        weight_ih: [gates, layer === 0 ? inputSize : out * this.directions],
        weight_hh: [gates, out],
        bias_ih: [gates],
        bias_hh: [gates],
        weight_hr: [out, hiddenSize],
      }
      for (let direction = 0; direction < this.directions; direction++)
        for (const name of this.namesOf(layer, direction)) {
          this.registerParameter(name, make.parameter(...shapes[name.slice(0, name.indexOf('_l')) as Role]))
          // The field itself bears PyTorch's name, which is that of its files.
          Object.defineProperty(this, camel(name), {
            get(this: Named) {
              return this[name]
            },
            set(this: Record<string, Parameter>, value: Parameter) {
              this[name] = value
            },
            configurable: true,
          })
        }
    }
    this.resetParameters()
  }
  private get directions(): number {
    return this.bidirectional ? 2 : 1
  }
  private namesOf(layer: number, direction: number): string[] {
    const roles = ROLES.filter((r) => (this.bias || !r.startsWith('bias')) && (this.projSize > 0 || r !== 'weight_hr'))
    return roles.map((role) => `${role}_l${layer}${direction === 1 ? '_reverse' : ''}`)
  }
  private parameterAt(name: string): Parameter {
    return (this as unknown as Named)[name] as Parameter
  }
  /** The parameters of each layer and direction: weightIh, weightHh, then biasIh, biasHh and weightHr where there are. */
  get allWeights(): Parameter[][] {
    const groups: Parameter[][] = []
    for (let layer = 0; layer < this.numLayers; layer++)
      for (let direction = 0; direction < this.directions; direction++)
        groups.push(this.namesOf(layer, direction).map((name) => this.parameterAt(name)))
    return groups
  }
  /** Draws all parameters anew, uniform on ±1/√hiddenSize. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize)
    for (const p of this.parameters()) uniform_(p, { a: -bound, b: bound })
  }
  /** Does nothing: parameters need not lie in one stretch of memory. */
  flattenParameters(): void {}

  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`]
    if (this.projSize !== 0) parts.push(`proj_size=${this.projSize}`)
    if (this.numLayers !== 1) parts.push(`num_layers=${this.numLayers}`)
    if (!this.bias) parts.push(`bias=${bool(this.bias)}`)
    if (this.batchFirst) parts.push(`batch_first=${bool(this.batchFirst)}`)
    if (this.dropout !== 0) parts.push(`dropout=${float(this.dropout)}`)
    if (this.bidirectional) parts.push(`bidirectional=${bool(this.bidirectional)}`)
    return parts.join(', ')
  }

  private weightsOf(layer: number, direction: number): CellWeights {
    const at = (role: Role): Parameter => this.parameterAt(`${role}_l${layer}${direction === 1 ? '_reverse' : ''}`)
    return {
      ih: at('weight_ih'),
      hh: at('weight_hh'),
      bih: this.bias ? at('bias_ih') : null,
      bhh: this.bias ? at('bias_hh') : null,
      hr: this.projSize > 0 ? at('weight_hr') : null,
    }
  }
  private checkInput(x: Tensor, dims: number): void {
    const { dtype } = this.parameterAt('weight_ih_l0')
    if (x.dtype !== dtype)
      throw new DTypeError(
        `RNN input dtype (torch.${x.dtype}) does not match weight dtype (torch.${dtype}). Convert input: input.to(torch.${dtype}), or convert model: model.to(torch.${x.dtype})`,
        { input: x.dtype, weight: dtype },
      )
    if (x.ndim !== dims)
      throw new ShapeError(`input must have ${dims} dimensions, got ${x.ndim}`, { input: [...x.shape] })
    if (x.size(-1) !== this.inputSize)
      throw new ShapeError(
        `input.size(-1) must be equal to input_size. Expected ${this.inputSize}, got ${x.size(-1)}`,
        { input: [...x.shape], inputSize: this.inputSize },
      )
  }
  /** The sizes that h, and c of an LSTM, must have. */
  private stateSizes(batch: number): number[][] {
    const n = this.numLayers * this.directions
    const h = [n, batch, this.projSize || this.hiddenSize]
    return this.mode === 'LSTM' ? [h, [n, batch, this.hiddenSize]] : [h]
  }
  private checkState(hx: readonly Tensor[], x: Tensor, batch: number): void {
    this.stateSizes(batch).forEach((want, i) => {
      const h = hx[i] as Tensor
      if (h.ndim !== 3 || h.sizes.some((n, d) => n !== want[d]))
        throw new ShapeError(
          `Expected hidden${this.mode === 'LSTM' ? `[${i}]` : ''} size ${formatTuple(want)}, got ${showShape(h.sizes)}`,
          { expected: want, hidden: [...h.sizes] },
        )
      if (h.dtype !== x.dtype)
        throw new DTypeError(
          `mat1 and mat2 must have the same dtype, but got ${h.info.scalarType} and ${x.info.scalarType}`,
          { hidden: h.dtype, input: x.dtype },
        )
    })
  }

  /** Runs all layers; states are [layers · directions, batch, size]. @internal */
  protected run(
    input: Tensor | PackedSequence,
    given: readonly Tensor[] | null,
  ): { output: Tensor | PackedSequence; state: Tensor[] } {
    if (input instanceof PackedSequence) return this.runPacked(input, given)
    expectTensor(this.constructor.name, 'input', input)
    if (input.ndim !== 2 && input.ndim !== 3)
      throw new ShapeError(
        `${this.constructor.name}: Expected input to be 2D or 3D, got ${input.ndim}D${this.mode.startsWith('RNN') ? ' tensor' : ''} instead`,
        { input: [...input.shape] },
      )
    const batched = input.ndim === 3
    if (given !== null) this.checkStateDims(given, batched)
    const batchDim = this.batchFirst ? 0 : 1
    const x = batched ? input : input.unsqueeze(batchDim)
    const batch = x.sizes[batchDim]
    this.checkInput(x, 3)
    const hx = given === null ? this.zeros(x, batch) : batched ? given : given.map((h) => h.unsqueeze(1))
    this.checkState(hx, x, batch)
    const steps = this.batchFirst ? x.transpose(0, 1) : x
    const time = steps.sizes[0]
    if (time === 0) throw new ShapeError('Expected sequence length to be larger than 0 in RNN', { input: [...x.shape] })
    const [byStep, state] = this.layers(steps, new Array<number>(time).fill(batch), hx, this.isFused(x))
    const output = this.batchFirst ? byStep.transpose(0, 1) : byStep
    if (this.batchFirst && output.fn) output.fn.label = `TransposeBackward${this.mode === 'LSTM' ? 0 : 1}`
    return batched ? { output, state } : { output: output.squeeze(batchDim), state: state.map((h) => h.squeeze(1)) }
  }
  private runPacked(
    packed: PackedSequence,
    given: readonly Tensor[] | null,
  ): { output: PackedSequence; state: Tensor[] } {
    const { data, batchSizes, sortedIndices, unsortedIndices } = packed
    const sizes = batchSizes.tolist() as number[]
    const batch = sizes[0] ?? 0
    this.checkInput(data, 2)
    const rows = sizes.reduce((a, b) => a + b, 0)
    if (rows !== data.sizes[0] || sizes.some((n, i) => n < 1 || n > (sizes[i - 1] ?? n)))
      throw new ShapeError(
        `batch_sizes must be positive, descend and add up to the rows of data, ${data.sizes[0]}, got ${showShape(sizes)}`,
        { batchSizes: sizes, data: [...data.sizes] },
      )
    const reordered = given?.map((h) => (sortedIndices ? h.indexSelect(1, sortedIndices) : h))
    const hx = reordered ?? this.zeros(data, batch)
    this.checkState(hx, data, batch)
    // PyTorch takes sequences of one length for a plain batch.
    const even = this.isFused(data) && sizes.every((n) => n === batch)
    const [out, state] = this.layers(data, sizes, hx, even)
    if (out.fn) out.fn.label = even ? 'ViewBackward0' : 'CatBackward0'
    return {
      output: new PackedSequence(out, batchSizes, sortedIndices, unsortedIndices),
      state: unsortedIndices ? state.map((h) => h.indexSelect(1, unsortedIndices)) : state,
    }
  }
  private zeros(x: Tensor, batch: number): Tensor[] {
    return this.stateSizes(batch).map((sizes) => filled(sizes, 0, x.info))
  }
  private checkStateDims(hx: readonly Tensor[], batched: boolean): void {
    const want = batched ? 3 : 2
    if (hx.every((h) => h.ndim === want)) return
    const kind = `For ${batched ? 'batched 3' : 'unbatched 2'}-D input, hx `
    const got = hx.map((h) => `${h.ndim}-D`)
    throw new ShapeError(
      this.mode === 'LSTM'
        ? `${kind}and cx should also be ${want}-D but got (${got.join(', ')}) tensors`
        : `${kind}should also be ${want}-D but got ${got[0]} tensor`,
      { hidden: hx.map((h) => [...h.shape]) },
    )
  }
  /** Where PyTorch has a kernel for the whole layer, whose node keeps the output. */
  private isFused(x: Tensor): boolean {
    return this.mode === 'LSTM' && this.projSize === 0 && x.dtype !== 'float64'
  }
  private layers(input: Tensor, sizes: readonly number[], hx: readonly Tensor[], fused: boolean): [Tensor, Tensor[]] {
    const kind: CellKind =
      this.mode === 'LSTM' ? 'lstm' : this.mode === 'GRU' ? 'gru' : this.mode === 'RNN_RELU' ? 'relu' : 'tanh'
    const node = fused ? 'MkldnnRnnLayerBackward0' : 'StackBackward0'
    const before = hx.map((h) => h.unbind(0))
    const after: CellState[] = []
    let x = input
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0) x = dropped(x, this.dropout, this.training, false)
      const outputs: Tensor[] = []
      for (let direction = 0; direction < this.directions; direction++) {
        const at = after.length
        const state = { h: before[0]?.[at] as Tensor, c: before[1]?.[at] ?? null }
        const w = this.weightsOf(layer, direction)
        const [out, end] = recurrentLayer(kind, x, sizes, state, w, direction === 1, node)
        outputs.push(out)
        after.push(end)
      }
      x = outputs.length === 1 ? (outputs[0] as Tensor) : cat(outputs, -1)
    }
    if (!fused && this.directions === 1 && x.fn) {
      // The gradient needs the output as it is; where PyTorch's does not, the user may change it in place.
      x = x.clone()
      if (x.fn) x.fn.label = node
    }
    const hs = stack(after.map((s) => s.h))
    return [x, this.mode === 'LSTM' ? [hs, stack(after.map((s) => s.c as Tensor))] : [hs]]
  }
}

/** The one state that RNN and GRU have. */
function single(op: string, hx: Tensor | null | { hx?: Tensor | null } | undefined): Tensor[] | null {
  const given = optionsOf<{ hx?: Tensor | null }>(op, ['hx'], hx ?? undefined).hx ?? null
  if (given === null) return null
  expectTensor(op, 'hx', given)
  return [given]
}
/** The two states that an LSTM has. */
export type LSTMState = readonly [h: Tensor, c: Tensor]
function pair(op: string, hx: LSTMState | null | { hx?: LSTMState | null } | undefined): Tensor[] | null {
  const given: unknown = optionsOf<{ hx?: LSTMState | null }>(op, ['hx'], hx ?? undefined).hx ?? null
  if (given === null) return null
  if (!isArrayOf(given, isTensor))
    throw new ArgumentError(`${op}(): argument 'hx' (position 2) must be tuple of Tensors, not ${describe(given)}`)
  if (given.length !== 2) throw new ArgumentError(`${op} expects two hidden states`, { given: given.length })
  return given
}

/** `rnn(x)` and `rnn(packed)` give an output of the input's kind. */
export interface RNN {
  (input: PackedSequence, hx?: Tensor | null | { hx?: Tensor | null }): [PackedSequence, Tensor]
  (input: Tensor, hx?: Tensor | null | { hx?: Tensor | null }): [Tensor, Tensor]
}
/**
 * Layers of Elman cells: h' = tanh(x Wihᵀ + bih + h Whhᵀ + bhh), or relu (Elman 1990).
 *
 * Takes [time, batch, inputSize] ([batch, time, inputSize] with `batchFirst`), [time, inputSize] or a PackedSequence, and the
 * first state [numLayers · directions, batch, hiddenSize] (default zeros). Gives the output of the last layer at each step,
 * [time, batch, directions · hiddenSize], and the last state of each layer, shaped as the first.
 */
export class RNN extends RNNBase {
  readonly nonlinearity: 'tanh' | 'relu'
  constructor(inputSize: number, hiddenSize: number, numLayers?: number | RNNOptions, options?: RNNOptions) {
    refuseProjection(numLayers, options)
    const o = optionsOf<RNNOptions>('RNN', [...NAMES, 'nonlinearity'], numLayers, options)
    const { nonlinearity = 'tanh' } = o
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu')
      throw new ValueError(`Unknown nonlinearity '${shown(nonlinearity)}'. Select from 'tanh' or 'relu'.`, {
        nonlinearity,
      })
    super(nonlinearity === 'tanh' ? 'RNN_TANH' : 'RNN_RELU', inputSize, hiddenSize, o)
    this.nonlinearity = nonlinearity
  }
  override forward(input: PackedSequence, hx?: Tensor | null | { hx?: Tensor | null }): [PackedSequence, Tensor]
  override forward(input: Tensor, hx?: Tensor | null | { hx?: Tensor | null }): [Tensor, Tensor]
  override forward(
    input: Tensor | PackedSequence,
    hx?: Tensor | null | { hx?: Tensor | null },
  ): [Tensor | PackedSequence, Tensor] {
    const { output, state } = this.run(input, single('rnn', hx))
    return [output, state[0] as Tensor]
  }
}

export interface LSTM {
  (input: PackedSequence, hx?: LSTMState | null | { hx?: LSTMState | null }): [PackedSequence, [Tensor, Tensor]]
  (input: Tensor, hx?: LSTMState | null | { hx?: LSTMState | null }): [Tensor, [Tensor, Tensor]]
}
/**
 * Layers of long short-term memory (Hochreiter and Schmidhuber 1997): with i, f, g, o the four parts of x Wihᵀ + bih + h Whhᵀ + bhh,
 * c' = σ(f) c + σ(i) tanh(g) and h' = σ(o) tanh(c'), times Whrᵀ with `projSize`.
 *
 * Takes [time, batch, inputSize] ([batch, time, inputSize] with `batchFirst`), [time, inputSize] or a PackedSequence, and the
 * first states [h, c] (default zeros), h of [numLayers · directions, batch, projSize or hiddenSize] and c of
 * [numLayers · directions, batch, hiddenSize]. Gives the output of the last layer at each step and the last states of each layer.
 */
export class LSTM extends RNNBase {
  constructor(inputSize: number, hiddenSize: number, numLayers?: number | LSTMOptions, options?: LSTMOptions) {
    super('LSTM', inputSize, hiddenSize, optionsOf<LSTMOptions>('LSTM', [...NAMES, 'projSize'], numLayers, options))
  }
  override forward(
    input: PackedSequence,
    hx?: LSTMState | null | { hx?: LSTMState | null },
  ): [PackedSequence, [Tensor, Tensor]]
  override forward(input: Tensor, hx?: LSTMState | null | { hx?: LSTMState | null }): [Tensor, [Tensor, Tensor]]
  override forward(
    input: Tensor | PackedSequence,
    hx?: LSTMState | null | { hx?: LSTMState | null },
  ): [Tensor | PackedSequence, [Tensor, Tensor]] {
    const { output, state } = this.run(input, pair('lstm', hx))
    return [output, state as [Tensor, Tensor]]
  }
}

export interface GRU {
  (input: PackedSequence, hx?: Tensor | null | { hx?: Tensor | null }): [PackedSequence, Tensor]
  (input: Tensor, hx?: Tensor | null | { hx?: Tensor | null }): [Tensor, Tensor]
}
/**
 * Layers of gated recurrent units (Cho et al. 2014): r = σ(xr + hr), z = σ(xz + hz), n = tanh(xn + r hn) and
 * h' = (1 - z) n + z h, with xr, xz, xn the parts of x Wihᵀ + bih and hr, hz, hn those of h Whhᵀ + bhh.
 *
 * Takes [time, batch, inputSize] ([batch, time, inputSize] with `batchFirst`), [time, inputSize] or a PackedSequence, and the
 * first state [numLayers · directions, batch, hiddenSize] (default zeros). Gives the output of the last layer at each step,
 * [time, batch, directions · hiddenSize], and the last state of each layer, shaped as the first.
 */
export class GRU extends RNNBase {
  constructor(
    inputSize: number,
    hiddenSize: number,
    numLayers?: number | RecurrentOptions,
    options?: RecurrentOptions,
  ) {
    refuseProjection(numLayers, options)
    super('GRU', inputSize, hiddenSize, optionsOf<RecurrentOptions>('GRU', NAMES, numLayers, options))
  }
  override forward(input: PackedSequence, hx?: Tensor | null | { hx?: Tensor | null }): [PackedSequence, Tensor]
  override forward(input: Tensor, hx?: Tensor | null | { hx?: Tensor | null }): [Tensor, Tensor]
  override forward(
    input: Tensor | PackedSequence,
    hx?: Tensor | null | { hx?: Tensor | null },
  ): [Tensor | PackedSequence, Tensor] {
    const { output, state } = this.run(input, single('gru', hx))
    return [output, state[0] as Tensor]
  }
}
function refuseProjection(...given: unknown[]): void {
  if (given.some((o) => typeof o === 'object' && o !== null && 'projSize' in o))
    throw new ValueError('proj_size argument is only supported for LSTM, not RNN or GRU')
}
