// npm run generate [-- --check]: every file that is written from another.
import { existsSync } from 'node:fs'
import { inRoot, node } from './setup.mjs'

const flags = process.argv.slice(2)
let failed = 0
for (const script of ['generate-commands.mjs', 'generate-support.mjs'])
  if (existsSync(inRoot('scripts', script))) failed |= node([`scripts/${script}`, ...flags], { must: false })
process.exitCode = failed
