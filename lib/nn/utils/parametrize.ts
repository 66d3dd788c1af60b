/** Parameters that are computed from others whenever they are read. */
import { noGrad } from '../../autograd/mode'
import { ArgumentError, NotImplementedError, ValueError } from '../../errors'
import { isPromise, shown } from '../../runtime/given'
import { describe, expectBool, expectFunction, expectIterable, expectString, expectTensor } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { sameShape } from '../../tensor/shape'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { ModuleDict, ModuleList } from '../containers'
import type { Module } from '../module'
import { Parameter } from '../parameter'
import { expectModule, fieldsOf, isModule, registryOf, sync } from '../registry'
import { torchSize } from '../../check/words'

/**
 * A module that makes a parameter's value: its `forward` gets what is trained, or what the parametrization before it
 * made. `rightInverse`, where there is one, gives values from which `forward` makes a wanted one: several only in the
 * first parametrization. Without it a tensor cannot be assigned.
 */
export type Parametrization = Module & { rightInverse?(value: Tensor): Tensor | readonly Tensor[] }

/** A module of which tensors are parametrized. */
export type Parametrized<M extends Module = Module> = M & { parametrizations: ModuleDict<ParametrizationList> }

const dtypeOf = (t: Tensor): string => `torch.${t.dtype}`
const sizeOf = (t: Tensor): string => torchSize(t.sizes)

/** Other memory for a tensor that optimizers and modules know. */
function setTensor(target: Tensor, value: Tensor): void {
  if (target !== value) target.data = value.detach()
}
function registerTensor(m: Module, name: string, t: Tensor): void {
  if (t instanceof Parameter) m.registerParameter(name, t)
  else m.registerBuffer(name, t)
}

// ---- the cache --------------------------------------------------------------------------------------------------------

let caching = 0
let cache = new WeakMap<Module, Map<string, Tensor>>()
function endCaching(): void {
  caching--
  if (caching === 0) cache = new WeakMap()
}
/** Ends the caching when disposed: `using _ = cached()`. */
class CacheGuard implements Disposable {
  private open = true
  constructor() {
    caching++
  }
  [Symbol.dispose](): void {
    if (this.open) endCaching()
    this.open = false
  }
}
/**
 * Computes each parametrized tensor once, for the run of a callback or until the end of a block (`using _ = cached()`):
 * for layers that read theirs more than once, as recurrent ones do.
 */
export function cached(): Disposable
export function cached<T>(fn: () => T): T
export function cached<T>(fn?: () => T): T | Disposable {
  if (fn === undefined) return new CacheGuard()
  expectFunction('cached', 'fn', fn)
  const guard = new CacheGuard()
  try {
    const result = fn()
    if (isPromise(result))
      throw new ArgumentError(
        'cached(): the callback returned a Promise, but the cache ends when the callback returns; use `using _ = cached()` inside the async function',
      )
    return result
  } finally {
    guard[Symbol.dispose]()
  }
}

// ---- the list ---------------------------------------------------------------------------------------------------------

/** `NotImplementedError` says that there is no inverse: the value is then taken for its own. */
function inverseOf(p: Parametrization, value: Tensor): Tensor | readonly Tensor[] {
  if (p.rightInverse === undefined) return value
  try {
    return p.rightInverse(value)
  } catch (error) {
    if (error instanceof NotImplementedError) return value
    throw error
  }
}

/** The parametrizations of one tensor, in order, and what they start from: `original`, or `original0`, `original1`, … */
export class ParametrizationList extends ModuleList<Parametrization> {
  /** Whether dtype and shape may change. */
  unsafe: boolean
  /** Whether there is one original, not several. */
  readonly isTensor: boolean
  readonly ntensors: number
  declare original: Tensor

  constructor(modules: readonly Parametrization[], original: Tensor, options?: boolean | { unsafe?: boolean }) {
    expectIterable('ParametrizationList', 'modules', modules)
    expectTensor('ParametrizationList', 'original', original)
    if (modules.length === 0) throw new ValueError('ParametrizationList requires one or more modules.')
    super(modules)
    const { unsafe = false } = optionsOf<{ unsafe?: boolean }>('ParametrizationList', ['unsafe'], options)
    this.unsafe = unsafe
    const { info, sizes } = original
    const [dtype, size] = [dtypeOf(original), sizeOf(original)]
    let start: Tensor | readonly Tensor[] = original
    noGrad(() => {
      for (const p of [...this].reverse()) start = inverseOf(p, start as Tensor)
    })
    this.isTensor = isTensor(start)
    if (isTensor(start)) {
      this.ntensors = 1
      if (start.info !== info)
        throw new ValueError(
          `When \`right_inverse\` outputs one tensor, it may not change the dtype.\noriginal.dtype: ${dtype}\nright_inverse(original).dtype: ${dtypeOf(start)}`,
        )
      setTensor(original, start)
      registerTensor(this, 'original', original)
    } else {
      if (!Array.isArray(start))
        throw new ValueError(
          `'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got ${describe(start)}`,
        )
      const list = start as readonly Tensor[]
      this.ntensors = list.length
      list.forEach((t, i) => {
        if (!isTensor(t))
          throw new ValueError(
            `'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got element ${i} of the sequence with type ${describe(t)}.`,
          )
        const own = original instanceof Parameter ? new Parameter(t, original.requiresGrad) : t
        registerTensor(this, `original${i}`, own.requiresGrad_(original.requiresGrad))
      })
    }
    if (unsafe) return
    const made = this.forward() as unknown
    if (!isTensor(made)) throw new ValueError(`A parametrization must return a tensor. Got ${describe(made)}.`)
    if (made.info !== info)
      throw new ValueError(
        `Registering a parametrization may not change the dtype of the tensor, unless \`unsafe\` flag is enabled.\nunparametrized dtype: ${dtype}\nparametrized dtype: ${dtypeOf(made)}`,
      )
    if (!sameShape(made.sizes, sizes))
      throw new ValueError(
        `Registering a parametrization may not change the shape of the tensor, unless \`unsafe\` flag is enabled.\nunparametrized shape: ${size}\nparametrized shape: ${sizeOf(made)}`,
      )
  }
  /** What the parametrizations start from. */
  originals(): Tensor[] {
    const fields = fieldsOf(this)
    return this.isTensor
      ? [this.original]
      : Array.from({ length: this.ntensors }, (_, i) => fields[`original${i}`] as Tensor)
  }
  /** Sets the originals so that the parametrized tensor becomes `value`. */
  rightInverse(value: Tensor): void {
    noGrad(() => {
      let start: Tensor | readonly Tensor[] = value
      for (const p of [...this].reverse()) {
        if (p.rightInverse === undefined)
          throw new NotImplementedError(`parametrization ${p.constructor.name} does not implement right_inverse.`)
        start = p.rightInverse(start as Tensor)
      }
      if (this.isTensor) {
        if (!isTensor(start)) throw new ValueError(`\`right_inverse\` should return a tensor. Got ${describe(start)}`)
        if (start.info !== this.original.info)
          throw new ValueError(
            `The tensor returned by \`right_inverse\` has dtype ${dtypeOf(start)} while \`original\` has dtype ${dtypeOf(this.original)}`,
          )
        setTensor(this.original, start)
        return
      }
      if (!Array.isArray(start))
        throw new ValueError(`'right_inverse' must return a sequence of tensors. Got ${describe(start)}.`)
      const list = start as readonly Tensor[]
      if (list.length !== this.ntensors)
        throw new ValueError(
          `'right_inverse' must return a sequence of tensors of length ${this.ntensors}. Got a sequence of length ${list.length}.`,
        )
      this.originals().forEach((own, i) => {
        const t = list[i] as Tensor
        if (!isTensor(t))
          throw new ValueError(
            `'right_inverse' must return a sequence of tensors or reference-type opaques. Got element ${i} of type ${describe(t)}.`,
          )
        if (t.info !== own.info)
          throw new ValueError(
            `Tensor ${i} returned by \`right_inverse\` has dtype ${dtypeOf(t)} while \`original${i}\` has dtype ${dtypeOf(own)}`,
          )
        setTensor(own, t)
      })
    })
  }
  override forward(): Tensor {
    let x: unknown = null
    let first = true
    for (const p of this) {
      const call = p as unknown as (...args: unknown[]) => unknown
      x = first ? call(...this.originals()) : call(x)
      first = false
    }
    return x as Tensor
  }
}

// ---- registering ------------------------------------------------------------------------------------------------------

/** Whether a tensor of the module is parametrized: the one of that name, or any. */
export function isParametrized<M extends Module>(module: M, tensorName?: string | null): module is Parametrized<M> {
  if (!isModule(module)) return false
  const all = fieldsOf(module).parametrizations
  if (!(all instanceof ModuleDict)) return false
  return tensorName == null ? all.size > 0 : all.has(tensorName)
}
const listOf = (m: Module, name: string): ParametrizationList => (m as Parametrized).parametrizations.get(name)

/** Gives a module a class of its own, on which parametrized tensors are properties. */
function injectClass(m: Module): void {
  const base = m.constructor as typeof Module
  const name = `Parametrized${base.name}`
  const own = { [name]: class extends base {} }[name] as typeof Module
  Object.setPrototypeOf(m, own.prototype as object)
  registryOf(m).ownClass = true
}
function injectProperty(m: Module, name: string): void {
  Object.defineProperty(Object.getPrototypeOf(m), name, {
    configurable: true,
    get(this: Module): Tensor {
      const list = listOf(this, name)
      if (caching === 0) return list()
      let own = cache.get(this)
      if (own === undefined) {
        own = new Map()
        cache.set(this, own)
      }
      let t = own.get(name)
      if (t === undefined) {
        t = list()
        own.set(name, t)
      }
      return t
    },
    set(this: Module, value: Tensor) {
      listOf(this, name).rightInverse(value)
    },
  })
}

/** What a further parametrization must keep. */
function checkFurther(m: Module, name: string, p: Parametrization): void {
  const y = fieldsOf(m)[name] as Tensor
  const x = (p as unknown as (t: Tensor) => unknown)(y)
  if (!isTensor(x)) throw new ValueError(`A parametrization must return a tensor. Got ${describe(x)}.`)
  const flagged = (what: string, text: string): string =>
    `Registering a parametrization may not change the ${what} of the tensor, unless the \`unsafe\` flag is enabled.\n${text}`
  if (x.info !== y.info)
    throw new ValueError(
      flagged('dtype', `module.${name}.dtype: ${dtypeOf(y)}\nparametrization(module.${name}).dtype: ${dtypeOf(x)}`),
    )
  if (!sameShape(x.sizes, y.sizes))
    throw new ValueError(
      flagged('shape', `module.${name}.shape: ${sizeOf(y)}\nparametrization(module.${name}).shape: ${sizeOf(x)}`),
    )
  if (p.rightInverse === undefined) return
  const z = inverseOf(p, x) as unknown
  if (!isTensor(z)) throw new ValueError(`parametrization.right_inverse must return a tensor. Got: ${describe(z)}`)
  const returned = (what: string, text: string): string =>
    `The tensor returned by parametrization.right_inverse must have the same ${what} as module.${name}, unless the \`unsafe\` flag is enabled.\n${text}`
  if (z.info !== y.info)
    throw new ValueError(returned('dtype', `module.${name}.dtype: ${dtypeOf(y)}\nreturned dtype: ${dtypeOf(z)}`))
  if (!sameShape(z.sizes, y.sizes))
    throw new ValueError(returned('shape', `module.${name}.shape: ${sizeOf(y)}\nreturned shape: ${sizeOf(z)}`))
}

/** Options of `registerParametrization`. */
export interface RegisterParametrizationOptions {
  /** Allow dtype and shape to change, and check nothing. Default false. */
  unsafe?: boolean
}
/**
 * Makes a parameter or buffer the result of a module: `module.weight` becomes `parametrization(original)` whenever it is
 * read, and what is trained is `module.parametrizations.weight.original`. A second one is applied to the first's result.
 * Assigning to `module.weight` goes through `rightInverse`.
 * @throws ValueError where there is no such tensor, or its dtype or shape would change
 */
export function registerParametrization<M extends Module>(
  module: M,
  tensorName: string,
  parametrization: Parametrization,
  options?: RegisterParametrizationOptions,
): Parametrized<M> {
  const { unsafe = false } = optionsOf<RegisterParametrizationOptions>(
    'registerParametrization',
    ['unsafe'],
    undefined,
    options,
  )
  if (!isModule(module) || !isModule(parametrization))
    throw new ArgumentError(
      `registerParametrization(): expected a Module, not ${describe(isModule(module) ? parametrization : module)}`,
    )
  expectBool('registerParametrization', 'unsafe', unsafe)
  expectString('registerParametrization', 'tensor_name', tensorName)
  parametrization.train(module.training)
  const m: Module = module
  const fields = fieldsOf(m)
  if (isParametrized(m, tensorName)) {
    if (!unsafe) checkFurther(m, tensorName, parametrization)
    const list = listOf(m, tensorName)
    list.append(parametrization)
    list.unsafe ||= unsafe
    return module as Parametrized<M>
  }
  const r = sync(m)
  const original = r.parameters.has(tensorName) || r.buffers.has(tensorName) ? fields[tensorName] : undefined
  if (!isTensor(original))
    throw new ValueError(
      `Module '${shown(m)}' does not have a parameter, a buffer, or a parametrized element with name '${tensorName}'`,
      { name: tensorName },
    )
  const list = new ParametrizationList([parametrization], original, { unsafe })
  delete fields[tensorName]
  sync(m)
  if (!isParametrized(m)) {
    injectClass(m)
    m.registerModule('parametrizations', new ModuleDict())
  }
  injectProperty(m, tensorName)
  ;(m as Parametrized).parametrizations.set(tensorName, list)
  return module as Parametrized<M>
}

/**
 * Takes the parametrizations of a tensor away.
 * @param leaveParametrized keep the value that they make (default), or go back to the original
 */
export function removeParametrizations<M extends Module>(
  module: M,
  tensorName: string,
  leaveParametrized?: boolean | { leaveParametrized?: boolean },
): M {
  const { leaveParametrized: leave = true } = optionsOf<{ leaveParametrized?: boolean }>(
    'removeParametrizations',
    ['leaveParametrized'],
    leaveParametrized,
  )
  const m: Module = module
  expectString('removeParametrizations', 'tensor_name', tensorName)
  if (!isParametrized(m, tensorName))
    throw new ValueError(`Module ${shown(m)} does not have a parametrization on ${tensorName}`, { name: tensorName })
  const list = listOf(m, tensorName)
  const fields = fieldsOf(m)
  let original: Tensor
  if (list.isTensor) {
    original = list.original
    if (leave)
      setTensor(
        original,
        noGrad(() => fields[tensorName] as Tensor),
      )
  } else {
    if (!leave)
      throw new ValueError(
        'Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized in terms of a sequence of tensors.',
      )
    const t = fields[tensorName] as Tensor
    original = t.requiresGrad ? new Parameter(t) : t
  }
  const prototype = Object.getPrototypeOf(m) as Record<string, unknown>
  delete prototype[tensorName]
  const all = (m as Parametrized).parametrizations
  all.delete(tensorName)
  if (all.size === 0) {
    delete fields.parametrizations
    sync(m)
    Object.setPrototypeOf(m, Object.getPrototypeOf(prototype) as object)
    registryOf(m).ownClass = false
  }
  registerTensor(m, tensorName, original)
  return module
}

/** The class of a module before it was parametrized. */
export function typeBeforeParametrizations(module: Module): typeof Module {
  expectModule('typeBeforeParametrizations', 'module', module)
  const own = Object.getPrototypeOf(module) as { constructor: typeof Module }
  return isParametrized(module) ? (Object.getPrototypeOf(own) as typeof own).constructor : own.constructor
}

/** Parametrizes tensors of one module as those of another are, with their very parametrizations and originals. */
export function transferParametrizationsAndParams<M extends Module>(
  fromModule: Module,
  toModule: M,
  tensorName?: string | null,
): M {
  expectModule('transferParametrizationsAndParams', 'from_module', fromModule)
  expectModule('transferParametrizationsAndParams', 'to_module', toModule)
  if (!isParametrized(fromModule)) return toModule
  for (const name of tensorName == null ? fromModule.parametrizations.keys() : [tensorName]) {
    const target = fieldsOf(toModule)
    if (target[name] === undefined)
      toModule.registerParameter(name, new Parameter(fieldsOf(fromModule)[name] as Tensor))
    const source = fromModule.parametrizations.get(name)
    for (const p of source) registerParametrization(toModule, name, p)
    const list = listOf(toModule, name)
    source.originals().forEach((t, i) => {
      fieldsOf(list)[source.isTensor ? 'original' : `original${i}`] = t
    })
  }
  return toModule
}
