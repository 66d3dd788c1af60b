/** A kernel that nothing calls is tested for nothing. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { OP_NAMES } from '../../lib/runtime/opcodes'

const LIB = join(__dirname, '..', '..', 'lib')
const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)

test('every native operation is named in the library', () => {
  const named = new Set<string>()
  for (const file of readdirSync(LIB, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.endsWith('opcodes.ts')) continue
    const text = readFileSync(join(LIB, file), 'utf8')
    for (const [, code, name] of text.matchAll(/\bOP\.(\w+)|'(\w+)'/g)) named.add(code ?? snake(name as string))
  }
  expect(OP_NAMES.filter((name) => !named.has(name))).toEqual([])
})
