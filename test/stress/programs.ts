/** Programs whose bits must not depend on when memory is collected. Each gives the tensors to compare. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tenzo from '../../lib'
import { manualSeed, nn, noGrad, optim, randint, randn, type Tensor, utils } from '../../lib'
import { type Form, callOf, flatten } from '../helpers/calls'
import { Arguments, camelCase, cotangent, type GoldenOp, isCodedTensor, loadGoldens, ROOT } from '../helpers/goldens'

/** Takes in results, as they come: what is kept alive to the end could not be collected. */
export type Note = (result: unknown) => void
type Program = (note: Note) => void | Promise<void>

// ---- training -------------------------------------------------------------------------------------------------------

/** Three steps of a network on noise: outputs, loss, gradients and what the optimizer made of them. */
function train(
  net: nn.Module,
  x: () => Tensor,
  loss: (y: never) => Tensor,
  optimizer: (p: nn.Parameter[]) => { zeroGrad(): void; step(): unknown },
): Program {
  return (note) => {
    const parameters = [...net.parameters()] as nn.Parameter[]
    const step = optimizer(parameters)
    for (let i = 0; i < 3; i++) {
      step.zeroGrad()
      const y = (net as unknown as (x: Tensor) => never)(x())
      const l = loss(y)
      l.backward()
      note(l)
      for (const p of parameters) note(p.grad)
      step.step()
      for (const p of parameters) note(p)
    }
    noGrad(() => {
      net.eval()
      for (let i = 0; i < 3; i++) note((net as unknown as (x: Tensor) => unknown)(x()))
    })
  }
}
const sgd = (p: nn.Parameter[]): optim.SGD => new optim.SGD(p, { lr: 0.05, momentum: 0.9, nesterov: true })
const adam = (p: nn.Parameter[]): optim.Adam => new optim.Adam(p, { lr: 0.01, amsgrad: true, weightDecay: 0.01 })
const classes = (n: number, c: number): Tensor => randint(0, c, [n])

function mlp(note: Note): void {
  const net = new nn.Sequential(new nn.Linear(20, 32), new nn.ReLU(), new nn.Dropout(0.2), new nn.Linear(32, 5))
  const target = classes(16, 5)
  train(
    net,
    () => randn([16, 20]),
    (y) => nn.functional.crossEntropy(y, target),
    sgd,
  )(note)
}
function leNet(note: Note): void {
  const net = new nn.Sequential(
    new nn.Conv2d(1, 4, 5, { padding: 2 }),
    new nn.BatchNorm2d(4),
    new nn.Tanh(),
    new nn.AvgPool2d(2),
    new nn.Conv2d(4, 6, 3),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(6 * 9, 10),
  )
  const target = classes(8, 10)
  train(
    net,
    () => randn([8, 1, 16, 16]),
    (y) => nn.functional.crossEntropy(y, target),
    adam,
  )(note)
}
function transformer(note: Note): void {
  const net = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(16, 2, { dimFeedforward: 32, dropout: 0.1, batchFirst: true }),
    2,
  )
  train(
    net,
    () => randn([4, 6, 16]),
    (y) => (y as Tensor).square().mean(),
    adam,
  )(note)
}

/** A recurrent layer in all the forms that it has: its output is the first of what it returns. */
function* recurrent(): Generator<[string, Program]> {
  const first = (y: never): Tensor => ((y as [Tensor])[0] as Tensor).square().mean()
  for (const [kind, Layer] of [
    ['rnn', nn.RNN],
    ['lstm', nn.LSTM],
    ['gru', nn.GRU],
  ] as const)
    for (const numLayers of [1, 2])
      for (const bidirectional of [false, true])
        for (const projSize of kind === 'lstm' ? [0, 3] : [0])
          for (const bias of [true, false])
            yield [
              `${kind}, ${numLayers} layers${bidirectional ? ', both ways' : ''}${projSize ? ', projected' : ''}${bias ? '' : ', no bias'}`,
              (note) => {
                const options = { numLayers, bidirectional, bias, ...(projSize ? { projSize } : {}) }
                const net = new Layer(10, 8, options as never)
                train(net as nn.Module, () => randn([5, 4, 10]), first, sgd)(note)
              },
            ]
}
/** The case that was seen to go wrong: a copy of the weights that only its address knew. */
function inference(note: Note): void {
  for (const Layer of [nn.RNN, nn.LSTM, nn.GRU]) {
    const net = new Layer(128, 128)
    const x = randn([5, 128, 128])
    noGrad(() => {
      for (let i = 0; i < 20; i++) note(((net as nn.RNN)(x) as [Tensor, unknown])[0])
    })
  }
}

// ---- values in and out ----------------------------------------------------------------------------------------------

function values(note: Note): void {
  for (let i = 0; i < 3; i++) {
    const x = randn([7, 5])
    note([x.t().toTypedArray(), x.sum().item(), JSON.stringify(x.toArray()), String(x), x.gt(0).tolist()])
    note([
      tenzo.tensor([[1, 2, i]]),
      tenzo.tensor(new Float64Array(9).fill(i)),
      tenzo.tensor(3),
      x.at([0, i], tenzo.slice(1, 4)),
    ])
    note([
      tenzo.trilIndices(4, 4),
      tenzo.combinations(tenzo.arange(5), 3),
      x.repeatInterleave(tenzo.tensor([1n, 0n, 2n, 1n, 3n]), { dim: 1 }),
    ])
    tenzo.setRngState(tenzo.getRngState())
  }
}
function draws(note: Note): void {
  const g = new tenzo.Generator().manualSeed(3)
  for (let i = 0; i < 3; i++) {
    const p = tenzo.rand([6, 8])
    note([randn([40]), tenzo.randperm(20), randint(0, 9, [30], { generator: g }), p.bernoulli(), p.multinomial(4)])
    note([
      tenzo.normal(p, 2),
      tenzo.poisson(p.mul(9)),
      tenzo.empty([33]).exponential_(),
      nn.functional.dropout(p.t(), 0.3),
    ])
  }
}
/** All formats, at once and in promises, and a pass of a loader over what came back. */
async function files(note: Note): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tenzo-stress-'))
  const names = ['.npz', '.safetensors', '.pt'].map((end) => join(folder, `x${end}`))
  const state = (): Map<string, Tensor> =>
    new Map([
      ['plain', randn([30, 50])],
      ['turned', randn([9, 4]).t()],
      ['bools', randn([11]).gt(0)],
    ])
  try {
    for (const path of names) {
      tenzo.save(state(), path)
      note([...tenzo.load(path)].flat())
      await tenzo.saveAsync(state(), path)
      note([...(await tenzo.loadAsync(path))].flat())
    }
    tenzo.save(randn([5, 6]).t(), join(folder, 'x.npy'))
    note(tenzo.load(join(folder, 'x.npy')))
  } finally {
    rmSync(folder, { recursive: true })
  }
  const set = new utils.data.TensorDataset(randn([20, 3]), randint(0, 5, [20]))
  for (const batch of new utils.data.DataLoader(set, { batchSize: 6, shuffle: true })) note(batch)
  for await (const batch of new utils.data.DataLoader(set, { batchSize: 6, shuffle: true })) note(batch)
}

// ---- the recorded samples of all operations -------------------------------------------------------------------------

/** One recorded call, forward and backward. What it throws counts as its result. */
function sample(op: GoldenOp, call: GoldenOp['cases'][number], form: Form, note: Note): void {
  try {
    manualSeed(7)
    const given = new Arguments(call)
    const results = flatten(callOf(op, form, call, given), call.fields)
    for (const r of results) note(r)
    const wanted = results.filter((r): r is Tensor => tenzo.isTensor(r) && r.requiresGrad)
    if (wanted.length === 0) return
    tenzo.autograd.backward(wanted, { gradient: wanted.map(cotangent) })
    for (const t of given.leaves) note(t.grad)
  } catch (error) {
    note(String((error as Error).message))
  }
}
function* samples(every: number): Generator<[string, Program]> {
  for (const file of readdirSync(join(ROOT, 'ops')).sort())
    for (const op of loadGoldens<GoldenOp[]>(`ops/${file}`)) {
      if (op.name.startsWith('__') || /^(empty|newEmpty|resize_)/.test(camelCase(op.name))) continue
      yield [
        `${file.split('.')[0]}: ${op.name}`,
        (note) => {
          op.cases.forEach((c, i) => {
            if (i % every !== 0) return
            const receiver = c.self === undefined ? undefined : c.args[c.self]
            sample(op, c, op.method && isCodedTensor(receiver) ? 'method' : 'function', note)
          })
        },
      ]
    }
}

/** The name of the program that must differ: it reads memory that nobody holds. */
export const DROPPED = 'dropped memory'
function dropped(note: Note): void {
  const drop = (): Uint8Array => randn([4000]).storage.withBytes((b) => b)
  drop() // The first call, which is compiled, may leave what it made to a full collection.
  const bytes = drop()
  // Of another size, so that the block stays free.
  for (let i = 0; i < 2; i++) randn([100_000])
  note(bytes)
}

/** The name of the program that must differ in optimised code: it reads memory whose handle it does not use any more. */
export const FORGOTTEN = 'forgotten memory'
function forgotten(note: Note): void {
  const read = (): Uint8Array => {
    const x = randn([4000])
    const bytes = x.storage.withBytes((b) => b)
    randn([100_000])
    return bytes.slice()
  }
  for (let i = 0; i < 200; i++) note(read())
}

/** Every program by name. @param every takes each so-manieth sample of an operation */
export function* programs(every: number): Generator<[string, Program]> {
  yield [DROPPED, dropped]
  yield [FORGOTTEN, forgotten]
  yield ['mlp', mlp]
  yield ['lenet', leNet]
  yield ['transformer', transformer]
  yield ['inference of recurrent layers', inference]
  yield ['values', values]
  yield ['draws', draws]
  yield ['files', files]
  yield* recurrent()
  yield* samples(every)
}
