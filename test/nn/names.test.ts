/** Errors of constructors name the class that was written, not one that it shares its code with. */
import { nn, ones, optim, TenzoError } from 'tenzo'

type Class = abstract new (...args: never[]) => object
const isClass = (v: unknown): v is Class =>
  typeof v === 'function' && /^class\b/.test(Function.prototype.toString.call(v))
const classesOf = (space: object): [string, Class][] =>
  Object.entries(space).filter((e): e is [string, Class] => isClass(e[1]) && e[0] === e[1].name)

const parameters = () => [ones([2], { requiresGrad: true })]
const sgd = () => new optim.SGD(parameters(), 0.1, { momentum: 0.5 })
/** What stands before the options: nothing, or sizes, functions, modules, an optimizer. */
const layers: readonly (() => unknown[])[] = [
  () => [],
  () => [4],
  () => [4, 2],
  () => [4, 4, 2],
  () => [2, 2, 2, 2],
  () => [4, 4, [2]],
  () => [8, [2, 4]],
  () => [new nn.TransformerEncoderLayer(4, 2), 1],
  () => [new nn.TransformerDecoderLayer(4, 2), 1],
]
const optimizers: readonly (() => unknown[])[] = [parameters].map((make) => () => [make()])
const schedulers: readonly (() => unknown[])[] = [
  () => [sgd()],
  () => [sgd(), 2],
  () => [sgd(), [1, 2]],
  () => [sgd(), () => 0.5],
  () => [sgd(), 0.1, 0.2],
  () => {
    const o = sgd()
    return [o, [new optim.lrScheduler.StepLR(o, 2), new optim.lrScheduler.StepLR(o, 2)], [1]]
  },
  () => [[new optim.lrScheduler.StepLR(sgd(), 2)]],
]
/** Arguments that nothing takes. */
const WRONG: readonly unknown[] = [
  'five',
  -3,
  0.5,
  Number.NaN,
  [],
  [1, 'x'],
  Symbol('s'),
  ones([1]),
  () => 0,
  null,
  true,
]

function messageOf(Class: Class, args: readonly unknown[]): string | null {
  const construct = () => Reflect.construct(Class, args) as unknown
  let message: string | null = null
  try {
    construct()
  } catch (error) {
    message = (error as Error).message
    if (!(error instanceof TenzoError)) throw error
  }
  return message
}
/** Classes that a message speaks of as of something called: `Conv2d()`, `Conv2d:`, `Conv2d requires`. */
const namesIn = (message: string): string[] =>
  Array.from(message.matchAll(/\b([A-Z][A-Za-z0-9]+)(?:\(\)|:| requires| expects)/g), ([, name]) => name as string)

const SPACES: [string, object, readonly (() => unknown[])[]][] = [
  ['nn', nn, layers],
  ['optim', optim, optimizers],
  ['optim.lrScheduler', optim.lrScheduler, schedulers],
]
// Not called with options, or abstract.
const WITHOUT_OPTIONS = new Set(
  'Module Identity Optimizer LRScheduler Sequential ModuleList ModuleDict ParameterList ParameterDict StateDict'.split(
    ' ',
  ),
)
/** What a layer hands on is refused by the layers it is made of. */
const MADE_OF: Readonly<Record<string, readonly string[]>> = {
  AdaptiveLogSoftmaxWithLoss: ['Linear'],
  UninitializedParameter: ['Parameter'],
  Transformer: ['MultiheadAttention', 'Linear', 'LayerNorm', 'Dropout'],
  TransformerDecoderLayer: ['MultiheadAttention', 'Linear', 'LayerNorm', 'Dropout'],
  TransformerEncoderLayer: ['MultiheadAttention', 'Linear', 'LayerNorm', 'Dropout'],
}
/** Whether arguments are refused by `Module` itself, which names the class of the object, as PyTorch's does. */
const takesNothing = (c: Class): boolean =>
  c === nn.Module || (!/\bconstructor\(/.test(String(c)) && takesNothing(Object.getPrototypeOf(c) as Class))

describe.each(SPACES)('%s', (_space, space, before) => {
  test.each(classesOf(space).filter(([name]) => !WITHOUT_OPTIONS.has(name)))('%s', (name, Class) => {
    // Its own subclass is told of the constructor that it has.
    class Mine extends (Class as unknown as new (...args: unknown[]) => object) {}
    for (const Written of [Class, Mine]) {
      const own = [name, ...(MADE_OF[name] ?? []), ...(takesNothing(Class) ? ['Mine'] : [])]
      const unknown = before.map((args) => messageOf(Written, [...args(), { wrongOption: 1 }]))
      expect(unknown).toContainEqual(expect.stringMatching(/wrongOption|takes no arguments/))
      const messages = [
        ...unknown,
        ...before.flatMap((args) => WRONG.map((wrong) => messageOf(Written, [...args(), wrong]))),
      ]
      const wrong = messages.filter((m) => m !== null && namesIn(m).some((n) => !own.includes(n) && n in space))
      const inner = messages.filter((m) => m !== null && namesIn(m).some((n) => !own.includes(n) && !(n in space)))
      expect({ wrong: wrong[0], inner: inner[0] }).toEqual({})
    }
  })
})
