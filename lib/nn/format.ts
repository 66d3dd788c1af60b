/** What a module's printout needs of it. */
export interface ModuleView {
  /** The name of its class. */
  readonly name: string
  /** What it says of itself, a line or several; `''` for nothing. */
  readonly extraRepr: string
  /** The printouts of its children, in order of registration. */
  readonly children: readonly (readonly [name: string, text: string])[]
}

/** A module as PyTorch prints it: `Name(extra)` on one line, or one line an item, children indented beneath their names. */
export function formatModule({ name, extraRepr, children }: ModuleView): string {
  const extraLines = extraRepr === '' ? [] : extraRepr.split('\n')
  if (children.length === 0 && extraLines.length === 1) return `${name}(${extraLines[0]})`
  return block(name, [...extraLines, ...children.map(([key, text]) => `(${key}): ${indentRest(text)}`)])
}

/** A ModuleList as PyTorch prints it: neighbours that print alike share a line, `(0-1): 2 x ReLU()`; blank lines are indented too. */
export function formatModuleList(name: string, children: readonly string[]): string {
  const lines: string[] = []
  for (let first = 0; first < children.length; ) {
    const text = children[first]!
    let last = first
    while (last + 1 < children.length && children[last + 1] === text) last++
    const line = first === last ? `(${first}): ${text}` : `(${first}-${last}): ${last - first + 1} x ${text}`
    lines.push(line.replaceAll('\n', '\n  '))
    first = last + 1
  }
  return block(name, lines)
}

/** What a ParameterList (by dtype) or ParameterDict (by the type of tensor) says of its entries, one a line. */
export function formatParameters(
  entries: Iterable<readonly [key: string | number, type: string, shape: readonly number[]]>,
): string {
  return Array.from(
    entries,
    ([key, type, shape]) => `  (${key}): Parameter containing: [${type} of size ${shape.join('x')}]`,
  ).join('\n')
}

const block = (name: string, lines: readonly string[]): string =>
  lines.length === 0 ? `${name}()` : `${name}(\n  ${lines.join('\n  ')}\n)`

// Blank lines stay empty.
function indentRest(text: string): string {
  const [first, ...rest] = text.split('\n') as [string, ...string[]]
  return [first, ...rest.map((line) => (line.trim() === '' ? '' : `  ${line}`))].join('\n')
}
