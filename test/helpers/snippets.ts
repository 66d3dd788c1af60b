import { readFileSync } from 'node:fs'

/** A runnable TypeScript block of a Markdown file. */
export interface Snippet {
  /** The line of the opening fence, from 1. */
  readonly line: number
  /** The block's own code, after that of the blocks it continues, as it stands on the page. */
  readonly code: string
  /** The same to run: what the page says throws is handed to `throws(() => …)`, which notes what it threw. */
  readonly script: string
  /** The lines that the whole must print, and `throws …` for each error; a line that ends with … is a beginning. */
  readonly prints: readonly string[]
}

/**
 * The ```ts blocks of a Markdown file. A block stands alone; ```ts continued goes on from the one before it. What a
 * block prints is said in comments: `console.log(x) // prints 4`, or a line `// prints` and the lines after it, each as a
 * comment. A statement on one line that fails is marked in the same way: `net.at(3) // throws index 3 is out of range`.
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
        const script = chain.map((line) => line.replace(/^(\s*)(.*\S)\s*\/\/ throws\b.*$/, '$1throws(() => { $2 })'))
        snippets.push({ line: open.line, code: chain.join('\n'), script: script.join('\n'), prints: expected(chain) })
        open = null
      } else open.code.push(text)
    })
  return snippets
}

const THROWS = 'throws'

function expected(code: readonly string[]): string[] {
  const out: string[] = []
  let listing = false
  for (const text of code) {
    const [, before, verb, said] = text.match(/^(.*)\/\/ (prints|throws)(?: (.*))?$/) ?? []
    if (verb === undefined) {
      if (!listing || !/^\s*\/\//.test(text)) listing = false
      else if (out.at(-1) === THROWS) out[out.length - 1] = `${THROWS} ${text.replace(/^\s*\/\/ ?/, '')}`
      else out.push(text.replace(/^\s*\/\/ ?/, '').trimEnd())
      continue
    }
    listing = said === undefined
    if (verb === THROWS) out.push(listing ? THROWS : `${THROWS} ${said}`)
    else if (!listing) out.push((said as string).trimEnd())
    // A listing belongs to the code above it; without any there is nothing that could print.
    else if ((before as string).trim() !== '') throw new Error(`"// prints" stands on a line of its own: ${text}`)
  }
  return out
}
