/** Sixteen Workers at a time that load, train and end, round after round: all have the same loss, and no memory stays. */
import { join } from 'node:path'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { tenzo, train } from './train.mjs'

const WORKERS = 16

if (!isMainThread) parentPort.postMessage(train(20, tenzo.load(workerData)).loss)

export async function run({ folder, rounds }) {
  const path = join(folder, 'start.safetensors')
  tenzo.save(train(5).state, path)
  const want = train(20, tenzo.load(path)).loss
  const one = () =>
    new Promise((resolve, reject) => {
      let loss = null
      const worker = new Worker(new URL(import.meta.url), { workerData: path })
      worker.on('message', (message) => {
        loss = message
      })
      worker.on('error', reject)
      worker.on('exit', (code) =>
        code === 0 && loss === want
          ? resolve()
          : reject(new Error(`a Worker ended with ${code} and the loss ${loss}, not ${want}`)),
      )
    })
  const resident = []
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: WORKERS }, one))
    resident.push(process.memoryUsage.rss() / 2 ** 20)
  }
  const [early, late] = [Math.floor(rounds / 4), rounds - 1].map((i) => resident[i])
  if (late > 1.3 * early + 50) throw new Error(`memory grows: ${resident.map((mb) => mb.toFixed(0)).join(' ')} MB`)
  return `${rounds} rounds of ${WORKERS} Workers, ${early.toFixed(0)} MB after a quarter of them, ${late.toFixed(0)} MB at the end`
}
