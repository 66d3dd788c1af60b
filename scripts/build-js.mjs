// npm run build:js: lib/ into dist/.
import { checkNode, ensureDependencies, ensureJs } from './setup.mjs'

checkNode()
ensureDependencies()
ensureJs({ force: true })
