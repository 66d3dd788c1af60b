/**
 * Makes every operation a method, as its definition says: `add(x, y)` is also `x.add(y)`, and where it has a form in place `x.add_(y)`.
 * Their types and docs are in methods.ts. What is no operation (printing, iterating, indexing by number) is added here by hand.
 */
import { AutogradError, ShapeError } from '../errors'
import { setEngineOps } from '../autograd/engine'
import { enableGrad } from '../autograd/mode'
import { attach, replacement, tracks } from '../autograd/node'
import { reinterpret, setHookCheck, setViewReplay, Tensor } from '../tensor/tensor'
import { dataOf, setData } from './tensor/autograd'
import * as binary from './elementwise/binary'
import * as conversion from './tensor/conversion'
import { expectAtMost, expectDevice, isMatrix } from '../check/arguments'
import { hostRead } from './define/host-read'
import { copyInto, emptyLike, filled } from './define/results'
import { printInTestsAs } from '../tensor/test-printout'
import { checkWritable } from '../tensor/overlap'
import { type AnyFunction, functionOf, operations } from './define/registry'
import * as indexing from './indexing/indexing'
import * as joining from './tensor/joining'
import { identityText } from './tensor/identity'
import * as read from './tensor/read'
import type { Nested } from './tensor/read'
import * as reduce from './reduce/reduce'
import * as views from './tensor/views'
import './methods'
import { INSPECT } from '../tensor/format'

declare module '../tensor/tensor' {
  // The operations themselves are declared in methods.ts, written from their definitions.
  interface Tensor {
    /** x[i] is `x.at(i)`; assigning to it is `x.set(i, value)`. */
    [index: number]: Tensor
    /** Over the first dim. */
    [Symbol.iterator](): IterableIterator<Tensor>
    /** The one element as a number, for `x > 1` and the like; `+` and `==` are refused, and name `add` and `eq`. */
    [Symbol.toPrimitive](hint: string): number | string | boolean | bigint
    /** As `console.log` prints it, and PyTorch. */
    toString(): string
    /** What `JSON.stringify` writes: the values as `toArray` gives them, all of them however many; NaN and infinities become null. */
    toJSON(): Nested
    /** What comparisons in tests see: the printout of the values and a digest of dtype, shape and values. */
    readonly [Symbol.toStringTag]: string
    /** The length of the first dim. @throws ShapeError for a 0-d tensor */
    readonly length: number
    /** How often the values were changed in place. @throws AutogradError for a tensor made in inference mode */
    readonly _version: number
    /** The tensor itself: it is there. */
    cpu(): Tensor
    /** PyTorch's way to another device. @throws ArgumentError always: there is none */
    cuda(device?: number | string | null): never
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
/** @param most how many arguments it takes, where `f` does not look itself */
function asMethod(name: string, f: AnyFunction, most = Infinity): AnyFunction {
  // Fixed arities: spreading costs more than a small kernel.
  return function (this: unknown, a?: unknown, b?: unknown, c?: unknown, ...rest: unknown[]) {
    // biome-ignore lint/complexity/noArguments: its length tells how many were given, without an array
    const given = arguments.length
    if (given > most) expectAtMost(name, most, [a, b, c, ...rest])
    switch (given) {
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
for (const op of operations()) {
  const f = functionOf(op) as AnyFunction & { readonly inPlace?: AnyFunction }
  const own = typeof op.method === 'function' ? op.method : null
  const most = own ? own.length - 1 : Infinity
  if (op.method) method(op.name, asMethod(op.name, own ?? f, most))
  if (f.inPlace && op.inPlace) method(`${op.name}_`, asMethod(`${op.name}_`, f.inPlace, most))
}

method('toString', function (this: Tensor) {
  return read.toText(this)
})
method('toJSON', function (this: Tensor) {
  return read.toArray(this)
})
method('cpu', function (this: Tensor) {
  return this
})
method('cuda', () => expectDevice('cuda', 'cuda'))
method(Symbol.toPrimitive, function (this: Tensor, hint: string) {
  return read.toPrimitive(this, hint)
})
method(INSPECT, function (this: Tensor) {
  return this.toString()
})
Object.defineProperty(prototype, Symbol.toStringTag, {
  configurable: true,
  get(this: Tensor) {
    return identityText(this)
  },
})
printInTestsAs(Tensor.prototype, (x) => x[Symbol.toStringTag])
method(Symbol.iterator, function (this: Tensor) {
  return joining.unbind(this, 0)[Symbol.iterator]()
})
// What makes a tensor of a tensor, or throws for some: jest copies what it shows property by property, and would never come to an end.
const unlisted = Object.create(Object.getPrototypeOf(Tensor.prototype)) as object
const getter = (name: string, get: (this: Tensor) => unknown, set?: (this: Tensor, v: Tensor) => void): void => {
  Object.defineProperty(unlisted, name, { get, ...(set ? { set } : {}), configurable: true })
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
getter('length', function () {
  if (this.sizes.length === 0) throw new ShapeError('len() of a 0-d tensor')
  return this.sizes[0]
})
getter('_version', function () {
  if (this.storage.inference) throw new AutogradError('Inference tensors do not track version counter.')
  return this.versions.version
})

// Numbered properties: found only after every own property and method was looked for, so they cost nothing else.
const indexed = new Proxy(unlisted, {
  ownKeys: () => [],
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
  clone: (a) => conversion.clone(a, { memoryFormat: 'contiguous_format' }),
  cloneLike: (a, like) => {
    const out = emptyLike(like, a.info)
    copyInto(out, a)
    if (tracks(a)) attach(out, 'CopyBackwards', (_n, g) => g, [a])
    return out
  },
  laidOut: (a, strides) => {
    const span = a.count > 0 ? a.sizes.reduce((n, s, i) => n + (s - 1) * strides[i], 1) : 0
    const out = reinterpret(filled([span], 0, a.info), a.sizes, strides, 0)
    checkWritable(out)
    copyInto(out, a)
    if (tracks(a)) attach(out, 'CopyBackwards', (_n, g) => g, [a])
    return out
  },
  viewAsSelf: (a) => views.view(a, a.sizes),
  stack: (list) => joining.stack(list),
  sumToSize: (a, sizes) => reduce.sumToSize(a, sizes),
  to: (a, meta) => conversion.to(a, meta.info.name),
  zeros: (meta) => filled(meta.sizes, 0, meta.info),
  ones: (meta) => filled(meta.sizes, 1, meta.info),
  // Whether to throw is asked after each node, and only where anomalies are looked for.
  hasNaN: (a) => Boolean(hostRead(binary.isnan(a.detach()).any())),
})

// biome-ignore lint/complexity/noUselessEmptyExport: without an export a bundler takes a file of imports for CommonJS
export {}
