const given = new Set<string>()

/** A warning, the first time it is due: loops would fill the log with the same line. */
export function warnOnce(text: string): void {
  if (given.has(text)) return
  given.add(text)
  process.emitWarning(text)
}
