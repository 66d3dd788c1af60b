// npm run generate [-- --check]: every file that is written from another. Those written from the definitions of operations load lib/, and
// so the addon.
import { ensureNative, inRoot, node } from './setup.mjs'

const flags = process.argv.slice(2)
let failed = node(['scripts/generate-commands.mjs', ...flags], { must: false })
if (!process.env.TENZO_ADDON) ensureNative()
for (const script of ['generate-methods.ts', 'generate-support.ts'])
  failed |= node(['--import', inRoot('node_modules/tsx/dist/loader.mjs'), `scripts/${script}`, ...flags], {
    must: false,
  })
process.exitCode = failed ? 1 : 0
