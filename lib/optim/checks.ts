/** Checks of options that several optimizers have, in PyTorch's words. */
import { ArgumentError, type ErrorData, ValueError } from '../errors'
import { describe } from '../check/arguments'
import { formatPythonFloat } from '../tensor/python-format'
import { isTensor, type Tensor } from '../tensor/tensor'

/** @throws ArgumentError for what is no number, ValueError for a negative one */
export function checkNotNegative(what: string, v: unknown, data: ErrorData = {}): void {
  if (typeof v !== 'number') throw new ArgumentError(`${what} must be a number, not ${describe(v)}`)
  if (!(v >= 0)) throw new ValueError(`Invalid ${what}: ${v}`, data)
}
const checkOneElement = (what: string, v: Tensor): void => {
  if (v.count !== 1) throw new ValueError(`Tensor ${what} must be 1-element`, { shape: [...v.sizes] })
}
/** @throws ValueError for a tensor of more or fewer elements than one, and for what is negative */
export function checkLearningRate(lr: number | Tensor): void {
  if (isTensor(lr)) checkOneElement('lr', lr)
  else checkNotNegative('learning rate', lr, { lr })
  if (isTensor(lr) && !(lr.item() >= 0))
    throw new ValueError(`Invalid learning rate: ${formatRate(lr)}`, { lr: lr.item() })
}
export const checkEps = (eps: number): void => checkNotNegative('epsilon value', eps, { eps })
export const checkWeightDecay = (weightDecay: number): void =>
  checkNotNegative('weight_decay value', weightDecay, { weightDecay })
export function checkPair(op: string, name: string, pair: unknown): void {
  if (!Array.isArray(pair) || pair.length !== 2 || pair.some((v) => typeof v !== 'number'))
    throw new ArgumentError(`${op}: ${name} must be two numbers, not ${describe(pair)}`, { argument: name })
}
export function checkBetas(op: string, betas: readonly [number, number]): void {
  checkPair(op, 'betas', betas)
  betas.forEach(checkBeta)
}
/** Betas of which both may be tensors of one element. */
export function checkTensorBetas(op: string, betas: readonly [number | Tensor, number | Tensor]): void {
  const tensors = Array.isArray(betas) ? (betas as unknown[]).filter(isTensor) : []
  if (tensors.length === 0) {
    checkBetas(op, betas as readonly [number, number])
    return
  }
  if (betas.length !== 2 || tensors.length !== 2)
    throw new ValueError('betas must be either both floats or both Tensors')
  for (const [i, beta] of tensors.entries()) {
    checkOneElement(`betas[${i}]`, beta)
    checkBeta(beta.item(), i)
  }
}
function checkBeta(b: number, i: number): void {
  if (!(b >= 0 && b < 1)) throw new ValueError(`Invalid beta parameter at index ${i}: ${b}`, { beta: b })
}
export function checkFlags(op: string, flags: Readonly<Record<string, unknown>>): void {
  for (const [name, v] of Object.entries(flags))
    if (typeof v !== 'boolean') throw new ArgumentError(`${op}: ${name} must be a boolean, not ${describe(v)}`)
}
export function checkNumbers(op: string, numbers: Readonly<Record<string, unknown>>): void {
  for (const [name, v] of Object.entries(numbers))
    if (typeof v !== 'number') throw new ArgumentError(`${op}: ${name} must be a number, not ${describe(v)}`)
}
/** A tensor as Python's f-strings write it: without dims its number alone. */
export const formatRate = (t: Tensor): string =>
  t.ndim > 0 ? String(t) : t.isFloatingPoint() ? formatPythonFloat(t.item()) : String(t.item())
