/** Copies, and copies of another dtype. */
import { type Rule, attach, tracks } from '../../autograd/node'
import { expectTensor } from '../../check/arguments'
import { DTYPES, isDType, type DType } from '../../runtime/dtype'
import { type Tensor, reinterpret } from '../../tensor/tensor'
import { aliasOf, define, defineAs } from '../define/define'
import * as param from '../define/params'
import type { InPlaceOp, Op } from '../define/registry'
import { castRaw, copyInto, emptyLike, emptyOf } from '../define/results'
import { checkMemoryFormat, checkNoView } from './checks'
import { type ToArguments, toOptions } from './to-options'

export type { ToArguments, ToOptions } from './to-options'

type MemoryFormat = 'preserve_format' | 'contiguous_format'
/** Options of `clone`. */
export interface CloneOptions {
  /** `preserve_format` (default) keeps dense strides; `contiguous_format` gives row-major ones. */
  memoryFormat?: MemoryFormat
}
const cloneBack: Rule = (_n, g) => g
/** A copy in fresh memory; gradients flow through. */
export const clone: Op<(x: Tensor, memoryFormat?: MemoryFormat | CloneOptions) => Tensor> = define('clone', {
  params: [param.tensor('input'), param.own<MemoryFormat>('str')('memoryFormat').default('preserve_format')],
  node: 'CloneBackward0',
  run: (x, { memoryFormat }) => cloned(x, memoryFormat),
})
function cloned(x: Tensor, memoryFormat: MemoryFormat): Tensor {
  checkMemoryFormat(memoryFormat)
  const out = memoryFormat === 'preserve_format' ? emptyLike(x, x.info) : emptyOf(x.sizes, x.info)
  copyInto(out, x)
  if (tracks(x)) attach(out, clone.op.node, cloneBack, [x])
  return out
}
/** The tensor itself where it is row-major, else a row-major copy. */
export const contiguous: Op<(x: Tensor) => Tensor> = define('contiguous', {
  params: [param.tensor('input')],
  node: 'CloneBackward0',
  run: (x) => (x.rowMajor ? x : clone(x, CONTIGUOUS)),
})
const CONTIGUOUS: CloneOptions = { memoryFormat: 'contiguous_format' }
/** The same values, cut off from the graph; shares memory and versions. */
export const detach: InPlaceOp<(x: Tensor) => Tensor, (x: Tensor) => Tensor> = define('detach', {
  params: [param.tensor('input')],
  differentiable: false,
  inPlace: detachItself,
  run: (x) => reinterpret(x, x.sizes, x.strides, x.offset),
})
function detachItself(x: Tensor): Tensor {
  checkNoView(x)
  x.setGradFn(null, 0)
  x.needsGrad = false
  return x
}
/** Cuts this tensor itself off from the graph. @throws ShapeError for a view */
export const detach_ = detach.inPlace
const castBack: Rule = (n, g) => to(g, n.meta as DType)
type To = (x: Tensor, ...to: ToArguments) => Tensor
/**
 * The values in another dtype; the tensor itself where it has it already: `x.to('float64')`, `x.to(other)`, `x.to('cpu', 'float64')`.
 * @throws ArgumentError for any device but 'cpu'
 */
export const to: Op<To> = defineAs<To>('to', {
  params: [
    param.tensor('input'),
    param.dtype('dtype').optional(),
    param.device('device').optional(),
    param.bool('nonBlocking').default(false),
    param.bool('copy').default(false),
  ],
  node: 'ToCopyBackward0',
  variadic: true,
  run: converted,
})
function converted(x: Tensor, ...given: ToArguments): Tensor {
  expectTensor('to', 'input', x)
  // What most calls are, without an object of options.
  if (given.length === 1 && isDType(given[0])) return inDType(x, given[0])
  const { dtype, copy } = toOptions('to', ['nonBlocking', 'copy'], given)
  return inDType(x, dtype ?? x.dtype, copy ?? false)
}
function inDType(x: Tensor, want: DType, copy = false): Tensor {
  const info = DTYPES[want]
  if (info === x.info) return copy ? clone(x) : x
  const out = castRaw(x, info)
  if (info.category === 2 && tracks(x)) attach(out, to.op.node, castBack, [x]).meta = x.dtype
  return out
}
/** The values in another dtype: another name of `to`. */
export const type = aliasOf(to, 'type')
/** The values in the dtype of another tensor. */
export const typeAs: Op<(x: Tensor, other: Tensor) => Tensor> = define('typeAs', {
  params: [param.tensor('input'), param.tensor('other')],
  node: 'ToCopyBackward0',
  run: (x, other) => inDType(x, other.dtype),
})
/** A cast as a method. */
const cast = (name: string, dtype: DType): Op<(x: Tensor) => Tensor> =>
  define(name, {
    params: [param.tensor('input')],
    node: DTYPES[dtype].category === 2 ? 'ToCopyBackward0' : [],
    differentiable: DTYPES[dtype].category === 2,
    run: (x) => inDType(x, dtype),
  })
/** The values in float32. */
export const float = cast('float', 'float32')
/** The values in float64. */
export const double = cast('double', 'float64')
/** The values in float16. */
export const half = cast('half', 'float16')
/** The values in bfloat16. */
export const bfloat16 = cast('bfloat16', 'bfloat16')
/** The values in int64. */
export const long = cast('long', 'int64')
/** The values in int32. */
export const int = cast('int', 'int32')
/** The values in int16. */
export const short = cast('short', 'int16')
/** The values in int8. */
export const char = cast('char', 'int8')
/** The values in uint8. */
export const byte = cast('byte', 'uint8')
/** Whether each value is not 0. */
export const bool = cast('bool', 'bool')
