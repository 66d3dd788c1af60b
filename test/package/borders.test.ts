/** What may be written where: addresses and slots of commands belong to lib/runtime and to what is generated into it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OP_NAMES } from '../../lib/runtime/opcodes'
import { OP_SCHEMAS, type SchemaInfo, SCHEMAS } from '../../lib/runtime/schema'

const LIB = join(__dirname, '..', '..', 'lib')
const sources = (readdirSync(LIB, { recursive: true }) as string[])
  .filter((f) => f.endsWith('.ts') && !f.startsWith('runtime/'))
  .map((file) => ({ file, text: readFileSync(join(LIB, file), 'utf8') }))

test('no address of memory outside lib/runtime', () => {
  const found = sources.filter(({ text }) => /\.(address|addressOf|ptr)\b/.test(text)).map((s) => s.file)
  expect(found).toEqual([])
})

test('no command is written by hand outside lib/runtime', () => {
  const allowed = new Set(['map', 'mapNow', 'run', 'from', 'packed', 'addressOf', 'generatorMemory'])
  const found: string[] = []
  for (const { file, text } of sources)
    for (const [, names] of text.matchAll(/import \{([^}]*)\} from '(?:\.\.\/)+runtime\/commands'/g))
      for (const name of (names as string).split(',').map((n) => n.trim()))
        if (name && !name.startsWith('type ') && !allowed.has(name)) found.push(`${file}: ${name}`)
  expect(found).toEqual([])
})

test('no parameter of a public operation is called rest', () => {
  const found = sources
    .filter(({ file }) => file.startsWith('ops/'))
    .flatMap(({ file, text }) => [...text.matchAll(/\brest\?:/g)].map(() => file))
  expect([...new Set(found)]).toEqual([])
})

test('of every command it is told what it reads and writes, each in slots of its own', () => {
  for (const name of OP_NAMES) {
    const { operands }: SchemaInfo = SCHEMAS[OP_SCHEMAS[name]]
    // What only looks at values answers by the status of its command.
    expect(operands.some((o) => o.role !== 'read')).toBe(!name.startsWith('check_'))
    const slots = operands.flatMap((o) => [o.slot, o.slot + 1])
    expect(new Set(slots).size).toBe(slots.length)
  }
})
