/**
 * Trains a network with custom layers on the 60,000 handwritten digits of MNIST.
 *
 *   npm start [-- --model lenet …]; npm start -- --help tells the rest
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Presets, SingleBar } from 'cli-progress'
import { load, manualSeed, nn, noGrad, optim, save, type Tensor, utils } from 'tenzo'
import { curves } from './mnist/curves'
import { type Digits, digits } from './mnist/digits'
import { LeNet, MLP } from './mnist/networks'

const OPTIONS = {
  model: { type: 'string', default: 'mlp' },
  epochs: { type: 'string' },
  'batch-size': { type: 'string', default: '128' },
  lr: { type: 'string', default: '0.001' },
  seed: { type: 'string', default: '0' },
  out: { type: 'string', default: 'runs' },
  help: { type: 'boolean', default: false },
} as const
const HELP = `npm start -- [options]
  --model mlp|lenet   the network (default mlp)
  --epochs N          how often all digits are seen (default 8 for mlp, 6 for lenet)
  --batch-size N      digits a step (default 128)
  --lr X              learning rate of AdamW (default 0.001)
  --seed N            start of the random streams (default 0)
  --out FOLDER        where the checkpoint and the curves go (default runs)`

function fail(message: string): never {
  console.error(`${message}\n\n${HELP}`)
  process.exit(1)
}
function commandLine() {
  try {
    return parseArgs({ options: OPTIONS }).values
  } catch (error) {
    return fail((error as Error).message)
  }
}
function positive(name: 'epochs' | 'batch-size' | 'lr', value: string): number {
  const n = Number(value)
  if (!(n > 0) || (name !== 'lr' && !Number.isInteger(n))) fail(`--${name} must be a positive number, not ${value}`)
  return n
}

const args = commandLine()
if (args.help) {
  console.log(HELP)
  process.exit(0)
}
const models = { mlp: { make: () => new MLP(), epochs: 8 }, lenet: { make: () => new LeNet(), epochs: 6 } }
const model = models[args.model as keyof typeof models] ?? fail(`--model must be mlp or lenet, not ${args.model}`)
const epochs = positive('epochs', args.epochs ?? String(model.epochs))
const batchSize = positive('batch-size', args['batch-size'])

/** The share of digits that the network names rightly. */
function accuracy(net: MLP | LeNet, data: Digits): number {
  net.eval()
  let right = 0
  noGrad(() => {
    for (const [images, labels] of new utils.data.DataLoader(data, { batchSize: 1000 }))
      right += net(images).argmax(1).eq(labels).sum().item()
  })
  net.train()
  return right / data.length
}

function parameterTable(net: nn.Module): string {
  const rows = [...net.namedParameters()].map(([name, p]) => [
    name,
    `[${p.shape.join(', ')}]`,
    p.numel().toLocaleString('en'),
  ])
  const total = [...net.parameters()].reduce((n, p) => n + p.numel(), 0)
  rows.push(['total', '', total.toLocaleString('en')])
  const widths = [0, 1, 2].map((c) => Math.max(...rows.map((r) => (r[c] as string).length)))
  return rows
    .map(
      (r) =>
        `  ${(r[0] as string).padEnd(widths[0] as number)}  ${(r[1] as string).padEnd(widths[1] as number)}  ${(r[2] as string).padStart(widths[2] as number)}`,
    )
    .join('\n')
}

manualSeed(Number(args.seed))
const train = digits('train')
const test = digits('t10k')
const net = model.make()
const loss = new nn.CrossEntropyLoss()
const optimizer = new optim.AdamW(net.parameters(), { lr: positive('lr', args.lr) })

console.log(String(net))
console.log(`\nParameters\n${parameterTable(net)}\n`)

const steps = Math.ceil(train.length / batchSize)
const history: { epoch: number; loss: number; accuracy: number }[] = []
let seconds = 0
for (let epoch = 1; epoch <= epochs; epoch++) {
  const bar = new SingleBar(
    {
      format: `epoch ${epoch}/${epochs} {bar} {value}/{total} loss {loss}`,
      hideCursor: true,
      noTTYOutput: !process.stderr.isTTY,
      notTTYSchedule: 5000,
    },
    Presets.shades_classic,
  )
  bar.start(steps, 0, { loss: '-' })
  const started = performance.now()
  let total = 0
  let step = 0
  for (const [images, labels] of new utils.data.DataLoader(train, { batchSize, shuffle: true })) {
    optimizer.zeroGrad()
    const l = loss(net(images), labels)
    l.backward()
    optimizer.step()
    const value = l.item()
    total += value * (images.shape[0] as number)
    step++
    if (step % 20 === 0 || step === steps) bar.update(step, { loss: value.toFixed(4) })
  }
  seconds += (performance.now() - started) / 1000
  bar.stop()
  const entry = { epoch, loss: total / train.length, accuracy: accuracy(net, test) }
  history.push(entry)
  console.log(
    `epoch ${epoch}/${epochs}  train loss ${entry.loss.toFixed(4)}  test accuracy ${entry.accuracy.toFixed(4)}`,
  )
}
console.log(`\ntrained for ${seconds.toFixed(1)} s`)

mkdirSync(args.out, { recursive: true })
const checkpoint = join(args.out, `mnist-${args.model}.safetensors`)
save(net.stateDict(), checkpoint)
const restored = model.make()
console.log(`loaded ${checkpoint}: ${restored.loadStateDict(load(checkpoint) as Map<string, Tensor>)}`)
const [before, after] = [accuracy(net, test), accuracy(restored, test)]
console.log(`accuracy of the trained network ${before}, of the loaded one ${after}`)
if (before !== after) throw new Error('the loaded network differs from the trained one')

const svg = join(args.out, `mnist-${args.model}.svg`)
curves(history).then((text) => {
  writeFileSync(svg, text)
  console.log(`curves in ${svg}`)
  console.log(`test accuracy ${after.toFixed(4)}`)
})
