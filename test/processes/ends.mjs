/** Signals and `process.exit` in the middle of kernels, on one thread and on several: the process ends as it should, and at once. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { tenzo } from './train.mjs'

const ENDS = ['SIGINT', 'SIGTERM', 'SIGKILL', 'exit', 'throw', 'worker']
const AGAIN = 6

if (process.argv[2] === 'compute') {
  const { rand, setNumThreads } = tenzo
  setNumThreads(Number(process.argv[4]))
  const end = process.argv[3]
  const x = rand(700, 700)
  process.send('ready')
  const until = Date.now() + 150
  // (Signals are taken between two turns of the event loop where there is a listener, and at once where there is none.)
  for (;;) {
    x.matmul(x).exp().sum().item()
    if (Date.now() < until) continue
    if (end === 'exit') process.exit(7)
    if (end === 'throw') throw new Error('thrown in the midst')
    if (end === 'worker') {
      const { Worker } = await import('node:worker_threads')
      const worker = new Worker(
        `const { rand } = require(${JSON.stringify(fileURLToPath(new URL('../../dist/index.js', import.meta.url)))})
         const x = rand(700, 700)
         require('node:worker_threads').parentPort.postMessage('ready')
         for (;;) x.matmul(x).exp().sum()`,
        { eval: true },
      )
      await new Promise((resolve) => worker.once('message', resolve))
      await worker.terminate()
      process.exit(7)
    }
  }
}

export async function run() {
  let longest = 0
  let count = 0
  for (const end of ENDS)
    for (const threads of [1, 4])
      for (let i = 0; i < AGAIN; i++) {
        const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'compute', end, String(threads)], {
          stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
        })
        const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve([code, signal])))
        await new Promise((resolve) => child.once('message', resolve))
        if (end.startsWith('SIG')) {
          await sleep(20 + 13 * i)
          child.kill(end)
        } else await sleep(150)
        const start = performance.now()
        const late = sleep(20_000, ['late', null], { ref: false })
        const [code, signal] = await Promise.race([ended, late])
        longest = Math.max(longest, performance.now() - start)
        const want = end.startsWith('SIG') ? [null, end] : end === 'throw' ? [1, null] : [7, null]
        if (code !== want[0] || signal !== want[1]) {
          child.kill('SIGKILL')
          throw new Error(`${end} on ${threads} threads: ended with ${code} ${signal}, not ${want}`)
        }
        count++
      }
  return `${count} ends (${ENDS.join(', ')}), the slowest ${longest.toFixed(0)} ms after it was asked for`
}
