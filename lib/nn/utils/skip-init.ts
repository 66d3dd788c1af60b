import { ArgumentError } from '../../errors'
import { shown } from '../../runtime/given'
import { Module } from '../module'
import { forkRng } from '../../ops/random/fork'

/**
 * Makes a module without drawing its initial values: whatever they are, they are to be overwritten. The default
 * generator stays as it is. (PyTorch makes the module on its meta device.)
 */
export function skipInit<A extends readonly unknown[], M extends Module>(
  moduleClass: new (...args: A) => M,
  ...args: A
): M {
  if (typeof moduleClass !== 'function' || !(moduleClass.prototype instanceof Module))
    throw new ArgumentError(`Expected a Module; got ${shown((moduleClass as { name?: string })?.name ?? moduleClass)}`)
  return forkRng(() => new moduleClass(...args))
}
