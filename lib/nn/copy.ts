/** A module again, with tensors of its own, as Python's `copy.deepcopy` makes it. */
import { AutogradError } from '../errors'
import { isTensor, type Tensor } from '../tensor/tensor'
import { Module } from './module'
import { Buffer, Parameter } from './parameter'
import { fieldsOf, isModule, registryOf, sync } from './registry'

/**
 * Copies a module, its tensors, children and fields; what it holds twice, its copy holds twice. Functions are shared.
 * `#private` fields do not come along: they belong to the object that the class's constructor made.
 * @throws AutogradError for a tensor that was computed
 */
export function deepCopy<M extends Module>(module: M): M {
  return copyOf(module, new Map()) as M
}

function copyOf(value: unknown, done: Map<object, unknown>): unknown {
  if (value === null || (typeof value !== 'object' && !isModule(value))) return value
  if (done.has(value)) return done.get(value)
  const noted = <T>(copy: T): T => {
    done.set(value as object, copy)
    return copy
  }
  if (isModule(value)) return copyOfModule(value, noted, done)
  if (isTensor(value)) return noted(copyOfTensor(value))
  if (Array.isArray(value)) {
    const list: unknown[] = noted([])
    for (const v of value) list.push(copyOf(v, done))
    return list
  }
  if (value instanceof Map) {
    const map = noted(new Map<unknown, unknown>())
    for (const [k, v] of value) map.set(copyOf(k, done), copyOf(v, done))
    return map
  }
  if (value instanceof Set) {
    const set = noted(new Set<unknown>())
    for (const v of value) set.add(copyOf(v, done))
    return set
  }
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype !== Object.prototype && prototype !== null) return value
  const record = noted(Object.create(prototype as object | null) as Record<string, unknown>)
  for (const [k, v] of Object.entries(value)) record[k] = copyOf(v, done)
  return record
}

function copyOfTensor(t: Tensor): Tensor {
  if (t.gradFn)
    throw new AutogradError(
      'Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001',
    )
  const data = t.detach().clone()
  const copy =
    t instanceof Parameter
      ? new Parameter(data, t.requiresGrad)
      : t instanceof Buffer
        ? new Buffer(data, { persistent: t.persistent })
        : data.requiresGrad_(t.requiresGrad)
  if (t.grad) copy.grad = t.grad.detach().clone()
  return copy
}

function copyOfModule(m: Module, noted: <T>(copy: T) => T, done: Map<object, unknown>): Module {
  // The base's constructor alone, for the class of `m`: what the class's own one did is copied.
  const copy = noted(Reflect.construct(Module, [], m.constructor) as Module)
  const from = sync(m)
  const to = registryOf(copy)
  for (const name of from.parameters) to.parameters.add(name)
  for (const [name, persistent] of from.buffers) to.buffers.set(name, persistent)
  for (const [name, child] of from.modules) to.modules.set(name, copyOf(child, done) as Module | null)
  to.kind = from.kind
  if (from.hooks) {
    const { forwardPre, forward, backwardPre, backward } = from.hooks
    to.hooks = {
      forwardPre: [...forwardPre],
      forward: [...forward],
      backwardPre: [...backwardPre],
      backward: [...backward],
    }
  }
  to.stateHooks = from.stateHooks
  for (const [name, d] of Object.entries(Object.getOwnPropertyDescriptors(m))) {
    if ('value' in d) d.value = copyOf(fieldsOf(m)[name], done)
    Object.defineProperty(copy, name, d)
    const value: unknown = d.value
    if (isTensor(value) && to.buffers.has(name)) {
      to.given.add(value)
      value.storage.kept = true
    }
  }
  return copy
}
