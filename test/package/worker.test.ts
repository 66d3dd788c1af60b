import { ensureDist, runScript } from '../helpers/dist'

beforeAll(ensureDist, 120_000)

// Trains a small layer in each environment and answers with the final loss, which must not depend on where it ran.
const TRAIN = `
  const { manualSeed, nn, optim, randn } = require('tenzo')
  function train(steps) {
    manualSeed(0)
    const net = new nn.Sequential(new nn.Linear(16, 32), new nn.Tanh(), new nn.Linear(32, 1))
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.05 })
    const x = randn([64, 16])
    const y = x.sum(1, { keepdim: true })
    let loss
    for (let i = 0; i < steps; i++) {
      optimizer.zeroGrad()
      loss = nn.functional.mseLoss(net(x), y)
      loss.backward()
      optimizer.step()
    }
    return loss.item()
  }
`
const workers = (count: number, then = '') => `
  const { Worker, isMainThread, parentPort } = require('node:worker_threads')
  const source = ${JSON.stringify(`${TRAIN}
    require('node:worker_threads').parentPort.postMessage(train(200))`)}
  const results = []
  let left = ${count}
  for (let i = 0; i < ${count}; i++) {
    const worker = new Worker(source, { eval: true })
    worker.on('message', loss => results.push(loss))
    worker.on('error', error => { throw error })
    worker.on('exit', code => {
      if (code !== 0) process.exit(code)
      if (--left === 0) { ${then}; console.log(JSON.stringify(results)) }
    })
  }
`
const main = () => Number(runScript(`${TRAIN} console.log(train(200))`))

test('a Worker that alone loads the addon trains and exits, and so does the process', () => {
  expect(JSON.parse(runScript(workers(1)))).toEqual([main()])
})

test('several Workers at once share the thread pool and get the same numbers', () => {
  const loss = main()
  expect(JSON.parse(runScript(workers(4)))).toEqual([loss, loss, loss, loss])
})

test('Workers beside the main thread, one after another', () => {
  const code = `
    ${TRAIN}
    const { Worker } = require('node:worker_threads')
    const source = ${JSON.stringify(`${TRAIN} require('node:worker_threads').parentPort.postMessage(train(100))`)}
    const once = () => new Promise((resolve, reject) => {
      let loss
      const worker = new Worker(source, { eval: true })
      worker.on('message', value => { loss = value })
      worker.on('error', reject)
      worker.on('exit', code => (code === 0 ? resolve(loss) : reject(new Error('exit ' + code))))
    })
    ;(async () => {
      const expected = train(100)
      for (let i = 0; i < 5; i++) if ((await once()) !== expected) throw new Error('other numbers in a Worker')
      if (train(100) !== expected) throw new Error('other numbers after the Workers')
      console.log('same')
    })()
  `
  expect(runScript(code)).toBe('same\n')
}, 60_000)

test('a Worker ended in the middle of its work takes nothing down', () => {
  const code = `
    ${TRAIN}
    const { Worker } = require('node:worker_threads')
    const source = ${JSON.stringify(`${TRAIN} require('node:worker_threads').parentPort.postMessage(0); for (;;) train(50)`)}
    const worker = new Worker(source, { eval: true })
    worker.on('message', () => setTimeout(async () => {
      await worker.terminate()
      console.log(Number.isFinite(train(100)))
    }, 50))
  `
  expect(runScript(code)).toBe('true\n')
}, 60_000)

test('process.exit in the middle of a run', () => {
  const code = `${TRAIN} train(10); randn([512, 512]).matmul(randn([512, 512])); process.exit(0)`
  expect(runScript(code)).toBe('')
})
