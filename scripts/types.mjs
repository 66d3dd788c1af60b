// npm run types [-- VERSION …]: the programs of TypeScript users (test/package/programs.test.ts) with the compilers between the oldest
// that is supported and our own, which `npm test` has; with versions, only those.
import { delimiter } from 'node:path'
import { bin, checkNode, ensureDependencies, ensureJs, node, otherTypeScript } from './setup.mjs'

const VERSIONS = ['5.5', '5.6', '5.7', '5.8', '5.9', '6.0']

checkNode()
ensureDependencies()
ensureJs()
const wanted = process.argv.slice(2)
const folders = (wanted.length ? wanted : VERSIONS).map(otherTypeScript)
const env = { TENZO_TYPESCRIPT: folders.join(delimiter) }
process.exitCode = node([bin('jest'), '--ci', 'test/package/programs'], { must: false, env })
