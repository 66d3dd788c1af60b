/** Programs whose bits must not depend on when memory is collected. Each gives the tensors to compare. */
import * as tenzo from '../../lib'
import { manualSeed, nn, noGrad, optim, randint, randn, type Tensor } from '../../lib'
import { type Form, callOf, flatten } from '../helpers/calls'
import {
  Arguments,
  camelCase,
  cotangent,
  freeFunction,
  type GoldenOp,
  isCodedTensor,
  loadGoldens,
} from '../helpers/goldens'

/** Takes in results, as they come: what is kept alive to the end could not be collected. */
export type Note = (result: unknown) => void
type Program = (note: Note) => void

// ---- training -------------------------------------------------------------------------------------------------------

/** Three steps of a network on noise: outputs, loss, gradients and what the optimizer made of them. */
function train(
  net: nn.Module,
  x: () => Tensor,
  loss: (y: never) => Tensor,
  optimizer: (p: nn.Parameter[]) => optim.Optimizer,
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
const sgd = (p: nn.Parameter[]): optim.Optimizer => new optim.SGD(p, { lr: 0.05, momentum: 0.9, nesterov: true })
const adam = (p: nn.Parameter[]): optim.Optimizer => new optim.Adam(p, { lr: 0.01, amsgrad: true, weightDecay: 0.01 })
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
    const net = new Layer(64, 64)
    const x = randn([5, 64, 64])
    noGrad(() => {
      for (let i = 0; i < 40; i++) note((net(x) as [Tensor, unknown])[0])
    })
  }
}

// ---- the recorded samples of all operations -------------------------------------------------------------------------

const FAMILIES = [
  'create',
  'unary',
  'binary',
  'reduce',
  'scan',
  'matmul',
  'shape',
  'index',
  'conv',
  'norm',
  'loss',
  'extra',
]

/** One recorded call, forward and backward. What it throws counts as its result. */
function sample(op: GoldenOp, call: GoldenOp['cases'][number], form: Form, note: Note): void {
  try {
    manualSeed(7)
    const given = new Arguments(call)
    const results = flatten(callOf(op, form, call, given), call.fields)
    for (const r of results) note(r)
    const wanted = results.filter((r): r is Tensor => tenzo.isTensor(r) && r.requiresGrad)
    if (wanted.length === 0) return
    tenzo.autograd.backward(wanted, wanted.map(cotangent))
    for (const t of given.leaves) note(t.grad)
  } catch (error) {
    note(String((error as Error).message))
  }
}
function* samples(every: number): Generator<[string, Program]> {
  for (const family of FAMILIES)
    for (const op of loadGoldens<GoldenOp[]>(`ops/${family}.json.gz`)) {
      if (op.name.startsWith('__') || /^(empty|newEmpty|resize_)/.test(camelCase(op.name))) continue
      yield [
        `${family}: ${op.name}`,
        (note) => {
          op.cases.forEach((c, i) => {
            if (i % every !== 0) return
            const receiver = c.self === undefined ? undefined : c.args[c.self]
            const free = op.free && freeFunction(op.name) !== undefined && !op.name.endsWith('_')
            sample(op, c, !free && isCodedTensor(receiver) ? 'method' : 'function', note)
          })
        },
      ]
    }
}

/** Every program by name. @param every takes each so-manieth sample of an operation */
export function* programs(every: number): Generator<[string, Program]> {
  yield ['mlp', mlp]
  yield ['lenet', leNet]
  yield ['transformer', transformer]
  yield ['inference of recurrent layers', inference]
  yield* recurrent()
  yield* samples(every)
}
