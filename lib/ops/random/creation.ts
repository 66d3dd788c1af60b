/** New tensors of draws, with PyTorch's own streams: the same seed gives the same bits as on its CPU. */
import { expectInts, expectNothing, expectTensor } from '../../check/arguments'
import { run } from '../../runtime/commands'
import { DTYPES, getDefaultDtype } from '../../runtime/dtype'
import * as encode from '../../runtime/encoders'
import { OP } from '../../runtime/opcodes'
import type { Tensor } from '../../tensor/tensor'
import { define, defineAs } from '../define/define'
import { int, ints, scalar, spreadInts, type SizesWith, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { emptyOf } from '../define/results'
import { withRequiresGrad } from '../tensor/create-options'
import { checkInt64, checkPermutation } from './checks'
import { type RandomOptions, created, createdLike, drawOptions, drawing } from './shared'
import { type Generator, stateOf } from './generator'
import { fromTo, normal_, random_, uniform_ } from './in-place'

const drawUniform = (x: Tensor, generator: Generator | null | undefined): Tensor => uniform_(x, { generator })
const drawNormal = (x: Tensor, generator: Generator | null | undefined): Tensor => normal_(x, { generator })
type RandomOfSize = Op<(...size: SizesWith<RandomOptions>) => Tensor>
type RandomLike = Op<(x: Tensor, options?: RandomOptions) => Tensor>
/** Uniform on [0, 1): `rand(4, 8)`, `rand([4, 8], { dtype: 'float64' })`. @param size an array, or the ints themselves @throws ShapeError for a negative size */
export const rand: RandomOfSize = define('rand', {
  params: [spreadInts('size'), ...drawing],
  differentiable: false,
  run: (size, o) => created('rand', size, o, getDefaultDtype(), drawUniform),
})
/** Standard normal. @param size an array, or the ints themselves @throws ShapeError for a negative size */
export const randn: RandomOfSize = define('randn', {
  params: [spreadInts('size'), ...drawing],
  differentiable: false,
  run: (size, o) => created('randn', size, o, getDefaultDtype(), drawNormal),
})
/** Uniform on [0, 1), in the shape, dtype and layout of a tensor. */
export const randLike: RandomLike = define('randLike', {
  params: [tensor('input'), ...drawing],
  method: false,
  differentiable: false,
  run: (x, o) => createdLike(x, o, drawUniform),
})
/** Standard normal, in the shape, dtype and layout of a tensor. */
export const randnLike: RandomLike = define('randnLike', {
  params: [tensor('input'), ...drawing],
  method: false,
  differentiable: false,
  run: (x, o) => createdLike(x, o, drawNormal),
})
/** What `randint` takes: one bound or both. */
export interface RandomIntegers {
  /** Integers of [0, high); int64 unless `dtype` says otherwise. */
  (high: number | bigint, size: readonly number[], options?: RandomOptions): Tensor
  /** Integers of [low, high); int64 unless `dtype` says otherwise. */
  (low: number | bigint, high: number | bigint, size: readonly number[], options?: RandomOptions): Tensor
}
/** Integers of [low, high), of [0, high) where one number is given; int64 unless `dtype` says otherwise. */
export const randint: Op<RandomIntegers> = defineAs<RandomIntegers>('randint', {
  params: [scalar('low').default(0), scalar('high'), ints('size'), ...drawing],
  differentiable: false,
  run(a: number | bigint, b: unknown, c?: unknown, d?: unknown): Tensor {
    const short = Array.isArray(b)
    if (short) expectNothing('randint', d)
    const low = checkInt64('randint', 'low', short ? 0 : a)
    const high = checkInt64('randint', 'high', short ? a : b)
    const size = short ? b : c
    expectInts('randint', 'size', size)
    return created('randint', size, drawOptions('randint', short ? c : d), 'int64', (x, g) =>
      fromTo(x, low, high, g, random_.op.node),
    )
  },
})
/** What `randintLike` takes: one bound or both. */
export interface RandomIntegersLike {
  /** Integers of [0, high), in the shape, dtype and layout of a tensor. */
  (x: Tensor, high: number | bigint, options?: RandomOptions): Tensor
  /** Integers of [low, high), in the shape, dtype and layout of a tensor. */
  (x: Tensor, low: number | bigint, high: number | bigint, options?: RandomOptions): Tensor
}
/** Integers of [low, high), of [0, high) where one number is given, in the shape, dtype and layout of a tensor. */
export const randintLike: Op<RandomIntegersLike> = defineAs<RandomIntegersLike>('randintLike', {
  params: [tensor('input'), scalar('low').default(0), scalar('high'), ...drawing],
  method: false,
  differentiable: false,
  run(x: Tensor, a: number | bigint, b?: unknown, c?: unknown): Tensor {
    const short = typeof b !== 'number' && typeof b !== 'bigint'
    if (short) expectNothing('randintLike', c)
    const low = checkInt64('randintLike', 'low', short ? 0 : a)
    const high = checkInt64('randintLike', 'high', short ? a : b)
    expectTensor('randintLike', 'input', x)
    return createdLike(x, drawOptions('randintLike', short ? b : c), (t, g) => fromTo(t, low, high, g, random_.op.node))
  },
})
/** The integers of [0, n) in random order; int64 unless `dtype` says otherwise. @throws ValueError where that holds no n */
export const randperm: Op<(n: number, options?: RandomOptions) => Tensor> = define('randperm', {
  params: [int('n'), ...drawing],
  differentiable: false,
  run(n, { generator, ...o }) {
    const info = DTYPES[o.dtype ?? 'int64']
    checkPermutation(info, n)
    const out = emptyOf([n], DTYPES.int64)
    if (n > 0) {
      encode.randomPerm(OP.random_perm, DTYPES.int64, { state: stateOf(generator), out, n })
      run()
    }
    return withRequiresGrad(info.name === 'int64' ? out : out.to(info.name), o)
  },
})
