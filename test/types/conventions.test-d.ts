/** Options by name, first by position, null for the default; devices; PyTorch's own words. */
import {
  arange,
  asTensor,
  type Device,
  Generator,
  load,
  nn,
  normal,
  ones,
  onesLike,
  rand,
  type Tensor,
  tensor,
  trilIndices,
  utils,
  zeros,
} from 'tenzo'
import { exactly } from './assert'

const x = ones([2])
const net = new nn.Linear(2, 2)

// Where things are.
exactly<Device>()(x.device)
exactly<Tensor>()(x.to('cpu'))
exactly<Tensor>()(x.to('cpu', 'float64', { copy: true, nonBlocking: true }))
exactly<Tensor>()(x.to({ device: 'cpu', dtype: null }))
exactly<Tensor>()(x.to(null, 'int64'))
exactly<Tensor>()(x.to(x, { copy: true }))
exactly<Tensor>()(x.to('float64', { nonBlocking: true }))
exactly<Tensor>()(x.cpu())
exactly<nn.Linear>()(net.to('cpu', 'float64').cpu().to({ device: 'cpu' }).to(x))
exactly<Tensor>()(zeros([2], { device: 'cpu', pinMemory: false, requiresGrad: null, dtype: null }))
tensor([1], { device: null })
arange(3, { device: 'cpu' })
rand([2], { device: 'cpu', generator: new Generator('cpu') })
onesLike(x, { device: 'cpu' })
normal(0, 1, [2], { device: 'cpu' })
trilIndices(2, 2, { device: 'cpu' })
asTensor([1], { device: 'cpu', dtype: 'int64' })
asTensor([1], 'int64', { device: 'cpu' })
x.newTensor([1], { device: 'cpu', requiresGrad: true })
load('a.pt', 'cpu')
load('a.pt', { mapLocation: 'cpu', weightsOnly: true })
// @ts-expect-error no device of ours
x.to('cuda')
// @ts-expect-error no device of ours
zeros([2], { device: 'cuda' })
// @ts-expect-error no device of ours
new Generator('cuda')
// @ts-expect-error there is no memory to pin
zeros([2], { pinMemory: true })
// @ts-expect-error whole numbers have no gradient
zeros([2], { dtype: 'int64', requiresGrad: true })
// @ts-expect-error PyTorch pins none there
x.newTensor([1], { pinMemory: false })
// @ts-expect-error the device comes first
x.to('float64', 'cpu')
// @ts-expect-error a dtype was given
x.to('float64', { dtype: 'float32' })
// @ts-expect-error modules are changed in place
net.to({ copy: true })
// @ts-expect-error memory is not shared: toTypedArray() is a copy
x.numpy()

// Calls of modules.
const up = new nn.ConvTranspose1d(1, 1, 3)
exactly<Tensor>()(up(x, { outputSize: [4] }))
up(x, [4])
up(x, null)
new nn.LazyConvTranspose2d(1, 3)(x, { outputSize: null })
new nn.MaxUnpool1d(2)(x, x, { outputSize: [4] })
new nn.MaxUnpool3d(2)(x, x, [4, 4, 4])
new nn.MultiheadAttention(4, 2)(x, x, x, null, { needWeights: null })
// @ts-expect-error sizes are an array
up(x, { outputSize: 4 })
// @ts-expect-error a wrong option name
up(x, { output_size: [4] })

// Words, and workers.
nn.init.kaimingNormal_(x, { mode: 'fan_out', nonlinearity: 'leaky_relu' })
nn.init.kaimingNormal_(x, null, { mode: null })
nn.init.calculateGain('conv_transpose1d')
x.clone({ memoryFormat: 'contiguous_format' })
// @ts-expect-error words are PyTorch's own
nn.init.kaimingNormal_(x, { mode: 'fanOut' })
// @ts-expect-error words are PyTorch's own
nn.init.calculateGain('leakyRelu')
new utils.data.DataLoader([1], {
  numWorkers: 0,
  pinMemory: true,
  timeout: 0,
  workerInitFn: (id: number) => void id,
  inOrder: true,
})
new utils.data.DataLoader([1], { sampler: null, collateFn: null, prefetchFactor: null })
// @ts-expect-error a number
new utils.data.DataLoader([1], { numWorkers: 'two' })
