/** Weight and spectral normalisation by hooks: the older form, which many checkpoints have. */
import { noGrad } from '../../autograd/mode'
import { ModuleError, ValueError } from '../../errors'
import { shown } from '../../runtime/given'
import { expectInt, expectNumber, expectString } from '../../check/arguments'
import { optionsOf } from '../../check/options'
import { isTensor, type RemovableHandle, type Tensor } from '../../tensor/tensor'
import type { Module } from '../module'
import { Parameter } from '../parameter'
import { fieldsOf, put, sync, expectModule } from '../registry'
import { isLazy } from '../uninitialized'
import { asMatrix, drawDirection, normExceptDim, outputDim, setDirection, weightNormOf } from './norms'
import type { SpectralNormOptions, WeightNormOptions } from './parametrizations'

/** One normalised parameter: how its value is computed before each forward, and how that is given up. */
interface Attached {
  readonly kind: 'weight_norm' | 'spectral_norm'
  readonly name: string
  remove(): void
}
const attached = new WeakMap<Module, Attached[]>()

function note(m: Module, a: Attached): void {
  const list = attached.get(m)
  if (list) list.push(a)
  else attached.set(m, [a])
}
function refuseSecond(m: Module, kind: Attached['kind'], name: string): void {
  if (attached.get(m)?.some((a) => a.kind === kind && a.name === name))
    throw new ModuleError(`Cannot register two ${kind} hooks on the same parameter ${name}`, { name })
}
function detachFrom(m: Module, kind: Attached['kind'], name: string): void {
  expectString(`remove ${kind}`, 'name', name)
  const list = attached.get(m) ?? []
  const i = list.findIndex((a) => a.kind === kind && a.name === name)
  if (i < 0) throw new ValueError(`${kind} of '${name}' not found in ${shown(m)}`, { name })
  list[i]?.remove()
  list.splice(i, 1)
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
  const fields = fieldsOf(m)
  const compute = (): Tensor => weightNormOf(fields[`${key}_v`] as Tensor, fields[`${key}_g`] as Tensor, dim)
  put(m, key, compute())
  const handle: RemovableHandle = m.registerForwardPreHook(() => {
    fields[key] = compute()
  })
  note(m, {
    kind: 'weight_norm',
    name: key,
    remove() {
      const value = compute()
      drop(m, key, `${key}_g`, `${key}_v`)
      m.registerParameter(key, new Parameter(value.detach()))
      handle.remove()
    },
  })
  return module
}
/** Makes the parameter whole again. @throws ValueError where `weightNorm` was not applied to it */
export function removeWeightNorm<M extends Module>(module: M, name?: string | { name?: string }): M {
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
  const fields = fieldsOf(m)
  const compute = (iterate: boolean): Tensor => {
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
  const handle: RemovableHandle = m.registerForwardPreHook(() => {
    fields[key] = compute(m.training)
  })
  note(m, {
    kind: 'spectral_norm',
    name: key,
    remove() {
      const value = noGrad(() => compute(false))
      drop(m, key, left, right, original)
      m.registerParameter(key, new Parameter(value))
      handle.remove()
    },
  })
  return module
}
/** Leaves the parameter at its normalised value. @throws ValueError where `spectralNorm` was not applied to it */
export function removeSpectralNorm<M extends Module>(module: M, name?: string | { name?: string }): M {
  const o = optionsOf<{ name?: string }>('removeSpectralNorm', ['name'], name)
  detachFrom(module, 'spectral_norm', o.name ?? 'weight')
  return module
}
