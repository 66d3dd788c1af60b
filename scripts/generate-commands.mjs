// Writes what follows from native/ops.def (operations and the schemas of their commands): codes, encoders and the table of
// operands in TypeScript; argument structs, their checks and the tests' encoders in C++. With --check, only compares.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import * as cpp from './commands/cpp.mjs'
import { fail, readContract } from './commands/parse.mjs'
import * as typescript from './commands/typescript.mjs'
import { bin, inRoot } from './setup.mjs'

const contract = readContract()
const files = {
  'lib/runtime/opcodes.ts': typescript.opcodes,
  'lib/runtime/encoders.ts': typescript.encoders,
  'lib/runtime/schema.ts': typescript.table,
  'native/command/arguments.h': cpp.header,
  'native/command/arguments.cpp': cpp.source,
  'native/test/encode.h': cpp.testEncoders,
}
/** As the formatters leave it, so that generated files need no exception there. */
function formatted(path, text) {
  const [command, ...args] = path.endsWith('.ts')
    ? [process.execPath, bin('@biomejs/biome', 'biome'), 'format', `--stdin-file-path=${path}`]
    : [process.execPath, bin('clang-format'), `--assume-filename=${path}`]
  const done = spawnSync(command, args, { cwd: inRoot('.'), input: text, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (done.status !== 0) fail(`${path} cannot be formatted: ${done.stderr}`)
  return done.stdout
}
for (const [path, write] of Object.entries(files)) {
  const text = formatted(path, write(contract))
  let current = ''
  try {
    current = readFileSync(inRoot(path), 'utf8')
  } catch {}
  if (current === text) continue
  if (process.argv.includes('--check')) fail(`${path} does not match native/ops.def: run \`npm run generate\``)
  writeFileSync(inRoot(path), text)
  console.log(`wrote ${path}: ${contract.ops.length} operations, ${contract.schemas.length} schemas`)
}
