/** Selecting and filling by masks, and finding what is not 0. */
import { attach, type Rule, tracks } from '../../autograd/node'
import { run } from '../../runtime/commands'
import * as encode from '../../runtime/encoders'
import { DTYPES, type Scalar } from '../../runtime/dtype'
import { OP } from '../../runtime/opcodes'
import { broadcastShapes, type Shape } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { finishInPlace, startInPlace } from '../../autograd/in-place'
import { expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { whereRaw } from '../define/kernel'
import { hostRead } from '../define/host-read'
import { contiguousRaw, emptyOf, filled } from '../define/results'
import { define, defineAs } from '../define/define'
import { bool, own, tensor } from '../define/params'
import type { Op } from '../define/registry'
import { cat } from '../tensor/joining'
import { checkMask, checkMaskedFill, checkMaskedScatter, checkSelectMask, tooShort } from './checks'
import { fillWhere } from './indexing'

const maskedFillRule: Rule = (n, g) => {
  const mask = n.tensor(0)
  return [n.needs(0) ? maskedFill(g, mask, 0) : null, n.needs(1) ? g.mul(mask).sum() : null]
}
const maskedFillNode = (value: Tensor | null): string => maskedFill.op.nodes[value ? 1 : 0] as string
const filling = [tensor('input'), tensor('mask'), own<Tensor | Scalar>('Tensor or Number')('value')] as const
type Filling = (x: Tensor, mask: Tensor, value: Tensor | Scalar) => Tensor
/**
 * A copy with one value where the mask holds.
 * @param mask bool; broadcasts with the input
 * @param value a number or a 0-d tensor
 */
export const maskedFill: Op<Filling> = define('maskedFill', {
  params: filling,
  node: ['MaskedFillBackward0', 'MaskedFillBackward1'],
  run(x, mask, value) {
    broadcastShapes(mask.sizes, x.sizes)
    const v = checkMaskedFill(x, value)
    checkMask('masked_fill_', mask)
    const out = whereRaw(x.info, null, mask, v, x)
    const tv = isTensor(value) ? value : null
    if (tracks(x, tv)) attach(out, maskedFillNode(tv), maskedFillRule, [x, tv]).save(mask)
    return out
  },
})
/** As `maskedFill`, in place. @param mask bool; broadcasts to the tensor */
export const maskedFill_: Op<Filling> = define('maskedFill_', {
  params: filling,
  node: ['MaskedFillBackward0', 'MaskedFillBackward1'],
  run(x, mask, value) {
    const v = checkMaskedFill(x, value)
    checkMask('masked_fill_', mask)
    const tv = isTensor(value) ? value : null
    const n = startInPlace(x, maskedFillNode(tv), maskedFillRule, [x, tv], 'any')
    fillWhere(x, mask, v)
    finishInPlace(x, n)
    if (n) n.save(mask)
    return x
  },
})
/** The elements where the mask (both broadcast) holds, as a vector. @param mask bool */
export const maskedSelect: Op<(x: Tensor, mask: Tensor) => Tensor> = define('maskedSelect', {
  params: [tensor('input'), tensor('mask')],
  node: 'MaskedSelectBackward0',
  run(x, mask) {
    checkSelectMask(mask)
    const shape = broadcastShapes(mask.sizes, x.sizes)
    const [a, m] = [x.detach().expand(shape), mask.expand(shape)]
    // How large the result is.
    const count = Number(hostRead(m.sum()))
    const out = emptyOf([count], x.info)
    if (count > 0) {
      encode.maskedSelect(OP.masked_select, x.info, {
        out,
        a,
        mask: m,
        capacity: count,
        sizes: shape,
        strides: a.strides,
        maskStrides: m.strides,
      })
      run()
    }
    if (tracks(x)) {
      const n = attach(out, maskedSelect.op.node, (k, g) => maskedScatter(filled(shape, 0, g.info), k.tensor(0), g), [
        x,
      ])
      n.save(m)
    }
    return out
  },
})
const maskedScatterRule: Rule = (n, g) => {
  const mask = n.tensor(0)
  const back = (): Tensor => {
    const picked = maskedSelect(g, mask)
    const sizes = n.meta as Shape
    const total = sizes.reduce((a, b) => a * b, 1)
    return cat([picked, filled([total - picked.count], 0, g.info)]).reshape(sizes)
  }
  return [n.needs(0) ? maskedFill(g, mask, 0) : null, n.needs(1) ? back() : null]
}
type Scattering = (x: Tensor, mask: Tensor, source: Tensor) => Tensor
/**
 * Elements of `source`, in order, written where the mask holds, in place.
 * @param mask bool; broadcasts to the tensor
 * @param source as many elements or more, of the same dtype
 */
export const maskedScatter_: Op<Scattering> = define('maskedScatter_', {
  params: [tensor('input'), tensor('mask'), tensor('source')],
  node: 'MaskedScatterBackward0',
  run(x, mask, source) {
    checkMaskedScatter(x, mask, source)
    const m = mask.expand(x.sizes)
    const n = startInPlace(x, maskedScatter_.op.node, maskedScatterRule, [x, source], 'once')
    const s = contiguousRaw(source.detach())
    encode.maskedScatter(OP.masked_scatter, x.info, {
      self: x,
      mask: m,
      source: s,
      length: s.count,
      sizes: x.sizes,
      strides: x.strides,
      maskStrides: m.strides,
    })
    run(tooShort(s.count))
    finishInPlace(x, n)
    if (n) {
      n.save(m)
      n.meta = source.sizes
    }
    return x
  },
})
/** As `maskedScatter_`, on a copy. @param mask bool; both broadcast */
export const maskedScatter: Op<Scattering> = define('maskedScatter', {
  params: [tensor('input'), tensor('mask'), tensor('source')],
  node: 'MaskedScatterBackward0',
  run(x, mask, source) {
    const shape = broadcastShapes(mask.sizes, x.sizes)
    return maskedScatter_(x.expand(shape).clone({ memoryFormat: 'contiguous_format' }), mask, source)
  },
})
/** What `nonzero` takes. */
export interface Nonzero {
  /** Where the elements are not 0: int64 [count, ndim]. */
  (x: Tensor): Tensor
  /** Where the elements are not 0: a vector a dim, int64. */
  (x: Tensor, options: { asTuple: true }): Tensor[]
}
/** Where the elements are not 0: int64 [count, ndim], or with `asTuple` one vector a dim. */
export const nonzero: Op<Nonzero> = defineAs<Nonzero>('nonzero', {
  params: [tensor('input'), bool('asTuple').default(false)],
  differentiable: false,
  run: nonzeroOf as Nonzero,
})
function nonzeroOf(x: Tensor, options?: { asTuple?: boolean }): Tensor | Tensor[] {
  expectTensor('nonzero', 'input', x)
  const { asTuple = false } = optionsOf<{ asTuple?: boolean }>('nonzero', ['asTuple'], options)
  // How large the result is.
  const count = x.count === 0 ? 0 : Number(hostRead(x.detach().ne(0).sum()))
  const nd = x.sizes.length
  const out = emptyOf([count, nd], DTYPES.int64)
  if (count > 0 && nd > 0) {
    encode.nonzero(OP.nonzero, x.info, { out, a: x, capacity: count, sizes: x.sizes, strides: x.strides })
    run()
  }
  return asTuple ? (nd === 0 ? [filled([count], 0, out.info)] : out.unbind(1)) : out
}
/** Where the elements are not 0: int64 [count, ndim]. */
export const argwhere: Op<(x: Tensor) => Tensor> = define('argwhere', {
  params: [tensor('input')],
  differentiable: false,
  run: (x) => nonzero(x),
})
