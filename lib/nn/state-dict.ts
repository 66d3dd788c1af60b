/** The state of modules: collecting it, loading it, and what may be hooked into both. */
import { inspect } from 'node:util'
import { noGrad } from '../autograd/mode'
import { ArgumentError, StateDictError } from '../errors'
import { describe, expectBool, expectIterable } from '../check/arguments'
import { optionsOf } from '../check/options'
import { INSPECT, formatOrderedDict } from '../tensor/format'
import { formatPythonString } from '../tensor/python-format'
import { sameShape } from '../tensor/shape'
import { isTensor, type Tensor } from '../tensor/tensor'
import type { Module } from './module'
import { Parameter } from './parameter'
import { descend, fieldsOf, ownModules, ownState, type Registry, registryOf, sync } from './registry'
import { torchSize } from '../check/words'
import { printInTestsAs, textOfCopy } from '../tensor/test-printout'

/** What a state dict knows of one module beside its tensors. */
export interface ModuleMetadata {
  /** The version of the module's own state: its `_version` when it was saved. */
  version: number
}

/** Tensors by dotted name, in order; prints as PyTorch's OrderedDict. A module's extra state is the only other value. */
export class StateDict extends Map<string, Tensor> {
  /**
   * The version of each module's state, by the module's dotted path ('' for the whole), as PyTorch's `_metadata`. It is
   * saved beside the tensors, so that a later version of a layer knows how to read an older one's state.
   */
  metadata: Map<string, ModuleMetadata> = new Map()

  constructor(entries?: Iterable<readonly [string, Tensor]> | null) {
    super()
    if (entries == null) return
    expectIterable('StateDict', 'entries', entries)
    for (const entry of entries) {
      if (!Array.isArray(entry))
        throw new ArgumentError(`StateDict(): expected pairs of a name and a value, not ${describe(entry)}`)
      this.set(entry[0] as string, entry[1] as Tensor)
    }
  }

  override toString(): string {
    return textOfCopy(this) ?? formatOrderedDict(this)
  }
  [INSPECT](): string {
    return this.toString()
  }
}
// An item a line, so that a difference is shown where it is.
printInTestsAs(StateDict.prototype, (state) => {
  const lines = Array.from(state, ([name, value]) => `  ${formatPythonString(name)}: ${indent(itemText(value))},\n`)
  return `OrderedDict {\n${lines.join('')}}`
})
const itemText = (value: unknown): string => (isTensor(value) ? value[Symbol.toStringTag] : inspect(value))
const indent = (text: string): string => text.replaceAll('\n', '\n  ')

/** The result of `loadStateDict`. */
export interface IncompatibleKeys {
  missingKeys: string[]
  unexpectedKeys: string[]
}
class LoadResult implements IncompatibleKeys {
  constructor(
    readonly missingKeys: string[],
    readonly unexpectedKeys: string[],
  ) {}
  toString(): string {
    if (this.missingKeys.length === 0 && this.unexpectedKeys.length === 0) return '<All keys matched successfully>'
    const list = (keys: string[]): string => `[${keys.map(formatPythonString).join(', ')}]`
    return `_IncompatibleKeys(missing_keys=${list(this.missingKeys)}, unexpected_keys=${list(this.unexpectedKeys)})`
  }
  [INSPECT](): string {
    return this.toString()
  }
}

/** Options of `stateDict`. */
export interface StateDictOptions {
  /** Put before each name, with its dot. Default ''. */
  prefix?: string
  /** Give the parameters and buffers themselves instead of detached tensors over the same memory. Default false. */
  keepVars?: boolean
  /** The state dict to add to; default a new one. */
  destination?: StateDict
}
/** Options of `loadStateDict`. */
export interface LoadStateDictOptions {
  /** Throw unless the keys match exactly. Default true. */
  strict?: boolean
  /** Take the tensors themselves instead of copying their values. Default false. */
  assign?: boolean
}
/** What a module's own loading knows: the version its state was saved with, and whether tensors are taken over. */
export interface LocalMetadata {
  /** Undefined in a state without metadata. */
  version?: number
  /** As `assign` of `loadStateDict`. */
  assignToParamsBuffers?: boolean
}

/** Runs before a module's state is collected. */
export type StateDictPreHook = (module: Module, prefix: string, keepVars: boolean) => void
/** Runs when the state of a module and all below is collected, and may change it; returns nothing. */
export type StateDictPostHook = (
  module: Module,
  stateDict: StateDict,
  prefix: string,
  localMetadata: ModuleMetadata,
) => void
/** Runs before a module takes its own tensors from `stateDict`, which it may change: rename old keys, say. */
export type LoadStateDictPreHook = (
  module: Module,
  stateDict: StateDict,
  prefix: string,
  localMetadata: LocalMetadata,
  strict: boolean,
  missingKeys: string[],
  unexpectedKeys: string[],
  errorMsgs: string[],
) => void
/** Runs when a module and all below are loaded, and may take keys out of the lists; returns nothing. */
export type LoadStateDictPostHook = (module: Module, incompatibleKeys: IncompatibleKeys) => void

/** The hooks of one module around its state. */
export class StateHooks {
  readonly save: StateDictPreHook[] = []
  readonly saved: StateDictPostHook[] = []
  readonly load: LoadStateDictPreHook[] = []
  readonly loaded: LoadStateDictPostHook[] = []
}
export const stateHooksOf = (r: Registry): StateHooks => {
  r.stateHooks ??= new StateHooks()
  return r.stateHooks
}

const EXTRA_STATE = '_extra_state'
/** Whether a class defines one of the two methods of extra state itself. */
const defines = (m: Module, base: Module, method: 'getExtraState' | 'setExtraState'): boolean =>
  m[method] !== base[method]

// ---- saving -------------------------------------------------------------------------------------------------------

/** A module's own part of its state dict. @param base the prototype of Module */
export function saveOwn(m: Module, base: Module, destination: StateDict, prefix: string, keepVars: boolean): void {
  for (const [name, t] of ownState(m)) destination.set(prefix + name, keepVars ? t : t.detach())
  if (defines(m, base, 'getExtraState')) destination.set(prefix + EXTRA_STATE, m.getExtraState() as Tensor)
}

export function saveAll(m: Module, options: StateDictOptions = {}): StateDict {
  const o = optionsOf<StateDictOptions>('stateDict', ['destination', 'prefix', 'keepVars'], undefined, options)
  const { destination = new StateDict(), prefix = '', keepVars = false } = o
  if (!(destination instanceof Map))
    throw new ArgumentError(`stateDict(): destination must be a StateDict, not ${describe(destination)}`)
  if (typeof prefix !== 'string')
    throw new ArgumentError(`stateDict(): prefix must be a string, not ${describe(prefix)}`)
  expectBool('stateDict', 'keep_vars', keepVars)
  const localMetadata = { version: m._version }
  destination.metadata?.set(prefix.slice(0, -1), localMetadata)
  const { stateHooks } = registryOf(m)
  for (const hook of [...(stateHooks?.save ?? [])]) hook(m, prefix, keepVars)
  m._saveToStateDict(destination, prefix, keepVars)
  descend('stateDict', m, () => {
    for (const [name, child] of ownModules(m)) child.stateDict({ destination, prefix: `${prefix}${name}.`, keepVars })
  })
  for (const hook of [...(stateHooks?.saved ?? [])]) {
    const result = hook(m, destination, prefix, localMetadata) as unknown
    if (result !== null && result !== undefined) throw new StateDictError('state_dict post-hook must return None')
  }
  return destination
}

// ---- loading ------------------------------------------------------------------------------------------------------

/** What one load has found so far. */
export interface LoadReport {
  readonly missingKeys: string[]
  readonly unexpectedKeys: string[]
  readonly errorMsgs: string[]
}

/** Takes a module's own tensors (not its children's) from a state dict. @param base the prototype of Module */
export function loadOwn(
  m: Module,
  base: Module,
  stateDict: StateDict,
  prefix: string,
  localMetadata: LocalMetadata,
  strict: boolean,
  { missingKeys, unexpectedKeys, errorMsgs }: LoadReport,
): void {
  for (const hook of [...(registryOf(m).stateHooks?.load ?? [])])
    hook(m, stateDict, prefix, localMetadata, strict, missingKeys, unexpectedKeys, errorMsgs)
  const own = new Map(ownState(m))
  for (const [name, t] of own) {
    const key = prefix + name
    if (!stateDict.has(key)) {
      if (strict) missingKeys.push(key)
      continue
    }
    const problem = loadTensor(m, name, t, key, stateDict.get(key), localMetadata.assignToParamsBuffers ?? false)
    if (problem !== null) errorMsgs.push(problem)
  }
  const extraKey = prefix + EXTRA_STATE
  const hasExtra = stateDict.has(extraKey)
  if (defines(m, base, 'setExtraState')) {
    if (hasExtra) m.setExtraState(stateDict.get(extraKey))
    else if (strict) missingKeys.push(extraKey)
  } else if (strict && hasExtra) unexpectedKeys.push(extraKey)
  if (!strict) return
  const { modules } = sync(m)
  for (const key of stateDict.keys()) {
    if (!key.startsWith(prefix) || key === extraKey) continue
    const rest = key.slice(prefix.length)
    const dot = rest.indexOf('.')
    if (dot >= 0 ? !modules.has(rest.slice(0, dot)) : !own.has(rest)) unexpectedKeys.push(key)
  }
}

const size = (t: Tensor): string => torchSize(t.sizes)

/** Loads one parameter or buffer. @returns what is wrong with the given value, or null */
function loadTensor(m: Module, name: string, own: Tensor, key: string, value: unknown, assign: boolean): string | null {
  if (!isTensor(value))
    return `While copying the parameter named "${key}", expected torch.Tensor or Tensor-like object from checkpoint but received ${describe(value)}`
  // Once there were no 0-d tensors.
  const given = own.ndim === 0 && value.ndim === 1 && value.sizes[0] === 1 ? value.select(0, 0) : value
  if (!sameShape(given.sizes, own.sizes))
    return `size mismatch for ${key}: copying a param with shape ${size(given)} from checkpoint, the shape in current model is ${size(own)}.`
  try {
    noGrad(() => {
      if (!assign) own.copy_(given)
      else if (!(own instanceof Parameter)) fieldsOf(m)[name] = given
      else if (given instanceof Parameter) fieldsOf(m)[name] = given.requiresGrad_(own.requiresGrad)
      else fieldsOf(m)[name] = new Parameter(given, own.requiresGrad)
    })
  } catch (error) {
    const text = formatPythonString(error instanceof Error ? error.message : String(error))
    return `While copying the parameter named "${key}", whose dimensions in the model are ${size(own)} and whose dimensions in the checkpoint are ${size(given)}, an exception occurred : (${text},).`
  }
  return null
}

function asStateDict(given: unknown): StateDict {
  const plain = typeof given === 'object' && given !== null && !isTensor(given) && !Array.isArray(given)
  const list = given instanceof Map ? given : plain && !(Symbol.iterator in given) ? Object.entries(given) : null
  if (list === null) throw new ArgumentError(`Expected state_dict to be dict-like, got ${describe(given)}.`)
  const copy = new StateDict()
  for (const [key, value] of list) {
    if (typeof key !== 'string')
      throw new ArgumentError(`Expected the keys of state_dict to be strings, got ${describe(key)}.`)
    copy.set(key, value as Tensor)
  }
  return copy
}

export function loadAll(
  root: Module,
  given: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  options?: boolean | LoadStateDictOptions,
): IncompatibleKeys & { toString(): string } {
  const o = optionsOf<LoadStateDictOptions>('loadStateDict', ['strict', 'assign'], options)
  const { strict = true, assign = false } = o
  expectBool('loadStateDict', 'strict', strict)
  expectBool('loadStateDict', 'assign', assign)
  const whole = asStateDict(given)
  const metadata = given instanceof StateDict ? given.metadata : undefined
  if (metadata) whole.metadata = metadata
  const report: LoadReport = { missingKeys: [], unexpectedKeys: [], errorMsgs: [] }
  const { missingKeys, unexpectedKeys, errorMsgs } = report
  const result = new LoadResult(missingKeys, unexpectedKeys)

  const load = (m: Module, local: StateDict, prefix: string): void => {
    const localMetadata: LocalMetadata = { ...metadata?.get(prefix.slice(0, -1)) }
    if (assign) localMetadata.assignToParamsBuffers = true
    m._loadFromStateDict(local, prefix, localMetadata, true, missingKeys, unexpectedKeys, errorMsgs)
    for (const [name, child] of ownModules(m)) {
      const below = `${prefix}${name}.`
      const part = new StateDict()
      part.metadata = whole.metadata
      for (const [key, value] of local) if (key.startsWith(below)) part.set(key, value)
      descend('loadStateDict', child, () => load(child, part, below))
    }
    for (const hook of [...(registryOf(m).stateHooks?.loaded ?? [])]) {
      const out = hook(m, result) as unknown
      if (out !== null && out !== undefined)
        throw new StateDictError(
          'Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new values, if incompatible_keys need to be modified, it should be done inplace.',
        )
    }
  }
  load(root, whole, '')

  const list = (keys: string[]): string => keys.map((k) => `"${k}"`).join(', ')
  const wrong = [...errorMsgs]
  if (strict && unexpectedKeys.length > 0) wrong.unshift(`Unexpected key(s) in state_dict: ${list(unexpectedKeys)}. `)
  if (strict && missingKeys.length > 0) wrong.unshift(`Missing key(s) in state_dict: ${list(missingKeys)}. `)
  if (wrong.length > 0)
    throw new StateDictError(`Error(s) in loading state_dict for ${root.constructor.name}:\n\t${wrong.join('\n\t')}`, {
      missingKeys,
      unexpectedKeys,
      wrongShapes: errorMsgs.flatMap((text) => /^size mismatch for (.*?): copying/.exec(text)?.[1] ?? []),
    })
  return result
}
