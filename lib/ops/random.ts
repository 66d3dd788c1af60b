/** Random numbers with PyTorch's own streams: the same seed gives the same bits as on its CPU. */
import { attach, tracks } from '../autograd/node'
import { ArgumentError, DTypeError, ShapeError, ValueError } from '../errors'
import { command, commandBits, run } from '../runtime/commands'
import { Category, type DType, type DTypeInfo, DTYPES, getDefaultDtype } from '../runtime/dtype'
import { OP, STATUS } from '../runtime/opcodes'
import { addon } from '../runtime/addon'
import { isTensor, type Tensor } from '../tensor/tensor'
import {
  checkWritable,
  contiguousRaw,
  copyInto,
  emptyLike,
  emptyOf,
  expectInt,
  expectTensor,
  finishInPlace,
  notImplemented,
  optionsOf,
  startInPlace,
} from './core'
import { type CreateOptions, createOptions, expectSize, finished } from './create-options'

const STATE_BYTES = 5056

/** A source of random numbers with a state of its own (mt19937, as PyTorch's CPU generator). */
export class Generator {
  readonly #bytes = new ArrayBuffer(STATE_BYTES)
  /** @internal */ readonly address = addon.addressOf(this.#bytes)
  #seed = 67280421310721n

  constructor() {
    this.manualSeed(this.#seed)
  }
  /** Starts the stream of a seed: an integer (negative ones count from 2⁶⁴). */
  manualSeed(seed: number | bigint): this {
    if (typeof seed !== 'bigint' && !Number.isInteger(seed))
      throw new ArgumentError(`manualSeed(): argument 'seed' must be an integer, not ${String(seed)}`)
    const s = BigInt(seed)
    if (s < -(2n ** 63n) || s >= 2n ** 64n)
      throw new ValueError('Overflow when unpacking long long', { seed: String(seed) })
    this.#seed = BigInt.asUintN(64, s)
    commandBits(OP.generator_seed, DTYPES.int64, DTYPES.int64, [this.address, BigInt.asIntN(64, s)])
    run()
    return this
  }
  /** The seed last given. */
  initialSeed(): bigint {
    return this.#seed
  }
  /** Seeds from the system's randomness and returns the seed. */
  seed(): bigint {
    const words = new Uint32Array(2)
    globalThis.crypto.getRandomValues(words)
    const s = (BigInt(words[0] as number) << 21n) ^ BigInt(words[1] as number)
    this.manualSeed(s)
    return s
  }
  /** The whole state as a uint8 tensor of 5056 bytes, in PyTorch's layout. */
  getState(): Tensor {
    const out = emptyOf([STATE_BYTES], DTYPES.uint8)
    out.storage.bytes().set(new Uint8Array(this.#bytes))
    return out
  }
  setState(state: Tensor): this {
    expectTensor('setState', 'state', state)
    if (state.dtype !== 'uint8') throw new DTypeError(`RNG state must be a ByteTensor, got ${state.dtype}`)
    if (state.count !== STATE_BYTES)
      throw new ValueError(`RNG state is wrong size: expected ${STATE_BYTES}, got ${state.count}`)
    const c = contiguousRaw(state)
    new Uint8Array(this.#bytes).set(c.storage.bytes(c.offset, STATE_BYTES))
    return this
  }
}

/** The generator used where none is given. */
export const defaultGenerator = new Generator()
defaultGenerator.seed()

/** Seeds the default generator; the streams are PyTorch's. */
export const manualSeed = (seed: number | bigint): Generator => defaultGenerator.manualSeed(seed)
/** Seeds the default generator from the system's randomness. */
export const seed = (): bigint => defaultGenerator.seed()
export const initialSeed = (): bigint => defaultGenerator.initialSeed()
export const getRngState = (): Tensor => defaultGenerator.getState()
export const setRngState = (state: Tensor): void => {
  defaultGenerator.setState(state)
}

/** Options of every random op. */
export interface GeneratorOption {
  /** Draw from this generator instead of the default one. */
  generator?: Generator | null
}
const stateOf = (g: Generator | null | undefined): number => {
  if (g != null && !(g instanceof Generator)) throw new ArgumentError(`expected a Generator, not ${typeof g}`)
  return (g ?? defaultGenerator).address
}

/** Runs a filling op on a tensor: dense ones in memory order, others through a row-major block. */
function fill(x: Tensor, name: string, write: (target: Tensor, info: DTypeInfo) => void): Tensor {
  checkWritable(x)
  const n = startInPlace(x, `${name}Backward0`, (_n, g) => g.mul(0), [x])
  if (x.rowMajor) write(x, x.info)
  else {
    const block = emptyLike(x, x.info)
    write(block, x.info)
    copyInto(x, block)
    block.storage.release()
  }
  finishInPlace(x, n)
  return x
}
const expectFloat = (x: Tensor, kernel: string): void => {
  if (x.info.category !== Category.Float) throw notImplemented(kernel, x.info)
}

/** Fills with the uniform distribution of [from, to). */
export function uniform_(
  x: Tensor,
  options?: number | ({ from?: number; to?: number; a?: number; b?: number } & GeneratorOption),
  rest?: { to?: number } & GeneratorOption,
): Tensor {
  expectTensor('uniform_', 'input', x)
  const o = optionsOf<{ from?: number; to?: number; a?: number; b?: number } & GeneratorOption>(
    'uniform_',
    ['from', 'to', 'a', 'b', 'generator'],
    options,
    rest,
  )
  const from = o.from ?? o.a ?? 0
  const to = o.to ?? o.b ?? 1
  expectFloat(x, 'check_uniform_bounds')
  if (from > to)
    throw new ValueError(`uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`)
  return fill(x, 'Uniform', (t, i) => {
    command(OP.random_uniform, i, i, [stateOf(o.generator), t.address, t.count, from, to])
    run()
  })
}
/** Fills with the normal distribution. */
export function normal_(
  x: Tensor,
  options?: number | ({ mean?: number; std?: number } & GeneratorOption),
  rest?: { std?: number } & GeneratorOption,
): Tensor {
  expectTensor('normal_', 'input', x)
  const o = optionsOf<{ mean?: number; std?: number } & GeneratorOption>(
    'normal_',
    ['mean', 'std', 'generator'],
    options,
    rest,
  )
  const { mean = 0, std = 1 } = o
  if (!(std >= 0)) throw new ValueError(`normal expects std >= 0.0, but found std ${std}`)
  expectFloat(x, 'normal_kernel_cpu')
  return fill(x, 'Normal', (t, i) => {
    command(OP.random_normal, i, i, [stateOf(o.generator), t.address, t.count, mean, std, x.rowMajor ? 1 : 0])
    run()
  })
}
/** Fills with e to the power of a normal distribution. */
export function logNormal_(
  x: Tensor,
  options?: number | ({ mean?: number; std?: number } & GeneratorOption),
  rest?: { std?: number } & GeneratorOption,
): Tensor {
  expectTensor('logNormal_', 'input', x)
  const o = optionsOf<{ mean?: number; std?: number } & GeneratorOption>(
    'logNormal_',
    ['mean', 'std', 'generator'],
    options,
    rest,
  )
  const { mean = 1, std = 2 } = o
  if (!(std > 0)) throw new ValueError(`log_normal_ expects std > 0.0, but found std=${std}`)
  expectFloat(x, 'log_normal_cpu')
  return fill(x, 'LogNormal', (t, i) => {
    command(OP.random_log_normal, i, i, [stateOf(o.generator), t.address, t.count, mean, std])
    run()
  })
}
/** Fills with the exponential distribution. */
export function exponential_(
  x: Tensor,
  options?: number | ({ lambd?: number } & GeneratorOption),
  rest?: GeneratorOption,
): Tensor {
  expectTensor('exponential_', 'input', x)
  const o = optionsOf<{ lambd?: number } & GeneratorOption>('exponential_', ['lambd', 'generator'], options, rest)
  const { lambd = 1 } = o
  if (!(lambd > 0)) throw new ValueError(`exponential_ expects lambda > 0.0, but found lambda=${lambd}`)
  expectFloat(x, 'exponential_cpu')
  return fill(x, 'Exponential', (t, i) => {
    command(OP.random_exponential, i, i, [stateOf(o.generator), t.address, t.count, lambd])
    run()
  })
}
/** Fills with the Cauchy distribution. */
export function cauchy_(
  x: Tensor,
  options?: number | ({ median?: number; sigma?: number } & GeneratorOption),
  rest?: { sigma?: number } & GeneratorOption,
): Tensor {
  expectTensor('cauchy_', 'input', x)
  const o = optionsOf<{ median?: number; sigma?: number } & GeneratorOption>(
    'cauchy_',
    ['median', 'sigma', 'generator'],
    options,
    rest,
  )
  const { median = 0, sigma = 1 } = o
  if (!(sigma > 0)) throw new ValueError(`cauchy_ expects sigma > 0.0, but found sigma=${sigma}`)
  expectFloat(x, 'cauchy_cpu')
  return fill(x, 'Cauchy', (t, i) => {
    command(OP.random_cauchy, i, i, [stateOf(o.generator), t.address, t.count, median, sigma])
    run()
  })
}
/** Fills with the geometric distribution. */
export function geometric_(x: Tensor, p: number, options?: GeneratorOption): Tensor {
  expectTensor('geometric_', 'input', x)
  if (!(p > 0 && p < 1)) throw new ValueError(`geometric_ expects p to be in (0, 1), but got p=${p}`)
  if (x.dtype === 'bool') throw notImplemented('geometric_cpu', x.info)
  return fill(x, 'Geometric', (t, i) => {
    command(OP.random_geometric, i, i, [stateOf(options?.generator), t.address, t.count, p])
    run()
  })
}
/** Fills with integers of [from, to); without bounds, with all that the dtype holds exactly. */
export function random_(
  x: Tensor,
  from?: number | bigint | GeneratorOption,
  to?: number | bigint | GeneratorOption,
  options?: GeneratorOption,
): Tensor {
  expectTensor('random_', 'input', x)
  const bounds = [from, to]
    .filter((v): v is number | bigint => typeof v === 'number' || typeof v === 'bigint')
    .map(BigInt)
  const o = optionsOf<GeneratorOption>(
    'random_',
    ['generator'],
    [from, to, options].find((v) => typeof v === 'object' && v !== null),
  )
  return fill(x, 'Random', (t, i) => {
    if (bounds.length === 0) command(OP.random_int, i, i, [stateOf(o.generator), t.address, t.count])
    else {
      const [lo, hi] = bounds.length === 1 ? [0n, bounds[0] as bigint] : (bounds as [bigint, bigint])
      if (lo >= hi) throw new ValueError(`random_ expects 'from' to be less than 'to', but got from=${lo} >= to=${hi}`)
      checkRange(i, lo, hi)
      commandBits(OP.random_from_to, i, i, [stateOf(o.generator), t.address, t.count, lo, hi - lo])
    }
    run()
  })
}
const LIMITS: { readonly [K in DType]?: readonly [bigint, bigint] } = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int16: [-32768n, 32767n],
  int8: [-128n, 127n],
  uint8: [0n, 255n],
  bool: [0n, 1n],
}
function checkRange(info: DTypeInfo, lo: bigint, hi: bigint): void {
  const limit = LIMITS[info.name]
  if (!limit) return
  if (lo < limit[0] || lo > limit[1]) throw new ValueError(`from is out of bounds for ${info.scalarType.toLowerCase()}`)
  if (hi - 1n < limit[0] || hi - 1n > limit[1])
    throw new ValueError(`to - 1 is out of bounds for ${info.scalarType.toLowerCase()}`)
}
function coin(x: Tensor, p: Tensor | number, g: Generator | null | undefined): void {
  if (isTensor(p)) {
    if (p.info.category !== Category.Float)
      throw new DTypeError(`expected probabilities tensor to have floating type, got ${p.info.scalarType}`)
    const q = contiguousRaw(p.detach().expand(x.sizes))
    command(OP.random_bernoulli_tensor, x.info, q.info, [stateOf(g), x.address, x.count, q.address])
    run((status, d) =>
      status === STATUS.INDEX_OUT_OF_RANGE
        ? new ValueError(`bernoulli_ expects p to be in [0, 1], but got p=${d[0]}`)
        : undefined,
    )
    return
  }
  if (!(p >= 0 && p <= 1)) throw new ValueError(`bernoulli_ expects p to be in [0, 1], but got p=${p}`)
  command(OP.random_bernoulli, x.info, x.info, [stateOf(g), x.address, x.count, p])
  run()
}
/** Fills with ones of probability `p` (a number, or a tensor of them) and zeros. */
export function bernoulli_(
  x: Tensor,
  p?: number | Tensor | ({ p?: number | Tensor } & GeneratorOption),
  options?: GeneratorOption,
): Tensor {
  expectTensor('bernoulli_', 'input', x)
  const o = isTensor(p)
    ? { p, ...options }
    : optionsOf<{ p?: number | Tensor } & GeneratorOption>('bernoulli_', ['p', 'generator'], p, options)
  return fill(x, 'Bernoulli', (t) => coin(t, o.p ?? 0.5, o.generator))
}
/** Ones with the probabilities that the input holds, and zeros; `p` overrides them. */
export function bernoulli(
  x: Tensor,
  p?: number | ({ p?: number } & GeneratorOption),
  options?: GeneratorOption,
): Tensor {
  expectTensor('bernoulli', 'input', x)
  const o = optionsOf<{ p?: number } & GeneratorOption>('bernoulli', ['p', 'generator'], p, options)
  const out = emptyOf(x.sizes, x.info)
  coin(out, o.p ?? x, o.generator)
  if (tracks(x)) attach(out, 'BernoulliBackward0', (_n, g) => g.mul(0), [x])
  return out
}

/** Options of the functions that make random tensors. */
export type RandomOptions = CreateOptions & GeneratorOption
function created(
  op: string,
  size: readonly number[],
  options: RandomOptions | undefined,
  draw: (x: Tensor, g: Generator | null | undefined) => void,
  dtype?: DType,
): Tensor {
  expectSize(op, size)
  const { generator, ...rest } = (options ?? {}) as GeneratorOption & { dtype?: DType }
  const o = createOptions(op, rest)
  const out = emptyOf([...size], DTYPES[o.dtype ?? dtype ?? getDefaultDtype()])
  draw(out, generator)
  return finished(out, o)
}
/** Uniform on [0, 1). */
export function rand(size: readonly number[], options?: RandomOptions): Tensor {
  return created('rand', size, options, (x, generator) => uniform_(x, { generator: generator ?? null }))
}
/** Standard normal. */
export function randn(size: readonly number[], options?: RandomOptions): Tensor {
  return created('randn', size, options, (x, generator) => normal_(x, { generator: generator ?? null }))
}
/** Integers of [low, high): `randint(high, size)` or `randint(low, high, size)`; int64. */
export function randint(high: number | bigint, size: readonly number[], options?: RandomOptions): Tensor
export function randint(
  low: number | bigint,
  high: number | bigint,
  size: readonly number[],
  options?: RandomOptions,
): Tensor
export function randint(a: number | bigint, b: unknown, c?: unknown, d?: unknown): Tensor {
  const short = Array.isArray(b)
  const [low, high] = short ? [0, a] : [a, b as number | bigint]
  const size = (short ? b : c) as readonly number[]
  const options = (short ? c : d) as RandomOptions | undefined
  for (const v of [low, high])
    if (typeof v !== 'bigint' && !Number.isInteger(v))
      throw new ArgumentError(`randint(): bounds must be integers, not ${String(v)}`)
  return created(
    'randint',
    size,
    options,
    (x, generator) => {
      if (BigInt(low) >= BigInt(high))
        throw new ValueError(`random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`)
      random_(x, low, high, { generator: generator ?? null })
    },
    'int64',
  )
}
/** The integers of [0, n) in random order; int64. */
export function randperm(n: number, options?: RandomOptions): Tensor {
  expectInt('randperm', 'n', n)
  if (n < 0) throw new ValueError(`n must be non-negative, got${n}`)
  const { generator, ...rest } = (options ?? {}) as GeneratorOption & { dtype?: DType }
  const o = createOptions('randperm', rest)
  const out = emptyOf([n], DTYPES.int64)
  if (n > 0) {
    command(OP.random_perm, DTYPES.int64, DTYPES.int64, [stateOf(generator), out.address, n])
    run()
  }
  return finished(o.dtype && o.dtype !== 'int64' ? out.to(o.dtype) : out, o)
}
const likeOptions = (x: Tensor, o: RandomOptions | undefined): RandomOptions =>
  ({ dtype: x.dtype, ...o }) as RandomOptions
/** Uniform on [0, 1), in the shape and dtype of a tensor. */
export const randLike = (x: Tensor, options?: RandomOptions): Tensor => {
  expectTensor('randLike', 'input', x)
  return rand(x.sizes, likeOptions(x, options))
}
/** Standard normal, in the shape and dtype of a tensor. */
export const randnLike = (x: Tensor, options?: RandomOptions): Tensor => {
  expectTensor('randnLike', 'input', x)
  return randn(x.sizes, likeOptions(x, options))
}
/** Integers of [low, high), in the shape and dtype of a tensor. */
export const randintLike = (x: Tensor, low: number, high?: number | RandomOptions, options?: RandomOptions): Tensor => {
  expectTensor('randintLike', 'input', x)
  return typeof high === 'number'
    ? randint(low, high, x.sizes, likeOptions(x, options))
    : randint(0, low, x.sizes, likeOptions(x, high))
}
/** Normal values: means and deviations given by tensors, or by numbers with a size. */
export function normal(
  mean: Tensor | number,
  std: Tensor | number,
  options?: readonly number[] | ({ size?: readonly number[] } & GeneratorOption),
  rest?: RandomOptions,
): Tensor {
  const o = optionsOf<{ size?: readonly number[] } & GeneratorOption>(
    'normal',
    ['size', 'generator', 'dtype' as 'size', 'requiresGrad' as 'size'],
    options,
    rest,
  )
  const generator = { generator: o.generator ?? null }
  if (!isTensor(mean) && !isTensor(std)) {
    if (!o.size) throw new ArgumentError("normal(): missing the 'size' that numbers need")
    const { size, ...more } = o
    return created('normal', size, more as RandomOptions, (x, g) => normal_(x, { mean, std, generator: g ?? null }))
  }
  if (isTensor(std) && std.info.category === Category.Float && std.count > 0 && std.detach().lt(0).any().item())
    throw new ValueError('normal expects all elements of std >= 0.0')
  const like = (isTensor(mean) ? mean : std) as Tensor
  const sizes = isTensor(mean) && isTensor(std) ? mean.detach().add(std.detach()).sizes : like.sizes
  const z = normal_(emptyOf(sizes, like.info), generator)
  return z.mul_(isTensor(std) ? std.detach() : std).add_(isTensor(mean) ? mean.detach() : mean)
}
/** Indices drawn with the probabilities of each row. @param x weights [categories] or [rows, categories] */
export function multinomial(
  x: Tensor,
  numSamples: number,
  options?: boolean | ({ replacement?: boolean } & GeneratorOption),
): Tensor {
  expectTensor('multinomial', 'input', x)
  expectInt('multinomial', 'num_samples', numSamples)
  const { replacement = false, generator } = optionsOf<{ replacement?: boolean } & GeneratorOption>(
    'multinomial',
    ['replacement', 'generator'],
    options,
  )
  if (x.sizes.length < 1 || x.sizes.length > 2) throw new ShapeError('prob_dist must be 1 or 2 dim')
  if (x.info.category !== Category.Float)
    throw new DTypeError(`multinomial only supports floating-point dtypes for input, got: ${x.info.scalarType}`)
  if (numSamples <= 0) throw new ValueError('cannot sample n_sample <= 0 samples')
  const categories = x.sizes[x.sizes.length - 1] as number
  if (!replacement && numSamples > categories)
    throw new ValueError('cannot sample n_sample > prob_dist.size(-1) samples without replacement')
  const p = contiguousRaw(x.detach())
  if (!replacement || numSamples === 1) {
    if (!p.isfinite().all().item() || p.lt(0).any().item())
      throw new ValueError('probability tensor contains either `inf`, `nan` or element < 0')
    if (p.sum(-1).eq(0).any().item())
      throw new ValueError('invalid multinomial distribution (sum of probabilities <= 0)')
    const q = exponential_(emptyOf(p.sizes, p.info), { generator: generator ?? null })
    const score = p.div(q)
    return numSamples === 1 ? score.argmax(-1, { keepdim: true }) : score.topk(numSamples).indices
  }
  const rows = x.sizes.length === 2 ? (x.sizes[0] as number) : 1
  const out = emptyOf(x.sizes.length === 2 ? [rows, numSamples] : [numSamples], DTYPES.int64)
  command(OP.random_multinomial, p.info, p.info, [
    stateOf(generator),
    out.address,
    rows,
    p.address,
    categories,
    numSamples,
  ])
  run((status, d) =>
    status === STATUS.INDEX_OUT_OF_RANGE
      ? d[0] === 0
        ? new ValueError('invalid multinomial distribution (sum of probabilities <= 0)')
        : new ValueError(
            `invalid multinomial distribution (encountering probability entry ${d[0] === 1 ? '< 0' : '= infinity or NaN'})`,
          )
      : undefined,
  )
  return out
}
