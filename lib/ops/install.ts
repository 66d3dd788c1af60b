/**
 * Makes every op a method: `add(x, y)` is also `x.add(y)`, and an elementwise op is also `x.add_(y)`.
 * Types follow from the functions, so an op needs no second declaration.
 */
import { setEngineOps } from '../autograd/engine'
import { enableGrad } from '../autograd/mode'
import { attach, replacement, tracks } from '../autograd/node'
import type { Scalar } from '../runtime/dtype'
import { reinterpret, setHookCheck, setViewReplay, Tensor } from '../tensor/tensor'
import { inspect } from 'node:util'
import * as arrange from './arrange'
import * as autogradMethods from './autograd'
import { checkWritable, copyInto, emptyLike, emptyOf, filled, isMatrix } from './core'
import { newEmpty, newFull, newOnes, newTensor, newZeros, tensor } from './create'
import * as binary from './binary'
import * as copies from './copies'
import { inPlaceOf } from './define/in-place'
import * as cumulative from './cumulative'
import { i0, igamma, igammac, mvlgamma, polygamma } from './gamma'
import * as gather from './gather'
import { Generator } from './generator'
import * as indexing from './indexing'
import * as joining from './joining'
import * as masks from './masks'
import * as matmul from './matmul'
import * as misc from './misc'
import * as order from './order'
import * as pointwise from './pointwise'
import * as products from './products'
import * as random from './random'
import * as read from './read'
import type { Nested } from './read'
import * as reduce from './reduce'
import * as reshapeInPlace from './reshape-in-place'
import * as sampling from './sampling'
import * as softmax from './softmax'
import * as special from './special'
import * as ternary from './ternary'
import * as triangles from './triangles'
import * as views from './views'

const { toText, toPrimitive, ...readMethods } = read
const { dataOf, setData, ...gradMethods } = autogradMethods
/** Whatever becomes methods. The types follow from this list too. */
const families = [
  pointwise,
  binary,
  ternary,
  arrange,
  order,
  products,
  special,
  reshapeInPlace,
  views,
  joining,
  copies,
  reduce,
  cumulative,
  matmul,
  gather,
  masks,
  misc,
  { i0, igamma, igammac, mvlgamma },
  triangles,
  softmax,
  gradMethods,
  readMethods,
  {
    uniform_: random.uniform_,
    normal_: random.normal_,
    logNormal_: random.logNormal_,
    exponential_: random.exponential_,
    cauchy_: random.cauchy_,
    geometric_: random.geometric_,
    random_: random.random_,
    bernoulli_: random.bernoulli_,
    bernoulli: sampling.bernoulli,
    multinomial: sampling.multinomial,
  },
  { at: indexing.at, set: indexing.set, indexPut: indexing.indexPut, indexPut_: indexing.indexPut_ },
  { newZeros, newOnes, newEmpty, newFull, newTensor },
] as const
type Intersection<U> = (U extends unknown ? (k: U) => void : never) extends (k: infer I) => void ? I : never
type Families = Intersection<(typeof families)[number]>

/** Functions that PyTorch has no method for. */
const FREE = [
  'cat',
  'concat',
  'concatenate',
  'stack',
  'hstack',
  'vstack',
  'chainMatmul',
  'where',
  'rsub',
  'atleast1d',
  'atleast2d',
  'atleast3d',
  'blockDiag',
  'broadcastTensors',
  'cartesianProd',
  'cdist',
  'columnStack',
  'combinations',
  'dstack',
  'einsum',
  'fill',
  'isin',
  'isFloatingPoint',
  'numel',
  'linalg',
  'meshgrid',
  'special',
  'tensordot',
  'trapezoid',
  'trapz',
  'trilIndices',
  'triuIndices',
  'oneHot',
  'searchsorted',
  'bucketize',
] as const
type Free = (typeof FREE)[number]

// A method is the function without its first parameter; up to three overloads are kept.
type Method<F> = F extends {
  (x: never, ...a: infer A1): infer R1
  (x: never, ...a: infer A2): infer R2
  (x: never, ...a: infer A3): infer R3
}
  ? [A1, A2] extends [A3, A3]
    ? (...a: A3) => R3
    : { (...a: A1): R1; (...a: A2): R2; (...a: A3): R3 }
  : F extends (x: never, ...a: infer A) => infer R
    ? (...a: A) => R
    : never

/** Every op as a method. */
export type TensorMethods = { [K in Exclude<keyof Families, Free>]: Method<Families[K]> }

type InPlaceName = {
  [K in keyof Families]: Families[K] extends { readonly inPlace: unknown } ? K : never
}[keyof Families]
/** Every elementwise op as an in-place method. */
export type InPlaceMethods = {
  [K in InPlaceName as `${K & string}_`]: Families[K] extends { readonly inPlace: infer F } ? Method<F> : never
}

declare module '../tensor/tensor' {
  interface Tensor extends TensorMethods, InPlaceMethods {
    /** x[i] is `x.at(i)`; assigning to it is `x.set(i, value)`. */
    [index: number]: Tensor
    /** Over the first dim. */
    [Symbol.iterator](): IterableIterator<Tensor>
    [Symbol.toPrimitive](hint: string): number | string | boolean | bigint
    toString(): string
    /** What `JSON.stringify` writes: the values as `toArray` gives them, all of them however many; NaN and infinities become null. */
    toJSON(): Nested
    /** These elements where `condition` holds, else those of `other`. */
    where(condition: Tensor, other: Tensor | Scalar): Tensor
    /** The n-th derivative of the digamma function of these elements. */
    polygamma(n: number): Tensor
    /** `polygamma` in place. */
    polygamma_(n: number): Tensor
    /** The transpose of a matrix. */
    readonly T: Tensor
    /** The last two dims exchanged. */
    readonly mT: Tensor
    /** The same memory, without graph and with a version counter of its own. Assigning replaces the memory. */
    data: Tensor
  }
}

const prototype = Tensor.prototype as unknown as Record<PropertyKey, unknown>
function method(name: PropertyKey, value: unknown): void {
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false })
}
type AnyFunction = (...args: unknown[]) => unknown
function asMethod(f: AnyFunction): AnyFunction {
  // Fixed arities: spreading costs more than a small kernel.
  return function (this: unknown, a?: unknown, b?: unknown, c?: unknown, ...rest: unknown[]) {
    // biome-ignore lint/complexity/noArguments: its length tells how many were given, without an array
    switch (arguments.length) {
      case 0:
        return f(this)
      case 1:
        return f(this, a)
      case 2:
        return f(this, a, b)
      case 3:
        return f(this, a, b, c)
      default:
        return f(this, a, b, c, ...rest)
    }
  }
}
for (const source of families)
  for (const [name, f] of Object.entries(source)) {
    if (typeof f !== 'function' || (FREE as readonly string[]).includes(name) || name in Object.prototype) continue
    method(name, asMethod(f as AnyFunction))
    const { inPlace } = f as { inPlace?: AnyFunction }
    if (inPlace) method(`${name}_`, asMethod(inPlace))
  }

// Here the receiver is not the first argument.
method('where', function (this: Tensor, condition: Tensor, other: Tensor | Scalar) {
  return ternary.where(condition, this, other)
})
method('polygamma', function (this: Tensor, n: number) {
  return polygamma(n, this)
})
const polygammaInPlace = inPlaceOf('polygamma', (x: Tensor, n: number) => polygamma(n, x))
method('polygamma_', function (this: Tensor, n: number) {
  return polygammaInPlace(this, n)
})
method('toString', function (this: Tensor) {
  return toText(this)
})
method('toJSON', function (this: Tensor) {
  return read.toArray(this)
})
method(Symbol.toPrimitive, function (this: Tensor, hint: string) {
  return toPrimitive(this, hint)
})
method(inspect.custom, function (this: Tensor) {
  return this.toString()
})
method(Symbol.iterator, function (this: Tensor) {
  return joining.unbind(this, 0)[Symbol.iterator]()
})
const getter = (name: string, get: (this: Tensor) => unknown, set?: (this: Tensor, v: Tensor) => void): void => {
  Object.defineProperty(prototype, name, { get, ...(set ? { set } : {}), configurable: true })
}
getter('T', function () {
  return views.permute(
    this,
    this.sizes.map((_, i) => this.sizes.length - 1 - i),
  )
})
getter('mT', function () {
  return isMatrix('mT', this) ? views.transpose(this, -2, -1) : this
})
getter('data', dataOf, setData)

// Numbered properties: found only after every own property and method was looked for, so they cost nothing else.
const indexed = new Proxy(Object.create(Object.getPrototypeOf(Tensor.prototype)) as object, {
  get(target, key, receiver) {
    const i = indexOf(key)
    return i === null ? Reflect.get(target, key, receiver) : indexing.at(receiver as Tensor, i)
  },
  set(target, key, value, receiver) {
    const i = indexOf(key)
    if (i === null) return Reflect.set(target, key, value, receiver)
    indexing.set(receiver as Tensor, i, value)
    return true
  },
})
function indexOf(key: PropertyKey): number | null {
  if (typeof key !== 'string' || !/^-?\d+$/.test(key)) return null
  return Number(key)
}
Object.setPrototypeOf(Tensor.prototype, indexed)

setViewReplay((view, base) =>
  enableGrad(() => views.asStrided(base, view.sizes, view.strides, { storageOffset: view.offset })),
)
setHookCheck(replacement)
setEngineOps({
  add: (a, b) => binary.add(a, b),
  add_: (a, b) => binary.add.inPlace(a, b),
  clone: (a) => copies.clone(a, { memoryFormat: 'contiguous' }),
  cloneLike: (a, like) => {
    const out = emptyLike(like, a.info)
    copyInto(out, a)
    if (tracks(a)) attach(out, 'CopyBackwards', (_n, g) => g, [a])
    return out
  },
  laidOut: (a, strides) => {
    const span = a.count > 0 ? a.sizes.reduce((n, s, i) => n + (s - 1) * (strides[i] as number), 1) : 0
    const out = reinterpret(filled([span], 0, a.info), a.sizes, strides, 0)
    checkWritable(out)
    copyInto(out, a)
    if (tracks(a)) attach(out, 'CopyBackwards', (_n, g) => g, [a])
    return out
  },
  viewAsSelf: (a) => views.view(a, a.sizes),
  stack: (list) => joining.stack(list),
  sumToSize: (a, sizes) => reduce.sumToSize(a, sizes),
  to: (a, meta) => copies.to(a, meta.info.name),
  zeros: (meta) => filled(meta.sizes, 0, meta.info),
  ones: (meta) => filled(meta.sizes, 1, meta.info),
  hasNaN: (a) => Boolean(binary.isnan(a.detach()).any().item()),
  fromNumbers: (values, sizes, info) => tensor(values).to(info.name).reshape(sizes),
  randomLike: (a, gaps) => {
    const values = random.uniform_(emptyOf(a.sizes, a.info), -1, { to: 1 })
    return gaps && a.count > 1
      ? arrange.repeatInterleave(values, 2, { dim: -1 }).at('...', indexing.slice(null, null, 2))
      : values
  },
  randomVectors: (like) => {
    const generator = new Generator()
    return like.map((t) => {
      const v = random.rand([t.count], { generator }).to(t.dtype)
      return v.div(v.square().sum().sqrt()).to('float64').toTypedArray() as Float64Array
    })
  },
})
