// npm start [-- --model lenet …]: sets up whatever is missing or out of date, then trains on real data.
import { bin, ensureAll, node } from './setup.mjs'

ensureAll()
process.exitCode = node([bin('tsx'), 'examples/mnist.ts', ...process.argv.slice(2)], { must: false })
