/**
 * What an editor knows of a Tensor: every entry of its completion list has hover text and a definition to go to. Asked of the compiler's own
 * language server, over the declarations that are published.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(__dirname, '..', '..')
const PROGRAM = "import { ones } from 'tenzo'\nconst x = ones([2])\nx.\n"

/** A language server on its standard streams. */
class Server {
  private readonly child: ChildProcess
  private readonly waiting = new Map<number, (result: unknown) => void>()
  private buffer = Buffer.alloc(0)
  private next = 1

  constructor(folder: string) {
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    this.child = spawn(process.execPath, [tsc, '--lsp', '--stdio'], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] })
    this.child.stdout?.on('data', (data: Buffer) => {
      this.buffer = Buffer.concat([this.buffer, data])
      this.read()
    })
  }
  private read(): void {
    for (;;) {
      const end = this.buffer.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = Number(/Content-Length: (\d+)/i.exec(this.buffer.subarray(0, end).toString())?.[1])
      if (this.buffer.length < end + 4 + length) return
      const message = JSON.parse(this.buffer.subarray(end + 4, end + 4 + length).toString())
      this.buffer = this.buffer.subarray(end + 4 + length)
      if (message.method !== undefined && message.id !== undefined) {
        // What the server asks of its client: nothing is configured.
        const result = message.method === 'workspace/configuration' ? message.params.items.map(() => null) : null
        this.send({ id: message.id, result })
      } else if (message.id !== undefined) {
        this.waiting.get(message.id)?.(message.result)
        this.waiting.delete(message.id)
      }
    }
  }
  private send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message })
    this.child.stdin?.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }
  notify(method: string, params: object): void {
    this.send({ method, params })
  }
  // biome-ignore lint/suspicious/noExplicitAny: answers of the protocol
  ask(method: string, params: object): Promise<any> {
    const id = this.next++
    return new Promise((resolve) => {
      this.waiting.set(id, resolve)
      this.send({ id, method, params })
    })
  }
  stop(): void {
    this.child.kill()
  }
}

let folder: string
let server: Server
beforeAll(async () => {
  expect(existsSync(join(ROOT, 'dist', 'index.d.ts'))).toBe(true)
  folder = mkdtempSync(join(tmpdir(), 'tenzo-editor-'))
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'node20',
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        lib: ['es2023', 'esnext.disposable'],
        typeRoots: [join(ROOT, 'node_modules', '@types')],
        types: ['node'],
        paths: { tenzo: [join(ROOT, 'dist', 'index.d.ts')] },
      },
      files: ['program.ts'],
    }),
  )
  writeFileSync(join(folder, 'program.ts'), PROGRAM)
  server = new Server(folder)
  const root = pathToFileURL(folder).href
  await server.ask('initialize', {
    processId: process.pid,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: 'program' }],
    capabilities: {
      textDocument: {
        completion: {
          completionItem: {
            documentationFormat: ['markdown'],
            resolveSupport: { properties: ['documentation', 'detail'] },
          },
        },
        hover: { contentFormat: ['markdown'] },
        definition: {},
      },
    },
  })
  server.notify('initialized', {})
}, 60_000)
afterAll(() => {
  server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const uri = (): string => pathToFileURL(join(folder, 'program.ts')).href
const open = (text: string, version: number): void => {
  if (version === 1)
    server.notify('textDocument/didOpen', { textDocument: { uri: uri(), languageId: 'typescript', version, text } })
  else server.notify('textDocument/didChange', { textDocument: { uri: uri(), version }, contentChanges: [{ text }] })
}

test('every entry of completion has hover text and a definition', async () => {
  open(PROGRAM, 1)
  const list = await server.ask('textDocument/completion', {
    textDocument: { uri: uri() },
    position: { line: 2, character: 2 },
  })
  const items = (list.items ?? list) as { label: string }[]
  // (Members named by a symbol are offered as `Symbol`.)
  const names = items.map((i) => i.label).filter((n) => /^[A-Za-z_]\w*$/.test(n) && n !== 'Symbol')
  expect(names.length).toBeGreaterThan(500)

  // All of them in one program, a line each.
  const lines = names.map((n) => `x.${n}`)
  open(`import { ones } from 'tenzo'\nconst x = ones([2])\n${lines.join('\n')}\n`, 2)
  const [silent, lost]: [string[], string[]] = [[], []]
  for (const [i, name] of names.entries()) {
    const at = { textDocument: { uri: uri() }, position: { line: i + 2, character: 2 } }
    const [hover, definition] = await Promise.all([
      server.ask('textDocument/hover', at),
      server.ask('textDocument/definition', at),
    ])
    const shown = String(hover?.contents?.value ?? hover?.contents ?? '')
    // Behind the signature, which stands in a fence, comes the documentation.
    if (shown.replace(/```[\s\S]*?```/, '').trim() === '') silent.push(name)
    const places = Array.isArray(definition) ? definition : definition ? [definition] : []
    if (places.length === 0) lost.push(name)
  }
  expect({ silent, lost }).toEqual({ silent: [], lost: [] })
}, 120_000)
