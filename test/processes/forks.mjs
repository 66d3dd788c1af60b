/** Processes made by `child_process.fork` and by `cluster`: each computes the same, and values travel as typed arrays. */
import { fork } from 'node:child_process'
import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { tenzo, train } from './train.mjs'

const PROCESSES = 6

if (process.argv[2] === 'child') {
  const { loss, state } = train(30)
  const weight = state.get('0.weight')
  process.send({ loss, values: weight.toTypedArray(), shape: weight.shape })
  process.disconnect()
}

export async function run() {
  const { loss, state } = train(30)
  const path = fileURLToPath(import.meta.url)
  cluster.setupPrimary({ exec: path, args: ['child'], serialization: 'advanced' })
  const ways = {
    fork: () => fork(path, ['child'], { serialization: 'advanced' }),
    cluster: () => cluster.fork().process,
  }
  for (const [way, start] of Object.entries(ways))
    await Promise.all(
      Array.from({ length: PROCESSES }, () => {
        const child = start()
        return new Promise((resolve, reject) => {
          let got = null
          child.on('message', (message) => {
            if (message.values) got = message
          })
          child.on('error', reject)
          child.on('exit', (code) => {
            const same = got?.loss === loss && tenzo.tensor(got.values).reshape(got.shape).equal(state.get('0.weight'))
            if (code === 0 && same) resolve()
            else reject(new Error(`${way}: ended with ${code} and the loss ${got?.loss}, not ${loss}`))
          })
        })
      }),
    )
  return `${PROCESSES} processes by fork and ${PROCESSES} by cluster, the loss ${loss} in all`
}
