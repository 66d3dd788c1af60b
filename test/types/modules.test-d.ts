/** What the types of modules promise. */
import { deepCopy, nn, optim, rand, type Tensor, utils, zeros } from 'tenzo'
import { exactly, typed } from './assert'

const x = rand([4, 8])

// A call is typed by the module's own forward.
class Scale extends nn.Module {
  constructor(readonly factor: number) {
    super()
  }
  forward(input: Tensor, times: number, options?: { bias?: Tensor }): Tensor {
    return input.mul(this.factor * times).add(options?.bias ?? 0)
  }
}
const scale = new Scale(2)
exactly<Tensor>()(scale(x, 3))
exactly<Tensor>()(scale(x, 3, { bias: x }))
exactly<Tensor>()(scale.forward(x, 3))
// @ts-expect-error an argument is missing
scale(x)
// @ts-expect-error an argument of another type
scale(x, 'three')
// @ts-expect-error one argument too many
scale(x, 3, {}, 4)
// @ts-expect-error a wrong option name
scale(x, 3, { biass: x })
// @ts-expect-error no tensor
scale(5, 3)

class Counts extends nn.Module {
  forward(input: Tensor): { mean: number; parts: [Tensor, Tensor] } {
    return { mean: input.mean().item(), parts: [input, input] }
  }
}
exactly<{ mean: number; parts: [Tensor, Tensor] }>()(new Counts()(x))
exactly<number>()(new Counts()(x).mean)

// Built-in layers.
const linear = new nn.Linear(8, 4)
exactly<Tensor>()(linear(x))
exactly<nn.Parameter>()(linear.weight)
exactly<nn.Parameter | null>()(linear.bias)
// @ts-expect-error a layer takes a tensor
linear([1, 2])
// @ts-expect-error it takes one
linear()
// @ts-expect-error a wrong option name
new nn.Linear(8, 4, { biass: false })
// @ts-expect-error an option of another type
new nn.Linear(8, 4, { bias: 'no' })
// @ts-expect-error a required argument is missing
new nn.Linear(8)
// @ts-expect-error a wrong option name
new nn.Conv2d(1, 6, 5, { pading: 2 })
// @ts-expect-error a wrong option name
new nn.Dropout({ q: 0.5 })
// @ts-expect-error ReLU takes no dim
new nn.ReLU({ dim: 1 })
// @ts-expect-error Sigmoid takes nothing
new nn.Sigmoid({ inplace: true })
// @ts-expect-error an unknown reduction
new nn.MSELoss({ reduction: 'average' })
exactly<Tensor>()(new nn.CrossEntropyLoss()(x, zeros([4], { dtype: 'int64' })))
// @ts-expect-error a loss takes a target
new nn.CrossEntropyLoss()(x)

// A Sequential keeps its tuple.
const net = new nn.Sequential(new nn.Linear(8, 16), new nn.ReLU(), new nn.Linear(16, 1))
exactly<Tensor>()(net(x))
typed(net(x))
exactly<nn.Linear>()(net[0])
exactly<nn.ReLU>()(net[1])
exactly<nn.Parameter>()(net[2].weight)
exactly<nn.Parameter>()(net.at(2).weight)
// @ts-expect-error there is no fourth
net[3]
// @ts-expect-error a ReLU has no weight
net[1].weight
// @ts-expect-error a Sequential takes what its first module takes
net('text')
// @ts-expect-error and that is not nothing
net()
typed(net.at(-1))
typed(net.slice(0, 1))
typed(net.slice(0, 1)(x))

// Its links fit.
class Split extends nn.Module {
  forward(input: Tensor): [Tensor, Tensor] {
    return [input, input]
  }
}
class Join extends nn.Module {
  forward(pair: [Tensor, Tensor]): Tensor {
    return pair[0].add(pair[1])
  }
}
class Length extends nn.Module {
  forward(input: Tensor): number {
    return input.shape.length
  }
}
exactly<Tensor>()(new nn.Sequential(new Split(), new Join(), new nn.ReLU())(x))
exactly<[Tensor, Tensor]>()(new nn.Sequential(new nn.ReLU(), new Split())(x))
exactly<number>()(new nn.Sequential(new nn.ReLU(), new Length())(x))
// @ts-expect-error ReLU does not take a pair
new nn.Sequential(new Split(), new nn.ReLU())
// @ts-expect-error Linear does not take a number
new nn.Sequential(new nn.ReLU(), new Length(), new nn.Linear(1, 1))
// @ts-expect-error Join takes a pair
new nn.Sequential(new nn.ReLU(), new Join())
// @ts-expect-error a function is no module
new nn.Sequential((input: Tensor) => input)
// A list of unknown length, and one of modules of several kinds.
const blocks: nn.Linear[] = [new nn.Linear(8, 8)]
exactly<Tensor>()(new nn.Sequential(...blocks)(x))
exactly<nn.Linear>()(new nn.Sequential(...blocks)[0]!)
// Nested.
const nested = new nn.Sequential(net, new nn.Sequential(new nn.Tanh(), new nn.Linear(1, 1)))
exactly<Tensor>()(nested(x))
exactly<nn.Parameter>()(nested[0][2].weight)
exactly<nn.Parameter>()(nested[1][1].weight)

// What a module owns.
for (const p of net.parameters()) exactly<nn.Parameter>()(p)
for (const [name, p] of net.namedParameters()) {
  exactly<string>()(name)
  exactly<nn.Parameter>()(p)
}
for (const b of net.buffers()) exactly<Tensor>()(b)
for (const m of net.modules()) exactly<nn.Module>()(m)
for (const [key, value] of net.stateDict()) {
  exactly<string>()(key)
  exactly<Tensor>()(value)
}
exactly<Tensor | undefined>()(net.stateDict().get('0.weight'))
exactly<string[]>()(net.loadStateDict(net.stateDict()).missingKeys)
typed(net.train())
exactly<nn.Linear>()(linear.train())
exactly<nn.Linear>()(linear.to('float64'))
exactly<nn.Linear>()(linear.apply((m) => void exactly<nn.Module>()(m)))
// @ts-expect-error a wrong option name
net.loadStateDict(net.stateDict(), { strickt: false })
// @ts-expect-error no tensor
linear.registerBuffer('mean', 5)
// @ts-expect-error a wrong option name
linear.registerBuffer('mean', x, { persist: false })
const list = new nn.ModuleList([new nn.Linear(1, 1), new nn.Linear(1, 1)])
exactly<nn.Linear>()(list.at(0))
for (const m of list) exactly<nn.Linear>()(m)
const named = new nn.ModuleDict({ a: new nn.Linear(1, 1) })
exactly<nn.Linear>()(named.get('a'))

// Optimizers.
const sgd = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 })
exactly<number>()(sgd.paramGroups[0]!.lr)
exactly<boolean>()(sgd.paramGroups[0]!.nesterov)
typed(sgd.paramGroups[0]!.params)
typed(sgd.stateDict())
// @ts-expect-error a wrong option name
new optim.SGD(net.parameters(), { learningRate: 0.1 })
// @ts-expect-error SGD has no betas
new optim.SGD(net.parameters(), { betas: [0.9, 0.999] })
// @ts-expect-error an option of another type
new optim.Adam(net.parameters(), { betas: 0.9 })
// @ts-expect-error a module is no list of parameters
new optim.Adam(net, { lr: 0.1 })
const adam = new optim.Adam([{ params: linear.parameters(), lr: 0.2 }, { params: [linear.weight] }])
typed(adam.paramGroups[0]!.betas)
new optim.Adam(net.namedParameters(), { lr: 0.1 })
// @ts-expect-error a wrong option name in a group
new optim.Adam([{ params: linear.parameters(), learningRate: 0.2 }])

// Batches.
const loader = new utils.data.DataLoader(new utils.data.TensorDataset(x, zeros([4], { dtype: 'int64' })), {
  batchSize: 2,
  shuffle: true,
})
for (const batch of loader) {
  typed(batch)
  const [features, classes] = batch
  exactly<Tensor>()(typed(features))
  exactly<Tensor>()(typed(classes))
  // @ts-expect-error a batch of two tensors has no third
  batch[2]
}
// @ts-expect-error a wrong option name
new utils.data.DataLoader(new utils.data.TensorDataset(x), { batchsize: 2 })
class Words extends utils.data.Dataset<{ text: string; label: number; vector: Tensor }> {
  get length(): number {
    return 2
  }
  get(_index: number): { text: string; label: number; vector: Tensor } {
    return { text: 'a', label: 1, vector: x }
  }
}
for (const batch of new utils.data.DataLoader(new Words(), { batchSize: 2 })) {
  exactly<string[]>()(typed(batch.text))
  exactly<Tensor>()(typed(batch.label))
  exactly<Tensor>()(typed(batch.vector))
}

// A rate may be a tensor. The type of the groups says number all the same, so that every optimizer is an `Optimizer` whose groups have one.
const tensorRate = new optim.SGD(net.parameters(), { lr: x })
exactly<number>()(tensorRate.paramGroups[0]!.lr)
exactly<number>()(new optim.Adagrad(net.parameters(), x).paramGroups[0]!.lr)
exactly<number>()(new optim.Adam([{ params: net.parameters(), lr: x }]).paramGroups[0]!.lr)
exactly<number>()(new optim.AdamW(net.parameters(), 0.1, { betas: [0.5, 0.9] }).paramGroups[0]!.lr)
exactly<number>()(new optim.LBFGS(net.parameters()).paramGroups[0]!.lr)
new optim.Adam(net.parameters(), { betas: [x, x] })
// @ts-expect-error only Adam and AdamW take tensors as betas
new optim.NAdam(net.parameters(), { betas: [x, x] })
// @ts-expect-error the rate is the only one
new optim.SGD(net.parameters(), { lr: x, momentum: x })
// @ts-expect-error a wrong option name
new optim.SGD(net.parameters(), { lr: x, momentun: 0.9 })
new optim.lrScheduler.StepLR(tensorRate, 3)
sgd.paramGroups[0]!.lr *= 0.5

// A deep copy has the type of what it is of, and stays callable.
const [netAgain, sgdAgain] = deepCopy([linear, sgd] as const)
exactly<nn.Linear>()(netAgain)
exactly<Tensor>()(deepCopy(linear)(x))
exactly<number>()(sgdAgain.paramGroups[0]!.lr)
