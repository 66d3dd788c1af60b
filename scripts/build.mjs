// npm run build: the addon into build/cmake, lib/ into dist/.
import { checkNode, ensureDependencies, ensureJs, ensureNative } from './setup.mjs'

checkNode()
ensureDependencies()
ensureNative()
ensureJs({ force: true })
