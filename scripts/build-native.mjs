// npm run build:native [-- --tests] [--copy-to FOLDER]: the addon, and the kernel tests and benchmarks if asked for.
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ADDON, checkNode, ensureDependencies, ensureNative, inRoot } from './setup.mjs'

const { values: options } = parseArgs({ options: { tests: { type: 'boolean' }, 'copy-to': { type: 'string' } } })
checkNode()
ensureDependencies()
ensureNative({ tests: options.tests })
if (options['copy-to']) {
  mkdirSync(options['copy-to'], { recursive: true })
  copyFileSync(inRoot('build/cmake', ADDON), join(options['copy-to'], 'tenzo.node'))
}
