/**
 * How our values look in jest and vitest: in the message of a comparison that fails, and in snapshots. Both print by `pretty-format`,
 * which leaves it to a value that bears the mark of an asymmetric matcher to say how it looks; without the mark it prints fields.
 */

const PRINTS_ITSELF = Symbol.for('jest.asymmetricMatcher')
/** Jest 30 asks by this symbol which properties its copies need. */
const COPIED = Symbol.for('@jest/serializableProperties')

/** Lets all values of a class print in tests as `textOf` says. @internal */
export function printInTestsAs<T extends object>(prototype: T, textOf: (value: T) => string): void {
  Object.defineProperties(prototype, {
    $$typeof: { value: PRINTS_ITSELF, configurable: true },
    // Jest shows differences between copies of both sides, made property by property, which have no values: the function is the original's.
    toAsymmetricMatcher: {
      configurable: true,
      get(this: T) {
        return () => textOf(this)
      },
    },
    [COPIED]: { value: ['toAsymmetricMatcher'], configurable: true },
  })
}

/** The text of the original, of such a copy; else null. @internal */
export function textOfCopy(value: object): string | null {
  if (!Object.hasOwn(value, 'toAsymmetricMatcher')) return null
  return (value as { toAsymmetricMatcher(): string }).toAsymmetricMatcher()
}
