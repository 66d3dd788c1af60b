import { readFileSync } from 'node:fs'

/** A runnable TypeScript block of a Markdown file. */
export interface Snippet {
  /** The line of the opening fence, from 1. */
  readonly line: number
  /** The block's own code, after that of the blocks it continues. */
  readonly code: string
  /** What the whole must print, or null if the block says nothing of it. */
  readonly prints: string | null
}

/**
 * The ```ts blocks of a Markdown file. A block stands alone; ```ts continued goes on from the one before it. What a
 * block prints is said in comments: `console.log(x) // prints 4`, or a line `// prints` and the lines after it, each as a
 * comment. A block that has such comments prints that and nothing else.
 */
export function snippetsOf(path: string): Snippet[] {
  const snippets: Snippet[] = []
  let open: { line: number; continued: boolean; code: string[] } | null = null
  let chain: string[] = []
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((text, index) => {
      if (open === null) {
        const fence = text.match(/^```ts(?: (continued))?\s*$/)
        if (fence) open = { line: index + 1, continued: fence[1] !== undefined, code: [] }
      } else if (text.startsWith('```')) {
        chain = open.continued ? [...chain, ...open.code] : open.code
        snippets.push({ line: open.line, code: chain.join('\n'), prints: expected(chain) })
        open = null
      } else open.code.push(text)
    })
  return snippets
}

function expected(code: readonly string[]): string | null {
  const out: string[] = []
  let found = false
  let listing = false
  for (const text of code) {
    const inline = text.match(/\S.*\/\/ prints (.*)$/)
    if (/^\s*\/\/ prints$/.test(text)) {
      found = true
      listing = true
    } else if (inline) {
      found = true
      listing = false
      out.push(inline[1]!)
    } else if (listing && /^\s*\/\//.test(text)) out.push(text.replace(/^\s*\/\/ ?/, ''))
    else listing = false
  }
  return found ? out.map((line) => `${line.trimEnd()}\n`).join('') : null
}
