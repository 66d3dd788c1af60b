/** No op drops an argument: what it has no place for is refused, by functions, methods and forms in place. */
import { ArgumentError, ones, tensor, Tensor } from '../../lib/index'
import {
  type AnyFunction,
  functionOf,
  type OpDefinition,
  operations,
  qualifiedName,
} from '../../lib/ops/define/registry'

/** Ops that take any number of arguments. */
const VARIADIC = ['at', 'chainMatmul']

/** What a call leaves to do: its required arguments, whose types are all that these calls are about. */
function required(d: OpDefinition): unknown[] {
  return d.params
    .filter((p) => p.presence === 'required')
    .map((p) => {
      if (/^Tensor|Tensor or|or Tensor$/.test(p.type)) return ones([1, 1])
      if (/tuple|Tensor\[\]|\[\]/.test(p.type)) return /Tensor/.test(p.type) ? [ones([1, 1])] : [0]
      return p.type === 'str' ? 'mean' : p.type === 'bool' ? false : 0
    })
}
/** By position comes an option of ops that have any. */
const positions = (d: OpDefinition): number[] => (d.params.every((p) => p.presence === 'required') ? [0] : [0, 1])
const calls = [...operations()].filter((d) => !VARIADIC.includes(d.name))
/**
 * Whether calls with an argument behind the options object throw, and say so of that argument or of those places.
 * @param before how many of the options may come by position, before that object
 */
function refuses(f: AnyFunction, d: OpDefinition, before: readonly number[], args = required(d)): boolean {
  return before.every((n) => {
    try {
      f(...args, ...new Array<undefined>(n).fill(undefined), {}, 'surplus')
    } catch (e) {
      return (
        e instanceof ArgumentError &&
        /surplus|options object|unexpected argument|a 'size' is for numbers/.test(e.message)
      )
    }
    return false
  })
}
test('functions', () => {
  expect(calls.filter((d) => !refuses(functionOf(d), d, positions(d))).map(qualifiedName)).toEqual([])
})
test('methods and forms in place', () => {
  const prototype = Tensor.prototype as unknown as Record<string, AnyFunction>
  const bound =
    (name: string): AnyFunction =>
    (x: unknown, ...rest: unknown[]) =>
      prototype[name]!.apply(x, rest)
  const receiverFirst = (d: OpDefinition): unknown[] => {
    const args = required(d)
    return [
      ...args.splice(
        args.findIndex((a) => a instanceof Tensor),
        1,
      ),
      ...args,
    ]
  }
  const methods = calls.filter((d) => d.method && !refuses(bound(d.name), d, positions(d), receiverFirst(d)))
  const inPlace = calls.filter((d) => d.inPlace && !refuses(bound(`${d.name}_`), d, [0], receiverFirst(d)))
  expect([...methods.map((d) => d.name), ...inPlace.map((d) => `${d.name}_`)]).toEqual([])
})
test('the text names the op and the argument', () => {
  const x = tensor([1, 2]) as unknown as Record<string, AnyFunction>
  expect(() => x.t!(5)).toThrow(new ArgumentError('t() got an unexpected argument: 5'))
  expect(() => x.sum!(0, {}, 'a')).toThrow(new ArgumentError("sum() got an unexpected argument: 'a'"))
  expect(() => x.sum!(0, 1)).toThrow(new ArgumentError('sum(): expected an options object, not number'))
  expect(() => x.add_!(1, {}, 2)).toThrow(new ArgumentError('add_() got an unexpected argument: 2'))
  expect(() => x.where!(x, 1, 2)).toThrow(new ArgumentError('where() got an unexpected argument: 2'))
})
