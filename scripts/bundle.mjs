// node scripts/bundle.mjs FOLDER: lib/ as one CommonJS file, since each costs about half a millisecond at import, and a constant of another
// module a look-up at every use; beside it what joins the package to test runners.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from '@swc/core'
import { build } from 'rolldown'
import { inRoot } from './setup.mjs'

const { dependencies } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'))

/** Fields declared as `accessor`, which rolldown leaves as they are, as private fields with a getter and a setter. */
const accessors = {
  name: 'accessors',
  transform: (code, filename) =>
    / accessor /.test(code)
      ? transformSync(code, {
          filename,
          configFile: false,
          sourceMaps: true,
          jsc: {
            parser: { syntax: 'typescript', decorators: true },
            transform: { decoratorVersion: '2022-03' },
            target: 'es2022',
          },
        })
      : null,
}
const bundle = (source, file, format, external) =>
  build({
    input: inRoot('lib', source),
    platform: 'node',
    external,
    plugins: [accessors],
    tsconfig: false,
    transform: { target: 'es2022' },
    // Exports are told to ES modules by their form: nothing reassigns one.
    output: { file: join(process.argv[2], file), format, sourcemap: true, externalLiveBindings: false },
  })
await bundle('index.ts', 'index.js', 'cjs', Object.keys(dependencies))
await bundle('jest.ts', 'jest.js', 'cjs', ['./index', '@jest/globals'])
await bundle('vitest.mts', 'vitest.mjs', 'esm', ['./index.js', 'vitest'])
