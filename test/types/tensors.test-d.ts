/** What the types of tensors, operations and autograd promise. */
import {
  add,
  arange,
  autograd,
  cat,
  forkRng,
  max,
  nn,
  noGrad,
  ones,
  rand,
  reshape,
  scope,
  slice,
  sum,
  tensor,
  type Tensor,
  topk,
  version,
  where,
  zeros,
} from 'tenzo'
import { exactly, typed } from './assert'

const x = rand([2, 3])
const mask = x.gt(0)

// Only floats require gradients.
zeros([2], { dtype: 'float64', requiresGrad: true })
zeros([2], { requiresGrad: true })
zeros([2], { dtype: 'int64' })
// @ts-expect-error integers have no gradients
zeros([2], { dtype: 'int64', requiresGrad: true })
// @ts-expect-error neither have bools
ones([2], { dtype: 'bool', requiresGrad: true })
// @ts-expect-error
tensor([1n], { dtype: 'uint8', requiresGrad: true })
// @ts-expect-error
arange(3, { dtype: 'int32', requiresGrad: true })
// @ts-expect-error an unknown dtype
zeros([2], { dtype: 'complex64' })
// @ts-expect-error a wrong option name
zeros([2], { type: 'float64' })
// Sizes are an array or the ints themselves, and options come behind.
exactly<Tensor>()(typed(zeros(2, 3)))
exactly<Tensor>()(zeros())
exactly<Tensor>()(zeros(2, 3, { dtype: 'int64' }))
exactly<Tensor>()(rand(4, 8))
exactly<Tensor>()(rand([4, 8] as const, { dtype: 'float64', generator: null }))
exactly<Tensor>()(rand(...x.shape, { requiresGrad: true }))
exactly<Tensor>()(typed(x.newZeros(2, 2)))
exactly<Tensor>()(x.newOnes(2, { dtype: 'bool' }))
exactly<Tensor>()(typed(x.reshape(2, -1)))
exactly<Tensor>()(reshape(x, 2, -1))
exactly<Tensor>()(x.reshape([2, -1]))
exactly<Tensor>()(typed(x.view(-1)))
exactly<Tensor>()(x.view(x.shape))
exactly<Tensor>()(x.view('int32'))
exactly<Tensor>()(x.permute(0, 2, 1))
exactly<Tensor>()(x.expand(4, 3))
exactly<Tensor>()(x.flip(0, 1))
exactly<Tensor>()(x.repeat(1, 2).tile(2, 2))
exactly<Tensor>()(x.squeeze().squeeze(0).squeeze(0, 1).squeeze([0]).squeeze({ dim: 0 }))
exactly<Tensor>()(x.squeeze_(0, 1))
exactly<Tensor>()(x.countNonzero(0, 1))
exactly<Tensor[]>()(typed(x.hsplit(1, 2)))
// @ts-expect-error an array and an int
rand([4], 8)
// @ts-expect-error an int and an array
rand(4, [8])
// @ts-expect-error a wrong option name behind ints
rand(2, { dtypo: 1 })
// @ts-expect-error and behind an array
rand([2], { dtypo: 1 })
// @ts-expect-error a text is no size
zeros(2, 'a')
// @ts-expect-error options come last
zeros({ dtype: 'int64' }, 2)
// @ts-expect-error one options object
zeros(2, { dtype: 'int64' }, { requiresGrad: false })
// @ts-expect-error integers have no gradients
zeros(2, { dtype: 'int64', requiresGrad: true })
// @ts-expect-error an int and an array
x.expand(4, [3])
// @ts-expect-error a dtype stands alone
x.view('int32', 2)
// @ts-expect-error an unknown dtype
x.view('complex64')
// @ts-expect-error as in PyTorch, sizes before a value are an array
x.newFull(2, 2, 1)
// @ts-expect-error a reduction takes several dims as an array
x.sum(0, 1)
// @ts-expect-error more arguments than there are
x.transpose(0, 1, 2)

// Functions and methods are typed alike, with all their overloads.
exactly<Tensor>()(typed(x.sum()))
exactly<Tensor>()(x.sum(1))
exactly<Tensor>()(x.sum([0, 1], { keepdim: true }))
exactly<Tensor>()(x.sum({ dim: 0, dtype: 'float64' }))
exactly<Tensor>()(sum(x, 0))
exactly<Tensor>()(typed(x.max()))
exactly<Tensor>()(x.max(x))
exactly<Tensor>()(typed(x.max(1)).values)
exactly<Tensor>()(x.max(1, { keepdim: true }).indices)
exactly<Tensor>()(x.min())
exactly<Tensor>()(x.min(0).values)
exactly<Tensor>()(max(x, 1).indices)
exactly<Tensor>()(typed(x.mean()))
exactly<Tensor>()(typed(x.add(1)))
exactly<Tensor>()(x.add(x, { alpha: 2 }))
exactly<Tensor>()(add(x, x))
exactly<Tensor>()(x.add_(1))
exactly<Tensor>()(x.clamp(0, 1))
exactly<Tensor>()(x.clamp({ min: 0 }))
exactly<Tensor>()(x.clamp_(0, 1))
exactly<Tensor>()(x.round({ decimals: 2 }))
exactly<Tensor>()(x.div(x, { roundingMode: 'floor' }))
exactly<Tensor>()(x.pow(2))
exactly<Tensor>()(x.at(0, slice(1, 3), null, '...'))
exactly<Tensor>()(x.at(mask))
exactly<Tensor>()(typed(x[0]!))
exactly<Tensor>()(where(mask, x, 0))
exactly<Tensor>()(x.where(mask, 0))
exactly<Tensor[]>()(x.split(1))
exactly<Tensor[]>()(x.unbind())
exactly<Tensor>()(cat([x, x], 1))
typed(x.topk(2))
exactly<Tensor>()(x.topk(2).values)
exactly<Tensor>()(topk(x, 2).indices)
typed(x.sort(1))
exactly<Tensor>()(x.sort(1).indices)
exactly<Tensor>()(x.nonzero())
typed(x.nonzero({ asTuple: true }))
exactly<number>()(x.item())
typed(x.toArray())
typed(x.toTypedArray())
exactly<readonly number[]>()(x.shape)
exactly<Tensor | null>()(x.grad)
for (const row of x) exactly<Tensor>()(row)
// @ts-expect-error a wrong option name
x.sum(1, { keepDim: true })
// @ts-expect-error a wrong option name
x.softmax(1, { axis: 1 })
// @ts-expect-error a dim is a number
x.sum('rows')
// @ts-expect-error no tensor
x.matmul([1, 2])
// @ts-expect-error a wrong option name
x.add(x, { beta: 2 })
// @ts-expect-error
x.div(x, { roundingMode: 'up' })
// @ts-expect-error no such operation
x.frobnicate()
// @ts-expect-error what only the operations need is not public
x.sliceDim(0, 0, 1, 1)
// @ts-expect-error cat is a function, as in PyTorch
x.cat([x])

// Functional forms.
exactly<Tensor>()(nn.functional.conv2d(x, x, { stride: 2, padding: 'same' }))
exactly<Tensor>()(nn.functional.crossEntropy(x, x, { labelSmoothing: 0.1 }))
exactly<Tensor>()(nn.functional.linear(x, x))
// @ts-expect-error a wrong option name
nn.functional.conv2d(x, x, { strides: 2 })
// @ts-expect-error an unknown reduction
nn.functional.mseLoss(x, x, { reduction: 'average' })
exactly<Tensor>()(nn.init.normal_(x, { mean: 0, std: 0.01 }))
// @ts-expect-error a wrong option name
nn.init.normal_(x, { sigma: 1 })

// Operations of one's own.
class Scaled extends autograd.Function {
  static forward(ctx: autograd.Context, input: Tensor, factor: number): Tensor {
    ctx.saveForBackward(input)
    return input.mul(factor)
  }
  static backward(_ctx: autograd.Context, g: Tensor): [Tensor, null] {
    return [g, null]
  }
}
exactly<Tensor>()(typed(Scaled.apply(x, 2)))
// @ts-expect-error an argument is missing
Scaled.apply(x)
// @ts-expect-error an argument of another type
Scaled.apply(x, 'two')
class Halves extends autograd.Function {
  static forward(_ctx: autograd.Context, input: Tensor): [Tensor, Tensor] {
    return [input.mul(0.5), input.mul(0.5)]
  }
  static backward(_ctx: autograd.Context, a: Tensor, b: Tensor): Tensor {
    return a.add(b).mul(0.5)
  }
}
exactly<[Tensor, Tensor]>()(Halves.apply(x))
typed(autograd.grad(x.sum(), [x]))
exactly<void>()(x.sum().backward())
// @ts-expect-error a wrong option name
x.sum().backward({ keepGraph: true })
exactly<number>()(noGrad(() => 5))
exactly<Tensor>()(noGrad(() => x.mul(2)))
exactly<Tensor>()(scope(() => x.mul(2)))
// @ts-expect-error the setter behind `data` is no method
x.setData(x)

// Scopes of the random stream.
exactly<Tensor>()(forkRng(() => x.mul(2)))
exactly<number>()(forkRng({ enabled: false }, () => 5))
typed<Disposable>(forkRng())
typed<Disposable>(forkRng({ enabled: true }))
// @ts-expect-error a wrong option name
forkRng({ enable: true })
exactly<string>()(version)

// Operators of JavaScript compute without a graph, where they do at all.
// @ts-expect-error
x * 2
// @ts-expect-error
x - x
// @ts-expect-error
x + 1
// @ts-expect-error
x === 1
