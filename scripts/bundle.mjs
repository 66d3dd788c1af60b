// node scripts/bundle.mjs FOLDER: lib/ as one CommonJS file. Each file costs about half a millisecond at import, and a constant
// of another module a look-up at every use.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'rolldown'
import { inRoot } from './setup.mjs'

const { dependencies } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))
await build({
  input: inRoot('lib', 'index.ts'),
  platform: 'node',
  external: Object.keys(dependencies),
  tsconfig: false,
  transform: { target: 'es2022' },
  // Exports are told to ES modules by their form: nothing reassigns one.
  output: { file: join(process.argv[2], 'index.js'), format: 'cjs', sourcemap: true, externalLiveBindings: false },
})
