/** Weight and spectral normalisation by hooks: the older form, which many checkpoints have. */
import { noGrad } from '../../autograd/mode'
import { ModuleError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { expectInt, expectNumber, expectString } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { isTensor, type Tensor } from '../../tensor/tensor'
import { dropHook, type ForwardPreHook } from '../hooks'
import type { Module } from '../module'
import { Parameter } from '../parameter'
import { expectModule, fieldsOf, put, registryOf, sync } from '../registry'
import { isLazy } from '../uninitialized'
import { asMatrix, drawDirection, normExceptDim, outputDim, setDirection, weightNormOf } from './norms'
import type { SpectralNormOptions, WeightNormOptions } from './parametrizations'

/** One normalised parameter: its value is computed before each forward, by a hook that knows how that is given up. */
interface Attached {
  readonly kind: 'weight_norm' | 'spectral_norm'
  readonly name: string
  remove(m: Module): void
}
// By their hooks, which a copy of the module has as well.
const attached = new WeakMap<ForwardPreHook, Attached>()

function attach(m: Module, hook: ForwardPreHook, a: Attached): void {
  attached.set(hook, a)
  m.registerForwardPreHook(hook)
}
const hookOf = (m: Module, kind: Attached['kind'], name: string): ForwardPreHook | undefined =>
  registryOf(m)
    .hooks?.forwardPre.map(({ hook }) => hook)
    .find((hook) => attached.get(hook)?.kind === kind && attached.get(hook)?.name === name)
function refuseSecond(m: Module, kind: Attached['kind'], name: string): void {
  if (hookOf(m, kind, name))
    throw new ModuleError(`Cannot register two ${kind} hooks on the same parameter ${name}`, { name })
}
function detachFrom(m: Module, kind: Attached['kind'], name: string): void {
  expectString(`remove ${kind}`, 'name', name)
  const hook = hookOf(m, kind, name)
  if (hook === undefined) throw new ValueError(`${kind} of '${name}' not found in ${shown(m)}`, { name })
  attached.get(hook)?.remove(m)
  dropHook(registryOf(m), hook)
}
function drop(m: Module, ...names: string[]): void {
  for (const name of names) delete fieldsOf(m)[name]
  sync(m)
}
function refuseLazy(p: Tensor, what: string, which: string): void {
  if (isLazy(p))
    throw new ValueError(
      `The module passed to \`${what}\` can't have uninitialized parameters. Make sure to run the dummy forward before applying ${which} normalization`,
    )
}
function parameterOf(m: Module, what: string, name: string): Parameter {
  const p = sync(m).parameters.has(name) ? fieldsOf(m)[name] : undefined
  if (p === null) throw new ValueError(`\`${what}\` cannot be applied as parameter \`${name}\` is None`, { name })
  if (!isTensor(p)) throw new ModuleError(`'${m.constructor.name}' object has no parameter '${name}'`, { name })
  return p as Parameter
}

/**
 * Splits a parameter into its norm `<name>_g` and its direction `<name>_v`, from which it is computed before each
 * forward (Salimans and Kingma 2016). `parametrizations.weightNorm` is the newer form.
 */
export function weightNorm<M extends Module>(
  module: M,
  name?: string | WeightNormOptions,
  options?: WeightNormOptions,
): M {
  expectModule('weightNorm', 'module', module)
  const o = optionsOf<WeightNormOptions>('weightNorm', ['name', 'dim'], name, options)
  const { name: key = 'weight' } = o
  expectString('weightNorm', 'name', key)
  const dim = o.dim === undefined ? 0 : (o.dim ?? -1)
  expectInt('weightNorm', 'dim', dim)
  const m: Module = module
  refuseSecond(m, 'weight_norm', key)
  const weight = parameterOf(m, 'WeightNorm', key)
  refuseLazy(weight, 'WeightNorm', 'weight')
  drop(m, key)
  m.registerParameter(`${key}_g`, new Parameter(normExceptDim(weight.detach(), 2, dim)))
  m.registerParameter(`${key}_v`, new Parameter(weight.detach()))
  const compute = (of: Module): Tensor => {
    const fields = fieldsOf(of)
    return weightNormOf(fields[`${key}_v`] as Tensor, fields[`${key}_g`] as Tensor, dim)
  }
  put(m, key, compute(m))
  const hook: ForwardPreHook = (of) => {
    fieldsOf(of)[key] = compute(of)
  }
  attach(m, hook, {
    kind: 'weight_norm',
    name: key,
    remove(of) {
      const value = compute(of)
      drop(of, key, `${key}_g`, `${key}_v`)
      of.registerParameter(key, new Parameter(value.detach()))
    },
  })
  return module
}
/** Makes the parameter whole again. @throws ValueError where `weightNorm` was not applied to it */
export function removeWeightNorm<M extends Module>(module: M, name?: string | { name?: string }): M {
  expectModule('removeWeightNorm', 'module', module)
  const o = optionsOf<{ name?: string }>('removeWeightNorm', ['name'], name)
  detachFrom(module, 'weight_norm', o.name ?? 'weight')
  return module
}

/**
 * Divides a parameter by its largest singular value before each forward (Miyato et al. 2018): what is trained is
 * `<name>_orig`, and `<name>_u` and `<name>_v` are its singular vectors, found by power iteration in training.
 * `parametrizations.spectralNorm` is the newer form.
 */
export function spectralNorm<M extends Module>(
  module: M,
  name?: string | SpectralNormOptions,
  options?: SpectralNormOptions,
): M {
  expectModule('spectralNorm', 'module', module)
  const o = optionsOf<SpectralNormOptions>('spectralNorm', ['name', 'nPowerIterations', 'eps', 'dim'], name, options)
  const { name: key = 'weight', nPowerIterations = 1, eps = 1e-12 } = o
  expectString('spectralNorm', 'name', key)
  const m: Module = module
  const dim = o.dim ?? outputDim(m)
  expectInt('spectralNorm', 'n_power_iterations', nPowerIterations)
  expectInt('spectralNorm', 'dim', dim)
  expectNumber('spectralNorm', 'eps', eps)
  refuseSecond(m, 'spectral_norm', key)
  if (nPowerIterations <= 0)
    throw new ValueError(`Expected n_power_iterations to be positive, but got n_power_iterations=${nPowerIterations}`, {
      nPowerIterations,
    })
  const weight = parameterOf(m, 'SpectralNorm', key)
  refuseLazy(weight, 'SpectralNorm', 'spectral')
  const [h, w] = asMatrix(weight.detach(), dim).sizes as [number, number]
  const u = drawDirection(weight, h, eps)
  const v = drawDirection(weight, w, eps)
  const [original, left, right] = [`${key}_orig`, `${key}_u`, `${key}_v`]
  drop(m, key)
  m.registerParameter(original, weight)
  put(m, key, weight.data)
  m.registerBuffer(left, u)
  m.registerBuffer(right, v)
  const compute = (of: Module, iterate: boolean): Tensor => {
    const fields = fieldsOf(of)
    const whole = fields[original] as Tensor
    const matrix = asMatrix(whole, dim)
    let [a, b] = [fields[left] as Tensor, fields[right] as Tensor]
    if (iterate) {
      noGrad(() => {
        for (let i = 0; i < nPowerIterations; i++) {
          setDirection(b, matrix.detach().t().mv(a), eps)
          setDirection(a, matrix.detach().mv(b), eps)
        }
      })
      // Copies: a second forward changes the buffers before the first one's backward has run.
      ;[a, b] = [a.clone(), b.clone()]
    }
    return whole.div(a.dot(matrix.mv(b)))
  }
  const hook: ForwardPreHook = (of) => {
    fieldsOf(of)[key] = compute(of, of.training)
  }
  attach(m, hook, {
    kind: 'spectral_norm',
    name: key,
    remove(of) {
      const value = noGrad(() => compute(of, false))
      drop(of, key, left, right, original)
      of.registerParameter(key, new Parameter(value))
    },
  })
  return module
}
/** Leaves the parameter at its normalised value. @throws ValueError where `spectralNorm` was not applied to it */
export function removeSpectralNorm<M extends Module>(module: M, name?: string | { name?: string }): M {
  expectModule('removeSpectralNorm', 'module', module)
  const o = optionsOf<{ name?: string }>('removeSpectralNorm', ['name'], name)
  detachFrom(module, 'spectral_norm', o.name ?? 'weight')
  return module
}
