/** The source of random numbers: PyTorch's engine (mt19937), with a state of PyTorch's layout. */
import { ArgumentError, ValueError } from '../../errors'
import { type GeneratorMemory, generatorMemory, run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { DTYPES } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import type { Device, Tensor } from '../../tensor/tensor'
import { expectDevice, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { emptyOf } from '../define/results'
import { checkSeed, checkState } from './checks'
import { kind, wanted } from '../define/params'
import { INSPECT } from '../../tensor/format'

/** Sizes and places of native/command/generator.h. */
const STATE = { bytes: 5056, left: 8, seeded: 12, next: 16, words: 24, normal: 5024, hasNormal: 5040, hasFloat: 5052 }
const WORDS = 624

/** A source of random numbers with a state of its own (mt19937, as PyTorch's CPU generator). */
export class Generator {
  readonly #bytes = new ArrayBuffer(STATE.bytes)
  /** @internal */ readonly state: GeneratorMemory = generatorMemory(this.#bytes)

  /** @throws ArgumentError for any device but 'cpu' */
  constructor(device?: Device | null | { device?: Device | null }) {
    const o = optionsOf<{ device?: Device | null }>('Generator', ['device'], device)
    if (o.device != null) expectDevice('Generator', o.device)
    this.manualSeed(67280421310721n)
  }
  /** Where it draws. */
  get device(): Device {
    return 'cpu'
  }
  /**
   * Starts the stream of a seed.
   * @param seed an integer of 64 bits; negative ones count from 2⁶⁴
   */
  manualSeed(seed: number | bigint): this {
    encode.generatorSeed(OP.generator_seed, DTYPES.int64, {
      state: this.state,
      seed: BigInt.asUintN(64, checkSeed(seed)),
    })
    run()
    return this
  }
  /** The seed that the stream started from. */
  initialSeed(): bigint {
    return new DataView(this.#bytes).getBigUint64(0, true)
  }
  /** Seeds from the system's randomness and returns the seed. */
  seed(): bigint {
    const words = new Uint32Array(2)
    globalThis.crypto.getRandomValues(words)
    const s = (BigInt(words[0]) << 21n) ^ BigInt(words[1])
    this.manualSeed(s)
    return s
  }
  /** The whole state as a uint8 tensor [5056], byte for byte what PyTorch's `get_state()` gives. */
  getState(): Tensor {
    const out = emptyOf([STATE.bytes], DTYPES.uint8)
    out.storage.withBytes((bytes) => bytes.set(new Uint8Array(this.#bytes)))
    return out
  }
  /** Continues from a state of `getState()`, of PyTorch's too. */
  setState(state: Tensor): this {
    expectTensor('setState', 'state', state)
    checkState(state, STATE.bytes)
    const bytes = state.storage.withArray(Uint8Array, (a) => a.slice(), state.offset, STATE.bytes)
    canonicalise(new DataView(bytes.buffer, bytes.byteOffset, STATE.bytes))
    new Uint8Array(this.#bytes).set(bytes)
    return this
  }
  /** Another generator in the same state. */
  cloneState(): Generator {
    return new Generator().setState(this.getState())
  }
  /** PyTorch's printout is an address, which tells nothing; here it is the seed. */
  toString(): string {
    return `Generator(initialSeed=${this.initialSeed()})`
  }
  [INSPECT](): string {
    return this.toString()
  }
}

/** Checks a state, and clears what of it has no meaning. */
function canonicalise(state: DataView): void {
  const left = state.getInt32(STATE.left, true)
  const next = state.getBigUint64(STATE.next, true)
  // Words are left to draw only up to the end of the block; PyTorch itself would read beyond.
  const sound = left > 0 && left <= WORDS && next <= BigInt(WORDS - left + 1)
  if (!sound || state.getInt32(STATE.seeded, true) === 0) throw new ValueError('Invalid mt19937 state')
  state.setInt32(STATE.seeded, 1, true)
  for (let i = 0; i < WORDS; i++) state.setUint32(STATE.words + 8 * i + 4, 0, true)
  state.setBigUint64(STATE.words + 8 * WORDS, 0n, true)
  const hasNormal = state.getInt32(STATE.hasNormal, true) !== 0
  if (!hasNormal) state.setBigUint64(STATE.normal, 0n, true)
  state.setBigUint64(STATE.normal + 8, 0n, true)
  state.setBigUint64(STATE.hasNormal, hasNormal ? 1n : 0n, true)
  const hasFloat = state.getUint8(STATE.hasFloat) !== 0
  if (!hasFloat) state.setUint32(STATE.hasFloat - 4, 0, true)
  state.setUint32(STATE.hasFloat, hasFloat ? 1 : 0, true)
}

/** The generator used where none is given. */
export const defaultGenerator = new Generator()
defaultGenerator.seed()

/** Seeds the default generator; the streams are PyTorch's. */
export const manualSeed = (seed: number | bigint): Generator => defaultGenerator.manualSeed(seed)
/** Seeds the default generator from the system's randomness and returns the seed. */
export const seed = (): bigint => defaultGenerator.seed()
/** The seed that the default generator started from. */
export const initialSeed = (): bigint => defaultGenerator.initialSeed()
/** The state of the default generator, a uint8 tensor [5056]. */
export const getRngState = (): Tensor => defaultGenerator.getState()
/** Sets the state of the default generator. */
export const setRngState = (state: Tensor): void => {
  defaultGenerator.setState(state)
}

/** A generator as a parameter. */
export const generator = kind<Generator>(
  'Generator',
  wanted('Generator', (v) => typeof v === 'object' && v !== null && 'manualSeed' in v),
)
/** Option of everything that draws. */
export interface GeneratorOption {
  /** Draw from this generator instead of the default one. */
  generator?: Generator | null
}
/** The state to draw from, as commands take it. @internal */
export const stateOf = (g: Generator | null | undefined): GeneratorMemory => {
  if (g != null && !(g instanceof Generator)) throw new ArgumentError(`expected a Generator, not ${typeof g}`)
  return (g ?? defaultGenerator).state
}
