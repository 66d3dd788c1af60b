// npm run build:native [-- --tests]: the addon, and the kernel tests and benchmarks if asked for.
import { checkNode, ensureDependencies, ensureNative } from './setup.mjs'

checkNode()
ensureDependencies()
ensureNative({ tests: process.argv.includes('--tests') })
