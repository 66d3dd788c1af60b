/** From PyTorch's names to what they are here. */
import { type OpDefinition, operation } from '../../lib/ops/define/registry'
import { camelCase, freeFunction } from './goldens'

/** Python's methods of operators; what PyTorch's samples call them. */
const OPERATORS: Record<string, string> = { __getitem__: 'at', __setitem__: 'set' }

/** PyTorch's name of an operation as Tenzo has it: `nn.functional.log_softmax` → `nn.functional.logSoftmax`. */
export const tenzoName = (name: string): string => OPERATORS[name] ?? name.split('.').map(camelCase).join('.')

/** The definition behind one of PyTorch's names, whatever namespace it was defined in. */
export function definitionOf(name: string): OpDefinition | undefined {
  const own = tenzoName(name)
  const f = freeFunction(name) as { op?: OpDefinition } | undefined
  return operation(own) ?? f?.op ?? operation(own.replace(/_$/, ''))
}
