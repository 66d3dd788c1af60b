/** The names of parameters in the state of an optimizer, which goes by their order. */
import { StateDictError } from '../errors'
import type { OptimizerStateDict } from './optimizer'

type LoadedGroup = OptimizerStateDict['param_groups'][number]
interface NamedGroup {
  readonly paramNames?: readonly string[]
}

const namesOf = (group: LoadedGroup | undefined): readonly string[] =>
  Array.isArray(group?.param_names) ? group.param_names.map(String) : []

/**
 * Warns where both sides name the same parameters in another order, so that one gets the state of another: a field that
 * was moved in its class, say. Other names alone say nothing, as of a model that was wrapped meanwhile.
 */
export function warnOfOrder(own: readonly NamedGroup[], loaded: readonly LoadedGroup[]): void {
  const here = new Set(own.flatMap((g) => g.paramNames ?? []))
  const there = new Set(loaded.flatMap(namesOf))
  for (const [i, group] of loaded.entries()) {
    const names = namesOf(group)
    const k = own[i]?.paramNames?.findIndex((n, j) => n !== names[j] && (there.has(n) || here.has(names[j] as string)))
    if (k === undefined || k < 0 || names.length === 0) continue
    process.emitWarning(
      `the parameters of the loaded state dict stand in another order than the optimizer's: parameter ${k} of group ${i} is '${own[i]?.paramNames?.[k]}' here and '${names[k]}' there. Their state is taken by order, as in PyTorch; loadStateDict(…, { byName: true }) takes it by name.`,
    )
    return
  }
}

/**
 * The loaded groups with the parameters of the optimizer's groups, found by their names.
 * @throws StateDictError where a side has no names, has one twice, or lacks one of the other's
 */
export function arrangedByName(own: readonly NamedGroup[], loaded: readonly LoadedGroup[]): LoadedGroup[] {
  const here = own.flatMap((g) => g.paramNames ?? [])
  const there = loaded.flatMap(namesOf)
  for (const [names, whose] of [
    [here, 'the optimizer'],
    [there, 'the loaded state dict'],
  ] as const) {
    if (names.length === 0)
      throw new StateDictError(`byName: ${whose} has no names; an optimizer of \`net.namedParameters()\` has`)
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined) throw new StateDictError(`byName: ${whose} has two parameters named '${twice}'`)
  }
  const numbers = new Map(loaded.flatMap((g) => namesOf(g).map((name, k) => [name, g.params[k] as number])))
  const missingKeys = here.filter((name) => !numbers.has(name))
  const unexpectedKeys = there.filter((name) => !here.includes(name))
  const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')
  const faults = [
    missingKeys.length > 0 ? `it lacks ${list(missingKeys)}` : '',
    unexpectedKeys.length > 0 ? `the optimizer lacks ${list(unexpectedKeys)}` : '',
  ].filter((fault) => fault !== '')
  if (faults.length > 0)
    throw new StateDictError(`byName: the loaded state dict has other parameters: ${faults.join('; ')}`, {
      missingKeys,
      unexpectedKeys,
    })
  return loaded.map((group, i) => {
    const names = own[i]?.paramNames ?? []
    return { ...group, params: names.map((name) => numbers.get(name) as number), param_names: [...names] }
  })
}
