/** Checks of options that several optimizers have, in PyTorch's words. */
import { shown } from '../runtime/given'
import { ArgumentError, ValueError } from '../errors'
import { describe } from '../check/arguments'

export function checkLearningRate(lr: unknown): void {
  if (typeof lr !== 'number' || !(lr >= 0)) throw new ValueError(`Invalid learning rate: ${shown(lr)}`, { lr })
}
export function checkEps(eps: unknown): void {
  if (typeof eps !== 'number' || !(eps >= 0)) throw new ValueError(`Invalid epsilon value: ${shown(eps)}`, { eps })
}
export function checkWeightDecay(weightDecay: unknown): void {
  if (typeof weightDecay !== 'number' || !(weightDecay >= 0))
    throw new ValueError(`Invalid weight_decay value: ${shown(weightDecay)}`, { weightDecay })
}
export function checkPair(op: string, name: string, pair: unknown): void {
  if (!Array.isArray(pair) || pair.length !== 2 || pair.some((v) => typeof v !== 'number'))
    throw new ArgumentError(`${op}: ${name} must be two numbers, not ${describe(pair)}`, { argument: name })
}
export function checkBetas(op: string, betas: readonly [number, number]): void {
  checkPair(op, 'betas', betas)
  betas.forEach((b, i) => {
    if (!(b >= 0 && b < 1)) throw new ValueError(`Invalid beta parameter at index ${i}: ${b}`, { betas: [...betas] })
  })
}
export function checkFlags(op: string, flags: Readonly<Record<string, unknown>>): void {
  for (const [name, v] of Object.entries(flags))
    if (typeof v !== 'boolean') throw new ArgumentError(`${op}: ${name} must be a boolean, not ${describe(v)}`)
}
