/** Typical mistakes of several steps, in PyTorch's words (test/oracle/mistakes.py); those of one operation are among ops/. */
import {
  add,
  autograd,
  floorDivide,
  nn,
  noGrad,
  optim,
  pow,
  remainder,
  type Tensor,
  TenzoError,
  tensor,
  utils,
  where,
} from 'tenzo'
import { loadGoldens } from './helpers/goldens'
import { inOwnWords } from './helpers/module-programs'

const f = (...shape: number[]): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1)
  return tensor(Float32Array.from({ length: count }, (_, i) => i + 1)).reshape(shape)
}
const leaf = (...shape: number[]): Tensor =>
  f(...shape)
    .clone()
    .requiresGrad_()
const i = (...values: number[]): Tensor => tensor(values.map(BigInt))
const parameters = (): nn.Parameter[] => [new nn.Parameter(tensor([1, 1]))]
const any = (v: unknown): never => v as never
const { DataLoader, TensorDataset, SequentialSampler, Subset, randomSplit } = utils.data

function twice(y: Tensor): void {
  y.backward()
  y.backward()
}
function changed(make: (x: Tensor) => readonly [Tensor, Tensor], change: (t: Tensor) => void): void {
  const [y, t] = make(leaf(3).mul(1))
  const z = y.sum()
  noGrad(() => change(t))
  z.backward()
}
function again(op: (x: Tensor) => Tensor): Tensor | null {
  const x = leaf(3)
  twice(op(x).sum())
  return x.grad
}
function replaced(value: Tensor, ...more: ((x: Tensor) => void)[]): Tensor | null {
  const x = leaf(3)
  x.mul(2).sum().backward()
  x.data = value
  for (const step of more) step(x)
  return x.grad
}
const both = (t: Tensor): [Tensor, Tensor] => [t, t]

const STEPS: Record<string, () => unknown> = {
  'backward of a vector': () => leaf(2).mul(2).backward(),
  'backward of a constant': () => f(2).sum().backward(),
  'backward twice': () => twice(leaf(2).exp().sum()),
  'backward with a gradient of another shape': () => leaf(2).mul(2).backward(f(3)),
  'backward of an integer': () => i(1).sum().backward(),
  'grad of an unused tensor': () => autograd.grad(leaf(2).sum(), [leaf(2)]),
  'grad of a constant': () => autograd.grad(leaf(2).sum(), [f(2)]),
  'requires_grad of integers': () => i(1, 2).requiresGrad_(),
  'requires_grad off on a result': () => leaf(2).mul(2).requiresGrad_(false),
  'a leaf in place': () => leaf(2).add_(1),
  'a view of a leaf in place': () => leaf(2).narrow(0, 0, 1).add_(1),
  'a leaf filled': () => leaf(2).fill_(1),
  'a leaf copied into': () => leaf(2).copy_(f(2)),
  'an entry of a leaf set': () => leaf(2).set([0], 1),
  'an expanded tensor in place': () => f(1).expand([3]).add_(1),
  'an overlap in place': () => {
    const t = f(4)
    t.narrow(0, 1, 3).add_(t.narrow(0, 0, 3))
  },
  'one of several views in place': () => leaf(4).mul(1).unbind()[0]?.add_(1),
  'a chunk in place': () => leaf(4).mul(1).chunk(2)[0]?.mul_(2),
  'a result of exp changed': () =>
    changed(
      (x) => both(x.exp()),
      (t) => t.add_(1),
    ),
  'a factor changed': () =>
    changed(
      (x) => [x.mul(x), x],
      (t) => t.add_(1),
    ),
  'a result of sigmoid changed twice': () =>
    changed(
      (x) => both(x.sigmoid()),
      (t) => t.add_(1).add_(1),
    ),
  'item of several': () => f(3).item(),
  'item of none': () => f(0).item(),
  'a condition on several': () => Number(f(3)),
  'a floor division backward': () => leaf(3).floorDivide(2).sum().backward(),
  'a floor division in place backward': () => leaf(3).mul(1).floorDivide_(2).sum().backward(),
  'the remainder of a number backward': () => remainder(7, leaf(3)).sum().backward(),
  'fmod of a leaf backward twice': () => twice(f(3).fmod(leaf(3)).sum()),
  'data of another shape, and a backward': () => replaced(f(4), (x) => x.mul(2).sum().backward()),
  'a module by a name': () => new nn.Sequential(new nn.ReLU()).at(any('a')),
  'modules from a name on': () => new nn.Sequential(new nn.ReLU()).slice(any('a')),
  'modules from a fraction on': () => new nn.ModuleList([new nn.ReLU()]).slice(0.5),
  'data of another type': () => {
    leaf(2).data = i(1, 2)
  },
  'a gradient of another shape': () => {
    leaf(2).grad = f(3)
  },
  'a gradient of another dtype': () => {
    leaf(2).grad = f(2).double()
  },
  'retain_grad of a constant': () => f(2).retainGrad(),
  'a hook on a constant': () => f(2).registerHook((g) => g),
  'a parameter of integers': () => new nn.Parameter(i(1, 2)),
  'SGD of nothing': () => new optim.SGD([], { lr: 0.1 }),
  'SGD of a result': () => new optim.SGD([leaf(2).mul(2)], { lr: 0.1 }),
  'SGD of a constant twice': () => {
    const [q] = parameters()
    return new optim.SGD([{ params: [any(q)] }, { params: [any(q)] }], { lr: 0.1 })
  },
  'SGD with a negative rate': () => new optim.SGD(parameters(), { lr: -1 }),
  'SGD with a negative momentum': () => new optim.SGD(parameters(), { lr: 0.1, momentum: -0.5 }),
  'SGD with a negative decay': () => new optim.SGD(parameters(), { lr: 0.1, weightDecay: -0.5 }),
  'SGD with nesterov alone': () => new optim.SGD(parameters(), { lr: 0.1, nesterov: true }),
  'SGD with nesterov and dampening': () =>
    new optim.SGD(parameters(), { lr: 0.1, nesterov: true, momentum: 0.5, dampening: 0.5 }),
  'Adam with a negative rate': () => new optim.Adam(parameters(), { lr: -0.5 }),
  'Adam with a first beta of 1': () => new optim.Adam(parameters(), { betas: [1, 0.9] }),
  'Adam with a second beta of 2': () => new optim.Adam(parameters(), { betas: [0.9, 2] }),
  'Adam with a negative eps': () => new optim.Adam(parameters(), { eps: -0.5 }),
  'Adam with a negative decay': () => new optim.Adam(parameters(), { weightDecay: -0.5 }),
  'AdamW with a first beta below 0': () => new optim.AdamW(parameters(), { betas: [-0.5, 0.9] }),
  'a state of fewer groups': () => {
    const two = new optim.SGD([{ params: parameters() }, { params: parameters() }], { lr: 0.1 })
    new optim.SGD(parameters(), { lr: 0.1 }).loadStateDict(two.stateDict())
  },
  'a state of more parameters': () => {
    const two = new optim.SGD([...parameters(), ...parameters()], { lr: 0.1 })
    new optim.SGD(parameters(), { lr: 0.1 }).loadStateDict(two.stateDict())
  },
  'tensors of a data set that do not fit': () => new TensorDataset(f(2), f(3)),
  'a loader of batches of 0': () => new DataLoader(new TensorDataset(f(2)), { batchSize: 0 }),
  'a loader of batches below 0': () => new DataLoader(new TensorDataset(f(2)), { batchSize: -1 }),
  'a loader that shuffles a sampler': () =>
    new DataLoader(new TensorDataset(f(2)), { shuffle: true, sampler: new SequentialSampler(any([1, 2])) }),
  'a subset past the end': () => new Subset(new TensorDataset(f(2)), [5]).get(0),
  'a split of other lengths': () => randomSplit(new TensorDataset(f(4)), [1, 2]),
  'samples that do not stack': () => [...new DataLoader(any([f(2), f(3)]), { batchSize: 2 })],
  'a linear layer of other features': () => new nn.Linear(4, 2)(f(2, 3)),
  'a convolution of other channels': () => new nn.Conv2d(3, 2, 3)(f(1, 4, 5, 5)),
  'a convolution of groups that do not divide': () => new nn.Conv2d(3, 4, 3, { groups: 2 }),
  'a convolution of outputs that do not divide': () => new nn.Conv2d(4, 3, 3, { groups: 2 }),
  'a batch norm of other features': () => new nn.BatchNorm1d(4)(f(2, 3)),
  'a batch norm of one value': () => new nn.BatchNorm1d(3)(f(1, 3)),
  'a batch norm of other dims': () => new nn.BatchNorm2d(3)(f(2, 3)),
  'a layer norm of another shape': () => new nn.LayerNorm(4)(f(2, 3)),
  'a group norm that does not divide': () => new nn.GroupNorm(2, 3),
  'an embedding past its end': () => new nn.Embedding(3, 2)(i(3)),
  'a padding index past the end': () => new nn.Embedding(3, 2, { paddingIdx: 3 }),
  'a dropout of 2': () => new nn.Dropout(2),
  'a loss of other sizes': () => new nn.CrossEntropyLoss()(f(2, 3), i(0)),
  'a loss of a class too many': () => new nn.CrossEntropyLoss()(f(2, 3), i(0, 3)),
  'a loss of probabilities above 1': () => new nn.BCELoss()(f(2), f(2)),
  'an lstm of other features': () => new nn.LSTM(4, 2)(f(2, 3)),
}

const recorded = loadGoldens<Record<string, string>>('mistakes.json')

test('every recorded mistake is made here', () => {
  expect(Object.keys(STEPS).sort()).toEqual(Object.keys(recorded).sort())
})
const layout = (x: Tensor): string => `[${x.stride().join(', ')}]`
const OUTCOMES: Record<string, () => unknown> = {
  'the layout of a number and a transposed tensor': () => layout(add(tensor(2), f(4, 2).t())),
  'the layout of a row and a transposed tensor': () => layout(f(4).mul(f(4, 2).t())),
  'the layout of a column and a transposed tensor': () => layout(f(2, 1).sub(f(4, 2).t())),
  'the layout of a plane and permuted dims': () => layout(f(2, 2, 1).add(f(4, 2, 2).permute([1, 2, 0]))),
  'the layout of a choice': () => layout(where(tensor(true), f(4, 2).t(), f(4, 2).t())),
  'the layout of a power of a number': () => layout(pow(2, f(4, 2).t())),
  'fmod of a number backward twice': () => again((x) => x.fmod(2)),
  'remainder of a number backward twice': () => again((x) => x.remainder(2)),
  'fmod of a constant backward twice': () => again((x) => x.fmod(f(3))),
  'fmod in place backward twice': () => again((x) => x.add(1).fmod_(2)),
  'floor division': () => leaf(3).floorDivide(2),
  'floor division of a number': () => floorDivide(7, leaf(3)),
  'the name of a missing derivative': () => remainder(7, leaf(3)).gradFn?.name(),
  'data of another dtype': () => replaced(f(3).to('float64')),
  'data of another shape': () => replaced(f(4)),
  'data of another dtype, and back': () =>
    replaced(f(3).to('float64'), (x) => {
      x.data = f(3)
    }),
  'data of another dtype, and a second backward': () => replaced(f(3).to('float64'), (x) => x.mul(2).sum().backward()),
}
const printed = loadGoldens<Record<string, string>>('outcomes.json')
test('every recorded outcome is made here', () => {
  expect(Object.keys(OUTCOMES).sort()).toEqual(Object.keys(printed).sort())
})
test.each(Object.keys(printed))('%s', (name) => {
  expect(String(OUTCOMES[name]?.())).toBe(printed[name])
})

test('a loss of sizes that only broadcast warns', () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const F = nn.functional
  const losses = [F.mseLoss, F.l1Loss, F.smoothL1Loss, F.huberLoss]
  losses.forEach((loss, n) => {
    expect(loss(f(n + 2, 1), f(n + 2)).shape).toEqual([])
    expect(loss(f(2, 1), f(2, 1)).shape).toEqual([])
  })
  const texts = warned.mock.calls.map(([text]) => String(text))
  warned.mockRestore()
  expect(texts).toEqual(
    losses.map(
      (_, n) =>
        `Using a target size ([${n + 2}]) that is different to the input size ([${n + 2}, 1]). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.`,
    ),
  )
})
/** Ours names options in camelCase and calls its own functions. */
const plain = (s: string): string =>
  inOwnWords(s)
    .replace(/=True\b/g, '=true')
    .replace(/retainGraph: true|retainGraph=true/g, 'retainGraph')
test.each(Object.keys(recorded))('%s', (name) => {
  let thrown: unknown
  try {
    STEPS[name]?.()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(TenzoError)
  // Which form of the hint's call is PyTorch's is its own.
  const text = (s: string): string => plain(s.replace(/ Hint: .*/, ''))
  expect(text((thrown as Error).message)).toBe(text(recorded[name] as string))
})
