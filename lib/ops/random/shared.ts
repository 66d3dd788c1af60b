/** What the random operations share. */
import type { Rule } from '../../autograd/node'
import { ValueError } from '../../errors'
import { packed, run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { type DType, type DTypeInfo, DTYPES } from '../../runtime/dtype'
import { OP, STATUS } from '../../runtime/opcodes'
import { isDense } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { finishInPlace, startInPlace } from '../../autograd/in-place'
import { optionsOf } from '../../check/options'
import { copyInto, emptyLike, emptyOf, filled } from '../define/results'
import {
  type AnyCreateOptions,
  CREATE_OPTIONS,
  type CreateOptions,
  createOptions,
  creation,
  withRequiresGrad,
} from '../tensor/create-options'
import { checkSize } from '../tensor/create-checks'
import { checkFloat } from '../../check/dtypes'
import { generator, type Generator, type GeneratorOption, stateOf } from './generator'

/** No gradient goes through a draw, but zeros go. */
export const zeroRule: Rule = (_n, g) => filled(g.sizes, 0, g.info)

/** Runs a filling op on a tensor in the order of its memory: over it where it is dense, else through a block that is. */
export function fill(x: Tensor, node: string, write: (target: Tensor, info: DTypeInfo) => void, p?: Tensor): Tensor {
  const n = startInPlace(x, node, p === undefined ? zeroRule : zerosRule, p === undefined ? [x] : [x, p], 'once')
  if (x.count === 0) return x
  if (x.rowMajor || isDense(x.sizes, x.strides)) write(x, x.info)
  else {
    const block = emptyLike(x, x.info)
    write(block, x.info)
    copyInto(x, block)
    block.storage.release()
  }
  finishInPlace(x, n)
  return x
}
const zerosRule: Rule = (_n, g) => [filled(g.sizes, 0, g.info), filled(g.sizes, 0, g.info)]

/** Fills a dense tensor with coins; a tensor of probabilities is laid out as it is. */
export function coin(x: Tensor, p: Tensor | number, g: Generator | null | undefined): void {
  if (!isTensor(p)) {
    encode.randomProbability(OP.random_bernoulli, x.info, { state: stateOf(g), out: packed(x), n: x.count, p })
    run()
    return
  }
  checkFloat('bernoulli_tensor_cpu_p_', p.info)
  const q = emptyLike(x, p.info)
  copyInto(q, p)
  encode.randomBernoulliTensor(OP.random_bernoulli_tensor, x.info, q.info, {
    state: stateOf(g),
    out: packed(x),
    probabilities: packed(q),
    n: x.count,
  })
  run((status) =>
    status === STATUS.INDEX_OUT_OF_RANGE
      ? new ValueError('Expected p_in >= 0 && p_in <= 1 to be true, but got false.')
      : undefined,
  )
  q.storage.release()
}
/** Options of the functions that make random tensors. */
export type RandomOptions = CreateOptions & GeneratorOption

/** The options of a maker, as the parameters of a definition. */
export const drawing = [...creation, generator('generator').optional()] as const
export type AnyRandomOptions = AnyCreateOptions & GeneratorOption

/** The options of a maker, checked: for operations that read their arguments themselves. */
export function drawOptions(op: string, options: unknown): AnyRandomOptions {
  const { generator = null, ...plain } = optionsOf<AnyRandomOptions>(
    op,
    [...CREATE_OPTIONS, 'generator'],
    options ?? {},
  )
  return { ...createOptions(op, plain), generator }
}
/** A new tensor, drawn and finished. */
export function created(
  op: string,
  size: readonly number[],
  o: AnyRandomOptions,
  dtype: DType,
  draw: (x: Tensor, g: Generator | null | undefined) => void,
): Tensor {
  checkSize(op, size)
  const out = emptyOf([...size], DTYPES[o.dtype ?? dtype])
  draw(out, o.generator)
  return withRequiresGrad(out, o)
}
/** As `created`, in the shape and, where it is dense, the layout of `x`. */
export function createdLike(
  x: Tensor,
  o: AnyRandomOptions,
  draw: (x: Tensor, g: Generator | null | undefined) => void,
): Tensor {
  const out = emptyLike(x, o.dtype ? DTYPES[o.dtype] : x.info)
  draw(out, o.generator)
  return withRequiresGrad(out, o)
}
